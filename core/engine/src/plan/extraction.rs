//! What makes the values of some inputs what they are: the settings that a model must share with whoever scores with it.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value as Json, json};

use super::{InputRef, Plan, regions};
use crate::{digest, experiment::course::Delta, table::Column};

/// Key of an input that is a column of a table.
pub(super) const COVARIATE: &str = "covariate";

/// The settings that the values of some inputs depend on.
#[derive(Debug, Clone, PartialEq)]
pub struct Extraction {
    /// The settings, without any that is not set.
    pub settings: Json,
}

impl Extraction {
    /// The settings that the named inputs depend on; of everything else in the plan, nothing.
    ///
    /// How the outline of a lesion is found in its file (label, name, pattern) is not among them: that is a matter of
    /// the files, and not of the region.
    pub fn of<'a>(plan: &Plan, inputs: impl IntoIterator<Item = &'a String>) -> Self {
        let (mut regions, mut images, mut families) = (Map::new(), Map::new(), Map::new());
        let mut described = Map::new();
        let mut maker = plan;
        let mut describe = |name: &str| {
            if let Some((of, InputRef::Feature { region, column })) = plan.measured_by(name) {
                maker = of;
                let column = &of.columns[column];
                of.describe_region(region, &mut regions, &mut images);
                of.describe_image(&column.image, &mut images, &mut regions);
                of.describe_family(column, &mut families, &mut regions, &mut images);
                return Some(json!({ "ibsi": column.ibsi, "unit": column.unit }));
            }
            let Ok(InputRef::Covariate { column, .. }) = plan.input(name) else { return None };
            let levels = plan.covariate_of_column(&column);
            Some(json!({ COVARIATE: column, "levels": levels.map(|c| &c.levels) }))
        };
        for name in inputs {
            let of = match plan.input(name) {
                Ok(InputRef::Delta { of, kind }) => {
                    describe(&plan.inputs[of].0).map(|of| plan.describe_delta(of, kind))
                }
                _ => describe(name),
            };
            described.extend(of.map(|of| (name.clone(), of)));
        }
        let settings = json!({
            "compat": maker.compat,
            "prepare": maker.prepare,
            "interpolation": maker.interpolation,
            "resegmentation": maker.resegmentation,
            "regions": regions,
            "images": images,
            "families": families,
            "inputs": described,
        });
        Self { settings: without_nulls(settings) }
    }

    /// SHA-256 of the settings, written as JSON with sorted keys.
    pub fn digest(&self) -> String {
        digest::sha256(sorted(&self.settings).to_string().as_bytes())
    }

    /// What differs, one sentence each; the first settings are those of the model.
    pub fn differences(model: &Json, offered: &Json) -> Vec<String> {
        Self::differing(model, offered, ["in the model", "here"], |_, _| false)
    }

    /// What differs between the features of two tables, one sentence each.
    pub(super) fn differences_between(one: &Json, other: &Json, of: [&str; 2]) -> Vec<String> {
        let [first, second] = of.map(|name| format!("in `{name}`"));
        Self::differing(one, other, [&first, &second], |_, _| false)
    }

    /// What differs, one sentence each; what `passes` says of a key, and of whether both sides have it, does not count.
    pub(super) fn differing(
        model: &Json,
        offered: &Json,
        [of_one, of_other]: [&str; 2],
        passes: impl Fn(&str, bool) -> bool,
    ) -> Vec<String> {
        let (mut learnt, mut here) = (BTreeMap::new(), BTreeMap::new());
        flatten("", model, &mut learnt);
        flatten("", offered, &mut here);
        let keys: std::collections::BTreeSet<&String> = learnt.keys().chain(here.keys()).collect();
        let show = |value: Option<&Json>| value.map_or_else(|| "nothing".into(), Json::to_string);
        keys.into_iter()
            .filter(|key| !same(learnt.get(*key), here.get(*key)))
            .filter(|key| !passes(key, learnt.contains_key(*key) && here.contains_key(*key)))
            .map(|key| format!("{key} is {} {of_one} and {} {of_other}", show(learnt.get(key)), show(here.get(key))))
            .collect()
    }
}

impl Plan {
    /// An input over time, by that of one case.
    fn describe_delta(&self, of: Json, kind: Delta) -> Json {
        let course = self.course.as_ref().map(|course| &course.stated);
        json!({
            "of": of,
            "delta": kind,
            "follow_up": course.map(|course| course.follow_up),
            "at_least_days": course.map(|course| course.at_least_days),
            "at_most_days": course.and_then(|course| course.at_most_days),
            "same_visit_days": course.map(|course| course.same_visit_days),
            "match": course.and_then(|course| course.matching.as_ref()).map(|of| json!({ "overlap": of.overlap, "limit_mm": of.limit_mm })),
        })
    }

    /// For each column the SHA-256 of the settings that its values depend on, in all regions that it is computed in. Columns of one
    /// family, aggregation and image share it.
    pub fn column_settings(&self) -> Vec<String> {
        let mut known: HashMap<[&str; 3], String> = HashMap::new();
        let mut all = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let key = [column.image.as_str(), &column.family, &column.aggregation];
            all.push(known.entry(key).or_insert_with(|| self.settings_of(column).digest()).clone());
        }
        all
    }

    fn settings_of(&self, column: &Column) -> Extraction {
        let (mut regions, mut images, mut families) = (Map::new(), Map::new(), Map::new());
        let of = |family: &&super::Family| family.name == column.family && family.aggregation == column.aggregation;
        let family = self.families.iter().find(of);
        let is_computed_in = |at: usize| family.is_some_and(|family| family.regions.get(at) == Some(&true));
        for at in (0..self.regions.len()).filter(|at| is_computed_in(*at)) {
            self.describe_region(at, &mut regions, &mut images);
        }
        self.describe_image(&column.image, &mut images, &mut regions);
        self.describe_family(column, &mut families, &mut regions, &mut images);
        let settings = json!({
            "compat": self.compat,
            "prepare": self.prepare,
            "interpolation": self.interpolation,
            "resegmentation": self.resegmentation,
            "regions": regions,
            "images": images,
            "families": families,
        });
        Extraction { settings: without_nulls(settings) }
    }

    /// A region, and those that it is made of.
    pub(super) fn describe_region(
        &self,
        index: usize,
        regions: &mut Map<String, Json>,
        images: &mut Map<String, Json>,
    ) {
        let region = &self.regions[index];
        if regions.contains_key(&region.name) {
            return;
        }
        let from = if region.from.is_drawn() { json!("outline") } else { json!(region.from) };
        let mut described = json!({
            "from": from,
            "components": region.components,
            "intensities": region.intensities,
            "exclude": region.exclude,
        });
        if !region.within.is_empty() {
            described["within"] = json!(region.within);
        }
        regions.insert(region.name.clone(), described);
        for name in regions::sources(region) {
            if let Some(index) = self.regions.iter().position(|other| other.name == *name) {
                self.describe_region(index, regions, images);
            }
        }
        let made_of = self.makers.get(index).and_then(Option::as_ref).map(|maker| &maker.images);
        for map in made_of.into_iter().flatten() {
            self.describe_image(&self.maps[*map].name, images, regions);
        }
    }

    /// An image, those that it is made of, and the regions that their filters look at.
    pub(super) fn describe_image(&self, name: &str, images: &mut Map<String, Json>, regions: &mut Map<String, Json>) {
        if images.contains_key(name) {
            return;
        }
        let Some(map) = self.maps.iter().find(|map| map.name == name) else { return };
        let image = &self.images[map.image];
        let filter = image.filter.as_ref().map(|filter| filter.name.as_str());
        let of = self.source_name(image);
        let mut described = json!({
            "scan": image.scan,
            "filter": filter.unwrap_or("none"),
            "settings": image.settings,
            "of": of,
            "state": image.state_digest(),
        });
        if let Some(mapping) = &image.mapping {
            described["map"] = mapping.record();
        }
        images.insert(name.into(), described);
        let looked_at = self.seen_by(image).into_iter().chain(self.region_of_image(map.image));
        looked_at.for_each(|region| self.describe_region(region, regions, images));
        if let Some(of) = of
            && !images.contains_key(of)
        {
            self.describe_image(of, images, regions);
        }
    }

    /// A family, and the regions that it reads.
    fn describe_family(
        &self,
        column: &Column,
        families: &mut Map<String, Json>,
        regions: &mut Map<String, Json>,
        images: &mut Map<String, Json>,
    ) {
        let of = |family: &&super::Family| family.name == column.family && family.aggregation == column.aggregation;
        let Some(family) = self.families.iter().find(of) else { return };
        for name in &family.instance.needs.regions {
            if let Some(region) = self.regions.iter().position(|region| region.name == *name) {
                self.describe_region(region, regions, images);
            }
        }
        let name = if family.aggregation.is_empty() {
            family.name.clone()
        } else {
            format!("{} ({})", family.name, family.aggregation)
        };
        let used = self.maps.iter().zip(&family.uses).find(|(map, _)| map.name == column.image);
        let discretisation = used.and_then(|(_, used)| used.as_ref()?.discretisation);
        let entry = families.entry(name).or_insert_with(
            || json!({ "plugin": family.instance.name, "settings": family.settings, "discretisation": {} }),
        );
        entry["discretisation"][&column.image] = json!(discretisation);
    }
}

/// Numbers are compared as numbers: a TOML file may say 2 where another says 2.0.
fn same(a: Option<&Json>, b: Option<&Json>) -> bool {
    match (a, b) {
        (Some(Json::Number(a)), Some(Json::Number(b))) => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

fn flatten(path: &str, value: &Json, into: &mut BTreeMap<String, Json>) {
    let join = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Json::Object(map) => map.iter().for_each(|(key, value)| flatten(&join(key), value, into)),
        other => {
            into.insert(path.into(), other.clone());
        }
    }
}

/// TOML has no null: what is not set is left out.
pub(super) fn without_nulls(value: Json) -> Json {
    match value {
        Json::Object(map) => {
            let kept = map.into_iter().filter(|(_, value)| !value.is_null());
            Json::Object(kept.map(|(key, value)| (key, without_nulls(value))).collect())
        }
        Json::Array(list) => list.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

/// The same value, with the keys of every object in order, and every number as the same number is always written.
fn sorted(value: &Json) -> Json {
    match value {
        Json::Object(map) => {
            let ordered: BTreeMap<&String, &Json> = map.iter().collect();
            Json::Object(ordered.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect())
        }
        Json::Array(list) => list.iter().map(sorted).collect(),
        Json::Number(number) => number.as_f64().map_or_else(|| value.clone(), Json::from),
        other => other.clone(),
    }
}

/// Of settings as they stand in a model file.
pub(super) fn digest_of(settings: &Json) -> String {
    Extraction { settings: settings.clone() }.digest()
}
