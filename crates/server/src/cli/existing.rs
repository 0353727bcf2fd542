//! A tenant that is there already, as a command names and opens it.

use std::sync::Arc;

use clap::Args;
use rolewright_store::{SqliteStore, Store};

use super::{Data, Error, InTenant};
use crate::clock::Clock;
use crate::tenant::Tenant;

/// A tenant that is there already.
#[derive(Args, Clone, Debug)]
pub struct Existing {
    #[command(flatten)]
    pub(super) data: Data,
    #[command(flatten)]
    pub(super) tenant: InTenant,
}

/// A tenant of the data directory itself: the server need not run, and may.
pub(super) struct Opened {
    pub(super) sqlite: Arc<SqliteStore>,
    pub(super) tenant: Arc<Tenant>,
    pub(super) clock: Clock,
}

impl Existing {
    /// Opens it.
    ///
    /// # Errors
    /// Where there is no such tenant, or it cannot be read.
    pub(super) async fn open(&self) -> Result<Opened, Error> {
        let clock = Clock::default();
        let sqlite = super::open_existing(&self.data.data).await?;
        let store: Arc<dyn Store> = Arc::clone(&sqlite) as Arc<dyn Store>;
        let tenant = Tenant::open(store, &self.tenant.tenant, clock.now()).await?;
        Ok(Opened { sqlite, tenant, clock })
    }
}
