//! The builders against slow, plain implementations, properties and reference values.

mod phantom;
mod properties;
mod reference;
mod slow;

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::{Executor, View};

const NORMS: [Norm; 3] = [Norm::Chebyshev, Norm::Euclidean, Norm::Manhattan];

const DIRECTIONAL: [Aggregation; 6] = [
    Aggregation::Averaged2D,
    Aggregation::SliceMerged2D,
    Aggregation::DirectionMerged2_5D,
    Aggregation::Merged2_5D,
    Aggregation::Averaged3D,
    Aggregation::Merged3D,
];

const OTHERS: [Aggregation; 3] = [Aggregation::PerSlice2D, Aggregation::PerSlice2_5D, Aggregation::Volume3D];

fn request(kind: Kind, aggregation: Aggregation) -> Request {
    Request::new(kind, aggregation)
}

/// Every kind in every aggregation, at distance 1.
fn all_requests() -> Vec<Request> {
    let directional = [Kind::Glcm, Kind::Glrlm].map(|kind| DIRECTIONAL.map(|aggregation| request(kind, aggregation)));
    let others = [Kind::Glszm, Kind::Gldzm, Kind::Ngtdm, Kind::Ngldm]
        .map(|kind| OTHERS.map(|aggregation| request(kind, aggregation)));
    directional.into_iter().flatten().chain(others.into_iter().flatten()).collect()
}

/// A small region with holes.
#[derive(Clone)]
struct Case {
    dims: [usize; 3],
    levels: Vec<u16>,
    n_levels: u32,
    mask: Vec<u8>,
}

impl Case {
    /// Levels and mask drawn from a seed; the mask holds the region and some voxels more.
    fn random(dims: [usize; 3], n_levels: u32, seed: u64) -> Self {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut draw = |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) % below
        };
        let count = dims.iter().product();
        let mut levels: Vec<u16> = Vec::with_capacity(count);
        let mut mask = Vec::with_capacity(count);
        for _ in 0..count {
            // Repeating the last level at times makes runs and zones.
            let level = match (draw(10), levels.last()) {
                (0, _) => 0,
                (1..=4, Some(&last)) => last,
                _ => 1 + draw(n_levels.into()) as u16,
            };
            levels.push(level);
            mask.push(u8::from(level != 0 || draw(3) == 0));
        }
        Self { dims, levels, n_levels, mask }
    }

    fn build(&self, requests: &[Request], executor: &dyn Executor) -> Result<Vec<MatrixSet>, TextureError> {
        let levels = View::new(self.dims, &self.levels);
        build(requests, levels, self.n_levels, Some(View::new(self.dims, &self.mask)), executor)
    }

    fn level(&self, index: [isize; 3]) -> u16 {
        self.at(&self.levels, index)
    }

    /// The element at an index, 0 outside the array.
    fn at<T: Copy + Default>(&self, data: &[T], index: [isize; 3]) -> T {
        let inside = (0..3).all(|axis| index[axis] >= 0 && (index[axis] as usize) < self.dims[axis]);
        let [x, y, z] = index.map(|i| i as usize);
        if inside { data[(z * self.dims[1] + y) * self.dims[0] + x] } else { T::default() }
    }

    /// All indices, *x* fastest.
    fn indices(&self) -> impl Iterator<Item = [isize; 3]> + use<> {
        let [nx, ny, nz] = self.dims.map(|n| n as isize);
        (0..nz).flat_map(move |z| (0..ny).flat_map(move |y| (0..nx).map(move |x| [x, y, z])))
    }
}

/// Runs the chunks from the last to the first.
struct Backwards;

impl Executor for Backwards {
    fn for_each(&self, count: usize, chunk: &(dyn Fn(usize) + Sync)) {
        (0..count).rev().for_each(chunk);
    }
}

/// Runs the chunks on as many threads.
struct Threads(usize);

impl Executor for Threads {
    fn for_each(&self, count: usize, chunk: &(dyn Fn(usize) + Sync)) {
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..self.0 {
                scope.spawn(|| {
                    while let Some(i) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|i| *i < count) {
                        chunk(i);
                    }
                });
            }
        });
    }
}

#[test]
fn one_request_is_built_as_several_are_and_a_set_is_its_cells() {
    let case = phantom::phantom();
    let requests = all_requests();
    let expected = case.build(&requests, &crate::Serial).expect("the requests fit");
    for (request, expected) in requests.iter().zip(expected) {
        let set = build_one(request, View::new(case.dims, &case.levels)).expect("the request fits");
        assert_eq!(set, expected, "{request:?}");
        let (levels, cells) = set.to_cells();
        assert_eq!(MatrixSet::from_cells(levels, cells), set, "{request:?}");
    }
}
