//! Takes a person out of the group that a role comes by. Of groups in groups it is the one that the person is in themselves.

use rolewright_model::change::Change;
use rolewright_model::directory::GroupDocument;
use rolewright_model::explain::HeldRole;
use rolewright_model::subject::Via;
use rolewright_wire::user::UserGroup;
use yew::prelude::*;

use super::page::Loaded;
use crate::access::{role_name, use_access};
use crate::api::Request;
use crate::pages::confirm::{ConfirmDialog, this_is_you};
use crate::pages::groups;
use crate::states::use_flag;
use crate::widgets::IconButton;

/// Who leaves what.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The person.
    pub user: Loaded,
    /// Whether that is whoever looks.
    pub own: bool,
    /// The group.
    pub group: UserGroup,
    /// Shows the person anew.
    pub reload: Callback<()>,
}

/// The button, and what it asks.
#[component]
pub fn LeaveGroup(props: &Props) -> Html {
    let access = use_access();
    let asked = use_flag();
    let view = props.user.view();
    let UserGroup { id, name, membership, source } = props.group.clone();
    let person = view.user.display_name();
    let path = format!("{}/members/{}", groups::address(&id), js_sys::encode_uri_component(&membership));
    let known = GroupDocument { id: id.clone(), name: name.clone(), description: String::new(), source };
    let refused = access
        .as_ref()
        .and_then(|access| access.reason(&Change::RemoveMember { id: membership }))
        .or_else(|| groups::fixed(access.as_ref(), &known));
    let set = |open: bool| {
        let asked = asked.setter();
        move || asked.set(open)
    };
    let (open, close) = (set(true), set(false));
    let (going, staying) = what_goes(&view.roles, &id);
    let names = |ids: &[&str]| {
        let named = ids.iter().map(|id| role_name(access.as_ref(), id));
        named.collect::<Vec<_>>().join(", ")
    };
    html! {
        <>
            <IconButton icon="user-x" label={format!("Remove from {name}")} {refused} onclick={Callback::from(move |_: MouseEvent| open())} />
            if *asked {
                <ConfirmDialog title={format!("Remove {person} from {name}?")} change={Request::delete(path, None)} verb="Remove from group"
                    done={format!("{person} is no longer in {name}.")} onclose={Callback::from(move |()| close())} ondone={props.reload.clone()}>
                    if props.own {
                        { this_is_you("What you have by it alone is gone at once, and you may not be able to give it back to yourself.") }
                    }
                    if !going.is_empty() {
                        <p>{ format!("What goes with the group: {}.", names(&going)) }</p>
                    }
                    if !staying.is_empty() {
                        <p>{ format!("What is held in another way too, and stays: {}.", names(&staying)) }</p>
                    }
                </ConfirmDialog>
            }
        </>
    }
}

/// The roles that come by a group: those that are held by it alone, and those that are held in another way just so.
fn what_goes<'r>(roles: &'r [HeldRole], group: &str) -> (Vec<&'r str>, Vec<&'r str>) {
    let by_it = |held: &HeldRole| matches!(&held.via, Via::Group { groups, .. } if groups.first().is_some_and(|id| id == group));
    let (mut going, mut staying) = (Vec::new(), Vec::new());
    for held in roles.iter().filter(|held| by_it(held)) {
        let mut others = roles.iter().filter(|other| !by_it(other));
        let stays = others.any(|other| (&other.role, &other.scope) == (&held.role, &held.scope));
        let known = if stays { &mut staying } else { &mut going };
        if !known.contains(&&*held.role) {
            known.push(&*held.role);
        }
    }
    (going, staying)
}
