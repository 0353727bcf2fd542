//! What the macros call `::yew::functional`: function components and their hooks.

mod effect;
mod reference;
mod remember;
mod state;
#[cfg(test)]
mod tests;

use std::fmt;
use std::marker::PhantomData;

use crate::html::{BaseComponent, Context, Html, HtmlResult, Properties};

pub use crate::context::use_context;
pub use crate::slots::HookContext;
pub(crate) use effect::Effect;
pub use effect::{TearDown, use_effect, use_effect_with};
pub use reference::{UseForceUpdate, use_force_update, use_mut_ref, use_node_ref};
pub(crate) use remember::Remembered;
pub use remember::{use_callback, use_memo};
pub(crate) use state::State;
pub use state::{
    Reducible, UseReducerDispatcher, UseReducerHandle, UseStateHandle, UseStateSetter, use_reducer, use_state,
};
pub use upstream::functional::{component, hook};

/// A component as a function of its hooks and its properties.
pub trait FunctionProvider {
    /// What it is given.
    type Properties: Properties + PartialEq;

    /// What it shows.
    fn run(ctx: &mut HookContext, props: &Self::Properties) -> HtmlResult;
}

/// What may be called first in a component, in the same order at each rendering.
pub trait Hook {
    /// What it answers.
    type Output;

    /// Runs it.
    fn run(self, ctx: &mut HookContext) -> Self::Output;
}

/// A hook of a function.
struct Run<F>(F);

impl<T, F: FnOnce(&mut HookContext) -> T> Hook for Run<F> {
    type Output = T;

    fn run(self, ctx: &mut HookContext) -> T {
        self.0(ctx)
    }
}

/// A function as a hook.
pub(crate) fn hooked<T>(run: impl FnOnce(&mut HookContext) -> T) -> impl Hook<Output = T> {
    Run(run)
}

/// A hook that borrows what it is called with, as the macros write it.
pub struct BoxedHook<'hook, T>(Box<dyn 'hook + FnOnce(&mut HookContext) -> T>);

impl<'hook, T> BoxedHook<'hook, T> {
    /// A function as a hook.
    pub fn new(run: Box<dyn 'hook + FnOnce(&mut HookContext) -> T>) -> Self {
        Self(run)
    }
}

impl<T> Hook for BoxedHook<'_, T> {
    type Output = T;

    fn run(self, ctx: &mut HookContext) -> T {
        self.0(ctx)
    }
}

impl<T> fmt::Debug for BoxedHook<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BoxedHook")
    }
}

/// What the macros write of a component's life. The [`Shell`](crate::shell::Shell) lives it, so nothing of this is called.
#[derive(Debug)]
pub struct FunctionComponent<C>(PhantomData<C>);

#[expect(missing_docs, reason = "Yew describes them")]
impl<C: BaseComponent + FunctionProvider> FunctionComponent<C> {
    pub fn new(_: &Context<C>) -> Self {
        Self(PhantomData)
    }

    pub fn render(&self, _: &<C as FunctionProvider>::Properties) -> HtmlResult {
        Html::default()
    }

    pub fn rendered(&self) {}

    pub fn destroy(&self) {}

    pub fn prepare_state(&self) -> Option<String> {
        None
    }
}
