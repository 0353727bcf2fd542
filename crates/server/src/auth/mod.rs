//! Who asks, and what they may see.

pub mod actor;
pub mod client;
pub mod code;
pub mod cookie;
pub mod cross_site;
pub mod ending;
pub mod guess;
pub mod kept_keys;
pub mod key;
pub mod key_change;
pub mod key_makers;
pub mod key_use;
pub mod known;
pub mod known_keys;
pub mod last_sign_in;
pub mod network;
pub mod password;
pub mod proof;
pub mod qr;
pub mod reader;
pub mod recovery;
pub mod reset;
pub mod second_factor;
pub mod session;
pub mod standing;
pub mod strength;
pub mod throttle;
pub mod totp;
pub mod view;

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use rolewright_model::catalogue::is_slug;
use rolewright_model::{Actor, Change, Purview, Refusal, ResourcePath, State, Timestamp, console};
use rolewright_wire::secret::Secret;

use crate::app::Shared;
use crate::as_of::AsOf;
use crate::config::DEFAULT_TENANT;
use crate::extract::Write;
use crate::idempotency::Once;
use crate::metrics::Metrics;
use crate::problem::{Failure, Result};
use crate::seen::Seen;
use crate::taken::Question;
use crate::tenant::{self, Applied, Edit, Loaded, Tenant};
use crate::{past, request};
use actor::Who;
use client::Client;
use key_use::As;
use proof::{Proof, Shown};
use session::Session;

/// The tenant that the path names.
#[derive(Debug)]
pub struct TenantOf(pub Arc<Tenant>);

impl FromRequestParts<Shared> for TenantOf {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self> {
        let Named(name) = Named::from_request_parts(parts, app).await?;
        Self::named(app, &name).await
    }
}

impl TenantOf {
    /// The tenant of that name.
    ///
    /// # Errors
    /// 401 where there is none: whoever is not signed in learns nothing of which there are. 404 where none is called so.
    pub async fn named(app: &Shared, name: &str) -> Result<Self> {
        Visited::named(app, name).await?.0.map(Self).ok_or_else(Failure::unauthenticated)
    }
}

/// The tenant at whose address somebody is who is not signed in; none where there is none, which is not told: what is
/// answered then is what a tenant answers that knows nothing of what is shown.
#[derive(Debug)]
pub struct Visited(pub Option<Arc<Tenant>>);

impl FromRequestParts<Shared> for Visited {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self> {
        let Named(name) = Named::from_request_parts(parts, app).await?;
        Self::named(app, &name).await
    }
}

impl Visited {
    async fn named(app: &Shared, name: &str) -> Result<Self> {
        can_be_called(name)?;
        match app.tenant(name).await {
            Ok(tenant) => {
                request::is_about(tenant.id());
                Ok(Self(Some(tenant)))
            }
            Err(tenant::Error::Store(rolewright_store::Error::UnknownTenant(_))) => Ok(Self(None)),
            Err(error) => Err(error.into()),
        }
    }
}

/// What the path calls its tenant, whether there is one or not.
#[derive(Debug)]
pub struct Named(pub String);

impl FromRequestParts<Shared> for Named {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self> {
        let params = RawPathParams::from_request_parts(parts, app).await;
        let params = params.map_err(|_| Failure::not_found("such path"))?;
        let named = params.iter().find(|(name, _)| *name == "tenant").map(|(_, value)| value);
        let name = named.unwrap_or(DEFAULT_TENANT);
        can_be_called(name)?;
        Ok(Self(name.to_owned()))
    }
}

/// Whether a tenant can be called so.
fn can_be_called(name: &str) -> Result<()> {
    if is_slug(name) { Ok(()) } else { Err(Failure::not_found("such tenant")) }
}

/// Who asks, of which tenant, when.
#[derive(Debug)]
pub struct Asker {
    /// The tenant.
    pub tenant: Arc<Tenant>,
    /// The tenant as it was when the request came.
    pub loaded: Arc<Loaded>,
    /// Who asks.
    pub who: Who,
    /// The session, where there is one.
    pub session: Option<Session>,
    /// When.
    pub now: Timestamp,
    /// The request's idempotency key, where it has one.
    once: Option<Once>,
    app: Shared,
}

impl FromRequestParts<Shared> for Asker {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self> {
        let TenantOf(tenant) = TenantOf::from_request_parts(parts, app).await?;
        Self::of(app, tenant, parts, As::Itself).await
    }
}

/// Who asks for what somebody may do who must turn a second factor on first: for that, and to see who they are.
#[derive(Debug)]
pub struct Enrolling(pub Asker);

impl FromRequestParts<Shared> for Enrolling {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self> {
        let TenantOf(tenant) = TenantOf::from_request_parts(parts, app).await?;
        Asker::known(app, tenant, parts, As::Itself).await?.unless_viewing(parts).map(Self)
    }
}

/// Who asks to see as themselves again, who views as somebody else.
#[derive(Debug)]
pub struct Viewing(pub Asker);

impl FromRequestParts<Shared> for Viewing {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self> {
        let TenantOf(tenant) = TenantOf::from_request_parts(parts, app).await?;
        Asker::enrolled(app, tenant, parts, As::Itself).await.map(Self)
    }
}

impl Asker {
    /// Who sends a request with that head; a key, as what.
    ///
    /// # Errors
    /// 401; 403 where they must turn a second factor on first, or write while they view as somebody else; 400 where the
    /// head is wrong.
    pub async fn of(app: &Shared, tenant: Arc<Tenant>, parts: &mut Parts, used: As) -> Result<Self> {
        Self::enrolled(app, tenant, parts, used).await?.unless_viewing(parts)
    }

    async fn enrolled(app: &Shared, tenant: Arc<Tenant>, parts: &mut Parts, used: As) -> Result<Self> {
        let asker = Self::known(app, tenant, parts, used).await?;
        if asker.must_enrol().await? {
            return Err(Refusal::second_factor_required().into());
        }
        Ok(asker)
    }

    /// Refuses whatever keeps something to whoever views as somebody else: the model refuses each change, and not all that
    /// is kept is one. What is not known to keep nothing is refused.
    fn unless_viewing(self, parts: &Parts) -> Result<Self> {
        let keeps_nothing = parts.method.is_safe() || parts.extensions.get::<Question>().is_some();
        match self.who {
            Who::Viewer { .. } if !keeps_nothing => Err(Refusal::viewing().into()),
            _ => Ok(self),
        }
    }

    /// Whether the person in the session must turn a second factor on before anything else.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn must_enrol(&self) -> Result<bool> {
        let Some(user) = self.who.person() else { return Ok(false) };
        second_factor::must_enrol(&self.tenant, &self.loaded.state, user, self.now).await
    }

    async fn known(app: &Shared, tenant: Arc<Tenant>, parts: &mut Parts, used: As) -> Result<Self> {
        let now = app.clock.now();
        let (who, session) = if let Some(bearer) = key::bearer(&parts.headers) {
            let mut who = key::find(&tenant, bearer, now).await?.ok_or_else(Failure::unauthenticated)?;
            if let Who::Key { key, for_provider } = &mut who {
                key_use::note(&tenant, &key.id, used, key.until, now);
                *for_provider = used == As::Provider;
            }
            (who, None)
        } else {
            let token = session::token(&parts.headers, tenant.id()).ok_or_else(Failure::unauthenticated)?;
            let found = session::find(&tenant, token, now).await?.ok_or_else(Failure::unauthenticated)?;
            let session = view::settled(app, &tenant, found, now).await?;
            let session = session.ok_or_else(Failure::unauthenticated)?;
            (session.who(), Some(session))
        };
        request::is_by(&who);
        let once = Once::of(parts, &who)?;
        let loaded = tenant.loaded();
        let asker = Self { tenant, loaded, who, session, now, once, app: Arc::clone(app) };
        asker.actor()?;
        Ok(asker)
    }

    /// What counts what happens.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.app.metrics
    }

    /// Who asks, to the model.
    ///
    /// # Errors
    /// 401 where the user is gone or not active.
    pub fn actor(&self) -> Result<Actor<'_>> {
        self.who.actor(&self.loaded.state).ok_or_else(Failure::unauthenticated)
    }

    /// Whether the asker may use one of Rolewright's own permissions for the whole tenant.
    #[must_use]
    pub fn may(&self, permission: &str) -> bool {
        self.may_at(permission, &ResourcePath::tenant())
    }

    /// Whether the asker may use one of Rolewright's own permissions there.
    #[must_use]
    pub fn may_at(&self, permission: &str, scope: &ResourcePath) -> bool {
        self.actor().is_ok_and(|actor| actor.may(&self.loaded.state, permission, scope, self.now))
    }

    /// Demands one of Rolewright's own permissions; `what` is what it is needed for.
    ///
    /// # Errors
    /// 403.
    pub fn need(&self, permission: &str, what: &str) -> Result<()> {
        if self.may(permission) { Ok(()) } else { Err(self.lacks(permission, what)) }
    }

    /// The same at each of those places. Who may use it for the whole tenant may at what is no place, too.
    ///
    /// # Errors
    /// 403.
    pub fn need_at(&self, permission: &str, places: &[ResourcePath], what: &str) -> Result<()> {
        let may = |place: &ResourcePath| self.may_at(permission, place);
        if self.may(permission) || places.iter().all(may) {
            Ok(())
        } else {
            Err(self.lacks(permission, what))
        }
    }

    /// Why the asker may not use one of Rolewright's own permissions where they may not; `what` is what it is needed for.
    #[must_use]
    pub fn lacks(&self, permission: &str, what: &str) -> Failure {
        let lacks = |actor: Actor<'_>| actor.lacks(&self.loaded.state, permission, what, self.now).into();
        self.actor().map_or_else(|failure| failure, lacks)
    }

    /// Where the asker may use one of Rolewright's own permissions; `what` is what it is needed for.
    ///
    /// # Errors
    /// 403 where that is nowhere.
    pub fn purview<'a>(&'a self, permission: &'a str, what: &str) -> Result<Purview<'a>> {
        let purview = Purview::of(self.actor()?, &self.loaded.state, permission, self.now);
        purview.ok_or_else(|| self.lacks(permission, what))
    }

    /// Whether the asker may learn who is known here and who is active: others are told of a decision about
    /// somebody else nothing that would say it.
    #[must_use]
    pub fn sees_people(&self) -> bool {
        self.may(console::USERS_VIEW) || self.may(console::ACCESS_EXPLAIN)
    }

    /// The state that is asked about, and when: the newest one now, or the one of a point of the past, for
    /// those who may see the change log.
    ///
    /// # Errors
    /// 422 where the time is yet to come; 403; 404 where there was no tenant then; where the past cannot be read.
    pub async fn asked_of(&self, as_of: Option<AsOf>) -> Result<(State, Timestamp)> {
        let Some(past) = self.past(as_of)? else {
            return Ok((self.loaded.state.clone(), self.now));
        };
        self.need(console::AUDIT_VIEW, "see what was so in the past")?;
        let then = past::state(&self.tenant, past).await?;
        then.ok_or_else(|| past::none_then(&self.tenant, past))
    }

    /// The documents that are asked for: as they are, or as they were at a point of the past, for those who may see
    /// the change log.
    ///
    /// # Errors
    /// As [`Asker::asked_of`].
    pub async fn seen(&self, as_of: Option<AsOf>) -> Result<Seen> {
        let Some(past) = self.past(as_of)? else {
            return Ok(Seen { loaded: Arc::clone(&self.loaded), now: self.now, is_past: false });
        };
        self.need(console::AUDIT_VIEW, "see what was so in the past")?;
        let then = past::loaded(&self.tenant, past).await?;
        let (loaded, now) = then.ok_or_else(|| past::none_then(&self.tenant, past))?;
        Ok(Seen { loaded: Arc::new(loaded), now, is_past: true })
    }

    /// The revision of the last change that was made by a point of the past; none where now is asked about.
    ///
    /// # Errors
    /// As [`Asker::asked_of`].
    pub async fn last_by(&self, as_of: Option<AsOf>) -> Result<Option<u64>> {
        let Some(past) = self.past(as_of)? else { return Ok(None) };
        self.need(console::AUDIT_VIEW, "see what was so in the past")?;
        let last = past::last_by(&self.tenant, past).await?;
        let (last, _) = last.ok_or_else(|| past::none_then(&self.tenant, past))?;
        Ok(Some(last.entry.at.revision))
    }

    fn past(&self, as_of: Option<AsOf>) -> Result<Option<AsOf>> {
        AsOf::past(as_of, self.now).map_err(|message| Failure::invalid_at("query.as_of", message))
    }

    /// Demands that the asker may make that change, as the tenant was when the request came: for what must be known
    /// before what takes long, or says more. It is decided again when the change is made.
    ///
    /// # Errors
    /// Why not.
    pub fn may_make(&self, edit: &Edit) -> Result<()> {
        Ok(self.loaded.state.change(&edit.change, &self.actor()?, &edit.context).map(drop)?)
    }

    /// What the same request made before, where it carries an idempotency key: for what is not as it was then, or
    /// was used up.
    ///
    /// # Errors
    /// 422 where the key was used for another request.
    pub async fn made_before(&self, write: &Write) -> Result<Option<Applied>> {
        let Some(once) = self.once.as_ref().filter(|_| !write.dry_run) else { return Ok(None) };
        let made = once.made(&self.tenant, self.now).await?;
        Ok(made.map(|made| Applied::before(made, Arc::clone(&self.loaded))))
    }

    /// The session, for what is its person's own: a key has none, and so no password and no second factor; and who views as
    /// somebody else has nothing of the other's, nor of their own.
    ///
    /// # Errors
    /// 403.
    pub fn session(&self) -> Result<&Session> {
        match self.who {
            Who::Viewer { .. } => Err(Refusal::viewing().into()),
            _ => self.own_session(),
        }
    }

    /// The session, whomever its person views as.
    ///
    /// # Errors
    /// 403 of a key.
    pub fn own_session(&self) -> Result<&Session> {
        self.session.as_ref().ok_or_else(Failure::session_needed)
    }

    /// The person in the session shows once more who they are.
    ///
    /// # Errors
    /// As [`proof::prove`].
    pub async fn prove<'a>(
        &'a self,
        client: &'a Client,
        password: &'a Secret,
        code: Option<&'a Secret>,
    ) -> Result<Proof<'a>> {
        let user = &self.session()?.user;
        let user = self.loaded.state.documents().directory.users.get(user);
        let user = user.ok_or_else(Failure::unauthenticated)?;
        let shown = Shown { email: &user.email, password: password.expose(), code: code.map(Secret::expose) };
        let proof = proof::prove(&self.app, &self.tenant, client, shown, self.now).await;
        let proof = proof.map_err(proof::of_signed_in)?;
        // The email is somebody else's by now.
        if proof.user != user.id {
            return Err(Failure::unauthenticated());
        }
        Ok(proof)
    }

    /// An edit of the asker's, with nothing else to it: of this moment, as the body may have come long after the head.
    ///
    /// # Errors
    /// Where the randomness fails.
    pub fn edit(&self, change: Change) -> Result<Edit> {
        let context = self.app.context()?;
        Ok(Edit { once: self.once.clone(), ..Edit::new(self.who.clone(), change, context) })
    }
}
