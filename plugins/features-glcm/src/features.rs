//! The features, each once: what describes it and where its value is found.

use voxomics_imaging::texture::cooccurrence::Cooccurrence;
use voxomics_sdk::Feature;

/// A feature, a number without unit.
///
/// In the equations p_ij is the symmetric matrix divided by its sum, p_i its row sums, N_g the number of grey levels
/// of the region.
pub(crate) struct Entry {
    pub(crate) id: &'static str,
    title: &'static str,
    pub(crate) ibsi: &'static str,
    meaning: &'static str,
    equation: &'static str,
    pub(crate) value: fn(&Cooccurrence) -> Option<f64>,
}

impl Entry {
    pub(crate) fn describe(&self) -> Feature {
        Feature::new(self.id, self.title).ibsi(self.ibsi).meaning(self.meaning).equation(self.equation)
    }
}

/// The features of the family in IBSI's order.
pub(crate) const FEATURES: [Entry; 25] = [
    Entry {
        id: "joint_maximum",
        title: "Joint maximum",
        ibsi: "GYBY",
        meaning: "one pair of levels prevails",
        equation: "max_ij p_ij",
        value: |f| Some(f.joint_maximum),
    },
    Entry {
        id: "joint_average",
        title: "Joint average",
        ibsi: "60VM",
        meaning: "levels of pairs are high",
        equation: "mu = sum_ij i p_ij",
        value: |f| Some(f.joint_average),
    },
    Entry {
        id: "joint_variance",
        title: "Joint variance",
        ibsi: "UR99",
        meaning: "levels of pairs are widely spread",
        equation: "sum_ij (i - mu)^2 p_ij; 0 if there is one level",
        value: |f| Some(f.joint_variance),
    },
    Entry {
        id: "joint_entropy",
        title: "Joint entropy",
        ibsi: "TU9B",
        meaning: "pairs are evenly spread over the levels: unordered texture",
        equation: "-sum_ij p_ij log2 p_ij; 0 if there is one level",
        value: |f| Some(f.joint_entropy),
    },
    Entry {
        id: "difference_average",
        title: "Difference average",
        ibsi: "TF7R",
        meaning: "neighbours differ much",
        equation: "sum_k k p_k over k = |i - j|",
        value: |f| Some(f.difference_average),
    },
    Entry {
        id: "difference_variance",
        title: "Difference variance",
        ibsi: "D3YU",
        meaning: "some neighbours differ much, others little",
        equation: "sum_k (k - difference average)^2 p_k over k = |i - j|",
        value: |f| Some(f.difference_variance),
    },
    Entry {
        id: "difference_entropy",
        title: "Difference entropy",
        ibsi: "NTRS",
        meaning: "differences of neighbours are evenly spread",
        equation: "-sum_k p_k log2 p_k over k = |i - j|; 0 if there is one difference",
        value: |f| Some(f.difference_entropy),
    },
    Entry {
        id: "sum_average",
        title: "Sum average",
        ibsi: "ZGXS",
        meaning: "levels of pairs are high",
        equation: "sum_k k p_k over k = i + j",
        value: |f| Some(f.sum_average),
    },
    Entry {
        id: "sum_variance",
        title: "Sum variance",
        ibsi: "OEEB",
        meaning: "sums of pairs are widely spread: neighbours are high or low together",
        equation: "sum_k (k - sum average)^2 p_k over k = i + j",
        value: |f| Some(f.sum_variance),
    },
    Entry {
        id: "sum_entropy",
        title: "Sum entropy",
        ibsi: "P6QZ",
        meaning: "sums of pairs are evenly spread",
        equation: "-sum_k p_k log2 p_k over k = i + j; 0 if there is one sum",
        value: |f| Some(f.sum_entropy),
    },
    Entry {
        id: "angular_second_moment",
        title: "Angular second moment",
        ibsi: "8ZQL",
        meaning: "few pairs of levels prevail: even texture",
        equation: "sum_ij p_ij^2; 1 if there is one level",
        value: |f| Some(f.angular_second_moment),
    },
    Entry {
        id: "contrast",
        title: "Contrast",
        ibsi: "ACUI",
        meaning: "neighbours differ much",
        equation: "sum_ij (i - j)^2 p_ij; 0 if there is one level",
        value: |f| Some(f.contrast),
    },
    Entry {
        id: "dissimilarity",
        title: "Dissimilarity",
        ibsi: "8S9J",
        meaning: "neighbours differ much",
        equation: "sum_ij |i - j| p_ij; 0 if there is one level",
        value: |f| Some(f.dissimilarity),
    },
    Entry {
        id: "inverse_difference",
        title: "Inverse difference",
        ibsi: "IB1Z",
        meaning: "neighbours are alike",
        equation: "sum_ij p_ij / (1 + |i - j|); 1 if there is one level",
        value: |f| Some(f.inverse_difference),
    },
    Entry {
        id: "normalised_inverse_difference",
        title: "Normalised inverse difference",
        ibsi: "NDRX",
        meaning: "neighbours are alike in relation to the number of levels",
        equation: "sum_ij p_ij / (1 + |i - j| / N_g); 1 if there is one level",
        value: |f| Some(f.normalised_inverse_difference),
    },
    Entry {
        id: "inverse_difference_moment",
        title: "Inverse difference moment",
        ibsi: "WF0Z",
        meaning: "neighbours are alike",
        equation: "sum_ij p_ij / (1 + (i - j)^2); 1 if there is one level",
        value: |f| Some(f.inverse_difference_moment),
    },
    Entry {
        id: "normalised_inverse_difference_moment",
        title: "Normalised inverse difference moment",
        ibsi: "1QCO",
        meaning: "neighbours are alike in relation to the number of levels",
        equation: "sum_ij p_ij / (1 + (i - j)^2 / N_g^2); 1 if there is one level",
        value: |f| Some(f.normalised_inverse_difference_moment),
    },
    Entry {
        id: "inverse_variance",
        title: "Inverse variance",
        ibsi: "E8JP",
        meaning: "neighbours differ, but little",
        equation: "sum p_ij / (i - j)^2 over i != j; 0 if there is one level",
        value: |f| Some(f.inverse_variance),
    },
    Entry {
        id: "correlation",
        title: "Correlation",
        ibsi: "NI2N",
        meaning: "neighbours are high or low together",
        equation: "sum_ij (i - mu) (j - mu) p_ij / joint variance; undefined if all pairs have one level",
        value: |f| f.correlation,
    },
    Entry {
        id: "autocorrelation",
        title: "Autocorrelation",
        ibsi: "QWB0",
        meaning: "pairs of high levels are frequent",
        equation: "sum_ij i j p_ij",
        value: |f| Some(f.autocorrelation),
    },
    Entry {
        id: "cluster_tendency",
        title: "Cluster tendency",
        ibsi: "DG8W",
        meaning: "pairs gather far from the average level",
        equation: "sum_ij (i + j - 2 mu)^2 p_ij; 0 if there is one level",
        value: |f| Some(f.cluster_tendency),
    },
    Entry {
        id: "cluster_shade",
        title: "Cluster shade",
        ibsi: "7NFM",
        meaning: "pairs gather far above the average level",
        equation: "sum_ij (i + j - 2 mu)^3 p_ij; 0 if there is one level",
        value: |f| Some(f.cluster_shade),
    },
    Entry {
        id: "cluster_prominence",
        title: "Cluster prominence",
        ibsi: "AE86",
        meaning: "a few pairs lie very far from the average level",
        equation: "sum_ij (i + j - 2 mu)^4 p_ij; 0 if there is one level",
        value: |f| Some(f.cluster_prominence),
    },
    Entry {
        id: "information_correlation_1",
        title: "Information correlation 1",
        ibsi: "R8DG",
        meaning: "a voxel tells little of its neighbour: 0 if nothing, negative if something",
        equation: "(HXY - HXY1) / HX with HXY = joint entropy, HX = -sum_i p_i log2 p_i, HXY1 = -sum_ij p_ij \
                   log2(p_i p_j); undefined if all pairs have one level",
        value: |f| f.information_correlation_1,
    },
    Entry {
        id: "information_correlation_2",
        title: "Information correlation 2",
        ibsi: "JN9H",
        meaning: "a voxel tells much of its neighbour",
        equation: "(1 - exp(-2 (HXY2 - HXY)))^(1/2) with HXY2 = -sum_ij p_i p_j log2(p_i p_j), in bits; 0 if there \
                   is one level",
        value: |f| Some(f.information_correlation_2),
    },
];
