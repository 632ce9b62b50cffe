//! `voxomics check --cases`: what a run would find of each case, before any feature is computed.

use serde_json::Value as Json;
use voxomics_tests::{
    Said,
    batch::{Batch, names},
    nifti::Nifti,
    run, scene,
};

const EXPERIMENT: &str = r#"
[plugins]
use = ["load-nifti", "features-statistics"]

[regions.tumour]
[regions.ring]
ring_of = "tumour"
outward_mm = 2.5

[features.statistics]
"#;

/// A good case, an empty mask, a truncated file, and a voxel of the lesion that is no number.
fn four() -> Batch {
    let cases = ["good", "empty", "cut", "nan"];
    let list: String = cases.iter().map(|case| format!("{case},{case}.nii.gz,{case}-mask.nii.gz\n")).collect();
    let batch = Batch::new(EXPERIMENT, &format!("case,image,mask\n{list}"));
    let (image, mask) = (scene::image(1), scene::mask());
    for case in cases {
        batch.scan(&format!("{case}.nii.gz"), &image);
        batch.scan(&format!("{case}-mask.nii.gz"), &mask);
    }
    batch.scan("empty-mask.nii.gz", &mask.map(|_| 0_u8));
    let whole = image.gz();
    batch.write("cut.nii.gz", &whole[..whole.len() / 2]);
    batch.scan("nan.nii.gz", &with_nan(&image));
    batch
}

fn with_nan(image: &Nifti) -> Nifti {
    let middle = scene::DIMS.map(|n| n / 2);
    image.map(|index| if index == middle { f32::NAN } else { f32::from(scene::noise(1, index)) })
}

fn check(batch: &Batch, arguments: &[&str]) -> Said {
    let path = |name: &str| batch.path(name).display().to_string();
    let all = ["check".to_owned(), path("experiment.toml"), "--cases".into(), path("cases.csv")];
    run(all.into_iter().chain(arguments.iter().map(|argument| (*argument).to_owned())))
}

/// The lines of a table that begin with a case or belong to it.
fn lines_of<'a>(out: &'a str, case: &str) -> Vec<&'a str> {
    let mut lines = out.lines().skip_while(|line| !line.starts_with("case  ")).skip(1);
    let first = lines.find(|line| line.split_whitespace().next() == Some(case));
    first.into_iter().chain(lines.take_while(|line| line.starts_with(' '))).collect()
}

#[test]
fn every_case_is_opened_and_its_regions_or_faults_are_shown() {
    let batch = four();
    let before = names(&batch.path(""));
    let said = check(&batch, &[]);
    assert_eq!(said.code, Some(3), "{said:?}");
    let good = lines_of(&said.out, "good");
    assert_eq!(good.len(), 2, "{good:?}");
    for words in ["16 × 15 × 12", "1 × 1.25 × 2", "tumour", &scene::LESION_VOXELS.to_string(), "0.698"] {
        assert!(good[0].contains(words), "`{words}`: {good:?}");
    }
    assert!(good[1].contains("ring"), "{good:?}");
    for (case, words) in [
        ("empty", "failed: regions (tumour): empty region: the mask has no voxel but background"),
        ("cut", "failed: load: "),
        ("cut", "cut.nii.gz"),
        ("nan", "failed: re-segmentation (tumour): 1 voxels of the region have no finite intensity"),
        ("nan", "nan.nii.gz"),
    ] {
        assert!(lines_of(&said.out, case).iter().any(|line| line.contains(words)), "{case}, {words}:\n{}", said.out);
    }
    assert!(said.out.contains("1 of 4 cases are fine, 3 failed"), "{}", said.out);
    assert_eq!(names(&batch.path("")), before, "a check writes nothing");
    // The threads do not show.
    assert_eq!(check(&batch, &["--threads", "1"]).out, check(&batch, &["--threads", "3"]).out);
}

#[test]
fn a_check_finds_the_faults_of_a_run() {
    let batch = four();
    let said = check(&batch, &["--json"]);
    let json: Json = serde_json::from_str(&said.out).expect("JSON");
    let mut found: Vec<[String; 4]> = Vec::new();
    for case in json["cases"].as_array().expect("cases") {
        for fault in case["found"]["faults"].as_array().expect("faults") {
            let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
            found.push([text(&case["case"]), text(&fault["region"]), text(&fault["stage"]), text(&fault["message"])]);
        }
    }
    let failures = batch.run().table("failures.csv");
    let cell =
        |row: &voxomics_tests::batch::Row| ["case", "region", "stage", "message"].map(|column| row[column].clone());
    assert_eq!(found, failures.iter().map(cell).collect::<Vec<_>>());
    assert_eq!((found.len(), &json["cases_failed"]), (3, &Json::from(3)));
    assert_eq!(json["cases"][0]["found"]["regions"][0]["voxels"], Json::from(scene::LESION_VOXELS));
}

#[test]
fn the_quick_check_opens_nothing() {
    let batch = four();
    let said = check(&batch, &["--no-open"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("the experiment is sound") && !said.out.contains("cases are fine"), "{}", said.out);
}

#[test]
fn the_limit_of_bytes_is_written_with_units() {
    let batch = four();
    let said = check(&batch, &["--max-scan-bytes", "1kB"]);
    assert!(said.code == Some(3) && said.out.contains("the limit is 1000"), "{said:?}");
    assert_eq!(batch.run_into("out", &["--max-scan-bytes", "1 KiB"]).said.code, Some(3));
    let failures = batch.run_into("out", &["--max-scan-bytes", "1 KiB"]).table("failures.csv");
    assert!(failures.iter().all(|row| row["message"].contains("the limit is 1024")), "{failures:?}");
    assert_eq!(check(&batch, &["--max-scan-bytes", "many"]).code, Some(2));
}

/// Pixels of a PNG, and how many of them have a colour.
fn colours(png: &[u8], colour: [u8; 3]) -> usize {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("pixels");
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgb, png::BitDepth::Eight));
    pixels.as_chunks::<3>().0.iter().filter(|pixel| **pixel == colour).count()
}

#[test]
fn a_picture_shows_the_outlines_of_each_case_that_has_regions() {
    let batch = four();
    let (image, mask) = (scene::image(2), scene::mask());
    batch.scan("also-good.nii.gz", &image);
    batch.scan("also-good-mask.nii.gz", &mask);
    // Two names that would be one file.
    let files = "also-good.nii.gz,also-good-mask.nii.gz";
    batch.write("cases.csv", format!("case,image,mask\na/b,{files}\na b,{files}\nnan,nan.nii.gz,nan-mask.nii.gz\n"));
    let folder = batch.path("pictures");
    let said = check(&batch, &["--preview", &folder.display().to_string()]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert_eq!(names(&folder), ["a_b-2.png", "a_b.png", "nan.png"]);
    for name in names(&folder) {
        let png = std::fs::read(folder.join(&name)).expect("a file");
        let (tumour, ring) = (colours(&png, [0xE6, 0x9F, 0x00]), colours(&png, [0x56, 0xB4, 0xE9]));
        assert!(tumour > 500 && ring > 100, "{name}: {tumour} and {ring} pixels of outlines");
        assert_eq!(colours(&png, [255, 0, 255]) > 0, name == "nan.png", "{name}");
    }
    assert!(said.out.contains("3 pictures in"), "{}", said.out);
}

#[test]
fn a_picture_is_marked_where_a_region_failed() {
    const MARK: [u8; 3] = [230, 50, 50];
    let batch = four();
    let pictures = |folder: &str, more: &[&str]| {
        let folder = batch.path(folder);
        let said = check(&batch, &[&["--preview", &folder.display().to_string()], more].concat());
        assert_eq!(said.code, Some(3), "{said:?}");
        let read = |name: &str| std::fs::read(folder.join(format!("{name}.png"))).expect("a picture");
        ["good", "empty"].map(read)
    };
    let [good, empty] = pictures("plain", &[]);
    assert_eq!(colours(&good, MARK), 0, "all regions are there");
    // Nothing is outlined: the scan is shown as it is, with the reason.
    let outlines = |png: &[u8]| [[0xE6, 0x9F, 0x00], [0x56, 0xB4, 0xE9]].map(|colour| colours(png, colour));
    assert!(colours(&empty, MARK) > 1000 && outlines(&empty) == [0, 0], "{:?}", outlines(&empty));
    // A ring that is refused, beside a tumour that is there.
    let [good, _] = pictures("refused", &["--set", "regions.ring.min_voxels=100000"]);
    let [tumour, ring] = outlines(&good);
    assert!(colours(&good, MARK) > 1000 && tumour > 500 && ring == 0, "{tumour} {ring}");
    // A region without features was never wanted in the picture.
    let [good, _] = pictures("unseen", &["--set", "regions.ring.features=false"]);
    assert_eq!(colours(&good, MARK), 0);
    // A mask that cannot be read is found before the scan is.
    let other = scene::mask().gz();
    batch.write("good-mask.nii.gz", &other[..other.len() / 2]);
    let folder = batch.path("unread").display().to_string();
    let said = check(&batch, &["--preview", &folder]);
    assert!(
        said.code == Some(3) && !batch.path("unread/good.png").exists(),
        "without a mask, no scan is read: {said:?}"
    );
}

#[test]
fn each_component_has_a_picture_of_its_own() {
    let batch = four();
    let two = scene::mask().map(|[x, y, z]| u8::from(!(3..=12).contains(&x) && y < 5 && z < 5));
    batch.scan("good-mask.nii.gz", &two);
    batch.write("cases.csv", "case,image,mask\ngood,good.nii.gz,good-mask.nii.gz\n");
    let folder = batch.path("pictures").display().to_string();
    let said = check(&batch, &["--set", "regions.tumour.components=\"each\"", "--preview", &folder]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("tumour.1") && said.out.contains("ring.2"), "{}", said.out);
    assert_eq!(names(&batch.path("pictures")), ["good.1.png", "good.2.png"]);
}
