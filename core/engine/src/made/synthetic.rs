//! A synthetic CT: lung, soft tissue, a rib, and a lesion whose texture differs from one to the next.
//!
//! It resembles a CT only so far that windows, bins and rings of usual settings make sense on it.

use super::Made;

const DIMS: [usize; 3] = [96, 96, 40];
const SPACING_MM: [f64; 3] = [0.8, 0.8, 2.5];

/// HU of what is in it.
const LUNG: f64 = -850.0;
const SOFT_TISSUE: f64 = 45.0;
const BONE: f64 = 650.0;
const LESION: f64 = 60.0;

/// The `number`-th synthetic CT, from 1; the same number is the same scan for ever.
pub(super) fn make(number: u32) -> Made {
    let [nx, ny, nz] = DIMS;
    let (mut image, mut mask) = (Vec::with_capacity(nx * ny * nz), Vec::with_capacity(nx * ny * nz));
    let coarse = Noise { seed: u64::from(number), cell: 5.0 };
    let fine = Noise { seed: u64::from(number) + 1000, cell: 1.0 };
    let radius = 10.0 + 2.0 * f64::from(number);
    for z in 0..nz {
        for y in 0..ny {
            for x in 0..nx {
                let index = [x, y, z];
                // Patient coordinates in mm, from the middle of the scan.
                let mm: [f64; 3] = std::array::from_fn(|axis| {
                    (index[axis] as f64 - (DIMS[axis] as f64 - 1.0) / 2.0) * SPACING_MM[axis]
                });
                // An ellipsoid with a rough edge.
                let [ax, ay, az] = [mm[0] / 1.1, mm[1], mm[2] / 0.9];
                let distance = (ax * ax + ay * ay + az * az).sqrt() + 1.5 * coarse.at(mm);
                let lesion = distance <= radius;
                let rib = (mm[0] * mm[0] + (mm[1] - 60.0).powi(2)).sqrt();
                let hu = if lesion {
                    LESION + (20.0 + 15.0 * f64::from(number)) * coarse.at(mm)
                } else if (30.0..34.0).contains(&rib) {
                    BONE
                } else if mm[0] < -6.0 {
                    LUNG + 40.0 * coarse.at(mm)
                } else {
                    SOFT_TISSUE
                };
                image.push((hu + 12.0 * fine.at(mm)).round() as i16);
                mask.push(u8::from(lesion));
            }
        }
    }
    Made { name: format!("synthetic-ct-{number}"), dims: DIMS, spacing_mm: SPACING_MM, image, mask, modality: "CT" }
}

/// Smooth noise of about −1 … 1: random values on a lattice, interpolated linearly.
struct Noise {
    seed: u64,
    /// Distance of the lattice's points, mm.
    cell: f64,
}

impl Noise {
    fn at(&self, mm: [f64; 3]) -> f64 {
        let place = mm.map(|x| x / self.cell);
        let base = place.map(f64::floor);
        let mut sum = 0.0;
        for corner in 0..8 {
            let mut weight = 1.0;
            let point: [i64; 3] = std::array::from_fn(|axis| {
                let upper = corner >> axis & 1 == 1;
                let fraction = place[axis] - base[axis];
                weight *= if upper { fraction } else { 1.0 - fraction };
                base[axis] as i64 + i64::from(upper)
            });
            sum += weight * self.value(point);
        }
        sum
    }

    /// A random value of a lattice point in −1 … 1 (the mixing of SplitMix64).
    fn value(&self, point: [i64; 3]) -> f64 {
        let mut state = self.seed;
        for coordinate in point {
            state = (state ^ coordinate as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
            state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            state ^= state >> 31;
        }
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}
