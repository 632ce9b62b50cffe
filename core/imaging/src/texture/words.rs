//! The words by which matrices are asked for.

use super::{Aggregation, Kind, Norm, Request, Weighting};

const KINDS: [(&str, Kind); 6] = [
    ("glcm", Kind::Glcm),
    ("glrlm", Kind::Glrlm),
    ("glszm", Kind::Glszm),
    ("gldzm", Kind::Gldzm),
    ("ngtdm", Kind::Ngtdm),
    ("ngldm", Kind::Ngldm),
];

const AGGREGATIONS: [(&str, Aggregation); 9] = [
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

const NORMS: [(&str, Norm); 3] =
    [("Chebyshev", Norm::Chebyshev), ("Euclidean", Norm::Euclidean), ("Manhattan", Norm::Manhattan)];

impl Request {
    /// A request by words: the kind's abbreviation, IBSI's name of the aggregation (`3D averaged`, `2.5D merged`, `3D`, …),
    /// the name of the distance's norm; `none`, `inverse` or `gaussian` and the name of the norm in which directions are
    /// measured for their weights.
    ///
    /// # Errors
    /// The first word that is not known, beside those that are; what [`Request::check`] says.
    pub fn from_words(
        kind: &str,
        aggregation: &str,
        distance: u32,
        norm: &str,
        weighting: &str,
        weighting_norm: &str,
        coarseness: u32,
    ) -> Result<Self, String> {
        let length = find("weighting norm", weighting_norm, &NORMS)?;
        let weightings = [
            ("none", Weighting::None),
            ("inverse", Weighting::Inverse(length)),
            ("gaussian", Weighting::Gaussian(length)),
        ];
        let request = Self {
            kind: find("kind", kind, &KINDS)?,
            aggregation: find("aggregation", aggregation, &AGGREGATIONS)?,
            distance,
            norm: find("norm", norm, &NORMS)?,
            weighting: find("weighting", weighting, &weightings)?,
            coarseness,
        };
        request.check().map_err(|wrong| format!("aggregation \"{aggregation}\": {wrong}"))?;
        Ok(request)
    }
}

fn find<T: Copy>(what: &str, word: &str, known: &[(&str, T)]) -> Result<T, String> {
    known.iter().find(|(candidate, _)| *candidate == word).map(|(_, value)| *value).ok_or_else(|| {
        let list: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        format!("a texture matrix of {what} `{word}` is asked for, known are {}", list.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_they_say() {
        let request = Request::from_words("ngldm", "2.5D", 2, "Manhattan", "none", "Chebyshev", 3);
        let plain = Request::new(Kind::Ngldm, Aggregation::PerSlice2_5D);
        assert_eq!(request, Ok(Request { distance: 2, norm: Norm::Manhattan, coarseness: 3, ..plain }));
        let request = Request::from_words("glcm", "3D merged", 2, "Manhattan", "gaussian", "Euclidean", 0);
        let plain = Request::new(Kind::Glcm, Aggregation::Merged3D);
        let weighting = Weighting::Gaussian(Norm::Euclidean);
        assert_eq!(request, Ok(Request { distance: 2, norm: Norm::Manhattan, weighting, ..plain }));
    }

    #[test]
    fn unknown_words_and_those_that_do_not_fit_are_refused() {
        for (words, reason) in [
            (["glcn", "3D merged", "Chebyshev", "none", "Euclidean"], "kind `glcn` is asked for, known"),
            (["glcm", "4D", "Chebyshev", "none", "Euclidean"], "aggregation `4D` is asked for, known"),
            (["glcm", "3D merged", "chebyshev", "none", "Euclidean"], "norm `chebyshev` is asked for, known"),
            (["glcm", "3D merged", "Chebyshev", "", "Euclidean"], "weighting `` is asked for, known"),
            (["glcm", "3D merged", "Chebyshev", "none", "mm"], "weighting norm `mm` is asked for, known"),
            (["glszm", "3D merged", "Chebyshev", "none", "Euclidean"], "cannot be aggregated"),
            (["glcm", "3D averaged", "Chebyshev", "inverse", "Euclidean"], "each direction has a matrix of its own"),
            (["glcm", "3D merged", "Chebyshev", "gaussian", "Chebyshev"], "all directions have the same length"),
        ] {
            let [kind, aggregation, norm, weighting, length] = words;
            let wrong = Request::from_words(kind, aggregation, 1, norm, weighting, length, 0).expect_err("wrong");
            assert!(wrong.contains(reason), "{wrong}");
        }
    }
}
