//! A grid at right angles from the steps along its axes.

use std::fmt;

/// Largest cosine of the angle between two voxel axes that counts as rounding: 0.05 voxels across 512.
pub const MAX_COSINE: f64 = 1e-4;
/// Smallest credible spacing, mm.
pub const MIN_SPACING: f64 = 1e-6;
/// Largest credible spacing, mm.
pub const MAX_SPACING: f64 = 1e4;
/// Largest credible distance of the first voxel along an axis, mm; beyond it, float32 has steps of a tenth of a
/// millimetre.
pub const MAX_ORIGIN: f64 = 1e6;

/// Smallest volume that the unit vectors of three axes may span.
const MIN_DETERMINANT: f64 = 1e-6;

/// The steps from a voxel to its neighbour along each axis, and the centre of the first voxel, mm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steps {
    /// The steps.
    pub axes: [[f64; 3]; 3],
    /// The first voxel.
    pub origin: [f64; 3],
}

/// Where the voxels of a scan are, in the coordinates of the [`Steps`].
#[derive(Debug, Clone, PartialEq)]
pub struct Placement {
    /// Distance between neighbouring voxel centres along each axis, mm.
    pub spacing: [f64; 3],
    /// Centre of the first voxel, mm.
    pub origin: [f64; 3],
    /// Unit vectors of the three axes, mutually orthogonal.
    pub direction: [[f64; 3]; 3],
}

/// Why steps make no grid.
#[derive(Debug, Clone, PartialEq)]
pub enum Crooked {
    /// A number is infinite or none.
    NotFinite(Box<Steps>),
    /// The axes fold space flat.
    Singular(Box<Steps>),
    /// Axes that are not at right angles.
    Sheared {
        /// The steps.
        steps: Box<Steps>,
        /// The two axes, 1 to 3.
        axes: [usize; 2],
        /// The cosine of the angle between them.
        cosine: f64,
    },
    /// A spacing that no scanner has: along each axis, mm.
    Spacing([f64; 3]),
    /// A first voxel so far away that a file's numbers cannot place it, mm.
    Origin([f64; 3]),
}

impl Steps {
    /// Whether the steps are a grid at right angles.
    ///
    /// # Errors
    /// If they are not finite, singular, sheared by more than [`MAX_COSINE`] or not credible.
    pub fn check(&self) -> Result<(), Crooked> {
        let Self { axes, origin } = *self;
        if !axes.as_flattened().iter().chain(&origin).all(|x| x.is_finite()) {
            return Err(Crooked::NotFinite((*self).into()));
        }
        let spacing = axes.map(length);
        if spacing.contains(&0.0) {
            return Err(Crooked::Singular((*self).into()));
        }
        if !spacing.iter().all(|mm| (MIN_SPACING..=MAX_SPACING).contains(mm)) {
            return Err(Crooked::Spacing(spacing));
        }
        if origin.iter().any(|mm| mm.abs() > MAX_ORIGIN) {
            return Err(Crooked::Origin(origin));
        }
        let units = axes.map(unit);
        if dot(cross(units[0], units[1]), units[2]).abs() < MIN_DETERMINANT {
            return Err(Crooked::Singular((*self).into()));
        }
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            let cosine = dot(units[a], units[b]);
            if cosine.abs() > MAX_COSINE {
                return Err(Crooked::Sheared { steps: (*self).into(), axes: [a + 1, b + 1], cosine });
            }
        }
        Ok(())
    }

    /// The grid, without what rounding left of non-orthogonality (Gram–Schmidt, first axis first).
    ///
    /// # Errors
    /// Those of [`check`](Self::check).
    pub fn place(&self) -> Result<Placement, Crooked> {
        self.check()?;
        let first = unit(self.axes[0]);
        let second = unit(without(unit(self.axes[1]), first));
        let third = unit(without(without(unit(self.axes[2]), first), second));
        let direction = [first, second, third];
        Ok(Placement { spacing: self.axes.map(length), origin: self.origin, direction })
    }
}

impl Placement {
    /// The same in coordinates whose axes point the other way where `signs` is −1.
    pub fn mirrored(self, signs: [f64; 3]) -> Self {
        // Adding 0 turns −0 into 0.
        let turn = |at: [f64; 3]| std::array::from_fn(|i| at[i] * signs[i] + 0.0);
        Self { spacing: self.spacing, origin: turn(self.origin), direction: self.direction.map(turn) }
    }
}

impl fmt::Display for Crooked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const CORRECT: &str = "correct the geometry in the header or resample the scan";
        match self {
            Self::NotFinite(steps) => write!(f, "{steps} are not finite numbers; {CORRECT}"),
            Self::Singular(steps) => write!(f, "{steps} are not three independent axes; {CORRECT}"),
            Self::Sheared { steps, axes: [a, b], cosine } => write!(
                f,
                "the grid is sheared: axes {a} and {b} meet with a cosine of {cosine:.6}, expected at most {MAX_COSINE:e} \
                 in {steps}; resample the scan onto a rectangular grid"
            ),
            Self::Spacing(spacing) => write!(
                f,
                "the voxel spacing is {spacing:?} mm, expected {MIN_SPACING:e} to {MAX_SPACING:e} mm; {CORRECT}"
            ),
            Self::Origin(origin) => {
                write!(f, "the first voxel is at {origin:?} mm, expected at most {MAX_ORIGIN:e} mm; {CORRECT}")
            }
        }
    }
}

impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c] = self.axes;
        write!(f, "steps {a:?}, {b:?}, {c:?} from {:?}", self.origin)
    }
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// The length of a vector.
pub fn length(a: [f64; 3]) -> f64 {
    dot(a, a).sqrt()
}

fn unit(a: [f64; 3]) -> [f64; 3] {
    let length = length(a);
    a.map(|x| x / length)
}

/// `a` without its part along the unit vector `b`.
fn without(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    let along = dot(a, b);
    std::array::from_fn(|i| a[i] - along * b[i])
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: Steps = Steps { axes: [[0.0, 2.0, 0.0], [-3.0, 0.0, 0.0], [0.0, 0.0, 0.5]], origin: [1.0, 0.0, -5.0] };

    #[test]
    fn steps_become_spacing_and_direction() {
        let placement = STEPS.place().expect("at right angles");
        assert_eq!(placement.spacing, [2.0, 3.0, 0.5]);
        assert_eq!(placement.direction, [[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]);
        let mirrored = placement.mirrored([-1.0, -1.0, 1.0]);
        assert_eq!(mirrored.direction, [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]);
        assert_eq!(mirrored.origin, [-1.0, 0.0, -5.0]);
        let numbers = mirrored.direction.as_flattened().iter().chain(&mirrored.origin);
        assert!(numbers.into_iter().all(|x| *x != 0.0 || x.is_sign_positive()), "no -0");
    }

    #[test]
    fn rounding_is_removed_and_shear_is_not() {
        let tilted = |by: f64| Steps { axes: [[1.0, 0.0, 0.0], [by, 1.0, 0.0], [0.0, 0.0, 1.0]], ..STEPS };
        let placement = tilted(0.9 * MAX_COSINE).place().expect("as good as at right angles");
        assert_eq!(placement.direction[1], [0.0, 1.0, 0.0]);
        assert!(matches!(tilted(1.1 * MAX_COSINE).place(), Err(Crooked::Sheared { axes: [1, 2], .. })));
    }

    #[test]
    fn what_is_no_grid_has_a_name() {
        let with = |axis: [f64; 3]| Steps { axes: [axis, STEPS.axes[1], STEPS.axes[2]], ..STEPS }.check();
        assert!(matches!(with([f64::NAN, 0.0, 0.0]), Err(Crooked::NotFinite(_))));
        assert!(matches!(with([0.0; 3]), Err(Crooked::Singular(_))));
        assert!(matches!(with([1.0, 0.0, 0.0]), Err(Crooked::Singular(_))));
        assert!(matches!(with([0.0, 1e5, 0.0]), Err(Crooked::Spacing(_))));
        let far = Steps { origin: [0.0, 2e6, 0.0], ..STEPS };
        assert!(matches!(far.check(), Err(Crooked::Origin(_))));
    }
}
