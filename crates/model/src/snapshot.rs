//! Snapshots: what a checker needs at one revision.

mod body;
mod codec;
mod compact;
mod content;
mod delta;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::FORMAT;
use crate::catalogue::{CatalogueDocument, LevelDetailDocument, ModuleDocument, PermissionDocument};
use crate::condition::{Attributes, ConditionDocument, Facts, Known};
use crate::directory::{
    AssignmentDocument, DirectoryDocuments, GroupDocument, GroupSource, MembershipDocument, Principal,
    Source, Status, Tier, UserDocument,
};
use crate::documents::{Documents, Table};
use crate::index::Index;
use crate::json;
use crate::package::PackageDocument;
use crate::pass::Revocation;
use crate::policy::SettingsDocument;
use crate::problem::{Path, Problem, Problems};
use crate::role::RoleDocument;
use crate::scale::Level;
use crate::stamp::{Stamp, Timestamp};
use crate::state::State;
use crate::subject::{Holding, Subject};
use crate::viewed::Viewed;

pub use self::compact::{Compact, Unreadable};
pub use self::content::Content;
pub use self::delta::{Delta, Inapplicable, Point};

/// A snapshot as a document says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotDocument {
    /// The version of this shape: 1.
    pub format: u32,
    /// What it holds.
    pub kind: SnapshotKind,
    /// The tenant.
    pub tenant: String,
    /// The revision.
    pub at: Stamp,
    /// How the tenant behaves.
    pub settings: SettingsDocument,
    /// What can be permitted, without the words for people.
    pub catalogue: CatalogueDocument,
    /// The roles; in a subject snapshot, what the one person holds.
    pub roles: Vec<RoleDocument>,
    /// The packages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<PackageDocument>,
    /// The users: ids and what decisions read, no names and no emails.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<UserDocument>,
    /// The groups: ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupDocument>,
    /// Who is in which group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memberships: Vec<MembershipDocument>,
    /// Who holds which role where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assignments: Vec<AssignmentDocument>,
    /// Links and users taken away within the lifetime of a pass, in a policy snapshot.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revoked: Vec<Revocation>,
}

/// What a snapshot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SnapshotKind {
    /// The policy and the directory's ids and links.
    Full,
    /// The policy; no people. Subjects come with passes.
    Policy,
    /// What one person holds: all that a browser may see.
    Subject,
}

/// A snapshot that was read and validated.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// What it holds.
    pub kind: SnapshotKind,
    /// The tenant.
    pub tenant: String,
    /// Links and users that passes made before must no longer count.
    pub revoked: Vec<Revocation>,
    /// The state, ready for questions.
    pub state: State,
}

impl Snapshot {
    /// Reads and validates a snapshot. `O(size)`. Its signature is the caller's to verify first.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn from_json(text: &str) -> Result<Self, Vec<Problem>> {
        Self::read(json::decode(text)?)
    }

    /// Validates a snapshot.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(document: SnapshotDocument) -> Result<Self, Vec<Problem>> {
        if document.format != FORMAT {
            let mut problems = Problems::default();
            let root = Path::ROOT;
            problems.add(&root.key("format"), format!("this reads format {FORMAT}, not {}", document.format));
            return problems.into_result(()).and(Err(Vec::new()));
        }
        let documents = Documents {
            settings: document.settings,
            catalogue: Arc::new(document.catalogue),
            roles: by_id(document.roles, |role| &role.id),
            packages: by_id(document.packages, |package| &package.id),
            tests: Vec::new(),
            directory: DirectoryDocuments {
                users: by_id(document.users, |user| &user.id),
                groups: by_id(document.groups, |group| &group.id),
                memberships: by_id(document.memberships, |membership| &membership.id),
                assignments: by_id(document.assignments, |assignment| &assignment.id),
            },
        };
        let state = State::build(documents, document.at)?;
        Ok(Self { kind: document.kind, tenant: document.tenant, revoked: document.revoked, state })
    }

    /// The same in the compact encoding, which is what travels.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.state.encoded(self.kind, &self.tenant, &self.revoked)
    }
}

fn by_id<T: Clone>(documents: Vec<T>, id: impl Fn(&T) -> &String) -> Table<T> {
    documents.into_iter().map(|document| (id(&document).clone(), document)).collect()
}

impl State {
    /// The snapshot of the policy, without people.
    #[must_use]
    pub fn policy_snapshot(&self, tenant: &str, revoked: Vec<Revocation>) -> SnapshotDocument {
        let documents = self.documents();
        SnapshotDocument {
            format: FORMAT,
            kind: SnapshotKind::Policy,
            tenant: tenant.to_owned(),
            at: self.at(),
            settings: SettingsDocument {
                new_links: documents.settings.new_links,
                products: documents.settings.products.clone(),
                ..SettingsDocument::default()
            },
            catalogue: without_words(&documents.catalogue),
            roles: documents.roles.values().map(role_without_words).collect(),
            packages: documents
                .packages
                .values()
                .map(|package| PackageDocument { description: String::new(), ..package.clone() })
                .collect(),
            users: Vec::new(),
            groups: Vec::new(),
            memberships: Vec::new(),
            assignments: Vec::new(),
            revoked,
        }
    }

    /// The snapshot of the policy and of everybody's ids and links.
    #[must_use]
    pub fn full_snapshot(&self, tenant: &str, revoked: Vec<Revocation>) -> SnapshotDocument {
        let directory = &self.documents().directory;
        let user = |user: &UserDocument| UserDocument {
            email: String::new(),
            first_name: String::new(),
            last_name: String::new(),
            sign_in: false,
            attributes: self.catalogue().read_of(&user.attributes),
            created: Timestamp(0),
            invited: None,
            ..user.clone()
        };
        let group = |group: &GroupDocument| GroupDocument {
            id: group.id.clone(),
            name: String::new(),
            description: String::new(),
            source: GroupSource::Local,
        };
        SnapshotDocument {
            kind: SnapshotKind::Full,
            users: directory.users.values().map(user).collect(),
            groups: directory.groups.values().map(group).collect(),
            memberships: directory.memberships.values().cloned().collect(),
            assignments: directory.assignments.values().cloned().collect(),
            ..self.policy_snapshot(tenant, revoked)
        }
    }

    /// [`State::subject_snapshot`] in the compact encoding.
    #[must_use]
    pub fn encode_subject(
        &self,
        tenant: &str,
        user: &str,
        session: Option<Stamp>,
        now: Timestamp,
    ) -> Option<Vec<u8>> {
        self.encode_viewed(tenant, &Viewed::User(user.to_owned()), session, now)
    }

    /// The same of whom somebody looks as.
    #[must_use]
    pub fn encode_viewed(
        &self,
        tenant: &str,
        whom: &Viewed,
        session: Option<Stamp>,
        now: Timestamp,
    ) -> Option<Vec<u8>> {
        let document = self.snapshot_of(tenant, &self.viewed(whom)?, session, now);
        Snapshot::read(document).ok().map(|snapshot| snapshot.encode())
    }

    /// The snapshot of what one person holds, for that person's session: a role for each thing
    /// held, named by its number alone, and the conditions on which these count. The catalogue is
    /// told in full but for that, and what an operation needs, which is what anybody is told who is
    /// refused. `None` where the user is unknown or not active.
    #[must_use]
    pub fn subject_snapshot(
        &self,
        tenant: &str,
        user: &str,
        session: Option<Stamp>,
        now: Timestamp,
    ) -> Option<SnapshotDocument> {
        let subject = self.subject(user).filter(|subject| subject.is_active())?;
        Some(self.snapshot_of(tenant, &subject, session, now))
    }

    fn snapshot_of(
        &self,
        tenant: &str,
        subject: &Subject,
        session: Option<Stamp>,
        now: Timestamp,
    ) -> SnapshotDocument {
        let user = subject.id();
        let session = session.filter(|_| self.waits_for_next_login());
        let mut roles = Vec::new();
        let mut assignments = Vec::new();
        let counts = |holding: &&Holding| {
            holding.until.is_none_or(|until| now < until)
                && session.is_none_or(|session| holding.made() <= session)
        };
        let held: Vec<&Holding> = subject.holdings.iter().filter(counts).collect();
        for (number, holding) in held.iter().enumerate() {
            let mut role = RoleDocument::new(&format!("held-{number}"), &format!("held-{number}"));
            role.superuser = holding.row.superuser;
            if !role.superuser {
                for permission in self.catalogue().handles() {
                    let level = self.granted_by(holding, permission);
                    if let Some(scale) = self.catalogue().scale(permission).filter(|_| level > Level::NONE) {
                        role.grants
                            .insert(self.catalogue().id(permission).to_owned(), scale.name(level).to_owned());
                    }
                }
            }
            assignments.push(AssignmentDocument {
                id: role.id.clone(),
                principal: Principal::User(user.to_owned()),
                role: role.id.clone(),
                scope: holding.scope.to_string(),
                source: Source::Direct,
                from: holding.from,
                until: holding.until,
                made: Stamp::default(),
            });
            roles.push(role);
        }
        let mut catalogue = without_words(&self.documents().catalogue);
        lift_only(&mut catalogue);
        leave_out(&mut catalogue, |permission, level| {
            self.is_reached_on_conditions(&held, permission, level)
        });
        put_in(&mut catalogue, &Facts::of_subject(user, &subject.attributes));
        // Validation wants a superuser role; nobody holds this one.
        let mut nobody = RoleDocument::new("superuser", "superuser");
        nobody.superuser = true;
        roles.push(nobody);
        let user = UserDocument {
            id: user.to_owned(),
            email: String::new(),
            first_name: String::new(),
            last_name: String::new(),
            status: Status::Active,
            tier: Tier::Basic,
            sign_in: false,
            package: None,
            attributes: Attributes::new(),
            created: Timestamp(0),
            invited: None,
        };
        SnapshotDocument {
            kind: SnapshotKind::Subject,
            catalogue,
            roles,
            packages: Vec::new(),
            users: vec![user],
            assignments,
            ..self.policy_snapshot(tenant, Vec::new())
        }
    }
}

impl Index {
    /// Whether these holdings come to a level of a permission where conditions have a say, if all
    /// of them were true: they are skipped for a superuser.
    fn is_reached_on_conditions(&self, held: &[&Holding], permission: &str, level: &str) -> bool {
        let Some(permission) = self.catalogue().handle(permission) else { return false };
        let level = self.catalogue().scale(permission).and_then(|scale| scale.level(level));
        let mut asked = held.iter().filter(|holding| !holding.row.superuser);
        level.is_some_and(|level| asked.any(|holding| self.at_best_by(holding, permission) >= level))
    }
}

fn role_without_words(role: &RoleDocument) -> RoleDocument {
    RoleDocument { description: String::new(), ..role.clone() }
}

/// The catalogue without descriptions, help, footnotes and headings; labels are the ids.
fn without_words(catalogue: &CatalogueDocument) -> CatalogueDocument {
    let mut catalogue = catalogue.clone();
    for scale in catalogue.scales.values_mut() {
        scale.levels.iter_mut().for_each(|level| level.label.clear());
    }
    for module in &mut catalogue.modules {
        silence_module(module);
    }
    for operation in &mut catalogue.operations {
        operation.label.clear();
        operation.group.clear();
        operation.footnotes.clear();
        operation.applies_to = None;
        operation.origin = None;
        operation.help = None;
    }
    catalogue.resource_types.iter_mut().for_each(|kind| kind.label.clear());
    catalogue
}

/// Where a permission may be set is said of roles, not of what one person holds.
fn lift_only(catalogue: &mut CatalogueDocument) {
    for module in &mut catalogue.modules {
        let sections = module.sections.iter_mut().flat_map(|section| &mut section.permissions);
        module.permissions.iter_mut().chain(sections).for_each(|permission| permission.only = None);
    }
}

/// Leaves out on which condition a level counts and what it brings where the person never comes to it:
/// that is about others.
fn leave_out(catalogue: &mut CatalogueDocument, is_reached: impl Fn(&str, &str) -> bool) {
    for module in &mut catalogue.modules {
        let sections = module.sections.iter_mut().flat_map(|section| &mut section.permissions);
        for permission in module.permissions.iter_mut().chain(sections) {
            let unreached = |id: &&String| !is_reached(&permission.id, id);
            let ids: Vec<String> = permission.levels.keys().filter(unreached).cloned().collect();
            for id in ids {
                if let Some(level) = permission.levels.get_mut(&id) {
                    level.condition = None;
                    level.implies.clear();
                }
            }
            keep_what_says(permission);
        }
    }
}

/// Puts what is known of a person in the place of the attributes that conditions read: what is left
/// reads the request alone.
fn put_in(catalogue: &mut CatalogueDocument, person: &Facts<'_>) {
    let left = |condition: &mut Option<ConditionDocument>, when_true: Option<ConditionDocument>| {
        let read = condition.as_ref().and_then(|it| it.build(&Path::ROOT, &mut Problems::default()));
        if let Some(read) = read {
            *condition = match read.known(person) {
                Known::True => when_true,
                Known::False => Some(ConditionDocument::constant(false)),
                Known::If(left) => Some(left.document()),
            };
        }
    };
    for module in &mut catalogue.modules {
        let sections = module.sections.iter_mut().flat_map(|section| &mut section.permissions);
        for permission in module.permissions.iter_mut().chain(sections) {
            permission.levels.values_mut().for_each(|level| left(&mut level.condition, None));
        }
    }
    let alternatives = catalogue.operations.iter_mut().flat_map(|operation| &mut operation.alternatives);
    for need in alternatives.flat_map(|alternative| &mut alternative.needs) {
        left(&mut need.unless, Some(ConditionDocument::constant(true)));
    }
}

fn silence_module(module: &mut ModuleDocument) {
    module.label.clear();
    module.description.clear();
    if let Some(access) = &mut module.access {
        access.label.clear();
        access.description.clear();
    }
    module.permissions.iter_mut().for_each(silence);
    for section in &mut module.sections {
        section.label.clear();
        section.permissions.iter_mut().for_each(silence);
    }
}

fn silence(permission: &mut PermissionDocument) {
    permission.label.clear();
    permission.description.clear();
    permission.help = None;
    permission.levels.values_mut().for_each(|level| level.description.clear());
    keep_what_says(permission);
}

/// Levels of which nothing is said but words need not be told of.
fn keep_what_says(permission: &mut PermissionDocument) {
    let says = |level: &LevelDetailDocument| {
        !level.implies.is_empty() || level.ui.is_some() || level.condition.is_some()
    };
    permission.levels.retain(|_, level| says(level));
}
