//! The features, each once: what describes it and how it is read from the curve.

use std::sync::LazyLock;

use voxomics_sdk::Feature;

use crate::curve::Curve;

/// The intensity-volume histogram features in IBSI's order. An intensity is a grey level with axis = "levels".
///
/// In the equations G is the range of discretised intensities i, nu(i) the fraction of the volume with at least
/// intensity i, gamma(i) = (i - min G) / (max G - min G).
pub(crate) static FEATURES: LazyLock<[Feature<Curve>; 7]> = LazyLock::new(|| {
    [
        Feature::new("volume_at_intensity_fraction_10", "Volume at intensity fraction 0.10")
            .ibsi("BC2M")
            .meaning("much of the region has at least a tenth of the range's intensity")
            .equation("V_10 = largest nu(i) with gamma(i) >= 0.1 (IBSI parameter NK6P); undefined if max G = min G")
            .value(|curve| curve.volume_at(10)),
        Feature::new("volume_at_intensity_fraction_90", "Volume at intensity fraction 0.90")
            .ibsi("BC2M")
            .meaning("much of the region has at least nine tenths of the range's intensity")
            .equation("V_90 = largest nu(i) with gamma(i) >= 0.9 (IBSI parameter 4279); undefined if max G = min G")
            .value(|curve| curve.volume_at(90)),
        Feature::new("intensity_at_volume_fraction_10", "Intensity at volume fraction 0.10")
            .ibsi("GBPN")
            .unit("intensity")
            .meaning("the brightest tenth of the region is bright")
            .equation("I_10 = least i in G with nu(i) <= 0.1 (IBSI parameter PWN1); undefined if there is none")
            .value(|curve| curve.intensity_at(10)),
        Feature::new("intensity_at_volume_fraction_90", "Intensity at volume fraction 0.90")
            .ibsi("GBPN")
            .unit("intensity")
            .meaning("all but the darkest tenth of the region is bright")
            .equation("I_90 = least i in G with nu(i) <= 0.9 (IBSI parameter BOHI); undefined if there is none")
            .value(|curve| curve.intensity_at(90)),
        Feature::new(
            "volume_fraction_difference_between_intensity_fractions",
            "Volume fraction difference between intensity fractions (0.10 and 0.90)",
        )
        .ibsi("DDTU")
        .meaning("much of the region lies between a tenth and nine tenths of the range's intensity")
        .equation("V_10 - V_90 (IBSI parameter WITY); undefined if one of them is")
        .value(|curve| Ok(curve.volume_at(10)? - curve.volume_at(90)?)),
        Feature::new(
            "intensity_fraction_difference_between_volume_fractions",
            "Intensity fraction difference between volume fractions (0.10 and 0.90)",
        )
        .ibsi("CNV2")
        .unit("intensity")
        .meaning("the intensities are widely spread")
        .equation("I_10 - I_90 (IBSI parameter JXJA); undefined if one of them is")
        .value(|curve| Ok(curve.intensity_at(10)? - curve.intensity_at(90)?)),
        Feature::new("area_under_the_ivh_curve", "Area under the IVH curve")
            .ibsi("9CMM")
            .meaning("most of the region is bright in relation to the range")
            .equation(
                "integral of nu over gamma by the trapezoidal rule; 0 if all voxels have one discretised intensity",
            )
            .value(Curve::area),
    ]
});
