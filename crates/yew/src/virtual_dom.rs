//! What the macros call `::yew::virtual_dom`.

use std::marker::PhantomData;
use std::rc::Rc;

use upstream::html::IntoPropValue;
pub use upstream::virtual_dom::{AttrValue, AttributeOrProperty, FullyKeyedState, Key};

use crate::functional::FunctionProvider;
use crate::html::{BaseComponent, NodeRef};
use crate::node;
pub use crate::node::{VList, VNode, VTag, VText};
use crate::shell;
pub use crate::written::Attributes;

/// What the macros call `::yew::virtual_dom::listeners`.
pub mod listeners {
    pub use crate::written::Listeners;
}

/// A component with its properties, among the children of another.
#[derive(Debug)]
pub struct VChild<C>(VNode, PhantomData<C>);

impl<C, P> VChild<C>
where
    C: BaseComponent<Properties = P> + FunctionProvider<Properties = P>,
    P: PartialEq + 'static,
{
    /// A component with its properties.
    pub fn new(props: P, key: Option<Key>) -> Self {
        Self(VNode::part(Rc::new(shell::Of::<C>(props)), key), PhantomData)
    }
}

impl<C> From<VChild<C>> for VNode {
    fn from(child: VChild<C>) -> Self {
        child.0
    }
}

impl<C> IntoPropValue<VNode> for VChild<C> {
    fn into_prop_value(self) -> VNode {
        self.0
    }
}

/// An element that has one attribute and a name that Rust keeps for itself, `use`.
pub fn element(name: &'static str, attribute: &'static [&'static str; 1], value: AttrValue) -> VNode {
    let values = Box::new([Some(AttributeOrProperty::Attribute(value))]);
    let attributes = Attributes::Dynamic { keys: attribute, values };
    let (node, nothing) = (NodeRef::default(), VNode::default());
    node::element(name, node, None, attributes, listeners::Listeners::None, nothing)
}
