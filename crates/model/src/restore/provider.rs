//! What an identity provider says comes back from the provider alone: its groups stay as they are.

use std::collections::BTreeSet;

use crate::directory::{GroupSource, Member, Principal};
use crate::documents::{Documents, remove_where, touched};

/// Leaves the identity provider's groups in the documents `there` as they are `now`, with who is in them; answers their
/// ids. `O(documents)`, and far less where they share most.
pub(super) fn keep(now: &Documents, there: &mut Documents) -> BTreeSet<String> {
    let then = there.clone();
    let of_provider = |id: &String| {
        [now, &then].into_iter().any(|documents| {
            documents.directory.groups.get(id).is_some_and(|it| it.source == GroupSource::IdentityProvider)
        })
    };
    let mut kept = BTreeSet::new();
    for (id, is, _) in touched(&now.directory.groups, &then.directory.groups) {
        let id = id.to_owned();
        if of_provider(&id) {
            match is {
                Some(is) => there.directory.groups.insert(id.clone(), is.clone()),
                None => there.directory.groups.remove(&id),
            };
            kept.insert(id);
        }
    }
    for (id, is, was) in touched(&now.directory.memberships, &then.directory.memberships) {
        let Some(group) = is.or(was).map(|link| link.group.clone()).filter(of_provider) else { continue };
        match is {
            Some(is) => there.directory.memberships.insert(id.to_owned(), is.clone()),
            None => there.directory.memberships.remove(id),
        };
        kept.insert(group);
    }
    if kept.is_empty() {
        return kept;
    }
    let (users, groups) = (there.directory.users.clone(), there.directory.groups.clone());
    remove_where(&mut there.directory.memberships, |link| {
        !groups.contains_key(&link.group)
            || match &link.member {
                Member::User(id) => !users.contains_key(id),
                Member::Group(id) => !groups.contains_key(id),
            }
    });
    remove_where(&mut there.directory.assignments, |link| match &link.principal {
        Principal::Group(id) => !groups.contains_key(id),
        Principal::User(_) | Principal::Everyone => false,
    });
    kept
}
