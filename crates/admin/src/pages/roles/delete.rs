//! The dialog that deletes a role, with what goes with it; or says what is in the way and mends it.

use rolewright_model::change::Change;
use rolewright_model::directory::Principal;
use rolewright_model::refusal::Code;
use rolewright_model::role::{Audience, RoleDocument};
use rolewright_wire::assignment::AssignmentView;
use rolewright_wire::page::Page;
use rolewright_wire::role::{Assigned, RoleView};
use yew::prelude::*;

use crate::access::{in_words, use_access};
use crate::api::{self, ApiError, Query, Request};
use crate::browser;
use crate::pages::confirm::ConfirmDialog;
use crate::resource::use_resource;
use crate::states::use_flag;
use crate::text;
use crate::widgets::{Banner, Checkbox, Ticked, Tone};

/// The values of the choices that are no role: none has a space in its id.
const UNCHOSEN: &str = " ";
const NONE: &str = " none";

/// How many of those whom it is taken from are named.
const NAMED: usize = 5;

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The role.
    pub view: RoleView,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Told when the role is gone.
    pub ondeleted: Callback<()>,
}

/// What is deleted: the version of the role, to whom it is assigned, some of them by name, and the policy tests that name it.
struct Found {
    etag: Option<String>,
    assigned: Assigned,
    names: Vec<String>,
    tests: Vec<String>,
}

/// The dialog.
#[component]
pub fn DeleteDialog(props: &Props) -> Html {
    let access = use_access();
    let with = use_state(|| None::<String>);
    let with_tests = use_flag();
    let role = &props.view.role;
    let refusal =
        access.as_ref().and_then(|access| access.permit(&Change::DeleteRole { id: role.id.clone() }).err());
    let in_package = refusal.as_ref().is_some_and(|refusal| refusal.code == Code::RoleInPackage);
    let refusal = refusal.filter(|_| !in_package);
    let found = use_resource(role.id.clone(), |id| async move { find(&id).await });
    let blocked = match (&refusal, found.fresh(), &found.error) {
        (Some(refusal), ..) => Some(in_words(refusal)),
        (None, None, Some(error)) => Some(error.to_string().into()),
        (None, None, None) => Some(AttrValue::Static("Looking who it is assigned to.")),
        (None, Some(_), _) => (in_package && with.is_none())
            .then_some(AttrValue::Static("Choose what the packages carry instead.")),
    };
    // Taking it out of its packages and deleting it is one change: all of it or nothing.
    let instead = with.as_ref().filter(|_| in_package);
    let instead =
        instead.map(|with| format!("?replace_with={}", String::from(js_sys::encode_uri_component(with))));
    let change = Request::delete(
        address(&role.id) + &instead.unwrap_or_default(),
        found.fresh().and_then(|found| found.etag.as_deref()),
    );
    let tests = Query::default().with("with_tests", if *with_tests { "true" } else { "" });
    let change = change.asking(&tests);
    let ontests = use_callback(with_tests.setter(), |on: bool, with_tests| with_tests.set(on));
    let onwith = {
        let with = with.setter();
        Callback::from(move |event: web_sys::Event| {
            let chosen = Some(browser::chosen_in(event)).filter(|value| value != UNCHOSEN);
            with.set(chosen.map(|value| if value == NONE { String::new() } else { value }));
        })
    };
    let policy = access.as_ref().and_then(|access| access.policy());
    let fits =
        |other: &&RoleDocument| other.id != role.id && !other.superuser && other.audience == Audience::User;
    let others = policy.into_iter().flat_map(|policy| policy.roles()).filter(fits);
    let packages: Vec<&str> = props
        .view
        .packages
        .iter()
        .map(|id| policy.map_or(id.as_str(), |policy| policy.package_name(id)))
        .collect();
    let is_one = packages.len() == 1;
    html! {
        <ConfirmDialog title={format!("Delete {}?", role.name)} {change} {blocked} verb={if in_package { "Replace and delete" } else { "Delete role" }}
            done={format!("Deleted {}.", role.name)} back="the role with its assignments" onclose={props.onclose.clone()} ondone={props.ondeleted.clone()}>
            if in_package {
                <Banner tone={Tone::Caution}>
                    { format!("{}: {}. It is replaced there and deleted in one step.",
                        if is_one { "This package carries the role" } else { "These packages carry the role" }, packages.join(", ")) }
                </Banner>
                <label class="field">
                    <span class="field__label">{ if is_one { "In this package, carry instead" } else { "In these packages, carry instead" } }</span>
                    <select class="select" onchange={onwith}>
                        <option value={UNCHOSEN} selected={with.is_none()} disabled=true>{ "Choose" }</option>
                        <option value={NONE} selected={with.as_deref() == Some("")}>{ "No other role" }</option>
                        { for others.map(|other| html! {
                            <option key={other.id.clone()} value={other.id.clone()} selected={with.as_ref() == Some(&other.id)}>{ other.name.clone() }</option>
                        }) }
                    </select>
                </label>
            }
            if let Some(tests) = found.fresh().map(|found| &found.tests).filter(|tests| !tests.is_empty() && refusal.is_none()) {
                <Checkbox ticked={Ticked::from(*with_tests)} label={said_of_tests(tests)} onchange={ontests}>
                    { said_of_tests(tests) }
                </Checkbox>
            }
            if let Some(found) = found.fresh().filter(|_| refusal.is_none()) {
                <p>{ taken_from(found) }</p>
            }
        </ConfirmDialog>
    }
}

/// "Remove the policy test that names it too: Clerks delete nothing".
fn said_of_tests(tests: &[String]) -> String {
    let what = if tests.len() == 1 { "test that names" } else { "tests that name" };
    format!("Remove the policy {what} it too: {}", text::listed(tests, NAMED, tests.len() as u64))
}

/// Whom it is taken from.
fn taken_from(found: &Found) -> String {
    let Assigned { users, groups, auto_assign } = &found.assigned;
    let counted = [(*users, "person", "people"), (*groups, "group", "groups")];
    let counted =
        counted.into_iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| text::count(n, one, many));
    let whom: Vec<String> = auto_assign.iter().map(|_| "everyone".to_owned()).chain(counted).collect();
    let named = text::listed(&found.names, NAMED, users + groups);
    match (whom.is_empty(), found.names.is_empty()) {
        (true, _) => "It is assigned to nobody.".to_owned(),
        (false, true) => format!("Its assignments to {} go with it.", whom.join(" and ")),
        (false, false) => format!("Its assignments to {} go with it: {named}.", whom.join(" and ")),
    }
}

fn address(id: &str) -> String {
    format!("/roles/{}", js_sys::encode_uri_component(id))
}

async fn find(id: &str) -> Result<Found, ApiError> {
    let read = api::get::<RoleView>(&address(id)).await?;
    let query = Query::default().with("role", id);
    // Who may not see people deletes it without their names.
    let listed = api::get::<Page<AssignmentView>>(&format!("/assignments{}", query.as_str())).await;
    let listed = listed.map(|answer| answer.body.items).unwrap_or_default();
    let mut seen = Vec::new();
    let mut names = Vec::new();
    for AssignmentView { assignment, principal_name, .. } in listed {
        // Who has it at several places is named once.
        if assignment.principal != Principal::Everyone && !seen.contains(&assignment.principal) {
            seen.push(assignment.principal);
            names.push(principal_name);
        }
    }
    let RoleView { assigned, tests, .. } = read.body;
    Ok(Found { etag: read.etag, assigned, names, tests })
}
