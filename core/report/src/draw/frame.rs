//! The frame of a plot: axes with ticks, titles and grid, and the room within.

use super::{
    Drawing, Stroke,
    scale::Scale,
    style::{GRID, INK, MUTED, REFERENCE},
    text::{self, Label},
};

/// Size of tick labels.
pub const TICK: f64 = 11.5;
/// Size of axis titles and legends.
pub const TITLE: f64 = 12.5;

/// The room of a plot and its two scales.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// Left edge.
    pub left: f64,
    /// Top edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Bottom edge.
    pub bottom: f64,
    /// Scale of x over the width.
    pub x: Scale,
    /// Scale of y over the height, upwards.
    pub y: Scale,
}

/// The titles of the axes.
#[derive(Debug, Clone, Copy)]
pub struct Titles<'a> {
    /// Below.
    pub x: &'a str,
    /// At the left, upwards.
    pub y: &'a str,
}

impl Frame {
    /// A frame in a canvas of this size; `top` and `bottom` are the margins there, room for labels at the left is found.
    pub fn new(canvas: (f64, f64), top: f64, bottom: f64, x: Scale, y: Scale) -> Self {
        let widest = y.ticks(6).iter().map(|(_, label)| text::width(label, TICK)).fold(0.0, f64::max);
        let left = 30.0 + widest;
        let (right, bottom) = (canvas.0 - 14.0, canvas.1 - bottom);
        Self { left, top, right, bottom, x: x.over(left, right), y: y.over(bottom, top) }
    }

    /// Draws grid, axes, ticks and titles.
    pub fn draw(&self, drawing: &mut Drawing, titles: Titles<'_>) {
        let ticks = self.x.ticks(if self.right - self.left > 360.0 { 7 } else { 5 });
        self.horizontal(drawing, &ticks, titles.x);
        self.vertical(drawing, titles.y);
    }

    /// Draws the x axis with ticks of one's own.
    pub fn horizontal(&self, drawing: &mut Drawing, ticks: &[(f64, String)], title: &str) {
        drawing.line((self.left, self.bottom), (self.right, self.bottom), Stroke::solid(INK, 1.0));
        for (tick, label) in ticks {
            let Some(x) = self.x.at(*tick) else { continue };
            drawing.line((x, self.bottom), (x, self.bottom + 4.0), Stroke::solid(INK, 1.0));
            drawing.text((x, self.bottom + 16.5), label, Label::middle(TICK));
        }
        let title = text::fit(title, TITLE, self.right - self.left + 16.0);
        drawing.text(((self.left + self.right) / 2.0, self.bottom + 35.0), &title, Label::middle(TITLE));
    }

    /// Draws the y axis and the grid.
    pub fn vertical(&self, drawing: &mut Drawing, title: &str) {
        for (tick, label) in self.y.ticks(6) {
            let Some(y) = self.y.at(tick) else { continue };
            drawing.line((self.left, y), (self.right, y), Stroke::solid(GRID, 1.0));
            drawing.line((self.left - 4.0, y), (self.left, y), Stroke::solid(INK, 1.0));
            drawing.text((self.left - 7.0, y + 4.0), &label, Label::end(TICK));
        }
        drawing.line((self.left, self.top), (self.left, self.bottom), Stroke::solid(INK, 1.0));
        let title = text::fit(title, TITLE, self.bottom - self.top + 16.0);
        drawing.text((13.0, (self.top + self.bottom) / 2.0), &title, Label::middle(TITLE).upright());
    }

    /// Position of a point, if both scales can place it.
    pub fn at(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        Some((self.x.at(x)?, self.y.at(y)?))
    }

    /// Positions of those points that can be placed.
    pub fn all(&self, points: impl IntoIterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
        points.into_iter().filter_map(|(x, y)| self.at(x, y)).collect()
    }

    /// A dashed line across the room at a value of y.
    pub fn across(&self, drawing: &mut Drawing, value: f64) {
        if let Some(y) = self.y.at(value).filter(|_| self.y.holds(value)) {
            drawing.line((self.left, y), (self.right, y), Stroke::dashed(REFERENCE, 1.0, "3 3"));
        }
    }

    /// Lines of text in a corner of the room, the first line at the top.
    pub fn note(&self, drawing: &mut Drawing, corner: Corner, lines: &[String]) {
        let room = self.right - self.left - 16.0;
        let lines: Vec<String> = lines.iter().flat_map(|line| text::wrap(line, TITLE, room, 2)).collect();
        let height = 16.0 * lines.len() as f64;
        let (x, label) = match corner {
            Corner::BottomLeft | Corner::TopLeft => (self.left + 10.0, Label::start(TITLE)),
            Corner::BottomRight | Corner::TopRight => (self.right - 8.0, Label::end(TITLE)),
        };
        let top = match corner {
            Corner::TopLeft | Corner::TopRight => self.top + 14.0,
            Corner::BottomLeft | Corner::BottomRight => self.bottom - height + 6.0,
        };
        for (index, line) in lines.iter().enumerate() {
            drawing.text((x, top + 16.0 * index as f64), line, label.halo());
        }
    }
}

/// A corner of the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Corner {
    /// Top left.
    TopLeft,
    /// Top right.
    TopRight,
    /// Bottom left.
    BottomLeft,
    /// Bottom right.
    BottomRight,
}

/// An entry of a legend: what it says, and how its line is drawn.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Text.
    pub text: String,
    /// Its line.
    pub stroke: Stroke,
}

/// Height of a legend row.
pub const ROW: f64 = 17.0;

/// A legend, an entry a row, from a point down.
pub fn legend(drawing: &mut Drawing, at: (f64, f64), room: f64, entries: &[Entry]) {
    for (index, entry) in entries.iter().enumerate() {
        let y = at.1 + ROW * index as f64;
        drawing.line((at.0, y), (at.0 + 26.0, y), entry.stroke);
        let text = text::fit(&entry.text, TICK, room - 33.0);
        drawing.text((at.0 + 33.0, y + 4.0), &text, Label::start(TICK));
    }
}

/// A remark in small grey text.
pub fn remark(drawing: &mut Drawing, at: (f64, f64), text: &str) {
    drawing.text(at, text, Label { colour: MUTED, ..Label::start(TICK) });
}
