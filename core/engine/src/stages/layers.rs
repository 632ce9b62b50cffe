//! Rings, shells and cores: what lies around the surface of a region, or deep inside.

use voxomics_imaging::{Grid, IndexBox, View, layers::SurfaceDistances, ring};

use super::{Fault, boxed::paste};
use crate::{
    experiment::{Innermost, RegionFrom},
    host::Pool,
    plan::Plan,
};

const STAGE: &str = "regions";

/// How far anything that is made of a region reaches from its surface, mm.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Reach {
    /// Outward.
    pub outward: f64,
    /// Inward; infinite for a core.
    pub inward: f64,
}

impl Reach {
    /// That of one ring, shell or core on the grid of the features; none for any other region.
    pub fn of(from: &RegionFrom) -> Option<Self> {
        match *from {
            RegionFrom::Ring { outward_mm, inward_mm, on_original_grid: false, .. } => {
                Some(Self { outward: outward_mm, inward: inward_mm })
            }
            RegionFrom::Shell { from_mm, to_mm, .. } => {
                Some(Self { outward: to_mm.max(0.0), inward: (-from_mm).max(0.0) })
            }
            RegionFrom::Core { .. } => Some(Self { outward: 0.0, inward: f64::INFINITY }),
            _ => None,
        }
    }

    /// That of all that are made of one region.
    pub fn around(plan: &Plan, of: &str) -> Self {
        let each = plan.regions.iter().filter(|region| region.from.followed().is_some_and(|followed| followed == of));
        each.filter_map(|region| Self::of(&region.from)).fold(Self::default(), |all, one| Self {
            outward: all.outward.max(one.outward),
            inward: all.inward.max(one.inward),
        })
    }

    /// The part of a grid in which all of it lies, around the box of the region, with the surface itself.
    ///
    /// # Errors
    /// If a reach is no length.
    pub fn part(self, region: IndexBox, grid: &Grid) -> Result<IndexBox, Fault> {
        // The nearest voxel outside a region touches its box, however deep the inward reach is.
        let inward = if self.inward > 0.0 { 1.0 } else { 0.0 };
        ring::ring_box(region, grid.dims, grid.spacing, self.outward, inward).map_err(|wrong| Fault::new(STAGE, wrong))
    }
}

/// The distances around a region, in a box that holds whatever is made of it.
pub struct Layers {
    part: IndexBox,
    surface: SurfaceDistances,
}

impl Layers {
    /// Measures the distances around a region, whose mask is given in the box that [`Reach::part`] tells.
    pub fn new(part: IndexBox, mask: &[u8], grid: &Grid, reach: Reach) -> Self {
        let view = View::new(part.dims(), mask);
        Self {
            part,
            surface: SurfaceDistances::new(view, grid.spacing, reach.outward > 0.0, reach.inward > 0.0, &Pool),
        }
    }

    /// A ring, shell or core in any box of the grid.
    ///
    /// # Errors
    /// If its distances do not rise, or it is none of these.
    pub fn mask(&self, from: &RegionFrom, part: IndexBox) -> Result<Vec<u8>, Fault> {
        let layer = |from: f64, to: f64| self.surface.layer(from, to).map_err(|wrong| Fault::new(STAGE, wrong));
        let found = match *from {
            RegionFrom::Ring { outward_mm, inward_mm, .. } => layer(-inward_mm, outward_mm)?,
            RegionFrom::Shell { from_mm, to_mm, .. } => layer(from_mm, to_mm)?,
            RegionFrom::Core { innermost: Innermost::DeeperThanMm(mm), .. } => self.surface.deeper_than(mm),
            RegionFrom::Core { innermost: Innermost::VolumeShare(share), .. } => self.surface.innermost(share),
            _ => return Err(Fault::new(STAGE, "it is no ring, shell or core")),
        };
        let mut mask = vec![0; part.dims().iter().product()];
        paste(View::new(self.part.dims(), &found), self.part, &mut mask, part);
        Ok(mask)
    }
}

/// Why a ring, shell or core has no voxel on a grid of this spacing, mm.
pub fn why_empty(from: &RegionFrom, spacing: [f64; 3]) -> Option<String> {
    let nearest = spacing.into_iter().fold(f64::INFINITY, f64::min);
    let voxels = "give it a wider reach, or interpolate to smaller voxels ([interpolation] spacing_mm)";
    Some(match from {
        RegionFrom::Ring { outward_mm, inward_mm, .. } if outward_mm.max(*inward_mm) < nearest => format!(
            "empty ring: it reaches {outward_mm} mm outward and {inward_mm} mm inward, and the nearest voxel centre is \
             {nearest} mm away; {voxels}"
        ),
        RegionFrom::Ring { of, .. } => {
            format!("empty ring: there is no voxel within its reach around `{of}`; is that empty, or the whole scan?")
        }
        RegionFrom::Shell { of, from_mm, to_mm } if *from_mm >= 0.0 => match to_mm - from_mm < nearest {
            true => format!(
                "empty shell: no voxel centre lies between {from_mm} and {to_mm} mm outside of `{of}`, and neighbouring centres \
                 are {nearest} mm apart or more; {voxels}"
            ),
            // One that is thicker than a voxel has some wherever the scan goes on.
            false => format!(
                "empty shell: the scan has no voxel between {from_mm} and {to_mm} mm outside of `{of}`: it ends before, or `{of}` is \
                 empty"
            ),
        },
        RegionFrom::Shell { of, from_mm, to_mm } if -from_mm < nearest => format!(
            "empty shell: no voxel of `{of}` lies between {} and {} mm inside of its surface, and the outermost ones lie \
             {nearest} mm inside or more; {voxels}",
            (0.0 - to_mm).max(0.0),
            -from_mm
        ),
        RegionFrom::Shell { of, from_mm, to_mm } => format!(
            "empty shell: no voxel of `{of}` lies between {} and {} mm inside of its surface: `{of}` is too thin",
            (0.0 - to_mm).max(0.0),
            -from_mm
        ),
        RegionFrom::Core { of, innermost: Innermost::DeeperThanMm(mm) } => {
            format!("empty core: no voxel of `{of}` lies deeper than {mm} mm; it is too thin")
        }
        RegionFrom::Core { of, .. } => format!("empty core: `{of}` has no voxel"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_shell_says_what_is_wrong() {
        let shell = |from_mm: f64, to_mm: f64| RegionFrom::Shell { of: "organ".into(), from_mm, to_mm };
        for (from, to, said) in [
            (
                0.1,
                0.5,
                "no voxel centre lies between 0.1 and 0.5 mm outside of `organ`, and neighbouring centres are 0.8 mm apart",
            ),
            (6.0, 9.0, "the scan has no voxel between 6 and 9 mm outside of `organ`: it ends before"),
            (
                -0.5,
                0.0,
                "no voxel of `organ` lies between 0 and 0.5 mm inside of its surface, and the outermost ones lie 0.8 mm",
            ),
            (-9.0, -6.0, "no voxel of `organ` lies between 6 and 9 mm inside of its surface: `organ` is too thin"),
        ] {
            let why = why_empty(&shell(from, to), [0.8, 1.0, 5.0]).expect("a reason");
            assert!(why.starts_with("empty shell: ") && why.contains(said), "{why}");
        }
    }
}
