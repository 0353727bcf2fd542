//! How filters and paths are written (RFC 7644, figure 1), in whatever case.

use serde_json::Value;

use super::super::schema::{GROUP, USER};
use super::{Filter, Name, Operator, Path};

/// How deep parentheses go at most.
const DEEPEST: usize = 32;
/// The longest filter that is read, in bytes.
const LONGEST: usize = 16 * 1024;

/// What is wrong, in words.
type Read<T> = Result<T, String>;

/// Reads a filter.
pub(super) fn filter(text: &str) -> Read<Filter> {
    let mut reader = Reader::new(text)?;
    let read = reader.any(0)?;
    reader.end()?;
    Ok(read)
}

/// Reads a path.
pub(super) fn path(text: &str) -> Read<Path> {
    let mut reader = Reader::new(text)?;
    let name = reader.name()?;
    let filter = if reader.takes("[") { Some(reader.bracket(0)?) } else { None };
    let part = match (&filter, name.part) {
        (Some(_), Some(part)) => return Err(format!("`{part}` has no values of its own to choose from")),
        (Some(_), None) => reader.part()?,
        (None, part) => part,
    };
    reader.end()?;
    Ok(Path { attribute: name.attribute, filter, part })
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Read<Self> {
        match text.len() <= LONGEST {
            true => Ok(Self { rest: text }),
            false => Err(format!("it is longer than {LONGEST} bytes: ask for less at once")),
        }
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn end(&mut self) -> Read<()> {
        self.skip();
        if self.rest.is_empty() { Ok(()) } else { Err(self.wrong("nothing more")) }
    }

    fn wrong(&self, expected: &str) -> String {
        let found: String = self.rest.chars().take(20).collect();
        match found.as_str() {
            "" => format!("it ends where {expected} is expected"),
            found => format!("{expected} is expected at `{}`", found.escape_debug()),
        }
    }

    fn takes(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Characters that names, operators and numbers are made of.
    fn word(&mut self) -> &'t str {
        let is_of_word =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$' | ':' | '.' | '+');
        let (word, rest) = self.rest.split_at(self.rest.find(|c| !is_of_word(c)).unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }

    /// That word, in any case, and nothing where there is another.
    fn takes_word(&mut self, wanted: &str) -> bool {
        self.skip();
        let before = self.rest;
        let is = self.word().eq_ignore_ascii_case(wanted);
        if !is {
            self.rest = before;
        }
        is
    }

    fn any(&mut self, depth: usize) -> Read<Filter> {
        if depth > DEEPEST {
            return Err(format!("it goes deeper than {DEEPEST} parentheses: ask for less at once"));
        }
        let mut some = vec![self.all(depth)?];
        while self.takes_word("or") {
            some.push(self.all(depth)?);
        }
        Ok(one_or(some, Filter::Or))
    }

    fn all(&mut self, depth: usize) -> Read<Filter> {
        let mut some = vec![self.term(depth)?];
        while self.takes_word("and") {
            some.push(self.term(depth)?);
        }
        Ok(one_or(some, Filter::And))
    }

    fn term(&mut self, depth: usize) -> Read<Filter> {
        self.skip();
        if self.takes("(") {
            return self.parenthesis(depth);
        }
        if self.takes_word("not") {
            self.skip();
            return match self.takes("(") {
                true => Ok(Filter::Not(Box::new(self.parenthesis(depth)?))),
                false => Err(self.wrong("`(`")),
            };
        }
        let name = self.name()?;
        if !self.takes("[") {
            return self.comparison(name);
        }
        if let Some(part) = name.part {
            return Err(format!("`{part}` has no values of its own to choose from"));
        }
        let mut within = self.bracket(depth)?;
        if let Some(part) = self.part()? {
            let compared = self.comparison(Name { attribute: part, part: None })?;
            within = Filter::And(vec![within, compared]);
        }
        Ok(Filter::Within(name, Box::new(within)))
    }

    fn parenthesis(&mut self, depth: usize) -> Read<Filter> {
        let inner = self.any(depth + 1)?;
        self.skip();
        if self.takes(")") { Ok(inner) } else { Err(self.wrong("`)`")) }
    }

    /// What stands in brackets, after the first.
    fn bracket(&mut self, depth: usize) -> Read<Filter> {
        let inner = self.any(depth + 1)?;
        self.skip();
        if self.takes("]") { Ok(inner) } else { Err(self.wrong("`]`")) }
    }

    /// What follows brackets: `.value`, or nothing.
    fn part(&mut self) -> Read<Option<String>> {
        if !self.takes(".") {
            return Ok(None);
        }
        let part = self.word();
        match part.is_empty() || part.contains(['.', ':']) {
            true => Err(self.wrong("the name of a part")),
            false => Ok(Some(part.to_lowercase())),
        }
    }

    fn name(&mut self) -> Read<Name> {
        self.skip();
        let at = Reader { rest: self.rest };
        let word = self.word();
        let wrong = || at.wrong("an attribute");
        let lower = word.to_lowercase();
        // A schema has colons and dots of its own: a name in it begins after the last colon.
        let (schema, name) =
            lower.rsplit_once(':').map_or((None, lower.as_str()), |(schema, name)| (Some(schema), name));
        let (attribute, part) = name.split_once('.').map_or((name, None), |(name, part)| (name, Some(part)));
        let is_name = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$') && !name.contains('.')
        };
        if !is_name(attribute) || part.is_some_and(|part| !is_name(part)) {
            return Err(wrong());
        }
        let is_ours = |schema: &str| [USER, GROUP].iter().any(|own| own.eq_ignore_ascii_case(schema));
        let attribute = match schema {
            Some(schema) if !is_ours(schema) => format!("{schema}:{attribute}"),
            _ => attribute.to_owned(),
        };
        Ok(Name { attribute, part: part.map(ToOwned::to_owned) })
    }

    fn comparison(&mut self, name: Name) -> Read<Filter> {
        self.skip();
        let at = Reader { rest: self.rest };
        let operator = match self.word().to_lowercase().as_str() {
            "eq" => Operator::Eq,
            "ne" => Operator::Ne,
            "co" => Operator::Co,
            "sw" => Operator::Sw,
            "ew" => Operator::Ew,
            "pr" => return Ok(Filter::Compare(name, Operator::Pr, Value::Null)),
            "gt" => Operator::Gt,
            "ge" => Operator::Ge,
            "lt" => Operator::Lt,
            "le" => Operator::Le,
            _ => return Err(at.wrong("an operator, such as `eq`,")),
        };
        Ok(Filter::Compare(name, operator, self.value()?))
    }

    /// A value as JSON writes it; `True` too, as Entra does.
    fn value(&mut self) -> Read<Value> {
        self.skip();
        let at = Reader { rest: self.rest };
        let wrong = || at.wrong("a value, such as `\"a\"` or `true`,");
        if self.rest.starts_with('"') {
            let mut values = serde_json::Deserializer::from_str(self.rest).into_iter::<Value>();
            let value = values.next().and_then(Result::ok).ok_or_else(wrong)?;
            self.rest = self.rest.get(values.byte_offset()..).unwrap_or_default();
            return Ok(value);
        }
        let value = serde_json::from_str(&self.word().to_lowercase()).map_err(|_| wrong())?;
        Ok(value)
    }
}

fn one_or(mut some: Vec<Filter>, of: impl FnOnce(Vec<Filter>) -> Filter) -> Filter {
    match some.pop() {
        Some(only) if some.is_empty() => only,
        last => {
            some.extend(last);
            of(some)
        }
    }
}
