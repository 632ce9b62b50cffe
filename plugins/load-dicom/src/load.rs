//! What a request asks for: the series and the volume, the file of outlines.

use std::path::{Path, PathBuf};

use dicom_dictionary_std::{tags, uids};
use voxomics_sdk::{Context, LoadRequest, Loaded};

use crate::doubt;
use crate::error::ReadError;
use crate::files::{self, Damaged, Found};
use crate::flat;
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
    let Found { objects, damaged, .. } = if path.is_dir() {
        files::find(path, true, context)?
    } else {
        let object = Object::read(path)?;
        if !series::is_image(&object) {
            return Err(no_image(&object));
        }
        let own = object.root().need_text(tags::SERIES_INSTANCE_UID)?;
        if let Some(other) = uid.filter(|uid| *uid != own) {
            let expected = format!("{other}, which was asked for");
            return Err(object.root().invalid(tags::SERIES_INSTANCE_UID, &own, &expected));
        }
        uid = Some(own);
        // What stands for one object can be many files: slices, or the parts of a concatenation.
        let is_part = (frame_count(object.root())? == 1 || object.root().has(tags::CONCATENATION_UID))
            && !flat::is_picture(&object);
        match path.parent() {
            Some(folder) if is_part => {
                let folder = if folder == Path::new("") { Path::new(".") } else { folder };
                files::find(folder, false, context)?
            }
            _ => Found { objects: vec![object], ..Found::default() },
        }
    };
    let groups = series::group(&objects)?;
    let series = match choose(path, &groups, uid.as_deref(), config.spacing_tolerance_mm) {
        Ok(series) => series,
        // What is missing may be what cannot be read.
        Err(error) => {
            let doubtful = damaged.into_iter().find(|damaged| !doubt::is_other(damaged, uid.as_deref()));
            return Err(doubtful.map_or(error, doubt::explained));
        }
    };
    // Where no series was asked for, one that cannot be read is one too many.
    let is_one_more = |one: &Damaged| uid.is_none() && one.series.is_some() && !doubt::is_other(one, None);
    let (more, damaged): (Vec<Damaged>, Vec<Damaged>) = damaged.into_iter().partition(is_one_more);
    if let Some(one) = more.into_iter().next() {
        return Err(one.error);
    }
    doubt::check(damaged, series, context)?;
    if flat::is_flat(series) {
        let picture = flat::choose(path, series, wanted)?;
        return picture.load(&config.picture, path, request.max_bytes, context);
    }
    check_kind(path, series)?;
    let volumes = Volumes::new(series, config.spacing_tolerance_mm)?;
    let loaded = load(&volumes, volumes.choose(path, wanted)?, request, context, config)?;
    for scan in &loaded.images {
        if let Some(image) = Image::new(volumes.objects(), scan.grid) {
            images.remember(image);
        }
    }
    Ok(loaded)
}

/// What an object is that is no image, and what to do.
fn no_image(object: &Object) -> ReadError {
    let class = object.sop_class();
    let supported = match class.as_str() {
        uids::RT_DOSE_STORAGE => {
            "an image: this is a dose distribution, in gray and not in intensities, and doses are not read"
        }
        _ if series::is_outlines(object) => {
            "an image: these are outlines, which go into the column `mask`; name the folder of their series as the image"
        }
        _ => "an image; name the folder of the series",
    };
    object.root().unsupported(tags::SOP_CLASS_UID, &names::uid(&class), supported)
}

/// Images that are no slices lack what places them by their nature: no export brings it.
fn check_kind(path: &Path, series: &Series<'_>) -> Result<(), ReadError> {
    let class = series.objects.first().map(|object| object.sop_class()).unwrap_or_default();
    // Of nuclear medicine, some are slices.
    let may_be_slices = series::is_of_slices(&class) || class == uids::NUCLEAR_MEDICINE_IMAGE_STORAGE;
    if series.is_spatial() || class.is_empty() || may_be_slices {
        return Ok(());
    }
    let what = match class.strip_prefix(series::STORAGE).is_some_and(|kind| kind.starts_with("12.")) {
        true => "projections (angiographs, fluoroscopy), which show no slices: they are not read".to_owned(),
        false => format!("of the kind {}, which shows no slices and is not read", names::uid(&class)),
    };
    Err(ReadError::unfit(
        path,
        format!("{} has no place in the patient, expected slices: these are {what}", series.line()),
    ))
}

/// The objects of a folder that may be outlines. Damaged files are left out with a warning if what can be read of them shows
/// that they are something else.
fn objects(found: Found, context: &Context, is_other: impl Fn(&Damaged) -> bool) -> Result<Vec<Object>, ReadError> {
    let (others, doubtful): (Vec<Damaged>, Vec<Damaged>) = found.damaged.into_iter().partition(is_other);
    if let Some(damaged) = doubtful.into_iter().next() {
        return Err(damaged.error);
    }
    if let Some(message) = doubt::told(&others) {
        context.warning(&message);
    }
    Ok(found.objects)
}

fn choose<'a, 'b>(
    path: &Path,
    all: &'b [Series<'a>],
    wanted: Option<&str>,
    tolerance: f64,
) -> Result<&'b Series<'a>, ReadError> {
    let list = |all: &[&Series<'_>]| names::list(&all.iter().map(|series| series.line()).collect::<Vec<_>>());
    let every: Vec<&Series<'_>> = all.iter().collect();
    if let Some(wanted) = wanted {
        return every.iter().copied().find(|series| series.uid == wanted).ok_or_else(|| {
            let message = format!("no series {wanted}, expected one of: {}", list(&every));
            ReadError::unfit(path, message)
        });
    }
    let mut slices: Vec<&Series<'_>> =
        every.iter().copied().filter(|series| series.is_spatial() && !series.is_localiser()).collect();
    // Of several, screens that have a place by mistake are none.
    if slices.len() > 1 {
        slices.retain(|series| crate::aside::aside(series, tolerance).is_none());
    }
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
