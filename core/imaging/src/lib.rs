//! The mathematics between a scan and a feature's value: no files, no plugins, no threads of its own.
//!
//! Every array is a flat slice with *x* fastest, then *y*, then *z*, and travels as a [`View`] with its
//! dimensions. Work that pays off in parallel is cut into chunks by the data, never by the number of threads,
//! and handed to an [`Executor`]; partial results are joined in chunk order, so that the same input gives the
//! same bits at any thread count.

#![warn(unreachable_pub)]

pub mod comparison;
pub mod components;
pub mod discretisation;
pub mod distance;
pub mod executor;
pub mod filters;
pub mod geometry;
pub mod growth;
pub mod interpolation;
pub mod layers;
pub mod lengths;
mod lines;
pub mod local_intensity;
pub mod mask;
pub mod matching;
pub mod morphology;
pub mod noise;
pub mod normalisation;
pub mod permutation;
pub mod resegmentation;
pub mod ring;
pub mod sector;
pub mod separable;
pub mod supervoxels;
#[cfg(test)]
mod testing;
pub mod texture;
pub mod view;

pub use executor::{Executor, Serial};
pub use geometry::{Grid, IndexBox};
pub use view::View;
