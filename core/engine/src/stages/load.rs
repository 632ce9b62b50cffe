//! Load: an image and its segmentation, by whichever loader knows the path.

use std::{io::Read as _, path::Path};

use super::Fault;
use crate::{
    cases::Case,
    host::{CaseHost, LoadOptions, LoaderInstance},
    plan::Plan,
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

/// Reads the image and the segmentation of a case.
///
/// # Errors
/// Whatever keeps one of them from being beyond doubt.
pub fn case(plan: &Plan, case: &Case, host: &CaseHost) -> Result<(Image, Vec<Segmentation>), Fault> {
    if let Some(fault) = &case.fault {
        return Err(Fault::new(STAGE, fault));
    }
    let Loaded { images, metadata, .. } = load(plan, &case.image, None, host)?;
    let mut images = images.into_iter();
    let scan = match (images.next(), images.next()) {
        (Some(scan), None) => scan,
        (None, _) => return Err(Fault::new(STAGE, format!("{} holds no image", case.image.display()))),
        (Some(_), Some(_)) => {
            return Err(Fault::new(STAGE, format!("{} holds several images; a case needs one", case.image.display())));
        }
    };
    let segmentations = load(plan, &case.mask, Some(&scan), host)?.segmentations;
    if segmentations.is_empty() {
        return Err(Fault::new(STAGE, format!("{} holds no segmentation", case.mask.display())));
    }
    Ok((Image { scan, metadata }, segmentations))
}

fn load(plan: &Plan, path: &Path, of: Option<&Scan>, host: &CaseHost) -> Result<Loaded, Fault> {
    let loader = loader_of(plan, path)?;
    let options =
        LoadOptions { segmentation_of: of.map(|scan| &scan.grid), selection: "{}", max_bytes: plan.max_scan_bytes };
    loader.load(path, options, host).map_err(|error| Fault::plugin(STAGE, &error))
}

/// The first loader that knows the path, judged by its content.
fn loader_of<'a>(plan: &'a Plan, path: &Path) -> Result<&'a LoaderInstance, Fault> {
    let head = head(path)?;
    for loader in &plan.loaders {
        if loader.recognises(path, &head).map_err(|error| Fault::plugin(STAGE, &error))? {
            return Ok(loader);
        }
    }
    let names: Vec<&str> = plan.loaders.iter().map(|loader| loader.name.as_str()).collect();
    let what = if path.is_dir() {
        "a folder".to_owned()
    } else if head.is_empty() {
        "an empty file".to_owned()
    } else {
        let shown: Vec<String> = head.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("a file that begins with the bytes {}", shown.join(" "))
    };
    Err(Fault::new(
        STAGE,
        format!("{} is {what}: no loader of the experiment knows it (asked: {})", path.display(), names.join(", ")),
    ))
}

fn head(path: &Path) -> Result<Vec<u8>, Fault> {
    let fail = |cause: std::io::Error| Fault::new(STAGE, format!("{} cannot be read: {cause}", path.display()));
    if path.is_dir() {
        return Ok(Vec::new());
    }
    let mut head = Vec::new();
    std::fs::File::open(path).map_err(fail)?.take(HEAD).read_to_end(&mut head).map_err(fail)?;
    Ok(head)
}
