//! What a folder holds, by the headers of its files.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use dicom_dictionary_std::tags;
use voxomics_imaging::executor;
use voxomics_sdk::{Context, survey};

use crate::error::ReadError;
use crate::frames::Frame;
use crate::object::{Item, Object};
use crate::outlines::may_enclose;
use crate::series::{self, Series};
use crate::volumes::Volumes;
use crate::{Config, files, metadata, names, uptake};

/// Surveys a folder: no pixels are read.
///
/// # Errors
/// If the folder cannot be read, or if the host gives up.
pub fn survey(folder: &Path, config: &Config, context: &Context) -> Result<survey::Survey, ReadError> {
    let found = files::find(folder, true, context)?;
    let mut unusable: Vec<survey::Unusable> = found.damaged.iter().map(|damaged| told(&damaged.error)).collect();
    let (images, others): (Vec<&Object>, Vec<&Object>) =
        found.objects.iter().partition(|object| series::is_image(object));
    let (images, orphans): (Vec<&Object>, Vec<&Object>) =
        images.into_iter().partition(|object| object.root().has(tags::SERIES_INSTANCE_UID));
    unusable.extend(orphans.iter().map(|object| told(&object.root().missing(tags::SERIES_INSTANCE_UID))));
    let (asides, groups): (Vec<_>, Vec<_>) = series::group(images)?
        .into_iter()
        .map(|series| (series::aside(&series, config.spacing_tolerance_mm), series))
        .partition(|(reason, _)| reason.is_some());
    let aside = asides.iter().filter_map(|(reason, series)| Some(set_aside(series, (*reason)?))).collect();
    let groups: Vec<Series<'_>> = groups.into_iter().map(|(_, series)| series).collect();
    let described = executor::map(&context.threads(), groups.len(), &|index| describe(&groups[index], config));
    let known = Known::new(&groups, &described);
    let mut series: Vec<survey::Series> = described.iter().flat_map(|(volumes, _)| volumes).cloned().collect();
    // The volumes of a series stay in their order.
    series.sort_by_key(|a| (a.patient.clone(), a.study.clone(), series::uid(&a.uid).to_owned()));
    let (drawn, rest): (Vec<&Object>, Vec<&Object>) =
        others.into_iter().partition(|object| series::is_outlines(object));
    let mut outlines = Vec::new();
    for answer in executor::map(&context.threads(), drawn.len(), &|index| known.outlined(drawn[index])) {
        match answer {
            Ok(told) => outlines.extend(told),
            Err(error) => unusable.push(told(&error)),
        }
    }
    let mut others: BTreeMap<String, u64> = BTreeMap::new();
    for object in rest {
        let modality = object.root().text(tags::MODALITY);
        *others.entry(modality.unwrap_or_else(|| names::uid(&object.sop_class()))).or_default() += 1;
    }
    Ok(survey::Survey { files: found.files, series, outlines, unusable, foreign: found.foreign, aside, others })
}

fn set_aside(series: &Series<'_>, reason: &str) -> survey::Aside {
    let text = |tag| series.objects.first().and_then(|object| object.root().text(tag)).unwrap_or_default();
    survey::Aside {
        uid: series.uid.clone(),
        patient: text(tags::PATIENT_ID),
        modality: text(tags::MODALITY),
        description: text(tags::SERIES_DESCRIPTION),
        folder: series.folder(),
        files: series.objects.len() as u64,
        reason: reason.to_owned(),
    }
}

fn told(error: &ReadError) -> survey::Unusable {
    survey::Unusable { path: error.path.clone(), problem: error.fault.to_string() }
}

/// The volume of each slice of a series that has several: by `SOPInstanceUID` and the number of the frame.
type Slices = Vec<(String, i64, String)>;

/// What is told of each volume of a series.
fn describe(series: &Series<'_>, config: &Config) -> (Vec<survey::Series>, Slices) {
    let text = |tag| series.objects.first().and_then(|object| object.root().text(tag)).unwrap_or_default();
    let told = survey::Series {
        uid: series.uid.clone(),
        patient: text(tags::PATIENT_ID),
        study: text(tags::STUDY_INSTANCE_UID),
        modality: text(tags::MODALITY),
        description: text(tags::SERIES_DESCRIPTION),
        folder: series.folder(),
        files: (series.objects.len() + series.localisers.len() + series.captures.len()) as u64,
        ..survey::Series::default()
    };
    let volumes = match Volumes::new(series, config.spacing_tolerance_mm) {
        Ok(volumes) => volumes,
        Err(error) => {
            let (attributes, _) = metadata::metadata(&series.objects, &[]);
            return (vec![survey::Series { problem: Some(error.to_string()), attributes, ..told }], Slices::new());
        }
    };
    let mut slices = Slices::new();
    let mut all = Vec::new();
    for (index, name) in volumes.names().into_iter().enumerate() {
        let objects = volumes.objects_of(index);
        let mut volume = survey::Series { uid: name.clone(), ..told.clone() };
        if volumes.count() > 1 {
            volume.files = objects.len() as u64;
            let uid = |frame: &Frame| volumes.objects()[frame.object].root().text(tags::SOP_INSTANCE_UID);
            let slice = |frame: &Frame| Some((uid(frame)?, frame.index as i64 + 1, name.clone()));
            slices.extend(volumes.frames_of(index).filter_map(slice));
        }
        let planned = volumes.plan(index).and_then(|mut plan| {
            if config.wants_suv(&told.modality) {
                uptake::to_suv(&mut plan, &volumes)?;
            }
            Ok(plan)
        });
        (volume.attributes, _) = metadata::metadata(&objects, volumes.values(index));
        match planned {
            Ok(plan) => {
                let [rows, columns] = plan.layouts[0].format.size;
                volume.dims = Some([columns, rows, plan.frames.len()].map(|n| n as u64));
                volume.spacing = Some(plan.stack.placement.spacing);
                volume.warnings = plan.warnings;
            }
            Err(error) => volume.problem = Some(error.to_string()),
        }
        all.push(volume);
    }
    (all, slices)
}

/// The series or volumes that each region of a file was drawn on.
type Drawn<'a> = BTreeMap<i64, BTreeSet<&'a str>>;

/// The series of a folder, by what outlines can say of them.
struct Known<'a> {
    /// The frame of reference of each series.
    frames: Vec<(String, &'a str)>,
    /// The series of each slice.
    slices: HashMap<String, &'a str>,
    /// The series of several volumes.
    several: BTreeSet<&'a str>,
    /// The volume of each frame of those.
    volumes: HashMap<&'a str, Vec<(i64, &'a str)>>,
}

impl<'a> Known<'a> {
    fn new(groups: &'a [Series<'_>], described: &'a [(Vec<survey::Series>, Slices)]) -> Self {
        let (frames, slices) = (Vec::new(), HashMap::new());
        let mut known = Self { frames, slices, several: BTreeSet::new(), volumes: HashMap::new() };
        for (series, (volumes, slices)) in groups.iter().zip(described) {
            let text = |tag| series.objects.first().and_then(|object| object.root().text(tag));
            known.frames.extend(text(tags::FRAME_OF_REFERENCE_UID).map(|frame| (frame, series.uid.as_str())));
            let uids = series.objects.iter().filter_map(|object| object.root().text(tags::SOP_INSTANCE_UID));
            known.slices.extend(uids.map(|slice| (slice, series.uid.as_str())));
            if volumes.len() > 1 {
                known.several.insert(&series.uid);
            }
            for (slice, frame, volume) in slices {
                known.volumes.entry(slice).or_default().push((*frame, volume));
            }
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
        let (drawn, enclosing) = self.drawn_on(object)?;
        let is_label_map = root.text(tags::SEGMENTATION_TYPE).as_deref() == Some("LABELMAP");
        for item in root.items(sequence) {
            let number = item.need_int_in(number, 0, i64::from(u32::MAX))? as u32;
            if number == 0 && is_label_map {
                // Its background, which is no region.
                continue;
            }
            let mut series = series::of_region(object, item);
            if series.is_empty() {
                series = self.in_frame(item);
            }
            if series.len() != 1 || self.several.contains(series[0].as_str()) {
                series = chosen(series, drawn.get(&i64::from(number)));
            }
            let series = if series.len() == 1 { series.pop() } else { None };
            let at = all.iter().position(|other| other.series == series).unwrap_or_else(|| {
                all.push(whole(series));
                all.len() - 1
            });
            let empty = !enclosing.contains(&i64::from(number));
            all[at].regions.push(survey::Outlined { number, name: item.name(name), empty });
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

    /// The series whose slices the contours of each region of a file name, or the frames of each segment; the volumes, of
    /// series that have several. And the regions that something is drawn for.
    fn drawn_on(&self, object: &Object) -> Result<(Drawn<'_>, BTreeSet<i64>), ReadError> {
        if !object.root().has(tags::STRUCTURE_SET_ROI_SEQUENCE) {
            return Ok(self.segmented_on(object));
        }
        let (mut all, mut enclosing) = (Drawn::new(), BTreeSet::new());
        let object = Object::read(object.path())?;
        for region in object.root().items(tags::ROI_CONTOUR_SEQUENCE) {
            let Some(number) = region.int(tags::REFERENCED_ROI_NUMBER)? else { continue };
            for contour in region.items(tags::CONTOUR_SEQUENCE) {
                let slices = contour.items(tags::CONTOUR_IMAGE_SEQUENCE).into_iter();
                all.entry(number).or_default().extend(slices.flat_map(|slice| self.named(slice)));
                if may_enclose(contour) {
                    enclosing.insert(number);
                }
            }
        }
        Ok((all, enclosing))
    }

    fn segmented_on(&self, object: &Object) -> (Drawn<'_>, BTreeSet<i64>) {
        let mut all = Drawn::new();
        let segments: Vec<i64> = object.root().items(tags::SEGMENT_SEQUENCE).iter().filter_map(segment).collect();
        for frame in object.root().items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE) {
            let identified = frame.item(tags::SEGMENT_IDENTIFICATION_SEQUENCE);
            let number = identified.and_then(|item| item.int(tags::REFERENCED_SEGMENT_NUMBER).ok().flatten());
            // A frame of a label map has all segments.
            let numbers = number.map_or_else(|| segments.clone(), |number| vec![number]);
            let derived = frame.items(tags::DERIVATION_IMAGE_SEQUENCE).into_iter();
            let sources: Vec<Item<'_>> = derived.flat_map(|item| item.items(tags::SOURCE_IMAGE_SEQUENCE)).collect();
            for number in numbers {
                all.entry(number).or_default().extend(sources.iter().flat_map(|source| self.named(*source)));
            }
        }
        // Without frames of their own all segments are in the frames that there are.
        let shown = if all.is_empty() { segments.iter().copied().collect() } else { all.keys().copied().collect() };
        if all.values().all(BTreeSet::is_empty) {
            let series = object.root().items(tags::REFERENCED_SERIES_SEQUENCE).into_iter();
            let slices = series.flat_map(|series| series.items(tags::REFERENCED_INSTANCE_SEQUENCE));
            let named: BTreeSet<&str> = slices.flat_map(|slice| self.named(slice)).collect();
            all = segments.into_iter().map(|number| (number, named.clone())).collect();
        }
        (all, shown)
    }

    /// The series, or else the volumes, of a slice that an item names.
    fn named(&self, item: Item<'_>) -> BTreeSet<&'a str> {
        let Some(uid) = item.text(tags::REFERENCED_SOP_INSTANCE_UID) else { return BTreeSet::new() };
        let Some(volumes) = self.volumes.get(uid.as_str()) else {
            return self.slices.get(&uid).copied().into_iter().collect();
        };
        let numbers = item.ints(tags::REFERENCED_FRAME_NUMBER).ok().flatten();
        let is_named = |frame: &i64| numbers.as_ref().is_none_or(|numbers| numbers.contains(frame));
        volumes.iter().filter(|(frame, _)| is_named(frame)).map(|(_, volume)| *volume).collect()
    }
}

fn segment(item: &Item<'_>) -> Option<i64> {
    item.int(tags::SEGMENT_NUMBER).ok().flatten()
}

/// The series or volume of a region that was drawn on slices of `drawn`; `series` are those that the file names for it.
fn chosen(series: Vec<String>, drawn: Option<&BTreeSet<&str>>) -> Vec<String> {
    let of_named = |name: &&str| series.len() != 1 || series::uid(name) == series[0];
    let names: BTreeSet<&str> = drawn.into_iter().flatten().copied().filter(of_named).collect();
    let uids: BTreeSet<&str> = names.iter().map(|name| series::uid(name)).collect();
    match (names.len(), uids.len()) {
        (1, _) => names.into_iter().map(str::to_owned).collect(),
        (_, 1) => uids.into_iter().map(str::to_owned).collect(),
        _ if series.len() == 1 => series,
        _ => Vec::new(),
    }
}
