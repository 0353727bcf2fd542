//! A change in a sentence. Pure, and so tested natively.

use rolewright_model::change::{About, Kind, Topic};
use rolewright_wire::audit::{AuditEntry, AuditWrite};
use serde_json::Value;

use crate::text;

/// A part of the sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Words.
    Words(String),
    /// Somebody or something, by id.
    One(Kind, String),
    /// A place, as a path.
    Place(String),
}

/// What changed, in a sentence without who did it.
pub fn told(entry: &AuditEntry) -> Vec<Part> {
    known(entry).unwrap_or_else(|| {
        let name = text::sentence(&entry.action.replace('_', " "));
        let mut parts = words(name.trim_end_matches('.'));
        if let Some(about) = entry.about.as_ref().and_then(one_about) {
            parts.extend([Part::Words(": ".to_owned()), about]);
        }
        parts
    })
}

fn words(text: &str) -> Vec<Part> {
    vec![Part::Words(text.to_owned())]
}

/// The sentence with `{}` for each part that is somebody or something.
fn filled(pattern: &str, parts: impl IntoIterator<Item = Part>) -> Vec<Part> {
    let mut parts = parts.into_iter();
    let mut told = Vec::new();
    for (position, piece) in pattern.split("{}").enumerate() {
        if position > 0 {
            told.extend(parts.next());
        }
        if !piece.is_empty() {
            told.push(Part::Words(piece.to_owned()));
        }
    }
    told
}

/// Whom or what it is about; a key has no page of its own.
fn one_about(about: &About) -> Option<Part> {
    match about.topic() {
        Topic::Documents(kind) => Some(Part::One(kind, about.id().to_owned())),
        Topic::Keys => None,
    }
}

fn known(entry: &AuditEntry) -> Option<Vec<Part>> {
    let of = |kind: Kind| entry.writes.iter().find(|write| write.kind == kind.as_str());
    let one = |kind: Kind| of(kind).map(|write| Part::One(kind, write.id.clone()));
    let all = |kind: Kind| {
        let told = entry.writes.iter().filter(|write| write.kind == kind.as_str()).count() as u64;
        told + entry.others.get(kind.as_str()).copied().unwrap_or_default()
    };
    let user = || one(Kind::User);
    let account = || entry.about.as_ref().and_then(one_about).or_else(user);
    let simple = |pattern: &str, part: Option<Part>| Some(filled(pattern, [part?]));
    match entry.action.as_str() {
        "create_role" => simple("Created the role {}", one(Kind::Role)),
        "update_role" => simple("Edited the role {}", one(Kind::Role)),
        "delete_role" => simple("Deleted the role {}", one(Kind::Role)),
        "create_package" => simple("Created the package {}", one(Kind::Package)),
        "update_package" => simple("Edited the package {}", one(Kind::Package)),
        "delete_package" => simple("Deleted the package {}", one(Kind::Package)),
        "create_group" => simple("Created the group {}", one(Kind::Group)),
        "update_group" => simple("Edited the group {}", one(Kind::Group)),
        "delete_group" => simple("Deleted the group {}", one(Kind::Group)),
        "invite_user" => simple("Invited {}", user()),
        "create_user" => simple("Added {}", user()),
        "update_user" => simple("Edited the name or email of {}", user()),
        "set_name" => simple("Changed the name of {}", user()),
        "set_email" => simple("Changed the email of {}", user()),
        "set_attributes" => simple("Edited the attributes of {}", user()),
        "accept_invitation" => simple("Accepted the invitation of {}", user()),
        "delete_user" => simple("Deleted {}", user()),
        "set_status" => {
            let status = field(of(Kind::User)?.after.as_ref(), "/status");
            let pattern = if status == Some("disabled") { "Disabled {}" } else { "Activated {}" };
            simple(pattern, user())
        }
        "set_package" => match field(of(Kind::User)?.after.as_ref(), "/package/package") {
            Some(package) => {
                Some(filled("Put {} on {}", [user()?, Part::One(Kind::Package, package.to_owned())]))
            }
            None => simple("Took {} off their package", user()),
        },
        "assign" | "unassign" | "set_window" if all(Kind::Assignment) == 1 => {
            assignment(&entry.action, of(Kind::Assignment)?)
        }
        "add_member" | "remove_member" if all(Kind::Membership) == 1 => {
            membership(&entry.action, of(Kind::Membership)?)
        }
        "set_entitlement" => {
            let on = entry.change.get("on").and_then(Value::as_bool);
            let pattern =
                if on? { "Turned on the entitlement to {}" } else { "Turned off the entitlement to {}" };
            simple(
                pattern,
                field(Some(&entry.change), "/role").map(|id| Part::One(Kind::Role, id.to_owned())),
            )
        }
        "replace_role_in_packages" => {
            let role = |path| field(Some(&entry.change), path).map(|id| Part::One(Kind::Role, id.to_owned()));
            match role("/with") {
                Some(with) => Some(filled("Replaced {} by {} in packages", [role("/role")?, with])),
                None => simple("Took {} out of packages", role("/role")),
            }
        }
        "update_settings" => Some(words("Edited the settings")),
        "update_catalogue" => Some(words("Edited the catalogue")),
        "update_tests" => Some(words("Edited the tests of the policy")),
        "import_policy" => Some(words("Replaced the policy")),
        "make_key" => Some(words("Made an API key")),
        "update_key" => Some(words("Edited an API key")),
        "renew_key" => Some(words("Gave an API key a new secret")),
        "end_key" => Some(words("Ended an API key")),
        "send_invitation" => simple("Sent {} a new invitation", account()),
        "revoke_invitation" => simple("Took back the invitation of {}", account()),
        "start_password_reset" => simple("Started a password reset for {}", account()),
        "set_password" => simple("Set the password of {}", account()),
        "turn_on_second_factor" => simple("Turned on the second factor of {}", account()),
        "turn_off_second_factor" => simple("Turned off the second factor of {}", account()),
        "replace_second_factor" => simple("Replaced the second factor of {}", account()),
        "renew_recovery_codes" => simple("Made new recovery codes of {}", account()),
        "reset_second_factor" => simple("Reset the second factor of {}", account()),
        "set_provider_record" => simple("Edited what the identity provider calls {}", account()),
        "end_sessions" if entry.change.get("session").is_some() => simple("Ended a session of {}", account()),
        "end_sessions" => simple("Ended the sessions of {}", account()),
        "end_other_sessions" => simple("Ended other sessions of {}", account()),
        "view_as" => simple("Viewed the app as {}", account()),
        "end_view_as" => simple("Stopped viewing the app as {}", account()),
        "put_back" => Some(words(&format!("Put back {}", tally(entry)?))),
        "batch" => Some(words(&format!("Changed {} at once", tally(entry)?))),
        "restore" => Some(words("Put a backup in place")),
        "seal_records" => Some(words("Sealed the records that were there")),
        "rotate_signing_key" => Some(words("Made a new signing key")),
        "prune" => Some(words("Removed old entries of this log")),
        _ => None,
    }
}

fn assignment(action: &str, write: &AuditWrite) -> Option<Vec<Part>> {
    let document = write.after.as_ref().or(write.before.as_ref())?;
    let role = Part::One(Kind::Role, field(Some(document), "/role")?.to_owned());
    let holder = match (field(Some(document), "/principal/user"), field(Some(document), "/principal/group")) {
        (Some(user), _) => Part::One(Kind::User, user.to_owned()),
        (None, Some(group)) => Part::One(Kind::Group, group.to_owned()),
        (None, None) => Part::Words("everyone".to_owned()),
    };
    let pattern = match action {
        "assign" => "Gave {} to {}",
        "unassign" => "Took {} from {}",
        _ => "Changed when {} counts for {}",
    };
    let mut told = filled(pattern, [role, holder]);
    if let Some(place) = field(Some(document), "/scope").filter(|place| *place != "/") {
        told.extend([Part::Words(" at ".to_owned()), Part::Place(place.to_owned())]);
    }
    Some(told)
}

fn membership(action: &str, write: &AuditWrite) -> Option<Vec<Part>> {
    let document = write.after.as_ref().or(write.before.as_ref())?;
    let member = match field(Some(document), "/member/user") {
        Some(user) => Part::One(Kind::User, user.to_owned()),
        None => Part::One(Kind::Group, field(Some(document), "/member/group")?.to_owned()),
    };
    let group = Part::One(Kind::Group, field(Some(document), "/group")?.to_owned());
    let pattern = if action == "add_member" { "Put {} into {}" } else { "Took {} out of {}" };
    Some(filled(pattern, [member, group]))
}

fn field<'d>(document: Option<&'d Value>, path: &str) -> Option<&'d str> {
    document?.pointer(path)?.as_str()
}

/// What documents of a kind are called: one, and several.
pub fn kind_words(kind: &str) -> (&str, &str) {
    match kind {
        "role" => ("role", "roles"),
        "package" => ("package", "packages"),
        "user" => ("person", "people"),
        "group" => ("group", "groups"),
        "membership" => ("membership", "memberships"),
        "assignment" => ("role assignment", "role assignments"),
        "key" => ("API key", "API keys"),
        "settings" => ("settings", "settings"),
        "catalogue" => ("catalogue", "catalogue"),
        "tests" => ("policy tests", "policy tests"),
        other => (other, other),
    }
}

/// "2 roles and 1 person"; nothing where nothing was written.
fn tally(entry: &AuditEntry) -> Option<String> {
    let mut counts: Vec<(&str, u64)> = Vec::new();
    let told = entry.writes.iter().map(|write| (&*write.kind, 1));
    for (kind, more) in told.chain(entry.others.iter().map(|(kind, count)| (&**kind, *count))) {
        match counts.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += more,
            None => counts.push((kind, more)),
        }
    }
    let told: Vec<String> = counts
        .iter()
        .map(|(kind, count)| {
            let (one, many) = kind_words(kind);
            if one == many { format!("the {one}") } else { text::count(*count, one, many) }
        })
        .collect();
    let (last, others) = told.split_last()?;
    Some(if others.is_empty() { last.clone() } else { format!("{} and {last}", others.join(", ")) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sentence(entry: &Value) -> String {
        let mut whole = json!({ "at": { "epoch": 0, "revision": 7 }, "time": 0, "actor": "user:ada", "change": {}, "writes": [], "request": "r", "previous": "", "hash": "" });
        for (name, value) in entry.as_object().unwrap() {
            whole[name] = value.clone();
        }
        let entry: AuditEntry = serde_json::from_value(whole).unwrap();
        let parts = told(&entry).into_iter();
        parts
            .map(|part| match part {
                Part::Words(words) => words,
                Part::One(kind, id) => format!("<{} {id}>", kind.as_str()),
                Part::Place(place) => format!("<{place}>"),
            })
            .collect()
    }

    #[test]
    fn a_change_is_told_in_a_sentence() {
        let given = |scope: &str| json!({ "kind": "assignment", "id": "a", "after": { "principal": { "user": "ana" }, "role": "clerk", "scope": scope } });
        let taken = json!({ "kind": "assignment", "id": "a", "before": { "principal": "everyone", "role": "clerk", "scope": "/" } });
        let member = json!({ "kind": "membership", "id": "m", "after": { "group": "sales", "member": { "group": "eu" } } });
        let role = json!({ "kind": "role", "id": "clerk" });
        let user = |after: Value| json!({ "kind": "user", "id": "ana", "after": after });
        for (entry, expected) in [
            (json!({ "action": "assign", "writes": [given("/")] }), "Gave <role clerk> to <user ana>"),
            (
                json!({ "action": "assign", "writes": [given("servers/prod")] }),
                "Gave <role clerk> to <user ana> at <servers/prod>",
            ),
            (json!({ "action": "unassign", "writes": [taken] }), "Took <role clerk> from everyone"),
            (json!({ "action": "add_member", "writes": [member] }), "Put <group eu> into <group sales>"),
            (json!({ "action": "update_role", "writes": [role] }), "Edited the role <role clerk>"),
            (
                json!({ "action": "set_status", "writes": [user(json!({ "status": "disabled" }))] }),
                "Disabled <user ana>",
            ),
            (
                json!({ "action": "set_status", "writes": [user(json!({ "status": "active" }))] }),
                "Activated <user ana>",
            ),
            (
                json!({ "action": "set_package", "writes": [user(json!({ "package": { "package": "pro" } }))] }),
                "Put <user ana> on <package pro>",
            ),
            (
                json!({ "action": "set_package", "writes": [user(json!({}))] }),
                "Took <user ana> off their package",
            ),
            (
                json!({ "action": "end_sessions", "about": { "kind": "user", "id": "ana" } }),
                "Ended the sessions of <user ana>",
            ),
            (
                json!({ "action": "end_sessions", "about": { "kind": "user", "id": "ana" }, "change": { "session": "s" } }),
                "Ended a session of <user ana>",
            ),
            (
                json!({ "action": "view_as", "about": { "kind": "user", "id": "ana" } }),
                "Viewed the app as <user ana>",
            ),
            (
                json!({ "action": "end_view_as", "about": { "kind": "role", "id": "clerk" } }),
                "Stopped viewing the app as <role clerk>",
            ),
            (
                json!({ "action": "batch", "writes": [role, user(json!({})), user(json!({}))] }),
                "Changed 1 role and 2 people at once",
            ),
            (
                json!({ "action": "batch", "brief": true, "writes": [role, user(json!({}))], "others": { "user": 499 } }),
                "Changed 1 role and 500 people at once",
            ),
            (
                json!({ "action": "assign", "brief": true, "writes": [given("/")], "others": { "assignment": 2 } }),
                "Assign",
            ),
            (
                json!({ "action": "put_back", "writes": [{ "kind": "settings", "id": "default" }] }),
                "Put back the settings",
            ),
            (json!({ "action": "make_key", "about": { "kind": "key", "id": "k" } }), "Made an API key"),
            // What this version does not know, and what its reader may not see.
            (json!({ "action": "paint_it_blue" }), "Paint it blue"),
            (
                json!({ "action": "assign", "writes": [{ "kind": "assignment", "id": "a", "hidden": true }] }),
                "Assign",
            ),
        ] {
            assert_eq!(sentence(&entry), expected, "{entry}");
        }
    }
}
