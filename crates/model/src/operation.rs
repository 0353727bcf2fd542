//! Operations: the named actions of a product, each with its alternatives and their needs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalogue::{Catalogue, PermissionHandle, is_slug};
use crate::condition::{Condition, ConditionDocument, Facts, NOTHING_SAID};
use crate::decide::Request;
use crate::index::Index;
use crate::problem::{Path, Problems};
use crate::resource::{Pattern, ResourcePath};
use crate::scale::Level;
use crate::subject::Subject;

/// An operation as a document says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OperationDocument {
    /// A slug with dots, `tasks.export_with_endpoints`.
    pub id: String,
    /// What a person reads.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// The heading under which the matrix shows it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// The resources it is done on: a name for each, and the pattern of its path. Equal variables
    /// must have equal values: `{server}` in two patterns is one server.
    #[serde(default, deserialize_with = "crate::json::unique", skip_serializing_if = "BTreeMap::is_empty")]
    pub resources: BTreeMap<String, String>,
    /// One of these suffices.
    pub alternatives: Vec<AlternativeDocument>,
    /// To what it applies, where not to everything: "Replicate only".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies_to: Option<String>,
    /// What a reader of the matrix must know beside the cell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub footnotes: Vec<String>,
    /// Where the operation comes from, if not from the product's own matrix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// A page that explains it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// One way to be allowed an operation: all of its needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AlternativeDocument {
    /// All of these are needed.
    pub needs: Vec<NeedDocument>,
}

/// One need of an alternative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NeedDocument {
    /// The permission's id.
    pub permission: String,
    /// The level's id; the scale's `can` level where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// The name of the operation's resource it is needed on; the tenant where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The need is dropped where this is true, and its resource is named and fits; a missing
    /// attribute keeps it. Every alternative has one need at least without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unless: Option<ConditionDocument>,
}

/// A validated operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The operation's id.
    pub id: String,
    /// What a person reads.
    pub label: String,
    /// The heading under which the matrix shows it.
    pub group: String,
    /// To what it applies, where not to everything.
    pub applies_to: Option<String>,
    /// What a reader of the matrix must know beside the cell.
    pub footnotes: Vec<String>,
    /// Where it comes from, if not from the product's own matrix.
    pub origin: Option<String>,
    /// A page that explains it.
    pub help: Option<String>,
    pub(crate) resources: Vec<(String, Pattern)>,
    pub(crate) alternatives: Vec<Vec<Need>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Need {
    pub(crate) permission: PermissionHandle,
    pub(crate) asked: Level,
    /// Position in [`Operation::resources`]; none is the tenant.
    pub(crate) resource: Option<usize>,
    /// It is dropped where this is true of a resource that is named and fits.
    pub(crate) unless: Option<Condition>,
}

impl Operation {
    /// The permissions that it needs, in some alternative.
    pub(crate) fn permissions(&self) -> Vec<PermissionHandle> {
        self.alternatives.iter().flatten().map(|need| need.permission).collect()
    }

    /// Whether some need of it is asked of the whole tenant, whatever resources are named.
    #[must_use]
    pub fn asks_tenant(&self) -> bool {
        self.alternatives.iter().flatten().any(|need| need.resource.is_none())
    }

    pub(crate) fn build(
        document: &OperationDocument,
        catalogue: &Catalogue,
        at: &Path<'_>,
        problems: &mut Problems,
    ) -> Option<Self> {
        if !document.id.split('.').all(is_slug) {
            problems.add(
                &at.key("id"),
                format!(
                    "`{}` is not an operation id: slugs joined by dots, as in `tasks.export`",
                    document.id
                ),
            );
        }
        let resources_at = at.key("resources");
        let mut resources = Vec::new();
        for (name, pattern) in &document.resources {
            let at = resources_at.key(name);
            match Pattern::parse(pattern) {
                Err(message) => problems.add(&at, message),
                Ok(pattern)
                    if catalogue.resource_types().iter().any(|kind| pattern.leads_into(kind.pattern())) =>
                {
                    resources.push((name.clone(), pattern));
                }
                Ok(_) => problems.add(&at, format!("`{pattern}` leads to no resource type of the catalogue")),
            }
        }
        let alternatives_at = at.key("alternatives");
        if document.alternatives.is_empty() {
            problems.add(&alternatives_at, "an operation has one alternative at least");
        }
        let mut alternatives = Vec::new();
        for (position, alternative) in document.alternatives.iter().enumerate() {
            let alternative_at = alternatives_at.item(position);
            let needs_at = alternative_at.key("needs");
            if alternative.needs.is_empty() {
                problems.add(&needs_at, "an alternative has one need at least");
            } else if alternative.needs.iter().all(|need| need.unless.is_some()) {
                problems.add(
                    &needs_at,
                    "every need here is dropped by an `unless`, which would allow everybody: keep one without",
                );
            }
            let mut needs = Vec::new();
            for (item, need) in alternative.needs.iter().enumerate() {
                let need_at = needs_at.item(item);
                let unless =
                    need.unless.as_ref().and_then(|unless| unless.build(&need_at.key("unless"), problems));
                let Some(permission) = catalogue.handle(&need.permission) else {
                    problems.add(
                        &need_at.key("permission"),
                        format!("there is no permission `{}` in the catalogue", need.permission),
                    );
                    continue;
                };
                let asked = match &need.level {
                    None => catalogue.scale(permission).map(crate::scale::Scale::can),
                    Some(level) => match catalogue.grant(&need.permission, level) {
                        Ok((_, Level::NONE)) => {
                            problems.add(
                                &need_at.key("level"),
                                "level 0 is nothing and is always refused: name a higher level",
                            );
                            None
                        }
                        Ok((_, level)) => Some(level),
                        Err(message) => {
                            problems.add(&need_at.key("level"), message);
                            None
                        }
                    },
                };
                let resource = match &need.resource {
                    None => Some(None),
                    Some(name) => match resources.iter().position(|(known, _)| known == name) {
                        Some(position) => Some(Some(position)),
                        None => {
                            problems.add(
                                &need_at.key("resource"),
                                format!("the operation has no resource `{name}`"),
                            );
                            None
                        }
                    },
                };
                if let (Some(asked), Some(resource)) = (asked, resource) {
                    needs.push(Need { permission, asked, resource, unless });
                }
            }
            alternatives.push(needs);
        }
        Some(Self {
            id: document.id.clone(),
            label: document.label.clone(),
            group: document.group.clone(),
            applies_to: document.applies_to.clone(),
            footnotes: document.footnotes.clone(),
            origin: document.origin.clone(),
            help: document.help.clone(),
            resources,
            alternatives,
        })
    }

    /// The name and pattern of each resource the operation is done on.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &Pattern)> {
        self.resources.iter().map(|(name, pattern)| (name.as_str(), pattern))
    }

    /// The name of the resource at that position.
    pub(crate) fn name_of(&self, position: usize) -> Option<&str> {
        self.resources.get(position).map(|(name, _)| name.as_str())
    }

    /// The permissions and levels that each alternative needs, for showing them.
    pub fn needs(&self) -> impl Iterator<Item = impl Iterator<Item = (PermissionHandle, Level)>> {
        self.alternatives.iter().map(|needs| needs.iter().map(|need| (need.permission, need.asked)))
    }
}

/// What an operation's decision says: every leg with its own result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperationDecision {
    /// Whether one alternative has all its needs.
    pub allowed: bool,
    /// Why not, where it is not about a leg: `unknown_operation`, `unknown_subject`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<crate::decide::Reason>,
    /// The alternatives, each with its legs.
    pub alternatives: Vec<AlternativeDecision>,
}

/// What one alternative's legs say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlternativeDecision {
    /// Whether all its legs are allowed.
    pub allowed: bool,
    /// One for each need.
    pub legs: Vec<Leg>,
}

/// One need and whether it is met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Leg {
    /// The permission's id.
    pub permission: String,
    /// The level's id that is needed.
    pub asked: String,
    /// The level's id that is held there.
    pub level: String,
    /// The resource; empty where the request names none that fits.
    pub resource: String,
    /// Whether it is met, or dropped.
    pub allowed: bool,
    /// Whether a condition drops the need, whatever level is held. Never where no resource fits.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dropped: bool,
}

impl Index {
    /// Whether `subject` may do an operation on the named resources, with every leg's result.
    /// `O(needs x holdings)`. A missing or mistyped resource fails its legs, also those that a
    /// condition would drop, as do resources whose equal variables have different values.
    #[must_use]
    pub fn check(
        &self,
        subject: &Subject,
        operation: &str,
        resources: &BTreeMap<String, String>,
        request: Request<'_>,
    ) -> OperationDecision {
        self.check_on(subject, operation, &|name| resources.get(name).map(String::as_str), request)
    }

    /// As [`Index::check`], where a function says the resource of a name.
    #[must_use]
    #[cfg_attr(target_family = "wasm", inline(never))]
    pub fn check_on<'r>(
        &self,
        subject: &Subject,
        operation: &str,
        resource: &dyn Fn(&str) -> Option<&'r str>,
        request: Request<'_>,
    ) -> OperationDecision {
        let Some(operation) = self.catalogue().operation(operation) else {
            return OperationDecision {
                allowed: false,
                reason: Some(crate::decide::Reason::UnknownOperation),
                alternatives: Vec::new(),
            };
        };
        let bound = self.bind(operation, resource);
        let alternatives: Vec<_> = operation
            .alternatives
            .iter()
            .map(|needs| {
                let legs: Vec<_> =
                    needs.iter().map(|need| self.leg(subject, (operation, need), &bound, request)).collect();
                AlternativeDecision { allowed: !legs.is_empty() && legs.iter().all(|leg| leg.allowed), legs }
            })
            .collect();
        OperationDecision {
            allowed: alternatives.iter().any(|alternative| alternative.allowed),
            reason: None,
            alternatives,
        }
    }

    #[cfg_attr(target_family = "wasm", inline(never))]
    fn leg(
        &self,
        subject: &Subject,
        (operation, need): (&Operation, &Need),
        bound: &[Option<ResourcePath>],
        request: Request<'_>,
    ) -> Leg {
        let tenant = ResourcePath::tenant();
        // A resource that is not named, or not as it must be, has no attributes either.
        let attributes = need.resource.filter(|position| bound.get(*position).is_some_and(Option::is_some));
        let attributes = attributes
            .and_then(|position| operation.resources.get(position))
            .and_then(|(name, _)| request.attributes.resources.get(name))
            .unwrap_or(&NOTHING_SAID.resource);
        let resource = match need.resource {
            None => Some(&tenant),
            Some(position) => bound.get(position).and_then(Option::as_ref),
        };
        let facts = Facts { resource: Some(attributes), ..request.facts(subject) };
        let level = resource.map_or(Level::NONE, |resource| {
            self.level_with(subject, need.permission, resource, request, &facts)
        });
        let dropped = resource.is_some() && need.unless.as_ref().is_some_and(|unless| unless.holds(&facts));
        let scale = self.catalogue().scale(need.permission);
        let name = |level| scale.map_or_else(String::new, |scale| scale.name(level).to_owned());
        Leg {
            permission: self.catalogue().id(need.permission).to_owned(),
            asked: name(need.asked),
            level: name(level),
            resource: resource.map_or_else(String::new, |resource| resource.as_str().to_owned()),
            allowed: dropped || need.asked > Level::NONE && level >= need.asked,
            dropped,
        }
    }

    /// The operation's resources: those that are missing, that do not match their pattern, or
    /// that give one variable two values are `None`.
    pub(crate) fn bind<'r>(
        &self,
        operation: &Operation,
        resource: impl Fn(&str) -> Option<&'r str>,
    ) -> Vec<Option<ResourcePath>> {
        let path = |name: &str| ResourcePath::parse(resource(name)?).ok();
        let paths: Vec<Option<ResourcePath>> = operation.resources().map(|(name, _)| path(name)).collect();
        // What stands for each variable, and at which resource.
        let mut values = Vec::new();
        let mut whole = Vec::new();
        for (path, (_, pattern)) in paths.iter().zip(operation.resources()) {
            let bound = path.as_ref().and_then(|path| pattern.bind(path));
            whole.push(bound.is_some());
            values.extend(bound.into_iter().flatten().map(|bound| (whole.len() - 1, bound)));
        }
        for (at, (variable, value)) in &values {
            let has_two = values.iter().any(|(_, (other, its))| other == variable && its != value);
            if let Some(whole) = whole.get_mut(*at).filter(|_| has_two) {
                *whole = false;
            }
        }
        paths.iter().zip(whole).map(|(path, whole)| path.clone().filter(|_| whole)).collect()
    }
}
