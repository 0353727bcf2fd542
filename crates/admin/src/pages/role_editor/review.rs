//! What saving would change, permission by permission.

use std::rc::Rc;

use rolewright_model::Level;
use rolewright_wire::reach::Reach;
use yew::prelude::*;

use super::draft::{Draft, tally_words};
use super::save_bar::TallyMarks;
use crate::pages::by_person::ByPerson;
use crate::pages::reached::{privileged_warning, reach_words};
use crate::pages::reason::reason_field;
use crate::pages::superusers;
use crate::states::use_text;
use crate::text;
use crate::tree::Tree;
use crate::widgets::{Button, Dialog, Icon, unsaved};

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The permissions.
    pub tree: Rc<Tree>,
    /// The role.
    pub draft: Draft,
    /// How many people hold it.
    pub holders: Option<u64>,
    /// Whom saving reaches, once the server has said it of these changes.
    pub reach: Option<Rc<Reach>>,
    /// Whether it is being saved.
    pub busy: bool,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Saves, for the reason that is told; an empty one is none.
    pub onsave: Callback<String>,
}

/// The dialog.
#[component]
pub fn ReviewDialog(props: &Props) -> Html {
    let Props { tree, draft, .. } = props;
    let reason = use_text();
    let onsave = {
        let reason = reason.trim().to_owned();
        props.onsave.reform(move |_: MouseEvent| reason.clone())
    };
    let tally = draft.tally(tree);
    let makes_superusers = superusers::makes_superusers(None, [], props.reach.as_deref());
    html! {
        <Dialog title={format!("Review {}", tally_words(tally))} wide=true onclose={props.onclose.clone()} unsaved={unsaved(&[&reason])} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Keep editing" }</Button>
                <Button variant={superusers::variant(makes_superusers)} busy={props.busy} onclick={onsave}>{ "Save" }</Button>
            </>
        }}>
            { superusers::warning(makes_superusers) }
            { privileged_warning(props.reach.as_deref()) }
            <p class="review__sum">
                <TallyMarks {tally} />
                { match (props.holders, &props.reach) {
                    (_, Some(reach)) => reach_words(reach),
                    (Some(n), None) if n > 0 => format!("{} this role: for them it changes at once.", text::count(n, "person holds", "people hold")),
                    _ => "Nobody holds this role: nothing changes for anybody yet.".to_owned(),
                } }
            </p>
            <ul class="diff">
                { for draft.words().into_iter().map(|(field, before, after)| html! {
                    <li class="diff__row diff__row--changed" key={field}>
                        <Icon name="pencil" /><span class="diff__name">{ field }</span>
                        <span class="diff__levels">
                            if !before.is_empty() { <del>{ before }</del>{ " " }<Icon name="arrow-right" />{ " " } }
                            <ins>{ if after.is_empty() { "Empty".to_owned() } else { after } }</ins>
                        </span>
                    </li>
                }) }
                { for draft.changes(tree).into_iter().filter_map(|change| Some((change, tree.rows.get(change.row)?))).map(|(change, row)| {
                    let (class, icon) = match (change.from, change.to) {
                        (Level::NONE, _) => ("diff__row--added", "plus"),
                        (_, Level::NONE) => ("diff__row--removed", "minus"),
                        _ => ("diff__row--changed", "pencil"),
                    };
                    html! {
                        <li class={classes!("diff__row", class)} key={row.id.to_string()}>
                            <Icon name={icon} />
                            <span class="diff__name">{ row.full.clone() }</span>
                            <span class="diff__levels"><del>{ row.level(change.from) }</del>{ " " }<Icon name="arrow-right" />{ " " }<ins>{ row.level(change.to) }</ins></span>
                        </li>
                    }
                }) }
            </ul>
            if let Some(reach) = props.reach.as_ref().filter(|reach| !reach.people.is_empty()) {
                <ByPerson tree={tree.clone()} reach={reach.clone()} />
            }
            { reason_field(&reason) }
        </Dialog>
    }
}
