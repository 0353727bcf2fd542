use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::*;

/// A component that counts how often it is to be rendered again.
struct Component {
    hooks: HookContext,
    again: Rc<Cell<u32>>,
}

impl Component {
    fn new() -> Self {
        let again = Rc::new(Cell::new(0));
        let asked = again.clone();
        Self { hooks: HookContext::new(None, Rc::new(move || asked.set(asked.get() + 1))), again }
    }

    /// Renders it, and runs its effects.
    fn render<T>(&mut self, run: impl FnOnce(&mut HookContext) -> T) -> T {
        self.hooks.begin();
        let shown = run(&mut self.hooks);
        self.hooks.rendered();
        shown
    }
}

#[test]
fn state_is_kept_and_a_handle_sees_what_took_its_place() {
    let mut component = Component::new();
    let first = component.render(|hooks| use_state(|| 1).run(hooks));
    assert_eq!((*first, component.again.get()), (1, 0));
    first.setter().set(2);
    let was = &*first;
    first.set(3);
    assert_eq!((*was, *first, component.again.get()), (2, 3, 2));
    let second = component.render(|hooks| use_state(|| 9).run(hooks));
    assert_eq!(*second, 3);
    assert!(first != second && second == second.clone());
}

struct Sum(u32);

impl Reducible for Sum {
    type Action = u32;

    fn reduce(self: Rc<Self>, more: u32) -> Rc<Self> {
        if more == 0 { self } else { Self(self.0 + more).into() }
    }
}

#[test]
fn an_action_that_changes_nothing_renders_nothing() {
    let mut component = Component::new();
    let sum = component.render(|hooks| use_reducer(|| Sum(1)).run(hooks));
    sum.dispatch(0);
    assert_eq!((sum.0, component.again.get()), (1, 0));
    sum.dispatcher().dispatch(2);
    assert_eq!((sum.0, component.again.get()), (3, 1));
}

#[test]
fn an_effect_is_ended_before_it_is_run_for_something_else_and_with_the_component() {
    let mut component = Component::new();
    let log = Rc::new(RefCell::new(Vec::new()));
    for about in [1, 1, 2] {
        let log = log.clone();
        component.render(|hooks| {
            let effect = use_effect_with(about, move |about| {
                let about = *about;
                log.borrow_mut().push(about);
                move || log.borrow_mut().push(-about)
            });
            effect.run(hooks);
        });
    }
    assert_eq!(*log.borrow(), [1, -1, 2]);
    component.hooks.end();
    assert_eq!(*log.borrow(), [1, -1, 2, -2]);
}

#[test]
fn an_effect_of_nothing_runs_after_each_rendering() {
    let mut component = Component::new();
    let count = Rc::new(Cell::new(0));
    for _ in 0..3 {
        let count = count.clone();
        component.render(|hooks| use_effect(move || count.set(count.get() + 1)).run(hooks));
    }
    assert_eq!(count.get(), 3);
}

#[test]
fn what_follows_from_the_same_is_worked_out_once() {
    let mut component = Component::new();
    let worked = Cell::new(0);
    for (from, expected) in [(2, 4), (2, 4), (3, 9)] {
        let square = component.render(|hooks| {
            let work_out = |n: &u32| {
                worked.set(worked.get() + 1);
                n * n
            };
            use_memo(from, work_out).run(hooks)
        });
        assert_eq!(*square, expected);
    }
    assert_eq!(worked.get(), 2);
}

#[test]
fn a_callback_stays_the_same_while_what_it_is_called_with_does() {
    let mut component = Component::new();
    let mut callback =
        |with: u32| component.render(|hooks| use_callback(with, |(), with| assert!(*with > 0)).run(hooks));
    let (one, same, other) = (callback(1), callback(1), callback(2));
    one.emit(());
    assert!(one == same && one != other);
}

#[test]
fn a_value_that_may_change_is_the_same_at_each_rendering() {
    let mut component = Component::new();
    for expected in [0, 1] {
        let value = component.render(|hooks| use_mut_ref(|| 0).run(hooks));
        assert_eq!(value.replace(expected + 1), expected);
    }
    assert_eq!(component.again.get(), 0);
}
