//! `rolewright config`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches as _};
use rolewright_model::counted;
use serde_json::{Value, json};

use super::advice::{Advice, advice};
use super::settings::{self, File, InForce};
use super::{Error, fresh, misread, output, serve};

/// The options of `rolewright config`: those of `rolewright serve`, whose settings it shows, and its own.
#[derive(Args, Debug)]
#[group(skip)]
pub struct Options {
    #[command(flatten)]
    pub(super) serve: serve::Options,
    /// Show every setting that there is, and what it means, as a file to begin with
    #[arg(long, conflicts_with = "check")]
    reference: bool,
    /// Only say whether a file of settings is good
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
}

/// Shows the settings in force and where each comes from. They are printed as TOML, so that what is shown
/// can be kept as a file.
///
/// # Errors
/// Where a file is not good.
pub(super) fn run(
    options: &Options,
    command: &Command,
    matches: &ArgMatches,
    file: Option<&File>,
) -> Result<ExitCode, Error> {
    let as_json = options.serve.json;
    if let Some(path) = &options.check {
        return check(path, command, as_json);
    }
    if options.reference {
        tell(as_json, settings::all(command), reference, described)?;
    } else {
        tell(as_json, settings::in_force(command, matches, file).iter(), effective, |one| {
            let value = one.value.as_ref().map(|values| value(one.setting, values));
            json!({ "name": settings::name(one.setting), "value": value, "from": one.from })
        })?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Says whether the server starts with what that file and the environment say together, and is of use.
fn check(path: &Path, command: &Command, as_json: bool) -> Result<ExitCode, Error> {
    let file = File::read(path, command)?;
    let name = path.display();
    let (wrong, doubts): (Vec<Advice>, Vec<Advice>) = together(&file, command)
        .map_err(|error| error.about(&name))?
        .into_iter()
        .partition(|advice| advice.is_wrong);
    let [wrong, doubts] = [wrong, doubts].map(|all| all.into_iter().map(|it| it.told).collect::<Vec<_>>());
    let is_good = wrong.is_empty();
    if as_json {
        output::line(
            json!({ "valid": is_good, "settings": file.len(), "errors": wrong, "warnings": doubts }),
        )?;
    } else {
        wrong.iter().for_each(|told| output::aside(format_args!("error: {name}: {told}")));
        doubts.iter().for_each(|told| output::aside(format_args!("warning: {name}: {told}")));
        if is_good {
            output::line(format_args!("{name} is good: {}", counted(file.len(), "setting", "settings")))?;
        }
    }
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// What is wrong with what that file and the environment say together.
///
/// # Errors
/// What the server would not start with.
fn together(file: &File, command: &Command) -> Result<Vec<Advice>, Error> {
    let layered = file.under(command.clone()).try_get_matches_from([command.get_name()]);
    let options = layered.and_then(|matches| Options::from_arg_matches(&matches));
    let options = options.map_err(|error| Error::usage(misread::told(&error, command)))?.serve;
    options.mail.mailer()?;
    if let Some(template) = &options.template {
        fresh::read_template(template)?;
    }
    match super::misspelt().as_slice() {
        [] => Ok(advice(&options)),
        all => Err(Error::failed(all.join("; "))),
    }
}

fn tell<T: Copy>(
    as_json: bool,
    all: impl Iterator<Item = T>,
    text: impl Fn(T) -> String,
    json: impl Fn(T) -> Value,
) -> Result<(), Error> {
    if as_json {
        output::line(json!({ "settings": all.map(json).collect::<Vec<_>>() }))
    } else {
        output::line(all.map(text).collect::<Vec<_>>().join("\n"))
    }
}

fn effective(one: &InForce<'_>) -> String {
    let name = settings::name(one.setting);
    match &one.value {
        Some(values) => format!("{:<40} # {}", assignment(name, &value(one.setting, values)), one.from),
        None => format!("# {name} is not set"),
    }
}

fn reference(setting: &Arg) -> String {
    let name = settings::name(setting);
    let example = match defaults(setting) {
        Some(default) => assignment(name, &default),
        None => format!("{name} is not set"),
    };
    let help = help(setting);
    format!("# {help}\n# --{name}, {}\n# {example}\n", settings::variable(setting))
}

fn described(setting: &Arg) -> Value {
    json!({
        "name": settings::name(setting),
        "flag": format!("--{}", settings::name(setting)),
        "environment": settings::variable(setting),
        "default": defaults(setting),
        "help": help(setting),
    })
}

fn help(setting: &Arg) -> String {
    setting.get_help().map(ToString::to_string).unwrap_or_default()
}

fn defaults(setting: &Arg) -> Option<Value> {
    let values: Vec<String> =
        setting.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    (!values.is_empty()).then(|| value(setting, &values))
}

/// A setting's value as JSON and TOML both write it.
fn value(setting: &Arg, values: &[String]) -> Value {
    let one = |text: &String| match (text.parse::<i64>(), text.parse::<bool>()) {
        (Ok(number), _) => json!(number),
        (_, Ok(is)) => json!(is),
        _ => json!(text),
    };
    match values {
        [only] if !settings::is_list(setting) => one(only),
        all => all.iter().map(one).collect(),
    }
}

fn assignment(name: &str, value: &Value) -> String {
    format!("{name} = {value}")
}
