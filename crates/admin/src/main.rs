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
mod csv;
#[cfg(test)]
mod dice;
mod draft;
mod due;
mod focus;
mod frame;
mod guard;
mod in_sight;
mod live;
mod look;
mod media;
mod nav;
mod pages;
mod painted;
mod palette;
mod parts;
mod pickers;
mod place;
mod policy;
mod resource;
mod route;
mod router;
mod rows;
mod same;
mod scrolled;
mod sending;
mod session;
mod shortcuts;
mod states;
mod tenant;
mod text;
mod toast;
mod tree;
mod trial;
mod typing;
mod widgets;

use route::Route;
use router::Location;

/// As in the checker: a third of the size of the standard library's own.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

fn main() {
    guard::watch_history();
    widgets::watch_escape();
    parts::ahead(&Route::of(&Location::now().path));
    if let Some(root) = browser::element_by_id("app") {
        yew::mount::<app::App>(root);
    }
}
