//! What of the change log somebody may see: of each entry who changed what when and why, and of what was changed the
//! documents of those kinds that they may see now.

use rolewright_model::change::Kind;
use rolewright_model::console;
use rolewright_model::restore::Earlier;
use serde::Deserialize as _;
use serde_json::Value;

use crate::auth::Asker;
use crate::problem::Result;
use crate::tenant::permission_to_see;

/// Which kinds of documents somebody may see, and whether API keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    kinds: Vec<Kind>,
    keys: bool,
}

impl Sight {
    /// That of whoever asks.
    #[must_use]
    pub fn of(asker: &Asker) -> Self {
        let kinds = Kind::ALL.into_iter().filter(|kind| asker.may(permission_to_see(*kind)));
        Self { kinds: kinds.collect(), keys: asker.may(console::API_KEYS_VIEW) }
    }

    /// That of the operator, who sees everything.
    #[must_use]
    pub fn whole() -> Self {
        Self { kinds: Kind::ALL.to_vec(), keys: true }
    }

    /// Whether documents of that kind are seen.
    #[must_use]
    pub fn sees(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Whether everything is seen that a change says, as the log keeps it.
    #[must_use]
    pub fn sees_change(&self, change: &Value) -> bool {
        match change.get("change").and_then(Value::as_str).unwrap_or_default() {
            "batch" => match change.get("changes").and_then(Value::as_array) {
                Some(changes) => changes.iter().all(|change| self.sees_change(change)),
                None => false,
            },
            "put_back" => match change.get("documents").map(Earlier::deserialize) {
                Some(Ok(documents)) => documents.kinds().into_iter().all(|kind| self.sees(kind)),
                _ => false,
            },
            "make_key" | "renew_key" | "end_key" => self.keys,
            name => told_by(name).iter().all(|kind| self.sees(*kind)),
        }
    }
}

/// What a change of that name tells of; of one that is not known here, it may be anything.
fn told_by(name: &str) -> &'static [Kind] {
    match name {
        "create_role" | "update_role" | "delete_role" => &[Kind::Role],
        "update_catalogue" => &[Kind::Catalogue],
        "create_package" | "update_package" | "delete_package" => &[Kind::Package],
        "replace_role_in_packages" => &[Kind::Package, Kind::Role],
        "update_settings" | "set_entitlement" => &[Kind::Settings],
        "import_policy" => &[Kind::Settings, Kind::Catalogue, Kind::Tests, Kind::Role, Kind::Package],
        "invite_user"
        | "create_user"
        | "accept_invitation"
        | "update_user"
        | "set_attributes"
        | "set_status"
        | "set_package"
        | "delete_user"
        | "send_invitation"
        | "revoke_invitation"
        | "start_password_reset"
        | "set_password"
        | "turn_on_second_factor"
        | "turn_off_second_factor"
        | "reset_second_factor"
        | "end_sessions"
        | "end_other_sessions" => &[Kind::User],
        "create_group" | "update_group" | "delete_group" => &[Kind::Group],
        "add_member" | "remove_member" => &[Kind::Membership],
        "assign" | "unassign" | "set_window" => &[Kind::Assignment],
        // A backup was put in place.
        "restore" => &[],
        _ => &Kind::ALL,
    }
}

/// Demands to see every kind of document, and API keys: what is told as it is has all of them in it.
///
/// # Errors
/// 403.
pub fn need_all(asker: &Asker, what: &str) -> Result<()> {
    let mut needed = Kind::ALL.into_iter().map(permission_to_see).chain([console::API_KEYS_VIEW]);
    needed.try_for_each(|permission| asker.need(permission, what))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_is_seen_by_who_sees_every_kind_that_it_tells_of() {
        let roles = Sight { kinds: vec![Kind::Role, Kind::Catalogue, Kind::Tests], keys: false };
        let all = Sight::whole();
        let (role, user) = (json!({ "change": "update_role" }), json!({ "change": "update_user" }));
        for (change, by_roles) in [
            (role.clone(), true),
            (user.clone(), false),
            (json!({ "change": "batch", "changes": [role, user] }), false),
            (json!({ "change": "batch", "changes": [{ "change": "delete_role" }] }), true),
            (json!({ "change": "batch" }), false),
            (json!({ "change": "put_back", "documents": { "roles": { "clerk": null } } }), true),
            (
                json!({ "change": "put_back", "documents": { "roles": { "a": null }, "users": { "ada": null } } }),
                false,
            ),
            (json!({ "change": "put_back", "documents": { "not_known_yet": {} } }), false),
            (json!({ "change": "put_back" }), false),
            (json!({ "change": "not_known_yet" }), false),
            (json!({ "change": "make_key" }), false),
            (json!({ "change": "end_sessions" }), false),
            (json!({ "change": "restore" }), true),
            (json!({}), false),
        ] {
            assert_eq!(roles.sees_change(&change), by_roles, "{change}");
            let unread = [
                json!({ "change": "batch" }),
                json!({ "change": "put_back" }),
                json!({ "change": "put_back", "documents": { "not_known_yet": {} } }),
            ];
            assert_eq!(all.sees_change(&change), !unread.contains(&change), "{change}");
            assert!(!Sight::default().sees_change(&change) || change["change"] == "restore", "{change}");
        }
    }
}
