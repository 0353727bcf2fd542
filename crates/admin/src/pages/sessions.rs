//! Where somebody is signed in: on what, since when, and from which address.

use rolewright_model::Timestamp;
use serde::Deserialize;
use yew::prelude::*;

use crate::text;

/// As much of [`Sessions`](rolewright_wire::session::Sessions) as is shown. To read an address as more than a text would
/// be downloaded too.
#[derive(Deserialize)]
pub struct Sessions {
    /// Each of them.
    pub items: Vec<SessionRow>,
}

/// One of them.
#[derive(Deserialize)]
pub struct SessionRow {
    /// Which it is.
    pub id: String,
    /// Whether it is the one that asks.
    pub current: bool,
    created: Timestamp,
    used: Timestamp,
    #[serde(default)]
    address: String,
    #[serde(default)]
    agent: String,
}

/// What browsers say of themselves, the one that says most of the others first; and what it is called.
const BROWSERS: [(&str, &str); 5] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 6] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
];

impl SessionRow {
    /// "Firefox on Linux", as far as the browser says it.
    pub fn device(&self) -> String {
        let named = |all: &[(&str, &'static str)]| {
            all.iter().find(|(said, _)| self.agent.contains(said)).map(|(_, name)| *name)
        };
        match (named(&BROWSERS), named(&SYSTEMS)) {
            (Some(browser), Some(system)) => format!("{browser} on {system}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => "An unknown device".to_owned(),
        }
    }
}

/// What a person reads of a session.
pub fn words(session: &SessionRow) -> Html {
    html! {
        <div class="sessions__words">
            <strong>{ session.device() }</strong>
            <ul class="facts muted">
                if !session.current {
                    <li key="used">{ format!("Last used {}", text::moment(session.used)) }</li>
                }
                <li key="since">{ format!("Signed in {}", text::moment(session.created)) }</li>
                if !session.address.is_empty() {
                    <li key="address">{ session.address.clone() }</li>
                }
            </ul>
        </div>
    }
}
