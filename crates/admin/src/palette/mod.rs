//! The search over everything: pages, roles, people, groups, packages, permissions, places, API keys, actions, and questions about
//! access.

mod found;
mod question;
mod recent;
mod sheet;
mod thing;

use std::rc::Rc;

use rolewright_model::Viewed;
use rolewright_wire::user::{UserRow, UserStatus};
use yew::prelude::*;

use crate::access::{use_access, use_tree};
use crate::look::LOOKS;
use crate::nav;
use crate::pages::view_as;
use crate::route::Route;
use crate::session::{self, use_session};
use crate::shortcuts::Sheet;
use crate::states::use_text;
use crate::text;
use crate::typing::use_typing;
use crate::widgets::{Choice, Combobox, Dialog};

pub use sheet::ShortcutSheet;

use found::use_found;
use question::Question;
use thing::{always, fits, known, may_ask, within};

/// How many people are shown.
const SHOWN: usize = 5;
/// About how many people and permissions a question is offered.
const ASKED: usize = 3;

/// The search.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Told what it opens instead.
    pub onopen: Callback<Sheet>,
}

/// The search.
#[component]
pub fn Palette(props: &Props) -> Html {
    let access = use_access();
    let tree = use_tree();
    let session = use_session();
    let user = session.current().map(|session| session.user.clone()).unwrap_or_default();
    let words = use_text();
    // What the server is asked for, a moment after the last key.
    let asked = use_text();
    let onasked = use_callback(asked.setter(), |words: String, asked| asked.set(words));
    let (_, onasked) = use_typing(&asked, onasked);
    let question = {
        let may_ask = access.as_ref().is_some_and(|access| may_ask(access));
        let tree = tree.clone();
        use_memo(((*words).clone(), may_ask), move |(words, may_ask)| {
            let question = Question::of(words, |what| tree.search(what));
            question.filter(|question| *may_ask || matches!(question, Question::ViewAs { .. }))
        })
    };
    let found = use_found(&asked, question.is_some());
    let sought =
        question.as_ref().as_ref().map_or_else(|| words.trim().to_lowercase(), |it| it.who().to_owned());
    let is_current = *asked == sought && found.is_current;
    let choices: Rc<[Choice]> = {
        let key = (access.clone(), sought.clone(), question.clone(), found.clone(), is_current);
        let user = user.clone();
        let made = use_memo(key, move |(access, words, question, found, is_current)| -> Rc<[Choice]> {
            let Some(access) = access else { return Rc::from([]) };
            let is_view = matches!(**question, Some(Question::ViewAs { .. }));
            let can_be_viewed = |it: &UserRow| {
                it.status == UserStatus::Active
                    && view_as::refused(access, &Viewed::User(it.id.clone())).is_none()
            };
            let people = found.people().iter().filter(|it| !is_view || can_be_viewed(it));
            // Who is called so comes before those in whose name it only stands.
            let (called, others): (Vec<&UserRow>, Vec<&UserRow>) =
                people.partition(|it| is_called(&it.name, words));
            let only_called = question.is_some() && !called.is_empty();
            let people = called.into_iter().chain(others.into_iter().filter(|_| !only_called));
            if let Some(question) = &**question {
                let people = people.filter(|_| *is_current).take(ASKED);
                return match question {
                    Question::May { what, .. } => {
                        let rows = || what.iter().filter_map(|at| tree.rows.get(*at)).take(ASKED);
                        let of = |it: &UserRow| -> Vec<Choice> {
                            rows().map(|row| thing::question(&it.id, &it.name, &it.email, row)).collect()
                        };
                        people.flat_map(of).collect()
                    }
                    Question::Who { words, what } => thing::holders(access, &tree, words, what).into(),
                    Question::What { .. } => {
                        people.map(|it| thing::what_may(&it.id, &it.name, &it.email)).collect()
                    }
                    Question::ViewAs { .. } => {
                        let page = |it: &UserRow| Route::User { id: it.id.clone() };
                        let people = people.map(|it| thing::view_as(&page(it), &it.name, it.email.clone()));
                        // They come at once with the people, who stand over them.
                        let roles = is_current.then(|| thing::viewable(access, words)).unwrap_or_default();
                        people.chain(roles).collect()
                    }
                };
            }
            let mut all: Vec<Choice> = recent::of(&user)
                .into_iter()
                .chain(always(access))
                .chain(if words.is_empty() { Vec::new() } else { within(access) })
                .filter(|it| is_meant(it, words))
                .collect();
            all.extend(known(access, &tree, words));
            let people = people.take(SHOWN).map(thing::person);
            // Those of earlier words stay until the server has answered, as far as they fit.
            let found = people.chain(found.others(access));
            all.extend(found.filter(|it| !words.is_empty() && (*is_current || fits(it, words))));
            let mut ids = std::collections::BTreeSet::new();
            all.retain(|it| ids.insert(it.id.clone()));
            all.into()
        });
        (*made).clone()
    };
    // What the server is asked is whom the question is about.
    use_effect_with(sought.clone(), move |sought| onasked.emit(sought.clone()));
    let onsearch = use_callback(words.setter(), |typed: String, words| words.set(typed));
    let onpick = {
        let (onclose, onopen, choices) = (props.onclose.clone(), props.onopen.clone(), choices.clone());
        let session = session.dispatcher();
        Callback::from(move |id: AttrValue| {
            onclose.emit(());
            if let Some((name, label)) = id.strip_prefix(thing::LOOK).and_then(|it| it.split_once(": ")) {
                LOOKS.iter().filter(|look| look.name == name).for_each(|look| look.choose(label));
            } else if id == thing::KEYS {
                onopen.emit(Sheet::Keys);
            } else if id == thing::SIGN_OUT {
                session::sign_out(session.clone());
            } else if let Some(choice) = choices.iter().find(|it| it.id == id) {
                recent::remember(&user, choice);
                let (path, query) = id.split_at(id.find('?').unwrap_or(id.len()));
                nav::go_with(&Route::of(path), query.to_owned());
            }
        })
    };
    let none = match (&found.error, is_current, &*question) {
        (Some(error), ..) => AttrValue::from(error.to_string()),
        (None, false, _) => "Searching.".into(),
        (None, true, Some(Question::ViewAs { .. })) => {
            "No person or role of that name can be viewed as.".into()
        }
        (None, true, Some(question)) if !question.who().is_empty() => "Nobody of that name is found.".into(),
        (None, true, _) => "Nothing fits. Try another word.".into(),
    };
    let count = u64::try_from(choices.len()).unwrap_or_default();
    html! {
        <Dialog title="Search" onclose={props.onclose.clone()}>
            <div class="palette">
                <Combobox label="Search or ask" placeholder="Search, or ask: can ana run reports" {choices} {none} {onsearch} {onpick} autofocus=true inline=true />
                <p class="visually-hidden" role="status">{ text::count(count, "result", "results") }</p>
            </div>
        </Dialog>
    }
}

/// Whether it is listed for some words. How the app looks is chosen once, and the way out is no place to go to: both stand in no
/// list that nobody asked for.
fn is_meant(choice: &Choice, words: &str) -> bool {
    fits(choice, words)
        && !(words.is_empty() && [thing::LOOK, thing::SIGN_OUT].iter().any(|it| choice.id.starts_with(it)))
}

/// Whether a name has a word that begins as the first of these does.
fn is_called(name: &str, words: &str) -> bool {
    let first = words.split_whitespace().next().unwrap_or_default();
    name.to_lowercase().split_whitespace().any(|word| word.starts_with(first))
}
