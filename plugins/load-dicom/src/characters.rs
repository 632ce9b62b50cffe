//! Texts in other letters than ASCII (`SpecificCharacterSet`: DICOM PS3.5, section 6.1; PS3.3, C.12.1.1.2).

use dicom_encoding::text::{SpecificCharacterSet, TextCodec as _};

const ESCAPE: u8 = 0x1B;
/// Escape sequences of ISO 2022 and the sets that they switch to (PS3.3, tables C.12-3 and C.12-4).
const SWITCHES: [(&[u8], &str); 20] = [
    (b"\x1b(B", "ISO_IR 6"),
    (b"\x1b(J", "ISO_IR 13"),
    (b"\x1b)I", "ISO_IR 13"),
    (b"\x1b-A", "ISO_IR 100"),
    (b"\x1b-B", "ISO_IR 101"),
    (b"\x1b-C", "ISO_IR 109"),
    (b"\x1b-D", "ISO_IR 110"),
    (b"\x1b-F", "ISO_IR 126"),
    (b"\x1b-G", "ISO_IR 127"),
    (b"\x1b-H", "ISO_IR 138"),
    (b"\x1b-L", "ISO_IR 144"),
    (b"\x1b-M", "ISO_IR 148"),
    (b"\x1b-T", "ISO_IR 166"),
    (b"\x1b-b", "ISO_IR 203"),
    (b"\x1b$)A", "GB2312"),
    (b"\x1b$)C", "ISO_IR 149"),
    (b"\x1b$B", JIS_X_0208),
    (b"\x1b$@", JIS_X_0208),
    (b"\x1b$(D", JIS_X_0208),
    (b"\x1b%G", UTF_8),
];
/// Its codec wants the escape sequence as well.
const JIS_X_0208: &str = "ISO_IR 87";
const UTF_8: &str = "ISO_IR 192";
/// Where Latin alphabets No. 5 and No. 9 differ from No. 1 (ISO/IEC 8859-9 and 8859-15).
const LATIN_5: [(char, char); 6] =
    [('\u{D0}', 'Ğ'), ('\u{DD}', 'İ'), ('\u{DE}', 'Ş'), ('\u{F0}', 'ğ'), ('\u{FD}', 'ı'), ('\u{FE}', 'ş')];
const LATIN_9: [(char, char); 8] = [
    ('\u{A4}', '€'),
    ('\u{A6}', 'Š'),
    ('\u{A8}', 'š'),
    ('\u{B4}', 'Ž'),
    ('\u{B8}', 'ž'),
    ('\u{BC}', 'Œ'),
    ('\u{BD}', 'œ'),
    ('\u{BE}', 'Ÿ'),
];

/// The characters that an object is written in.
#[derive(Debug, Default)]
pub struct Characters {
    /// The set that a text begins with; empty if the object names none.
    first: String,
}

impl Characters {
    /// Those of an object that names these sets: of several, those after the first are switched to by escape sequences;
    /// an empty first one is ASCII.
    pub fn new(named: &[String]) -> Self {
        let alone = |code: &String| code.replace("ISO 2022 IR", "ISO_IR");
        let first = named.first().map(alone).unwrap_or_default();
        // Writers that name one further set often leave its escape sequences out.
        let further = || named.iter().map(alone).find(|code| !matches!(code.as_str(), "" | "ISO_IR 6"));
        Self { first: if matches!(first.as_str(), "" | "ISO_IR 6") { further().unwrap_or(first) } else { first } }
    }

    /// A text, read as far as it makes sense: a wrong or missing name of its set is no reason to lose letters.
    pub fn decode(&self, bytes: &[u8]) -> String {
        if bytes.is_ascii() && !bytes.contains(&ESCAPE) {
            return String::from_utf8_lossy(bytes).into_owned();
        }
        let mut text = String::new();
        let (mut set, mut rest) = (self.first.as_str(), bytes);
        while !rest.is_empty() {
            let switch = SWITCHES.iter().find(|(escape, _)| rest.starts_with(escape));
            let escape = switch.map_or(0, |(escape, _)| escape.len());
            if let Some((_, next)) = switch {
                set = next;
            }
            // A codec of seven bits would take what comes before an escape sequence for its own.
            let end = rest[escape.max(1)..].iter().position(|byte| *byte == ESCAPE);
            let end = end.map_or(rest.len(), |end| end + escape.max(1));
            let start = if set == JIS_X_0208 { 0 } else { escape };
            text.push_str(&decoded(set, &rest[start..end]));
            rest = &rest[end..];
        }
        text
    }
}

/// Bytes of one set.
fn decoded(set: &str, bytes: &[u8]) -> String {
    let by = |code: &str| SpecificCharacterSet::from_code(code).and_then(|codec| codec.decode(bytes).ok());
    let latin = || by("ISO_IR 100").unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned());
    let replaced = |table: &[(char, char)]| -> String {
        let other = |letter| table.iter().find(|(from, _)| *from == letter).map_or(letter, |(_, to)| *to);
        latin().chars().map(other).collect()
    };
    match (set, std::str::from_utf8(bytes)) {
        ("ISO_IR 148", _) => replaced(&LATIN_5),
        ("ISO_IR 203", _) => replaced(&LATIN_9),
        // No text in Latin letters looks like UTF-8 by chance.
        (UTF_8 | "" | "ISO_IR 6", Ok(text)) => text.to_owned(),
        (UTF_8 | "" | "ISO_IR 6", Err(_)) => latin(),
        (other, _) => by(other).filter(|text| !text.is_empty()).unwrap_or_else(latin),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sets: &[&str], bytes: &[u8]) -> String {
        Characters::new(&sets.iter().map(|set| (*set).to_owned()).collect::<Vec<_>>()).decode(bytes)
    }

    #[test]
    fn names_are_read_in_the_letters_of_many_countries() {
        // The bytes are those that Python's codecs write.
        for (sets, bytes, expected) in [
            (&["ISO_IR 100"][..], &b"Tum\xf6r"[..], "Tumör"),
            (&["ISO_IR 192"], "Tumör 肿瘤".as_bytes(), "Tumör 肿瘤"),
            (&["GB18030"], b"\xd6\xd7\xc1\xf6", "肿瘤"),
            (&["ISO_IR 148"], b"T\xfcm\xf6r \xf0", "Tümör ğ"),
            (&["ISO_IR 203"], b"\xa4", "€"),
            (&["", "ISO 2022 IR 87"], b"GTV \x1b$B<pag\x1b(B 1", "GTV 腫瘍 1"),
            (&["ISO 2022 IR 13", "ISO 2022 IR 87"], b"\x1b$B<pag\x1b(J1", "腫瘍1"),
            (&["", "ISO 2022 IR 149"], b"\x1b$)C\xc1\xbe\xbe\xe7", "종양"),
            (&["ISO 2022 IR 6", "ISO 2022 IR 100"], b"\x1b-ATum\xf6r", "Tumör"),
            (&["ISO 2022 IR 6", "ISO 2022 IR 100"], b"Tum\xf6r", "Tumör"),
            (&["ISO 2022 IR 100", "ISO 2022 IR 144"], b"\xf6 \x1b-L\xde\xdf", "ö оп"),
        ] {
            assert_eq!(read(sets, bytes), expected, "{sets:?}");
        }
    }

    #[test]
    fn no_letter_is_lost_where_the_set_is_missing_or_wrong() {
        assert_eq!(read(&[], "Tumör".as_bytes()), "Tumör");
        assert_eq!(read(&[], b"Tum\xf6r"), "Tumör");
        assert_eq!(read(&["ISO_IR 192"], b"Tum\xf6r"), "Tumör");
        assert_eq!(read(&["nonsense"], b"Tum\xf6r"), "Tumör");
        assert_eq!(read(&["ISO_IR 6"], b"a\x1b\x1b"), "a\x1b\x1b");
    }
}
