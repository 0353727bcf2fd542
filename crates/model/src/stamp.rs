//! Where in a tenant's history something happened, and when.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A place in a tenant's history: every accepted change makes the next revision, and a restore
/// from backup begins a new epoch. Ordered by epoch first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Stamp {
    /// Counts restores from backup.
    pub epoch: u32,
    /// Counts accepted changes. Below 2^53, so that JavaScript holds it exactly.
    pub revision: u64,
}

impl Stamp {
    /// The stamp of a change made right after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self { epoch: self.epoch, revision: self.revision.saturating_add(1) }
    }

    /// The stamp that `EPOCH.REVISION` says.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (epoch, revision) = text.split_once('.')?;
        Some(Self { epoch: epoch.parse().ok()?, revision: revision.parse().ok()? })
    }
}

/// `EPOCH.REVISION`.
impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.revision)
    }
}

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(not(feature = "dates"), derive(Deserialize))]
#[serde(transparent)]
pub struct Timestamp(pub i64);

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Timestamp {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::schema::{AnyOfBuilder, KnownFormat, ObjectBuilder, SchemaFormat, Type};
        let of = |of: Type, format| {
            ObjectBuilder::new().schema_type(of).format(Some(SchemaFormat::KnownFormat(format)))
        };
        let any = AnyOfBuilder::new()
            .item(of(Type::Integer, KnownFormat::Int64))
            .item(of(Type::String, KnownFormat::DateTime))
            .item(of(Type::String, KnownFormat::Date))
            .description(Some(
                "A moment. It is told in milliseconds since 1970, and may be said so, as an instant of RFC 3339 \
                 (`2027-01-31T08:00:00Z`), or as a date (`2027-01-31`), which is its start in UTC.",
            ));
        any.into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Timestamp {}

impl Timestamp {
    /// This moment and so many milliseconds.
    #[must_use]
    pub fn plus(self, milliseconds: i64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }
}
