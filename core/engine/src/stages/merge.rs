//! Merge: the values of several scans of a case in one row for each region.

use super::{Fault, regions::Found, space::Space};
use crate::{
    plan::Plan,
    results::Outcome,
    table::{Row, Undefined},
};

/// One scan of a case.
pub struct OfScan<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The word after `image.` in the list.
    pub scan: Option<&'a str>,
    /// Whether it is the first that images are of.
    pub is_first: bool,
}

impl OfScan<'_> {
    fn is_alone(&self) -> bool {
        self.plan.scans().len() == 1
    }

    /// The name of an attribute: that of the first scan has no word in front.
    pub fn attribute(&self, name: &str) -> String {
        match self.scan {
            Some(scan) if !self.is_first => format!("{scan}.{name}"),
            _ => name.to_owned(),
        }
    }

    /// The volumes of regions that no scan before had.
    pub fn volumes(&self, found: &[Found], space: &Space<'_>, outcome: &mut Outcome) {
        for found in found {
            let is_it = |(region, component, _): &(usize, Option<usize>, f64)| {
                (*region, *component) == (found.region, found.component)
            };
            if !outcome.volumes.iter().any(is_it) {
                outcome.volumes.push((found.region, found.component, found.volume_ml(&space.grid)));
            }
        }
    }

    /// A scan that failed costs the values of its images.
    pub fn failed(&self, fault: Fault, outcome: &mut Outcome) {
        let fault = self.named(fault);
        for region in (0..self.plan.regions.len()).filter(|region| self.plan.wants(self.scan, *region)) {
            self.without_values(region, &fault, outcome);
        }
        outcome.faults.push(fault);
    }

    /// A region that failed on this scan costs its values of the scan's images.
    pub fn region_failed(&self, fault: Fault, outcome: &mut Outcome) {
        if self.is_alone() {
            return outcome.faults.push(fault);
        }
        let fault = self.named(fault);
        let region = self.plan.regions.iter().position(|region| Some(&region.name) == fault.region.as_ref());
        if let Some(region) = region {
            self.without_values(region, &fault, outcome);
        }
        outcome.faults.push(fault);
    }

    fn named(&self, fault: Fault) -> Fault {
        let column = self.scan.map_or("image".to_owned(), |scan| format!("image.{scan}"));
        Fault { message: format!("{column}: {}", fault.message), ..fault }
    }

    /// Columns of this scan's images without a value, the reason being a fault.
    fn without_values(&self, region: usize, fault: &Fault, outcome: &mut Outcome) {
        let Self { plan, scan, .. } = *self;
        let reason: Undefined = fault.message.as_str().into();
        let of_scan = |map: usize| plan.images[plan.maps[map].image].scan.as_deref() == scan;
        let mut values = vec![None; plan.columns.len()];
        for family in plan.families.iter().filter(|family| family.regions[region]) {
            let used =
                family.uses.iter().enumerate().filter(|(map, _)| of_scan(*map)).filter_map(|(_, used)| used.as_ref());
            for column in used.flat_map(|used| used.columns.iter().flatten()) {
                values[*column] = Some(Err(reason.clone()));
            }
        }
        row(&mut outcome.rows, Row { region, component: None, values });
    }
}

/// Takes the values of a row into the row of the same region, or adds it.
pub fn row(rows: &mut Vec<Row>, row: Row) {
    match rows.iter_mut().find(|known| (known.region, known.component) == (row.region, row.component)) {
        Some(known) => {
            for (known, value) in known.values.iter_mut().zip(row.values) {
                if value.is_some() {
                    *known = value;
                }
            }
        }
        None => rows.push(row),
    }
}
