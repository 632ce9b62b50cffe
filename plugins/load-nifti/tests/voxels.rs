//! Values: every type, order, version and packaging; scaling; one volume only.

mod common;
use common::{Folder, Nifti, fault, gz, read, twelve};
use load_nifti::{Fault, VoxelType, recognises};

/// Datatype code, type, bytes of one voxel, and two values as little-endian bytes each.
fn types() -> Vec<(i16, VoxelType, Vec<Vec<u8>>)> {
    macro_rules! row {
        ($code:literal, $name:ident, $type:ty, $values:expr) => {
            ($code, VoxelType::$name, $values.iter().map(|x: &$type| x.to_le_bytes().to_vec()).collect())
        };
    }
    vec![
        row!(2, U8, u8, [1, u8::MAX]),
        row!(256, I8, i8, [i8::MIN, 3]),
        row!(512, U16, u16, [258, u16::MAX]),
        row!(4, I16, i16, [i16::MIN, 258]),
        row!(768, U32, u32, [0x0102_0304, u32::MAX]),
        row!(8, I32, i32, [i32::MIN, 0x0102_0304]),
        row!(1280, U64, u64, [0x0102_0304_0506_0708, u64::MAX]),
        row!(1024, I64, i64, [i64::MIN, 0x0102_0304_0506_0708]),
        row!(16, F32, f32, [-1024.5, f32::MIN_POSITIVE]),
        row!(64, F64, f64, [-1024.1, f64::MAX]),
    ]
}

fn native(little: &[Vec<u8>]) -> Vec<u8> {
    let turn = |value: &Vec<u8>| match cfg!(target_endian = "big") {
        true => value.iter().rev().copied().collect(),
        false => value.clone(),
    };
    little.iter().flat_map(turn).collect()
}

#[test]
fn every_type_in_both_orders_versions_and_all_packagings() {
    let folder = Folder::new();
    for (datatype, voxel_type, values) in types() {
        assert_eq!(voxel_type.size(), values[0].len());
        for (two, big) in [(false, false), (false, true), (true, false), (true, true)] {
            let start = if two { Nifti::two() } else { Nifti::default() };
            let bitpix = 8 * voxel_type.size() as i16;
            let nifti = Nifti { big, datatype, bitpix, dim: vec![3, 2, 1, 1], ..start };
            let stored: Vec<u8> = values
                .iter()
                .flat_map(|value| if big { value.iter().rev().copied().collect() } else { value.clone() })
                .collect();
            let (single, pair) = (nifti.file(&stored), nifti.clone().pair());
            let paths = [
                folder.write("a.nii", &single),
                folder.write("b.nii.gz", &gz(&single)),
                folder.write("c.hdr", &pair.header()),
                folder.write("c.img", &stored),
                folder.write("d.hdr.gz", &gz(&pair.header())),
                folder.write("d.img.gz", &gz(&stored)),
                folder.write("e.HDR", &pair.header()),
                folder.write("e.IMG", &stored),
            ];
            for path in paths {
                let scan = read(&path).unwrap();
                assert_eq!((scan.dims, scan.voxel_type), ([2, 1, 1], voxel_type), "{path:?}");
                assert_eq!(scan.data, native(&values), "{path:?} {voxel_type:?} big {big} two {two}");
                assert_eq!((scan.slope, scan.intercept), (1.0, 0.0));
                assert!(scan.notes.is_empty(), "{:?}", scan.notes);
                assert!(recognises(&path, &std::fs::read(&path).unwrap()), "{path:?}");
            }
        }
    }
}

#[test]
fn voxels_may_begin_after_extensions() {
    let folder = Folder::new();
    let nifti = Nifti { vox_offset: 368.0, ..Nifti::default() };
    let bytes = nifti.file(&[&[7; 16][..], &twelve()].concat());
    for path in [folder.write("a.nii", &bytes), folder.write("a.nii.gz", &gz(&bytes))] {
        assert_eq!(read(&path).unwrap().data[..4], [0_i16.to_ne_bytes(), 1_i16.to_ne_bytes()].concat());
    }
}

#[test]
fn a_slope_of_zero_or_none_is_no_scaling() {
    let folder = Folder::new();
    let infinity = f64::INFINITY;
    let cases = [
        (0.0, 5.0, (1.0, 0.0)),
        (f64::NAN, 5.0, (1.0, 0.0)),
        (infinity, 5.0, (1.0, 0.0)),
        (0.5, -1024.0, (0.5, -1024.0)),
        (-2.0, 0.0, (-2.0, 0.0)),
    ];
    for (slope, intercept, expected) in cases {
        for start in [Nifti::default(), Nifti::two()] {
            let path = folder.write("a.nii", &Nifti { slope, intercept, ..start }.file(&twelve()));
            let scan = read(&path).unwrap();
            assert_eq!((scan.slope, scan.intercept), expected);
            // An intercept that does not count, and an infinite slope, are odd.
            let odd = (slope == 0.0 || !slope.is_finite()).then_some("some programs add the intercept");
            assert_eq!(scan.warnings.len(), usize::from(odd.is_some()), "{slope}: {:?}", scan.warnings);
            assert!(scan.warnings.iter().all(|warning| warning.contains(odd.unwrap_or_default())));
        }
    }
    for (slope, intercept) in [(0.0, 0.0), (f64::NAN, f64::NAN), (f64::NAN, 0.0), (1.0, 0.0)] {
        let path = folder.write("a.nii", &Nifti { slope, intercept, ..Nifti::default() }.file(&twelve()));
        assert!(read(&path).unwrap().warnings.is_empty(), "{slope} {intercept}");
    }
    let path = folder.write("a.nii", &Nifti { slope: 2.0, intercept: f64::NAN, ..Nifti::default() }.file(&twelve()));
    assert!(matches!(fault(&path), Fault::Intercept { slope: 2.0, .. }));
}

#[test]
fn types_without_one_real_value_are_refused_by_name() {
    let folder = Folder::new();
    let cases = [
        (0, "unknown"),
        (1, "binary"),
        (32, "complex"),
        (128, "RGB"),
        (1536, "long double"),
        (1792, "complex"),
        (2048, "complex"),
        (2304, "RGBA"),
        (77, "not in the standard"),
    ];
    for (datatype, expected) in cases {
        let path = folder.write("a.nii", &Nifti { datatype, ..Nifti::default() }.file(&twelve()));
        match fault(&path) {
            Fault::UnsupportedType { code, name } => {
                assert_eq!(code, i32::from(datatype));
                assert!(name.contains(expected), "{name}");
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn one_volume_of_two_or_more_dimensions() {
    let folder = Folder::new();
    let accepted = [
        (vec![3, 2, 3, 2], [2, 3, 2]),
        (vec![4, 2, 3, 2, 1], [2, 3, 2]),
        (vec![7, 2, 3, 2, 1, 1, 1, 1], [2, 3, 2]),
        (vec![2, 4, 3, 9, 9], [4, 3, 1]),
        (vec![3, 12, 1, 1, 5], [12, 1, 1]),
    ];
    for (dim, dims) in accepted {
        for start in [Nifti::default(), Nifti::two()] {
            let path = folder.write("a.nii", &Nifti { dim: dim.clone(), ..start }.file(&twelve()));
            assert_eq!(read(&path).unwrap().dims, dims);
        }
    }
    let path = folder.write("a.nii", &Nifti { dim: vec![4, 2, 3, 2, 5], ..Nifti::default() }.file(&twelve()));
    assert!(matches!(fault(&path), Fault::NotOneVolume { dims } if dims == [2, 3, 2, 5]));
    let path = folder.write("a.nii", &Nifti { dim: vec![5, 2, 3, 2, 1, 3], ..Nifti::default() }.file(&twelve()));
    assert!(matches!(fault(&path), Fault::NotOneVolume { .. }));
}

#[test]
fn analyze_passes_by_its_name_only() {
    let folder = Folder::new();
    let analyze = Nifti { magic: vec![0; 4], ..Nifti::default().pair() };
    let header = folder.write("a.hdr", &analyze.header());
    let image = folder.write("a.img", &twelve());
    for path in [&header, &image] {
        let scan = read(path).unwrap();
        assert_eq!((scan.origin, scan.direction[0], scan.direction[2]), ([0.0; 3], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]));
        assert!(scan.notes[0].contains("ANALYZE"), "{:?}", scan.notes);
        assert!(recognises(path, &std::fs::read(path).unwrap()));
    }
    let bare = folder.write("a.nii", &analyze.header());
    assert!(matches!(fault(&bare), Fault::MagicMissing { .. }));
    assert!(!recognises(&bare, &analyze.header()));

    let scaled = folder.write("s.hdr", &Nifti { slope: 0.5, ..analyze.clone() }.header());
    folder.write("s.img", &twelve());
    assert!(matches!(fault(&scaled), Fault::AmbiguousScaling { slope: 0.5, .. }));
    let plain = folder.write("s.hdr", &Nifti { slope: 1.0, ..analyze }.header());
    assert_eq!(read(&plain).unwrap().slope, 1.0);
}

#[test]
fn recognises_by_content_and_on_short_heads_says_no() {
    let folder = Folder::new();
    for nifti in [Nifti::default(), Nifti { big: true, ..Nifti::two() }] {
        let bytes = nifti.file(&vec![9; 5000]);
        for head in [bytes.clone(), gz(&bytes), bytes[..400].to_vec(), gz(&bytes)[..gz(&bytes).len() - 8].to_vec()] {
            assert!(recognises(&folder.path("scan.whatever"), &head));
        }
    }
    let header = Nifti::default().header();
    for head in [&b""[..], b"\x1f\x8b", b"DICM", &header[..347], &gz(&header)[..12], &gz(b"text"), &[b'x'; 600]] {
        assert!(!recognises(&folder.path("a.nii.gz"), head));
        assert!(!recognises(&folder.path("a.hdr"), head));
    }
    assert!(!recognises(&folder.path("lonely.img"), &header));
}
