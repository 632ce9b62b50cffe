//! Whether what a survey tells can be read: the same code tries it that reads it in a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use dicom_dictionary_std::uids;
use voxomics_sdk::{Context, Grid, survey};

use crate::error::{Fault, ReadError};
use crate::images::Image;
use crate::object::Object;
use crate::outlines::{self, Tried};
use crate::series::{self, Series};
use crate::volumes::{Planned, Volumes};
use crate::{Config, volume};

/// What the program itself allows by default, in bytes of voxels.
const MOST: u64 = 4 << 30;

/// An image as outlines see it, without its voxels.
#[derive(Debug, Clone)]
pub struct Seen {
    /// What outlines can refer to.
    pub image: Arc<Image>,
    /// Where its voxels are.
    pub grid: Grid,
    /// Whether only reading its pixels tells whether they are sound: they are compressed, or a mapping has to cover them.
    pub needs_pixels: bool,
}

impl Seen {
    /// What is known of a planned volume.
    pub fn new(plan: &Planned<'_>, series: &[&Object]) -> Option<Self> {
        let [rows, columns] = plan.layouts.first()?.format.size;
        let placement = &plan.stack.placement;
        let grid = Grid {
            dims: [columns, rows, plan.frames.len()].map(|n| n as u64),
            spacing: placement.spacing,
            origin: placement.origin,
            direction: placement.direction,
        };
        let needs_pixels = plan.layouts.iter().any(|layout| layout.is_compressed())
            || plan.frames.iter().any(|frame| frame.covers.is_some());
        Some(Self { image: Arc::new(Image::new(series, grid)?), grid, needs_pixels })
    }
}

/// Why the pixels of a volume, by its place in the series, cannot be read.
///
/// # Errors
/// If the host gives up.
pub fn problem(
    series: &Series<'_>,
    index: usize,
    config: &Config,
    context: &Context,
) -> Result<Option<String>, ReadError> {
    let read = || {
        let volumes = Volumes::new(series, config.spacing_tolerance_mm)?;
        volume::read(&mut volumes.plan(index)?, MOST, context)
    };
    match read() {
        Ok(_) => Ok(None),
        Err(error) if matches!(error.fault, Fault::Cancelled(_)) => Err(error),
        Err(error) => Ok(Some(error.to_string())),
    }
}

/// What became of a region, and the warnings of it.
type Trial = (Tried, Vec<String>);

/// Tries every region of a file of outlines with every volume that it may belong to, and keeps what came of it.
///
/// # Errors
/// If the file cannot be read, or if the host gives up.
pub fn try_outlines(
    told: &mut survey::Outlines,
    object: &Object,
    volumes: &[(&survey::Series, &Seen)],
    (config, context): (&Config, &Context),
) -> Result<(), ReadError> {
    let numbers: Vec<u32> = told.regions.iter().filter(|region| !region.empty).map(|region| region.number).collect();
    let belongs = |volume: &survey::Series| match &told.series {
        Some(uid) => *uid == volume.uid || uid == series::uid(&volume.uid),
        None => told.candidates.iter().any(|uid| uid == series::uid(&volume.uid)),
    };
    let (own, others): (Vec<_>, Vec<_>) = volumes.iter().partition(|(volume, _)| belongs(volume));
    if own.is_empty() || numbers.is_empty() {
        return Ok(());
    }
    let whole = match object.sop_class() == uids::RT_STRUCTURE_SET_STORAGE {
        true => Some(Object::read(object.path())?),
        false => None,
    };
    // Volumes of one series on one grid are one for outlines.
    let mut known: Vec<(&Seen, Vec<Trial>)> = Vec::new();
    let mut all: Vec<(String, Vec<Trial>)> = Vec::new();
    for (volume, seen) in &own {
        let is_alike =
            |other: &&(&Seen, Vec<Trial>)| other.0.image.series == seen.image.series && other.0.grid == seen.grid;
        let tried = match known.iter().find(is_alike) {
            Some((_, tried)) => tried.clone(),
            None => {
                let object = whole.as_ref().unwrap_or(object);
                outlines::try_regions(object, (&seen.image, &seen.grid), &numbers, (config, context))?
            }
        };
        known.push((seen, tried.clone()));
        all.push((volume.uid.clone(), tried));
    }
    // An experiment may read them with other series of the same frame of reference, as a PET with its CT.
    let frames: Vec<&Option<String>> = own.iter().map(|(_, seen)| &seen.image.frame).collect();
    let of_frame = Config { of_frame: true, ..config.clone() };
    let mut also: Vec<(String, Vec<Trial>)> = Vec::new();
    for (volume, seen) in
        others.iter().filter(|(_, seen)| seen.image.frame.is_some() && frames.contains(&&seen.image.frame))
    {
        let object = whole.as_ref().unwrap_or(object);
        let tried = outlines::try_regions(object, (&seen.image, &seen.grid), &numbers, (&of_frame, context))?;
        also.push((volume.uid.clone(), tried));
    }
    let places: BTreeMap<u32, usize> = numbers.iter().copied().zip(0..).collect();
    for region in &mut told.regions {
        let Some(place) = places.get(&region.number) else { continue };
        for (uid, tried) in &all {
            let (outcome, warnings) = &tried[*place];
            match outcome {
                Tried::OnGrid => {}
                Tried::OffGrid => region.off_grid.push(uid.clone()),
                Tried::Refused(why) => drop(region.problems.insert(uid.clone(), why.clone())),
            }
            for warning in warnings {
                if !region.warnings.contains(warning) {
                    region.warnings.push(warning.clone());
                }
            }
        }
        let is_read = |trial: &Trial| !matches!(trial.0, Tried::Refused(_));
        region.also.extend(also.iter().filter(|(_, tried)| is_read(&tried[*place])).map(|(uid, _)| uid.clone()));
    }
    Ok(())
}
