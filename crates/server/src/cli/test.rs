//! `rolewright test`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use rolewright_model::{Context, State};
use serde_json::json;

use super::{Error, validate};
use crate::clock::Clock;

/// The options of `rolewright test`.
#[derive(Args, Debug)]
pub struct Options {
    /// The policy document, with its tests; `-` is standard input
    file: PathBuf,
    /// Answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Asks the tests of a policy document, and shows which it answers otherwise. A document that is
/// not valid is not asked.
///
/// # Errors
/// Where it cannot be read.
pub fn run(options: &Options) -> Result<ExitCode, Error> {
    let name = options.file.display();
    let policy = match validate::read(&options.file)? {
        Ok(policy) => policy,
        Err(problems) => return Ok(validate::tell(&options.file, &problems, options.json)),
    };
    let context = Context { now: Clock::default().now(), id: "test".to_owned() };
    let state = match State::begin(&policy, &context) {
        Ok(begun) => begun.state,
        Err(refusal) => return Ok(validate::tell(&options.file, &refusal.problems, options.json)),
    };
    let results = state.run_tests(context.now);
    let failed = results.iter().filter(|result| !result.passed).count();
    if options.json {
        println!("{}", json!({ "passed": results.len() - failed, "failed": failed, "tests": results }));
    } else {
        for result in results.iter().filter(|result| !result.passed) {
            println!("{}: expected {}, answered {}", result.name, result.expected, result.answered);
        }
        match (results.len(), failed) {
            (0, _) => println!("{name} has no tests: write some under `tests`"),
            (all, 0) => println!("{name}: all {all} tests pass"),
            (all, failed) => eprintln!("error: {failed} of {all} tests of {name} fail"),
        }
    }
    Ok(ExitCode::from(u8::from(failed > 0)))
}
