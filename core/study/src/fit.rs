//! Fit: what filters and region makers learn from the images of a cohort, before features are extracted.
//!
//! Each case is observed by itself; the observations come together in the order of the patients, so that the order of a table
//! changes no bit. What was fitted is written beside the models, and each model that depends on it carries it.
//!
//! In each outer fold of a training all of it is fitted anew, without the patients whom the fold's model is tested on. What was
//! observed of a case is kept in memory for that.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use voxomics_engine::{
    cases::Case,
    digest,
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

/// A patient in whichever cohort: the cohort if the id is its own, else nothing, and the id.
pub type Who = (String, String);

/// What was observed of a case: of whom, which case, and the observations, or why there are none.
struct Observed {
    who: Who,
    case: String,
    seen: Result<Vec<String>, String>,
}

/// A study before anything is fitted, and what was observed of its cases so far.
pub struct Unfitted<'a> {
    work: Work<'a>,
    joined: &'a [Joined],
    /// By what was to be fitted, and what was fitted before.
    observed: Mutex<HashMap<String, Arc<Vec<Observed>>>>,
}

impl<'a> Unfitted<'a> {
    /// A study whose plan may have something to be fitted.
    pub fn new(work: Work<'a>, joined: &'a [Joined]) -> Self {
        Self { work, joined, observed: Mutex::default() }
    }

    /// The cohorts.
    pub fn joined(&self) -> &'a [Joined] {
        self.joined
    }

    /// Fits everything on all patients, and writes it.
    ///
    /// # Errors
    /// What cannot be fitted, and why.
    pub fn fit(&self, warn: &dyn Fn(String)) -> Result<Fits, String> {
        let done = |due: &ToFit, state: &str| {
            let folder = self.work.folder.below(FITTED)?;
            folder.write(&format!("{}.txt", due.name), |out| out.write_all(state.as_bytes()))?;
            (self.work.told)(&format!("fitted {} on {}", due.name, due.on.join(", ")));
            Ok(())
        };
        self.fit_without(&BTreeSet::new(), warn, &done)
    }

    /// Fits everything without some patients; says nothing, for what there is to be warned of was said of all patients.
    ///
    /// # Errors
    /// What cannot be fitted, and why.
    pub fn fit_anew(&self, without: &BTreeSet<Who>) -> Result<Fits, String> {
        self.fit_without(without, &|_| (), &|_, _| Ok(()))
    }

    /// Fits what a plan still has to have fitted, one after the other: what comes later may be made of what comes before.
    fn fit_without(
        &self,
        without: &BTreeSet<Who>,
        warn: &dyn Fn(String),
        done: &dyn Fn(&ToFit, &str) -> Result<(), String>,
    ) -> Result<Fits, String> {
        let work = &self.work;
        let mut fitted: Option<(Experiment, Plan)> = None;
        loop {
            let (experiment, plan) =
                fitted.as_ref().map_or((work.experiment, work.plan), |(experiment, plan)| (experiment, plan));
            let Some(due) = plan.to_fit(experiment) else { break };
            let Some(state) = self.state(plan, &due, without, warn)? else { return Ok(Fits::GivenUp) };
            done(&due, &state)?;
            let experiment = stated(experiment, plan, due.what, &state);
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

    /// What follows from the cases of the cohorts, without those of some patients; nothing if the run was given up.
    fn state(
        &self,
        plan: &Plan,
        due: &ToFit,
        without: &BTreeSet<Who>,
        warn: &dyn Fn(String),
    ) -> Result<Option<String>, String> {
        let section = format!("[{}]", due.name);
        let Some(observed) = self.observe(plan, due)? else { return Ok(None) };
        let counted: Vec<&Observed> = observed.iter().filter(|of| !without.contains(&of.who)).collect();
        let faults: Vec<String> =
            counted.iter().filter_map(|of| Some(format!("{}: {}", of.case, of.seen.as_ref().err()?))).collect();
        if let Some(first) = faults.first() {
            let (failed, count) = (faults.len(), counted.len());
            warn(format!("{section} {failed} of {count} cases could not be looked at; the first: {first}"));
        }
        let observations: Vec<String> =
            counted.iter().filter_map(|of| of.seen.as_ref().ok()).flatten().cloned().collect();
        if observations.is_empty() {
            let cohorts = due.on.join(", ");
            return Err(format!("{section} cannot be fitted: no case of {cohorts} could be looked at"));
        }
        let host = CaseHost::new(self.work.services, &due.name);
        let of = |part: Part| match part {
            Part::Image(index) => plan.images[index].filter.as_ref().map(|filter| filter.fitted()),
            Part::Region(index) => plan.makers[index].as_ref().map(|maker| maker.instance.fitted()),
        };
        let fitted = of(due.what).ok_or_else(|| format!("{section} has no plugin"))?;
        let state = fitted.fit(observations, &host).map_err(|error| format!("{section} cannot be fitted: {error}"))?;
        let lines = host.lines();
        lines.iter().filter(|line| line.level >= WARNING).for_each(|line| warn(format!("{section} {}", line.text)));
        Ok(Some(state))
    }

    /// What there is to be learnt from each case of the cohorts, in the order of the patients; nothing if the run was given up.
    fn observe(&self, plan: &Plan, due: &ToFit) -> Result<Option<Arc<Vec<Observed>>>, String> {
        let before = plan.carried().into_iter().map(|carried| carried.text).collect::<Vec<_>>();
        let key = format!("{} {}", due.name, digest::sha256(format!("{before:?}").as_bytes()));
        if let Some(known) = self.observed.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Some(known.clone()));
        }
        let mut cases: Vec<(&Joined, &String, &Case)> = Vec::new();
        for cohort in self.joined.iter().filter(|cohort| due.on.contains(&cohort.name)) {
            if cohort.features.is_some() {
                return Err(format!("[{}] is fitted on images, and the cohort `{}` is a table", due.name, cohort.name));
            }
            cases.extend(cohort.own_cases().map(|(case, patient)| (cohort, patient, case)));
        }
        cases.sort_by(|a, b| (a.1, &a.0.name, &a.2.name).cmp(&(b.1, &b.0.name, &b.2.name)));
        let (work, services) = (&self.work, self.work.services);
        let look = |_: usize, case: &Case| {
            let host = CaseHost::new(services, &case.name);
            match observe::case(plan, due.what, case, &host) {
                Err(fault) if fault.cancelled => None,
                seen => Some(seen),
            }
        };
        let listed: Vec<Case> = cases.iter().map(|(_, _, case)| (*case).clone()).collect();
        let count = listed.len();
        let steps = Steps { observer: work.observer, what: &due.name };
        let seen = run::each(listed, work.threads, services, &look, &steps)?;
        if seen.len() < count || services.cancelled.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let observed = cases.iter().zip(seen).map(|((cohort, patient, _), (case, seen))| Observed {
            who: cohort.who(patient),
            case: case.name,
            seen: seen.map_err(|fault| fault.message),
        });
        let observed = Arc::new(observed.collect::<Vec<_>>());
        self.observed.lock().unwrap_or_else(PoisonError::into_inner).insert(key, observed.clone());
        Ok(Some(observed))
    }
}

/// An experiment with what a part of it was fitted to.
fn stated(experiment: &Experiment, plan: &Plan, part: Part, state: &str) -> Experiment {
    let mut experiment = experiment.clone();
    match part {
        Part::Image(index) => {
            let name = &plan.images[index].name;
            let stated = experiment.images.iter_mut().find(|image| image.name == *name);
            stated.into_iter().for_each(|image| image.fit.state = Some(state.to_owned()));
        }
        Part::Region(index) => {
            let name = &plan.regions[index].name;
            let stated = experiment.regions.iter_mut().find(|region| region.name == *name);
            let makers = stated.into_iter().filter_map(|region| region.maker.as_mut());
            makers.for_each(|(_, fit)| fit.state = Some(state.to_owned()));
        }
    }
    experiment
}

/// Level of a warning of a plugin.
const WARNING: u32 = 2;

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
