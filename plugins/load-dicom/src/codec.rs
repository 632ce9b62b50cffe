//! How frames are compressed, by their transfer syntax (DICOM PS3.5, section 10 and annex A.4).

use dicom_dictionary_std::uids;

/// How frames are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// Not at all.
    None,
    /// Not at all, and yet in fragments.
    Stored,
    /// Runs of bytes.
    Rle,
    /// JPEG: baseline, extended or lossless.
    Jpeg,
    /// JPEG-LS, lossless or near-lossless.
    JpegLs,
    /// JPEG 2000, also high-throughput.
    Jpeg2000,
    /// In a way that is not read here.
    Unknown,
}

impl Codec {
    /// That of a transfer syntax.
    pub fn of(syntax: &str) -> Self {
        match syntax {
            uids::IMPLICIT_VR_LITTLE_ENDIAN
            | uids::EXPLICIT_VR_LITTLE_ENDIAN
            | uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
            | "1.2.840.10008.1.2.2" => Self::None,
            "1.2.840.10008.1.2.1.98" => Self::Stored,
            uids::RLE_LOSSLESS => Self::Rle,
            "1.2.840.10008.1.2.4.50"
            | "1.2.840.10008.1.2.4.51"
            | "1.2.840.10008.1.2.4.57"
            | "1.2.840.10008.1.2.4.70" => Self::Jpeg,
            "1.2.840.10008.1.2.4.80" | "1.2.840.10008.1.2.4.81" => Self::JpegLs,
            "1.2.840.10008.1.2.4.90"
            | "1.2.840.10008.1.2.4.91"
            | "1.2.840.10008.1.2.4.201"
            | "1.2.840.10008.1.2.4.202"
            | "1.2.840.10008.1.2.4.203" => Self::Jpeg2000,
            _ => Self::Unknown,
        }
    }

    /// Whether a stream may begin with these bytes.
    pub fn begins(self, head: &[u8]) -> bool {
        match self {
            Self::Jpeg | Self::JpegLs => head == [0xFF, 0xD8],
            Self::Jpeg2000 => head == [0xFF, 0x4F] || head == [0, 0],
            _ => false,
        }
    }
}
