//! Names of attributes and UIDs, for people.

use dicom_core::{
    Tag,
    dictionary::{DataDictionary as _, DataDictionaryEntry as _},
};
use dicom_dictionary_std::StandardDataDictionary;

/// The keyword of an attribute; its tag if it has none.
pub fn keyword(tag: Tag) -> String {
    StandardDataDictionary.by_tag(tag).map_or_else(|| tag.to_string(), |entry| entry.alias().to_owned())
}

/// Keyword and tag of an attribute.
pub fn attribute(tag: Tag) -> String {
    match StandardDataDictionary.by_tag(tag) {
        Some(entry) => format!("{} {tag}", entry.alias()),
        None => format!("the private attribute {tag}"),
    }
}

/// A UID and, if it is that of a transfer syntax, its name.
pub fn uid(uid: &str) -> String {
    let name = dicom_transfer_syntaxes().iter().find(|(known, _)| *known == uid).map(|(_, name)| *name);
    match name {
        Some(name) => format!("{uid} ({name})"),
        None => format!("\"{}\" (unknown)", uid.escape_debug()),
    }
}

/// Those that are not read here (DICOM PS3.6, table A-1).
fn dicom_transfer_syntaxes() -> &'static [(&'static str, &'static str)] {
    &[
        ("1.2.840.10008.1.2.4.55", "JPEG full progression, non-hierarchical (process 10, 12)"),
        ("1.2.840.10008.1.2.4.92", "JPEG 2000 part 2 multi-component lossless"),
        ("1.2.840.10008.1.2.4.93", "JPEG 2000 part 2 multi-component"),
        ("1.2.840.10008.1.2.4.94", "JPIP referenced"),
        ("1.2.840.10008.1.2.4.95", "JPIP referenced deflate"),
        ("1.2.840.10008.1.2.4.100", "MPEG2 main profile, main level"),
        ("1.2.840.10008.1.2.4.101", "MPEG2 main profile, high level"),
        ("1.2.840.10008.1.2.4.102", "MPEG-4 AVC/H.264 high profile"),
        ("1.2.840.10008.1.2.4.110", "JPEG XL lossless"),
        ("1.2.840.10008.1.2.4.111", "JPEG XL recompression"),
        ("1.2.840.10008.1.2.4.112", "JPEG XL"),
    ]
}
