//! Who may do something: everybody, a page at a time, and the roles that give it.

use std::rc::Rc;

use rolewright_wire::page::Page;
use rolewright_wire::question::{Holder, RolesGiving};
use yew::prelude::*;

use super::asked::{Asked, Tab};
use crate::access::{role_name, use_access};
use crate::api::{self, Query};
use crate::condition;
use crate::nav::Link;
use crate::resource::use_resource;
use crate::route::Route;
use crate::text;
use crate::widgets::{Empty, SkeletonRows, failed, pager, use_page_with_rows};

/// What is asked.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is asked.
    pub asked: Rc<Asked>,
    /// Told what is asked instead.
    pub onask: Callback<Asked>,
}

/// The answer.
#[component]
pub fn Who(props: &Props) -> Html {
    let access = use_access();
    let asked = props.asked.clone();
    let path = format!("/permissions/{}", js_sys::encode_uri_component(&asked.permission));
    let question = (path.clone(), asked.level.clone(), asked.place.clone(), asked.cursor.clone());
    let holders = use_resource((!asked.permission.is_empty()).then_some(question), |question| async move {
        let Some((path, level, place, cursor)) = question else { return Ok(None) };
        let query = Query::default().with("asked", &level).with("resource", &place).with("cursor", &cursor);
        let page = api::get::<Page<Holder>>(&format!("{path}/holders{}", query.as_str())).await?;
        Ok(Some(page.body))
    });
    let giving = (!asked.permission.is_empty()).then(|| (path, asked.level.clone()));
    let roles = use_resource(giving, |giving| async move {
        let Some((path, level)) = giving else { return Ok(None) };
        let query = Query::default().with("asked", &level);
        let roles = api::get::<RolesGiving>(&format!("{path}/roles{}", query.as_str())).await?;
        Ok(Some(roles.body))
    });
    let page = holders.data.as_ref().and_then(|page| (**page).as_ref());
    let fresh = page.filter(|_| !holders.stale);
    let first = {
        let asked = asked.clone();
        props.onask.reform(move |()| Asked { cursor: String::new(), ..(*asked).clone() })
    };
    let error = use_page_with_rows(&asked.cursor, fresh, holders.error.as_ref(), first);
    if asked.permission.is_empty() {
        return html! { <Empty icon="users" title="Who may do what?" text="Choose a permission: everybody who may use it stands here, with the roles that give it." /> };
    }
    let turn = |cursor: String| {
        let (asked, onask) = (asked.clone(), props.onask.clone());
        Callback::from(move |_: MouseEvent| onask.emit(Asked { cursor: cursor.clone(), ..(*asked).clone() }))
    };
    let none = fresh.is_some_and(|page| page.total == 0);
    let mut given: Vec<String> = Vec::new();
    for giving in roles.fresh().and_then(|roles| (**roles).as_ref()).iter().flat_map(|roles| &roles.items) {
        if !given.contains(&giving.role) {
            given.push(giving.role.clone());
        }
    }
    html! {
        <div class="answer">
            if let Some(error) = error.as_ref().or(roles.error.as_ref()) {
                { failed(error, &holders.reload) }
            }
            <p class="answer__count" role="status">
                if let Some(page) = fresh { { text::count(page.total, "person may do this", "people may do this") } }
            </p>
            if !given.is_empty() {
                <p class="answer__roles">
                    <span class="muted">{ "Given by " }</span>
                    <span class="chips chips--wrap">
                        { for given.iter().map(|id| {
                            let name = role_name(access.as_ref(), id);
                            html! { <Link key={id.clone()} to={Route::Role { id: id.clone() }} class="chip chip--link">{ name }</Link> }
                        }) }
                    </span>
                </p>
            }
            if none {
                <Empty icon="users" title="Nobody may do this" text="No active person holds it here. Ask May they? about somebody to see what would allow it." />
            } else {
                <div class={classes!("table-box", holders.stale.then_some("table-box--stale"))} aria-busy={holders.stale.to_string()}>
                    <table class="table table--stack">
                        <caption class="visually-hidden">{ "Who may do this" }</caption>
                        <thead><tr><th scope="col">{ "Person" }</th><th scope="col">{ "When" }</th><th scope="col"><span class="visually-hidden">{ "Why" }</span></th></tr></thead>
                        <tbody>
                            if let Some(page) = page {
                                { for page.items.iter().map(|holder| {
                                    let why = Asked { tab: Tab::Why, subject: holder.user.clone(), cursor: String::new(), ..(*asked).clone() };
                                    html! {
                                        <tr key={holder.user.clone()}>
                                            <td class="table__first"><Link to={Route::User { id: holder.user.clone() }} class="table__link">{ holder.name.clone() }</Link></td>
                                            <td class="table__muted" data-label="When">{ condition::when(&holder.when).map_or_else(|| "Always".to_owned(), |words| text::title(&words)) }</td>
                                            <td class="answer__end"><Link to={Route::Access} query={why.query().as_str().to_owned()} class="text-link" label={format!("Why may {} do this", holder.name)}>{ "Why" }</Link></td>
                                        </tr>
                                    }
                                }) }
                            } else {
                                <SkeletonRows key="skeleton" rows={8} cells={3} />
                            }
                        </tbody>
                    </table>
                </div>
            }
            { pager(&asked.cursor, fresh.and_then(|page| page.next.clone()), turn) }
        </div>
    }
}
