//! What a plugin answers, in a form that can be compared.

/// A part of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number.
    Number(f64),
    /// Why there is none.
    Undefined(String),
    /// Numbers, one for each voxel.
    Map(Vec<f64>),
    /// Bytes, labels or text.
    Bytes(Vec<u8>),
}

/// An answer: its parts by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer(pub Vec<(String, Value)>);

/// How closely two answers must agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Likeness {
    /// In every bit.
    Bits,
    /// Up to this share of the larger number; of a map, of its largest number.
    Nearly(f64),
}

impl Likeness {
    fn holds(self, a: f64, b: f64, scale: f64) -> bool {
        match self {
            Self::Bits => a.to_bits() == b.to_bits(),
            Self::Nearly(share) => a == b || (a - b).abs() <= share * scale || (a.is_nan() && b.is_nan()),
        }
    }
}

impl Answer {
    /// How many numbers it has that are defined.
    pub fn numbers(&self) -> usize {
        self.0.iter().filter(|(_, value)| matches!(value, Value::Number(_))).count()
    }

    /// How many parts say why they have no value.
    pub fn undefined(&self) -> usize {
        self.0.iter().filter(|(_, value)| matches!(value, Value::Undefined(_))).count()
    }

    /// A part by its name.
    pub fn part(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The first part in which another answer differs, in words: what this one has, and what the other.
    pub fn difference(&self, other: &Self, likeness: Likeness) -> Option<String> {
        if self.0.len() != other.0.len() {
            return Some(format!("it has {} parts and then {}", self.0.len(), other.0.len()));
        }
        self.0.iter().zip(&other.0).find_map(|((name, a), (_, b))| differs(name, a, b, likeness))
    }
}

fn differs(name: &str, a: &Value, b: &Value, likeness: Likeness) -> Option<String> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            let same = likeness.holds(*a, *b, a.abs().max(b.abs()));
            (!same).then(|| format!("`{name}` is {a:?} and then {b:?}"))
        }
        (Value::Map(a), Value::Map(b)) if a.len() == b.len() => {
            let scale = a.iter().chain(b).filter(|x| x.is_finite()).fold(0.0_f64, |most, x| most.max(x.abs()));
            let at = a.iter().zip(b).position(|(a, b)| !likeness.holds(*a, *b, scale))?;
            Some(format!("`{name}` has {:?} at voxel {at} and then {:?}", a[at], b[at]))
        }
        (a, b) if a == b => None,
        (Value::Number(a), Value::Undefined(why)) => Some(format!("`{name}` is {a:?} and then undefined ({why})")),
        (Value::Undefined(why), Value::Number(b)) => Some(format!("`{name}` is undefined ({why}) and then {b:?}")),
        (Value::Undefined(a), Value::Undefined(b)) => {
            (likeness == Likeness::Bits).then(|| format!("`{name}` is undefined for two reasons: {a}; {b}"))
        }
        _ => Some(format!("`{name}` is another one")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(value: Value) -> Answer {
        Answer(vec![("x".into(), value)])
    }

    #[test]
    fn answers_differ_by_bits_or_by_more_than_a_share() {
        let (one, next) = (answer(Value::Number(1.0)), answer(Value::Number(1.0 + f64::EPSILON)));
        assert_eq!(one.difference(&one, Likeness::Bits), None);
        assert!(one.difference(&next, Likeness::Bits).expect("a bit").starts_with("`x` is 1.0 and then 1.0000"));
        assert_eq!(one.difference(&next, Likeness::Nearly(1e-9)), None);
        let (zero, minus) = (answer(Value::Number(0.0)), answer(Value::Number(-0.0)));
        assert!(
            zero.difference(&minus, Likeness::Bits).is_some()
                && zero.difference(&minus, Likeness::Nearly(0.0)).is_none()
        );
        let (a, b) = (answer(Value::Map(vec![1.0, 2.0])), answer(Value::Map(vec![1.0, 2.5])));
        assert_eq!(a.difference(&b, Likeness::Nearly(0.1)), Some("`x` has 2.0 at voxel 1 and then 2.5".into()));
        let why = answer(Value::Undefined("flat".into()));
        assert_eq!(one.difference(&why, Likeness::Bits), Some("`x` is 1.0 and then undefined (flat)".into()));
    }
}
