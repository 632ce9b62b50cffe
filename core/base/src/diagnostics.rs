//! Errors of a file of settings: line, column, caret, and what to do. All of them, not the first.

use std::{
    cell::RefCell,
    fmt::Write as _,
    ops::Range,
    path::{Path, PathBuf},
};

/// Where a key or value comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// Bytes of the file.
    File(Range<usize>),
    /// A `--set key=value` of the command line.
    Set(String),
}

/// Something wrong in a file of settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    origin: Option<Origin>,
    message: String,
}

impl Diagnostic {
    /// An error at a place.
    pub fn new(origin: Origin, message: impl Into<String>) -> Self {
        Self { origin: Some(origin), message: message.into() }
    }

    /// An error that has no place in the file.
    pub fn general(message: impl Into<String>) -> Self {
        Self { origin: None, message: message.into() }
    }
}

/// Collects diagnostics and shows them against the source.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    source: RefCell<(PathBuf, String)>,
    found: RefCell<Vec<Diagnostic>>,
}

impl Diagnostics {
    /// Sets the file that places refer to.
    pub fn set_source(&self, path: &Path, text: &str) {
        *self.source.borrow_mut() = (path.to_owned(), text.to_owned());
    }

    /// Adds a diagnostic.
    pub fn push(&self, diagnostic: Diagnostic) {
        self.found.borrow_mut().push(diagnostic);
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// Whether something is wrong at a place.
    pub fn has_at(&self, origin: &Origin) -> bool {
        self.found.borrow().iter().any(|diagnostic| diagnostic.origin.as_ref() == Some(origin))
    }

    /// Everything that is wrong, in the order of the file.
    pub fn render(&self) -> String {
        let mut found = self.found.borrow().clone();
        found.sort_by_key(|diagnostic| match &diagnostic.origin {
            Some(Origin::File(span)) => span.start,
            Some(Origin::Set(_)) => usize::MAX - 1,
            None => usize::MAX,
        });
        found.dedup();
        found.iter().map(|diagnostic| self.render_one(diagnostic)).collect::<Vec<_>>().join("\n")
    }

    fn render_one(&self, diagnostic: &Diagnostic) -> String {
        let (path, text) = &*self.source.borrow();
        let message = &diagnostic.message;
        match &diagnostic.origin {
            None => format!("error: {message}\n  --> {}\n", path.display()),
            Some(Origin::Set(text)) => format!("error: {message}\n  --> --set {text}\n"),
            Some(Origin::File(span)) => {
                let start = span.start.min(text.len());
                let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
                let line = text[line_start..].lines().next().unwrap_or_default();
                let number = text[..start].matches('\n').count() + 1;
                let column = text[line_start..start].chars().count();
                let shown = text[start..span.end.min(line_start + line.len()).max(start)].chars().count().max(1);
                let gutter = " ".repeat(number.to_string().len());
                let mut out = String::new();
                // Writing to a string cannot fail.
                let _ = writeln!(out, "error: {message}");
                let _ = writeln!(out, "{gutter}--> {}:{number}:{}", path.display(), column + 1);
                let _ = writeln!(out, "{gutter} |");
                let _ = writeln!(out, "{number} | {line}");
                let _ = writeln!(out, "{gutter} | {}{}", " ".repeat(column), "^".repeat(shown));
                out
            }
        }
    }
}

/// "; did you mean `x`?" if one of the known words is near, or the list of them if they are few.
pub fn suggestion<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let nearest = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((_, nearest)) => format!("; did you mean `{nearest}`?"),
        None if known.is_empty() => String::new(),
        None if known.len() <= 16 => {
            format!("; known here: {}", known.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", "))
        }
        None => String::new(),
    }
}
