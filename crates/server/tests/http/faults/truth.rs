//! What a data directory says, looked at without the server, in a copy: the original stays as the fault left it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use rolewright_model::change::Kind;
use rolewright_server::clock::Clock;
use rolewright_server::config::DEFAULT_TENANT;
use rolewright_server::tenant::Tenant;
use rolewright_server::{idempotency, invitation};
use rolewright_store::{SqliteStore, Store};

/// What is there.
#[derive(Debug)]
pub(super) struct Truth {
    /// The hash of each entry of the log, which says all of it, in order.
    pub(super) hashes: Vec<String>,
    /// Which revision each request made.
    pub(super) made: BTreeMap<String, u64>,
}

/// The file and its write-ahead log, as bytes.
pub(super) fn files(data: &Path) -> (Vec<u8>, Vec<u8>) {
    let read = |name: &str| std::fs::read(data.join(name));
    (read("rolewright.db").unwrap(), read("rolewright.db-wal").unwrap_or_default())
}

/// Opens a copy of them, in an empty folder, and holds each change against all that is its own.
pub(super) fn look(folder: &Path, (database, log): (&[u8], &[u8])) -> Truth {
    _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("rolewright.db"), database).unwrap();
    std::fs::write(folder.join("rolewright.db-wal"), log).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(read(&folder.join("rolewright.db")))
}

async fn read(file: &Path) -> Truth {
    let now = Clock::default().now();
    let opened = SqliteStore::open(file).await.unwrap();
    let store: Arc<dyn Store> = Arc::new(opened.clone());
    // The documents are those that the log leads to, and the log is as it was written.
    store.verify_log(DEFAULT_TENANT, now).await.unwrap();
    let log = store.log(DEFAULT_TENANT, None, u32::MAX).await.unwrap();
    let mut made = BTreeMap::new();
    for entry in &log {
        let request = entry.entry.request.clone();
        // What the tests send has a key; the operator's changes have none.
        if request.contains('-') {
            let before = made.insert(request, entry.entry.at.revision);
            assert_eq!(before, None, "{} was made twice", entry.entry.request);
        }
    }
    // The records of a change are there with it, and only with it.
    let remembered = store.records(DEFAULT_TENANT, idempotency::KIND, None, now).await.unwrap();
    let revision = |record: &rolewright_store::Record| record.body["at"]["revision"].as_u64().unwrap();
    let remembered: BTreeSet<u64> = remembered.iter().map(|(_, record)| revision(record)).collect();
    assert_eq!(remembered, made.values().copied().collect());
    let tenant = Tenant::open(Arc::clone(&store), DEFAULT_TENANT).await.unwrap();
    let contents = store.contents(DEFAULT_TENANT).await.unwrap();
    let users = contents.documents.iter().filter(|document| document.kind == Kind::User);
    let invited = users.filter(|user| user.body["status"] == "invited").map(|user| user.id.clone());
    let links = invitation::open(&tenant, None, now).await.unwrap();
    assert_eq!(links.into_keys().collect::<BTreeSet<String>>(), invited.collect());
    opened.close().await;
    Truth { hashes: log.into_iter().map(|entry| entry.hash).collect(), made }
}
