//! The section `imageType`.

use voxomics_imaging::filters::pyradiomics::{neighbours, wavelet};

use super::{
    Entry, Notes, Weight, children,
    own::{self, Keys, SECTION, Takes},
    settings::{Bins, Settings},
};

/// An image that features are computed of.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    pub name: String,
    /// Id of the filter, with its settings as lines of TOML; none for the original.
    pub filter: Option<(&'static str, String)>,
    /// Its own bins.
    pub bins: Option<Bins>,
}

impl Image {
    /// The names of its response maps, as an experiment with `compat` has them.
    pub fn responses(&self) -> Vec<String> {
        let Some((_, lines)) = self.filter.as_ref().filter(|(filter, _)| *filter == "pyradiomics-wavelet") else {
            return vec![self.name.clone()];
        };
        let levels = lines.lines().find_map(|line| line.strip_prefix("level = ")?.parse().ok()).unwrap_or(1);
        let of_level = |level: usize| if level == 1 { String::new() } else { level.to_string() };
        let (bands, low): (&[&str], _) = match lines.lines().any(|line| line == WITHIN_SLICES) {
            true => (&["LH", "HL", "HH"], "LL"),
            false => (&["LLH", "LHL", "LHH", "HLL", "HLH", "HHL", "HHH"], "LLL"),
        };
        let named = |level: usize, band: &str| format!("{}{}-{band}", self.name, of_level(level));
        let mut names: Vec<String> =
            (1..=levels).flat_map(|level| bands.iter().map(move |band| named(level, band))).collect();
        names.push(named(levels, low));
        names
    }
}

/// What `force2D` makes of a wavelet.
const WITHIN_SLICES: &str = "axes = \"xy\"";

/// PyRadiomics' filters that there is no equivalent of, and what to do.
const OTHERS: [(&str, &str); 2] = [
    ("LBP3D", "local binary patterns on a sphere are left out; those within slices, LBP2D, are there"),
    ("Mean", "PyRadiomics 3.0.1 has no such image type"),
];

/// Image types that are one filter each: PyRadiomics' name, that of the image, the filter, what it is always given, and
/// its settings.
const TYPES: [(&str, &str, &str, &str, Keys); 7] = [
    (
        "Wavelet",
        "wavelet",
        "pyradiomics-wavelet",
        "",
        &[
            ("wavelet", "wavelet", Takes::Wavelet),
            ("level", "level", Takes::Whole(wavelet::LEVELS)),
            ("start_level", "start_level", Takes::Whole(wavelet::START_LEVELS)),
        ],
    ),
    ("Square", "square", "pyradiomics-intensity", "change = \"square\"\n", &[]),
    ("SquareRoot", "squareroot", "pyradiomics-intensity", "change = \"square root\"\n", &[]),
    ("Logarithm", "logarithm", "pyradiomics-intensity", "change = \"logarithm\"\n", &[]),
    ("Exponential", "exponential", "pyradiomics-intensity", "change = \"exponential\"\n", &[]),
    ("Gradient", "gradient", "pyradiomics-gradient", "", &[("gradientUseSpacing", "use_spacing", Takes::Flag)]),
    (
        "LBP2D",
        "lbp-2D",
        "pyradiomics-lbp-2d",
        "",
        &[
            ("lbp2DRadius", "radius_voxels", Takes::Number(neighbours::RADIUS)),
            ("lbp2DSamples", "samples", Takes::Whole(neighbours::SAMPLES)),
            ("lbp2DMethod", "method", Takes::Word(&neighbours::METHODS)),
        ],
    ),
];

/// Neighbours from which on a pattern may be no whole number of 16 bits.
const LONG_PATTERN: f64 = 16.0;

/// Reads the section; without it there is the original image. `all` are the entries of the section `setting`.
pub fn read(section: Option<&Entry>, all: &[&Entry], settings: &Settings, notes: &mut Notes) -> Vec<Image> {
    let types = children(section, notes);
    if types.is_empty() {
        return vec![Image { name: "original".into(), filter: None, bins: None }];
    }
    let mut images = Vec::new();
    for entry in types {
        let known = TYPES.iter().find(|(of, ..)| *of == entry.key);
        let used: Vec<&str> = match (known, entry.key.as_str()) {
            (Some((.., keys)), _) => keys.iter().map(|(key, ..)| *key).collect(),
            (None, "Original") => Vec::new(),
            (None, "LoG") => vec!["sigma"],
            (None, other) => {
                let left_out = OTHERS.iter().find(|(name, _)| *name == other);
                let message = left_out.map_or("PyRadiomics 3.0.1 has no such image type", |(_, message)| message);
                notes.push(SECTION, entry, Weight::Lost, message);
                continue;
            }
        };
        let own = own::overlaid(entry, all, settings, &used, notes);
        let bins = (own.bins != settings.bins).then_some(own.bins);
        match known {
            Some((_, name, filter, always, keys)) => {
                let filtered = filtered(entry, filter, &own, keys, notes).filter(|_| has_planes(entry, &own, notes));
                let Some(mut lines) = filtered else { continue };
                lines.insert_str(0, always);
                if *filter == "pyradiomics-wavelet" && settings.force_2d {
                    lines += WITHIN_SLICES;
                    lines.push('\n');
                }
                images.push(Image { name: (*name).into(), filter: Some((filter, lines)), bins });
            }
            None if entry.key == "LoG" => images.extend(laplacian(entry, &own, bins, notes)),
            None => images.push(Image { name: "original".into(), filter: None, bins }),
        }
    }
    images
}

/// The settings of a filter as lines of TOML; none if its images are left out.
fn filtered(entry: &Entry, filter: &str, own: &Settings, keys: Keys, notes: &mut Notes) -> Option<String> {
    let lines = own::lines(entry, own, keys, notes)?;
    let of = |key: &str| own.of_images.iter().find(|of| of.key == key).map(|of| &of.node);
    let is_long = of("lbp2DSamples").and_then(super::Node::number).is_some_and(|samples| samples >= LONG_PATTERN);
    let is_code = of("lbp2DMethod").and_then(super::Node::text).is_some_and(|method| method != "uniform");
    if filter == "pyradiomics-lbp-2d" && is_long && is_code {
        let message = "PyRadiomics writes patterns in the type of the scan: those of 16 neighbours and more overflow in whole \
                       numbers of 16 bits, and here they do not";
        notes.push(SECTION, entry, Weight::Differs, message);
    }
    Some(lines)
}

/// Whether the planes of local binary patterns are the slices; if not, it is said.
fn has_planes(entry: &Entry, own: &Settings, notes: &mut Notes) -> bool {
    let is_turned = entry.key == "LBP2D" && own.plane > 0;
    if is_turned {
        let message = "PyRadiomics takes the planes of `force2Ddimension` for it, also without `force2D`, and here they are \
                       the slices (0): its image is left out";
        notes.push(SECTION, entry, Weight::Lost, message);
    }
    !is_turned
}

fn laplacian(entry: &Entry, own: &Settings, bins: Option<Bins>, notes: &mut Notes) -> Vec<Image> {
    if own.sigmas.is_empty() {
        notes.push(SECTION, entry, Weight::Lost, "it needs `sigma`, a list of numbers in mm");
    }
    let image = |(sigma, word): &(f64, String)| Image {
        name: format!("log-sigma-{word}-mm-3D"),
        filter: Some(("pyradiomics-log", format!("sigma_mm = {sigma:?}\n"))),
        bins,
    };
    own.sigmas.iter().map(image).collect()
}
