//! Load: an image and its segmentation, by whichever loader knows the path.

use std::{fmt, io::Read as _, path::Path};

use serde::Deserialize;
use voxomics_interface::selection::Selection;

use super::{Fault, format, of_plugin};
use crate::{
    cases::Case,
    experiment::RegionFrom,
    host::{CaseHost, LoadOptions, LoaderInstance, Wanted},
    plan::Plan,
    results::INTENSITY_UNIT,
    scan::{Loaded, Scan, Segmentation},
};

const STAGE: &str = "load";

/// Enough for every format to show itself, also inside a compressed stream.
const HEAD: u64 = 4096;

/// The image of a case, with its acquisition metadata.
pub struct Image {
    /// The image.
    pub scan: Scan,
    /// Acquisition metadata, by DICOM attribute name.
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

impl Image {
    /// Unit of its intensities, as the loader tells it; empty if it does not.
    pub fn unit(&self) -> String {
        let told = self.metadata.get(INTENSITY_UNIT).and_then(serde_json::Value::as_str);
        told.unwrap_or_default().to_owned()
    }

    /// Its modality as DICOM writes it: that of the file, else what the case list says.
    pub fn modality(&self, case: &Case) -> Option<String> {
        let stated = self.metadata.get("Modality").and_then(serde_json::Value::as_str);
        stated.or_else(|| case.modality()).map(str::to_owned)
    }
}

/// The segmentation of a case.
pub struct Outlined {
    /// What is drawn in it; of a file that names its regions, those that the plan looks at.
    pub segmentations: Vec<Segmentation>,
    /// Every region that the file names.
    pub named: Vec<Named>,
}

/// A region that a segmentation names.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Named {
    /// Its number: the label of its voxels.
    pub number: f64,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` (#{})", self.name, self.number)
    }
}

/// Attribute of an image by which outlines refer to it.
const SERIES: &str = "SeriesInstanceUID";

/// Under this key a loader tells every region of a file, also those that it was not asked for.
const REGIONS: &str = "regions";

/// A mask of a case.
pub struct Mask {
    /// The word after `mask.` in the list.
    pub name: Option<String>,
    /// What is drawn in it, or why that is not known.
    pub outlined: Result<Outlined, Fault>,
}

/// What of a case is in memory already, instead of in files.
#[derive(Default)]
pub struct Given {
    /// The image without a word.
    pub image: Option<Image>,
    /// Masks, by the word after `mask.`; none for the one without a word.
    pub masks: Vec<(Option<String>, Outlined)>,
}

/// Reads one image of a case and the masks that its regions are drawn from.
///
/// # Errors
/// Whatever keeps the image, or its only mask, from being beyond doubt.
pub fn case(plan: &Plan, scan: Option<&str>, case: &Case, host: &CaseHost) -> Result<(Image, Vec<Mask>), Fault> {
    case_given(plan, scan, case, Given::default(), host)
}

/// As [`case`], of a case some of which is in memory: that is taken as it is, and files are read for the rest.
///
/// # Errors
/// As of [`case`].
pub fn case_given(
    plan: &Plan,
    scan: Option<&str>,
    case: &Case,
    given: Given,
    host: &CaseHost,
) -> Result<(Image, Vec<Mask>), Fault> {
    let Given { image: here, masks: mut drawn } = given;
    if let Some(fault) = &case.fault {
        return Err(Fault::new(STAGE, fault));
    }
    let missing = |why: String| Fault::new(STAGE, why);
    let names = plan.masks(scan);
    let paths: Vec<Result<&Path, Fault>> = names.iter().map(|name| case.mask(*name).map_err(missing)).collect();
    // Which loader the mask needs says whether it must wait for the image; a fault of the image comes first all the same.
    if let (None, [], [name], [Ok(path)]) = (&here, drawn.as_slice(), names.as_slice(), paths.as_slice())
        && let Ok(loader) = loader_of(plan, path)
        && loader.own_grid
    {
        let read = || mask(plan, &Asked { case, name: *name, path }, loader, None, host);
        let (image, outlined) = rayon::join(|| image(plan, scan, case, host), read);
        return Ok((image?, vec![Mask { name: name.map(str::to_owned), outlined: Ok(outlined?) }]));
    }
    let image = match here.filter(|_| scan.is_none()) {
        Some(here) => here,
        None => image(plan, scan, case, host)?,
    };
    let mut masks = Vec::new();
    for (name, path) in names.iter().zip(paths) {
        let read = |path| {
            let loader = loader_of(plan, path)?;
            let image = (!loader.own_grid).then_some(&image);
            mask(plan, &Asked { case, name: *name, path }, loader, image, host)
        };
        let outlined = match drawn.iter().position(|(of, _)| of.as_deref() == *name) {
            Some(at) => Ok(drawn.swap_remove(at).1),
            None => path.and_then(read),
        };
        masks.push(Mask { name: name.map(str::to_owned), outlined });
    }
    match masks.as_mut_slice() {
        [Mask { outlined: Err(fault), .. }] => Err(fault.clone()),
        _ => Ok((image, masks)),
    }
}

/// Reads one image of a case alone.
///
/// # Errors
/// If it cannot be read, or is not one.
pub fn image(plan: &Plan, scan: Option<&str>, case: &Case, host: &CaseHost) -> Result<Image, Fault> {
    let (path, series) = case.scan(scan).map_err(|why| Fault::new(STAGE, why))?;
    let selection = Selection { series: series.map(str::to_owned), regions: Vec::new() };
    let loader = loader_of(plan, path)?;
    let Loaded { images, metadata, .. } = load(plan, loader, path, Wanted::Image, &selection, host)?;
    let mut images = images.into_iter();
    match (images.next(), images.next()) {
        (Some(scan), None) => Ok(Image { scan, metadata }),
        (None, _) => Err(Fault::new(STAGE, format!("{} holds no image", path.display()))),
        (Some(_), Some(_)) => {
            Err(Fault::new(STAGE, format!("{} holds several images; a case needs one", path.display())))
        }
    }
}

/// The mask that is asked for.
struct Asked<'a> {
    case: &'a Case,
    name: Option<&'a str>,
    path: &'a Path,
}

fn mask(
    plan: &Plan,
    asked: &Asked<'_>,
    loader: &LoaderInstance,
    image: Option<&Image>,
    host: &CaseHost,
) -> Result<Outlined, Fault> {
    let series = image.and_then(|image| image.metadata.get(SERIES)?.as_str()).map(str::to_owned);
    let selection = Selection { series, regions: wanted_regions(plan, asked) };
    let wanted = Wanted::Segmentation(image.map(|image| &image.scan.grid));
    let outlined = outlined(load(plan, loader, asked.path, wanted, &selection, host)?)?;
    if outlined.segmentations.is_empty() {
        return Err(Fault::new(STAGE, format!("{} holds no segmentation", asked.path.display())));
    }
    Ok(outlined)
}

/// The regions that the plan looks at, so that a loader need not draw others; empty if it looks at all.
fn wanted_regions(plan: &Plan, asked: &Asked<'_>) -> Vec<String> {
    let mut wanted = Vec::new();
    // What the list asks for is in the mask without a name.
    let (region_of_case, label_of_case) = match asked.name {
        None => (&asked.case.region, &asked.case.label),
        Some(_) => (&None, &None),
    };
    for region in plan.regions.iter().filter(|region| region.mask.as_deref() == asked.name) {
        match (&region.from, region_of_case, label_of_case) {
            (RegionFrom::Named(name), ..) | (RegionFrom::CaseLabel | RegionFrom::CaseLabelOr(_), Some(name), _) => {
                wanted.push(name.clone())
            }
            (RegionFrom::AllNamed(names), ..) => wanted.extend(names.iter().cloned()),
            (RegionFrom::CaseLabelOr(label), None, None)
            | (RegionFrom::CaseLabel | RegionFrom::CaseLabelOr(_), None, Some(label)) => {
                wanted.push(format!("#{label}"));
            }
            (RegionFrom::Labels(labels), ..) => wanted.extend(labels.iter().map(|label| format!("#{label}"))),
            (RegionFrom::CaseLabel | RegionFrom::Any, ..) => return Vec::new(),
            // What is made of other regions wants nothing of the file.
            _ => {}
        }
    }
    wanted
}

/// The segmentations with the names of all regions: those that the loader lists, or those of what it has drawn.
fn outlined(loaded: Loaded) -> Result<Outlined, Fault> {
    let Loaded { segmentations, mut metadata, .. } = loaded;
    let named = match metadata.remove(REGIONS) {
        Some(listed) => serde_json::from_value(listed)
            .map_err(|cause| Fault::new(STAGE, format!("the loader's list of regions is not understood: {cause}")))?,
        None => {
            let drawn = segmentations.iter().flat_map(|segmentation| &segmentation.regions);
            drawn.map(|(name, number)| Named { number: *number, name: name.clone() }).collect()
        }
    };
    Ok(Outlined { segmentations, named })
}

fn load(
    plan: &Plan,
    loader: &LoaderInstance,
    path: &Path,
    wanted: Wanted<'_>,
    selection: &Selection,
    host: &CaseHost,
) -> Result<Loaded, Fault> {
    let options = LoadOptions { wanted, selection, max_bytes: plan.max_scan_bytes };
    loader.load(path, options, host).map_err(|error| of_plugin(STAGE, &error))
}

/// The first loader that knows the path, judged by its content.
fn loader_of<'a>(plan: &'a Plan, path: &Path) -> Result<&'a LoaderInstance, Fault> {
    let head = head(path)?;
    for loader in &plan.loaders {
        if loader.recognises(path, &head).map_err(|error| of_plugin(STAGE, &error))? {
            return Ok(loader);
        }
    }
    let names: Vec<&str> = plan.loaders.iter().map(|loader| loader.name.as_str()).collect();
    let (what, todo) = if path.is_dir() {
        ("a folder".to_owned(), "")
    } else if head.is_empty() {
        ("an empty file".to_owned(), "")
    } else if let Some((what, todo)) = format::of(path, &head) {
        (what.to_owned(), todo)
    } else {
        let shown: Vec<String> = head.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        (format!("a file that begins with the bytes {}", shown.join(" ")), "")
    };
    let todo = if todo.is_empty() { String::new() } else { format!("; {todo}") };
    let asked = names.join(", ");
    Err(Fault::new(
        STAGE,
        format!("{} is {what}: no loader of the experiment knows it (asked: {asked}){todo}", path.display()),
    ))
}

fn head(path: &Path) -> Result<Vec<u8>, Fault> {
    let fail = |cause: std::io::Error| Fault::new(STAGE, format!("{} cannot be read: {cause}", path.display()));
    if path.is_dir() {
        return Ok(Vec::new());
    }
    // A pipe or a device would be waited for, or read, without end.
    if std::fs::metadata(path).is_ok_and(|what| !what.is_file()) {
        return Err(Fault::new(STAGE, format!("{} is neither a file nor a folder", path.display())));
    }
    let mut head = Vec::new();
    std::fs::File::open(path).map_err(fail)?.take(HEAD).read_to_end(&mut head).map_err(fail)?;
    Ok(head)
}
