//! Fit: what filters and region makers learn from the images of a cohort, before features are extracted.
//!
//! Each case is observed by itself, once for the bytes that it has; the observations come together in the order of the
//! patients, so that the order of a table changes no bit. What was fitted is written beside the models, and each model that depends on it carries it.
//!
//! In each outer fold of a training all of it is fitted anew, without the patients whom the fold's model is tested on. What was
//! observed of a case is kept in memory for that.

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use voxomics_engine::{
    cases::Case,
    digest,
    experiment::Experiment,
    host::{CaseHost, Services},
    plan::{self, Carried, Part, Plan, ToFit},
    run::{self, Observer},
    stages::observe,
    store,
};

use crate::{
    cohort::Joined,
    work::{Fits, Fitted, Refit, Who, Work},
};

/// The folder of what was fitted.
pub const FITTED: &str = "fitted";

/// What was observed of a case: of whom, which case, and the observations, or why there are none; and whether by an earlier run.
struct Observed {
    who: Who,
    case: String,
    seen: Result<Vec<String>, String>,
    found: bool,
}

/// Is told of each thing that was fitted: the plan before that, what it is, what was fitted, and what was observed for it.
type Done<'d> = dyn Fn(&Plan, &ToFit, &str, &[Observed]) -> Result<(), String> + 'd;

/// A study before anything is fitted, and what was observed of its cases so far.
pub struct Unfitted<'a> {
    work: Work<'a>,
    joined: &'a [Joined],
    /// Which case is looked at before the others, by its place.
    first: &'a (dyn Fn(usize) -> bool + Sync),
    /// By what was to be fitted, and what was fitted before.
    observed: Mutex<HashMap<String, Arc<Vec<Observed>>>>,
}

impl Refit for Unfitted<'_> {
    fn joined(&self) -> &[Joined] {
        self.joined
    }

    fn fit_anew(&self, without: &BTreeSet<Who>) -> Result<Fits, String> {
        self.fit_without(without, &|_| (), &|_, _, _, _| Ok(()))
    }
}

impl<'a> Unfitted<'a> {
    /// A study whose plan may have something to be fitted.
    pub fn new(work: Work<'a>, joined: &'a [Joined]) -> Self {
        Self { work, joined, first: &|_| true, observed: Mutex::default() }
    }

    /// The same for one of several parts that run at once: each looks at cases of its own first, and then finds those of the
    /// others.
    pub fn in_part(self, first: &'a (dyn Fn(usize) -> bool + Sync)) -> Self {
        Self { first, ..self }
    }

    /// Fits everything on all patients, and writes it if that is wanted: several parts would write at once.
    ///
    /// # Errors
    /// What cannot be fitted, and why.
    pub fn fit(&self, writes: bool, warn: &dyn Fn(String)) -> Result<Fits, String> {
        let done = |plan: &Plan, due: &ToFit, state: &str, observed: &[Observed]| {
            if writes {
                let folder = self.work.folder.below(FITTED)?;
                let fitted = Carried {
                    name: due.name.clone(),
                    plugin: due.plugin.clone(),
                    text: state.to_owned(),
                    made_of: Some(plan.preparation(due.what)),
                };
                let fitted = fitted.file().map_err(|cause| format!("[{}] {cause}", due.name))?;
                folder.write(&file_name(&due.name), |out| out.write_all(fitted.as_bytes()))?;
            }
            let (cases, before) = (observed.len() as u64, observed.iter().filter(|of| of.found).count());
            (self.work.told)(&format!(
                "fitted {} on {}: {}, {before} of them looked at before",
                due.name,
                due.on.join(", "),
                voxomics_report::count(cases, "case")
            ));
            Ok(())
        };
        self.fit_without(&BTreeSet::new(), warn, &done)
    }

    /// Fits what a plan still has to have fitted, one after the other: what comes later may be made of what comes before.
    fn fit_without(&self, without: &BTreeSet<Who>, warn: &dyn Fn(String), done: &Done<'_>) -> Result<Fits, String> {
        let work = &self.work;
        let mut fitted: Option<(Experiment, Plan)> = None;
        loop {
            let (experiment, plan) =
                fitted.as_ref().map_or((work.experiment, work.plan), |(experiment, plan)| (experiment, plan));
            let Some(due) = plan.to_fit(experiment) else { break };
            let Some(observed) = self.observe(plan, &due)? else { return Ok(Fits::GivenUp) };
            let state = self.state(plan, &due, &observed, without, warn)?;
            done(plan, &due, &state, &observed)?;
            fitted = Some(with(experiment, plan, &due, &state)?);
        }
        let Some((experiment, plan)) = fitted else { return Ok(Fits::Nothing) };
        let store = work.store.of(&plan, &work.record.program)?;
        Ok(Fits::Done(Box::new(Fitted { experiment, plan, store })))
    }

    /// What follows from the cases of the cohorts, without those of some patients.
    fn state(
        &self,
        plan: &Plan,
        due: &ToFit,
        observed: &[Observed],
        without: &BTreeSet<Who>,
        warn: &dyn Fn(String),
    ) -> Result<String, String> {
        let section = format!("[{}]", due.name);
        let counted: Vec<&Observed> = observed.iter().filter(|of| !without.contains(&of.who)).collect();
        let faults: Vec<String> =
            counted.iter().filter_map(|of| Some(format!("{}: {}", of.case, of.seen.as_ref().err()?))).collect();
        if let Some(first) = faults.first() {
            let (failed, all) = (faults.len(), voxomics_report::count(counted.len() as u64, "case"));
            warn(format!("{section} {failed} of {all} could not be looked at; the first: {first}"));
        }
        let observations: Vec<String> =
            counted.iter().filter_map(|of| of.seen.as_ref().ok()).flatten().cloned().collect();
        if observations.is_empty() {
            let cohorts = due.on.join(", ");
            return Err(format!("{section} cannot be fitted: no case of {cohorts} could be looked at"));
        }
        let host = CaseHost::new(self.work.services, &due.name);
        let state = state_of(plan, due, observations, &host)?;
        let lines = host.lines();
        lines.iter().filter(|line| line.level >= WARNING).for_each(|line| warn(format!("{section} {}", line.text)));
        Ok(state)
    }

    /// What there is to be learnt from each case of the cohorts, in the order of the patients; nothing if the run was given up.
    fn observe(&self, plan: &Plan, due: &ToFit) -> Result<Option<Arc<Vec<Observed>>>, String> {
        let before = plan.carried().into_iter().map(|carried| carried.text).collect::<Vec<_>>();
        let key = format!("{} {}", due.name, digest::sha256(format!("{before:?}").as_bytes()));
        if let Some(known) = self.observed.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Some(known.clone()));
        }
        let cases = self.cases(due)?;
        let (work, services) = (&self.work, self.work.services);
        // Of this plan, in which what comes before is fitted.
        let store = work.store.of(plan, &work.record.program)?;
        let stopped = Mutex::<Option<String>>::default();
        let look = |_: usize, case: &Case| {
            let host = CaseHost::new(services, case.original());
            match store.observed(plan, case, &due.name, &host, || observe::case(plan, due.what, case, &host)) {
                Err(fault) if fault.cancelled => None,
                Err(fault) => Some(Err(fault)),
                Ok(mut seen) => {
                    if let Some(why) = seen.not_kept.take() {
                        // As where a case is finished: a full disk does not become empty.
                        services.cancelled.store(true, Ordering::Relaxed);
                        stopped.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
                    }
                    Some(Ok(seen))
                }
            }
        };
        let count = cases.len();
        let (mut order, others): (Vec<usize>, Vec<usize>) = (0..count).partition(|place| (self.first)(*place));
        order.extend(others);
        let listed: Vec<Case> = order.iter().map(|place| cases[*place].2.clone()).collect();
        let steps = Steps { observer: work.observer, what: &due.name };
        let seen = run::each(listed, work.threads, services, &look, &steps)?;
        if let Some(why) = stopped.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(why);
        }
        if seen.len() < count || services.cancelled.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let mut placed: Vec<_> = order.into_iter().zip(seen).collect();
        placed.sort_by_key(|(place, _)| *place);
        let observed = placed.into_iter().map(|(place, (case, seen))| {
            let (cohort, patient, _) = cases[place];
            let (seen, found) = match seen {
                Ok(store::Observed { observations, found, .. }) => (Ok(observations), found),
                Err(fault) => (Err(fault.message), false),
            };
            Observed { who: cohort.who(patient), case: case.name, seen, found }
        });
        let observed = Arc::new(observed.collect::<Vec<_>>());
        self.observed.lock().unwrap_or_else(PoisonError::into_inner).insert(key, observed.clone());
        Ok(Some(observed))
    }

    /// The cases of the cohorts that something is fitted on, in the order of what the tables call the patients.
    fn cases(&self, due: &ToFit) -> Result<Vec<(&'a Joined, &'a String, &'a Case)>, String> {
        let mut cases: Vec<(&Joined, &String, &Case)> = Vec::new();
        for cohort in self.joined.iter().filter(|cohort| due.on.contains(&cohort.name)) {
            if cohort.features.is_some() {
                return Err(format!("[{}] is fitted on images, and the cohort `{}` is a table", due.name, cohort.name));
            }
            cases.extend(cohort.own_cases().map(|(case, patient)| (cohort, patient, case)));
        }
        let original = |cohort: &'a Joined, patient: &'a String| cohort.originals.get(patient).unwrap_or(patient);
        let place = |(cohort, patient, case): &(&'a Joined, &'a String, &'a Case)| {
            (original(cohort, patient), &cohort.name, case.original())
        };
        cases.sort_by(|a, b| place(a).cmp(&place(b)));
        Ok(cases)
    }
}

/// What a plugin fits to observations.
fn state_of(plan: &Plan, due: &ToFit, observations: Vec<String>, host: &CaseHost) -> Result<String, String> {
    let name = &due.name;
    let fitted = match due.what {
        Part::Image(index) => plan.images[index].filter.as_ref().map(|filter| filter.fitted()),
        Part::Region(index) => plan.makers[index].as_ref().map(|maker| maker.instance.fitted()),
    };
    let fitted = fitted.ok_or_else(|| format!("[{name}] has no plugin"))?;
    fitted.fit(observations, host).map_err(|error| format!("[{name}] cannot be fitted: {error}"))
}

/// An experiment in which a part is fitted, and its plan.
fn with(experiment: &Experiment, plan: &Plan, due: &ToFit, state: &str) -> Result<(Experiment, Plan), String> {
    let experiment = stated(experiment, plan, due.what, state);
    let again = plan.again(&experiment)?;
    if again.to_fit(&experiment).is_some_and(|next| next.name == due.name) {
        return Err(format!("[{}] is not fitted by what {} has fitted", due.name, due.plugin));
    }
    Ok((experiment, again))
}

/// The plan with everything fitted to a single case: nothing for results, but it takes the time and the memory that the true one
/// takes. None if there is nothing to fit.
///
/// # Errors
/// Why the case cannot be looked at, or nothing can be fitted to it.
pub fn to_one_case(
    experiment: &Experiment,
    plan: &Plan,
    case: &Case,
    services: &Services,
) -> Result<Option<Plan>, String> {
    let mut fitted: Option<(Experiment, Plan)> = None;
    loop {
        let (experiment, plan) = fitted.as_ref().map_or((experiment, plan), |(experiment, plan)| (experiment, plan));
        let Some(due) = plan.to_fit(experiment) else { break };
        let host = CaseHost::new(services, case.original());
        let seen = observe::case(plan, due.what, case, &host)
            .map_err(|fault| format!("[{}] cannot look at it: {}", due.name, fault.message))?;
        if seen.is_empty() {
            return Err(format!("[{}] has nothing to be fitted to in it", due.name));
        }
        let state = state_of(plan, &due, seen, &host)?;
        fitted = Some(with(experiment, plan, &due, &state)?);
    }
    Ok(fitted.map(|(_, plan)| plan))
}

/// States what an experiment still has to have fitted as results in a folder have it.
///
/// # Errors
/// What cannot be read there, and why.
pub fn as_fitted(experiment: &mut Experiment, folder: &Path) -> Result<(), String> {
    let images = experiment.images.iter_mut().map(|image| (format!("images.{}", image.name), &mut image.fit));
    let makers = experiment.regions.iter_mut().filter_map(|region| {
        let (_, fit) = region.maker.as_mut()?;
        Some((format!("regions.{}", region.section), fit))
    });
    for (name, fit) in images.chain(makers).filter(|(_, fit)| !fit.on.is_empty()) {
        fit.state = Some(plan::read_fitted(&folder.join(FITTED).join(file_name(&name)), &name, None)?.text);
    }
    Ok(())
}

/// The file of what was fitted for a table of the experiment.
fn file_name(table: &str) -> String {
    format!("{table}.toml")
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
            let section = &plan.regions[index].section;
            let stated = experiment.regions.iter_mut().filter(|region| region.section == *section);
            let makers = stated.filter_map(|region| region.maker.as_mut());
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
