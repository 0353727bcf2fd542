//! The modules, each with how much of it the role gives. A click leads to it.

use std::rc::Rc;

use rolewright_model::Level;
use yew::prelude::*;

use super::effects::Effects;
use crate::browser;
use crate::painted::use_painted;
use crate::tree::Tree;

/// The modules.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The permissions.
    pub tree: Rc<Tree>,
    /// What the draft comes to.
    pub effects: Rc<Effects>,
    /// The rows that a search leaves, in order; none where nothing is searched for.
    pub found: Option<Rc<Vec<usize>>>,
}

/// The modules. What they come to, and which are found, may follow a moment after what was ticked or typed.
#[component]
pub fn ModuleList(props: &Props) -> Html {
    let (effects, found) = use_painted((props.effects.clone(), props.found.clone()));
    html! { <Modules tree={props.tree.clone()} {effects} {found} /> }
}

#[component]
fn Modules(props: &Props) -> Html {
    let Props { tree, effects, found } = props;
    let jump = |id: AttrValue| {
        Callback::from(move |event: MouseEvent| {
            event.prevent_default();
            let Some(module) = browser::element_by_id(&format!("module-{id}")) else { return };
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Start);
            module.scroll_into_view_with_scroll_into_view_options(&options);
            if let Some(first) = browser::find(&module, "input") {
                browser::focus(&first);
            }
        })
    };
    let first_apart = tree.modules.iter().position(|module| module.apart);
    html! {
        <nav class="modules" aria-label="Modules">
            <ul>
                { for tree.modules.iter().enumerate().map(|(position, module)| {
                    let rows = module.rows();
                    let given = rows.iter().filter(|row| effects.reached(**row) > Level::NONE).count();
                    let (now, all) = (given.to_string(), rows.len().to_string());
                    let state = match given {
                        0 => "modules__link--none",
                        n if n == rows.len() => "modules__link--all",
                        _ => "modules__link--some",
                    };
                    let is_found = found.as_ref().is_none_or(|found| rows.iter().any(|row| found.binary_search(row).is_ok()));
                    let words = html! {
                        <>
                            <span class="modules__name">{ module.label.clone() }</span>
                            <span class="modules__count">{ if is_found { "" } else { "no match, " } }{ format!("{given} of {}", rows.len()) }</span>
                            <progress class="modules__bar" value={now} max={all} aria-hidden="true"></progress>
                        </>
                    };
                    html! {
                        <li key={module.id.to_string()}>
                            if first_apart == Some(position) {
                                <p class="modules__heading">{ "Rolewright" }</p>
                            }
                            if is_found {
                                <a href={format!("#module-{}", module.id)} class={classes!("modules__link", state)} onclick={jump(module.id.clone())}>{ words }</a>
                            } else {
                                <div class="modules__link modules__link--away">{ words }</div>
                            }
                        </li>
                    }
                }) }
            </ul>
        </nav>
    }
}
