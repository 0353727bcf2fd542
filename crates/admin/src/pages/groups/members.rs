//! Who is in a group: people, and groups with all of theirs.

use rolewright_model::directory::Member;
use rolewright_wire::group::MemberRow;
use rolewright_wire::page::Page;
use yew::prelude::*;

use super::add::AddDialog;
use super::group::Loaded;
use super::page::address;
use crate::api::{self, Query, Request};
use crate::nav::Link;
use crate::pages::confirm::ConfirmDialog;
use crate::resource::use_resource;
use crate::route::Route;
use crate::states::use_text;
use crate::text;
use crate::widgets::{Button, Empty, Icon, IconButton, SearchField, Variant};

/// Who is in a group.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The group.
    pub group: Loaded,
    /// Why it cannot be changed here.
    pub refused: Option<AttrValue>,
    /// Shows it anew.
    pub reload: Callback<()>,
}

/// Which dialog is open.
#[derive(Clone, PartialEq)]
enum Open {
    Nothing,
    Add,
    Remove(Box<MemberRow>),
}

/// Who is in a group.
#[component]
pub fn Members(props: &Props) -> Html {
    let words = use_text();
    let open = use_state(|| Open::Nothing);
    let view = &props.group.body;
    let oninput = use_callback(words.setter(), |typed: String, words| words.set(typed));
    let close = use_callback(open.setter(), |(), open| open.set(Open::Nothing));
    let add = use_callback(open.setter(), |_: MouseEvent, open| open.set(Open::Add));
    // Of a group that is shown whole the words are looked for here.
    let is_whole = view.members.len() as u64 == view.members_total;
    let asked = (view.group.id.clone(), if is_whole { String::new() } else { words.trim().to_owned() });
    let searched = use_resource(asked.clone(), |(id, words)| async move {
        if words.is_empty() {
            return Ok(None);
        }
        let query = Query::default().with("search", &words).with("limit", "200");
        let path = format!("{}/members{}", address(&id), query.as_str());
        api::get::<Page<MemberRow>>(&path).await.map(|answer| Some(answer.body))
    });
    let searched = searched.data.clone().filter(|_| !asked.1.is_empty());
    let (found, total): (Vec<&MemberRow>, u64) = match searched.as_deref() {
        Some(Some(page)) => (page.items.iter().collect(), page.total),
        _ => {
            let folded = words.to_lowercase();
            let is_wanted = |row: &&MemberRow| {
                !is_whole || folded.split_whitespace().all(|word| row.name.to_lowercase().contains(word))
            };
            let found: Vec<&MemberRow> = view.members.iter().filter(is_wanted).collect();
            let total = if is_whole { found.len() as u64 } else { view.members_total };
            (found, total)
        }
    };
    let add_button = |variant: Variant| {
        html! { <Button {variant} icon="user-plus" onclick={add.clone()} refused={props.refused.clone()} tip_end=true>{ "Add members" }</Button> }
    };
    html! {
        <div>
            if view.members.is_empty() {
                <Empty icon="user-plus" title="Nobody is in this group" text="Add people, or other groups with everybody in them. Each holds what this group holds.">
                    { add_button(Variant::Primary) }
                </Empty>
            } else {
                <div class="filters">
                    <SearchField label="Search members" placeholder="Search members" value={(*words).clone()} {oninput} />
                    <p class="filters__count" role="status">{ counted(total, view.people, words.trim().is_empty()) }</p>
                    { add_button(Variant::Secondary) }
                </div>
                <div class="table-box">
                    <table class="table table--stack">
                        <caption class="visually-hidden">{ "Members" }</caption>
                        <thead>
                            <tr>
                                <th scope="col">{ "Name" }</th>
                                <th scope="col">{ "Kind" }</th>
                                <th scope="col">{ "Since" }</th>
                                <th scope="col" class="table__end"><span class="visually-hidden">{ "Actions" }</span></th>
                            </tr>
                        </thead>
                        <tbody>
                            { for found.iter().map(|row| {
                                let onclick = {
                                    let (open, row) = (open.setter(), (*row).clone());
                                    Callback::from(move |_: MouseEvent| open.set(Open::Remove(Box::new(row.clone()))))
                                };
                                let (to, icon, kind) = match &row.membership.member {
                                    Member::User(id) => (Route::User { id: id.clone() }, "user", "Person"),
                                    Member::Group(id) => (Route::Group { id: id.clone() }, "users-round", "Group, with everybody in it"),
                                };
                                html! {
                                    <tr key={row.membership.id.clone()}>
                                        <td class="table__first"><Link {to} class="table__link">{ row.name.clone() }</Link></td>
                                        <td><span class="source"><Icon name={icon} />{ kind }</span></td>
                                        <td class="table__muted" data-label="Since">
                                            { row.since.map_or_else(|| format!("Revision {}", row.membership.made.revision), text::date) }
                                        </td>
                                        <td class="table__end">
                                            <IconButton icon="trash-2" label={format!("Remove {}", row.name)} refused={props.refused.clone()} {onclick} />
                                        </td>
                                    </tr>
                                }
                            }) }
                        </tbody>
                    </table>
                </div>
                if found.len() as u64 != total {
                    <p class="muted">{ format!("The first {} are shown. Search to find the others.", found.len()) }</p>
                }
            }
            <div class="slot">
                { match &*open {
                    Open::Nothing => html! {},
                    Open::Add => html! { <AddDialog key="add" group={props.group.clone()} onclose={close} ondone={props.reload.clone()} /> },
                    Open::Remove(row) => html! {
                        <ConfirmDialog key="remove" title={format!("Remove {} from {}?", row.name, view.group.name)} verb="Remove"
                            change={Request::delete(format!("{}/members/{}", address(&view.group.id), js_sys::encode_uri_component(&row.membership.id)), None)}
                            done={format!("{} is no longer in {}.", row.name, view.group.name)} onclose={close} ondone={props.reload.clone()}>
                            <p>{ "What this group gives is taken away at once. What is held in another way stays." }</p>
                        </ConfirmDialog>
                    },
                } }
            </div>
        </div>
    }
}

/// "17 members, 61 people with nested groups": how many are found, and of all of a group that others are in how many people they come to.
fn counted(found: u64, people: u64, are_all: bool) -> String {
    let members = text::count(found, "member", "members");
    match are_all && people != found {
        true => {
            let people = text::count(people, "person", "people");
            format!("{members}, {people} with nested groups")
        }
        false => members,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_others_are_in_says_how_many_people_they_come_to() {
        assert_eq!(counted(17, 61, true), "17 members, 61 people with nested groups");
        assert_eq!(counted(3, 3, true), "3 members");
        assert_eq!(
            counted(2, 61, false),
            "2 members",
            "of those that are searched for nobody counts the people"
        );
        assert_eq!(counted(1, 0, true), "1 member, 0 people with nested groups");
    }
}
