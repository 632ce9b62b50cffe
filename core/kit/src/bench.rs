//! What a check has to work with: one plugin, its settings, and the process that it runs in.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};

use voxomics_base::{Diagnostics, PluginSettings};
use voxomics_host::{CaseHost, Fitted, PredictorInstance, Registered, Services, TrainingTable, isolate::State};
use voxomics_interface::{
    describe::{Kind, Takes},
    design::{Design, Target},
};

use crate::{
    answer::Answer,
    scene::{Scene, chance},
    settings,
    subject::{Refusal, Subject, seeing},
    verdict::Verdict,
};

/// The setting by which a predictor takes its model.
const MODEL: &str = "model";

/// One plugin on the bench.
pub struct Bench<'a> {
    /// The plugin.
    pub of: Registered<'a>,
    /// The settings with which it is checked.
    pub settings: PluginSettings,
    /// A file that a loader should read.
    pub sample: Option<&'a Path>,
    /// A folder of the kit's own.
    pub folder: &'a Path,
    /// The state of the process before the library was loaded; of a script's, once it was.
    pub before: &'a State,
    /// The state of the process once the library was loaded.
    pub loaded: &'a State,
}

impl Bench<'_> {
    /// The host of a case.
    pub fn host(&self, case: &str) -> CaseHost {
        CaseHost::new(&Services::default(), case)
    }

    /// The host of a case of a run that is being given up.
    pub fn giving_up(&self) -> CaseHost {
        let cancelled = Arc::new(AtomicBool::new(true));
        CaseHost::new(&Services { cancelled, ..Services::default() }, "given up")
    }

    /// That a loader has a file to read.
    ///
    /// # Errors
    /// If it has none, as a verdict.
    pub fn needs_sample(&self) -> Result<(), Verdict> {
        match self.of.plugin.kind == Kind::Load && self.sample.is_none() {
            true => Err(Verdict::skipped("there is no file to read: give one with --sample")),
            false => Ok(()),
        }
    }

    /// The plugin, ready to be asked: configured, and fitted or trained if it must be.
    ///
    /// # Errors
    /// Why it cannot be, as a verdict.
    pub fn subject(&self) -> Result<Subject, Verdict> {
        let subject = self.configured(&self.settings, None)?;
        match &subject {
            Subject::Filter(filter) if filter.unfitted => {
                let state = self.fit(filter.fitted(), false)?;
                self.configured(&self.settings, Some(&state))
            }
            Subject::Maker(maker) if maker.unfitted => {
                let state = self.fit(maker.fitted(), false)?;
                self.configured(&self.settings, Some(&state))
            }
            Subject::Predictor(predictor) if self.must_learn() => {
                let model = self.learn(predictor)?;
                self.trained(&model)
            }
            _ => Ok(subject),
        }
    }

    /// The plugin as it is configured.
    ///
    /// # Errors
    /// Why it cannot be, as a verdict.
    pub fn configured(&self, settings: &PluginSettings, state: Option<&str>) -> Result<Subject, Verdict> {
        let diagnostics = Diagnostics::default();
        match Subject::configure(self.of, settings, state, self.sample, &diagnostics) {
            Ok(Some(subject)) => Ok(subject),
            Ok(None) => {
                Err(Verdict::failed(format!("it refuses the settings of this check: {}", first_line(&diagnostics))))
            }
            Err(refusal) => Err(Verdict::failed(refusal.message)),
        }
    }

    /// Whether it is a learner that was given no model.
    fn must_learn(&self) -> bool {
        let takes_model =
            self.of.plugin.settings.iter().any(|setting| setting.key == MODEL && setting.takes == Takes::File);
        self.of.plugin.trains && takes_model && !self.settings.values.contains_key(MODEL)
    }

    /// The state that follows from observing three scenes, in their order or in the reverse one.
    ///
    /// # Errors
    /// Why there is none, as a verdict.
    pub fn fit(&self, fitted: Fitted<'_>, reversed: bool) -> Result<String, Verdict> {
        let host = self.host("fit");
        let mut observations = Vec::new();
        for seed in [1, 2, 3] {
            let seen = seeing(&Scene::lesion(seed, 7), |seen| fitted.observe(seen, &host));
            observations.push(seen.map_err(|refusal| Verdict::failed(refusal.message))?);
        }
        if reversed {
            observations.reverse();
        }
        fitted.fit(observations, &host).map_err(|error| Verdict::failed(error.to_string()))
    }

    /// The model that a predictor learns from a table that the kit makes.
    ///
    /// # Errors
    /// Why there is none, as a verdict.
    pub fn learn(&self, predictor: &PredictorInstance) -> Result<String, Verdict> {
        predictor.fit(&table(40), &self.host("fit")).map_err(|error| Verdict::failed(error.to_string()))
    }

    /// The predictor with a model.
    ///
    /// # Errors
    /// Why it cannot be configured with it, as a verdict.
    pub fn trained(&self, model: &str) -> Result<Subject, Verdict> {
        let file = self.write("model.toml", model.as_bytes())?;
        let settings = settings::with(&self.settings, MODEL, file.display().to_string().into());
        self.configured(&settings, None)
    }

    /// Writes a file of the kit's own.
    ///
    /// # Errors
    /// If it cannot be written, as a verdict.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, Verdict> {
        let path = self.folder.join(name);
        let written = fs::write(&path, bytes);
        written.map_err(|cause| Verdict::skipped(format!("{} cannot be written: {cause}", path.display())))?;
        Ok(path)
    }

    /// A scene that the plugin answers: a lesion, or one slice of it for a plugin of two dimensions.
    ///
    /// # Errors
    /// Why it answers neither, as a verdict.
    pub fn scene(&self, subject: &Subject, edge: usize) -> Result<Scene, Verdict> {
        let (lesion, slice) = (Scene::lesion(1, edge), Scene::slice(1, edge));
        let answers = |scene: &Scene| match subject.ask(scene, &self.host("first")) {
            Ok(answer) if answer.undefined() < answer.0.len() => Ok(true),
            Ok(_) => Ok(false),
            Err(refusal) if refusal.broken => Err(Verdict::failed(refusal.message)),
            Err(_) => Ok(false),
        };
        if !answers(&lesion)? && answers(&slice)? { Ok(slice) } else { Ok(lesion) }
    }

    /// The answer to a scene of which the plugin should have one.
    ///
    /// # Errors
    /// Why there is none, as a verdict.
    pub fn answer(&self, subject: &Subject, scene: &Scene) -> Result<Answer, Verdict> {
        self.answer_in(subject, scene, &self.host("case"))
    }

    /// The same with a host of its own.
    ///
    /// # Errors
    /// Why there is none, as a verdict.
    pub fn answer_in(&self, subject: &Subject, scene: &Scene, host: &CaseHost) -> Result<Answer, Verdict> {
        subject.ask(scene, host).map_err(unanswered)
    }
}

/// The verdict on a plain scene that has no answer.
pub fn unanswered(refusal: Refusal) -> Verdict {
    Verdict::failed(format!("it does not answer a plain case: {}", refusal.message))
}

/// What diagnostics say first, in one line.
pub fn first_line(diagnostics: &Diagnostics) -> String {
    let text = diagnostics.render();
    let line = text.lines().next().unwrap_or("it does not say why");
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// Something to learn from: three inputs, a number that follows from the first two, and patients of two rows each.
pub fn table(rows: usize) -> TrainingTable {
    let column = |seed: u64| (0..rows).map(move |row| Some(2.0 * chance(seed, row) - 1.0));
    let target = |row: usize| 3.0 * chance(1, row) - 2.0 * chance(2, row) + 0.1 * chance(9, row);
    let target = (0..rows).map(|row| Some(target(row)));
    let patients = (0..rows).map(|row| Some((row / 2) as f64));
    let values = column(1).chain(column(2)).chain(column(3)).chain(target).chain(patients);
    let inputs = ["lesion:a", "lesion:b", "lesion:c"].map(String::from);
    let design = Design {
        inputs: inputs.to_vec(),
        target: Target::Gaussian { column: "target".into() },
        weights: None,
        groups: Some("patient".into()),
        strata: None,
        batches: Vec::new(),
        kept: Vec::new(),
        unaligned: Vec::new(),
        levels: Vec::new(),
        folds: None,
    };
    let columns = inputs.into_iter().chain(["target".to_owned(), "patient".to_owned()]).collect();
    TrainingTable { rows, columns, values: values.collect(), design }
}
