//! What cannot be filtered is refused; values are compared with PyRadiomics' own elsewhere.

use voxomics_sdk::{
    Filter,
    testing::{self, TestHost, TestImage},
};

use crate::{BinaryPatterns, Gradient, Intensity, Laplacian, Normalise, Wavelet};

fn apply<F: Filter>(json: &str, image: &TestImage) -> Result<Vec<f64>, String> {
    let settings = testing::settings(&F::describe(), json).map_err(|wrong| format!("{wrong:?}"))?;
    let filter = F::configure(&settings).map_err(|wrong| wrong.to_string())?;
    let maps = filter.apply(&image.image(), &TestHost::new().context()).map_err(|wrong| wrong.to_string())?;
    Ok(maps.into_iter().flat_map(|map| map.voxels).collect())
}

#[test]
fn every_image_type_gives_a_response() {
    let image = TestImage::new([6, 5, 4], (0..120).map(|i| f64::from(i * i % 17)).collect());
    let lengths = [
        apply::<Wavelet>("{}", &image),
        apply::<Laplacian>(r#"{"sigma_mm": 1}"#, &image),
        apply::<Intensity>(r#"{"change": "square root"}"#, &image),
        apply::<Gradient>("{}", &image),
        apply::<BinaryPatterns>("{}", &image),
        apply::<Normalise>(r#"{"remove_outliers": 2}"#, &image),
    ]
    .map(|response| response.map(|voxels| voxels.len()));
    assert_eq!(lengths, [Ok(960), Ok(120), Ok(120), Ok(120), Ok(120), Ok(120)]);
}

#[test]
fn what_pyradiomics_makes_no_image_of_is_refused() {
    let thin = TestImage::new([9, 9, 3], vec![1.0; 243]);
    let said = apply::<Laplacian>(r#"{"sigma_mm": 1}"#, &thin).expect_err("refused");
    assert!(said.contains("at least 4 voxels along z"), "{said}");
    let said = apply::<Normalise>("{}", &thin).expect_err("refused");
    assert!(said.contains("do not vary"), "{said}");
    let empty = TestImage::new([2, 2, 1], vec![0.0; 4]);
    assert!(apply::<Intensity>(r#"{"change": "exponential"}"#, &empty).is_err());
    assert!(apply::<Wavelet>(r#"{"wavelet": "bior1.1"}"#, &empty).is_err());
}
