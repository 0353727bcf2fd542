//! The search over a list of roles of which several are ticked.

use rolewright_model::role::RoleDocument;
use yew::prelude::*;

use crate::states::use_text;
use crate::text;
use crate::widgets::SearchField;

/// With how many roles a list needs no search: they are seen at once.
const SEEN: usize = 12;

/// What is searched for.
#[derive(Clone, PartialEq)]
pub struct RoleSearch(UseStateHandle<String>);

impl RoleSearch {
    /// Whether the role has the words in its name or its description.
    pub fn fits(&self, role: &RoleDocument) -> bool {
        let text = [&*role.name, " ", &*role.description].concat().to_lowercase();
        text::has_words(&text, &self.0.to_lowercase())
    }

    /// The field, and how many of them `all` were found; beside that stands what is `chosen`, whether it is among them or not.
    pub fn field(&self, all: usize, found: usize, chosen: &str) -> Html {
        if all <= SEEN {
            return html! {};
        }
        let set = self.0.setter();
        let oninput = Callback::from(move |typed: String| set.set(typed));
        let all_of = text::count(all as u64, "role", "roles");
        let counted = match self.0.trim() {
            "" => all_of,
            _ => format!("{} of {all_of} found", text::number(found as u64)),
        };
        html! {
            <div class="role-search">
                <SearchField label="Search roles" placeholder="Search by name or description" value={(*self.0).clone()} {oninput} />
                <p class="filters__count" role="status">{ counted }{ ", " }{ chosen }</p>
            </div>
        }
    }
}

/// The search; at first for nothing.
#[hook]
pub fn use_role_search() -> RoleSearch {
    RoleSearch(use_text())
}
