//! What a person's roles come to for the whole tenant: every permission that they hold, by module, with what gives it.

use std::rc::Rc;

use rolewright_model::console;
use rolewright_model::explain::EffectivePermission;
use yew::prelude::*;

use super::page::Loaded;
use crate::access::{permission_name, role_name, use_access};
use crate::policy::level_mark;
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

/// The permissions of a person for the whole tenant.
#[component]
pub fn Effective(props: &Props) -> Html {
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
    let everything = view.roles.iter().any(|held| {
        held.not_counting.is_none() && held.scope == "/" && view.superuser_roles.contains(&held.role)
    });
    let everything = html! {
        <div class="slot">
            if everything {
                <Banner tone={Tone::Note}>{ "This person is a superuser: everything is allowed, also what is added tomorrow." }</Banner>
            }
        </div>
    };
    let sources = |it: &EffectivePermission| {
        let held = it.sources.iter().filter_map(|position| view.roles.get(*position));
        let name = |id: &String| role_name(access.as_ref(), id);
        let mut names: Vec<String> = held.map(|held| name(&held.role)).collect();
        names.dedup();
        html! {
            <span class="effective__sources">
                { for names.into_iter().map(|name| html! { <Chip key={name.clone()}>{ name.clone() }</Chip> }) }
                if it.implied {
                    <span class="source source--inherited"><Icon name="arrow-down" />{ "implied" }</span>
                }
            </span>
        }
    };
    if held.is_empty() {
        return html! {
            <Empty key="none" icon="key-round" title="No permissions" text="Nothing that this person holds counts now, or it gives nothing for the whole tenant." />
        };
    }
    let (Some(access), Some(tree)) = (&access, (*tree).clone()) else {
        let name = |id: &str| permission_name(access.as_ref(), id);
        return html! {
            <div class="effective" key="ids">
                { everything }
                <p class="muted">{ format!("Permissions stand here by their ids: you need \u{201c}{}\u{201d} to see what they are called.", name(console::ROLES_VIEW)) }</p>
                <section class="module">
                    <ul class="module__rows">
                        { for held.iter().map(|it| html! {
                            <li class="effective__row" key={it.permission.clone()}>
                                <span class="effective__name"><code>{ it.permission.clone() }</code></span>
                                <span class="level">{ it.level.clone() }</span>
                                { sources(it) }
                            </li>
                        }) }
                    </ul>
                </section>
            </div>
        };
    };
    let of = |row: &Row| held.iter().find(|it| row.id == it.permission);
    let shown = |row: usize| found.as_ref().as_ref().is_none_or(|found| found.binary_search(&row).is_ok());
    let matches = tree.rows.iter().enumerate().filter(|(at, row)| shown(*at) && of(row).is_some()).count();
    let look = |row: &Row, level: &str| {
        let catalogue = access.policy().map(|policy| policy.catalogue());
        let level = catalogue.and_then(|catalogue| catalogue.scale(row.handle)?.level(level));
        let level = level.unwrap_or_default();
        (level, level_mark(catalogue.map(|catalogue| (catalogue, row.handle)), level))
    };
    html! {
        <div class="effective" key="tree">
            { everything }
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
                        <div class="module__head module__head--open">
                            <h2 class="module__title">{ module.label.clone() }</h2>
                            <span class="module__count">{ format!("{} of {all}", module.rows().iter().filter_map(|at| tree.rows.get(*at)).filter(|row| of(row).is_some()).count()) }</span>
                        </div>
                        <ul class="module__rows">
                            { for rows.into_iter().map(|(row, it)| {
                                let (level, (class, icon)) = look(row, &it.level);
                                html! {
                                    <li class="effective__row" key={row.id.to_string()}>
                                        <span class="effective__name">
                                            <span>{ row.label.clone() }</span>
                                            <code class="effective__id">{ row.id.clone() }</code>
                                        </span>
                                        <span class={classes!("level", class)}>
                                            <Icon name={icon} />{ row.level(level) }
                                        </span>
                                        { sources(it) }
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
