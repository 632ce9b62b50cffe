//! Every way in which a file can be broken, each with its own name.

mod common;
use common::{Folder, LIMIT, Nifti, fault, gz, read, twelve};
use flate2::Crc;
use load_nifti::{Fault, FileFault};
use std::fs;
use std::io;

/// One gzip member with the given flags and what they announce, its data stored as they are.
fn member(flags: u8, announced: &[u8], data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255];
    bytes.extend(announced);
    let length = data.len() as u16;
    bytes.push(1);
    bytes.extend(length.to_le_bytes());
    bytes.extend((!length).to_le_bytes());
    bytes.extend(data);
    let mut crc = Crc::new();
    crc.update(data);
    bytes.extend(crc.sum().to_le_bytes());
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes
}

#[test]
fn what_is_no_file() {
    let folder = Folder::new();
    assert!(matches!(fault(&folder.path("none.nii")), Fault::File(FileFault::NotFound)));
    assert!(matches!(fault(&folder.path("none.img")), Fault::File(FileFault::NotFound)));
    fs::create_dir(folder.path("folder.nii")).unwrap();
    assert!(matches!(fault(&folder.path("folder.nii")), Fault::File(FileFault::Directory)));
    assert!(matches!(fault(&folder.write("empty.nii", b"")), Fault::File(FileFault::Empty)));
    assert!(matches!(fault(&folder.write("empty.nii.gz", &gz(b""))), Fault::File(FileFault::Empty)));
    assert!(matches!(FileFault::from(io::Error::from(io::ErrorKind::PermissionDenied)), FileFault::PermissionDenied));
}

#[cfg(unix)]
#[test]
fn what_may_not_or_must_not_be_opened() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let _listener = std::os::unix::net::UnixListener::bind(folder.path("socket.nii")).unwrap();
    assert!(matches!(fault(&folder.path("socket.nii")), Fault::File(FileFault::NotAFile)));

    let path = folder.write("locked.nii", &Nifti::default().file(&twelve()));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o0)).unwrap();
    if fs::File::open(&path).is_ok() {
        println!("this user may read everything: the lack of permission is not tested");
        return;
    }
    assert!(matches!(fault(&path), Fault::File(FileFault::PermissionDenied)));
}

#[test]
fn what_is_no_nifti() {
    let folder = Folder::new();
    let text = b"this is a text, and it is longer than a header ".repeat(20);
    for bytes in [&text[..], b"short", &[0; 600], &gz(&text)] {
        assert!(matches!(fault(&folder.write("a.nii", bytes)), Fault::NotNifti { .. }));
        assert!(matches!(fault(&folder.write("a.hdr", bytes)), Fault::NotNifti { .. }));
    }
    for (nifti, expected) in [(Nifti::default(), 348), (Nifti::two(), 540)] {
        let mut bytes = nifti.file(&twelve());
        bytes[1] ^= 64;
        match fault(&folder.write("a.nii", &bytes)) {
            Fault::HeaderSize { expected: size, .. } => assert_eq!(size, expected),
            other => panic!("{other}"),
        }
    }
    let mut bytes = Nifti::two().file(&twelve());
    bytes[8] = b'\n';
    assert!(matches!(fault(&folder.write("a.nii", &bytes)), Fault::MagicMangled { .. }));
    let bytes = Nifti { magic: b"xyz\0".to_vec(), ..Nifti::default() }.file(&twelve());
    assert!(matches!(fault(&folder.write("a.nii", &bytes)), Fault::MagicMissing { found: [b'x', b'y', b'z', 0] }));
}

#[test]
fn half_a_pair() {
    let folder = Folder::new();
    let header = folder.write("a.hdr", &Nifti::default().pair().header());
    assert!(matches!(fault(&header), Fault::PartnerMissing { wanted } if wanted == folder.path("a.img")));
    let image = folder.write("b.img.gz", &gz(&twelve()));
    assert!(matches!(fault(&image), Fault::PartnerMissing { wanted } if wanted == folder.path("b.hdr.gz")));

    folder.write("a.img.gz", &gz(&twelve()));
    assert_eq!(read(&header).unwrap().dims, [2, 3, 2]);
    folder.write("a.img", &twelve()[..20]);
    let error = read(&header).unwrap_err();
    assert_eq!(error.path, folder.path("a.img"), "the file at fault is named");
    assert!(matches!(error.fault, Fault::File(FileFault::Truncated { promised: 24, found: 20 })));
    folder.write("a.img", &twelve());
    assert!(read(&header).unwrap().notes[0].contains("a.img.gz is there as well"));

    let mut packed = gz(&Nifti::default().pair().file(b""));
    folder.write("c.img.gz", &gz(&twelve()));
    assert!(read(&folder.write("c.hdr.gz", &packed)).is_ok());
    let at = packed.len() - 8;
    packed[at] ^= 1;
    assert!(matches!(fault(&folder.write("c.hdr.gz", &packed)), Fault::File(FileFault::GzipChecksum { .. })));
}

#[test]
fn cut_short() {
    let folder = Folder::new();
    for (nifti, header) in [(Nifti::default(), 348), (Nifti::two(), 540)] {
        let bytes = nifti.file(&twelve());
        let near = |length: usize| length < 6 || (header - 2..header + 8).contains(&length);
        for length in (0..bytes.len()).filter(|&length| near(length) || length % 5 == 0) {
            let found = read(&folder.write("a.nii", &bytes[..length])).unwrap_err().fault;
            match length {
                0 => assert!(matches!(found, Fault::File(FileFault::Empty))),
                1..4 => assert!(matches!(found, Fault::NotNifti { .. })),
                _ if length < header => assert!(matches!(found, Fault::HeaderTruncated { .. }), "{length}: {found}"),
                _ if length < header + 4 => assert!(matches!(found, Fault::VoxelOffset { .. }), "{length}: {found}"),
                _ => match found {
                    Fault::File(FileFault::Truncated { promised: 24, found }) => {
                        assert_eq!(found, (length - header - 4) as u64)
                    }
                    other => panic!("{length}: {other}"),
                },
            }
            if !near(length) {
                continue;
            }
            let inner = read(&folder.write("a.nii.gz", &gz(&bytes[..length]))).unwrap_err().fault;
            assert_eq!(std::mem::discriminant(&inner), std::mem::discriminant(&found), "{length}: {inner}");
        }
        let packed = gz(&bytes);
        for length in 2..packed.len() {
            let found = read(&folder.write("a.nii.gz", &packed[..length])).unwrap_err().fault;
            assert!(matches!(found, Fault::File(FileFault::GzipTruncated { .. })), "{length}: {found}");
        }
    }
}

#[test]
fn cut_compressed_data_tell_how_much_is_there() {
    let folder = Folder::new();
    let noise: Vec<u8> = (0..20_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let packed = gz(&Nifti { dim: vec![3, 100, 100, 1], ..Nifti::default() }.file(&noise));
    match fault(&folder.write("a.nii.gz", &packed[..packed.len() / 2])) {
        Fault::File(FileFault::GzipTruncated { inflated, expected: Some(20_352) }) => {
            assert!((352..20_352).contains(&inflated))
        }
        other => panic!("{other}"),
    }
}

#[test]
fn any_changed_byte_of_compressed_data_is_found() {
    let folder = Folder::new();
    let nifti = Nifti::default();
    let whole = read(&folder.write("a.nii", &nifti.file(&twelve()))).unwrap();
    let packed = gz(&nifti.file(&twelve()));
    // What RFC 1951 and 1952 leave without effect: the mark of a text, time, level, system, padding of a stored block.
    let harmless = |at: usize, bit: u32| (at, bit) == (3, 0) || (4..10).contains(&at) || (at == 10 && bit > 2);
    let stored = member(0, b"", &nifti.file(&twelve()));
    for (bytes, is_stored) in [(&packed, false), (&stored, true)] {
        let changes = (0..bytes.len()).flat_map(|at| (0..8).map(move |bit| (at, bit)));
        // Every bit of the two headers, one of every later byte.
        for (at, bit) in changes.filter(|&(at, bit)| at < 16 || at % 8 == bit as usize) {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1 << bit;
            match read(&folder.write("a.nii.gz", &bytes)) {
                // Deflated, a change may also point to another, equal stretch of zeros.
                Ok(scan) => assert!(scan == whole && (harmless(at, bit) || !is_stored), "byte {at}, bit {bit}"),
                Err(error) => assert!(!is_stored || !harmless(at, bit), "byte {at}, bit {bit}: {error}"),
            }
        }
    }
    let last = packed.len();
    for (at, is) in [(last - 8, 0), (last - 4, 1)] {
        let mut bytes = packed.clone();
        bytes[at] ^= 1;
        match (is, fault(&folder.write("a.nii.gz", &bytes))) {
            (0, Fault::File(FileFault::GzipChecksum { member: 1, promised, found })) => assert_eq!(promised ^ found, 1),
            (1, Fault::File(FileFault::GzipLength { member: 1, promised, found: 376 })) => {
                assert_eq!(promised ^ 376, 1)
            }
            (_, other) => panic!("{other}"),
        }
    }
}

#[test]
fn gzip_in_members_with_all_that_a_header_can_announce() {
    let folder = Folder::new();
    let bytes = Nifti::default().file(&twelve());
    let mut crc = Crc::new();
    crc.update(&[0x1f, 0x8b, 8, 2, 0, 0, 0, 0, 0, 255]);
    let check = (crc.sum() as u16).to_le_bytes();
    let members = [
        member(0, b"", &bytes[..100]),
        member(4, b"\x03\0abc", &bytes[100..100]),
        member(8 | 16, b"name\0comment\0", &bytes[100..352]),
        member(2, &check, &bytes[352..360]),
        member(0, b"", &bytes[360..]),
    ];
    let path = folder.write("a.nii.gz", &members.concat());
    let scan = read(&path).unwrap();
    assert_eq!(scan, read(&folder.write("a.nii", &bytes)).unwrap());

    for tail in [&b"\0\0\0\0"[..], b"\x1f", b"\x1f\x1f", b"junk"] {
        let scan = read(&folder.write("a.nii.gz", &[&members.concat(), tail].concat())).unwrap();
        assert!(scan.notes[0].contains("after the compressed data"), "{:?}", scan.notes);
    }
    let wrong = [member(2, &[check[0] ^ 1, check[1]], &bytes)].concat();
    assert!(matches!(fault(&folder.write("a.nii.gz", &wrong)), Fault::File(FileFault::GzipChecksum { member: 1, .. })));
    let mut late = members.concat();
    let at = late.len() - 8;
    late[at] ^= 1;
    assert!(matches!(fault(&folder.write("a.nii.gz", &late)), Fault::File(FileFault::GzipChecksum { member: 5, .. })));
    let extra = [members.concat(), vec![0x1f, 0x8b, 9]].concat();
    assert!(matches!(
        fault(&folder.write("a.nii.gz", &extra)),
        Fault::File(FileFault::GzipTruncated { .. }) | Fault::File(FileFault::GzipDamaged { .. })
    ));
}

#[test]
fn padding_after_the_voxels_is_noted_and_its_checksum_counts() {
    let folder = Folder::new();
    let bytes = [Nifti::default().file(&twelve()), vec![0; 1000]].concat();
    for path in [folder.write("a.nii", &bytes), folder.write("a.nii.gz", &gz(&bytes))] {
        let scan = read(&path).unwrap();
        assert_eq!(scan.data.len(), 24);
        assert!(scan.notes[0].contains("1000 bytes of padding after the voxels"), "{:?}", scan.notes);
    }
    let mut packed = gz(&bytes);
    let at = packed.len() - 8;
    packed[at] ^= 1;
    assert!(matches!(fault(&folder.write("a.nii.gz", &packed)), Fault::File(FileFault::GzipChecksum { .. })));
    let far = [Nifti::default().file(&twelve()), vec![0; (1 << 20) + 1]].concat();
    for path in [folder.write("a.nii", &far), folder.write("a.nii.gz", &gz(&far))] {
        assert!(matches!(fault(&path), Fault::File(FileFault::TrailingData { promised: 24, extra: 0x10_0001.. })));
    }
    // A header whose type is half as wide as the voxels that follow it.
    let half = Nifti { datatype: 2, bitpix: 8, ..Nifti::default() }.file(&twelve());
    for path in [folder.write("a.nii", &half), folder.write("a.nii.gz", &gz(&half))] {
        assert!(matches!(fault(&path), Fault::File(FileFault::TrailingData { promised: 12, extra: 12 })));
    }
}

#[test]
fn promises_beyond_limit_or_sense() {
    let folder = Folder::new();
    let path = folder.write("a.nii", &Nifti::default().file(&twelve()));
    assert!(load_nifti::read(&path, None, 24).is_ok());
    let error = load_nifti::read(&path, None, 23).unwrap_err();
    assert!(matches!(error.fault, Fault::File(FileFault::TooLarge { promised: 24, limit: 23 })), "{error}");

    let two = |dim: Vec<i64>| folder.write("a.nii", &Nifti { dim, ..Nifti::two() }.file(&twelve()));
    let huge = i64::MAX;
    assert!(matches!(fault(&two(vec![3, huge, huge, huge])), Fault::File(FileFault::SizeOverflow { .. })));
    assert!(matches!(fault(&two(vec![3, huge, 1, 1])), Fault::File(FileFault::SizeOverflow { .. })));
    assert!(matches!(fault(&two(vec![3, 1 << 40, 1, 1])), Fault::File(FileFault::TooLarge { limit: LIMIT, .. })));
    for (size, axis) in [(-1, 1), (0, 2), (i64::from(i16::MIN), 3)] {
        let mut dim = vec![3, 2, 3, 2];
        dim[axis] = size;
        match fault(&two(dim.clone())) {
            Fault::Extent { axis: found_axis, found } => assert_eq!((found_axis, found), (axis, size)),
            other => panic!("{other}"),
        }
        let path = folder.write("a.nii", &Nifti { dim, ..Nifti::default() }.file(&twelve()));
        assert!(matches!(fault(&path), Fault::Extent { .. }));
    }
    for count in [-1, 0, 1, 8] {
        assert!(matches!(fault(&two(vec![count, 2, 3, 2])), Fault::DimensionCount { found } if found == count));
    }
}

#[test]
fn voxels_cannot_begin_there() {
    let folder = Folder::new();
    for vox_offset in [0.0, 348.0, 351.0, -352.0, 352.5, f64::NAN, f64::INFINITY, 1e30, 377.0, 1e6] {
        let bytes = Nifti { vox_offset, ..Nifti::default() }.file(&twelve());
        for path in [folder.write("a.nii", &bytes), folder.write("a.nii.gz", &gz(&bytes))] {
            assert!(matches!(fault(&path), Fault::VoxelOffset { least: 352, .. }), "{vox_offset}");
        }
    }
    for vox_offset in [0.0, 543.0, -1.0, 9e18, 1e6] {
        let path = folder.write("a.nii", &Nifti { vox_offset, ..Nifti::two() }.file(&twelve()));
        assert!(matches!(fault(&path), Fault::VoxelOffset { least: 544, .. }), "{vox_offset}");
    }
    let pair = Nifti { vox_offset: 4.0, ..Nifti::default().pair() };
    let header = folder.write("a.hdr", &pair.header());
    folder.write("a.img", &[&[9; 4][..], &twelve()].concat());
    assert_eq!(read(&header).unwrap().data[..2], 0_i16.to_ne_bytes());
}

#[test]
fn no_changed_header_byte_can_panic_and_names_that_lie_are_noted() {
    let folder = Folder::new();
    for nifti in [Nifti { qform_code: 1, ..Nifti::default() }, Nifti { sform_code: 0, qform_code: 1, ..Nifti::two() }] {
        let bytes = nifti.file(&twelve());
        for at in 0..bytes.len() - 24 {
            let mut bytes = bytes.clone();
            bytes[at] = if at % 2 == 0 { 0x7f } else { 0xff };
            if let Ok(scan) = load_nifti::read(&folder.write("a.nii", &bytes), None, LIMIT) {
                let voxels: usize = scan.dims.iter().product();
                assert_eq!(scan.data.len(), voxels * scan.voxel_type.size());
                assert!(scan.spacing.iter().all(|mm| (1e-6..=1e4).contains(mm)), "{:?}", scan.spacing);
            }
        }
    }
    let bytes = Nifti::default().file(&twelve());
    assert!(read(&folder.write("a.nii.gz", &bytes)).unwrap().notes[0].contains("is not gzip"));
    assert!(read(&folder.write("a.nii", &gz(&bytes))).unwrap().notes[0].contains("is gzip"));
    let unset = Nifti { bitpix: 0, ..Nifti::default() }.file(&twelve());
    assert!(read(&folder.write("a.nii", &unset)).unwrap().notes[0].contains("bitpix"));
    let odd = Nifti { bitpix: 8, ..Nifti::default() }.file(&twelve());
    assert!(matches!(fault(&folder.write("a.nii", &odd)), Fault::BitsPerVoxel { found: 8, datatype: 4, .. }));
}
