//! Where the attributes of a frame are: in its own functional groups, in those that all frames share, in the object.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::object::{Item, Object};

/// The data sets that speak of a frame, the one that speaks of nothing else first. Of a single-frame object, there is one.
#[derive(Clone)]
pub struct Place<'a> {
    own: Option<Item<'a>>,
    shared: Option<Item<'a>>,
    root: Item<'a>,
}

impl<'a> Place<'a> {
    /// Those of each frame of an object.
    pub fn all(object: &'a Object) -> Vec<Self> {
        let root = object.root();
        let shared = root.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
        let groups = root.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        match groups.is_empty() {
            true => vec![Self { own: None, shared, root }],
            false => groups.into_iter().map(|group| Self { own: Some(group), shared, root }).collect(),
        }
    }

    /// The object itself.
    pub fn root(&self) -> Item<'a> {
        self.root
    }

    /// Whether it is a frame of an object with functional groups.
    pub fn is_grouped(&self) -> bool {
        self.own.is_some() || self.shared.is_some()
    }

    /// The items of a functional group: the frame's own ones, the shared ones, or those of the object.
    pub fn items(&self, tag: Tag) -> Vec<Item<'a>> {
        let all = [self.own, self.shared, Some(self.root)];
        all.into_iter().flatten().map(|place| place.items(tag)).find(|items| !items.is_empty()).unwrap_or_default()
    }

    /// The data set that has an attribute; the object if none has it. An object that was converted from single-frame ones
    /// keeps what has no place among the functional groups in two groups of its own (DICOM PS3.3, C.7.6.16.2.25).
    pub fn with(&self, tag: Tag) -> Item<'a> {
        const OWN: [Tag; 2] = [tags::FRAME_CONTENT_SEQUENCE, tags::UNASSIGNED_PER_FRAME_CONVERTED_ATTRIBUTES_SEQUENCE];
        const SHARED: [Tag; 2] = [tags::FRAME_CONTENT_SEQUENCE, tags::UNASSIGNED_SHARED_CONVERTED_ATTRIBUTES_SEQUENCE];
        let own = OWN.iter().filter_map(|group| self.own?.item(*group));
        let shared = SHARED.iter().filter_map(|group| self.shared?.item(*group));
        own.chain(shared).find(|item| item.has(tag)).unwrap_or(self.root)
    }
}
