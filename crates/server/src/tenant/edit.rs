//! An edit on its way in, what the model makes of it, and what came of it.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use rolewright_model::change::{Kind, Topic, Write};
use rolewright_model::directory::Source;
use rolewright_model::lint::KnownKey;
use rolewright_model::rules::broken_by_new_rules;
use rolewright_model::{
    Actor, Change, Code, Context, Outcome, Purview, ResourcePath, Stamp, State, Timestamp, counted,
};
use rolewright_store::{Entry, RecordOp};
use rolewright_wire::Created;
use rolewright_wire::difference::Differences;
use rolewright_wire::reach::Reach;
use rolewright_wire::second_factor::Lacking;
use serde_json::Value;

use super::{Error, Loaded};
use crate::auth::actor::Who;
use crate::auth::kept_keys;
use crate::conditional::{IfMatch, etag};
use crate::idempotency::{Made, Once};
use crate::policy_version::policy_etag;
use crate::reach::{Names, once_accepted, reach};
use crate::request;

/// Which version of what an edit was made from.
#[derive(Clone, Debug)]
pub enum Expected {
    /// Of one document.
    Document(Kind, String, IfMatch),
    /// Of the whole tenant.
    Head(IfMatch),
    /// Of the policy.
    Policy(IfMatch),
    /// Of what the changes of a batch edit, each by its place there.
    Parts(Vec<(usize, Expected)>),
}

impl Expected {
    /// Whether the tenant is at the version; a conflict shows the document where `sees` its kind.
    fn meet(&self, loaded: &Loaded, sees: &dyn Fn(Kind) -> bool) -> Result<(), Error> {
        let (current, version, document) = match self {
            Self::Parts(parts) => {
                let meet = |(change, one): &(usize, Self)| {
                    one.meet(loaded, sees).map_err(|error| match error {
                        Error::Unconditional => Error::UnconditionalPart { change: *change },
                        error => error,
                    })
                };
                return parts.iter().try_for_each(meet);
            }
            Self::Head(version) => (etag(loaded.state.at()), version, None),
            Self::Policy(version) => (policy_etag(loaded), version, None),
            Self::Document(kind, id, version) => match loaded.revision(*kind, id) {
                Some(at) => (etag(at), version, Some((*kind, id))),
                // What is not there has no version: the model says so.
                None => return Ok(()),
            },
        };
        if version.is_missing() {
            return Err(Error::Unconditional);
        }
        let is_met = match self {
            Self::Head(version) => version.names(loaded.state.at()),
            _ => version.has(&current),
        };
        if is_met {
            return Ok(());
        }
        let seen = document.filter(|(kind, _)| sees(*kind));
        let document = seen.and_then(|(kind, id)| loaded.state.documents().json(kind, id)).map(Box::new);
        let (at, is_weak) = (loaded.state.at(), version.is_weak());
        Err(Error::Outdated { current: document, revision: current, at, is_weak })
    }
}

/// A change on its way in.
#[derive(Clone)]
pub struct Edit {
    /// Who asks.
    pub who: Who,
    /// For what.
    pub change: Change,
    /// When, and the fresh id.
    pub context: Context,
    /// The id of the request.
    pub request: String,
    /// Which version it was made from.
    pub expected: Option<Expected>,
    /// What it uses up, before all else: a link, a code, the session that asks.
    pub spent: Vec<RecordOp>,
    /// What else must happen with it or not at all, after [what ends with it](crate::auth::ending::ended_by).
    pub records: Vec<RecordOp>,
    /// Whether nothing shall be written.
    pub dry_run: bool,
    /// Why, if it is said.
    pub reason: Option<String>,
    /// The id of the document or the key that it creates, if it does.
    pub created: Option<String>,
    /// Of a batch: the id of the document that each of its changes creates, where it does.
    pub parts: Vec<Option<String>>,
    /// The revisions of the changes that it takes back whole.
    pub undoes: Vec<u64>,
    /// Whether the documents that it writes are told also where it is made, not in a dry run alone.
    pub goes_back: bool,
    /// The request, where it shall be made once.
    pub once: Option<Once>,
}

impl Edit {
    /// That change alone, by whoever asks.
    #[must_use]
    pub fn new(who: Who, change: Change, context: Context) -> Self {
        Self {
            who,
            change,
            context,
            request: request::id(),
            expected: None,
            spent: Vec::new(),
            records: Vec::new(),
            dry_run: false,
            reason: None,
            created: None,
            parts: Vec::new(),
            undoes: Vec::new(),
            goes_back: false,
            once: None,
        }
    }
}

/// A change that was made, or would be.
#[derive(Debug)]
pub struct Applied {
    /// The tenant after it.
    pub after: Arc<Loaded>,
    /// The revision that it made, or would make.
    pub at: Stamp,
    /// The id of the document or the key that it created, where one was.
    pub created: Option<String>,
    /// Of a batch: what its changes created.
    pub parts: Vec<Created>,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// Whether it was made before, by the same request: the tenant may have moved on since.
    pub is_replayed: bool,
    /// Whether all is as the change says already: nothing was written, and `at` is where the tenant was.
    pub is_unchanged: bool,
    /// Of a dry run: whom the change would reach.
    pub reach: Option<Reach>,
    /// Of a dry run that has more people need a second factor: those of them who have none.
    pub lacking_second_factor: Option<Lacking>,
    /// Of a dry run that turns an entitlement switch on: to how many full users it assigns the role.
    pub entitled: Option<usize>,
    /// Of a dry run that replaces the policy, and of going back: which documents are not as they were.
    pub differences: Differences,
    /// What else whoever asks should know, a line each.
    pub remarks: Vec<String>,
}

impl Applied {
    /// A change that was made just now, and created nothing.
    #[must_use]
    pub fn new(after: Arc<Loaded>, at: Stamp) -> Self {
        Self {
            after,
            at,
            created: None,
            parts: Vec::new(),
            dry_run: false,
            is_replayed: false,
            is_unchanged: false,
            reach: None,
            lacking_second_factor: None,
            entitled: None,
            differences: Differences::default(),
            remarks: Vec::new(),
        }
    }

    /// What the same request made before.
    #[must_use]
    pub fn before(made: Made, after: Arc<Loaded>) -> Self {
        let Made { at, created, parts, .. } = made;
        Self { created, parts, is_replayed: true, ..Self::new(after, at) }
    }

    /// The same with more that whoever asks should know.
    #[must_use]
    pub fn with_remarks(mut self, remarks: Vec<String>) -> Self {
        self.remarks.extend(remarks);
        self
    }

    /// Whether it was made just now.
    #[must_use]
    pub fn is_new(&self) -> bool {
        !self.dry_run && !self.is_replayed && !self.is_unchanged
    }
}

/// The model's answer to an edit; `If-Match` is compared after the actor's permission, since a
/// conflict shows the document, and before the rules that look at the whole.
pub(super) fn decide(loaded: &Loaded, edit: &Edit) -> Result<Outcome, Error> {
    let state = &loaded.state;
    let actor = edit.who.actor(state).ok_or(Error::Unauthenticated)?;
    edit.change.permit(state, &actor, edit.context.now)?;
    let sees = |kind: Kind| may_see(&actor, state, kind, edit.context.now);
    edit.expected.iter().try_for_each(|expected| expected.meet(loaded, &sees))?;
    Ok(state.change(&edit.change, &actor, &edit.context)?)
}

/// Whether whoever sends an edit again, which was made, may do such a thing still. What it edits may be gone, and with it where it
/// was: so a permission is enough that they have at some place.
///
/// # Errors
/// Why not, as the edit would be refused.
pub(super) fn may_still(loaded: &Loaded, edit: &Edit) -> Result<(), Error> {
    let (state, now) = (&loaded.state, edit.context.now);
    let actor = edit.who.actor(state).ok_or(Error::Unauthenticated)?;
    let Err(refusal) = edit.change.permit(state, &actor, now) else { return Ok(()) };
    let is_of_who_asks = match (refusal.code, &refusal.permission) {
        (Code::MissingPermission, Some(permission)) => Purview::of(actor, state, permission, now).is_none(),
        (Code::MissingPermission | Code::SuperuserOnly | Code::PersonHoldsMore, _) => true,
        _ => false,
    };
    if is_of_who_asks { Err(refusal.into()) } else { Ok(()) }
}

/// The id that the edit gives to a new document or key, where it makes one.
pub(super) fn created(edit: &Edit, outcome: &Outcome) -> Option<String> {
    let makes_key = matches!(edit.change, Change::MakeKey { .. });
    let is_new = |id: &String| {
        makes_key || outcome.writes.iter().any(|write| write.id == *id && write.before.is_none())
    };
    edit.created.clone().filter(is_new)
}

/// The ids that the parts of a batch give to new documents.
pub(super) fn created_by_parts(edit: &Edit, outcome: &Outcome) -> Vec<Created> {
    let is_new = |write: &&Write| write.before.is_none();
    let made: HashSet<&str> = outcome.writes.iter().filter(is_new).map(|write| write.id.as_str()).collect();
    let parts = edit.parts.iter().enumerate();
    let of = |(change, id): (usize, &Option<String>)| {
        let id = id.clone().filter(|id| made.contains(id.as_str()))?;
        Some(Created { change, id })
    };
    parts.filter_map(of).collect()
}

/// Whom an edit reaches, once who is invited by it has accepted.
pub(super) fn reach_of(loaded: &Loaded, edit: &Edit, outcome: &Outcome) -> Reach {
    let (state, now) = (&loaded.state, edit.context.now);
    let names = names(&edit.who, state, now);
    match once_accepted(&outcome.state, &outcome.writes, &edit.context) {
        Some(accepted) => reach(state, &accepted, names, now),
        None => reach(state, &outcome.state, names, now),
    }
}

/// What an edit that goes back, or would replace the policy, does to documents, as far as whoever asks may see them.
pub(super) fn differences(loaded: &Loaded, edit: &Edit, writes: &[Write]) -> Differences {
    let would_replace = edit.dry_run && matches!(edit.change, Change::ImportPolicy { .. });
    let (state, now) = (&loaded.state, edit.context.now);
    match edit.who.actor(state) {
        Some(actor) if edit.goes_back || would_replace => {
            Differences::of(writes, would_replace, |kind| may_see(&actor, state, kind, now))
        }
        _ => Differences::default(),
    }
}

/// To how many full users an edit assigns a role by an entitlement switch, where it turns one on.
pub(super) fn entitled_by(loaded: &Loaded, outcome: &Outcome) -> Option<usize> {
    let (was, is) = (loaded.state.policy().settings(), outcome.state.policy().settings());
    is.switched_on(was).next()?;
    let assignments = &outcome.state.documents().directory.assignments;
    let new = outcome.writes.iter().filter(|write| write.kind == Kind::Assignment && write.before.is_none());
    let known = new.filter_map(|write| assignments.get(&write.id));
    Some(known.filter(|assignment| assignment.source == Source::Entitlement).count())
}

/// What an identity provider's keys could no longer do by an edit.
pub(super) fn provider_remarks(
    loaded: &Loaded,
    edit: &Edit,
    outcome: &Outcome,
    keys: &[KnownKey],
) -> Vec<String> {
    let (state, now) = (&loaded.state, edit.context.now);
    let sees = edit
        .who
        .actor(state)
        .is_some_and(|actor| actor.may(state, Topic::Keys.permission_to_see(), &ResourcePath::tenant(), now));
    kept_keys::remarks(keys, state, &outcome.state, sees, now)
}

/// What a rule of separation of duty would not mend that an edit brings.
pub(super) fn separation_remarks(loaded: &Loaded, edit: &Edit, outcome: &Outcome) -> Vec<String> {
    let broken = broken_by_new_rules(&loaded.state, &outcome.state, edit.context.now).into_iter();
    let told = broken.map(|(rule, people)| {
        let (who, keeps) = (counted(people, "person breaks", "people break"), if people == 1 { "keeps" } else { "keep" });
        format!("{who} the rule `{rule}` already and {keeps} what they hold: the findings say who, and take it away there")
    });
    told.collect()
}

/// Whether whoever asks may see people by name.
#[must_use]
pub(super) fn sees_people(who: &Who, state: &State, now: Timestamp) -> bool {
    who.actor(state).is_some_and(|actor| may_see(&actor, state, Kind::User, now))
}

/// What whoever asks may be told by name.
#[must_use]
pub fn names(who: &Who, state: &State, now: Timestamp) -> Names {
    Names::of(|kind| who.actor(state).is_some_and(|actor| may_see(&actor, state, kind, now)))
}

fn may_see(actor: &Actor<'_>, state: &State, kind: Kind, now: Timestamp) -> bool {
    actor.may(state, Topic::from(kind).permission_to_see(), &ResourcePath::tenant(), now)
}

/// The assignments of which a change says that they stay, as they were, if they are there after it.
pub(super) fn kept(change: &Change, before: &State, after: &State) -> Vec<Value> {
    let ids: BTreeSet<&str> = change.kept().into_iter().collect();
    let there = ids.into_iter().filter(|id| after.documents().directory.assignments.get(*id).is_some());
    there.filter_map(|id| before.documents().json(Kind::Assignment, id)).collect()
}

pub(super) fn entry(
    change: &Change,
    actor: String,
    request: String,
    time: Timestamp,
    outcome: &Outcome,
) -> Entry {
    let about = change.about();
    let change = serde_json::to_value(change).unwrap_or_default();
    let action = change.get("change").and_then(Value::as_str).unwrap_or("change").to_owned();
    Entry {
        at: outcome.state.at(),
        time,
        actor,
        action,
        change,
        writes: outcome.writes.clone(),
        kept: Vec::new(),
        records: Vec::new(),
        about,
        undoes: Vec::new(),
        reason: None,
        request,
    }
}
