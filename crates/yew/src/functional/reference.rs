//! What is kept and may change without a rendering, and a rendering without a change.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use super::{Hook, hooked};
use crate::html::NodeRef;
use crate::slots::{Again, HookContext, Slot};

/// The value of the hook that is asked now.
fn value<T: 'static>(ctx: &mut HookContext, begin: impl FnOnce() -> T) -> Rc<T> {
    if let Some(Slot::Value(value)) = ctx.next()
        && let Ok(value) = value.downcast()
    {
        return value;
    }
    let value = Rc::new(begin());
    ctx.keep(Slot::Value(value.clone()));
    value
}

/// Keeps a value that may change without a rendering.
pub fn use_mut_ref<T: 'static>(init: impl FnOnce() -> T) -> impl Hook<Output = Rc<RefCell<T>>> {
    hooked(|ctx| value(ctx, || RefCell::new(init())))
}

/// Refers to an element.
pub fn use_node_ref() -> impl Hook<Output = NodeRef> {
    hooked(|ctx| (*value(ctx, NodeRef::new)).clone())
}

/// Renders a component again.
#[derive(Clone)]
pub struct UseForceUpdate(Again);

impl UseForceUpdate {
    /// Does so.
    pub fn force_update(&self) {
        (self.0)();
    }
}

impl fmt::Debug for UseForceUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UseForceUpdate")
    }
}

/// The way to have the component rendered again.
pub fn use_force_update() -> impl Hook<Output = UseForceUpdate> {
    hooked(|ctx| UseForceUpdate(ctx.again()))
}
