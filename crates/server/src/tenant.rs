//! A tenant in memory: its state at the head, and the one way to change it.

mod edit;
pub mod id;
mod loaded;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use rolewright_model::{Change, Code, Context, Outcome, PolicyDocument, Refusal, Stamp, State, Timestamp};
use rolewright_store::{Commit, Entry, Head, RecordOp, Store};
use rolewright_wire::second_factor::Lacking;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::auth::actor::Who;
use crate::auth::ending::{ended_by, ends_nothing};
use crate::auth::kept_keys;
use crate::auth::key_use::Uses;
use crate::auth::known_keys::KnownKeys;
use crate::auth::second_factor::{self, lacking};
use crate::auth::standing::{required, stands};
use crate::checkers::Checkers;
use crate::idempotency;
use crate::signing::Signer;
use crate::snapshot::Cache;
use crate::{request, scim};

pub use edit::{Applied, Edit, Expected, names};
use edit::{
    created, created_by_parts, decide, differences, entitled_by, entry, kept, may_still, provider_remarks,
    reach_of, sees_people, separation_remarks,
};
pub use loaded::Loaded;
use loaded::load;

/// How often a change is decided anew because another process was faster.
const ATTEMPTS: u32 = 8;

/// How many questions that take long are worked on at one time.
const TURNS: usize = 2;

/// Why a tenant was not read or not changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule of the model refuses.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// Who asks is no longer there, or no longer active.
    #[error("whoever asks is no longer there: sign in again")]
    Unauthenticated,
    /// An edit of a document that does not say which version it was made from.
    #[error("say which version you edit: send the `ETag` of its GET as `If-Match`")]
    Unconditional,
    /// The same of a change of a batch.
    #[error(
        "say which version `$.changes[{change}]` edits: add the document's kind, its id and the `ETag` of its GET to `versions`"
    )]
    UnconditionalPart {
        /// Its place in the batch.
        change: usize,
    },
    /// The document changed meanwhile.
    #[error("somebody changed this meanwhile: read it again")]
    Outdated {
        /// The document as it is, for those who may see it.
        current: Option<Box<Value>>,
        /// Its `ETag`.
        revision: String,
        /// Where the tenant is.
        at: Stamp,
        /// Whether just weak `ETag`s were sent, which name no version.
        is_weak: bool,
    },
    /// The idempotency key was used for another request.
    #[error("this `Idempotency-Key` was used for another request: send a new one")]
    KeyReused,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] rolewright_store::Error),
    /// What the store holds is not a valid tenant.
    #[error("the stored tenant `{tenant}` is not valid: {problem}; restore a backup")]
    Unreadable {
        /// The tenant.
        tenant: String,
        /// The first thing that is wrong with it.
        problem: String,
    },
    /// The server is being stopped.
    #[error("the server is being stopped: try again")]
    Stopped,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

/// A tenant.
pub struct Tenant {
    id: String,
    store: Arc<dyn Store>,
    loaded: watch::Sender<Arc<Loaded>>,
    writer: tokio::sync::Mutex<()>,
    turns: Arc<Semaphore>,
    times: Mutex<BTreeMap<u64, Timestamp>>,
    /// Whether another process deleted it.
    gone: AtomicBool,
    /// Tells that a session was ended by no change.
    pub signed_out: watch::Sender<()>,
    signer: RwLock<Arc<Signer>>,
    /// The checkers that ask for its snapshots with keys.
    pub checkers: Checkers,
    /// Its signed snapshots.
    pub snapshots: Cache,
    /// When its keys were used.
    pub key_uses: Uses,
    /// Its keys that were read lately.
    pub known_keys: KnownKeys,
    /// What an identity provider says of its people and groups.
    pub scim: scim::table::Table,
}

impl std::fmt::Debug for Tenant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tenant").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Tenant {
    /// Makes a tenant of a policy.
    ///
    /// # Errors
    /// What is wrong with the policy; [`rolewright_store::Error::TenantExists`].
    pub async fn create(
        store: &Arc<dyn Store>,
        id: &str,
        policy: &PolicyDocument,
        reason: Option<String>,
        context: &Context,
    ) -> Result<(), Error> {
        let outcome = State::begin(policy, context)?;
        let name = if policy.settings.name.is_empty() { &policy.name } else { &policy.settings.name };
        let change = Change::ImportPolicy { policy: Box::new(policy.clone()) };
        let entry = entry(&change, "operator".to_owned(), String::new(), context.now, &outcome);
        let entry = Entry { reason, ..entry };
        let first = Commit { entry, revoked: Vec::new(), records: Vec::new() };
        store.create_tenant(id, name, context.now, Some(first)).await?;
        Ok(())
    }

    /// Reads a tenant.
    ///
    /// # Errors
    /// [`rolewright_store::Error::UnknownTenant`]; [`Error::Unreadable`].
    pub async fn open(store: Arc<dyn Store>, id: &str) -> Result<Arc<Self>, Error> {
        let loaded = load(&store, id).await?;
        let signer = Signer::of(&*store, id).await?;
        Ok(Arc::new(Self {
            id: id.to_owned(),
            store,
            loaded: watch::Sender::new(Arc::new(loaded)),
            writer: tokio::sync::Mutex::new(()),
            turns: Arc::new(Semaphore::new(TURNS)),
            times: Mutex::default(),
            gone: AtomicBool::new(false),
            signed_out: watch::Sender::default(),
            signer: RwLock::new(Arc::new(signer)),
            checkers: Checkers::default(),
            snapshots: Cache::default(),
            key_uses: Uses::default(),
            known_keys: KnownKeys::default(),
            scim: scim::table::Table::default(),
        }))
    }

    /// The tenant's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where the tenant and its records are kept.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// What signs its snapshots, stamps, passes and exports, and verifies what it signed.
    #[must_use]
    pub fn signer(&self) -> Arc<Signer> {
        Arc::clone(&self.signer.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The tenant as it is.
    #[must_use]
    pub fn loaded(&self) -> Arc<Loaded> {
        self.loaded.borrow().clone()
    }

    /// Whether another process deleted it: what is of that id now, if anything, is another.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// Every state that the tenant comes to.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Arc<Loaded>> {
        self.loaded.subscribe()
    }

    /// Reads what another process wrote, if anything.
    ///
    /// # Errors
    /// As [`Tenant::open`].
    pub async fn refresh(&self) -> Result<(), Error> {
        let head = self.store.head(&self.id).await?;
        if self.loaded.borrow().head.log_hash == head.log_hash {
            return Ok(());
        }
        let _writing = self.writer.lock().await;
        self.reload().await.map(drop)
    }

    /// With the writer's lock held.
    async fn reload(&self) -> Result<Arc<Loaded>, Error> {
        let head = self.store.head(&self.id).await?;
        let known = self.loaded();
        if known.head.log_hash == head.log_hash {
            return Ok(known);
        }
        // A tenant goes on, and after a restore in a later epoch: this is another of the same id.
        if head.at <= known.head.at {
            self.gone.store(true, Ordering::Relaxed);
            return Err(rolewright_store::Error::UnknownTenant(self.id.clone()).into());
        }
        let loaded = match known.follow(&self.store, &self.id, head).await? {
            Some(loaded) => Arc::new(loaded),
            None => Arc::new(load(&self.store, &self.id).await?),
        };
        // What is read anew is signed by the key of then.
        let signer = Signer::of(&*self.store, &self.id).await?;
        *self.signer.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(signer);
        self.loaded.send_replace(Arc::clone(&loaded));
        Ok(loaded)
    }

    /// Looks for other processes' commits until the tenant is dropped or deleted, or the server is being stopped.
    pub fn follow(self: &Arc<Self>, every: Duration, mut stopping: watch::Receiver<bool>) {
        let tenant = Arc::downgrade(self);
        tokio::spawn(async move {
            let mut failing = false;
            loop {
                let stopped = stopping.wait_for(|is| *is);
                if tokio::time::timeout(every, stopped).await.is_ok() {
                    return;
                }
                let Some(tenant) = tenant.upgrade() else { return };
                match tenant.refresh().await {
                    Ok(()) => failing = false,
                    Err(Error::Store(rolewright_store::Error::UnknownTenant(_))) => {
                        tenant.gone.store(true, Ordering::Relaxed);
                        return;
                    }
                    Err(error) if !failing => {
                        failing = true;
                        tracing::error!(tenant = tenant.id(), %error, "the store cannot be followed");
                    }
                    Err(_) => {}
                }
            }
        });
    }

    /// Makes a change: the model decides, the store commits, and the new state is the tenant's.
    ///
    /// # Errors
    /// Why not, see [`Error`].
    pub async fn apply(self: &Arc<Self>, edit: Edit) -> Result<Applied, Error> {
        if edit.dry_run {
            return self.try_out(edit).await;
        }
        let tenant = Arc::clone(self);
        // In a task of its own: a client that goes away must not stop a commit half-way.
        let made = tokio::spawn(async move { tenant.apply_here(edit).await });
        let made = made.await.unwrap_or(Err(Error::Stopped));
        if made.as_ref().map_or(true, Applied::is_new) {
            request::count(|metrics| metrics.written(&self.id, &made));
        }
        made
    }

    async fn apply_here(self: Arc<Self>, edit: Edit) -> Result<Applied, Error> {
        let _writing = self.writer.lock().await;
        let edit = Arc::new(edit);
        let mut attempt = 0;
        loop {
            let loaded = self.reload().await?;
            self.still_asks(&edit.who, edit.context.now).await?;
            if let Some(applied) = self.made_before(&edit, &loaded).await? {
                return Ok(applied);
            }
            let deciding = (Arc::clone(&loaded), Arc::clone(&edit));
            // Deciding is `O(documents)`.
            let outcome = tokio::task::spawn_blocking(move || decide(&deciding.0, &deciding.1))
                .await
                .map_err(|_| Error::Stopped)??;
            let request = edit.request.clone();
            let entry = Entry {
                reason: edit.reason.clone(),
                kept: kept(&edit.change, &loaded.state, &outcome.state),
                undoes: edit.undoes.clone(),
                ..entry(&edit.change, edit.who.label(), request, edit.context.now, &outcome)
            };
            let records = records_of(&edit, &loaded);
            if self.changes_nothing(&outcome, &records, &edit).await? {
                match self.unchanged(&loaded, &edit).await {
                    Err(Error::Store(rolewright_store::Error::RecordExists { .. })) if attempt < ATTEMPTS => {
                        attempt += 1;
                        continue;
                    }
                    answer => return answer,
                }
            }
            let (at, created) = (outcome.state.at(), created(&edit, &outcome));
            let parts = created_by_parts(&edit, &outcome);
            let differences = differences(&loaded, &edit, &outcome.writes);
            let now = edit.context.now;
            let once = edit.once.iter().map(|once| once.remember(at, created.as_deref(), &parts, now));
            let records = required(&edit.who).into_iter().chain(records).chain(once).collect();
            let commit = Commit { entry, revoked: outcome.revoked.clone(), records };
            match self.store.commit(&self.id, commit).await {
                Ok(head) => {
                    self.forget(&edit.change);
                    let after = Arc::new(loaded.after(outcome, head));
                    self.loaded.send_replace(Arc::clone(&after));
                    return Ok(Applied { created, parts, differences, ..Applied::new(after, at) });
                }
                Err(rolewright_store::Error::Conflict { .. }) if attempt < ATTEMPTS => attempt += 1,
                Err(rolewright_store::Error::Missing { .. }) => return Err(Error::Unauthenticated),
                // Another process made the same request.
                Err(rolewright_store::Error::RecordExists { kind, .. })
                    if kind == idempotency::KIND && attempt < ATTEMPTS =>
                {
                    attempt += 1;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Demands that whoever asks is still there. With the writer's lock held no key ends meanwhile; that a session is
    /// there is looked at once more by the commit.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`]; where the store fails.
    pub async fn still_asks(&self, who: &Who, now: Timestamp) -> Result<(), Error> {
        if stands(self, who, now).await? { Ok(()) } else { Err(Error::Unauthenticated) }
    }

    /// What the same request made before, if it did; told to who may make such a change still.
    ///
    /// # Errors
    /// [`Error::KeyReused`]; why they may not; where the store fails.
    pub async fn made_before(&self, edit: &Edit, loaded: &Arc<Loaded>) -> Result<Option<Applied>, Error> {
        let Some(once) = edit.once.as_ref().filter(|_| !edit.dry_run) else { return Ok(None) };
        let Some(made) = once.made(self, edit.context.now).await? else { return Ok(None) };
        let asked = (Arc::clone(loaded), edit.clone());
        beside(move || may_still(&asked.0, &asked.1)).await??;
        let log = if edit.goes_back { crate::past::made(self, made.at.revision).await? } else { None };
        let differences = log.map(|log| differences(loaded, edit, &log.entry.writes)).unwrap_or_default();
        Ok(Some(Applied { differences, ..Applied::before(made, Arc::clone(loaded)) }))
    }

    /// Whether all is as an edit says already.
    async fn changes_nothing(
        &self,
        outcome: &Outcome,
        records: &[RecordOp],
        edit: &Edit,
    ) -> Result<bool, Error> {
        let ends_nothing = || ends_nothing(self, &edit.change, &edit.who, &edit.spent, edit.context.now);
        let writes_nothing = outcome.writes.is_empty() && !edit.change.is_noted();
        Ok(writes_nothing && (records.is_empty() || ends_nothing().await?))
    }

    /// Where all is as an edit says already: no revision is made of it. Its idempotency key is remembered.
    async fn unchanged(&self, loaded: &Arc<Loaded>, edit: &Edit) -> Result<Applied, Error> {
        let at = loaded.state.at();
        if let Some(once) = &edit.once {
            let records = vec![once.remember(at, None, &[], edit.context.now)];
            self.store.edit_records(&self.id, records, edit.context.now).await?;
        }
        Ok(Applied { is_unchanged: true, ..Applied::new(Arc::clone(loaded), at) })
    }

    /// Forgets what is kept of a key that is no longer what it was.
    fn forget(&self, change: &Change) {
        match change {
            Change::UpdateKey { key, .. } | Change::RenewKey { key, .. } => self.known_keys.forget(&key.id),
            Change::EndKey { key, .. } => {
                self.known_keys.forget(&key.id);
                self.key_uses.forget(&key.id);
            }
            _ => {}
        }
    }

    /// What a change would make, and whom it would reach. Changes are made meanwhile.
    async fn try_out(&self, edit: Edit) -> Result<Applied, Error> {
        let loaded = {
            let _writing = self.writer.lock().await;
            self.still_asks(&edit.who, edit.context.now).await?;
            self.reload().await?
        };
        let keys = kept_keys::all(self, edit.context.now).await?;
        let (before, who, now) = (Arc::clone(&loaded), edit.who.clone(), edit.context.now);
        let ends_nothing = ends_nothing(self, &edit.change, &who, &edit.spent, now).await?;
        let decided = self.work(move || {
            let outcome = decide(&loaded, &edit)?;
            let reach = Some(reach_of(&loaded, &edit, &outcome));
            let differences = differences(&loaded, &edit, &outcome.writes);
            let entitled = entitled_by(&loaded, &outcome);
            let mut remarks = provider_remarks(&loaded, &edit, &outcome, &keys);
            remarks.extend(separation_remarks(&loaded, &edit, &outcome));
            let is_unchanged = outcome.writes.is_empty()
                && !edit.change.is_noted()
                && (ends_nothing || records_of(&edit, &loaded).is_empty());
            let (created, parts) = (created(&edit, &outcome), created_by_parts(&edit, &outcome));
            let (after, at) = if is_unchanged {
                let at = loaded.state.at();
                (loaded, at)
            } else {
                let (at, head) = (outcome.state.at(), Head { at: outcome.state.at(), ..loaded.head.clone() });
                (Arc::new(loaded.after(outcome, head)), at)
            };
            Ok(Applied {
                created,
                parts,
                dry_run: true,
                is_unchanged,
                reach,
                entitled,
                differences,
                remarks,
                ..Applied::new(after, at)
            })
        });
        let tried: Result<Applied, Error> = decided.await?;
        let tried = tried?;
        let lacking_second_factor = self.lacking_second_factor(&before, &tried.after, &who, now).await?;
        Ok(Applied { lacking_second_factor, ..tried })
    }

    /// Where a change says anew who must have a second factor, those who come to need one and have none.
    async fn lacking_second_factor(
        &self,
        before: &Arc<Loaded>,
        after: &Arc<Loaded>,
        who: &Who,
        now: Timestamp,
    ) -> Result<Option<Lacking>, Error> {
        let wanted = |loaded: &Loaded| loaded.state.policy().settings().second_factor;
        if wanted(before) == wanted(after) {
            return Ok(None);
        }
        let has = second_factor::all(self, now).await?;
        let (before, after) = (Arc::clone(before), Arc::clone(after));
        let sees_people = sees_people(who, &before.state, now);
        self.work(move || Some(lacking(&before.state, &after.state, &has, sees_people, now))).await
    }

    /// A turn at what takes long, such as reading the past: a few have one at a time, and the rest waits,
    /// so that what must be quick is not kept waiting.
    ///
    /// # Errors
    /// [`Error::Stopped`].
    pub async fn turn(&self) -> Result<OwnedSemaphorePermit, Error> {
        Arc::clone(&self.turns).acquire_owned().await.map_err(|_| Error::Stopped)
    }

    /// Does what takes long beside the threads that answer requests, when it has its [turn](Tenant::turn).
    ///
    /// # Errors
    /// [`Error::Stopped`].
    pub async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let turn = self.turn().await?;
        // Whoever asked may go away; the turn is over when the work is.
        beside(move || {
            let done = work();
            drop(turn);
            done
        })
        .await
    }

    /// When the change of that revision was made, if the log knows.
    pub async fn time_of(&self, at: Stamp) -> Option<Timestamp> {
        let known = |times: &Mutex<BTreeMap<u64, Timestamp>>| {
            times.lock().unwrap_or_else(PoisonError::into_inner).get(&at.revision).copied()
        };
        if let Some(time) = known(&self.times) {
            return Some(time);
        }
        let before = at.revision.checked_sub(1)?;
        let entries = self.store.log(&self.id, Some(before), 1).await.ok()?;
        let time = entries.first().filter(|entry| entry.entry.at == at)?.entry.time;
        self.times.lock().unwrap_or_else(PoisonError::into_inner).insert(at.revision, time);
        Some(time)
    }
}

/// Does what goes over everybody and is soon done beside the threads that answer requests, without a
/// [turn](Tenant::turn): a page of a list does not wait for what takes long.
///
/// # Errors
/// [`Error::Stopped`].
pub async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Stopped)
}

/// What must happen with an edit or not at all, in this order, beside what it writes.
fn records_of(edit: &Edit, loaded: &Loaded) -> Vec<RecordOp> {
    let ended = ended_by(&edit.change, &loaded.state);
    edit.spent.iter().cloned().chain(ended).chain(edit.records.iter().cloned()).collect()
}

/// Whether it is the refusal of that code.
#[must_use]
pub fn is_refusal(error: &Error, code: Code) -> bool {
    matches!(error, Error::Refused(refusal) if refusal.code == code)
}
