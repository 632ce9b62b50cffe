//! The model card of a predictor.

use voxomics_interface::describe as wire;

/// What people must know before they use a score: shown by `voxomics plugins inspect`, in the report and beside the scores.
///
/// ```
/// use voxomics_sdk::prelude::*;
///
/// let card = Card::new("Research on glioma; not for decisions on patients")
///     .population("312 adults with glioma, four hospitals, 3 T")
///     .range("tumour:statistics.mean", 20.0, 180.0, "intensity")
///     .valid_until("2027-12-31")
///     .contact("models@example.org")
///     .needs_licence();
/// let described = Description::new("glioma", "Risk after one year").card(card);
/// ```
#[derive(Debug, Clone)]
pub struct Card {
    pub(super) wire: wire::Card,
}

impl Card {
    /// A card that says what the score may be used for, and what not.
    pub fn new(intended_use: &str) -> Self {
        Self { wire: wire::Card { intended_use: intended_use.into(), ..wire::Card::default() } }
    }

    /// On whom the model was trained.
    pub fn population(mut self, population: &str) -> Self {
        self.wire.population = population.into();
        self
    }

    /// The range of an input in training. A score with an input outside of it has a doubt.
    pub fn range(mut self, input: &str, min: f64, max: f64, unit: &str) -> Self {
        self.wire.ranges.push(wire::InputRange { input: input.into(), min, max, unit: unit.into() });
        self
    }

    /// The last day on which the predictor may be used, in UTC: `2027-12-31`. The program refuses it afterwards.
    pub fn valid_until(mut self, day: &str) -> Self {
        self.wire.valid_until = Some(day.into());
        self
    }

    /// Whom to ask.
    pub fn contact(mut self, contact: &str) -> Self {
        self.wire.contact = contact.into();
        self
    }

    /// Says that the predictor gives no score without a licence file. The experiment names the file in the setting `licence`;
    /// `configure` finds its path with [`Settings::licence`](crate::Settings::licence), and accepts the file or refuses.
    pub fn needs_licence(mut self) -> Self {
        self.wire.needs_licence = true;
        self
    }
}
