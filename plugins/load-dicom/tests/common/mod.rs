//! DICOM files written by another implementation than the one that reads them here.
#![allow(dead_code)] // every test binary uses its own part

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use dicom_core::value::{DataSetSequence, PixelFragmentSequence};
use dicom_core::{DataElement, PrimitiveValue, Tag, VR, dicom_value};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use load_dicom::Dicom;
use voxomics_sdk::testing::{TestHost, settings};
use voxomics_sdk::{Error, LoadRequest, Loaded, Loader, Role, Selection, Survey};

pub const LIMIT: u64 = 1 << 30;

/// A folder that goes with the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("load-dicom-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn root(&self) -> &Path {
        &self.0
    }

    pub fn path(&self, name: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// A series of slices at 0, 1.5, 3, … mm whose pixels count on.
    pub fn series(&self, count: usize) -> &Self {
        for index in 0..count {
            slice(index).write(&self.path(&format!("{index:03}.dcm")));
        }
        self
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _best_effort = fs::remove_dir_all(&self.0);
    }
}

/// An object to be.
#[derive(Clone)]
pub struct File {
    pub object: InMemDicomObject,
    pub syntax: &'static str,
}

/// Rows and columns of a slice.
pub const SIZE: [usize; 2] = [3, 4];

/// Slice `index` of a CT: 3 rows of 4 columns, 1 mm from row to row, 0.5 mm from column to column, the slices 1.5 mm
/// apart; 16 bits, signed, from 12·index − 100 on.
pub fn slice(index: usize) -> File {
    let mut object = InMemDicomObject::new_empty();
    let uid = format!("1.2.3.{}", index + 1);
    let z = index as f64 * 1.5;
    for (tag, vr, text) in [
        (tags::SOP_CLASS_UID, VR::UI, uids::CT_IMAGE_STORAGE.to_owned()),
        (tags::SOP_INSTANCE_UID, VR::UI, uid),
        (tags::MODALITY, VR::CS, "CT".into()),
        (tags::PATIENT_ID, VR::LO, "patient".into()),
        (tags::STUDY_INSTANCE_UID, VR::UI, "1.2.1".into()),
        (tags::SERIES_INSTANCE_UID, VR::UI, "1.2.2".into()),
        (tags::SERIES_DESCRIPTION, VR::LO, "thorax".into()),
        (tags::FRAME_OF_REFERENCE_UID, VR::UI, "1.2.9".into()),
        (tags::KVP, VR::DS, "120".into()),
        (tags::IMAGE_POSITION_PATIENT, VR::DS, format!("-10\\20\\{z}")),
        (tags::IMAGE_ORIENTATION_PATIENT, VR::DS, "1\\0\\0\\0\\1\\0".into()),
        (tags::PIXEL_SPACING, VR::DS, "1\\0.5".into()),
        (tags::RESCALE_SLOPE, VR::DS, "1".into()),
        (tags::RESCALE_INTERCEPT, VR::DS, "-1024".into()),
        (tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2".into()),
    ] {
        object.put(DataElement::new(tag, vr, PrimitiveValue::from(text)));
    }
    let first = 12 * index as i16 - 100;
    File { object, syntax: uids::EXPLICIT_VR_LITTLE_ENDIAN }
        .us(tags::SAMPLES_PER_PIXEL, 1)
        .us(tags::ROWS, SIZE[0] as u16)
        .us(tags::COLUMNS, SIZE[1] as u16)
        .us(tags::BITS_ALLOCATED, 16)
        .us(tags::BITS_STORED, 16)
        .us(tags::HIGH_BIT, 15)
        .us(tags::PIXEL_REPRESENTATION, 1)
        .words(&std::array::from_fn::<u16, 12, _>(|i| (first + i as i16) as u16))
}

impl File {
    pub fn text(mut self, tag: Tag, vr: VR, text: &str) -> Self {
        self.object.put(DataElement::new(tag, vr, PrimitiveValue::from(text)));
        self
    }

    pub fn us(mut self, tag: Tag, value: u16) -> Self {
        self.object.put(DataElement::new(tag, VR::US, PrimitiveValue::from(value)));
        self
    }

    pub fn element(mut self, element: DataElement<InMemDicomObject>) -> Self {
        self.object.put(element);
        self
    }

    pub fn items(mut self, tag: Tag, items: Vec<InMemDicomObject>) -> Self {
        self.object.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
        self
    }

    pub fn without(mut self, tag: Tag) -> Self {
        self.object.remove_element(tag);
        self
    }

    pub fn at(self, x: f64, y: f64, z: f64) -> Self {
        self.text(tags::IMAGE_POSITION_PATIENT, VR::DS, &format!("{x}\\{y}\\{z}"))
    }

    pub fn words(mut self, words: &[u16]) -> Self {
        let value = PrimitiveValue::U16(words.iter().copied().collect());
        self.object.put(DataElement::new(tags::PIXEL_DATA, VR::OW, value));
        self
    }

    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        let value = PrimitiveValue::U8(bytes.iter().copied().collect());
        self.object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, value));
        self
    }

    /// Encapsulated pixels, an empty offset table before them.
    pub fn fragments(mut self, syntax: &'static str, fragments: &[&[u8]]) -> Self {
        let even = |bytes: &&[u8]| {
            let mut bytes = bytes.to_vec();
            bytes.resize(bytes.len().next_multiple_of(2), 0);
            bytes
        };
        let value = PixelFragmentSequence::new_fragments(fragments.iter().map(even).collect::<Vec<_>>());
        self.object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, value));
        self.syntax = syntax;
        self
    }

    pub fn syntax(mut self, syntax: &'static str) -> Self {
        self.syntax = syntax;
        self
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let meta = FileMetaTableBuilder::new().transfer_syntax(self.syntax);
        let mut bytes = vec![0; 128];
        let file = self.object.clone().with_meta(meta).unwrap();
        file.write_all(&mut bytes).unwrap();
        // `write_all` leaves the preamble out in some versions.
        if &bytes[128..132] == b"DICM" { bytes } else { bytes.split_off(128) }
    }

    pub fn write(&self, path: &Path) {
        fs::write(path, self.to_bytes()).unwrap();
    }
}

pub fn item(elements: impl IntoIterator<Item = (Tag, VR, &'static str)>) -> InMemDicomObject {
    let elements = elements.into_iter();
    InMemDicomObject::from_element_iter(
        elements.map(|(tag, vr, text)| DataElement::new(tag, vr, dicom_value!(Str, text))),
    )
}

pub fn loader(json: &str) -> Dicom {
    Dicom::configure(&settings(&Dicom::describe(), json).unwrap()).unwrap()
}

pub fn request(path: &Path) -> LoadRequest {
    LoadRequest {
        path: path.to_path_buf(),
        role: Role::Image,
        reference: None,
        selection: Selection::default(),
        max_bytes: LIMIT,
    }
}

pub fn load(path: &Path) -> Result<Loaded, Error> {
    load_with("{}", path, &TestHost::new())
}

pub fn load_with(json: &str, path: &Path, host: &TestHost) -> Result<Loaded, Error> {
    loader(json).load(&request(path), &host.context())
}

pub fn survey(path: &Path) -> Survey {
    loader("{}").survey(path, &TestHost::new().context()).unwrap()
}

/// The message of an error, which must say what to do.
pub fn error(path: &Path) -> String {
    let message = load(path).expect_err("an error").to_string();
    assert!(message.contains(';') || message.contains("expected"), "{message}");
    message
}

/// The stored values of 16 bits, signed.
pub fn values(loaded: &Loaded) -> Vec<i16> {
    loaded.images[0].voxels.as_chunks::<2>().0.iter().map(|bytes| i16::from_ne_bytes(*bytes)).collect()
}

/// The values of a series of [`slice`]s.
pub fn counted(count: usize) -> Vec<i16> {
    (0..12 * count as i16).map(|value| value - 100).collect()
}

/// A slice of 6 rows and 8 columns, compressed; 16 bits, unsigned, so many of them stored.
pub fn streamed(syntax: &'static str, stored: u16, stream: &[u8]) -> File {
    slice(0)
        .text(tags::SLICE_THICKNESS, VR::DS, "2")
        .us(tags::ROWS, 6)
        .us(tags::COLUMNS, 8)
        .us(tags::BITS_STORED, stored)
        .us(tags::HIGH_BIT, stored - 1)
        .us(tags::PIXEL_REPRESENTATION, 0)
        .fragments(syntax, &[stream])
}

pub fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter_map(|c| (c as char).to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
