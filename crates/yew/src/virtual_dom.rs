//! What the macros call `::yew::virtual_dom`.

use std::marker::PhantomData;
use std::rc::Rc;

use upstream::html::IntoPropValue;
pub use upstream::virtual_dom::*;

use crate::functional::FunctionProvider;
use crate::html::{BaseComponent, NodeRef};
pub use crate::node::{VList, VNode, VTag, VText};
use crate::shell;

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
    VTag::__new_other(
        name.into(),
        NodeRef::default(),
        None,
        attributes,
        listeners::Listeners::None,
        VNode::default(),
    )
}
