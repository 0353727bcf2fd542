//! Bad documents: everything that is wrong is listed, each with its JSON path.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up fails"
)]

use rolewright_model::documents::Documents;
use rolewright_model::role::{Audience, RoleDocument};
use rolewright_model::{PolicyDocument, Problem, Stamp, State, UiState, console, json};
use rolewright_tests::table;
use serde_json::{Value, json};

/// A small policy that is right: two scales, two modules, a resource type, an operation.
fn good() -> Value {
    json!({
        "format": 1,
        "name": "Good",
        "settings": { "products": ["core"] },
        "catalogue": {
            "scales": {
                "three": { "levels": [{ "id": "off" }, { "id": "some" }, { "id": "all" }], "can": "some" }
            },
            "modules": [
                {
                    "id": "docs", "label": "Documents", "access": {},
                    "permissions": [
                        { "id": "docs.read", "label": "Read", "scale": "three",
                          "levels": { "all": { "implies": { "docs.share": "allowed" } } } },
                        { "id": "docs.share", "label": "Share" }
                    ],
                    "sections": [{ "id": "more", "label": "More", "permissions": [{ "id": "docs.print", "label": "Print" }] }]
                },
                { "id": "jobs", "label": "Jobs", "requires": "core", "permissions": [
                    { "id": "jobs.run", "label": "Run" },
                    { "id": "jobs.base", "label": "Base", "only": "base" },
                    { "id": "jobs.custom", "label": "Custom", "only": "custom" }
                ] },
                { "id": "users", "label": "People", "console": true, "permissions": [{ "id": "users.view", "label": "See" }] }
            ],
            "resource_types": [{ "id": "folder", "pattern": "folders/{folder}" }],
            "operations": [
                { "id": "docs.publish", "label": "Publish", "resources": { "folder": "folders/{folder}" },
                  "alternatives": [{ "needs": [{ "permission": "docs.share", "resource": "folder" }] }] }
            ]
        },
        "roles": [
            { "id": "member", "name": "Member", "base": true, "grants": { "docs.read": "off", "jobs.base": "allowed" } },
            { "id": "root", "name": "Root", "superuser": true, "audience": "admin" },
            { "id": "reader", "name": "Reader", "grants": { "docs.read": "some", "jobs.custom": "allowed" } },
            { "id": "writer", "name": "Writer", "inherits": ["reader"], "grants": {} }
        ],
        "packages": [{ "id": "free", "name": "Free", "roles": [{ "role": "reader" }] }],
        "auto_assign": ["reader"]
    })
}

fn problems(document: &Value) -> Vec<Problem> {
    PolicyDocument::from_json(&document.to_string()).err().unwrap_or_default()
}

fn paths(problems: &[Problem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.path.as_str()).collect()
}

/// `good` with `value` at the JSON pointer; the last step is made where it is missing.
fn with(pointer: &str, value: Value) -> Value {
    let mut document = good();
    put(&mut document, pointer, value);
    document
}

fn put(document: &mut Value, pointer: &str, value: Value) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent) {
        Some(Value::Object(object)) => {
            object.insert(last.replace("~1", "/"), value);
        }
        Some(Value::Array(array)) if last == "-" => array.push(value),
        Some(Value::Array(array)) => array[last.parse::<usize>().unwrap()] = value,
        _ => panic!("no {parent} in the document"),
    }
}

#[test]
fn the_good_policy_is_good() {
    assert_eq!(problems(&good()), []);
}

#[test]
fn what_a_role_does_not_say_is_not_written() {
    let written = serde_json::to_value(RoleDocument::new("a", "A")).unwrap();
    let said = json!({ "id": "a", "name": "A", "kind": "custom", "audience": "user", "grants": {} });
    assert_eq!(written, said);
    let said = json!({
        "id": "a", "name": "A", "kind": "built_in", "audience": "admin", "grants": {},
        "base": true, "superuser": true, "promotes": true, "position": 1
    });
    let read: RoleDocument = serde_json::from_value(said.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), said);
}

#[test]
fn a_scale_and_its_levels_are_known_by_their_names() {
    let policy = PolicyDocument::from_json(&good().to_string()).unwrap();
    let state = State::build(Documents::of_policy(&policy), Stamp::default()).unwrap();
    let scale = |id: &str| state.catalogue().scale(state.catalogue().handle(id).unwrap()).unwrap();
    let (three, default) = (scale("docs.read"), scale("docs.share"));
    assert_eq!((three.id(), default.id()), ("three", "default"));
    let levels: Vec<(&str, UiState)> =
        three.levels().iter().map(|level| (level.id.as_str(), level.ui)).collect();
    assert_eq!(levels, [("off", UiState::Hidden), ("some", UiState::Enabled), ("all", UiState::Enabled)]);
}

/// Where, what is put there, the paths of the problems, and a word that the first message has.
type Bad = (&'static str, Value, &'static [&'static str], &'static str);

fn all_refused(table: Vec<Bad>) {
    let mut wrong = Vec::new();
    for (pointer, value, expected, word) in table {
        let found = problems(&with(pointer, value.clone()));
        let says = found.first().is_some_and(|problem| problem.message.contains(word));
        if paths(&found) != expected || !says {
            wrong.push(format!(
                "{pointer} = {value}\n    expected {expected:?} with `{word}`\n    found {found:#?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_wrong_shape_is_refused_with_its_path() {
    all_refused(vec![
        ("/format", json!(2), &["$.format"], "format 1"),
        ("/format", json!("1"), &["$.format"], "invalid type"),
        ("/surprise", json!(1), &["$.surprise"], "unknown field"),
        ("/name", json!(null), &["$.name"], "invalid type"),
        ("/roles", json!({}), &["$.roles"], "invalid type"),
        ("/roles/2/surprise", json!(1), &["$.roles[2].surprise"], "unknown field"),
        ("/roles/2/kind", json!("special"), &["$.roles[2].kind"], "unknown variant"),
        ("/roles/2/grants/docs.read", json!(1), &["$.roles[2].grants[\"docs.read\"]"], "invalid type"),
        ("/roles/2/position", json!(-1), &["$.roles[2].position"], "invalid value"),
        ("/settings/new_links", json!("later"), &["$.settings.new_links"], "unknown variant"),
        ("/settings/surprise", json!(1), &["$.settings.surprise"], "unknown field"),
        ("/packages/0/roles/0", json!("reader"), &["$.packages[0].roles[0]"], "invalid type"),
        ("/catalogue/modules/0/surprise", json!(1), &["$.catalogue.modules[0].surprise"], "unknown field"),
        (
            "/catalogue/modules/0/permissions/1/audience",
            json!("everyone"),
            &["$.catalogue.modules[0].permissions[1].audience"],
            "unknown variant",
        ),
        (
            "/catalogue/operations/0/alternatives/0/needs/0/surprise",
            json!(1),
            &["$.catalogue.operations[0].alternatives[0].needs[0].surprise"],
            "unknown field",
        ),
    ]);
}

/// A condition that is right.
fn emea() -> Value {
    json!({ "eq": [{ "attribute": "subject.region" }, "emea"] })
}

#[test]
fn conditions_of_every_form_are_read() {
    let all = json!({ "all": [
        emea(),
        { "any": [
            { "ne": [{ "attribute": "resource.owner" }, { "attribute": "subject.id" }] },
            { "in": ["x", { "attribute": "subject.teams" }] },
            { "in": [{ "attribute": "context.device.os_name" }, ["linux", 7, true]] },
            { "lt": [{ "attribute": "action.amount" }, 1.5] },
            { "le": [-3, { "attribute": "action.amount" }] },
            { "eq": [true, { "attribute": "context.network-zone" }] }
        ] }
    ] });
    let mut document = with("/catalogue/modules/0/permissions/0/levels/some", json!({ "condition": all }));
    put(
        &mut document,
        "/catalogue/operations/0/alternatives/0/needs/-",
        json!({ "permission": "docs.print", "unless": all }),
    );
    assert_eq!(problems(&document), []);
    let read = PolicyDocument::from_json(&document.to_string()).unwrap();
    assert_eq!(
        serde_json::to_value(&read).unwrap()["catalogue"]["modules"][0]["permissions"][0]["levels"]["some"]["condition"],
        all
    );
}

#[test]
fn a_wrong_condition_is_refused_with_its_path() {
    const AT: &str = "/catalogue/modules/0/permissions/1/levels";
    let nested = |depth: usize| (1..depth).fold(emea(), |inner, _| json!({ "all": [inner] }));
    let wide = |parts: usize| json!({ "any": vec![emea(); parts] });
    let operands = |operator: &str, left: Value, right: Value| json!({ operator: [left, right] });
    let region = || json!({ "attribute": "subject.region" });
    let mut wrong = Vec::new();
    for (condition, path, word) in [
        (json!({}), "", "one key alone"),
        (json!({ "eq": ["a", "a"], "ne": ["a", "a"] }), "", "one key alone"),
        (json!({ "not": [] }), "", "unknown variant"),
        (json!({ "eq": ["a"] }), ".eq", "an array of length 2"),
        (json!({ "eq": ["a", null] }), ".eq[1]", "null"),
        (json!({ "all": [] }), ".all", "one condition at least"),
        (json!({ "any": [emea(), { "any": [] }] }), ".any[1].any", "one condition at least"),
        (operands("eq", region(), json!(["emea"])), ".eq[1]", "right of `in`"),
        (operands("ne", json!(["emea"]), region()), ".ne[0]", "right of `in`"),
        (operands("in", json!(["emea"]), region()), ".in[0]", "right of `in`"),
        (operands("in", region(), json!("emea")), ".in[1]", "a list on its right"),
        (operands("in", region(), json!(["a", ["b"]])), ".in[1][1]", "not lists"),
        (
            operands("eq", json!({ "attribute": "user.region" }), json!("x")),
            ".eq[0].attribute",
            "`user.region`",
        ),
        (operands("eq", json!({ "attribute": "subject" }), json!("x")), ".eq[0].attribute", "`subject`"),
        (operands("eq", json!({ "attribute": "subject.Region" }), json!("x")), ".eq[0].attribute", "slugs"),
        (operands("eq", json!({ "attribute": "subject.a..b" }), json!("x")), ".eq[0].attribute", "slugs"),
        (
            operands("eq", json!({ "attribute": "subject.a", "of": 1 }), json!("x")),
            ".eq[0]",
            "`of` cannot stand here",
        ),
        (operands("eq", json!({}), json!("x")), ".eq[0]", "missing field"),
        (operands("eq", json!({ "attribute": 7 }), json!("x")), ".eq[0].attribute", "integer `7`"),
        (operands("in", region(), json!([{ "attribute": "subject.a" }])), ".in[1][0]", "not a value"),
        (nested(9), "", "9 deep"),
        (wide(64), "", "holds 65"),
    ] {
        let found = problems(&with(AT, json!({ "allowed": { "condition": condition } })));
        let path = format!("$.catalogue.modules[0].permissions[1].levels.allowed.condition{path}");
        if paths(&found) != [path.as_str()] || !found[0].message.contains(word) {
            wrong.push(format!("{condition}\n    expected {path} with `{word}`\n    found {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for right in [nested(8), wide(63)] {
        assert_eq!(problems(&with(AT, json!({ "allowed": { "condition": right } }))), []);
    }
}

#[test]
fn a_condition_in_a_wrong_place_is_refused() {
    all_refused(vec![
        (
            "/catalogue/modules/0/permissions/1/levels",
            json!({ "none": { "condition": emea() } }),
            &["$.catalogue.modules[0].permissions[1].levels.none.condition"],
            "level 0",
        ),
        (
            "/catalogue/modules/0/access/condition",
            emea(),
            &["$.catalogue.modules[0].access.condition"],
            "unknown field",
        ),
        (
            "/catalogue/modules/2/permissions/0/levels",
            json!({ "allowed": { "condition": emea() } }),
            &["$.catalogue.modules[2].permissions[0]"],
            "not redefined",
        ),
        (
            "/catalogue/operations/0/alternatives/0/needs/0/unless",
            emea(),
            &["$.catalogue.operations[0].alternatives[0].needs"],
            "keep one without",
        ),
        (
            "/catalogue/operations/0/alternatives/0/needs/-",
            json!({ "permission": "docs.print", "unless": { "all": [] } }),
            &["$.catalogue.operations[0].alternatives[0].needs[1].unless.all"],
            "one condition at least",
        ),
    ]);
}

#[test]
fn a_users_attributes_have_names_and_no_list_in_a_list() {
    let policy = PolicyDocument::from_json(&good().to_string()).unwrap();
    let mut documents = Documents::of_policy(&policy);
    let attributes = json!({ "region": "emea", "device.managed": true, "teams": ["a", 1.5], "Bad": 1, "a b": 1, "deep": [["x"]] });
    documents.directory.users =
        table(json!({ "ana": { "id": "ana", "status": "active", "attributes": attributes } }));
    let found = State::build(documents, Stamp::default()).unwrap_err();
    assert_eq!(
        paths(&found),
        ["$.users.ana.attributes.Bad", "$.users.ana.attributes[\"a b\"]", "$.users.ana.attributes.deep[0]"]
    );
}

#[test]
fn a_wrong_scale_is_refused_with_its_path() {
    all_refused(vec![
        (
            "/catalogue/scales/one",
            json!({ "levels": [{ "id": "off" }] }),
            &["$.catalogue.scales.one.levels"],
            "2 to 64",
        ),
        (
            "/catalogue/scales/default",
            json!({ "levels": [{ "id": "off" }, { "id": "on" }] }),
            &["$.catalogue.scales.default"],
            "`default`",
        ),
        (
            "/catalogue/scales/Loud",
            json!({ "levels": [{ "id": "off" }, { "id": "on" }] }),
            &["$.catalogue.scales.Loud"],
            "`Loud`",
        ),
        (
            "/catalogue/scales/twice",
            json!({ "levels": [{ "id": "off" }, { "id": "off" }] }),
            &["$.catalogue.scales.twice.levels[1].id"],
            "twice",
        ),
        (
            "/catalogue/scales/spaced",
            json!({ "levels": [{ "id": "off" }, { "id": "on top" }] }),
            &["$.catalogue.scales.spaced.levels[1].id"],
            "`on top`",
        ),
        ("/catalogue/scales/three/can", json!("most"), &["$.catalogue.scales.three.can"], "`most`"),
        ("/catalogue/scales/three/can", json!("off"), &["$.catalogue.scales.three.can"], "level 0"),
        (
            "/catalogue/scales/long",
            json!({ "levels": (0..65).map(|n| json!({ "id": format!("l{n}") })).collect::<Vec<_>>() }),
            &["$.catalogue.scales.long.levels"],
            "2 to 64",
        ),
    ]);
}

#[test]
fn a_wrong_module_is_refused_with_its_path() {
    all_refused(vec![
        (
            "/catalogue/modules/-",
            json!({ "id": "docs", "label": "Again" }),
            &["$.catalogue.modules[3].id"],
            "twice",
        ),
        (
            "/catalogue/modules/-",
            json!({ "id": "My docs", "label": "X" }),
            &["$.catalogue.modules[3].id"],
            "`My docs`",
        ),
        (
            "/catalogue/modules/-",
            json!({ "id": "roles", "label": "X" }),
            &["$.catalogue.modules[3].id"],
            "Rolewright's own",
        ),
        (
            "/catalogue/modules/-",
            json!({ "id": "people", "label": "X", "console": true }),
            &["$.catalogue.modules[3].id"],
            "`people`",
        ),
        (
            "/catalogue/modules/2/permissions/0/id",
            json!("users.explode"),
            &["$.catalogue.modules[2].permissions[0].id"],
            "`users.explode`",
        ),
        (
            "/catalogue/modules/2/permissions/-",
            json!({ "id": "users.view", "label": "Twice" }),
            &["$.catalogue.modules[2].permissions[1].id"],
            "twice",
        ),
        (
            "/catalogue/modules/2/permissions/0/scale",
            json!("three"),
            &["$.catalogue.modules[2].permissions[0]"],
            "labelled, not redefined",
        ),
        (
            "/catalogue/modules/2/permissions/0/levels",
            json!({ "allowed": { "implies": { "docs.share": "allowed" } } }),
            &["$.catalogue.modules[2].permissions[0]"],
            "labelled, not redefined",
        ),
        ("/catalogue/modules/2/requires", json!("core"), &["$.catalogue.modules[2]"], "not redefined"),
        ("/catalogue/modules/2/access", json!({}), &["$.catalogue.modules[2]"], "not redefined"),
        (
            "/catalogue/modules/0/sections/-",
            json!({ "id": "more", "label": "Again", "permissions": [] }),
            &["$.catalogue.modules[0].sections[1].id"],
            "twice",
        ),
    ]);
}

/// Who, what and why: of a permission its label, its description and for whom it is.
type Words<'w> = (&'w str, &'w str, &'w str, Audience);

#[test]
fn a_module_of_rolewrights_own_is_called_as_the_policy_says_and_stays_what_it_is() {
    let own = console::modules().into_iter().find(|module| module.id == "users").unwrap();
    let see = &own.permissions[0];
    let placed = |description: &str, see: Value| {
        let mut module = json!({ "id": "users", "label": "People", "console": true, "permissions": [see] });
        if !description.is_empty() {
            module["description"] = json!(description);
        }
        module
    };
    for (module, description, first) in [
        (
            placed("", json!({ "id": "users.view", "label": "See" })),
            own.description.as_str(),
            ("users.view", "See", see.description.as_str(), Audience::Admin),
        ),
        (
            placed(
                "Ours",
                json!({ "id": "users.manage", "label": "Run", "description": "All", "audience": "admin" }),
            ),
            "Ours",
            ("users.manage", "Run", "All", Audience::Admin),
        ),
    ] {
        let document = with("/catalogue/modules/2", module);
        let policy =
            PolicyDocument::from_json(&document.to_string()).unwrap_or_else(|all| panic!("{all:#?}"));
        let state = State::build(Documents::of_policy(&policy), Stamp::default()).unwrap();
        let catalogue = state.catalogue();
        let placed = &catalogue.modules()[2];
        assert_eq!((placed.label.as_str(), placed.description.as_str()), ("People", description));
        let handles = placed.permissions();
        let told: Vec<Words<'_>> = handles
            .map(|handle| catalogue.permission(handle).unwrap())
            .map(|it| (it.id(), it.label(), it.description(), it.audience()))
            .collect();
        let rest = own.permissions.iter().filter(|permission| permission.id != first.0);
        let rest = rest.map(|it| (it.id.as_str(), it.label.as_str(), it.description.as_str(), it.audience));
        assert_eq!(told, [first].into_iter().chain(rest).collect::<Vec<_>>());
    }
}

#[test]
fn everything_of_rolewrights_own_says_what_it_is_and_is_for_administrators() {
    for module in console::modules() {
        assert!(
            module.console && !module.label.is_empty() && !module.description.is_empty(),
            "{}",
            module.id
        );
        for permission in &module.permissions {
            let says = !permission.label.is_empty() && !permission.description.is_empty();
            assert!(says && permission.audience == Audience::Admin, "{}", permission.id);
        }
    }
}

#[test]
fn a_wrong_permission_is_refused_with_its_path() {
    all_refused(vec![
        (
            "/catalogue/modules/0/permissions/-",
            json!({ "id": "docs.share", "label": "Again" }),
            &["$.catalogue.modules[0].permissions[2].id"],
            "twice",
        ),
        (
            "/catalogue/modules/0/permissions/-",
            json!({ "id": "delete", "label": "X" }),
            &["$.catalogue.modules[0].permissions[2].id"],
            "`delete`",
        ),
        (
            "/catalogue/modules/0/permissions/-",
            json!({ "id": "docs.Make a copy", "label": "X" }),
            &["$.catalogue.modules[0].permissions[2].id"],
            "slug",
        ),
        (
            "/catalogue/modules/0/permissions/-",
            json!({ "id": "docs.access", "label": "X" }),
            &["$.catalogue.modules[0].permissions[2].id", "$.catalogue.modules[0].permissions[2].id"],
            "access permission",
        ),
        (
            "/catalogue/modules/0/permissions/1/scale",
            json!("four"),
            &["$.catalogue.modules[0].permissions[1].scale"],
            "`four`",
        ),
        (
            "/catalogue/modules/0/permissions/0/levels/most",
            json!({}),
            &["$.catalogue.modules[0].permissions[0].levels.most"],
            "`most`",
        ),
        (
            "/catalogue/modules/0/permissions/0/levels/off",
            json!({ "implies": { "docs.share": "allowed" } }),
            &["$.catalogue.modules[0].permissions[0].levels.off.implies"],
            "brings nothing",
        ),
        (
            "/catalogue/modules/0/permissions/0/levels/some",
            json!({ "implies": { "docs.fly": "allowed", "docs.share": "none", "docs.print": "high" } }),
            &[
                "$.catalogue.modules[0].permissions[0].levels.some.implies[\"docs.fly\"]",
                "$.catalogue.modules[0].permissions[0].levels.some.implies[\"docs.print\"]",
                "$.catalogue.modules[0].permissions[0].levels.some.implies[\"docs.share\"]",
            ],
            "`docs.fly`",
        ),
    ]);
}

/// The ids of a module's permissions begin with the module's id: who reads `jobs.run` in a role
/// must find it under Jobs.
#[test]
fn a_permission_of_another_module_is_refused() {
    all_refused(vec![
        (
            "/catalogue/modules/0/permissions/-",
            json!({ "id": "jobs.stop", "label": "Stop" }),
            &["$.catalogue.modules[0].permissions[2].id"],
            "`jobs.stop`",
        ),
        (
            "/catalogue/modules/0/sections/0/permissions/-",
            json!({ "id": "other.stop", "label": "Stop" }),
            &["$.catalogue.modules[0].sections[0].permissions[1].id"],
            "`other.stop`",
        ),
    ]);
}

/// A permission that brings one of Rolewright's own would let `roles.escalate`, which lifts
/// the product's permissions only, give it.
#[test]
fn a_permission_of_the_product_brings_none_of_rolewrights_own() {
    all_refused(vec![(
        "/catalogue/modules/0/permissions/0/levels/all/implies",
        json!({ "users.manage": "allowed" }),
        &["$.catalogue.modules[0].permissions[0].levels.all.implies[\"users.manage\"]"],
        "`users.manage`",
    )]);
}

#[test]
fn a_wrong_resource_type_is_refused_with_its_path() {
    let at = &["$.catalogue.resource_types[1].pattern"];
    let kind = |pattern: &str| json!({ "id": "other", "pattern": pattern });
    all_refused(vec![
        ("/catalogue/resource_types/-", kind(""), at, "not a pattern"),
        ("/catalogue/resource_types/-", kind("folders"), at, "must end in a variable"),
        ("/catalogue/resource_types/-", kind("folders/{folder}/files"), at, "must end in a variable"),
        ("/catalogue/resource_types/-", kind("/folders/{folder}"), at, "not a pattern"),
        ("/catalogue/resource_types/-", kind("folders/{}"), at, "not a pattern"),
        ("/catalogue/resource_types/-", kind("folders/{a b}"), at, "not a pattern"),
        ("/catalogue/resource_types/-", kind("folders/../{x}"), at, "not a pattern"),
        ("/catalogue/resource_types/-", kind("folders//{x}"), at, "not a pattern"),
        ("/catalogue/resource_types/-", kind("folders/x{y}"), at, "not a pattern"),
        (
            "/catalogue/resource_types/-",
            json!({ "id": "folder", "pattern": "bins/{bin}" }),
            &["$.catalogue.resource_types[1].id"],
            "twice",
        ),
        (
            "/catalogue/resource_types/-",
            json!({ "id": "A bin", "pattern": "bins/{bin}" }),
            &["$.catalogue.resource_types[1].id"],
            "`A bin`",
        ),
    ]);
}

#[test]
fn a_wrong_operation_is_refused_with_its_path() {
    all_refused(vec![
        (
            "/catalogue/operations/0/id",
            json!("Publish it"),
            &["$.catalogue.operations[0].id"],
            "`Publish it`",
        ),
        (
            "/catalogue/operations/-",
            json!({ "id": "docs.publish", "label": "X", "alternatives": [{ "needs": [{ "permission": "docs.share" }] }] }),
            &["$.catalogue.operations[1].id"],
            "twice",
        ),
        (
            "/catalogue/operations/0/resources/bin",
            json!("bins/{bin}"),
            &["$.catalogue.operations[0].resources.bin"],
            "leads to no resource type",
        ),
        (
            "/catalogue/operations/0/resources/bin",
            json!("folders/{folder}/files"),
            &["$.catalogue.operations[0].resources.bin"],
            "leads to no resource type",
        ),
        (
            "/catalogue/operations/0/resources/bin",
            json!("folders/{}"),
            &["$.catalogue.operations[0].resources.bin"],
            "not a pattern",
        ),
        (
            "/catalogue/operations/0/alternatives",
            json!([]),
            &["$.catalogue.operations[0].alternatives"],
            "one alternative",
        ),
        (
            "/catalogue/operations/0/alternatives/0/needs",
            json!([]),
            &["$.catalogue.operations[0].alternatives[0].needs"],
            "one need",
        ),
        (
            "/catalogue/operations/0/alternatives/0/needs/0",
            json!({ "permission": "docs.fly" }),
            &["$.catalogue.operations[0].alternatives[0].needs[0].permission"],
            "`docs.fly`",
        ),
        (
            "/catalogue/operations/0/alternatives/0/needs/0",
            json!({ "permission": "docs.share", "level": "none" }),
            &["$.catalogue.operations[0].alternatives[0].needs[0].level"],
            "level 0",
        ),
        (
            "/catalogue/operations/0/alternatives/0/needs/0",
            json!({ "permission": "docs.share", "level": "all", "resource": "bin" }),
            &[
                "$.catalogue.operations[0].alternatives[0].needs[0].level",
                "$.catalogue.operations[0].alternatives[0].needs[0].resource",
            ],
            "`all`",
        ),
    ]);
}

#[test]
fn a_wrong_role_is_refused_with_its_path() {
    all_refused(vec![
        (
            "/roles/2/id",
            json!("The reader"),
            &["$.roles[2].id", "$.roles[3].inherits[0]", "$.packages[0].roles[0].role", "$.auto_assign[0]"],
            "`The reader`",
        ),
        ("/roles/3/id", json!("reader"), &["$.roles[3].id"], "twice"),
        ("/roles/3/name", json!("READER"), &["$.roles[3].name"], "unique"),
        ("/roles/3/name", json!(""), &["$.roles[3].name"], "needed"),
        ("/roles/3/name", json!("   "), &["$.roles[3].name"], "needed"),
        ("/roles/3/name", json!(" Writer"), &["$.roles[3].name"], "space"),
        ("/roles/3/name", json!("Wri\u{0}ter"), &["$.roles[3].name"], "cannot be seen"),
        ("/roles/3/name", json!("Wri\u{200b}ter"), &["$.roles[3].name"], "cannot be seen"),
        ("/roles/3/name", json!("\u{202e}Writer"), &["$.roles[3].name"], "cannot be seen"),
        ("/roles/3/name", json!("Read\u{200d}er"), &["$.roles[3].name"], "unique"),
        ("/roles/3/name", json!("x".repeat(121)), &["$.roles[3].name"], "120"),
        ("/roles/3/description", json!("x".repeat(2001)), &["$.roles[3].description"], "2000"),
        ("/roles/3/base", json!(true), &["$.roles[3].base", "$.roles[3].inherits[0]"], "base role already"),
        ("/roles/0/superuser", json!(true), &["$.roles[0]"], "everybody holds it"),
        ("/roles/0/inherits", json!(["root"]), &["$.roles[0]"], "everybody holds it"),
        ("/roles/1/superuser", json!(false), &["$.roles"], "nobody could administer"),
        ("/roles/3/grants/docs.fly", json!("allowed"), &["$.roles[3].grants[\"docs.fly\"]"], "`docs.fly`"),
        ("/roles/3/grants/docs.share", json!("all"), &["$.roles[3].grants[\"docs.share\"]"], "`all`"),
        (
            "/roles/3/grants/docs.share",
            json!("none"),
            &["$.roles[3].grants[\"docs.share\"]"],
            "base role only",
        ),
        (
            "/roles/3/grants/jobs.base",
            json!("allowed"),
            &["$.roles[3].grants[\"jobs.base\"]"],
            "base role only",
        ),
        (
            "/roles/0/grants/jobs.custom",
            json!("allowed"),
            &["$.roles[0].grants[\"jobs.custom\"]"],
            "never set in the base role",
        ),
        ("/roles/3/inherits/-", json!("nobody"), &["$.roles[3].inherits[1]"], "`nobody`"),
        ("/roles/3/inherits", json!(["writer"]), &["$.roles[3].inherits"], "cannot inherit itself"),
        (
            "/roles/2/inherits",
            json!(["writer"]),
            &["$.roles[2].inherits", "$.roles[3].inherits"],
            "cannot inherit itself",
        ),
        ("/auto_assign/-", json!("nobody"), &["$.auto_assign[1]"], "`nobody`"),
    ]);
}

/// What a role grants only elsewhere it must not reach through what it inherits.
#[test]
fn a_wrong_limited_grant_or_space_role_is_refused_with_its_path() {
    let limited = |permission: &str, level: &str, at: &str| json!([{ "permission": permission, "level": level, "at": at }]);
    let twice = json!([
        { "permission": "docs.share", "level": "allowed", "at": "folder" },
        { "permission": "docs.share", "level": "allowed", "at": "folder" }
    ]);
    all_refused(vec![
        (
            "/roles/2/limited",
            limited("docs.fly", "allowed", "folder"),
            &["$.roles[2].limited[0].permission"],
            "docs.fly",
        ),
        (
            "/roles/2/limited",
            limited("docs.share", "full", "folder"),
            &["$.roles[2].limited[0].level"],
            "full",
        ),
        (
            "/roles/2/limited",
            limited("docs.share", "none", "folder"),
            &["$.roles[2].limited[0].level"],
            "grants nothing",
        ),
        (
            "/roles/0/limited",
            limited("docs.share", "none", "folder"),
            &["$.roles[0].limited[0].level"],
            "grants nothing",
        ),
        (
            "/roles/2/limited",
            limited("docs.share", "allowed", "drawer"),
            &["$.roles[2].limited[0].at"],
            "drawer",
        ),
        (
            "/roles/2/limited",
            limited("jobs.base", "allowed", "folder"),
            &["$.roles[2].limited[0].permission"],
            "base role only",
        ),
        (
            "/roles/0/limited",
            limited("jobs.custom", "allowed", "folder"),
            &["$.roles[0].limited[0].permission"],
            "never set",
        ),
        ("/roles/2/limited", twice, &["$.roles[2].limited[1]"], "twice"),
        ("/roles/3/scope_types", json!(["drawer"]), &["$.roles[3].scope_types[0]"], "drawer"),
        ("/roles/3/scope_types", json!(["folder", "folder"]), &["$.roles[3].scope_types[1]"], "twice"),
        ("/roles/0/scope_types", json!(["folder"]), &["$.roles[0].scope_types"], "base role"),
        ("/roles/1/scope_types", json!(["folder"]), &["$.roles[1].scope_types"], "superuser"),
        (
            "/roles/2/scope_types",
            json!(["folder"]),
            &["$.packages[0].roles[0].role", "$.auto_assign[0]"],
            "whole tenant",
        ),
        ("/roles/0/promotes", json!(true), &["$.roles[0].promotes"], "promote"),
        ("/settings/name", json!("Acme\r\nX"), &["$.settings.name"], "cannot be seen"),
        ("/settings/name", json!("\u{1b}[31mAcme"), &["$.settings.name"], "cannot be seen"),
        ("/settings/name", json!("\u{202e}Acme"), &["$.settings.name"], "cannot be seen"),
        ("/settings/name", json!("   "), &["$.settings.name"], "a name is needed"),
        ("/settings/name", json!(" Acme"), &["$.settings.name"], "space"),
        ("/settings/name", json!("x".repeat(121)), &["$.settings.name"], "120 characters"),
        ("/settings/help_url", json!("help.example.com"), &["$.settings.help_url"], "is no address"),
        ("/settings/help_url", json!("javascript:alert(1)"), &["$.settings.help_url"], "is no address"),
        ("/settings/help_url", json!("https://"), &["$.settings.help_url"], "is no address"),
        ("/settings/help_url", json!("https:///help"), &["$.settings.help_url"], "is no address"),
        ("/settings/help_url", json!("https://example.com/a b"), &["$.settings.help_url"], "is no address"),
        (
            "/settings/help_url",
            json!(format!("https://{}", "x".repeat(2000))),
            &["$.settings.help_url"],
            "2000 characters",
        ),
        ("/settings/entitlements", json!({ "no": true }), &["$.settings.entitlements.no"], "no role"),
        ("/settings/entitlements", json!({ "root": true }), &["$.settings.entitlements.root"], "superuser"),
        (
            "/settings/entitlements",
            json!({ "member": false }),
            &["$.settings.entitlements.member"],
            "base role",
        ),
    ]);
    assert_eq!(problems(&with("/roles/3/scope_types", json!(["folder"]))), []);
    assert_eq!(problems(&with("/roles/2/limited", limited("docs.share", "allowed", "folder"))), []);
    assert_eq!(problems(&with("/settings/entitlements", json!({ "reader": true }))), []);
    assert_eq!(problems(&with("/settings/name", json!("x".repeat(120)))), []);
    // Then it is called what the policy is.
    assert_eq!(problems(&with("/settings/name", json!(""))), []);
    assert_eq!(problems(&with("/settings/help_url", json!("https://example.com/help?of=roles#top"))), []);
}

#[test]
fn the_base_role_inherits_no_permission_that_is_never_set_in_it() {
    let found = problems(&with("/roles/0/inherits", json!(["reader"])));
    assert_eq!(paths(&found), ["$.roles[0].inherits[0]"], "{found:#?}");
}

#[test]
fn a_wrong_package_is_refused_with_its_path() {
    all_refused(vec![
        ("/packages/0/id", json!("Free plan"), &["$.packages[0].id"], "`Free plan`"),
        ("/packages/-", json!({ "id": "free", "name": "Other" }), &["$.packages[1].id"], "twice"),
        ("/packages/-", json!({ "id": "other", "name": "FREE" }), &["$.packages[1].name"], "unique"),
        ("/packages/0/name", json!(""), &["$.packages[0].name"], "needed"),
        ("/packages/0/roles/-", json!({ "role": "nobody" }), &["$.packages[0].roles[1].role"], "`nobody`"),
        ("/packages/0/roles/-", json!({ "role": "root" }), &["$.packages[0].roles[1].role"], "user audience"),
        ("/packages/0/roles/-", json!({ "role": "reader" }), &["$.packages[0].roles[1].role"], "twice"),
    ]);
}

#[test]
fn a_package_carries_no_heir_of_a_superuser_role() {
    let mut document =
        with("/roles/-", json!({ "id": "deputy", "name": "Deputy", "inherits": ["root"], "grants": {} }));
    put(&mut document, "/packages/0/roles/-", json!({ "role": "deputy" }));
    assert_eq!(paths(&problems(&document)), ["$.packages[0].roles[1].role"]);
}

#[test]
fn several_errors_are_listed_at_once() {
    let mut document = good();
    for (pointer, value) in [
        ("/format", json!(3)),
        ("/catalogue/scales/three/can", json!("most")),
        ("/catalogue/modules/0/permissions/1/scale", json!("four")),
        ("/catalogue/operations/0/alternatives/0/needs/0/permission", json!("docs.fly")),
        ("/roles/2/grants/docs.fly", json!("allowed")),
        ("/roles/3/inherits/-", json!("nobody")),
        ("/packages/0/roles/-", json!({ "role": "nobody" })),
        ("/auto_assign/-", json!("nobody")),
    ] {
        put(&mut document, pointer, value);
    }
    assert_eq!(
        paths(&problems(&document)),
        [
            "$.format",
            "$.catalogue.scales.three.can",
            "$.catalogue.modules[0].permissions[1].scale",
            "$.catalogue.operations[0].alternatives[0].needs[0].permission",
            "$.roles[2].grants[\"docs.fly\"]",
            "$.roles[3].inherits[1]",
            "$.packages[0].roles[1].role",
            "$.auto_assign[1]",
        ]
    );
}

#[test]
fn several_wrong_shapes_are_listed_at_once() {
    let mut document = good();
    for pointer in [
        "/settings/surprise",
        "/catalogue/modules/1/surprise",
        "/roles/0/surprise",
        "/roles/3/surprise",
        "/packages/0/surprise",
    ] {
        put(&mut document, pointer, json!(1));
    }
    let mut found = problems(&document);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert_eq!(
        paths(&found),
        [
            "$.catalogue.modules[1].surprise",
            "$.packages[0].surprise",
            "$.roles[0].surprise",
            "$.roles[3].surprise",
            "$.settings.surprise"
        ]
    );
}

/// A wrong shape at the top hides no wrong shape below, nor the other way round.
#[test]
fn wrong_shapes_at_every_depth_are_listed_at_once() {
    let mut document = with("/surprise", json!(1));
    put(&mut document, "/catalogue/scales/three/surprise", json!(1));
    put(&mut document, "/roles/3/surprise", json!(1));
    let mut found = problems(&document);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert_eq!(paths(&found), ["$.catalogue.scales.three.surprise", "$.roles[3].surprise", "$.surprise"]);
}

#[test]
fn duplicate_keys_are_refused_at_any_depth() {
    let text = good().to_string().replacen(r#""name":"Good""#, r#""name":"Good","name":"Bad""#, 1).replacen(
        r#""docs.read":"some""#,
        r#""docs.read":"some","docs.read":"all""#,
        1,
    );
    let mut found = PolicyDocument::from_json(&text).unwrap_err();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert_eq!(paths(&found), ["$.name", "$.roles[2].grants[\"docs.read\"]"]);
    assert!(found.iter().all(|problem| problem.message.contains("twice")), "{found:#?}");
}

#[test]
fn text_that_is_not_json_is_refused_where_it_breaks() {
    let text = good().to_string();
    let cut: String = text.chars().take(text.len() / 2).collect();
    for text in [
        "",
        "{",
        "[]",
        "null",
        "\"mailer\"",
        "{} {}",
        "{\"format\": 1,}",
        "\u{feff}{}",
        "{\"format\": NaN}",
        cut.as_str(),
    ] {
        let found = PolicyDocument::from_json(text).unwrap_err();
        assert_eq!(found.len(), 1, "{text:?}: {found:#?}");
        assert!(found[0].path.starts_with('$'), "{text:?}");
    }
}

#[test]
fn deep_nesting_is_refused_not_followed() {
    let text = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(json::parse(&text).unwrap_err().len(), 1);
}

#[test]
fn numbers_out_of_range_are_refused() {
    for number in ["1e999", "-1e999"] {
        assert!(json::parse(&format!("{{\"format\": {number}}}")).is_err(), "{number}");
    }
    for number in ["1.0", "4294967296", "-1", "1e0"] {
        let text = good().to_string().replacen("\"format\":1", &format!("\"format\":{number}"), 1);
        assert!(PolicyDocument::from_json(&text).is_err(), "{number}");
    }
}

// --- the directory

fn documents(directory: &Value) -> Documents {
    let policy = PolicyDocument::from_json(&good().to_string()).unwrap();
    let mut documents = Documents::of_policy(&policy);
    let into = |key: &str| directory.get(key).cloned().unwrap_or(json!({}));
    documents.directory.users = table(into("users"));
    documents.directory.groups = table(into("groups"));
    documents.directory.memberships = table(into("memberships"));
    documents.directory.assignments = table(into("assignments"));
    documents
}

fn in_directory(directory: &Value) -> Vec<Problem> {
    State::build(documents(directory), Stamp::default()).err().unwrap_or_default()
}

fn user(id: &str) -> Value {
    json!({ "id": id, "status": "active", "email": format!("{id}@example.com") })
}

/// Two people, two groups one within the other, and an assignment.
fn good_directory() -> Value {
    json!({
        "users": { "ana": user("ana"), "bo": user("bo") },
        "groups": { "in": { "id": "in", "name": "Inner" }, "out": { "id": "out", "name": "Outer" } },
        "memberships": {
            "m1": { "id": "m1", "group": "in", "member": { "user": "ana" } },
            "m2": { "id": "m2", "group": "out", "member": { "group": "in" } }
        },
        "assignments": {
            "a1": { "id": "a1", "principal": { "group": "out" }, "role": "reader", "scope": "folders/a", "from": 1, "until": 2 },
            "a2": { "id": "a2", "principal": "everyone", "role": "reader" }
        }
    })
}

#[test]
fn the_good_directory_is_good() {
    assert_eq!(in_directory(&good_directory()), []);
}

#[test]
fn a_wrong_directory_is_refused_with_its_path() {
    let cases: Vec<Bad> = vec![
        ("/users/ana/email", json!("not an address"), &["$.users.ana.email"], "is not an email address"),
        ("/users/ana/email", json!("@example.com"), &["$.users.ana.email"], "is not an email address"),
        ("/users/ana/email", json!("ana@"), &["$.users.ana.email"], "is not an email address"),
        ("/users/ana/email", json!("a@b@c"), &["$.users.ana.email"], "is not an email address"),
        ("/users/ana/email", json!("ana@.example.com"), &["$.users.ana.email"], "is not an email address"),
        ("/users/ana/email", json!("ana\n@example.com"), &["$.users.ana.email"], "is not an email address"),
        ("/users/ana/email", json!("BO@example.com"), &["$.users.bo.email"], "another user"),
        ("/users/ana/first_name", json!(" Ana"), &["$.users.ana.first_name"], "space"),
        ("/users/ana/last_name", json!("x".repeat(121)), &["$.users.ana.last_name"], "120"),
        ("/users/ana/package", json!({ "package": "gold" }), &["$.users.ana.package"], "`gold`"),
        ("/users/a b", json!({ "id": "a b", "status": "active" }), &["$.users[\"a b\"].id"], "not an id"),
        ("/users/a~1b", json!({ "id": "a/b", "status": "active" }), &["$.users[\"a/b\"].id"], "not an id"),
        ("/groups/in/name", json!("OUTER"), &["$.groups.out.name"], "unique"),
        ("/groups/in/name", json!(" Inner"), &["$.groups.in.name"], "space"),
        (
            "/memberships/m3",
            json!({ "id": "m3", "group": "no", "member": { "user": "ana" } }),
            &["$.memberships.m3.group"],
            "`no`",
        ),
        (
            "/memberships/m3",
            json!({ "id": "m3", "group": "out", "member": { "user": "no" } }),
            &["$.memberships.m3.member"],
            "`no`",
        ),
        (
            "/memberships/m3",
            json!({ "id": "m3", "group": "out", "member": { "group": "no" } }),
            &["$.memberships.m3.member"],
            "`no`",
        ),
        (
            "/memberships/m3",
            json!({ "id": "m3", "group": "in", "member": { "user": "ana" } }),
            &["$.memberships.m3.member"],
            "already",
        ),
        (
            "/memberships/m3",
            json!({ "id": "m3", "group": "in", "member": { "group": "in" } }),
            &["$.memberships.m3.member"],
            "in itself",
        ),
        ("/assignments/a1/role", json!("no"), &["$.assignments.a1.role"], "`no`"),
        ("/assignments/a1/principal", json!({ "user": "no" }), &["$.assignments.a1.principal"], "`no`"),
        ("/assignments/a1/principal", json!({ "group": "ana" }), &["$.assignments.a1.principal"], "`ana`"),
        ("/assignments/a1/scope", json!("folders//a"), &["$.assignments.a1.scope"], "empty segment"),
        ("/assignments/a1/scope", json!("folders/.."), &["$.assignments.a1.scope"], "`..`"),
        ("/assignments/a1/scope", json!(""), &["$.assignments.a1.scope"], "1024"),
        ("/assignments/a1/scope", json!("bins/a"), &["$.assignments.a1.scope"], "not a place"),
        ("/assignments/a1/scope", json!("folders/a/files"), &["$.assignments.a1.scope"], "not a place"),
        (
            "/assignments/a1/scope",
            json!(format!("folders/{}", "a".repeat(1020))),
            &["$.assignments.a1.scope"],
            "1024",
        ),
        ("/assignments/a1/until", json!(1), &["$.assignments.a1.until"], "ends before it begins"),
    ];
    let mut wrong = Vec::new();
    for (pointer, value, expected, word) in cases {
        let mut directory = good_directory();
        put(&mut directory, pointer, value.clone());
        let found = in_directory(&directory);
        if paths(&found) != expected || !found[0].message.contains(word) {
            wrong.push(format!(
                "{pointer} = {value}\n    expected {expected:?} with `{word}`\n    found {found:#?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_cycle_of_groups_is_refused() {
    let mut directory = good_directory();
    put(
        &mut directory,
        "/memberships/m3",
        json!({ "id": "m3", "group": "in", "member": { "group": "out" } }),
    );
    let found = in_directory(&directory);
    assert!(!found.is_empty());
    assert!(found.iter().all(|problem| problem.path.starts_with("$.memberships.m")), "{found:#?}");
    assert!(found.iter().all(|problem| problem.message.contains("cannot be in it")), "{found:#?}");
}

#[test]
fn several_errors_of_a_directory_are_listed_at_once() {
    let mut directory = good_directory();
    put(&mut directory, "/users/ana/email", json!("no"));
    put(&mut directory, "/memberships/m1/group", json!("no"));
    put(&mut directory, "/assignments/a1/role", json!("no"));
    put(&mut directory, "/assignments/a1/scope", json!("bins/a"));
    put(&mut directory, "/assignments/a2/role", json!("no"));
    assert_eq!(
        paths(&in_directory(&directory)),
        [
            "$.users.ana.email",
            "$.memberships.m1.group",
            "$.assignments.a1.role",
            "$.assignments.a1.scope",
            "$.assignments.a2.role"
        ]
    );
}

/// Many groups, each in two of the next layer: the ways up are as many as two to the number of
/// layers, and the answer must not wait for all of them.
#[test]
fn many_ways_between_groups_are_no_trouble() {
    let mut directory = json!({ "users": { "ana": user("ana") }, "groups": {}, "memberships": {} });
    for layer in 0..24 {
        for side in ["a", "b"] {
            let id = format!("g{layer}{side}");
            put(&mut directory, &format!("/groups/{id}"), json!({ "id": id, "name": id }));
            for up in ["a", "b"].iter().filter(|_| layer > 0) {
                let link = format!("m{layer}{side}{up}");
                let group = format!("g{}{up}", layer - 1);
                let membership = json!({ "id": link, "group": group, "member": { "group": id } });
                put(&mut directory, &format!("/memberships/{link}"), membership);
            }
        }
    }
    assert_eq!(in_directory(&directory), []);
}

#[test]
fn a_group_in_more_than_128_groups_is_refused() {
    let nested = |levels: usize| {
        let mut directory = json!({ "users": { "ana": user("ana") }, "groups": {}, "memberships": {} });
        for level in 0..=levels {
            let id = format!("g{level:03}");
            put(&mut directory, &format!("/groups/{id}"), json!({ "id": id, "name": id }));
            if let Some(above) = level.checked_sub(1) {
                let (link, group) = (format!("m{level:03}"), format!("g{above:03}"));
                let membership = json!({ "id": link, "group": group, "member": { "group": id } });
                put(&mut directory, &format!("/memberships/{link}"), membership);
            }
        }
        in_directory(&directory)
    };
    assert_eq!(nested(128), []);
    let found = nested(129);
    assert_eq!(paths(&found), ["$.groups.g129"]);
    assert!(found[0].message.contains("more than 128 groups"), "{found:#?}");
}
