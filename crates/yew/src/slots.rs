//! What a component keeps from one rendering to the next, by the order in which its hooks ask for it.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use crate::context::{Provided, Subscription};
use crate::functional::{Effect, Remembered, State};
use crate::html::AnyScope;

/// Renders a component again.
pub(crate) type Again = Rc<dyn Fn()>;

/// What one hook keeps.
#[derive(Clone)]
pub(crate) enum Slot {
    State(Rc<State>),
    Effect(Rc<Effect>),
    Remembered(Rc<RefCell<Option<Remembered>>>),
    Subscription(Rc<Option<Subscription>>),
    Provided(Rc<Provided>),
    Value(Rc<dyn Any>),
}

/// What a component's hooks keep.
pub struct HookContext {
    scope: Option<AnyScope>,
    again: Again,
    slots: Vec<Slot>,
    next: usize,
}

impl fmt::Debug for HookContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HookContext")
    }
}

impl HookContext {
    pub(crate) fn new(scope: Option<AnyScope>, again: Again) -> Self {
        Self { scope, again, slots: Vec::new(), next: 0 }
    }

    /// Begins a rendering.
    pub(crate) fn begin(&mut self) {
        self.next = 0;
    }

    /// Runs the effects of a rendering, now that the page shows it.
    pub(crate) fn rendered(&self) {
        for slot in &self.slots {
            if let Slot::Effect(effect) = slot {
                effect.run();
            }
        }
    }

    /// Forgets everything; effects are ended.
    pub(crate) fn end(&mut self) {
        self.slots.clear();
    }

    /// Where the component is.
    pub(crate) fn scope(&self) -> Option<&AnyScope> {
        self.scope.as_ref()
    }

    /// Renders the component again.
    pub(crate) fn again(&self) -> Again {
        self.again.clone()
    }

    /// What the next hook kept, or nothing at the first rendering: then it is to [`keep`](Self::keep) something.
    pub(crate) fn next(&mut self) -> Option<Slot> {
        let slot = self.slots.get(self.next).cloned();
        self.next += usize::from(slot.is_some());
        slot
    }

    /// Keeps something for the hook that was told that there is nothing yet.
    pub(crate) fn keep(&mut self, slot: Slot) {
        self.slots.push(slot);
        self.next = self.slots.len();
    }

    /// What the component provides its descendants with, of a type.
    pub(crate) fn provided(&self, kind: TypeId) -> Option<Rc<Provided>> {
        self.slots.iter().find_map(|slot| match slot {
            Slot::Provided(provided) if provided.is_of(kind) => Some(provided.clone()),
            _ => None,
        })
    }
}
