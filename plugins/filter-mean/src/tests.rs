//! The mean against a slow one, and what must hold for every filter.

use voxomics_imaging::{Executor, IndexBox, Serial, View, mask::crop};

use crate::{Padding, mean, mean_in};

const PADDINGS: [Padding; 4] = [Padding::Mirror, Padding::Nearest, Padding::Zero, Padding::Periodic];

/// Runs the chunks on three threads, the last one first.
struct Backwards;

impl Executor for Backwards {
    fn for_each(&self, count: usize, chunk: &(dyn Fn(usize) + Sync)) {
        std::thread::scope(|scope| {
            for thread in 0..3 {
                scope.spawn(move || (0..count).rev().filter(|i| i % 3 == thread).for_each(chunk));
            }
        });
    }
}

/// Numbers that look random, with fractions, from −1000 to 1000.
fn noise(count: usize) -> Vec<f64> {
    let mut state = 7_u64;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64 * 2000.0 - 1000.0
    };
    (0..count).map(next).collect()
}

/// The definition, voxel by voxel.
fn slow(image: View<f64>, radius: [usize; 3], padding: Padding) -> Vec<f64> {
    let [nx, ny, nz] = image.dims();
    let sources: [_; 3] = std::array::from_fn(|axis| padding.sources(image.dims()[axis], radius[axis]));
    let mut out = Vec::new();
    for (z, y, x) in (0..nz).flat_map(|z| (0..ny).flat_map(move |y| (0..nx).map(move |x| (z, y, x)))) {
        let (mut sum, mut count) = (0.0, 0.0);
        for k in 0..=2 * radius[2] {
            for j in 0..=2 * radius[1] {
                for i in 0..=2 * radius[0] {
                    count += 1.0;
                    if let (Some(x), Some(y), Some(z)) = (sources[0][x + i], sources[1][y + j], sources[2][z + k]) {
                        sum += image.at([x, y, z]);
                    }
                }
            }
        }
        out.push(sum / count);
    }
    out
}

#[test]
fn it_is_what_the_definition_says_on_any_shape() {
    for dims in [[9, 7, 5], [1, 1, 1], [6, 1, 1], [1, 5, 1], [1, 1, 4], [3, 1, 4], [2, 2, 2]] {
        let voxels = noise(dims.iter().product());
        let image = View::new(dims, &voxels);
        for padding in PADDINGS {
            for radius in [[0; 3], [1; 3], [2, 2, 0], [3, 1, 2], [5; 3]] {
                let (found, expected) = (mean(image, radius, padding, &Serial), slow(image, radius, padding));
                let far = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                assert!(far < 1e-10, "{dims:?} {radius:?} {padding:?}: off by {far}");
            }
        }
    }
}

#[test]
fn whole_numbers_are_summed_exactly() {
    let dims = [30, 4, 3];
    let voxels: Vec<f64> = noise(360).iter().map(|x| (x * 4e9).round()).collect();
    let image = View::new(dims, &voxels);
    for padding in PADDINGS {
        assert_eq!(mean(image, [4, 2, 1], padding, &Serial), slow(image, [4, 2, 1], padding));
    }
}

#[test]
fn a_flat_image_stays_flat_to_the_last_bit() {
    for padding in [Padding::Mirror, Padding::Nearest] {
        let response = mean(View::new([8, 6, 5], &[-1024.0; 240]), [2; 3], padding, &Serial);
        assert!(response.iter().all(|x| *x == -1024.0));
    }
}

#[test]
fn a_box_with_its_margin_gives_the_bits_of_the_whole_scan() {
    let dims = [20, 17, 14];
    let voxels = noise(dims.iter().product());
    let image = View::new(dims, &voxels);
    for radius in [[1; 3], [2, 3, 1], [3, 3, 0]] {
        for region in [[[8, 7, 6], [12, 9, 8]], [[0, 0, 0], [2, 3, 1]], [[18, 1, 5], [20, 17, 14]]] {
            let region = IndexBox { start: region[0], end: region[1] };
            for padding in PADDINGS {
                let part = region.grown([0, 1, 2].map(|axis| padding.margin(radius[axis], dims[axis])), dims);
                let local = region.within(part);
                let cropped = crop(image, part);
                let whole = mean(image, radius, padding, &Serial);
                let inside = mean(View::new(part.dims(), &cropped), radius, padding, &Serial);
                let bits = |response: &[f64], dims, part| {
                    crop(View::new(dims, response), part).into_iter().map(f64::to_bits).collect::<Vec<_>>()
                };
                assert_eq!(bits(&whole, dims, region), bits(&inside, part.dims(), local), "{radius:?} {padding:?}");
                // Nor does it cost more than that of the region.
                let wanted = mean_in(View::new(part.dims(), &cropped), local, radius, padding, &Serial);
                assert_eq!(bits(&whole, dims, region), bits(&wanted, region.dims(), IndexBox::whole(region.dims())));
            }
        }
    }
}

#[test]
fn the_order_of_the_chunks_does_not_matter() {
    let dims = [80, 90, 40];
    let voxels = noise(dims.iter().product());
    let image = View::new(dims, &voxels);
    let run = |executor: &dyn Executor| mean(image, [2; 3], Padding::Mirror, executor);
    assert!(run(&Serial) == run(&Backwards));
}

#[test]
fn a_mirrored_image_has_the_mirrored_response_to_the_last_bit() {
    let dims = [11, 4, 3];
    let voxels = noise(132);
    let mirrored = |voxels: &[f64]| voxels.chunks(11).flat_map(|row| row.iter().rev().copied()).collect::<Vec<_>>();
    for padding in PADDINGS {
        let run = |voxels: &[f64]| mean(View::new(dims, voxels), [3, 1, 1], padding, &Serial);
        assert_eq!(mirrored(&run(&voxels)), run(&mirrored(&voxels)));
    }
}

#[test]
fn an_image_without_voxels_has_no_response() {
    assert!(mean(View::new([0, 3, 2], &[]), [2; 3], Padding::Mirror, &Serial).is_empty());
    assert!(mean(View::new([3, 2, 0], &[]), [2; 3], Padding::Zero, &Serial).is_empty());
}
