//! Setting the page from its templates, which are part of the program.

use std::{collections::BTreeSet, fmt::Write as _, path::PathBuf};

use base64::Engine as _;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use sha2::{Digest as _, Sha256};

use crate::{
    Error, draw,
    page::{Page, patients::View},
};

/// The templates: name and text.
const TEMPLATES: [(&str, &str); 5] = [
    ("report.html", include_str!("../templates/report.html")),
    ("parts.html", include_str!("../templates/parts.html")),
    ("section.html", include_str!("../templates/section.html")),
    ("patients.html", include_str!("../templates/patients.html")),
    ("patient.html", include_str!("../templates/patient.html")),
];
const STYLE: &str = include_str!("../templates/report.css");
const PAPER: &str = include_str!("../templates/print.css");
const SCRIPT: &str = include_str!("../templates/report.js");

/// On paper, every sheet says that patients are simulated.
const SIMULATED: &str = "@page { @top-center { content: \"SIMULATED PATIENTS\"; font: bold 8pt Helvetica, Arial, sans-serif; \
                         letter-spacing: 1.5pt; color: #8a3800; } }\n";

/// Figures are shown a little larger than they were drawn, where there is room.
const ENLARGED: f64 = 1.12;

/// Narrow windows move a figure sideways instead of making its text smaller than this share of what it was drawn as.
const REDUCED: f64 = 0.9;

/// The templates with what they share.
#[derive(Debug)]
pub struct Templates(Environment<'static>);

impl Templates {
    /// The templates of a page with figures of these widths.
    ///
    /// # Errors
    /// A fault of the templates.
    pub fn new(simulated: bool, widths: &BTreeSet<u32>) -> Result<Self, minijinja::Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.add_filter("breakable", breakable);
        for (name, text) in TEMPLATES {
            environment.add_template(name, text)?;
        }
        let mut style = format!("\n{STYLE}{PAPER}");
        for width in widths {
            let (most, least) = (f64::from(*width) * ENLARGED, f64::from(*width) * REDUCED);
            // Writing to a string cannot fail.
            let _ = writeln!(
                style,
                ".wide-{width} {{ max-width: {most:.0}px; }}\n@media screen {{ .wide-{width} svg {{ min-width: {least:.0}px; }} }}"
            );
        }
        if simulated {
            style.push_str(SIMULATED);
        }
        let script = format!("\n{SCRIPT}");
        // The policy allows these very bytes, and what the script itself loads; nothing else that looks like code.
        environment.add_global("style_digest", digest(&style));
        environment.add_global("script_digest", digest(&script));
        environment.add_global("style", minijinja::Value::from_safe_string(style));
        environment.add_global("script", minijinja::Value::from_safe_string(script));
        Ok(Self(environment))
    }

    /// Sets the page.
    ///
    /// # Errors
    /// A fault of the templates.
    pub fn page(&self, page: &Page) -> Result<String, minijinja::Error> {
        self.0.get_template("report.html")?.render(page)
    }

    /// Sets what is shown of a patient.
    ///
    /// # Errors
    /// A fault of the templates.
    pub fn patient(&self, patient: &View) -> Result<String, Error> {
        let set = self.0.get_template("patient.html").and_then(|template| template.render(patient));
        set.map_err(|cause| Error::Page { path: PathBuf::from("patient.html"), cause })
    }
}

/// The digest of an element's text, as a policy names it.
fn digest(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text))
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

    #[test]
    fn digests_are_those_of_policies() {
        // printf '' | openssl dgst -sha256 -binary | base64
        assert_eq!(digest(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
