//! Tables of which some keys are those of every model and the others a model's own.

use std::marker::PhantomData;

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, Error as _, MapAccess, Visitor,
        value::{MapAccessDeserializer, StringDeserializer},
    },
};

/// What a table says in every model.
pub trait Common: Sized {
    /// What of it has been read.
    type Partial: Default;

    /// The names of the keys.
    const KEYS: &'static [&'static str];

    /// Reads the value of one of them.
    ///
    /// # Errors
    /// If it is not what the key takes.
    fn read<'de, M: MapAccess<'de>>(partial: &mut Self::Partial, key: &str, map: &mut M) -> Result<(), M::Error>;

    /// All of it.
    ///
    /// # Errors
    /// A key that must be there and was not.
    fn whole(partial: Self::Partial) -> Result<Self, &'static str>;
}

/// A table: what it says in every model, and what this model says beside that.
///
/// Serde's `flatten` would do, but that it neither refuses unknown keys nor knows the place of a mistake.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts<C, O> {
    /// What every model says.
    pub common: C,
    /// What this model says.
    pub own: O,
}

impl<'de, C: Common, O: Deserialize<'de>> Deserialize<'de> for Parts<C, O> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reads(PhantomData))
    }
}

struct Reads<C, O>(PhantomData<(C, O)>);

impl<'de, C: Common, O: Deserialize<'de>> Visitor<'de> for Reads<C, O> {
    type Value = Parts<C, O>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a table")
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Self::Value, M::Error> {
        let mut partial = C::Partial::default();
        let own = O::deserialize(MapAccessDeserializer::new(Own::<M, C> { map, partial: &mut partial }))?;
        Ok(Parts { common: C::whole(partial).map_err(M::Error::missing_field)?, own })
    }
}

/// The model's own keys of a table; the common ones are read on the way to them.
struct Own<'a, M, C: Common> {
    map: M,
    partial: &'a mut C::Partial,
}

impl<'de, M: MapAccess<'de>, C: Common> MapAccess<'de> for Own<'_, M, C> {
    type Error = M::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, mut seed: K) -> Result<Option<K::Value>, M::Error> {
        loop {
            seed = match self.map.next_key_seed(Key { seed, common: PhantomData::<C> })? {
                None => return Ok(None),
                Some(Found::Own(key)) => return Ok(Some(key)),
                Some(Found::Common(key, seed)) => {
                    C::read(self.partial, key, &mut self.map)?;
                    seed
                }
            };
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, M::Error> {
        self.map.next_value_seed(seed)
    }
}

struct Key<K, C> {
    seed: K,
    common: PhantomData<C>,
}

enum Found<K, V> {
    Common(&'static str, K),
    Own(V),
}

impl<'de, K: DeserializeSeed<'de>, C: Common> DeserializeSeed<'de> for Key<K, C> {
    type Value = Found<K, K::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let name = String::deserialize(deserializer)?;
        if let Some(key) = C::KEYS.iter().find(|key| **key == name) {
            return Ok(Found::Common(key, self.seed));
        }
        // Here, where the place of the key is still known, and with the keys that serde does not know of.
        let unknown = |own: D::Error| {
            let common = C::KEYS.join("`, `");
            D::Error::custom(format!("{}, or one of `{common}`", own.to_string().trim_end()))
        };
        self.seed.deserialize(StringDeserializer::new(name)).map(Found::Own).map_err(unknown)
    }
}
