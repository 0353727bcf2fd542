//! `rolewright test`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use rolewright_model::policy_test::{PolicyTest, TestResult};
use rolewright_model::{Context, State, counted};
use serde_json::json;

use super::{Error, output, policy_file, validate};
use crate::clock::Clock;

/// The options of `rolewright test`.
#[derive(Args, Debug)]
pub struct Options {
    /// The policy document with its tests, or what `export` wrote, of which the policy is read; `-` is standard input
    file: PathBuf,
    /// Answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Asks the tests of a policy document, and shows which it answers otherwise. A document that is
/// not valid is not asked. Tests about users are passed over: a policy has none.
///
/// # Errors
/// Where it cannot be read.
pub fn run(options: &Options) -> Result<ExitCode, Error> {
    let name = policy_file::named(&options.file);
    let policy = match policy_file::read(&options.file)? {
        Ok(read) => read.policy,
        Err(problems) => return validate::tell(&options.file, &problems, options.json),
    };
    let context = Context { now: Clock::default().now(), id: "test".to_owned() };
    let state = match State::begin(&policy, &context) {
        Ok(begun) => begun.state,
        Err(refusal) => return validate::tell(&options.file, &refusal.problems, options.json),
    };
    let tests = &state.documents().tests;
    let skipped: Vec<&PolicyTest> = tests.iter().filter(|test| test.names_users()).collect();
    let asked = state.run_tests(context.now).into_iter().zip(tests.iter());
    let results: Vec<TestResult> =
        asked.filter(|(_, test)| !test.names_users()).map(|(result, _)| result).collect();
    let failed = results.iter().filter(|result| !result.passed).count();
    if options.json {
        output::line(json!({
            "passed": results.len() - failed,
            "failed": failed,
            "skipped": skipped.iter().map(|test| &test.name).collect::<Vec<_>>(),
            "tests": results,
        }))?;
    } else {
        for result in results.iter().filter(|result| !result.passed) {
            output::line(format_args!(
                "{}: expected {}, answered {}",
                result.name, result.expected, result.answered
            ))?;
        }
        if !skipped.is_empty() {
            output::line(format_args!(
                "{name}: {} about users, and asked in a tenant alone",
                counted(skipped.len(), "test is", "tests are")
            ))?;
        }
        match (results.len(), failed) {
            (0, _) if !skipped.is_empty() => {}
            (0, _) => output::line(format_args!("{name} has no tests: write some under `tests`"))?,
            (all, 0) => {
                output::line(format_args!("{name}: {}", counted(all, "test passes", "tests pass")))?;
            }
            (all, failed) => {
                let (tests, fail) =
                    (counted(all, "test", "tests"), if failed == 1 { "fails" } else { "fail" });
                output::aside(format_args!("error: {failed} of {tests} of {name} {fail}"));
            }
        }
    }
    Ok(ExitCode::from(u8::from(failed > 0)))
}
