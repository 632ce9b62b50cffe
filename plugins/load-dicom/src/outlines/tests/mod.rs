//! Files that are written here and read through the loader's own door, and the reference data.

mod reference;
mod rtstruct;
mod seg;
