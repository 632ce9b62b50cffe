//! Why the frames of a series make no stack, told with files and numbers.

use crate::apart::difference;
use crate::error::ReadError;
use crate::files;
use crate::frames::{Frame, frame_count};
use crate::geometry::Crooked;
use crate::names;
use crate::object::Object;

/// The error of a series.
pub fn explain(fault: Crooked, objects: &[&Object], frames: &[Frame]) -> ReadError {
    let folder = files::common_folder(objects.iter().map(|object| object.path()));
    let path = |plane: usize| objects[frames[plane].object].path();
    let name = |plane: usize| {
        let frame = &frames[plane];
        // Files of several folders may have one name.
        let file = objects[frame.object].path();
        let file = file.strip_prefix(&folder).unwrap_or(file).display().to_string();
        if matches!(frame_count(objects[frame.object].root()), Ok(1)) {
            file
        } else {
            format!("{file}, frame {}", frame.index + 1)
        }
    };
    let plane = |index: usize| &frames[index].plane;
    match fault {
        Crooked::NotUnit { plane, length } => ReadError::unfit(
            path(plane),
            format!(
                "ImageOrientationPatient of {} has a direction of length {length}, expected 1; correct the attribute",
                name(plane)
            ),
        ),
        Crooked::NotRight { plane, cosine } => ReadError::unfit(
            path(plane),
            format!(
                "the directions in ImageOrientationPatient of {} meet with a cosine of {cosine:.6}, expected right angles; \
                 correct the attribute",
                name(plane)
            ),
        ),
        Crooked::Orientations { planes: [a, b] } => ReadError::unfit(
            &folder,
            format!(
                "two orientations in one series: ImageOrientationPatient is {:?} in {} and {:?} in {}; keep the slices of \
                 each orientation in a folder of their own",
                plane(a).orientation,
                name(a),
                plane(b).orientation,
                name(b)
            ),
        ),
        Crooked::Sizes { planes: [a, b] } => ReadError::unfit(
            &folder,
            format!(
                "slices of different size in one series: {:?} rows and columns in {}, {:?} in {}; export the series again",
                plane(a).size,
                name(a),
                plane(b).size,
                name(b)
            ),
        ),
        Crooked::PixelSpacings { planes: [a, b] } => ReadError::unfit(
            &folder,
            format!(
                "slices of different PixelSpacing in one series: {:?} mm in {}, {:?} mm in {}; export the series again",
                plane(a).spacing,
                name(a),
                plane(b).spacing,
                name(b)
            ),
        ),
        Crooked::Twice { planes: [a, b], at } => ReadError::unfit(&folder, twice(objects, [a, b], frames, &name, at)),
        Crooked::Tilted { degrees, aside, plane } => ReadError::unfit(
            &folder,
            format!(
                "the slices do not follow their normal: {} lies {aside:.3} mm aside, which is a gantry tilt of {degrees:.3} \
                 degrees; resample the series onto a rectangular grid",
                name(plane)
            ),
        ),
        Crooked::Missing { planes: [a, b], at, gap, usual } => {
            let missing = names::count((gap / usual).round() as usize - 1, "slice is", "slices are");
            ReadError::unfit(
                &folder,
                format!(
                    "{missing} missing between {} at {:.3} mm and {} at {:.3} mm along the normal: {gap:.3} mm \
                     apart, expected {usual:.3} mm; find the missing files",
                    name(a),
                    at[0],
                    name(b),
                    at[1]
                ),
            )
        }
        Crooked::Uneven { planes: [a, b], gap, usual, tolerance } => ReadError::unfit(
            &folder,
            format!(
                "uneven slices: {} and {} are {gap:.4} mm apart, expected {usual:.4} mm within {tolerance:.4} mm; resample \
                 the series, or allow for it with `spacing_tolerance_mm`",
                name(a),
                name(b)
            ),
        ),
        Crooked::Stray { plane, off } => ReadError::unfit(
            &folder,
            format!(
                "uneven slices: {} is {off:.4} mm away from its place in an even stack; resample the series",
                name(plane)
            ),
        ),
        Crooked::Single => ReadError::unfit(
            &folder,
            "a single slice without SpacingBetweenSlices and SliceThickness: nothing tells how thick it is; add the \
             attribute, or the other slices",
        ),
        Crooked::Grid(crooked) => ReadError::unfit(&folder, crooked.to_string()),
    }
}

fn twice(objects: &[&Object], planes: [usize; 2], frames: &[Frame], name: &dyn Fn(usize) -> String, at: f64) -> String {
    let [a, b] = planes;
    let place = format!("two slices at the same place, {at:.3} mm along the normal: {} and {}", name(a), name(b));
    match difference(objects, &frames[a], &frames[b]) {
        Some((tag, [one, other])) => format!(
            "{place}, which differ in {}: \"{}\" and \"{}\"; a volume has one, keep each in a folder of its own",
            names::attribute(tag),
            names::plain(&one),
            names::plain(&other)
        ),
        None => format!("{place}; remove one of them"),
    }
}
