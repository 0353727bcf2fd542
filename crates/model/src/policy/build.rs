//! From documents to a validated policy: all of them, or the roles and packages that an edit touched.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::{
    LimitedTo, Policy, PolicyDocument, Role, SeparationDocument, SettingsDocument, check_description,
    check_name, folded, is_same, no_role,
};
use crate::catalogue::{Catalogue, CatalogueDocument, Only, PermissionHandle, is_slug};
use crate::keyed::by_name;
use crate::package::PackageDocument;
use crate::problem::{Path, Problems};
use crate::role::{LimitedGrant, RoleDocument};
use crate::rows::Layout;
use crate::scale::Level;
use crate::sorted;

/// The documents of a policy, wherever they are kept.
pub(crate) struct PolicyParts<'d> {
    pub(crate) settings: &'d SettingsDocument,
    pub(crate) catalogue: &'d CatalogueDocument,
    pub(crate) roles: Vec<&'d RoleDocument>,
    pub(crate) packages: Vec<&'d PackageDocument>,
}

impl<'d> PolicyParts<'d> {
    pub(super) fn of(document: &'d PolicyDocument) -> Self {
        Self {
            settings: &document.settings,
            catalogue: &document.catalogue,
            roles: document.roles.iter().collect(),
            packages: document.packages.iter().collect(),
        }
    }
}

/// Where documents stand: in a list, or by their ids.
#[derive(Debug, Default)]
pub(crate) struct Places<'d>(HashMap<&'d str, usize>);

impl<'d> Places<'d> {
    /// Documents in a list, as in a [`PolicyDocument`].
    pub(crate) fn listed(ids: impl Iterator<Item = &'d str>) -> Self {
        let mut places = HashMap::new();
        for (position, id) in ids.enumerate() {
            places.entry(id).or_insert(position);
        }
        Self(places)
    }

    /// The path of one document, below that of all.
    pub(crate) fn path<'a>(&self, all: &'a Path<'a>, id: &'a str) -> Path<'a> {
        match self.0.get(id) {
            Some(position) => all.item(*position),
            None => all.key(id),
        }
    }
}

impl Policy {
    /// Validates the parts of a policy. Problems name paths in a [`PolicyDocument`].
    pub(crate) fn build(parts: &PolicyParts<'_>, problems: &mut Problems) -> Self {
        let root = Path::ROOT;
        let catalogue = Catalogue::build(parts.catalogue, &root.key("catalogue"), problems);
        let has = |module: &crate::catalogue::Module| {
            module.requires.as_ref().is_none_or(|product| parts.settings.products.contains(product))
        };
        let layout = Layout::new(&catalogue, &|handle| catalogue.module(handle).is_some_and(has));
        let mut policy = Self::of(parts.settings.clone(), catalogue, layout);
        let roles_at = root.key("roles");
        let (mut names, mut roles) = (BTreeSet::new(), Vec::new());
        for (position, document) in parts.roles.iter().enumerate() {
            let at = roles_at.item(position);
            if policy.positions.contains_key(&document.id) {
                problems.add(
                    &at.key("id"),
                    format!("the role `{}` stands here twice: ids are unique", document.id),
                );
                policy.read_role(document, &at, problems);
                continue;
            }
            roles.push(*document);
            if !names.insert(folded(&document.name)) {
                problems.add(
                    &at.key("name"),
                    format!("another role is called `{}`: names are unique", document.name),
                );
            }
            if document.base && policy.base.is_some() {
                problems.add(&at.key("base"), "another role is the base role already: there is one at most");
            }
            policy.set_role(document, &at, problems);
        }
        let places = Places::listed(parts.roles.iter().map(|role| role.id.as_str()));
        policy.inherit(roles.into_iter(), &places, problems);
        if !policy.roles.iter().any(|role| role.superuser) {
            problems.add(&roles_at, "no role is marked `\"superuser\": true`: nobody could administer");
        }
        let packages_at = root.key("packages");
        let mut names = BTreeSet::new();
        for (position, document) in parts.packages.iter().enumerate() {
            let at = packages_at.item(position);
            if policy.packages.contains_key(&document.id) {
                problems.add(
                    &at.key("id"),
                    format!("the package `{}` stands here twice: ids are unique", document.id),
                );
            }
            if !names.insert(folded(&document.name)) {
                problems.add(
                    &at.key("name"),
                    format!("another package is called `{}`: names are unique", document.name),
                );
            }
            policy.set_package(document, &at, problems);
        }
        policy.check_settings(&root.key("settings"), problems);
        policy
    }

    /// Reads a role on its own, in the place of the one of that id, if there is one. Whom it
    /// inherits is resolved by [`Policy::inherit`].
    pub(crate) fn set_role(
        &mut self,
        document: &RoleDocument,
        at: &Path<'_>,
        problems: &mut Problems,
    ) -> usize {
        let role = self.read_role(document, at, problems);
        let position = self.role_position(&document.id).unwrap_or(self.roles.len());
        if document.base {
            self.base = Some(position);
        } else if self.base == Some(position) {
            self.base = None;
        }
        Arc::make_mut(&mut self.positions).insert(document.id.clone(), position);
        match self.roles.get_mut(position) {
            Some(place) => *place = Arc::new(role),
            None => self.roles.push(Arc::new(role)),
        }
        position
    }

    /// Takes away the roles for which `is_gone` holds; the others keep their order. Whether none of those
    /// inherits one that went, but of such as are `edited` and say anew what they inherit.
    pub(crate) fn remove_roles(
        &mut self,
        is_gone: impl Fn(&str) -> bool,
        is_edited: impl Fn(&str) -> bool,
    ) -> bool {
        let mut stay = 0..self.roles.len();
        let places: Vec<Option<usize>> =
            self.roles.iter().map(|role| if is_gone(&role.id) { None } else { stay.next() }).collect();
        let place = |position: usize| places.get(position).copied().flatten();
        let mut is_sound = true;
        let mut positions = by_name();
        self.base = self.base.and_then(place);
        self.roles.retain(|role| !is_gone(&role.id));
        for (position, role) in self.roles.iter_mut().enumerate() {
            positions.insert(role.id.clone(), position);
            let inherits: Vec<usize> = role.inherits.iter().filter_map(|parent| place(*parent)).collect();
            is_sound &= inherits.len() == role.inherits.len() || is_edited(&role.id);
            if inherits != role.inherits {
                Arc::make_mut(role).inherits = inherits;
            }
        }
        self.positions = Arc::new(positions);
        is_sound
    }

    fn read_role(&self, document: &RoleDocument, at: &Path<'_>, problems: &mut Problems) -> Role {
        if !is_slug(&document.id) {
            problems.add(&at.key("id"), format!("`{}` is not an id: a lower-case letter, then lower-case letters, digits, `_` or `-`, 64 at most", document.id));
        }
        check_name(&document.name, &at.key("name"), problems);
        check_description(&document.description, &at.key("description"), problems);
        let grants_at = at.key("grants");
        let mut grants = self.layout.none();
        for (permission, level) in &document.grants {
            match self.grant(document, permission, level) {
                Ok((handle, level)) => {
                    self.layout.raise(&mut grants, handle, level);
                }
                Err((_, message)) => problems.add(&grants_at.key(permission), message),
            }
        }
        if document.base && document.promotes {
            problems.add(
                &at.key("promotes"),
                "the base role cannot promote: everybody holds it, and nobody gives it",
            );
        }
        Role {
            id: document.id.clone(),
            audience: document.audience,
            superuser: document.superuser,
            gives_superuser: document.superuser,
            inherited: Vec::new(),
            inherits: Vec::new(),
            scope_types: self.read_scope_types(document, at, problems),
            grants: Arc::new(grants),
            limited: self.read_limited(document, at, problems),
            asks_type: false,
        }
    }

    /// What a role grants, or the key at which it is wrong and why.
    fn grant(
        &self,
        role: &RoleDocument,
        permission: &str,
        level: &str,
    ) -> Result<(PermissionHandle, Level), (&'static str, String)> {
        let key = if self.catalogue.handle(permission).is_none() { "permission" } else { "level" };
        let (handle, level_at) = self.catalogue.grant(permission, level).map_err(|message| (key, message))?;
        if level_at == Level::NONE && !role.base {
            let message = format!(
                "level `{level}` grants nothing and is offered in the base role only: leave `{permission}` out"
            );
            return Err(("level", message));
        }
        match self.catalogue.permission(handle).and_then(|permission| permission.only) {
            Some(Only::Base) if !role.base => {
                Err(("permission", format!("`{permission}` is set in the base role only")))
            }
            Some(Only::Custom) if role.base => {
                Err(("permission", format!("`{permission}` is never set in the base role")))
            }
            _ => Ok((handle, level_at)),
        }
    }

    fn resource_type(&self, id: &str) -> Option<u16> {
        let position = self.catalogue.resource_types().iter().position(|kind| kind.id() == id)?;
        u16::try_from(position).ok()
    }

    fn read_limited(
        &self,
        document: &RoleDocument,
        at: &Path<'_>,
        problems: &mut Problems,
    ) -> Vec<LimitedTo> {
        let limited_at = at.key("limited");
        let mut limited = Vec::new();
        for (position, grant) in document.limited.iter().enumerate() {
            let at = limited_at.item(position);
            let kind = self.resource_type(&grant.at);
            if kind.is_none() {
                problems.add(&at.key("at"), no_type(&grant.at));
            }
            match self.grant(document, &grant.permission, &grant.level) {
                Err((key, message)) => problems.add(&at.key(key), message),
                Ok((_, Level::NONE)) => {
                    problems.add(
                        &at.key("level"),
                        format!("level `{}` grants nothing: name a higher level", grant.level),
                    );
                }
                Ok((permission, level)) => {
                    limited.extend(kind.map(|at| LimitedTo { permission, level, at }));
                }
            }
            let same = |other: &&LimitedGrant| other.permission == grant.permission && other.at == grant.at;
            if document.limited.iter().take(position).any(|other| same(&other)) {
                problems.add(
                    &at,
                    format!(
                        "`{}` at `{}` stands here twice: keep the higher level",
                        grant.permission, grant.at
                    ),
                );
            }
        }
        limited
    }

    fn read_scope_types(&self, document: &RoleDocument, at: &Path<'_>, problems: &mut Problems) -> Vec<u16> {
        let types_at = at.key("scope_types");
        if document.base && document.is_space_role() {
            problems
                .add(&types_at, "the base role counts everywhere: everybody holds it for the whole tenant");
        }
        let mut types = Vec::new();
        for (position, id) in document.scope_types.iter().enumerate() {
            let at = types_at.item(position);
            match self.resource_type(id) {
                None => problems.add(&at, no_type(id)),
                Some(kind) if types.contains(&kind) => {
                    problems.add(&at, format!("`{id}` stands here twice"));
                }
                Some(kind) => types.push(kind),
            }
        }
        types.sort_unstable();
        types
    }

    /// Resolves whom these roles inherit, then who inherits whom, transitively, of all. A cycle is
    /// named once, with its whole path. `O(roles + inheritance)`.
    pub(crate) fn inherit<'d>(
        &mut self,
        documents: impl Iterator<Item = &'d RoleDocument> + Clone,
        places: &Places<'_>,
        problems: &mut Problems,
    ) {
        let root = Path::ROOT;
        let roles_at = root.key("roles");
        let mut parents: Vec<Vec<usize>> = self.roles.iter().map(|role| role.inherits.clone()).collect();
        for document in documents.clone() {
            let at = places.path(&roles_at, &document.id);
            let inherits_at = at.key("inherits");
            let mut found = Vec::new();
            for (item, id) in document.inherits.iter().enumerate() {
                match self.positions.get(id) {
                    None => problems.add(&inherits_at.item(item), no_role(id)),
                    Some(parent) => found.push(*parent),
                }
            }
            if let Some(place) =
                self.role_position(&document.id).and_then(|position| parents.get_mut(position))
            {
                *place = found;
            }
        }
        for position in 0..self.roles.len() {
            let direct = parents.get(position).cloned().unwrap_or_default();
            let mut reached = reached_from(&direct, &parents);
            if reached.contains(&position) {
                let names: Vec<_> = reached.iter().map(|role| format!("`{}`", self.role_id(*role))).collect();
                let at = places.path(&roles_at, self.role_id(position));
                problems.add(
                    &at.key("inherits"),
                    format!("a role cannot inherit itself; the cycle is among {}", names.join(", ")),
                );
                reached.retain(|role| *role != position);
            }
            self.settle(position, direct, reached);
        }
        // What one role inherits may come to be a superuser role by the edit of another.
        for role in self.roles.iter().filter(|role| role.is_space_role()) {
            if role.gives_superuser {
                let at = places.path(&roles_at, &role.id);
                problems.add(&at.key("scope_types"), "a superuser role counts everywhere: assign it at a place instead of limiting it to types");
            }
        }
        for document in documents.filter(|document| document.base) {
            if let Some(position) = self.role_position(&document.id) {
                self.check_base(position, document, &places.path(&roles_at, &document.id), problems);
            }
        }
    }

    /// Resolves who inherits whom, transitively, of roles that say whom they inherit themselves; a
    /// role does not inherit itself.
    #[inline(never)]
    pub(crate) fn settle_all(&mut self) {
        let parents: Vec<Vec<usize>> = self.roles.iter().map(|role| role.inherits.clone()).collect();
        for (position, direct) in parents.iter().enumerate() {
            let mut reached = reached_from(direct, &parents);
            reached.retain(|role| *role != position);
            self.settle(position, direct.clone(), reached);
        }
    }

    /// Writes down whom a role inherits, unless that is what stands there.
    fn settle(&mut self, position: usize, inherits: Vec<usize>, inherited: Vec<usize>) {
        let all = || inherited.iter().filter_map(|role| self.role(*role)).chain(self.role(position));
        let gives_superuser = all().any(|role| role.superuser);
        let asks_type = all().any(|role| !role.limited.is_empty() || !role.scope_types.is_empty());
        let Some(role) = self.roles.get_mut(position) else { return };
        let same = (role.gives_superuser, role.asks_type) == (gives_superuser, asks_type);
        if !same || role.inherits != inherits || role.inherited != inherited {
            let role = Arc::make_mut(role);
            (role.inherits, role.inherited) = (inherits, inherited);
            (role.gives_superuser, role.asks_type) = (gives_superuser, asks_type);
        }
    }

    /// What the base role may not be given it may not inherit either.
    fn check_base(&self, position: usize, document: &RoleDocument, at: &Path<'_>, problems: &mut Problems) {
        if self.role(position).is_some_and(|role| role.gives_superuser) {
            problems.add(at, "the base role cannot be a superuser role: everybody holds it");
        }
        let inherits_at = at.key("inherits");
        for (item, id) in document.inherits.iter().enumerate() {
            let Some(parent) = self.role_position(id).and_then(|parent| self.role(parent)) else { continue };
            let roles = parent.inherited.iter().filter_map(|role| self.role(*role)).chain([parent]);
            let roles: Vec<&Role> = roles.filter(|role| role.id != document.id).collect();
            let grants = |handle: &PermissionHandle| {
                roles.iter().any(|role| self.layout.level(&role.grants, *handle) > Level::NONE)
            };
            let custom = |handle: &PermissionHandle| {
                self.catalogue.permission(*handle).is_some_and(|known| known.only == Some(Only::Custom))
            };
            if let Some(handle) = self.catalogue.handles().filter(custom).find(grants) {
                problems.add(
                    &inherits_at.item(item),
                    format!(
                        "`{}`, which `{id}` grants, is never set in the base role",
                        self.catalogue.id(handle)
                    ),
                );
            }
        }
    }

    /// Reads a package, in the place of the one of that id, if there is one.
    pub(crate) fn set_package(&mut self, document: &PackageDocument, at: &Path<'_>, problems: &mut Problems) {
        if !is_slug(&document.id) {
            problems.add(&at.key("id"), format!("`{}` is not an id: a lower-case letter, then lower-case letters, digits, `_` or `-`, 64 at most", document.id));
        }
        check_name(&document.name, &at.key("name"), problems);
        check_description(&document.description, &at.key("description"), problems);
        let roles_at = at.key("roles");
        for (position, link) in document.roles.iter().enumerate() {
            let link_at = roles_at.item(position);
            let role_at = link_at.key("role");
            match self.role_position(&link.role).and_then(|position| Some((position, self.role(position)?))) {
                None => problems.add(&role_at, no_role(&link.role)),
                Some((position, _)) if let Some(other) = self.not_for_users(position) => {
                    let why = match other.id == link.role {
                        true => String::new(),
                        false => format!(", since it inherits `{}`", other.id),
                    };
                    problems.add(
                        &role_at,
                        format!(
                            "`{}` is not a role for users{why}: packages carry roles of the user audience",
                            link.role
                        ),
                    );
                }
                Some((_, role)) if role.is_space_role() => {
                    problems.add(&role_at, counts_nowhere(&link.role));
                }
                Some(_) => {}
            }
            if document.roles.iter().take(position).any(|other| other.role == link.role) {
                problems.add(&role_at, format!("the package carries `{}` twice", link.role));
            }
        }
        self.packages.insert(document.id.clone(), Arc::new(document.clone()));
    }

    /// What the tenant is called, where the settings say so, and what they say of roles.
    pub(crate) fn check_settings(&self, at: &Path<'_>, problems: &mut Problems) {
        if !self.settings.name.is_empty() {
            check_name(&self.settings.name, &at.key("name"), problems);
        }
        let entitlements_at = at.key("entitlements");
        for id in self.settings.entitlements.keys() {
            let at = entitlements_at.key(id);
            match self.role_position(id).and_then(|position| Some((position, self.role(position)?))) {
                None => problems.add(&at, no_role(id)),
                Some((_, role)) if role.gives_superuser => {
                    problems
                        .add(&at, format!("`{id}` is a superuser role: it is given to one person at a time"));
                }
                Some((position, _)) if self.base == Some(position) => {
                    problems.add(&at, format!("`{id}` is the base role: every active user holds it already"));
                }
                Some((_, role)) if role.is_space_role() => problems.add(&at, counts_nowhere(id)),
                Some(_) => {}
            }
        }
        let separation_at = at.key("separation");
        for (position, rule) in self.settings.separation.iter().enumerate() {
            self.check_separation(position, rule, &separation_at.item(position), problems);
        }
    }

    fn check_separation(
        &self,
        position: usize,
        rule: &SeparationDocument,
        at: &Path<'_>,
        problems: &mut Problems,
    ) {
        let name_at = at.key("name");
        check_name(&rule.name, &name_at, problems);
        let others = self.settings.separation.iter().take(position);
        if others.clone().any(|other| is_same(&other.name, &rule.name)) {
            problems.add(&name_at, format!("another rule is called `{}`: names are unique", rule.name));
        }
        let roles_at = at.key("roles");
        for (position, id) in rule.roles.iter().enumerate() {
            let at = roles_at.item(position);
            match self.role_position(id) {
                None => problems.add(&at, no_role(id)),
                Some(position) if self.base == Some(position) => {
                    problems
                        .add(&at, format!("`{id}` is the base role, which everybody holds: leave it out"));
                }
                Some(_) if rule.roles.iter().take(position).any(|other| other == id) => {
                    problems.add(&at, format!("`{id}` stands here twice"));
                }
                Some(_) => {}
            }
        }
        if rule.roles.len() < 2 {
            problems.add(&roles_at, "a separation of duty is among two roles at least");
        } else if rule.at_most == 0
            || usize::try_from(rule.at_most).is_ok_and(|most| most >= rule.roles.len())
        {
            let message =
                format!("one user may hold 1 to {} of {} roles", rule.roles.len() - 1, rule.roles.len());
            problems.add(&at.key("at_most"), message);
        }
    }
}

/// Everything that is reached from `direct`, itself included.
fn reached_from(direct: &[usize], parents: &[Vec<usize>]) -> Vec<usize> {
    let (mut reached, mut next) = (Vec::new(), direct.to_vec());
    while let Some(parent) = next.pop() {
        if sorted::insert(&mut reached, parent) {
            next.extend(parents.get(parent).into_iter().flatten());
        }
    }
    reached
}

fn no_type(id: &str) -> String {
    format!("there is no resource type `{id}` in the catalogue")
}

pub(super) fn counts_nowhere(id: &str) -> String {
    format!(
        "`{id}` counts at resources of its types only, and this is held for the whole tenant: choose another role"
    )
}
