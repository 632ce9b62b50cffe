//! Progress: a bar on a terminal, plain lines in a log.

use std::{io::IsTerminal as _, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use voxomics_engine::{cases::Case, inspect::Inspection, pipeline::Outcome, run::Observer};

/// Shows how a run goes on standard error.
pub struct Progress {
    bar: Option<ProgressBar>,
    quiet: bool,
}

const WARNING: u8 = 2;

impl Progress {
    pub fn new(cases: usize, quiet: bool) -> Self {
        let bar = (!quiet && std::io::stderr().is_terminal() && cases > 1).then(|| {
            let bar = ProgressBar::with_draw_target(Some(cases as u64), ProgressDrawTarget::stderr());
            let style = "{bar:30} {pos}/{len} cases  {per_sec}  {eta} left  {msg}";
            bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self { bar, quiet }
    }

    /// For a study: its cohorts come one after another, and a bar of each would say little of the whole.
    pub fn study(quiet: bool) -> Self {
        Self { bar: None, quiet }
    }

    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: String) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => eprintln!("{text}"),
        }
    }
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
            self.line(format!("warning: {}: {}", case.name, line.text));
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
