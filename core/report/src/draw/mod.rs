//! Drawings as SVG, made by hand.
//!
//! A chart library was weighed and left out. What makes these figures readable in print and by everybody (dash patterns
//! and markers beside colours, numbers at risk under a curve, a title and a description for screen readers, text that
//! stays text) is what the SVG backends of such libraries do not offer, and what they do offer is axes with ticks: the
//! two small modules [`scale`] and [`frame`].

pub mod frame;
pub mod scale;
pub mod style;
pub mod text;

use std::{collections::BTreeSet, fmt::Write as _};

use style::Marker;
use text::Label;

/// A drawing: a canvas in units that a viewer scales, and what has been drawn on it, in order.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// Width of the canvas.
    pub width: f64,
    /// Height of the canvas.
    pub height: f64,
    body: String,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Stroke<'a> {
    /// Colour.
    pub colour: &'a str,
    /// Width.
    pub width: f64,
    /// Lengths of dashes and gaps; none for a solid line.
    pub dash: &'a str,
}

impl<'a> Stroke<'a> {
    /// A solid line.
    pub const fn solid(colour: &'a str, width: f64) -> Self {
        Self { colour, width, dash: "" }
    }

    /// A dashed line.
    pub const fn dashed(colour: &'a str, width: f64, dash: &'a str) -> Self {
        Self { colour, width, dash }
    }

    fn attributes(&self) -> String {
        let dash = if self.dash.is_empty() { String::new() } else { format!(r#" stroke-dasharray="{}""#, self.dash) };
        format!(r#"stroke="{}" stroke-width="{}"{dash}"#, self.colour, coordinate(self.width))
    }
}

impl Drawing {
    /// An empty canvas.
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.body.write_fmt(element);
        self.body.push('\n');
    }

    /// A line between two points.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: Stroke<'_>) {
        let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(coordinate);
        self.add(format_args!(r#"<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" {}/>"#, stroke.attributes()));
    }

    /// A line through points; nothing of fewer than two.
    pub fn polyline(&mut self, points: &[(f64, f64)], stroke: Stroke<'_>) {
        if points.len() > 1 {
            let points = list(points);
            self.add(format_args!(
                r#"<polyline points="{points}" fill="none" stroke-linejoin="round" {}/>"#,
                stroke.attributes()
            ));
        }
    }

    /// A filled area without an outline.
    pub fn polygon(&mut self, points: &[(f64, f64)], fill: &str, opacity: f64) {
        if points.len() > 2 {
            let points = list(points);
            self.add(format_args!(
                r#"<polygon points="{points}" fill="{fill}" fill-opacity="{}"/>"#,
                coordinate(opacity * 100.0).parse::<f64>().unwrap_or(100.0) / 100.0
            ));
        }
    }

    /// A rectangle: corner, size, filling, and an outline if it has one.
    pub fn rectangle(&mut self, corner: (f64, f64), size: (f64, f64), fill: &str, stroke: Option<Stroke<'_>>) {
        let [x, y, width, height] = [corner.0, corner.1, size.0.max(0.0), size.1.max(0.0)].map(coordinate);
        let stroke = stroke.map(|stroke| format!(" {}", stroke.attributes())).unwrap_or_default();
        self.add(format_args!(r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"{stroke}/>"#));
    }

    /// A marker at a point. A hollow one shows what lies under it only through its outline.
    pub fn marker(&mut self, at: (f64, f64), marker: Marker, radius: f64, colour: &str, hollow: bool) {
        let fill = if hollow { "#fff" } else { colour };
        let outline = Stroke::solid(if hollow { colour } else { "#fff" }, if hollow { 1.3 } else { 0.6 });
        let (x, y, r) = (at.0, at.1, radius);
        let corners = match marker {
            Marker::Circle => {
                let [x, y, r] = [x, y, r].map(coordinate);
                self.add(format_args!(r#"<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}" {}/>"#, outline.attributes()));
                return;
            }
            Marker::Square => vec![(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)],
            Marker::Diamond => {
                let r = r * 1.3;
                vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y)]
            }
            Marker::Triangle => vec![(x, y - r * 1.2), (x + r * 1.1, y + r * 0.8), (x - r * 1.1, y + r * 0.8)],
            Marker::Inverted => vec![(x, y + r * 1.2), (x + r * 1.1, y - r * 0.8), (x - r * 1.1, y - r * 0.8)],
        };
        let points = list(&corners);
        self.add(format_args!(r#"<polygon points="{points}" fill="{fill}" {}/>"#, outline.attributes()));
    }

    /// Text.
    pub fn text(&mut self, at: (f64, f64), text: &str, label: Label<'_>) {
        let [x, y] = [at.0, at.1].map(coordinate);
        let mut attributes = format!(r#"font-size="{}" fill="{}""#, coordinate(label.size), label.colour);
        if label.anchor != "start" {
            let _ = write!(attributes, r#" text-anchor="{}""#, label.anchor);
        }
        if label.bold {
            attributes.push_str(r#" font-weight="600""#);
        }
        if label.upright {
            let _ = write!(attributes, r#" transform="rotate(-90 {x} {y})""#);
        }
        if label.halo {
            attributes.push_str(r##" paint-order="stroke" stroke="#fff" stroke-width="3" stroke-linejoin="round""##);
        }
        self.add(format_args!(r#"<text x="{x}" y="{y}" {attributes}>{}</text>"#, escape(text)));
    }

    /// The SVG element, the same within a page and as a file of its own.
    ///
    /// `id` must be unique in the page. Drawings that leave the page still say that patients are simulated.
    pub fn finish(&self, id: &str, title: &str, description: &str, simulated: bool) -> String {
        let head = if simulated { 14.0 } else { 0.0 };
        let [width, height, top] = [self.width, self.height + head, -head].map(coordinate);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"{id}\" viewBox=\"0 {top} {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" \
             font-family=\"{}\">\n<title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n\
             <rect x=\"0\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n",
            text::FAMILY,
            escape(title),
            escape(description),
        );
        if simulated {
            let _ = writeln!(
                out,
                r##"<text x="{width}" y="-4" font-size="9" fill="#8a3800" text-anchor="end" font-weight="600" letter-spacing="1">SIMULATED PATIENTS</text>"##
            );
        }
        out.push_str(&self.body);
        out.push_str("</svg>");
        out
    }
}

/// Places on a canvas that are taken, so that of markers which would cover each other the first alone is drawn: of ten thousand points
/// a reader sees no more, and a page must hold them.
#[derive(Debug)]
pub struct Places {
    side: f64,
    taken: BTreeSet<(i64, i64)>,
}

/// Up to so many markers each is drawn, wherever it lies.
pub const MANY: usize = 1_000;

impl Places {
    /// For so many markers of a radius.
    pub fn new(markers: usize, radius: f64) -> Self {
        let side = if markers > MANY { radius * 0.7 } else { 0.0 };
        Self { side, taken: BTreeSet::new() }
    }

    /// Whether a marker is to be drawn here; the place is then taken.
    pub fn take(&mut self, at: (f64, f64)) -> bool {
        let cell = |along: f64| (along / self.side).round() as i64;
        self.side == 0.0 || self.taken.insert((cell(at.0), cell(at.1)))
    }
}

/// Text as it must stand in XML; characters that XML does not allow become U+FFFD.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            character if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            character => out.push(character),
        }
    }
    out
}

/// A coordinate to a tenth of a unit; what is not finite cannot be drawn and must not reach a file.
fn coordinate(value: f64) -> String {
    debug_assert!(value.is_finite(), "a coordinate that is not finite");
    if !value.is_finite() {
        return "0".to_owned();
    }
    let rounded = format!("{value:.1}");
    let trimmed = rounded.strip_suffix(".0").unwrap_or(&rounded);
    if trimmed == "-0" { "0".to_owned() } else { trimmed.to_owned() }
}

fn list(points: &[(f64, f64)]) -> String {
    let pairs: Vec<String> = points.iter().map(|&(x, y)| format!("{},{}", coordinate(x), coordinate(y))).collect();
    pairs.join(" ")
}
