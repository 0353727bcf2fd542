//! Findings: what is not wrong, and could be better; each with what mends it where a change can.

mod keys;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::change::{AssignmentEdit, Change};
use crate::directory::{AssignmentDocument, GroupSource, Member, Principal, Source};
use crate::policy::LimitedTo;
use crate::refusal::Fix;
use crate::resource::ResourcePath;
use crate::role::RoleDocument;
use crate::rules::{at, held_of, makes_room, most};
use crate::scale::Level;
use crate::stamp::Timestamp;
use crate::state::State;
use crate::subject::{Subject, Via};

pub use self::keys::{KnownKey, ProviderGap};

/// Something that could be better.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    /// Which kind.
    pub code: Lint,
    /// One line for a person. People are named by their ids alone, in `about`.
    pub message: String,
    /// What it is about, the first of them first.
    pub about: Vec<About>,
    /// What mends it. Where no one change does, or what is best is not for a program to know, the
    /// message says what to do: a second factor, a role within another, a permission nobody holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

/// Something that a finding is about, by id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = FindingAbout))]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A role.
    Role(String),
    /// A permission.
    Permission(String),
    /// A package.
    Package(String),
    /// A group.
    Group(String),
    /// A user.
    User(String),
    /// An assignment.
    Assignment(String),
    /// An API key.
    Key(String),
}

/// The kinds of findings. The names are part of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Lint {
    /// A user holds more of a set of roles than one may.
    SeparationOfDuty,
    /// A superuser has no second factor.
    SuperuserWithoutSecondFactor,
    /// A key of an identity provider does not hold what a role gives that people hold whom the provider keeps.
    ProviderKeyHoldsLess,
    /// Somebody who left knows the secret of a key.
    KeyOfSomebodyWhoLeft,
    /// A custom role that nobody holds, nothing carries and none inherits.
    UnusedRole,
    /// Two roles that give the same.
    EqualRoles,
    /// A role that gives nothing that another does not.
    ContainedRole,
    /// A grant that gives nothing above what the base role or an inherited role gives.
    GrantWithoutEffect,
    /// A grant or an assignment that counts nowhere.
    CountsNowhere,
    /// A user holds one role at one place from several sources.
    DuplicateSource,
    /// A permission of the product that nobody holds but by being superuser.
    UnheldPermission,
    /// An assignment that has ended.
    EndedAssignment,
    /// A group that nobody is in.
    EmptyGroup,
    /// A package that carries no role.
    EmptyPackage,
    /// A package that nobody is on.
    UnusedPackage,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Somebody can do harm by it: act on it.
    Risk,
    /// Something is not as it looks: a source that stays when another is taken away, a grant that does nothing.
    Misleading,
    /// Something that nobody needs.
    Clutter,
}

impl Lint {
    /// How much it matters.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::SeparationOfDuty
            | Self::SuperuserWithoutSecondFactor
            | Self::ProviderKeyHoldsLess
            | Self::KeyOfSomebodyWhoLeft => Severity::Risk,
            Self::DuplicateSource
            | Self::GrantWithoutEffect
            | Self::CountsNowhere
            | Self::EqualRoles
            | Self::ContainedRole => Severity::Misleading,
            Self::UnusedRole
            | Self::UnheldPermission
            | Self::EndedAssignment
            | Self::EmptyGroup
            | Self::EmptyPackage
            | Self::UnusedPackage => Severity::Clutter,
        }
    }
}

impl State {
    /// Everything that could be better, kind by kind and in the order of ids. `O(documents)`, and
    /// `O(roles² x permissions)`. `has_second_factor` says of which users: the model does not
    /// know how people sign in.
    #[must_use]
    pub fn lint(&self, has_second_factor: &dyn Fn(&str) -> bool, now: Timestamp) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut held = BTreeSet::new();
        for subject in self.subjects() {
            self.lint_subject(&subject, has_second_factor, now, &mut findings);
            let lasting = |until: Option<Timestamp>| until.is_none_or(|until| until > now);
            let counting = subject.holdings().iter().filter(|holding| lasting(holding.until));
            held.extend(counting.filter(|_| subject.is_active()).map(|holding| holding.role));
        }
        self.lint_roles(now, &mut findings);
        self.lint_permissions(&held, &mut findings);
        self.lint_assignments(now, &mut findings);
        self.lint_groups(&mut findings);
        self.lint_packages(&mut findings);
        findings.sort_by(|a, b| (a.code, &a.about).cmp(&(b.code, &b.about)));
        findings
    }

    fn lint_subject(
        &self,
        subject: &Subject,
        has_second_factor: &dyn Fn(&str) -> bool,
        now: Timestamp,
        findings: &mut Vec<Finding>,
    ) {
        let user = About::User(subject.id().to_owned());
        for rule in &self.policy().settings().separation {
            let holds = held_of(self, subject, rule, now);
            if holds.len() > most(rule) {
                let names: Vec<String> =
                    holds.iter().map(|role| format!("`{}`", self.role_name(role))).collect();
                findings.push(Finding {
                    code: Lint::SeparationOfDuty,
                    message: format!(
                        "`{}`: one person holds at most {}, and this one holds {}: take one of them away",
                        rule.name,
                        rule.at_most,
                        names.join(", ")
                    ),
                    about: [user.clone()].into_iter().chain(holds.into_iter().map(role)).collect(),
                    fix: makes_room(self, subject, rule, now)
                        .map(|change| fix("Take the person's newest away", change)),
                });
            }
        }
        let counting =
            subject.holdings().iter().filter(|holding| holding.until.is_none_or(|until| until > now));
        let counting: Vec<_> = counting.collect();
        let is_superuser = counting.iter().any(|holding| self.is_superuser(holding.role));
        // Who cannot sign in cannot set one up either.
        let is_bare = !has_second_factor(subject.id()) && self.signs_in(subject.id());
        if is_superuser && subject.is_active() && is_bare {
            findings.push(Finding {
                code: Lint::SuperuserWithoutSecondFactor,
                // How people sign in is nothing that a change of the tenant says.
                message: "a superuser signs in without a second factor: ask them to set one up".to_owned(),
                about: vec![user.clone()],
                fix: None,
            });
        }
        let mut sources: BTreeMap<(usize, &ResourcePath), Vec<_>> = BTreeMap::new();
        for holding in counting.iter().filter(|holding| holding.via != Via::Base) {
            sources.entry((holding.role, &holding.scope)).or_default().push(holding);
        }
        for ((position, scope), holdings) in sources.into_iter().filter(|(_, all)| all.len() > 1) {
            let id = self.policy().role_id(position);
            let name = self.role(id).map_or(id, |role| role.name.as_str());
            let at = if *scope == ResourcePath::tenant() {
                "everywhere".to_owned()
            } else {
                format!("at `{scope}`")
            };
            // One's own is in the way of nothing where something else gives the same for good.
            let own = holdings.iter().find_map(|holding| match &holding.via {
                Via::Direct { assignment } => Some(assignment),
                _ => None,
            });
            let lasting = |via: &Via| !matches!(via, Via::Direct { assignment } if Some(assignment) == own);
            let covered = holdings
                .iter()
                .any(|holding| holding.from.is_none() && holding.until.is_none() && lasting(&holding.via));
            let fix = own.filter(|_| covered).map(|assignment| Fix {
                label: "Take the person's own away".to_owned(),
                change: Some(Box::new(Change::Unassign { id: assignment.clone() })),
            });
            findings.push(Finding {
                code: Lint::DuplicateSource,
                message: format!(
                    "one person holds `{name}` {at} from {} sources: taking one away leaves the others",
                    holdings.len()
                ),
                about: vec![user.clone(), role(id)],
                fix,
            });
        }
    }

    fn lint_roles(&self, now: Timestamp, findings: &mut Vec<Finding>) {
        let policy = self.policy();
        let assigned = self.documents().directory.assignments.values();
        let lasting = assigned.filter(|known| known.until.is_none_or(|until| until > now));
        let mut used: BTreeSet<&str> = lasting.map(|known| known.role.as_str()).collect();
        let carried = policy.packages().values().flat_map(|package| &package.roles);
        used.extend(carried.map(|link| link.role.as_str()));
        let switched = policy.settings().entitlements.iter().filter(|(_, on)| **on);
        used.extend(switched.map(|(role, _)| role.as_str()));
        used.extend(self.documents().roles.values().flat_map(|role| &role.inherits).map(String::as_str));
        for document in self.documents().roles_in_order() {
            let is_free = !document.base && !document.is_built_in() && !used.contains(document.id.as_str());
            let is_named = policy.settings().separation.iter().any(|rule| rule.roles.contains(&document.id));
            if is_free {
                let fix = Fix {
                    label: format!("Delete {}", document.name),
                    change: Some(Box::new(Change::DeleteRole { id: document.id.clone() })),
                };
                findings.push(Finding {
                    code: Lint::UnusedRole,
                    message: format!("nobody holds `{}`: delete it, or give it to somebody", document.name),
                    about: vec![role(&document.id)],
                    fix: (!is_named).then_some(fix),
                });
            }
        }
        let tenant = ResourcePath::tenant();
        let given: Vec<Vec<Level>> =
            (0..policy.roles().len()).map(|position| policy.given_at(position, &tenant)).collect();
        self.lint_pairs(&given, now, findings);
        for position in 0..policy.roles().len() {
            self.lint_grants(position, &given, findings);
        }
    }

    /// Roles that give the same as another, or part of it. What is inherited is part of its heir
    /// by intention, and what is limited to places cannot be compared so.
    fn lint_pairs(&self, given: &[Vec<Level>], now: Timestamp, findings: &mut Vec<Finding>) {
        let (policy, roles) = (self.policy(), self.policy().roles());
        let plain = |position: &usize| {
            roles.get(*position).is_some_and(|role| {
                !role.gives_superuser
                    && policy.base() != Some(*position)
                    && role.limited.is_empty()
                    && role.scope_types.is_empty()
                    && given
                        .get(*position)
                        .is_some_and(|given| given.iter().any(|level| *level > Level::NONE))
            })
        };
        let positions: Vec<usize> = (0..roles.len()).filter(plain).collect();
        for one in &positions {
            let others = || {
                positions.iter().filter_map(|other| {
                    let (role, heir) = (roles.get(*one)?, roles.get(*other)?);
                    let related = heir.inherited.contains(one) || role.inherited.contains(other);
                    let alike = role.audience == heir.audience;
                    (other != one && !related && alike).then_some((
                        *other,
                        given.get(*one)?,
                        given.get(*other)?,
                    ))
                })
            };
            // Of two that are equal the later one is told of.
            let equal = others().find(|(other, small, large)| other < one && small == large);
            let within = |(_, small, large): &(usize, &Vec<Level>, &Vec<Level>)| {
                small != large && small.iter().zip(*large).all(|(small, large)| small <= large)
            };
            let Some((other, small, large)) = equal.or_else(|| others().find(within)) else { continue };
            let (Some(document), Some(larger)) = (roles.get(*one), roles.get(other)) else { continue };
            let (document, larger, equal) =
                (self.role(document.id()), self.role(larger.id()), small == large);
            let (Some(document), Some(larger)) = (document, larger) else { continue };
            let (name, other) = (&document.name, &larger.name);
            let (code, message) = match equal {
                true => {
                    (Lint::EqualRoles, format!("`{name}` gives the same as `{other}`: one of them is enough"))
                }
                // Whoever holds it would gain: no change that only mends.
                false => (
                    Lint::ContainedRole,
                    format!(
                        "`{name}` gives nothing that is not in `{other}`: let `{other}` inherit it, or keep both"
                    ),
                ),
            };
            findings.push(Finding {
                code,
                message,
                about: vec![role(&document.id), role(&larger.id)],
                fix: if equal { self.merge(document, larger, now) } else { None },
            });
        }
    }

    /// Gives another role to each whom one is given to, and deletes that: where it can be deleted, a few
    /// people hold it by themselves, none of them holds the other already or becomes a full user by it, and
    /// nothing else hangs on it.
    fn merge(&self, one: &RoleDocument, other: &RoleDocument, now: Timestamp) -> Option<Fix> {
        let settings = self.policy().settings();
        let is_named = settings.separation.iter().any(|rule| rule.roles.contains(&one.id))
            || settings.entitlements.contains_key(&one.id);
        let is_inherited = self.documents().roles.values().any(|role| role.inherits.contains(&one.id));
        let mut carried = self.policy().packages().values().flat_map(|package| &package.roles);
        let is_carried = carried.any(|link| link.role == one.id);
        let promotes = !one.promotes && self.documents().promotes(&other.id);
        if one.is_built_in() || !one.inherits.is_empty() || is_named || is_inherited || is_carried || promotes
        {
            return None;
        }
        let assignments = self.documents().directory.assignments.values();
        let lasting = assignments
            .filter(|known| known.role == one.id && known.until.is_none_or(|until| until > now))
            .take(MOST_MOVED + 1);
        let moved: Vec<AssignmentEdit> = lasting
            .map(|known| AssignmentEdit { role: other.id.clone(), ..AssignmentEdit::of(known) })
            .collect();
        let other_position = self.policy().role_position(&other.id)?;
        let is_new = |edit: &AssignmentEdit| match &edit.principal {
            Principal::User(user) => {
                let holds = |it: &Subject| it.holdings().iter().any(|held| held.role == other_position);
                edit.source == Source::Direct && self.subject(user).is_some_and(|it| !holds(&it))
            }
            Principal::Group(_) | Principal::Everyone => false,
        };
        if moved.len() > MOST_MOVED || !moved.iter().all(is_new) {
            return None;
        }
        let given = moved.into_iter().map(|assignment| Change::Assign { assignment });
        let changes = given.chain([Change::DeleteRole { id: one.id.clone() }]).collect();
        let label = format!("Put {} in the place of {}", other.name, one.name);
        Some(fix(&label, Change::Batch { changes }))
    }

    /// Grants of a role that are not above what its holders have anyway, or that count nowhere.
    fn lint_grants(&self, position: usize, given: &[Vec<Level>], findings: &mut Vec<Finding>) {
        let policy = self.policy();
        let Some(known) = policy.role(position).filter(|role| !role.gives_superuser) else { return };
        let Some(document) = self.role(known.id()) else { return };
        let limited_to: BTreeSet<u16> = known.scope_types.iter().copied().collect();
        for LimitedTo { permission, at: kind, .. } in &known.limited {
            let is_base = document.base;
            if is_base || !limited_to.is_empty() && !limited_to.contains(kind) {
                let id = self.catalogue().id(*permission);
                let kind =
                    policy.catalogue().resource_types().get(usize::from(*kind)).map_or("", |kind| kind.id());
                let mut without = document.clone();
                without.limited.retain(|grant| grant.permission != id || grant.at != kind);
                findings.push(Finding {
                    code: Lint::CountsNowhere,
                    message: format!(
                        "`{}` never gives `{}` at `{kind}`: it is not held at one",
                        document.name,
                        self.catalogue().permission_name(id)
                    ),
                    about: vec![role(&document.id), About::Permission(id.to_owned())],
                    fix: edit(document, without, "Take the grant out"),
                });
            }
        }
        if document.base {
            return;
        }
        for (permission, level) in policy.own_grants(known) {
            let of = |position: usize| {
                let levels = given.get(position)?;
                levels.get(permission.0 as usize).copied().filter(|held| *held >= level)
            };
            let from = policy.base.into_iter().chain(known.inherited.iter().copied());
            let Some(giver) = from.into_iter().find(|position| of(*position).is_some()) else { continue };
            let id = self.catalogue().id(permission);
            let giver = self.role_name(policy.role_id(giver));
            let mut without = document.clone();
            without.grants.remove(id);
            findings.push(Finding {
                code: Lint::GrantWithoutEffect,
                message: format!(
                    "`{}` in `{}` has no effect now: `{giver}` gives as much",
                    self.catalogue().permission_name(id),
                    document.name
                ),
                about: vec![role(&document.id), About::Permission(id.to_owned())],
                fix: edit(document, without, "Take the grant out"),
            });
        }
    }

    fn lint_permissions(&self, held: &BTreeSet<usize>, findings: &mut Vec<Finding>) {
        let holding: Vec<usize> = held.iter().copied().filter(|role| !self.is_superuser(*role)).collect();
        for permission in self.catalogue().handles().filter(|permission| self.is_present(*permission)) {
            let is_own = self.catalogue().module(permission).is_some_and(|module| module.console);
            let reached = holding.iter().any(|role| self.reached(*role, permission) > Level::NONE);
            let limited = holding.iter().any(|role| self.gives_somewhere(*role, permission));
            if !is_own && !reached && !limited {
                let id = self.catalogue().id(permission);
                findings.push(Finding {
                    code: Lint::UnheldPermission,
                    // Who should hold it no change can know.
                    message: format!(
                        "nobody but superusers holds `{}`: grant it in a role that somebody holds, where it is needed",
                        self.catalogue().permission_name(id)
                    ),
                    about: vec![About::Permission(id.to_owned())],
                    fix: None,
                });
            }
        }
    }

    /// Whether a grant of the role, or of one that it inherits, gives the permission at places.
    fn gives_somewhere(&self, role: usize, permission: crate::catalogue::PermissionHandle) -> bool {
        self.policy().lineage(role).any(|role| {
            role.limited.iter().any(|limited| limited.permission == permission)
                || self.policy().layout.level(&role.grants, permission) > Level::NONE
        })
    }

    fn lint_assignments(&self, now: Timestamp, findings: &mut Vec<Finding>) {
        for assignment in self.documents().directory.assignments.values() {
            let about = || vec![About::Assignment(assignment.id.clone()), role(&assignment.role)];
            let name = self.role_name(&assignment.role);
            if assignment.until.is_some_and(|until| until <= now) {
                findings.push(Finding {
                    code: Lint::EndedAssignment,
                    message: format!("an assignment of `{name}` has ended"),
                    about: about(),
                    fix: unassign(assignment),
                });
                continue;
            }
            let Ok(scope) = ResourcePath::parse(&assignment.scope) else { continue };
            let position = self.policy().role_position(&assignment.role);
            if !position.is_some_and(|position| self.policy().counts_at(position, &scope)) {
                findings.push(Finding {
                    code: Lint::CountsNowhere,
                    message: format!("`{name}` does not count {}", at(&scope)),
                    about: about(),
                    fix: unassign(assignment),
                });
            }
        }
    }

    fn lint_groups(&self, findings: &mut Vec<Finding>) {
        let directory = &self.documents().directory;
        let peopled: BTreeSet<&str> =
            directory.memberships.values().map(|known| known.group.as_str()).collect();
        let holding = directory.assignments.values().filter_map(|known| match &known.principal {
            Principal::Group(group) => Some(group.as_str()),
            Principal::User(_) | Principal::Everyone => None,
        });
        let nested = directory.memberships.values().filter_map(|known| match &known.member {
            Member::Group(group) => Some(group.as_str()),
            Member::User(_) => None,
        });
        let used: BTreeSet<&str> = holding.chain(nested).collect();
        for group in directory.groups.values().filter(|group| !peopled.contains(group.id.as_str())) {
            let local = group.source == GroupSource::Local;
            let fix = (local && !used.contains(group.id.as_str())).then(|| Fix {
                label: format!("Delete {}", group.name),
                change: Some(Box::new(Change::DeleteGroup { id: group.id.clone() })),
            });
            let how = match local {
                true => "put somebody in, or delete it",
                false => "its identity provider says who is",
            };
            findings.push(Finding {
                code: Lint::EmptyGroup,
                message: format!("nobody is in `{}`: {how}", group.name),
                about: vec![About::Group(group.id.clone())],
                fix,
            });
        }
    }

    fn lint_packages(&self, findings: &mut Vec<Finding>) {
        let users = self.documents().directory.users.values();
        let on: BTreeSet<&str> =
            users.filter_map(|user| user.package.as_ref()).map(|link| link.package.as_str()).collect();
        for package in self.policy().packages().values() {
            let is_unused = !on.contains(package.id.as_str());
            let delete = || {
                let change = Change::DeletePackage { id: package.id.clone() };
                is_unused.then(|| fix(&format!("Delete {}", package.name), change))
            };
            let about = || vec![About::Package(package.id.clone())];
            if package.roles.is_empty() {
                findings.push(Finding {
                    code: Lint::EmptyPackage,
                    message: format!("`{}` carries no role: put one on it", package.name),
                    about: about(),
                    fix: delete(),
                });
            }
            if is_unused {
                findings.push(Finding {
                    code: Lint::UnusedPackage,
                    message: format!("nobody is on `{}`", package.name),
                    about: about(),
                    fix: delete(),
                });
            }
        }
    }
}

/// How many assignments one fix moves to another role.
const MOST_MOVED: usize = 32;

fn fix(label: &str, change: Change) -> Fix {
    Fix { label: label.to_owned(), change: Some(Box::new(change)) }
}

fn role(id: &str) -> About {
    About::Role(id.to_owned())
}

/// An edit of a role, where it can be edited.
fn edit(role: &RoleDocument, edited: RoleDocument, label: &str) -> Option<Fix> {
    (!role.is_built_in()).then(|| fix(label, Change::UpdateRole { role: edited }))
}

fn unassign(assignment: &AssignmentDocument) -> Option<Fix> {
    Some(fix("Take it away", Change::Unassign { id: assignment.id.clone() }))
}
