//! Deltas of snapshots: small where the change is small, and refused wherever they do not lead on
//! from what is held. That they lead to the fresh snapshot is tried in random worlds.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up fails"
)]

use rolewright_model::directory::UserDocument;
use rolewright_model::pass::Revocation;
use rolewright_model::snapshot::{Compact, Content, Delta, Inapplicable, Point, SnapshotKind, Unreadable};
use rolewright_model::{Actor, Request, ResourcePath, Stamp, State};
use rolewright_server::secret::sha256_bytes;
use rolewright_tests::world::{self, NOW, build, documents, parse, world};
use serde_json::{Value, json};

const TENANT: &str = "default";

fn full(state: &State) -> Compact {
    Compact::full(state.index(), TENANT, Vec::new())
}

fn content(compact: &Compact) -> Content {
    Content(sha256_bytes(&compact.encode()))
}

fn delta(from: &Compact, to: &Compact) -> Vec<u8> {
    to.delta(content(to), from, content(from)).unwrap()
}

fn changed(state: &State, changes: &[Value]) -> State {
    changes.iter().fold(state.clone(), |state, change| {
        let made = state.change(&parse(change), &Actor::Operator, &world::context(&state));
        made.unwrap_or_else(|refusal| panic!("{change}: {refusal}")).state
    })
}

fn assign(user: &str, role: &str, scope: &str) -> Value {
    let assignment = json!({ "principal": { "user": user }, "role": role, "scope": scope });
    json!({ "change": "assign", "assignment": assignment })
}

/// The world with so many more users, each with a role.
fn crowd(users: usize) -> State {
    let mut documents = documents();
    for number in 0..users {
        let id = format!("user-{number:06}");
        let user: UserDocument = serde_json::from_value(
            json!({ "id": id, "email": format!("{id}@example.com"), "status": "active" }),
        )
        .unwrap();
        documents.directory.users.insert(id.clone(), user);
        let made = json!({ "epoch": 0, "revision": 10 });
        let link = json!({ "id": format!("link-{number:06}"), "principal": { "user": id }, "role": "reporter", "made": made });
        let link: rolewright_model::directory::AssignmentDocument = serde_json::from_value(link).unwrap();
        documents.directory.assignments.insert(link.id.clone(), link);
    }
    build(documents)
}

/// What changes is what is sent, whatever the directory's size, and what is held anew.
#[test]
fn a_small_change_in_a_big_directory_is_a_small_delta() {
    let before = crowd(10_000);
    let held = Compact::decode(full(&before).encode()).unwrap();
    let size = full(&before).encode().len();
    assert!(size > 300_000, "{size} bytes are not many");
    let group = json!({ "change": "create_group", "group": { "id": "new", "name": "New" } });
    let member = json!({ "change": "add_member", "group": "posters", "member": { "user": "user-004711" } });
    let cases: [(&str, Vec<Value>, usize, usize); 7] = [
        ("no document", vec![json!({ "change": "end_sessions", "id": "user-004711" })], 128, 0),
        ("a link", vec![assign("user-004711", "poster", "/")], 256, 128),
        (
            "a link and its end",
            vec![assign("user-004711", "poster", "/"), json!({ "change": "unassign", "id": "new.0" })],
            192,
            128,
        ),
        ("a member", vec![member], 256, 128),
        ("a group", vec![group], 128, 0),
        ("a person gone", vec![json!({ "change": "delete_user", "id": "user-004711" })], 192, 128),
        (
            "a role",
            vec![
                json!({ "change": "update_role", "role": { "id": "reporter", "name": "Reporter", "grants": { "reports.view": "allowed" } } }),
            ],
            192,
            0,
        ),
    ];
    for (what, changes, most, places) in cases {
        let after = full(&changed(&before, &changes));
        let bytes = delta(&full(&before), &after);
        assert!(bytes.len() <= most, "{what} is {} bytes", bytes.len());
        let led = held.apply(content(&held), Delta::decode(&bytes).unwrap()).unwrap();
        assert!(led.encode() == after.encode(), "{what}");
        assert!(led.places_apart(&held) <= places, "{what} writes {} places", led.places_apart(&held));
    }
}

/// Everybody gone and come back does not leave their places behind.
#[test]
fn places_of_people_who_went_are_given_up() {
    let some = crowd(1_000);
    let (first, second) = (full(&changed(&some, &[assign("max", "keeper", "/")])), full(&world(&[])));
    // The same people at a later revision, all gone but a few.
    let few = State::build(documents(), Stamp { revision: 200, ..first.index.at() }).unwrap();
    let (held, few) = (Compact::decode(first.encode()).unwrap(), full(&few));
    let led = held.apply(content(&held), Delta::decode(&delta(&first, &few)).unwrap()).unwrap();
    assert!(led.encode() == few.encode());
    assert!(led.places_apart(&held) < 200, "{} places are kept", led.places_apart(&held));
    assert_eq!(led.index.users().count(), second.index.users().count());
}

#[test]
fn a_delta_leads_on_from_its_base_alone() {
    let states = [world(&[]), changed(&world(&[]), &[assign("max", "keeper", "/")])];
    let [first, second] = states.clone().map(|state| full(&state));
    let third = full(&changed(&states[1], &[assign("max", "stem", "/")]));
    let bytes = delta(&second, &third);
    let read = || Delta::decode(&bytes).unwrap();
    let at = |compact: &Compact| Point { at: compact.index.at(), content: content(compact) };
    assert_eq!((read().base, read().target), (at(&second), at(&third)));
    assert_eq!((read().kind, read().tenant.as_str()), (SnapshotKind::Full, TENANT));
    let other = Content([7; 32]);
    let elsewhere = Compact::full(states[1].index(), "elsewhere", Vec::new());
    let policy = Compact::policy(states[1].index(), TENANT, Vec::new());
    let refused: [(&str, &Compact, Content, Inapplicable); 6] = [
        (
            "an earlier one",
            &first,
            content(&first),
            Inapplicable::Base { held: at(&first), delta: at(&second) },
        ),
        (
            "its own target",
            &third,
            content(&third),
            Inapplicable::Base { held: at(&third), delta: at(&second) },
        ),
        (
            "another hash",
            &second,
            other,
            Inapplicable::Base { held: Point { content: other, ..at(&second) }, delta: at(&second) },
        ),
        (
            "another revision",
            &first,
            content(&second),
            Inapplicable::Base {
                held: Point { content: content(&second), ..at(&first) },
                delta: at(&second),
            },
        ),
        (
            "another tenant",
            &elsewhere,
            content(&second),
            Inapplicable::Tenant { held: "elsewhere".to_owned(), delta: TENANT.to_owned() },
        ),
        ("another kind", &policy, content(&second), Inapplicable::Kind),
    ];
    for (what, held, hash, why) in refused {
        let refusal = held.apply(hash, read()).map(|_| what).unwrap_err();
        assert_eq!(refusal, why, "{what}");
        if let Inapplicable::Base { held, delta } = &refusal {
            let text = refusal.to_string();
            assert!(text.contains(&held.to_string()) && text.contains(&delta.to_string()), "{text}");
        }
    }
}

#[test]
fn no_delta_leads_back_or_across_a_restore_or_to_something_else() {
    let state = world(&[]);
    let first = full(&state);
    let second = full(&changed(&state, &[assign("max", "keeper", "/")]));
    let restored = State::build(documents(), Stamp { epoch: 1, revision: 200 }).unwrap();
    let none = [
        ("to itself", &first, first.clone()),
        ("back", &second, first.clone()),
        ("across a restore", &first, full(&restored)),
        ("to another tenant", &first, Compact { tenant: "other".to_owned(), ..second.clone() }),
        ("to another kind", &first, Compact { kind: SnapshotKind::Policy, ..second.clone() }),
    ];
    for (what, from, to) in none {
        assert!(to.delta(content(&to), from, content(from)).is_none(), "{what}");
    }
}

/// The first time that it stands there, a text of a delta is made another one of the same length.
fn with(bytes: &[u8], find: &str, replace: &str) -> Vec<u8> {
    assert_eq!(find.len(), replace.len());
    let at = bytes.windows(find.len()).position(|window| window == find.as_bytes()).unwrap();
    let mut changed = bytes.to_vec();
    changed[at..at + find.len()].copy_from_slice(replace.as_bytes());
    changed
}

#[test]
fn what_names_something_that_is_not_there_is_refused() {
    let status = |id: &str| json!({ "change": "set_status", "id": id, "status": "disabled" });
    let member = json!({ "change": "add_member", "group": "readers", "member": { "user": "nil" } });
    let nested = json!({ "change": "add_member", "group": "readers", "member": { "group": "void" } });
    let package = json!({ "change": "set_package", "id": "nil", "package": "basic" });
    let deleted = |change: &str, id: &str| json!({ "change": change, "id": id });
    let leaf =
        json!({ "change": "update_role", "role": { "id": "leaf", "name": "Leaf", "inherits": ["spare"] } });
    let carries = json!({ "change": "update_package", "package": { "id": "empty", "name": "Empty", "roles": ["poster"] } });
    let cases: Vec<(&str, Vec<Value>, &str, &str)> = vec![
        ("a role that nobody knows", vec![assign("nil", "keeper", "/")], "keeper", "keepex"),
        ("a scope that is no path", vec![assign("nil", "keeper", "servers/a")], "servers/a", "servers//"),
        ("a group that nobody knows", vec![member], "readers", "reeders"),
        ("a group within one that nobody knows", vec![nested], "readers", "reeders"),
        ("a package that nobody knows", vec![package], "basic", "bosic"),
        ("an inherited role that nobody knows", vec![leaf], "spare", "spore"),
        ("a carried role that nobody knows", vec![carries], "poster", "paster"),
        ("the same person twice", vec![status("guy"), status("max")], "guy", "max"),
        ("people in another order", vec![status("guy"), status("max")], "guy", "pat"),
        ("a person to go who is not there", vec![deleted("delete_user", "nil")], "nil", "nix"),
        ("a role to go that is not there", vec![deleted("delete_role", "keeper")], "keeper", "keepex"),
        ("a role to go that somebody holds", vec![deleted("delete_role", "keeper")], "keeper", "poster"),
        ("a group to go that is not there", vec![deleted("delete_group", "readers")], "readers", "reeders"),
        ("a group to go that somebody is in", vec![deleted("delete_group", "readers")], "readers", "posters"),
        ("a package to go that is not there", vec![deleted("delete_package", "empty")], "empty", "emptx"),
        ("a package to go that somebody is on", vec![deleted("delete_package", "empty")], "empty", "basic"),
    ];
    let before = world(&[]);
    let held = Compact::decode(full(&before).encode()).unwrap();
    for (what, changes, find, replace) in cases {
        let good = delta(&full(&before), &full(&changed(&before, &changes)));
        held.apply(content(&held), Delta::decode(&good).unwrap()).unwrap();
        let bad = Delta::decode(&with(&good, find, replace)).map_err(Inapplicable::from);
        let refused = bad.and_then(|delta| held.apply(content(&held), delta));
        assert_eq!(
            refused.map(|_| what).unwrap_err(),
            Inapplicable::Unreadable(Unreadable::Reference),
            "{what}"
        );
    }
}

/// Cut, prolonged or changed bytes are refused or read as something else, never in panic; what
/// they lead to can be asked and written.
#[test]
fn bytes_that_are_not_a_delta_are_refused() {
    let before = world(&[]);
    let revoked = |at| vec![Revocation { id: "gone".to_owned(), at }];
    let held = Compact { revoked: revoked(before.at()), ..full(&before) };
    let mut policy = before.policy_document();
    policy.settings.products.clear();
    let changes = [
        assign("max", "keeper", "servers/a"),
        json!({ "change": "add_member", "group": "void", "member": { "group": "outer" } }),
        json!({ "change": "delete_group", "id": "readers" }),
        json!({ "change": "set_package", "id": "nil", "package": "basic" }),
        json!({ "change": "delete_role", "id": "escalator" }),
        json!({ "change": "delete_user", "id": "guy" }),
    ];
    let after = changed(&before, &changes);
    let all = changed(&after, &[json!({ "change": "import_policy", "policy": policy })]);
    for target in [full(&after), full(&all)] {
        let target = Compact { revoked: revoked(target.index.at()), ..target };
        let bytes = delta(&held, &target);
        let hash = content(&held);
        assert_eq!(Delta::decode(b"{}").unwrap_err(), Unreadable::Format);
        assert_eq!(Delta::decode(&held.encode()).unwrap_err(), Unreadable::Format);
        for end in 0..bytes.len() {
            assert!(Delta::decode(&bytes[..end]).is_err(), "cut after {end} bytes");
        }
        let longer: Vec<u8> = bytes.iter().copied().chain([0]).collect();
        assert_eq!(Delta::decode(&longer).unwrap_err(), Unreadable::Shape);
        let mut led = 0;
        for at in 4..bytes.len() {
            for byte in [0, 1, 127, 255, bytes[at] ^ 1] {
                let mut changed = bytes.clone();
                changed[at] = byte;
                let Ok(delta) = Delta::decode(&changed) else { continue };
                let Ok(compact) = held.apply(hash, delta) else { continue };
                led += 1;
                for subject in compact.index.subjects() {
                    let _ = compact.index.levels_of(&subject, &ResourcePath::tenant(), Request::new(NOW));
                }
                assert!(Compact::decode(compact.encode()).is_ok(), "what is led to is not a snapshot");
            }
        }
        assert!(led > 0, "some changes are of no consequence");
    }
}

#[test]
fn a_hash_is_read_as_it_is_written() {
    let content = Content(sha256_bytes(b"rolewright"));
    assert_eq!(Content::parse(&content.to_string()), Some(content));
    for text in ["", "0", &"0".repeat(63), &"0".repeat(65), &"G".repeat(64), &"A".repeat(64)] {
        assert_eq!(Content::parse(text), None, "{text}");
    }
}
