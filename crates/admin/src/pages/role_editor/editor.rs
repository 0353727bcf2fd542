//! The editor itself: three columns that become one, and the bar that saves.

use std::rc::Rc;

use rolewright_model::change::Change;
use rolewright_model::role::{RoleDocument, RoleKind};
use rolewright_model::{Level, Viewed};
use rolewright_wire::reach::Reach;
use rolewright_wire::role::RoleView;
use yew::prelude::*;

use super::conflict::ConflictDialog;
use super::draft::{Draft, Edit, tally_words};
use super::effects::{Effects, Ground};
use super::head::{held_by_now, marks, tabs};
use super::inspector::Inspector;
use super::modules::ModuleList;
use super::page::{Gone, Loaded};
use super::permissions::Permissions;
use super::review::ReviewDialog;
use super::save_bar::SaveBar;
use crate::access::{AccessHandle, use_access};
use crate::api::{Answer, Query, Request};
use crate::browser;
use crate::frame::PageHead;
use crate::guard::{forget_unsaved, use_unsaved};
use crate::nav::{self, Link, use_query};
use crate::pages::audit::use_saying;
use crate::pages::permissions::{refused_everywhere, refused_to_give, to_assign};
use crate::pages::reached::reach_words;
use crate::pages::roles::DeleteDialog;
use crate::pages::saver::use_saver;
use crate::pages::view_as::{self, ViewAsDialog};
use crate::route::Route;
use crate::same::Same;
use crate::sending::{Told, use_sending};
use crate::shortcuts::{Command, use_command};
use crate::states::use_flag;
use crate::text;
use crate::toast;
use crate::tree::{Tree, changes};
use crate::trial::use_trial_of;
use crate::typing::use_typing;
use crate::widgets::{Banner, Button, Icon, Menu, MenuItem, TextArea, TextField, Tone};

/// What is edited.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A role that there is.
    Known(Loaded),
    /// A role that shall be.
    New,
}

impl PartialEq for Subject {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Known(a), Self::Known(b)) => Rc::ptr_eq(a, b),
            (Self::New, Self::New) => true,
            _ => false,
        }
    }
}

/// What is edited, and what it begins as.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is edited.
    pub subject: Subject,
    /// What it begins as.
    pub draft: Draft,
    /// Whether somebody deleted it meanwhile.
    #[prop_or_default]
    pub gone: bool,
}

/// Which dialog is open.
#[derive(Clone, PartialEq)]
enum Open {
    Nothing,
    Review,
    ViewAs,
    Delete,
    Conflict(Box<RoleView>, Option<String>),
}

/// The editor.
#[component]
pub fn Editor(props: &Props) -> Html {
    let access = use_access();
    let draft = {
        let first = props.draft.clone();
        use_reducer(move || first)
    };
    let gone = props.gone;
    let etag = use_mut_ref(|| None::<String>);
    // The revision that the draft began with.
    let seen = use_mut_ref(|| 0_u64);
    let tree = use_memo(access.clone(), |access| {
        let policy = access.as_ref().and_then(|access| access.policy());
        policy.map(|policy| Tree::of(policy.state())).unwrap_or_default()
    });
    let of = |role: &Rc<RoleDocument>| (Same(tree.clone()), Same(role.clone()));
    let was = use_memo(of(&draft.before), |(tree, role)| tree.own(&role.grants));
    let own = use_memo(of(&draft.role), |(tree, role)| tree.own(&role.grants));
    let ground = {
        let (inherits, base) = (draft.role.inherits.clone(), draft.role.base);
        Same(use_memo((access.clone(), Same(tree.clone()), inherits, base), |(access, tree, ..)| {
            let policy = access.as_ref().and_then(|access| access.policy());
            policy.and_then(|policy| Ground::of(policy, tree, &draft.role))
        }))
    };
    let effects = use_memo((ground, Same(draft.before.clone()), own.clone()), |(ground, ..)| {
        (**ground).as_ref().map(|ground| Effects::of(ground, &tree, &draft.role)).unwrap_or_default()
    });
    let query = use_query();
    let route = match &props.subject {
        Subject::Known(loaded) => Route::Role { id: loaded.body.role.id.clone() },
        Subject::New => Route::NewRole,
    };
    let focus = use_state(|| None::<usize>);
    let open = use_state(|| Open::Nothing);
    let nameless = use_flag();
    let (sending, saying) = (use_sending(), use_saying());
    let tally = draft.tally_of(&changes(&was, &own));
    let dirty = tally.total() > 0;
    {
        // What somebody else saved is shown at once, unless there are edits here: those are kept, and
        // saving shows both sides.
        let (draft, etag, seen) = (draft.clone(), etag.clone(), seen.clone());
        use_effect_with(props.subject.clone(), move |subject| {
            if let Subject::Known(loaded) = subject
                && (!dirty || etag.borrow().is_none())
            {
                etag.borrow_mut().clone_from(&loaded.etag);
                seen.replace(loaded.body.revision);
                draft.dispatch(Edit::Begin(Box::new(loaded.body.role.clone())));
            }
        });
    }
    let title: AttrValue = match (&props.subject, draft.role.name.trim()) {
        // A role whose name is being written anew is called as it was.
        (Subject::Known(_), "") => draft.before.name.clone().into(),
        (Subject::New, "") => "New role".into(),
        (_, name) => name.to_owned().into(),
    };
    use_unsaved(dirty.then(|| format!("{} to {title} would be lost.", tally_words(tally))));

    let is_new = gone || props.subject == Subject::New;
    let refusal = {
        let role = Same(if is_new { draft.role.clone() } else { draft.before.clone() });
        use_memo((access.clone(), role, is_new), |(access, role, is_new)| {
            let role = saved_as(role, *is_new);
            let change = if *is_new { Change::CreateRole { role } } else { Change::UpdateRole { role } };
            access.as_ref().and_then(|access| access.permit(&change).err())
        })
    };
    let reason = (*refusal).as_ref().map(|refusal| text::sentence(&text::plain(&refusal.message)));
    let fixed = refusal.is_some();
    let holders = match &props.subject {
        Subject::Known(loaded) if !gone => Some(loaded.body.holders),
        _ => None,
    };
    // Somebody else saved the role while there are edits here.
    let newer = match &props.subject {
        Subject::Known(loaded) => dirty && !gone && loaded.body.revision > *seen.borrow(),
        Subject::New => false,
    };
    let saver = use_saver(match &props.subject {
        Subject::Known(loaded) if newer => loaded.etag.as_deref(),
        _ => None,
    });
    let has_name = !draft.role.name.trim().is_empty();
    // Said while it is edited, rather than when it is saved. With thousands of grants it takes long to copy a role and to write it.
    let ask = dirty && !fixed && !sending.is_busy() && !newer && has_name;
    let edit = ask.then(|| (Same(draft.role.clone()), is_new, etag.borrow().clone()));
    let verdict =
        use_trial_of(edit, |(role, is_new, etag)| written(&saved_as(&role, is_new), is_new, etag.as_deref()));
    {
        // What was wrong with an earlier draft says nothing of this one.
        let sending = sending.clone();
        use_effect_with(Same(draft.role.clone()), move |_| {
            if sending.failure().is_some() {
                sending.forget();
            }
        });
    }
    let blocked =
        verdict.refusal.as_ref().is_some_and(|refusal| !FIELDS.iter().any(|it| refusal.at(it).is_some()));
    let problem = sending.failure().or(verdict.refusal.as_ref()).or(verdict.failure.as_ref());

    let save = {
        let (draft, etag, open, nameless, sending) =
            (draft.clone(), etag.clone(), open.setter(), nameless.clone(), sending.clone());
        let (seen, reach) = (seen.clone(), verdict.reach.clone());
        // Whether just this role may be given is known where it is: the browser does not know it yet.
        let may_assign = refused_everywhere(access.as_ref()).is_none();
        Callback::from(move |reason: String| {
            nameless.set(!has_name);
            if !has_name {
                focus_field("role-name");
                return;
            }
            if sending.is_busy() || !dirty || fixed {
                return;
            }
            sending.forget();
            let role = saved_as(&draft.role, is_new);
            let mut requests = vec![written(&role, is_new, etag.borrow().as_deref()).because(&reason)];
            if !is_new {
                requests.push(Request::get(address(&role.id)));
            }
            let (draft, etag, open, failing) =
                (draft.dispatcher(), etag.clone(), open.clone(), sending.clone());
            let (seen, reach) = (seen.clone(), reach.clone());
            sending.ask_in_turn(requests, move |saved: Told<RoleView>| match saved {
                Ok(Answer { body: view, etag: tag, made }) => {
                    forget_unsaved();
                    toast::take_back(ON_TOP);
                    etag.replace(tag);
                    seen.replace(view.revision);
                    open.set(Open::Nothing);
                    draft.dispatch(Edit::Begin(Box::new(view.role.clone())));
                    let said = saved_words(is_new, &view, reach.as_deref());
                    match is_new && may_assign {
                        true => toast::say_with(said, "Assign it", to_assign(&view.role.id)),
                        false => saying.done(said, made.filter(|_| !is_new)),
                    }
                    if is_new {
                        nav::replace_with(&Route::Role { id: view.role.id });
                    }
                }
                Err(problem) if problem.status() == 412 => {
                    let request = Request::get(address(&role.id));
                    failing.send(request, move |theirs: Answer<RoleView>| {
                        open.set(Open::Conflict(Box::new(theirs.body), theirs.etag));
                    });
                }
                Err(problem) => {
                    open.set(Open::Nothing);
                    if problem.at(FIELDS[0]).is_some() {
                        focus_field("role-name");
                    } else if problem.at(FIELDS[1]).is_some() {
                        focus_field("role-description");
                    }
                    failing.fail(problem);
                }
            });
        })
    };
    // What was said of the last step: the next one takes its place.
    let stepped = use_mut_ref(String::new);
    let step = |edit: fn() -> Edit, words: &'static str| {
        let (draft, tree, focus) = (draft.clone(), tree.clone(), focus.setter());
        let stepped = stepped.clone();
        Callback::from(move |()| {
            let then = (*draft).after(edit());
            let changes = tree.changes(&draft.role.grants, &then.role.grants);
            let row = changes.first().and_then(|first| Some((first.row, tree.rows.get(first.row)?)));
            let Some((at, row)) = row.filter(|_| !fixed) else { return };
            draft.dispatch(edit());
            focus.set(Some(at));
            let said = match changes.len() {
                1 => format!("{words} {}.", row.full),
                n => format!("{words} {} permissions.", text::number(n as u64)),
            };
            toast::take_back(stepped.replace(said.clone()));
            toast::say(said);
        })
    };
    use_command(Command::Undo, step(|| Edit::Undo, "Took back"));
    use_command(Command::Redo, step(|| Edit::Redo, "Made again"));
    let set_name = use_callback(draft.dispatcher(), |name: String, draft| draft.dispatch(Edit::Name(name)));
    let set_description =
        use_callback(draft.dispatcher(), |text: String, draft| draft.dispatch(Edit::Description(text)));
    let onlevel =
        use_callback((draft.dispatcher(), tree.clone()), |(row, level): (usize, Level), (draft, tree)| {
            draft.dispatch(Edit::Level(tree.clone(), row, level));
        });
    let ontick =
        use_callback((draft.dispatcher(), tree.clone()), |(rows, on): (Vec<usize>, bool), (draft, tree)| {
            draft.dispatch(Edit::Tick(tree.clone(), rows, on));
        });
    let onfocus = use_callback(focus.setter(), |row: usize, focus| focus.set(Some(row)));
    let onsearch = {
        let (route, from) = (route.clone(), query.get("from").to_owned());
        Callback::from(move |words: String| {
            nav::set_query(&route, Query::default().with("from", &from).with("search", &words).as_str());
        })
    };
    let (words, onwords) = use_typing(query.get("search"), onsearch);
    let found = use_memo((tree.clone(), words.clone()), |(tree, words)| tree.search(words));
    let searched = (!words.trim().is_empty()).then(|| found.clone());
    // What the last toast offers to take up again: it goes with the page.
    let discarded = use_mut_ref(String::new);
    {
        let discarded = discarded.clone();
        use_effect_with((), move |()| move || toast::take_back(discarded.take()));
    }
    let discard = {
        let (draft, tree, sending, open) = (draft.clone(), tree.clone(), sending.clone(), open.setter());
        Callback::from(move |()| {
            if is_new {
                // The page goes with it: much is asked about, as by any other way out.
                if tally.total() <= MANY {
                    forget_unsaved();
                }
                return nav::go(&Route::Roles);
            }
            let was = (*draft).clone();
            sending.forget();
            open.set(Open::Nothing);
            draft.dispatch(Edit::Discard);
            toast::take_back(ON_TOP);
            let said = format!("Discarded {}.", tally_words(tally));
            let take_up = {
                let (to, tree) = (draft.dispatcher(), tree.clone());
                Callback::from(move |()| to.dispatch(Edit::TakeUp(tree.clone(), Box::new(was.clone()))))
            };
            toast::take_back(discarded.replace(said.clone()));
            toast::say_undoable(said, take_up);
        })
    };
    let show = |what: Open| {
        let open = open.setter();
        Callback::from(move |()| open.set(what.clone()))
    };
    let close = show(Open::Nothing);
    let whom = Viewed::Role(draft.role.id.clone());
    // Beginning leaves the page, so what is unsaved comes first.
    let held_by = holders.map(|holders| match holders {
        0 => AttrValue::Static("Nobody holds this role."),
        n => AttrValue::from(format!("{} it.", text::count(n, "person holds", "people hold"))),
    });
    let can_be_viewed = !is_new && !dirty;
    view_as::use_asked(route.clone(), whom.clone(), can_be_viewed, show(Open::ViewAs));
    let copy_refused = use_memo((access.clone(), Same(draft.before.clone())), |(access, before)| {
        let role = RoleDocument { kind: RoleKind::Custom, base: false, ..(**before).clone() };
        access.as_ref().and_then(|access| access.reason(&Change::CreateRole { role }))
    });
    let duplicate = {
        let id = draft.role.id.clone();
        Callback::from(move |()| {
            nav::go_with(&Route::NewRole, Query::default().with("from", &id).as_str().to_owned());
        })
    };
    let at = |field: &str| problem.and_then(|error| error.at(field)).map(AttrValue::from);
    let name_error = if *nameless && !has_name {
        Some(AttrValue::Static("Write a name for the role."))
    } else {
        at(FIELDS[0])
    };
    let in_bar = match (*nameless && !has_name, problem) {
        (true, _) => name_error.clone(),
        (false, problem) => problem.and_then(|problem| problem.beside(&[])).map(AttrValue::from),
    };
    // Whom it reaches is not known before both sides are put together.
    let merge =
        newer.then(|| AttrValue::from(format!("{}: review both before you save.", saver.words("this role"))));
    let role = &draft.role;
    let newer = match &props.subject {
        Subject::Known(loaded) if newer => {
            Some(show(Open::Conflict(Box::new(loaded.body.clone()), loaded.etag.clone())))
        }
        _ => None,
    };
    if gone && !dirty {
        return html! { <Gone key="gone" id={draft.before.id.clone()} /> };
    }
    let actions = match &props.subject {
        _ if gone => html! {},
        Subject::New => html! {},
        Subject::Known(_) => {
            let delete_refused = access.as_ref().and_then(|access| {
                let change = Change::DeleteRole { id: role.id.clone() };
                let refusal = access.permit(&change).err()?;
                use rolewright_model::refusal::Code;
                (!matches!(refusal.code, Code::RoleInPackage | Code::RoleInherited))
                    .then(|| access.reason(&change))?
            });
            let compare = {
                let query = Query::default().with("roles", &role.id);
                Callback::from(move |()| nav::go_with(&Route::CompareRoles, query.as_str().to_owned()))
            };
            let compare = MenuItem {
                label: "Compare with...".into(),
                icon: "columns-2".into(),
                danger: false,
                refused: None,
                onpick: compare,
            };
            let delete = MenuItem {
                label: "Delete".into(),
                icon: "trash-2".into(),
                danger: true,
                refused: delete_refused,
                onpick: show(Open::Delete),
            };
            let unsaved = dirty.then_some(AttrValue::Static("Save or discard your changes first."));
            let view_as = view_as::item(access.as_deref(), &whom, unsaved, show(Open::ViewAs));
            let items: Rc<[MenuItem]> = Rc::from([compare, view_as, delete]);
            let assign_refused = refused_to_give(access.as_ref(), &draft.before);
            let (to, query) = to_assign(&draft.before.id);
            html! {
                <>
                    if let Some(refused) = assign_refused {
                        <Button icon="plus" {refused} tip_end=true>{ "Assign" }</Button>
                    } else {
                        <Link {to} query={query.as_str().to_owned()} class="button button--secondary"><Icon name="plus" />{ "Assign" }</Link>
                    }
                    <Button icon="copy" onclick={duplicate.reform(|_| ())} refused={(*copy_refused).clone()} tip_end=true>{ "Duplicate" }</Button>
                    <Menu label={format!("More actions for {}", role.name)} {items} />
                </>
            }
        }
    };
    let base_name: AttrValue = access
        .as_ref()
        .and_then(|access| access.policy())
        .and_then(|policy| policy.base())
        .filter(|_| !role.base)
        .map(|base| base.name.clone())
        .unwrap_or_default()
        .into();
    html! {
        <div class="page__content page__content--wide editor">
            <PageHead {title} beside={marks(role)} text={html! {
                { match holders {
                    Some(n) => held_by_now(access.as_ref(), role, n),
                    None => html! { { "Give exactly what the task needs." } },
                } }
            }} {actions} />
            if !is_new {
                { tabs(access.as_ref(), &role.id, &Route::Role { id: role.id.clone() }) }
            }
            <div class="slot">
                if let Some(reason) = reason {
                    <Banner tone={Tone::Note}>{ reason }</Banner>
                }
            </div>
            <div class="slot">
                if gone {
                    <Banner tone={Tone::Caution} actions={html! {
                        <>
                            <Button small=true onclick={save.reform(|_: MouseEvent| String::new())}>{ "Save as a new role" }</Button>
                            <Button small=true onclick={discard.reform(|_| ())}>{ "Discard" }</Button>
                        </>
                    }}>{ "Somebody deleted this role. Your changes are kept here." }</Banner>
                } else if let Some(newer) = newer {
                    <Banner tone={Tone::Note} actions={html! { <Button small=true onclick={newer.reform(|_| ())}>{ "Review" }</Button> }}>
                        { format!("{}. Your changes are kept here.", saver.words("this role")) }
                    </Banner>
                }
            </div>
            <div class="editor__fields">
                <div id="role-name">
                    <TextField label="Name" value={role.name.clone()} oninput={set_name} required=true {fixed} error={name_error} autocomplete="off"
                        hint={names_like(access.as_ref()).filter(|_| is_new)} />
                </div>
                <div id="role-description">
                    <TextArea label="Description" value={role.description.clone()} oninput={set_description} optional=true {fixed} error={at(FIELDS[1])} />
                </div>
            </div>
            <div class="slot">
                if role.superuser {
                    <div class="everything everything--large">
                        <Icon name="infinity" />
                        <div>
                            <strong>{ "Everything" }</strong>
                            <p>{ "Every permission at its top level, also those that are added tomorrow. There is nothing to tick." }</p>
                        </div>
                    </div>
                } else {
                    <div class="editor__columns">
                        <ModuleList tree={tree.clone()} effects={effects.clone()} found={searched} />
                        <Permissions tree={tree.clone()} effects={effects.clone()} own={own.clone()} in_base={role.base}
                            {base_name} {fixed} {words} {found} {onwords} {onlevel} {ontick} {onfocus} focus={*focus} />
                        <Inspector tree={tree.clone()} effects={effects.clone()} focus={*focus} {holders} role={Same(role.clone())} />
                    </div>
                }
            </div>
            <div class="slot">
                if dirty && !fixed {
                    <SaveBar {tally} holders={held_by} words={merge} reach={verdict.reach.clone()} busy={sending.is_busy()} problem={in_bar.clone()} blocked={in_bar.filter(|_| blocked)} verb={if gone { "Save as a new role" } else { "Save" }} onreview={show(Open::Review)} ondiscard={discard} onsave={save.clone()} />
                }
            </div>
            <div class="slot">
                { match &*open {
                    Open::Nothing => html! {},
                    Open::Review => html! {
                        <ReviewDialog key="review" tree={tree.clone()} draft={(*draft).clone()} {holders} reach={verdict.reach.clone()} busy={sending.is_busy()} onclose={close} onsave={save} />
                    },
                    Open::ViewAs => html! {
                        <ViewAsDialog key="view-as" {whom} name={role.name.clone()} onclose={close} />
                    },
                    Open::Delete => {
                        let ondeleted = Callback::from(move |()| {
                            forget_unsaved();
                            nav::replace_with(&Route::Roles);
                        });
                        match &props.subject {
                            Subject::Known(loaded) => html! {
                                <DeleteDialog key="delete" view={loaded.body.clone()} onclose={close} {ondeleted} />
                            },
                            Subject::New => html! {},
                        }
                    }
                    Open::Conflict(theirs, tag) => {
                        let revision = theirs.revision;
                        let take = {
                            let (draft, etag, theirs, tag, close) = (draft.dispatcher(), etag.clone(), theirs.role.clone(), tag.clone(), close.clone());
                            let seen = seen.clone();
                            Callback::from(move |()| {
                                etag.borrow_mut().clone_from(&tag);
                                seen.replace(revision);
                                draft.dispatch(Edit::Begin(Box::new(theirs.clone())));
                                close.emit(());
                                keep_focus("role-name");
                            })
                        };
                        let keep = {
                            let (draft, etag, theirs, tag, close) = (draft.dispatcher(), etag.clone(), theirs.role.clone(), tag.clone(), close.clone());
                            let (tree, seen) = (tree.clone(), seen.clone());
                            Callback::from(move |()| {
                                etag.borrow_mut().clone_from(&tag);
                                seen.replace(revision);
                                draft.dispatch(Edit::Rebase(tree.clone(), Box::new(theirs.clone())));
                                toast::say(ON_TOP);
                                close.emit(());
                                keep_focus("role-name");
                            })
                        };
                        html! {
                            <ConflictDialog key="conflict" tree={tree.clone()} draft={(*draft).clone()} theirs={theirs.role.clone()} version={tag.clone()} onclose={close} ontake={take} onkeep={keep} />
                        }
                    }
                } }
            </div>
        </div>
    }
}

/// Said until it is saved or discarded.
const ON_TOP: &str = "Your changes are on top of theirs. Save when they look right.";

/// How many changes to a new role are asked about before they are given up with it.
const MANY: usize = 10;

/// What names are like, by the first that the tenant has: said where a role is created, so that it is called by what it is for.
fn names_like(access: Option<&AccessHandle>) -> Option<AttrValue> {
    let policy = access?.policy()?;
    let names: Vec<String> = policy
        .roles()
        .filter(|role| !role.base && !role.superuser)
        .take(4)
        .map(|role| role.name.clone())
        .collect();
    let (last, others) = names.split_last()?;
    Some(
        match others {
            [] => format!("For example {last}."),
            others => format!("For example {} or {last}.", others.join(", ")),
        }
        .into(),
    )
}

/// The fields that can be wrong.
const FIELDS: [&str; 2] = [".name", ".description"];

/// Brings a field in sight, once a dialog that was open has given the focus back.
fn focus_field(id: &'static str) {
    bring_field(id, || true);
}

/// The same where the focus is lost: what opened the dialog may be gone with it.
fn keep_focus(id: &'static str) {
    bring_field(id, browser::has_no_focus);
}

fn bring_field(id: &'static str, wanted: fn() -> bool) {
    gloo::timers::callback::Timeout::new(50, move || {
        if !wanted() {
            return;
        }
        let input = browser::element_by_id(id).and_then(|field| browser::find(&field, "input, textarea"));
        if let Some(input) = input {
            browser::bring(&input);
        }
    })
    .forget();
}

/// The draft as it is sent.
fn saved_as(draft: &RoleDocument, is_new: bool) -> RoleDocument {
    let mut role = draft.clone();
    role.name = role.name.trim().to_owned();
    role.description = role.description.trim().to_owned();
    if is_new {
        role.id = String::new();
        role.kind = RoleKind::Custom;
        role.base = false;
        role.position = 0;
    }
    role
}

/// What saves it.
fn written(role: &RoleDocument, is_new: bool, etag: Option<&str>) -> Request {
    match is_new {
        true => Request::post("/roles", role),
        false => Request::put(address(&role.id), role, etag),
    }
}

fn address(id: &str) -> String {
    format!("/roles/{}", js_sys::encode_uri_component(id))
}

/// What came of it, and whom it reached, as far as that was known before.
fn saved_words(is_new: bool, view: &RoleView, reach: Option<&Reach>) -> String {
    let held = match (is_new, view.holders) {
        (true, _) => format!("Saved. Nobody holds {} yet.", view.role.name),
        (false, 0) => "Saved. Nobody holds this role.".to_owned(),
        (false, n) => {
            format!("Saved. {} this role.", text::count(n, "person holds", "people hold"))
        }
    };
    match reach.filter(|reach| !reach.is_nobody()) {
        Some(reach) => format!("{held} {}", reach_words(reach)),
        None => held,
    }
}
