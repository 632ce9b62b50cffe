//! What features look at, as voxels: the regions and images of a case on the grid of the features.
//!
//! The stages that make them for the features make them here, in the same boxes. So they are the same to the last bit.

use std::borrow::Cow;

use rayon::prelude::*;
use voxomics_imaging::{Grid, IndexBox};

use super::{
    Fault,
    base::Base,
    delineate::{self, Delineated},
    features::{self, Group, Masks},
    images::{Images, WhichMaps},
    load::{self, Given},
    space::Space,
};
use crate::{
    LogLine,
    cases::Case,
    host::{CaseHost, Services},
    plan::Plan,
};

/// The voxels of one scan of a case.
pub struct Voxels {
    /// The scan, by the word after `image.` in the list of cases; none for the one without a word.
    pub scan: Option<String>,
    /// The grid of the features.
    pub grid: Grid,
    /// The box of that grid that holds all that features look at. Images fill it.
    pub part: IndexBox,
    /// The regions, in the order of the tables.
    pub regions: Vec<Region>,
    /// The images that features are computed of, in the order of the plan; none unless they are asked for.
    pub images: Vec<Image>,
}

/// A region.
pub struct Region {
    /// Its name in tables: `tumour`, or `tumour.2` for a component.
    pub name: String,
    /// The box of the grid which its masks fill.
    pub part: IndexBox,
    /// Its morphological mask, *x* fastest: 1 in the region, 0 elsewhere.
    pub morphological: Vec<u8>,
    /// The same of what re-segmentation leaves of it.
    pub intensity: Vec<u8>,
}

/// The original image, or a response map of a filter.
pub struct Image {
    /// Its name in tables.
    pub name: String,
    /// Unit of its values; empty if it is not known.
    pub unit: String,
    /// The region whose voxels have values, if it is a map.
    pub region: Option<String>,
    /// Its values, *x* fastest; NaN between regions that lie apart, where nothing was made.
    pub values: Vec<f64>,
}

/// What there is of a case.
#[derive(Default)]
pub struct OfCase {
    /// Its scans.
    pub scans: Vec<Voxels>,
    /// What could not be had.
    pub faults: Vec<Fault>,
    /// What plugins and stages had to say.
    pub log: Vec<LogLine>,
}

/// The regions of a case, and with `images` what features are computed of; what is in memory is not read.
pub fn of_case(plan: &Plan, case: &Case, given: Given, images: bool, services: &Services) -> OfCase {
    let host = CaseHost::new(services, &case.name);
    let (mut of_case, mut given) = (OfCase::default(), Some(given));
    for scan in plan.scans() {
        let mut look = || -> Result<(), Fault> {
            let given = given.take().unwrap_or_default();
            let (image, masks) = load::case_given(plan, scan, case, given, &host)?;
            let mut delineated = delineate::case(plan, scan, case, &image, masks, &host)?;
            of_case.faults.append(&mut delineated.faults);
            let (voxels, faults) = of_scan(plan, scan, &delineated, images, &host);
            of_case.faults.extend(faults);
            of_case.scans.extend(voxels);
            Ok(())
        };
        let ended = look();
        of_case.faults.extend(ended.err());
    }
    OfCase { log: host.lines(), ..of_case }
}

/// The images of a case from edge to edge, without a look at regions; an image that is in memory is not read.
pub fn of_images(plan: &Plan, case: &Case, given: Given, services: &Services) -> OfCase {
    let host = CaseHost::new(services, &case.name);
    let (mut of_case, mut given) = (OfCase::default(), given.image);
    for scan in plan.scans() {
        let mut look = || -> Result<(), Fault> {
            let image = match given.take().filter(|_| scan.is_none()) {
                Some(here) => here,
                None => load::image(plan, scan, case, &host)?,
            };
            if let Some(filter) = plan.images.iter().filter_map(|image| image.filter.as_ref()).find(|f| f.sees_regions)
            {
                return Err(Fault::new("filter", format!("{} looks at regions, and there is no mask", filter.name)));
            }
            let space = delineate::space(plan, case, &image)?;
            let mut voxels = empty(scan, &space, IndexBox::whole(space.grid.dims));
            let group = Group { regions: Vec::new(), places: Vec::new(), part: voxels.part };
            let made = Images::new(plan, scan, &space, &[], group.part, WhichMaps::OfFeatures, &host)?;
            of_case.faults.extend(add_images(plan, &space, &made, &group, &mut voxels));
            of_case.scans.push(voxels);
            Ok(())
        };
        let ended = look();
        of_case.faults.extend(ended.err());
    }
    OfCase { log: host.lines(), ..of_case }
}

/// The regions that were found on a scan, and with `images` what features are computed of; none if there is no region.
pub fn of_scan(
    plan: &Plan,
    scan: Option<&str>,
    delineated: &Delineated<'_>,
    images: bool,
    host: &CaseHost,
) -> (Option<Voxels>, Vec<Fault>) {
    let Delineated { space, found, .. } = delineated;
    let seen = delineated.seen();
    let groups = features::groups(plan, space, found);
    let Some(part) = groups.iter().map(|group| group.part).reduce(|all, part| all.union(&part)) else {
        return (None, Vec::new());
    };
    let (mut voxels, mut faults) = (empty(scan, space, part), Vec::new());
    let mut masks = Vec::new();
    for group in &groups {
        if host.is_cancelled() {
            faults.push(Fault::cancelled("regions"));
            return (None, faults);
        }
        let of_group = |fault: Fault| -> Vec<Fault> {
            group.regions.iter().map(|found| fault.clone().of_region(found.label(plan))).collect()
        };
        let base = if images {
            Images::new(plan, scan, space, &seen, group.part, WhichMaps::All, host).map(|made| {
                faults.extend(add_images(plan, space, &made, group, &mut voxels));
                made.base
            })
        } else {
            Base::held(space, group.part)
        };
        match base {
            Err(fault) => faults.extend(of_group(fault)),
            Ok(base) => {
                for found in &group.regions {
                    let made = features::masks(plan, space, &base, found, host);
                    masks.push((*found, made));
                }
            }
        }
    }
    masks.sort_by_key(|(found, _)| (found.component, found.region));
    for (found, masks) in masks {
        let name = found.label(plan);
        match masks {
            Err(fault) => faults.push(fault.of_region(name)),
            Ok(Masks { part, morphological, intensity, empty, .. }) => {
                faults.extend(empty.map(|fault| fault.of_region(&name)));
                voxels.regions.push(Region { name, part, morphological, intensity });
            }
        }
    }
    (Some(voxels), faults)
}

fn empty(scan: Option<&str>, space: &Space<'_>, part: IndexBox) -> Voxels {
    let scan = scan.map(str::to_owned);
    Voxels { scan, grid: space.grid, part, regions: Vec::new(), images: Vec::new() }
}

/// Adds what there is of the images in the box of a group; a fault for each image that failed.
fn add_images(plan: &Plan, space: &Space<'_>, made: &Images<'_>, group: &Group<'_>, voxels: &mut Voxels) -> Vec<Fault> {
    let whole = voxels.part;
    let mut faults = Vec::new();
    for (index, map) in plan.maps.iter().enumerate().filter(|(index, _)| made.has(plan, *index)) {
        let values = match made.crop(plan, index, group.part) {
            Ok(values) => values,
            // Images of one filter have one fault in common.
            Err(fault) if faults.contains(&fault) => continue,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        let region = plan.images[map.image].mapping.as_ref().map(|mapping| mapping.region.clone());
        let unit = plan.unit_of(map, &space.unit).to_owned();
        let image = |values| Image { name: map.name.clone(), unit: unit.clone(), region: region.clone(), values };
        if group.part == whole {
            voxels.images.push(image(owned(values)));
            continue;
        }
        let known = voxels.images.iter().position(|image| image.name == map.name);
        let at = known.unwrap_or_else(|| {
            voxels.images.push(image(vec![f64::NAN; whole.dims().iter().product()]));
            voxels.images.len() - 1
        });
        place(&values, group.part, &mut voxels.images[at].values, whole);
    }
    faults
}

/// Values that are kept; a whole scan of them is copied by all threads.
fn owned(values: Cow<'_, [f64]>) -> Vec<f64> {
    match values {
        Cow::Owned(values) => values,
        Cow::Borrowed(values) => values.par_iter().copied().with_min_len(1 << 16).collect(),
    }
}

/// Puts the values of a box into those of a larger one.
fn place(values: &[f64], part: IndexBox, into: &mut [f64], whole: IndexBox) {
    let ([nx, ny, _], [wide, high, _]) = (part.dims(), whole.dims());
    for (row, values) in values.chunks_exact(nx).enumerate() {
        let (y, z) = (row % ny + part.start[1] - whole.start[1], row / ny + part.start[2] - whole.start[2]);
        let at = (z * high + y) * wide + part.start[0] - whole.start[0];
        into[at..at + nx].copy_from_slice(values);
    }
}
