//! The response that is wanted in a box only is that of the whole image there, to the bit.

use super::{
    Rotation,
    laplacian_of_gaussian::{self as log, kernels},
    pyradiomics::{
        intensities::{Change, changed_in},
        recursive,
        wavelet::Decomposition,
    },
    tests::{PADDINGS, noise},
    wavelets::{self, Wavelet},
};
use crate::{Executor, IndexBox, Serial, View, mask::crop, testing::Backwards};

const DIMS: [usize; 3] = [37, 22, 19];

/// In the middle, at edges, in corners, flat, and everything.
fn boxes() -> [IndexBox; 6] {
    let of = |start, end| IndexBox { start, end };
    [
        of([10, 8, 7], [30, 15, 12]),
        of([0, 5, 3], [18, 22, 9]),
        of([20, 0, 0], [37, 4, 19]),
        of([36, 21, 18], DIMS),
        of([5, 6, 7], [25, 6, 9]),
        IndexBox::whole(DIMS),
    ]
}

/// `filter` makes the maps of a box.
fn compare(what: &str, filter: impl Fn(View<f64>, IndexBox, &dyn Executor) -> Vec<Vec<f64>>) {
    let voxels = noise(DIMS);
    let image = View::new(DIMS, &voxels);
    let whole = filter(image, IndexBox::whole(DIMS), &Serial);
    assert!(!whole.is_empty());
    for wanted in boxes() {
        for executor in [&Serial as &dyn Executor, &Backwards] {
            let found = filter(image, wanted, executor);
            let expected: Vec<Vec<f64>> = whole.iter().map(|map| crop(View::new(DIMS, map), wanted)).collect();
            assert!(found == expected, "{what} in {wanted:?}");
        }
    }
}

#[test]
fn laplacian_of_gaussian() {
    for padding in PADDINGS {
        for axes in [2, 3] {
            let kernels = kernels(2.0, 4.0, [1.0, 1.5, 3.0], axes);
            compare(&format!("{padding:?}"), |image, wanted, executor| {
                vec![log::inside(image, wanted, &kernels, padding, executor)]
            });
        }
    }
}

#[test]
fn separable_wavelets() {
    let wavelet = Wavelet::named("db3").expect("a wavelet");
    let bands = wavelets::bands(3).into_iter().map(|letters| wavelets::Band { letters, level: 2 });
    let bands: Vec<wavelets::Band> = bands.collect();
    for padding in PADDINGS {
        for rotation in [Rotation::None, Rotation::Average, Rotation::Max] {
            let filters = wavelets::separable(&wavelet, &bands, 3, rotation, padding).expect("bands");
            compare(&format!("{padding:?} {rotation:?}"), |image, wanted, executor| {
                filters.bank(DIMS).apply_in(image, wanted, executor)
            });
        }
    }
}

#[test]
fn laplacian_by_recursion() {
    compare("ITK's Laplacian", |image, wanted, executor| {
        vec![recursive::inside(image, wanted, [1.0, 1.5, 3.0], 2.5, executor)]
    });
}

#[test]
fn changes_of_intensities() {
    for change in [Change::Square, Change::SquareRoot, Change::Logarithm, Change::Exponential] {
        compare(&format!("{change:?}"), |image, wanted, _| {
            vec![changed_in(image, wanted, change).expect("it is defined")]
        });
    }
}

#[test]
fn wavelets_of_pywavelets() {
    for (start_level, levels) in [(0, 1), (0, 2), (1, 1)] {
        let of = Decomposition {
            wavelet: Wavelet::named("coif1").expect("a wavelet"),
            start_level,
            levels,
            axes: [true; 3],
        };
        compare(&format!("{of:?}"), |image, wanted, executor| of.apply_in(image, wanted, executor));
    }
}
