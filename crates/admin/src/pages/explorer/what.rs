//! What somebody may do at a place: every permission that they hold there, module by module.

use std::rc::Rc;

use rolewright_wire::question::{PermissionHeld, PermissionsOf};
use yew::prelude::*;

use super::asked::{Asked, Tab};
use crate::access::{use_access, use_tree};
use crate::api::{self, Query};
use crate::nav::Link;
use crate::pages::held::level;
use crate::resource::use_resource;
use crate::route::Route;
use crate::states::use_text;
use crate::text;
use crate::tree::Row;
use crate::widgets::{Empty, SearchField, Skeleton, failed};

/// What is asked, and about whom.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is asked.
    pub asked: Rc<Asked>,
    /// What a person reads of the one who is asked about.
    pub name: AttrValue,
}

/// The answer.
#[component]
pub fn What(props: &Props) -> Html {
    let access = use_access();
    let words = use_text();
    let asked = props.asked.clone();
    let question = (!asked.subject.is_empty()).then(|| (asked.subject.clone(), asked.place.clone()));
    let held = use_resource(question, |question| async move {
        let Some((subject, place)) = question else { return Ok(None) };
        let query = Query::default().with("resource", &place);
        let path = format!("/users/{}/permissions{}", js_sys::encode_uri_component(&subject), query.as_str());
        Ok(Some(api::get::<PermissionsOf>(&path).await?.body))
    });
    let tree = use_tree();
    let oninput = use_callback(words.setter(), |typed: String, words| words.set(typed));
    let Some(policy) = access.as_ref().and_then(|access| access.policy()) else { return html! {} };
    if asked.subject.is_empty() {
        return html! { <Empty icon="user" title="What may who do?" text="Choose a person: everything that they may do there stands here, module by module." /> };
    }
    if let Some(error) = &held.error {
        return html! {
            { failed(error, &held.reload) }
        };
    }
    let Some(all) = held.fresh().and_then(|held| (**held).as_ref()).map(|held| &held.items) else {
        return html! { <div class="answer" aria-busy="true"><Skeleton length="long" /></div> };
    };
    if all.is_empty() {
        return html! { <Empty icon="key-round" title={format!("{} may do nothing here", props.name)} text="Nothing that they hold counts at this place now. Ask May they? to see what would allow something." /> };
    }
    let found = tree.search(&words);
    let of = |row: &Row| all.iter().find(|it| row.id == it.permission);
    let rows = |module: &crate::tree::Module| -> Vec<(&Row, &PermissionHeld)> {
        let shown = module.rows().into_iter().filter(|row| found.binary_search(row).is_ok());
        shown.filter_map(|at| tree.rows.get(at)).filter_map(|row| Some((row, of(row)?))).collect()
    };
    let shown: usize = tree.modules.iter().map(|module| rows(module).len()).sum();
    html! {
        <div class="answer effective">
            <div class="filters">
                <SearchField label="Search permissions" placeholder="Search permissions" value={(*words).clone()} {oninput} />
                <p class="filters__count" role="status">{ text::count(u64::try_from(shown).unwrap_or_default(), "permission", "permissions") }</p>
            </div>
            if shown == 0 {
                <p class="muted">{ "Nothing fits. Try another word." }</p>
            }
            { for tree.modules.iter().map(|module| {
                let rows = rows(module);
                html! {
                    <section class="module" key={module.id.to_string()} hidden={rows.is_empty()}>
                        <div class="module__head module__head--open">
                            <h2 class="module__title">{ module.label.clone() }</h2>
                            <span class="module__count">{ format!("{} of {}", module.rows().iter().filter_map(|at| tree.rows.get(*at)).filter(|row| of(row).is_some()).count(), module.rows().len()) }</span>
                        </div>
                        <ul class="module__rows">
                            { for rows.into_iter().map(|(row, it)| {
                                let why = Asked { tab: Tab::Why, permission: it.permission.clone(), operation: String::new(), level: String::new(), ..(*asked).clone() };
                                html! {
                                    <li class="effective__row" key={row.id.to_string()}>
                                        <span class="effective__name"><span>{ row.label.clone() }</span><code class="effective__id">{ row.id.clone() }</code></span>
                                        { level(policy, &it.permission, &it.held) }
                                        <span class="effective__sources">
                                            <Link to={Route::Access} query={why.query().as_str().to_owned()} class="text-link" label={format!("Why: {}", row.full)}>{ "Why" }</Link>
                                        </span>
                                    </li>
                                }
                            }) }
                        </ul>
                    </section>
                }
            }) }
        </div>
    }
}
