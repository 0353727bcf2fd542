//! What came of each row, or would: with what is wrong beside it, and as a file.

use std::rc::Rc;

use rolewright_wire::bulk::RowOutcome;
use yew::prelude::*;

use crate::nav::Link;
use crate::route::Route;
use crate::rows::{Row, Rows};
use crate::same::Same;
use crate::states::use_flag;
use crate::widgets::{Button, Icon, Segment, Segmented};
use crate::{browser, text};

/// How many rows are shown at a time.
const SHOWN: usize = 100;

/// The rows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is known of them.
    pub rows: Same<Rows>,
    /// Whether nothing was written.
    pub tried: bool,
    /// Whether they are people who were chosen, and no lines of a file.
    #[prop_or_default]
    pub of_people: bool,
    /// Told when the browser was given all results, with their links.
    #[prop_or_default]
    pub onkept: Callback<()>,
}

/// The rows, a table.
#[component]
pub fn Results(props: &Props) -> Html {
    let Props { rows, tried, of_people, onkept } = props;
    let faulty = rows.faulty().count();
    let only_faulty = use_flag();
    let from = use_state(|| 0_usize);
    let only = *only_faulty && faulty > 0;
    let shown: Vec<&Row> = if only { rows.faulty().collect() } else { rows.told.iter().collect() };
    // Other rows may be fewer.
    let first = if *from < shown.len() { *from } else { 0 };
    let onfilter = {
        let (only_faulty, from) = (only_faulty.setter(), from.setter());
        Callback::from(move |id: AttrValue| {
            only_faulty.set(id == "errors");
            from.set(0);
        })
    };
    let segment = |id: &'static str, words: &str, n: usize| Segment {
        id: id.into(),
        label: format!("{words} ({})", text::number(n as u64)).into(),
        description: "".into(),
        inherited: false,
    };
    let segments: Rc<[Segment]> = Rc::from([
        segment("all", if *of_people { "All" } else { "All rows" }, rows.told.len()),
        segment("errors", if *of_people { "Only errors" } else { "Only rows with errors" }, faulty),
    ]);
    let keep = |name: &'static str, only_errors: bool| {
        let (rows, onkept) = (rows.clone(), onkept.clone());
        Callback::from(move |_: MouseEvent| {
            browser::download(name, "text/csv", &rows.csv(only_errors));
            if !only_errors {
                onkept.emit(());
            }
        })
    };
    let turn = |to: Option<usize>| {
        let from = from.setter();
        to.map(|to| Callback::from(move |_: MouseEvent| from.set(to)))
    };
    let back = turn(first.checked_sub(SHOWN));
    let next = turn(Some(first + SHOWN).filter(|next| *next < shown.len()));
    let last = shown.len().min(first + SHOWN);
    let (what, one, many) = if *of_people { ("People", "person", "people") } else { ("Rows", "row", "rows") };
    html! {
        <section class="stack" aria-label={what}>
            <div class="filters results__filters">
                <Segmented label={what} {segments} value={if only { "errors" } else { "all" }} onchange={onfilter} />
                <div class="results__files">
                    if faulty > 0 {
                        <Button small=true icon="download" onclick={keep("errors.csv", true)}>{ "Download errors" }</Button>
                    }
                    if !*tried {
                        <Button small=true icon="download" onclick={keep("results.csv", false)}>{ "Download results" }</Button>
                    }
                </div>
            </div>
            <div class="table-box">
                <table class="table table--stack results__rows">
                    <caption class="visually-hidden">{ if *tried { "What each row would do" } else if *of_people { "What was done to each person" } else { "What each row did" } }</caption>
                    <thead><tr>
                        if !of_people {
                            <th scope="col" class="table__number">{ "Row" }</th>
                        }
                        <th scope="col">{ if *of_people { "Person" } else { "About" } }</th>
                        <th scope="col">{ "Result" }</th>
                        <th scope="col">{ "What" }</th>
                    </tr></thead>
                    <tbody>{ for shown.iter().take(last).skip(first).map(|row| line(row, *of_people)) }</tbody>
                </table>
            </div>
            if shown.len() > SHOWN {
                <div class="pager">
                    <span class="pager__count">{ format!("{} to {} of {}", text::number(first as u64 + 1), text::number(last as u64), text::count(shown.len() as u64, one, many)) }</span>
                    <div class="pager__turn">
                        <Button small=true icon="chevron-left" refused={back.is_none().then_some(AttrValue::Static("These are the first rows."))} onclick={back.unwrap_or_default()} tip_end=true>{ "Previous" }</Button>
                        <Button small=true refused={next.is_none().then_some(AttrValue::Static("These are the last rows."))} onclick={next.unwrap_or_default()} tip_end=true>{ "Next" }</Button>
                    </div>
                </div>
            }
        </section>
    }
}

fn line(row: &Row, of_person: bool) -> Html {
    let (class, icon, word) = match row.result {
        RowOutcome::Changed if row.added => ("badge--granted", "plus", "Added"),
        RowOutcome::Changed => ("badge--partial", "pencil", "Changed"),
        RowOutcome::Unchanged => ("badge--none", "minus", "As it is"),
        RowOutcome::Refused => ("badge--refused", "circle-alert", "Refused"),
    };
    let told = row.changes.iter().map(|change| text::title(&text::plain(change)));
    let told = told.chain(row.remarks.iter().map(|remark| text::sentence(&text::plain(remark))));
    let link = row.link().map(|link| html! { <li class="results__link"><code>{ link }</code></li> });
    html! {
        <tr key={row.row}>
            if !of_person {
                <td class="table__number table__muted" data-label="Row">{ row.row }</td>
            }
            <td class="results__about">
                if of_person {
                    <Link to={Route::User { id: row.subject.clone() }} class="table__link">{ row.about().to_owned() }</Link>
                } else {
                    { row.about().to_owned() }
                }
            </td>
            <td class="results__result"><span class={classes!("badge", class)}><Icon name={icon} />{ word }</span></td>
            <td>
                <ul class="results__what">
                    { for row.errors().into_iter().map(|(field, what)| html! {
                        <li class="results__error">
                            if !field.is_empty() { <code>{ field.to_owned() }</code>{ " " } }
                            { what }
                        </li>
                    }) }
                    { for told.map(|what| html! { <li>{ what }</li> }) }
                    { for link }
                </ul>
            </td>
        </tr>
    }
}
