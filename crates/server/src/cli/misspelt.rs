//! Variables of the environment that are named like settings, and are none.

use std::ffi::OsString;

use clap::Command;

/// What the names of this program's variables begin with.
const PREFIX: &str = "ROLEWRIGHT_";
/// What apps beside the server read, which may have its environment.
const OF_APPS: [&str; 3] = ["ROLEWRIGHT_URL", "ROLEWRIGHT_KEY", "ROLEWRIGHT_TENANT"];
/// From which likeness on a name may be meant, of 0 to 1.
const ALIKE: f64 = 0.7;

/// What is to be told of each variable that no command reads, by name; what it says may be a secret.
pub(super) fn misspelt(program: &Command, variables: impl Iterator<Item = OsString>) -> Vec<String> {
    let mut known = Vec::new();
    settings(program, &mut known);
    let mut told: Vec<String> = variables
        .filter_map(|name| name.into_string().ok())
        .filter(|name| name.starts_with(PREFIX) && !known.contains(name) && !OF_APPS.contains(&&**name))
        .map(|name| match nearest_variable(&name, &known) {
            Some(meant) => format!("there is no variable `{name}`: say `{meant}`, if that is meant"),
            None => {
                format!(
                    "there is no variable `{name}`: `rolewright config --reference` shows which there are"
                )
            }
        })
        .collect();
    told.sort();
    told
}

/// The variables of a command and of those in it.
fn settings(command: &Command, known: &mut Vec<String>) {
    let names = command.get_arguments().filter_map(|arg| arg.get_env());
    known.extend(names.map(|name| name.to_string_lossy().into_owned()));
    command.get_subcommands().for_each(|command| settings(command, known));
}

/// The variable that may be meant: that all begin alike says nothing.
fn nearest_variable<'k>(name: &str, known: &'k [String]) -> Option<&'k str> {
    let part = |name: &'k str| name.strip_prefix(PREFIX).unwrap_or(name);
    let parts: Vec<&str> = known.iter().map(|known| part(known)).collect();
    let meant = nearest(name.strip_prefix(PREFIX).unwrap_or(name), &parts)?;
    known.iter().map(String::as_str).find(|known| part(known) == meant)
}

/// The name that may be meant, if one is alike, in whichever case and with `_` for `-`.
pub(super) fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let plain = |name: &str| name.to_ascii_lowercase().replace('_', "-");
    let name = plain(name);
    let alike =
        known.iter().map(|known| (strsim::normalized_damerau_levenshtein(&name, &plain(known)), *known));
    let (most, known) = alike.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (most >= ALIKE).then_some(known)
}

#[cfg(test)]
mod tests {
    use clap::Arg;

    use super::*;

    #[test]
    fn a_variable_that_is_none_is_told_with_the_one_that_is_most_like_it() {
        let arg = |name: &'static str, variable: &'static str| Arg::new(name).long(name).env(variable);
        let serve = Command::new("serve")
            .arg(arg("smtp-url", "ROLEWRIGHT_SMTP_URL"))
            .arg(arg("trusted-proxy", "ROLEWRIGHT_TRUSTED_PROXY"));
        let program = Command::new("rolewright").subcommand(serve);
        for (name, told) in [
            ("ROLEWRIGHT_SMTP_URL", None),
            ("ROLEWRIGHT_KEY", None),
            ("PATH", None),
            ("ROLEWRIGHT_SMTPURL", Some("`ROLEWRIGHT_SMTP_URL`")),
            ("ROLEWRIGHT_TRUSTED_PROXIES", Some("`ROLEWRIGHT_TRUSTED_PROXY`")),
            ("ROLEWRIGHT_COLOUR", Some("`rolewright config --reference`")),
        ] {
            let found = misspelt(&program, [OsString::from(name)].into_iter());
            match (told, found.as_slice()) {
                (None, []) => {}
                (Some(told), [only]) => {
                    assert!(only.contains(told) && only.contains(&format!("`{name}`")), "{only}");
                }
                _ => panic!("{name}: {found:?}"),
            }
        }
    }
}
