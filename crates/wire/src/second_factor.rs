//! Who must have a second factor and has none.

use serde::{Deserialize, Serialize};

/// Those whom a change keeps from everything else until they turn a second factor on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lacking {
    /// How many they are.
    pub count: usize,
    /// The first 100 of them by id; nobody where the asker may not see people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Person>,
}

/// Somebody by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Person {
    /// The user's id.
    pub user: String,
    /// What a person reads.
    pub name: String,
}
