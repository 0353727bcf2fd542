//! What is removed for good: entries of a log up to an anchor, and a tenant.

use rolewright_model::Timestamp;
use rolewright_model::change::{Kind, Write};
use serde_json::json;

use super::{Shared, T0, TENANT, add, all, commit, make, with_tenant, write};
use crate::{Anchor, Commit, Error, Record, RecordOp, Result, sealed};

fn edit(id: &str, before: u8, after: Option<u8>) -> Write {
    let body = |n: u8| json!({ "id": id, "n": n });
    write(Kind::Role, id, Some(if before == 0 { json!({ "id": id }) } else { body(before) }), after.map(body))
}

/// The anchor, where there is something before it.
fn there(anchor: Option<Anchor>) -> Result<Anchor> {
    anchor.ok_or_else(|| broken("nothing is removed"))
}

fn broken(why: &str) -> Error {
    Error::Broken { tenant: TENANT.to_owned(), revision: 0, why: why.to_owned() }
}

/// Entries up to a time go, and the rest verifies from the anchor that stands for them; once more too.
pub async fn a_log_that_is_cut_verifies_from_its_anchor(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    assert_eq!(store.anchor(TENANT).await?, None);
    // "a" is edited before and after, "b" before alone, "c" goes, "d" comes.
    make(&store, vec![add("a"), add("b"), add("c")]).await?;
    make(&store, vec![edit("a", 0, Some(1)), edit("b", 0, Some(1))]).await?;
    make(&store, vec![edit("a", 1, Some(2))]).await?;
    make(&store, vec![edit("c", 0, None), add("d")]).await?;
    // An entry's time is its revision in seconds, after `T0`.
    let before = |revision: i64| T0.plus(revision * 1_000);
    assert_eq!(store.anchor_before(TENANT, before(1)).await?, None);

    for (cut, entries) in [(before(3), 3), (before(5), 2)] {
        let head = store.head(TENANT).await?;
        let (documents, kept) = (store.contents(TENANT).await?.documents, store.log(TENANT, None, 99).await?);
        let found = store.anchor_before(TENANT, cut).await?;
        let anchor = found.map(|anchor| Anchor { signed: "signed".to_owned(), ..anchor });
        let anchor = there(anchor)?;
        let (removed, after) = store.prune(TENANT, anchor.clone(), commit(&head, vec![])).await?;
        assert_eq!((removed, after.at), (2, head.at.next()));
        assert_eq!(store.anchor(TENANT).await?.as_ref(), Some(&anchor));
        let verified = store.verify_log(TENANT, T0).await?;
        assert_eq!((verified.entries, &verified.head), (entries, &after));
        assert_eq!(verified.anchor, Some(anchor.clone()));
        let log = store.log(TENANT, None, 99).await?;
        assert!(log.iter().zip(kept.iter().skip(2)).all(|(now, then)| now == then));
        assert_eq!(log.first().map(|first| first.previous.clone()), Some(anchor.log_hash));
        assert_eq!(store.contents(TENANT).await?.documents, documents);
    }
    make(&store, vec![edit("d", 0, Some(1))]).await?;
    assert_eq!(store.verify_log(TENANT, T0).await?.entries, 3);
    // All of it may be removed but for the entry that says so.
    let head = store.head(TENANT).await?;
    let anchor = there(store.anchor_before(TENANT, Timestamp(i64::MAX)).await?)?;
    assert_eq!(store.prune(TENANT, anchor, commit(&head, vec![])).await?.0, 3);
    assert_eq!(store.verify_log(TENANT, T0).await?.entries, 1);
    Ok(())
}

/// Records that removed entries sealed stay sealed: one that is edited by hand afterwards shows.
pub async fn records_stay_sealed_when_their_entries_go(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let put = |key: &str, body| RecordOp::Put {
        kind: sealed::KEY.to_owned(),
        key: key.to_owned(),
        record: Record::new(body),
    };
    let records = [
        vec![put("a", json!(1)), put("b", json!(1)), put("c", json!(1))],
        vec![put("b", json!(2)), RecordOp::Delete { kind: sealed::KEY.to_owned(), key: "c".to_owned() }],
    ];
    for records in records {
        let made = Commit { records, ..commit(&store.head(TENANT).await?, vec![]) };
        store.commit(TENANT, made).await?;
    }
    // Of "a" an entry says something that goes, of "b" one that goes and one that stays, of "c" that it ended.
    let anchor = there(store.anchor_before(TENANT, T0.plus(2_000)).await?)?;
    assert_eq!(anchor.at.revision, 1);
    store.prune(TENANT, anchor, commit(&store.head(TENANT).await?, vec![])).await?;
    assert_eq!(store.verify_log(TENANT, T0).await?.entries, 2);
    for key in ["a", "b"] {
        store.put_record(TENANT, sealed::KEY, key, Record::new(json!(9)), T0).await?;
    }
    let found = store.verify_log(TENANT, T0).await;
    let Err(Error::Differs { differing, .. }) = found else { return Err(broken(&format!("{found:?}"))) };
    assert_eq!(differing.len(), 2, "{differing:?}");
    Ok(())
}

/// An anchor that is not of the log, or that another change was faster than, leaves all as it was.
pub async fn an_anchor_of_another_entry_leaves_the_log(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    let old = make(&store, vec![add("a")]).await?;
    make(&store, vec![add("b")]).await?;
    let anchor = there(store.anchor_before(TENANT, Timestamp(i64::MAX)).await?)?;
    let (before, head) = (all(&store, TENANT).await?, store.head(TENANT).await?);
    let other = Anchor { log_hash: old.log_hash.clone(), ..anchor.clone() };
    let refused = store.prune(TENANT, other, commit(&head, vec![])).await;
    assert!(matches!(refused, Err(Error::Broken { revision: 2, .. })), "{refused:?}");
    let late = store.prune(TENANT, anchor.clone(), commit(&old, vec![])).await;
    assert!(matches!(late, Err(Error::Conflict { .. })), "{late:?}");
    assert_eq!((all(&store, TENANT).await?, store.anchor(TENANT).await?), (before, None));
    // One that says something else of the documents does not verify.
    let wrong = Anchor { documents: head.log_hash.clone(), ..anchor };
    store.prune(TENANT, wrong, commit(&head, vec![])).await?;
    let broken = store.verify_log(TENANT, T0).await;
    assert!(matches!(broken, Err(Error::Broken { revision: 2, .. })), "{broken:?}");
    Ok(())
}

/// Of a tenant that is deleted nothing is left, and of another everything.
pub async fn a_deleted_tenant_leaves_nothing(store: Shared) -> Result<()> {
    with_tenant(&store).await?;
    store.create_tenant("other", "Other", T0, None).await?;
    for tenant in [TENANT, "other"] {
        let mut made = commit(&store.head(tenant).await?, vec![add("a")]);
        made.revoked = vec!["link".to_owned()];
        made.records =
            vec![RecordOp::Put { kind: "link".into(), key: "k".into(), record: Record::new(json!(1)) }];
        store.commit(tenant, made).await?;
    }
    let other = all(&store, "other").await?;
    store.delete_tenant(TENANT).await?;
    let again = store.delete_tenant(TENANT).await;
    assert!(matches!(again, Err(Error::UnknownTenant(_))), "{again:?}");
    assert_eq!(store.tenants().await?.len(), 1);
    assert_eq!(all(&store, "other").await?, other);
    // One that is made anew begins with nothing.
    with_tenant(&store).await?;
    let (head, documents, log, revoked, records) = all(&store, TENANT).await?;
    assert_eq!((head.at.revision, documents.len(), log.len(), revoked, records), (0, 0, 0, 0, 0));
    assert_eq!(store.anchor(TENANT).await?, None);
    make(&store, vec![add("b")]).await?;
    assert_eq!(store.verify_log(TENANT, T0).await?.entries, 1);
    Ok(())
}
