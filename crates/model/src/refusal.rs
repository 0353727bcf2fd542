//! Why a change is refused, in words and in a code that never changes.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::catalogue::Catalogue;
use crate::change::Change;
use crate::problem::Problem;

/// Why a change is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refusal {
    /// The rule that refuses.
    pub code: Code,
    /// One line for a person, the same on every surface.
    pub message: String,
    /// The permission that is missing, where one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
    /// What would help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// What is wrong with the documents that the change would make.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

/// What would help against a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Fix {
    /// What it does, for a button.
    pub label: String,
    /// The change that does it, where a change can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub change: Option<Box<Change>>,
}

/// The rule that refuses a change. The names are part of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The actor lacks one of Rolewright's own permissions.
    MissingPermission,
    /// What the change names does not exist.
    Unknown,
    /// What the change creates exists already.
    Exists,
    /// Another has the name or the email that the change gives; `problems` says which field it is.
    Taken,
    /// The documents that the change would make are not valid.
    Invalid,
    /// A built-in role cannot be edited or deleted.
    BuiltInRole,
    /// A role that packages carry cannot be deleted.
    RoleInPackage,
    /// A role that others inherit cannot be deleted.
    RoleInherited,
    /// A package that users are on cannot be deleted.
    PackageInUse,
    /// Nobody grants what they do not hold.
    NotHeld,
    /// Only a superuser gives and takes superuser, and imports policies.
    SuperuserOnly,
    /// Who changes a person must hold everything that the person holds.
    PersonHoldsMore,
    /// The last superuser cannot be lost.
    LastSuperuser,
    /// Of a set of roles one user may hold only so many.
    SeparationOfDuty,
    /// A policy test that passed would fail.
    PolicyTestFails,
    /// Nobody edits the attributes of their own, which conditions read.
    OwnAttributes,
    /// One's own email is changed by who shows again who they are alone.
    OwnEmail,
    /// Whoever must have a second factor has none, or would have none.
    SecondFactorRequired,
    /// A group that the identity provider owns is not edited here.
    OwnedByIdentityProvider,
    /// Who views as somebody else changes nothing.
    Viewing,
}

impl Code {
    /// The name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MissingPermission => "missing_permission",
            Self::Unknown => "unknown",
            Self::Exists => "exists",
            Self::Taken => "taken",
            Self::Invalid => "invalid",
            Self::BuiltInRole => "built_in_role",
            Self::RoleInPackage => "role_in_package",
            Self::RoleInherited => "role_inherited",
            Self::PackageInUse => "package_in_use",
            Self::NotHeld => "not_held",
            Self::SuperuserOnly => "superuser_only",
            Self::PersonHoldsMore => "person_holds_more",
            Self::LastSuperuser => "last_superuser",
            Self::SeparationOfDuty => "separation_of_duty",
            Self::PolicyTestFails => "policy_test_fails",
            Self::OwnAttributes => "own_attributes",
            Self::OwnEmail => "own_email",
            Self::SecondFactorRequired => "second_factor_required",
            Self::OwnedByIdentityProvider => "owned_by_identity_provider",
            Self::Viewing => "viewing",
        }
    }
}

impl Refusal {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), permission: None, fix: None, problems: Vec::new() }
    }

    /// The actor lacks one of Rolewright's own permissions; `what` is what it is needed for.
    #[must_use]
    pub fn missing(catalogue: &Catalogue, permission: &str, what: &str) -> Self {
        let name = catalogue.permission_name(permission);
        let message = format!("to {what} you need `{name}`: ask an administrator who can give it");
        Self { permission: Some(permission.to_owned()), ..Self::new(Code::MissingPermission, message) }
    }

    pub(crate) fn invalid(problems: Vec<Problem>) -> Self {
        let message = match problems.as_slice() {
            [only] => only.message.clone(),
            all => format!("{} things are wrong with what you sent", all.len()),
        };
        Self { problems, ..Self::new(Code::Invalid, message) }
    }

    /// Another has what stands at `path`.
    pub(crate) fn taken(path: &str, message: String) -> Self {
        let problems = vec![Problem { path: path.to_owned(), message: message.clone() }];
        Self { problems, ..Self::new(Code::Taken, message) }
    }

    /// The same, of the part of a batch that stands at `path`: what is wrong is told there.
    pub(crate) fn of_part(mut self, path: &str) -> Self {
        if path == "$" {
            return self;
        }
        for problem in &mut self.problems {
            if let Some(rest) = problem.path.strip_prefix('$') {
                problem.path = format!("{path}{rest}");
            }
        }
        if self.problems.is_empty() {
            self.problems.push(Problem { path: path.to_owned(), message: self.message.clone() });
        }
        self
    }

    pub(crate) fn with_fix(mut self, label: impl Into<String>, change: Option<Change>) -> Self {
        self.fix = Some(Fix { label: label.into(), change: change.map(Box::new) });
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}
