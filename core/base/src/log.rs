//! What plugins and stages have to say beside their results.

/// A line that a plugin or a stage wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// `codes::LOG_…` of the interface.
    pub level: u32,
    /// The text.
    pub text: String,
}
