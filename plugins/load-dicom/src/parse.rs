//! The encoding of data sets (DICOM PS3.5, section 7), strictly: every length is held against the bytes that are there
//! before it is believed, and nothing is copied or allocated on the word of a header.

use std::ops::Range;

use dicom_core::{
    Tag,
    dictionary::{DataDictionary as _, DataDictionaryEntry as _},
};
use dicom_dictionary_std::{StandardDataDictionary, tags};

use crate::error::Fault;

/// Sequences in sequences; no object that is in use has more than a dozen.
const MAX_DEPTH: usize = 64;
const UNDEFINED: u32 = u32::MAX;
const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);

/// How elements are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding {
    /// Whether elements name their value representation.
    pub explicit: bool,
    /// Whether numbers have their highest byte first.
    pub big_endian: bool,
}

impl Encoding {
    /// Implicit VR little endian.
    pub const IMPLICIT: Self = Self { explicit: false, big_endian: false };
    /// Explicit VR little endian.
    pub const EXPLICIT: Self = Self { explicit: true, big_endian: false };
}

/// A data set or an item of a sequence; values are ranges of the bytes that it was parsed from.
#[derive(Debug, Clone)]
pub struct DataSet {
    /// By tag.
    elements: Vec<Element>,
    /// Whether its numbers have their highest byte first.
    pub big_endian: bool,
}

impl DataSet {
    /// The element of a tag.
    pub fn get(&self, tag: Tag) -> Option<&Element> {
        self.elements.binary_search_by_key(&tag, |element| element.tag).ok().map(|index| &self.elements[index])
    }

    /// All elements, by tag.
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }
}

/// An attribute of a data set.
#[derive(Debug, Clone)]
pub struct Element {
    /// Its tag.
    pub tag: Tag,
    /// Its value representation, two capital letters.
    pub vr: [u8; 2],
    /// Its value.
    pub value: Value,
}

/// The value of an attribute.
#[derive(Debug, Clone)]
pub enum Value {
    /// Where its bytes are.
    Bytes(Range<usize>),
    /// The items of a sequence.
    Items(Vec<DataSet>),
}

/// The element at which parsing stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// Its tag.
    pub tag: Tag,
    /// Its value representation.
    pub vr: [u8; 2],
    /// The byte at which its value starts.
    pub at: usize,
    /// Its length; `None` if it is not defined, as for encapsulated pixels.
    pub length: Option<u32>,
}

/// Why parsing did not come to its end.
#[derive(Debug)]
pub enum Stop {
    /// So many bytes are needed, and the source has them.
    More(usize),
    /// The data set is damaged or ends too early.
    Fault(Fault),
}

/// Parses a data set from the first bytes of it, of `total` that there are, up to an element whose tag `until` wants.
///
/// # Errors
/// If more bytes are needed, or if the data set is not sound.
pub fn parse(
    bytes: &[u8],
    total: u64,
    encoding: Encoding,
    until: &dyn Fn(Tag) -> bool,
) -> Result<(DataSet, Option<Stopped>), Stop> {
    let end = usize::try_from(total).unwrap_or(usize::MAX);
    let mut parser = Parser { bytes, end, at: 0, until, group: None };
    let mut stopped = None;
    let data = parser.data_set(encoding, Some(end), end, 0, &mut stopped)?;
    Ok((data, stopped))
}

/// Parses the elements of one group at the start of `bytes`, explicit VR little endian; returns also where they end. What
/// follows may be in any encoding, or deflated.
///
/// # Errors
/// Those of [`parse`].
pub fn parse_group(bytes: &[u8], total: u64, group: u16) -> Result<(DataSet, usize), Stop> {
    let end = usize::try_from(total).unwrap_or(usize::MAX);
    let mut parser = Parser { bytes, end, at: 0, until: &|_| false, group: Some(group) };
    let data = parser.data_set(Encoding::EXPLICIT, Some(end), end, 0, &mut None)?;
    Ok((data, parser.at))
}

struct Header {
    tag: Tag,
    vr: [u8; 2],
    length: u32,
}

struct Parser<'a> {
    bytes: &'a [u8],
    /// Where the source ends.
    end: usize,
    at: usize,
    until: &'a dyn Fn(Tag) -> bool,
    /// The group that is parsed, if it is only one.
    group: Option<u16>,
}

impl Parser<'_> {
    /// Elements up to `end`, or, without one, up to the item's delimiter.
    fn data_set(
        &mut self,
        encoding: Encoding,
        end: Option<usize>,
        limit: usize,
        depth: usize,
        stopped: &mut Option<Stopped>,
    ) -> Result<DataSet, Stop> {
        let mut elements: Vec<Element> = Vec::new();
        let limit = end.unwrap_or(limit);
        while end.is_none_or(|end| self.at < end) {
            if depth == 0 && (self.is_other_group() || self.is_padding()?) {
                break;
            }
            let start = self.at;
            let header = self.header(encoding, limit)?;
            if header.tag == ITEM_END && end.is_none() {
                break;
            }
            if matches!(header.tag, ITEM | ITEM_END | SEQUENCE_END) {
                return Err(self.damaged(start, format!("a delimiter {} where an attribute is due", header.tag)));
            }
            if depth == 0 && (self.until)(header.tag) {
                let length = (header.length != UNDEFINED).then_some(header.length);
                *stopped = Some(Stopped { tag: header.tag, vr: header.vr, at: self.at, length });
                break;
            }
            let value = self.value(&header, encoding, limit, depth)?;
            elements.push(Element { tag: header.tag, vr: header.vr, value });
        }
        // Sorted already, unless the writer was careless.
        elements.sort_by_key(|element| element.tag);
        if let Some(pair) = elements.windows(2).find(|pair| pair[0].tag == pair[1].tag) {
            return Err(self.damaged(self.at, format!("{} is there twice", crate::names::attribute(pair[0].tag))));
        }
        Ok(DataSet { elements, big_endian: encoding.big_endian })
    }

    fn is_other_group(&self) -> bool {
        let found = self.bytes.get(self.at..self.at.saturating_add(2));
        self.group.is_some_and(|group| found.is_some_and(|found| found != group.to_le_bytes()))
    }

    /// Whether nothing but zeros follows, as some writers fill up their last block.
    fn is_padding(&self) -> Result<bool, Stop> {
        if self.bytes.get(self.at) != Some(&0) || self.bytes.get(self.at..self.at + 4).is_some_and(|tag| tag != [0; 4])
        {
            return Ok(false);
        }
        if self.bytes.len() < self.end {
            return Err(Stop::More(self.end.min(self.bytes.len().saturating_mul(2))));
        }
        Ok(self.bytes[self.at..].iter().all(|byte| *byte == 0))
    }

    fn header(&mut self, encoding: Encoding, limit: usize) -> Result<Header, Stop> {
        let start = self.at;
        let what = |_: &Self| "the tag of an element".to_owned();
        let tag = Tag(self.u16(encoding, limit, &what)?, self.u16(encoding, limit, &what)?);
        let what = move |_: &Self| format!("the header of {}", crate::names::attribute(tag));
        if tag.group() == 0xFFFE || !encoding.explicit {
            let length = self.u32(encoding, limit, &what)?;
            return Ok(Header { tag, vr: vr_of(tag), length });
        }
        let vr: [u8; 2] = self.take(limit, &what)?;
        let length = match &vr {
            b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"SQ" | b"SV" | b"UC" | b"UN" | b"UR" | b"UT" | b"UV" => {
                let [_, _] = self.take(limit, &what)?;
                self.u32(encoding, limit, &what)?
            }
            b"AE" | b"AS" | b"AT" | b"CS" | b"DA" | b"DS" | b"DT" | b"FD" | b"FL" | b"IS" | b"LO" | b"LT" | b"PN"
            | b"SH" | b"SL" | b"SS" | b"ST" | b"TM" | b"UI" | b"UL" | b"US" => {
                u32::from(self.u16(encoding, limit, &what)?)
            }
            _ => {
                let found = vr.escape_ascii();
                let name = crate::names::attribute(tag);
                return Err(
                    self.damaged(start, format!("{name} has the value representation \"{found}\", which is none"))
                );
            }
        };
        Ok(Header { tag, vr, length })
    }

    fn value(&mut self, header: &Header, encoding: Encoding, limit: usize, depth: usize) -> Result<Value, Stop> {
        let Header { tag, vr, length } = *header;
        // An unknown value of undefined length is a sequence in implicit VR little endian (PS3.5, section 6.2.2, note 2).
        let is_unknown = &vr == b"UN";
        let is_hidden = is_unknown
            && (length == UNDEFINED || &vr_of(tag) == b"SQ" || self.is_private_sequence(tag, length, limit)?);
        let is_fragments = length == UNDEFINED && matches!(&vr, b"OB" | b"OW");
        if &vr == b"SQ" || is_hidden {
            let encoding = if is_hidden && encoding.explicit { Encoding::IMPLICIT } else { encoding };
            return self.sequence(header, encoding, limit, depth).map(Value::Items);
        }
        let start = self.at;
        if is_fragments {
            return self.fragments(encoding, limit).map(|()| Value::Bytes(start..self.at));
        }
        if length == UNDEFINED {
            let name = crate::names::attribute(tag);
            return Err(self.damaged(start, format!("{name} has no defined length, which only sequences may have")));
        }
        self.want(length as usize, limit, &|_| format!("the value of {}", crate::names::attribute(tag)))?;
        self.at += length as usize;
        Ok(Value::Bytes(start..self.at))
    }

    /// Whether an unknown value of defined length is a private sequence that is read here, as files without value
    /// representations have them: places of tiles of United Imaging, which begin as items do.
    fn is_private_sequence(&self, tag: Tag, length: u32, limit: usize) -> Result<bool, Stop> {
        const START: [u8; 4] = [0xFE, 0xFF, 0x00, 0xE0];
        if tag.group() != 0x0065 || tag.element() & 0xFF != 0x51 || length < 8 {
            return Ok(false);
        }
        self.want(START.len(), limit, &|_| format!("the value of {}", crate::names::attribute(tag)))?;
        Ok(self.bytes[self.at..].starts_with(&START))
    }

    fn sequence(
        &mut self,
        header: &Header,
        encoding: Encoding,
        limit: usize,
        depth: usize,
    ) -> Result<Vec<DataSet>, Stop> {
        let tag = header.tag;
        if depth >= MAX_DEPTH {
            return Err(self.damaged(self.at, format!("more than {MAX_DEPTH} sequences, one inside the other")));
        }
        let end = self.end_of(header.length, limit, &|_| format!("the items of {}", crate::names::attribute(tag)))?;
        let mut items = Vec::new();
        while end.is_none_or(|end| self.at < end) {
            let start = self.at;
            let limit = end.unwrap_or(limit);
            let item = self.header(Encoding { explicit: false, ..encoding }, limit)?;
            match item.tag {
                ITEM => {
                    let what = |_: &Self| format!("an item of {}", crate::names::attribute(tag));
                    let item_end = self.end_of(item.length, limit, &what)?;
                    items.push(self.data_set(encoding, item_end, limit, depth + 1, &mut None)?);
                }
                SEQUENCE_END if end.is_none() => break,
                found => {
                    let name = crate::names::attribute(tag);
                    return Err(self.damaged(start, format!("{found} where an item of {name} is due")));
                }
            }
        }
        Ok(items)
    }

    /// Passes over encapsulated fragments.
    fn fragments(&mut self, encoding: Encoding, limit: usize) -> Result<(), Stop> {
        loop {
            let start = self.at;
            let header = self.header(Encoding { explicit: false, ..encoding }, limit)?;
            match header.tag {
                SEQUENCE_END => return Ok(()),
                ITEM if header.length != UNDEFINED => {
                    self.want(header.length as usize, limit, &|_| "a fragment of pixels".into())?;
                    self.at += header.length as usize;
                }
                found => return Err(self.damaged(start, format!("{found} where a fragment of pixels is due"))),
            }
        }
    }

    fn end_of(&self, length: u32, limit: usize, what: &dyn Fn(&Self) -> String) -> Result<Option<usize>, Stop> {
        if length == UNDEFINED {
            return Ok(None);
        }
        self.want(length as usize, limit, what)?;
        Ok(Some(self.at + length as usize))
    }

    /// Makes sure that so many bytes are there.
    fn want(&self, count: usize, limit: usize, what: &dyn Fn(&Self) -> String) -> Result<(), Stop> {
        let end = self.at.saturating_add(count);
        if end > self.end {
            let what = format!("{} ({count} bytes promised, {} left)", what(self), self.end - self.at.min(self.end));
            return Err(Stop::Fault(Fault::Truncated { at: self.at as u64, what }));
        }
        if end > limit {
            return Err(self.damaged(self.at, format!("{} is longer than what it lies in", what(self))));
        }
        if end > self.bytes.len() {
            return Err(Stop::More(end));
        }
        Ok(())
    }

    fn take<const N: usize>(&mut self, limit: usize, what: &dyn Fn(&Self) -> String) -> Result<[u8; N], Stop> {
        self.want(N, limit, what)?;
        let mut taken = [0; N];
        taken.copy_from_slice(&self.bytes[self.at..self.at + N]);
        self.at += N;
        Ok(taken)
    }

    fn u16(&mut self, encoding: Encoding, limit: usize, what: &dyn Fn(&Self) -> String) -> Result<u16, Stop> {
        let bytes = self.take(limit, what)?;
        Ok(if encoding.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn u32(&mut self, encoding: Encoding, limit: usize, what: &dyn Fn(&Self) -> String) -> Result<u32, Stop> {
        let bytes = self.take(limit, what)?;
        Ok(if encoding.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn damaged(&self, at: usize, what: String) -> Stop {
        Stop::Fault(Fault::Damaged { at: at as u64, what })
    }
}

/// The value representation that the dictionary gives a tag; `UN` if it does not know it.
pub fn vr_of(tag: Tag) -> [u8; 2] {
    if tag == tags::PIXEL_DATA {
        return *b"OW";
    }
    let entry = StandardDataDictionary.by_tag(tag);
    let name = entry.map_or("UN", |entry| entry.vr().relaxed().to_string());
    match name.as_bytes() {
        [a, b] => [*a, *b],
        _ => *b"UN",
    }
}
