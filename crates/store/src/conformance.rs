//! What every implementation of [`Store`] must do, written against the trait.
//!
//! Each function is one fact and takes an empty store. [`conformance!`](crate::conformance!) makes
//! a test of each. A fact that does not hold panics, or answers the error that it did not expect.

mod removal;

use std::sync::Arc;

use rolewright_model::change::{About, Kind, Topic, Write};
use rolewright_model::{Stamp, Timestamp};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::log::{START, canonical, hash};
use crate::{Commit, Document, Entry, Error, Head, LogEntry, LogFilter, Record, RecordOp, Result, Store};

pub use removal::{
    a_deleted_tenant_leaves_nothing, a_log_that_is_cut_verifies_from_its_anchor,
    an_anchor_of_another_entry_leaves_the_log, records_stay_sealed_when_their_entries_go,
};

/// An empty store, shared by tasks.
pub type Shared = Arc<dyn Store>;

/// Makes a test of every fact. Takes the path of an async function of the fact's name that answers
/// an empty [`Shared`] store.
#[macro_export]
macro_rules! conformance {
    ($make:path) => {
        $crate::conformance! { $make:
            a_new_tenant_is_empty
            tenants_are_listed_and_not_made_twice
            a_tenant_begins_with_its_first_change_or_not_at_all
            an_unknown_tenant_is_refused_everywhere
            a_commit_is_read_back
            a_document_keeps_the_stamp_that_last_wrote_it
            a_removed_document_is_gone
            a_commit_off_the_head_leaves_nothing
            a_commit_whose_document_differs_leaves_nothing
            a_commit_takes_its_link_or_leaves_nothing
            a_commit_finds_what_it_demands_or_leaves_nothing
            of_two_commits_on_one_head_one_wins
            the_log_is_a_chain_and_verifies
            the_log_is_read_in_pages
            the_log_is_filtered_newest_first
            an_entry_without_documents_is_found_by_what_it_is_about
            numbers_and_text_come_back_exactly
            revocations_are_found_from_a_moment_on
            records_are_put_inserted_and_deleted
            records_are_found_by_owner
            records_are_found_under_their_keys
            expired_records_are_not_there
            of_sixteen_takers_one_gets_the_record
            record_edits_are_all_or_nothing
            a_record_is_replaced_as_it_was_read_or_not_at_all
            records_that_changes_write_are_verified
            tenants_are_isolated
            a_log_that_is_cut_verifies_from_its_anchor
            an_anchor_of_another_entry_leaves_the_log
            records_stay_sealed_when_their_entries_go
            a_deleted_tenant_leaves_nothing
        }
    };
    ($make:path: $($fact:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $fact() -> $crate::Result<()> {
                $crate::conformance::$fact($make(stringify!($fact)).await?).await
            }
        )*
    };
}

const TENANT: &str = "default";
const T0: Timestamp = Timestamp(1_000);

async fn with_tenant(store: &Shared) -> Result<()> {
    store.create_tenant(TENANT, "Default", T0, None).await.map(drop)
}

/// A write that says what was there only by whether it was there, as the store needs it.
fn write(kind: Kind, id: &str, before: Option<Value>, after: Option<Value>) -> Write {
    Write { kind, id: id.to_owned(), before, after }
}

fn add(id: &str) -> Write {
    write(Kind::Role, id, None, Some(json!({"id": id})))
}

/// A commit right after `head`, with its revision as its time in seconds.
fn commit(head: &Head, writes: Vec<Write>) -> Commit {
    let at = head.at.next();
    let time = Timestamp(T0.0).plus(i64::try_from(at.revision).unwrap_or(i64::MAX).saturating_mul(1_000));
    Commit {
        entry: Entry {
            at,
            time,
            actor: "ada".to_owned(),
            action: "create_role".to_owned(),
            change: json!({"change": "create_role"}),
            writes,
            records: Vec::new(),
            about: None,
            reason: Some("asked for".to_owned()),
            request: format!("request-{}", at.revision),
        },
        revoked: Vec::new(),
        records: Vec::new(),
    }
}

async fn make(store: &Shared, writes: Vec<Write>) -> Result<Head> {
    let head = store.head(TENANT).await?;
    store.commit(TENANT, commit(&head, writes)).await
}

/// Everything that a refused commit must not touch.
async fn all(store: &Shared, tenant: &str) -> Result<(Head, Vec<Document>, Vec<LogEntry>, usize, usize)> {
    let contents = store.contents(tenant).await?;
    let log = store.log(tenant, None, 1_000).await?;
    let revoked = store.revoked_since(tenant, Timestamp(0)).await?.len();
    let records = store.records(tenant, "link", None, T0).await?.len();
    Ok((contents.head, contents.documents, log, revoked, records))
}

/// A tenant begins empty, at the first stamp.
pub async fn a_new_tenant_is_empty(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let head = Head { at: Stamp::default(), log_hash: START.to_owned(), changed: T0 };
    assert_eq!(all(&store, TENANT).await?, (head.clone(), vec![], vec![], 0, 0));
    let verified = store.verify_log(TENANT, T0).await?;
    assert_eq!((verified.entries, verified.head), (0, head));
    assert_eq!(store.document(TENANT, Kind::User, "nobody").await?, None);
    Ok(())
}

/// Tenants are listed by id; an id is given once.
pub async fn tenants_are_listed_and_not_made_twice(store: Shared) -> Result<()> {
    assert_eq!(store.tenants().await?, vec![]);
    store.create_tenant("b", "Beta", Timestamp(2), None).await?;
    store.create_tenant("a", "Alpha", Timestamp(1), None).await?;
    let again = store.create_tenant("a", "Another", Timestamp(3), None).await;
    assert!(matches!(again, Err(Error::TenantExists(id)) if id == "a"));
    let listed: Vec<_> = store.tenants().await?.into_iter().map(|t| (t.id, t.name, t.created.0)).collect();
    assert_eq!(listed, [("a".to_owned(), "Alpha".to_owned(), 1), ("b".to_owned(), "Beta".to_owned(), 2)]);
    Ok(())
}

/// A tenant comes to be with its first change, or not at all.
pub async fn a_tenant_begins_with_its_first_change_or_not_at_all(store: Shared) -> Result<()> {
    let start = Head { at: Stamp::default(), log_hash: START.to_owned(), changed: T0 };
    let first = Commit {
        records: vec![RecordOp::Put { kind: "link".into(), key: "k".into(), record: Record::new(json!(1)) }],
        ..commit(&start, vec![add("a")])
    };
    let spent =
        Commit { records: vec![RecordOp::Take { kind: "link".into(), key: "k".into() }], ..first.clone() };
    let late = Commit { entry: Entry { at: start.at.next().next(), ..first.entry.clone() }, ..first.clone() };
    let drifted = commit(&start, vec![write(Kind::Role, "a", Some(json!({"id": "a"})), None)]);
    for (n, refused) in [spent, late, drifted].into_iter().enumerate() {
        let made = store.create_tenant(TENANT, "Default", T0, Some(refused)).await;
        let fits = match n {
            0 => matches!(made, Err(Error::Spent { .. })),
            1 => matches!(made, Err(Error::Conflict { .. })),
            _ => matches!(made, Err(Error::Drift { .. })),
        };
        assert!(fits, "{n}: {made:?}");
        assert_eq!(store.tenants().await?, vec![]);
    }
    let head = store.create_tenant(TENANT, "Default", T0, Some(first.clone())).await?;
    assert_eq!((head.at, head.changed), (start.at.next(), first.entry.time));
    let (known, documents, log, _, records) = all(&store, TENANT).await?;
    assert_eq!((known, documents.len(), log.len(), records), (head.clone(), 1, 1, 1));
    assert_eq!(store.verify_log(TENANT, T0).await?.head, head);
    let again = store.create_tenant(TENANT, "Default", T0, Some(first)).await;
    assert!(matches!(again, Err(Error::TenantExists(_))), "{again:?}");
    assert_eq!(store.head(TENANT).await?, head);
    Ok(())
}

/// Every method says that there is no such tenant.
pub async fn an_unknown_tenant_is_refused_everywhere(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let head = store.head(TENANT).await?;
    let record = || Record::new(json!(1));
    let id = "nowhere";
    let errors = [
        store.head(id).await.err(),
        store.contents(id).await.err(),
        store.document(id, Kind::Role, "r").await.err(),
        store.commit(id, commit(&head, vec![add("r")])).await.err(),
        store.log(id, None, 1).await.err(),
        store.verify_log(id, T0).await.err(),
        store.anchor(id).await.err(),
        store.anchor_before(id, T0).await.err(),
        store.delete_tenant(id).await.err(),
        store.revoked_since(id, T0).await.err(),
        store.record(id, "link", "k", T0).await.err(),
        store.records(id, "link", None, T0).await.err(),
        store.records_under(id, "link", &["a"], T0).await.err(),
        store.put_record(id, "link", "k", record(), T0).await.err(),
        store.insert_record(id, "link", "k", record(), T0).await.err(),
        store.take_record(id, "link", "k", T0).await.err(),
        store.delete_record(id, "link", "k").await.err(),
        store.edit_records(id, vec![], T0).await.err(),
    ];
    for (position, error) in errors.into_iter().enumerate() {
        assert!(matches!(&error, Some(Error::UnknownTenant(t)) if t == id), "{position}: {error:?}");
    }
    Ok(())
}

/// Everything in a commit is there afterwards.
pub async fn a_commit_is_read_back(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let begin = store.head(TENANT).await?;
    let mut made = commit(&begin, vec![add("a"), add("b")]);
    made.revoked = vec!["link-1".to_owned(), "link-1".to_owned()];
    let put = |key: &str| RecordOp::Put {
        kind: "link".to_owned(),
        key: key.to_owned(),
        record: Record::new(json!({"for": "ada"})),
    };
    made.records = vec![put("one"), put("two")];
    let entry = made.entry.clone();
    let head = store.commit(TENANT, made).await?;
    assert_eq!(head.at, Stamp { epoch: 0, revision: 1 });
    assert_eq!(head.changed, entry.time);
    let (read, documents, log, revoked, records) = all(&store, TENANT).await?;
    assert_eq!((read, revoked, records), (head.clone(), 1, 2));
    let ids: Vec<_> = documents.iter().map(|d| (d.kind, d.id.as_str(), d.at, &d.body)).collect();
    let at = head.at;
    assert_eq!(ids, [(Kind::Role, "a", at, &json!({"id": "a"})), (Kind::Role, "b", at, &json!({"id": "b"}))]);
    assert_eq!(store.document(TENANT, Kind::Role, "a").await?.as_ref(), documents.first());
    let entries: Vec<_> = log.iter().map(|sealed| (&sealed.entry, &sealed.previous, &sealed.hash)).collect();
    assert_eq!(entries, [(&entry, &START.to_owned(), &head.log_hash)]);
    Ok(())
}

/// A later change that does not touch a document leaves its stamp.
pub async fn a_document_keeps_the_stamp_that_last_wrote_it(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let first = make(&store, vec![add("a"), add("b")]).await?;
    let edit = write(Kind::Role, "b", Some(json!({"id": "b"})), Some(json!({"id": "b", "name": "B"})));
    let second = make(&store, vec![edit]).await?;
    let stamps: Vec<_> = store.contents(TENANT).await?.documents.into_iter().map(|d| (d.id, d.at)).collect();
    assert_eq!(stamps, [("a".to_owned(), first.at), ("b".to_owned(), second.at)]);
    Ok(())
}

/// A removed document is gone, and its id may be used again; kinds do not share ids.
pub async fn a_removed_document_is_gone(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let user = write(Kind::User, "a", None, Some(json!({"id": "a"})));
    make(&store, vec![add("a"), user]).await?;
    make(&store, vec![write(Kind::Role, "a", Some(json!({"id": "a"})), None)]).await?;
    assert_eq!(store.document(TENANT, Kind::Role, "a").await?, None);
    assert!(store.document(TENANT, Kind::User, "a").await?.is_some());
    let head = make(&store, vec![add("a")]).await?;
    assert_eq!(store.document(TENANT, Kind::Role, "a").await?.map(|d| d.at), Some(head.at));
    store.verify_log(TENANT, T0).await?;
    Ok(())
}

/// A commit decided on another head than the tenant's is refused, and says where the tenant is.
pub async fn a_commit_off_the_head_leaves_nothing(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let begin = store.head(TENANT).await?;
    let head = make(&store, vec![add("a")]).await?;
    let before = all(&store, TENANT).await?;
    let ahead = Head { at: head.at.next(), ..head.clone() };
    let elsewhere = Head { at: Stamp { epoch: 1, ..head.at }, ..head.clone() };
    for wrong in [begin, ahead, elsewhere] {
        let mut late = commit(&wrong, vec![add("b")]);
        late.revoked = vec!["link".to_owned()];
        late.records =
            vec![RecordOp::Put { kind: "link".into(), key: "k".into(), record: Record::new(json!(1)) }];
        let refused = store.commit(TENANT, late).await;
        assert!(matches!(&refused, Err(Error::Conflict { head: found }) if *found == head), "{refused:?}");
        assert_eq!(all(&store, TENANT).await?, before);
    }
    Ok(())
}

/// A commit that was decided on other documents than there are is refused, even on the right head.
pub async fn a_commit_whose_document_differs_leaves_nothing(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    make(&store, vec![add("a")]).await?;
    let before = all(&store, TENANT).await?;
    let body = || Some(json!({"id": "x"}));
    for wrong in [add("a"), write(Kind::Role, "x", body(), None), write(Kind::Role, "x", body(), body())] {
        let id = wrong.id.clone();
        let refused = make(&store, vec![add("b"), wrong]).await;
        assert!(
            matches!(&refused, Err(Error::Drift { kind: Kind::Role, id: found }) if *found == id),
            "{refused:?}"
        );
        assert_eq!(all(&store, TENANT).await?, before);
    }
    Ok(())
}

/// A commit that uses up a link does so once, in time, and with everything else in it.
pub async fn a_commit_takes_its_link_or_leaves_nothing(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let accept = |head: &Head, key: &str, user: &str| {
        let mut accept = commit(head, vec![write(Kind::User, user, None, Some(json!({"id": user})))]);
        accept.revoked = vec!["old".to_owned()];
        accept.records = vec![
            RecordOp::Put {
                kind: "password".to_owned(),
                key: user.to_owned(),
                record: Record::new(json!("hash")),
            },
            RecordOp::Take { kind: "link".to_owned(), key: key.to_owned() },
        ];
        accept
    };
    let head = store.head(TENANT).await?;
    let time = commit(&head, vec![]).entry.time;
    store.put_record(TENANT, "link", "good", Record::new(json!(1)).until(time.plus(1)), T0).await?;
    store.put_record(TENANT, "link", "late", Record::new(json!(1)).until(time), T0).await?;
    let before = all(&store, TENANT).await?;
    for key in ["late", "never"] {
        let refused = store.commit(TENANT, accept(&head, key, "ada")).await;
        assert!(
            matches!(&refused, Err(Error::Spent { kind, key: k }) if kind == "link" && k == key),
            "{refused:?}"
        );
        assert_eq!(all(&store, TENANT).await?, before);
        assert_eq!(store.record(TENANT, "password", "ada", T0).await?, None);
    }
    let head = store.commit(TENANT, accept(&head, "good", "ada")).await?;
    assert!(store.record(TENANT, "password", "ada", T0).await?.is_some());
    assert_eq!(store.record(TENANT, "link", "good", T0).await?, None);
    let again = store.commit(TENANT, accept(&head, "good", "bob")).await;
    assert!(matches!(again, Err(Error::Spent { .. })), "{again:?}");
    assert_eq!(store.head(TENANT).await?, head);
    assert_eq!(store.record(TENANT, "password", "bob", T0).await?, None);
    Ok(())
}

/// A commit that demands a record is made while the record is there, and leaves it.
pub async fn a_commit_finds_what_it_demands_or_leaves_nothing(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let demand = |head: &Head, key: &str| {
        let mut demand = commit(head, vec![write(Kind::User, "ada", None, Some(json!({"id": "ada"})))]);
        demand.records = vec![RecordOp::Require { kind: "session".to_owned(), key: key.to_owned() }];
        demand
    };
    let head = store.head(TENANT).await?;
    let time = commit(&head, vec![]).entry.time;
    store.put_record(TENANT, "session", "good", Record::new(json!(1)).until(time.plus(1)), T0).await?;
    store.put_record(TENANT, "session", "late", Record::new(json!(1)).until(time), T0).await?;
    let before = all(&store, TENANT).await?;
    for key in ["late", "never"] {
        let refused = store.commit(TENANT, demand(&head, key)).await;
        assert!(
            matches!(&refused, Err(Error::Missing { kind, key: k }) if kind == "session" && k == key),
            "{refused:?}"
        );
        assert_eq!(all(&store, TENANT).await?, before);
    }
    store.commit(TENANT, demand(&head, "good")).await?;
    assert!(store.record(TENANT, "session", "good", T0).await?.is_some());
    Ok(())
}

/// Of commits decided on the same head one is made, round after round, and the log stays whole.
pub async fn of_two_commits_on_one_head_one_wins(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    for round in 0..8_u64 {
        let head = store.head(TENANT).await?;
        let mut tasks = JoinSet::new();
        for task in 0..4 {
            let (store, made) = (store.clone(), commit(&head, vec![add(&format!("{round}-{task}"))]));
            tasks.spawn(async move { store.commit(TENANT, made).await });
        }
        let (mut won, mut lost) = (0, 0);
        for done in tasks.join_all().await {
            match done {
                Ok(made) => {
                    won += 1;
                    assert_eq!(made.at.revision, round + 1);
                }
                Err(Error::Conflict { head }) => {
                    lost += 1;
                    assert_eq!(head.at.revision, round + 1);
                }
                Err(other) => return Err(other),
            }
        }
        assert_eq!((won, lost), (1, 3));
    }
    assert_eq!(store.contents(TENANT).await?.documents.len(), 8);
    assert_eq!(store.verify_log(TENANT, T0).await?.entries, 8);
    Ok(())
}

/// Each entry follows the one before it, and anyone can recompute the hashes from the texts.
pub async fn the_log_is_a_chain_and_verifies(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    for id in ["a", "b", "c"] {
        make(&store, vec![add(id)]).await?;
    }
    let mut previous = START.to_owned();
    for (revision, sealed) in (1..).zip(store.log(TENANT, None, 10).await?) {
        assert_eq!(sealed.entry.at.revision, revision);
        assert_eq!(sealed.previous, previous);
        assert_eq!(sealed.hash, hash(&previous, &sealed.text));
        let text: Value = serde_json::from_str(&sealed.text).unwrap_or_default();
        assert_eq!(text.get("tenant"), Some(&json!(TENANT)));
        assert_eq!(canonical(&text), sealed.text);
        previous = sealed.hash;
    }
    let verified = store.verify_log(TENANT, T0).await?;
    assert_eq!((verified.entries, &verified.head.log_hash), (3, &previous));
    assert_eq!(verified.head, store.head(TENANT).await?);
    Ok(())
}

/// A filter takes the entries that are all of what it says, newest first, and pages leave nothing out.
pub async fn the_log_is_filtered_newest_first(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    for (time, actor, id) in [(10, "user:ana", "a"), (20, "user:bob", "b"), (30, "user:ana", "c")] {
        let mut commit = commit(&store.head(TENANT).await?, vec![add(id)]);
        (commit.entry.time, commit.entry.actor) = (Timestamp(time), actor.to_owned());
        (commit.entry.reason, commit.entry.request) = (Some(format!("For {id}")), format!("req-{time}"));
        store.commit(TENANT, commit).await?;
    }
    let action = store.log(TENANT, None, 1).await?.remove(0).entry.action;
    let some = |text: &str| Some(text.to_owned());
    let kind = add("a").kind;
    let other = Kind::ALL.into_iter().find(|other| *other != kind).map(Topic::Documents);
    let none = LogFilter::default();
    for (filter, expected) in [
        (none.clone(), vec![3, 2, 1]),
        (LogFilter { actor: some("user:ana"), ..none.clone() }, vec![3, 1]),
        (LogFilter { actor: some("user:an"), ..none.clone() }, vec![]),
        (LogFilter { action: Some(action), ..none.clone() }, vec![3, 2, 1]),
        (LogFilter { action: some("nothing"), ..none.clone() }, vec![]),
        (LogFilter { kind: Some(Topic::Documents(kind)), ..none.clone() }, vec![3, 2, 1]),
        (LogFilter { kind: other, ..none.clone() }, vec![]),
        (LogFilter { id: some("b"), ..none.clone() }, vec![2]),
        (LogFilter { about: some("b"), ..none.clone() }, vec![2]),
        (LogFilter { kind: other, id: some("b"), ..none.clone() }, vec![]),
        (LogFilter { from: Some(Timestamp(20)), ..none.clone() }, vec![3, 2]),
        (LogFilter { until: Some(Timestamp(20)), ..none.clone() }, vec![1]),
        (LogFilter { search: some("fOr B"), ..none.clone() }, vec![2]),
        (LogFilter { search: some("req-30"), ..none.clone() }, vec![3]),
        (LogFilter { search: some("req-30"), until: Some(Timestamp(30)), ..none.clone() }, vec![]),
        (LogFilter { search: some("for nobody"), ..none.clone() }, vec![]),
        (LogFilter { actor: some("user:ana"), until: Some(Timestamp(30)), ..none.clone() }, vec![1]),
    ] {
        let found = store.log_where(TENANT, &filter, None, 9).await?;
        let found: Vec<u64> = found.iter().map(|sealed| sealed.entry.at.revision).collect();
        assert_eq!(found, expected, "{filter:?}");
        let all = store.log(TENANT, None, 9).await?;
        let taken = all.iter().rev().filter(|sealed| filter.takes(&sealed.entry));
        assert_eq!(taken.map(|sealed| sealed.entry.at.revision).collect::<Vec<_>>(), expected, "{filter:?}");
    }
    let page = store.log_where(TENANT, &none, Some(3), 1).await?;
    assert_eq!(page.iter().map(|sealed| sealed.entry.at.revision).collect::<Vec<_>>(), [2]);
    assert_eq!(page, store.log(TENANT, Some(1), 1).await?);
    let unknown = store.log_where("nobody", &none, None, 1).await;
    assert!(matches!(unknown, Err(Error::UnknownTenant(_))), "{unknown:?}");
    Ok(())
}

/// An entry that writes no document moves the head, keeps the chain, leaves every document as it is, and is found by what
/// it is about, as those are that write.
pub async fn an_entry_without_documents_is_found_by_what_it_is_about(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let user = |id: &str| write(Kind::User, id, None, Some(json!({ "id": id })));
    make(&store, vec![user("ana"), user("edge")]).await?;
    let documents = store.contents(TENANT).await?.documents;
    let acts = [About::User("ana".to_owned()), About::Key("edge".to_owned()), About::User("bob".to_owned())];
    for about in acts {
        let mut commit = commit(&store.head(TENANT).await?, vec![]);
        commit.entry.about = Some(about.clone());
        let head = store.commit(TENANT, commit).await?;
        let last = store.log(TENANT, Some(head.at.revision.saturating_sub(1)), 1).await?.remove(0);
        assert_eq!(last.entry.about, Some(about));
    }
    assert_eq!(store.contents(TENANT).await?.documents, documents);
    assert_eq!(store.verify_log(TENANT, T0).await?.entries, 4);
    let of = |kind: Option<Topic>, id: Option<&str>| LogFilter {
        kind,
        id: id.map(ToOwned::to_owned),
        ..LogFilter::default()
    };
    let (users, keys) = (Some(Topic::Documents(Kind::User)), Some(Topic::Keys));
    for (filter, expected) in [
        (of(users, Some("ana")), vec![2, 1]),
        (of(users, Some("bob")), vec![4]),
        (of(users, Some("edge")), vec![1]),
        (of(keys, Some("edge")), vec![3]),
        (of(keys, Some("ana")), vec![]),
        (of(None, Some("edge")), vec![3, 1]),
        (of(users, None), vec![4, 2, 1]),
        (of(keys, None), vec![3]),
        (of(Some(Topic::Documents(Kind::Role)), None), vec![]),
        (of(None, None), vec![4, 3, 2, 1]),
    ] {
        let found = store.log_where(TENANT, &filter, None, 9).await?;
        let found: Vec<u64> = found.iter().map(|sealed| sealed.entry.at.revision).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
    Ok(())
}

/// `after` and `limit` cut the log into pages that leave nothing out.
pub async fn the_log_is_read_in_pages(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    for id in ["a", "b", "c", "d", "e"] {
        make(&store, vec![add(id)]).await?;
    }
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = store.log(TENANT, after, 2).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.entry.at.revision);
        pages.push(page.iter().map(|sealed| sealed.entry.at.revision).collect::<Vec<_>>());
    }
    assert_eq!(pages, [vec![1, 2], vec![3, 4], vec![5]]);
    assert_eq!(store.log(TENANT, None, 0).await?, vec![]);
    assert_eq!(store.log(TENANT, Some(99), 9).await?, vec![]);
    let huge = store.log(TENANT, Some(u64::MAX), 9).await;
    assert!(matches!(huge, Err(Error::TooLarge(u64::MAX))), "{huge:?}");
    Ok(())
}

/// What JSON can say comes back as it was, in documents, log and records.
pub async fn numbers_and_text_come_back_exactly(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let body = json!({
        "z": 1, "a": {"": null, "é\u{0}\n\"'`; DROP TABLE log; --": [true, false]},
        "numbers": [0.1, 1e-310, 5e-324, 1.7976931348623157e308, 9_007_199_254_740_993_i64, i64::MIN, u64::MAX,
            0.1 + 0.2, 2.004_750_000_000_000_3e-7, -0.0],
        "text": "\u{1F980} \u{202E} \u{FEFF}",
    });
    let id = "é`'\"; -- \u{1F980}";
    let mut made = commit(&store.head(TENANT).await?, vec![write(Kind::User, id, None, Some(body.clone()))]);
    let (kind, key, record) = ("key".to_owned(), id.to_owned(), Record::new(body.clone()).owned_by(id));
    made.records = vec![RecordOp::Put { kind, key, record }];
    store.commit(TENANT, made).await?;
    let document = store.document(TENANT, Kind::User, id).await?;
    assert_eq!(document.map(|d| (d.id, d.body)), Some((id.to_owned(), body.clone())));
    let record = store.record(TENANT, "key", id, T0).await?;
    assert_eq!(record, Some(Record::new(body.clone()).owned_by(id)));
    let log = store.log(TENANT, None, 1).await?;
    let after = log.first().and_then(|sealed| sealed.entry.writes.first()?.after.clone());
    assert_eq!(after, Some(body));
    store.verify_log(TENANT, T0).await?;
    Ok(())
}

/// Revoked ids are found from the moment of their change on.
pub async fn revocations_are_found_from_a_moment_on(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    for ids in [vec!["a", "b"], vec![], vec!["c", "a"]] {
        let mut made = commit(&store.head(TENANT).await?, vec![]);
        made.revoked = ids.into_iter().map(str::to_owned).collect();
        store.commit(TENANT, made).await?;
    }
    let since = |time: i64| {
        let store = store.clone();
        async move {
            let found = store.revoked_since(TENANT, Timestamp(time)).await?;
            Ok::<_, Error>(found.into_iter().map(|r| (r.id, r.at.revision, r.time.0)).collect::<Vec<_>>())
        }
    };
    let revoked = |id: &str, revision: u64, time: i64| (id.to_owned(), revision, time);
    let late = [revoked("a", 3, 4_000), revoked("c", 3, 4_000)];
    let early = [revoked("a", 1, 2_000), revoked("b", 1, 2_000)];
    assert_eq!(since(2_000).await?, [early, late.clone()].concat());
    assert_eq!(since(2_001).await?, late);
    assert_eq!(since(4_000).await?, late);
    assert_eq!(since(4_001).await?, []);
    Ok(())
}

/// A record is replaced by `put`, not by `insert`, and deleted once.
pub async fn records_are_put_inserted_and_deleted(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let record = |n: i32| Record::new(json!({ "n": n }));
    assert_eq!(store.record(TENANT, "key", "k", T0).await?, None);
    assert!(store.insert_record(TENANT, "key", "k", record(1), T0).await?);
    assert!(!store.insert_record(TENANT, "key", "k", record(2), T0).await?);
    assert_eq!(store.record(TENANT, "key", "k", T0).await?, Some(record(1)));
    store.put_record(TENANT, "key", "k", record(3), T0).await?;
    assert_eq!(store.record(TENANT, "key", "k", T0).await?, Some(record(3)));
    assert_eq!(store.record(TENANT, "other", "k", T0).await?, None);
    assert!(store.delete_record(TENANT, "key", "k").await?);
    assert!(!store.delete_record(TENANT, "key", "k").await?);
    assert_eq!(store.record(TENANT, "key", "k", T0).await?, None);
    Ok(())
}

/// One owner's records of a kind are listed and removed apart from others'.
pub async fn records_are_found_by_owner(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    for (kind, key, owner) in
        [("session", "2", "ada"), ("session", "1", "ada"), ("session", "3", "bob"), ("key", "4", "ada")]
    {
        store.put_record(TENANT, kind, key, Record::new(json!(key)).owned_by(owner), T0).await?;
    }
    store.put_record(TENANT, "session", "0", Record::new(json!("0")), T0).await?;
    let keys = |kind: &'static str, owner: Option<&'static str>| {
        let store = store.clone();
        async move {
            let found = store.records(TENANT, kind, owner, T0).await?;
            Ok::<_, Error>(found.into_iter().map(|(key, _)| key).collect::<Vec<_>>())
        }
    };
    assert_eq!(keys("session", None).await?, ["0", "1", "2", "3"]);
    assert_eq!(keys("session", Some("ada")).await?, ["1", "2"]);
    let end = RecordOp::DeleteOwned { kind: "session".to_owned(), owner: "ada".to_owned() };
    store.edit_records(TENANT, vec![end], T0).await?;
    assert_eq!(keys("session", None).await?, ["0", "3"]);
    assert_eq!(keys("key", None).await?, ["4"]);
    Ok(())
}

/// Records under some keys are found, each once, without those of other kinds and those that have expired.
pub async fn records_are_found_under_their_keys(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    for (kind, key) in [("use", "b"), ("use", "a"), ("use", "it's \"\u{e9}\""), ("use", "c"), ("key", "d")] {
        store.put_record(TENANT, kind, key, Record::new(json!(key)).owned_by("ada"), T0).await?;
    }
    store.put_record(TENANT, "use", "old", Record::new(json!(1)).until(T0), T0).await?;
    for (keys, found) in [
        (&["b", "a", "a", "d", "none", "old"][..], &["a", "b"][..]),
        (&["it's \"\u{e9}\""], &["it's \"\u{e9}\""]),
        (&[], &[]),
    ] {
        let records = store.records_under(TENANT, "use", keys, T0).await?;
        let known = |key: &&str| ((*key).to_owned(), Record::new(json!(key)).owned_by("ada"));
        assert_eq!(records, found.iter().map(known).collect::<Vec<_>>());
    }
    Ok(())
}

/// From the moment it expires a record is not read, listed or taken, and may be made anew.
pub async fn expired_records_are_not_there(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let end = T0.plus(10);
    let (before, after) = (T0.plus(9), T0.plus(11));
    let record = Record::new(json!(1)).until(end);
    for key in ["a", "b", "c"] {
        store.put_record(TENANT, "link", key, record.clone(), T0).await?;
    }
    store.put_record(TENANT, "link", "stays", Record::new(json!(2)), T0).await?;
    assert_eq!(store.record(TENANT, "link", "a", before).await?, Some(record.clone()));
    assert!(!store.insert_record(TENANT, "link", "a", record.clone(), before).await?);
    for now in [end, after] {
        assert_eq!(store.record(TENANT, "link", "a", now).await?, None);
        assert_eq!(store.take_record(TENANT, "link", "a", now).await?, None);
        assert_eq!(store.records(TENANT, "link", None, now).await?.len(), 1);
        let take = RecordOp::Take { kind: "link".to_owned(), key: "a".to_owned() };
        let refused = store.edit_records(TENANT, vec![take], now).await;
        assert!(matches!(refused, Err(Error::Spent { .. })), "{refused:?}");
    }
    let anew = Record::new(json!(3)).until(after.plus(10));
    assert!(store.insert_record(TENANT, "link", "a", anew.clone(), after).await?);
    assert_eq!(store.record(TENANT, "link", "a", after).await?, Some(anew));
    assert_eq!(store.sweep(before).await?, 0);
    assert_eq!(store.sweep(end).await?, 2);
    assert_eq!(store.records(TENANT, "link", None, T0).await?.len(), 2);
    Ok(())
}

/// A single-use record is handed out once, however many ask at one time.
pub async fn of_sixteen_takers_one_gets_the_record(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    for round in 0..4 {
        let record = Record::new(json!({ "round": round })).until(T0.plus(1));
        store.put_record(TENANT, "link", "k", record.clone(), T0).await?;
        let mut takers = JoinSet::new();
        for _ in 0..16 {
            let store = store.clone();
            takers.spawn(async move { store.take_record(TENANT, "link", "k", T0).await });
        }
        let mut taken = Vec::new();
        for done in takers.join_all().await {
            taken.extend(done?);
        }
        assert_eq!(taken, [record]);
    }
    Ok(())
}

/// Of several record edits all happen or none.
pub async fn record_edits_are_all_or_nothing(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let record = |n: i32| Record::new(json!({ "n": n }));
    store.put_record(TENANT, "session", "s", record(1).owned_by("ada"), T0).await?;
    let reset = || {
        vec![
            RecordOp::Put { kind: "password".into(), key: "ada".into(), record: record(2) },
            RecordOp::DeleteOwned { kind: "session".into(), owner: "ada".into() },
            RecordOp::Take { kind: "reset".into(), key: "r".into() },
        ]
    };
    let refused = store.edit_records(TENANT, reset(), T0).await;
    assert!(matches!(refused, Err(Error::Spent { .. })), "{refused:?}");
    assert_eq!(store.record(TENANT, "password", "ada", T0).await?, None);
    assert!(store.record(TENANT, "session", "s", T0).await?.is_some());
    store.put_record(TENANT, "reset", "r", record(3), T0).await?;
    store.edit_records(TENANT, reset(), T0).await?;
    assert_eq!(store.record(TENANT, "password", "ada", T0).await?, Some(record(2)));
    assert_eq!(store.record(TENANT, "session", "s", T0).await?, None);
    assert_eq!(store.record(TENANT, "reset", "r", T0).await?, None);
    let twice = vec![
        RecordOp::Insert { kind: "key".into(), key: "k".into(), record: record(4) },
        RecordOp::Insert { kind: "key".into(), key: "k".into(), record: record(5) },
    ];
    let refused = store.edit_records(TENANT, twice, T0).await;
    assert!(matches!(refused, Err(Error::RecordExists { .. })), "{refused:?}");
    assert_eq!(store.record(TENANT, "key", "k", T0).await?, None);
    Ok(())
}

/// A record that was changed, ended or has expired since it was read is not replaced.
pub async fn a_record_is_replaced_as_it_was_read_or_not_at_all(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let record = |n: i32| Record::new(json!({ "n": n })).owned_by("ada");
    let replace = |was: Record, n: i32| {
        let (kind, key, record) = ("key".to_owned(), "k".to_owned(), record(n));
        store.edit_records(TENANT, vec![RecordOp::Replace { kind, key, was, record }], T0)
    };
    let absent = replace(record(1), 2).await;
    assert!(matches!(absent, Err(Error::Spent { .. })), "{absent:?}");
    store.put_record(TENANT, "key", "k", record(1), T0).await?;
    replace(record(1), 2).await?;
    assert_eq!(store.record(TENANT, "key", "k", T0).await?, Some(record(2)));
    for was in [record(1), record(2).owned_by("bob"), record(2).until(T0.plus(1))] {
        let changed = replace(was, 3).await;
        assert!(matches!(changed, Err(Error::Changed { .. })), "{changed:?}");
        assert_eq!(store.record(TENANT, "key", "k", T0).await?, Some(record(2)));
    }
    store.put_record(TENANT, "key", "k", record(1).until(T0), T0).await?;
    let expired = replace(record(1).until(T0), 2).await;
    assert!(matches!(expired, Err(Error::Spent { .. })), "{expired:?}");
    Ok(())
}

/// Of the kinds that changes alone write, a record that was edited, added or removed by hand shows, and is named; what a
/// change writes, replaces and ends, what expires and what is used up does not.
pub async fn records_that_changes_write_are_verified(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let record = |n: i32| Record::new(json!({ "n": n }));
    let put = |kind: &str, key: &str, record: Record| RecordOp::Put {
        kind: kind.to_owned(),
        key: key.to_owned(),
        record,
    };
    let made = async |ops: Vec<RecordOp>| {
        let mut commit = commit(&store.head(TENANT).await?, vec![]);
        commit.records = ops;
        store.commit(TENANT, commit).await
    };
    let end = T0.plus(1_000);
    made(vec![
        put("key", "k", record(1)),
        put("key", "gone", record(1)),
        put("key", "brief", record(1).until(end)),
        put("password", "ada", record(2).owned_by("ada")),
        put("recovery_code", "5ec2e7", record(3).owned_by("ada")),
        put("session", "s", record(4)),
    ])
    .await?;
    let (kind, key) = ("key".to_owned(), "k".to_owned());
    made(vec![
        RecordOp::Replace { kind: kind.clone(), key, was: record(1), record: record(5) },
        RecordOp::Delete { kind, key: "gone".to_owned() },
    ])
    .await?;
    store.verify_log(TENANT, T0).await?;
    // A session begins, a code is used up and a key runs out without a change.
    store.put_record(TENANT, "session", "s", record(9), T0).await?;
    store.take_record(TENANT, "recovery_code", "5ec2e7", T0).await?;
    store.sweep(end).await?;
    store.verify_log(TENANT, end).await?;
    let differing = async || match store.verify_log(TENANT, T0).await {
        Err(Error::Differs { differing, .. }) => Ok(differing),
        other => other.map(|_| Vec::new()),
    };
    assert_eq!(differing().await?, ["the key `brief` that revision 1 wrote is gone"]);
    store.put_record(TENANT, "key", "brief", record(1).until(end), T0).await?;
    assert_eq!(differing().await?, Vec::<String>::new());

    for (by_hand, says) in [
        (put("key", "k", record(1)), "the key `k` is not as revision 2 wrote it"),
        (put("key", "k", record(5).until(end)), "the key `k` is not as revision 2 wrote it"),
        (put("key", "new", record(5)), "no change wrote the key `new`"),
        (
            put("recovery_code", "5ec2e7", record(3).owned_by("bob")),
            "the recovery code of `bob` is not as revision 1 wrote it",
        ),
        (
            put("password", "ada", record(6).owned_by("ada")),
            "the password of `ada` is not as revision 1 wrote it",
        ),
        (
            RecordOp::Delete { kind: "password".to_owned(), key: "ada".to_owned() },
            "the password of `ada` that revision 1 wrote is gone",
        ),
    ] {
        store.edit_records(TENANT, vec![by_hand], T0).await?;
        assert_eq!(differing().await?, [says]);
        let mend = vec![
            put("key", "k", record(5)),
            put("password", "ada", record(2).owned_by("ada")),
            RecordOp::Delete { kind: "key".to_owned(), key: "new".to_owned() },
            RecordOp::Delete { kind: "recovery_code".to_owned(), key: "5ec2e7".to_owned() },
        ];
        store.edit_records(TENANT, mend, T0).await?;
        assert_eq!(differing().await?, Vec::<String>::new());
    }
    // What is sealed tells no key that comes from a secret, and nothing that a record says.
    let text: String = store.log(TENANT, None, 10).await?.into_iter().map(|sealed| sealed.text).collect();
    assert!(!text.contains("5ec2e7") && !text.contains(r#""n""#), "{text}");
    Ok(())
}

/// What one tenant has and does is nothing to another.
pub async fn tenants_are_isolated(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    store.create_tenant("other", "Other", T0, None).await?;
    let before = all(&store, "other").await?;
    let mut made = commit(&store.head(TENANT).await?, vec![add("a")]);
    made.revoked = vec!["link".to_owned()];
    made.records =
        vec![RecordOp::Put { kind: "link".into(), key: "k".into(), record: Record::new(json!(1)) }];
    let same = made.clone();
    let head = store.commit(TENANT, made).await?;
    assert_eq!(all(&store, "other").await?, before);
    assert_eq!(store.document("other", Kind::Role, "a").await?, None);
    assert_eq!(store.take_record("other", "link", "k", T0).await?, None);
    assert!(!store.delete_record("other", "link", "k").await?);
    let end = RecordOp::Delete { kind: "link".into(), key: "k".into() };
    store.edit_records("other", vec![end], T0).await?;
    assert!(store.record(TENANT, "link", "k", T0).await?.is_some());
    let other = store.commit("other", same).await?;
    assert_ne!(other.log_hash, head.log_hash, "the same entry in two tenants has two hashes");
    let gone = write(Kind::Role, "a", Some(json!({"id": "a"})), None);
    store.commit("other", commit(&other, vec![gone])).await?;
    assert!(store.document(TENANT, Kind::Role, "a").await?.is_some());
    store.verify_log(TENANT, T0).await?;
    store.verify_log("other", T0).await?;
    Ok(())
}
