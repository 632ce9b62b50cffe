//! Two dimensions through pictures: the phantoms of IBSI 1 with every slice as a PNG, against the reference values and against
//! the same voxels as NIfTI.

use std::{fs, io::Read as _, path::Path};

use voxomics_tests::{
    batch::{Batch, Row},
    nifti::{Nifti, straight},
    reference, table,
};

/// Codes of IBSI for ways to put slices together, and our words for them.
const AGGREGATIONS: [(&str, &str); 6] = [
    ("BTW3", "2D averaged"),
    ("SUJT", "2D slice-merged"),
    ("JJUI", "2.5D direction-merged"),
    ("ZW7Z", "2.5D merged"),
    ("8QNN", "2D"),
    ("62GR", "2.5D"),
];

const FAMILIES: &str = r#"
[regions.roi]
any = true

[features.glcm]
aggregation = ["2D averaged", "2D slice-merged", "2.5D direction-merged", "2.5D merged"]
[features.glrlm]
aggregation = ["2D averaged", "2D slice-merged", "2.5D direction-merged", "2.5D merged"]
[features.glszm]
aggregation = ["2D", "2.5D"]
[features.gldzm]
aggregation = ["2D", "2.5D"]
[features.ngtdm]
aggregation = ["2D", "2.5D"]
[features.ngldm]
aggregation = ["2D", "2.5D"]
"#;

const PLUGINS: &str = "\"features-glcm\", \"features-glrlm\", \"features-glszm\", \"features-gldzm\", \"features-ngtdm\", \
                       \"features-ngldm\"]\n";

/// A volume: numbers of voxels, and the values, *x* fastest.
struct Volume {
    dims: [usize; 3],
    values: Vec<f64>,
}

/// Reads a NIfTI-1 file of 16-bit, 8-bit or floating-point voxels, little-endian, without a scaling that matters.
fn nifti(path: &Path) -> Volume {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).expect("a file");
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).expect("gzip");
    let short = |at: usize| i16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let float = |at: usize| f32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    assert!([0.0, 1.0].contains(&float(112)) && float(116) == 0.0, "a scaling");
    let dims = [42, 44, 46].map(|at| usize::try_from(short(at)).expect("a size"));
    let data = &bytes[float(108) as usize..];
    let count = dims.iter().product();
    let values: Vec<f64> = match short(70) {
        2 => data.iter().map(|byte| f64::from(*byte)).take(count).collect(),
        4 => data.as_chunks().0.iter().map(|bytes| f64::from(i16::from_le_bytes(*bytes))).take(count).collect(),
        8 => data.as_chunks().0.iter().map(|bytes| f64::from(i32::from_le_bytes(*bytes))).take(count).collect(),
        16 => data.as_chunks().0.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))).take(count).collect(),
        64 => data.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).take(count).collect(),
        other => panic!("datatype {other}"),
    };
    Volume { dims, values }
}

impl Volume {
    /// Writes each slice as a PNG of 16 bits, the values larger by `shift`.
    fn write(&self, batch: &Batch, folder: &str, shift: f64) {
        let [width, height, _] = self.dims;
        for (index, slice) in self.values.chunks(width * height).enumerate() {
            let bytes: Vec<u8> = slice
                .iter()
                .flat_map(|value| {
                    let stored = value + shift;
                    assert!(stored.fract() == 0.0 && (0.0..65_536.0).contains(&stored), "{stored}");
                    (stored as u16).to_be_bytes()
                })
                .collect();
            let mut file = Vec::new();
            let mut encoder = png::Encoder::new(&mut file, width as u32, height as u32);
            encoder.set_color(png::ColorType::Grayscale);
            encoder.set_depth(png::BitDepth::Sixteen);
            let mut writer = encoder.write_header().expect("a header");
            writer.write_image_data(&bytes).expect("pixels");
            drop(writer);
            batch.write(&format!("{folder}/slice-{index}.png"), file);
        }
    }

    fn at(&self, [x, y, z]: [usize; 3]) -> f64 {
        self.values[x + self.dims[0] * (y + self.dims[1] * z)]
    }
}

/// The spacing of the CT phantom as its file has it, in single precision.
const CT: [f64; 3] = [0.977_f32 as f64, 0.977_f32 as f64, 3.0];

/// Textures of a phantom by its slices, and of the same voxels as NIfTI.
fn textures(phantom: &str, spacing: [f64; 3], shift: f64, settings: &str) -> Option<[Vec<Row>; 2]> {
    let folder = reference()?.join("ibsi/ibsi1").join(phantom);
    let [image, mask] = ["image", "mask"].map(|name| nifti(&folder.join(format!("{name}.nii.gz"))));
    let [x, y, z] = spacing;
    let pictures = format!(
        "[plugins]\nuse = [\"load-picture\", {PLUGINS}[load.picture]\npixel_mm = [{x}, {y}]\nslice_mm = {z}\n{settings}{FAMILIES}"
    );
    let batch = Batch::new(&pictures, "case,image,mask\na,image,mask\n");
    image.write(&batch, "image", shift);
    mask.write(&batch, "mask", 0.0);
    let by_slices = batch.run().well().table("features_long.csv");
    let volume = format!("[plugins]\nuse = [\"load-nifti\", {PLUGINS}{settings}{FAMILIES}");
    let batch = Batch::new(&volume, "case,image,mask\na,image.nii,mask.nii\n");
    let rows = straight(spacing, [0.0; 3]);
    batch.scan("image.nii", &Nifti::new(image.dims, rows, |at| image.at(at) + shift));
    batch.scan("mask.nii", &Nifti::new(mask.dims, rows, |at| mask.at(at) as u8));
    Some([by_slices, batch.run_well().table("features_long.csv")])
}

/// A reference value as IBSI compares it: three significant digits, and a tolerance.
fn agrees(found: f64, expected: f64, tolerance: f64) -> bool {
    let rounded: f64 = format!("{found:.2e}").parse().expect("a number");
    (rounded - expected).abs() <= tolerance * (1.0 + 1e-9) + 1e-12 * expected.abs()
}

/// How many rows of the reference in two dimensions are met; all must be.
fn met(rows: &[Row], reference: &[Row]) -> usize {
    let mut count = 0;
    for row in reference {
        let Some((_, aggregation)) = AGGREGATIONS.iter().find(|(code, _)| *code == row["aggregation_code"]) else {
            continue;
        };
        let is_own = |one: &&Row| one["ibsi_code"] == row["ibsi_code"] && one["aggregation"] == *aggregation;
        let found: Vec<&Row> = rows.iter().filter(is_own).collect();
        let [found] = found.as_slice() else { panic!("{} rows for {row:?}", found.len()) };
        let number = |row: &Row, column: &str| row[column].parse::<f64>().expect("a number");
        let (value, expected) = (number(found, "value"), number(row, "reference_value"));
        assert!(agrees(value, expected, number(row, "tolerance")), "{value}, expected {row:?}");
        count += 1;
    }
    count
}

#[test]
fn the_digital_phantom_by_slices_has_the_reference_values_of_two_dimensions() {
    let levels = "[discretisation]\nmethod = \"fixed bin size\"\nwidth = 1\nminimum = 1\n";
    let Some([pictures, volume]) = textures("digital_phantom", [2.0; 3], 0.0, levels) else { return };
    assert_eq!(pictures, volume);
    let values = table(&reference().expect("the folder").join("ibsi/ibsi1/digital_phantom/reference.csv"));
    let count = met(&pictures, &values);
    println!("digital phantom by slices: {count} of {count} reference values in two dimensions");
    assert_eq!(count, 272);
}

/// Intensities are 1024 more than HU, as a PNG has no negative ones: bins move with them.
#[test]
fn configuration_a_by_slices_has_the_reference_values_of_two_dimensions() {
    let settings = "[resegmentation]\nrange = [524, 1424]\n[discretisation]\nmethod = \"fixed bin size\"\nwidth = 25\n";
    let Some([pictures, volume]) = textures("ct_phantom", CT, 1024.0, settings) else { return };
    assert_eq!(pictures, volume);
    let values = table(&reference().expect("the folder").join("ibsi/ibsi1/ct_phantom/reference.csv"));
    let own: Vec<Row> = values.into_iter().filter(|row| row["config"] == "A").collect();
    let count = met(&pictures, &own);
    println!("configuration A by slices: {count} of {count} reference values in two dimensions");
    assert_eq!(count, 272);
}

#[test]
fn configuration_b_by_slices_is_that_of_the_volume() {
    let settings = "[interpolation]\nspacing_mm = [2, 2, 0]\nimage = \"linear\"\nround_intensities = true\n[resegmentation]\nrange = \
                    [524, 1424]\n[discretisation]\nmethod = \"fixed bin number\"\nbins = 32\n";
    let Some([pictures, volume]) = textures("ct_phantom", CT, 1024.0, settings) else { return };
    assert!(pictures.len() > 200 && pictures == volume, "{} and {} rows that differ", pictures.len(), volume.len());
    println!("configuration B by slices: {} features, of pictures and NIfTI the same text", pictures.len());
}
