//! The experiment with every default written out: what somebody needs to know years later, when defaults may be others.

use serde_json::{Map, Value as Json, json};
use voxomics_interface::describe::Kind;

use super::Plan;
use crate::{
    experiment::{Experiment, Perturb, PluginSettings, Radius, RegionFrom},
    host,
};

impl Plan {
    /// The experiment as JSON, with every default of every plugin and of the program filled in. It is an experiment
    /// again, which gives the same numbers.
    pub fn resolved(&self, experiment: &Experiment) -> Json {
        let mut all = experiment.document.clone();
        fill(&mut all, &["experiment"], &json!({ "name": self.name, "seed": self.seed }));
        fill(&mut all, &["geometry"], &json!({ "on_mismatch": self.on_mismatch }));
        fill(&mut all, &["limits"], &json!({ "max_scan_bytes": self.max_scan_bytes }));
        if let Some(prepare) = &self.prepare {
            fill(&mut all, &["prepare"], &json!(prepare));
        }
        if let Some(interpolation) = &self.interpolation {
            fill(&mut all, &["interpolation"], &json!(interpolation));
        }
        if let Some(stated) = &experiment.perturb {
            let Perturb { rotation_deg, translation, noise, volume_change, .. } = stated;
            let of_it = json!({
                "rotation_deg": rotation_deg,
                "translation": translation,
                "noise": noise,
                "volume_change": volume_change,
            });
            fill(&mut all, &["perturb"], &of_it);
        }
        if let Some(stated) = &experiment.controls {
            fill(&mut all, &["controls"], &json!({ "kinds": stated.kinds, "where": stated.places }));
        }
        for of in self.plugins.of_kind(Kind::Load) {
            let stated = experiment.loaders.iter().find(|(id, _)| *id == of.plugin.id);
            let settings = stated.map_or_else(|| PluginSettings::empty("load"), |(_, settings)| settings.clone());
            fill(&mut all, &["load", &of.plugin.id], &host::with_defaults(of.plugin, &settings));
        }
        for region in &self.regions {
            fill(&mut all, &["regions", &region.section], &json!({ "components": region.components }));
            if let RegionFrom::Made { settings, .. } = &region.from {
                fill(&mut all, &["regions", &region.section], settings);
            }
        }
        for image in &self.images {
            if let Some(mapping) = &image.mapping {
                let family = mapping.instance.name.strip_prefix("features-").unwrap_or(&mapping.instance.name);
                let radius = match mapping.radius {
                    Radius::Voxels(voxels) => json!(voxels),
                    Radius::Mm(_) => Json::Null,
                };
                let (region, beyond_region) = (&mapping.region, mapping.beyond_region);
                let of_map =
                    json!({ "family": family, "region": region, "beyond_region": beyond_region, "radius": radius });
                fill(&mut all, &["maps", &image.name], &of_map);
                fill(&mut all, &["maps", &image.name], &image.settings);
                continue;
            }
            let filter =
                image.filter.as_ref().map(|filter| filter.name.strip_prefix("filter-").unwrap_or(&filter.name));
            fill(&mut all, &["images", &image.name], &json!({ "filter": filter }));
            fill(&mut all, &["images", &image.name], &image.settings);
        }
        for family in &self.families {
            fill(&mut all, &["features", &family.name], &family.settings);
        }
        for learner in &self.learners {
            fill(&mut all, &["learn", &learner.name], &learner.settings);
        }
        let predictors =
            experiment.predictors.iter().map(|of| (Kind::Predict, "predict", &of.name, &of.plugin, &of.settings));
        let exporters =
            experiment.exports.iter().map(|of| (Kind::Export, "export", &of.name, &of.plugin, &of.settings));
        for (kind, section, name, plugin, settings) in predictors.chain(exporters) {
            let id = plugin.strip_prefix(&format!("{section}-")).unwrap_or(plugin);
            if let Some(of) = self.plugins.find(kind, id) {
                fill(&mut all, &[section, name], &host::with_defaults(of.plugin, settings));
            }
        }
        without_nulls(all)
    }
}

/// Adds what a table does not state; what it states stays as it is written.
fn fill(all: &mut Json, path: &[&str], defaults: &Json) {
    let Some(defaults) = defaults.as_object() else { return };
    let mut place = all;
    for key in path {
        let Some(table) = place.as_object_mut() else { return };
        place = table.entry((*key).to_owned()).or_insert_with(|| Map::new().into());
    }
    let Some(table) = place.as_object_mut() else { return };
    for (key, value) in defaults.iter().filter(|(_, value)| !value.is_null()) {
        table.entry(key.clone()).or_insert_with(|| value.clone());
    }
}

/// TOML has no null: what is not set is left out. So is a table that has nothing.
fn without_nulls(value: Json) -> Json {
    match value {
        Json::Object(map) => {
            map.into_iter().filter(|(_, value)| !value.is_null()).map(|(k, v)| (k, without_nulls(v))).collect()
        }
        Json::Array(list) => list.into_iter().filter(|value| !value.is_null()).map(without_nulls).collect(),
        other => other,
    }
}
