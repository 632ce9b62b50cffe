//! Regions on the grid of the features: interpolated, ringed, united, limited.

use std::sync::Arc;

use voxomics_imaging::{Grid, IndexBox, View, mask, ring, sector};

use super::{
    Fault,
    boxed::{Selected, paste},
    layers::{self, Layers, Reach},
    limits::Cut,
    made::{self, Labelled},
    once::Once,
    select::Drawn,
    space::{Space, crop},
};
use crate::{
    experiment::{Region, RegionFrom},
    host::{CaseHost, Pool},
    plan::{Maker, Plan},
};

const STAGE: &str = "regions";

/// One region of a case that features are computed of, or that a filter looks at.
pub struct Found {
    /// Index of the region in the plan.
    pub region: usize,
    /// Number of the component, from 1, where each is a region of its own.
    pub component: Option<usize>,
    /// The smallest box of the grid that holds it.
    pub part: IndexBox,
    /// The morphological mask in that box.
    pub mask: Vec<u8>,
}

impl Found {
    /// Its name in tables and messages.
    pub fn label(&self, plan: &Plan) -> String {
        plan.region_label(self.region, self.component)
    }

    /// Its volume, mL.
    pub fn volume_ml(&self, grid: &Grid) -> f64 {
        let voxels = self.mask.iter().filter(|voxel| **voxel != 0).count();
        voxels as f64 * grid.spacing.iter().product::<f64>() / 1000.0
    }
}

/// How many voxels of a region are left after each of its conditions.
struct Left {
    /// As it is drawn.
    drawn: usize,
    /// Within its limits of intensity.
    limited: usize,
    /// Without what it excludes.
    allowed: usize,
}

/// The regions of a case, evaluated in whichever box is asked for.
pub struct Regions<'a> {
    plan: &'a Plan,
    space: &'a Space<'a>,
    drawn: &'a [Drawn],
    /// The component that stands for a region of which each component is one.
    component: Option<usize>,
    host: &'a CaseHost,
    /// What plugins made.
    labels: Once<Labelled>,
    /// The distances around regions.
    layers: Once<Layers>,
}

/// Every region that features are computed of or that a filter looks at, and a fault for each that cannot be had.
pub fn find(
    plan: &Plan,
    scan: Option<&str>,
    space: &Space<'_>,
    drawn: &[Drawn],
    host: &CaseHost,
) -> (Vec<Found>, Vec<Fault>) {
    let components = drawn.iter().map(|drawn| if let Drawn::Each(each) = drawn { each.len() } else { 0 }).max();
    let numbers = std::iter::once(None).chain((0..components.unwrap_or(0)).map(Some));
    let is_sought = |region: usize| plan.wants(scan, region) || plan.lends(scan, region);
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for component in numbers {
        let regions = Regions::new(plan, space, drawn, component, host);
        for (index, region) in plan.regions.iter().enumerate().filter(|(index, _)| is_sought(*index)) {
            let components = regions.components(index);
            // A region of components is found once for each of them, any other one once.
            if components.is_some() != component.is_some() || component.is_some_and(|number| Some(number) >= components)
            {
                continue;
            }
            if host.is_cancelled() {
                // Without a fault, the regions that are missing would pass for regions that the case lacks.
                faults.push(Fault::cancelled(STAGE));
                return (found, faults);
            }
            match regions.find(index) {
                Ok((part, mask)) => {
                    found.push(Found { region: index, component: component.map(|number| number + 1), part, mask });
                }
                // A region that is made of a missing one is not a second fault.
                Err(fault) if fault.region.as_ref().is_some_and(|name| *name != region.name) => {
                    if !plan.regions.iter().any(|other| other.features && Some(&other.name) == fault.region.as_ref()) {
                        faults.push(fault);
                    }
                }
                Err(fault) => faults.push(fault.of_region(&region.name)),
            }
        }
    }
    (found, faults)
}

impl<'a> Regions<'a> {
    fn new(
        plan: &'a Plan,
        space: &'a Space<'a>,
        drawn: &'a [Drawn],
        component: Option<usize>,
        host: &'a CaseHost,
    ) -> Self {
        Self { plan, space, drawn, component, host, labels: Once::default(), layers: Once::default() }
    }

    /// Does something with a region, or with each of its components.
    ///
    /// # Errors
    /// The first.
    pub fn each<T>(
        plan: &'a Plan,
        space: &'a Space<'a>,
        drawn: &'a [Drawn],
        host: &'a CaseHost,
        index: usize,
        work: impl Fn(&Self) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let count = Self::new(plan, space, drawn, None, host).components(index);
        let numbers: Vec<Option<usize>> = count.map_or_else(|| vec![None], |count| (0..count).map(Some).collect());
        numbers.into_iter().map(|number| work(&Self::new(plan, space, drawn, number, host))).collect()
    }

    /// What there is for its maker to be learnt from a region.
    ///
    /// # Errors
    /// If there is no such region, or the maker cannot tell.
    pub fn observe(&self, index: usize) -> Result<String, Fault> {
        let (maker, of) = self.maker(index)?;
        let part = self.bounds(index)?;
        let mask = self.mask(of, part)?;
        let name = self.plan.region_label(of, self.component.map(|number| number + 1));
        made::observe(maker, self.space, part, (&name, &mask), self.host)
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
    fn labelled(&self, index: usize) -> Result<std::sync::Arc<Labelled>, Fault> {
        let (maker, of) = self.maker(index)?;
        self.labels.get(maker.first, || {
            let part = self.bounds(index)?;
            let mask = self.mask(of, part)?;
            let name = self.plan.region_label(of, self.component.map(|number| number + 1));
            made::make(maker, self.space, part, (&name, &mask), self.host)
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
    fn find(&self, index: usize) -> Result<(IndexBox, Vec<u8>), Fault> {
        let region = &self.plan.regions[index];
        let whole = self.bounds(index)?;
        let mut mask = self.unlimited(index, whole)?;
        let drawn = mask::count(&mask);
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
        Ok((part, crop(&mask, whole, part).into_owned()))
    }

    /// Why no voxel of a region is left.
    fn why_empty(&self, index: usize, left: &Left) -> String {
        let region = &self.plan.regions[index];
        let spacing = self.space.grid.spacing;
        let voxels = spacing.map(|mm| format!("{}", (mm * 1e6).round() / 1e6)).join(" × ");
        match (&region.from, &region.intensities) {
            _ if left.allowed > 0 => {
                format!("empty region: none of its {} voxels lies within {}", left.allowed, region.within.join(", "))
            }
            _ if left.limited > 0 => format!(
                "empty region: {} hold all its {} voxels, which it excludes",
                region.exclude.join(", "),
                left.limited
            ),
            (_, Some(limits)) if left.drawn > 0 => format!(
                "empty region: none of its {} voxels lies within its limit ({limits}); does it suit this scan{}?",
                left.drawn,
                self.space.modality.as_ref().map(|modality| format!(" of modality {modality}")).unwrap_or_default()
            ),
            (RegionFrom::Sector { of, about, number, count }, _) => {
                format!("empty region: no voxel of `{of}` lies in sector {number} of {count} about the centre of `{about}`")
            }
            (RegionFrom::Made { of, maker, take, .. }, _) => {
                format!("empty region: regions-{maker} gives no voxel of `{of}` to `{take}`")
            }
            (from, _) => layers::why_empty(from, self.spacing_of(from)).unwrap_or_else(|| format!(
                "empty region: no voxel is left after interpolation to voxels of {voxels} mm; is the region smaller than they are?"
            )),
        }
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
                let margin = grid.spacing.map(|mm| (maker.instance.margin_mm / mm).ceil() as usize);
                Ok(self.bounds(of)?.grown(margin, grid.dims))
            }
            _ => Ok(self.space.bounds(self.selected(index)?.part)),
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
                self.layers(of)?.mask(from, part)
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
                Ok(mask)
            }
            _ => self.space.mask(self.selected(index)?, part),
        }
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
