//! Reading a type out of a JSON value, with the path of what does not fit.
//!
//! The path is put together only where there is a misfit, on the way back up. A wrapper around
//! another deserializer would be compiled once more for every type: the checker's module was half
//! as large again with one.

use std::fmt;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, Expected, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::{Map, Value, map};

use crate::problem::{Path, Problem};

/// The `T` that `value` is.
pub(super) fn read<'v, T: Deserialize<'v>>(value: &'v Value) -> Result<T, Misfit> {
    T::deserialize(At(value))
}

/// What does not fit and where: the steps to it, innermost first.
#[derive(Debug)]
pub(super) struct Misfit(Box<(Vec<Step>, String)>);

#[derive(Debug)]
enum Step {
    Key(String),
    Item(usize),
}

impl Misfit {
    fn new(message: String) -> Self {
        Self(Box::new((Vec::new(), message)))
    }

    fn at_key(mut self, key: &str) -> Self {
        self.0.0.push(Step::Key(key.to_owned()));
        self
    }

    fn at_item(mut self, item: usize) -> Self {
        self.0.0.push(Step::Item(item));
        self
    }

    /// The problem that it is in the value at `path`.
    pub(super) fn below(self, path: &Path<'_>) -> Problem {
        let (steps, message) = *self.0;
        let mut rendered = path.to_string();
        for step in steps.iter().rev() {
            let step = match step {
                Step::Key(key) => Path::ROOT.key(key).to_string(),
                Step::Item(item) => Path::ROOT.item(*item).to_string(),
            };
            rendered.push_str(step.strip_prefix('$').unwrap_or(&step));
        }
        Problem { path: rendered, message }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.1)
    }
}

impl std::error::Error for Misfit {}

impl Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("invalid type: {}, expected {expected}", name(&found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("invalid value: {}, expected {expected}", name(&found)))
    }
}

/// What was found, in words that need no formatting of fractions.
fn name(found: &Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => format!("boolean `{value}`"),
        Unexpected::Unsigned(value) => format!("integer `{value}`"),
        Unexpected::Signed(value) => format!("integer `{value}`"),
        Unexpected::Float(_) => "a number with a fraction".to_owned(),
        Unexpected::Str(value) => format!("string \"{value}\""),
        Unexpected::Unit | Unexpected::Option => "null".to_owned(),
        Unexpected::Seq => "an array".to_owned(),
        Unexpected::Map => "an object".to_owned(),
        Unexpected::Other(other) => (*other).to_owned(),
        _ => "something else".to_owned(),
    }
}

/// A deserializer of one value.
#[derive(Clone, Copy)]
struct At<'v>(&'v Value);

impl At<'_> {
    fn misfit(self, expected: &dyn Expected) -> Misfit {
        let found = match self.0 {
            Value::Null => Unexpected::Unit,
            Value::Bool(value) => Unexpected::Bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => Unexpected::Unsigned(number),
                (None, Some(number)) => Unexpected::Signed(number),
                (None, None) => Unexpected::Float(0.0),
            },
            Value::String(text) => Unexpected::Str(text),
            Value::Array(_) => Unexpected::Seq,
            Value::Object(_) => Unexpected::Map,
        };
        Misfit::invalid_type(found, expected)
    }
}

impl<'de> Deserializer<'de> for At<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (.., Some(number)) => visitor.visit_f64(number),
                _ => Err(self.misfit(&visitor)),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => visitor.visit_seq(Items { items, next: 0 }),
            Value::Object(entries) => visitor.visit_map(Entries::of(entries)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    // One way each: what a visitor could also take, such as an array for a struct, is not compiled.

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_map(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Object(entries) => visitor.visit_map(Entries::of(entries)),
            _ => Err(self.misfit(&visitor)),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(Items { items, next: 0 }),
            _ => Err(self.misfit(&visitor)),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::String(text) => visitor.visit_borrowed_str(text),
            _ => Err(self.misfit(&visitor)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let variant = match self.0 {
            Value::String(name) => Variant { name, value: None },
            Value::Object(entries) if entries.len() == 1 => match entries.iter().next() {
                Some((name, value)) => Variant { name, value: Some(value) },
                None => return Err(self.misfit(&visitor)),
            },
            Value::Object(_) => {
                let expected = (&visitor as &dyn Expected).to_string();
                // What has no words of its own is called by its name in the code.
                let form =
                    if expected.starts_with("enum ") { String::new() } else { format!(": write {expected}") };
                return Err(Misfit::new(format!("an object here has one key alone{form}")));
            }
            _ => return Err(self.misfit(&visitor)),
        };
        visitor.visit_enum(variant)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct
        identifier ignored_any
    }
}

struct Items<'v> {
    items: &'v [Value],
    next: usize,
}

impl<'v> SeqAccess<'v> for Items<'v> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'v>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let Some(item) = self.items.get(self.next) else { return Ok(None) };
        let place = self.next;
        self.next += 1;
        seed.deserialize(At(item)).map(Some).map_err(|misfit| misfit.at_item(place))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len().saturating_sub(self.next))
    }
}

struct Entries<'v> {
    entries: map::Iter<'v>,
    open: Option<(&'v str, &'v Value)>,
}

impl<'v> Entries<'v> {
    fn of(entries: &'v Map<String, Value>) -> Self {
        Self { entries: entries.iter(), open: None }
    }
}

impl<'v> MapAccess<'v> for Entries<'v> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'v>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.open = Some((key, value));
        seed.deserialize(BorrowedStrDeserializer::new(key))
            .map(Some)
            .map_err(|misfit: Misfit| misfit.at_key(key))
    }

    fn next_value_seed<V: DeserializeSeed<'v>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let Some((key, value)) = self.open.take() else {
            return Err(Misfit::new("a value without its key".to_owned()));
        };
        seed.deserialize(At(value)).map_err(|misfit| misfit.at_key(key))
    }
}

struct Variant<'v> {
    name: &'v str,
    value: Option<&'v Value>,
}

impl<'v> EnumAccess<'v> for Variant<'v> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'v>>(self, seed: V) -> Result<(V::Value, Self), Misfit> {
        let variant = seed.deserialize(BorrowedStrDeserializer::new(self.name));
        variant.map(|variant| (variant, self))
    }
}

impl<'v> Variant<'v> {
    fn content(&self) -> Result<At<'v>, Misfit> {
        self.value
            .map(At)
            .ok_or_else(|| Misfit::new(format!("`{}` says more: write it as an object", self.name)))
    }
}

impl<'v> VariantAccess<'v> for Variant<'v> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        match self.value {
            None | Some(Value::Null) => Ok(()),
            Some(_) => Err(Misfit::new(format!("`{}` says nothing more: write it as a string", self.name))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'v>>(self, seed: T) -> Result<T::Value, Misfit> {
        let name = self.name;
        self.content().and_then(|content| seed.deserialize(content)).map_err(|misfit| misfit.at_key(name))
    }

    fn tuple_variant<V: Visitor<'v>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        let name = self.name;
        self.content()
            .and_then(|content| content.deserialize_any(visitor))
            .map_err(|misfit| misfit.at_key(name))
    }

    fn struct_variant<V: Visitor<'v>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let name = self.name;
        self.content()
            .and_then(|content| content.deserialize_map(visitor))
            .map_err(|misfit| misfit.at_key(name))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case", deny_unknown_fields)]
    struct Thing {
        name: Option<String>,
        #[serde(default)]
        parts: Vec<Part>,
        #[serde(default)]
        counts: BTreeMap<String, u8>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Part {
        Empty,
        One(i64),
        Two { left: bool },
        Of(Whom),
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case", expecting = "`{\"one\": \"ID\"}` or `\"all\"`")]
    enum Whom {
        One(String),
        All,
    }

    fn misfit(text: &str) -> String {
        let value: Value = serde_json::from_str(text).unwrap();
        read::<Thing>(&value).unwrap_err().below(&Path::ROOT).to_string()
    }

    #[test]
    fn every_shape_is_read() {
        let value = serde_json::json!({
            "name": null, "parts": ["empty", { "one": -1 }, { "two": { "left": true } }], "counts": { "a.b": 255 }
        });
        let thing = read::<Thing>(&value).unwrap();
        assert_eq!(thing.parts, [Part::Empty, Part::One(-1), Part::Two { left: true }]);
        assert_eq!(thing.counts.get("a.b"), Some(&255));
        assert_eq!(thing.name, None);
    }

    #[test]
    fn what_does_not_fit_is_named_with_its_path() {
        for (text, path, word) in [
            (r#"[]"#, "$:", "an array"),
            (r#"{"nmae":"x"}"#, "$.nmae:", "unknown field"),
            (r#"{"name":1}"#, "$.name:", "integer `1`, expected a string"),
            (r#"{"parts":["empty","tow"]}"#, "$.parts[1]:", "unknown variant"),
            (r#"{"parts":[{"two":{"left":1}}]}"#, "$.parts[0].two.left:", "expected a boolean"),
            (r#"{"parts":[{"one":1.5}]}"#, "$.parts[0].one:", "a number with a fraction"),
            (r#"{"parts":["one"]}"#, "$.parts[0].one:", "says more"),
            (r#"{"parts":[{"empty":1}]}"#, "$.parts[0]:", "says nothing more"),
            (r#"{"parts":[{"empty":null,"one":1}]}"#, "$.parts[0]:", "one key alone"),
            (
                r#"{"parts":[{"of":{"kind":"one","id":"a"}}]}"#,
                "$.parts[0].of:",
                "write `{\"one\": \"ID\"}` or `\"all\"`",
            ),
            (r#"{"parts":[{"of":1}]}"#, "$.parts[0].of:", "expected `{\"one\": \"ID\"}` or `\"all\"`"),
            (r#"{"counts":{"a.b":256}}"#, "$.counts[\"a.b\"]:", "integer `256`"),
        ] {
            let misfit = misfit(text);
            assert!(misfit.starts_with(path) && misfit.contains(word), "{text}: {misfit}");
        }
    }
}
