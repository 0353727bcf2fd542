//! The page: four questions about access, each as a sentence, its answer below.

use std::rc::Rc;

use rolewright_wire::user::UserView;
use yew::prelude::*;

use super::asked::{Asked, Tab as Question};
use super::compare::Compare;
use super::sentence::Sentence;
use super::what::What;
use super::who::Who;
use super::why::Why;
use crate::access::use_access;
use crate::api;
use crate::frame::{PageHead, use_title};
use crate::nav::{self, use_query};
use crate::resource::use_resource;
use crate::route::Route;
use crate::widgets::{Banner, Tab, Tabs, Tone};

/// What a person is called, where there is one of that id.
#[hook]
fn use_name(id: &str) -> (Option<AttrValue>, bool) {
    let found = use_resource(id.to_owned(), |id: String| async move {
        if id.is_empty() {
            return Ok(None);
        }
        let path = format!("/users/{}", js_sys::encode_uri_component(&id));
        api::get::<UserView>(&path).await.map(|answer| Some(answer.body.user.display_name()))
    });
    let gone = found.error.as_ref().is_some_and(|error| error.status() == 404);
    (found.fresh().and_then(|name| (**name).clone()).map(AttrValue::from), gone)
}

/// The page.
#[component]
pub fn ExplorerPage() -> Html {
    use_title("Access explorer");
    let access = use_access();
    let query = use_query();
    let policy = access.as_ref().and_then(|access| access.policy());
    let asked = Rc::new(policy.map(|policy| Asked::of(&query, policy.catalogue())).unwrap_or_default());
    let (person, nobody) = use_name(&asked.subject);
    let (beside, nobody_beside) = use_name(&asked.with);
    let onask = Callback::from(move |asked: Asked| {
        nav::set_query(&Route::Access, asked.query().as_str());
    });
    let onchange = {
        let (asked, onask) = (asked.clone(), onask.clone());
        Callback::from(move |tab: AttrValue| {
            onask.emit(Asked { tab: Question::of(&tab), cursor: String::new(), ..(*asked).clone() });
        })
    };
    let tabs: Rc<[Tab]> =
        Question::ALL.map(|(_, id, label)| Tab { id: id.into(), label: label.into(), count: None }).into();
    let shown = |name: &Option<AttrValue>, id: &str| name.clone().unwrap_or_else(|| id.to_owned().into());
    let names = [person.clone(), beside.clone()];
    html! {
        <div class="page__content explorer">
            <PageHead title="Access explorer" text={html! { "Why somebody may or may not do something, and what would change it. What is answered here is what a check answers." }} />
            <Tabs {tabs} value={asked.tab.id()} label="Questions about access" {onchange}>
                <Sentence asked={asked.clone()} names={names.clone()} onask={onask.clone()} />
                if nobody || nobody_beside {
                    <Banner tone={Tone::Problem}>{ "There is no such person any more. Choose another." }</Banner>
                } else {
                    { match asked.tab {
                        Question::Why => html! { <Why key="why" asked={asked.clone()} name={shown(&person, &asked.subject)} /> },
                        Question::Who => html! { <Who key="who" asked={asked.clone()} {onask} /> },
                        Question::What => html! { <What key="what" asked={asked.clone()} name={shown(&person, &asked.subject)} /> },
                        Question::Compare => html! { <Compare key="compare" asked={asked.clone()} names={[shown(&person, &asked.subject), shown(&beside, &asked.with)]} /> },
                    } }
                }
            </Tabs>
        </div>
    }
}
