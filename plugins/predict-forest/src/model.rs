//! A model, checked and complete.

use serde::Deserialize;
use voxomics_learning::trees::log_rank::Jump;
use voxomics_sdk::{
    Input, Output, Prediction,
    model::{Family, Faults, Frame, Number, read, trees::Worth},
};

use crate::{
    file::{self, File, PLUGIN},
    forest::{Forest, Tree},
    survival::Events,
};

/// The part of a file that the host has written.
#[derive(Deserialize)]
struct Risk {
    #[serde(default)]
    risk: file::Wanted,
}

/// A forest and what happens to its inputs before; every number is finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Name and family, and the inputs, as the trees count them.
    pub frame: Frame,
    /// The trees.
    pub forest: Forest,
    /// The events in their leaves, of times; none of a file that has none.
    pub events: Option<Events>,
    /// The times at which risks are wanted, and their unit.
    pub wanted: (Vec<f64>, String),
}

impl Model {
    /// Reads a model from the text of a file; `path` is only for the messages.
    ///
    /// # Errors
    /// For a text that is not strict TOML of this form, with line and column; otherwise everything that is wrong at
    /// once: numbers that are missing, inputs that occur twice, trees that lead nowhere, probabilities outside 0 to 1.
    pub fn parse(text: &str, path: &str) -> Result<Self, String> {
        let file = File::read(text, path)?;
        let mut faults = Faults::default();
        // For the reader alone, but a gap is a gap.
        let worth = |name: &str, worth: Worth, faults: &mut Faults| {
            faults.optional(worth.importance, || format!("the importance of `{name}`"));
        };
        let families = [Family::Gaussian, Family::Binomial, Family::Survival];
        let (frame, _, said, file::Tables { tree, events, leaves }) = file.frame(PLUGIN, &families, &mut faults, worth);
        let sound = |value: f64| match frame.family == Family::Binomial && !(0.0..=1.0).contains(&value) {
            true => Err("probability"),
            false => Ok(()),
        };
        let grown = tree.iter().enumerate();
        let grown = grown.filter_map(|(at, tree)| tree.read(at, frame.columns.len(), &mut faults, sound));
        let grown: Vec<Tree> = grown.collect();
        let events = match events {
            Some(times) if grown.len() == tree.len() => read_events(&times, &leaves, &grown, &mut faults),
            Some(_) => None,
            None if leaves.is_empty() => None,
            None => {
                faults.wrong("it has `[[leaves]]` and no `[events]`");
                None
            }
        };
        let forest = Forest::new(grown);
        if tree.is_empty() {
            faults.wrong("it has no `[[tree]]`");
        }
        if let Some(count) = said.trees.filter(|count| *count != tree.len() as u64) {
            faults.wrong(format!("it says that it has {count} trees, and has {}", tree.len()));
        }
        faults.none(path)?;
        let forest = forest.ok_or_else(|| format!("{path}: it has no tree"))?;
        let Risk { risk: file::Wanted { unit, horizons } } = read::<Risk>(text, path)?;
        let wanted = if events.is_some() { (horizons, unit) } else { Default::default() };
        Ok(Self { frame, forest, events, wanted })
    }

    /// The inputs of a prediction: those of the trees, then the columns of the batches.
    pub fn inputs(&self) -> Vec<String> {
        self.frame.inputs()
    }

    /// The score, and the risks at the times that are wanted.
    pub fn outputs(&self) -> Vec<Output> {
        let (times, unit) = &self.wanted;
        // As the host names the risks of other models.
        let name = |time: &f64| {
            let time = format!("{time:?}");
            format!("risk_{}_{unit}", time.strip_suffix(".0").unwrap_or(&time)).trim_end_matches('_').to_owned()
        };
        let risks = times.iter().map(|time| Output::risk(&name(time), *time, unit));
        [Output::score(if times.is_empty() { "" } else { "score" })].into_iter().chain(risks).collect()
    }

    /// Scores one row of [`inputs`](Self::inputs), and says what is to be warned of. With the mean of the roots of the
    /// trees, the contributions sum to the score; the columns of the batches contribute 0.
    ///
    /// The score is undefined, with the reason, if an input is that is not imputed, or if the batch is unknown and to be
    /// refused.
    pub fn predict(&self, inputs: &[Input]) -> (Prediction, Vec<String>) {
        let mut others = Vec::new();
        let (mut prediction, warnings) = self.frame.predict(inputs, |row| {
            let risk = |time: &f64| self.events.as_ref().map(|events| events.risk(&self.forest, row, *time));
            others = self.wanted.0.iter().filter_map(risk).collect();
            Ok((self.forest.score(row), self.forest.contributions(row)))
        });
        prediction.others = others;
        (prediction, warnings)
    }
}

/// The events in the leaves of the trees; what is wrong with them goes to `faults`.
fn read_events(
    times: &file::EventTimes,
    leaves: &[file::Leaves],
    trees: &[Tree],
    faults: &mut Faults,
) -> Option<Events> {
    let time = |(at, time): (usize, &Number)| faults.number(Some(*time), || format!("event time {at}"));
    let found: Vec<f64> = times.time.iter().enumerate().map(time).collect();
    let last = faults.number(times.last, || "the last time of `[events]`".into());
    if !found.is_sorted_by(|a, b| a < b) || found.last().is_some_and(|time| *time > last) {
        faults.wrong("the times of `[events]` do not rise up to `last`");
        return None;
    }
    if leaves.len() != trees.len() {
        faults.wrong(format!("it has {} `[[leaves]]` for {} trees", leaves.len(), trees.len()));
        return None;
    }
    let of_tree = |(at, (leaves, tree)): (usize, (&file::Leaves, &Tree))| {
        of_leaves(leaves, tree, &found, at, faults)
            .map_err(|why| faults.wrong(format!("leaves of tree {at}: {why}")))
            .ok()
    };
    let leaves: Option<Vec<Vec<Vec<Jump>>>> = leaves.iter().zip(trees).enumerate().map(of_tree).collect();
    Some(Events { leaves: leaves?, times: found, last })
}

/// The events of the nodes of one tree.
fn of_leaves(
    leaves: &file::Leaves,
    tree: &Tree,
    times: &[f64],
    at: usize,
    faults: &mut Faults,
) -> Result<Vec<Vec<Jump>>, String> {
    let file::Leaves { times: counts, event, hazard } = leaves;
    let total = counts.iter().try_fold(0_u64, |sum, count| sum.checked_add(*count));
    if counts.len() != tree.nodes().len() || total != Some(event.len() as u64) || event.len() != hazard.len() {
        return Err("the lists are not as long as the nodes and their events".into());
    }
    let mut events = Vec::with_capacity(event.len());
    for (event, hazard) in event.iter().zip(hazard) {
        let place = usize::try_from(*event).ok().and_then(|place| times.get(place));
        let time = *place.ok_or_else(|| format!("there is no event time {event}, counted from 0"))?;
        let hazard = faults.number(Some(*hazard), || format!("a hazard in the leaves of tree {at}"));
        if !(hazard > 0.0 && hazard <= 1.0) {
            return Err(format!("a hazard is {hazard}, expected a share above 0 and at most 1"));
        }
        events.push(Jump { time, hazard });
    }
    let mut rest = events.as_slice();
    let mut found = Vec::with_capacity(counts.len());
    for (count, node) in counts.iter().zip(tree.nodes()) {
        let (of_node, after) = rest.split_at(*count as usize);
        if node.split.is_some() && !of_node.is_empty() || !of_node.is_sorted_by(|a, b| a.time < b.time) {
            return Err("a node that is no leaf has events, or the times of a leaf do not rise".into());
        }
        found.push(of_node.to_vec());
        rest = after;
    }
    Ok(found)
}
