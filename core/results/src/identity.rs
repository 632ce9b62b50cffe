//! When two results are the same result: the key that everything that is kept is found by. It is made here and nowhere
//! else; `docs/decisions/identity.md` says why it is made so.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use voxomics_base::digest::sha256;

/// The program, as its build tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Version, for people.
    pub version: String,
    /// SHA-256 of everything that it was made from.
    pub digest: String,
    /// The commit of its sources, if that is known.
    pub commit: Option<String>,
    /// Generation of the interface to plugins.
    pub interface_generation: u32,
    /// The target that it was built for.
    pub target: String,
    /// The profile of the build.
    pub profile: String,
    /// The compiler.
    pub compiler: String,
}

/// What the values of all cases depend on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Basis {
    /// Digest of the program.
    pub program: String,
    /// Each library of plugins that the values depend on: by the digest of its file, or, if it came with the program, by name.
    pub plugins: Vec<String>,
    /// The settings that the values depend on.
    pub settings: Json,
    /// Digest of each file that these settings name.
    pub files: Vec<String>,
}

impl Basis {
    /// Its digest.
    pub fn digest(&self) -> String {
        let Self { program, plugins, settings, files } = self;
        of(&serde_json::json!(["basis", 1, program, plugins, files, settings]))
    }
}

/// What stands before the column of what a plugin read beside the files that the list of cases names.
pub const BESIDE: &str = "beside.";

/// A file that was read for a case; beside what the list names it may be the names in a folder, or that a file was not there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileRead {
    /// The column of the list of cases that names it, or a folder that it is in: `image`, `mask.liver`; with [`BESIDE`] before it,
    /// if a plugin read it that lies beside what the list names.
    pub column: String,
    /// Its path below the folder that the case names; empty for a file that the case names itself, whose name and place
    /// change no value.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Number of its bytes.
    pub bytes: u64,
}

/// The digest of all files of a column: that of its bytes if it is one file that the case names itself, otherwise that of a
/// line `digest name` for each, in the order of their names. None if there is no file.
pub fn of_column(files: &[FileRead], column: &str) -> Option<String> {
    let mut of: Vec<&FileRead> = files.iter().filter(|file| file.column == column).collect();
    match of[..] {
        [] => None,
        [one] if one.name.is_empty() => Some(one.sha256.clone()),
        _ => {
            of.sort_by(|a, b| a.name.cmp(&b.name));
            let lines: String = of.iter().map(|file| format!("{} {}\n", file.sha256, file.name)).collect();
            Some(sha256(lines.as_bytes()))
        }
    }
}

/// What the values of a case depend on beside the basis.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// Name of the case.
    pub case: String,
    /// UID of the series, if the list of cases gives one.
    pub series: Option<String>,
    /// The same for further images, by name.
    pub series_of: Vec<(String, String)>,
    /// Label of the region, if the list of cases gives one.
    pub label: Option<f64>,
    /// Name, pattern or number of the region, if the list of cases gives one.
    pub region: Option<String>,
    /// Modality, if the list of cases gives one: limits of intensity may depend on it.
    pub modality: Option<String>,
    /// Every file that its loaders read.
    pub files: Vec<FileRead>,
}

impl Identity {
    /// The key of the values of the case. None without any file: nothing is then known of the case.
    pub fn key(&self, basis: &str) -> Option<String> {
        self.known().map(|[case, list, files]| of(&serde_json::json!(["case", 1, basis, case, list, files])))
    }

    /// The key of what is learnt from the case for something that is fitted, such as `images.normalised`. None without any file.
    pub fn key_of_observations(&self, basis: &str, fitted: &str) -> Option<String> {
        self.known()
            .map(|[case, list, files]| of(&serde_json::json!(["observed", 1, basis, fitted, case, list, files])))
    }

    /// What both keys are made of.
    fn known(&self) -> Option<[Json; 3]> {
        let Self { case, series, series_of, label, region, modality, files } = self;
        let columns: BTreeSet<&str> = files.iter().map(|file| file.column.as_str()).collect();
        let files: BTreeMap<&str, Option<String>> =
            columns.into_iter().map(|column| (column, of_column(files, column))).collect();
        let list = serde_json::json!([series, series_of, label, region, modality]);
        (!files.is_empty()).then(|| [serde_json::json!(case), list, serde_json::json!(files)])
    }
}

/// SHA-256 of JSON with sorted keys.
fn of(value: &Json) -> String {
    let mut text = String::new();
    write(value, &mut text);
    sha256(text.as_bytes())
}

fn write(value: &Json, out: &mut String) {
    match value {
        Json::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            out.push('{');
            for (key, value) in entries {
                out.push_str(&Json::from(key.as_str()).to_string());
                out.push(':');
                write(value, out);
                out.push(',');
            }
            out.push('}');
        }
        Json::Array(list) => {
            out.push('[');
            for value in list {
                write(value, out);
                out.push(',');
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn file(column: &str, name: &str, sha256: &str) -> FileRead {
        FileRead { column: column.into(), name: name.into(), sha256: sha256.into(), bytes: 1 }
    }

    fn identity() -> Identity {
        Identity {
            case: "a".into(),
            series: None,
            series_of: Vec::new(),
            label: None,
            region: None,
            modality: None,
            files: vec![file("image", "1.dcm", "i1"), file("image", "2.dcm", "i2"), file("mask", "", "m")],
        }
    }

    #[test]
    fn whatever_a_value_depends_on_is_in_the_key() {
        let basis = Basis {
            program: "p".into(),
            plugins: vec!["l".into()],
            settings: json!({"bins": 16, "width": 0.1}),
            files: vec!["f".into()],
        };
        type Change<T> = Box<dyn Fn(&mut T)>;
        let changed: Vec<Change<Basis>> = vec![
            Box::new(|_| {}),
            Box::new(|basis| basis.program = "q".into()),
            Box::new(|basis| basis.plugins = vec!["k".into()]),
            Box::new(|basis| basis.plugins.push("l".into())),
            Box::new(|basis| basis.settings["bins"] = 32.into()),
            Box::new(|basis| basis.settings["width"] = 0.100_000_000_000_000_02.into()),
            Box::new(|basis| basis.files.clear()),
        ];
        let bases = changed.iter().map(|change| {
            let mut basis = basis.clone();
            change(&mut basis);
            basis.digest()
        });
        let mut keys: Vec<String> = bases.map(|basis| identity().key(&basis).expect("a key")).collect();
        let cases: Vec<Change<Identity>> = vec![
            Box::new(|of| of.case = "b".into()),
            Box::new(|of| of.series = Some("a".into())),
            Box::new(|of| of.label = Some(2.0)),
            Box::new(|of| of.region = Some("a".into())),
            Box::new(|of| of.modality = Some("a".into())),
            Box::new(|of| of.series_of = vec![("pet".into(), "a".into())]),
            Box::new(|of| of.files[2].column = "mask.liver".into()),
            Box::new(|of| of.files[0].sha256 = "other".into()),
            Box::new(|of| of.files[1].name = "3.dcm".into()),
            Box::new(|of| of.files[2].sha256 = "other".into()),
            Box::new(|of| drop(of.files.remove(1))),
        ];
        for change in cases {
            let mut identity = identity();
            change(&mut identity);
            keys.push(identity.key(&basis.digest()).expect("a key"));
        }
        keys.extend(
            ["images.a", "images.b"].map(|name| identity().key_of_observations(&basis.digest(), name).expect("a key")),
        );
        let all = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), all);
    }

    #[test]
    fn order_of_keys_and_of_files_does_not_count() {
        let of = |settings: &str| Basis { settings: serde_json::from_str(settings).expect("JSON"), ..Basis::default() };
        assert_eq!(
            of(r#"{"a": 1, "b": {"c": 2, "d": 3}}"#).digest(),
            of(r#"{"b": {"d": 3, "c": 2}, "a": 1}"#).digest()
        );
        let mut other = identity();
        other.files.reverse();
        assert_eq!(other.key("b"), identity().key("b"));
    }

    #[test]
    fn one_file_has_the_digest_that_others_compute_and_no_file_has_none() {
        assert_eq!(of_column(&identity().files, "mask").as_deref(), Some("m"));
        assert_eq!(of_column(&[], "mask"), None);
        let without = Identity { files: Vec::new(), ..identity() };
        assert_eq!(without.key("b"), None);
    }
}
