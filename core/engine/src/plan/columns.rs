//! Families, the columns that they fill, and the inputs that predictors take from them.

use std::sync::Arc;

use voxomics_imaging::texture::Request;
use voxomics_interface::describe::{Kind, Matrix};

use super::{Family, Maker, Map, Names, Plan, Use, near, plugins};
use crate::{
    experiment::{self, Diagnostic, Diagnostics, Experiment, Region, RegionFrom, course::Delta, suggestion},
    host::{self, FamilyInstance, NamedFile, Plugins},
    table::{Column, slug},
};

/// Where an input of a predictor comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum InputRef {
    /// A column of a region.
    Feature {
        /// Index of the region.
        region: usize,
        /// Index of the column.
        column: usize,
    },
    /// A covariate of the case: its column, and the level for which the input is 1 if it is categorical.
    Covariate {
        /// Column of the case list, or attribute of the scan.
        column: String,
        /// Level, if the covariate has levels.
        level: Option<String>,
    },
    /// What changes of another input over the course of a lesion; of one case, nobody knows it.
    Delta {
        /// The place of that input among the plan's.
        of: usize,
        /// What is computed of it.
        kind: Delta,
    },
}

impl Plan {
    /// Configures a family once for each of its aggregations.
    pub(super) fn add_family(
        &mut self,
        family: &experiment::Family,
        experiment: &Experiment,
        plugins: &Plugins,
        files: &mut Vec<NamedFile>,
        diagnostics: &Diagnostics,
    ) {
        let origin = &family.settings.origin;
        let fail = |message: String| {
            diagnostics.push(Diagnostic::new(origin.clone(), format!("[features.{}] {message}", family.name)));
        };
        let Some(of) = plugins::find(plugins, Kind::Features, &family.plugin, origin, diagnostics) else { return };
        let mut settings = family.settings.clone();
        files.extend(host::resolve_files(of.plugin, &mut settings, &experiment.folder));
        let offered = &of.plugin.aggregations;
        let aggregations: Vec<String> = match (family.aggregations.is_empty(), offered.first()) {
            (true, Some(default)) => vec![default.clone()],
            (true, None) => vec![String::new()],
            (false, None) => return fail("offers no choice of aggregations: take `aggregation` away".into()),
            (false, Some(_)) => family.aggregations.clone(),
        };
        for (i, aggregation) in aggregations.iter().enumerate() {
            if !aggregation.is_empty() && !offered.contains(aggregation) {
                let list: Vec<String> = offered.iter().map(|word| format!("\"{word}\"")).collect();
                fail(format!("has no aggregation \"{aggregation}\"; it offers {}", list.join(", ")));
                continue;
            }
            if aggregations[..i].contains(aggregation) {
                fail(format!("names the aggregation \"{aggregation}\" twice"));
                continue;
            }
            let mut settings = settings.clone();
            if !aggregation.is_empty() {
                settings.values.insert("aggregation".into(), aggregation.as_str().into());
            }
            let record = host::with_defaults(of.plugin, &settings);
            let instance = match host::family(of, &settings, diagnostics) {
                Ok(Some(instance)) => instance,
                Ok(None) => return,
                Err(error) => return fail(error.to_string()),
            };
            let reads_levels = instance.needs.levels || !instance.needs.matrices.is_empty();
            if family.discretisation.is_some() && !reads_levels {
                return fail(
                    "has a discretisation, but reads no grey levels as it is configured: take the discretisation away, or \
                     change the setting that makes the family read levels"
                        .into(),
                );
            }
            let matrices = match requests(&instance) {
                Ok(matrices) => matrices,
                Err(wrong) => return fail(wrong),
            };
            self.families.push(Family {
                name: family.name.clone(),
                aggregation: aggregation.clone(),
                features: of.plugin.features.clone(),
                instance,
                matrices,
                uses: Vec::new(),
                regions: Vec::new(),
                settings: record,
            });
        }
    }

    /// Finds an input by its name: `region:column`, `covariate` or `covariate=level`.
    pub(super) fn input(&self, name: &str) -> Result<InputRef, String> {
        // Names may hold the signs that part others.
        if let Some(place) = self.places.get(name) {
            return Ok(self.inputs[*place].1.clone());
        }
        if let Some((region, column)) = name.split_once(':') {
            let names = || self.regions.iter().map(|region| &region.name);
            let region = self
                .regions
                .iter()
                .position(|candidate| candidate.name == region)
                .ok_or_else(|| format!("but there is no region `{region}`{}", near(region, names())))?;
            let known = || self.columns.iter().map(|column| &column.name);
            let found = self.column(column);
            let column =
                found.ok_or_else(|| format!("but no feature is called `{column}`{}", near(column, known())))?;
            return Ok(InputRef::Feature { region, column });
        }
        let (name, level) = match name.split_once('=') {
            Some((name, level)) => (name, Some(level.to_owned())),
            None => (name, None),
        };
        match self.covariate(name) {
            Some(covariate) => {
                let levels = covariate.levels.as_deref().unwrap_or_default();
                match &level {
                    Some(level) if !levels.contains(level) => {
                        Err(format!("but [covariates.{name}] has no level \"{level}\"{}", near(level, levels)))
                    }
                    None if !levels.is_empty() => {
                        Err(format!("but [covariates.{name}] has levels: name one, as in `{name}={}`", levels[0]))
                    }
                    _ => Ok(InputRef::Covariate { column: covariate.column.clone(), level }),
                }
            }
            None => Err(format!(
                "which is neither `region:feature` nor one of the [covariates]{}",
                suggestion(name, self.covariates.iter().map(|covariate| covariate.name.as_str()))
            )),
        }
    }

    /// The inputs that the experiment offers to a predictor, in order: every feature of every region, every covariate.
    pub(super) fn offered_inputs(&self) -> Vec<(String, InputRef)> {
        let mut inputs = Vec::new();
        for (index, region) in self.regions.iter().enumerate().filter(|(_, region)| region.features) {
            let mut applies = vec![false; self.columns.len()];
            for family in self.families.iter().filter(|family| family.regions[index]) {
                let columns = family.uses.iter().flatten().flat_map(|used| used.columns.iter().flatten());
                columns.for_each(|column| applies[*column] = true);
            }
            for (column, described) in self.columns.iter().enumerate() {
                if applies[column] {
                    let name = format!("{}:{}", region.name, described.name);
                    inputs.push((name, InputRef::Feature { region: index, column }));
                }
            }
        }
        for covariate in &self.covariates {
            let input = |level: Option<&String>| InputRef::Covariate {
                column: covariate.column.clone(),
                level: level.cloned(),
            };
            match &covariate.levels {
                None => inputs.push((covariate.name.clone(), input(None))),
                Some(levels) => inputs
                    .extend(levels.iter().map(|level| (format!("{}={level}", covariate.name), input(Some(level))))),
            }
        }
        inputs
    }
}

/// The texture matrices that a family needs.
///
/// # Errors
/// Which word of a need is not known.
pub(super) fn requests(instance: &FamilyInstance) -> Result<Vec<Request>, String> {
    let request = |matrix: &Matrix| {
        let Matrix { kind, aggregation, distance, norm, weighting, coarseness, .. } = matrix;
        let length = matrix.weighting_norm();
        Request::from_words(kind, aggregation, *distance, norm, weighting, length, *coarseness)
    };
    instance.needs.matrices.iter().map(request).collect()
}

/// Decides which family is computed of which map and region, and names the columns.
pub fn name_columns(plan: &mut Plan, experiment: &Experiment, diagnostics: &Diagnostics) {
    let several_maps =
        plan.maps.iter().filter(|map| plan.images[map.image].mapping.is_none()).count() > 1 || any_of_map(experiment);
    let mut families = std::mem::take(&mut plan.families);
    let aggregations = |name: &str, families: &[Family]| families.iter().filter(|family| family.name == name).count();
    let several: Vec<bool> = families.iter().map(|family| aggregations(&family.name, &families) > 1).collect();
    for family in &mut families {
        let Some(stated) = experiment.features.iter().find(|stated| stated.name == family.name) else { continue };
        check_names(stated, family, &plan.maps, experiment, diagnostics);
        if OF_ALL_PARTS.contains(&family.instance.name.as_str()) {
            check_parts(stated, family, &plan.regions, &plan.makers, diagnostics);
        }
        let of = |list: &Option<Vec<String>>, name: &String| list.as_ref().is_none_or(|list| list.contains(name));
        family.regions =
            plan.regions.iter().map(|region| region.features && of(&stated.regions, &region.name)).collect();
        // A map has no columns unless a family asks for it: hundreds would come of a few lines.
        let images = plan.maps.iter().map(|map| {
            let image = &plan.images[map.image];
            let named = |names: &Vec<String>| names.contains(&image.name) || names.contains(&map.name);
            stated.images.as_ref().map_or(image.mapping.is_none(), named)
        });
        family.uses = images.map(|used| used.then(|| Use { discretisation: None, columns: Arc::default() })).collect();
    }
    for (m, map) in plan.maps.iter().enumerate() {
        for (f, family) in families.iter_mut().enumerate() {
            let Some(stated) = experiment.features.iter().find(|stated| stated.name == family.name) else { continue };
            if family.uses[m].is_none() {
                continue;
            }
            let needs_levels = family.instance.needs.levels || !family.matrices.is_empty();
            let discretisation = needs_levels.then(|| effective(stated, experiment, &plan.images[map.image].name));
            if discretisation == Some(None) && !is_stated(stated, experiment, &plan.images[map.image].name) {
                let message = format!(
                    "[features.{}] needs discretised intensities: add [discretisation], or one of its own",
                    family.name
                );
                diagnostics.push(Diagnostic::new(stated.settings.origin.clone(), message));
            }
            let name = |feature: &str| {
                let aggregation = if several[f] { slug(&family.aggregation) } else { String::new() };
                if let Some(compat) = experiment.compat {
                    return compat.column(&map.name, &family.name, &aggregation, feature);
                }
                let prefix = if several_maps { format!("{}.", map.name) } else { String::new() };
                let infix = if aggregation.is_empty() { aggregation } else { format!(".{aggregation}") };
                format!("{prefix}{}{infix}.{feature}", family.name)
            };
            let columns = family.features.iter().map(|feature| {
                let wanted = family.instance.has(&feature.id)
                    && stated.only.as_ref().is_none_or(|only| only.contains(&feature.id));
                wanted.then(|| {
                    plan.columns.push(Column {
                        name: name(&feature.id),
                        image: map.name.clone(),
                        family: family.name.clone(),
                        aggregation: family.aggregation.clone(),
                        feature: feature.id.clone(),
                        ibsi: feature.ibsi.clone().unwrap_or_default(),
                        unit: feature.unit.clone(),
                    });
                    plan.columns.len() - 1
                })
            });
            let columns = columns.collect();
            family.uses[m] = Some(Use { discretisation: discretisation.flatten(), columns });
        }
    }
    plan.families = families;
    plan.names = Names::of(&plan.columns, &plan.covariates);
}

/// Whether features of a map are computed.
fn any_of_map(experiment: &Experiment) -> bool {
    let is_map = |name: &String| {
        let of = |image: &&experiment::Image| image.name == *name || name.starts_with(&format!("{}.", image.name));
        experiment.images.iter().filter(|image| image.mapping.is_some()).any(|image| of(&image))
    };
    experiment.features.iter().flat_map(|family| family.images.iter().flatten()).any(is_map)
}

/// The discretisation of a family on an image: its own, that of the image, or that of the experiment.
fn effective(family: &experiment::Family, experiment: &Experiment, image: &str) -> Option<experiment::Discretisation> {
    // The discretisation of a map is that of the image which it is made of.
    let stated = experiment.images.iter().find(|candidate| candidate.name == image)?;
    let of_image = stated.discretisation.filter(|_| stated.mapping.is_none());
    let is_made = stated.filter.is_some() || stated.mapping.is_some();
    family.discretisation.or(of_image).or(experiment.discretisation).map(|levels| levels.of(is_made))
}

/// Whether the file states a discretisation for a family on an image, be it one with a mistake.
fn is_stated(family: &experiment::Family, experiment: &Experiment, image: &str) -> bool {
    let tables = ["".to_owned(), format!("/features/{}", family.name), format!("/images/{image}")];
    tables.iter().any(|table| experiment.document.pointer(&format!("{table}/discretisation")).is_some())
}

/// Families whose values are shares of all parts that they read. A description has no word for that.
const OF_ALL_PARTS: [&str; 1] = ["features-habitats"];

/// Refuses a family that needs all parts of a whole and reads only some of them: the shares of those would look as those of all do.
fn check_parts(
    stated: &experiment::Family,
    family: &Family,
    regions: &[Region],
    makers: &[Option<Maker>],
    diagnostics: &Diagnostics,
) {
    let read = &family.instance.needs.regions;
    let mut told: Vec<&str> = Vec::new();
    for (index, region) in regions.iter().enumerate().filter(|(_, region)| read.contains(&region.name)) {
        let section = region.section.as_str();
        if told.contains(&section) {
            continue;
        }
        told.push(section);
        let of_section = || regions.iter().filter(|other| other.section == section);
        let left_out: Vec<&str> = of_section()
            .map(|other| other.name.as_str())
            .filter(|name| !read.iter().any(|read| read == name))
            .collect();
        let is_taken = |word: &String| {
            of_section().any(|other| matches!(&other.from, RegionFrom::Made { take, .. } if take == word))
        };
        let labels = makers.get(index).and_then(Option::as_ref).map(|maker| &maker.instance.labels);
        let never_taken: Vec<&str> = labels
            .into_iter()
            .flatten()
            .map(|(_, word)| word)
            .filter(|word| !is_taken(word))
            .map(String::as_str)
            .collect();
        let why = match (left_out.as_slice(), never_taken.as_slice()) {
            ([], []) => continue,
            ([], _) => format!(
                "[regions.{section}] does not take all parts that there can be: `{}` is missing in `take`",
                never_taken.join("`, `")
            ),
            (left_out, _) => format!("`{}` of [regions.{section}] would be left out", left_out.join("`, `")),
        };
        let message = format!(
            "[features.{}] looks at {} parts, and there are more: {why}. The shares would be those of some parts alone",
            stated.name,
            read.len()
        );
        diagnostics.push(Diagnostic::new(stated.settings.origin.clone(), message));
    }
}

fn check_names(
    stated: &experiment::Family,
    family: &Family,
    maps: &[Map],
    experiment: &Experiment,
    diagnostics: &Diagnostics,
) {
    let of_images = experiment.images.iter().map(|image| image.name.clone());
    let images: Vec<String> = of_images.chain(maps.iter().map(|map| map.name.clone())).collect();
    let regions: Vec<String> = experiment.regions.iter().map(|region| region.name.clone()).collect();
    let features = family.features.iter().filter(|feature| family.instance.has(&feature.id));
    let features: Vec<String> = features.map(|feature| feature.id.clone()).collect();
    let read = &family.instance.needs.regions;
    for name in read.iter().filter(|name| !regions.contains(name)) {
        let near = near(name, &regions);
        let message = format!("[features.{}] reads the region `{name}`, which is not there{near}", stated.name);
        diagnostics.push(Diagnostic::new(stated.settings.origin.clone(), message));
    }
    for (what, list, known) in
        [("image", &stated.images, images), ("region", &stated.regions, regions), ("feature", &stated.only, features)]
    {
        for name in list.iter().flatten().filter(|name| !known.contains(name)) {
            let message = format!("[features.{}] there is no {what} `{name}`{}", stated.name, near(name, &known));
            diagnostics.push(Diagnostic::new(stated.settings.origin.clone(), message));
        }
    }
}
