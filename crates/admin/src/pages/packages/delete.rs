//! The dialog that deletes a package, or says who is on it and moves them first. It is one change: all of it or nothing.

use rolewright_model::change::Kind;
use rolewright_wire::Accepted;
use rolewright_wire::batch::{MOST_CHANGES, Version};
use rolewright_wire::package::PackageView;
use rolewright_wire::page::Page;
use rolewright_wire::user::UserRow;
use serde::Serialize;
use yew::prelude::*;

use super::address;
use crate::access::use_access;
use crate::api::{self, Answer, ApiError, Query, Request};
use crate::pages::audit::use_saying;
use crate::pages::role_editor::reach_words;
use crate::resource::use_resource;
use crate::sending::use_sending;
use crate::text;
use crate::trial::use_trial;
use crate::widgets::{Banner, Button, Dialog, Tone, Variant};

/// The values of the choices that are no package: none has a space in its id.
const UNCHOSEN: &str = " ";
const NONE: &str = " none";

#[derive(Serialize)]
struct Batch {
    changes: Vec<Step>,
    versions: Vec<Version>,
}

#[derive(Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
enum Step {
    SetPackage { id: String, package: Option<String> },
    DeletePackage { id: String },
}

/// What is deleted: the package with its version, and who is on it.
struct Found {
    view: PackageView,
    etag: String,
    people: Vec<String>,
}

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The package's id.
    pub id: AttrValue,
    /// What a person reads.
    pub name: AttrValue,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Told when the package is gone.
    pub ondone: Callback<()>,
}

/// The dialog.
#[component]
pub fn DeleteDialog(props: &Props) -> Html {
    let access = use_access();
    let (sending, saying) = (use_sending(), use_saying());
    let to = use_state(|| None::<Option<String>>);
    let found = use_resource(props.id.clone(), |id: AttrValue| async move { find(&id).await });
    let people = found.fresh().map(|found| found.people.len()).unwrap_or_default();
    // More than a batch takes are moved on their page, by a bulk edit.
    let too_many = people >= MOST_CHANGES;
    let batch = found.fresh().filter(|_| !too_many).and_then(|found| {
        let to = if found.people.is_empty() { None } else { (*to).clone()? };
        let any =
            |kind: Kind, id: &String, etag: &str| Version { kind, id: id.clone(), etag: etag.to_owned() };
        let id = found.view.package.id.clone();
        let moved = found.people.iter().map(|id| Step::SetPackage { id: id.clone(), package: to.clone() });
        // Whatever else of them is edited meanwhile stays: their version does not matter.
        let versions = found.people.iter().map(|id| any(Kind::User, id, "*"));
        Some(Batch {
            versions: versions.chain([any(Kind::Package, &id, &found.etag)]).collect(),
            changes: moved.chain([Step::DeletePackage { id }]).collect(),
        })
    });
    let request = batch.as_ref().map(|batch| Request::post("/batch", batch));
    let verdict = use_trial(request.clone().filter(|_| !sending.is_busy()));
    let onclick = {
        let (sending, name, reach) = (sending.clone(), props.name.clone(), verdict.reach.clone());
        let (ondone, onclose) = (props.ondone.clone(), props.onclose.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(request) = request.clone() else { return };
            let (name, reach) = (name.clone(), reach.clone());
            let (ondone, onclose) = (ondone.clone(), onclose.clone());
            sending.send(request, move |answer: Answer<Accepted>| {
                let reached = reach.map(|reach| reach_words(&reach)).unwrap_or_default();
                saying.done(format!("Deleted {name}. {reached}"), answer.made);
                onclose.emit(());
                ondone.emit(());
            });
        })
    };
    let onto = {
        let to = to.setter();
        Callback::from(move |event: web_sys::Event| {
            let value = event.target_dyn_into::<web_sys::HtmlSelectElement>().map(|select| select.value());
            to.set(
                value
                    .filter(|value| value != UNCHOSEN)
                    .map(|value| Some(value).filter(|value| value != NONE)),
            );
        })
    };
    let others: Vec<(String, String)> = access
        .as_ref()
        .and_then(|access| access.policy())
        .map(|policy| {
            let packages = policy.state().documents().packages.values();
            let others = packages.filter(|other| props.id != other.id);
            others.map(|other| (other.id.clone(), other.name.clone())).collect()
        })
        .unwrap_or_default();
    let refusal = verdict.refusal.as_ref().map(|refusal| refusal.to_string());
    let blocked = match (found.fresh(), too_many, &refusal) {
        (None, ..) => Some("Looking who is on it.".to_owned()),
        (Some(_), true, _) => {
            Some("Too many people are on it: move them first, on the users page.".to_owned())
        }
        (Some(_), false, Some(refusal)) => Some(refusal.clone()),
        (Some(_), false, None) if batch.is_none() => Some("Choose where the people on it go.".to_owned()),
        _ => None,
    };
    html! {
        <Dialog title={format!("Delete {}?", props.name)} alert=true onclose={props.onclose.clone()} footer={html! {
            <>
                <Button autofocus=true onclick={props.onclose.reform(|_| ())}>{ "Cancel" }</Button>
                <Button variant={Variant::Danger} busy={sending.is_busy()} refused={blocked.map(AttrValue::from)} tip_end=true {onclick}>
                    { if people > 0 { "Move and delete" } else { "Delete package" } }
                </Button>
            </>
        }}>
            if let Some(problem) = found.error.as_ref().or(sending.failure()) {
                <Banner tone={Tone::Problem}>{ problem.to_string() }</Banner>
            }
            if people > 0 {
                <p>{ format!("{} on this package, so it cannot be deleted yet. Move them in the same step.", text::count(people as u64, "person is", "people are")) }</p>
                <label class="field">
                    <span class="field__label">{ "Move them to" }</span>
                    <select class="select" onchange={onto}>
                        <option value={UNCHOSEN} selected={to.is_none()}>{ "Choose a package" }</option>
                        { for others.into_iter().map(|(id, name)| html! {
                            <option key={id.clone()} value={id.clone()} selected={to.as_ref() == Some(&Some(id.clone()))}>{ name }</option>
                        }) }
                        <option value={NONE} selected={*to == Some(None)}>{ "No package" }</option>
                    </select>
                </label>
            } else if found.fresh().is_some() {
                <p>{ "Nobody is on this package." }</p>
            }
            if let Some(words) = verdict.reach.as_ref().map(|reach| reach_words(reach)).or(refusal) {
                <p role="status">{ words }</p>
            }
        </Dialog>
    }
}

/// The package, and everybody on it as far as one batch goes.
async fn find(id: &str) -> Result<Found, ApiError> {
    let read = api::get::<PackageView>(&address(id)).await?;
    let mut people: Vec<String> = Vec::new();
    let mut cursor = String::new();
    while people.len() < MOST_CHANGES && read.body.users > 0 {
        let query = Query::default().with("package", id).with("limit", "200").with("cursor", &cursor);
        let page = api::get::<Page<UserRow>>(&format!("/users{}", query.as_str())).await?.body;
        people.extend(page.items.into_iter().map(|row| row.id));
        match page.next {
            Some(next) => cursor = next,
            None => break,
        }
    }
    Ok(Found { view: read.body, etag: read.etag.unwrap_or_default(), people })
}
