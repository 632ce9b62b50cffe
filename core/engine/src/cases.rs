//! The cases of an experiment: from a CSV, from a folder, or made.

mod list;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

pub use list::from_csv;

use crate::experiment::{study::Condition, suggestion};
use voxomics_base::Cells;
use voxomics_results::Entry;

/// One case: an image, a segmentation of it, and what else the list says.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its name; unique.
    pub name: String,
    /// What the list calls it, where its name is a pseudonym; never written.
    pub original: Option<String>,
    /// The image.
    pub image: PathBuf,
    /// The segmentation.
    pub mask: PathBuf,
    /// Further images, by the word after `image.` in the list, in its order; those that the case has.
    pub images: Vec<(String, PathBuf)>,
    /// Further masks, by the word after `mask.`.
    pub masks: Vec<(String, PathBuf)>,
    /// UIDs of the series of further images, by the word after `series.`.
    pub series_of: Vec<(String, String)>,
    /// UID of the series, for an image that is a folder of several.
    pub series: Option<String>,
    /// The label of the region, if the list gives one.
    pub label: Option<f64>,
    /// Name, pattern or number of the region, if the list gives one.
    pub region: Option<String>,
    /// Its modality, where the program made the image.
    pub made_as: Option<&'static str>,
    /// Every further column, in the order of the list.
    pub covariates: Cells,
    /// What image and mask must hash to, if the list says it.
    pub expected: [Option<String>; 2],
    /// What is wrong with the case's own row of the list: the case fails, the others go on.
    pub fault: Option<String>,
}

impl Case {
    /// A case of which nothing but its files is known.
    pub fn new(name: String, image: PathBuf, mask: PathBuf) -> Self {
        let (images, masks, series_of) = Default::default();
        let (original, series, label, region, made_as, covariates, expected, fault) = Default::default();
        Self {
            name,
            original,
            image,
            mask,
            images,
            masks,
            series_of,
            series,
            label,
            region,
            made_as,
            covariates,
            expected,
            fault,
        }
    }

    /// What the list calls it, with pseudonyms or without: seeds and the order of cases follow from it, so that a pseudonym
    /// changes no number.
    pub fn original(&self) -> &str {
        self.original.as_deref().unwrap_or(&self.name)
    }

    /// The case as tables and record name it.
    pub fn entry(&self) -> Entry {
        let Self { name, mut image, mut mask, mut images, mut masks, series, label, region, covariates, .. } =
            self.clone();
        let named = images.iter_mut().chain(&mut masks).map(|(_, path)| path);
        for path in named.chain([&mut image, &mut mask]).filter(|path| !path.as_os_str().is_empty()) {
            *path = std::path::absolute(&*path).unwrap_or_else(|_| path.clone());
        }
        Entry { name, image, mask, images, masks, series, label, region, covariates }
    }

    /// The image of a column: `image.NAME`, or `image`; with the UID of its series, if the list gives one.
    ///
    /// # Errors
    /// That the case has none.
    pub fn scan(&self, name: Option<&str>) -> Result<(&Path, Option<&str>), String> {
        let Some(name) = name else { return there(&self.image, "image").map(|path| (path, self.series.as_deref())) };
        let series = self.series_of.iter().find(|(of, _)| of == name).map(|(_, uid)| uid.as_str());
        named(&self.images, "image", name).map(|path| (path, series))
    }

    /// The mask of a column: `mask.NAME`, or `mask`.
    ///
    /// # Errors
    /// That the case has none.
    pub fn mask(&self, name: Option<&str>) -> Result<&Path, String> {
        name.map_or_else(|| there(&self.mask, "mask"), |name| named(&self.masks, "mask", name))
    }

    /// The modality that the list gives in its column `modality`, or that of an image that the program made.
    pub fn modality(&self) -> Option<&str> {
        self.covariate("modality").filter(|modality| !modality.is_empty()).or(self.made_as)
    }

    /// A cell of the case's row, also of the columns that the program itself reads; none for its files.
    fn cell(&self, column: &str) -> Option<Cow<'_, str>> {
        match column {
            "case" => Some(Cow::from(&self.name)),
            "series" => Some(Cow::from(self.series.as_deref().unwrap_or_default())),
            "region" => Some(Cow::from(self.region.as_deref().unwrap_or_default())),
            "label" => Some(self.label.map(|label| label.to_string()).unwrap_or_default().into()),
            _ => self.covariate(column).map(Cow::from),
        }
    }

    /// A column of the case's row.
    pub fn covariate(&self, column: &str) -> Option<&str> {
        self.covariates.get(column)
    }
}

/// The cases that meet all conditions, and how many do not. One whose row is at fault stays, lest nobody hear of it.
///
/// # Errors
/// If no case has a column, or if no case meets the conditions.
pub fn only(cases: Vec<Case>, conditions: &[Condition]) -> Result<(Vec<Case>, usize), String> {
    for Condition { column, .. } in conditions {
        if !cases.iter().any(|case| case.cell(column).is_some()) {
            let columns: Vec<&str> = cases.iter().take(1).flat_map(|case| case.covariates.names()).collect();
            let near = suggestion(column, columns.iter().copied());
            let further = if columns.is_empty() { "none".to_owned() } else { columns.join(", ") };
            return Err(format!(
                "`only` in [cases] names the column `{column}`, which the list of cases does not have{near}; beside case, \
                 series, region and label it has: {further}"
            ));
        }
    }
    let meets = |case: &Case| {
        case.fault.is_some()
            || conditions.iter().all(|condition| condition.is_met_by(&case.cell(&condition.column).unwrap_or_default()))
    };
    let all = cases.len();
    let found = |column: &str| -> String {
        let cells: BTreeSet<String> =
            cases.iter().filter_map(|case| case.cell(column)).map(|cell| format!("`{cell}`")).take(1000).collect();
        cells.into_iter().take(20).collect::<Vec<_>>().join(", ")
    };
    let words: Vec<String> = conditions
        .iter()
        .map(|Condition { column, values }| {
            format!("`{column}` must be `{}` and is {}", values.join("` or `"), found(column))
        })
        .collect();
    let kept: Vec<Case> = cases.into_iter().filter(meets).collect();
    if kept.is_empty() && all > 0 {
        return Err(format!("`only` in [cases] leaves none of the {all} cases: {}", words.join("; ")));
    }
    let left_out = all - kept.len();
    Ok((kept, left_out))
}

fn there<'a>(path: &'a Path, column: &str) -> Result<&'a Path, String> {
    if path.as_os_str().is_empty() { Err(format!("the case list has no `{column}` for it")) } else { Ok(path) }
}

fn named<'a>(files: &'a [(String, PathBuf)], column: &str, name: &str) -> Result<&'a Path, String> {
    let found = files.iter().find(|(known, _)| known == name);
    found.map(|(_, path)| path.as_path()).ok_or_else(|| format!("the case list has no `{column}.{name}` for it"))
}

/// Finds cases in a folder: every image that fits the pattern, with the mask that its case's name leads to.
///
/// # Errors
/// If nothing fits.
pub fn from_folder(folder: &Path, image: &str, mask: &str) -> Result<Vec<Case>, String> {
    let folder = &std::path::absolute(folder).map_err(|cause| format!("the folder {}: {cause}", folder.display()))?;
    let mut found = BTreeMap::new();
    let parts: Vec<&str> = image.split('/').collect();
    walk(folder, &parts, None, &mut found)
        .map_err(|cause| format!("the folder {} cannot be searched: {cause}", folder.display()))?;
    let cases: Vec<Case> = found
        .into_iter()
        .map(|(name, path)| {
            let mask = folder.join(mask.replace("{case}", &name));
            let fault = (!mask.exists()).then(|| format!("there is no mask {} for it", mask.display()));
            Case { fault, ..Case::new(name, path, mask) }
        })
        .collect();
    if cases.is_empty() {
        return Err(format!("nothing in {} fits `{image}`", folder.display()));
    }
    Ok(cases)
}

/// Follows the parts of a pattern down the folders; the part with `{case}` fits any name.
fn walk(
    folder: &Path,
    parts: &[&str],
    case: Option<&str>,
    found: &mut BTreeMap<String, PathBuf>,
) -> std::io::Result<()> {
    let Some((part, rest)) = parts.split_first() else { return Ok(()) };
    let candidates: Vec<(Option<String>, PathBuf)> = match part.split_once("{case}") {
        None => vec![(case.map(str::to_owned), folder.join(part))],
        Some((before, after)) => {
            let mut fitting = Vec::new();
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                let name = entry.file_name();
                let Some(name) = name.to_str() else { continue };
                let case = name.strip_prefix(before).and_then(|name| name.strip_suffix(after));
                if let Some(case) = case.filter(|case| !case.is_empty()) {
                    fitting.push((Some(case.to_owned()), entry.path()));
                }
            }
            fitting
        }
    };
    for (case, path) in candidates {
        if !rest.is_empty() && path.is_dir() {
            walk(&path, rest, case.as_deref(), found)?;
        } else if let (true, Some(case)) = (rest.is_empty() && path.exists(), case) {
            found.insert(case, path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Result<Vec<Case>, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cases.csv");
        std::fs::write(&path, text).expect("a list");
        from_csv(&path)
    }

    #[test]
    fn further_columns_are_covariates_and_paths_start_at_the_list() {
        let cases = list("\u{feff}case,image,mask,label,kvp\na, a.nii ,m.nii,2,120\n").expect("a list");
        assert_eq!((cases[0].label, cases[0].covariate("kvp")), (Some(2.0), Some("120")));
        assert!(cases[0].image.ends_with("a.nii") && cases[0].image.is_absolute());
    }

    #[test]
    fn a_missing_or_double_column_and_an_empty_list_are_errors() {
        assert!(list("case,image,msk\na,b,c\n").expect_err("no mask").contains("did you mean `msk`?"));
        assert!(list("case;image;mask\na;b;c\n").expect_err("semicolons").contains("separated by semicolons"));
        assert!(list("case,image,mask,age,age\na,b,c,1,2\n").expect_err("twice").contains("`age` twice"));
        assert!(list("case,image,mask\n").expect_err("empty").contains("no cases"));
    }

    #[test]
    fn a_bad_row_is_that_case_s_fault() {
        let cases = list("case,image,mask,label\na,b,c,two\nb,i,m,\n").expect("a list");
        assert!(cases[0].fault.as_ref().is_some_and(|fault| fault.contains("`two`")) && cases[1].fault.is_none());
        let cases = list("case,image,mask\na,1,2\nb,3,4\na,5,6\n").expect("a list");
        let faults: Vec<bool> =
            cases.iter().map(|case| case.fault.as_ref().is_some_and(|fault| fault.contains("lines 2, 4"))).collect();
        assert_eq!(faults, [true, false, true]);
    }

    #[test]
    fn conditions_choose_cases_by_any_column() {
        let all = || {
            let text =
                "case,image,mask,modality,kvp,series\na,1,2,CT,120,1.2\nb,3,4,PT,,1.3\nc,5,6,CT,100.0,1.3\nd,7,,MR,,\n";
            list(text).expect("a list")
        };
        let chosen = |conditions: &[(&str, &[&str])]| {
            let condition = |(column, values): &(&str, &[&str])| Condition {
                column: (*column).into(),
                values: values.iter().map(|value| (*value).to_owned()).collect(),
            };
            let conditions: Vec<Condition> = conditions.iter().map(condition).collect();
            only(all(), &conditions).map(|(cases, left_out)| {
                (cases.iter().map(|case| case.name.clone()).collect::<Vec<_>>().join(""), left_out)
            })
        };
        // The row of d has no mask: it fails whatever is chosen.
        assert_eq!(chosen(&[]), Ok(("abcd".into(), 0)));
        assert_eq!(chosen(&[("modality", &["CT"])]), Ok(("acd".into(), 1)));
        assert_eq!(chosen(&[("modality", &["CT", "PT"])]), Ok(("abcd".into(), 0)));
        assert_eq!(chosen(&[("modality", &["CT"]), ("kvp", &["100"])]), Ok(("cd".into(), 2)));
        assert_eq!(chosen(&[("series", &["1.3"]), ("case", &["b", "a"])]), Ok(("bd".into(), 2)));
        let wrong = chosen(&[("modalty", &["CT"])]).expect_err("no such column");
        assert!(wrong.contains("`modalty`") && wrong.contains("did you mean `modality`"), "{wrong}");
        let none = only(
            all().into_iter().take(3).collect(),
            &[Condition { column: "modality".into(), values: vec!["US".into()] }],
        );
        let none = none.expect_err("no such value");
        assert!(none.contains("none of the 3 cases: `modality` must be `US` and is `CT`, `PT`"), "{none}");
    }

    #[test]
    fn images_and_masks_may_have_names() {
        let cases = list(
            "case,image.pet,image.ct,series.ct,mask,mask.liver\na,p.nii,c.nii,1.2,m.nii,l.nii\nb,,c.nii,,m.nii,\n",
        );
        let cases = cases.expect("a list");
        let ends =
            |path: Result<(&Path, Option<&str>), String>, name: &str| path.is_ok_and(|(path, _)| path.ends_with(name));
        // The first image stands for the one without a name.
        assert!(ends(cases[0].scan(None), "p.nii") && ends(cases[0].scan(Some("pet")), "p.nii"));
        assert_eq!(cases[0].scan(Some("ct")).expect("an image").1, Some("1.2"));
        assert!(cases[0].mask(Some("liver")).is_ok_and(|path| path.ends_with("l.nii")));
        assert!(cases[0].covariates.is_empty());
        // What is missing costs what depends on it.
        assert_eq!(cases[1].fault, None);
        assert!(ends(cases[1].scan(Some("ct")), "c.nii") && cases[1].mask(None).is_ok());
        assert_eq!(cases[1].scan(Some("pet")), Err("the case list has no `image.pet` for it".into()));
        assert_eq!(cases[1].scan(None), Err("the case list has no `image` for it".into()));
        assert_eq!(cases[1].mask(Some("liver")), Err("the case list has no `mask.liver` for it".into()));
        let error = list("case,image,series.ct,mask\na,i,1,m\n").expect_err("no such image");
        assert!(error.contains("`series.ct` and no `image.ct`"), "{error}");
    }

    #[test]
    fn a_folder_gives_a_case_for_each_image() {
        let folder = tempfile::tempdir().expect("a folder");
        for case in ["p1", "p2"] {
            std::fs::create_dir(folder.path().join(case)).expect("a folder");
            std::fs::write(folder.path().join(case).join("ct.nii"), "").expect("a file");
        }
        std::fs::write(folder.path().join("p1/tumour.nii"), "").expect("a file");
        let cases = from_folder(folder.path(), "{case}/ct.nii", "{case}/tumour.nii").expect("cases");
        assert_eq!(cases.iter().map(|case| case.name.as_str()).collect::<Vec<_>>(), ["p1", "p2"]);
        assert!(cases[0].fault.is_none() && cases[1].fault.is_some());
    }
}
