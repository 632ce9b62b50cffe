//! Which of two settings counts, and what an empty one is. PyRadiomics 3.0.1 was asked each time.

use super::{imported, names};
use crate::experiment::{Discretisation, Experiment, Minimum};

/// The bins of an image: a count, or a width below 0.
fn bins(experiment: &Experiment, name: &str) -> f64 {
    let image = experiment.images.iter().find(|image| image.name == name).expect("the image is there");
    match image.discretisation.or(experiment.discretisation) {
        Some(Discretisation::FixedBinNumber { bins }) => f64::from(bins),
        Some(Discretisation::FixedBinSize { width, minimum: Minimum::MultipleOfWidth, .. }) => -width,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_count_goes_before_a_width_wherever_either_stands() {
    for (all, own, expected) in [
        ("binCount: 16", "binWidth: 5", 16.0),
        ("binCount: 16", "binWidth: 5, binCount: 8", 8.0),
        ("binCount: 16", "binCount: 8, binWidth: 5", 8.0),
        ("binCount: 16", "binCount: , binWidth: 5", -5.0),
        ("binCount: 16", "binCount: ", -25.0),
        ("binCount: 16, binWidth: 10", "binCount: ", -10.0),
        ("binWidth: 10", "binCount: 8", 8.0),
        ("binWidth: 10", "binWidth: 5", -5.0),
        ("binWidth: 10", "binCount: ", -10.0),
        ("binCount: , binWidth: 10", "", -10.0),
    ] {
        for (of, name) in [("LoG", "log-sigma-2-0-mm-3D"), ("Original", "original"), ("Square", "square")] {
            let (experiment, notes) =
                imported(&format!("imageType: {{{of}: {{{own}}}}}\nsetting: {{{all}, sigma: [2.0]}}\n"));
            assert_eq!(bins(&experiment, name), expected, "{all}; {of}: {own}");
            assert!(notes.iter().all(|note| note.contains(": remark: ")), "{notes:?}");
        }
    }
    let (_, notes) = imported("imageType: {LoG: {sigma: [2.0], binWidth: 5}}\nsetting: {binCount: 16}\n");
    assert_eq!(notes, ["1: imageType.LoG.binWidth: remark: `binCount` takes precedence, as in PyRadiomics"]);
}

#[test]
fn an_empty_interpolator_switches_resampling_off() {
    let all = "setting: {resampledPixelSpacing: [2, 2, 2], interpolator: , preCrop: true, padDistance: 3, correctMask: true}\n";
    let (experiment, notes) = imported(all);
    let prepare = experiment.prepare.expect("the scan is cut");
    assert_eq!((prepare.spacing_mm, prepare.margin_voxels), (None, Some(3)));
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].contains("resampledPixelSpacing: remark: an empty `interpolator` switches resampling off"));
    let (experiment, notes) = imported("setting: {interpolator: }\n");
    assert_eq!((experiment.prepare, notes), (None, Vec::new()));
}

/// Keys that PyRadiomics takes without a value, as if they were not there.
const AS_LEFT_OUT: &str = "minimumROISize geometryTolerance correctMask additionalInfo label_channel binCount normalize normalizeScale \
                           removeOutliers resampledPixelSpacing interpolator padDistance resegmentRange resegmentMode resegmentShape \
                           preCrop weightingNorm gradientUseSpacing lbp2DRadius lbp2DSamples lbp2DMethod start_level level";

#[test]
fn an_empty_key_is_what_pyradiomics_makes_of_it() {
    let plain = imported("").0;
    for key in AS_LEFT_OUT.split_whitespace() {
        let (experiment, notes) = imported(&format!("setting:\n  {key}:\n"));
        assert_eq!(notes, Vec::<String>::new(), "{key}");
        let same = (experiment.discretisation, experiment.prepare) == (plain.discretisation, plain.prepare);
        assert!(same && names(&experiment) == names(&plain), "{key}");
    }
    for text in [
        "minimumROIDimensions:",
        "label:",
        "binWidth:",
        "distances:",
        "force2D:",
        "force2Ddimension:",
        "gldm_a:",
        "voxelArrayShift:",
        "normalize: true\n  normalizeScale:",
        "preCrop: true\n  padDistance:",
        "resegmentRange: [1, 2]\n  resegmentMode:",
    ] {
        let notes = imported(&format!("setting:\n  {text}\n")).1;
        assert!(notes.len() == 1 && notes[0].contains(": differs: PyRadiomics 3.0.1 "), "{text}: {notes:?}");
    }
    let (experiment, notes) = imported("setting: {symmetricalGLCM: }\n");
    let glcm = experiment.features.iter().find(|family| family.name == "glcm").expect("it is there");
    assert_eq!(serde_json::Value::from(glcm.settings.values.clone()), serde_json::json!({"symmetric": false}));
    assert_eq!(notes, Vec::<String>::new());
    let (experiment, _) = imported("featureClass: {glcm: }\nvoxelSetting: {maskedKernel: , initValue: }\n");
    let map = experiment.images.iter().find_map(|image| image.mapping.as_ref()).expect("there is a map");
    assert!(map.beyond_region && map.fill.is_nan());
    for text in ["imageType:", "featureClass:", "setting:", "voxelSetting:", "imageType:\n  Original:"] {
        let notes = imported(&format!("{text}\n")).1;
        assert!(notes.iter().any(|note| note.contains(": differs: PyRadiomics 3.0.1 refuses")), "{text}: {notes:?}");
    }
    let (_, notes) = imported("imageType: {Gradient: {gradientUseSpacing: }, Wavelet: {level: }}\n");
    assert!(notes.len() == 2 && notes.iter().all(|note| note.contains("stops with an error")), "{notes:?}");
}

#[test]
fn an_image_type_has_settings_of_features_only_as_all_have_them() {
    let told =
        |own: &str| imported(&format!("imageType:\n  Square: {{{own}}}\nsetting: {{force2D: true, label: 2}}\n")).1;
    for own in ["distances: [1]", "label: 2", "force2D: true", "gldm_a: 0", "symmetricalGLCM: true", "weightingNorm: "]
    {
        assert_eq!(told(own), Vec::<String>::new(), "{own}");
    }
    for own in [
        "distances: [2]",
        "label: 1",
        "force2D: false",
        "force2Ddimension: 1",
        "gldm_a: 1",
        "symmetricalGLCM: false",
        "symmetricalGLCM: ",
        "weightingNorm: infinity",
        "voxelArrayShift: 10",
        "binwidth: 3",
        "kernelRadius: 2",
    ] {
        let notes = told(own);
        assert!(notes.len() == 1 && notes[0].starts_with("2: imageType.Square."), "{own}: {notes:?}");
        assert!(notes[0].contains(": no equivalent: "), "{own}: {notes:?}");
    }
    // PyRadiomics does not look at these here.
    for own in ["normalize: true", "resampledPixelSpacing: [1, 1, 1]", "preCrop: true", "sigma: [3.0]", "level: 2"] {
        let notes = told(own);
        assert!(notes.len() == 1 && notes[0].contains(": remark: "), "{own}: {notes:?}");
    }
    let (experiment, _) = imported("imageType: {Original: {normalize: true, resampledPixelSpacing: [1, 1, 1]}}");
    assert_eq!(experiment.prepare, None);
}

#[test]
fn what_a_filter_does_not_take_is_told_and_costs_its_images_alone() {
    for (of, own, expected) in [
        (
            "LBP2D",
            "lbp2DMethod: var",
            "lbp2DMethod: no equivalent: `var` is not offered, and LBP2D's images are left out",
        ),
        ("LBP2D", "lbp2DSamples: 64", "there are whole numbers from 1 to 50"),
        ("LBP2D", "lbp2DRadius: 0.0001", "there are numbers from 0.001 to 100"),
        ("LBP2D", "force2Ddimension: 1", "imageType.LBP2D: no equivalent: PyRadiomics takes the planes"),
        ("Wavelet", "level: 9", "there are whole numbers from 1 to 8"),
        ("Wavelet", "start_level: 9", "there are whole numbers from 0 to 8"),
    ] {
        for text in [
            format!("imageType: {{Original: {{}}, {of}: {{{own}}}}}\n"),
            format!("imageType: {{Original: {{}}, {of}: {{}}}}\nsetting: {{{own}}}\n"),
        ] {
            let (experiment, notes) = imported(&text);
            assert!(notes.len() == 1 && notes[0].contains(expected), "{text}: {notes:?}");
            let images: Vec<&str> = experiment.images.iter().map(|image| image.name.as_str()).collect();
            assert_eq!(images, ["original"], "{text}");
        }
    }
    let long = |own: &str| imported(&format!("imageType: {{LBP2D: {{{own}}}}}\n")).1;
    assert_eq!(long("lbp2DSamples: 50"), Vec::<String>::new());
    assert_eq!(long("lbp2DSamples: 15, lbp2DMethod: ror"), Vec::<String>::new());
    assert!(long("lbp2DSamples: 16, lbp2DMethod: default")[0].contains("imageType.LBP2D: differs: PyRadiomics writes"));
}

#[test]
fn what_refuses_cases_in_one_of_the_two_programs_is_told() {
    let told = |line: &str| imported(&format!("setting:\n  {line}\n")).1.join("\n");
    assert!(told("geometryTolerance: 0.1").starts_with("2: setting.geometryTolerance: no equivalent: masks that lie"));
    assert!(told("geometryTolerance: 0.0001").contains(": remark: "));
    assert!(told("minimumROIDimensions: 3").contains(": no equivalent: "));
    let (experiment, notes) = imported("setting: {minimumROISize: 50}");
    assert_eq!((experiment.regions[0].min_voxels, notes), (Some(51), Vec::new()));
    assert!(told("minimumROISize: 50\n  resegmentRange: [1, 2]").contains("minimumROISize: no equivalent: "));
}

#[test]
fn a_file_without_classes_asks_for_shape_in_a_slice_with_force_2d() {
    assert!(names(&imported("setting: {force2D: true}").0).contains(&"shape2D"));
    assert!(!names(&imported("setting: {force2D: false}").0).contains(&"shape2D"));
}
