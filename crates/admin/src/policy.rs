//! The policy that the person may view, compiled as everywhere else.

use rolewright_model::catalogue::CatalogueDocument;
use rolewright_model::catalogue::PermissionHandle;
use rolewright_model::documents::Documents;
use rolewright_model::package::PackageDocument;
use rolewright_model::policy::SettingsDocument;
use rolewright_model::role::RoleDocument;
use rolewright_model::scale::{Scale, UiState};
use rolewright_model::{Catalogue, Level, PolicyDocument, Problem, Stamp, State};
use serde::Deserialize;

/// As much of [`PolicyView`](rolewright_wire::policy::PolicyView) as the app shows: its tests would be compiled to be read.
#[derive(Deserialize)]
pub struct Told {
    at: Stamp,
    policy: Parts,
}

#[derive(Deserialize)]
struct Parts {
    format: u32,
    name: String,
    #[serde(default)]
    settings: SettingsDocument,
    catalogue: CatalogueDocument,
    roles: Vec<RoleDocument>,
    #[serde(default)]
    packages: Vec<PackageDocument>,
}

/// Catalogue, roles and packages, with nobody in the directory.
#[derive(Debug)]
pub struct Policy {
    state: State,
}

/// A rule of separation of duty: "Whoever orders does not pay: Buyer, Payer; at most 1".
pub fn separation_words(name: &str, roles: &[String], at_most: u64) -> String {
    format!("{name}: {}; at most {at_most}", roles.join(", "))
}

impl Policy {
    /// Compiles what the server answered.
    pub fn read(told: Told) -> Result<Self, Vec<Problem>> {
        let Parts { format, name, settings, catalogue, roles, packages } = told.policy;
        let policy = PolicyDocument {
            format,
            id: String::new(),
            name,
            description: String::new(),
            settings,
            catalogue,
            roles,
            packages,
            auto_assign: Vec::new(),
            tests: Vec::new(),
        };
        Self::of(&policy, told.at)
    }

    /// Compiles a policy.
    pub fn of(policy: &PolicyDocument, at: Stamp) -> Result<Self, Vec<Problem>> {
        State::build(Documents::of_policy(policy), at).map(|state| Self { state })
    }

    /// The compiled state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The id of the role that makes superusers, where it is one alone.
    pub fn only_superuser(&self) -> Option<&str> {
        let mut roles = self.roles().filter(|role| role.superuser);
        roles.next().filter(|_| roles.next().is_none()).map(|role| role.id.as_str())
    }

    /// What can be permitted.
    pub fn catalogue(&self) -> &Catalogue {
        self.state.catalogue()
    }

    /// The role of that id.
    pub fn role(&self, id: &str) -> Option<&RoleDocument> {
        self.state.role(id)
    }

    /// Every role, in order.
    pub fn roles(&self) -> impl Iterator<Item = &RoleDocument> {
        self.state.documents().roles_in_order().into_iter()
    }

    /// The role that every active user holds.
    pub fn base(&self) -> Option<&RoleDocument> {
        self.role(self.state.policy().role_id(self.state.policy().base()?))
    }

    /// The role's name, or its id where it is not known.
    pub fn role_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.role(id).map_or(id, |role| &role.name)
    }

    /// The package's name, or its id where it is not known.
    pub fn package_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.state.policy().package(id).map_or(id, |package| &package.name)
    }

    /// The role with everything that it inherits, implies and opens.
    pub fn reached(&self, id: &str, permission: PermissionHandle) -> Level {
        let role = self.state.policy().role_position(id);
        role.map_or(Level::NONE, |role| self.state.reached(role, permission))
    }
}

/// What a level of a permission is called, by their ids.
pub fn level_of(catalogue: &Catalogue, permission: &str, level: &str) -> String {
    let known = catalogue
        .handle(permission)
        .and_then(|handle| Some(level_label(catalogue, handle, catalogue.scale(handle)?.level(level)?)));
    known.unwrap_or_else(|| level.to_owned())
}

/// The label of a permission's level.
pub fn level_label(catalogue: &Catalogue, permission: PermissionHandle, level: Level) -> String {
    let label = catalogue.scale(permission).and_then(|scale| scale.get(level)).map(|level| &level.label);
    match (catalogue.scale(permission).map(|scale| scale.id()), level) {
        (Some("default"), Level::NONE) => "Not granted".to_owned(),
        (Some("default"), _) => "Allowed".to_owned(),
        _ => label.cloned().unwrap_or_default(),
    }
}

/// The look of a permission's level, everywhere the same: its class and its icon. All of it is a check, nothing an empty ring, as is
/// every level of what is not known; what lets one read is an eye, and whatever else is between a half disc.
pub fn level_mark(
    permission: Option<(&Catalogue, PermissionHandle)>,
    level: Level,
) -> (&'static str, &'static str) {
    let Some((catalogue, permission)) = permission.filter(|_| level > Level::NONE) else {
        return ("level--none", "circle");
    };
    let top = catalogue.scale(permission).map(Scale::top);
    match level {
        level if top.is_none_or(|top| level >= top) => ("level--granted", "check"),
        level if catalogue.ui(permission, level) == UiState::ReadOnly => ("level--partial", "eye"),
        _ => ("level--partial", "contrast"),
    }
}
