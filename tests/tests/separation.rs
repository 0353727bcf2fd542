//! Separation of duty: of a set of roles one user holds only so many, by whatever way.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use rolewright_model::documents::Documents;
use rolewright_model::rules::broken_by_new_rules;
use rolewright_model::{Code, State, Timestamp};
use rolewright_tests::world::{
    LATER, NOW, assign, assign_within, build, by, documents, facts, new_user, policy, user, with_id,
};
use serde_json::{Value, json};

/// Reporting and posting are apart; `leaf` and `stem`, which it inherits, and `spare` are too, but for two.
fn separated(edit: impl FnOnce(&mut Documents)) -> State {
    let mut documents = documents();
    documents.settings.separation = serde_json::from_value(json!([
        { "name": "Who reports does not post", "roles": ["reporter", "poster"], "at_most": 1 },
        { "name": "Two of three", "roles": ["stem", "leaf", "spare"], "at_most": 2 }
    ]))
    .unwrap();
    edit(&mut documents);
    build(documents)
}

fn with(assignments: &[Value]) -> State {
    separated(|documents| {
        for assignment in assignments {
            let assignment: rolewright_model::directory::AssignmentDocument =
                serde_json::from_value(assignment.clone()).unwrap();
            documents.directory.assignments.insert(assignment.id.clone(), assignment);
        }
    })
}

const APART: Option<Code> = Some(Code::SeparationOfDuty);

#[test]
fn one_user_holds_at_most_so_many_of_a_set_by_whatever_way() {
    let state = with(&[]);
    let member = |group: &str, who: Value| json!({ "change": "add_member", "group": group, "member": who });
    let on_package =
        |id: &str, package: &str| json!({ "change": "set_package", "id": id, "package": package });
    let package = |id: &str, roles: &[&str]| json!({ "change": "update_package", "package": { "id": id, "name": format!("The {id}"), "roles": roles } });
    let inherits = |id: &str, name: &str, parents: &[&str]| json!({ "change": "update_role", "role": { "id": id, "name": name, "inherits": parents } });
    let group = |id: &str| json!({ "group": id });
    facts(
        &state,
        vec![
            ("another of the set", "sam", assign(user("max"), "reporter"), APART),
            ("by the operator", "operator", assign(user("max"), "reporter"), APART),
            ("one of the set", "sam", assign(user("nil"), "reporter"), None),
            ("the same once more", "sam", assign_within("max", "poster", "servers/prod", None), None),
            ("one of another set", "sam", assign(user("max"), "spare"), None),
            ("at a place", "sam", assign_within("max", "reporter", "servers/prod", None), APART),
            ("for a time", "sam", assign_within("max", "reporter", "/", Some(LATER)), APART),
            (
                "for a time that has ended, which nobody gives",
                "sam",
                assign_within("max", "reporter", "/", Some(NOW.0)),
                Some(Code::Invalid),
            ),
            ("two of three, inherited", "sam", assign(user("nil"), "leaf"), None),
            ("three of three, one inherited", "sam", assign(user("rio"), "spare"), APART),
            ("to one who holds it by a group", "sam", assign(user("guy"), "reporter"), APART),
            ("by a group", "sam", member("posters", user("rio")), APART),
            ("by a group, one who holds none", "sam", member("posters", user("nil")), None),
            ("by nesting", "sam", member("posters", group("staff")), APART),
            ("to a group", "sam", assign(group("posters"), "reporter"), APART),
            ("to a group without members", "sam", assign(group("readers"), "poster"), None),
            ("to everyone", "sam", assign(json!("everyone"), "reporter"), APART),
            ("by a package", "sam", on_package("max", "basic"), APART),
            ("instead of a package", "sam", on_package("pat", "basic"), None),
            ("on a package", "sam", package("post", &["poster", "reporter"]), APART),
            ("on a package that nobody is on", "sam", package("empty", &["poster", "reporter"]), None),
            (
                "by an invitation",
                "sam",
                json!({ "change": "invite_user", "user": new_user("fresh"), "roles": ["reporter", "poster"] }),
                APART,
            ),
            ("by inheriting", "sam", inherits("poster", "Poster", &["reporter"]), APART),
            (
                "by inheriting, in a role that nobody holds",
                "sam",
                inherits("keeper", "Keeper", &["reporter", "poster"]),
                None,
            ),
            (
                "by a switch",
                "sam",
                json!({ "change": "set_entitlement", "role": "reporter", "on": true }),
                None,
            ),
            (
                "exchanged in a batch",
                "sam",
                json!({ "change": "batch", "changes": [assign(user("max"), "reporter"), with_id("unassign", "a-max")] }),
                None,
            ),
        ],
    );
}

#[test]
fn what_has_ended_and_what_everybody_holds_by_the_base_role_is_no_part_of_it() {
    let ended = json!({ "id": "x", "principal": user("nil"), "role": "poster", "until": NOW.0 });
    facts(&with(&[ended]), vec![("after the other has ended", "sam", assign(user("nil"), "reporter"), None)]);
    let by_base = separated(|documents| {
        documents.roles.get_mut("member").unwrap().inherits.push("reporter".to_owned());
    });
    facts(&by_base, vec![("beside what the base role inherits", "sam", assign(user("nil"), "poster"), None)]);
}

#[test]
fn the_refusal_says_the_roles_and_how_many_people_and_what_to_take_away() {
    let state = with(&[]);
    let one = by(&state, "sam", &assign(user("max"), "reporter")).unwrap_err();
    assert_eq!(
        one.message,
        "`Who reports does not post`: one person holds at most 1 of `Reporter`, `Poster`, and `max@example.com`, who holds `Poster`, would hold more: take one of them away first"
    );
    let fix = one.fix.unwrap();
    assert_eq!(fix.label, "Take Poster away");
    let fixed = by(&state, "sam", &serde_json::to_value(fix.change.unwrap()).unwrap()).unwrap().state;
    assert!(by(&fixed, "sam", &assign(user("max"), "reporter")).is_ok());
    let by_group = by(&state, "sam", &assign(user("guy"), "reporter")).unwrap_err();
    assert_eq!(by_group.fix, None, "what a group gives is not one's own to take away");
    let many = by(&state, "sam", &assign(json!("everyone"), "reporter")).unwrap_err();
    assert!(many.message.contains("` and 3 other people would hold more"), "{}", many.message);
}

/// A rule that is new, or was broken by hand, keeps nobody from other work.
#[test]
fn who_holds_more_already_is_not_in_the_way() {
    let both = [json!({ "id": "x", "principal": user("max"), "role": "reporter" })];
    let state = with(&both);
    facts(
        &state,
        vec![
            ("another role", "sam", assign(user("max"), "spare"), None),
            ("a role to everyone", "sam", assign(json!("everyone"), "keeper"), None),
            ("one of the set less", "sam", with_id("unassign", "x"), None),
            ("one of the set again", "sam", assign_within("max", "reporter", "servers/prod", None), None),
        ],
    );
    let mut documents = documents();
    documents.directory = state.documents().directory.clone();
    let rules = json!({ "products": ["core"], "separation": [{ "name": "Apart", "roles": ["reporter", "poster"], "at_most": 1 }] });
    facts(
        &build(documents),
        vec![("a new rule", "sam", json!({ "change": "update_settings", "settings": rules }), None)],
    );
}

#[test]
fn a_role_that_a_rule_names_is_not_deleted() {
    let state = separated(|documents| {
        documents.directory.assignments.remove("a-idle");
    });
    let refusal = by(&state, "sam", &with_id("delete_role", "spare")).unwrap_err();
    assert_eq!(refusal.code, Code::SeparationOfDuty);
    assert!(refusal.message.contains("`Two of three`"), "{}", refusal.message);
}

#[test]
fn a_wrong_rule_is_refused_with_its_path() {
    let rule = |name: &str, roles: &[&str], at_most: u32| json!({ "name": name, "roles": roles, "at_most": at_most });
    let two = ["reporter", "poster"];
    for (separation, path, word) in [
        (json!([rule("", &two, 1)]), "$.settings.separation[0].name", "name"),
        (json!([rule("A", &two, 1), rule("a", &two, 1)]), "$.settings.separation[1].name", "unique"),
        (json!([rule("A", &["reporter", "no"], 1)]), "$.settings.separation[0].roles[1]", "no role"),
        (json!([rule("A", &["reporter", "reporter"], 1)]), "$.settings.separation[0].roles[1]", "twice"),
        (json!([rule("A", &["reporter", "member"], 1)]), "$.settings.separation[0].roles[1]", "base role"),
        (json!([rule("A", &["reporter"], 1)]), "$.settings.separation[0].roles", "two roles"),
        (json!([rule("A", &two, 0)]), "$.settings.separation[0].at_most", "1 to 1"),
        (json!([rule("A", &two, 2)]), "$.settings.separation[0].at_most", "1 to 1"),
    ] {
        let mut policy = policy();
        policy["settings"]["separation"] = separation.clone();
        let problems = rolewright_model::PolicyDocument::from_json(&policy.to_string()).unwrap_err();
        let first = problems.first().unwrap_or_else(|| panic!("{separation}"));
        assert_eq!((problems.len(), first.path.as_str()), (1, path), "{separation}");
        assert!(first.message.contains(word), "{}", first.message);
    }
}

#[test]
fn a_new_rule_says_how_many_break_it_already() {
    let before = build(documents());
    let rules = |rules: Value| {
        let mut documents = documents();
        documents.settings.separation = serde_json::from_value(rules).unwrap();
        build(documents)
    };
    let broken = json!({ "name": "Apart", "roles": ["stem", "reporter", "poster"], "at_most": 1 });
    let kept = json!({ "name": "Who reports does not post", "roles": ["reporter", "poster"], "at_most": 1 });
    let now: Timestamp = NOW;
    let after = rules(json!([broken.clone(), kept]));
    assert_eq!(broken_by_new_rules(&before, &after, now), [("Apart".to_owned(), 1)]);
    // One that is there already is no news.
    assert_eq!(broken_by_new_rules(&after, &rules(json!([broken])), now), []);
}
