//! A policy in a file: a policy document, or what `rolewright export` wrote, of which the policy is taken.

use std::io::Read as _;
use std::path::Path;

use rolewright_model::{PolicyDocument, Problem, json};
use rolewright_store::why_not;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Error;

/// A tenant in one document.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Whole {
    pub(super) tenant: String,
    pub(super) at: Value,
    pub(super) policy: PolicyDocument,
    pub(super) directory: Value,
}

/// A policy that was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) policy: PolicyDocument,
    /// Whether there are people beside it.
    pub(super) has_people: bool,
}

/// The policy in a file, or everything that is wrong with it; `-` is standard input.
///
/// # Errors
/// Where it cannot be read.
pub(super) fn read(file: &Path) -> Result<Result<Read, Vec<Problem>>, Error> {
    Ok(decode(&text(file)?))
}

/// The text in a file; `-` is standard input.
///
/// # Errors
/// Where it cannot be read.
pub(super) fn text(file: &Path) -> Result<String, Error> {
    let text = if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    text.map_err(|error| Error::failed(format!("cannot read {}: {}", named(file), why_not(&error))))
}

/// What a file is called in an error.
pub(super) fn named(file: &Path) -> String {
    match file.as_os_str() == "-" {
        true => "standard input".to_owned(),
        false => format!("`{}`", file.display()),
    }
}

fn decode(text: &str) -> Result<Read, Vec<Problem>> {
    let is_whole = serde_json::from_str::<Value>(text)
        .is_ok_and(|value| value.get("policy").is_some() && value.get("format").is_none());
    if !is_whole {
        return Ok(Read { policy: PolicyDocument::from_json(text)?, has_people: false });
    }
    let whole: Whole = json::decode(text)?;
    let within = |problem: Problem| {
        let path = problem.path.strip_prefix('$').unwrap_or_default();
        Problem { path: format!("$.policy{path}"), ..problem }
    };
    let valid = whole.policy.validate();
    valid.map_err(|problems| problems.into_iter().map(within).collect::<Vec<_>>())?;
    Ok(Read { policy: whole.policy, has_people: true })
}
