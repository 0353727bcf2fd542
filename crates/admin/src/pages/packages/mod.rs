//! Packages: plans that carry roles, and who is on them.

mod add;
mod create;
mod delete;
mod package;
mod page;
mod people;
mod take_off;

use rolewright_model::change::Kind;
use rolewright_wire::batch::Version;
use serde::Serialize;

use crate::batch::Batch;

pub use package::PackagePage;
pub use page::PackagesPage;

/// The one kind of change that is made of people here. Every kind of `Change` would be downloaded with it.
#[derive(Serialize)]
struct SetPackage {
    change: &'static str,
    id: String,
    package: Option<String>,
}

/// Puts people on a package, or on none; each by the version of them that this is about.
fn put_on(package: Option<&str>, people: &[(&str, &str)]) -> Batch<SetPackage> {
    let change = |id: &str| SetPackage {
        change: "set_package",
        id: id.to_owned(),
        package: package.map(str::to_owned),
    };
    let version =
        |id: &str, etag: &str| Version { kind: Kind::User, id: id.to_owned(), etag: etag.to_owned() };
    Batch {
        changes: people.iter().map(|(id, _)| change(id)).collect(),
        versions: people.iter().map(|(id, etag)| version(id, etag)).collect(),
    }
}

/// Where the server has a package.
fn address(id: &str) -> String {
    format!("/packages/{}", js_sys::encode_uri_component(id))
}
