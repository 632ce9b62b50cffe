//! Write: images, masks and grey levels of a case as files, as its features have seen them.
//!
//! They are made again, from the files of the case: of a case that was finished before there are values, and no voxels. The same boxes
//! give the same bits.

use std::{ops::BitOrAssign, path::Path};

use rayon::prelude::*;
use voxomics_imaging::{Grid, IndexBox, View};

use super::{
    Fault,
    boxed::paste,
    delineate::{self, Delineated},
    features::{self, Group, Masks},
    found::Found,
    images::{Images, WhichMaps},
    load,
};
use crate::{
    cases::Case,
    experiment::{Discretisation, RegionFrom},
    host::CaseHost,
    plan::Plan,
    preview,
    volume::{self, Voxels},
};

const STAGE: &str = "write";

/// What is written of each case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct What {
    /// Every image that features are computed of.
    pub images: bool,
    /// The mask of every region, and what re-segmentation leaves of it.
    pub masks: bool,
    /// The masks of rings.
    pub rings: bool,
    /// The grey levels of every region in every image.
    pub levels: bool,
    /// A picture of every image.
    pub previews: bool,
    /// Every map.
    pub maps: bool,
    /// Whether images, masks and levels are NRRD, and not NIfTI; a map says its own format.
    pub nrrd: bool,
}

impl What {
    /// The formats of images, masks and levels: the ends of their names.
    pub const FORMATS: [&str; 2] = ["nii.gz", "nrrd"];

    /// What can be asked for.
    pub const WORDS: [&str; 6] = ["images", "masks", "rings", "levels", "previews", "maps"];

    /// Adds what a word stands for; false if it stands for nothing.
    pub fn add(&mut self, word: &str) -> bool {
        let flag = match word {
            "images" => &mut self.images,
            "masks" => &mut self.masks,
            "rings" => &mut self.rings,
            "levels" => &mut self.levels,
            "previews" => &mut self.previews,
            "maps" => &mut self.maps,
            _ => return false,
        };
        *flag = true;
        true
    }
}

/// Writes what is wanted of a case into a folder, which is there. Regions that lie together share a box; where there are several
/// boxes or scans, each has a folder with the name of its scan or its first region.
///
/// # Errors
/// What keeps the case from being read or written. An image that cannot be had is none: its features have a fault for that.
pub fn case(plan: &Plan, case: &Case, what: What, folder: &Path, host: &CaseHost) -> Result<(), Fault> {
    // What there is to be warned of was said when the features were computed.
    let quiet = host.quiet();
    let scans = plan.scans();
    let others = What { maps: false, nrrd: false, ..what } != What::default();
    let which = match (what.maps || what.previews, others) {
        (true, true) => WhichMaps::All,
        (true, false) => WhichMaps::Maps,
        (false, _) => WhichMaps::OfFeatures,
    };
    for scan in &scans {
        let (image, masks) = load::case(plan, *scan, case, &quiet)?;
        let delineated = delineate::case(plan, *scan, case, &image, masks, &quiet)?;
        let seen = delineated.seen();
        let groups = features::groups(plan, &delineated.space, &delineated.found);
        for group in &groups {
            let mut place = folder.to_owned();
            place.extend(scan.filter(|_| scans.len() > 1).map(file_name));
            place.extend(group.regions.first().filter(|_| groups.len() > 1).map(|found| file_name(&found.label(plan))));
            std::fs::create_dir_all(&place)
                .map_err(|cause| Fault::new(STAGE, format!("cannot make {}: {cause}", place.display())))?;
            let images = Images::new(plan, *scan, &delineated.space, &seen, group.part, which, &quiet)?;
            let files = Files { plan, delineated: &delineated, images: &images, place: &place, host: &quiet };
            files.group(group, what)?;
        }
    }
    Ok(())
}

/// The files of a box.
struct Files<'a> {
    plan: &'a Plan,
    delineated: &'a Delineated<'a>,
    images: &'a Images<'a>,
    place: &'a Path,
    host: &'a CaseHost,
}

impl Files<'_> {
    fn group(&self, group: &Group<'_>, what: What) -> Result<(), Fault> {
        let (plan, space) = (self.plan, &self.delineated.space);
        let maps = (0..plan.maps.len()).filter(|map| self.images.has(plan, *map));
        let is_map = |map: &usize| plan.images[plan.maps[*map].image].mapping.is_some();
        // There may be a hundred, and compressing them takes longer than making them.
        let mapped: Vec<usize> = maps.clone().filter(|map| what.maps && is_map(map)).collect();
        let written: Vec<_> = mapped.into_par_iter().map(|map| self.map(map, group)).collect();
        written.into_iter().collect::<Result<(), Fault>>()?;
        for map in maps.filter(|map| what.images && !is_map(map)) {
            if let Ok(voxels) = self.images.crop(plan, map, group.part) {
                let grid = space.grid.crop(group.part);
                self.write(&plan.maps[map].name, &grid, Voxels::Intensities(&voxels), what)?;
            }
        }
        if what.previews {
            self.preview(group.part)?;
        }
        for found in group.regions.iter().filter(|_| what.masks || what.rings || what.levels) {
            let is_ring = matches!(plan.regions[found.region].from, RegionFrom::Ring { .. });
            let masks = features::masks(plan, space, &self.images.base, found, self.host)?;
            if what.masks || (what.rings && is_ring) {
                self.masks(found, &masks, group.part, what)?;
            }
            if what.levels {
                self.levels(found, &masks, group.part, what)?;
            }
        }
        Ok(())
    }

    /// A map of each of its regions, in the box of all neighbourhoods.
    fn map(&self, map: usize, group: &Group<'_>) -> Result<(), Fault> {
        let (plan, named) = (self.plan, &self.plan.maps[map]);
        let Some(mapping) = &plan.images[named.image].mapping else { return Ok(()) };
        // Without it there is a fault of the features that look at it, or of the case.
        let Some(values) = self.images.sparse(plan, map)? else { return Ok(()) };
        for found in &group.regions {
            let Some((place, values)) = values.region(found.region, found.component) else { continue };
            let of_component = found.component.map(|number| format!(".{}", number)).unwrap_or_default();
            let path = self.place.join(format!("{}{of_component}.{}", file_name(&named.name), mapping.format.end()));
            let grid = self.delineated.space.grid.crop(place.part);
            self.write_to(&path, &grid, Voxels::Values { mask: &place.mask, values, fill: mapping.fill })?;
        }
        Ok(())
    }

    /// The slices through the middle of the box: of the original image, and below it of each response.
    fn preview(&self, part: IndexBox) -> Result<(), Fault> {
        let plan = self.plan;
        let is_response = |map: &usize| !plan.images[plan.maps[*map].image].is_original();
        let maps = (0..plan.maps.len()).filter(|map| self.images.has(plan, *map)).filter(is_response);
        let responses: Vec<_> = maps.filter_map(|map| self.images.crop(plan, map, part).ok()).collect();
        let grid = self.delineated.space.grid.crop(part);
        let picture = preview::responses(&grid, &self.images.base.crop(part)?, responses.iter().map(|of| &**of));
        let path = self.place.join("preview.png");
        let written = picture.png().and_then(|png| {
            std::fs::write(&path, png).map_err(|cause| format!("cannot write {}: {cause}", path.display()))
        });
        written.map_err(|cause| Fault::new(STAGE, cause))
    }

    fn masks(&self, found: &Found, masks: &Masks, part: IndexBox, what: What) -> Result<(), Fault> {
        let label = found.label(self.plan);
        let grid = self.delineated.space.grid.crop(part);
        let whole = in_box(&masks.morphological, masks.part, part);
        self.write(&format!("mask.{label}"), &grid, Voxels::Mask(&whole), what)?;
        if masks.intensity == masks.morphological {
            return Ok(());
        }
        let kept = in_box(&masks.intensity, masks.part, part);
        self.write(&format!("mask.{label}.re-segmented"), &grid, Voxels::Mask(&kept), what)
    }

    /// The levels of a region, image after image; those of several discretisations have the name of the first family that sees them.
    fn levels(&self, found: &Found, masks: &Masks, part: IndexBox, what: What) -> Result<(), Fault> {
        let plan = self.plan;
        for map in (0..plan.maps.len()).filter(|map| self.images.has(plan, *map)) {
            let mut rules: Vec<(Discretisation, &str)> = Vec::new();
            for family in plan.families.iter().filter(|family| family.regions[found.region]) {
                let rule = family.uses[map].as_ref().and_then(|used| used.discretisation);
                if let Some(rule) = rule.filter(|rule| rules.iter().all(|(known, _)| known != rule)) {
                    rules.push((rule, &family.name));
                }
            }
            let Ok(voxels) = self.images.crop(plan, map, masks.part) else { continue };
            for (rule, family) in &rules {
                let Ok(found_levels) = features::discretised(plan, self.images, map, &voxels, &masks.intensity, rule)
                else {
                    continue;
                };
                let of_family = if rules.len() > 1 { format!(".{family}") } else { String::new() };
                let name = format!("levels.{}.{}{of_family}", plan.maps[map].name, found.label(plan));
                let levels = in_box(&found_levels.levels, masks.part, part);
                self.write(&name, &self.delineated.space.grid.crop(part), Voxels::Levels(&levels), what)?;
            }
        }
        Ok(())
    }

    fn write(&self, name: &str, grid: &Grid, voxels: Voxels<'_>, what: What) -> Result<(), Fault> {
        let end = What::FORMATS[usize::from(what.nrrd)];
        self.write_to(&self.place.join(format!("{}.{end}", file_name(name))), grid, voxels)
    }

    fn write_to(&self, path: &Path, grid: &Grid, voxels: Voxels<'_>) -> Result<(), Fault> {
        if path.exists() {
            let message = format!("two files would be called {}; call an image or a region otherwise", path.display());
            return Err(Fault::new(STAGE, message));
        }
        let given_up = || self.host.is_cancelled();
        volume::write_unless(path, grid, voxels, &given_up).map_err(|cause| match given_up() {
            true => Fault::cancelled(STAGE),
            false => Fault::new(STAGE, cause),
        })
    }
}

/// What lies in a box, in another one; 0 beyond it.
fn in_box<T: Copy + Default + BitOrAssign>(voxels: &[T], from: IndexBox, to: IndexBox) -> Vec<T> {
    let mut all = vec![T::default(); to.dims().iter().product()];
    paste(View::new(from.dims(), voxels), from, &mut all, to);
    all
}

/// A name of the tables as one of a file.
fn file_name(name: &str) -> String {
    let safe = |c: char| if c.is_alphanumeric() || "-_.+=".contains(c) { c } else { '_' };
    name.chars().map(safe).collect()
}
