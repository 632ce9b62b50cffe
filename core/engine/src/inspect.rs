//! Looking at cases without computing a feature: everything up to the regions, as a run does it.

use serde::Serialize;
use voxomics_imaging::mask;

use crate::{
    cases::Case,
    files,
    host::{CaseHost, Services},
    pipeline,
    plan::Plan,
    preview::{self, Missed, Pictures},
    stages::{
        Fault,
        base::Base,
        delineate::{self, Delineated},
        found::Found,
        load, resegment,
        space::Space,
        unnormalised,
    },
};

/// Loaders log at this level what may make a number wrong.
const WARNING: u32 = voxomics_interface::codes::LOG_WARNING;

/// What was found of a case.
#[derive(Debug, Default, Serialize)]
pub struct Inspection {
    /// Number of voxels of the scan; none if it could not be read.
    pub dims: Option<[usize; 3]>,
    /// Distance of its voxel centres, mm.
    pub spacing_mm: Option<[f64; 3]>,
    /// Its modality, if the file says it, as DICOM writes it.
    pub modality: Option<String>,
    /// The regions that features would be computed of, or that filters would look at.
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
    /// The plugin that gave it, if a plugin did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
    /// What was found, what was expected, what to do, with the file.
    pub message: String,
}

/// Opens a case, and keeps of it but an account; nothing if the work was given up.
pub fn case(plan: &Plan, case: &Case, services: &Services, pictures: Option<Pictures<'_>>) -> Option<Inspection> {
    let host = CaseHost::new(services, case.original());
    let mut inspection = Inspection::default();
    let mut faults = Vec::new();
    let looked = look(plan, case, &host, pictures, &mut inspection, &mut faults).and_then(|()| as_listed(plan, case));
    faults.extend(looked.err());
    if faults.iter().any(|fault| fault.cancelled) {
        return None;
    }
    let account = |Fault { stage, region, plugin, message, .. }| RegionFault { stage, region, plugin, message };
    inspection.faults = faults.into_iter().map(account).collect();
    let warnings = host.lines().into_iter().filter(|line| line.level >= WARNING);
    inspection.warnings = warnings.map(|line| line.text).collect();
    Some(inspection)
}

/// Whether image and mask are what the list says that they hash to; of a list that says nothing, no byte is read for that.
fn as_listed(plan: &Plan, case: &Case) -> Result<(), Fault> {
    if case.expected.iter().all(Option::is_none) {
        return Ok(());
    }
    let found = files::of(&plan.files_of(case)).unwrap_or_default();
    pipeline::beyond_doubt(case, &found, &files::read(&found).unwrap_or_default())
}

fn look(
    plan: &Plan,
    case: &Case,
    host: &CaseHost,
    pictures: Option<Pictures<'_>>,
    inspection: &mut Inspection,
    faults: &mut Vec<Fault>,
) -> Result<(), Fault> {
    let scans = plan.scans();
    for (index, scan) in scans.iter().enumerate() {
        // The account is one of the first scan; the others must be as sound.
        let shown = if index == 0 { Some(&mut *inspection) } else { None };
        match look_at(plan, *scan, case, host, pictures.filter(|_| index == 0), shown, faults) {
            Err(fault) if scans.len() == 1 || fault.cancelled => return Err(fault),
            Err(fault) => {
                let column = scan.map_or("image".to_owned(), |scan| format!("image.{scan}"));
                faults.push(Fault { message: format!("{column}: {}", fault.message), ..fault });
            }
            Ok(()) => {}
        }
    }
    Ok(())
}

fn look_at(
    plan: &Plan,
    scan: Option<&str>,
    case: &Case,
    host: &CaseHost,
    pictures: Option<Pictures<'_>>,
    inspection: Option<&mut Inspection>,
    faults: &mut Vec<Fault>,
) -> Result<(), Fault> {
    let mut unseen = Inspection::default();
    let inspection = inspection.unwrap_or(&mut unseen);
    let (image, masks) = load::case(plan, scan, case, host)?;
    let path = case.scan(scan).map(|(path, _)| path).unwrap_or(&case.image);
    inspection.dims = Some(image.scan.grid.dims);
    inspection.spacing_mm = Some(image.scan.grid.spacing);
    inspection.modality = image.modality(case);
    let delineated = match delineate::case(plan, scan, case, &image, masks, host) {
        Err(fault) if !fault.cancelled => {
            if let Some(pictures) = pictures {
                inspection.pictures = preview::write_without(plan, case, (&image, &fault), scan, pictures, host)?;
            }
            return Err(fault);
        }
        delineated => delineated?,
    };
    let Delineated { space, found, lent, lacking, faults: of_regions, .. } = delineated;
    if let Some(pictures) = pictures {
        let missed = Missed { scan, faults: &of_regions, lacking: &lacking };
        inspection.pictures = preview::write(plan, &space, (&found, missed), &image.metadata, pictures, host)?;
    }
    faults.extend(of_regions);
    unnormalised::warn(plan, scan, space.modality.as_deref(), &space.unit, host);
    for region in found.iter().chain(&lent) {
        if host.is_cancelled() {
            return Err(Fault::cancelled("inspection"));
        }
        let kept = resegmented(plan, &space, region, host).map(|mask| mask::count(&mask));
        inspection.regions.push(RegionFound {
            region: region.label(plan),
            voxels: mask::count(&region.mask),
            millilitres: region.volume_ml(&space.grid),
            voxels_after_resegmentation: kept.as_ref().ok().copied(),
        });
        faults.extend(kept.err().map(|fault| fault.of_region(region.label(plan)).in_file(path)));
    }
    Ok(())
}

/// The intensity mask of a region, in its box.
fn resegmented(plan: &Plan, space: &Space<'_>, found: &Found, host: &CaseHost) -> Result<Vec<u8>, Fault> {
    let modality = space.modality.as_deref();
    let kept = resegment::kept(plan, modality, (&Base::held(space, found.part)?, found.part), &found.mask)?;
    resegment::warn(plan, &found.label(plan), modality, &kept, &found.mask, host);
    resegment::empty(plan, &kept, &found.mask).map_or(Ok(kept), Err)
}
