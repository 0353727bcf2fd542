//! What a policy that replaces another leaves out though it is in use.

use std::collections::{BTreeMap, BTreeSet};

use crate::documents::Documents;
use crate::policy::PolicyDocument;
use crate::problem::{Path, Problems};
use crate::refusal::Refusal;

/// Whether a policy has every role that is assigned and every package that somebody is on. `O(documents)`.
///
/// # Errors
/// What it leaves out, at `$.roles` and `$.packages`.
pub(super) fn nothing_in_use(policy: &PolicyDocument, documents: &Documents) -> Result<(), Refusal> {
    let mut problems = Problems::default();
    let kept: BTreeSet<&str> = policy.roles.iter().map(|role| role.id.as_str()).collect();
    let mut holders: BTreeMap<&str, BTreeSet<_>> = BTreeMap::new();
    for given in documents.directory.assignments.values().filter(|given| !kept.contains(&*given.role)) {
        holders.entry(&given.role).or_default().insert(&given.principal);
    }
    for (role, holders) in holders {
        let (count, holds) = counted(holders.len(), ("holds", "hold"));
        let message = format!(
            "the policy leaves out role `{role}`, which {count} {holds}: keep it, or take it away from them first"
        );
        problems.add(&Path::ROOT.key("roles"), message);
    }
    let kept: BTreeSet<&str> = policy.packages.iter().map(|package| package.id.as_str()).collect();
    let mut people: BTreeMap<&str, usize> = BTreeMap::new();
    for on in documents.directory.users.values().filter_map(|user| user.package.as_ref()) {
        if !kept.contains(&*on.package) {
            let count = people.entry(&on.package).or_default();
            *count = count.saturating_add(1);
        }
    }
    for (package, people) in people {
        let (count, are) = counted(people, ("is", "are"));
        let message = format!(
            "the policy leaves out package `{package}`, which {count} {are} on: keep it, or put them on another package first"
        );
        problems.add(&Path::ROOT.key("packages"), message);
    }
    problems.into_result(()).map_err(Refusal::invalid)
}

fn counted(count: usize, verb: (&'static str, &'static str)) -> (usize, &'static str) {
    (count, if count == 1 { verb.0 } else { verb.1 })
}
