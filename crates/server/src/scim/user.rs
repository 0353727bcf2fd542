//! People: what the model and the records say of one, as a resource; and what a resource says of one.

use rolewright_model::change::{ProviderRecord, UserEdit};
use rolewright_model::directory::{GroupSource, Member, Status, UserDocument, is_email};
use rolewright_model::{Change, State};
use serde_json::{Map, Value, json};

use super::error::{Result, ScimError};
use super::record::{Email, UserRecord};
use super::schema::USER;
use super::table::Known;
use crate::moment;
use crate::secret;

/// Where the addresses lead of people without one: nowhere (RFC 2606, 2).
const NO_MAIL: &str = "@no-mail.invalid";
/// The longest `userName`, in bytes.
const LONGEST_NAME: usize = 256;

/// What a provider says of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What the provider calls the person.
    pub user_name: String,
    /// The provider's own id.
    pub external_id: Option<String>,
    /// What the provider shows of the person.
    pub display_name: Option<String>,
    /// The addresses as they were sent.
    pub emails: Vec<Email>,
    /// The first name, or nothing.
    pub first_name: String,
    /// The last name, or nothing.
    pub last_name: String,
    /// Whether the person may do anything at all, where that is said.
    pub active: Option<bool>,
}

impl Said {
    /// What a resource says, whose names are as the schema writes them.
    ///
    /// # Errors
    /// `invalidValue` where something is missing or too much.
    pub fn of(resource: &Map<String, Value>) -> Result<Self> {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(ToOwned::to_owned);
        let part =
            |name: &str| text(resource.get("name").and_then(|parts| parts.get(name))).unwrap_or_default();
        let user_name = text(resource.get("userName")).map(|name| name.trim().to_owned());
        let user_name = user_name.filter(|name| !name.is_empty());
        let user_name = user_name.ok_or_else(|| ScimError::invalid("`userName`: it is needed"))?;
        if user_name.len() > LONGEST_NAME || user_name.chars().any(char::is_control) {
            let detail = format!("`userName`: one line of {LONGEST_NAME} bytes at most is expected");
            return Err(ScimError::invalid(detail));
        }
        let emails = match resource.get("emails") {
            Some(Value::Array(all)) => all.iter().filter_map(email).collect(),
            _ => Vec::new(),
        };
        if emails.iter().filter(|email: &&Email| email.primary == Some(true)).count() > 1 {
            return Err(ScimError::invalid("`emails`: one is `primary` at most"));
        }
        Ok(Self {
            user_name,
            external_id: text(resource.get("externalId")),
            display_name: text(resource.get("displayName")),
            emails,
            first_name: part("givenName"),
            last_name: part("familyName"),
            active: resource.get("active").and_then(Value::as_bool),
        })
    }

    /// What is known of a person, as a provider would say it.
    #[must_use]
    pub fn known(user: &UserDocument, record: Option<&UserRecord>) -> Self {
        let (first_name, last_name) = (user.first_name.clone(), user.last_name.clone());
        let active = Some(user.status == Status::Active);
        match record {
            Some(record) => Self {
                user_name: record.user_name.clone(),
                external_id: record.external_id.clone(),
                display_name: record.display_name.clone(),
                emails: record.emails.clone(),
                first_name,
                last_name,
                active,
            },
            None => Self {
                user_name: user.email.clone(),
                external_id: None,
                display_name: None,
                emails: vec![Email {
                    value: user.email.clone(),
                    kind: Some("work".to_owned()),
                    primary: Some(true),
                }],
                first_name,
                last_name,
                active,
            },
        }
    }

    /// The email that the model has: the primary one, else that for work, else the first, else the `userName`
    /// where it is one, else one that leads nowhere.
    #[must_use]
    pub fn email(&self) -> String {
        let primary = self.emails.iter().find(|email| email.primary == Some(true));
        let is_work =
            |email: &&Email| email.kind.as_ref().is_some_and(|kind| kind.eq_ignore_ascii_case("work"));
        let chosen = primary.or_else(|| self.emails.iter().find(is_work)).or_else(|| self.emails.first());
        match chosen {
            Some(email) => email.value.trim().to_owned(),
            None if is_email(&self.user_name) => self.user_name.clone(),
            None => nowhere(&self.user_name),
        }
    }

    /// What is kept of it beside the model.
    #[must_use]
    pub fn record(&self, before: Option<&UserRecord>) -> UserRecord {
        UserRecord {
            user_name: self.user_name.clone(),
            external_id: self.external_id.clone(),
            display_name: self.display_name.clone(),
            emails: self.emails.clone(),
            ..before.cloned().unwrap_or_default()
        }
    }

    /// Whether it is the provider that has the person disabled, once that is said of who is in that status; `was` is whether it
    /// was before.
    #[must_use]
    pub fn disables(&self, status: Status, was: bool) -> bool {
        match self.active {
            Some(true) => false,
            Some(false) => was || status != Status::Disabled,
            None => was,
        }
    }

    /// The same as the change log tells it.
    #[must_use]
    pub fn told(&self) -> ProviderRecord {
        ProviderRecord {
            user_name: self.user_name.clone(),
            external_id: self.external_id.clone(),
            display_name: self.display_name.clone(),
            emails: self.emails.iter().map(|email| email.value.clone()).collect(),
        }
    }

    /// What makes a new person of it: active, or made and disabled at once.
    #[must_use]
    pub fn creation(&self, id: &str) -> Change {
        let created = Change::CreateUser { user: self.edit(id, self.email()), sign_in: false };
        match self.active {
            Some(false) => Change::Batch { changes: vec![created, status(id, false)] },
            _ => created,
        }
    }

    /// What makes the person what it says; `before` is what was known. The model's email stays where what is said of
    /// addresses does, unless `is_whole`: it may have been edited here meanwhile.
    #[must_use]
    pub fn changes(&self, user: &UserDocument, before: &Self, is_whole: bool) -> Vec<Change> {
        let (is, was) = (self.email(), before.email());
        let email = if is_whole || is != was { is } else { user.email.clone() };
        let edit = self.edit(&user.id, email);
        let edited = edit.email != user.email
            || edit.first_name != user.first_name
            || edit.last_name != user.last_name;
        // Who is invited is not active, and is disabled all the same where that is said.
        let is_so = |active: bool| match user.status {
            Status::Invited => false,
            status => active == (status == Status::Active),
        };
        let is_switched = self.active.filter(|active| !is_so(*active));
        let edited = edited.then_some(Change::UpdateUser { user: edit });
        let switched = is_switched.map(|active| status(&user.id, active));
        switched.into_iter().chain(edited).collect()
    }

    fn edit(&self, id: &str, email: String) -> UserEdit {
        let (first_name, last_name) = (self.first_name.clone(), self.last_name.clone());
        UserEdit { id: id.to_owned(), email, first_name, last_name }
    }
}

fn status(id: &str, is_active: bool) -> Change {
    let status = if is_active { Status::Active } else { Status::Disabled };
    Change::SetStatus { id: id.to_owned(), status }
}

fn email(sent: &Value) -> Option<Email> {
    let text = |name: &str| sent.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    let primary = sent.get("primary").and_then(Value::as_bool);
    Some(Email { value: text("value")?, kind: text("type"), primary })
}

/// Whether it is the address of a person without one.
#[must_use]
pub fn leads_nowhere(email: &str) -> bool {
    email.ends_with(NO_MAIL)
}

/// An address that leads nowhere and is nobody else's.
fn nowhere(name: &str) -> String {
    let mut local = String::new();
    for byte in name.to_lowercase().bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' => local.push(char::from(byte)),
            other => local.push_str(&format!("%{other:02x}")),
        }
    }
    let address = format!("{local}{NO_MAIL}");
    if is_email(&address) {
        address
    } else {
        format!("{}{NO_MAIL}", secret::sha256(name.to_lowercase().as_bytes()))
    }
}

/// A person as a resource, without when it was last written.
#[must_use]
pub fn resource(state: &State, known: &Known, user: &UserDocument, base: &str, version: &str) -> Value {
    let said = Said::known(user, known.user(&user.id));
    let mut body = said_resource(&said);
    let groups = &state.documents().directory.groups;
    let member = Member::User(user.id.clone());
    let of = state.memberships_of(&member).filter_map(|membership| groups.get(&membership.group));
    let of: Vec<Value> = of
        .filter(|group| group.source == GroupSource::IdentityProvider)
        .map(|group| {
            json!({
                "value": group.id, "display": group.name, "type": "direct",
                "$ref": format!("{base}/Groups/{}", group.id),
            })
        })
        .collect();
    if !of.is_empty() {
        body.insert("groups".to_owned(), of.into());
    }
    body.insert("schemas".to_owned(), json!([USER]));
    body.insert("id".to_owned(), user.id.clone().into());
    let meta = json!({
        "resourceType": "User", "created": moment::sortable(user.created), "version": version,
        "location": format!("{base}/Users/{}", user.id),
    });
    body.insert("meta".to_owned(), meta);
    Value::Object(body)
}

/// What operations edit of a person: all that a provider writes. Of who is invited it does not say whether they are
/// active, so that an operation which says so is told from one that does not.
#[must_use]
pub fn editable(user: &UserDocument, record: Option<&UserRecord>) -> Map<String, Value> {
    let said = Said::known(user, record);
    let active = said.active.filter(|_| user.status != Status::Invited);
    said_resource(&Said { active, ..said })
}

fn said_resource(said: &Said) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("userName".to_owned(), said.user_name.clone().into());
    for (name, text) in [("externalId", &said.external_id), ("displayName", &said.display_name)] {
        body.extend(text.iter().map(|text| (name.to_owned(), text.clone().into())));
    }
    let parts = [("givenName", &said.first_name), ("familyName", &said.last_name)];
    let name: Map<String, Value> = parts
        .into_iter()
        .filter(|(_, part)| !part.is_empty())
        .map(|(name, part)| (name.to_owned(), part.clone().into()))
        .collect();
    if !name.is_empty() {
        body.insert("name".to_owned(), name.into());
    }
    if let Some(active) = said.active {
        body.insert("active".to_owned(), active.into());
    }
    if !said.emails.is_empty() {
        body.insert("emails".to_owned(), serde_json::to_value(&said.emails).unwrap_or_default());
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_models_email_is_the_primary_or_work_or_first_or_the_name_or_leads_nowhere() {
        for (sent, expected) in [
            (
                json!({ "userName": "n", "emails": [{ "value": "a@x.example", "type": "work" }, { "value": "b@x.example", "primary": true }] }),
                "b@x.example",
            ),
            (
                json!({ "userName": "n", "emails": [{ "value": "a@x.example" }, { "value": "b@x.example", "type": "Work" }] }),
                "b@x.example",
            ),
            (
                json!({ "userName": "n", "emails": [{ "value": "a@x.example", "type": "home" }, { "value": "b@x.example" }] }),
                "a@x.example",
            ),
            (json!({ "userName": "n@x.example" }), "n@x.example"),
            (json!({ "userName": "Jo Doe" }), "jo%20doe@no-mail.invalid"),
            (json!({ "userName": "jo%20doe" }), "jo%2520doe@no-mail.invalid"),
            (json!({ "userName": "CORP\\jo@" }), "corp%5cjo%40@no-mail.invalid"),
        ] {
            let Value::Object(sent) = sent else { panic!() };
            assert_eq!(Said::of(&sent).unwrap().email(), expected, "{sent:?}");
        }
        assert!(is_email(&nowhere(&"ü".repeat(128))));
    }
}
