//! `rolewright explain`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Args;
use rolewright_model::condition::RequestAttributes;
use rolewright_model::counted;
use rolewright_model::explain::{Cause, Explanation, Idle, SourceOf};
use rolewright_model::fix::Remedy;
use rolewright_model::subject::Via;
use rolewright_wire::check::{Check, CheckAnswer};
use rolewright_wire::question::ExplainAnswer;

use super::existing::{Existing, When};
use super::{Error, check, output, words};
use crate::routes::questions::explained;

/// The options of `rolewright explain`.
#[derive(Args, Debug)]
pub struct Options {
    /// The person's id or email
    user: String,
    /// The id of a permission, or of an operation; where there are both, the permission, unless the
    /// operation's resources are named
    #[arg(value_name = "PERMISSION|OPERATION")]
    what: String,
    /// Where: of a permission a path; of an operation NAME=PATH, one for each of its resources
    resource: Vec<String>,
    #[command(flatten)]
    when: When,
    #[command(flatten)]
    existing: Existing,
    /// Answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Says why somebody may or may not do something, of the data directory itself. The exit code is that of
/// `rolewright check`.
///
/// # Errors
/// Where it cannot be asked.
pub async fn run(options: Options) -> Result<ExitCode, Error> {
    let opened = options.existing.open().await?;
    let is_past = options.when.is_said();
    let (state, now) = options.when.seen(&opened).await?;
    let is_permission = state.catalogue().handle(&options.what).is_some();
    // Of one id there may be both; who names the operation's resources means the operation.
    let is_operation = state.catalogue().operation(&options.what).is_some_and(|operation| {
        let names = |named: &String| {
            named
                .split_once('=')
                .is_some_and(|(name, _)| operation.resources().any(|(known, _)| known == name))
        };
        !is_permission || options.resource.iter().any(names)
    });
    let mut check = Check {
        subject: state.user_of_email(&options.user).unwrap_or(&options.user).to_owned(),
        permission: None,
        resource: None,
        asked: None,
        operation: None,
        resources: BTreeMap::new(),
        at: None,
        session: None,
        attributes: RequestAttributes::default(),
    };
    if is_operation {
        check.operation = Some(options.what);
        check.resources = check::named_resources(options.resource)?;
    } else {
        check.permission = Some(options.what);
        check.resource = check::one_resource(options.resource)?;
    }
    let answer = explained(&state, &check, now)?;
    let answer = if is_past { answer.without_fixes() } else { answer };
    opened.sqlite.close().await;
    let allowed = match &answer {
        ExplainAnswer::Permission(explanation) => explanation.decision.allowed,
        ExplainAnswer::Operation(explanation) => explanation.decision.allowed,
    };
    if options.json {
        output::line(super::json(&answer))?;
    } else {
        output::line(told(answer).join("\n"))?;
    }
    Ok(if allowed { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn told(answer: ExplainAnswer) -> Vec<String> {
    match answer {
        ExplainAnswer::Permission(explanation) => {
            let mut lines = vec![check::told(&CheckAnswer::Permission(explanation.decision.clone()))];
            lines.extend(why(&explanation, ""));
            lines.extend(fixes(&explanation.fixes));
            lines
        }
        ExplainAnswer::Operation(explanation) => {
            let mut lines = vec![check::told(&CheckAnswer::Operation(explanation.decision.clone()))];
            for ((number, alternative), legs) in
                (1..).zip(&explanation.decision.alternatives).zip(&explanation.legs)
            {
                for (leg, explanation) in alternative.legs.iter().zip(legs) {
                    let Some(explanation) = explanation else { continue };
                    lines.push(format!("way {number}, {} on {}:", leg.permission, leg.resource));
                    lines.extend(why(explanation, "  "));
                }
            }
            lines.extend(fixes(&explanation.fixes));
            lines
        }
    }
}

/// What gives it, what is held and does not count, and what stands in the way.
fn why(explanation: &Explanation, indent: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for source in &explanation.sources {
        lines.push(format!("{indent}from {}", source_of(source)));
    }
    for Idle { source, not_counting } in &explanation.idle {
        lines.push(format!("{indent}does not count ({}): {}", words(not_counting), source_of(source)));
    }
    if let Some(diagnosis) = &explanation.diagnosis {
        lines.push(format!("{indent}because {}", stands_in_the_way(diagnosis.cause)));
        for check in &diagnosis.chain {
            let sign = if check.holds { "+" } else { "-" };
            let found = if check.found.is_empty() { "none" } else { &check.found.join(", ") };
            lines.push(format!("{indent}  {sign} {}: {found}", would_have_to_be(check.cause)));
        }
    }
    lines
}

/// What stands in the way, after "because".
fn stands_in_the_way(cause: Cause) -> &'static str {
    match cause {
        Cause::UnknownSubject => "there is no such person",
        Cause::UnknownPermission => "there is no such permission or operation",
        Cause::UnknownLevel => "there is no such level",
        Cause::NotAPlace => "that is no place of the catalogue",
        Cause::ProductAbsent => "the tenant lacks the product that it belongs to",
        Cause::InactiveSubject => "the person is invited or disabled",
        Cause::NextLogin => "it waits for the person's next sign-in",
        Cause::ConditionFalse => "it is held on a condition that is false here",
        Cause::PermissionNotGranted => "no role gives it",
        Cause::RoleNotOnPackage => "no package carries a role that gives it",
        Cause::PackageNotOnUser => "the person is on no package that carries it",
        Cause::RoleNotHeld => "the person holds no role that gives it here",
    }
}

/// What one of the checks of a diagnosis looks for.
fn would_have_to_be(cause: Cause) -> &'static str {
    match cause {
        Cause::PermissionNotGranted => "roles that give it",
        Cause::RoleNotOnPackage => "packages that carry one of them",
        Cause::PackageNotOnUser => "of these, the person is on",
        other => stands_in_the_way(other),
    }
}

/// Through what a role is held, and how it comes to give the permission.
fn source_of(source: &SourceOf) -> String {
    let via = match &source.via {
        Via::Direct { assignment } => format!("assignment {assignment}"),
        Via::Entitlement { assignment } => format!("the switch that wrote assignment {assignment}"),
        Via::Group { assignment, groups } => format!("group {}, assignment {assignment}", groups.join(" > ")),
        Via::Everyone { assignment } => format!("everyone's assignment {assignment}"),
        Via::Package { package } => format!("package {package}"),
        Via::Base => "being an active user".to_owned(),
        Via::Untold => "what is not told".to_owned(),
    };
    let mut text = format!("{via}: role {} at {}", source.role, source.scope);
    for role in &source.inherited {
        text = format!("{text}, which inherits {role}");
    }
    match &source.granted {
        Some(granted) => text = format!("{text}, which grants {} at {}", granted.permission, granted.level),
        None => text = format!("{text}, which is everything"),
    }
    for implied in &source.implied {
        text = format!("{text}, which brings {} at {}", implied.permission, implied.level);
    }
    text
}

fn fixes(fixes: &[Remedy]) -> Vec<String> {
    let one = |(number, fix): (usize, &Remedy)| {
        let others = match fix.others {
            0 => "nobody else gains it".to_owned(),
            1 => "1 other gains it".to_owned(),
            others => format!("{others} others gain it"),
        };
        let gives = match fix.superuser {
            true => "it gives everything".to_owned(),
            false => format!("it gives {}", counted(fix.gains, "permission", "permissions")),
        };
        format!("  {number}. {} ({gives}, {others})", fix.label)
    };
    let told = (1..).zip(fixes).map(one);
    fixes.first().map(|_| "what would allow it:".to_owned()).into_iter().chain(told).collect()
}
