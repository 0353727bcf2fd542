//! What the tenant is called, when new links begin to count, and who must have a second factor: edited with their reach.

use std::rc::Rc;

use rolewright_model::change::Change;
use rolewright_model::console;
use rolewright_model::policy::{NewLinks, SecondFactor, SettingsDocument};
use rolewright_wire::policy::SettingsView;
use yew::prelude::*;

use super::choice::ChoiceField;
use super::second_factor;
use crate::access::{role_name, use_access};
use crate::api::{self, Answer, Query, Request};
use crate::draft::{on_top, use_draft};
use crate::guard::{forget_unsaved, use_unsaved};
use crate::nav::Link;
use crate::pages::audit::use_saying;
use crate::pages::meanwhile::{Meanwhile, Sides};
use crate::pages::pending::{Becomes, Pending, change};
use crate::pages::reached::reach_words;
use crate::policy::separation_words;
use crate::resource::use_resource;
use crate::route::Route;
use crate::sending::{Told, use_sending};
use crate::session::{self, use_session};
use crate::text;
use crate::tree::Tally;
use crate::trial::use_trial;
use crate::widgets::{Banner, Skeleton, TextField, Tone, failed};

const PATH: &str = "/settings";

/// What the fields say themselves where it is wrong.
const FIELDS: [&str; 2] = [".name", ".help_url"];

/// When new links begin to count: as the address and the form say it, in words, and with its sentence.
const NEW_LINKS: [(NewLinks, &str); 2] = [(NewLinks::AtOnce, "at_once"), (NewLinks::NextLogin, "next_login")];
const NEW_LINK_CHOICES: &[(&str, &str, &str)] = &[
    ("at_once", "At once", "What is given counts from the next request on, also for who is signed in."),
    (
        "next_login",
        "At the next sign-in",
        "What is given counts in sessions begun afterwards. Taking away is always at once.",
    ),
];

/// Who must have a second factor, likewise.
const SECOND_FACTORS: [(SecondFactor, &str); 3] = [
    (SecondFactor::Nobody, "nobody"),
    (SecondFactor::Administrators, "administrators"),
    (SecondFactor::Everyone, "everyone"),
];
const SECOND_FACTOR_CHOICES: &[(&str, &str, &str)] = &[
    ("nobody", "Nobody", "Everybody chooses for themselves."),
    ("administrators", "Administrators", "Whoever may use one of Rolewright's own permissions, wherever."),
    ("everyone", "Everyone", "Everybody who signs in. Whoever has none can do nothing but set one up."),
];

/// The settings as the server answered.
#[derive(Clone, Debug)]
struct Loaded(Rc<Answer<SettingsView>>);

impl PartialEq for Loaded {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Loaded {
    fn settings(&self) -> &SettingsDocument {
        &self.0.body.settings
    }
}

/// What a person reads of settings, field by field.
fn fields(settings: &SettingsDocument) -> [(&'static str, String); 4] {
    let words = |choices: &[(&str, &'static str, &str)], id: &str| {
        choices.iter().find(|(known, ..)| *known == id).map_or("", |(_, words, _)| words).to_owned()
    };
    [
        ("Tenant name", settings.name.clone()),
        ("Help address", settings.help_url.clone()),
        ("New roles count", words(NEW_LINK_CHOICES, id_of(&NEW_LINKS, settings.new_links))),
        ("Second factor", words(SECOND_FACTOR_CHOICES, id_of(&SECOND_FACTORS, settings.second_factor))),
    ]
}

fn id_of<T: Copy + PartialEq>(known: &[(T, &'static str)], value: T) -> &'static str {
    known.iter().find(|(one, _)| *one == value).map_or("", |(_, id)| id)
}

fn of_id<T: Copy + Default>(known: &[(T, &'static str)], id: &str) -> T {
    known.iter().find(|(_, one)| *one == id).map(|(value, _)| *value).unwrap_or_default()
}

/// The tab.
#[component]
pub fn General() -> Html {
    let settings = use_resource((), |()| async { api::get::<SettingsView>(PATH).await });
    match (&settings.data, &settings.error) {
        (Some(data), _) => {
            html! { <Form key="form" loaded={Loaded(data.clone())} reload={settings.reload.clone()} /> }
        }
        (None, Some(error)) => failed(error, &settings.reload),
        (None, None) => html! { <Skeleton key="loading" length="40%" /> },
    }
}

#[derive(Properties, PartialEq)]
struct FormProps {
    loaded: Loaded,
    reload: Callback<()>,
}

#[component]
fn Form(props: &FormProps) -> Html {
    let access = use_access();
    let session = use_session();
    let (sending, saying) = (use_sending(), use_saying());
    let draft = use_draft(props.loaded.settings().clone(), props.loaded.0.etag.clone());
    let (was, edit) = (draft.was().clone(), draft.edit().clone());
    // What is written before or after a name is no part of it.
    let wanted = trimmed(&edit);
    let dirty = draft.is_dirty() && wanted != was;
    let newer = dirty && draft.is_behind();
    let reason =
        access.as_ref().and_then(|access| access.reason(&Change::UpdateSettings { settings: was.clone() }));
    let fixed = reason.is_some();
    let (before, yours) = (fields(&was), fields(&wanted));
    let edited: Vec<_> = before.iter().zip(&yours).filter(|(before, yours)| before != yours).collect();
    let tally = Tally { added: 0, removed: 0, changed: edited.len() };
    use_unsaved(dirty.then(|| {
        format!("{} to the settings would be lost.", text::count(tally.total() as u64, "change", "changes"))
    }));
    let ask = dirty && !fixed && !newer && !sending.is_busy();
    let verdict = use_trial(ask.then(|| Request::put(PATH, &wanted, draft.etag())));
    let lacking = verdict.told.as_ref().and_then(|told| told.lacking_second_factor.as_ref());
    let (needed, needs) = (was.second_factor, edit.second_factor);
    let shut_out = second_factor::shuts_out(needs != needed && needs != SecondFactor::Nobody, &session);
    let words = lacking.filter(|lacking| lacking.count > 0).map(|lacking| {
        let reached = verdict.reach.as_ref().filter(|reach| !reach.is_nobody());
        let reached = reached.map(|reach| format!(" {}", reach_words(reach))).unwrap_or_default();
        AttrValue::from(second_factor::words(lacking) + &reached)
    });
    let set = {
        let (draft, sending) = (draft.clone(), sending.clone());
        move |change: &dyn Fn(&mut SettingsDocument)| {
            let mut next = draft.edit().clone();
            change(&mut next);
            sending.forget();
            draft.set(next);
        }
    };
    let set_name = {
        let set = set.clone();
        Callback::from(move |name: String| set(&|edit| edit.name.clone_from(&name)))
    };
    let set_help = {
        let set = set.clone();
        Callback::from(move |address: String| set(&|edit| edit.help_url.clone_from(&address)))
    };
    let set_new_links = {
        let set = set.clone();
        Callback::from(move |id: &'static str| set(&|edit| edit.new_links = of_id(&NEW_LINKS, id)))
    };
    let set_second_factor = Callback::from(move |id: &'static str| {
        set(&|edit| edit.second_factor = of_id(&SECOND_FACTORS, id));
    });
    let discard = {
        let (draft, sending) = (draft.clone(), sending.clone());
        Callback::from(move |()| {
            sending.forget();
            draft.take_theirs();
        })
    };
    let rebase = {
        let draft = draft.clone();
        Callback::from(move |()| draft.put_on_top(merged))
    };
    let save = {
        let (draft, sending, wanted) = (draft.clone(), sending.clone(), wanted.clone());
        let (reload, session) = (props.reload.clone(), session.dispatcher());
        let reached = words.clone().or_else(|| verdict.reach.as_ref().map(|reach| reach_words(reach).into()));
        Callback::from(move |reason: String| {
            if newer || shut_out.is_some() {
                return;
            }
            let (draft, failing, reload) = (draft.clone(), sending.clone(), reload.clone());
            let (reached, session) = (reached.clone(), session.clone());
            let requests = [Request::put(PATH, &wanted, draft.etag()).because(&reason), Request::get(PATH)];
            sending.ask_in_turn(requests, move |answer: Told<SettingsView>| match answer {
                Ok(answer) => {
                    forget_unsaved();
                    draft.begin(answer.body.settings, answer.etag);
                    saying.done(format!("Saved. {}", reached.unwrap_or_default()), answer.made);
                    reload.emit(());
                    // The frame says what the tenant is called, and where help is.
                    session::ask(session);
                }
                // What is there now comes with the next revision, and both sides are shown.
                Err(problem) if problem.status() == 412 => reload.emit(()),
                Err(problem) => failing.fail(problem),
            });
        })
    };
    let problem = sending.failure().or(verdict.refusal.as_ref()).or(verdict.failure.as_ref());
    let at = |field: &str| problem.and_then(|problem| problem.at(field)).map(AttrValue::from);
    let beside = |fields: &[&str]| match (newer, shut_out) {
        (true, _) => Some(AttrValue::Static("The settings were saved meanwhile: see above.")),
        (false, Some(why)) => Some(AttrValue::Static(why)),
        (false, None) => problem.and_then(|problem| problem.beside(fields)).map(AttrValue::from),
    };
    let in_bar = beside(&FIELDS);
    let blocked = beside(&[]).filter(|_| newer || shut_out.is_some() || verdict.refusal.is_some());
    let theirs = fields(draft.there());
    let sides = before.iter().zip(&theirs).zip(&yours);
    let sides: Vec<Sides> = sides
        .map(|((was, theirs), yours)| Sides::of(was.0, was.1.clone(), theirs.1.clone(), yours.1.clone()))
        .collect();
    let may_see_log = access.as_ref().is_some_and(|access| access.may(console::AUDIT_VIEW));
    html! {
        <div class="stack settings">
            <div class="slot">
                if newer {
                    <Meanwhile what="the settings" version={draft.etag_there().map(str::to_owned)} {sides} ontheirs={discard.clone()} onyours={rebase} />
                }
                if let Some(reason) = reason {
                    <Banner tone={Tone::Note}>{ reason }</Banner>
                }
            </div>
            <div class="settings__name">
                <TextField label="Tenant name" required=true autocomplete="off" {fixed} value={edit.name.clone()} oninput={set_name} error={at(FIELDS[0])} />
                <TextField label="Help address" kind="url" optional=true autocomplete="off" {fixed} value={edit.help_url.clone()} oninput={set_help} error={at(FIELDS[1])}
                    hint="Where people find help. A link to it stands in the same place on every page." />
            </div>
            <ChoiceField legend="When new roles begin to count" choices={NEW_LINK_CHOICES} value={id_of(&NEW_LINKS, edit.new_links)} {fixed} onchange={set_new_links} />
            <ChoiceField legend="Who must have a second factor" choices={SECOND_FACTOR_CHOICES} value={id_of(&SECOND_FACTORS, edit.second_factor)} {fixed} onchange={set_second_factor}>
                <div class="slot" role="status">{ lacking.map(second_factor::lacking).unwrap_or_default() }</div>
            </ChoiceField>
            if !was.separation.is_empty() {
                <section class="stack" aria-labelledby="separation-title">
                    <div>
                        <h2 class="section-title" id="separation-title">{ "Separation of duty" }</h2>
                        <p class="muted">{ "Of each of these sets of roles one person may hold only so many, by whatever way. The rules are edited in the policy, which is imported." }</p>
                    </div>
                    <ul class="plain-list">
                        { for was.separation.iter().map(|rule| {
                            let name = |id: &String| role_name(access.as_ref(), id);
                            let roles: Vec<String> = rule.roles.iter().map(name).collect();
                            html! { <li key={rule.name.clone()}>{ separation_words(&rule.name, &roles, rule.at_most.into()) }</li> }
                        }) }
                    </ul>
                </section>
            }
            if may_see_log {
                <p><Link to={Route::Audit} query={Query::default().with("kind", "settings").as_str().to_owned()} class="text-link">{ "What changed in the settings" }</Link></p>
            }
            <div class="slot">
                if dirty {
                    <Pending {tally} reach={verdict.reach.clone()} {words} busy={sending.is_busy()} problem={in_bar} {blocked} ondiscard={discard} onsave={save}
                        changes={html! { { for edited.iter().map(|((field, was), (_, is))| change(field, Becomes::Edited(was, is))) } }} />
                }
            </div>
        </div>
    }
}

fn trimmed(settings: &SettingsDocument) -> SettingsDocument {
    let [name, help_url] = [&settings.name, &settings.help_url].map(|text| text.trim().to_owned());
    SettingsDocument { name, help_url, ..settings.clone() }
}

/// What was edited here on top of what somebody else saved.
fn merged(was: &SettingsDocument, theirs: &SettingsDocument, yours: &SettingsDocument) -> SettingsDocument {
    SettingsDocument {
        name: on_top(&was.name, &theirs.name, &yours.name),
        help_url: on_top(&was.help_url, &theirs.help_url, &yours.help_url),
        new_links: on_top(&was.new_links, &theirs.new_links, &yours.new_links),
        second_factor: on_top(&was.second_factor, &theirs.second_factor, &yours.second_factor),
        ..theirs.clone()
    }
}
