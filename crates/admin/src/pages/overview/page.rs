//! The page.

use rolewright_model::console;
use yew::prelude::*;

use super::findings::FindingList;
use super::overlapping::Overlapping;
use super::posture::PostureFigures;
use crate::access::use_access;
use crate::frame::{PageHead, use_title};
use crate::nav::Link;
use crate::pages::history::History;
use crate::route::Route;
use crate::session::use_session;
use crate::widgets::Icon;

/// The page.
#[component]
pub fn OverviewPage() -> Html {
    use_title("Overview");
    let session = use_session();
    let access = use_access();
    let may = |permission: &str| access.as_ref().is_some_and(|access| access.may(permission));
    let tenant = session.current().map(|session| session.tenant_name.clone()).unwrap_or_default();
    let policy = access.as_ref().and_then(|access| access.policy());
    let (sees_people, sees_roles, sees_log) =
        (may(console::USERS_VIEW), policy.is_some(), may(console::AUDIT_VIEW));
    let next =
        |route: Route, query: &'static str, icon: &'static str, title: &'static str, words: &'static str| {
            html! {
                <li>
                    <Link to={route} {query} class="step">
                        <Icon name={icon} class="step__icon" />
                        <span class="step__words"><strong>{ title }</strong><span>{ words }</span></span>
                        <Icon name="chevron-right" />
                    </Link>
                </li>
            }
        };
    let changes = session.current().is_some_and(|session| session.view.is_none());
    let makes_roles = changes && sees_roles && may(console::ROLES_MANAGE);
    let invites = changes && sees_people && may(console::USERS_MANAGE);
    let explains = sees_people && sees_roles && may(console::ACCESS_EXPLAIN);
    html! {
        <div class="page__content overview">
            <PageHead title={tenant} text={html! { "Who may do what here, at a glance." }} />
            if sees_people {
                <PostureFigures />
            }
            if !(sees_people || sees_roles || sees_log) {
                <p class="muted">{ "You may use the product, and see nothing of its administration. An administrator can give you more." }</p>
            }
            <div class="overview__columns">
                <div class="overview__main">
                    if sees_people && sees_roles {
                        <section aria-labelledby="findings"><h2 class="section-title" id="findings">{ "What could be better" }</h2><FindingList /></section>
                    }
                    if sees_log {
                        <section aria-labelledby="recent"><h2 class="section-title" id="recent">{ "Recent changes" }</h2><History limit={6} /></section>
                    }
                </div>
                <div class="overview__side">
                    if makes_roles || invites || explains {
                        <section aria-labelledby="next">
                            <h2 class="section-title" id="next">{ "What to do next" }</h2>
                            <ul class="steps">
                                if explains {
                                    { next(Route::Access, "", "waypoints", "Ask why somebody may or may not", "And what would change it, with the smallest change first.") }
                                }
                                if makes_roles {
                                    { next(Route::NewRole, "", "shield-plus", "Create a narrow role", "Give only what a task needs, rather than an administrator's role for a part of it.") }
                                }
                                if invites {
                                    { next(Route::Users, "?invite=1", "user-plus", "Invite a person", "They set their own password; their roles are there when they arrive.") }
                                }
                            </ul>
                        </section>
                    }
                    if sees_roles {
                        <section aria-labelledby="overlap"><h2 class="section-title" id="overlap">{ "What roles share" }</h2><Overlapping /></section>
                    }
                </div>
            </div>
        </div>
    }
}
