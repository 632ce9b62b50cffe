//! Maps: families configured, each for the voxels of a region of an image.

use voxomics_imaging::texture::Request;
use voxomics_interface::describe::{Feature, Kind};

use super::{columns::requests, near, plugins};
use crate::{
    experiment::{self, Compat, Diagnostic, Diagnostics, Discretisation, Experiment, Format, Radius},
    host::{self, FamilyInstance, NamedFile, Plugins},
};

/// How a family makes an image of another one: a value for each voxel of a region, from the voxels around it.
pub struct Mapping {
    /// The configured family.
    pub instance: FamilyInstance,
    /// Aggregation; empty if the family offers none.
    pub aggregation: String,
    /// The features that become maps, in the order of the family.
    pub features: Vec<Feature>,
    /// The texture matrices that it needs.
    pub matrices: Vec<Request>,
    /// How intensities are discretised, if the family needs levels.
    pub discretisation: Option<Discretisation>,
    /// Name of the region whose voxels have values.
    pub region: String,
    /// How far a neighbourhood reaches.
    pub radius: Radius,
    /// Whether it has voxels outside the region, too.
    pub beyond_region: bool,
    /// What is written where there is no value.
    pub fill: f64,
    /// The format of its files.
    pub format: Format,
    /// The name of the image that it is made of.
    pub of: String,
}

impl Mapping {
    /// Whether its family reads grey levels.
    pub fn needs_levels(&self) -> bool {
        self.instance.needs.levels || !self.matrices.is_empty()
    }

    /// The names of its maps, as tables and files have them.
    pub fn names(&self, name: &str, compat: Option<Compat>) -> Vec<String> {
        let of = |feature: &Feature| match compat {
            None => format!("{name}.{}", feature.id),
            Some(compat) => compat.map_of(&self.of, &self.instance.name, &feature.id),
        };
        self.features.iter().map(of).collect()
    }

    /// What its numbers depend on beside the image.
    pub fn record(&self) -> serde_json::Value {
        serde_json::json!({
            "family": self.instance.name,
            "aggregation": self.aggregation,
            "features": self.features.iter().map(|feature| &feature.id).collect::<Vec<_>>(),
            "discretisation": self.discretisation,
            "region": self.region,
            "radius": match self.radius {
                Radius::Voxels(voxels) => serde_json::json!(voxels),
                Radius::Mm(mm) => serde_json::json!({ "mm": mm }),
            },
            "beyond_region": self.beyond_region,
            "fill": (!self.fill.is_nan()).then_some(self.fill),
        })
    }
}

/// Configures the family of a map; with its settings and their defaults.
pub(super) fn configure(
    image: &experiment::Image,
    stated: &experiment::Mapping,
    experiment: &Experiment,
    plugins: &Plugins,
    files: &mut Vec<NamedFile>,
    diagnostics: &Diagnostics,
) -> Option<(Mapping, serde_json::Value)> {
    let fail = |message: String| {
        diagnostics.push(Diagnostic::new(image.origin.clone(), format!("[maps.{}] {message}", image.name)));
        None
    };
    let of = plugins::find(plugins, Kind::Features, &stated.plugin, &image.origin, diagnostics)?;
    let mut settings = stated.settings.clone();
    files.extend(host::resolve_files(of.plugin, &mut settings, &experiment.folder));
    let offered = &of.plugin.aggregations;
    let aggregation = match (&stated.aggregation, offered.first()) {
        (Some(asked), Some(_)) if !offered.contains(asked) => {
            let list: Vec<String> = offered.iter().map(|word| format!("\"{word}\"")).collect();
            return fail(format!("has no aggregation \"{asked}\"; it offers {}", list.join(", ")));
        }
        (Some(_), None) => return fail("offers no choice of aggregations: take `aggregation` away".into()),
        (Some(asked), Some(_)) => asked.clone(),
        (None, first) => first.cloned().unwrap_or_default(),
    };
    if !aggregation.is_empty() {
        settings.values.insert("aggregation".into(), aggregation.as_str().into());
    }
    let record = host::with_defaults(of.plugin, &settings);
    let instance = match host::family(of, &settings, diagnostics) {
        Ok(Some(instance)) => instance,
        Ok(None) => return None,
        Err(error) => return fail(error.to_string()),
    };
    if let Some(why) = unsuited(&instance, stated, experiment.compat) {
        return fail(why);
    }
    let known: Vec<String> = of.plugin.features.iter().map(|feature| feature.id.clone()).collect();
    if let Some(unknown) = stated.only.iter().flatten().find(|id| !known.contains(id)) {
        return fail(format!("there is no feature `{unknown}`{}", near(unknown, &known)));
    }
    let matrices = match requests(&instance) {
        Ok(matrices) => matrices,
        Err(wrong) => return fail(wrong),
    };
    let wanted = |feature: &&Feature| stated.only.as_ref().is_none_or(|only| only.contains(&feature.id));
    let mapping = Mapping {
        features: of.plugin.features.iter().filter(wanted).cloned().collect(),
        aggregation,
        matrices,
        discretisation: None,
        region: region(image, stated, experiment, diagnostics)?,
        radius: stated.radius,
        beyond_region: stated.beyond_region,
        fill: stated.fill,
        format: stated.format,
        of: image.of.clone().unwrap_or_else(|| experiment.images.first().map_or_else(String::new, |i| i.name.clone())),
        instance,
    };
    if mapping.features.is_empty() {
        return fail("`only` names no feature: take it away, or name one".into());
    }
    discretised(mapping, image, experiment, diagnostics).map(|mapping| (mapping, record))
}

/// Why a family has no maps that mean anything.
fn unsuited(instance: &FamilyInstance, stated: &experiment::Mapping, compat: Option<Compat>) -> Option<String> {
    let is_shape = compat.is_some_and(|compat| compat.plugin("shape") == stated.plugin);
    if instance.needs.takes_empty_intensity_mask || is_shape || Compat::is_shape(&stated.plugin) {
        return Some(format!(
            "the family `{}` measures the outline of a region, and all neighbourhoods have one outline: take a family of \
             intensities or of texture",
            stated.plugin
        ));
    }
    if let Some(region) = instance.needs.regions.first() {
        return Some(format!(
            "the family `{}` looks at other regions (`{region}`), which lie about a region and not about each voxel of it: it has \
             no maps",
            stated.plugin
        ));
    }
    (instance.needs.margin_mm > 0.0).then(|| {
        format!(
            "the family `{}` reads {} mm beyond its region, and a neighbourhood ends where it ends: it has no maps",
            stated.plugin, instance.needs.margin_mm
        )
    })
}

/// The region of a map: the one that it names, or the only one.
fn region(
    image: &experiment::Image,
    stated: &experiment::Mapping,
    experiment: &Experiment,
    diagnostics: &Diagnostics,
) -> Option<String> {
    let wrong = |message: String| {
        diagnostics.push(Diagnostic::new(image.origin.clone(), format!("[maps.{}] {message}", image.name)));
        None
    };
    let names = || experiment.regions.iter().map(|region| &region.name);
    match (&stated.region, experiment.regions.as_slice()) {
        (None, [only]) if only.features => Some(only.name.clone()),
        (None, _) => {
            let names: Vec<&str> = names().map(String::as_str).collect();
            wrong(format!("say of which region, with `region`: one of {}", names.join(", ")))
        }
        (Some(name), regions) => match regions.iter().find(|region| region.name == *name) {
            Some(region) if region.features => Some(name.clone()),
            Some(_) => wrong(format!("is of `{name}`, which only serves other regions: take `features = false` away")),
            None => wrong(format!("`region` names `{name}`, which is no region{}", near(name, names()))),
        },
    }
}

/// Gives a map the discretisation that holds for it: its own, that of what it is made of, or that of all. Only then is it known what
/// that is, as an image may have several responses.
pub fn discretise_as_source(mapping: &mut Mapping, own: &experiment::Image, source: Option<&experiment::Image>) {
    let inherited = || source.and_then(|source| source.discretisation).or(mapping.discretisation);
    let levels = own.discretisation.or_else(inherited);
    let is_made = source.is_some_and(|source| source.filter.is_some() || source.mapping.is_some());
    mapping.discretisation = levels.map(|levels| levels.of(is_made)).filter(|_| mapping.discretisation.is_some());
}

/// The map with the discretisation that holds for it, if it reads levels: its own, that of its image, or that of all.
fn discretised(
    mapping: Mapping,
    image: &experiment::Image,
    experiment: &Experiment,
    diagnostics: &Diagnostics,
) -> Option<Mapping> {
    let wrong = |message: &str| {
        diagnostics.push(Diagnostic::new(image.origin.clone(), format!("[maps.{}] {message}", image.name)));
        None
    };
    if !mapping.needs_levels() {
        return match image.discretisation {
            None => Some(mapping),
            Some(_) => wrong("has a discretisation, but its family reads no grey levels: take the discretisation away"),
        };
    }
    let of_source = experiment.images.iter().find(|source| source.name == mapping.of);
    let discretisation = image.discretisation.or_else(|| of_source?.discretisation).or(experiment.discretisation);
    let is_stated = |table: &str| experiment.document.pointer(&format!("{table}/discretisation")).is_some();
    if discretisation.is_none() && !is_stated("") && !is_stated(&format!("/maps/{}", image.name)) {
        return wrong("needs discretised intensities: add [discretisation], or one of its own");
    }
    Some(Mapping { discretisation, ..mapping })
}
