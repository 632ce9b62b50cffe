//! The intensities of a scan in the box that is looked at: all of them at once where features and filters need them, and else slab by slab.
//! So maps of a large organ do not hold it in double precision, unless its scan is interpolated.

use std::borrow::Cow;

use voxomics_imaging::IndexBox;

use super::{
    Fault,
    space::{Part, Space},
};

/// A slab has no more voxels than this, unless a slice has: its intensities are in memory in double precision.
pub const OF_SLAB: usize = 1 << 21;

/// Gives the voxels of an image in a box.
pub type Look<'a> = dyn Fn(IndexBox) -> Result<Cow<'a, [f64]>, Fault> + Sync + 'a;

/// The intensities of a box of the grid.
pub struct Base<'s> {
    space: &'s Space<'s>,
    /// Those of the whole box, if they are held.
    all: Option<Part>,
}

impl<'s> Base<'s> {
    /// All intensities of a box, held.
    ///
    /// # Errors
    /// If the memory does not suffice.
    pub fn held(space: &'s Space<'s>, part: IndexBox) -> Result<Self, Fault> {
        Ok(Self { space, all: Some(space.intensities(part)?) })
    }

    /// Intensities that are made when they are asked for: of a scan that is looked at as it is stored, the same to the bit.
    pub fn made(space: &'s Space<'s>) -> Self {
        Self { space, all: None }
    }

    /// Those of a box, which lies within that of the intensities that are held.
    ///
    /// # Errors
    /// If the memory does not suffice.
    pub fn crop(&self, part: IndexBox) -> Result<Cow<'_, [f64]>, Fault> {
        match &self.all {
            Some(all) => Ok(all.crop(part)),
            None => Ok(Cow::Owned(self.space.intensities(part)?.voxels)),
        }
    }

    /// Goes through a box: at once if it is what is held, else slab by slab. `see` is given the place of the slab's first voxel in the box.
    ///
    /// # Errors
    /// As of [`crop`](Self::crop).
    pub fn each(&self, part: IndexBox, see: &mut dyn FnMut(usize, &[f64])) -> Result<(), Fault> {
        match &self.all {
            Some(all) if all.part == part => {
                see(0, &all.voxels);
                Ok(())
            }
            _ => each(&|slab| self.crop(slab), part, see),
        }
    }
}

/// Goes through a box of an image slab by slab, in the order of its slices. `see` is given the place of the slab's first voxel in the box.
///
/// # Errors
/// What keeps the voxels from being seen.
pub fn each(look: &Look<'_>, part: IndexBox, see: &mut dyn FnMut(usize, &[f64])) -> Result<(), Fault> {
    let [nx, ny, nz] = part.dims();
    let slices = (OF_SLAB / (nx * ny).max(1)).max(1);
    for z in (0..nz).step_by(slices) {
        let [[x0, y0, z0], [x1, y1, z1]] = [part.start, part.end];
        let slab = IndexBox { start: [x0, y0, z0 + z], end: [x1, y1, (z0 + z + slices).min(z1)] };
        see(z * nx * ny, &look(slab)?);
    }
    Ok(())
}
