//! The operators that scikit-learn's models need and that tract lacks, or computes in single precision alone. Each takes rows of numbers
//! and gives rows of numbers. They are computed in double precision and handed on in the type of their input.

use std::sync::Arc;

use tract_onnx::{
    Onnx,
    model::ParsingContext,
    pb::NodeProto,
    tract_hir::{
        internal::*,
        ops::expandable::{Expansion, expand},
    },
};

use crate::trees::Trees;

/// Operators whose first output is the name of a class, which is not told here.
pub const CLASSIFIERS: [&str; 2] = ["LinearClassifier", "TreeEnsembleClassifier"];

/// What tract knows, with the operators of this file.
pub fn with_ml(mut onnx: Onnx) -> Onnx {
    for (name, read) in [
        ("Imputer", imputer as fn(&ParsingContext<'_>, &NodeProto) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)>),
        ("LinearClassifier", linear_classifier),
        ("LinearRegressor", linear_regressor),
        ("Scaler", scaler),
        ("Sigmoid", sigmoid),
        ("TreeEnsembleClassifier", tree_classifier),
        ("TreeEnsembleRegressor", tree_regressor),
    ] {
        onnx.op_register.insert(name, read);
    }
    onnx
}

/// The numbers of a tensor of doubles.
pub fn numbers(tensor: &Tensor) -> TractResult<Vec<f64>> {
    Ok(tensor.to_plain_array_view::<f64>()?.iter().copied().collect())
}

/// What an operator makes of a row.
#[derive(Debug)]
enum Rule {
    /// Replaces one number, which may be NaN.
    Imputer {
        replaced: f32,
        by: Vec<f64>,
    },
    /// (x − offset)·scale.
    Scaler {
        offset: Vec<f64>,
        scale: Vec<f64>,
    },
    Sigmoid,
    Linear {
        coefficients: Vec<f64>,
        intercepts: Vec<f64>,
        after: After,
    },
    Trees {
        trees: Trees,
        after: After,
    },
}

/// What is made of sums.
#[derive(Debug, Clone, Copy, PartialEq)]
struct After {
    post: Post,
    /// Whether one sum is that of the second of two classes.
    of_two: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Post {
    None,
    Logistic,
    Softmax,
}

impl After {
    fn read(node: &NodeProto, of_two: bool) -> TractResult<Self> {
        let post = match node.get_attr_opt::<&str>("post_transform")?.unwrap_or("NONE") {
            "NONE" => Post::None,
            "LOGISTIC" => Post::Logistic,
            "SOFTMAX" => Post::Softmax,
            other => bail!("the post_transform {other} of {} is not known here", node.op_type),
        };
        Ok(Self { post, of_two })
    }

    fn apply(self, sums: Vec<f64>) -> Vec<f64> {
        match (self.of_two, self.post) {
            (true, Post::Logistic) => vec![logistic(-sums[0]), logistic(sums[0])],
            (true, Post::Softmax) => softmax(&[-sums[0], sums[0]]),
            // A share of the trees.
            (true, Post::None) => vec![1.0 - sums[0], sums[0]],
            (false, Post::None) => sums,
            (false, Post::Logistic) => sums.into_iter().map(logistic).collect(),
            (false, Post::Softmax) => softmax(&sums),
        }
    }
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn softmax(sums: &[f64]) -> Vec<f64> {
    let most = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let parts: Vec<f64> = sums.iter().map(|sum| (sum - most).exp()).collect();
    let total: f64 = parts.iter().sum();
    parts.into_iter().map(|part| part / total).collect()
}

impl Rule {
    fn width(&self, columns: usize) -> usize {
        let after = |count: usize, after: &After| if after.of_two { 2 } else { count };
        match self {
            Self::Imputer { .. } | Self::Scaler { .. } | Self::Sigmoid => columns,
            Self::Linear { intercepts, after: of, .. } => after(intercepts.len(), of),
            Self::Trees { trees, after: of } => after(trees.targets, of),
        }
    }

    fn row(&self, row: &[f64]) -> TractResult<Vec<f64>> {
        // One number may stand for all columns.
        let of = |values: &[f64], j: usize| if values.len() == 1 { values[0] } else { values[j] };
        let fits = |values: &[f64]| match values.len() == 1 || values.len() == row.len() {
            true => Ok(()),
            false => bail!("{} columns, and numbers for {}", row.len(), values.len()),
        };
        let each = |number: &dyn Fn(usize, f64) -> f64| row.iter().enumerate().map(|(j, x)| number(j, *x)).collect();
        Ok(match self {
            Self::Imputer { replaced, by } => {
                fits(by)?;
                let is = |x: f64| if replaced.is_nan() { x.is_nan() } else { x as f32 == *replaced };
                each(&|j, x| if is(x) { of(by, j) } else { x })
            }
            Self::Scaler { offset, scale } => {
                fits(offset)?;
                fits(scale)?;
                each(&|j, x| (x - of(offset, j)) * of(scale, j))
            }
            Self::Sigmoid => each(&|_, x| logistic(x)),
            Self::Linear { coefficients, intercepts, after } => {
                if coefficients.len() != intercepts.len() * row.len() {
                    bail!(
                        "{} coefficients for {} columns and {} sums",
                        coefficients.len(),
                        row.len(),
                        intercepts.len()
                    );
                }
                let sum = |(intercept, own): (&f64, &[f64])| {
                    own.iter().zip(row).fold(*intercept, |sum, (coefficient, x)| sum + coefficient * x)
                };
                after.apply(intercepts.iter().zip(coefficients.chunks(row.len().max(1))).map(sum).collect())
            }
            Self::Trees { trees, after } => {
                let sums = trees.sums(row)?;
                match after.of_two {
                    true => after.apply(vec![sums[trees.used.first().copied().unwrap_or(0)]]),
                    false => after.apply(sums),
                }
            }
        })
    }
}

/// An operator in the graph.
#[derive(Debug, Clone)]
struct Rows {
    name: &'static str,
    rule: Arc<Rule>,
    /// Whether the name of a class stands before the numbers.
    classifies: bool,
}

impl PartialEq for Rows {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.rule, &other.rule)
    }
}

impl Eq for Rows {}

type Read = TractResult<(Box<dyn InferenceOp>, Vec<String>)>;

fn made(name: &'static str, rule: Rule) -> Read {
    let rows = Rows { name, rule: Arc::new(rule), classifies: CLASSIFIERS.contains(&name) };
    Ok((expand(Wired(rows)), vec![]))
}

fn doubles(node: &NodeProto, name: &str) -> TractResult<Vec<f64>> {
    let found: Option<Vec<f32>> = node.get_attr_opt_vec(name)?;
    Ok(found.unwrap_or_default().into_iter().map(f64::from).collect())
}

fn imputer(_: &ParsingContext<'_>, node: &NodeProto) -> Read {
    let by = doubles(node, "imputed_value_floats")?;
    if by.is_empty() {
        bail!("Imputer replaces no floats");
    }
    made("Imputer", Rule::Imputer { replaced: node.get_attr_opt("replaced_value_float")?.unwrap_or(0.0), by })
}

fn scaler(_: &ParsingContext<'_>, node: &NodeProto) -> Read {
    made("Scaler", Rule::Scaler { offset: doubles(node, "offset")?, scale: doubles(node, "scale")? })
}

fn sigmoid(_: &ParsingContext<'_>, _: &NodeProto) -> Read {
    made("Sigmoid", Rule::Sigmoid)
}

/// How many classes a classifier tells apart.
fn classes(node: &NodeProto) -> TractResult<usize> {
    for name in ["classlabels_ints", "classlabels_int64s"] {
        if let Some(labels) = node.get_attr_opt_vec::<i64>(name)? {
            return Ok(labels.len());
        }
    }
    match node.get_attr_opt_vec::<String>("classlabels_strings")? {
        Some(labels) => Ok(labels.len()),
        None => bail!("{} has no names of classes", node.op_type),
    }
}

fn linear_classifier(_: &ParsingContext<'_>, node: &NodeProto) -> Read {
    let (coefficients, mut intercepts, classes) =
        (doubles(node, "coefficients")?, doubles(node, "intercepts")?, classes(node)?);
    if intercepts.is_empty() {
        intercepts = vec![0.0; classes];
    }
    let of_two = intercepts.len() == 1 && classes == 2;
    if !of_two && intercepts.len() != classes {
        bail!("LinearClassifier has {} sums for {classes} classes", intercepts.len());
    }
    made("LinearClassifier", Rule::Linear { coefficients, intercepts, after: After::read(node, of_two)? })
}

fn linear_regressor(_: &ParsingContext<'_>, node: &NodeProto) -> Read {
    let targets: usize = node.get_attr_opt("targets")?.unwrap_or(1);
    let (coefficients, mut intercepts) = (doubles(node, "coefficients")?, doubles(node, "intercepts")?);
    if intercepts.is_empty() {
        intercepts = vec![0.0; targets];
    }
    made("LinearRegressor", Rule::Linear { coefficients, intercepts, after: After::read(node, false)? })
}

fn tree_classifier(_: &ParsingContext<'_>, node: &NodeProto) -> Read {
    let trees = Trees::read(node, "class", classes(node)?)?;
    let of_two = trees.targets == 2 && trees.used.len() == 1;
    made("TreeEnsembleClassifier", Rule::Trees { after: After::read(node, of_two)?, trees })
}

fn tree_regressor(_: &ParsingContext<'_>, node: &NodeProto) -> Read {
    let trees = Trees::read(node, "target", node.get_attr_opt("n_targets")?.unwrap_or(1))?;
    made("TreeEnsembleRegressor", Rule::Trees { after: After::read(node, false)?, trees })
}

/// An operator before types and shapes are known.
#[derive(Debug, Clone)]
struct Wired(Rows);

impl Expansion for Wired {
    fn name(&self) -> StaticName {
        self.0.name.into()
    }

    fn nboutputs(&self) -> TractResult<usize> {
        Ok(if self.0.classifies { 2 } else { 1 })
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        solver: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        let numbers = &outputs[outputs.len() - 1];
        solver.equals(&numbers.datum_type, &inputs[0].datum_type)?;
        solver.equals(&numbers.rank, &inputs[0].rank)?;
        Ok(())
    }

    fn wire(&self, prefix: &str, model: &mut TypedModel, inputs: &[OutletId]) -> TractResult<TVec<OutletId>> {
        model.wire_node(prefix, self.0.clone(), inputs)
    }
}

impl Op for Rows {
    fn name(&self) -> StaticName {
        self.name.into()
    }

    op_as_typed_op!();
}

impl EvalOp for Rows {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let kind = inputs[0].datum_type();
        let shape = inputs[0].shape().to_vec();
        let columns = shape.last().copied().unwrap_or(1);
        let values = numbers(&*inputs[0].cast_to::<f64>()?)?;
        let mut found = Vec::with_capacity(values.len());
        for row in values.chunks(columns.max(1)) {
            found.extend(self.rule.row(row)?);
        }
        let mut of_numbers = shape.clone();
        if let Some(last) = of_numbers.last_mut() {
            *last = self.rule.width(columns);
        }
        let found = Tensor::from_shape(&of_numbers, &found)?.cast_to_dt(kind)?.into_owned();
        let mut outputs = tvec!();
        if self.classifies {
            outputs.push(Tensor::zero::<i64>(&shape[..1])?.into_tvalue());
        }
        outputs.push(found.into_tvalue());
        Ok(outputs)
    }
}

impl TypedOp for Rows {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let mut shape: TVec<TDim> = inputs[0].shape.iter().cloned().collect();
        let rows = shape.first().cloned().unwrap_or_else(|| 1.to_dim());
        if let Some(last) = shape.last_mut() {
            let columns = last.to_usize()?;
            *last = self.rule.width(columns).to_dim();
        }
        let numbers = inputs[0].datum_type.fact(shape);
        Ok(if self.classifies { tvec!(i64::fact([rows]), numbers) } else { tvec!(numbers) })
    }

    as_op!();
}
