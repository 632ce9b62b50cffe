//! How the features of tables were made: by the experiment that made them, which lies beside them or is named.

use std::{
    collections::{BTreeMap, HashSet},
    path::{Path, PathBuf},
};

use super::{Extraction, InputRef, Plan};
use crate::{
    digest,
    experiment::{
        Covariate, Diagnostic, Diagnostics, Experiment, Origin,
        study::{FeatureTables, MadeBy, Study},
    },
    feature_table,
    results::lock::{EXPERIMENT, Lock, RESOLVED},
    table::Column,
};

/// The covariates that are stated, and the columns of tables of features, which need no section each. `known` are columns whose levels
/// models say.
pub(super) fn covariates(
    experiment: &Experiment,
    known: &BTreeMap<String, Option<Vec<String>>>,
    diagnostics: &Diagnostics,
) -> Vec<Covariate> {
    let mut all = experiment.covariates.clone();
    let mut tables = Vec::new();
    for (cohort, of) in experiment.study.feature_tables() {
        match of.read() {
            Ok(table) => tables.push(table),
            Err(why) => diagnostics.push(Diagnostic::new(cohort.origin.clone(), why)),
        }
    }
    let stated = experiment.covariates.iter().map(|covariate| &covariate.column);
    // Who outlined is no input.
    let readers = experiment.study.cohorts.iter().flat_map(|cohort| cohort.readers.iter().chain(&cohort.repeats));
    let of_readers = readers.flat_map(|of| of.lesion.iter().chain([&of.column]));
    // Neither is when a scan was made, nor which lesion it shows.
    let of_course = experiment.course.iter().flat_map(|course| course.columns()).map(|(_, column, _)| column);
    let stated: HashSet<&String> = stated.chain(of_readers).chain(of_course).collect();
    let found = feature_table::types(&tables, known).inputs;
    all.extend(found.into_iter().filter(|covariate| !stated.contains(&covariate.column)));
    all
}

/// What is known of how the features of tables were made.
#[derive(Default)]
pub(super) struct Making {
    /// The plan that made them, with all inputs of every table.
    pub(super) plan: Option<Box<Plan>>,
    /// The digest of their settings, where somebody states it.
    pub(super) digest: Option<String>,
}

/// Finds out how the features of an experiment's tables were made. Tables that have names in front of their columns are not looked at:
/// no model of scans has inputs of such names.
pub(super) fn making(experiment: &Experiment, diagnostics: &Diagnostics) -> Making {
    let mut found: Vec<(String, Origin, Plan)> = Vec::new();
    let mut digests: Vec<String> = Vec::new();
    let mut unknown = false;
    for (cohort, of) in experiment.study.feature_tables() {
        let fail = |message: String| {
            diagnostics.push(Diagnostic::new(cohort.origin.clone(), format!("cohort `{}`: {message}", cohort.name)));
        };
        for (_, path) in of.tables.iter().filter(|(prefix, _)| prefix.is_empty()) {
            let maker = match &of.settings {
                Some(MadeBy::Digest(digest)) => {
                    digests.push(digest.clone());
                    continue;
                }
                Some(MadeBy::Experiment(path)) => plan(path, path.parent().unwrap_or(Path::new("")), true),
                None => beside(path).and_then(|maker| match maker {
                    Some((path, folder)) => plan(&path, &folder, false),
                    None => Ok(None),
                }),
            };
            match maker {
                Ok(None) => unknown = true,
                Ok(Some(plan)) => found.push((cohort.name.clone(), cohort.origin.clone(), plan)),
                Err(why) => fail(why),
            }
        }
    }
    digests.dedup();
    if let ([digest], true, false) = (digests.as_slice(), found.is_empty(), unknown) {
        return Making { plan: None, digest: Some(digest.clone()) };
    }
    let mut plans = found.into_iter();
    let Some((first, _, whole)) = plans.next() else { return Making::default() };
    for (cohort, origin, plan) in plans {
        let shared: Vec<&String> =
            plan.inputs.iter().map(|(name, _)| name).filter(|name| whole.places.contains_key(*name)).collect();
        let [one, other] = [&whole, &plan].map(|plan| Extraction::of(plan, shared.iter().copied()).settings);
        if let Some(difference) = Extraction::differences_between(&one, &other, [&first, &cohort]).first() {
            diagnostics.push(Diagnostic::new(
                origin,
                format!("the features of `{first}` and of `{cohort}` were made in different ways: {difference}"),
            ));
        }
    }
    // Where one table does not tell, a model of all of them cannot.
    Making { plan: (!unknown && digests.is_empty()).then(|| Box::new(whole)), digest: None }
}

impl FeatureTables {
    /// The one experiment that is known to have made them; none if there is none, or several.
    pub fn maker(&self) -> Option<PathBuf> {
        match &self.settings {
            Some(MadeBy::Experiment(path)) => return Some(path.clone()),
            Some(MadeBy::Digest(_)) => return None,
            None => {}
        }
        let plain = self.tables.iter().filter(|(prefix, _)| prefix.is_empty());
        let mut makers: Vec<Option<PathBuf>> =
            plain.map(|(_, path)| beside(path).ok().flatten().map(|(maker, _)| maker)).collect();
        makers.dedup();
        match makers.as_mut_slice() {
            [only] => only.take(),
            _ => None,
        }
    }
}

/// The experiment that made a table of features: a lock beside it, or one folder up, states the table's digest.
fn beside(table: &Path) -> Result<Option<(PathBuf, PathBuf)>, String> {
    let Ok(table) = std::path::absolute(table) else { return Ok(None) };
    for folder in table.ancestors().skip(1).take(2) {
        // What is no lock of ours says nothing of the table.
        let Ok(Some(lock)) = Lock::read(folder) else { continue };
        let Some(name) = table.strip_prefix(folder).ok().and_then(Path::to_str) else { continue };
        let Some(stated) = lock.output.get(name) else { continue };
        let bytes = digest::sha256_path(&table).map_err(|why| format!("cannot read {}: {why}", table.display()))?;
        if *stated == bytes {
            return Ok(Some((folder.join(RESOLVED), folder.join(&lock.experiment.folder))));
        }
    }
    Ok(None)
}

/// The plan of an experiment as far as features depend on it. One that nobody named, and that brings code with it, is let alone: to open a
/// table must run nothing that lies beside it.
fn plan(path: &Path, folder: &Path, named: bool) -> Result<Option<Plan>, String> {
    let fail = |why: String| {
        format!(
            "its features were made by {}, which cannot be looked at: {}",
            path.display(),
            why.trim_end().trim_start_matches("error: ")
        )
    };
    let text = std::fs::read_to_string(path).map_err(|why| fail(format!("it cannot be read: {why}")))?;
    let mut made = Experiment::from_text(path, folder, &text, &[]).map_err(fail)?;
    let brought = &made.plugins;
    let brings_code = !brought.files.is_empty() || !brought.scripts.is_empty() || !brought.folders.is_empty();
    if brings_code && !named {
        return Ok(None);
    }
    made.study = Study::default();
    made.course = None;
    made.predictors.clear();
    made.exports.clear();
    Plan::new(&made).map(Some).map_err(fail)
}

impl Plan {
    /// What an input is, also of a table whose features a plan is known to have made: that plan, and the input in it.
    pub(super) fn measured_by(&self, name: &str) -> Option<(&Self, InputRef)> {
        let of = |plan: &'_ Self| plan.input(name).ok().filter(|input| matches!(input, InputRef::Feature { .. }));
        if let Some(input) = of(self) {
            return Some((self, input));
        }
        let made = self.making.plan.as_deref()?;
        // A clinical column may have the name of a feature.
        let measured = match self.input(name).ok()? {
            InputRef::Covariate { column, .. } => self.covariate_of_column(&column)?.measured,
            InputRef::Feature { .. } | InputRef::Delta { .. } => false,
        };
        of(made).filter(|_| measured).map(|input| (made, input))
    }

    /// The doubt about every model, if it is stated by a digest alone how the features of the tables were made.
    pub(super) fn unchecked_table(&self) -> Option<String> {
        let said =
            "that the features of the table are made as those of the model is stated by a digest, and was not checked";
        self.making.digest.is_some().then(|| said.to_owned())
    }

    /// The region and the column of an input that was measured, by this plan or by the one that made its tables.
    pub fn measured(&self, name: &str) -> Option<(&str, &Column)> {
        let (plan, input) = self.measured_by(name)?;
        let InputRef::Feature { region, column } = input else { return None };
        Some((&plan.regions[region].name, &plan.columns[column]))
    }
}

/// What is said of a model and a table that do not tell of each other.
pub(super) fn unknown(of_scans: bool) -> String {
    let state = format!(
        "Write settings = \"…\" in the table's cohort: the path of the {RESOLVED} or {EXPERIMENT} by which they were made, or the digest of \
         the model's [extraction]"
    );
    match of_scans {
        true => format!(
            "the model was learnt from scans, and the table does not tell how its features were made. Were they made alike? {state}"
        ),
        false => format!(
            "the model was learnt from a table that does not tell how its features were made, and here they are made from scans. \
             {state}, and train again"
        ),
    }
}
