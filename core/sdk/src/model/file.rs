//! The model file: strict TOML, in which a number may still be unknown.

use serde::{
    Deserialize, Serialize,
    de::{DeserializeOwned, IgnoredAny, MapAccess},
};

use super::{
    Family, Link, Name, Number,
    parts::{Common, Parts},
    words::{Method, UnknownBatch},
};

/// A model file as it is written: `M` are the model's own keys of `[model]`, `I` those of `[[input]]`, `R` its own
/// tables. All three should deny unknown fields.
///
/// ```
/// use serde::Deserialize;
/// use voxomics_sdk::model::{Family, Faults, File, Number};
///
/// /// What a line has of its own: in `[model]`, in `[[input]]`, and no tables.
/// #[derive(Debug, Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Own {
///     intercept: Option<Number>,
/// }
/// #[derive(Debug, Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct OwnInput {
///     slope: Option<Number>,
/// }
/// #[derive(Debug, Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Tables {}
///
/// let text = r#"
/// [model]
/// plugin = "predict-line"
/// name = "one line"
/// family = "gaussian"
/// link = "identity"
/// intercept = 1
///
/// [[input]]
/// name = "tumour:statistics.mean"
/// slope = 2
/// "#;
/// let file = File::<Own, OwnInput, Tables>::read(text, "line.toml").unwrap();
/// let mut faults = Faults::default();
/// let slope =
///     |name: &str, own: OwnInput, faults: &mut Faults| faults.number(own.slope, || format!("the slope of `{name}`"));
/// let (frame, slopes, own, _) = file.frame("predict-line", &[Family::Gaussian], &mut faults, slope);
/// faults.none("line.toml").unwrap();
/// assert_eq!((frame.inputs(), slopes), (vec!["tumour:statistics.mean".to_owned()], vec![2.0]));
///
/// // A mistyped key is refused, with its place.
/// let wrong = File::<Own, OwnInput, Tables>::read(&text.replace("slope", "slop"), "line.toml").unwrap_err();
/// assert!(wrong.starts_with("line.toml, line 11, column 1: unknown field `slop`"), "{wrong}");
/// ```
#[derive(Debug)]
pub struct File<M, I, R> {
    /// What the model is.
    pub about: About,
    /// What it says of itself beside that.
    pub model: M,
    /// Its inputs, in their order.
    pub input: Vec<Parts<Input, I>>,
    /// How batches are aligned.
    pub harmonisation: Option<Harmonisation>,
    /// The tables that only this model has.
    pub rest: R,
}

impl<M: DeserializeOwned, I: DeserializeOwned, R: DeserializeOwned> File<M, I, R> {
    /// Reads the text of a file; `path` is only for the messages. Tables and keys that the host adds, or that are for a
    /// report, are passed over.
    ///
    /// # Errors
    /// For a text that is not strict TOML of this form, with line and column.
    pub fn read(text: &str, path: &str) -> Result<Self, String> {
        let Parts { common, own: rest } = read::<Parts<Tables<M, I>, R>>(text, path)?;
        let Tables { model: Parts { common: about, own: model }, input, harmonisation } = common;
        Ok(Self { about, model, input, harmonisation, rest })
    }
}

/// Reads strict TOML; `path` is only for the messages.
///
/// ```
/// use voxomics_sdk::model::{Number, read};
///
/// let read = |text| read::<std::collections::BTreeMap<String, Number>>(text, "a.toml");
/// assert_eq!(read("x = 1.5").unwrap()["x"], Number::Known(1.5));
/// assert!(read("x = 1.5\ny =").unwrap_err().starts_with("a.toml, line 2, column 4: "));
/// ```
///
/// # Errors
/// What is wrong, with line and column.
pub fn read<T: DeserializeOwned>(text: &str, path: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| {
        let (line, column) = error.span().map_or((1, 1), |span| place(text, span.start));
        format!("{path}, line {line}, column {column}: {}", error.message().trim_end())
    })
}

/// Line and column, from 1, of a position in a text.
fn place(text: &str, position: usize) -> (usize, usize) {
    let before = text.get(..position).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

/// The tables of every model.
struct Tables<M, I> {
    model: Parts<About, M>,
    input: Vec<Parts<Input, I>>,
    harmonisation: Option<Harmonisation>,
}

impl<M: DeserializeOwned, I: DeserializeOwned> Common for Tables<M, I> {
    type Partial = (Option<Parts<About, M>>, Option<Vec<Parts<Input, I>>>, Option<Harmonisation>);

    /// Those after the third are for a report, those after the fifth the host's.
    const KEYS: &'static [&'static str] = &[
        "model",
        "input",
        "harmonisation",
        "performance",
        "diagnostics",
        "extraction",
        "state",
        "training",
        "cutoffs",
        "card",
        "risk",
        "recalibration",
        "provenance",
        "licence",
    ];

    fn read<'de, A: MapAccess<'de>>(partial: &mut Self::Partial, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "model" => partial.0 = Some(map.next_value()?),
            "input" => partial.1 = Some(map.next_value()?),
            "harmonisation" => partial.2 = Some(map.next_value()?),
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }

    fn whole((model, input, harmonisation): Self::Partial) -> Result<Self, &'static str> {
        Ok(Self { model: model.ok_or("model")?, input: input.unwrap_or_default(), harmonisation })
    }
}

/// What `[model]` says in every model file.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// The plugin that the file is of.
    pub plugin: String,
    /// Name of the model.
    pub name: Name,
    /// What is predicted.
    pub family: Family,
    /// From a sum to the score.
    pub link: Link,
    /// Whether the numbers are invented, to show how a model file works.
    pub demonstration: bool,
}

/// [`About`], as far as it was read.
#[derive(Default)]
pub struct PartialAbout {
    plugin: Option<String>,
    name: Option<Name>,
    family: Option<Family>,
    link: Option<Link>,
    demonstration: bool,
}

impl Common for About {
    type Partial = PartialAbout;

    const KEYS: &'static [&'static str] = &[
        "plugin",
        "name",
        "family",
        "link",
        "target",
        "seed",
        "rows",
        "considered",
        "demonstration",
        "description",
        "source",
        "licence",
    ];

    fn read<'de, M: MapAccess<'de>>(partial: &mut PartialAbout, key: &str, map: &mut M) -> Result<(), M::Error> {
        match key {
            "plugin" => partial.plugin = Some(map.next_value()?),
            "name" => partial.name = Some(map.next_value()?),
            "family" => partial.family = Some(map.next_value()?),
            "link" => partial.link = Some(map.next_value()?),
            "demonstration" => partial.demonstration = map.next_value()?,
            // The rest is for the reader of the file.
            "seed" => drop(map.next_value::<i64>()?),
            "rows" | "considered" => drop(map.next_value::<u64>()?),
            _ => drop(map.next_value::<String>()?),
        }
        Ok(())
    }

    fn whole(partial: PartialAbout) -> Result<Self, &'static str> {
        let PartialAbout { plugin, name, family, link, demonstration } = partial;
        let (plugin, name) = (plugin.ok_or("plugin")?, name.ok_or("name")?);
        Ok(Self { plugin, name, family: family.ok_or("family")?, link: link.ok_or("link")?, demonstration })
    }
}

/// What `[[input]]` says in every model file.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// `region:column`, or the column of a covariate.
    pub name: Name,
    /// Stands in for a missing value.
    pub imputed: Option<Number>,
    /// Least value of the training rows.
    pub minimum: Option<Number>,
    /// Largest value of the training rows.
    pub maximum: Option<Number>,
    /// Whether it was offered to the training and is not used: no input of a prediction.
    pub unused: bool,
}

impl Common for Input {
    type Partial = (Option<Name>, [Option<Number>; 3], bool);

    /// Those after the fifth are the host's, for the reader of the file.
    const KEYS: &'static [&'static str] = &[
        "name",
        "imputed",
        "minimum",
        "maximum",
        "unused",
        "dropped",
        "covariate",
        "region",
        "feature",
        "ibsi",
        "unit",
    ];

    fn read<'de, M: MapAccess<'de>>(partial: &mut Self::Partial, key: &str, map: &mut M) -> Result<(), M::Error> {
        let (name, numbers, unused) = partial;
        match key {
            "unused" => *unused = map.next_value()?,
            "name" => *name = Some(map.next_value()?),
            "imputed" => numbers[0] = Some(map.next_value()?),
            "minimum" => numbers[1] = Some(map.next_value()?),
            "maximum" => numbers[2] = Some(map.next_value()?),
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }

    fn whole((name, [imputed, minimum, maximum], unused): Self::Partial) -> Result<Self, &'static str> {
        Ok(Self { name: name.ok_or("name")?, imputed, minimum, maximum, unused })
    }
}

/// The table `[harmonisation]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Harmonisation {
    /// Only ComBat.
    pub method: Method,
    /// What happens to rows of other batches.
    pub unknown_batch: UnknownBatch,
    /// Columns of 0 and 1 of the batches that were learnt.
    pub batches: Vec<String>,
    /// Covariates whose effect is kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<String>,
    /// Inputs that are not aligned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unaligned: Vec<String>,
    /// What aligns each input.
    #[serde(default)]
    pub input: Vec<Aligned>,
}

/// A table `[[harmonisation.input]]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aligned {
    /// Name of the input.
    pub name: String,
    /// The grand mean.
    pub mean: Option<Number>,
    /// Of each covariate that is kept: how much a unit of it adds to the grand mean.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effect: Vec<Number>,
    /// The pooled standard deviation.
    pub deviation: Option<Number>,
    /// Of each batch, in pooled standard deviations from the grand mean.
    pub location: Vec<Number>,
    /// Of each batch, in pooled standard deviations.
    pub scale: Vec<Number>,
}
