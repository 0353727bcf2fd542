//! The settings of `rolewright serve` in layers: a flag goes before the environment, that before the file,
//! and that before the default.
//!
//! [`Options`](super::serve::Options) defines each setting once: its name, its variable, its default and what
//! it means. What a file says becomes the command line's defaults, so that one parser reads all layers.
//!
//! A setting of which the values must not be shown is one with `hide_env_values`.

use std::fmt;
use std::path::{Path, PathBuf};

use clap::builder::Resettable;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use rolewright_store::why_not;
use toml::de::{DeTable, DeValue};

use super::{Error, misread, misspelt};

/// What stands where a secret would.
const MASKED: &str = "********";

/// A file of settings, of which every value is good.
pub(super) struct File {
    path: PathBuf,
    values: Vec<(String, Vec<String>)>,
}

impl fmt::Debug for File {
    /// Without the values: some are secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("path", &self.path).finish_non_exhaustive()
    }
}

impl File {
    /// Reads a file: TOML, each key the name of a flag of that command, without its dashes before.
    ///
    /// # Errors
    /// Where it cannot be read, and the first line that is wrong.
    pub(super) fn read(path: &Path, command: &Command) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::failed(format!("cannot read the settings in `{}`: {}", path.display(), why_not(&error)))
        })?;
        let wrong = |at: usize, why: &str| {
            let line = text.get(..at).unwrap_or_default().matches('\n').count().saturating_add(1);
            Error::failed(format!("{}:{line}: {why}", path.display()))
        };
        let table = DeTable::parse(&text).map_err(|error| {
            let why = format!("{}; write NAME = \"VALUE\", a line a setting", error.message());
            wrong(error.span().map_or(0, |span| span.start), &why)
        })?;
        let mut table: Vec<_> = table.get_ref().iter().collect();
        table.sort_by_key(|(key, _)| key.span().start);
        let mut values = Vec::new();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let Some(setting) = all(command).find(|setting| self::name(setting) == name) else {
                let known: Vec<_> = all(command).map(self::name).collect();
                let why = match misspelt::nearest(name, &known) {
                    Some(meant) => {
                        format!("there is no setting `{name}`: say `{meant}`, if that is meant")
                    }
                    None => format!("there is no setting `{name}`; there are {}", known.join(", ")),
                };
                return Err(wrong(key.span().start, &why));
            };
            let told = texts(value.get_ref(), is_list(setting));
            let told = told.map_err(|why| wrong(value.span().start, &format!("`{name}` {why}")))?;
            check(command, setting, &told).map_err(|why| wrong(value.span().start, &why))?;
            values.push((name.to_owned(), told));
        }
        Ok(Self { path: path.to_owned(), values })
    }

    /// How many settings it says.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// The same command, with what the file says for its defaults.
    pub(super) fn under(&self, command: Command) -> Command {
        self.values.iter().fold(command, |command, (name, values)| {
            command.mut_args(|arg| {
                if arg.get_long() == Some(name) { arg.default_values(values.clone()) } else { arg }
            })
        })
    }

    fn says(&self, setting: &Arg) -> bool {
        self.values.iter().any(|(known, _)| known == name(setting))
    }
}

/// Every setting of a command: what an environment variable can say too, but for the file itself.
pub(super) fn all(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| arg.get_env().is_some() && arg.get_id() != "config")
}

/// The setting's name: in a file, and after the dashes of its flag.
pub(super) fn name(setting: &Arg) -> &str {
    setting.get_long().unwrap_or_default()
}

/// Whether it takes several values.
pub(super) fn is_list(setting: &Arg) -> bool {
    matches!(setting.get_action(), ArgAction::Append)
}

/// A setting as it is in force.
#[derive(Debug)]
pub(super) struct InForce<'s> {
    /// Which.
    pub(super) setting: &'s Arg,
    /// What it says, secrets masked; none where it is not set.
    pub(super) value: Option<Vec<String>>,
    /// Which layer said so.
    pub(super) from: String,
}

/// Every setting as it is in force.
pub(super) fn in_force<'s>(
    command: &'s Command,
    matches: &ArgMatches,
    file: Option<&File>,
) -> Vec<InForce<'s>> {
    let one = |setting: &'s Arg| {
        let id = setting.get_id().as_str();
        let value = matches
            .get_raw(id)
            .map(|values| values.map(|value| shown(setting, &value.to_string_lossy())).collect::<Vec<_>>());
        let from = match (matches.value_source(id), file.filter(|file| file.says(setting))) {
            (Some(ValueSource::CommandLine), _) => format!("--{}", name(setting)),
            (Some(ValueSource::EnvVariable), _) => variable(setting),
            (_, Some(file)) => file.path.display().to_string(),
            _ => "default".to_owned(),
        };
        InForce { setting, value, from }
    };
    all(command).map(one).collect()
}

/// The name of the setting's environment variable.
pub(super) fn variable(setting: &Arg) -> String {
    setting.get_env().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn shown(setting: &Arg, value: &str) -> String {
    if setting.is_hide_env_values_set() { MASKED.to_owned() } else { value.to_owned() }
}

/// The texts of a value, as a command line would say them.
fn texts(value: &DeValue<'_>, is_list: bool) -> Result<Vec<String>, String> {
    if let DeValue::Array(items) = value
        && is_list
    {
        return items.iter().map(|item| text(item.get_ref())).collect();
    }
    text(value).map(|text| vec![text])
}

fn text(value: &DeValue<'_>) -> Result<String, String> {
    match value {
        DeValue::String(text) => Ok(text.as_ref().to_owned()),
        DeValue::Boolean(is) => Ok(is.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map(|number| number.to_string())
            .map_err(|_| "is too large a number".to_owned()),
        DeValue::Float(number) => Ok(number.as_str().to_owned()),
        other => Err(format!("cannot be of the type {}", other.type_str())),
    }
}

/// Whether these can be the setting's values.
fn check(command: &Command, setting: &Arg, values: &[String]) -> Result<(), String> {
    let alone = command.clone().no_binary_name(true).mut_args(|arg| arg.env(Resettable::Reset));
    for value in values {
        let name = name(setting);
        let Err(error) = alone.clone().try_get_matches_from([format!("--{name}={value}")]) else { continue };
        return Err(misread::refused(name, value, Some(setting), &error));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command() -> Command {
        let secret = Arg::new("smtp-url").long("smtp-url").env("TEST_SMTP_URL").hide_env_values(true);
        let port = Arg::new("port").long("port").env("TEST_PORT").value_parser(clap::value_parser!(u16));
        let secret = secret.value_parser(|url: &str| match url.contains("://") {
            true => Ok(url.to_owned()),
            false => Err(format!("{url} is no address")),
        });
        Command::new("serve").arg(secret).arg(port.default_value("1"))
    }

    fn file(name: &str, text: &str) -> Result<File, Error> {
        let path = std::env::temp_dir().join(format!("rolewright-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        let read = File::read(&path, &command());
        _ = std::fs::remove_file(path);
        read
    }

    #[test]
    fn a_secret_is_masked_wherever_it_comes_from() {
        let from_file = file("secret", "smtp-url = 'smtp://me:hunter2@mail'").unwrap();
        let matches = from_file.under(command()).get_matches_from(["serve"]);
        let from_flag = command().get_matches_from(["serve", "--smtp-url", "smtp://me:hunter2@mail"]);
        for (matches, file) in [(matches, Some(&from_file)), (from_flag, None)] {
            let command = command();
            let told = in_force(&command, &matches, file);
            assert_eq!(told[0].value, Some(vec![MASKED.to_owned()]));
            assert!(!format!("{told:?}").contains("hunter2"));
        }
    }

    #[test]
    fn a_secret_that_is_not_valid_is_not_repeated() {
        let error = file("wrong", "\nsmtp-url = 'hunter2'").unwrap_err();
        assert!(error.message.ends_with(":2: `smtp-url` is not valid"), "{}", error.message);
    }

    #[test]
    fn a_name_that_is_no_setting_is_told_with_the_one_that_is_most_like_it() {
        for (name, told) in [
            ("smtp_url", "there is no setting `smtp_url`: say `smtp-url`, if that is meant"),
            ("SMTP-URL", "there is no setting `SMTP-URL`: say `smtp-url`, if that is meant"),
            ("prot", "there is no setting `prot`: say `port`, if that is meant"),
            ("colour", "there is no setting `colour`; there are smtp-url, port"),
        ] {
            let error = file("name", &format!("{name} = 1")).unwrap_err();
            assert!(error.message.ends_with(told), "{}", error.message);
        }
    }

    #[test]
    fn a_value_of_the_file_is_a_default() {
        let file = file("default", "port = 0x10").unwrap();
        for (arguments, port) in [(&["serve"][..], 16), (&["serve", "--port", "3"], 3)] {
            let matches = file.under(command()).get_matches_from(arguments);
            assert_eq!(matches.get_one::<u16>("port"), Some(&port));
        }
    }
}
