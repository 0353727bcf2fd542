//! One's own account: the name, the email, the password, the second factor and the sessions.

mod codes;
mod email;
mod enrol;
mod name;
mod page;
mod password;
mod proof;
mod required;
mod scan;
mod second_factor;
mod sessions;

use yew::prelude::*;

use crate::browser;

pub use page::AccountPage;
pub use proof::{code_field, said};
pub use required::SecondFactorRequired;

/// Gives the focus to what begins a step that is come to, so that the keyboard and a screen reader go on there; to what
/// begins the first one only where that is asked for.
#[hook]
fn use_arrival(node: &NodeRef, step: u8, at_first: bool) {
    let (node, stays) = (node.clone(), use_mut_ref(move || !at_first));
    use_effect_with(step, move |_| {
        if stays.replace(false) {
            return;
        }
        let root = node.cast::<web_sys::Element>();
        if let Some(first) = root.and_then(|root| browser::find(&root, "[data-autofocus]")) {
            browser::focus(&first);
        }
    });
}
