//! What cannot be a map is refused before an image is read, and says what to do.

use super::{batch, experiment};

const PLUGINS: [&str; 5] =
    ["features-statistics", "features-glcm", "features-morphology", "features-local-intensity", "filter-mean"];

#[track_caller]
fn refuses(rest: &str, words: &[&str]) {
    let ran = batch(&experiment(&PLUGINS, rest)).run();
    assert_eq!(ran.said.code, Some(2), "{:?}", ran.said);
    for word in words {
        assert!(ran.said.err.contains(word), "no `{word}` in {}", ran.said.err);
    }
}

#[test]
fn outlines_and_margins_have_no_maps() {
    refuses("[maps.morphology]\n", &["[maps.morphology]", "measures the outline", "take a family of intensities"]);
    refuses("[maps.local_intensity]\n", &["[maps.local_intensity]", "mm beyond its region"]);
}

#[test]
fn names_are_looked_up() {
    refuses(
        "[maps.x]\nfamily = \"glcm\"\nonly = \"joint_entropie\"\n",
        &["no feature `joint_entropie`", "joint_entropy"],
    );
    refuses("[maps.x]\nfamily = \"glcm\"\nof = \"orignal\"\n", &["[maps.x]", "`orignal`, which is no image"]);
    refuses("[maps.x]\nfamily = \"glcm\"\nregion = \"tumor\"\n", &["`tumor`, which is no region", "tumour"]);
    refuses("[maps.x]\nfamily = \"glcm\"\naggregation = \"4D\"\n", &["no aggregation \"4D\"", "\"3D averaged\""]);
    refuses("[images.glcm]\n[maps.glcm]\n", &["[maps.glcm] and [images.glcm] have one name"]);
    refuses("[regions.other]\n[maps.glcm]\n", &["say of which region", "tumour, other"]);
    refuses("[maps.glcm]\nradius = 1\nradius_mm = 2\n", &["`radius_mm` in mm: give one of them"]);
    refuses("[maps.glcm]\nradius = 0\n", &["`radius` is [0, 0, 0] voxels"]);
    refuses("[maps.statistics.discretisation]\nmethod = \"fixed bin number\"\nbins = 8\n", &["reads no grey levels"]);
}

#[test]
fn a_filter_needs_a_number_outside() {
    let rest = "[images.original]\n[maps.local]\nfamily = \"statistics\"\nonly = \"mean\"\n\
                [images.smooth]\nfilter = \"mean\"\nof = \"local.mean\"\nsupport_voxels = 3\n";
    refuses(rest, &["[images.smooth] filters the map `local`", "`fill` in [maps.local]"]);
}
