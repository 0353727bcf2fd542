//! Rows: what a role gives, compiled. A level is a run of bits, so that the higher of two levels
//! is the union of their bits, and to hold a level is one bit.

use std::sync::Arc;

use crate::catalogue::{Catalogue, PermissionHandle};
use crate::condition::Condition;
use crate::policy::{Policy, Role};
use crate::resource::ResourcePath;
use crate::scale::Level;
use crate::shared::Shared;
use crate::sorted;

/// Where the bits of each permission stand: one for each of its levels above 0, in order.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The first bit of each permission, and at the end the number of all.
    first: Vec<u32>,
    /// For each module, its permissions' bits, and the first of its access permission's if it
    /// has one that is present.
    modules: Vec<(u32, u32, Option<u32>)>,
    /// "That bit brings that bit", in order of the first.
    implied: Vec<(u32, u32)>,
    /// Permissions of which some level has a condition.
    conditional: Vec<PermissionHandle>,
    /// Every bit of a permission whose product the tenant has.
    present: Bits,
}

impl Layout {
    pub(crate) fn new(catalogue: &Catalogue, is_present: impl Fn(PermissionHandle) -> bool) -> Self {
        let mut first = Vec::with_capacity(catalogue.permissions().len() + 1);
        let mut next = 0;
        for handle in catalogue.handles() {
            first.push(next);
            next += u32::from(catalogue.scale(handle).map_or(Level::NONE, |scale| scale.top()).0);
        }
        first.push(next);
        let mut layout = Self {
            present: Bits::new(next),
            first,
            modules: Vec::new(),
            implied: Vec::new(),
            conditional: Vec::new(),
        };
        for handle in catalogue.handles().filter(|handle| is_present(*handle)) {
            let (from, to) = layout.range(handle);
            layout.present.fill(from, to);
            let Some(permission) = catalogue.permission(handle) else { continue };
            if permission.levels.iter().any(|detail| detail.condition.is_some()) {
                layout.conditional.push(handle);
            }
            for (level, detail) in (0..).zip(&permission.levels) {
                let Some(source) = layout.bit(handle, Level(level)) else { continue };
                // What is absent is not brought.
                for (target, at) in detail.implies.iter().filter(|(target, _)| is_present(*target)) {
                    if let Some(target) = layout.bit(*target, *at) {
                        sorted::insert(&mut layout.implied, (source, target));
                    }
                }
            }
        }
        for module in catalogue.modules() {
            let all = module.access.into_iter().chain(module.permissions());
            let ranges = all.map(|handle| layout.range(handle));
            let (from, to) =
                ranges.fold((u32::MAX, 0), |(from, to), range| (from.min(range.0), to.max(range.1)));
            let access = module.access.filter(|access| is_present(*access));
            let access = access.and_then(|access| layout.bit(access, Level(1)));
            layout.modules.push((from.min(to), to, access));
        }
        layout
    }

    /// No bit set.
    pub(crate) fn none(&self) -> Bits {
        Bits::new(self.len())
    }

    /// How many bits there are.
    pub(crate) fn len(&self) -> u32 {
        self.first.last().copied().unwrap_or_default()
    }

    fn range(&self, permission: PermissionHandle) -> (u32, u32) {
        let at = permission.0 as usize;
        match (self.first.get(at), self.first.get(at + 1)) {
            (Some(from), Some(to)) => (*from, *to),
            _ => (0, 0),
        }
    }

    /// The bit that says a permission is held at a level; none for level 0 and levels that the
    /// permission's scale does not have.
    #[inline]
    pub(crate) fn bit(&self, permission: PermissionHandle, level: Level) -> Option<u32> {
        let (from, to) = self.range(permission);
        let bit = from + u32::from(level.0).checked_sub(1)?;
        (bit < to).then_some(bit)
    }

    /// The level at which a permission is held.
    pub(crate) fn level(&self, bits: &Bits, permission: PermissionHandle) -> Level {
        let (from, to) = self.range(permission);
        let held = (from..to).take_while(|bit| bits.has(*bit)).count();
        Level(u8::try_from(held).unwrap_or(u8::MAX))
    }

    /// Whether there is a bit of a permission.
    pub(crate) fn has_some(&self, bits: &Bits, permission: PermissionHandle) -> bool {
        let (from, to) = self.range(permission);
        bits.any(from, to)
    }

    /// Sets a permission to that level at least. Whether that was more.
    pub(crate) fn raise(&self, bits: &mut Bits, permission: PermissionHandle, level: Level) -> bool {
        let (from, to) = self.range(permission);
        let to = to.min(from.saturating_add(u32::from(level.0)));
        let more = from < to && !bits.has(to - 1);
        if more {
            bits.fill(from, to);
        }
        more
    }

    /// The permission that a bit belongs to.
    fn permission(&self, bit: u32) -> Option<PermissionHandle> {
        let after = self.first.partition_point(|first| *first <= bit);
        u32::try_from(after.checked_sub(1)?).ok().map(PermissionHandle)
    }

    /// Every bit of a permission whose product the tenant has.
    pub(crate) fn present(&self) -> &Bits {
        &self.present
    }

    /// Permissions of which some level has a condition.
    pub(crate) fn conditional(&self) -> &[PermissionHandle] {
        &self.conditional
    }
}

/// A set of bits of one [`Layout`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub(crate) struct Bits(pub(crate) Box<[u64]>);

impl Bits {
    pub(crate) fn new(bits: u32) -> Self {
        Self(vec![0; (bits as usize).div_ceil(64)].into_boxed_slice())
    }

    #[inline]
    pub(crate) fn has(&self, bit: u32) -> bool {
        self.0.get((bit / 64) as usize).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    fn fill(&mut self, from: u32, to: u32) {
        for bit in from..to {
            if let Some(word) = self.0.get_mut((bit / 64) as usize) {
                *word |= 1 << (bit % 64);
            }
        }
    }

    fn clear(&mut self, from: u32, to: u32) {
        for bit in from..to {
            if let Some(word) = self.0.get_mut((bit / 64) as usize) {
                *word &= !(1 << (bit % 64));
            }
        }
    }

    /// Whether a bit from `from` up to, not with, `to` is set.
    fn any(&self, from: u32, to: u32) -> bool {
        let (first, last) = ((from / 64) as usize, (to.saturating_sub(1) / 64) as usize);
        let words = self.0.get(first..=last).unwrap_or_default();
        from < to
            && (first..).zip(words).any(|(at, word)| {
                let low = if at == first { !0 << (from % 64) } else { !0 };
                let high = if at == last { !0 >> (63 - (to - 1) % 64) } else { !0 };
                word & low & high != 0
            })
    }

    /// Adds every bit of the other. Whether there was one more.
    pub(crate) fn join(&mut self, other: &Self) -> bool {
        let mut more = false;
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            more |= *other & !*word != 0;
            *word |= other;
        }
        more
    }

    /// The bits that the other has not.
    pub(crate) fn without(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(word, other)| word & !other).collect())
    }

    /// The bits that one alone has.
    pub(crate) fn apart(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(word, other)| word ^ other).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Keeps the bits that the other has too.
    pub(crate) fn keep(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= other;
        }
    }
}

/// What a role gives at scopes of one kind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// The role's position.
    pub(crate) role: usize,
    /// The resource types that the scope matches in full, where the role asks.
    pub(crate) types: Box<[u16]>,
    /// By its own grants and those it inherits: G of the design.
    pub(crate) granted: Arc<Bits>,
    /// With what that brings, whatever the request says: every condition is taken to be false.
    pub(crate) reached: Bits,
    /// With what that can bring: every condition is taken to be true. None where it is the same.
    pub(crate) reachable: Option<Box<Bits>>,
    /// Whether it is implicitly everything.
    pub(crate) superuser: bool,
}

impl Row {
    pub(crate) fn compile(policy: &Policy, role: usize, types: &[u16]) -> Self {
        let layout = &policy.layout;
        let mut granted = layout.none();
        let mut superuser = false;
        for part in policy.counting_parts(role, types) {
            superuser |= part.superuser;
            granted.join(&part.grants);
            for limited in part.limited.iter().filter(|limited| types.contains(&limited.at)) {
                layout.raise(&mut granted, limited.permission, limited.level);
            }
        }
        if superuser {
            for handle in policy.catalogue.handles() {
                layout.raise(&mut granted, handle, Level(u8::MAX));
            }
        }
        let reached = policy.fixed_point(&granted, |_| superuser);
        let reachable = (!superuser && !layout.conditional().is_empty())
            .then(|| policy.fixed_point(&granted, |_| true))
            .filter(|reachable| *reachable != reached)
            .map(Box::new);
        // Most roles inherit nothing: what they give is what they grant.
        let own = policy.role(role).map(|role| &role.grants).filter(|own| ***own == granted);
        let granted = own.map_or_else(|| Arc::new(granted), Arc::clone);
        Self { role, types: types.into(), granted, reached, reachable, superuser }
    }

    /// What it can bring, every condition taken to be true.
    pub(crate) fn reachable(&self) -> &Bits {
        self.reachable.as_deref().unwrap_or(&self.reached)
    }
}

impl Policy {
    /// The least fixed point of what `granted` brings, where `holds` says which conditions
    /// are true. Absent products bring nothing.
    /// `O(words + implications reached + modules)`.
    pub(crate) fn fixed_point(&self, granted: &Bits, holds: impl Fn(&Condition) -> bool) -> Bits {
        let layout = &self.layout;
        let mut bound = granted.clone();
        bound.keep(&layout.present);
        for (from, to, access) in &layout.modules {
            if let Some(access) = access
                && (bound.any(*from, *access) || bound.any(*access + 1, *to))
            {
                bound.fill(*access, *access + 1);
            }
        }
        let mut reached = bound.clone();
        loop {
            // What a permission with conditions comes to is worked out from its bound each time:
            // a bound only rises, and a higher bound never comes to less.
            for permission in layout.conditional() {
                let (from, to) = layout.range(*permission);
                let top = layout.level(&bound, *permission);
                let known = self.catalogue.permission(*permission);
                let condition = |level: &u8| known?.detail(Level(*level))?.condition.as_ref();
                let holds = |level: &u8| condition(level).is_none_or(&holds);
                let level = (1..=top.0).rev().find(holds).unwrap_or_default();
                reached.clear(from + u32::from(level), to);
            }
            let mut more = false;
            for (source, target) in &layout.implied {
                if reached.has(*source) && !bound.has(*target) {
                    more = true;
                    if let Some(permission) = layout.permission(*target) {
                        let (from, _) = layout.range(permission);
                        bound.fill(from, *target + 1);
                    }
                }
            }
            for (from, to, access) in &layout.modules {
                if let Some(access) = access
                    && !bound.has(*access)
                    && (reached.any(*from, *access) || reached.any(*access + 1, *to))
                {
                    more = true;
                    bound.fill(*access, *access + 1);
                }
            }
            if !more {
                return reached;
            }
            reached = bound.clone();
        }
    }
}

/// The compiled rows of every role, at the scopes at which it is held.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    rows: Shared<Row>,
    /// The bits that each row reaches whatever a request says, one row after the other: a check is
    /// one load.
    reached: Arc<Vec<u64>>,
    /// How many words of `reached` a row has.
    words: usize,
    /// Bits that some row reaches where a condition is true, and not otherwise.
    open: Arc<Bits>,
    /// For each role, its row at scopes of no type.
    plain: Arc<Vec<u32>>,
    /// For each role, its rows at scopes of some type.
    typed: Arc<Vec<Vec<u32>>>,
}

impl Rows {
    pub(crate) fn new(policy: &Policy) -> Self {
        let words = policy.layout.none().0.len();
        let mut rows = Self { words, open: Arc::new(policy.layout.none()), ..Self::default() };
        for position in 0..policy.roles.len() {
            rows.extend(policy, position);
        }
        rows
    }

    /// Compiles the role at the next position.
    fn extend(&mut self, policy: &Policy, role: usize) {
        let row = self.len();
        Arc::make_mut(&mut self.plain).push(row);
        Arc::make_mut(&mut self.typed).push(Vec::new());
        self.push(Row::compile(policy, role, &[]));
    }

    fn push(&mut self, row: Row) {
        Arc::make_mut(&mut self.reached).extend(&row.reached.0);
        self.see_open(&row);
        self.rows.push(row);
    }

    fn see_open(&mut self, row: &Row) {
        if let Some(reachable) = &row.reachable {
            Arc::make_mut(&mut self.open).join(&reachable.without(&row.reached));
        }
    }

    /// Whether a row has a bit whatever a request says.
    #[inline]
    pub(crate) fn reaches(&self, row: u32, bit: u32) -> bool {
        let word = self.reached.get(row as usize * self.words + (bit / 64) as usize);
        word.is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    /// Whether a position means the same in `other`, where roles are numbered the same.
    pub(crate) fn is_numbered_as(&self, other: &Self) -> bool {
        self.rows.beside(&other.rows).all(|(at, row)| {
            other.rows.get(at).is_some_and(|other| (other.role, &other.types) == (row.role, &row.types))
        })
    }

    /// Whether a row that `other` has is another one here.
    pub(crate) fn differ(&self, other: &Self) -> bool {
        self.rows.beside(&other.rows).any(|(at, _)| at < other.rows.len())
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    /// Whether some row has a bit where a condition is true, and not otherwise.
    #[inline]
    pub(crate) fn is_open(&self, bit: u32) -> bool {
        self.open.has(bit)
    }

    /// Whether a row has a bit where every condition is true.
    pub(crate) fn can_reach(&self, row: u32, bit: u32) -> bool {
        self.get(row).is_some_and(|row| row.reachable().has(bit))
    }

    #[inline]
    pub(crate) fn get(&self, row: u32) -> Option<&Arc<Row>> {
        self.rows.entry(row as usize)
    }

    /// The row of a role at scopes of no type.
    pub(crate) fn plain(&self, role: usize) -> Option<&Arc<Row>> {
        self.get(self.plain_number(role)?)
    }

    /// The position of that row.
    #[inline]
    pub(crate) fn plain_number(&self, role: usize) -> Option<u32> {
        self.plain.get(role).copied()
    }

    /// The row of a role at a scope, compiled if it was not yet.
    pub(crate) fn intern(&mut self, policy: &Policy, role: usize, scope: &ResourcePath) -> Option<u32> {
        if scope.is_tenant() || !policy.role(role)?.asks_type {
            return self.plain.get(role).copied();
        }
        let types = policy.types_of(scope);
        if types.is_empty() {
            return self.plain.get(role).copied();
        }
        if let Some(row) = self.typed(role, &types) {
            return Some(row);
        }
        let row = self.len();
        self.push(Row::compile(policy, role, &types));
        Arc::make_mut(&mut self.typed).get_mut(role)?.push(row);
        Some(row)
    }

    /// The row of a role at scopes of these types, where there is one.
    fn typed(&self, role: usize, types: &[u16]) -> Option<u32> {
        let mut rows = self.typed.get(role)?.iter().copied();
        rows.find(|row| self.get(*row).is_some_and(|row| *row.types == *types))
    }

    /// The row of a role at a scope, whether or not anybody holds it there.
    pub(crate) fn at(&self, policy: &Policy, role: usize, scope: &ResourcePath) -> Option<Arc<Row>> {
        let plain = self.plain(role)?;
        if scope.is_tenant() || !policy.role(role)?.asks_type {
            return Some(Arc::clone(plain));
        }
        let types = policy.types_of(scope);
        match self.typed(role, &types).and_then(|row| self.get(row)) {
            _ if types.is_empty() => Some(Arc::clone(plain)),
            Some(row) => Some(Arc::clone(row)),
            None => Some(Arc::new(Row::compile(policy, role, &types))),
        }
    }

    /// Compiles anew what roles give that were edited since the policy was as `before`, or that
    /// inherit one that was; roles that came are added. Whether the rows that people's links lead to
    /// stay right: none does where a role's asking for the type of the scope changed.
    pub(crate) fn follow(&mut self, before: &Policy, policy: &Policy) -> bool {
        let same = |position: usize| match (before.roles.get(position), policy.roles.get(position)) {
            (Some(was), Some(is)) => Arc::ptr_eq(was, is),
            _ => false,
        };
        let asks = |policy: &Policy, position: usize| policy.role(position).map(|role| role.asks_type);
        if (0..before.roles.len()).any(|position| asks(before, position) != asks(policy, position)) {
            return false;
        }
        let changed = |(position, role): (usize, &Arc<Role>)| {
            !same(position) || role.inherited.iter().any(|parent| !same(*parent))
        };
        let changed: Vec<bool> = policy.roles.iter().enumerate().map(changed).collect();
        self.recompile(policy, |role| changed.get(role).copied().unwrap_or(true));
        true
    }

    /// Compiles anew what some roles give; roles that came are added.
    fn recompile(&mut self, policy: &Policy, is: impl Fn(usize) -> bool) {
        for position in 0..self.rows.len() {
            let Some(known) = self.rows.get(position).filter(|row| is(row.role)) else { continue };
            let row = Row::compile(policy, known.role, &known.types);
            self.see_open(&row);
            let words = position * self.words..(position + 1) * self.words;
            if let Some(words) = Arc::make_mut(&mut self.reached).get_mut(words) {
                words.copy_from_slice(&row.reached.0);
            }
            self.rows.set(position, row);
        }
        for position in self.plain.len()..policy.roles.len() {
            self.extend(policy, position);
        }
    }
}
