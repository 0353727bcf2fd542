//! `rolewright check`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Args;
use rolewright_model::condition::RequestAttributes;
use rolewright_model::{Problem, Reason, json};
use rolewright_wire::check::{Check, CheckAnswer};

use super::existing::{Existing, When};
use super::{Error, output};
use crate::routes::check::{answer, name_by_id};

/// The options of `rolewright check`.
#[derive(Args, Debug)]
pub struct Options {
    /// The person's id or email
    #[arg(long, value_name = "ID")]
    subject: String,
    /// The permission's id
    #[arg(long, value_name = "ID", required_unless_present = "operation", conflicts_with = "operation")]
    permission: Option<String>,
    /// The operation's id
    #[arg(long, value_name = "ID")]
    operation: Option<String>,
    /// With --permission a path; with --operation NAME=PATH, once for each of its resources
    #[arg(long, value_name = "PATH")]
    resource: Vec<String>,
    /// With --permission: the level; the scale's `can` level where it is not said
    #[arg(long, value_name = "LEVEL", conflicts_with = "operation")]
    asked: Option<String>,
    /// What conditions read beside the person's own attributes: `{"resource": {"region": "emea"}}`; with
    /// --operation `{"resources": {NAME: {...}}}`; `action` and `context` with either
    #[arg(long, value_name = "JSON")]
    attributes: Option<String>,
    #[command(flatten)]
    when: When,
    #[command(flatten)]
    existing: Existing,
    /// Answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Asks, of the data directory itself: the server need not run.
///
/// # Errors
/// Where it cannot be asked.
pub async fn run(options: Options) -> Result<ExitCode, Error> {
    let opened = options.existing.open().await?;
    let (state, now) = options.when.seen(&opened).await?;
    let attributes = options.attributes.as_deref().map_or_else(
        || Ok(RequestAttributes::default()),
        |text| json::decode(text).map_err(|problems| unreadable(&problems)),
    )?;
    let mut check = Check {
        subject: state.user_of_email(&options.subject).unwrap_or(&options.subject).to_owned(),
        permission: options.permission,
        resource: None,
        asked: options.asked,
        operation: options.operation,
        resources: BTreeMap::new(),
        at: None,
        session: None,
        attributes,
    };
    if check.operation.is_some() {
        check.resources = named_resources(options.resource)?;
    } else {
        check.resource = one_resource(options.resource)?;
    }
    name_by_id(&state, &mut check);
    let answer = answer(&state, &check, now, true).map_err(|(path, why)| {
        Error::failed(why).with_problems(vec![Problem { path: path.to_owned(), message: why.to_owned() }])
    })?;
    opened.sqlite.close().await;
    let no_level = match (&answer, &check.asked) {
        (CheckAnswer::Permission(decision), Some(asked)) => (decision.reason == Some(Reason::UnknownLevel))
            .then(|| format!("not allowed: there is no level `{asked}` on this permission's scale")),
        _ => None,
    };
    let allowed = answer.allowed();
    if options.json {
        output::line(super::json(&answer))?;
    } else {
        output::line(no_level.unwrap_or_else(|| told(&answer)))?;
    }
    Ok(if allowed { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The resources of an operation, each NAME=PATH.
pub(super) fn named_resources(all: Vec<String>) -> Result<BTreeMap<String, String>, Error> {
    let one = |named: String| match named.split_once('=') {
        Some((name, path)) => Ok((name.to_owned(), path.to_owned())),
        None => Err(Error::failed(format!("`{named}` names no resource of the operation; write NAME=PATH"))),
    };
    all.into_iter().map(one).collect()
}

/// The resource of a permission, where one is named.
pub(super) fn one_resource(all: Vec<String>) -> Result<Option<String>, Error> {
    match all.len() {
        0 | 1 => Ok(all.into_iter().next()),
        _ => Err(Error::failed("a permission is asked for on one resource; name it once")),
    }
}

fn unreadable(problems: &[Problem]) -> Error {
    let first = problems.first().map(ToString::to_string).unwrap_or_default();
    Error::failed(format!("--attributes cannot be read: {first}"))
}

/// The answer in words.
pub(super) fn told(answer: &CheckAnswer) -> String {
    let word = |allowed: bool| if allowed { "allowed" } else { "not allowed" };
    let reason = |reason: Option<Reason>| {
        reason.map(|reason| format!(" ({})", super::words(&reason))).unwrap_or_default()
    };
    match answer {
        CheckAnswer::Permission(decision) => {
            let level = if decision.level.is_empty() { "" } else { &format!(": level {}", decision.level) };
            format!("{}{level}{}", word(decision.allowed), reason(decision.reason))
        }
        CheckAnswer::Operation(decision) => {
            let mut text = format!("{}{}", word(decision.allowed), reason(decision.reason));
            for (number, alternative) in (1..).zip(&decision.alternatives) {
                text = format!("{text}\n  way {number}: {}", word(alternative.allowed));
                for leg in &alternative.legs {
                    let on =
                        if leg.resource.is_empty() { "a resource that was not named" } else { &leg.resource };
                    let sign = if leg.allowed { "+" } else { "-" };
                    text = format!(
                        "{text}\n    {sign} {} at {} on {on}: {}",
                        leg.permission, leg.asked, leg.level
                    );
                }
            }
            text
        }
    }
}
