//! What limits of intensity take away: a limit in units of one modality cuts a region of another to pieces.

use crate::host::CaseHost;

/// Voxels of a region before and after its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Voxels before.
    pub before: usize,
    /// Voxels that are left.
    pub after: usize,
}

impl Cut {
    /// Whether more than a quarter is gone.
    pub fn is_deep(self) -> bool {
        4 * self.before.saturating_sub(self.after) > self.before
    }

    /// Warns if more than a quarter of a region is gone, but something is left; that nothing is, is a fault.
    pub fn warn(self, region: &str, limits: &str, modality: Option<&str>, host: &CaseHost) {
        let Self { before, after } = self;
        if self.is_deep() && after > 0 {
            let modality = modality.map_or("of unknown modality".into(), |modality| format!("of modality {modality}"));
            host.warn(format!(
                "region `{region}`: {limits} leaves out {} of its {before} voxels; does it suit this scan {modality}?",
                before - after
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_is_not_more_than_a_quarter() {
        let deep = |before, after| Cut { before, after }.is_deep();
        assert_eq!(
            [deep(100, 75), deep(100, 74), deep(3, 2), deep(0, 0), deep(4, 3)],
            [false, true, true, false, false]
        );
    }
}
