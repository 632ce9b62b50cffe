//! Colours, dashes and markers that tell groups apart in colour, in grey and to colour-blind readers.

/// Shape of a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// A disc.
    Circle,
    /// A square.
    Square,
    /// A square on its corner.
    Diamond,
    /// A triangle that points up.
    Triangle,
    /// A triangle that points down.
    Inverted,
}

/// How one of several groups is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Colour of lines, markers and bands.
    pub colour: &'static str,
    /// Dash pattern of lines.
    pub dash: &'static str,
    /// Marker.
    pub marker: Marker,
}

/// Colours of Okabe and Ito (Color Universal Design, jfly.uni-koeln.de/color, 2008) without the yellow, which white
/// paper swallows; neighbours differ in lightness too.
const STYLES: [Style; 7] = [
    Style { colour: BLUE, dash: "", marker: Marker::Circle },
    Style { colour: VERMILLION, dash: "7 3", marker: Marker::Square },
    Style { colour: "#009E73", dash: "2 2.5", marker: Marker::Triangle },
    Style { colour: "#000000", dash: "9 3 2 3", marker: Marker::Diamond },
    Style { colour: "#CC79A7", dash: "4 2", marker: Marker::Inverted },
    Style { colour: "#E69F00", dash: "12 4", marker: Marker::Circle },
    Style { colour: "#56B4E9", dash: "1 2", marker: Marker::Square },
];

/// Blue of the palette, for the one thing that a figure shows.
pub const BLUE: &str = "#0072B2";
/// Vermillion of the palette, for what is against it.
pub const VERMILLION: &str = "#D55E00";
/// Text and axes.
pub const INK: &str = "#222";
/// Secondary text.
pub const MUTED: &str = "#595959";
/// Reference lines.
pub const REFERENCE: &str = "#777";
/// Grid lines.
pub const GRID: &str = "#e7e7e4";

/// The style of a group; they repeat after seven.
pub fn of(index: usize) -> Style {
    STYLES[index % STYLES.len()]
}
