//! Pseudonyms of cases, patients and places, and the file that turns them back.
//!
//! A pseudonym is the beginning of HMAC-SHA-256 (RFC 2104) of what it stands for, under a key of 32 random bytes: the same
//! id has the same pseudonym in every run with one key, and nobody without the key can try ids out. The file of the key
//! also lists what each pseudonym stands for; it belongs to whoever has the originals.

mod dates;
mod file;

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

pub use dates::{Form, day_number, forms, has_date, shifted};

/// What a pseudonym stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The name of a case.
    Case,
    /// The id of a patient.
    Patient,
    /// The id of a lesion.
    Lesion,
    /// A UID of DICOM.
    Uid,
    /// The name of a region in a file.
    Region,
    /// The path of a file or folder.
    Place,
}

impl Kind {
    /// Every kind, with the letter that its pseudonyms begin with and its word.
    pub const ALL: [(Self, char, &'static str); 6] = [
        (Self::Case, 'C', "case"),
        (Self::Patient, 'P', "patient"),
        (Self::Lesion, 'L', "lesion"),
        (Self::Uid, 'U', "uid"),
        (Self::Region, 'R', "region"),
        (Self::Place, 'F', "place"),
    ];

    /// Its letter and its word.
    pub fn shown(self) -> (char, &'static str) {
        let (_, letter, word) = Self::ALL[self as usize];
        (letter, word)
    }
}

/// Digits of base 32 without those that look alike (Crockford).
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Digits of a pseudonym: 60 bits.
const LENGTH: usize = 12;
/// A shift is of this many days at most.
const DAYS: u64 = 3650;

/// What pseudonyms stand for, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// For each pseudonym its kind and the original.
    pub originals: BTreeMap<String, (Kind, String)>,
    /// For each case the patient, both as pseudonyms.
    pub patients: BTreeMap<String, String>,
    /// Columns whose dates were shifted, with the order in which the dates are written.
    pub dates: BTreeMap<String, String>,
}

/// A key, with what its pseudonyms stand for.
pub struct Key {
    path: PathBuf,
    secret: [u8; 32],
    known: Mutex<Known>,
}

impl fmt::Debug for Key {
    /// Without the key itself: what is shown may be kept.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Key {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The pseudonym of a text, which is noted; nothing of nothing.
    pub fn pseudonym(&self, kind: Kind, original: &str) -> String {
        let pseudonym = self.unnoted(kind, original);
        if !pseudonym.is_empty() {
            self.known().originals.entry(pseudonym.clone()).or_insert_with(|| (kind, original.to_owned()));
        }
        pseudonym
    }

    /// The same, without noting what it stands for: of an id that is held against others, and written nowhere.
    pub fn unnoted(&self, kind: Kind, original: &str) -> String {
        if original.is_empty() {
            return String::new();
        }
        let (letter, word) = kind.shown();
        let bits = self.bits(word, original);
        let digit = |place: usize| char::from(DIGITS[(bits >> (64 - 5 * (place + 1)) & 31) as usize]);
        [letter, '-'].into_iter().chain((0..LENGTH).map(digit)).collect()
    }

    /// What a pseudonym stands for, if that is known.
    pub fn original(&self, pseudonym: &str) -> Option<String> {
        self.known().originals.get(pseudonym).map(|(_, original)| original.clone())
    }

    /// By how many days the dates of a patient are moved, given the patient's pseudonym: into the past, by ten years at most.
    pub fn shift(&self, patient: &str) -> i64 {
        -i64::try_from(self.bits("days", patient) % DAYS).unwrap_or(0) - 1
    }

    /// What tells this key from others, and nothing of the key itself.
    pub fn fingerprint(&self) -> String {
        format!("{:016x}", self.bits("fingerprint", ""))
    }

    /// Notes to which patient a case belongs, both as pseudonyms.
    pub fn belongs(&self, case: &str, patient: &str) {
        self.known().patients.insert(case.to_owned(), patient.to_owned());
    }

    /// Notes that the dates of a column were shifted, and how they are written.
    pub fn dated(&self, column: &str, form: Form) {
        self.known().dates.insert(column.to_owned(), form.order().to_owned());
    }

    /// What is known so far.
    pub fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A text with every pseudonym that is known turned back.
    pub fn back(&self, text: &str) -> String {
        let known = self.known();
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = next(rest) {
            let (before, from) = rest.split_at(at);
            let (pseudonym, after) = from.split_at(2 + LENGTH);
            out.push_str(before);
            out.push_str(known.originals.get(pseudonym).map_or(pseudonym, |(_, original)| original));
            rest = after;
        }
        out + rest
    }

    fn bits(&self, word: &str, text: &str) -> u64 {
        // A key of any length is one of HMAC's.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).unwrap_or_else(|_| unreachable!());
        for part in [word.as_bytes(), b"\0", text.as_bytes()] {
            mac.update(part);
        }
        let bytes = mac.finalize().into_bytes();
        bytes.iter().take(8).fold(0, |bits, byte| bits << 8 | u64::from(*byte))
    }
}

/// Where the next thing in a text begins that looks like a pseudonym.
fn next(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_one = |at: &usize| {
        let Some(word) = bytes.get(*at..*at + 2 + LENGTH) else { return false };
        Kind::ALL.iter().any(|(_, letter, _)| u8::try_from(*letter) == Ok(word[0]))
            && word[1] == b'-'
            && word[2..].iter().all(|byte| DIGITS.contains(byte))
    };
    (0..bytes.len().saturating_sub(1 + LENGTH)).find(is_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: u8) -> Key {
        Key { path: PathBuf::new(), secret: [secret; 32], known: Mutex::default() }
    }

    #[test]
    fn a_pseudonym_is_stable_depends_on_the_key_and_is_turned_back() {
        let (a, b) = (key(1), key(2));
        let of = |key: &Key, kind| key.pseudonym(kind, "P-01/Müller");
        assert_eq!(of(&a, Kind::Patient), of(&key(1), Kind::Patient));
        assert_ne!(of(&a, Kind::Patient), of(&b, Kind::Patient));
        assert_ne!(of(&a, Kind::Patient)[2..], of(&a, Kind::Case)[2..], "a kind tells nothing of another");
        let text = format!("Ä{},C-000000000000,{}", of(&a, Kind::Case), of(&a, Kind::Patient));
        assert_eq!(a.back(&text), "ÄP-01/Müller,C-000000000000,P-01/Müller");
        assert_eq!(key(1).back(&text), text, "what is not known stays");
        assert_eq!(a.pseudonym(Kind::Case, ""), "");
        assert_ne!(a.fingerprint(), b.fingerprint());
    }

    #[test]
    fn it_is_the_hmac_that_others_compute() {
        // Python: hmac.new(bytes([1]) * 32, b"patient\0P1", "sha256").digest()[:8], in base 32 of Crockford.
        assert_eq!(key(1).pseudonym(Kind::Patient, "P1"), "P-wbv6m5w23gx0");
        assert_eq!(key(1).shift("P-x"), -1795);
    }
}
