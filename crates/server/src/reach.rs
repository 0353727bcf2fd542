//! Whom a change reaches, made or not: who gains and loses what.

use rolewright_model::diff::diff;
use rolewright_model::held::Effect;
use rolewright_model::{State, Timestamp};
use rolewright_wire::reach::{MOST_NAMED, Reach, Reached};

/// Whom a change from `before` to `after` reaches; by name where `sees_people`. As
/// [`diff`](rolewright_model::diff::diff) costs.
#[must_use]
pub fn reach(before: &State, after: &State, sees_people: bool, now: Timestamp) -> Reach {
    let found = diff(before, after, now);
    let count = |effect: Effect| {
        let has = |differences: &[_]| {
            let mut differences = differences.iter();
            differences.any(|difference: &rolewright_model::diff::Difference| difference.effect == effect)
        };
        found.users.iter().filter(|(_, differences)| has(differences)).count()
    };
    let name = |id: &str| {
        let known = [after, before].into_iter().find_map(|state| state.documents().directory.users.get(id));
        known.map(rolewright_model::directory::UserDocument::display_name).unwrap_or_default()
    };
    let named = found.users.iter().take(if sees_people { MOST_NAMED } else { 0 });
    let people = named.map(|(user, differences)| Reached {
        user: user.clone(),
        name: name(user),
        differences: differences.to_vec(),
    });
    let made = found.superusers.iter().take(if sees_people { MOST_NAMED } else { 0 });
    Reach {
        all: found.users.len(),
        gain: count(Effect::Gain),
        lose: count(Effect::Lose),
        may_differ: count(Effect::MayDiffer),
        promoted: found.promoted,
        superusers: found.superusers.len(),
        made_superusers: made.map(|id| name(id)).collect(),
        people: people.collect(),
        permissions: found.summary,
    }
}
