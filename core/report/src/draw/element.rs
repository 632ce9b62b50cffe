//! What is drawn: lines, areas and text, in the units of a canvas whose y points down.

use super::text::Label;

/// How a line is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Stroke {
    /// Colour.
    pub colour: &'static str,
    /// Width.
    pub width: f64,
    /// Lengths of dashes and gaps; none for a solid line.
    pub dash: &'static str,
}

impl Stroke {
    /// A solid line.
    pub const fn solid(colour: &'static str, width: f64) -> Self {
        Self { colour, width, dash: "" }
    }

    /// A dashed line.
    pub const fn dashed(colour: &'static str, width: f64, dash: &'static str) -> Self {
        Self { colour, width, dash }
    }
}

/// A piece of a drawing.
#[derive(Debug, Clone)]
pub enum Element {
    /// A line between two points.
    Line {
        /// One end.
        from: (f64, f64),
        /// The other.
        to: (f64, f64),
        /// How it is drawn.
        stroke: Stroke,
    },
    /// A line through points.
    Polyline {
        /// The points.
        points: Vec<(f64, f64)>,
        /// How it is drawn.
        stroke: Stroke,
    },
    /// A closed area.
    Polygon {
        /// Its corners.
        points: Vec<(f64, f64)>,
        /// Colour.
        fill: &'static str,
        /// How much of what lies under it it hides, 0 to 1; none of an area that hides all.
        opacity: Option<f64>,
        /// Its outline, if it has one.
        stroke: Option<Stroke>,
    },
    /// A rectangle.
    Rectangle {
        /// Its upper left corner.
        corner: (f64, f64),
        /// Width and height.
        size: (f64, f64),
        /// Colour.
        fill: &'static str,
        /// Its outline, if it has one.
        stroke: Option<Stroke>,
    },
    /// A disc.
    Circle {
        /// Its middle.
        centre: (f64, f64),
        /// Its radius.
        radius: f64,
        /// Colour.
        fill: &'static str,
        /// Its outline.
        stroke: Stroke,
    },
    /// Text.
    Text {
        /// Where it stands, on its base line.
        at: (f64, f64),
        /// What it says.
        text: String,
        /// How it is set.
        label: Label,
    },
}

impl Element {
    /// The same elsewhere.
    pub fn moved(&self, (dx, dy): (f64, f64)) -> Self {
        let to = |at: &(f64, f64)| (at.0 + dx, at.1 + dy);
        let all = |points: &[(f64, f64)]| points.iter().map(to).collect();
        match self {
            Self::Line { from, to: end, stroke } => Self::Line { from: to(from), to: to(end), stroke: *stroke },
            Self::Polyline { points, stroke } => Self::Polyline { points: all(points), stroke: *stroke },
            Self::Polygon { points, fill, opacity, stroke } => {
                Self::Polygon { points: all(points), fill, opacity: *opacity, stroke: *stroke }
            }
            Self::Rectangle { corner, size, fill, stroke } => {
                Self::Rectangle { corner: to(corner), size: *size, fill, stroke: *stroke }
            }
            Self::Circle { centre, radius, fill, stroke } => {
                Self::Circle { centre: to(centre), radius: *radius, fill, stroke: *stroke }
            }
            Self::Text { at, text, label } => Self::Text { at: to(at), text: text.clone(), label: *label },
        }
    }
}
