//! Re-segment, discretise, features: from the regions on their grid to the rows of the table.
//!
//! Everything that several regions or families share is made once: intensities and response maps for regions that lie
//! together, levels for families with the same discretisation, matrices for families that ask for the same.
//!
//! A fault costs the values that depend on it, which have it as their reason, and no others: those of one family, of the
//! families with one discretisation, of one filtered image. Parallel results are collected before faults are told: which
//! one comes first in time depends on the threads.

mod grouping;
mod others;

use rayon::prelude::*;
use voxomics_imaging::{
    Grid, IndexBox, View, discretisation as levels, lengths,
    texture::{self, MatrixSet, Request},
};

use super::{
    Fault,
    base::Base,
    delineate::Delineated,
    discretise,
    found::{Around, Found},
    images::{Images, WhichMaps},
    levels_used, of_plugin, resegment,
    space::Space,
};
use crate::{
    experiment::{Compat, Discretisation},
    host::{CaseHost, Pool, RegionInput, SeenRegion},
    plan::{Family, Plan},
    table::{FeatureValue, Row, Undefined},
};

/// Computes the rows of one scan of a case, with the values of its images; a region, an image or a family that fails is a fault, and the others go on.
pub fn compute(
    plan: &Plan,
    scan: Option<&str>,
    delineated: &Delineated<'_>,
    host: &CaseHost,
) -> (Vec<Row>, Vec<Fault>) {
    let Delineated { space, found, .. } = delineated;
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    let around = Around { seen: &delineated.seen(), lacking: &delineated.lacking };
    for (at, computed) in each(plan, scan, space, around, found, host) {
        let of_region = match computed {
            Ok((row, faults)) => {
                rows.push(row);
                faults
            }
            Err(fault) => vec![fault],
        };
        faults.extend(of_region.into_iter().map(|fault| fault.of_region(found[at].label(plan))));
    }
    rows.sort_by_key(|row| (row.component, row.region));
    (rows, faults)
}

/// The row of a region and what kept some of its values from being computed, or why there is none.
pub type Computed = Result<(Row, Vec<Fault>), Fault>;

/// What is computed of each region, with its place among `found`: those that lie together follow each other.
pub fn each(
    plan: &Plan,
    scan: Option<&str>,
    space: &Space<'_>,
    around: Around<'_>,
    found: &[Found],
    host: &CaseHost,
) -> Vec<(usize, Computed)> {
    let mut all = Vec::new();
    for Group { regions, places, part } in groups(plan, space, found) {
        match Images::new(plan, scan, space, around.seen, part, WhichMaps::OfFeatures, host) {
            Err(fault) => all.extend(places.into_iter().map(|place| (place, Err(fault.clone())))),
            Ok(images) => {
                let of_case = OfCase { plan, space, around, images: &images, host };
                let computed: Vec<_> = regions.par_iter().map(|found| region(&of_case, found)).collect();
                all.extend(places.into_iter().zip(computed));
            }
        }
    }
    all
}

/// Regions that lie together, and the box of their intensities.
pub(super) struct Group<'a> {
    /// The regions.
    pub regions: Vec<&'a Found>,
    /// Their places among all of them.
    pub places: Vec<usize>,
    /// The box.
    pub part: IndexBox,
}

/// Regions whose boxes overlap, together: they share what is made of their box.
pub(super) fn groups<'a>(plan: &Plan, space: &Space<'_>, found: &'a [Found]) -> Vec<Group<'a>> {
    let margin = family_margin(plan, &space.grid);
    let boxes: Vec<IndexBox> = found.iter().map(|region| region.part.grown(margin, space.grid.dims)).collect();
    let (groups, _) = grouping::groups(&boxes);
    let group = |(part, members): (IndexBox, Vec<usize>)| Group {
        regions: members.iter().map(|index| &found[*index]).collect(),
        places: members,
        part,
    };
    groups.into_iter().map(group).collect()
}

/// How far beyond a region its families read the image, in voxels.
fn family_margin(plan: &Plan, grid: &Grid) -> [usize; 3] {
    let mm = plan.families.iter().map(|family| family.instance.needs.margin_mm).fold(0.0, f64::max);
    grid.spacing.map(|spacing| lengths::covering(mm, spacing))
}

/// A region with its two masks, in the box that families see.
#[derive(Clone)]
pub(super) struct Masks {
    /// The box.
    pub part: IndexBox,
    grid: Grid,
    /// The region.
    pub morphological: Vec<u8>,
    /// What re-segmentation leaves of it.
    pub intensity: Vec<u8>,
    /// The region within the box of what re-segmentation leaves: PyRadiomics' shape is that of it.
    pub cut: Option<Vec<u8>>,
    /// Why most families have nothing to compute: no intensity counts.
    pub empty: Option<Fault>,
}

impl Masks {
    /// The morphological mask that a family sees.
    fn morphological_of(&self, family: &Family) -> &[u8] {
        match &self.cut {
            Some(cut) if Compat::is_shape(&family.instance.name) => cut,
            _ => &self.morphological,
        }
    }

    /// The same without the voxels at which a map has no value.
    fn with_values(&self, plan: &Plan, map: usize, voxels: &[f64]) -> Self {
        let mut masks = self.clone();
        masks.intensity.iter_mut().zip(voxels).for_each(|(inside, value)| *inside &= u8::from(!value.is_nan()));
        if masks.empty.is_none() && masks.intensity.iter().all(|inside| *inside == 0) {
            let message = format!("empty region: the map `{}` has no value in it", plan.maps[map].name);
            masks.empty = Some(Fault::new("map", message));
        }
        masks
    }
}

/// What the features of a region are computed from.
struct OfCase<'a> {
    plan: &'a Plan,
    space: &'a Space<'a>,
    around: Around<'a>,
    images: &'a Images<'a>,
    host: &'a CaseHost,
}

/// The row of a region, and what kept some of its values from being computed.
fn region(of_case: &OfCase<'_>, found: &Found) -> Computed {
    let OfCase { plan, space, images, host, .. } = *of_case;
    let masks = masks(plan, space, &images.base, found, host)?;
    let used = plan.maps.iter().enumerate().filter(|(map, _)| images.has(plan, *map)).filter(|(map, _)| {
        plan.families.iter().any(|family| family.regions[found.region] && family.uses[*map].is_some())
    });
    let used: Vec<usize> = used.map(|(map, _)| map).collect();
    let computed: Vec<_> = used.into_par_iter().map(|index| map(of_case, &masks, found, index)).collect();
    let (mut values, mut faults) = (vec![None; plan.columns.len()], Vec::new());
    for (filled, fault) in computed.into_iter().flatten() {
        filled.into_iter().for_each(|(column, value)| values[column] = Some(value));
        // Families can have one fault in common.
        faults.extend(fault.filter(|fault| !faults.contains(fault)));
    }
    Ok((Row { region: found.region, component: found.component, values }, faults))
}

/// The masks of a region, in the box that its families see; `base` has the intensities there.
pub(super) fn masks(
    plan: &Plan,
    space: &Space<'_>,
    base: &Base<'_>,
    found: &Found,
    host: &CaseHost,
) -> Result<Masks, Fault> {
    let part = found.part.grown(family_margin(plan, &space.grid), space.grid.dims);
    let mut morphological = vec![0; part.dims().iter().product()];
    super::boxed::paste(View::new(found.part.dims(), &found.mask), found.part, &mut morphological, part);
    // By the intensities of the original image, whatever map the features are of.
    let modality = space.modality.as_deref();
    let intensity = resegment::kept(plan, modality, (base, part), &morphological)?;
    resegment::warn(plan, &found.label(plan), modality, &intensity, &morphological, host);
    let empty = resegment::empty(plan, &intensity, &morphological);
    let cut = plan.compat.and_then(|compat| compat.cut(View::new(part.dims(), &morphological), &intensity));
    Ok(Masks { part, grid: space.grid.crop(part), morphological, intensity, cut, empty })
}

/// Values with their columns, and the fault that is the reason of those that could not be computed.
type Filled = (Vec<(usize, FeatureValue)>, Option<Fault>);

/// The families of one map of a region: a value for each of their columns.
///
/// Families that need no levels run beside the discretisation and the matrices that the others wait for.
fn map(of_case: &OfCase<'_>, masks: &Masks, found: &Found, map: usize) -> Vec<Filled> {
    let OfCase { plan, space, around, images, host } = *of_case;
    let unit = plan.unit_of(&plan.maps[map], &space.unit);
    let used = plan.families.iter().filter(|family| family.regions[found.region] && family.uses[map].is_some());
    let mut used: Vec<&Family> = used.collect();
    let voxels = match images.crop(plan, map, masks.part) {
        Ok(voxels) => voxels,
        Err(fault) => return used.into_iter().map(|family| failed(family, map, fault.clone())).collect(),
    };
    let with_values = plan.images[plan.maps[map].image].mapping.as_ref().map(|_| masks.with_values(plan, map, &voxels));
    let masks = with_values.as_ref().unwrap_or(masks);
    let needs_levels = |family: &&Family| family.uses[map].as_ref().is_some_and(|used| used.discretisation.is_some());
    let mut filled = Vec::new();
    if let Some(empty) = &masks.empty {
        // Shape is there all the same.
        let takes = |family: &&Family| family.instance.needs.takes_empty_intensity_mask && !needs_levels(family);
        let (takes, others): (Vec<_>, Vec<_>) = used.into_iter().partition(takes);
        filled.extend(others.into_iter().map(|family| failed(family, map, empty.clone())));
        used = takes;
    }
    let (levelled, plain): (Vec<&Family>, Vec<&Family>) = used.into_iter().partition(needs_levels);
    let compute = |families: &[&Family], shared: &[Result<Shared, (Discretisation, Box<Fault>)>]| -> Vec<Filled> {
        let compute = |of: &Family| {
            let others = others::masks(plan, around, of, found, masks.part)?;
            family(of, map, (&voxels, unit), masks, &others, shared, host)
        };
        let of = |of: &&Family| match compute(of) {
            Ok(filled) => (filled, None),
            Err(fault) => failed(of, map, fault),
        };
        families.par_iter().map(of).collect()
    };
    let discretise = |rule: &Discretisation| discretised(plan, images, map, &voxels, &masks.intensity, rule);
    let (plain, levelled) = rayon::join(
        || compute(&plain, &[]),
        || compute(&levelled, &shared(plan, &levelled, map, &discretise, masks, found, host)),
    );
    filled.extend(levelled.into_iter().chain(plain));
    filled
}

/// The grey levels of a region in a map of the plan.
///
/// # Errors
/// If the intensities do not fit the rule.
pub(super) fn discretised(
    plan: &Plan,
    images: &Images<'_>,
    map: usize,
    voxels: &[f64],
    mask: &[u8],
    rule: &Discretisation,
) -> Result<levels::Discretised, levels::DiscretisationError> {
    let single = images.single && plan.images[plan.maps[map].image].is_original();
    discretise::levels(plan, rule, single, voxels, mask)
}

/// The columns of a family without a value, the reason being a fault.
fn failed(family: &Family, map: usize, fault: Fault) -> Filled {
    let reason = Undefined::from(fault.message.as_str());
    let columns = family.uses[map].iter().flat_map(|used| used.columns.iter().flatten());
    (columns.map(|column| (*column, Err(reason.clone()))).collect(), Some(fault))
}

/// One family of one map of a region.
fn family(
    family: &Family,
    map: usize,
    (voxels, unit): (&[f64], &str),
    masks: &Masks,
    others: &[Vec<u8>],
    shared: &[Result<Shared, (Discretisation, Box<Fault>)>],
    host: &CaseHost,
) -> Result<Vec<(usize, FeatureValue)>, Fault> {
    if host.is_cancelled() {
        return Err(Fault::cancelled("features"));
    }
    let used = family.uses[map].as_ref().map(|used| (used.discretisation, &used.columns));
    let Some((discretisation, columns)) = used else { return Ok(Vec::new()) };
    let levels = shared.iter().find(|shared| match shared {
        Ok(shared) => Some(shared.discretisation) == discretisation,
        Err((failed, _)) => Some(*failed) == discretisation,
    });
    let levels = match levels {
        Some(Err((_, fault))) => return Err(Fault::clone(fault)),
        Some(Ok(shared)) => Some(shared),
        None => None,
    };
    let others = family.instance.needs.regions.iter().zip(others);
    let others: Vec<SeenRegion<'_>> = others.map(|(name, mask)| SeenRegion { name, mask }).collect();
    let input = RegionInput {
        grid: &masks.grid,
        image: voxels,
        morphological_mask: masks.morphological_of(family),
        intensity_mask: &masks.intensity,
        levels: levels.map_or(&[], |shared| &shared.levels.levels),
        level_count: levels.map_or(0, |shared| shared.levels.n_levels),
        unit,
        regions: &others,
    };
    let matrices = family.matrices.iter().filter_map(|request| levels.and_then(|shared| shared.matrix(request)));
    let matrices: Vec<&MatrixSet> = matrices.collect();
    let values = family.instance.compute(input, &matrices, host).map_err(|error| of_plugin("features", &error))?;
    Ok(columns.iter().zip(values).filter_map(|(column, value)| column.map(|column| (column, value))).collect())
}

/// What the families with one discretisation share.
struct Shared {
    discretisation: Discretisation,
    levels: levels::Discretised,
    requests: Vec<Request>,
    sets: Vec<MatrixSet>,
}

impl Shared {
    fn matrix(&self, request: &Request) -> Option<&MatrixSet> {
        self.requests.iter().position(|candidate| candidate == request).map(|index| &self.sets[index])
    }
}

/// Discretises, and builds every matrix that is asked for, once; a discretisation that fails says of itself why.
fn shared(
    plan: &Plan,
    families: &[&Family],
    map: usize,
    discretise: &(impl Fn(&Discretisation) -> Result<levels::Discretised, levels::DiscretisationError> + Sync),
    masks: &Masks,
    found: &Found,
    host: &CaseHost,
) -> Vec<Result<Shared, (Discretisation, Box<Fault>)>> {
    let stage = "discretisation";
    let of_family = |family: &&Family| family.uses[map].as_ref().and_then(|used| used.discretisation);
    let mut wanted: Vec<Discretisation> = Vec::new();
    for discretisation in families.iter().filter_map(of_family) {
        if !wanted.contains(&discretisation) {
            wanted.push(discretisation);
        }
    }
    let make = |discretisation: &Discretisation| {
        let image = &plan.maps[map].name;
        let discretised =
            discretise(discretisation).map_err(|wrong| Fault::new(stage, format!("image `{image}`: {wrong}")))?;
        if discretised.n_levels == 0 {
            return Err(Fault::new(stage, format!("empty region: image `{image}` has no voxel within the bins")));
        }
        levels_used::warn(&discretised, discretisation, image, &found.label(plan), host);
        let mut requests: Vec<Request> = Vec::new();
        for family in families.iter().filter(|family| of_family(family) == Some(*discretisation)) {
            requests.extend(family.matrices.iter().filter(|request| !requests.contains(request)).collect::<Vec<_>>());
        }
        let dims = masks.part.dims();
        let levels = View::new(dims, &discretised.levels);
        let morphological = View::new(dims, &masks.morphological);
        let sets = texture::build(&requests, levels, discretised.n_levels, Some(morphological), &Pool)
            .map_err(|wrong| Fault::new("texture", wrong))?;
        Ok(Shared { discretisation: *discretisation, levels: discretised, requests, sets })
    };
    wanted.par_iter().map(|wanted| make(wanted).map_err(|fault| (*wanted, Box::new(fault)))).collect()
}
