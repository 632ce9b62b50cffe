//! The figures, each from the plain data of a study.

mod calibration;
mod course;
mod distribution;
mod flow;
mod forest;
mod kaplan_meier;
mod learning;
mod roc;
mod scatter;
mod survival;
mod weights;
mod workflow;

pub use calibration::{calibration, decision, risk_calibration, risk_decision};
pub use course::course;
pub use distribution::{distribution, score_axis};
pub use flow::flow;
pub use forest::forest;
pub use kaplan_meier::kaplan_meier;
pub use learning::{coefficient_path, validation};
pub use roc::roc;
pub use scatter::{Scatter, agreement, number_calibration, scatter};
pub use survival::{incidence, time_auc, unit_of};
pub use weights::weights;
pub use workflow::workflow;

use crate::draw::Drawing;

/// The title of an axis, which says so if its quantity has no unit behind a comma.
pub fn axis_with_unit(quantity: &str) -> String {
    if quantity.contains(", ") { quantity.to_owned() } else { format!("{quantity}, unit not stated") }
}

/// A figure before it has a number.
#[derive(Debug, Clone)]
pub struct Figure {
    /// End of its name: `roc`.
    pub kind: &'static str,
    /// Heading of its caption.
    pub title: String,
    /// The rest of its caption.
    pub caption: String,
    /// What there is to see, in words.
    pub description: String,
    /// The drawing.
    pub drawing: Drawing,
}
