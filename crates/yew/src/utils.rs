//! What the macros call `::yew::utils`.

use std::marker::PhantomData;

pub use upstream::utils::{__ensure_type, into_node_iter};

/// What stands in braces among other children: one node, none, or several.
#[derive(Debug)]
pub struct NodeSeq<In, Out>(Vec<Out>, PhantomData<In>);

#[inline(never)]
fn sole<Out>(one: Out) -> Vec<Out> {
    vec![one]
}

impl<In: Into<Out>, Out> From<In> for NodeSeq<In, Out> {
    fn from(one: In) -> Self {
        Self(sole(one.into()), PhantomData)
    }
}

impl<In: Into<Out>, Out> From<Option<In>> for NodeSeq<In, Out> {
    fn from(one: Option<In>) -> Self {
        Self(one.map_or_else(Vec::new, |one| sole(one.into())), PhantomData)
    }
}

impl<In: Into<Out>, Out> From<Vec<In>> for NodeSeq<In, Out> {
    fn from(several: Vec<In>) -> Self {
        Self(several.into_iter().map(Into::into).collect(), PhantomData)
    }
}

impl<In, Out> IntoIterator for NodeSeq<In, Out> {
    type Item = Out;
    type IntoIter = std::vec::IntoIter<Out>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
