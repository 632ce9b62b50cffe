//! Voxels as files: what features have seen, read back by a reader of the tests' own.

use std::{fs, io::Read as _, path::Path};

use flate2::read::GzDecoder;
use voxomics_tests::{
    batch::{Batch, names},
    nifti::{Nifti, straight},
    reference, run,
    scene::{DIMS, SPACING, image, mask, rows},
    workspace,
};

const EXPERIMENT: &str = r#"
[plugins]
use = ["load-nifti", "features-statistics", "features-glcm", "filter-wavelet"]
[regions.tumour]
label = 1
[regions.ring]
ring_of = "tumour"
outward_mm = 3
[interpolation]
spacing_mm = [1, 1, 1]
[resegmentation]
range = [-80, 90]
[discretisation]
method = "fixed bin number"
bins = 16
[images.original]
[images.coif1]
filter = "wavelet"
wavelet = "coif1"
bands = "LLH HHH"
[features.statistics]
only = ["mean", "minimum", "maximum"]
[features.glcm]
only = ["joint_entropy"]
"#;

/// A NIfTI-1 file: type, dims, rows of its matrix, and voxels. Offsets are those of `nifti1.h`.
struct Volume {
    dims: [usize; 3],
    rows: [[f32; 4]; 3],
    voxels: Vec<f64>,
}

fn read(path: &Path) -> Volume {
    let file = fs::File::open(path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
    let mut bytes = Vec::new();
    GzDecoder::new(file).read_to_end(&mut bytes).expect("gzip");
    let short = |at: usize| i16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let float = |at: usize| f32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
    let voxels = &bytes[float(108) as usize..];
    let voxels = match short(70) {
        2 => voxels.iter().map(|byte| f64::from(*byte)).collect(),
        64 => voxels.chunks_exact(8).map(|x| f64::from_le_bytes(x.try_into().expect("8 bytes"))).collect(),
        512 => voxels.chunks_exact(2).map(|x| f64::from(u16::from_le_bytes([x[0], x[1]]))).collect(),
        other => panic!("type {other}"),
    };
    let rows = [280, 296, 312].map(|row| [0, 4, 8, 12].map(|column| float(row + column)));
    Volume { dims: [42, 44, 46].map(|at| short(at) as usize), rows, voxels }
}

fn batch(experiment: &str) -> Batch {
    let batch = Batch::new(experiment, "case,image,mask\np/1,image.nii,mask.nii\n");
    batch.scan("image.nii", &image(3));
    batch.scan("mask.nii", &mask());
    batch
}

#[test]
fn what_is_written_is_what_features_have_seen() {
    let batch = batch(EXPERIMENT);
    let ran = batch.run_into("out", &["--write", "images,masks,levels"]).well();
    let folder = ran.out.join("written/p_1");
    let expected = [
        "coif1.HHH.nii.gz",
        "coif1.LLH.nii.gz",
        "levels.coif1.HHH.ring.nii.gz",
        "levels.coif1.HHH.tumour.nii.gz",
        "levels.coif1.LLH.ring.nii.gz",
        "levels.coif1.LLH.tumour.nii.gz",
        "levels.original.ring.nii.gz",
        "levels.original.tumour.nii.gz",
        "mask.ring.nii.gz",
        "mask.ring.re-segmented.nii.gz",
        "mask.tumour.nii.gz",
        "mask.tumour.re-segmented.nii.gz",
        "original.nii.gz",
    ];
    assert_eq!(names(&folder), expected);
    let volume = |name: &str| read(&folder.join(format!("{name}.nii.gz")));
    for row in ran.table("features.csv") {
        let inside = volume(&format!("mask.{}.re-segmented", row["region"]));
        assert!(inside.voxels.iter().all(|voxel| [0.0, 1.0].contains(voxel)));
        for map in ["original", "coif1.LLH", "coif1.HHH"] {
            let image = volume(map);
            assert_eq!(image.dims, inside.dims);
            let seen: Vec<f64> = image
                .voxels
                .iter()
                .zip(&inside.voxels)
                .filter(|(_, inside)| **inside == 1.0)
                .map(|(x, _)| *x)
                .collect();
            let value = |feature: &str| row[&format!("{map}.statistics.{feature}")].parse::<f64>().expect("a number");
            let least = seen.iter().copied().fold(f64::INFINITY, f64::min);
            let greatest = seen.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            assert_eq!((least, greatest), (value("minimum"), value("maximum")), "{map}");
            let mean = seen.iter().sum::<f64>() / seen.len() as f64;
            assert!((mean - value("mean")).abs() < 1e-12, "{map}");
            let levels = volume(&format!("levels.{map}.{}", row["region"]));
            for ((level, inside), x) in levels.voxels.iter().zip(&inside.voxels).zip(&image.voxels) {
                // IBSI's fixed bin number: the highest intensity belongs to the last of 16 bins.
                let bin = (16.0 * (x - least) / (greatest - least)).floor().min(15.0) + 1.0;
                assert!(*level == inside * bin, "{map}: {level} of {x}");
            }
        }
    }
    // At its place: 1 mm cubic, along the axes of the scan, whose middle it shares within a voxel.
    let tumour = volume("mask.tumour");
    let centre = |axis: usize| {
        let stride = [1, tumour.dims[0], tumour.dims[0] * tumour.dims[1]][axis];
        let inside = tumour.voxels.iter().enumerate().filter(|(_, voxel)| **voxel == 1.0);
        let sum: usize = inside.map(|(at, _)| at / stride % tumour.dims[axis]).sum();
        let mean = sum as f32 / tumour.voxels.iter().sum::<f64>() as f32;
        (0..3).map(|column| tumour.rows[axis][column] * if column == axis { mean } else { 0.0 }).sum::<f32>()
            + tumour.rows[axis][3]
    };
    for (axis, (origin, middle)) in [(-20.0, 8.0), (12.5, 7.0), (-300.0, 6.0)].into_iter().enumerate() {
        let expected = origin + middle * SPACING[axis];
        assert!((f64::from(centre(axis)) - expected).abs() < 0.3, "{axis}: {} and {expected}", centre(axis));
        assert_eq!(tumour.rows[axis][axis], 1.0);
    }

    // A case that was finished before is written as well, with the same bytes; without being asked for, what is there goes.
    let before: Vec<Vec<u8>> = expected.iter().map(|name| fs::read(folder.join(name)).expect("a file")).collect();
    let again = batch.run_into("out", &["--write", "images,masks,levels"]).well();
    assert!(again.said.out.contains("1 case finished before"), "{:?}", again.said);
    let after: Vec<Vec<u8>> = expected.iter().map(|name| fs::read(folder.join(name)).expect("a file")).collect();
    assert!(before == after);
    batch.run_into("out", &["--write", "rings,previews"]).well();
    assert_eq!(names(&folder), ["mask.ring.nii.gz", "mask.ring.re-segmented.nii.gz", "preview.png"]);
    let picture = fs::read(folder.join("preview.png")).expect("a picture");
    let info = png::Decoder::new(std::io::Cursor::new(picture)).read_info().expect("a PNG");
    // A row of panels for the original image and for each of two responses, with gaps of 6 pixels.
    assert_eq!((info.info().height - 6) % 3, 0);
    batch.run().well();
    assert!(!folder.join("mask.ring.nii.gz").exists());
}

/// The header of an NRRD, and its voxels.
fn read_nrrd(path: &Path) -> (String, Vec<f64>) {
    let bytes = fs::read(path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
    let end = bytes.windows(2).position(|two| two == b"\n\n").expect("a header ends with an empty line");
    let header = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut voxels = Vec::new();
    GzDecoder::new(&bytes[end + 2..]).read_to_end(&mut voxels).expect("gzip");
    let is = |kind: &str| header.contains(&format!("\ntype: {kind}\n"));
    let voxels = match () {
        () if is("double") => {
            voxels.chunks_exact(8).map(|x| f64::from_le_bytes(x.try_into().expect("8 bytes"))).collect()
        }
        () if is("uint8") => voxels.iter().map(|byte| f64::from(*byte)).collect(),
        () if is("uint16") => voxels.chunks_exact(2).map(|x| f64::from(u16::from_le_bytes([x[0], x[1]]))).collect(),
        () => panic!("{header}"),
    };
    (header, voxels)
}

#[test]
fn nrrd_has_the_voxels_and_the_place_of_nifti() {
    let batch = batch(EXPERIMENT);
    let [nifti, nrrd] = [("nifti", "nii.gz"), ("nrrd", "nrrd")].map(|(out, format)| {
        let ran = batch.run_into(out, &["--write", "images,masks,levels", "--write-as", format]).well();
        ran.out.join("written/p_1")
    });
    let stems = |folder: &Path, end: &str| {
        let name = |name: &String| name.strip_suffix(end).unwrap_or_else(|| panic!("{name}")).to_owned();
        names(folder).iter().map(name).collect::<Vec<_>>()
    };
    let all = stems(&nifti, ".nii.gz");
    assert_eq!((all.len(), &all), (13, &stems(&nrrd, ".nrrd")));
    for stem in all {
        let (of_nifti, (header, voxels)) =
            (read(&nifti.join(format!("{stem}.nii.gz"))), read_nrrd(&nrrd.join(format!("{stem}.nrrd"))));
        assert!(of_nifti.voxels == voxels, "{stem}");
        assert!(header.contains(&format!("\nsizes: {}\n", of_nifti.dims.map(|n| n.to_string()).join(" "))), "{header}");
        // NIfTI is RAS, this is LPS; the places of the scene are whole numbers and halves.
        let origin = [0, 1, 2].map(|row| [-1.0, -1.0, 1.0][row] * of_nifti.rows[row][3]);
        let line = header.lines().find_map(|line| line.strip_prefix("space origin: (")).expect("an origin");
        let found: Vec<f32> = line.trim_end_matches(')').split(',').map(|mm| mm.parse().expect("a number")).collect();
        assert!(found.iter().zip(origin).all(|(a, b)| (a - b).abs() < 1e-4), "{stem}: {found:?} and {origin:?}");
        assert!(header.contains("space: left-posterior-superior"), "{header}");
    }
}

#[test]
fn each_cohort_of_a_study_has_the_voxels_of_its_cases() {
    let batch = batch(EXPERIMENT);
    let ran = batch.run_into("plain", &["--write", "masks"]).well();
    let study = batch.write("study.toml", format!("{EXPERIMENT}[cohorts.first]\ncases = 'cases.csv'\n"));
    let study_of = |more: &[&str]| {
        let out = batch.path("study");
        let said =
            run([&["run", &study.display().to_string(), "--out", &out.display().to_string()][..], more].concat());
        assert_eq!(said.code, Some(0), "{said:?}");
        out.join("first/written/p_1")
    };
    let folder = study_of(&["--until", "extract", "--write", "masks"]);
    let alone = ran.out.join("written/p_1");
    assert_eq!(names(&folder), names(&alone));
    for name in names(&alone) {
        assert!(
            fs::read(folder.join(&name)).expect("a file") == fs::read(alone.join(&name)).expect("a file"),
            "{name}"
        );
    }
    // Without being asked for, what is there goes.
    let folder = study_of(&["--until", "extract"]);
    assert!(names(&folder).is_empty());
}

#[test]
fn only_voxels_that_are_known_can_be_asked_for() {
    let said = batch(EXPERIMENT).run_into("out", &["--write", "pictures"]).said;
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("images, masks, rings, levels, previews"), "{said:?}");
}

#[test]
fn one_scan_goes_through_one_filter() {
    let whole = "[plugins]\nuse = ['load-nifti', 'features-statistics', 'filter-laplacian-of-gaussian', 'filter-wavelet']\n\
                 [regions.all]\nany = true\n[features.statistics]\nonly = ['mean']\n\
                 [images.log]\nfilter = 'laplacian-of-gaussian'\nsigma_mm = 1.5\n";
    let batch = batch(whole);
    let everywhere = Nifti::new(DIMS, rows(), |_| 1u8);
    batch.scan("mask.nii", &everywhere);
    let seen = batch.run_into("out", &["--write", "images"]).well().out.join("written/p_1/log.nii.gz");
    let path = |name: &str| batch.path(name).display().to_string();
    let filter = |out: &str, more: &[&str]| {
        let out = path(out);
        run([&["filter", &path("image.nii"), &out, "--filter"][..], more].concat())
    };
    let said = filter("log.nii.gz", &["laplacian-of-gaussian", "--set", "sigma_mm=1.5"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let (seen, alone) = (read(&seen), read(&batch.path("log.nii.gz")));
    assert!(seen.voxels == alone.voxels, "every voxel has the bits that an experiment sees");
    assert_eq!((seen.dims, seen.rows), (alone.dims, alone.rows));
    assert_eq!(alone.dims, [16, 15, 12]);

    let said = filter("log.nii.gz", &["laplacian-of-gaussian", "--set", "sigma_mm=1.5"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("--replace writes over it"), "{said:?}");
    let said = filter("w.nii.gz", &["wavelet", "--set", "wavelet=coif1", "--set", "bands=LLH HHH"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(batch.path("w.LLH.nii.gz").is_file() && batch.path("w.HHH.nii.gz").is_file());
    for (arguments, why) in [
        (&["laplacian-of-gaussian"][..], "sigma_mm"),
        (&["laplacian-of-gausian", "--set", "sigma_mm=1"], "laplacian-of-gaus"),
        (&["image-z-score", "--set", "region=mask"], "no region `mask`"),
        (&["nyul"], "is fitted on a cohort"),
    ] {
        let said = filter("other.nii.gz", arguments);
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.contains(why), "{why}: {said:?}");
        assert!(!batch.path("other.nii.gz").exists());
    }
    let said = filter("other.png", &["image-z-score"]);
    assert!(said.code == Some(2) && said.err.contains(".nii.gz or .nii"), "{said:?}");

    // A region of reference, and a state of a cohort.
    batch.scan("lesion.nii", &mask());
    let lesion = path("lesion.nii");
    let said = filter("z.nii", &["image-z-score", "--mask", &lesion, "--set", "region=mask"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    batch.write("state.txt", r#"{"cases":2,"percentiles":[1.0,99.0],"scale":[0.0,1.0]}"#);
    let said = filter("p.nii.gz", &["percentiles", "--state", &path("state.txt")]);
    assert_eq!(said.code, Some(0), "{said:?}");
}

/// The filters of docs/filters.md with a picture of their response to an impulse: id and settings.
const PICTURES: [(&str, &[&str]); 7] = [
    ("mean", &["support_voxels=7"]),
    ("laplacian-of-gaussian", &["sigma_mm=3"]),
    ("laws", &["kernels=E5W5L5"]),
    ("wavelet", &["wavelet=coif1", "bands=LLH", "levels=[2]"]),
    ("gabor", &["sigma_mm=4", "lambda_mm=4", "gamma=0.5", "theta_deg=30"]),
    ("simoncelli", &["levels=[2]"]),
    ("riesz", &["orders=\"110\"", "base=simoncelli", "level=2"]),
];

/// The pixels of a PNG.
fn pixels(path: &Path) -> Vec<u8> {
    let file = fs::File::open(path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
    let mut reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    reader.next_frame(&mut pixels).expect("pixels");
    pixels
}

/// With VOXOMICS_DRAW set, they are drawn anew.
#[test]
fn the_pictures_of_the_filters_are_those_that_the_program_draws() {
    let folder = tempfile::tempdir().expect("a folder");
    let impulse = folder.path().join("impulse.nii");
    // In the axial slice, x runs to the right and y downwards.
    let middle =
        Nifti::new([33; 3], straight([-1.0, -1.0, 1.0], [0.0; 3]), |at| if at == [16; 3] { 1000_i16 } else { 0 });
    fs::write(&impulse, middle.bytes()).expect("a file");
    let pictures = workspace().join("docs/filters");
    let page = fs::read_to_string(workspace().join("docs/filters.md")).expect("a page");
    for (filter, settings) in PICTURES {
        let path = |name: String| folder.path().join(name).display().to_string();
        let (out, picture) = (path(format!("{filter}.nii")), path(format!("{filter}.png")));
        let mut arguments =
            vec!["filter".to_owned(), impulse.display().to_string(), out, "--filter".into(), filter.into()];
        arguments.extend(settings.iter().flat_map(|setting| ["--set".to_owned(), (*setting).to_owned()]));
        arguments.extend(["--picture".to_owned(), picture.clone()]);
        let said = run(arguments);
        assert_eq!(said.code, Some(0), "{said:?}");
        let kept = pictures.join(format!("{filter}.png"));
        if std::env::var_os("VOXOMICS_DRAW").is_some() {
            fs::create_dir_all(&pictures).and_then(|()| fs::copy(&picture, &kept)).expect("a picture");
        }
        assert!(pixels(Path::new(&picture)) == pixels(&kept), "{filter}: draw again with VOXOMICS_DRAW=1");
        assert!(page.contains(&format!("(filters/{filter}.png)")), "{filter} is not shown in filters.md");
    }
}

/// The same filters over a patient's CT, on voxels of 2 mm: the box of the tumour, as `--write previews` draws it.
const CT: &str = r#"
[plugins]
use = ["load-dicom", "features-statistics", "filter-FILTER"]
[regions.tumour]
[interpolation]
spacing_mm = [2, 2, 2]
image = "cubic"
[images.response]
filter = "FILTER"
[features.statistics]
only = ["mean"]
"#;

/// With VOXOMICS_DRAW set, they are drawn anew.
#[test]
fn the_pictures_of_a_ct_are_those_that_the_program_draws() {
    let Some(folder) = reference().map(|folder| folder.join("dicom/sts_005/CT")) else { return };
    let page = fs::read_to_string(workspace().join("docs/filters.md")).expect("a page");
    for (filter, settings) in PICTURES {
        let list = format!(
            "case,image,mask,region\np,{},{},GTV_Mass*\n",
            folder.join("image").display(),
            folder.join("mask").display()
        );
        let batch = Batch::new(&CT.replace("FILTER", filter), &list);
        // Stripes of 4 mm would be two voxels.
        let wide = |setting: &&str| if *setting == "lambda_mm=4" { "lambda_mm=8" } else { *setting }.to_owned();
        let settings: Vec<String> =
            settings.iter().map(wide).map(|setting| format!("images.response.{setting}")).collect();
        let mut arguments = vec!["--quiet", "--write", "previews"];
        arguments.extend(settings.iter().flat_map(|setting| ["--set", setting]));
        let ran = batch.run_into("out", &arguments).well();
        let (drawn, name) = (ran.out.join("written/p/preview.png"), format!("filters/{filter}-ct.png"));
        let kept = workspace().join("docs").join(&name);
        if std::env::var_os("VOXOMICS_DRAW").is_some() {
            fs::copy(&drawn, &kept).expect("a picture");
        }
        assert!(pixels(&drawn) == pixels(&kept), "{filter}: draw again with VOXOMICS_DRAW=1");
        assert!(page.contains(&format!("({name})")), "{filter} on a CT is not shown in filters.md");
    }
}
