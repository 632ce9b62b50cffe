//! A difference as a page.

use voxomics_engine::results::diff::Diff;

/// A page that stands alone.
pub fn page(found: &Diff) -> String {
    let mut page = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width\">\n<title>Difference of two results</title>\n<style>body{font:16px/1.5 \
         sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}td,th{\
         border-bottom:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top}code{word-break:break-all}\
         </style>\n",
    );
    let [a, b] = found.folders.each_ref().map(|folder| escaped(folder));
    let verdict = if found.is_same() { "Every table is the same to the last bit." } else { "The results differ." };
    page +=
        &format!("<h1>Difference of two results</h1>\n<p><code>{a}</code><br><code>{b}</code></p>\n<p>{verdict}</p>\n");
    page += "<h2>Tables</h2>\n<ul>\n";
    for line in found.tables.iter().flat_map(|table| super::lines(table, found.tolerance)) {
        page += &format!("<li>{}</li>\n", escaped(&line));
    }
    page += "</ul>\n<h2>Causes</h2>\n<table>\n<tr><th>What<th>First<th>Second<th>Values that it can explain</tr>\n";
    for cause in &found.causes {
        let [first, second] = cause.values_of_it.each_ref().map(|value| escaped(value));
        let what = escaped(&format!("{}{}", super::word(cause.kind), cause.what));
        page += &format!("<tr><td>{what}<td><code>{first}</code><td><code>{second}</code><td>{}</tr>\n", cause.values);
    }
    page += &format!(
        "</table>\n<p>Values that several causes may explain: {}. Values without a known cause: {}.</p>\n",
        found.ambiguous, found.unexplained
    );
    for remark in &found.remarks {
        page += &format!("<p>{}</p>\n", escaped(remark));
    }
    page + "</html>\n"
}

fn escaped(text: &str) -> String {
    let text = crate::terminal::name(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
