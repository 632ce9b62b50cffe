//! The results of a case as one JSON file, for other programs: each value with its unit, its IBSI code, or the reason why there
//! is none.

use serde_json::{Value as Json, json};
use voxomics_sdk::{ExportNeeds, Exported, prelude::*};

/// The export, configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsJson {
    volumes: bool,
}

impl Exporter for AsJson {
    fn describe() -> Description {
        Description::new("json", "Features, scores and volumes of a case as JSON")
            .setting(Setting::flag("volumes", "whether the regions are drawn again for their volumes").default(true))
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { volumes: settings.flag("volumes")? })
    }

    fn needs(&self) -> ExportNeeds {
        ExportNeeds { regions: self.volumes, image: false }
    }

    fn export(&self, case: &ExportedCase, _: &Context) -> Result<Vec<ExportedFile>, Error> {
        let rows: Vec<Json> = case
            .rows()
            .enumerate()
            .map(|(row, region)| {
                let features = case.columns().iter().enumerate().filter_map(|(at, column)| {
                    let mut told = value(case.value(row, at))?;
                    told["name"] = column.name.as_str().into();
                    told["unit"] = column.unit.as_str().into();
                    if !column.ibsi.is_empty() {
                        told["ibsi"] = column.ibsi.as_str().into();
                    }
                    Some(told)
                });
                json!({ "region": region, "features": features.collect::<Vec<_>>() })
            })
            .collect();
        let scores: Vec<Json> = case
            .scores()
            .map(|score| {
                let outputs = score.outputs().filter_map(|(name, meaning, output)| {
                    let mut told = value(output)?;
                    told["name"] = name.into();
                    told["meaning"] = meaning.into();
                    Some(told)
                });
                json!({
                    "model": score.model(),
                    "component": score.component(),
                    "outputs": outputs.collect::<Vec<_>>(),
                    "doubts": score.doubts(),
                })
            })
            .collect();
        let regions = case.regions().map(|(region, mask)| {
            let voxels = mask.iter().filter(|voxel| **voxel != 0).count();
            json!({ "name": region.name, "volume_ml": region.volume_ml, "voxels": voxels })
        });
        let whole = json!({
            "case": case.name(),
            "rows": rows,
            "scores": scores,
            "regions": regions.collect::<Vec<_>>(),
            "notice": "Not a medical device.",
        });
        let text = serde_json::to_string_pretty(&whole)
            .map_err(|cause| Error::input(format!("the results cannot be written: {cause}")))?;
        Ok(vec![ExportedFile::new("results.json", format!("{text}\n"))])
    }
}

/// A value, or why there is none; nothing where it is not computed.
fn value(value: Exported) -> Option<Json> {
    match value? {
        Ok(number) => Some(json!({ "value": number })),
        Err(reason) => Some(json!({ "undefined": reason })),
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", exporters: [AsJson] }
