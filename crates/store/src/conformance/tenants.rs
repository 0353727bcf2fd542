//! Tenants: made once, listed, and apart from each other.

use rolewright_model::change::Kind;
use rolewright_model::{Stamp, Timestamp};
use serde_json::json;

use super::{Shared, T0, TENANT, add, all, commit, with_tenant, write};
use crate::log::START;
use crate::{Commit, Entry, Error, Head, Record, RecordOp, Result};

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
