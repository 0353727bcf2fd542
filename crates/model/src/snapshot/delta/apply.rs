//! Applying a delta: what did not change is shared with what it is applied to.

use std::sync::Arc;

use super::super::body::{
    CatalogueBody, GroupBody, HeldBody, Numbers, PackageBody, Reader, RoleBody, UserBody, new_links, revoked,
};
use super::super::codec::every;
use super::super::compact::Unreadable;
use super::super::{Compact, Content};
use super::{Changes, Delta, Edits, Inapplicable, Names, Point};
use crate::index::Draft;
use crate::keyed::by_name;
use crate::policy::Policy;
use crate::resource::ResourcePath;
use crate::stamp::Stamp;

impl Compact {
    /// The snapshot that a delta leads to from this one, whose bytes have the hash `held`; that it is
    /// the delta's target is what its signature says. What did not change is shared. `O(changes)`,
    /// and `O(policy)` where the policy changed; `O(size)` where the catalogue changed or a role, a
    /// group or a package went.
    ///
    /// # Errors
    /// Why not: it is not from here, or names what is not here.
    pub fn apply(&self, held: Content, delta: Delta) -> Result<Self, Inapplicable> {
        let Delta { kind, tenant, base, target, changes } = delta;
        if tenant != self.tenant {
            return Err(Inapplicable::Tenant { held: self.tenant.clone(), delta: tenant });
        }
        if kind != self.kind {
            return Err(Inapplicable::Kind);
        }
        let held = Point { at: self.index.at, content: held };
        if base != held {
            return Err(Inapplicable::Base { held, delta: base });
        }
        Ok(self.after(target.at, changes).ok_or(Unreadable::Reference)?)
    }

    #[inline(never)]
    fn after(&self, at: Stamp, mut changes: Changes) -> Option<Self> {
        let (lapsed, new) = (usize::try_from(changes.lapsed).ok()?, std::mem::take(&mut changes.revoked));
        let kept = self.revoked.get(lapsed..)?;
        let revoked = kept.iter().cloned().chain(new.into_iter().map(revoked)).collect();
        let mut draft = self.index.draft(at);
        draft.change(changes)?;
        let index = draft.settle_beside(&self.index);
        Some(Self { kind: self.kind, tenant: self.tenant.clone(), revoked, index })
    }
}

impl Draft {
    /// Makes the changes, or some of them where one names what is not there.
    pub(in crate::snapshot) fn change(&mut self, changes: Changes) -> Option<()> {
        let Changes { names, next_login, catalogue, roles, base, packages, groups, everyone, users, .. } =
            changes;
        let left = !roles.gone.is_empty() || !packages.gone.is_empty() || !groups.gone.is_empty();
        let new_links = new_links(next_login);
        if self.policy.settings.new_links != new_links {
            Arc::make_mut(&mut self.policy).settings.new_links = new_links;
        }
        let mut numbers = Numbers::default();
        let redirected = self.change_policy(catalogue, roles, &names.roles, &mut numbers)?;
        let base = match base {
            Some(base) => Some(self.policy.role_position(&base)?),
            None => None,
        };
        if self.policy.base != base {
            Arc::make_mut(&mut self.policy).base = base;
        }
        // Code that is not called is not compiled: a policy's snapshot is read before people's code is.
        if !packages.is_empty() {
            self.change_packages(packages, &numbers)?;
        }
        let is_named = !(names.groups.is_empty() && names.packages.is_empty() && names.scopes.is_empty());
        let is_held = everyone.as_ref().is_some_and(|everyone| !everyone.is_empty());
        if is_named || is_held || !groups.is_empty() || !users.is_empty() {
            self.change_people(groups, everyone, users, &names, &mut numbers)?;
        } else if everyone.is_some() {
            self.people.everyone = Arc::default();
        }
        let sound = !(left || redirected) || self.people.leads_somewhere(self.rows.len());
        sound.then_some(())
    }

    #[inline(never)]
    fn change_people(
        &mut self,
        groups: Edits<GroupBody>,
        everyone: Option<Vec<HeldBody>>,
        users: Edits<UserBody>,
        names: &Names,
        numbers: &mut Numbers,
    ) -> Option<()> {
        groups.gone.iter().try_for_each(|id| self.people.remove_group(id))?;
        let affected: Vec<u32> = groups.set.iter().map(|group| self.people.place_group(&group.id)).collect();
        let (groups_at, packages_at) = (&self.people.group_positions, &self.people.package_positions);
        numbers.groups = every(&names.groups, |id| groups_at.get(id).copied())?;
        numbers.packages = every(&names.packages, |id| packages_at.get(id).copied())?;
        numbers.scopes = every(&names.scopes, |scope| ResourcePath::parse(scope).ok())?;
        self.change_groups(groups.set, &affected, numbers)?;
        if let Some(everyone) = everyone {
            self.people.everyone = Arc::new(self.reader(numbers).held(everyone)?);
        }
        let mut reader = self.reader(numbers);
        let set = every(users.set, |user| reader.user(user))?;
        self.people.edit(&users.gone, set)
    }

    fn reader<'i>(&'i mut self, numbers: &'i Numbers) -> Reader<'i> {
        Reader { policy: &self.policy, rows: &mut self.rows, numbers }
    }

    /// Makes the changes of catalogue and roles, and says where the roles that are named stand then.
    /// Whether links were led to other rows.
    #[inline(never)]
    fn change_policy(
        &mut self,
        catalogue: Option<CatalogueBody>,
        edits: Edits<RoleBody>,
        names: &[String],
        numbers: &mut Numbers,
    ) -> Option<bool> {
        let named = |policy: &Policy| every(names, |id| policy.role_position(id));
        let anew = catalogue.is_some();
        if !anew && edits.is_empty() {
            numbers.roles = named(&self.policy)?;
            return Some(false);
        }
        let before = Arc::clone(&self.policy);
        let policy = Arc::make_mut(&mut self.policy);
        if let Some(catalogue) = catalogue {
            let (catalogue, layout) = catalogue.read()?;
            (policy.catalogue, policy.layout) = (Arc::new(catalogue), Arc::new(layout));
        }
        if edits.gone.iter().any(|id| before.role_position(id).is_none()) {
            return None;
        }
        // Whoever stays keeps its place among those who stay; whoever is new comes after them.
        policy.roles.retain(|role| !anew && edits.gone.binary_search(&role.id).is_err());
        let mut positions = by_name();
        for id in policy.roles.iter().map(|role| &role.id).chain(edits.set.iter().map(|role| &role.id)) {
            if !positions.contains_key(id) {
                positions.insert(id.clone(), positions.len());
            }
        }
        policy.positions = Arc::new(positions);
        numbers.roles = named(policy)?;
        let mut edited = vec![false; policy.positions.len()];
        for body in edits.set {
            let role = body.read(&policy.catalogue, &policy.layout, &numbers.roles)?;
            let at = policy.role_position(&role.id)?;
            *edited.get_mut(at)? = true;
            match policy.roles.get_mut(at) {
                Some(known) => *known = Arc::new(role),
                None => policy.roles.push(Arc::new(role)),
            }
        }
        // Where those that stayed as they were find those that they inherit.
        let positions = &policy.positions;
        for (role, _) in policy.roles.iter_mut().zip(edited).filter(|(_, edited)| !edited) {
            let parent = |parent: &usize| positions.get(before.role_id(*parent)).copied();
            let inherits = every(&role.inherits, parent)?;
            if inherits != role.inherits {
                Arc::make_mut(role).inherits = inherits;
            }
        }
        policy.settle_all();
        if !anew && edits.gone.is_empty() && self.rows.follow(&before, policy) {
            return Some(false);
        }
        Some(self.lead_anew(&before))
    }

    #[inline(never)]
    fn change_packages(&mut self, edits: Edits<PackageBody>, numbers: &Numbers) -> Option<()> {
        self.people.remove_packages(&edits.gone)?;
        if !edits.gone.is_empty() {
            let known = &self.people.package_positions;
            Arc::make_mut(&mut self.policy).packages.retain(|id, _| known.contains_key(id));
        }
        for package in edits.set {
            let (document, package) = self.reader(numbers).package(package)?;
            Arc::make_mut(&mut self.policy).packages.insert(document.id.clone(), Arc::new(document));
            self.people.set_package(package);
        }
        Some(())
    }

    #[inline(never)]
    fn change_groups(&mut self, set: Vec<GroupBody>, affected: &[u32], numbers: &Numbers) -> Option<()> {
        for body in set {
            let group = self.reader(numbers).group(body)?;
            self.people.set_group(group)?;
        }
        for group in self.people.below(affected.iter().copied()) {
            self.people.ascend(group);
        }
        Some(())
    }
}
