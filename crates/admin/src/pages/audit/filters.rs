//! Which entries are shown: who made them, of what, about whom, when, and why.

use std::rc::Rc;

use rolewright_model::change::Topic;
use rolewright_model::console;
use rolewright_model::directory::Member;
use rolewright_wire::audit::called;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::about::AboutPicker;
use crate::access::use_access;
use crate::api::Query;
use crate::browser;
use crate::pickers::{PersonPicker, Picked};
use crate::text;
use crate::widgets::{Icon, RemovableChip, SearchField, use_id};

/// What the address says of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Made by, `user:ID`.
    pub actor: String,
    /// Of this kind.
    pub kind: String,
    /// About the one of this id.
    pub about: String,
    /// From this day on.
    pub from: String,
    /// Until this day, with it.
    pub to: String,
    /// In the reason.
    pub search: String,
    /// Where the page begins.
    pub cursor: String,
}

impl Wanted {
    /// As the address says it.
    pub fn address(&self) -> Query {
        self.what().with("from", &self.from).with("to", &self.to).with("cursor", &self.cursor)
    }

    /// As the server is asked, but for the page.
    pub fn question(&self) -> Query {
        let told = |time: Option<rolewright_model::Timestamp>| {
            time.map(|time| time.0.to_string()).unwrap_or_default()
        };
        self.what()
            .with("from", &told(browser::begin_of(&self.from)))
            .with("until", &told(browser::end_of(&self.to)))
    }

    fn what(&self) -> Query {
        Query::default()
            .with("actor", &self.actor)
            .with("kind", &self.kind)
            .with("about", &self.about)
            .with("search", self.search.trim())
    }

    /// Whether no day is from the first one to the last.
    pub fn is_backwards(&self) -> bool {
        // Days are written so that they sort as texts.
        !self.from.is_empty() && !self.to.is_empty() && self.to < self.from
    }

    /// Whether some entries are left out.
    pub fn is_filtered(&self) -> bool {
        *self != Self { cursor: self.cursor.clone(), ..Self::default() }
    }
}

/// The filters.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is wanted now.
    pub wanted: Rc<Wanted>,
    /// What a person reads of who made them and whom they are about, as far as it is known.
    pub names: [Option<AttrValue>; 2],
    /// Told what is wanted instead.
    pub onwanted: Callback<Wanted>,
}

/// The filters.
#[component]
pub fn Filters(props: &Props) -> Html {
    let (from, to, kind) = (use_id(), use_id(), use_id());
    let sees_people = use_access().is_some_and(|access| access.may(console::USERS_VIEW));
    let wanted = &props.wanted;
    let [actor_name, about_name] = &props.names;
    let set = |change: fn(&mut Wanted, String)| {
        let (wanted, onwanted) = (wanted.clone(), props.onwanted.clone());
        Callback::from(move |value: String| {
            let mut next = Wanted { cursor: String::new(), ..(*wanted).clone() };
            change(&mut next, value);
            onwanted.emit(next);
        })
    };
    let typed = |callback: Callback<String>| {
        Callback::from(move |event: web_sys::Event| {
            let value = event.target_dyn_into::<HtmlInputElement>().map(|input| input.value());
            callback.emit(value.unwrap_or_default());
        })
    };
    let onkind = set(|wanted, kind| wanted.kind = kind).reform(browser::chosen_in);
    let onactor = set(|wanted, id| wanted.actor = id);
    let onabout = set(|wanted, id| wanted.about = id);
    let by = onactor.reform(|picked: Picked| {
        let (Member::User(id) | Member::Group(id)) = picked.member;
        format!("user:{id}")
    });
    let chip = |what: &str, id: &str, name: &Option<AttrValue>, remove: Callback<String>| {
        let shown = name.clone().unwrap_or_else(|| id.to_owned().into());
        let label = AttrValue::from(format!("{what}: {shown}"));
        (!id.is_empty()).then(|| html! { <RemovableChip key={what.to_owned()} {label} onremove={remove.reform(|()| String::new())} /> })
    };
    let everything = {
        let onwanted = props.onwanted.clone();
        Callback::from(move |_: MouseEvent| onwanted.emit(Wanted::default()))
    };
    html! {
        <div class="audit-filters" role="search" aria-label="Filter the log">
            <div class="audit-filters__fields">
                if sees_people {
                    <PersonPicker label="Made by" chosen={actor_name.clone()} onpick={by} />
                }
                <AboutPicker chosen={about_name.clone()} onpick={onabout.clone()} />
                <div class="field">
                    <label class="field__label" for={kind.clone()}>{ "Kind" }</label>
                    <select class="select" id={kind} onchange={onkind}>
                        <option value="" selected={wanted.kind.is_empty()}>{ "Every kind" }</option>
                        { for Topic::all().map(|topic| {
                            let (_, many) = called(topic);
                            html! { <option key={topic.as_str()} value={topic.as_str()} selected={wanted.kind == topic.as_str()}>{ text::title(many) }</option> }
                        }) }
                    </select>
                </div>
                { day("From", from, &wanted.from, typed(set(|wanted, day| wanted.from = day)), None) }
                { day("To", to, &wanted.to, typed(set(|wanted, day| wanted.to = day)), wanted.is_backwards().then_some("This day is before the first: choose a later one.")) }
            </div>
            <div class="filters">
                <SearchField label="Search reasons" placeholder="Search reasons and request ids" value={wanted.search.clone()} oninput={set(|wanted, words| wanted.search = words)} />
                <div class="filters__chips">
                    { for chip("By", &wanted.actor, actor_name, onactor) }
                    { for chip("About", &wanted.about, about_name, onabout) }
                    if wanted.is_filtered() {
                        <button type="button" class="button button--ghost button--small" onclick={everything}>{ "Clear filters" }</button>
                    }
                </div>
            </div>
        </div>
    }
}

/// A field for a day, and what is wrong with it.
fn day(
    label: &'static str,
    id: AttrValue,
    value: &str,
    onchange: Callback<web_sys::Event>,
    wrong: Option<&'static str>,
) -> Html {
    let note = format!("{id}-note");
    html! {
        <div class={classes!("field", wrong.is_some().then_some("field--wrong"))}>
            <label class="field__label" for={id.clone()}>{ label }</label>
            <input class="input" type="date" {id} value={value.to_owned()} {onchange}
                aria-invalid={wrong.is_some().then_some("true")} aria-describedby={wrong.is_some().then(|| note.clone())} />
            if let Some(wrong) = wrong {
                <p class="field__error" id={note} role="alert"><Icon name="circle-alert" />{ wrong }</p>
            }
        </div>
    }
}
