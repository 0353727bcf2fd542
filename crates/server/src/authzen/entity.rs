//! Entities, as they are sent: subject, action and resource, and the properties of each. What is not known
//! is passed over, as the specification asks (section 10.1); what is known has its type.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use rolewright_model::condition::{Attributes, MOST_SAID, Number, Value};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A text, where it can be without a copy.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// A subject or a resource.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = authzen::Entity)]
pub struct Entity<'a> {
    /// What it is: of a subject `user`; of a resource a type of the catalogue, `tenant`, or `collection`.
    #[serde(borrow, default, rename = "type")]
    #[schema(value_type = String)]
    pub kind: Option<Text<'a>>,
    /// Which: of a user the id or the email; of a resource its path, or the one id in it.
    #[serde(borrow, default)]
    #[schema(value_type = Option<String>)]
    pub id: Option<Text<'a>>,
    /// What conditions read of it.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub properties: Properties,
}

/// What would be done.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = authzen::Action)]
pub struct Action<'a> {
    /// The id of a permission or of an operation.
    #[serde(borrow, default)]
    #[schema(value_type = String)]
    pub name: Option<Text<'a>>,
    /// What conditions read of it; `level` is the level that is asked for, and `resources` names an
    /// operation's other resources.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub properties: Properties,
}

/// What is an object, and not the list of its fields, which a derived reader would take too.
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReadObject(PhantomData))
    }
}

struct ReadObject<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ReadObject<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

/// Reads an object, or none where it is `null`.
pub(super) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Ok(Option::<Object<T>>::deserialize(deserializer)?.map(|object| object.0))
}

impl<'a> Entity<'a> {
    /// The same, of that type or id where it says none itself.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        self.kind = self.kind.or_else(|| other.kind.clone());
        self.id = self.id.or_else(|| other.id.clone());
        self
    }
}

impl Text<'_> {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Properties as the attributes that conditions read: `{"device": {"managed": true}}` is `device.managed`.
/// What no attribute can be, such as `null` or a list of lists, is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties(pub Attributes);

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReadProperties)
    }
}

struct ReadProperties;

impl<'de> Visitor<'de> for ReadProperties {
    type Value = Properties;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E>(self) -> Result<Properties, E> {
        Ok(Properties::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Properties, A::Error> {
        let mut attributes = Attributes::new();
        ReadProperty { name: String::new(), into: &mut attributes }.visit_map(map)?;
        Ok(Properties(attributes))
    }
}

/// Reads one property, or all of an object's, into attributes.
struct ReadProperty<'p> {
    /// The path so far.
    name: String,
    into: &'p mut Attributes,
}

impl ReadProperty<'_> {
    fn put<E: Error>(self, value: Value) -> Result<(), E> {
        if self.into.len() >= MOST_SAID {
            return Err(E::custom(format!("an entity has {MOST_SAID} properties at most")));
        }
        if self.into.contains_key(&self.name) {
            let name = self.name.escape_debug();
            return Err(E::custom(format!("the property `{name}` stands here twice")));
        }
        self.into.insert(self.name, value);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for ReadProperty<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ReadProperty<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.put(Value::Boolean(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "a number is what JavaScript has")]
    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.visit_f64(value as f64)
    }

    #[expect(clippy::cast_precision_loss, reason = "a number is what JavaScript has")]
    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.visit_f64(value as f64)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        Number::new(value).map_or(Ok(()), |number| self.put(Value::Number(number)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.put(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let (mut list, mut is_plain) = (Vec::new(), true);
        while let Some(item) = items.next_element::<Item>()? {
            match item.0 {
                Some(value) => list.push(value),
                None => is_plain = false,
            }
        }
        if is_plain { self.put(Value::List(list)) } else { Ok(()) }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'de>>()? {
            let name = match self.name.as_str() {
                "" => key.0.into_owned(),
                name => [name, ".", key.as_str()].concat(),
            };
            map.next_value_seed(ReadProperty { name, into: self.into })?;
        }
        Ok(())
    }
}

/// An item of a list: a text, a number or a boolean, or none of these.
struct Item(Option<Value>);

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReadItem)
    }
}

struct ReadItem;

impl<'de> Visitor<'de> for ReadItem {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Item, E> {
        Ok(Item(None))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Item, E> {
        Ok(Item(Some(Value::Boolean(value))))
    }

    #[expect(clippy::cast_precision_loss, reason = "a number is what JavaScript has")]
    fn visit_i64<E: Error>(self, value: i64) -> Result<Item, E> {
        self.visit_f64(value as f64)
    }

    #[expect(clippy::cast_precision_loss, reason = "a number is what JavaScript has")]
    fn visit_u64<E: Error>(self, value: u64) -> Result<Item, E> {
        self.visit_f64(value as f64)
    }

    fn visit_f64<E>(self, value: f64) -> Result<Item, E> {
        Ok(Item(Number::new(value).map(Value::Number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Item, E> {
        Ok(Item(Some(Value::Text(value.to_owned()))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Item, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Item(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Item(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        let properties: Result<Properties, _> = serde_json::from_str(text);
        properties.map(|it| serde_json::to_string(&it.0).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn properties_are_attributes_and_what_cannot_be_one_is_missing() {
        for (sent, read_as) in [
            (r#"{}"#, "{}"),
            ("null", "{}"),
            (r#"{"b":1,"a":"x"}"#, r#"{"a":"x","b":1}"#),
            (
                r#"{"device":{"managed":true,"os":{"name":"x"}}}"#,
                r#"{"device.managed":true,"device.os.name":"x"}"#,
            ),
            (r#"{"tags":["a",1,true]}"#, r#"{"tags":["a",1,true]}"#),
            (r#"{"a":null,"b":[["x"]],"c":["x",{"y":1}],"d":[null]}"#, "{}"),
            (r#"{"a\n":"\u00e4"}"#, r#"{"a\n":"ä"}"#),
        ] {
            assert_eq!(read(sent).as_deref(), Ok(read_as), "{sent}");
        }
        for (sent, why) in [
            (r#"{"a":1,"a":1}"#, "the property `a` stands here twice"),
            (r#"{"a.b":1,"a":{"b":2}}"#, "the property `a.b` stands here twice"),
            ("[]", "expected an object"),
            (r#""x""#, "expected an object"),
        ] {
            assert!(read(sent).unwrap_err().contains(why), "{sent}");
        }
        let many: Vec<String> = (0..=MOST_SAID).map(|n| format!("\"p{n}\":1")).collect();
        assert!(read(&format!("{{{}}}", many.join(","))).unwrap_err().contains("at most"));
    }
}
