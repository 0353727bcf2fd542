//! The catalogue: what can be permitted. A tree of modules, sections and permissions, with the
//! scales they are measured on, the resource types and the operations.

mod build;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::condition::{Attributes, Condition, ConditionDocument};
use crate::keyed::{ByName, by_name};
use crate::operation::{Operation, OperationDocument};
use crate::resource::{PathRef, ResourcePath, ResourceType, ResourceTypeDocument};
use crate::role::Audience;
use crate::scale::{Level, Scale, ScaleDocument, UiState};

/// More levels than anyone can tell apart; a level fits a byte with room to spare.
pub(crate) const MOST_LEVELS: usize = 64;

/// The catalogue as a document says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CatalogueDocument {
    /// The scales by id, beside `default` (`none < allowed`), which always exists.
    #[serde(default, deserialize_with = "crate::json::unique", skip_serializing_if = "BTreeMap::is_empty")]
    pub scales: BTreeMap<String, ScaleDocument>,
    /// The modules, in the order in which they are shown.
    pub modules: Vec<ModuleDocument>,
    /// What kinds of resources there are; none where everything is about the whole tenant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource_types: Vec<ResourceTypeDocument>,
    /// The named actions of the product, in the order in which they are shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<OperationDocument>,
}

/// A module as a document says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ModuleDocument {
    /// A slug, `contact_lists`. The ids of its permissions begin with it and a dot.
    pub id: String,
    /// What a person reads.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// What the module is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Whether this places and labels one of Rolewright's own modules.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub console: bool,
    /// The product or edition without which every level in the module is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires: Option<String>,
    /// The module's access permission, where it has one: to see the module at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<AccessDocument>,
    /// Permissions that stand directly in the module.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<PermissionDocument>,
    /// Permissions that stand together under a heading.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<SectionDocument>,
}

/// A section of a module as a document says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SectionDocument {
    /// A slug, unique in the module.
    pub id: String,
    /// What a person reads.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// The section's permissions.
    pub permissions: Vec<PermissionDocument>,
}

/// A module's access permission as a document says it. Its id is the module's and `.access`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AccessDocument {
    /// What a person reads; "Access" where it is not said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// What it allows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// A permission as a document says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PermissionDocument {
    /// `reports.run`: the module's id, a dot, and a slug. Never a label.
    pub id: String,
    /// What a person reads. Two permissions may have the same.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// What it allows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What kind of thing it guards.
    #[serde(default)]
    pub kind: PermissionKind,
    /// The id of its scale; `default` where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<String>,
    /// Whom it is meant for.
    #[serde(default)]
    pub audience: Audience,
    /// Where it may be set, if not everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Only>,
    /// What its levels mean here and what they bring, by the level's id.
    #[serde(default, deserialize_with = "crate::json::unique", skip_serializing_if = "BTreeMap::is_empty")]
    pub levels: BTreeMap<String, LevelDetailDocument>,
    /// A page that explains it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// What a permission guards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PermissionKind {
    /// Something that is done.
    #[default]
    Action,
    /// A part of the product that is there or not.
    Feature,
}

/// Where a permission may be set, if not in every role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = SettableIn))]
#[serde(rename_all = "snake_case")]
pub enum Only {
    /// In the base role alone.
    Base,
    /// In roles other than the base role.
    Custom,
}

/// What one level of a permission means and brings, as a document says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LevelDetailDocument {
    /// What a person may do at this level.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Permissions that this level brings, each with its level.
    #[serde(default, deserialize_with = "crate::json::unique", skip_serializing_if = "BTreeMap::is_empty")]
    pub implies: BTreeMap<String, String>,
    /// What a user interface does at this level, where it is not what the scale says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ui: Option<UiState>,
    /// When this level can be reached, if not always. Not on level 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<ConditionDocument>,
}

/// A permission of one [`Catalogue`], by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PermissionHandle(pub u32);

/// A validated catalogue, with Rolewright's own modules added.
#[derive(Clone, Debug)]
pub struct Catalogue {
    pub(crate) scales: Vec<Scale>,
    pub(crate) modules: Vec<Module>,
    pub(crate) permissions: Vec<Permission>,
    pub(crate) resource_types: Vec<ResourceType>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) handles: ByName<PermissionHandle>,
    /// For each permission, whether its level depends on a condition.
    pub(crate) conditional: Vec<bool>,
    /// The names of the subject's attributes that some condition reads.
    pub(crate) reads: Vec<String>,
}

/// A validated module.
#[derive(Clone, Debug)]
pub struct Module {
    /// The module's slug.
    pub id: String,
    /// What a person reads.
    pub label: String,
    /// What the module is for.
    pub description: String,
    /// Whether it is one of Rolewright's own.
    pub console: bool,
    /// The product without which every level here is nothing.
    pub requires: Option<String>,
    /// The access permission.
    pub access: Option<PermissionHandle>,
    /// The other permissions: first those without a section, then section by section.
    pub sections: Vec<Section>,
}

/// A validated section. The first of a module may have no label: it stands directly in it.
#[derive(Clone, Debug)]
pub struct Section {
    /// The section's slug; empty for the permissions that stand directly in the module.
    pub id: String,
    /// What a person reads; empty likewise.
    pub label: String,
    /// Its permissions.
    pub permissions: Vec<PermissionHandle>,
}

impl Module {
    /// Every permission of the module but its access permission, in order.
    pub fn permissions(&self) -> impl Iterator<Item = PermissionHandle> {
        self.sections.iter().flat_map(|section| section.permissions.iter().copied())
    }
}

/// A validated permission.
#[derive(Clone, Debug)]
pub struct Permission {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) description: String,
    pub(crate) kind: PermissionKind,
    pub(crate) scale: usize,
    pub(crate) audience: Audience,
    pub(crate) only: Option<Only>,
    pub(crate) module: usize,
    pub(crate) is_access: bool,
    pub(crate) levels: Vec<LevelDetail>,
    pub(crate) help: Option<String>,
}

/// What one level of a permission means and brings.
#[derive(Clone, Debug, Default)]
pub struct LevelDetail {
    /// What a person may do at this level.
    pub description: String,
    /// Permissions that reaching this level brings.
    pub implies: Vec<(PermissionHandle, Level)>,
    /// What a user interface does, where it is not what the scale says.
    pub ui: Option<UiState>,
    /// When it can be reached, if not always.
    pub condition: Option<Condition>,
}

impl Permission {
    /// The permission's id, `reports.run`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What a person reads.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What it allows.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// What kind of thing it guards.
    #[must_use]
    pub fn kind(&self) -> PermissionKind {
        self.kind
    }

    /// Whom it is meant for.
    #[must_use]
    pub fn audience(&self) -> Audience {
        self.audience
    }

    /// Where it may be set, if not everywhere.
    #[must_use]
    pub fn only(&self) -> Option<Only> {
        self.only
    }

    /// Whether it is its module's access permission.
    #[must_use]
    pub fn is_access(&self) -> bool {
        self.is_access
    }

    /// What `level` means here.
    #[must_use]
    pub fn detail(&self, level: Level) -> Option<&LevelDetail> {
        self.levels.get(usize::from(level.0))
    }

    /// A page that explains it.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl Catalogue {
    /// Nothing but scales.
    pub(crate) fn of(scales: Vec<Scale>) -> Self {
        Self {
            scales,
            modules: Vec::new(),
            permissions: Vec::new(),
            resource_types: Vec::new(),
            operations: Vec::new(),
            handles: by_name(),
            conditional: Vec::new(),
            reads: Vec::new(),
        }
    }

    /// The modules, in the order in which they are shown.
    #[must_use]
    pub fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// Every permission; a [`PermissionHandle`] is a position here.
    #[must_use]
    pub fn permissions(&self) -> &[Permission] {
        &self.permissions
    }

    /// Every handle, in order.
    pub fn handles(&self) -> impl Iterator<Item = PermissionHandle> + use<> {
        (0..u32::try_from(self.permissions.len()).unwrap_or(u32::MAX)).map(PermissionHandle)
    }

    /// The operations, in the order in which they are shown.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation of that id.
    #[must_use]
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// The resource types.
    #[must_use]
    pub fn resource_types(&self) -> &[ResourceType] {
        &self.resource_types
    }

    /// The permission of that id. One hash.
    #[must_use]
    pub fn handle(&self, id: &str) -> Option<PermissionHandle> {
        self.handles.get(id).copied()
    }

    /// The permission at `handle`.
    #[must_use]
    pub fn permission(&self, handle: PermissionHandle) -> Option<&Permission> {
        self.permissions.get(handle.0 as usize)
    }

    /// The id of the permission at `handle`; empty for a handle of another catalogue.
    #[must_use]
    pub fn id(&self, handle: PermissionHandle) -> &str {
        self.permission(handle).map_or("", |permission| &permission.id)
    }

    /// What people call the permission of that id: "Reports: Run". The id where it is not known, or comes without words, as in
    /// what decisions read.
    #[must_use]
    pub fn permission_name(&self, id: &str) -> String {
        let known = self.handle(id).and_then(|handle| Some((self.module(handle)?, self.permission(handle)?)));
        match known.map(|(module, permission)| (&*module.label, &*permission.label)) {
            None | Some((_, "")) => id.to_owned(),
            Some(("", label)) => label.to_owned(),
            Some((module, label)) => format!("{module}: {label}"),
        }
    }

    /// What people call a place: "Everything", "Server prod", "Task nightly of Server prod", "All endpoints of Server prod". All that
    /// is above it is said, so that what has one id at two places is not called the same. What is no place is said as it is written.
    #[must_use]
    pub fn place_name(&self, place: &str) -> String {
        let known = ResourcePath::parse(place).ok().filter(|path| self.is_place(path));
        let Some(path) = known else { return place.to_owned() };
        if path.is_tenant() {
            return "Everything".to_owned();
        }
        let ends = place.match_indices('/').map(|(end, _)| end).chain([place.len()]);
        let mut name = String::new();
        for end in ends {
            let part = place.get(..end).unwrap_or(place);
            let id = part.rsplit('/').next().unwrap_or(part);
            let one = self.one_of(part);
            // What lies between two resources goes without saying.
            if one.is_none() && end < place.len() {
                continue;
            }
            let above = if name.is_empty() { "" } else { " of " };
            name = [one.unwrap_or("All"), " ", id, above, &name].concat();
        }
        name
    }

    /// What people call one of what a path leads to: the label of its type, or else what its pattern calls it; none of a collection.
    fn one_of(&self, path: &str) -> Option<&str> {
        let path = ResourcePath::parse(path).ok()?;
        let leading = || self.resource_types.iter().filter(|kind| kind.pattern().leads_to(&path));
        let label = leading().find(|kind| kind.pattern().matches(&path)).map(ResourceType::label);
        label.or_else(|| leading().find_map(|kind| kind.pattern().variable_at(path.segments().count())))
    }

    /// The scale of the permission at `handle`.
    #[must_use]
    pub fn scale(&self, handle: PermissionHandle) -> Option<&Scale> {
        self.scales.get(self.permission(handle)?.scale)
    }

    /// The module of the permission at `handle`.
    #[must_use]
    pub fn module(&self, handle: PermissionHandle) -> Option<&Module> {
        self.modules.get(self.permission(handle)?.module)
    }

    /// The access permission of the module of `handle`, where it is another.
    pub(crate) fn access_of(&self, handle: PermissionHandle) -> Option<PermissionHandle> {
        self.module(handle)?.access.filter(|access| *access != handle)
    }

    /// Whether the level of some permission depends on a condition.
    pub(crate) fn has_conditions(&self) -> bool {
        self.conditional.contains(&true)
    }

    /// Whether the level of `permission` depends on a condition: its own, or one of what brings it.
    pub(crate) fn is_conditional(&self, permission: PermissionHandle) -> bool {
        self.conditional.get(permission.0 as usize).copied().unwrap_or(false)
    }

    /// What a user interface does with `permission` held at `level`.
    #[must_use]
    pub fn ui(&self, permission: PermissionHandle, level: Level) -> UiState {
        self.permission(permission)
            .and_then(|permission| permission.detail(level)?.ui)
            .or_else(|| self.scale(permission).map(|scale| scale.ui(level)))
            .unwrap_or(UiState::Hidden)
    }

    /// The attributes of a subject that some condition reads: what snapshots and passes carry.
    #[must_use]
    pub fn read_of(&self, attributes: &Attributes) -> Attributes {
        let mut read = Attributes::new();
        for (name, value) in attributes {
            if self.reads.binary_search(name).is_ok() {
                read.insert(name.clone(), value.clone());
            }
        }
        read
    }

    /// Whether something can be granted or asked at `path`: the tenant, or a leading part of a
    /// resource type's pattern.
    #[must_use]
    pub fn is_place(&self, path: &ResourcePath) -> bool {
        self.has_place(path.borrowed())
    }

    /// As [`Catalogue::is_place`].
    #[inline]
    pub(crate) fn has_place(&self, path: PathRef<'_>) -> bool {
        path.is_tenant() || self.resource_types.iter().any(|kind| kind.pattern().leads_to_path(path))
    }
}

/// Whether `text` is a slug: a lower-case letter, then lower-case letters, digits, `_` or `-`.
/// At most 64 bytes.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}

/// A slug made of a label: "Campaign Manager" becomes `campaign_manager`. Empty where the label
/// has no letter or digit of ASCII.
#[must_use]
pub fn slug_of(label: &str) -> String {
    let mut slug = String::new();
    for c in label.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
    }
    slug.truncate(64);
    let slug = slug.trim_end_matches('_');
    if slug.starts_with(|c: char| c.is_ascii_digit()) { format!("r{slug}") } else { slug.to_owned() }
}
