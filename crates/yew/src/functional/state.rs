//! State: a value that is kept, and replaced by another.
//!
//! What keeps it does not know the value's type, so it is compiled once; the handles know, and look at it so.

use std::any::Any;
use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::rc::Rc;

use upstream::Callback;

use super::{Hook, hooked};
use crate::slots::{Again, HookContext, Slot};

/// A kept value.
pub(crate) struct State {
    now: RefCell<Rc<dyn Any>>,
    again: Again,
}

impl State {
    fn now(&self) -> Rc<dyn Any> {
        self.now.borrow().clone()
    }

    /// Replaces the value and renders the component again.
    fn set(&self, value: Rc<dyn Any>) {
        drop(self.now.replace(value));
        (self.again)();
    }
}

/// The state of the hook that is asked now.
fn state(ctx: &mut HookContext, begin: impl FnOnce() -> Rc<dyn Any>) -> Rc<State> {
    if let Some(Slot::State(state)) = ctx.next() {
        return state;
    }
    let state = Rc::new(State { now: RefCell::new(begin()), again: ctx.again() });
    ctx.keep(Slot::State(state.clone()));
    state
}

/// A state as a handle saw it: the value at first, and each that took its place and was looked at.
struct Seen {
    state: Rc<State>,
    first: Link,
}

struct Link {
    value: Rc<dyn Any>,
    later: OnceCell<Box<Link>>,
}

impl Link {
    fn new(value: Rc<dyn Any>) -> Self {
        Self { value, later: OnceCell::new() }
    }
}

impl Seen {
    fn new(state: Rc<State>) -> Self {
        let first = Link::new(state.now());
        Self { state, first }
    }

    /// The value now, also where it was replaced since the handle was made. What is looked at stays for as long as the handle.
    fn now(&self) -> &dyn Any {
        let now = self.state.now();
        let mut link = &self.first;
        while !Rc::ptr_eq(&link.value, &now) {
            link = link.later.get_or_init(|| Box::new(Link::new(now.clone())));
        }
        &*link.value
    }
}

/// What a handle keeps is of its own type alone.
#[expect(clippy::expect_used, reason = "the types of a handle and of its state are one")]
fn of<T: 'static>(value: &dyn Any) -> &T {
    value.downcast_ref().expect("a state of the handle's type")
}

/// Whether two handles saw the same value at first.
fn same<T: PartialEq + 'static>(a: &Seen, b: &Seen) -> bool {
    of::<T>(&*a.first.value) == of::<T>(&*b.first.value)
}

macro_rules! handle {
    ($handle:ident, $setter:ident, $name:literal) => {
        #[doc = concat!("A ", $name, " as it was at a rendering, and as it is now.")]
        pub struct $handle<T>(Seen, PhantomData<T>);

        #[doc = concat!("The way to change a ", $name, ".")]
        pub struct $setter<T>(Rc<State>, PhantomData<T>);

        impl<T: 'static> Deref for $handle<T> {
            type Target = T;

            fn deref(&self) -> &T {
                of(self.0.now())
            }
        }

        impl<T> Clone for $handle<T> {
            fn clone(&self) -> Self {
                Self(Seen::new(self.0.state.clone()), PhantomData)
            }
        }

        impl<T: PartialEq + 'static> PartialEq for $handle<T> {
            fn eq(&self, other: &Self) -> bool {
                same::<T>(&self.0, &other.0)
            }
        }

        impl<T> fmt::Debug for $handle<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($handle))
            }
        }

        impl<T> Clone for $setter<T> {
            fn clone(&self) -> Self {
                Self(self.0.clone(), PhantomData)
            }
        }

        impl<T> PartialEq for $setter<T> {
            fn eq(&self, other: &Self) -> bool {
                Rc::ptr_eq(&self.0, &other.0)
            }
        }

        impl<T> fmt::Debug for $setter<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($setter))
            }
        }
    };
}

handle!(UseStateHandle, UseStateSetter, "state");
handle!(UseReducerHandle, UseReducerDispatcher, "state that is changed by actions");

impl<T: 'static> UseStateHandle<T> {
    /// Replaces the value.
    pub fn set(&self, value: T) {
        self.0.state.set(Rc::new(value));
    }

    /// The way to replace the value later.
    pub fn setter(&self) -> UseStateSetter<T> {
        UseStateSetter(self.0.state.clone(), PhantomData)
    }
}

impl<T: 'static> UseStateSetter<T> {
    /// Replaces the value.
    pub fn set(&self, value: T) {
        self.0.set(Rc::new(value));
    }
}

/// Keeps a value; at first what `init` makes.
pub fn use_state<T: 'static>(init: impl FnOnce() -> T) -> impl Hook<Output = UseStateHandle<T>> {
    hooked(|ctx| UseStateHandle(Seen::new(state(ctx, || Rc::new(init()))), PhantomData))
}

/// A value that says itself what an action makes of it.
pub trait Reducible {
    /// What can happen to it.
    type Action;

    /// What it becomes; itself where nothing changes.
    fn reduce(self: Rc<Self>, action: Self::Action) -> Rc<Self>;
}

impl<T: Reducible + 'static> UseReducerHandle<T> {
    /// Has something happen to the value.
    pub fn dispatch(&self, action: T::Action) {
        dispatch::<T>(&self.0.state, action);
    }

    /// The way to have something happen to it later.
    pub fn dispatcher(&self) -> UseReducerDispatcher<T> {
        UseReducerDispatcher(self.0.state.clone(), PhantomData)
    }
}

impl<T: Reducible + 'static> UseReducerDispatcher<T> {
    /// Has something happen to the value.
    pub fn dispatch(&self, action: T::Action) {
        dispatch::<T>(&self.0, action);
    }
}

impl<T: Reducible + 'static> From<UseReducerDispatcher<T>> for Callback<T::Action> {
    fn from(dispatcher: UseReducerDispatcher<T>) -> Self {
        Self::from(move |action| dispatcher.dispatch(action))
    }
}

fn dispatch<T: Reducible + 'static>(state: &State, action: T::Action) {
    let Ok(now) = state.now().downcast::<T>() else { return };
    let next = now.clone().reduce(action);
    if !Rc::ptr_eq(&now, &next) {
        state.set(next);
    }
}

/// Keeps a value that changes by actions; at first what `init` makes.
pub fn use_reducer<T: Reducible + 'static>(
    init: impl FnOnce() -> T,
) -> impl Hook<Output = UseReducerHandle<T>> {
    hooked(|ctx| UseReducerHandle(Seen::new(state(ctx, || Rc::new(init()))), PhantomData))
}
