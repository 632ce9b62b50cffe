//! Export: what plugins make of the results of a case.

use serde_json::{Map, Value as Json};
use voxomics_imaging::{IndexBox, View};
use voxomics_interface::calls;
use voxomics_results::Outcome;

use super::{
    Fault,
    boxed::paste,
    delineate::{self, Delineated},
    found::Found,
    load, of_plugin, patients,
    space::Space,
};
use crate::{
    cases::Case,
    host::{CaseHost, ExportCase, ExportColumn, ExportRegion, ExportScore, ExportSpace, ExportedFile},
    output::unit_of,
    plan::{Exporter, Plan},
    table::FeatureValue,
};

const STAGE: &str = "export";

/// The files that one exporter makes of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Name of the exporter.
    pub exporter: String,
    /// The files.
    pub files: Vec<ExportedFile>,
}

/// A prediction for a case, as exporters are told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// Name of the predictor or model.
    pub model: String,
    /// Number of the component, where each is a region of its own.
    pub component: Option<usize>,
    /// The outputs, and their values.
    pub values: Vec<(calls::Output, FeatureValue)>,
    /// Why it is doubtful.
    pub doubts: Vec<String>,
}

/// What the plan's predictors gave for a case.
pub fn scored(plan: &Plan, outcome: &Outcome) -> Vec<Scored> {
    let of = |score: &voxomics_results::Score| {
        let predictor = &plan.predictors[score.predictor];
        let values = [&score.score].into_iter().chain(&score.others).cloned();
        Scored {
            model: predictor.name.clone(),
            component: score.component,
            values: predictor.meant().into_iter().zip(values).collect(),
            doubts: score.doubts.clone(),
        }
    };
    outcome.scores.iter().map(of).collect()
}

/// What every exporter makes of a case with its scores, and a fault for each that cannot.
pub fn case(
    plan: &Plan,
    case: &Case,
    outcome: &Outcome,
    scores: &[Scored],
    host: &CaseHost,
) -> (Vec<Exported>, Vec<Fault>) {
    let (mut made, mut faults) = (Vec::new(), Vec::new());
    if outcome.rows.is_empty() || plan.exporters.is_empty() {
        return (made, faults);
    }
    // What hospitals keep under one patient must not hold the values of another.
    if let Some(patients::Another { scan, first, own }) = patients::others(&outcome.metadata).into_iter().next() {
        let message = format!(
            "its scans are of two patients, `{first}` and `{own}` (PatientID; the second is that of image.{scan}): nothing is exported \
             of it; see that both are the right scans"
        );
        return (made, vec![Fault::new(STAGE, message)]);
    }
    let needs = |of: fn(&Exporter) -> bool| plan.exporters.iter().any(of);
    let image_is_needed = needs(|exporter| exporter.instance.needs.image);
    let placed = match needs(|exporter| exporter.instance.needs.regions) || image_is_needed {
        false => None,
        true => match Placed::of(plan, case, image_is_needed, host) {
            Ok(placed) => Some(placed),
            Err(fault) => return (made, vec![Fault { stage: STAGE, ..fault }]),
        },
    };
    for exporter in &plan.exporters {
        let results = results(plan, case, (outcome, scores), exporter, placed.as_ref());
        match exporter.instance.export(&results, host) {
            Ok(files) => made.push(Exported { exporter: exporter.name.clone(), files }),
            Err(error) => faults.push(of_plugin(STAGE, &error)),
        }
    }
    (made, faults)
}

fn results<'a>(
    plan: &'a Plan,
    case: &'a Case,
    (outcome, scores): (&'a Outcome, &'a [Scored]),
    exporter: &Exporter,
    placed: Option<&'a Placed>,
) -> ExportCase<'a> {
    let layout = plan.layout();
    let column = |column: &crate::table::Column| ExportColumn {
        name: column.name.clone(),
        ibsi: column.ibsi.clone(),
        unit: unit_of(&layout, column, outcome).into_owned(),
    };
    let score = |score: &'a Scored| ExportScore {
        model: &score.model,
        component: score.component,
        outputs: score.values.iter().map(|(output, _)| output.clone()).collect(),
        values: score.values.iter().map(|(_, value)| value).collect(),
        doubts: &score.doubts,
    };
    let needs = exporter.instance.needs;
    let space = placed.filter(|_| needs.regions || needs.image).map(|placed| ExportSpace {
        grid: placed.grid,
        image: placed.image.as_deref().filter(|_| needs.image),
        regions: placed.regions.iter().filter(|_| needs.regions).cloned().collect(),
    });
    ExportCase {
        case: &case.name,
        columns: plan.columns.iter().map(column).collect(),
        rows: outcome
            .rows
            .iter()
            .map(|row| (plan.region_label(row.region, row.component), row.values.as_slice()))
            .collect(),
        scores: scores.iter().map(score).collect(),
        metadata: with_patient(outcome.metadata.clone(), patients::listed(plan, case)),
        space,
    }
}

/// The patient of the list, where the scan tells none: results of nobody are of no use.
fn with_patient(mut metadata: Map<String, Json>, listed: Option<&str>) -> Map<String, Json> {
    let told = metadata.get(patients::PATIENT_ID).and_then(Json::as_str).is_some_and(|id| !id.trim().is_empty());
    if let Some(listed) = listed.filter(|_| !told) {
        metadata.insert(patients::PATIENT_ID.to_owned(), listed.into());
    }
    metadata
}

/// The regions of the first scan in one box.
struct Placed {
    grid: voxomics_imaging::Grid,
    image: Option<Vec<f64>>,
    regions: Vec<(ExportRegion, Vec<u8>)>,
}

impl Placed {
    /// Delineates a case again: of one that was kept there are values, and no masks.
    fn of(plan: &Plan, case: &Case, with_image: bool, host: &CaseHost) -> Result<Self, Fault> {
        let scan = plan.scans().first().copied().flatten();
        // What it warns of was said when the features were computed.
        let quiet = host.quiet();
        let (image, masks) = load::case(plan, scan, case, &quiet)?;
        let Delineated { space, found, .. } = delineate::case(plan, scan, case, &image, masks, &quiet)?;
        let boxes = found.iter().map(|found| found.part);
        let whole = boxes.reduce(|all: IndexBox, next| all.union(&next));
        let part = whole.ok_or_else(|| Fault::new(STAGE, "there is no region to export"))?;
        Ok(Self {
            grid: space.grid.crop(part),
            image: with_image.then(|| space.intensities(part)).transpose()?.map(|image| image.voxels),
            regions: found.iter().map(|found| region(plan, &space, found, part)).collect(),
        })
    }
}

fn region(plan: &Plan, space: &Space<'_>, found: &Found, part: IndexBox) -> (ExportRegion, Vec<u8>) {
    let mut mask = vec![0; part.dims().iter().product()];
    paste(View::new(found.part.dims(), &found.mask), found.part, &mut mask, part);
    let name = plan.region_label(found.region, found.component);
    (ExportRegion { name, volume_ml: found.volume_ml(&space.grid) }, mask)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_patient_of_the_list_stands_in_where_the_scan_tells_none() {
        let of = |metadata: Json, listed| with_patient(metadata.as_object().cloned().unwrap_or_default(), listed);
        assert_eq!(of(json!({ "Modality": "CT" }), Some("p1"))["PatientID"], "p1");
        assert_eq!(of(json!({ "PatientID": " " }), Some("p1"))["PatientID"], "p1");
        assert_eq!(of(json!({ "PatientID": "MRN-770" }), Some("p1"))["PatientID"], "MRN-770");
        assert!(of(json!({}), None).get("PatientID").is_none());
    }
}
