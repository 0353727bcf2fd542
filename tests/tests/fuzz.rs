//! What reads documents answers, whatever it is given: it never panics, and never overflows the stack.
//!
//! Every parser reads arbitrary bytes, and valid documents in which bytes were flipped, spans
//! taken out or doubled, numbers made huge, texts made odd and values nested. A plain run tries
//! 5,000 of each, always the same; with `ROLEWRIGHT_THOROUGH=1` it tries 200,000, other ones every
//! time. What is accepted all the same is asked questions.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up fails"
)]

use std::cell::Cell;
use std::fmt::Write as _;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use rolewright_model::catalogue::CatalogueDocument;
use rolewright_model::change::Change;
use rolewright_model::directory::{AssignmentDocument, GroupDocument, MembershipDocument, UserDocument};
use rolewright_model::documents::Documents;
use rolewright_model::package::PackageDocument;
use rolewright_model::policy::SettingsDocument;
use rolewright_model::role::RoleDocument;
use rolewright_model::snapshot::{Compact, Content, Delta, Inapplicable, Snapshot};
use rolewright_model::{
    Context, Index, PolicyDocument, Request, ResourcePath, Stamp, State, Subject, Timestamp, json::decode,
};
use rolewright_server::bulk::Rows;
use rolewright_server::import::assignments::{self, Assignments};
use rolewright_server::import::people::{self, People};
use rolewright_tests::{TEMPLATES, case_files};
use rolewright_wire::check::{Check, PassClaims, StampClaims};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What an edge gives its stack, and less than any thread of the server has.
const STACK: usize = 1 << 20;
const TENANT: &str = "default";

fn thorough() -> bool {
    std::env::var_os("ROLEWRIGHT_THOROUGH").is_some_and(|value| value == "1")
}

/// One thing that happens to a document. Places count from its start and wrap around.
#[derive(Clone, Debug)]
enum Mutation {
    Flip { place: usize, bits: u8 },
    Delete { place: usize, length: usize },
    Double { place: usize, length: usize },
    Replace { place: usize, number: bool, with: &'static str },
    Nest { place: usize, depth: usize, opening: &'static str, closing: &'static str },
}

const NUMBERS: [&str; 10] = [
    "-1",
    "0",
    "255",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "1e308",
    "1e999",
    "0.1",
];
const TEXTS: [&str; 12] = [
    "",
    "/",
    ".",
    "*",
    "{server}",
    "servers/{server}/{server}",
    "servers//prod",
    "%2F",
    "__proto__",
    "\\u0000",
    "\\ud800",
    "ﷺ\u{10ffff}",
];

fn mutation() -> impl Strategy<Value = Mutation> {
    let place = any::<usize>;
    prop_oneof![
        (place(), 1_u8..).prop_map(|(place, bits)| Mutation::Flip { place, bits }),
        (place(), 1_usize..200).prop_map(|(place, length)| Mutation::Delete { place, length }),
        (place(), 1_usize..200).prop_map(|(place, length)| Mutation::Double { place, length }),
        (place(), select(&NUMBERS[..])).prop_map(|(place, with)| Mutation::Replace {
            place,
            number: true,
            with
        }),
        (place(), select(&TEXTS[..])).prop_map(|(place, with)| Mutation::Replace {
            place,
            number: false,
            with
        }),
        (
            place(),
            prop_oneof![1_usize..4, 100_usize..130, 10_000_usize..20_000],
            select(&[("[", "]"), ("{\"all\":[", "]}"), ("{\"any\":[", "]}"), ("{\"a\":", "}")][..]),
        )
            .prop_map(|(place, depth, (opening, closing))| Mutation::Nest {
                place,
                depth,
                opening,
                closing
            }),
    ]
}

impl Mutation {
    fn apply(&self, text: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        let span = |place: usize, length: usize| {
            let start = place % text.len();
            start..(start + length).min(text.len())
        };
        match *self {
            Self::Flip { place, bits } => {
                let place = place % text.len();
                text[place] ^= bits;
            }
            Self::Delete { place, length } => drop(text.drain(span(place, length))),
            Self::Double { place, length } => {
                let span = span(place, length);
                let doubled = text[span.clone()].to_vec();
                text.splice(span.end..span.end, doubled);
            }
            Self::Replace { place, number, with } => {
                let values = values(text).into_iter().filter(|value| match text[value.start] {
                    b'"' => !number,
                    first => number && (first == b'-' || first.is_ascii_digit()),
                });
                let values: Vec<_> = values.collect();
                let Some(value) = values.get(place % values.len().max(1)) else { return };
                let with = if number { with.to_owned() } else { format!("\"{with}\"") };
                text.splice(value.clone(), with.into_bytes());
            }
            Self::Nest { place, depth, opening, closing } => {
                let values = values(text);
                let Some(value) = values.get(place % values.len().max(1)) else { return };
                text.splice(value.end..value.end, closing.repeat(depth).into_bytes());
                text.splice(value.start..value.start, opening.repeat(depth).into_bytes());
            }
        }
    }
}

/// Where the values of a JSON text are, and its keys; roughly, where it is not one.
fn values(text: &[u8]) -> Vec<std::ops::Range<usize>> {
    let (mut found, mut open, mut place) = (Vec::new(), Vec::new(), 0);
    while let Some(byte) = text.get(place) {
        let start = place;
        place += 1;
        match byte {
            b'{' | b'[' => open.push(start),
            b'}' | b']' => found.extend(open.pop().map(|start| start..place)),
            b'"' => {
                while let Some(byte) = text.get(place) {
                    place += if *byte == b'\\' { 2 } else { 1 };
                    if *byte == b'"' {
                        break;
                    }
                }
                place = place.min(text.len());
                found.push(start..place);
            }
            b',' | b':' | b' ' | b'\n' => {}
            _ => {
                let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
                place += text[place..].iter().take_while(|byte| is_word(byte)).count();
                found.push(start..place);
            }
        }
    }
    found
}

/// A text to read: a valid one with some mutations, or arbitrary bytes.
#[derive(Clone)]
struct Input(Vec<u8>);

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.escape_ascii().to_string())
    }
}

fn inputs(valid: Vec<Vec<u8>>) -> impl Strategy<Value = Input> {
    let bytes = vec(any::<u8>(), 0..300).prop_map(Input);
    let text = any::<String>().prop_map(|text| Input(text.into_bytes()));
    let mutated = (select(valid), vec(mutation(), 0..5)).prop_map(|(mut text, mutations)| {
        for mutation in mutations {
            mutation.apply(&mut text);
        }
        Input(text)
    });
    prop_oneof![1 => bytes, 1 => text, 1 => Just(Input(Vec::new())), 17 => mutated]
}

/// Reads texts made of the valid ones, on a small stack. `read` says whether it accepted.
fn never_fails(valid: Vec<String>, read: fn(&str) -> bool) {
    for text in &valid {
        assert!(read(text), "this is valid, and is refused: {text}");
    }
    let valid = valid.into_iter().map(String::into_bytes).collect();
    never_fails_on_bytes(valid, move |bytes| read(&String::from_utf8_lossy(bytes)));
}

/// Reads bytes made of the valid ones, on a small stack. `read` says whether it accepted.
fn never_fails_on_bytes(valid: Vec<Vec<u8>>, read: impl Fn(&[u8]) -> bool + Send + 'static) {
    assert!(valid.iter().all(|bytes| read(bytes)), "some are valid, and refused");
    let tried = move || {
        let mut seed = [0; 32];
        if thorough() {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            seed[..16].copy_from_slice(&now.as_nanos().to_le_bytes());
        }
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let cases = if thorough() { 200_000 } else { 5_000 };
        let config = Config { cases, failure_persistence: None, ..Config::default() };
        let accepted = Cell::new(0_u32);
        let result = TestRunner::new_with_rng(config, rng).run(&inputs(valid), |Input(text)| {
            accepted.set(accepted.get() + u32::from(read(&text)));
            Ok(())
        });
        match result {
            Err(TestError::Fail(why, input)) => panic!("{why}\nwhen it reads:\n{input:?}"),
            Err(TestError::Abort(why)) => panic!("{why}"),
            Ok(()) => assert!(accepted.get() > cases / 50, "{} of {cases} are too few", accepted.get()),
        }
    };
    thread::Builder::new().stack_size(STACK).spawn(tried).unwrap().join().unwrap();
}

/// Asks a little of everybody, now and at both ends of time.
fn ask(state: &State) {
    for user in state.documents().directory.users.keys() {
        ask_for(state, &state.subject(user).unwrap());
    }
}

fn ask_for(state: &Index, subject: &Subject) {
    let server = ResourcePath::parse("servers/prod").unwrap();
    for at in [i64::MIN, 1_760_000_000_000, i64::MAX] {
        let request = Request::new(Timestamp(at));
        let _ = state.levels_of(subject, &ResourcePath::tenant(), request);
        let session = Some(Stamp { epoch: u32::MAX, revision: u64::MAX });
        let _ = state.levels_of(subject, &server, request.in_session(session));
    }
}

fn text(document: &impl Serialize) -> String {
    serde_json::to_string(document).unwrap()
}

fn states() -> Vec<State> {
    case_files().unwrap().iter().map(|(_, file)| file.state().unwrap()).collect()
}

/// The documents of one kind in every case file, each once.
fn documents<T: Serialize>(of: impl Fn(&Documents) -> Vec<T>) -> Vec<String> {
    let mut found: Vec<String> =
        states().iter().flat_map(|state| of(state.documents())).map(|document| text(&document)).collect();
    found.sort();
    found.dedup();
    found
}

fn decodes<T: DeserializeOwned>(text: &str) -> bool {
    decode::<T>(text).is_ok()
}

/// A policy with a condition wherever one may stand.
fn conditioned(condition: &Value) -> Value {
    json!({
        "format": 1,
        "name": "Conditioned",
        "catalogue": {
            "modules": [{
                "id": "docs",
                "permissions": [
                    { "id": "docs.read", "levels": { "allowed": { "condition": condition } } },
                    { "id": "docs.share" }
                ]
            }],
            "operations": [{
                "id": "docs.publish",
                "alternatives": [{
                    "needs": [{ "permission": "docs.share" }, { "permission": "docs.read", "unless": condition }]
                }]
            }]
        },
        "roles": [
            { "id": "member", "name": "Member", "base": true, "grants": {} },
            { "id": "root", "name": "Root", "superuser": true }
        ]
    })
}

/// Two comparisons, inside so many lists.
fn condition(depth: usize) -> Value {
    let compared = json!({ "in": [{ "attribute": "subject.region" }, ["emea", "apac", true]] });
    let compared = json!({ "any": [compared, { "eq": [{ "attribute": "context.zone" }, "red"] }] });
    (0..depth).fold(compared, |inner, _| json!({ "all": [inner] }))
}

#[test]
fn any_policy_is_read_or_refused() {
    let valid = TEMPLATES.iter().map(|(_, text)| (*text).to_owned());
    let mut inline: Vec<_> = states().iter().map(|state| text(&state.policy_document())).collect();
    inline.sort_by_key(String::len);
    inline.truncate(6);
    let valid = valid.chain(inline).chain([conditioned(&condition(1)).to_string()]);
    never_fails(valid.collect(), |text| {
        let policy = PolicyDocument::from_json(text);
        policy.is_ok_and(|policy| State::build(Documents::of_policy(&policy), Stamp::default()).is_ok())
    });
}

#[test]
fn any_snapshot_is_read_or_refused() {
    let mut valid = Vec::new();
    for state in states() {
        valid.push(text(&state.full_snapshot(TENANT, Vec::new())));
        valid.push(text(&state.policy_snapshot(TENANT, Vec::new())));
        let users = state.documents().directory.users.keys();
        valid.extend(
            users
                .filter_map(|user| state.subject_snapshot(TENANT, user, None, Timestamp(0)))
                .map(|snapshot| text(&snapshot)),
        );
    }
    // The smallest: they are read often, and a mutation seldom misses what matters.
    valid.sort_by_key(String::len);
    valid.truncate(10);
    never_fails(valid, |text| {
        Snapshot::from_json(text).is_ok_and(|snapshot| {
            ask(&snapshot.state);
            true
        })
    });
}

/// Asks a little of everybody in a snapshot, and reads again what it is written as.
fn ask_compact(compact: &Compact) {
    compact.index.subjects().for_each(|subject| ask_for(&compact.index, &subject));
    assert!(Compact::decode(compact.encode()).is_ok(), "what was read is not read again");
}

#[test]
fn any_compact_snapshot_is_read_or_refused() {
    let mut valid: Vec<_> = states().iter().map(|state| state.encode(TENANT, &[])).collect();
    valid.sort_by_key(Vec::len);
    valid.truncate(5);
    never_fails_on_bytes(valid, |bytes| {
        Compact::decode(bytes).is_ok_and(|compact| {
            ask_compact(&compact);
            true
        })
    });
}

#[test]
fn any_delta_is_applied_or_refused() {
    let hash = Content([0; 32]);
    let mut valid: Vec<_> = states()
        .windows(2)
        .filter_map(|pair| {
            // From one case to the next, as if the same tenant had come there.
            let at = pair[0].at().next();
            let to = State::build(pair[1].documents().clone(), at).ok()?;
            let [from, to] = [&pair[0], &to].map(|state| Compact::full(state.index(), TENANT, Vec::new()));
            Some((to.delta(hash, &from, hash)?, from))
        })
        .collect();
    valid.sort_by_key(|(delta, _)| delta.len());
    valid.truncate(2);
    for (delta, from) in valid {
        never_fails_on_bytes(vec![delta], move |bytes| {
            let delta = Delta::decode(bytes).map_err(Inapplicable::from);
            delta.and_then(|delta| from.apply(hash, delta)).is_ok_and(|compact| {
                ask_compact(&compact);
                true
            })
        });
    }
}

#[test]
fn any_claims_of_a_pass_are_read_or_refused() {
    let mut valid = Vec::new();
    for state in states() {
        for user in state.documents().directory.users.keys() {
            let Some(pass) = state.pass(TENANT, user, state.at(), Timestamp(0)) else { continue };
            let (aud, issued, expires) = (format!("rolewright:{TENANT}"), Timestamp(0), Timestamp(1));
            valid.push(text(&PassClaims { aud, issued, expires, pass }));
        }
    }
    never_fails(valid, |text| {
        thread_local!(static EDGE: State = states().swap_remove(0));
        decode::<PassClaims>(text).is_ok_and(|claims| {
            EDGE.with(|edge| ask_for(edge, &edge.subject_of_pass(&claims.pass, &[])));
            true
        })
    });
}

#[test]
fn any_resource_path_is_read_or_refused() {
    let valid = ["/", "servers/prod", "servers/prod/tasks/nightly", "tenants/é/ø"].map(str::to_owned);
    never_fails(valid.to_vec(), |text| {
        ResourcePath::parse(text).is_ok_and(|path| {
            assert_eq!(path.as_str(), text);
            assert!(path.reaches(&path) && ResourcePath::tenant().reaches(&path));
            true
        })
    });
}

#[test]
fn any_catalogue_is_read_or_refused() {
    never_fails(documents(|all| vec![(*all.catalogue).clone()]), decodes::<CatalogueDocument>);
}

#[test]
fn any_settings_are_read_or_refused() {
    never_fails(documents(|all| vec![all.settings.clone()]), decodes::<SettingsDocument>);
}

#[test]
fn any_role_is_read_or_refused() {
    never_fails(documents(|all| all.roles.values().cloned().collect()), decodes::<RoleDocument>);
}

#[test]
fn any_package_is_read_or_refused() {
    never_fails(documents(|all| all.packages.values().cloned().collect()), decodes::<PackageDocument>);
}

#[test]
fn any_user_is_read_or_refused() {
    never_fails(documents(|all| all.directory.users.values().cloned().collect()), decodes::<UserDocument>);
}

#[test]
fn any_group_is_read_or_refused() {
    never_fails(documents(|all| all.directory.groups.values().cloned().collect()), decodes::<GroupDocument>);
}

#[test]
fn any_membership_is_read_or_refused() {
    let valid = documents(|all| all.directory.memberships.values().cloned().collect());
    never_fails(valid, decodes::<MembershipDocument>);
}

#[test]
fn any_assignment_is_read_or_refused() {
    let valid = documents(|all| all.directory.assignments.values().cloned().collect());
    never_fails(valid, decodes::<AssignmentDocument>);
}

#[test]
fn any_change_is_read_or_refused() {
    let mut valid =
        documents(|all| all.roles.values().cloned().map(|role| Change::CreateRole { role }).collect());
    valid.extend(documents(|all| vec![Change::UpdateCatalogue { catalogue: (*all.catalogue).clone() }]));
    never_fails(valid, decodes::<Change>);
}

#[test]
fn any_table_is_read_or_refused() {
    let mut states = states();
    states.sort_by_key(|state| state.documents().directory.users.len());
    let state = states.pop().unwrap();
    let valid =
        vec![people::write(&state, state.documents().directory.users.values()), assignments::write(&state)];
    never_fails_on_bytes(valid, move |bytes| {
        let context = Context { now: Timestamp(1_760_000_000_000), id: "c1".to_owned() };
        let plan = |rows: &dyn Rows| {
            for row in 0..rows.count() {
                let _ = (rows.name(row), rows.plan(row, &state, &context), rows.invites(row, &state));
            }
        };
        let people = People::read(bytes).map(|rows| plan(&rows));
        people.is_ok() | Assignments::read(bytes).map(|rows| plan(&rows)).is_ok()
    });
}

#[test]
fn any_question_is_read_or_refused() {
    let mut valid = Vec::new();
    for (_, file) in case_files().unwrap() {
        valid.extend(file.cases.iter().map(|case| text(&case.question(file.at).unwrap())));
    }
    never_fails(valid, decodes::<Check>);
}

#[test]
fn any_claims_of_a_stamp_are_read_or_refused() {
    let stamp = StampClaims {
        tenant: TENANT.to_owned(),
        kind: "full".to_owned(),
        at: Stamp::default(),
        content: "0".repeat(64),
        log_head: "0".repeat(64),
        issued: Timestamp(0),
        expires: Timestamp(1),
        nonce: Some("n".to_owned()),
    };
    never_fails(vec![text(&stamp)], decodes::<StampClaims>);
}

/// As deep as JSON may be, and far deeper, around values of a small policy; and conditions in conditions.
#[test]
fn however_deep_a_document_is_the_stack_holds() {
    let (_, policy) = TEMPLATES.iter().min_by_key(|(_, text)| text.len()).unwrap();
    let places = values(policy.as_bytes());
    let deep = move || {
        for (opening, closing) in [("[", "]"), ("{\"a\":", "}"), ("{\"any\":[", "]}")] {
            for depth in [100, 127, 128, 100_000] {
                let mut bare = opening.repeat(depth);
                write!(bare, "1{}", closing.repeat(depth)).unwrap();
                assert!(!decodes::<CatalogueDocument>(&bare) && !decodes::<Change>(&bare));
                for value in places.iter().step_by(if thorough() { 1 } else { 40 }) {
                    let mut text = policy.as_bytes().to_vec();
                    text.splice(value.end..value.end, closing.repeat(depth).into_bytes());
                    text.splice(value.start..value.start, opening.repeat(depth).into_bytes());
                    let text = String::from_utf8(text).unwrap();
                    assert!(PolicyDocument::from_json(&text).is_err(), "{text}");
                }
            }
        }
        for depth in 0..64 {
            let nested = conditioned(&condition(depth)).to_string();
            if let Ok(policy) = PolicyDocument::from_json(&nested) {
                State::build(Documents::of_policy(&policy), Stamp::default()).unwrap();
            }
        }
    };
    thread::Builder::new().stack_size(STACK).spawn(deep).unwrap().join().unwrap();
}
