mod precedence;

use std::path::Path;

use super::*;
use crate::experiment::{Between, Discretisation, Experiment, Limits, Minimum, OnMismatch, Radius, RegionFrom};

/// The experiment, which must be sound, and the notes as text.
fn imported(yaml: &str) -> (Experiment, Vec<String>) {
    let imported = import("Params.yaml", "params", yaml).expect("it is a parameter file");
    let experiment = Experiment::from_text(Path::new("params.toml"), Path::new("."), &imported.toml, &[])
        .unwrap_or_else(|error| panic!("{error}\n{}", imported.toml));
    assert!(experiment.mistakes.is_empty(), "{}", experiment.mistakes.render());
    (experiment, imported.notes.iter().map(Note::to_string).collect())
}

fn names(experiment: &Experiment) -> Vec<&str> {
    experiment.features.iter().map(|family| family.name.as_str()).collect()
}

/// All classes of the original image in bins of 25, as most studies begin.
const PLAIN: &str = "\
imageType:
  Original: {}
featureClass:
  firstorder:
  shape:
  glcm:
  glrlm:
  glszm:
  gldm:
  ngtdm:
setting:
  binWidth: 25
  label: 1
  correctMask: true
";

/// Every filter at 1 mm.
const FILTERS: &str = "\
imageType:
  Original: {}
  LoG:
    sigma: [1.0, 3.0, 5]
  Wavelet: {}
  Square: {}
  LBP3D: {}
featureClass:
  shape:
  firstorder: []
  glcm:
    - JointEntropy
    - Dissimilarity
    - Entropie
setting:
  binWidth: 25
  resampledPixelSpacing: [1, 1, 1]
  interpolator: sitkBSpline
  additionalInfo: true
";

#[test]
fn a_plain_file_has_a_full_equivalent() {
    let imported_file = import("Params.yaml", "params", PLAIN).expect("it is a parameter file");
    assert_eq!((imported_file.notes.as_slice(), imported_file.is_partial()), (&[][..], false));
    let (experiment, _) = imported(PLAIN);
    assert_eq!(names(&experiment), ["firstorder", "shape", "glcm", "glrlm", "glszm", "gldm", "ngtdm"]);
    assert_eq!(experiment.regions[0].from, RegionFrom::CaseLabelOr(1.0));
    let loaders = ["load-nifti", "load-nrrd", "load-metaimage", "load-dicom"];
    for library in loaders.into_iter().chain(["features-pyradiomics"]) {
        assert!(experiment.plugins.names.iter().any(|name| name.value == library), "{library}");
    }
    assert_eq!(experiment.on_mismatch, OnMismatch::ResampleMask);
    let bins = Discretisation::FixedBinSize {
        width: 25.0,
        minimum: Minimum::MultipleOfWidth,
        maximum: None,
        exclude_out_of_bounds: false,
    };
    assert_eq!(experiment.discretisation, Some(bins));
    assert_eq!(experiment.interpolation, None);
}

#[test]
fn an_empty_file_has_the_defaults() {
    let (experiment, notes) = imported("");
    assert_eq!(names(&experiment), ["shape", "firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"]);
    assert_eq!((experiment.regions[0].from.clone(), notes), (RegionFrom::CaseLabel, Vec::new()));
}

#[test]
fn what_has_no_equivalent_is_named_with_its_line() {
    let (experiment, notes) = imported(FILTERS);
    let starts = [
        "7: imageType.LBP3D: no equivalent: ",
        "13: featureClass.glcm: remark: PyRadiomics 3.0.1 gives no value of `Dissimilarity`: it is DifferenceAverage",
        "14: featureClass.glcm: no equivalent: PyRadiomics 3.0.1 has no feature `Entropie`",
        "19: setting.additionalInfo: remark: ",
    ];
    assert_eq!(notes.len(), starts.len(), "{notes:#?}");
    for (note, start) in notes.iter().zip(starts) {
        assert!(note.starts_with(start), "{note}");
    }
    let images: Vec<&str> = experiment.images.iter().map(|image| image.name.as_str()).collect();
    let laplacians = ["original", "log-sigma-1-0-mm-3D", "log-sigma-3-0-mm-3D", "log-sigma-5-mm-3D"];
    assert_eq!((&images[..4], &images[4..]), (&laplacians[..], &["wavelet", "square"][..]));
    let prepare = experiment.prepare.expect("there is one");
    assert_eq!((prepare.spacing_mm, prepare.image), (Some([1.0; 3]), Some(Between::BSpline)));
    assert_eq!((prepare.margin_voxels, experiment.interpolation), (Some(5), None));
    // What is lost stands in the experiment, at its place and as data.
    let toml = import("Params.yaml", "params", FILTERS).expect("it is a parameter file").toml;
    let at = |text: &str| toml.find(text).unwrap_or_else(|| panic!("{text}\n{toml}"));
    assert!(at("[discretisation]") < at("# line 7: imageType.LBP3D: no equivalent"));
    assert!(at("# line 7: imageType.LBP3D: no equivalent") < at("[images.original]"));
    assert!(at("[images.square]") < at("# line 14: featureClass.glcm"));
    assert_eq!(experiment.lost.len(), 2);
    assert!(experiment.lost[0].starts_with("Params.yaml:7: imageType.LBP3D: no equivalent"), "{:?}", experiment.lost);
    assert_eq!(experiment.features[2].only, Some(vec!["JointEntropy".into()]));
    assert_eq!(experiment.features[0].images, Some(vec!["original".into()]));
}

#[test]
fn settings_of_matrices_reach_their_families() {
    let (experiment, notes) = imported(
        "setting: {binWidth: 3.5, distances: [2, 1], gldm_a: 1, voxelArrayShift: 100, force2D: true, \
         symmetricalGLCM: true, interpolator: sitkLinear}\n",
    );
    let settings = |name: &str| {
        let family = experiment.features.iter().find(|family| family.name == name).expect("the family is there");
        (family.aggregations.join(","), serde_json::Value::from(family.settings.values.clone()).to_string())
    };
    assert_eq!(settings("firstorder"), (String::new(), "{\"voxel_array_shift\":100.0}".into()));
    assert_eq!(settings("glcm"), ("2.5D direction-merged".into(), "{\"distances\":[1,2]}".into()));
    assert_eq!(settings("glrlm"), ("2.5D direction-merged".into(), "{}".into()));
    assert_eq!(settings("glszm"), ("2.5D".into(), "{}".into()));
    assert_eq!(settings("gldm"), ("2.5D".into(), "{\"alpha\":1,\"distance\":2}".into()));
    assert_eq!(settings("ngtdm"), ("2.5D".into(), "{\"distance\":2}".into()));
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].contains("interpolator: remark: it has a meaning only with"), "{notes:?}");
}

#[test]
fn shells_weights_and_ordered_pairs_reach_their_families() {
    let of = |yaml: &str, name: &str| {
        let (experiment, notes) = imported(yaml);
        assert_eq!(notes, Vec::<String>::new());
        let family = experiment.features.iter().find(|family| family.name == name).expect("the family is there");
        (family.aggregations.join(","), serde_json::Value::from(family.settings.values.clone()).to_string())
    };
    let gaps = "setting:\n  distances: [3, 1]\n  weightingNorm: no_weighting\n";
    assert_eq!(of(gaps, "glcm"), ("3D merged".into(), "{\"distances\":[1,3]}".into()));
    assert_eq!(of(gaps, "glrlm"), ("3D merged".into(), "{}".into()));
    assert_eq!(of(gaps, "gldm"), (String::new(), "{\"distances\":[1,3]}".into()));
    assert_eq!(of(gaps, "ngtdm"), (String::new(), "{\"distances\":[1,3]}".into()));
    let weights = "setting:\n  weightingNorm: euclidean\n  symmetricalGLCM: false\n";
    let both = "{\"symmetric\":false,\"weighting_mm\":\"euclidean\"}";
    assert_eq!(of(weights, "glcm"), ("3D merged".into(), both.into()));
    assert_eq!(of(weights, "glrlm"), ("3D merged".into(), "{\"weighting_mm\":\"euclidean\"}".into()));
    assert_eq!(of(weights, "glszm"), (String::new(), "{}".into()));
}

#[test]
fn resegmentation_by_mode() {
    let range = |yaml: &str| {
        let (experiment, notes) = imported(yaml);
        (experiment.resegmentation.range, experiment.resegmentation.sigma, notes.len())
    };
    assert_eq!(range("setting: {resegmentRange: [400, -1000]}"), (Some(Limits::Every([-1000.0, 400.0])), None, 0));
    assert_eq!(range("setting: {resegmentRange: [40]}"), (Some(Limits::Every([40.0, f64::INFINITY])), None, 0));
    let sigma = |limits: &str| range(&format!("setting: {{resegmentMode: sigma, resegmentRange: {limits}}}"));
    assert_eq!(sigma("[-3, 3]"), (None, Some(3.0), 0));
    assert_eq!(sigma("[-3, 2]"), (None, None, 1));
    assert_eq!(sigma("[3]"), (None, None, 1));
    let (experiment, notes) = imported("setting: {resegmentMode: relative, resegmentRange: [0.4]}");
    assert_eq!((experiment.resegmentation.of_maximum, notes.len()), (Some([0.4, f64::INFINITY]), 0));
    assert_eq!(range("setting: {resegmentShape: true, resegmentRange: [1, 2]}"), (None, None, 0));
    let (experiment, _) = imported("setting: {resegmentShape: true, resegmentRange: [1]}");
    assert_eq!(experiment.regions[0].intensities, Some(Limits::Every([1.0, f64::INFINITY])));
    let (_, notes) = imported("setting: {resegmentShape: true, resegmentMode: sigma, resegmentRange: [-1, 1]}");
    assert!(notes[0].contains("setting.resegmentShape: no equivalent"), "{notes:?}");
}

#[test]
fn every_other_setting_has_its_note() {
    let one = |line: &str| imported(&format!("setting:\n  {line}\n")).1.join("\n");
    for (line, expected) in [
        ("removeOutliers: 3", "remark: it has a meaning only with `normalize`"),
        ("normalizeScale: 100", "remark: it has a meaning only with `normalize`"),
        ("normalize: true\n  normalizeScale: big", "3: setting.normalizeScale: no equivalent: `big` is not a number"),
        ("padDistance: 10", "remark"),
        ("preCrop: true\n  resampledPixelSpacing: [1, 1, 1]", "2: setting.preCrop: remark: resampling cuts"),
        ("correctMask: true\n  resampledPixelSpacing: [1, 1, 1]", "2: setting.correctMask: no equivalent"),
        ("geometryTolerance: 0.0001", "remark"),
        ("minimumROIDimensions: 2", "remark"),
        ("label_channel: 1", "no equivalent"),
        ("symmetricalGLCM: 1", "not true or false"),
        ("weightingNorm: mm", "not `manhattan`"),
        ("kernelRadius: 2", "remark: it is a setting of maps"),
        ("binwidth: 25", "no such setting"),
        ("binWidth: wide", "`wide` is not a number above 0"),
        ("gldm_a: 0.5", "not a whole number"),
        ("correctMask: 1", "not true or false"),
        ("resampledPixelSpacing: [1, 1]", "not three numbers"),
        ("resampledPixelSpacing: [1, 1, 0.001]", "not three numbers"),
    ] {
        assert!(one(line).contains(expected), "{line}: {}", one(line));
    }
    for silent in [
        "normalize: false",
        "resampledPixelSpacing: [0, 0, 0]",
        "preCrop: false",
        "preCrop: true",
        "preCrop: true\n  padDistance: 7",
        "label_channel: 0",
        "symmetricalGLCM: true",
        "symmetricalGLCM: false",
        "weightingNorm: infinity",
        "distances: [2]",
        "force2D: false",
        "binCount:",
        "minimumROISize: 50",
    ] {
        assert_eq!(one(silent), "", "{silent}");
    }
    let (experiment, notes) = imported("setting: {binWidth: 10, binCount: 32}");
    assert_eq!((experiment.discretisation, notes.len()), (Some(Discretisation::FixedBinNumber { bins: 32 }), 1));
}

#[test]
fn filters_without_the_original_leave_it_to_shape() {
    let (experiment, _) = imported("imageType: {LoG: {sigma: [2.0, 2.0], binWidth: 0.5}}");
    let images: Vec<&str> = experiment.images.iter().map(|image| image.name.as_str()).collect();
    assert_eq!(images, ["original", "log-sigma-2-0-mm-3D"]);
    assert_eq!(experiment.features[0].images, Some(vec!["original".into()]));
    assert_eq!(experiment.features[1].images, Some(vec!["log-sigma-2-0-mm-3D".into()]));
    // Nothing but shape is left where no image is.
    let (experiment, notes) = imported("imageType: {LBP3D: {}}");
    assert_eq!((names(&experiment), notes.len()), (vec!["shape"], 1));
}

#[test]
fn image_types_have_their_filters_and_settings() {
    let (experiment, notes) = imported(
        "imageType:\n  Wavelet: {wavelet: haar, level: 2, binWidth: 5}\n  Gradient: {}\n  LBP2D: {lbp2DSamples: 8}\n  \
         SquareRoot: {}\nsetting: {gradientUseSpacing: false, start_level: 1, normalize: true, normalizeScale: 100, \
         removeOutliers: 3}\n",
    );
    assert_eq!(notes, Vec::<String>::new());
    let image = |name: &str| {
        let image = experiment.images.iter().find(|image| image.name == name).expect("the image is there");
        let (filter, settings) = image.filter.as_ref().expect("it has a filter");
        (filter.clone(), serde_json::Value::from(settings.values.clone()).to_string(), image.of.clone())
    };
    let expected = "{\"level\":2,\"start_level\":1,\"wavelet\":\"haar\"}";
    assert_eq!(image("wavelet"), ("pyradiomics-wavelet".into(), expected.into(), None));
    assert_eq!(image("gradient"), ("pyradiomics-gradient".into(), "{\"use_spacing\":false}".into(), None));
    assert_eq!(image("lbp-2D"), ("pyradiomics-lbp-2d".into(), "{\"samples\":8}".into(), None));
    assert_eq!(image("squareroot"), ("pyradiomics-intensity".into(), "{\"change\":\"square root\"}".into(), None));
    let prepare = experiment.prepare.expect("there is one");
    assert_eq!((prepare.normalise_scale, prepare.remove_outliers), (Some(100.0), Some(3.0)));
    assert_eq!((prepare.spacing_mm, prepare.margin_voxels), (None, None));
    assert_eq!(experiment.features[0].images, Some(vec!["original".into()]));
    assert!(!experiment.features[1].images.as_ref().expect("a list").contains(&"original".into()));
    let (_, notes) = imported("imageType: {Wavelet: {level: many}}");
    assert!(notes[0].contains("imageType.Wavelet.level: no equivalent: `many` is not a whole number"), "{notes:?}");
}

#[test]
fn force_2d_filters_wavelets_within_slices() {
    let (experiment, notes) =
        imported("imageType: {Wavelet: {level: 2}}\nsetting: {force2D: true}\nvoxelSetting: {}\n");
    assert_eq!(notes.len(), 1, "{notes:?}");
    let wavelet = experiment.images.iter().find(|image| image.name == "wavelet").expect("the image is there");
    let (_, settings) = wavelet.filter.as_ref().expect("it has a filter");
    let settings = serde_json::Value::from(settings.values.clone());
    assert_eq!(settings, serde_json::json!({"axes": "xy", "level": 2}));
    let of_glcm = experiment.images.iter().filter(|image| image.name.ends_with("-glcm"));
    let of: Vec<&str> = of_glcm.filter_map(|image| image.of.as_deref()).collect();
    let expected = ["-LH", "-HL", "-HH", "2-LH", "2-HL", "2-HH", "2-LL"].map(|band| format!("wavelet{band}"));
    assert_eq!(of, expected);
}

#[test]
fn wavelets_that_are_not_there_are_named() {
    for name in ["bior1.3", "dmey"] {
        let yaml = format!("imageType:\n  Original: {{}}\n  Wavelet:\n    wavelet: {name}\n");
        let (experiment, notes) = imported(&yaml);
        let images: Vec<&str> = experiment.images.iter().map(|image| image.name.as_str()).collect();
        assert_eq!((images, notes.len()), (vec!["original"], 1));
        let start = format!("4: imageType.Wavelet.wavelet: no equivalent: `{name}` is not offered");
        assert!(notes[0].starts_with(&start), "{notes:?}");
    }
    let (_, notes) = imported("imageType: {Original: {}, Wavelet: {}}\nsetting: {wavelet: rbio2.2}\n");
    assert!(notes[0].contains("`rbio2.2` is not offered"), "{notes:?}");
}

#[test]
fn features_that_must_be_named_are_families_of_their_own() {
    let (experiment, notes) = imported(
        "featureClass:\n  shape: [Compactness1]\n  firstorder: [Mean, StandardDeviation]\n  glcm: [SumVariance]\n  shape2D:\n",
    );
    // Without force2D, PyRadiomics computes no shape in a slice; of a feature that it gives no value of, there is no class.
    assert_eq!(names(&experiment), ["shape-deprecated", "firstorder", "firstorder-deprecated"]);
    assert!(notes.iter().all(|note| note.contains(": remark: ")), "{notes:?}");
    assert_eq!(experiment.features[0].images, Some(vec!["original".into()]));
    let (experiment, notes) =
        imported("featureClass: {shape2D: [SphericalDisproportion, Perimeter]}\nsetting: {force2D: true}");
    assert_eq!((names(&experiment), notes), (vec!["shape2D"], Vec::new()));
    let family = &experiment.features[0];
    let only = ["Perimeter", "SphericalDisproportion"].map(str::to_owned);
    assert_eq!((family.plugin.as_str(), family.only.as_deref()), ("pyradiomics-shape2d", Some(&only[..])));
    assert!(experiment.plugins.names.iter().any(|name| name.value == "features-shape2d"));
}

#[test]
fn what_is_no_parameter_file_is_refused() {
    let refused = |yaml: &str| import("a", "a", yaml).map(|_| ()).map_err(|(line, _)| line);
    assert_eq!(refused("a: 1\nb: [1\n"), Err(3));
    assert_eq!(refused("just a text"), Err(1));
    assert_eq!(refused("imageType: {LBP3D: {}}\nfeatureClass: {glcm: }\n"), Err(0));
    let (_, notes) = imported("settings: {binWidth: 1}\nvoxelSetting: {}\n");
    assert_eq!(notes.len(), 2);
    assert!(notes[0].starts_with("1: settings: no equivalent: PyRadiomics knows"), "{notes:?}");
}

#[test]
fn voxel_settings_make_maps() {
    // The file that comes with PyRadiomics as exampleVoxel.yaml.
    let (experiment, notes) = imported(
        "imageType: {Original: {}}\nfeatureClass: {glcm: [JointEntropy]}\nsetting: {binWidth: 25, force2D: true, label: 1}\n\
         voxelSetting: {kernelRadius: 2, maskedKernel: true, initValue: nan, voxelBatch: 10000}\n",
    );
    assert!(notes.iter().all(|note| !note.contains("no equivalent")), "{notes:?}");
    let maps: Vec<_> =
        experiment.images.iter().filter_map(|image| Some((&image.name, image.mapping.as_ref()?))).collect();
    let [(name, map)] = maps[..] else { panic!("{maps:?}") };
    assert_eq!((name.as_str(), map.plugin.as_str()), ("original-glcm", "pyradiomics-glcm"));
    assert_eq!((map.radius, map.beyond_region), (Radius::Voxels([2, 2, 0]), false));
    assert_eq!(map.aggregation.as_deref(), Some("2.5D direction-merged"));
    assert!(map.fill.is_nan());
    let (experiment, _) =
        imported("imageType: {Wavelet: {level: 2}}\nsetting: {maskedKernel: false}\nvoxelSetting: {}\n");
    let of = |image: &crate::experiment::Image| image.mapping.as_ref().map(|map| (image.of.clone(), map.beyond_region));
    let maps: Vec<_> = experiment.images.iter().filter_map(of).collect();
    assert_eq!(maps.len(), 15 * 6);
    // Family by family, the images of each in their order.
    assert_eq!(maps[7], (Some("wavelet2-LLH".into()), true));
    let (experiment, notes) = imported("setting: {kernelRadius: 2}\n");
    assert!(experiment.images.iter().all(|image| image.mapping.is_none()));
    assert!(notes[0].contains("section `voxelSetting`"), "{notes:?}");
}

#[test]
fn names_with_quotes_stay_one_word() {
    let made = import("a \"b\"\n.yaml", "a \"b\" \\", PLAIN).expect("it is a parameter file");
    let read = Experiment::from_text(Path::new("a.toml"), Path::new("."), &made.toml, &[]).expect("it is sound");
    assert_eq!(read.name, "a \"b\" \\");
}
