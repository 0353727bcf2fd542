//! What saving would change, permission by permission.

use std::rc::Rc;

use rolewright_model::Level;
use rolewright_model::diff::Difference;
use rolewright_model::held::Effect;
use rolewright_wire::reach::Reach;
use yew::prelude::*;

use super::draft::{Draft, tally_words};
use super::save_bar::TallyMarks;
use crate::access::{AccessHandle, place_name, use_access};
use crate::pages::reached::{counted, privileged_warning, reach_words};
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

/// What people gain and lose.
#[derive(Properties, PartialEq)]
pub struct ByPersonProps {
    /// The permissions.
    pub tree: Rc<Tree>,
    /// Whom it reaches.
    pub reach: Rc<Reach>,
}

/// How many gain and lose each permission.
#[component]
pub fn ByPermission(props: &ByPersonProps) -> Html {
    let ByPersonProps { tree, reach } = props;
    html! {
        <section aria-labelledby="review-permissions">
            <h3 id="review-permissions" class="review__heading">{ "By permission" }</h3>
            <ul class="diff">
                { for reach.permissions.iter().map(|it| {
                    let (class, icon) = match (it.gain, it.lose, it.may_differ) {
                        (_, 0, 0) => ("diff__row--added", "plus"),
                        (0, _, 0) => ("diff__row--removed", "minus"),
                        _ => ("diff__row--changed", "pencil"),
                    };
                    html! {
                        <li class={classes!("diff__row", class)} key={it.permission.clone()}>
                            <Icon name={icon} />
                            <span class="diff__name">{ name(tree, &it.permission) }</span>
                            <span class="diff__levels">{ counted(it.gain, it.lose, it.may_differ) }</span>
                        </li>
                    }
                }) }
            </ul>
        </section>
    }
}

/// How many names stand in a row before the rest is a number.
const NAMED: usize = 8;

/// What differs for whom: people for whom the same differs stand together, the most of them first.
#[component]
pub fn ByPerson(props: &ByPersonProps) -> Html {
    let access = use_access();
    let ByPersonProps { tree, reach } = props;
    let mut alike: Vec<(&[Difference], Vec<&str>)> = Vec::new();
    for person in &reach.people {
        let name = if person.name.is_empty() { &person.user } else { &person.name };
        match alike.iter_mut().find(|(differences, _)| *differences == person.differences) {
            Some((_, names)) => names.push(name),
            None => alike.push((&person.differences, vec![name])),
        }
    }
    alike.sort_by_key(|(_, names)| std::cmp::Reverse(names.len()));
    html! {
        <section aria-labelledby="review-people">
            <h3 id="review-people" class="review__heading">{ "By person" }</h3>
            { for alike.iter().enumerate().map(|(at, (differences, names))| html! {
                <div class="review__alike" key={at}>
                    <p class="review__names">
                        <strong>{ text::count(names.len() as u64, "person", "people") }</strong>{ " " }
                        { names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ") }
                        if names.len() > NAMED {
                            { format!(" and {} more", names.len() - NAMED) }
                        }
                    </p>
                    <ul class="diff">{ for differences.iter().map(|difference| told(tree, access.as_ref(), difference)) }</ul>
                </div>
            }) }
            if !reach.names_all() {
                <p class="review__names">{ format!("Of {} people the first {} are told here. All of them are counted by permission.", text::number(reach.all as u64), reach.people.len()) }</p>
                <ByPermission tree={tree.clone()} reach={reach.clone()} />
            }
        </section>
    }
}

/// One permission that somebody comes to hold otherwise.
fn told(tree: &Tree, access: Option<&AccessHandle>, difference: &Difference) -> Html {
    let name = name(tree, &difference.permission);
    let place = match &*difference.scope {
        "/" => String::new(),
        scope => format!(" at {}", place_name(access, scope)),
    };
    let (class, icon, word) = match difference.effect {
        Effect::Gain => ("diff__row--added", "plus", "Gains"),
        Effect::Lose => ("diff__row--removed", "minus", "Loses"),
        Effect::MayDiffer => ("diff__row--changed", "pencil", "May differ:"),
    };
    html! {
        <li class={classes!("diff__row", class)} key={format!("{}{}", difference.permission, difference.scope)}>
            <Icon name={icon} />
            <span class="diff__name"><span class="visually-hidden">{ word }{ " " }</span>{ name }{ place }</span>
        </li>
    }
}

/// What a permission is called: "Reports: Run"; its id where the tree does not have it.
fn name(tree: &Tree, permission: &str) -> String {
    let row = tree.rows.iter().find(|row| row.id == permission);
    row.map_or_else(|| permission.to_owned(), |row| row.full.to_string())
}
