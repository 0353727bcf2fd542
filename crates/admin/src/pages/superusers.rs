//! What makes superusers: it is said before it is done, and done by a button that warns.

use rolewright_wire::reach::Reach;
use yew::prelude::*;

use crate::access::AccessHandle;
use crate::widgets::{Banner, Tone, Variant};

/// Whether a step makes superusers: one of the roles that it gives does so, or the server counts somebody whom it makes one.
pub fn makes_superusers<'r>(
    access: Option<&AccessHandle>,
    given: impl IntoIterator<Item = &'r str>,
    reach: Option<&Reach>,
) -> bool {
    let state = access.and_then(|access| access.policy()).map(|policy| policy.state());
    reach.is_some_and(|reach| reach.superusers > 0)
        || state.is_some_and(|state| given.into_iter().any(|role| state.makes_superusers(role)))
}

/// The button of such a step, or of another.
pub fn variant(makes_superusers: bool) -> Variant {
    if makes_superusers { Variant::Danger } else { Variant::Primary }
}

/// What such a step gives; nothing of another.
pub fn warning(makes_superusers: bool) -> Html {
    html! {
        <div class="slot" role="status">
            if makes_superusers {
                <Banner tone={Tone::Caution}>
                    <strong>{ "This makes superusers. " }</strong>{ "They may do everything where it counts, also what is added later." }
                </Banner>
            }
        </div>
    }
}
