//! The names of files that no loader of an experiment reads, and what to do with them.

use std::path::Path;

/// What a file is, by its first bytes, and what to do with it; `None` if that is not known.
pub fn of(path: &Path, head: &[u8]) -> Option<(&'static str, &'static str)> {
    const CONVERT: &str = "convert it to NIfTI";
    const PICTURE: &str = "name a loader for pictures in `plugins.use`, or convert it to NIfTI";
    const OTHER: &str = "save it as PNG or TIFF, or convert it to NIfTI";
    let known: [(&[u8], &str, &str); 21] = [
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file, as MINC 2 is", "convert it to NIfTI (MINC: with mnc2nii)"),
        (b"CDF\x01", "a NetCDF file, as MINC 1 is", "convert it to NIfTI (MINC: with mnc2nii)"),
        (b"CDF\x02", "a NetCDF file, as MINC 1 is", "convert it to NIfTI (MINC: with mnc2nii)"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture", PICTURE),
        (b"\xff\xd8\xff", "a JPEG picture", PICTURE),
        (b"II*\0", "a TIFF picture", PICTURE),
        (b"MM\0*", "a TIFF picture", PICTURE),
        (b"GIF8", "a GIF picture", OTHER),
        (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture", OTHER),
        (b"\xff\x4f\xff\x51", "a JPEG 2000 picture", OTHER),
        (b"P2\n", "a PGM picture", OTHER),
        (b"P5\n", "a PGM picture", OTHER),
        (b"P6\n", "a PPM picture", OTHER),
        (b"%PDF-", "a PDF document", "it shows pictures for people: name the scans themselves"),
        (b"NRRD0", "a NRRD file", "add \"load-nrrd\" to `plugins.use`"),
        (b"ObjectType", "a MetaImage file", "add \"load-metaimage\" to `plugins.use`"),
        (b"NDims", "a MetaImage file", "add \"load-metaimage\" to `plugins.use`"),
        (b"PK\x03\x04", "a ZIP archive", "unpack it, and name what is in it"),
        (b"7z\xbc\xaf", "a 7z archive", "unpack it, and name what is in it"),
        (b"\x93NUMPY", "a NumPy array", "it does not say where its voxels are: write it as NIfTI"),
        (b"MATLAB 5.0 MAT-file", "a MATLAB file", CONVERT),
    ];
    let by_start = known.iter().find(|(start, ..)| head.starts_with(start)).map(|(_, what, todo)| (*what, *todo));
    if by_start.is_some() {
        return by_start;
    }
    if head.starts_with(b"BM") && head.get(6..10) == Some(&[0; 4]) {
        return Some(("a BMP picture", PICTURE));
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return Some(("a WebP picture", OTHER));
    }
    if head.get(128..132) == Some(b"DICM") {
        return Some(("a DICOM file", "add \"load-dicom\" to `plugins.use`"));
    }
    if matches!(head.get(344..348), Some(b"n+1\0" | b"ni1\0")) || matches!(head.get(4..8), Some(b"n+2\0" | b"ni2\0")) {
        return Some(("a NIfTI file", "add \"load-nifti\" to `plugins.use`"));
    }
    let named_mgz = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("mgz"));
    if is_mgh(head) || (named_mgz && head.starts_with(b"\x1f\x8b")) {
        return Some(("a FreeSurfer volume (MGH, compressed MGZ)", "convert it to NIfTI with mri_convert"));
    }
    head.starts_with(b"\x1f\x8b").then_some(("a gzip file of something else than NIfTI", "unpack it to see what it is"))
}

/// Version 1, sizes and one of the few voxel types, each as a big-endian number of four bytes.
fn is_mgh(head: &[u8]) -> bool {
    let number =
        |at: usize| head.get(4 * at..4 * at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    let sound = |at: usize| number(at).is_some_and(|size| (1..1 << 16).contains(&size));
    number(0) == Some(1) && (1..=4).all(sound) && number(5).is_some_and(|kind| [0, 1, 3, 4, 10].contains(&kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(name: &str, head: &[u8]) -> Option<&'static str> {
        of(Path::new(name), head).map(|(what, _)| what)
    }

    #[test]
    fn files_have_names() {
        let mut mgh = Vec::new();
        [1_u32, 256, 256, 128, 1, 3].iter().for_each(|number| mgh.extend(number.to_be_bytes()));
        let mut dicom = vec![0; 128];
        dicom.extend(b"DICM");
        assert_eq!(what("a.mgh", &mgh), Some("a FreeSurfer volume (MGH, compressed MGZ)"));
        assert_eq!(what("a.MGZ", b"\x1f\x8b\x08"), Some("a FreeSurfer volume (MGH, compressed MGZ)"));
        assert_eq!(what("a.mnc", b"\x89HDF\r\n\x1a\n..."), Some("an HDF5 file, as MINC 2 is"));
        assert_eq!(what("a.mnc", b"CDF\x01..."), Some("a NetCDF file, as MINC 1 is"));
        assert_eq!(what("a", &dicom), Some("a DICOM file"));
        assert_eq!(what("a.jp2", b"\0\0\0\x0cjP  \r\n\x87\n"), Some("a JPEG 2000 picture"));
        assert_eq!(what("a", b"RIFF\x10\0\0\0WEBPVP8L"), Some("a WebP picture"));
        assert_eq!(what("a.gz", b"\x1f\x8b\x08"), Some("a gzip file of something else than NIfTI"));
        assert_eq!([what("a", b""), what("a", &[0; 400]), what("a", b"hello")], [None; 3]);
        mgh[3] = 2;
        assert_eq!(what("a.mgh", &mgh), None);
    }
}
