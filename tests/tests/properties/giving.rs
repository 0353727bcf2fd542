//! Who gives what: whatever somebody's accepted change does, nobody comes to hold what they did not.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::LazyLock;

use rolewright_model::condition::RequestAttributes;
use rolewright_model::{Actor, Context, ResourcePath, State, Timestamp, console};
use rolewright_tests::naive::{Naive, Request};
use serde_json::json;

use crate::in_every_world;
use crate::worlds::{SCOPES, World, change_of};

/// How many kinds of changes are made of one gene.
const TURNS: usize = 12;

const NOW: Timestamp = Timestamp(3);

/// What Rolewright itself asks of whoever edits anything, but `roles.escalate`.
const CONSOLE: [&str; 6] = [
    console::USERS_MANAGE,
    console::USERS_ASSIGN_ROLES,
    console::ROLES_MANAGE,
    console::GROUPS_MANAGE,
    console::PACKAGES_MANAGE,
    console::SETTINGS_MANAGE,
];

static TENANT: ResourcePath = ResourcePath::tenant();

/// G reads no attributes.
static NOTHING: LazyLock<RequestAttributes> = LazyLock::new(RequestAttributes::default);

fn request(subject: &str) -> Request<'_> {
    Request { subject, session: None, at: NOW, attributes: &NOTHING }
}

/// Who acts, and at which level at each place that one holds a permission to give it away.
enum Who {
    User(String),
    Key(Vec<String>),
}

impl Who {
    /// Keys of ever more permissions, and the users.
    fn of(world: &World, naive: &Naive<'_>, number: usize) -> Self {
        let users: Vec<&String> = world.documents.directory.users.keys().collect();
        match users.get(number / 2 % (users.len() + 1)).filter(|_| number % 2 == 1) {
            Some(user) => Self::User((*user).clone()),
            None => {
                let product = naive.permissions().filter(|(_, console)| !console).map(|(id, _)| id);
                let some =
                    product.enumerate().filter(|(at, _)| !(at + number).is_multiple_of(3)).map(|(_, id)| id);
                Self::Key(CONSOLE.into_iter().chain(some).map(str::to_owned).collect())
            }
        }
    }

    fn actor<'a>(&'a self, state: &'a State) -> Option<Actor<'a>> {
        Some(match self {
            Self::User(user) => Actor::Subject { state, subject: state.subject(user)?, session: None },
            Self::Key(permissions) => Actor::Key {
                permissions,
                scope: &TENANT,
                until: None,
                for_provider: false,
                trusts_subject: false,
                told_to: &[],
            },
        })
    }

    fn gives(&self, naive: &Naive<'_>, permission: &str, is_console: bool, place: &str) -> usize {
        match self {
            Self::Key(held) => {
                let holds = held.iter().any(|held| held == permission);
                if holds { usize::MAX } else { 0 }
            }
            // Everything, and what comes to be everything: only a superuser changes a scale.
            Self::User(user) if naive.is_superuser(place, request(user)) => usize::MAX,
            Self::User(user) => {
                let escalates = naive.level(console::ROLES_ESCALATE, place, request(user)) > 0;
                match escalates && !is_console {
                    true => usize::MAX,
                    false => naive.granted_to(permission, place, request(user)),
                }
            }
        }
    }
}

#[test]
fn nobody_comes_to_hold_what_who_gave_it_does_not() {
    let accepted = RefCell::new(BTreeMap::<String, usize>::new());
    let gained = Cell::new(0_usize);
    in_every_world(|world, before| {
        let mut state = before.clone();
        let mut asked = 0;
        // What one gene says of changes of several kinds, each by another.
        let genes = world
            .changes
            .iter()
            .flat_map(|(kind, about)| (0..TURNS).map(move |turn| (kind + 7 * turn, *about)));
        for (number, gene) in genes.enumerate() {
            let was = Naive::of(state.documents());
            let who = Who::of(world, &was, number);
            let Some(actor) = who.actor(&state) else { continue };
            let change = change_of(&state, gene);
            let context = Context { now: NOW, id: format!("x{number}") };
            let Ok(outcome) = state.change(&change, &actor, &context) else { continue };
            let kind = json!(change)["change"].as_str().unwrap_or_default().to_owned();
            *accepted.borrow_mut().entry(kind).or_default() += 1;
            let is = Naive::of(outcome.state.documents());
            // Who was not there before holds what everybody does.
            for user in state.documents().directory.users.keys() {
                for place in SCOPES {
                    for (permission, is_console) in is.permissions() {
                        asked += 1;
                        let now = is.granted_to(permission, place, request(user));
                        if now <= was.granted_to(permission, place, request(user)) {
                            continue;
                        }
                        gained.set(gained.get() + 1);
                        if now > who.gives(&was, permission, is_console, place) {
                            return Err(format!(
                                "`{user}` comes to hold {permission} at `{place}` by {}",
                                json!(change)
                            ));
                        }
                    }
                }
            }
            drop(actor);
            state = outcome.state.clone();
        }
        Ok(asked)
    });
    let accepted = accepted.into_inner();
    assert!(gained.get() >= 200, "{gained:?} gains prove little");
    assert!(accepted.len() >= 15, "too few kinds of changes are accepted: {accepted:?}");
}
