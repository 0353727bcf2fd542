//! A policy: catalogue, roles, packages and settings. Its document, and its validation.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::FORMAT;
use crate::catalogue::{Catalogue, CatalogueDocument, ModuleDocument, Only, PermissionHandle, is_slug};
use crate::json;
use crate::operation::OperationDocument;
use crate::package::PackageDocument;
use crate::policy_test::PolicyTest;
use crate::problem::{Path, Problem, Problems};
use crate::resource::{ResourcePath, ResourceTypeDocument};
use crate::role::{Audience, LimitedGrant, RoleDocument};
use crate::scale::{Level, Scale, ScaleDocument};

/// A policy as a document says it: what a template, an import and an export are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PolicyDocument {
    /// The version of this shape: 1.
    pub format: u32,
    /// The template's id, where this is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// What a person reads.
    pub name: String,
    /// What the policy is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// How the tenant behaves.
    #[serde(default)]
    pub settings: SettingsDocument,
    /// What can be permitted.
    pub catalogue: CatalogueDocument,
    /// The roles, in the order in which they are shown.
    pub roles: Vec<RoleDocument>,
    /// The packages, in the order in which they are shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<PackageDocument>,
    /// Roles that a new tenant assigns to everyone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub auto_assign: Vec<String>,
    /// Questions that the policy must answer so: asked again before every change of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<PolicyTest>,
}

/// How a tenant behaves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SettingsDocument {
    /// What the tenant is called.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// When new links begin to count.
    #[serde(default)]
    pub new_links: NewLinks,
    /// The products and editions that the tenant has.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub products: BTreeSet<String>,
    /// The entitlement switches: a role's id, and whether the switch is on. While it is on, who
    /// becomes a full user is assigned the role; turning it on assigns it to every full user.
    #[serde(default, deserialize_with = "crate::json::unique", skip_serializing_if = "BTreeMap::is_empty")]
    pub entitlements: BTreeMap<String, bool>,
    /// Separation of duty: sets of roles of which one user may hold only so many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub separation: Vec<SeparationDocument>,
}

impl SettingsDocument {
    /// The entitlement switches that are on here and were not `before`.
    pub(crate) fn switched_on<'s>(&'s self, before: &'s Self) -> impl Iterator<Item = &'s str> {
        let new = |(role, on): &(&String, &bool)| **on && before.entitlements.get(*role) != Some(&true);
        self.entitlements.iter().filter(new).map(|(role, _)| role.as_str())
    }
}

/// A set of roles of which one user may hold at most so many, by whatever way, the base role and
/// what windows say apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SeparationDocument {
    /// What a person reads, "Whoever orders does not pay".
    pub name: String,
    /// The roles' ids; two at least.
    pub roles: Vec<String>,
    /// How many of them one user may hold; one at least, and fewer than there are.
    pub at_most: u32,
}

/// When a new assignment, membership or package begins to count. Taking away is always at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NewLinks {
    /// At once.
    #[default]
    AtOnce,
    /// In sessions begun afterwards.
    NextLogin,
}

impl PolicyDocument {
    /// Reads a policy document and validates it on its own. `O(size)`.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its JSON path.
    pub fn from_json(text: &str) -> Result<Self, Vec<Problem>> {
        let value = json::parse(text)?;
        let mut problems = Problems::default();
        let Some(document) = json::shape::<Self>(&value, &Path::ROOT, &mut problems) else {
            let every = shapes(&value);
            return match every.is_empty() {
                true => problems.into_result(()).and(Err(Vec::new())),
                false => Err(every),
            };
        };
        document.validate()?;
        Ok(document)
    }

    /// Validates the document on its own.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its JSON path.
    pub fn validate(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Problems::default();
        let root = Path::ROOT;
        if self.format != FORMAT {
            problems.add(&root.key("format"), format!("this reads format {FORMAT}, not {}", self.format));
        }
        let policy = Policy::build(&PolicyParts::of(self), &mut problems);
        let at = root.key("auto_assign");
        for (position, id) in self.auto_assign.iter().enumerate() {
            match policy.role(id) {
                None => problems.add(&at.item(position), no_role(id)),
                Some(role) if role.is_space_role() => problems.add(&at.item(position), counts_nowhere(id)),
                Some(_) => {}
            }
        }
        PolicyTest::check(&self.tests, &root.key("tests"), &mut problems);
        problems.into_result(())
    }
}

/// The first shape error of every element and of what is around them, so that a document with
/// several shows all of them.
fn shapes(value: &Value) -> Vec<Problem> {
    fn each<T: serde::de::DeserializeOwned>(
        value: &Value,
        pointer: &str,
        path: &Path<'_>,
        problems: &mut Problems,
    ) {
        for (position, item) in
            value.pointer(pointer).and_then(Value::as_array).into_iter().flatten().enumerate()
        {
            let _: Option<T> = json::shape(item, &path.item(position), problems);
        }
    }
    let mut problems = Problems::default();
    let root = Path::ROOT;
    let _: Option<PolicyDocument> = json::shape(&hollow(value), &root, &mut problems);
    let catalogue = root.key("catalogue");
    let scales = catalogue.key("scales");
    for (id, scale) in value.pointer("/catalogue/scales").and_then(Value::as_object).into_iter().flatten() {
        let _: Option<ScaleDocument> = json::shape(scale, &scales.key(id), &mut problems);
    }
    each::<ModuleDocument>(value, "/catalogue/modules", &catalogue.key("modules"), &mut problems);
    each::<ResourceTypeDocument>(
        value,
        "/catalogue/resource_types",
        &catalogue.key("resource_types"),
        &mut problems,
    );
    each::<OperationDocument>(value, "/catalogue/operations", &catalogue.key("operations"), &mut problems);
    each::<RoleDocument>(value, "/roles", &root.key("roles"), &mut problems);
    each::<PackageDocument>(value, "/packages", &root.key("packages"), &mut problems);
    each::<PolicyTest>(value, "/tests", &root.key("tests"), &mut problems);
    if let Some(settings) = value.get("settings") {
        let _: Option<SettingsDocument> = json::shape(settings, &root.key("settings"), &mut problems);
    }
    problems.into_result(()).err().unwrap_or_default()
}

/// The document without its elements: what is around them.
fn hollow(value: &Value) -> Value {
    let mut hollow = value.clone();
    let elements = [
        "/catalogue/scales",
        "/catalogue/modules",
        "/catalogue/resource_types",
        "/catalogue/operations",
        "/roles",
        "/packages",
        "/tests",
        "/settings",
    ];
    for pointer in elements {
        match hollow.pointer_mut(pointer) {
            Some(Value::Array(items)) => items.clear(),
            Some(Value::Object(entries)) => entries.clear(),
            _ => {}
        }
    }
    hollow
}

/// The documents of a policy, wherever they are kept.
pub(crate) struct PolicyParts<'d> {
    pub(crate) settings: &'d SettingsDocument,
    pub(crate) catalogue: &'d CatalogueDocument,
    pub(crate) roles: Vec<&'d RoleDocument>,
    pub(crate) packages: Vec<&'d PackageDocument>,
}

impl<'d> PolicyParts<'d> {
    fn of(document: &'d PolicyDocument) -> Self {
        Self {
            settings: &document.settings,
            catalogue: &document.catalogue,
            roles: document.roles.iter().collect(),
            packages: document.packages.iter().collect(),
        }
    }
}

/// A validated policy: every id resolved, inheritance without cycles.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) settings: SettingsDocument,
    pub(crate) catalogue: Catalogue,
    pub(crate) roles: Vec<Role>,
    pub(crate) base: Option<usize>,
    pub(crate) packages: BTreeMap<String, PackageDocument>,
}

/// A validated role.
#[derive(Clone, Debug)]
pub struct Role {
    pub(crate) document: RoleDocument,
    /// The role's own grants.
    pub(crate) grants: Vec<(PermissionHandle, Level)>,
    /// The role's own grants that count only at resources of a type, by the type's position.
    pub(crate) limited: Vec<(PermissionHandle, Level, usize)>,
    /// Positions of the types at whose resources alone it counts; none where it counts everywhere.
    pub(crate) scope_types: Vec<usize>,
    /// Positions of the roles that it names in `inherits`.
    pub(crate) parents: Vec<usize>,
    /// Positions of the roles it inherits, and what those inherit; itself not among them.
    pub(crate) inherited: Vec<usize>,
    /// Whether it, or a role that it inherits, is a superuser role.
    pub(crate) superuser: bool,
}

impl Role {
    /// Whether it, or a role that it inherits, is implicitly everything.
    #[must_use]
    pub fn is_superuser(&self) -> bool {
        self.superuser
    }

    /// The document it was read from.
    #[must_use]
    pub fn document(&self) -> &RoleDocument {
        &self.document
    }
}

impl Policy {
    /// Validates the parts of a policy. Problems name paths in a [`PolicyDocument`].
    pub(crate) fn build(parts: &PolicyParts<'_>, problems: &mut Problems) -> Self {
        let root = Path::ROOT;
        let catalogue = Catalogue::build(parts.catalogue, &root.key("catalogue"), problems);
        let mut policy = Self {
            settings: parts.settings.clone(),
            catalogue,
            roles: Vec::new(),
            base: None,
            packages: BTreeMap::new(),
        };
        let roles_at = root.key("roles");
        for (position, role) in parts.roles.iter().enumerate() {
            policy.add_role(role, &roles_at.item(position), problems);
        }
        policy.inherit(&roles_at, problems);
        policy.check_base(&roles_at, problems);
        if !policy.roles.iter().any(|role| role.document.superuser) {
            problems.add(&roles_at, "no role is marked `\"superuser\": true`: nobody could administer");
        }
        let packages_at = root.key("packages");
        for (position, package) in parts.packages.iter().enumerate() {
            policy.add_package(package, &packages_at.item(position), problems);
        }
        policy.check_settings(&root.key("settings"), problems);
        policy
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

    /// The roles, in the order of the documents.
    #[must_use]
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// The role that every active user holds.
    #[must_use]
    pub fn base(&self) -> Option<&RoleDocument> {
        self.roles.get(self.base?).map(Role::document)
    }

    /// The packages by id.
    #[must_use]
    pub fn packages(&self) -> &BTreeMap<String, PackageDocument> {
        &self.packages
    }

    /// The role of that id.
    #[must_use]
    pub fn role(&self, id: &str) -> Option<&RoleDocument> {
        self.roles.get(self.role_position(id)?).map(Role::document)
    }

    pub(crate) fn role_position(&self, id: &str) -> Option<usize> {
        self.roles.iter().position(|role| role.document.id == id)
    }

    /// The roles that `role` is where it is held at `scope`: itself and those it inherits, without
    /// those that do not count there and what only they bring. None where it does not count itself.
    pub(crate) fn roles_at(&self, role: usize, scope: &ResourcePath) -> Vec<usize> {
        let mut found = Vec::new();
        let mut next = vec![role];
        while let Some(position) = next.pop() {
            let Some(role) = self.roles.get(position).filter(|_| !found.contains(&position)) else {
                continue;
            };
            let counts =
                role.scope_types.is_empty() || role.scope_types.iter().any(|kind| self.is_a(scope, *kind));
            if counts {
                found.push(position);
                next.extend(&role.parents);
            }
        }
        found
    }

    /// What `role` gives by itself where it is held at `scope`, a level for each permission of the
    /// catalogue: G of the design. `O(roles inherited x grants)`.
    pub(crate) fn given_at(&self, role: usize, scope: &ResourcePath) -> Vec<Level> {
        let roles: Vec<&Role> =
            self.roles_at(role, scope).into_iter().filter_map(|role| self.roles.get(role)).collect();
        if roles.iter().any(|role| role.document.superuser) {
            let top = |handle| self.catalogue.scale(handle).map_or(Level::NONE, Scale::top);
            return self.catalogue.handles().map(top).collect();
        }
        let mut given = vec![Level::NONE; self.catalogue.permissions.len()];
        let grants = roles.iter().flat_map(|role| role.grants.iter().copied());
        let limited = roles.iter().flat_map(|role| &role.limited);
        let here = limited.filter(|(_, _, kind)| self.is_a(scope, *kind));
        for (handle, level) in grants.chain(here.map(|(handle, level, _)| (*handle, *level))) {
            if let Some(held) = given.get_mut(handle.0 as usize) {
                *held = level.max(*held);
            }
        }
        given
    }

    /// Whether `path` is a resource of the type at that position, in full: a collection is not.
    pub(crate) fn is_a(&self, path: &ResourcePath, kind: usize) -> bool {
        self.catalogue.resource_types.get(kind).is_some_and(|kind| kind.pattern.bind(path).is_some())
    }

    fn add_role(&mut self, document: &RoleDocument, at: &Path<'_>, problems: &mut Problems) {
        let id_at = at.key("id");
        if !is_slug(&document.id) {
            problems.add(&id_at, format!("`{}` is not an id: a lower-case letter, then lower-case letters, digits, `_` or `-`, 64 at most", document.id));
        }
        if self.role_position(&document.id).is_some() {
            problems.add(&id_at, format!("the role `{}` stands here twice: ids are unique", document.id));
        }
        let name_at = at.key("name");
        check_name(&document.name, &name_at, problems);
        check_description(&document.description, &at.key("description"), problems);
        let same_name = |role: &Role| folded(&role.document.name) == folded(&document.name);
        if self.roles.iter().any(same_name) {
            problems.add(&name_at, format!("another role is called `{}`: names are unique", document.name));
        }
        if document.base {
            if self.base.is_some() {
                problems.add(&at.key("base"), "another role is the base role already: there is one at most");
            }
            self.base = Some(self.roles.len());
        }
        let grants_at = at.key("grants");
        let mut grants = Vec::new();
        for (permission, level) in &document.grants {
            let grant_at = grants_at.key(permission);
            match self.grant(document, permission, level) {
                Ok(grant) => grants.push(grant),
                Err((_, message)) => problems.add(&grant_at, message),
            }
        }
        let limited = self.limited(document, at, problems);
        let scope_types = self.scope_types(document, at, problems);
        if document.base && document.promotes {
            problems.add(
                &at.key("promotes"),
                "the base role cannot promote: everybody holds it, and nobody gives it",
            );
        }
        self.roles.push(Role {
            document: document.clone(),
            grants,
            limited,
            scope_types,
            parents: Vec::new(),
            inherited: Vec::new(),
            superuser: false,
        });
    }

    /// What a role grants, or the key at which it is wrong and why.
    fn grant(
        &self,
        role: &RoleDocument,
        permission: &str,
        level: &str,
    ) -> Result<(PermissionHandle, Level), (&'static str, String)> {
        let key = if self.catalogue.handle(permission).is_none() { "permission" } else { "level" };
        let (handle, level_at) = self.catalogue.grant(permission, level).map_err(|message| (key, message))?;
        if level_at == Level::NONE && !role.base {
            let message = format!(
                "level `{level}` grants nothing and is offered in the base role only: leave `{permission}` out"
            );
            return Err(("level", message));
        }
        match self.catalogue.permission(handle).and_then(|permission| permission.only) {
            Some(Only::Base) if !role.base => {
                Err(("permission", format!("`{permission}` is set in the base role only")))
            }
            Some(Only::Custom) if role.base => {
                Err(("permission", format!("`{permission}` is never set in the base role")))
            }
            _ => Ok((handle, level_at)),
        }
    }

    /// The grants of a role that count only at resources of one type.
    fn limited(
        &self,
        document: &RoleDocument,
        at: &Path<'_>,
        problems: &mut Problems,
    ) -> Vec<(PermissionHandle, Level, usize)> {
        let limited_at = at.key("limited");
        let mut limited = Vec::new();
        for (position, grant) in document.limited.iter().enumerate() {
            let at = limited_at.item(position);
            let kind = self.type_position(&grant.at);
            if kind.is_none() {
                problems.add(&at.key("at"), no_type(&grant.at));
            }
            match self.grant(document, &grant.permission, &grant.level) {
                Err((key, message)) => problems.add(&at.key(key), message),
                Ok((_, Level::NONE)) => {
                    problems.add(
                        &at.key("level"),
                        format!("level `{}` grants nothing: name a higher level", grant.level),
                    );
                }
                Ok((permission, level)) => limited.extend(kind.map(|kind| (permission, level, kind))),
            }
            let same = |other: &&LimitedGrant| other.permission == grant.permission && other.at == grant.at;
            if document.limited.iter().take(position).any(|other| same(&other)) {
                problems.add(
                    &at,
                    format!(
                        "`{}` at `{}` stands here twice: keep the higher level",
                        grant.permission, grant.at
                    ),
                );
            }
        }
        limited
    }

    /// The types at whose resources alone a role counts.
    fn scope_types(&self, document: &RoleDocument, at: &Path<'_>, problems: &mut Problems) -> Vec<usize> {
        let types_at = at.key("scope_types");
        if document.base && document.is_space_role() {
            problems
                .add(&types_at, "the base role counts everywhere: everybody holds it for the whole tenant");
        }
        let mut types = Vec::new();
        for (position, id) in document.scope_types.iter().enumerate() {
            let at = types_at.item(position);
            match self.type_position(id) {
                None => problems.add(&at, no_type(id)),
                Some(kind) if types.contains(&kind) => {
                    problems.add(&at, format!("`{id}` stands here twice"));
                }
                Some(kind) => types.push(kind),
            }
        }
        types
    }

    fn type_position(&self, id: &str) -> Option<usize> {
        self.catalogue.resource_types.iter().position(|kind| kind.id == id)
    }

    /// Resolves who inherits whom, transitively. A cycle is named once, with its whole path.
    fn inherit(&mut self, roles_at: &Path<'_>, problems: &mut Problems) {
        let mut parents: Vec<Vec<usize>> = Vec::new();
        for (position, role) in self.roles.iter().enumerate() {
            let at = roles_at.item(position);
            let inherits_at = at.key("inherits");
            let mut found = Vec::new();
            for (item, id) in role.document.inherits.iter().enumerate() {
                match self.role_position(id) {
                    None => problems.add(&inherits_at.item(item), no_role(id)),
                    Some(parent) => found.push(parent),
                }
            }
            parents.push(found);
        }
        for position in 0..self.roles.len() {
            let mut reached = Vec::new();
            let mut next: Vec<usize> = parents.get(position).cloned().unwrap_or_default();
            while let Some(parent) = next.pop() {
                if !reached.contains(&parent) {
                    reached.push(parent);
                    next.extend(parents.get(parent).into_iter().flatten());
                }
            }
            reached.sort_unstable();
            if reached.contains(&position) {
                let at = roles_at.item(position);
                let names: Vec<_> = reached
                    .iter()
                    .filter_map(|role| self.roles.get(*role))
                    .map(|role| format!("`{}`", role.document.id))
                    .collect();
                problems.add(
                    &at.key("inherits"),
                    format!("a role cannot inherit itself; the cycle is among {}", names.join(", ")),
                );
                reached.retain(|role| *role != position);
            }
            let inherits_superuser = reached
                .iter()
                .any(|parent| self.roles.get(*parent).is_some_and(|role| role.document.superuser));
            if let Some(role) = self.roles.get_mut(position) {
                role.inherited = reached;
                role.parents = parents.get(position).cloned().unwrap_or_default();
                role.superuser = role.document.superuser || inherits_superuser;
                if role.superuser && role.document.is_space_role() {
                    let at = roles_at.item(position);
                    problems.add(&at.key("scope_types"), "a superuser role counts everywhere: assign it at a place instead of limiting it to types");
                }
                if role.superuser && role.document.base {
                    let at = roles_at.item(position);
                    problems.add(&at, "the base role cannot be a superuser role: everybody holds it");
                }
            }
        }
    }

    /// What the base role may not be given it may not inherit either.
    fn check_base(&self, roles_at: &Path<'_>, problems: &mut Problems) {
        let Some((base, role)) = self.base.and_then(|base| Some((base, self.roles.get(base)?))) else {
            return;
        };
        let at = roles_at.item(base);
        let inherits_at = at.key("inherits");
        for (item, id) in role.document.inherits.iter().enumerate() {
            let Some((position, parent)) =
                self.role_position(id).and_then(|parent| Some((parent, self.roles.get(parent)?)))
            else {
                continue;
            };
            let roles = parent.inherited.iter().filter_map(|role| self.roles.get(*role)).chain([parent]);
            let custom = |handle: &PermissionHandle| {
                let permission = self.catalogue.permission(*handle)?;
                (permission.only == Some(Only::Custom) && position != base).then_some(permission.id.as_str())
            };
            if let Some(permission) =
                roles.flat_map(|role| &role.grants).find_map(|(handle, _)| custom(handle))
            {
                problems.add(
                    &inherits_at.item(item),
                    format!("`{permission}`, which `{id}` grants, is never set in the base role"),
                );
            }
        }
    }

    fn add_package(&mut self, document: &PackageDocument, at: &Path<'_>, problems: &mut Problems) {
        if !is_slug(&document.id) {
            problems.add(&at.key("id"), format!("`{}` is not an id: a lower-case letter, then lower-case letters, digits, `_` or `-`, 64 at most", document.id));
        }
        let name_at = at.key("name");
        check_name(&document.name, &name_at, problems);
        check_description(&document.description, &at.key("description"), problems);
        if self.packages.values().any(|other| folded(&other.name) == folded(&document.name)) {
            problems
                .add(&name_at, format!("another package is called `{}`: names are unique", document.name));
        }
        let roles_at = at.key("roles");
        for (position, link) in document.roles.iter().enumerate() {
            let link_at = roles_at.item(position);
            let role_at = link_at.key("role");
            match self.role_position(&link.role).and_then(|position| self.roles.get(position)) {
                None => problems.add(&role_at, no_role(&link.role)),
                Some(role) if role.document.audience != Audience::User || role.superuser => {
                    problems.add(
                        &role_at,
                        format!(
                            "`{}` is not a role for users: packages carry roles of the user audience",
                            link.role
                        ),
                    );
                }
                Some(role) if role.document.is_space_role() => {
                    problems.add(&role_at, counts_nowhere(&link.role));
                }
                Some(_) => {}
            }
            if document.roles.iter().take(position).any(|other| other.role == link.role) {
                problems.add(&role_at, format!("the package carries `{}` twice", link.role));
            }
        }
        if self.packages.insert(document.id.clone(), document.clone()).is_some() {
            problems.add(
                &at.key("id"),
                format!("the package `{}` stands here twice: ids are unique", document.id),
            );
        }
    }

    fn check_settings(&self, at: &Path<'_>, problems: &mut Problems) {
        let entitlements_at = at.key("entitlements");
        for id in self.settings.entitlements.keys() {
            let at = entitlements_at.key(id);
            match self.role_position(id).and_then(|position| self.roles.get(position)) {
                None => problems.add(&at, no_role(id)),
                Some(role) if role.superuser => {
                    problems
                        .add(&at, format!("`{id}` is a superuser role: it is given to one person at a time"));
                }
                Some(role) if role.document.base => {
                    problems.add(&at, format!("`{id}` is the base role: every active user holds it already"));
                }
                Some(role) if role.document.is_space_role() => problems.add(&at, counts_nowhere(id)),
                Some(_) => {}
            }
        }
        let separation_at = at.key("separation");
        for (position, rule) in self.settings.separation.iter().enumerate() {
            self.check_separation(position, rule, &separation_at.item(position), problems);
        }
    }

    fn check_separation(
        &self,
        position: usize,
        rule: &SeparationDocument,
        at: &Path<'_>,
        problems: &mut Problems,
    ) {
        let name_at = at.key("name");
        check_name(&rule.name, &name_at, problems);
        let others = self.settings.separation.iter().take(position);
        if others.clone().any(|other| folded(&other.name) == folded(&rule.name)) {
            problems.add(&name_at, format!("another rule is called `{}`: names are unique", rule.name));
        }
        let roles_at = at.key("roles");
        for (position, id) in rule.roles.iter().enumerate() {
            let at = roles_at.item(position);
            match self.role(id) {
                None => problems.add(&at, no_role(id)),
                Some(role) if role.base => {
                    problems
                        .add(&at, format!("`{id}` is the base role, which everybody holds: leave it out"));
                }
                Some(_) if rule.roles.iter().take(position).any(|other| other == id) => {
                    problems.add(&at, format!("`{id}` stands here twice"));
                }
                Some(_) => {}
            }
        }
        if rule.roles.len() < 2 {
            problems.add(&roles_at, "a separation of duty is among two roles at least");
        } else if rule.at_most == 0
            || usize::try_from(rule.at_most).is_ok_and(|most| most >= rule.roles.len())
        {
            let message =
                format!("one user may hold 1 to {} of {} roles", rule.roles.len() - 1, rule.roles.len());
            problems.add(&at.key("at_most"), message);
        }
    }
}

/// The longest name a person would read, in characters.
const LONGEST_NAME: usize = 120;
/// The longest description a person would read, in characters.
const LONGEST_DESCRIPTION: usize = 2000;

pub(crate) fn check_name(name: &str, at: &Path<'_>, problems: &mut Problems) {
    if name.trim().is_empty() {
        problems.add(at, "a name is needed");
    } else if name.trim() != name {
        problems.add(at, format!("`{}` begins or ends with a space", name.escape_debug()));
    } else if name.chars().any(|c| c.is_control() || is_hidden(c)) {
        problems.add(at, format!("`{}` holds a character that cannot be seen", name.escape_debug()));
    } else if name.chars().count() > LONGEST_NAME {
        problems.add(at, format!("a name has {LONGEST_NAME} characters at most"));
    }
}

pub(crate) fn check_description(description: &str, at: &Path<'_>, problems: &mut Problems) {
    if description.chars().count() > LONGEST_DESCRIPTION {
        problems.add(at, format!("a description has {LONGEST_DESCRIPTION} characters at most"));
    }
}

/// A name as names are compared: without case, and without the joiners that some scripts need
/// and that cannot be seen in others.
pub(crate) fn folded(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '\u{200c}' | '\u{200d}')).flat_map(char::to_lowercase).collect()
}

/// Format characters (Unicode category Cf) that hide in a name or turn its direction, the two
/// joiners apart.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0001}'..='\u{e007f}')
}

pub(crate) fn no_role(id: &str) -> String {
    format!("there is no role `{id}`")
}

fn no_type(id: &str) -> String {
    format!("there is no resource type `{id}` in the catalogue")
}

fn counts_nowhere(id: &str) -> String {
    format!(
        "`{id}` counts at resources of its types only, and this is held for the whole tenant: choose another role"
    )
}
