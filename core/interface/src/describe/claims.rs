//! What plugins claim of themselves that no description of settings or features can say: what their values do not depend on.

/// Words of [`Plugin::invariant`](super::Plugin::invariant): values do not change if a scan and its mask are changed like that,
/// up to the order of floating-point sums, with all settings at their defaults.
///
/// Aggregations in 2D and 2.5D look at slices: with them, a family that claims [`ROTATION`] claims [`ROTATION_IN_PLANE`] only.
pub mod invariant {
    /// Turned by right angles about any axis, with its spacing.
    pub const ROTATION: &str = "rotation";
    /// Turned by right angles about the *z* axis, with its spacing.
    pub const ROTATION_IN_PLANE: &str = "rotation in plane";
    /// Mirrored along any axis.
    pub const MIRRORING: &str = "mirroring";
    /// Moved: another origin, or more background around the region than the family needs.
    pub const TRANSLATION: &str = "translation";

    /// Every word of this generation so far.
    pub const WORDS: [&str; 4] = [ROTATION, ROTATION_IN_PLANE, MIRRORING, TRANSLATION];
}
