//! The page: what is wanted of the matrix, the table, what is edited in it, and the bar that saves.

use std::collections::BTreeMap;
use std::rc::Rc;

use rolewright_model::Level;
use rolewright_model::console;
use rolewright_model::matrix::{Matrix, MatrixRow};
use rolewright_model::role::RoleDocument;
use rolewright_wire::Accepted;
use rolewright_wire::role::RoleView;
use web_sys::Element;
use yew::prelude::*;

use super::edits::{Base, Clash, Edit, Edits};
use super::grid::Grid;
use super::lines::{Column, Shown, Wanted, csv};
use super::panel::CellPanel;
use super::review::ReviewDialog;
use super::roles::{ChooseRoles, Chosen};
use crate::access::use_access;
use crate::api::{self, Query, Request};
use crate::browser;
use crate::frame::{PageHead, Refused, use_title};
use crate::guard::{forget_unsaved, use_unsaved};
use crate::nav::{self, COMMA, use_query};
use crate::pages::reached::reach_words;
use crate::pages::role_editor::SaveBar;
use crate::pages::saver::use_saver;
use crate::resource::use_resource;
use crate::route::Route;
use crate::same::Same;
use crate::sending::{Told, ask, use_sending};
use crate::states::use_flag;
use crate::text;
use crate::toast;
use crate::tree::Tree;
use crate::trial::use_trial;
use crate::typing::use_typing;
use crate::widgets::{
    AfterRows, Button, Checkbox, Empty, SearchField, Segment, Segmented, Skeleton, Ticked, failed,
};

/// What the rows are, as the address says it.
const OPERATIONS: &str = "operations";
const PERMISSIONS: &str = "permissions";

/// What is asked for, as the address says it.
#[derive(Clone, PartialEq)]
struct Asked {
    wanted: Wanted,
    chosen: Chosen,
    kind: &'static str,
}

impl Asked {
    /// Asks for something else.
    fn go(&self, change: impl FnOnce(&mut Self)) {
        let mut next = self.clone();
        change(&mut next);
        let Self { wanted, chosen, kind } = next;
        let query = Query::default()
            .with("rows", kind)
            .with("search", &wanted.search)
            .with("differs", if wanted.differs { "1" } else { "" })
            .with("roles", &chosen.ids().join(COMMA))
            .with("folded", &wanted.folded.join(COMMA));
        nav::set_query(&Route::Matrix, query.as_str());
    }
}

/// A cell that is open.
#[derive(Clone, PartialEq)]
struct Open {
    row: usize,
    column: usize,
    anchor: Element,
}

/// The page.
#[component]
pub fn MatrixPage() -> Html {
    use_title("Matrix");
    let access = use_access();
    let query = use_query();
    let edits = use_reducer(Edits::default);
    let open = use_state(|| None::<Open>);
    let reviewing = use_flag();
    let sending = use_sending();
    let policy = access.as_ref().and_then(|access| access.policy());
    let has_operations = policy.is_some_and(|policy| !policy.catalogue().operations().is_empty());
    let kind = if has_operations && query.get("rows") != PERMISSIONS { OPERATIONS } else { PERMISSIONS };
    let matrix = use_resource(kind, |kind: &'static str| async move {
        api::get::<Matrix>(&format!("/matrix?rows={kind}")).await.map(|answer| answer.body)
    });
    let tree = use_memo(access.clone(), |access| {
        let policy = access.as_ref().and_then(|access| access.policy());
        policy.map(|policy| Tree::of(policy.state())).unwrap_or_default()
    });
    let wanted = Wanted {
        search: query.get("search").to_owned(),
        differs: query.get("differs") == "1",
        folded: query.list("folded"),
    };
    let chosen = Chosen::of(query.list("roles"));
    let data = matrix.fresh().cloned().map(Same);
    let all = use_memo((data.clone(), access.clone()), |(data, access)| -> Vec<Column> {
        let policy = access.as_ref().and_then(|access| access.policy());
        let (Some(data), Some(policy)) = (data, policy) else { return Vec::new() };
        let columns = data.roles.iter().enumerate().filter_map(|(at, id)| {
            let role = policy.role(id).filter(|role| !role.superuser)?;
            Some(Column { at, id: id.clone(), name: role.name.clone() })
        });
        columns.collect()
    });
    let columns = use_memo((all.clone(), chosen.clone()), |(all, chosen)| -> Rc<[Column]> {
        let kept = |column: &&Column| chosen.has(&column.id);
        all.iter().filter(kept).cloned().collect()
    });
    let shown = use_memo((data.clone(), columns.clone(), wanted.clone()), |(data, columns, wanted)| {
        data.as_ref().map(|data| Shown::of(data, columns, wanted)).unwrap_or_default()
    });
    let asked = Asked { wanted: wanted.clone(), chosen: chosen.clone(), kind };
    let onsearch = use_callback(asked.clone(), |search: String, asked| {
        asked.go(|next| next.wanted.search = search);
    });
    let (typed, oninput) = use_typing(&wanted.search, onsearch);
    let ondiffers = use_callback(asked.clone(), |on: bool, asked| asked.go(|next| next.wanted.differs = on));
    let onkind = use_callback(asked.clone(), |kind: AttrValue, asked| {
        asked.go(|next| {
            next.wanted.folded.clear();
            next.kind = if kind == OPERATIONS { OPERATIONS } else { PERMISSIONS };
        });
    });
    let onfold = use_callback(asked.clone(), |name: String, asked| {
        asked.go(|next| {
            let folded = &mut next.wanted.folded;
            match folded.iter().position(|known| *known == name) {
                Some(at) => drop(folded.remove(at)),
                None => folded.push(name),
            }
        });
    });
    let onchoose = use_callback(asked.clone(), |chosen: Chosen, asked| asked.go(|next| next.chosen = chosen));
    let show_roles = onchoose.reform(|_: MouseEvent| Chosen::default());
    let clear = use_callback(asked, |_: MouseEvent, asked| asked.go(|next| next.wanted = Wanted::default()));
    let onopen = use_callback(open.setter(), |(row, column, anchor): (usize, usize, Element), open| {
        open.set(Some(Open { row, column, anchor }));
    });
    let onclose = use_callback(open.setter(), |(), open| open.set(None));
    {
        // A role whose cell is edited is asked for, with its version.
        let (edits, sending) = (edits.clone(), sending.clone());
        let missing: Vec<String> =
            edits.roles().into_iter().filter(|id| !edits.bases.contains_key(id)).collect();
        use_effect_with(missing, move |missing| {
            for id in missing.clone() {
                let (edits, sending) = (edits.dispatcher(), sending.clone());
                let path = format!("/roles/{}", js_sys::encode_uri_component(&id));
                ask(Request::get(path), move |answer: Told<RoleView>| match answer {
                    Ok(answer) => {
                        let base = Base { role: answer.body.role, etag: answer.etag.unwrap_or_default() };
                        edits.dispatch(Edit::Base(Box::new(base)));
                    }
                    Err(problem) => sending.fail(problem),
                });
            }
        });
    }
    let kept = use_memo((*edits).clone(), |edits| Rc::new(edits.clone()));
    let tally = edits.tally(&tree);
    let count = edits.cells.len();
    use_unsaved(
        (count > 0).then(|| format!("{} would be lost.", text::count(count as u64, "edit", "edits"))),
    );
    let batch = edits.batch(&tree);
    // Nothing can be saved while a role is on its way.
    let waits = sending.is_busy() || batch.is_none() && sending.failure().is_none();
    let request = batch.map(|batch| Request::of("/batch", batch));
    let verdict = use_trial(request.filter(|_| !sending.is_busy()));
    let problem = sending.failure().or(verdict.refusal.as_ref()).or(verdict.failure.as_ref());
    let problem = problem.map(|error| AttrValue::from(error.to_string()));
    let clash = edits.clash.as_ref();
    let clashing = clash.and_then(|clash| clash.role.as_ref());
    let saver = use_saver(clashing.and_then(|id| edits.bases.get(id)).map(|base| &*base.etag));
    let problem = problem.or_else(|| {
        clash?;
        let role = policy.zip(clashing).and_then(|(policy, id)| policy.role(id));
        let name = role.map(|role| format!("the role {}", role.name));
        let saved = saver.words(name.as_deref().unwrap_or("one of these roles"));
        Some(format!("{saved}. Your edits are kept on top of theirs: review, then save.").into())
    });
    let blocked = problem.clone().filter(|_| verdict.refusal.is_some());
    let save = {
        let (edits, tree, sending, reviewing) =
            (edits.clone(), tree.clone(), sending.clone(), reviewing.setter());
        let reach = verdict.reach.clone();
        Callback::from(move |reason: String| {
            let Some(batch) = edits.batch(&tree).filter(|_| !sending.is_busy()) else { return };
            sending.forget();
            let (edits, reviewing, failing) = (edits.dispatcher(), reviewing.clone(), sending.clone());
            let reach = reach.clone();
            sending.ask(Request::of("/batch", batch).because(&reason), move |answer: Told<Accepted>| {
                reviewing.set(false);
                match answer {
                    Ok(_) => {
                        forget_unsaved();
                        edits.dispatch(Edit::Clear);
                        toast::say(match reach {
                            Some(reach) => format!("Saved. {}", reach_words(&reach)),
                            None => "Saved.".to_owned(),
                        });
                    }
                    Err(problem) if problem.status() == 412 => {
                        let role = problem.changed().map(str::to_owned);
                        edits.dispatch(Edit::Clash(Clash { role }));
                    }
                    Err(problem) => failing.fail(problem),
                }
            });
        })
    };
    let discard = {
        let (edits, sending) = (edits.dispatcher(), sending.clone());
        Callback::from(move |()| {
            sending.forget();
            edits.dispatch(Edit::Clear);
        })
    };
    let review = use_callback(reviewing.setter(), |(), reviewing| reviewing.set(true));
    let close_review = use_callback(reviewing.setter(), |(), reviewing| reviewing.set(false));
    let print = Callback::from(|_: MouseEvent| browser::print());
    let named: Rc<BTreeMap<String, String>> = use_memo(tree.clone(), |tree| {
        tree.rows.iter().map(|row| (row.id.to_string(), row.full.to_string())).collect()
    });
    let download = {
        let (data, columns, wanted, named) = (data.clone(), columns.clone(), wanted.clone(), named.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(data) = &data {
                let name = |id: &str| named.get(id).cloned().unwrap_or_else(|| id.to_owned());
                browser::download("matrix.csv", "text/csv", &csv(data, &columns, &wanted, &name));
            }
        })
    };
    let segments: Rc<[Segment]> = [(OPERATIONS, "Operations"), (PERMISSIONS, "Permissions")]
        .map(|(id, label)| Segment {
            id: id.into(),
            label: label.into(),
            description: "".into(),
            inherited: false,
        })
        .into();
    if matrix.error.as_ref().is_some_and(|error| error.status() == 403) {
        return html! { <Refused permission={console::ROLES_VIEW} what="the matrix" /> };
    }
    let everything: Vec<&RoleDocument> =
        policy.map(|policy| policy.roles().filter(|role| role.superuser).collect()).unwrap_or_default();
    let opened: Option<(Rc<MatrixRow>, Column, Open)> = open.as_ref().and_then(|open| {
        let row = data.as_ref()?.rows.get(open.row)?;
        Some((Rc::new(row.clone()), columns.get(open.column)?.clone(), open.clone()))
    });
    let roles_shown = match chosen.ids().is_empty() {
        true => "All roles".to_owned(),
        false => format!("{} of {} roles", columns.len(), all.len()),
    };
    let caption = if kind == OPERATIONS { "Roles by operations" } else { "Roles by permissions" };
    html! {
        <div class="matrix-page">
            <PageHead title="Matrix" text={html! { "What each role gives, side by side. Open a cell to see on what terms, or to change it." }} actions={html! {
                <>
                    <Button icon="printer" onclick={print}>{ "Print" }</Button>
                    <Button icon="download" onclick={download}>{ "Download CSV" }</Button>
                </>
            }} />
            <div class="filters">
                <SearchField label="Search rows" placeholder="Search rows" value={typed} {oninput} />
                if has_operations {
                    <Segmented label="Rows" {segments} value={kind} onchange={onkind} />
                }
                <ChooseRoles all={all.clone()} chosen={chosen.clone()} words={roles_shown} {onchoose} />
                <Checkbox ticked={Ticked::from(wanted.differs)} onchange={ondiffers}>{ "Differences only" }</Checkbox>
                <p class="filters__count" role="status">
                    if data.is_some() {
                        { text::count(shown.rows as u64, "row", "rows") }
                    }
                </p>
            </div>
            <div class="slot">
                if let Some(error) = &matrix.error {
                    { failed(error, &matrix.reload) }
                }
            </div>
            <div class="slot">
                if let Some(data) = data.clone() {
                    if columns.is_empty() && !all.is_empty() {
                        <Empty icon="table-2" title="No role is chosen" text="Each role that is chosen has a column.">
                            <Button onclick={show_roles}>{ "Show all roles" }</Button>
                        </Empty>
                    } else if shown.lines.is_empty() {
                        <Empty icon="search-x" title="No row fits" text="No row has these words, or none differs between these roles.">
                            <Button onclick={clear}>{ "Show all rows" }</Button>
                        </Empty>
                    } else {
                        <Grid key={kind} whole={data} shown={shown.clone()} columns={(*columns).clone()} tree={tree.clone()}
                            edits={(*kept).clone()} operations={kind == OPERATIONS} {caption} {onfold} {onopen} />
                    }
                } else if matrix.error.is_none() {
                    <div class="matrix__area" aria-busy="true">
                        { for (0..12).map(|at| html! { <div key={at} class="matrix__waiting"><Skeleton length="long" /><Skeleton length="medium" /></div> }) }
                    </div>
                }
            </div>
            <div class="slot">
                if matrix.data.is_some() {
                    <AfterRows>
                        <footer class="matrix__foot">
                            if !shown.notes.is_empty() {
                                <section class="matrix__told" aria-labelledby="matrix-notes" tabindex="0">
                                    <h2 class="matrix__foot-title" id="matrix-notes">{ "Notes" }</h2>
                                    <ol class="matrix__notes">
                                        { for shown.notes.iter().map(|note| html! { <li key={note.clone()}>{ note.clone() }</li> }) }
                                    </ol>
                                </section>
                            }
                            if !everything.is_empty() {
                                <p class="muted">{ format!("{} may do everything, and {} no column.",
                                    everything.iter().map(|role| role.name.as_str()).collect::<Vec<_>>().join(", "),
                                    if everything.len() == 1 { "has" } else { "have" }) }</p>
                            }
                        </footer>
                    </AfterRows>
                }
            </div>
            <div class="slot">
                if count > 0 {
                    <SaveBar {tally} holders={None::<AttrValue>} several=true reach={verdict.reach.clone()} busy={waits} {problem} {blocked} verb="Save"
                        onreview={review} ondiscard={discard} onsave={save.clone()} />
                }
            </div>
            <div class="slot">
                if *reviewing && count > 0 {
                    <ReviewDialog tree={tree.clone()} told={edits.told(&tree)} reach={verdict.reach.clone()} busy={waits}
                        refused={verdict.refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string()))}
                        onclose={close_review} onsave={save} />
                }
            </div>
            <div class="slot">
                if let Some((row, column, open)) = opened {
                    <OpenCell operations={kind == OPERATIONS} key={format!("{}-{}", row.id, column.id)} row={row.clone()} column={column.clone()} anchor={open.anchor} tree={tree.clone()}
                        edits={edits.clone()} {onclose} />
                }
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct OpenCellProps {
    row: Rc<MatrixRow>,
    column: Column,
    anchor: Element,
    operations: bool,
    tree: Rc<Tree>,
    edits: UseReducerHandle<Edits>,
    onclose: Callback<()>,
}

/// The panel of the cell that is open, and what is chosen in it.
#[component]
fn OpenCell(props: &OpenCellProps) -> Html {
    let onlevel = {
        let (edits, role, permission) =
            (props.edits.dispatcher(), props.column.id.clone(), props.row.id.clone());
        Callback::from(move |level: Option<Level>| {
            edits.dispatch(Edit::Set(role.clone(), permission.clone(), level));
        })
    };
    html! {
        <CellPanel is_operation={props.operations} row={props.row.clone()} column={props.column.clone()} anchor={props.anchor.clone()} tree={props.tree.clone()}
            edits={Rc::new((*props.edits).clone())} {onlevel} onclose={props.onclose.clone()} />
    }
}
