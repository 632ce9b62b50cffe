//! Which intensities are black and which are white.

use voxomics_imaging::IndexBox;

use super::{is_inside, slab::Slab};
use crate::stages::found::Found;

/// The intensities between black and white.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    lower: f64,
    upper: f64,
    /// Whether large ones are dark.
    inverted: bool,
}

/// What is no number is neither black nor white.
pub const NOT_A_NUMBER: [u8; 3] = [255, 0, 255];

/// Level 40 HU, width 400 HU.
const SOFT_TISSUE: Window = Window { lower: -160.0, upper: 240.0, inverted: false };

/// Level −600 HU, width 1500 HU.
const LUNG: Window = Window { lower: -1350.0, upper: 150.0, inverted: false };

impl Window {
    /// The window that suits a modality: fixed for CT, from zero to the brightest of the region for PET, and from the 1st
    /// to the 99th percentile of what is shown for others. What does not say its modality is taken for CT if it looks
    /// like Hounsfield units.
    ///
    /// `first` is the region that is looked at, if there is one, and `surroundings` what lies around it.
    pub fn choose(modality: Option<&str>, slabs: &[Slab], first: Option<&Found>, surroundings: IndexBox) -> Self {
        let mut shown: Vec<f64> =
            slabs.iter().flat_map(|slab| &slab.voxels).copied().filter(|x| x.is_finite()).collect();
        shown.sort_unstable_by(f64::total_cmp);
        match modality {
            Some("CT") => hounsfield(slabs, first, surroundings),
            Some("PT" | "NM") => {
                let inside = slabs.iter().flat_map(Slab::indexed).filter(|(index, _)| is_in(first, *index));
                let brightest = inside.map(|(_, x)| x).filter(|x| x.is_finite()).fold(0.0, f64::max);
                Self { lower: 0.0, upper: brightest.max(percentile(&shown, 0.99)), inverted: true }
            }
            None if looks_like_hounsfield(&shown) => hounsfield(slabs, first, surroundings),
            _ => Self { lower: percentile(&shown, 0.01), upper: percentile(&shown, 0.99), inverted: false },
        }
    }

    /// From the one, black, to the other, white.
    pub fn between(lower: f64, upper: f64) -> Self {
        Self { lower, upper, inverted: false }
    }

    /// The colour of an intensity.
    pub fn colour(&self, intensity: f64) -> [u8; 3] {
        if !intensity.is_finite() {
            return NOT_A_NUMBER;
        }
        let width = self.upper - self.lower;
        let grey = if width > 0.0 { ((intensity - self.lower) / width).clamp(0.0, 1.0) } else { 0.5 };
        let grey = (255.0 * if self.inverted { 1.0 - grey } else { grey }).round() as u8;
        [grey; 3]
    }
}

fn is_in(first: Option<&Found>, index: [usize; 3]) -> bool {
    first.is_some_and(|first| is_inside(first, index))
}

/// The lung window if more than half of the tissue around the region is lung, that of soft tissue otherwise.
fn hounsfield(slabs: &[Slab], first: Option<&Found>, surroundings: IndexBox) -> Window {
    let near = |index: [usize; 3]| {
        (0..3).all(|axis| (surroundings.start[axis]..surroundings.end[axis]).contains(&index[axis]))
    };
    let around = slabs.iter().flat_map(Slab::indexed).filter(|(index, _)| near(*index) && !is_in(first, *index));
    let (mut lung, mut other) = (0_usize, 0_usize);
    for (_, hu) in around {
        // Air around the patient is no tissue.
        if (-950.0..-500.0).contains(&hu) {
            lung += 1;
        } else if hu >= -500.0 {
            other += 1;
        }
    }
    if lung > other { LUNG } else { SOFT_TISSUE }
}

/// No other modality has intensities between those of fat and of the padding that scanners write.
fn looks_like_hounsfield(sorted: &[f64]) -> bool {
    sorted.first().is_some_and(|lowest| (-3100.0..=-100.0).contains(lowest))
        && sorted.last().is_some_and(|highest| *highest <= 32_767.0)
}

/// The value below which a fraction of sorted values lie; 0 of none.
fn percentile(sorted: &[f64], fraction: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * fraction).round() as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A slice of 100 voxels, the first of which is the region.
    fn window(modality: Option<&str>, value: impl Fn(usize) -> f64) -> Window {
        let part = IndexBox { start: [0; 3], end: [100, 1, 1] };
        let slab = Slab { part, voxels: (0..100).map(value).collect() };
        let own = IndexBox { start: [0; 3], end: [1; 3] };
        let first = Found { region: 0, component: None, part: own, mask: vec![1] };
        Window::choose(modality, &[slab], Some(&first), part)
    }

    #[test]
    fn the_window_suits_the_modality() {
        let lung = |i: usize| if i.is_multiple_of(4) { 50.0 } else { -850.0 };
        assert_eq!(window(Some("CT"), lung), LUNG);
        assert_eq!(window(None, lung), LUNG);
        let abdomen = |i: usize| if i > 60 { -1000.0 } else { 50.0 };
        assert_eq!(window(Some("CT"), abdomen), SOFT_TISSUE);
        assert_eq!(window(None, |i| if i > 60 { -120.0 } else { 50.0 }), SOFT_TISSUE);
        assert_eq!(window(None, |i| i as f64), Window { lower: 1.0, upper: 98.0, inverted: false });
        assert_eq!(window(Some("MR"), lung), Window { lower: -850.0, upper: 50.0, inverted: false });
        let pet = window(Some("PT"), |i| if i == 0 { 12.0 } else { 1.0 });
        assert_eq!(
            (pet, pet.colour(12.0), pet.colour(0.0)),
            (Window { lower: 0.0, upper: 12.0, inverted: true }, [0; 3], [255; 3])
        );
    }

    #[test]
    fn what_is_no_number_is_seen_and_a_flat_image_is_grey() {
        let flat = window(Some("MR"), |i| if i == 3 { f64::NAN } else { 7.0 });
        assert_eq!(
            (flat.colour(7.0), flat.colour(f64::NAN), flat.colour(f64::INFINITY)),
            ([128; 3], NOT_A_NUMBER, NOT_A_NUMBER)
        );
        assert_eq!(window(None, |_| f64::NAN).colour(f64::NAN), NOT_A_NUMBER);
    }
}
