//! Lesions over time: what changes of their features, held against pandas and NumPy, and what follows of it for a training.

mod matching;
mod scans;
mod simulated;
mod tables;
mod whole;
