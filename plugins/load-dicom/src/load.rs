//! What a request asks for: the series and the volume, the file of outlines.

use std::path::{Path, PathBuf};

use dicom_dictionary_std::tags;
use voxomics_sdk::{Context, LoadRequest, Loaded};

use crate::error::ReadError;
use crate::files::{self, Damaged, Found};
use crate::frames::frame_count;
use crate::images::{Image, Images};
use crate::object::Object;
use crate::series::{self, Series};
use crate::volumes::Volumes;
use crate::{Config, metadata, names, suv, unit, uptake, volume};

/// Loads the image that a path and a selection name.
///
/// # Errors
/// If there is none, if there are several, or if it cannot be read.
pub fn image(request: &LoadRequest, context: &Context, config: &Config, images: &Images) -> Result<Loaded, ReadError> {
    let path = &request.path;
    let wanted = request.selection.series.as_deref();
    let mut uid = wanted.map(|wanted| series::uid(wanted).to_owned());
    let objects = if path.is_dir() {
        objects(files::find(path, true, context)?, context, |damaged| is_no_slice(damaged, uid.as_deref()))?
    } else {
        let object = Object::read(path)?;
        let own = object.root().need_text(tags::SERIES_INSTANCE_UID)?;
        if let Some(other) = uid.filter(|uid| *uid != own) {
            let expected = format!("{other}, which was asked for");
            return Err(object.root().invalid(tags::SERIES_INSTANCE_UID, &own, &expected));
        }
        if !series::is_image(&object) {
            let class = object.sop_class();
            return Err(object.root().unsupported(
                tags::SOP_CLASS_UID,
                &class,
                "an image; name the folder of the series",
            ));
        }
        uid = Some(own);
        // What stands for one object can be many files: slices, or the parts of a concatenation.
        let is_part = frame_count(object.root())? == 1 || object.root().has(tags::CONCATENATION_UID);
        match path.parent() {
            Some(folder) if is_part => {
                let folder = if folder == Path::new("") { Path::new(".") } else { folder };
                let found = files::find(folder, false, context)?;
                objects(found, context, |damaged| is_no_slice(damaged, uid.as_deref()))?
            }
            _ => vec![object],
        }
    };
    let groups = series::group(&objects)?;
    let volumes = Volumes::new(choose(path, &groups, uid.as_deref())?, config.spacing_tolerance_mm)?;
    let loaded = load(&volumes, volumes.choose(path, wanted)?, request, context, config)?;
    for scan in &loaded.images {
        if let Some(image) = Image::new(volumes.objects(), scan.grid) {
            images.remember(image);
        }
    }
    Ok(loaded)
}

/// The objects of a folder. Damaged files are left out with a warning if what can be read of them shows that they are others
/// than those that are wanted.
fn objects(found: Found, context: &Context, is_other: impl Fn(&Damaged) -> bool) -> Result<Vec<Object>, ReadError> {
    let (others, doubtful): (Vec<Damaged>, Vec<Damaged>) = found.damaged.into_iter().partition(is_other);
    if let Some(damaged) = doubtful.into_iter().next() {
        return Err(damaged.error);
    }
    match others.as_slice() {
        [] => {}
        [one] => context.warning(&format!("{}; it is left out, as it belongs to something else", one.error)),
        [first, rest @ ..] => context.warning(&format!(
            "{}; it is left out, as it belongs to something else, and so are {} damaged files more",
            first.error,
            rest.len()
        )),
    }
    Ok(found.objects)
}

/// Whether a damaged file is no image, or one of another series than the wanted one.
fn is_no_slice(damaged: &Damaged, wanted: Option<&str>) -> bool {
    let class = damaged.class.as_deref();
    class.is_some_and(series::is_no_image)
        || damaged.series.as_deref().zip(wanted).is_some_and(|(series, wanted)| series != wanted)
}

fn choose<'a, 'b>(path: &Path, all: &'b [Series<'a>], wanted: Option<&str>) -> Result<&'b Series<'a>, ReadError> {
    let list = |all: &[&Series<'_>]| names::list(&all.iter().map(|series| series.line()).collect::<Vec<_>>());
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

fn load(
    volumes: &Volumes<'_>,
    index: usize,
    request: &LoadRequest,
    context: &Context,
    config: &Config,
) -> Result<Loaded, ReadError> {
    let mut plan = volumes.plan(index)?;
    let (mut metadata, varying) = metadata::metadata(&plan.objects, &plan.values);
    let modality = plan.objects[0].root().text(tags::MODALITY).unwrap_or_default();
    if config.wants_suv(&modality) {
        uptake::to_suv(&mut plan, volumes)?;
    }
    metadata.extend(unit::of(&plan).map(|unit| (unit::KEY.to_owned(), unit.into())));
    let scan = volume::read(&mut plan, request.max_bytes, context)?;
    if config.wants_suv(&modality) {
        plan.warnings.extend(volume::largest(&scan).and_then(suv::doubt));
    }
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
    let is_other = |damaged: &Damaged| damaged.class.as_deref().is_some_and(|class| !series::is_outlines_class(class));
    let objects = objects(files::find(path, true, context)?, context, is_other)?;
    let mut found: Vec<&Object> = objects.iter().filter(|object| series::is_outlines(object)).collect();
    let wanted = request.selection.series.as_deref().map(series::uid);
    let is_wanted =
        |object: &&Object| wanted.is_some_and(|wanted| series::referenced(object).iter().any(|uid| uid == wanted));
    if found.len() > 1 && found.iter().any(is_wanted) {
        found.retain(is_wanted);
    }
    match found.as_slice() {
        [one] => Ok(one.path().to_path_buf()),
        [] => Err(ReadError::unfit(path, "no RTSTRUCT and no SEG in this folder, expected one; check the path")),
        several => {
            let names: Vec<String> = several.iter().map(|object| object.path().display().to_string()).collect();
            let list = names::list(&names);
            let message = format!("{} files of outlines, expected one; name one of: {list}", several.len());
            Err(ReadError::unfit(path, message))
        }
    }
}
