//! Which mask goes with which image, by the names of their files and the places of their voxels.
//!
//! People keep a folder a patient (`p1/ct.nii.gz`, `p1/gtv.nii.gz`, `p1/segmentations/liver.nii.gz`), one folder with the patient in
//! the names (`p1_ct.nii.gz`, `p1_gtv.nii.gz`), or two folders beside each other (`imagesTr/p1_0000.nii.gz`, `labelsTr/p1.nii.gz`).
//! In all of them a name is a list of words, of which some say what the file is and the first of the others whose it is. Where
//! names leave a choice between patients, nothing is paired.

use std::path::{Path, PathBuf};

use voxomics_imaging::{
    Grid,
    comparison::{self, Difference},
};

/// Words that say that a file is a mask.
const MASK: [&str; 16] = [
    "contour",
    "gtv",
    "label",
    "labelmap",
    "labels",
    "labelstr",
    "labelsts",
    "mask",
    "masks",
    "roi",
    "rois",
    "seg",
    "segmentation",
    "segmentations",
    "segm",
    "segs",
];
/// Words that say what an image is, and not whose.
const IMAGE: [&str; 36] = [
    "adc", "anat", "cbct", "ce", "cect", "ct", "cta", "data", "dce", "dwi", "flair", "image", "images", "imagestr",
    "imagests", "img", "imgs", "mr", "mri", "nifti", "nii", "pet", "pt", "scan", "scans", "spect", "suv", "t1", "t1c",
    "t1ce", "t1gd", "t1w", "t2", "t2w", "volume", "volumes",
];

/// The images that a mask goes with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Whose they are.
    pub case: String,
    /// What tells the mask from other masks of the case; not empty.
    pub word: String,
    /// The images by their places in the list, each with what tells it from others of the case; the one that the mask was
    /// drawn on is the first.
    pub images: Vec<(usize, String)>,
}

/// Whether a name says that the file is a mask.
pub fn says_mask(path: &Path) -> bool {
    let words = |path: &Path| words(path).iter().any(|word| MASK.contains(&&*word.to_lowercase()));
    // A folder such as `labels` says so as well; those above it are of other things.
    let parent = path.parent().and_then(Path::file_name);
    words(Path::new(path.file_name().unwrap_or_default())) || parent.is_some_and(|name| words(Path::new(name)))
}

/// Whether a file holds the voxels of a header beside it.
pub fn is_second_half(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    name.ends_with(".img") || name.ends_with(".img.gz")
}

/// Whether voxels are the same voxels.
pub fn is_same_grid(image: &Grid, mask: &Grid) -> bool {
    comparison::compare(image, mask).is_empty()
}

/// Whether grids share no place.
fn is_apart(image: &Grid, mask: &Grid) -> bool {
    comparison::compare(image, mask).iter().any(|difference| matches!(difference, Difference::NoOverlap { .. }))
}

/// The case of an image that no mask goes with.
pub fn alone(path: &Path) -> String {
    let name = Name::new(path);
    joined(if name.own.is_empty() { &name.all } else { &name.own })
}

/// A file's name, below the folder that is looked at.
struct Name {
    folder: PathBuf,
    /// Every word of folders and name.
    all: Vec<String>,
    /// Without those that say what the file is.
    own: Vec<String>,
}

impl Name {
    fn new(path: &Path) -> Self {
        let all = words(path);
        let is_own = |word: &&String| {
            let word = word.to_lowercase();
            !MASK.contains(&&*word) && !IMAGE.contains(&&*word)
        };
        let own = all.iter().filter(is_own).cloned().collect();
        Self { folder: path.parent().unwrap_or(Path::new("")).to_path_buf(), all, own }
    }

    /// How many words of another name are among these.
    fn shared(&self, other: &Self) -> usize {
        other.all.iter().filter(|word| self.all.iter().any(|own| is_same(own, word))).count()
    }
}

/// The words of a path without the ends that formats give to names.
fn words(path: &Path) -> Vec<String> {
    let mut text = path.to_string_lossy().into_owned();
    for end in [".gz", ".nii", ".hdr", ".nrrd", ".nhdr", ".mha", ".mhd"] {
        if text.to_lowercase().ends_with(end) {
            text.truncate(text.len() - end.len());
        }
    }
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn is_same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// How many words two lists begin with in common.
fn common(a: &[String], b: &[String]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| is_same(a, b)).count()
}

/// Words as one; a folder and a name that both say the patient say it once.
fn joined(words: &[String]) -> String {
    let (first, second) = words.split_at(words.len() / 2);
    let is_twice = !first.is_empty() && first.len() == second.len() && common(first, second) == first.len();
    (if is_twice { first } else { words }).join("_")
}

/// For each mask, the images that it goes with, or why none.
pub fn pairs(images: &[(PathBuf, Grid)], masks: &[(PathBuf, Grid)]) -> Vec<Result<Pair, String>> {
    let named: Vec<Name> = images.iter().map(|(path, _)| Name::new(path)).collect();
    let of_mask: Vec<Name> = masks.iter().map(|(path, _)| Name::new(path)).collect();
    let chosen: Vec<Result<Chosen, String>> =
        of_mask.iter().zip(masks).map(|(mask, (_, grid))| choose(mask, grid, &named, images)).collect();
    // An image that a mask names is that mask's; it does not stand beside another image in that one's cases.
    let own: Vec<usize> =
        chosen.iter().flatten().filter(|chosen| chosen.named).map(|chosen| chosen.images[0]).collect();
    let pair = |(chosen, mask): (Result<Chosen, String>, &Name)| {
        chosen.map(|Chosen { mut images, words, .. }| {
            let first = images[0];
            images.retain(|image| *image == first || !own.contains(image));
            let rest = |name: &Name| -> Vec<String> {
                let case = &mask.own[..words];
                let is_telling = |word: &&String| !case.iter().any(|of_case| is_same(of_case, word));
                name.all.iter().filter(is_telling).cloned().collect()
            };
            let described = images.iter().map(|image| (*image, word(&rest(&named[*image]), "image"))).collect();
            let case = match words {
                0 if named[first].own.is_empty() => "case".to_owned(),
                0 => joined(&named[first].own),
                _ => joined(&mask.own[..words]),
            };
            Pair { case, word: word(&rest(mask), "mask"), images: described }
        })
    };
    chosen.into_iter().zip(&of_mask).map(pair).collect()
}

/// Words that tell a file from others of its case: those that say no more than that it is an image or a mask do not.
fn word(words: &[String], otherwise: &str) -> String {
    const SAYS_NOTHING: [&str; 12] = [
        "image",
        "images",
        "imagestr",
        "imagests",
        "labelstr",
        "labelsts",
        "labels",
        "masks",
        "mask",
        "segmentations",
        "seg",
        "scan",
    ];
    let telling: Vec<String> =
        words.iter().map(|word| word.to_lowercase()).filter(|word| !SAYS_NOTHING.contains(&word.as_str())).collect();
    if telling.is_empty() { otherwise.to_owned() } else { telling.join("_") }
}

/// The images of a mask.
struct Chosen {
    /// The one that it was drawn on first; at least one.
    images: Vec<usize>,
    /// How many words of the mask's own say whose it is.
    words: usize,
    /// Whether the mask's name says which of several images it was drawn on.
    named: bool,
}

fn choose(mask: &Name, grid: &Grid, named: &[Name], images: &[(PathBuf, Grid)]) -> Result<Chosen, String> {
    let fits = |image: &Name| {
        let words = common(&image.own, &mask.own);
        let (of_image, of_mask) = (image.own.len() - words, mask.own.len() - words);
        let is_beside = mask.folder.starts_with(&image.folder);
        // What both have of their own tells two patients apart, unless the folder has but one image.
        let is_only = || is_beside && named.iter().filter(|other| other.folder == image.folder).count() == 1;
        let is_numbered = |name: &Name| name.own[words].contains(|c: char| c.is_ascii_digit());
        let fits = match (of_image, of_mask) {
            (0, _) | (_, 0) => words > 0 || is_beside,
            _ if is_numbered(image) && is_numbered(mask) => false,
            _ => is_only(),
        };
        fits.then_some(words)
    };
    let fitting: Vec<(usize, usize)> =
        named.iter().enumerate().filter_map(|(index, image)| Some((index, fits(image)?))).collect();
    let Some(words) = fitting.iter().map(|(_, words)| *words).max() else {
        return Err("no image goes with it by its name".into());
    };
    let best: Vec<usize> = fitting.iter().filter(|(_, of)| *of == words).map(|(index, _)| *index).collect();
    let count = best.len();
    let mut there: Vec<usize> = best.into_iter().filter(|index| !is_apart(&images[*index].1, grid)).collect();
    if there.is_empty() {
        let what = if count == 1 {
            "the image that its name goes with lies"
        } else {
            "the images that its name goes with lie"
        };
        return Err(format!("{what} at another place"));
    }
    // Images with words of their own may be of different patients.
    let is_whole = |index: &usize| named[*index].own.len() == words;
    let is_on_grid = |index: &usize| is_same_grid(&images[*index].1, grid);
    if there.len() > 1 && !there.iter().all(is_whole) {
        match there.iter().any(is_whole) {
            true => there.retain(is_whole),
            false => there.retain(is_on_grid),
        }
        if there.is_empty() || there.len() > 1 && words == 0 {
            return Err(format!("its name goes with {count} images"));
        }
    }
    let shared = |index: &usize| named[*index].shared(mask);
    there.sort_by_key(|index| (std::cmp::Reverse(shared(index)), !is_on_grid(index), *index));
    let is_named = there.len() > 1 && shared(&there[0]) > shared(&there[1]);
    if !is_named {
        there.sort_by_key(|index| (!is_on_grid(index), *index));
    }
    Ok(Chosen { images: there, words, named: is_named })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pairs of files that all have one grid, as `mask: case, word, images`.
    fn told(images: &[&str], masks: &[&str]) -> Vec<String> {
        let grid = Grid::axis_aligned([4, 4, 4], [1.0; 3]);
        let at = |names: &[&str]| names.iter().map(|name| (PathBuf::from(name), grid)).collect::<Vec<_>>();
        let pairs = pairs(&at(images), &at(masks));
        let tell = |pair: Result<Pair, String>| match pair {
            Ok(Pair { case, word, images: of }) => {
                let of: Vec<String> = of.iter().map(|(image, word)| format!("{word}={}", images[*image])).collect();
                format!("{case} {word}: {}", of.join(" "))
            }
            Err(why) => why,
        };
        pairs.into_iter().map(tell).collect()
    }

    #[test]
    fn a_folder_a_patient() {
        let images = ["P1/ct.nii.gz", "P1/pet.nii.gz", "P2/ct.nii.gz"];
        let masks = ["P1/gtv.nii", "P1/segmentations/liver.nii.gz", "P2/segmentations/liver.nii.gz", "P3/gtv.nii"];
        assert_eq!(
            told(&images, &masks),
            [
                "P1 gtv: ct=P1/ct.nii.gz pet=P1/pet.nii.gz",
                "P1 liver: ct=P1/ct.nii.gz pet=P1/pet.nii.gz",
                "P2 liver: ct=P2/ct.nii.gz",
                "no image goes with it by its name"
            ]
        );
        // The only image of a folder needs no name.
        assert_eq!(told(&["P1/venous phase.nii"], &["P1/tumour.nii"]), ["P1 tumour: venous_phase=P1/venous phase.nii"]);
        assert_eq!(told(&["image.nii"], &["mask.nii"]), ["case mask: image=image.nii"]);
    }

    #[test]
    fn one_folder_with_patients_in_the_names() {
        let images = ["BraTS-001/BraTS-001_t1.nii", "BraTS-001/BraTS-001_flair.nii", "BraTS-002/BraTS-002_t1.nii"];
        let masks = ["BraTS-001/BraTS-001_seg.nii", "BraTS-002/BraTS-002_seg.nii"];
        assert_eq!(
            told(&images, &masks),
            [
                "BraTS_001 mask: t1=BraTS-001/BraTS-001_t1.nii flair=BraTS-001/BraTS-001_flair.nii",
                "BraTS_002 mask: t1=BraTS-002/BraTS-002_t1.nii"
            ]
        );
        let images = ["001_ct.nii", "010_ct.nii"];
        assert_eq!(
            told(&images, &["001_gtv.nii", "010_gtv.nii", "011_gtv.nii"])[..2],
            ["001 gtv: ct=001_ct.nii", "010 gtv: ct=010_ct.nii"]
        );
        // The image of 011 is not there, whether or not there are several others.
        assert!(!told(&images, &["011_gtv.nii"])[0].contains('='));
        assert!(!told(&images[..1], &["011_gtv.nii"])[0].contains('='));
    }

    #[test]
    fn two_folders_beside_each_other() {
        let images =
            ["imagesTr/liver_01_0000.nii.gz", "imagesTr/liver_01_0001.nii.gz", "imagesTr/liver_02_0000.nii.gz"];
        assert_eq!(
            told(&images, &["labelsTr/liver_01.nii.gz", "labelsTr/liver_02.nii.gz"]),
            [
                "liver_01 mask: 0000=imagesTr/liver_01_0000.nii.gz 0001=imagesTr/liver_01_0001.nii.gz",
                "liver_02 mask: 0000=imagesTr/liver_02_0000.nii.gz"
            ]
        );
        assert_eq!(told(&["images/p1.nii", "images/p2.nii"], &["masks/p2.nii"]), ["p2 mask: image=images/p2.nii"]);
        // Nothing says whose it is.
        assert_eq!(told(&["images/p1.nii", "images/p2.nii"], &["images/labels.nii"]), ["its name goes with 2 images"]);
    }

    #[test]
    fn a_mask_that_names_its_image_is_that_images() {
        let images = ["p1_t1.nii", "p1_t2.nii"];
        assert_eq!(
            told(&images, &["p1_t1_mask.nii", "p1_t2_mask.nii"]),
            ["p1 t1: t1=p1_t1.nii", "p1 t2: t2=p1_t2.nii"]
        );
        assert_eq!(told(&images, &["p1_t2_mask.nii"]), ["p1 t2: t2=p1_t2.nii t1=p1_t1.nii"]);
    }

    #[test]
    fn what_lies_elsewhere_is_not_its_image() {
        let grid = Grid::axis_aligned([4, 4, 4], [1.0; 3]);
        let far = Grid { origin: [100.0, 0.0, 0.0], ..grid };
        let [image, mask] = ["p1/ct.nii", "p1/gtv.nii"].map(PathBuf::from);
        let pairs = pairs(&[(image, far)], &[(mask, grid)]);
        assert_eq!(pairs, [Err("the image that its name goes with lies at another place".to_owned())]);
    }
}
