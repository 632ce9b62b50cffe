//! The dossier, from what ran: each point is what the run shows, what `[study]` states, or open. Nothing is claimed that the run does
//! not show.
//!
//! The subjects are those that the published checklists for studies of radiomics and prediction ask about. Their items have their own
//! words, which are not here.

mod cohorts;
mod learning;
mod openness;
mod results;
mod scans;

use serde_json::Value as Json;
use voxomics_engine::experiment::study::{Facts, Study as Experiment};
use voxomics_report::study::{Evaluation, Place, Point, State, Study, Subject};

use super::methods::Found;

/// What the dossier is made of.
pub struct Given<'a> {
    /// What the experiment says of the study.
    pub experiment: &'a Experiment,
    /// The experiment with every default.
    pub resolved: &'a Json,
    /// The results.
    pub study: &'a Study,
    /// What the methods say.
    pub found: &'a Found,
}

impl Given<'_> {
    /// Whether ids tell if a patient of an evaluation is one of those whom its model was learnt from: with `ids = "per cohort"`, the same
    /// patient may have another id in each cohort.
    fn ids_tell(&self, evaluation: &Evaluation) -> bool {
        let own = |name: &String| self.experiment.cohorts.iter().any(|cohort| cohort.name == *name && cohort.own_ids);
        let models = self.study.models.iter().filter(|model| model.name == evaluation.model);
        let mut learnt_from = models.flat_map(|model| &model.learnt_from).map(|from| &from.cohort);
        !own(&evaluation.cohort) && !learnt_from.any(own)
    }
}

/// Every subject.
pub fn subjects(of: &Given<'_>) -> Vec<Subject> {
    let subject = |title: &str, points: Vec<Point>| Subject { title: title.into(), points };
    vec![
        subject("Design", cohorts::design(of)),
        subject("Data", cohorts::data(of)),
        subject("Acquisition", scans::acquisition(of)),
        subject("Segmentation", scans::segmentation(of)),
        subject("Image preparation", scans::preparation(of)),
        subject("Features", scans::features(of)),
        subject("Robustness", learning::robustness(of)),
        subject("Learning", learning::learning(of)),
        subject("Validation", results::validation(of)),
        subject("Calibration", results::calibration(of)),
        subject("Clinical use", results::clinical(of)),
        subject("Openness", openness::openness(of)),
    ]
}

fn point(key: &str, asks: &str, state: State, said: String, places: Vec<Place>) -> Point {
    Point { key: key.into(), asks: asks.into(), state, said, places }
}

/// What the run shows; where it has no sentence, it was not done, as `otherwise` says.
fn shown(key: &str, asks: &str, said: &[String], places: Vec<Place>, otherwise: &str) -> Point {
    match said {
        [] => point(key, asks, State::NotDone, otherwise.into(), Vec::new()),
        said => point(key, asks, State::Shown, said.join(" "), places),
    }
}

fn does_not_apply(key: &str, asks: &str, why: &str) -> Point {
    point(key, asks, State::DoesNotApply, why.into(), Vec::new())
}

/// What people know: the answer under a key of `[study]`, or open.
fn stated(facts: &Facts, subject: &str, key: &str) -> Point {
    let asks = capital(Facts::question(key));
    let key_of_point = format!("{subject}.{key}");
    match facts.get(key) {
        Some(words) => {
            point(&key_of_point, &asks, State::Stated, super::methods::sentence(words), vec![Place::Methods])
        }
        None => point(&key_of_point, &asks, State::Open, String::new(), Vec::new()),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn counted(number: u64, word: &str) -> String {
    voxomics_report::count(number, word)
}

/// Names in back-ticks, with commas.
fn names<'n>(names: impl IntoIterator<Item = &'n String>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
