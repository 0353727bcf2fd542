//! `rolewright codegen`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use rolewright_model::{Context, State};
use serde_json::json;

use super::existing::Existing;
use super::{Error, output, policy_file, validate};
use crate::clock::Clock;

/// How many lines that differ are told.
const MOST_TOLD: usize = 20;

/// The options of `rolewright codegen`.
#[derive(Args, Debug)]
pub struct Options {
    /// The language
    #[arg(long, value_enum)]
    lang: Language,
    /// Read the catalogue of a policy document, or of what `export` wrote, instead of a tenant's; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "tenant")]
    policy: Option<PathBuf>,
    /// Write nothing: exit with 1 where this file is not what would be written
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
    #[command(flatten)]
    existing: Existing,
    /// Answer `--check` as JSON; what goes wrong is JSON too
    #[arg(long)]
    pub(super) json: bool,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Language {
    /// Types for the npm package `rolewright`: a misspelt permission does not compile
    Ts,
}

/// Writes the ids of a catalogue as types, or says whether a file of them is what the catalogue says.
///
/// # Errors
/// Where the catalogue or the file cannot be read, or the policy is not valid.
pub async fn run(options: &Options) -> Result<ExitCode, Error> {
    let state = match &options.policy {
        None => options.existing.open().await?.tenant.loaded().state.clone(),
        Some(file) => {
            let policy = match policy_file::read(file)? {
                Ok(read) => read.policy,
                Err(problems) => return validate::tell(file, &problems, options.json),
            };
            let context = Context { now: Clock::default().now(), id: "codegen".to_owned() };
            match State::begin(&policy, &context) {
                Ok(begun) => begun.state,
                Err(refusal) => return validate::tell(file, &refusal.problems, options.json),
            }
        }
    };
    let text = match options.lang {
        Language::Ts => typescript(&state),
    };
    let Some(file) = &options.check else {
        output::bytes(text.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    };
    let written = policy_file::text(file)?;
    let (missing, gone) = (beyond(&text, &written), beyond(&written, &text));
    let is_current = text.lines().eq(written.lines());
    if options.json {
        output::line(json!({ "current": is_current, "missing": missing, "gone": gone }))?;
    } else if is_current {
        output::line(format_args!("{} is what the catalogue says", file.display()))?;
    } else {
        tell(&missing, "+")?;
        tell(&gone, "-")?;
        output::aside(format_args!(
            "error: {} is not what the catalogue says; write it anew: rolewright codegen --lang ts > {}",
            file.display(),
            file.display()
        ));
    }
    Ok(ExitCode::from(u8::from(!is_current)))
}

/// The lines of one text that another does not have.
fn beyond<'t>(text: &'t str, other: &str) -> Vec<&'t str> {
    let known: std::collections::HashSet<&str> = other.lines().collect();
    text.lines().filter(|line| !known.contains(line)).map(str::trim).collect()
}

fn tell(lines: &[&str], sign: &str) -> Result<(), Error> {
    for line in lines.iter().take(MOST_TOLD) {
        output::line(format_args!("{sign} {line}"))?;
    }
    if let Some(more) = lines.len().checked_sub(MOST_TOLD).filter(|more| *more > 0) {
        output::line(format_args!("{sign} and {more} more"))?;
    }
    Ok(())
}

/// The catalogue as declarations for the npm package, which merges them with its own `Register`. Ids alone: what people read may
/// change without a word here.
fn typescript(state: &State) -> String {
    let catalogue = state.index().policy().catalogue();
    let mut text = "// Written by `rolewright codegen --lang ts`: do not edit.\n\
                    import \"rolewright\";\n\n\
                    declare module \"rolewright\" {\n  interface Register {\n    readonly catalogue: {\n      readonly permissions: {\n"
        .to_owned();
    for (handle, permission) in catalogue.handles().zip(catalogue.permissions()) {
        let levels = catalogue.scale(handle).into_iter().flat_map(|scale| scale.levels());
        let levels = levels.map(|level| quoted(&level.id)).collect::<Vec<_>>().join(" | ");
        line(&mut text, &format!("        readonly {}: {levels};", quoted(permission.id())));
    }
    text.push_str("      };\n      readonly operations: {\n");
    for operation in &state.documents().catalogue.operations {
        let resources = operation.resources.iter();
        let resources =
            resources.map(|(name, pattern)| format!("readonly {}: {}", quoted(name), path(pattern)));
        let resources = resources.collect::<Vec<_>>().join("; ");
        let resources = if resources.is_empty() {
            "Record<string, never>".to_owned()
        } else {
            format!("{{ {resources} }}")
        };
        line(&mut text, &format!("        readonly {}: {resources};", quoted(&operation.id)));
    }
    text.push_str("      };\n    };\n  }\n}\n");
    text
}

fn line(text: &mut String, line: &str) {
    // A text takes whatever is written.
    _ = writeln!(text, "{line}");
}

fn quoted(id: &str) -> String {
    json!(id).to_string()
}

/// The paths of a pattern as a type: `servers/{server}` is any text where the variable is.
fn path(pattern: &str) -> String {
    let segments = pattern.split('/').map(|part| if part.starts_with('{') { "${string}" } else { part });
    format!("`{}`", segments.collect::<Vec<_>>().join("/"))
}
