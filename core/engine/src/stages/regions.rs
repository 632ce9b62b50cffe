//! Regions on the grid of the features: interpolated, ringed, united, limited.

mod empty;
mod sources;

use std::sync::Arc;

use voxomics_imaging::{IndexBox, View, lengths, mask, ring, sector};

use super::{
    Fault,
    boxed::{Selected, paste},
    changed::Change,
    found::{Found, Lacking, Looked},
    layers::{Layers, Reach},
    limits::Cut,
    made::{self, Labelled},
    moved::Moved,
    once::Once,
    select::Drawn,
    space::{Space, crop},
};
use crate::{
    cases::Case,
    experiment::{Region, RegionFrom},
    host::{CaseHost, PluginError, Pool, Seen},
    plan::{Maker, Plan},
};
use empty::Left;
use sources::Sources;

const STAGE: &str = "regions";

/// A scan of a case, and what was drawn for its regions.
#[derive(Clone, Copy)]
pub struct OfCase<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The scan, by the word after `image.` in the list.
    pub scan: Option<&'a str>,
    /// The case.
    pub case: &'a Case,
    /// The scan on the grid of the features.
    pub space: &'a Space<'a>,
    /// What was drawn.
    pub drawn: &'a [Drawn],
    /// How the volume of regions is changed, if it is.
    pub change: Option<Change<'a>>,
    /// What is done to other scans of the case, if the one at hand is perturbed.
    pub moved: Option<&'a Moved<'a>>,
    /// The host.
    pub host: &'a CaseHost,
}

/// A region in the smallest box that holds it, or why the case lacks it.
enum Evaluated {
    There(IndexBox, Vec<u8>),
    Lacking(String),
}

/// The regions of a case, evaluated in whichever box is asked for.
pub struct Regions<'a> {
    plan: &'a Plan,
    space: &'a Space<'a>,
    drawn: &'a [Drawn],
    /// The component that stands for a region of which each component is one.
    component: Option<usize>,
    host: &'a CaseHost,
    of: OfCase<'a>,
    /// What its makers see of images, for all components.
    sources: &'a Sources,
    /// What plugins made.
    labels: Once<Labelled>,
    /// The distances around regions.
    layers: Once<Layers>,
    /// How the volume of regions is changed, if it is.
    change: Option<Change<'a>>,
    /// Those whose volume is changed.
    changed: Once<Selected>,
}

/// The regions that are sought, by their place in the plan, with a fault for each that cannot be had.
pub fn find(of: OfCase<'_>, is_sought: &dyn Fn(usize) -> bool) -> Looked {
    let OfCase { plan, drawn, host, .. } = of;
    let components = drawn.iter().map(|drawn| if let Drawn::Each(each) = drawn { each.len() } else { 0 }).max();
    let numbers = std::iter::once(None).chain((0..components.unwrap_or(0)).map(Some));
    let (mut looked, sources) = (Looked::default(), Sources::default());
    for number in numbers {
        let regions = Regions::new(of, number, &sources);
        let component = number.map(|number| number + 1);
        for (index, region) in plan.regions.iter().enumerate().filter(|(index, _)| is_sought(*index)) {
            let components = regions.components(index);
            // A region of components is found once for each of them, any other one once.
            if components.is_some() != number.is_some() || number.is_some_and(|number| Some(number) >= components) {
                continue;
            }
            if host.is_cancelled() {
                // Without a fault, the regions that are missing would pass for regions that the case lacks.
                looked.faults.push(Fault::cancelled(STAGE));
                return looked;
            }
            match regions.find(index) {
                Ok(Evaluated::There(part, mask)) => looked.found.push(Found { region: index, component, part, mask }),
                Ok(Evaluated::Lacking(reason)) => looked.lacking.push(Lacking { region: index, component, reason }),
                // A region that is made of a missing one is not a second fault.
                Err(fault) if fault.region.as_ref().is_some_and(|name| *name != region.name) => {
                    if !plan.regions.iter().any(|other| other.features && Some(&other.name) == fault.region.as_ref()) {
                        looked.faults.push(fault);
                    }
                }
                Err(fault) => looked.faults.push(fault.of_region(&region.name)),
            }
        }
    }
    looked
}

impl<'a> Regions<'a> {
    fn new(of: OfCase<'a>, component: Option<usize>, sources: &'a Sources) -> Self {
        let OfCase { plan, space, drawn, host, change, .. } = of;
        let (labels, layers, changed) = Default::default();
        Self { plan, space, drawn, component, host, of, sources, labels, layers, change, changed }
    }

    /// What there is for the maker of a region to be learnt from a case: once for each of its components.
    ///
    /// # Errors
    /// If there is no such region, or the maker cannot tell.
    pub fn observe(of: OfCase<'_>, index: usize) -> Result<Vec<String>, Fault> {
        let sources = Sources::default();
        let count = Regions::new(of, None, &sources).components(index);
        let numbers: Vec<Option<usize>> = count.map_or_else(|| vec![None], |count| (0..count).map(Some).collect());
        let observe = |number| {
            let regions = Regions::new(of, number, &sources);
            let maker = regions.maker(index)?.0;
            regions.seen(index, |seen| maker.instance.fitted().observe(seen, of.host))
        };
        numbers.into_iter().map(observe).collect()
    }

    /// Shows the maker of a region what it is made of.
    fn seen<T>(&self, index: usize, work: impl FnOnce(&Seen<'_>) -> Result<T, PluginError>) -> Result<T, Fault> {
        let (maker, of) = self.maker(index)?;
        let part = self.bounds(index)?;
        let mask = self.mask(of, part)?;
        let name = self.plan.region_label(of, self.component.map(|number| number + 1));
        let images = self.sources.images(self.of, maker, part)?;
        made::seen(self.space, part, (&name, &mask), &images, work)
    }

    /// What makes a region, and the region that it is made of.
    fn maker(&self, index: usize) -> Result<(&'a Maker, usize), Fault> {
        let region = &self.plan.regions[index];
        match (&region.from, self.plan.makers.get(index)) {
            (RegionFrom::Made { of, .. }, Some(Some(maker))) => Ok((maker, self.index(of))),
            _ => Err(Fault::new(STAGE, "no plugin makes it").of_region(&region.name)),
        }
    }

    /// What the maker of a region makes, in the whole of its box: once for all regions that are made with it.
    fn labelled(&self, index: usize) -> Result<Arc<Labelled>, Fault> {
        let (maker, _) = self.maker(index)?;
        self.labels.get(maker.first, || {
            if maker.instance.unfitted {
                return Err(Fault::new(STAGE, format!("{} is not fitted yet", maker.instance.name)));
            }
            let part = self.bounds(index)?;
            let labels = self.seen(index, |seen| maker.instance.make(seen, self.host))?;
            Ok(Labelled { part, labels })
        })
    }

    /// How many components the region has, if each is a region of its own, or if it is made of such a region.
    fn components(&self, index: usize) -> Option<usize> {
        match (&self.drawn[index], &self.plan.regions[index].from) {
            (Drawn::Each(each), _) => Some(each.len()),
            (_, from) => from.followed().and_then(|of| self.components(self.index(of))),
        }
    }

    /// The plan has checked that the name is there.
    fn index(&self, name: &str) -> usize {
        self.plan.regions.iter().position(|region| region.name == name).unwrap_or_default()
    }

    /// The region in the smallest box that holds it.
    fn find(&self, index: usize) -> Result<Evaluated, Fault> {
        let region = &self.plan.regions[index];
        let whole = self.bounds(index)?;
        let mut mask = self.unlimited(index, whole)?;
        let drawn = mask::count(&mask);
        if drawn == 0 && self.makers_may_lack(index) {
            return Ok(Evaluated::Lacking(self.why_empty(index, &Left { drawn, limited: 0, allowed: 0 })));
        }
        self.limit(region, &mut mask, whole)?;
        let limited = mask::count(&mask);
        self.exclude(region, &mut mask, whole)?;
        let allowed = mask::count(&mask);
        self.keep_within(region, &mut mask, whole)?;
        let view = View::new(whole.dims(), &mask);
        let left = Left { drawn, limited, allowed };
        let tight = mask::bounding_box(view)
            .ok_or_else(|| Fault::new(STAGE, self.why_empty(index, &left)).of_region(&region.name))?;
        let found = mask::count(&mask) as u64;
        if let Some(least) = region.min_voxels.filter(|least| found < *least) {
            let message =
                format!("it has {found} voxels on the grid of the features, and `min_voxels` asks for {least}");
            return Err(Fault::new(STAGE, message).of_region(&region.name));
        }
        if let Some(limits) = &region.intensities {
            let label = self.plan.region_label(index, self.component.map(|number| number + 1));
            let limits = format!("its limit ({limits})");
            Cut { before: drawn, after: limited }.warn(&label, &limits, self.space.modality.as_deref(), self.host);
        }
        let at = |index: [usize; 3]| std::array::from_fn(|axis| index[axis] + whole.start[axis]);
        let part = IndexBox { start: at(tight.start), end: at(tight.end) };
        Ok(Evaluated::There(part, crop(&mask, whole, part).into_owned()))
    }

    /// Whether a plugin makes the region of which a case may lack some.
    fn makers_may_lack(&self, index: usize) -> bool {
        self.plan.makers.get(index).and_then(Option::as_ref).is_some_and(|maker| maker.instance.may_lack)
    }

    /// A box of the grid that holds the region.
    fn bounds(&self, index: usize) -> Result<IndexBox, Fault> {
        match &self.plan.regions[index].from {
            RegionFrom::Union(of) => {
                let mut bounds = of.iter().map(|name| self.bounds(self.index(name)));
                let first = bounds.next().unwrap_or_else(|| Err(Fault::new(STAGE, "a union of nothing")))?;
                bounds.try_fold(first, |all, next| Ok(all.union(&next?)))
            }
            RegionFrom::Ring { of, outward_mm, inward_mm, on_original_grid: true } => {
                let selected = self.original_ring(of, *outward_mm, *inward_mm)?;
                Ok(self.space.bounds(selected.part))
            }
            from @ (RegionFrom::Ring { of, .. } | RegionFrom::Shell { of, .. }) => {
                let reach = Reach::of(from).unwrap_or_default();
                reach.part(self.bounds(self.index(of))?, &self.space.grid)
            }
            RegionFrom::Core { of, .. } | RegionFrom::Sector { of, .. } => self.bounds(self.index(of)),
            RegionFrom::Made { .. } => {
                let (maker, of) = self.maker(index)?;
                let grid = &self.space.grid;
                let margin = grid.spacing.map(|mm| lengths::covering(maker.instance.margin_mm, mm));
                Ok(self.bounds(of)?.grown(margin, grid.dims))
            }
            _ => match self.changed(index)? {
                Some(changed) => Ok(changed.part),
                None => Ok(self.space.bounds(self.selected(index)?.part)),
            },
        }
    }

    /// The region in any box of the grid.
    fn mask(&self, index: usize, part: IndexBox) -> Result<Vec<u8>, Fault> {
        let region = &self.plan.regions[index];
        let mut mask = self.unlimited(index, part)?;
        self.limit(region, &mut mask, part)?;
        self.exclude(region, &mut mask, part)?;
        self.keep_within(region, &mut mask, part)?;
        Ok(mask)
    }

    /// The same before its limits and exclusions.
    fn unlimited(&self, index: usize, part: IndexBox) -> Result<Vec<u8>, Fault> {
        match &self.plan.regions[index].from {
            RegionFrom::Union(of) => {
                let mut all = vec![0; part.dims().iter().product()];
                for name in of {
                    mask::unite(&mut all, &self.mask(self.index(name), part)?);
                }
                Ok(all)
            }
            RegionFrom::Ring { of, outward_mm, inward_mm, on_original_grid: true } => {
                self.space.mask(&self.original_ring(of, *outward_mm, *inward_mm)?, part)
            }
            from @ (RegionFrom::Ring { of, .. } | RegionFrom::Shell { of, .. } | RegionFrom::Core { of, .. }) => {
                let mut mask = self.layers(of)?.mask(from, part)?;
                self.space.keep_within(&mut mask, part);
                Ok(mask)
            }
            RegionFrom::Sector { of, about, number, count } => {
                let mut mask = self.mask(self.index(of), part)?;
                let centre = self.centre(about)?;
                sector::keep(&mut mask, &self.space.grid.crop(part), centre, *number, *count);
                Ok(mask)
            }
            RegionFrom::Made { .. } => {
                let (maker, _) = self.maker(index)?;
                let labelled = self.labelled(index)?;
                let mut mask = vec![0; part.dims().iter().product()];
                let found = labelled.mask(maker.label);
                paste(View::new(labelled.part.dims(), &found), labelled.part, &mut mask, part);
                self.space.keep_within(&mut mask, part);
                Ok(mask)
            }
            _ => match self.changed(index)? {
                Some(changed) => {
                    let mut mask = vec![0; part.dims().iter().product()];
                    paste(View::new(changed.part.dims(), &changed.mask), changed.part, &mut mask, part);
                    Ok(mask)
                }
                None => self.space.mask(self.selected(index)?, part),
            },
        }
    }

    /// A region that is drawn, with its volume changed; none if that stays as it is.
    fn changed(&self, index: usize) -> Result<Option<Arc<Selected>>, Fault> {
        let Some(change) = self.change.filter(|change| change.of[index]) else { return Ok(None) };
        let changed = self.changed.get(index, || {
            let selected = self.selected(index)?;
            let part = self.space.bounds(selected.part);
            let found = Selected { part, mask: self.space.mask(selected, part)? };
            // Where it is not on this grid, the reason is that of a region that is not changed.
            match found.mask.iter().any(|inside| *inside != 0) {
                true => {
                    let name = &self.plan.regions[index].name;
                    change.apply(name, &found, self.space.grid.dims, &|index| self.space.is_within(index))
                }
                false => Ok(found),
            }
        });
        changed.map(Some)
    }

    /// Takes away what lies beyond the region's limits of intensity.
    fn limit(&self, region: &Region, mask: &mut [u8], part: IndexBox) -> Result<(), Fault> {
        let limits = region.intensities.as_ref().map(|limits| limits.of(self.space.modality.as_deref())).transpose();
        let limits = limits.map_err(|why| {
            Fault::new(STAGE, format!("the limit of the region `{}` {why}", region.name)).of_region(&region.name)
        })?;
        if let Some([lower, upper]) = limits.flatten() {
            let intensities = self.space.intensities(part)?;
            ring::limit_intensity(mask, &intensities.voxels, Some(lower), Some(upper));
        }
        Ok(())
    }

    /// Takes away the voxels of the regions that a region excludes.
    fn exclude(&self, region: &Region, mask: &mut [u8], part: IndexBox) -> Result<(), Fault> {
        for name in &region.exclude {
            mask::exclude(mask, &self.mask(self.index(name), part)?);
        }
        Ok(())
    }

    /// Leaves only the voxels of the regions that a region must lie within.
    fn keep_within(&self, region: &Region, mask: &mut [u8], part: IndexBox) -> Result<(), Fault> {
        if region.within.is_empty() {
            return Ok(());
        }
        let mut all = vec![0; mask.len()];
        for name in &region.within {
            mask::unite(&mut all, &self.mask(self.index(name), part)?);
        }
        mask.iter_mut().zip(all).for_each(|(voxel, within)| *voxel &= within);
        Ok(())
    }

    /// The distances around a region, measured once for all that is made of it.
    fn layers(&self, of: &str) -> Result<Arc<Layers>, Fault> {
        let index = self.index(of);
        self.layers.get(index, || {
            let (grid, reach) = (&self.space.grid, Reach::around(self.plan, of));
            let part = reach.part(self.bounds(index)?, grid)?;
            Ok(Layers::new(part, &self.mask(index, part)?, grid, reach))
        })
    }

    /// The centre of a region, mm, LPS.
    fn centre(&self, of: &str) -> Result<[f64; 3], Fault> {
        let index = self.index(of);
        let part = self.bounds(index)?;
        let mask = self.mask(index, part)?;
        sector::centre(View::new(part.dims(), &mask), &self.space.grid.crop(part))
            .ok_or_else(|| Fault::new(STAGE, "it has no voxel, and so no centre").of_region(of))
    }

    /// The spacing of the grid that a region is drawn on, mm.
    fn spacing_of(&self, from: &RegionFrom) -> [f64; 3] {
        match from {
            RegionFrom::Ring { on_original_grid: true, .. } => self.space.scan_grid().spacing,
            _ => self.space.grid.spacing,
        }
    }

    /// The ring of a region on the scan's own grid.
    fn original_ring(&self, of: &str, outward_mm: f64, inward_mm: f64) -> Result<Selected, Fault> {
        let index = self.index(of);
        let selected = self.selected(index)?;
        let grid = self.space.scan_grid();
        let wrong = |wrong: ring::InvalidLimit| Fault::new(STAGE, wrong);
        let part = ring::ring_box(selected.part, grid.dims, grid.spacing, outward_mm, inward_mm).map_err(wrong)?;
        let mut source = vec![0; part.dims().iter().product()];
        paste(View::new(selected.part.dims(), &selected.mask), selected.part, &mut source, part);
        let view = View::new(part.dims(), &source);
        let mask = ring::ring(view, grid.spacing, outward_mm, inward_mm, &Pool).map_err(wrong)?;
        Ok(Selected { part, mask })
    }

    /// What was drawn from labels for a region.
    fn selected(&self, index: usize) -> Result<&Selected, Fault> {
        match (&self.drawn[index], self.component) {
            (Drawn::One(selected), _) => Ok(selected),
            (Drawn::Each(each), Some(number)) if number < each.len() => Ok(&each[number]),
            (Drawn::Fault(fault), _) => Err(fault.clone()),
            _ => Err(Fault::new(STAGE, "it is not drawn from labels").of_region(&self.plan.regions[index].name)),
        }
    }
}
