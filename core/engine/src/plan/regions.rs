//! The order of regions, and whether what they refer to exists.

use crate::experiment::{Components, Diagnostic, Diagnostics, Region, RegionFrom};

/// The regions that a region is made of.
pub fn sources(region: &Region) -> impl Iterator<Item = &String> {
    region.from.sources().chain(&region.exclude).chain(&region.within)
}

/// Whether each component of a region is a region of its own, or the region is made around or of such a one.
fn is_split(region: &Region, regions: &[Region]) -> bool {
    let mut at = region;
    // Rings of rings follow each other; a circle of them is longer than the list, and the order finds it.
    for _ in regions {
        let Some(of) = at.from.followed() else { break };
        match regions.iter().find(|other| other.name == *of) {
            Some(source) => at = source,
            None => return false,
        }
    }
    at.components == Components::Each
}

/// What a region asks for that cannot be done, if anything.
fn wrong(region: &Region, regions: &[Region]) -> Option<String> {
    let find = |name: &String| regions.iter().find(|other| other.name == *name);
    if let RegionFrom::Ring { of, on_original_grid: true, .. } = &region.from {
        let source = find(of)?;
        let plain = source.exclude.is_empty() && source.within.is_empty() && source.intensities.is_none();
        if !source.from.is_drawn() || !plain {
            return Some(format!(
                "has grid = \"original\", but `{of}` is not drawn from labels alone: its surface is known on the interpolated \
                 grid only"
            ));
        }
    }
    let union: &[String] = if let RegionFrom::Union(of) = &region.from { of } else { &[] };
    // Directions in a component run from the centre of the same component.
    let about = if let RegionFrom::Sector { about, .. } = &region.from { Some(about) } else { None };
    let about = about.filter(|_| !is_split(region, regions));
    let split = (region.exclude.iter().chain(&region.within).chain(union).chain(about))
        .find(|name| find(name).is_some_and(|other| is_split(other, regions)));
    split.map(|name| {
        format!("is made with `{name}`, of which each component is a region of its own: name one that is whole")
    })
}

/// The regions in an order in which each comes after those that it is made of; otherwise the order of the file.
pub fn ordered(regions: &[Region], diagnostics: &Diagnostics) -> Option<Vec<Region>> {
    let mut sound = true;
    for region in regions {
        for source in sources(region) {
            if regions.iter().all(|other| other.name != *source) {
                let near = super::near(source, regions.iter().map(|region| &region.name));
                let message =
                    format!("[regions.{}] refers to the region `{source}`, which is not there{near}", region.name);
                diagnostics.push(Diagnostic::new(region.origin.clone(), message));
                sound = false;
            }
        }
    }
    for region in regions {
        if let Some(wrong) = wrong(region, regions) {
            diagnostics.push(Diagnostic::new(region.origin.clone(), format!("[regions.{}] {wrong}", region.name)));
            sound = false;
        }
    }
    let mut left: Vec<&Region> = regions.iter().collect();
    let mut ordered: Vec<Region> = Vec::new();
    while sound && !left.is_empty() {
        let ready = |region: &&Region| sources(region).all(|source| ordered.iter().any(|done| done.name == *source));
        match left.iter().position(ready) {
            Some(index) => ordered.push(left.remove(index).clone()),
            None => {
                let names: Vec<&str> = left.iter().map(|region| region.name.as_str()).collect();
                let message = format!("these regions are made of each other in a circle: {}", names.join(", "));
                diagnostics.push(Diagnostic::new(left[0].origin.clone(), message));
                sound = false;
            }
        }
    }
    sound.then_some(ordered)
}
