//! Groups: every one, and one with who is in it, what it holds and what changed.

mod add;
mod edit;
mod group;
mod held;
mod members;
mod page;

use rolewright_model::change::{Change, GroupEdit};
use rolewright_model::directory::{GroupDocument, GroupSource};
use yew::prelude::*;

use crate::access::AccessHandle;
use crate::widgets::Icon;

pub use group::GroupPage;
pub use held::window;
pub use page::{GroupsPage, address};

/// Why a group cannot be edited, as the model says it. A browser does not hold groups: so the edit is asked about as
/// that of a new one, which says itself who owns it.
pub fn fixed(access: Option<&AccessHandle>, group: &GroupDocument) -> Option<AttrValue> {
    let edit = GroupEdit {
        id: group.id.clone(),
        name: group.name.clone(),
        description: group.description.clone(),
        source: group.source,
    };
    access?.reason(&Change::CreateGroup { group: edit })
}

/// Who says who is in a group: a glyph and a word.
fn source(source: GroupSource) -> Html {
    let (icon, words) = match source {
        GroupSource::Local => ("pencil", "By hand"),
        GroupSource::IdentityProvider => ("building", "Identity provider"),
    };
    html! { <span class="source"><Icon name={icon} />{ words }</span> }
}
