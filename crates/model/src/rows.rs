//! Rows: what a role gives, compiled. A level is a run of bits, so that the higher of two levels
//! is the union of their bits, and to hold a level is one bit.

use std::borrow::Cow;
use std::sync::Arc;

use crate::catalogue::{Catalogue, PermissionHandle};
use crate::condition::Condition;
use crate::policy::{Policy, Role};
use crate::resource::{PathRef, ResourcePath};
use crate::scale::Level;
use crate::shared::Shared;
use crate::sorted;

/// Where the bits of each permission stand: one for each of its levels above 0, in order.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The first bit of each permission, and at the end the number of all.
    first: Vec<u32>,
    /// For each module that has an access permission that is present, its permissions' bits, and the
    /// first of its access permission's.
    modules: Vec<(u32, u32, u32)>,
    /// "That bit brings every bit from there up to there", in order of the first.
    implied: Vec<(u32, u32, u32)>,
    /// The bits that bring others.
    bringing: Bits,
    /// Permissions of which some level has a condition.
    conditional: Vec<PermissionHandle>,
    /// Those of which some level has none.
    partly: Vec<PermissionHandle>,
    /// The bits of permissions of which some level has a condition.
    conditioned: Bits,
    /// Every bit of a permission whose product the tenant has.
    present: Bits,
}

impl Layout {
    #[inline(never)]
    pub(crate) fn new(catalogue: &Catalogue, is_present: &dyn Fn(PermissionHandle) -> bool) -> Self {
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
            bringing: Bits::new(next),
            conditional: Vec::new(),
            partly: Vec::new(),
            conditioned: Bits::new(next),
        };
        for handle in catalogue.handles().filter(|handle| is_present(*handle)) {
            let (from, to) = layout.range(handle);
            layout.present.fill(from, to);
            let Some(permission) = catalogue.permission(handle) else { continue };
            if permission.levels.iter().any(|detail| detail.condition.is_some()) {
                layout.conditional.push(handle);
                layout.conditioned.fill(from, to);
                if permission.levels.iter().skip(1).any(|detail| detail.condition.is_none()) {
                    layout.partly.push(handle);
                }
            }
            for (level, detail) in (0..).zip(&permission.levels) {
                let Some(source) = layout.bit(handle, Level(level)) else { continue };
                // What is absent is not brought.
                for (target, at) in detail.implies.iter().filter(|(target, _)| is_present(*target)) {
                    if let Some(bit) = layout.bit(*target, *at) {
                        let (first, _) = layout.range(*target);
                        sorted::insert(&mut layout.implied, (source, first, bit + 1));
                        layout.bringing.fill(source, source + 1);
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
            layout.modules.extend(access.map(|access| (from.min(to), to, access)));
        }
        layout
    }

    /// No bit set.
    pub(crate) fn none(&self) -> Bits {
        Bits::new(self.len())
    }

    /// How many words the bits fill.
    pub(crate) fn words(&self) -> usize {
        self.present.0.len()
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

    /// Sets what bits bring that were not followed yet. Whether that was more. By itself: an engine
    /// makes a small function fast soon.
    #[inline(never)]
    fn bring(&self, reached: &Bits, followed: &Bits, bits: &mut Bits) -> bool {
        let mut more = false;
        for (at, (word, bringing)) in (0..).zip(reached.0.iter().zip(&self.bringing.0)) {
            let mut new = word & bringing;
            if new != 0 {
                new &= !followed.0.get(at).copied().unwrap_or_default();
            }
            while new != 0 {
                let source = u32::try_from(at * 64).unwrap_or_default() + new.trailing_zeros();
                new &= new - 1;
                let after = self.implied.partition_point(|(known, ..)| *known < source);
                let brought = self.implied.iter().skip(after).take_while(|(known, ..)| *known == source);
                for (_, from, to) in brought {
                    if !bits.has(to - 1) {
                        more = true;
                        bits.fill(*from, *to);
                    }
                }
            }
        }
        more
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

    /// Adds every bit of one that the other has not.
    fn join_beyond(&mut self, more: &Self, but: &Self) {
        for ((word, more), but) in self.0.iter_mut().zip(&more.0).zip(&but.0) {
            *word |= more & !but;
        }
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

    /// The same bits in so many words; nothing where they have more.
    pub(crate) fn widened(self, words: usize) -> Option<Self> {
        let mut wide = self.0.into_vec();
        wide.reserve_exact(words.checked_sub(wide.len())?);
        wide.resize(words, 0);
        Some(Self(wide.into_boxed_slice()))
    }

    /// The same bits without the empty words at the end.
    pub(crate) fn trimmed(&self) -> Self {
        let used = self.0.iter().rposition(|word| *word != 0).map_or(0, |last| last + 1);
        Self(self.0.iter().take(used).copied().collect())
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
        let parts = policy.counting_parts(role, types);
        let superuser = parts.iter().any(|part| part.superuser);
        let granted = match *parts {
            // Most roles inherit nothing: what they give is what they grant.
            [own] if !superuser && own.limited.is_empty() => Arc::clone(&own.grants),
            _ => Arc::new(Self::granted(policy, &parts, types, superuser)),
        };
        let at_best = |granted: Bits, followed: &Bits| policy.settled(granted, followed, &Bits::clone).0;
        let nothing = Bits::default();
        let (reached, reachable) = match superuser {
            true => (at_best(Bits::clone(&granted), &nothing), None),
            false => {
                let counts = |bound: &Bits| policy.counting(bound, &policy.layout.partly, &|_| false);
                let (reached, bound) = policy.settled(Bits::clone(&granted), &nothing, &counts);
                // Where no condition held anything back, none brings more either.
                let reachable = (reached != bound).then(|| Box::new(at_best(bound, &reached)));
                (reached, reachable)
            }
        };
        Self { role, types: types.into(), granted, reached, reachable, superuser }
    }

    #[cfg_attr(target_family = "wasm", inline(never))]
    fn granted(policy: &Policy, parts: &[&Role], types: &[u16], superuser: bool) -> Bits {
        let layout = &policy.layout;
        let mut granted = layout.none();
        for part in parts {
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
        granted
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
    pub(crate) fn fixed_point(&self, granted: &Bits, holds: &dyn Fn(&Condition) -> bool) -> Bits {
        let counts = |bound: &Bits| self.counting(bound, self.layout.conditional(), holds);
        self.settled(granted.clone(), &Bits::default(), &counts).0
    }

    /// The fixed point, and its bound: with what conditions that are not true hold back. To go on from
    /// the bound leads to the same as from what is granted. `counts` says what of a bound counts: a
    /// bound only rises, and of a higher one never less does. What these bits bring that were followed
    /// already is granted.
    fn settled(&self, mut bound: Bits, followed: &Bits, counts: &dyn Fn(&Bits) -> Bits) -> (Bits, Bits) {
        let layout = &self.layout;
        bound.keep(&layout.present);
        for (from, to, access) in &layout.modules {
            if bound.any(*from, *access) || bound.any(*access + 1, *to) {
                bound.fill(*access, *access + 1);
            }
        }
        let mut followed = Cow::Borrowed(followed);
        loop {
            let reached = counts(&bound);
            let mut more = layout.bring(&reached, &followed, &mut bound);
            for (from, to, access) in &layout.modules {
                if !bound.has(*access) && (reached.any(*from, *access) || reached.any(*access + 1, *to)) {
                    more = true;
                    bound.fill(*access, *access + 1);
                }
            }
            if !more {
                return (reached, bound);
            }
            followed = Cow::Owned(reached);
        }
    }

    /// What counts of a bound where `holds` says which conditions are true, and these are the
    /// permissions with conditions of which some level may count.
    #[cfg_attr(target_family = "wasm", inline(never))]
    fn counting(
        &self,
        bound: &Bits,
        conditional: &[PermissionHandle],
        holds: &dyn Fn(&Condition) -> bool,
    ) -> Bits {
        let mut reached = bound.without(&self.layout.conditioned);
        for permission in conditional {
            let top = self.layout.level(bound, *permission);
            let known = self.catalogue.permission(*permission);
            let condition = |level: &u8| known?.detail(Level(*level))?.condition.as_ref();
            let level = (1..=top.0).rev().find(|level| condition(level).is_none_or(holds));
            self.layout.raise(&mut reached, *permission, Level(level.unwrap_or_default()));
        }
        reached
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
    #[inline(never)]
    pub(crate) fn new(policy: &Policy) -> Self {
        let words = policy.layout.words();
        let reached = Arc::new(Vec::with_capacity(words * policy.roles.len()));
        let mut rows = Self { words, reached, open: Arc::new(policy.layout.none()), ..Self::default() };
        rows.extend(policy);
        rows
    }

    /// Compiles the roles that came.
    fn extend(&mut self, policy: &Policy) {
        let new = self.plain.len()..policy.roles.len();
        let compiled: Vec<Row> = new.map(|role| Row::compile(policy, role, &[])).collect();
        let first = self.len();
        Arc::make_mut(&mut self.plain).extend((first..).take(compiled.len()));
        Arc::make_mut(&mut self.typed).resize(policy.roles.len(), Vec::new());
        compiled.iter().for_each(|row| self.see(row));
        self.rows.extend(compiled);
    }

    fn push(&mut self, row: Row) {
        self.see(&row);
        self.rows.push(row);
    }

    /// Writes down what the next row reaches.
    #[cfg_attr(target_family = "wasm", inline(never))]
    fn see(&mut self, row: &Row) {
        Arc::make_mut(&mut self.reached).extend_from_slice(&row.reached.0);
        self.see_open(row);
    }

    fn see_open(&mut self, row: &Row) {
        if let Some(reachable) = &row.reachable {
            Arc::make_mut(&mut self.open).join_beyond(reachable, &row.reached);
        }
    }

    /// Whether a row has a bit whatever a request says.
    #[inline]
    pub(crate) fn reaches(&self, row: u32, bit: u32) -> bool {
        self.word(row, (bit / 64) as usize) >> (bit % 64) & 1 == 1
    }

    /// A word of the bits that a row has whatever a request says.
    #[inline]
    pub(crate) fn word(&self, row: u32, word: usize) -> u64 {
        self.reached.get(row as usize * self.words + word).copied().unwrap_or_default()
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
    pub(crate) fn intern(&mut self, policy: &Policy, role: usize, scope: PathRef<'_>) -> Option<u32> {
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
    #[cfg_attr(target_family = "wasm", inline(never))]
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
        let types = policy.types_of(scope.borrowed());
        match self.typed(role, &types).and_then(|row| self.get(row)) {
            _ if types.is_empty() => Some(Arc::clone(plain)),
            Some(row) => Some(Arc::clone(row)),
            None => Some(Arc::new(Row::compile(policy, role, &types))),
        }
    }

    /// Compiles anew what roles give that were edited since the policy was as `before`, or that
    /// inherit one that was; roles that came are added. Whether the rows that people's links lead to
    /// stay right: none does where a role's asking for the type of the scope changed.
    #[inline(never)]
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
        self.extend(policy);
    }
}
