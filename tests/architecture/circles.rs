//! No circle of files: what a file imports can be read before it, and never needs it in turn.
//!
//! A file and the files below its folder are one thing: a module may use what it is made of, and these what it has. Everything
//! else that a file names is an arrow to another one.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use voxomics_tests::workspace;

/// The files of a crate by their module, without tests; the root is the empty path.
fn modules(source: &Path) -> BTreeMap<Vec<String>, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![source.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let inner = path.strip_prefix(source).expect("below the crate").with_extension("");
                let mut module: Vec<String> = inner.iter().map(|part| part.to_string_lossy().into_owned()).collect();
                if module.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
                    module.pop();
                }
                if !module.iter().any(|part| part == "tests") {
                    found.insert(module, fs::read_to_string(&path).expect("a source"));
                }
            }
        }
    }
    found
}

/// The words and signs of a source, without comments and without the tests at its end. A text in quotes may look like a path, and
/// would be an arrow too many, which is seen at once.
fn tokens(source: &str) -> Vec<&str> {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let mut tokens = Vec::new();
    for line in code.lines().map(|line| line.split("//").next().unwrap_or_default()) {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let length = match first {
                _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
                _ if rest.starts_with("::") => 2,
                _ => first.len_utf8(),
            };
            tokens.push(&rest[..length]);
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

/// The paths that a source names: all that it imports, and those that begin with `crate`, `self` or `super`.
fn paths<'s>(tokens: &[&'s str]) -> Vec<Vec<&'s str>> {
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match tokens[at] {
            "use" => {
                let end = tokens[at..].iter().position(|token| *token == ";").map_or(tokens.len(), |end| at + end);
                imported(&tokens[at + 1..end], &mut paths);
                at = end;
            }
            "crate" | "self" | "super" => {
                let mut path = vec![tokens[at]];
                while tokens.get(at + 1) == Some(&"::") && tokens.get(at + 2).is_some() {
                    path.push(tokens[at + 2]);
                    at += 2;
                }
                paths.push(path);
            }
            _ => {}
        }
        at += 1;
    }
    paths
}

/// The paths of the tree of a `use`.
fn imported<'s>(tree: &[&'s str], paths: &mut Vec<Vec<&'s str>>) {
    // What stands before each brace that is open, and the path so far.
    let (mut open, mut path): (Vec<Vec<&str>>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut is_name = true;
    for token in tree {
        match *token {
            "{" => open.push(path.clone()),
            "}" | "," => {
                paths.push(path);
                path = open.last().cloned().unwrap_or_default();
                is_name = true;
                if *token == "}" {
                    open.pop();
                }
            }
            "as" => is_name = false,
            "::" => {}
            word if is_name => path.push(word),
            _ => {}
        }
    }
    paths.push(path);
}

/// The file that a path leads to from a module: the deepest one that its beginning names.
fn target(modules: &BTreeMap<Vec<String>, String>, from: &[String], path: &[&str]) -> Option<Vec<String>> {
    let mut at = from.to_vec();
    let mut rest = path;
    match *path.first()? {
        "crate" => (at, rest) = (Vec::new(), &path[1..]),
        "self" => rest = &path[1..],
        "super" => {
            while rest.first() == Some(&"super") {
                at.pop();
                rest = &rest[1..];
            }
        }
        _ => {}
    }
    let is_relative = ["crate", "self", "super"].contains(&path[0]);
    let begun = at.len();
    for word in rest {
        at.push((*word).to_owned());
        if !modules.contains_key(&at) {
            at.pop();
            break;
        }
    }
    (is_relative || at.len() > begun).then_some(at)
}

/// For each file, the others that it names, but for those above and below it.
fn arrows(modules: &BTreeMap<Vec<String>, String>) -> BTreeMap<&[String], BTreeSet<Vec<String>>> {
    let of = |(from, source): (&Vec<String>, &String)| -> BTreeSet<Vec<String>> {
        let named = paths(&tokens(source)).into_iter().filter_map(|path| target(modules, from, &path));
        named.filter(|to| !to.starts_with(from) && !from.starts_with(to)).collect()
    };
    modules.iter().map(|module| (module.0.as_slice(), of(module))).collect()
}

/// All that can be reached from a file.
fn reached<'a>(arrows: &'a BTreeMap<&[String], BTreeSet<Vec<String>>>, from: &[String]) -> BTreeSet<&'a [String]> {
    let mut reached = BTreeSet::new();
    let mut due: Vec<&[String]> = arrows[from].iter().map(Vec::as_slice).collect();
    while let Some(next) = due.pop() {
        if reached.insert(next) {
            due.extend(arrows[next].iter().map(Vec::as_slice));
        }
    }
    reached
}

#[test]
fn no_files_import_each_other() {
    let mut circles = Vec::new();
    let mut seen = 0;
    for folder in ["core", "plugins"] {
        for entry in fs::read_dir(workspace().join(folder)).expect("a folder") {
            let source = entry.expect("an entry").path().join("src");
            if !source.is_dir() {
                continue;
            }
            let modules = modules(&source);
            let arrows = arrows(&modules);
            seen += arrows.values().map(BTreeSet::len).sum::<usize>();
            for (from, to) in &arrows {
                let back = to.iter().filter(|to| reached(&arrows, to).contains(from));
                circles
                    .extend(back.map(|to| format!("{}: {} and {}", source.display(), from.join("::"), to.join("::"))));
            }
        }
    }
    assert!(
        circles.is_empty(),
        "these need each other; put what both need into a file of its own:\n{}",
        circles.join("\n")
    );
    assert!(seen > 1000, "only {seen} arrows were found");
}

#[test]
fn a_circle_is_seen_and_a_folder_is_one_thing() {
    let of = |sources: &[(&str, &str)]| {
        let module = |path: &str| path.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
        sources
            .iter()
            .map(|(path, source)| (module(path), (*source).to_owned()))
            .collect::<BTreeMap<Vec<String>, String>>()
    };
    let is_circle = |sources: &[(&str, &str)]| {
        let modules = of(sources);
        let arrows = arrows(&modules);
        arrows.keys().any(|from| reached(&arrows, from).contains(from))
    };
    let root = ("", "mod a;\nmod b;\nuse a::A;");
    assert!(is_circle(&[root, ("a", "use crate::{b::B, c};"), ("b", "fn f() { crate::a::g() }")]));
    assert!(is_circle(&[
        root,
        ("a", "use super::{x as y, b::{self, B}};"),
        ("b", "use crate::c::C;"),
        ("c", "use super::a;")
    ]));
    assert!(!is_circle(&[
        root,
        ("a", "use crate::b::B;"),
        ("b", "// crate::a\nuse std::a;\n#[cfg(test)]\nmod tests {\nuse crate::a;\n}")
    ]));
    // What a module is made of may know it.
    assert!(!is_circle(&[root, ("a", "mod inner;\nuse inner::I;"), ("a::inner", "use super::A;")]));
}
