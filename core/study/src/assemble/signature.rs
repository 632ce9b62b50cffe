//! What a score is made of: the inputs of a model, and how they add up.

use serde_json::Value as Json;
use voxomics_engine::{experiment::study::Target, ibsi, plan::ModelFile};
use voxomics_report::study::Term;

/// The inputs of a model, by falling weight.
pub fn terms(model: &ModelFile) -> Vec<Term> {
    let inputs = model.document["input"].as_array().into_iter().flatten().filter(|input| input["unused"] != true);
    let mut terms: Vec<Term> = inputs
        .map(|input| {
            let text = |key: &str| input[key].as_str().unwrap_or_default().to_owned();
            let (coefficient, deviation) = (input["coefficient"].as_f64(), input["deviation"].as_f64());
            Term {
                input: text("name"),
                // What a family calls it may be short for what IBSI does.
                title: ibsi::title(&text("ibsi")).map_or_else(|| text("feature").replace('_', " "), str::to_owned),
                region: text("region"),
                ibsi: text("ibsi"),
                unit: text("unit"),
                coefficient,
                // What a file does not state of a sum is nothing: no centre, a scale of 1.
                centre: coefficient.map(|_| input["centre"].as_f64().unwrap_or(0.0)),
                scale: coefficient.map(|_| input["scale"].as_f64().unwrap_or(1.0)),
                imputed: input["imputed"].as_f64(),
                weight: coefficient.zip(deviation).map(|(c, d)| c * d).or_else(|| input["importance"].as_f64()),
                min: input["minimum"].as_f64(),
                max: input["maximum"].as_f64(),
            }
        })
        .collect();
    let size = |term: &Term| term.weight.or(term.coefficient).unwrap_or(0.0).abs();
    terms.sort_by(|a, b| size(b).total_cmp(&size(a)));
    terms
}

/// From the sum to the score: "identity" or "logistic"; empty of a model that is no sum.
pub fn link(document: &Json) -> String {
    match document["model"]["intercept"].as_f64() {
        Some(_) => document["model"]["link"].as_str().unwrap_or("identity").to_owned(),
        None => String::new(),
    }
}

/// How a score follows from the inputs, one sentence each; nothing of a model that is no sum.
pub fn formula(document: &Json) -> Vec<String> {
    let link = link(document);
    if link.is_empty() {
        return Vec::new();
    }
    let inputs = || document["input"].as_array().into_iter().flatten();
    let scaled = inputs().any(|input| input["scale"].as_f64().is_some_and(|scale| scale != 1.0));
    let term = if scaled { "coefficient × (x − centre) / scale" } else { "coefficient × (x − centre)" };
    let mut said = vec![match link.as_str() {
        "logistic" => {
            format!("Score = 1 / (1 + e^−s) with s = intercept + Σ {term}: s is the log-odds, the score a probability.")
        }
        _ if document["model"]["family"] == "cox" => format!(
            "Score = intercept + Σ {term}: the logarithm of the hazard relative to that of a row with the mean of every input."
        ),
        _ => format!("Score = intercept + Σ {term}."),
    }];
    if inputs().any(|input| input["imputed"].as_f64().is_some()) {
        said.push("A missing x is first replaced by the input’s imputed value.".into());
    }
    if document["harmonisation"].is_object() {
        said.push(
            "Each x of a batch that the model knows is then aligned (ComBat): z = (x − mean) / deviation, \
             x = mean + deviation × (z − location) / scale, with mean and deviation of the input, and location and scale of \
             the input in this batch, from [harmonisation] of the model file."
                .into(),
        );
    }
    said
}

/// What a score is, and its unit, for axes.
pub fn score_label(document: &Json, target: Option<&Target>) -> String {
    let model = &document["model"];
    match (model["family"].as_str(), model["link"].as_str(), target) {
        (_, Some("logistic"), _) | (Some("binomial"), ..) => "Predicted probability (no unit)".into(),
        (Some("cox"), ..) => "Score (log-hazard, no unit)".into(),
        (Some("survival"), ..) => "Score (higher for an earlier event, no unit)".into(),
        (_, _, Some(Target::Number { column })) => format!("Score (scale of {column}, unit not stated)"),
        (Some("gaussian"), ..) => match model["target"].as_str() {
            Some(column) => format!("Score (scale of {column}, unit not stated)"),
            None => "Score (unit not stated)".into(),
        },
        _ => "Score (unit not stated)".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_can_be_computed_from_what_is_shown() {
        let text = r#"
            [model]
            family = "binomial"
            link = "logistic"
            intercept = 0.25
            [[input]]
            name = "a"
            coefficient = 2.0
            centre = 1.5
            imputed = 1.0
            [[input]]
            name = "b"
            coefficient = -1.0
            centre = 3.0
        "#;
        let document: Json = toml::from_str(text).unwrap();
        let terms = terms(&ModelFile { document: document.clone(), ..ModelFile::default() });
        let x = [("a", 2.0), ("b", 2.5)];
        let sum = terms.iter().fold(0.25, |sum, term| {
            let (_, x) = x.iter().find(|(name, _)| *name == term.input).unwrap();
            sum + term.coefficient.unwrap() * (x - term.centre.unwrap()) / term.scale.unwrap()
        });
        assert_eq!(sum, 0.25 + 1.0 + 0.5);
        assert_eq!(terms.iter().map(|term| term.imputed).collect::<Vec<_>>(), [Some(1.0), None]);
        let said = formula(&document).join(" ");
        assert!(said.contains("1 / (1 + e^−s)") && said.contains("missing x") && !said.contains("ComBat"), "{said}");
        assert!(score_label(&document, None).contains("probability"));
        assert!(formula(&serde_json::json!({ "model": { "family": "binomial" } })).is_empty(), "a forest is no sum");
    }
}
