//! YAML as a tree in which every key and value knows its line.

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};

/// A value and its line, from 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub line: usize,
    pub value: Value,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Flag(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub key: String,
    pub line: usize,
    pub node: Node,
}

impl Node {
    pub fn number(&self) -> Option<f64> {
        match self.value {
            Value::Integer(i) => Some(i as f64),
            Value::Number(x) if x.is_finite() => Some(x),
            _ => None,
        }
    }

    /// A list of numbers; one alone counts as a list of one.
    pub fn numbers(&self) -> Option<Vec<f64>> {
        match &self.value {
            Value::List(list) => list.iter().map(Self::number).collect(),
            _ => self.number().map(|one| vec![one]),
        }
    }

    /// The value as JSON; what JSON cannot write is null.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Flag(flag) => (*flag).into(),
            Value::Integer(i) => (*i).into(),
            Value::Number(x) => (*x).into(),
            Value::Text(text) => text.as_str().into(),
            Value::List(list) => list.iter().map(Self::to_json).collect(),
            Value::Map(entries) => entries.iter().map(|entry| (entry.key.clone(), entry.node.to_json())).collect(),
        }
    }

    pub fn flag(&self) -> Option<bool> {
        match self.value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value as it might stand in a file, for messages.
    pub fn shown(&self) -> String {
        match &self.value {
            Value::Null => "nothing".into(),
            Value::Flag(flag) => flag.to_string(),
            Value::Integer(i) => i.to_string(),
            Value::Number(x) => x.to_string(),
            Value::Text(text) => text.clone(),
            Value::List(list) => format!("[{}]", list.iter().map(Self::shown).collect::<Vec<_>>().join(", ")),
            Value::Map(_) => "a map".into(),
        }
    }
}

/// Reads one document; an empty file is null.
///
/// # Errors
/// The line, and what is wrong there.
pub fn parse(text: &str) -> Result<Node, (usize, String)> {
    let documents =
        MarkedYaml::load_from_str(text).map_err(|wrong| (wrong.marker().line(), wrong.info().to_owned()))?;
    match documents.as_slice() {
        [] => Ok(Node { line: 1, value: Value::Null }),
        [document] => convert(document),
        [_, second, ..] => Err((second.span.start.line(), "a second document begins; only one is expected".into())),
    }
}

fn convert(yaml: &MarkedYaml<'_>) -> Result<Node, (usize, String)> {
    let line = yaml.span.start.line();
    let value = match &yaml.data {
        YamlData::Value(scalar) => match scalar {
            Scalar::Null => Value::Null,
            Scalar::Boolean(flag) => Value::Flag(*flag),
            Scalar::Integer(i) => Value::Integer(*i),
            Scalar::FloatingPoint(x) => Value::Number(x.into_inner()),
            Scalar::String(text) => Value::Text(text.to_string()),
        },
        YamlData::Sequence(list) => Value::List(list.iter().map(convert).collect::<Result<_, _>>()?),
        YamlData::Mapping(map) => {
            let entry = |(key, node): (&MarkedYaml<'_>, &MarkedYaml<'_>)| -> Result<Entry, (usize, String)> {
                let line = key.span.start.line();
                Ok(Entry { key: convert(key)?.shown(), line, node: convert(node)? })
            };
            Value::Map(map.iter().map(entry).collect::<Result<_, _>>()?)
        }
        YamlData::Tagged(_, node) => return convert(node),
        YamlData::Representation(text, ..) => Value::Text(text.to_string()),
        YamlData::Alias(_) | YamlData::BadValue => return Err((line, "a value that cannot be read".into())),
    };
    Ok(Node { line, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_types() {
        let node = parse("a: 1\nb:\n  - 2.5\n  - x\nc:\n  d: true\n  e:\n").expect("it is YAML");
        let Value::Map(entries) = node.value else { panic!("a map") };
        let lines: Vec<(&str, usize)> = entries.iter().map(|entry| (entry.key.as_str(), entry.line)).collect();
        assert_eq!(lines, [("a", 1), ("b", 2), ("c", 5)]);
        assert_eq!(entries[1].node.shown(), "[2.5, x]");
        let Value::Map(inner) = &entries[2].node.value else { panic!("a map") };
        assert_eq!((inner[0].line, inner[0].node.flag()), (6, Some(true)));
        assert_eq!((inner[1].line, &inner[1].node.value), (7, &Value::Null));
    }

    #[test]
    fn errors_name_their_line() {
        assert_eq!(parse("a: 1\nb: [1, 2\nc: 3\n").map_err(|(line, _)| line >= 2), Err(true));
        assert_eq!(parse("a: 1\na: 2\n").map_err(|(line, _)| line), Err(2));
        assert_eq!(parse("").map(|node| node.value), Ok(Value::Null));
    }
}
