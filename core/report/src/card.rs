//! The model card of each model that was learnt: what the study measured of it, for whoever is handed the model file. What only
//! people know stands open, and nothing is said that the study does not show.
//!
//! Its subjects are those of Mitchell M, Wu S, Zaldivar A, et al. Model cards for model reporting. FAT* 2019:220-229.

mod data;
mod figures;
mod markdown;

use serde_json::Value as Json;

use crate::{
    labelled,
    study::{Evaluation, Model, Study},
    words::Words,
};

/// What stands first.
const NOTICE: &str = "For research only. Not a medical device.";

/// The card of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelCard {
    /// The model, as the experiment names it.
    pub model: String,
    /// For people: Markdown, in the words of the labels.
    pub markdown: String,
    /// For programs, in the names of the experiment.
    pub json: Json,
}

/// A model beside what the study has of it.
struct Of<'s> {
    study: &'s Study,
    model: &'s Model,
    /// Evaluations of its scores.
    evaluations: Vec<&'s Evaluation>,
}

/// A card for each model that the study learnt, in their order. No patient is in them.
pub fn model_cards(raw: &Study) -> Vec<ModelCard> {
    let words = Words::new(raw);
    let told = labelled::study(raw, &words);
    let both = raw.models.iter().zip(&told.models).filter(|(model, _)| model.learnt);
    let card = |(model, shown): (&Model, &Model)| ModelCard {
        model: model.name.clone(),
        markdown: markdown::card(&Of { study: &told, model: shown, evaluations: of(raw, &told, model) }, &words),
        json: data::card(&Of { study: raw, model, evaluations: of(raw, raw, model) }),
    };
    both.map(card).collect()
}

/// The evaluations of a model as `shown` has them. Two models may have one label: its name says which are its own.
fn of<'s>(raw: &Study, shown: &'s Study, model: &Model) -> Vec<&'s Evaluation> {
    let both = raw.evaluations.iter().zip(&shown.evaluations);
    both.filter(|(evaluation, _)| evaluation.model == model.name).map(|(_, shown)| shown).collect()
}
