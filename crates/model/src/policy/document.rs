//! The document of a policy, read and validated on its own.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::build::{PolicyParts, counts_nowhere};
use super::{Policy, no_role};
use crate::FORMAT;
use crate::catalogue::{CatalogueDocument, ModuleDocument};
use crate::json;
use crate::named::{NameSet, Named};
use crate::operation::OperationDocument;
use crate::package::PackageDocument;
use crate::policy_test::PolicyTest;
use crate::problem::{Path, Problem, Problems};
use crate::resource::ResourceTypeDocument;
use crate::role::RoleDocument;
use crate::scale::ScaleDocument;

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
    /// Where people find help: an address that stands on every page of the admin app.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help_url: String,
    /// When new links begin to count.
    #[serde(default)]
    pub new_links: NewLinks,
    /// Who must have a second factor to do anything here.
    #[serde(default, skip_serializing_if = "SecondFactor::is_nobodys")]
    pub second_factor: SecondFactor,
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
    pub fn switched_on<'s>(&'s self, before: &'s Self) -> impl Iterator<Item = &'s str> {
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

/// Who must have a second factor. Whoever must and has none may turn one on, and do nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// It is each person's choice.
    #[default]
    Nobody,
    /// Whoever may use one of Rolewright's own permissions, wherever.
    Administrators,
    /// Everybody who signs in.
    Everyone,
}

impl SecondFactor {
    fn is_nobodys(&self) -> bool {
        *self == Self::Nobody
    }
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
