//! What a component provides its descendants with, found by its type.

use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell};
use std::iter;
use std::rc::Rc;

use crate::functional::{Hook, component, hooked};
use crate::html::{AnyScope, Html, Properties};
use crate::shell::Shell;
use crate::slots::{Again, HookContext, Slot};

/// A value that is provided, and who is to be rendered again where it changes.
pub(crate) struct Provided {
    kind: TypeId,
    value: RefCell<Rc<dyn Any>>,
    users: RefCell<Vec<(usize, Again)>>,
    next: Cell<usize>,
}

impl Provided {
    /// Whether the value is of a type.
    pub(crate) fn is_of(&self, kind: TypeId) -> bool {
        self.kind == kind
    }

    fn set(&self, value: Rc<dyn Any>) {
        self.value.replace(value);
        let users: Vec<Again> = self.users.borrow().iter().map(|(_, again)| again.clone()).collect();
        for again in users {
            again();
        }
    }
}

/// A component that uses what is provided.
pub(crate) struct Subscription {
    to: Rc<Provided>,
    number: usize,
}

impl Subscription {
    fn new(to: Rc<Provided>, again: Again) -> Self {
        let number = to.next.get();
        to.next.set(number.wrapping_add(1));
        to.users.borrow_mut().push((number, again));
        Self { to, number }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.to.users.borrow_mut().retain(|(number, _)| *number != self.number);
    }
}

/// The nearest value of a type that is provided above a component.
fn find(scope: &AnyScope, kind: TypeId) -> Option<Rc<Provided>> {
    let above = iter::successors(scope.get_parent(), |scope| scope.get_parent());
    above.filter_map(AnyScope::try_downcast::<Shell>).find_map(|scope| scope.get_component()?.provided(kind))
}

/// The subscription of the hook that is asked now.
fn subscription(ctx: &mut HookContext, kind: TypeId) -> Rc<Option<Subscription>> {
    if let Some(Slot::Subscription(subscription)) = ctx.next() {
        return subscription;
    }
    let found = ctx.scope().and_then(|scope| find(scope, kind));
    let subscription = Rc::new(found.map(|found| Subscription::new(found, ctx.again())));
    ctx.keep(Slot::Subscription(subscription.clone()));
    subscription
}

/// What is provided of a type, where anything is; the component is rendered again where it changes.
pub fn use_context<T: Clone + 'static>() -> impl Hook<Output = Option<T>> {
    hooked(|ctx| {
        let subscription = subscription(ctx, TypeId::of::<T>());
        let value = subscription.as_ref().as_ref()?.to.value.borrow();
        value.downcast_ref().cloned()
    })
}

/// Provides a value.
fn use_provided<T: PartialEq + Clone + 'static>(value: &T) -> impl Hook<Output = ()> {
    let value = value.clone();
    hooked(|ctx| {
        if let Some(Slot::Provided(provided)) = ctx.next() {
            let stays = provided.value.borrow().downcast_ref() == Some(&value);
            if !stays {
                provided.set(Rc::new(value));
            }
        } else {
            ctx.keep(Slot::Provided(Rc::new(Provided {
                kind: TypeId::of::<T>(),
                value: RefCell::new(Rc::new(value)),
                users: RefCell::default(),
                next: Cell::default(),
            })));
        }
    })
}

/// What is provided, and to whom.
#[derive(Debug, PartialEq, Properties)]
pub struct ContextProviderProps<T: PartialEq> {
    /// The value.
    pub context: T,
    /// Who may use it, and all below.
    pub children: Html,
}

/// Provides what is below with a value.
#[component]
pub fn ContextProvider<T: Clone + PartialEq + 'static>(props: &ContextProviderProps<T>) -> Html {
    use_provided(&props.context);
    props.children.clone()
}
