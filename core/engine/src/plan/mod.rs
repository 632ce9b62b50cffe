//! The plan: the experiment with every name resolved, every plugin configured and every column known, before an image
//! is read.

mod columns;
mod course;
mod dependence;
mod extraction;
mod files;
mod fitted;
mod images;
mod makers;
mod mapping;
mod model_file;
mod names;
mod perturb;
mod plugins;
mod predictors;
mod preparation;
mod regions;
mod resolved;
mod risk;
mod scans;
mod tables;

use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
    sync::Arc,
};

use voxomics_imaging::texture::Request;
use voxomics_interface::describe::Feature;

use crate::{
    experiment::{
        Compat, Covariate, Diagnostic, Diagnostics, Discretisation, Experiment, Interpolation, OnMismatch, Prepare,
        Region, Resegmentation, suggestion,
    },
    host::{FamilyInstance, FilterInstance, LibraryRecord, LoaderInstance, Plugins},
    output::Also,
    privacy::Privacy,
    results::{self, Layout},
    table::{Column, region_label},
};

pub use columns::InputRef;
pub use course::{CoursePlan, Diameters};
pub use extraction::Extraction;
pub use files::FileRecord;
pub use fitted::{Carried, Part, State, ToFit, names_in as fitted_names, read as read_fitted};
pub use makers::{Exporter, Maker};
pub use mapping::Mapping;
pub use model_file::{MODEL_FORMAT, ModelFile, SEAL, sealed};
use names::Names;
pub use perturb::Perturb;
pub use predictors::{Learner, Predictor};
pub use risk::Risks;
pub use scans::CaseFile;
use tables::Making;

/// What will be done to every case.
pub struct Plan {
    /// Name of the experiment.
    pub name: String,
    /// Its seed.
    pub seed: u64,
    /// Other software whose definitions and names are wanted.
    pub compat: Option<Compat>,
    /// Loaders, in the order in which they are asked whether they know a path.
    pub loaders: Vec<LoaderInstance>,
    /// What to do if image and mask are not on one grid.
    pub on_mismatch: OnMismatch,
    /// The most bytes of voxels that one scan may put into memory.
    pub max_scan_bytes: u64,
    /// Regions, those that others are made of first.
    pub regions: Vec<Region>,
    /// For each region what makes it, if a plugin does.
    pub makers: Vec<Option<Maker>>,
    /// What is done to scan and mask before anything else.
    pub prepare: Option<Prepare>,
    /// Interpolation.
    pub interpolation: Option<Interpolation>,
    /// Re-segmentation.
    pub resegmentation: Resegmentation,
    /// How every case is perturbed, if it is.
    pub perturb: Option<Perturb>,
    /// Filters, by image.
    pub images: Vec<Image>,
    /// Every image that features are computed of: the original, or one response map of a filter.
    pub maps: Vec<Map>,
    /// Families, one entry for each aggregation.
    pub families: Vec<Family>,
    /// Columns of the feature table.
    pub columns: Vec<Column>,
    /// Covariates that the experiment relies on.
    pub covariates: Vec<Covariate>,
    /// Every input that a predictor could take, by name and in order: those of one case, then those over time.
    pub inputs: Vec<(String, InputRef)>,
    /// How many of them are of one case.
    inputs_of_case: usize,
    /// How lesions are followed over time, if they are.
    pub course: Option<CoursePlan>,
    /// The place of each input, by name.
    pub places: HashMap<String, usize>,
    /// Predictors that have their model.
    pub predictors: Vec<Predictor>,
    /// What makes files of the results.
    pub exporters: Vec<Exporter>,
    /// Predictors that are to learn theirs.
    pub learners: Vec<Learner>,
    /// How the features of its tables were made.
    making: Making,
    /// Where columns and covariates are, by name.
    names: Names,
    /// The plugins that are loaded, for configuring what has been learnt.
    plugins: Plugins,
    /// Formats that tables are written in, beside CSV.
    pub also: Vec<Also>,
    /// Libraries that were loaded.
    pub libraries: Vec<LibraryRecord>,
    /// Files that settings name (models), with their digests.
    pub files: Vec<FileRecord>,
    /// The experiment file with overrides, as JSON.
    pub document: serde_json::Value,
    /// Files that lie elsewhere than what is written of them says, as the experiment has them.
    pub placed: Arc<HashMap<PathBuf, PathBuf>>,
    /// What keeps the results from naming anybody, if that is wanted.
    pub privacy: Option<Arc<Privacy>>,
}

/// What an image is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The scan, on the grid of the features.
    Scan,
    /// A response of another image's filter.
    Response {
        /// Index of the image.
        image: usize,
        /// Index of the response map within its filter.
        response: usize,
    },
}

/// An image of the experiment.
pub struct Image {
    /// Its name.
    pub name: String,
    /// The scan of the case that it is of, by the word after `image.`.
    pub scan: Option<String>,
    /// What its filter takes.
    pub of: Source,
    /// Its filter; none for the original and for maps.
    pub filter: Option<FilterInstance>,
    /// How a family makes it, if it is a map.
    pub mapping: Option<Mapping>,
    /// Settings of the filter, or of the family, with their defaults.
    pub settings: serde_json::Value,
    /// What the filter was fitted to, if it is fitted.
    pub state: Option<State>,
}

impl Image {
    /// Whether it is the scan itself.
    pub fn is_original(&self) -> bool {
        self.filter.is_none() && self.mapping.is_none()
    }

    /// The region that the setting `region` of its filter names.
    pub fn region(&self) -> Option<&str> {
        self.settings.get("region")?.as_str()
    }

    /// How what the filter was fitted to is known, if it is fitted.
    pub fn state_digest(&self) -> Option<String> {
        fitted::digest_of(self.state.as_ref())
    }
}

/// One image that features are computed of.
pub struct Map {
    /// Its name: that of the image, and of the response map if the filter gives several.
    pub name: String,
    /// Index of the image.
    pub image: usize,
    /// Index of the response map within the filter, or of the feature within the map.
    pub response: usize,
}

/// A family with one aggregation.
pub struct Family {
    /// Its name: prefix of the columns.
    pub name: String,
    /// Aggregation; empty if the plugin offers none.
    pub aggregation: String,
    /// The configured plugin.
    pub instance: FamilyInstance,
    /// Its features.
    pub features: Vec<Feature>,
    /// The texture matrices that it needs.
    pub matrices: Vec<Request>,
    /// For each map: whether the family is computed of it, and how its intensities are discretised.
    pub uses: Vec<Option<Use>>,
    /// For each region, whether the family is computed of it.
    pub regions: Vec<bool>,
    /// Settings with their defaults, for the record.
    pub settings: serde_json::Value,
}

/// How a family uses a map.
#[derive(Debug, Clone)]
pub struct Use {
    /// How its intensities are discretised, if the family needs levels.
    pub discretisation: Option<Discretisation>,
    /// For each feature of the family its column, if it has one.
    pub columns: Arc<[Option<usize>]>,
}

impl Plan {
    /// Resolves an experiment: loads the plugins that it names, configures them and checks every name.
    ///
    /// # Errors
    /// Everything that is wrong, rendered for a person.
    pub fn new(experiment: &Experiment) -> Result<Self, String> {
        let diagnostics = experiment.mistakes.clone();
        let plugins = plugins::load(experiment, &diagnostics);
        let plan = Self::resolve(experiment, &plugins, &diagnostics);
        if diagnostics.is_empty() { Ok(plan) } else { Err(diagnostics.render()) }
    }

    /// The plan of the same experiment with something that was fitted, with the libraries that are loaded already.
    ///
    /// # Errors
    /// As of [`new`](Self::new).
    pub fn again(&self, experiment: &Experiment) -> Result<Self, String> {
        let diagnostics = experiment.mistakes.clone();
        let plan = Self::resolve(experiment, &self.plugins, &diagnostics);
        if diagnostics.is_empty() { Ok(plan) } else { Err(diagnostics.render()) }
    }

    /// The name of a region in tables and messages: `tumour`, or `tumour.2` for its second component.
    pub fn region_label(&self, region: usize, component: Option<usize>) -> String {
        region_label(&self.regions[region].name, component)
    }

    /// Attributes of a scan that covariates are taken from.
    pub fn attributes(&self) -> BTreeSet<&str> {
        self.covariates.iter().map(|covariate| covariate.column.as_str()).collect()
    }

    /// What the tables of a run of this plan look like.
    pub fn layout(&self) -> Layout {
        let scans = self.scans();
        let normalised = self.prepare.is_some_and(|prepare| prepare.normalise_scale.is_some());
        // As `stages::merge` names the attributes of a scan.
        let unit = |map: &Map| {
            let image = &self.images[map.image];
            let attribute = match &image.scan {
                Some(scan) if scans.first() != Some(&image.scan.as_deref()) => {
                    format!("{scan}.{}", results::INTENSITY_UNIT)
                }
                _ => results::INTENSITY_UNIT.to_owned(),
            };
            (image.is_original() && !normalised).then(|| (map.name.clone(), attribute))
        };
        Layout {
            regions: self.regions.iter().map(|region| region.name.clone()).collect(),
            columns: self.columns.clone(),
            units: self.maps.iter().filter_map(unit).collect(),
            inputs: self.of_case().iter().map(|(name, _)| name.clone()).collect(),
            predictors: self.predictors.iter().map(Predictor::layout).collect(),
            perturbations: self.perturb.as_ref().map(|perturb| perturb.perturbations.clone()),
        }
    }

    /// The plan with everything resolved, for the record of a run.
    pub fn record(&self) -> serde_json::Value {
        let families: Vec<_> = self.families.iter().map(|family| {
            serde_json::json!({
                "name": family.name,
                "plugin": family.instance.name,
                "aggregation": family.aggregation,
                "settings": family.settings,
                "regions": family.regions,
                "discretisation": family.uses.iter().map(|used| used.as_ref().map(|used| used.discretisation)).collect::<Vec<_>>(),
            })
        }).collect();
        let mut record = serde_json::json!({
            "seed": self.seed,
            "compat": self.compat,
            "regions": self.regions,
            "on_mismatch": self.on_mismatch,
            "max_scan_bytes": self.max_scan_bytes,
            "interpolation": self.interpolation,
            "resegmentation": self.resegmentation,
            "images": self.maps.iter().map(|map| &map.name).collect::<Vec<_>>(),
            "scans": self.maps.iter().map(|map| &self.images[map.image].scan).collect::<Vec<_>>(),
            "maps": self.images.iter().filter_map(|image| Some((&image.name, image.mapping.as_ref()?.record()))).collect::<Vec<_>>(),
            "families": families,
            "covariates": self.covariates,
            "predictors": self.predictors.iter().map(|predictor| &predictor.name).collect::<Vec<_>>(),
            "loaders": self.loaders.iter().map(|loader| &loader.name).collect::<Vec<_>>(),
        });
        // Of experiments without it, the record is that of before.
        if let (Some(prepare), Some(record)) = (&self.prepare, record.as_object_mut()) {
            record.insert("prepare".into(), serde_json::json!(prepare));
        }
        // Without perturbations the record is what it was before there were any: what is kept of it stays of use.
        if let Some(Perturb { perturbations, noise_sd, changed, controlled }) = &self.perturb {
            record["perturb"] = serde_json::json!({ "all": perturbations, "noise_sd": noise_sd, "changed": changed });
            if !controlled.is_empty() {
                record["perturb"]["controlled"] = serde_json::json!(controlled);
            }
        }
        record
    }

    /// The name of what an image is made of; none if that is the scan.
    pub fn source_name(&self, image: &Image) -> Option<&str> {
        let Source::Response { image, response } = image.of else { return None };
        let of = |map: &&Map| map.image == image && map.response == response;
        self.maps.iter().find(of).map(|map| map.name.as_str())
    }

    /// The plan, which is one only if nothing is wrong in the end: what is wrong does not stop the search for the rest.
    fn resolve(experiment: &Experiment, plugins: &Plugins, diagnostics: &Diagnostics) -> Self {
        let mut files = Vec::new();
        let loaders = plugins::loaders(experiment, plugins, &mut files, diagnostics);
        let regions = regions::ordered(&experiment.regions, diagnostics);
        let images = images::images(experiment, plugins, &mut files, diagnostics);
        let maps = images::maps(&images, experiment.compat);
        let mut plan = Self {
            name: experiment.name.clone(),
            seed: experiment.seed,
            compat: experiment.compat,
            loaders,
            on_mismatch: experiment.on_mismatch,
            also: experiment.tables.also.clone(),
            max_scan_bytes: experiment.max_scan_bytes,
            regions: regions.unwrap_or_else(|| experiment.regions.clone()),
            makers: Vec::new(),
            prepare: experiment.prepare,
            interpolation: experiment.interpolation,
            resegmentation: experiment.resegmentation.clone(),
            perturb: None,
            images,
            maps,
            families: Vec::new(),
            columns: Vec::new(),
            covariates: tables::covariates(experiment, &model_file::columns_of_models(experiment), diagnostics),
            inputs: Vec::new(),
            inputs_of_case: 0,
            course: None,
            places: HashMap::new(),
            predictors: Vec::new(),
            exporters: Vec::new(),
            learners: Vec::new(),
            making: tables::making(experiment, diagnostics),
            names: Names::default(),
            plugins: plugins.clone(),
            libraries: plugins.record(),
            files: Vec::new(),
            document: experiment.document.clone(),
            placed: experiment.placed.clone(),
            privacy: experiment.privacy.clone(),
        };
        plan.add_makers(experiment, &mut files, diagnostics);
        if diagnostics.is_empty() {
            plan.check_fitted(experiment, diagnostics);
        }
        for family in &experiment.features {
            plan.add_family(family, experiment, plugins, &mut files, diagnostics);
        }
        plan.add_perturbations(experiment, diagnostics);
        columns::name_columns(&mut plan, experiment, diagnostics);
        plan.inputs = plan.offered_inputs();
        plan.add_course(experiment, diagnostics);
        for (place, (name, _)) in plan.inputs.iter().enumerate() {
            if plan.places.insert(name.clone(), place).is_some() {
                let message = format!(
                    "two inputs are called `{name}`: a feature, a covariate or a level of one; call the covariate otherwise, as \
                     in [covariates.other_name] column = \"{name}\""
                );
                diagnostics.push(Diagnostic::general(message));
            }
        }
        let for_features = files.len();
        let columns_are_known = diagnostics.is_empty();
        for predict in &experiment.predictors {
            plan.add_predictor(predict, experiment, &mut files, diagnostics, columns_are_known);
        }
        plan.add_exporters(experiment, &mut files, diagnostics);
        for learn in &experiment.study.learn {
            plan.add_learner(learn, experiment, &mut files, diagnostics);
        }
        // A file that is not there was the mistake of whoever wanted to read it.
        if diagnostics.is_empty() {
            plan.files = files::records(files, for_features, diagnostics);
        }
        plan
    }
}

/// "; did you mean …" for the name of a thing of the experiment.
fn near<'a>(name: &str, known: impl IntoIterator<Item = &'a String>) -> String {
    suggestion(name, known.into_iter().map(String::as_str))
}
