//! Grey levels that a region really has: bins that do not suit its intensities make textures that mean nothing.

use voxomics_imaging::discretisation::Discretised;

use crate::{experiment::Discretisation, host::CaseHost};

/// So few occupied levels tell next to nothing of a texture, unless no more were asked for.
const FEW: usize = 3;
/// A region of fewer voxels has few levels by nature.
const ENOUGH_VOXELS: usize = 50;
/// So many occupied levels leave a texture matrix all but empty.
const MANY: usize = 1000;

/// Warns of bins that do not suit the intensities: by the levels that voxels occupy, not by the highest one, which a range
/// that begins far below them makes large.
pub fn warn(discretised: &Discretised, rule: &Discretisation, image: &str, region: &str, host: &CaseHost) {
    let (occupied, voxels) = occupied(&discretised.levels, discretised.n_levels);
    let asked = match rule {
        Discretisation::FixedBinNumber { bins } => *bins as usize,
        Discretisation::FixedBinSize { .. } => usize::MAX,
    };
    let say = |what: String| host.warn(format!("region `{region}`, image `{image}`: {what}"));
    if voxels >= ENOUGH_VOXELS && occupied <= FEW && occupied < asked {
        let levels = if occupied == 1 { "one grey level".into() } else { format!("{occupied} grey levels") };
        say(format!(
            "its {voxels} voxels have {levels} in all ({rule}); do the bins suit the image, or is the region flat?"
        ));
    }
    if occupied > MANY {
        say(format!(
            "its {voxels} voxels have {occupied} grey levels ({rule}); are the bins too narrow for the image?"
        ));
    }
    let Discretised { clamped, excluded, .. } = *discretised;
    if clamped > 0 {
        say(format!("{clamped} voxels lie beyond the bins and take the nearest one"));
    }
    if excluded > 0 {
        say(format!("{excluded} voxels lie beyond the bins and are left out"));
    }
}

/// How many levels have a voxel, and how many voxels have a level.
fn occupied(levels: &[u16], highest: u32) -> (usize, usize) {
    let mut seen = vec![false; highest as usize + 1];
    let mut voxels = 0;
    for level in levels.iter().filter(|level| **level != 0) {
        voxels += 1;
        if let Some(seen) = seen.get_mut(usize::from(*level)) {
            *seen = true;
        }
    }
    (seen.iter().filter(|seen| **seen).count(), voxels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_without_a_voxel_do_not_count() {
        assert_eq!(occupied(&[0, 1000, 1000, 1060, 0], 1060), (2, 3));
        assert_eq!(occupied(&[0, 0], 0), (0, 0));
    }
}
