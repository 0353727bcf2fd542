//! A policy: catalogue, roles, packages and settings, validated.

mod build;
mod document;
mod name;

use std::sync::Arc;

use crate::catalogue::{Catalogue, PermissionHandle};
use crate::keyed::{ByName, by_name};
use crate::named::Named;
use crate::package::PackageDocument;
use crate::resource::{PathRef, ResourcePath};
use crate::role::Audience;
use crate::rows::{Bits, Layout, Row};
use crate::scale::Level;
use crate::sorted;

pub(crate) use self::build::{Places, PolicyParts};
pub use self::document::{NewLinks, PolicyDocument, SecondFactor, SeparationDocument, SettingsDocument};
pub use self::name::is_unseen;
pub(crate) use self::name::{check_description, check_name, folded, is_same};

/// A validated policy: every id resolved, inheritance without cycles, what roles give compiled.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) settings: SettingsDocument,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) layout: Arc<Layout>,
    pub(crate) roles: Vec<Arc<Role>>,
    pub(crate) positions: Arc<ByName<usize>>,
    pub(crate) base: Option<usize>,
    pub(crate) packages: Named<Arc<PackageDocument>>,
}

/// A validated role.
#[derive(Clone, Debug)]
pub struct Role {
    pub(crate) id: String,
    pub(crate) audience: Audience,
    /// Whether it is itself implicitly everything.
    pub(crate) superuser: bool,
    /// Whether it, or a role that it inherits, is.
    pub(crate) gives_superuser: bool,
    /// Positions of the roles it inherits, and of what those inherit; itself not among them.
    pub(crate) inherited: Vec<usize>,
    /// Positions of the roles that it names itself.
    pub(crate) inherits: Vec<usize>,
    /// The resource types at which it counts, in order; none where it counts everywhere.
    pub(crate) scope_types: Vec<u16>,
    /// The role's own grants.
    pub(crate) grants: Arc<Bits>,
    /// The role's own grants that count at one resource type only.
    pub(crate) limited: Vec<LimitedTo>,
    /// Whether what it gives hangs on the type of the scope: by itself or by what it inherits.
    pub(crate) asks_type: bool,
}

/// A grant that counts at one resource type only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LimitedTo {
    pub(crate) permission: PermissionHandle,
    pub(crate) level: Level,
    pub(crate) at: u16,
}

impl Role {
    /// The role's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whom it is meant for.
    #[must_use]
    pub fn audience(&self) -> Audience {
        self.audience
    }

    /// Whether it, or a role that it inherits, is implicitly everything.
    #[must_use]
    pub fn is_superuser(&self) -> bool {
        self.gives_superuser
    }

    /// Positions of the roles that it inherits, and of what those inherit.
    #[must_use]
    pub fn inherited(&self) -> &[usize] {
        &self.inherited
    }

    /// Whether it counts only at resources of some types.
    #[must_use]
    pub fn is_space_role(&self) -> bool {
        !self.scope_types.is_empty()
    }

    /// Whether it counts through assignments whose scope matches these types in full.
    pub(crate) fn counts_at(&self, types: &[u16]) -> bool {
        self.scope_types.is_empty() || self.scope_types.iter().any(|own| types.contains(own))
    }
}

impl Policy {
    /// No roles and no packages yet.
    pub(crate) fn of(settings: SettingsDocument, catalogue: Catalogue, layout: Layout) -> Self {
        Self {
            settings,
            catalogue: Arc::new(catalogue),
            layout: Arc::new(layout),
            roles: Vec::new(),
            positions: Arc::new(by_name()),
            base: None,
            packages: Named::new(),
        }
    }

    /// How the tenant behaves.
    #[must_use]
    pub fn settings(&self) -> &SettingsDocument {
        &self.settings
    }

    /// What can be permitted.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The roles, by position.
    #[must_use]
    pub fn roles(&self) -> &[Arc<Role>] {
        &self.roles
    }

    /// The role at that position.
    #[must_use]
    pub fn role(&self, position: usize) -> Option<&Role> {
        self.roles.get(position).map(|role| &**role)
    }

    /// The id of the role at that position; empty where there is none.
    #[must_use]
    pub fn role_id(&self, position: usize) -> &str {
        self.role(position).map_or("", Role::id)
    }

    /// The position of the role of that id. One hash.
    #[must_use]
    pub fn role_position(&self, id: &str) -> Option<usize> {
        self.positions.get(id).copied()
    }

    /// The position of the role that every active user holds.
    #[must_use]
    pub fn base(&self) -> Option<usize> {
        self.base
    }

    /// The packages by id.
    #[must_use]
    pub fn packages(&self) -> &Named<Arc<PackageDocument>> {
        &self.packages
    }

    /// The package of that id.
    #[must_use]
    pub fn package(&self, id: &str) -> Option<&PackageDocument> {
        self.packages.get(id).map(|package| &**package)
    }

    /// The resource types that a scope matches in full, in order.
    pub(crate) fn types_of(&self, scope: PathRef<'_>) -> Vec<u16> {
        let types = (0..).zip(self.catalogue.resource_types());
        types.filter(|(_, kind)| kind.pattern().matches_path(scope)).map(|(position, _)| position).collect()
    }

    /// The role at that position and what it inherits, as far as they count at scopes that match
    /// these types in full. A role that does not count brings nothing.
    pub(crate) fn counting_parts(&self, role: usize, types: &[u16]) -> Vec<&Role> {
        let (mut seen, mut open, mut parts) = (vec![role], vec![role], Vec::new());
        while let Some(role) = open.pop().and_then(|role| self.role(role)) {
            if role.counts_at(types) {
                parts.push(role);
                open.extend(role.inherits.iter().filter(|parent| sorted::insert(&mut seen, **parent)));
            }
        }
        parts
    }

    /// Whether a role counts through an assignment at `scope`.
    pub(crate) fn counts_at(&self, role: usize, scope: &ResourcePath) -> bool {
        self.role(role).is_some_and(|role| role.counts_at(&self.types_of(scope.borrowed())))
    }

    /// What a role gives by itself through an assignment at `scope`, a level for each permission of
    /// the catalogue: G of the design. `O(roles inherited x words)`.
    pub(crate) fn given_at(&self, role: usize, scope: &ResourcePath) -> Vec<Level> {
        let row = Row::compile(self, role, &self.types_of(scope.borrowed()));
        self.catalogue.handles().map(|handle| self.layout.level(&row.granted, handle)).collect()
    }

    /// What a role grants itself, wherever it counts, in the order of handles.
    pub(crate) fn own_grants(&self, role: &Role) -> impl Iterator<Item = (PermissionHandle, Level)> {
        let grants = self.catalogue.handles().map(|handle| (handle, self.layout.level(&role.grants, handle)));
        grants.filter(|(_, level)| *level > Level::NONE)
    }

    /// The role at that position and those that it inherits, wherever they count.
    pub(crate) fn lineage(&self, position: usize) -> impl Iterator<Item = &Role> {
        let inherited = self.role(position).into_iter().flat_map(|role| &role.inherited);
        inherited.filter_map(|role| self.role(*role)).chain(self.role(position))
    }

    /// The role at that position, or else one that it inherits, that no package may carry: one for
    /// administrators or a superuser role.
    pub(crate) fn not_for_users(&self, position: usize) -> Option<&Role> {
        let mut all = self.role(position).into_iter().chain(self.lineage(position));
        all.find(|role| role.audience != Audience::User || role.superuser)
    }
}

pub(crate) fn no_role(id: &str) -> String {
    format!("there is no role `{id}`")
}
