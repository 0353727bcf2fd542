//! Fixes: the smallest changes that would allow what is refused, how many others they let in and how much more they give.

mod crowd;
mod gain;
mod minimal;
mod need;
mod step;

use std::mem::{Discriminant, discriminant};

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::catalogue::PermissionHandle;
use crate::change::{Change, Context};
use crate::decide::Request;
use crate::derive::{Counting, Ways};
use crate::explain::Asked;
use crate::resource::ResourcePath;
use crate::scale::Level;
use crate::stamp::Timestamp;
use crate::state::State;
use crate::subject::{Subject, Via};

use self::crowd::Crowd;
use self::gain::Gain;
pub(crate) use self::need::{Alternative, Leg};
pub use self::step::Step;
use self::step::Steps;

/// A change that would allow what is refused. No part of it would be enough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Remedy {
    /// What it does, for a button.
    pub label: String,
    /// What it comes to, at most three of these.
    pub steps: Vec<Step>,
    /// The change that does it.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub change: Change,
    /// How many other active users would be allowed it too.
    pub others: usize,
    /// How many permissions the user would hold more of where it is asked about, with what is asked for. Conditions are taken to be
    /// true.
    pub gains: usize,
    /// Whether it makes a superuser of the user there.
    pub superuser: bool,
}

/// How many fixes are told.
const MOST: usize = 8;

/// How many of one kind are told ahead of other kinds: a person with many roles can be helped by an edit of each.
const MOST_OF_A_KIND: usize = 3;

/// Where a fix stands among the others: by how many others gain, by size, what makes a superuser last of those, by what the user gains,
/// by what it is.
type Rank<'f> = (usize, usize, bool, usize, &'f Steps);

fn rank(others: usize, gain: Gain, steps: &Steps) -> Rank<'_> {
    (others, steps.len(), gain.superuser, gain.permissions, steps)
}

/// A fix, and by what it is ranked.
struct Fix {
    others: usize,
    gain: Gain,
    steps: Steps,
    remedy: Remedy,
}

impl Fix {
    fn rank(&self) -> Rank<'_> {
        rank(self.others, self.gain, &self.steps)
    }
}

/// The fixes that are told, by their rank. What is left out of some is left out of more, so that they are found one by one.
#[derive(Default)]
struct Told(Vec<Fix>);

impl Told {
    /// Where one of that rank would stand; none where it would be left out.
    fn place(&self, rank: &Rank<'_>) -> Option<usize> {
        let place = self.0.partition_point(|known| known.rank() <= *rank);
        let mut kinds = self.kinds();
        kinds.insert(place, kind(rank.4));
        (surplus(&kinds) != Some(place)).then_some(place)
    }

    fn add(&mut self, fix: Fix) {
        let Some(place) = self.place(&fix.rank()) else { return };
        self.0.insert(place, fix);
        if let Some(surplus) = surplus(&self.kinds()) {
            self.0.remove(surplus);
        }
    }

    fn kinds(&self) -> Vec<Kind> {
        self.0.iter().map(|fix| kind(&fix.steps)).collect()
    }
}

/// What kinds of steps a fix has.
type Kind = Vec<Discriminant<Step>>;

fn kind(steps: &Steps) -> Kind {
    steps.iter().map(discriminant).collect()
}

/// Which of these, by their rank, is left out where they are more than are told: the last that has as many of its kind before it as are
/// told ahead of other kinds, or else the last.
fn surplus(kinds: &[Kind]) -> Option<usize> {
    let last = kinds.len().checked_sub(1).filter(|last| *last >= MOST)?;
    let has_enough_before = |(place, kind): &(usize, &Kind)| {
        kinds.iter().take(*place).filter(|other| other == kind).count() >= MOST_OF_A_KIND
    };
    kinds.iter().enumerate().rev().find(has_enough_before).map(|(place, _)| place).or(Some(last))
}

/// A role held somewhere.
type Held = (usize, ResourcePath);

struct Search<'s> {
    state: &'s State,
    subject: &'s Subject,
    at: Timestamp,
    alternatives: &'s [Alternative],
    /// What counts without the package.
    own: Vec<Held>,
    package: Option<String>,
}

/// A grant that a role would have.
#[derive(Clone, Copy, Debug)]
struct Grant {
    role: usize,
    permission: PermissionHandle,
    level: Level,
}

impl State {
    /// The fixes for what is refused: alternatives of which one suffices. For a session begun
    /// afterwards.
    pub(crate) fn remedies(
        &self,
        subject: &Subject,
        alternatives: &[Alternative],
        at: Timestamp,
    ) -> Vec<Remedy> {
        let counting = subject.holdings.iter().filter(|holding| holding.in_window(at));
        let own = counting.filter(|holding| !matches!(holding.via, Via::Package { .. }));
        let search = Search {
            state: self,
            subject,
            at,
            alternatives,
            own: own.map(|holding| (holding.role, holding.scope.clone())).collect(),
            package: self.package_of(subject),
        };
        search.best()
    }

    /// Whether a role held at `scope` would give what is asked for with these grants beside.
    fn gives_with(&self, role: usize, scope: &ResourcePath, ways: &Ways, grants: &[Grant]) -> bool {
        let granted = grants.iter().filter(|grant| ways.lead_from(grant.permission, grant.level));
        let granted: Vec<usize> = granted.map(|grant| grant.role).collect();
        self.gives(role, scope, ways)
            || !granted.is_empty()
                && self.parts(role, scope, Counting::Here).iter().any(|part| granted.contains(&part.role))
    }

    /// The package that a user is on.
    fn package_of(&self, subject: &Subject) -> Option<String> {
        let user = self.documents().directory.users.get(subject.id())?;
        user.package.as_ref().map(|link| link.package.clone())
    }
}

impl Search<'_> {
    /// The first fixes by their rank, of no kind so many that another is left out. `O(fixes x what one gives)`, and once over the users
    /// where one changes what others hold.
    fn best(&self) -> Vec<Remedy> {
        // Whom a new session lets in needs nothing else, whatever the other alternatives lack.
        if self.allows(&Steps::new()) {
            return Vec::new();
        }
        let now = self.now();
        let minimal = self.minimal().into_iter().map(|steps| (self.gain(&now, &steps), steps));
        let (mut shared, mut alone): (Vec<_>, Vec<_>) =
            minimal.partition(|(_, steps)| steps.iter().any(Step::is_shared));
        for fixes in [&mut alone, &mut shared] {
            fixes.sort_by(|(gain, steps), (other, others)| {
                rank(0, *gain, steps).cmp(&rank(0, *other, others))
            });
        }
        let mut told = Told::default();
        for (gain, steps) in alone {
            if told.place(&rank(0, gain, &steps)).is_some()
                && let Some(remedy) = self.tried(&steps, 0, gain)
            {
                told.add(Fix { others: 0, gain, steps, remedy });
            }
        }
        let mut crowd = None;
        for (gain, steps) in shared {
            if told.place(&rank(0, gain, &steps)).is_none() {
                continue;
            }
            let others = crowd.get_or_insert_with(|| Crowd::new(self)).gains(self, &steps);
            if told.place(&rank(others, gain, &steps)).is_some()
                && let Some(remedy) = self.tried(&steps, others, gain)
            {
                told.add(Fix { others, gain, steps, remedy });
            }
        }
        told.0.into_iter().map(|fix| fix.remedy).collect()
    }

    /// What the subject would hold.
    fn held(&self, steps: &Steps) -> Vec<Held> {
        let mut held = self.own.clone();
        let set = steps.iter().find_map(|step| match step {
            Step::SetPackage { package } => Some(package.clone()),
            _ => None,
        });
        let on = set.or_else(|| self.package.clone());
        let carried = on.iter().filter_map(|on| self.state.policy().packages().get(on));
        let carried = carried.flat_map(|package| package.roles.iter().map(|link| link.role.as_str()));
        let added = steps.iter().filter_map(|step| match step {
            Step::AddToPackage { package, role } if Some(package) == on.as_ref() => Some(role.as_str()),
            _ => None,
        });
        let place = |role: &str| self.state.policy().role_position(role);
        held.extend(carried.chain(added).filter_map(|role| Some((place(role)?, ResourcePath::tenant()))));
        held.extend(steps.iter().filter_map(|step| match step {
            Step::GiveRole { role, scope } => Some((place(role)?, ResourcePath::parse(scope).ok()?)),
            _ => None,
        }));
        held
    }

    fn grants(&self, steps: &Steps) -> Vec<Grant> {
        let grants = steps.iter().filter_map(|step| match step {
            Step::Grant { role, permission, level } => {
                let (permission, level) = self.state.catalogue().grant(permission, level).ok()?;
                Some(Grant { role: self.state.policy().role_position(role)?, permission, level })
            }
            _ => None,
        });
        grants.collect()
    }

    fn meets(&self, leg: &Leg, held: &[Held], grants: &[Grant]) -> bool {
        let mut reaching = held.iter().filter(|(_, scope)| scope.reaches(&leg.asked.resource));
        self.is_dropped(leg)
            || reaching.any(|(role, scope)| self.state.gives_with(*role, scope, &leg.ways, grants))
    }

    fn is_dropped(&self, leg: &Leg) -> bool {
        leg.is_dropped(self.subject, self.at)
    }

    fn allows(&self, steps: &Steps) -> bool {
        let (held, grants) = (self.held(steps), self.grants(steps));
        self.alternatives
            .iter()
            .any(|Alternative { legs, .. }| legs.iter().all(|leg| self.meets(leg, &held, &grants)))
    }

    /// The steps as a change, where it is accepted and does what it should.
    fn tried(&self, steps: &Steps, others: usize, gain: Gain) -> Option<Remedy> {
        if !self.allows(steps) {
            return None;
        }
        let change = self.change(steps)?;
        let context = Context { now: self.at, id: "trial".to_owned() };
        let outcome = self.state.change(&change, &Actor::Operator, &context).ok()?;
        let subject = outcome.state.subject(self.subject.id())?;
        let is_met = |leg: &Leg| {
            let Asked { permission, level, resource } = &leg.asked;
            let request = Request::new(self.at).with(&leg.attributes);
            leg.is_dropped(&subject, self.at)
                || outcome.state.level_of(&subject, *permission, resource, request) >= *level
        };
        let allowed = self.alternatives.iter().any(|it| it.legs.iter().all(is_met));
        let labels: Vec<String> = steps.iter().map(|step| self.label(step)).collect();
        let label = labels.join(", and ");
        let Gain { superuser, permissions: gains } = gain;
        let steps = steps.iter().cloned().collect();
        allowed.then_some(Remedy { label, steps, change, others, gains, superuser })
    }
}
