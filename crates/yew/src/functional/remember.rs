//! What is worked out once, and again where what it follows from has changed.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use upstream::Callback;

use super::{Hook, hooked};
use crate::slots::{HookContext, Slot};

/// What was worked out, with what it follows from.
pub(crate) struct Remembered {
    from: Rc<dyn Any>,
    value: Rc<dyn Any>,
}

/// What the hook that is asked now remembers.
fn remembered(ctx: &mut HookContext) -> Rc<RefCell<Option<Remembered>>> {
    if let Some(Slot::Remembered(remembered)) = ctx.next() {
        return remembered;
    }
    let remembered = Rc::<RefCell<Option<Remembered>>>::default();
    ctx.keep(Slot::Remembered(remembered.clone()));
    remembered
}

/// What follows from `from`, as it is remembered or worked out now.
fn remember<T: 'static, D: PartialEq + 'static>(
    ctx: &mut HookContext,
    from: D,
    work_out: impl FnOnce(&Rc<D>) -> Rc<T>,
) -> Rc<T> {
    let remembered = remembered(ctx);
    let known = remembered
        .borrow()
        .as_ref()
        .and_then(|known| (known.from.downcast_ref() == Some(&from)).then(|| known.value.clone()));
    if let Some(Ok(known)) = known.map(Rc::downcast) {
        return known;
    }
    let from = Rc::new(from);
    let value = work_out(&from);
    remembered.replace(Some(Remembered { from, value: value.clone() }));
    value
}

/// What `work_out` makes of `from`.
pub fn use_memo<T: 'static, D: PartialEq + 'static>(
    from: D,
    work_out: impl FnOnce(&D) -> T,
) -> impl Hook<Output = Rc<T>> {
    hooked(|ctx| remember(ctx, from, |from| Rc::new(work_out(from))))
}

/// A callback that stays the same while `with` does, so that a component that is given it is not rendered again.
pub fn use_callback<In: 'static, D: PartialEq + 'static>(
    with: D,
    run: impl Fn(In, &D) + 'static,
) -> impl Hook<Output = Callback<In>> {
    hooked(|ctx| {
        let callback = remember(ctx, with, |with| {
            let with = with.clone();
            Rc::new(Callback::from(move |value: In| run(value, &with)))
        });
        (*callback).clone()
    })
}
