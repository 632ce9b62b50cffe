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
/// Relative difference of two spacings that rounding does not explain.
const SAME_SPACING: f64 = 1e-3;

/// Places the voxels; whatever was assumed is told in `notes`.
///
/// # Errors
/// If there is no spacing, or if the numbers make no grid at right angles.
pub fn place(header: &Header, notes: &mut Vec<String>) -> Result<Placement, Fault> {
    if let Some(found) = header.get("DistanceUnits").filter(|unit| !["", "mm", "?"].contains(unit)) {
        return Err(Fault::Unsupported { field: "DistanceUnits", found: found.into(), supported: "mm" });
    }
    let axes = header.axes();
    if axes == 2 {
        notes.push("two axes: taken as left and posterior, the only slice as 1 mm thick".into());
    }
    // `ElementSize` is the extent of a voxel, which is the spacing only if nothing else says so.
    let size = header.get("ElementSize").map(|text| in_space("ElementSize", text, axes, 1.0)).transpose()?;
    let spacing = match (header.get("ElementSpacing"), size) {
        (Some(text), size) => {
            let spacing = in_space("ElementSpacing", text, axes, 1.0)?;
            if let Some(size) = size.filter(|size| differ(*size, spacing)) {
                notes.push(format!(
                    "`ElementSize`, the extent of a voxel, is {size:?} mm, `ElementSpacing` {spacing:?} mm: the spacing counts"
                ));
            }
            spacing
        }
        (None, Some(size)) => {
            notes.push("the header has no `ElementSpacing`: `ElementSize` taken instead".into());
            size
        }
        (None, None) => return Err(Fault::Missing { field: "ElementSpacing" }),
    };
    if spacing.iter().any(|mm: &f64| *mm <= 0.0) {
        return Err(value("ElementSpacing", &format!("{spacing:?}"), "numbers above 0"));
    }
    let matrix = |field: &'static str, text: &str| matrix(field, text, axes);
    let direction = match header.one_of(&["TransformMatrix", "Orientation", "Rotation"], matrix)? {
        Some((field, direction)) => {
            if direction.iter().any(|axis| (length(*axis) - 1.0).abs() > UNIT_ROUNDING) {
                return Err(value(field, header.get(field).unwrap_or_default(), "vectors of length 1"));
            }
            direction.map(|axis| axis.map(|x| x / length(axis)))
        }
        None => {
            notes.push("the header has no `TransformMatrix`: axes taken as left, posterior, superior".into());
            [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
        }
    };
    let place = |field: &'static str, text: &str| in_space(field, text, axes, 0.0);
    let origin = match header.one_of(&["Offset", "Position", "Origin"], place)? {
        Some((_, origin)) => origin,
        None => {
            notes.push("the header has no `Offset`: the first voxel taken to be at 0".into());
            [0.0; 3]
        }
    };
    let axes = std::array::from_fn(|axis| direction[axis].map(|x| x * spacing[axis]));
    // The stored spacing to its last digit: the length of a step is a rounding away from it.
    Ok(Placement { spacing, ..Steps { axes, origin }.place()?.mirrored([1.0; 3]) })
}

/// Whether two spacings differ by more than rounding explains.
fn differ(a: [f64; 3], b: [f64; 3]) -> bool {
    a.iter().zip(b).any(|(a, b)| (a - b).abs() > SAME_SPACING * b.abs())
}

/// A number for each axis, of which those of space come first; `third` for an axis of space that there is not.
fn in_space(field: &'static str, text: &str, axes: usize, third: f64) -> Result<[f64; 3], Fault> {
    let all = header::numbers::<f64>(text).filter(|all| all.len() == axes);
    let first = all.and_then(|mut all| {
        all.resize(axes.max(3), third);
        all.first_chunk().copied()
    });
    first.ok_or_else(|| value(field, text, &format!("{axes} numbers")))
}

/// The directions of the axes of space, which no other axis has a part in; the third of a plane is superior.
fn matrix(field: &'static str, text: &str, axes: usize) -> Result<[[f64; 3]; 3], Fault> {
    let all = header::numbers::<f64>(text)
        .filter(|all| all.len() == axes * axes)
        .ok_or_else(|| value(field, text, &format!("{} numbers", axes * axes)))?;
    let mixed = (0..axes * axes).any(|at| {
        let (row, column) = (at / axes, at % axes);
        row.max(column) >= 3 && row != column && all[at] != 0.0
    });
    if mixed {
        return Err(value(field, text, "axes beyond the third that are independent of the others"));
    }
    let stated = |axis: usize, i: usize| axis.max(i) < axes;
    Ok(std::array::from_fn(|axis| {
        std::array::from_fn(|i| if stated(axis, i) { all[axes * axis + i] } else { f64::from(u8::from(axis == i)) })
    }))
}
