//! From a header's fields to a grid in patient space.

use voxomics_reading::{
    geometry::{Placement, Steps, length},
    header::numbers,
};

use crate::directions::{directions, space, vectors};
use crate::error::{Fault, value};
use crate::header::Header;
use crate::layout::Layout;

/// Relative difference of two spacings that rounding does not explain.
const SAME_SPACING: f64 = 1e-3;

/// Places the voxels (DICOM patient coordinates, LPS); whatever was assumed is told in `notes`.
///
/// # Errors
/// If the space is not one of the patient's, if numbers are missing, or if they make no grid at right angles.
pub fn place(header: &Header, layout: &Layout, notes: &mut Vec<String>) -> Result<Placement, Fault> {
    check_units(header)?;
    let signs = signs(header)?;
    let spacings = spacings(header, layout)?;
    let axes = match (directions(header, layout.axes)?, spacings) {
        (Some(directions), spacings) => {
            signs.ok_or(Fault::Missing { field: "space" })?;
            // `Layout` takes no axis of space without a direction.
            let mut axes = layout.spatial.map(|axis| directions.get(axis).copied().flatten().unwrap_or([f64::NAN; 3]));
            if layout.is_plane() {
                axes[2] = across(axes[0], axes[1]);
            }
            agree(spacings, axes)?;
            axes
        }
        (None, Some(spacings)) => {
            let space = header.get("space").unwrap_or("left-posterior-superior");
            notes.push(format!("the header has no directions: axes taken as those of {space}, with `spacings`"));
            std::array::from_fn(|axis| std::array::from_fn(|i| if i == axis { spacings[axis] } else { 0.0 }))
        }
        (None, None) => return Err(Fault::Missing { field: "space directions" }),
    };
    if layout.is_plane() {
        notes.push("two axes of space: the only slice taken as 1 mm thick".into());
    }
    ends_agree(header, layout, axes.map(length))?;
    let origin = match header.get("space origin") {
        Some(text) if text != "none" => match vectors(text, space(header)).as_deref() {
            Some([Some(origin)]) => *origin,
            _ => return Err(value("space origin", text, "a number for each axis of space, such as (0,0,0)")),
        },
        _ => {
            notes.push("the header has no `space origin`: the first voxel taken to be at 0".into());
            [0.0; 3]
        }
    };
    Ok(Steps { axes, origin }.place()?.mirrored(signs.unwrap_or([1.0; 3])))
}

/// The step of 1 mm at right angles to two others.
fn across(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    let normal = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
    let long = length(normal);
    normal.map(|x| x / long)
}

/// The signs that turn the header's coordinates into LPS; `None` if it names no space.
fn signs(header: &Header) -> Result<Option<[f64; 3]>, Fault> {
    let supported = "left-posterior-superior, right-anterior-superior or left-anterior-superior";
    if space(header) == 2 {
        // Of a plane in a space of its own, as SimpleITK writes it, the axes are left and posterior.
        return Ok(Some([1.0; 3]));
    }
    if let Some(found) = header.get("space dimension") {
        return Err(Fault::Unsupported { field: "space dimension", found: found.into(), supported: "`space`" });
    }
    let Some(found) = header.get("space") else { return Ok(None) };
    match found.to_ascii_lowercase().as_str() {
        "left-posterior-superior" | "lps" => Ok(Some([1.0, 1.0, 1.0])),
        "right-anterior-superior" | "ras" => Ok(Some([-1.0, -1.0, 1.0])),
        "left-anterior-superior" | "las" => Ok(Some([1.0, -1.0, 1.0])),
        _ => Err(Fault::Unsupported { field: "space", found: found.into(), supported }),
    }
}

/// Any unit but millimetres would scale the scan.
fn check_units(header: &Header) -> Result<(), Fault> {
    let field = if header.get("space directions").is_some() { "space units" } else { "units" };
    let Some(text) = header.get(field) else { return Ok(()) };
    let known = ["", "mm", "millimeter", "millimetre", "millimeters", "millimetres"];
    // Between the first and the second quotation mark, the third and the fourth, …
    match text.split('"').skip(1).step_by(2).all(|unit| known.contains(&unit.trim())) {
        true => Ok(()),
        false => Err(Fault::Unsupported { field, found: text.into(), supported: "\"mm\" for every axis" }),
    }
}

fn spacings(header: &Header, layout: &Layout) -> Result<Option<[f64; 3]>, Fault> {
    let Some(text) = header.get("spacings") else { return Ok(None) };
    let all = numbers(text)
        .filter(|all: &Vec<f64>| all.len() == layout.axes)
        .ok_or_else(|| value("spacings", text, &format!("{} numbers, one for each axis", layout.axes)))?;
    Ok(Some(layout.spatial.map(|axis| all.get(axis).copied().unwrap_or(1.0))))
}

fn agree(spacings: Option<[f64; 3]>, axes: [[f64; 3]; 3]) -> Result<(), Fault> {
    let directions = axes.map(length);
    match spacings {
        Some(spacings) if (0..3).any(|i| (spacings[i] - directions[i]).abs() > SAME_SPACING * directions[i]) => {
            Err(Fault::Contradiction { spacings, directions })
        }
        _ => Ok(()),
    }
}

/// Whether the ends of the axes, where the header states them, are as far apart as the spacing says. Which of voxel edges
/// and centres they are, `centers` may say; either will do.
fn ends_agree(header: &Header, layout: &Layout, spacing: [f64; 3]) -> Result<(), Fault> {
    let of = |field: &str| numbers::<f64>(header.get(field)?).filter(|all| all.len() == layout.axes);
    let (Some(lower), Some(upper)) = (of("axis mins"), of("axis maxs")) else { return Ok(()) };
    let stated = if layout.is_plane() { 2 } else { 3 };
    for ((axis, spacing), size) in layout.spatial.into_iter().zip(spacing).zip(layout.dims).take(stated) {
        let extent = (upper[axis] - lower[axis]).abs();
        let by_ends = [extent / size as f64, extent / size.saturating_sub(1).max(1) as f64];
        // An end that is no number is not stated.
        if by_ends.iter().all(|stated| (stated - spacing).abs() > SAME_SPACING * spacing) {
            return Err(Fault::AxisContradiction { axis, spacing, by_ends });
        }
    }
    Ok(())
}
