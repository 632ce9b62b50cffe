//! The shape of the workspace: who may depend on whom, and one name for a plugin everywhere.

use std::{collections::BTreeMap, path::Path, process::Command};

use serde_json::Value as Json;
use voxomics_tests::{run, workspace};

#[path = "architecture/circles.rs"]
mod circles;

/// A package of the workspace.
struct Package {
    /// Its folder, from the workspace's.
    folder: String,
    library: Option<(String, Vec<String>)>,
    /// Names of dependencies, whether each is for tests only, and whether it comes with a feature only.
    dependencies: Vec<(String, bool, bool)>,
}

/// The packages of the workspace, by name.
fn packages() -> BTreeMap<String, Package> {
    let arguments = ["metadata", "--format-version", "1", "--no-deps", "--offline"];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(workspace()).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Json = serde_json::from_slice(&output.stdout).expect("JSON");
    let root = metadata["workspace_root"].as_str().expect("a folder").to_owned();
    let text = |json: &Json| json.as_str().expect("a text").to_owned();
    let list = |json: &Json| json.as_array().expect("a list").clone();
    let package = |json: &Json| {
        let manifest = text(&json["manifest_path"]);
        let folder = Path::new(&manifest).parent().and_then(|folder| folder.strip_prefix(&root).ok());
        let library = list(&json["targets"]).into_iter().find(|target| {
            list(&target["kind"]).iter().any(|kind| kind.as_str().is_some_and(|kind| kind.ends_with("lib")))
                && target["src_path"].as_str().is_some_and(|path| path.ends_with("src/lib.rs"))
        });
        let library = library.map(|target| {
            let types = list(&target["crate_types"]).iter().map(text).collect();
            (text(&target["name"]), types)
        });
        let dependencies = list(&json["dependencies"]);
        Package {
            folder: folder.expect("below the workspace").display().to_string(),
            library,
            dependencies: dependencies
                .iter()
                .map(|d| (text(&d["name"]), d["kind"] == "dev", d["optional"] == true))
                .collect(),
        }
    };
    list(&metadata["packages"]).iter().map(|json| (text(&json["name"]), package(json))).collect()
}

/// The packages of ours that a package needs to be built.
fn ours<'a>(packages: &BTreeMap<String, Package>, package: &'a Package) -> Vec<&'a str> {
    let needed = package.dependencies.iter().filter(|(name, test, _)| !test && packages.contains_key(name));
    let mut names: Vec<&str> = needed.map(|(name, ..)| name.as_str()).collect();
    names.sort_unstable();
    names
}

#[test]
fn the_arrows_point_one_way() {
    let packages = packages();
    for (name, allowed) in [
        (
            "voxomics",
            &["voxomics-engine", "voxomics-kit", "voxomics-program", "voxomics-simulation", "voxomics-study"][..],
        ),
        (
            "voxomics-kit",
            &["voxomics-base", "voxomics-host", "voxomics-imaging", "voxomics-interface", "voxomics-worker"],
        ),
        ("voxomics-python", &["voxomics-engine", "voxomics-interface", "voxomics-program"]),
        (
            "voxomics-engine",
            &[
                "voxomics-base",
                "voxomics-host",
                "voxomics-imaging",
                "voxomics-interface",
                "voxomics-results",
                "voxomics-statistics",
            ],
        ),
        ("voxomics-results", &["voxomics-base"]),
        ("voxomics-host", &["voxomics-base", "voxomics-imaging", "voxomics-interface", "voxomics-worker"]),
        ("voxomics-base", &["voxomics-imaging", "voxomics-interface"]),
        // Imaging comes with the feature `filtering` only, learning with `model`, reading with `reading`: see below.
        ("voxomics-sdk", &["voxomics-imaging", "voxomics-interface", "voxomics-learning", "voxomics-reading"]),
        ("voxomics-imaging", &[]),
        ("voxomics-reading", &[]),
        ("voxomics-interface", &[]),
        (
            "voxomics-study",
            &["voxomics-engine", "voxomics-learning", "voxomics-report", "voxomics-simulation", "voxomics-statistics"],
        ),
        ("voxomics-report", &[]),
        ("voxomics-statistics", &[]),
        ("voxomics-learning", &[]),
        ("voxomics-simulation", &[]),
        ("voxomics-worker", &[]),
        ("voxomics-program", &[]),
    ] {
        assert_eq!(ours(&packages, &packages[name]), allowed, "{name}");
    }
    let plugins = packages.values().filter(|package| package.folder.starts_with("plugins/"));
    for plugin in plugins {
        let needed = ours(&packages, plugin);
        let allowed = ["voxomics-imaging", "voxomics-learning", "voxomics-reading", "voxomics-sdk"];
        assert!(needed.iter().all(|name| allowed.contains(name)), "{} depends on {needed:?}", plugin.folder);
        let of_plugins: Vec<&String> = plugin
            .dependencies
            .iter()
            .map(|(name, ..)| name)
            .filter(|name| packages.get(*name).is_some_and(|other| other.folder.starts_with("plugins/")))
            .collect();
        assert!(of_plugins.is_empty(), "{} depends on {of_plugins:?}, if only for tests", plugin.folder);
    }
}

/// The wheel has a door for every plugin. Each leads into the bundle.
#[test]
fn the_bundle_holds_every_plugin_and_nothing_else() {
    let packages = packages();
    let bundle = packages.values().find(|package| package.folder == "python/bundle").expect("a bundle");
    let dependencies: Vec<&str> = bundle.dependencies.iter().map(|(name, ..)| name.as_str()).collect();
    let plugins = packages.iter().filter(|(_, package)| package.folder.starts_with("plugins/"));
    let plugins: Vec<&str> = plugins.map(|(name, _)| name.as_str()).collect();
    assert_eq!(dependencies, plugins);
    let entries = std::fs::read_to_string(workspace().join("python/bundle/src/entries.rs")).expect("a source");
    for plugin in plugins {
        let library = plugin.trim_start_matches("voxomics-").replace('-', "_");
        assert!(entries.contains(&format!("\n    {library},\n")), "the bundle has no entry of {library}");
    }
}

#[test]
fn what_only_filters_learners_or_loaders_need_is_built_for_nobody_else() {
    let packages = packages();
    let of_sdk = &packages["voxomics-sdk"].dependencies;
    for name in ["voxomics-imaging", "voxomics-learning", "voxomics-reading", "toml"] {
        let found: Vec<_> = of_sdk.iter().filter(|(dependency, ..)| dependency == name).collect();
        assert!(matches!(found[..], [(_, false, true)]), "the sdk depends on {name} without a feature: {found:?}");
    }
}

#[test]
fn only_the_interface_names_the_wire_and_no_plugin_starts_threads() {
    for (name, package) in packages() {
        if package.folder.starts_with("tests") {
            continue;
        }
        let depends = |on: &str| package.dependencies.iter().any(|(dependency, ..)| dependency == on);
        assert!(!depends("abi_stable") || name == "voxomics-interface", "{name} depends on abi_stable");
        let threads = depends("rayon") && (package.folder.starts_with("plugins/") || package.folder == "core/imaging");
        assert!(!threads, "{name} depends on rayon: it is given the host's threads");
    }
}

#[test]
fn a_plugin_has_one_name() {
    let said = run(["plugins", "list", "--json"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let listed: Vec<Json> = serde_json::from_str(&said.out).expect("a list");
    let alike = |a: &str, b: &str| a.replace('_', "-") == b.replace('_', "-");
    let mut seen = 0;
    for (name, package) in packages() {
        let Some(folder) = package.folder.strip_prefix("plugins/") else { continue };
        seen += 1;
        assert_eq!(name, format!("voxomics-{folder}"));
        let (library, types) = package.library.expect("a plugin is a library");
        assert_eq!(library, folder.replace('-', "_"));
        assert!(types.iter().any(|kind| kind == "cdylib"), "{folder} is no cdylib");
        let entry = listed.iter().find(|entry| entry["name"] == folder);
        let entry = entry.unwrap_or_else(|| panic!("`plugins list` does not know {folder}"));
        let plugins = entry["library"]["plugins"].as_array().expect("a description");
        let described: Vec<String> = plugins
            .iter()
            .map(|plugin| {
                let word = |key: &str| plugin[key].as_str().unwrap_or_default().to_owned();
                format!("{}-{}", word("kind"), word("id"))
            })
            .collect();
        // A library of one plugin has its name; the plugins of a larger one begin with it. A family may come once more, by
        // PyRadiomics' names: `shape2d` and `pyradiomics-shape2d`.
        let theirs = folder.replacen("features-", "features-pyradiomics-", 1);
        let named = match described.as_slice() {
            [one] => alike(one, folder),
            [one, again] if *again == theirs => alike(one, folder),
            several => several.iter().all(|name| name.starts_with(&format!("{folder}-"))),
        };
        assert!(named && !described.is_empty(), "{folder}: {described:?}");
    }
    assert!(seen > 0, "there are plugins");
}
