//! The page: search, filter, table, paging and the dialog that invites.

use std::rc::Rc;

use rolewright_model::change::{Change, UserEdit};
use rolewright_model::console;
use rolewright_wire::page::{Page, ROWS};
use rolewright_wire::user::UserRow;
use yew::prelude::*;

use super::chosen::{Chosen, ChosenBar};
use super::filters::Filters;
use super::invite::InviteDialog;
use super::table::UsersTable;
use super::tabs::tabs;
use crate::access::use_access;
use crate::api::{self, Query};
use crate::frame::{PageHead, Refused, use_title};
use crate::nav::{self, Link, use_query};
use crate::pages::import;
use crate::policy::Policy;
use crate::resource::use_resource;
use crate::route::Route;
use crate::scrolled::use_scrolled_back;
use crate::states::use_settled;
use crate::widgets::{Button, Empty, Icon, Tip, Variant, failed, use_known_cursor, use_way_back};
use crate::{browser, tenant, text};

/// What the table can be sorted by.
const SORTS: [&str; 8] = ["name", "-name", "email", "-email", "status", "-status", "created", "-created"];

/// How many rows a page can have.
const LIMITS: [&str; 4] = ["25", "50", "100", "200"];

/// What the address says of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// In email and names.
    pub search: String,
    /// Of this status only.
    pub status: String,
    /// Holding this role only.
    pub role: String,
    /// On this package only.
    pub package: String,
    /// A column, with a leading `-` turned round.
    pub sort: String,
    /// Rows on a page.
    pub limit: String,
    /// Where the page begins.
    pub cursor: String,
    /// The number of the page, where that says it.
    pub page: String,
}

impl Wanted {
    /// Which people, as the server and the address say it.
    fn filters(&self) -> Query {
        let query = Query::default().with("search", &self.search).with("status", &self.status);
        query.with("role", &self.role).with("package", &self.package)
    }

    /// As the server and the address say it.
    pub fn query(&self) -> Query {
        let query = self.filters().with("sort", &self.sort).with("limit", &self.limit);
        query.with("cursor", &self.cursor).with("page", &self.page)
    }

    /// Whether some people are left out.
    pub fn is_filtered(&self) -> bool {
        [&self.search, &self.status, &self.role, &self.package].into_iter().any(|filter| !filter.is_empty())
    }
}

/// By what the address filters, and which is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gone {
    Role,
    Package,
}

impl Gone {
    fn words(self) -> &'static str {
        match self {
            Self::Role => "There is no such role",
            Self::Package => "There is no such package",
        }
    }
}

/// Which of the two is named and not there: nobody has it, and to show everybody would say otherwise.
fn gone(policy: &Policy, role: &str, package: &str) -> Option<Gone> {
    let no_role = !role.is_empty() && policy.role(role).is_none();
    let no_package = !package.is_empty() && !policy.state().documents().packages.contains_key(package);
    no_role.then_some(Gone::Role).or(no_package.then_some(Gone::Package))
}

/// The page.
#[component]
pub fn UsersPage() -> Html {
    use_title("Users");
    let access = use_access();
    let query = use_query();
    // What an address says that means nothing here is passed over.
    let known = |name: &str, values: &[&str]| {
        let value = query.get(name);
        if values.contains(&value) { value.to_owned() } else { String::new() }
    };
    let policy = access.as_ref().and_then(|access| access.policy());
    let gone = policy.and_then(|policy| gone(policy, query.get("role"), query.get("package")));
    let wanted = Rc::new(Wanted {
        search: query.get("search").to_owned(),
        status: known("status", &["active", "invited", "no_invitation", "disabled"]),
        role: query.get("role").to_owned(),
        package: query.get("package").to_owned(),
        sort: known("sort", &SORTS),
        limit: known("limit", &LIMITS),
        cursor: query.get("cursor").to_owned(),
        page: match query.get("page").parse::<u32>() {
            Ok(page) if page > 1 && query.get("cursor").is_empty() => page.to_string(),
            _ => String::new(),
        },
    });
    let inviting = {
        let asked = query.get("invite") == "1";
        use_state(move || asked)
    };
    {
        // Somebody may be led here who is here already.
        let inviting = inviting.setter();
        use_effect_with(query.get("invite") == "1", move |asked| {
            if *asked {
                inviting.set(true);
            }
        });
    }
    let asked = Some((*wanted).clone()).filter(|_| gone.is_none());
    let users = use_resource(asked, |wanted: Option<Wanted>| async move {
        let Some(wanted) = wanted else {
            return Ok(Page { items: Vec::new(), total: 0, before: 0, next: None });
        };
        let path = format!("/users{}", wanted.query().as_str());
        api::get::<Page<UserRow>>(&path).await.map(|answer| answer.body)
    });
    let onwanted = {
        let now = wanted.clone();
        Callback::from(move |mut wanted: Wanted| {
            // Another question begins at its first page.
            if (&wanted.cursor, &wanted.page) == (&now.cursor, &now.page) {
                wanted.cursor.clear();
                wanted.page.clear();
            }
            nav::set_query(&Route::Users, wanted.query().as_str());
        })
    };
    // A cursor that leads nowhere leads to the first page.
    let first = Wanted { cursor: String::new(), ..(*wanted).clone() };
    let error = use_known_cursor(users.error.as_ref(), onwanted.reform(move |()| first.clone()));
    let turn = {
        let wanted = wanted.clone();
        Callback::from(move |(cursor, page): (String, String)| {
            let wanted = Wanted { cursor, page, ..(*wanted).clone() };
            nav::turn_to(&Route::Users, wanted.query().as_str());
            let table = browser::element_by_id("main").and_then(|main| browser::find(&main, ".table-box"));
            if let Some(table) = table {
                table.scroll_into_view();
            }
        })
    };
    let onpage = turn.reform(|page: u64| {
        let page = if page > 1 { page.to_string() } else { String::new() };
        (String::new(), page)
    });
    let next = users.fresh().and_then(|page| page.next.clone());
    let onnext = next.map(|next| turn.reform(move |_: MouseEvent| (next.clone(), String::new())));
    let limit = u64::from(wanted.limit.parse().unwrap_or(ROWS));
    let (number, pages) = users.data.as_ref().map_or((1, 1), |page| numbers(page.before, page.total, limit));
    let onback = (number > 1).then(|| onpage.reform(move |_: MouseEvent| number - 1));
    // A page after the last leads to the last.
    let is_after_all = users.fresh().is_some_and(|page| page.items.is_empty() && page.total > 0);
    let last = Wanted { page: pages.to_string(), cursor: String::new(), ..(*wanted).clone() };
    use_way_back(is_after_all, onwanted.reform(move |()| last.clone()));
    let refused = access.as_ref().and_then(|access| {
        let user = UserEdit {
            id: "new".to_owned(),
            email: String::new(),
            first_name: String::new(),
            last_name: String::new(),
        };
        access.reason(&Change::InviteUser { user, roles: Vec::new() })
    });
    let open = use_callback(inviting.setter(), |_: MouseEvent, inviting| inviting.set(true));
    let close = {
        let (inviting, wanted) = (inviting.setter(), wanted.clone());
        Callback::from(move |()| {
            inviting.set(false);
            nav::set_query(&Route::Users, wanted.query().as_str());
        })
    };
    let total = users.data.as_ref().map(|page| page.total);
    let chosen = use_state(|| Rc::new(Chosen::default()));
    let onchoose = use_callback(chosen.setter(), |next: Chosen, chosen| chosen.set(Rc::new(next)));
    {
        let had_bar = use_mut_ref(bool::default);
        use_effect_with(chosen.len() > 0, move |has_bar| {
            // The bar goes, and what had the focus with it.
            if had_bar.replace(*has_bar) && browser::has_no_focus() {
                browser::element_by_id("main").iter().for_each(|main| {
                    browser::find(main, "thead input").iter().for_each(browser::focus);
                });
            }
        });
    }
    let edited = {
        let (chosen, reload) = (chosen.setter(), users.reload.clone());
        Callback::from(move |()| {
            chosen.set(Rc::new(Chosen::default()));
            reload.emit(());
        })
    };
    let rows_are_there = use_settled(users.data.is_some());
    use_scrolled_back(rows_are_there);
    let none = users.fresh().is_some_and(|page| page.total == 0);
    let invite = |variant: Variant| {
        html! { <Button {variant} icon="user-plus" onclick={open.clone()} refused={refused.clone()} tip_end=true>{ "Invite user" }</Button> }
    };
    let clear = {
        let onwanted = onwanted.clone();
        let sort = wanted.sort.clone();
        Callback::from(move |_: MouseEvent| onwanted.emit(Wanted { sort: sort.clone(), ..Wanted::default() }))
    };
    let clear_gone = {
        let (onwanted, wanted) = (onwanted.clone(), wanted.clone());
        Callback::from(move |_: MouseEvent| {
            let wanted = (*wanted).clone();
            onwanted.emit(match gone {
                Some(Gone::Role) => Wanted { role: String::new(), ..wanted },
                _ => Wanted { package: String::new(), ..wanted },
            });
        })
    };
    let tables = html! {
        <>
            if gone.is_none() {
                <Tip text={if wanted.is_filtered() { "Those whom the filters leave, as a table" } else { "Everybody, as a table" }}>
                    <a class="button button--secondary" download="people.csv" href={tenant::api(&format!("/users/export{}", wanted.filters().as_str()))}>
                        <Icon name="download" />{ "Export CSV" }
                    </a>
                </Tip>
            }
            if let Some(refused) = access.as_ref().and_then(import::refused) {
                <Button icon="upload" {refused} tip_end=true>{ "Import CSV" }</Button>
            } else {
                <Link to={Route::Import} class="button button--secondary"><Icon name="upload" />{ "Import CSV" }</Link>
            }
        </>
    };
    if users.error.as_ref().is_some_and(|error| error.status() == 403) {
        return html! { <Refused permission={console::USERS_VIEW} what="people" /> };
    }
    html! {
        <div class="page__content page__content--wide">
            <PageHead title="Users" text={html! { "Everybody with an account, and what each of them holds." }}
                actions={html! { <>{ tables }{ invite(Variant::Primary) }</> }} />
            { tabs(access.as_ref(), &Route::Users) }
            if chosen.len() > 0 {
                <ChosenBar key="chosen" chosen={(*chosen).clone()} wanted={wanted.clone()} total={total.unwrap_or_default()} onchoose={onchoose.clone()} ondone={edited} />
            } else {
                <Filters key="filters" wanted={wanted.clone()} onwanted={onwanted.clone()} total={total} />
            }
            <div class="slot">
                if let Some(error) = &error {
                    { failed(error, &users.reload) }
                }
            </div>
            <div class="slot">
                if let Some(gone) = gone {
                    <Empty key="gone" icon="search-x" title={gone.words()} text="It may have been deleted.">
                        <Button onclick={clear_gone}>{ "Clear filter" }</Button>
                    </Empty>
                } else if none && wanted.is_filtered() {
                    <Empty icon="search-x" title="Nobody fits" text="No person fits the search and the filters.">
                        <Button onclick={clear}>{ "Clear search and filters" }</Button>
                    </Empty>
                } else if none {
                    <Empty icon="users" title="Nobody is here yet" text="People with an account stand here, with their roles and their status.">
                        { invite(Variant::Secondary) }
                    </Empty>
                } else {
                    <UsersTable page={users.data.clone()} stale={users.stale} wanted={wanted.clone()} onwanted={onwanted.clone()}
                        chosen={(*chosen).clone()} {onchoose} onedited={users.reload.clone()} />
                    // It comes after the rows: under others it would move when they come.
                    <div class="slot">
                        if let Some(page) = users.data.as_ref().filter(|_| rows_are_there) {
                            <div class="pager">
                                <label class="pager__size">
                                    <span>{ "Show entries" }</span>
                                    <Limit wanted={wanted.clone()} onwanted={onwanted.clone()} />
                                </label>
                                <span class="pager__count">
                                    { format!("{} of {}", text::number(u64::try_from(page.items.len()).unwrap_or_default()), text::count(page.total, "person", "people")) }
                                </span>
                                if pages > 1 {
                                    <Number {number} {pages} onpage={onpage.clone()} />
                                }
                                <div class="pager__turn">
                                    <Button small=true icon="chevron-left" refused={onback.is_none().then_some(AttrValue::Static("This is the first page."))}
                                        onclick={onback.unwrap_or_default()} tip_end=true>{ "Previous" }</Button>
                                    <Button small=true refused={onnext.is_none().then_some(AttrValue::Static("This is the last page."))}
                                        onclick={onnext.unwrap_or_default()} tip_end=true>{ "Next" }</Button>
                                </div>
                            </div>
                        }
                    </div>
                }
            </div>
            <div class="slot">
                if *inviting && refused.is_none() {
                    <InviteDialog onclose={close} />
                }
            </div>
        </div>
    }
}

/// Which page begins after so many rows, and how many pages there are.
fn numbers(before: u64, total: u64, limit: u64) -> (u64, u64) {
    let pages = total.div_ceil(limit.max(1)).max(1);
    ((before.div_ceil(limit.max(1)) + 1).min(pages), pages)
}

#[derive(Properties, PartialEq)]
struct NumberProps {
    number: u64,
    pages: u64,
    onpage: Callback<u64>,
}

/// "Page 2 of 12", with the way to any of them.
#[component]
fn Number(props: &NumberProps) -> Html {
    let NumberProps { number, pages, onpage } = props;
    let onchange = {
        let (number, pages, onpage) = (*number, *pages, onpage.clone());
        Callback::from(move |event: web_sys::Event| {
            let Some(field) = event.target_dyn_into::<web_sys::HtmlInputElement>() else { return };
            let wanted = field.value().trim().parse::<u64>().map_or(number, |wanted| wanted.clamp(1, pages));
            // What is no page of the list does not stay in the field.
            field.set_value(&wanted.to_string());
            if wanted != number {
                onpage.emit(wanted);
            }
        })
    };
    html! {
        <label class="pager__page">
            <span>{ "Page" }</span>
            <input class="input" type="text" inputmode="numeric" autocomplete="off" value={number.to_string()} {onchange} />
            <span>{ format!("of {}", text::number(*pages)) }</span>
        </label>
    }
}

#[derive(Properties, PartialEq)]
struct LimitProps {
    wanted: Rc<Wanted>,
    onwanted: Callback<Wanted>,
}

/// How many rows a page has.
#[component]
fn Limit(props: &LimitProps) -> Html {
    let onchange = {
        let (wanted, onwanted) = (props.wanted.clone(), props.onwanted.clone());
        Callback::from(move |event| {
            onwanted.emit(Wanted { limit: browser::chosen_in(event), ..(*wanted).clone() });
        })
    };
    let default = ROWS.to_string();
    let now = if props.wanted.limit.is_empty() { &default } else { &props.wanted.limit };
    html! {
        <select class="select select--small" {onchange}>
            { for LIMITS.iter().map(|limit| html! {
                <option key={*limit} value={*limit} selected={now == limit}>{ *limit }</option>
            }) }
        </select>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_number_of_so_many() {
        for (before, total, expected) in [
            (0, 0, (1, 1)),
            (0, 50, (1, 1)),
            (50, 51, (2, 2)),
            (60, 120, (3, 3)),
            (100, 101, (3, 3)),
            (500, 101, (3, 3)),
        ] {
            assert_eq!(numbers(before, total, 50), expected, "{before} {total}");
        }
    }
}
