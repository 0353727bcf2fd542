//! Whom a change reaches, in words.

use rolewright_model::counted;
use rolewright_model::diff::Difference;
use rolewright_model::held::Effect;
use rolewright_wire::reach::{Reach, Reached};

use crate::moment;

/// Up to how many people they are told by name, and how many permissions else.
const MOST_TOLD: usize = 20;
/// How many permissions are told of one person.
const MOST_OF_ONE: usize = 5;

/// What is said of nobody, then each verb of one and of many.
const TRIED: [&str; 9] = [
    "nobody would gain or lose anything",
    "person would gain",
    "people would gain",
    "would lose",
    "would lose",
    "would become a full user",
    "would become full users",
    "would become a superuser",
    "would become superusers",
];
/// The same of what was made.
const MADE: [&str; 9] = [
    "nobody gains or loses anything",
    "person gains",
    "people gain",
    "loses",
    "lose",
    "becomes a full user",
    "become full users",
    "becomes a superuser",
    "become superusers",
];

/// Whom a change reaches, or where it was only tried would: few by name, of many how many gain and lose each permission.
pub(super) fn told(reach: &Reach, is_tried: bool) -> String {
    let [nobody, gains, gain, loses, lose, becomes, come_to_be, is_made, are_made] =
        if is_tried { TRIED } else { MADE };
    if reach.is_nobody() && reach.promoted == 0 && reach.superusers == 0 {
        return nobody.to_owned();
    }
    let mut first = vec![counted(reach.gain, gains, gain), counted(reach.lose, loses, lose)];
    if reach.may_differ > 0 {
        first.push(format!("for {} it may differ", reach.may_differ));
    }
    if reach.promoted > 0 {
        first.push(counted(reach.promoted, becomes, come_to_be));
    }
    if reach.superusers > 0 {
        first.push(counted(reach.superusers, is_made, are_made));
    }
    let from = reach.from.map(|from| format!("from {} on ", moment::told(from))).unwrap_or_default();
    let mut lines = vec![from + &first.join(", ")];
    if reach.people.len() == reach.all && reach.all <= MOST_TOLD {
        lines.extend(reach.people.iter().map(person));
        return lines.join("\n");
    }
    lines.extend(reach.permissions.iter().take(MOST_TOLD).map(|of| {
        let (gain, lose) = (counted(of.gain, "gains", "gain"), counted(of.lose, "loses", "lose"));
        format!("  {}: {gain}, {lose}", of.permission)
    }));
    let left = reach.permissions.len().saturating_sub(MOST_TOLD);
    if left > 0 {
        lines.push(format!("  and {}", counted(left, "more permission", "more permissions")));
    }
    lines.join("\n")
}

/// `Ana Arranz (u_1): gains reports.run; loses users.view at servers/prod`.
fn person(reached: &Reached) -> String {
    let effects = [(Effect::Gain, "gains"), (Effect::Lose, "loses"), (Effect::MayDiffer, "may have another")];
    let told = effects.into_iter().filter_map(|(effect, word)| {
        let those: Vec<_> = reached.differences.iter().filter(|differs| differs.effect == effect).collect();
        let mut named: Vec<String> = those.iter().take(MOST_OF_ONE).map(|differs| place(differs)).collect();
        let left = those.len().saturating_sub(MOST_OF_ONE);
        if left > 0 {
            named.push(format!("and {left} more"));
        }
        (!named.is_empty()).then(|| format!("{word} {}", named.join(", ")))
    });
    format!("  {} ({}): {}", reached.name, reached.user, told.collect::<Vec<_>>().join("; "))
}

/// The permission, and where, if that is not the whole tenant.
fn place(difference: &Difference) -> String {
    let Difference { permission, scope, .. } = difference;
    if scope == "/" { permission.clone() } else { format!("{permission} at {scope}") }
}
