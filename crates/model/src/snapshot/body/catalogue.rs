//! The catalogue as it is written: what can be permitted, without words for people.

use crate::catalogue::MOST_LEVELS;
use crate::catalogue::{
    Catalogue, LevelDetail, Module, Permission, PermissionHandle, PermissionKind, Section,
};
use crate::condition::{self, Atom, Attribute, Condition, Number, Operand, Operator, Root, Value};
use crate::index::Index;
use crate::operation::{Need, Operation};
use crate::resource::{Pattern, ResourceType};
use crate::role::Audience;
use crate::rows::Layout;
use crate::scale::{Level, Scale, ScaleLevel, UiState};
use crate::snapshot::codec::{every, one_of, parts};

/// A catalogue, and which of its modules the tenant has the product for.
#[derive(PartialEq)]
pub(in crate::snapshot) struct CatalogueBody {
    scales: Vec<ScaleBody>,
    modules: Vec<ModuleBody>,
    types: Vec<(String, String)>,
    operations: Vec<OperationBody>,
}

#[derive(PartialEq)]
struct ScaleBody {
    id: String,
    levels: Vec<(String, u8)>,
    can: u8,
}

#[derive(PartialEq)]
struct ModuleBody {
    id: String,
    console: bool,
    present: bool,
    /// Whether the first permission is the access permission.
    access: bool,
    permissions: Vec<PermissionBody>,
}

#[derive(PartialEq)]
struct PermissionBody {
    /// What follows the module's id and the dot.
    name: String,
    scale: u32,
    /// None where no level says anything.
    levels: Vec<LevelBody>,
}

#[derive(PartialEq)]
struct LevelBody {
    implies: Vec<(u32, u8)>,
    ui: Option<u8>,
    condition: Option<ConditionBody>,
}

/// A condition, parts after what holds them: nothing here nests, however the bytes are made.
type ConditionBody = Vec<NodeBody>;

#[derive(PartialEq)]
enum NodeBody {
    /// So many parts follow.
    All(u32),
    Any(u32),
    Atom(u8, OperandBody, OperandBody),
}

#[derive(PartialEq)]
enum OperandBody {
    Attribute(u8, String),
    Literal(ValueBody),
}

#[derive(PartialEq)]
pub(in crate::snapshot) enum ValueBody {
    One(SingleBody),
    List(Vec<SingleBody>),
}

#[derive(PartialEq)]
pub(in crate::snapshot) enum SingleBody {
    Boolean(bool),
    Number(f64),
    Text(String),
}

#[derive(PartialEq)]
struct OperationBody {
    id: String,
    resources: Vec<(String, String)>,
    alternatives: Vec<Vec<NeedBody>>,
}

#[derive(PartialEq)]
struct NeedBody {
    permission: u32,
    asked: u8,
    resource: Option<u32>,
    unless: Option<ConditionBody>,
}

parts! {
    CatalogueBody { scales, modules, types, operations }
    ScaleBody { id, levels, can }
    ModuleBody { id, console, present, access, permissions }
    PermissionBody { name, scale, levels }
    LevelBody { implies, ui, condition }
    OperationBody { id, resources, alternatives }
    NeedBody { permission, asked, resource, unless }
}

one_of! {
    NodeBody { 0 => All(count), 1 => Any(count), 2 => Atom(operator, left, right) }
    OperandBody { 0 => Attribute(root, name), 1 => Literal(value) }
    ValueBody { 0 => One(single), 1 => List(all) }
    SingleBody { 0 => Boolean(value), 1 => Number(value), 2 => Text(value) }
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
        Operand::Attribute(attribute) => {
            OperandBody::Attribute(attribute.root as u8, attribute.name.to_string())
        }
        Operand::Literal(value) => OperandBody::Literal(value_body(value)),
    }
}

pub(super) fn value_body(value: &Value) -> ValueBody {
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

fn module_body(index: &Index, module: &Module) -> ModuleBody {
    let catalogue = index.catalogue();
    let all: Vec<PermissionHandle> = module.access.into_iter().chain(module.permissions()).collect();
    let present = all.first().is_some_and(|first| index.is_present(*first));
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

impl CatalogueBody {
    pub(in crate::snapshot) fn of(index: &Index) -> Self {
        let catalogue = index.catalogue();
        let types = catalogue.resource_types.iter().map(|kind| (kind.id.clone(), kind.pattern.to_string()));
        Self {
            scales: catalogue.scales.iter().map(scale_body).collect(),
            modules: catalogue.modules.iter().map(|module| module_body(index, module)).collect(),
            types: types.collect(),
            operations: catalogue.operations.iter().map(operation_body).collect(),
        }
    }

    #[inline(never)]
    pub(in crate::snapshot) fn read(self) -> Option<(Catalogue, Layout)> {
        let mut catalogue = Catalogue::of(every(self.scales, scale)?);
        let present: Vec<bool> = self.modules.iter().map(|module| module.present).collect();
        catalogue.permissions.reserve_exact(self.modules.iter().map(|module| module.permissions.len()).sum());
        for module in self.modules {
            let position = catalogue.modules.len();
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
        let layout = Layout::new(&catalogue, &|handle| {
            catalogue
                .permission(handle)
                .and_then(|known| present.get(known.module))
                .is_some_and(|present| *present)
        });
        Some((catalogue, layout))
    }
}

impl ModuleBody {
    #[inline(never)]
    fn read(self, catalogue: &mut Catalogue, position: usize) -> Option<Module> {
        let mut permissions = Vec::new();
        for (number, body) in self.permissions.into_iter().enumerate() {
            let handle = PermissionHandle(u32::try_from(catalogue.permissions.len()).ok()?);
            let scale = usize::try_from(body.scale).ok()?;
            let count = catalogue.scales.get(scale)?.levels.len();
            let mut levels: Vec<LevelDetail> = every(body.levels, LevelBody::read)?;
            if levels.len() > count {
                return None;
            }
            levels.resize_with(count, LevelDetail::default);
            let id = [&*self.id, ".", &*body.name].concat();
            if catalogue.handles.insert(id.clone(), handle).is_some() {
                return None;
            }
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
    #[inline(never)]
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
    #[inline(never)]
    fn read(self) -> Option<Operation> {
        let resources =
            every(self.resources, |(name, pattern)| Some((name, Pattern::parse(&pattern).ok()?)))?;
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
        let needs = |needs: Vec<NeedBody>| every(needs, need);
        Some(Operation {
            id: self.id,
            label: String::new(),
            group: String::new(),
            applies_to: None,
            footnotes: Vec::new(),
            origin: None,
            help: None,
            resources,
            alternatives: every(self.alternatives, needs)?,
        })
    }
}

#[inline(never)]
fn scale(body: ScaleBody) -> Option<Scale> {
    let counts = (2..=MOST_LEVELS).contains(&body.levels.len()) && usize::from(body.can) < body.levels.len();
    let level = |(id, ui): (String, u8)| Some(ScaleLevel { label: id.clone(), id, ui: state(ui)? });
    let levels = every(body.levels, level)?;
    counts.then_some(Scale { id: body.id, levels, can: Level(body.can) })
}

fn state(ui: u8) -> Option<UiState> {
    [UiState::Hidden, UiState::Disabled, UiState::ReadOnly, UiState::Enabled].into_iter().nth(usize::from(ui))
}

#[inline(never)]
fn condition(body: ConditionBody) -> Option<Condition> {
    let mut nodes = body.into_iter();
    let condition = node(&mut nodes, 0)?;
    nodes.next().is_none().then_some(condition)
}

fn node(nodes: &mut std::vec::IntoIter<NodeBody>, depth: usize) -> Option<Condition> {
    if depth > condition::DEEPEST {
        return None;
    }
    let parts = |count: u32, nodes: &mut _| every(0..count, |_| node(nodes, depth + 1));
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
            Operand::Attribute(Attribute {
                root: roots.into_iter().nth(usize::from(root))?,
                name: name.into(),
            })
        }
        OperandBody::Literal(body) => Operand::Literal(value(body)?),
    })
}

pub(super) fn value(body: ValueBody) -> Option<Value> {
    match body {
        ValueBody::One(single) => one(single),
        ValueBody::List(values) => Some(Value::List(every(values, one)?)),
    }
}

fn one(body: SingleBody) -> Option<Value> {
    Some(match body {
        SingleBody::Boolean(value) => Value::Boolean(value),
        SingleBody::Number(number) => Value::Number(Number::new(number)?),
        SingleBody::Text(text) => Value::Text(text),
    })
}
