//! Progress: a bar on a terminal, plain lines in a log.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::IsTerminal as _,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use voxomics_engine::{cases::Case, inspect::Inspection, pipeline::Outcome, run::Observer};

/// Shows how a run goes on standard error.
pub struct Progress {
    bar: Option<ProgressBar>,
    quiet: bool,
    /// The warnings that were said, by their kind.
    said: Mutex<BTreeMap<String, Said>>,
}

/// A warning that was said of its first case.
struct Said {
    /// That case, and what was said of it.
    first: (String, String),
    /// The further cases of which the same could be said.
    further: BTreeSet<String>,
}

const WARNING: u32 = 2;

impl Progress {
    pub fn new(cases: usize, quiet: bool) -> Self {
        let bar = (!quiet && std::io::stderr().is_terminal() && cases > 1).then(|| {
            let bar = ProgressBar::with_draw_target(Some(cases as u64), ProgressDrawTarget::stderr());
            let style = "{bar:30} {pos}/{len} cases  {per_sec}  {eta} left  {msg}";
            bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self { bar, quiet, said: Mutex::default() }
    }

    /// For a study: its cohorts come one after another, and a bar of each would say little of the whole.
    pub fn study(quiet: bool) -> Self {
        Self { bar: None, quiet, said: Mutex::default() }
    }

    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        self.tell_further();
    }

    /// Says a warning the first time; afterwards the cases are counted.
    fn warn(&self, case: &Case, text: &str) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        match said.get_mut(&kind(case, text)) {
            Some(known) if known.first.0 != case.name => {
                known.further.insert(case.name.clone());
            }
            // Of one case everything is said.
            Some(_) => self.line(format!("warning: {}: {text}", case.name)),
            None => {
                let first = (case.name.clone(), text.to_owned());
                said.insert(kind(case, text), Said { first, further: BTreeSet::new() });
                self.line(format!("warning: {}: {text}", case.name));
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
            self.line(format!("warning: {cases} a warning like that of {case} (all are in run.json): {text}"));
        }
    }

    fn line(&self, text: String) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => eprintln!("{text}"),
        }
    }
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

impl Observer for Progress {
    fn case_ended(&self, done: usize, of: usize, case: &Case, outcome: &Outcome, took: Duration) {
        for fault in &outcome.faults {
            let region = fault.region.as_ref().map(|region| format!(" ({region})")).unwrap_or_default();
            self.line(format!("failed: {}{region}: {}: {}", case.name, fault.stage, fault.message));
        }
        if self.quiet {
            return;
        }
        for line in outcome.log.iter().filter(|line| line.level >= WARNING) {
            self.warn(case, &line.text);
        }
        match &self.bar {
            Some(bar) => {
                bar.set_message(case.name.clone());
                bar.inc(1);
            }
            None => eprintln!("[{done}/{of}] {} {:.2} s", case.name, took.as_secs_f64()),
        }
    }
}

/// What was found is shown in the end, in the order of the list.
impl Observer<Inspection> for Progress {
    fn case_ended(&self, _: usize, _: usize, case: &Case, _: &Inspection, _: Duration) {
        if let Some(bar) = &self.bar {
            bar.set_message(case.name.clone());
            bar.inc(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_alike_whatever_they_name_and_count() {
        let case =
            |name: &str| Case::new(name.into(), format!("/data/{name}/ct").into(), format!("/x/{name}.dcm").into());
        let text =
            |name: &str, count: &str| format!("/x/{name}.dcm: region `{name}`: {count} of 9 contours are there twice");
        let [a, b] = ["a", "b 2"].map(case);
        assert_eq!(kind(&a, &text("a", "3")), kind(&b, &text("b 2", "14")));
        assert_ne!(kind(&a, "its patient is `a`"), kind(&a, "its series is `a`"));
        let progress = Progress::new(2, false);
        progress.warn(&a, &text("a", "3"));
        progress.warn(&b, &text("b 2", "1"));
        progress.warn(&b, "3 slices");
        let said: Vec<usize> = progress.said.lock().expect("a lock").values().map(|said| said.further.len()).collect();
        assert_eq!(said.iter().sum::<usize>(), 1);
        progress.finish();
        assert!(progress.said.lock().expect("a lock").is_empty());
    }
}
