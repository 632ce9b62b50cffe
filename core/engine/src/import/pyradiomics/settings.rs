//! The section `setting`.

use super::{
    Entry, Notes, Value, Weight,
    empty::{self, is_true, resamples, stated},
    voxels,
};

mod mask;

/// Its name.
pub const SECTION: &str = "setting";

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
    /// The fewest voxels that a region may have.
    pub min_voxels: Option<u32>,
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
    /// The axis across the planes of `force2D`, and of LBP2D in any case: 0 for slices.
    pub plane: u32,
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
const REMARKS: [(&str, &str); 2] = [
    ("additionalInfo", "the record of a run has digests, versions and settings in any case"),
    ("enableCExtensions", "there is one implementation"),
];

/// Settings of image types, read where these are.
pub const OF_IMAGES: [&str; 10] = [
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
        min_voxels: None,
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
        plane: 0,
        merged: false,
        weighting: None,
        ordered: false,
        normalise: None,
        of_images: Vec::new(),
        sigmas: Vec::new(),
    };
    for entry in entries {
        if OF_IMAGES.contains(&entry.key.as_str()) {
            settings.of_images.push((*entry).clone());
            continue;
        }
        if entry.node.value == Value::Null {
            // An empty flag is no; all others are off by default.
            settings.ordered |= entry.key == "symmetricalGLCM";
            if let Some(message) = empty::differs(&entry.key, entries) {
                notes.push(SECTION, entry, Weight::Differs, message);
            }
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

    /// What is done to the image.
    fn image_key(&mut self, entry: &Entry, entries: &[&Entry], notes: &mut Notes) -> bool {
        match entry.key.as_str() {
            "normalize" => {
                if flag(entry, notes) {
                    self.normalise(entries, notes);
                }
            }
            "removeOutliers" | "normalizeScale" => {
                let normalised = is_true(entries, "normalize");
                if !normalised {
                    notes.push(SECTION, entry, Weight::Remark, "it has a meaning only with `normalize`");
                }
            }
            "resampledPixelSpacing" if !resamples(entries) => {
                let message = "an empty `interpolator` switches resampling off, as in PyRadiomics";
                notes.push(SECTION, entry, Weight::Remark, message);
            }
            "resampledPixelSpacing" => self.resample(entry, notes),
            "preCrop" => {
                self.pre_crop = flag(entry, notes);
                if self.pre_crop && resamples(entries) {
                    notes.push(SECTION, entry, Weight::Remark, "resampling cuts the scan as well");
                }
            }
            "padDistance" => {
                self.pad = whole(entry, 0, notes).unwrap_or(self.pad);
                let cuts = is_true(entries, "preCrop");
                if !cuts && !resamples(entries) {
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
        let scale = stated(entries, "normalizeScale").and_then(|entry| positive(entry, notes)).unwrap_or(1.0);
        let outliers = stated(entries, "removeOutliers").and_then(|entry| positive(entry, notes));
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
        if stated(entries, "resampledPixelSpacing").is_none() {
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
                if stated(entries, "binCount").is_some() {
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
                self.plane = whole(entry, 0, notes).unwrap_or(0);
                if is_true(entries, "force2D") && self.plane > 0 {
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
