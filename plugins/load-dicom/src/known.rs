//! What outlines can say of the series of a folder, and what they do.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use dicom_dictionary_std::tags;
use voxomics_sdk::survey;

use crate::error::ReadError;
use crate::object::{Item, Object};
use crate::outlines::may_enclose;
use crate::series::{self, Series};

/// The volume of each slice of a series that has several: by `SOPInstanceUID` and the number of the frame.
pub type Slices = Vec<(String, i64, String)>;

/// The series or volumes that each region of a file was drawn on.
type Drawn<'a> = BTreeMap<i64, BTreeSet<&'a str>>;

/// The series of a folder, by what outlines can say of them.
pub struct Known<'a> {
    /// The frame of reference of each series.
    frames: Vec<(String, &'a str)>,
    /// The series of each slice.
    slices: HashMap<String, &'a str>,
    /// The series of several volumes.
    several: BTreeSet<&'a str>,
    /// The volume of each frame of those.
    volumes: HashMap<String, Vec<(i64, String)>>,
    /// The patient of each series.
    patients: Vec<(String, &'a str)>,
}

impl<'a> Known<'a> {
    /// What is known of series, each with its volumes and, if it has several, with the slices of each.
    pub fn new<'b>(series: impl Iterator<Item = (&'a Series<'a>, &'b [survey::Series], &'b Slices)>) -> Self {
        let (frames, slices) = (Vec::new(), HashMap::new());
        let (several, volumes, patients) = (BTreeSet::new(), HashMap::new(), Vec::new());
        let mut known = Self { frames, slices, several, volumes, patients };
        for (series, volumes, slices) in series {
            let text = |tag| series.objects.first().and_then(|object| object.root().text(tag));
            known.frames.extend(text(tags::FRAME_OF_REFERENCE_UID).map(|frame| (frame, series.uid.as_str())));
            known.patients.push((text(tags::PATIENT_ID).unwrap_or_default(), &series.uid));
            let uids = series.objects.iter().filter_map(|object| object.root().text(tags::SOP_INSTANCE_UID));
            known.slices.extend(uids.map(|slice| (slice, series.uid.as_str())));
            if volumes.len() > 1 {
                known.several.insert(&series.uid);
            }
            for (slice, frame, volume) in slices {
                known.volumes.entry(slice.clone()).or_default().push((*frame, volume.clone()));
            }
        }
        known
    }

    /// What a file of outlines says about itself: once for each series that its regions were drawn on.
    ///
    /// # Errors
    /// If it cannot be read, or has a number that is none.
    pub fn outlined(&self, object: &Object) -> Result<Vec<survey::Outlines>, ReadError> {
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
            ..survey::Outlines::default()
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
            let candidates = if series.is_none() { self.candidates(item) } else { Vec::new() };
            let at = all.iter().position(|other| other.series == series).unwrap_or_else(|| {
                all.push(whole(series));
                all.len() - 1
            });
            let empty = !enclosing.contains(&i64::from(number));
            for candidate in candidates {
                if !all[at].candidates.contains(&candidate) {
                    all[at].candidates.push(candidate);
                }
            }
            let told = survey::Outlined { number, name: item.name(name), empty, ..survey::Outlined::default() };
            all[at].regions.push(told);
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

    /// The series that a region which names none may have been drawn on: those in its frame of reference, or, where it has
    /// none, those of its patient.
    fn candidates(&self, region: Item<'_>) -> Vec<String> {
        let root = region.object().root();
        let own = region.text(tags::REFERENCED_FRAME_OF_REFERENCE_UID);
        if own.or_else(|| root.text(tags::FRAME_OF_REFERENCE_UID)).is_some() {
            return self.in_frame(region);
        }
        let patient = root.text(tags::PATIENT_ID).unwrap_or_default();
        self.patients.iter().filter(|(other, _)| *other == patient).map(|(_, series)| (*series).to_owned()).collect()
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
    fn named(&self, item: Item<'_>) -> BTreeSet<&str> {
        let Some(uid) = item.text(tags::REFERENCED_SOP_INSTANCE_UID) else { return BTreeSet::new() };
        let Some(volumes) = self.volumes.get(uid.as_str()) else {
            return self.slices.get(&uid).copied().into_iter().collect();
        };
        let numbers = item.ints(tags::REFERENCED_FRAME_NUMBER).ok().flatten();
        let is_named = |frame: &i64| numbers.as_ref().is_none_or(|numbers| numbers.contains(frame));
        volumes.iter().filter(|(frame, _)| is_named(frame)).map(|(_, volume)| volume.as_str()).collect()
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
