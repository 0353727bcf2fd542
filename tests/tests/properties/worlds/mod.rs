//! Random worlds: small tenants with everything in the vocabulary, and questions about them.
//!
//! The names are few, so that grants, scopes, windows and links collide. A strategy makes plain
//! numbers (genes) and documents are built of these, each number taken as a place in the list
//! that it chooses from: whatever the numbers are, the documents are well formed, nearly all are
//! valid, and smaller numbers make a smaller world, so that a failure shrinks to a readable one.

mod changes;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use proptest::collection::{btree_map, vec};
use proptest::option::{of, weighted};
use proptest::prelude::*;
use rolewright_model::catalogue::{
    AccessDocument, CatalogueDocument, LevelDetailDocument, ModuleDocument, Only, PermissionDocument,
    SectionDocument,
};
use rolewright_model::condition::{
    Attributes, ConditionDocument, Number, OperandDocument, RequestAttributes, Value,
};
use rolewright_model::directory::{
    AssignmentDocument, GroupDocument, Member, MembershipDocument, Principal, Source, Status, Tier,
    UserDocument, UserPackage,
};
use rolewright_model::documents::Documents;
use rolewright_model::operation::{AlternativeDocument, NeedDocument, OperationDocument};
use rolewright_model::package::{PackageDocument, PackageRole};
use rolewright_model::policy::NewLinks;
use rolewright_model::resource::ResourceTypeDocument;
use rolewright_model::role::{Audience, LimitedGrant, RoleDocument, RoleKind};
use rolewright_model::scale::{LevelDocument, ScaleDocument, UiState};
use rolewright_model::{FORMAT, Request, ResourcePath, Stamp, State, Timestamp};
use rolewright_wire::check::Check;
use serde_json::json;

pub(crate) use self::changes::change_of;
use self::changes::{ChangeGene, change_genes};

/// Where every world is: no link is newer.
pub(crate) const AT: Stamp = Stamp { epoch: 1, revision: 4 };

const MODULES: [&str; 3] = ["a", "b", "c"];
const PRODUCT: &str = "plus";
/// Beside `default`: levels, and the level that `can` asks for.
const SCALES: [(&str, &[&str], Option<&str>); 3] = [
    ("reading", &["no", "read_only", "yes"], None),
    ("reach", &["nothing", "own", "all"], Some("own")),
    ("steps", &["zero", "one", "two", "three"], Some("two")),
];
const TYPES: [(&str, &str); 5] = [
    ("server", "servers/{server}"),
    ("task", "servers/{server}/tasks/{task}"),
    ("endpoint", "servers/{server}/endpoints/{endpoint}"),
    ("site", "sites/{site}"),
    // Each of these is a task too.
    ("own_task", "servers/a/tasks/{task}"),
];
pub(crate) const SCOPES: [&str; 13] = [
    "/",
    "servers/a",
    "servers/a/tasks/t",
    "servers",
    "servers/a/tasks",
    "servers/b",
    "servers/b/tasks/t",
    "servers/a/endpoints",
    "servers/a/endpoints/e",
    "servers/a/endpoints/f",
    "servers/b/endpoints/e",
    "sites/s",
    "servers/ab",
];
/// What is asked about beside the scopes: other places, and what is none.
const ELSEWHERE: [&str; 13] = [
    "servers/a/tasks/u",
    "servers/c",
    "sites",
    "servers/a/jobs",
    "servers/a/tasks/t/runs",
    "databases/a",
    "",
    "/servers/a",
    "servers/a/",
    "servers//a",
    "servers/../servers/a",
    "servers/%61",
    "servers\\a",
];
const OPERATION_RESOURCES: [(&str, &str); 6] = [
    ("task", "servers/{server}/tasks/{task}"),
    ("source", "servers/{server}/endpoints/{source}"),
    ("target", "servers/{server}/endpoints/{target}"),
    ("endpoints", "servers/{server}/endpoints"),
    ("server", "servers/{server}"),
    ("site", "sites/{site}"),
];
const ATTRIBUTES: [&str; 9] = [
    "resource.owner",
    "subject.id",
    "subject.region",
    "subject.rank",
    "resource.size",
    "action.kind",
    "context.hour",
    "context.device.managed",
    "context.tags",
];

/// A tenant and what is asked of it.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) documents: Documents,
    pub(crate) visits: Vec<Visit>,
    /// What happens to it, where a property lets something happen.
    pub(crate) changes: Vec<ChangeGene>,
}

/// One person in one session at one time, with the attributes of the request, and what is asked.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) subject: String,
    pub(crate) session: Option<Stamp>,
    pub(crate) at: Timestamp,
    pub(crate) attributes: RequestAttributes,
    pub(crate) asks: Vec<Ask>,
}

/// One question.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    Permission { permission: String, resource: String, asked: Option<String> },
    Operation { operation: String, resources: BTreeMap<String, String> },
}

impl Visit {
    /// When, in which session and with what it is asked.
    pub(crate) fn request(&self) -> Request<'_> {
        Request::new(self.at).in_session(self.session).with(&self.attributes)
    }

    /// The question as `POST .../check` takes it.
    pub(crate) fn check(&self, ask: &Ask) -> Check {
        let mut check = match ask {
            Ask::Permission { permission, resource, asked } => {
                json!({ "permission": permission, "resource": resource, "asked": asked })
            }
            Ask::Operation { operation, resources } => {
                json!({ "operation": operation, "resources": resources })
            }
        };
        check["subject"] = json!(self.subject);
        check["at"] = json!(self.at);
        check["session"] = json!(self.session);
        check["attributes"] = json!(self.attributes);
        serde_json::from_value(check).unwrap()
    }
}

impl World {
    /// Every place at which something can be held, and the tenant.
    pub(crate) fn places(&self, state: &State) -> Vec<ResourcePath> {
        let places = SCOPES.iter().filter_map(|scope| ResourcePath::parse(scope).ok());
        places.filter(|place| state.catalogue().is_place(place)).collect()
    }

    /// What the visits say of their requests: as many different attributes as there are.
    pub(crate) fn said(&self) -> impl Iterator<Item = &RequestAttributes> {
        self.visits.iter().map(|visit| &visit.attributes)
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Documents { settings, catalogue, roles, packages, directory, tests: _ } = &self.documents;
        let cases: Vec<_> = self
            .visits
            .iter()
            .flat_map(|visit| {
                visit.asks.iter().map(|ask| {
                    let kind = if matches!(ask, Ask::Operation { .. }) { "check" } else { "ask" };
                    json!({ kind: visit.check(ask) })
                })
            })
            .collect();
        let file = json!({
            "about": "A random world",
            "policy": {
                "format": FORMAT,
                "name": "Random",
                "settings": settings,
                "catalogue": **catalogue,
                "roles": roles.values().collect::<Vec<_>>(),
                "packages": packages.values().collect::<Vec<_>>(),
            },
            "directory": {
                "users": directory.users.values().collect::<Vec<_>>(),
                "groups": directory.groups.values().collect::<Vec<_>>(),
                "memberships": directory.memberships.values().collect::<Vec<_>>(),
                "assignments": directory.assignments.values().collect::<Vec<_>>(),
            },
            "at": 0,
            "cases": cases,
        });
        f.write_str(&serde_json::to_string_pretty(&file).unwrap())
    }
}

/// A place in whatever list it is used with.
type Gene = usize;

fn gene() -> impl Strategy<Value = Gene> {
    0_usize..60
}

/// What stands at that place in a list, which is not empty.
fn pick<T>(list: &[T], gene: Gene) -> &T {
    &list[gene % list.len()]
}

fn maybe<T: Strategy>(probability: f64, strategy: T) -> impl Strategy<Value = Option<T::Value>> {
    weighted(probability, strategy)
}

fn rarely() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.12)
}

// The genes, in the order in which a world is built of them.

#[derive(Clone, Debug)]
struct ModuleGene {
    access: bool,
    product: bool,
    permissions: Vec<PermissionGene>,
}

#[derive(Clone, Debug)]
struct PermissionGene {
    scale: Gene,
    section: bool,
    only: Option<bool>,
    levels: Vec<LevelGene>,
}

#[derive(Clone, Debug)]
struct LevelGene {
    implies: Vec<(Gene, Gene)>,
    condition: Option<ConditionDocument>,
    ui: Option<UiState>,
}

#[derive(Clone, Debug)]
struct OperationGene {
    resources: Vec<Gene>,
    alternatives: Vec<Vec<NeedGene>>,
}

#[derive(Clone, Debug)]
struct NeedGene {
    permission: Gene,
    level: Option<Gene>,
    resource: Option<Gene>,
    unless: Option<ConditionDocument>,
}

#[derive(Clone, Debug, Default)]
struct RoleGene {
    grants: Vec<(Gene, Gene)>,
    limited: Vec<(Gene, Gene, Gene)>,
    scope_types: Vec<Gene>,
    inherits: Vec<Gene>,
    superuser: bool,
}

#[derive(Clone, Debug)]
struct UserGene {
    status: Gene,
    package: Option<(Gene, Gene)>,
    attributes: Attributes,
}

#[derive(Clone, Debug)]
struct AssignmentGene {
    principal: Gene,
    role: Gene,
    scope: Gene,
    from: Option<i64>,
    length: Option<i64>,
    made: Gene,
}

#[derive(Clone, Debug)]
struct VisitGene {
    subject: Gene,
    session: Option<Gene>,
    at: i64,
    attributes: RequestAttributes,
    asks: Vec<AskGene>,
}

#[derive(Clone, Debug)]
struct AskGene {
    operation: Option<Gene>,
    permission: Gene,
    asked: Option<Gene>,
    resources: Vec<Gene>,
}

fn value() -> impl Strategy<Value = Value> {
    let text = prop::sample::select(&["x", "y", "u0"][..]).prop_map(|text| Value::Text(text.to_owned()));
    let number = (1..=2_i32).prop_map(|number| Value::Number(Number::new(number.into()).unwrap()));
    prop_oneof![3 => text, 3 => number, 1 => any::<bool>().prop_map(Value::Boolean)]
}

fn value_or_list() -> impl Strategy<Value = Value> {
    prop_oneof![6 => value(), 1 => vec(value(), 1..3).prop_map(Value::List)]
}

fn condition() -> impl Strategy<Value = ConditionDocument> {
    let attribute = || {
        prop::sample::select(&ATTRIBUTES[..])
            .prop_map(|attribute| OperandDocument::Attribute { attribute: attribute.to_owned() })
    };
    let operand = || prop_oneof![1 => attribute(), 2 => value().prop_map(OperandDocument::Literal)];
    let list = prop_oneof![
        1 => attribute(),
        3 => vec(value(), 1..3).prop_map(|list| OperandDocument::Literal(Value::List(list))),
    ];
    let number = || {
        prop_oneof![
            attribute(),
            (1..=2_i32).prop_map(|n| OperandDocument::Literal(Value::Number(Number::new(n.into()).unwrap())))
        ]
    };
    let leaf = prop_oneof![
        3 => (attribute(), operand()).prop_map(|(left, right)| ConditionDocument::Eq([left, right])),
        2 => (attribute(), operand()).prop_map(|(left, right)| ConditionDocument::Ne([left, right])),
        1 => (attribute(), list).prop_map(|(left, right)| ConditionDocument::In([left, right])),
        1 => (attribute(), number()).prop_map(|(left, right)| ConditionDocument::Lt([left, right])),
        1 => (number(), attribute()).prop_map(|(left, right)| ConditionDocument::Le([left, right])),
    ];
    let small = leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..3).prop_map(ConditionDocument::All),
            vec(inner, 1..3).prop_map(ConditionDocument::Any),
        ]
    });
    prop_oneof![20 => small, 1 => untold()]
}

/// A condition whose normal form is too large to be told; of two of these one may hold where the other
/// does not.
fn untold() -> impl Strategy<Value = ConditionDocument> {
    prop::sample::select(&["resource.size", "subject.region"][..]).prop_map(|last| {
        let is_not = |attribute: &str, text: String| {
            let attribute = OperandDocument::Attribute { attribute: attribute.to_owned() };
            ConditionDocument::Ne([attribute, OperandDocument::Literal(Value::Text(text))])
        };
        let pair = |number: usize| {
            let other = if number == 6 { last } else { "action.kind" };
            let parts =
                vec![is_not("resource.owner", format!("a{number}")), is_not(other, format!("b{number}"))];
            ConditionDocument::Any(parts)
        };
        ConditionDocument::All((0..7).map(pair).collect())
    })
}

fn attributes(root: &'static str) -> impl Strategy<Value = Attributes> {
    let names: Vec<String> = ATTRIBUTES
        .iter()
        .filter_map(|attribute| attribute.strip_prefix(root)?.strip_prefix('.'))
        .filter(|name| *name != "id")
        .map(str::to_owned)
        .collect();
    let most = names.len();
    btree_map(prop::sample::select(names), value_or_list(), 0..=most).prop_map(Attributes::from)
}

fn request_attributes() -> impl Strategy<Value = RequestAttributes> {
    let names: Vec<String> = OPERATION_RESOURCES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let resources = btree_map(prop::sample::select(names), attributes("resource"), 0..3);
    (attributes("resource"), resources, attributes("action"), attributes("context")).prop_map(
        |(resource, resources, action, context)| RequestAttributes {
            resource,
            resources: resources.into(),
            action,
            context,
        },
    )
}

fn module() -> impl Strategy<Value = ModuleGene> {
    let ui = prop::sample::select(vec![UiState::Disabled, UiState::ReadOnly, UiState::Enabled]);
    let level = (vec((gene(), gene()), 0..2), maybe(0.2, condition()), maybe(0.1, ui))
        .prop_map(|(implies, condition, ui)| LevelGene { implies, condition, ui });
    let permission = (gene(), any::<bool>(), maybe(0.1, any::<bool>()), vec(level, 0..3))
        .prop_map(|(scale, section, only, levels)| PermissionGene { scale, section, only, levels });
    (any::<bool>(), prop::bool::weighted(0.3), vec(permission, 0..4))
        .prop_map(|(access, product, permissions)| ModuleGene { access, product, permissions })
}

fn operation() -> impl Strategy<Value = OperationGene> {
    let need = (gene(), of(gene()), of(gene()), maybe(0.7, condition()))
        .prop_map(|(permission, level, resource, unless)| NeedGene { permission, level, resource, unless });
    (vec(gene(), 0..4), vec(vec(need, 1..4), 1..3))
        .prop_map(|(resources, alternatives)| OperationGene { resources, alternatives })
}

fn role() -> impl Strategy<Value = RoleGene> {
    (
        vec((gene(), gene()), 1..6),
        vec((gene(), gene(), gene()), 0..2),
        maybe(0.2, vec(gene(), 1..3)),
        vec(gene(), 0..3),
        rarely(),
    )
        .prop_map(|(grants, limited, scope_types, inherits, superuser)| RoleGene {
            grants,
            limited,
            scope_types: scope_types.unwrap_or_default(),
            inherits,
            superuser,
        })
}

fn user() -> impl Strategy<Value = UserGene> {
    (0..6_usize, of((gene(), gene())), attributes("subject"))
        .prop_map(|(status, package, attributes)| UserGene { status, package, attributes })
}

fn assignment() -> impl Strategy<Value = AssignmentGene> {
    (gene(), gene(), gene(), maybe(0.3, 0..5_i64), maybe(0.3, 1..4_i64), gene()).prop_map(
        |(principal, role, scope, from, length, made)| AssignmentGene {
            principal,
            role,
            scope,
            from,
            length,
            made,
        },
    )
}

fn visit() -> impl Strategy<Value = VisitGene> {
    let ask = (maybe(0.3, gene()), gene(), maybe(0.4, gene()), vec(gene(), 0..5)).prop_map(
        |(operation, permission, asked, resources)| AskGene { operation, permission, asked, resources },
    );
    (gene(), of(gene()), 0..6_i64, request_attributes(), vec(ask, 1..=ASKS)).prop_map(
        |(subject, session, at, attributes, asks)| VisitGene { subject, session, at, attributes, asks },
    )
}

/// How many visits a world has, and how many questions each at most.
const VISITS: usize = 4;
const ASKS: usize = 20;

/// Worlds, nearly all of them valid.
pub(crate) fn worlds() -> impl Strategy<Value = World> {
    let catalogue = (vec(module(), 1..=MODULES.len()), vec(operation(), 0..3), prop::bool::weighted(0.1));
    let roles = (role(), vec(role(), 1..5), vec(vec((gene(), gene()), 0..3), 0..3));
    let people =
        (vec(user(), 1..4), 0..4_usize, vec((gene(), gene(), gene()), 0..6), vec(assignment(), 1..10));
    let settings = (any::<bool>(), any::<bool>());
    let visits = vec(visit(), 1..=VISITS);
    (catalogue, roles, people, settings, visits, change_genes()).prop_map(
        |(
            (modules, operations, flat),
            (base, roles, packages),
            (users, groups, members, given),
            settings,
            visits,
            changes,
        )| {
            let mut build = Build::default();
            build.documents.settings.new_links =
                if settings.0 { NewLinks::NextLogin } else { NewLinks::AtOnce };
            if settings.1 {
                build.documents.settings.products.insert(PRODUCT.to_owned());
            }
            build.catalogue(modules, operations, flat);
            build.roles(base, roles);
            build.packages(packages);
            build.people(users, groups, members, given);
            let visits = visits.into_iter().map(|visit| build.visit(visit)).collect();
            World { documents: build.documents, visits, changes }
        },
    )
}

/// Documents in the making, with the lists that later genes choose from.
#[derive(Default)]
struct Build {
    documents: Documents,
    /// Each permission's id with its scale's levels, level 0 included, and where it may be set.
    permissions: Vec<(String, Vec<String>, Option<Only>)>,
    types: Vec<&'static str>,
    scopes: Vec<&'static str>,
    resources: Vec<&'static str>,
    /// Without the base role.
    roles: Vec<String>,
    packages: Vec<String>,
    groups: Vec<String>,
    subjects: Vec<String>,
}

fn slug(prefix: &str, number: usize) -> String {
    format!("{prefix}{number}")
}

/// Revision 0 to 4 of epoch 0 or 1.
fn stamp(gene: Gene) -> Stamp {
    let (epoch, revision) = pick(&[(0, 0), (0, 2), (0, 4), (1, 0), (1, 1), (1, 2), (1, 3), (1, 4)], gene);
    Stamp { epoch: *epoch, revision: *revision }
}

impl Build {
    fn catalogue(&mut self, modules: Vec<ModuleGene>, operations: Vec<OperationGene>, flat: bool) {
        let scales = SCALES.iter().map(|(id, levels, can)| {
            let level = |id: &&str| LevelDocument { id: (*id).to_owned(), label: String::new(), ui: None };
            let levels = levels.iter().map(level).collect();
            ((*id).to_owned(), ScaleDocument { levels, can: can.map(str::to_owned) })
        });
        if !flat {
            self.types = TYPES.iter().map(|(id, _)| *id).collect();
        }
        self.scopes = if flat { vec!["/"] } else { SCOPES.to_vec() };
        // The scopes again, so that most questions are about places.
        self.resources =
            SCOPES.iter().chain(&ELSEWHERE[..3]).chain(&SCOPES).chain(&ELSEWHERE[3..]).copied().collect();
        let types = TYPES.iter().filter(|_| !flat).map(|(id, pattern)| ResourceTypeDocument {
            id: (*id).to_owned(),
            label: String::new(),
            pattern: (*pattern).to_owned(),
        });
        let mut catalogue = CatalogueDocument {
            scales: scales.collect(),
            resource_types: types.collect(),
            ..CatalogueDocument::default()
        };
        let levels_of = |scale: Gene| match scale % (SCALES.len() + 1) {
            0 => (None, vec!["none".to_owned(), "allowed".to_owned()]),
            other => {
                let (id, levels, _) = SCALES[other - 1];
                (Some(id.to_owned()), levels.iter().map(|level| (*level).to_owned()).collect())
            }
        };
        for (id, module) in MODULES.iter().zip(&modules) {
            if module.access {
                let (_, levels) = levels_of(0);
                self.permissions.push((format!("{id}.access"), levels, None));
            }
            for (number, permission) in module.permissions.iter().enumerate() {
                let (_, levels) = levels_of(permission.scale);
                let only = permission.only.map(|base| if base { Only::Base } else { Only::Custom });
                self.permissions.push((format!("{id}.{}", slug("p", number)), levels, only));
            }
        }
        if self.permissions.is_empty() {
            self.permissions.push((
                format!("{}.access", MODULES[0]),
                vec!["none".to_owned(), "allowed".to_owned()],
                None,
            ));
        }
        for (place, (id, module)) in MODULES.iter().zip(modules).enumerate() {
            let mut document = ModuleDocument {
                id: (*id).to_owned(),
                label: format!("Module {id}"),
                description: String::new(),
                console: false,
                requires: module.product.then(|| PRODUCT.to_owned()),
                access: (module.access || place == 0 && self.permissions.len() == 1)
                    .then(AccessDocument::default),
                permissions: Vec::new(),
                sections: Vec::new(),
            };
            let mut section = Vec::new();
            for (number, gene) in module.permissions.into_iter().enumerate() {
                let (scale, levels) = levels_of(gene.scale);
                let mut permission = PermissionDocument {
                    id: format!("{id}.{}", slug("p", number)),
                    label: slug("Permission ", number),
                    scale,
                    only: gene.only.map(|base| if base { Only::Base } else { Only::Custom }),
                    ..PermissionDocument::default()
                };
                for (level, gene) in levels.iter().skip(1).zip(gene.levels) {
                    let implies = gene.implies.iter().map(|(other, level)| self.at_level(*other, *level));
                    let detail = LevelDetailDocument {
                        description: String::new(),
                        implies: implies.filter(|(other, _)| *other != permission.id).collect(),
                        ui: gene.ui,
                        condition: gene.condition,
                    };
                    permission.levels.insert(level.clone(), detail);
                }
                if gene.section { section.push(permission) } else { document.permissions.push(permission) }
            }
            if !section.is_empty() {
                let (id, label) = ("s".to_owned(), "Section".to_owned());
                document.sections.push(SectionDocument { id, label, permissions: section });
            }
            catalogue.modules.push(document);
        }
        if !flat {
            for (number, gene) in operations.into_iter().enumerate() {
                catalogue.operations.push(self.operation(number, gene));
            }
        }
        self.documents.catalogue = Arc::new(catalogue);
    }

    fn operation(&self, number: usize, gene: OperationGene) -> OperationDocument {
        let resources: BTreeMap<String, String> = gene
            .resources
            .iter()
            .map(|gene| *pick(&OPERATION_RESOURCES, *gene))
            .map(|(name, pattern)| (name.to_owned(), pattern.to_owned()))
            .collect();
        let names: Vec<&String> = resources.keys().collect();
        let alternative = |needs: Vec<NeedGene>| {
            let need = |(place, gene): (usize, NeedGene)| {
                let (permission, level) = self.at_level(gene.permission, gene.level.unwrap_or(0));
                NeedDocument {
                    permission,
                    level: gene.level.map(|_| level),
                    resource: gene
                        .resource
                        .filter(|_| !names.is_empty())
                        .map(|gene| (*pick(&names, gene)).clone()),
                    // Every alternative has one need at least without it.
                    unless: gene.unless.filter(|_| place > 0),
                }
            };
            AlternativeDocument { needs: needs.into_iter().enumerate().map(need).collect() }
        };
        OperationDocument {
            id: slug("o", number),
            label: slug("Operation ", number),
            group: String::new(),
            alternatives: gene.alternatives.into_iter().map(alternative).collect(),
            resources,
            applies_to: None,
            footnotes: Vec::new(),
            origin: None,
            help: None,
        }
    }

    /// A permission and one of its levels above 0.
    fn at_level(&self, permission: Gene, level: Gene) -> (String, String) {
        let (id, levels, _) = pick(&self.permissions, permission);
        (id.clone(), pick(&levels[1..], level).clone())
    }

    fn roles(&mut self, base: RoleGene, roles: Vec<RoleGene>) {
        let base = RoleGene { superuser: false, scope_types: Vec::new(), inherits: Vec::new(), ..base };
        let base = RoleDocument { base: true, ..self.role("base", base, false) };
        self.documents.roles.insert(base.id.clone(), base);
        for (number, gene) in roles.into_iter().enumerate() {
            let id = slug("r", number);
            let role = self.role(&id, gene, true);
            self.documents.roles.insert(id.clone(), role);
            self.roles.push(id);
        }
        let superuser = RoleGene { superuser: true, ..RoleGene::default() };
        self.documents.roles.insert("superuser".to_owned(), self.role("superuser", superuser, true));
        self.roles.push("superuser".to_owned());
    }

    /// It inherits only roles that are there already, so that no circle is made.
    fn role(&self, id: &str, gene: RoleGene, custom: bool) -> RoleDocument {
        let may = |permission: &str| {
            let set = self.permissions.iter().find(|(known, ..)| known == permission).and_then(|set| set.2);
            set.is_none_or(|only| (only == Only::Custom) == custom)
        };
        let mut role = RoleDocument::new(id, &format!("Role {id}"));
        if gene.superuser {
            role.superuser = true;
            role.kind = RoleKind::BuiltIn;
            role.audience = Audience::Admin;
            return role;
        }
        let grants = gene.grants.iter().map(|(permission, level)| self.at_level(*permission, *level));
        role.grants = grants.filter(|(permission, _)| may(permission)).collect();
        if !self.types.is_empty() {
            let limited: BTreeMap<_, _> = gene
                .limited
                .iter()
                .map(|(permission, level, at)| {
                    let (permission, level) = self.at_level(*permission, *level);
                    let at = (*pick(&self.types, *at)).to_owned();
                    ((permission.clone(), at.clone()), LimitedGrant { permission, level, at })
                })
                .filter(|(_, limited)| may(&limited.permission))
                .collect();
            role.limited = limited.into_values().collect();
        }
        if !self.roles.is_empty() {
            let inherits: BTreeSet<_> = gene.inherits.iter().map(|gene| pick(&self.roles, *gene)).collect();
            role.inherits = inherits.into_iter().cloned().collect();
            if role.inherits.iter().any(|id| self.documents.roles[id].audience == Audience::Admin) {
                role.audience = Audience::Admin;
            }
        }
        // What gives everything counts everywhere.
        if !self.types.is_empty() && role.audience == Audience::User {
            let types: BTreeSet<_> = gene.scope_types.iter().map(|gene| *pick(&self.types, *gene)).collect();
            role.scope_types = types.into_iter().map(str::to_owned).collect();
        }
        role
    }

    fn packages(&mut self, packages: Vec<Vec<(Gene, Gene)>>) {
        let carried: Vec<&String> = self
            .roles
            .iter()
            .filter(|id| {
                let role = &self.documents.roles[id.as_str()];
                role.audience == Audience::User && !role.is_space_role()
            })
            .collect();
        for (number, links) in packages.into_iter().enumerate() {
            let id = slug("k", number);
            let mut roles: Vec<PackageRole> = Vec::new();
            for (place, (role, made)) in links.into_iter().enumerate().filter(|_| !carried.is_empty()) {
                let role = (*pick(&carried, role)).clone();
                if roles.iter().all(|link| link.role != role) {
                    roles.push(PackageRole { role, link: format!("{id}-{place}"), made: stamp(made) });
                }
            }
            let package = PackageDocument {
                id: id.clone(),
                name: slug("Package ", number),
                description: String::new(),
                roles,
            };
            self.documents.packages.insert(id.clone(), package);
            self.packages.push(id);
        }
    }

    fn people(
        &mut self,
        users: Vec<UserGene>,
        groups: usize,
        memberships: Vec<(Gene, Gene, Gene)>,
        assignments: Vec<AssignmentGene>,
    ) {
        let directory = &mut self.documents.directory;
        for (number, gene) in users.into_iter().enumerate() {
            let id = slug("u", number);
            let package =
                gene.package.filter(|_| !self.packages.is_empty()).map(|(package, made)| UserPackage {
                    package: pick(&self.packages, package).clone(),
                    link: format!("{id}-package"),
                    made: stamp(made),
                });
            let user = UserDocument {
                id: id.clone(),
                email: String::new(),
                first_name: String::new(),
                last_name: String::new(),
                status: match gene.status {
                    4 => Status::Disabled,
                    5 => Status::Invited,
                    _ => Status::Active,
                },
                tier: Tier::Basic,
                sign_in: false,
                package,
                attributes: gene.attributes,
                created: Timestamp::default(),
                invited: None,
            };
            directory.users.insert(id.clone(), user);
            self.subjects.push(id);
        }
        let users = self.subjects.clone();
        for number in 0..groups {
            let id = slug("g", number);
            let (name, description) = (slug("Group ", number), String::new());
            let group = GroupDocument { id: id.clone(), name, description, source: Default::default() };
            directory.groups.insert(id.clone(), group);
            self.groups.push(id);
        }
        let mut known = BTreeSet::new();
        for (number, (group, member, made)) in memberships.into_iter().enumerate() {
            if self.groups.is_empty() {
                break;
            }
            let group = group % self.groups.len();
            // A group is in groups of higher number only, so that no circle is made.
            let members = users.len() + group;
            let member = match member % members {
                user if user < users.len() => Member::User(users[user].clone()),
                inner => Member::Group(self.groups[inner - users.len()].clone()),
            };
            if known.insert((group, member.clone())) {
                let (id, group) = (slug("m", number), self.groups[group].clone());
                let membership = MembershipDocument { id: id.clone(), group, member, made: stamp(made) };
                directory.memberships.insert(id, membership);
            }
        }
        let mut principals: Vec<Principal> = users.iter().cloned().map(Principal::User).collect();
        principals.extend(self.groups.iter().cloned().map(Principal::Group));
        principals.push(Principal::Everyone);
        let mut known = BTreeSet::new();
        for (number, gene) in assignments.into_iter().enumerate() {
            let principal = pick(&principals, gene.principal).clone();
            let role = pick(&self.roles, gene.role).clone();
            let scope = (*pick(&self.scopes, gene.scope)).to_owned();
            if !known.insert((principal.clone(), role.clone(), scope.clone())) {
                continue;
            }
            let id = slug("a", number);
            let source = match principal {
                Principal::Everyone => Source::AutoAssign,
                _ => Source::Direct,
            };
            let until = gene.length.map(|length| Timestamp(gene.from.unwrap_or(0) + length));
            let assignment = AssignmentDocument {
                id: id.clone(),
                principal,
                role,
                scope,
                source,
                from: gene.from.map(Timestamp),
                until,
                made: stamp(gene.made),
            };
            directory.assignments.insert(id, assignment);
        }
        self.subjects.extend(users);
        self.subjects.push("nobody".to_owned());
    }

    fn visit(&self, gene: VisitGene) -> Visit {
        Visit {
            subject: pick(&self.subjects, gene.subject).clone(),
            session: gene.session.map(stamp),
            at: Timestamp(gene.at),
            attributes: gene.attributes,
            asks: gene.asks.into_iter().map(|ask| self.ask(&ask)).collect(),
        }
    }

    fn ask(&self, gene: &AskGene) -> Ask {
        let operations = &self.documents.catalogue.operations;
        match gene.operation {
            Some(operation) if !operations.is_empty() => {
                let operation = pick(operations, operation);
                let mut resources = BTreeMap::new();
                // Mostly the right kind of path, sometimes any.
                for (name, gene) in operation.resources.keys().zip(&gene.resources) {
                    let path = match name.as_str() {
                        _ if gene % 10 == 9 => *pick(&self.resources, *gene),
                        "task" => {
                            *pick(&["servers/a/tasks/t", "servers/b/tasks/t", "servers/a/tasks/u"], *gene)
                        }
                        "server" => *pick(&["servers/a", "servers/b", "servers/c"], *gene),
                        "endpoints" => *pick(&["servers/a/endpoints", "servers/b/endpoints"], *gene),
                        "site" => *pick(&["sites/s", "sites/z"], *gene),
                        _ => *pick(
                            &["servers/a/endpoints/e", "servers/a/endpoints/f", "servers/b/endpoints/e"],
                            *gene,
                        ),
                    };
                    resources.insert(name.clone(), path.to_owned());
                }
                Ask::Operation { operation: operation.id.clone(), resources }
            }
            Some(operation) => Ask::Operation { operation: slug("o", operation), resources: BTreeMap::new() },
            None => {
                let unknown = ["a.unknown", "users.view"];
                let all = self.permissions.len() * 6 + unknown.len();
                let place = gene.permission % all;
                let (permission, levels) = match self.permissions.get(place / 6) {
                    Some((id, levels, _)) => (id.clone(), levels.clone()),
                    None => {
                        (pick(&unknown, place).to_string(), vec!["none".to_owned(), "allowed".to_owned()])
                    }
                };
                let asked = gene.asked.map(|asked| match asked {
                    50.. => "unknown".to_owned(),
                    asked => pick(&levels, asked).clone(),
                });
                let resource = gene.resources.first().map_or("/", |gene| *pick(&self.resources, *gene));
                Ask::Permission { permission, resource: resource.to_owned(), asked }
            }
        }
    }
}
