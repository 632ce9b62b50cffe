//! Filter: the original image and every response, each in the box that features and further filters need.
//!
//! A filter sees the box around the regions, grown by its margin and by those of the filters that take its response.
//! So each response is made from no more voxels than it needs, and a filter that asks for the whole scan costs the
//! others nothing.

use std::borrow::Cow;

use rayon::prelude::*;
use voxomics_imaging::{Grid, IndexBox, View};

use super::{
    Fault,
    boxed::paste,
    of_plugin,
    regions::Found,
    space::{Part, Space, crop},
};
use crate::{
    host::{CaseHost, Elements, Seen, SeenRegion},
    plan::{Image, Plan, Source},
};

const STAGE: &str = "filter";

/// The maps of a group of regions: the original image and every response, or why there is none.
pub struct Images {
    /// The original image.
    pub base: Part,
    /// By image of the plan.
    responses: Vec<Result<Responses, Fault>>,
    /// Whether the scan is stored in single precision.
    pub single: bool,
    /// Which images of the plan are of the scan at hand; there is nothing of the others.
    of_scan: Vec<bool>,
}

/// The response maps of an image; none for the original.
struct Responses {
    part: IndexBox,
    maps: Vec<Voxels>,
}

/// The voxels of a response map.
enum Voxels {
    /// As the filter gave them, where it made them.
    Given(Elements<f64>),
    /// The part of them that is needed.
    Cut(Vec<f64>),
}

impl std::ops::Deref for Voxels {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        match self {
            Self::Given(voxels) => voxels,
            Self::Cut(voxels) => voxels,
        }
    }
}

impl Images {
    /// Filters what the box `wanted` of one scan of a case needs.
    ///
    /// # Errors
    /// If there is no original image there; a filter that fails costs its own images.
    pub fn new(
        plan: &Plan,
        scan: Option<&str>,
        space: &Space<'_>,
        seen: &[&Found],
        wanted: IndexBox,
        host: &CaseHost,
    ) -> Result<Self, Fault> {
        let of_scan: Vec<bool> = plan.images.iter().map(|image| image.scan.as_deref() == scan).collect();
        let (reach, margins) = reach(plan, &of_scan, &space.grid, host)?;
        let dims = space.grid.dims;
        let base = space.intensities(wanted.grown(reach.scan, dims))?;
        let around = Around { plan, space, seen, host };
        let nothing = || Ok(Responses { part: wanted, maps: Vec::new() });
        let mut responses: Vec<Option<Result<Responses, Fault>>> =
            of_scan.iter().map(|of_scan| (!of_scan).then(nothing)).collect();
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
            let made: Vec<_> = due
                .into_par_iter()
                .map(|at| {
                    let kept = wanted.grown(reach.images[at], dims);
                    let read = wanted.grown(sum(reach.images[at], margins[at]), dims);
                    let input = input(&plan.images[at], &base, &responses, read);
                    (at, input.and_then(|input| around.respond(&plan.images[at], &input, read, kept)))
                })
                .collect();
            made.into_iter().for_each(|(at, made)| responses[at] = Some(made));
        }
        let responses = responses.into_iter().map(|response| {
            // The plan lets no image be made of itself.
            response.unwrap_or_else(|| Err(Fault::new(STAGE, "images are made of each other in a circle")))
        });
        let responses = responses.collect();
        Ok(Self { base, responses, single: space.is_single(), of_scan })
    }

    /// Whether a map of the plan is one of the scan at hand.
    pub fn has(&self, plan: &Plan, map: usize) -> bool {
        self.of_scan[plan.maps[map].image]
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
                Some(voxels) => crop(voxels, *whole, part),
                // The original image has no voxels of its own here.
                None => self.base.crop(part),
            }),
        }
    }
}

impl Images {
    /// A response of an image in a box.
    ///
    /// # Errors
    /// Why there is none.
    pub fn response(&self, image: usize, response: usize, part: IndexBox) -> Result<Cow<'_, [f64]>, Fault> {
        match &self.responses[image] {
            Err(fault) => Err(fault.clone()),
            Ok(Responses { part: whole, maps }) => {
                let voxels = maps.get(response).ok_or_else(|| Fault::new(STAGE, "there is no such response"))?;
                Ok(crop(voxels, *whole, part))
            }
        }
    }
}

/// How far beyond the regions each image is needed, voxels.
struct Reach {
    scan: [usize; 3],
    images: Vec<[usize; 3]>,
}

/// The reach of each image, by what is made of it, and the margin of its own filter.
fn reach(plan: &Plan, of_scan: &[bool], grid: &Grid, host: &CaseHost) -> Result<(Reach, Vec<[usize; 3]>), Fault> {
    let margin = |(image, of_scan): (&Image, &bool)| match &image.filter {
        None => Ok([0; 3]),
        Some(_) if !of_scan => Ok([0; 3]),
        Some(filter) => filter.margin(grid, host).map_err(|error| of_plugin(STAGE, &error)),
    };
    let margins: Vec<[usize; 3]> = plan.images.iter().zip(of_scan).map(margin).collect::<Result<_, _>>()?;
    let mut reach = Reach { scan: [0; 3], images: vec![[0; 3]; margins.len()] };
    // A chain has no more links than there are images.
    for _ in &plan.images {
        for (at, image) in plan.images.iter().enumerate() {
            let of = sum(reach.images[at], margins[at]);
            let source = match image.of {
                Source::Scan => &mut reach.scan,
                Source::Response { image, .. } => &mut reach.images[image],
            };
            *source = std::array::from_fn(|axis| source[axis].max(of[axis]));
        }
    }
    Ok((reach, margins))
}

fn sum(a: [usize; 3], b: [usize; 3]) -> [usize; 3] {
    std::array::from_fn(|axis| a[axis].saturating_add(b[axis]))
}

/// The voxels that an image is made of.
fn input<'a>(
    image: &Image,
    base: &'a Part,
    responses: &'a [Option<Result<Responses, Fault>>],
    part: IndexBox,
) -> Result<Cow<'a, [f64]>, Fault> {
    match image.of {
        Source::Scan => Ok(base.crop(part)),
        Source::Response { image, response } => match &responses[image] {
            Some(Ok(made)) => Ok(crop(&made.maps[response], made.part, part)),
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
    host: &'a CaseHost,
}

impl Around<'_> {
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
        let within = |index: [usize; 3]| std::array::from_fn(|axis| index[axis] - read.start[axis]);
        let wanted = IndexBox { start: within(kept.start), end: within(kept.end) };
        let wanted = (read != kept).then_some(wanted);
        let seen = Seen { grid: &grid, voxels: input, unit, regions: &regions, wanted };
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
