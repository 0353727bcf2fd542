//! What is known by name, in the order of names: short sorted lists where trees would be, as in
//! [`sorted`](crate::sorted).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::sorted;

/// Values by name. To look one up is `O(log)`; to enter or remove one moves what stands after it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Named<V>(Vec<(String, V)>);

impl<V> Default for Named<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V> Named<V> {
    /// Nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }

    /// The value of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&V> {
        let place = self.place(name).ok()?;
        self.0.get(place).map(|(_, value)| value)
    }

    /// Whether there is a value of that name.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.place(name).is_ok()
    }

    /// Enters a value, in the place of the one of that name, which is answered.
    pub fn insert(&mut self, name: String, value: V) -> Option<V> {
        // Most come in order.
        let is_last = self.0.last().is_none_or(|(last, _)| *last < name);
        let place = if is_last { Err(self.0.len()) } else { self.place(&name) };
        match place {
            Ok(place) => self.0.get_mut(place).map(|(_, known)| std::mem::replace(known, value)),
            Err(place) => {
                self.0.insert(place, (name, value));
                None
            }
        }
    }

    /// Takes the value of that name away.
    pub fn remove(&mut self, name: &str) -> Option<V> {
        self.place(name).ok().map(|place| self.0.remove(place).1)
    }

    /// Keeps those for which `is` holds.
    pub fn retain(&mut self, mut is: impl FnMut(&str, &V) -> bool) {
        self.0.retain(|(name, value)| is(name, value));
    }

    /// Every name with its value, in order.
    pub fn iter(&self) -> Iter<'_, V> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The names, in order.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.iter().map(|(name, _)| name)
    }

    /// The values, in the order of their names.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }
}

/// What [`Named::iter`] goes through.
pub(crate) type Iter<'n, V> =
    std::iter::Map<std::slice::Iter<'n, (String, V)>, fn(&'n (String, V)) -> (&'n String, &'n V)>;

impl<'n, V> IntoIterator for &'n Named<V> {
    type Item = (&'n String, &'n V);
    type IntoIter = Iter<'n, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<V> IntoIterator for Named<V> {
    type Item = (String, V);
    type IntoIter = std::vec::IntoIter<(String, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<V> From<BTreeMap<String, V>> for Named<V> {
    fn from(values: BTreeMap<String, V>) -> Self {
        Self(values.into_iter().collect())
    }
}

/// Of two values of one name the later counts. `O(n log n)`.
impl<V> FromIterator<(String, V)> for Named<V> {
    fn from_iter<I: IntoIterator<Item = (String, V)>>(values: I) -> Self {
        values.into_iter().collect::<BTreeMap<_, _>>().into()
    }
}

impl<V: Serialize> Serialize for Named<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Named<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Self::from)
    }
}

/// Names, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameSet(Vec<String>);

impl NameSet {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|known| known.as_str().cmp(name))
    }

    /// Whether a name is one of them.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.place(name).is_ok()
    }

    /// Enters a name. Whether it was not there.
    pub fn insert(&mut self, name: String) -> bool {
        sorted::insert(&mut self.0, name)
    }

    /// Takes a name away. Whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        self.place(name).map(|place| self.0.remove(place)).is_ok()
    }

    /// Takes every name away.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The names, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, String> {
        self.0.iter()
    }
}

impl<'n> IntoIterator for &'n NameSet {
    type Item = &'n String;
    type IntoIter = std::slice::Iter<'n, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<String> for NameSet {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        Self(names.into_iter().collect::<BTreeSet<_>>().into_iter().collect())
    }
}

impl Serialize for NameSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for NameSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from_iter)
    }
}

/// To who reads the schema it is the map that its JSON is.
#[cfg(feature = "openapi")]
mod openapi {
    use std::borrow::Cow;
    use std::collections::BTreeMap;

    use utoipa::openapi::{RefOr, Schema};
    use utoipa::{PartialSchema, ToSchema};

    use super::Named;
    use crate::condition::{Attributes, Value};

    impl<V: ToSchema> PartialSchema for Named<V>
    where
        BTreeMap<String, V>: PartialSchema,
    {
        fn schema() -> RefOr<Schema> {
            BTreeMap::<String, V>::schema()
        }
    }

    /// The only one that has a name of its own.
    impl ToSchema for Attributes {
        fn name() -> Cow<'static, str> {
            "Attributes".into()
        }

        fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
            BTreeMap::<String, Value>::schemas(schemas);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_values_of_one_name_the_later_counts() {
        let mut named: Named<u8> =
            [("b", 1), ("a", 2), ("b", 3)].map(|(name, value)| (name.into(), value)).into_iter().collect();
        assert_eq!(named.insert("a".into(), 4), Some(2));
        assert_eq!(named.insert("c".into(), 5), None);
        assert_eq!(named.remove("b"), Some(3));
        assert_eq!(named.remove("b"), None);
        assert_eq!((named.get("a"), named.contains_key("b"), named.len()), (Some(&4), false, 2));
        assert_eq!(serde_json::to_string(&named).unwrap(), r#"{"a":4,"c":5}"#);
    }

    #[test]
    fn a_name_stands_once() {
        let mut names: NameSet = serde_json::from_str(r#"["b","a","b"]"#).unwrap();
        assert!(names.insert("c".into()) && !names.insert("c".into()));
        assert!(names.remove("b") && !names.remove("b"));
        assert!(names.contains("a") && !names.contains("b"));
        assert_eq!(serde_json::to_string(&names).unwrap(), r#"["a","c"]"#);
    }
}
