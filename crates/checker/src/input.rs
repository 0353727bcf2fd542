//! What JavaScript says, as JSON text of its own making, read as strictly as a document: what has no
//! meaning here is refused, never passed over.

use rolewright_model::condition::{Attributes, MOST_SAID, Number, RequestAttributes, Value};
use rolewright_model::pass::{PassDocument, PassHolding};
use rolewright_model::subject::Link;
use rolewright_model::{Stamp, Timestamp};

use crate::host;

/// The most that lists and objects nest.
const DEEPEST: usize = 64;
/// The longest question, in bytes.
const LONGEST: usize = 1 << 20;
/// The largest whole number that JavaScript holds exactly, 2^53 - 1.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_991.0;

/// A value as JSON has it.
pub(crate) enum Input {
    /// `null`, what nests too deep, and what is no JSON.
    Nothing,
    Boolean(bool),
    Number(f64),
    Text(String),
    List(Vec<Input>),
    Object(Vec<(String, Input)>),
}

/// JSON text that was not read yet: what `JSON.stringify` wrote, without spaces.
struct Text<'t> {
    left: &'t str,
}

impl Text<'_> {
    fn next(&mut self) -> Option<char> {
        let mut characters = self.left.chars();
        let next = characters.next();
        self.left = characters.as_str();
        next
    }

    fn skip(&mut self, text: &str) -> bool {
        let after = self.left.strip_prefix(text);
        self.left = after.unwrap_or(self.left);
        after.is_some()
    }

    fn value(&mut self, deepest: usize) -> Input {
        let own = self.left;
        match self.next() {
            Some('"') => Input::Text(self.quoted()),
            Some(open @ ('[' | '{')) => {
                let Some(deepest) = deepest.checked_sub(1) else {
                    self.pass_over();
                    return Input::Nothing;
                };
                let (mut items, mut entries) = (Vec::new(), Vec::new());
                while !self.left.is_empty() && !self.skip("]") && !self.skip("}") {
                    self.skip(",");
                    if open == '[' {
                        items.push(self.value(deepest));
                    } else {
                        let is_named = self.skip("\"");
                        let name = if is_named { self.quoted() } else { String::new() };
                        self.skip(":");
                        entries.push((name, self.value(deepest)));
                    }
                }
                if open == '[' { Input::List(items) } else { Input::Object(entries) }
            }
            Some('0'..='9' | '-') => {
                let is_more = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
                self.left = self.left.trim_start_matches(is_more);
                // Not as a suffix: all that is left would be read again for each number.
                let written = own.get(..own.len() - self.left.len()).unwrap_or_default();
                Input::Number(host::number(written))
            }
            // `null`, or one of these less their first letter.
            _ if self.skip("rue") => Input::Boolean(true),
            _ if self.skip("alse") => Input::Boolean(false),
            _ => {
                self.skip("ull");
                Input::Nothing
            }
        }
    }

    /// The rest of what is in quotes.
    fn quoted(&mut self) -> String {
        let mut text = String::new();
        while let Some(next) = self.next().filter(|next| *next != '"') {
            text.push(if next == '\\' { self.escaped() } else { next });
        }
        text
    }

    fn escaped(&mut self) -> char {
        match self.next() {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            // Half of a pair, which no text holds, is written so too.
            Some('u') => {
                let digits = [(); 4].map(|()| self.next().and_then(|digit| digit.to_digit(16)));
                let code = digits.into_iter().fold(0, |code, digit| code * 16 + digit.unwrap_or_default());
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            other => other.unwrap_or(char::REPLACEMENT_CHARACTER),
        }
    }

    /// Passes over the rest of a list or an object, without going deeper for what is in it.
    #[inline(never)]
    fn pass_over(&mut self) {
        let mut open = 1;
        while open > 0 {
            match self.next() {
                Some('[' | '{') => open += 1,
                Some(']' | '}') => open -= 1,
                Some('"') => drop(self.quoted()),
                Some(_) => {}
                None => return,
            }
        }
    }
}

impl Input {
    fn of(json: &str, deepest: usize) -> Self {
        Text { left: json }.value(deepest)
    }

    fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The texts of an object by name; what is something else is left out.
pub(crate) fn texts(object: Option<Input>) -> Vec<(String, String)> {
    let Some(Input::Object(entries)) = object else { return Vec::new() };
    entries.into_iter().filter_map(|(name, value)| Some((name, value.text()?))).collect()
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
    #[inline(never)]
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

    #[inline(never)]
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

    #[inline(never)]
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

    /// What an enforcement point says of a request: in a list, in which what JSON has no word for is
    /// not left out.
    #[inline(never)]
    fn request(&mut self, reader: &mut Reader) -> RequestAttributes {
        let Some(Input::List(mut said)) = self.find("attributes").value else {
            return RequestAttributes::default();
        };
        let mut fields = reader.fields(Named { name: "attributes", value: said.pop() });
        let mut said = RequestAttributes {
            resource: fields.attributes("resource", reader),
            action: fields.attributes("action", reader),
            context: fields.attributes("context", reader),
            ..RequestAttributes::default()
        };
        let resources = fields.find("resources");
        if resources.value.is_some() {
            let entries = reader.fields(resources).entries;
            for (name, value) in reader.few("resources", entries) {
                let attributes = reader.attributes(Named { name: &name, value: Some(value) });
                said.resources.insert(name, attributes);
            }
        }
        reader.end(&fields);
        said
    }

    /// What a pass says.
    #[inline(never)]
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

/// A question about a permission or an operation, by our names or by AuthZEN's.
pub(crate) struct Asked {
    pub(crate) permission: String,
    pub(crate) resource: String,
    pub(crate) level: Option<String>,
    pub(crate) operation: Option<String>,
    /// By name. What is no text is missing.
    pub(crate) resources: Vec<(String, String)>,
    pub(crate) attributes: RequestAttributes,
    /// Of AuthZEN's names: the action's, and the resource's type and id.
    pub(crate) action: String,
    pub(crate) kind: Option<String>,
    pub(crate) id: String,
    /// Whether the answer is for somebody who may not see people.
    pub(crate) is_discreet: bool,
}

impl Asked {
    /// # Errors
    /// What is wrong with the attributes.
    pub(crate) fn read(json: &str) -> Result<Self, String> {
        if json.len() > LONGEST {
            return Err("they are longer than a megabyte".to_owned());
        }
        Reader::read("question", json, |fields, reader| {
            let mut text = |key| fields.find(key).value.and_then(Input::text);
            Self {
                permission: text("permission").unwrap_or_default(),
                resource: text("resource").unwrap_or_default(),
                level: text("asked"),
                operation: text("operation"),
                action: text("action").unwrap_or_default(),
                kind: text("type"),
                id: text("id").unwrap_or_default(),
                is_discreet: text("discreet").is_some(),
                resources: texts(fields.find("resources").value),
                attributes: fields.request(reader),
            }
        })
    }
}

impl Reader {
    /// What `read` makes of an object's fields.
    ///
    /// # Errors
    /// What is wrong first.
    pub(crate) fn read<T>(
        name: &'static str,
        json: &str,
        read: impl FnOnce(&mut Fields, &mut Self) -> T,
    ) -> Result<T, String> {
        let mut reader = Self { wrong: None };
        let mut fields = reader.fields(Named { name, value: Some(Input::of(json, DEEPEST)) });
        let whole = read(&mut fields, &mut reader);
        reader.wrong.map_or(Ok(whole), Err)
    }

    #[inline(never)]
    fn fields(&mut self, named: Named<'static>) -> Fields {
        let entries = match named.value {
            Some(Input::Object(entries)) => entries,
            _ => self.refuse(named.name, "an object"),
        };
        Fields { name: named.name, entries }
    }

    /// Nothing may be left that was not read.
    #[inline(never)]
    fn end(&mut self, fields: &Fields) {
        if let Some((key, _)) = fields.entries.first() {
            self.wrong.get_or_insert_with(|| ["`", key, "` is not known in `", fields.name, "`"].concat());
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
    #[inline(never)]
    fn whole(&mut self, named: Named<'_>) -> i64 {
        match named.value {
            Some(Input::Number(number)) if number.fract() == 0.0 && number.abs() <= LARGEST_WHOLE => {
                number as i64
            }
            _ => self.refuse(named.name, "a whole number"),
        }
    }

    #[inline(never)]
    fn attributes(&mut self, named: Named<'_>) -> Attributes {
        let mut attributes = Attributes::new();
        match named.value {
            Some(Input::Object(entries)) => {
                for (name, value) in self.few(named.name, entries) {
                    let value = self.attribute(&name, value);
                    attributes.insert(name, value);
                }
            }
            _ => self.refuse(named.name, "an object"),
        }
        attributes
    }

    /// None of them where they are too many: each is put where its name stands, and moves what comes after it.
    fn few(&mut self, name: &str, entries: Vec<(String, Input)>) -> Vec<(String, Input)> {
        const { assert!(MOST_SAID == 256, "say the new number here") }
        if entries.len() > MOST_SAID { self.refuse(name, "an object of at most 256 names") } else { entries }
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
