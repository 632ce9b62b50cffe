//! The pixels of an object: where they lie in the file, and how they get into a slice of the volume.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use voxomics_reading::Fault as FileFault;

use crate::codec::Codec;
use crate::decode;
use crate::encapsulated;
use crate::error::{Fault, ReadError};
use crate::format::{Format, Order};
use crate::mosaic::Mosaic;
use crate::object::{Item, Object};

/// Where the frames of an object are.
#[derive(Debug)]
pub struct Layout {
    /// What they are.
    pub format: Format,
    place: Place,
    /// Whether values of less than 16 bits lie in words whose highest byte comes first: the later value before the earlier.
    in_words: bool,
    /// How a picture of tiles is cut into frames, and what the picture is.
    tiles: Option<(Mosaic, Format)>,
    /// What was unusual.
    pub notes: Vec<String>,
}

#[derive(Debug)]
enum Place {
    /// One after the other from this byte of the data set on.
    Native(u64),
    /// Each in fragments: their places in the file.
    Encapsulated(Codec, Vec<Vec<(u64, u32)>>),
}

impl Layout {
    /// Finds the frames of an object, and makes sure that all of their bytes are in the file.
    ///
    /// # Errors
    /// If the pixels are missing, of a kind that is not read, compressed in a way that is not known, or cut short.
    pub fn of(object: &Object) -> Result<Self, ReadError> {
        Self::with(object, Format::of(object)?)
    }

    /// The same of a picture, which may have colours.
    ///
    /// # Errors
    /// Those of [`of`](Self::of), but for colours.
    pub fn picture(object: &Object) -> Result<Self, ReadError> {
        Self::with(object, Format::picture(object)?)
    }

    fn with(object: &Object, format: Format) -> Result<Self, ReadError> {
        let element = object.pixels().ok_or_else(|| object.root().missing(tags::PIXEL_DATA))?;
        let codec = Codec::of(object.syntax());
        let mut notes = Vec::new();
        let place = match (codec, element.length) {
            (Codec::Unknown, _) => return Err(object.error(Fault::Syntax { uid: object.syntax().into() })),
            (Codec::None, Some(length)) => {
                check_length(object, &format, element.at as u64, u64::from(length), &mut notes)?;
                Place::Native(element.at as u64)
            }
            (Codec::None, None) => {
                let what = format!("encapsulated pixels in the transfer syntax {}, which has none", object.syntax());
                return Err(object.error(Fault::Damaged { at: element.at as u64, what }));
            }
            (_, Some(_)) => {
                let what = format!("pixels that are not encapsulated in the transfer syntax {}", object.syntax());
                return Err(object.error(Fault::Damaged { at: element.at as u64, what }));
            }
            (codec, None) => {
                let frames = encapsulated::frames(object, element.at as u64, format.frames, codec)
                    .map_err(ReadError::at(object.path()))?;
                Place::Encapsulated(codec, frames)
            }
        };
        let in_words = format.big_endian && &element.vr == b"OW" && format.allocated < 16;
        let Some(mosaic) = Mosaic::of(object)? else {
            return Ok(Self { format, place, in_words, tiles: None, notes });
        };
        let cut = Format { size: mosaic.tile(object, format.size)?, frames: mosaic.count, ..format };
        notes.push(format!("a picture of tiles, of which {} are slices", mosaic.count));
        Ok(Self { format: cut, place, in_words, tiles: Some((mosaic, format)), notes })
    }

    /// Whether frames have to be read together: a deflated file can only be read from its start, and a picture of tiles is
    /// read once.
    pub fn is_whole(&self, object: &Object) -> bool {
        self.tiles.is_some() || matches!(self.place, Place::Native(_)) && object.is_deflated()
    }

    /// Whether it is a picture of tiles, each a frame.
    pub fn is_cut(&self) -> bool {
        self.tiles.is_some()
    }

    /// Whether frames are compressed.
    pub fn is_compressed(&self) -> bool {
        matches!(self.place, Place::Encapsulated(..))
    }

    /// Reads one frame into a slice of the volume, in the machine's byte order, the bits that do not count cleared or
    /// filled with the sign. Returns whether they said anything before: neither zero nor the sign.
    ///
    /// # Errors
    /// If the file changes under our hands, or if a compressed frame is damaged.
    pub fn read(&self, object: &Object, frame: usize, slot: &mut [u8]) -> Result<bool, ReadError> {
        let fail = ReadError::at::<Fault>(object.path());
        match &self.place {
            Place::Native(at) => {
                let first = frame as u64 * (self.format.native_values() * self.format.allocated / 8) as u64;
                if self.format.order == Order::Pixels {
                    self.fill(object, *at, first, slot).map_err(fail)?;
                } else {
                    let mut stored = vec![0; self.format.native_values()];
                    self.fill(object, *at, first, &mut stored).map_err(fail)?;
                    reorder(self.format.order, &stored, slot);
                }
                Ok(self.settle(slot, self.format.big_endian))
            }
            Place::Encapsulated(codec, frames) => {
                let fragments = frames.get(frame).map(Vec::as_slice).unwrap_or_default();
                let bytes = encapsulated::join(object, fragments).map_err(&fail)?;
                let format = self.tiles.as_ref().map_or(&self.format, |(_, whole)| whole);
                let fail = |what| fail(Fault::Frame { frame, what });
                if format.order == Order::Pixels {
                    decode::decode(*codec, &bytes, format, slot).map_err(fail)?;
                } else {
                    let mut stored = vec![0; format.native_values()];
                    decode::decode(*codec, &bytes, format, &mut stored).map_err(fail)?;
                    reorder(format.order, &stored, slot);
                }
                Ok(self.settle(slot, false))
            }
        }
    }

    /// Reads all frames: `slot` receives each with its index. For objects of which [`is_whole`](Self::is_whole) holds.
    ///
    /// # Errors
    /// Those of [`read`](Self::read).
    pub fn read_whole(&self, object: &Object, slot: &mut dyn FnMut(usize, &[u8])) -> Result<bool, ReadError> {
        if let Some((mosaic, whole)) = &self.tiles {
            return self.read_tiles(object, mosaic, *whole, slot);
        }
        let Place::Native(at) = self.place else { return Ok(false) };
        // The bytes of the frames are within the limit that the volume was held against.
        let mut bytes = vec![0; self.format.frame_bytes() * self.format.frames];
        object.fill(at, &mut bytes).map_err(ReadError::at(object.path()))?;
        let stray = self.settle(&mut bytes, self.format.big_endian);
        for (index, frame) in bytes.chunks_exact(self.format.frame_bytes()).enumerate() {
            slot(index, frame);
        }
        Ok(stray)
    }

    fn read_tiles(
        &self,
        object: &Object,
        mosaic: &Mosaic,
        whole: Format,
        slot: &mut dyn FnMut(usize, &[u8]),
    ) -> Result<bool, ReadError> {
        // No more than what the slices need, and a row of tiles.
        let mut picture = vec![0; whole.frame_bytes()];
        let stray = self.read(object, 0, &mut picture)?;
        let mut tile = vec![0; self.format.frame_bytes()];
        for index in 0..mosaic.count {
            mosaic.cut(index, self.format.size, whole.allocated / 8, &picture, &mut tile);
            slot(index, &tile);
        }
        Ok(stray)
    }

    /// Fills a slice with native pixels, which begin at byte `at`, from their byte `first` on.
    fn fill(&self, object: &Object, at: u64, first: u64, slot: &mut [u8]) -> Result<(), Fault> {
        if !self.in_words {
            return object.fill(at + first, slot);
        }
        let before = (first % 2) as usize;
        let mut words = vec![0; (before + slot.len()).next_multiple_of(2)];
        object.fill(at + first - before as u64, &mut words)?;
        voxomics_reading::swap_bytes(&mut words, 2);
        slot.copy_from_slice(&words[before..before + slot.len()]);
        Ok(())
    }

    fn settle(&self, slot: &mut [u8], big_endian: bool) -> bool {
        if big_endian != cfg!(target_endian = "big") {
            voxomics_reading::swap_bytes(slot, self.format.allocated / 8);
        }
        let Format { allocated, stored, signed, float, .. } = self.format;
        if float || stored == allocated {
            return false;
        }
        let shift = (allocated - stored) as u32;
        macro_rules! settle {
            ($($bits:literal: $unsigned:ty, $signed:ty;)*) => { match allocated {
                $($bits => {
                    let cleared = |bytes| (<$unsigned>::from_ne_bytes(bytes) << shift >> shift).to_ne_bytes();
                    let filled = |bytes| (<$signed>::from_ne_bytes(bytes) << shift >> shift).to_ne_bytes();
                    if signed { settle_as(slot, filled, cleared) } else { settle_as(slot, cleared, cleared) }
                })*
                _ => false,
            } };
        }
        settle! { 8: u8, i8; 16: u16, i16; 32: u32, i32; }
    }
}

/// Colours of 8 bits, channels of a pixel beside each other.
fn reorder(order: Order, stored: &[u8], slot: &mut [u8]) {
    match order {
        Order::Pixels => slot.copy_from_slice(stored),
        Order::Planes => {
            let plane = stored.len() / 3;
            for (pixel, place) in slot.chunks_exact_mut(3).enumerate() {
                place.copy_from_slice(&[stored[pixel], stored[plane + pixel], stored[2 * plane + pixel]]);
            }
        }
        Order::Pairs => {
            for (pair, place) in stored.chunks_exact(4).zip(slot.chunks_exact_mut(6)) {
                let [first, second, blue, red] = [pair[0], pair[1], pair[2], pair[3]];
                place.copy_from_slice(&[first, blue, red, second, blue, red]);
            }
        }
    }
}

/// Puts every value in order, and tells whether any was neither so before nor `cleared` of the bits that do not count.
fn settle_as<const N: usize>(
    slot: &mut [u8],
    order: impl Fn([u8; N]) -> [u8; N],
    cleared: impl Fn([u8; N]) -> [u8; N],
) -> bool {
    let mut stray = false;
    for value in slot.as_chunks_mut::<N>().0 {
        let ordered = order(*value);
        stray |= ordered != *value && cleared(*value) != *value;
        *value = ordered;
    }
    stray
}

/// The bytes from frame to frame of bits whose writer filled up each frame to whole bytes, or to an even number of them; none
/// if frames follow each other without a gap, as they should (DICOM PS3.5, 8.1.1). The length of the pixels tells.
pub fn padded_frames(object: &Object, format: &Format) -> Option<usize> {
    let length = u64::from(object.pixels()?.length?);
    let packed = format.all_bytes();
    if format.allocated != 1 || format.frames < 2 || length <= packed + 1 {
        return None;
    }
    let least = format.frame_pixels().div_ceil(8);
    let is_length = |stride: &usize| {
        let all = (*stride as u64).checked_mul(format.frames as u64);
        all.is_some_and(|all| length == all || length == all.next_multiple_of(2))
    };
    [least, least.next_multiple_of(2)].into_iter().find(is_length)
}

/// Moves the bits of padded frames together; whether the padding was empty.
fn close_up(padded: &[u8], stride: usize, format: &Format, bytes: &mut [u8]) -> bool {
    let pixels = format.frame_pixels();
    let mut is_empty = true;
    for (index, frame) in padded.chunks_exact(stride).enumerate() {
        let is_set = |bit: &usize| frame[bit / 8] >> (bit % 8) & 1 == 1;
        for bit in (0..pixels).filter(is_set) {
            let at = index * pixels + bit;
            bytes[at / 8] |= 1 << (at % 8);
        }
        is_empty &= !(pixels..8 * stride).any(|bit| is_set(&bit));
    }
    is_empty
}

/// Holds the length of native pixels against what the attributes promise, and against the file.
fn check_length(
    object: &Object,
    format: &Format,
    at: u64,
    length: u64,
    notes: &mut Vec<String>,
) -> Result<(), ReadError> {
    let promised = format.all_bytes();
    let there = object.total().map_or(length, |total| total.saturating_sub(at));
    let found = length.min(there);
    if found < promised || there < length {
        return Err(object.error(FileFault::Truncated { promised: promised.max(length), found }));
    }
    if padded_frames(object, format).is_some() {
        return Ok(());
    }
    let extra = length - promised;
    // As much as a row or column less than there is would look like this.
    let [rows, columns] = format.size;
    if extra > 1 && extra >= (rows.min(columns) * format.allocated).div_ceil(8) as u64 {
        return Err(object.error(FileFault::TrailingData { promised, extra }));
    }
    if extra > 1 {
        notes.push(format!("{extra} bytes after the pixels are ignored"));
    }
    Ok(())
}

/// The pixels of all frames, one after the other in the machine's byte order; bits as they are packed in the file.
///
/// # Errors
/// If they are more than `max_bytes`, and those of [`Layout::of`] and [`Layout::read`].
pub fn read_all(object: &Object, max_bytes: u64) -> Result<(Format, Vec<u8>), ReadError> {
    let layout = Layout::of(object)?;
    let format = layout.format;
    let promised = format.all_bytes();
    let limit = max_bytes.min(isize::MAX as u64);
    if promised > limit {
        return Err(object.error(FileFault::TooLarge { promised, limit }));
    }
    let mut bytes = vec![0; promised as usize];
    match (&layout.place, format.allocated) {
        (Place::Native(at), 1) if padded_frames(object, &format).is_some() => {
            let stride = padded_frames(object, &format).unwrap_or_default();
            let promised = stride as u64 * format.frames as u64;
            if promised > limit {
                return Err(object.error(FileFault::TooLarge { promised, limit }));
            }
            let mut padded = vec![0; promised as usize];
            layout.fill(object, *at, 0, &mut padded).map_err(ReadError::at(object.path()))?;
            if !close_up(&padded, stride, &format, &mut bytes) {
                let message = format!(
                    "its pixels are {promised} bytes, as if each frame of {} bits was filled up to {stride} bytes, but what \
                     would be filling is not empty; export it again",
                    format.frame_pixels()
                );
                return Err(ReadError::unfit(object.path(), message));
            }
        }
        (Place::Native(at), _) => {
            layout.fill(object, *at, 0, &mut bytes).map_err(ReadError::at(object.path()))?;
            layout.settle(&mut bytes, format.big_endian);
        }
        (Place::Encapsulated(Codec::Jpeg2000, _), 1) => {
            // Each bit is a pixel of its own in the stream.
            let wide = Layout { format: Format { allocated: 8, ..format }, ..layout };
            let mut pixels = vec![0; format.frame_pixels()];
            for frame in 0..format.frames {
                wide.read(object, frame, &mut pixels)?;
                let first = frame * pixels.len();
                for (bit, _) in (first..).zip(&pixels).filter(|(_, pixel)| **pixel != 0) {
                    bytes[bit / 8] |= 1 << (bit % 8);
                }
            }
        }
        (Place::Encapsulated(..), 1) => {
            let supported = "uncompressed pixels, or JPEG 2000, where BitsAllocated is 1; convert the file";
            let found = crate::names::uid(object.syntax());
            return Err(object.root().unsupported(tags::TRANSFER_SYNTAX_UID, &found, supported));
        }
        (Place::Encapsulated(..), _) => {
            for (index, slot) in bytes.chunks_exact_mut(format.frame_bytes()).enumerate() {
                layout.read(object, index, slot)?;
            }
        }
    }
    Ok((format, bytes))
}

/// The stored values, from the first to the last, that stand for "no measurement here".
///
/// # Errors
/// If they are no whole numbers.
pub fn padding(root: Item<'_>, format: &Format) -> Result<Option<[i64; 2]>, ReadError> {
    let number = |tag: Tag| -> Result<Option<i64>, ReadError> {
        let Some(value) = root.int(tag)? else { return Ok(None) };
        // The value representation follows PixelRepresentation, but not in every file: its bits are what counts.
        let wrapped = match (format.signed, format.allocated) {
            (true, 16) => i64::from(value as u16 as i16),
            (false, 16) => i64::from(value as u16),
            _ => value,
        };
        Ok(Some(wrapped))
    };
    if format.float {
        return Ok(None);
    }
    let Some(value) = number(tags::PIXEL_PADDING_VALUE)? else { return Ok(None) };
    let other = number(tags::PIXEL_PADDING_RANGE_LIMIT)?.unwrap_or(value);
    Ok(Some([value.min(other), value.max(other)]))
}
