//! One scan through one filter, without an experiment: every voxel of the scan, as an experiment with this filter would see it.

use std::path::{Path, PathBuf};

use voxomics_imaging::{Grid, IndexBox};

use crate::{
    cases::Case,
    experiment::Experiment,
    host::{CaseHost, Services},
    plan::{self, Plan},
    stages::{
        Fault,
        delineate::{self, Delineated},
        found::Found,
        images::{Images, WhichMaps},
        load,
        space::Space,
    },
};

/// What is to be filtered, and how.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The scan: a file or a folder.
    pub image: PathBuf,
    /// Which series or volume of it, where there are several.
    pub series: Option<String>,
    /// A mask, which a filter that looks at regions knows as the region `mask`.
    pub mask: Option<PathBuf>,
    /// The id of the filter.
    pub filter: String,
    /// Settings as `KEY=VALUE`, in TOML: of the filter, or of an experiment if the key has a dot.
    pub settings: Vec<String>,
    /// The plugin of the filter, by its file.
    pub plugin: Option<PathBuf>,
    /// What the filter was fitted to, by a file of it, or by a model that carries it.
    pub state: Option<PathBuf>,
    /// The name of the image in that model.
    pub name: Option<String>,
}

/// The maps of a filter.
pub struct Filtered {
    /// Where the voxels are.
    pub grid: Grid,
    /// The intensities that were filtered.
    pub image: Vec<f64>,
    /// For each map its name, empty if there is but one, and its voxels, *x* fastest.
    pub maps: Vec<(String, Vec<f64>)>,
    /// What loader and filter warned of.
    pub warnings: Vec<String>,
}

/// The loaders that are asked.
const LOADERS: [&str; 5] = ["load-nifti", "load-nrrd", "load-metaimage", "load-dicom", "load-picture"];

/// The name of the image, unless another is asked for.
const IMAGE: &str = "response";
/// The name of the region.
const MASK: &str = "mask";

/// Level of a warning of a plugin.
const WARNING: u32 = voxomics_interface::codes::LOG_WARNING;

/// Filters a scan.
///
/// # Errors
/// What is wrong with the settings, or keeps the scan from being read or filtered.
pub fn run(asked: &Asked, services: &Services) -> Result<Filtered, String> {
    let plan = plan(asked)?;
    let mask = asked.mask.clone().unwrap_or_default();
    let case = Case {
        series: asked.series.clone(),
        ..Case::new(asked.image.display().to_string(), asked.image.clone(), mask)
    };
    let host = CaseHost::new(services, case.original());
    let filtered = || -> Result<Filtered, Fault> {
        if asked.mask.is_none() {
            let image = load::image(&plan, None, &case, &host)?;
            let space = Space::new(&image.scan, image.modality(&case), plan.interpolation)?.in_unit(image.unit());
            return maps(&plan, &space, &[], &host);
        }
        let (image, masks) = load::case(&plan, None, &case, &host)?;
        let mut delineated = delineate::case(&plan, None, &case, &image, masks, &host)?;
        if !delineated.faults.is_empty() {
            return Err(delineated.faults.remove(0));
        }
        let Delineated { space, .. } = &delineated;
        maps(&plan, space, &delineated.seen(), &host)
    };
    let found = filtered().map_err(|fault| format!("{}: {}", fault.stage, fault.message))?;
    let warnings = host.lines().into_iter().filter(|line| line.level >= WARNING).map(|line| line.text).collect();
    Ok(Filtered { warnings, ..found })
}

/// Every map of the only image of a plan, in the whole scan.
fn maps(plan: &Plan, space: &Space<'_>, seen: &[&Found], host: &CaseHost) -> Result<Filtered, Fault> {
    let whole = IndexBox::whole(space.grid.dims);
    let images = Images::new(plan, None, space, seen, whole, WhichMaps::OfFeatures, host)?;
    let names = plan.images[0].filter.as_ref().map(|filter| filter.maps.clone()).unwrap_or_default();
    let map = |(map, name)| Ok((name, images.crop(plan, map, whole)?.into_owned()));
    let maps = names.into_iter().enumerate().map(map).collect::<Result<_, Fault>>()?;
    Ok(Filtered { grid: space.grid, image: images.base.crop(whole)?.into_owned(), maps, warnings: Vec::new() })
}

/// The experiment that has this filter alone.
fn plan(asked: &Asked) -> Result<Plan, String> {
    let text = |text: &str| toml::Value::from(text).to_string();
    let path = |path: &Path| {
        let absolute = std::path::absolute(path).map_err(|cause| format!("the path {}: {cause}", path.display()))?;
        Ok::<_, String>(text(&absolute.display().to_string()))
    };
    let loaders = LOADERS.map(text).join(", ");
    let plugin = match &asked.plugin {
        None => format!("use = [{loaders}, {}]\n", text(&library(&asked.filter))),
        Some(file) => format!("use = [{loaders}]\n[[plugins.file]]\npath = {}\n", path(file)?),
    };
    let name = match (&asked.name, &asked.state) {
        (Some(name), _) => name.clone(),
        (None, Some(state)) => only_image(state)?,
        (None, None) => IMAGE.into(),
    };
    let image = text(&name);
    let state = asked.state.as_deref().map(path).transpose()?;
    let state = state.map(|state| format!("state = {state}\n")).unwrap_or_default();
    let toml = format!(
        "[plugins]\n{plugin}[regions.{MASK}]\nany = true\n[images.{image}]\nfilter = {}\n{state}",
        text(&asked.filter)
    );
    let setting = |setting: &String| match setting.split_once('=') {
        Some((key, _)) if key.contains('.') => setting.clone(),
        _ => format!("images.{name}.{setting}"),
    };
    let settings: Vec<String> = asked.settings.iter().map(setting).collect();
    Plan::new(&Experiment::from_text(Path::new("command line"), Path::new("."), &toml, &settings)?)
}

/// The name of the image that a file of what was fitted is for, if it is for one alone.
fn only_image(state: &Path) -> Result<String, String> {
    let names = plan::fitted_names(state)?;
    let only = match names.as_slice() {
        [only] => only.strip_prefix("images."),
        _ => None,
    };
    Ok(only.unwrap_or(IMAGE).to_owned())
}

/// The library that a filter of ours is in: that of its name, or of all of PyRadiomics' image types.
fn library(filter: &str) -> String {
    let family = if filter.starts_with("pyradiomics-") { "pyradiomics" } else { filter };
    format!("filter-{family}")
}
