//! What the macros call `::yew::html`.

use std::marker::PhantomData;

pub use upstream::html::*;
use wasm_bindgen::JsValue;
use web_sys::Node;

pub use crate::node::ChildrenRenderer;

/// What is shown.
pub type Html = crate::node::VNode;

/// What a component's function answers. Nothing here waits, so there is always something to show.
pub type HtmlResult = Html;

/// What may stand for what is shown.
pub trait IntoHtmlResult {
    /// What is shown.
    fn into_html_result(self) -> HtmlResult;
}

impl IntoHtmlResult for Html {
    fn into_html_result(self) -> HtmlResult {
        self
    }
}

/// Refers to an element; to none by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeRef(Option<upstream::NodeRef>);

impl NodeRef {
    /// One that an element can be given.
    pub(crate) fn new() -> Self {
        Self(Some(upstream::NodeRef::default()))
    }

    /// The element, where it is on the page.
    pub fn cast<T: AsRef<Node> + From<JsValue>>(&self) -> Option<T> {
        self.0.as_ref()?.cast()
    }

    pub(crate) fn theirs(&self) -> upstream::NodeRef {
        self.0.clone().unwrap_or_default()
    }
}

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
