//! `voxomics diff --explain CASE`: one case under both, stage by stage, and with one cause at a time.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use voxomics_engine::{
    cases::Case,
    experiment::Experiment,
    files,
    host::Services,
    plan::Plan,
    results::{
        Lock,
        diff::{Cause, Diff, Kind},
        identity::of_column,
    },
    trace::{self, Step},
};
use voxomics_study::fit;

use crate::{
    Refused, rerun,
    terminal::{count, verb},
    version,
};

/// One of the two results, as far as a case of it is computed again.
struct Side {
    folder: PathBuf,
    experiment: Experiment,
    plan: Plan,
    case: Case,
    steps: Vec<Step>,
    /// Columns of the list whose files have other bytes now.
    replaced: Vec<String>,
}

/// Computes a case under both experiments with this program, and says which stage gives something else first; where there are several
/// causes, what each of them does alone. Files that have moved are looked for below `inputs`; `key` is that of results with pseudonyms.
pub fn explain(
    found: &Diff,
    [a, b]: [&Path; 2],
    case: &str,
    inputs: Option<&Path>,
    key: Option<&Path>,
) -> Result<(), Refused> {
    let sides = [Side::read(a, case, inputs, key)?, Side::read(b, case, inputs, key)?];
    let [a, b] = sides.each_ref().map(|side| &side.steps);
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    say!("\ncase {case}, computed under both by this program ({}):", version::program().version);
    for (which, side) in ["first", "second"].iter().zip(&sides) {
        for column in &side.replaced {
            say!("  the {column} of the {which} has other bytes now: it is computed from what is there");
        }
    }
    for (which, side) in ["first", "second"].iter().zip(&sides) {
        for step in side.steps.iter().filter(|step| step.is_fault) {
            say!("  a fault in the {which}: {}: {}", step.stage, step.result);
        }
    }
    if same == a.len() && same == b.len() {
        say!(
            "  no stage gives anything else: what differs came from the program, or from plugins or files that are no longer here"
        );
        return Ok(());
    }
    if let Some(last) = a.get(same.wrapping_sub(1)) {
        say!("  the same up to {}", shown(Some(last)));
    }
    match (a.get(same), b.get(same)) {
        (Some(x), Some(y)) if (x.stage, &x.what) == (y.stage, &y.what) => {
            say!("  the first that differs: {}", shown(Some(x)));
        }
        (x, y) => say!("  the first that differs: {} in the first, {} in the second", shown(x), shown(y)),
    }
    let later = a.iter().skip(same + 1).filter(|step| !b.contains(step)).count();
    if later > 0 {
        say!("  {} {} as well", count(later, "later step"), verb(later, "differs", "differ"));
    }
    one_at_a_time(found, &sides);
    Ok(())
}

fn shown(step: Option<&Step>) -> String {
    match step {
        None => "nothing".to_owned(),
        Some(step) if step.what.is_empty() => step.stage.to_owned(),
        Some(step) => format!("{}: {}", step.stage, step.what),
    }
}

/// Says what each of several causes does alone: the first result with one thing as it is in the second.
fn one_at_a_time(found: &Diff, [a, b]: &[Side; 2]) {
    let reaches = |cause: &&Cause| cause.values > 0;
    let settings: Vec<&Cause> =
        found.causes.iter().filter(reaches).filter(|cause| cause.kind == Kind::Setting).collect();
    let of_case = format!(" of case {}", a.case.name);
    let is_input = |cause: &Cause| cause.kind == Kind::Input && cause.what.ends_with(&of_case);
    let inputs = found.causes.iter().filter(reaches).any(is_input);
    if settings.len() + usize::from(inputs) < 2 {
        return;
    }
    say!("  one at a time, in the first as in the second:");
    let tell = |what: &str, steps: Result<Vec<Step>, String>| match steps {
        Err(why) => say!("    {what}: cannot be told alone: {why}"),
        Ok(steps) => {
            let others: Vec<&Step> = steps.iter().filter(|step| !a.steps.contains(step)).collect();
            match others.first() {
                None => say!("    {what}: no stage gives anything else"),
                Some(first) => say!(
                    "    {what}: {} something else, {} first",
                    match others.len() {
                        1 => "1 step gives".to_owned(),
                        more => format!("{more} steps give"),
                    },
                    shown(Some(first))
                ),
            }
        }
    };
    if inputs {
        tell("the bytes of its files", a.with_files_of(b));
    }
    for cause in settings {
        let [_, second] = &cause.values_of_it;
        tell(&format!("the setting {}", cause.what), a.with_setting(&cause.what, second));
    }
}

impl Side {
    fn read(folder: &Path, case: &str, inputs: Option<&Path>, key: Option<&Path>) -> Result<Self, Refused> {
        let has_pseudonyms = Lock::read(folder)?.is_some_and(|lock| lock.pseudonyms.is_some());
        let mut again = rerun::Again::read(folder, inputs, key.filter(|_| has_pseudonyms))?;
        fit::as_fitted(&mut again.experiment, folder)?;
        let plan = Plan::new(&again.experiment)?;
        // Either name of a case with a pseudonym will do.
        let case = again.case(case)?.ok_or_else(|| Refused(format!("{} has no case `{case}`", folder.display())))?;
        let (steps, replaced) = (steps(&plan, &case), replaced(&plan, &case));
        Ok(Self { folder: folder.to_owned(), experiment: again.experiment, plan, case, steps, replaced })
    }

    /// The steps of this side on the files of the other one.
    fn with_files_of(&self, other: &Self) -> Result<Vec<Step>, String> {
        if let Some(column) = self.replaced.first().or(other.replaced.first()) {
            return Err(format!("the {column} of one of them has other bytes now"));
        }
        let Case { image, mask, images, masks, .. } = other.case.clone();
        Ok(steps(&self.plan, &Case { image, mask, images, masks, ..self.case.clone() }))
    }

    /// The steps of this side with one setting of the other one.
    fn with_setting(&self, key: &str, value: &str) -> Result<Vec<Step>, String> {
        let Experiment { path, folder, text, overrides, privacy, .. } = &self.experiment;
        if privacy.is_some() {
            return Err("the results have pseudonyms".into());
        }
        if value == NOT_SET {
            return Err("the second does not set it".into());
        }
        let set: Vec<String> = overrides.iter().cloned().chain([format!("{key}={value}")]).collect();
        let unsound = |_| "alone, it makes no sound experiment".to_owned();
        let mut experiment = Experiment::from_text(path, folder, text, &set).map_err(unsound)?;
        fit::as_fitted(&mut experiment, &self.folder)?;
        let plan = self.plan.again(&experiment).map_err(unsound)?;
        Ok(steps(&plan, &self.case))
    }
}

/// What stands for a setting that one of them has not.
const NOT_SET: &str = "not set";

fn steps(plan: &Plan, case: &Case) -> Vec<Step> {
    let services = Services { seed: plan.seed, ..Services::default() };
    trace::case(plan, case, &services)
}

/// The columns of the list whose files do not have the bytes that they had.
fn replaced(plan: &Plan, case: &Case) -> Vec<String> {
    let Ok(read) = files::of(&plan.files_of(case)).and_then(|found| files::read(&found)) else { return Vec::new() };
    let own = ["image", "mask"].into_iter().zip(&case.expected);
    let mut expected: BTreeMap<String, String> =
        own.filter_map(|(column, digest)| Some((column.to_owned(), digest.clone()?))).collect();
    let named = case.covariates.iter().filter(|(_, digest)| !digest.is_empty());
    expected
        .extend(named.filter_map(|(name, digest)| Some((name.strip_prefix("sha256.")?.to_owned(), digest.to_owned()))));
    let is_other = |(column, digest): &(String, String)| of_column(&read, column).is_some_and(|now| now != *digest);
    expected.into_iter().filter(is_other).map(|(column, _)| column).collect()
}
