//! Why a command did not do what it was asked.

use std::fmt;
use std::process::ExitCode;

use rolewright_model::Problem;
use serde::Serialize;

use super::output;
use crate::problem::{Failure, UNSEEN};
use crate::tenant::Error as TenantError;

/// Why a command did not do what it was asked: one line, and what to do.
#[derive(Debug, Serialize)]
pub struct Error {
    code: String,
    pub(super) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Problem>,
    #[serde(skip)]
    exit: u8,
}

impl Error {
    /// It is refused, or not valid: exit code 1.
    pub(super) fn refused(message: impl fmt::Display) -> Self {
        Self::new("refused", message, 1)
    }

    /// It could not be done: exit code 2.
    pub(super) fn failed(message: impl fmt::Display) -> Self {
        Self::new("failed", message, 2)
    }

    /// The command line is wrong: exit code 2.
    pub(super) fn usage(message: impl fmt::Display) -> Self {
        Self::new("usage", message, 2)
    }

    pub(super) fn new(code: &str, message: impl fmt::Display, exit: u8) -> Self {
        let (code, message) = (code.to_owned(), message.to_string());
        Self { code, message, path: None, problems: Vec::new(), exit }
    }

    /// The same, said of that file.
    pub(super) fn about(self, file: &impl fmt::Display) -> Self {
        Self { message: format!("{file}: {}", self.message), ..self }
    }

    /// The same, with what is wrong and where.
    pub(super) fn with_problems(mut self, problems: Vec<Problem>) -> Self {
        self.path = problems.first().map(|problem| problem.path.clone());
        self.problems = problems;
        self
    }

    pub(super) fn tell(&self, as_json: bool) -> ExitCode {
        if as_json {
            output::aside(serde_json::json!({ "error": self }));
        } else {
            output::aside(format_args!("error: {}", self.message));
            for problem in self.problems.iter().filter(|problem| !self.message.contains(&problem.message)) {
                output::aside(format_args!("  {problem}"));
            }
        }
        ExitCode::from(self.exit)
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::new("invalid", &problem.message, 1).with_problems(vec![problem])
    }
}

impl From<TenantError> for Error {
    fn from(error: TenantError) -> Self {
        match error {
            TenantError::Refused(refusal) => {
                Self::new(refusal.code.as_str(), &refusal.message, 1).with_problems(refusal.problems)
            }
            TenantError::Store(error) => error.into(),
            error => Self::failed(error),
        }
    }
}

impl From<rolewright_store::Error> for Error {
    fn from(error: rolewright_store::Error) -> Self {
        match error {
            rolewright_store::Error::UnknownTenant(tenant) => Self::failed(format!(
                "there is no tenant `{tenant}` here: `rolewright tenant list` says which there are, and --data names another data directory"
            )),
            error => Self::failed(error),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let changed = failure.changed().iter().map(|it| Problem {
            path: format!("{} {}", it.kind.as_str(), it.id),
            message: "was changed since".to_owned(),
        });
        let problems = failure.errors().iter().cloned().chain(changed).collect();
        // The operator sees everything.
        let detail = failure.detail().trim_end_matches(UNSEEN);
        Self::new(failure.code(), detail, 1).with_problems(problems)
    }
}

impl From<crate::secret::NoEntropy> for Error {
    fn from(error: crate::secret::NoEntropy) -> Self {
        Self::failed(error)
    }
}
