//! `[study]`: what only people know of a study.

use crate::experiment::section::Section;

/// The keys, and what each asks.
pub const QUESTIONS: [(&str, &str); 13] = [
    ("design", "the design of the study: prospective or retrospective, in one centre or in several"),
    ("dates", "when patients were included, and until when they were followed"),
    ("eligibility", "who could take part, and who could not"),
    ("ethics", "which committee approved it, and who consented"),
    ("registration", "where the study or its protocol is registered"),
    ("acquisition", "how scans were acquired: protocol, contrast agent, timing"),
    ("segmentation", "who drew the outlines, with what, and who checked them"),
    ("outcome", "how and when the outcome was determined, and by whom"),
    ("sample_size", "why the study has as many patients as it has"),
    ("intended_use", "what the score is meant for, and in whom"),
    ("limitations", "what the study cannot show"),
    ("funding", "who paid for it, and who has an interest in its result"),
    ("availability", "where data, models and code can be had"),
];

/// What people say of a study, by the keys of [`QUESTIONS`], in their order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts(Vec<(&'static str, String)>);

impl Facts {
    pub(super) fn read(root: &Section<'_>) -> Self {
        let Some(section) = root.section("study") else { return Self::default() };
        let stated =
            QUESTIONS.iter().filter_map(|(key, _)| Some((*key, section.get::<String>(key)?.trim().to_owned())));
        let facts = Self(stated.filter(|(_, words)| !words.is_empty()).collect());
        section.finish();
        facts
    }

    /// What is said under a key; nothing if it was left open.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == key).map(|(_, words)| words.as_str())
    }

    /// The question of a key.
    pub fn question(key: &str) -> &'static str {
        QUESTIONS.iter().find(|(known, _)| *known == key).map_or("", |(_, question)| question)
    }

    /// Everything that is said, with its key.
    pub fn stated(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(key, words)| (*key, words.as_str()))
    }

    /// The keys that nobody answered, each with its question.
    pub fn open(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        QUESTIONS.into_iter().filter(|(key, _)| self.get(key).is_none())
    }
}
