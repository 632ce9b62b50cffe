//! A random survival forest: trees that part times by the log-rank test, and how many events there are in their leaves (H. Ishwaran et
//! al., "Random survival forests", Ann Appl Stat 2:841, 2008).

use voxomics_learning::{
    Error, Executor, Matrix, executor, random,
    trees::{
        Bounds, Node, Sorted, Tree, grow,
        log_rank::{Jump, LogRank, jumps},
    },
};

use crate::{
    forest::Forest,
    grow::{Grown, Growth},
};

/// Times with their events, and how much each row counts.
#[derive(Debug, Clone, Copy)]
pub struct Times<'a> {
    /// The times.
    pub time: &'a [f64],
    /// Whether the event was seen.
    pub event: &'a [bool],
    /// The weights.
    pub weights: &'a [f64],
}

/// The events in the leaves of the trees of a forest.
#[derive(Debug, Clone, PartialEq)]
pub struct Events {
    /// The times of events of the training, rising.
    pub times: Vec<f64>,
    /// The last time of the training: beyond it nothing is known.
    pub last: f64,
    /// For each tree and each of its nodes: the events, in the order of their times; none of a node that is no leaf.
    pub leaves: Vec<Vec<Vec<Jump>>>,
}

impl Events {
    /// The probability that a row has the event up to and with a time: 1 less the mean over the trees of Kaplan and Meier's estimate
    /// in its leaf.
    ///
    /// # Errors
    /// If the time lies beyond those of the training.
    pub fn risk(&self, forest: &Forest, row: &[f64], time: f64) -> Result<f64, String> {
        if time > self.last {
            return Err(format!("{time} lies beyond the follow-up of the training ({})", self.last));
        }
        let of_tree = |(tree, leaves): (&Tree, &Vec<Vec<Jump>>)| {
            let (leaf, _) = tree.descend(row, |_, _| {});
            survival(&leaves[leaf], time)
        };
        let survival: f64 = forest.trees().iter().zip(&self.leaves).map(of_tree).sum();
        Ok((1.0 - survival / forest.trees().len() as f64).clamp(0.0, 1.0))
    }
}

/// Kaplan and Meier's estimate from the events of some rows.
pub fn survival(events: &[Jump], time: f64) -> f64 {
    events.iter().take_while(|event| event.time <= time).map(|event| 1.0 - event.hazard).product()
}

impl Growth {
    /// Grows the trees of times: each from as many rows as there are, drawn with replacement in proportion to their weights.
    ///
    /// The value of a node is the events that were to be expected if everybody were as its rows are: the sum of its cumulative
    /// hazard (Nelson and Aalen) over the times of events of the training, which Ishwaran calls mortality.
    ///
    /// # Errors
    /// If the executor is asked to give up.
    pub fn grow_times(
        &self,
        x: &Matrix,
        times: Times<'_>,
        per_split: usize,
        seed: u64,
        executor: &dyn Executor,
    ) -> Result<(Grown, Events), Error> {
        let sorted = Sorted::new(x);
        let of_events = event_times(times);
        let bounds = Bounds { depth: self.depth.map(usize::from), leaf: self.leaf as f64, tried: per_split };
        let trees = executor::map(executor, self.trees, &|at| {
            let mut random = random::generator(seed, at as u64);
            let drawn = random::with_replacement(&mut random, times.weights, times.time.len());
            one(&sorted, times, &drawn, &of_events, bounds, &mut random)
        })?;
        let mut importance = vec![0.0; x.columns()];
        let (mut grown, mut leaves) = (Vec::with_capacity(trees.len()), Vec::with_capacity(trees.len()));
        for (tree, of_leaves, gains) in trees {
            for (node, gain) in tree.nodes().iter().zip(gains) {
                node.split.iter().for_each(|split| importance[split.feature] += gain * gain);
            }
            grown.push(tree);
            leaves.push(of_leaves);
        }
        let total: f64 = importance.iter().sum();
        if total > 0.0 {
            importance.iter_mut().for_each(|importance| *importance /= total);
        }
        let forest = Forest::new(grown).ok_or_else(|| Error::input("a forest has at least one tree"))?;
        let last = times.time.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Ok((Grown { forest, importance }, Events { times: of_events, last, leaves }))
    }
}

/// The times of events, rising, each once.
fn event_times(Times { time, event, weights }: Times<'_>) -> Vec<f64> {
    let seen = (0..time.len()).filter(|row| event[*row] && weights[*row] > 0.0);
    let mut found: Vec<f64> = seen.map(|row| time[row]).collect();
    found.sort_by(f64::total_cmp);
    found.dedup();
    found
}

/// A tree of drawn rows, the events of its leaves, and what its splits gain.
type Planted = (Tree, Vec<Vec<Jump>>, Vec<f64>);

/// Grows one tree.
pub fn one(
    sorted: &Sorted<'_>,
    times: Times<'_>,
    drawn: &[u32],
    of_events: &[f64],
    bounds: Bounds,
    random: &mut random::Generator,
) -> Result<Planted, Error> {
    let rows = (0..drawn.len()).filter(|row| drawn[*row] > 0).collect();
    let nodes = grow(sorted, rows, &mut LogRank::new(times.time, times.event, drawn), bounds, random);
    let events: Vec<Vec<Jump>> = nodes.iter().map(|node| jumps(times.time, times.event, drawn, &node.rows)).collect();
    // An event adds to the cumulative hazard at its own time and at all that follow.
    let following = |time: f64| (of_events.len() - of_events.partition_point(|other| *other < time)) as f64;
    let mortality = |events: &[Jump]| events.iter().map(|event| event.hazard * following(event.time)).sum();
    let found = nodes.iter().zip(&events);
    let found = found.map(|(node, events)| Node { value: mortality(events), split: node.split }).collect();
    let inputs = sorted.columns();
    let tree = Tree::new(found, inputs).map_err(|why| Error::Unsolved(format!("a tree is not sound: {why}")))?;
    let gains = nodes.iter().map(|node| node.gain).collect();
    let leaves = nodes.iter().zip(events);
    let leaves = leaves.map(|(node, events)| if node.split.is_some() { Vec::new() } else { events }).collect();
    Ok((tree, leaves, gains))
}
