//! Every role that a person holds, with its source.

use rolewright_model::change::AssignmentEdit;
use rolewright_model::console;
use rolewright_model::directory::{AssignmentDocument, Principal};
use rolewright_model::explain::{HeldRole, NotCounting};
use rolewright_model::subject::Via;
use rolewright_wire::assignment::AssignmentView;
use rolewright_wire::group::GroupRow;
use rolewright_wire::page::Page;
use yew::prelude::*;

use super::leave::LeaveGroup;
use super::page::Loaded;
use crate::access::{AccessHandle, role_name, use_access};
use crate::api::{self, Request};
use crate::due::use_due;
use crate::nav::Link;
use crate::pages::confirm::{ConfirmDialog, this_is_you};
use crate::pages::idle::idle;
use crate::pages::permissions::refused_to_take;
use crate::resource::use_resource;
use crate::route::Route;
use crate::sending::{Told, use_sending};
use crate::session::use_session;
use crate::text;
use crate::toast;
use crate::widgets::{Chip, Empty, Icon, IconButton};

/// The roles of a person.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whose.
    pub user: Loaded,
    /// Shows the person anew.
    pub reload: Callback<()>,
}

/// The roles of a person.
#[component]
pub fn HeldRoles(props: &Props) -> Html {
    let access = use_access();
    let view = props.user.view();
    let own = use_session().current().is_some_and(|person| person.user == view.user.id);
    // Groups that the person is in through another are not on their page: they are looked up.
    let missing = view.roles.iter().any(|held| match &held.via {
        Via::Group { groups, .. } => groups.iter().any(|id| !view.groups.iter().any(|group| group.id == *id)),
        _ => false,
    });
    let may_see = access.as_ref().is_some_and(|access| access.may(console::GROUPS_VIEW));
    let groups = use_resource(missing && may_see, |wanted: bool| async move {
        match wanted {
            true => api::get::<Page<GroupRow>>("/groups?limit=200").await.map(|answer| answer.body.items),
            false => Ok(Vec::new()),
        }
    });
    let names = |id: &str| {
        let direct = view.groups.iter().find(|group| group.id == id).map(|group| group.name.clone());
        let listed = || {
            let rows = groups.data.as_ref()?;
            rows.iter().find(|row| row.group.id == id).map(|row| row.group.name.clone())
        };
        direct.or_else(listed).unwrap_or_else(|| "another group".to_owned())
    };
    use_due(view.roles.iter().flat_map(|held| [held.from, held.until]).flatten().collect(), &props.reload);
    if view.roles.is_empty() {
        return html! {
            <Empty key="none" icon="shield" title="No roles" text="This person holds nothing. Roles that are assigned to them, to their groups or by their package stand here." />
        };
    }
    let name = |held: &HeldRole| role_name(access.as_ref(), &held.role).to_lowercase();
    let mut roles: Vec<&HeldRole> = view.roles.iter().collect();
    roles.sort_by_cached_key(|held| (!view.superuser_roles.contains(&held.role), name(held)));
    html! {
        <div class="table-box" key="table">
            <table class="table table--stack">
                <caption class="visually-hidden">{ "Roles held" }</caption>
                <thead>
                    <tr>
                        <th scope="col">{ "Role" }</th>
                        <th scope="col">{ "Source" }</th>
                        <th scope="col">{ "Where" }</th>
                        <th scope="col">{ "When" }</th>
                        <th scope="col" class="table__end"><span class="visually-hidden">{ "Actions" }</span></th>
                    </tr>
                </thead>
                <tbody>
                    { for roles.into_iter().enumerate().map(|(position, held)| {
                        let source = source(held, access.as_ref(), &names);
                        html! {
                            <Held key={format!("{position}-{}", held.role)} held={held.clone()} {source} reload={props.reload.clone()}
                                user={props.user.clone()} {own} />
                        }
                    }) }
                </tbody>
            </table>
        </div>
    }
}

/// An icon and a word for where a role comes from.
#[derive(Clone, PartialEq)]
struct SourceWords {
    icon: &'static str,
    words: String,
    inherited: bool,
    /// Where it can be taken away, with the address's query; nothing where it stands in this table, or is not to be seen.
    place: Option<(Route, &'static str)>,
}

fn source(
    held: &HeldRole,
    access: Option<&AccessHandle>,
    group_name: &dyn Fn(&str) -> String,
) -> SourceWords {
    let may = |permission: &str| access.is_some_and(|access| access.may(permission));
    let place = match &held.via {
        // The last is the one that holds it: the others are in it.
        Via::Group { groups, .. } if may(console::GROUPS_VIEW) => {
            groups.last().map(|id| (Route::Group { id: id.clone() }, "?tab=roles"))
        }
        Via::Package { package } if may(console::PACKAGES_VIEW) => {
            Some((Route::Package { id: package.clone() }, ""))
        }
        Via::Everyone { .. } if may(console::ROLES_VIEW) => {
            Some((Route::Assigned { role: held.role.clone() }, "?of=everyone"))
        }
        _ => None,
    };
    let (icon, words, inherited) = match &held.via {
        Via::Direct { .. } => ("user", "Assigned to this person".to_owned(), false),
        Via::Entitlement { .. } => ("toggle-right", "By an entitlement".to_owned(), false),
        Via::Group { groups, .. } => {
            let names: Vec<_> = groups.iter().map(|id| group_name(id)).collect();
            ("users", format!("Group {}", names.join(" in ")), true)
        }
        Via::Everyone { .. } => ("globe", "Everyone".to_owned(), true),
        Via::Package { package } => {
            let policy = access.and_then(|access| access.policy());
            let name = policy.map_or(package.as_str(), |policy| policy.package_name(package));
            ("package", format!("Package {name}"), true)
        }
        Via::Base => ("arrow-down", "Every active user holds it".to_owned(), true),
        Via::Untold => ("circle-help", "Not told".to_owned(), true),
    };
    SourceWords { icon, words, inherited, place }
}

/// Whether an assignment is as it is shown.
fn shows(held: &HeldRole, found: &AssignmentView) -> bool {
    let AssignmentDocument { role, scope, from, until, .. } = &found.assignment;
    (role, scope, from, until) == (&held.role, &held.scope, &held.from, &held.until)
}

#[derive(Properties, PartialEq)]
struct HeldProps {
    held: HeldRole,
    source: SourceWords,
    user: Loaded,
    /// Whether that is whoever looks.
    own: bool,
    reload: Callback<()>,
}

#[component]
fn Held(props: &HeldProps) -> Html {
    let access = use_access();
    let sending = use_sending();
    let (held, view) = (&props.held, props.user.view());
    let person = view.user.display_name();
    let policy = access.as_ref().and_then(|access| access.policy());
    let role = policy.and_then(|policy| policy.role(&held.role));
    let name = role.map_or_else(|| held.role.clone(), |role| role.name.clone());
    let assignment = match &held.via {
        Via::Direct { assignment } | Via::Entitlement { assignment } => Some(assignment.clone()),
        _ => None,
    };
    let refused = assignment.as_ref().and_then(|_| {
        let given = AssignmentEdit::for_good(Principal::Everyone, &*held.role);
        let given = AssignmentEdit { scope: held.scope.clone(), until: held.until, ..given };
        refused_to_take(access.as_ref(), given)
    });
    // Which version of the assignment is asked about.
    let asked = use_state(|| None::<Option<String>>);
    let path = assignment.as_ref().map(|id| format!("/assignments/{}", js_sys::encode_uri_component(id)));
    let onremove = {
        let (sending, reload, shown, asked) =
            (sending.clone(), props.reload.clone(), held.clone(), asked.setter());
        let changed = format!("{name} was changed meanwhile: look again before you remove it.");
        let path = path.clone();
        Callback::from(move |_: MouseEvent| {
            let Some(path) = path.clone() else { return };
            let (asked, reload, shown, changed) =
                (asked.clone(), reload.clone(), shown.clone(), changed.clone());
            sending.ask(Request::get(&*path), move |found: Told<AssignmentView>| match found {
                // Only what was shown is taken away.
                Ok(found) if shows(&shown, &found.body) => asked.set(Some(found.etag)),
                Ok(_) => {
                    toast::say(changed);
                    reload.emit(());
                }
                Err(problem) => toast::say_problem(problem.to_string()),
            });
        })
    };
    let close = {
        let asked = asked.setter();
        Callback::from(move |()| asked.set(None))
    };
    // The group that the person is in themselves, whichever of those that it is in has the role.
    let left = match &held.via {
        Via::Group { groups, .. } => view.groups.iter().find(|group| groups.first() == Some(&group.id)),
        _ => None,
    };
    // What counts at its place alone says so by the place.
    let idle_for = held.not_counting.filter(|why| *why != NotCounting::WrongScope);
    let everything = view.superuser_roles.contains(&held.role);
    let when = match (held.from, held.until) {
        (None, None) => String::new(),
        (Some(from), None) => format!("From {}", text::moment(from)),
        (None, Some(until)) => format!("Until {}", text::moment(until)),
        (Some(from), Some(until)) => format!("{} to {}", text::moment(from), text::moment(until)),
    };
    html! {
        <tr class={idle_for.map(|_| "table__row--off")}>
            <td class="table__first">
                if role.is_some() {
                    <Link to={Route::Role { id: held.role.clone() }} class="table__link">{ name.clone() }</Link>
                } else {
                    { name.clone() }
                }
                if everything {
                    <Chip icon="infinity" meaning="everything">{ "Everything" }</Chip>
                }
            </td>
            <td data-label="Source">
                <span class={classes!("source", props.source.inherited.then_some("source--inherited"))}>
                    <Icon name={props.source.icon} />
                    if let Some((to, query)) = &props.source.place {
                        <Link to={to.clone()} query={(*query).to_owned()} class="table__link">{ props.source.words.clone() }</Link>
                    } else {
                        { props.source.words.clone() }
                    }
                </span>
            </td>
            <td data-label="Where">
                if held.scope == "/" {
                    <span class="table__muted">{ "Everything" }</span>
                } else {
                    { policy.map_or_else(|| held.scope.clone(), |policy| policy.catalogue().place_name(&held.scope)) }
                }
            </td>
            <td data-label="When">
                { idle(idle_for) }{ " " }
                <span class="table__muted">{ if when.is_empty() && idle_for.is_none() { "Always".to_owned() } else { when } }</span>
            </td>
            <td class="table__end">
                if assignment.is_some() {
                    <IconButton icon="trash-2" label={format!("Remove {name}")} {refused} onclick={onremove} />
                }
                if let Some(group) = left {
                    <LeaveGroup user={props.user.clone()} own={props.own} group={group.clone()} reload={props.reload.clone()} />
                }
                if let (Some(path), Some(etag)) = (path, (*asked).clone()) {
                    <ConfirmDialog title={format!("Remove {name} from {person}?")} change={Request::delete(path, etag.as_deref())} verb="Remove role"
                        done={format!("{name} is no longer assigned to {person}.")} onclose={close} ondone={props.reload.clone()}>
                        if props.own {
                            { this_is_you("What you have by it alone is gone at once, and you may not be able to give it back to yourself.") }
                        }
                    </ConfirmDialog>
                }
            </td>
        </tr>
    }
}
