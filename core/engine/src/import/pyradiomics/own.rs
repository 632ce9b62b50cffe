//! The settings that an image type has of its own.
//!
//! PyRadiomics lays them over those of the section `setting` when it filters and computes features. By then scan and mask are
//! prepared, and so it does not look at the settings of the preparation here.

use super::{
    Entry, Node, Notes, Value, Weight,
    empty::STOPS,
    names::quoted,
    settings::{self, OF_IMAGES, Settings},
};

/// The section of image types.
pub const SECTION: &str = "imageType";

/// Settings that PyRadiomics reads once, before it makes images.
const OF_THE_SCAN: [&str; 17] = [
    "minimumROIDimensions",
    "minimumROISize",
    "geometryTolerance",
    "correctMask",
    "additionalInfo",
    "label_channel",
    "normalize",
    "normalizeScale",
    "removeOutliers",
    "resampledPixelSpacing",
    "interpolator",
    "padDistance",
    "resegmentRange",
    "resegmentMode",
    "resegmentShape",
    "preCrop",
    "enableCExtensions",
];

/// Whether a setting is that of all images as well.
type Same = fn(&Settings, &Settings) -> bool;

/// Settings of features, and of which voxels they are.
const OF_FEATURES: [(&str, Same); 8] = [
    ("label", |own, all| own.label.unwrap_or(1) == all.label.unwrap_or(1)),
    ("distances", |own, all| own.distances == all.distances),
    ("force2D", |own, all| own.force_2d == all.force_2d),
    ("force2Ddimension", |own, all| own.plane == all.plane || !own.force_2d),
    ("voxelArrayShift", |own, all| own.array_shift == all.array_shift),
    ("symmetricalGLCM", |own, all| own.ordered == all.ordered),
    ("weightingNorm", |own, all| own.weighting == all.weighting && own.merged == all.merged),
    ("gldm_a", |own, all| own.gldm_a == all.gldm_a),
];

/// The settings of an image type, its own before those of the section `setting`; what there is to say of its own.
pub fn overlaid(entry: &Entry, all: &[&Entry], of_all: &Settings, used: &[&str], notes: &mut Notes) -> Settings {
    let own: Vec<&Entry> = match &entry.node.value {
        Value::Map(own) => own.iter().collect(),
        Value::Null => {
            let message = "PyRadiomics 3.0.1 refuses a file in which this is empty; here it counts as `{}`";
            notes.push(SECTION, entry, Weight::Differs, message);
            Vec::new()
        }
        _ => {
            notes.mistyped(SECTION, entry, "keys with values");
            Vec::new()
        }
    };
    let counts = |key: &str| {
        used.contains(&key) || ["binWidth", "binCount"].contains(&key) || OF_FEATURES.iter().any(|(of, _)| *of == key)
    };
    let own_first: Vec<&Entry> = own.iter().copied().filter(|own| counts(&own.key)).collect();
    let left = all.iter().copied().filter(|all| !own_first.iter().any(|own| own.key == all.key));
    let laid: Vec<&Entry> = left.chain(own_first.iter().copied()).collect();
    let mut said = Notes::default();
    let settings = settings::read(&laid, &mut said);
    let section = section(entry);
    for own in own {
        let key = own.key.as_str();
        let before = format!("{}.{key}", settings::SECTION);
        let mut is_told = false;
        for note in said.0.iter().filter(|note| counts(key) && note.key == before) {
            is_told = true;
            notes.at(note.line, &section, key, note.weight, note.message.clone());
        }
        let differs = OF_FEATURES.iter().any(|(of, same)| *of == key && !same(&settings, of_all));
        if differs && !is_told {
            let message =
                "features have this setting for all images alike: here they have that of the section `setting`";
            notes.push(&section, own, Weight::Lost, message);
        } else if OF_THE_SCAN.contains(&key) {
            let message = "PyRadiomics looks at it in the section `setting` alone, and so does the import";
            notes.push(&section, own, Weight::Remark, message);
        } else if !counts(key) && (OF_IMAGES.contains(&key) || key == "sigma") {
            notes.push(&section, own, Weight::Remark, "it has no meaning for this image type");
        } else if !counts(key) {
            notes.push(&section, own, Weight::Lost, "PyRadiomics 3.0.1 has no such setting; check its spelling");
        }
    }
    settings
}

/// The name of the section of an image type.
pub fn section(entry: &Entry) -> String {
    format!("{SECTION}.{}", entry.key)
}

/// The section that a setting stands in.
fn of<'a>(entry: &'a Entry, key: &str) -> Option<&'a Entry> {
    match &entry.node.value {
        Value::Map(own) => own.iter().find(|own| own.key == key),
        _ => None,
    }
}

/// The settings of image types: PyRadiomics' key, ours, and what the filter takes.
pub type Keys = &'static [(&'static str, &'static str, Takes)];

/// What a setting of a filter takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Takes {
    /// The name of a wavelet.
    Wavelet,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number from the one to the other.
    Whole([u32; 2]),
    /// A number from the one to the other.
    Number([f64; 2]),
    Flag,
}

/// The settings of a filter as lines of TOML; none if one of them has no equivalent, which is said.
pub fn lines(entry: &Entry, settings: &Settings, keys: Keys, notes: &mut Notes) -> Option<String> {
    let mut lines = String::new();
    let mut is_there = true;
    for (theirs, ours, takes) in keys {
        let Some(stated) = settings.of_images.iter().find(|of| of.key == *theirs) else { continue };
        let section = of(entry, theirs).map_or(settings::SECTION.to_owned(), |_| section(entry));
        if stated.node.value == Value::Null {
            notes.push(&section, stated, Weight::Differs, STOPS);
            continue;
        }
        match takes.written(&stated.node) {
            Written::As(written) => lines += &format!("{ours} = {written}\n"),
            Written::NoSuch(expected) => notes.mistyped(&section, stated, &expected),
            Written::NotOffered(expected) => {
                is_there = false;
                let message = format!(
                    "`{}` is not offered, and {}'s images are left out: there {expected}",
                    stated.node.shown(),
                    entry.key
                );
                notes.at(stated.node.line, &section, theirs, Weight::Lost, message);
            }
        }
    }
    is_there.then_some(lines)
}

/// How a value is written.
enum Written {
    As(String),
    /// PyRadiomics does not take it either; it expects this.
    NoSuch(String),
    /// PyRadiomics takes it, and the filter does not; what is there.
    NotOffered(String),
}

impl Takes {
    fn written(self, node: &Node) -> Written {
        match self {
            Self::Wavelet => match node.text() {
                Some(name) if voxomics_imaging::filters::wavelets::Wavelet::named(name).is_some() => {
                    Written::As(quoted(name))
                }
                Some(_) => Written::NotOffered("are db1 to db38, sym2 to sym20, coif1 to coif17, and haar".into()),
                None => Written::NoSuch("a text".into()),
            },
            Self::Word(words) => match node.text() {
                Some(word) if words.contains(&word) => Written::As(quoted(word)),
                Some(_) => Written::NotOffered(format!("are {}", words.join(", "))),
                None => Written::NoSuch("a text".into()),
            },
            Self::Whole([least, most]) => match node.number().filter(|x| x.fract() == 0.0 && *x >= 0.0) {
                Some(x) if (f64::from(least)..=f64::from(most)).contains(&x) => Written::As(x.to_string()),
                Some(_) => Written::NotOffered(format!("are whole numbers from {least} to {most}")),
                None => Written::NoSuch("a whole number of at least 0".into()),
            },
            Self::Number([least, most]) => match node.number() {
                Some(x) if (least..=most).contains(&x) => Written::As(x.to_string()),
                Some(_) => Written::NotOffered(format!("are numbers from {least} to {most}")),
                None => Written::NoSuch("a number".into()),
            },
            Self::Flag => match node.flag() {
                Some(flag) => Written::As(flag.to_string()),
                None => Written::NoSuch("true or false".into()),
            },
        }
    }
}
