//! The page: every package with its roles and how many people are on it.

use std::rc::Rc;

use rolewright_model::change::{Change, PackageEdit};
use rolewright_model::console;
use rolewright_wire::package::{PackageView, Packages};
use yew::prelude::*;

use super::create::PackageDialog;
use super::delete::DeleteDialog;
use crate::access::{role_name, use_access};
use crate::api::{self, Query};
use crate::frame::{PageHead, Refused, use_title};
use crate::nav::{self, Link, use_query};
use crate::resource::use_resource;
use crate::route::Route;
use crate::text;
use crate::widgets::{
    Button, Chips, Empty, Menu, MenuItem, Named, SearchField, SkeletonRows, Variant, failed,
};

/// Which dialog is open.
#[derive(Clone, PartialEq)]
enum Open {
    Nothing,
    New,
    Delete(Rc<PackageView>),
}

/// The page.
#[component]
pub fn PackagesPage() -> Html {
    use_title("Packages");
    let access = use_access();
    let query = use_query();
    let open = use_state(|| Open::Nothing);
    let packages =
        use_resource((), |()| async { api::get::<Packages>("/packages").await.map(|answer| answer.body) });
    let search = query.get("search").to_owned();
    let onsearch = Callback::from(move |words: String| {
        nav::set_query(&Route::Packages, Query::default().with("search", &words).as_str());
    });
    let words = search.to_lowercase();
    let found: Option<Vec<Rc<PackageView>>> = packages.data.as_ref().map(|packages| {
        let fits = |view: &&PackageView| {
            let text = format!("{} {}", view.package.name, view.package.description).to_lowercase();
            text::has_words(&text, &words)
        };
        packages.items.iter().filter(fits).cloned().map(Rc::new).collect()
    });
    let new = PackageEdit {
        id: "new".to_owned(),
        name: String::new(),
        description: String::new(),
        roles: Vec::new(),
    };
    let refused = access.as_ref().and_then(|access| access.reason(&Change::CreatePackage { package: new }));
    let show = use_callback(open.setter(), |_: MouseEvent, open| open.set(Open::New));
    let close = use_callback(open.setter(), |(), open| open.set(Open::Nothing));
    let delete = use_callback(open.setter(), |view: Rc<PackageView>, open| open.set(Open::Delete(view)));
    let created = Callback::from(move |id: Option<String>| {
        if let Some(id) = id {
            nav::go(&Route::Package { id });
        }
    });
    let create = |variant: Variant| {
        html! { <Button {variant} icon="plus" onclick={show.clone()} refused={refused.clone()} tip_end=true>{ "Create package" }</Button> }
    };
    let clear = onsearch.reform(|_: MouseEvent| String::new());
    if packages.error.as_ref().is_some_and(|error| error.status() == 403) {
        return html! { <Refused permission={console::PACKAGES_VIEW} what="packages" /> };
    }
    let is_empty = packages.data.as_ref().is_some_and(|packages| packages.items.is_empty());
    html! {
        <div class="page__content page__content--wide">
            <PageHead title="Packages" text={html! { "Plans that carry roles. A person is on one package at most, and holds its roles while they are." }}
                actions={if is_empty { html! {} } else { create(Variant::Primary) }} />
            <div class="slot">
                if let Some(error) = &packages.error {
                    { failed(error, &packages.reload) }
                }
            </div>
            if is_empty {
                <Empty icon="package" title="No packages yet" text="A role gives permissions, a package carries roles, and a person on the package holds them.">
                    { create(Variant::Primary) }
                </Empty>
            } else {
                <div class="filters">
                    <SearchField label="Search packages" placeholder="Search by name or description" value={search.clone()} oninput={onsearch} />
                    <p class="filters__count" role="status">
                        if let Some(found) = &found {
                            { text::count(found.len() as u64, "package", "packages") }
                        }
                    </p>
                </div>
                if found.as_ref().is_some_and(Vec::is_empty) {
                    <Empty icon="search-x" title="No package fits" text="No package has these words in its name or description.">
                        <Button onclick={clear}>{ "Clear search" }</Button>
                    </Empty>
                } else {
                    <div class="table-box" aria-busy={found.is_none().to_string()}>
                        <table class="table table--stack">
                            <caption class="visually-hidden">{ "Packages" }</caption>
                            <thead>
                                <tr>
                                    <th scope="col">{ "Name" }</th>
                                    <th scope="col">{ "Roles" }</th>
                                    <th scope="col" class="table__number">{ "People" }</th>
                                    <th scope="col" class="table__end"><span class="visually-hidden">{ "Actions" }</span></th>
                                </tr>
                            </thead>
                            <tbody>
                                if let Some(found) = found {
                                    { for found.into_iter().map(|view| html! { <Row key={view.package.id.clone()} view={view.clone()} delete={delete.clone()} /> }) }
                                } else {
                                    <SkeletonRows key="skeleton" rows={5} cells={4} />
                                }
                            </tbody>
                        </table>
                    </div>
                }
            }
            <div class="slot">
                { match &*open {
                    Open::Nothing => html! {},
                    Open::New => html! { <PackageDialog key="new" onclose={close} ondone={created} /> },
                    Open::Delete(view) => html! {
                        <DeleteDialog key="delete" id={view.package.id.clone()} name={view.package.name.clone()} onclose={close} ondone={packages.reload.clone()} />
                    },
                } }
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct RowProps {
    view: Rc<PackageView>,
    delete: Callback<Rc<PackageView>>,
}

#[component]
fn Row(props: &RowProps) -> Html {
    let access = use_access();
    let package = &props.view.package;
    let name = |id: &str| role_name(access.as_ref(), id);
    let roles: Rc<[Named]> = package
        .roles
        .iter()
        .map(|link| Named { id: link.role.clone().into(), name: name(&link.role).into(), everything: false })
        .collect();
    // A package that somebody is on can be offered for deletion: the dialog says who is in the way, and moves them.
    let change = Change::DeletePackage { id: package.id.clone() };
    let refused = access.as_ref().and_then(|access| access.reason(&change));
    let view = props.view.clone();
    let open = {
        let id = package.id.clone();
        Callback::from(move |()| {
            nav::go(&Route::Package { id: id.clone() });
        })
    };
    let edit = PackageEdit {
        id: package.id.clone(),
        name: package.name.clone(),
        description: package.description.clone(),
        roles: package.roles.iter().map(|link| link.role.clone()).collect(),
    };
    let edits =
        access.as_ref().is_some_and(|access| access.permit(&Change::UpdatePackage { package: edit }).is_ok());
    let (label, icon) = if edits { ("Edit roles", "pencil") } else { ("View", "eye") };
    let items = [
        MenuItem { label: label.into(), icon: icon.into(), danger: false, refused: None, onpick: open },
        MenuItem {
            label: "Delete".into(),
            icon: "trash-2".into(),
            danger: true,
            refused,
            onpick: props.delete.reform(move |()| view.clone()),
        },
    ];
    html! {
        <tr>
            <td class="table__first"><Link to={Route::Package { id: package.id.clone() }} class="table__link">{ package.name.clone() }</Link></td>
            <td>
                if roles.is_empty() {
                    <span class="table__none">{ "None" }</span>
                } else {
                    <Chips items={roles} label={format!("Roles of {}", package.name)} />
                }
            </td>
            <td class="table__number" data-label="People">{ text::number(props.view.users) }</td>
            <td class="table__end"><Menu label={format!("Actions for {}", package.name)} items={Rc::from(items)} /></td>
        </tr>
    }
}
