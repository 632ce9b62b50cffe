//! The results of a case as DICOM objects: the regions as a segmentation (SEG), and the features as a structured report (SR) of
//! template TID 1500, with a measurement group for each region that refers to its segment.
//!
//! The patient and the study are those of the scan, as its loader tells them. A scan that is no DICOM belongs to no study, and is
//! refused.

mod element;
mod measurements;
mod moment;
mod segmentation;
mod source;
mod uid;

use voxomics_sdk::{ExportNeeds, prelude::*};

use element::Code;
use moment::Moment;
use segmentation::Kind;
use source::Source;

/// The export, configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsDicom {
    kind: Kind,
    category: Code,
    property: Code,
    measurements: bool,
}

impl Exporter for AsDicom {
    fn describe() -> Description {
        Description::new("dicom", "Regions as DICOM SEG, features as DICOM SR of TID 1500")
            .setting(
                Setting::choice(
                    "segmentation",
                    "how the regions are stored: each by itself, so that they may overlap, or as one map of labels",
                    &["binary", "labelmap"],
                )
                .default("binary"),
            )
            .setting(
                Setting::text("category", "property category of every segment, as code|scheme|meaning")
                    .default("85756007|SCT|Tissue"),
            )
            .setting(
                Setting::text("type", "property type of every segment, as code|scheme|meaning")
                    .default("85756007|SCT|Tissue"),
            )
            .setting(Setting::flag("measurements", "whether the features are written as well").default(true))
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let code = |name: &str| {
            let text = settings.text(name)?;
            Code::parse(text).ok_or_else(|| {
                Error::setting(
                    name,
                    format!("`{text}` is no code: expected code|scheme|meaning, as 85756007|SCT|Tissue"),
                )
            })
        };
        Ok(Self {
            kind: match settings.text("segmentation")? {
                "labelmap" => Kind::LabelMap,
                _ => Kind::Binary,
            },
            category: code("category")?,
            property: code("type")?,
            measurements: settings.flag("measurements")?,
        })
    }

    fn needs(&self) -> ExportNeeds {
        ExportNeeds { regions: true, image: false }
    }

    fn export(&self, case: &ExportedCase, _: &Context) -> Result<Vec<ExportedFile>, Error> {
        let source = Source::of(case)?;
        let moment = Moment::now()?;
        let segmentation = segmentation::object(case, &source, &moment, self.kind, [&self.category, &self.property])?;
        let mut files = vec![ExportedFile::new("regions.dcm", element::file(&segmentation.object)?)];
        if self.measurements {
            let report = measurements::object(case, &source, &moment, &segmentation)?;
            files.push(ExportedFile::new("measurements.dcm", element::file(&report)?));
        }
        Ok(files)
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", exporters: [AsDicom] }
