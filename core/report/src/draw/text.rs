//! Text in drawings: how it looks, how wide it is, where it is broken.

use super::{
    face::REGULAR,
    style::{INK, MUTED},
};

/// Faces with the widths of Helvetica, which [`width`] counts on.
pub const FAMILY: &str = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif";

/// How text is set.
#[derive(Debug, Clone, Copy)]
pub struct Label {
    /// Size.
    pub size: f64,
    /// Colour.
    pub colour: &'static str,
    /// Which end is at the point: `start`, `middle`, `end`.
    pub anchor: &'static str,
    /// Bold.
    pub bold: bool,
    /// Whether it runs upwards.
    pub upright: bool,
    /// Whether it stands out against lines behind it.
    pub halo: bool,
}

impl Label {
    /// Text that begins at the point.
    pub const fn start(size: f64) -> Self {
        Self { size, colour: INK, anchor: "start", bold: false, upright: false, halo: false }
    }

    /// Text around the point.
    pub const fn middle(size: f64) -> Self {
        Self { anchor: "middle", ..Self::start(size) }
    }

    /// Text that ends at the point.
    pub const fn end(size: f64) -> Self {
        Self { anchor: "end", ..Self::start(size) }
    }

    /// The same in bold.
    pub const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// The same in grey.
    pub const fn muted(self) -> Self {
        Self { colour: MUTED, ..self }
    }

    /// The same upwards.
    pub const fn upright(self) -> Self {
        Self { upright: true, ..self }
    }

    /// The same with a white halo.
    pub const fn halo(self) -> Self {
        Self { halo: true, ..self }
    }

    /// The same in a colour.
    pub const fn coloured(self, colour: &'static str) -> Self {
        Self { colour, ..self }
    }
}

/// How wide text is at a size, in the regular face.
pub fn width(text: &str, size: f64) -> f64 {
    REGULAR.width(text, size)
}

/// Text cut to a width, with an ellipsis where something is missing: in the middle, since names of columns that begin alike
/// differ at their ends.
pub fn fit(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let characters: Vec<char> = text.chars().collect();
    let cut = |kept: usize| -> String {
        let head = kept * 3 / 5;
        let tail = &characters[characters.len() - (kept - head)..];
        characters[..head].iter().chain(&['…']).chain(tail).collect()
    };
    let kept = (0..characters.len()).rev().find(|&kept| width(&cut(kept), size) <= room);
    cut(kept.unwrap_or(0))
}

/// Text in lines of at most a width, and at most so many of them; the last is cut if there is more. Lines break at spaces
/// and after the marks that join the parts of a column's name.
pub fn wrap(text: &str, size: f64, room: f64, lines: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for piece in text.split_inclusive([' ', '\n', '_', ':']) {
        let full = out.len() == lines;
        match out.last_mut() {
            Some(line) if full || width(line, size) + width(piece.trim_end(), size) <= room => line.push_str(piece),
            _ => out.push(piece.to_owned()),
        }
    }
    out.iter().map(|line| fit(line.trim_end(), size, room)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_in_the_middle_and_never_wider_than_its_room() {
        let name = "tumour:wavelet_glcm_contrast_distance_2";
        assert_eq!(fit(name, 12.0, 1000.0), name);
        for room in [0.0, 20.0, 60.0, 120.0] {
            let cut = fit(name, 12.0, room);
            assert!(width(&cut, 12.0) <= room.max(width("…", 12.0)), "{cut}");
        }
        let cut = fit(name, 12.0, 120.0);
        assert!(cut.starts_with("tumour:") && cut.ends_with("_2") && cut.contains('…'), "{cut}");
    }

    #[test]
    fn lines_break_where_words_and_parts_end() {
        let size = 10.0;
        assert_eq!(wrap("immune desert or excluded", size, 70.0, 3), ["immune desert", "or excluded"]);
        assert_eq!(wrap("tumour:glcm_contrast", size, 65.0, 3), ["tumour:glcm_", "contrast"]);
        assert_eq!(wrap("one two three four five six", size, 40.0, 2).len(), 2);
        assert!(wrap("", size, 40.0, 2).is_empty());
    }
}
