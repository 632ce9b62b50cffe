//! What a folder holds, by the headers of its files.

use std::path::Path;

use dicom_dictionary_std::tags;
use voxomics_imaging::executor;
use voxomics_sdk::{Context, survey};

use crate::error::ReadError;
use crate::object::Object;
use crate::series::{self, Series};
use crate::{Config, files, metadata, suv};

/// Surveys a folder: no pixels are read.
///
/// # Errors
/// If the folder cannot be read, or if the host gives up.
pub fn survey(folder: &Path, config: &Config, context: &Context) -> Result<survey::Survey, ReadError> {
    let found = files::find(folder, true, context)?;
    let mut unusable: Vec<survey::Unusable> = found.damaged.iter().map(told).collect();
    let (images, others): (Vec<&Object>, Vec<&Object>) =
        found.objects.iter().partition(|object| series::is_image(object));
    let (images, orphans): (Vec<&Object>, Vec<&Object>) =
        images.into_iter().partition(|object| object.root().has(tags::SERIES_INSTANCE_UID));
    unusable.extend(orphans.iter().map(|object| told(&object.root().missing(tags::SERIES_INSTANCE_UID))));
    let groups = series::group(images)?;
    let mut series: Vec<survey::Series> =
        executor::map(&context.threads(), groups.len(), &|index| describe(&groups[index], config));
    series.sort_by(|a, b| (&a.patient, &a.study, &a.uid).cmp(&(&b.patient, &b.study, &b.uid)));
    let mut outlines = Vec::new();
    for object in others.into_iter().filter(|object| series::is_outlines(object)) {
        match outlined(object) {
            Ok(one) => outlines.push(one),
            Err(error) => unusable.push(told(&error)),
        }
    }
    Ok(survey::Survey { files: found.files, series, outlines, unusable, foreign: found.foreign })
}

fn told(error: &ReadError) -> survey::Unusable {
    survey::Unusable { path: error.path.clone(), problem: error.fault.to_string() }
}

fn describe(series: &Series<'_>, config: &Config) -> survey::Series {
    let text = |tag| series.objects.first().and_then(|object| object.root().text(tag)).unwrap_or_default();
    let (attributes, _) = metadata::metadata(&series.objects);
    let mut told = survey::Series {
        uid: series.uid.clone(),
        patient: text(tags::PATIENT_ID),
        study: text(tags::STUDY_INSTANCE_UID),
        modality: text(tags::MODALITY),
        description: text(tags::SERIES_DESCRIPTION),
        folder: series.folder(),
        files: (series.objects.len() + series.localisers.len()) as u64,
        attributes,
        ..survey::Series::default()
    };
    let planned = series.plan(config.spacing_tolerance_mm).and_then(|plan| {
        if config.wants_suv(&told.modality) {
            suv::factors(&plan.objects)?;
        }
        Ok(plan)
    });
    match planned {
        Ok(plan) => {
            let [rows, columns] = plan.layouts[0].format.size;
            told.dims = Some([columns, rows, plan.frames.len()].map(|n| n as u64));
            told.spacing = Some(plan.stack.placement.spacing);
        }
        Err(error) => told.problem = Some(error.to_string()),
    }
    told
}

/// What a file of outlines says about itself.
fn outlined(object: &Object) -> Result<survey::Outlines, ReadError> {
    let root = object.root();
    let (sequence, number, name) = match root.has(tags::STRUCTURE_SET_ROI_SEQUENCE) {
        true => (tags::STRUCTURE_SET_ROI_SEQUENCE, tags::ROI_NUMBER, tags::ROI_NAME),
        false => (tags::SEGMENT_SEQUENCE, tags::SEGMENT_NUMBER, tags::SEGMENT_LABEL),
    };
    let mut regions = Vec::new();
    for item in root.items(sequence) {
        let number = item.need_int_in(number, 0, i64::from(u32::MAX))? as u32;
        regions.push(survey::Outlined { number, name: item.text(name).unwrap_or_default() });
    }
    Ok(survey::Outlines {
        path: object.path().to_path_buf(),
        modality: root.text(tags::MODALITY).unwrap_or_default(),
        patient: root.text(tags::PATIENT_ID).unwrap_or_default(),
        series: series::referenced(object),
        regions,
    })
}
