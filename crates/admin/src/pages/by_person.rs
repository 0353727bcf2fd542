//! Whom a change reaches, person by person and permission by permission.

use std::rc::Rc;

use rolewright_model::diff::Difference;
use rolewright_model::held::Effect;
use rolewright_wire::reach::Reach;
use yew::prelude::*;

use super::names::Names;
use super::reached::counted;
use crate::access::{AccessHandle, place_name, use_access};
use crate::text;
use crate::tree::Tree;
use crate::widgets::Icon;

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

/// What differs for whom: people for whom the same differs stand together, the most of them first.
#[component]
pub fn ByPerson(props: &ByPersonProps) -> Html {
    let access = use_access();
    let ByPersonProps { tree, reach } = props;
    let mut alike: Vec<(&[Difference], Vec<AttrValue>)> = Vec::new();
    for person in &reach.people {
        let name = if person.name.is_empty() { &person.user } else { &person.name };
        let name = AttrValue::from(name.clone());
        match alike.iter_mut().find(|(differences, _)| *differences == person.differences) {
            Some((_, names)) => names.push(name),
            None => alike.push((&person.differences, vec![name])),
        }
    }
    alike.sort_by_key(|(_, names)| std::cmp::Reverse(names.len()));
    alike.iter_mut().for_each(|(_, names)| names.sort_by_key(|name| name.to_lowercase()));
    html! {
        <section aria-labelledby="review-people">
            <h3 id="review-people" class="review__heading">{ "By person" }</h3>
            { for alike.iter().enumerate().map(|(at, (differences, names))| html! {
                <div class="review__alike" key={at}>
                    <Names names={Rc::<[AttrValue]>::from(&names[..])} />
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
