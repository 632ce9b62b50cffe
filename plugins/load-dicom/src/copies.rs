//! Files of a series that are there twice.

use std::collections::{BTreeSet, HashMap};

use dicom_dictionary_std::tags;

use crate::frames::Frame;
use crate::object::Object;
use crate::pixels::Layout;

/// The objects that are copies of an earlier one, each compared with the first of its UID alone.
pub fn copies(objects: &[&Object], frames: &[Frame]) -> BTreeSet<usize> {
    let mut firsts: HashMap<String, &Frame> = HashMap::new();
    let mut copies = BTreeSet::new();
    for frame in frames {
        let Some(uid) = objects[frame.object].root().text(tags::SOP_INSTANCE_UID) else { continue };
        let first = *firsts.entry(uid).or_insert(frame);
        if first.object != frame.object && first.plane == frame.plane && is_copy(objects, [first, frame]) {
            copies.insert(frame.object);
        }
    }
    copies
}

/// Whether two frames are those of two copies of one object of a single frame: written in another syntax, perhaps, or with
/// other notes on the patient, but with the same intensities.
pub fn is_copy(objects: &[&Object], frames: [&Frame; 2]) -> bool {
    let [a, b] = frames.map(|frame| objects[frame.object]);
    let uid = |object: &Object| object.root().text(tags::SOP_INSTANCE_UID);
    let is_alike = frames[0].scaling == frames[1].scaling && frames[0].unit == frames[1].unit;
    if a.path() == b.path() || uid(a).is_none() || uid(a) != uid(b) || !is_alike {
        return false;
    }
    // A file that cannot be read now is no copy: reading it later says why.
    let pixels = |object: &Object| {
        let layout = Layout::of(object).ok().filter(|layout| layout.format.frames == 1 && !layout.is_cut())?;
        let mut pixels = vec![0; layout.format.frame_bytes()];
        layout.read(object, 0, &mut pixels).ok()?;
        Some((layout.format.voxel_type()?, pixels))
    };
    pixels(a).is_some_and(|of_a| pixels(b).is_some_and(|of_b| of_a == of_b))
}
