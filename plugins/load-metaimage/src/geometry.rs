//! From a header's fields to a grid in patient space (LPS).

use voxomics_reading::{
    geometry::{Placement, Steps, length},
    header,
};

use crate::error::Fault;
use crate::header::Header;
use crate::layout::value;

/// How far the length of a direction may be from 1: numbers are written with six digits.
const UNIT_ROUNDING: f64 = 1e-4;

/// Places the voxels; whatever was assumed is told in `notes`.
///
/// # Errors
/// If there is no spacing, or if the numbers make no grid at right angles.
pub fn place(header: &Header, notes: &mut Vec<String>) -> Result<Placement, Fault> {
    if let Some(found) = header.get("DistanceUnits").filter(|unit| !["", "mm", "?"].contains(unit)) {
        return Err(Fault::Unsupported { field: "DistanceUnits", found: found.into(), supported: "mm" });
    }
    // `ElementSize` is the extent of a voxel, which is the spacing only if nothing else says so.
    let spacing = match header.get("ElementSpacing") {
        Some(text) => numbers("ElementSpacing", text)?,
        None => match header.get("ElementSize") {
            Some(text) => {
                notes.push("the header has no `ElementSpacing`: `ElementSize` taken instead".into());
                numbers("ElementSize", text)?
            }
            None => return Err(Fault::Missing { field: "ElementSpacing" }),
        },
    };
    if spacing.iter().any(|mm: &f64| *mm <= 0.0) {
        return Err(value("ElementSpacing", &format!("{spacing:?}"), "numbers above 0"));
    }
    let direction = match header.one_of(&["TransformMatrix", "Orientation", "Rotation"])? {
        Some((field, text)) => {
            let all: [f64; 9] = numbers(field, text)?;
            let axes: [[f64; 3]; 3] = std::array::from_fn(|axis| std::array::from_fn(|i| all[3 * axis + i]));
            if axes.iter().any(|axis| (length(*axis) - 1.0).abs() > UNIT_ROUNDING) {
                return Err(value(field, text, "three vectors of length 1"));
            }
            axes.map(|axis| axis.map(|x| x / length(axis)))
        }
        None => {
            notes.push("the header has no `TransformMatrix`: axes taken as left, posterior, superior".into());
            [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
        }
    };
    let origin = match header.one_of(&["Offset", "Position", "Origin"])? {
        Some((field, text)) => numbers(field, text)?,
        None => {
            notes.push("the header has no `Offset`: the first voxel taken to be at 0".into());
            [0.0; 3]
        }
    };
    let axes = std::array::from_fn(|axis| direction[axis].map(|x| x * spacing[axis]));
    // The stored spacing to its last digit: the length of a step is a rounding away from it.
    Ok(Placement { spacing, ..Steps { axes, origin }.place()?.mirrored([1.0; 3]) })
}

fn numbers<const N: usize>(field: &'static str, text: &str) -> Result<[f64; N], Fault> {
    header::numbers(text).and_then(|all| all.try_into().ok()).ok_or_else(|| value(field, text, &format!("{N} numbers")))
}
