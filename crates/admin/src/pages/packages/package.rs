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
use crate::access::use_access;
use crate::api::{self, Answer, Query, Request};
use crate::frame::{PageHead, Refused, use_title};
use crate::guard::{forget_unsaved, use_unsaved};
use crate::nav::{self, Link, use_query};
use crate::pages::history::History;
use crate::pages::role_editor::{SaveBar, reach_words};
use crate::resource::use_resource;
use crate::route::Route;
use crate::sending::{Told, use_sending};
use crate::states::use_flag;
use crate::text;
use crate::toast;
use crate::tree::Tally;
use crate::trial::use_trial;
use crate::widgets::{
    Banner, Button, Checkbox, Dialog, Empty, Menu, MenuItem, Skeleton, Tab, Tabs, TextArea, TextField,
    Ticked, Tone, failed,
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

/// What is edited, and the version that it was made from: kept while somebody else saves.
#[derive(Clone, PartialEq)]
struct Draft {
    from: Loaded,
    edit: PackageEdit,
}

#[component]
fn Editor(props: &EditorProps) -> Html {
    let access = use_access();
    let query = use_query();
    let deleting = use_flag();
    let reviewing = use_flag();
    let sending = use_sending();
    let draft = {
        let first = Draft { from: props.loaded.clone(), edit: props.loaded.edit() };
        use_state(move || first)
    };
    let was = draft.from.edit();
    let dirty = draft.edit != was;
    {
        // What somebody else saved is shown at once, unless there are edits here: those are kept.
        let draft = draft.clone();
        use_effect_with(props.loaded.clone(), move |loaded| {
            if !dirty {
                draft.set(Draft { from: loaded.clone(), edit: loaded.edit() });
            }
        });
    }
    let view = &props.loaded.0.body;
    let newer = dirty && props.loaded.0.etag != draft.from.0.etag;
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
    let added = draft.edit.roles.iter().filter(|role| !was.roles.contains(role)).count();
    let removed = was.roles.iter().filter(|role| !draft.edit.roles.contains(role)).count();
    let changed =
        usize::from(draft.edit.name != was.name) + usize::from(draft.edit.description != was.description);
    let tally = Tally { added, removed, changed };
    use_unsaved(dirty.then(|| {
        format!("{} to {} would be lost.", text::count(tally.total() as u64, "change", "changes"), was.name)
    }));
    let path = address(&was.id);
    let etag = draft.from.0.etag.clone();
    let nameless = draft.edit.name.trim().is_empty();
    let ask = dirty && !fixed && !newer && !sending.is_busy() && !nameless;
    let verdict = use_trial(ask.then(|| Request::put(&*path, &draft.edit, etag.as_deref())));
    let set = {
        let (draft, sending) = (draft.clone(), sending.clone());
        move |change: &dyn Fn(&mut PackageEdit)| {
            let mut next = (*draft).clone();
            change(&mut next.edit);
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
        let (draft, sending, loaded, reviewing) =
            (draft.setter(), sending.clone(), props.loaded.clone(), reviewing.setter());
        Callback::from(move |()| {
            sending.forget();
            reviewing.set(false);
            draft.set(Draft { from: loaded.clone(), edit: loaded.edit() });
        })
    };
    let save = {
        let (draft, sending, reviewing) = (draft.clone(), sending.clone(), reviewing.setter());
        let (reload, reach, path) = (props.reload.clone(), verdict.reach.clone(), path.clone());
        Callback::from(move |()| {
            if newer || nameless {
                return;
            }
            let body = PackageEdit {
                name: draft.edit.name.trim().to_owned(),
                description: draft.edit.description.trim().to_owned(),
                ..draft.edit.clone()
            };
            let (draft, failing, reload, reviewing) =
                (draft.clone(), sending.clone(), reload.clone(), reviewing.clone());
            let reach = reach.clone();
            let requests = [Request::put(&*path, &body, draft.from.0.etag.as_deref()), Request::get(&*path)];
            sending.ask_in_turn(requests, move |answer: Told<PackageView>| {
                reviewing.set(false);
                match answer {
                    Ok(answer) => {
                        forget_unsaved();
                        let loaded = Loaded(Rc::new(answer));
                        draft.set(Draft { edit: loaded.edit(), from: loaded });
                        let reached = reach.map(|reach| reach_words(&reach)).unwrap_or_default();
                        toast::say(format!("Saved. {reached}"));
                        reload.emit(());
                    }
                    // What is there now comes with the next revision, and both sides are shown.
                    Err(problem) if problem.status() == 412 => reload.emit(()),
                    Err(problem) => failing.fail(problem),
                }
            });
        })
    };
    let name = |id: &str| access.as_ref().map_or_else(|| id.to_owned(), |access| access.role_name(id));
    // Both sides of a conflict: theirs is what is there, and one's own ticks are put on top.
    let rebase = {
        let (draft, loaded, was) = (draft.clone(), props.loaded.clone(), was.clone());
        Callback::from(move |_: MouseEvent| {
            let mut edit = loaded.edit();
            edit.roles.retain(|role| draft.edit.roles.contains(role) || !was.roles.contains(role));
            for role in &draft.edit.roles {
                if !was.roles.contains(role) && !edit.roles.contains(role) {
                    edit.roles.push(role.clone());
                }
            }
            if draft.edit.name != was.name {
                edit.name.clone_from(&draft.edit.name);
            }
            if draft.edit.description != was.description {
                edit.description.clone_from(&draft.edit.description);
            }
            draft.set(Draft { from: loaded.clone(), edit });
        })
    };
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
        Tab { id: "roles".into(), label: "Roles".into(), count: Some(draft.edit.roles.len()) },
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
    let problem = sending.failure().or(verdict.refusal.as_ref());
    let at = |field: &str| problem.and_then(|problem| problem.at(field)).map(AttrValue::from);
    let name_error =
        if nameless { Some(AttrValue::Static("Write a name for the package.")) } else { at(FIELDS[0]) };
    let in_bar = if newer {
        Some(AttrValue::Static("Somebody else saved this package meanwhile: see above."))
    } else if nameless {
        name_error.clone()
    } else {
        problem.and_then(|problem| problem.beside(&[])).map(AttrValue::from)
    };
    let blocked = newer || nameless || verdict.refusal.is_some();
    let review = use_callback(reviewing.setter(), |(), reviewing| reviewing.set(true));
    let close_review = use_callback(reviewing.setter(), |(), reviewing| reviewing.set(false));
    let theirs: Vec<String> = props.loaded.edit().roles.iter().map(|id| name(id)).collect();
    html! {
        <div class="page__content" key="package">
            <PageHead title={was.name.clone()} text={html! { { text::count(view.users, "person is on it", "people are on it") } }}
                actions={html! { <Menu label={format!("Actions for {}", was.name)} items={Rc::from(items)} /> }} />
            <div class="slot">
                if newer {
                    <Banner tone={Tone::Caution} actions={html! {
                        <>
                            <Button small=true onclick={discard.reform(|_| ())}>{ "Use theirs" }</Button>
                            <Button small=true onclick={rebase}>{ "Put mine on top" }</Button>
                        </>
                    }}>
                        { format!("Somebody else saved this package meanwhile. It is now called {} and carries {}.", props.loaded.0.body.package.name,
                            if theirs.is_empty() { "no role".to_owned() } else { theirs.join(", ") }) }
                    </Banner>
                }
                if let Some(reason) = reason {
                    <Banner tone={Tone::Note}>{ reason }</Banner>
                }
            </div>
            <Tabs {tabs} value={tab.clone()} label={format!("About {}", was.name)} {onchange}>
                { match tab.as_str() {
                    "people" => html! { <People key="people" id={was.id.clone()} /> },
                    "history" => html! { <History key="history" about={was.id.clone()} /> },
                    _ => html! {
                        <div key="roles" class="stack">
                            <div class="editor__fields">
                                <TextField label="Name" autocomplete="off" fixed={fixed} value={draft.edit.name.clone()} oninput={set_name} error={name_error} />
                                <TextArea label="Description" optional=true fixed={fixed} value={draft.edit.description.clone()} oninput={set_description} error={at(FIELDS[1])} />
                            </div>
                            <section class="module" aria-labelledby="package-roles">
                                <div class="module__head">
                                    <h2 class="module__title" id="package-roles">{ "Roles it carries" }</h2>
                                    <span class="module__count">{ format!("{} of {}", draft.edit.roles.len(), roles.len()) }</span>
                                </div>
                                <ul class="module__rows">
                                    { for roles.iter().map(|role| html! {
                                        <RoleTick key={role.id.clone()} id={role.id.clone()} name={role.name.clone()} about={role.description.clone()}
                                            on={draft.edit.roles.contains(&role.id)} {fixed} onchange={ontick.clone()} />
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
                    <SaveBar {tally} holders={Some(view.users)} several=true reach={verdict.reach.clone()} busy={sending.is_busy()} problem={in_bar} {blocked} verb="Save"
                        onreview={review} ondiscard={discard} onsave={save.clone()} />
                }
            </div>
            <div class="slot">
                if *reviewing && dirty {
                    <Dialog title="Review changes" onclose={close_review.clone()} footer={html! {
                        <>
                            <Button onclick={close_review.reform(|_| ())}>{ "Keep editing" }</Button>
                            <Button variant={crate::widgets::Variant::Primary} autofocus=true busy={sending.is_busy()} onclick={save.reform(|_| ())}>{ "Save" }</Button>
                        </>
                    }}>
                        <p role="status">{ verdict.reach.as_ref().map(|reach| reach_words(reach)).unwrap_or_default() }</p>
                        <ul class="diff">
                            { for draft.edit.roles.iter().filter(|role| !was.roles.contains(role)).map(|role| diff(&name(role), "plus", "diff__row--added", "added")) }
                            { for was.roles.iter().filter(|role| !draft.edit.roles.contains(role)).map(|role| diff(&name(role), "minus", "diff__row--removed", "removed")) }
                            if draft.edit.name != was.name {
                                { diff(&format!("Name: {}", draft.edit.name), "pencil", "diff__row--changed", "edited") }
                            }
                            if draft.edit.description != was.description {
                                { diff("Description", "pencil", "diff__row--changed", "edited") }
                            }
                        </ul>
                    </Dialog>
                }
                if *deleting {
                    <DeleteDialog id={was.id.clone()} name={was.name.clone()} onclose={close_delete} ondone={deleted} />
                }
            </div>
        </div>
    }
}

fn diff(name: &str, icon: &'static str, class: &'static str, word: &'static str) -> Html {
    html! {
        <li key={name.to_owned()} class={classes!("diff__row", class)}>
            <crate::widgets::Icon name={icon} /><span class="diff__name">{ name.to_owned() }</span><span class="muted">{ word }</span>
        </li>
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
