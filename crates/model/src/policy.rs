//! A policy: catalogue, roles, packages and settings. Its document, and its validation.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::FORMAT;
use crate::catalogue::{Catalogue, CatalogueDocument, ModuleDocument, Only, PermissionHandle, is_slug};
use crate::json;
use crate::keyed::{ByName, by_name};
use crate::named::{NameSet, Named};
use crate::operation::OperationDocument;
use crate::package::PackageDocument;
use crate::policy_test::PolicyTest;
use crate::problem::{Path, Problem, Problems};
use crate::resource::{PathRef, ResourcePath, ResourceTypeDocument};
use crate::role::{Audience, LimitedGrant, RoleDocument};
use crate::rows::{Bits, Layout, Row};
use crate::scale::{Level, ScaleDocument};
use crate::sorted;

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
    #[serde(default, skip_serializing_if = "NameSet::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeSet<String>))]
    pub products: NameSet,
    /// The entitlement switches: a role's id, and whether the switch is on. While it is on, who
    /// becomes a full user is assigned the role; turning it on assigns it to every full user.
    #[serde(
        default,
        deserialize_with = "crate::json::unique_named",
        skip_serializing_if = "Named::is_empty"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, bool>))]
    pub entitlements: Named<bool>,
    /// Separation of duty: sets of roles of which one user may hold only so many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub separation: Vec<SeparationDocument>,
}

impl SettingsDocument {
    /// The entitlement switches that are on here and were not `before`.
    pub(crate) fn switched_on<'s>(&'s self, before: &'s Self) -> impl Iterator<Item = &'s str> {
        let new = |(role, on): &(&String, &bool)| **on && before.entitlements.get(role) != Some(&true);
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
            match policy.role_position(id).and_then(|role| policy.role(role)) {
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

/// Where documents stand: in a list, or by their ids.
#[derive(Debug, Default)]
pub(crate) struct Places<'d>(HashMap<&'d str, usize>);

impl<'d> Places<'d> {
    /// Documents in a list, as in a [`PolicyDocument`].
    pub(crate) fn listed(ids: impl Iterator<Item = &'d str>) -> Self {
        let mut places = HashMap::new();
        for (position, id) in ids.enumerate() {
            places.entry(id).or_insert(position);
        }
        Self(places)
    }

    /// The path of one document, below that of all.
    pub(crate) fn path<'a>(&self, all: &'a Path<'a>, id: &'a str) -> Path<'a> {
        match self.0.get(id) {
            Some(position) => all.item(*position),
            None => all.key(id),
        }
    }
}

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

    /// Validates the parts of a policy. Problems name paths in a [`PolicyDocument`].
    pub(crate) fn build(parts: &PolicyParts<'_>, problems: &mut Problems) -> Self {
        let root = Path::ROOT;
        let catalogue = Catalogue::build(parts.catalogue, &root.key("catalogue"), problems);
        let has = |module: &crate::catalogue::Module| {
            module.requires.as_ref().is_none_or(|product| parts.settings.products.contains(product))
        };
        let layout = Layout::new(&catalogue, &|handle| catalogue.module(handle).is_some_and(has));
        let mut policy = Self::of(parts.settings.clone(), catalogue, layout);
        let roles_at = root.key("roles");
        let (mut names, mut roles) = (BTreeSet::new(), Vec::new());
        for (position, document) in parts.roles.iter().enumerate() {
            let at = roles_at.item(position);
            if policy.positions.contains_key(&document.id) {
                problems.add(
                    &at.key("id"),
                    format!("the role `{}` stands here twice: ids are unique", document.id),
                );
                policy.read_role(document, &at, problems);
                continue;
            }
            roles.push(*document);
            if !names.insert(folded(&document.name)) {
                problems.add(
                    &at.key("name"),
                    format!("another role is called `{}`: names are unique", document.name),
                );
            }
            if document.base && policy.base.is_some() {
                problems.add(&at.key("base"), "another role is the base role already: there is one at most");
            }
            policy.set_role(document, &at, problems);
        }
        let places = Places::listed(parts.roles.iter().map(|role| role.id.as_str()));
        policy.inherit(roles.into_iter(), &places, problems);
        if !policy.roles.iter().any(|role| role.superuser) {
            problems.add(&roles_at, "no role is marked `\"superuser\": true`: nobody could administer");
        }
        let packages_at = root.key("packages");
        let mut names = BTreeSet::new();
        for (position, document) in parts.packages.iter().enumerate() {
            let at = packages_at.item(position);
            if policy.packages.contains_key(&document.id) {
                problems.add(
                    &at.key("id"),
                    format!("the package `{}` stands here twice: ids are unique", document.id),
                );
            }
            if !names.insert(folded(&document.name)) {
                problems.add(
                    &at.key("name"),
                    format!("another package is called `{}`: names are unique", document.name),
                );
            }
            policy.set_package(document, &at, problems);
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

    /// Reads a role on its own, in the place of the one of that id, if there is one. Whom it
    /// inherits is resolved by [`Policy::inherit`].
    pub(crate) fn set_role(
        &mut self,
        document: &RoleDocument,
        at: &Path<'_>,
        problems: &mut Problems,
    ) -> usize {
        let role = self.read_role(document, at, problems);
        let position = self.role_position(&document.id).unwrap_or(self.roles.len());
        if document.base {
            self.base = Some(position);
        } else if self.base == Some(position) {
            self.base = None;
        }
        Arc::make_mut(&mut self.positions).insert(document.id.clone(), position);
        match self.roles.get_mut(position) {
            Some(place) => *place = Arc::new(role),
            None => self.roles.push(Arc::new(role)),
        }
        position
    }

    /// Takes away the roles for which `is_gone` holds; the others keep their order. Whether none of those
    /// inherits one that went, but of such as are `edited` and say anew what they inherit.
    pub(crate) fn remove_roles(
        &mut self,
        is_gone: impl Fn(&str) -> bool,
        is_edited: impl Fn(&str) -> bool,
    ) -> bool {
        let mut stay = 0..self.roles.len();
        let places: Vec<Option<usize>> =
            self.roles.iter().map(|role| if is_gone(&role.id) { None } else { stay.next() }).collect();
        let place = |position: usize| places.get(position).copied().flatten();
        let mut is_sound = true;
        let mut positions = by_name();
        self.base = self.base.and_then(place);
        self.roles.retain(|role| !is_gone(&role.id));
        for (position, role) in self.roles.iter_mut().enumerate() {
            positions.insert(role.id.clone(), position);
            let inherits: Vec<usize> = role.inherits.iter().filter_map(|parent| place(*parent)).collect();
            is_sound &= inherits.len() == role.inherits.len() || is_edited(&role.id);
            if inherits != role.inherits {
                Arc::make_mut(role).inherits = inherits;
            }
        }
        self.positions = Arc::new(positions);
        is_sound
    }

    fn read_role(&self, document: &RoleDocument, at: &Path<'_>, problems: &mut Problems) -> Role {
        if !is_slug(&document.id) {
            problems.add(&at.key("id"), format!("`{}` is not an id: a lower-case letter, then lower-case letters, digits, `_` or `-`, 64 at most", document.id));
        }
        check_name(&document.name, &at.key("name"), problems);
        check_description(&document.description, &at.key("description"), problems);
        let grants_at = at.key("grants");
        let mut grants = self.layout.none();
        for (permission, level) in &document.grants {
            match self.grant(document, permission, level) {
                Ok((handle, level)) => {
                    self.layout.raise(&mut grants, handle, level);
                }
                Err((_, message)) => problems.add(&grants_at.key(permission), message),
            }
        }
        if document.base && document.promotes {
            problems.add(
                &at.key("promotes"),
                "the base role cannot promote: everybody holds it, and nobody gives it",
            );
        }
        Role {
            id: document.id.clone(),
            audience: document.audience,
            superuser: document.superuser,
            gives_superuser: document.superuser,
            inherited: Vec::new(),
            inherits: Vec::new(),
            scope_types: self.read_scope_types(document, at, problems),
            grants: Arc::new(grants),
            limited: self.read_limited(document, at, problems),
            asks_type: false,
        }
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

    fn resource_type(&self, id: &str) -> Option<u16> {
        let position = self.catalogue.resource_types().iter().position(|kind| kind.id() == id)?;
        u16::try_from(position).ok()
    }

    fn read_limited(
        &self,
        document: &RoleDocument,
        at: &Path<'_>,
        problems: &mut Problems,
    ) -> Vec<LimitedTo> {
        let limited_at = at.key("limited");
        let mut limited = Vec::new();
        for (position, grant) in document.limited.iter().enumerate() {
            let at = limited_at.item(position);
            let kind = self.resource_type(&grant.at);
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
                Ok((permission, level)) => {
                    limited.extend(kind.map(|at| LimitedTo { permission, level, at }));
                }
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

    fn read_scope_types(&self, document: &RoleDocument, at: &Path<'_>, problems: &mut Problems) -> Vec<u16> {
        let types_at = at.key("scope_types");
        if document.base && document.is_space_role() {
            problems
                .add(&types_at, "the base role counts everywhere: everybody holds it for the whole tenant");
        }
        let mut types = Vec::new();
        for (position, id) in document.scope_types.iter().enumerate() {
            let at = types_at.item(position);
            match self.resource_type(id) {
                None => problems.add(&at, no_type(id)),
                Some(kind) if types.contains(&kind) => {
                    problems.add(&at, format!("`{id}` stands here twice"));
                }
                Some(kind) => types.push(kind),
            }
        }
        types.sort_unstable();
        types
    }

    /// Resolves whom these roles inherit, then who inherits whom, transitively, of all. A cycle is
    /// named once, with its whole path. `O(roles + inheritance)`.
    pub(crate) fn inherit<'d>(
        &mut self,
        documents: impl Iterator<Item = &'d RoleDocument> + Clone,
        places: &Places<'_>,
        problems: &mut Problems,
    ) {
        let root = Path::ROOT;
        let roles_at = root.key("roles");
        let mut parents: Vec<Vec<usize>> = self.roles.iter().map(|role| role.inherits.clone()).collect();
        for document in documents.clone() {
            let at = places.path(&roles_at, &document.id);
            let inherits_at = at.key("inherits");
            let mut found = Vec::new();
            for (item, id) in document.inherits.iter().enumerate() {
                match self.positions.get(id) {
                    None => problems.add(&inherits_at.item(item), no_role(id)),
                    Some(parent) => found.push(*parent),
                }
            }
            if let Some(place) =
                self.role_position(&document.id).and_then(|position| parents.get_mut(position))
            {
                *place = found;
            }
        }
        for position in 0..self.roles.len() {
            let direct = parents.get(position).cloned().unwrap_or_default();
            let mut reached = reached_from(&direct, &parents);
            if reached.contains(&position) {
                let names: Vec<_> = reached.iter().map(|role| format!("`{}`", self.role_id(*role))).collect();
                let at = places.path(&roles_at, self.role_id(position));
                problems.add(
                    &at.key("inherits"),
                    format!("a role cannot inherit itself; the cycle is among {}", names.join(", ")),
                );
                reached.retain(|role| *role != position);
            }
            self.settle(position, direct, reached);
        }
        // What one role inherits may come to be a superuser role by the edit of another.
        for role in self.roles.iter().filter(|role| role.is_space_role()) {
            if role.gives_superuser {
                let at = places.path(&roles_at, &role.id);
                problems.add(&at.key("scope_types"), "a superuser role counts everywhere: assign it at a place instead of limiting it to types");
            }
        }
        for document in documents.filter(|document| document.base) {
            if let Some(position) = self.role_position(&document.id) {
                self.check_base(position, document, &places.path(&roles_at, &document.id), problems);
            }
        }
    }

    /// Resolves who inherits whom, transitively, of roles that say whom they inherit themselves; a
    /// role does not inherit itself.
    #[inline(never)]
    pub(crate) fn settle_all(&mut self) {
        let parents: Vec<Vec<usize>> = self.roles.iter().map(|role| role.inherits.clone()).collect();
        for (position, direct) in parents.iter().enumerate() {
            let mut reached = reached_from(direct, &parents);
            reached.retain(|role| *role != position);
            self.settle(position, direct.clone(), reached);
        }
    }

    /// Writes down whom a role inherits, unless that is what stands there.
    fn settle(&mut self, position: usize, inherits: Vec<usize>, inherited: Vec<usize>) {
        let all = || inherited.iter().filter_map(|role| self.role(*role)).chain(self.role(position));
        let gives_superuser = all().any(|role| role.superuser);
        let asks_type = all().any(|role| !role.limited.is_empty() || !role.scope_types.is_empty());
        let Some(role) = self.roles.get_mut(position) else { return };
        let same = (role.gives_superuser, role.asks_type) == (gives_superuser, asks_type);
        if !same || role.inherits != inherits || role.inherited != inherited {
            let role = Arc::make_mut(role);
            (role.inherits, role.inherited) = (inherits, inherited);
            (role.gives_superuser, role.asks_type) = (gives_superuser, asks_type);
        }
    }

    /// What the base role may not be given it may not inherit either.
    fn check_base(&self, position: usize, document: &RoleDocument, at: &Path<'_>, problems: &mut Problems) {
        if self.role(position).is_some_and(|role| role.gives_superuser) {
            problems.add(at, "the base role cannot be a superuser role: everybody holds it");
        }
        let inherits_at = at.key("inherits");
        for (item, id) in document.inherits.iter().enumerate() {
            let Some(parent) = self.role_position(id).and_then(|parent| self.role(parent)) else { continue };
            let roles = parent.inherited.iter().filter_map(|role| self.role(*role)).chain([parent]);
            let roles: Vec<&Role> = roles.filter(|role| role.id != document.id).collect();
            let grants = |handle: &PermissionHandle| {
                roles.iter().any(|role| self.layout.level(&role.grants, *handle) > Level::NONE)
            };
            let custom = |handle: &PermissionHandle| {
                self.catalogue.permission(*handle).is_some_and(|known| known.only == Some(Only::Custom))
            };
            if let Some(handle) = self.catalogue.handles().filter(custom).find(grants) {
                problems.add(
                    &inherits_at.item(item),
                    format!(
                        "`{}`, which `{id}` grants, is never set in the base role",
                        self.catalogue.id(handle)
                    ),
                );
            }
        }
    }

    /// Reads a package, in the place of the one of that id, if there is one.
    pub(crate) fn set_package(&mut self, document: &PackageDocument, at: &Path<'_>, problems: &mut Problems) {
        if !is_slug(&document.id) {
            problems.add(&at.key("id"), format!("`{}` is not an id: a lower-case letter, then lower-case letters, digits, `_` or `-`, 64 at most", document.id));
        }
        check_name(&document.name, &at.key("name"), problems);
        check_description(&document.description, &at.key("description"), problems);
        let roles_at = at.key("roles");
        for (position, link) in document.roles.iter().enumerate() {
            let link_at = roles_at.item(position);
            let role_at = link_at.key("role");
            match self.role_position(&link.role).and_then(|position| Some((position, self.role(position)?))) {
                None => problems.add(&role_at, no_role(&link.role)),
                Some((position, _)) if let Some(other) = self.not_for_users(position) => {
                    let why = match other.id == link.role {
                        true => String::new(),
                        false => format!(", since it inherits `{}`", other.id),
                    };
                    problems.add(
                        &role_at,
                        format!(
                            "`{}` is not a role for users{why}: packages carry roles of the user audience",
                            link.role
                        ),
                    );
                }
                Some((_, role)) if role.is_space_role() => {
                    problems.add(&role_at, counts_nowhere(&link.role));
                }
                Some(_) => {}
            }
            if document.roles.iter().take(position).any(|other| other.role == link.role) {
                problems.add(&role_at, format!("the package carries `{}` twice", link.role));
            }
        }
        self.packages.insert(document.id.clone(), Arc::new(document.clone()));
    }

    /// What the settings say of roles.
    pub(crate) fn check_settings(&self, at: &Path<'_>, problems: &mut Problems) {
        let entitlements_at = at.key("entitlements");
        for id in self.settings.entitlements.keys() {
            let at = entitlements_at.key(id);
            match self.role_position(id).and_then(|position| Some((position, self.role(position)?))) {
                None => problems.add(&at, no_role(id)),
                Some((_, role)) if role.gives_superuser => {
                    problems
                        .add(&at, format!("`{id}` is a superuser role: it is given to one person at a time"));
                }
                Some((position, _)) if self.base == Some(position) => {
                    problems.add(&at, format!("`{id}` is the base role: every active user holds it already"));
                }
                Some((_, role)) if role.is_space_role() => problems.add(&at, counts_nowhere(id)),
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
            match self.role_position(id) {
                None => problems.add(&at, no_role(id)),
                Some(position) if self.base == Some(position) => {
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

/// Everything that is reached from `direct`, itself included.
fn reached_from(direct: &[usize], parents: &[Vec<usize>]) -> Vec<usize> {
    let (mut reached, mut next) = (Vec::new(), direct.to_vec());
    while let Some(parent) = next.pop() {
        if sorted::insert(&mut reached, parent) {
            next.extend(parents.get(parent).into_iter().flatten());
        }
    }
    reached
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
