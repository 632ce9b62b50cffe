//! Figures of panels: the SVG and the PDF are one drawing, at the width that was asked for, with text that stays text.

#[allow(dead_code, reason = "what a report needs beside figures")]
mod support;

use std::{fs, path::Path};

use miniz_oxide::inflate::decompress_to_vec_zlib;
use voxomics_report::{
    figures, least_mm,
    study::{ColumnLabel, Panel, Panels, Shows, Study},
    width_mm,
};

/// The texts of an SVG, in order.
fn of_svg(svg: &str) -> Vec<String> {
    let texts = svg.split("<text ").skip(1).filter_map(|part| part.split_once('>')?.1.split_once("</text>"));
    let plain = |text: &str| {
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
            .iter()
            .fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
    };
    texts.map(|(text, _)| plain(text)).filter(|text| !text.is_empty()).collect()
}

/// The page of a PDF, its operators as they are written.
fn page(pdf: &[u8]) -> Vec<u8> {
    let mut rest = pdf;
    while let Some(start) = find(rest, b"stream\n") {
        rest = &rest[start + 7..];
        if let Ok(content) = decompress_to_vec_zlib(rest)
            && find(&content, b" Tm <").is_some()
        {
            return content;
        }
    }
    panic!("no page");
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|part| part == wanted)
}

/// The texts of a page, in order.
fn of_pdf(content: &[u8]) -> Vec<String> {
    let page = std::str::from_utf8(content).expect("operators");
    let filled = page.lines().filter(|line| line.contains(" Tj"));
    let text = |line: &str| {
        let digits = line.split_once(" Tm <").expect("a text").1.split_once("> Tj").expect("its end").0;
        let unit = |at: usize| u16::from_str_radix(&digits[at..at + 4], 16).expect("a number");
        String::from_utf16(&(0..digits.len()).step_by(4).map(unit).collect::<Vec<_>>()).expect("characters")
    };
    filled.map(text).collect()
}

fn number(text: &str, key: &str) -> f64 {
    let after = text.split_once(key).unwrap_or_else(|| panic!("{key} in {text}")).1;
    after.split(['m', '"', ' ', ']']).find(|part| !part.is_empty()).and_then(|part| part.parse().ok()).expect(key)
}

#[test]
fn svg_and_pdf_are_one_drawing_of_the_width_that_was_asked_for() {
    let study = support::study(0);
    let folder = tempfile::tempdir().expect("a folder");
    let drawn = figures(&study, folder.path()).expect("figures");
    assert_eq!(drawn.files.len(), study.figures.len() * 3, "{:?}", drawn.files);
    for figure in &study.figures {
        let read = |end: &str| fs::read(folder.path().join(format!("{}.{end}", figure.name))).expect("a file");
        let (svg, pdf) = (String::from_utf8(read("svg")).expect("text"), read("pdf"));
        let content = page(&pdf);
        let texts = of_svg(&svg);
        assert!(texts.len() > 40 && texts[0] == "SIMULATED PATIENTS", "{texts:?}");
        assert_eq!(of_pdf(&content), texts, "{}", figure.name);
        // Lines: every one of the SVG is stroked, every area filled.
        let stroked = ["<line ", "<polyline "].iter().map(|kind| svg.matches(kind).count()).sum::<usize>();
        let lines = content.split(|byte| *byte == b'\n').filter(|line| *line == b"S").count();
        assert_eq!(lines, stroked, "{}", figure.name);
        let (width, height) = (number(&svg, " width=\""), number(&svg, "\" height=\""));
        assert_eq!(width, figure.width_mm);
        let head = String::from_utf8_lossy(&pdf);
        let sides: Vec<f64> = head
            .split_once("/MediaBox [")
            .expect("a size")
            .1
            .split(']')
            .next()
            .expect("its end")
            .split(' ')
            .map(|side| side.parse().expect("a number"))
            .collect();
        assert!(
            (sides[2] - width * 72.0 / 25.4).abs() < 0.01 && (sides[3] - height * 72.0 / 25.4).abs() < 0.05,
            "{sides:?}"
        );
        // The size of the text: that of the labels of axes is what was asked for, whatever the width.
        let units = number(&svg, "viewBox=\"0 -15 ");
        let points = |size: f64| size * width / units * 72.0 / 25.4;
        assert!((points(11.5) - figure.text_pt).abs() < 0.01, "{}", points(11.5));
        let smallest = svg.split("font-size=\"").skip(1).map(|part| number(part, "")).fold(f64::INFINITY, f64::min);
        assert!(points(smallest) > 0.86 * figure.text_pt, "{smallest}");
    }
}

#[test]
fn the_same_study_gives_the_same_figures() {
    let study = support::study(0);
    let all = |folder: &Path| -> Vec<Vec<u8>> {
        let drawn = figures(&study, folder).expect("figures");
        drawn.files.iter().map(|file| fs::read(folder.join(file)).expect("a file")).collect()
    };
    let (first, second) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    assert_eq!(all(first.path()), all(second.path()));
}

#[test]
fn what_the_faces_lack_and_what_the_run_lacks_is_said() {
    let mut study = support::study(0);
    study.evaluations[0].name = "Réponse χ² ≥ 3 漢".into();
    let panel = |of: &str, shows: Shows| Panel { of: of.into(), shows };
    let rows = vec![vec![
        panel("Réponse χ² ≥ 3 漢", Shows::Roc),
        panel("Overall survival", Shows::Roc),
        panel("nobody", Shows::Weights),
    ]];
    study.figures =
        vec![Panels { name: "one".into(), width_mm: 174.0, text_pt: 7.0, titles: true, rows, ..Panels::default() }];
    let folder = tempfile::tempdir().expect("a folder");
    let drawn = figures(&study, folder.path()).expect("figures");
    let said = drawn.warnings.join("\n");
    assert_eq!(drawn.warnings.len(), 3, "{said}");
    for words in ["“漢”", "`Overall survival:roc` cannot be drawn", "the run has no `nobody`"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let texts = of_pdf(&page(&fs::read(folder.path().join("one.pdf")).expect("a file")));
    assert!(texts.contains(&"Réponse χ² ≥ 3 漢".to_owned()), "{texts:?}");
    let caption = fs::read_to_string(folder.path().join("one.txt")).expect("a caption");
    assert!(caption.starts_with("A, Réponse χ² ≥ 3 漢: ROC curve. ") && caption.contains("\n\nB, "), "{caption}");
}

#[test]
fn names_are_those_of_the_labels() {
    let mut study: Study = support::study(0);
    study.labels.evaluations.insert("Immune phenotype".into(), "Inflamed tumours".into());
    study.labels.columns.insert("age".into(), ColumnLabel::default());
    study.figures.truncate(1);
    let folder = tempfile::tempdir().expect("a folder");
    figures(&study, folder.path()).expect("figures");
    let svg = fs::read_to_string(folder.path().join("main.svg")).expect("a file");
    assert!(of_svg(&svg).contains(&"Inflamed tumours".to_owned()));
}

#[test]
fn three_panels_of_curves_fit_two_columns_and_three_forests_do_not() {
    let row = |shows: Shows| vec![Panel { of: "e".into(), shows }; 3];
    let figure =
        Panels { width_mm: 174.0, text_pt: 7.0, rows: vec![row(Shows::Roc), row(Shows::Forest)], ..Panels::default() };
    assert!(width_mm(&figure, 0) > least_mm(Shows::Roc, 7.0));
    assert!(width_mm(&figure, 1) < least_mm(Shows::Forest, 7.0));
    let two = Panels { rows: vec![vec![Panel { of: "e".into(), shows: Shows::Forest }; 2]], ..figure };
    assert!(width_mm(&two, 0) > least_mm(Shows::Forest, 7.0));
}
