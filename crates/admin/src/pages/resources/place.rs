//! Who holds what at one place: there, and from above.

use rolewright_model::directory::Principal;
use rolewright_wire::assignment::AssignmentView;
use rolewright_wire::page::Page;
use yew::prelude::*;

use crate::access::use_access;
use crate::api::{self, Query};
use crate::nav::Link;
use crate::pages::groups::window;
use crate::pages::idle::idle;
use crate::place;
use crate::resource::use_resource;
use crate::route::Route;
use crate::states::use_text;
use crate::text;
use crate::widgets::{Chip, Empty, Icon, SearchField, SkeletonRows, failed, pager};

/// Which place.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its path.
    pub place: AttrValue,
}

/// Who holds what at one place.
#[component]
pub fn PlacePanel(props: &Props) -> Html {
    let access = use_access();
    let words = use_text();
    let cursor = use_text();
    let asked = (props.place.clone(), (*words).clone(), (*cursor).clone());
    let held = use_resource(asked, |(place, words, cursor)| async move {
        let query = Query::default()
            .with("reaching", &place)
            .with("search", words.trim())
            .with("sort", "nearest")
            .with("cursor", &cursor);
        api::get::<Page<AssignmentView>>(&format!("/assignments{}", query.as_str()))
            .await
            .map(|answer| answer.body)
    });
    let resting = use_resource((props.place.clone(), (*words).clone()), |(place, words)| async move {
        let query = Query::default()
            .with("reaching", &place)
            .with("search", words.trim())
            .with("counting", "false")
            .with("limit", "1");
        let page = api::get::<Page<AssignmentView>>(&format!("/assignments{}", query.as_str())).await?.body;
        Ok(page.total)
    });
    let oninput = {
        let (words, cursor) = (words.setter(), cursor.setter());
        Callback::from(move |typed: String| {
            cursor.set(String::new());
            words.set(typed);
        })
    };
    let turn = |to: String| {
        let cursor = cursor.setter();
        Callback::from(move |_: MouseEvent| cursor.set(to.clone()))
    };
    let policy = access.as_ref().and_then(|access| access.policy());
    let named =
        |path: &str| policy.map_or_else(|| path.to_owned(), |policy| place::words(policy.catalogue(), path));
    let role = |id: &str| access.as_ref().map_or_else(|| id.to_owned(), |access| access.role_name(id));
    let none = held.fresh().is_some_and(|page| page.items.is_empty());
    html! {
        <section aria-labelledby="place-title">
            <div class="place-head">
                <h2 class="place-head__title" id="place-title">{ named(&props.place) }</h2>
                <code>{ props.place.clone() }</code>
            </div>
            <div class="filters">
                <SearchField label="Search who holds what" placeholder="Search by name or role" value={(*words).clone()} {oninput} />
                <p class="filters__count" role="status">
                    if let (Some(page), Some(resting)) = (held.fresh(), resting.fresh()) {
                        { counted(page.total, **resting) }
                    }
                </p>
            </div>
            if let Some(error) = &held.error {
                { failed(error, &held.reload) }
            }
            if none {
                <Empty icon="shield" title={if words.is_empty() { "Nobody holds a role here" } else { "Nothing fits" }}
                    text="Roles that are assigned at this place, or at one above it, stand here." />
            } else {
                <div class={classes!("table-box", held.stale.then_some("table-box--stale"))} aria-busy={held.stale.to_string()}>
                    <table class="table table--stack">
                        <caption class="visually-hidden">{ format!("Who holds what: {}", named(&props.place)) }</caption>
                        <thead>
                            <tr>
                                <th scope="col">{ "Who" }</th>
                                <th scope="col">{ "Role" }</th>
                                <th scope="col">{ "Held at" }</th>
                                <th scope="col">{ "When" }</th>
                            </tr>
                        </thead>
                        <tbody>
                            if let Some(page) = &held.data {
                                { for page.items.iter().map(|row| {
                                    let it = &row.assignment;
                                    let inherited = props.place != it.scope;
                                    let everything = policy.and_then(|policy| policy.role(&it.role)).is_some_and(|role| role.superuser);
                                    html! {
                                        <tr key={it.id.clone()} class={row.not_counting.map(|_| "table__row--off")}>
                                            <td class="table__first">
                                                { match &it.principal {
                                                    Principal::User(id) => html! { <Link to={Route::User { id: id.clone() }} class="table__link">{ row.principal_name.clone() }</Link> },
                                                    Principal::Group(id) => html! { <Link to={Route::Group { id: id.clone() }} class="table__link">{ row.principal_name.clone() }</Link> },
                                                    Principal::Everyone => html! { { "Everyone" } },
                                                } }
                                                if matches!(it.principal, Principal::Group(_)) {
                                                    <Chip icon="users-round">{ "Group" }</Chip>
                                                }
                                            </td>
                                            <td data-label="Role">
                                                <Link to={Route::Role { id: it.role.clone() }} class="table__link">{ role(&it.role) }</Link>
                                                if everything {
                                                    { " " }<Chip icon="infinity" meaning="everything">{ "Everything" }</Chip>
                                                }
                                            </td>
                                            <td data-label="Held at">
                                                if inherited {
                                                    <span class="source source--inherited"><Icon name="arrow-down" />{ format!("From above: {}", named(&it.scope)) }</span>
                                                } else {
                                                    { "Here" }
                                                }
                                            </td>
                                            <td data-label="When">{ idle(row.not_counting) }{ " " }<span class="table__muted">{ window(it) }</span></td>
                                        </tr>
                                    }
                                }) }
                            } else {
                                <SkeletonRows key="skeleton" rows={8} cells={4} />
                            }
                        </tbody>
                    </table>
                </div>
                { pager(&cursor, held.fresh().and_then(|page| page.next.clone()), turn) }
            }
        </section>
    }
}

/// How many assignments count here now, of all that reach it, and how many do not.
fn counted(all: u64, resting: u64) -> String {
    let count =
        text::count(all.saturating_sub(resting), "assignment counts here now", "assignments count here now");
    match resting {
        0 => count,
        1 => format!("{count}, 1 does not"),
        n => format!("{count}, {} do not", text::number(n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_count_now_is_counted_apart() {
        for (all, resting, expected) in [
            (44, 0, "44 assignments count here now"),
            (44, 4, "40 assignments count here now, 4 do not"),
            (2, 1, "1 assignment counts here now, 1 does not"),
            (1, 1, "0 assignments count here now, 1 does not"),
        ] {
            assert_eq!(counted(all, resting), expected);
        }
    }
}
