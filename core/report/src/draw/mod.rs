//! Drawings, made by hand, and written as SVG and as PDF.
//!
//! A chart library was weighed and left out. What makes these figures readable in print and by everybody (dash patterns
//! and markers beside colours, numbers at risk under a curve, a title and a description for screen readers, text that
//! stays text) is what the SVG backends of such libraries do not offer, and what they do offer is axes with ticks: the
//! two small modules [`scale`] and [`frame`].

mod element;
pub mod face;
pub mod frame;
mod objects;
pub mod pdf;
pub mod scale;
pub mod style;
mod svg;
pub mod text;

use std::collections::BTreeSet;

pub use element::Stroke;
pub use svg::escape;

use element::Element;
use style::Marker;
use text::Label;

/// A drawing: a canvas in units that a viewer scales, and what has been drawn on it, in order.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// Width of the canvas.
    pub width: f64,
    /// Height of the canvas.
    pub height: f64,
    elements: Vec<Element>,
}

impl Drawing {
    /// An empty canvas.
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, elements: Vec::new() }
    }

    fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// A line between two points.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: Stroke) {
        self.elements.push(Element::Line { from, to, stroke });
    }

    /// A line through points; nothing of fewer than two.
    pub fn polyline(&mut self, points: &[(f64, f64)], stroke: Stroke) {
        if points.len() > 1 {
            self.elements.push(Element::Polyline { points: points.to_vec(), stroke });
        }
    }

    /// A filled area without an outline.
    pub fn polygon(&mut self, points: &[(f64, f64)], fill: &'static str, opacity: f64) {
        if points.len() > 2 {
            self.elements.push(Element::Polygon {
                points: points.to_vec(),
                fill,
                opacity: Some(opacity),
                stroke: None,
            });
        }
    }

    /// A rectangle: corner, size, filling, and an outline if it has one.
    pub fn rectangle(&mut self, corner: (f64, f64), size: (f64, f64), fill: &'static str, stroke: Option<Stroke>) {
        let size = (size.0.max(0.0), size.1.max(0.0));
        self.elements.push(Element::Rectangle { corner, size, fill, stroke });
    }

    /// A marker at a point. A hollow one shows what lies under it only through its outline.
    pub fn marker(&mut self, at: (f64, f64), marker: Marker, radius: f64, colour: &'static str, hollow: bool) {
        let fill = if hollow { "#fff" } else { colour };
        let stroke = Stroke::solid(if hollow { colour } else { "#fff" }, if hollow { 1.3 } else { 0.6 });
        let (x, y, r) = (at.0, at.1, radius);
        let points = match marker {
            Marker::Circle => return self.elements.push(Element::Circle { centre: at, radius, fill, stroke }),
            Marker::Square => vec![(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)],
            Marker::Diamond => {
                let r = r * 1.3;
                vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y)]
            }
            Marker::Triangle => vec![(x, y - r * 1.2), (x + r * 1.1, y + r * 0.8), (x - r * 1.1, y + r * 0.8)],
            Marker::Inverted => vec![(x, y + r * 1.2), (x + r * 1.1, y - r * 0.8), (x - r * 1.1, y - r * 0.8)],
        };
        self.elements.push(Element::Polygon { points, fill, opacity: None, stroke: Some(stroke) });
    }

    /// Text.
    pub fn text(&mut self, at: (f64, f64), text: &str, label: Label) {
        self.elements.push(Element::Text { at, text: text.to_owned(), label });
    }

    /// What another drawing has, with its upper left corner at a point.
    pub fn place(&mut self, other: &Self, at: (f64, f64)) {
        self.elements.extend(other.elements.iter().map(|element| element.moved(at)));
    }

    /// The SVG element, the same within a page and as a file of its own.
    ///
    /// `id` must be unique in the page. Drawings that leave the page still say that patients are simulated.
    pub fn finish(&self, id: &str, title: &str, description: &str, simulated: bool) -> String {
        svg::write(self, id, (title, description), simulated, None)
    }

    /// The same with a width in millimetres.
    pub fn sized(&self, id: &str, title: &str, description: &str, simulated: bool, width_mm: f64) -> String {
        svg::write(self, id, (title, description), simulated, Some(width_mm))
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
