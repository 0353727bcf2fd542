//! What the macros call `::yew::html`.

use std::marker::PhantomData;

use upstream::AttrValue;

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

/// The classes of an element, as its attribute has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Classes(AttrValue);

impl Classes {
    #[doc(hidden)]
    pub fn with_capacity(_: usize) -> Self {
        Self::default()
    }

    /// With some more.
    pub fn push(&mut self, more: impl Into<Self>) {
        self.add(more.into().0);
    }

    /// With one more.
    #[doc(hidden)]
    pub fn unchecked_push(&mut self, one: impl Into<AttrValue>) {
        self.add(one.into());
    }

    #[inline(never)]
    fn add(&mut self, more: AttrValue) {
        if self.0.is_empty() {
            self.0 = more;
        } else if !more.is_empty() {
            self.0 = [&*self.0, &*more].join(" ").into();
        }
    }
}

impl From<&'static str> for Classes {
    fn from(classes: &'static str) -> Self {
        Self(classes.into())
    }
}

impl From<String> for Classes {
    fn from(classes: String) -> Self {
        Self(classes.into())
    }
}

impl From<AttrValue> for Classes {
    fn from(classes: AttrValue) -> Self {
        Self(classes)
    }
}

impl<T: Into<Self>> From<Option<T>> for Classes {
    fn from(classes: Option<T>) -> Self {
        classes.map(Into::into).unwrap_or_default()
    }
}

impl IntoPropValue<Option<AttrValue>> for Classes {
    fn into_prop_value(self) -> Option<AttrValue> {
        Some(self.0).filter(|classes| !classes.is_empty())
    }
}

impl IntoPropValue<Classes> for &'static str {
    fn into_prop_value(self) -> Classes {
        self.into()
    }
}
