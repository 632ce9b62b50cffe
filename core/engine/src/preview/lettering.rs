//! Words in a picture, in letters of eight by eight dots.

use font8x8::{BASIC_FONTS, LATIN_FONTS, UnicodeFonts};

use super::Picture;

/// Pixels along a dot: pictures are shown smaller than they are.
const DOT: usize = 2;

/// Pixels along a letter.
pub const LETTER: usize = 8 * DOT;

/// Pixels from a line of words to the next.
pub const LINE: usize = LETTER + 6;

/// Pixels along words.
pub fn width(words: &str) -> usize {
    words.chars().count() * LETTER
}

/// Words cut to a width, with two dots where something is missing.
pub fn fit(words: &str, room: usize) -> String {
    let letters = room / LETTER;
    if words.chars().count() <= letters {
        return words.to_owned();
    }
    words.chars().take(letters.saturating_sub(2)).chain("..".chars()).take(letters).collect()
}

/// Words in lines of a width, broken between words; what needs more lines is cut.
pub fn wrapped(words: &str, room: usize, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        match lines.last_mut().filter(|line| width(line) + width(word) + LETTER <= room) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.push_str(" ..");
        }
    }
    lines.iter().map(|line| fit(line, room)).collect()
}

impl Picture {
    /// Writes words from their left upper corner on. What there is no letter for is a question mark.
    pub(super) fn write(&mut self, [left, top]: [usize; 2], words: &str, colour: [u8; 3]) {
        for (place, character) in words.chars().enumerate() {
            let letter = [BASIC_FONTS.get(character), LATIN_FONTS.get(character), BASIC_FONTS.get('?')];
            let Some(rows) = letter.into_iter().flatten().next() else { continue };
            for (y, row) in rows.iter().enumerate() {
                for x in (0..8).filter(|x| row >> x & 1 == 1) {
                    self.rectangle([left + place * LETTER + x * DOT, top + y * DOT], [DOT, DOT], colour);
                }
            }
        }
    }

    /// Fills a rectangle: left upper corner, and pixels along width and height.
    pub(super) fn rectangle(&mut self, [left, top]: [usize; 2], [width, height]: [usize; 2], colour: [u8; 3]) {
        for y in top..top + height {
            for x in left..left + width {
                self.set(x, y, colour);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_drawn_and_words_cut() {
        let mut picture = Picture::empty(3 * LETTER, LETTER);
        picture.write([0, 0], "L?", [255; 3]);
        let lit = |x: usize, y: usize| picture.rgb[3 * (y * picture.width + x)..][..3] == [255; 3];
        let count = |from: usize| (0..LETTER * LETTER).filter(|at| lit(from + at % LETTER, at / LETTER)).count();
        assert!(count(0) > 40 && count(LETTER) > 40 && count(2 * LETTER) == 0);
        // Nobody has a letter for it: it is asked for like the one before.
        let mut other = Picture::empty(3 * LETTER, LETTER);
        other.write([0, 0], "L\u{4e2d}", [255; 3]);
        assert_eq!(other, picture);
        assert_eq!((fit("tumour", 6 * LETTER), fit("tumour", 5 * LETTER)), ("tumour".into(), "tum..".into()));
        assert_eq!(fit("tumour", LETTER), ".");
        let lines = |most| wrapped("empty region: no voxel is left", 14 * LETTER, most);
        assert_eq!(lines(3), ["empty region:", "no voxel is", "left"]);
        assert_eq!(lines(2), ["empty region:", "no voxel is .."]);
    }
}
