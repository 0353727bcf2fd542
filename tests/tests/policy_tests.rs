//! Policy tests: what a policy says it answers, asked of it, and again before it is changed.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use rolewright_model::change::Kind;
use rolewright_model::documents::Documents;
use rolewright_model::policy_test::TestResult;
use rolewright_model::restore::{restoring, taken_back};
use rolewright_model::{Code, Context, PolicyDocument, State};
use rolewright_tests::TEMPLATES;
use rolewright_tests::world::{AT, NOW, by, policy, role, with_id, world};
use serde_json::{Value, json};

fn set(tests: Value) -> Value {
    json!({ "change": "update_tests", "tests": tests })
}

/// The world with those tests.
fn tested(tests: Value) -> State {
    by(&world(&[]), "sam", &set(tests)).unwrap().state
}

fn run(test: Value) -> TestResult {
    tested(json!([test])).run_tests(NOW).remove(0)
}

fn ask(permission: &str, holds: &[&str], expect: Value) -> Value {
    let holds: Vec<Value> = holds.iter().map(|role| json!({ "role": role })).collect();
    json!({ "name": "A test", "who": { "holds": holds }, "permission": permission, "expect": expect })
}

/// A role of one type of resources gives what is needed there, whichever resource is named first.
#[test]
fn who_can_is_asked_at_each_resource_of_an_operation() {
    let need = |resource: &str| json!({ "needs": [{ "permission": "mail.view", "resource": resource }] });
    let mut policy = policy();
    policy["catalogue"]["resource_types"] = json!([{ "id": "server", "pattern": "servers/{server}" }, { "id": "site", "pattern": "sites/{site}" }]);
    policy["catalogue"]["operations"] = json!([{ "id": "link", "resources": { "from": "servers/{a}", "to": "sites/{b}" },
        "alternatives": [need("from"), need("to")] }]);
    for kind in ["server", "site"] {
        let grants = json!({ "mail.view": "allowed" });
        let role = json!({ "id": kind, "name": kind, "scope_types": [kind], "grants": grants });
        policy["roles"].as_array_mut().unwrap().push(role);
    }
    policy["tests"] = json!([{ "name": "Linking", "operation": "link", "resources": { "from": "servers/a", "to": "sites/b" },
        "expect": { "roles": ["root", "chief", "deputy", "poster", "server", "site"] } }]);
    let policy = PolicyDocument::from_json(&policy.to_string()).unwrap();
    let state = State::build(Documents::of_policy(&policy), AT).unwrap();
    let result = state.run_tests(NOW).remove(0);
    assert_eq!(result.answered, "`chief`, `deputy`, `poster`, `root`, `server`, `site`");
}

#[test]
fn a_test_passes_where_the_policy_answers_as_it_must() {
    let who_can = |expect: Value| json!({ "name": "A test", "permission": "mail.manage", "expect": expect });
    let user = |id: &str, expect: &str| json!({ "name": "A test", "who": { "user": id }, "permission": "mail.view", "expect": expect });
    let at = |scope: &str, expect: &str| json!({ "name": "A test", "who": { "holds": [{ "role": "poster", "scope": scope }] }, "permission": "mail.view", "resource": "servers/prod", "expect": expect });
    for (test, passed, answered) in [
        (ask("mail.view", &["poster"], json!("allow")), true, "allowed"),
        (ask("mail.view", &["poster"], json!("refuse")), false, "allowed"),
        (ask("mail.view", &["reporter", "poster"], json!("allow")), true, "allowed"),
        (ask("mail.view", &["reporter"], json!("allow")), false, "not allowed"),
        (ask("mail.view", &[], json!("refuse")), true, "not allowed"),
        (at("servers/prod", "allow"), true, "allowed"),
        (at("servers/test", "refuse"), true, "not allowed"),
        (user("max", "allow"), true, "allowed"),
        (user("dis", "allow"), false, "not allowed"),
        (user("rio", "refuse"), true, "not allowed"),
        (
            who_can(json!({ "roles": ["root", "chief", "deputy", "poster"] })),
            true,
            "`chief`, `deputy`, `poster`, `root`",
        ),
        (who_can(json!({ "roles": ["poster"] })), false, "`chief`, `deputy`, `poster`, `root`"),
        (who_can(json!({ "users": ["guy", "max", "pat", "sam"] })), true, "`guy`, `max`, `pat`, `sam`"),
        (who_can(json!({ "users": [] })), false, "`guy`, `max`, `pat`, `sam`"),
        // What a test names and is not there makes it fail, whatever it expects.
        (ask("mail.fly", &[], json!("refuse")), false, "there is no permission `mail.fly`"),
        (ask("mail.view", &["nobody"], json!("refuse")), false, "there is no role `nobody`"),
        (at("databases/prod", "refuse"), false, "`databases/prod` is not a place"),
        (user("nobody", "refuse"), false, "there is no user `nobody`"),
        (who_can(json!({ "roles": ["nobody"] })), false, "there is no role `nobody`"),
        (who_can(json!({ "users": ["nobody"] })), false, "there is no user `nobody`"),
        (
            json!({ "name": "A test", "who": {}, "operation": "mail.fly", "expect": "refuse" }),
            false,
            "there is no operation `mail.fly`",
        ),
        (
            json!({ "name": "A test", "who": {}, "permission": "mail.view", "level": "half", "expect": "refuse" }),
            false,
            "`mail.view` has no level `half` that can be asked for",
        ),
    ] {
        let result = run(test.clone());
        assert_eq!((result.passed, result.answered.as_str()), (passed, answered), "{test}");
    }
}

#[test]
fn a_wrong_test_is_refused_with_its_path() {
    let test = |more: Value| {
        let mut test = json!({ "name": "A test", "who": {}, "permission": "mail.view", "expect": "refuse" });
        test.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        test.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        test
    };
    for (tests, path) in [
        (json!([test(json!({ "name": "" }))]), "$.tests[0].name"),
        (json!([test(json!({})), test(json!({ "name": "a TEST" }))]), "$.tests[1].name"),
        (json!([test(json!({ "permission": null }))]), "$.tests[0]"),
        (json!([test(json!({ "operation": "mail.send" }))]), "$.tests[0]"),
        (json!([test(json!({ "resources": { "a": "servers/a" } }))]), "$.tests[0].resources"),
        (
            json!([test(json!({ "permission": null, "operation": "x", "resource": "/" }))]),
            "$.tests[0].resource",
        ),
        (json!([test(json!({ "permission": null, "operation": "x", "level": "all" }))]), "$.tests[0].level"),
        (json!([test(json!({ "who": null }))]), "$.tests[0]"),
        (json!([test(json!({ "expect": { "roles": [] } }))]), "$.tests[0].who"),
        (
            json!([test(json!({ "who": { "user": "max", "holds": [{ "role": "poster" }] } }))]),
            "$.tests[0].who",
        ),
    ] {
        let refusal = by(&world(&[]), "sam", &set(tests.clone())).unwrap_err();
        let paths: Vec<&str> = refusal.problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, [path], "{tests}");
        let mut policy = policy();
        policy.as_object_mut().unwrap().insert("tests".to_owned(), tests);
        let problems = PolicyDocument::from_json(&policy.to_string()).unwrap_err();
        assert_eq!(problems, refusal.problems);
    }
}

#[test]
fn a_change_of_the_policy_that_makes_a_test_fail_is_refused() {
    let state = tested(json!([
        { "name": "A Poster posts", "who": { "holds": [{ "role": "poster" }] }, "permission": "mail.manage", "expect": "allow" },
        { "name": "A Reporter does not", "who": { "holds": [{ "role": "reporter" }] }, "permission": "mail.manage", "expect": "refuse" },
        { "name": "Fails already", "who": {}, "permission": "mail.manage", "expect": "allow" }
    ]));
    let edit = |id: &str, grants: &[&str]| json!({ "change": "update_role", "role": role(id, grants) });
    let code_of = |state: &State, change: &Value| by(state, "sam", change).err().map(|refusal| refusal.code);
    let code = |change: &Value| code_of(&state, change);
    assert_eq!(code(&edit("poster", &["mail.view"])), Some(Code::PolicyTestFails));
    assert_eq!(code(&edit("reporter", &["mail.manage"])), Some(Code::PolicyTestFails));
    assert_eq!(code(&edit("reporter", &["mail.view"])), None);
    let both =
        json!({ "change": "batch", "changes": [edit("poster", &[]), edit("reporter", &["mail.manage"])] });
    let refusal = by(&state, "sam", &both).unwrap_err();
    assert_eq!(
        refusal.message,
        "the policy test `A Poster posts` would fail: it expects allowed and the answer would be not allowed; 1 more would fail"
    );
    // The end of a batch is what counts.
    let mended =
        json!({ "change": "batch", "changes": [edit("poster", &[]), edit("poster", &["mail.manage"])] });
    assert_eq!(code(&mended), None);
    let gone = json!({ "change": "batch", "changes": [
        { "change": "replace_role_in_packages", "role": "poster", "with": null }, with_id("delete_role", "poster")
    ] });
    let refusal = by(&state, "sam", &gone).unwrap_err();
    assert!(
        refusal.message.ends_with("the answer would be there is no role `poster`"),
        "{}",
        refusal.message
    );
    let with_tests = json!({ "change": "batch", "changes": [
        { "change": "remove_tests_of_role", "role": "poster" },
        { "change": "replace_role_in_packages", "role": "poster", "with": null }, with_id("delete_role", "poster")
    ] });
    let alone = json!({ "change": "remove_tests_of_role", "role": "poster" });
    assert_eq!(by(&state, "nil", &alone).unwrap_err().code, Code::MissingPermission);
    let none = json!({ "change": "remove_tests_of_role", "role": "nobody" });
    assert_eq!(by(&state, "sam", &none).unwrap_err().code, Code::Unknown);
    let left = by(&state, "sam", &with_tests).unwrap();
    assert!(left.state.documents().tests.iter().all(|test| !test.names_role("poster")));
    assert!(left.state.documents().tests.len() < state.documents().tests.len());
    // Nor is what made a test pass taken back from under it.
    let made = by(&world(&[]), "operator", &edit("reporter", &["mail.manage"])).unwrap();
    let needs = json!([ask("mail.manage", &["reporter"], json!("allow"))]);
    let needing = by(&made.state, "sam", &set(needs)).unwrap().state;
    let then = taken_back(needing.documents(), &made.writes).unwrap();
    let back = restoring(needing.documents(), &then).change.unwrap();
    assert_eq!(code_of(&needing, &json!(back)), Some(Code::PolicyTestFails));
    assert_eq!(code_of(&made.state, &json!(back)), None);
    // With the test edited in the same change, it is not in the way.
    let both = json!({ "change": "batch", "changes": [set(json!([])), edit("poster", &["mail.view"])] });
    assert_eq!(code(&both), None);
    let mut imported = policy();
    imported["roles"][8]["grants"] = json!({});
    assert_eq!(
        code(&json!({ "change": "import_policy", "policy": imported })),
        None,
        "it brings its own tests"
    );
}

/// Who holds what is no matter of the policy.
/// Tests are asked before every change of the policy, and names are compared without a look at every
/// other one.
#[test]
fn a_policy_has_a_thousand_tests_at_most_and_none_is_called_as_another() {
    let tests = |names: &mut dyn Iterator<Item = String>| {
        let test = |name| json!({ "name": name, "who": {}, "permission": "mail.manage", "expect": "refuse" });
        json!({ "change": "update_tests", "tests": names.map(test).collect::<Vec<_>>() })
    };
    let state = world(&[]);
    for (name, change, expected) in [
        ("a thousand", tests(&mut (0..1000).map(|n| format!("Test {n}"))), None),
        ("one more", tests(&mut (0..=1000).map(|n| format!("Test {n}"))), Some("$.tests")),
        (
            "two alike",
            tests(&mut ["One", "Two", "ONE"].map(str::to_owned).into_iter()),
            Some("$.tests[2].name"),
        ),
    ] {
        let refused = by(&state, "sam", &change).err();
        let path = refused.and_then(|refusal| Some(refusal.problems.first()?.path.clone()));
        assert_eq!(path.as_deref(), expected, "{name}");
    }
}

#[test]
fn a_change_of_the_directory_runs_no_tests() {
    let state = tested(
        json!([{ "name": "Max posts", "who": { "user": "max" }, "permission": "mail.view", "expect": "allow" }]),
    );
    assert!(by(&state, "sam", &with_id("unassign", "a-max")).is_ok());
}

#[test]
fn tests_are_written_read_and_exported_with_the_policy() {
    let tests = json!([ask("mail.view", &["poster"], json!("allow"))]);
    let first = by(&world(&[]), "sam", &set(tests.clone())).unwrap();
    let write = &first.writes[0];
    assert_eq!((first.writes.len(), write.kind, write.id.as_str()), (1, Kind::Tests, Kind::ONLY));
    assert_eq!((&write.before, write.after.as_ref()), (&None, Some(&tests)));
    let exported = first.state.policy_document();
    assert_eq!(serde_json::to_value(&exported.tests).unwrap(), tests);
    assert!(exported.validate().is_ok());
    let none = by(&first.state, "sam", &set(json!([]))).unwrap();
    assert_eq!((none.writes[0].before.as_ref(), &none.writes[0].after), (Some(&tests), &None));
}

#[test]
fn every_template_passes_its_own_tests() {
    for (id, text) in TEMPLATES {
        let policy = PolicyDocument::from_json(text).unwrap();
        let begun = State::begin(&policy, &Context { now: NOW, id: "new".to_owned() }).unwrap();
        let results = begun.state.run_tests(NOW);
        assert!(results.len() >= 5, "{id}");
        let failed: Vec<_> = results.iter().filter(|result| !result.passed).collect();
        assert!(failed.is_empty(), "{id}: {failed:#?}");
    }
}
