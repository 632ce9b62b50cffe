//! Settings that say which voxels count.

use super::{
    super::{
        Entry, Notes, Weight,
        empty::{resamples, stated},
    },
    SECTION, Settings, flag, positive, whole,
};

/// A `geometryTolerance` that the tolerance of the program covers. It is a share of the spacing along *x*, and for the axes
/// a difference of cosines.
const OWN_TOLERANCE: f64 = 1e-4;

impl Settings {
    /// Which voxels.
    pub(super) fn mask_key(&mut self, entry: &Entry, entries: &[&Entry], notes: &mut Notes) -> bool {
        match entry.key.as_str() {
            "label" => self.label = whole(entry, 1, notes),
            "label_channel" => {
                if whole(entry, 0, notes).is_some_and(|channel| channel > 0) {
                    let message = "masks with several channels are not read: write the channel to a file of its own";
                    notes.push(SECTION, entry, Weight::Lost, message);
                }
            }
            "correctMask" => {
                self.correct_mask = flag(entry, notes) && !resamples(entries);
                if !self.correct_mask && entry.node.flag() == Some(true) {
                    let message = "where there is resampling, PyRadiomics' new grid is that of the mask: here a mask on another \
                                   grid than the image's is refused, and its case has no values";
                    notes.push(SECTION, entry, Weight::Lost, message);
                }
            }
            "minimumROIDimensions" | "minimumROISize" => self.least(entry, entries, notes),
            "geometryTolerance" => match positive(entry, notes) {
                Some(tolerance) if tolerance > OWN_TOLERANCE => {
                    let message = "masks that lie further from the grid of their image than 0.01 mm and a hundredth of a voxel are \
                                   refused, and their cases have no values: say `on_mismatch = \"resample-mask\"` in [geometry] to \
                                   carry them over instead";
                    notes.push(SECTION, entry, Weight::Lost, message);
                }
                Some(_) => notes.push(SECTION, entry, Weight::Remark, "the program's own tolerance is no stricter"),
                None => {}
            },
            "resegmentRange" => self.resegment(entry, entries, notes),
            "resegmentMode" => {
                if stated(entries, "resegmentRange").is_none() {
                    notes.push(SECTION, entry, Weight::Remark, "it has a meaning only with `resegmentRange`");
                }
            }
            "resegmentShape" => {
                let mode = stated(entries, "resegmentMode").and_then(|mode| mode.node.text());
                self.resegment_shape = flag(entry, notes) && stated(entries, "resegmentRange").is_some();
                if self.resegment_shape && mode.is_some_and(|mode| mode != "absolute") {
                    self.resegment_shape = false;
                    let message = "shape is that of the mask before re-segmentation, unless the mode is `absolute`";
                    notes.push(SECTION, entry, Weight::Lost, message);
                }
            }
            _ => return false,
        }
        true
    }

    /// Which regions are too small.
    fn least(&mut self, entry: &Entry, entries: &[&Entry], notes: &mut Notes) {
        let least = entry.node.number().filter(|x| x.fract() == 0.0 && (1.0..4e9).contains(x));
        match (least, entry.key.as_str()) {
            (None, _) => notes.mistyped(SECTION, entry, "a whole number from 1"),
            (Some(least), "minimumROISize") => {
                // PyRadiomics refuses those that have just as many, too.
                self.min_voxels = Some(least as u32 + 1);
                if stated(entries, "resegmentRange").is_some() {
                    let message =
                        "PyRadiomics asks for so many voxels again after re-segmentation, and here only before it";
                    notes.push(SECTION, entry, Weight::Lost, message);
                }
            }
            (Some(least), _) if least > 2.0 => {
                let message = "regions in one slice or line are not refused: features that they do not have are undefined, with a reason";
                notes.push(SECTION, entry, Weight::Lost, message);
            }
            (Some(_), _) => {
                let message =
                    "regions in one line are not refused: features that they do not have are undefined, with a reason";
                notes.push(SECTION, entry, Weight::Remark, message);
            }
        }
    }

    fn resegment(&mut self, entry: &Entry, entries: &[&Entry], notes: &mut Notes) {
        let mode = stated(entries, "resegmentMode").and_then(|mode| mode.node.text()).unwrap_or("absolute");
        let mut limits = entry.node.numbers().unwrap_or_default();
        limits.sort_by(f64::total_cmp);
        match (mode, limits.as_slice()) {
            (_, [] | [_, _, _, ..]) => notes.mistyped(SECTION, entry, "one or two numbers"),
            ("absolute", [lower]) => self.range = Some([*lower, f64::INFINITY]),
            ("absolute", [lower, upper]) => self.range = Some([*lower, *upper]),
            ("sigma", [lower, upper]) if *upper > 0.0 && *lower == -*upper => self.outliers_sigma = Some(*upper),
            ("sigma", _) => {
                let message = "outliers are cut at the same distance on both sides: only [-s, s] has an equivalent, \
                               [resegmentation] sigma";
                notes.push(SECTION, entry, Weight::Lost, message);
            }
            ("relative", [lower]) => self.of_maximum = Some([*lower, f64::INFINITY]),
            ("relative", [lower, upper]) => self.of_maximum = Some([*lower, *upper]),
            (mode, _) => {
                notes.push(SECTION, entry, Weight::Lost, format!("`resegmentMode` is `{mode}`, which is not known"));
            }
        }
    }
}
