//! What the macros call `::yew::html`.

use std::marker::PhantomData;

pub use upstream::html::*;

/// A component, as the macros describe it. Only its properties are asked for: what Yew would call is the
/// [`Shell`](crate::shell::Shell)'s.
#[expect(missing_docs, reason = "Yew describes them")]
pub trait BaseComponent: Sized + 'static {
    type Message: 'static;
    type Properties: Properties;

    fn create(ctx: &Context<Self>) -> Self;
    fn update(&mut self, ctx: &Context<Self>, message: Self::Message) -> bool;
    fn changed(&mut self, ctx: &Context<Self>, old: &Self::Properties) -> bool;
    fn view(&self, ctx: &Context<Self>) -> HtmlResult;
    fn rendered(&mut self, ctx: &Context<Self>, first: bool);
    fn destroy(&mut self, ctx: &Context<Self>);
    fn prepare_state(&self) -> Option<String>;
}

/// What the macros hand to a [`BaseComponent`].
#[derive(Debug)]
pub struct Context<C: BaseComponent> {
    props: C::Properties,
    of: PhantomData<C>,
}

impl<C: BaseComponent> Context<C> {
    /// The component's properties.
    pub fn props(&self) -> &C::Properties {
        &self.props
    }
}
