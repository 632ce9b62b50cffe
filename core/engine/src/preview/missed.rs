//! What a picture says of regions that it should show and that are not there.

use std::path::Path;

use crate::{
    plan::Plan,
    stages::{
        Fault,
        found::{Found, Lacking},
    },
};

/// What a case lacks of the regions that were looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Missed<'a> {
    /// The scan that is shown, by the word after `image.` in the list.
    pub scan: Option<&'a str>,
    /// What went wrong.
    pub faults: &'a [Fault],
    /// What the case lacks, which is no fault.
    pub lacking: &'a [Lacking],
}

/// A region that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// What is said of it.
    pub words: String,
    /// Whether it failed; otherwise the case lacks it, and that is no fault.
    pub failed: bool,
}

impl Missed<'_> {
    /// The regions of the scan that features are wanted of, and that are not among those that are shown, with the reason. Where no region
    /// at all is there, a fault of none of them stands for all. A region that has fewer components than another one is not missed.
    pub fn absent(&self, shown: &[&Found], plan: &Plan, component: Option<usize>) -> Vec<Absent> {
        let lost = (0..plan.regions.len())
            .filter(|region| plan.wants(self.scan, *region) && !shown.iter().any(|found| found.region == *region));
        let absent: Vec<Absent> = lost.filter_map(|region| self.why(region, plan, component)).collect();
        match (absent.is_empty(), self.faults.first()) {
            (true, Some(fault)) if shown.is_empty() => vec![failed("no region", plan, fault)],
            _ => absent,
        }
    }

    fn why(&self, region: usize, plan: &Plan, component: Option<usize>) -> Option<Absent> {
        let name = &plan.regions[region].name;
        let is_it = |lacking: &&Lacking| {
            lacking.region == region && (lacking.component.is_none() || lacking.component == component)
        };
        if let Some(lacking) = self.lacking.iter().find(is_it) {
            return Some(Absent { words: format!("{name}: not in this case: {}", lacking.reason), failed: false });
        }
        let of = |wanted: &String| self.faults.iter().find(|fault| fault.region.as_ref() == Some(wanted));
        if let Some(fault) = of(name) {
            return Some(failed(name, plan, fault));
        }
        // A region that is made of a missing one is not a second fault.
        let mut sources: Vec<&String> = plan.regions[region].from.sources().collect();
        let mut seen = 0;
        while let Some(source) = sources.get(seen).copied() {
            if of(source).is_some() {
                return Some(Absent { words: format!("{name} failed: `{source}` is not there"), failed: true });
            }
            let made = plan.regions.iter().find(|other| other.name == *source);
            let more: Vec<&String> = made.iter().flat_map(|region| region.from.sources()).collect();
            sources.extend(more);
            seen += 1;
        }
        None
    }
}

/// A region that failed, with the reason: it may quote files, so that pictures with pseudonyms do without it.
fn failed(name: &str, plan: &Plan, fault: &Fault) -> Absent {
    let words = match plan.privacy {
        Some(_) => format!("{name} failed"),
        None => format!("{name} failed: {}", without_file(&fault.message)),
    };
    Absent { words, failed: true }
}

/// A message without the file at its end: the table of failures has it.
fn without_file(message: &str) -> &str {
    let named = |end: &str| end.strip_suffix(')').is_some_and(|path| Path::new(path).has_root());
    message.rsplit_once(" (").filter(|(_, end)| named(end)).map_or(message, |(before, _)| before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_at_the_end_of_a_message_is_left_to_the_table_of_failures() {
        assert_eq!(without_file("empty region (/data/a b.nii)"), "empty region");
        assert_eq!(without_file("it has 3 voxels (of 8)"), "it has 3 voxels (of 8)");
    }
}
