//! What must hold for every scan, whatever its values: invariance, and an answer for every degenerate region.

mod controls;
mod degenerate;
mod filters;
mod invariance;
mod memory;
mod perturbed;

/// Every family in three dimensions, on the scan's own grid.
const EXPERIMENT: &str = r#"
[plugins]
use = [
    "load-nifti", "features-morphology", "features-local-intensity", "features-statistics", "features-histogram",
    "features-ivh", "features-glcm", "features-glrlm", "features-glszm", "features-gldzm", "features-ngtdm",
    "features-ngldm",
]
[regions.roi]
any = true
[discretisation]
method = "fixed bin size"
width = 12.5
minimum = -100
[features.morphology]
[features.local_intensity]
[features.statistics]
[features.histogram]
[features.ivh]
[features.glcm]
aggregation = ["3D averaged", "3D merged"]
[features.glcm_weighted]
family = "glcm"
distance = 2
norm = "Euclidean"
weighting = "gaussian"
[features.glrlm]
aggregation = ["3D averaged", "3D merged"]
[features.glrlm_weighted]
family = "glrlm"
weighting = "inverse"
weighting_norm = "Manhattan"
[features.glszm]
[features.gldzm]
[features.ngtdm]
[features.ngldm]
"#;
