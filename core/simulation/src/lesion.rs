//! A lesion in a scan: its shape, its texture, its rim, and the contour that somebody drew.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::{
    anatomy::{AIR, QUARTERS},
    field::Field,
    frame::Frame,
    person::{Lesion, Location, normal},
    truth,
};

/// Largest ratio of a half axis, and of a wave of the surface, to the radius.
const STRETCH: f64 = 1.25;
const WAVE: f64 = 0.12;
/// The waves are cut off at so many standard deviations.
const WAVE_LIMIT: f64 = 2.0;
/// The rim is painted out to so many of its depths.
const RIM_DEPTHS: f64 = 4.0;

/// A lesion's place and shape.
struct Shape {
    /// The voxel in its middle.
    centre: [usize; 3],
    radius_mm: f64,
    /// Ratio of the half axes to the radius; their product is 1 before they are cut to [`STRETCH`].
    axes: [f64; 3],
    /// Cosine and sine of its turn in the plane.
    turn: (f64, f64),
    /// How far outside the true surface the contour was drawn, mm.
    contour_mm: f64,
}

/// Where a lesion lies in a scan, and how it is marked there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed {
    /// The quarter of the body.
    pub(crate) quarter: usize,
    /// The label of its voxels.
    pub(crate) label: u8,
    /// How far along x it lies from its place, mm.
    pub(crate) shift_mm: f64,
    /// The volume that its place is drawn for, mL: a lesion that grows stays where it is.
    pub(crate) room_ml: f64,
}

impl Placed {
    /// The only lesion of its quarter, at one time.
    pub(crate) fn alone(lesion: &Lesion, quarter: usize) -> Self {
        Self { quarter, label: quarter as u8 + 1, shift_mm: 0.0, room_ml: lesion.volume_ml }
    }
}

/// Paints a lesion into the HU and its label into the mask; `contrast` is the enhancement relative to 120 kV and a usual phase.
pub(crate) fn paint(
    lesion: &Lesion,
    placed: Placed,
    frame: &Frame,
    contrast: f64,
    hu: &mut Field,
    mask: &mut [u8],
    rng: &mut ChaCha8Rng,
) {
    let shape = Shape::draw(lesion, placed, frame, rng);
    let inside = Inside::draw(lesion, contrast, rng);
    let (low, dims) = shape.region(frame);
    let spacing = frame.spacing_mm;
    let sigma = |mm: f64| spacing.map(|spacing| (mm / spacing) as f32);
    let waves = Field::smooth(dims, sigma(0.45 * shape.radius_mm), rng);
    let texture = Field::smooth(dims, sigma(lesion.length_mm), rng);
    let label = placed.label;
    let rim = contrast * lesion.rim_hu;
    let rim_outside = if lesion.location == Location::Lung { truth::RIM_IN_LUNG * rim } else { rim };
    let mut index = 0;
    for z in 0..dims[2] {
        for y in 0..dims[1] {
            let row = ((low[2] + z) * frame.dims[1] + low[1] + y) * frame.dims[0] + low[0];
            for x in 0..dims[0] {
                let (wave, grain, voxel) = (f64::from(waves.values[index]), texture.values[index], row + x);
                index += 1;
                let distance = shape.distance([low[0] + x, low[1] + y, low[2] + z], wave, spacing);
                if distance > RIM_DEPTHS * truth::RIM_OUTSIDE_MM || (mask[voxel] != 0 && mask[voxel] != label) {
                    continue;
                }
                if distance <= shape.contour_mm {
                    mask[voxel] = label;
                }
                if distance <= 0.0 {
                    let rim = rim * (distance / truth::RIM_INSIDE_MM).exp();
                    hu.values[voxel] = (inside.hu(distance, shape.radius_mm) + rim) as f32 + inside.texture_hu * grain;
                } else if hu.values[voxel] > AIR {
                    hu.values[voxel] += (rim_outside * (-distance / truth::RIM_OUTSIDE_MM).exp()) as f32;
                }
            }
        }
    }
}

/// The radius of a ball of a volume.
pub(crate) fn radius_mm(volume_ml: f64) -> f64 {
    (volume_ml * 1000.0 * 3.0 / (4.0 * std::f64::consts::PI)).cbrt()
}

impl Shape {
    fn draw(lesion: &Lesion, placed: Placed, frame: &Frame, rng: &mut ChaCha8Rng) -> Self {
        let radius_mm = radius_mm(lesion.volume_ml);
        let stretch = [normal(rng), normal(rng), normal(rng)].map(|chance| 0.13 * chance);
        let mean = stretch.iter().sum::<f64>() / 3.0;
        let axes = stretch.map(|log| (log - mean).exp().clamp(1.0 / STRETCH, STRETCH));
        let turn = (rng.random::<f64>() * std::f64::consts::PI).sin_cos();
        // Room that is left along the body once the lesion and its rim are in.
        let height = frame.dims[2] as f64 * frame.spacing_mm[2];
        let room = (height / 2.0 - 1.2 * self::radius_mm(placed.room_ml) - 6.0).max(0.0);
        let [x, y] = QUARTERS[placed.quarter];
        let shift = [placed.shift_mm, 0.0, 0.0];
        let middle = [x, y, 0.0];
        let play = [2.0, 2.0, room];
        let centre = std::array::from_fn(|axis| {
            let mm = middle[axis] + play[axis] * (2.0 * rng.random::<f64>() - 1.0) + shift[axis];
            let index = mm / frame.spacing_mm[axis] + frame.dims[axis] as f64 / 2.0;
            (index.max(0.0) as usize).min(frame.dims[axis] - 1)
        });
        let contour_mm = (0.25 * normal(rng)).clamp(-0.6, 0.6);
        Self { centre, radius_mm, axes, turn: (turn.1, turn.0), contour_mm }
    }

    /// The box of voxels that the lesion and its rim can reach: its lowest voxel and its dimensions.
    fn region(&self, frame: &Frame) -> ([usize; 3], [usize; 3]) {
        let reach = self.radius_mm * STRETCH * (1.0 + WAVE * WAVE_LIMIT) + RIM_DEPTHS * truth::RIM_OUTSIDE_MM;
        let voxels = frame.spacing_mm.map(|mm| (reach / mm).ceil() as usize);
        let low = std::array::from_fn(|axis| self.centre[axis].saturating_sub(voxels[axis]));
        let dims = std::array::from_fn(|axis| (self.centre[axis] + voxels[axis] + 1).min(frame.dims[axis]) - low[axis]);
        (low, dims)
    }

    /// Distance of a voxel from the surface along the line to the middle, mm, negative inside.
    fn distance(&self, voxel: [usize; 3], wave: f64, spacing_mm: [f64; 3]) -> f64 {
        let from = |axis: usize| (voxel[axis] as f64 - self.centre[axis] as f64) * spacing_mm[axis];
        let (x, y, z) = (from(0), from(1), from(2));
        let (cosine, sine) = self.turn;
        let turned = [cosine * x + sine * y, cosine * y - sine * x, z];
        let scaled: f64 = (0..3).map(|axis| (turned[axis] / self.axes[axis]).powi(2)).sum::<f64>().sqrt();
        let surface = self.radius_mm * (1.0 + WAVE * wave.clamp(-WAVE_LIMIT, WAVE_LIMIT));
        if scaled == 0.0 {
            return -surface;
        }
        (x * x + y * y + z * z).sqrt() * (1.0 - surface / scaled)
    }
}

/// HU inside a lesion, apart from its rim.
struct Inside {
    mean_hu: f64,
    texture_hu: f32,
    /// How much lower its core is, HU.
    core_hu: f64,
}

impl Inside {
    fn draw(lesion: &Lesion, contrast: f64, rng: &mut ChaCha8Rng) -> Self {
        let (plain, enhancement) = match lesion.location {
            Location::HeadAndNeck => (42.0, 38.0),
            Location::Lung => (36.0, 30.0),
            Location::LiverOrAbdomen => (44.0, 20.0),
            Location::LymphNode => (40.0, 34.0),
            Location::Other => (42.0, 30.0),
        };
        let enhancement = enhancement * (0.25 * normal(rng)).exp();
        let necrotic = rng.random::<f64>() < 0.35;
        let core = 12.0 + 20.0 * rng.random::<f64>();
        Self {
            mean_hu: plain + 4.0 * normal(rng) + contrast * enhancement,
            texture_hu: (contrast * lesion.texture_hu) as f32,
            core_hu: if necrotic && lesion.volume_ml > 8.0 { core } else { 0.0 },
        }
    }

    fn hu(&self, distance: f64, radius_mm: f64) -> f64 {
        // From half of the radius on, over a quarter of it.
        let deep = ((-distance / radius_mm - 0.5) / 0.25).clamp(0.0, 1.0);
        self.mean_hu - self.core_hu * deep
    }
}
