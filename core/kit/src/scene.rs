//! Images and regions that the checks make.

use voxomics_imaging::Grid;

/// An image with a region in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Where the voxels are.
    pub grid: Grid,
    /// The intensities, *x* fastest.
    pub voxels: Vec<f64>,
    /// 1 inside the region.
    pub mask: Vec<u8>,
    /// Intensities from which grey levels are made, where those of the image are no numbers.
    pub levels_from: Option<Vec<f64>>,
    /// Grey levels and their number, where they are those of a larger region.
    pub levels: Option<(Vec<u16>, u32)>,
    /// Number of bins of the discretisation.
    pub bins: u32,
}

/// Numbers of [0, 1) that look random and are the same everywhere (splitmix64).
pub fn chance(seed: u64, at: usize) -> f64 {
    let mut z = (seed.wrapping_mul(0xd1b5_4a32_d192_ed03) ^ at as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

impl Scene {
    /// An image of these dimensions: a slope with noise on it, whose values are no whole numbers, so that their sum depends on
    /// the order. All of it is the region.
    pub fn noise(seed: u64, dims: [usize; 3]) -> Self {
        let count = dims.iter().product();
        let value = |at: usize| 20.0 * (at % dims[0]) as f64 / dims[0] as f64 + 100.0 * chance(seed, at);
        Self {
            grid: Grid { origin: [-3.0, 5.0, 7.5], ..Grid::axis_aligned(dims, [0.8, 1.0, 1.3]) },
            voxels: (0..count).map(value).collect(),
            mask: vec![1; count],
            levels_from: None,
            levels: None,
            bins: 16,
        }
    }

    /// A lesion without any symmetry, in a cube of so many voxels along each edge.
    pub fn lesion(seed: u64, edge: usize) -> Self {
        let mut scene = Self::noise(seed, [edge, edge + 1, edge + 2]);
        let half = edge as f64 / 2.0;
        let inside = |[x, y, z]: [usize; 3]| {
            let (x, y, z) = (x as f64 - half, y as f64 - half - 0.3, z as f64 - half - 1.0);
            let body = (x / 0.42).powi(2) + (y / 0.36).powi(2) + (z / 0.44).powi(2) <= (edge * edge) as f64;
            let arm = (0.0..=0.45 * edge as f64).contains(&x) && (-1.0..=1.0).contains(&y) && (0.0..=2.0).contains(&z);
            u8::from(body || arm)
        };
        scene.mask = (0..scene.voxels.len()).map(|at| inside(scene.index(at))).collect();
        scene
    }

    /// A lesion in a single slice.
    pub fn slice(seed: u64, edge: usize) -> Self {
        let whole = Self::lesion(seed, edge);
        let count = whole.grid.dims[0] * whole.grid.dims[1];
        let middle = count * (whole.grid.dims[2] / 2);
        let grid = Grid { dims: [whole.grid.dims[0], whole.grid.dims[1], 1], ..whole.grid };
        let part = middle..middle + count;
        Self { grid, voxels: whole.voxels[part.clone()].into(), mask: whole.mask[part].into(), ..whole }
    }

    /// The index of a voxel along *x*, *y*, *z*.
    pub fn index(&self, at: usize) -> [usize; 3] {
        let [nx, ny, _] = self.grid.dims;
        [at % nx, at / nx % ny, at / nx / ny]
    }

    /// The place of a voxel.
    pub fn at(&self, [x, y, z]: [usize; 3]) -> usize {
        let [nx, ny, _] = self.grid.dims;
        (z * ny + y) * nx + x
    }

    /// The same image with other intensities.
    pub fn with_voxels(&self, value: impl Fn(usize, f64) -> f64) -> Self {
        let voxels = self.voxels.iter().enumerate().map(|(at, x)| value(at, *x)).collect();
        Self { voxels, ..self.clone() }
    }

    /// The image along other axes: axis *a* of the new one is the axis `axes[a]` of this one, reversed where it says so. It is
    /// the same body, turned or mirrored.
    pub fn turned(&self, axes: [usize; 3], reversed: [bool; 3]) -> Self {
        let grid = Grid {
            dims: axes.map(|axis| self.grid.dims[axis]),
            spacing: axes.map(|axis| self.grid.spacing[axis]),
            ..self.grid
        };
        let mut turned = Self { grid, ..self.clone() };
        for at in 0..self.voxels.len() {
            let new = turned.index(at);
            let mut old = [0; 3];
            for axis in 0..3 {
                let along = if reversed[axis] { grid.dims[axis] - 1 - new[axis] } else { new[axis] };
                old[axes[axis]] = along;
            }
            let from = self.at(old);
            (turned.voxels[at], turned.mask[at]) = (self.voxels[from], self.mask[from]);
        }
        turned
    }

    /// A box of the image, from `start` on, of these dimensions.
    pub fn cropped(&self, start: [usize; 3], dims: [usize; 3]) -> Self {
        let grid = Grid { dims, origin: self.grid.point(start.map(|i| i as f64)), ..self.grid };
        let mut part = Self { grid, ..self.clone() };
        let count: usize = dims.iter().product();
        let from = |at: usize| {
            let [x, y, z] = part.index(at);
            self.at([start[0] + x, start[1] + y, start[2] + z])
        };
        let places: Vec<usize> = (0..count).map(from).collect();
        part.voxels = places.iter().map(|from| self.voxels[*from]).collect();
        part.mask = places.iter().map(|from| self.mask[*from]).collect();
        let levels = self.levels.as_ref();
        part.levels = levels.map(|(all, count)| (places.iter().map(|from| all[*from]).collect(), *count));
        part
    }

    /// The image with a frame of other voxels around it, of so many voxels along each axis, outside of the region.
    pub fn framed(&self, frame: [usize; 3]) -> Self {
        let dims = std::array::from_fn(|axis| self.grid.dims[axis] + 2 * frame[axis]);
        let origin = self.grid.point(frame.map(|n| -(n as f64)));
        let mut framed = Self { grid: Grid { origin, ..self.grid }, ..Self::noise(77, dims) };
        framed.grid.dims = dims;
        framed.mask.fill(0);
        framed.bins = self.bins;
        for (from, (x, inside)) in self.voxels.iter().zip(&self.mask).enumerate() {
            let [i, j, k] = self.index(from);
            let to = framed.at([i + frame[0], j + frame[1], k + frame[2]]);
            (framed.voxels[to], framed.mask[to]) = (*x, *inside);
        }
        framed
    }

    /// How many voxels the region has.
    pub fn count(&self) -> usize {
        self.mask.iter().filter(|inside| **inside != 0).count()
    }

    /// The voxels of the region.
    pub fn inside(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.mask.len()).filter(|at| self.mask[*at] != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_is_turned_four_times_is_where_it_was() {
        let scene = Scene::lesion(1, 6);
        assert!(scene.count() > 40 && scene.count() < scene.mask.len() / 2, "{}", scene.count());
        let mut turned = scene.clone();
        for _ in 0..4 {
            turned = turned.turned([1, 0, 2], [true, false, false]);
            assert_eq!(turned.count(), scene.count());
        }
        assert_eq!(turned, scene);
        let mirrored = scene.turned([0, 1, 2], [true, false, false]);
        assert_ne!(mirrored.voxels, scene.voxels);
        assert_eq!(mirrored.turned([0, 1, 2], [true, false, false]), scene);
    }

    #[test]
    fn a_frame_comes_off_again() {
        let scene = Scene::lesion(1, 5);
        let framed = scene.framed([2, 1, 3]);
        assert_eq!(framed.count(), scene.count());
        let cropped = framed.cropped([2, 1, 3], scene.grid.dims);
        assert_eq!((&cropped.voxels, &cropped.mask), (&scene.voxels, &scene.mask));
        assert!(cropped.grid.origin.iter().zip(scene.grid.origin).all(|(a, b)| (a - b).abs() < 1e-12));
    }
}
