//! The graph of an ONNX file: what of it is needed for one output, and its run on a row.

use std::{collections::HashSet, sync::Arc};

use tract_onnx::{
    pb::{GraphProto, ModelProto, ValueInfoProto, tensor_shape_proto::dimension, type_proto},
    prelude::*,
    tract_hir::internal::{GenericFactoid, ShapeFactoid},
};

use crate::ml;

const FLOAT: i32 = 1;
const DOUBLE: i32 = 11;

/// What to do about some operators that cannot be computed.
const ADVICE: [(&str, &str); 3] = [
    ("ZipMap", "convert the model with `options={\"zipmap\": False}`"),
    ("TreeEnsemble", "convert the model with `target_opset={\"\": 17, \"ai.onnx.ml\": 3}`"),
    ("Cast", "convert the model with inputs of one type, float or double"),
];

/// A graph that can run.
pub struct Graph {
    runs: Arc<TypedRunnableModel>,
    double: bool,
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Graph").field("double", &self.double).finish_non_exhaustive()
    }
}

impl Graph {
    /// Reads a file; `output` is the name of the output that is wanted, and `inputs` the number of columns that the model is to take.
    ///
    /// # Errors
    /// What is not as it must be, or cannot be computed, and what to do about it.
    pub fn read(bytes: &[u8], output: Option<&str>, inputs: usize) -> Result<Self, String> {
        let onnx = ml::with_ml(tract_onnx::onnx()).with_ignore_output_types(true).with_ignore_output_shapes(true);
        let mut bytes = bytes;
        let mut proto = onnx.proto_model_for_read(&mut bytes).map_err(|_| "it is no ONNX file".to_owned())?;
        let graph = proto.graph.as_mut().ok_or("it has no graph")?;
        let output = wanted(graph, output)?;
        keep_needed(graph, &output)?;
        let known = |kind: &str| onnx.op_register.0.contains_key(kind);
        if let Some(node) = graph.node.iter().find(|node| !known(&node.op_type)) {
            return Err(refused(&node.op_type, "is not known here"));
        }
        let double = input(graph, inputs)?;
        let runs = build(&onnx, &proto, double, inputs)?;
        Ok(Self { runs, double })
    }

    /// The numbers of the output for a row.
    ///
    /// # Errors
    /// If it cannot be computed.
    pub fn run(&self, row: &[f64]) -> Result<Vec<f64>, String> {
        let failed = |why: TractError| format!("the model cannot be computed: {why:#}");
        let shape = [1, row.len()];
        let tensor = if self.double {
            Tensor::from_shape(&shape, row)
        } else {
            Tensor::from_shape(&shape, &row.iter().map(|x| *x as f32).collect::<Vec<f32>>())
        };
        let outputs = self.runs.run(tvec!(tensor.map_err(failed)?.into())).map_err(failed)?;
        let numbers = outputs[0].cast_to::<f64>().map_err(failed)?;
        Ok(ml::numbers(&numbers).map_err(failed)?)
    }
}

fn refused(kind: &str, why: &str) -> String {
    let advice = ADVICE.iter().find(|(other, _)| *other == kind).map_or(
        "convert a model without it, or write a plugin in Python around the program that made it".to_owned(),
        |(_, advice)| (*advice).to_owned(),
    );
    format!("its operator `{kind}` {why}; {advice}")
}

fn type_of(value: &ValueInfoProto) -> Option<(i32, Vec<Option<i64>>)> {
    let Some(type_proto::Value::TensorType(tensor)) = value.r#type.as_ref()?.value.as_ref() else { return None };
    let dims = tensor.shape.iter().flat_map(|shape| &shape.dim).map(|dim| match dim.value {
        Some(dimension::Value::DimValue(count)) if count > 0 => Some(count),
        _ => None,
    });
    Some((tensor.elem_type, dims.collect()))
}

/// The name of the output that has the score.
fn wanted(graph: &GraphProto, output: Option<&str>) -> Result<String, String> {
    let names: Vec<&str> = graph.output.iter().map(|output| output.name.as_str()).collect();
    let listed = names.join("`, `");
    if let Some(name) = output {
        return match names.contains(&name) {
            true => Ok(name.to_owned()),
            false => Err(format!("it has no output `{name}`, but `{listed}`")),
        };
    }
    let of_numbers = |value: &&ValueInfoProto| type_of(value).is_some_and(|(kind, _)| [FLOAT, DOUBLE].contains(&kind));
    let numbers: Vec<&ValueInfoProto> = graph.output.iter().filter(of_numbers).collect();
    match numbers.as_slice() {
        [one] => Ok(one.name.clone()),
        [] if graph.node.iter().any(|node| node.op_type == "ZipMap") => Err(refused("ZipMap", "makes tables of words")),
        [] => Err(format!("none of its outputs `{listed}` is of numbers")),
        _ => Err(format!("say by `output` which one has the score: `{listed}`")),
    }
}

/// Leaves nothing in a graph but what an output needs.
fn keep_needed(graph: &mut GraphProto, output: &str) -> Result<(), String> {
    let mut needed: HashSet<String> = [output.to_owned()].into();
    // Nodes come after those whose outputs they take.
    let mut keep = vec![false; graph.node.len()];
    for (at, node) in graph.node.iter().enumerate().rev() {
        if node.output.iter().any(|name| needed.contains(name)) {
            if ml::CLASSIFIERS.contains(&node.op_type.as_str())
                && node.output.first().is_some_and(|name| needed.contains(name))
            {
                return Err(format!(
                    "the output `{output}` needs the name of a class; choose the one of probabilities by `output`"
                ));
            }
            keep[at] = true;
            needed.extend(node.input.iter().cloned());
        }
    }
    let mut keep = keep.into_iter();
    graph.node.retain(|_| keep.next() == Some(true));
    graph.output.retain(|other| other.name == output);
    graph.initializer.retain(|tensor| needed.contains(&tensor.name));
    graph.input.retain(|input| needed.contains(&input.name));
    graph.value_info.clear();
    Ok(())
}

/// Whether the one input, of so many columns, is of doubles.
fn input(graph: &GraphProto, columns: usize) -> Result<bool, String> {
    let given: HashSet<&str> = graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
    let inputs: Vec<&ValueInfoProto> =
        graph.input.iter().filter(|input| !given.contains(input.name.as_str())).collect();
    let [input] = inputs.as_slice() else {
        let names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
        return Err(format!(
            "it has {} inputs ({}), expected one table of numbers; convert the model with one array as its input",
            names.len(),
            names.join(", ")
        ));
    };
    let (kind, dims) = type_of(input).ok_or_else(|| format!("its input `{}` is no table of numbers", input.name))?;
    if ![FLOAT, DOUBLE].contains(&kind) {
        return Err(format!(
            "its input `{}` is neither of floats nor of doubles; convert the model with such an input",
            input.name
        ));
    }
    match dims.as_slice() {
        [_, Some(count)] if *count != columns as i64 => {
            Err(format!("its input `{}` has {count} columns, and the model file has {columns} inputs", input.name))
        }
        [_, _] => Ok(kind == DOUBLE),
        _ => Err(format!("its input `{}` has {} dimensions, expected rows and columns", input.name, dims.len())),
    }
}

fn build(
    onnx: &tract_onnx::Onnx,
    proto: &ModelProto,
    double: bool,
    columns: usize,
) -> Result<Arc<TypedRunnableModel>, String> {
    let failed = |why: TractError| format!("it cannot be computed here: {why:#}");
    let kind = if double { f64::datum_type() } else { f32::datum_type() };
    let fact = InferenceFact::new().with_datum_type(kind).with_shape(ShapeFactoid::closed(tvec!(
        GenericFactoid::Only(1.to_dim()),
        GenericFactoid::Only(columns.to_dim())
    )));
    let model = onnx.parse(proto, None).map_err(failed)?.model;
    let model = model.with_input_fact(0, fact).map_err(failed)?;
    let typed = model.into_typed().map_err(failed)?;
    typed.into_runnable().map_err(failed)
}
