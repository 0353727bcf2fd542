//! Effects: what is done after a rendering, and ended before it is done again or the component goes.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use super::{Hook, hooked};
use crate::slots::{HookContext, Slot};

type End = Box<dyn FnOnce()>;
type Due = Box<dyn FnOnce() -> Option<End>>;

/// What ends an effect: a function, or nothing.
pub trait TearDown: Sized + 'static {
    /// As a function, where there is anything to do.
    #[doc(hidden)]
    fn boxed(self) -> Option<Box<dyn FnOnce()>>;
}

impl TearDown for () {
    fn boxed(self) -> Option<End> {
        None
    }
}

impl<F: FnOnce() + 'static> TearDown for F {
    fn boxed(self) -> Option<End> {
        Some(Box::new(self))
    }
}

/// One effect of a component.
#[derive(Default)]
pub(crate) struct Effect {
    /// What it was done for last.
    about: RefCell<Option<Rc<dyn Any>>>,
    due: RefCell<Option<Due>>,
    end: RefCell<Option<End>>,
}

impl Effect {
    /// Does what is due.
    pub(crate) fn run(&self) {
        if let Some(due) = self.due.take() {
            self.end();
            self.end.replace(due());
        }
    }

    fn end(&self) {
        if let Some(end) = self.end.take() {
            end();
        }
    }
}

impl Drop for Effect {
    fn drop(&mut self) {
        self.end();
    }
}

/// The effect of the hook that is asked now.
fn effect(ctx: &mut HookContext) -> Rc<Effect> {
    if let Some(Slot::Effect(effect)) = ctx.next() {
        return effect;
    }
    let effect = Rc::<Effect>::default();
    ctx.keep(Slot::Effect(effect.clone()));
    effect
}

/// Does something after each rendering.
pub fn use_effect<D: TearDown>(run: impl FnOnce() -> D + 'static) -> impl Hook<Output = ()> {
    hooked(|ctx| {
        effect(ctx).due.replace(Some(Box::new(|| run().boxed())));
    })
}

/// Does something after the first rendering, and after each in which `about` is no longer what it was.
pub fn use_effect_with<T: PartialEq + 'static, D: TearDown>(
    about: T,
    run: impl FnOnce(&T) -> D + 'static,
) -> impl Hook<Output = ()> {
    hooked(|ctx| {
        let effect = effect(ctx);
        if effect.about.borrow().as_ref().and_then(|last| last.downcast_ref()) == Some(&about) {
            return;
        }
        let about = Rc::new(about);
        effect.about.replace(Some(about.clone()));
        effect.due.replace(Some(Box::new(move || run(&about).boxed())));
    })
}
