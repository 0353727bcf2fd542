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
use crate::tenant::{self, Applied, Edit, Tenant};

/// How long it lasts at most, in milliseconds: an hour.
const LONGEST: i64 = 60 * 60 * 1000;

/// How often a change is tried again where the session was used meanwhile.
const ATTEMPTS: usize = 3;

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

/// Makes a change with which the session sees so from then on. None where it sees otherwise meanwhile than as it was found, or
/// has ended.
///
/// # Errors
/// Why it cannot be made.
pub async fn turn(
    tenant: &Arc<Tenant>,
    session: &Session,
    view: Option<View>,
    edit: Edit,
) -> Result<Option<Applied>, tenant::Error> {
    let mut found = session.clone();
    for _ in 0..ATTEMPTS {
        let edit = Edit { spent: vec![found.viewing(view.clone())], ..edit.clone() };
        let now = edit.context.now;
        match tenant.apply(edit).await {
            Err(tenant::Error::Store(Error::Changed { .. } | Error::Spent { .. })) => {}
            made => return made.map(Some),
        }
        // Another request noted that it is used, or was the first to do the same.
        match session::one(tenant, &session.key, now).await? {
            Some(now) if now.view == session.view => found = now,
            _ => return Ok(None),
        }
    }
    Err(Error::Busy.into())
}

/// The session as it counts now: where its view is over, that is ended first, and stands in the change log. None where it has
/// ended meanwhile.
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
    let edit = Edit { reason: Some(why), ..Edit::new(who.clone(), view.end(), app.context()?) };
    turn(tenant, &session, None, edit).await?;
    Ok(session::one(tenant, &session.key, now).await?)
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
