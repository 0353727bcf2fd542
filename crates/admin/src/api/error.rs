//! What can go wrong when the server is asked.

use std::fmt;

use rolewright_model::Problem;
use rolewright_wire::problem::{TYPE_PREFIX, code};
use serde::Deserialize;

use crate::text;

/// As much of [`ProblemDetails`](rolewright_wire::problem::ProblemDetails) as the app shows. Reading all of it
/// would bring every kind of change, and with it every document, once more into what is downloaded.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Details {
    #[serde(rename = "type")]
    kind: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong here, and what to do.
    pub detail: String,
    /// What is wrong with the body, each with its JSON path.
    #[serde(default)]
    pub errors: Vec<Problem>,
    /// What somebody else changed meanwhile, as it is now.
    #[serde(default)]
    current: Option<Current>,
    /// Of a change that is not taken back, what was changed since.
    #[serde(default)]
    pub changed: Vec<ChangedSince>,
}

/// Of a document that was changed since a change wrote it, which it is.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ChangedSince {
    /// Its kind: `role`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// What a person calls it, where that is known.
    #[serde(default)]
    pub name: Option<String>,
}

/// Of a document that was changed meanwhile which it is.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Current {
    #[serde(default)]
    id: String,
}

impl Details {
    /// The code: the type without its prefix.
    pub fn code(&self) -> &str {
        self.kind.strip_prefix(TYPE_PREFIX).unwrap_or(&self.kind)
    }
}

/// Why the server did not do what it was asked.
#[derive(Clone, Debug, PartialEq)]
pub enum ApiError {
    /// The server said why.
    Problem(Box<Details>),
    /// The server was not reached.
    Offline,
    /// The answer was not what this version of the app reads.
    Unreadable(String),
}

impl ApiError {
    /// The code of the problem, or nothing.
    pub fn code(&self) -> &str {
        match self {
            Self::Problem(problem) => problem.code(),
            Self::Offline | Self::Unreadable(_) => "",
        }
    }

    /// The HTTP status, or 0.
    pub fn status(&self) -> u16 {
        match self {
            Self::Problem(problem) => problem.status,
            Self::Offline | Self::Unreadable(_) => 0,
        }
    }

    /// The problem that the server described.
    pub fn problem(&self) -> Option<&Details> {
        match self {
            Self::Problem(problem) => Some(problem),
            Self::Offline | Self::Unreadable(_) => None,
        }
    }

    /// What is wrong with the field whose JSON path ends so, `.email`.
    pub fn at(&self, end: &str) -> Option<String> {
        let errors = &self.problem()?.errors;
        let found = errors.iter().find(|error| error.path.ends_with(end))?;
        Some(text::sentence(&text::plain(&found.message)))
    }

    /// Which change of a batch it is about, from 0, where it is about one.
    pub fn of_change(&self) -> Option<usize> {
        let mut errors = self.problem()?.errors.iter();
        let at = errors.find_map(|error| error.path.strip_prefix("$.changes["))?;
        at.split_once(']')?.0.parse().ok()
    }

    /// The id of the document that somebody else changed meanwhile.
    pub fn changed(&self) -> Option<&str> {
        self.problem()?.current.as_ref().map(|current| current.id.as_str())
    }

    /// Every error that no field named by these ends shows, of what somebody filled in; the detail where there is none.
    pub fn beside(&self, ends: &[&str]) -> Option<String> {
        if *self == Self::Offline {
            return Some(
                "The server cannot be reached. What you typed is kept: try again in a moment.".to_owned(),
            );
        }
        let errors = self.problem().map(|problem| &problem.errors[..]).unwrap_or_default();
        if errors.is_empty() {
            return Some(self.to_string());
        }
        let rest: Vec<_> = errors
            .iter()
            .filter(|error| !ends.iter().any(|end| error.path.ends_with(end)))
            .map(|error| text::sentence(&text::plain(&error.message)))
            .collect();
        (!rest.is_empty()).then(|| rest.join(" "))
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problem(problem) if problem.code() == code::UNAUTHENTICATED => f.write_str(
                "Your session had ended. Nothing was changed, and what you typed is kept: sign in, then try again.",
            ),
            Self::Problem(problem) => f.write_str(&text::sentence(&text::plain(&problem.detail))),
            Self::Offline => {
                f.write_str("The server cannot be reached: try again in a moment.")
            }
            Self::Unreadable(what) => write!(
                f,
                "The server answered something that this page cannot read ({what}). Reload the page to get its newest version."
            ),
        }
    }
}
