//! `voxomics plugins new`: a folder with a plugin that builds and passes its tests at once.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::ValueEnum;
use include_dir::{Dir, include_dir};

use crate::Refused;

/// The crates that an author of a plugin in Rust needs: no registry has them, so the folder carries its own copy.
static CRATES: [(&str, Dir<'_>); 5] = [
    ("interface", include_dir!("$CARGO_MANIFEST_DIR/../interface")),
    ("sdk", include_dir!("$CARGO_MANIFEST_DIR/../sdk")),
    ("imaging", include_dir!("$CARGO_MANIFEST_DIR/../imaging")),
    ("learning", include_dir!("$CARGO_MANIFEST_DIR/../learning")),
    ("reading", include_dir!("$CARGO_MANIFEST_DIR/../reading")),
];

/// The interface of C.
static HEADER: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../include/voxomics.h"));

/// Templates, by language; `NAME_SNAKE`, `NAME` and `TYPE` in them stand for the plugin's names.
static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// What a plugin is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Features of a region.
    Family,
    /// Response maps of an image.
    Filter,
    /// Images and masks from files.
    Loader,
    /// Scores from features.
    Predictor,
    /// Regions of a region: no template makes it.
    #[value(hide = true)]
    RegionMaker,
    /// Files of results: no template makes it.
    #[value(hide = true)]
    Exporter,
}

impl Kind {
    /// The word by which a file of a template is called.
    fn word(self) -> Result<&'static str, String> {
        let begin = |kind: &str, with: &str, made: &str| {
            Err(format!(
                "there is no template of {kind}. Make a filter and change its kind: docs/plugins.md has the methods in every language. \
                 In Rust, {with} is one; in Python, the decorator is @{made}"
            ))
        };
        match self {
            Self::Family => Ok("family"),
            Self::Filter => Ok("filter"),
            Self::Loader => Ok("loader"),
            Self::Predictor => Ok("predictor"),
            Self::RegionMaker => begin("a region maker", "plugins/regions-threshold", "region_maker"),
            Self::Exporter => begin("an exporter", "plugins/export-json", "exporter"),
        }
    }
}

/// The language of a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// A library in Rust.
    Rust,
    /// A library in C, which needs a compiler alone.
    C,
    /// One file in Python, which runs in a process of its own.
    Python,
}

/// Makes the folder.
pub fn new(kind: Kind, name: &str, language: Language, folder: Option<&Path>) -> Result<ExitCode, Refused> {
    let (word, snake) = (kind.word()?, checked(name)?);
    let folder = folder.map_or_else(|| PathBuf::from(name), Path::to_owned);
    if fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!("{} is there already and not empty. Choose another --folder", folder.display()).into());
    }
    let filled = |text: &str| text.replace("NAME_SNAKE", &snake).replace("TYPE", &camel(&snake)).replace("NAME", name);
    let template = |path: &str| -> Result<String, Refused> {
        let file = TEMPLATES.get_file(path).and_then(|file| file.contents_utf8());
        Ok(filled(file.ok_or_else(|| format!("the program carries no template {path}"))?))
    };
    match language {
        Language::Rust => {
            write(&folder.join("Cargo.toml"), &manifest(name, &snake))?;
            write(&folder.join("src/lib.rs"), &template(&format!("rust/{word}.rs"))?)?;
            write(&folder.join("README.md"), &template("rust/README.md")?)?;
            write(&folder.join(".gitignore"), "/target\n")?;
            for (name, files) in &CRATES {
                carry(files, &folder.join("voxomics").join(name))?;
            }
            say!("made {}\n\n    cd {0}\n    cargo test\n    cargo build --release", folder.display());
        }
        Language::C => {
            write(&folder.join(format!("{snake}.c")), &template(&format!("c/{word}.c"))?)?;
            write(&folder.join(format!("test_{snake}.c")), &template(&format!("c/test_{word}.c"))?)?;
            for file in ["plugin.h", "testing.h", "Makefile", "README.md"] {
                write(&folder.join(file), &template(&format!("c/{file}"))?)?;
            }
            write(&folder.join("voxomics.h"), HEADER)?;
            say!("made {}\n\n    cd {0}\n    make test", folder.display());
        }
        Language::Python => {
            write(&folder.join(format!("{snake}.py")), &template(&format!("python/{word}.py"))?)?;
            write(&folder.join(format!("test_{snake}.py")), &template(&format!("python/test_{word}.py"))?)?;
            write(&folder.join("README.md"), &template("python/README.md")?)?;
            say!("made {}\n\n    cd {0}\n    python3 -m pytest", folder.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The name in snake case: letters, digits, `-` and `_`, beginning with a letter.
fn checked(name: &str) -> Result<String, Refused> {
    let sound = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c));
    if sound {
        Ok(name.replace('-', "_"))
    } else {
        Err(format!("`{name}` cannot be the name of a plugin: small letters, digits, `-` and `_`, a letter first")
            .into())
    }
}

fn camel(snake: &str) -> String {
    snake.split('_').filter_map(|word| Some(word.get(..1)?.to_uppercase() + &word[1..])).collect()
}

fn write(path: &Path, text: &str) -> Result<(), Refused> {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    made.map_err(|cause| format!("cannot write {}: {cause}", path.display()).into())
}

/// Copies a crate of ours: its manifest and sources.
fn carry(files: &Dir<'_>, folder: &Path) -> Result<(), Refused> {
    for file in files.files() {
        let path = file.path();
        if path == Path::new("Cargo.toml") || path.extension().is_some_and(|end| end == "rs") {
            let text = file.contents_utf8().ok_or_else(|| format!("{} is no text", path.display()))?;
            write(&folder.join(path), text)?;
        }
    }
    files.dirs().try_for_each(|dir| carry(dir, folder))
}

/// The manifest: a workspace of its own, with what the carried crates inherit.
fn manifest(name: &str, snake: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let rust = env!("CARGO_PKG_RUST_VERSION");
    format!(
        r#"[package]
name = "{name}"
version = "0.1.0"
edition = "2024"
license = "MIT OR Apache-2.0"
publish = false

[lib]
name = "{snake}"
crate-type = ["cdylib"]

[dependencies]
voxomics-sdk = {{ path = "voxomics/sdk" }}

# The crates in voxomics/ are copies of those that this program was built with. Do not change them: the program refuses a plugin
# whose interface differs from its own. `voxomics plugins new` of a newer program brings newer ones.
[workspace]
resolver = "3"
members = ["voxomics/*"]
default-members = ["."]

[workspace.package]
version = "{version}"
edition = "2024"
rust-version = "{rust}"
license = "MIT OR Apache-2.0"
publish = false

[workspace.lints.rust]
"#
    )
}
