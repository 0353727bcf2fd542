//! What is done most with one person, beside the row of the table; their page offers the rest.

use std::rc::Rc;

use rolewright_model::Viewed;
use rolewright_model::directory::Principal;
use rolewright_wire::user::{UserRow, UserStatus};
use yew::prelude::*;

use super::act::{self, Act, Acts};
use super::chosen::Chosen;
use crate::access::use_access;
use crate::nav;
use crate::pages::user::AssignDialog;
use crate::pages::view_as::{self, ViewAsDialog};
use crate::route::Route;
use crate::session::use_session;
use crate::states::use_flag;
use crate::widgets::{Menu, MenuItem};

/// With whom.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The row.
    pub row: Rc<UserRow>,
    /// What may be done with somebody.
    pub acts: Rc<Acts>,
    /// Told when it is done.
    pub ondone: Callback<()>,
}

/// Which dialog is open.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    Assign,
    Act(Act),
    ViewAs,
}

/// The menu.
#[component]
pub fn RowMenu(props: &Props) -> Html {
    let access = use_access();
    let session = use_session();
    let open = use_state(|| None::<Open>);
    // What may be done with each of two hundred people need not be found out before somebody asks.
    let is_asked = use_flag();
    let onask = use_callback(is_asked.setter(), |(), is_asked| is_asked.set(true));
    let Props { row, acts, ondone } = props;
    let onclose = use_callback(open.setter(), |(), open| open.set(None));
    let show = |what: Open| {
        let open = open.setter();
        Callback::from(move |()| open.set(Some(what)))
    };
    let whom = Viewed::User(row.id.clone());
    let items = || {
        let item = |label: &'static str, icon: &'static str, act: Act, opens: Open| MenuItem {
            label: label.into(),
            icon: icon.into(),
            danger: act == Act::Disable,
            refused: acts.refused(act),
            onpick: show(opens),
        };
        let go = {
            let id = row.id.clone();
            Callback::from(move |()| {
                nav::go(&Route::User { id: id.clone() });
            })
        };
        let mut items = vec![
            MenuItem { label: "Open".into(), icon: "user".into(), danger: false, refused: None, onpick: go },
            item("Assign role", "plus", Act::Roles, Open::Assign),
        ];
        if acts.has_packages {
            items.push(item("Set package", "package", Act::Package, Open::Act(Act::Package)));
        }
        let is_own = session.current().is_some_and(|person| person.user == row.id);
        if row.status == UserStatus::Active && !is_own {
            items.push(view_as::item(access.as_deref(), &whom, None, show(Open::ViewAs)));
        }
        items.push(match row.status {
            UserStatus::Active => item("Disable", "circle-slash", Act::Disable, Open::Act(Act::Disable)),
            UserStatus::Disabled => item("Activate", "user-check", Act::Activate, Open::Act(Act::Activate)),
            UserStatus::Invited | UserStatus::NoInvitation => {
                item("Send invitation again", "mail", Act::Invite, Open::Act(Act::Invite))
            }
        });
        items
    };
    html! {
        <>
            <Menu label={format!("Actions for {}", row.name)} items={if *is_asked { Rc::from(items()) } else { Rc::from([]) }} onopen={onask} />
            <div class="slot">
                { match *open {
                    None => html! {},
                    Some(Open::Assign) => html! {
                        <AssignDialog key="assign" principal={Principal::User(row.id.clone())} name={row.name.clone()} held={held(row)} {onclose} reload={ondone.clone()} />
                    },
                    Some(Open::ViewAs) => html! { <ViewAsDialog key="view-as" {whom} name={row.name.clone()} {onclose} /> },
                    Some(Open::Act(act)) => act::dialog(act, Rc::new(Chosen::one(row.id.clone(), row.name.clone())), onclose, ondone.clone()),
                } }
            </div>
        </>
    }
}

/// The roles that are held for the whole tenant.
fn held(row: &UserRow) -> Rc<[String]> {
    row.roles.iter().filter(|role| !row.only_at.contains_key(*role)).cloned().collect()
}
