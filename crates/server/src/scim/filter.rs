//! Filters and paths (RFC 7644, 3.4.2.2 and 3.5.2): what they say, and of which resources they are true.

mod parse;

use std::cmp::Ordering;

use serde_json::Value;

use super::error::{Result, ScimError, ScimType};
use super::schema::{Attribute, Kind, Scope, Type};

/// A condition on a resource, or on one value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of them are so.
    And(Vec<Filter>),
    /// One of them is so.
    Or(Vec<Filter>),
    /// It is not so.
    Not(Box<Filter>),
    /// An attribute compares so with a text, a number, true, false or null.
    Compare(Name, Operator, Value),
    /// One value of an attribute is so, as in `emails[type eq "work"]`.
    Within(Name, Box<Filter>),
}

/// The name of an attribute or of a part of one, in small letters and without the schema of the resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The attribute; with its schema, where that is another.
    pub attribute: String,
    /// The part, as `givenname` of `name.givenName`.
    pub part: Option<String>,
}

/// How an attribute compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal, or not there.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Is there.
    Pr,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
}

/// Where an operation of a PATCH goes, as `emails[type eq "work"].value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The attribute.
    pub attribute: String,
    /// Which of its values.
    pub filter: Option<Filter>,
    /// Which part of them.
    pub part: Option<String>,
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// `invalidPath`, with where it stops making sense.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |wrong: String| ScimError::of(ScimType::InvalidPath, format!("`path`: {wrong}"));
        parse::path(text).map_err(wrong)
    }
}

impl Name {
    /// Reads the name of an attribute.
    ///
    /// # Errors
    /// `invalidPath`.
    pub fn parse(text: &str) -> Result<Self> {
        let path = Path::parse(text)?;
        if path.filter.is_some() {
            let detail = format!("`{}` is no attribute: name it without a filter", text.escape_debug());
            return Err(ScimError::of(ScimType::InvalidPath, detail));
        }
        Ok(Self { attribute: path.attribute, part: path.part })
    }

    /// The attribute and its part, where there are these.
    fn found(&self, scope: Scope) -> Option<(&'static Attribute, Option<&'static Attribute>)> {
        let attribute = scope.find(&self.attribute)?;
        match &self.part {
            None => Some((attribute, None)),
            Some(part) => Some((attribute, Some(Scope::Within(attribute).find(part)?))),
        }
    }
}

/// What an attribute of a resource is, by its name in any case.
#[must_use]
pub fn get<'v>(resource: &'v Value, name: &str) -> Option<&'v Value> {
    let object = resource.as_object()?;
    object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The values that a name has in a resource, with the attribute that says what they are. `emails` alone means
/// the addresses (RFC 7644, 3.4.2.2: the value of a complex attribute is its `value`).
#[must_use]
pub fn values<'v>(
    resource: &'v Value,
    name: &Name,
    scope: Scope,
) -> (Option<&'static Attribute>, Vec<&'v Value>) {
    let Some((attribute, part)) = name.found(scope) else { return (None, Vec::new()) };
    let part = part.or_else(|| Scope::Within(attribute).find("value").filter(|_| attribute.is_multi));
    let here = get(resource, &name.attribute);
    let all: Vec<&Value> = match here {
        Some(Value::Array(all)) => all.iter().collect(),
        other => other.into_iter().collect(),
    };
    match part {
        None => (Some(attribute), all),
        Some(part) => (Some(part), all.into_iter().filter_map(|one| get(one, part.name)).collect()),
    }
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// `invalidFilter`, with where it stops making sense.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |wrong: String| ScimError::of(ScimType::InvalidFilter, format!("`filter`: {wrong}"));
        parse::filter(text).map_err(wrong)
    }

    /// Whether it asks for attributes that there are, in one of these types.
    ///
    /// # Errors
    /// `invalidFilter`, with the name that is not known.
    pub fn check(&self, types: &[&'static Type]) -> Result<()> {
        let scopes: Vec<Scope> = types.iter().map(|kind| Scope::Of(kind)).collect();
        self.check_in(&scopes)
    }

    /// As [`Filter::check`], of the values of an attribute.
    ///
    /// # Errors
    /// `invalidFilter`, with the name that is not known.
    pub fn check_within(&self, attribute: &'static Attribute) -> Result<()> {
        self.check_in(&[Scope::Within(attribute)])
    }

    fn check_in(&self, scopes: &[Scope]) -> Result<()> {
        let known = |name: &Name| scopes.iter().any(|scope| name.found(*scope).is_some());
        let unknown = |name: &Name| {
            let part = name.part.as_ref().map_or_else(String::new, |part| format!(".{part}"));
            let name = format!("{}{part}", name.attribute);
            let detail = format!(
                "`filter`: there is no `{}` here: `/Schemas` says what there is",
                name.escape_debug()
            );
            Err(ScimError::of(ScimType::InvalidFilter, detail))
        };
        match self {
            Self::And(all) | Self::Or(all) => all.iter().try_for_each(|one| one.check_in(scopes)),
            Self::Not(one) => one.check_in(scopes),
            Self::Compare(name, ..) if !known(name) => unknown(name),
            // When it was written is read from the log, for what is answered alone.
            Self::Compare(name, ..) if name.part.as_deref() == Some("lastmodified") => unknown(name),
            Self::Compare(..) => Ok(()),
            Self::Within(name, one) => {
                let within: Vec<Scope> = scopes
                    .iter()
                    .filter_map(|scope| scope.find(&name.attribute))
                    .filter(|attribute| attribute.kind == Kind::Complex)
                    .map(Scope::Within)
                    .collect();
                if within.is_empty() { unknown(name) } else { one.check_in(&within) }
            }
        }
    }

    /// Whether it is true of a resource, or of a value.
    #[must_use]
    pub fn is_true_of(&self, resource: &Value, scope: Scope) -> bool {
        match self {
            Self::And(all) => all.iter().all(|one| one.is_true_of(resource, scope)),
            Self::Or(all) => all.iter().any(|one| one.is_true_of(resource, scope)),
            Self::Not(one) => !one.is_true_of(resource, scope),
            Self::Compare(name, Operator::Ne, wanted) => {
                !Self::Compare(name.clone(), Operator::Eq, wanted.clone()).is_true_of(resource, scope)
            }
            Self::Compare(name, operator, wanted) => {
                let (attribute, found) = values(resource, name, scope);
                match (attribute, operator, wanted) {
                    (None, ..) => false,
                    (Some(_), Operator::Pr, _) => found.iter().any(|value| is_there(value)),
                    (Some(_), Operator::Eq, Value::Null) => !found.iter().any(|value| is_there(value)),
                    (Some(attribute), ..) => {
                        found.iter().any(|value| compares(value, *operator, wanted, attribute))
                    }
                }
            }
            Self::Within(name, one) => {
                let Some(attribute) = scope.find(&name.attribute) else { return false };
                match get(resource, &name.attribute) {
                    Some(Value::Array(all)) => {
                        all.iter().any(|value| one.is_true_of(value, Scope::Within(attribute)))
                    }
                    Some(value) => one.is_true_of(value, Scope::Within(attribute)),
                    None => false,
                }
            }
        }
    }

    /// Whether it asks for that attribute, in small letters.
    #[must_use]
    pub fn asks_for(&self, attribute: &str) -> bool {
        match self {
            Self::And(all) | Self::Or(all) => all.iter().any(|one| one.asks_for(attribute)),
            Self::Not(one) => one.asks_for(attribute),
            Self::Compare(name, ..) | Self::Within(name, _) => name.attribute == attribute,
        }
    }

    /// What a value must at least say for this to be so: `type` is `work` where that is asked with `eq`. None
    /// where something else is asked too.
    #[must_use]
    pub fn equalities(&self) -> Option<Vec<(&str, &Value)>> {
        match self {
            Self::Compare(Name { attribute, part: None }, Operator::Eq, value) => {
                Some(vec![(attribute, value)])
            }
            Self::And(all) => {
                let each: Option<Vec<_>> = all.iter().map(Self::equalities).collect();
                Some(each?.into_iter().flatten().collect())
            }
            _ => None,
        }
    }
}

fn is_there(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(all) => !all.is_empty(),
        Value::Object(parts) => !parts.is_empty(),
        _ => true,
    }
}

fn compares(value: &Value, operator: Operator, wanted: &Value, attribute: &Attribute) -> bool {
    if let (Value::Bool(is), Some(wanted)) = (value, truth(wanted)) {
        return operator == Operator::Eq && *is == wanted;
    }
    let (Some(is), Some(wanted)) = (value.as_str(), wanted.as_str()) else { return false };
    let ordered = |orders: &[Ordering]| orders.contains(&order(is, wanted, attribute));
    let folded = |text: &str| if attribute.is_exact { text.to_owned() } else { text.to_lowercase() };
    match operator {
        Operator::Eq => ordered(&[Ordering::Equal]),
        Operator::Gt => ordered(&[Ordering::Greater]),
        Operator::Ge => ordered(&[Ordering::Greater, Ordering::Equal]),
        Operator::Lt => ordered(&[Ordering::Less]),
        Operator::Le => ordered(&[Ordering::Less, Ordering::Equal]),
        Operator::Co => folded(is).contains(&folded(wanted)),
        Operator::Sw => folded(is).starts_with(&folded(wanted)),
        Operator::Ew => folded(is).ends_with(&folded(wanted)),
        // Said before.
        Operator::Ne | Operator::Pr => false,
    }
}

/// Times compare as times, however they are written.
fn order(a: &str, b: &str, attribute: &Attribute) -> Ordering {
    let time = |text: &str| text.parse::<jiff::Timestamp>().ok();
    match (attribute.kind, time(a), time(b)) {
        (Kind::Time, Some(a), Some(b)) => a.cmp(&b),
        _ if attribute.is_exact => a.cmp(b),
        _ => a.to_lowercase().cmp(&b.to_lowercase()),
    }
}

/// True or false, also as the text that Entra sends.
#[must_use]
pub fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(is) => Some(*is),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::schema::{GROUPS, USERS};
    use super::*;

    #[test]
    fn filters_are_true_of_whom_they_mean() {
        let ana = json!({
            "id": "u_1", "userName": "Ana@Example.com", "externalId": "E1", "active": true,
            "name": { "givenName": "Ana", "familyName": "O\"Neil" },
            "emails": [
                { "type": "work", "value": "ana@example.com", "primary": true },
                { "type": "home", "value": "ana@home.example" }
            ],
            "meta": { "created": "2026-01-02T03:04:05.678Z" }
        });
        for (filter, expected) in [
            (r#"userName eq "ana@example.com""#, true),
            (r#"USERNAME EQ "ana@example.com""#, true),
            (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ana""#, true),
            (r#"userName eq "bob@example.com""#, false),
            (r#"userName ne "bob@example.com""#, true),
            (r#"externalId eq "E1""#, true),
            (r#"externalId eq "e1""#, false),
            (r#"externalId eq "E1" and active eq true"#, true),
            (r#"active eq "True""#, true),
            ("active eq false", false),
            (r#"name.familyName eq "O\"Neil""#, true),
            (r#"name.givenName co "N""#, true),
            (r#"name.givenName ew "na""#, true),
            (r#"emails.value eq "ANA@home.example""#, true),
            (r#"emails eq "ana@home.example""#, true),
            (r#"emails[type eq "work"].value eq "ana@example.com""#, true),
            (r#"emails[type eq "home"].value eq "ana@example.com""#, false),
            (r#"emails[type eq "work" and value co "home"]"#, false),
            (r#"emails[type eq "home" and value co "home"]"#, true),
            ("emails pr", true),
            ("groups pr", false),
            ("name pr and not (groups pr)", true),
            (r#"externalId eq null"#, false),
            ("groups eq null", true),
            (r#"meta.created gt "2026-01-02T04:04:05+01:00""#, true),
            (r#"meta.created lt "2026-01-02T03:04:06Z""#, true),
            (
                r#"meta.created ge "2026-01-02T03:04:05.678Z" and meta.created le "2026-01-02T03:04:05.678Z""#,
                true,
            ),
            // `and` binds closer than `or`.
            (r#"id eq "x" and id eq "y" or id eq "u_1""#, true),
            (r#"id eq "x" and (id eq "y" or id eq "u_1")"#, false),
            (r#"not(userName eq "bob")"#, true),
        ] {
            let read = Filter::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error:?}"));
            read.check(&[&USERS]).unwrap_or_else(|error| panic!("{filter}: {error:?}"));
            assert_eq!(read.is_true_of(&ana, Scope::Of(&USERS)), expected, "{filter}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        let deep = format!("{}id pr{}", "(".repeat(200), ")".repeat(200));
        for filter in [
            "",
            "userName",
            "userName eq",
            "userName is \"a\"",
            "userName eq \"a",
            "userName eq a",
            "(id pr",
            "id pr)",
            "id pr id pr",
            "emails[type eq \"work\"",
            "not id pr",
            "eq \"a\"",
            "emails[]",
            "a b",
            "id eq \"a\" and",
            "emails[type eq \"work\"].",
            ". pr",
            &deep,
        ] {
            assert!(Filter::parse(filter).is_err(), "{filter}");
        }
        for filter in [
            "title pr",
            "name.middleName pr",
            "emails[kind pr]",
            "userName[value pr]",
            "meta.lastModified pr",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department pr",
        ] {
            assert!(Filter::parse(filter).unwrap().check(&[&USERS]).is_err(), "{filter}");
        }
        assert!(Filter::parse("members pr").unwrap().check(&[&USERS, &GROUPS]).is_ok());
    }

    #[test]
    fn paths_are_read() {
        for (text, attribute, part, has_filter) in [
            ("members", "members", None, false),
            ("name.givenName", "name", Some("givenname"), false),
            ("emails[type eq \"work\"].value", "emails", Some("value"), true),
            ("members[value eq \"a\"]", "members", None, true),
            ("urn:ietf:params:scim:schemas:core:2.0:Group:members", "members", None, false),
            ("urn:ietf:params:scim:schemas:core:2.0:User:name.familyName", "name", Some("familyname"), false),
            ("members.$ref", "members", Some("$ref"), false),
        ] {
            let path = Path::parse(text).unwrap();
            assert_eq!((path.attribute.as_str(), path.part.as_deref()), (attribute, part), "{text}");
            assert_eq!(path.filter.is_some(), has_filter, "{text}");
        }
        for text in
            ["", "a b", "emails[", "emails[type eq \"a\"]x", "emails[type eq \"a\"].", "a.b.c", "id eq \"a\""]
        {
            assert!(Path::parse(text).is_err(), "{text}");
        }
    }
}
