//! Contours as a file writes them: their kind, and their points (DICOM PS3.3, C.8.8.6).

use dicom_dictionary_std::tags;

use crate::error::ReadError;
use crate::names;
use crate::object::Item;

/// Points no further apart, mm, are one.
const SAME_POINT: f64 = 1e-3;

/// What a contour is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A polygon. Those of a region on a slice are joined by the even-odd rule, which is what `CLOSEDPLANAR_XOR` asks for and
    /// what holes among `CLOSED_PLANAR` are drawn by.
    Closed,
    /// A point or a line.
    Open,
}

/// All that `ContourGeometricType` can be (DICOM PS3.3, C.8.8.6).
const KINDS: [(&str, Kind); 5] = [
    ("CLOSED_PLANAR", Kind::Closed),
    ("CLOSEDPLANAR_XOR", Kind::Closed),
    ("OPEN_PLANAR", Kind::Open),
    ("OPEN_NONPLANAR", Kind::Open),
    ("POINT", Kind::Open),
];

impl Kind {
    fn of(name: &str) -> Option<Self> {
        KINDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }
}

/// Whether a contour may enclose an area, as far as can be told without reading its points; one of an unknown kind may.
pub fn may_enclose(contour: Item<'_>) -> bool {
    let kind = contour.text(tags::CONTOUR_GEOMETRIC_TYPE).and_then(|kind| Kind::of(&kind));
    let coordinates =
        contour.bytes(tags::CONTOUR_DATA).unwrap_or_default().iter().filter(|byte| **byte == b'\\').count();
    kind != Some(Kind::Open) && coordinates >= 8
}

/// The kind of a contour, and its points, LPS in mm.
pub type Outline = (Kind, Vec<[f64; 3]>);

/// Reads a contour; or says what is wrong with it, to follow "has a contour, number 3, ".
///
/// # Errors
/// If its coordinates are no numbers.
pub fn read(contour: Item<'_>) -> Result<Result<Outline, String>, ReadError> {
    let kind = contour.text(tags::CONTOUR_GEOMETRIC_TYPE).unwrap_or_default();
    let Some(known) = Kind::of(&kind) else {
        return Ok(Err(format!(
            "whose ContourGeometricType is \"{}\", expected one of {}; correct the attribute or export it again",
            names::plain(&kind),
            KINDS.map(|(name, _)| name).join(", ")
        )));
    };
    let numbers = contour.floats(tags::CONTOUR_DATA)?.unwrap_or_default();
    let (points, rest) = numbers.as_chunks::<3>();
    let promised = contour.int(tags::NUMBER_OF_CONTOUR_POINTS)?;
    if !rest.is_empty() || promised.is_some_and(|promised| promised != points.len() as i64) {
        let promised = promised.map_or_else(|| "whole points".into(), |n| format!("{n} points"));
        let found = numbers.len();
        return Ok(Err(format!("of {found} coordinates, expected {promised} of three each; export it again")));
    }
    Ok(Ok((known, points.to_vec())))
}

/// The points of an outline that is run through once, where a list runs through it several times; or nothing, if it does not.
/// The even-odd rule would find no voxel between two rounds.
pub fn one_round(points: &[[f64; 3]]) -> Option<Vec<[f64; 3]>> {
    let is_same = |a: &[f64; 3], b: &[f64; 3]| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= SAME_POINT);
    // Each round may end with its first point, the last one, too.
    let mut plain: Vec<[f64; 3]> = Vec::with_capacity(points.len());
    for point in points {
        if plain.last().is_none_or(|last| !is_same(last, point)) {
            plain.push(*point);
        }
    }
    if plain.len() > 1 && is_same(&plain[0], &plain[plain.len() - 1]) {
        plain.pop();
    }
    let all = plain.len();
    let repeats = |period: &usize| (*period..all).all(|at| is_same(&plain[at], &plain[at % period]));
    let period = (3..=all / 2).filter(|period| all.is_multiple_of(*period)).find(repeats)?;
    plain.truncate(period);
    Some(plain)
}
