//! What a folder holds, by the headers of its files.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use dicom_dictionary_std::tags;
use voxomics_imaging::executor;
use voxomics_sdk::{Context, survey};

use crate::error::ReadError;
use crate::object::{Item, Object};
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
    let known = Known::new(&groups);
    let mut outlines = Vec::new();
    for object in others.into_iter().filter(|object| series::is_outlines(object)) {
        match known.outlined(object) {
            Ok(told) => outlines.extend(told),
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
        files: (series.objects.len() + series.localisers.len() + series.captures.len()) as u64,
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

/// The series of a folder, by what outlines can say of them.
struct Known<'a> {
    /// The frame of reference of each series.
    frames: Vec<(String, &'a str)>,
    /// The series of each slice.
    slices: HashMap<String, &'a str>,
}

impl<'a> Known<'a> {
    fn new(groups: &'a [Series<'_>]) -> Self {
        let mut known = Self { frames: Vec::new(), slices: HashMap::new() };
        for series in groups {
            let text = |tag| series.objects.first().and_then(|object| object.root().text(tag));
            known.frames.extend(text(tags::FRAME_OF_REFERENCE_UID).map(|frame| (frame, series.uid.as_str())));
            let slices = series.objects.iter().filter_map(|object| object.root().text(tags::SOP_INSTANCE_UID));
            known.slices.extend(slices.map(|slice| (slice, series.uid.as_str())));
        }
        known
    }

    /// What a file of outlines says about itself: once for each series that its regions were drawn on.
    fn outlined(&self, object: &Object) -> Result<Vec<survey::Outlines>, ReadError> {
        let root = object.root();
        let (sequence, number, name) = match root.has(tags::STRUCTURE_SET_ROI_SEQUENCE) {
            true => (tags::STRUCTURE_SET_ROI_SEQUENCE, tags::ROI_NUMBER, tags::ROI_NAME),
            false => (tags::SEGMENT_SEQUENCE, tags::SEGMENT_NUMBER, tags::SEGMENT_LABEL),
        };
        let whole = |series: Option<String>| survey::Outlines {
            path: object.path().to_path_buf(),
            modality: root.text(tags::MODALITY).unwrap_or_default(),
            patient: root.text(tags::PATIENT_ID).unwrap_or_default(),
            series,
            regions: Vec::new(),
        };
        let mut all: Vec<survey::Outlines> = Vec::new();
        let mut drawn: Option<BTreeMap<i64, BTreeSet<&str>>> = None;
        for item in root.items(sequence) {
            let number = item.need_int_in(number, 0, i64::from(u32::MAX))? as u32;
            let mut series = series::of_region(object, item);
            if series.is_empty() {
                series = self.in_frame(item);
            }
            if series.len() != 1 {
                let drawn = match &mut drawn {
                    Some(drawn) => drawn,
                    None => drawn.insert(self.drawn_on(object.path())?),
                };
                series = drawn.get(&i64::from(number)).into_iter().flatten().map(|uid| (*uid).to_owned()).collect();
            }
            let series = if series.len() == 1 { series.pop() } else { None };
            let at = all.iter().position(|other| other.series == series).unwrap_or_else(|| {
                all.push(whole(series));
                all.len() - 1
            });
            all[at].regions.push(survey::Outlined { number, name: item.name(name) });
        }
        if all.is_empty() {
            let mut named = series::referenced(object);
            all.push(whole(if named.len() == 1 { named.pop() } else { None }));
        }
        Ok(all)
    }

    /// The series in the frame of reference of a region.
    fn in_frame(&self, region: Item<'_>) -> Vec<String> {
        let own = region.text(tags::REFERENCED_FRAME_OF_REFERENCE_UID);
        let Some(own) = own.or_else(|| region.object().root().text(tags::FRAME_OF_REFERENCE_UID)) else {
            return Vec::new();
        };
        self.frames.iter().filter(|(frame, _)| *frame == own).map(|(_, series)| (*series).to_owned()).collect()
    }

    /// The series whose slices the contours of each region of a file name.
    fn drawn_on(&self, path: &Path) -> Result<BTreeMap<i64, BTreeSet<&str>>, ReadError> {
        let object = Object::read(path)?;
        let mut all: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
        for region in object.root().items(tags::ROI_CONTOUR_SEQUENCE) {
            let Some(number) = region.int(tags::REFERENCED_ROI_NUMBER)? else { continue };
            let contours = region.items(tags::CONTOUR_SEQUENCE).into_iter();
            let slices = contours.flat_map(|contour| contour.items(tags::CONTOUR_IMAGE_SEQUENCE));
            let uids = slices.filter_map(|slice| slice.text(tags::REFERENCED_SOP_INSTANCE_UID));
            all.entry(number).or_default().extend(uids.filter_map(|uid| self.slices.get(&uid).copied()));
        }
        Ok(all)
    }
}
