//! The stored pixels of a segmentation, as runs of voxels that belong to a segment.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use dicom_dictionary_std::tags;
use voxomics_imaging::IndexBox;

use super::Job;
use super::regions::{self, Listed};
use crate::error::ReadError;
use crate::format::Format;
use crate::object::Item;

/// What a stored value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Bits: inside or not.
    Binary,
    /// Shares of a voxel, or probabilities, up to this value; inside from the second on.
    Fractional([u8; 2]),
    /// The number of the segment, in 8 or 16 bits.
    Labels,
}

/// The frames that matter.
pub struct Stored<'a> {
    kind: Kind,
    format: Format,
    bytes: &'a [u8],
    /// Frame, slice, and the segment among the wanted ones; none in a label map.
    frames: Vec<(usize, usize, Option<usize>)>,
    /// The segments of a label map among the wanted ones, by number.
    slots: BTreeMap<i64, usize>,
}

/// Receives a segment among the wanted ones, and a run of its voxels: columns, row, slice.
pub type Receiver<'a> = dyn FnMut(usize, Range<usize>, usize, usize) + 'a;

impl Kind {
    /// What a file says of its values; the threshold that is applied to fractions is noted.
    ///
    /// # Errors
    /// If it says something that is not known.
    pub fn of(job: &Job<'_, '_>) -> Result<Self, ReadError> {
        let root = job.object.root();
        match root.need_text(tags::SEGMENTATION_TYPE)?.as_str() {
            "BINARY" => Ok(Self::Binary),
            "LABELMAP" => Ok(Self::Labels),
            "FRACTIONAL" => {
                let most = root.need_int_in(tags::MAXIMUM_FRACTIONAL_VALUE, 1, 255)? as u8;
                let threshold = job.fractional_threshold;
                let counts = |value: &u8| f64::from(*value) / f64::from(most) >= threshold;
                let Some(least) = (1..=most).find(counts) else {
                    return Err(job.unfit(format!("no fraction is {threshold} or more; choose a threshold up to 1")));
                };
                let what = root.text(tags::SEGMENTATION_FRACTIONAL_TYPE).unwrap_or_default().to_lowercase();
                let what = match what.as_str() {
                    "" => "a fraction".to_owned(),
                    "occupancy" => "an occupancy".to_owned(),
                    _ => format!("a {what}"),
                };
                job.warn(&format!(
                    "fractional segmentation: a voxel is inside from {what} of {threshold} on (stored {least} of {most}); \
                     another threshold is set by `fractional_threshold` in [load.dicom]"
                ));
                Ok(Self::Fractional([most, least]))
            }
            other => Err(root.unsupported(tags::SEGMENTATION_TYPE, other, "BINARY, FRACTIONAL or LABELMAP")),
        }
    }

    fn check(self, job: &Job<'_, '_>, format: &Format) -> Result<(), ReadError> {
        let expected: &[usize] = match self {
            Self::Binary => &[1],
            Self::Fractional(_) => &[8],
            Self::Labels => &[8, 16],
        };
        if expected.contains(&format.allocated) && !format.signed && !format.float {
            return Ok(());
        }
        let found = format!("{} bits, signed: {}, floating-point: {}", format.allocated, format.signed, format.float);
        let expected: Vec<String> = expected.iter().map(usize::to_string).collect();
        let supported = format!("{} bits, unsigned, in a segmentation of this type", expected.join(" or "));
        Err(job.object.root().unsupported(tags::BITS_ALLOCATED, &found, &supported))
    }
}

impl<'a> Stored<'a> {
    /// The frames of the wanted segments, which are given by number; `slices` has the slice of each frame.
    ///
    /// # Errors
    /// If a frame does not say what it shows, shows a segment that is not listed, or if two show the same.
    pub fn new(
        job: &Job<'_, '_>,
        kind: Kind,
        (format, bytes): (Format, &'a [u8]),
        numbers: &[i64],
        (listed, slices): (&[Listed], &[usize]),
    ) -> Result<Self, ReadError> {
        kind.check(job, &format)?;
        let slots: BTreeMap<i64, usize> = numbers.iter().copied().zip(0..).collect();
        let known: BTreeSet<i64> = listed.iter().map(|region| region.number).collect();
        let frames: Vec<(usize, usize, Option<usize>)> = match kind {
            Kind::Labels => (0..).zip(slices).map(|(frame, slice)| (frame, *slice, None)).collect(),
            _ => {
                let shown = segments(job.object.root(), slices.len())?;
                if let Some((frame, number)) = (1..).zip(&shown).find(|(_, number)| !known.contains(number)) {
                    return Err(job.unfit(format!(
                        "its frame {frame} shows the segment {number} (ReferencedSegmentNumber), which SegmentSequence does \
                         not list, expected one of {}; export it again",
                        regions::list(listed)
                    )));
                }
                let frames = (0..).zip(slices).zip(shown);
                frames
                    .filter_map(|((frame, slice), number)| Some((frame, *slice, Some(*slots.get(&number)?))))
                    .collect()
            }
        };
        let mut taken = BTreeSet::new();
        if let Some((frame, ..)) = frames.iter().find(|(_, slice, slot)| !taken.insert((*slice, *slot))) {
            return Err(job.unfit(format!(
                "its frame {} shows the same segment at the same place as another one, expected one frame for each; segments \
                 that change with time are not read",
                frame + 1
            )));
        }
        let stored = Self { kind, format, bytes, frames, slots };
        if kind == Kind::Labels {
            stored.check_labels(job, listed, known)?;
        }
        Ok(stored)
    }

    /// Every label must be that of a segment, or of what is none: 0, and `PixelPaddingValue` (DICOM PS3.3, C.8.20.2).
    fn check_labels(&self, job: &Job<'_, '_>, listed: &[Listed], mut known: BTreeSet<i64>) -> Result<(), ReadError> {
        known.insert(0);
        known.extend(job.object.root().int(tags::PIXEL_PADDING_VALUE)?);
        let is_known: Vec<bool> = (0..=u16::MAX).map(|label| known.contains(&i64::from(label))).collect();
        let stranger = |label: &u16| !is_known[usize::from(*label)];
        let found = match self.format.allocated {
            8 => self.bytes.iter().map(|byte| u16::from(*byte)).enumerate().find(|(_, label)| stranger(label)),
            _ => {
                let values = self.bytes.as_chunks::<2>().0.iter();
                values.map(|value| u16::from_ne_bytes(*value)).enumerate().find(|(_, label)| stranger(label))
            }
        };
        let Some((at, label)) = found else { return Ok(()) };
        let [rows, columns] = self.format.size;
        Err(job.unfit(format!(
            "its frame {} has voxels of the segment {label}, which SegmentSequence does not list, expected one of {}; export \
             it again",
            at / (rows * columns) + 1,
            regions::list(listed)
        )))
    }

    /// The boxes of the wanted segments, of which there are so many; none for a segment without a voxel.
    ///
    /// # Errors
    /// If a fraction is more than 1, or if the host gives up.
    pub fn found(&self, job: &Job<'_, '_>, wanted: usize) -> Result<Vec<Option<IndexBox>>, ReadError> {
        self.check_values(job)?;
        let mut found: Vec<Option<IndexBox>> = vec![None; wanted];
        self.each(job, &mut |slot, columns, row, slice| {
            let part = IndexBox { start: [columns.start, row, slice], end: [columns.end, row + 1, slice + 1] };
            found[slot] = Some(found[slot].map_or(part, |found| found.union(&part)));
        })?;
        Ok(found)
    }

    fn check_values(&self, job: &Job<'_, '_>) -> Result<(), ReadError> {
        let Kind::Fractional([most, _]) = self.kind else { return Ok(()) };
        match self.bytes.iter().max() {
            Some(value) if *value > most => {
                let message = format!("a stored fraction is {value}, expected {most} (MaximumFractionalValue) at most");
                Err(job.unfit(message + "; export it again"))
            }
            _ => Ok(()),
        }
    }

    /// Hands on every run of voxels of a wanted segment.
    ///
    /// # Errors
    /// If the host gives up.
    pub fn each(&self, job: &Job<'_, '_>, receive: &mut Receiver<'_>) -> Result<(), ReadError> {
        let [rows, columns] = self.format.size;
        for (frame, slice, slot) in &self.frames {
            job.check_cancelled()?;
            for row in 0..rows {
                let first = (frame * rows + row) * columns;
                match (self.kind, *slot) {
                    (Kind::Binary, Some(slot)) => {
                        set_bits(self.bytes, first..first + columns, &mut |run| receive(slot, run, row, *slice));
                    }
                    (Kind::Fractional([_, least]), Some(slot)) => {
                        let values = &self.bytes[first..first + columns];
                        runs(
                            values,
                            |value| *value >= least,
                            |inside, run| {
                                if inside {
                                    receive(slot, run, row, *slice);
                                }
                            },
                        );
                    }
                    _ => self.labels(first..first + columns, &mut |slot, run| receive(slot, run, row, *slice)),
                }
            }
        }
        Ok(())
    }

    /// The runs of wanted labels among these pixels.
    fn labels(&self, pixels: Range<usize>, receive: &mut dyn FnMut(usize, Range<usize>)) {
        let mut hand_on = |label: u16, run| {
            if label != 0
                && let Some(slot) = self.slots.get(&i64::from(label))
            {
                receive(*slot, run);
            }
        };
        if self.format.allocated == 8 {
            runs(&self.bytes[pixels], |value| u16::from(*value), &mut hand_on);
        } else {
            let values = &self.bytes.as_chunks::<2>().0[pixels];
            runs(values, |value| u16::from_ne_bytes(*value), &mut hand_on);
        }
    }
}

/// The segment of each frame, by its number.
fn segments(root: Item<'_>, count: usize) -> Result<Vec<i64>, ReadError> {
    let shared = root.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    let shared = shared.and_then(|group| group.item(tags::SEGMENT_IDENTIFICATION_SEQUENCE));
    let groups = root.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
    let mut numbers = Vec::with_capacity(count);
    for group in groups.iter().take(count) {
        let identification = group
            .item(tags::SEGMENT_IDENTIFICATION_SEQUENCE)
            .or(shared)
            .ok_or_else(|| group.missing(tags::SEGMENT_IDENTIFICATION_SEQUENCE))?;
        numbers.push(identification.need_int(tags::REFERENCED_SEGMENT_NUMBER)?);
    }
    if numbers.len() < count {
        return Err(root.missing(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE));
    }
    Ok(numbers)
}

/// Hands on the runs of values that mean the same.
fn runs<T, K: PartialEq>(values: &[T], key: impl Fn(&T) -> K, mut receive: impl FnMut(K, Range<usize>)) {
    let mut start = 0;
    while let Some(first) = values.get(start).map(&key) {
        let length = values[start..].iter().take_while(|value| key(value) == first).count();
        receive(first, start..start + length);
        start += length;
    }
}

/// Hands on the runs of set bits, counted from the first of these; the lowest bit of a byte comes first, and frames follow
/// each other without a gap (DICOM PS3.5, 8.1.1).
fn set_bits(bytes: &[u8], bits: Range<usize>, receive: &mut dyn FnMut(Range<usize>)) {
    let mut run: Option<usize> = None;
    let mut at = bits.start;
    while at < bits.end {
        let byte = bytes[at / 8];
        let whole = at.is_multiple_of(8) && at + 8 <= bits.end;
        if whole && (byte == 0 && run.is_none() || byte == 0xff && run.is_some()) {
            at += 8;
            continue;
        }
        match (byte >> (at % 8) & 1 == 1, run) {
            (true, None) => run = Some(at),
            (false, Some(start)) => {
                receive(start - bits.start..at - bits.start);
                run = None;
            }
            _ => {}
        }
        at += 1;
    }
    if let Some(start) = run {
        receive(start - bits.start..bits.end - bits.start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outlines::testing::Random;

    #[test]
    fn runs_of_bits_are_those_of_the_bits() {
        let mut random = Random::new(5);
        for _ in 0..500 {
            // Bytes that are full or empty take the short way.
            let byte = |random: &mut Random| [0, 0xff, random.below(256) as u8][random.below(3)];
            let bytes: Vec<u8> = (0..12).map(|_| byte(&mut random)).collect();
            let start = random.below(96);
            let bits = start..start + random.below(97 - start);
            let mut found = vec![false; bits.len()];
            set_bits(&bytes, bits.clone(), &mut |run| {
                assert!(run.start == 0 || !found[run.start - 1], "runs are as long as they can be");
                found[run].fill(true);
            });
            let expected: Vec<bool> = bits.map(|bit| bytes[bit / 8] >> (bit % 8) & 1 == 1).collect();
            assert_eq!(found, expected);
        }
    }
}
