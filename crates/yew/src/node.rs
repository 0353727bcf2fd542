//! What a component shows: nodes, each behind one pointer, as the code that makes thousands of them is downloaded.
//!
//! They become Yew's own nodes when Yew asks for them.

use std::fmt;
use std::rc::Rc;

use upstream::html::IntoPropValue;
use upstream::virtual_dom::listeners::Listeners;
use upstream::virtual_dom::{self as theirs, AttrValue, Attributes, FullyKeyedState, Key};

use crate::html::NodeRef;
use crate::shell::{self, Part};

/// Anything that is shown; nothing by default.
#[derive(Clone, Default, PartialEq)]
pub struct VNode(Option<Rc<Node>>);

#[derive(PartialEq)]
enum Node {
    Tag(Tag),
    Text(AttrValue),
    List(Option<Key>, Vec<VNode>),
    Part(Option<Key>, PartOf),
}

#[derive(PartialEq)]
struct Tag {
    kind: Kind,
    node: NodeRef,
    key: Option<Key>,
    attributes: Attributes,
    listeners: Listeners,
}

#[derive(PartialEq)]
enum Kind {
    Input(Option<AttrValue>, Option<bool>),
    Area(Option<AttrValue>, Option<AttrValue>),
    Other(AttrValue, VNode),
}

struct PartOf(Rc<dyn Part>);

impl PartialEq for PartOf {
    fn eq(&self, other: &Self) -> bool {
        shell::same(&self.0, &other.0)
    }
}

impl VNode {
    fn new(node: Node) -> Self {
        Self(Some(Rc::new(node)))
    }

    /// A list as a node, as the macros ask for it.
    #[doc(hidden)]
    #[expect(non_snake_case, reason = "with Yew it is a variant")]
    pub fn VList(list: Rc<VList>) -> Self {
        list.0.clone()
    }

    pub(crate) fn part(part: Rc<dyn Part>, key: Option<Key>) -> Self {
        Self::new(Node::Part(key, PartOf(part)))
    }

    pub(crate) fn list(children: Vec<Self>, key: Option<Key>) -> Self {
        if children.is_empty() && key.is_none() { Self(None) } else { Self::new(Node::List(key, children)) }
    }

    fn tag(
        kind: Kind,
        node: NodeRef,
        key: Option<Key>,
        attributes: Attributes,
        listeners: Listeners,
    ) -> Self {
        Self::new(Node::Tag(Tag { kind, node, key, attributes, listeners }))
    }

    /// As Yew has it.
    pub(crate) fn theirs(&self) -> theirs::VNode {
        match self.0.as_deref() {
            None => theirs::VNode::default(),
            Some(Node::Text(text)) => theirs::VText::new(text.clone()).into(),
            Some(Node::List(key, children)) => {
                let children = children.iter().map(Self::theirs).collect();
                theirs::VList::with_children(children, key.clone()).into()
            }
            Some(Node::Part(key, part)) => shell::placed(part.0.clone(), key.clone()),
            Some(Node::Tag(Tag { kind, node, key, attributes, listeners })) => {
                let (node, key) = (node.theirs(), key.clone());
                let (attributes, listeners) = (attributes.clone(), listeners.clone());
                match kind {
                    Kind::Input(value, checked) => {
                        theirs::VTag::__new_input(value.clone(), *checked, node, key, attributes, listeners)
                    }
                    Kind::Area(value, first) => {
                        let (value, first) = (value.clone(), first.clone());
                        theirs::VTag::__new_textarea(value, first, node, key, attributes, listeners)
                    }
                    Kind::Other(tag, children) => {
                        let (tag, children) = (tag.clone(), children.theirs());
                        theirs::VTag::__new_other(tag, node, key, attributes, listeners, children)
                    }
                }
                .into()
            }
        }
    }
}

impl fmt::Debug for VNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VNode")
    }
}

/// Makes elements, as the macros ask for them.
#[derive(Debug)]
pub struct VTag;

#[doc(hidden)]
impl VTag {
    #[inline(never)]
    pub fn __new_input(
        value: Option<AttrValue>,
        checked: Option<bool>,
        node: NodeRef,
        key: Option<Key>,
        attributes: impl Into<Attributes>,
        listeners: impl Into<Listeners>,
    ) -> VNode {
        VNode::tag(Kind::Input(value, checked), node, key, attributes.into(), listeners.into())
    }

    #[inline(never)]
    pub fn __new_textarea(
        value: Option<AttrValue>,
        first: Option<AttrValue>,
        node: NodeRef,
        key: Option<Key>,
        attributes: impl Into<Attributes>,
        listeners: impl Into<Listeners>,
    ) -> VNode {
        VNode::tag(Kind::Area(value, first), node, key, attributes.into(), listeners.into())
    }

    #[inline(always)]
    pub fn __new_other(
        tag: AttrValue,
        node: NodeRef,
        key: Option<Key>,
        attributes: impl Into<Attributes>,
        listeners: impl Into<Listeners>,
        children: VNode,
    ) -> VNode {
        match tag {
            AttrValue::Static(tag) => element(tag, node, key, attributes, listeners, children),
            // The macros write the names of elements as they are.
            AttrValue::Rc(_) => VNode::default(),
        }
    }
}

/// An element. What it is called with is compiled once for each of the few types that attributes and listeners have where they are
/// written, and is passed without being put together first.
#[inline(never)]
pub(crate) fn element(
    tag: &'static str,
    node: NodeRef,
    key: Option<Key>,
    attributes: impl Into<Attributes>,
    listeners: impl Into<Listeners>,
    children: VNode,
) -> VNode {
    VNode::tag(Kind::Other(AttrValue::Static(tag), children), node, key, attributes.into(), listeners.into())
}

/// A list, as the macros ask for it.
#[derive(Debug)]
pub struct VList(VNode);

impl VList {
    /// Of nodes, with a key of its own.
    pub fn with_children(children: Vec<VNode>, key: Option<Key>) -> Self {
        Self(VNode::list(children, key))
    }

    #[doc(hidden)]
    pub fn __macro_new(children: Vec<VNode>, key: Option<Key>, _: FullyKeyedState) -> Self {
        Self::with_children(children, key)
    }
}

impl From<VList> for VNode {
    fn from(list: VList) -> Self {
        list.0
    }
}

impl IntoPropValue<VNode> for VList {
    fn into_prop_value(self) -> VNode {
        self.0
    }
}

/// Makes texts, as the macros ask for them.
#[derive(Debug)]
pub struct VText;

#[expect(clippy::new_ret_no_self, reason = "a node is what is wanted")]
impl VText {
    /// Of words.
    #[inline(always)]
    pub fn new(text: impl Into<AttrValue>) -> VNode {
        match text.into() {
            AttrValue::Static(text) => words(text),
            text => text_of(text),
        }
    }
}

/// Words that are written where they are shown.
#[inline(never)]
fn words(text: &'static str) -> VNode {
    text_of(AttrValue::Static(text))
}

#[inline(never)]
fn text_of(text: AttrValue) -> VNode {
    VNode::new(Node::Text(text))
}

#[inline(never)]
fn text_from(text: String) -> VNode {
    text_of(text.into())
}

/// Makes a list of children, as the macros ask for it.
#[derive(Debug)]
pub struct ChildrenRenderer;

#[expect(clippy::new_ret_no_self, reason = "a node is what is wanted")]
impl ChildrenRenderer {
    /// Of nodes.
    pub fn new(children: Vec<VNode>) -> VNode {
        VNode::list(children, None)
    }
}

impl<T: ToString> From<T> for VNode {
    fn from(text: T) -> Self {
        text_from(text.to_string())
    }
}

impl<A: Into<Self>> FromIterator<A> for VNode {
    fn from_iter<I: IntoIterator<Item = A>>(nodes: I) -> Self {
        Self::list(nodes.into_iter().map(Into::into).collect(), None)
    }
}

impl<T: IntoPropValue<VNode>> IntoPropValue<VNode> for Option<T> {
    fn into_prop_value(self) -> VNode {
        self.map(IntoPropValue::into_prop_value).unwrap_or_default()
    }
}

impl IntoPropValue<VNode> for Vec<VNode> {
    fn into_prop_value(self) -> VNode {
        VNode::list(self, None)
    }
}

impl IntoPropValue<VNode> for &'static str {
    fn into_prop_value(self) -> VNode {
        words(self)
    }
}

impl IntoPropValue<VNode> for String {
    fn into_prop_value(self) -> VNode {
        text_from(self)
    }
}

impl IntoPropValue<VNode> for AttrValue {
    fn into_prop_value(self) -> VNode {
        text_of(self)
    }
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl IntoPropValue<VNode> for $type {
            fn into_prop_value(self) -> VNode {
                text_from(self.to_string())
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64, usize, i32, i64);
