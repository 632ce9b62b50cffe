//! The dossier on the page: a table a subject, with links to the evidence, and all of it as one file.

use serde::Serialize;

use crate::{
    page::{Block, Gallery, Section, gallery::anchor},
    study::{Place, Point, State, Study},
    table::{Cell, Column, Table},
};

/// A point as it is shown.
#[derive(Debug, Serialize)]
pub struct PointView {
    asks: String,
    state: &'static str,
    /// Class of the state's mark.
    class: &'static str,
    said: String,
    places: Vec<Link>,
}

/// Where evidence stands: on the page, or in a file beside the report.
#[derive(Debug, Serialize)]
struct Link {
    /// The anchor; empty of a file.
    anchor: String,
    text: String,
}

/// The section of the dossier; none if there is none. `raw` has the names, `study` the words for them.
pub fn section(raw: &Study, study: &Study, gallery: &mut Gallery) -> Option<Section> {
    if study.dossier.is_empty() {
        return None;
    }
    let mut section = Section::new("dossier".into(), "Dossier");
    let points = || study.dossier.iter().flat_map(|subject| &subject.points);
    let count = |state: State| points().filter(|point| point.state == state).count();
    section.words(
        "What those ask who judge a study, subject by subject. An answer is what this run shows, or what somebody wrote under [study]; \
         beside it stands where the evidence is. What only people know, and nobody has said, is open. Published checklists can be filled \
         from it; it has none of their items.",
    );
    for state in [State::Shown, State::Stated, State::Open, State::NotDone, State::DoesNotApply] {
        section.fact(&crate::words::capital(state.word()), count(state).to_string());
    }
    for subject in &study.dossier {
        section.heading(&subject.title);
        section.blocks.push(Block::Points(subject.points.iter().map(|point| view(raw, study, point)).collect()));
    }
    let columns = ["Subject", "Point", "Asked", "State", "Answer", "Evidence"].map(Column::text).to_vec();
    let rows = study.dossier.iter().flat_map(|subject| subject.points.iter().map(move |point| (subject, point)));
    let rows = rows.map(|(subject, point)| {
        let places: Vec<String> = point.places.iter().map(|place| link(raw, study, place).text).collect();
        let cells = [&subject.title, &point.key, &point.asks, point.state.word(), &point.said, &places.join("; ")];
        cells.map(Cell::text).to_vec()
    });
    let file = gallery.file("dossier", Table::new("", "", columns).with(rows));
    section.blocks.push(Block::File { text: "All points as a table:".into(), file });
    Some(section)
}

fn view(raw: &Study, study: &Study, point: &Point) -> PointView {
    PointView {
        asks: point.asks.clone(),
        state: point.state.word(),
        class: match point.state {
            State::Shown | State::Stated => "said",
            State::Open => "open",
            State::NotDone | State::DoesNotApply => "none",
        },
        said: point.said.clone(),
        places: point.places.iter().map(|place| link(raw, study, place)).collect(),
    }
}

/// Names tell which section it is, since labels may be the same.
fn link(raw: &Study, study: &Study, place: &Place) -> Link {
    let on_page = |anchor: &str, text: &str| Link { anchor: anchor.to_owned(), text: text.to_owned() };
    let of = |kind: &str, names: Vec<(&String, &String)>, name: &String| {
        let found = names.iter().position(|(raw, _)| *raw == name).map(|at| (at, names[at].1));
        match found {
            Some((at, shown)) => Link { anchor: anchor(kind, at, shown), text: format!("{kind} {shown}") },
            None => Link { anchor: String::new(), text: format!("{kind} {name}") },
        }
    };
    match place {
        Place::Characteristics => on_page("study-characteristics", "Characteristics"),
        Place::Compared => on_page("compared", "Learners beside each other"),
        Place::Methods => on_page("methods", "Methods"),
        Place::Record => on_page("record", "Record of the run"),
        Place::File(name) => Link { anchor: String::new(), text: name.clone() },
        Place::Cohort(name) => {
            of("cohort", raw.cohorts.iter().zip(&study.cohorts).map(|(a, b)| (&a.name, &b.name)).collect(), name)
        }
        Place::Model(name) => {
            of("model", raw.models.iter().zip(&study.models).map(|(a, b)| (&a.name, &b.name)).collect(), name)
        }
        Place::Evaluation(name) => of(
            "evaluation",
            raw.evaluations.iter().zip(&study.evaluations).map(|(a, b)| (&a.name, &b.name)).collect(),
            name,
        ),
    }
}
