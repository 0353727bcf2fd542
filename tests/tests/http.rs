//! Every decision case over HTTP: the file's documents in a real store, the real server, an API
//! key that may ask for others. The body is what the state answers natively, to the byte.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use rolewright_model::change::{Kind, Write};
use rolewright_model::documents::{Documents, Table};
use rolewright_model::{Context, Stamp, Timestamp, console};
use rolewright_server::app::App;
use rolewright_server::auth::actor::Who;
use rolewright_server::auth::key_change;
use rolewright_server::clock::Clock;
use rolewright_server::config::{Config, DEFAULT_TENANT};
use rolewright_server::front::Front;
use rolewright_server::tenant::Edit;
use rolewright_store::{Commit, Entry, SqliteStore, Store};
use rolewright_tests::{answer, case_files};
use rolewright_wire::key::NewKey;
use serde::Serialize;
use serde_json::json;

const LONGEST_ANSWER: usize = 1 << 20;

#[tokio::test]
async fn every_case_is_answered_as_expected() {
    let (mut asked, mut failures) = (0, Vec::new());
    for (stem, file) in case_files().unwrap_or_else(|error| panic!("{error}")) {
        let documents = file.documents().unwrap_or_else(|error| panic!("{stem}: {error}"));
        let state = file.state().unwrap_or_else(|error| panic!("{stem}: {error}"));
        let (front, key) = serve(&documents).await;
        for case in &file.cases {
            let question =
                case.question(file.at).unwrap_or_else(|error| panic!("{stem}, {}: {error}", case.name));
            let request = Request::post(format!("/api/v1/tenants/{DEFAULT_TENANT}/check"))
                .header(header::AUTHORIZATION, format!("Bearer {key}"))
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(serde_json::to_vec(&question).unwrap()))
                .unwrap();
            let response = front.answer(None, request).await;
            let status = response.status();
            let body = to_bytes(response.into_body(), LONGEST_ANSWER).await.unwrap();
            let text = String::from_utf8(body.to_vec()).unwrap();
            asked += 1;
            if status != StatusCode::OK || !case.is_answered_by(&text) || text != answer(&state, &question) {
                let expected = &case.expect;
                failures.push(format!(
                    "{stem}: {}\n    expected {expected}\n    answered {status} {text}",
                    case.name
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {asked} cases fail:\n{}", failures.len(), failures.join("\n"));
    assert!(asked >= 150, "{asked} cases are too few");
}

/// The real server over a store that holds the documents, and a key that may ask for anybody and see why.
async fn serve(documents: &Documents) -> (Front, String) {
    let store = SqliteStore::in_memory().await.unwrap();
    store.create_tenant(DEFAULT_TENANT, "Cases", Timestamp(0), None).await.unwrap();
    let entry = Entry {
        at: Stamp::default().next(),
        time: Timestamp(0),
        actor: "operator".to_owned(),
        action: "import".to_owned(),
        change: json!({}),
        writes: writes(documents),
        kept: Vec::new(),
        records: Vec::new(),
        about: None,
        undoes: Vec::new(),
        reason: None,
        request: "cases".to_owned(),
    };
    store.commit(DEFAULT_TENANT, Commit { entry, revoked: Vec::new(), records: Vec::new() }).await.unwrap();
    let app = App::new(Arc::new(store), Config::default(), Clock::default());
    let tenant = app.tenant(DEFAULT_TENANT).await.unwrap();
    let new = NewKey {
        name: "cases".to_owned(),
        permissions: vec![console::ACCESS_CHECK.to_owned(), console::ACCESS_EXPLAIN.to_owned()],
        scope: "/".to_owned(),
        expires: None,
        trusts_subject: false,
    };
    let context = Context { now: Timestamp(0), id: "key".to_owned() };
    let edit = |change| Ok(Edit::new(Who::Operator, change, context));
    let (key, _) = key_change::make(&tenant, new, edit).await.unwrap();
    (Front::new(app), key.key.unwrap().expose().to_owned())
}

fn writes(documents: &Documents) -> Vec<Write> {
    fn each<T: Serialize + Clone>(kind: Kind, documents: &Table<T>) -> Vec<Write> {
        let write = |(id, document): (&String, &T)| new(kind, id, document);
        documents.iter().map(write).collect()
    }
    fn new(kind: Kind, id: &str, document: &impl Serialize) -> Write {
        Write { kind, id: id.to_owned(), before: None, after: Some(serde_json::to_value(document).unwrap()) }
    }
    let directory = &documents.directory;
    let mut writes = vec![
        new(Kind::Settings, Kind::ONLY, &documents.settings),
        new(Kind::Catalogue, Kind::ONLY, &*documents.catalogue),
    ];
    if !documents.tests.is_empty() {
        writes.push(new(Kind::Tests, Kind::ONLY, &documents.tests));
    }
    writes.extend(each(Kind::Role, &documents.roles));
    writes.extend(each(Kind::Package, &documents.packages));
    writes.extend(each(Kind::User, &directory.users));
    writes.extend(each(Kind::Group, &directory.groups));
    writes.extend(each(Kind::Membership, &directory.memberships));
    writes.extend(each(Kind::Assignment, &directory.assignments));
    writes
}
