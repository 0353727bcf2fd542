//! What is about to be saved: role by role, with whom it reaches.

use std::rc::Rc;

use rolewright_wire::reach::Reach;
use yew::prelude::*;

use super::edits::Told;
use crate::access::{role_name, use_access};
use crate::pages::reached::{ASKING, privileged_warning, reach_words};
use crate::pages::reason::reason_field;
use crate::pages::superusers;
use crate::states::use_text;
use crate::text;
use crate::tree::Tree;
use crate::widgets::{Button, Dialog, Icon, unsaved};

/// What is about to be saved.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The permissions.
    pub tree: Rc<Tree>,
    /// The edits.
    pub told: Vec<Told>,
    /// Whom they reach, once the server has said it.
    pub reach: Option<Rc<Reach>>,
    /// Why it cannot be saved so.
    pub refused: Option<AttrValue>,
    /// Whether it is being saved.
    pub busy: bool,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Saves it, for the reason that is told; an empty one is none.
    pub onsave: Callback<String>,
}

/// What is about to be saved.
#[component]
pub fn ReviewDialog(props: &Props) -> Html {
    let (access, reason) = (use_access(), use_text());
    let onsave = {
        let reason = reason.trim().to_owned();
        props.onsave.reform(move |_: MouseEvent| reason.clone())
    };
    let name = |id: &str| role_name(access.as_ref(), id);
    let mut roles: Vec<&str> = props.told.iter().map(|told| told.role.as_str()).collect();
    roles.dedup();
    let makes_superusers = superusers::makes_superusers(None, [], props.reach.as_deref());
    html! {
        <Dialog title="Review changes" wide=true onclose={props.onclose.clone()} unsaved={unsaved(&[&reason])} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Keep editing" }</Button>
                <Button variant={superusers::variant(makes_superusers)} autofocus=true busy={props.busy} refused={props.refused.clone()} tip_end=true
                    onclick={onsave}>{ "Save" }</Button>
            </>
        }}>
            { superusers::warning(makes_superusers) }
            { privileged_warning(props.reach.as_deref()) }
            <p class="review__sum" role="status">{ match (&props.reach, &props.refused) {
                (Some(reach), _) => reach_words(reach),
                (None, refused) => refused.as_deref().unwrap_or(ASKING).to_owned(),
            } }</p>
            { for roles.into_iter().map(|role| html! {
                <section key={role.to_owned()}>
                    <h3 class="review__heading">{ name(role) }</h3>
                    <ul class="diff">
                        { for props.told.iter().filter(|told| told.role == role).filter_map(|told| {
                            let row = props.tree.rows.get(told.row)?;
                            let (class, icon) = match (told.from.0, told.to.0) {
                                (0, _) => ("diff__row--added", "plus"),
                                (_, 0) => ("diff__row--removed", "minus"),
                                _ => ("diff__row--changed", "pencil"),
                            };
                            let people = props.reach.iter().flat_map(|reach| &reach.permissions).find(|it| row.id == it.permission);
                            let people = people.map(|it| text::count((it.gain + it.lose + it.may_differ) as u64, "person", "people"));
                            Some(html! {
                                <li key={row.id.to_string()} class={classes!("diff__row", class)}>
                                    <Icon name={icon} />
                                    <span class="diff__name">{ row.full.clone() }</span>
                                    <span class="diff__levels"><del>{ row.level(told.from) }</del><Icon name="arrow-right" /><ins>{ row.level(told.to) }</ins></span>
                                    <span class="muted">{ people }</span>
                                </li>
                            })
                        }) }
                    </ul>
                </section>
            }) }
            { reason_field(&reason) }
        </Dialog>
    }
}
