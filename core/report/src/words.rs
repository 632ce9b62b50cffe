//! What a reader is told instead of the names of columns, inputs and sections: the label if there is one, and otherwise words
//! that are made of the name.

use std::collections::{BTreeMap, BTreeSet};

use crate::study::{Asked, ColumnLabel, Contrast, Labels, Study, Term};

/// The words of a study.
#[derive(Debug)]
pub struct Words<'a> {
    labels: &'a Labels,
    inputs: BTreeMap<&'a str, String>,
    /// Columns whose words are those of another one, as `ecog` and `ECOG`.
    twins: BTreeSet<&'a str>,
}

/// Short names that clinicians write out.
const SHORT: [(&str, &str); 15] = [
    ("os", "overall survival"),
    ("pfs", "progression-free survival"),
    ("dfs", "disease-free survival"),
    ("efs", "event-free survival"),
    ("rfs", "relapse-free survival"),
    ("dss", "disease-specific survival"),
    ("css", "cancer-specific survival"),
    ("ttp", "time to progression"),
    ("bmi", "body mass index"),
    ("ecog", "ECOG"),
    ("kvp", "kVp"),
    ("hpv", "HPV"),
    ("ldh", "LDH"),
    ("ct", "CT"),
    ("pet", "PET"),
];

/// What the long names of times to an event end with.
const SURVIVAL: &str = "survival";

/// Ends of names of columns that say what part of an outcome they hold.
const PARTS: [&str; 9] = ["event", "status", "indicator", "time", "days", "weeks", "months", "years", "censored"];

impl<'a> Words<'a> {
    /// Those of a study.
    pub fn new(study: &'a Study) -> Self {
        let mut words = Self { labels: &study.labels, inputs: BTreeMap::new(), twins: BTreeSet::new() };
        words.twins = words.twins(study);
        let mut terms: BTreeMap<&str, &Term> = BTreeMap::new();
        for term in study.models.iter().flat_map(|model| &model.terms) {
            // Not every model says what its inputs are.
            let known = terms.entry(&term.input).or_insert(term);
            if known.title.is_empty() {
                *known = term;
            }
        }
        let mut named: BTreeMap<&str, String> =
            terms.iter().map(|(input, term)| (*input, words.of_term(term))).collect();
        // Two inputs of one name are told apart by what only their own names say.
        let twice: Vec<&str> = named
            .iter()
            .filter(|(input, name)| named.iter().any(|(other, same)| other != *input && same == *name))
            .map(|(input, _)| *input)
            .collect();
        for input in twice {
            let short = input.split_once(':').map_or(input, |(_, short)| short);
            named.entry(input).and_modify(|name| *name = format!("{name}, {short}"));
        }
        words.inputs = named;
        words
    }

    /// Columns that would be called the same.
    fn twins(&self, study: &'a Study) -> BTreeSet<&'a str> {
        let rows = study.cohorts.iter().flat_map(|cohort| &cohort.table_one).map(|row| row.name.as_str());
        let known: BTreeSet<&str> = rows.chain(study.labels.columns.keys().map(String::as_str)).collect();
        let mut called: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        known.into_iter().for_each(|column| called.entry(self.column(column)).or_default().push(column));
        called.into_values().filter(|columns| columns.len() > 1).flatten().collect()
    }

    /// An input of a model: "Joint entropy (tumour)".
    pub fn input(&self, input: &str) -> String {
        self.inputs.get(input).cloned().unwrap_or_else(|| self.of_name(input, "", ""))
    }

    fn of_term(&self, term: &Term) -> String {
        self.of_name(&term.input, &term.title, &term.region)
    }

    fn of_name(&self, input: &str, title: &str, region: &str) -> String {
        if let Some(label) = self.labels.inputs.get(input) {
            return label.clone();
        }
        let Some((before, name)) = input.split_once(':') else {
            // A covariate, or a class of one.
            return match input.split_once('=') {
                Some((column, level)) => format!("{}: {}", self.column(column), self.level(column, level)),
                None => self.with_unit(input),
            };
        };
        // A change over time has the name of what changes.
        let (name, change) = name.rsplit_once('@').unwrap_or((name, ""));
        let title = if title.is_empty() { name.rsplit('.').next().unwrap_or(name) } else { title };
        let region = if region.is_empty() { before } else { region };
        let change = if change.is_empty() { String::new() } else { format!(", {}", change.replace('_', " ")) };
        format!("{} ({}){change}", capital(&title.replace('_', " ")), self.region(region))
    }

    fn label(&self, column: &str) -> Option<&ColumnLabel> {
        self.labels.columns.get(column)
    }

    /// A column: "Age".
    pub fn column(&self, column: &str) -> String {
        let name = match self.label(column) {
            Some(label) if !label.name.is_empty() => label.name.clone(),
            _ => capital(&spelt(column)),
        };
        if self.twins.contains(column) { format!("{name} ({column})") } else { name }
    }

    /// A column with its unit, if that is known: "Age, years".
    pub fn with_unit(&self, column: &str) -> String {
        let name = self.column(column);
        match self.unit(column) {
            "" => name,
            unit => format!("{name}, {unit}"),
        }
    }

    /// The unit of a column; empty if it was not stated.
    pub fn unit(&self, column: &str) -> &str {
        self.label(column).map_or("", |label| &label.unit)
    }

    /// A value of a column.
    pub fn level(&self, column: &str, value: &str) -> String {
        let known = self.label(column).map(|label| &label.levels);
        let label = known.and_then(|levels| {
            levels
                .get(value.trim())
                .or_else(|| levels.iter().find(|(level, _)| same(level, value)).map(|(_, said)| said))
        });
        label.cloned().unwrap_or_else(|| value.replace('_', " "))
    }

    /// The order in which the values of a column are shown: that of its label, or that of their numbers, Roman ones as well. Other
    /// values have none.
    pub fn order(&self, column: &str, values: &[&str]) -> Vec<String> {
        if let Some(label) = self.label(column).filter(|label| !label.order.is_empty()) {
            let as_it_stands = |level: &String| {
                values.iter().find(|value| same(level, value)).map_or(level.clone(), |v| (*v).to_owned())
            };
            return label.order.iter().map(as_it_stands).collect();
        }
        if !values.is_empty() && values.iter().all(|value| ["0", "1"].contains(value)) {
            return ["0", "1"].map(str::to_owned).to_vec();
        }
        let roman = |value: &str| {
            ["0", "I", "II", "III", "IV", "V"].iter().position(|known| *known == value).map(|at| at as f64)
        };
        let numbered = |number: &dyn Fn(&str) -> Option<f64>| -> Option<Vec<String>> {
            let mut known: Vec<(f64, &str)> =
                values.iter().map(|value| Some((number(value)?, *value))).collect::<Option<_>>()?;
            known.sort_by(|a, b| a.0.total_cmp(&b.0));
            Some(known.into_iter().map(|(_, value)| value.to_owned()).collect())
        };
        numbered(&|value| value.parse().ok()).or_else(|| numbered(&roman)).unwrap_or_default()
    }

    /// Values that count as one class: "responders", "I or II"; of a column of 0 and 1, "yes" and "no".
    pub fn class(&self, column: &str, values: &[String]) -> String {
        let labelled = self.label(column).is_some_and(|label| !label.levels.is_empty());
        let said: Vec<String> = values
            .iter()
            .map(|value| match value.as_str() {
                "1" if !labelled => "yes".to_owned(),
                "0" if !labelled => "no".to_owned(),
                value => self.level(column, value),
            })
            .collect();
        said.join(" or ")
    }

    /// The two classes of an outcome, positive first; none of an outcome without classes of values.
    pub fn classes(&self, asked: &Asked) -> Option<[String; 2]> {
        let Asked::Class { column, positive, negative } = asked else { return None };
        let others = if negative.is_empty() { "all others".to_owned() } else { self.class(column, negative) };
        Some([self.class(column, positive), others])
    }

    /// An outcome: "Overall survival", "Response at 3 months: yes against no".
    pub fn outcome(&self, asked: &Asked) -> Option<String> {
        Some(match asked {
            Asked::Unknown => return None,
            Asked::Number { column } => self.named(column, &self.with_unit(column)),
            Asked::Above { column, value } => {
                format!("{} above {}", self.named(column, &self.column(column)), self.said(value))
            }
            Asked::Class { column, .. } => {
                let [positive, negative] = self.classes(asked)?;
                format!("{}: {positive} against {negative}", self.named(column, &self.column(column)))
            }
            Asked::Time { event, competing, .. } => {
                let name = self.named(event, &self.of_event(event));
                match competing.as_slice() {
                    [] => name,
                    others => format!("{name}, beside the competing {}", self.class(event, others)),
                }
            }
        })
    }

    fn named(&self, column: &str, otherwise: &str) -> String {
        self.labels.outcomes.get(column).cloned().unwrap_or_else(|| otherwise.to_owned())
    }

    /// What a time runs to, from the name of the column of its event.
    fn of_event(&self, event: &str) -> String {
        if self.label(event).is_some_and(|label| !label.name.is_empty()) {
            return self.column(event);
        }
        let words: Vec<&str> = event.split('_').filter(|word| !PARTS.contains(&word.to_lowercase().as_str())).collect();
        // Of an event, the short name is that of its time.
        let long = |word: &str| SHORT.iter().find(|(short, _)| *short == word.to_lowercase()).map(|(_, long)| *long);
        match words.as_slice() {
            // A column that is called `status` says nothing of what happened.
            [] => "Event".to_owned(),
            [word] => long(word).map_or_else(|| capital(&spelt(word)), capital),
            words => capital(&spelt(&words.join("_"))),
        }
    }

    /// A cohort.
    pub fn cohort(&self, name: &str) -> String {
        self.labels.cohorts.get(name).cloned().unwrap_or_else(|| name.replace('_', " "))
    }

    /// A model.
    pub fn model(&self, name: &str) -> String {
        self.labels.models.get(name).cloned().unwrap_or_else(|| name.replace('_', " "))
    }

    /// An evaluation.
    pub fn evaluation(&self, name: &str) -> String {
        self.labels.evaluations.get(name).cloned().unwrap_or_else(|| capital(&spelt(name)))
    }

    /// A region.
    pub fn region(&self, name: &str) -> String {
        self.labels.regions.get(name).cloned().unwrap_or_else(|| name.replace('_', " "))
    }

    /// A group of a score: "Low score".
    pub fn group(&self, name: &str) -> String {
        self.labels.groups.get(name).cloned().unwrap_or_else(|| match name {
            "low" => "Low score".to_owned(),
            "high" => "High score".to_owned(),
            "all" => "All".to_owned(),
            other => other.to_owned(),
        })
    }

    /// A covariate of a Cox model, `sex = male`: "Sex: male".
    pub fn covariate(&self, name: &str) -> String {
        match name.split_once(" = ") {
            Some((column, level)) => format!("{}: {}", self.column(column), self.level(column, level)),
            None if name == "score" => "Score".to_owned(),
            None if name == "high score" => self.group("high"),
            None => self.with_unit(name),
        }
    }

    /// The same with what its hazard ratio is against: "Sex: male against female", "Age, years: per unit".
    pub fn contrast(&self, name: &str, against: &Contrast) -> String {
        match against {
            Contrast::Groups => format!("{} against {}", self.covariate(name), uncapital(&self.group("low"))),
            Contrast::Per { step } => format!("{}: per {step}", self.covariate(name)),
            Contrast::Level { column, level, reference } => {
                let of = |level: &String| match ["0", "1"].contains(&level.as_str()) {
                    true => self.class(column, std::slice::from_ref(level)),
                    false => self.level(column, level),
                };
                format!("{}: {} against {}", self.column(column), of(level), of(reference))
            }
        }
    }

    /// A sentence with names in back-ticks, as a reader wants it. A unit that the sentence misses is put in if it is known.
    pub fn said(&self, sentence: &str) -> String {
        let mut out = String::with_capacity(sentence.len());
        let mut pieces = sentence.split('`');
        out.push_str(pieces.next().unwrap_or_default());
        while let Some(name) = pieces.next() {
            let Some(after) = pieces.next() else {
                // A back-tick without its fellow is none of a name.
                out.push('`');
                out.push_str(name);
                break;
            };
            let begins = out.trim_end().is_empty() || out.trim_end().ends_with(['.', ':']);
            out.push_str(&self.mentioned(name, begins));
            let after = match (after.strip_prefix(", unit not stated"), self.unit(name)) {
                (Some(rest), unit) if !unit.is_empty() => {
                    out.push_str(", ");
                    out.push_str(unit);
                    rest
                }
                _ => after,
            };
            out.push_str(after);
        }
        out
    }

    fn mentioned(&self, name: &str, begins: bool) -> String {
        let labels = self.labels;
        if let Some(label) = self.label(name).filter(|label| !label.name.is_empty()) {
            return label.name.clone();
        }
        let others = [&labels.models, &labels.cohorts, &labels.evaluations, &labels.regions, &labels.inputs];
        if let Some(label) = others.iter().find_map(|labels| labels.get(name)) {
            return label.clone();
        }
        if let Some(input) = self.inputs.get(name) {
            return input.clone();
        }
        let is_name = name.contains(|character: char| character.is_ascii_alphabetic())
            && name.chars().all(|character| character.is_alphanumeric() || character == '_');
        match (is_name, begins) {
            (true, true) => capital(&spelt(name)),
            (true, false) => spelt(name),
            (false, _) if name.contains(':') => self.of_name(name, "", ""),
            (false, _) => format!("“{name}”"),
        }
    }
}

/// Whether two values of a column say the same: the same text, or the same number, as 1 and 1.0 are.
fn same(one: &str, other: &str) -> bool {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|value| value.is_finite());
    one.trim() == other.trim() || number(one).is_some_and(|one| number(other) == Some(one))
}

/// A name in words: `response_3m` is "response at 3 months". Only its end is a time: `maximum_3d_diameter` has three dimensions.
fn spelt(name: &str) -> String {
    let parts: Vec<&str> = name.split(['_', ' ']).filter(|part| !part.is_empty()).collect();
    let word = |(at, word): (usize, &&str)| -> String {
        let lower = word.to_lowercase();
        match SHORT.iter().find(|(short, _)| *short == lower) {
            // Alone it may be anything.
            Some((_, long)) if parts.len() == 1 && long.ends_with(SURVIVAL) => return word.to_uppercase(),
            Some((_, long)) => return (*long).to_owned(),
            None => {}
        }
        let last = at > 0 && at + 1 == parts.len();
        for (letter, unit, least) in [("m", "month", 1), ("y", "year", 1), ("w", "week", 1), ("d", "day", 7)] {
            let number = lower.strip_suffix(letter).and_then(|number| number.parse::<u32>().ok());
            if let Some(number) = number.filter(|number| last && *number >= least) {
                return format!("at {number} {unit}{}", if number == 1 { "" } else { "s" });
            }
        }
        (*word).to_owned()
    };
    parts.iter().enumerate().map(word).collect::<Vec<_>>().join(" ")
}

/// Words within a sentence: a name with a capital within, such as "CD8", keeps it.
pub fn uncapital(words: &str) -> String {
    let mut letters = words.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => first.to_lowercase().chain(letters).collect(),
        _ => words.to_owned(),
    }
}

/// Words that begin with a capital, unless the first of them has one within, such as "kVp" and "mRNA".
pub fn capital(words: &str) -> String {
    let first = words.split(' ').next().unwrap_or_default();
    if first.chars().skip(1).any(char::is_uppercase) {
        return words.to_owned();
    }
    let mut letters = words.chars();
    letters.next().map(|letter| letter.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
