//! Reading JSON strictly: a duplicate key, an unknown field or trailing text is an error.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::named::Named;
use crate::problem::{Path, Problem, Problems};

mod shape;

/// Parses `text`, refusing duplicate keys at any depth. `O(text)`.
///
/// # Errors
/// The syntax error with its line and column, or every duplicate key with its path.
pub fn parse(text: &str) -> Result<Value, Vec<Problem>> {
    let mut problems = Problems::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict { path: &Path::ROOT, problems: &mut problems }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    match value {
        Ok(value) => problems.into_result(value),
        Err(error) => {
            let wrong = match error.is_eof() {
                true if text.trim().is_empty() => "this is empty: JSON is expected".to_owned(),
                true => {
                    format!("not valid JSON: it ends early, in line {}: close what stands open", error.line())
                }
                false => format!("not valid JSON: {error}"),
            };
            problems.add(&Path::ROOT, wrong);
            problems.into_result(Value::Null)
        }
    }
}

/// Reads a document of type `T`.
///
/// # Errors
/// As [`parse`]; else the first place where the value does not have the shape of `T`.
pub fn decode<T: DeserializeOwned>(text: &str) -> Result<T, Vec<Problem>> {
    let value = parse(text)?;
    let mut problems = Problems::default();
    match shape(&value, &Path::ROOT, &mut problems) {
        Some(document) => Ok(document),
        None => problems.into_result(None::<T>).and_then(|_| Err(Vec::new())),
    }
}

/// Reads a type out of a value that was parsed elsewhere.
///
/// # Errors
/// The first place where the value does not have the shape of `T`.
pub fn read<T: DeserializeOwned>(value: &Value) -> Result<T, Problem> {
    shape::read(value).map_err(|misfit| misfit.below(&Path::ROOT))
}

/// The document of type `T` in `value`, or `None` and a problem.
pub(crate) fn shape<T: DeserializeOwned>(
    value: &Value,
    path: &Path<'_>,
    problems: &mut Problems,
) -> Option<T> {
    match shape::read(value) {
        Ok(document) => Some(document),
        Err(misfit) => {
            problems.extend(vec![misfit.below(path)]);
            None
        }
    }
}

/// A map that refuses a key that stands twice, wherever the text was parsed.
///
/// # Errors
/// The key that stands twice.
pub(crate) fn unique<'de, D, V>(deserializer: D) -> Result<BTreeMap<String, V>, D::Error>
where
    D: Deserializer<'de>,
    V: Deserialize<'de>,
{
    struct Unique<V>(PhantomData<V>);

    impl<'de, V: Deserialize<'de>> Visitor<'de> for Unique<V> {
        type Value = BTreeMap<String, V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some((key, value)) = entries.next_entry::<String, V>()? {
                if map.contains_key(&key) {
                    return Err(A::Error::custom(format!("the key `{key}` stands here twice: keep one")));
                }
                map.insert(key, value);
            }
            Ok(map)
        }
    }

    deserializer.deserialize_map(Unique(PhantomData))
}

/// As [`unique`], for what a checker holds too.
///
/// # Errors
/// The key that stands twice.
pub(crate) fn unique_named<'de, D, V>(deserializer: D) -> Result<Named<V>, D::Error>
where
    D: Deserializer<'de>,
    V: Deserialize<'de>,
{
    unique(deserializer).map(Named::from)
}

struct Strict<'p, 'q> {
    path: &'p Path<'p>,
    problems: &'q mut Problems,
}

impl<'de> DeserializeSeed<'de> for Strict<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        loop {
            let path = self.path.item(array.len());
            match items.next_element_seed(Strict { path: &path, problems: self.problems })? {
                Some(item) => array.push(item),
                None => return Ok(Value::Array(array)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let path = self.path.key(&key);
            let value = entries.next_value_seed(Strict { path: &path, problems: self.problems })?;
            if object.contains_key(&key) {
                self.problems.add(&path, format!("the key `{key}` stands here twice: keep one"));
            } else {
                object.insert(key, value);
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        parse(text).err().unwrap_or_default().into_iter().map(|problem| problem.path).collect()
    }

    #[test]
    fn every_duplicate_key_is_named_with_its_path() {
        assert_eq!(
            paths(r#"{"a":{"reports.run":1,"reports.run":2},"b":[{"c":1,"c":1}]}"#),
            [r#"$.a["reports.run"]"#, "$.b[0].c"]
        );
    }

    #[test]
    fn text_after_the_document_is_an_error() {
        assert_eq!(paths("{} x"), ["$"]);
    }

    #[test]
    fn what_ends_early_says_where() {
        let wrong = |text: &str| parse(text).unwrap_err().remove(0).message;
        assert_eq!(wrong(" \n"), "this is empty: JSON is expected");
        assert_eq!(wrong("{\n\"a\": ["), "not valid JSON: it ends early, in line 2: close what stands open");
    }

    #[test]
    fn a_wrong_shape_is_named_with_its_path() {
        let problems = decode::<Vec<crate::stamp::Stamp>>(r#"[{"epoch":0,"revision":"x"}]"#);
        let problems = problems.unwrap_err();
        assert_eq!(problems[0].path, "$[0].revision");
    }
}
