//! The features, each once: what describes it and how it is read from the curve.

use voxomics_sdk::Feature;

use crate::curve::Curve;

/// A feature. In the equations G is the range of discretised intensities i, nu(i) the fraction of the volume with at
/// least intensity i, gamma(i) = (i - min G) / (max G - min G).
pub(crate) struct Entry {
    pub(crate) id: &'static str,
    title: &'static str,
    pub(crate) ibsi: &'static str,
    unit: &'static str,
    meaning: &'static str,
    equation: &'static str,
    pub(crate) value: fn(&Curve) -> Result<f64, &'static str>,
}

impl Entry {
    pub(crate) fn describe(&self) -> Feature {
        Feature::new(self.id, self.title).ibsi(self.ibsi).unit(self.unit).meaning(self.meaning).equation(self.equation)
    }
}

/// The intensity-volume histogram features in IBSI's order. An intensity is a grey level with axis = "levels".
pub(crate) const FEATURES: [Entry; 7] = [
    Entry {
        id: "volume_at_intensity_fraction_10",
        title: "Volume at intensity fraction 0.10",
        ibsi: "BC2M",
        unit: "1",
        meaning: "much of the region has at least a tenth of the range's intensity",
        equation: "V_10 = largest nu(i) with gamma(i) >= 0.1 (IBSI parameter NK6P); undefined if max G = min G",
        value: |curve| curve.volume_at(10),
    },
    Entry {
        id: "volume_at_intensity_fraction_90",
        title: "Volume at intensity fraction 0.90",
        ibsi: "BC2M",
        unit: "1",
        meaning: "much of the region has at least nine tenths of the range's intensity",
        equation: "V_90 = largest nu(i) with gamma(i) >= 0.9 (IBSI parameter 4279); undefined if max G = min G",
        value: |curve| curve.volume_at(90),
    },
    Entry {
        id: "intensity_at_volume_fraction_10",
        title: "Intensity at volume fraction 0.10",
        ibsi: "GBPN",
        unit: "intensity",
        meaning: "the brightest tenth of the region is bright",
        equation: "I_10 = least i in G with nu(i) <= 0.1 (IBSI parameter PWN1); undefined if there is none",
        value: |curve| curve.intensity_at(10),
    },
    Entry {
        id: "intensity_at_volume_fraction_90",
        title: "Intensity at volume fraction 0.90",
        ibsi: "GBPN",
        unit: "intensity",
        meaning: "all but the darkest tenth of the region is bright",
        equation: "I_90 = least i in G with nu(i) <= 0.9 (IBSI parameter BOHI); undefined if there is none",
        value: |curve| curve.intensity_at(90),
    },
    Entry {
        id: "volume_fraction_difference_between_intensity_fractions",
        title: "Volume fraction difference between intensity fractions (0.10 and 0.90)",
        ibsi: "DDTU",
        unit: "1",
        meaning: "much of the region lies between a tenth and nine tenths of the range's intensity",
        equation: "V_10 - V_90 (IBSI parameter WITY); undefined if one of them is",
        value: |curve| Ok(curve.volume_at(10)? - curve.volume_at(90)?),
    },
    Entry {
        id: "intensity_fraction_difference_between_volume_fractions",
        title: "Intensity fraction difference between volume fractions (0.10 and 0.90)",
        ibsi: "CNV2",
        unit: "intensity",
        meaning: "the intensities are widely spread",
        equation: "I_10 - I_90 (IBSI parameter JXJA); undefined if one of them is",
        value: |curve| Ok(curve.intensity_at(10)? - curve.intensity_at(90)?),
    },
    Entry {
        id: "area_under_the_ivh_curve",
        title: "Area under the IVH curve",
        ibsi: "9CMM",
        unit: "1",
        meaning: "most of the region is bright in relation to the range",
        equation: "integral of nu over gamma by the trapezoidal rule; 0 if all voxels have one discretised intensity",
        value: Curve::area,
    },
];
