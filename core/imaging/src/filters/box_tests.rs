//! The response that is wanted in a box only is that of the whole image there, to the bit.

use super::{
    Rotation,
    gabor::Gabor,
    laplacian_of_gaussian::{self as log, kernels},
    laws::Laws,
    pyradiomics::{
        intensities::{Change, changed_in},
        recursive,
        wavelet::Decomposition,
    },
    riesz::{Base, Riesz},
    simoncelli::Simoncelli,
    tests::{PADDINGS, furthest, noise},
    wavelets::{self, Wavelet},
};
use crate::{Executor, IndexBox, Serial, View, mask::crop, separable::Padding, testing::Backwards};

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
fn laws() {
    for padding in PADDINGS {
        for (rotation, energy) in [(Rotation::None, None), (Rotation::Max, Some(3)), (Rotation::Average, Some(9))] {
            let laws = Laws::new(&["E5L3S5", "R5E3W5"], 3, rotation, padding, energy).expect("kernels");
            compare(&format!("{padding:?} {energy:?}"), |image, wanted, executor| {
                laws.apply_in(image, wanted, executor)
            });
        }
        let laws = Laws::new(&["E5L3"], 2, Rotation::Max, padding, Some(2)).expect("kernels");
        compare(&format!("{padding:?} 2D"), |image, wanted, executor| laws.apply_in(image, wanted, executor));
    }
}

#[test]
fn simoncelli() {
    let of = |levels: &[u32], axes: usize, padding: Padding| {
        let simoncelli = Simoncelli { levels: levels.to_vec(), axes, padding };
        compare(&format!("{simoncelli:?}"), |image, wanted, executor| simoncelli.apply_in(image, wanted, executor));
    };
    PADDINGS.into_iter().for_each(|padding| of(&[1], 2, padding));
    of(&[1, 2], 3, Padding::Periodic);
    of(&[1], 3, Padding::Mirror);
}

#[test]
fn riesz() {
    let log = |axes| Base::LaplacianOfGaussian(kernels(1.0, 4.0, [1.0; 3], axes));
    for (base, axes, padding, aligned) in [
        (Base::Image, 3, Padding::Periodic, None),
        (Base::Simoncelli(1), 3, Padding::Periodic, Some([1.0, 0.8, 0.5])),
        (log(3), 3, Padding::Periodic, Some([0.5; 3])),
        (Base::Simoncelli(1), 2, Padding::Mirror, Some([1.0, 0.8, 0.5])),
        (log(2), 2, Padding::Zero, None),
        (Base::Image, 3, Padding::Nearest, None),
    ] {
        let orders = if axes == 3 { vec![[1, 0, 0], [0, 1, 1]] } else { vec![[2, 0, 0]] };
        let riesz = Riesz { base, orders, aligned, axes, padding };
        compare(&format!("{riesz:?}"), |image, wanted, executor| riesz.apply_in(image, wanted, executor));
    }
}

#[test]
fn gabor_but_for_rounding() {
    // The transforms of a box are shorter than those of the scan.
    let (voxels, spacing) = (noise(DIMS), [1.0, 1.2, 2.0]);
    let image = View::new(DIMS, &voxels);
    for padding in PADDINGS {
        for planes in [vec![[0, 1]], vec![[0, 1], [0, 2], [1, 2]]] {
            let gabor = Gabor {
                sigma_mm: 1.5,
                lambda_mm: 3.0,
                gamma: 0.7,
                thetas: vec![0.4, 2.0],
                pooling: Rotation::Average,
                planes,
                truncate: 3.0,
                padding,
            };
            let whole = gabor.apply(image, spacing, &Serial);
            let largest = whole.iter().copied().fold(0.0, f64::max);
            for wanted in boxes() {
                let found = gabor.apply_in(image, wanted, spacing, &Serial);
                let far = furthest(&found, &crop(View::new(DIMS, &whole), wanted));
                assert!(far < 1e-12 * largest, "{padding:?} in {wanted:?}: off by {far} of {largest}");
                assert!(found == gabor.apply_in(image, wanted, spacing, &Backwards), "the order of the chunks");
            }
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
