//! Regions drawn from labels, on the scan's own grid.

use voxomics_imaging::{Grid, IndexBox, View, components, mask};

use voxomics_interface::selection::fits;

use super::{
    Fault,
    align::Aligned,
    boxed::{Selected, paste},
    edge,
    load::Named,
};
use crate::{
    cases::Case,
    experiment::{Components, Region, RegionFrom},
    host::CaseHost,
    plan::Plan,
    scan::{Others, same_label},
};

const STAGE: &str = "regions";

/// What is drawn from labels for one region of the plan.
#[derive(Debug)]
pub enum Drawn {
    /// Nothing: the region is made of others.
    Derived,
    /// One mask.
    One(Selected),
    /// A mask for each connected component, largest first.
    Each(Vec<Selected>),
    /// No mask, and why.
    Fault(Fault),
}

/// The segmentations of a case.
pub struct Outlines<'a> {
    /// The case.
    pub case: &'a Case,
    /// The mask that they are from, by the word after `mask.`.
    pub mask: Option<&'a str>,
    /// The image's grid.
    pub grid: &'a Grid,
    /// The segmentations.
    pub aligned: &'a [Aligned],
    /// Every region that the file names, also those that were not asked for.
    pub named: &'a [Named],
}

/// Draws every region that comes from labels.
pub fn regions(plan: &Plan, outlines: &Outlines<'_>, host: &CaseHost) -> Vec<Drawn> {
    let draw = |region: &Region| match &region.from {
        from if !from.is_drawn() => Drawn::Derived,
        _ if region.mask.as_deref() != outlines.mask => Drawn::Derived,
        _ if region.components != Components::All && outlines.is_carried() && plan.scans().len() > 1 => {
            let message = "its components would be counted on the grid of each scan, and could be others on each: the mask must be \
                           on the scans' own grid, or components = \"all\"";
            Drawn::Fault(Fault::new(STAGE, message).of_region(&region.name))
        }
        _ => match outlines.labels(&region.from) {
            Ok(selected) => {
                edge::warn(&region.name, &selected, outlines.grid, host);
                split(region, selected, host)
            }
            Err(message) => Drawn::Fault(Fault::new(STAGE, message).of_region(&region.name)),
        },
    };
    plan.regions.iter().map(draw).collect()
}

/// The labels that somebody asks for by number: the experiment, the case list, or the file that names its regions.
pub fn asked_labels(plan: &Plan, case: &Case, named: &[Named]) -> Vec<f64> {
    let number = |name: &String| name.strip_prefix('#')?.trim().parse::<f64>().ok();
    let mut asked: Vec<f64> = named.iter().map(|region| region.number).collect();
    asked.extend(case.label);
    asked.extend(case.region.as_ref().and_then(number));
    for region in &plan.regions {
        match &region.from {
            RegionFrom::Labels(labels) => asked.extend(labels),
            RegionFrom::CaseLabelOr(label) => asked.push(*label),
            RegionFrom::Named(name) => asked.extend(number(name)),
            RegionFrom::AllNamed(names) => asked.extend(names.iter().filter_map(number)),
            _ => {}
        }
    }
    asked
}

/// The regions of a mask that could not be read.
pub fn failed(plan: &Plan, mask: Option<&str>, fault: &Fault) -> Vec<Drawn> {
    let of_region = |region: &Region| match &region.from {
        from if !from.is_drawn() => Drawn::Derived,
        _ if region.mask.as_deref() != mask => Drawn::Derived,
        _ => Drawn::Fault(fault.clone().of_region(&region.name)),
    };
    plan.regions.iter().map(of_region).collect()
}

/// What was drawn from several masks, each for its own regions.
pub fn merged(plan: &Plan, masks: Vec<Vec<Drawn>>) -> Vec<Drawn> {
    let mut all: Vec<Drawn> = plan.regions.iter().map(|_| Drawn::Derived).collect();
    for (index, drawn) in masks.into_iter().flat_map(|mask| mask.into_iter().enumerate()) {
        if !matches!(drawn, Drawn::Derived) {
            all[index] = drawn;
        }
    }
    all
}

impl Outlines<'_> {
    /// Whether a mask is on a grid of its own.
    fn is_carried(&self) -> bool {
        self.aligned.iter().any(Aligned::is_carried)
    }

    /// What the list asks for, which is in the mask without a name.
    fn of_case(&self) -> (&Option<String>, &Option<f64>) {
        if self.mask.is_none() { (&self.case.region, &self.case.label) } else { (&None, &None) }
    }

    /// The voxels of what is wanted.
    fn labels(&self, from: &RegionFrom) -> Result<Selected, String> {
        let aligned = self.aligned;
        let (region_of_case, label_of_case) = self.of_case();
        let one = |label: f64| (vec![label], list("label", &[label]));
        let (wanted, what): (Vec<f64>, String) = match (from, region_of_case, label_of_case) {
            (RegionFrom::Named(name), ..) | (RegionFrom::CaseLabel | RegionFrom::CaseLabelOr(_), Some(name), _) => {
                return self.named(std::slice::from_ref(name), false);
            }
            (RegionFrom::AllNamed(names), ..) => return self.named(names, true),
            (RegionFrom::CaseLabel, None, None) if !self.named.is_empty() => return self.only(),
            (RegionFrom::CaseLabel, None, None) => one(1.0),
            (RegionFrom::CaseLabelOr(label), None, None)
            | (RegionFrom::CaseLabel | RegionFrom::CaseLabelOr(_), None, Some(label)) => one(*label),
            (RegionFrom::Labels(labels), ..) => (labels.clone(), list("label", labels)),
            _ => (Vec::new(), "any label".into()),
        };
        // Layers of a segmentation may give one label to different regions.
        for label in &wanted {
            let of: Vec<&Named> = self.named.iter().filter(|region| same_label(region.number, *label)).collect();
            if of.len() > 1 {
                let of = of.iter().map(|region| format!("`{}`", region.name)).collect::<Vec<_>>().join(", ");
                return Err(format!(
                    "label {label} is that of several regions of the mask: {of}; choose one by its name"
                ));
            }
        }
        let is_wanted = |label: f64| match wanted.as_slice() {
            [] => label != 0.0,
            wanted => wanted.iter().any(|wanted| same_label(label, *wanted)),
        };
        let masks = aligned.iter().filter_map(|aligned| aligned.mask(self.grid, &is_wanted));
        let missing = |label: &&f64| {
            !aligned.iter().any(|aligned| aligned.labels.found.iter().any(|l| same_label(l.value, **label)))
        };
        let missing: Vec<f64> = wanted.iter().filter(missing).copied().collect();
        if !missing.is_empty() {
            return Err(match self.named {
                [] => absent(&list("label", &missing), aligned) + &nearly(&missing, aligned),
                _ => format!("{} is not in the mask; it has {}", list("label", &missing), self.names()),
            });
        }
        unite(masks).ok_or_else(|| absent(&what, aligned))
    }

    /// The only region that the segmentation names.
    fn only(&self) -> Result<Selected, String> {
        match self.named {
            [one] => self.draw(&[one]),
            _ => Err(format!(
                "the mask has several regions, and none is chosen: {}. Choose one by the column `region` of the case list, \
                 or by `name` in the experiment",
                self.names()
            )),
        }
    }

    /// The regions that fit a name, pattern or number; a single one unless all are wanted.
    fn named(&self, wanted: &[String], all: bool) -> Result<Selected, String> {
        let quoted = || wanted.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        if self.named.is_empty() {
            // What has labels and no names has numbers all the same.
            let numbers = wanted.iter().map(|wanted| wanted.strip_prefix('#')?.trim().parse().ok());
            if let Some(labels) = numbers.collect::<Option<Vec<f64>>>() {
                return self.labels(&RegionFrom::Labels(labels));
            }
            return Err(format!("the mask has no named regions, and {} is wanted; choose by `label`", quoted()));
        }
        let fitting = |region: &&Named| wanted.iter().any(|wanted| fits(wanted, region.number, &region.name));
        let found: Vec<&Named> = self.named.iter().filter(fitting).collect();
        match found.len() {
            0 => Err(format!("the mask has no region {}; it has {}", quoted(), self.names())),
            n if n > 1 && !all => Err(format!(
                "{} fits {n} regions of the mask: {}. Name one of them, or its number as `#{}`; `names = [...]` takes all \
                 that fit as one region",
                quoted(),
                found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
                found[0].number
            )),
            _ => self.draw(&found),
        }
    }

    /// Regions as one.
    fn draw(&self, regions: &[&Named]) -> Result<Selected, String> {
        let mut masks = Vec::new();
        for region in regions {
            let of = self.aligned.iter().filter(|aligned| {
                aligned.names().iter().any(|(name, number)| *name == region.name && *number == region.number)
            });
            masks.extend(of.filter_map(|aligned| aligned.mask(self.grid, &|label| same_label(label, region.number))));
        }
        let names = || regions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        unite(masks.into_iter()).ok_or_else(|| format!("empty region: {} has no voxel in the image", names()))
    }

    fn names(&self) -> String {
        self.named.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
}

/// What is there instead of what was wanted.
fn absent(what: &str, aligned: &[Aligned]) -> String {
    let present: Vec<String> = aligned
        .iter()
        .flat_map(|aligned| {
            aligned.labels.found.iter().map(|label| format!("{} ({} voxels)", short(label.value), label.voxels))
        })
        .collect();
    if let Some(Others { lowest, highest, .. }) = aligned.iter().find_map(|aligned| aligned.labels.others) {
        return format!(
            "{what} is not in the mask, which has a great many labels from {lowest} to {highest}: is it a mask?"
        );
    }
    match present.len() {
        0 => format!("empty region: the mask has no voxel but background, and {what} is wanted"),
        n if n > 20 => {
            format!("{what} is not in the mask, which has {n} labels, as {}: is it a mask?", present[..5].join(", "))
        }
        _ => format!("{what} is not in the mask; the labels present are {}", present.join(", ")),
    }
}

/// A hint at labels that would be the wanted ones, were they whole numbers; empty if there is none.
fn nearly(wanted: &[f64], aligned: &[Aligned]) -> String {
    let near =
        |label: f64| wanted.iter().any(|wanted| label.fract() != 0.0 && (label - wanted).abs() <= 0.05 * wanted.abs());
    let found = aligned.iter().find_map(|aligned| {
        let label = aligned.labels.found.iter().find(|label| near(label.value))?;
        Some((short(label.value), aligned.is_scaled()))
    });
    match found {
        Some((label, true)) => format!(
            ". The mask stores whole numbers with a scaling, which makes its labels {label}: write it anew as whole numbers \
             without scaling, or ask for label {label}"
        ),
        Some((label, false)) => format!(
            ". The mask stores fractions such as {label}: write it anew as whole numbers, or ask for label {label}"
        ),
        None => String::new(),
    }
}

/// A label as a person would write it: one that was stored in single precision has no more digits than that.
fn short(label: f64) -> String {
    let single = label as f32;
    if f64::from(single) == label { single.to_string() } else { label.to_string() }
}

fn list(word: &str, labels: &[f64]) -> String {
    let labels: Vec<String> = labels.iter().map(f64::to_string).collect();
    format!("{word} {}", labels.join(", "))
}

/// One mask of several, in the box that holds them all; none if no voxel is set.
fn unite(masks: impl Iterator<Item = (IndexBox, Vec<u8>)>) -> Option<Selected> {
    let mut masks: Vec<(IndexBox, Vec<u8>)> = masks.collect();
    let united = if masks.len() == 1 {
        masks.pop().map(|(part, mask)| Selected { part, mask })
    } else {
        let part = masks.iter().map(|(part, _)| *part).reduce(|a, b| a.union(&b))?;
        let mut all = vec![0; part.dims().iter().product()];
        for (own, mask) in &masks {
            paste(View::new(own.dims(), mask), *own, &mut all, part);
        }
        Some(Selected { part, mask: all })
    };
    united.filter(|selected| selected.mask.iter().any(|m| *m != 0))
}

/// Which connected components of a mask make the region.
fn split(region: &Region, selected: Selected, host: &CaseHost) -> Drawn {
    let view = View::new(selected.part.dims(), &selected.mask);
    let found = components::components(view);
    let count = found.sizes.len();
    if count > 1 {
        let mut sizes: Vec<String> = found.sizes.iter().take(5).map(usize::to_string).collect();
        if count > 5 {
            sizes.push("…".into());
        }
        let what = match region.components {
            Components::All => "all are taken as one region",
            Components::Largest => "only the largest is taken",
            Components::Each => "each is a region of its own",
        };
        let sizes = sizes.join(", ");
        host.warn(format!("region `{}` has {count} components ({sizes} voxels): {what}", region.name));
    }
    let component = |number: u32| {
        let mask: Vec<u8> = found.labels.iter().map(|label| u8::from(*label == number)).collect();
        shrink(selected.part, mask)
    };
    match region.components {
        Components::All => Drawn::One(selected),
        Components::Largest => Drawn::One(component(1)),
        Components::Each => Drawn::Each(each(selected.part, &found.labels, count)),
    }
}

/// Every component in the smallest box that holds it, in two passes over the voxels however many there are.
fn each(part: IndexBox, labels: &[u32], count: usize) -> Vec<Selected> {
    let dims = part.dims();
    let at = |flat: usize| [flat % dims[0], flat / dims[0] % dims[1], flat / dims[0] / dims[1]];
    let mut bounds: Vec<Option<IndexBox>> = vec![None; count];
    let inside = || labels.iter().enumerate().filter(|(_, label)| **label != 0);
    for (flat, label) in inside() {
        let index = at(flat);
        let of = &mut bounds[*label as usize - 1];
        let own = IndexBox { start: index, end: index.map(|i| i + 1) };
        *of = Some(of.map_or(own, |bounds| bounds.union(&own)));
    }
    let moved = |index: [usize; 3]| std::array::from_fn(|axis| index[axis] + part.start[axis]);
    let empty = |tight: &IndexBox| Selected {
        part: IndexBox { start: moved(tight.start), end: moved(tight.end) },
        mask: vec![0; tight.dims().iter().product()],
    };
    let mut all: Vec<Selected> = bounds.iter().flatten().map(empty).collect();
    for (flat, label) in inside() {
        let number = *label as usize - 1;
        if let (Some(tight), Some(selected)) = (&bounds[number], all.get_mut(number)) {
            let index = at(flat);
            let own: [usize; 3] = std::array::from_fn(|axis| index[axis] - tight.start[axis]);
            let [nx, ny, _] = tight.dims();
            selected.mask[(own[2] * ny + own[1]) * nx + own[0]] = 1;
        }
    }
    all
}

/// The same mask in the smallest box that holds it.
fn shrink(part: IndexBox, mask: Vec<u8>) -> Selected {
    let view = View::new(part.dims(), &mask);
    match mask::bounding_box(view) {
        Some(tight) if tight != IndexBox::whole(part.dims()) => {
            let at = |index: [usize; 3]| std::array::from_fn(|axis| index[axis] + part.start[axis]);
            Selected { part: IndexBox { start: at(tight.start), end: at(tight.end) }, mask: mask::crop(view, tight) }
        }
        _ => Selected { part, mask },
    }
}
