//! Packages.

use rolewright_model::package::PackageDocument;
use serde::{Deserialize, Serialize};

/// Every package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Packages {
    /// The packages.
    pub items: Vec<PackageView>,
}

/// A package and its use. Its `ETag` is its revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PackageView {
    /// The package.
    pub package: PackageDocument,
    /// The change that last wrote it.
    pub revision: u64,
    /// How many users are on it.
    pub users: u64,
}
