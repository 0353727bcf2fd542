//! How access stands in numbers: superusers, second factors, invitations that are open.

use rolewright_model::posture::Posture;
use yew::prelude::*;

use crate::access::use_access;
use crate::api::{self, Query};
use crate::nav::Link;
use crate::policy::Policy;
use crate::resource::use_resource;
use crate::route::Route;
use crate::text;
use crate::widgets::{Icon, Skeleton, failed};

/// A number, and what it is of.
struct Figure {
    to: Route,
    query: String,
    icon: &'static str,
    label: &'static str,
    value: Option<String>,
    note: String,
    /// Whether something is to be done about it.
    is_bad: bool,
}

/// The numbers.
#[component]
pub fn PostureFigures() -> Html {
    let access = use_access();
    let posture =
        use_resource((), |()| async move { api::get::<Posture>("/posture").await.map(|answer| answer.body) });
    if let Some(error) = &posture.error {
        return html! {
            { failed(error, &posture.reload) }
        };
    }
    let role = access.as_ref().and_then(|access| access.policy()).and_then(Policy::only_superuser);
    html! { <div class="figures">{ for figures(posture.data.as_deref(), role).into_iter().map(shown) }</div> }
}

/// The figures. Where one role alone makes superusers, their figure leads to who holds it.
fn figures(posture: Option<&Posture>, role: Option<&str>) -> [Figure; 4] {
    let number = |of: fn(&Posture) -> usize| {
        posture.map(|posture| text::number(u64::try_from(of(posture)).unwrap_or_default()))
    };
    let note = |of: &dyn Fn(&Posture) -> String| posture.map(of).unwrap_or_default();
    [
        Figure {
            to: Route::Users,
            query: String::new(),
            icon: "users",
            label: "Active people",
            value: number(|it| it.active),
            note: note(&|it| {
                if it.disabled == 0 {
                    "Nobody is disabled".to_owned()
                } else {
                    format!("{} disabled", text::number(it.disabled as u64))
                }
            }),
            is_bad: false,
        },
        Figure {
            to: Route::Users,
            query: "?status=invited".to_owned(),
            icon: "mail",
            label: "Invitations not accepted",
            value: number(|it| it.invited),
            note: note(&|it| {
                if it.invited == 0 {
                    "Everybody has arrived".to_owned()
                } else {
                    "Send a new link where one expired".to_owned()
                }
            }),
            is_bad: false,
        },
        Figure {
            to: if role.is_some() { Route::Users } else { Route::Roles },
            query: Query::default().with("role", role.unwrap_or_default()).as_str().to_owned(),
            icon: "infinity",
            label: "Superusers",
            value: number(|it| it.superusers.saturating_sub(it.superusers_later)),
            note: note(&superusers),
            is_bad: posture.is_some_and(|it| it.superusers_without_second_factor > 0),
        },
        Figure {
            to: Route::Users,
            query: "?status=active".to_owned(),
            icon: "lock",
            label: "With a second factor",
            value: posture.map(|it| percent(it.second_factor, it.active)),
            note: note(&|it| {
                let number = |n: usize| text::number(n as u64);
                format!("{} of {} active people", number(it.second_factor), number(it.active))
            }),
            is_bad: false,
        },
    ]
}

/// How superusers sign in: who has no password does not. Those who come to be some later are among them.
fn superusers(posture: &Posture) -> String {
    let later = match posture.superusers_later {
        0 => String::new(),
        later => format!("{} more later; of all, ", text::number(later as u64)),
    };
    later + &sign_in(posture)
}

fn sign_in(posture: &Posture) -> String {
    let bare = match posture.superusers_without_second_factor {
        0 => "All who sign in have a second factor".to_owned(),
        bare => {
            text::count(bare as u64, "signs in without a second factor", "sign in without a second factor")
        }
    };
    match posture.superusers_without_password {
        0 => bare,
        none => format!("{bare}, {} no password", text::count(none as u64, "has", "have")),
    }
}

/// "64%", never rounded to all or nothing.
fn percent(part: usize, whole: usize) -> String {
    match (part, whole) {
        (_, 0) | (0, _) => "0%".to_owned(),
        (part, whole) if part >= whole => "100%".to_owned(),
        (part, whole) => format!("{}%", (part * 100 / whole).clamp(1, 99)),
    }
}

fn shown(figure: Figure) -> Html {
    html! {
        <Link key={figure.label} to={figure.to} query={figure.query} class={classes!("figure", figure.is_bad.then_some("figure--bad"))}>
            <span class="figure__label"><Icon name={figure.icon} />{ figure.label }</span>
            <span class="figure__value">
                if let Some(value) = figure.value { { value } } else { <Skeleton length="short" /> }
            </span>
            <span class="figure__note">
                if figure.is_bad { <Icon name="circle-alert" /> }
                { if figure.note.is_empty() { "\u{a0}".to_owned() } else { figure.note } }
            </span>
        </Link>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_never_rounded_to_all_or_nothing() {
        for (part, whole, expected) in
            [(0, 0, "0%"), (0, 9, "0%"), (1, 1_000, "1%"), (999, 1_000, "99%"), (9, 9, "100%"), (1, 2, "50%")]
        {
            assert_eq!(percent(part, whole), expected);
        }
    }
}
