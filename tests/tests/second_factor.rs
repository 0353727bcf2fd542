//! Who must have a second factor: nobody, who administers, or everybody, as the settings say.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use rolewright_model::{Code, State, Timestamp};
use rolewright_tests::world::{NOW, build, by, documents, with_id};
use serde_json::json;

fn demanding(whom: &str) -> State {
    let mut documents = documents();
    documents.settings.second_factor = serde_json::from_value(json!(whom)).unwrap();
    build(documents)
}

#[test]
fn who_must_have_a_second_factor_is_who_the_settings_say() {
    for (whom, needed) in [
        ("nobody", [false, false, false]),
        ("administrators", [true, true, false]),
        ("everyone", [true, true, true]),
    ] {
        let state = demanding(whom);
        // A superuser, who holds Rolewright's own permissions, and who holds nothing.
        let found = ["sam", "ada", "nil"].map(|user| state.needs_second_factor(user, NOW));
        assert_eq!(found, needed, "{whom}");
        assert!(!state.needs_second_factor("not known", NOW), "{whom}");
    }
}

#[test]
fn who_is_not_active_or_administers_later_needs_none_yet() {
    let mut documents = documents();
    documents.settings.second_factor = serde_json::from_value(json!("administrators")).unwrap();
    let begins = Timestamp(NOW.0 + 1);
    for assignment in documents.directory.assignments.clone().values() {
        let later =
            rolewright_model::directory::AssignmentDocument { from: Some(begins), ..assignment.clone() };
        documents.directory.assignments.insert(later.id.clone(), later);
    }
    let state = build(documents.clone());
    assert_eq!([NOW, begins].map(|at| state.needs_second_factor("ada", at)), [false, true]);
    let mut ada = documents.directory.users.get("ada").unwrap().clone();
    ada.status = rolewright_model::directory::Status::Disabled;
    documents.directory.users.insert("ada".to_owned(), ada);
    assert!(!build(documents).needs_second_factor("ada", begins));
}

#[test]
fn who_must_have_one_does_not_turn_it_off() {
    let off = |user: &str| with_id("turn_off_second_factor", user);
    let state = demanding("administrators");
    assert_eq!(by(&state, "ada", &off("ada")).unwrap_err().code, Code::SecondFactorRequired);
    assert_eq!(by(&state, "ada", &off("nil")).unwrap_err().code, Code::MissingPermission);
    assert!(by(&state, "nil", &off("nil")).is_ok());
    assert!(by(&demanding("nobody"), "ada", &off("ada")).is_ok());
}
