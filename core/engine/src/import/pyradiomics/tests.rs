use std::path::Path;

use super::*;
use crate::experiment::{Discretisation, Experiment, Limits, Method, Minimum, OnMismatch, Radius, RegionFrom};

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
        "13: featureClass.glcm: no equivalent: `Dissimilarity` is left out, as PyRadiomics advises: it is \
         DifferenceAverage",
        "14: featureClass.glcm: no equivalent: PyRadiomics 3.0.1 has no feature `Entropie`",
        "17: setting.resampledPixelSpacing: differs: the new grid",
        "19: setting.additionalInfo: remark: ",
    ];
    assert_eq!(notes.len(), starts.len(), "{notes:#?}");
    for (note, start) in notes.iter().zip(starts) {
        assert!(note.starts_with(start), "{note}");
    }
    let images: Vec<&str> = experiment.images.iter().map(|image| image.name.as_str()).collect();
    let laplacians = ["original", "log-sigma-1-0-mm-3D", "log-sigma-3-0-mm-3D", "log-sigma-5-mm-3D"];
    assert_eq!((&images[..4], &images[4..]), (&laplacians[..], &["wavelet", "square"][..]));
    let interpolation = experiment.interpolation.expect("there is one");
    assert_eq!((interpolation.image, interpolation.mask), (Method::Cubic, Method::Nearest));
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
    assert_eq!(settings("glcm"), ("2.5D direction-merged".into(), "{}".into()));
    assert_eq!(settings("glrlm"), ("2.5D direction-merged".into(), "{}".into()));
    assert_eq!(settings("glszm"), ("2.5D".into(), "{}".into()));
    assert_eq!(settings("gldm"), ("2.5D".into(), "{\"alpha\":1,\"distance\":2}".into()));
    assert_eq!(settings("ngtdm"), ("2.5D".into(), "{\"distance\":2}".into()));
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(
        notes[1].contains("setting.distances: no equivalent: glcm: neighbours are taken at distance 1"),
        "{notes:?}"
    );
    assert!(notes[0].contains("interpolator: remark: it has a meaning only with"), "{notes:?}");
}

#[test]
fn shells_and_weights_are_not_pretended() {
    let (experiment, notes) = imported("setting:\n  distances: [1, 3]\n  weightingNorm: no_weighting\n");
    let lost: Vec<&String> = notes.iter().filter(|note| note.contains("no equivalent")).collect();
    assert_eq!(lost.len(), 3, "{notes:?}");
    assert_eq!(experiment.features[2].aggregations, ["3D merged"]);
    assert!(experiment.features.iter().all(|family| family.settings.values.is_empty()));
    let (_, notes) = imported("setting:\n  weightingNorm: euclidean\n");
    assert!(notes[0].starts_with("2: setting.weightingNorm: no equivalent: weights by distance in mm"), "{notes:?}");
}

#[test]
fn resegmentation_by_mode() {
    let range = |yaml: &str| {
        let (experiment, notes) = imported(yaml);
        (experiment.resegmentation.range, experiment.resegmentation.sigma, notes.len())
    };
    assert_eq!(range("setting: {resegmentRange: [400, -1000]}"), (Some(Limits::Every([-1000.0, 400.0])), None, 1));
    assert_eq!(range("setting: {resegmentRange: [40]}"), (Some(Limits::Every([40.0, f64::INFINITY])), None, 1));
    let sigma = |limits: &str| range(&format!("setting: {{resegmentMode: sigma, resegmentRange: {limits}}}"));
    assert_eq!(sigma("[-3, 3]"), (None, Some(3.0), 1));
    assert_eq!(sigma("[-3, 2]"), (None, None, 1));
    assert_eq!(sigma("[3]"), (None, None, 1));
    assert_eq!(range("setting: {resegmentMode: relative, resegmentRange: [0.4]}"), (None, None, 1));
    assert_eq!(
        range("setting: {resegmentShape: true, resegmentRange: [1, 2]}"),
        (Some(Limits::Every([1.0, 2.0])), None, 1)
    );
    let (_, notes) = imported("setting:\n  label: 2\n  resegmentRange: [1, 2]\n");
    assert!(notes[0].starts_with("3: setting.resegmentRange: differs: shape: PyRadiomics cuts the mask"), "{notes:?}");
    // Textures alone are as in PyRadiomics.
    let (_, notes) = imported("featureClass: {glcm: }\nsetting: {resegmentRange: [1, 2]}\n");
    assert_eq!(notes, Vec::<String>::new());
}

#[test]
fn every_other_setting_has_its_note() {
    let one = |line: &str| imported(&format!("setting:\n  {line}\n")).1.join("\n");
    for (line, expected) in [
        ("removeOutliers: 3", "remark: it has a meaning only with `normalize`"),
        ("normalizeScale: 100", "remark: it has a meaning only with `normalize`"),
        ("normalize: true\n  normalizeScale: big", "3: setting.normalizeScale: no equivalent: `big` is not a number"),
        ("normalize: true\n  resegmentRange: [1, 2]", "2: setting.normalize: differs: PyRadiomics compares"),
        ("padDistance: 10", "remark"),
        ("preCrop: true", "remark"),
        ("geometryTolerance: 0.0001", "remark"),
        ("minimumROIDimensions: 2", "remark"),
        ("minimumROISize: 50", "remark"),
        ("label_channel: 1", "no equivalent"),
        ("symmetricalGLCM: false", "no equivalent"),
        ("kernelRadius: 2", "remark: it is a setting of maps"),
        ("binwidth: 25", "no such setting"),
        ("binWidth: wide", "`wide` is not a number above 0"),
        ("gldm_a: 0.5", "not a whole number"),
        ("correctMask: 1", "not true or false"),
        ("resampledPixelSpacing: [1, 1]", "not three numbers"),
        ("resampledPixelSpacing: [1, 1, 0.001]", "not three numbers"),
        ("resampledPixelSpacing: [0, 0, 0]", "remark"),
    ] {
        assert!(one(line).contains(expected), "{line}: {}", one(line));
    }
    for silent in ["normalize: false", "label_channel: 0", "symmetricalGLCM: true", "force2D: false", "binCount:"] {
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
    let of = || Some("original".to_owned());
    let expected = "{\"level\":2,\"start_level\":1,\"wavelet\":\"haar\"}";
    assert_eq!(image("wavelet"), ("pyradiomics-wavelet".into(), expected.into(), of()));
    assert_eq!(image("gradient"), ("pyradiomics-gradient".into(), "{\"use_spacing\":false}".into(), of()));
    assert_eq!(image("lbp-2D"), ("pyradiomics-lbp-2d".into(), "{\"samples\":8}".into(), of()));
    assert_eq!(image("squareroot"), ("pyradiomics-intensity".into(), "{\"change\":\"square root\"}".into(), of()));
    let expected = "{\"remove_outliers\":3.0,\"scale\":100.0}";
    assert_eq!(image("original"), ("pyradiomics-normalise".into(), expected.into(), None));
    assert_eq!(experiment.features[0].images, Some(vec!["original".into()]));
    assert!(!experiment.features[1].images.as_ref().expect("a list").contains(&"original".into()));
    let (_, notes) = imported("imageType: {Wavelet: {level: many}}");
    assert!(notes[0].contains("imageType.Wavelet.level: no equivalent: `many` is not a whole number"), "{notes:?}");
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
