//! What is said of a command line that is wrong: what, where, and what to do, in one line.

use std::error::Error as _;
use std::ffi::OsStr;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

/// What is wrong with a command line of that program, or with the environment that it reads.
pub(super) fn told(error: &clap::Error, program: &Command) -> String {
    let help = help(error);
    let said = |kind| one(error, kind);
    match error.kind() {
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let (name, value) =
                (said(ContextKind::InvalidArg), said(ContextKind::InvalidValue).unwrap_or_default());
            let arg = name.as_deref().and_then(|name| found(program, name));
            let name = arg.map_or_else(|| bare(&name.unwrap_or_default()), |arg| source(arg, &value));
            if value.is_empty() && arg.is_none_or(|arg| !arg.is_hide_env_values_set()) {
                return format!("`{name}` needs a value: {}", why(error).unwrap_or(help));
            }
            refused(&name, &value, arg, error)
        }
        ErrorKind::UnknownArgument => {
            let name = said(ContextKind::InvalidArg).unwrap_or_default();
            let is_word = !name.starts_with('-');
            let wrong = if is_word {
                format!("`{name}` is a word too many")
            } else {
                format!("there is no `{name}` here")
            };
            format!("{wrong}: {}", meant(error).unwrap_or(help))
        }
        ErrorKind::InvalidSubcommand => {
            let name = said(ContextKind::InvalidSubcommand).unwrap_or_default();
            format!("there is no command `{name}`: {}", meant(error).unwrap_or(help))
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = many(error, ContextKind::InvalidArg);
            format!("{} missing: {help}", listed(&missing, " is", " are"))
        }
        ErrorKind::ArgumentConflict => {
            let (name, other) =
                (said(ContextKind::InvalidArg).unwrap_or_default(), many(error, ContextKind::PriorArg));
            match other.as_slice() {
                [] => format!("`{}` is said more than once: say it once", bare(&name)),
                others if others.contains(&name) => {
                    format!("`{}` is said more than once: say it once", bare(&name))
                }
                others => format!(
                    "`{}` and {} exclude one another: leave one out",
                    bare(&name),
                    listed(others, "", "")
                ),
            }
        }
        ErrorKind::NoEquals => {
            let name = said(ContextKind::InvalidArg).unwrap_or_default();
            format!("`{}` takes its value after `=`: {help}", bare(&name))
        }
        // As clap says it, in one line.
        _ => {
            let text = error.to_string();
            let first = text.split("\n\n").next().unwrap_or_default();
            let first = first.strip_prefix("error: ").unwrap_or(first);
            first.split_whitespace().collect::<Vec<_>>().join(" ")
        }
    }
}

/// That a setting or an option cannot have a value, and why; of a secret neither, for both may repeat it.
pub(super) fn refused(name: &str, value: &str, arg: Option<&Arg>, error: &clap::Error) -> String {
    if arg.is_some_and(Arg::is_hide_env_values_set) {
        return format!("`{name}` is not valid");
    }
    let why = why(error).unwrap_or_else(|| "it is not of the right kind".to_owned());
    format!("`{name}` cannot be `{}`: {why}", value.escape_debug())
}

/// Why a value is none, and what to write.
fn why(error: &clap::Error) -> Option<String> {
    match (error.source(), error.get(ContextKind::ValidValue)) {
        (Some(why), _) => {
            let (why, value) = (why.to_string(), one(error, ContextKind::InvalidValue).unwrap_or_default());
            let rest = why.strip_prefix(&format!("`{}` is ", value.escape_debug()));
            Some(rest.map_or_else(|| why.clone(), |rest| format!("it is {rest}")))
        }
        (None, Some(ContextValue::Strings(known))) if !known.is_empty() => {
            Some(format!("choose one of {}", known.join(", ")))
        }
        _ => None,
    }
}

/// What may be meant instead.
fn meant(error: &clap::Error) -> Option<String> {
    let kinds = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand];
    // Clap tells the likeliest last.
    let meant = kinds.into_iter().flat_map(|kind| many(error, kind)).last()?;
    Some(format!("say `{}`, if that is meant", bare(&meant)))
}

/// Where it says what there is: `see rolewright key list --help`.
fn help(error: &clap::Error) -> String {
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => usage.to_string(),
        _ => String::new(),
    };
    // Before it stands the program as it was called.
    let words = usage.split_whitespace().skip_while(|word| *word != "Usage:").skip(2);
    let names = words.take_while(|word| !word.starts_with(['-', '<', '[']));
    let names: String = names.map(|name| format!(" {name}")).collect();
    format!("see `rolewright{names} --help`")
}

/// `--port <PORT>` as `--port`.
fn bare(name: &str) -> String {
    let first = name.split([' ', '[']).next().unwrap_or_default();
    if first.is_empty() { name.to_owned() } else { first.trim_end_matches("...").to_owned() }
}

/// The option of that name, in whichever command: what it is in one, it is in all.
fn found<'p>(program: &'p Command, name: &str) -> Option<&'p Arg> {
    let long = bare(name);
    let own =
        program.get_arguments().find(|arg| arg.get_long().is_some_and(|own| long == format!("--{own}")));
    own.or_else(|| program.get_subcommands().find_map(|command| found(command, name)))
}

/// What said it: the flag, or the variable where it is that.
fn source(arg: &Arg, value: &str) -> String {
    let flag = format!("--{}", arg.get_long().unwrap_or_default());
    let says = |variable: &OsStr| {
        std::env::var_os(variable).is_some_and(|said| said.to_string_lossy().contains(value))
    };
    let is_flag = std::env::args().any(|word| word == flag || word.starts_with(&format!("{flag}=")));
    match arg.get_env() {
        Some(variable) if !is_flag && says(variable) => variable.to_string_lossy().into_owned(),
        _ => flag,
    }
}

fn one(error: &clap::Error, kind: ContextKind) -> Option<String> {
    many(error, kind).into_iter().next()
}

fn many(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(one)) => vec![one.clone()],
        Some(ContextValue::Strings(all)) => all.clone(),
        _ => Vec::new(),
    }
}

/// What is missing or in the way, and the verb that goes with it. Of a group, `<--name <NAME>|--scope <PATH>>`, one is enough.
fn listed(names: &[String], is: &str, are: &str) -> String {
    let told = |name: &String| match name.strip_prefix('<').and_then(|name| name.strip_suffix('>')) {
        Some(group) if group.contains('|') => {
            let each: Vec<String> = group.split('|').map(|name| format!("`{name}`")).collect();
            format!("one of {}", each.join(", "))
        }
        _ => format!("`{name}`"),
    };
    let all: Vec<String> = names.iter().map(told).collect();
    match all.as_slice() {
        [only] => format!("{only}{is}"),
        [all @ .., last] => format!("{} and {last}{are}", all.join(", ")),
        [] => is.to_owned(),
    }
}
