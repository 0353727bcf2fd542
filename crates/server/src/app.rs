//! What all requests share.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rolewright_model::Context;
use rolewright_store::Store;
use tokio::sync::{Mutex, watch};

use crate::auth::password::Hasher;
use crate::auth::throttle::Throttle;
use crate::clock::Clock;
use crate::config::Config;
use crate::mail::limit::Mailed;
use crate::metrics::Metrics;
use crate::secret::{self, NoEntropy};
use crate::tenant::{self, Tenant};

/// How often another process's commits are looked for.
const FOLLOW: Duration = Duration::from_millis(200);

/// What all requests share.
pub type Shared = Arc<App>;

/// A server.
pub struct App {
    /// How it is set up.
    pub config: Config,
    /// The time.
    pub clock: Clock,
    /// Hashes passwords.
    pub passwords: Hasher,
    /// Slows down who guesses.
    pub throttle: Throttle,
    /// To whom links were mailed.
    pub mailed: Mailed,
    /// Counts what happens.
    pub metrics: Metrics,
    store: Arc<dyn Store>,
    tenants: RwLock<HashMap<String, Arc<Tenant>>>,
    /// Held while a tenant is read for the first time.
    opening: Mutex<()>,
    stopping: watch::Sender<bool>,
    draining: AtomicBool,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("config", &self.config).finish_non_exhaustive()
    }
}

impl App {
    /// A server over that store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, config: Config, clock: Clock) -> Shared {
        Arc::new(Self {
            config,
            clock,
            passwords: Hasher::default(),
            throttle: Throttle::default(),
            mailed: Mailed::default(),
            metrics: Metrics::default(),
            store,
            tenants: RwLock::default(),
            opening: Mutex::default(),
            stopping: watch::Sender::new(false),
            draining: AtomicBool::new(false),
        })
    }

    /// Where everything is kept.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The tenant of that id; read on first use, also where another process made it meanwhile.
    ///
    /// # Errors
    /// As [`Tenant::open`].
    pub async fn tenant(&self, id: &str) -> Result<Arc<Tenant>, tenant::Error> {
        if let Some(tenant) = self.known(id) {
            return Ok(tenant);
        }
        // Apart: a request for one that is open must not carry the room that opening takes.
        Box::pin(self.opened(id)).await
    }

    async fn opened(&self, id: &str) -> Result<Arc<Tenant>, tenant::Error> {
        let _opening = self.opening.lock().await;
        if let Some(tenant) = self.known(id) {
            return Ok(tenant);
        }
        // One of that id that was deleted makes room.
        self.tenants.write().unwrap_or_else(PoisonError::into_inner).remove(id);
        let tenant = Tenant::open(Arc::clone(&self.store), id).await?;
        tenant.follow(FOLLOW, self.stopping());
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        tenants.insert(id.to_owned(), Arc::clone(&tenant));
        Ok(tenant)
    }

    fn known(&self, id: &str) -> Option<Arc<Tenant>> {
        let known = self.tenants.read().unwrap_or_else(PoisonError::into_inner).get(id).map(Arc::clone);
        known.filter(|tenant| !tenant.is_gone())
    }

    /// Every tenant.
    ///
    /// # Errors
    /// As [`Tenant::open`].
    pub async fn tenants(&self) -> Result<Vec<Arc<Tenant>>, tenant::Error> {
        let mut all = Vec::new();
        for info in self.store.tenants().await? {
            all.push(self.tenant(&info.id).await?);
        }
        Ok(all)
    }

    /// What was counted, in the text format of Prometheus.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn counted(&self) -> Result<String, std::fmt::Error> {
        let open = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        self.metrics.text(open.values().map(|tenant| &**tenant))
    }

    /// What a change needs from outside.
    ///
    /// # Errors
    /// [`NoEntropy`].
    pub fn context(&self) -> Result<Context, NoEntropy> {
        context(&self.clock)
    }

    /// Is no longer ready, and serves as before: requests shall be sent elsewhere.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether requests shall be sent elsewhere.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        self.draining.load(Ordering::Relaxed) || *self.stopping.borrow()
    }

    /// Ends what never ends by itself: streams of changes.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Becomes true when the server is being stopped.
    #[must_use]
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }
}

/// What a change needs from outside: the time and a fresh id.
///
/// # Errors
/// [`NoEntropy`].
pub fn context(clock: &Clock) -> Result<Context, NoEntropy> {
    Ok(Context { now: clock.now(), id: secret::fresh_id("")? })
}
