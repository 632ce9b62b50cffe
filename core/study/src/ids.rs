//! Ids of patients as people write them.

/// An id without what people write now so and now otherwise: case, blanks, signs, leading zeros, ".0".
pub fn plain(id: &str) -> String {
    let id = id.trim().to_lowercase();
    let id = id.strip_suffix(".0").unwrap_or(&id);
    let mut plain = String::with_capacity(id.len());
    let mut digits = false;
    for (at, letter) in id.char_indices().filter(|(_, letter)| letter.is_alphanumeric()) {
        let followed = id[at + letter.len_utf8()..].starts_with(|next: char| next.is_ascii_digit());
        if !(letter == '0' && !digits && followed) {
            plain.push(letter);
        }
        digits = letter.is_ascii_digit() && !(letter == '0' && !digits && followed);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_differ_in_their_writing_are_one_and_others_are_not() {
        for (a, b) in [("P01", "p1"), ("p-1", "P 1"), ("TCGA_05", "tcga-5"), ("12.0", "012"), ("a00b0", "A0B0")] {
            assert_eq!(plain(a), plain(b), "{a} {b}");
        }
        for (a, b) in [("p1", "p10"), ("p10", "p100"), ("p0", "p00x"), ("a1", "b1"), ("p101", "p11")] {
            assert_ne!(plain(a), plain(b), "{a} {b}");
        }
    }
}
