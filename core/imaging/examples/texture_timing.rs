//! Times the texture matrices on a ball of four million voxels and on a small one, with two threads.
//!
//! `cargo run --release -p voxomics-imaging --example texture_timing`

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use voxomics_imaging::texture::{Aggregation, Kind, Norm, Request, Weighting, build};
use voxomics_imaging::{Executor, View};

struct Threads(usize);

impl Executor for Threads {
    fn for_each(&self, count: usize, chunk: &(dyn Fn(usize) + Sync)) {
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..self.0.min(count) {
                scope.spawn(|| {
                    loop {
                        let i = next.fetch_add(1, Ordering::Relaxed);
                        if i >= count {
                            break;
                        }
                        chunk(i);
                    }
                });
            }
        });
    }
}

const LEVELS: u32 = 64;

/// A number in [0, 1) for each lattice point.
fn noise(x: usize, y: usize, z: usize) -> f64 {
    let mut hash = (x as u64) << 40 ^ (y as u64) << 20 ^ z as u64;
    for _ in 0..3 {
        hash = (hash ^ hash >> 31).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    (hash >> 11) as f64 / (1u64 << 53) as f64
}

/// Noise between the points of a lattice of `cell` voxels, interpolated linearly.
fn smooth(index: [usize; 3], cell: usize) -> f64 {
    let low = index.map(|i| i / cell);
    let part = index.map(|i| (i % cell) as f64 / cell as f64);
    (0..8)
        .map(|corner| {
            let step: [usize; 3] = std::array::from_fn(|axis| corner >> axis & 1);
            let weight: f64 = (0..3).map(|a| if step[a] == 1 { part[a] } else { 1.0 - part[a] }).product();
            weight * noise(low[0] + step[0], low[1] + step[1], low[2] + step[2])
        })
        .sum()
}

/// A ball in its box, in levels of smooth noise; 0 outside.
fn ball(radius: f64) -> (usize, Vec<u16>) {
    let half = radius.floor() as usize;
    let side = 2 * half + 1;
    let mut levels = Vec::with_capacity(side * side * side);
    for z in 0..side {
        for y in 0..side {
            for x in 0..side {
                let squares = [x, y, z].map(|i| (i as f64 - half as f64).powi(2));
                let inside = squares.iter().sum::<f64>() <= radius * radius;
                let level = 1 + (smooth([x, y, z], 8) * f64::from(LEVELS)) as u16;
                levels.push(if inside { level.min(LEVELS as u16) } else { 0 });
            }
        }
    }
    (side, levels)
}

fn requests(kinds: &[Kind], directional: Aggregation, other: Aggregation) -> Vec<Request> {
    let request = |&kind: &Kind| Request {
        kind,
        aggregation: if kind.is_directional() { directional } else { other },
        distance: 1,
        norm: Norm::Chebyshev,
        weighting: Weighting::None,
        coarseness: 0,
    };
    kinds.iter().map(request).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    use Kind::{Glcm, Gldzm, Glrlm, Glszm, Ngldm, Ngtdm};
    let groups: [&[Kind]; 10] = [
        &[Glcm],
        &[Glrlm],
        &[Glcm, Glrlm],
        &[Glszm],
        &[Gldzm],
        &[Glszm, Gldzm],
        &[Ngtdm],
        &[Ngldm],
        &[Ngtdm, Ngldm],
        &[Glcm, Glrlm, Glszm, Gldzm, Ngtdm, Ngldm],
    ];
    for radius in [98.5, 31.0] {
        let (side, levels) = ball(radius);
        let mask: Vec<u8> = levels.iter().map(|&level| u8::from(level != 0)).collect();
        let voxels = mask.iter().filter(|&&inside| inside != 0).count();
        let (levels, mask) = (View::new([side; 3], &levels), View::new([side; 3], &mask));
        for (name, directional, other) in [
            ("3D merged", Aggregation::Merged3D, Aggregation::Volume3D),
            ("2D averaged", Aggregation::Averaged2D, Aggregation::PerSlice2D),
        ] {
            println!("{voxels} voxels, {name}, two threads / one thread");
            for kinds in groups {
                let requests = requests(kinds, directional, other);
                let time = |executor: &dyn Executor| -> Result<Duration, Box<dyn std::error::Error>> {
                    let mut best = Duration::MAX;
                    for _ in 0..5 {
                        let start = Instant::now();
                        build(&requests, levels, LEVELS, Some(mask), executor)?;
                        best = best.min(start.elapsed());
                    }
                    Ok(best)
                };
                println!("{:>8.2?} / {:>8.2?}  {kinds:?}", time(&Threads(2))?, time(&Threads(1))?);
            }
        }
    }
    Ok(())
}
