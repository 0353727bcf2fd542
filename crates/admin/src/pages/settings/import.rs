//! Puts a policy in from a file: what would differ, and for whom, is shown before it is done.

use rolewright_model::PolicyDocument;
use rolewright_model::catalogue::CatalogueDocument;
use rolewright_model::change::Change;
use rolewright_model::policy::SettingsDocument;
use rolewright_wire::Accepted;
use rolewright_wire::difference::{Became, DocumentDifference};
use serde::Deserialize;
use serde::de::IgnoredAny;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::second_factor;
use crate::access::{AccessHandle, use_access, use_tree};
use crate::api::{self, Encoded, Request};
use crate::guard::use_unsaved;
use crate::pages::audit::use_saying;
use crate::pages::by_person::ByPerson;
use crate::pages::differences::{Words, differences};
use crate::pages::problems::problems;
use crate::pages::reached::reach_words;
use crate::pages::saver::{revision, use_saver};
use crate::resource::use_resource;
use crate::sending::{Told, use_sending};
use crate::session::use_session;
use crate::states::use_text;
use crate::trial::use_trial;
use crate::widgets::{Banner, Button, Icon, TextField, Tone, Variant, failed, use_id};
use crate::{browser, text};

/// How many fields of a document are shown at most.
const MOST: usize = 100;

/// A file that was chosen, and the version of the policy that it would replace.
#[derive(Clone, PartialEq)]
struct Chosen {
    name: AttrValue,
    text: Encoded,
    /// Why it is no policy at all, where that is seen before anybody reads it.
    wrong: Option<&'static str>,
    from: Option<String>,
}

/// The section.
#[component]
pub fn Import() -> Html {
    let access = use_access();
    let tree = use_tree();
    let session = use_session();
    let sending = use_sending();
    let saying = use_saying();
    let (field, title) = (use_node_ref(), use_id());
    let chosen = use_state(|| None::<Chosen>);
    let reason = use_text();
    // Of the policy that is there only its version; before that is known nothing is chosen to replace it.
    let there =
        use_resource((), |()| async { api::get::<IgnoredAny>("/policy").await.map(|answer| answer.etag) });
    let version = there.data.as_ref().and_then(|etag| (**etag).clone());
    let refused = access.as_ref().and_then(refusal);
    let newer = chosen.as_ref().is_some_and(|chosen| chosen.from != version);
    let from = chosen.as_ref().and_then(|chosen| chosen.from.as_deref()).and_then(revision);
    // What was removed or is assigned to everyone makes no newer document: nobody knows then who it was.
    let saver = use_saver(version.as_deref().filter(|version| newer && revision(version) != from));
    let request =
        chosen.as_ref().map(|chosen| Request::put_of("/policy", chosen.text.clone(), chosen.from.as_deref()));
    let wrong = chosen.as_ref().and_then(|chosen| chosen.wrong);
    let verdict = use_trial(request.clone().filter(|_| !newer && wrong.is_none() && !sending.is_busy()));
    let pick = {
        let field = field.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(field) = field.cast::<HtmlInputElement>() {
                field.click();
            }
        })
    };
    let onchange = {
        let (chosen, sending, version) = (chosen.setter(), sending.clone(), version.clone());
        Callback::from(move |event: web_sys::Event| {
            let Some(field) = event.target_dyn_into::<HtmlInputElement>() else { return };
            let (chosen, sending, from) = (chosen.clone(), sending.clone(), version.clone());
            wasm_bindgen_futures::spawn_local(async move {
                if let Some((name, text)) = browser::chosen_file(field).await {
                    sending.forget();
                    let wrong = no_policy(&text);
                    chosen.set(Some(Chosen { name: name.into(), text: Encoded::text(text), wrong, from }));
                }
            });
        })
    };
    let forget = {
        let (chosen, reason, sending) = (chosen.setter(), reason.setter(), sending.clone());
        Callback::from(move |()| {
            chosen.set(None);
            reason.set(String::new());
            sending.forget();
        })
    };
    let compare = {
        let (chosen, version) = (chosen.clone(), version.clone());
        Callback::from(move |_: MouseEvent| {
            let next = (*chosen).clone().map(|chosen| Chosen { from: version.clone(), ..chosen });
            chosen.set(next);
        })
    };
    use_unsaved(
        Some(&*reason)
            .filter(|reason| chosen.is_some() && !reason.trim().is_empty())
            .map(|_| "The policy is not imported yet: its file and the reason would be lost.".to_owned()),
    );
    let set_reason = use_callback(reason.setter(), |text: String, reason| reason.set(text));
    let import = {
        let (sending, forget, reload) = (sending.clone(), forget.clone(), there.reload.clone());
        let (reach, reason) = (verdict.reach.clone(), (*reason).clone());
        Callback::from(move |_: MouseEvent| {
            let Some(request) = request.clone() else { return };
            let (failing, forget, reload, reach) =
                (sending.clone(), forget.clone(), reload.clone(), reach.clone());
            sending.ask(request.because(reason.trim()), move |answer: Told<Accepted>| {
                reload.emit(());
                match answer {
                    Ok(answer) => {
                        let reached = reach.map(|reach| reach_words(&reach)).unwrap_or_default();
                        saying.done(format!("Imported. {reached}"), answer.made);
                        forget.emit(());
                    }
                    Err(problem) => failing.fail(problem),
                }
            });
        })
    };
    let told = verdict.told.as_ref();
    let same = told.is_some_and(|told| told.documents.is_empty());
    let held_back = match (&verdict.refusal, newer, told) {
        _ if wrong.is_some() => Some("The file is no policy: choose another."),
        (Some(_), ..) => Some("The file cannot be imported as it is."),
        (None, true, _) => {
            Some("The policy changed since you chose the file: compare with what is there now.")
        }
        (None, false, None) => Some("What it would change is being worked out."),
        (None, false, Some(_)) if same => Some("The policy is as the file says already."),
        (None, false, Some(told)) => {
            let lacking = told.lacking_second_factor.as_ref();
            second_factor::shuts_out(lacking.is_some_and(|lacking| lacking.count > 0), &session)
        }
    };
    html! {
        <section class="panel" aria-labelledby={title.clone()}>
            <div class="panel__head">
                <div class="switch__words">
                    <h2 class="switch__title" id={title}>{ "Import" }</h2>
                    <p class="table__muted">{ "Replaces the whole policy by a file. What is not in the file goes. People keep what they hold, as far as it is there." }</p>
                </div>
                if version.is_some() && refused.is_none() {
                    <input type="file" class="visually-hidden" accept="application/json,.json" ref={field} {onchange} tabindex="-1" aria-label="Policy file" />
                }
                <Button icon="upload" onclick={pick} {refused} busy={version.is_none()} tip_end=true>{ if chosen.is_some() { "Choose another file" } else { "Choose file" } }</Button>
            </div>
            <div class="slot">
                if let Some(error) = &there.error {
                    { failed(error, &there.reload) }
                }
            </div>
            if let Some(file) = &*chosen {
                <div class="panel__body stack" key="chosen">
                    <p><code>{ file.name.clone() }</code></p>
                    <div class="slot" role="status">
                        if let Some(wrong) = wrong {
                            <Banner key="wrong" tone={Tone::Problem}><p>{ wrong }</p></Banner>
                        } else if newer {
                            <Banner tone={Tone::Caution} actions={html! { <Button small=true onclick={compare}>{ "Compare with what is there now" }</Button> }}>
                                { format!("{}. Nothing was imported.", saver.words("the policy")) }
                            </Banner>
                        } else if let Some(refusal) = &verdict.refusal {
                            { problems(refusal) }
                        } else if let Some(told) = told {
                            <p class="panel__sum">{ verdict.reach.as_ref().map(|reach| reach_words(reach)).unwrap_or_default() }</p>
                            { told.lacking_second_factor.as_ref().map(second_factor::lacking).unwrap_or_default() }
                            { for told.remarks.iter().map(|remark| html! { <Banner key={remark.clone()} tone={Tone::Caution}>{ text::sentence(&text::plain(remark)) }</Banner> }) }
                            if same {
                                <p class="muted">{ "No document differs." }</p>
                            } else {
                                <ul class="diff" aria-label="Documents">{ for told.documents.iter().map(|it| difference(it, told.documents.len() == 1, access.as_ref())) }</ul>
                            }
                            if let Some(reach) = verdict.reach.as_ref().filter(|reach| !reach.people.is_empty()) {
                                <ByPerson tree={tree.clone()} reach={reach.clone()} />
                            }
                        } else if let Some(failure) = &verdict.failure {
                            <Banner tone={Tone::Problem}>{ failure.to_string() }</Banner>
                        } else {
                            <p class="muted">{ "Working out what it would change." }</p>
                        }
                    </div>
                    <TextField label="Reason" optional=true autocomplete="off" value={(*reason).clone()} oninput={set_reason} hint="It stands in the audit log." error={sending.at(".reason")} />
                    <div class="slot">
                        if let Some(failure) = sending.failure() {
                            { problems(failure) }
                        }
                    </div>
                    <div class="panel__foot">
                        <Button onclick={forget.reform(|_: MouseEvent| ())}>{ "Cancel" }</Button>
                        <Button variant={Variant::Primary} busy={sending.is_busy()} refused={held_back.map(AttrValue::from)} tip_end=true onclick={import}>{ "Import policy" }</Button>
                    </div>
                </div>
            }
        </section>
    }
}

/// What is wrong with a file that cannot be a policy. What is wrong within one the server says, at its place.
fn no_policy(text: &str) -> Option<&'static str> {
    let text = text.trim_start_matches('\u{feff}').trim();
    match text.chars().next() {
        None => Some("The file is empty. Choose one that was exported here, or one of a template."),
        Some('{') => match api::read::<Parts>(text.as_bytes()) {
            Ok(Parts { format: None, catalogue: None, roles: None }) => Some(OTHER),
            _ => None,
        },
        Some(_) => Some(OTHER),
    }
}

/// What is said of a file of something else.
const OTHER: &str = "The file is no policy. Choose one that was exported here, or one of a template.";

/// What every policy has.
#[derive(Deserialize)]
struct Parts {
    format: Option<IgnoredAny>,
    catalogue: Option<IgnoredAny>,
    roles: Option<IgnoredAny>,
}

/// Why the person may not import any policy.
fn refusal(access: &AccessHandle) -> Option<AttrValue> {
    let policy = Box::new(PolicyDocument {
        format: 1,
        id: String::new(),
        name: String::new(),
        description: String::new(),
        settings: SettingsDocument::default(),
        catalogue: CatalogueDocument::default(),
        roles: Vec::new(),
        packages: Vec::new(),
        auto_assign: Vec::new(),
        tests: Vec::new(),
    });
    access.reason(&Change::ImportPolicy { policy })
}

/// A document that comes, goes or is edited; opened, its fields that differ.
fn difference(it: &DocumentDifference, alone: bool, access: Option<&AccessHandle>) -> Html {
    let (class, icon, word) = match it.became {
        Became::Added => ("diff__row--added", "plus", "added"),
        Became::Edited => ("diff__row--changed", "pencil", "edited"),
        Became::Removed => ("diff__row--removed", "minus", "removed"),
    };
    let kind = text::title(it.kind.as_str());
    let name = match &it.name {
        Some(name) => format!("{kind} {name}"),
        None => kind,
    };
    let policy = access.and_then(|access| access.policy());
    let words = Words {
        kind: it.kind.as_str(),
        name: &|id| policy?.role(id).map(|role| role.name.clone()),
        catalogue: policy.map(|policy| policy.catalogue()),
    };
    let (list, count) = differences(it.before.as_ref(), it.after.as_ref(), MOST, &words);
    html! {
        <li key={format!("{}{}", it.kind.as_str(), it.id)} class={classes!("diff__row", "diff__row--document", class)}>
            <Icon name={icon} />
            <details class="diff__document" open={alone}>
                <summary><span class="diff__name">{ name }</span>{ " " }<span class="muted">{ word }{ ", " }{ text::count(count as u64, "field", "fields") }</span></summary>
                { list }
                if count > MOST {
                    <p class="muted">{ format!("The first {MOST} of {} are shown.", text::number(count as u64)) }</p>
                }
            </details>
        </li>
    }
}
