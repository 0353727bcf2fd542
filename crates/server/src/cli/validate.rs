//! `rolewright validate`.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use rolewright_model::PolicyDocument;
use serde_json::json;

use super::Error;

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
    let text = if options.file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(&options.file)
    };
    let text = text.map_err(|error| Error::failed(format!("cannot read `{name}`: {error}")))?;
    match PolicyDocument::from_json(&text) {
        Ok(policy) => {
            let (roles, packages) = (policy.roles.len(), policy.packages.len());
            if options.json {
                let answer =
                    json!({ "valid": true, "name": policy.name, "roles": roles, "packages": packages });
                println!("{answer}");
            } else {
                println!("{name} is valid: {roles} roles, {packages} packages");
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(problems) => {
            if options.json {
                println!("{}", json!({ "valid": false, "errors": problems }));
            } else {
                for problem in &problems {
                    println!("{problem}");
                }
                let what = if problems.len() == 1 {
                    "1 thing is"
                } else {
                    &format!("{} things are", problems.len())
                };
                eprintln!("error: {what} wrong with {name}");
            }
            Ok(ExitCode::from(1))
        }
    }
}
