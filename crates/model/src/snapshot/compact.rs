//! The compact encoding of a snapshot: four bytes that name it and its version, then
//! [postcard](https://postcard.jamesmunns.com/wire-format). It says what decisions read and no
//! words for people, in an order that the same revision always has, so that two states are the
//! same where their encodings are.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::SnapshotKind;
use crate::catalogue::MOST_LEVELS;
use crate::catalogue::{
    Catalogue, LevelDetail, Module, Permission, PermissionHandle, PermissionKind, Section,
};
use crate::condition::{
    self, Atom, Attribute, Attributes, Condition, Number, Operand, Operator, Root, Value,
};
use crate::directory::Source;
use crate::index::{Index, Rows, held};
use crate::operation::{Need, Operation};
use crate::package::{PackageDocument, PackageRole};
use crate::pass::Revocation;
use crate::people::{Held, Package, People, Person, Tie, seeded};
use crate::policy::{LimitedTo, NewLinks, Policy, Role, SettingsDocument};
use crate::resource::{Pattern, ResourcePath, ResourceType};
use crate::role::Audience;
use crate::rows::Layout;
use crate::scale::{Level, Scale, ScaleLevel, UiState};
use crate::stamp::{Stamp, Timestamp};
use crate::subject::Link;

/// The name of the encoding and its version.
const MAGIC: [u8; 4] = *b"RWS\x01";

/// A snapshot in its compact encoding, read.
#[derive(Clone, Debug)]
pub struct Compact {
    /// What it holds.
    pub kind: SnapshotKind,
    /// The tenant.
    pub tenant: String,
    /// Links and users that passes made before must no longer count.
    pub revoked: Vec<Revocation>,
    /// What decisions read.
    pub index: Index,
}

/// Why bytes are not a compact snapshot. The server signs what it encodes: no more is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// They begin like something else, or like another version.
    Format,
    /// They end too early, go on too long, or do not have the shape.
    Shape,
    /// They name a role, a group, a place or a scale that is not there.
    Reference,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Format => "this is not a compact snapshot of version 1",
            Self::Shape => "the snapshot does not have the shape of its version: fetch it again",
            Self::Reference => "the snapshot names something that it does not hold: fetch it again",
        })
    }
}

impl std::error::Error for Unreadable {}

#[derive(Serialize, Deserialize)]
struct Body {
    kind: u8,
    tenant: String,
    at: Made,
    next_login: bool,
    scales: Vec<ScaleBody>,
    modules: Vec<ModuleBody>,
    types: Vec<(String, String)>,
    operations: Vec<OperationBody>,
    roles: Vec<RoleBody>,
    base: Option<u32>,
    packages: Vec<(String, Vec<(u32, LinkBody)>)>,
    scopes: Vec<String>,
    groups: Vec<GroupBody>,
    everyone: Vec<HeldBody>,
    users: Vec<UserBody>,
    revoked: Vec<LinkBody>,
}

type Made = (u32, u64);

#[derive(Serialize, Deserialize)]
struct ScaleBody {
    id: String,
    levels: Vec<(String, u8)>,
    can: u8,
}

#[derive(Serialize, Deserialize)]
struct ModuleBody {
    id: String,
    console: bool,
    present: bool,
    /// Whether the first permission is the access permission.
    access: bool,
    permissions: Vec<PermissionBody>,
}

#[derive(Serialize, Deserialize)]
struct PermissionBody {
    /// What follows the module's id and the dot.
    name: String,
    scale: u32,
    /// None where no level says anything.
    levels: Vec<LevelBody>,
}

#[derive(Serialize, Deserialize)]
struct LevelBody {
    implies: Vec<(u32, u8)>,
    ui: Option<u8>,
    condition: Option<ConditionBody>,
}

/// A condition, parts after what holds them: nothing here nests, however the bytes are made.
type ConditionBody = Vec<NodeBody>;

#[derive(Serialize, Deserialize)]
enum NodeBody {
    /// So many parts follow.
    All(u32),
    Any(u32),
    Atom(u8, OperandBody, OperandBody),
}

#[derive(Serialize, Deserialize)]
enum OperandBody {
    Attribute(u8, String),
    Literal(ValueBody),
}

#[derive(Serialize, Deserialize)]
enum ValueBody {
    One(SingleBody),
    List(Vec<SingleBody>),
}

#[derive(Serialize, Deserialize)]
enum SingleBody {
    Boolean(bool),
    Number(f64),
    Text(String),
}

#[derive(Serialize, Deserialize)]
struct OperationBody {
    id: String,
    resources: Vec<(String, String)>,
    alternatives: Vec<Vec<NeedBody>>,
}

#[derive(Serialize, Deserialize)]
struct NeedBody {
    permission: u32,
    asked: u8,
    resource: Option<u32>,
    unless: Option<ConditionBody>,
}

#[derive(Serialize, Deserialize)]
struct RoleBody {
    id: String,
    superuser: bool,
    inherits: Vec<u32>,
    scope_types: Vec<u16>,
    /// Bits of the layout, eight to a byte, without the empty bytes at the end.
    grants: Vec<u8>,
    limited: Vec<(u32, u8, u16)>,
}

#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct LinkBody {
    id: String,
    made: Made,
}

#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct HeldBody {
    link: LinkBody,
    role: u32,
    scope: u32,
    from: Option<i64>,
    until: Option<i64>,
    source: u8,
}

#[derive(Serialize, Deserialize)]
struct GroupBody {
    id: String,
    own: Vec<HeldBody>,
    parents: Vec<(u32, LinkBody)>,
}

#[derive(Serialize, Deserialize)]
struct UserBody {
    id: String,
    active: bool,
    attributes: Vec<(String, ValueBody)>,
    holds: Vec<HeldBody>,
    groups: Vec<(u32, LinkBody)>,
    package: Option<(u32, LinkBody)>,
}

/// Where things stand in the encoding: by id, whatever their positions in the index.
struct Order<'i> {
    index: &'i Index,
    /// Positions of roles, groups and packages in the order of ids, and for each the place.
    roles: Places,
    groups: Places,
    packages: Places,
    scopes: BTreeMap<&'i str, u32>,
}

/// Positions in the order of ids, and the place of each position.
struct Places {
    order: Vec<usize>,
    place: Vec<u32>,
}

impl Places {
    fn of<'a>(ids: impl Iterator<Item = (usize, &'a str)>) -> Self {
        let mut order: Vec<(usize, &str)> = ids.collect();
        order.sort_by(|a, b| a.1.cmp(b.1));
        let most = order.iter().map(|(position, _)| position + 1).max().unwrap_or_default();
        let mut place = vec![u32::MAX; most];
        for (number, (position, _)) in (0..).zip(&order) {
            if let Some(place) = place.get_mut(*position) {
                *place = number;
            }
        }
        Self { order: order.into_iter().map(|(position, _)| position).collect(), place }
    }

    fn get(&self, position: usize) -> u32 {
        self.place.get(position).copied().unwrap_or(u32::MAX)
    }
}

impl Index {
    /// The whole index in the compact encoding: what a full snapshot says. `O(size)`.
    #[must_use]
    pub fn encode(&self, tenant: &str, revoked: &[Revocation]) -> Vec<u8> {
        self.encoded(SnapshotKind::Full, tenant, revoked)
    }

    /// The policy alone, without people: what a policy snapshot says. `O(policy)`.
    #[must_use]
    pub fn encode_policy(&self, tenant: &str, revoked: &[Revocation]) -> Vec<u8> {
        let nobody = Self { people: self.people.without_people(), ..self.clone() };
        nobody.encoded(SnapshotKind::Policy, tenant, revoked)
    }

    pub(crate) fn encoded(&self, kind: SnapshotKind, tenant: &str, revoked: &[Revocation]) -> Vec<u8> {
        let body = Order::of(self).body(kind, tenant, revoked);
        // Writing into memory cannot fail; nothing is what nobody can read.
        postcard::to_extend(&body, MAGIC.to_vec()).unwrap_or_default()
    }
}

impl<'i> Order<'i> {
    fn of(index: &'i Index) -> Self {
        let (policy, people) = (&index.policy, &index.people);
        let roles = policy.roles.iter().enumerate().map(|(position, role)| (position, role.id.as_str()));
        let groups = people.groups.iter().enumerate();
        let groups = groups.filter_map(|(position, group)| Some((position, group.as_ref()?.id.as_str())));
        let packages = people.packages.iter().enumerate();
        let packages = packages.filter_map(|(position, known)| Some((position, known.as_ref()?.id.as_str())));
        Self {
            index,
            roles: Places::of(roles),
            groups: Places::of(groups),
            packages: Places::of(packages),
            scopes: BTreeMap::new(),
        }
    }

    fn body(&self, kind: SnapshotKind, tenant: &str, revoked: &[Revocation]) -> Body {
        let Index { at, policy, people, .. } = self.index;
        let catalogue = &policy.catalogue;
        let mut scopes = BTreeSet::new();
        let mut handles: Vec<_> = people.handles().collect();
        handles.sort_by(|a, b| people.id(*a).cmp(people.id(*b)));
        let persons = || handles.iter().filter_map(|user| people.person(*user));
        for person in persons() {
            let held = person.ties.iter().filter_map(|tie| match tie {
                Tie::Holds(held) => Some(held.scope.as_str().to_owned()),
                _ => None,
            });
            scopes.extend(held);
        }
        let groups = || people.groups.iter().flatten();
        scopes.extend(groups().flat_map(|group| &group.own).map(|held| held.scope.as_str().to_owned()));
        scopes.extend(people.everyone.iter().map(|held| held.scope.as_str().to_owned()));
        let numbered = Order {
            index: self.index,
            roles: Places { order: self.roles.order.clone(), place: self.roles.place.clone() },
            groups: Places { order: self.groups.order.clone(), place: self.groups.place.clone() },
            packages: Places { order: self.packages.order.clone(), place: self.packages.place.clone() },
            scopes: scopes.iter().map(String::as_str).zip(0..).collect(),
        };
        let base = policy.base.map(|base| self.roles.get(base));
        let revoked = revoked.iter().map(|gone| LinkBody { id: gone.id.clone(), made: made(gone.at) });
        let body = Body {
            kind: kind as u8,
            tenant: tenant.to_owned(),
            at: made(*at),
            next_login: policy.settings.new_links == NewLinks::NextLogin,
            scales: catalogue.scales.iter().map(scale_body).collect(),
            modules: catalogue.modules.iter().map(|module| self.module_body(module)).collect(),
            types: catalogue
                .resource_types
                .iter()
                .map(|kind| (kind.id.clone(), kind.pattern.to_string()))
                .collect(),
            operations: catalogue.operations.iter().map(operation_body).collect(),
            roles: self
                .roles
                .order
                .iter()
                .filter_map(|role| Some(self.role_body(policy.role(*role)?)))
                .collect(),
            base,
            packages: self
                .packages
                .order
                .iter()
                .filter_map(|package| numbered.package_body(*package))
                .collect(),
            groups: self.groups.order.iter().filter_map(|group| numbered.group_body(*group)).collect(),
            everyone: numbered.held_bodies(people.everyone.iter()),
            users: persons().map(|person| numbered.user_body(&person)).collect(),
            revoked: revoked.collect(),
            scopes: Vec::new(),
        };
        Body { scopes: scopes.into_iter().collect(), ..body }
    }

    fn module_body(&self, module: &Module) -> ModuleBody {
        let catalogue = &self.index.policy.catalogue;
        let all: Vec<PermissionHandle> = module.access.into_iter().chain(module.permissions()).collect();
        let present = all.first().is_some_and(|first| self.index.is_present(*first));
        let permissions = all.into_iter().filter_map(|handle| {
            let known = catalogue.permission(handle)?;
            let says = |detail: &LevelDetail| {
                !detail.implies.is_empty() || detail.ui.is_some() || detail.condition.is_some()
            };
            let levels = match known.levels.iter().any(says) {
                true => known.levels.iter().map(level_body).collect(),
                false => Vec::new(),
            };
            let name = known.id.split_once('.').map_or("", |(_, name)| name).to_owned();
            Some(PermissionBody { name, scale: u32::try_from(known.scale).unwrap_or_default(), levels })
        });
        ModuleBody {
            id: module.id.clone(),
            console: module.console,
            present,
            access: module.access.is_some(),
            permissions: permissions.collect(),
        }
    }

    fn role_body(&self, role: &Role) -> RoleBody {
        let mut grants: Vec<u8> = role.grants.0.iter().flat_map(|word| word.to_le_bytes()).collect();
        let used = grants.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        grants.truncate(used);
        let limited = role.limited.iter().map(|grant| (grant.permission.0, grant.level.0, grant.at));
        RoleBody {
            id: role.id.clone(),
            superuser: role.superuser,
            inherits: role.inherits.iter().map(|parent| self.roles.get(*parent)).collect(),
            scope_types: role.scope_types.clone(),
            grants,
            limited: limited.collect(),
        }
    }

    fn package_body(&self, package: usize) -> Option<(String, Vec<(u32, LinkBody)>)> {
        let package = self.index.people.packages.get(package)?.as_ref()?;
        let carried = package.carried.iter().filter_map(|held| {
            let role = self.index.rows.get(held.row)?.role;
            Some((self.roles.get(role), link_body(&held.link)))
        });
        Some((package.id.clone(), carried.collect()))
    }

    fn held_bodies<'h>(&self, held: impl Iterator<Item = &'h Held>) -> Vec<HeldBody> {
        let body = |held: &Held| {
            Some(HeldBody {
                link: link_body(&held.link),
                role: self.roles.get(self.index.rows.get(held.row)?.role),
                scope: self.scopes.get(held.scope.as_str()).copied()?,
                from: held.window.from().map(|from| from.0),
                until: held.window.until().map(|until| until.0),
                source: held.source as u8,
            })
        };
        let mut all: Vec<HeldBody> = held.filter_map(body).collect();
        all.sort();
        all
    }

    fn group_body(&self, group: usize) -> Option<GroupBody> {
        let group = self.index.people.groups.get(group)?.as_ref()?;
        let mut parents: Vec<(u32, LinkBody)> = group
            .parents
            .iter()
            .map(|(parent, link)| (self.groups.get(*parent as usize), link_body(link)))
            .collect();
        parents.sort_by(|a, b| a.1.cmp(&b.1));
        Some(GroupBody { id: group.id.clone(), own: self.held_bodies(group.own.iter()), parents })
    }

    fn user_body(&self, person: &Person) -> UserBody {
        let held = person.ties.iter().filter_map(|tie| match tie {
            Tie::Holds(held) => Some(held),
            _ => None,
        });
        let mut groups: Vec<(u32, LinkBody)> = Vec::new();
        let mut package = None;
        for tie in &person.ties {
            match tie {
                Tie::Member(group, link) => groups.push((self.groups.get(*group as usize), link_body(link))),
                Tie::Package(on, link) => package = Some((self.packages.get(*on as usize), link_body(link))),
                Tie::Holds(_) => {}
            }
        }
        groups.sort_by(|a, b| a.1.cmp(&b.1));
        let attributes = person.attributes.iter().map(|(name, value)| (name.clone(), value_body(value)));
        UserBody {
            id: person.id.clone(),
            active: person.active,
            attributes: attributes.collect(),
            holds: self.held_bodies(held),
            groups,
            package,
        }
    }
}

fn made(stamp: Stamp) -> Made {
    (stamp.epoch, stamp.revision)
}

fn stamp((epoch, revision): Made) -> Stamp {
    Stamp { epoch, revision }
}

fn link_body(link: &Link) -> LinkBody {
    LinkBody { id: link.id.clone(), made: made(link.made) }
}

fn link(body: LinkBody) -> Link {
    Link { id: body.id, made: stamp(body.made) }
}

fn scale_body(scale: &Scale) -> ScaleBody {
    let levels = scale.levels.iter().map(|level| (level.id.clone(), level.ui as u8));
    ScaleBody { id: scale.id.clone(), levels: levels.collect(), can: scale.can.0 }
}

fn level_body(detail: &LevelDetail) -> LevelBody {
    LevelBody {
        implies: detail.implies.iter().map(|(target, at)| (target.0, at.0)).collect(),
        ui: detail.ui.map(|ui| ui as u8),
        condition: detail.condition.as_ref().map(condition_body),
    }
}

fn condition_body(condition: &Condition) -> ConditionBody {
    let mut nodes = Vec::new();
    let mut open = vec![condition];
    while let Some(next) = open.pop() {
        nodes.push(match next {
            Condition::All(parts) | Condition::Any(parts) => {
                open.extend(parts.iter().rev());
                let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
                match next {
                    Condition::All(_) => NodeBody::All(count),
                    _ => NodeBody::Any(count),
                }
            }
            Condition::Atom(Atom { operator, left, right }) => {
                NodeBody::Atom(*operator as u8, operand_body(left), operand_body(right))
            }
        });
    }
    nodes
}

fn operand_body(operand: &Operand) -> OperandBody {
    match operand {
        Operand::Attribute(attribute) => OperandBody::Attribute(attribute.root as u8, attribute.name.clone()),
        Operand::Literal(value) => OperandBody::Literal(value_body(value)),
    }
}

fn value_body(value: &Value) -> ValueBody {
    match value {
        // A list holds no list.
        Value::List(values) => ValueBody::List(values.iter().filter_map(single_body).collect()),
        single => single_body(single).map_or(ValueBody::List(Vec::new()), ValueBody::One),
    }
}

fn single_body(value: &Value) -> Option<SingleBody> {
    match value {
        Value::Boolean(value) => Some(SingleBody::Boolean(*value)),
        Value::Number(value) => Some(SingleBody::Number(value.get())),
        Value::Text(value) => Some(SingleBody::Text(value.clone())),
        Value::List(_) => None,
    }
}

fn operation_body(operation: &Operation) -> OperationBody {
    let need = |need: &Need| NeedBody {
        permission: need.permission.0,
        asked: need.asked.0,
        resource: need.resource.and_then(|resource| u32::try_from(resource).ok()),
        unless: need.unless.as_ref().map(condition_body),
    };
    OperationBody {
        id: operation.id.clone(),
        resources: operation
            .resources
            .iter()
            .map(|(name, pattern)| (name.clone(), pattern.to_string()))
            .collect(),
        alternatives: operation.alternatives.iter().map(|needs| needs.iter().map(need).collect()).collect(),
    }
}

impl Compact {
    /// Whether bytes begin as the compact encoding does.
    #[must_use]
    pub fn is_compact(bytes: &[u8]) -> bool {
        bytes.starts_with(&MAGIC)
    }

    /// Reads a compact snapshot. Its signature is the caller's to verify first. `O(size)`.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        let rest = bytes.strip_prefix(&MAGIC).ok_or(Unreadable::Format)?;
        let (body, rest) = postcard::take_from_bytes::<Body>(rest).map_err(|_| Unreadable::Shape)?;
        if !rest.is_empty() {
            return Err(Unreadable::Shape);
        }
        body.read().ok_or(Unreadable::Reference)
    }
}

impl Body {
    fn read(self) -> Option<Compact> {
        let kind = match self.kind {
            0 => SnapshotKind::Full,
            1 => SnapshotKind::Policy,
            2 => SnapshotKind::Subject,
            _ => return None,
        };
        let mut catalogue = Catalogue {
            scales: self.scales.into_iter().map(scale).collect::<Option<_>>()?,
            modules: Vec::new(),
            permissions: Vec::new(),
            resource_types: Vec::new(),
            operations: Vec::new(),
            handles: HashMap::with_hasher(seeded()),
            conditional: Vec::new(),
            reads: BTreeSet::new(),
        };
        let mut absent = BTreeSet::new();
        for module in self.modules {
            let position = catalogue.modules.len();
            if !module.present {
                absent.insert(position);
            }
            let module = module.read(&mut catalogue, position)?;
            catalogue.modules.push(module);
        }
        for (id, pattern) in self.types {
            let pattern = Pattern::parse(&pattern).ok()?;
            catalogue.resource_types.push(ResourceType { label: id.clone(), id, pattern });
        }
        for operation in self.operations {
            catalogue.operations.push(operation.read()?);
        }
        catalogue.finish();
        let layout = Layout::new(&catalogue, |handle| {
            catalogue.permission(handle).is_some_and(|known| !absent.contains(&known.module))
        });
        let new_links = if self.next_login { NewLinks::NextLogin } else { NewLinks::AtOnce };
        let mut policy = Policy {
            settings: SettingsDocument { new_links, ..SettingsDocument::default() },
            catalogue: Arc::new(catalogue),
            layout: Arc::new(layout),
            roles: Vec::new(),
            positions: Arc::new(HashMap::with_hasher(seeded())),
            base: self.base.and_then(|base| usize::try_from(base).ok()),
            packages: BTreeMap::new(),
        };
        for role in self.roles {
            let role = role.read(&policy.layout)?;
            Arc::make_mut(&mut policy.positions).insert(role.id.clone(), policy.roles.len());
            policy.roles.push(Arc::new(role));
        }
        policy.settle_all();
        let scopes: Vec<ResourcePath> =
            self.scopes.iter().map(|scope| ResourcePath::parse(scope).ok()).collect::<Option<_>>()?;
        let rows = Rows::new(&policy);
        let mut index = Index { at: stamp(self.at), policy, rows, people: People::new(self.users.len()) };
        let tenant = ResourcePath::tenant();
        for (id, carried) in self.packages {
            let mut links = Vec::new();
            let mut roles = Vec::new();
            for (role, body) in carried {
                let position = usize::try_from(role).ok()?;
                let row = index.rows.intern(&index.policy, position, &tenant)?;
                let link = link(body);
                roles.push(PackageRole {
                    role: index.policy.role(position)?.id.clone(),
                    link: link.id.clone(),
                    made: link.made,
                });
                links.push(held(row, tenant.clone(), (None, None), Source::Direct, link));
            }
            let document =
                PackageDocument { id: id.clone(), name: String::new(), description: String::new(), roles };
            index.policy.packages.insert(id.clone(), Arc::new(document));
            index.people.set_package(Package { id, carried: links });
        }
        let mut read = |body: HeldBody| -> Option<Held> {
            let scope = scopes.get(usize::try_from(body.scope).ok()?)?.clone();
            let row = index.rows.intern(&index.policy, usize::try_from(body.role).ok()?, &scope)?;
            let source = match body.source {
                0 => Source::Direct,
                1 => Source::AutoAssign,
                2 => Source::Entitlement,
                _ => return None,
            };
            let window = (body.from.map(Timestamp), body.until.map(Timestamp));
            Some(held(row, scope, window, source, link(body.link)))
        };
        let count = u32::try_from(self.groups.len()).ok()?;
        let mut nested = Vec::new();
        for group in self.groups {
            let position = index.people.place_group(&group.id);
            let own: Vec<Held> = group.own.into_iter().map(&mut read).collect::<Option<_>>()?;
            let parents: Vec<(u32, Link)> =
                group.parents.into_iter().map(|(parent, body)| (parent, link(body))).collect();
            if parents.iter().any(|(parent, _)| *parent >= count) {
                return None;
            }
            nested.push((position, own, parents));
        }
        index.people.everyone = Arc::new(self.everyone.into_iter().map(&mut read).collect::<Option<_>>()?);
        let packages = u32::try_from(index.people.packages.len()).ok()?;
        let mut everybody = Vec::with_capacity(self.users.len());
        for user in self.users {
            let mut ties: Vec<Tie> =
                user.holds.into_iter().map(|body| read(body).map(Tie::Holds)).collect::<Option<_>>()?;
            for (group, body) in user.groups {
                ties.push(Tie::Member(Some(group).filter(|group| *group < count)?, link(body)));
            }
            if let Some((package, body)) = user.package {
                ties.push(Tie::Package(Some(package).filter(|package| *package < packages)?, link(body)));
            }
            let attributes = user.attributes.into_iter().map(|(name, body)| Some((name, value(body)?)));
            let attributes: Attributes = attributes.collect::<Option<_>>()?;
            everybody.push(Person { id: user.id, active: user.active, sign_in: false, attributes, ties });
        }
        for (position, own, parents) in nested {
            if let Some(group) = index.people.group_mut(position) {
                (group.own, group.parents) = (own, parents);
            }
        }
        for group in 0..count {
            index.people.ascend(group);
        }
        index.people.add_all(everybody.into_iter());
        let revoked = self.revoked.into_iter().map(|gone| Revocation { id: gone.id, at: stamp(gone.made) });
        Some(Compact { kind, tenant: self.tenant, revoked: revoked.collect(), index })
    }
}

impl ModuleBody {
    fn read(self, catalogue: &mut Catalogue, position: usize) -> Option<Module> {
        let mut permissions = Vec::new();
        for (number, body) in self.permissions.into_iter().enumerate() {
            let handle = PermissionHandle(u32::try_from(catalogue.permissions.len()).ok()?);
            let scale = usize::try_from(body.scale).ok()?;
            let count = catalogue.scales.get(scale)?.levels.len();
            let mut levels: Vec<LevelDetail> =
                body.levels.into_iter().map(LevelBody::read).collect::<Option<_>>()?;
            if levels.len() > count {
                return None;
            }
            levels.resize_with(count, LevelDetail::default);
            let id = format!("{}.{}", self.id, body.name);
            catalogue.handles.insert(id.clone(), handle);
            catalogue.permissions.push(Permission {
                id,
                label: String::new(),
                description: String::new(),
                kind: PermissionKind::Action,
                scale,
                audience: Audience::User,
                only: None,
                module: position,
                is_access: self.access && number == 0,
                levels,
                help: None,
            });
            permissions.push(handle);
        }
        let access = permissions.first().copied().filter(|_| self.access);
        if access.is_some() {
            permissions.remove(0);
        }
        Some(Module {
            id: self.id,
            label: String::new(),
            description: String::new(),
            console: self.console,
            requires: None,
            access,
            sections: vec![Section { id: String::new(), label: String::new(), permissions }],
        })
    }
}

impl LevelBody {
    fn read(self) -> Option<LevelDetail> {
        let ui = match self.ui {
            Some(ui) => Some(state(ui)?),
            None => None,
        };
        let implies = self.implies.into_iter().map(|(target, at)| (PermissionHandle(target), Level(at)));
        let condition = match self.condition {
            Some(body) => Some(condition(body)?),
            None => None,
        };
        Some(LevelDetail { description: String::new(), implies: implies.collect(), ui, condition })
    }
}

impl OperationBody {
    fn read(self) -> Option<Operation> {
        let resources: Vec<(String, Pattern)> = self
            .resources
            .into_iter()
            .map(|(name, pattern)| Some((name, Pattern::parse(&pattern).ok()?)))
            .collect::<Option<_>>()?;
        let need = |body: NeedBody| {
            let unless = match body.unless {
                Some(body) => Some(condition(body)?),
                None => None,
            };
            let resource = match body.resource {
                Some(resource) => Some(usize::try_from(resource).ok()?),
                None => None,
            };
            Some(Need {
                permission: PermissionHandle(body.permission),
                asked: Level(body.asked),
                resource,
                unless,
            })
        };
        let needs = |needs: Vec<NeedBody>| needs.into_iter().map(need).collect::<Option<Vec<_>>>();
        Some(Operation {
            id: self.id,
            label: String::new(),
            group: String::new(),
            applies_to: None,
            footnotes: Vec::new(),
            origin: None,
            help: None,
            resources,
            alternatives: self.alternatives.into_iter().map(needs).collect::<Option<_>>()?,
        })
    }
}

impl RoleBody {
    fn read(self, layout: &Layout) -> Option<Role> {
        let mut grants = layout.none();
        if self.grants.len() > grants.0.len() * 8 {
            return None;
        }
        for (word, bytes) in grants.0.iter_mut().zip(self.grants.chunks(8)) {
            let mut whole = [0; 8];
            whole.iter_mut().zip(bytes).for_each(|(byte, told)| *byte = *told);
            *word = u64::from_le_bytes(whole);
        }
        let limited = self.limited.into_iter().map(|(permission, level, at)| LimitedTo {
            permission: PermissionHandle(permission),
            level: Level(level),
            at,
        });
        let inherits = self.inherits.into_iter().map(|parent| usize::try_from(parent).ok());
        Some(Role {
            id: self.id,
            audience: Audience::User,
            superuser: self.superuser,
            gives_superuser: self.superuser,
            inherited: Vec::new(),
            inherits: inherits.collect::<Option<_>>()?,
            scope_types: self.scope_types,
            grants,
            limited: limited.collect(),
            asks_type: false,
        })
    }
}

fn scale(body: ScaleBody) -> Option<Scale> {
    let counts = (2..=MOST_LEVELS).contains(&body.levels.len()) && usize::from(body.can) < body.levels.len();
    let level = |(id, ui): (String, u8)| Some(ScaleLevel { label: id.clone(), id, ui: state(ui)? });
    let levels = body.levels.into_iter().map(level).collect::<Option<_>>()?;
    counts.then_some(Scale { id: body.id, levels, can: Level(body.can) })
}

fn state(ui: u8) -> Option<UiState> {
    [UiState::Hidden, UiState::Disabled, UiState::ReadOnly, UiState::Enabled].into_iter().nth(usize::from(ui))
}

fn condition(body: ConditionBody) -> Option<Condition> {
    let mut nodes = body.into_iter();
    let condition = node(&mut nodes, 0)?;
    nodes.next().is_none().then_some(condition)
}

fn node(nodes: &mut std::vec::IntoIter<NodeBody>, depth: usize) -> Option<Condition> {
    if depth > condition::DEEPEST {
        return None;
    }
    let parts =
        |count: u32, nodes: &mut _| (0..count).map(|_| node(nodes, depth + 1)).collect::<Option<Vec<_>>>();
    Some(match nodes.next()? {
        NodeBody::All(count) => Condition::All(parts(count, nodes)?),
        NodeBody::Any(count) => Condition::Any(parts(count, nodes)?),
        NodeBody::Atom(operator, left, right) => {
            let operators = [Operator::Eq, Operator::Ne, Operator::In, Operator::Lt, Operator::Le];
            let operator = operators.into_iter().nth(usize::from(operator))?;
            Condition::Atom(Atom { operator, left: operand(left)?, right: operand(right)? })
        }
    })
}

fn operand(body: OperandBody) -> Option<Operand> {
    Some(match body {
        OperandBody::Attribute(root, name) => {
            let roots = [Root::Subject, Root::Resource, Root::Action, Root::Context];
            Operand::Attribute(Attribute { root: roots.into_iter().nth(usize::from(root))?, name })
        }
        OperandBody::Literal(body) => Operand::Literal(value(body)?),
    })
}

fn value(body: ValueBody) -> Option<Value> {
    match body {
        ValueBody::One(single) => one(single),
        ValueBody::List(values) => Some(Value::List(values.into_iter().map(one).collect::<Option<_>>()?)),
    }
}

fn one(body: SingleBody) -> Option<Value> {
    Some(match body {
        SingleBody::Boolean(value) => Value::Boolean(value),
        SingleBody::Number(number) => Value::Number(Number::new(number)?),
        SingleBody::Text(text) => Value::Text(text),
    })
}
