//! A DICOM object as its readers see it: attributes by type, every complaint with file and attribute.

use std::fs::File;
use std::path::{Path, PathBuf};

use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};

use crate::characters::Characters;
use crate::error::{Fault, ReadError};
use crate::parse::{DataSet, Encoding, Stopped, Value, vr_of};
use crate::source::{self, Head, Source};

/// The attributes of a file: all, or those up to its pixels.
#[derive(Debug)]
pub struct Object {
    path: PathBuf,
    syntax: String,
    head: Head,
    characters: Characters,
    start: u64,
    encoding: Encoding,
    /// Bytes of the data set, where that is known.
    total: Option<u64>,
}

impl Object {
    /// Reads all attributes of a file up to its pixels; whatever follows them is not looked at.
    ///
    /// # Errors
    /// If the file cannot be read, is not DICOM, or is damaged or cut short before its pixels.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        Self::read_until(path, &|_| false)
    }

    /// The same, but only up to the first attribute that `until` wants.
    ///
    /// # Errors
    /// Those of [`read`](Self::read).
    pub fn read_until(path: &Path, until: &dyn Fn(Tag) -> bool) -> Result<Self, ReadError> {
        let read = || -> Result<Self, Fault> {
            let mut source = Source::open(path)?;
            let mut head = source.head(&|tag| is_pixels(tag) || until(tag))?;
            if let Some(stopped) = head.stopped {
                head.bytes.truncate(stopped.at);
                head.bytes.shrink_to_fit();
            }
            let (start, total, encoding, syntax) = (source.start(), source.total(), source.encoding, source.syntax);
            let characters = Characters::default();
            let mut object = Self { path: path.to_path_buf(), syntax, head, characters, start, encoding, total };
            object.characters = Characters::new(&object.root().texts(tags::SPECIFIC_CHARACTER_SET));
            Ok(object)
        };
        read().map_err(ReadError::at(path))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `SOPClassUID`; empty if it is missing.
    pub fn sop_class(&self) -> String {
        self.root().text(tags::SOP_CLASS_UID).unwrap_or_default()
    }

    /// UID of the transfer syntax.
    pub fn syntax(&self) -> &str {
        &self.syntax
    }

    /// Its attributes.
    pub fn root(&self) -> Item<'_> {
        Item { object: self, data: &self.head.data }
    }

    /// The element of the pixels, if there is one.
    pub fn pixels(&self) -> Option<Stopped> {
        self.head.stopped.filter(|stopped| is_pixels(stopped.tag))
    }

    /// How its attributes are written.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Where in the file the data set begins.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Whether the data set is deflated.
    pub fn is_deflated(&self) -> bool {
        self.syntax == uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
    }

    /// Fills the buffer with the bytes of the data set from byte `at` on.
    ///
    /// # Errors
    /// If there are fewer.
    pub fn fill(&self, at: u64, buffer: &mut [u8]) -> Result<(), Fault> {
        source::fill(&mut self.open()?, self.start, self.is_deflated(), at, buffer)
    }

    /// Opens its file anew.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(&self) -> Result<File, Fault> {
        Ok(voxomics_reading::open(&self.path)?.0)
    }

    /// Bytes of the data set, where that is known before it is inflated.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// An error of this file.
    pub fn error(&self, fault: impl Into<Fault>) -> ReadError {
        ReadError::new(&self.path, fault)
    }

    fn bytes(&self, range: &std::ops::Range<usize>) -> &[u8] {
        self.head.bytes.get(range.clone()).unwrap_or_default()
    }
}

/// Pixel data, integer, float or double.
pub fn is_pixels(tag: Tag) -> bool {
    matches!(tag, tags::PIXEL_DATA | tags::FLOAT_PIXEL_DATA | tags::DOUBLE_FLOAT_PIXEL_DATA)
}

/// A data set, or an item of a sequence, of an object.
#[derive(Clone, Copy)]
pub struct Item<'a> {
    object: &'a Object,
    data: &'a DataSet,
}

impl<'a> Item<'a> {
    /// The object that it is part of.
    pub fn object(&self) -> &'a Object {
        self.object
    }

    /// Whether the attribute is there and not empty.
    pub fn has(&self, tag: Tag) -> bool {
        match self.data.get(tag).map(|element| &element.value) {
            Some(Value::Bytes(range)) => !range.is_empty(),
            Some(Value::Items(items)) => !items.is_empty(),
            None => false,
        }
    }

    /// The tags that are there, in order.
    pub fn tags(&self) -> impl Iterator<Item = Tag> + 'a {
        self.data.elements().iter().map(|element| element.tag)
    }

    /// The value as it stands in the file; `None` if there is none, or if it is a sequence.
    pub fn bytes(&self, tag: Tag) -> Option<&'a [u8]> {
        self.value(tag).map(|(_, bytes)| bytes)
    }

    /// The first text of an attribute, without padding; `None` if there is none.
    pub fn text(&self, tag: Tag) -> Option<String> {
        self.texts(tag).into_iter().next().filter(|text| !text.is_empty())
    }

    /// A name that is one value, whatever is in it: in some files it holds backslashes, which it must not. Empty if there is
    /// none.
    pub fn name(&self, tag: Tag) -> String {
        self.texts(tag).join("\\")
    }

    /// The texts of an attribute, without padding; none if it is empty or missing.
    pub fn texts(&self, tag: Tag) -> Vec<String> {
        let Some((vr, bytes)) = self.value(tag).filter(|(_, bytes)| !bytes.is_empty()) else { return Vec::new() };
        let decoded = match &vr {
            b"LO" | b"LT" | b"PN" | b"SH" | b"ST" | b"UC" | b"UT" => self.object.characters.decode(bytes),
            _ => String::from_utf8_lossy(bytes).into_owned(),
        };
        let trimmed = |text: &str| text.trim_matches(['\0', ' ']).to_owned();
        match &vr {
            b"LT" | b"ST" | b"UT" | b"UR" => vec![trimmed(&decoded)],
            _ => decoded.split('\\').map(trimmed).collect(),
        }
    }

    /// The first text of an attribute.
    ///
    /// # Errors
    /// If there is none.
    pub fn need_text(&self, tag: Tag) -> Result<String, ReadError> {
        self.text(tag).ok_or_else(|| self.missing(tag))
    }

    /// The numbers of an attribute (`DS`, `IS`, or any binary kind); `None` if it is empty or missing.
    ///
    /// # Errors
    /// If a value is no finite number.
    pub fn floats(&self, tag: Tag) -> Result<Option<Vec<f64>>, ReadError> {
        let Some((vr, bytes)) = self.value(tag).filter(|(_, bytes)| !bytes.is_empty()) else { return Ok(None) };
        let numbers: Option<Vec<f64>> = match &vr {
            b"FL" | b"OF" => self.binary(bytes, |bytes| f64::from(f32::from_le_bytes(bytes))),
            b"FD" | b"OD" => self.binary(bytes, f64::from_le_bytes),
            b"DS" | b"IS" => {
                let Ok(text) = std::str::from_utf8(bytes) else { return Err(self.not_numbers(tag, bytes)) };
                text.trim_matches(['\0', ' ']).split('\\').map(|number| number.trim().parse().ok()).collect()
            }
            _ => return Ok(self.ints(tag)?.map(|numbers| numbers.into_iter().map(|n| n as f64).collect())),
        };
        match numbers.filter(|numbers| numbers.iter().all(|number| number.is_finite())) {
            Some(numbers) => Ok(Some(numbers).filter(|numbers| !numbers.is_empty())),
            None if bytes.iter().all(|byte| matches!(byte, b' ' | 0)) && matches!(&vr, b"DS" | b"IS") => Ok(None),
            None => Err(self.not_numbers(tag, bytes)),
        }
    }

    /// The first number of an attribute; `None` if there is none.
    ///
    /// # Errors
    /// If a value is no finite number.
    pub fn float(&self, tag: Tag) -> Result<Option<f64>, ReadError> {
        Ok(self.floats(tag)?.and_then(|numbers| numbers.first().copied()))
    }

    /// The first number of an attribute.
    ///
    /// # Errors
    /// If there is none.
    pub fn need_float(&self, tag: Tag) -> Result<f64, ReadError> {
        self.float(tag)?.ok_or_else(|| self.missing(tag))
    }

    /// The numbers of an attribute that must have `N` of them.
    ///
    /// # Errors
    /// If it is missing, or has not as many.
    pub fn need_floats<const N: usize>(&self, tag: Tag) -> Result<[f64; N], ReadError> {
        let numbers = self.floats(tag)?.ok_or_else(|| self.missing(tag))?;
        let found = numbers.len();
        numbers.try_into().map_err(|_| self.invalid(tag, &format!("{found} numbers"), &format!("{N} numbers")))
    }

    /// The whole numbers of an attribute (`IS`, `US`, `SS`, `UL`, `SL`, `UV`, `SV`); `None` if it is empty or missing.
    ///
    /// # Errors
    /// If a value is no whole number.
    pub fn ints(&self, tag: Tag) -> Result<Option<Vec<i64>>, ReadError> {
        let Some((vr, bytes)) = self.value(tag).filter(|(_, bytes)| !bytes.is_empty()) else { return Ok(None) };
        let numbers: Option<Vec<i64>> = match &vr {
            b"US" | b"OW" => self.binary(bytes, |bytes| i64::from(u16::from_le_bytes(bytes))),
            b"SS" => self.binary(bytes, |bytes| i64::from(i16::from_le_bytes(bytes))),
            b"UL" | b"OL" => self.binary(bytes, |bytes| i64::from(u32::from_le_bytes(bytes))),
            b"SL" => self.binary(bytes, |bytes| i64::from(i32::from_le_bytes(bytes))),
            b"SV" => self.binary(bytes, i64::from_le_bytes),
            b"UV" | b"OV" => self.binary(bytes, |bytes| i64::try_from(u64::from_le_bytes(bytes)).unwrap_or(-1)),
            b"IS" | b"DS" => match self.floats(tag)? {
                None => return Ok(None),
                // Up to 2⁵³ a number in floating point is exact.
                Some(numbers) => {
                    numbers.into_iter().map(|x| (x.fract() == 0.0 && x.abs() <= 9e15).then_some(x as i64)).collect()
                }
            },
            _ => None,
        };
        numbers.map(|numbers| Some(numbers).filter(|all| !all.is_empty())).ok_or_else(|| self.not_numbers(tag, bytes))
    }

    /// The first whole number of an attribute; `None` if there is none.
    ///
    /// # Errors
    /// If a value is no whole number.
    pub fn int(&self, tag: Tag) -> Result<Option<i64>, ReadError> {
        Ok(self.ints(tag)?.and_then(|numbers| numbers.first().copied()))
    }

    /// The first whole number of an attribute.
    ///
    /// # Errors
    /// If there is none.
    pub fn need_int(&self, tag: Tag) -> Result<i64, ReadError> {
        self.int(tag)?.ok_or_else(|| self.missing(tag))
    }

    /// The first whole number of an attribute, which must be one from `least` to `most`.
    ///
    /// # Errors
    /// If there is none, or if it is not.
    pub fn need_int_in(&self, tag: Tag, least: i64, most: i64) -> Result<i64, ReadError> {
        let found = self.need_int(tag)?;
        if (least..=most).contains(&found) {
            return Ok(found);
        }
        Err(self.invalid(tag, &found.to_string(), &format!("a whole number from {least} to {most}")))
    }

    /// The items of a sequence; none if it is empty or missing.
    pub fn items(&self, tag: Tag) -> Vec<Item<'a>> {
        let object = self.object;
        match self.data.get(tag).map(|element| &element.value) {
            Some(Value::Items(items)) => items.iter().map(|data| Item { object, data }).collect(),
            _ => Vec::new(),
        }
    }

    /// The first item of a sequence; `None` if there is none.
    pub fn item(&self, tag: Tag) -> Option<Item<'a>> {
        self.items(tag).into_iter().next()
    }

    /// The items of a sequence.
    ///
    /// # Errors
    /// If there are none.
    pub fn need_items(&self, tag: Tag) -> Result<Vec<Item<'a>>, ReadError> {
        Some(self.items(tag)).filter(|items| !items.is_empty()).ok_or_else(|| self.missing(tag))
    }

    /// The tag of a private attribute that is there: the one of number `element` in the block that `creator` has reserved.
    /// Software that removes what may identify a patient often leaves values without their creators: where nobody has
    /// reserved the first block, and `is_known` says that the group can be nobody else's, it is taken for the creator's.
    pub fn private(&self, group: u16, creator: &str, element: u8, is_known: bool) -> Option<Tag> {
        let tag = |block: u16| Tag(group, block << 8 | u16::from(element));
        let reserved = (0x10..=0xFF_u16).find(|block| self.text(Tag(group, *block)).as_deref() == Some(creator));
        let unreserved = (is_known && !self.has(Tag(group, 0x10))).then_some(0x10);
        reserved.or(unreserved).map(tag).filter(|tag| self.has(*tag))
    }

    /// That an attribute is missing.
    pub fn missing(&self, tag: Tag) -> ReadError {
        self.object.error(Fault::Missing { tag })
    }

    /// That an attribute is not what it must be.
    pub fn invalid(&self, tag: Tag, found: &str, expected: &str) -> ReadError {
        self.object.error(Fault::Value { tag, found: found.into(), expected: expected.into() })
    }

    /// That an attribute says something that is not read here.
    pub fn unsupported(&self, tag: Tag, found: &str, supported: &str) -> ReadError {
        self.object.error(Fault::Unsupported { tag, found: found.into(), supported: supported.into() })
    }

    fn value(&self, tag: Tag) -> Option<([u8; 2], &'a [u8])> {
        let element = self.data.get(tag)?;
        let Value::Bytes(range) = &element.value else { return None };
        let vr = if &element.vr == b"UN" { vr_of(tag) } else { element.vr };
        Some((vr, self.object.bytes(range)))
    }

    /// Numbers of `N` bytes each, handed on in little endian; `None` if the bytes are not a multiple of that.
    fn binary<const N: usize, T>(&self, bytes: &[u8], number: impl Fn([u8; N]) -> T) -> Option<Vec<T>> {
        let (numbers, rest) = bytes.as_chunks::<N>();
        rest.is_empty().then(|| {
            let ordered = |mut bytes: [u8; N]| {
                if self.data.big_endian {
                    bytes.reverse();
                }
                number(bytes)
            };
            numbers.iter().map(|bytes| ordered(*bytes)).collect()
        })
    }

    fn not_numbers(&self, tag: Tag, bytes: &[u8]) -> ReadError {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(64)]).into_owned();
        self.invalid(tag, &shown, "finite numbers")
    }
}
