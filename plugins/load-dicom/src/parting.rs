//! Which volumes the frames of a series make, where several lie at the same places: phases, b-values, echoes, gates.
//!
//! Attributes part the frames, the one that means most first, until no two frames of a part are at the same place. The parts
//! are taken for volumes only if nothing else can be meant: see [`Search::is_whole`] and [`Search::is_explained`].

use std::collections::{BTreeMap, BTreeSet};

use dicom_core::Tag;

use crate::apart::{Kind, Values};

/// No volume needs more attributes than this to be told from others.
const MOST_ATTRIBUTES: usize = 4;

/// A volume of a series.
#[derive(Debug, Default)]
pub struct Part {
    /// What tells it from the other volumes; nothing if it is the only one.
    pub values: Vec<(Tag, String)>,
    /// Its frames.
    pub frames: Vec<usize>,
    /// Places that other volumes have between its first and last one, and it has not.
    pub skipped: usize,
    /// Places of the series that it has not, in all.
    pub lacking: usize,
}

/// The volumes of a series, if it is clear what they are: `values` are the attributes in which its frames differ, `places`
/// where each frame is, counted along the normal, and `is_sound` says whether frames make a stack.
pub fn part(values: &[Values], places: &[usize], is_sound: &dyn Fn(&[usize]) -> bool) -> Option<Vec<Part>> {
    let count = places.iter().max().map_or(0, |last| last + 1);
    let all: Vec<usize> = (0..places.len()).collect();
    let search = |may_lack| Search { values, places, count, is_sound, may_lack };
    let [strict, lax] = [false, true].map(search);
    let leaves = strict.solve(&all, &[]).or_else(|| lax.solve(&all, &[]))?;
    let parts: Vec<Part> = leaves.into_iter().map(|leaf| strict.told(leaf)).collect();
    let names: BTreeSet<_> = parts.iter().map(|part| &part.values).collect();
    (names.len() == parts.len()).then_some(parts)
}

/// What tells a volume from others: attributes, and for each which of its values.
type Path = Vec<[usize; 2]>;

/// Frames that are not parted any further.
struct Leaf {
    path: Path,
    frames: Vec<usize>,
}

struct Search<'s> {
    values: &'s [Values],
    places: &'s [usize],
    /// How many places there are.
    count: usize,
    is_sound: &'s dyn Fn(&[usize]) -> bool,
    /// Whether some volumes may lack slices that others have.
    may_lack: bool,
}

impl Search<'_> {
    /// Parts frames, by other attributes than those of the path, until each part is a volume.
    fn solve(&self, frames: &[usize], path: &[[usize; 2]]) -> Option<Vec<Leaf>> {
        if self.covered(frames).len() == frames.len() {
            let leaf = Leaf { path: path.to_vec(), frames: frames.to_vec() };
            return self.is_volume(&leaf).then(|| vec![leaf]);
        }
        if path.len() == MOST_ATTRIBUTES {
            return None;
        }
        (0..self.values.len()).filter(|index| path.iter().all(|[used, _]| used != index)).find_map(|index| {
            let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            frames.iter().for_each(|frame| parts.entry(self.values[index].of[*frame]).or_default().push(*frame));
            if parts.len() < 2 || !self.is_promising(index, &parts) {
                return None;
            }
            let solved =
                |(value, frames): (usize, Vec<usize>)| self.solve(&frames, &[path, &[[index, value]]].concat());
            let leaves: Vec<Vec<Leaf>> = parts.into_iter().map(solved).collect::<Option<_>>()?;
            let leaves: Vec<Leaf> = leaves.into_iter().flatten().collect();
            (!path.is_empty() || self.is_explained(&leaves)).then_some(leaves)
        })
    }

    /// Whether volumes can be found in parts.
    fn is_promising(&self, index: usize, parts: &BTreeMap<usize, Vec<usize>>) -> bool {
        match self.may_lack {
            // A time that differs from slice to slice would tear a volume apart.
            true => matches!(self.values[index].attribute.kind, Kind::Identity | Kind::Count),
            false => parts.values().all(|frames| self.covered(frames).len() == self.count),
        }
    }

    fn covered(&self, frames: &[usize]) -> BTreeSet<usize> {
        frames.iter().map(|frame| self.places[*frame]).collect()
    }

    /// Whether frames of different places can be one volume.
    fn is_volume(&self, leaf: &Leaf) -> bool {
        self.is_pure(leaf) && (self.may_lack || self.is_whole(leaf))
    }

    /// Whether frames are a sound stack with a slice at every place of the series: a part of a volume, such as its odd
    /// slices, is not. That one slice was acquired later than another makes no volumes of them.
    fn is_whole(&self, leaf: &Leaf) -> bool {
        let by_clock = leaf.path.iter().any(|[index, _]| self.values[*index].attribute.kind == Kind::Clock);
        leaf.frames.len() == self.count && (self.count > 1 || !by_clock) && (self.is_sound)(&leaf.frames)
    }

    /// Whether frames agree in whatever says what a volume is and means more than the attributes that part them.
    fn is_pure(&self, leaf: &Leaf) -> bool {
        let last = leaf.path.iter().map(|[index, _]| *index).max().unwrap_or(0);
        self.values[..last]
            .iter()
            .filter(|values| values.attribute.kind == Kind::Identity)
            .all(|values| leaf.frames.windows(2).all(|pair| values.of[pair[0]] == values.of[pair[1]]))
    }

    /// Whether parts of which some lack slices are volumes all the same: one must be whole, and at least half of them sound
    /// and with most of the slices. What is left are volumes that were cut short, and volumes that lost slices.
    fn is_explained(&self, leaves: &[Leaf]) -> bool {
        if !self.may_lack {
            return true;
        }
        let is_good = |leaf: &&Leaf| {
            2 * leaf.frames.len() >= self.count && self.skipped(&leaf.frames) == 0 && (self.is_sound)(&leaf.frames)
        };
        let good: Vec<&Leaf> = leaves.iter().filter(is_good).collect();
        2 * good.len() >= leaves.len() && good.iter().any(|leaf| leaf.frames.len() == self.count)
    }

    /// Places between the first and the last of the frames at which they have none.
    fn skipped(&self, frames: &[usize]) -> usize {
        let places = self.covered(frames);
        let reach = places.last().zip(places.first()).map_or(0, |(last, first)| last - first + 1);
        reach - places.len()
    }

    fn told(&self, Leaf { path, frames }: Leaf) -> Part {
        let value = |[index, value]: [usize; 2]| {
            let values = &self.values[index];
            (values.attribute.tag, values.texts[value].clone())
        };
        let (skipped, lacking) = (self.skipped(&frames), self.count - frames.len());
        Part { values: path.into_iter().map(value).collect(), frames, skipped, lacking }
    }
}
