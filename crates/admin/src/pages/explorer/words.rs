//! Reasons in words. Pure, and so tested natively.

use rolewright_model::explain::{Cause, NotCounting};

/// What stands in the way of something, in a sentence about somebody.
pub fn cause(cause: Cause, who: &str) -> String {
    match cause {
        Cause::UnknownSubject => "Nobody is known by this id.".to_owned(),
        Cause::UnknownPermission => "The catalogue has no such permission.".to_owned(),
        Cause::UnknownLevel => "The permission has no such level.".to_owned(),
        Cause::NotAPlace => "The catalogue has no such place.".to_owned(),
        Cause::ProductAbsent => "This tenant does not have the product that it belongs to.".to_owned(),
        Cause::InactiveSubject => format!("{who} is invited or disabled: nothing that they hold counts."),
        Cause::NextLogin => format!("{who} holds it, and it counts from their next sign-in on."),
        Cause::ConditionFalse => format!("{who} holds it on a condition that is not met here."),
        Cause::PermissionNotGranted => "No role gives it, superuser roles apart.".to_owned(),
        Cause::RoleNotOnPackage => "A role gives it, and no package carries that role.".to_owned(),
        Cause::PackageNotOnUser => {
            format!("A package carries a role that gives it, and {who} is not on that package.")
        }
        Cause::RoleNotHeld => format!("A role gives it, and {who} does not hold that role here."),
    }
}

/// A step of the way to what is refused, as it would have to be.
pub fn step(cause: Cause) -> &'static str {
    match cause {
        Cause::PermissionNotGranted => "A role grants the permission",
        Cause::RoleNotOnPackage => "A package carries that role",
        Cause::PackageNotOnUser => "The person is on that package",
        Cause::RoleNotHeld => "The person holds that role here",
        Cause::UnknownSubject => "The person is known",
        Cause::UnknownPermission => "The permission is in the catalogue",
        Cause::UnknownLevel => "The level is on its scale",
        Cause::NotAPlace => "The place is in the catalogue",
        Cause::ProductAbsent => "The tenant has the product",
        Cause::InactiveSubject => "The person is active",
        Cause::NextLogin => "The person has signed in since",
        Cause::ConditionFalse => "The condition is met",
    }
}

/// Why something that is held does not count.
pub fn not_counting(why: NotCounting) -> &'static str {
    match why {
        NotCounting::InactiveSubject => "the person is invited or disabled",
        NotCounting::NotYet => "it begins later",
        NotCounting::Expired => "it has ended",
        NotCounting::NextLogin => "it counts from the next sign-in on",
        NotCounting::WrongScope => "it is held at another place",
        NotCounting::WrongType => "it counts at resources of another type",
        NotCounting::ConditionFalse => "its condition is not met",
        NotCounting::LowerLevel => "something else gives more",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_a_sentence_about_the_person() {
        for (why, expected) in [
            (Cause::NextLogin, "Ana Ruiz holds it, and it counts from their next sign-in on."),
            (Cause::RoleNotOnPackage, "A role gives it, and no package carries that role."),
            (
                Cause::PackageNotOnUser,
                "A package carries a role that gives it, and Ana Ruiz is not on that package.",
            ),
        ] {
            assert_eq!(cause(why, "Ana Ruiz"), expected);
        }
    }

    #[test]
    fn the_steps_to_a_permission_stand_in_the_order_of_the_chain() {
        let order = [Cause::PermissionNotGranted, Cause::RoleNotOnPackage, Cause::PackageNotOnUser];
        assert_eq!(
            order.map(step),
            ["A role grants the permission", "A package carries that role", "The person is on that package"]
        );
    }
}
