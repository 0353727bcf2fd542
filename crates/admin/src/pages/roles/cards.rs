//! One card a role.

use std::rc::Rc;

use rolewright_wire::role::RoleView;
use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::grants::{Category, categories};
use super::row_menu::RowMenu;
use crate::access::use_access;
use crate::nav::{self, Link};
use crate::route::Route;
use crate::text;
use crate::widgets::{Chip, Icon, Skeleton};

/// How many categories a card shows before it says how many more there are.
const SHOWN: usize = 8;

/// The cards.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The roles.
    pub roles: Rc<[RoleView]>,
    /// Whether they are on their way.
    pub loading: bool,
    /// Told which role shall be deleted.
    pub ondelete: Callback<RoleView>,
}

/// The cards.
#[component]
pub fn RoleCards(props: &Props) -> Html {
    html! {
        <ul class="cards" aria-busy={props.loading.to_string()}>
            if props.loading {
                { for (0..3).map(|n| html! {
                    <li class="card" key={n} aria-hidden="true"><Skeleton length="medium" /><Skeleton length="long" /><Skeleton length="long" /></li>
                }) }
            }
            { for props.roles.iter().map(|view| html! {
                <RoleCard key={view.role.id.clone()} view={view.clone()} ondelete={props.ondelete.clone()} />
            }) }
        </ul>
    }
}

#[derive(Properties, PartialEq)]
struct CardProps {
    view: RoleView,
    ondelete: Callback<RoleView>,
}

/// Built in or custom, and what else sets a role apart.
pub fn badges(view: &RoleView) -> Html {
    let role = &view.role;
    html! {
        <>
            if role.is_built_in() {
                <Chip icon="lock">{ "Built in" }</Chip>
            } else {
                <Chip icon="pencil">{ "Custom" }</Chip>
            }
            if role.base {
                <Chip icon="arrow-down" meaning="inherited">{ "Everybody" }</Chip>
            }
            if role.superuser {
                <Chip icon="infinity" meaning="everything">{ "Everything" }</Chip>
            }
        </>
    }
}

#[component]
fn RoleCard(props: &CardProps) -> Html {
    let access = use_access();
    let view = &props.view;
    let role = &view.role;
    let grants = use_memo((access.clone(), role.id.clone(), view.revision), |(access, id, _)| {
        let policy = access.as_ref().and_then(|access| access.policy());
        policy.map(|policy| categories(policy, id)).unwrap_or_default()
    });
    let onclick = {
        let id = role.id.clone();
        Callback::from(move |event: MouseEvent| {
            let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
            let own =
                target.and_then(|it| it.closest("a, button, summary, .floating").ok().flatten()).is_some();
            if !own {
                nav::go(&Route::Role { id: id.clone() });
            }
        })
    };
    let packages: Vec<String> = view
        .packages
        .iter()
        .map(|id| {
            let policy = access.as_ref().and_then(|access| access.policy());
            policy.map_or(id.as_str(), |policy| policy.package_name(id)).to_owned()
        })
        .collect();
    let more = grants.len().saturating_sub(SHOWN);
    html! {
        <li class="card" {onclick}>
            <div class="card__head">
                <h2 class="card__title"><Link to={Route::Role { id: role.id.clone() }} class="card__link">{ role.name.clone() }</Link></h2>
                <RowMenu view={view.clone()} ondelete={props.ondelete.clone()} />
            </div>
            <div class="chips chips--wrap">{ badges(view) }</div>
            <p class="card__text">{ role.description.clone() }</p>
            <div class="card__body">
                if role.superuser {
                    <p class="everything"><Icon name="infinity" />{ "Everything, also what is added tomorrow" }</p>
                } else if grants.is_empty() {
                    <p class="card__none"><Icon name="circle" />{ "Grants nothing by itself" }</p>
                } else {
                    { list(grants.iter().take(SHOWN)) }
                    if more > 0 {
                        <details class="card__more">
                            <summary>
                                { text::count(u64::try_from(more).unwrap_or_default(), "more category", "more categories") }
                                <Icon name="chevron-down" />
                            </summary>
                            { list(grants.iter().skip(SHOWN)) }
                        </details>
                    }
                }
            </div>
            <div class="card__foot">
                <span><Icon name="users" />{ text::count(view.holders, "person holds it", "people hold it") }</span>
                if !packages.is_empty() {
                    <span><Icon name="package" />{ packages.join(", ") }</span>
                }
            </div>
        </li>
    }
}

fn list<'c>(categories: impl Iterator<Item = &'c Category>) -> Html {
    html! {
        <dl class="grants">
            { for categories.map(|category| html! {
                <div class="grants__row" key={category.label.clone()}>
                    <dt>{ category.label.clone() }</dt>
                    <dd title={category.grants.join(", ")}>{ category.words() }</dd>
                </div>
            }) }
        </dl>
    }
}
