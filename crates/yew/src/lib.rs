//! Yew as the admin app uses it, with what Yew compiles once a component compiled once.
//!
//! Yew makes a scope, a state, a queue of messages and a runner of its own for each component, and a reducer, a handle and
//! their drops for each type that is kept in a hook. That was a quarter of the app's code. Here all components are one
//! of Yew's, the [`Shell`](shell::Shell), which is given what a component shows as a value; and hooks keep values whose type
//! only their handles know.
//!
//! Yew's macros (`html!`, `#[component]`, `#[hook]`, `Properties`) write paths that begin with `::yew`, which is this crate
//! where it is used. Rendering, reconciling, events and the scheduler are Yew's.

extern crate self as yew;

pub mod context;
pub mod functional;
pub mod html;
mod node;
mod shell;
mod slots;
pub mod utils;
pub mod virtual_dom;
mod written;

pub use shell::mount;

/// All that components are written with.
pub mod prelude {
    pub use crate::context::ContextProvider;
    pub use crate::functional::*;
    pub use crate::html::{Classes, Html, NodeRef, Properties};
    pub use crate::virtual_dom::AttrValue;
    pub use upstream::Callback;
    pub use upstream::events::*;
    pub use upstream::macros::{classes, html};
}

pub use prelude::*;
