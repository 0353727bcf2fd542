//! The one component that Yew knows: it shows whatever function it is given.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::rc::Rc;

use upstream::virtual_dom::{Key, VComp, VNode};
use upstream::{Component, Context, Properties, Renderer};
use web_sys::Element;

use crate::functional::FunctionProvider;
use crate::html::{AnyScope, HtmlResult};
use crate::slots::HookContext;

/// A component's function with properties.
pub(crate) trait Part: Any {
    /// Calls the function.
    fn render(&self, hooks: &mut HookContext) -> HtmlResult;
    /// Whether it is the same function with the same properties.
    fn is(&self, other: &dyn Any) -> bool;
}

/// The function of `C` with its properties.
pub(crate) struct Of<C: FunctionProvider>(pub(crate) C::Properties);

impl<C: FunctionProvider + 'static> Part for Of<C> {
    fn render(&self, hooks: &mut HookContext) -> HtmlResult {
        C::run(hooks, &self.0)
    }

    fn is(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<Self>().is_some_and(|other| self.0 == other.0)
    }
}

/// What a shell shows.
#[derive(Properties)]
pub(crate) struct Props {
    part: Rc<dyn Part>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        same(&self.part, &other.part)
    }
}

/// Whether two parts are the same function with the same properties.
pub(crate) fn same(one: &Rc<dyn Part>, other: &Rc<dyn Part>) -> bool {
    Rc::ptr_eq(one, other) || one.is(&**other)
}

/// A component that is on the page.
pub(crate) struct Shell {
    hooks: RefCell<HookContext>,
}

impl Shell {
    /// What its descendants are provided with of a type.
    pub(crate) fn provided(&self, kind: TypeId) -> Option<Rc<crate::context::Provided>> {
        self.hooks.try_borrow().ok()?.provided(kind)
    }
}

/// Of what kind a part is: two of one kind take each other's place.
fn kind(part: &dyn Part) -> TypeId {
    part.type_id()
}

impl Component for Shell {
    type Message = ();
    type Properties = Props;

    fn create(ctx: &Context<Self>) -> Self {
        let link = ctx.link().clone();
        let scope = AnyScope::from(link.clone());
        Self { hooks: RefCell::new(HookContext::new(Some(scope), Rc::new(move || link.send_message(())))) }
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &Props) -> bool {
        if kind(&*old.part) != kind(&*ctx.props().part) {
            // Another component in the same place begins anew.
            self.hooks.borrow_mut().end();
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> VNode {
        let hooks = &mut *self.hooks.borrow_mut();
        hooks.begin();
        ctx.props().part.render(hooks).theirs()
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        self.hooks.borrow().rendered();
    }

    fn destroy(&mut self, _: &Context<Self>) {
        self.hooks.borrow_mut().end();
    }
}

/// A part as a node.
pub(crate) fn placed(part: Rc<dyn Part>, key: Option<Key>) -> VNode {
    VNode::VComp(Rc::new(VComp::new::<Shell>(Rc::new(Props { part }), key)))
}

/// Shows a component in an element of the page, for as long as the page is there.
pub fn mount<C: FunctionProvider<Properties = ()> + 'static>(root: Element) {
    drop(Renderer::<Shell>::with_root_and_props(root, Props { part: Rc::new(Of::<C>(())) }).render());
}
