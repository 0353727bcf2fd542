//! Rolewright's admin app: people, what they hold, and what each role gives.
//!
//! What a person may do is asked of the model, with the person's own snapshot: see [`access`].
#![recursion_limit = "512"]
#![allow(
    unreachable_pub,
    reason = "an application has no outside: `pub` says that a module shares something"
)]

mod access;
mod api;
mod app;
mod batch;
mod browser;
mod condition;
mod frame;
mod guard;
mod live;
mod pages;
mod pickers;
mod place;
mod policy;
mod resource;
mod route;
mod session;
mod states;
mod text;
mod theme;
mod toast;
mod tree;
mod trial;
mod typing;
mod widgets;

fn main() {
    guard::watch_history();
    widgets::watch_escape();
    match browser::element_by_id("app") {
        Some(root) => drop(yew::Renderer::<app::App>::with_root(root).render()),
        None => drop(yew::Renderer::<app::App>::new().render()),
    }
}
