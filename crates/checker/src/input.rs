//! What JavaScript says, read as strictly as a document: what has no meaning here is refused, never
//! passed over.

use rolewright_model::condition::{Attributes, Number, RequestAttributes, Value};
use rolewright_model::pass::{PassDocument, PassHolding};
use rolewright_model::subject::Link;
use rolewright_model::{Stamp, Timestamp};
use wasm_bindgen::{JsCast as _, JsValue};

use crate::host::{self, List};

/// The most that lists and objects nest.
const DEEPEST: usize = 64;
/// The largest whole number that JavaScript holds exactly, 2^53 - 1.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_991.0;

/// A value as JSON has it.
enum Input {
    /// `null`, and what JSON does not have.
    Nothing,
    Boolean(bool),
    Number(f64),
    Text(String),
    List(Vec<Input>),
    Object(Vec<(String, Input)>),
}

impl Input {
    fn of(value: &JsValue, deepest: usize) -> Self {
        if let Some(text) = value.as_string() {
            return Self::Text(text);
        }
        if let Some(number) = value.as_f64() {
            return Self::Number(number);
        }
        if let Some(truth) = value.as_bool() {
            return Self::Boolean(truth);
        }
        let Some(deepest) = deepest.checked_sub(1).filter(|_| value.is_object()) else {
            return Self::Nothing;
        };
        let items = |list: &List| (0..list.length()).map(|at| list.get(at)).collect::<Vec<_>>();
        if host::is_list(value) {
            let items = items(value.unchecked_ref());
            return Self::List(items.iter().map(|item| Self::of(item, deepest)).collect());
        }
        let entries = items(&host::entries(value)).into_iter().map(|entry| {
            let entry: List = entry.unchecked_into();
            (entry.get(0).as_string().unwrap_or_default(), Self::of(&entry.get(1), deepest))
        });
        Self::Object(entries.collect())
    }
}

/// The texts of an object by name; what is something else is left out.
pub(crate) fn texts(object: &JsValue) -> Vec<(String, String)> {
    let Input::Object(entries) = Input::of(object, 2) else { return Vec::new() };
    let text = |(name, value)| match value {
        Input::Text(text) => Some((name, text)),
        _ => None,
    };
    entries.into_iter().filter_map(text).collect()
}

/// Reads a value. What is wrong first is kept, in one line; all that is read from then on is nothing.
pub(crate) struct Reader {
    wrong: Option<String>,
}

/// A value, and what it is called where something is wrong with it.
struct Named<'n> {
    name: &'n str,
    value: Option<Input>,
}

/// The fields of an object that were not read yet.
pub(crate) struct Fields {
    name: &'static str,
    entries: Vec<(String, Input)>,
}

impl Fields {
    /// A field; none where it is left out.
    fn find(&mut self, key: &'static str) -> Named<'static> {
        let position = self.entries.iter().position(|(name, _)| name == key);
        Named { name: key, value: position.map(|position| self.entries.swap_remove(position).1) }
    }

    pub(crate) fn text(&mut self, key: &'static str, reader: &mut Reader) -> String {
        match self.find(key).value {
            Some(Input::Text(text)) => text,
            _ => reader.refuse(key, "a text"),
        }
    }

    pub(crate) fn time(&mut self, key: &'static str, reader: &mut Reader) -> Timestamp {
        Timestamp(reader.whole(self.find(key)))
    }

    fn window(&mut self, key: &'static str, reader: &mut Reader) -> Option<Timestamp> {
        let field = self.find(key);
        field.value.is_some().then(|| Timestamp(reader.whole(field)))
    }

    fn stamp(&mut self, key: &'static str, reader: &mut Reader) -> Stamp {
        let mut fields = reader.fields(self.find(key));
        let epoch = u32::try_from(reader.whole(fields.find("epoch")));
        let revision = u64::try_from(reader.whole(fields.find("revision")));
        reader.end(&fields);
        match (epoch, revision) {
            (Ok(epoch), Ok(revision)) => Stamp { epoch, revision },
            _ => reader.refuse(key, "a revision"),
        }
    }

    fn list<T>(
        &mut self,
        key: &'static str,
        reader: &mut Reader,
        item: impl Fn(Named<'static>, &mut Reader) -> T,
    ) -> Vec<T> {
        match self.find(key).value {
            Some(Input::List(items)) => {
                let named = items.into_iter().map(|value| Named { name: key, value: Some(value) });
                named.map(|named| item(named, reader)).collect()
            }
            _ => reader.refuse(key, "a list"),
        }
    }

    fn attributes(&mut self, key: &'static str, reader: &mut Reader) -> Attributes {
        let field = self.find(key);
        if field.value.is_some() { reader.attributes(field) } else { Attributes::new() }
    }

    /// What a pass says.
    pub(crate) fn pass(&mut self, reader: &mut Reader) -> PassDocument {
        let mut fields = reader.fields(self.find("pass"));
        let pass = PassDocument {
            tenant: fields.text("tenant", reader),
            subject: fields.text("subject", reader),
            at: fields.stamp("at", reader),
            session: fields.stamp("session", reader),
            attributes: fields.attributes("attributes", reader),
            links: fields.list("links", reader, |link, reader| {
                let mut fields = reader.fields(link);
                let link = Link { id: fields.text("id", reader), made: fields.stamp("made", reader) };
                reader.end(&fields);
                link
            }),
            holdings: fields.list("holdings", reader, |holding, reader| {
                let mut fields = reader.fields(holding);
                let holding = PassHolding {
                    role: fields.text("role", reader),
                    scope: fields.text("scope", reader),
                    from: fields.window("from", reader),
                    until: fields.window("until", reader),
                    links: fields.list("links", reader, |position, reader| {
                        // A link that there is not counts for nothing.
                        usize::try_from(reader.whole(position)).unwrap_or(usize::MAX)
                    }),
                };
                reader.end(&fields);
                holding
            }),
        };
        reader.end(&fields);
        pass
    }
}

impl Reader {
    /// What `read` makes of an object's fields.
    ///
    /// # Errors
    /// What is wrong first.
    pub(crate) fn read<T>(
        name: &'static str,
        value: &JsValue,
        read: impl FnOnce(&mut Fields, &mut Self) -> T,
    ) -> Result<T, String> {
        let mut reader = Self { wrong: None };
        let mut fields = reader.fields(Named { name, value: Some(Input::of(value, DEEPEST)) });
        let whole = read(&mut fields, &mut reader);
        reader.wrong.map_or(Ok(whole), Err)
    }

    /// What an enforcement point says of a request.
    pub(crate) fn request(fields: &mut Fields, reader: &mut Self) -> RequestAttributes {
        let mut said = RequestAttributes {
            resource: fields.attributes("resource", reader),
            action: fields.attributes("action", reader),
            context: fields.attributes("context", reader),
            ..RequestAttributes::default()
        };
        let resources = fields.find("resources");
        if resources.value.is_some() {
            for (name, value) in reader.fields(resources).entries {
                let attributes = reader.attributes(Named { name: &name, value: Some(value) });
                said.resources.insert(name, attributes);
            }
        }
        reader.end(fields);
        said
    }

    fn fields(&mut self, named: Named<'static>) -> Fields {
        let entries = match named.value {
            Some(Input::Object(entries)) => entries,
            _ => self.refuse(named.name, "an object"),
        };
        Fields { name: named.name, entries }
    }

    /// Nothing may be left that was not read.
    fn end(&mut self, fields: &Fields) {
        if let Some((key, _)) = fields.entries.first() {
            self.wrong.get_or_insert_with(|| ["`", key, "` is not known in `", fields.name, "`"].concat());
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
    fn whole(&mut self, named: Named<'_>) -> i64 {
        match named.value {
            Some(Input::Number(number)) if number.fract() == 0.0 && number.abs() <= LARGEST_WHOLE => {
                number as i64
            }
            _ => self.refuse(named.name, "a whole number"),
        }
    }

    fn attributes(&mut self, named: Named<'_>) -> Attributes {
        let mut attributes = Attributes::new();
        match named.value {
            Some(Input::Object(entries)) => {
                for (name, value) in entries {
                    let value = self.attribute(&name, value);
                    attributes.insert(name, value);
                }
            }
            _ => self.refuse(named.name, "an object"),
        }
        attributes
    }

    fn attribute(&mut self, name: &str, value: Input) -> Value {
        match value {
            Input::Boolean(truth) => return Value::Boolean(truth),
            Input::Text(text) => return Value::Text(text),
            Input::Number(number) => {
                if let Some(number) = Number::new(number) {
                    return Value::Number(number);
                }
            }
            Input::List(items) => {
                let items = items.into_iter().map(|item| self.attribute(name, item));
                return Value::List(items.collect());
            }
            Input::Nothing | Input::Object(_) => {}
        }
        self.refuse::<()>(name, "a text, a number, true, false or a list");
        Value::Boolean(false)
    }

    fn refuse<T: Default>(&mut self, name: &str, what: &str) -> T {
        self.wrong.get_or_insert_with(|| ["`", name, "` is not ", what].concat());
        T::default()
    }
}
