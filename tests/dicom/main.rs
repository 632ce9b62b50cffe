//! DICOM through the whole program: real series against figures of others, and made ones with everything that goes wrong.

mod consensus;
mod exports;
mod faults;
mod flat;
mod made;
mod real;
mod scanned;
mod together;
mod units;
