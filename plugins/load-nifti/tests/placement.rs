//! Where the voxels are: which form counts, RAS to LPS, and what no scanner produces.

mod common;
use common::{Folder, Nifti, fault, read, twelve};
use load_nifti::{Fault, Form, Scale, Scan};

fn scan(nifti: &Nifti) -> Scan {
    let folder = Folder::new();
    read(&folder.write("a.nii", &nifti.file(&twelve()))).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(nifti: &Nifti) -> Fault {
    let folder = Folder::new();
    fault(&folder.write("a.nii", &nifti.file(&twelve())))
}

fn close(a: [f64; 3], b: [f64; 3], tolerance: f64) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance)
}

/// The columns of the rotation by `angle` about the unit vector `axis` (Rodrigues), not by way of quaternions.
fn rodrigues(axis: [f64; 3], angle: f64) -> [[f64; 3]; 3] {
    let (sin, cos) = angle.sin_cos();
    std::array::from_fn(|column| {
        let mut v = [0.0; 3];
        v[column] = 1.0;
        let cross = [axis[1] * v[2] - axis[2] * v[1], axis[2] * v[0] - axis[0] * v[2], axis[0] * v[1] - axis[1] * v[0]];
        std::array::from_fn(|i| v[i] * cos + cross[i] * sin + axis[i] * axis[column] * (1.0 - cos))
    })
}

/// One header whose two forms say the same: rotation about `axis` by `angle`, third axis turned by `qfac`.
fn oblique(axis: [f64; 3], angle: f64, qfac: f64) -> (Nifti, [[f64; 3]; 3]) {
    let norm = axis.iter().map(|x| x * x).sum::<f64>().sqrt();
    let axis = axis.map(|x| x / norm);
    let mut columns = rodrigues(axis, angle);
    if qfac < 0.0 {
        columns[2] = columns[2].map(|x| -x);
    }
    let (spacing, offset) = ([0.75, 1.25, 3.0], [10.0, -20.5, 30.25]);
    let rows = std::array::from_fn(|i| {
        [columns[0][i] * spacing[0], columns[1][i] * spacing[1], columns[2][i] * spacing[2], offset[i]]
    });
    let nifti = Nifti {
        pixdim: [qfac, spacing[0], spacing[1], spacing[2], 0.0, 0.0, 0.0, 0.0],
        quaternion: axis.map(|x| x * (angle / 2.0).sin()),
        offset,
        rows,
        ..Nifti::default()
    };
    (nifti, columns)
}

#[test]
fn ras_becomes_lps() {
    let rows = [[0.0, -2.0, 0.0, 5.0], [3.0, 0.0, 0.0, -6.0], [0.0, 0.0, 4.0, 7.0]];
    let scan = scan(&Nifti { rows, pixdim: [1.0, 3.0, 2.0, 4.0, 0.0, 0.0, 0.0, 0.0], ..Nifti::default() });
    // Index i runs to anterior (−y in LPS), j to left (+x), k to superior.
    assert_eq!(scan.direction, [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]);
    assert_eq!((scan.spacing, scan.origin), ([3.0, 2.0, 4.0], [-5.0, 6.0, 7.0]));
    assert!(scan.direction.as_flattened().iter().all(|x| x.is_sign_positive() || *x != 0.0), "no −0");
    assert!(scan.notes.is_empty(), "{:?}", scan.notes);
}

#[test]
fn quaternion_and_matrix_say_the_same() {
    let axes = [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [1.0, 2.0, -3.0], [-0.3, 0.9, 0.1]];
    for axis in axes {
        // To half a turn, where the component left out becomes 0.
        for angle in [0.0, 0.3, 1.7, 3.0, std::f64::consts::PI] {
            for qfac in [1.0, -1.0, 0.0] {
                for start in [Nifti::default(), Nifti::two()] {
                    let (nifti, columns) = oblique(axis, angle, qfac);
                    let Nifti { two, magic, vox_offset, .. } = start;
                    let tolerance = if two { 1e-12 } else { 1e-5 };
                    let both = Nifti { two, magic, vox_offset, qform_code: 1, ..nifti };
                    let by_matrix = scan(&both);
                    assert!(by_matrix.notes.is_empty(), "{:?}", by_matrix.notes);
                    let by_quaternion = scan(&Nifti { sform_code: 0, ..both });
                    for scan in [by_matrix, by_quaternion] {
                        for axis in 0..3 {
                            let [x, y, z] = columns[axis];
                            assert!(close(scan.direction[axis], [-x, -y, z], tolerance), "{scan:?}");
                        }
                        assert!(close(scan.spacing, [0.75, 1.25, 3.0], 1e-6), "{:?}", scan.spacing);
                        assert_eq!(scan.origin, [-10.0, 20.5, 30.25]);
                    }
                }
            }
        }
    }
}

#[test]
fn directions_are_orthonormal_to_the_last_bits() {
    let (nifti, _) = oblique([1.0, 2.0, -3.0], 1.1, -1.0);
    for scan in [scan(&nifti), scan(&Nifti { sform_code: 0, qform_code: 1, ..nifti.clone() })] {
        for a in 0..3 {
            for b in 0..3 {
                let dot: f64 = (0..3).map(|i| scan.direction[a][i] * scan.direction[b][i]).sum();
                let expected = if a == b { 1.0 } else { 0.0 };
                assert!((dot - expected).abs() < 1e-15, "{a} {b} {dot}");
            }
        }
    }
}

#[test]
fn the_sform_counts_before_the_qform_before_the_spacings() {
    let (both, _) = oblique([0.0, 0.0, 1.0], 0.0, 1.0);
    let moved = Nifti { qform_code: 1, offset: [10.0, -20.5, 31.25], ..both };
    let scan_of = |sform_code, qform_code| scan(&Nifti { sform_code, qform_code, ..moved.clone() });

    let by_sform = scan_of(1, 1);
    assert_eq!(by_sform.origin, [-10.0, 20.5, 30.25]);
    assert!(by_sform.notes[0].contains("differ by up to 1.0000 mm"), "{:?}", by_sform.notes);
    assert_eq!(scan_of(0, 1).origin, [-10.0, 20.5, 31.25]);
    assert_eq!(scan_of(-1, 2).origin, [-10.0, 20.5, 31.25]);
    let by_spacing = scan_of(0, 0);
    assert_eq!((by_spacing.origin, by_spacing.spacing), ([0.0; 3], [0.75, 1.25, 3.0]));
    assert_eq!(by_spacing.direction, [[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0]]);
    assert!(by_spacing.notes[0].contains("method 1"), "{:?}", by_spacing.notes);

    let broken = Nifti { quaternion: [1.0, 1.0, 0.0], ..moved.clone() };
    assert!(scan(&broken).notes[0].contains("qform is ignored"));
    assert!(matches!(refused(&Nifti { sform_code: 0, ..broken }), Fault::Quaternion { found: [1.0, 1.0, 0.0] }));
}

/// The scan by a setting, or why there is none.
fn by(scale: Option<Scale>, nifti: &Nifti) -> Result<Scan, Fault> {
    let folder = Folder::new();
    let path = folder.write("a.nii", &nifti.file(&twelve()));
    load_nifti::read(&path, scale, common::LIMIT).map_err(|error| error.fault)
}

#[test]
fn two_spacings_are_refused_until_one_is_said_to_count() {
    let of = |sform: [f64; 3], pixdim: [f64; 3], qform_code| Nifti {
        rows: [[sform[0], 0.0, 0.0, 1.0], [0.0, sform[1], 0.0, 2.0], [0.0, 0.0, sform[2], 3.0]],
        pixdim: [1.0, pixdim[0], pixdim[1], pixdim[2], 0.0, 0.0, 0.0, 0.0],
        offset: [1.0, 2.0, 3.0],
        qform_code,
        ..Nifti::default()
    };
    for (sform, pixdim) in [
        ([0.8; 3], [0.6; 3]),
        ([1.0; 3], [0.5, 0.5, 1.2]),
        ([1.0, 1.0, 1.0], [1.0, 1.0, 1.0011]),
        ([2.0; 3], [2.0, 2.1, 2.0]),
    ] {
        for qform_code in [0, 1] {
            for start in
                [of(sform, pixdim, qform_code), Nifti { dim: vec![3, 4, 3, 1], ..of(sform, pixdim, qform_code) }]
            {
                let fault = by(None, &start).expect_err("two spacings");
                let message = fault.to_string();
                assert!(
                    matches!(fault, Fault::SpacingContradiction { sform: a, pixdim: b } if a == sform && b == pixdim)
                );
                for part in [format!("{sform:?}"), format!("{pixdim:?}"), "scale_from".into(), "[load.nifti]".into()] {
                    assert!(message.contains(&part), "{message}");
                }
                for (scale, expected, word) in [
                    (Scale::Sform, sform, "sform counts"),
                    (Scale::Pixdim, pixdim, if qform_code == 1 { "qform counts" } else { "pixdim counts" }),
                ] {
                    let scan = by(Some(scale), &start).unwrap_or_else(|fault| panic!("{fault}"));
                    assert!(close(scan.spacing, expected, 1e-6), "{:?}", scan.spacing);
                    assert_eq!(scan.origin, [-1.0, -2.0, 3.0]);
                    assert!(scan.notes[0].contains(word), "{:?}", scan.notes);
                }
            }
        }
    }
    // Single precision and six digits are no contradiction, nor is a spacing that is not stated, nor a sign.
    for pixdim in [[1.0009, 0.9991, 1.0], [0.0, 0.0, 0.0], [1.0, 1.0, f64::NAN], [-1.0, 1.0, 1.0]] {
        let scan = by(None, &of([1.0; 3], pixdim, 0)).unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(scan.spacing, [1.0; 3]);
    }
    let unstated = by(None, &of([1.0; 3], [0.0; 3], 0)).expect("it is read");
    assert!(unstated.notes[0].contains("states no spacing"), "{:?}", unstated.notes);
    // What the setting turns to must be sound in itself.
    let broken = Nifti { quaternion: [1.0, 1.0, 0.0], ..of([0.8; 3], [0.6; 3], 1) };
    assert!(matches!(by(Some(Scale::Pixdim), &broken), Err(Fault::Quaternion { .. })));
}

#[test]
fn an_sform_without_extent_is_as_good_as_none_beside_a_sound_qform() {
    let (sound, _) = oblique([0.0, 0.0, 1.0], 0.3, 1.0);
    let by_qform = scan(&Nifti { sform_code: 0, qform_code: 1, ..sound.clone() });
    for rows in [[[0.0; 4]; 3], [[1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]] {
        let flat = Nifti { rows, sform_code: 2, qform_code: 1, ..sound.clone() };
        let scan = scan(&flat);
        assert_eq!(
            (scan.spacing, scan.origin, scan.direction),
            (by_qform.spacing, by_qform.origin, by_qform.direction)
        );
        let [warning] = scan.warnings.as_slice() else { panic!("{:?}", scan.warnings) };
        assert!(warning.contains("sform (code 2) is singular") && warning.contains("[0.75, 1.25, 3.0]"), "{warning}");
        assert!(matches!(
            refused(&Nifti { qform_code: 0, ..flat.clone() }),
            Fault::AffineSingular { form: Form::Sform, .. }
        ));
        let both = Nifti { quaternion: [1.0, 1.0, 0.0], ..flat };
        assert!(matches!(refused(&both), Fault::AffineSingular { form: Form::Sform, .. }));
    }
    assert!(by_qform.warnings.is_empty());
}

#[test]
fn units_of_length() {
    let metre = Nifti {
        units: 1,
        rows: [[0.002, 0.0, 0.0, 0.5], [0.0, 0.002, 0.0, 0.0], [0.0, 0.0, 0.004, 0.0]],
        pixdim: [1.0, 0.002, 0.002, 0.004, 0.0, 0.0, 0.0, 0.0],
        offset: [0.5, 0.0, 0.0],
        ..Nifti::two()
    };
    let (mm, micron) = (2, 3);
    for codes in [(1, 0), (0, 1)] {
        let by_metre = scan(&Nifti { sform_code: codes.0, qform_code: codes.1, ..metre.clone() });
        assert!(close(by_metre.spacing, [2.0, 2.0, 4.0], 1e-12), "{:?}", by_metre.spacing);
        assert!(close(by_metre.origin, [-500.0, 0.0, 0.0], 1e-12));
        let [warning] = by_metre.warnings.as_slice() else { panic!("{:?}", by_metre.warnings) };
        assert!(warning.contains("in metres") && warning.contains("read [0.002, 0.002, 0.004] mm"), "{warning}");
    }
    // Seconds (8) in the bits of time change nothing.
    for units in [mm, 0, mm + 8] {
        let plain = scan(&Nifti { units, ..metre.clone() });
        assert_eq!((plain.spacing, plain.notes.len(), plain.warnings.len()), ([0.002, 0.002, 0.004], 0, 0));
    }
    assert!(scan(&Nifti { units: 7, ..metre.clone() }).notes[0].contains("unknown code 7"));
    let of = |units: u8, spacing: f64| Nifti {
        units,
        rows: [[spacing, 0.0, 0.0, 0.0], [0.0, spacing, 0.0, 0.0], [0.0, 0.0, spacing, 0.0]],
        pixdim: [1.0, spacing, spacing, spacing, 0.0, 0.0, 0.0, 0.0],
        ..metre.clone()
    };
    let fine = scan(&of(micron, 35.0));
    assert!(close(fine.spacing, [0.035; 3], 1e-12) && fine.warnings[0].contains("micrometres"), "{:?}", fine.warnings);
    // Millimetres under the wrong name.
    for units in [1, micron] {
        let fault = refused(&of(units, 1.0));
        assert!(matches!(fault, Fault::Unit { .. }), "{fault}");
        let words = fault.to_string();
        assert!(words.contains("xyzt_units") && words.contains("metres") && words.contains("2 is mm"), "{words}");
    }
}

#[test]
fn a_single_slice_without_thickness() {
    let flat = Nifti { dim: vec![2, 4, 3], pixdim: [1.0, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0], ..Nifti::default() };
    for (sform_code, qform_code) in [(0, 0), (0, 1)] {
        let scan = scan(&Nifti { sform_code, qform_code, ..flat.clone() });
        assert_eq!(scan.spacing, [0.5, 0.5, 1.0]);
        assert!(scan.notes[0].contains("thickness"));
    }
    let deep = Nifti { dim: vec![3, 2, 3, 2], sform_code: 0, ..flat };
    assert!(matches!(refused(&deep), Fault::Spacing { form: Form::Pixdim, spacing: [0.5, 0.5, 0.0] }));
}

#[test]
fn an_affine_that_is_no_rectangular_grid_is_refused() {
    let rows = |rows| Nifti { rows, ..Nifti::default() };
    let unit = Nifti::default().rows;
    let with = |row: usize, column: usize, value: f64| {
        let mut changed = unit;
        changed[row][column] = value;
        rows(changed)
    };
    // The tolerance is 1e-4 in the cosine of the angle.
    assert!(scan(&with(0, 1, 0.9e-4)).notes.is_empty());
    match refused(&with(0, 1, 1.1e-4)) {
        Fault::AffineSheared { form: Form::Sform, axes: [1, 2], cosine, .. } => assert!((cosine - 1.1e-4).abs() < 1e-8),
        other => panic!("{other}"),
    }
    assert!(matches!(refused(&with(1, 2, -0.2)), Fault::AffineSheared { axes: [2, 3], .. }));
    assert!(matches!(refused(&with(2, 2, 0.0)), Fault::AffineSingular { .. }));
    assert!(matches!(refused(&rows([[0.0; 4]; 3])), Fault::AffineSingular { .. }));
    assert!(matches!(refused(&rows([unit[0], unit[0], unit[2]])), Fault::AffineSingular { .. }));
    let parallel = rows([[1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]);
    assert!(matches!(refused(&parallel), Fault::AffineSingular { .. }));
    for value in [f64::NAN, f64::INFINITY] {
        assert!(matches!(refused(&with(1, 1, value)), Fault::AffineNotFinite { .. }));
        assert!(matches!(refused(&with(1, 3, value)), Fault::AffineNotFinite { .. }));
    }
    assert!(matches!(refused(&with(0, 0, 1.1e4)), Fault::Spacing { .. }));
    assert!(matches!(refused(&with(0, 0, 1e-7)), Fault::Spacing { .. }));
    assert!(matches!(refused(&with(0, 3, 1e30)), Fault::Origin { .. }));
}

#[test]
fn spacings_and_quaternions_that_are_none_are_refused() {
    let by = |sform_code, qform_code| Nifti { sform_code, qform_code, ..Nifti::default() };
    for (nifti, expected) in [(by(0, 0), Form::Pixdim), (by(0, 1), Form::Qform)] {
        for mm in [0.0, -1.0, 1.1e4, f64::NAN, f64::INFINITY] {
            let mut pixdim = nifti.pixdim;
            pixdim[2] = mm;
            let fault = refused(&Nifti { pixdim, ..nifti.clone() });
            assert!(matches!(fault, Fault::Spacing { form, .. } if form == expected), "{fault}");
        }
    }
    for quaternion in [[0.8, 0.8, 0.0], [f64::NAN, 0.0, 0.0], [f64::INFINITY, 0.0, 0.0]] {
        assert!(matches!(refused(&Nifti { quaternion, ..by(0, 1) }), Fault::Quaternion { .. }));
    }
    let offset = [0.0, f64::NAN, 0.0];
    assert!(matches!(refused(&Nifti { offset, ..by(0, 1) }), Fault::AffineNotFinite { form: Form::Qform, .. }));
}

#[test]
fn a_half_turn_survives_the_rounding_of_its_quaternion() {
    // A first component of 1.4e-4 would be rounding only, yet it would turn the axes by 2.8e-4.
    for b in [1.0 - 1e-8, 1.0, 1.0 + 1e-6] {
        let nifti = Nifti { sform_code: 0, qform_code: 1, quaternion: [b, 0.0, 0.0], ..Nifti::two() };
        let direction = scan(&nifti).direction;
        for (axis, expected) in [[-1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1.0]].into_iter().enumerate() {
            assert!(close(direction[axis], expected, 1e-12), "{b}: {direction:?}");
        }
    }
}
