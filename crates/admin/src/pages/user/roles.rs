//! Every role that a person holds, with its source.

use rolewright_model::change::Change;
use rolewright_model::console;
use rolewright_model::directory::AssignmentDocument;
use rolewright_model::explain::{HeldRole, NotCounting};
use rolewright_model::subject::Via;
use rolewright_wire::assignment::AssignmentView;
use rolewright_wire::group::GroupRow;
use rolewright_wire::page::Page;
use yew::prelude::*;

use super::page::Loaded;
use crate::access::{AccessHandle, use_access};
use crate::api::{self, Request};
use crate::nav::Link;
use crate::pages::confirm::{ConfirmDialog, this_is_you};
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
    if view.roles.is_empty() {
        return html! {
            <Empty key="none" icon="shield" title="No roles" text="This person holds nothing. Roles that are assigned to them, to their groups or by their package stand here." />
        };
    }
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
                    { for view.roles.iter().enumerate().map(|(position, held)| {
                        let source = source(held, access.as_ref(), &names);
                        html! {
                            <Held key={format!("{position}-{}", held.role)} held={held.clone()} {source} reload={props.reload.clone()}
                                person={view.user.display_name()} {own} />
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

/// Why something that is held does not count: in a word or two, and as a sentence.
pub fn why_not(reason: NotCounting) -> (&'static str, &'static str) {
    match reason {
        NotCounting::InactiveSubject => ("Does not count", "The account is not active."),
        NotCounting::NotYet => ("Not yet", "It begins later."),
        NotCounting::Expired => ("Expired", "It has ended."),
        NotCounting::NextLogin => ("At next sign-in", "New roles count once the person signs in again."),
        NotCounting::WrongScope => ("Elsewhere", "It counts in its own place, not for everything."),
        NotCounting::WrongType => ("Not here", "The role counts at resources of another type."),
        NotCounting::ConditionFalse => ("Conditional", "Its condition is not met here."),
        NotCounting::LowerLevel => ("Exceeded", "Something else that is held gives more."),
    }
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
    person: AttrValue,
    /// Whether that is whoever looks.
    own: bool,
    reload: Callback<()>,
}

#[component]
fn Held(props: &HeldProps) -> Html {
    let access = use_access();
    let sending = use_sending();
    let held = &props.held;
    let policy = access.as_ref().and_then(|access| access.policy());
    let role = policy.and_then(|policy| policy.role(&held.role));
    let name = role.map_or_else(|| held.role.clone(), |role| role.name.clone());
    let assignment = match &held.via {
        Via::Direct { assignment } | Via::Entitlement { assignment } => Some(assignment.clone()),
        _ => None,
    };
    let refused = assignment.clone().and_then(|_| {
        // The browser's policy has no assignments: taking this role needs what giving it needs.
        let assignment = rolewright_model::change::AssignmentEdit {
            principal: rolewright_model::directory::Principal::Everyone,
            role: held.role.clone(),
            scope: held.scope.clone(),
            source: rolewright_model::directory::Source::Direct,
            from: None,
            until: held.until,
        };
        access.as_ref().and_then(|access| access.reason(&Change::Assign { assignment }))
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
    let everything = role.is_some_and(|role| role.superuser);
    let when = match (held.from, held.until) {
        (None, None) => String::new(),
        (Some(from), None) => format!("From {}", text::moment(from)),
        (None, Some(until)) => format!("Until {}", text::moment(until)),
        (Some(from), Some(until)) => format!("{} to {}", text::moment(from), text::moment(until)),
    };
    html! {
        <tr class={held.not_counting.map(|_| "table__row--off")}>
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
                    <code>{ held.scope.clone() }</code>
                }
            </td>
            <td data-label="When">
                if let Some(reason) = held.not_counting {
                    <span class="badge badge--partial" title={why_not(reason).1}><Icon name="clock" />{ why_not(reason).0 }</span>
                }
                <span class="table__muted">{ if when.is_empty() && held.not_counting.is_none() { "Always".to_owned() } else { when } }</span>
            </td>
            <td class="table__end">
                if assignment.is_some() {
                    <IconButton icon="trash-2" label={format!("Remove {name}")} {refused} onclick={onremove} />
                }
                if let (Some(path), Some(etag)) = (path, (*asked).clone()) {
                    <ConfirmDialog title={format!("Remove {name} from {}?", props.person)} {path} {etag} verb="Remove role"
                        done={format!("{name} is no longer assigned to {}.", props.person)} onclose={close} ondone={props.reload.clone()}>
                        if props.own {
                            { this_is_you("What you have by it alone is gone at once, and you may not be able to give it back to yourself.") }
                        }
                    </ConfirmDialog>
                }
            </td>
        </tr>
    }
}
