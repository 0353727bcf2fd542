//! What somebody or a role holds of a permission, in words.

use rolewright_model::held::HeldLevel;
use yew::prelude::*;

use crate::condition;
use crate::policy::{Policy, level_mark, level_of};
use crate::widgets::Icon;

/// At which level something is held, and on which condition more.
pub fn level(policy: &Policy, permission: &str, held: &HeldLevel) -> Html {
    let catalogue = policy.catalogue();
    let handle = catalogue.handle(permission);
    let scale = handle.and_then(|handle| catalogue.scale(handle));
    let sure = scale.and_then(|scale| scale.level(&held.level)).unwrap_or_default();
    let (class, icon) = level_mark(handle.map(|handle| (catalogue, handle)), sure);
    let more = held.conditional.iter().map(|it| {
        let when = condition::when(&it.when).unwrap_or_default();
        html! { <span key={it.level.clone()} class="level level--partial"><Icon name="diamond" />{ format!("{} {when}", level_of(catalogue, permission, &it.level)) }</span> }
    });
    let only_conditional = sure == rolewright_model::Level::NONE && !held.conditional.is_empty();
    html! {
        <span class="held">
            if !only_conditional {
                <span class={classes!("level", class)}><Icon name={icon} />{ level_of(catalogue, permission, &held.level) }</span>
            }
            { for more }
        </span>
    }
}
