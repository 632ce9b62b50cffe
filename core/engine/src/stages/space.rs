//! Interpolate: the grid that features are computed on, and the intensities in boxes of it.
//!
//! Only boxes ever become `f64`, and a box has the values that interpolating the whole scan would give.

use std::{borrow::Cow, ops::Deref};

use voxomics_imaging::{
    Grid, IndexBox, View,
    interpolation::{self, MaskMethod, Resampling, Turn, Turned},
    mask,
    noise::Gaussian,
};

use super::{
    Fault,
    boxed::{Selected, paste},
    control::Controlled,
};
use crate::{
    experiment::{BeyondEdge, Interpolation, Method},
    host::Pool,
    scan::Scan,
};

const STAGE: &str = "interpolation";

/// The scan as it is seen on the grid of the features.
pub struct Space<'a> {
    scan: Held<'a>,
    resampling: Resampled,
    round: bool,
    /// What is added to the scan before it is interpolated.
    noise: Option<Gaussian>,
    /// What becomes of the scan's intensities before that, if this is a negative control.
    control: Option<Controlled>,
    /// The modality of the scan, if it is known.
    pub modality: Option<String>,
    /// Unit of an intensity; empty if it is not known.
    pub unit: String,
    /// The grid of the features.
    pub grid: Grid,
}

/// A scan that was loaded, or one that was made of it.
enum Held<'a> {
    Lent(&'a Scan),
    Own(Box<Scan>),
}

impl Deref for Held<'_> {
    type Target = Scan;

    fn deref(&self) -> &Scan {
        match self {
            Self::Lent(scan) => scan,
            Self::Own(scan) => scan,
        }
    }
}

/// From the scan's grid to that of the features.
enum Resampled {
    /// With the axes and the centre of the scan.
    Straight(Resampling),
    /// Turned and shifted.
    Turned(Turned),
}

impl Resampled {
    fn is_identity(&self) -> bool {
        matches!(self, Self::Straight(resampling) if resampling.is_identity())
    }

    fn source_box(&self, part: IndexBox) -> IndexBox {
        match self {
            Self::Straight(resampling) => resampling.source_box(part),
            Self::Turned(turned) => turned.source_box(part),
        }
    }

    fn target_box(&self, part: IndexBox) -> IndexBox {
        match self {
            Self::Straight(resampling) => resampling.target_box(part),
            Self::Turned(turned) => turned.target_box(part),
        }
    }

    fn image(&self, crop: View<f64>, source: IndexBox, part: IndexBox) -> Result<Vec<f64>, Fault> {
        let image = match self {
            Self::Straight(resampling) => resampling.image(crop, source, part, &Pool),
            Self::Turned(turned) => turned.image(crop, source, part, &Pool),
        };
        image.map_err(|cause| Fault::new(STAGE, cause))
    }

    fn mask(&self, crop: View<u8>, source: IndexBox, part: IndexBox) -> Result<Vec<u8>, Fault> {
        let mask = match self {
            Self::Straight(resampling) => resampling.mask(crop, source, part, &Pool),
            Self::Turned(turned) => turned.mask(crop, source, part, &Pool),
        };
        mask.map_err(|cause| Fault::new(STAGE, cause))
    }
}

/// Intensities in a box of the grid.
pub struct Part {
    /// The box.
    pub part: IndexBox,
    /// The intensities, *x* fastest.
    pub voxels: Vec<f64>,
}

impl Part {
    /// The intensities of a smaller box; borrowed where it is the same one.
    pub fn crop(&self, part: IndexBox) -> Cow<'_, [f64]> {
        crop(&self.voxels, self.part, part)
    }
}

/// The elements of a smaller box; borrowed where it is the same one.
pub fn crop<T: Copy>(array: &[T], whole: IndexBox, part: IndexBox) -> Cow<'_, [T]> {
    if part == whole {
        return Cow::Borrowed(array);
    }
    let local = |index: [usize; 3]| std::array::from_fn(|axis| index[axis] - whole.start[axis]);
    let local = IndexBox { start: local(part.start), end: local(part.end) };
    Cow::Owned(mask::crop(View::new(whole.dims(), array), local))
}

impl<'a> Space<'a> {
    /// The grid that the experiment asks for.
    ///
    /// # Errors
    /// If the scan cannot be brought onto it.
    pub fn new(scan: &'a Scan, modality: Option<String>, interpolation: Option<Interpolation>) -> Result<Self, Fault> {
        Self::held(Held::Lent(scan), modality, interpolation)
    }

    /// The same of a scan that was made of the loaded one.
    ///
    /// # Errors
    /// As of [`new`](Self::new).
    pub fn of_prepared(
        scan: Scan,
        modality: Option<String>,
        interpolation: Option<Interpolation>,
    ) -> Result<Self, Fault> {
        Self::held(Held::Own(Box::new(scan)), modality, interpolation)
    }

    fn held(scan: Held<'a>, modality: Option<String>, interpolation: Option<Interpolation>) -> Result<Self, Fault> {
        let keep = Interpolation {
            spacing_mm: [0.0; 3],
            image: Method::Nearest,
            mask: Method::Nearest,
            round_intensities: false,
            beyond_edge: None,
        };
        let Interpolation { spacing_mm, image, mask, round_intensities: round, beyond_edge } =
            interpolation.unwrap_or(keep);
        let spacing = spacing_mm.map(|mm| (mm > 0.0).then_some(mm));
        let image = match image {
            Method::Nearest => interpolation::Method::Nearest,
            Method::Linear => interpolation::Method::Linear,
            Method::Cubic => interpolation::Method::Cubic(match beyond_edge {
                Some(BeyondEdge::Clamp) => interpolation::BeyondEdge::Clamp,
                Some(BeyondEdge::Repeat) => interpolation::BeyondEdge::Repeat,
                Some(BeyondEdge::Mirror) | None => interpolation::BeyondEdge::Mirror,
            }),
        };
        let mask = match mask {
            Method::Nearest => MaskMethod::Nearest,
            _ => MaskMethod::Linear,
        };
        let resampling = Resampling::new(&scan.grid, spacing, image, mask).map_err(|cause| Fault::new(STAGE, cause))?;
        let grid = resampling.target();
        let resampling = Resampled::Straight(resampling);
        Ok(Self { scan, resampling, round, noise: None, control: None, modality, unit: String::new(), grid })
    }

    /// The same scan on a grid that is turned and shifted, with noise. Of one that is straight; without either it is the same.
    pub fn perturbed(&self, turn: Turn, noise: Option<Gaussian>) -> Space<'_> {
        let resampling = match &self.resampling {
            Resampled::Straight(resampling) => Resampled::Straight(resampling.clone()),
            Resampled::Turned(turned) => Resampled::Turned(turned.clone()),
        };
        let (modality, unit) = (self.modality.clone(), self.unit.clone());
        let (scan, round, grid) = (Held::Lent(&self.scan), self.round, self.grid);
        Space { scan, resampling, round, noise: None, control: None, modality, unit, grid }.moved(turn, noise)
    }

    /// This scan on a grid that is turned and shifted, with noise.
    pub fn moved(self, turn: Turn, noise: Option<Gaussian>) -> Self {
        match &self.resampling {
            Resampled::Straight(resampling) if !turn.is_none() => {
                let turned = resampling.turned(turn);
                Self { grid: turned.target(), resampling: Resampled::Turned(turned), noise, ..self }
            }
            _ => Self { noise, ..self },
        }
    }

    /// This scan with other intensities.
    pub fn controlled(self, control: Controlled) -> Self {
        Self { control: Some(control), ..self }
    }

    /// The same scan, whose intensities have a unit.
    pub fn in_unit(self, unit: String) -> Self {
        Self { unit, ..self }
    }

    /// The scan as it is stored.
    pub fn scan(&self) -> &Scan {
        &self.scan
    }

    /// The scan's own grid.
    pub fn scan_grid(&self) -> &Grid {
        &self.scan.grid
    }

    /// Whether the voxels are those that the scan stores in single precision.
    pub fn is_single(&self) -> bool {
        self.scan.is_single() && self.noise.is_none()
    }

    /// Whether the intensities are those that the scan stores. Then a voxel has the same bits in whichever box it is looked at; a
    /// spline through a box differs from that through another one in the last bits.
    pub fn is_as_stored(&self) -> bool {
        self.resampling.is_identity() && self.noise.is_none() && self.control.is_none()
    }

    /// The intensities of the scan in a box of its own grid, changed by a control and with noise if there is some.
    fn crop(&self, part: IndexBox) -> Vec<f64> {
        let mut voxels = self.scan.crop(part);
        if let Some(control) = &self.control {
            control.change(&self.scan, &mut voxels, part);
        }
        if let Some(noise) = &self.noise {
            noise.add(&mut voxels, part, self.scan.grid.dims, &Pool);
        }
        voxels
    }

    /// The intensities in a box of the grid.
    ///
    /// # Errors
    /// If the memory does not suffice.
    pub fn intensities(&self, part: IndexBox) -> Result<Part, Fault> {
        let mut voxels = if self.resampling.is_identity() {
            self.crop(part)
        } else {
            let source = self.resampling.source_box(part);
            let crop = self.crop(source);
            let view = View::new(source.dims(), &crop);
            self.resampling.image(view, source, part)?
        };
        if self.round {
            interpolation::round_intensities(&mut voxels);
        }
        Ok(Part { part, voxels })
    }

    /// Whether a voxel of the grid lies within the scan: a turned grid reaches beyond it.
    pub fn is_within(&self, index: [usize; 3]) -> bool {
        match &self.resampling {
            Resampled::Straight(_) => true,
            Resampled::Turned(turned) => turned.is_within(index),
        }
    }

    /// Takes from a mask in a box of the grid what lies beyond the scan.
    pub fn keep_within(&self, mask: &mut [u8], part: IndexBox) {
        if matches!(self.resampling, Resampled::Straight(_)) {
            return;
        }
        let [nx, ny, _] = part.dims();
        for (at, inside) in mask.iter_mut().enumerate().filter(|(_, inside)| **inside != 0) {
            let local = [at % nx, at / nx % ny, at / (nx * ny)];
            *inside = u8::from(self.is_within(std::array::from_fn(|axis| part.start[axis] + local[axis])));
        }
    }

    /// The box of the grid in which a region of the scan can have voxels.
    pub fn bounds(&self, part: IndexBox) -> IndexBox {
        if self.resampling.is_identity() { part } else { self.resampling.target_box(part) }
    }

    /// A region of the scan in a box of the grid.
    ///
    /// # Errors
    /// If the memory does not suffice.
    pub fn mask(&self, selected: &Selected, part: IndexBox) -> Result<Vec<u8>, Fault> {
        let source = if self.resampling.is_identity() { part } else { self.resampling.source_box(part) };
        let mut crop = vec![0; source.dims().iter().product()];
        let view = View::new(selected.part.dims(), &selected.mask);
        paste(view, selected.part, &mut crop, source);
        if self.resampling.is_identity() {
            return Ok(crop);
        }
        let view = View::new(source.dims(), &crop);
        self.resampling.mask(view, source, part)
    }
}
