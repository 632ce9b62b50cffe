//! Progress: a bar on a terminal, plain lines in a log.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    io::IsTerminal as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use serde_json::json;
use voxomics_engine::{
    cases::Case,
    host::{RESTS, Steps},
    inspect::Inspection,
    pipeline::Outcome,
    run::Observer,
};

use crate::{
    Loudness,
    terminal::{clean, name, tell, tell_program},
};

/// Shows how a run goes on standard error.
pub struct Progress {
    loudness: Loudness,
    has_bar: bool,
    /// That of what runs now; each cohort of a study has one of its own.
    bar: Mutex<Option<ProgressBar>>,
    /// The warnings that were said, by their kind.
    said: Mutex<BTreeMap<String, Said>>,
    /// The plugins of which it was said that they are left alone.
    resting: Mutex<BTreeSet<Option<String>>>,
    /// For each case within which parts are told of, when something was last said of it.
    parts: Mutex<BTreeMap<String, Instant>>,
}

/// So often is told how far a case has come: of one that is quicker, nothing.
const BETWEEN_PARTS: Duration = Duration::from_secs(5);

/// A warning that was said of its first case.
struct Said {
    /// That case, and what was said of it.
    first: (String, String),
    /// The further cases of which the same could be said.
    further: BTreeSet<String>,
}

const WARNING: u32 = 2;

impl Progress {
    pub fn new(loudness: Loudness) -> Self {
        let has_bar = !loudness.quiet && !loudness.progress_json && std::io::stderr().is_terminal();
        Self {
            loudness,
            has_bar,
            bar: Mutex::default(),
            said: Mutex::default(),
            resting: Mutex::default(),
            parts: Mutex::default(),
        }
    }

    /// Is told of the steps within cases.
    pub fn steps(self: &Arc<Self>) -> Steps {
        let progress = self.clone();
        Steps::told_to(move |case, what, done, of| progress.part(case, what, done, of))
    }

    /// Says how many parts of something that takes long are done within a case.
    fn part(&self, case: &str, what: &str, done: usize, of: usize) {
        if of < 2 || self.loudness.quiet {
            return;
        }
        let mut parts = lock(&self.parts);
        let last = *parts.entry(case.to_owned()).or_insert_with(Instant::now);
        if !self.loudness.verbose && last.elapsed() < BETWEEN_PARTS {
            return;
        }
        parts.insert(case.to_owned(), Instant::now());
        drop(parts);
        match self.loudness.progress_json {
            true => {
                let told = json!({ "case": case, "what": what, "done": done, "of": of });
                tell_program(&told.to_string().replacen('{', "{\"event\":\"part\",", 1));
            }
            false => self.line(&format!("{}: {what}, {done} of {of} parts", name(case))),
        }
    }

    pub fn finish(&self) {
        if let Some(bar) = lock(&self.bar).take() {
            bar.finish_and_clear();
        }
        self.tell_further();
    }

    /// Moves the bar, if there is one.
    fn advance(&self, what: &str, done: usize, of: usize, message: &str) {
        if !self.has_bar || of < 2 {
            return;
        }
        let mut bar = lock(&self.bar);
        let shown = bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(of as u64), ProgressDrawTarget::stderr());
            let style = template(what, terminal_size::terminal_size_of(std::io::stderr()).map(|(width, _)| width.0));
            let style = ProgressStyle::with_template(&style).unwrap_or_else(|_| ProgressStyle::default_bar());
            bar.set_style(style.with_key("rate", |state: &ProgressState, out: &mut dyn fmt::Write| {
                // What cannot be shown is not.
                let _ = write!(out, "{:.1}/s", state.per_sec());
            }));
            bar
        });
        shown.set_length(of as u64);
        shown.set_message(clean(message).into_owned());
        // Threads tell out of order.
        shown.set_position(shown.position().max(done as u64));
        if done == of
            && let Some(bar) = bar.take()
        {
            bar.finish_and_clear();
        }
    }

    /// Says a warning the first time; afterwards the cases are counted.
    fn warn(&self, case: &Case, text: &str) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        match said.get_mut(&kind(case, text)) {
            Some(known) if known.first.0 != case.name => {
                known.further.insert(case.name.clone());
            }
            // Of one case everything is said.
            Some(_) => self.line(&format!("warning: {}: {text}", name(&case.name))),
            None => {
                let first = (case.name.clone(), text.to_owned());
                said.insert(kind(case, text), Said { first, further: BTreeSet::new() });
                self.line(&format!("warning: {}: {text}", name(&case.name)));
            }
        }
    }

    /// Says of how many cases a warning would have been said again.
    fn tell_further(&self) {
        let said = std::mem::take(&mut *self.said.lock().unwrap_or_else(PoisonError::into_inner));
        for Said { first: (case, text), further } in said.into_values().filter(|said| !said.further.is_empty()) {
            let cases = if further.len() == 1 {
                "1 more case has".into()
            } else {
                format!("{} more cases have", further.len())
            };
            self.line(&format!(
                "warning: {cases} a warning like that of {} (all are in run.json): {text}",
                name(&case)
            ));
        }
    }

    /// Prints a line above the bar.
    pub fn line(&self, text: &str) {
        match &*lock(&self.bar) {
            Some(bar) => bar.suspend(|| tell(text)),
            None => tell(text),
        }
    }
}

/// What the bar looks like on a terminal of that many columns: a line that is too long would be left behind at each step.
fn template(what: &str, columns: Option<u16>) -> String {
    match columns {
        Some(..60) => "{wide_bar} {pos}/{len} {rate} {eta}".to_owned(),
        Some(60..90) => format!("{{wide_bar}} {{pos}}/{{len}} {what}  {{rate}}  {{eta}} left"),
        _ => format!("{{bar:30}} {{pos}}/{{len}} {what}  {{rate}}  {{eta}} left  {{wide_msg}}"),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A study has no moment at which all of its cases are done but its end.
impl Drop for Progress {
    fn drop(&mut self) {
        self.tell_further();
    }
}

/// What is alike in warnings of several cases: their text without names, paths and numbers.
fn kind(case: &Case, text: &str) -> String {
    let mut text = text.to_owned();
    for path in [&case.image, &case.mask] {
        text = text.replace(&path.display().to_string(), "…");
    }
    let mut kind = String::with_capacity(text.len());
    for (index, part) in text.split('`').enumerate() {
        // Between two signs stands a name.
        if index % 2 == 1 {
            kind.push('`');
            continue;
        }
        for word in part.split_inclusive(' ') {
            if word.contains('/') {
                kind.push_str("… ");
                continue;
            }
            for letter in word.chars() {
                match letter.is_ascii_digit() || letter == '.' && kind.ends_with('#') {
                    true if kind.ends_with('#') => {}
                    true => kind.push('#'),
                    false => kind.push(letter),
                }
            }
        }
    }
    kind
}

/// A case that has ended, as a line for other programs; without an outcome, one that an earlier run had finished.
fn as_json(done: usize, of: usize, case: &Case, outcome: Option<&Outcome>, took: Duration) -> String {
    let faults = outcome.iter().flat_map(|outcome| &outcome.faults);
    let faults: Vec<_> =
        faults.map(|fault| json!({ "stage": fault.stage, "region": fault.region, "message": fault.message })).collect();
    let lines = outcome.iter().flat_map(|outcome| &outcome.log);
    let warnings: Vec<&str> = lines.filter(|line| line.level >= WARNING).map(|line| line.text.as_str()).collect();
    let told = json!({
        "case": case.name, "done": done, "of": of, "seconds": took.as_secs_f64(), "found": outcome.is_none(),
        "faults": faults, "warnings": warnings,
    });
    // The word that tells it from other lines comes first.
    told.to_string().replacen('{', "{\"event\":\"case\",", 1)
}

impl Observer for Progress {
    fn case_ended(&self, done: usize, of: usize, case: &Case, outcome: &Outcome, took: Duration) {
        if self.loudness.progress_json {
            return tell_program(&as_json(done, of, case, Some(outcome), took));
        }
        let shown = name(&case.name);
        for fault in &outcome.faults {
            if fault.message.contains(RESTS) && !lock(&self.resting).insert(fault.plugin.clone()) {
                continue;
            }
            let region = fault.region.as_ref().map(|region| format!(" ({region})")).unwrap_or_default();
            self.line(&format!("failed: {shown}{region}: {}: {}", fault.stage, fault.message));
        }
        if self.loudness.quiet {
            return;
        }
        for line in outcome.log.iter().filter(|line| line.level >= WARNING) {
            self.warn(case, &line.text);
        }
        if self.loudness.verbose {
            outcome.log.iter().filter(|line| line.level < WARNING).for_each(|line| {
                self.line(&format!("{shown}: {}", line.text));
            });
            for (stage, took) in &outcome.timings {
                self.line(&format!("{shown}: {stage} {:.3} s", took.as_secs_f64()));
            }
        }
        if self.has_bar && of > 1 {
            self.advance("cases", done, of, &shown);
        } else {
            self.line(&format!("[{done}/{of}] {shown} {:.2} s", took.as_secs_f64()));
        }
    }

    fn case_found(&self, done: usize, of: usize, case: &Case) {
        if self.loudness.progress_json {
            return tell_program(&as_json(done, of, case, None, Duration::ZERO));
        }
        self.advance("cases", done, of, &name(&case.name));
    }

    fn step(&self, what: &str, done: usize, of: usize) {
        self.advance(what, done, of, "");
    }
}

/// What was found is shown in the end, in the order of the list.
impl Observer<Inspection> for Progress {
    fn case_ended(&self, done: usize, of: usize, case: &Case, _: &Inspection, _: Duration) {
        self.advance("cases", done, of, &name(&case.name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_told_to_programs_in_one_line() {
        let case = Case::new("a \"b\"\n".into(), "ct".into(), "mask".into());
        let line = as_json(1, 2, &case, None, Duration::ZERO);
        assert!(line.starts_with("{\"event\":\"case\",") && !line.contains('\n'), "{line}");
        let told: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!((&told["case"], &told["of"], &told["found"]), (&json!("a \"b\"\n"), &json!(2), &json!(true)));
    }

    #[test]
    fn warnings_are_alike_whatever_they_name_and_count() {
        let case =
            |name: &str| Case::new(name.into(), format!("/data/{name}/ct").into(), format!("/x/{name}.dcm").into());
        let text =
            |name: &str, count: &str| format!("/x/{name}.dcm: region `{name}`: {count} of 9 contours are there twice");
        let [a, b] = ["a", "b 2"].map(case);
        assert_eq!(kind(&a, &text("a", "3")), kind(&b, &text("b 2", "14")));
        assert_ne!(kind(&a, "its patient is `a`"), kind(&a, "its series is `a`"));
        let progress = Progress::new(Loudness::default());
        progress.warn(&a, &text("a", "3"));
        progress.warn(&b, &text("b 2", "1"));
        progress.warn(&b, "3 slices");
        let said: Vec<usize> = progress.said.lock().expect("a lock").values().map(|said| said.further.len()).collect();
        assert_eq!(said.iter().sum::<usize>(), 1);
        progress.finish();
        assert!(progress.said.lock().expect("a lock").is_empty());
    }
}
