//! The section `imageType`.

use voxomics_imaging::filters::wavelets::Wavelet;

use super::{
    Entry, Node, Notes, Value, Weight, children,
    names::quoted,
    settings::{Bins, Settings},
    sigmas::sigmas,
};

const SECTION: &str = "imageType";

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

/// The settings of image types: PyRadiomics' key, ours, and how the value is written.
type Keys = &'static [(&'static str, &'static str, Kind)];

/// What a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Whole,
    Number,
    Flag,
}

/// Image types that are one filter each: PyRadiomics' name, that of the image, the filter, what it is always given, and
/// its settings.
const TYPES: [(&str, &str, &str, &str, Keys); 7] = [
    (
        "Wavelet",
        "wavelet",
        "pyradiomics-wavelet",
        "",
        &[
            ("wavelet", "wavelet", Kind::Text),
            ("level", "level", Kind::Whole),
            ("start_level", "start_level", Kind::Whole),
        ],
    ),
    ("Square", "square", "pyradiomics-intensity", "change = \"square\"\n", &[]),
    ("SquareRoot", "squareroot", "pyradiomics-intensity", "change = \"square root\"\n", &[]),
    ("Logarithm", "logarithm", "pyradiomics-intensity", "change = \"logarithm\"\n", &[]),
    ("Exponential", "exponential", "pyradiomics-intensity", "change = \"exponential\"\n", &[]),
    ("Gradient", "gradient", "pyradiomics-gradient", "", &[("gradientUseSpacing", "use_spacing", Kind::Flag)]),
    (
        "LBP2D",
        "lbp-2D",
        "pyradiomics-lbp-2d",
        "",
        &[
            ("lbp2DRadius", "radius_voxels", Kind::Number),
            ("lbp2DSamples", "samples", Kind::Whole),
            ("lbp2DMethod", "method", Kind::Text),
        ],
    ),
];

/// Reads the section; without it there is the original image.
pub fn read(section: Option<&Entry>, settings: &Settings, notes: &mut Notes) -> Vec<Image> {
    let types = children(section, notes);
    if types.is_empty() {
        return vec![Image { name: "original".into(), filter: None, bins: None }];
    }
    let mut images = Vec::new();
    for entry in types {
        if let Some((_, name, filter, always, keys)) = TYPES.iter().find(|(of, ..)| *of == entry.key) {
            let known: Vec<&str> = keys.iter().map(|(key, ..)| *key).collect();
            let bins = own_bins(entry, &known, notes);
            let mut lines = always.to_string() + &own_settings(entry, settings, keys, notes);
            if *filter == "pyradiomics-wavelet" {
                if let Some(unknown) = unknown_wavelet(entry, settings) {
                    notes.at(
                        unknown.line,
                        SECTION,
                        &format!("{}.wavelet", entry.key),
                        Weight::Lost,
                        message_of(unknown),
                    );
                    continue;
                }
                if settings.force_2d {
                    lines += WITHIN_SLICES;
                    lines.push('\n');
                }
            }
            images.push(Image { name: (*name).into(), filter: Some((filter, lines)), bins });
            continue;
        }
        match entry.key.as_str() {
            "Original" => {
                let bins = own_bins(entry, &[], notes);
                images.push(Image { name: "original".into(), filter: None, bins });
            }
            "LoG" => images.extend(laplacian(entry, settings, notes)),
            other => {
                let known = OTHERS.iter().find(|(name, _)| *name == other);
                let message = known.map_or("PyRadiomics 3.0.1 has no such image type", |(_, message)| message);
                notes.push(SECTION, entry, Weight::Lost, message);
            }
        }
    }
    images
}

/// The wavelet of an image type, if it is none that there is.
fn unknown_wavelet<'a>(entry: &'a Entry, settings: &'a Settings) -> Option<&'a Node> {
    let own = match &entry.node.value {
        Value::Map(own) => own.iter().find(|own| own.key == "wavelet"),
        _ => None,
    };
    let stated = own.or_else(|| settings.of_images.iter().find(|of| of.key == "wavelet"))?;
    stated.node.text().is_some_and(|name| Wavelet::named(name).is_none()).then_some(&stated.node)
}

fn message_of(unknown: &Node) -> String {
    format!(
        "the wavelet `{}` is not offered, and its images are left out: there are db1 to db38, sym2 to sym20, coif1 to \
         coif17, and haar",
        unknown.shown()
    )
}

/// The settings of an image type as lines of TOML: its own, or those of the section `setting`.
fn own_settings(entry: &Entry, settings: &Settings, keys: Keys, notes: &mut Notes) -> String {
    let own = children(Some(entry), notes);
    let mut lines = String::new();
    for (theirs, ours, kind) in keys {
        let stated = own.iter().copied().find(|own| own.key == *theirs);
        let Some(stated) = stated.or_else(|| settings.of_images.iter().find(|of| of.key == *theirs)) else { continue };
        let whole = |x: &f64| x.fract() == 0.0 && (0.0..=1000.0).contains(x);
        let written = match kind {
            Kind::Text => stated.node.text().map(quoted),
            Kind::Whole => stated.node.number().filter(whole).map(|x| x.to_string()),
            Kind::Number => stated.node.number().map(|x| x.to_string()),
            Kind::Flag => stated.node.flag().map(|flag| flag.to_string()),
        };
        match written {
            Some(written) => lines += &format!("{ours} = {written}\n"),
            None => {
                let expected = match kind {
                    Kind::Text => "a text",
                    Kind::Whole => "a whole number of at least 0",
                    Kind::Number => "a number",
                    Kind::Flag => "true or false",
                };
                notes.mistyped(&format!("{SECTION}.{}", entry.key), stated, expected);
            }
        }
    }
    lines
}

/// Settings that an image type has of its own.
fn own_bins(entry: &Entry, known: &[&str], notes: &mut Notes) -> Option<Bins> {
    let section = format!("{SECTION}.{}", entry.key);
    let mut bins = None;
    for own in children(Some(entry), notes) {
        match (own.key.as_str(), own.node.number()) {
            ("binCount", Some(count)) if count >= 1.0 && count.fract() == 0.0 && count <= 65_535.0 => {
                bins = Some(Bins::Count(count as u32));
            }
            ("binWidth", Some(width)) if width > 0.0 => {
                bins = bins.or(Some(Bins::Width(width)));
            }
            (key, _) if known.contains(&key) || own.node.value == Value::Null => {}
            _ => notes.push(
                &section,
                own,
                Weight::Lost,
                "images have a discretisation of their own, and no other setting",
            ),
        }
    }
    bins
}

fn laplacian(entry: &Entry, settings: &Settings, notes: &mut Notes) -> Vec<Image> {
    let own = children(Some(entry), notes).into_iter().find(|own| own.key == "sigma");
    let bins = own_bins(entry, &["sigma"], notes);
    let section = format!("{SECTION}.LoG");
    let sigmas = own.map_or_else(|| settings.sigmas.clone(), |own| sigmas(own, &section, notes));
    if sigmas.is_empty() {
        notes.push(SECTION, entry, Weight::Lost, "it needs `sigma`, a list of numbers in mm");
        return Vec::new();
    }
    let image = |(sigma, word): (f64, String)| Image {
        name: format!("log-sigma-{word}-mm-3D"),
        filter: Some(("pyradiomics-log", format!("sigma_mm = {sigma:?}\n"))),
        bins,
    };
    sigmas.into_iter().map(image).collect()
}
