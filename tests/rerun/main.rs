//! The same lesion, asked for in another way, gives the same numbers.

mod crop;
mod interrupted;
mod regions;
mod tables;
