//! Separable filters against a slow definition, and what must hold for every filter.

use super::{
    Kernel, Rotation, Stages,
    laws::{self, Laws},
    rotations::Separable,
    wavelets::{self, Band, Wavelet},
};
use crate::{
    Executor, IndexBox, Serial, View,
    mask::crop,
    separable::Padding,
    testing::{Backwards, Random},
};

pub(super) const PADDINGS: [Padding; 4] = [Padding::Mirror, Padding::Nearest, Padding::Zero, Padding::Periodic];
const ROTATIONS: [Rotation; 4] = [Rotation::None, Rotation::Average, Rotation::Max, Rotation::Min];

pub(super) fn noise(dims: [usize; 3]) -> Vec<f64> {
    let mut random = Random::new(5);
    (0..dims.iter().product()).map(|_| random.unit() * 2000.0 - 1000.0).collect()
}

pub(super) fn furthest(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

type Turn = [[isize; 3]; 3];

/// The rotations that quarter turns about the given axes make.
fn turns(about: &[usize]) -> Vec<Turn> {
    let quarter = |axis: usize| -> Turn {
        let (a, b) = ((axis + 1) % 3, (axis + 2) % 3);
        let mut turn = [[0; 3]; 3];
        turn[axis][axis] = 1;
        (turn[a][b], turn[b][a]) = (-1, 1);
        turn
    };
    let product = |a: &Turn, b: &Turn| -> Turn {
        std::array::from_fn(|i| std::array::from_fn(|j| (0..3).map(|k| a[i][k] * b[k][j]).sum()))
    };
    let mut found = vec![[[1, 0, 0], [0, 1, 0], [0, 0, 1]]];
    let mut next = 0;
    while next < found.len() {
        for axis in about {
            let turned = product(&quarter(*axis), &found[next]);
            if !found.contains(&turned) {
                found.push(turned);
            }
        }
        next += 1;
    }
    found
}

/// A three-dimensional kernel as its weights by their place from the centre.
type Cloud = Vec<([isize; 3], f64)>;

fn cloud(kernels: [&Kernel; 3]) -> Cloud {
    let mut cloud = Cloud::new();
    let at = |axis: usize, i: usize| i as isize - kernels[axis].radius() as isize;
    for (k, c) in kernels[2].weights().iter().enumerate() {
        for (j, b) in kernels[1].weights().iter().enumerate() {
            for (i, a) in kernels[0].weights().iter().enumerate() {
                cloud.push(([at(0, i), at(1, j), at(2, k)], a * b * c));
            }
        }
    }
    cloud
}

/// True convolution, voxel by voxel.
fn convolved(image: View<f64>, cloud: &Cloud, padding: Padding) -> Vec<f64> {
    let dims = image.dims();
    let mut out = Vec::new();
    for z in 0..dims[2] {
        for y in 0..dims[1] {
            for x in 0..dims[0] {
                let mut sum = 0.0;
                for (from, weight) in cloud {
                    let at = |axis: usize, i: usize| padding.source(i as isize - from[axis], dims[axis]);
                    if let (Some(x), Some(y), Some(z)) = (at(0, x), at(1, y), at(2, z)) {
                        sum += weight * image.at([x, y, z]);
                    }
                }
                out.push(sum);
            }
        }
    }
    out
}

/// The definition: each kernel turned as a cloud, and applied one stage after the other.
fn slow(image: View<f64>, filters: &Separable, map: usize) -> Vec<f64> {
    let along = filters.maps[map];
    let identity = Kernel::identity();
    let stages = (0..3).map(|axis| filters.stages[along[axis]].0.len()).max().unwrap_or(1);
    let about: &[usize] = match (filters.rotation, filters.axes) {
        (Rotation::None, _) => &[],
        (_, 2) => &[2],
        _ => &[0, 1, 2],
    };
    let turns = turns(about);
    let mut responses = Vec::new();
    for turn in &turns {
        let mut response = image.data().to_vec();
        for stage in 0..stages {
            let kernels = [0, 1, 2].map(|axis| filters.stages[along[axis]].0.get(stage).unwrap_or(&identity));
            let turned = cloud(kernels)
                .into_iter()
                .map(|(at, weight)| (turn.map(|row| (0..3).map(|k| row[k] * at[k]).sum()), weight))
                .collect();
            response = convolved(View::new(image.dims(), &response), &turned, filters.padding);
        }
        responses.push(response);
    }
    let pool = |a: f64, b: f64| match filters.rotation {
        Rotation::Max => a.max(b),
        Rotation::Min => a.min(b),
        _ => a + b,
    };
    let count = if filters.rotation == Rotation::Average { turns.len() as f64 } else { 1.0 };
    let pooled = responses.into_iter().reduce(|a, b| a.iter().zip(b).map(|(a, b)| pool(*a, b)).collect());
    pooled.expect("a rotation").into_iter().map(|x| x / count).collect()
}

fn of(kernels: &[&[f64]], maps: &[[usize; 3]], axes: usize, rotation: Rotation, padding: Padding) -> Separable {
    let stages = kernels.iter().map(|weights| Stages(vec![Kernel::new(weights)])).collect();
    Separable { stages, maps: maps.to_vec(), axes, rotation, padding }
}

#[test]
fn there_are_24_rotations_of_a_volume_and_4_of_a_slice() {
    assert_eq!((turns(&[0, 1, 2]).len(), turns(&[2]).len()), (24, 4));
}

#[test]
fn filters_of_any_symmetry_are_what_the_definition_says() {
    // Even, odd, neither; of even length; of several.
    let kernels: [&[f64]; 5] =
        [&[1.0], &[1.0, 3.0, 1.0], &[-1.0, -2.0, 0.0, 2.0, 1.0], &[0.3, 1.0, -0.4], &[0.5, -1.0]];
    let maps = [[1, 2, 3], [3, 3, 3], [2, 2, 2], [3, 4, 3], [2, 1, 2]];
    let dims = [6, 5, 7];
    let image = noise(dims);
    let image = View::new(dims, &image);
    for rotation in ROTATIONS {
        for padding in PADDINGS {
            for (axes, maps) in [(3, &maps[..]), (2, &[[1, 2, 0], [3, 4, 0], [2, 2, 0]][..])] {
                let filters = of(&kernels, maps, axes, rotation, padding);
                let found = filters.bank(dims).apply(image, &Serial);
                for (map, found) in found.iter().enumerate() {
                    let far = furthest(found, &slow(image, &filters, map));
                    assert!(far < 1e-9, "{axes}D {rotation:?} {padding:?} map {map}: off by {far}");
                }
            }
        }
    }
}

#[test]
fn wavelets_of_two_levels_are_what_the_definition_says_on_any_shape() {
    for dims in [[5, 4, 6], [1, 1, 1], [2, 1, 9]] {
        let image = noise(dims);
        let image = View::new(dims, &image);
        for name in ["haar", "db2"] {
            let wavelet = Wavelet::named(name).expect("a wavelet");
            for (rotation, padding) in ROTATIONS.into_iter().zip(PADDINGS).chain([(Rotation::Average, Padding::Mirror)])
            {
                let bands = ["LHL", "HHH"].map(|letters| Band { letters: letters.into(), level: 2 });
                let filters = wavelets::separable(&wavelet, &bands, 3, rotation, padding).expect("bands");
                let found = filters.bank(dims).apply(image, &Serial);
                for (map, found) in found.iter().enumerate() {
                    let far = furthest(found, &slow(image, &filters, map));
                    assert!(far < 1e-9, "{dims:?} {name} {rotation:?} {padding:?} map {map}: off by {far}");
                }
            }
        }
    }
}

/// What a filter makes of an image.
type Filter<'a> = dyn Fn(View<f64>, &dyn Executor) -> Vec<Vec<f64>> + 'a;

/// Checks that the response inside each of some boxes has the bits that filtering the whole scan gives.
pub(super) fn boxes_agree(dims: [usize; 3], margin: [usize; 3], what: &str, apply: &Filter<'_>) {
    let voxels = noise(dims);
    let image = View::new(dims, &voxels);
    let whole = apply(image, &Serial);
    assert!(whole == apply(image, &Backwards), "{what}: the order of the chunks");
    let [x, y, z] = dims;
    for region in [
        [[x / 2, y / 2, z / 2], [x / 2 + 2, y / 2 + 3, z / 2 + 1]],
        [[0, 0, 0], [2, 3, 1]],
        [[x - 2, 1, z - 3], [x, y, z]],
        [[3, 2, 1], [4, 3, 2]],
    ] {
        let region = IndexBox { start: region[0], end: region[1] };
        let part = region.grown(margin, dims);
        let local = |at: [usize; 3]| std::array::from_fn(|a| at[a] - part.start[a]);
        let local = IndexBox { start: local(region.start), end: local(region.end) };
        let inside = apply(View::new(part.dims(), &crop(image, part)), &Serial);
        for (map, (whole, inside)) in whole.iter().zip(&inside).enumerate() {
            let bits = |response: &[f64], dims, part| {
                crop(View::new(dims, response), part).into_iter().map(f64::to_bits).collect::<Vec<_>>()
            };
            assert_eq!(bits(whole, dims, region), bits(inside, part.dims(), local), "{what} {region:?} map {map}");
        }
    }
}

#[test]
fn a_box_with_its_margin_gives_the_bits_of_the_whole_scan() {
    let dims = [21, 18, 16];
    for padding in PADDINGS {
        for rotation in ROTATIONS {
            let what = format!("{padding:?} {rotation:?}");
            for (names, axes) in [(&["E5L5S5", "E3W5R5"][..], 3), (&["L5S5"], 2)] {
                for energy in [None, Some(2)] {
                    let laws = Laws::new(names, axes, rotation, padding, energy).expect("kernels");
                    boxes_agree(dims, laws.margin(dims), &what, &|image, executor| laws.apply(image, executor));
                }
            }
            let wavelet = Wavelet::named("db2").expect("a wavelet");
            let bands = [("LHL", 1), ("HHH", 2)].map(|(letters, level)| Band { letters: letters.into(), level });
            let filters = wavelets::separable(&wavelet, &bands, 3, rotation, padding).expect("bands");
            boxes_agree(dims, filters.margin(dims), &what, &|image, executor| {
                filters.bank(image.dims()).apply(image, executor)
            });
        }
    }
}

#[test]
fn a_slice_does_not_feel_its_neighbours_in_2d() {
    let image = noise([10, 9, 3]);
    let laws = Laws::new(&["L5E5"], 2, Rotation::Max, Padding::Mirror, Some(3)).expect("a kernel");
    let run = |dims, voxels: &[f64]| laws.apply(View::new(dims, voxels), &Serial).swap_remove(0);
    assert_eq!(run([10, 9, 3], &image)[90..180], run([10, 9, 1], &image[90..180]));
}

#[test]
fn laws_kernels_have_unit_length_and_their_symmetry() {
    for name in laws::names() {
        let kernel = laws::kernel(name).expect("a kernel");
        let length: f64 = kernel.weights().iter().map(|w| w * w).sum();
        assert!((length - 1.0).abs() < 1e-15, "{name}");
        let sign = if name.starts_with(['E', 'W']) { -1.0 } else { 1.0 };
        assert!(kernel.weights().iter().zip(kernel.reversed().weights()).all(|(a, b)| *a == sign * b), "{name}");
    }
    for wrong in ["L5", "L5E5S5R5", "L5E5X5", "", "L5E5é"] {
        assert_eq!(
            Laws::new(&[wrong], 3, Rotation::None, Padding::Mirror, None).map_err(|unknown| unknown.name),
            Err(wrong.into())
        );
    }
}

#[test]
fn wavelets_are_orthonormal_and_blind_to_what_is_smooth() {
    let mut seen = 0;
    for name in wavelets::names() {
        seen += 1;
        let Wavelet { low, high } = Wavelet::named(name).expect("a wavelet");
        let n = low.len();
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        for shift in (0..n).step_by(2) {
            let (expected, slack) = (if shift == 0 { 1.0 } else { 0.0 }, 2e-11);
            assert!((dot(&low[shift..], &low) - expected).abs() < slack, "{name} {shift}");
            assert!((dot(&high[shift..], &high) - expected).abs() < slack, "{name} {shift}");
            assert!(
                dot(&low[shift..], &high).abs() < slack && dot(&high[shift..], &low).abs() < slack,
                "{name} {shift}"
            );
        }
        assert!((low.iter().sum::<f64>() - std::f64::consts::SQRT_2).abs() < 1e-11, "{name}");
        // As many moments vanish as half the weights, a third of a coiflet's.
        let order = if name.starts_with("coif") { n / 3 } else { n / 2 };
        for moment in 0..order.min(4) {
            let sum: f64 = high.iter().enumerate().map(|(k, w)| (k as f64 / n as f64).powi(moment as i32) * w).sum();
            assert!(sum.abs() < 1e-9, "{name}: moment {moment} is {sum}");
        }
    }
    assert_eq!(seen, 38 + 19 + 17 + 1);
    assert_eq!(Wavelet::named("db39"), None);
    assert_eq!(wavelets::bands(2), ["LL", "LH", "HL", "HH"]);
}

#[test]
fn images_without_voxels_have_no_response() {
    let laws = Laws::new(&["E5L5S5"], 3, Rotation::Max, Padding::Periodic, Some(3)).expect("a kernel");
    for dims in [[0, 3, 2], [3, 0, 2], [3, 2, 0]] {
        assert!(laws.apply(View::new(dims, &[]), &Serial)[0].is_empty());
    }
}
