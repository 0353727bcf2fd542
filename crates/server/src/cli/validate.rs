//! `rolewright validate`.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use rolewright_model::{PolicyDocument, Problem};
use serde_json::json;

use super::{Error, output};

/// The options of `rolewright validate`.
#[derive(Args, Debug)]
pub struct Options {
    /// The policy document; `-` is standard input
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
    let name = options.file.display();
    match read(&options.file)? {
        Ok(policy) => {
            let (roles, packages) = (policy.roles.len(), policy.packages.len());
            if options.json {
                let answer =
                    json!({ "valid": true, "name": policy.name, "roles": roles, "packages": packages });
                output::line(answer)?;
            } else {
                output::line(format_args!("{name} is valid: {roles} roles, {packages} packages"))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(problems) => tell(&options.file, &problems, options.json),
    }
}

/// The policy in a file, or everything that is wrong with it.
///
/// # Errors
/// Where it cannot be read.
pub(super) fn read(file: &Path) -> Result<Result<PolicyDocument, Vec<Problem>>, Error> {
    Ok(PolicyDocument::from_json(&text(file)?))
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
    text.map_err(|error| Error::failed(format!("cannot read `{}`: {error}", file.display())))
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
        let what = if problems.len() == 1 { "1 thing is" } else { &format!("{} things are", problems.len()) };
        output::aside(format_args!("error: {what} wrong with {}", file.display()));
    }
    Ok(ExitCode::from(1))
}
