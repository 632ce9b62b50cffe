//! The regions as a segmentation (DICOM PS3.3, A.51 and A.95).

mod stored;

use dicom_core::{DataElement, PrimitiveValue, Tag, VR, smallvec::smallvec};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{InMemDicomObject, mem::InMemElement};
use voxomics_sdk::{Error, ExportedCase, Grid};

use crate::{
    element::{self, Code, Head, code, empty, item, number, sequence, text},
    moment::Moment,
    source::Source,
    uid,
};
use stored::{Frame, Stored};

/// How segments are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Each in frames of its own, of one bit a voxel.
    Binary,
    /// All in one map of their numbers.
    LabelMap,
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Self::Binary => uids::SEGMENTATION_STORAGE,
            Self::LabelMap => uids::LABEL_MAP_SEGMENTATION_STORAGE,
        }
    }
}

/// A segmentation, and what refers to it.
pub struct Segmentation {
    pub object: InMemDicomObject,
    pub class: &'static str,
    pub instance: String,
    pub series: String,
    /// The names of the segments, whose numbers count from 1.
    pub segments: Vec<String>,
}

/// The segmentation of the regions of a case; `meaning` is the category and the type of every segment.
///
/// # Errors
/// If there is no region, if there are more than fit, or if two overlap where they may not.
pub fn object(
    case: &ExportedCase,
    source: &Source,
    moment: &Moment,
    kind: Kind,
    meaning: [&Code; 2],
) -> Result<Segmentation, Error> {
    let regions: Vec<(&str, &[u8])> = case.regions().map(|(region, mask)| (region.name.as_str(), mask)).collect();
    let grid = case.grid().filter(|_| !regions.is_empty());
    let grid = grid.ok_or_else(|| Error::input("the case has no region to be stored as a segment"))?;
    let [Ok(columns), Ok(rows)] = [grid.dims[0], grid.dims[1]].map(u16::try_from) else {
        let [columns, rows, _] = grid.dims;
        return Err(Error::input(format!("{columns} x {rows} voxels in a slice are more than a DICOM image can have")));
    };
    let area = usize::from(columns) * usize::from(rows);
    let Stored { frames, pixels, bits } = match kind {
        Kind::Binary => stored::binary(&regions, area),
        Kind::LabelMap => stored::label_map(&regions, area)?,
    };
    let segments: Vec<String> = regions.iter().map(|(name, _)| (*name).to_owned()).collect();
    let class = kind.class();
    let uid = |of: &str| {
        let geometry = format!("{:?} {:?}", grid.dims, grid.numbers());
        let names = segments.join("\n");
        uid::uid(&[of, class, &source.series, &geometry, &names, &moment.date, &moment.time], &pixels)
    };
    let [instance, series, dimensions] = ["segmentation", "its series", "its dimensions"].map(uid);
    let head = Head {
        class,
        instance: &instance,
        series: &series,
        series_number: "9001",
        modality: "SEG",
        description: "Voxomics regions (not a medical device)",
    };
    let (word, overlap) = match kind {
        Kind::Binary => ("BINARY", "UNDEFINED"),
        Kind::LabelMap => ("LABELMAP", "NO"),
    };
    let mut all = element::head(&head, source, moment);
    all.extend([
        text(tags::IMAGE_TYPE, VR::CS, "DERIVED\\PRIMARY"),
        text(tags::FRAME_OF_REFERENCE_UID, VR::UI, &source.frame_of_reference),
        empty(tags::POSITION_REFERENCE_INDICATOR, VR::LO),
        text(tags::CONTENT_LABEL, VR::CS, "REGIONS"),
        text(tags::CONTENT_DESCRIPTION, VR::LO, "Regions of which features were computed"),
        empty(tags::CONTENT_CREATOR_NAME, VR::PN),
        text(tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "00"),
        number(tags::SAMPLES_PER_PIXEL, 1),
        text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2"),
        text(tags::NUMBER_OF_FRAMES, VR::IS, &frames.len().to_string()),
        number(tags::ROWS, rows),
        number(tags::COLUMNS, columns),
        number(tags::BITS_ALLOCATED, bits),
        number(tags::BITS_STORED, bits),
        number(tags::HIGH_BIT, bits - 1),
        number(tags::PIXEL_REPRESENTATION, 0),
        text(tags::SEGMENTATION_TYPE, VR::CS, word),
        text(tags::SEGMENTS_OVERLAP, VR::CS, overlap),
        sequence(tags::SEGMENT_SEQUENCE, (1u16..).zip(&segments).map(|(at, name)| segment(at, name, source, meaning))),
        sequence(
            tags::DIMENSION_ORGANIZATION_SEQUENCE,
            [item([text(tags::DIMENSION_ORGANIZATION_UID, VR::UI, &dimensions)])],
        ),
        sequence(tags::DIMENSION_INDEX_SEQUENCE, indices(kind, &dimensions)),
        sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, [shared(grid)]),
        sequence(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, frames.iter().map(|frame| functional_groups(grid, frame))),
        DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::from(pixels.clone())),
    ]);
    if kind == Kind::LabelMap {
        all.push(number(tags::PIXEL_PADDING_VALUE, 0));
    }
    Ok(Segmentation { object: item(all), class, instance, series, segments })
}

/// What a segment is.
fn segment(at: u16, name: &str, source: &Source, [category, property]: [&Code; 2]) -> InMemDicomObject {
    item([
        number(tags::SEGMENT_NUMBER, at),
        text(tags::SEGMENT_LABEL, VR::LO, name),
        // A ring is made by the program of an outline that somebody drew.
        text(tags::SEGMENT_ALGORITHM_TYPE, VR::CS, "SEMIAUTOMATIC"),
        text(tags::SEGMENT_ALGORITHM_NAME, VR::LO, "Voxomics"),
        code(tags::SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE, category),
        code(tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE, property),
        text(tags::TRACKING_ID, VR::UT, &source.tracking_id(name)),
        text(tags::TRACKING_UID, VR::UI, &source.tracking_uid("region", name)),
    ])
}

/// What frames are told apart by: their segment, if each has one, and their place.
fn indices(kind: Kind, organization: &str) -> Vec<InMemDicomObject> {
    let index = |pointer: Tag, group: Tag| {
        item([
            text(tags::DIMENSION_ORGANIZATION_UID, VR::UI, organization),
            DataElement::new(tags::DIMENSION_INDEX_POINTER, VR::AT, PrimitiveValue::Tags(smallvec![pointer])),
            DataElement::new(tags::FUNCTIONAL_GROUP_POINTER, VR::AT, PrimitiveValue::Tags(smallvec![group])),
        ])
    };
    let by_segment = index(tags::REFERENCED_SEGMENT_NUMBER, tags::SEGMENT_IDENTIFICATION_SEQUENCE);
    let by_place = index(tags::IMAGE_POSITION_PATIENT, tags::PLANE_POSITION_SEQUENCE);
    match kind {
        Kind::Binary => vec![by_segment, by_place],
        Kind::LabelMap => vec![by_place],
    }
}

fn decimals(numbers: &[f64]) -> String {
    numbers.iter().map(|number| element::decimal(*number)).collect::<Vec<_>>().join("\\")
}

/// The sizes and the directions of every frame.
fn shared(grid: &Grid) -> InMemDicomObject {
    let [across, down, through] = grid.spacing;
    let measures = item([
        text(tags::SLICE_THICKNESS, VR::DS, &element::decimal(through)),
        text(tags::SPACING_BETWEEN_SLICES, VR::DS, &element::decimal(through)),
        // The distance between rows comes first.
        text(tags::PIXEL_SPACING, VR::DS, &decimals(&[down, across])),
    ]);
    let directions = grid.direction[..2].as_flattened();
    item([
        sequence(tags::PIXEL_MEASURES_SEQUENCE, [measures]),
        sequence(
            tags::PLANE_ORIENTATION_SEQUENCE,
            [item([text(tags::IMAGE_ORIENTATION_PATIENT, VR::DS, &decimals(directions))])],
        ),
    ])
}

/// The place of a frame, and its segment.
fn functional_groups(grid: &Grid, frame: &Frame) -> InMemDicomObject {
    let step = frame.slice as f64 * grid.spacing[2];
    let place: Vec<f64> = (0..3).map(|axis| grid.origin[axis] + step * grid.direction[2][axis]).collect();
    let slice = u32::try_from(frame.slice + 1).unwrap_or(u32::MAX);
    let values: Vec<u32> = frame.segment.map(u32::from).into_iter().chain([slice]).collect();
    let mut groups: Vec<InMemElement> = vec![
        sequence(
            tags::FRAME_CONTENT_SEQUENCE,
            [item([DataElement::new(tags::DIMENSION_INDEX_VALUES, VR::UL, PrimitiveValue::U32(values.into()))])],
        ),
        sequence(
            tags::PLANE_POSITION_SEQUENCE,
            [item([text(tags::IMAGE_POSITION_PATIENT, VR::DS, &decimals(&place))])],
        ),
    ];
    groups.extend(frame.segment.map(|segment| {
        sequence(tags::SEGMENT_IDENTIFICATION_SEQUENCE, [item([number(tags::REFERENCED_SEGMENT_NUMBER, segment)])])
    }));
    item(groups)
}
