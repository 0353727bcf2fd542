//! The page: a file is chosen, tried, and put in; what came of each row stands below.

use std::rc::Rc;

use rolewright_model::change::{AssignmentEdit, Change, UserEdit};
use rolewright_model::directory::Principal;
use rolewright_wire::problem::code;
use yew::prelude::*;

use super::columns::Table;
use super::pick::{Pick, Picked};
use super::running::{Options, Stage, use_import};
use crate::access::{AccessHandle, use_access};
use crate::api::Query;
use crate::frame::{PageHead, use_title};
use crate::guard::use_unsaved;
use crate::nav::{self, Link, use_query};
use crate::pages::audit::use_saying;
use crate::pages::problems::problems;
use crate::pages::reached::reach_words;
use crate::pages::results::Results;
use crate::pages::superusers;
use crate::route::Route;
use crate::rows::Rows;
use crate::states::{use_flag, use_text};
use crate::widgets::{Banner, Button, Checkbox, Icon, Segment, Segmented, TextField, Ticked, Tone, Variant};
use crate::{tenant, text};

/// Why nothing else is begun while there are links that nobody has kept.
const LINKS_FIRST: &str = "The links of the invitations are shown only now. Download the results first.";

/// The page.
#[component]
pub fn ImportPage() -> Html {
    use_title("Import");
    let access = use_access();
    let saying = use_saying();
    let query = use_query();
    let table = Table::of(query.get("of"));
    let picked = use_state(|| None::<Picked>);
    let (invite, again, kept) = (use_flag(), use_flag(), use_flag());
    let reason = use_text();
    let options = Options { invite: *invite, again: *again, reason: reason.trim().to_owned() };
    let import = use_import(table, options);
    let stage = &import.stage;
    {
        // What would happen is worked out anew for another file, another table, or another option.
        let run = import.run.clone();
        use_effect_with(((*picked).clone(), table, *invite, *again), move |(picked, ..)| {
            if let Some(file) = picked {
                run.emit((file.clone(), true));
            }
        });
    }
    let onpick = {
        let (forget, picked) = (import.forget.clone(), picked.setter());
        Callback::from(move |file: Option<Picked>| {
            forget.emit(if file.is_some() { Stage::Empty } else { Stage::Unread });
            picked.set(file);
        })
    };
    let ontable = {
        let (picked, forget) = (picked.setter(), import.forget.clone());
        Callback::from(move |name: AttrValue| {
            picked.set(None);
            forget.emit(Stage::Empty);
            let name = if Table::of(&name) == Table::People { "" } else { name.as_str() };
            nav::set_query(&Route::Import, Query::default().with("of", name).as_str());
        })
    };
    let stop = import.stop.reform(|_: MouseEvent| ());
    let go = |tried: bool| {
        let (run, picked, kept) = (import.run.clone(), picked.clone(), kept.setter());
        Callback::from(move |_: MouseEvent| {
            kept.set(false);
            if let Some(file) = &*picked {
                run.emit((file.clone(), tried));
            }
        })
    };
    let set = |flag: &UseStateHandle<bool>| {
        let flag = flag.setter();
        Callback::from(move |on: bool| flag.set(on))
    };
    let set_reason = use_callback(reason.setter(), |text: String, reason| reason.set(text));
    let onkept = use_callback(kept.setter(), |(), kept| kept.set(true));
    let imports = matches!(stage, Stage::Running { tried: false, .. });
    let links = matches!(stage, Stage::Told { tried: false, rows } if rows.has_links()) && !*kept;
    let unsaved = match (imports, links) {
        (true, _) => Some(
            "The import is under way, and stops here. What is done stays: the same file can be imported again.",
        ),
        (_, true) => Some(LINKS_FIRST),
        _ => None,
    };
    use_unsaved(unsaved.map(str::to_owned));
    let asks = picked.is_some()
        && !imports
        && !is_no_table(stage)
        && !matches!(stage, Stage::Told { tried: false, .. });
    let busy = matches!(stage, Stage::Running { .. });
    // Another table would take the place of links that are told this once.
    let held = imports || links;
    let first = links.then_some(AttrValue::Static(LINKS_FIRST));
    let refused = access.as_ref().and_then(|access| refusal(access, table));
    let undo = match stage {
        Stage::Told { tried: false, rows } => saying.back(rows.made()),
        _ => None,
    };
    let segments: Rc<[Segment]> = [(Table::People, "People"), (Table::Assignments, "Assignments")]
        .map(|(table, label)| Segment {
            id: table.name().into(),
            label: label.into(),
            description: "".into(),
            inherited: false,
        })
        .into();
    html! {
        <div class="page__content import">
            <PageHead title="Import" text={html! { "People, or who holds what, from a table. What each row would do is shown before anything is written." }}
                actions={html! { <Link to={Route::Users} class="button button--secondary">{ "All users" }</Link> }} />
            <div class="filters">
                <Segmented label="What the table holds" {segments} value={table.name()} fixed={held} onchange={ontable} />
            </div>
            <div class="slot">
                if let Some(refused) = refused {
                    <Banner key="refused" tone={Tone::Caution}>{ refused }</Banner>
                } else {
                    <section key="file" class="panel" aria-label="File">
                        <div class="panel__head">
                            <div class="import__file" role="status" aria-busy={busy.to_string()}>
                                if let Some(file) = &*picked {
                                    <code>{ file.name.clone() }</code>
                                }
                                { state(stage) }
                            </div>
                            if !held {
                                <Pick label={format!("Table of {}", table.name())} another={picked.is_some()} {onpick} />
                            }
                        </div>
                        <div class="panel__body stack">
                            if picked.is_none() || is_no_table(stage) {
                                { table.about() }
                                <p class="muted">
                                    { "To begin with what is there: " }
                                    <a class="text-link" download={table.file()} href={tenant::api(&format!("{}/export", table.path()))}>{ table.file() }</a>
                                </p>
                            }
                            if asks {
                                if table == Table::People {
                                    <div class="import__options">
                                        <Checkbox ticked={Ticked::from(*invite)} onchange={set(&invite)}>{ "Invite those who are new" }</Checkbox>
                                        if *invite {
                                            <Checkbox ticked={Ticked::from(*again)} onchange={set(&again)}>{ "Send again to who got a link within the last 10 minutes" }</Checkbox>
                                        }
                                    </div>
                                }
                                <TextField label="Reason" optional=true autocomplete="off" value={(*reason).clone()} oninput={set_reason} hint="It stands in the audit log." />
                            }
                            <div class="slot">{ outcome(stage, table) }</div>
                            <div class="panel__foot">
                                if let Some(undo) = undo {
                                    <Button key="undo" icon="undo-2" onclick={undo.reform(|_: MouseEvent| ())}>{ "Undo" }</Button>
                                }
                                if busy {
                                    <Button key="stop" onclick={stop}>{ if imports { "Stop" } else { "Cancel" } }</Button>
                                } else if let Some((verb, variant, tried, refused)) = next(stage) {
                                    <Button key="next" {variant} refused={first.or(refused)} tip_end=true onclick={go(tried)}>{ verb }</Button>
                                }
                            </div>
                        </div>
                    </section>
                }
            </div>
            <div class="slot">
                { match stage {
                    Stage::Told { tried, rows } if rows.all > 0 => html! { <Results rows={rows.clone()} tried={*tried} {onkept} /> },
                    _ => html! {},
                } }
            </div>
        </div>
    }
}

/// Why the person may put in no table at all.
pub fn refused(access: &AccessHandle) -> Option<AttrValue> {
    let [people, assignments] = [Table::People, Table::Assignments].map(|table| refusal(access, table));
    people.filter(|_| assignments.is_some())
}

/// Why the person may not put in such a table at all.
fn refusal(access: &AccessHandle, table: Table) -> Option<AttrValue> {
    let new = || "new".to_owned();
    access.reason(&match table {
        Table::People => {
            let user = UserEdit {
                id: new(),
                email: String::new(),
                first_name: String::new(),
                last_name: String::new(),
            };
            Change::InviteUser { user, roles: Vec::new() }
        }
        Table::Assignments => {
            Change::Assign { assignment: AssignmentEdit::for_good(Principal::User(new()), String::new()) }
        }
    })
}

/// Whether the file is no table as it is: sent again, it would be none again.
fn is_no_table(stage: &Stage) -> bool {
    let Stage::Failed { error, .. } = stage else { return false };
    error.code() == code::NO_TABLE
}

/// What is said beside the file's name.
fn state(stage: &Stage) -> Html {
    match stage {
        Stage::Empty => html! {},
        Stage::Unread => {
            html! { <p class="field__error"><Icon name="circle-alert" />{ "The browser cannot read this file. Choose it again." }</p> }
        }
        Stage::Running { tried, all: 0, .. } => {
            html! { <p>{ if *tried { "Reading the table." } else { "Beginning." } }</p> }
        }
        Stage::Running { tried, done, all } => {
            let verb = if *tried { "Checked" } else { "Imported" };
            html! {
                <>
                    <progress class="import__progress" value={done.to_string()} max={all.to_string()} aria-label="Rows done"></progress>
                    <p>{ format!("{verb} {} of {}.", text::number(*done), text::count(*all, "row", "rows")) }</p>
                </>
            }
        }
        Stage::Told { tried, rows } => {
            let words = if *tried { rows.tried_words() } else { rows.words() };
            if words.is_empty() && rows.stopped.is_some() {
                return html! {};
            }
            let words = if words.is_empty() { "the table has no rows".to_owned() } else { words };
            html! { <p class="import__sum">{ if *tried { format!("Nothing is written yet: {words}.") } else { format!("{}.", text::title(&words)) } }</p> }
        }
        Stage::Failed { .. } => html! {},
    }
}

fn makes_superusers(rows: &Rows) -> bool {
    superusers::makes_superusers(None, [], rows.reach.as_deref())
}

/// What is said of the whole.
fn outcome(stage: &Stage, table: Table) -> Html {
    match stage {
        Stage::Failed { error, .. } => problems(error),
        Stage::Told { tried, rows } => {
            let left = text::count(rows.untried(), "row was not tried.", "rows were not tried.");
            html! {
                <div key="told" class="stack">
                    if let Some(why) = &rows.stopped {
                        <Banner tone={Tone::Caution}>
                            { format!("{why} {left}") }
                            if !*tried {
                                { " What is done stays: import the same file again, and it goes on from there." }
                            }
                        </Banner>
                    }
                    if let Some(reach) = rows.reach.as_ref().filter(|_| rows.all > 0) {
                        { superusers::warning(*tried && makes_superusers(rows)) }
                        <p>{ if reach.is_nobody() && reach.superusers == 0 { "Nobody gains or loses a permission by it.".to_owned() } else { reach_words(reach) } }</p>
                    }
                    if !*tried && rows.has_links() {
                        <Banner tone={Tone::Caution}>{ "The links of the invitations are shown only now, each works once. Download the results before you leave." }</Banner>
                    }
                    if *tried && table == Table::People && rows.faulty().next().is_some() {
                        <p class="muted">{ "Rows with errors are left out. Correct them in the file and import it again: what is so already is left as it is." }</p>
                    }
                </div>
            }
        }
        _ => html! {},
    }
}

/// The next step: what it is called, whether it is the main one, whether it only tries, and why it cannot be taken.
fn next(stage: &Stage) -> Option<(String, Variant, bool, Option<AttrValue>)> {
    match stage {
        Stage::Told { tried: true, rows } if rows.stopped.is_some() => {
            Some(("Check again".to_owned(), Variant::Primary, true, None))
        }
        Stage::Told { tried: true, rows } => {
            let verb = format!("Import {}", text::count(rows.changed, "row", "rows"));
            let nothing = match (rows.changed, rows.refused) {
                (0, 0) if rows.all == 0 => Some("The table has no rows."),
                (0, 0) => Some("All is as the table says already."),
                (0, _) => Some("No row changes anything: correct those with errors first."),
                _ => None,
            };
            let variant = superusers::variant(makes_superusers(rows));
            Some((verb, variant, false, nothing.map(AttrValue::Static)))
        }
        Stage::Told { tried: false, rows } if rows.stopped.is_some() => {
            Some(("Go on".to_owned(), Variant::Primary, false, None))
        }
        Stage::Told { tried: false, .. } => Some(("Check again".to_owned(), Variant::Secondary, true, None)),
        stage if is_no_table(stage) => None,
        Stage::Failed { tried, .. } => Some(("Try again".to_owned(), Variant::Primary, *tried, None)),
        _ => None,
    }
}
