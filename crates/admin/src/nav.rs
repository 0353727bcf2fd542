//! The way to other pages: links, the address, and its query.

use std::rc::Rc;

use yew::prelude::*;

use crate::api::Query;
use crate::guard::{self, Leave};
use crate::route::Route;
use crate::router::{self, Location, use_location};
use crate::{browser, tenant};

/// Goes to a page, past the guard.
pub fn go(route: &Route) {
    go_with(route, String::new());
}

/// Goes to a page with a query, `?tab=permissions`, past the guard.
pub fn go_with(route: &Route, query: String) {
    if let Some(leave) = guard::stop(Leave::To(route.clone(), query)) {
        open(&leave);
    }
}

/// Changes the query of the page that is open. Nothing is left, so nobody is asked.
pub fn set_query(route: &Route, query: &str) {
    router::replace(&address(route, query));
    guard::moved_to(Location::now().address());
}

/// Goes on to another query of the page that is open, which Back leads back from.
pub fn turn_to(route: &Route, query: &str) {
    router::push(&address(route, query));
}

/// Goes to another page in place of this one.
pub fn replace_with(route: &Route) {
    router::replace(&route.path());
}

/// Goes where somebody wants to go, whom nobody needs to ask any more.
pub fn open(leave: &Leave) {
    match leave {
        Leave::To(route, query) => {
            router::push(&address(route, query));
            if let Some(window) = browser::window() {
                window.scroll_to_with_x_and_y(0.0, 0.0);
            }
        }
        Leave::Address(address) => router::push(address),
    }
}

fn address(route: &Route, query: &str) -> String {
    [&*route.path(), query].concat()
}

/// The query of the address, `?search=ana`, by name.
#[hook]
pub fn use_query() -> Rc<QueryMap> {
    let location = use_location();
    use_memo(location.query, |text| QueryMap::parse(text))
}

/// What stands between the parts of a list in an address.
pub const COMMA: &str = ",";

/// The parameters of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryMap(Vec<(String, String)>);

impl QueryMap {
    fn parse(text: &str) -> Self {
        let decode = |text: &str| {
            let text = text.replace('+', " ");
            js_sys::decode_uri_component(&text).map(String::from).unwrap_or(text)
        };
        let pairs = text.trim_start_matches('?').split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(name), decode(value))
                })
                .collect(),
        )
    }

    /// The parameter of that name; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The query with some parameters as they are here, and the others as they were; an empty one goes.
    pub fn with(&self, changed: &[(&str, &str)]) -> Query {
        let kept = self.0.iter().map(|(name, value)| (&**name, &**value));
        let kept = kept.filter(|(name, _)| changed.iter().all(|(other, _)| other != name));
        kept.chain(changed.iter().copied())
            .fold(Query::default(), |query, (name, value)| query.with(name, value))
    }

    /// The ids or names in the parameter of that name, with [`COMMA`] between.
    pub fn list(&self, name: &str) -> Vec<String> {
        self.get(name).split(COMMA).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }
}

/// A link to a page of the app. Opens in a new tab as any link does.
#[derive(Properties, PartialEq)]
pub struct LinkProps {
    /// Where it leads.
    pub to: Route,
    /// With which query.
    #[prop_or_default]
    pub query: AttrValue,
    /// Its classes.
    #[prop_or_default]
    pub class: Classes,
    /// What to say of it, `page`, where it leads to the page that is open.
    #[prop_or_default]
    pub current: Option<AttrValue>,
    /// A name, where the content does not say it.
    #[prop_or_default]
    pub label: Option<AttrValue>,
    /// Its place in the order of Tab, where it stands in a grid that has one of its own.
    #[prop_or_default]
    pub tabindex: Option<AttrValue>,
    /// Told after it was followed.
    #[prop_or_default]
    pub onfollow: Callback<()>,
    /// What it shows.
    pub children: Html,
}

/// A link to a page of the app.
#[component]
pub fn Link(props: &LinkProps) -> Html {
    let onclick = {
        let (to, query, onfollow) = (props.to.clone(), props.query.clone(), props.onfollow.clone());
        Callback::from(move |event: MouseEvent| {
            if event.button() != 0
                || event.ctrl_key()
                || event.meta_key()
                || event.shift_key()
                || event.alt_key()
            {
                return;
            }
            event.prevent_default();
            onfollow.emit(());
            go_with(&to, query.to_string());
        })
    };
    let href = tenant::address(&address(&props.to, &props.query));
    html! {
        <a {href} {onclick} class={props.class.clone()} tabindex={props.tabindex.clone()} aria-current={props.current.clone()} aria-label={props.label.clone()}>
            { props.children.clone() }
        </a>
    }
}

/// The way between pages that are about the same, as tabs; the one that is open is marked.
pub fn tabs(
    label: &'static str,
    here: &Route,
    pages: impl IntoIterator<Item = (Route, &'static str)>,
) -> Html {
    let tab = |(to, label): (Route, &'static str)| {
        let current = (to == *here).then_some(AttrValue::Static("page"));
        html! { <Link key={label} {to} class="tabs__tab" {current}>{ label }</Link> }
    };
    html! { <nav class="tabs" aria-label={label}>{ for pages.into_iter().map(tab) }</nav> }
}
