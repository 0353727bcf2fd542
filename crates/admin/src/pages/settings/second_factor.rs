//! Who must have a second factor and has none, in words.

use rolewright_wire::second_factor::Lacking;
use yew::prelude::*;

use crate::nav::Link;
use crate::route::Route;
use crate::session::Auth;
use crate::text;
use crate::widgets::{Banner, Tone};

/// How many are named before the rest is a number.
const NAMED: usize = 8;

/// "4 people have no second factor and must set one up at their next request."
pub fn words(lacking: &Lacking) -> String {
    let people =
        text::count(lacking.count as u64, "person has no second factor", "people have no second factor");
    format!("{people} and must set one up at their next request.")
}

/// Why whoever is signed in has more people need a second factor only once they have one: they could do nothing here any more.
pub fn shuts_out(more_need_one: bool, session: &Auth) -> Option<&'static str> {
    let has_none = session.current().is_some_and(|session| !session.second_factor);
    (more_need_one && has_none).then_some(
        "You have no second factor yourself and could do nothing here until you do: turn yours on first, under Your account.",
    )
}

/// The words, and a link to each of them; nothing where everybody has one.
pub fn lacking(lacking: &Lacking) -> Html {
    if lacking.count == 0 {
        return html! {};
    }
    let shown = lacking.people.len().min(NAMED);
    html! {
        <Banner tone={Tone::Caution}>
            <p>{ words(lacking) }</p>
            <p class="names">
                { for lacking.people.iter().take(shown).map(|person| html! {
                    <Link key={person.user.clone()} to={Route::User { id: person.user.clone() }} class="text-link">{ person.name.clone() }</Link>
                }) }
                if shown > 0 && lacking.count > shown {
                    <span>{ format!("and {} more", lacking.count - shown) }</span>
                }
            </p>
        </Banner>
    }
}
