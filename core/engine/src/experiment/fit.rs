//! Where what is fitted on a cohort comes from.

use std::path::{Path, PathBuf};

use super::section::{OneOrMany, Placed, Section};

/// Where what is fitted on a cohort comes from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fit {
    /// The file of what was fitted, or a model that carries it.
    pub file: Option<Placed<PathBuf>>,
    /// The cohorts that it is fitted on.
    pub on: Vec<String>,
    /// What was fitted, once it is known.
    pub state: Option<String>,
}

impl Fit {
    /// Reads `state` and `fitted_on`.
    pub(super) fn read(section: &Section<'_>, folder: &Path) -> Self {
        let file: Option<Placed<String>> = section.get("state");
        let on: Option<OneOrMany<String>> = section.get("fitted_on");
        let file = file.map(|file| Placed { value: folder.join(file.value), origin: file.origin });
        if file.is_some() && on.is_some() {
            section.error_at(
                "state",
                "`state` is what was fitted, and `fitted_on` asks for it to be fitted: give one of them",
            );
        }
        Self { file, on: on.map(|list| list.0).unwrap_or_default(), state: None }
    }
}
