//! `rolewright validate`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use rolewright_model::{Problem, counted};
use serde_json::json;

use super::policy_file::{self, Read};
use super::{Error, output};

/// The options of `rolewright validate`.
#[derive(Args, Debug)]
pub struct Options {
    /// The policy document, or what `export` wrote, of which the policy is read; `-` is standard input
    file: PathBuf,
    /// Answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Shows everything that is wrong with a policy document.
///
/// # Errors
/// Where it cannot be read.
pub fn run(options: &Options) -> Result<ExitCode, Error> {
    match policy_file::read(&options.file)? {
        Ok(Read { policy, has_people }) => {
            let (roles, packages) = (policy.roles.len(), policy.packages.len());
            if options.json {
                let answer =
                    json!({ "valid": true, "name": policy.name, "roles": roles, "packages": packages });
                output::line(answer)?;
            } else {
                let what = if has_people { "the policy in " } else { "" };
                output::line(format_args!(
                    "{what}{} is valid: {}, {}",
                    policy_file::named(&options.file),
                    counted(roles, "role", "roles"),
                    counted(packages, "package", "packages"),
                ))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(problems) => tell(&options.file, &problems, options.json),
    }
}

/// Shows everything that is wrong with the policy in a file.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn tell(file: &Path, problems: &[Problem], as_json: bool) -> Result<ExitCode, Error> {
    if as_json {
        output::line(json!({ "valid": false, "errors": problems }))?;
    } else {
        for problem in problems {
            output::line(format_args!("{problem}"))?;
        }
        let what = counted(problems.len(), "thing is", "things are");
        output::aside(format_args!("error: {what} wrong with {}", policy_file::named(file)));
    }
    Ok(ExitCode::from(1))
}
