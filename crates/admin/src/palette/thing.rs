//! What the palette finds: where it leads, and what a person reads of it.

use rolewright_model::Viewed;
use rolewright_model::change::{Change, UserEdit};
use rolewright_model::console;
use rolewright_model::directory::GroupDocument;
use rolewright_model::role::RoleDocument;
use rolewright_wire::user::UserRow;
use yew::AttrValue;

use crate::access::{Access, AccessHandle};
use crate::api::Query;
use crate::frame::SECTIONS;
use crate::look::LOOKS;
use crate::pages::{import, resources, settings, view_as};
use crate::route::Route;
use crate::shortcuts;
use crate::text::has_words;
use crate::tree::{Row, Tree};
use crate::widgets::Choice;

/// What stands before the name and the choice of a look in the place of an address.
pub const LOOK: &str = "look:";
/// What stands in the place of an address of the sheet of shortcuts.
pub const KEYS: &str = "keys:";
/// What stands in the place of an address of the way out.
pub const SIGN_OUT: &str = "sign-out:";

/// How many of each kind are shown.
const SHOWN: usize = 5;

/// Something that the palette leads to: its address within the app, or an action that begins with a word and a colon.
pub fn thing(
    icon: &'static str,
    id: String,
    label: impl Into<AttrValue>,
    detail: impl Into<AttrValue>,
) -> Choice {
    Choice { icon: icon.into(), label: label.into(), detail: detail.into(), ..Choice::of(id.into()) }
}

/// Whether all of some words, lower-case, are in what a person reads of it.
pub fn fits(choice: &Choice, words: &str) -> bool {
    let text = [&*choice.label, " ", &*choice.detail].concat().to_lowercase();
    has_words(&text, words)
}

/// The address of a page with a query.
pub fn address(route: &Route, query: &Query) -> String {
    [&*route.path(), query.as_str()].concat()
}

/// The pages and the actions that the person may use.
pub fn always(access: &Access) -> Vec<Choice> {
    let are_on = shortcuts::are_on();
    let with = |keys: &'static str, choice: Choice| Choice { keys: if are_on { keys } else { "" }, ..choice };
    let sections = SECTIONS.iter().filter(|section| section.is_for(Some(access)));
    let mut all: Vec<Choice> =
        sections.map(|it| with(it.keys, thing(it.icon, it.route.path(), it.name, "Page"))).collect();
    all.push(thing("user", Route::Account.path(), "Your account", "Page"));
    if access.permit(&Change::CreateRole { role: RoleDocument::new("new", "New") }).is_ok() {
        all.push(thing("plus", Route::NewRole.path(), "Create role", "Action"));
    }
    let user = UserEdit {
        id: "new".to_owned(),
        email: String::new(),
        first_name: String::new(),
        last_name: String::new(),
    };
    if access.permit(&Change::InviteUser { user, roles: Vec::new() }).is_ok() {
        let invite = address(&Route::Users, &Query::default().with("invite", "1"));
        all.push(thing("user-plus", invite, "Invite user", "Action"));
    }
    all.extend(LOOKS.iter().flat_map(|look| {
        look.labels().map(|label| {
            let words = [look.name, ": ", label].concat();
            thing("contrast", [LOOK, &*words].concat(), words, "Action")
        })
    }));
    all.push(thing("log-out", SIGN_OUT.to_owned(), "Sign out", "Action"));
    all.push(with(shortcuts::HELP, thing("circle-help", KEYS.to_owned(), "Keyboard shortcuts", "Action")));
    all
}

/// Pages that stand within others, and that nobody looks for without a word.
pub fn within(access: &AccessHandle) -> Vec<Choice> {
    let of = |icon, address: String, name: &'static str, page: &'static str| {
        thing(icon, address, name, ["Page of ", page].concat())
    };
    let tabs = settings::tabs(access).map(|(id, name)| {
        of("settings", address(&Route::Settings, &Query::default().with("tab", id)), name, "Settings")
    });
    let mut all: Vec<Choice> = tabs.collect();
    if access.may(console::USERS_VIEW) && access.may(console::ROLES_VIEW) {
        all.push(of("users", Route::Permissions.path(), "Permissions", "Users"));
    }
    if import::refused(access).is_none() {
        all.push(of("upload", Route::Import.path(), "Import CSV", "Users"));
    }
    all
}

/// The roles, packages and permissions that some words, lower-case, fit.
pub fn known(access: &Access, tree: &Tree, words: &str) -> Vec<Choice> {
    let Some(policy) = access.policy().filter(|_| !words.is_empty()) else { return Vec::new() };
    let role = |role: &RoleDocument| {
        let to = Route::Role { id: role.id.clone() };
        thing("shield", to.path(), role.name.clone(), ["Role ", &*role.id].concat())
    };
    let some = |all: &mut dyn Iterator<Item = Choice>| -> Vec<Choice> {
        all.filter(|it| fits(it, words)).take(SHOWN).collect()
    };
    let mut found = some(&mut policy.roles().map(role));
    if access.may(console::PACKAGES_VIEW) {
        found.extend(some(&mut policy.state().documents().packages.values().map(|it| {
            let to = Route::Package { id: it.id.clone() };
            thing("package", to.path(), it.name.clone(), ["Package ", &*it.id].concat())
        })));
    }
    if may_ask(access) {
        let rows = tree.search(words);
        let rows = rows.iter().filter_map(|at| tree.rows.get(*at)).take(SHOWN);
        found.extend(rows.map(|row| who_can(row, row.full.clone())));
    }
    found
}

/// The page of a person.
pub fn person(row: &UserRow) -> Choice {
    thing("user", Route::User { id: row.id.clone() }.path(), row.name.clone(), row.email.clone())
}

/// The page of a group.
pub fn group(group: &GroupDocument) -> Choice {
    thing("users-round", Route::Group { id: group.id.clone() }.path(), group.name.clone(), "Group")
}

/// A place, where it is told who holds what there.
pub fn place(access: &Access, path: &str) -> Choice {
    let to = address(&Route::Resources, &resources::address_of(path, "", ""));
    let words = access.policy().map_or_else(|| path.to_owned(), |policy| policy.catalogue().place_name(path));
    thing("folder-tree", to, words, ["Place ", path].concat())
}

/// An API key among the others.
pub fn key(id: &str, name: &str) -> Choice {
    thing("key-round", address(&Route::Settings, &settings::key_query(id, name)), name.to_owned(), "API key")
}

/// The roles whose names some words, lower-case, fit.
fn fitting<'a>(access: &'a Access, words: &'a str) -> impl Iterator<Item = &'a RoleDocument> {
    let roles = access.policy().into_iter().flat_map(|policy| policy.roles());
    roles.filter(|role| has_words(&role.name.to_lowercase(), words))
}

/// To whom the roles are assigned whose names some words, lower-case, fit; and who has the permissions.
pub fn holders(access: &Access, tree: &Tree, words: &str, what: &[usize]) -> Vec<Choice> {
    let assigned = fitting(access, words).take(SHOWN).map(|role| {
        let to = Route::Assigned { role: role.id.clone() };
        thing(
            "shield",
            to.path(),
            ["Who is assigned ", &*role.name, "?"].concat(),
            ["Role ", &*role.id].concat(),
        )
    });
    let rows = what.iter().filter_map(|at| tree.rows.get(*at)).take(SHOWN);
    assigned.chain(rows.map(|row| who_can(row, ["Who may do ", &*row.full, "?"].concat()))).collect()
}

/// The question in the access explorer who may do something.
fn who_can(row: &Row, label: impl Into<AttrValue>) -> Choice {
    let query = Query::default().with("tab", "who").with("permission", &row.id);
    thing("key-round", address(&Route::Access, &query), label, ["Who can ", &*row.id].concat())
}

/// The question in the access explorer what a person may do.
pub fn what_may(id: &str, name: &str, detail: &str) -> Choice {
    let query = Query::default().with("tab", "what").with("subject", id);
    let label = ["What may ", name, " do?"].concat();
    thing("waypoints", address(&Route::Access, &query), label, ["Ask about ", detail].concat())
}

/// The dialog to see the app as a person does, or whoever holds a role, on that page.
pub fn view_as(page: &Route, name: &str, detail: impl Into<AttrValue>) -> Choice {
    let query = Query::default().with(view_as::ASKED, "1");
    thing("eye", address(page, &query), ["View as ", name].concat(), detail)
}

/// The dialog for each role whose name some words, lower-case, fit, and as whose holder the person may see the app.
pub fn viewable(access: &Access, words: &str) -> Vec<Choice> {
    let may_view = |role: &&RoleDocument| view_as::refused(access, &Viewed::Role(role.id.clone())).is_none();
    let fitting = fitting(access, words).filter(may_view);
    let viewable = fitting
        .map(|role| view_as(&Route::Role { id: role.id.clone() }, &role.name, ["Role ", &*role.id].concat()));
    viewable.take(SHOWN).collect()
}

/// Whether the person may ask the access explorer.
pub fn may_ask(access: &Access) -> bool {
    [console::ACCESS_EXPLAIN, console::ROLES_VIEW, console::USERS_VIEW].iter().all(|it| access.may(it))
}

/// The question in the access explorer whether a person may do something.
pub fn question(id: &str, name: &str, detail: &str, row: &Row) -> Choice {
    let query = Query::default().with("subject", id).with("permission", &row.id);
    let label = ["May ", name, " do ", &*row.full, "?"].concat();
    thing("waypoints", address(&Route::Access, &query), label, ["Ask about ", detail].concat())
}
