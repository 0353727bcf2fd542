//! What can be done with a person.

use std::rc::Rc;

use rolewright_model::Viewed;
use rolewright_model::change::{AssignmentEdit, Change, UserEdit};
use rolewright_model::directory::{Principal, Source, Status};
use rolewright_wire::Accepted;
use rolewright_wire::user::{Invited, UserStatus, UserView};
use serde::de::IgnoredAny;
use yew::prelude::*;

use super::assign::AssignDialog;
use super::edit::EditDialog;
use super::ending::{DeleteDialog, DisableDialog, address, delete, put_status};
use super::link::{LinkDialog, Outcome};
use super::page::Loaded;
use super::reset::ResetDialog;
use crate::access::use_access;
use crate::api::{self, Answer, Request};
use crate::pages::audit::use_saying;
use crate::pages::users::{Chosen, PackageDialog};
use crate::pages::view_as::{self, ViewAsDialog};
use crate::route::Route;
use crate::sending::{Told, ask, use_sending};
use crate::session::use_session;
use crate::states::use_flag;
use crate::toast;
use crate::trial::{Verdict, use_trial};
use crate::widgets::{Banner, Button, Dialog, Menu, MenuItem, Tone, Variant};

/// What can be done.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// With whom.
    pub user: Loaded,
    /// Shows the person anew.
    pub reload: Callback<()>,
}

/// Which dialog is open.
#[derive(Clone, PartialEq)]
enum Open {
    Nothing,
    Assign,
    Edit,
    Reset,
    EndSessions,
    Package,
    Revoke,
    ViewAs,
    Disable,
    Delete,
    Link(Outcome),
}

/// What can be done.
#[component]
pub fn Actions(props: &Props) -> Html {
    let access = use_access();
    let open = use_state(|| Open::Nothing);
    let (sending, saying) = (use_sending(), use_saying());
    let view = props.user.view();
    let id = view.user.id.clone();
    let name = view.user.display_name();
    // Who may do it depends on everything that both hold: the server is asked once the menu is opened.
    let asked = use_flag();
    let onopen = {
        let asked = asked.clone();
        Callback::from(move |()| {
            if !*asked {
                asked.set(true);
            }
        })
    };
    let address = address(&id);
    let invited = matches!(view.status, UserStatus::Invited | UserStatus::NoInvitation);
    let other = if view.status == UserStatus::Disabled { Status::Active } else { Status::Disabled };
    let invite = Request::post(format!("{address}/invitation"), &api::Nothing {});
    let first = if invited { invite.clone() } else { put_status(&props.user, other) };
    let first = use_trial(Some(first).filter(|_| *asked));
    let second = use_trial(asked.then(|| delete(&props.user)));
    let whom = Viewed::User(id.clone());
    let is_own = use_session().current().is_some_and(|person| person.user == id);
    let can_be_viewed = view.status == UserStatus::Active && !is_own;
    let third = use_trial(Some(view_as::begin(&whom)).filter(|_| *asked && can_be_viewed));
    let told =
        |verdict: &Verdict| verdict.refusal.as_ref().map(|refusal| AttrValue::from(refusal.to_string()));
    let reason = |change: Change| access.as_ref().and_then(|access| access.reason(&change));
    let show = |what: Open| {
        let (open, sending) = (open.setter(), sending.clone());
        Callback::from(move |()| {
            sending.forget();
            open.set(what.clone());
        })
    };
    view_as::use_asked(Route::User { id: id.clone() }, whom.clone(), can_be_viewed, show(Open::ViewAs));
    let close = show(Open::Nothing);
    let activate = {
        let (request, name) = (put_status(&props.user, Status::Active), name.clone());
        let (sending, reload) = (sending.clone(), props.reload.clone());
        Callback::from(move |()| {
            let (reload, said) = (reload.clone(), format!("Activated {name}. What they hold counts again."));
            sending.ask(request.clone(), move |answer: Told<Accepted>| match answer {
                Ok(answer) => {
                    saying.done(said, answer.made);
                    reload.emit(());
                }
                Err(problem) => toast::say_problem(problem.to_string()),
            });
        })
    };
    let end_sessions = {
        let (open, sending, name) = (open.setter(), sending.clone(), name.clone());
        let request = Request::delete(format!("{address}/sessions"), None);
        Callback::from(move |()| {
            let (open, name) = (open.clone(), name.clone());
            sending.send(request.clone(), move |_: Answer<IgnoredAny>| {
                open.set(Open::Nothing);
                toast::say(format!("The sessions of {name} are ended: they sign in again."));
            });
        })
    };
    let revoke = {
        let (open, reload, sending, name) =
            (open.setter(), props.reload.clone(), sending.clone(), name.clone());
        let request = Request::delete(format!("{address}/invitation"), None);
        Callback::from(move |()| {
            let (open, reload, name) = (open.clone(), reload.clone(), name.clone());
            sending.send(request.clone(), move |_: Answer<IgnoredAny>| {
                open.set(Open::Nothing);
                toast::say(format!("The invitation of {name} is revoked: its link is good no more."));
                reload.emit(());
            });
        })
    };
    let new_link = {
        let open = open.setter();
        Callback::from(move |()| {
            let open = open.clone();
            ask(invite.clone(), move |answer: Told<Invited>| match answer {
                Ok(answer) => open.set(Open::Link(answer.body.into())),
                Err(problem) => toast::say_problem(problem.to_string()),
            });
        })
    };
    let mail_link = {
        let (name, link) =
            (name.clone(), Request::post(format!("{address}/password-reset"), &api::Nothing {}));
        Callback::from(move |()| {
            let name = name.clone();
            ask(link.clone(), move |answer: Told<IgnoredAny>| match answer {
                Ok(_) => toast::say(format!("{name} was mailed a link that sets a password.")),
                Err(problem) => toast::say_problem(problem.to_string()),
            });
        })
    };
    let edit = UserEdit {
        id: id.clone(),
        email: view.user.email.clone(),
        first_name: view.user.first_name.clone(),
        last_name: view.user.last_name.clone(),
    };
    let mut items = Vec::new();
    let edit_refused = reason(Change::UpdateUser { user: edit });
    if invited {
        items.push(MenuItem {
            label: "Send invitation again".into(),
            icon: "link".into(),
            danger: false,
            refused: edit_refused.clone().or_else(|| told(&first)),
            onpick: new_link,
        });
    }
    if view.status == UserStatus::Invited {
        items.push(MenuItem {
            label: "Revoke invitation".into(),
            icon: "circle-slash".into(),
            danger: true,
            refused: reason(Change::RevokeInvitation { id: id.clone() }).or_else(|| told(&first)),
            onpick: show(Open::Revoke),
        });
    }
    if view.status == UserStatus::Active && !is_own {
        items.push(MenuItem {
            label: "Mail a password link".into(),
            icon: "mail".into(),
            danger: false,
            refused: reason(Change::StartPasswordReset { id: id.clone() }),
            onpick: mail_link,
        });
    }
    items.push(MenuItem {
        label: "Edit name and email".into(),
        icon: "pencil".into(),
        danger: false,
        refused: edit_refused,
        onpick: show(Open::Edit),
    });
    let policy = access.as_ref().and_then(|access| access.policy());
    if policy.is_some_and(|policy| !policy.state().documents().packages.is_empty()) {
        items.push(MenuItem {
            label: "Set package".into(),
            icon: "package".into(),
            danger: false,
            refused: reason(Change::SetPackage { id: id.clone(), package: None }),
            onpick: show(Open::Package),
        });
    }
    if can_be_viewed {
        items.push(view_as::item(access.as_deref(), &whom, told(&third), show(Open::ViewAs)));
    }
    if view.second_factor {
        items.push(MenuItem {
            label: "Reset second factor".into(),
            icon: "key-round".into(),
            danger: true,
            refused: reason(Change::ResetSecondFactor { id: id.clone() }),
            onpick: show(Open::Reset),
        });
    }
    if view.status == UserStatus::Active {
        items.push(MenuItem {
            label: "End sessions".into(),
            icon: "log-out".into(),
            danger: true,
            refused: reason(Change::EndSessions { id: id.clone(), session: None }),
            onpick: show(Open::EndSessions),
        });
    }
    if view.status == UserStatus::Disabled {
        items.push(MenuItem {
            label: "Activate".into(),
            icon: "user-check".into(),
            danger: false,
            refused: reason(Change::SetStatus { id: id.clone(), status: Status::Active })
                .or_else(|| told(&first)),
            onpick: activate,
        });
    } else if !invited {
        items.push(MenuItem {
            label: "Disable".into(),
            icon: "circle-slash".into(),
            danger: true,
            refused: reason(Change::SetStatus { id: id.clone(), status: Status::Disabled })
                .or_else(|| told(&first)),
            onpick: show(Open::Disable),
        });
    }
    items.push(MenuItem {
        label: "Delete".into(),
        icon: "trash-2".into(),
        danger: true,
        refused: reason(Change::DeleteUser { id: id.clone() }).or_else(|| told(&second)),
        onpick: show(Open::Delete),
    });
    let assignment = AssignmentEdit {
        principal: Principal::User(id.clone()),
        role: String::new(),
        scope: "/".to_owned(),
        source: Source::Direct,
        from: None,
        until: None,
    };
    let assign_refused = reason(Change::Assign { assignment });
    let confirm = |title: String, words: &'static str, verb: &'static str, onconfirm: Callback<()>| {
        html! {
            <Dialog key={verb} {title} alert=true onclose={close.clone()} footer={html! {
                <>
                    <Button autofocus=true onclick={close.reform(|_| ())}>{ "Cancel" }</Button>
                    <Button variant={Variant::Danger} busy={sending.is_busy()} onclick={onconfirm.reform(|_| ())}>{ verb }</Button>
                </>
            }}>
                <p>{ words }</p>
                <div class="slot">
                    if let Some(error) = sending.failure() {
                        <Banner tone={Tone::Problem}>{ error.to_string() }</Banner>
                    }
                </div>
            </Dialog>
        }
    };
    html! {
        <>
            <Button variant={Variant::Primary} icon="plus" onclick={show(Open::Assign).reform(|_| ())} refused={assign_refused} tip_end=true>{ "Assign role" }</Button>
            <Menu label={format!("More actions for {name}")} items={Rc::from(items)} {onopen} />
            <div class="slot">
                { match &*open {
                    Open::Nothing => html! {},
                    Open::Assign => html! {
                        <AssignDialog key="assign" principal={Principal::User(view.user.id.clone())} name={name.clone()} held={held_now(view)} onclose={close.clone()} reload={props.reload.clone()} />
                    },
                    Open::Edit => html! {
                        <EditDialog key="edit" user={props.user.clone()} onclose={close.clone()} reload={props.reload.clone()} />
                    },
                    Open::Link(outcome) => html! {
                        <LinkDialog key="link" who={name.clone()} email={view.user.email.clone()} outcome={outcome.clone()} onclose={close.clone()} />
                    },
                    Open::Reset => {
                        let done = close.clone();
                        let reload = props.reload.clone();
                        let ondone = Callback::from(move |()| {
                            done.emit(());
                            reload.emit(());
                        });
                        html! {
                            <ResetDialog key="reset" id={id.clone()} name={name.clone()} onclose={close.clone()} {ondone} />
                        }
                    }
                    Open::ViewAs => html! {
                        <ViewAsDialog key="view-as" {whom} name={name.clone()} onclose={close.clone()} />
                    },
                    Open::Package => html! {
                        <PackageDialog key="package" chosen={Rc::new(Chosen::one(id.clone(), name.clone()))} onclose={close.clone()} ondone={props.reload.clone()} />
                    },
                    Open::Revoke => confirm(
                        format!("Revoke the invitation of {name}?"),
                        "Its link is good no more. Their account and what they are to hold stay as they are: they can be invited again.",
                        "Revoke",
                        revoke,
                    ),
                    Open::EndSessions => confirm(
                        format!("End the sessions of {name}?"),
                        "They are signed out everywhere now, and sign in again with what they hold by then. Nothing that they hold changes.",
                        "End sessions",
                        end_sessions,
                    ),
                    Open::Disable => html! {
                        <DisableDialog key="disable" user={props.user.clone()} onclose={close.clone()} reload={props.reload.clone()} />
                    },
                    Open::Delete => html! {
                        <DeleteDialog key="delete" user={props.user.clone()} onclose={close.clone()} reload={props.reload.clone()} />
                    },
                } }
            </div>
        </>
    }
}

/// Ids of the roles that count for the whole tenant now.
fn held_now(view: &UserView) -> Rc<[String]> {
    let counts = view.roles.iter().filter(|held| held.scope == "/" && held.not_counting.is_none());
    counts.map(|held| held.role.clone()).collect()
}
