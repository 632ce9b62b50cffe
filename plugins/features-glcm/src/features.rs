//! The features, each once: what describes it and where its value is found.

use std::sync::LazyLock;

use voxomics_imaging::texture::cooccurrence::Cooccurrence;
use voxomics_sdk::Feature;

/// Why features that divide by a variance or an entropy may have no value.
const FLAT: &str = "all pairs of neighbours have the same grey level";

/// The features of the family in IBSI's order, numbers without unit.
///
/// In the equations p_ij is the symmetric matrix divided by its sum, p_i its row sums, N_g the number of grey levels
/// of the region.
pub(crate) static FEATURES: LazyLock<[Feature<Cooccurrence>; 25]> = LazyLock::new(|| {
    [
        Feature::new("joint_maximum", "Joint maximum")
            .ibsi("GYBY")
            .meaning("one pair of levels prevails")
            .equation("max_ij p_ij")
            .value(|f| Ok(f.joint_maximum)),
        Feature::new("joint_average", "Joint average")
            .ibsi("60VM")
            .meaning("levels of pairs are high")
            .equation("mu = sum_ij i p_ij")
            .value(|f| Ok(f.joint_average)),
        Feature::new("joint_variance", "Joint variance")
            .ibsi("UR99")
            .meaning("levels of pairs are widely spread")
            .equation("sum_ij (i - mu)^2 p_ij; 0 if there is one level")
            .value(|f| Ok(f.joint_variance)),
        Feature::new("joint_entropy", "Joint entropy")
            .ibsi("TU9B")
            .meaning("pairs are evenly spread over the levels: unordered texture")
            .equation("-sum_ij p_ij log2 p_ij; 0 if there is one level")
            .value(|f| Ok(f.joint_entropy)),
        Feature::new("difference_average", "Difference average")
            .ibsi("TF7R")
            .meaning("neighbours differ much")
            .equation("sum_k k p_k over k = |i - j|")
            .value(|f| Ok(f.difference_average)),
        Feature::new("difference_variance", "Difference variance")
            .ibsi("D3YU")
            .meaning("some neighbours differ much, others little")
            .equation("sum_k (k - difference average)^2 p_k over k = |i - j|")
            .value(|f| Ok(f.difference_variance)),
        Feature::new("difference_entropy", "Difference entropy")
            .ibsi("NTRS")
            .meaning("differences of neighbours are evenly spread")
            .equation("-sum_k p_k log2 p_k over k = |i - j|; 0 if there is one difference")
            .value(|f| Ok(f.difference_entropy)),
        Feature::new("sum_average", "Sum average")
            .ibsi("ZGXS")
            .meaning("levels of pairs are high")
            .equation("sum_k k p_k over k = i + j")
            .value(|f| Ok(f.sum_average)),
        Feature::new("sum_variance", "Sum variance")
            .ibsi("OEEB")
            .meaning("sums of pairs are widely spread: neighbours are high or low together")
            .equation("sum_k (k - sum average)^2 p_k over k = i + j")
            .value(|f| Ok(f.sum_variance)),
        Feature::new("sum_entropy", "Sum entropy")
            .ibsi("P6QZ")
            .meaning("sums of pairs are evenly spread")
            .equation("-sum_k p_k log2 p_k over k = i + j; 0 if there is one sum")
            .value(|f| Ok(f.sum_entropy)),
        Feature::new("angular_second_moment", "Angular second moment")
            .ibsi("8ZQL")
            .meaning("few pairs of levels prevail: even texture")
            .equation("sum_ij p_ij^2; 1 if there is one level")
            .value(|f| Ok(f.angular_second_moment)),
        Feature::new("contrast", "Contrast")
            .ibsi("ACUI")
            .meaning("neighbours differ much")
            .equation("sum_ij (i - j)^2 p_ij; 0 if there is one level")
            .value(|f| Ok(f.contrast)),
        Feature::new("dissimilarity", "Dissimilarity")
            .ibsi("8S9J")
            .meaning("neighbours differ much")
            .equation("sum_ij |i - j| p_ij; 0 if there is one level")
            .value(|f| Ok(f.dissimilarity)),
        Feature::new("inverse_difference", "Inverse difference")
            .ibsi("IB1Z")
            .meaning("neighbours are alike")
            .equation("sum_ij p_ij / (1 + |i - j|); 1 if there is one level")
            .value(|f| Ok(f.inverse_difference)),
        Feature::new("normalised_inverse_difference", "Normalised inverse difference")
            .ibsi("NDRX")
            .meaning("neighbours are alike in relation to the number of levels")
            .equation("sum_ij p_ij / (1 + |i - j| / N_g); 1 if there is one level")
            .value(|f| Ok(f.normalised_inverse_difference)),
        Feature::new("inverse_difference_moment", "Inverse difference moment")
            .ibsi("WF0Z")
            .meaning("neighbours are alike")
            .equation("sum_ij p_ij / (1 + (i - j)^2); 1 if there is one level")
            .value(|f| Ok(f.inverse_difference_moment)),
        Feature::new("normalised_inverse_difference_moment", "Normalised inverse difference moment")
            .ibsi("1QCO")
            .meaning("neighbours are alike in relation to the number of levels")
            .equation("sum_ij p_ij / (1 + (i - j)^2 / N_g^2); 1 if there is one level")
            .value(|f| Ok(f.normalised_inverse_difference_moment)),
        Feature::new("inverse_variance", "Inverse variance")
            .ibsi("E8JP")
            .meaning("neighbours differ, but little")
            .equation("sum p_ij / (i - j)^2 over i != j; 0 if there is one level")
            .value(|f| Ok(f.inverse_variance)),
        Feature::new("correlation", "Correlation")
            .ibsi("NI2N")
            .meaning("neighbours are high or low together")
            .equation("sum_ij (i - mu) (j - mu) p_ij / joint variance; undefined if all pairs have one level")
            .value(|f| f.correlation.ok_or(FLAT)),
        Feature::new("autocorrelation", "Autocorrelation")
            .ibsi("QWB0")
            .meaning("pairs of high levels are frequent")
            .equation("sum_ij i j p_ij")
            .value(|f| Ok(f.autocorrelation)),
        Feature::new("cluster_tendency", "Cluster tendency")
            .ibsi("DG8W")
            .meaning("pairs gather far from the average level")
            .equation("sum_ij (i + j - 2 mu)^2 p_ij; 0 if there is one level")
            .value(|f| Ok(f.cluster_tendency)),
        Feature::new("cluster_shade", "Cluster shade")
            .ibsi("7NFM")
            .meaning("pairs gather far above the average level")
            .equation("sum_ij (i + j - 2 mu)^3 p_ij; 0 if there is one level")
            .value(|f| Ok(f.cluster_shade)),
        Feature::new("cluster_prominence", "Cluster prominence")
            .ibsi("AE86")
            .meaning("a few pairs lie very far from the average level")
            .equation("sum_ij (i + j - 2 mu)^4 p_ij; 0 if there is one level")
            .value(|f| Ok(f.cluster_prominence)),
        Feature::new("information_correlation_1", "Information correlation 1")
            .ibsi("R8DG")
            .meaning("a voxel tells little of its neighbour: 0 if nothing, negative if something")
            .equation(
                "(HXY - HXY1) / HX with HXY = joint entropy, HX = -sum_i p_i log2 p_i, HXY1 = -sum_ij p_ij \
                   log2(p_i p_j); undefined if all pairs have one level",
            )
            .value(|f| f.information_correlation_1.ok_or(FLAT)),
        Feature::new("information_correlation_2", "Information correlation 2")
            .ibsi("JN9H")
            .meaning("a voxel tells much of its neighbour")
            .equation(
                "(1 - exp(-2 (HXY2 - HXY)))^(1/2) with HXY2 = -sum_ij p_i p_j log2(p_i p_j), in bits; 0 if there \
                   is one level",
            )
            .value(|f| Ok(f.information_correlation_2)),
    ]
});
