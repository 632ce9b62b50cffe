//! The scanners: what differs from one to the next, and what the tube voltage changes.

use rand::{Rng, RngExt};

/// A scanner with its protocol.
pub(crate) struct Scanner {
    pub(crate) name: &'static str,
    /// Distance of voxels in the plane, mm.
    pub(crate) plane_mm: f64,
    /// Distance of slices, mm.
    pub(crate) slice_mm: f64,
    /// Kernel of the noise along x and y; negative outer weights: a sharp reconstruction.
    pub(crate) noise_kernel: &'static [f32],
    /// Blur of edges in the plane: weight of a neighbour.
    pub(crate) blur: f32,
    /// Standard deviation of the noise at 120 kV, HU.
    pub(crate) noise_hu: f64,
    /// Error of its calibration, HU.
    pub(crate) shift_hu: f64,
    /// How often it runs at each of [`VOLTAGES`].
    voltages: [f64; 4],
}

pub(crate) const SCANNERS: [Scanner; 5] = [
    Scanner {
        name: "scanner A",
        plane_mm: 0.90,
        slice_mm: 2.5,
        noise_kernel: &[0.5, 1.0, 0.5],
        blur: 0.16,
        noise_hu: 10.0,
        shift_hu: 0.0,
        voltages: [0.05, 0.35, 0.60, 0.00],
    },
    Scanner {
        name: "scanner B",
        plane_mm: 0.82,
        slice_mm: 2.0,
        noise_kernel: &[-0.25, 1.0, -0.25],
        blur: 0.08,
        noise_hu: 14.0,
        shift_hu: 4.0,
        voltages: [0.15, 0.50, 0.35, 0.00],
    },
    Scanner {
        name: "scanner C",
        plane_mm: 0.98,
        slice_mm: 3.0,
        noise_kernel: &[0.3, 0.7, 1.0, 0.7, 0.3],
        blur: 0.22,
        noise_hu: 8.0,
        shift_hu: -5.0,
        voltages: [0.00, 0.05, 0.75, 0.20],
    },
    Scanner {
        name: "scanner D",
        plane_mm: 0.86,
        slice_mm: 2.5,
        noise_kernel: &[0.2, 1.0, 0.2],
        blur: 0.12,
        noise_hu: 12.0,
        shift_hu: -2.0,
        voltages: [0.00, 0.20, 0.70, 0.10],
    },
    Scanner {
        name: "scanner E",
        plane_mm: 0.94,
        slice_mm: 3.0,
        noise_kernel: &[1.0],
        blur: 0.10,
        noise_hu: 11.0,
        shift_hu: 6.0,
        voltages: [0.00, 0.00, 0.60, 0.40],
    },
];

/// A tube voltage.
pub(crate) struct Voltage {
    pub(crate) kvp: u32,
    /// What iodine's enhancement is multiplied by: it is stronger at low energies.
    pub(crate) contrast: f64,
    /// What the noise is multiplied by.
    pub(crate) noise: f64,
    /// What everything but air shifts by, HU.
    pub(crate) shift_hu: f64,
}

pub(crate) const VOLTAGES: [Voltage; 4] = [
    Voltage { kvp: 80, contrast: 1.5, noise: 1.30, shift_hu: -4.0 },
    Voltage { kvp: 100, contrast: 1.2, noise: 1.12, shift_hu: -2.0 },
    Voltage { kvp: 120, contrast: 1.0, noise: 1.00, shift_hu: 0.0 },
    Voltage { kvp: 140, contrast: 0.88, noise: 0.94, shift_hu: 1.0 },
];

impl Scanner {
    /// Draws a tube voltage: an index into [`VOLTAGES`].
    pub(crate) fn voltage(&self, rng: &mut impl Rng) -> usize {
        weighted(&self.voltages, rng)
    }
}

/// Draws an index with a probability in proportion to its weight; consumes one number.
pub(crate) fn weighted(weights: &[f64], rng: &mut impl Rng) -> usize {
    let mut place = rng.random::<f64>() * weights.iter().sum::<f64>();
    let mut last = 0;
    for (index, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        last = index;
        if place < weight {
            break;
        }
        place -= weight;
    }
    last
}
