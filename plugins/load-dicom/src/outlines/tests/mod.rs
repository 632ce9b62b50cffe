//! Files that are written here and read through the loader's own door, and the reference data.

mod centres;
mod padded;
mod reference;
mod repeated;
mod rtstruct;
mod seg;
