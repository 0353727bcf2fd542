//! One package: the roles that it carries, edited with their reach; who is on it; what changed.

use std::rc::Rc;

use rolewright_model::change::{Change, PackageEdit};
use rolewright_model::console;
use rolewright_model::role::{Audience, RoleDocument};
use rolewright_wire::package::PackageView;
use yew::prelude::*;

use super::address;
use super::delete::DeleteDialog;
use super::people::People;
use crate::access::{role_name, use_access};
use crate::api::{self, Answer, Query, Request};
use crate::draft::{on_top, use_draft};
use crate::frame::{PageHead, Refused, use_title};
use crate::guard::{forget_unsaved, use_unsaved};
use crate::nav::{self, Link, use_query};
use crate::pages::audit::use_saying;
use crate::pages::history::History;
use crate::pages::meanwhile::{Meanwhile, Sides};
use crate::pages::pending::{Becomes, Pending, change};
use crate::pages::reached::reach_words;
use crate::pages::roles::use_role_search;
use crate::resource::use_resource;
use crate::route::Route;
use crate::sending::{Told, use_sending};
use crate::states::use_flag;
use crate::text;
use crate::tree::Tally;
use crate::trial::use_trial;
use crate::widgets::{
    Banner, Checkbox, Empty, Menu, MenuItem, Skeleton, Tab, Tabs, TextArea, TextField, Ticked, Tone, failed,
};

const FIELDS: [&str; 2] = [".name", ".description"];

/// Which package.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its id.
    pub id: AttrValue,
}

/// A package as the server answered.
#[derive(Clone, Debug)]
struct Loaded(Rc<Answer<PackageView>>);

impl PartialEq for Loaded {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Loaded {
    fn edit(&self) -> PackageEdit {
        let package = &self.0.body.package;
        PackageEdit {
            id: package.id.clone(),
            name: package.name.clone(),
            description: package.description.clone(),
            roles: package.roles.iter().map(|link| link.role.clone()).collect(),
        }
    }
}

/// The page.
#[component]
pub fn PackagePage(props: &Props) -> Html {
    let package = use_resource(props.id.clone(), |id: AttrValue| async move {
        api::get::<PackageView>(&address(&id)).await
    });
    let gone = package.error.as_ref().is_some_and(|error| error.status() == 404);
    use_title(match package.fresh() {
        Some(package) if !gone => package.body.package.name.clone(),
        _ if gone => "Not found".to_owned(),
        _ => String::new(),
    });
    match (package.fresh().filter(|_| !gone), &package.error) {
        (Some(loaded), _) => {
            html! { <Editor key="editor" loaded={Loaded(loaded.clone())} reload={package.reload.clone()} /> }
        }
        (None, Some(error)) if error.status() == 404 => html! {
            <Empty key="gone" icon="package" title="There is no such package" text="It may have been deleted." page=true>
                <Link to={Route::Packages} class="button button--secondary">{ "Go to the packages" }</Link>
            </Empty>
        },
        (None, Some(error)) if error.status() == 403 => {
            html! { <Refused key="refused" permission={console::PACKAGES_VIEW} what="packages" /> }
        }
        (None, Some(error)) => html! {
            { failed(error, &package.reload) }
        },
        (None, None) => html! {
            <div class="page__content" key="loading" aria-busy="true"><PageHead title="" text={html! { <Skeleton length="medium" /> }} /></div>
        },
    }
}

#[derive(Properties, PartialEq)]
struct EditorProps {
    loaded: Loaded,
    reload: Callback<()>,
}

#[component]
fn Editor(props: &EditorProps) -> Html {
    let access = use_access();
    let query = use_query();
    let deleting = use_flag();
    let search = use_role_search();
    let (sending, saying) = (use_sending(), use_saying());
    let draft = use_draft(props.loaded.edit(), props.loaded.0.etag.clone());
    let (was, edit) = (draft.was().clone(), draft.edit().clone());
    let (dirty, newer) = (draft.is_dirty(), draft.is_behind());
    let view = &props.loaded.0.body;
    let policy = access.as_ref().and_then(|access| access.policy());
    let reason =
        access.as_ref().and_then(|access| access.reason(&Change::UpdatePackage { package: was.clone() }));
    let fixed = reason.is_some();
    let roles: Vec<&RoleDocument> = policy
        .map(|policy| {
            policy
                .roles()
                .filter(|role| role.audience == Audience::User && !role.base && !role.superuser)
                .collect()
        })
        .unwrap_or_default();
    // What it carries comes first, and stays where it is until that is saved.
    let (first, then): (Vec<&RoleDocument>, Vec<_>) =
        roles.iter().copied().filter(|role| search.fits(role)).partition(|role| was.roles.contains(&role.id));
    let found = [first, then].concat();
    let added = edit.roles.iter().filter(|role| !was.roles.contains(role)).count();
    let removed = was.roles.iter().filter(|role| !edit.roles.contains(role)).count();
    let changed = usize::from(edit.name != was.name) + usize::from(edit.description != was.description);
    let tally = Tally { added, removed, changed };
    use_unsaved(dirty.then(|| {
        format!("{} to {} would be lost.", text::count(tally.total() as u64, "change", "changes"), was.name)
    }));
    let path = address(&was.id);
    let nameless = edit.name.trim().is_empty();
    let ask = dirty && !fixed && !newer && !sending.is_busy() && !nameless;
    let verdict = use_trial(ask.then(|| Request::put(&*path, &edit, draft.etag())));
    let set = {
        let (draft, sending) = (draft.clone(), sending.clone());
        move |change: &dyn Fn(&mut PackageEdit)| {
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
    let set_description = {
        let set = set.clone();
        Callback::from(move |text: String| set(&|edit| edit.description.clone_from(&text)))
    };
    let ontick = {
        let (set, was) = (set.clone(), was.clone());
        Callback::from(move |(role, on): (String, bool)| {
            set(&|edit| {
                edit.roles.retain(|known| *known != role);
                if on {
                    edit.roles.push(role.clone());
                    // The order of what was there stays, so that nothing differs where nothing was changed.
                    let place =
                        |id: &String| was.roles.iter().position(|known| known == id).unwrap_or(usize::MAX);
                    edit.roles.sort_by_key(place);
                }
            });
        })
    };
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
        let (draft, sending, edit) = (draft.clone(), sending.clone(), edit.clone());
        let (reload, reach, path) = (props.reload.clone(), verdict.reach.clone(), path.clone());
        Callback::from(move |reason: String| {
            if newer || nameless {
                return;
            }
            let [name, description] = [&edit.name, &edit.description].map(|text| text.trim().to_owned());
            let body = PackageEdit { name, description, ..edit.clone() };
            let (draft, failing, reload) = (draft.clone(), sending.clone(), reload.clone());
            let reach = reach.clone();
            let requests = [Request::put(&*path, &body, draft.etag()).because(&reason), Request::get(&*path)];
            sending.ask_in_turn(requests, move |answer: Told<PackageView>| match answer {
                Ok(answer) => {
                    forget_unsaved();
                    let loaded = Loaded(Rc::new(answer));
                    let made = loaded.0.made;
                    draft.begin(loaded.edit(), loaded.0.etag.clone());
                    let reached = reach.map(|reach| reach_words(&reach)).unwrap_or_default();
                    saying.done(format!("Saved. {reached}"), made);
                    reload.emit(());
                }
                // What is there now comes with the next revision, and both sides are shown.
                Err(problem) if problem.status() == 412 => reload.emit(()),
                Err(problem) => failing.fail(problem),
            });
        })
    };
    let name = |id: &str| role_name(access.as_ref(), id);
    let tab: AttrValue = match query.get("tab") {
        "people" => "people".into(),
        "history" => "history".into(),
        _ => "roles".into(),
    };
    let onchange = {
        let route = Route::Package { id: was.id.clone() };
        Callback::from(move |tab: AttrValue| {
            let query = Query::default().with("tab", if tab == "roles" { "" } else { &tab });
            nav::set_query(&route, query.as_str());
        })
    };
    let tabs: Rc<[Tab]> = Rc::from([
        Tab { id: "roles".into(), label: "Roles".into(), count: Some(edit.roles.len()) },
        Tab { id: "people".into(), label: "People".into(), count: usize::try_from(view.users).ok() },
        Tab { id: "history".into(), label: "History".into(), count: None },
    ]);
    let ask_delete = {
        let deleting = deleting.setter();
        Callback::from(move |()| deleting.set(true))
    };
    let close_delete = use_callback(deleting.setter(), |(), deleting| deleting.set(false));
    let deleted = Callback::from(move |()| {
        forget_unsaved();
        nav::replace_with(&Route::Packages);
    });
    let delete_refused =
        access.as_ref().and_then(|access| access.reason(&Change::DeletePackage { id: was.id.clone() }));
    let items = [MenuItem {
        label: "Delete".into(),
        icon: "trash-2".into(),
        danger: true,
        refused: delete_refused,
        onpick: ask_delete,
    }];
    let problem = sending.failure().or(verdict.refusal.as_ref()).or(verdict.failure.as_ref());
    let at = |field: &str| problem.and_then(|problem| problem.at(field)).map(AttrValue::from);
    let name_error =
        if nameless { Some(AttrValue::Static("Write a name for the package.")) } else { at(FIELDS[0]) };
    let beside = |fields: &[&str]| match (newer, nameless) {
        (true, _) => Some(AttrValue::Static("This package was saved meanwhile: see above.")),
        (false, true) => name_error.clone().filter(|_| fields.is_empty()),
        (false, false) => problem.and_then(|problem| problem.beside(fields)).map(AttrValue::from),
    };
    // What is wrong with a field is said there, while it is shown.
    let in_bar = beside(if tab == "roles" { &FIELDS } else { &[] });
    let blocked = beside(&[]).filter(|_| newer || nameless || verdict.refusal.is_some());
    let roles_of = |edit: &PackageEdit| match &edit.roles[..] {
        [] => "no role".to_owned(),
        roles => roles.iter().map(|id| name(id)).collect::<Vec<_>>().join(", "),
    };
    let theirs = draft.there();
    let sides = vec![
        Sides::of("Name", was.name.clone(), theirs.name.clone(), edit.name.clone()),
        Sides::of(
            "Description",
            was.description.clone(),
            theirs.description.clone(),
            edit.description.clone(),
        ),
        Sides::of("Roles", roles_of(&was), roles_of(theirs), roles_of(&edit)),
    ];
    let added = edit.roles.iter().filter(|role| !was.roles.contains(role));
    let removed = was.roles.iter().filter(|role| !edit.roles.contains(role));
    let texts = [("Name", &was.name, &edit.name), ("Description", &was.description, &edit.description)];
    let changes = html! {
        <>
            { for added.map(|role| change(&name(role), Becomes::Added)) }
            { for removed.map(|role| change(&name(role), Becomes::Removed)) }
            { for texts.iter().filter(|(_, was, is)| was != is).map(|(field, was, is)| change(field, Becomes::Edited(was, is))) }
        </>
    };
    html! {
        <div class="page__content" key="package">
            <PageHead title={was.name.clone()} text={html! { { text::count(view.users, "person is on it", "people are on it") } }}
                actions={html! { <Menu label={format!("Actions for {}", was.name)} items={Rc::from(items)} /> }} />
            <div class="slot">
                if newer {
                    <Meanwhile what="this package" version={draft.etag_there().map(str::to_owned)} {sides} ontheirs={discard.clone()} onyours={rebase} />
                }
                if let Some(reason) = reason {
                    <Banner tone={Tone::Note}>{ reason }</Banner>
                }
            </div>
            <Tabs {tabs} value={tab.clone()} label={format!("About {}", was.name)} {onchange}>
                { match tab.as_str() {
                    "people" => html! { <People key="people" id={was.id.clone()} name={was.name.clone()} ondone={props.reload.clone()} /> },
                    "history" => html! { <History key="history" about={was.id.clone()} /> },
                    _ => html! {
                        <div key="roles" class="stack">
                            <div class="editor__fields">
                                <TextField label="Name" autocomplete="off" fixed={fixed} value={edit.name.clone()} oninput={set_name} error={name_error} />
                                <TextArea label="Description" optional=true fixed={fixed} value={edit.description.clone()} oninput={set_description} error={at(FIELDS[1])} />
                            </div>
                            <section class="module" aria-labelledby="package-roles">
                                <div class="module__head module__head--open">
                                    <h2 class="module__title" id="package-roles">{ "Roles it carries" }</h2>
                                    <span class="module__count">{ format!("{} of {}", edit.roles.len(), roles.len()) }</span>
                                </div>
                                { search.field(roles.len(), found.len(), &format!("{} carried", text::number(edit.roles.len() as u64))) }
                                <ul class="module__rows">
                                    if found.is_empty() && !roles.is_empty() {
                                        <li class="permission muted">{ "No role fits." }</li>
                                    }
                                    { for found.iter().map(|role| html! {
                                        <RoleTick key={role.id.clone()} id={role.id.clone()} name={role.name.clone()} about={role.description.clone()}
                                            on={edit.roles.contains(&role.id)} {fixed} onchange={ontick.clone()} />
                                    }) }
                                </ul>
                            </section>
                            if roles.is_empty() {
                                <p class="muted">{ "There is no role of the user audience: create one first." }</p>
                            }
                        </div>
                    },
                } }
            </Tabs>
            <div class="slot">
                if dirty {
                    <Pending {tally} holders={Some(people_on(view.users))} reach={verdict.reach.clone()} busy={sending.is_busy()} problem={in_bar} {blocked} {changes}
                        ondiscard={discard} onsave={save} />
                }
            </div>
            <div class="slot">
                if *deleting {
                    <DeleteDialog id={was.id.clone()} name={was.name.clone()} onclose={close_delete} ondone={deleted} />
                }
            </div>
        </div>
    }
}

/// How many people are on it, in a sentence.
fn people_on(users: u64) -> AttrValue {
    match users {
        0 => AttrValue::Static("Nobody is on it."),
        n => format!("{} on it.", text::count(n, "person is", "people are")).into(),
    }
}

/// What was edited here on top of what somebody else saved: their roles, with those ticked here and without those unticked.
fn merged(was: &PackageEdit, theirs: &PackageEdit, yours: &PackageEdit) -> PackageEdit {
    let stays = |role: &&String| yours.roles.contains(role) || !was.roles.contains(role);
    let comes = |role: &&String| !was.roles.contains(role) && !theirs.roles.contains(role);
    let roles = theirs.roles.iter().filter(stays).chain(yours.roles.iter().filter(comes));
    PackageEdit {
        name: on_top(&was.name, &theirs.name, &yours.name),
        description: on_top(&was.description, &theirs.description, &yours.description),
        roles: roles.cloned().collect(),
        ..theirs.clone()
    }
}

#[derive(Properties, PartialEq)]
struct RoleTickProps {
    id: AttrValue,
    name: AttrValue,
    about: AttrValue,
    on: bool,
    fixed: bool,
    onchange: Callback<(String, bool)>,
}

/// Whether the package carries a role.
#[component]
fn RoleTick(props: &RoleTickProps) -> Html {
    let id = props.id.to_string();
    let onchange = props.onchange.reform(move |on: bool| (id.clone(), on));
    html! {
        <li class="permission">
            <Checkbox ticked={Ticked::from(props.on)} fixed={props.fixed} label={props.name.clone()} {onchange}>
                <span class="permission__label">{ props.name.clone() }</span>
                <span class="permission__about">{ props.about.clone() }</span>
            </Checkbox>
            <Link to={Route::Role { id: props.id.to_string() }} class="matrix__panel-link" label={format!("Open {}", props.name)}>{ "Open" }</Link>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_of_ones_own_are_put_on_top_of_theirs() {
        let of = |roles: &[&str]| PackageEdit {
            id: "gold".to_owned(),
            name: "Gold".to_owned(),
            description: String::new(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        };
        let both = merged(&of(&["a", "b"]), &of(&["b", "a", "c"]), &of(&["a", "d"]));
        assert_eq!(both.roles, ["a", "c", "d"]);
    }
}
