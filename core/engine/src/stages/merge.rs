//! Merge: the values of several scans of a case in one row for each region.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use super::{
    Fault,
    found::{Found, Lacking},
    space::Space,
};
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
        // There may be tens of thousands of components.
        let mut known: HashSet<_> =
            outcome.volumes.iter().map(|(region, component, _)| (*region, *component)).collect();
        for found in found {
            if known.insert((found.region, found.component)) {
                outcome.volumes.push((found.region, found.component, found.volume_ml(&space.grid)));
            }
        }
    }

    /// A scan that failed costs the values of its images.
    pub fn failed(&self, fault: Fault, outcome: &mut Outcome) {
        let fault = self.named(fault);
        for region in (0..self.plan.regions.len()).filter(|region| self.plan.wants(self.scan, *region)) {
            self.without((region, None), fault.message.as_str().into(), outcome);
        }
        outcome.faults.push(fault);
    }

    /// A region that the case lacks has rows without a value, whose reason is that.
    pub fn lacks(&self, lacking: &Lacking, outcome: &mut Outcome) {
        self.without((lacking.region, lacking.component), lacking.reason.as_str().into(), outcome);
    }

    /// A region that failed on this scan costs its values of the scan's images.
    pub fn region_failed(&self, fault: Fault, outcome: &mut Outcome) {
        if self.is_alone() {
            return outcome.faults.push(fault);
        }
        let fault = self.named(fault);
        let region = self.plan.regions.iter().position(|region| Some(&region.name) == fault.region.as_ref());
        if let Some(region) = region {
            self.without((region, None), fault.message.as_str().into(), outcome);
        }
        outcome.faults.push(fault);
    }

    fn named(&self, fault: Fault) -> Fault {
        let column = self.scan.map_or("image".to_owned(), |scan| format!("image.{scan}"));
        Fault { message: format!("{column}: {}", fault.message), ..fault }
    }

    /// Columns of this scan's images without a value, for a reason.
    fn without(&self, (region, component): (usize, Option<usize>), reason: Undefined, outcome: &mut Outcome) {
        rows(&mut outcome.rows, vec![self.without_values(region, component, reason)]);
    }

    /// A row whose columns of this scan's images have no value, for a reason.
    pub fn without_values(&self, region: usize, component: Option<usize>, reason: Undefined) -> Row {
        let Self { plan, scan, .. } = *self;
        let of_scan = |map: usize| plan.images[plan.maps[map].image].scan.as_deref() == scan;
        let mut values = vec![None; plan.columns.len()];
        for family in plan.families.iter().filter(|family| family.regions[region]) {
            let used =
                family.uses.iter().enumerate().filter(|(map, _)| of_scan(*map)).filter_map(|(_, used)| used.as_ref());
            for column in used.flat_map(|used| used.columns.iter().flatten()) {
                values[*column] = Some(Err(reason.clone()));
            }
        }
        Row { region, component, values }
    }
}

/// Takes the values of rows into those of the same regions, or adds them.
pub fn rows(rows: &mut Vec<Row>, more: Vec<Row>) {
    let mut places: HashMap<(usize, Option<usize>), usize> =
        rows.iter().enumerate().map(|(place, row)| ((row.region, row.component), place)).collect();
    for row in more {
        match places.entry((row.region, row.component)) {
            Entry::Occupied(known) => {
                for (known, value) in rows[*known.get()].values.iter_mut().zip(row.values) {
                    if value.is_some() {
                        *known = value;
                    }
                }
            }
            Entry::Vacant(new) => {
                new.insert(rows.len());
                rows.push(row);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_into_the_row_of_their_region_and_component() {
        let of = |component, values: [Option<f64>; 2]| Row {
            region: 1,
            component,
            values: values.map(|x| x.map(Ok)).into(),
        };
        let mut all = vec![of(Some(1), [Some(1.0), None]), of(Some(2), [Some(2.0), None])];
        rows(
            &mut all,
            vec![of(Some(2), [None, Some(20.0)]), of(None, [None, Some(5.0)]), of(Some(1), [Some(9.0), None])],
        );
        let values: Vec<_> = all.iter().map(|row| (row.component, row.values.clone())).collect();
        let expected = [
            (Some(1), vec![Some(Ok(9.0)), None]),
            (Some(2), vec![Some(Ok(2.0)), Some(Ok(20.0))]),
            (None, vec![None, Some(Ok(5.0))]),
        ];
        assert_eq!(values, expected);
    }

    #[test]
    fn tens_of_thousands_of_components_are_looked_up_and_not_looked_for() {
        let of =
            |count: usize| (0..count).map(|component| Row { region: 0, component: Some(component), values: vec![] });
        let mut all = Vec::new();
        // Each beside each would be 10,000 million comparisons.
        rows(&mut all, of(100_000).collect());
        rows(&mut all, of(100_000).collect());
        assert_eq!(all.len(), 100_000);
    }
}
