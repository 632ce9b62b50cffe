//! Which features depend on who draws, on the day, or on how a scan lies on its grid: what several readers, repeated scans or
//! perturbations of a lesion give is held against each other, and what does not agree is not learnt from. This is done anew in each
//! outer fold, with the lesions of the training part alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use voxomics_engine::{
    experiment::study::{Between, IccAtLeast, Learn},
    plan::{InputRef, Plan},
    table::FeatureValue,
};
use voxomics_statistics::{
    Level,
    reliability::{Form, Icc, MeanSquares},
};

use super::{Row, design};

/// Fewer lesions than this tell nothing of the agreement of readers.
const LEAST: usize = 5;

/// What an input must reach to be learnt from.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Criterion {
    /// ICC(2,1) between readers itself.
    Value(f64),
    /// The lower limit of an intraclass correlation.
    Lower(IccAtLeast),
}

impl Criterion {
    fn of(stated: &Learn) -> Option<Self> {
        stated.icc_at_least.map(Self::Lower).or(stated.minimum_icc.map(Self::Value))
    }

    /// Its key in the experiment.
    fn key(self) -> &'static str {
        match self {
            Self::Value(_) => "minimum_icc",
            Self::Lower(_) => "icc_at_least",
        }
    }

    fn between(self) -> Between {
        match self {
            Self::Value(_) => Between::Readers,
            Self::Lower(stated) => stated.between,
        }
    }

    fn form(self) -> Form {
        match self {
            Self::Value(_) => Form::Agreement,
            Self::Lower(stated) => stated.form,
        }
    }

    fn limit(self) -> f64 {
        match self {
            Self::Value(minimum) => minimum,
            Self::Lower(stated) => stated.limit,
        }
    }

    /// What is held against the limit; none where the interval has no limit.
    fn figure(self, icc: &Icc) -> Option<f64> {
        match self {
            Self::Value(_) => Some(icc.value),
            Self::Lower(_) => icc.interval.map(|interval| interval.low),
        }
    }
}

/// Values of the inputs by reader, repeated scan or perturbation, for lesions that have all of them.
pub struct Reliability {
    criterion: Criterion,
    raters: Vec<String>,
    /// For each row of the training whether it has all of them.
    complete: Vec<bool>,
    /// For each measured input, and each row that is complete, the values; none if one of them is not there.
    values: BTreeMap<String, Vec<Option<Vec<f64>>>>,
    /// Inputs that nobody measures.
    others: BTreeSet<String>,
}

/// What agrees.
pub struct Agreed {
    /// The inputs that may be learnt from.
    pub inputs: BTreeSet<String>,
    /// What is held against the limit, of each measured input; none where there is nothing.
    icc: BTreeMap<String, Option<f64>>,
    lesions: usize,
    /// On how many lesions an input was judged that some of them lack.
    fewer: BTreeMap<String, usize>,
}

/// The reader whose outlines the lesions are, and the scan that they are of, in messages.
const MAIN: [&str; 2] = ["the main reader", "the main scan"];

impl Reliability {
    /// The values of `inputs`; none if agreement is not asked for.
    ///
    /// # Errors
    /// If there are too few lesions that have all values.
    pub fn of(plan: &Plan, stated: &Learn, inputs: &[String], rows: &[Row<'_>]) -> Result<Option<Self>, String> {
        let Some(criterion) = Criterion::of(stated) else { return Ok(None) };
        let raters = raters(criterion.between(), rows);
        if raters.len() < 2 {
            let needed = match criterion.between() {
                Between::Readers => "lesions that several readers have outlined",
                Between::Repeats => "lesions that were scanned several times",
                Between::Perturbations => "two perturbations or more of each case",
            };
            return Err(format!("`{}` needs {needed}; no row of the training is one", criterion.key()));
        }
        let found = Self::between(plan, (criterion, raters), inputs.iter(), rows);
        found.enough(&(0..rows.len()).collect::<Vec<_>>()).map(|_| Some(found))
    }

    /// The same of the same lesions, whose values are others because what is fitted on images was fitted anew.
    pub fn again(&self, plan: &Plan, rows: &[Row<'_>]) -> Self {
        Self::between(plan, (self.criterion, self.raters.clone()), self.values.keys().chain(&self.others), rows)
    }

    fn between<'a>(
        plan: &Plan,
        (criterion, raters): (Criterion, Vec<String>),
        inputs: impl Iterator<Item = &'a String>,
        rows: &[Row<'_>],
    ) -> Self {
        let complete: Vec<Option<Values<'_>>> =
            rows.iter().map(|row| Values::of(row, criterion.between(), &raters)).collect();
        let (mut values, mut others) = (BTreeMap::new(), BTreeSet::new());
        for name in inputs {
            let Some(place) = plan.places.get(name.as_str()).copied().filter(|place| design::measured(plan, *place))
            else {
                others.insert(name.clone());
                continue;
            };
            // What changes of an input over time is as robust as the input at the baseline.
            let place = match plan.inputs[place].1 {
                InputRef::Delta { of, .. } => of,
                _ => place,
            };
            let one = |all: &Option<Values<'_>>| all.as_ref()?.at(place);
            values.insert(name.clone(), complete.iter().map(one).collect());
        }
        Self { criterion, raters, complete: complete.iter().map(Option::is_some).collect(), values, others }
    }

    /// How many of some rows have all values.
    fn enough(&self, rows: &[usize]) -> Result<usize, String> {
        let lesions = rows.iter().filter(|row| self.complete[**row]).count();
        if lesions >= LEAST {
            return Ok(lesions);
        }
        let key = self.criterion.key();
        Err(match self.criterion.between() {
            Between::Readers => format!(
                "`{key}`: {lesions} lesions of the training have outlines of all readers ({}), expected {LEAST} or more",
                self.raters.join(", ")
            ),
            Between::Repeats => format!(
                "`{key}`: {lesions} lesions of the training have all scans ({}), expected {LEAST} or more",
                self.raters.join(", ")
            ),
            Between::Perturbations => {
                format!("`{key}`: {lesions} lesions of the training were perturbed, expected {LEAST} or more")
            }
        })
    }

    /// The inputs whose values agree among some rows.
    ///
    /// # Errors
    /// If there are too few lesions, or if nothing agrees.
    pub fn agreed(&self, rows: &[usize]) -> Result<Agreed, String> {
        let lesions = self.enough(rows)?;
        let icc = |values: &Vec<Option<Vec<f64>>>| -> Option<f64> {
            let known: Vec<&Vec<f64>> = rows.iter().filter_map(|row| values[*row].as_ref()).collect();
            // What most lesions lack is not robust in any of them.
            if known.len() < LEAST || 2 * known.len() < lesions {
                return None;
            }
            let by: Vec<Vec<f64>> =
                (0..self.raters.len()).map(|rater| known.iter().map(|values| values[rater]).collect()).collect();
            let by: Vec<&[f64]> = by.iter().map(Vec::as_slice).collect();
            let found = MeanSquares::of(&by).and_then(|squares| squares.icc(self.criterion.form(), Level::P95));
            self.criterion.figure(&found.ok()?)
        };
        let icc: BTreeMap<String, Option<f64>> =
            self.values.iter().map(|(name, values)| (name.clone(), icc(values))).collect();
        let known = |values: &Vec<Option<Vec<f64>>>| rows.iter().filter(|row| values[**row].is_some()).count();
        let of_each = self.values.iter().map(|(name, values)| (name.clone(), known(values)));
        let fewer: BTreeMap<String, usize> = of_each.filter(|(_, known)| *known < lesions).collect();
        let limit = self.criterion.limit();
        let agree = icc.iter().filter(|(_, icc)| icc.is_some_and(|icc| icc >= limit));
        let inputs: BTreeSet<String> = agree.map(|(name, _)| name.clone()).chain(self.others.iter().cloned()).collect();
        if inputs.is_empty() {
            let best = icc.values().flatten().copied().reduce(f64::max);
            let best = best.map_or_else(|| "none has a figure".to_owned(), |best| format!("the best has {best:.3}"));
            let (key, word) = (self.criterion.key(), self.criterion.between().word());
            return Err(format!("`{key}`: no input agrees between {word} to {limit}; {best}"));
        }
        Ok(Agreed { inputs, icc, lesions, fewer })
    }

    /// Everything that depends on the readers, scans or perturbations, for the identity of a training.
    pub fn identity(&self) -> Json {
        let bits = |values: &Vec<Option<Vec<f64>>>| -> Json {
            values
                .iter()
                .map(|values| json!(values.as_ref().map(|of| of.iter().map(|x| x.to_bits()).collect::<Vec<_>>())))
                .collect()
        };
        let values: BTreeMap<&String, Json> = self.values.iter().map(|(name, values)| (name, bits(values))).collect();
        let limit = self.criterion.limit().to_bits();
        match self.criterion {
            Criterion::Value(_) => json!([limit, self.raters, values]),
            Criterion::Lower(of) => json!([limit, of.form.name(), of.between, self.raters, values]),
        }
    }

    /// Keeps, beside what a learner tells, how well each input agrees.
    pub fn keep(&self, agreed: &Agreed, diagnostics: &mut Json) {
        if !diagnostics.is_object() {
            *diagnostics = Json::Object(Default::default());
        }
        let limit = self.criterion.limit();
        diagnostics[RELIABILITY] = match self.criterion {
            Criterion::Value(_) => json!({
                "minimum_icc": limit,
                "readers": self.raters,
                "lesions": agreed.lesions,
                "fewer": agreed.fewer,
                "icc": agreed.icc,
            }),
            Criterion::Lower(of) => json!({
                "icc_at_least": limit,
                "form": of.form.name(),
                "between": of.between,
                "raters": self.raters,
                "lesions": agreed.lesions,
                "fewer": agreed.fewer,
                "lower": agreed.icc,
            }),
        };
    }
}

/// The raters of rows: readers and scans by name, the main one first; perturbations by number.
fn raters(between: Between, rows: &[Row<'_>]) -> Vec<String> {
    let main = match between {
        Between::Readers => MAIN[0],
        Between::Repeats => MAIN[1],
        Between::Perturbations => {
            let count = rows.iter().map(|row| row.lesion.perturbed.len()).max().unwrap_or_default();
            return (1..=count).map(|number| number.to_string()).collect();
        }
    };
    let repeats = rows.iter().flat_map(|row| &row.lesion.repeats).filter(|repeat| repeat.between == between);
    let others: BTreeSet<&str> = repeats.map(|repeat| repeat.reader.as_str()).collect();
    [main].into_iter().chain(others).map(str::to_owned).collect()
}

/// The values of a lesion's inputs, by rater.
enum Values<'a> {
    Made(Vec<&'a [FeatureValue]>),
    Perturbed(&'a [Vec<f64>]),
}

impl<'a> Values<'a> {
    /// Those of a row; none if it has not all of them.
    fn of(row: &Row<'a>, between: Between, raters: &[String]) -> Option<Self> {
        let lesion = row.lesion;
        if between == Between::Perturbations {
            return (lesion.perturbed.len() == raters.len()).then_some(Self::Perturbed(&lesion.perturbed));
        }
        let by = |name: &String| {
            let mut own = lesion.repeats.iter().filter(|repeat| repeat.between == between);
            own.find(|repeat| repeat.reader == *name).map(|repeat| repeat.inputs.as_slice())
        };
        // The first is the main one.
        let others: Option<Vec<&[FeatureValue]>> = raters.iter().skip(1).map(by).collect();
        Some(Self::Made([vec![lesion.inputs.as_slice()], others?].concat()))
    }

    /// Those of an input; none if one of them is not there.
    fn at(&self, place: usize) -> Option<Vec<f64>> {
        match self {
            Self::Made(all) => all.iter().map(|inputs| inputs.get(place)?.as_ref().ok().copied()).collect(),
            Self::Perturbed(all) => {
                all.iter().map(|inputs| inputs.get(place).copied().filter(|x| !x.is_nan())).collect()
            }
        }
    }
}

/// Key, in what is told of a training, of the agreement of readers.
const RELIABILITY: &str = "reliability";

/// What was kept of the agreement of readers, in a sentence.
pub fn told(diagnostics: &Json) -> Option<String> {
    let told = diagnostics.get(RELIABILITY)?;
    let names =
        |key: &str| -> Option<Vec<&str>> { Some(told[key].as_array()?.iter().filter_map(Json::as_str).collect()) };
    let low = |key: &str, limit: f64| -> Option<[usize; 2]> {
        let all = told[key].as_object()?;
        Some([all.values().filter(|icc| icc.as_f64().is_none_or(|icc| icc < limit)).count(), all.len()])
    };
    let fewer = told["fewer"].as_object().is_some_and(|fewer| !fewer.is_empty());
    let over = format!("{}{} lesions", if fewer { "up to " } else { "" }, told["lesions"]);
    if let Some(limit) = told["icc_at_least"].as_f64() {
        let ([low, all], raters) = (low("lower", limit)?, names("raters")?);
        let between = told["between"].as_str()?;
        let of = if between == Between::Perturbations.word() { raters.len().to_string() } else { raters.join(", ") };
        return Some(format!(
            "{low} of {all} measured inputs were not learnt from: the lower limit of their {} between {between} ({of}) is below {limit}, \
             over {over}. In each outer fold this was done anew",
            told["form"].as_str()?
        ));
    }
    let minimum = told["minimum_icc"].as_f64()?;
    let [low, all] = low("icc", minimum)?;
    Some(format!(
        "{low} of {all} measured inputs were not learnt from: their intraclass correlation between readers ({}) is below {minimum}, over {over}. In each \
         outer fold this was done anew",
        names("readers")?.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reliability(criterion: Criterion) -> Reliability {
        let shaky = |row: usize| {
            if row.is_multiple_of(2) { [row as f64, 9.0 - row as f64] } else { [9.0 - row as f64, row as f64] }
        };
        let of = |value: &dyn Fn(usize) -> [f64; 2]| -> Vec<Option<Vec<f64>>> {
            (0..12).map(|row| (row < 10).then(|| value(row).to_vec())).collect()
        };
        let wave = |row: usize| if row.is_multiple_of(3) { 1.5 } else { -1.5 };
        Reliability {
            criterion,
            raters: vec![MAIN[0].into(), "B".into()],
            complete: (0..12).map(|row| row < 10).collect(),
            values: BTreeMap::from([
                // Of readers who differ by one and the same number alone, agreement has no interval.
                ("steady".to_owned(), of(&|row| [row as f64, row as f64 + 0.01 + 0.01 * (row % 2) as f64])),
                // Above 0.75 itself, below it with its lower limit.
                ("rough".to_owned(), of(&|row| [row as f64, row as f64 + wave(row)])),
                ("shaky".to_owned(), of(&shaky)),
                ("constant".to_owned(), of(&|_| [1.0, 1.0])),
            ]),
            others: BTreeSet::from(["age".to_owned()]),
        }
    }

    fn lower(form: Form) -> Criterion {
        Criterion::Lower(IccAtLeast { limit: 0.75, form, between: Between::Repeats })
    }

    fn inputs(of: &Reliability, rows: std::ops::Range<usize>) -> Vec<String> {
        of.agreed(&rows.collect::<Vec<_>>()).expect("enough").inputs.into_iter().collect()
    }

    #[test]
    fn what_depends_on_who_draws_is_not_learnt_from() {
        let found = reliability(Criterion::Value(0.75));
        assert_eq!(inputs(&found, 0..12), ["age", "rough", "steady"]);
        let agreed = found.agreed(&(0..12).collect::<Vec<_>>()).expect("enough");
        assert_eq!(agreed.lesions, 10);
        let mut diagnostics = Json::Null;
        found.keep(&agreed, &mut diagnostics);
        let said = told(&diagnostics).expect("a sentence");
        assert!(said.contains("2 of 4 measured inputs") && said.contains("over 10 lesions"), "{said}");
    }

    #[test]
    fn the_lower_limit_asks_for_more_than_the_correlation() {
        for form in [Form::OneWay, Form::Agreement, Form::Consistency] {
            let found = reliability(lower(form));
            assert_eq!(inputs(&found, 0..12), ["age", "steady"], "{form:?}");
            let agreed = found.agreed(&(0..12).collect::<Vec<_>>()).expect("enough");
            let mut diagnostics = Json::Null;
            found.keep(&agreed, &mut diagnostics);
            let said = told(&diagnostics).expect("a sentence");
            let expected =
                format!("3 of 4 measured inputs were not learnt from: the lower limit of their {}", form.name());
            assert!(said.starts_with(&expected) && said.contains("between repeats (the main reader, B)"), "{said}");
        }
    }

    #[test]
    fn what_most_lesions_lack_is_not_robust() {
        let mut found = reliability(Criterion::Value(0.75));
        let steady = found.values.get_mut("steady").expect("an input");
        steady[5] = None;
        let rows: Vec<usize> = (0..12).collect();
        let agreed = found.agreed(&rows).expect("enough");
        assert!(agreed.inputs.contains("steady") && agreed.fewer.get("steady") == Some(&9));
        let mut diagnostics = Json::Null;
        found.keep(&agreed, &mut diagnostics);
        assert!(told(&diagnostics).is_some_and(|said| said.contains("over up to 10 lesions")));
        let steady = found.values.get_mut("steady").expect("an input");
        steady[..6].fill(None);
        assert!(!found.agreed(&rows).expect("enough").inputs.contains("steady"));
    }

    #[test]
    fn a_fold_looks_at_its_own_lesions_alone() {
        let found = reliability(Criterion::Value(0.75));
        // The first five tell that the shaky input is none; with three there is nothing to tell.
        assert!(!found.agreed(&[0, 1, 2, 3, 4, 10]).expect("enough").inputs.contains("shaky"));
        let why = found.agreed(&[0, 1, 2, 10, 11]).err().expect("too few");
        assert!(why.contains("3 lesions") && why.contains("the main reader, B") && why.contains("5 or more"), "{why}");
        // Whatever the rows of the test part say, the training part has the same answer.
        let mut other = reliability(lower(Form::Agreement));
        let before = inputs(&other, 0..7);
        for values in other.values.values_mut() {
            values[7..10].iter_mut().flatten().for_each(|values| *values = vec![1e6, -1e6]);
        }
        assert_eq!(inputs(&other, 0..7), before);
        assert_eq!(inputs(&other, 0..10), ["age"]);
    }
}
