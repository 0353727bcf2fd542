//! Whether what is shown is what the tenant says now.

use yew::prelude::*;

use crate::live::{Connection, use_live};
use crate::session::use_session;

/// The tenant's revision, and whether we hear of the next one.
#[component]
pub fn SyncState() -> Html {
    let live = use_live();
    let has_ended = use_session().has_ended();
    let (class, word) = match live.link {
        _ if has_ended => ("sync--lost", "session ended"),
        Connection::Opening => ("sync--opening", "connecting"),
        Connection::Open => ("sync--live", "live"),
        Connection::Lost => ("sync--lost", "offline, trying again"),
    };
    html! {
        <p class={classes!("sync", class)}>
            <span class="sync__dot" aria-hidden="true"></span>
            <span class="sync__revision">{ format!("revision {}, ", live.at.revision) }</span>
            <span class="sync__word">{ word }</span>
        </p>
    }
}
