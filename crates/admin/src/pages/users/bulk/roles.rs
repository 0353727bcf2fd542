//! What the chosen people hold, role by role, and what of it they shall have of their own. Roles that they hold in other ways
//! stay as they are: those are shown beside.

use std::collections::BTreeMap;
use std::rc::Rc;

use rolewright_model::change::{AssignmentEdit, Change};
use rolewright_model::directory::Principal;
use rolewright_model::role::{Audience, RoleDocument};
use rolewright_wire::assignment::PrincipalKind;
use rolewright_wire::bulk::PersonEdit;
use rolewright_wire::held::{HeldRoles, RoleHeld, Through, Way, WhichPeople};
use yew::prelude::*;

use super::dialog::BulkDialog;
use crate::access::use_access;
use crate::api::{self, Request};
use crate::pages::permissions::waiting;
use crate::pages::roles::use_role_search;
use crate::pages::users::chosen::Chosen;
use crate::policy::Policy;
use crate::resource::use_resource;
use crate::text;
use crate::widgets::{Checkbox, Skeleton, Tab, Tabs, Ticked, failed, use_id};

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Who.
    pub chosen: Rc<Chosen>,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Told when some of it is done.
    pub ondone: Callback<()>,
}

/// The dialog.
#[component]
pub fn RolesDialog(props: &Props) -> Html {
    let access = use_access();
    let id = use_id();
    let tab = use_state(|| Audience::User);
    let wanted = use_state(|| Rc::new(BTreeMap::<String, bool>::new()));
    let search = use_role_search();
    let held = use_resource(props.chosen.which(), |which| async move {
        let request = Request::post("/users/held", &WhichPeople { which });
        api::asked::<HeldRoles>(request).await.map(|answer| answer.body)
    });
    let of =
        |shall: bool| wanted.iter().filter(|(_, it)| **it == shall).map(|(role, _)| role.clone()).collect();
    let edit = PersonEdit { give: of(true), take: of(false), ..PersonEdit::default() };
    let held_of = |role: &str| held.data.as_ref()?.roles.iter().find(|it| it.role == role);
    let of_a_time = |role: &String| {
        let now = held_of(role);
        now.is_some_and(|now| now.scheduled + now.expired > 0)
    };
    let replaces = edit.give.iter().any(of_a_time);
    let waits = waiting(access.as_ref(), PrincipalKind::Users).filter(|_| !edit.give.is_empty());
    let policy = access.as_ref().and_then(|access| access.policy());
    let all: Vec<&RoleDocument> =
        policy.into_iter().flat_map(Policy::roles).filter(|role| !role.base).collect();
    // What they hold comes first, and stays where it is whatever is ticked.
    let (first, then): (Vec<_>, Vec<_>) =
        all.iter().copied().filter(|role| search.fits(role)).partition(|role| held_of(&role.id).is_some());
    let found = [first, then].concat();
    let roles = |audience: Audience| found.iter().filter(move |role| role.audience == audience);
    let tabs: Rc<[Tab]> = [("user", "User", Audience::User), ("admin", "Admin", Audience::Admin)]
        .map(|(id, label, audience)| Tab {
            id: id.into(),
            label: label.into(),
            count: Some(roles(audience).count()),
        })
        .into();
    let ontab = use_callback(tab.setter(), |id: AttrValue, tab| {
        tab.set(if id == "admin" { Audience::Admin } else { Audience::User });
    });
    let people = held.data.as_ref().map_or(0, |held| held.people);
    let row = |role: &&RoleDocument| {
        let now = held_of(&role.id);
        let is = now.map_or(Ticked::No, |now| match (now.own, now.scheduled) {
            (0, 0) => Ticked::No,
            (own, _) if own >= people => Ticked::Yes,
            _ => Ticked::Mixed,
        });
        let ticked = wanted.get(&role.id).map_or(is, |shall| Ticked::from(*shall));
        let onchange = {
            let (wanted, id) = (wanted.clone(), role.id.clone());
            Callback::from(move |_: bool| {
                let mut next = (**wanted).clone();
                match next_wish(is, next.get(&id).copied()) {
                    Some(shall) => drop(next.insert(id.clone(), shall)),
                    None => drop(next.remove(&id)),
                }
                wanted.set(Rc::new(next));
            })
        };
        let assignment = AssignmentEdit::for_good(Principal::User("new".to_owned()), role.id.clone());
        let refused = access.as_ref().and_then(|access| access.reason(&Change::Assign { assignment }));
        let about =
            refused.as_ref().map_or_else(|| sources(now, people, policy), |refused| refused.to_string());
        // The role is the name of its box, and who holds it how describes it.
        let note = AttrValue::from(format!("{id}-{}", role.id));
        let described_by = (!about.is_empty()).then(|| note.clone());
        html! {
            <li class="role-row" key={role.id.clone()}>
                <Checkbox {ticked} label={role.name.clone()} {described_by} fixed={refused.is_some()} {onchange}>
                    <span class="role-row__name">{ role.name.clone() }</span>
                    <span class="role-row__about" id={note}>{ about }</span>
                </Checkbox>
            </li>
        }
    };
    html! {
        <BulkDialog title={format!("Edit roles of {}", props.chosen.words())} chosen={props.chosen.clone()} {edit} verb="Save"
            then={waits.unwrap_or_default()} unsaved="The roles that you ticked or unticked are not saved yet." onclose={props.onclose.clone()} ondone={props.ondone.clone()}>
            <div class="slot">
                if let Some(error) = &held.error {
                    { failed(error, &held.reload) }
                }
            </div>
            <div class="role-rows">
                { search.field(all.len(), found.len(), &text::count(wanted.len() as u64, "edited", "edited")) }
                <Tabs {tabs} value={if *tab == Audience::Admin { "admin" } else { "user" }} label="Roles for" onchange={ontab}>
                    <ul class="role-rows__list" aria-busy={held.data.is_none().to_string()}>
                        if held.data.is_some() && roles(*tab).next().is_none() {
                            <li class="role-row muted">{ "No role fits." }</li>
                        } else if held.data.is_some() {
                            { for roles(*tab).map(row) }
                        } else {
                            { for (0..6).map(|n| html! { <li class="role-row" key={n}><Skeleton length="long" /></li> }) }
                        }
                    </ul>
                </Tabs>
            </div>
            if replaces {
                <p class="table__muted">{ "Who has such a role scheduled, for a time or expired has it from now on and for good instead, and not twice." }</p>
            }
            if let Some(waits) = waits {
                <p class="table__muted">{ waits }</p>
            }
        </BulkDialog>
    }
}

/// What is wished after a click: ticked and unticked in turn, and back to where it was.
fn next_wish(is: Ticked, wished: Option<bool>) -> Option<bool> {
    match (is, wished) {
        (Ticked::No | Ticked::Mixed, None) => Some(true),
        (Ticked::Yes, None) | (Ticked::Mixed, Some(true)) => Some(false),
        _ => None,
    }
}

/// Who has the role of their own, now or for another time, and through what else it is held: "3 of 5 assigned, 1 scheduled, 2
/// through group Sales".
fn sources(now: Option<&RoleHeld>, people: u64, policy: Option<&Policy>) -> String {
    let Some(now) = now else { return String::new() };
    let one = people == 1;
    let own = match now.own {
        0 => None,
        _ if one => Some("assigned".to_owned()),
        own => Some(format!("{} of {} assigned", text::number(own), text::number(people))),
    };
    let of_a_time = [(now.scheduled, "scheduled"), (now.expired, "expired")].into_iter();
    let of_a_time = of_a_time.filter(|(n, _)| *n > 0).map(|(n, what)| match one {
        true => what.to_owned(),
        false => format!("{} {what}", text::number(n)),
    });
    let through = now.through.iter().map(|through| {
        let way = way(through, policy);
        if one { way } else { format!("{} {way}", text::number(through.people)) }
    });
    own.into_iter().chain(of_a_time).chain(through).collect::<Vec<_>>().join(", ")
}

fn way(through: &Through, policy: Option<&Policy>) -> String {
    let name = &through.name;
    match through.kind {
        Way::Group if name.is_empty() => "through a group".to_owned(),
        Way::Group => format!("through group {name}"),
        Way::Everyone => "through auto assign".to_owned(),
        Way::Package => format!("through package {name}"),
        Way::Place => {
            let place = policy.map_or_else(|| name.clone(), |policy| policy.catalogue().place_name(name));
            format!("at {place}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s1_10_a_click_ticks_and_unticks_and_comes_back_to_what_is() {
        for (is, wishes) in [
            (Ticked::No, [Some(true), None, Some(true)]),
            (Ticked::Yes, [Some(false), None, Some(false)]),
            (Ticked::Mixed, [Some(true), Some(false), None]),
        ] {
            let mut wished = None;
            let seen = wishes.map(|_| {
                wished = next_wish(is, wished);
                wished
            });
            assert_eq!(seen, wishes, "{is:?}");
        }
    }

    #[test]
    fn s1_10_every_source_is_told_with_how_many_hold_the_role_by_it() {
        let through = |kind, name: &str, people| Through { kind, name: name.to_owned(), people };
        let now = RoleHeld {
            role: "steward".to_owned(),
            own: 3,
            scheduled: 1,
            expired: 2,
            through: vec![through(Way::Everyone, "", 5), through(Way::Group, "Sales", 2)],
        };
        let words = sources(Some(&now), 5, None);
        let told = "3 of 5 assigned, 1 scheduled, 2 expired, 5 through auto assign, 2 through group Sales";
        assert_eq!(words, told);
        let later = RoleHeld { own: 0, scheduled: 1, expired: 0, through: Vec::new(), ..now.clone() };
        assert_eq!(sources(Some(&later), 1, None), "scheduled");
        let alone = RoleHeld { own: 1, scheduled: 0, expired: 0, ..now };
        assert_eq!(sources(Some(&alone), 1, None), "assigned, through auto assign, through group Sales");
        assert_eq!(sources(None, 5, None), "");
    }
}
