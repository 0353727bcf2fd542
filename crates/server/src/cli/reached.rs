//! Whom a change reaches, in words.

use rolewright_model::diff::Difference;
use rolewright_model::held::Effect;
use rolewright_wire::reach::{Reach, Reached};

use crate::counted::counted;

/// Up to how many people they are told by name, and how many permissions else.
const MOST_TOLD: usize = 20;
/// How many permissions are told of one person.
const MOST_OF_ONE: usize = 5;

/// Whom a change reaches, or where it was only tried would: few by name, of many how many gain and lose each permission.
pub(super) fn told(reach: &Reach, is_tried: bool) -> String {
    let (gain, loses) = if is_tried { ("would gain", "would lose") } else { ("gain", "lose") };
    if reach.is_nobody() && reach.promoted == 0 {
        return match is_tried {
            true => "nobody would gain or lose anything".to_owned(),
            false => "nobody gains or loses anything".to_owned(),
        };
    }
    let gains = if is_tried { "person would gain" } else { "person gains" };
    let mut first = vec![
        counted(reach.gain, gains, &format!("people {gain}")),
        counted(reach.lose, if is_tried { loses } else { "loses" }, loses),
    ];
    if reach.may_differ > 0 {
        first.push(format!("for {} it may differ", reach.may_differ));
    }
    if reach.promoted > 0 {
        let one = if is_tried { "would become a full user" } else { "becomes a full user" };
        let many = if is_tried { "would become full users" } else { "become full users" };
        first.push(counted(reach.promoted, one, many));
    }
    let mut lines = vec![first.join(", ")];
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
