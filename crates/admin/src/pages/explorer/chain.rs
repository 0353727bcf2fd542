//! How a person comes to a permission, as a picture: boxes from the person by group, package and roles to the permission, with
//! what leads from each to the next. The boxes and what leads are words, in order, so that it reads without being seen.

use rolewright_model::Catalogue;
use rolewright_model::explain::Granted;
use rolewright_model::subject::Via;
use yew::prelude::*;

use super::explained::Source;
use super::words;
use crate::nav::Link;
use crate::policy::{Policy, level_of};
use crate::route::Route;
use crate::text;
use crate::widgets::Icon;

/// A box of the picture, and what leads to it.
struct Step {
    leads: &'static str,
    icon: &'static str,
    kind: &'static str,
    name: String,
    about: Option<String>,
    to: Option<Route>,
}

/// Who is asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// The user's id.
    pub id: String,
    /// What a person reads.
    pub name: String,
}

/// What leads to what is held: the deciding way first and bold, others that reach as far, and dashed what does not count.
pub fn chains(
    policy: &Policy,
    person: &Person,
    sources: &[Source],
    idle: &[Source],
    group: &dyn Fn(&str) -> String,
) -> Html {
    html! {
        <ol class="chains">
            { for sources.iter().enumerate().map(|(position, source)| {
                let (class, word) = if position == 0 { ("chain--deciding", "Decides") } else { ("chain--also", "Gives as much") };
                html! { <li key={position} class={classes!("chain", class)}>{ chain(policy, person, source, word, group) }</li> }
            }) }
            { for idle.iter().enumerate().map(|(position, source)| {
                let word = source.not_counting.map_or_else(String::new, |why| format!("Does not count: {}", words::not_counting(why)));
                html! { <li key={sources.len() + position} class="chain chain--idle">{ chain(policy, person, source, &word, group) }</li> }
            }) }
        </ol>
    }
}

fn chain(
    policy: &Policy,
    person: &Person,
    source: &Source,
    word: &str,
    group: &dyn Fn(&str) -> String,
) -> Html {
    html! {
        <>
            <p class="chain__word">{ word.to_owned() }</p>
            <ol class="chain__steps">
                { for steps(policy, person, source, group).into_iter().enumerate().map(|(position, step)| html! {
                    <li key={position} class="chain__step">
                        if !step.leads.is_empty() {
                            <span class="chain__leads">{ step.leads }</span>
                        }
                        <span class="chain__box">
                            <Icon name={step.icon} />
                            <span class="chain__words">
                                <span class="chain__kind">{ step.kind }</span>
                                { match step.to {
                                    Some(to) => html! { <Link {to} class="chain__name table__link">{ step.name }</Link> },
                                    None => html! { <span class="chain__name">{ step.name }</span> },
                                } }
                                if let Some(about) = step.about {
                                    <span class="chain__about">{ about }</span>
                                }
                            </span>
                        </span>
                    </li>
                }) }
            </ol>
        </>
    }
}

fn steps(policy: &Policy, person: &Person, source: &Source, group: &dyn Fn(&str) -> String) -> Vec<Step> {
    let catalogue = policy.catalogue();
    let mut steps = vec![Step {
        leads: "",
        icon: "user",
        kind: "Person",
        name: person.name.clone(),
        about: None,
        to: Some(Route::User { id: person.id.clone() }),
    }];
    let holds = match &source.via {
        Via::Direct { .. } => "holds",
        Via::Entitlement { .. } => "is entitled to",
        Via::Group { groups, .. } => {
            steps.extend(groups.iter().enumerate().map(|(position, id)| Step {
                leads: if position == 0 { "is in" } else { "which is in" },
                icon: "users-round",
                kind: "Group",
                name: group(id),
                about: None,
                to: Some(Route::Group { id: id.clone() }),
            }));
            "which holds"
        }
        Via::Package { package } => {
            steps.push(Step {
                leads: "is on",
                icon: "package",
                kind: "Package",
                name: policy.package_name(package).to_owned(),
                about: None,
                to: Some(Route::Package { id: package.clone() }),
            });
            "which carries"
        }
        Via::Everyone { .. } => "holds, as everyone does,",
        Via::Base => "holds, as every active person does,",
        Via::Untold => "holds",
    };
    let role = |leads: &'static str, id: &String, about: Option<String>| Step {
        leads,
        icon: "shield",
        kind: "Role",
        name: policy.role_name(id).to_owned(),
        about,
        to: Some(Route::Role { id: id.clone() }),
    };
    let mut about = Vec::new();
    if source.scope != "/" {
        about.push(format!("at {}", catalogue.place_name(&source.scope)));
    }
    about.extend(source.from.map(|from| format!("from {}", text::date(from))));
    about.extend(source.until.map(|until| format!("until {}", text::date(until))));
    steps.push(role(holds, &source.role, (!about.is_empty()).then(|| about.join(", "))));
    steps.extend(source.inherited.iter().map(|id| role("which inherits", id, None)));
    match &source.granted {
        Some(granted) => steps.push(permission(catalogue, "which grants", granted)),
        None => steps.push(Step {
            leads: "which gives",
            icon: "infinity",
            kind: "Superuser",
            name: "Everything".to_owned(),
            about: None,
            to: None,
        }),
    }
    steps.extend(source.implied.iter().map(|granted| permission(catalogue, "which brings", granted)));
    steps
}

fn permission(catalogue: &Catalogue, leads: &'static str, granted: &Granted) -> Step {
    let name = catalogue.permission_name(&granted.permission);
    let level = level_of(catalogue, &granted.permission, &granted.level);
    Step { leads, icon: "key-round", kind: "Permission", name, about: Some(level), to: None }
}
