//! The settings that learners share.

use voxomics_learning::{
    folds::Folds,
    preprocessing::{Impute, Pipeline, Step, Unknown},
};

use super::{Name, Named};
use crate::{Context, Description, Error, Setting, Settings};

/// What learners share of how they learn, as set.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Name of the model.
    pub name: String,
    /// What happens to inputs before.
    pub pipeline: Pipeline,
    /// The outer folds, if performance is to be told.
    pub outer: Option<Folds>,
    /// The seed, if one is set.
    pub seed: Option<u64>,
}

impl Options {
    /// A learner with these settings and its own, which come first. `name` is that of a model unless it is set.
    ///
    /// ```
    /// use voxomics_sdk::{model::Options, prelude::*, testing::settings};
    ///
    /// let own = Setting::number("penalty", "weight of the penalty").default(1.0);
    /// let described = Options::describe("line", "A straight line", "line", [own]);
    /// let options = Options::read(&settings(&described, r#"{"outer_folds": 3, "seed": 7}"#).unwrap()).unwrap();
    /// assert_eq!((options.name.as_str(), options.outer.unwrap().folds, options.seed), ("line", 3, Some(7)));
    /// ```
    pub fn describe(id: &str, summary: &str, name: &str, own: impl IntoIterator<Item = Setting>) -> Description {
        let first = [
            Setting::file("model", "TOML file of a trained model; training takes none"),
            Setting::text("name", "name of the model that training writes").default(name),
        ];
        let settings = first.into_iter().chain(own).chain(preprocessing()).chain(outside());
        settings.fold(Description::new(id, summary).trains(), Description::setting)
    }

    /// From settings.
    ///
    /// [`describe`](Self::describe) has an example.
    ///
    /// # Errors
    /// Which setting cannot be used.
    pub fn read(settings: &Settings) -> Result<Self, Error> {
        let name = settings.text("name")?;
        let Some(Name(name)) = Name::new(name.into()) else {
            return Err(Error::setting("name", format!("`name` is \"{name}\", expected {}", Name::EXPECTED)));
        };
        let outer = match settings.count("outer_folds")? {
            0 => None,
            1 => return Err(Error::setting("outer_folds", "`outer_folds` is 1, expected 0 for none, or at least 2")),
            folds => Some(Folds { folds, repeats: settings.count("outer_repeats")? }),
        };
        let seed = if settings.is_set("seed") { Some(settings.count("seed")? as u64) } else { None };
        Ok(Self { name, pipeline: pipeline(settings)?, outer, seed })
    }

    /// Checks what depends on the rows.
    ///
    /// # Errors
    /// If batches are to be aligned, and there are none.
    pub fn check(&self, named: &Named) -> Result<(), Error> {
        let harmonise = self.pipeline.steps.iter().any(|step| matches!(step, Step::Combat(_)));
        if harmonise && named.batches.is_empty() {
            let message =
                "there are no batches to align: name the covariate of scanner or centre, as `harmonise_by` does";
            return Err(Error::setting("harmonise", message));
        }
        Ok(())
    }

    /// The seed that is set, or that of the host.
    pub fn seed(&self, context: &Context) -> u64 {
        self.seed.unwrap_or_else(|| context.seed())
    }
}

fn preprocessing() -> [Setting; 7] {
    [
        Setting::choice(
            "impute",
            "what replaces a missing value, in training and later; refuse makes it an error",
            &["median", "mean", "refuse"],
        )
        .default("median"),
        Setting::number("near_constant", "inputs of which one value holds this share of the rows are left out")
            .range(0.0, 1.0)
            .default(0.95),
        Setting::number(
            "correlation_threshold",
            "inputs whose absolute correlation with one before them is above this are left out; 1 for none",
        )
        .range(0.0, 1.0)
        .default(1.0),
        Setting::choice(
            "correlation",
            "of values, or of ranks, which a bend or an outlier does not lessen",
            &["pearson", "spearman"],
        )
        .default("pearson"),
        Setting::integer(
            "select_top",
            "how many inputs are kept that alone tell most of the target; 0 for all",
            0,
            1_000_000,
        )
        .default(0),
        Setting::choice("harmonise", "whether batches are aligned first (ComBat)", &["none", "combat"]).default("none"),
        Setting::choice(
            "unknown_batch",
            "rows of a batch that was not learnt: an error, or left as they are",
            &["refuse", "unadjusted"],
        )
        .default("refuse"),
    ]
}

fn outside() -> [Setting; 3] {
    [
        Setting::integer(
            "outer_folds",
            "folds of the cross-validation around all of this that tells the performance; 0 for none",
            0,
            1000,
        )
        .default(5),
        Setting::integer("outer_repeats", "how often the rows are cut into the outer folds", 1, 1000).default(1),
        Setting::integer(
            "seed",
            "seed of the folds and of everything random; the experiment's if left out",
            0,
            i64::MAX,
        ),
    ]
}

fn pipeline(settings: &Settings) -> Result<Pipeline, Error> {
    let mut steps = vec![
        Step::Impute(match settings.text("impute")? {
            "mean" => Impute::Mean,
            "refuse" => Impute::Refuse,
            _ => Impute::Median,
        }),
        Step::NearConstant(settings.number("near_constant")?),
    ];
    if settings.text("harmonise")? == "combat" {
        let refuse = settings.text("unknown_batch")? == "refuse";
        steps.push(Step::Combat(if refuse { Unknown::Refuse } else { Unknown::Unadjusted }));
    }
    let most = settings.number("correlation_threshold")?;
    if most < 1.0 {
        let ranks = settings.text("correlation")? == "spearman";
        steps.push(if ranks { Step::RankCorrelation(most) } else { Step::Correlation(most) });
    }
    match settings.count("select_top")? {
        0 => {}
        top => steps.push(Step::Top(top)),
    }
    Ok(Pipeline { steps })
}
