//! Puts many people on a package, or on none.

use std::rc::Rc;

use rolewright_wire::bulk::PersonEdit;
use rolewright_wire::user::PackageChange;
use yew::prelude::*;

use super::dialog::BulkDialog;
use crate::access::use_access;
use crate::browser;
use crate::pages::users::chosen::Chosen;
use crate::widgets::use_id;

/// The values of the choices that are no package: none has a space in its id.
const UNCHOSEN: &str = " ";
const NONE: &str = " none";

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
pub fn PackageDialog(props: &Props) -> Html {
    let access = use_access();
    let id = use_id();
    let package = use_state(|| None::<PackageChange>);
    let onchange = {
        let package = package.setter();
        Callback::from(move |event: web_sys::Event| {
            let chosen = Some(browser::chosen_in(event)).filter(|value| value != UNCHOSEN);
            package.set(
                chosen.map(|value| PackageChange { package: Some(value).filter(|value| value != NONE) }),
            );
        })
    };
    let policy = access.as_ref().and_then(|access| access.policy());
    let packages: Vec<_> =
        policy.iter().flat_map(|policy| policy.state().documents().packages.values()).collect();
    let edit = PersonEdit { package: (*package).clone(), ..PersonEdit::default() };
    html! {
        <BulkDialog title={format!("Set the package of {}", props.chosen.words())} chosen={props.chosen.clone()} {edit} verb="Set package"
            unsaved="The package that you chose is not set yet."
            onclose={props.onclose.clone()} ondone={props.ondone.clone()}>
            <div class="field">
                <label class="field__label" for={id.clone()}>{ "Package" }</label>
                <select class="select" {id} {onchange} data-autofocus="">
                    <option value={UNCHOSEN} selected={package.is_none()}>{ "Choose a package" }</option>
                    { for packages.into_iter().map(|package| html! { <option key={package.id.clone()} value={package.id.clone()}>{ package.name.clone() }</option> }) }
                    <option value={NONE}>{ "No package" }</option>
                </select>
                <p class="field__hint">{ "Who is on another package leaves it, with the roles that it carries." }</p>
            </div>
        </BulkDialog>
    }
}
