//! A second, naive evaluator: what a decision means, read once more.
//!
//! Written from section 2 of the design and from the doc comments of the documents, and from
//! nothing else: it has seen neither the index nor the code that decides, so that both readings
//! can be held against each other (`tests/properties`). Plain and slow: it builds nothing in
//! advance, looks everything up in the raw documents, and repeats until nothing changes. The
//! numbers are those of the steps of `level(s, p, r, t, session)` in section 2:
//!
//! 1. what is 0 whatever is held: [`Naive::level`];
//! 2. the pairs of role and scope that the subject holds: [`Naive::pairs`];
//! 3. the level granted, `G(p)`: [`Naive::granted`];
//! 4. the least fixed point over all permissions: [`Naive::levels`].
//!
//! Where the design is open, the answer is no.

mod told;

use std::collections::{BTreeMap, BTreeSet};

pub use self::told::Told;

use rolewright_model::catalogue::{LevelDetailDocument, ModuleDocument};
use rolewright_model::condition::{Attributes, ConditionDocument, OperandDocument, RequestAttributes, Value};
use rolewright_model::console;
use rolewright_model::directory::{Member, Principal, Status, UserDocument};
use rolewright_model::documents::Documents;
use rolewright_model::operation::OperationDocument;
use rolewright_model::policy::NewLinks;
use rolewright_model::role::RoleDocument;
use rolewright_model::scale::{LevelDocument, ScaleDocument, UiState};
use rolewright_model::{Named, Stamp, Timestamp};

/// The documents of a tenant, and every permission of its catalogue by id.
pub struct Naive<'d> {
    documents: &'d Documents,
    permissions: BTreeMap<String, Permission>,
}

/// A permission with what its module and its scale say of it.
struct Permission {
    module: String,
    /// Whether it is the module's access permission.
    access: bool,
    /// Whether the tenant has the product that the module requires.
    present: bool,
    scale: ScaleDocument,
    levels: BTreeMap<String, LevelDetailDocument>,
}

/// Who asks, when, in which session, and what the enforcement point says of the request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The user's id.
    pub subject: &'a str,
    /// The time.
    pub at: Timestamp,
    /// The revision at which the session began; one begun now where there is none.
    pub session: Option<Stamp>,
    /// The attributes of resource, action and context.
    pub attributes: &'a RequestAttributes,
}

/// The answer about an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationAnswer {
    /// Whether one alternative has all its needs.
    pub allowed: bool,
    /// Each alternative: whether it has all its needs, and its legs.
    pub alternatives: Vec<(bool, Vec<LegAnswer>)>,
}

/// The answer about one need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegAnswer {
    /// The permission's id.
    pub permission: String,
    /// The level's id that is needed.
    pub asked: String,
    /// The level's id that is held.
    pub level: String,
    /// The resource; empty where the request names none that fits.
    pub resource: String,
    /// Whether it is met, or dropped.
    pub allowed: bool,
    /// Whether its `unless` is true, so that it need not be met. "A missing or mistyped one fails
    /// its legs": also one whose `unless` is true.
    pub dropped: bool,
}

/// A role held at a scope: an assignment's, or the inherited role at the same scope.
type Pair<'d> = (&'d RoleDocument, &'d str);

impl<'d> Naive<'d> {
    /// Reads these documents, which are valid.
    #[must_use]
    pub fn of(documents: &'d Documents) -> Self {
        let mut naive = Self { documents, permissions: BTreeMap::new() };
        // "One fixed fragment that validation adds to every catalogue. A template may place and
        // label them, never redefine them."
        let own = documents.catalogue.modules.iter().filter(|module| !module.console);
        for module in own.chain(&console::modules()) {
            naive.add(module);
        }
        naive
    }

    fn add(&mut self, module: &ModuleDocument) {
        let Documents { settings, catalogue, .. } = self.documents;
        let present = module.requires.as_ref().is_none_or(|product| settings.products.contains(product));
        let mut add = |id: &str, access: bool, scale: Option<&str>, levels: &BTreeMap<_, _>| {
            let scale = scale.and_then(|id| catalogue.scales.get(id)).cloned().unwrap_or_else(default_scale);
            let module = module.id.clone();
            let permission = Permission { module, access, present, scale, levels: levels.clone() };
            self.permissions.insert(id.to_owned(), permission);
        };
        if module.access.is_some() {
            // "An access permission has the default scale and no condition."
            add(&format!("{}.access", module.id), true, None, &BTreeMap::new());
        }
        let sections = module.sections.iter().flat_map(|section| &section.permissions);
        for permission in module.permissions.iter().chain(sections) {
            add(&permission.id, false, permission.scale.as_deref(), &permission.levels);
        }
    }

    /// Whether there is a user of that id.
    #[must_use]
    pub fn knows(&self, subject: &str) -> bool {
        self.documents.directory.users.contains_key(subject)
    }

    /// `level(s, p, r, t, session)`: the place on the permission's scale.
    #[must_use]
    pub fn level(&self, permission: &str, resource: &str, request: Request<'_>) -> usize {
        // 1. 0, for superusers too, if s is unknown or not active, p is unknown or its module's
        // product is absent, or r is not a place.
        let Some(subject) = self.active(request.subject) else { return 0 };
        let Some(known) = self.permissions.get(permission) else { return 0 };
        if !known.present || !self.is_place(resource) {
            return 0;
        }
        self.levels(subject, resource, request).get(permission).copied().unwrap_or(0)
    }

    /// `G(p)` at r: what s may give away, whatever conditions say and implications bring.
    #[must_use]
    pub fn granted_to(&self, permission: &str, resource: &str, request: Request<'_>) -> usize {
        let Some(subject) = self.active(request.subject) else { return 0 };
        self.granted(permission, &self.pairs(subject, resource, request))
    }

    /// Whether a superuser role of s reaches r.
    #[must_use]
    pub fn is_superuser(&self, resource: &str, request: Request<'_>) -> bool {
        let pairs = self.active(request.subject).map(|subject| self.pairs(subject, resource, request));
        pairs.is_some_and(|pairs| pairs.iter().any(|(role, _)| role.superuser))
    }

    /// Every permission's id, and whether it is one of the console's own.
    pub fn permissions(&self) -> impl Iterator<Item = (&str, bool)> {
        self.permissions.iter().map(|(id, known)| (id.as_str(), console::is_reserved(&known.module)))
    }

    /// Whether s may use one of the console's own permissions at r.
    #[must_use]
    pub fn uses_console(&self, resource: &str, request: Request<'_>) -> bool {
        let Some(subject) = self.active(request.subject).filter(|_| self.is_place(resource)) else {
            return false;
        };
        let levels = self.levels(subject, resource, request);
        let level = |id: &str| levels.get(id).copied().unwrap_or(0);
        self.permissions().any(|(id, is_own)| is_own && level(id) > 0)
    }

    /// `level >= asked`, where `asked` is the scale's `can` level if none is named. Asking for
    /// level 0, or for none that there is, answers no.
    #[must_use]
    pub fn allowed(
        &self,
        permission: &str,
        asked: Option<&str>,
        resource: &str,
        request: Request<'_>,
    ) -> bool {
        let asked = asked.map_or_else(|| self.can(permission), |asked| self.place_of(permission, asked));
        asked.is_some_and(|asked| asked > 0 && self.level(permission, resource, request) >= asked)
    }

    /// The id of that level of the permission; empty where there is none.
    #[must_use]
    pub fn level_id(&self, permission: &str, level: usize) -> &str {
        self.permissions.get(permission).map_or("", |permission| permission.level_id(level))
    }

    /// What a user interface does at that level: what the permission says, or the scale, or the
    /// rule of thumb.
    #[must_use]
    pub fn ui(&self, permission: &str, level: usize) -> UiState {
        let Some(known) = self.permissions.get(permission) else { return UiState::Hidden };
        let thumb = match level {
            0 => UiState::Hidden,
            _ if Some(level) >= self.can(permission) => UiState::Enabled,
            _ => UiState::ReadOnly,
        };
        let said = known.levels.get(known.level_id(level)).and_then(|detail| detail.ui);
        said.or_else(|| known.scale.levels.get(level).and_then(|level| level.ui)).unwrap_or(thumb)
    }

    /// The answer about an operation; none where there is no such operation.
    #[must_use]
    pub fn check(
        &self,
        operation: &str,
        resources: &BTreeMap<String, String>,
        request: Request<'_>,
    ) -> Option<OperationAnswer> {
        let operation = self.documents.catalogue.operations.iter().find(|known| known.id == operation)?;
        let fitting = fitting(operation, resources);
        let nothing = Attributes::new();
        let mut alternatives = Vec::new();
        for alternative in &operation.alternatives {
            let mut legs = Vec::new();
            for need in &alternative.needs {
                // "A need on one of them sees its attributes as `resource`; a need on the tenant
                // sees none."
                let (path, seen) = match &need.resource {
                    None => (Some("/"), &nothing),
                    Some(name) => (
                        fitting.get(name.as_str()).copied(),
                        request.attributes.resources.get(name).unwrap_or(&nothing),
                    ),
                };
                let attributes = RequestAttributes {
                    resource: seen.clone(),
                    resources: Named::new(),
                    ..request.attributes.clone()
                };
                let request = Request { attributes: &attributes, ..request };
                let permission = need.permission.as_str();
                let asked = need.level.as_deref();
                let asked =
                    asked.map_or_else(|| self.can(permission), |asked| self.place_of(permission, asked));
                let level = path.map_or(0, |path| self.level(permission, path, request));
                let met = path.is_some() && asked.is_some_and(|asked| asked > 0 && level >= asked);
                let unless = need.unless.as_ref().is_some_and(|unless| self.holds(unless, request));
                let dropped = unless && path.is_some();
                legs.push(LegAnswer {
                    permission: need.permission.clone(),
                    asked: self.level_id(permission, asked.unwrap_or(0)).to_owned(),
                    level: self.level_id(permission, level).to_owned(),
                    resource: path.unwrap_or_default().to_owned(),
                    allowed: met || dropped,
                    dropped,
                });
            }
            alternatives.push((legs.iter().all(|leg| leg.allowed), legs));
        }
        Some(OperationAnswer { allowed: alternatives.iter().any(|(allowed, _)| *allowed), alternatives })
    }

    // Step 2: who holds what, where.

    /// The pairs (role, scope) that s holds and that reach r, with what they inherit.
    fn pairs(&self, subject: &UserDocument, resource: &str, request: Request<'_>) -> Vec<Pair<'d>> {
        let documents: &'d Documents = self.documents;
        let Documents { roles, packages, directory, .. } = documents;
        let groups = self.groups_of(subject, request);
        let mut held: Vec<(&'d str, &'d str)> = Vec::new();
        // From every assignment whose principal is s, a group of s, or everyone; whose scope is r
        // or an ancestor of r; with `from <= t < until`.
        for assignment in directory.assignments.values() {
            let principal = match &assignment.principal {
                Principal::User(user) => *user == subject.id,
                Principal::Group(group) => groups.contains(group.as_str()),
                Principal::Everyone => true,
            };
            let begun = assignment.from.is_none_or(|from| from <= request.at);
            let over = assignment.until.is_some_and(|until| until <= request.at);
            if principal
                && begun
                && !over
                && self.counts(assignment.made, request)
                && reaches(&assignment.scope, resource)
            {
                held.push((&assignment.role, &assignment.scope));
            }
        }
        // From the package of s, whose roles are held everywhere.
        if let Some(link) = &subject.package
            && self.counts(link.made, request)
            && let Some(package) = packages.get(&link.package)
        {
            let roles = package.roles.iter().filter(|link| self.counts(link.made, request));
            held.extend(roles.map(|link| (link.role.as_str(), "/")));
        }
        // Plus (base role, `/`).
        held.extend(roles.values().filter(|role| role.base).map(|role| (role.id.as_str(), "/")));

        let mut pairs = Vec::new();
        for (role, scope) in held {
            self.inherit(role, scope, &mut pairs);
        }
        pairs
    }

    /// Adds the role at that scope, and all that it inherits at the same scope. A role limited
    /// to scope types counts, inherited too, only where the scope matches one of them in full;
    /// where it does not count it brings nothing.
    fn inherit(&self, role: &str, scope: &'d str, pairs: &mut Vec<Pair<'d>>) {
        let Some(role) = self.documents.roles.get(role) else { return };
        let limited = !role.scope_types.is_empty();
        if limited && !role.scope_types.iter().any(|kind| self.is_of_type(scope, kind)) {
            return;
        }
        if pairs.iter().any(|(known, there)| known.id == role.id && *there == scope) {
            return;
        }
        pairs.push((role, scope));
        for inherited in &role.inherits {
            self.inherit(inherited, scope, pairs);
        }
    }

    /// The groups that s is in, at any depth, through memberships that count.
    fn groups_of(&self, subject: &UserDocument, request: Request<'_>) -> BTreeSet<&'d str> {
        let mut groups = BTreeSet::new();
        loop {
            let before = groups.len();
            for membership in self.documents.directory.memberships.values() {
                let member = match &membership.member {
                    Member::User(user) => *user == subject.id,
                    Member::Group(group) => groups.contains(group.as_str()),
                };
                if member && self.counts(membership.made, request) {
                    groups.insert(membership.group.as_str());
                }
            }
            if groups.len() == before {
                return groups;
            }
        }
    }

    /// Whether a link counts: under `next_login`, for sessions begun at or after the revision
    /// that made it; without a session, as for one begun now.
    fn counts(&self, made: Stamp, request: Request<'_>) -> bool {
        match self.documents.settings.new_links {
            NewLinks::AtOnce => true,
            NewLinks::NextLogin => request.session.is_none_or(|session| session >= made),
        }
    }

    // Step 3: what is granted.

    /// `G(p)`: the maximum of the levels that the pairs' roles grant; of a superuser's, the top.
    fn granted(&self, permission: &str, pairs: &[Pair<'d>]) -> usize {
        let mut granted = 0;
        for (role, scope) in pairs {
            if role.superuser {
                granted = granted.max(self.top(permission));
            }
            if let Some(level) = role.grants.get(permission) {
                granted = granted.max(self.place_of(permission, level).unwrap_or(0));
            }
            for limited in &role.limited {
                if limited.permission == permission && self.is_of_type(scope, &limited.at) {
                    granted = granted.max(self.place_of(permission, &limited.level).unwrap_or(0));
                }
            }
        }
        granted
    }

    // Step 4: what follows.

    /// The least fixed point: the level of every permission, by id.
    fn levels(&self, subject: &UserDocument, resource: &str, request: Request<'_>) -> BTreeMap<&str, usize> {
        let pairs = self.pairs(subject, resource, request);
        let superuser = pairs.iter().any(|(role, _)| role.superuser);
        let granted = self.permissions.keys().map(|id| (id.as_str(), self.granted(id, &pairs))).collect();
        self.settled(&granted, superuser, request)
    }

    /// The level of every permission there, every condition taken to be true.
    pub fn at_best(&self, resource: &str, request: Request<'_>) -> BTreeMap<&str, usize> {
        let pairs = self.active(request.subject).map(|user| self.pairs(user, resource, request));
        let pairs = pairs.unwrap_or_default();
        let granted = self.permissions.keys().map(|id| (id.as_str(), self.granted(id, &pairs))).collect();
        self.settled(&granted, true, request)
    }

    /// What follows from what is granted. `skips` says whether every condition is true.
    fn settled(
        &self,
        granted: &BTreeMap<&str, usize>,
        skips: bool,
        request: Request<'_>,
    ) -> BTreeMap<&str, usize> {
        let mut levels: BTreeMap<&str, usize> = self.permissions.keys().map(|id| (id.as_str(), 0)).collect();
        loop {
            let before = levels.clone();
            for (id, permission) in &self.permissions {
                // Where the tenant lacks the module's product, every level in it is 0.
                if !permission.present {
                    continue;
                }
                let mut bound = level_in(granted, id).max(self.implied(id, &levels));
                // For a module's access permission, 1 if any other permission q of the module
                // has G(q) > 0 or level(q) > 0.
                let others = self.permissions.iter().filter(|(_, other)| other.module == permission.module);
                let mut others = others.filter(|(other, _)| *other != id);
                if permission.access
                    && others.any(|(q, _)| level_in(granted, q) > 0 || level_in(&levels, q) > 0)
                {
                    bound = bound.max(1);
                }
                // The highest m <= bound whose condition holds, else 0.
                let holds = |level: &usize| {
                    let detail = permission.levels.get(permission.level_id(*level));
                    let condition = detail.and_then(|detail| detail.condition.as_ref());
                    skips || condition.is_none_or(|condition| self.holds(condition, request))
                };
                levels.insert(id, (1..=bound).rev().find(holds).unwrap_or(0));
            }
            if levels == before {
                return levels;
            }
        }
    }

    /// The maximum of n for each implication "q at k gives p at n" with `1 <= k <= level(q)`.
    fn implied(&self, permission: &str, levels: &BTreeMap<&str, usize>) -> usize {
        let mut implied = 0;
        for (q, other) in self.permissions.iter().filter(|(_, other)| !other.levels.is_empty()) {
            for k in 1..=level_in(levels, q) {
                let detail = other.levels.get(other.level_id(k));
                if let Some(n) = detail.and_then(|detail| detail.implies.get(permission)) {
                    implied = implied.max(self.place_of(permission, n).unwrap_or(0));
                }
            }
        }
        implied
    }

    // Conditions.

    /// Whether a condition is true of the request. A missing attribute or a mismatch of types
    /// makes a comparison false.
    fn holds(&self, condition: &ConditionDocument, request: Request<'_>) -> bool {
        let values = |operands: &[OperandDocument; 2]| {
            let [left, right] = operands;
            Some((self.value(left, request)?, self.value(right, request)?))
        };
        match condition {
            ConditionDocument::All(all) => all.iter().all(|each| self.holds(each, request)),
            ConditionDocument::Any(any) => any.iter().any(|each| self.holds(each, request)),
            ConditionDocument::Eq(operands) => {
                values(operands).is_some_and(|(left, right)| same(&left, &right) == Some(true))
            }
            ConditionDocument::Ne(operands) => {
                values(operands).is_some_and(|(left, right)| same(&left, &right) == Some(false))
            }
            ConditionDocument::In(operands) => match values(operands) {
                Some((value, Value::List(list))) => list.iter().any(|each| same(&value, each) == Some(true)),
                _ => false,
            },
            ConditionDocument::Lt(operands) => match values(operands) {
                Some((Value::Number(left), Value::Number(right))) => left.get() < right.get(),
                _ => false,
            },
            ConditionDocument::Le(operands) => match values(operands) {
                Some((Value::Number(left), Value::Number(right))) => left.get() <= right.get(),
                _ => false,
            },
        }
    }

    /// What an operand is in this request; nothing where the attribute is missing.
    fn value(&self, operand: &OperandDocument, request: Request<'_>) -> Option<Value> {
        let attribute = match operand {
            OperandDocument::Literal(value) => return Some(value.clone()),
            OperandDocument::Attribute { attribute } => attribute,
        };
        let (root, name) = attribute.split_once('.')?;
        match root {
            // "`subject.id` is always the subject's id."
            "subject" if name == "id" => Some(Value::Text(request.subject.to_owned())),
            "subject" => self.documents.directory.users.get(request.subject)?.attributes.get(name).cloned(),
            "resource" => request.attributes.resource.get(name).cloned(),
            "action" => request.attributes.action.get(name).cloned(),
            "context" => request.attributes.context.get(name).cloned(),
            _ => None,
        }
    }

    // What the documents say.

    fn active(&self, subject: &str) -> Option<&'d UserDocument> {
        let user = self.documents.directory.users.get(subject)?;
        (user.status == Status::Active).then_some(user)
    }

    fn top(&self, permission: &str) -> usize {
        self.permissions.get(permission).map_or(0, |known| known.scale.levels.len().saturating_sub(1))
    }

    fn place_of(&self, permission: &str, level: &str) -> Option<usize> {
        self.permissions.get(permission)?.scale.levels.iter().position(|known| known.id == level)
    }

    /// The top of the scale unless the scale names a lower `can` level.
    fn can(&self, permission: &str) -> Option<usize> {
        match &self.permissions.get(permission)?.scale.can {
            Some(can) => self.place_of(permission, can),
            None => Some(self.top(permission)),
        }
    }

    /// A place: `/`, or a path matching a leading part of a type's pattern.
    fn is_place(&self, path: &str) -> bool {
        let leads = |pattern: &str| {
            let parts: Vec<_> = pattern.split('/').collect();
            let segments: Vec<_> = path.split('/').collect();
            segments.len() <= parts.len()
                && segments.iter().zip(&parts).all(|(segment, part)| is_variable(part) || segment == part)
        };
        let mut types = self.documents.catalogue.resource_types.iter();
        path == "/" || is_path(path) && types.any(|kind| leads(&kind.pattern))
    }

    /// Whether a scope is a resource of that type, in full: a collection is not.
    fn is_of_type(&self, scope: &str, kind: &str) -> bool {
        let mut types = self.documents.catalogue.resource_types.iter();
        types.any(|known| known.id == kind && bind(&known.pattern, scope).is_some())
    }
}

/// The operation's resources that the request names and that fit: each is typed, and "equal
/// variables in their patterns must have equal values", else neither of the two fits.
fn fitting<'r>(
    operation: &'r OperationDocument,
    resources: &'r BTreeMap<String, String>,
) -> BTreeMap<&'r str, &'r str> {
    let mut bound = BTreeMap::new();
    for (name, pattern) in &operation.resources {
        if let Some(path) = resources.get(name)
            && let Some(variables) = bind(pattern, path)
        {
            bound.insert(name.as_str(), (path.as_str(), variables));
        }
    }
    let agrees = |one: &BTreeMap<&str, &str>| {
        bound.values().all(|(_, other)| {
            one.iter().all(|(variable, value)| other.get(variable).is_none_or(|there| there == value))
        })
    };
    bound
        .iter()
        .filter(|(_, (_, variables))| agrees(variables))
        .map(|(name, (path, _))| (*name, *path))
        .collect()
}

/// The values of a pattern's variables where the path matches it in full.
fn bind<'p>(pattern: &'p str, path: &'p str) -> Option<BTreeMap<&'p str, &'p str>> {
    let parts: Vec<_> = pattern.split('/').collect();
    let segments: Vec<_> = path.split('/').collect();
    if !is_path(path) || parts.len() != segments.len() {
        return None;
    }
    let mut variables = BTreeMap::new();
    for (part, segment) in parts.into_iter().zip(segments) {
        if is_variable(part) {
            if variables.insert(part, segment).is_some_and(|before| before != segment) {
                return None;
            }
        } else if part != segment {
            return None;
        }
    }
    Some(variables)
}

fn is_variable(part: &str) -> bool {
    part.starts_with('{')
}

/// No segment is empty, `.`, `..`, encoded or bears a separator.
fn is_path(path: &str) -> bool {
    path.split('/').all(|segment| {
        !matches!(segment, "" | "." | "..")
            && segment.chars().all(|c| c.is_alphanumeric() || "-_.~@:+=,!$".contains(c))
    })
}

/// Whether a scope is r or an ancestor of r, by whole path segments.
fn reaches(scope: &str, resource: &str) -> bool {
    let mut below = resource.split('/');
    scope == "/" || scope.split('/').all(|segment| below.next() == Some(segment))
}

/// Whether two texts, two numbers or two booleans are the same; nothing for two of which one is
/// something else.
fn same(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left == right),
        (Value::Number(left), Value::Number(right)) => Some(left == right),
        (Value::Boolean(left), Value::Boolean(right)) => Some(left == right),
        _ => None,
    }
}

/// `none < allowed`, which every catalogue has.
fn default_scale() -> ScaleDocument {
    let level = |id: &str| LevelDocument { id: id.to_owned(), label: String::new(), ui: None };
    ScaleDocument { levels: vec![level("none"), level("allowed")], can: None }
}

fn level_in(levels: &BTreeMap<&str, usize>, permission: &str) -> usize {
    levels.get(permission).copied().unwrap_or(0)
}

impl Permission {
    fn level_id(&self, level: usize) -> &str {
        self.scale.levels.get(level).map_or("", |level| &level.id)
    }
}
