//! A configured plugin of whatever kind, and how it is asked about a scene.

use std::path::{Path, PathBuf};

use voxomics_base::{Diagnostics, PluginSettings, table::FeatureValue};
use voxomics_host::{
    CaseHost, ExportCase, ExportColumn, ExportRegion, ExportSpace, ExporterInstance, FamilyInstance, FilterInstance,
    LoadOptions, LoaderInstance, PluginError, Pool, PredictorInstance, RegionInput, RegionMakerInstance, Registered,
    Seen, SeenRegion, Wanted, exporter, family, filter, loader, predictor, region_maker,
};
use voxomics_imaging::{
    IndexBox, View,
    discretisation::{Discretisation, Discretised},
    texture::{self, MatrixSet, Request},
};
use voxomics_interface::{
    describe::{Kind, Matrix},
    selection::Selection,
};

use crate::{
    answer::{Answer, Value},
    scene::{Scene, chance},
};

/// A configured plugin.
pub enum Subject {
    /// A feature family, and the matrices that it asks for.
    Family(Box<FamilyInstance>, Vec<Request>),
    /// A filter.
    Filter(FilterInstance),
    /// A region maker.
    Maker(RegionMakerInstance),
    /// A predictor.
    Predictor(PredictorInstance),
    /// A loader, and a file of its format.
    Loader(LoaderInstance, Option<PathBuf>),
    /// An exporter.
    Exporter(ExporterInstance),
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// What the plugin, or the program in its name, says.
    pub message: String,
    /// Whether it is a mistake of the plugin: a panic, or an answer that is none.
    pub broken: bool,
    /// Whether the run was being given up.
    pub cancelled: bool,
    /// Whether the program could not even ask.
    pub unasked: bool,
}

impl From<PluginError> for Refusal {
    fn from(error: PluginError) -> Self {
        Self { message: error.to_string(), broken: error.broken, cancelled: error.cancelled, unasked: false }
    }
}

impl Refusal {
    fn of_the_program(message: impl std::fmt::Display) -> Self {
        Self { message: message.to_string(), broken: false, cancelled: false, unasked: true }
    }
}

impl Subject {
    /// Configures a plugin; what is wrong with its settings goes to the diagnostics.
    ///
    /// # Errors
    /// If it cannot say what it needs or makes.
    pub fn configure(
        of: Registered<'_>,
        settings: &PluginSettings,
        state: Option<&str>,
        sample: Option<&Path>,
        diagnostics: &Diagnostics,
    ) -> Result<Option<Self>, Refusal> {
        Ok(match of.plugin.kind {
            Kind::Features => match family(of, settings, diagnostics)? {
                Some(family) => {
                    let requests = family.needs.matrices.iter().map(request).collect::<Result<_, _>>();
                    let wrong = |wrong| Refusal { broken: true, unasked: false, ..Refusal::of_the_program(wrong) };
                    Some(Self::Family(Box::new(family), requests.map_err(wrong)?))
                }
                None => None,
            },
            Kind::Filter => filter(of, settings, state, diagnostics)?.map(Self::Filter),
            Kind::Regions => region_maker(of, settings, state, diagnostics)?.map(Self::Maker),
            Kind::Predict => predictor(of, settings, diagnostics)?.map(Self::Predictor),
            Kind::Load => {
                loader(of, settings, diagnostics).map(|loader| Self::Loader(loader, sample.map(Path::to_owned)))
            }
            Kind::Export => exporter(of, settings, diagnostics)?.map(Self::Exporter),
        })
    }

    /// Asks it about a scene.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn ask(&self, scene: &Scene, host: &CaseHost) -> Result<Answer, Refusal> {
        match self {
            Self::Family(family, requests) => features(family, requests, scene, host),
            Self::Filter(filter) => responses(filter, scene, None, host),
            Self::Maker(maker) => {
                let labels = seeing(scene, |seen| maker.make(seen, host))?;
                Ok(Answer(vec![("labels".into(), Value::Map(labels.iter().map(|n| f64::from(*n)).collect()))]))
            }
            Self::Predictor(predictor) => predicted(predictor, &inputs(predictor, scene), host),
            Self::Loader(loader, Some(sample)) => loaded(loader, sample, u64::MAX >> 16, host),
            Self::Loader(_, None) => Err(Refusal::of_the_program("there is no file to read: give one with --sample")),
            Self::Exporter(exporter) => exported(exporter, scene, host),
        }
    }
}

/// The maps of a filter, which may answer for the box alone in which they are wanted.
///
/// # Errors
/// Why there are none.
pub fn responses(
    filter: &FilterInstance,
    scene: &Scene,
    wanted: Option<IndexBox>,
    host: &CaseHost,
) -> Result<Answer, Refusal> {
    let maps = seeing(scene, |seen| filter.apply(&Seen { wanted, ..*seen }, host))?;
    let shown = |name: &String| if name.is_empty() { "the response".to_owned() } else { name.clone() };
    let named = filter.maps.iter().zip(&maps);
    Ok(Answer(named.map(|(name, map)| (shown(name), Value::Map(map.to_vec()))).collect()))
}

fn request(matrix: &Matrix) -> Result<Request, String> {
    let Matrix { kind, aggregation, distance, norm, weighting, coarseness, .. } = matrix;
    Request::from_words(kind, aggregation, *distance, norm, weighting, matrix.weighting_norm(), *coarseness)
}

/// The grey levels of a scene.
///
/// # Errors
/// If its intensities are no numbers.
pub fn discretised(scene: &Scene) -> Result<Discretised, Refusal> {
    let from = scene.levels_from.as_ref().unwrap_or(&scene.voxels);
    let rule = Discretisation::FixedBinNumber { bins: scene.bins };
    rule.discretise(from, &scene.mask).map_err(Refusal::of_the_program)
}

fn features(family: &FamilyInstance, requests: &[Request], scene: &Scene, host: &CaseHost) -> Result<Answer, Refusal> {
    let reads_levels = family.needs.levels || !requests.is_empty();
    let (mut levels, mut sets) = (Discretised::default(), Vec::new());
    if reads_levels {
        levels = match &scene.levels {
            Some((levels, n_levels)) => {
                Discretised { levels: levels.clone(), n_levels: *n_levels, ..Discretised::default() }
            }
            None => discretised(scene)?,
        };
        let (view, mask) =
            (View::new(scene.grid.dims, &levels.levels), View::new(scene.grid.dims, scene.mask.as_slice()));
        sets = texture::build(requests, view, levels.n_levels, Some(mask), &Pool).map_err(Refusal::of_the_program)?;
    }
    let parts = parts(family.needs.regions.len(), scene);
    let named = family.needs.regions.iter().zip(&parts);
    let regions: Vec<SeenRegion<'_>> = named.map(|(name, mask)| SeenRegion { name, mask }).collect();
    let region = RegionInput {
        grid: &scene.grid,
        image: &scene.voxels,
        morphological_mask: &scene.mask,
        intensity_mask: &scene.mask,
        levels: &levels.levels,
        level_count: levels.n_levels,
        unit: "HU",
        regions: &regions,
    };
    let sets: Vec<&MatrixSet> = sets.iter().collect();
    let values = family.compute(region, &sets, host)?;
    Ok(Answer(family.features().iter().cloned().zip(values.into_iter().map(shown)).collect()))
}

/// The region of a scene, cut into parts by its intensities: so they go with it where it is turned or moved. They are those that
/// grey levels are made of, which are numbers.
fn parts(count: usize, scene: &Scene) -> Vec<Vec<u8>> {
    let part = |x: &f64| (x.abs() / 7.0) as usize % count.max(1);
    let mask = |of: usize| {
        let inside = scene.mask.iter().zip(scene.levels_from.as_ref().unwrap_or(&scene.voxels));
        inside.map(|(inside, x)| u8::from(*inside != 0 && part(x) == of)).collect()
    };
    (0..count).map(mask).collect()
}

fn shown(value: FeatureValue) -> Value {
    value.map_or_else(|why| Value::Undefined(why.to_string()), Value::Number)
}

/// Shows a scene to a filter or a region maker.
pub fn seeing<T>(scene: &Scene, work: impl FnOnce(&Seen<'_>) -> Result<T, PluginError>) -> Result<T, Refusal> {
    let region = [SeenRegion { name: "lesion", mask: &scene.mask }];
    let seen =
        Seen { grid: &scene.grid, voxels: &scene.voxels, unit: "HU", regions: &region, images: &[], wanted: None };
    Ok(work(&seen)?)
}

/// A row of inputs that follows from a scene.
pub fn inputs(predictor: &PredictorInstance, scene: &Scene) -> Vec<FeatureValue> {
    let seed = scene.voxels.first().map_or(0, |x| x.to_bits());
    (0..predictor.inputs.len()).map(|at| Ok(2.0 * chance(seed, at) - 1.0)).collect()
}

/// The outputs and contributions of a prediction.
///
/// # Errors
/// Why there is none.
pub fn predicted(predictor: &PredictorInstance, inputs: &[FeatureValue], host: &CaseHost) -> Result<Answer, Refusal> {
    let made = predictor.predict(inputs, host)?;
    let values = std::iter::once(made.score).chain(made.others);
    let outputs = predictor.outputs.iter().map(|output| output.name.clone()).zip(values.map(shown));
    let contributions = predictor.inputs.iter().zip(made.contributions);
    let contributions = contributions.map(|(name, term)| (format!("contribution of {name}"), Value::Number(term)));
    Ok(Answer(outputs.chain(contributions).collect()))
}

/// What a loader reads of a file: as an image, or as a mask if it is no image.
///
/// # Errors
/// Why it is neither.
pub fn loaded(loader: &LoaderInstance, path: &Path, max_bytes: u64, host: &CaseHost) -> Result<Answer, Refusal> {
    let selection = Selection::default();
    let options = LoadOptions { wanted: Wanted::Image, selection: &selection, max_bytes };
    let found = match loader.load(path, options, host) {
        Ok(found) => found,
        Err(as_image) => {
            let options = LoadOptions { wanted: Wanted::Segmentation(None), ..options };
            loader.load(path, options, host).map_err(|_| as_image)?
        }
    };
    let masks = found.segmentations.iter().map(|mask| (&mask.labels, format!("{:?}", mask.regions)));
    let scans = found.images.iter().map(|scan| (scan, String::new())).chain(masks);
    let mut parts = vec![("metadata".to_owned(), Value::Bytes(format!("{:?}", found.metadata).into_bytes()))];
    for (at, (scan, names)) in scans.enumerate() {
        parts.push((format!("voxels {at}"), Value::Bytes(scan.bytes().to_vec())));
        parts.push((format!("geometry {at}"), Value::Bytes(format!("{:?} {names}", scan.grid).into_bytes())));
    }
    Ok(Answer(parts))
}

fn exported(exporter: &ExporterInstance, scene: &Scene, host: &CaseHost) -> Result<Answer, Refusal> {
    let column = |name: &str, unit: &str| ExportColumn { name: name.into(), unit: unit.into(), ibsi: String::new() };
    let mean = scene.inside().map(|at| scene.voxels[at]).sum::<f64>() / scene.count().max(1) as f64;
    let cells: [Option<FeatureValue>; 3] = [Some(Ok(mean)), Some(Err("the region is flat".into())), None];
    let region = ExportRegion { name: "lesion".into(), volume_ml: scene.count() as f64 * 1e-3 };
    let wants_space = exporter.needs.regions || exporter.needs.image;
    let space = wants_space.then(|| ExportSpace {
        grid: scene.grid,
        image: exporter.needs.image.then_some(scene.voxels.as_slice()),
        regions: vec![(region, scene.mask.clone())],
    });
    let columns = [column("statistics.mean", "HU"), column("glcm.contrast", "1"), column("ivh.auc", "1")];
    let case = ExportCase {
        case: "case",
        metadata: of_a_scan(),
        columns: columns.into(),
        rows: vec![("lesion".into(), &cells)],
        space,
        ..ExportCase::default()
    };
    let files = exporter.export(&case, host)?;
    Ok(Answer(files.into_iter().map(|file| (file.name, Value::Bytes(file.bytes))).collect()))
}

/// What a loader tells of a scan that came as DICOM: an exporter may write objects that belong to its study.
fn of_a_scan() -> serde_json::Map<String, serde_json::Value> {
    let told = [
        ("Modality", "CT"),
        ("PatientID", "case"),
        ("StudyInstanceUID", "2.25.1"),
        ("SeriesInstanceUID", "2.25.2"),
        ("FrameOfReferenceUID", "2.25.3"),
        ("StudyDate", "20260102"),
    ];
    told.map(|(keyword, text)| (keyword.to_owned(), text.into())).into_iter().collect()
}
