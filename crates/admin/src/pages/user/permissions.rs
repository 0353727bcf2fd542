//! What a person's roles come to: every permission that they hold, by module, with what gives it.

use std::rc::Rc;

use rolewright_model::explain::EffectivePermission;
use yew::prelude::*;

use super::page::Loaded;
use crate::access::use_access;
use crate::states::use_text;
use crate::text;
use crate::tree::{Row, Tree};
use crate::widgets::{Banner, Chip, Empty, Icon, SearchField, Tone};

/// The permissions of a person.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whose.
    pub user: Loaded,
}

/// The permissions of a person.
#[component]
pub fn Permissions(props: &Props) -> Html {
    let access = use_access();
    let words = use_text();
    let tree = use_memo(access.clone(), |access| {
        let policy = access.as_ref().and_then(|access| access.policy());
        policy.map(|policy| Rc::new(Tree::of(policy.state())))
    });
    let oninput = use_callback(words.setter(), |value: String, words| words.set(value));
    let view = props.user.view();
    let held = &view.permissions;
    let found = use_memo(((*words).clone(), tree.clone()), |(words, tree)| {
        tree.as_ref().as_ref().map(|tree| tree.search(words))
    });
    let (Some(access), Some(tree)) = (access, (*tree).clone()) else {
        return html! {
            <ul class="plain-list" key="ids">
                { for held.iter().map(|it| html! { <li key={it.permission.clone()}><code>{ it.permission.clone() }</code>{ " " }{ it.level.clone() }</li> }) }
            </ul>
        };
    };
    if held.is_empty() {
        return html! {
            <Empty key="none" icon="key-round" title="No permissions" text="Nothing that this person holds counts now, or it gives nothing for the whole tenant." />
        };
    }
    let everything = view.roles.iter().any(|held| {
        held.not_counting.is_none()
            && held.scope == "/"
            && access.policy().and_then(|policy| policy.role(&held.role)).is_some_and(|role| role.superuser)
    });
    let of = |row: &Row| held.iter().find(|it| row.id == it.permission);
    let shown = |row: usize| found.as_ref().as_ref().is_none_or(|found| found.binary_search(&row).is_ok());
    let matches = tree.rows.iter().enumerate().filter(|(at, row)| shown(*at) && of(row).is_some()).count();
    let sources = |it: &EffectivePermission| {
        let mut names: Vec<String> = it
            .sources
            .iter()
            .filter_map(|position| view.roles.get(*position))
            .map(|held| access.role_name(&held.role))
            .collect();
        names.dedup();
        names
    };
    html! {
        <div class="effective" key="tree">
            <div class="slot">
                if everything {
                    <Banner tone={Tone::Note}>{ "This person is a superuser: everything is allowed, also what is added tomorrow." }</Banner>
                }
            </div>
            <div class="filters">
                <SearchField label="Search permissions" placeholder="Search permissions" value={(*words).clone()} {oninput} />
                <p class="filters__count" role="status">{ text::count(u64::try_from(matches).unwrap_or_default(), "permission", "permissions") }</p>
            </div>
            { for tree.modules.iter().map(|module| {
                let rows: Vec<_> = module.rows().into_iter().filter(|row| shown(*row))
                    .filter_map(|at| tree.rows.get(at)).filter_map(|row| Some((row, of(row)?))).collect();
                let all = module.rows().len();
                html! {
                    <section class="module" key={module.id.to_string()} hidden={rows.is_empty()}>
                        <div class="module__head">
                            <h2 class="module__title">{ module.label.clone() }</h2>
                            <span class="module__count">{ format!("{} of {all}", module.rows().iter().filter_map(|at| tree.rows.get(*at)).filter(|row| of(row).is_some()).count()) }</span>
                        </div>
                        <ul class="module__rows">
                            { for rows.into_iter().map(|(row, it)| {
                                let top = row.levels.last().is_some_and(|level| level.id == it.level);
                                let label = row.levels.iter().find(|level| level.id == it.level).map(|level| level.label.clone()).unwrap_or_default();
                                html! {
                                    <li class="effective__row" key={row.id.to_string()}>
                                        <span class="effective__name">
                                            <span>{ row.label.clone() }</span>
                                            <code class="effective__id">{ row.id.clone() }</code>
                                        </span>
                                        <span class={classes!("level", if top { "level--granted" } else { "level--partial" })}>
                                            <Icon name={if top { "check" } else { "contrast" }} />{ label }
                                        </span>
                                        <span class="effective__sources">
                                            { for sources(it).into_iter().map(|name| html! { <Chip key={name.clone()}>{ name.clone() }</Chip> }) }
                                            if it.implied {
                                                <span class="source source--inherited"><Icon name="arrow-down" />{ "implied" }</span>
                                            }
                                        </span>
                                    </li>
                                }
                            }) }
                        </ul>
                    </section>
                }
            }) }
        </div>
    }
}
