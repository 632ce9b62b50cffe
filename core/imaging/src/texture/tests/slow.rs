//! Each matrix as its definition reads, voxel by voxel.

use std::collections::BTreeMap;

use super::*;
use crate::Serial;

type Counts = BTreeMap<(u32, u32), f64>;
type Index = [isize; 3];

fn plus(a: Index, b: Index) -> Index {
    std::array::from_fn(|axis| a[axis] + b[axis])
}

fn length(v: Index, norm: Norm) -> f64 {
    let v = v.map(|c| c.abs() as f64);
    match norm {
        Norm::Chebyshev => v[0].max(v[1]).max(v[2]),
        Norm::Manhattan => v[0] + v[1] + v[2],
        Norm::Euclidean => (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt(),
    }
}

/// All vectors of a cube but the centre, in the order of *z*, *y*, *x*.
fn vectors(distance: u32, planar: bool) -> Vec<Index> {
    let d = distance as isize;
    let mut all = Vec::new();
    for z in -d..=d {
        for y in -d..=d {
            for x in -d..=d {
                if [x, y, z] != [0; 3] && !(planar && z != 0) {
                    all.push([x, y, z]);
                }
            }
        }
    }
    all
}

/// One of each pair of opposite vectors.
fn directions(request: &Request) -> Vec<Index> {
    let forward = |distance: u32| {
        let all = vectors(distance, request.aggregation.is_planar()).into_iter();
        // The second half of the ordered cube points forward.
        all.filter(|[x, y, z]| (*z, *y, *x) > (0, 0, 0)).collect::<Vec<_>>()
    };
    let d = request.distance;
    match (request.kind, request.norm) {
        (Kind::Glrlm, _) => forward(1),
        (_, Norm::Chebyshev) => forward(1).into_iter().map(|v| v.map(|component| component * d as isize)).collect(),
        (_, norm) => {
            let far = |v: &Index| length(*v, norm) > f64::from(d - 1) && length(*v, norm) <= f64::from(d);
            forward(d).into_iter().filter(far).collect()
        }
    }
}

fn pairs(case: &Case, z: &[isize], vector: Index) -> Counts {
    let mut counts = Counts::new();
    for at in case.indices().filter(|at| z.contains(&at[2])) {
        let (a, b) = (u32::from(case.level(at)), u32::from(case.level(plus(at, vector))));
        if a != 0 && b != 0 {
            *counts.entry((a, b)).or_default() += 1.0;
            *counts.entry((b, a)).or_default() += 1.0;
        }
    }
    counts
}

fn runs(case: &Case, z: &[isize], vector: Index) -> Counts {
    let mut counts = Counts::new();
    for at in case.indices().filter(|at| z.contains(&at[2])) {
        let level = case.level(at);
        if level == 0 || case.level(plus(at, vector.map(|c| -c))) == level {
            continue;
        }
        let (mut end, mut length) = (at, 0);
        while case.level(end) == level {
            (end, length) = (plus(end, vector), length + 1);
        }
        *counts.entry((level.into(), length)).or_default() += 1.0;
    }
    counts
}

/// City-block distance to the nearest voxel outside the mask, by looking at all voxels around.
fn distance(case: &Case, at: Index, planar: bool) -> u32 {
    for d in 0.. {
        for v in vectors(d, planar).into_iter().chain([[0; 3]]) {
            if length(v, Norm::Manhattan) == f64::from(d) && case.at(&case.mask, plus(at, v)) == 0 {
                return d;
            }
        }
    }
    unreachable!("the array ends somewhere")
}

fn zones(case: &Case, z: &[isize], request: &Request) -> Counts {
    let planar = request.aggregation.is_planar();
    let (mut counts, mut seen) = (Counts::new(), std::collections::BTreeSet::new());
    for seed in case.indices().filter(|at| z.contains(&at[2])) {
        if case.level(seed) == 0 || !seen.insert(seed) {
            continue;
        }
        let (mut open, mut size, mut nearest) = (vec![seed], 0, u32::MAX);
        while let Some(at) = open.pop() {
            size += 1;
            nearest = nearest.min(distance(case, at, planar));
            for next in vectors(1, planar).into_iter().map(|v| plus(at, v)) {
                if case.level(next) == case.level(seed) && seen.insert(next) {
                    open.push(next);
                }
            }
        }
        let other = if request.kind == Kind::Glszm { size } else { nearest };
        *counts.entry((case.level(seed).into(), other)).or_default() += 1.0;
    }
    counts
}

/// The levels of the neighbours in the region, for each region voxel of the slices.
fn neighbours(case: &Case, z: &[isize], request: &Request) -> Vec<(u16, Vec<u16>)> {
    let vectors: Vec<_> = vectors(request.distance, request.aggregation.is_planar())
        .into_iter()
        .filter(|v| length(*v, request.norm) <= f64::from(request.distance))
        .collect();
    let region = case.indices().filter(|at| z.contains(&at[2]) && case.level(*at) != 0);
    let around = |at| vectors.iter().map(|v| case.level(plus(at, *v))).filter(|level| *level != 0).collect::<Vec<_>>();
    region.map(|at| (case.level(at), around(at))).collect()
}

fn dependences(case: &Case, z: &[isize], request: &Request) -> Counts {
    let mut counts = Counts::new();
    for (level, around) in neighbours(case, z, request) {
        let alike = around.iter().filter(|other| u32::from(level.abs_diff(**other)) <= request.coarseness).count();
        *counts.entry((level.into(), 1 + alike as u32)).or_default() += 1.0;
    }
    counts
}

fn tones(case: &Case, z: &[isize], request: &Request) -> Vec<Cell> {
    let mut rows: BTreeMap<u16, (u32, f64)> = BTreeMap::new();
    for (level, around) in neighbours(case, z, request).into_iter().filter(|(_, around)| !around.is_empty()) {
        let mean = around.iter().map(|other| f64::from(*other)).sum::<f64>() / around.len() as f64;
        let row = rows.entry(level).or_default();
        *row = (row.0 + 1, row.1 + (f64::from(level) - mean).abs());
    }
    rows.into_iter().map(|(level, (other, value))| Cell { level: level.into(), other, value }).collect()
}

fn sum(parts: &[(Counts, f64)]) -> Vec<Cell> {
    let mut total = Counts::new();
    for (part, weight) in parts {
        for (key, value) in part {
            *total.entry(*key).or_default() += value * weight;
        }
    }
    total.into_iter().map(|((level, other), value)| Cell { level, other, value }).collect()
}

fn weight(vector: Index, weighting: Weighting) -> f64 {
    match weighting {
        Weighting::None => 1.0,
        Weighting::Inverse(norm) => length(vector, norm).recip(),
        Weighting::Gaussian(norm) => (-length(vector, norm) * length(vector, norm)).exp(),
    }
}

pub(super) fn build(case: &Case, request: &Request) -> MatrixSet {
    let slices: Vec<Vec<isize>> = (0..case.dims[2] as isize).map(|z| vec![z]).collect();
    let voxels = |z: &[isize]| case.indices().filter(|at| z.contains(&at[2]) && case.level(*at) != 0).count() as f64;
    let directions = if request.kind.is_directional() { directions(request) } else { Vec::new() };
    let matrix = |z: &[isize], vectors: &[Index]| {
        let parts: Vec<_> = match request.kind {
            Kind::Glcm => vectors.iter().map(|v| (pairs(case, z, *v), weight(*v, request.weighting))).collect(),
            Kind::Glrlm => vectors.iter().map(|v| (runs(case, z, *v), weight(*v, request.weighting))).collect(),
            Kind::Glszm | Kind::Gldzm => vec![(zones(case, z, request), 1.0)],
            Kind::Ngldm => vec![(dependences(case, z, request), 1.0)],
            Kind::Ngtdm => return Matrix { cells: tones(case, z, request), voxels: voxels(z) },
        };
        // Pairs are weighted in relation to the shortest direction.
        let largest = parts.iter().map(|(_, weight)| *weight).fold(0.0, f64::max);
        let largest = if request.kind == Kind::Glcm { largest } else { 1.0 };
        let parts: Vec<_> = parts.into_iter().map(|(counts, weight)| (counts, weight / largest)).collect();
        let weights: f64 = parts.iter().map(|(_, weight)| weight).sum();
        Matrix { cells: sum(&parts), voxels: voxels(z) * weights }
    };
    let single = |z: &[isize], v: Index| {
        let counts = if request.kind == Kind::Glcm { pairs(case, z, v) } else { runs(case, z, v) };
        Matrix { cells: sum(&[(counts, 1.0)]), voxels: voxels(z) }
    };
    let everything: Vec<isize> = (0..case.dims[2] as isize).collect();
    let mut matrices: Vec<Matrix> = match request.aggregation {
        Aggregation::Averaged2D => {
            slices.iter().flat_map(|z| directions.iter().map(|v| single(z, *v)).collect::<Vec<_>>()).collect()
        }
        Aggregation::Averaged3D | Aggregation::DirectionMerged2_5D => {
            directions.iter().map(|v| single(&everything, *v)).collect()
        }
        Aggregation::SliceMerged2D => slices.iter().map(|z| matrix(z, &directions)).collect(),
        Aggregation::Merged2_5D | Aggregation::Merged3D => vec![matrix(&everything, &directions)],
        Aggregation::PerSlice2D => slices.iter().map(|z| matrix(z, &[])).collect(),
        // Planar neighbourhoods never leave their slice: drawing them from all slices at once merges them.
        Aggregation::PerSlice2_5D | Aggregation::Volume3D => vec![matrix(&everything, &[])],
    };
    matrices.retain(|matrix| !matrix.cells.is_empty());
    MatrixSet { matrices, levels: case.n_levels }
}

#[track_caller]
fn assert_alike(fast: &MatrixSet, slow: &MatrixSet, request: &Request) {
    assert_eq!((fast.levels, fast.matrices.len()), (slow.levels, slow.matrices.len()), "{request:?}");
    for (fast, slow) in fast.matrices.iter().zip(&slow.matrices) {
        let keys = |matrix: &Matrix| matrix.cells.iter().map(|cell| (cell.level, cell.other)).collect::<Vec<_>>();
        assert_eq!(keys(fast), keys(slow), "{request:?}");
        for (fast, slow) in fast.cells.iter().zip(&slow.cells) {
            assert!((fast.value - slow.value).abs() <= 1e-12 * slow.value, "{request:?}: {fast:?} {slow:?}");
        }
        // Directions that reach across the whole region are not walked; no feature of a GLCM reads the voxels.
        if request.kind != Kind::Glcm {
            assert!((fast.voxels - slow.voxels).abs() <= 1e-12 * slow.voxels, "{request:?}");
        }
    }
}

fn check(case: &Case, requests: &[Request]) {
    let built = case.build(requests, &Serial).expect("the requests fit");
    for (request, fast) in requests.iter().zip(&built) {
        assert_alike(fast, &build(case, request), request);
    }
}

#[test]
fn every_kind_in_every_aggregation() {
    for seed in 0..3 {
        check(&Case::random([7, 6, 5], 4, seed), &all_requests());
    }
    check(&Case::random([9, 1, 1], 2, 7), &all_requests());
    check(&Case::random([1, 5, 4], 2, 8), &all_requests());
}

#[test]
fn every_distance_norm_and_coarseness() {
    let mut requests = Vec::new();
    for distance in 1..=3 {
        for norm in NORMS {
            for coarseness in [0, 1] {
                let aggregations = [Aggregation::PerSlice2D, Aggregation::PerSlice2_5D, Aggregation::Volume3D];
                requests.extend(aggregations.map(|a| Request {
                    distance,
                    norm,
                    coarseness,
                    ..request(Kind::Ngldm, a)
                }));
            }
            requests.extend(OTHERS.map(|a| Request { distance, norm, ..request(Kind::Ngtdm, a) }));
            requests.extend(DIRECTIONAL.map(|a| Request { distance, norm, ..request(Kind::Glcm, a) }));
        }
    }
    check(&Case::random([6, 5, 4], 3, 11), &requests);
}

#[test]
fn every_weighting() {
    let weightings = NORMS.map(|norm| [Weighting::Inverse(norm), Weighting::Gaussian(norm)]).concat();
    let mut requests = Vec::new();
    for weighting in weightings {
        for aggregation in DIRECTIONAL {
            requests.push(Request { weighting, ..request(Kind::Glrlm, aggregation) });
            for (distance, norm) in (1..=3).flat_map(|distance| NORMS.map(|norm| (distance, norm))) {
                requests.push(Request { distance, norm, weighting, ..request(Kind::Glcm, aggregation) });
            }
        }
    }
    let (fitting, useless): (Vec<Request>, Vec<Request>) = requests.into_iter().partition(|r| r.check().is_ok());
    let case = Case::random([6, 5, 4], 3, 12);
    check(&case, &fitting);
    // A weight that is let through changes features, one that is refused would not.
    for request in fitting {
        assert!(differs(&case, &request), "{request:?}");
    }
    for request in useless {
        assert!(!differs(&case, &request), "{request:?}");
    }
}

/// Whether features change by the weighting of a request.
fn differs(case: &Case, request: &Request) -> bool {
    let shares = |request: &Request| {
        let share = |one: &Matrix| {
            let total: f64 = one.cells.iter().map(|cell| cell.value).sum();
            one.cells.iter().map(|cell| cell.value / total).chain([total / one.voxels]).collect::<Vec<_>>()
        };
        build(case, request).matrices.iter().flat_map(share).collect::<Vec<_>>()
    };
    let (weighted, plain) = (shares(request), shares(&Request { weighting: Weighting::None, ..*request }));
    // Of a GLCM no feature reads the voxels, but these are of the same directions.
    weighted.iter().zip(&plain).any(|(a, b)| (a - b).abs() > 1e-12)
}

#[test]
fn more_levels_than_a_table_holds() {
    let mut case = Case::random([6, 5, 4], 60_000, 13);
    check(&case, &all_requests());
    case.levels.iter_mut().for_each(|level| *level = level.div_ceil(30_000) * 30_000);
    check(&case, &all_requests());
    let far = OTHERS.map(|a| Request { distance: 3, coarseness: 50_000, ..request(Kind::Ngldm, a) });
    check(&case, &far);
}

#[test]
fn long_runs_and_large_zones() {
    let mut case = Case::random([90, 3, 3], 1, 14);
    case.levels.iter_mut().enumerate().for_each(|(i, level)| *level = u16::from(i % 271 != 5));
    case.mask = case.levels.iter().map(|level| u8::from(*level != 0)).collect();
    check(&case, &all_requests());
    let [x, y, z] = case.dims;
    case.dims = [z, y, x];
    check(&case, &all_requests());
}
