//! PyRadiomics 3.0.1 as an oracle on twenty made images: each of its eight example files is imported and run over all of them, and
//! what PyRadiomics computes must be there, within 1e-6 relative.
//!
//! `pyradiomics_made.json` has the recipe of the images, which `pyradiomics_made.py` follows as well. It wrote `pyradiomics_made.csv`: one
//! value in sixteen of each file and image, so that each feature of each image type is there of some image.

use std::{collections::BTreeMap, fs};

use serde::Deserialize;
use voxomics_tests::{
    batch::Batch,
    nifti::{Nifti, Voxel, straight},
    run, table, workspace,
};

/// The largest relative difference that passes.
const TOLERANCE: f64 = 1e-6;
/// Values this near to 0 are compared absolutely.
const ZERO: f64 = 1e-9;

/// Centre, weights of the squares along the axes, and the sum below which a voxel lies inside.
type Ellipsoid = [i64; 7];

/// How an image and its mask are made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipe {
    size: [usize; 3],
    spacing: [f64; 3],
    #[serde(default)]
    origin: [f64; 3],
    #[serde(rename = "type", default)]
    kind: Kind,
    seed: u32,
    values: [i64; 2],
    #[serde(default = "one")]
    factor: i64,
    divide: Option<f64>,
    #[serde(default)]
    slope: [i64; 3],
    #[serde(default)]
    hot: Vec<[i64; 8]>,
    ellipsoids: Vec<Ellipsoid>,
    holes: Option<i64>,
    #[serde(default = "one")]
    label: i64,
    #[serde(default)]
    others: Vec<Ellipsoid>,
    /// Whether high-pass bands along *z* are nothing but rounding: of scans that are normalised, none of their values is stored.
    #[serde(default)]
    nothing_along_z: bool,
}

fn one() -> i64 {
    1
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[default]
    Int16,
    UInt8,
    UInt16,
    Int32,
    Float64,
}

/// Whole numbers from 0 to 999 that look random.
fn noise([x, y, z]: [i64; 3], seed: u32) -> i64 {
    let part = |at: i64, factor: u32| (at as u32).wrapping_mul(factor);
    let mut h = part(x, 0x9E37_79B1)
        .wrapping_add(part(y, 0x85EB_CA77))
        .wrapping_add(part(z, 0xC2B2_AE3D))
        .wrapping_add(seed.wrapping_mul(0x27D4_EB2F));
    h ^= h >> 15;
    h = h.wrapping_mul(0x2C1B_3C6D);
    h ^= h >> 12;
    h = h.wrapping_mul(0x297A_2D39);
    h ^= h >> 15;
    i64::from(h % 1000)
}

/// The noise, smoothed with the weights 1, 2, 1 along each axis.
fn field([x, y, z]: [i64; 3], seed: u32) -> i64 {
    let near = (0..27).map(|i| [i % 3, i / 3 % 3, i / 9]);
    let weight = |d: [i64; 3]| d.iter().map(|d| 1 + d % 2).product::<i64>();
    near.map(|d| weight(d) * noise([x + d[0], y + d[1], z + d[2]], seed)).sum::<i64>() / 64
}

fn inside(at: [i64; 3], [a, b, c, of_x, of_y, of_z, limit]: Ellipsoid) -> bool {
    of_x * (at[0] - a).pow(2) + of_y * (at[1] - b).pow(2) + of_z * (at[2] - c).pow(2) < limit
}

impl Recipe {
    fn voxel(&self, at: [i64; 3]) -> i64 {
        let [low, high] = self.values;
        let spread = (2 * field(at, self.seed) - 500).clamp(0, 1000);
        let slope: i64 = self.slope.iter().zip(at).map(|(slope, at)| slope * at).sum();
        let hot = self.hot.iter().filter_map(|[a, b, c, of_x, of_y, of_z, limit, more]| {
            inside(at, [*a, *b, *c, *of_x, *of_y, *of_z, *limit]).then_some(*more)
        });
        (low + ((high - low) * spread).div_euclid(1000)) * self.factor + slope + hot.sum::<i64>()
    }

    fn label(&self, at: [i64; 3]) -> u8 {
        let is_hole = self.holes.is_some_and(|holes| noise(at, self.seed + 100) % holes == 0);
        if self.ellipsoids.iter().any(|one| inside(at, *one)) && !is_hole {
            return self.label as u8;
        }
        let last = self.others.iter().rposition(|one| inside(at, *one));
        last.map_or(0, |other| other as u8 + 1)
    }

    fn filled<V: Voxel>(&self, value: impl Fn([i64; 3]) -> V) -> Nifti {
        Nifti::new(self.size, straight(self.spacing, self.origin), |index| value(index.map(|i| i as i64)))
    }

    /// Image and mask.
    fn made(&self) -> [Nifti; 2] {
        let image = match self.kind {
            Kind::Int16 => self.filled(|at| self.voxel(at) as i16),
            Kind::UInt8 => self.filled(|at| self.voxel(at) as u8),
            Kind::UInt16 => self.filled(|at| self.voxel(at) as u16),
            Kind::Int32 => self.filled(|at| self.voxel(at) as i32),
            Kind::Float64 => self.filled(|at| self.voxel(at) as f64 / self.divide.unwrap_or(1.0)),
        };
        [image, self.filled(|at| self.label(at))]
    }
}

/// What is stored of a file: for each image its values by column.
fn stored(file: &str) -> BTreeMap<String, BTreeMap<String, f64>> {
    let path = workspace().join("tests/oracle/pyradiomics_made.csv");
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).has_headers(false).from_path(path).expect("the figures are there");
    let mut images: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
    for row in reader.records().map(|row| row.expect("a row")).filter(|row| &row[0] == file) {
        let values = images.entry(row[1].to_owned()).or_default();
        for cell in row.iter().skip(3) {
            let (feature, value) = cell.split_once('=').expect("a value of a feature");
            values.insert(format!("{}_{feature}", &row[2]), value.parse().expect("a number"));
        }
    }
    images
}

/// All images by the settings of a file: so many values of so many images.
fn all(file: &str, count: [usize; 2]) {
    let recipes =
        fs::read_to_string(workspace().join("tests/oracle/pyradiomics_made.json")).expect("the recipe is there");
    let recipes: BTreeMap<String, Recipe> = serde_json::from_str(&recipes).expect("it is a recipe");
    assert_eq!(recipes.len(), 20);
    let batch = Batch::default();
    let yaml = workspace().join("tests/oracle/pyradiomics_files").join(format!("{file}.yaml"));
    let toml = batch.path("experiment.toml").display().to_string();
    let said = run(["import", "pyradiomics", &yaml.display().to_string(), "-o", &toml]);
    assert_eq!(said.code, Some(0), "{file}: {said:?}");
    let expected = stored(file);
    let mut list = "case,image,mask,label\n".to_owned();
    for (name, recipe) in recipes.iter().filter(|(name, _)| expected.contains_key(*name)) {
        let is_nothing = |column: &String| column.starts_with("wavelet-") && &column[10..11] == "H";
        assert!(
            !recipe.nothing_along_z || !file.starts_with("exampleMR") || !expected[name].keys().any(is_nothing),
            "{name}"
        );
        let [image, mask] = recipe.made();
        let [image, mask] =
            [("image", image), ("mask", mask)].map(|(part, scan)| batch.scan(&format!("{name}.{part}.nii"), &scan));
        list += &format!("{name},{},{},{}\n", image.display(), mask.display(), recipe.label);
    }
    batch.write("cases.csv", list);
    let ran = batch.run_into("out", &["--quiet"]);
    let rows = table(&ran.out.join("features.csv"));
    let (mut far, mut worst, mut values) = (Vec::new(), (0.0_f64, String::new()), 0);
    for (image, expected) in &expected {
        let row = rows
            .iter()
            .find(|row| row["case"] == *image)
            .unwrap_or_else(|| panic!("no row of {image}: {:?}", ran.said));
        for (column, expected) in expected {
            values += 1;
            let cell = row.get(column).map_or("no column", String::as_str);
            let found = cell.parse::<f64>().unwrap_or(f64::NAN);
            let difference = (found - expected).abs();
            if difference <= ZERO && expected.abs() <= ZERO {
                continue;
            }
            if difference / expected.abs() > worst.0 {
                worst = (difference / expected.abs(), format!("{image} {column}"));
            }
            if difference.is_nan() || difference > TOLERANCE * expected.abs() {
                far.push(format!("{image} {column}: {cell:?}, there {expected:?}"));
            }
        }
    }
    println!("{file}: {values} values of {} images, {:.1e} at {}", expected.len(), worst.0, worst.1);
    assert!(far.is_empty(), "{file}: {} of {values} differ:\n{}", far.len(), far[..far.len().min(60)].join("\n"));
    assert_eq!([values, expected.len()], count, "{file}");
}

macro_rules! all {
    ($($test:ident: $file:literal, $count:expr;)*) => {
        $(#[test] fn $test() { all($file, $count); })*
    };
}

all! {
    params: "Params", [126, 20];
    ct: "exampleCT", [1497, 20];
    mr_3mm: "exampleMR_3mm", [1373, 20];
    mr_5mm: "exampleMR_5mm", [1158, 20];
    mr_without_resampling: "exampleMR_NoResampling", [830, 20];
    mr_of_one_slice: "MR_2D_extraction", [703, 3];
    voxels: "exampleVoxel", [2, 2];
    all_of_shape: "example_allShape", [22, 20];
}
