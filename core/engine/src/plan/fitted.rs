//! What is fitted on a cohort: filters and region makers whose state comes from a file, from a model that carries it, or is
//! still to be fitted.

use std::path::Path;

use serde_json::Value as Json;

use super::{Plan, dependence::Node, extraction};
use crate::{
    digest,
    experiment::{Diagnostic, Diagnostics, Experiment, Fit, Origin},
    host::{NamedFile, Registered},
};

/// What a plan needs to have fitted before it can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToFit {
    /// What it is.
    pub what: Part,
    /// Its table in the experiment: `images.normalised`.
    pub name: String,
    /// The plugin.
    pub plugin: String,
    /// The cohorts that it is fitted on.
    pub on: Vec<String>,
}

/// A part of a plan that is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The filter of an image, by its index in the plan.
    Image(usize),
    /// The maker of a region, by its index in the plan.
    Region(usize),
}

/// What something was fitted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// What the plugin has fitted.
    pub text: String,
    /// What it was looked at in.
    pub made_of: MadeOf,
}

/// What is known of the images and regions that something was fitted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MadeOf {
    /// They are those of the plan at hand.
    ThisPlan,
    /// The settings that they depend on, as the file of what was fitted has them.
    Stated(Json),
    /// The file does not say.
    Unknown,
}

/// Something that was fitted, as a model carries it, and as a file of its own has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Its table in the experiment: `images.normalised`.
    pub name: String,
    /// The plugin.
    pub plugin: String,
    /// What was fitted.
    pub text: String,
    /// The settings that the images and regions which it was fitted to depend on; none if nobody knows.
    pub made_of: Option<Json>,
}

impl Carried {
    /// As a table of the list `state` of a model.
    ///
    /// # Errors
    /// If a setting cannot be written as TOML.
    pub fn table(&self) -> Result<toml::Table, String> {
        let mut table = toml::Table::new();
        let digest = digest::sha256(self.text.as_bytes());
        for (key, value) in [("name", &self.name), ("plugin", &self.plugin), ("digest", &digest), ("text", &self.text)]
        {
            table.insert(key.into(), value.clone().into());
        }
        if let Some(settings) = &self.made_of {
            let mut made_of = toml::Table::new();
            made_of.insert("digest".into(), extraction::digest_of(settings).into());
            let settings = toml::Value::try_from(settings).map_err(|cause| format!("as TOML: {cause}"))?;
            made_of.insert("settings".into(), settings);
            table.insert(MADE_OF.into(), made_of.into());
        }
        Ok(table)
    }

    /// As a file of its own: what a model says of it, and nothing else.
    ///
    /// # Errors
    /// If a setting cannot be written as TOML.
    pub fn file(&self) -> Result<String, String> {
        let mut file = toml::Table::new();
        file.insert(STATE.into(), vec![toml::Value::from(self.table()?)].into());
        toml::to_string(&file).map_err(|cause| format!("as TOML: {cause}"))
    }
}

/// Key, in a model and in a file of what was fitted, of all that was fitted.
const STATE: &str = "state";
/// Key, in what was fitted, of what it was fitted to.
const MADE_OF: &str = "made_of";

/// What a plugin is to be configured with: nothing if it is not fitted, or still to be.
///
/// # Errors
/// Nothing, where the mistake is among the diagnostics.
pub(super) fn state(
    fit: &Fit,
    name: &str,
    origin: &Origin,
    of: Registered<'_>,
    experiment: &Experiment,
    files: &mut Vec<NamedFile>,
    diagnostics: &Diagnostics,
) -> Result<Option<State>, ()> {
    let plugin = of.plugin.name();
    let wrong = |origin: &Origin, message: String| {
        diagnostics.push(Diagnostic::new(origin.clone(), format!("[{name}] {message}")));
        Err(())
    };
    let stated = fit.file.is_some() || !fit.on.is_empty();
    match (of.plugin.fits, stated) {
        (false, true) => {
            return wrong(origin, format!("{plugin} is not fitted on a cohort: take `state` or `fitted_on` away"));
        }
        (false, false) => return Ok(None),
        (true, false) => {
            return wrong(
                origin,
                format!(
                    "{plugin} is fitted on a cohort: name the cohort in `fitted_on`, or in `state` the file of what was fitted \
                     (a model that was learnt with it carries it)"
                ),
            );
        }
        (true, true) => {}
    }
    if let Some(text) = &fit.state {
        return Ok(Some(State { text: text.clone(), made_of: MadeOf::ThisPlan }));
    }
    for cohort in &fit.on {
        if experiment.study.cohorts.iter().all(|known| known.name != *cohort) {
            let near = super::near(cohort, experiment.study.cohorts.iter().map(|cohort| &cohort.name));
            return wrong(origin, format!("`fitted_on` names the cohort `{cohort}`, which is not there{near}"));
        }
    }
    let Some(file) = &fit.file else { return Ok(None) };
    let setting = format!("{name}.state");
    if files.iter().all(|known| known.setting != setting) {
        files.push(NamedFile { setting, path: file.value.clone() });
    }
    match read(&file.value, name, Some(&plugin)) {
        Ok(state) => Ok(Some(state)),
        Err(why) => wrong(&file.origin, why),
    }
}

/// What was fitted for a table of the experiment, from a file: one that tells what it was fitted to, a model that carries it, or a
/// file of nothing but what a plugin has fitted. Of `plugin`, if one is named.
///
/// # Errors
/// If it cannot be read, or holds nothing for this table or of this plugin, or was changed.
pub fn read(path: &Path, name: &str, plugin: Option<&str>) -> Result<State, String> {
    let (text, carried) = listed(path)?;
    let Some(carried) = carried else { return Ok(State { text, made_of: MadeOf::Unknown }) };
    let of = path.display();
    let found = carried.iter().find(|state| word(state, "name") == Some(name));
    let names = || carried.iter().filter_map(|state| word(state, "name")).collect::<Vec<_>>().join(", ");
    let found =
        found.ok_or_else(|| format!("{of} carries nothing that was fitted for [{name}], but for {}", names()))?;
    if let (Some(other), Some(plugin)) = (word(found, "plugin"), plugin)
        && other != plugin
    {
        return Err(format!("{of} carries for [{name}] what {other} has fitted, not {plugin}"));
    }
    let text = word(found, "text").ok_or_else(|| format!("{of} has no `text` for [{name}]"))?.to_owned();
    let Some(made_of) = found.get(MADE_OF) else { return Ok(State { text, made_of: MadeOf::Unknown }) };
    let settings = made_of.get("settings").cloned().unwrap_or_default();
    if word(made_of, "digest") != Some(extraction::digest_of(&settings).as_str()) {
        return Err(format!(
            "{of}: what it says of the images that [{name}] was fitted to (`{MADE_OF}`) is not what was written there; get the \
             file from its source again"
        ));
    }
    Ok(State { text, made_of: MadeOf::Stated(settings) })
}

/// The tables of an experiment that a file has something fitted for; none of a file of nothing but what a plugin has fitted.
///
/// # Errors
/// If it cannot be read.
pub fn names_in(path: &Path) -> Result<Vec<String>, String> {
    let (_, carried) = listed(path)?;
    Ok(carried.iter().flatten().filter_map(|state| word(state, "name")).map(str::to_owned).collect())
}

/// The text of a file, and what it lists as fitted, if it lists any.
fn listed(path: &Path) -> Result<(String, Option<Vec<Json>>), String> {
    let text = std::fs::read_to_string(path)
        .map_err(|cause| format!("what was fitted cannot be read from {}: {cause}", path.display()))?;
    let carried = toml::from_str::<Json>(&text).ok().and_then(|file| file.get(STATE)?.as_array().cloned());
    Ok((text, carried))
}

fn word<'a>(of: &'a Json, key: &str) -> Option<&'a str> {
    of.get(key)?.as_str()
}

/// How what was fitted is known.
pub(super) fn digest_of(state: Option<&State>) -> Option<String> {
    state.map(|state| digest::sha256(state.text.as_bytes()))
}

impl Plan {
    /// The first thing that is still to be fitted, of which nothing that it is made of is. Makers of regions come before
    /// images where neither is made of the other.
    pub fn to_fit(&self, experiment: &Experiment) -> Option<ToFit> {
        let region = |(index, maker): (usize, &Option<super::Maker>)| {
            let ready = |maker: &&super::Maker| maker.instance.unfitted && !self.waits(Node::Region(index));
            let maker = maker.as_ref().filter(ready)?;
            let super::Region { name, section, .. } = &self.regions[index];
            let stated = experiment.regions.iter().find(|region| region.name == *name)?;
            let (_, fit) = stated.maker.as_ref()?;
            Some(ToFit {
                what: Part::Region(index),
                name: format!("regions.{section}"),
                plugin: maker.instance.name.clone(),
                on: fit.on.clone(),
            })
        };
        let image = |(index, image): (usize, &super::Image)| {
            let filter = image.filter.as_ref().filter(|filter| filter.unfitted)?;
            let ready = !self.waits(Node::Image(index));
            let stated = experiment.images.iter().find(|stated| stated.name == image.name).filter(|_| ready)?;
            Some(ToFit {
                what: Part::Image(index),
                name: format!("images.{}", image.name),
                plugin: filter.name.clone(),
                on: stated.fit.on.clone(),
            })
        };
        self.makers.iter().enumerate().find_map(region).or_else(|| self.images.iter().enumerate().find_map(image))
    }

    /// Everything that was fitted: what several regions of a section have in common once.
    pub fn carried(&self) -> Vec<Carried> {
        let carried = |name: String, plugin: &str, state: &State, part: Part| Carried {
            name,
            plugin: plugin.to_owned(),
            text: state.text.clone(),
            made_of: match &state.made_of {
                MadeOf::ThisPlan => Some(self.preparation(part)),
                MadeOf::Stated(settings) => Some(settings.clone()),
                MadeOf::Unknown => None,
            },
        };
        let region = |(index, maker): (usize, &Option<super::Maker>)| {
            let maker = maker.as_ref()?;
            let name = format!("regions.{}", self.regions[index].section);
            Some(carried(name, &maker.instance.name, maker.state.as_ref()?, Part::Region(index)))
        };
        let image = |(index, image): (usize, &super::Image)| {
            let name = format!("images.{}", image.name);
            Some(carried(name, &image.filter.as_ref()?.name, image.state.as_ref()?, Part::Image(index)))
        };
        let mut all: Vec<Carried> = Vec::new();
        for carried in self.makers.iter().enumerate().filter_map(region) {
            if !all.contains(&carried) {
                all.push(carried);
            }
        }
        all.extend(self.images.iter().enumerate().filter_map(image));
        all
    }
}
