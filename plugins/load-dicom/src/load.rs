//! What a request asks for: the series, the file of outlines.

use std::path::{Path, PathBuf};

use dicom_dictionary_std::tags;
use voxomics_sdk::{Context, LoadRequest, Loaded};

use crate::error::ReadError;
use crate::files::{self, Found};
use crate::frames::frame_count;
use crate::object::Object;
use crate::series::{self, Series};
use crate::{Config, metadata, suv, volume};

/// So many series are listed in an error.
const LISTED: usize = 20;

/// Loads the image that a path and a selection name.
///
/// # Errors
/// If there is none, if there are several, or if it cannot be read.
pub fn image(request: &LoadRequest, context: &Context, config: &Config) -> Result<Loaded, ReadError> {
    let path = &request.path;
    let mut wanted = request.selection.series.clone();
    let objects = if path.is_dir() {
        objects(files::find(path, true, context)?)?
    } else {
        let object = Object::read(path)?;
        let uid = object.root().need_text(tags::SERIES_INSTANCE_UID)?;
        if let Some(other) = wanted.filter(|wanted| *wanted != uid) {
            let expected = format!("{other}, which was asked for");
            return Err(object.root().invalid(tags::SERIES_INSTANCE_UID, &uid, &expected));
        }
        if !series::is_image(&object) {
            let class = object.sop_class();
            return Err(object.root().unsupported(
                tags::SOP_CLASS_UID,
                &class,
                "an image; name the folder of the series",
            ));
        }
        wanted = Some(uid);
        // What stands for one object can be many files: slices, or the parts of a concatenation.
        let is_part = frame_count(object.root())? == 1 || object.root().has(tags::CONCATENATION_UID);
        match path.parent() {
            Some(folder) if is_part => {
                let folder = if folder == Path::new("") { Path::new(".") } else { folder };
                objects(files::find(folder, false, context)?)?
            }
            _ => vec![object],
        }
    };
    let groups = series::group(&objects)?;
    load(choose(path, &groups, wanted.as_deref())?, request, context, config)
}

/// The objects of a folder, if no file of it is damaged: it could be a slice.
fn objects(found: Found) -> Result<Vec<Object>, ReadError> {
    match found.damaged.into_iter().next() {
        Some(error) => Err(error),
        None => Ok(found.objects),
    }
}

fn choose<'a, 'b>(path: &Path, all: &'b [Series<'a>], wanted: Option<&str>) -> Result<&'b Series<'a>, ReadError> {
    let list = |all: &[&Series<'_>]| {
        let mut lines: Vec<String> = all.iter().take(LISTED).map(|series| series.line()).collect();
        if all.len() > LISTED {
            lines.push(format!("{} more", all.len() - LISTED));
        }
        lines.join("; ")
    };
    let every: Vec<&Series<'_>> = all.iter().collect();
    if let Some(wanted) = wanted {
        return every.iter().copied().find(|series| series.uid == wanted).ok_or_else(|| {
            let message = format!("no series {wanted}, expected one of: {}", list(&every));
            ReadError::unfit(path, message)
        });
    }
    let slices: Vec<&Series<'_>> =
        every.iter().copied().filter(|series| series.is_spatial() && !series.is_localiser()).collect();
    // What has no place in the patient is told of only where there is nothing else.
    let candidates = if slices.is_empty() { &every } else { &slices };
    match candidates.as_slice() {
        [one] => Ok(one),
        [] => {
            Err(ReadError::unfit(path, "no DICOM image in this folder, expected the files of a series; check the path"))
        }
        several => {
            let message = format!("{} series of images, expected one; name one of: {}", several.len(), list(several));
            Err(ReadError::unfit(path, message))
        }
    }
}

fn load(series: &Series<'_>, request: &LoadRequest, context: &Context, config: &Config) -> Result<Loaded, ReadError> {
    let mut plan = series.plan(config.spacing_tolerance_mm)?;
    let (metadata, varying) = metadata::metadata(&plan.objects);
    let modality = plan.objects[0].root().text(tags::MODALITY).unwrap_or_default();
    if config.wants_suv(&modality) {
        let suv = suv::factors(&plan.objects)?;
        for frame in &mut plan.frames {
            let factor = suv.factors[frame.object];
            frame.scaling.slope *= factor;
            frame.scaling.intercept *= factor;
        }
        plan.notes.extend(suv.notes);
        plan.warnings.extend(suv.warnings);
    }
    let scan = volume::read(&mut plan, request.max_bytes, context)?;
    let path = request.path.display();
    for note in &plan.notes {
        context.info(&format!("{path}: {note}"));
    }
    if !varying.is_empty() {
        let varying = varying.join(", ");
        context.info(&format!("{path}: of numbers in which slices differ, metadata have the median: {varying}"));
    }
    for warning in &plan.warnings {
        context.warning(&format!("{path}: {warning}"));
    }
    Ok(Loaded { images: vec![scan], metadata, ..Loaded::default() })
}

/// The file of outlines that a path names: itself, or the only one in a folder; of several, the only one that was drawn on
/// the series of the image.
///
/// # Errors
/// If there is none, or if there are several.
pub fn outlines(request: &LoadRequest, context: &Context) -> Result<PathBuf, ReadError> {
    let path = &request.path;
    if !path.is_dir() {
        return Ok(path.clone());
    }
    let objects = objects(files::find(path, true, context)?)?;
    let mut found: Vec<&Object> = objects.iter().filter(|object| series::is_outlines(object)).collect();
    let wanted = request.selection.series.as_deref();
    let is_wanted =
        |object: &&Object| wanted.is_some_and(|wanted| series::referenced(object).iter().any(|uid| uid == wanted));
    if found.len() > 1 && found.iter().any(is_wanted) {
        found.retain(is_wanted);
    }
    match found.as_slice() {
        [one] => Ok(one.path().to_path_buf()),
        [] => Err(ReadError::unfit(path, "no RTSTRUCT and no SEG in this folder, expected one; check the path")),
        several => {
            let names: Vec<String> =
                several.iter().take(LISTED).map(|object| object.path().display().to_string()).collect();
            let message =
                format!("{} files of outlines, expected one; name one of: {}", several.len(), names.join("; "));
            Err(ReadError::unfit(path, message))
        }
    }
}
