//! The trees of `TreeEnsembleClassifier` and `TreeEnsembleRegressor`.

use std::collections::HashMap;

use tract_onnx::{
    pb::NodeProto,
    tract_hir::internal::{TractResult, bail},
};

/// How a node tells where a row goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mode {
    AtMost,
    Below,
    AtLeast,
    Above,
    Equal,
    Unequal,
}

#[derive(Debug, Clone)]
enum Node {
    Leaf(Vec<(usize, f64)>),
    Split { feature: usize, mode: Mode, value: f32, missing_goes_true: bool, yes: usize, no: usize },
}

/// Trees whose leaves are added up.
#[derive(Debug, Clone)]
pub struct Trees {
    nodes: Vec<Node>,
    roots: Vec<usize>,
    /// Columns of the sums.
    pub targets: usize,
    /// The columns that leaves add to.
    pub used: Vec<usize>,
    base: Vec<f64>,
    average: bool,
}

impl Trees {
    /// Those of a node of the graph; `leaves` is the word that its attributes of leaves begin with.
    pub fn read(node: &NodeProto, leaves: &str, targets: usize) -> TractResult<Self> {
        let whole = |name: &str| -> TractResult<Vec<i64>> { Ok(node.get_attr_opt_vec(name)?.unwrap_or_default()) };
        let numbers = |name: &str| -> TractResult<Vec<f32>> { Ok(node.get_attr_opt_vec(name)?.unwrap_or_default()) };
        let has = |name: &str| node.attribute.iter().any(|attribute| attribute.name == name);
        if has("nodes_values_as_tensor") || has(&format!("{leaves}_weights_as_tensor")) {
            bail!(
                "its trees have doubles, which are not read: convert the model with target_opset {{\"\": 17, \"ai.onnx.ml\": 1}}"
            );
        }
        let (tree, id) = (whole("nodes_treeids")?, whole("nodes_nodeids")?);
        let (feature, value) = (whole("nodes_featureids")?, numbers("nodes_values")?);
        let (yes, no) = (whole("nodes_truenodeids")?, whole("nodes_falsenodeids")?);
        let missing = whole("nodes_missing_value_tracks_true")?;
        let modes: Vec<String> = node.get_attr_opt_vec("nodes_modes")?.unwrap_or_default();
        let count = id.len();
        if count == 0
            || [tree.len(), feature.len(), value.len(), yes.len(), no.len(), modes.len()].iter().any(|n| *n != count)
        {
            bail!("the lists of its nodes are not of one length");
        }
        let places: HashMap<(i64, i64), usize> = (0..count).map(|at| ((tree[at], id[at]), at)).collect();
        let mut of_leaf = self::leaves(node, leaves, targets, &places)?;
        let used = used(&of_leaf);
        let mut found = Vec::with_capacity(count);
        let mut child = vec![false; count];
        for at in 0..count {
            let Some(mode) = mode(&modes[at])? else {
                found.push(Node::Leaf(of_leaf.remove(&at).unwrap_or_default()));
                continue;
            };
            let mut place = |id: i64| match places.get(&(tree[at], id)) {
                Some(place) if !child[*place] => {
                    child[*place] = true;
                    Ok(*place)
                }
                _ => bail!("a node of its trees leads nowhere, or two lead to one"),
            };
            let (yes, no) = (place(yes[at])?, place(no[at])?);
            let missing_goes_true = missing.get(at) == Some(&1);
            found.push(Node::Split {
                feature: feature[at] as usize,
                mode,
                value: value[at],
                missing_goes_true,
                yes,
                no,
            });
        }
        let roots: Vec<usize> = (0..count).filter(|at| !child[*at]).collect();
        let trees: std::collections::HashSet<i64> = tree.iter().copied().collect();
        if roots.len() != trees.len() {
            bail!("its {} trees have {} roots", trees.len(), roots.len());
        }
        let base = numbers("base_values")?.into_iter().map(f64::from).collect();
        let average = match node.get_attr_opt::<&str>("aggregate_function")?.unwrap_or("SUM") {
            "SUM" => false,
            "AVERAGE" => true,
            other => bail!("the aggregate_function {other} of its trees is not known here"),
        };
        Ok(Self { nodes: found, roots, targets, used, base, average })
    }

    /// The sums of a row. Inputs are compared in single precision, as scikit-learn does; sums are of doubles.
    pub fn sums(&self, row: &[f64]) -> TractResult<Vec<f64>> {
        let mut sums = vec![0.0; self.targets];
        for root in &self.roots {
            let mut at = *root;
            loop {
                match &self.nodes[at] {
                    Node::Leaf(adds) => {
                        adds.iter().for_each(|(target, weight)| sums[*target] += weight);
                        break;
                    }
                    Node::Split { feature, mode, value, missing_goes_true, yes, no } => {
                        let Some(x) = row.get(*feature).map(|x| *x as f32) else {
                            bail!("its trees look at column {feature}, counted from 0, of {}", row.len());
                        };
                        let goes = if x.is_nan() { *missing_goes_true } else { mode.holds(x, *value) };
                        at = if goes { *yes } else { *no };
                    }
                }
            }
        }
        if self.average {
            sums.iter_mut().for_each(|sum| *sum /= self.roots.len() as f64);
        }
        match self.base.as_slice() {
            [] => {}
            // One number for the one column that leaves add to.
            [base] => self.used.first().or(Some(&0)).into_iter().for_each(|target| sums[*target] += base),
            base if base.len() == sums.len() => sums.iter_mut().zip(base).for_each(|(sum, base)| *sum += base),
            base => bail!("its trees have {} base values for {} columns", base.len(), sums.len()),
        }
        Ok(sums)
    }
}

impl Mode {
    fn holds(self, x: f32, value: f32) -> bool {
        match self {
            Self::AtMost => x <= value,
            Self::Below => x < value,
            Self::AtLeast => x >= value,
            Self::Above => x > value,
            Self::Equal => x == value,
            Self::Unequal => x != value,
        }
    }
}

fn mode(word: &str) -> TractResult<Option<Mode>> {
    Ok(Some(match word {
        "LEAF" => return Ok(None),
        "BRANCH_LEQ" => Mode::AtMost,
        "BRANCH_LT" => Mode::Below,
        "BRANCH_GTE" => Mode::AtLeast,
        "BRANCH_GT" => Mode::Above,
        "BRANCH_EQ" => Mode::Equal,
        "BRANCH_NEQ" => Mode::Unequal,
        other => bail!("a node of its trees has the mode {other}, which is not known"),
    }))
}

/// What the leaves add, by their places among the nodes.
fn leaves(
    node: &NodeProto,
    of: &str,
    targets: usize,
    places: &HashMap<(i64, i64), usize>,
) -> TractResult<HashMap<usize, Vec<(usize, f64)>>> {
    let whole = |name: &str| -> TractResult<Vec<i64>> {
        Ok(node.get_attr_opt_vec(&format!("{of}_{name}"))?.unwrap_or_default())
    };
    let (tree, id, target) = (whole("treeids")?, whole("nodeids")?, whole("ids")?);
    let weight: Vec<f32> = node.get_attr_opt_vec(&format!("{of}_weights"))?.unwrap_or_default();
    if [tree.len(), id.len(), target.len()].iter().any(|n| *n != weight.len()) {
        bail!("the lists of its leaves are not of one length");
    }
    let mut found: HashMap<usize, Vec<(usize, f64)>> = HashMap::new();
    for at in 0..weight.len() {
        let (Some(place), true) = (places.get(&(tree[at], id[at])), (target[at] as usize) < targets) else {
            bail!("a leaf of its trees is no node, or adds to no column");
        };
        found.entry(*place).or_default().push((target[at] as usize, f64::from(weight[at])));
    }
    Ok(found)
}

fn used(leaves: &HashMap<usize, Vec<(usize, f64)>>) -> Vec<usize> {
    let mut used: Vec<usize> = leaves.values().flatten().map(|(target, _)| *target).collect();
    used.sort_unstable();
    used.dedup();
    used
}
