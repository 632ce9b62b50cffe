//! PyRadiomics' feature classes and the names in them, and how names are written in TOML.

/// A text in TOML; names have no use for control characters.
pub fn quoted(word: &str) -> String {
    let plain: String = word.chars().filter(|c| !c.is_control()).collect();
    format!("\"{}\"", plain.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The classes that there is a plugin for, each with every feature that PyRadiomics 3.0.1 computes by default.
#[rustfmt::skip]
pub const CLASSES: [(&str, &[&str]); 8] = [
    (
        "shape",
        &[
            "Elongation", "Flatness", "LeastAxisLength", "MajorAxisLength", "Maximum2DDiameterColumn",
            "Maximum2DDiameterRow", "Maximum2DDiameterSlice", "Maximum3DDiameter", "MeshVolume", "MinorAxisLength",
            "Sphericity", "SurfaceArea", "SurfaceVolumeRatio", "VoxelVolume",
        ],
    ),
    (
        "firstorder",
        &[
            "10Percentile", "90Percentile", "Energy", "Entropy", "InterquartileRange", "Kurtosis", "Maximum", "Mean",
            "MeanAbsoluteDeviation", "Median", "Minimum", "Range", "RobustMeanAbsoluteDeviation", "RootMeanSquared",
            "Skewness", "TotalEnergy", "Uniformity", "Variance",
        ],
    ),
    (
        "glcm",
        &[
            "Autocorrelation", "ClusterProminence", "ClusterShade", "ClusterTendency", "Contrast", "Correlation",
            "DifferenceAverage", "DifferenceEntropy", "DifferenceVariance", "Id", "Idm", "Idmn", "Idn", "Imc1", "Imc2",
            "InverseVariance", "JointAverage", "JointEnergy", "JointEntropy", "MCC", "MaximumProbability", "SumAverage",
            "SumEntropy", "SumSquares",
        ],
    ),
    (
        "glrlm",
        &[
            "GrayLevelNonUniformity", "GrayLevelNonUniformityNormalized", "GrayLevelVariance",
            "HighGrayLevelRunEmphasis", "LongRunEmphasis", "LongRunHighGrayLevelEmphasis",
            "LongRunLowGrayLevelEmphasis", "LowGrayLevelRunEmphasis", "RunEntropy", "RunLengthNonUniformity",
            "RunLengthNonUniformityNormalized", "RunPercentage", "RunVariance", "ShortRunEmphasis",
            "ShortRunHighGrayLevelEmphasis", "ShortRunLowGrayLevelEmphasis",
        ],
    ),
    (
        "glszm",
        &[
            "GrayLevelNonUniformity", "GrayLevelNonUniformityNormalized", "GrayLevelVariance",
            "HighGrayLevelZoneEmphasis", "LargeAreaEmphasis", "LargeAreaHighGrayLevelEmphasis",
            "LargeAreaLowGrayLevelEmphasis", "LowGrayLevelZoneEmphasis", "SizeZoneNonUniformity",
            "SizeZoneNonUniformityNormalized", "SmallAreaEmphasis", "SmallAreaHighGrayLevelEmphasis",
            "SmallAreaLowGrayLevelEmphasis", "ZoneEntropy", "ZonePercentage", "ZoneVariance",
        ],
    ),
    (
        "gldm",
        &[
            "DependenceEntropy", "DependenceNonUniformity", "DependenceNonUniformityNormalized", "DependenceVariance",
            "GrayLevelNonUniformity", "GrayLevelVariance", "HighGrayLevelEmphasis", "LargeDependenceEmphasis",
            "LargeDependenceHighGrayLevelEmphasis", "LargeDependenceLowGrayLevelEmphasis", "LowGrayLevelEmphasis",
            "SmallDependenceEmphasis", "SmallDependenceHighGrayLevelEmphasis", "SmallDependenceLowGrayLevelEmphasis",
        ],
    ),
    ("ngtdm", &["Busyness", "Coarseness", "Complexity", "Contrast", "Strength"]),
    (
        PLANAR,
        &[
            "Elongation", "MajorAxisLength", "MaximumDiameter", "MeshSurface", "MinorAxisLength", "Perimeter",
            "PerimeterSurfaceRatio", "PixelSurface", "Sphericity",
        ],
    ),
];

/// The features of a class that PyRadiomics computes by default.
pub fn features(class: &str) -> &'static [&'static str] {
    CLASSES.iter().find(|(name, _)| *name == class).map_or(&[], |(_, features)| *features)
}

/// The class of shape in one slice, which a file must name.
pub const PLANAR: &str = "shape2D";

/// Features that PyRadiomics computes only if they are named.
pub const NAMED: [(&str, &str); 5] = [
    ("shape", "Compactness1"),
    ("shape", "Compactness2"),
    ("shape", "SphericalDisproportion"),
    (PLANAR, "SphericalDisproportion"),
    ("firstorder", "StandardDeviation"),
];

/// Features that PyRadiomics knows and computes no more, and what says the same.
pub const DEPRECATED: [(&str, &str, &str); 6] = [
    ("glcm", "Dissimilarity", "it is DifferenceAverage"),
    ("glcm", "Homogeneity1", "it is Id"),
    ("glcm", "Homogeneity2", "it is Idm"),
    ("glcm", "SumVariance", "it is ClusterTendency"),
    ("gldm", "GrayLevelNonUniformityNormalized", "it is Uniformity of firstorder"),
    ("gldm", "DependencePercentage", "it always is 1"),
];
