//! What filters share: the settings that have one name and one meaning in all of them, and how they are read.
//!
//! With the feature `filtering`. The mathematics is in `voxomics-imaging`.

mod reference;

use voxomics_imaging::{
    IndexBox, View,
    filters::Rotation,
    normalisation::{Beyond, Moments},
    separable::Padding,
};

pub use reference::Reference;

use crate::{Error, Grid, Image, ResponseMap, Setting, Settings};

/// Whether a filter works in the volume or within each slice.
///
/// ```
/// use voxomics_sdk::{filtering, prelude::*, testing::settings};
///
/// let described = Description::new("x", "X").setting(filtering::dimension());
/// assert_eq!(filtering::axes(&settings(&described, "{}").unwrap()), Ok(3));
/// assert_eq!(filtering::axes(&settings(&described, r#"{"dimension": "2D"}"#).unwrap()), Ok(2));
/// ```
pub fn dimension() -> Setting {
    Setting::choice("dimension", "in the volume, or within each slice along x and y", &["3D", "2D"]).default("3D")
}

/// What lies beyond the edges of the scan; the default is the first of [`Padding::WORDS`] unless another is set.
///
/// ```
/// use voxomics_imaging::separable::Padding;
/// use voxomics_sdk::{filtering, prelude::*, testing::settings};
///
/// let described = Description::new("x", "X").setting(filtering::padding());
/// assert_eq!(filtering::read_padding(&settings(&described, r#"{"padding": "zero"}"#).unwrap()), Ok(Padding::Zero));
/// ```
pub fn padding() -> Setting {
    Setting::choice("padding", "what lies beyond the edges of the scan", &Padding::WORDS).default(Padding::WORDS[0])
}

/// What becomes of a filter that is turned by right angles.
///
/// ```
/// use voxomics_sdk::{filtering, prelude::*, testing::settings};
///
/// let described = Description::new("x", "X").setting(filtering::rotation_invariance());
/// assert!(filtering::read_rotation(&settings(&described, "{}").unwrap()).is_ok());
/// ```
pub fn rotation_invariance() -> Setting {
    let purpose = "whether the filter is turned by all right angles, and what becomes of the responses";
    Setting::choice("rotation_invariance", purpose, &Rotation::WORDS).default(Rotation::WORDS[0])
}

/// What becomes of intensities beyond the outermost landmarks of a scale.
///
/// ```
/// use voxomics_imaging::normalisation::Beyond;
/// use voxomics_sdk::{filtering, prelude::*, testing::settings};
///
/// let described = Description::new("x", "X").setting(filtering::beyond());
/// assert_eq!(filtering::read_beyond(&settings(&described, r#"{"beyond": "clamp"}"#).unwrap()), Ok(Beyond::Clamp));
/// ```
pub fn beyond() -> Setting {
    let purpose =
        "how intensities beyond the outermost landmarks are mapped: on in a straight line, or to the landmark's value";
    Setting::choice("beyond", purpose, &Beyond::WORDS).default(Beyond::WORDS[0])
}

/// What [`beyond`] says.
///
/// [`beyond`] has an example.
///
/// # Errors
/// If the description lacks the setting.
pub fn read_beyond(settings: &Settings) -> Result<Beyond, Error> {
    word(settings, "beyond", Beyond::from_word)
}

/// The highest level: its kernel has 511 zeros between two weights.
const MAX_LEVEL: f64 = 10.0;

/// Levels of a decomposition.
///
/// ```
/// use voxomics_sdk::{filtering, prelude::*, testing::settings};
///
/// let described = Description::new("x", "X").setting(filtering::levels());
/// assert_eq!(filtering::read_levels(&settings(&described, r#"{"levels": [1, 2]}"#).unwrap()), Ok(vec![1, 2]));
/// let wrong = filtering::read_levels(&settings(&described, r#"{"levels": [0]}"#).unwrap()).unwrap_err();
/// assert_eq!(wrong.to_string(), "`levels` holds 0, expected whole numbers from 1 to 10, each once, as in [1, 2]");
/// ```
pub fn levels() -> Setting {
    let purpose = "levels of the decomposition, from 1; of several, each map's name says its own";
    Setting::numbers("levels", purpose, None).default(vec![1])
}

/// The levels that [`levels`] says: whole numbers from 1, each once.
///
/// [`levels`] has an example.
///
/// # Errors
/// If they are others, or the description lacks the setting.
pub fn read_levels(settings: &Settings) -> Result<Vec<u32>, Error> {
    let numbers = settings.numbers("levels")?;
    let wrong = |found: &str| {
        let message =
            format!("`levels` {found}, expected whole numbers from 1 to {MAX_LEVEL}, each once, as in [1, 2]");
        Error::setting("levels", message)
    };
    if numbers.is_empty() {
        return Err(wrong("is empty"));
    }
    for (i, level) in numbers.iter().enumerate() {
        if level.fract() != 0.0 || !(1.0..=MAX_LEVEL).contains(level) || numbers[..i].contains(level) {
            return Err(wrong(&format!("holds {level}")));
        }
    }
    Ok(numbers.iter().map(|level| *level as u32).collect())
}

/// The margin of a filter that needs the whole scan along the first `axes` axes: one that transforms it as a whole.
///
/// ```
/// use voxomics_sdk::{filtering, testing::TestImage};
///
/// let image = TestImage::new([4, 3, 2], vec![0.0; 24]);
/// assert_eq!(filtering::whole(image.image().grid(), 2), [4, 3, 0]);
/// ```
pub fn whole(grid: &Grid, axes: usize) -> [usize; 3] {
    std::array::from_fn(|axis| if axis < axes { grid.dims[axis] as usize } else { 0 })
}

/// Number of axes that are filtered, as [`dimension`] says: 2 or 3.
///
/// [`dimension`] has an example.
///
/// # Errors
/// If the description lacks the setting.
pub fn axes(settings: &Settings) -> Result<usize, Error> {
    Ok(if settings.text("dimension")? == "2D" { 2 } else { 3 })
}

/// The padding that [`padding`] says.
///
/// [`padding`] has an example.
///
/// # Errors
/// If the description lacks the setting.
pub fn read_padding(settings: &Settings) -> Result<Padding, Error> {
    word(settings, "padding", Padding::from_word)
}

/// The rotation that [`rotation_invariance`] says.
///
/// [`rotation_invariance`] has an example.
///
/// # Errors
/// If the description lacks the setting.
pub fn read_rotation(settings: &Settings) -> Result<Rotation, Error> {
    word(settings, "rotation_invariance", Rotation::from_word)
}

/// What the word of a choice stands for.
///
/// ```
/// use voxomics_sdk::{filtering::word, prelude::*, testing::settings};
///
/// let described =
///     Description::new("x", "X").setting(Setting::choice("side", "of the body", &["left", "right"]).default("left"));
/// let is_left = |word: &str| match word {
///     "left" => Some(true),
///     "right" => Some(false),
///     _ => None,
/// };
/// assert_eq!(word(&settings(&described, "{}").unwrap(), "side", is_left), Ok(true));
/// ```
///
/// # Errors
/// If it stands for nothing, or the description lacks the setting.
pub fn word<T>(settings: &Settings, key: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, Error> {
    let word = settings.text(key)?;
    read(word).ok_or_else(|| Error::setting(key, format!("`{key}` is \"{word}\", which is not known")))
}

/// The names in a text, between blanks or commas: `"LLH, HHH"`.
///
/// ```
/// use voxomics_sdk::{filtering, prelude::*, testing::settings};
///
/// let described = Description::new("x", "X").setting(Setting::text("bands", "of a decomposition"));
/// let checked = settings(&described, r#"{"bands": "LLH, HHH"}"#).unwrap();
/// assert_eq!(filtering::names(&checked, "bands"), Ok(vec!["LLH", "HHH"]));
/// ```
///
/// # Errors
/// If there is none, or one twice.
pub fn names<'a>(settings: &'a Settings, key: &str) -> Result<Vec<&'a str>, Error> {
    let text = settings.text(key)?;
    let names: Vec<&str> = text.split([',', ' ', '\t', '\n']).filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return Err(Error::setting(
            key,
            format!("`{key}` is empty, expected names with blanks or commas between them"),
        ));
    }
    match names.iter().enumerate().find(|(i, name)| names[..*i].contains(name)) {
        Some((_, twice)) => Err(Error::setting(key, format!("`{key}` names {twice} twice; take one away"))),
        None => Ok(names),
    }
}

/// The names of a filter's response maps, by what tells them apart; one map alone needs no name.
///
/// ```
/// use voxomics_sdk::filtering::map_names;
///
/// assert_eq!(map_names(&["LLH".into()]), [""]);
/// assert_eq!(map_names(&["LLH".into(), "HHH".into()]), ["LLH", "HHH"]);
/// ```
pub fn map_names(told_apart: &[String]) -> Vec<String> {
    match told_apart {
        [_] => vec![String::new()],
        several => several.to_vec(),
    }
}

/// An image as imaging takes it.
///
/// ```
/// use voxomics_sdk::{
///     filtering::{responses, view, wanted},
///     testing::TestImage,
/// };
///
/// let image = TestImage::new([2, 1, 1], vec![1.0, 2.0]);
/// // What imaging takes, the box in which a response is wanted, and what a filter answers with.
/// assert_eq!((view(&image.image()).at([1, 0, 0]), wanted(&image.image()).dims()), (2.0, [2, 1, 1]));
/// assert_eq!(responses(vec!["LL".into()], vec![vec![3.0, 4.0]])[0].name, "LL");
/// ```
pub fn view<'a>(image: &Image<'a>) -> View<'a, f64> {
    View::new(image.dims(), image.voxels())
}

/// The box of an image in which a filter's response is [wanted](Image::wanted).
///
/// [`view`] has an example.
pub fn wanted(image: &Image) -> IndexBox {
    let [start, end] = image.wanted();
    IndexBox { start, end }
}

/// Responses with their names.
///
/// [`view`] has an example.
pub fn responses(names: Vec<String>, maps: Vec<Vec<f64>>) -> Vec<ResponseMap> {
    names.into_iter().zip(maps).map(|(name, voxels)| ResponseMap { name, voxels }).collect()
}

/// The one map of a filter that gives intensities as standard deviations from a mean.
///
/// ```
/// use voxomics_imaging::normalisation::Moments;
/// use voxomics_sdk::{filtering::standardised, testing::TestImage};
///
/// let image = TestImage::new([2, 1, 1], vec![10.0, 16.0]);
/// let maps = standardised(&image.image(), Moments { mean: 10.0, variance: 9.0 }).unwrap();
/// assert_eq!(maps[0].voxels, [0.0, 2.0]);
/// assert!(standardised(&image.image(), Moments { mean: 10.0, variance: 0.0 }).is_err());
/// ```
///
/// # Errors
/// If there is nothing to divide by.
pub fn standardised(image: &Image, moments: Moments) -> Result<Vec<ResponseMap>, Error> {
    let Moments { mean, variance } = moments;
    let deviation = variance.sqrt();
    if !mean.is_finite() || !deviation.is_finite() || deviation <= 0.0 {
        let message = format!("the intensities that count have the mean {mean} and the variance {variance}");
        return Err(Error::input(format!("{message}: there is nothing to divide by")));
    }
    Ok(mapped(image, |x| (x - mean) / deviation))
}

/// The one map of a filter that looks at each voxel by itself.
///
/// ```
/// use voxomics_sdk::{filtering::mapped, testing::TestImage};
///
/// assert_eq!(mapped(&TestImage::new([2, 1, 1], vec![4.0, 9.0]).image(), f64::sqrt)[0].voxels, [2.0, 3.0]);
/// ```
pub fn mapped(image: &Image, map: impl Fn(f64) -> f64) -> Vec<ResponseMap> {
    vec![ResponseMap { name: String::new(), voxels: image.voxels().iter().map(|x| map(*x)).collect() }]
}

/// A state, or an observation, as a model file carries it: JSON, which a person can read.
///
/// ```
/// use voxomics_sdk::filtering::{read_written, written};
///
/// let state = written(&[0.1, 1.5]).unwrap();
/// assert_eq!(state, "[0.1,1.5]");
/// assert_eq!(read_written::<[f64; 2]>(&state, "the landmarks"), Ok([0.1, 1.5]));
/// ```
///
/// # Errors
/// If it cannot be JSON.
pub fn written(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|cause| Error::input(format!("it cannot be written: {cause}")))
}

/// Reads what [`written`] wrote; `what` says in a message what it should be.
///
/// [`written`] has an example.
///
/// # Errors
/// If it is something else.
pub fn read_written<T: serde::de::DeserializeOwned>(text: &str, what: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|cause| Error::input(format!("{what} cannot be read: {cause}")))
}
