//! Mistakes in an experiment: found before anything is read or written, shown where they are, all at once.

use voxomics_tests::{batch::Batch, batch::names, run};

use crate::mistakes::{MODEL, SOUND, batch, line_of, mistake, refuses, shown, tell};

#[test]
fn the_experiment_is_sound_before_it_is_spoilt() {
    let batch = batch(SOUND);
    let before = names(&batch.path(""));
    let list = batch.write("list.csv", "case,image,mask\na,not-there.nii,nor-this.nii\n").display().to_string();
    let said = tell("check", &batch, &["--cases", &list, "--no-open"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for words in ["mistakes", "load-nifti", "label 1", "the ring of tumour, 2 mm outward", "the union of tumour, ring"]
    {
        assert!(said.out.contains(words), "the plan lacks `{words}`:\n{}", said.out);
    }
    for words in ["smooth: ", "glcm: ", "8 bins", "predict        score", "the experiment is sound"] {
        assert!(said.out.contains(words), "the plan lacks `{words}`:\n{}", said.out);
    }
    assert!(said.out.contains("not-there.nii is not there"), "{}", said.out);
    let written: Vec<String> = names(&batch.path("")).into_iter().filter(|name| name != "list.csv").collect();
    assert_eq!(written, before, "a check writes nothing");
}

#[test]
fn an_unknown_key_is_found_in_every_section() {
    for mistake in [
        mistake("seed = 1", "sead = 1", "unknown key `sead` in [experiment]; did you mean `seed`?", "sead"),
        mistake("[output]", "[outputs]", "unknown key `outputs`; did you mean `output`?", "outputs"),
        mistake("list = \"nowhere.csv\"", "list = \"n.csv\"\nlists = 1", "did you mean `list`?", "lists"),
        mistake("use = [\"load", "pats = []\nuse = [\"load", "did you mean `paths`?", "pats"),
        mistake("[load.nifti]", "[load.nifti]\nspeed = 1", "speed", "1"),
        mistake("on_mismatch", "on_missmatch", "did you mean `on_mismatch`?", "on_missmatch"),
        mistake("max_scan_bytes", "max_scan_byte", "did you mean `max_scan_bytes`?", "max_scan_byte"),
        mistake("outward_mm = 2.0", "outward_mm = 2.0\ninwards_mm = 1", "did you mean `inward_mm`?", "inwards_mm"),
        mistake("spacing_mm = [1, 1, 1]", "spacing_mm = [1, 1, 1]\nmasks = 1", "did you mean `mask`?", "masks"),
        mistake("range = [", "ranges = [", "did you mean `range`?", "ranges"),
        mistake("bins = 8", "bins = 8\nbin = 8", "did you mean `bins`?", "bin"),
        mistake("support_voxels = 3", "support_voxel = 3", "did you mean `support_voxels`?", "3"),
        mistake("levels = [\"f\"", "level = [\"f\"", "did you mean `levels`?", "level"),
        mistake("only = [\"mean\"]", "onlly = [\"mean\"]", "onlly", "[\"mean\"]"),
        mistake("model = \"model.toml\"", "model = \"model.toml\"\nmodle = 1", "did you mean `model`?", "1"),
        mistake("folder = \"results\"", "folders = \"results\"", "did you mean `folder`?", "folders"),
    ] {
        refuses(&mistake);
    }
}

#[test]
fn a_wrong_value_is_shown_with_what_was_expected() {
    for mistake in [
        mistake(
            "seed = 1",
            "seed = \"one\"",
            "`experiment.seed` is a text (\"one\"), expected a whole number",
            "\"one\"",
        ),
        mistake("name = \"mistakes\"", "name = 7", "expected a text in quotes", "7"),
        mistake("outward_mm = 2.0", "outward_mm = \"2 mm\"", "expected a number", "\"2 mm\""),
        mistake("outward_mm = 2.0", "outward_mm = -2.0", "expected 0 to 1000 mm", "-2.0"),
        mistake("[1, 1, 1]", "[1, 1]", "expected a list of length 3", "[1, 1]"),
        mistake("[1, 1, 1]", "[1, 1, -1]", "is not a spacing", "[1, 1, -1]"),
        mistake("[-100, 100]", "[100, -100]", "the lower limit comes first", "[100, -100]"),
        mistake("bins = 8", "bins = 0", "`bins` must be a whole number from 1 to 65535", "0"),
        mistake(
            "\"fixed bin number\"",
            "\"fixed bin numbr\"",
            "did you mean `fixed bin number`?",
            "\"fixed bin numbr\"",
        ),
        mistake("\"error\"", "\"resample\"", "\"resample-mask\"", "\"resample\""),
        mistake("support_voxels = 3", "support_voxels = 4", "odd", "4"),
        mistake("support_voxels = 3", "support_voxels = 3.5", "support_voxels", "3.5"),
        mistake("label = 1", "label = nan", "expected a number", "nan"),
        mistake("label = 1", "label = 0", "label 0 is the background", "[regions.tumour]"),
        mistake("[regions.both]", "[regions.\"bäide €\"]", "cannot name a region", "[regions.\"bäide €\"]"),
        // Characters count, not bytes.
        mistake("ring_of = \"tumour\"", "\"größe\" = 1\nring_of = \"tumour\"", "unknown key `größe`", "\"größe\""),
    ] {
        refuses(&mistake);
    }
}

#[test]
fn what_is_missing_or_contradicts_itself_is_shown_at_its_section() {
    for mistake in [
        mistake("outward_mm = 2.0", "", "a ring needs `outward_mm` or `inward_mm` above 0", "[regions.ring]"),
        mistake("bins = 8", "", "`discretisation.bins` is missing", "[discretisation]"),
        mistake("method = \"fixed bin number\"", "", "`discretisation.method` is missing", "[discretisation]"),
        mistake(
            "spacing_mm = [1, 1, 1]",
            "image = \"cubic\"",
            "`interpolation.spacing_mm` is missing",
            "[interpolation]",
        ),
        mistake("plugin = \"predict-linear\"", "", "`predict.score.plugin` is missing", "[predict.score]"),
        mistake("outward_mm = 2.0", "distances_mm = [3]", "expected at least two rising distances", "[3]"),
        mistake("outward_mm = 2.0", "distances_mm = [3, 0]", "expected at least two rising distances", "[3, 0]"),
        mistake(
            "outward_mm = 2.0",
            "outward_mm = 2.0\ndistances_mm = [0, 3]",
            "leave out `outward_mm`",
            "[regions.ring]",
        ),
        mistake("label = 1", "label = 1\nvolume_share = 1", "belong to a core: add `core_of`", "[regions.tumour]"),
        mistake("label = 1", "label = 1\nabout = \"ring\"", "belong to sectors: add `sectors_of`", "[regions.tumour]"),
        mistake(
            "[regions.both]",
            "[regions.c]\ncore_of = \"tumour\"\n[regions.both]",
            "a core needs one of",
            "[regions.c]",
        ),
        mistake(
            "[regions.both]",
            "[regions.c]\ncore_of = \"tumour\"\nvolume_share = 1.5\n[regions.both]",
            "`volume_share` is 1.5, expected a number above 0, and 1 at most",
            "1.5",
        ),
        mistake(
            "[regions.both]",
            "[regions.s]\nsectors_of = \"tumour\"\nsectors = 1\n[regions.both]",
            "`sectors` from 2 to 36",
            "1",
        ),
        mistake(
            "[regions.both]",
            "[regions.r]\nring_of = \"tumour\"\ndistances_mm = [0, 3]\n[regions.r_0_3]\nlabel = 2\n[regions.both]",
            "two sections make a region `r_0_3`",
            "[regions.r_0_3]",
        ),
        mistake("label = 1", "label = 1\nany = true", "a region takes one of `label`", "[regions.tumour]"),
        mistake("label = 1", "label = 1\ninward_mm = 2", "belong to a ring: add `ring_of`", "[regions.tumour]"),
        mistake("list = \"nowhere.csv\"", "folder = \"x\"", "[cases] takes one of", "[cases]"),
        mistake(
            "[discretisation]\nmethod = \"fixed bin number\"\nbins = 8",
            "",
            "needs discretised intensities",
            "[features.glcm]",
        ),
        mistake("model = \"model.toml\"", "", "model", "[predict.score]"),
    ] {
        refuses(&mistake);
    }
}

#[test]
fn a_name_that_leads_nowhere_is_shown_with_a_near_one() {
    for mistake in [
        mistake("ring_of = \"tumour\"", "ring_of = \"tumor\"", "did you mean `tumour`?", "[regions.ring]"),
        mistake(
            "label = 1",
            "label = 1\nwithin = \"lung\"",
            "refers to the region `lung`, which is not there",
            "[regions.tumour]",
        ),
        mistake(
            "ring_of = \"tumour\"",
            "ring_of = \"both\"",
            "made of each other in a circle: ring, both",
            "[regions.ring]",
        ),
        mistake("ring_of = \"tumour\"", "ring_of = \"ring\"", "made of each other in a circle", "[regions.ring]"),
        mistake("filter = \"mean\"", "filter = \"maen\"", "did you mean `mean`?", "[images.smooth]"),
        mistake("[features.glcm]", "[features.glmc]", "did you mean `glcm`?", "[features.glmc]"),
        mistake("images = [\"original\"]", "images = [\"orginal\"]", "did you mean `original`?", "[features.glcm]"),
        mistake("regions = [\"tumour\"]", "regions = [\"tumuor\"]", "did you mean `tumour`?", "[features.glcm]"),
        mistake(
            "only = [\"mean\"]",
            "only = [\"mean\", \"medain\"]",
            "did you mean `median`?",
            "[features.statistics]",
        ),
        mistake("regions = [\"tumour\"]", "aggregation = \"4D\"", "has no aggregation \"4D\"", "[features.glcm]"),
        mistake("\"features-glcm\", ", "", "add \"features-glcm\"", "[features.glcm]"),
        mistake(
            "\"filter-mean\"",
            "\"filter-mean\", \"filter-meen\"",
            "there is no plugin `filter-meen`",
            "\"filter-meen\"",
        ),
        mistake(
            "plugin = \"predict-linear\"",
            "plugin = \"predict-liner\"",
            "did you mean `linear`?",
            "[predict.score]",
        ),
        mistake("\"model.toml\"", "\"modell.toml\"", "modell.toml cannot be read", "\"modell.toml\""),
        mistake("[covariates.sex]", "[covariates.gender]", "needs the input `sex=f`", "[predict.score]"),
        mistake("[\"f\", \"m\"]", "[\"w\", \"m\"]", "has no level \"f\"", "[predict.score]"),
    ] {
        refuses(&mistake);
    }
}

#[test]
fn toml_that_is_none_is_shown_where_it_ends_to_be_toml() {
    for mistake in [
        mistake("seed = 1", "seed = ", "", ""),
        mistake("[limits]", "[limits", "", ""),
        mistake("label = 1", "label = 1\nlabel = 2", "duplicate key", "label"),
    ] {
        let experiment = SOUND.replace(mistake.of, mistake.with);
        let batch = batch(&experiment);
        let said = tell("run", &batch, &[]);
        println!("{}", said.err);
        assert_eq!(said.code, Some(2), "{said:?}");
        let reports = shown(&said.err);
        let first = line_of(&experiment, mistake.with);
        let lines = first..=first + mistake.with.matches('\n').count() + 1;
        assert!(
            reports.iter().all(|report| report.place.is_some_and(|(line, _)| lines.contains(&line))),
            "{}",
            said.err
        );
        assert!(reports.iter().any(|report| report.message.contains(mistake.says)), "{}", said.err);
    }
    let batch = Batch::default();
    batch.write("experiment.toml", b"[experiment]\nname = \"\xff\"\n");
    let said = tell("run", &batch, &[]);
    assert!(said.code == Some(2) && said.err.contains("byte 21 is not UTF-8"), "{said:?}");
    let said = run(["run", "/nowhere/experiment.toml"]);
    assert!(said.code == Some(2) && said.err.contains("cannot read /nowhere/experiment.toml"), "{said:?}");
}

#[test]
fn every_coefficient_that_nobody_supplied_is_named() {
    let batch = batch(SOUND);
    let model = MODEL.replacen("coefficient = 1.0", "coefficient = \"null\"", 1).replace("intercept = 1.0", "");
    let at = model.rfind("coefficient = 1.0").expect("the second");
    batch.write("model.toml", format!("{}coefficient = nan\n", &model[..at]));
    let said = tell("run", &batch, &[]);
    assert_eq!(said.code, Some(2), "{said:?}");
    for words in [
        "3 numbers are missing",
        "the intercept",
        "of `tumour:original.statistics.mean`",
        "of `sex=f`",
        "never guessed",
    ] {
        assert!(said.err.contains(words), "{}", said.err);
    }
    let reports = shown(&said.err);
    assert_eq!(reports.iter().map(|report| report.carets.as_str()).collect::<Vec<_>>(), ["\"model.toml\""]);
    assert!(!batch.path("results").exists(), "something was written");
}

#[test]
fn all_mistakes_are_shown_at_once_in_the_order_of_the_file() {
    let mut experiment = SOUND.to_owned();
    for (of, with) in [
        ("seed = 1", "sead = 1"),
        ("\"filter-mean\", ", "\"filter-mean\", \"filter-nowhere\", "),
        ("outward_mm = 2.0", "outward_mm = \"far\""),
        ("union_of = [\"tumour\", ", "union_of = [\"tumor\", "),
        ("bins = 8", "bins = 0"),
        ("support_voxels = 3", "support_voxels = 4"),
        ("only = [\"mean\"]", "only = [\"maen\"]"),
        ("images = [\"original\"]", "images = [\"orginal\"]"),
        ("\"model.toml\"", "\"modell.toml\""),
        ("folder = \"results\"", "folders = \"results\""),
    ] {
        assert!(experiment.contains(of), "{of}");
        experiment = experiment.replace(of, with);
    }
    let said = tell("run", &batch(&experiment), &[]);
    assert_eq!(said.code, Some(2), "{said:?}");
    let expected = [
        ("unknown key `sead`", "sead"),
        ("there is no plugin `filter-nowhere`", "\"filter-nowhere\""),
        ("`regions.ring.outward_mm` is a text", "\"far\""),
        ("refers to the region `tumor`", "[regions.both]"),
        ("`bins` must be", "0"),
        ("odd", "4"),
        ("there is no feature `maen`", "[features.statistics]"),
        ("there is no image `orginal`", "[features.glcm]"),
        ("modell.toml cannot be read", "\"modell.toml\""),
        ("unknown key `folders`", "folders"),
    ];
    let reports = shown(&said.err);
    assert_eq!(reports.len(), expected.len(), "{}", said.err);
    for (report, (message, carets)) in reports.iter().zip(expected) {
        assert!(report.message.contains(message) && report.carets == carets, "`{message}`:\n{}", said.err);
    }
}

#[test]
fn an_override_counts_and_its_mistakes_say_where_they_come_from() {
    let batch = batch(SOUND);
    let said = tell("check", &batch, &["--set", "regions.ring.outward_mm=3.5", "--set", "experiment.name=other name"]);
    assert!(said.code == Some(2) && said.err.contains("nowhere.csv"), "the list is looked at: {said:?}");
    let list = batch.write("list.csv", "case,image,mask\na,b.nii,c.nii\n").display().to_string();
    let check = |sets: &[&str]| {
        let sets = sets.iter().flat_map(|set| ["--set", *set]);
        tell("check", &batch, &["--cases", &list, "--no-open"].into_iter().chain(sets).collect::<Vec<_>>())
    };
    let said = check(&["regions.ring.outward_mm=3.5", "experiment.name=other name", "regions.new.label=2"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("3.5 mm outward") && said.out.contains("other name"), "{}", said.out);
    assert!(said.out.contains("new: label 2"), "{}", said.out);
    for (set, says) in [
        ("regions.ring.outward_m=3", "did you mean `outward_mm`?"),
        ("regions.ring.outward_mm=far", "expected a number"),
        ("regions.ring", "is not of the form key=value"),
        ("experiment.name.first=x", "not a table"),
        ("images.smooth.support_voxels=4", "odd"),
        ("regions.new.ring_of=tumuor", "a ring needs"),
    ] {
        let said = check(&[set]);
        assert_eq!(said.code, Some(2), "{set}: {said:?}");
        assert!(said.err.contains(says) && said.err.contains(&format!("--> --set {set}")), "{set}: {}", said.err);
    }
}
