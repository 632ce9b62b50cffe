//! The page: sections of figures, tables and words, in the order in which they are read.

mod cohorts;
mod dossier;
mod evaluations;
mod gallery;
mod glance;
mod methods;
mod models;
mod outcomes;
pub mod patients;
mod record;
mod references;
mod risk;

pub use gallery::{FigureView, Gallery, TableView};

use serde::Serialize;

use crate::{
    figure, labelled,
    study::Study,
    words::{Words, capital},
};

/// Everything that the templates set.
#[derive(Debug, Serialize)]
pub struct Page {
    title: String,
    description: String,
    simulated: bool,
    notices: Vec<String>,
    version: String,
    glance: Option<TableView>,
    workflow: Option<FigureView>,
    cohorts: Vec<Section>,
    table_one: Option<TableView>,
    models: Vec<Section>,
    compared: Option<Section>,
    evaluations: Vec<Section>,
    /// What it says of the patients.
    pub patients: patients::Patients,
    methods: Option<Section>,
    dossier: Option<Section>,
    record: Section,
    experiment: String,
    single_file: bool,
}

/// A part of the page with a heading of its own.
#[derive(Debug, Default, Serialize)]
pub struct Section {
    /// Anchor.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Facts under the heading: name, value, and whether it is a path, digest or command.
    pub facts: Vec<Fact>,
    /// What must not be overlooked.
    pub callouts: Vec<Callout>,
    /// Figures and tables.
    pub blocks: Vec<Block>,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// How intervals and p-values were made.
    pub methods: Vec<String>,
}

/// A fact under a heading.
#[derive(Debug, Serialize)]
pub struct Fact {
    name: String,
    value: String,
    code: bool,
}

/// Words in a box.
#[derive(Debug, Serialize)]
pub struct Callout {
    head: String,
    text: String,
}

/// A piece of a section.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", content = "content", rename_all = "lowercase")]
pub enum Block {
    /// A small heading.
    Heading(String),
    /// A sentence.
    Words(String),
    /// Figures, side by side where there is room.
    Figures(Vec<FigureView>),
    /// A table.
    Table(TableView),
    /// Points of the dossier.
    Points(Vec<dossier::PointView>),
    /// A table that is a file alone.
    File {
        /// What it holds.
        text: String,
        /// Its name.
        file: String,
    },
    /// A table behind a line that opens it.
    Folded {
        /// The line.
        summary: String,
        /// The table.
        table: TableView,
    },
}

impl Section {
    fn new(id: String, title: impl Into<String>) -> Self {
        Self { id, title: capital(&title.into()), ..Self::default() }
    }

    /// Adds a fact unless it is empty.
    fn fact(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.facts.push(Fact { name: name.to_owned(), value, code: false });
        }
    }

    /// Adds a path, digest or command unless it is empty.
    fn code(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.facts.push(Fact { name: name.to_owned(), value: value.to_owned(), code: true });
        }
    }

    fn callout(&mut self, head: &str, text: impl Into<String>) {
        self.callouts.push(Callout { head: head.to_owned(), text: text.into() });
    }

    /// Adds those figures that there are.
    fn figures(&mut self, figures: impl IntoIterator<Item = Option<FigureView>>) {
        let figures: Vec<FigureView> = figures.into_iter().flatten().collect();
        if !figures.is_empty() {
            self.blocks.push(Block::Figures(figures));
        }
    }

    fn table(&mut self, table: TableView) {
        self.blocks.push(Block::Table(table));
    }

    fn words(&mut self, words: impl Into<String>) {
        self.blocks.push(Block::Words(words.into()));
    }

    fn heading(&mut self, heading: &str) {
        self.blocks.push(Block::Heading(heading.to_owned()));
    }
}

/// Sets everything of a study but its patients; figures and tables gather in the gallery, in the order in which they are read.
pub fn build(raw: &Study, words: &Words<'_>, gallery: &mut Gallery) -> Page {
    let study = &labelled::study(raw, words);
    let glance = glance::table(study).map(|table| gallery.table("study", table));
    let workflow = figure::workflow(study, None).map(|figure| gallery.figure("study", figure));
    let cohorts = cohorts::sections(study, gallery);
    let table_one = cohorts::table_one(study, gallery);
    Page {
        title: if study.title.is_empty() { "Study".to_owned() } else { study.title.clone() },
        description: study.description.clone(),
        simulated: study.simulated,
        notices: study.notices.clone(),
        version: study.record.version.clone(),
        glance,
        workflow,
        cohorts,
        table_one,
        models: study.models.iter().enumerate().map(|(at, model)| models::section(at, model, words, gallery)).collect(),
        compared: models::compared(study, gallery),
        evaluations: evaluations::sections(study, gallery),
        patients: patients::build(raw, words, gallery),
        methods: methods::section(study, words),
        dossier: dossier::section(raw, study, gallery),
        record: record::section(&study.record, gallery),
        experiment: study.record.experiment.clone(),
        single_file: study.single_file,
    }
}
