//! Moved: a scan as a perturbation sees it, the one at hand as well as another scan of the case that a region is made of.

use voxomics_imaging::{
    IndexBox, comparison,
    interpolation::Turn,
    noise::{self, Gaussian},
};

use super::{Fault, changed::seed, control::Controlled, once::Once, select::Drawn, space::Space};
use crate::{cases::Case, host::Pool, plan::Plan, results::perturbation::Perturbation};

/// The size of the noise of the scans of a case, each estimated once.
#[derive(Default)]
pub struct Estimates(Once<Option<f64>>);

impl Estimates {
    /// Standard deviation of the noise that is added to a scan; none if it has none.
    pub fn of(&self, plan: &Plan, scan: Option<&str>, space: &Space<'_>) -> Option<f64> {
        let Some(perturb) = &plan.perturb else { return None };
        if !perturb.perturbations.all.iter().any(|of| of.noise > 0) {
            return None;
        }
        let place = plan.scans().iter().position(|other| *other == scan).unwrap_or_default();
        let found = || perturb.noise_sd.or_else(|| estimate(space));
        self.0.get(place, || Ok(found())).map_or_else(|_| found(), |found| *found)
    }
}

/// Standard deviation of the noise of a scan, as it is stored; none of an image without any.
fn estimate(space: &Space<'_>) -> Option<f64> {
    let scan = space.scan();
    let [nx, ny, nz] = scan.grid.dims;
    let slice = |z: usize| scan.crop(IndexBox { start: [0, 0, z], end: [nx, ny, z + 1] });
    noise::estimate([nx, ny, nz], &slice, &Pool).filter(|sd| *sd > 0.0)
}

/// What a perturbation does to the scans of a case.
pub struct Moved<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The case.
    pub case: &'a Case,
    /// The perturbation.
    pub of: &'a Perturbation,
    /// The scan at hand as it is, and what is drawn on it.
    pub space: &'a Space<'a>,
    /// What is drawn on it.
    pub drawn: &'a [Drawn],
    /// The size of the noise of each scan.
    pub estimates: &'a Estimates,
}

impl Moved<'_> {
    /// A scan as the perturbation sees it. It depends on the scan and on what is done, and not on which scan is at hand.
    ///
    /// # Errors
    /// Why a negative control of it cannot be had.
    pub fn space<'s>(&self, scan: Option<&str>, space: Space<'s>) -> Result<Space<'s>, Fault> {
        let Self { plan, of, .. } = *self;
        if let (Some(control), Some(perturb)) = (of.control, &plan.perturb) {
            if !comparison::compare(space.scan_grid(), self.space.scan_grid()).is_empty() {
                let message = "a negative control changes the voxels of a region, and the scans of the case are not stored on one \
                               grid: resample them to one first";
                return Err(Fault::new("regions", message));
            }
            let name = |index: &usize| (*index, plan.regions[*index].name.as_str());
            let regions: Vec<(usize, &str)> = perturb.controlled.iter().map(name).collect();
            let control = Controlled::new(control, space.scan(), self.drawn, &regions, &self.seeded(scan))?;
            return Ok(space.controlled(control));
        }
        let turn = Turn { degrees: of.rotation_deg, shift: of.translation };
        let seeded = format!("{} noise {}", self.seeded(scan), of.noise);
        let sd = if of.noise > 0 { self.estimates.of(plan, scan, &space) } else { None };
        let noise = sd.map(|deviation| Gaussian { seed: seed(&seeded), deviation });
        Ok(space.moved(turn, noise))
    }

    /// What seeds follow from: the experiment's seed, the case, the scan and what is done to it; neither the order of cases or
    /// perturbations nor the number of threads.
    fn seeded(&self, scan: Option<&str>) -> String {
        let ([x, y, z], scan) = (self.of.translation, scan.unwrap_or_default());
        format!("{} {} {scan} {} {x} {y} {z}", self.plan.seed, self.case.original(), self.of.rotation_deg)
    }
}
