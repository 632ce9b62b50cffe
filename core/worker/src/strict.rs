//! JSON that can be read in one way only.

use std::fmt;

use serde_json::{Map, Value as Json};

/// JSON in which no key is given twice: whoever reads it otherwise would take one of them without a word.
///
/// # Errors
/// What is not sound in it.
pub fn read(text: &[u8]) -> serde_json::Result<Json> {
    struct Strict(Json);
    impl<'de> serde::Deserialize<'de> for Strict {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(Visitor).map(Self)
        }
    }
    struct Visitor;
    impl<'de> serde::de::Visitor<'de> for Visitor {
        type Value = Json;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("JSON")
        }
        fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
            Ok(value.into())
        }
        fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
            Ok(value.into())
        }
        fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
            Ok(value.into())
        }
        fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
            Ok(value.into())
        }
        fn visit_str<E>(self, value: &str) -> Result<Json, E> {
            Ok(value.into())
        }
        fn visit_unit<E>(self) -> Result<Json, E> {
            Ok(Json::Null)
        }
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
            let mut made = Vec::new();
            while let Some(Strict(value)) = list.next_element()? {
                made.push(value);
            }
            Ok(made.into())
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
            let mut made = Map::new();
            while let Some((key, Strict(value))) = map.next_entry::<String, Strict>()? {
                if made.insert(key.clone(), value).is_some() {
                    return Err(serde::de::Error::custom(format!("the key `{key}` is given twice")));
                }
            }
            Ok(made.into())
        }
    }
    serde_json::from_slice::<Strict>(text).map(|Strict(value)| value)
}
