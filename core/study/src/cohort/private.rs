//! A cohort whose cases and patients have pseudonyms.

use std::collections::{BTreeMap, BTreeSet};

use voxomics_engine::{
    privacy::{Privacy, Row},
    pseudonymise,
    results::pseudonyms::Kind,
};
use voxomics_report::study::Lost;

use super::{JOIN, Joined, ONLY, Repeat};

impl Joined {
    /// Gives everybody a pseudonym, after all has joined: conditions and ids were those of the tables.
    pub(super) fn pseudonymise(&mut self, id: &str, privacy: &Privacy) -> Result<(), String> {
        let fates = {
            let of_cases = self.cases.iter().zip(&self.patients).flat_map(|(case, patient)| {
                case.covariates.iter().map(move |(column, cell)| Row { case: &case.name, patient, column, cell })
            });
            let of_patients = self.columns.iter().flat_map(|(patient, cells)| {
                cells.iter().map(move |(column, cell)| Row { case: "", patient, column, cell })
            });
            privacy.fates(id, &format!("`{}`", self.name), of_cases.chain(of_patients))?
        };
        let key = privacy.key();
        let mut renamed: BTreeMap<String, String> = BTreeMap::new();
        for (case, patient) in self.cases.iter_mut().zip(&mut self.patients) {
            let old = case.name.clone();
            let pseudonym = pseudonymise::case(privacy, case, patient, &fates);
            self.originals.insert(pseudonym.clone(), std::mem::replace(patient, pseudonym));
            renamed.insert(old.clone(), case.name.clone());
            if let Some(table) = &mut self.features
                && let Some(cells) = table.cells.remove(&old)
            {
                table.cells.insert(case.name.clone(), cells);
            }
        }
        let new = |name: String| renamed.get(&name).cloned().unwrap_or(name);
        let repeat = |repeat: Repeat| Repeat { of: new(repeat.of.clone()), ..repeat };
        let repeats = std::mem::take(&mut self.repeats).into_iter();
        self.repeats = repeats.map(|(case, of)| (new(case), repeat(of))).collect();
        self.columns = std::mem::take(&mut self.columns)
            .into_iter()
            .map(|(patient, cells)| {
                let patient = key.pseudonym(Kind::Patient, &patient);
                let cells = cells.map(|column, cell| fates.cell(privacy, column, cell, &patient));
                (patient, cells)
            })
            .collect();
        for row in &mut self.left_out {
            row.id = key.pseudonym(Kind::Case, &row.id);
            row.patient = key.pseudonym(Kind::Patient, &row.patient);
            // The value may be an id or a date.
            if row.stage == ONLY {
                row.reason = row.reason.split(" is `").next().unwrap_or_default().to_owned();
            }
        }
        self.unjoined = self.left_out.iter().filter(|row| row.stage == JOIN).map(Lost::from).collect();
        for (number, source) in (1..).zip(&mut self.sources) {
            // Reasons name the file of a missing cell.
            source.name = format!("table {number}");
            source.patients = source.patients.iter().map(|id| key.pseudonym(Kind::Patient, id)).collect();
            source.columns.retain(|column| !fates.is_dropped(column));
        }
        self.marks.forget_rows();
        self.known.retain(|column| !fates.is_dropped(column));
        if let Some(table) = &mut self.features {
            table.names.retain(|column| !privacy.dropped().contains(column));
            let known: BTreeSet<&str> = self.cases.iter().map(|case| case.name.as_str()).collect();
            table.cells.retain(|case, _| known.contains(case.as_str()));
        }
        Ok(())
    }
}
