//! The sigmas of a Laplacian of Gaussian.

use super::{Entry, Notes, Value, Weight};

/// The sigmas of a list, with the words that PyRadiomics has for them in names: `2.0` is `2-0`.
pub fn sigmas(entry: &Entry, section: &str, notes: &mut Notes) -> Vec<(f64, String)> {
    let list = match &entry.node.value {
        Value::List(list) => list.iter().collect(),
        _ => vec![&entry.node],
    };
    let mut sigmas: Vec<(f64, String)> = Vec::new();
    for node in list {
        let word = match node.value {
            Value::Integer(i) => i.to_string(),
            Value::Number(x) => format!("{x:?}").replace('.', "-"),
            _ => String::new(),
        };
        match node.number().filter(|sigma| (1e-3..=1000.0).contains(sigma)) {
            Some(sigma) if !sigmas.iter().any(|(_, known)| *known == word) => sigmas.push((sigma, word)),
            Some(_) => {}
            None => {
                let message = format!("`{}` is not a sigma in mm: left out", node.shown());
                notes.at(node.line, section, &entry.key, Weight::Lost, message);
            }
        }
    }
    sigmas
}
