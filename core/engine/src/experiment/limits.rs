//! Limits of intensity: for every scan, or by its modality.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use super::{
    document::{Node, Value},
    section::{FromNode, Section},
    suggestion,
};

/// The modalities by which limits can be told apart, as DICOM writes them (PS3.3 C.7.3.1.1.1).
pub const MODALITIES: [&str; 12] = ["CT", "MR", "PT", "NM", "US", "CR", "DX", "MG", "XA", "RF", "OT", "SC"];

/// A lowest and a highest intensity, both included.
pub type Range = [f64; 2];

/// Limits of intensity.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Limits {
    /// For every scan: `[-300, 300]`.
    Every(Range),
    /// For scans of these modalities, and none for others: `{ CT = [-300, 300] }`.
    ByModality(BTreeMap<String, Range>),
}

impl Limits {
    /// The limits for a scan of a modality, if there are any.
    ///
    /// # Errors
    /// That the modality is not known, in words that follow the name of what has the limits.
    pub fn of(&self, modality: Option<&str>) -> Result<Option<Range>, String> {
        match (self, modality) {
            (Self::Every(range), _) => Ok(Some(*range)),
            (Self::ByModality(ranges), Some(modality)) => {
                let fits = |name: &&String| name.eq_ignore_ascii_case(modality);
                Ok(ranges.keys().find(fits).map(|name| ranges[name]))
            }
            (Self::ByModality(_), None) => Err(format!(
                "depends on the modality ({self}), which neither the image nor the case list tells: add a column `modality` \
                 to the list, or give limits for every scan"
            )),
        }
    }

    /// Reads limits, and reports those that hold nothing.
    pub(super) fn read(section: &Section<'_>, key: &str) -> Option<Self> {
        let limits: Option<Self> = section.get(key);
        let ranges: Vec<Range> = match &limits {
            None => Vec::new(),
            Some(Self::Every(range)) => vec![*range],
            Some(Self::ByModality(ranges)) => ranges.values().copied().collect(),
        };
        if let Some([lower, upper]) = ranges.into_iter().find(|[lower, upper]| lower > upper) {
            section.error_at(key, format!("[{lower}, {upper}] holds nothing: the lower limit comes first"));
        }
        limits
    }
}

impl FromNode for Limits {
    fn from_node(node: &Node) -> Result<Self, String> {
        let Value::Table(entries) = &node.value else {
            let expected =
                |_| "two numbers such as [-300, 300], or limits by modality such as { CT = [-300, 300] }".into();
            return Range::from_node(node).map(Self::Every).map_err(expected);
        };
        let mut ranges = BTreeMap::new();
        for entry in entries {
            if !MODALITIES.contains(&entry.key.as_str()) {
                let near = match entry.key.to_ascii_uppercase().as_str() {
                    "PET" => "; DICOM writes `PT`".into(),
                    "MRI" => "; DICOM writes `MR`".into(),
                    "SPECT" => "; DICOM writes `NM`".into(),
                    _ => suggestion(&entry.key, MODALITIES),
                };
                return Err(format!("modalities as DICOM writes them, and `{}` is none{near}", entry.key));
            }
            let range = Range::from_node(&entry.node).map_err(|_| format!("two numbers for `{}`", entry.key))?;
            ranges.insert(entry.key.clone(), range);
        }
        if ranges.is_empty() { Err("limits for at least one modality".into()) } else { Ok(Self::ByModality(ranges)) }
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `{:?}` writes an exponent where `{}` would write hundreds of digits.
        match self {
            Self::Every([lower, upper]) => write!(f, "intensities from {lower:?} to {upper:?}"),
            Self::ByModality(ranges) => {
                let each = ranges.iter().map(|(name, [lower, upper])| format!("{name} from {lower:?} to {upper:?}"));
                write!(f, "intensities of {}", each.collect::<Vec<_>>().join(", of "))
            }
        }
    }
}
