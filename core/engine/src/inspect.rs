//! Looking at cases without computing a feature: everything up to the regions, as a run does it.

use serde::Serialize;
use voxomics_imaging::{mask, resegmentation::Resegmentation};

use crate::{
    cases::Case,
    host::{CaseHost, Services},
    output::Folder,
    pipeline::{self, Delineated},
    plan::Plan,
    preview,
    stages::{
        Fault,
        load::{self, Image},
        regions::Found,
        space::Space,
    },
};

/// Loaders log at this level what may make a number wrong.
const WARNING: u8 = voxomics_interface::codes::LOG_WARNING;

/// More components than these, largest first, get no picture: a noisy mask has thousands.
const MOST_PICTURES: usize = 20;

/// What was found of a case.
#[derive(Debug, Default, Serialize)]
pub struct Inspection {
    /// Number of voxels of the scan; none if it could not be read.
    pub dims: Option<[usize; 3]>,
    /// Distance of its voxel centres, mm.
    pub spacing_mm: Option<[f64; 3]>,
    /// Its modality, if the file says it, as DICOM writes it.
    pub modality: Option<String>,
    /// The regions that features would be computed of.
    pub regions: Vec<RegionFound>,
    /// What plugins and stages had to say.
    pub warnings: Vec<String>,
    /// Why the case, or a region of it, would have no features.
    pub faults: Vec<RegionFault>,
    /// Names of the pictures that were written.
    pub pictures: Vec<String>,
}

/// A region on the grid that its features would be computed on.
#[derive(Debug, PartialEq, Serialize)]
pub struct RegionFound {
    /// Its name, with the number of the component.
    pub region: String,
    /// Number of voxels.
    pub voxels: usize,
    /// Volume of these voxels, mL.
    pub millilitres: f64,
    /// Number of voxels that re-segmentation leaves; none if their intensities cannot be used.
    pub voxels_after_resegmentation: Option<usize>,
}

/// Why a case, or one region of it, would have no features.
#[derive(Debug, PartialEq, Serialize)]
pub struct RegionFault {
    /// The stage that found it.
    pub stage: &'static str,
    /// The region, if it is the fault of one.
    pub region: Option<String>,
    /// What was found, what was expected, what to do, with the file.
    pub message: String,
}

/// Where the pictures of a case go.
#[derive(Debug, Clone, Copy)]
pub struct Pictures<'a> {
    /// The folder.
    pub folder: &'a Folder,
    /// The name of the file, without its end; see [`preview::file_stems`].
    pub stem: &'a str,
}

/// Opens a case, and keeps of it but an account; nothing if the work was given up.
pub fn case(plan: &Plan, case: &Case, services: &Services, pictures: Option<Pictures<'_>>) -> Option<Inspection> {
    let host = CaseHost::new(services, &case.name);
    let mut inspection = Inspection::default();
    let mut faults = Vec::new();
    if let Err(fault) = look(plan, case, &host, pictures, &mut inspection, &mut faults) {
        faults.push(fault);
    }
    if faults.iter().any(|fault| fault.cancelled) {
        return None;
    }
    let account = |Fault { stage, region, message, .. }| RegionFault { stage, region, message };
    inspection.faults = faults.into_iter().map(account).collect();
    let warnings = host.lines().into_iter().filter(|line| line.level >= WARNING);
    inspection.warnings = warnings.map(|line| line.text).collect();
    Some(inspection)
}

fn look(
    plan: &Plan,
    case: &Case,
    host: &CaseHost,
    pictures: Option<Pictures<'_>>,
    inspection: &mut Inspection,
    faults: &mut Vec<Fault>,
) -> Result<(), Fault> {
    let (Image { scan, metadata }, outlined) = load::case(plan, case, host)?;
    inspection.dims = Some(scan.grid.dims);
    inspection.spacing_mm = Some(scan.grid.spacing);
    inspection.modality = metadata.get("Modality").and_then(serde_json::Value::as_str).map(str::to_owned);
    let Delineated { space, found, faults: of_regions } = pipeline::delineate(plan, case, &scan, outlined, host)?;
    faults.extend(of_regions);
    for region in &found {
        if host.is_cancelled() {
            return Err(Fault::cancelled("inspection"));
        }
        let kept = resegmented(plan, &space, region).map(|mask| mask::count(&mask));
        inspection.regions.push(RegionFound {
            region: plan.label(region),
            voxels: mask::count(&region.mask),
            millilitres: region.volume_ml(&space.grid),
            voxels_after_resegmentation: kept.as_ref().ok().copied(),
        });
        faults.extend(kept.err().map(|fault| fault.of_region(plan.label(region)).in_file(&case.image)));
    }
    if let Some(pictures) = pictures {
        inspection.pictures = draw(plan, &space, &found, &metadata, pictures, host)?;
    }
    Ok(())
}

/// The intensity mask of a region, in its box.
fn resegmented(plan: &Plan, space: &Space<'_>, found: &Found) -> Result<Vec<u8>, Fault> {
    let intensities = space.intensities(found.part)?;
    intensity_mask(plan, &intensities.voxels, &found.mask)
}

/// Re-segments: the intensity mask of a region by the intensities of the original image.
///
/// # Errors
/// If an intensity inside the region is not finite, or if no voxel is left.
pub(crate) fn intensity_mask(plan: &Plan, intensities: &[f64], morphological: &[u8]) -> Result<Vec<u8>, Fault> {
    let stage = "re-segmentation";
    let range = plan.resegmentation.range;
    let rules = Resegmentation {
        lower: range.map(|[lower, _]| lower),
        upper: range.map(|[_, upper]| upper),
        sigma: plan.resegmentation.sigma,
    };
    let kept = rules.intensity_mask(intensities, morphological).map_err(|wrong| Fault::new(stage, wrong))?;
    if kept.iter().all(|m| *m == 0) {
        let voxels = mask::count(morphological);
        let message = format!("empty region: re-segmentation ({:?}) leaves no voxel of {voxels}", plan.resegmentation);
        return Err(Fault::new(stage, message));
    }
    Ok(kept)
}

/// A picture of the case, or one of each component that is a region of its own; returns their names.
///
/// # Errors
/// If there is nothing to show, or a file cannot be written.
pub(crate) fn draw(
    plan: &Plan,
    space: &Space<'_>,
    found: &[Found],
    metadata: &serde_json::Map<String, serde_json::Value>,
    pictures: Pictures<'_>,
    host: &CaseHost,
) -> Result<Vec<String>, Fault> {
    let mut components: Vec<Option<usize>> = found.iter().map(|found| found.component).collect();
    components.sort_unstable();
    components.dedup();
    let left_out = components.len().saturating_sub(MOST_PICTURES);
    if left_out > 0 {
        host.warn(format!("{left_out} of {} components, the smallest ones, have no picture", components.len()));
    }
    let mut names = Vec::new();
    for component in components.into_iter().take(MOST_PICTURES) {
        let options = preview::Options { component, ..preview::Options::default() };
        let picture = preview::render(space, found, plan, metadata, &options)?;
        let name = match component {
            None => format!("{}.png", pictures.stem),
            Some(number) => format!("{}.{number}.png", pictures.stem),
        };
        let png = picture.png().map_err(|cause| Fault::new("preview", cause))?;
        pictures.folder.write(&name, |out| out.write_all(&png)).map_err(|cause| Fault::new("preview", cause))?;
        names.push(name);
    }
    Ok(names)
}
