//! The conformance suite on SQLite, in a file and in memory, and what is particular to SQLite.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rolewright_model::Timestamp;
use rolewright_model::change::{Kind, Write};
use rolewright_store::conformance::Shared;
use rolewright_store::{
    Commit, Entry, Error, Record, RecordOp, Restoring, Result, SqliteStore, Store, sealed,
};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

/// A fresh place for one test's file; the last run's are removed here, so that they can be looked at.
fn place(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("store").join(test);
    _ = std::fs::remove_dir_all(&folder);
    // Where this fails, opening the file will say so.
    _ = std::fs::create_dir_all(&folder);
    folder.join("rolewright.db")
}

mod file {
    async fn make(test: &str) -> super::Result<super::Shared> {
        Ok(super::Arc::new(super::SqliteStore::open(super::place(&format!("conformance-{test}"))).await?))
    }
    rolewright_store::conformance!(make);
}

mod memory {
    async fn make(_test: &str) -> super::Result<super::Shared> {
        Ok(super::Arc::new(super::SqliteStore::in_memory().await?))
    }
    rolewright_store::conformance!(make);
}

const TENANT: &str = "default";
const T0: Timestamp = Timestamp(0);

async fn make(store: &SqliteStore, id: &str) -> Result<()> {
    let put = RecordOp::Put { kind: "key".into(), key: id.into(), record: Record::new(json!(id)) };
    commit(store, T0, (id, None, Some(json!({"id": id}))), vec![put]).await
}

/// Makes a change of one role, as it was and as it is, with records.
async fn commit(
    store: &SqliteStore,
    time: Timestamp,
    (id, before, after): (&str, Option<Value>, Option<Value>),
    records: Vec<RecordOp>,
) -> Result<()> {
    let at = store.head(TENANT).await?.at.next();
    let entry = Entry {
        at,
        time,
        actor: "ada".into(),
        action: "create_role".into(),
        change: json!({}),
        writes: vec![Write { kind: Kind::Role, id: id.into(), before, after }],
        kept: Vec::new(),
        records: vec![],
        about: None,
        undoes: Vec::new(),
        reason: None,
        request: "r".into(),
    };
    store.commit(TENANT, Commit { entry, revoked: vec![id.into()], records }).await.map(|_| ())
}

async fn filled(path: &Path) -> Result<SqliteStore> {
    let store = SqliteStore::open(path).await?;
    store.create_tenant(TENANT, "Default", T0, None).await?;
    for id in ["a", "b", "c"] {
        make(&store, id).await?;
    }
    Ok(store)
}

/// Runs statements as someone with the file would.
async fn raw(path: &Path, statements: &str) -> Result<(), sqlx::Error> {
    let mut on = SqliteConnectOptions::new().filename(path).foreign_keys(false).connect().await?;
    let done = sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut on).await;
    on.close().await?;
    done.map(|_| ())
}

#[tokio::test]
async fn every_connection_is_in_wal_mode_flushed_in_full_with_foreign_keys() {
    let path = place("settings");
    let store = SqliteStore::open(&path).await.unwrap();
    // 2 is FULL.
    let expected = vec![("wal".to_owned(), 2, 1); 5];
    assert_eq!(store.settings().await.unwrap(), expected);
    store.close().await;
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.settings().await.unwrap(), expected);
}

#[tokio::test]
async fn a_reopened_file_shows_everything() {
    let path = place("reopen");
    let store = filled(&path).await.unwrap();
    let before = (
        store.tenants().await.unwrap(),
        store.contents(TENANT).await.unwrap(),
        store.log(TENANT, None, 9).await.unwrap(),
        store.revoked_since(TENANT, T0).await.unwrap(),
        store.records(TENANT, "key", None, T0).await.unwrap(),
    );
    store.close().await;
    let store = SqliteStore::open(&path).await.unwrap();
    let after = (
        store.tenants().await.unwrap(),
        store.contents(TENANT).await.unwrap(),
        store.log(TENANT, None, 9).await.unwrap(),
        store.revoked_since(TENANT, T0).await.unwrap(),
        store.records(TENANT, "key", None, T0).await.unwrap(),
    );
    assert_eq!(before, after);
    assert_eq!(after.2.len(), 3);
    assert_eq!(store.verify_log(TENANT, T0).await.unwrap().entries, 3);
}

#[tokio::test]
async fn a_copy_made_without_closing_shows_everything_committed() {
    // What is left when the process dies: the file and its write-ahead log, as they are.
    let (path, copy) = (place("crash"), place("crash-copy"));
    let store = filled(&path).await.unwrap();
    for end in ["", "-wal"] {
        let name = |path: &Path| PathBuf::from(format!("{}{end}", path.display()));
        std::fs::copy(name(&path), name(&copy)).unwrap();
    }
    let after = SqliteStore::open(&copy).await.unwrap();
    assert_eq!(after.contents(TENANT).await.unwrap(), store.contents(TENANT).await.unwrap());
    assert_eq!(after.verify_log(TENANT, T0).await.unwrap().entries, 3);
}

#[tokio::test]
async fn the_log_refuses_updates_and_deletes() {
    let path = place("append-only");
    let store = filled(&path).await.unwrap();
    for statement in [
        "UPDATE log SET entry = '{}' WHERE revision = 2",
        "DELETE FROM log WHERE revision = 3",
        "DELETE FROM log",
        "INSERT OR REPLACE INTO log SELECT tenant, revision, previous, hash, '{}' FROM log",
        "UPDATE log SET revision = 9 WHERE revision = 3",
    ] {
        let error = raw(&path, statement).await.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{statement}: {error}");
    }
    assert_eq!(store.verify_log(TENANT, T0).await.unwrap().entries, 3);
}

#[tokio::test]
async fn tampering_is_found_at_the_first_broken_revision() {
    let open = "DROP TRIGGER log_is_never_rewritten; DROP TRIGGER log_is_never_cut; DROP TRIGGER log_is_never_replaced;";
    let cases = [
        ("rewritten", "UPDATE log SET entry = replace(entry, 'ada', 'eve') WHERE revision = 2", 2),
        ("removed", "DELETE FROM log WHERE revision = 2", 2),
        ("cut", "DELETE FROM log WHERE revision = 3", 3),
        ("emptied", "DELETE FROM log", 1),
        ("beheaded", "DELETE FROM log WHERE revision = 1", 1),
        ("rehashed", "UPDATE log SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE revision = 1", 1),
        (
            "unlinked",
            "UPDATE log SET previous = (SELECT hash FROM log WHERE revision = 1) WHERE revision = 3",
            3,
        ),
        ("rewound", "DELETE FROM log WHERE revision = 3; UPDATE tenant SET revision = 2", 2),
        ("document", "UPDATE document SET body = '{\"id\":\"root\"}' WHERE id = 'b'", 2),
        ("document-stamp", "UPDATE document SET revision = 1 WHERE id = 'c'", 1),
        ("document-gone", "DELETE FROM document WHERE id = 'a'", 1),
        (
            "document-added",
            "INSERT INTO document SELECT tenant, kind, 'eve', epoch, revision, body, created FROM document WHERE id = 'c'",
            3,
        ),
    ];
    for (name, tamper, expected) in cases {
        let path = place(&format!("tamper-{name}"));
        filled(&path).await.unwrap().close().await;
        raw(&path, open).await.unwrap();
        raw(&path, tamper).await.unwrap();
        let store = SqliteStore::open(&path).await.unwrap();
        match store.verify_log(TENANT, T0).await {
            Err(Error::Broken { revision, .. }) => assert_eq!(revision, expected, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_on_one_file_do_not_lose_a_change() {
    // Both find no tables, and make them side by side.
    for n in 0..8 {
        let path = place(&format!("two-{n}"));
        let open = || {
            tokio::spawn({
                let path = path.clone();
                async move { SqliteStore::open(&path).await }
            })
        };
        for opened in [open(), open(), open()] {
            opened.await.unwrap().unwrap();
        }
    }
    let path = place("two");
    let (one, two) = tokio::join!(SqliteStore::open(&path), SqliteStore::open(&path));
    let (one, two) = (one.unwrap(), two.unwrap());
    one.create_tenant(TENANT, "Default", T0, None).await.unwrap();
    let write = |store: SqliteStore, name: &'static str| async move {
        for n in 0..20 {
            while let Err(error) = make(&store, &format!("{name}-{n}")).await {
                assert!(matches!(error, Error::Conflict { .. }), "{error}");
            }
        }
    };
    let tasks = [tokio::spawn(write(one.clone(), "one")), tokio::spawn(write(two.clone(), "two"))];
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(one.contents(TENANT).await.unwrap().documents.len(), 40);
    assert_eq!(two.verify_log(TENANT, T0).await.unwrap().entries, 40);
}

#[tokio::test]
async fn a_dropped_commit_leaves_all_or_nothing() {
    let path = place("dropped");
    let store = filled(&path).await.unwrap();
    for n in 0..50_u32 {
        let begun = store.head(TENANT).await.unwrap().at.revision;
        let wait = std::time::Duration::from_micros(u64::from(n) * 40);
        let id = format!("d{n}");
        let _ = tokio::time::timeout(wait, make(&store, &id)).await;
        let there = store.document(TENANT, Kind::Role, &id).await.unwrap().is_some();
        // The next write waits for the dropped one to end, one way or the other.
        make(&store, &format!("after-{n}"))
            .await
            .or_else(|error| match error {
                Error::Conflict { .. } => Ok(()),
                other => Err(other),
            })
            .unwrap();
        let head = store.head(TENANT).await.unwrap().at.revision;
        assert!(head > begun && head <= begun + 2, "{begun} {head} {there}");
    }
    store.verify_log(TENANT, T0).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_opened_says_why() {
    let path = place("open");
    let missing = path.join("no").join("such.db");
    let error = SqliteStore::open(&missing).await.unwrap_err();
    assert!(matches!(&error, Error::Open { .. }), "{error}");
    assert!(error.to_string().contains(&format!("`{}`", missing.display())), "{error}");
    std::fs::write(&path, "this is not a database, and longer than a header would have to be".repeat(20))
        .unwrap();
    let error = SqliteStore::open(&path).await.unwrap_err();
    assert!(matches!(&error, Error::Open { .. }), "{error}");
    let path = place("newer");
    filled(&path).await.unwrap().close().await;
    raw(&path, "INSERT INTO _sqlx_migrations VALUES (9999, 'later', 0, 1, x'00', 0)").await.unwrap();
    let error = SqliteStore::open(&path).await.unwrap_err();
    assert!(matches!(error, Error::Newer { migration: 9999 }), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_reads_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let path = place("owner");
    let _store = filled(&path).await.unwrap();
    let mut files = 0;
    for file in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
        files += 1;
    }
    // The database, what SQLite keeps beside it, and the two locks.
    assert_eq!(files, 5);
}

#[tokio::test]
async fn a_backup_is_a_sound_copy_that_overwrites_nothing() {
    let path = place("backup");
    let store = filled(&path).await.unwrap();
    let copy = path.with_file_name("copy.db");
    let verified = store.backup(&copy, T0).await.unwrap();
    assert_eq!(verified, [(TENANT.to_owned(), store.verify_log(TENANT, T0).await.unwrap())]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let before = std::fs::read(&copy).unwrap();
    let again = store.backup(&copy, T0).await.unwrap_err();
    assert!(again.to_string().contains("there is such a file already"), "{again}");
    assert_eq!(std::fs::read(&copy).unwrap(), before);
    // What is not sound is not kept.
    store.close().await;
    raw(&path, "DROP TRIGGER log_is_never_rewritten; UPDATE log SET entry = replace(entry, 'ada', 'eve') WHERE revision = 2")
        .await
        .unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    let other = path.with_file_name("other.db");
    assert!(matches!(store.backup(&other, T0).await, Err(Error::Broken { revision: 2, .. })));
    assert!(!other.exists());
}

#[tokio::test]
async fn a_restore_begins_an_epoch_later_than_any_that_is_known() {
    let path = place("restore");
    let store = filled(&path).await.unwrap();
    let copy = path.with_file_name("copy.db");
    let documents = store.contents(TENANT).await.unwrap().documents;
    store.backup(&copy, T0).await.unwrap();
    make(&store, "lost").await.unwrap();
    let in_use = SqliteStore::restore(&copy, &path, Restoring::at(T0)).await;
    assert!(matches!(in_use, Err(Error::InUse { .. })), "{in_use:?}");
    store.close().await;
    drop(store);
    for (epoch, expected) in [(None, 1), (None, 2), (Some(7), 7), (Some(3), 8)] {
        let how = Restoring { epoch, forgotten: &["key"], ..Restoring::at(Timestamp(expected)) };
        let restored = SqliteStore::restore(&copy, &path, how).await.unwrap();
        let at =
            |epoch: i64, revision| rolewright_model::Stamp { epoch: u32::try_from(epoch).unwrap(), revision };
        assert_eq!(restored.tenants, [(TENANT.to_owned(), at(0, 3), at(expected, 4))]);
        let kept = restored.replaced.unwrap();
        let store = SqliteStore::open(&path).await.unwrap();
        let head = store.verify_log(TENANT, T0).await.unwrap().head;
        assert_eq!((head.at, head.changed), (at(expected, 4), Timestamp(expected)));
        // Also when each was made.
        assert_eq!(store.contents(TENANT).await.unwrap().documents, documents);
        assert!(store.records(TENANT, "key", None, T0).await.unwrap().is_empty());
        make(&store, "after").await.unwrap();
        assert_eq!(store.verify_log(TENANT, T0).await.unwrap().head.at, at(expected, 5));
        store.close().await;
        // What was there before is whole.
        let kept = SqliteStore::open(&kept).await.unwrap();
        kept.verify_log(TENANT, T0).await.unwrap();
        let had = if expected == 1 { "lost" } else { "after" };
        assert!(kept.document(TENANT, Kind::Role, had).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn what_is_no_sound_backup_changes_nothing() {
    let path = place("restore-refused");
    filled(&path).await.unwrap().close().await;
    let before = std::fs::read(&path).unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let file = path.with_file_name(name);
        std::fs::write(&file, bytes).unwrap();
        file
    };
    let mut damaged = before.clone();
    let half = damaged.len() / 2;
    damaged[half..].fill(7);
    let (newer, tampered) = (file("newer", &before), file("tampered", &before));
    raw(&newer, "INSERT INTO _sqlx_migrations VALUES (9999, 'later', 0, 1, x'00', 0)").await.unwrap();
    raw(&tampered, "UPDATE document SET body = '{}' WHERE id = 'b'").await.unwrap();
    for (backup, says) in [
        (path.with_file_name("none"), "cannot be made or used: there is no such file"),
        (file("text", &b"this is no database at all. ".repeat(200)), "is not a backup"),
        (file("empty", b""), "is not a backup"),
        (file("cut", &before[..half]), "cannot be made or used"),
        (file("damaged", &damaged), "cannot be made or used"),
        (newer, "by a newer version"),
        (tampered, "is broken at revision `2`"),
    ] {
        let error = SqliteStore::restore(&backup, &path, Restoring::at(T0)).await.unwrap_err().to_string();
        assert!(error.contains(says), "{backup:?}: {error}");
        assert_eq!(std::fs::read(&path).unwrap(), before, "{backup:?}");
        assert!(!path.with_file_name("rolewright.db.restoring").exists(), "{backup:?}");
    }
    SqliteStore::open(&path).await.unwrap().verify_log(TENANT, T0).await.unwrap();
}

#[tokio::test]
async fn a_restore_that_is_tried_changes_nothing_and_one_that_is_made_says_why() {
    let path = place("restore-tried");
    let store = filled(&path).await.unwrap();
    let copy = path.with_file_name("copy.db");
    store.backup(&copy, T0).await.unwrap();
    store.close().await;
    drop(store);
    let before = std::fs::read(&path).unwrap();
    let how = Restoring { reason: Some("the disk was lost"), ..Restoring::at(T0) };
    let tried = SqliteStore::restore(&copy, &path, Restoring { dry_run: true, ..how }).await.unwrap();
    assert_eq!((std::fs::read(&path).unwrap() == before, &tried.replaced), (true, &None));
    assert!(!path.with_file_name("rolewright.db.restoring").exists());
    let made = SqliteStore::restore(&copy, &path, how).await.unwrap();
    assert_eq!(made.tenants, tried.tenants);
    let store = SqliteStore::open(&path).await.unwrap();
    let entry = store.log(TENANT, None, 10).await.unwrap().pop().unwrap().entry;
    assert_eq!((&*entry.action, entry.reason.as_deref()), ("restore", Some("the disk was lost")));
}

#[tokio::test]
async fn a_database_that_is_damaged_is_replaced_and_kept_too() {
    let path = place("restore-damaged");
    let store = filled(&path).await.unwrap();
    let copy = path.with_file_name("copy.db");
    store.backup(&copy, T0).await.unwrap();
    store.close().await;
    drop(store);
    std::fs::write(&path, b"nothing of it is left. ".repeat(400)).unwrap();
    let restored =
        SqliteStore::restore(&copy, &path, Restoring { epoch: Some(5), ..Restoring::at(T0) }).await.unwrap();
    assert_eq!(restored.tenants[0].2.epoch, 5);
    assert!(std::fs::read(restored.replaced.unwrap()).unwrap().starts_with(b"nothing of it is left"));
    SqliteStore::open(&path).await.unwrap().verify_log(TENANT, T0).await.unwrap();
}

#[tokio::test]
async fn a_database_of_every_version_is_brought_up_to_date() {
    let numbers = |folder: &str| {
        let folder = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
        let name =
            |file: std::io::Result<std::fs::DirEntry>| file.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<String> = folder.map(|file| name(file).chars().take(4).collect()).collect();
        names.sort();
        names
    };
    let fixtures = numbers("tests/fixtures");
    assert_eq!(fixtures, numbers("migrations"), "every migration has a database from before the next one");
    for version in fixtures {
        let (path, backup) =
            (place(&format!("version-{version}")), place(&format!("version-{version}-backup")));
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{version}.sql"));
        let fixture = std::fs::read_to_string(fixture).unwrap();
        for path in [&path, &backup] {
            std::fs::write(path, "").unwrap();
            raw(path, &fixture).await.unwrap();
        }
        let store = SqliteStore::open(&path).await.unwrap();
        let verified = store.verify_log(TENANT, T0).await.unwrap();
        // The records that it has are sealed by an entry more.
        assert_eq!((verified.entries, verified.head.at.revision), (4, 4), "{version}");
        assert_eq!(
            store.log(TENANT, Some(3), 9).await.unwrap()[0].entry.action,
            sealed::SEALING,
            "{version}"
        );
        let contents = store.contents(TENANT).await.unwrap();
        let documents: Vec<_> =
            contents.documents.iter().map(|it| (it.id.as_str(), it.at.revision)).collect();
        assert_eq!(documents, [("a", 1), ("b", 2), ("c", 3)], "{version}");
        assert_eq!(store.records(TENANT, "key", None, T0).await.unwrap().len(), 3, "{version}");
        assert_eq!(store.revoked_since(TENANT, T0).await.unwrap().len(), 3, "{version}");
        make(&store, "d").await.unwrap();
        assert_eq!(store.verify_log(TENANT, T0).await.unwrap().entries, 5, "{version}");
        // And a backup of that version is restored.
        store.close().await;
        drop(store);
        SqliteStore::restore(&backup, &path, Restoring::at(T0)).await.unwrap();
        assert_eq!(SqliteStore::open(&path).await.unwrap().verify_log(TENANT, T0).await.unwrap().entries, 5);
    }
}

#[tokio::test]
async fn when_what_is_there_was_made_is_read_from_the_log_that_an_older_version_wrote() {
    let path = place("created");
    let store = filled(&path).await.unwrap();
    let body = |id: &str| Some(json!({"id": id}));
    let writes = [
        ("b", body("b"), Some(json!({"id": "b", "name": "B"}))),
        ("c", body("c"), None),
        ("c", None, body("c")),
        ("d", None, body("d")),
    ];
    for (time, write) in (1..).map(Timestamp).zip(writes) {
        commit(&store, time, write, vec![]).await.unwrap();
    }
    let created = async |store: &SqliteStore| {
        let documents = store.contents(TENANT).await.unwrap().documents;
        documents.into_iter().map(|it| (it.id, it.created.map(|time| time.0))).collect::<Vec<_>>()
    };
    let expected =
        |a| [("a", a), ("b", Some(0)), ("c", Some(3)), ("d", Some(4))].map(|(id, at)| (id.to_owned(), at));
    assert_eq!(created(&store).await, expected(Some(0)));
    store.close().await;
    let older = "ALTER TABLE document DROP COLUMN created; DELETE FROM _sqlx_migrations WHERE version >= 3;";
    raw(&path, older).await.unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(created(&store).await, expected(Some(0)));
    store.verify_log(TENANT, T0).await.unwrap();
    store.close().await;
    // What the log no longer says is not known.
    raw(&path, &format!("{older} DROP TRIGGER log_is_never_cut; DELETE FROM log WHERE revision = 1;"))
        .await
        .unwrap();
    assert_eq!(created(&SqliteStore::open(&path).await.unwrap()).await, expected(None));
}
