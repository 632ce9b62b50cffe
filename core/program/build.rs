//! Takes the digest of everything that the program is made from.

#[path = "sources.rs"]
mod sources;

use std::{env, path::Path, process::Command};

fn main() {
    let folder = variable("CARGO_MANIFEST_DIR");
    let root = Path::new(&folder).ancestors().nth(2).expect("the crate lies two folders below the workspace");
    for part in sources::SOURCES.iter().chain(&sources::BUILT_BY) {
        println!("cargo:rerun-if-changed={}", root.join(part).display());
    }
    let compiler = compiler();
    let how = [
        format!("compiler {compiler}"),
        format!("target {}", variable("TARGET")),
        format!("target features {}", variable("CARGO_CFG_TARGET_FEATURE")),
        format!("profile {} {}", variable("PROFILE"), variable("OPT_LEVEL")),
        format!("flags {}", flags()),
    ];
    let digest = sources::digest(root, &how)
        .unwrap_or_else(|cause| panic!("the sources in {} cannot be read: {cause}", root.display()));
    let say = |name: &str, value: &str| println!("cargo:rustc-env=VOXOMICS_PROGRAM_{name}={value}");
    say("DIGEST", &digest);
    say("COMPILER", &compiler);
    say("TARGET", &variable("TARGET"));
    say("PROFILE", &variable("PROFILE"));
    if let Some(commit) = commit(root) {
        say("COMMIT", &commit);
    }
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

/// Version and commit of the compiler, and of what makes its machine code; not the machine that it runs on.
fn compiler() -> String {
    let told = Command::new(variable("RUSTC")).arg("-vV").output().map(|output| output.stdout).unwrap_or_default();
    let told = String::from_utf8_lossy(&told).into_owned();
    let of = |key: &str| told.lines().find_map(|line| line.strip_prefix(key)).unwrap_or("unknown").trim().to_owned();
    format!("rustc {} ({}), LLVM {}", of("release:"), of("commit-hash:"), of("LLVM version:"))
}

/// Flags for the compiler, without those that name the folder of the build.
fn flags() -> String {
    let all = variable("CARGO_ENCODED_RUSTFLAGS");
    let mut kept = Vec::new();
    let mut flags = all.split('\x1f').filter(|flag| !flag.is_empty());
    while let Some(flag) = flags.next() {
        if flag == "--remap-path-prefix" {
            flags.next();
        } else if !flag.starts_with("--remap-path-prefix=") {
            kept.push(flag);
        }
    }
    kept.join(" ")
}

/// The commit, if the workspace is one of git's and not a copy inside another one.
fn commit(root: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(root).args(arguments).env("GIT_OPTIONAL_LOCKS", "0");
        let output = command.output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    if !git(&["rev-parse", "--show-cdup"])?.is_empty() {
        return None;
    }
    let log = git(&["rev-parse", "--path-format=absolute", "--git-path", "logs/HEAD"])?;
    // A path that is not there would have the script run at every build.
    if Path::new(&log).is_file() {
        println!("cargo:rerun-if-changed={log}");
    }
    let commit = git(&["rev-parse", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--", "core", "plugins", "Cargo.toml", "Cargo.lock"])?;
    Some(if changed.is_empty() { commit } else { format!("{commit} and changes") })
}
