//! Setting the page from its templates, which are part of the program.

use minijinja::{AutoEscape, Environment, UndefinedBehavior};

use crate::{draw, page::Page};

/// The templates: name and text.
const TEMPLATES: [(&str, &str); 4] = [
    ("report.html", include_str!("../templates/report.html")),
    ("parts.html", include_str!("../templates/parts.html")),
    ("section.html", include_str!("../templates/section.html")),
    ("patients.html", include_str!("../templates/patients.html")),
];
const STYLE: &str = include_str!("../templates/report.css");
const SCRIPT: &str = include_str!("../templates/report.js");

/// Sets the page.
///
/// # Errors
/// A fault of the templates.
pub fn set(page: &Page) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.add_filter("breakable", breakable);
    for (name, text) in TEMPLATES {
        environment.add_template(name, text)?;
    }
    environment.add_global("style", minijinja::Value::from_safe_string(STYLE.to_owned()));
    environment.add_global("script", minijinja::Value::from_safe_string(SCRIPT.to_owned()));
    environment.get_template("report.html")?.render(page)
}

/// Escaped text that may be broken after the marks that join the parts of a column's name.
fn breakable(text: &str) -> minijinja::Value {
    let text = draw::escape(text).replace('_', "_<wbr/>").replace(':', ":<wbr/>");
    minijinja::Value::from_safe_string(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_come_after_escaping() {
        assert_eq!(breakable("tumour:a_b<wbr/>").to_string(), "tumour:<wbr/>a_<wbr/>b&lt;wbr/&gt;");
    }
}
