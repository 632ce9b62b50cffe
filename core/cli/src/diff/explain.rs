//! `voxomics diff --explain CASE`: one case under both, stage by stage.

use std::path::Path;

use voxomics_engine::{
    host::Services,
    plan::Plan,
    results::Lock,
    trace::{self, Step},
};
use voxomics_study::fit;

use crate::{
    Refused, rerun,
    terminal::{count, verb},
    version,
};

/// Computes a case under both experiments with this program, and says which stage gives something else first. `key` is that of
/// results with pseudonyms.
pub fn explain(a: &Path, b: &Path, case: &str, key: Option<&Path>) -> Result<(), Refused> {
    let [a, b] = [steps(a, case, key)?, steps(b, case, key)?];
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let shown = |step: Option<&Step>| match step {
        None => "nothing".to_owned(),
        Some(step) if step.what.is_empty() => step.stage.to_owned(),
        Some(step) => format!("{}: {}", step.stage, step.what),
    };
    say!("\ncase {case}, computed under both by this program ({}):", version::program().version);
    if same == a.len() && same == b.len() {
        say!(
            "  no stage gives anything else: what differs came from the program or from plugins that are no longer here"
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
    Ok(())
}

fn steps(folder: &Path, case: &str, key: Option<&Path>) -> Result<Vec<Step>, Refused> {
    let has_pseudonyms = Lock::read(folder)?.is_some_and(|lock| lock.pseudonyms.is_some());
    let mut again = rerun::Again::read(folder, None, key.filter(|_| has_pseudonyms))?;
    fit::as_fitted(&mut again.experiment, folder)?;
    let plan = Plan::new(&again.experiment)?;
    // Either name of a case with a pseudonym will do.
    let found = again.cases()?.into_iter().find(|candidate| candidate.name == case || candidate.original() == case);
    let found = found.ok_or_else(|| Refused(format!("{} has no case `{case}`", folder.display())))?;
    let services = Services { seed: plan.seed, ..Services::default() };
    Ok(trace::case(&plan, &found, &services))
}
