//! Who reads a snapshot: whoever asks for anything, and whoever carries a pass.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use rolewright_model::{Refusal, Stamp, Timestamp, Viewed};

use super::actor::Who;
use super::key_use::As;
use super::{Asker, TenantOf, key};
use crate::app::Shared;
use crate::passes;
use crate::problem::{Failure, Result};
use crate::tenant::{Loaded, Tenant};

/// Whose own snapshot it is.
#[derive(Clone, Debug)]
pub struct Own {
    /// The user, or as whom a session sees.
    pub whom: Viewed,
    /// The revision at which the session began.
    pub began: Stamp,
}

/// Who reads a snapshot. A pass is good for its subject's own, and for nothing else.
#[derive(Debug)]
pub enum Reader {
    /// In a session, or with a key.
    Asker(Box<Asker>),
    /// With a pass.
    Pass {
        /// The tenant.
        tenant: Arc<Tenant>,
        /// The tenant as it was when the request came.
        loaded: Arc<Loaded>,
        /// Whose pass it is.
        own: Own,
        /// When.
        now: Timestamp,
    },
}

impl FromRequestParts<Shared> for Reader {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self> {
        let TenantOf(tenant) = TenantOf::from_request_parts(parts, app).await?;
        let now = app.clock.now();
        let loaded = tenant.loaded();
        let shown = key::bearer(&parts.headers).and_then(|pass| passes::shown(&tenant, &loaded, pass, now));
        match shown {
            Some((user, began)) => {
                Ok(Self::Pass { tenant, loaded, own: Own { whom: Viewed::User(user), began }, now })
            }
            None => Ok(Self::Asker(Box::new(Asker::of(app, tenant, parts, As::Itself).await?))),
        }
    }
}

impl Reader {
    /// The tenant, as it was when the request came, and when that was.
    #[must_use]
    pub fn of(&self) -> (&Arc<Tenant>, &Arc<Loaded>, Timestamp) {
        match self {
            Self::Asker(asker) => (&asker.tenant, &asker.loaded, asker.now),
            Self::Pass { tenant, loaded, now, .. } => (tenant, loaded, *now),
        }
    }

    /// Holds whoever asks to a permission for the whole tenant.
    ///
    /// # Errors
    /// 403 where it is missing, as it is to every pass.
    pub fn need(&self, permission: &str, to: &str) -> Result<()> {
        match self {
            Self::Asker(asker) => asker.need(permission, to),
            Self::Pass { loaded, .. } => {
                Err(Refusal::missing(loaded.state.catalogue(), permission, to).into())
            }
        }
    }

    /// The id of the key that asks, where one does.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        match self {
            Self::Asker(asker) => match &asker.who {
                Who::Key { key, .. } => Some(key.id.clone()),
                Who::Operator | Who::Link { .. } | Who::Person { .. } | Who::Viewer { .. } => None,
            },
            Self::Pass { .. } => None,
        }
    }

    /// Whose own snapshot it may read; a key has none.
    #[must_use]
    pub fn own(&self) -> Option<Own> {
        match self {
            Self::Asker(asker) => asker.who.own(),
            Self::Pass { own, .. } => Some(own.clone()),
        }
    }
}
