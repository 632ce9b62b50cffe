//! A loader that tells of a folder what the file `survey.json` in it says.

use std::path::Path;

use voxomics_sdk::{Survey, prelude::*};

/// The loader `surveyor`.
struct Surveyor;

impl Loader for Surveyor {
    fn describe() -> Description {
        Description::new("surveyor", "Tells what it is told").formats(&["survey.json"]).surveys()
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn recognises(&self, _: &Path, _: &[u8]) -> bool {
        false
    }

    fn load(&self, _: &LoadRequest, _: &Context) -> Result<Loaded, Error> {
        Err(Error::unsupported("this loader only surveys"))
    }

    fn survey(&self, folder: &Path, _: &Context) -> Result<Survey, Error> {
        let Ok(text) = std::fs::read_to_string(folder.join("survey.json")) else { return Ok(Survey::default()) };
        assert!(text != "panic", "a survey too far");
        let mut survey: Survey =
            serde_json::from_str(&text).map_err(|cause| Error::input(format!("survey.json: {cause}")))?;
        for series in &mut survey.series {
            series.folder = folder.join(&series.folder);
        }
        for outlines in &mut survey.outlines {
            outlines.path = folder.join(&outlines.path);
        }
        Ok(survey)
    }
}

voxomics_sdk::export_plugin! { vendor: "The tests", loaders: [Surveyor] }
