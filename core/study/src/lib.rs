//! A study: cohorts go through the engine's flow, a signature is learnt in some and held against outcomes in others, and
//! a report says whether it holds.
//!
//! [`stages`] is the flow; read it first.

mod assemble;
mod cards;
pub mod cohort;
pub mod course;
pub mod data;
pub mod evaluate;
mod export;
mod extract;
mod files;
pub mod fit;
mod ids;
mod learn;
pub mod pictures;
mod recalibrated;
mod score;
pub mod stages;
pub mod work;
