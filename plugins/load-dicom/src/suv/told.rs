//! What is said of a conversion.

/// Notes and warnings.
#[derive(Debug, Default)]
pub struct Told {
    /// What is worth knowing.
    pub notes: Vec<String>,
    /// What may be wrong.
    pub warnings: Vec<String>,
}
