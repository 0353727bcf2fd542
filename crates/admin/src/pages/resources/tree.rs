//! The tree of places, as the ARIA practices say: one place is in the tab order, arrows go up, down, in and out.

use std::collections::BTreeMap;
use std::rc::Rc;

use rolewright_wire::place::PlaceRow;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::access::{place_name, use_access};
use crate::browser;
use crate::place;
use crate::text;
use crate::widgets::Icon;

/// How many places are seen at once; of more only the first level and what leads to the chosen one is open at first.
const MANY: usize = 50;

/// The tree.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The places that are known.
    pub places: Rc<Vec<PlaceRow>>,
    /// Whether they were searched for, and so are wanted in sight.
    pub searched: bool,
    /// The one that is shown.
    pub chosen: AttrValue,
    /// Told which shall be shown.
    pub onchoose: Callback<String>,
}

/// A place in the tree.
struct Node {
    path: String,
    held: u64,
    below: Vec<Node>,
}

/// The tree.
#[component]
pub fn PlaceTree(props: &Props) -> Html {
    let access = use_access();
    let node = use_node_ref();
    // What was opened or folded by hand.
    let set = use_state(BTreeMap::<String, bool>::new);
    let root = use_memo(props.places.clone(), |places| grow(places));
    let toggle = {
        let set = set.clone();
        move |path: &str, open: bool| {
            let mut next = (*set).clone();
            next.insert(path.to_owned(), open);
            set.set(next);
        }
    };
    let all = props.searched || props.places.len() <= MANY;
    let is_open = |path: &str| set.get(path).copied().unwrap_or(all || leads_to(path, &props.chosen));
    let onclick = {
        let (onchoose, toggle) = (props.onchoose.clone(), toggle.clone());
        Callback::from(move |event: MouseEvent| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let Some(item) = target.as_ref().and_then(|target| target.closest("[role=treeitem]").ok()?)
            else {
                return;
            };
            let path = item.get_attribute("data-path").unwrap_or_default();
            let on_toggle = target.and_then(|target| target.closest(".place-tree__toggle").ok()?).is_some();
            match item.get_attribute("aria-expanded").filter(|_| on_toggle) {
                Some(open) => toggle(&path, open != "true"),
                None => onchoose.emit(path),
            }
        })
    };
    let onkeydown = {
        let (node, onchoose) = (node.clone(), props.onchoose.clone());
        Callback::from(move |event: KeyboardEvent| {
            let Some(tree) = node.cast::<HtmlElement>() else { return };
            let items = browser::find_all(&tree, "[role=treeitem]");
            let Some(now) =
                browser::focused().and_then(|focused| items.iter().position(|item| *item == focused))
            else {
                return;
            };
            let Some(item) = items.get(now) else { return };
            let path = item.get_attribute("data-path").unwrap_or_default();
            let open = item.get_attribute("aria-expanded");
            let next = match event.key().as_str() {
                "ArrowDown" => Some(now + 1),
                "ArrowUp" => now.checked_sub(1),
                "Home" => Some(0),
                "End" => Some(items.len().saturating_sub(1)),
                "ArrowRight" if open.as_deref() == Some("false") => {
                    toggle(&path, true);
                    None
                }
                "ArrowRight" if open.is_some() => Some(now + 1),
                "ArrowLeft" if open.as_deref() == Some("true") => {
                    toggle(&path, false);
                    None
                }
                "ArrowLeft" => {
                    let level = |item: &HtmlElement| {
                        item.get_attribute("aria-level").and_then(|it| it.parse::<usize>().ok())
                    };
                    let own = level(item);
                    items.iter().take(now).rposition(|before| level(before) < own)
                }
                "Enter" | " " => {
                    onchoose.emit(path);
                    None
                }
                _ => return,
            };
            event.prevent_default();
            if let Some(item) = next.and_then(|next| items.get(next)) {
                browser::focus(item);
            }
        })
    };
    let words = |path: &str| place_name(access.as_ref(), path);
    let known = is_in_sight(&root, &props.chosen, &is_open);
    html! {
        <ul class="place-tree" role="tree" aria-label="Places" ref={node} {onclick} {onkeydown}>
            { show(&root, 1, &props.chosen, known, &is_open, &words) }
        </ul>
    }
}

fn show(
    node: &Node,
    level: usize,
    chosen: &str,
    known: bool,
    is_open: &dyn Fn(&str) -> bool,
    words: &dyn Fn(&str) -> String,
) -> Html {
    let is_chosen = node.path == chosen;
    let open = (!node.below.is_empty()).then(|| is_open(&node.path));
    let in_order = is_chosen || !known && level == 1;
    // What is below stands beside the place and not in it: so its name is its own words.
    html! {
        <li key={node.path.clone()} role="none">
            <div class="place-tree__item" role="treeitem" data-path={node.path.clone()} aria-level={level.to_string()}
                aria-selected={is_chosen.to_string()} aria-expanded={open.map(|open| open.to_string())} tabindex={if in_order { "0" } else { "-1" }}>
                if open.is_some() {
                    <Icon name="chevron-down" class="place-tree__toggle" />
                } else {
                    <Icon name={if node.path == "/" { "globe" } else { "minus" }} />
                }
                <span>{ words(&node.path) }</span>
                if node.held > 0 {
                    <span class="place-tree__count" aria-hidden="true">{ text::number(node.held) }</span>
                    <span class="visually-hidden">{ text::count(node.held, "assignment", "assignments") }</span>
                }
            </div>
            if open == Some(true) {
                <ul role="group">{ for node.below.iter().map(|below| show(below, level + 1, chosen, known, is_open, words)) }</ul>
            }
        </li>
    }
}

/// Whether a place is everything, the chosen one, or above it.
fn leads_to(path: &str, chosen: &str) -> bool {
    path == "/" || path == chosen || place::above(chosen).iter().any(|above| above == path)
}

fn is_in_sight(node: &Node, path: &str, is_open: &dyn Fn(&str) -> bool) -> bool {
    node.path == path
        || is_open(&node.path) && node.below.iter().any(|below| is_in_sight(below, path, is_open))
}

/// The tree of some paths, with everything that is above them.
fn grow(places: &[PlaceRow]) -> Node {
    let mut root = Node { path: "/".to_owned(), held: 0, below: Vec::new() };
    for row in places {
        let mut at = &mut root;
        let ways = place::above(&row.place).into_iter().skip(1).chain([row.place.clone()]);
        for way in ways {
            let known = at.below.iter().position(|below| below.path == way).unwrap_or_else(|| {
                at.below.push(Node { path: way, held: 0, below: Vec::new() });
                at.below.len() - 1
            });
            let Some(next) = at.below.get_mut(known) else { return root };
            at = next;
        }
        at.held = row.assignments;
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_to_the_chosen_place_is_what_is_above_it() {
        for (path, expected) in [
            ("/", true),
            ("servers", true),
            ("servers/prod", true),
            ("servers/prod/tasks", true),
            ("servers/prod/tasks/t1", false),
            ("servers/pro", false),
            ("servers/staging", false),
        ] {
            assert_eq!(leads_to(path, "servers/prod/tasks"), expected, "{path}");
        }
    }
}
