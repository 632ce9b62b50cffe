//! Which features depend on who draws: those of lesions that several readers have outlined are held against each other, and what
//! does not agree is not learnt from. This is done anew in each outer fold, with the lesions of the training part alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use voxomics_engine::{experiment::study::Learn, plan::Plan, table::FeatureValue};
use voxomics_statistics::{Level, reliability::agreement};

use super::{Row, design};

/// Fewer lesions than this tell nothing of the agreement of readers.
const LEAST: usize = 5;

/// Values of the inputs by reader, for lesions that all of them have outlined.
pub struct Reliability {
    minimum: f64,
    readers: Vec<String>,
    /// For each row of the training whether all readers have outlined it.
    complete: Vec<bool>,
    /// For each measured input, and each row that is complete, the value of each reader; none if one of them has none.
    values: BTreeMap<String, Vec<Option<Vec<f64>>>>,
    /// Inputs that nobody outlines.
    others: BTreeSet<String>,
}

/// What agrees.
pub struct Agreed {
    /// The inputs that may be learnt from.
    pub inputs: BTreeSet<String>,
    /// The intraclass correlation of each measured input; none where there is none.
    icc: BTreeMap<String, Option<f64>>,
    lesions: usize,
}

/// The reader whose outlines the lesions are, in messages.
const MAIN: &str = "the main reader";

impl Reliability {
    /// The values of `inputs`; none if agreement is not asked for.
    ///
    /// # Errors
    /// If there are too few lesions that all readers have outlined.
    pub fn of(plan: &Plan, stated: &Learn, inputs: &[String], rows: &[Row<'_>]) -> Result<Option<Self>, String> {
        let Some(minimum) = stated.minimum_icc else { return Ok(None) };
        let readers: BTreeSet<&str> =
            rows.iter().flat_map(|row| &row.lesion.repeats).map(|repeat| repeat.reader.as_str()).collect();
        if readers.is_empty() {
            return Err(
                "`minimum_icc` needs lesions that several readers have outlined; no row of the training is one".into(),
            );
        }
        let readers = [MAIN].into_iter().chain(readers).map(str::to_owned).collect();
        let found = Self::between(plan, (minimum, readers), inputs.iter(), rows);
        found.enough(&(0..rows.len()).collect::<Vec<_>>()).map(|_| Some(found))
    }

    /// The same of the same lesions, whose values are others because what is fitted on images was fitted anew.
    pub fn again(&self, plan: &Plan, rows: &[Row<'_>]) -> Self {
        Self::between(plan, (self.minimum, self.readers.clone()), self.values.keys().chain(&self.others), rows)
    }

    fn between<'a>(
        plan: &Plan,
        (minimum, readers): (f64, Vec<String>),
        inputs: impl Iterator<Item = &'a String>,
        rows: &[Row<'_>],
    ) -> Self {
        let of_row = |row: &Row<'_>| -> Option<Vec<Vec<FeatureValue>>> {
            let by = |reader: &String| {
                let repeat = row.lesion.repeats.iter().find(|repeat| repeat.reader == *reader)?;
                Some(repeat.inputs.clone())
            };
            // The first is the main one.
            let others: Option<Vec<Vec<FeatureValue>>> = readers.iter().skip(1).map(by).collect();
            Some([vec![row.lesion.inputs.clone()], others?].concat())
        };
        let complete: Vec<Option<Vec<Vec<FeatureValue>>>> = rows.iter().map(of_row).collect();
        let (mut values, mut others) = (BTreeMap::new(), BTreeSet::new());
        for name in inputs {
            let Some(place) = plan.places.get(name.as_str()).copied().filter(|place| design::measured(plan, *place))
            else {
                others.insert(name.clone());
                continue;
            };
            let one = |all: &Option<Vec<Vec<FeatureValue>>>| -> Option<Vec<f64>> {
                all.as_ref()?.iter().map(|inputs| inputs[place].as_ref().ok().copied()).collect()
            };
            values.insert(name.clone(), complete.iter().map(one).collect());
        }
        Self { minimum, readers, complete: complete.iter().map(Option::is_some).collect(), values, others }
    }

    /// How many of some rows all readers have outlined.
    fn enough(&self, rows: &[usize]) -> Result<usize, String> {
        let lesions = rows.iter().filter(|row| self.complete[**row]).count();
        match lesions >= LEAST {
            true => Ok(lesions),
            false => Err(format!(
                "`minimum_icc`: {lesions} lesions of the training have outlines of all readers ({}), expected {LEAST} or more",
                self.readers.join(", ")
            )),
        }
    }

    /// The inputs whose values agree among some rows.
    ///
    /// # Errors
    /// If there are too few lesions, or if nothing agrees.
    pub fn agreed(&self, rows: &[usize]) -> Result<Agreed, String> {
        let lesions = self.enough(rows)?;
        let icc = |values: &Vec<Option<Vec<f64>>>| -> Option<f64> {
            let known: Vec<&Vec<f64>> = rows.iter().filter_map(|row| values[*row].as_ref()).collect();
            if known.len() < LEAST {
                return None;
            }
            let by: Vec<Vec<f64>> =
                (0..self.readers.len()).map(|reader| known.iter().map(|values| values[reader]).collect()).collect();
            let by: Vec<&[f64]> = by.iter().map(Vec::as_slice).collect();
            agreement(&by, Level::P95).ok().map(|found| found.value)
        };
        let icc: BTreeMap<String, Option<f64>> =
            self.values.iter().map(|(name, values)| (name.clone(), icc(values))).collect();
        let agree = icc.iter().filter(|(_, icc)| icc.is_some_and(|icc| icc >= self.minimum));
        let inputs: BTreeSet<String> = agree.map(|(name, _)| name.clone()).chain(self.others.iter().cloned()).collect();
        if inputs.is_empty() {
            let best = icc.values().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
            return Err(format!(
                "`minimum_icc`: no input agrees between readers to {}; the best has {best:.3}",
                self.minimum
            ));
        }
        Ok(Agreed { inputs, icc, lesions })
    }

    /// Everything that depends on the readers, for the identity of a training.
    pub fn identity(&self) -> Json {
        let bits = |values: &Vec<Option<Vec<f64>>>| -> Json {
            values
                .iter()
                .map(|values| json!(values.as_ref().map(|of| of.iter().map(|x| x.to_bits()).collect::<Vec<_>>())))
                .collect()
        };
        let values: BTreeMap<&String, Json> = self.values.iter().map(|(name, values)| (name, bits(values))).collect();
        json!([self.minimum.to_bits(), self.readers, values])
    }

    /// Keeps, beside what a learner tells, how well each input agrees.
    pub fn keep(&self, agreed: &Agreed, diagnostics: &mut Json) {
        if !diagnostics.is_object() {
            *diagnostics = Json::Object(Default::default());
        }
        diagnostics[RELIABILITY] = json!({
            "minimum_icc": self.minimum,
            "readers": self.readers,
            "lesions": agreed.lesions,
            "icc": agreed.icc,
        });
    }
}

/// Key, in what is told of a training, of the agreement of readers.
const RELIABILITY: &str = "reliability";

/// What was kept of the agreement of readers, in a sentence.
pub fn told(diagnostics: &Json) -> Option<String> {
    let told = diagnostics.get(RELIABILITY)?;
    let (minimum, icc) = (told["minimum_icc"].as_f64()?, told["icc"].as_object()?);
    let low = icc.values().filter(|icc| icc.as_f64().is_none_or(|icc| icc < minimum)).count();
    let readers: Vec<&str> = told["readers"].as_array()?.iter().filter_map(Json::as_str).collect();
    Some(format!(
        "{low} of {} measured inputs were not learnt from: their intraclass correlation between readers ({}) is below {minimum}, over {} \
         lesions. In each outer fold this was done anew",
        icc.len(),
        readers.join(", "),
        told["lesions"]
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reliability() -> Reliability {
        let shaky = |row: usize| {
            if row.is_multiple_of(2) { [row as f64, 9.0 - row as f64] } else { [9.0 - row as f64, row as f64] }
        };
        let of = |value: &dyn Fn(usize) -> [f64; 2]| -> Vec<Option<Vec<f64>>> {
            (0..12).map(|row| (row < 10).then(|| value(row).to_vec())).collect()
        };
        Reliability {
            minimum: 0.75,
            readers: vec![MAIN.into(), "B".into()],
            complete: (0..12).map(|row| row < 10).collect(),
            values: BTreeMap::from([
                ("steady".to_owned(), of(&|row| [row as f64, row as f64 + 0.1])),
                ("shaky".to_owned(), of(&shaky)),
                ("constant".to_owned(), of(&|_| [1.0, 1.0])),
            ]),
            others: BTreeSet::from(["age".to_owned()]),
        }
    }

    #[test]
    fn what_depends_on_who_draws_is_not_learnt_from() {
        let found = reliability();
        let agreed = found.agreed(&(0..12).collect::<Vec<_>>()).expect("enough");
        assert_eq!(agreed.inputs.iter().map(String::as_str).collect::<Vec<_>>(), ["age", "steady"]);
        assert_eq!(agreed.lesions, 10);
        let mut diagnostics = Json::Null;
        found.keep(&agreed, &mut diagnostics);
        let said = told(&diagnostics).expect("a sentence");
        assert!(said.contains("2 of 3 measured inputs") && said.contains("over 10 lesions"), "{said}");
    }

    #[test]
    fn a_fold_looks_at_its_own_lesions_alone() {
        let found = reliability();
        // The first five tell that the shaky input is none; with three there is nothing to tell.
        assert!(!found.agreed(&[0, 1, 2, 3, 4, 10]).expect("enough").inputs.contains("shaky"));
        let why = found.agreed(&[0, 1, 2, 10, 11]).err().expect("too few");
        assert!(why.contains("3 lesions") && why.contains("the main reader, B") && why.contains("5 or more"), "{why}");
    }
}
