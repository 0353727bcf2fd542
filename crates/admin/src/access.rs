//! What the person who is signed in may do here.
//!
//! Answered by the model, from the person's own snapshot and the policy where they may view it;
//! never from a role's name. What counts people is the server's dry run to say.

use std::rc::Rc;

use rolewright_model::change::Change;
use rolewright_model::snapshot::Compact;
use rolewright_model::{Actor, Purview, Refusal, ResourcePath, Stamp, State, console};
use rolewright_wire::session::{Session, View};
use yew::prelude::*;

use crate::api::{self, ApiError};
use crate::browser;
use crate::live::use_live;
use crate::policy::Policy;
use crate::session::{self, use_session};
use crate::text;
use crate::tree::Tree;

/// What the person may do.
#[derive(Debug)]
pub struct Access {
    own: State,
    seen: SeenAs,
    /// The policy, where the person may view it.
    policy: Option<Policy>,
}

/// As whom the app is seen.
#[derive(Clone, Debug, PartialEq)]
struct SeenAs {
    /// What their own snapshot calls them.
    id: String,
    /// The revision at which that began.
    began: Stamp,
    /// Whether it is somebody else who views.
    is_viewed: bool,
}

impl SeenAs {
    fn of(session: &Session, view: Option<&View>) -> Self {
        match view {
            Some(view) => Self { id: view.whom.id().to_owned(), began: view.began, is_viewed: true },
            None => Self { id: session.user.clone(), began: session.began, is_viewed: false },
        }
    }
}

impl Access {
    /// Whether the person may use one of Rolewright's own permissions for the whole tenant.
    pub fn may(&self, permission: &str) -> bool {
        self.actor()
            .is_some_and(|actor| actor.may(&self.own, permission, &ResourcePath::tenant(), browser::now()))
    }

    /// Whether the person may use one of Rolewright's own permissions at any place.
    pub fn may_somewhere(&self, permission: &str) -> bool {
        self.actor().is_some_and(|actor| Purview::of(actor, &self.own, permission, browser::now()).is_some())
    }

    /// Whether the person may make a change that is no batch, as far as a browser can say.
    pub fn permit(&self, change: &Change) -> Result<(), Refusal> {
        let here = self.policy.as_ref().map_or(&self.own, Policy::state);
        match self.actor() {
            Some(actor) => change.permit_alone(here, &actor, browser::now()),
            None => Ok(()),
        }
    }

    /// Why the person may not make a change, in words.
    pub fn reason(&self, change: &Change) -> Option<AttrValue> {
        self.permit(change).err().map(|refusal| in_words(&refusal))
    }

    /// Why nothing at all can be changed, where that is so: the app is seen as somebody else.
    pub fn held_back(&self) -> Option<AttrValue> {
        self.seen.is_viewed.then(|| in_words(&Refusal::viewing()))
    }

    /// The policy, where the person may view it.
    pub fn policy(&self) -> Option<&Policy> {
        self.policy.as_ref()
    }

    fn actor(&self) -> Option<Actor<'_>> {
        let subject = self.own.subject(&self.seen.id)?;
        let seen = Actor::Subject { state: &self.own, subject, session: Some(self.seen.began) };
        Some(match self.seen.is_viewed {
            true => Actor::Viewer { viewed: Box::new(seen), viewer: None },
            false => seen,
        })
    }
}

/// The role's name, or its id where the person may not view roles.
pub fn role_name(access: Option<&AccessHandle>, id: &str) -> String {
    let policy = access.and_then(|access| access.policy());
    policy.map_or(id, |policy| policy.role_name(id)).to_owned()
}

/// What a permission is called. Where the person may not view roles, Rolewright's own by their first names, others by id.
pub fn permission_name(access: Option<&AccessHandle>, id: &str) -> String {
    match access.and_then(|access| access.policy()) {
        Some(policy) => policy.catalogue().permission_name(id),
        None => console::name(id).unwrap_or_else(|| id.to_owned()),
    }
}

/// What a place is called, or its path where the person may not view the catalogue.
pub fn place_name(access: Option<&AccessHandle>, path: &str) -> String {
    let policy = access.and_then(|access| access.policy());
    policy.map_or_else(|| path.to_owned(), |policy| policy.catalogue().place_name(path))
}

/// Where something counts, to go on a sentence: " at Server prod"; nothing for everything.
pub fn at_place(access: Option<&AccessHandle>, path: &str) -> String {
    if path == "/" { String::new() } else { format!(" at {}", place_name(access, path)) }
}

/// A refusal as a sentence.
pub fn in_words(refusal: &Refusal) -> AttrValue {
    text::sentence(&text::plain(&refusal.message)).into()
}

/// The access, as far as it is known.
#[derive(Clone, Debug)]
pub enum AccessState {
    /// It is being asked for.
    Loading,
    /// It is known.
    Known(Rc<Access>),
    /// It could not be had.
    Failed(ApiError),
}

impl PartialEq for AccessState {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Loading, Self::Loading) => true,
            (Self::Known(a), Self::Known(b)) => Rc::ptr_eq(a, b),
            (Self::Failed(a), Self::Failed(b)) => a == b,
            _ => false,
        }
    }
}

/// The access, inside the frame, where it is always known.
#[derive(Clone, Debug)]
pub struct AccessHandle(pub Rc<Access>);

impl PartialEq for AccessHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl std::ops::Deref for AccessHandle {
    type Target = Access;

    fn deref(&self) -> &Access {
        &self.0
    }
}

/// What the person may do. Inside the frame only; outside it nothing is known, and so nothing is offered.
#[hook]
pub fn use_access() -> Option<AccessHandle> {
    use_context::<AccessHandle>()
}

/// The permissions as a tree, worked out once; none for whoever may not view the policy.
#[hook]
pub fn use_tree() -> Rc<Tree> {
    let access = use_access();
    use_memo(access, |access| {
        let policy = access.as_ref().and_then(|access| access.policy());
        policy.map(|policy| Tree::of(policy.state())).unwrap_or_default()
    })
}

/// Asks for the access of whoever is signed in, or of whom they view as, again whenever the tenant changes.
#[hook]
pub fn use_load_access(view: Option<&View>) -> (AccessState, Callback<()>) {
    let session = use_session();
    let live = use_live();
    let tries = use_state(|| 0_u32);
    let state = use_state(|| AccessState::Loading);
    let who = session.current().map(|session| SeenAs::of(session, view));
    // The page is held as it was, for what is unsaved on it.
    let is_held = session.current().is_some_and(|session| session.view.as_ref() != view);
    let dispatcher = session.dispatcher();
    let tenant = session.current().map(|session| (session.tenant_name.clone(), session.help_url.clone()));
    {
        let state = state.clone();
        let known = use_mut_ref(|| false);
        use_effect_with((who, live.at, live.again, *tries), move |(who, ..)| {
            let cancelled = Rc::new(std::cell::Cell::new(false));
            if let Some(seen) = who.clone() {
                let cancelled = cancelled.clone();
                wasm_bindgen_futures::spawn_local(async move {
                    let access = load(seen).await;
                    if cancelled.get() {
                        return;
                    }
                    match access {
                        // Another tab has the session see as somebody else, or no longer.
                        Ok(access) if access.actor().is_none() => session::ask(dispatcher),
                        Ok(access) => {
                            // What the frame says of the tenant comes with the session.
                            let settings = access.policy().map(|policy| &policy.state().documents().settings);
                            let is_told = tenant.zip(settings).is_none_or(|((name, help), settings)| {
                                (name, help) == (settings.name.clone(), settings.help_url.clone())
                            });
                            if is_held || !is_told {
                                session::ask(dispatcher);
                            }
                            *known.borrow_mut() = true;
                            state.set(AccessState::Known(Rc::new(access)));
                        }
                        // What was known stays, rather than an empty page.
                        Err(_) if *known.borrow() => {}
                        Err(error) => state.set(AccessState::Failed(error)),
                    }
                });
            }
            move || cancelled.set(true)
        });
    }
    let again = {
        let (tries, n) = (tries.setter(), *tries);
        Callback::from(move |()| tries.set(n.wrapping_add(1)))
    };
    ((*state).clone(), again)
}

async fn load(seen: SeenAs) -> Result<Access, ApiError> {
    let signed = api::get_bytes("/snapshot?kind=subject").await?;
    // The browser shows what the server says: it need not verify its own display copy.
    let end = signed.iter().position(|byte| *byte == b'\n');
    let bytes = end
        .and_then(|end| signed.get(end + 1..))
        .ok_or_else(|| ApiError::Unreadable("a snapshot without its signature".to_owned()))?;
    let own = Compact::decode(bytes).map_err(|error| ApiError::Unreadable(error.to_string()))?;
    let own = State::of_index(own.index);
    let mut access = Access { own, seen, policy: None };
    if access.may(console::ROLES_VIEW) {
        let told = api::get("/policy").await?.body;
        access.policy = Some(Policy::read(told).map_err(unreadable)?);
    }
    Ok(access)
}

fn unreadable(problems: Vec<rolewright_model::Problem>) -> ApiError {
    ApiError::Unreadable(problems.first().map(ToString::to_string).unwrap_or_default())
}
