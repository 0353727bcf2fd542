//! What an edit of a role did to what it gives.

use std::collections::BTreeMap;

use rolewright_model::change::Write;
use serde_json::Value;

/// What a role gives: of each permission, alone or only at one type of resources, the level.
type Grants<'e> = BTreeMap<(&'e str, Option<&'e str>), &'e str>;

/// What differs in what a role gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Granted<'e> {
    /// The permissions that it gives since, by id.
    pub(super) allowed: Vec<&'e str>,
    /// Those that it gives at another level.
    pub(super) changed: Vec<&'e str>,
    /// Those that it gives no more.
    pub(super) taken: Vec<&'e str>,
    /// The roles that it inherits since, by id.
    pub(super) inherits: Vec<&'e str>,
    /// Those that it inherits no more.
    pub(super) disinherits: Vec<&'e str>,
}

/// What an edit of a role did to what it gives.
pub(super) fn granted(write: &Write) -> Granted<'_> {
    let (before, after) = (write.before.as_ref(), write.after.as_ref());
    let (was, is) = (grants(before), grants(after));
    let (had, has) = (inherited(before), inherited(after));
    let mut told = Granted {
        inherits: has.iter().filter(|role| !had.contains(role)).copied().collect(),
        disinherits: had.iter().filter(|role| !has.contains(role)).copied().collect(),
        ..Granted::default()
    };
    for (of, level) in &is {
        match was.get(of) {
            None => told.allowed.push(of.0),
            Some(was) if was != level => told.changed.push(of.0),
            Some(_) => {}
        }
    }
    told.taken.extend(was.keys().filter(|of| !is.contains_key(*of)).map(|of| of.0));
    told
}

fn grants(role: Option<&Value>) -> Grants<'_> {
    let listed = |field: &str| role.and_then(|role| role.get(field));
    let everywhere = listed("grants").and_then(Value::as_object).into_iter().flatten();
    let everywhere =
        everywhere.filter_map(|(permission, level)| Some(((&**permission, None), level.as_str()?)));
    let limited = listed("limited").and_then(Value::as_array).into_iter().flatten().filter_map(|grant| {
        let text = |field: &str| grant.get(field).and_then(Value::as_str);
        Some(((text("permission")?, Some(text("at")?)), text("level")?))
    });
    everywhere.chain(limited).collect()
}

fn inherited(role: Option<&Value>) -> Vec<&str> {
    let roles = role.and_then(|role| role.get("inherits")).and_then(Value::as_array);
    roles.into_iter().flatten().filter_map(Value::as_str).collect()
}
