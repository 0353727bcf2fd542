//! What every implementation of [`Store`] must do, written against the trait.
//!
//! Each function is one fact and takes an empty store. [`conformance!`](crate::conformance!) makes
//! a test of each. A fact that does not hold panics, or answers the error that it did not expect.

mod commits;
mod log;
mod records;
mod removal;
mod tenants;

use std::sync::Arc;

use rolewright_model::Timestamp;
use rolewright_model::change::{Kind, Write};
use serde_json::{Value, json};

use crate::{Commit, Document, Entry, Head, LogEntry, Result, Store};

pub use commits::{
    a_commit_finds_what_it_demands_or_leaves_nothing, a_commit_is_read_back,
    a_commit_off_the_head_leaves_nothing, a_commit_takes_its_link_or_leaves_nothing,
    a_commit_whose_document_differs_leaves_nothing, a_document_keeps_the_stamp_that_last_wrote_it,
    a_document_keeps_when_it_was_made, a_removed_document_is_gone, numbers_and_text_come_back_exactly,
    of_two_commits_on_one_head_one_wins, revocations_are_found_from_a_moment_on,
};
pub use log::{
    an_entry_is_about_what_it_kept, an_entry_is_about_what_its_links_name,
    an_entry_without_documents_is_found_by_what_it_is_about, the_log_is_a_chain_and_verifies,
    the_log_is_filtered_newest_first, the_log_is_read_in_pages,
};
pub use records::{
    a_record_is_replaced_as_it_was_read_or_not_at_all, expired_records_are_not_there,
    of_sixteen_takers_one_gets_the_record, record_edits_are_all_or_nothing, records_are_found_by_owner,
    records_are_found_under_their_keys, records_are_put_inserted_and_deleted,
    records_that_changes_write_are_verified,
};
pub use removal::{
    a_deleted_tenant_leaves_nothing, a_log_that_is_cut_verifies_from_its_anchor,
    an_anchor_of_another_entry_leaves_the_log, records_stay_sealed_when_their_entries_go,
};
pub use tenants::{
    a_new_tenant_is_empty, a_tenant_begins_with_its_first_change_or_not_at_all,
    an_unknown_tenant_is_refused_everywhere, tenants_are_isolated, tenants_are_listed_and_not_made_twice,
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
            a_document_keeps_when_it_was_made
            a_removed_document_is_gone
            a_commit_off_the_head_leaves_nothing
            a_commit_whose_document_differs_leaves_nothing
            a_commit_takes_its_link_or_leaves_nothing
            a_commit_finds_what_it_demands_or_leaves_nothing
            of_two_commits_on_one_head_one_wins
            the_log_is_a_chain_and_verifies
            the_log_is_read_in_pages
            the_log_is_filtered_newest_first
            an_entry_is_about_what_its_links_name
            an_entry_is_about_what_it_kept
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
            kept: Vec::new(),
            records: Vec::new(),
            about: None,
            undoes: Vec::new(),
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
