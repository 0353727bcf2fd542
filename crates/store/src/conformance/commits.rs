//! Commits: all that they say, or nothing.

use rolewright_model::change::Kind;
use rolewright_model::{Stamp, Timestamp};
use serde_json::json;
use tokio::task::JoinSet;

use super::{Shared, T0, TENANT, add, all, commit, make, with_tenant, write};
use crate::log::START;
use crate::{Error, Head, Record, RecordOp, Result};

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

/// Whatever is written of it later; one that is removed and added again is made anew.
pub async fn a_document_keeps_when_it_was_made(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let body = |id: &str| Some(json!({"id": id}));
    let first = make(&store, vec![add("a"), add("b"), add("c")]).await?;
    let edit = write(Kind::Role, "a", body("a"), Some(json!({"id": "a", "name": "A"})));
    make(&store, vec![edit, write(Kind::Role, "b", body("b"), None)]).await?;
    let again = make(&store, vec![add("b")]).await?;
    let documents = store.contents(TENANT).await?.documents;
    let made: Vec<_> = documents.iter().map(|it| (it.id.as_str(), it.created)).collect();
    assert_eq!(made, [("a", Some(first.changed)), ("b", Some(again.changed)), ("c", Some(first.changed))]);
    assert_eq!(store.document(TENANT, Kind::Role, "b").await?.as_ref(), documents.get(1));
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
