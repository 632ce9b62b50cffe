//! The section `imageType`.

use super::{
    Entry, Notes, Value, Weight, children,
    settings::{Bins, Settings},
};

const SECTION: &str = "imageType";

/// An image that features are computed of.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    pub name: String,
    /// Of the Laplacian of Gaussian, mm; none for the original.
    pub sigma: Option<f64>,
    /// Its own bins.
    pub bins: Option<Bins>,
}

/// PyRadiomics' filters that there is no equivalent of, and what to do.
const OTHERS: [(&str, &str); 9] = [
    ("Wavelet", "PyRadiomics' undecimated coiflet decomposition has no equivalent; left out"),
    ("Square", "left out; square the image beforehand"),
    ("SquareRoot", "left out; transform the image beforehand"),
    ("Logarithm", "left out; transform the image beforehand"),
    ("Exponential", "left out; transform the image beforehand"),
    ("Gradient", "left out; filter the image beforehand"),
    ("LBP2D", "local binary patterns are left out"),
    ("LBP3D", "local binary patterns are left out"),
    ("Mean", "PyRadiomics 3.0.1 has no such image type"),
];

/// Reads the section; without it there is the original image.
pub fn read(section: Option<&Entry>, settings: &Settings, notes: &mut Notes) -> Vec<Image> {
    let types = children(section, notes);
    if types.is_empty() {
        return vec![Image { name: "original".into(), sigma: None, bins: None }];
    }
    let mut images = Vec::new();
    for entry in types {
        match entry.key.as_str() {
            "Original" => {
                let bins = own_bins(entry, &[], notes);
                images.push(Image { name: "original".into(), sigma: None, bins });
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

/// The sigmas of a list, with the words that PyRadiomics has for them in names: `2.0` is `2-0`.
pub fn sigmas(entry: &Entry, section: &str, notes: &mut Notes) -> Vec<(f64, String)> {
    let list = match &entry.node.value {
        Value::List(list) => list.iter().collect(),
        _ => vec![&entry.node],
    };
    let mut sigmas: Vec<(f64, String)> = Vec::new();
    for node in list {
        let word = match node.value {
            Value::Integer(i) => i.to_string(),
            Value::Number(x) => format!("{x:?}").replace('.', "-"),
            _ => String::new(),
        };
        match node.number().filter(|sigma| (1e-3..=1000.0).contains(sigma)) {
            Some(sigma) if !sigmas.iter().any(|(_, known)| *known == word) => sigmas.push((sigma, word)),
            Some(_) => {}
            None => {
                let message = format!("`{}` is not a sigma in mm: left out", node.shown());
                notes.at(node.line, section, &entry.key, Weight::Lost, message);
            }
        }
    }
    sigmas
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
    // The edge of a voxel is known only if the image is resampled.
    let edge = settings.spacing.map(|[x, y, z]| (x * y * z).cbrt()).filter(|edge| *edge > 0.0);
    let mut message = "ITK approximates this filter recursively, here its kernel is sampled as IBSI 2 asks: values \
                       differ by a few percent. PyRadiomics' response also is (sigma / p)^2 times this one, p being the \
                       edge of a voxel"
        .to_owned();
    let scaled = match (bins.unwrap_or(settings.bins), edge) {
        (Bins::Count(_), _) => bins.map_or(Scaled::Own, Scaled::Same),
        (Bins::Width(width), Some(edge)) => {
            message += "; bin widths are divided by that";
            Scaled::ByEdge(width, edge)
        }
        (Bins::Width(_), None) => {
            message += ", which is not known here: give each of these images a [discretisation] with binWidth * \
                        (p / sigma)^2, or their textures will have too few grey levels";
            bins.map_or(Scaled::Own, Scaled::Same)
        }
    };
    notes.push(SECTION, entry, Weight::Differs, message);
    let image = |(sigma, word): (f64, String)| {
        let bins = match scaled {
            Scaled::Own => None,
            Scaled::Same(bins) => Some(bins),
            Scaled::ByEdge(width, edge) => Some(Bins::Width(width * edge * edge / (sigma * sigma))),
        };
        Image { name: format!("log-sigma-{word}-mm-3D"), sigma: Some(sigma), bins }
    };
    sigmas.into_iter().map(image).collect()
}

/// What becomes of the bins of a response that is smaller than PyRadiomics'.
#[derive(Clone, Copy)]
enum Scaled {
    Own,
    Same(Bins),
    ByEdge(f64, f64),
}
