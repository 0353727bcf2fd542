//! A page that needs a permission: what the person may not see is not asked for.

use yew::prelude::*;

use super::use_title;
use super::view_banner::name;
use crate::access::{permission_name, use_access};
use crate::nav::Link;
use crate::route::Route;
use crate::session::use_session;
use crate::text;
use crate::widgets::Empty;

/// A page and what it needs.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// One of Rolewright's own permissions.
    pub permission: AttrValue,
    /// What the page shows, after "see".
    pub what: AttrValue,
    /// The page.
    pub children: Html,
}

/// Shows the page to who may see it, and to others what they lack.
#[component]
pub fn Needs(props: &Props) -> Html {
    let access = use_access();
    if access.is_some_and(|access| access.may(&props.permission)) {
        return html! { <div class="slot" key="page">{ props.children.clone() }</div> };
    }
    html! { <Refused key="refused" permission={props.permission.clone()} what={props.what.clone()} /> }
}

/// What the person lacks.
#[derive(Properties, PartialEq)]
pub struct RefusedProps {
    /// One of Rolewright's own permissions.
    pub permission: AttrValue,
    /// What the page shows, after "see".
    pub what: AttrValue,
}

/// A page that is not for the person.
#[component]
pub fn Refused(props: &RefusedProps) -> Html {
    use_title("Not for you");
    let (access, session) = (use_access(), use_session());
    let RefusedProps { permission, what } = props;
    let permission = permission_name(access.as_ref(), permission);
    // Whoever views as somebody else reads it of them.
    let viewed = session.current().and_then(|session| session.view.as_ref().map(name));
    let (title, text) = match viewed {
        Some(whom) => (
            format!("{} may not see {what}", text::title(&whom)),
            format!("It takes \u{201c}{permission}\u{201d} to see this."),
        ),
        None => (
            format!("You may not see {what}"),
            format!("You need \u{201c}{permission}\u{201d} to see this. Ask an administrator."),
        ),
    };
    html! {
        <Empty icon="lock" {title} {text} page=true>
            <Link to={Route::Overview} class="button button--secondary">{ "Go to the overview" }</Link>
        </Empty>
    }
}
