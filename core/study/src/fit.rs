//! Fit: what filters and region makers learn from the images of a cohort, before features are extracted.
//!
//! Each case is observed by itself; the observations come together in the order of the patients, so that the order of a table
//! changes no bit. What was fitted is written beside the models, and each model that depends on it carries it.

use std::{sync::atomic::Ordering, time::Duration};

use voxomics_engine::{
    cases::Case,
    experiment::Experiment,
    host::CaseHost,
    plan::{Part, Plan, ToFit},
    run::{self, Observer},
    stages::observe,
    store::Store,
};

use crate::{cohort::Joined, stages::Work};

/// The folder of what was fitted.
pub const FITTED: &str = "fitted";

/// An experiment with everything that was fitted, its plan, and where its finished cases are kept.
pub struct Fitted {
    /// The experiment.
    pub experiment: Experiment,
    /// Its plan.
    pub plan: Plan,
    /// Where finished cases are kept.
    pub store: Store,
}

/// What became of the fitting.
pub enum Fits {
    /// There was nothing to fit.
    Nothing,
    /// All is fitted.
    Done(Box<Fitted>),
    /// The run was given up.
    GivenUp,
}

/// Fits what a plan still has to have fitted, one after the other: what comes later may be made of what comes before.
///
/// # Errors
/// What cannot be fitted, and why.
pub fn fit(work: &Work<'_>, joined: &[Joined], warn: &dyn Fn(String)) -> Result<Fits, String> {
    let mut fitted: Option<(Experiment, Plan)> = None;
    loop {
        let (experiment, plan) =
            fitted.as_ref().map_or((work.experiment, work.plan), |(experiment, plan)| (experiment, plan));
        let Some(due) = plan.to_fit(experiment) else { break };
        let Some(state) = state(work, plan, &due, joined, warn)? else { return Ok(Fits::GivenUp) };
        work.folder.below(FITTED)?.write(&format!("{}.txt", due.name), |out| out.write_all(state.as_bytes()))?;
        (work.told)(&format!("fitted {} on {}", due.name, due.on.join(", ")));
        let mut experiment = experiment.clone();
        match due.what {
            Part::Image(index) => {
                let name = &plan.images[index].name;
                let stated = experiment.images.iter_mut().find(|image| image.name == *name);
                stated.into_iter().for_each(|image| image.fit.state = Some(state.clone()));
            }
            Part::Region(index) => {
                let name = &plan.regions[index].name;
                let stated = experiment.regions.iter_mut().find(|region| region.name == *name);
                let makers = stated.into_iter().filter_map(|region| region.maker.as_mut());
                makers.for_each(|(_, fit)| fit.state = Some(state.clone()));
            }
        }
        let again = plan.again(&experiment)?;
        if again.to_fit(&experiment).is_some_and(|next| next.name == due.name) {
            return Err(format!("[{}] is not fitted by what {} has fitted", due.name, due.plugin));
        }
        fitted = Some((experiment, again));
    }
    let Some((experiment, plan)) = fitted else { return Ok(Fits::Nothing) };
    let store = work.store.of(&plan, &work.record.program)?;
    Ok(Fits::Done(Box::new(Fitted { experiment, plan, store })))
}

/// What follows from the cases of the cohorts; nothing if the run was given up.
fn state(
    work: &Work<'_>,
    plan: &Plan,
    due: &ToFit,
    joined: &[Joined],
    warn: &dyn Fn(String),
) -> Result<Option<String>, String> {
    let section = format!("[{}]", due.name);
    let mut cases: Vec<(&String, &String, &Case)> = Vec::new();
    for cohort in joined.iter().filter(|cohort| due.on.contains(&cohort.name)) {
        if cohort.features.is_some() {
            return Err(format!("{section} is fitted on images, and the cohort `{}` is a table", cohort.name));
        }
        cases.extend(cohort.patients.iter().zip(&cohort.cases).map(|(patient, case)| (patient, &cohort.name, case)));
    }
    cases.sort_by(|a, b| (a.0, a.1, &a.2.name).cmp(&(b.0, b.1, &b.2.name)));
    let services = work.services;
    let look = |_: usize, case: &Case| {
        let host = CaseHost::new(services, &case.name);
        match observe::case(plan, due.what, case, &host) {
            Err(fault) if fault.cancelled => None,
            seen => Some(seen),
        }
    };
    let listed: Vec<Case> = cases.iter().map(|(_, _, case)| (*case).clone()).collect();
    let count = listed.len();
    let seen =
        run::each(listed, work.threads, work.services, &look, &Steps { observer: work.observer, what: &due.name })?;
    if seen.len() < count || work.services.cancelled.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let faults: Vec<String> = seen
        .iter()
        .filter_map(|(case, seen)| Some(format!("{}: {}", case.name, seen.as_ref().err()?.message)))
        .collect();
    if let Some(first) = faults.first() {
        warn(format!("{section} {} of {count} cases could not be looked at; the first: {first}", faults.len()));
    }
    let observations: Vec<String> = seen.into_iter().filter_map(|(_, seen)| seen.ok()).flatten().collect();
    if observations.is_empty() {
        let cohorts = due.on.join(", ");
        return Err(format!("{section} cannot be fitted: no case of {cohorts} could be looked at"));
    }
    let host = CaseHost::new(work.services, &due.name);
    let of = |part: Part| match part {
        Part::Image(index) => plan.images[index].filter.as_ref().map(|filter| filter.fitted()),
        Part::Region(index) => plan.makers[index].as_ref().map(|maker| maker.instance.fitted()),
    };
    let fitted = of(due.what).ok_or_else(|| format!("{section} has no plugin"))?;
    let state = fitted.fit(observations, &host).map_err(|error| format!("{section} cannot be fitted: {error}"))?;
    host.lines().iter().filter(|line| line.level >= WARNING).for_each(|line| warn(format!("{section} {}", line.text)));
    Ok(Some(state))
}

/// Level of a warning of a plugin.
const WARNING: u32 = 2;

/// What cannot be believed of the performance of models that are learnt from what was fitted, if there are any.
pub fn optimism(experiment: &Experiment, plan: &Plan) -> Option<String> {
    let names: Vec<String> = plan.carried().into_iter().map(|carried| format!("[{}]", carried.name)).collect();
    let learnt = !experiment.study.learn.is_empty();
    (learnt && !names.is_empty()).then(|| {
        format!(
            "{} was fitted on all patients of its cohort and not anew for each fold: what a model's folds say of its performance \
             is somewhat too good; a cohort that nothing was fitted on tells the truth",
            names.join(", ")
        )
    })
}

/// Tells of each case that was looked at.
struct Steps<'a> {
    observer: &'a dyn Observer,
    what: &'a str,
}

impl<T> Observer<T> for Steps<'_> {
    fn case_ended(&self, done: usize, of: usize, _: &Case, _: &T, _: Duration) {
        self.observer.step(self.what, done, of);
    }
}
