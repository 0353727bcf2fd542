//! A tenant that is there already, as a command names and opens it.

use std::sync::Arc;

use clap::Args;
use rolewright_model::{State, Timestamp};
use rolewright_store::{SqliteStore, Store};

use super::{Data, Error, InTenant};
use crate::as_of::AsOf;
use crate::clock::Clock;
use crate::past;
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

/// As of when a tenant is asked.
#[derive(Args, Clone, Copy, Debug)]
pub struct When {
    /// As it was at a time in the past: a date, such as 2027-01-31, which is its start in UTC, or a time, such as
    /// 2027-01-31T08:00:00Z; or as a change left it, by its revision, such as r42
    #[arg(long, value_name = "TIME|REVISION", value_parser = AsOf::parse)]
    as_of: Option<AsOf>,
}

impl When {
    /// Whether a point of the past is named.
    pub(super) fn is_said(&self) -> bool {
        self.as_of.is_some()
    }

    /// The documents then, and when that is; those of now where no time is named.
    ///
    /// # Errors
    /// Where the time is yet to come, there was no such tenant then, or the past cannot be read.
    pub(super) async fn seen(self, opened: &Opened) -> Result<(State, Timestamp), Error> {
        let now = opened.clock.now();
        let past =
            AsOf::past(self.as_of, now).map_err(|message| Error::failed(format!("--as-of: {message}")))?;
        let Some(as_of) = past else {
            return Ok((opened.tenant.loaded().state.clone(), now));
        };
        let then = past::state(&opened.tenant, as_of).await?;
        then.ok_or_else(|| past::none_then(&opened.tenant, as_of).into())
    }
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
        let tenant = Tenant::open(store, &self.tenant.tenant).await?;
        Ok(Opened { sqlite, tenant, clock })
    }
}
