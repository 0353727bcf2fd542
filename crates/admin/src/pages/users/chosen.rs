//! The people who are chosen in the table: some, also of several pages, or all that a search and filters take.

use std::collections::BTreeMap;
use std::rc::Rc;

use rolewright_wire::bulk::{Matching, Which};
use rolewright_wire::user::{UserRow, UserStatus};
use yew::prelude::*;

use super::act::{self, Act, use_acts};
use super::page::Wanted;
use crate::text;
use crate::widgets::{Button, Variant};

/// More than there are rows on a page.
const APART: usize = 1_000;

/// Who is chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum Chosen {
    /// These, by id, each with its place in the order of the table and a name.
    These(BTreeMap<String, (usize, String)>),
    /// All that this takes, and how many that was.
    Matching(Matching, u64),
}

impl Default for Chosen {
    fn default() -> Self {
        Self::These(BTreeMap::new())
    }
}

impl Chosen {
    /// That one.
    pub fn one(id: String, name: String) -> Self {
        Self::These(BTreeMap::from([(id, (0, name))]))
    }

    /// All that the table lists, on whatever page.
    pub fn all(wanted: &Wanted, total: u64) -> Self {
        let status = match wanted.status.as_str() {
            "active" => Some(UserStatus::Active),
            "invited" => Some(UserStatus::Invited),
            "no_invitation" => Some(UserStatus::NoInvitation),
            "disabled" => Some(UserStatus::Disabled),
            _ => None,
        };
        let named = |id: &String| Some(id.clone()).filter(|id| !id.is_empty());
        let (role, package) = (named(&wanted.role), named(&wanted.package));
        let matching =
            Matching { search: wanted.search.clone(), status, role, package, ..Matching::default() };
        Self::Matching(matching, total)
    }

    /// How many.
    pub fn len(&self) -> u64 {
        match self {
            Self::These(these) => these.len() as u64,
            Self::Matching(_, total) => *total,
        }
    }

    /// Whether that one is among them.
    pub fn has(&self, id: &str) -> bool {
        match self {
            Self::These(these) => these.contains_key(id),
            Self::Matching(..) => true,
        }
    }

    /// With these rows, or without them. Where all were chosen, what is left is the rest of the page.
    pub fn with(&self, rows: &[UserRow], on: bool, page: &[UserRow]) -> Self {
        let mut these = match self {
            Self::These(these) => these.clone(),
            Self::Matching(..) => BTreeMap::new(),
        };
        // Those of a page stand as it has them, in the place of those of it that are chosen, or after all others.
        let known = page.iter().find_map(|row| these.get(&row.id)).map(|(at, _)| at / APART);
        let last = these.values().map(|(at, _)| at / APART).max();
        let begin = known.unwrap_or_else(|| last.map_or(0, |last| last + 1)) * APART;
        let all = matches!(self, Self::Matching(..));
        for (n, row) in page.iter().enumerate() {
            let is_meant = rows.iter().any(|it| it.id == row.id);
            if (is_meant && on) || (!is_meant && (all || these.contains_key(&row.id))) {
                these.insert(row.id.clone(), (begin + n, row.name.clone()));
            } else {
                these.remove(&row.id);
            }
        }
        Self::These(these)
    }

    /// What a person calls one of them.
    pub fn name<'c>(&'c self, id: &'c str) -> &'c str {
        match self {
            Self::These(these) => these.get(id).map_or(id, |(_, name)| name),
            Self::Matching(..) => id,
        }
    }

    /// "Ana Ruiz", or "12 users".
    pub fn words(&self) -> String {
        match self {
            Self::These(these) if these.len() == 1 => {
                these.values().next().map(|(_, name)| name.clone()).unwrap_or_default()
            }
            _ => text::count(self.len(), "user", "users"),
        }
    }

    /// As the server takes it.
    pub fn which(&self) -> Which {
        match self {
            Self::These(these) => {
                let mut ids: Vec<_> = these.iter().map(|(id, (at, _))| (*at, id.clone())).collect();
                ids.sort_unstable();
                Which::Ids(ids.into_iter().map(|(_, id)| id).collect())
            }
            Self::Matching(matching, _) => Which::Matching(matching.clone()),
        }
    }
}

/// The bar over the table, in place of the filters.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Who is chosen; at least one.
    pub chosen: Rc<Chosen>,
    /// What the table lists.
    pub wanted: Rc<Wanted>,
    /// How many that are.
    pub total: u64,
    /// Told who is chosen instead.
    pub onchoose: Callback<Chosen>,
    /// Told when they were edited.
    pub ondone: Callback<()>,
}

/// The bar over the table.
#[component]
pub fn ChosenBar(props: &Props) -> Html {
    let acts = use_acts();
    let open = use_state(|| None::<Act>);
    let Props { chosen, wanted, total, onchoose, ondone } = props;
    let onclose = use_callback(open.setter(), |(), open| open.set(None));
    let all = {
        let (wanted, total) = (wanted.clone(), *total);
        onchoose.reform(move |_: MouseEvent| Chosen::all(&wanted, total))
    };
    let none = onchoose.reform(|_: MouseEvent| Chosen::default());
    let noun = if wanted.is_filtered() { "that match" } else { "users" };
    let button = |variant: Variant, icon: &'static str, act: Act, words: &'static str| {
        let open = open.setter();
        let onclick = Callback::from(move |_: MouseEvent| open.set(Some(act)));
        html! { <Button {variant} {icon} refused={acts.refused(act)} {onclick}>{ words }</Button> }
    };
    html! {
        <div class="filters selection" role="group" aria-label="Chosen">
            <p class="selection__count" role="status">{ format!("{} chosen", text::number(chosen.len())) }</p>
            { button(Variant::Primary, "shield", Act::Roles, "Edit roles") }
            if acts.has_packages {
                { button(Variant::Secondary, "package", Act::Package, "Set package") }
            }
            { button(Variant::Secondary, "user-x", Act::Disable, "Disable") }
            { button(Variant::Secondary, "user-check", Act::Activate, "Activate") }
            { button(Variant::Secondary, "mail", Act::Invite, "Send invitations") }
            if matches!(**chosen, Chosen::These(_)) && chosen.len() < *total {
                <Button variant={Variant::Ghost} onclick={all}>{ format!("Choose all {} {noun}", text::number(*total)) }</Button>
            }
            <Button variant={Variant::Ghost} onclick={none}>{ "Clear" }</Button>
            <div class="slot">
                if let Some(act) = *open {
                    { act::dialog(act, chosen.clone(), onclose, ondone.clone()) }
                }
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(ids: &[&str]) -> Vec<UserRow> {
        let row = |id: &&str| serde_json::json!({ "id": id, "name": id, "email": "", "status": "active", "roles": [], "created": 0 });
        ids.iter().map(|id| serde_json::from_value(row(id)).unwrap()).collect()
    }

    #[test]
    fn people_are_chosen_in_the_order_of_the_table_whichever_is_ticked_first() {
        let (first, second) = (rows(&["c", "a", "b"]), rows(&["f", "d"]));
        let none = Chosen::default();
        let some = none.with(&first[2..], true, &first).with(&first[..1], true, &first);
        assert_eq!(some.which(), Which::Ids(vec!["c".to_owned(), "b".to_owned()]));
        let more = some.with(&second, true, &second).with(&first[1..2], true, &first);
        assert_eq!(more.len(), 5);
        let less = more.with(&second[..1], false, &second).which();
        assert_eq!(less, Which::Ids(["c", "a", "b", "d"].map(str::to_owned).to_vec()));
        let all = Chosen::Matching(Matching::default(), 9).with(&first[1..2], false, &first);
        assert_eq!(all.which(), Which::Ids(["c", "b"].map(str::to_owned).to_vec()));
    }
}
