//! What the doors call.

use std::ffi::c_void;

/// The entry of each plugin: `voxomics_` and the name of its library.
macro_rules! entries {
    ($($library:ident),* $(,)?) => {$(
        #[unsafe(export_name = concat!("voxomics_", stringify!($library)))]
        extern "C" fn $library(generation: u32, carrier: u32) -> *const c_void {
            ::$library::__voxomics_entry(generation, carrier)
        }
    )*};
}

entries! {
    export_dicom,
    export_fhir,
    export_json,
    features_diameter,
    features_glcm,
    features_gldzm,
    features_glrlm,
    features_glszm,
    features_habitats,
    features_histogram,
    features_ivh,
    features_lifex,
    features_local_intensity,
    features_morphology,
    features_ngldm,
    features_ngtdm,
    features_pyradiomics,
    features_shape2d,
    features_statistics,
    filter_gabor,
    filter_image_z_score,
    filter_laplacian_of_gaussian,
    filter_laws,
    filter_mean,
    filter_nyul,
    filter_percentiles,
    filter_pyradiomics,
    filter_riesz,
    filter_simoncelli,
    filter_wavelet,
    filter_whitestripe,
    filter_z_score,
    load_dicom,
    load_metaimage,
    load_nifti,
    load_nrrd,
    load_picture,
    predict_boosting,
    predict_elastic_net,
    predict_forest,
    predict_linear,
    regions_habitats,
    regions_threshold,
}
