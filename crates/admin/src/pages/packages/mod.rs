//! Packages: plans that carry roles, and who is on them.

mod add;
mod create;
mod delete;
mod package;
mod page;
mod people;

pub use package::PackagePage;
pub use page::PackagesPage;

/// Where the server has a package.
fn address(id: &str) -> String {
    format!("/packages/{}", js_sys::encode_uri_component(id))
}
