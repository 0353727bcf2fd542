//! Findings: what could be better, and that its fix mends it.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::sync::Arc;

use rolewright_model::directory::{AssignmentDocument, UserDocument};
use rolewright_model::documents::Documents;
use rolewright_model::lint::{Finding, Lint};
use rolewright_model::{Context, PolicyDocument, State};
use rolewright_tests::world::{NOW, SOON, build, by, documents, user};
use rolewright_tests::{TEMPLATES, table};
use serde_json::{Value, json};

fn lint(state: &State) -> Vec<Finding> {
    state.lint(&|user| user == "sam", NOW)
}

/// What the findings of one kind are about, as JSON.
fn found(state: &State, code: Lint) -> Vec<String> {
    let found = lint(state).into_iter().filter(|finding| finding.code == code);
    found.map(|finding| serde_json::to_string(&finding.about).unwrap()).collect()
}

fn with(edit: impl FnOnce(&mut Documents)) -> State {
    let mut documents = documents();
    let users = &mut documents.directory.users;
    for (id, user) in users.clone() {
        users.insert(id, UserDocument { sign_in: true, ..user });
    }
    edit(&mut documents);
    build(documents)
}

fn assigned(documents: &mut Documents, assignment: Value) {
    let assignment: AssignmentDocument = serde_json::from_value(assignment).unwrap();
    documents.directory.assignments.insert(assignment.id.clone(), assignment);
}

fn add_role(documents: &mut Documents, role: Value) {
    let role: rolewright_model::role::RoleDocument = serde_json::from_value(role).unwrap();
    documents.roles.insert(role.id.clone(), role);
}

#[test]
fn what_could_be_better_is_found() {
    let world = || with(|_| {});
    let cases: Vec<(Lint, State, &[&str])> = vec![
        (
            Lint::UnusedRole,
            world(),
            &[
                r#"[{"role":"chief"}]"#,
                r#"[{"role":"deputy"}]"#,
                r#"[{"role":"full"}]"#,
                r#"[{"role":"keeper"}]"#,
            ],
        ),
        (Lint::EqualRoles, world(), &[r#"[{"role":"full"},{"role":"stem"}]"#]),
        (
            Lint::GrantWithoutEffect,
            with(|documents| {
                let grants = &mut documents.roles.get_mut("member").unwrap().grants;
                grants.insert("reports.view".to_owned(), "allowed".to_owned());
                documents
                    .roles
                    .get_mut("leaf")
                    .unwrap()
                    .grants
                    .insert("reports.view".to_owned(), "allowed".to_owned());
            }),
            &[
                r#"[{"role":"admin"},{"permission":"reports.view"}]"#,
                r#"[{"role":"full"},{"permission":"reports.view"}]"#,
                r#"[{"role":"leaf"},{"permission":"reports.view"}]"#,
                r#"[{"role":"reporter"},{"permission":"reports.view"}]"#,
                r#"[{"role":"stem"},{"permission":"reports.view"}]"#,
            ],
        ),
        (Lint::DuplicateSource, world(), &[r#"[{"user":"rio"},{"role":"reporter"}]"#]),
        (Lint::UnheldPermission, world(), &[]),
        // What is held brings it.
        (
            Lint::UnheldPermission,
            with(|documents| {
                let mail = Arc::make_mut(&mut documents.catalogue).modules.get_mut(1).unwrap();
                let levels = json!({ "allowed": { "implies": { "mail.view": "allowed" } } });
                mail.permissions.iter_mut().find(|it| it.id == "mail.manage").unwrap().levels =
                    serde_json::from_value(levels).unwrap();
                documents.roles.get_mut("poster").unwrap().grants.remove("mail.view");
            }),
            &[],
        ),
        (
            Lint::UnheldPermission,
            with(|documents| {
                documents.roles.get_mut("poster").unwrap().grants.remove("mail.manage");
            }),
            &[r#"[{"permission":"mail.manage"}]"#],
        ),
        (
            Lint::SeparationOfDuty,
            with(|documents| {
                documents.settings.separation = serde_json::from_value(
                    json!([{ "name": "Apart", "roles": ["stem", "reporter", "poster"], "at_most": 1 }]),
                )
                .unwrap();
            }),
            &[r#"[{"user":"rio"},{"role":"reporter"},{"role":"stem"}]"#],
        ),
        (Lint::SuperuserWithoutSecondFactor, world(), &[]),
        (
            Lint::SuperuserWithoutSecondFactor,
            with(|documents| {
                assigned(
                    documents,
                    json!({ "id": "x", "principal": user("max"), "role": "deputy", "scope": "servers/prod" }),
                );
                assigned(documents, json!({ "id": "y", "principal": user("dis"), "role": "root" }));
                // Who cannot sign in cannot set one up.
                assigned(documents, json!({ "id": "z", "principal": user("pat"), "role": "root" }));
                documents.directory.users.get_mut("pat").unwrap().sign_in = false;
            }),
            &[r#"[{"user":"max"}]"#],
        ),
        (
            Lint::CountsNowhere,
            with(|documents| {
                add_role(documents, json!({ "id": "space", "name": "Space", "scope_types": ["server"] }));
                assigned(documents, json!({ "id": "x", "principal": user("max"), "role": "space" }));
                assigned(
                    documents,
                    json!({ "id": "y", "principal": user("max"), "role": "space", "scope": "servers/prod" }),
                );
                documents.roles.get_mut("member").unwrap().limited = serde_json::from_value(
                    json!([{ "permission": "mail.view", "level": "allowed", "at": "server" }]),
                )
                .unwrap();
            }),
            &[
                r#"[{"role":"member"},{"permission":"mail.view"}]"#,
                r#"[{"assignment":"x"},{"role":"space"}]"#,
            ],
        ),
        (
            Lint::EndedAssignment,
            with(|documents| {
                assigned(
                    documents,
                    json!({ "id": "x", "principal": user("max"), "role": "stem", "until": NOW.0 }),
                );
                assigned(
                    documents,
                    json!({ "id": "y", "principal": user("max"), "role": "stem", "until": NOW.0 + 1 }),
                );
            }),
            &[r#"[{"assignment":"x"},{"role":"stem"}]"#],
        ),
        (Lint::EmptyGroup, world(), &[r#"[{"group":"outer"}]"#, r#"[{"group":"readers"}]"#]),
        (Lint::EmptyPackage, world(), &[r#"[{"package":"empty"}]"#]),
        (Lint::UnusedPackage, world(), &[r#"[{"package":"empty"}]"#]),
    ];
    for (code, state, expected) in cases {
        assert_eq!(found(&state, code), expected, "{code:?}");
    }
}

#[test]
fn what_has_ended_is_held_by_nobody_any_more() {
    let until = |role: &str, until: i64| {
        with(|documents| {
            let directory = &mut documents.directory;
            directory.assignments = table(json!({
                "a-sam": { "id": "a-sam", "principal": user("sam"), "role": "root" },
                "a-max": { "id": "a-max", "principal": user("max"), "role": role, "until": until }
            }));
            for user in ["pat", "rio"] {
                directory.users.get_mut(user).unwrap().package = None;
            }
        })
    };
    let finds = |code: Lint, state: &State, about: &str| found(state, code).contains(&about.to_owned());
    for (ends, has_ended) in [(NOW.0 - 1, true), (NOW.0, true), (NOW.0 + 1, false)] {
        let is_unused = finds(Lint::UnusedRole, &until("keeper", ends), r#"[{"role":"keeper"}]"#);
        assert_eq!(is_unused, has_ended, "a role until {ends}");
        let is_unheld =
            finds(Lint::UnheldPermission, &until("poster", ends), r#"[{"permission":"mail.view"}]"#);
        assert_eq!(is_unheld, has_ended, "a permission until {ends}");
        let is_superuser =
            finds(Lint::SuperuserWithoutSecondFactor, &until("chief", ends), r#"[{"user":"max"}]"#);
        assert_eq!(is_superuser, !has_ended, "a superuser until {ends}");
    }
}

#[test]
fn a_role_within_another_is_found_unless_it_is_inherited() {
    let state = with(|documents| {
        add_role(
            documents,
            json!({ "id": "viewer", "name": "Viewer", "grants": { "mail.view": "allowed" } }),
        );
        add_role(
            documents,
            json!({ "id": "heir", "name": "Heir", "inherits": ["viewer"], "grants": { "mail.view": "allowed" } }),
        );
    });
    let found = found(&state, Lint::ContainedRole);
    assert!(found.contains(&r#"[{"role":"viewer"},{"role":"poster"}]"#.to_owned()), "{found:?}");
    assert!(!found.iter().any(|about| about.contains("heir") && about.contains("viewer")), "{found:?}");
}

#[test]
fn a_duplicate_is_mended_by_taking_ones_own_where_another_source_lasts() {
    let fixed = |extra: Value| {
        let state = with(|documents| {
            documents.directory.users.get_mut("rio").unwrap().package = None;
            let mut assignment = json!({ "id": "x", "principal": { "group": "staff" }, "role": "reporter" });
            assignment.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            assigned(documents, assignment);
        });
        let mut findings = lint(&state).into_iter().filter(|finding| finding.code == Lint::DuplicateSource);
        findings.next().unwrap().fix.and_then(|fix| serde_json::to_value(fix.change).ok())
    };
    assert_eq!(fixed(json!({})), Some(json!({ "change": "unassign", "id": "a-rio" })));
    assert_eq!(fixed(json!({ "until": NOW.0 + 1 })), None, "it will end");
}

/// What was given last goes first, where it is of the set at all.
#[test]
fn who_holds_too_many_of_a_set_is_mended_by_taking_the_newest_of_it() {
    let state = with(|documents| {
        documents.settings.separation = serde_json::from_value(
            json!([{ "name": "Apart", "roles": ["reporter", "poster"], "at_most": 1 }]),
        )
        .unwrap();
        for (id, role, revision) in [("x", "reporter", 20), ("y", "spare", 30)] {
            let made = json!({ "epoch": 0, "revision": revision });
            assigned(documents, json!({ "id": id, "principal": user("max"), "role": role, "made": made }));
        }
    });
    let mut findings = lint(&state).into_iter().filter(|finding| finding.code == Lint::SeparationOfDuty);
    let fix = findings.next().unwrap().fix.unwrap();
    assert_eq!(serde_json::to_value(fix.change).unwrap(), json!({ "change": "unassign", "id": "x" }));
}

/// Every fix is accepted of the operator, and what was found is found no more.
#[test]
fn every_fix_mends_what_it_is_for() {
    let state = with(|documents| {
        assigned(documents, json!({ "id": "x", "principal": user("max"), "role": "stem", "until": NOW.0 }));
        documents
            .roles
            .get_mut("leaf")
            .unwrap()
            .grants
            .insert("reports.view".to_owned(), "allowed".to_owned());
        // Equal to `stem`, and given.
        add_role(
            documents,
            json!({ "id": "twin", "name": "Twin", "position": 99, "grants": { "reports.view": "allowed" } }),
        );
        assigned(
            documents,
            json!({ "id": "t1", "principal": user("nil"), "role": "twin", "until": NOW.0 + 9 }),
        );
        documents.settings.separation =
            serde_json::from_value(json!([{ "name": "Apart", "roles": ["spare", "poster"], "at_most": 1 }]))
                .unwrap();
        assigned(documents, json!({ "id": "s1", "principal": user("guy"), "role": "spare" }));
    });
    let kinds: std::collections::BTreeSet<Lint> =
        lint(&state).iter().filter(|finding| finding.fix.is_some()).map(|finding| finding.code).collect();
    for code in [Lint::SeparationOfDuty, Lint::EqualRoles, Lint::EmptyPackage, Lint::DuplicateSource] {
        assert!(kinds.contains(&code), "{code:?} has no fix in {kinds:?}");
    }
    let fixable: Vec<Finding> = lint(&state).into_iter().filter(|finding| finding.fix.is_some()).collect();
    assert!(fixable.len() >= 8, "{fixable:#?}");
    for finding in fixable {
        let change = finding.fix.clone().unwrap().change.unwrap();
        let after = by(&state, "operator", &serde_json::to_value(change).unwrap()).unwrap().state;
        let found = |state: &State| -> Vec<String> {
            let all = lint(state).into_iter();
            all.map(|finding| format!("{:?} {:?}", finding.code, finding.about)).collect()
        };
        let (was, is) = (found(&state), found(&after));
        assert!(!is.contains(&format!("{:?} {:?}", finding.code, finding.about)), "{finding:#?}");
        let new: Vec<&String> = is.iter().filter(|found| !was.contains(found)).collect();
        assert!(new.is_empty(), "{finding:#?} makes {new:?}");
    }
}

#[test]
fn a_role_that_makes_full_users_is_not_put_in_the_place_of_an_equal_one_that_does_not() {
    let fixed = |promotes: [bool; 2]| {
        let state = with(|documents| {
            for ((id, position), promotes) in [("elder", 98), ("younger", 99)].into_iter().zip(promotes) {
                let grants = json!({ "mail.view": "allowed", "reports.run": "allowed" });
                add_role(
                    documents,
                    json!({ "id": id, "name": id, "position": position, "grants": grants, "promotes": promotes }),
                );
            }
            assigned(documents, json!({ "id": "y1", "principal": user("nil"), "role": "younger" }));
        });
        let about = r#"[{"role":"younger"},{"role":"elder"}]"#;
        let mut findings = lint(&state).into_iter().filter(|it| it.code == Lint::EqualRoles);
        let finding = findings.find(|it| serde_json::to_string(&it.about).unwrap() == about);
        finding.expect("the two are equal").fix.is_some()
    };
    for (promotes, expected) in
        [([false, false], true), ([false, true], true), ([true, true], true), ([true, false], false)]
    {
        assert_eq!(fixed(promotes), expected, "the elder and the younger promote: {promotes:?}");
    }
}

/// Two equal roles, of which somebody holds the younger; and what else is so.
fn equal(younger: Value, edit: impl FnOnce(&mut Documents)) -> Option<Value> {
    let state = with(|documents| {
        let role = |id: &str, position: i64| {
            let grants = json!({ "mail.view": "allowed", "reports.run": "allowed" });
            json!({ "id": id, "name": id, "position": position, "grants": grants })
        };
        add_role(documents, role("elder", 98));
        let mut role = role("younger", 99);
        role.as_object_mut().unwrap().extend(younger.as_object().unwrap().clone());
        add_role(documents, role);
        assigned(
            documents,
            json!({ "id": "y1", "principal": user("nil"), "role": "younger", "until": SOON }),
        );
        edit(documents);
    });
    let about = r#"[{"role":"younger"},{"role":"elder"}]"#;
    let mut findings = lint(&state).into_iter().filter(|it| it.code == Lint::EqualRoles);
    let finding = findings.find(|it| serde_json::to_string(&it.about).unwrap() == about);
    finding.unwrap().fix.map(|fix| json!(fix.change))
}

#[test]
fn a_role_is_put_in_the_place_of_an_equal_one_and_each_keeps_until_when() {
    let given = |id: &str, until: Option<i64>| {
        let mut assignment =
            json!({ "principal": { "user": id }, "role": "elder", "scope": "/", "source": "direct" });
        if let Some(until) = until {
            assignment["until"] = json!(until);
        }
        json!({ "change": "assign", "assignment": assignment })
    };
    let moved = |mut changes: Vec<Value>| {
        changes.push(json!({ "change": "delete_role", "id": "younger" }));
        Some(json!({ "change": "batch", "changes": changes }))
    };
    assert_eq!(equal(json!({}), |_| {}), moved(vec![given("nil", Some(SOON))]));
    // What has ended moves nobody, whoever it was.
    let ended = equal(json!({}), |documents| {
        assigned(
            documents,
            json!({ "id": "y2", "principal": "everyone", "role": "younger", "until": NOW.0 }),
        );
    });
    assert_eq!(ended, moved(vec![given("nil", Some(SOON))]));
    let several = |more: usize| {
        equal(json!({}), |documents| {
            for n in 0..more {
                let (id, name) = (format!("z{n:02}"), format!("n{n:02}"));
                let known = documents.directory.users.get("nil").unwrap().clone();
                let email = format!("{name}@example.com");
                documents
                    .directory
                    .users
                    .insert(name.clone(), UserDocument { id: name.clone(), email, ..known });
                assigned(documents, json!({ "id": id, "principal": user(&name), "role": "younger" }));
            }
        })
    };
    let most = (0..31).map(|n| given(&format!("n{n:02}"), None));
    assert_eq!(several(31), moved([given("nil", Some(SOON))].into_iter().chain(most).collect()));
    assert_eq!(several(32), None, "so many are nothing to move by a button");
}

#[test]
fn a_role_on_which_something_hangs_is_not_put_out_of_its_place() {
    let plain = json!({});
    assert_eq!(equal(json!({ "kind": "built_in" }), |_| {}), None, "built in");
    assert_eq!(equal(json!({ "inherits": ["spare"] }), |_| {}), None, "inherits");
    let named = |documents: &mut Documents| {
        let apart = json!([{ "name": "Apart", "roles": ["younger", "spare"], "at_most": 1 }]);
        documents.settings.separation = serde_json::from_value(apart).unwrap();
    };
    assert_eq!(equal(plain.clone(), named), None, "named by a separation of duty");
    let switched = |documents: &mut Documents| {
        documents.settings.entitlements.insert("younger".to_owned(), false);
    };
    assert_eq!(equal(plain.clone(), switched), None, "has a switch");
    let inherited = |documents: &mut Documents| {
        add_role(documents, json!({ "id": "heir", "name": "Heir", "inherits": ["younger"] }));
    };
    assert_eq!(equal(plain.clone(), inherited), None, "is inherited");
    let carried = |documents: &mut Documents| {
        let link = json!({ "role": "younger", "link": "l-younger" });
        documents.packages.get_mut("empty").unwrap().roles.push(serde_json::from_value(link).unwrap());
    };
    assert_eq!(equal(plain.clone(), carried), None, "is carried by a package");
    for (what, principal, role, source) in [
        ("given to a group", json!({ "group": "readers" }), "younger", "direct"),
        ("given to everyone", json!("everyone"), "younger", "auto_assign"),
        ("given by a switch", user("max"), "younger", "entitlement"),
        ("held beside the other", user("nil"), "elder", "direct"),
    ] {
        let given = |documents: &mut Documents| {
            assigned(
                documents,
                json!({ "id": "y2", "principal": principal, "role": role, "source": source }),
            );
        };
        assert_eq!(equal(plain.clone(), given), None, "{what}");
    }
}

#[test]
fn a_role_that_gives_nothing_is_compared_with_none() {
    let state = with(|documents| add_role(documents, json!({ "id": "bare", "name": "Bare" })));
    for code in [Lint::EqualRoles, Lint::ContainedRole] {
        let found = found(&state, code);
        assert!(!found.iter().any(|about| about.contains("bare") || about.contains("spare")), "{found:?}");
    }
}

#[test]
fn a_grant_that_counts_nowhere_is_taken_out_and_the_others_stay() {
    for (kind, is_mended) in [("custom", true), ("built_in", false)] {
        let state = with(|documents| {
            let site = json!({ "id": "site", "pattern": "sites/{site}" });
            Arc::make_mut(&mut documents.catalogue)
                .resource_types
                .push(serde_json::from_value(site).unwrap());
            let limited: Vec<Value> =
                [("mail.view", "server"), ("mail.view", "site"), ("reports.view", "site")]
                    .map(|(permission, at)| json!({ "permission": permission, "level": "allowed", "at": at }))
                    .into();
            add_role(
                documents,
                json!({ "id": "space", "name": "Space", "kind": kind, "scope_types": ["server"], "limited": limited }),
            );
        });
        let findings = lint(&state).into_iter().filter(|finding| finding.code == Lint::CountsNowhere);
        let left = findings.map(|finding| {
            let fixed = finding.fix.map(|fix| json!(fix.change)["role"]["limited"].clone());
            let left = fixed.map(|left| {
                let left = left.as_array().unwrap().clone();
                left.iter()
                    .map(|it| format!("{} {}", it["permission"], it["at"]).replace('"', ""))
                    .collect::<Vec<_>>()
            });
            (finding.message, left)
        });
        let told =
            |permission: &str| format!("`Space` never gives `{permission}` at `site`: it is not held at one");
        let stay = |all: [&str; 2]| is_mended.then(|| all.map(str::to_owned).to_vec());
        let expected = [
            (told("Mail: View"), stay(["mail.view server", "reports.view site"])),
            (told("Reports: View"), stay(["mail.view server", "mail.view site"])),
        ];
        assert_eq!(left.collect::<Vec<_>>(), expected, "{kind}");
    }
}

#[test]
fn what_is_held_at_places_alone_is_held() {
    let unheld = |edit: fn(&mut Value)| {
        let state = with(|documents| {
            let mut poster = json!(documents.roles.get("poster").unwrap());
            poster["grants"] = json!({ "mail.view": "allowed" });
            edit(&mut poster);
            add_role(documents, poster);
            documents.packages.get_mut("post").unwrap().roles.clear();
            documents.directory.assignments.clear();
            for (id, role) in [("max", "poster"), ("sam", "root"), ("rio", "reporter")] {
                let given = json!({ "id": id, "principal": user(id), "role": role, "scope": if role == "poster" { "servers/s1" } else { "/" } });
                assigned(documents, given);
            }
        });
        found(&state, Lint::UnheldPermission)
    };
    let manage = [r#"[{"permission":"mail.manage"}]"#];
    assert_eq!(unheld(|_| {}), manage);
    assert_eq!(
        unheld(|poster| poster["limited"] =
            json!([{ "permission": "mail.manage", "level": "allowed", "at": "server" }])),
        [""; 0]
    );
    assert_eq!(unheld(|poster| poster["scope_types"] = json!(["server"])), manage);
    assert_eq!(
        unheld(|poster| {
            poster["scope_types"] = json!(["server"]);
            poster["grants"]["mail.manage"] = json!("allowed");
        }),
        [""; 0]
    );
}

#[test]
fn an_assignment_that_has_ended_or_counts_nowhere_is_taken_away() {
    let state = with(|documents| {
        add_role(documents, json!({ "id": "space", "name": "Space", "scope_types": ["server"] }));
        assigned(documents, json!({ "id": "x", "principal": user("max"), "role": "space" }));
        assigned(documents, json!({ "id": "y", "principal": user("max"), "role": "stem", "until": NOW.0 }));
    });
    for (code, id, message) in [
        (Lint::CountsNowhere, "x", "`Space` does not count for the whole tenant"),
        (Lint::EndedAssignment, "y", "an assignment of `Stem` has ended"),
    ] {
        let finding = lint(&state).into_iter().find(|finding| finding.code == code).unwrap();
        assert_eq!(finding.message, message);
        assert_eq!(json!(finding.fix.unwrap().change), json!({ "change": "unassign", "id": id }), "{code:?}");
    }
}

#[test]
fn an_empty_group_is_deleted_where_nothing_hangs_on_it() {
    let state = with(|documents| {
        for (id, source) in [("fresh", "local"), ("theirs", "identity_provider")] {
            let group = json!({ "id": id, "name": id, "source": source });
            documents.directory.groups.insert(id.to_owned(), serde_json::from_value(group).unwrap());
        }
    });
    let findings = lint(&state).into_iter().filter(|finding| finding.code == Lint::EmptyGroup);
    let told: Vec<(String, bool)> =
        findings.map(|finding| (finding.message, finding.fix.is_some())).collect();
    let local = |name: &str| format!("nobody is in `{name}`: put somebody in, or delete it");
    assert_eq!(
        told,
        [
            (local("fresh"), true),
            // It is in another, and the next has a role.
            (local("Outer"), false),
            (local("Readers"), false),
            ("nobody is in `theirs`: its identity provider says who is".to_owned(), false),
        ]
    );
}

#[test]
fn an_unused_role_is_deleted_unless_a_separation_of_duty_names_it() {
    let state = with(|documents| {
        let apart = json!([{ "name": "Apart", "roles": ["keeper", "spare"], "at_most": 1 }]);
        documents.settings.separation = serde_json::from_value(apart).unwrap();
    });
    let unused = lint(&state).into_iter().filter(|finding| finding.code == Lint::UnusedRole);
    let fixed: Vec<(String, bool)> = unused
        .map(|finding| (serde_json::to_string(&finding.about).unwrap(), finding.fix.is_some()))
        .filter(|(about, _)| about.contains("full") || about.contains("keeper"))
        .collect();
    let role = |id: &str| format!(r#"[{{"role":"{id}"}}]"#);
    assert_eq!(fixed, [(role("full"), true), (role("keeper"), false)]);
}

#[test]
fn the_posture_counts_people_superusers_and_their_second_factors() {
    let state = with(|documents| {
        for (id, who) in [("x", "max"), ("z", "pat")] {
            assigned(documents, json!({ "id": id, "principal": user(who), "role": "root" }));
        }
        documents.directory.users.get_mut("pat").unwrap().sign_in = false;
    });
    let lasting = state.posture(&|user| user == "sam", NOW);
    let found = lint(&state).into_iter().filter(|it| it.code == Lint::SuperuserWithoutSecondFactor).count();
    assert_eq!((lasting.superusers_without_second_factor, found), (1, 1), "as the findings say");
    assert_eq!(lasting.active, state.subjects().filter(rolewright_model::Subject::is_active).count());
    assert_eq!(lasting.active + lasting.invited + lasting.disabled, state.users().count());
    assert!(lasting.second_factor <= 1 && lasting.superusers >= 3);
    assert_eq!(lasting.superusers_without_password, 1, "pat cannot sign in");
    assert_eq!(lasting.superusers_later, 0);
    let later = with(|documents| {
        let from = NOW.0 + 1_000;
        assigned(documents, json!({ "id": "x", "principal": user("max"), "role": "root", "from": from }));
    });
    let now = with(|_| {}).posture(&|_| true, NOW);
    let later = later.posture(&|_| true, NOW);
    assert_eq!(
        (later.superusers, later.superusers_later),
        (now.superusers + 1, 1),
        "who is one later counts, and is told apart"
    );
    let guarded = state.posture(&|_| true, NOW);
    assert_eq!((guarded.second_factor, guarded.superusers_without_password), (lasting.active, 0));
}

#[test]
fn findings_call_roles_and_permissions_as_people_do() {
    let state = with(|documents| {
        let apart = json!([{ "name": "Apart", "roles": ["reporter", "stem"], "at_most": 1 }]);
        documents.settings.separation = serde_json::from_value(apart).unwrap();
        documents.roles.get_mut("poster").unwrap().grants.remove("mail.manage");
        let leaf = documents.roles.get_mut("leaf").unwrap();
        leaf.grants.insert("reports.view".to_owned(), "allowed".to_owned());
    });
    for (code, message) in [
        (
            Lint::SeparationOfDuty,
            "`Apart`: one person holds at most 1, and this one holds `Reporter`, `Stem`: take one of them away",
        ),
        (Lint::GrantWithoutEffect, "`Reports: View` in `Leaf` has no effect now: `Stem` gives as much"),
        (
            Lint::UnheldPermission,
            "nobody but superusers holds `Mail: Manage`: grant it in a role that somebody holds, where it is needed",
        ),
    ] {
        let told: Vec<String> =
            lint(&state).into_iter().filter(|it| it.code == code).map(|it| it.message).collect();
        assert!(told.iter().any(|it| it == message), "{message}: {told:?}");
    }
}

#[test]
fn findings_are_told_without_names_of_people() {
    for finding in lint(&with(|_| {})) {
        assert!(finding.fix.is_some() || finding.message.contains(": "), "what to do? {}", finding.message);
        assert!(!finding.message.contains("rio") && finding.message.len() > 10, "{}", finding.message);
        let told = serde_json::to_value(&finding).unwrap();
        assert_eq!(serde_json::from_value::<Finding>(told).unwrap(), finding);
    }
}

#[test]
fn no_template_grants_what_has_no_effect_or_counts_nowhere() {
    for (id, text) in TEMPLATES {
        let policy = PolicyDocument::from_json(text).unwrap();
        let state = State::begin(&policy, &Context { now: NOW, id: "new".to_owned() }).unwrap().state;
        let bad: Vec<Finding> = lint(&state)
            .into_iter()
            .filter(|finding| {
                matches!(finding.code, Lint::GrantWithoutEffect | Lint::CountsNowhere | Lint::EqualRoles)
            })
            .collect();
        assert!(bad.is_empty(), "{id}: {bad:#?}");
    }
}
