use super::*;
use crate::prelude::*;

/// Sums what it is given; with `lies`, it breaks its word in one of several ways.
struct Sums {
    lies: String,
}

impl FeatureFamily for Sums {
    fn describe() -> Description {
        Description::new("sums", "Sums")
            .setting(Setting::text("lies", "how to break the word").default(""))
            .features(["intensity", "level", "cell"].map(|id| Feature::new(id, id)))
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { lies: settings.text("lies")?.into() })
    }

    fn needs(&self) -> Needs {
        Needs { levels: true, matrices: vec![Matrix::new("glcm", "3D")], ..Needs::default() }
    }

    fn compute(&self, region: &Region, context: &Context) -> Result<Values, Error> {
        context.check_cancelled()?;
        context.warning(&format!("{} levels", region.level_count()));
        let mut values = Values::new();
        values.ok("intensity", region.intensities().sum());
        if self.lies != "missing" {
            values.ok("level", region.levels().iter().map(|level| f64::from(*level)).sum());
        }
        let matrices = region.matrix_set(0).matrices();
        let sum = matrices
            .flat_map(|matrix| matrix.triples())
            .map(|(level, other, value)| f64::from(level) + f64::from(other) + value);
        match sum.reduce(|a, b| a + b) {
            Some(_) if self.lies == "infinite" => values.ok("cell", f64::INFINITY),
            Some(sum) => values.ok("cell", sum),
            None => values.undefined("cell", "no cell"),
        }
        if !["", "missing", "infinite"].contains(&self.lies.as_str()) {
            values.ok(&self.lies, 0.0);
        }
        Ok(values)
    }
}

fn region() -> TestRegion {
    TestRegion::new([3, 1, 1], vec![1.0, 2.0, 4.0]).mask(vec![1, 0, 1]).levels(vec![1, 0, 2], 2)
}

fn run(lies: &str) -> Computed {
    let json = format!(r#"{{"lies": "{lies}"}}"#);
    let sums = Sums::configure(&settings(&Sums::describe(), &json).expect("right")).expect("right");
    let region = region().matrix_set(2, [(2.0, vec![(1, 1, 0.5)]), (2.0, vec![(1, 2, 0.25), (2, 2, 0.125)])]);
    compute(&sums, &region, &TestHost::new()).expect("computes")
}

#[test]
fn a_region_is_what_it_was_made_of() {
    let computed = run("");
    assert_eq!(computed["intensity"], Ok(5.0));
    assert_eq!(computed["level"], Ok(3.0));
    assert_eq!(computed["cell"], Ok(9.875));
    let sums = Sums { lies: String::new() };
    let undefined = compute(&sums, &region().matrix_set(2, []), &TestHost::new()).expect("computes");
    assert_eq!(undefined["cell"], Err("no cell".into()));
}

#[test]
#[should_panic(expected = "`level` is described but was not returned")]
fn a_feature_left_out_is_noticed() {
    run("missing");
}

#[test]
#[should_panic(expected = "`cell` was returned twice")]
fn a_feature_returned_twice_is_noticed() {
    run("cell");
}

/// Describes a feature twice and returns it once.
struct Twice;

impl FeatureFamily for Twice {
    fn describe() -> Description {
        Description::new("twice", "Twice").features(["a", "b", "a"].map(|id| Feature::new(id, id)))
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn compute(&self, _: &Region, _: &Context) -> Result<Values, Error> {
        let mut values = Values::new();
        values.ok("a", 1.0);
        values.ok("b", 2.0);
        Ok(values)
    }
}

#[test]
#[should_panic(expected = "`a` is described twice")]
fn a_feature_described_twice_is_noticed() {
    let _panics = compute(&Twice, &region(), &TestHost::new());
}

/// Three features on average over what was measured of matrices.
fn of_matrices(measured: &[f64]) -> Computed {
    let features = [
        Feature::new("tenth", "Tenth").value(|x: &f64| Ok(x / 10.0)),
        Feature::new("huge", "Huge").value(|x: &f64| Ok(x * 1e308)),
        Feature::new("small", "Small").value(|x: &f64| if *x < 5.0 { Ok(*x) } else { Err("too large") }),
    ];
    let values = Values::mean(&features, measured, "no matrix").finite().into_vec().into_iter();
    values.map(|v| (v.feature, if v.status == codes::STATUS_OK { Ok(v.value) } else { Err(v.reason) })).collect()
}

#[test]
fn a_mean_is_that_of_all_matrices_or_undefined() {
    let both = of_matrices(&[1.0, 9.0]);
    assert_eq!((&both["tenth"], &both["small"]), (&Ok(0.5), &Err("too large".into())));
    assert_eq!(both["huge"], Err("the value exceeds the range of 64-bit numbers".into()));
    assert!(of_matrices(&[]).values().all(|value| *value == Err("no matrix".into())));
    assert_eq!(of_matrices(&[2.0])["small"], Ok(2.0));
}

#[test]
#[should_panic(expected = "`other` was returned but is not described")]
fn a_feature_too_many_is_noticed() {
    run("other");
}

#[test]
#[should_panic(expected = "`cell` is inf")]
fn an_infinite_value_is_noticed() {
    run("infinite");
}

#[test]
#[should_panic(expected = "give the region a `matrix_set` for each")]
fn what_the_family_needs_must_be_there() {
    let _panics = compute(&Sums { lies: String::new() }, &region(), &TestHost::new());
}

#[test]
fn the_host_remembers_and_can_be_cancelled() {
    let host = TestHost::new().seed(7);
    let context = host.context();
    context.debug("a");
    context.warning("b");
    context.progress(0.5);
    assert_eq!(host.log(), [(LogLevel::Debug, "a".into()), (LogLevel::Warning, "b".into())]);
    assert_eq!((host.warnings(), host.progress(), context.seed()), (vec!["b".into()], vec![0.5], 7));
    let cancelled = TestHost::new().cancelled();
    let outcome = compute(&Sums { lies: String::new() }, &region().matrix_set(2, []), &cancelled);
    assert_eq!(outcome, Err(Error::cancelled()));
}

#[test]
fn chunks_run_in_order() {
    let order = std::sync::Mutex::new(Vec::new());
    TestHost::new().context().threads()(3, &|i| order.lock().expect("not poisoned").push(i));
    assert_eq!(order.into_inner().expect("not poisoned"), [0, 1, 2]);
}

/// Doubles; its maps have the name that it is made with.
struct Double(&'static str);

impl Filter for Double {
    fn describe() -> Description {
        Description::new("double", "Doubles")
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self(""))
    }

    fn margin(&self, _: &crate::Grid) -> [usize; 3] {
        [0; 3]
    }

    fn apply(&self, image: &Image, _: &Context) -> Result<Vec<ResponseMap>, Error> {
        let voxels = image.voxels().iter().map(|x| x * 2.0 * image.spacing()[0]).collect();
        Ok(vec![ResponseMap { name: self.0.into(), voxels }])
    }
}

#[test]
fn a_filter_gets_the_image_and_is_held_to_its_maps() {
    let image = TestImage::new([2, 1, 1], vec![1.0, 3.0]).spacing([0.5, 1.0, 1.0]);
    let maps = apply(&Double(""), &image, &TestHost::new()).expect("filters");
    assert_eq!(maps[0].voxels, [1.0, 3.0]);
    let other_name = std::panic::catch_unwind(|| apply(&Double("x"), &image, &TestHost::new()));
    assert!(other_name.is_err());
}

/// Gives every voxel the label that it is made with.
struct All(u16);

impl RegionMaker for All {
    fn describe() -> Description {
        Description::new("all", "Every voxel")
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self(1))
    }

    fn labels(&self) -> Vec<(u16, String)> {
        vec![(1, "all".into())]
    }

    fn make(&self, image: &Image, _: &Context) -> Result<Vec<u16>, Error> {
        Ok(vec![self.0; image.voxels().len()])
    }
}

#[test]
fn a_region_maker_is_held_to_its_labels() {
    let image = TestImage::new([2, 1, 1], vec![1.0, 3.0]).region("tumour", vec![1, 0]);
    assert_eq!(make(&All(1), &image, &TestHost::new()), Ok(vec![1, 1]));
    assert!(std::panic::catch_unwind(|| make(&All(2), &image, &TestHost::new())).is_err());
}

/// Writes a file of this name.
struct Named(&'static str);

impl Exporter for Named {
    fn describe() -> Description {
        Description::new("named", "A file")
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self("a"))
    }

    fn export(&self, case: &ExportedCase, _: &Context) -> Result<Vec<ExportedFile>, Error> {
        let attribute = case.metadata().get("Modality").and_then(|value| value.as_str()).unwrap_or_default();
        let shown = |score: crate::ExportedScore| format!("{:?}", score.outputs().next().and_then(|output| output.2));
        let scores: String = case.scores().map(shown).collect();
        Ok(vec![ExportedFile::new(self.0, format!("{attribute} {scores}"))])
    }
}

#[test]
fn an_exporter_gets_the_case_and_is_held_to_its_folder() {
    let case = TestCase::new("P1").metadata("Modality", "CT").score("signature", Err("no tumour"));
    let files = export(&Named("a.txt"), &case, &TestHost::new()).expect("it exports");
    assert_eq!(files, [ExportedFile::new("a.txt", "CT Some(Err(\"no tumour\"))")]);
    assert!(std::panic::catch_unwind(|| export(&Named("../a.txt"), &case, &TestHost::new())).is_err());
}
