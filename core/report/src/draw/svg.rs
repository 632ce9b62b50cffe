//! A drawing as SVG.

use std::fmt::Write as _;

use super::{
    Drawing,
    element::{Element, Stroke},
    text,
};

/// What stands over a drawing of simulated patients: drawings leave the page that says so.
pub const SIMULATED: &str = "SIMULATED PATIENTS";
/// Colour of that.
pub const ALARM: &str = "#8a3800";
/// Its size.
pub const SIMULATED_SIZE: f64 = 10.0;
/// Room for it over the canvas.
pub const SIMULATED_ROOM: f64 = 15.0;

/// The SVG element of a drawing. Its size is that of its canvas, or a width in millimetres.
pub fn write(
    drawing: &Drawing,
    id: &str,
    (title, description): (&str, &str),
    simulated: bool,
    width_mm: Option<f64>,
) -> String {
    let head = if simulated { SIMULATED_ROOM } else { 0.0 };
    let [width, height, top] = [drawing.width, drawing.height + head, -head].map(coordinate);
    let (wide, high) = match width_mm {
        None => (width.clone(), height.clone()),
        Some(mm) => (format!("{mm}mm"), format!("{:.2}mm", (drawing.height + head) * mm / drawing.width)),
    };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"{id}\" viewBox=\"0 {top} {width} {height}\" width=\"{wide}\" \
         height=\"{high}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" \
         font-family=\"{}\">\n<title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n\
         <rect x=\"0\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n",
        text::FAMILY,
        escape(title),
        escape(description),
    );
    if simulated {
        let size = coordinate(SIMULATED_SIZE);
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            r#"<text x="{width}" y="-4" font-size="{size}" fill="{ALARM}" text-anchor="end" font-weight="600">{SIMULATED}</text>"#
        );
    }
    for element in drawing.elements() {
        out.push_str(&self::element(element));
        out.push('\n');
    }
    out.push_str("</svg>");
    out
}

fn element(element: &Element) -> String {
    match element {
        Element::Line { from, to, stroke } => {
            let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(coordinate);
            format!(r#"<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" {}/>"#, attributes(*stroke))
        }
        Element::Polyline { points, stroke } => format!(
            r#"<polyline points="{}" fill="none" stroke-linejoin="round" {}/>"#,
            list(points),
            attributes(*stroke)
        ),
        Element::Polygon { points, fill, opacity, stroke } => {
            let opacity = opacity.map(|share| format!(r#" fill-opacity="{}""#, hundredths(share))).unwrap_or_default();
            format!(r#"<polygon points="{}" fill="{fill}"{opacity}{}/>"#, list(points), outline(*stroke))
        }
        Element::Rectangle { corner, size, fill, stroke } => {
            let [x, y, width, height] = [corner.0, corner.1, size.0, size.1].map(coordinate);
            format!(r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"{}/>"#, outline(*stroke))
        }
        Element::Circle { centre, radius, fill, stroke } => {
            let [x, y, r] = [centre.0, centre.1, *radius].map(coordinate);
            format!(r#"<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}" {}/>"#, attributes(*stroke))
        }
        Element::Text { at, text, label } => {
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
                attributes
                    .push_str(r##" paint-order="stroke" stroke="#fff" stroke-width="3" stroke-linejoin="round""##);
            }
            format!(r#"<text x="{x}" y="{y}" {attributes}>{}</text>"#, escape(text))
        }
    }
}

fn attributes(stroke: Stroke) -> String {
    let dash = if stroke.dash.is_empty() { String::new() } else { format!(r#" stroke-dasharray="{}""#, stroke.dash) };
    format!(r#"stroke="{}" stroke-width="{}"{dash}"#, stroke.colour, coordinate(stroke.width))
}

fn outline(stroke: Option<Stroke>) -> String {
    stroke.map(|stroke| format!(" {}", attributes(stroke))).unwrap_or_default()
}

fn hundredths(share: f64) -> f64 {
    coordinate(share * 100.0).parse::<f64>().unwrap_or(100.0) / 100.0
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
