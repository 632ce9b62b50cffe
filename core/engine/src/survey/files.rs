//! Scans in files of their own, as NIfTI, NRRD and MetaImage have them: read as a run reads them, told apart into images and
//! masks by their voxels, and paired by their names and places.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use rayon::prelude::*;
use voxomics_interface::{
    codes,
    describe::{Kind, Plugin},
    selection::Selection,
    survey::{Outlined, Outlines, Series, Survey, Unusable},
};

use super::names::{self, Pair};
use crate::{
    experiment::{Diagnostics, PluginSettings},
    host::{self, CaseHost, LoadOptions, LoaderInstance, PluginLibrary, Registered, Services, Wanted},
    scan::{Labels, Loaded, Scan, is_whole, to_wire},
};

/// Enough for every format to show itself, also inside a compressed stream.
const HEAD: u64 = 4096;
/// What a run allows by default, in bytes of voxels.
const MOST_BYTES: u64 = 4 << 30;
/// Atlases of a whole body have some hundreds of labels.
const MOST_LABELS: usize = 1000;
/// So many labels need not come in runs: a mask may have single voxels.
const FEW_LABELS: usize = 2;
/// Attribute of an image in a file: the word that tells it from other images of its case.
pub const WORD: &str = "ImageName";

/// How the names begin that images in files have in place of a UID.
pub const UID: &str = "file ";

/// A file that a loader reads as one scan.
#[derive(Debug)]
pub struct File {
    path: PathBuf,
    loader: String,
    read: Result<Read, String>,
}

/// What was read of a file.
#[derive(Debug)]
struct Read {
    grid: voxomics_imaging::Grid,
    /// The regions of a mask, number and name; none for an image.
    regions: Option<Vec<(f64, String)>>,
    warnings: Vec<String>,
}

/// The loaders of a library that read scans from files of their own, and do not tell what a folder holds.
pub fn readers(library: &PluginLibrary) -> Vec<LoaderInstance> {
    // Pictures need settings before they have millimetres: such loaders need the image's grid for a mask.
    let reads_files = |plugin: &&Plugin| plugin.kind == Kind::Load && !plugin.surveys && plugin.own_grid;
    let plugins = library.description.plugins.iter().filter(reads_files);
    let configured = plugins.filter_map(|plugin| {
        let settings = PluginSettings::empty(&format!("load.{}", plugin.id));
        host::loader(Registered { plugin, library }, &settings, &Diagnostics::default())
    });
    configured.collect()
}

/// Tells of every scan in a file of its own below a folder; none if there is none, else with the names of the loaders.
///
/// # Errors
/// If the survey is given up.
pub fn survey(
    folder: &Path,
    readers: &[LoaderInstance],
    services: &Services,
) -> Result<Option<(String, Survey)>, String> {
    let (paths, total, mut unusable) = candidates(folder, readers);
    let files: Vec<File> = paths.par_iter().map(|(path, reader)| read(path, reader, services)).collect();
    if services.cancelled.load(std::sync::atomic::Ordering::Relaxed) {
        return Err("given up".into());
    }
    if files.is_empty() {
        return Ok(None);
    }
    let loaders: BTreeSet<&str> = files.iter().map(|file| file.loader.as_str()).collect();
    let loaders = loaders.into_iter().collect::<Vec<_>>().join(", ");
    let foreign = total - files.len() as u64;
    let (mut images, mut masks) = (Vec::new(), Vec::new());
    for File { path, read, .. } in files {
        match read {
            Ok(read) if read.regions.is_some() => masks.push((path, read)),
            Ok(read) => images.push((path, read)),
            Err(problem) => unusable.push(Unusable { path, problem }),
        }
    }
    let mut survey = Survey { files: total, foreign, unusable, ..Survey::default() };
    let below = |path: &Path| path.strip_prefix(folder).unwrap_or(path).to_path_buf();
    let named = |all: &[(PathBuf, Read)]| all.iter().map(|(path, read)| (below(path), read.grid)).collect::<Vec<_>>();
    let (named_images, named_masks) = (named(&images), named(&masks));
    let pairs = names::pairs(&named_images, &named_masks);
    let mut keys: Vec<Option<(String, String)>> = vec![None; images.len()];
    for pair in pairs.iter().flatten() {
        for (image, word) in &pair.images {
            keys[*image].get_or_insert((pair.case.clone(), word.clone()));
        }
    }
    for (index, ((path, read), key)) in images.iter().zip(keys).enumerate() {
        let (case, word) = key.unwrap_or_else(|| (names::alone(&below(path)), String::new()));
        survey.series.push(image(format!("{UID}{}", index + 1), path, read, (case, word)));
    }
    for ((path, read), pair) in masks.into_iter().zip(pairs) {
        survey.outlines.push(mask(path, read, pair, &images, &survey.series));
    }
    survey.series.sort_by(|a, b| (&a.patient, &a.folder).cmp(&(&b.patient, &b.folder)));
    Ok(Some((loaders, survey)))
}

/// The files that a loader knows by their first bytes; how many files there are; and the folders that cannot be read.
fn candidates<'a>(
    folder: &Path,
    readers: &'a [LoaderInstance],
) -> (Vec<(PathBuf, &'a LoaderInstance)>, u64, Vec<Unusable>) {
    let (mut found, mut total, mut unusable) = (Vec::new(), 0, Vec::new());
    let (mut folders, mut seen) = (vec![folder.to_path_buf()], BTreeSet::new());
    while let Some(folder) = folders.pop() {
        // A link that leads back is not followed again.
        let entered = fs::canonicalize(&folder).and_then(|real| Ok((seen.insert(real), fs::read_dir(&folder)?)));
        let entries = match entered {
            Ok((true, entries)) => entries,
            Ok((false, _)) => continue,
            Err(cause) => {
                unusable.push(Unusable { path: folder, problem: cause.to_string() });
                continue;
            }
        };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            match fs::metadata(&path) {
                Ok(about) if about.is_dir() => folders.push(path),
                Ok(about) if about.is_file() => {
                    total += 1;
                    // Of a pair the header stands for both.
                    if !names::is_second_half(&path)
                        && let Some(reader) = reader(&path, readers)
                    {
                        found.push((path, reader));
                    }
                }
                _ => {}
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    (found, total, unusable)
}

fn reader<'a>(path: &Path, readers: &'a [LoaderInstance]) -> Option<&'a LoaderInstance> {
    let mut head = Vec::new();
    fs::File::open(path).ok()?.take(HEAD).read_to_end(&mut head).ok()?;
    if head.is_empty() || head.get(128..132) == Some(b"DICM") {
        return None;
    }
    readers.iter().find(|reader| reader.recognises(path, &head).unwrap_or(false))
}

fn read(path: &Path, reader: &LoaderInstance, services: &Services) -> File {
    let host = CaseHost::new(services, "");
    let selection = Selection::default();
    let load = |wanted| reader.load(path, LoadOptions { wanted, selection: &selection, max_bytes: MOST_BYTES }, &host);
    // As a mask first: it may have layers, which no image has, and names of its regions.
    let read = load(Wanted::Segmentation(None)).map_err(|error| error.to_string()).and_then(|loaded| {
        let warnings = host.lines().into_iter().filter(|line| line.level >= codes::LOG_WARNING);
        let warnings = warnings.map(|line| line.text).collect();
        understood(path, loaded).map(|(grid, regions)| Read { grid, regions, warnings })
    });
    File { path: path.to_path_buf(), loader: reader.name.clone(), read }
}

type Understood = (voxomics_imaging::Grid, Option<Vec<(f64, String)>>);

/// The grid of what was read, and its regions if it is a mask.
fn understood(path: &Path, loaded: Loaded) -> Result<Understood, String> {
    let segmentations = loaded.segmentations;
    let Some(grid) = segmentations.first().map(|first| first.labels.grid) else {
        return Err("it holds nothing".into());
    };
    if segmentations.iter().any(|one| !one.regions.is_empty()) {
        let counted: Result<Vec<Labels>, String> =
            segmentations.iter().map(|one| one.labels.labels(&[], MOST_LABELS)).collect();
        let named = segmentations.iter().zip(counted?).flat_map(|(one, counted)| {
            let is_drawn = move |label: f64| counted.found.iter().any(|found| found.value == label);
            let drawn = one.regions.iter().filter(move |(_, label)| is_drawn(*label));
            drawn.map(|(name, label)| (*label, name.clone())).collect::<Vec<_>>()
        });
        return Ok((grid, Some(named.collect())));
    }
    let [one] = segmentations.as_slice() else {
        return Ok((grid, Some(Vec::new())));
    };
    let labels = labels(&one.labels, names::says_mask(path));
    Ok((grid, labels.map(|labels| labels.into_iter().map(|label| (label, String::new())).collect())))
}

/// The labels of a scan that is a mask: a few whole numbers, each in one piece rather than voxel beside voxel.
fn labels(scan: &Scan, is_named_mask: bool) -> Option<Vec<f64>> {
    let Labels { found, others, voxels, runs } = scan.labels(&[], MOST_LABELS).ok()?;
    let is_mask = others.is_none()
        && found.iter().all(|label| is_whole(label.value))
        && (is_named_mask || found.len() <= FEW_LABELS || 3 * runs <= 2 * voxels);
    is_mask.then(|| found.into_iter().map(|label| label.value).collect())
}

fn image(uid: String, path: &Path, read: &Read, (case, word): (String, String)) -> Series {
    let grid = to_wire(&read.grid);
    Series {
        uid,
        patient: case,
        folder: path.to_path_buf(),
        files: 1,
        dims: Some(grid.dims),
        spacing: Some(grid.spacing),
        warnings: read.warnings.clone(),
        attributes: if word.is_empty() { BTreeMap::new() } else { [(WORD.to_owned(), word.into())].into() },
        ..Series::default()
    }
}

fn mask(
    path: PathBuf,
    read: Read,
    pair: Result<Pair, String>,
    images: &[(PathBuf, Read)],
    series: &[Series],
) -> Outlines {
    let regions = read.regions.unwrap_or_default();
    let mut told = Outlines { path, modality: super::MASK.into(), ..Outlines::default() };
    let pair = match pair {
        Ok(pair) => pair,
        Err(why) => {
            told.homeless = Some(why);
            told.regions = regions.iter().map(|(number, name)| outlined(*number, name)).collect();
            return told;
        }
    };
    let uid = |(image, _): &(usize, String)| series[*image].uid.clone();
    let off_grid = pair.images.iter().filter(|(image, _)| !names::is_same_grid(&images[*image].1.grid, &read.grid));
    let off_grid: Vec<String> = off_grid.map(uid).collect();
    told.patient = pair.case;
    told.word = Some(pair.word);
    told.series = pair.images.first().map(uid);
    let also: Vec<String> = pair.images.iter().skip(1).map(uid).collect();
    let region = |(number, name): &(f64, String)| Outlined {
        warnings: read.warnings.clone(),
        off_grid: off_grid.clone(),
        also: also.clone(),
        ..outlined(*number, name)
    };
    told.regions = regions.iter().map(region).collect();
    told
}

fn outlined(number: f64, name: &str) -> Outlined {
    Outlined { number: number as u32, name: name.to_owned(), ..Outlined::default() }
}
