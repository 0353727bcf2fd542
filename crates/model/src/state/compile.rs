//! From documents to the index: all of them, or those that an edit touched.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::{State, check};
use crate::directory::{
    AssignmentDocument, DirectoryDocuments, GroupDocument, Member, MembershipDocument, Principal, Source,
    Status, UserDocument, folded_email,
};
use crate::documents::{Documents, Filling, Table, Touched, touched};
use crate::index::{Draft, Index, held};
use crate::keyed::Keyed;
use crate::package::PackageDocument;
use crate::people::{Held, Nesting, Package, People, Person, Profile, Span, Tie, TieRef};
use crate::policy::{Places, Policy, PolicyParts, folded, is_same};
use crate::problem::{Path, Problem, Problems};
use crate::resource::{PathRef, ResourcePath};
use crate::role::RoleDocument;
use crate::stamp::Stamp;
use crate::subject::Link;

type Compiled = (Index, Table<String>);

/// Validates documents and compiles them.
pub(super) fn build(documents: &Documents, at: Stamp) -> Result<Compiled, Vec<Problem>> {
    let mut problems = Problems::default();
    let parts = PolicyParts {
        settings: &documents.settings,
        catalogue: &documents.catalogue,
        roles: documents.roles_in_order(),
        packages: documents.packages.values().collect(),
    };
    let policy = Policy::build(&parts, &mut problems);
    let mut draft = Draft::new(at, policy, documents.directory.users.len());
    let emails = read_users(documents, &draft.policy, &mut problems);
    read_groups(documents, &mut draft.people, &mut problems);
    for package in documents.packages.values() {
        set_package(package, &mut draft);
    }
    let links = read_links(documents, &mut draft, &mut problems);
    let groups = 0..u32::try_from(draft.people.groups.len()).unwrap_or_default();
    ascend(groups, &documents.directory, &mut draft.people, &mut problems);
    problems.into_result(())?;
    let Draft { policy, people, .. } = &mut draft;
    let packages = Arc::clone(&people.package_positions);
    people.add_all(documents.directory.users.values().enumerate().map(|(number, user)| {
        let package = user
            .package
            .as_ref()
            .and_then(|link| Some(TieRef::package(*packages.get(&link.package)?, (&link.link, link.made))));
        (profile(user, policy), links.of(number).chain(package))
    }));
    Ok((draft.settle(), emails))
}

/// The links of users: those of one after those of the one before, each user's in the order in which
/// they came.
struct Links<'d> {
    links: Vec<Option<TieRef<'d>>>,
    /// Where the links of each user end that came so far.
    ends: Vec<usize>,
}

impl<'d> Links<'d> {
    /// None yet, with room for one of each of these owners, of so many users.
    fn room(users: usize, owners: impl Iterator<Item = u32>) -> Self {
        let (mut ends, mut all) = (vec![0; users], 0);
        for owner in owners {
            if let Some(own) = ends.get_mut(owner as usize) {
                *own += 1;
            }
        }
        for end in &mut ends {
            all += std::mem::replace(end, all);
        }
        Self { links: vec![None; all], ends }
    }

    fn push(&mut self, owner: u32, link: TieRef<'d>) {
        if let Some(end) = self.ends.get_mut(owner as usize)
            && let Some(place) = self.links.get_mut(*end)
        {
            *place = Some(link);
            *end += 1;
        }
    }

    /// The links of a user, where each that there is room for came.
    fn of(&self, user: usize) -> impl Iterator<Item = TieRef<'d>> {
        let end = |user: usize| self.ends.get(user).copied();
        let start = user.checked_sub(1).and_then(end).unwrap_or_default();
        let own = end(user).and_then(|end| self.links.get(start..end)).unwrap_or_default();
        own.iter().copied().flatten()
    }
}

/// A user beside the links.
fn profile<'d>(user: &'d UserDocument, policy: &Policy) -> Profile<'d> {
    let attributes = policy.catalogue.read_of(&user.attributes);
    Profile {
        id: &user.id,
        active: user.status == Status::Active,
        sign_in: user.sign_in,
        attributes: (!attributes.is_empty()).then(|| Arc::new(attributes)),
    }
}

fn read_users(documents: &Documents, policy: &Policy, problems: &mut Problems) -> Table<String> {
    let mut emails: Vec<(String, &UserDocument)> = Vec::with_capacity(documents.directory.users.len());
    for user in documents.directory.users.values() {
        check::user(user, policy, problems);
        if !user.email.is_empty() {
            emails.push((folded_email(&user.email), user));
        }
    }
    emails.sort_by(|a, b| a.0.cmp(&b.0));
    for pair in emails.windows(2) {
        if let [(email, _), (next, user)] = pair
            && email == next
        {
            check::email_taken(user, problems);
        }
    }
    let mut filling = Filling::default();
    filling.extend(emails.into_iter().map(|(email, user)| (email, user.id.clone())));
    filling.finish()
}

fn read_groups(documents: &Documents, people: &mut People, problems: &mut Problems) {
    let mut names = BTreeSet::new();
    for group in documents.directory.groups.values() {
        check::group(group, problems);
        if !group.name.is_empty() && !names.insert(folded(&group.name)) {
            check::group_name_taken(group, problems);
        }
        people.place_group(&group.id);
    }
}

/// Reads every assignment and membership: those of groups and of everyone into the draft, those
/// of users as a list in the order of users.
fn read_links<'d>(documents: &'d Documents, draft: &mut Draft, problems: &mut Problems) -> Links<'d> {
    let directory = &documents.directory;
    let ids = (0..).zip(directory.users.keys()).map(|(number, id)| (id.as_str(), number));
    let mut users = HashMap::with_capacity_and_hasher(directory.users.len(), draft.people.hasher());
    users.extend(ids);
    let members = read_memberships(documents, &users, draft, problems);
    let mut everyone = Vec::new();
    // In a loop of its own: to find the next owners does not wait for memory that the last one was in.
    let groups = &draft.people.group_positions;
    let owners = directory.assignments.values().map(|document| match &document.principal {
        Principal::User(user) => users.get(user.as_str()).copied(),
        Principal::Group(group) => groups.get(group).copied(),
        Principal::Everyone => Some(0),
    });
    let owners: Vec<Option<u32>> = owners.collect();
    let of_users = directory.assignments.values().zip(&owners);
    let of_users = of_users.filter(|(document, _)| matches!(document.principal, Principal::User(_)));
    let of_users = of_users.filter_map(|(_, owner)| *owner);
    let mut links =
        Links::room(directory.users.len(), of_users.chain(members.iter().map(|(owner, _)| *owner)));
    for (document, owner) in directory.assignments.values().zip(owners) {
        let read = check::assignment(document, owner.is_some(), &draft.policy, problems);
        let (Some(owner), Some((role, scope))) = (owner, read) else { continue };
        if let Principal::User(_) = document.principal {
            let Some(row) = draft.rows.intern(&draft.policy, role, scope) else { continue };
            let window = Span::new(document.from, document.until);
            let link = (document.id.as_str(), document.made);
            links.push(owner, TieRef::holds(row, (&document.scope, window), document.source, link));
            continue;
        }
        let held = assigned(document, role, scope, draft);
        match document.principal {
            Principal::Everyone => everyone.extend(held),
            _ => {
                if let Some(group) = draft.people.group_mut(owner) {
                    group.own.extend(held);
                }
            }
        }
    }
    draft.people.everyone = Arc::new(everyone);
    members.into_iter().for_each(|(owner, link)| links.push(owner, link));
    links
}

fn read_memberships<'d>(
    documents: &'d Documents,
    users: &HashMap<&str, u32, Keyed>,
    draft: &mut Draft,
    problems: &mut Problems,
) -> Vec<(u32, TieRef<'d>)> {
    let many = documents.directory.memberships.len();
    let mut pairs = HashSet::with_capacity_and_hasher(many, draft.people.hasher());
    let mut links = Vec::with_capacity(many);
    for document in documents.directory.memberships.values() {
        let group = draft.people.group_positions.get(&document.group).copied();
        let member = match &document.member {
            Member::User(user) => users.get(user.as_str()).copied(),
            Member::Group(group) => draft.people.group_positions.get(group).copied(),
        };
        check::membership(document, group.is_some(), member.is_some(), problems);
        if !pairs.insert((document.group.as_str(), &document.member)) {
            check::is_member_already(document, &documents.directory, problems);
        }
        let (Some(group), Some(member)) = (group, member) else { continue };
        match &document.member {
            Member::User(_) => links.push((member, TieRef::member(group, (&document.id, document.made)))),
            Member::Group(_) => nest(document, member, group, &mut draft.people),
        }
    }
    links
}

fn nest(document: &MembershipDocument, member: u32, parent: u32, people: &mut People) {
    if let Some(group) = people.group_mut(member) {
        group.parents.push((parent, Link { id: document.id.clone(), made: document.made }));
    }
}

/// Works out what reaches the members of the groups. Every group of a cycle would name another link of it: the newest is the one
/// that closed it.
fn ascend(
    groups: impl IntoIterator<Item = u32>,
    directory: &DirectoryDocuments,
    people: &mut People,
    problems: &mut Problems,
) {
    let mut cycles = Vec::new();
    for group in groups {
        match people.ascend(group) {
            Nesting::Sound => {}
            Nesting::Cycle(link) => cycles.push(link),
            Nesting::TooHigh => {
                let id = people.group(group).map_or("", |group| &group.id);
                check::nested_too_high(id, directory, problems);
            }
        }
    }
    let newest = cycles.iter().map(|link| link.made).max();
    for link in cycles.iter().filter(|link| Some(link.made) == newest) {
        check::cycle(&link.id, directory, problems);
    }
}

fn assigned(
    document: &AssignmentDocument,
    role: usize,
    scope: PathRef<'_>,
    draft: &mut Draft,
) -> Option<Held> {
    let row = draft.rows.intern(&draft.policy, role, scope)?;
    let link = Link { id: document.id.clone(), made: document.made };
    Some(held(row, scope.into_owned(), (document.from, document.until), document.source, link))
}

/// A user as the index holds one. Links that lead nowhere were found by the checks.
fn person<'d>(
    user: &UserDocument,
    assignments: impl Iterator<Item = &'d AssignmentDocument>,
    memberships: &[&MembershipDocument],
    draft: &mut Draft,
) -> Person {
    let held = |document: &AssignmentDocument| {
        let role = draft.policy.role_position(&document.role)?;
        assigned(document, role, PathRef::parse(&document.scope).ok()?, draft).map(Tie::Holds)
    };
    let mut ties: Vec<Tie> = assignments.filter_map(held).collect();
    ties.extend(memberships.iter().filter_map(|document| {
        let link = Link { id: document.id.clone(), made: document.made };
        draft.people.group_positions.get(&document.group).map(|group| Tie::Member(*group, link))
    }));
    if let Some(package) = &user.package {
        let link = Link { id: package.link.clone(), made: package.made };
        let position = draft.people.package_positions.get(&package.package);
        ties.extend(position.map(|package| Tie::Package(*package, link)));
    }
    Person {
        id: user.id.clone(),
        active: user.status == Status::Active,
        sign_in: user.sign_in,
        attributes: draft.policy.catalogue.read_of(&user.attributes),
        ties,
    }
}

fn set_package(document: &PackageDocument, draft: &mut Draft) {
    let carried = document.roles.iter().filter_map(|link| {
        let role = draft.policy.role_position(&link.role)?;
        let row = draft.rows.plain_number(role)?;
        let link = Link { id: link.link.clone(), made: link.made };
        Some(held(row, ResourcePath::tenant(), (None, None), Source::Direct, link))
    });
    let carried = carried.collect();
    draft.people.set_package(Package { id: document.id.clone(), carried });
}

/// Validates and compiles the documents that differ from a state's; `None` where everything is to
/// be compiled anew.
pub(super) fn after(
    state: &State,
    documents: &Documents,
    at: Stamp,
) -> Result<Option<Compiled>, Vec<Problem>> {
    let before = &state.documents;
    let roles = touched(&before.roles, &documents.roles);
    let packages = touched(&before.packages, &documents.packages);
    let groups = touched(&before.directory.groups, &documents.directory.groups);
    let same_catalogue =
        Arc::ptr_eq(&before.catalogue, &documents.catalogue) || before.catalogue == documents.catalogue;
    if !same_catalogue || before.settings.products != documents.settings.products {
        return Ok(None);
    }
    let mut problems = Problems::default();
    let mut draft = state.index.draft(at);
    let mut emails = state.emails.clone();
    if before.settings != documents.settings {
        Arc::make_mut(&mut draft.policy).settings = documents.settings.clone();
    }
    if !edit_roles(&roles, documents, &mut draft, &mut problems) {
        return Ok(None);
    }
    let root = Path::ROOT;
    let packages_at = root.key("packages");
    for (id, _, is) in &packages {
        if let Some(package) = is {
            Arc::make_mut(&mut draft.policy).set_package(package, &packages_at.key(id), &mut problems);
        }
    }
    if !roles.is_empty() {
        // A role that a package carries may no longer be one for users.
        for package in documents.packages.values() {
            Arc::make_mut(&mut draft.policy).set_package(
                package,
                &packages_at.key(&package.id),
                &mut problems,
            );
        }
    }
    packages.iter().filter_map(|(_, _, is)| *is).for_each(|package| set_package(package, &mut draft));
    if !remove(&packages, &groups, documents, &mut draft) {
        return Ok(None);
    }
    if !roles.is_empty() || before.settings != documents.settings {
        draft.policy.check_settings(&root.key("settings"), &mut problems);
    }
    edit_directory(state, documents, &groups, (&mut draft, &mut emails), &mut problems);
    problems.into_result(())?;
    let removed = is_gone(&roles) || is_gone(&packages) || is_gone(&groups);
    let is_sound = !removed || draft.people.leads_somewhere(draft.rows.len());
    // Places that users and groups left are given up where there are many.
    let stays = is_sound && !draft.people.is_worn() && !draft.people.shares_are_worn();
    Ok(stays.then(|| (draft.settle_beside(&state.index), emails)))
}

/// Whether some document is there no more.
fn is_gone<T>(touched: &Touched<'_, T>) -> bool {
    touched.iter().any(|(_, _, is)| is.is_none())
}

/// Removes the packages and groups that are there no more. Whether no link of a group's own is left of
/// those documents: where one is, everything is read anew, and told what is wrong.
fn remove(
    packages: &Touched<'_, PackageDocument>,
    groups: &Touched<'_, GroupDocument>,
    documents: &Documents,
    draft: &mut Draft,
) -> bool {
    let gone = packages.iter().filter(|(_, _, is)| is.is_none());
    let gone: Vec<String> = gone.map(|(id, _, _)| (*id).to_owned()).collect();
    if !gone.is_empty() {
        Arc::make_mut(&mut draft.policy).packages.retain(|id, _| gone.iter().all(|gone| gone != id));
    }
    let directory = &documents.directory;
    let mut gone_groups = groups.iter().filter(|(_, _, is)| is.is_none()).map(|(id, _, _)| *id);
    draft.people.remove_packages(&gone).is_some()
        && gone_groups.all(|id| {
            let position = draft.people.group_positions.get(id).copied();
            let is_left = position.and_then(|position| draft.people.group(position)).is_none_or(|group| {
                group.own.iter().any(|held| directory.assignments.contains_key(&held.link.id))
                    || group.parents.iter().any(|(_, link)| directory.memberships.contains_key(&link.id))
            });
            !is_left && draft.people.remove_group(id).is_some()
        })
}

/// Reads the roles that differ. Whether the links of people can stay as they are.
fn edit_roles(
    touched: &Touched<'_, RoleDocument>,
    documents: &Documents,
    draft: &mut Draft,
    problems: &mut Problems,
) -> bool {
    if touched.is_empty() {
        return true;
    }
    let before = Arc::clone(&draft.policy);
    let policy = Arc::make_mut(&mut draft.policy);
    let (root, places) = (Path::ROOT, Places::default());
    let roles_at = root.key("roles");
    let edited = touched.iter().filter_map(|(_, _, is)| *is);
    let removed = is_gone(touched);
    let is_among =
        |gone: bool| move |id: &str| touched.iter().any(|(role, _, is)| *role == id && is.is_none() == gone);
    if removed && !policy.remove_roles(is_among(true), is_among(false)) {
        return false;
    }
    for document in edited.clone() {
        policy.set_role(document, &places.path(&roles_at, &document.id), problems);
    }
    let base: Vec<&RoleDocument> = documents.roles.values().filter(|role| role.base).collect();
    if base.len() > 1 {
        for document in edited.clone().filter(|role| role.base) {
            let at = places.path(&roles_at, &document.id);
            problems.add(&at.key("base"), "another role is the base role already: there is one at most");
        }
    }
    policy.inherit(edited.chain(base), &places, problems);
    if !policy.roles.iter().any(|role| role.superuser) {
        problems.add(&roles_at, "no role is marked `\"superuser\": true`: nobody could administer");
    }
    // Lists are in the order of roles, which a role may have left or come into.
    let in_order = documents.roles_in_order();
    if !in_order.iter().map(|role| role.id.as_str()).eq(policy.roles.iter().map(|role| role.id.as_str())) {
        return false;
    }
    if removed {
        draft.lead_anew(&before);
        return true;
    }
    draft.rows.follow(&before, &draft.policy)
}

/// Reads the users, groups and links that differ.
fn edit_directory(
    state: &State,
    documents: &Documents,
    groups: &Touched<'_, GroupDocument>,
    (draft, emails): (&mut Draft, &mut Table<String>),
    problems: &mut Problems,
) {
    let (was, is) = (&state.documents.directory, &documents.directory);
    for (_, _, group) in groups {
        let Some(group) = group else { continue };
        check::group(group, problems);
        let named = |other: &&GroupDocument| other.id != group.id && is_same(&other.name, &group.name);
        if !group.name.is_empty() && is.groups.values().any(|other| named(&other)) {
            check::group_name_taken(group, problems);
        }
        draft.people.place_group(&group.id);
    }
    // For each user and group, the links that are to be read beside those that were known.
    let mut edited: BTreeMap<&Principal, BTreeSet<&str>> = BTreeMap::new();
    let assignments = touched(&was.assignments, &is.assignments);
    for (id, before, after) in &assignments {
        for document in [before, after].into_iter().flatten() {
            edited.entry(&document.principal).or_default().insert(id);
        }
        let Some(document) = after else { continue };
        let known = match &document.principal {
            Principal::User(user) => is.users.contains_key(user),
            Principal::Group(group) => is.groups.contains_key(group),
            Principal::Everyone => true,
        };
        check::assignment(document, known, &draft.policy, problems);
    }
    let mut joined: BTreeMap<&Member, BTreeSet<&str>> = BTreeMap::new();
    let memberships = touched(&was.memberships, &is.memberships);
    for (id, before, after) in &memberships {
        for document in [before, after].into_iter().flatten() {
            joined.entry(&document.member).or_default().insert(id);
        }
        if let Some(document) = after {
            let member = match &document.member {
                Member::User(user) => is.users.contains_key(user),
                Member::Group(group) => is.groups.contains_key(group),
            };
            check::membership(document, is.groups.contains_key(&document.group), member, problems);
        }
    }
    edit_groups(documents, (&edited, &joined), draft, problems);
    let users = touched(&was.users, &is.users);
    let ids: BTreeSet<&str> = users
        .iter()
        .map(|(id, _, _)| *id)
        .chain(edited.keys().filter_map(|principal| match principal {
            Principal::User(id) => Some(id.as_str()),
            _ => None,
        }))
        .chain(joined.keys().filter_map(|member| match member {
            Member::User(id) => Some(id.as_str()),
            Member::Group(_) => None,
        }))
        .collect();
    for (id, before, after) in &users {
        if let Some(before) = before.filter(|user| !user.email.is_empty())
            && emails.get(&folded_email(&before.email)).is_some_and(|owner| owner == id)
        {
            emails.remove(&folded_email(&before.email));
        }
        if after.is_none() && links_of(state, id, &[]).any(|link| is_there(link, documents)) {
            let (root, message) =
                (Path::ROOT, format!("there is no user `{id}`, and links lead to it still"));
            problems.add(&root.key("users").key(id), message);
        }
    }
    for (id, _, after) in &users {
        let Some(user) = after else { continue };
        check::user(user, &draft.policy, problems);
        if !user.email.is_empty() && emails.insert(folded_email(&user.email), (*id).to_owned()).is_some() {
            check::email_taken(user, problems);
        }
    }
    for id in ids {
        let Some(user) = is.users.get(id) else {
            draft.people.remove(id);
            continue;
        };
        let new: Vec<&str> =
            [edited.get(&Principal::User(id.to_owned())), joined.get(&Member::User(id.to_owned()))]
                .into_iter()
                .flatten()
                .flatten()
                .copied()
                .collect();
        let ids: BTreeSet<String> = links_of(state, id, &new).collect();
        let assignments = ids.iter().filter_map(|link| is.assignments.get(link));
        let assignments =
            assignments.filter(|link| matches!(&link.principal, Principal::User(user) if user == id));
        let memberships = ids.iter().filter_map(|link| is.memberships.get(link));
        let memberships: Vec<&MembershipDocument> =
            memberships.filter(|link| matches!(&link.member, Member::User(user) if user == id)).collect();
        for (position, link) in memberships.iter().enumerate() {
            if memberships.iter().take(position).any(|other| other.group == link.group) {
                check::is_member_already(link, is, problems);
            }
        }
        let person = person(user, assignments, &memberships, draft);
        draft.people.set(&person);
    }
}

fn is_there(link: String, documents: &Documents) -> bool {
    documents.directory.assignments.contains_key(&link) || documents.directory.memberships.contains_key(&link)
}

/// The ids of the links that a user had, and of others.
fn links_of(state: &State, user: &str, others: &[&str]) -> impl Iterator<Item = String> {
    let person = state.people.find(user).and_then(|user| state.people.person(user));
    let known = person.into_iter().flat_map(|person| person.ties).filter_map(|tie| match tie {
        Tie::Holds(held) => Some(held.link.id),
        Tie::Member(_, link) => Some(link.id),
        Tie::Package(..) => None,
    });
    known.chain(others.iter().map(|id| (*id).to_owned()))
}

type Edited<'d> =
    (&'d BTreeMap<&'d Principal, BTreeSet<&'d str>>, &'d BTreeMap<&'d Member, BTreeSet<&'d str>>);

/// Reads the links of groups and of everyone that differ, and what then reaches whom.
fn edit_groups(
    documents: &Documents,
    (edited, joined): Edited<'_>,
    draft: &mut Draft,
    problems: &mut Problems,
) {
    let is = &documents.directory;
    let mut affected = BTreeSet::new();
    for (principal, new) in edited {
        let known = match principal {
            Principal::User(_) => continue,
            Principal::Everyone => (*draft.people.everyone).clone(),
            Principal::Group(group) => {
                let Some(position) = draft.people.group_positions.get(group) else { continue };
                affected.insert(*position);
                draft.people.group(*position).map(|group| group.own.clone()).unwrap_or_default()
            }
        };
        let ids: BTreeSet<&str> =
            known.iter().map(|held| held.link.id.as_str()).chain(new.iter().copied()).collect();
        let documents = ids.iter().filter_map(|id| is.assignments.get(*id));
        let held: Vec<Held> = documents
            .filter(|document| document.principal == **principal)
            .filter_map(|document| {
                let role = draft.policy.role_position(&document.role)?;
                let scope = PathRef::parse(&document.scope).ok()?;
                assigned(document, role, scope, draft)
            })
            .collect();
        match principal {
            Principal::Everyone => draft.people.everyone = Arc::new(held),
            Principal::Group(group) => {
                let position = draft.people.group_positions.get(group).copied().unwrap_or(u32::MAX);
                if let Some(group) = draft.people.group_mut(position) {
                    group.own = held;
                }
            }
            Principal::User(_) => {}
        }
    }
    for (member, new) in joined {
        let Member::Group(member) = member else { continue };
        let Some(position) = draft.people.group_positions.get(member).copied() else { continue };
        affected.insert(position);
        let known = draft.people.group(position).map(|group| group.parents.clone()).unwrap_or_default();
        let ids: BTreeSet<&str> =
            known.iter().map(|(_, link)| link.id.as_str()).chain(new.iter().copied()).collect();
        if let Some(group) = draft.people.group_mut(position) {
            group.parents.clear();
        }
        let mut parents = BTreeSet::new();
        for document in ids.iter().filter_map(|id| is.memberships.get(*id)) {
            if document.member != Member::Group(member.clone()) {
                continue;
            }
            if !parents.insert(&document.group) {
                check::is_member_already(document, is, problems);
            }
            if let Some(parent) = draft.people.group_positions.get(&document.group).copied() {
                nest(document, position, parent, &mut draft.people);
            }
        }
    }
    ascend(draft.people.below(affected), is, &mut draft.people, problems);
}
