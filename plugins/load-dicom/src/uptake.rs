//! From a planned PET to SUV.

use crate::error::ReadError;
use crate::places::Place;
use crate::suv;
use crate::volumes::{Planned, Volumes};

/// Gives every frame of a volume the factor that makes SUV by body weight of it.
///
/// # Errors
/// If its values cannot become SUV.
pub fn to_suv(plan: &mut Planned<'_>, volumes: &Volumes<'_>) -> Result<(), ReadError> {
    let series: Vec<Place<'_>> = volumes.objects().iter().flat_map(|object| Place::all(object)).collect();
    let places: Vec<Vec<Place<'_>>> = plan.objects.iter().map(|object| Place::all(object)).collect();
    let ml = plan.stack.placement.spacing.iter().product::<f64>() / 1000.0;
    let mut frames = Vec::with_capacity(plan.frames.len());
    for frame in &plan.frames {
        let object = plan.objects[frame.object];
        let Some(place) = places[frame.object].get(frame.index).cloned() else {
            return Err(ReadError::unfit(object.path(), "a frame without functional groups, expected one item each"));
        };
        let unit = if place.is_grouped() { frame.unit.clone() } else { String::new() };
        let intercept = if frame.covers.is_some() { 0.0 } else { frame.scaling.intercept };
        frames.push(suv::Frame { place, unit, ml, intercept });
    }
    let suv = suv::factors(&frames, &series)?;
    for (frame, factor) in plan.frames.iter_mut().zip(suv.factors) {
        frame.scaling.slope *= factor;
        frame.scaling.intercept *= factor;
        frame.unit = SUV.into();
    }
    plan.notes.extend(suv.notes);
    plan.warnings.extend(suv.warnings);
    Ok(())
}

/// The unit of SUV by body weight.
pub const SUV: &str = "SUV by body weight, g/ml";
