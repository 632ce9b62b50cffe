//! Where the voxels are.

mod common;
use common::{Folder, Nrrd, fault, read, twelve};
use load_nrrd::{Contents, Fault};
use voxomics_reading::geometry::Crooked;

fn placed(nrrd: &Nrrd) -> Contents {
    read(&Folder::new().write("a.nrrd", &nrrd.file(&twelve()))).unwrap()
}

fn refused(nrrd: &Nrrd) -> Fault {
    fault(&Folder::new().write("a.nrrd", &nrrd.file(&twelve())))
}

#[test]
fn spaces_become_lps() {
    // The first axis points to (0.6, 0.8, 0) in the space of the header.
    let nrrd = Nrrd::default()
        .set("space directions", "(1.2, 1.6, 0) (-0.8,0.6,0) (0,0,3)")
        .set("space origin", "(10,20.5,-30)");
    for (names, signs) in [
        (["left-posterior-superior", "LPS"], [1.0, 1.0, 1.0]),
        (["right-anterior-superior", "RAS"], [-1.0, -1.0, 1.0]),
        (["left-anterior-superior", "LAS"], [1.0, -1.0, 1.0]),
    ] {
        for name in names {
            let grid = placed(&nrrd.clone().set("space", name)).scan.grid;
            let turned = |v: [f64; 3]| -> [f64; 3] { std::array::from_fn(|i| v[i] * signs[i]) };
            assert_eq!(grid.origin, turned([10.0, 20.5, -30.0]), "{name}");
            for (found, expected) in grid.spacing.iter().zip([2.0, 1.0, 3.0]) {
                assert!((found - expected).abs() < 1e-15);
            }
            let expected = [[0.6, 0.8, 0.0], [-0.8, 0.6, 0.0], [0.0, 0.0, 1.0]].map(turned);
            for (found, expected) in grid.direction.as_flattened().iter().zip(expected.as_flattened()) {
                assert!((found - expected).abs() < 1e-15, "{name}: {:?}", grid.direction);
            }
        }
    }
    for other in ["left-posterior-superior-time", "scanner-xyz", "3D-right-handed", "right-posterior-superior"] {
        match refused(&nrrd.clone().set("space", other)) {
            Fault::Unsupported { field: "space", found, .. } => assert_eq!(found, other),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn what_is_assumed_is_noted() {
    let bare = Nrrd::default().without("space directions").without("space origin").set("spacings", "0.5 0.75 2");
    let contents = placed(&bare.clone().without("space"));
    assert_eq!((contents.scan.grid.spacing, contents.scan.grid.origin), ([0.5, 0.75, 2.0], [0.0; 3]));
    assert_eq!(contents.scan.grid.direction, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
    assert!(contents.notes[0].contains("no directions") && contents.notes[1].contains("no `space origin`"));
    let ras = placed(&bare.set("space", "RAS")).scan.grid.direction;
    assert_eq!(ras, [[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0]]);
}

/// As SimpleITK 2.5 and pynrrd 1.1 write a picture of two dimensions, and a slice that has a place in space.
#[test]
fn a_plane_is_one_slice() {
    let flat = Nrrd::default().set("dimension", "2").set("sizes", "3 4").set("kinds", "domain domain").without("space");
    let by_spacings = flat.clone().without("space directions").without("space origin").set("spacings", "0.7 0.8");
    let in_plane = flat.clone().set("space dimension", "2").set("space directions", "(0,-0.7) (0.8,0)");
    let in_plane = in_plane.set("space origin", "(3,-4)");
    let in_space = flat.clone().set("space", "RAS").set("space directions", "(0,0.7,0) (0,0,0.8)");
    let in_space = in_space.set("space origin", "(3,-4,5)");
    for (nrrd, origin, direction) in [
        (&by_spacings, [0.0; 3], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        (&in_plane, [3.0, -4.0, 0.0], [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
        (&in_space, [-3.0, 4.0, 5.0], [[0.0, -1.0, 0.0], [0.0, 0.0, 1.0], [-1.0, 0.0, 0.0]]),
    ] {
        let contents = placed(nrrd);
        let grid = contents.scan.grid;
        assert_eq!((grid.dims, grid.spacing, grid.origin), ([3, 4, 1], [0.7, 0.8, 1.0], origin));
        assert_eq!(grid.direction, direction);
        assert!(contents.notes.iter().any(|note| note.contains("1 mm thick")), "{:?}", contents.notes);
    }
    for (field, wrong) in
        [("space directions", "(1,0,0) (0,1,0)"), ("space directions", "(1,0)"), ("space origin", "(1,2,3)")]
    {
        assert!(matches!(refused(&in_plane.clone().set(field, wrong)), Fault::Value { .. }), "{field}: {wrong}");
    }
    let line = in_plane.set("space directions", "(1,0) (2,0)");
    assert!(matches!(refused(&line), Fault::Geometry(Crooked::NotFinite(_))));
    let ends = by_spacings.set("axis mins", "0 0").set("axis maxs", "2.1 3");
    assert!(matches!(refused(&ends), Fault::AxisContradiction { axis: 1, .. }));
}

#[test]
fn what_has_no_place_is_refused() {
    let nrrd = Nrrd::default();
    assert!(matches!(refused(&nrrd.clone().without("space directions")), Fault::Missing { field: "space directions" }));
    assert!(matches!(refused(&nrrd.clone().without("space")), Fault::Missing { field: "space" }));
    let dimension = nrrd.clone().without("space").set("space dimension", "3");
    assert!(matches!(refused(&dimension), Fault::Unsupported { field: "space dimension", .. }));
    for directions in ["(1,0,0) (0,1,0)", "(1,0,0) (0,1,0) (0,0)", "(1,0,0) (0,1,0) (0,0,x)", "1 1 1", "(1,0,0"] {
        let fault = refused(&nrrd.clone().set("space directions", directions));
        assert!(matches!(fault, Fault::Value { .. }), "{directions}: {fault}");
    }
    for origin in ["", "(1,2)", "(1,2,3) (4,5,6)", "1 2 3"] {
        assert!(matches!(refused(&nrrd.clone().set("space origin", origin)), Fault::Value { .. }), "{origin}");
    }
    assert!(matches!(refused(&nrrd.clone().set("spacings", "1 1 2")), Fault::Contradiction { .. }));
    assert!(placed(&nrrd.clone().set("spacings", "1 1 1.0000001")).notes.is_empty());
    let units = nrrd.clone().set("space units", "\"mm\" \"mm\" \"um\"");
    assert!(matches!(refused(&units), Fault::Unsupported { field: "space units", .. }));
    assert!(placed(&nrrd.set("space units", "\"mm\" \"mm\" \"mm\"")).notes.is_empty());
}

#[test]
fn crooked_grids_are_refused() {
    let with = |directions: &str| match refused(&Nrrd::default().set("space directions", directions)) {
        Fault::Geometry(crooked) => crooked,
        other => panic!("{other}"),
    };
    assert!(matches!(with("(1,0,0) (0.1,1,0) (0,0,1)"), Crooked::Sheared { axes: [1, 2], .. }));
    assert!(matches!(with("(1,0,0) (1,0,0) (0,0,1)"), Crooked::Singular(_)));
    assert!(matches!(with("(1,0,0) (0,0,0) (0,0,1)"), Crooked::Singular(_)));
    assert!(matches!(with("(1,0,0) (0,1e9,0) (0,0,1)"), Crooked::Spacing(_)));
    assert!(matches!(with("(1,0,0) (0,inf,0) (0,0,1)"), Crooked::NotFinite(_)));
    let far = Nrrd::default().set("space origin", "(1e9,0,0)");
    assert!(matches!(refused(&far), Fault::Geometry(Crooked::Origin(_))));
    let rounded = "(0.99999999,1e-9,0) (0,1,0) (0,0,1)";
    assert!(placed(&Nrrd::default().set("space directions", rounded)).notes.is_empty());
}
