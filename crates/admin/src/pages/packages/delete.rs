//! The dialog that deletes a package, or says who is on it and moves them first. It is one change: all of it or nothing.

use rolewright_model::change::Kind;
use rolewright_model::package::PackageDocument;
use rolewright_wire::batch::{MOST_CHANGES, Version};
use rolewright_wire::package::PackageView;
use rolewright_wire::page::Page;
use rolewright_wire::user::UserRow;
use serde::Serialize;
use yew::prelude::*;

use super::address;
use crate::access::use_access;
use crate::api::{self, ApiError, Query, Request};
use crate::batch::Batch;
use crate::browser;
use crate::pages::confirm::ConfirmDialog;
use crate::resource::use_resource;
use crate::text;

/// The values of the choices that are no package: none has a space in its id.
const UNCHOSEN: &str = " ";
const NONE: &str = " none";

#[derive(Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
enum Step {
    SetPackage { id: String, package: Option<String> },
    DeletePackage { id: String },
}

/// What is deleted: the version of the package, and who is on it.
struct Found {
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
    let to = use_state(|| None::<Option<String>>);
    let found = use_resource(props.id.clone(), |id: AttrValue| async move { find(&id).await });
    let people = found.fresh().map(|found| found.people.len()).unwrap_or_default();
    let blocked = match (found.fresh(), &found.error) {
        (None, Some(error)) => Some(error.to_string().into()),
        (None, None) => Some(AttrValue::Static("Looking who is on it.")),
        // More than a batch takes are moved on their page, by a bulk edit.
        (Some(_), _) if people >= MOST_CHANGES => {
            Some(AttrValue::Static("Too many people are on it: move them first, on the users page."))
        }
        (Some(_), _) => {
            (people > 0 && to.is_none()).then_some(AttrValue::Static("Choose where the people on it go."))
        }
    };
    let change = Request::post(
        "/batch",
        &batch(&props.id, found.fresh().map(|found| &**found), to.as_ref().and_then(Option::as_ref)),
    );
    let onto = {
        let to = to.setter();
        Callback::from(move |event: web_sys::Event| {
            let chosen = Some(browser::chosen_in(event)).filter(|value| value != UNCHOSEN);
            to.set(chosen.map(|value| Some(value).filter(|value| value != NONE)));
        })
    };
    let others: Vec<(String, String)> = access
        .as_ref()
        .and_then(|access| access.policy())
        .map(|policy| {
            let packages = policy.state().documents().packages.values();
            let others = packages.filter(|other| props.id != other.id);
            let roles = |other: &PackageDocument| {
                let names: Vec<&str> = other.roles.iter().map(|link| policy.role_name(&link.role)).collect();
                if names.is_empty() { "no roles".to_owned() } else { names.join(", ") }
            };
            others.map(|other| (other.id.clone(), format!("{}: {}", other.name, roles(other)))).collect()
        })
        .unwrap_or_default();
    let (verb, back) = match people {
        0 => ("Delete package", "the package"),
        _ => ("Move and delete", "the package, with the people who were on it"),
    };
    html! {
        <ConfirmDialog title={format!("Delete {}?", props.name)} {change} {blocked} {verb} done={format!("Deleted {}.", props.name)} {back}
            onclose={props.onclose.clone()} ondone={props.ondone.clone()}>
            if people > 0 {
                <p>{ format!("{} on this package, so it cannot be deleted yet. Move them in the same step.", text::count(people as u64, "person is", "people are")) }</p>
                <label class="field">
                    <span class="field__label">{ "Move them to" }</span>
                    <select class="select" onchange={onto}>
                        <option value={UNCHOSEN} selected={to.is_none()}>{ "Choose a package" }</option>
                        { for others.into_iter().map(|(id, name)| html! {
                            <option key={id.clone()} value={id.clone()} selected={to.as_ref() == Some(&Some(id.clone()))}>{ name }</option>
                        }) }
                        <option value={NONE} selected={*to == Some(None)}>{ "No package: no roles" }</option>
                    </select>
                </label>
            } else if found.fresh().is_some() {
                <p>{ "Nobody is on this package." }</p>
            }
        </ConfirmDialog>
    }
}

/// The change: who is on it is moved, and it is deleted.
fn batch(id: &str, found: Option<&Found>, to: Option<&String>) -> Batch<Step> {
    let version =
        |kind: Kind, id: &str, etag: &str| Version { kind, id: id.to_owned(), etag: etag.to_owned() };
    let people = found.map(|found| &found.people[..]).unwrap_or_default();
    let moved = people.iter().map(|id| Step::SetPackage { id: id.clone(), package: to.cloned() });
    // Whatever else of them is edited meanwhile stays: their version does not matter.
    let versions = people.iter().map(|id| version(Kind::User, id, "*"));
    Batch {
        changes: moved.chain([Step::DeletePackage { id: id.to_owned() }]).collect(),
        versions: versions.chain(found.map(|found| version(Kind::Package, id, &found.etag))).collect(),
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
    Ok(Found { etag: read.etag.unwrap_or_default(), people })
}
