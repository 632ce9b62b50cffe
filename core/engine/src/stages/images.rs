//! Filter and map: the original image and every response, each in the box that features and further images need.
//!
//! A filter sees the box around the regions, grown by its margin and by those of the filters that take its response.
//! So each response is made from no more voxels than it needs, and a filter that asks for the whole scan costs the
//! others nothing.

use std::borrow::Cow;

use rayon::prelude::*;
use voxomics_imaging::{IndexBox, View};

use super::{
    Fault,
    base::{Base, Look},
    boxed::paste,
    found::Found,
    maps::{self, Sparse},
    of_plugin,
    space::{Space, crop},
};
use crate::{
    host::{CaseHost, Elements, Seen, SeenRegion},
    plan::{Image, Plan, Source},
};

const STAGE: &str = "filter";

/// The maps of a group of regions: the original image and every response, or why there is none.
pub struct Images<'s> {
    /// The original image.
    pub base: Base<'s>,
    /// By image of the plan.
    responses: Vec<Result<Responses, Fault>>,
    /// Whether the scan is stored in single precision.
    pub single: bool,
    /// Which images of the plan were made; there is nothing of the others.
    made: Vec<bool>,
}

/// The response maps of an image; none for the original.
struct Responses {
    part: IndexBox,
    maps: Vec<Voxels>,
}

impl Responses {
    /// Lets maps have their places in common with others that have the same.
    fn share_places<'r>(&mut self, others: impl Iterator<Item = &'r Self>) {
        let sparse = |maps: &'r Self| match maps.maps.first() {
            Some(Voxels::Sparse(sparse)) => Some(sparse),
            _ => None,
        };
        let known: Vec<&Sparse> = others.filter_map(sparse).collect();
        for map in &mut self.maps {
            if let Voxels::Sparse(map) = map {
                map.share_places(&known);
            }
        }
    }
}

/// The voxels of a response map.
enum Voxels {
    /// As the filter gave them, where it made them.
    Given(Elements<f64>),
    /// The part of them that is needed.
    Cut(Vec<f64>),
    /// Those of the regions that a map is of: so a map takes no more memory than it has values.
    Sparse(Sparse),
}

impl Voxels {
    /// Those in a box of the box that they are in; `fill` where a map has no value.
    fn crop(&self, whole: IndexBox, part: IndexBox, fill: f64) -> Cow<'_, [f64]> {
        match self {
            Self::Given(voxels) => crop(voxels, whole, part),
            Self::Cut(voxels) => crop(voxels, whole, part),
            Self::Sparse(voxels) => Cow::Owned(voxels.crop(part, fill)),
        }
    }
}

/// Which maps of a plan are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichMaps<'a> {
    /// Those that features are computed of, and those that such are made of.
    OfFeatures,
    /// All of them.
    All,
    /// The maps of families, and what they are made of: the original image is then made a part at a time.
    Maps,
    /// These images alone, by their place in the plan, and those that they are made of.
    These(&'a [usize]),
}

impl<'s> Images<'s> {
    /// Filters what the box `wanted` of one scan of a case needs.
    ///
    /// # Errors
    /// If there is no original image there; a filter that fails costs its own images.
    pub fn new(
        plan: &Plan,
        scan: Option<&str>,
        space: &'s Space<'_>,
        seen: &[&Found],
        wanted: IndexBox,
        which: WhichMaps<'_>,
        host: &CaseHost,
    ) -> Result<Self, Fault> {
        let of_scan: Vec<bool> = plan.images.iter().map(|image| image.scan.as_deref() == scan).collect();
        let due = needed(plan, &of_scan, which);
        let boxes = Boxes::new(plan, &due, space, seen, wanted, host)?;
        let base = match !space.is_as_stored() || all_are_read(plan, &due, which) {
            true => Base::held(space, boxes.scan)?,
            false => Base::made(space),
        };
        let around = Around { plan, space, seen, base: &base, host };
        let nothing = || Ok(Responses { part: wanted, maps: Vec::new() });
        let mut responses: Vec<Option<Result<Responses, Fault>>> = due.iter().map(|due| (!due).then(nothing)).collect();
        loop {
            let ready = |source: Source| match source {
                Source::Scan => true,
                Source::Response { image, .. } => responses[image].is_some(),
            };
            let due: Vec<usize> =
                (0..plan.images.len()).filter(|at| responses[*at].is_none() && ready(plan.images[*at].of)).collect();
            if due.is_empty() {
                break;
            }
            let respond = |at: usize| {
                let image = &plan.images[at];
                let input = input(plan, image, &base, &responses, boxes.read[at]);
                input.and_then(|input| around.respond(image, &input, boxes.read[at], boxes.kept[at]))
            };
            // A map takes all threads, and much memory while it is made: one after the other.
            let (maps, others): (Vec<usize>, Vec<usize>) =
                due.into_iter().partition(|at| plan.images[*at].mapping.is_some());
            let made: Vec<_> = others.into_par_iter().map(|at| (at, respond(at))).collect();
            made.into_iter().for_each(|(at, made)| responses[at] = Some(made));
            for at in maps {
                let look = |part| input(plan, &plan.images[at], &base, &responses, part);
                let mut made = around.map(&plan.images[at], &look, boxes.kept[at]);
                if let Ok(made) = &mut made {
                    made.share_places(responses.iter().filter_map(|other| other.as_ref()?.as_ref().ok()));
                }
                responses[at] = Some(made);
            }
        }
        let responses = responses.into_iter().map(|response| {
            // The plan lets no image be made of itself.
            response.unwrap_or_else(|| Err(Fault::new(STAGE, "images are made of each other in a circle")))
        });
        let responses = responses.collect();
        Ok(Self { base, responses, single: space.is_single(), made: due })
    }

    /// Whether a map of the plan is one of the scan at hand, and was made.
    pub fn has(&self, plan: &Plan, map: usize) -> bool {
        self.made[plan.maps[map].image]
    }

    /// The voxels of a map of the plan in a box; of one that it [`has`](Self::has).
    ///
    /// # Errors
    /// Why there are none.
    pub fn crop(&self, plan: &Plan, map: usize, part: IndexBox) -> Result<Cow<'_, [f64]>, Fault> {
        let map = &plan.maps[map];
        match &self.responses[map.image] {
            Err(fault) => Err(fault.clone()),
            Ok(Responses { part: whole, maps }) => Ok(match maps.get(map.response) {
                Some(voxels) => voxels.crop(*whole, part, f64::NAN),
                // The original image has no voxels of its own here.
                None => self.base.crop(part)?,
            }),
        }
    }
}

impl Images<'_> {
    /// A response of an image in a box.
    ///
    /// # Errors
    /// Why there is none.
    pub fn response(&self, image: usize, response: usize, part: IndexBox) -> Result<Cow<'_, [f64]>, Fault> {
        match &self.responses[image] {
            Err(fault) => Err(fault.clone()),
            Ok(Responses { part: whole, maps }) => {
                let voxels = maps.get(response).ok_or_else(|| Fault::new(STAGE, "there is no such response"))?;
                Ok(voxels.crop(*whole, part, f64::NAN))
            }
        }
    }

    /// The values of a map of the plan that a family made, by region.
    ///
    /// # Errors
    /// Why there are none.
    pub fn sparse(&self, plan: &Plan, map: usize) -> Result<Option<&Sparse>, Fault> {
        let map = &plan.maps[map];
        match &self.responses[map.image] {
            Err(fault) => Err(fault.clone()),
            Ok(Responses { maps, .. }) => Ok(match maps.get(map.response) {
                Some(Voxels::Sparse(voxels)) => Some(voxels),
                _ => None,
            }),
        }
    }
}

/// Whether something reads all intensities of the box at once: a filter, a family, or whoever asked for the images. A map does not.
fn all_are_read(plan: &Plan, due: &[bool], which: WhichMaps<'_>) -> bool {
    let is_filtered = |(image, due): (&Image, &bool)| *due && image.filter.is_some() && image.of == Source::Scan;
    let is_original = |map: &crate::plan::Map| plan.images[map.image].is_original();
    let uses = |family: &crate::plan::Family| {
        plan.maps.iter().zip(&family.uses).any(|(map, used)| used.is_some() && is_original(map))
    };
    let is_asked = match which {
        WhichMaps::Maps => false,
        WhichMaps::OfFeatures => plan.families.iter().any(uses),
        WhichMaps::All | WhichMaps::These(_) => true,
    };
    is_asked || plan.images.iter().zip(due).any(is_filtered)
}

/// Which images are made: those of the scan, but of the maps only those that something needs.
fn needed(plan: &Plan, of_scan: &[bool], which: WhichMaps<'_>) -> Vec<bool> {
    let used = |at: usize| {
        let of_image = |(map, used): (&crate::plan::Map, &Option<_>)| map.image == at && used.is_some();
        plan.families.iter().any(|family| plan.maps.iter().zip(&family.uses).any(of_image))
    };
    let is_map = |at: usize| plan.images[at].mapping.is_some();
    let wanted = |at: usize| match which {
        WhichMaps::OfFeatures => !is_map(at) || used(at),
        WhichMaps::All => true,
        WhichMaps::Maps => is_map(at),
        WhichMaps::These(images) => images.contains(&at),
    };
    let mut needed: Vec<bool> = (0..plan.images.len()).map(wanted).collect();
    // A chain has no more links than there are images.
    for _ in &plan.images {
        for at in 0..needed.len() {
            if let (true, Source::Response { image, .. }) = (needed[at], plan.images[at].of) {
                needed[image] = true;
            }
        }
    }
    needed.iter().zip(of_scan).map(|(needed, of_scan)| *needed && *of_scan).collect()
}

/// The boxes in which images are needed.
struct Boxes {
    /// That of the scan.
    scan: IndexBox,
    /// For each image where its voxels are needed, by what is made of it.
    kept: Vec<IndexBox>,
    /// For each image what is read of that which it is made of.
    read: Vec<IndexBox>,
}

impl Boxes {
    fn new(
        plan: &Plan,
        due: &[bool],
        space: &Space<'_>,
        seen: &[&Found],
        wanted: IndexBox,
        host: &CaseHost,
    ) -> Result<Self, Fault> {
        let dims = space.grid.dims;
        let margin = |(image, due): (&Image, &bool)| match (&image.filter, &image.mapping) {
            (Some(filter), _) if *due => filter.margin(&space.grid, host).map_err(|error| of_plugin(STAGE, &error)),
            (None, Some(mapping)) if *due => Ok(mapping.radius.voxels(space.grid.spacing)),
            _ => Ok([0; 3]),
        };
        let margins: Vec<[usize; 3]> = plan.images.iter().zip(due).map(margin).collect::<Result<_, _>>()?;
        let mut boxes = Self { scan: wanted, kept: vec![wanted; due.len()], read: vec![wanted; due.len()] };
        // A chain has no more links than there are images.
        for _ in &plan.images {
            for (at, image) in plan.images.iter().enumerate().filter(|(at, _)| due[*at]) {
                boxes.read[at] = match &image.mapping {
                    None => boxes.kept[at].grown(margins[at], dims),
                    Some(_) => {
                        let whole = maps::whole_regions(plan, image, seen, boxes.kept[at], margins[at], dims);
                        boxes.scan = boxes.scan.union(&whole);
                        boxes.kept[at].union(&whole)
                    }
                };
                let source = match image.of {
                    Source::Scan => &mut boxes.scan,
                    Source::Response { image, .. } => &mut boxes.kept[image],
                };
                *source = source.union(&boxes.read[at]);
            }
        }
        Ok(boxes)
    }
}

/// The voxels that an image is made of. A filter sees the number that the experiment gives where a map has no value.
fn input<'a>(
    plan: &Plan,
    image: &Image,
    base: &'a Base<'_>,
    responses: &'a [Option<Result<Responses, Fault>>],
    part: IndexBox,
) -> Result<Cow<'a, [f64]>, Fault> {
    match image.of {
        Source::Scan => base.crop(part),
        Source::Response { image: of, response } => match &responses[of] {
            Some(Ok(made)) => {
                let fill = plan.images[of].mapping.as_ref().filter(|_| image.filter.is_some());
                Ok(made.maps[response].crop(made.part, part, fill.map_or(f64::NAN, |mapping| mapping.fill)))
            }
            Some(Err(fault)) => Err(fault.clone()),
            None => Err(Fault::new(STAGE, "an image is filtered before it is there")),
        },
    }
}

/// A region in the box of an image.
pub struct InBox {
    name: String,
    mask: Vec<u8>,
}

impl InBox {
    /// As it is handed to a plugin.
    pub fn lent(&self) -> SeenRegion<'_> {
        SeenRegion { name: &self.name, mask: &self.mask }
    }
}

/// The regions of a scan that the filter of an image looks at, as far as they lie in a box.
pub fn seen_in(plan: &Plan, image: &Image, seen: &[&Found], part: IndexBox) -> Vec<InBox> {
    let wanted = plan.seen_by(image);
    let in_box = |found: &&Found| {
        let mut mask = vec![0; part.dims().iter().product()];
        paste(View::new(found.part.dims(), &found.mask), found.part, &mut mask, part);
        InBox { name: found.label(plan), mask }
    };
    seen.iter().filter(|found| wanted.contains(&found.region)).map(in_box).collect()
}

/// What is around an image that is filtered.
struct Around<'a> {
    plan: &'a Plan,
    space: &'a Space<'a>,
    seen: &'a [&'a Found],
    base: &'a Base<'a>,
    host: &'a CaseHost,
}

impl Around<'_> {
    /// The maps of an image, whose voxels in any box `look` gives.
    fn map<'b>(&'b self, image: &'b Image, look: &'b Look<'b>, kept: IndexBox) -> Result<Responses, Fault> {
        let Some(mapping) = &image.mapping else { return Ok(Responses { part: kept, maps: Vec::new() }) };
        let Self { plan, space, seen, base, host } = *self;
        let scene = maps::Scene { plan, space, image, mapping, base, look, host };
        let made = scene.regions(seen, kept)?;
        Ok(Responses { part: kept, maps: made.into_iter().map(Voxels::Sparse).collect() })
    }

    /// The responses of an image to what is in the box `read`, as far as they are needed.
    fn respond(&self, image: &Image, input: &[f64], read: IndexBox, kept: IndexBox) -> Result<Responses, Fault> {
        let Some(filter) = &image.filter else { return Ok(Responses { part: kept, maps: Vec::new() }) };
        if self.host.is_cancelled() {
            return Err(Fault::cancelled("features"));
        }
        if filter.unfitted {
            return Err(Fault::new(STAGE, format!("{} is not fitted yet", filter.name)));
        }
        let named = seen_in(self.plan, image, self.seen, read);
        let regions: Vec<SeenRegion<'_>> = named.iter().map(InBox::lent).collect();
        let (grid, unit) = (self.space.grid.crop(read), self.plan.unit_of_source(image, &self.space.unit));
        let wanted = (read != kept).then(|| kept.within(read));
        let seen = Seen { grid: &grid, voxels: input, unit, regions: &regions, images: &[], wanted };
        let maps = filter.apply(&seen, self.host).map_err(|error| of_plugin(STAGE, &error))?;
        let count: usize = kept.dims().iter().product();
        let needed = |map: Elements<f64>| match map.len() == count {
            true => Voxels::Given(map),
            false => Voxels::Cut(crop(&map, read, kept).into_owned()),
        };
        let maps = maps.into_iter().map(needed).collect();
        Ok(Responses { part: kept, maps })
    }
}
