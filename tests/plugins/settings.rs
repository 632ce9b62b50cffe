//! Settings that a plugin refuses: the key, the value, what was expected, and the place in the file.

use crate::bench::{Bench, assert_says, in_process, misbehaving, refusal, refusals};

fn with(settings: &str) -> Bench {
    Bench::new(&format!(
        "{}[regions.whole]\nlabel = 1\n[features.faulty]\n{settings}\n",
        in_process(&misbehaving("misbehaves"))
    ))
}

#[test]
fn a_value_out_of_range_is_pointed_at() {
    let bench = with("sigma_mm = 99.5");
    let said = bench.run();
    let message = refusal(&said);
    assert_says(
        &message,
        &["[features.faulty] features-faulty", "`sigma_mm` is 99.5, expected a number from 0.5 to 50 mm"],
    );
    let text = std::fs::read_to_string(bench.path("experiment.toml")).expect("the experiment");
    let line = text.lines().position(|line| line.starts_with("sigma_mm")).expect("the line") + 1;
    let lines: Vec<&str> = said.err.lines().collect();
    assert!(lines[1].ends_with(&format!("experiment.toml:{line}:12")), "{}", said.err);
    let caret = lines.iter().position(|line| line.contains("^^^^")).expect("a caret");
    assert_eq!(lines[caret].find('^'), lines[caret - 1].find("99.5"), "{}", said.err);
    assert_eq!(lines[caret].matches('^').count(), 4, "{}", said.err);
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let said = with("sigma_mm = 'wide'\ncount = 2.5\npanic_im = 'drop'\nutterly = 'unknown'").run();
    let messages = refusals(&said);
    let wanted: [&[&str]; 4] = [
        &["`sigma_mm` is \"wide\", expected a number from 0.5 to 50 mm"],
        &["`count` is 2.5, expected a whole number from 1 to 9"],
        &["unknown setting `panic_im`; did you mean `panic_in`?"],
        &["unknown setting `utterly`; this plugin has `panic_in`, `sigma_mm`, `count`"],
    ];
    assert_eq!(messages.len(), wanted.len(), "{}", said.err);
    for (message, pieces) in messages.iter().zip(wanted) {
        assert_says(message, pieces);
    }
    assert_eq!(said.err.matches("experiment.toml:").count(), 4, "each has its place: {}", said.err);
}

#[test]
fn a_setting_of_the_command_line_is_named_as_such() {
    let bench = with("");
    let said = crate::bench::said(bench.command().args(["--set", "features.faulty.count=10"]));
    assert_says(&refusal(&said), &["`count` is 10, expected a whole number from 1 to 9"]);
    assert_says(&said.err, &["--set features.faulty.count=10"]);
}

#[test]
fn a_choice_lists_its_words() {
    let said = with("panic_in = 'space'").run();
    assert_says(
        &refusal(&said),
        &["`panic_in` is \"space\"", "\"nowhere\", \"configure\", \"needs\", \"names\", \"drop\""],
    );
}
