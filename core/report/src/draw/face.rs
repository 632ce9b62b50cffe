//! The faces of a figure: which characters they have, and how wide these are.
//!
//! They are a part of Liberation Sans under another name (`fonts/make.py`), which has the widths of Helvetica and Arial. So what is
//! measured here holds for a page, whose reader has one of these, as for a file that brings its own.

use std::sync::OnceLock;

/// Parts of the size in which widths are told.
pub const EM: f64 = 2048.0;

/// Width of a character that the faces do not have: its place is taken by a box in a PDF, and by another face on a page.
const UNKNOWN: f64 = 1.0;

/// A face.
#[derive(Debug)]
pub struct Face {
    /// Its name in a PDF.
    pub name: &'static str,
    /// Its outlines: TrueType, compressed by zlib.
    pub outlines: &'static [u8],
    /// Bytes of the outlines before they were compressed.
    pub outlines_length: usize,
    /// Width of its stems in thousandths of the size, as a descriptor of a PDF has it.
    pub stem: u8,
    records: &'static [u8],
    known: OnceLock<Vec<Glyph>>,
}

/// A character of a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyph {
    /// The character; the faces have none beyond 16 bits.
    pub character: u16,
    /// Number of its outline.
    pub glyph: u16,
    /// Width in parts of [`EM`].
    pub width: u16,
}

/// What text is set in.
pub static REGULAR: Face = Face {
    name: "VoxomicsSans-Regular",
    outlines: include_bytes!("../../fonts/regular.ttf.z"),
    outlines_length: 88_216,
    stem: 88,
    records: include_bytes!("../../fonts/regular.widths"),
    known: OnceLock::new(),
};

/// What heads are set in.
pub static BOLD: Face = Face {
    name: "VoxomicsSans-Bold",
    outlines: include_bytes!("../../fonts/bold.ttf.z"),
    outlines_length: 88_664,
    stem: 138,
    records: include_bytes!("../../fonts/bold.widths"),
    known: OnceLock::new(),
};

impl Face {
    /// Its characters, by rising number.
    pub fn glyphs(&self) -> &[Glyph] {
        self.known.get_or_init(|| {
            let of = |record: &[u8]| {
                let [character, glyph, width] = [0, 2, 4].map(|at| u16::from_le_bytes([record[at], record[at + 1]]));
                Glyph { character, glyph, width }
            };
            self.records.chunks_exact(6).map(of).collect()
        })
    }

    /// A character of it.
    pub fn find(&self, character: char) -> Option<Glyph> {
        self.numbered(u16::try_from(u32::from(character)).ok()?)
    }

    /// The character of a number.
    pub fn numbered(&self, number: u16) -> Option<Glyph> {
        let glyphs = self.glyphs();
        glyphs.binary_search_by_key(&number, |glyph| glyph.character).ok().map(|at| glyphs[at])
    }

    /// Width of text at a size.
    pub fn width(&self, text: &str, size: f64) -> f64 {
        let of = |character| self.find(character).map_or(UNKNOWN, |glyph| f64::from(glyph.width) / EM);
        text.chars().map(of).sum::<f64>() * size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_helvetica() {
        // Adobe's Core 14 AFM files, in thousandths: a parts of 2048 of Liberation Sans lies within one of them.
        for (character, regular, bold) in [
            ('A', 667, 722),
            ('i', 222, 278),
            ('m', 833, 889),
            (' ', 278, 278),
            ('0', 556, 556),
            ('é', 556, 556),
            ('%', 889, 889),
        ] {
            for (face, width) in [(&REGULAR, regular), (&BOLD, bold)] {
                let found = face.width(&character.to_string(), 1000.0);
                assert!((found - f64::from(width)).abs() < 1.0, "{character}: {found}, {width}");
            }
        }
    }

    #[test]
    fn the_signs_of_figures_are_there() {
        for character in "χ²≥≤λαρβ×±−–—’“”…\u{a0}µ°→◇⁰¹²³⁴⁵⁶⁷⁸⁹⁻éßłŞğÅЖΩ√∞≈".chars()
        {
            assert!(REGULAR.find(character).is_some() && BOLD.find(character).is_some(), "{character}");
        }
        assert_eq!(REGULAR.find('漢'), None);
        assert_eq!(REGULAR.find('😀'), None, "beyond 16 bits");
        assert!(REGULAR.glyphs().is_sorted_by(|a, b| a.character < b.character));
    }
}
