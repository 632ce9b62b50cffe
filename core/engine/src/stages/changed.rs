//! Regions whose volume is changed, on the grid of the features.

use voxomics_imaging::{View, growth, noise::hash};

use super::{Fault, boxed::Selected};
use crate::digest::sha256;

/// How the volume of regions is changed.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// Share of the volume by which they grow, or shrink below 0.
    pub share: f64,
    /// What the seed of a region follows from, beside its name.
    pub seeded: &'a str,
    /// For each region of the plan whether it is changed.
    pub of: &'a [bool],
}

impl Change<'_> {
    /// A region with its volume changed, in a box of a grid of `dims` voxels, of which only some lie within the scan.
    ///
    /// # Errors
    /// If nothing is left of it, or the scan has no room for it.
    pub fn apply(
        &self,
        name: &str,
        found: &Selected,
        dims: [usize; 3],
        is_within: &dyn Fn([usize; 3]) -> bool,
    ) -> Result<Selected, Fault> {
        let voxels = found.mask.iter().filter(|inside| **inside != 0).count();
        let wanted = growth::voxels_after(voxels, self.share);
        let seed = seed(&format!("{} volume {name}", self.seeded));
        let view = View::new(found.part.dims(), &found.mask);
        let index = |place: usize| [place % dims[0], place / dims[0] % dims[1], place / (dims[0] * dims[1])];
        let has_room = |place: u64| is_within(index(place as usize));
        let changed = growth::to_voxels(view, found.part, dims, wanted, &|place| hash(seed, place), &has_room);
        let (part, mask) = changed.map_err(|wrong| {
            Fault::new("regions", format!("its volume cannot be changed by {}: {wrong}", self.share)).of_region(name)
        })?;
        Ok(Selected { part, mask })
    }
}

/// A seed that follows from a text alone.
pub fn seed(text: &str) -> u64 {
    let digest = sha256(text.as_bytes());
    u64::from_str_radix(digest.get(..16).unwrap_or_default(), 16).unwrap_or_default()
}
