//! Unique identifiers of objects.

use sha2::{Digest as _, Sha256};

/// A UID of what an object is made of, words and bytes: of the same the same (DICOM PS3.5, B.2).
pub fn uid(words: &[&str], bytes: &[u8]) -> String {
    let mut digest = Sha256::new();
    for part in words.iter().map(|word| word.as_bytes()).chain([bytes]) {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    let mut first = [0; 16];
    first.copy_from_slice(&digest.finalize()[..16]);
    // A UUID of somebody's own making (RFC 9562, version 8).
    first[6] = first[6] & 0x0f | 0x80;
    first[8] = first[8] & 0x3f | 0x80;
    format!("2.25.{}", u128::from_be_bytes(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_are_those_of_dicom() {
        let [one, other] = [uid(&["a", "bc"], &[]), uid(&["ab", "c"], &[])];
        assert_ne!(one, other);
        assert_eq!(one, uid(&["a", "bc"], &[]));
        assert_ne!(one, uid(&["a", "bc"], &[0]));
        for uid in [one, other] {
            assert!(uid.len() <= 64 && uid.chars().all(|c| c.is_ascii_digit() || c == '.'), "{uid}");
            assert!(!uid.contains(".0"), "no part begins with a zero: {uid}");
        }
    }
}
