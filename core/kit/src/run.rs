//! The program's side: a process for each check, some at once, and what became of them.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tempfile::TempDir;
use voxomics_host::{
    CallLimits,
    isolate::{self, State},
    program,
};
use voxomics_interface::describe::{Library, Plugin};
use voxomics_worker::{Broken, Child, launch};

use crate::{
    checks::{CHECKS, Check},
    child::{Said, Stamp, Task},
    settings::{Given, missing, settings},
    verdict::{Finding, Report, Verdict},
};

/// The words after the program's name that start the process of a check; the task follows, as JSON.
const CHECK: [&str; 2] = ["worker", "check"];
/// As what it stands in a report if nobody can find out what a file holds.
const LOADS: (&str, &str) = ("loads", "it can be loaded, and says what is in it");
/// When a check takes place, for what writes the time: one day of 2001.
const MOMENT: &str = "1000000000";
/// How long the launcher may take.
const START: Duration = Duration::from_secs(60);

/// What is to be checked, and with what.
#[derive(Debug, Clone)]
pub struct Options {
    /// The plugin: a library, or a Python file.
    pub file: PathBuf,
    /// The interpreter of a Python file.
    pub interpreter: PathBuf,
    /// Files that a Python file needs beside it.
    pub helpers: Vec<PathBuf>,
    /// Settings, `key=value` or `plugin-name.key=value`.
    pub settings: Vec<String>,
    /// A file that a loader should read.
    pub sample: Option<PathBuf>,
    /// Names of the checks that are made; all if there are none.
    pub only: Vec<String>,
    /// Whether all checks of a plugin share a process, for as long as it lives.
    pub together: bool,
    /// The longest that one check may take.
    pub most: Duration,
    /// How many processes at once.
    pub at_once: usize,
}

/// Makes every check of every plugin of a file.
///
/// # Errors
/// If the file cannot be read, a setting or check is not known, or no process can be started.
pub fn test(options: &Options) -> Result<Report, String> {
    let task = task(options)?;
    let library = match described(options, &task)? {
        Ok(library) => library,
        Err(verdict) => {
            let plugin = options.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let (check, purpose) = LOADS;
            return Ok(Report::new(task.file, vec![Finding { plugin, check, purpose, verdict }]));
        }
    };
    let given = given(options, &library)?;
    let wanted = wanted(options)?;
    let mut findings: Vec<(&Plugin, &Check, Option<Verdict>)> = Vec::new();
    let mut jobs: Vec<(&Plugin, Vec<usize>)> = Vec::new();
    for plugin in &library.plugins {
        let mut of_plugin = Vec::new();
        for check in &wanted {
            let skipped = skipped(&task, &given, plugin, check);
            if skipped.is_none() {
                of_plugin.push(findings.len());
            }
            findings.push((plugin, check, skipped));
        }
        let at_a_time = if options.together { of_plugin.len().max(1) } else { 1 };
        jobs.extend(of_plugin.chunks(at_a_time).map(|places| (plugin, places.to_vec())));
    }
    let (next, verdicts) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some((plugin, places)) = take(&jobs, &next) {
            let checks: Vec<&Check> = places.iter().map(|at| findings[*at].1).collect();
            let found = verdicts_of(options, &task, plugin, &checks);
            verdicts.lock().unwrap_or_else(PoisonError::into_inner).extend(places.iter().copied().zip(found));
        }
    };
    std::thread::scope(|scope| {
        (0..options.at_once.max(1)).for_each(|_| drop(scope.spawn(work)));
    });
    for (at, verdict) in verdicts.into_inner().unwrap_or_else(PoisonError::into_inner) {
        findings[at].2 = Some(verdict);
    }
    let findings = findings.into_iter().filter_map(|(plugin, check, verdict)| {
        Some(Finding { plugin: plugin.name(), check: check.name, purpose: check.purpose, verdict: verdict? })
    });
    Ok(Report::new(task.file, findings.collect()))
}

/// The next of a list that nobody has taken.
fn take<'a, T>(jobs: &'a [T], next: &AtomicUsize) -> Option<&'a T> {
    jobs.get(next.fetch_add(1, Ordering::Relaxed))
}

/// The task of finding out what the file holds.
fn task(options: &Options) -> Result<Task, String> {
    let absolute = |path: &Path| {
        std::path::absolute(path).map_err(|cause| format!("{} has no absolute path: {cause}", path.display()))
    };
    let stamp = Stamp::of(&options.file)
        .map_err(|cause| format!("plugin {} cannot be read: {cause}. Check the path", options.file.display()))?;
    let is_script = options.file.extension().is_some_and(|ending| ending == "py");
    let folder = std::env::current_dir().map_err(|cause| format!("there is no working directory: {cause}"))?;
    Ok(Task {
        file: absolute(&options.file)?,
        stamp,
        is_script,
        interpreter: options.interpreter.clone(),
        helpers: options.helpers.iter().map(|path| absolute(path)).collect::<Result<_, _>>()?,
        settings: options.settings.clone(),
        folder,
        sample: options.sample.as_deref().map(absolute).transpose()?,
        seconds: options.most.as_secs_f64(),
        checks: None,
    })
}

/// The settings that were given, each of which some plugin knows.
fn given<'a>(options: &'a Options, library: &Library) -> Result<Vec<Given<'a>>, String> {
    let given = options.settings.iter().map(|text| Given::read(text)).collect::<Result<Vec<_>, _>>()?;
    match given.iter().find(|one| library.plugins.iter().all(|plugin| !one.belongs_to(plugin))) {
        Some(unknown) => {
            let keys = library.plugins.iter().flat_map(|plugin| {
                plugin.known_settings().into_iter().map(|setting| format!("{}.{}", plugin.name(), setting.key))
            });
            let keys = keys.collect::<Vec<_>>().join(", ");
            let keys = if keys.is_empty() { "no setting at all".to_owned() } else { keys };
            Err(format!("no plugin of {} has the setting `{}`; it has {keys}", options.file.display(), unknown.key))
        }
        None => Ok(given),
    }
}

/// The checks that are made, in their order.
fn wanted(options: &Options) -> Result<Vec<&'static Check>, String> {
    let is_wanted = |check: &&Check| options.only.is_empty() || options.only.iter().any(|name| name == check.name);
    match options.only.iter().find(|name| CHECKS.iter().all(|check| check.name != **name)) {
        Some(unknown) => {
            let names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
            Err(format!("there is no check `{unknown}`; there are {}", names.join(", ")))
        }
        None => Ok(CHECKS.iter().filter(is_wanted).collect()),
    }
}

/// Why a check is not made.
fn skipped(task: &Task, given: &[Given<'_>], plugin: &Plugin, check: &Check) -> Option<Verdict> {
    if let Some(why) = (check.skips)(plugin) {
        return Some(Verdict::skipped(why));
    }
    let missing = missing(plugin, &settings(plugin, given, &task.folder).values);
    let key = missing.first().filter(|_| check.asks)?;
    Some(Verdict::skipped(format!("it cannot be configured without `{key}`: give it with --set {key}=…")))
}

/// What a file holds, or why that is not known.
fn described(options: &Options, task: &Task) -> Result<Result<Library, Verdict>, String> {
    let (_scratch, mut child) = start(task).map_err(|cause| format!("no process can be started: {cause}"))?;
    Ok(match said(&mut child, options.most) {
        Ok(Said::Library(library)) => Ok(*library),
        Ok(Said::Refused(why)) => Err(Verdict::failed(why)),
        Ok(Said::Verdict(verdict)) => Err(verdict),
        Err(broken) => Err(Verdict::crashed(child.end(broken).to_string())),
    })
}

/// The verdicts of checks that are made in one process, one after the other. If it ends, the others are made in a new one.
fn verdicts_of(options: &Options, task: &Task, plugin: &Plugin, checks: &[&Check]) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = Vec::new();
    while verdicts.len() < checks.len() {
        let names = checks[verdicts.len()..].iter().map(|check| check.name.to_owned()).collect();
        let task = Task { checks: Some((plugin.kind, plugin.id.clone(), names)), ..task.clone() };
        let (_scratch, mut child) = match start(&task) {
            Ok(started) => started,
            Err(cause) => {
                verdicts.push(Verdict::skipped(format!("no process can be started: {cause}")));
                continue;
            }
        };
        while verdicts.len() < checks.len() {
            match said(&mut child, options.most) {
                Ok(Said::Verdict(verdict)) => verdicts.push(verdict),
                Ok(Said::Refused(why)) => {
                    verdicts.push(Verdict::failed(why));
                    break;
                }
                Ok(Said::Library(_)) => {
                    verdicts.push(Verdict::crashed("its process answered another question"));
                    break;
                }
                Err(broken) => {
                    verdicts.push(Verdict::crashed(child.end(broken).to_string()));
                    break;
                }
            }
        }
    }
    verdicts
}

/// Starts a process with its scratch folder.
fn start(task: &Task) -> io::Result<(TempDir, Child)> {
    let scratch = tempfile::Builder::new().prefix("voxomics-check-").tempdir()?;
    let own = program()?;
    let arguments: Vec<OsString> = [CHECK[0].into(), CHECK[1].into(), serde_json::to_string(task)?.into()].into();
    let named = task.settings.iter().filter_map(|text| Some(task.folder.join(text.split_once('=')?.1.trim())));
    let mut read: Vec<PathBuf> = [own.clone(), task.file.clone()].into_iter().chain(named).collect();
    // A file of several parts lies with the others.
    read.extend(task.sample.as_deref().map(|sample| match sample.parent() {
        Some(folder) if sample.is_file() => folder.to_owned(),
        _ => sample.to_owned(),
    }));
    read.extend(State::PLACES.map(PathBuf::from));
    read.extend(beside(&task.file));
    let path = std::env::var_os("PATH").filter(|_| task.is_script).map(|path| ("PATH".into(), path));
    // What is written twice is compared: a second that passes between must not tell them apart.
    let clock = std::env::var_os(isolate::CLOCK).is_none().then(|| (isolate::CLOCK.into(), MOMENT.into()));
    let environment = path.into_iter().chain(clock).collect();
    let limits = CallLimits { seconds_per_call: task.seconds, ..CallLimits::default() };
    let mut orders = isolate::orders(&scratch, own, arguments, environment, &read, limits)?;
    if task.is_script {
        // The process of a script only speaks to the worker that runs it, and must be able to start it.
        orders.rights = None;
    }
    let mut child = launch::start(&orders)?;
    // The launcher speaks first, of what is enforced.
    match child.channel.receive(Some(Instant::now() + START)) {
        Ok(_) => Ok((scratch, child)),
        Err(broken) => Err(io::Error::other(child.end(broken).to_string())),
    }
}

/// Libraries beside a library, which it may bring with it, and their signatures: the host looks at them when it loads it.
fn beside(file: &Path) -> Vec<PathBuf> {
    let entries = file.parent().and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let is_library = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().contains(".so"));
    entries.map(|entry| entry.path()).filter(is_library).collect()
}

/// What a process says before its time is over.
fn said(child: &mut Child, most: Duration) -> Result<Said, Broken> {
    let received = child.channel.receive(Some(Instant::now() + most))?;
    serde_json::from_value(received.json.into()).map_err(|cause| Broken::Protocol(cause.to_string()))
}
