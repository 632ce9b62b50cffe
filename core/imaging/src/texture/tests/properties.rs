//! What must hold for any region.

use super::*;
use crate::Serial;

fn merged() -> Vec<Request> {
    let directional = [Kind::Glcm, Kind::Glrlm].map(|kind| request(kind, Aggregation::Merged3D));
    let others = [Kind::Glszm, Kind::Gldzm, Kind::Ngtdm, Kind::Ngldm].map(|kind| request(kind, Aggregation::Volume3D));
    directional.into_iter().chain(others).collect()
}

/// The case with its axes exchanged and, where asked, mirrored.
fn turned(case: &Case, axes: [usize; 3], mirrored: [bool; 3]) -> Case {
    let dims = axes.map(|axis| case.dims[axis]);
    let mut turned = Case { dims, ..case.clone() };
    for (at, index) in turned.clone().indices().enumerate() {
        let mut source = [0; 3];
        for (to, from) in axes.into_iter().enumerate() {
            source[from] = if mirrored[to] { dims[to] as isize - 1 - index[to] } else { index[to] };
        }
        turned.levels[at] = case.level(source);
        turned.mask[at] = case.at(&case.mask, source);
    }
    turned
}

#[test]
fn merged_matrices_do_not_turn_with_the_region() {
    let case = Case::random([9, 7, 6], 5, 21);
    let expected = case.build(&merged(), &Serial).expect("the requests fit");
    for (axes, mirrored) in [
        ([1, 0, 2], [false, true, false]),
        ([0, 2, 1], [false, false, true]),
        ([2, 1, 0], [true, false, false]),
        ([1, 2, 0], [false; 3]),
        ([0, 1, 2], [true, false, false]),
        ([0, 1, 2], [true; 3]),
    ] {
        assert_eq!(turned(&case, axes, mirrored).build(&merged(), &Serial).expect("they fit"), expected, "{axes:?}");
    }
}

#[test]
fn a_region_may_lie_anywhere() {
    let case = Case::random([5, 4, 3], 4, 22);
    let mut moved = Case { dims: [12, 9, 10], levels: vec![0; 1080], mask: vec![0; 1080], ..case };
    for (at, [x, y, z]) in case.indices().enumerate() {
        let to = (((z + 5) * 9 + y + 3) * 12 + x + 4) as usize;
        (moved.levels[to], moved.mask[to]) = (case.levels[at], case.mask[at]);
    }
    let requests = all_requests();
    assert_eq!(moved.build(&requests, &Serial), case.build(&requests, &Serial));
}

#[test]
fn the_executor_does_not_matter() {
    // Enough voxels for several slabs of every kind.
    let case = Case::random([96, 96, 40], 9, 23);
    let requests = all_requests();
    let expected = case.build(&requests, &Serial).expect("the requests fit");
    assert_eq!(case.build(&requests, &Backwards).as_ref(), Ok(&expected));
    assert_eq!(case.build(&requests, &Threads(3)).as_ref(), Ok(&expected));
}

#[test]
fn a_request_alone_gives_the_same_as_among_others() {
    let case = Case::random([7, 6, 5], 4, 24);
    let requests = all_requests();
    let together = case.build(&requests, &Serial).expect("the requests fit");
    for (request, expected) in requests.iter().zip(&together) {
        assert_eq!(&case.build(&[*request], &Serial).expect("the request fits")[0], expected, "{request:?}");
    }
}

#[test]
fn slabs_add_up() {
    // One level, so that zones and runs cross every slab.
    let mut case = Case::random([100, 100, 60], 1, 25);
    case.levels.fill(1);
    case.mask.fill(1);
    let sets = case.build(&merged(), &Threads(2)).expect("the requests fit");
    let cells = |i: usize| sets[i].matrices[0].cells.clone();
    assert_eq!(cells(2), [Cell { level: 1, other: 600_000, value: 1.0 }]);
    assert_eq!(cells(3), [Cell { level: 1, other: 1, value: 1.0 }]);
    assert_eq!(cells(4), [Cell { level: 1, other: 600_000, value: 0.0 }]);
    let in_runs: f64 = cells(1).iter().map(|cell| cell.value * f64::from(cell.other)).sum();
    assert_eq!((in_runs, sets[1].matrices[0].voxels), (13.0 * 600_000.0, 13.0 * 600_000.0));
    let longest = cells(1).last().copied();
    assert_eq!(longest, Some(Cell { level: 1, other: 100, value: (100 * 60 * 2 + 2 * 60) as f64 }));
}

#[test]
fn degenerate_regions() {
    let sets = |dims: [usize; 3], levels: Vec<u16>| {
        let mask = levels.iter().map(|level| u8::from(*level != 0)).collect();
        Case { dims, levels, n_levels: 10_000, mask }.build(&all_requests(), &Serial).expect("the requests fit")
    };
    for empty in [sets([3, 3, 3], vec![0; 27]), sets([0, 4, 4], vec![]), sets([0; 3], vec![])] {
        assert!(empty.iter().all(|set| set.matrices.is_empty() && set.levels == 10_000));
    }
    let one = sets([1; 3], vec![10_000]);
    for (request, set) in all_requests().iter().zip(&one) {
        let filled = !matches!(request.kind, Kind::Glcm | Kind::Ngtdm);
        assert_eq!(!set.matrices.is_empty(), filled, "{request:?}");
        let ones = |matrix: &Matrix| matrix.cells.iter().all(|cell| (cell.level, cell.other) == (10_000, 1));
        assert!(set.matrices.iter().all(ones), "{request:?}");
    }
    let mut far = vec![0; 200 * 3 * 3];
    (far[0], far[1799]) = (1, 2);
    let far = sets([200, 3, 3], far);
    assert!(
        all_requests()
            .iter()
            .zip(&far)
            .all(|(r, s)| s.matrices.is_empty() == matches!(r.kind, Kind::Glcm | Kind::Ngtdm))
    );
}

#[test]
fn what_does_not_fit_is_refused() {
    let mismatch = request(Kind::Glcm, Aggregation::Volume3D);
    let error = mismatch.check().expect_err("a GLCM has directions");
    assert!(error.to_string().contains("Averaged2D"), "{error}");
    let error = request(Kind::Ngldm, Aggregation::Merged3D).check().expect_err("an NGLDM has none");
    assert!(error.to_string().contains("Volume3D"), "{error}");
    let zero = Request { distance: 0, ..request(Kind::Glcm, Aggregation::Merged3D) };
    assert_eq!(zero.check(), Err(TextureError::Distance { kind: Kind::Glcm, distance: 0 }));
    let far = Request { distance: 2, ..request(Kind::Glrlm, Aggregation::Merged3D) };
    assert_eq!(far.check(), Err(TextureError::Distance { kind: Kind::Glrlm, distance: 2 }));
    assert!(all_requests().iter().all(|request| request.check().is_ok()));

    let case = Case::random([4, 4, 4], 3, 26);
    assert_eq!(case.build(&[mismatch], &Serial), Err(error_of(mismatch)));
    let levels = View::new(case.dims, &case.levels);
    let distances = [request(Kind::Gldzm, Aggregation::Volume3D)];
    assert_eq!(build(&distances, levels, 3, None, &Serial), Err(TextureError::MaskMissing));
    let small = View::new([1; 3], &[1u8][..]);
    assert!(matches!(build(&[], levels, 3, Some(small), &Serial), Err(TextureError::MaskDimensions { .. })));
    assert_eq!(build(&[], levels, 2, None, &Serial), Err(TextureError::Level { found: 3, levels: 2 }));
    let outside = Case { mask: vec![0; 64], ..case.clone() };
    assert_eq!(outside.build(&distances, &Serial), Err(TextureError::OutsideMask));
    assert!(build(&[request(Kind::Glszm, Aggregation::Volume3D)], levels, 3, None, &Serial).is_ok());
}

fn error_of(request: Request) -> TextureError {
    TextureError::Aggregation { kind: request.kind, aggregation: request.aggregation }
}
