//! What JavaScript says, read as strictly as a document: what has no meaning here is refused, never
//! passed over.

use std::collections::BTreeMap;

use js_sys::{Array, Object};
use rolewright_model::condition::{Attributes, Number, RequestAttributes, Value};
use rolewright_model::pass::{PassDocument, PassHolding};
use rolewright_model::subject::Link;
use rolewright_model::{Stamp, Timestamp};
use wasm_bindgen::{JsCast as _, JsValue};

/// The most that a list nests.
const DEEPEST: usize = 64;
/// The largest whole number that JavaScript holds exactly, 2^53 - 1.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_991.0;

/// What is wrong, in one line.
pub(crate) type Read<T> = Result<T, String>;

/// A value, and what it is called where something is wrong with it.
pub(crate) struct Input {
    name: String,
    value: JsValue,
}

impl Input {
    pub(crate) fn new(name: &str, value: JsValue) -> Self {
        Self { name: name.to_owned(), value }
    }

    /// The fields of an object.
    pub(crate) fn fields(self) -> Read<Fields> {
        if !self.value.is_object() || Array::is_array(&self.value) {
            return self.refuse("an object");
        }
        let entries = Object::entries(self.value.unchecked_ref()).into_iter();
        let entries = entries.map(|entry| {
            let entry: Array = entry.unchecked_into();
            (entry.get(0).as_string().unwrap_or_default(), entry.get(1))
        });
        Ok(Fields { name: self.name, entries: entries.collect() })
    }

    pub(crate) fn text(self) -> Read<String> {
        match self.value.as_string() {
            Some(text) => Ok(text),
            None => self.refuse("a text"),
        }
    }

    pub(crate) fn time(self) -> Read<Timestamp> {
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        self.whole(-LARGEST_WHOLE).map(|whole| Timestamp(whole as i64))
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and below 2^53")]
    fn count(self) -> Read<u64> {
        self.whole(0.0).map(|whole| whole as u64)
    }

    fn whole(self, least: f64) -> Read<f64> {
        let whole = |number: &f64| number.fract() == 0.0 && (least..=LARGEST_WHOLE).contains(number);
        match self.value.as_f64().filter(whole) {
            Some(number) => Ok(number),
            None => self.refuse("a whole number of at most 2^53"),
        }
    }

    fn list<T>(self, item: impl Fn(Self) -> Read<T>) -> Read<Vec<T>> {
        let Some(items) = self.value.dyn_ref::<Array>() else { return self.refuse("a list") };
        items.iter().map(|value| item(Self::new(&self.name, value))).collect()
    }

    fn table<T>(self, item: impl Fn(Self) -> Read<T>) -> Read<BTreeMap<String, T>> {
        let Fields { name, entries } = self.fields()?;
        // To collect would bring a sort along.
        let mut table = BTreeMap::new();
        for (key, value) in entries {
            let value = item(Self { name: format!("{name}.{key}"), value })?;
            table.insert(key, value);
        }
        Ok(table)
    }

    fn stamp(self) -> Read<Stamp> {
        let mut fields = self.fields()?;
        let (epoch, revision) = (fields.take("epoch")?.count()?, fields.take("revision")?.count()?);
        let epoch = u32::try_from(epoch).map_err(|_| format!("{}.epoch is too large", fields.name))?;
        fields.end(Stamp { epoch, revision })
    }

    fn attributes(self) -> Read<Attributes> {
        self.table(|value| value.attribute(DEEPEST))
    }

    fn attribute(self, deepest: usize) -> Read<Value> {
        if let Some(text) = self.value.as_string() {
            return Ok(Value::Text(text));
        }
        if let Some(truth) = self.value.as_bool() {
            return Ok(Value::Boolean(truth));
        }
        if let Some(number) = self.value.as_f64().and_then(Number::new) {
            return Ok(Value::Number(number));
        }
        match deepest.checked_sub(1).filter(|_| Array::is_array(&self.value)) {
            Some(deepest) => self.list(|item| item.attribute(deepest)).map(Value::List),
            None => self.refuse("a text, a number, true, false or a list"),
        }
    }

    /// What an enforcement point says of a request.
    pub(crate) fn request(self) -> Read<RequestAttributes> {
        let mut fields = self.fields()?;
        let mut said = RequestAttributes::default();
        for (key, into) in
            [("resource", &mut said.resource), ("action", &mut said.action), ("context", &mut said.context)]
        {
            if let Some(value) = fields.find(key) {
                *into = value.attributes()?;
            }
        }
        if let Some(value) = fields.find("resources") {
            said.resources = value.table(Self::attributes)?;
        }
        fields.end(said)
    }

    /// What a pass says.
    pub(crate) fn pass(self) -> Read<PassDocument> {
        let mut fields = self.fields()?;
        let pass = PassDocument {
            tenant: fields.take("tenant")?.text()?,
            subject: fields.take("subject")?.text()?,
            at: fields.take("at")?.stamp()?,
            session: fields.take("session")?.stamp()?,
            attributes: fields.find("attributes").map(Self::attributes).transpose()?.unwrap_or_default(),
            links: fields.take("links")?.list(Self::link)?,
            holdings: fields.take("holdings")?.list(Self::holding)?,
        };
        fields.end(pass)
    }

    fn link(self) -> Read<Link> {
        let mut fields = self.fields()?;
        let link = Link { id: fields.take("id")?.text()?, made: fields.take("made")?.stamp()? };
        fields.end(link)
    }

    fn holding(self) -> Read<PassHolding> {
        let mut fields = self.fields()?;
        let holding = PassHolding {
            role: fields.take("role")?.text()?,
            scope: fields.take("scope")?.text()?,
            from: fields.find("from").map(Self::time).transpose()?,
            until: fields.find("until").map(Self::time).transpose()?,
            links: fields.take("links")?.list(|position| {
                position.count().map(|position| usize::try_from(position).unwrap_or(usize::MAX))
            })?,
        };
        fields.end(holding)
    }

    fn refuse<T>(self, what: &str) -> Read<T> {
        Err(format!("`{}` is not {what}", self.name))
    }
}

/// The fields of an object that were not read yet.
pub(crate) struct Fields {
    name: String,
    entries: Vec<(String, JsValue)>,
}

impl Fields {
    /// A field that may be left out.
    pub(crate) fn find(&mut self, key: &str) -> Option<Input> {
        let position = self.entries.iter().position(|(name, _)| name == key)?;
        let (_, value) = self.entries.swap_remove(position);
        Some(Input { name: format!("{}.{key}", self.name), value })
    }

    /// A field that must be there.
    pub(crate) fn take(&mut self, key: &str) -> Read<Input> {
        self.find(key).ok_or_else(|| format!("`{}.{key}` is missing", self.name))
    }

    /// What was read, where that was all.
    fn end<T>(self, read: T) -> Read<T> {
        match self.entries.first() {
            None => Ok(read),
            Some((key, _)) => Err(format!("`{}.{key}` is not known here", self.name)),
        }
    }
}
