//! The data that everything is measured on, and what the right answers are.
//!
//! One seed, one world: users draw their roles independently, so that most hold a set of their own; some assignments are
//! over or not yet begun, some permissions hang on a condition, some bring others. What is right is worked out here from the
//! drawn numbers alone, by none of the engines that are measured, and each must answer so before it is.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::random::Random;

const DAY: i64 = 24 * 60 * 60 * 1000;
/// Of a hundred cells of the matrix of roles and permissions, how many are granted.
const GRANTED: usize = 10;

/// How much there is of everything.
#[derive(Clone, Copy)]
pub struct Size {
    pub users: usize,
    pub groups: usize,
    pub roles: usize,
    pub permissions: usize,
    pub assignments: usize,
    pub servers: usize,
}

/// The size of a product's own tests.
pub const SMALL: Size =
    Size { users: 1_000, groups: 50, roles: 50, permissions: 200, assignments: 3_000, servers: 100 };
/// The size of the largest tenant.
pub const LARGE: Size = Size {
    users: 1_000_000,
    groups: 5_000,
    roles: 2_000,
    permissions: 5_000,
    assignments: 3_000_000,
    servers: 10_000,
};
/// Tenants between and below these: more people come with more groups, roles and permissions.
pub const BY_USERS: [Size; 4] = [
    Size { users: 100, groups: 10, roles: 20, permissions: 100, assignments: 300, servers: 20 },
    SMALL,
    Size { users: 10_000, groups: 200, roles: 150, permissions: 500, assignments: 30_000, servers: 500 },
    Size {
        users: 100_000,
        groups: 1_000,
        roles: 500,
        permissions: 1_500,
        assignments: 300_000,
        servers: 2_000,
    },
];

/// Who is assigned a role.
#[derive(Clone, Copy)]
pub enum Holder {
    User(usize),
    Group(usize),
}

/// Where a role is assigned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Tenant,
    Server(usize),
    Task(usize, usize),
}

impl Place {
    pub fn path(self) -> String {
        match self {
            Self::Tenant => "/".to_owned(),
            Self::Server(server) => format!("servers/srv-{server:05}"),
            Self::Task(server, task) => format!("servers/srv-{server:05}/tasks/task-{task:04}"),
        }
    }

    fn reaches(self, other: Self) -> bool {
        match (self, other) {
            (Self::Tenant, _) => true,
            (Self::Server(own), Self::Server(server) | Self::Task(server, _)) => own == server,
            _ => self == other,
        }
    }
}

pub struct Assignment {
    pub holder: Holder,
    pub role: usize,
    pub place: Place,
    pub from: Option<i64>,
    pub until: Option<i64>,
}

/// One question with its right answer.
#[derive(Clone, Copy)]
pub struct Question {
    pub user: usize,
    pub permission: usize,
    pub place: Place,
    pub allowed: bool,
}

/// Everything that is drawn. The roles are numbered from 0; the base role and the superuser role come after them.
pub struct World {
    pub size: Size,
    pub now: i64,
    pub users: Vec<String>,
    /// The one group of each user, if any.
    pub group_of: Vec<Option<usize>>,
    pub assignments: Vec<Assignment>,
    /// What each role grants, as positions of permissions.
    pub grants: Vec<Vec<usize>>,
    base: Vec<usize>,
    by_user: Vec<Vec<usize>>,
    by_group: Vec<Vec<usize>>,
}

impl World {
    pub fn draw(size: Size, now: i64) -> Self {
        let random = &mut Random::new(3);
        let users = (0..size.users).map(|_| format!("usr_{:012x}", random.next() >> 16)).collect();
        let group_of =
            (0..size.users).map(|_| random.percent(50).then(|| random.below(size.groups))).collect();
        let mut assignments = Vec::with_capacity(size.assignments);
        for group in 0..size.groups {
            assignments.push(Self::assignment(random, &size, now, Holder::Group(group)));
        }
        while assignments.len() < size.assignments {
            let user = random.below(size.users);
            assignments.push(Self::assignment(random, &size, now, Holder::User(user)));
        }
        let grants = (0..size.roles)
            .map(|_| (0..size.permissions).filter(|_| random.percent(GRANTED)).collect())
            .collect();
        let base = (0..size.permissions).filter(|_| random.percent(2)).collect();
        let mut world = Self {
            size,
            now,
            users,
            group_of,
            assignments,
            grants,
            base,
            by_user: vec![Vec::new(); size.users],
            by_group: vec![Vec::new(); size.groups],
        };
        for (number, assignment) in world.assignments.iter().enumerate() {
            match assignment.holder {
                Holder::User(user) => world.by_user[user].push(number),
                Holder::Group(group) => world.by_group[group].push(number),
            }
        }
        world
    }

    fn assignment(random: &mut Random, size: &Size, now: i64, holder: Holder) -> Assignment {
        let place = match random.below(100) {
            0..80 => Place::Tenant,
            80..95 => Place::Server(random.below(size.servers)),
            _ => Place::Task(random.below(size.servers), random.below(1_000)),
        };
        let day = |random: &mut Random| DAY * (1 + random.below(300) as i64);
        let (from, until) = match random.below(100) {
            0..10 => (None, Some(now + day(random))),
            10..15 => (None, Some(now - day(random))),
            15..20 => (Some(now + day(random)), None),
            _ => (None, None),
        };
        Assignment { holder, role: random.below(size.roles), place, from, until }
    }

    pub fn permission(&self, position: usize) -> String {
        format!("module_{:02}.permission_{:03}", position / 20, position % 20)
    }

    pub fn role(&self, position: usize) -> String {
        format!("role_{position:04}")
    }

    pub fn group(&self, position: usize) -> String {
        format!("group_{position:04}")
    }

    /// Whether a permission hangs on a condition that a bare question does not meet.
    pub fn is_conditional(&self, permission: usize) -> bool {
        permission % 20 == 7
    }

    /// The permission that this one brings, if any.
    pub fn brings(&self, permission: usize) -> Option<usize> {
        (permission % 20 == 11).then_some(permission - 1)
    }

    /// Every permission that a role's grants come to in a bare question.
    pub fn reached(&self, grants: &[usize]) -> BTreeSet<usize> {
        let counting = grants.iter().copied().filter(|permission| !self.is_conditional(*permission));
        counting.flat_map(|permission| [Some(permission), self.brings(permission)]).flatten().collect()
    }

    pub fn counts(&self, assignment: &Assignment) -> bool {
        assignment.from.is_none_or(|from| from <= self.now)
            && assignment.until.is_none_or(|until| self.now < until)
    }

    /// Everything that a user is assigned, by whatever way.
    pub fn assignments_of(&self, user: usize) -> impl Iterator<Item = &Assignment> {
        let group = self.group_of[user].map(|group| &self.by_group[group]);
        self.by_user[user].iter().chain(group.into_iter().flatten()).map(|number| &self.assignments[*number])
    }

    /// The right answer.
    pub fn allowed(&self, user: usize, permission: usize, place: Place) -> bool {
        self.roles_at(user, place).any(|role| self.reached(&self.grants[role]).contains(&permission))
            || self.reached(&self.base).contains(&permission)
    }

    /// The roles that count for a user at a place, the base role apart.
    pub fn roles_at(&self, user: usize, place: Place) -> impl Iterator<Item = usize> {
        self.assignments_of(user)
            .filter(move |assignment| self.counts(assignment) && assignment.place.reaches(place))
            .map(|assignment| assignment.role)
    }

    pub fn base(&self) -> &[usize] {
        &self.base
    }

    /// Random questions at the tenant, half of them refusals.
    pub fn questions(&self, count: usize) -> Vec<Question> {
        let random = &mut Random::new(5);
        self.balanced(count, |world| {
            let user = random.below(world.size.users);
            (user, random.below(world.size.permissions), Place::Tenant)
        })
    }

    /// Random questions four segments deep, half of them refusals; every other one at a server where the user holds
    /// something, where there is one.
    pub fn placed_questions(&self, count: usize) -> Vec<Question> {
        let random = &mut Random::new(7);
        self.balanced(count, |world| {
            let user = random.below(world.size.users);
            let own = world.assignments_of(user).find_map(|assignment| match assignment.place {
                Place::Tenant => None,
                Place::Server(server) => Some(Place::Task(server, random.below(1_000))),
                task @ Place::Task(..) => Some(task),
            });
            let anywhere = Place::Task(random.below(world.size.servers), random.below(1_000));
            let place = own.filter(|_| random.percent(50)).unwrap_or(anywhere);
            (user, random.below(world.size.permissions), place)
        })
    }

    fn balanced(&self, count: usize, mut draw: impl FnMut(&Self) -> (usize, usize, Place)) -> Vec<Question> {
        let mut left = [count - count / 2, count / 2];
        let mut questions = Vec::with_capacity(count);
        while questions.len() < count {
            let (user, permission, place) = draw(self);
            let allowed = self.allowed(user, permission, place);
            let left = &mut left[usize::from(allowed)];
            if *left > 0 {
                *left -= 1;
                questions.push(Question { user, permission, place, allowed });
            }
        }
        questions
    }

    /// The policy as a document.
    pub fn policy(&self) -> Value {
        let modules = (0..self.size.permissions.div_ceil(20)).map(|module| {
            let permissions = (module * 20..self.size.permissions.min(module * 20 + 20)).map(|position| {
                let mut permission = json!({ "id": self.permission(position) });
                let mut level = json!({});
                if self.is_conditional(position) {
                    level["condition"] =
                        json!({ "eq": [{ "attribute": "resource.owner" }, { "attribute": "subject.id" }] });
                }
                if let Some(brought) = self.brings(position) {
                    level["implies"] = json!({ self.permission(brought): "allowed" });
                }
                if level != json!({}) {
                    permission["levels"] = json!({ "allowed": level });
                }
                permission
            });
            json!({ "id": format!("module_{module:02}"), "permissions": permissions.collect::<Vec<_>>() })
        });
        let role = |id: String, grants: &[usize]| {
            let grants: serde_json::Map<_, _> =
                grants.iter().map(|grant| (self.permission(*grant), json!("allowed"))).collect();
            json!({ "id": id, "name": id, "grants": grants })
        };
        let mut base = role("base".to_owned(), &self.base);
        base["base"] = json!(true);
        let mut superuser = role("superuser".to_owned(), &[]);
        superuser["superuser"] = json!(true);
        let roles = (0..self.size.roles).map(|position| role(self.role(position), &self.grants[position]));
        json!({
            "format": 1,
            "name": "bench",
            "catalogue": {
                "modules": modules.collect::<Vec<_>>(),
                "resource_types": [{ "id": "task", "pattern": "servers/{server}/tasks/{task}" }],
            },
            "roles": roles.chain([base, superuser]).collect::<Vec<_>>(),
        })
    }
}
