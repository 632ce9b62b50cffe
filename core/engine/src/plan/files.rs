//! Files that settings name: what the record says of them.

use std::path::PathBuf;

use serde::Serialize;

use crate::{
    digest,
    experiment::{Diagnostic, Diagnostics},
    host::NamedFile,
};

/// A file that a setting names.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileRecord {
    /// The setting: `predict.score.model`.
    pub setting: String,
    /// Its path.
    pub path: PathBuf,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Whether a feature may depend on it: a predictor's model is none of those.
    #[serde(skip)]
    pub for_features: bool,
}

/// The record of files, of which the first `for_features` are those that a feature may depend on.
pub(super) fn records(files: Vec<NamedFile>, for_features: usize, diagnostics: &Diagnostics) -> Vec<FileRecord> {
    let record = |(index, NamedFile { setting, path }): (usize, NamedFile)| match digest::sha256_path(&path) {
        Ok(sha256) => Some(FileRecord { setting, path, sha256, for_features: index < for_features }),
        Err(cause) => {
            diagnostics.push(Diagnostic::general(format!("cannot read {}: {cause}", path.display())));
            None
        }
    };
    files.into_iter().enumerate().filter_map(record).collect()
}
