//! Predictors: those that have their model, and those that are to learn it.

use std::path::Path;

use voxomics_interface::{describe::Kind, selection::fits};

use super::{InputRef, ModelFile, Plan, Risks, model_file::outside, plugins};
use crate::{
    experiment::{Diagnostic, Diagnostics, Experiment, Origin, PluginSettings, Predict, study::Learn},
    host::{self, CaseHost, ModelCard, NamedFile, Prediction, PredictorInstance},
    results::{self, Output},
    table::FeatureValue,
};

/// A predictor that has its model.
pub struct Predictor {
    /// Its name.
    pub name: String,
    /// The configured plugin.
    pub instance: PredictorInstance,
    /// Where each input comes from.
    pub inputs: Vec<InputRef>,
    /// What its model file says to the host, if it is one that the host can read.
    pub model: Option<ModelFile>,
    /// What is doubtful of the model itself, one sentence each.
    pub doubtful: Vec<String>,
    /// From its score to risks at times, if its model file has a baseline hazard.
    pub risks: Option<Risks>,
}

impl Predictor {
    /// What it predicts, with the risks at times that its model file asks for.
    ///
    /// # Errors
    /// If the plugin fails.
    pub fn predict(&self, values: &[FeatureValue], host: &CaseHost) -> Result<Prediction, host::PluginError> {
        let mut prediction = self.instance.predict(values, host)?;
        if let Some(risks) = &self.risks {
            prediction.others.extend(risks.values(&prediction.score));
        }
        Ok(prediction)
    }

    /// Its model card: that of the plugin, or that of its model file.
    pub fn card(&self) -> Option<ModelCard> {
        if let Some(card) = &self.instance.card {
            return Some((**card).clone());
        }
        let model = self.model.as_ref()?;
        let [version, vendor] = self.instance.made_by.clone();
        let (plugin, known) = (self.instance.name.clone(), model.known().to_owned());
        Some(ModelCard { plugin, version, vendor, known, stated: model.card.clone()? })
    }

    /// The predictor as the tables name it.
    pub(super) fn layout(&self) -> results::Predictor {
        let card = |ModelCard { plugin, version, vendor, known, stated }: ModelCard| results::Card {
            plugin,
            version,
            vendor,
            known,
            stated: host::card::lines(&stated).to_vec(),
        };
        results::Predictor {
            name: self.name.clone(),
            inputs: self.instance.inputs.clone(),
            outputs: self.outputs(),
            card: self.card().map(card),
        }
    }

    /// Its outputs, as tables name them.
    pub fn outputs(&self) -> Vec<Output> {
        let output = |output: &voxomics_interface::calls::Output| Output {
            name: output.name.clone(),
            unit: output.unit.clone().unwrap_or_default(),
        };
        self.instance.outputs.iter().map(output).chain(self.risks.iter().flat_map(Risks::outputs)).collect()
    }

    /// The same with what they mean.
    pub fn meant(&self) -> Vec<voxomics_interface::calls::Output> {
        self.instance.outputs.iter().cloned().chain(self.risks.iter().flat_map(Risks::meant)).collect()
    }

    /// Holds unit and IBSI code of each input, if `described` knows them, against what the model file says of it.
    pub fn describe(&mut self, described: impl Fn(&str) -> Option<[String; 2]>) {
        self.doubtful = self.model.as_ref().map(|model| model.doubtful(described)).unwrap_or_default();
    }

    /// Why a score of these inputs is doubtful, one sentence each: what is of the model, and inputs outside the range of the
    /// training, also those that were offered to it and that it does not use, where `other` has them.
    pub fn doubts(&self, values: &[FeatureValue], other: impl Fn(&str) -> Option<f64>) -> Vec<String> {
        let named = self.instance.inputs.iter().zip(values);
        let used = named.filter_map(|(name, value)| self.doubt(name, *value.as_ref().ok()?));
        let model = self.model.iter();
        let unused = model.flat_map(|model| {
            model.unused.keys().filter_map(|name| model.doubt_unused(name, other(name)?)).collect::<Vec<_>>()
        });
        self.doubtful.iter().cloned().chain(used).chain(unused).collect()
    }

    /// Why the value of an input is doubtful: it lies outside the range of the training, as the model file or the model card
    /// tells it.
    pub fn doubt(&self, input: &str, value: f64) -> Option<String> {
        let of_file = self.model.as_ref().and_then(|model| model.doubt(input, value));
        of_file.or_else(|| {
            let ranges = &self.instance.card.as_ref()?.stated.ranges;
            let range = ranges.iter().find(|range| range.input == input)?;
            outside(input, value, [range.min, range.max])
        })
    }
}

/// A predictor that is to learn its model.
pub struct Learner {
    /// Name of the model.
    pub name: String,
    /// The configured plugin.
    pub instance: PredictorInstance,
    /// The inputs that it may use, by name: indices into the plan's.
    pub inputs: Vec<usize>,
    /// Settings with their defaults, for the record.
    pub settings: serde_json::Value,
    /// Id of the plugin.
    id: String,
}

/// The setting by which a predictor takes its model.
const MODEL: &str = "model";

impl Plan {
    /// Configures a predictor and finds its inputs.
    pub(super) fn add_predictor(
        &mut self,
        predict: &Predict,
        experiment: &Experiment,
        files: &mut Vec<NamedFile>,
        diagnostics: &Diagnostics,
        columns_are_known: bool,
    ) {
        let id = predict.plugin.strip_prefix("predict-").unwrap_or(&predict.plugin);
        let origin = &predict.settings.origin;
        let plugins = self.plugins.clone();
        let Some(of) = plugins::find(&plugins, Kind::Predict, id, origin, diagnostics) else { return };
        let mut settings = predict.settings.clone();
        files.extend(host::resolve_files(of.plugin, &mut settings, &experiment.folder));
        let fail = |message: String| {
            diagnostics.push(Diagnostic::new(origin.clone(), format!("[predict.{}] {message}", predict.name)));
        };
        match host::predictor(of, &settings, diagnostics) {
            Ok(Some(instance)) if columns_are_known => {
                match self.connect(&predict.name, instance, model_file(&settings)) {
                    Ok(predictor) => self.predictors.push(predictor),
                    Err(wrong) => wrong.into_iter().for_each(fail),
                }
            }
            // An input that seems to be missing may be one that a mistake elsewhere has taken away.
            Ok(_) => {}
            Err(error) => fail(error.to_string()),
        }
    }

    /// Finds the inputs of a configured predictor, and holds its model file against what the experiment offers.
    fn connect(
        &self,
        name: &str,
        instance: PredictorInstance,
        model: Result<Option<ModelFile>, String>,
    ) -> Result<Predictor, Vec<String>> {
        let mut wrong = Vec::new();
        let found = instance
            .inputs
            .iter()
            .map(|input| self.input(input).map_err(|why| wrong.push(format!("needs the input `{input}`, {why}"))).ok());
        let inputs: Vec<InputRef> = found.collect::<Vec<_>>().into_iter().flatten().collect();
        let model = model.unwrap_or_else(|why| {
            wrong.push(why);
            None
        });
        let over_time = instance.inputs.iter().zip(&inputs).find(|(_, input)| matches!(input, InputRef::Delta { .. }));
        if let (Some((input, _)), None) = (over_time, self.document.get("cohorts")) {
            wrong.push(format!(
                "needs the input `{input}`, which is known of the course of a lesion, and not of one case: score in a study, with \
                 [cohorts.NAME]"
            ));
        }
        if let (Some(model), true) = (&model, wrong.is_empty()) {
            wrong.extend(model.disagreements(self, &instance.inputs));
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let risks = model.as_ref().and_then(|model| Risks::of(&model.document));
        let mut predictor = Predictor { name: name.into(), instance, inputs, model, doubtful: Vec::new(), risks };
        predictor.describe(|name| self.measured(name).map(|(_, column)| [column.unit.clone(), column.ibsi.clone()]));
        predictor.doubtful.extend(self.unchecked_table());
        Ok(predictor)
    }

    /// Configures a predictor that is to learn.
    pub(super) fn add_learner(
        &mut self,
        learn: &Learn,
        experiment: &Experiment,
        files: &mut Vec<NamedFile>,
        diagnostics: &Diagnostics,
    ) {
        let id = learn.plugin.strip_prefix("predict-").unwrap_or(&learn.plugin);
        let origin = &learn.settings.origin;
        let fail = |message: String| {
            diagnostics.push(Diagnostic::new(origin.clone(), format!("[learn.{}] {message}", learn.name)));
        };
        let plugins = self.plugins.clone();
        let Some(of) = plugins::find(&plugins, Kind::Predict, id, origin, diagnostics) else { return };
        if !of.plugin.trains {
            return fail(format!(
                "predict-{id} cannot learn: it needs a model, and belongs into [predict.{}]",
                learn.name
            ));
        }
        let mut settings = learn.settings.clone();
        files.extend(host::resolve_files(of.plugin, &mut settings, &experiment.folder));
        let record = host::with_defaults(of.plugin, &settings);
        let inputs = match self.matching_inputs(learn) {
            Ok(inputs) => inputs,
            // What should have had them cannot be read, which is said.
            Err(_) if self.inputs.is_empty() && !diagnostics.is_empty() => return,
            Err(wrong) => return wrong.into_iter().for_each(fail),
        };
        match host::predictor(of, &settings, diagnostics) {
            Ok(Some(instance)) => self.learners.push(Learner {
                name: learn.name.clone(),
                instance,
                inputs,
                settings: record,
                id: id.into(),
            }),
            Ok(None) => {}
            Err(error) => fail(error.to_string()),
        }
    }

    /// The inputs that a learner may use, by the patterns of the experiment.
    fn matching_inputs(&self, learn: &Learn) -> Result<Vec<usize>, Vec<String>> {
        let fitting = |pattern: &str| self.inputs.iter().any(|(name, _)| fits(pattern, f64::NAN, name));
        let stated = learn.inputs.iter().flatten().map(|pattern| ("inputs", pattern));
        let left_out = learn.without.iter().map(|pattern| ("without", pattern));
        let wrong: Vec<String> = stated
            .chain(left_out)
            .filter(|(_, pattern)| !fitting(pattern))
            .map(|(key, pattern)| {
                let known = self.inputs.iter().map(|(name, _)| name);
                format!("`{key}`: no input fits `{pattern}`{}", super::near(pattern, known))
            })
            .collect();
        let batches = learn.harmonise_by.iter().filter(|name| {
            !self.covariates.iter().any(|covariate| covariate.name == **name && covariate.levels.is_some())
        });
        let known = || self.covariates.iter().map(|covariate| &covariate.name);
        let kept = learn.harmonise_keep.iter().filter_map(|name| match (&learn.harmonise_by, self.covariate(name)) {
            (None, _) => Some(format!("`harmonise_keep` has \"{name}\", but there is no `harmonise_by`")),
            (Some(by), _) if by == name => {
                Some(format!("`harmonise_keep` has \"{name}\", by which is harmonised: keep another covariate"))
            }
            (_, None) => {
                Some(format!("`harmonise_keep` has \"{name}\", which is no covariate{}", super::near(name, known())))
            }
            (_, Some(_)) => None,
        });
        let wrong: Vec<String> = wrong
            .into_iter()
            .chain(kept)
            .chain(batches.map(|name| {
                format!(
                    "`harmonise_by` is \"{name}\", which must be a covariate with levels: [covariates.{name}] levels = [...]"
                )
            }))
            .collect();
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let any = |patterns: &[String], name: &str| patterns.iter().any(|pattern| fits(pattern, f64::NAN, name));
        let wanted =
            |name: &str| learn.inputs.as_ref().is_none_or(|patterns| any(patterns, name)) && !any(&learn.without, name);
        let design = learn.design_columns();
        let is_design =
            |input: &InputRef| matches!(input, InputRef::Covariate { column, .. } if design.contains(&column.as_str()));
        let mut found: Vec<usize> = (self.inputs.iter().enumerate())
            .filter(|(_, (name, input))| wanted(name) && !is_design(input))
            .map(|(index, _)| index)
            .collect();
        // By name, whatever the order of the columns of a table: of two that tell the same, the first may be what stays.
        found.sort_by(|a, b| self.inputs[*a].0.cmp(&self.inputs[*b].0));
        if found.is_empty() { Err(vec!["`inputs` and `without` leave no input".into()]) } else { Ok(found) }
    }

    /// The predictor of a model file that a learner has written.
    ///
    /// # Errors
    /// Why the plugin refuses it, or what of the experiment does not fit it.
    pub fn trained(&self, learner: &Learner, model: &Path) -> Result<Predictor, String> {
        let (instance, settings) = self.configured(&format!("learn.{}", learner.name), &learner.id, model)?;
        self.connect(&learner.name, instance, model_file(&settings))
            .map_err(|wrong| format!("the model {}: {}", model.display(), wrong.join("; ")))
    }

    /// The predictor of a model file, for inputs that were made elsewhere: nothing of the experiment is held against it. `id` is
    /// that of the plugin; none for the only predictor that the experiment loads.
    ///
    /// # Errors
    /// Why the plugin refuses it, or why the file is not one.
    pub fn model(&self, id: Option<&str>, model: &Path) -> Result<Predictor, String> {
        let offered: Vec<&str> = self.plugins.of_kind(Kind::Predict).map(|of| of.plugin.id.as_str()).collect();
        let id = match (id, offered.as_slice()) {
            (Some(id), _) => id,
            (None, [only]) => only,
            (None, _) => return Err(format!("there are {} predictors: {}", offered.len(), offered.join(", "))),
        };
        let name = model.file_stem().unwrap_or_default().to_string_lossy();
        let (instance, settings) = self.configured(&format!("predict.{name}"), id, model)?;
        let model = model_file(&settings)?;
        let risks = model.as_ref().and_then(|model| Risks::of(&model.document));
        let mut predictor =
            Predictor { name: name.into(), instance, inputs: Vec::new(), model, doubtful: Vec::new(), risks };
        predictor.describe(|_| None);
        Ok(predictor)
    }

    /// A predictor that [`model`](Self::model) gave, for inputs that this experiment makes: as if it stood in the experiment.
    ///
    /// # Errors
    /// What of the experiment does not fit it.
    pub fn adopt(&self, predictor: Predictor) -> Result<Predictor, String> {
        let Predictor { name, instance, model, .. } = predictor;
        self.connect(&name, instance, Ok(model)).map_err(|wrong| format!("the model `{name}`: {}", wrong.join("; ")))
    }

    /// A predictor that has its model from a file; `section` names it in messages.
    fn configured(&self, section: &str, id: &str, model: &Path) -> Result<(PredictorInstance, PluginSettings), String> {
        let diagnostics = Diagnostics::default();
        let of = plugins::find(&self.plugins, Kind::Predict, id, &Origin::Set(section.to_owned()), &diagnostics);
        let mut settings = PluginSettings::empty(section);
        settings.values.insert(MODEL.into(), model.display().to_string().into());
        let Some(of) = of else { return Err(diagnostics.render()) };
        match host::predictor(of, &settings, &diagnostics) {
            Ok(Some(instance)) => Ok((instance, settings)),
            Ok(None) => Err(diagnostics.render()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// What the model file that settings name says to the host, unless it has expired; none if it is not TOML.
fn model_file(settings: &PluginSettings) -> Result<Option<ModelFile>, String> {
    let path = settings.values.get(MODEL).and_then(serde_json::Value::as_str);
    let Some(path) = path else { return Ok(None) };
    let model = ModelFile::read(Path::new(path))?;
    match model.as_ref().and_then(|model| host::card::expired(model.card.as_ref()?)) {
        Some(why) => Err(format!("the model file {path}: {why}")),
        None => Ok(model),
    }
}
