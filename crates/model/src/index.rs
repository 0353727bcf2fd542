//! A state: everything a tenant says at one revision, validated and compiled.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::catalogue::{Catalogue, PermissionHandle};
use crate::condition::check_attributes;
use crate::directory::{DirectoryDocuments, Member, Principal, Source, Status};
use crate::documents::{Documents, Table};
use crate::package::PackageDocument;
use crate::policy::{
    NewLinks, Policy, PolicyDocument, PolicyParts, check_description, check_name, folded, no_role,
};
use crate::problem::{Path, Problem, Problems};
use crate::resource::ResourcePath;
use crate::scale::Level;
use crate::stamp::Stamp;
use crate::subject::{Holding, Link, Subject, Via};

/// Everything a tenant says at one revision, validated, with what decisions need compiled.
/// Fields are private: a state is always consistent.
#[derive(Clone, Debug)]
pub struct State {
    at: Stamp,
    documents: Documents,
    policy: Policy,
    /// For each role, what it grants and what that brings.
    roles: Vec<RoleLevels>,
    /// For each permission, whether the tenant has the product it needs.
    present: Vec<bool>,
    subjects: HashMap<String, Subject>,
    /// For each group, the ways up: itself and every group it is in.
    ancestors: BTreeMap<String, Vec<Ascent>>,
}

/// The way from a group to itself or to one that it is nested in.
#[derive(Clone, Debug)]
struct Ascent {
    groups: Vec<String>,
    links: Vec<Link>,
}

/// What a role gives, one level for each permission of the catalogue.
#[derive(Clone, Debug)]
struct RoleLevels {
    /// By its own grants and those it inherits: G of the design.
    granted: Vec<Level>,
    /// With implications and module access: since conditions aside every implication has one
    /// premise, the fixed point of a union is the union of fixed points, so it is worked out
    /// once for each role.
    reached: Vec<Level>,
}

impl State {
    /// Validates documents and compiles them. `O(documents + roles x permissions + links)`.
    ///
    /// # Errors
    /// Everything that is wrong, each with its path: a policy's as in a
    /// [`PolicyDocument`], a directory's as `$.assignments["id"].role`.
    pub fn build(documents: Documents, at: Stamp) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::default();
        let parts = PolicyParts {
            settings: &documents.settings,
            catalogue: &documents.catalogue,
            roles: documents.roles_in_order(),
            packages: documents.packages.values().collect(),
        };
        let policy = Policy::build(&parts, &mut problems);
        validate_directory(&documents.directory, &policy, &mut problems);
        let ancestors = ascents(&documents.directory, &mut problems);
        let present = presence(&policy);
        let levels = (0..policy.roles.len()).map(|role| compile(&policy, &present, role)).collect();
        let mut state =
            Self { at, documents, policy, roles: levels, present, subjects: HashMap::new(), ancestors };
        state.subjects = state.resolve();
        problems.into_result(state)
    }

    /// The revision at which this is so.
    #[must_use]
    pub fn at(&self) -> Stamp {
        self.at
    }

    /// The documents it was built from.
    #[must_use]
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// The validated policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The validated catalogue.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.policy.catalogue
    }

    /// The subject of that id, active or not.
    #[must_use]
    pub fn subject(&self, id: &str) -> Option<&Subject> {
        self.subjects.get(id)
    }

    /// Every subject, in no order.
    pub fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.subjects.values()
    }

    /// Whether new links wait for a session begun after them.
    #[must_use]
    pub fn waits_for_next_login(&self) -> bool {
        self.policy.settings.new_links == NewLinks::NextLogin
    }

    /// Whether the tenant has the product that the permission's module needs.
    #[must_use]
    pub fn is_present(&self, permission: PermissionHandle) -> bool {
        self.present.get(permission.0 as usize).copied().unwrap_or(false)
    }

    /// What the role at that position gives by itself, G of the design.
    pub(crate) fn granted(&self, role: usize, permission: PermissionHandle) -> Level {
        level(self.roles.get(role).map(|role| &role.granted), permission)
    }

    /// What the role at that position gives, with implications and module access.
    #[must_use]
    pub fn reached(&self, role: usize, permission: PermissionHandle) -> Level {
        level(self.roles.get(role).map(|role| &role.reached), permission)
    }

    pub(crate) fn is_superuser(&self, role: usize) -> bool {
        self.policy.roles.get(role).is_some_and(|role| role.superuser)
    }

    /// The groups that `group` is in, itself included: each with the way there.
    pub(crate) fn groups_above(&self, group: &str) -> impl Iterator<Item = &str> {
        self.ancestors
            .get(group)
            .into_iter()
            .flatten()
            .filter_map(|ascent| ascent.groups.last().map(String::as_str))
    }

    /// The policy as one document, as an export or a template is.
    #[must_use]
    pub fn policy_document(&self) -> PolicyDocument {
        let assigned =
            |assignment: &&crate::directory::AssignmentDocument| assignment.source == Source::AutoAssign;
        PolicyDocument {
            format: crate::FORMAT,
            id: String::new(),
            name: self.documents.settings.name.clone(),
            description: String::new(),
            settings: self.documents.settings.clone(),
            catalogue: self.documents.catalogue.clone(),
            roles: self.policy.roles.iter().map(|role| role.document.clone()).collect(),
            packages: self.documents.packages.values().cloned().collect(),
            tests: self.documents.tests.clone(),
            auto_assign: self
                .documents
                .directory
                .assignments
                .values()
                .filter(assigned)
                .map(|assignment| assignment.role.clone())
                .collect(),
        }
    }

    fn resolve(&self) -> HashMap<String, Subject> {
        let directory = &self.documents.directory;
        let mut by_principal: BTreeMap<&Principal, Vec<&crate::directory::AssignmentDocument>> =
            BTreeMap::new();
        for assignment in directory.assignments.values() {
            by_principal.entry(&assignment.principal).or_default().push(assignment);
        }
        let mut groups_of: BTreeMap<&str, Vec<(&str, Link)>> = BTreeMap::new();
        for membership in directory.memberships.values() {
            if let Member::User(user) = &membership.member {
                let link = Link { id: membership.id.clone(), made: membership.made };
                groups_of.entry(user).or_default().push((&membership.group, link));
            }
        }
        let of = |principal: &Principal| by_principal.get(principal).into_iter().flatten();
        let mut subjects = HashMap::with_capacity(directory.users.len());
        for user in directory.users.values() {
            let mut holdings = Vec::new();
            for assignment in of(&Principal::User(user.id.clone())) {
                let id = assignment.id.clone();
                let via = match assignment.source {
                    Source::Entitlement => Via::Entitlement { assignment: id },
                    Source::Direct | Source::AutoAssign => Via::Direct { assignment: id },
                };
                holdings.extend(self.holding(assignment, via, &[]));
            }
            for (group, membership) in groups_of.get(user.id.as_str()).into_iter().flatten() {
                for ascent in self.ancestors.get(*group).into_iter().flatten() {
                    let Some(top) = ascent.groups.last() else { continue };
                    let links: Vec<Link> = [membership].into_iter().chain(&ascent.links).cloned().collect();
                    for assignment in of(&Principal::Group(top.clone())) {
                        let via =
                            Via::Group { assignment: assignment.id.clone(), groups: ascent.groups.clone() };
                        holdings.extend(self.holding(assignment, via, &links));
                    }
                }
            }
            for assignment in of(&Principal::Everyone) {
                let via = Via::Everyone { assignment: assignment.id.clone() };
                holdings.extend(self.holding(assignment, via, &[]));
            }
            if let Some(link) = &user.package {
                let carried = directory_package(&self.documents.packages, &link.package);
                for carried in carried {
                    let Some(role) = self.policy.role_position(&carried.role) else { continue };
                    holdings.push(Holding {
                        role,
                        scope: ResourcePath::tenant(),
                        from: None,
                        until: None,
                        via: Via::Package { package: link.package.clone() },
                        links: vec![
                            Link { id: link.link.clone(), made: link.made },
                            Link { id: carried.link.clone(), made: carried.made },
                        ],
                    });
                }
            }
            holdings.extend(self.base_holding());
            let active = user.status == Status::Active;
            let attributes = self.catalogue().read_of(&user.attributes);
            subjects.insert(user.id.clone(), Subject { id: user.id.clone(), active, attributes, holdings });
        }
        subjects
    }

    fn holding(
        &self,
        assignment: &crate::directory::AssignmentDocument,
        via: Via,
        before: &[Link],
    ) -> Option<Holding> {
        let mut links = before.to_vec();
        links.push(Link { id: assignment.id.clone(), made: assignment.made });
        Some(Holding {
            role: self.policy.role_position(&assignment.role)?,
            scope: ResourcePath::parse(&assignment.scope).ok()?,
            from: assignment.from,
            until: assignment.until,
            via,
            links,
        })
    }

    /// The base role, as every active user holds it.
    pub(crate) fn base_holding(&self) -> Option<Holding> {
        Some(Holding {
            role: self.policy.base?,
            scope: ResourcePath::tenant(),
            from: None,
            until: None,
            via: Via::Base,
            links: Vec::new(),
        })
    }
}

fn level(levels: Option<&Vec<Level>>, permission: PermissionHandle) -> Level {
    levels.and_then(|levels| levels.get(permission.0 as usize)).copied().unwrap_or_default()
}

fn directory_package<'d>(
    packages: &'d Table<PackageDocument>,
    id: &str,
) -> impl Iterator<Item = &'d crate::package::PackageRole> {
    packages.get(id).into_iter().flat_map(|package| &package.roles)
}

/// For each permission, whether the tenant has the product that its module needs.
fn presence(policy: &Policy) -> Vec<bool> {
    let has = |module: &crate::catalogue::Module| {
        module.requires.as_ref().is_none_or(|product| policy.settings.products.contains(product))
    };
    policy.catalogue.handles().map(|handle| policy.catalogue.module(handle).is_some_and(has)).collect()
}

/// What one role gives: its grants and those it inherits, then the least fixed point of
/// implications and module access.
fn compile(policy: &Policy, present: &[bool], position: usize) -> RoleLevels {
    let catalogue = &policy.catalogue;
    let Some(role) = policy.roles.get(position) else {
        return RoleLevels { granted: Vec::new(), reached: Vec::new() };
    };
    let mut granted = vec![Level::NONE; catalogue.permissions.len()];
    if role.superuser {
        for (handle, level) in catalogue.handles().zip(&mut granted) {
            *level = catalogue.scale(handle).map_or(Level::NONE, crate::scale::Scale::top);
        }
    }
    let all = role.inherited.iter().filter_map(|inherited| policy.roles.get(*inherited)).chain([role]);
    for (handle, level) in all.flat_map(|role| &role.grants) {
        raise(&mut granted, *handle, *level);
    }
    let mut reached: Vec<Level> = granted
        .iter()
        .zip(present)
        .map(|(level, present)| if *present { *level } else { Level::NONE })
        .collect();
    let mut changed = true;
    while changed {
        changed = false;
        for handle in catalogue.handles() {
            let held = level(Some(&reached), handle);
            let Some(permission) = catalogue.permission(handle).filter(|_| held > Level::NONE) else {
                continue;
            };
            let access =
                catalogue.module(handle).and_then(|module| module.access).filter(|_| !permission.is_access);
            let implied = permission
                .levels
                .iter()
                .take(usize::from(held.0) + 1)
                .skip(1)
                .flat_map(|detail| detail.implies.iter().copied());
            for (target, at) in implied.chain(access.map(|access| (access, Level(1)))) {
                if present.get(target.0 as usize).copied().unwrap_or(false) {
                    changed |= raise(&mut reached, target, at);
                }
            }
        }
    }
    RoleLevels { granted, reached }
}

fn raise(levels: &mut [Level], permission: PermissionHandle, to: Level) -> bool {
    match levels.get_mut(permission.0 as usize) {
        Some(level) if *level < to => {
            *level = to;
            true
        }
        _ => false,
    }
}

/// Every group with one way up to each group that it is in: the one whose newest link is oldest,
/// for it counts whenever another does; of those the shortest. A cycle of nesting is a problem.
/// `O(groups x nestings x log)`, however many ways there are.
fn ascents(directory: &DirectoryDocuments, problems: &mut Problems) -> BTreeMap<String, Vec<Ascent>> {
    let mut parents: BTreeMap<&str, Vec<(&str, Link)>> = BTreeMap::new();
    for membership in directory.memberships.values() {
        if let Member::Group(member) = &membership.member {
            let link = Link { id: membership.id.clone(), made: membership.made };
            parents.entry(member).or_default().push((&membership.group, link));
        }
    }
    let mut all = BTreeMap::new();
    for group in directory.groups.keys() {
        let mut found: BTreeMap<&str, Ascent> = BTreeMap::new();
        let mut open = BTreeMap::from([(
            (Stamp::default(), 0, group.as_str()),
            Ascent { groups: vec![group.clone()], links: Vec::new() },
        )]);
        while let Some(((newest, length, top), ascent)) = open.pop_first() {
            if found.contains_key(top) {
                continue;
            }
            for (parent, link) in parents.get(top).into_iter().flatten() {
                if parent == group {
                    let root = Path::ROOT;
                    let message = format!("the group `{parent}` would be in itself");
                    problems.add(&root.key("memberships").key(&link.id).key("member"), message);
                }
                let mut next = ascent.clone();
                next.groups.push((*parent).to_owned());
                next.links.push(link.clone());
                open.entry((newest.max(link.made), length + 1, parent)).or_insert(next);
            }
            found.insert(top, ascent);
        }
        all.insert(group.clone(), found.into_values().collect());
    }
    all
}

/// The longest id accepted from outside.
const LONGEST_ID: usize = 128;

fn check_id(id: &str, at: &Path<'_>, problems: &mut Problems) {
    if id.is_empty()
        || id.len() > LONGEST_ID
        || id.chars().any(|c| c.is_control() || c.is_whitespace() || c == '/')
    {
        problems.add(
            at,
            format!(
                "`{}` is not an id: 1 to {LONGEST_ID} bytes without spaces, slashes or control characters",
                id.escape_debug()
            ),
        );
    }
}

fn check_email(email: &str, at: &Path<'_>, problems: &mut Problems) {
    let well_formed = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !domain.contains('@')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
    });
    if !well_formed || email.len() > 254 || email.chars().any(|c| c.is_control() || c.is_whitespace()) {
        problems.add(at, format!("`{}` is not an e-mail address", email.escape_debug()));
    }
}

fn validate_directory(directory: &DirectoryDocuments, policy: &Policy, problems: &mut Problems) {
    let root = Path::ROOT;
    let users_at = root.key("users");
    let mut emails = BTreeSet::new();
    for (id, user) in &directory.users {
        let at = users_at.key(id);
        check_id(id, &at.key("id"), problems);
        if !user.email.is_empty() {
            check_email(&user.email, &at.key("email"), problems);
            if !emails.insert(user.email.to_lowercase()) {
                problems.add(&at.key("email"), format!("another user has the e-mail `{}`", user.email));
            }
        }
        check_attributes(&user.attributes, &at.key("attributes"), problems);
        for (key, name) in [("first_name", &user.first_name), ("last_name", &user.last_name)] {
            if !name.is_empty() {
                check_name(name, &at.key(key), problems);
            }
        }
        if let Some(link) = &user.package
            && !policy.packages.contains_key(&link.package)
        {
            problems.add(&at.key("package"), format!("there is no package `{}`", link.package));
        }
    }
    let groups_at = root.key("groups");
    let mut names = BTreeSet::new();
    for (id, group) in &directory.groups {
        let at = groups_at.key(id);
        check_id(id, &at.key("id"), problems);
        if !group.name.is_empty() {
            check_name(&group.name, &at.key("name"), problems);
            check_description(&group.description, &at.key("description"), problems);
            if !names.insert(folded(&group.name)) {
                problems.add(
                    &at.key("name"),
                    format!("another group is called `{}`: names are unique", group.name),
                );
            }
        }
    }
    let memberships_at = root.key("memberships");
    let mut pairs = BTreeSet::new();
    for (id, membership) in &directory.memberships {
        let at = memberships_at.key(id);
        if !directory.groups.contains_key(&membership.group) {
            problems.add(&at.key("group"), format!("there is no group `{}`", membership.group));
        }
        let member_at = at.key("member");
        match &membership.member {
            Member::User(user) if !directory.users.contains_key(user) => {
                problems.add(&member_at, format!("there is no user `{user}`"));
            }
            Member::Group(group) if !directory.groups.contains_key(group) => {
                problems.add(&member_at, format!("there is no group `{group}`"));
            }
            Member::User(_) | Member::Group(_) => {}
        }
        if !pairs.insert((&membership.group, &membership.member)) {
            problems.add(&member_at, "is in the group already");
        }
    }
    let assignments_at = root.key("assignments");
    for (id, assignment) in &directory.assignments {
        let at = assignments_at.key(id);
        if policy.role_position(&assignment.role).is_none() {
            problems.add(&at.key("role"), no_role(&assignment.role));
        }
        match &assignment.principal {
            Principal::User(user) if !directory.users.contains_key(user) => {
                problems.add(&at.key("principal"), format!("there is no user `{user}`"));
            }
            Principal::Group(group) if !directory.groups.contains_key(group) => {
                problems.add(&at.key("principal"), format!("there is no group `{group}`"));
            }
            _ => {}
        }
        match ResourcePath::parse(&assignment.scope) {
            Err(malformed) => {
                problems.add(&at.key("scope"), format!("`{}`: {malformed}", assignment.scope.escape_debug()))
            }
            Ok(scope) if !policy.catalogue.is_place(&scope) => {
                problems.add(
                    &at.key("scope"),
                    format!("`{scope}` is not a place: it leads to no resource type of the catalogue"),
                );
            }
            Ok(_) => {}
        }
        if let (Some(from), Some(until)) = (assignment.from, assignment.until)
            && until <= from
        {
            problems.add(&at.key("until"), "ends before it begins");
        }
    }
}
