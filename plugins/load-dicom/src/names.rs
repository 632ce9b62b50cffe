//! Names of attributes and UIDs, for people.

use dicom_core::{
    Tag,
    dictionary::{DataDictionary as _, DataDictionaryEntry as _, UidDictionary as _},
};
use dicom_dictionary_std::{StandardDataDictionary, StandardSopClassDictionary};

/// So many names are listed in an error.
const LISTED: usize = 20;

/// Names for an error, and how many more there are.
pub fn list(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(LISTED).cloned().collect();
    if names.len() > LISTED {
        shown.push(format!("{} more", names.len() - LISTED));
    }
    shown.join("; ")
}

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

/// A UID and, if it is that of a transfer syntax or a SOP class, its name.
pub fn uid(uid: &str) -> String {
    let syntax = dicom_transfer_syntaxes().iter().find(|(known, _)| *known == uid).map(|(_, name)| *name);
    match syntax.or_else(|| StandardSopClassDictionary.by_uid(uid).map(|entry| entry.name)) {
        Some(name) => format!("{uid} ({name})"),
        None if uid.is_empty() => "missing".into(),
        None => format!("{} (unknown)", plain(uid)),
    }
}

/// The UID of an instance for a line of text: its beginning and its end, which tell it from others nearby.
pub fn short(uid: &str) -> String {
    const WHOLE: usize = 28;
    let letters: Vec<char> = plain(uid).chars().collect();
    match letters.len() > WHOLE {
        false => letters.into_iter().collect(),
        true => letters[..12].iter().chain(&['…']).chain(&letters[letters.len() - 12..]).collect(),
    }
}

/// A text of a file for an error: without anything that could move the cursor; backslashes part values and stay.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// A number of things: `1 slice is`, `3 slices are`.
pub fn count(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
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
        ("1.2.840.10008.1.2.8.1", "deflated image frames"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_by_whoever_shows_them() {
        assert_eq!(uid("1.2.840.10008.5.1.4.1.1.2"), "1.2.840.10008.5.1.4.1.1.2 (CT Image Storage)");
        assert_eq!(uid("1.2.840.10008.1.2.4.110"), "1.2.840.10008.1.2.4.110 (JPEG XL lossless)");
        assert_eq!(uid("1.2\n"), "1.2\\n (unknown)");
        assert_eq!(short("1.2.840.113619.2.55"), "1.2.840.113619.2.55");
        let long = "1.3.6.1.4.1.14519.5.2.1.5168.1900.104193299251798317056218297018";
        assert_eq!(short(long), "1.3.6.1.4.1.…056218297018");
        let fault = crate::error::Fault::Value {
            tag: dicom_dictionary_std::tags::CONTOUR_DATA,
            found: "1\\x\\\"3\"".into(),
            expected: "numbers".into(),
        };
        assert!(fault.to_string().contains("is \"1\\x\\\"3\"\", expected numbers"), "{fault}");
        assert_eq!(
            (count(1, "slice is", "slices are"), count(2, "slice is", "slices are")),
            ("1 slice is".into(), "2 slices are".into())
        );
    }
}
