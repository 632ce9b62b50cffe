//! The words of a texture matrix.

use voxomics_imaging::texture::{Aggregation, Kind, Norm, Request, Weighting};
use voxomics_interface::describe::Matrix;

/// A matrix as a family asks for it, as a request to imaging.
pub fn request(matrix: &Matrix) -> Result<Request, String> {
    let kinds = [
        ("glcm", Kind::Glcm),
        ("glrlm", Kind::Glrlm),
        ("glszm", Kind::Glszm),
        ("gldzm", Kind::Gldzm),
        ("ngtdm", Kind::Ngtdm),
        ("ngldm", Kind::Ngldm),
    ];
    let aggregations = [
        ("2D averaged", Aggregation::Averaged2D),
        ("2D slice-merged", Aggregation::SliceMerged2D),
        ("2.5D direction-merged", Aggregation::DirectionMerged2_5D),
        ("2.5D merged", Aggregation::Merged2_5D),
        ("3D averaged", Aggregation::Averaged3D),
        ("3D merged", Aggregation::Merged3D),
        ("2D", Aggregation::PerSlice2D),
        ("2.5D", Aggregation::PerSlice2_5D),
        ("3D", Aggregation::Volume3D),
    ];
    let norms = [("Chebyshev", Norm::Chebyshev), ("Euclidean", Norm::Euclidean), ("Manhattan", Norm::Manhattan)];
    let norm = word("norm", &matrix.norm, &norms)?;
    let weightings =
        [("none", Weighting::None), ("inverse", Weighting::Inverse(norm)), ("gaussian", Weighting::Gaussian(norm))];
    let request = Request {
        kind: word("kind", &matrix.kind, &kinds)?,
        aggregation: word("aggregation", &matrix.aggregation, &aggregations)?,
        distance: matrix.distance,
        norm,
        weighting: word("weighting", &matrix.weighting, &weightings)?,
        coarseness: matrix.coarseness,
    };
    request.check().map_err(|wrong| wrong.to_string())?;
    Ok(request)
}

fn word<T: Copy>(what: &str, word: &str, known: &[(&str, T)]) -> Result<T, String> {
    known.iter().find(|(candidate, _)| *candidate == word).map(|(_, value)| *value).ok_or_else(|| {
        let list: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        format!("it asks for a texture matrix of {what} `{word}`, known are {}", list.join(", "))
    })
}
