//! What tells apart frames of one series that lie at the same place.

use std::cmp::Ordering;

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::diffusion;
use crate::frames::Frame;
use crate::object::{Item, Object};

/// What an attribute means for the volumes that it tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It says what a volume is: no volume has two values of it.
    Identity,
    /// It counts acquisitions: those of a volume's odd and even slices may have one each.
    Count,
    /// It was measured, and may differ a little from slice to slice.
    Measure,
    /// It says when a slice was acquired or written: as a rule, every slice has its own.
    Clock,
}

/// An attribute that can tell volumes apart.
#[derive(Debug)]
pub struct Attribute {
    /// Its tag.
    pub tag: Tag,
    /// What it means.
    pub kind: Kind,
    /// The functional groups that it is in, each by the sequences that lead to it; else it is in the object itself.
    groups: &'static [&'static [Tag]],
}

const fn simple(tag: Tag, kind: Kind) -> Attribute {
    Attribute { tag, kind, groups: &[] }
}

const fn grouped(tag: Tag, kind: Kind, groups: &'static [&'static [Tag]]) -> Attribute {
    Attribute { tag, kind, groups }
}

const CONTENT: &[&[Tag]] = &[&[tags::FRAME_CONTENT_SEQUENCE]];
const DIFFUSION: &[&[Tag]] = &[&[tags::MR_DIFFUSION_SEQUENCE]];
const DIRECTION: &[&[Tag]] = &[&[tags::MR_DIFFUSION_SEQUENCE, tags::DIFFUSION_GRADIENT_DIRECTION_SEQUENCE]];
const HEART: &[&[Tag]] = &[&[tags::CARDIAC_SYNCHRONIZATION_SEQUENCE]];
const BREATH: &[&[Tag]] = &[&[tags::RESPIRATORY_SYNCHRONIZATION_SEQUENCE]];
const FRAME_KIND: &[&[Tag]] =
    &[&[tags::MR_IMAGE_FRAME_TYPE_SEQUENCE], &[tags::CT_IMAGE_FRAME_TYPE_SEQUENCE], &[tags::PET_FRAME_TYPE_SEQUENCE]];

/// The attributes, the one that means most first. `InstanceNumber` and `SliceLocation` are none of them: they count slices
/// and say nothing of volumes.
const ATTRIBUTES: [Attribute; 27] = [
    grouped(tags::STACK_ID, Kind::Identity, CONTENT),
    simple(tags::TEMPORAL_POSITION_IDENTIFIER, Kind::Identity),
    grouped(tags::TEMPORAL_POSITION_INDEX, Kind::Identity, CONTENT),
    simple(tags::ECHO_NUMBERS, Kind::Identity),
    simple(tags::ECHO_TIME, Kind::Identity),
    grouped(tags::EFFECTIVE_ECHO_TIME, Kind::Identity, &[&[tags::MR_ECHO_SEQUENCE]]),
    grouped(tags::DIFFUSION_B_VALUE, Kind::Identity, DIFFUSION),
    grouped(tags::DIFFUSION_GRADIENT_ORIENTATION, Kind::Identity, DIRECTION),
    simple(tags::SEQUENCE_NAME, Kind::Measure),
    simple(tags::ACQUISITION_NUMBER, Kind::Count),
    grouped(tags::FRAME_ACQUISITION_NUMBER, Kind::Count, CONTENT),
    simple(tags::TRIGGER_TIME, Kind::Measure),
    grouped(tags::NOMINAL_CARDIAC_TRIGGER_DELAY_TIME, Kind::Measure, HEART),
    grouped(tags::NOMINAL_PERCENTAGE_OF_CARDIAC_PHASE, Kind::Measure, HEART),
    grouped(tags::NOMINAL_RESPIRATORY_TRIGGER_DELAY_TIME, Kind::Measure, BREATH),
    grouped(tags::NOMINAL_PERCENTAGE_OF_RESPIRATORY_PHASE, Kind::Measure, BREATH),
    simple(tags::INVERSION_TIME, Kind::Measure),
    grouped(tags::INVERSION_TIMES, Kind::Measure, &[&[tags::MR_MODIFIER_SEQUENCE]]),
    simple(tags::FRAME_REFERENCE_TIME, Kind::Measure),
    simple(tags::IMAGE_TYPE, Kind::Identity),
    grouped(tags::FRAME_TYPE, Kind::Identity, FRAME_KIND),
    grouped(tags::COMPLEX_IMAGE_COMPONENT, Kind::Identity, &[&[tags::MR_IMAGE_FRAME_TYPE_SEQUENCE]]),
    simple(tags::ACQUISITION_TIME, Kind::Clock),
    simple(tags::ACQUISITION_DATE_TIME, Kind::Clock),
    grouped(tags::FRAME_REFERENCE_DATE_TIME, Kind::Clock, CONTENT),
    grouped(tags::FRAME_ACQUISITION_DATE_TIME, Kind::Clock, CONTENT),
    simple(tags::CONTENT_TIME, Kind::Clock),
];
/// What tells two slices from each other where nothing tells two volumes apart.
const COUNTER: Attribute = simple(tags::INSTANCE_NUMBER, Kind::Clock);

/// What the frames of a series say of an attribute.
#[derive(Debug)]
pub struct Values {
    /// The attribute.
    pub attribute: &'static Attribute,
    /// What they say, each once, numbers by size; empty if they say nothing.
    pub texts: Vec<String>,
    /// Which of these each frame says.
    pub of: Vec<usize>,
}

/// The attributes in which frames differ, the one that means most first.
pub fn values(objects: &[&Object], frames: &[Frame]) -> Vec<Values> {
    let places = Places::new(objects);
    let values = |attribute: &'static Attribute| {
        let shown: Vec<String> = frames.iter().map(|frame| places.shown(attribute, frame)).collect();
        let mut texts = shown.clone();
        texts.sort_by(|a, b| by_size(a, b));
        texts.dedup();
        let of = shown.iter().map(|text| texts.partition_point(|other| by_size(other, text).is_lt())).collect();
        Values { attribute, texts, of }
    };
    ATTRIBUTES.iter().map(values).filter(|values| values.texts.len() > 1).collect()
}

/// The attribute in which two frames at the same place differ, and what it says in each.
pub fn difference(objects: &[&Object], a: &Frame, b: &Frame) -> Option<(Tag, [String; 2])> {
    let places = Places::new(objects);
    let shown = |attribute: &Attribute| (attribute.tag, [a, b].map(|frame| places.shown(attribute, frame)));
    ATTRIBUTES.iter().chain([&COUNTER]).map(shown).find(|(_, [a, b])| a != b)
}

/// Where the attributes of frames are.
struct Places<'a> {
    /// Of each object: itself, the groups that its frames share, and those of each frame.
    objects: Vec<(Item<'a>, Option<Item<'a>>, Vec<Item<'a>>)>,
}

impl<'a> Places<'a> {
    fn new(objects: &[&'a Object]) -> Self {
        let places = |object: &&'a Object| {
            let root = object.root();
            let shared = root.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
            (root, shared, root.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE))
        };
        Self { objects: objects.iter().map(places).collect() }
    }

    /// What a frame says of an attribute: itself, or else what all frames share.
    fn shown(&self, attribute: &Attribute, frame: &Frame) -> String {
        let (root, shared, own) = &self.objects[frame.object];
        let groups = own.get(frame.index).into_iter().chain(shared);
        let in_groups = groups.flat_map(|group| {
            let inner = |path: &&[Tag]| path.iter().try_fold(*group, |item, tag| item.item(*tag));
            attribute.groups.iter().filter_map(inner)
        });
        in_groups
            .chain([*root])
            .map(|item| shown(item, attribute.tag))
            .find(|text| !text.is_empty())
            .or_else(|| diffusion::private(*root, attribute.tag).map(|numbers| joined(&numbers)))
            .unwrap_or_default()
    }
}

/// The values of an attribute as a text; numbers to the fourth digit, which is less than any of these tells volumes apart.
fn shown(item: Item<'_>, tag: Tag) -> String {
    match item.floats(tag) {
        Ok(Some(numbers)) => joined(&numbers),
        _ => item.texts(tag).join("\\").replace(char::is_control, "_"),
    }
}

fn joined(numbers: &[f64]) -> String {
    // What is added turns a negative zero into a positive one.
    let rounded = |number: &f64| ((number * 1e4).round() / 1e4 + 0.0).to_string();
    numbers.iter().map(rounded).collect::<Vec<_>>().join("\\")
}

/// Nothing before numbers, numbers before words.
fn by_size(a: &str, b: &str) -> Ordering {
    let numbers = |text: &str| -> Option<Vec<f64>> {
        text.split('\\').filter(|_| !text.is_empty()).map(|number| number.parse().ok()).collect()
    };
    match (numbers(a), numbers(b)) {
        (Some(a_numbers), Some(b_numbers)) => {
            let pairs = a_numbers.iter().zip(&b_numbers).map(|(a, b)| a.total_cmp(b));
            let first = pairs.into_iter().find(|order| order.is_ne());
            first.unwrap_or_else(|| a_numbers.len().cmp(&b_numbers.len())).then_with(|| a.cmp(b))
        }
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}
