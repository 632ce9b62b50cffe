//! The section `setting`.

use super::{Entry, Notes, Value, Weight, voxels};

const SECTION: &str = "setting";

/// How intensities become grey levels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bins {
    /// Of a fixed width.
    Width(f64),
    /// A fixed number.
    Count(u32),
}

/// What the section asks for, as far as there is an equivalent.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub bins: Bins,
    pub label: Option<u32>,
    pub spacing: Option<[f64; 3]>,
    pub interpolation: &'static str,
    /// Whether the scan is cut to the region, and how many voxels around it stay.
    pub pre_crop: bool,
    pub pad: u32,
    pub range: Option<[f64; 2]>,
    pub outliers_sigma: Option<f64>,
    /// Limits as parts of the region's maximum.
    pub of_maximum: Option<[f64; 2]>,
    /// Whether shape is to be that of what remains.
    pub resegment_shape: bool,
    pub correct_mask: bool,
    pub distances: Vec<u32>,
    pub gldm_a: u32,
    pub array_shift: f64,
    pub force_2d: bool,
    pub merged: bool,
    /// The norm of the weights of directions that are merged.
    pub weighting: Option<&'static str>,
    /// Whether pairs of levels have an order.
    pub ordered: bool,
    /// What intensities are normalised to: the scale, and where outliers are cut off.
    pub normalise: Option<(f64, Option<f64>)>,
    /// Settings of image types.
    pub of_images: Vec<Entry>,
    /// Sigmas of the Laplacian of Gaussian, with the words that the names of its images have for them.
    pub sigmas: Vec<(f64, String)>,
}

/// Settings that change no number here, and why.
const REMARKS: [(&str, &str); 5] = [
    ("additionalInfo", "the record of a run has digests, versions and settings in any case"),
    ("enableCExtensions", "there is one implementation"),
    ("geometryTolerance", "the tolerance is fixed; see [geometry] for masks on another grid"),
    (
        "minimumROIDimensions",
        "small regions are not refused: features that they do not have are undefined, with a reason",
    ),
    ("minimumROISize", "small regions are not refused: features that they do not have are undefined, with a reason"),
];

/// Settings of image types, read where these are.
const OF_IMAGES: [&str; 10] = [
    "wavelet",
    "start_level",
    "level",
    "gradientUseSpacing",
    "lbp2DRadius",
    "lbp2DSamples",
    "lbp2DMethod",
    "lbp3DLevels",
    "lbp3DIcosphereRadius",
    "lbp3DIcosphereSubdivision",
];

/// Reads the section.
pub fn read(entries: &[&Entry], notes: &mut Notes) -> Settings {
    let mut settings = Settings {
        bins: Bins::Width(25.0),
        label: None,
        spacing: None,
        interpolation: "b-spline",
        pre_crop: false,
        pad: 5,
        range: None,
        outliers_sigma: None,
        of_maximum: None,
        resegment_shape: false,
        correct_mask: false,
        distances: vec![1],
        gldm_a: 0,
        array_shift: 0.0,
        force_2d: false,
        merged: false,
        weighting: None,
        ordered: false,
        normalise: None,
        of_images: Vec::new(),
        sigmas: Vec::new(),
    };
    for entry in entries.iter().filter(|entry| entry.node.value != Value::Null) {
        if OF_IMAGES.contains(&entry.key.as_str()) {
            settings.of_images.push((*entry).clone());
            continue;
        }
        let known = settings.mask_key(entry, entries, notes)
            || settings.image_key(entry, entries, notes)
            || settings.texture_key(entry, entries, notes)
            || remark(entry, notes);
        if !known {
            notes.push(SECTION, entry, Weight::Lost, "PyRadiomics 3.0.1 has no such setting; check its spelling");
        }
    }
    settings
}

/// The value of another setting.
fn other<'a>(entries: &[&'a Entry], key: &str) -> Option<&'a Entry> {
    entries.iter().find(|entry| entry.key == key && entry.node.value != Value::Null).copied()
}

fn remark(entry: &Entry, notes: &mut Notes) -> bool {
    let message = match REMARKS.iter().find(|(key, _)| *key == entry.key) {
        Some((_, message)) => *message,
        None => return false,
    };
    notes.push(SECTION, entry, Weight::Remark, message);
    true
}

/// A whole number of at least `least`.
fn whole(entry: &Entry, least: u32, notes: &mut Notes) -> Option<u32> {
    let number = entry.node.number().filter(|x| x.fract() == 0.0 && *x >= f64::from(least) && *x <= 65_535.0);
    if number.is_none() {
        notes.mistyped(SECTION, entry, &format!("a whole number from {least} to 65535"));
    }
    number.map(|number| number as u32)
}

fn flag(entry: &Entry, notes: &mut Notes) -> bool {
    entry.node.flag().unwrap_or_else(|| {
        notes.mistyped(SECTION, entry, "true or false");
        false
    })
}

fn positive(entry: &Entry, notes: &mut Notes) -> Option<f64> {
    let number = entry.node.number().filter(|x| *x > 0.0);
    if number.is_none() {
        notes.mistyped(SECTION, entry, "a number above 0");
    }
    number
}

impl Settings {
    /// Whether voxels of a region are left out by their intensity.
    pub fn is_limited(&self) -> bool {
        self.range.is_some() || self.outliers_sigma.is_some() || self.of_maximum.is_some()
    }

    /// Whether the distances are 1, 2, … without a gap, and so mean all neighbours within the last one.
    pub fn reaches_all_within(&self) -> bool {
        self.distances.iter().zip(1..).all(|(distance, expected)| *distance == expected)
    }

    /// Which voxels.
    fn mask_key(&mut self, entry: &Entry, entries: &[&Entry], notes: &mut Notes) -> bool {
        match entry.key.as_str() {
            "label" => self.label = whole(entry, 1, notes),
            "label_channel" => {
                if whole(entry, 0, notes).is_some_and(|channel| channel > 0) {
                    let message = "masks with several channels are not read: write the channel to a file of its own";
                    notes.push(SECTION, entry, Weight::Lost, message);
                }
            }
            "correctMask" => {
                self.correct_mask = flag(entry, notes) && other(entries, "resampledPixelSpacing").is_none();
                if !self.correct_mask && entry.node.flag() == Some(true) {
                    let message = "where there is resampling, PyRadiomics' new grid is that of the mask: here a mask on another \
                                   grid than the image's is refused, and its case has no values";
                    notes.push(SECTION, entry, Weight::Lost, message);
                }
            }
            "resegmentRange" => self.resegment(entry, entries, notes),
            "resegmentMode" => {
                if other(entries, "resegmentRange").is_none() {
                    notes.push(SECTION, entry, Weight::Remark, "it has a meaning only with `resegmentRange`");
                }
            }
            "resegmentShape" => {
                let mode = other(entries, "resegmentMode").and_then(|mode| mode.node.text());
                self.resegment_shape = flag(entry, notes) && other(entries, "resegmentRange").is_some();
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

    fn resegment(&mut self, entry: &Entry, entries: &[&Entry], notes: &mut Notes) {
        let mode = other(entries, "resegmentMode").and_then(|mode| mode.node.text()).unwrap_or("absolute");
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

    /// What is done to the image.
    fn image_key(&mut self, entry: &Entry, entries: &[&Entry], notes: &mut Notes) -> bool {
        match entry.key.as_str() {
            "normalize" => {
                if flag(entry, notes) {
                    self.normalise(entries, notes);
                }
            }
            "removeOutliers" | "normalizeScale" => {
                let normalised = other(entries, "normalize").and_then(|entry| entry.node.flag()) == Some(true);
                if !normalised {
                    notes.push(SECTION, entry, Weight::Remark, "it has a meaning only with `normalize`");
                }
            }
            "resampledPixelSpacing" => self.resample(entry, notes),
            "preCrop" => {
                self.pre_crop = flag(entry, notes);
                if self.pre_crop && other(entries, "resampledPixelSpacing").is_some() {
                    notes.push(SECTION, entry, Weight::Remark, "resampling cuts the scan as well");
                }
            }
            "padDistance" => {
                self.pad = whole(entry, 0, notes).unwrap_or(self.pad);
                let cuts = other(entries, "preCrop").and_then(|entry| entry.node.flag()) == Some(true);
                if !cuts && other(entries, "resampledPixelSpacing").is_none() {
                    let message = "it has a meaning only with `preCrop` or `resampledPixelSpacing`";
                    notes.push(SECTION, entry, Weight::Remark, message);
                }
            }
            "interpolator" => self.interpolator(entry, entries, notes),
            "sigma" => self.sigmas = super::sigmas::sigmas(entry, SECTION, notes),
            _ => return false,
        }
        true
    }

    fn normalise(&mut self, entries: &[&Entry], notes: &mut Notes) {
        let scale = other(entries, "normalizeScale").and_then(|entry| positive(entry, notes)).unwrap_or(1.0);
        let outliers = other(entries, "removeOutliers").and_then(|entry| positive(entry, notes));
        self.normalise = Some((scale, outliers));
    }

    fn resample(&mut self, entry: &Entry, notes: &mut Notes) {
        let sound = |mm: &f64| *mm == 0.0 || (0.01..=1000.0).contains(mm);
        let numbers = entry.node.numbers().filter(|numbers| numbers.iter().all(sound));
        let Some(Ok(spacing)) = numbers.map(<[f64; 3]>::try_from) else {
            return notes.mistyped(SECTION, entry, "three numbers from 0.01 to 1000, or 0");
        };
        // Three zeros resample nothing, and cut all the same.
        self.spacing = Some(spacing);
    }

    fn interpolator(&mut self, entry: &Entry, entries: &[&Entry], notes: &mut Notes) {
        // PyRadiomics takes SimpleITK's names and their numbers.
        let word = match entry.node.shown().as_str() {
            "sitkNearestNeighbor" | "1" => Some("nearest"),
            "sitkLinear" | "2" => Some("linear"),
            "sitkBSpline" | "3" => Some("b-spline"),
            _ => None,
        };
        self.interpolation = word.unwrap_or(self.interpolation);
        if other(entries, "resampledPixelSpacing").is_none() {
            notes.push(SECTION, entry, Weight::Remark, "it has a meaning only with `resampledPixelSpacing`");
        } else if word.is_none() {
            let message = format!(
                "`{}` is not offered; the cubic B-spline is taken (offered: sitkNearestNeighbor, sitkLinear, sitkBSpline)",
                entry.node.shown()
            );
            notes.push(SECTION, entry, Weight::Lost, message);
        }
    }

    /// Grey levels and matrices.
    fn texture_key(&mut self, entry: &Entry, entries: &[&Entry], notes: &mut Notes) -> bool {
        match entry.key.as_str() {
            "binWidth" => {
                let width = positive(entry, notes);
                if other(entries, "binCount").is_some() {
                    notes.push(SECTION, entry, Weight::Remark, "`binCount` takes precedence, as in PyRadiomics");
                } else if let Some(width) = width {
                    self.bins = Bins::Width(width);
                }
            }
            "binCount" => self.bins = whole(entry, 1, notes).map_or(self.bins, Bins::Count),
            "distances" => self.distances(entry, notes),
            "gldm_a" => self.gldm_a = whole(entry, 0, notes).unwrap_or(0),
            "voxelArrayShift" => match entry.node.number() {
                Some(shift) => self.array_shift = shift,
                None => notes.mistyped(SECTION, entry, "a number"),
            },
            "force2D" => self.force_2d = flag(entry, notes),
            "force2Ddimension" => {
                let planar = other(entries, "force2D").and_then(|entry| entry.node.flag()) == Some(true);
                if planar && whole(entry, 0, notes).is_some_and(|dimension| dimension > 0) {
                    let message = "planes are the slices of the scan (0); turn the scan for others";
                    notes.push(SECTION, entry, Weight::Lost, message);
                }
            }
            "symmetricalGLCM" => match entry.node.flag() {
                Some(symmetric) => self.ordered = !symmetric,
                None => notes.mistyped(SECTION, entry, "true or false"),
            },
            "weightingNorm" => self.weighting(entry, notes),
            key if voxels::KEYS.contains(&key) => {}
            _ => return false,
        }
        true
    }

    fn distances(&mut self, entry: &Entry, notes: &mut Notes) {
        let numbers = entry.node.numbers().unwrap_or_default();
        let sound = |x: &f64| x.fract() == 0.0 && (1.0..=1000.0).contains(x);
        if numbers.is_empty() || !numbers.iter().all(sound) {
            return notes.mistyped(SECTION, entry, "a list of whole numbers from 1");
        }
        self.distances = numbers.iter().map(|x| *x as u32).collect();
        self.distances.sort_unstable();
        self.distances.dedup();
    }

    fn weighting(&mut self, entry: &Entry, notes: &mut Notes) {
        let norms = ["manhattan", "euclidean", "infinity"];
        let text = entry.node.text().unwrap_or_default();
        self.weighting = norms.into_iter().find(|norm| *norm == text);
        self.merged = self.weighting.is_some() || text == "no_weighting";
        if !self.merged {
            notes.mistyped(SECTION, entry, "`manhattan`, `euclidean`, `infinity` or `no_weighting`");
        }
    }
}
