//! The study from scans to a report: stopped and gone on with, at any number of threads, over tables that do not fit, with
//! models of other studies, and with mistakes in the experiment.

mod as_people_save_them;
mod controls;
mod depth;
mod exports;
mod features;
mod forest;
mod harmonised;
mod inputs;
mod joins;
mod made;
mod mistakes;
mod models;
mod outcomes;
mod readers;
mod recalibrated;
mod report;
mod resume;
mod robust;
mod simulate;
mod support;
mod tables;
mod variants;
