//! Perturb: the same case again on a grid that is turned and shifted, with noise, with regions that grow or shrink.
//!
//! The scan is read once. Perturbations of one grid and noise share the intensities and the responses of filters: of them only the
//! regions differ.

use voxomics_imaging::interpolation::Turn;

use super::{
    Fault,
    changed::Change,
    delineate::{self, Delineated},
    features,
    found::{Around, Found, Lacking, Looked},
    merge::{self, OfScan},
    moved::{Estimates, Moved},
    regions::OfCase,
    space::Space,
};
use crate::{
    cases::Case,
    host::CaseHost,
    plan::Plan,
    results::{
        Outcome,
        perturbation::{Control, Perturbation, Perturbed},
    },
    table::Row,
};

/// The rows of every perturbation of one scan of a case.
///
/// # Errors
/// If the run is given up. What cannot be had of a perturbation is said in its row, and costs the case nothing.
pub fn case(
    of_scan: &OfScan<'_>,
    case: &Case,
    delineated: &Delineated<'_>,
    host: &CaseHost,
    outcome: &mut Outcome,
) -> Result<(), Fault> {
    let plan = of_scan.plan;
    let Some(perturb) = &plan.perturb else { return Ok(()) };
    let all = &perturb.perturbations.all;
    outcome.perturbed.resize_with(all.len(), Perturbed::default);
    let noisy = all.iter().any(|perturbation| perturbation.noise > 0);
    let estimates = Estimates::default();
    let noise_sd = estimates.of(plan, of_scan.scan, &delineated.space);
    warn(of_scan, (noisy, noise_sd), &delineated.space, host);
    // What is worth saying of the case was said of it as it is.
    let quiet = host.quiet();
    let one = One { of_scan, case, delineated, estimates: &estimates, host: &quiet };
    let mut from = 0;
    while from < all.len() {
        let same = |other: &Perturbation| image_of(other) == image_of(&all[from]);
        let count = all[from..].iter().take_while(|other| same(other)).count();
        let rows = one.rows(&all[from..from + count])?;
        for (rows, perturbed) in rows.into_iter().zip(&mut outcome.perturbed[from..]) {
            merge::rows(&mut perturbed.rows, rows);
            perturbed.rows.sort_by_key(|row| (row.component, row.region));
            perturbed.noise_sd.push(noise_sd.filter(|_| all[from].noise > 0));
        }
        from += count;
    }
    Ok(())
}

/// A scan that failed has no noise; the values of its images are missing in each perturbation, as in the case itself.
pub fn failed(plan: &Plan, outcome: &mut Outcome) {
    if let Some(perturb) = &plan.perturb {
        outcome.perturbed.resize_with(perturb.perturbations.all.len(), Perturbed::default);
        outcome.perturbed.iter_mut().for_each(|perturbed| perturbed.noise_sd.push(None));
    }
}

/// What the image of a perturbation depends on.
fn image_of(of: &Perturbation) -> (f64, [f64; 3], u64, Option<Control>) {
    (of.rotation_deg, of.translation, of.noise, of.control)
}

/// Says what makes perturbations others than they seem.
fn warn(of_scan: &OfScan<'_>, (noisy, sd): (bool, Option<f64>), space: &Space<'_>, host: &CaseHost) {
    let plan = of_scan.plan;
    if noisy && sd.is_none() {
        host.warn(
            "no noise was added: it is estimated as 0, as of a scan most of whose voxels are equal; state it with \
             [perturb] noise_sd",
        );
    }
    let Some(perturb) = plan.perturb.as_ref().filter(|_| of_scan.is_first) else { return };
    let changes = perturb.perturbations.all.iter().any(|perturbation| perturbation.volume_change != 0.0);
    let [least, most] = [f64::min, f64::max].map(|of| space.grid.spacing.into_iter().reduce(of).unwrap_or(1.0));
    if changes && most > 1.01 * least {
        host.warn(format!(
            "regions grow and shrink by whole voxels, which are {least} to {most} mm wide here: further along one axis than along \
             another; [interpolation] to equal spacings mends that"
        ));
    }
}

/// One scan of a case that is perturbed.
struct One<'a> {
    of_scan: &'a OfScan<'a>,
    case: &'a Case,
    delineated: &'a Delineated<'a>,
    estimates: &'a Estimates,
    host: &'a CaseHost,
}

/// The regions of a perturbation, and why some of them are not there.
struct Variant {
    found: Vec<Found>,
    lent: Vec<Found>,
    lacking: Vec<Lacking>,
    faults: Vec<Fault>,
}

impl One<'_> {
    /// The rows of perturbations that have one image.
    fn rows(&self, all: &[Perturbation]) -> Result<Vec<Vec<Row>>, Fault> {
        let Self { of_scan, delineated, host, .. } = self;
        let plan = of_scan.plan;
        let straight = delineated.space.perturbed(Turn::default(), None);
        let space = match self.moved(&all[0]).space(of_scan.scan, straight) {
            Ok(space) => space,
            Err(fault) if fault.cancelled => return Err(fault),
            // What is to be changed cannot be told from the rest: then no region has values.
            Err(fault) => {
                let without = |found: &Found| {
                    of_scan.without_values(found.region, found.component, fault.message.as_str().into())
                };
                return Ok(all.iter().map(|_| delineated.found.iter().map(without).collect()).collect());
            }
        };
        let mut variants: Vec<Variant> = all.iter().map(|of| self.variant(of, &space)).collect();
        if host.is_cancelled() {
            return Err(Fault::cancelled("features"));
        }
        let mut rows: Vec<Vec<Row>> = all.iter().map(|_| Vec::new()).collect();
        if looks_at_no_region(plan) {
            let owners: Vec<usize> =
                variants.iter().enumerate().flat_map(|(at, variant)| variant.found.iter().map(move |_| at)).collect();
            let found: Vec<Found> =
                variants.iter_mut().flat_map(|variant| std::mem::take(&mut variant.found)).collect();
            let around = Around { seen: &[], lacking: &[] };
            for (at, computed) in features::each(plan, of_scan.scan, &space, around, &found, host) {
                self.take(computed, &mut rows[owners[at]], &mut variants[owners[at]].faults, &found[at]);
            }
        } else {
            for (variant, rows) in variants.iter_mut().zip(&mut rows) {
                let found = std::mem::take(&mut variant.found);
                let seen: Vec<&Found> = found.iter().chain(&variant.lent).collect();
                let around = Around { seen: &seen, lacking: &variant.lacking };
                for (at, computed) in features::each(plan, of_scan.scan, &space, around, &found, host) {
                    self.take(computed, rows, &mut variant.faults, &found[at]);
                }
            }
        }
        if let Some(fault) = variants.iter().flat_map(|variant| &variant.faults).find(|fault| fault.cancelled) {
            return Err(fault.clone());
        }
        for (variant, rows) in variants.iter().zip(&mut rows) {
            for found in &delineated.found {
                if !rows.iter().any(|row| row.region == found.region && row.component == found.component) {
                    rows.push(self.absent(found, variant));
                }
            }
            // A component that the unperturbed case has not would be a lesion that is none.
            rows.retain(|row| {
                delineated.found.iter().any(|found| found.region == row.region && found.component == row.component)
            });
        }
        Ok(rows)
    }

    fn take(&self, computed: features::Computed, rows: &mut Vec<Row>, faults: &mut Vec<Fault>, found: &Found) {
        let label = found.label(self.of_scan.plan);
        match computed {
            Ok((row, of_row)) => {
                rows.push(row);
                faults.extend(of_row.into_iter().filter(|fault| fault.cancelled));
            }
            Err(fault) => faults.push(fault.of_region(label)),
        }
    }

    /// The row of a region that is not there, each of whose values has the reason.
    fn absent(&self, found: &Found, Variant { lacking, faults, .. }: &Variant) -> Row {
        let plan = self.of_scan.plan;
        let (name, label) = (&plan.regions[found.region].name, found.label(plan));
        let of_it = |fault: &&Fault| fault.region.as_ref().is_some_and(|region| *region == label || region == name);
        let reason = faults.iter().find(of_it).or(faults.first());
        let lacks = |lacking: &&Lacking| (lacking.region, lacking.component) == (found.region, found.component);
        let reason = match lacking.iter().find(lacks) {
            Some(lacking) => &lacking.reason,
            None => reason.map_or("it is not there any more", |fault| fault.message.as_str()),
        };
        self.of_scan.without_values(found.region, found.component, reason.into())
    }

    /// What a perturbation does to the scans.
    fn moved<'m>(&'m self, of: &'m Perturbation) -> Moved<'m> {
        let (plan, space, drawn) = (self.of_scan.plan, &self.delineated.space, &self.delineated.drawn[..]);
        Moved { plan, case: self.case, of, space, drawn, estimates: self.estimates }
    }

    fn variant(&self, of: &Perturbation, space: &Space<'_>) -> Variant {
        let plan = self.of_scan.plan;
        // The same region on each scan: its seed knows of none.
        let Perturbation { rotation_deg, translation, noise, volume_change, control: _ } = of;
        // Spelled out, so that a further field of a perturbation changes no value.
        let done = format!(
            "Perturbation {{ rotation_deg: {rotation_deg:?}, translation: {translation:?}, noise: {noise:?}, volume_change: \
             {volume_change:?} }}"
        );
        let seeded = format!("{} {} {done}", plan.seed, self.case.original());
        let changed = plan.perturb.as_ref().map_or(&[][..], |perturb| &perturb.changed);
        let change = Change { share: of.volume_change, seeded: &seeded, of: changed };
        let change = (of.volume_change != 0.0).then_some(change);
        let (scan, case, drawn, host) = (self.of_scan.scan, self.case, &self.delineated.drawn[..], self.host);
        let moved = self.moved(of);
        let (Looked { found, lacking, faults }, lent) =
            delineate::again(OfCase { plan, scan, case, space, drawn, change, moved: Some(&moved), host });
        Variant { found, lent, lacking, faults }
    }
}

/// Whether no filter and no family looks at other regions, and no map is of one: then different regions have the same images.
fn looks_at_no_region(plan: &Plan) -> bool {
    plan.images.iter().all(|image| image.mapping.is_none() && plan.seen_by(image).is_empty())
        && plan.families.iter().all(|family| family.instance.needs.regions.is_empty())
}
