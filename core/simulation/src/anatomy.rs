//! The body around the lesions: four quarters with an organ each, a spine between them, ribs, fat and skin.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::{
    field::{Field, Lattice},
    frame::Frame,
    person::{LOCATIONS, Location},
};

/// Half the body's width and depth, mm.
const HALF_MM: f32 = 62.0;
/// HU of air; it is where no kVp and no contrast agent changes anything.
pub(crate) const AIR: f32 = -1000.0;

/// Middle of each quarter in the plane, mm from the scan's.
pub(crate) const QUARTERS: [[f64; 2]; 4] = [[-30.0, -30.0], [30.0, -30.0], [-30.0, 30.0], [30.0, 30.0]];

/// The organs of the four quarters: those of the lesions first, then any.
pub(crate) fn layout(lesions: impl Iterator<Item = Location>, rng: &mut ChaCha8Rng) -> [Location; 4] {
    let mut organs = [0; 4].map(|_: u8| LOCATIONS[rng.random_range(0..LOCATIONS.len() as u32) as usize]);
    organs.iter_mut().zip(lesions).for_each(|(organ, lesion)| *organ = lesion);
    organs
}

/// Paints the body into a field of HU, without noise.
pub(crate) fn body(frame: &Frame, organs: &[Location; 4], contrast: f32, rng: &mut ChaCha8Rng) -> Field {
    let extent: [f32; 3] = std::array::from_fn(|axis| (frame.dims[axis] as f64 * frame.spacing_mm[axis]) as f32);
    let lattices = [18.0, 7.0, 7.0].map(|cell_mm| Lattice::new(extent, cell_mm, rng));
    let [nx, ny, nz] = frame.dims;
    let [sx, sy, sz] = frame.spacing_mm.map(|mm| mm as f32);
    let mut values = vec![0.0; nx * ny * nz];
    let mut line = Vec::new();
    let mut waves = [vec![0.0; nx], vec![0.0; nx], vec![0.0; nx]];
    for (index, row) in values.chunks_exact_mut(nx.max(1)).enumerate() {
        let (y, z) = ((index % ny) as f32 * sy, (index / ny) as f32 * sz);
        for (lattice, wave) in lattices.iter().zip(&mut waves) {
            lattice.row(y, z, sx, &mut line, wave);
        }
        for (x, value) in row.iter_mut().enumerate() {
            let place = [x as f32 * sx - extent[0] / 2.0, y - extent[1] / 2.0, z];
            *value = tissue(place, [waves[0][x], waves[1][x], waves[2][x]], organs, contrast);
        }
    }
    Field { dims: frame.dims, values }
}

/// HU at a place (mm from the middle in the plane), with three slowly varying fields that bend borders and vary tissue.
fn tissue([x, y, z]: [f32; 3], [bend, vary, other]: [f32; 3], organs: &[Location; 4], contrast: f32) -> f32 {
    let power = |a: f32| (a / HALF_MM) * (a / HALF_MM) * (a / HALF_MM) * (a / HALF_MM);
    let depth = HALF_MM * (1.0 - (power(x) + power(y)).sqrt().sqrt()) + 0.8 * bend;
    let muscle = 48.0 + 12.0 * contrast + 3.0 * vary;
    let fat = -100.0 + 8.0 * vary;
    if depth < 0.0 {
        AIR
    } else if depth < 1.5 {
        20.0
    } else if depth < 6.0 {
        fat
    } else if depth < 9.0 {
        let rib = ((z + 0.3 * x) / 24.0).rem_euclid(1.0) < 0.35;
        if rib { 420.0 + 60.0 * vary } else { muscle }
    } else if x * x + y * y < 81.0 {
        260.0 + 50.0 * vary
    } else {
        let (bent_x, bent_y) = (x + 2.0 * bend, y + 2.0 * bend);
        if bent_x.abs() < 2.0 || bent_y.abs() < 2.0 {
            return muscle;
        }
        let quarter = usize::from(bent_x > 0.0) + 2 * usize::from(bent_y > 0.0);
        // Where two independent fields are both near 0 there are lines through space: vessels.
        let vessel = vary * vary + other * other < 0.012;
        let blood = 45.0 + 105.0 * contrast;
        match organs[quarter] {
            _ if vessel => blood,
            Location::Lung => -800.0 + 35.0 * vary,
            Location::LiverOrAbdomen => 58.0 + 36.0 * contrast + 5.0 * other,
            Location::LymphNode => fat,
            Location::HeadAndNeck => {
                // A windpipe along the body.
                let (dx, dy) = (x.abs() - 15.0, y.abs() - 48.0);
                if dx * dx + dy * dy < 36.0 { AIR } else { 44.0 + 14.0 * contrast + 6.0 * other }
            }
            Location::Other => muscle,
        }
    }
}
