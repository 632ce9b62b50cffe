//! Equations of the models, and where the methods of what the page shows were published.

use crate::{
    number,
    study::{Evaluation, Model, Outcome, Study},
    words::Words,
};

/// Terms that an equation has; the table of the signature has them all.
const MOST: usize = 12;

const ELASTIC_NET: &str =
    "Zou H, Hastie T. Regularization and variable selection via the elastic net. J R Stat Soc B 2005;67:301-320.";
const NET_OF_COX: &str = "Simon N, Friedman J, Hastie T, Tibshirani R. Regularization paths for Cox's proportional hazards model via \
                          coordinate descent. J Stat Softw 2011;39(5):1-13.";
const FORESTS: &str = "Breiman L. Random forests. Mach Learn 2001;45:5-32.";
const FORESTS_OF_TIME: &str =
    "Ishwaran H, Kogalur UB, Blackstone EH, Lauer MS. Random survival forests. Ann Appl Stat 2008;2:841-860.";
const BOOSTING: &str =
    "Friedman JH. Greedy function approximation: a gradient boosting machine. Ann Stat 2001;29:1189-1232.";
const OUTER_FOLDS: &str = "Nadeau C, Bengio Y. Inference for the generalization error. Mach Learn 2003;52:239-281.";
const DELONG: &str = "DeLong ER, DeLong DM, Clarke-Pearson DL. Comparing the areas under two or more correlated receiver operating \
                      characteristic curves: a nonparametric approach. Biometrics 1988;44:837-845.";
const WILSON: &str =
    "Wilson EB. Probable inference, the law of succession, and statistical inference. J Am Stat Assoc 1927;22:209-212.";
const DECISIONS: &str = "Vickers AJ, Elkin EB. Decision curve analysis: a novel method for evaluating prediction models. Med Decis \
                         Making 2006;26:565-574.";
const CURVES: &str =
    "Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. J Am Stat Assoc 1958;53:457-481.";
const FOLLOW_UP: &str = "Schemper M, Smith TL. A note on quantifying follow-up in studies of failure time. Control Clin Trials 1996;17:343-346.";
const COX: &str = "Cox DR. Regression models and life-tables. J R Stat Soc B 1972;34:187-220.";
const PROPORTIONAL: &str = "Grambsch PM, Therneau TM. Proportional hazards tests and diagnostics based on weighted residuals. \
                            Biometrika 1994;81:515-526.";
const HARRELL: &str = "Harrell FE, Califf RM, Pryor DB, Lee KL, Rosati RA. Evaluating the yield of medical tests. JAMA \
                       1982;247:2543-2546.";
const UNO: &str = "Uno H, Cai T, Pencina MJ, D'Agostino RB, Wei LJ. On the C-statistics for evaluating overall adequacy of risk \
                   prediction procedures with censored survival data. Stat Med 2011;30:1105-1117.";
const GRAY: &str = "Gray RJ. A class of K-sample tests for comparing the cumulative incidence of a competing risk. Ann Stat \
                    1988;16:1141-1154.";
const FINE_GRAY: &str = "Fine JP, Gray RJ. A proportional hazards model for the subdistribution of a competing risk. J Am Stat \
                         Assoc 1999;94:496-509.";
const BRIER: &str = "Graf E, Schmoor C, Sauerbrei W, Schumacher M. Assessment and comparison of prognostic classification schemes \
                     for survival data. Stat Med 1999;18:2529-2545.";
const SPEARMAN: &str = "Bonett DG, Wright TA. Sample size requirements for estimating Pearson, Kendall and Spearman correlations. \
                        Psychometrika 2000;65:23-28.";
const HETEROGENEITY: &str =
    "Cochran WG. The combination of estimates from different experiments. Biometrics 1954;10:101-129.";

/// What was used, where it was published, in the order of the page.
pub fn references(study: &Study) -> Vec<String> {
    let mut all: Vec<&'static str> = Vec::new();
    let models = study.models.iter().flat_map(of_model);
    let evaluations = study.evaluations.iter().flat_map(of_evaluation);
    for reference in models.chain(evaluations) {
        if !all.contains(&reference) {
            all.push(reference);
        }
    }
    all.into_iter().map(str::to_owned).collect()
}

fn of_model(model: &Model) -> Vec<&'static str> {
    if !model.learnt {
        return Vec::new();
    }
    let of_time = matches!(model.asked, crate::study::Asked::Time { .. });
    let mut found = match (model.plugin.as_str(), of_time) {
        ("predict-elastic-net", false) => vec![ELASTIC_NET],
        ("predict-elastic-net", true) => vec![ELASTIC_NET, NET_OF_COX],
        ("predict-forest", false) => vec![FORESTS],
        ("predict-forest", true) => vec![FORESTS_OF_TIME],
        ("predict-boosting", _) => vec![BOOSTING],
        _ => Vec::new(),
    };
    if model.performance.iter().any(|metric| metric.note.contains("Nadeau")) {
        found.push(OUTER_FOLDS);
    }
    found
}

fn of_evaluation(evaluation: &Evaluation) -> Vec<&'static str> {
    let said = |word: &str| evaluation.methods.iter().any(|method| method.contains(word));
    let mut found = Vec::new();
    let mut add = |used: bool, reference: &'static str| found.extend(used.then_some(reference));
    match &evaluation.result {
        Outcome::Class(result) => {
            add(said("DeLong"), DELONG);
            add(result.cutoff.is_some(), WILSON);
            add(result.decision.is_some(), DECISIONS);
        }
        Outcome::Survival(result) => {
            add(!result.groups.is_empty(), CURVES);
            add(result.follow_up.is_some(), FOLLOW_UP);
            let fitted = result.cox.iter().any(|table| !table.rows.is_empty());
            add(fitted, COX);
            add(fitted, PROPORTIONAL);
            add(result.concordance.is_some(), HARRELL);
            add(result.uno.is_some(), UNO);
            add(result.gray.is_some(), GRAY);
            add(result.fine_gray.iter().any(|table| !table.rows.is_empty()), FINE_GRAY);
            add(result.risk.is_some(), BRIER);
        }
        Outcome::Number(result) => add(result.spearman.as_ref().is_some_and(|rho| rho.low.is_some()), SPEARMAN),
        Outcome::None { .. } => {}
    }
    add(said("Cochran"), HETEROGENEITY);
    found
}

/// The equation of a model that is a sum, a sentence a model.
pub fn equations(study: &Study, words: &Words<'_>) -> Vec<String> {
    study.models.iter().filter_map(|model| equation(model, words)).collect()
}

fn equation(model: &Model, words: &Words<'_>) -> Option<String> {
    if model.link.is_empty() || model.terms.is_empty() {
        return None;
    }
    let signed = |value: f64, first: bool| match (value < 0.0, first) {
        (true, true) => format!("−{}", number::number(-value)),
        (true, false) => format!(" − {}", number::number(-value)),
        (false, true) => number::number(value),
        (false, false) => format!(" + {}", number::number(value)),
    };
    let mut sum = model.intercept.map(|intercept| signed(intercept, true)).unwrap_or_default();
    for term in model.terms.iter().take(MOST) {
        let name = words.input(&term.input);
        let centred = match term.centre.filter(|centre| *centre != 0.0) {
            Some(centre) => format!("({name}{})", signed(-centre, false)),
            None => format!("({name})"),
        };
        let scaled = match term.scale.filter(|scale| *scale != 1.0) {
            Some(scale) => format!("{centred} / {}", number::number(scale)),
            None => centred,
        };
        let begins = sum.is_empty();
        sum.push_str(&format!("{} × {scaled}", signed(term.coefficient?, begins)));
    }
    let rest = model.terms.len().saturating_sub(MOST);
    if rest > 0 {
        sum.push_str(&format!(" + {} more terms, which the table of the signature has", rest));
    }
    let left = if model.link == "logistic" { "log-odds" } else { "sum" };
    Some(format!("{}: {left} = {sum}.", model.name))
}
