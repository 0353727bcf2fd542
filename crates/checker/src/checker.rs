//! The class that the npm package wraps.

use rolewright_model::authzen::Meaning;
use rolewright_model::explain::HeldRole;
use rolewright_model::operation::OperationDecision;
use rolewright_model::snapshot::{Compact, Content, Delta, Inapplicable, SnapshotKind};
use rolewright_model::{
    Decision, Level, Question, Reason, Request, ResourcePath, Stamp, Subject, Timestamp, UiState,
};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answer::{Fault, either, plain};
use crate::host::Uint8Array;
use crate::input::Asked;
use crate::pass::Claims;
use crate::subjects::Subjects;
use crate::tables::Tables;

/// A snapshot and the subjects that ask of it.
///
/// Times are milliseconds since 1970 as JavaScript has them. A handle names a subject until it
/// is closed, across snapshots; one that is not open is an unknown subject. What may go wrong answers
/// a fault in the place of an answer: a plain object `{ code, message, problems }`.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Checker {
    snapshot: Compact,
    subjects: Subjects,
    tables: Tables,
}

/// What a snapshot is of.
#[derive(Serialize)]
struct Of<'s> {
    kind: SnapshotKind,
    tenant: &'s str,
    at: Stamp,
}

/// What a snapshot is of, and every permission in the order of handles. Most are of few kinds.
#[derive(Serialize)]
struct About<'s> {
    snapshot: Of<'s>,
    ids: Vec<&'s str>,
    /// The number of each permission's kind.
    kind: Vec<usize>,
    kinds: Vec<Kind<'s>>,
}

/// What a permission's levels are called and do.
#[derive(PartialEq, Serialize)]
struct Kind<'s> {
    /// The level that `can` asks for; 255, which is never reached, where there is none.
    can: u8,
    levels: Vec<&'s str>,
    ui: Vec<UiState>,
}

/// An open pass.
#[derive(Serialize)]
struct Opened<'p> {
    handle: u32,
    subject: &'p str,
    at: Stamp,
    expires: Timestamp,
}

/// Where the levels on a resource are to be found.
#[derive(Serialize)]
struct Levels {
    table: u32,
    until: Option<Timestamp>,
}

#[wasm_bindgen]
impl Checker {
    /// Reads a snapshot whose signature was verified. `undefined` where [`Checker::why_not`] says why
    /// it cannot be read.
    #[must_use]
    pub fn load(bytes: Vec<u8>) -> Option<Checker> {
        let snapshot = Compact::decode(bytes).ok()?;
        Some(Self { snapshot, subjects: Subjects::default(), tables: Tables::default() })
    }

    /// What is wrong with a snapshot that cannot be read.
    #[must_use]
    pub fn why_not(bytes: Vec<u8>) -> JsValue {
        either(read(bytes).map(|_| JsValue::UNDEFINED))
    }

    /// Goes on with a newer snapshot; handles stay good, tables and what it is about are to be asked
    /// for anew. A fault where it cannot be read, is of another tenant or kind, or older: nothing has
    /// changed then.
    pub fn adopt(&mut self, bytes: Vec<u8>) -> JsValue {
        either(self.adopted(bytes).map(|()| JsValue::UNDEFINED))
    }

    /// The hash, in hex, of the snapshot that a delta leads to. Its signature was verified. A fault
    /// where these bytes are not a delta: `malformed`.
    #[must_use]
    pub fn target(delta: &[u8]) -> JsValue {
        either(read_delta(delta).map(|delta| plain(&delta.target.content.hex())))
    }

    /// As [`Checker::adopt`], by a delta whose signature was verified, from the snapshot that is held
    /// and of which `content` is the hash in hex. `O(changes)`. A fault as with [`Checker::target`];
    /// `wrong_tenant`, `wrong_kind`, and `wrong_content` where it does not lead on from there: nothing
    /// has changed then.
    pub fn apply(&mut self, delta: &[u8], content: &str) -> JsValue {
        either(self.applied(delta, content).map(|()| JsValue::UNDEFINED))
    }

    /// What the snapshot is of, and every permission in the order of handles: `{ snapshot, ids, kind, kinds }`,
    /// where the snapshot is `{ kind, tenant, at }` and a kind of permission is `{ can, levels, ui }`.
    #[must_use]
    pub fn about(&self) -> JsValue {
        let Compact { kind, tenant, index, .. } = &self.snapshot;
        let catalogue = index.catalogue();
        let snapshot = Of { kind: *kind, tenant, at: index.at() };
        let mut known = About { snapshot, ids: Vec::new(), kind: Vec::new(), kinds: Vec::new() };
        for handle in catalogue.handles() {
            let scale = catalogue.scale(handle);
            let can = scale.map(rolewright_model::scale::Scale::can).filter(|can| *can > Level::NONE);
            let levels = scale.map(|scale| scale.levels()).unwrap_or_default();
            let kind = Kind {
                can: can.map_or(u8::MAX, |can| can.0),
                levels: levels.iter().map(|level| level.id.as_str()).collect(),
                ui: (0..).zip(levels).map(|(level, _)| catalogue.ui(handle, Level(level))).collect(),
            };
            let number = known.kinds.iter().position(|other| *other == kind).unwrap_or_else(|| {
                known.kinds.push(kind);
                known.kinds.len() - 1
            });
            known.ids.push(catalogue.id(handle));
            known.kind.push(number);
        }
        plain(&known)
    }

    /// The handle of a user of the snapshot, asking in a session begun at a revision, or in one
    /// begun now where the epoch is infinite. `undefined` where there is no such user.
    #[must_use]
    pub fn subject(&mut self, id: &str, epoch: f64, revision: f64) -> Option<u32> {
        self.snapshot.index.user(id)?;
        self.subjects.open_user(id, stamp(epoch, revision))
    }

    /// The id of the one person of a subject snapshot; `undefined` with another.
    #[must_use]
    pub fn holder(&self) -> JsValue {
        let of_one = self.snapshot.kind == SnapshotKind::Subject;
        let user = self.snapshot.index.users().next().filter(|_| of_one);
        user.map_or(JsValue::UNDEFINED, |user| plain(self.snapshot.index.user_id(user)))
    }

    /// Opens a pass whose signature was verified, from the JSON of what its payload says: `{ handle,
    /// subject, at, expires }`. A fault where it is not to be taken: `malformed`, `wrong_audience`,
    /// `wrong_tenant`, `not_yet_valid`, `expired`.
    pub fn open_pass(&mut self, claims: &str, now: f64) -> JsValue {
        either(self.opened(claims, now))
    }

    /// Forgets a subject; its handle may be given to another.
    pub fn close(&mut self, handle: u32) {
        self.subjects.close(handle);
    }

    /// Every level that a subject holds on a resource: `{ table, until }`, the number of a table and
    /// the moment until which it stays so if the snapshot does, where there is one. `undefined` for an
    /// unknown subject.
    #[must_use]
    pub fn levels(&mut self, handle: u32, resource: &str, now: f64) -> JsValue {
        self.table_of(handle, resource, now).map_or(JsValue::UNDEFINED, |levels| plain(&levels))
    }

    /// Every place but `/` at which a subject holds something. Its levels at a resource are those
    /// at the deepest of these that is the resource or above it, or at `/`; as long as the
    /// resource is a place. `undefined` for an unknown subject.
    #[must_use]
    pub fn scopes(&self, handle: u32) -> JsValue {
        let Some((subject, _)) = self.subjects.get(handle, &self.snapshot) else { return JsValue::UNDEFINED };
        plain(&subject.scopes().into_iter().map(ResourcePath::as_str).collect::<Vec<_>>())
    }

    /// The places of the catalogue as a table to walk through, see the model's
    /// `Catalogue::places`: two bytes to a number, the lower one first. `undefined` where every text
    /// must be asked about.
    #[must_use]
    pub fn places(&self) -> JsValue {
        let places = self.snapshot.index.catalogue().places();
        let bytes = |places: Vec<u16>| places.into_iter().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        places.map(bytes).map_or(JsValue::UNDEFINED, |places| Uint8Array::new(&places).into())
    }

    /// Whether a text is a place of the catalogue.
    #[must_use]
    pub fn is_place(&self, resource: &str) -> bool {
        ResourcePath::parse(resource).is_ok_and(|path| self.snapshot.index.catalogue().is_place(&path))
    }

    /// A table: one level for each permission, in the order of handles. `undefined` where there is no
    /// such table.
    #[must_use]
    pub fn table(&self, number: u32) -> JsValue {
        self.tables.get(number).map_or(JsValue::UNDEFINED, |table| Uint8Array::new(table).into())
    }

    /// A complete answer. Which one, the question says, a JSON text with what conditions read in `attributes`, a
    /// list of one `RequestAttributes` that may be left out:
    ///
    /// * `{ permission, resource, asked }`, where `asked` may be left out: a permission's decision;
    /// * `{ operation, resources }`, by name: an operation's;
    /// * `{ action, type, id, discreet }`, in AuthZEN's names, where the last is a text if the answer is for somebody
    ///   who may not see people: `null` where the subject may, else the reason why not.
    ///
    /// A fault where these are not what they should be: `malformed`.
    #[must_use]
    pub fn ask(&self, handle: u32, question: &str, now: f64) -> JsValue {
        either(self.answer(handle, question, now))
    }

    /// Everything that a subject holds at a resource: every role, with why it does not count there, or with `permissions`
    /// every permission, with what gives it.
    #[must_use]
    pub fn held(&self, handle: u32, resource: &str, now: f64, permissions: bool) -> JsValue {
        let found = self.subjects.get(handle, &self.snapshot).zip(ResourcePath::parse(resource).ok());
        let Some(((subject, session), resource)) = found else { return plain(&Vec::<HeldRole>::new()) };
        let (index, request) = (&self.snapshot.index, request(now, session));
        if permissions {
            return plain(&index.effective(&subject, &resource, request));
        }
        plain(&index.held_roles(&subject, &resource, request))
    }
}

impl Checker {
    #[inline(never)]
    fn adopted(&mut self, bytes: Vec<u8>) -> Result<(), Fault> {
        let snapshot = read(bytes)?;
        let (ours, theirs) = (&self.snapshot.tenant, &snapshot.tenant);
        if theirs != ours {
            let message = ["the snapshot is of tenant `", theirs, "`, not `", ours, "`"].concat();
            return Err(Fault::new("wrong_tenant", message));
        }
        if snapshot.kind != self.snapshot.kind {
            return Err(Fault::new("wrong_kind", "the snapshot holds something else than the last one"));
        }
        if snapshot.index.at() < self.snapshot.index.at() {
            return Err(Fault::new("older", "the snapshot is older than the one held"));
        }
        self.go_on(snapshot);
        Ok(())
    }

    #[inline(never)]
    fn applied(&mut self, delta: &[u8], content: &str) -> Result<(), Fault> {
        let delta = read_delta(delta)?;
        let held =
            Content::parse(content).ok_or_else(|| Fault::new("misuse", "the hash is not one in hex"))?;
        let snapshot = self.snapshot.apply(held, delta).map_err(|why| {
            let (code, message) = match why {
                Inapplicable::Tenant { .. } => ("wrong_tenant", "the delta is of another tenant"),
                Inapplicable::Kind => ("wrong_kind", "the delta is of a snapshot of another kind"),
                Inapplicable::Base { .. } => ("wrong_content", "the delta leads on from another snapshot"),
                Inapplicable::Unreadable(unreadable) => ("malformed", unreadable.message()),
            };
            Fault::new(code, message)
        })?;
        self.go_on(snapshot);
        Ok(())
    }

    #[inline(never)]
    fn opened(&mut self, claims: &str, now: f64) -> Result<JsValue, Fault> {
        let claims = Claims::read(claims, &self.snapshot.tenant, time(now))?;
        let (subject, at, expires) = (claims.pass.subject.clone(), claims.pass.at, claims.expires);
        let handle = self
            .subjects
            .open_pass(claims.pass, &self.snapshot)
            .ok_or_else(|| Fault::new("internal", "too many subjects are open"))?;
        Ok(plain(&Opened { handle, subject: &subject, at, expires }))
    }

    #[inline(never)]
    fn table_of(&mut self, handle: u32, resource: &str, now: f64) -> Option<Levels> {
        let state = &self.snapshot.index;
        let (subject, session) = self.subjects.get(handle, &self.snapshot)?;
        let (levels, until) = match ResourcePath::parse(resource) {
            Ok(resource) => state.levels_of(&subject, &resource, request(now, session)),
            Err(_) => (vec![Level::NONE; state.catalogue().permissions().len()], None),
        };
        Some(Levels { table: self.tables.intern(&levels)?, until })
    }

    #[inline(never)]
    fn answer(&self, handle: u32, question: &str, now: f64) -> Result<JsValue, Fault> {
        let mut asked = Asked::read(question).map_err(|wrong| {
            Fault::new("malformed", ["the attributes cannot be read: ", &*wrong].concat())
        })?;
        let Compact { tenant, index, .. } = &self.snapshot;
        let (subject, session) = self.subjects.get(handle, &self.snapshot).unzip();
        let request = request(now, session.flatten());
        if let Some(kind) = &asked.kind {
            let action = &asked.attributes.action;
            let meaning = Meaning::of(index.catalogue(), tenant, &asked.action, (kind, &asked.id), action);
            let (subject, said) = (subject.as_deref(), &mut asked.attributes);
            return Ok(plain(&index.evaluate(subject, &meaning, said, request, asked.is_discreet).err()));
        }
        let request = request.with(&asked.attributes);
        if let Some(operation) = &asked.operation {
            let unknown = OperationDecision {
                allowed: false,
                reason: Some(Reason::UnknownSubject),
                alternatives: Vec::new(),
            };
            let named = |wanted: &str| {
                let mut resources = asked.resources.iter();
                resources.find(|(name, _)| name == wanted).map(|(_, path)| path.as_str())
            };
            let check = |subject: &Subject| index.check_on(subject, operation, &named, request);
            return Ok(plain(&subject.as_deref().map_or(unknown, check)));
        }
        let decide = |subject: &Subject| {
            let Asked { permission, resource, level, .. } = &asked;
            let asked = level.as_deref();
            index.decide_for(
                subject,
                &Question { subject: subject.id(), permission, resource, asked, request },
            )
        };
        Ok(plain(&subject.as_deref().map_or_else(|| Decision::no(Reason::UnknownSubject), decide)))
    }

    #[inline(never)]
    fn go_on(&mut self, snapshot: Compact) {
        self.subjects.adopt(&snapshot);
        self.tables = Tables::default();
        self.snapshot = snapshot;
    }
}

fn read_delta(bytes: &[u8]) -> Result<Delta, Fault> {
    Delta::decode(bytes).map_err(|unreadable| Fault::new("malformed", unreadable.message()))
}

fn read(bytes: Vec<u8>) -> Result<Compact, Fault> {
    Compact::decode(bytes).map_err(|unreadable| Fault::new("malformed", unreadable.message()))
}

/// A question without attributes.
fn request(now: f64, session: Option<Stamp>) -> Request<'static> {
    Request::new(time(now)).in_session(session)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "saturates; JavaScript's times are whole and far smaller"
)]
fn time(milliseconds: f64) -> Timestamp {
    Timestamp(milliseconds as i64)
}

/// The greatest whole number below which JavaScript holds each exactly.
const MOST_EXACT: f64 = 9_007_199_254_740_991.0;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates; revisions stay below 2^53"
)]
fn stamp(epoch: f64, revision: f64) -> Option<Stamp> {
    // What is no number, or far too large a one, is the oldest session: it never lets in more.
    let known = |number: f64, most: f64| if number <= most { number } else { 0.0 };
    let (epoch_known, revision) = (known(epoch, f64::from(u32::MAX)), known(revision, MOST_EXACT));
    (epoch != f64::NEG_INFINITY).then_some(Stamp { epoch: epoch_known as u32, revision: revision as u64 })
}
