//! Regions on the grid of the features: interpolated, ringed, united, limited.

use voxomics_imaging::{Grid, IndexBox, View, mask, ring};

use super::{
    Fault,
    limits::Cut,
    made::{self, Labelled, Labels},
    select::{Drawn, Selected},
    space::{Space, crop},
};
use crate::{
    experiment::{Region, RegionFrom},
    host::{CaseHost, Pool},
    plan::{Maker, Plan},
};

const STAGE: &str = "regions";

/// One region of a case that features are computed of.
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
    /// Its volume, mL.
    pub fn volume_ml(&self, grid: &Grid) -> f64 {
        let voxels = self.mask.iter().filter(|voxel| **voxel != 0).count();
        voxels as f64 * grid.spacing.iter().product::<f64>() / 1000.0
    }
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
    labels: Labels,
}

/// Every region that features are computed of, and a fault for each that cannot be had.
pub fn find(
    plan: &Plan,
    scan: Option<&str>,
    space: &Space<'_>,
    drawn: &[Drawn],
    host: &CaseHost,
) -> (Vec<Found>, Vec<Fault>) {
    let components = drawn.iter().map(|drawn| if let Drawn::Each(each) = drawn { each.len() } else { 0 }).max();
    let numbers = std::iter::once(None).chain((0..components.unwrap_or(0)).map(Some));
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for component in numbers {
        let regions = Regions::new(plan, space, drawn, component, host);
        for (index, region) in plan.regions.iter().enumerate().filter(|(index, _)| plan.wants(scan, *index)) {
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
        Self { plan, space, drawn, component, host, labels: Labels::default() }
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
            (_, RegionFrom::Ring { of, .. } | RegionFrom::Made { of, .. }) => self.components(self.index(of)),
            _ => None,
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
        let within = mask::count(&mask);
        self.exclude(region, &mut mask, whole)?;
        let view = View::new(whole.dims(), &mask);
        let tight = mask::bounding_box(view)
            .ok_or_else(|| Fault::new(STAGE, self.why_empty(index, drawn, within)).of_region(&region.name))?;
        if let Some(limits) = &region.intensities {
            let label = self.plan.region_label(index, self.component.map(|number| number + 1));
            let limits = format!("its limit ({limits})");
            Cut { before: drawn, after: within }.warn(&label, &limits, self.space.modality.as_deref(), self.host);
        }
        let at = |index: [usize; 3]| std::array::from_fn(|axis| index[axis] + whole.start[axis]);
        let part = IndexBox { start: at(tight.start), end: at(tight.end) };
        Ok((part, crop(&mask, whole, part).into_owned()))
    }

    /// Why no voxel of a region is left: `drawn` were there before its limits, `within` before its exclusions.
    fn why_empty(&self, index: usize, drawn: usize, within: usize) -> String {
        let region = &self.plan.regions[index];
        let spacing = self.space.grid.spacing;
        let voxels = spacing.map(|mm| format!("{}", (mm * 1e6).round() / 1e6)).join(" × ");
        match (&region.from, &region.intensities) {
            _ if within > 0 => {
                format!("empty region: {} hold all its {within} voxels, which it excludes", region.exclude.join(", "))
            }
            (_, Some(limits)) if drawn > 0 => format!(
                "empty region: none of its {drawn} voxels lies within its limit ({limits}); does it suit this scan{}?",
                self.space.modality.as_ref().map(|modality| format!(" of modality {modality}")).unwrap_or_default()
            ),
            (RegionFrom::Ring { of, outward_mm, inward_mm, on_original_grid }, _) => {
                let spacing = if *on_original_grid { self.space.scan_grid().spacing } else { spacing };
                let nearest = spacing.into_iter().fold(f64::INFINITY, f64::min);
                if outward_mm.max(*inward_mm) < nearest {
                    format!(
                        "empty ring: it reaches {outward_mm} mm outward and {inward_mm} mm inward, and the nearest voxel centre is \
                         {nearest} mm away; give it a wider reach, or interpolate to smaller voxels ([interpolation] spacing_mm)"
                    )
                } else {
                    format!(
                        "empty ring: there is no voxel within its reach around `{of}`; is that empty, or the whole scan?"
                    )
                }
            }
            (RegionFrom::Made { of, maker, take, .. }, _) => {
                format!("empty region: regions-{maker} gives no voxel of `{of}` to `{take}`")
            }
            _ => format!(
                "empty region: no voxel is left after interpolation to voxels of {voxels} mm; is the region smaller than they are?"
            ),
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
            RegionFrom::Ring { of, outward_mm, inward_mm, on_original_grid } => {
                if *on_original_grid {
                    let selected = self.original_ring(of, *outward_mm, *inward_mm)?;
                    return Ok(self.space.bounds(selected.part));
                }
                let grid = &self.space.grid;
                ring::ring_box(self.bounds(self.index(of))?, grid.dims, grid.spacing, *outward_mm, *inward_mm)
                    .map_err(|wrong| Fault::new(STAGE, wrong))
            }
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
            RegionFrom::Ring { of, outward_mm, inward_mm, on_original_grid } => {
                if *on_original_grid {
                    self.space.mask(&self.original_ring(of, *outward_mm, *inward_mm)?, part)
                } else {
                    self.ring(self.index(of), *outward_mm, *inward_mm, part)
                }
            }
            RegionFrom::Made { .. } => {
                let (maker, _) = self.maker(index)?;
                let labelled = self.labelled(index)?;
                let mut mask = vec![0; part.dims().iter().product()];
                let found = labelled.mask(maker.label);
                super::select::paste(View::new(labelled.part.dims(), &found), labelled.part, &mut mask, part);
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

    /// The ring of a region in a box, drawn in a box so much larger that the reach of the ring lies within.
    fn ring(&self, of: usize, outward_mm: f64, inward_mm: f64, part: IndexBox) -> Result<Vec<u8>, Fault> {
        let grid = &self.space.grid;
        let reach = outward_mm.max(inward_mm);
        let margin = grid.spacing.map(|mm| (reach / mm).ceil() as usize + 1);
        let around = part.grown(margin, grid.dims);
        let source = self.mask(of, around)?;
        let ring = ring::ring(View::new(around.dims(), &source), grid.spacing, outward_mm, inward_mm, &Pool)
            .map_err(|wrong| Fault::new(STAGE, wrong))?;
        Ok(crop(&ring, around, part).into_owned())
    }

    /// The ring of a region on the scan's own grid.
    fn original_ring(&self, of: &str, outward_mm: f64, inward_mm: f64) -> Result<Selected, Fault> {
        let index = self.index(of);
        let selected = self.selected(index)?;
        let grid = self.space.scan_grid();
        let wrong = |wrong: ring::InvalidLimit| Fault::new(STAGE, wrong);
        let part = ring::ring_box(selected.part, grid.dims, grid.spacing, outward_mm, inward_mm).map_err(wrong)?;
        let mut source = vec![0; part.dims().iter().product()];
        super::select::paste(View::new(selected.part.dims(), &selected.mask), selected.part, &mut source, part);
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
