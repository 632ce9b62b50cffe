//! A drawing as PDF: a page of its size, lines as lines, text as text.
//!
//! Text is set in faces that the file brings with it, so that it looks the same everywhere and no journal asks for them. A character is
//! told by its own number: what a reader marks and copies is what stands there, also where the faces have no outline for it and show a
//! box. Letters stand beside each other in the order in which they are written: Arabic, Hebrew and Indic scripts are not shaped.

use std::{collections::BTreeSet, fmt::Write as _};

use miniz_oxide::deflate::compress_to_vec_zlib;

use super::{
    Drawing,
    element::{Element, Stroke},
    face::{BOLD, EM, Face, REGULAR},
    objects::Objects,
    svg::{ALARM, SIMULATED, SIMULATED_ROOM, SIMULATED_SIZE},
    text::Label,
};

/// What a file says of itself.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Its title.
    pub title: &'a str,
    /// Whether it says that patients are simulated.
    pub simulated: bool,
    /// The width of the page in millimetres.
    pub width_mm: f64,
}

/// Points of a millimetre.
const POINTS: f64 = 72.0 / 25.4;
/// How hard the file is compressed: more takes longer and gains nothing.
const LEVEL: u8 = 6;
/// The faces, by their names in the page.
const FACES: [(&str, &Face); 2] = [("F1", &REGULAR), ("F2", &BOLD)];
/// How much the veil behind text hides, in hundredths.
const VEIL: u8 = 80;
/// Joins of lines.
const MITRE: u8 = 0;
const ROUND: u8 = 1;

/// The file, and the characters that its faces do not have.
pub fn write(drawing: &Drawing, about: About<'_>) -> (Vec<u8>, BTreeSet<char>) {
    let head = if about.simulated { SIMULATED_ROOM } else { 0.0 };
    let scale = about.width_mm * POINTS / drawing.width;
    let height = drawing.height + head;
    let mut page = Page::default();
    // From here on, y points down and the unit is that of the drawing.
    page.put(format_args!("{} 0 0 {} 0 {} cm", exact(scale), exact(-scale), exact(drawing.height * scale)));
    page.rectangle((0.0, -head), (drawing.width, height), "#fff", None);
    if about.simulated {
        page.text((drawing.width, -4.0), SIMULATED, Label::end(SIMULATED_SIZE).bold().coloured(ALARM));
    }
    drawing.elements().iter().for_each(|element| page.element(element));
    page.finish(about.title, (drawing.width * scale, height * scale))
}

/// A page that is being filled.
#[derive(Debug, Default)]
struct Page {
    content: String,
    /// How much areas hide, in hundredths.
    opacities: BTreeSet<u8>,
    /// The characters of each face.
    used: [BTreeSet<u16>; 2],
    lacking: BTreeSet<char>,
}

impl Page {
    /// A line of operators.
    fn put(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.content.write_fmt(line);
        self.content.push('\n');
    }

    fn element(&mut self, element: &Element) {
        match element {
            Element::Line { from, to, stroke } => self.polyline(&[*from, *to], *stroke),
            Element::Polyline { points, stroke } => self.polyline(points, *stroke),
            Element::Polygon { points, fill, opacity, stroke } => {
                let seen = opacity.filter(|share| *share < 1.0);
                if let Some(share) = seen {
                    let percent = (share.clamp(0.0, 1.0) * 100.0).round() as u8;
                    self.opacities.insert(percent);
                    self.put(format_args!("q /G{percent} gs"));
                }
                self.area(fill, *stroke, |page| {
                    page.path(points);
                    page.put(format_args!("h"));
                });
                if seen.is_some() {
                    self.put(format_args!("Q"));
                }
            }
            Element::Rectangle { corner, size, fill, stroke } => self.rectangle(*corner, *size, fill, *stroke),
            Element::Circle { centre, radius, fill, stroke } => {
                self.area(fill, Some(*stroke), |page| page.circle(*centre, *radius));
            }
            Element::Text { at, text, label } => self.text(*at, text, *label),
        }
    }

    fn path(&mut self, points: &[(f64, f64)]) {
        for (at, (x, y)) in points.iter().enumerate() {
            let operator = if at == 0 { 'm' } else { 'l' };
            self.put(format_args!("{} {} {operator}", short(*x), short(*y)));
        }
    }

    fn polyline(&mut self, points: &[(f64, f64)], stroke: Stroke) {
        self.stroke(stroke, ROUND);
        self.path(points);
        self.put(format_args!("S"));
    }

    fn rectangle(&mut self, corner: (f64, f64), size: (f64, f64), fill: &str, stroke: Option<Stroke>) {
        let [x, y, width, height] = [corner.0, corner.1, size.0, size.1].map(short);
        self.area(fill, stroke, |page| page.put(format_args!("{x} {y} {width} {height} re")));
    }

    /// Four curves, which leave a circle by less than a thousandth of its radius.
    fn circle(&mut self, (x, y): (f64, f64), r: f64) {
        let k = r * 0.552_284_75;
        let quarters = [
            [(x + r, y + k), (x + k, y + r), (x, y + r)],
            [(x - k, y + r), (x - r, y + k), (x - r, y)],
            [(x - r, y - k), (x - k, y - r), (x, y - r)],
            [(x + k, y - r), (x + r, y - k), (x + r, y)],
        ];
        self.put(format_args!("{} {} m", short(x + r), short(y)));
        for points in quarters {
            let [a, b, c] = points.map(|(x, y)| format!("{} {}", short(x), short(y)));
            self.put(format_args!("{a} {b} {c} c"));
        }
        self.put(format_args!("h"));
    }

    /// An area with its outline, if it has one. PDF wants to know how before it is told what.
    fn area(&mut self, fill: &str, stroke: Option<Stroke>, path: impl FnOnce(&mut Self)) {
        self.put(format_args!("{} rg", colour(fill)));
        if let Some(stroke) = stroke {
            self.stroke(stroke, MITRE);
        }
        path(self);
        self.put(format_args!("{}", if stroke.is_some() { "B" } else { "f" }));
    }

    fn stroke(&mut self, stroke: Stroke, join: u8) {
        self.put(format_args!("{} RG {} w {join} j [{}] 0 d", colour(stroke.colour), short(stroke.width), stroke.dash));
    }

    fn text(&mut self, at: (f64, f64), text: &str, label: Label) {
        if text.is_empty() {
            return;
        }
        let face = usize::from(label.bold);
        let (name, of) = FACES[face];
        let width = of.width(text, label.size);
        let back = match label.anchor {
            "middle" => width / 2.0,
            "end" => width,
            _ => 0.0,
        };
        // A letter's up is the canvas's down.
        let (x, y, turned) = match label.upright {
            true => (at.0, at.1 + back, "0 -1 -1 0"),
            false => (at.0 - back, at.1, "1 0 0 -1"),
        };
        let shown = format!("{turned} {} {} Tm <{}> Tj ET", short(x), short(y), self.told(text, face));
        let size = short(label.size);
        if label.halo && !label.upright {
            // Letters with white outlines below them would be there twice for whoever copies them: a veil does the same for the eye.
            self.opacities.insert(VEIL);
            let [left, top, wide, high] = [x - 2.0, y - label.size * 0.8, width + 4.0, label.size * 1.05].map(short);
            self.put(format_args!("q /G{VEIL} gs 1 1 1 rg {left} {top} {wide} {high} re f Q"));
        }
        self.put(format_args!("{} rg BT /{name} {size} Tf {shown}", colour(label.colour)));
    }

    /// The numbers of the characters of a text, as it is shown; what has no outline is noted.
    fn told(&mut self, text: &str, face: usize) -> String {
        let mut told = String::with_capacity(text.len() * 4);
        for character in text.chars() {
            let character = if character.is_control() { ' ' } else { character };
            if FACES[face].1.find(character).is_none() {
                self.lacking.insert(character);
            }
            // A character beyond 16 bits has no number here.
            let number = u16::try_from(u32::from(character)).unwrap_or(0xfffd);
            self.used[face].insert(number);
            let _ = write!(told, "{number:04X}");
        }
        told
    }

    fn finish(self, title: &str, size: (f64, f64)) -> (Vec<u8>, BTreeSet<char>) {
        let mut objects = Objects::default();
        let [catalogue, tree, page, content, info] = std::array::from_fn(|_| objects.reserve());
        let mut fonts = String::new();
        for ((name, face), used) in FACES.iter().zip(&self.used).filter(|(_, used)| !used.is_empty()) {
            let number = self::face(&mut objects, face, used);
            let _ = write!(fonts, "/{name} {number} 0 R");
        }
        let states =
            self.opacities.iter().map(|percent| format!("/G{percent} <</ca {}>>", f64::from(*percent) / 100.0));
        let states: String = states.collect();
        objects.put(catalogue, &format!("<</Type /Catalog /Pages {tree} 0 R /Lang (en)>>"));
        objects.put(tree, &format!("<</Type /Pages /Kids [{page} 0 R] /Count 1>>"));
        objects.put(
            page,
            &format!(
                "<</Type /Page /Parent {tree} 0 R /MediaBox [0 0 {} {}] /Contents {content} 0 R /Resources <</Font <<{fonts}>> /ExtGState \
                 <<{states}>>>>>>",
                short(size.0),
                short(size.1)
            ),
        );
        objects.stream(content, "/Filter /FlateDecode", &compress_to_vec_zlib(self.content.as_bytes(), LEVEL));
        let title: String = title.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
        objects.put(info, &format!("<</Title <FEFF{title}> /Producer (Voxomics)>>"));
        (objects.finish(catalogue, info), self.lacking)
    }
}

/// A face with the characters that are used of it, each by its own number; returns the number of the font.
fn face(objects: &mut Objects, face: &Face, used: &BTreeSet<u16>) -> usize {
    let [font, descendant, descriptor, outlines, glyphs, unicode] = std::array::from_fn(|_| objects.reserve());
    let name = face.name;
    let known = || used.iter().filter_map(|number| face.numbered(*number));
    let widths: String = known()
        .map(|glyph| format!("{} [{}] ", glyph.character, short(f64::from(glyph.width) * 1000.0 / EM)))
        .collect();
    objects.put(
        font,
        &format!(
            "<</Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H /DescendantFonts [{descendant} 0 R] /ToUnicode {unicode} 0 R>>"
        ),
    );
    objects.put(
        descendant,
        &format!(
            "<</Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>> \
             /FontDescriptor {descriptor} 0 R /DW 1000 /W [{widths}] /CIDToGIDMap {glyphs} 0 R>>"
        ),
    );
    // Box, ascent, descent and height of capitals are those of Liberation Sans in thousandths.
    objects.put(
        descriptor,
        &format!(
            "<</Type /FontDescriptor /FontName /{name} /Flags 32 /FontBBox [-544 -303 1302 980] /ItalicAngle 0 /Ascent 905 /Descent -212 \
             /CapHeight 729 /StemV {} /FontFile2 {outlines} 0 R>>",
            face.stem
        ),
    );
    objects.stream(outlines, &format!("/Filter /FlateDecode /Length1 {}", face.outlines_length), face.outlines);
    let last = used.last().map_or(0, |number| usize::from(*number));
    let mut map = vec![0; (last + 1) * 2];
    for glyph in known() {
        let at = usize::from(glyph.character) * 2;
        map[at..at + 2].copy_from_slice(&glyph.glyph.to_be_bytes());
    }
    objects.stream(glyphs, "/Filter /FlateDecode", &compress_to_vec_zlib(&map, LEVEL));
    objects.stream(unicode, "", unicode_map(used).as_bytes());
    font
}

/// The table that says that the number of a character is what it is in Unicode.
fn unicode_map(used: &BTreeSet<u16>) -> String {
    // At most a hundred of them may stand together.
    let numbers: Vec<String> = used.iter().map(|number| format!("<{number:04X}> <{number:04X}>\n")).collect();
    let of_numbers =
        numbers.chunks(100).map(|part| format!("{} beginbfchar\n{}endbfchar\n", part.len(), part.concat()));
    format!(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> \
         def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{}endcmap\n\
         CMapName currentdict /CMap defineresource pop\nend\nend\n",
        of_numbers.collect::<String>()
    )
}

/// A number of at most three decimals, which is a thousandth of a line's width.
fn short(value: f64) -> String {
    digits(value, 3)
}

/// A number with the digits that the size of a page needs.
fn exact(value: f64) -> String {
    digits(value, 6)
}

fn digits(value: f64, decimals: usize) -> String {
    debug_assert!(value.is_finite(), "a coordinate that is not finite");
    let written = format!("{:.decimals$}", if value.is_finite() { value } else { 0.0 });
    let trimmed = if written.contains('.') { written.trim_end_matches('0').trim_end_matches('.') } else { &written };
    if trimmed == "-0" { "0".to_owned() } else { trimmed.to_owned() }
}

/// Red, green and blue of `#rgb` and `#rrggbb`, 0 to 1.
fn colour(written: &str) -> String {
    let hex = written.trim_start_matches('#');
    let parts: [Option<u8>; 3] = std::array::from_fn(|at| match hex.len() {
        3 => hex.get(at..at + 1).and_then(|digit| u8::from_str_radix(digit, 16).ok()).map(|digit| digit * 17),
        _ => hex.get(at * 2..at * 2 + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok()),
    });
    debug_assert!(parts.iter().all(Option::is_some), "{written} is no colour");
    parts.map(|part| short(f64::from(part.unwrap_or(0)) / 255.0)).join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_colours_are_as_pdf_has_them() {
        assert_eq!([1.0, -0.0, 0.12345, 1e-9, -2.5].map(short), ["1", "0", "0.123", "0", "-2.5"]);
        assert_eq!(colour("#fff"), "1 1 1");
        assert_eq!(colour("#0072B2"), "0 0.447 0.698");
    }
}
