//! Records: written, found, taken by one alone, and verified.

use serde_json::json;
use tokio::task::JoinSet;

use super::{Shared, T0, TENANT, commit, with_tenant};
use crate::{Error, Record, RecordOp, Result};

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
