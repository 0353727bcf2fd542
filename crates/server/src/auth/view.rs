//! View as: whoever is in a session sees what another person sees, or somebody with a role, and changes nothing meanwhile.
//! The session's record says so, and each request finds it there. It ends by itself after an hour, and where who views
//! could not begin it any more.

use std::sync::Arc;

use rolewright_model::{Actor, Change, Refusal, Stamp, State, Timestamp, Viewed};
use rolewright_store::{Error, RecordOp};
use serde::{Deserialize, Serialize};

use super::second_factor;
use super::session::{self, Session};
use crate::app::Shared;
use crate::problem::Result;
use crate::tenant::{self, Edit, Tenant};

/// How long it lasts at most, in milliseconds: an hour.
const LONGEST: i64 = 60 * 60 * 1000;

/// As whom a session sees, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// As whom.
    pub whom: Viewed,
    /// The revision at which it began: as if they had signed in then.
    pub began: Stamp,
    /// The first moment at which it is over.
    pub until: Timestamp,
}

impl View {
    /// One that begins now, if whoever asks may have it.
    #[must_use]
    pub fn new(whom: Viewed, began: Stamp, now: Timestamp) -> Self {
        Self { whom, began, until: now.plus(LONGEST) }
    }

    /// What begins it.
    #[must_use]
    pub fn begin(&self) -> Change {
        Change::ViewAs { whom: self.whom.clone(), until: self.until }
    }

    /// What ends it.
    #[must_use]
    pub fn end(&self) -> Change {
        Change::EndViewAs { whom: self.whom.clone() }
    }

    /// Why it is over, where it is: for who is in the session.
    fn over(&self, state: &State, viewer: &Actor<'_>, now: Timestamp) -> Option<String> {
        if now >= self.until {
            return Some("it had lasted an hour".to_owned());
        }
        let refusal = self.begin().permit(state, viewer, now).err();
        let is_gone = || state.viewed(&self.whom).is_none();
        refusal.map(|refusal| refusal.message).or_else(|| {
            is_gone().then(|| "whoever it was as is not there any more, or not active".to_owned())
        })
    }
}

/// The session as it counts now: where its view is over, that is ended first, and stands in the change log.
///
/// # Errors
/// Where it cannot be ended: nothing is answered then, neither as the one nor as the other.
pub async fn settled(
    app: &Shared,
    tenant: &Arc<Tenant>,
    session: Session,
    now: Timestamp,
) -> Result<Option<Session>> {
    let Some(view) = &session.view else { return Ok(Some(session)) };
    let loaded = tenant.loaded();
    let who = session.person();
    // Who is not active any more is told so.
    let Some(viewer) = who.actor(&loaded.state) else { return Ok(Some(session)) };
    let why = match view.over(&loaded.state, &viewer, now) {
        None if second_factor::must_enrol(tenant, &loaded.state, &session.user, now).await? => {
            Refusal::second_factor_required().message
        }
        Some(why) => why,
        None => return Ok(Some(session)),
    };
    let edit = Edit {
        reason: Some(why),
        spent: vec![session.viewing(None)],
        ..Edit::new(who.clone(), view.end(), app.context()?)
    };
    match tenant.apply(edit).await {
        Ok(_) => Ok(Some(Session { view: None, ..session })),
        // Another request ended it, or the session.
        Err(
            tenant::Error::Unauthenticated
            | tenant::Error::Store(Error::Changed { .. } | Error::Spent { .. }),
        ) => {
            let found = session::one(tenant, &session.key, now).await?;
            Ok(found.filter(|found| found.view.is_none()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends the session with what it views as, where it does; whether it did.
///
/// # Errors
/// Where it cannot be.
pub async fn sign_out(app: &Shared, tenant: &Arc<Tenant>, session: &Session) -> Result<bool> {
    let Some(view) = &session.view else { return Ok(false) };
    let spent: Vec<RecordOp> = vec![session.end()];
    let edit = Edit { spent, ..Edit::new(session.person(), view.end(), app.context()?) };
    tenant.apply(edit).await?;
    Ok(true)
}
