//! What of the change log somebody may see: of each entry who changed what when and why, and of what was changed the
//! documents of those kinds, and the keys, that they may see now.

use rolewright_model::change::{Kind, Topic};
use rolewright_model::restore::Earlier;
use rolewright_store::sealed;
use serde::Deserialize as _;
use serde_json::Value;

use crate::audit::prune;
use crate::auth::Asker;
use crate::problem::Result;
use crate::signing;

/// Which kinds of documents somebody may see, and whether keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight(Vec<Topic>);

impl Sight {
    /// That of whoever asks.
    #[must_use]
    pub fn of(asker: &Asker) -> Self {
        Self(Topic::all().filter(|topic| asker.may(topic.permission_to_see())).collect())
    }

    /// That of the operator, who sees everything.
    #[must_use]
    pub fn whole() -> Self {
        Self(Topic::all().collect())
    }

    /// Whether documents of that kind are seen, or keys.
    #[must_use]
    pub fn sees(&self, topic: impl Into<Topic>) -> bool {
        self.0.contains(&topic.into())
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
            name => match told_by(name) {
                Some(topics) => topics.iter().all(|topic| self.sees(*topic)),
                None => Topic::all().all(|topic| self.sees(topic)),
            },
        }
    }
}

const SETTINGS: Topic = Topic::Documents(Kind::Settings);
const CATALOGUE: Topic = Topic::Documents(Kind::Catalogue);
const TESTS: Topic = Topic::Documents(Kind::Tests);
const ROLES: Topic = Topic::Documents(Kind::Role);
const PACKAGES: Topic = Topic::Documents(Kind::Package);
const USERS: Topic = Topic::Documents(Kind::User);
const GROUPS: Topic = Topic::Documents(Kind::Group);
const MEMBERSHIPS: Topic = Topic::Documents(Kind::Membership);
const ASSIGNMENTS: Topic = Topic::Documents(Kind::Assignment);

/// What changes tell of, by their names.
const TOLD: &[(&str, &[Topic])] = &[
    ("create_role", &[ROLES]),
    ("update_role", &[ROLES]),
    ("delete_role", &[ROLES]),
    ("update_catalogue", &[CATALOGUE]),
    ("update_tests", &[TESTS]),
    ("remove_tests_of_role", &[TESTS, ROLES]),
    ("create_package", &[PACKAGES]),
    ("update_package", &[PACKAGES]),
    ("delete_package", &[PACKAGES]),
    ("replace_role_in_packages", &[PACKAGES, ROLES]),
    ("update_settings", &[SETTINGS]),
    ("set_entitlement", &[SETTINGS]),
    ("import_policy", &[SETTINGS, CATALOGUE, TESTS, ROLES, PACKAGES]),
    ("invite_user", &[USERS]),
    ("create_user", &[USERS]),
    ("accept_invitation", &[USERS]),
    ("update_user", &[USERS]),
    ("set_name", &[USERS]),
    ("set_email", &[USERS]),
    ("set_attributes", &[USERS]),
    ("set_status", &[USERS]),
    ("set_package", &[USERS]),
    ("delete_user", &[USERS]),
    ("send_invitation", &[USERS]),
    ("revoke_invitation", &[USERS]),
    ("start_password_reset", &[USERS]),
    ("set_password", &[USERS]),
    ("turn_on_second_factor", &[USERS]),
    ("turn_off_second_factor", &[USERS]),
    ("replace_second_factor", &[USERS]),
    ("renew_recovery_codes", &[USERS]),
    ("reset_second_factor", &[USERS]),
    ("end_sessions", &[USERS]),
    ("end_other_sessions", &[USERS]),
    ("set_provider_record", &[USERS]),
    // Whom it is as an entry says too.
    ("view_as", &[USERS, ROLES]),
    ("end_view_as", &[USERS, ROLES]),
    ("create_group", &[GROUPS]),
    ("update_group", &[GROUPS]),
    ("delete_group", &[GROUPS]),
    ("add_member", &[MEMBERSHIPS]),
    ("remove_member", &[MEMBERSHIPS]),
    ("assign", &[ASSIGNMENTS]),
    ("unassign", &[ASSIGNMENTS]),
    ("keep_assignment", &[ASSIGNMENTS]),
    ("set_window", &[ASSIGNMENTS]),
    ("make_key", &[Topic::Keys]),
    ("update_key", &[Topic::Keys]),
    ("renew_key", &[Topic::Keys]),
    ("end_key", &[Topic::Keys]),
    // A backup was put in place.
    ("restore", &[]),
    // Records that were there were sealed.
    (sealed::SEALING, &[]),
    // Entries of long ago were removed.
    (prune::ACTION, &[]),
    (signing::ACTION, &[]),
];

/// What a change of that name tells of; none where that is not known here, for it may be anything.
fn told_by(name: &str) -> Option<&'static [Topic]> {
    TOLD.iter().find(|(known, _)| *known == name).map(|(_, topics)| *topics)
}

/// The names of all actions that an entry of the log can have.
pub fn actions() -> impl Iterator<Item = &'static str> {
    ["batch", "put_back"].into_iter().chain(TOLD.iter().map(|(name, _)| *name))
}

/// Demands to see every kind of document, and keys: what is told as it is has all of them in it.
///
/// # Errors
/// 403.
pub fn need_all(asker: &Asker, what: &str) -> Result<()> {
    Topic::all().try_for_each(|topic| asker.need(topic.permission_to_see(), what))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_is_seen_by_who_sees_every_kind_that_it_tells_of() {
        let roles = Sight([Kind::Role, Kind::Catalogue, Kind::Tests].map(Topic::Documents).to_vec());
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
            (json!({ "change": "update_tests" }), true),
            (json!({ "change": "end_sessions", "id": "ada" }), false),
            (json!({ "change": "make_key" }), false),
            (json!({ "change": "not_known_yet" }), false),
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

    #[test]
    fn what_is_done_to_accounts_is_seen_by_who_sees_people_and_to_keys_by_who_sees_keys() {
        let people = Sight(vec![Topic::Documents(Kind::User)]);
        let keys = Sight(vec![Topic::Keys]);
        for (change, by_people, by_keys) in [
            ("set_email", true, false),
            ("send_invitation", true, false),
            ("revoke_invitation", true, false),
            ("start_password_reset", true, false),
            ("set_password", true, false),
            ("turn_on_second_factor", true, false),
            ("turn_off_second_factor", true, false),
            ("replace_second_factor", true, false),
            ("renew_recovery_codes", true, false),
            ("reset_second_factor", true, false),
            ("end_sessions", true, false),
            ("end_other_sessions", true, false),
            ("set_provider_record", true, false),
            ("make_key", false, true),
            ("update_key", false, true),
            ("renew_key", false, true),
            ("end_key", false, true),
        ] {
            let change = json!({ "change": change });
            let seen = (people.sees_change(&change), keys.sees_change(&change));
            assert_eq!(seen, (by_people, by_keys), "{change}");
        }
    }
}
