//! Plugins that use everything of the interface that the standard plugins leave unused: nothing here misbehaves.

use std::io::Read as _;

use voxomics_sdk::{
    ExportNeeds, ExportedCase, ExportedFile, Exporter, Grid, Output, RegionMaker, WHOLE_SCAN, prelude::*,
};

/// The loader `typed`: the first byte of a file tells the type of its voxels, and the others are the voxels. It opens nothing
/// by itself.
struct Typed;

impl Loader for Typed {
    fn describe() -> Description {
        Description::new("typed", "Voxels of any type").formats(&["typed"])
    }
    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }
    fn recognises(&self, _: &std::path::Path, head: &[u8]) -> bool {
        head.first().is_some_and(|first| b"bsf".contains(first))
    }
    fn load(&self, request: &LoadRequest, context: &Context) -> Result<Loaded, Error> {
        let mut bytes = Vec::new();
        let mut file = context.open(&request.path)?;
        file.read_to_end(&mut bytes).map_err(|cause| Error::input(cause.to_string()))?;
        let voxel_type = match bytes.remove(0) {
            b'b' => voxomics_sdk::VoxelType::U8,
            b's' => voxomics_sdk::VoxelType::I16,
            _ => voxomics_sdk::VoxelType::F32,
        };
        let folder = request.path.parent().ok_or_else(|| Error::input("no folder"))?;
        let beside = context.list(folder)?.len();
        let grid = Grid {
            dims: [(bytes.len() / voxel_type.size()) as u64, 1, 1],
            spacing: [1.0, 2.0, 3.0],
            origin: [0.0; 3],
            direction: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        };
        let mut loaded = Loaded::one(request.role, Scan::new(grid, voxel_type, bytes), Vec::new());
        loaded.metadata.insert("Beside".into(), beside.into());
        Ok(loaded)
    }
}

/// The filter `shift`: takes the mean of the cohort away. It sees the regions, needs the whole scan, and has two maps.
struct Shift {
    mean: Option<f64>,
}

impl Filter for Shift {
    fn describe() -> Description {
        Description::new("shift", "Intensities from the mean of a cohort on").fits()
    }
    fn configure(settings: &Settings) -> Result<Self, Error> {
        let number = |text: &str| text.parse().map_err(|_| Error::input(format!("`{text}` is no mean")));
        Ok(Self { mean: settings.state().map(number).transpose()? })
    }
    fn maps(&self) -> Vec<String> {
        vec!["shifted".into(), "inside".into()]
    }
    fn units(&self) -> Vec<String> {
        vec!["intensity".into(), "1".into()]
    }
    fn sees_regions(&self) -> bool {
        true
    }
    fn margin(&self, _: &Grid) -> [usize; 3] {
        WHOLE_SCAN
    }
    fn apply(&self, image: &Image, _: &Context) -> Result<Vec<ResponseMap>, Error> {
        let mean = self.mean.ok_or_else(|| Error::input("it is not fitted"))?;
        let inside = image.regions().next().ok_or_else(|| Error::input("there is no region"))?.1;
        Ok(vec![
            ResponseMap { name: "shifted".into(), voxels: image.voxels().iter().map(|x| x - mean).collect() },
            ResponseMap { name: "inside".into(), voxels: inside.iter().map(|inside| f64::from(*inside)).collect() },
        ])
    }
    fn observe(&self, image: &Image, _: &Context) -> Result<String, Error> {
        let (_, mask) = image.regions().next().ok_or_else(|| Error::input("there is no region"))?;
        let inside: Vec<f64> =
            image.voxels().iter().zip(mask).filter(|(_, inside)| **inside != 0).map(|(x, _)| *x).collect();
        Ok(format!("{:?}", inside.iter().sum::<f64>() / inside.len() as f64))
    }
    fn fit(&self, observations: &[String], _: &Context) -> Result<String, Error> {
        let means: Vec<f64> = observations.iter().filter_map(|text| text.parse().ok()).collect();
        Ok(format!("{:?}", means.iter().sum::<f64>() / means.len() as f64))
    }
}

/// The family `spread`: the difference of the highest and the lowest intensity, also as a map; and the unit that it is told.
struct Spread;

impl FeatureFamily for Spread {
    fn describe() -> Description {
        Description::new("spread", "Highest minus lowest intensity")
            .feature(Feature::new("spread", "Spread").unit("intensity"))
            .feature(Feature::new("is_hu", "Whether the unit is HU"))
            .maps()
    }
    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }
    fn compute(&self, region: &Region, context: &Context) -> Result<Values, Error> {
        context.progress(0.25);
        let (low, high) =
            region.intensities().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        let mut values = Values::new();
        match region.intensities().count() {
            0 | 1 => values.undefined("spread", "there are fewer than two voxels"),
            _ => values.ok("spread", high - low),
        }
        values.ok("is_hu", f64::from(u8::from(region.image().unit() == "HU")));
        Ok(values)
    }
}

/// The predictor `several`: a score, a risk and a probability of its input; as a model it returns the folds that it was given.
struct Several {
    input: String,
    fault: String,
}

impl Predictor for Several {
    fn describe() -> Description {
        Description::new("several", "A score, a risk and a probability")
            .setting(Setting::text("input", "its input").default("tumour:spread.spread"))
            .setting(Setting::text("fault", "what is wrong").default("none"))
            .trains()
    }
    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { input: settings.text("input")?.into(), fault: settings.text("fault")?.into() })
    }
    fn inputs(&self) -> Vec<String> {
        vec![self.input.clone()]
    }
    fn outputs(&self) -> Vec<Output> {
        let first = Output::score("index");
        match self.fault.as_str() {
            "nameless" => vec![Output::score(""), Output::score("b")],
            "twice" => vec![first.clone(), first],
            "never" => vec![first, Output::risk("risk", -1.0, "years")],
            _ => vec![
                first.unit("points"),
                Output::risk("risk_2y", 2.0, "years"),
                Output::probability("p_benign", "benign"),
            ],
        }
    }
    fn predict(&self, inputs: &[Input], _: &Context) -> Result<Prediction, Error> {
        let x = match inputs[0].value() {
            Ok(x) => x,
            Err(reason) => return Ok(Prediction::none(reason)),
        };
        let risk = if self.fault == "risky" { 1.5 } else { 0.25 };
        let made = Prediction::score(x).because(vec![x]).and(Ok(risk));
        Ok(if self.fault == "few" { made } else { made.and(Err("it is not sure".into())) })
    }
    fn fit(&self, table: &TrainingTable, _: &Context) -> Result<String, Error> {
        let folds = table.design()?.folds.unwrap_or_default();
        let place = |name: &String| table.columns().position(|known| known == name).unwrap_or_default();
        let dealt: Vec<Vec<Option<f64>>> = folds.outer.iter().map(|name| table.column(place(name)).collect()).collect();
        Ok(format!("{:?} {:?} {:?}", dealt, folds.inner, folds.within))
    }
}

/// The region maker `halves`: the lower and the upper half of a region along x; as wide as its state says.
struct Halves;

impl RegionMaker for Halves {
    fn describe() -> Description {
        Description::new("halves", "Both halves of a region")
    }
    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }
    fn labels(&self) -> Vec<(u16, String)> {
        vec![(1, "left".into()), (7, "right".into())]
    }
    fn margin_mm(&self) -> f64 {
        1.5
    }
    fn make(&self, image: &Image, _: &Context) -> Result<Vec<u16>, Error> {
        let (_, mask) = image.regions().next().ok_or_else(|| Error::input("there is no region"))?;
        let width = image.dims()[0];
        let label = |(at, inside): (usize, &u8)| match (*inside, at % width < width / 2) {
            (0, _) => 0,
            (_, true) => 1,
            (_, false) => 7,
        };
        Ok(mask.iter().enumerate().map(label).collect())
    }
}

/// The exporter `told`: what it is told, as text, and the bytes of an image; or a file that lies elsewhere.
struct Told {
    name: String,
}

impl Exporter for Told {
    fn describe() -> Description {
        Description::new("told", "What it is told")
            .setting(Setting::text("name", "name of its file").default("told.txt"))
    }
    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { name: settings.text("name")?.into() })
    }
    fn needs(&self) -> ExportNeeds {
        ExportNeeds { regions: true, image: true }
    }
    fn export(&self, case: &ExportedCase, _: &Context) -> Result<Vec<ExportedFile>, Error> {
        let mut text = format!("case {}\n", case.name());
        for (row, region) in case.rows().enumerate() {
            for (at, column) in case.columns().iter().enumerate() {
                text += &format!("{region} {} {} = {:?}\n", column.name, column.unit, case.value(row, at));
            }
        }
        for (region, mask) in case.regions() {
            let voxels = mask.iter().filter(|voxel| **voxel != 0).count();
            text += &format!("{} has {voxels} voxels, {:.3} mL\n", region.name, region.volume_ml);
        }
        for score in case.scores() {
            let outputs: Vec<_> = score.outputs().collect();
            text += &format!("{} {:?} {outputs:?}\n", score.model(), score.component());
        }
        let image = case.image().ok_or_else(|| Error::input("there is no image"))?;
        let bytes: Vec<u8> = image.voxels().iter().flat_map(|x| x.to_le_bytes()).collect();
        Ok(vec![ExportedFile::new(self.name.as_str(), text), ExportedFile::new("image/voxels.raw", bytes)])
    }
}

voxomics_sdk::export_plugin! {
    vendor: "The tests",
    loaders: [Typed],
    filters: [Shift],
    families: [Spread],
    predictors: [Several],
    region_makers: [Halves],
    exporters: [Told],
}
