//! Whose scanner a PET is of, and what it keeps in private attributes.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::object::Item;
use crate::places::Place;

/// The creators of the private blocks that matter.
const GE: &str = "GEMS_PETD_01";
const SIEMENS: &str = "SIEMENS MED PT";
const PHILIPS: &str = "Philips PET Private Group";

/// The maker of a scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    /// GE.
    Ge,
    /// Siemens, with CPS and CTI before.
    Siemens,
    /// Philips.
    Philips,
    /// Another, or none that is named.
    Other,
}

impl Vendor {
    /// That of an object.
    pub fn of(root: Item<'_>) -> Self {
        let name = root.name(tags::MANUFACTURER).to_uppercase();
        let is_word = |wanted: &[&str]| name.split([' ', ',', '-', '/', '_']).any(|word| wanted.contains(&word));
        if is_word(&["GE", "GEMS"]) || name.contains("GENERAL ELECTRIC") {
            Self::Ge
        } else if name.contains("SIEMENS") || is_word(&["CPS", "CTI"]) {
            Self::Siemens
        } else if name.contains("PHILIPS") || name.contains("ADAC") {
            Self::Philips
        } else if root.private(0x0009, GE, 0x0D, false).is_some() {
            Self::Ge
        } else {
            Self::Other
        }
    }

    /// Whether `FrameReferenceTime` may count to the start of a frame: the standard leaves it to the writer.
    pub fn counts_from_start(self) -> bool {
        matches!(self, Self::Ge | Self::Other)
    }

    /// Where the scanner says when the scan began: `(0009,100D)` of GE, `(0071,1022)` of Siemens.
    pub fn start<'a>(self, place: &Place<'a>) -> Option<(Item<'a>, Tag)> {
        let root = place.root();
        let tag = match self {
            Self::Ge => root.private(0x0009, GE, 0x0D, true),
            Self::Siemens => root.private(0x0071, SIEMENS, 0x22, true),
            Self::Philips | Self::Other => None,
        };
        Some((root, tag?))
    }
}

/// A factor of Philips, `(7053,1000)` from counts to SUV or `(7053,1009)` to Bq/ml; nothing if it is missing or 0, which
/// stands for one that is not known.
pub fn philips(place: &Place<'_>, element: u8) -> Option<f64> {
    // A converted object keeps it in another data set.
    let holders = [place.root(), place.with(Tag(0x7053, 0x1000)), place.with(Tag(0x7053, 0x1009))];
    holders.into_iter().find_map(|item| {
        let tag = item.private(0x7053, PHILIPS, element, true)?;
        let number = item.float(tag).ok().flatten().or_else(|| item.text(tag)?.parse().ok())?;
        (number.is_finite() && number > 0.0).then_some(number)
    })
}
