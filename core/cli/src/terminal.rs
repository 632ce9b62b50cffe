//! What reaches the terminal: lines without control characters, numbers with their nouns, colour where it is wanted.

use std::{
    borrow::Cow,
    io::{IsTerminal as _, Write as _},
    path::Path,
};

/// Prints a line on standard output. A reader that has seen enough (`voxomics features | head`) is no reason to stop with
/// an error.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{}", clean(text));
}

/// Prints a line on standard error.
pub fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", coloured(&clean(text), has_colour()));
}

/// Prints a line for another program on standard error: JSON has its own way with control characters.
pub fn tell_program(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Whether standard error is a terminal whose user has not refused colour.
fn has_colour() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    std::io::stderr().is_terminal() && !is_set("NO_COLOR") && !is_dumb
}

/// The first word of an error, a failure or a warning in its colour.
fn coloured(text: &str, wanted: bool) -> Cow<'_, str> {
    let colours = [("error", 31), ("failed", 31), ("warning", 33)];
    let found = colours.iter().find(|(word, _)| text.strip_prefix(word).is_some_and(|rest| rest.starts_with(':')));
    match found {
        Some((word, colour)) if wanted => format!("\u{1b}[{colour}m{word}\u{1b}[0m{}", &text[word.len()..]).into(),
        _ => text.into(),
    }
}

/// A text without what could move the cursor, change colours or turn the order of letters: such characters are written as
/// their codes. Ends of line stay.
pub fn clean(text: &str) -> Cow<'_, str> {
    escaped(text, &['\n', '\t'])
}

/// A path as its reader may type it: from the working directory, if it lies there.
pub fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok().and_then(|here| Some(path.strip_prefix(here).ok()?.to_owned()));
    let short = here.filter(|short| !short.as_os_str().is_empty());
    clean(&short.as_deref().unwrap_or(path).to_string_lossy()).into_owned()
}

/// A name in one line, without control characters.
pub fn name(text: &str) -> String {
    escaped(text, &[]).into_owned()
}

fn escaped<'a>(text: &'a str, kept: &[char]) -> Cow<'a, str> {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
    let is_unsafe = |c: char| (c.is_control() || turns(c)) && !kept.contains(&c);
    if !text.contains(is_unsafe) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out.into()
}

/// A number with its noun: "1 case", "2 cases", "0 cases or patients".
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        return format!("1 {noun}");
    }
    let plural = |word: &str| match word.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => format!("{stem}ies"),
        _ => format!("{word}s"),
    };
    let words: Vec<String> = noun.split(" or ").map(plural).collect();
    format!("{number} {}", words.join(" or "))
}

/// The verb that goes with a number.
pub fn verb(number: usize, one: &'static str, several: &'static str) -> &'static str {
    if number == 1 { one } else { several }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one() {
        let counted = [(0, "case"), (1, "case"), (2, "case"), (2, "study"), (3, "day"), (2, "case or patient")];
        let shown = counted.map(|(number, noun)| count(number, noun));
        assert_eq!(shown, ["0 cases", "1 case", "2 cases", "2 studies", "3 days", "2 cases or patients"]);
    }

    #[test]
    fn no_name_moves_the_cursor() {
        assert_eq!(clean("Müller\n\tÅse"), "Müller\n\tÅse");
        assert_eq!(clean("a\u{1b}[2Jb\rc\u{9b}d"), "a\\u{1b}[2Jb\\u{d}c\\u{9b}d");
        assert_eq!(name("a\nerror: none\u{202e}"), "a\\u{a}error: none\\u{202e}");
    }

    #[test]
    fn colour_is_that_of_the_first_word_and_only_where_it_is_wanted() {
        assert_eq!(coloured("error: no", false), "error: no");
        assert_eq!(coloured("error: no", true), "\u{1b}[31merror\u{1b}[0m: no");
        assert_eq!(coloured("errors are rare", true), "errors are rare");
    }
}
