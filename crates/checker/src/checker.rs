//! The class that the npm package wraps.

use rolewright_model::condition::RequestAttributes;
use rolewright_model::operation::OperationDecision;
use rolewright_model::snapshot::{Compact, Content, Delta, Inapplicable, SnapshotKind};
use rolewright_model::{Decision, Level, Question, Reason, Request, ResourcePath, Stamp, Timestamp, UiState};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answer::{Fault, plain};
use crate::input::{Reader, texts};
use crate::pass::Claims;
use crate::subjects::Subjects;
use crate::tables::Tables;

/// A snapshot and the subjects that ask of it.
///
/// Times are milliseconds since 1970 as JavaScript has them. A handle names a subject until it
/// is closed, across snapshots; one that is not open is an unknown subject.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Checker {
    snapshot: Compact,
    subjects: Subjects,
    tables: Tables,
}

/// What a snapshot is of.
#[derive(Serialize)]
struct About<'s> {
    kind: SnapshotKind,
    tenant: &'s str,
    at: Stamp,
}

/// What a permission's levels are called and do.
#[derive(Serialize)]
struct Permission<'s> {
    id: &'s str,
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
    /// Reads a snapshot whose signature was verified.
    ///
    /// # Errors
    /// A plain object `{ code, message, problems }` that says everything that is wrong.
    pub fn load(bytes: &[u8]) -> Result<Checker, JsValue> {
        let snapshot = read(bytes)?;
        Ok(Self { snapshot, subjects: Subjects::default(), tables: Tables::default() })
    }

    /// Goes on with a newer snapshot; handles stay good, tables and permissions are to be asked
    /// for anew.
    ///
    /// # Errors
    /// As [`Checker::load`]; also where it is of another tenant or kind, or older. Nothing has
    /// changed then.
    pub fn adopt(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        let snapshot = read(bytes)?;
        let (ours, theirs) = (&self.snapshot.tenant, &snapshot.tenant);
        if theirs != ours {
            let message = ["the snapshot is of tenant `", theirs, "`, not `", ours, "`"].concat();
            return Err(Fault::new("wrong_tenant", message).into());
        }
        if snapshot.kind != self.snapshot.kind {
            return Err(
                Fault::new("wrong_kind", "the snapshot holds something else than the last one").into()
            );
        }
        if snapshot.index.at() < self.snapshot.index.at() {
            return Err(Fault::new("older", "the snapshot is older than the one held").into());
        }
        self.go_on(snapshot);
        Ok(())
    }

    /// The hash, in hex, of the snapshot that a delta leads to. Its signature was verified.
    ///
    /// # Errors
    /// `malformed`: these bytes are not a delta.
    pub fn target(delta: &[u8]) -> Result<JsValue, JsValue> {
        Ok(read_delta(delta)?.target.content.hex().into())
    }

    /// As [`Checker::adopt`], by a delta whose signature was verified, from the snapshot that is held
    /// and of which `content` is the hash in hex. `O(changes)`.
    ///
    /// # Errors
    /// As [`Checker::target`]; `wrong_tenant`, `wrong_kind`, and `wrong_content` where it does not
    /// lead on from there. Nothing has changed then.
    pub fn apply(&mut self, delta: &[u8], content: JsValue) -> Result<(), JsValue> {
        let delta = read_delta(delta)?;
        let held = content.as_string().and_then(|hex| Content::parse(&hex));
        let held = held.ok_or_else(|| Fault::new("misuse", "the hash is not one in hex"))?;
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

    /// What the snapshot is of: `{ kind, tenant, at }`.
    #[must_use]
    pub fn about(&self) -> JsValue {
        let Compact { kind, tenant, index, .. } = &self.snapshot;
        plain(&About { kind: *kind, tenant, at: index.at() })
    }

    /// Every permission in the order of handles: `{ id, can, levels, ui }`.
    #[must_use]
    pub fn permissions(&self) -> JsValue {
        let catalogue = self.snapshot.index.catalogue();
        let permissions = catalogue.handles().map(|handle| {
            let scale = catalogue.scale(handle);
            let can = scale.map(rolewright_model::scale::Scale::can).filter(|can| *can > Level::NONE);
            let levels = scale.map(|scale| scale.levels()).unwrap_or_default();
            Permission {
                id: catalogue.id(handle),
                can: can.map_or(u8::MAX, |can| can.0),
                levels: levels.iter().map(|level| level.id.as_str()).collect(),
                ui: (0..).zip(levels).map(|(level, _)| catalogue.ui(handle, Level(level))).collect(),
            }
        });
        plain(&permissions.collect::<Vec<_>>())
    }

    /// The handle of a user of the snapshot, asking in a session begun at a revision, or in one
    /// begun now. `undefined` where there is no such user.
    #[must_use]
    pub fn subject(&mut self, id: &str, epoch: Option<u32>, revision: Option<f64>) -> Option<u32> {
        self.snapshot.index.user(id)?;
        let session = epoch.zip(revision).map(|(epoch, revision)| stamp(epoch, revision));
        self.subjects.open_user(id, session)
    }

    /// The id of the one person of a subject snapshot; `undefined` with another.
    #[must_use]
    pub fn holder(&self) -> JsValue {
        let of_one = self.snapshot.kind == SnapshotKind::Subject;
        let user = self.snapshot.index.users().next().filter(|_| of_one);
        user.map_or(JsValue::UNDEFINED, |user| self.snapshot.index.user_id(user).into())
    }

    /// Opens a pass whose signature was verified, from what its payload says: `{ handle, subject, at, expires }`.
    ///
    /// # Errors
    /// `{ code, message, problems }`: `malformed`, `wrong_audience`, `wrong_tenant`,
    /// `not_yet_valid`, `expired`.
    pub fn open_pass(&mut self, claims: JsValue, now: f64) -> Result<JsValue, JsValue> {
        let claims = Claims::read(&claims, &self.snapshot.tenant, time(now))?;
        let (subject, at, expires) = (claims.pass.subject.clone(), claims.pass.at, claims.expires);
        let handle = self
            .subjects
            .open_pass(claims.pass, &self.snapshot)
            .ok_or_else(|| Fault::new("internal", "too many subjects are open"))?;
        Ok(plain(&Opened { handle, subject: &subject, at, expires }))
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
    pub fn places(&self) -> Option<Vec<u8>> {
        let places = self.snapshot.index.catalogue().places()?;
        Some(places.into_iter().flat_map(u16::to_le_bytes).collect())
    }

    /// Whether a text is a place of the catalogue.
    #[must_use]
    pub fn is_place(&self, resource: &str) -> bool {
        ResourcePath::parse(resource).is_ok_and(|path| self.snapshot.index.catalogue().is_place(&path))
    }

    /// A table: one level for each permission, in the order of handles.
    #[must_use]
    pub fn table(&self, number: u32) -> Option<Vec<u8>> {
        self.tables.get(number).map(<[u8]>::to_vec)
    }

    /// One permission's complete decision; `asked` may be `undefined`, and so may `attributes`, which
    /// is a `RequestAttributes` as JSON has it.
    ///
    /// # Errors
    /// `malformed`: the attributes are not what they should be.
    pub fn decide(
        &self,
        handle: Option<u32>,
        permission: JsValue,
        resource: JsValue,
        asked: JsValue,
        attributes: JsValue,
        now: f64,
    ) -> Result<JsValue, JsValue> {
        let attributes = said(&attributes)?;
        let (permission, resource) = (permission.as_string(), resource.as_string());
        // What is said but is no text is no level that there is.
        let is_said = !(asked.is_undefined() || asked.is_null());
        let asked = is_said.then(|| asked.as_string().unwrap_or_default());
        let found = handle.and_then(|handle| self.subjects.get(handle, &self.snapshot));
        let decision = match found {
            None => Decision::no(Reason::UnknownSubject),
            Some((subject, session)) => {
                let question = Question {
                    subject: subject.id(),
                    permission: permission.as_deref().unwrap_or_default(),
                    resource: resource.as_deref().unwrap_or_default(),
                    asked: asked.as_deref(),
                    request: request(now, session).with(&attributes),
                };
                self.snapshot.index.decide_for(&subject, &question)
            }
        };
        Ok(plain(&decision))
    }

    /// An operation's complete decision, on an object of resources by name; what is no text there is
    /// missing. `attributes` is a `RequestAttributes` as JSON has it, or `undefined`.
    ///
    /// # Errors
    /// `malformed`: the attributes are not what they should be.
    pub fn check(
        &self,
        handle: Option<u32>,
        operation: JsValue,
        resources: JsValue,
        attributes: JsValue,
        now: f64,
    ) -> Result<JsValue, JsValue> {
        let attributes = said(&attributes)?;
        let (operation, resources) = (operation.as_string(), texts(&resources));
        let resource =
            |wanted: &str| resources.iter().find(|(name, _)| name == wanted).map(|(_, path)| path.as_str());
        let found = handle.and_then(|handle| self.subjects.get(handle, &self.snapshot));
        let decision = match found {
            None => OperationDecision {
                allowed: false,
                reason: Some(Reason::UnknownSubject),
                alternatives: Vec::new(),
            },
            Some((subject, session)) => {
                let request = request(now, session).with(&attributes);
                let operation = operation.as_deref().unwrap_or_default();
                self.snapshot.index.check_on(&subject, operation, resource, request)
            }
        };
        Ok(plain(&decision))
    }

    /// Every role that a subject holds, with why it does not count on a resource.
    #[must_use]
    pub fn held(&self, handle: u32, resource: &str, now: f64) -> JsValue {
        let found = self.subjects.get(handle, &self.snapshot).zip(ResourcePath::parse(resource).ok());
        let held = found.map_or_else(Vec::new, |((subject, session), resource)| {
            self.snapshot.index.held_roles(&subject, &resource, request(now, session))
        });
        plain(&held)
    }

    /// Every permission that a subject holds on a resource, with what gives it.
    #[must_use]
    pub fn effective(&self, handle: u32, resource: &str, now: f64) -> JsValue {
        let found = self.subjects.get(handle, &self.snapshot).zip(ResourcePath::parse(resource).ok());
        let effective = found.map_or_else(Vec::new, |((subject, session), resource)| {
            self.snapshot.index.effective(&subject, &resource, request(now, session))
        });
        plain(&effective)
    }
}

impl Checker {
    fn table_of(&mut self, handle: u32, resource: &str, now: f64) -> Option<Levels> {
        let state = &self.snapshot.index;
        let (subject, session) = self.subjects.get(handle, &self.snapshot)?;
        let (levels, until) = match ResourcePath::parse(resource) {
            Ok(resource) => state.levels_of(&subject, &resource, request(now, session)),
            Err(_) => (vec![Level::NONE; state.catalogue().permissions().len()], None),
        };
        Some(Levels { table: self.tables.intern(&levels)?, until })
    }

    fn go_on(&mut self, snapshot: Compact) {
        self.subjects.adopt(&snapshot);
        self.tables = Tables::default();
        self.snapshot = snapshot;
    }
}

fn read_delta(bytes: &[u8]) -> Result<Delta, Fault> {
    Delta::decode(bytes).map_err(|unreadable| Fault::new("malformed", unreadable.message()))
}

fn read(bytes: &[u8]) -> Result<Compact, Fault> {
    Compact::decode(bytes).map_err(|unreadable| Fault::new("malformed", unreadable.message()))
}

/// A question without attributes.
fn request(now: f64, session: Option<Stamp>) -> Request<'static> {
    Request::new(time(now)).in_session(session)
}

/// What an enforcement point says.
fn said(attributes: &JsValue) -> Result<RequestAttributes, Fault> {
    if attributes.is_undefined() {
        return Ok(RequestAttributes::default());
    }
    let read = Reader::read("attributes", attributes, Reader::request);
    read.map_err(|wrong| Fault::new("malformed", ["the attributes cannot be read: ", &*wrong].concat()))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "saturates; JavaScript's times are whole and far smaller"
)]
fn time(milliseconds: f64) -> Timestamp {
    Timestamp(milliseconds as i64)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates; revisions stay below 2^53"
)]
fn stamp(epoch: u32, revision: f64) -> Stamp {
    Stamp { epoch, revision: revision as u64 }
}
