//! Findings about API keys. The model keeps none: whoever asks says which there are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use super::{About, Finding, Lint, fix};
use crate::actor::{Actor, Window};
use crate::change::{Change, KeyEdit};
use crate::console;
use crate::directory::{AssignmentDocument, GroupSource, Principal, Status};
use crate::refusal::Fix;
use crate::resource::ResourcePath;
use crate::stamp::Timestamp;
use crate::state::State;

/// An API key, as findings are asked about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey {
    /// What it is.
    pub key: KeyEdit,
    /// The id of the user who was told its newest secret, where it was one.
    pub keeper: Option<String>,
    /// Whether an identity provider comes with it.
    pub is_of_provider: bool,
}

/// A role that people hold whom an identity provider keeps, and that gives more than the provider's key holds. With the
/// key nobody is put into a group that gives the role, and nobody who holds it is switched off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderGap<'k> {
    key: &'k KnownKey,
    /// The role. By its id alone, as all that is named here: that one is called otherwise is no other gap.
    role: String,
    /// The provider's groups that give it.
    groups: BTreeSet<String>,
    /// Whether everybody holds it.
    is_everybodys: bool,
    /// Whether it is a superuser role.
    is_superuser: bool,
    /// What it gives and the key does not hold.
    lacks: BTreeSet<String>,
    /// Whether the key ends before what the role gives.
    ends_before: bool,
}

impl ProviderGap<'_> {
    /// One line for a person, who knows the key by that name; all else is called as in `state`.
    #[must_use]
    pub fn told(&self, state: &State, key: &str) -> String {
        let role = self.role_name(state);
        let known = &state.documents().directory.groups;
        let groups: Vec<&str> =
            self.groups.iter().map(|id| known.get(id).map_or(&**id, |group| &group.name)).collect();
        let may_not = match (groups.as_slice(), self.is_everybodys) {
            ([], _) => "switch anybody off".to_owned(),
            (groups, false) => format!("put people into {} nor switch them off", named(groups)),
            (groups, true) => format!("put people into {} nor switch anybody off", named(groups)),
        };
        let lacks: Vec<String> = self.lacks.iter().map(|id| state.catalogue().permission_name(id)).collect();
        let why = match (self.is_superuser, lacks.as_slice()) {
            (true, _) => format!("`{role}` is a superuser role, which a superuser alone gives and takes"),
            (false, []) => format!("the key ends, and what `{role}` gives lasts longer"),
            (false, lacks) => format!("`{role}` gives {}, which the key does not hold", named(lacks)),
        };
        format!("{key} may not {may_not}: {why}")
    }

    fn role_name<'s>(&'s self, state: &'s State) -> &'s str {
        state.role(&self.role).map_or(&self.role, |role| &role.name)
    }

    /// What has the key hold as much, where a key can.
    fn fix(&self, state: &State) -> Option<Fix> {
        let before = self.key.key.clone();
        let mut key = before.clone();
        key.permissions.extend(self.lacks.iter().cloned());
        key.permissions.sort();
        if self.ends_before {
            key.expires = None;
        }
        let label = format!("Let {} give {}", before.name, self.role_name(state));
        (!self.is_superuser).then(|| fix(&label, Change::UpdateKey { before, key }))
    }

    fn finding(&self, state: &State) -> Finding {
        let about = [About::Key(self.key.key.id.clone()), About::Role(self.role.clone())];
        let groups = self.groups.iter().cloned().map(About::Group);
        Finding {
            code: Lint::ProviderKeyHoldsLess,
            message: self.told(state, &format!("`{}`", self.key.key.name)),
            about: about.into_iter().chain(groups).collect(),
            fix: self.fix(state),
        }
    }
}

/// The first two, and how many more.
fn named<T: Display>(all: &[T]) -> String {
    match all {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [one, other] => format!("`{one}` and `{other}`"),
        [one, other, rest @ ..] => format!("`{one}`, `{other}` and {} more", rest.len()),
    }
}

impl State {
    /// What could be better about these keys, kind by kind and in the order of ids. `O(keys x assignments of an
    /// identity provider's groups x permissions)`.
    #[must_use]
    pub fn lint_keys(&self, keys: &[KnownKey], now: Timestamp) -> Vec<Finding> {
        let left = keys.iter().filter_map(|known| self.of_somebody_who_left(known));
        let gaps = keys.iter().flat_map(|known| self.provider_gaps(known, now));
        let mut findings: Vec<Finding> = left.chain(gaps.map(|gap| gap.finding(self))).collect();
        findings.sort_by(|a, b| (a.code, &a.about).cmp(&(b.code, &b.about)));
        findings
    }

    fn of_somebody_who_left(&self, known: &KnownKey) -> Option<Finding> {
        let (keeper, KeyEdit { id, name, .. }) = (known.keeper.as_ref()?, &known.key);
        let user = self.documents().directory.users.get(keeper);
        if user.is_some_and(|user| user.status != Status::Disabled) {
            return None;
        }
        let end = Change::EndKey { key: known.key.clone(), keeper: known.keeper.clone() };
        let about = [Some(About::Key(id.clone())), user.map(|user| About::User(user.id.clone()))];
        Some(Finding {
            code: Lint::KeyOfSomebodyWhoLeft,
            // To give it a new secret is no change that could be named: that is told once.
            message: format!(
                "somebody who left knows the secret of `{name}`: give it a new one, and the key is yours; or end it"
            ),
            about: about.into_iter().flatten().collect(),
            fix: Some(fix(&format!("End {name}"), end)),
        })
    }

    /// What the key of an identity provider no longer does for people whom the provider keeps, role by role; nothing of
    /// another key, or one that may not edit groups.
    #[must_use]
    pub fn provider_gaps<'k>(&self, known: &'k KnownKey, now: Timestamp) -> Vec<ProviderGap<'k>> {
        let (key, scope) = (&known.key, known.key.place());
        let actor = Actor::Key {
            permissions: &key.permissions,
            scope: &scope,
            until: key.expires,
            for_provider: true,
            trusts_subject: key.trusts_subject,
            told_to: &[],
        };
        if !known.is_of_provider || !actor.may(self, console::GROUPS_MANAGE, &ResourcePath::tenant(), now) {
            return Vec::new();
        }
        let mut gaps: BTreeMap<String, ProviderGap<'k>> = BTreeMap::new();
        let mut note = |role: &str, scope: &ResourcePath, until: Option<Timestamp>, group: Option<&str>| {
            let Some(lack) = self.lack(&actor, role, scope, Window { now, until }) else { return };
            let gap = gaps.entry(role.to_owned()).or_insert_with(|| ProviderGap {
                key: known,
                role: role.to_owned(),
                groups: BTreeSet::new(),
                is_everybodys: false,
                is_superuser: false,
                lacks: BTreeSet::new(),
                ends_before: false,
            });
            match group {
                Some(id) => _ = gap.groups.insert(id.to_owned()),
                None => gap.is_everybodys = true,
            }
            gap.is_superuser |= lack.is_superuser;
            gap.ends_before |= lack.ends_before;
            gap.lacks.extend(lack.permissions);
        };
        let lasts = |assignment: &&AssignmentDocument| assignment.until.is_none_or(|until| until > now);
        let groups = self.documents().directory.groups.values();
        for group in groups.filter(|group| group.source == GroupSource::IdentityProvider) {
            let above: Vec<String> = self.groups_above(&group.id).map(ToOwned::to_owned).collect();
            for principal in above.into_iter().map(Principal::Group) {
                for assignment in self.assignments_of(&principal).filter(lasts) {
                    if let Ok(scope) = ResourcePath::parse(&assignment.scope) {
                        note(&assignment.role, &scope, assignment.until, Some(&group.id));
                    }
                }
            }
        }
        if let Some(base) = self.policy().base() {
            note(self.policy().role_id(base), &ResourcePath::tenant(), None, None);
        }
        for assignment in self.assignments_of(&Principal::Everyone).filter(lasts) {
            if let Ok(scope) = ResourcePath::parse(&assignment.scope) {
                note(&assignment.role, &scope, assignment.until, None);
            }
        }
        gaps.into_values().collect()
    }

    /// What a role gives there for as long, and the actor does not hold; none where the actor holds all of it.
    fn lack(&self, actor: &Actor<'_>, role: &str, scope: &ResourcePath, window: Window) -> Option<Lack> {
        let position = self.policy().role_position(role)?;
        let is_superuser = self.is_superuser(position);
        if is_superuser {
            return Some(Lack { is_superuser, ..Lack::default() });
        }
        let now = Window { until: Some(window.now), ..window };
        let (held, held_now) = (actor.held(self, scope, window), actor.held(self, scope, now));
        let mut lack = Lack::default();
        for (handle, level) in self.catalogue().handles().zip(self.policy().given_at(position, scope)) {
            let permission = self.catalogue().id(handle);
            if held.of(permission) >= level {
                continue;
            }
            lack.ends_before = !window.is_within(actor.until());
            if held_now.of(permission) < level {
                lack.permissions.push(permission.to_owned());
            }
        }
        (lack.ends_before || !lack.permissions.is_empty()).then_some(lack)
    }
}

/// What somebody does not hold of what a role gives.
#[derive(Default)]
struct Lack {
    is_superuser: bool,
    ends_before: bool,
    permissions: Vec<String>,
}
