//! Going back: what a change did is taken back, and what the tenant said at a revision is restored, each as a new change
//! that is worked out of the documents at the head and decided like any other.

use std::collections::BTreeSet;
use std::sync::Arc;

use rolewright_model::change::{GroupEdit, Kind, PackageEdit, UserEdit, WindowEdit};
use rolewright_model::directory::GroupDocument;
use rolewright_model::documents::Documents;
use rolewright_model::restore::{ChangedSince, NotTakenBack, WayBack, restoring, taken_back, together};
use rolewright_model::{Change, State, counted};
use rolewright_store::Entry;

use crate::audit::names::called;
use crate::conditional::{IfMatch, etag};
use crate::mail::notice::{self, Due};
use crate::problem::{Failure, Result};
use crate::sight::Sight;
use crate::tenant::{Applied, Edit, Error, Expected, Loaded, Tenant};

/// How often the change is worked out anew because somebody was faster.
const ATTEMPTS: u32 = 8;

/// Where to.
#[derive(Clone, Debug)]
pub enum Back {
    /// To before what changes did.
    Undo {
        /// The changes, oldest first.
        entries: Vec<Entry>,
        /// Whether what somebody changed since stays as it is, and the rest is taken back.
        rest: bool,
        /// What is shown of documents that somebody changed since.
        sight: Sight,
    },
    /// To what the tenant said at a revision.
    To {
        /// Its documents.
        documents: Box<Documents>,
        /// The revision.
        revision: u64,
    },
}

/// What is restored by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A role, by its id.
    Role(String),
    /// A package, by its id.
    Package(String),
    /// The settings.
    Settings,
    /// All of the policy: catalogue, settings, roles, packages and tests.
    Policy,
    /// A person, by their id: who they are and on which package, not what they hold else.
    User(String),
    /// A group, by its id, without who is in it.
    Group(String),
    /// An assignment, by its id; one that was taken away comes back as a new one.
    Assignment(String),
}

impl Part {
    /// What the change log says where it is restored as of a revision, and nothing else is said: documents have versions, which
    /// are called by their revisions.
    #[must_use]
    pub fn reason(&self, revision: u64) -> String {
        match self {
            Self::Policy => format!("Restored revision {revision}"),
            _ => format!("Restored version {revision}"),
        }
    }

    /// The change that makes it again what it was: the same that an edit would be. A role or a package that is no more
    /// comes without what it was given to.
    ///
    /// # Errors
    /// 404 where it was not there then.
    pub fn change(&self, now: &Documents, then: &State) -> Result<Change> {
        Ok(match self {
            Self::Role(id) => {
                let none = || Failure::not_found("such role at that revision");
                let role = then.role(id).ok_or_else(none)?.clone();
                match now.roles.contains_key(id) {
                    true => Change::UpdateRole { role },
                    // One that is built in comes with a policy alone, and so by who may replace that.
                    false if role.is_built_in() => {
                        let mut documents = now.clone();
                        documents.roles.insert(id.clone(), role);
                        restoring(now, &documents).change.ok_or_else(none)?
                    }
                    false => Change::CreateRole { role },
                }
            }
            Self::Package(id) => {
                let package = then.documents().packages.get(id).map(PackageEdit::of);
                let package = package.ok_or_else(|| Failure::not_found("such package at that revision"))?;
                match now.packages.contains_key(id) {
                    true => Change::UpdatePackage { package },
                    false => Change::CreatePackage { package },
                }
            }
            Self::Settings => Change::UpdateSettings { settings: then.documents().settings.clone() },
            Self::Policy => Change::ImportPolicy { policy: Box::new(then.policy_document()) },
            Self::User(id) => {
                let user = then.documents().directory.users.get(id);
                let user = user.ok_or_else(|| Failure::not_found("such person at that revision"))?.clone();
                // Where all is so already it is the edit that changes nothing, by who may make it.
                let same = UserEdit {
                    id: id.clone(),
                    email: user.email.clone(),
                    first_name: user.first_name.clone(),
                    last_name: user.last_name.clone(),
                };
                let mut documents = now.clone();
                documents.directory.users.insert(id.clone(), user);
                restoring(now, &documents).change.unwrap_or(Change::UpdateUser { user: same })
            }
            Self::Group(id) => {
                let group = then.documents().directory.groups.get(id);
                let group = group.ok_or_else(|| Failure::not_found("such group at that revision"))?;
                let GroupDocument { id, name, description, source } = group.clone();
                let group = GroupEdit { id, name, description, source };
                match now.directory.groups.contains_key(&group.id) {
                    true => Change::UpdateGroup { group },
                    false => Change::CreateGroup { group },
                }
            }
            Self::Assignment(id) => {
                let none = || Failure::not_found("such assignment at that revision");
                let given = then.documents().directory.assignments.get(id).ok_or_else(none)?;
                if now.directory.assignments.contains_key(id) {
                    Change::SetWindow { id: id.clone(), window: WindowEdit::of(given) }
                } else {
                    let mut documents = now.clone();
                    documents.directory.assignments.insert(id.clone(), given.clone());
                    Way::of(
                        restoring(now, &documents),
                        "the role is given so already: there is nothing to restore",
                    )?
                    .change
                }
            }
        })
    }
}

/// A tenant that went back, or would.
#[derive(Debug)]
pub struct Gone {
    /// The change.
    pub applied: Applied,
    /// What it is told to people.
    pub due: Vec<Due>,
}

/// A change that leads back.
struct Way {
    change: Change,
    /// How many groups of an identity provider stay as they are.
    kept: usize,
    /// How many documents stay as they are, for they were changed since.
    left: usize,
}

impl Way {
    fn of(way: WayBack, nothing: &str) -> Result<Self> {
        let kept = way.kept.len();
        let why = || match kept {
            0 => nothing.to_owned(),
            _ => format!("{nothing}; {}", kept_groups(kept)),
        };
        Ok(Self { change: way.change.ok_or_else(|| Failure::nothing_to_restore(why()))?, kept, left: 0 })
    }

    /// What whoever goes it should know.
    fn remarks(&self) -> Vec<String> {
        let left = (self.left > 0).then(|| {
            let (was, stays) =
                if self.left == 1 { ("was", "stays as it is") } else { ("were", "stay as they are") };
            format!("{} {was} changed since and {stays}", counted(self.left, "document", "documents"))
        });
        (self.kept > 0).then(|| kept_groups(self.kept)).into_iter().chain(left).collect()
    }
}

/// What is said of groups that stay as they are.
fn kept_groups(count: usize) -> String {
    let which = match count {
        1 => "a group of the identity provider stays as it is, with who is in it".to_owned(),
        _ => format!("{count} groups of the identity provider stay as they are, with who is in them"),
    };
    format!("{which}: change that there")
}

impl Back {
    /// The change that leads there. `O(documents)`.
    ///
    /// # Errors
    /// That there is none, and why; what was changed since.
    fn way(&self, loaded: &Loaded) -> Result<Way> {
        let now = loaded.state.documents();
        match self {
            Self::To { documents, .. } => {
                Way::of(restoring(now, documents), "all of it is so already: there is nothing to restore")
            }
            Self::Undo { entries, rest, sight } => {
                if let Some(why) = entries.iter().find_map(cannot_be_undone) {
                    return Err(Failure::nothing_to_restore(why));
                }
                let mut writes = together(entries.iter().map(|entry| &entry.writes[..]));
                let all = writes.len();
                let mut taken = taken_back(now, &writes);
                if let (true, Err(NotTakenBack::ChangedSince(changed))) = (rest, &taken) {
                    let changed: BTreeSet<(Kind, &str)> =
                        changed.iter().map(|it| (it.kind, &*it.id)).collect();
                    writes.retain(|write| !changed.contains(&(write.kind, &*write.id)));
                    taken = taken_back(now, &writes);
                }
                let then = taken.map_err(|not| match not {
                    NotTakenBack::ChangedSince(changed) => {
                        let told = changed.into_iter().map(|it| told(it, &loaded.state, sight));
                        Failure::changed_since(told.collect(), loaded.state.at())
                    }
                    NotTakenBack::Unreadable(problems) => {
                        Failure::internal(&problems.first().map(ToString::to_string).unwrap_or_default())
                    }
                })?;
                let nothing = "what this change did is so no more: there is nothing to take back";
                Ok(Way { left: all.saturating_sub(writes.len()), ..Way::of(restoring(now, &then), nothing)? })
            }
        }
    }

    /// The revisions of the changes that it takes back.
    fn undoes(&self) -> Vec<u64> {
        match self {
            Self::Undo { entries, .. } => entries.iter().map(|entry| entry.at.revision).collect(),
            Self::To { .. } => Vec::new(),
        }
    }

    /// What the change log says where nothing else is said, and so many documents are `left` as they are.
    fn reason(&self, left: usize) -> String {
        match (self, &self.undoes()[..]) {
            (Self::To { revision, .. }, _) => format!("Restored revision {revision}"),
            (Self::Undo { .. }, undone) => {
                let what = match undone {
                    [only] => format!("change {only}"),
                    [all @ .., last] => {
                        let all: Vec<String> = all.iter().map(u64::to_string).collect();
                        format!("changes {} and {last}", all.join(", "))
                    }
                    [] => "nothing".to_owned(),
                };
                match left {
                    0 => format!("Undid {what}"),
                    _ => format!("Undid what was left of {what}"),
                }
            }
        }
    }
}

/// Why no change leads back before that one, if none does.
fn cannot_be_undone(entry: &Entry) -> Option<String> {
    if entry.at.revision <= 1 {
        return Some("the first change made the tenant: it cannot be taken back".to_owned());
    }
    entry.writes.is_empty().then(|| {
        let action = &entry.action;
        format!(
            "`{action}` wrote no document, so there is nothing to take back: a key or a session that was ended \
             cannot come back; make a new one"
        )
    })
}

/// What was changed since by its name, without what is not for the one who asks.
fn told(changed: ChangedSince, state: &State, sight: &Sight) -> ChangedSince {
    match sight.sees(changed.kind) {
        true => ChangedSince { name: called(state, sight, &changed), ..changed },
        false => ChangedSince { left: None, current: None, ..changed },
    }
}

/// Goes back by an edit whose change is worked out here, of the documents at the head; `head` is the version of the
/// tenant that it was asked for, where one is named.
///
/// # Errors
/// What was changed since; that there is nothing to go back to; as [`Tenant::apply`].
pub async fn go(tenant: &Arc<Tenant>, edit: Edit, back: Back, head: &IfMatch) -> Result<Gone> {
    if let Some(applied) = tenant.made_before(&edit, &tenant.loaded()).await? {
        return Ok(Gone { applied, due: Vec::new() });
    }
    let mut attempt = 0;
    loop {
        let loaded = tenant.loaded();
        let at = loaded.state.at();
        if !head.is_missing() && !head.names(at) {
            return Err(
                Error::Outdated { current: None, revision: etag(at), at, is_weak: head.is_weak() }.into()
            );
        }
        let (deciding, asked) = (Arc::clone(&loaded), back.clone());
        let way = tenant.work(move || asked.way(&deciding)).await??;
        let (remarks, change) = (way.remarks(), way.change);
        let due = notice::due(&change, &loaded.state);
        let expected = Some(Expected::Head(IfMatch::of(vec![etag(at)])));
        let reason = edit.reason.clone().or_else(|| Some(back.reason(way.left)));
        // What is taken back in part alone stays a change that can be taken back.
        let undoes = if way.left == 0 { back.undoes() } else { Vec::new() };
        match tenant.apply(Edit { change, expected, reason, undoes, ..edit.clone() }).await {
            Ok(applied) => return Ok(Gone { applied: applied.with_remarks(remarks), due }),
            Err(Error::Outdated { .. }) if attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(error.into()),
        }
    }
}
