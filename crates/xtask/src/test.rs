//! `cargo xtask test`: everything that can be proved about a checkout, one line a step.
//!
//! A failed step does not stop the others, save those that need what it makes; these count as failed too, for nothing is
//! skipped silently. The order serves the impatient: what is quick comes first, and what compiles is reused by what follows.
//! Two run at a time, where they are not in each other's way.

mod schedule;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Args;

use self::schedule::{Lane, Scheduled};
use crate::step::{self, DIM, GREEN, RED, paint};
use crate::workspace::{Failed, Workspace};
use crate::{acceptance, build, chromium, conformance, deny, failures, invariants, mail_server, npm, tools};

/// The options of `cargo xtask test`.
#[derive(Args)]
pub(crate) struct Options {
    /// Also run the long tests: faults, version matrices, a million decision cases
    #[arg(long)]
    thorough: bool,
    /// Run only this step, and what it needs; may be given several times
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// List the steps and run none
    #[arg(long)]
    list: bool,
}

/// One step: what it is called, what must have succeeded before it, what it keeps for itself meanwhile, and what it does.
struct Step {
    name: &'static str,
    about: &'static str,
    needs: &'static [&'static str],
    lane: Lane,
    work: fn(&Run<'_>) -> Result<Tally>,
}

impl Scheduled for Step {
    fn name(&self) -> &'static str {
        self.name
    }

    fn needs(&self) -> &'static [&'static str] {
        self.needs
    }

    fn lane(&self) -> Lane {
        self.lane
    }
}

/// How many steps run at a time.
const TOGETHER: usize = 2;

/// In the order in which they begin, where nothing is in the way.
const STEPS: [Step; 21] = [
    Step { name: "fmt", about: "every Rust file is formatted", needs: &[], lane: Lane::Light, work: fmt },
    Step {
        name: "invariants",
        about: "which part may reach which",
        needs: &[],
        lane: Lane::Light,
        work: prove,
    },
    Step {
        name: "setup",
        about: "wasm target, pinned tools, npm packages",
        needs: &[],
        lane: Lane::Artefacts,
        work: setup,
    },
    Step { name: "clippy", about: "lints of the native crates", needs: &[], lane: Lane::Debug, work: clippy },
    Step {
        name: "clippy-wasm",
        about: "lints of the admin app and the checker",
        needs: &["setup"],
        lane: Lane::Debug,
        work: clippy_wasm,
    },
    Step {
        name: "model-wasm",
        about: "the model compiles for wasm32",
        needs: &["setup"],
        lane: Lane::Debug,
        work: model_wasm,
    },
    Step {
        name: "checker",
        about: "the checker's wasm and npm package",
        needs: &["setup"],
        lane: Lane::Artefacts,
        work: checker,
    },
    Step { name: "admin", about: "the admin app", needs: &["setup"], lane: Lane::Artefacts, work: admin },
    Step {
        name: "server",
        about: "the server, with the admin app inside",
        needs: &["admin"],
        lane: Lane::Debug,
        work: server,
    },
    Step {
        name: "rust",
        about: "unit, store, HTTP and documentation tests",
        needs: &["server"],
        lane: Lane::Machine,
        work: rust,
    },
    Step {
        name: "admin-unit",
        about: "unit tests of the admin app's pure parts",
        needs: &[],
        lane: Lane::Debug,
        work: admin_unit,
    },
    Step {
        name: "typecheck",
        about: "TypeScript of every npm package",
        needs: &["checker"],
        lane: Lane::Light,
        work: typecheck,
    },
    Step {
        name: "js-checker",
        about: "tests of the checker package",
        needs: &["checker"],
        lane: Lane::Machine,
        work: js_checker,
    },
    Step {
        name: "js-examples",
        about: "tests of the examples",
        needs: &["checker"],
        lane: Lane::Machine,
        work: js_examples,
    },
    Step {
        name: "chromium",
        about: "the browser that the tests drive",
        needs: &[],
        lane: Lane::System,
        work: browser,
    },
    Step {
        name: "widgets",
        about: "the admin app's widgets in Chromium, by wasm-bindgen-test",
        needs: &["setup", "chromium"],
        lane: Lane::Machine,
        work: widgets,
    },
    Step {
        name: "mail-server",
        about: "the mail server that the tests send to",
        needs: &[],
        lane: Lane::System,
        work: mail,
    },
    Step {
        name: "surfaces",
        about: "decision cases and stories in every runtime, in Chromium and over HTTP",
        needs: &["checker", "server", "chromium", "mail-server"],
        lane: Lane::Machine,
        work: surfaces,
    },
    Step {
        name: "acceptance",
        about: "the acceptance list says what those tests prove",
        needs: &["rust", "surfaces"],
        lane: Lane::Light,
        work: accept,
    },
    Step {
        name: "conformance",
        about: "the API answers as its description says (long: only with --thorough)",
        needs: &["server"],
        lane: Lane::Machine,
        work: conformance,
    },
    Step {
        name: "deny",
        about: "dependencies, licences and sources (long: only with --thorough)",
        needs: &[],
        lane: Lane::Artefacts,
        work: deny,
    },
];

/// What the steps share.
struct Run<'a> {
    workspace: &'a Workspace,
    thorough: bool,
}

/// What a step counted: its tests, or itself as one.
#[derive(Clone, Copy, Default)]
struct Tally {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Tally {
    const ONE: Self = Self { passed: 1, failed: 0, skipped: 0 };
    const LEFT_OUT: Self = Self { passed: 0, failed: 0, skipped: 1 };
    const FAILED: Self = Self { passed: 0, failed: 1, skipped: 0 };

    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Runs the chosen steps; an error if any of them failed.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if options.list {
        for step in &STEPS {
            println!("{:<12} {}", step.name, step.about);
        }
        return Ok(());
    }
    let start = Instant::now();
    let chosen = choose(&options.only)?;
    let run = Run { workspace, thorough: options.thorough };
    let ended = Mutex::new(Vec::new());
    let end = |step: &Step, tally, why| {
        ended.lock().unwrap_or_else(PoisonError::into_inner).push((step.name, tally, why));
    };
    let steps = STEPS.iter().filter(|step| chosen.contains(&step.name)).collect();
    schedule::run(
        steps,
        TOGETHER,
        |step| {
            let (tally, why) = attempt(&run, step);
            end(step, tally, why);
            tally.failed == 0
        },
        |step, need| {
            println!("{} {} not run: {need} failed", paint(RED, "✗"), step.name);
            end(step, Tally::FAILED, None);
        },
    );
    let mut ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    ended.sort_by_key(|(name, ..)| STEPS.iter().position(|step| step.name == *name));
    let mut total = Tally::default();
    ended.iter().for_each(|(_, tally, _)| total.add(*tally));
    let failed: Vec<&str> =
        ended.iter().filter(|(_, tally, _)| tally.failed > 0).map(|(name, ..)| *name).collect();

    for why in ended.iter().filter_map(|(.., why)| why.as_ref()).filter(|why| !why.is_empty()) {
        println!("\n{why}");
    }
    println!();
    let steps = format!("{} of {} steps", chosen.len() - failed.len(), chosen.len());
    println!("{steps} succeeded in {}", step::seconds(start.elapsed()));
    if !failed.is_empty() {
        println!("{} {}", paint(RED, "failed:"), failed.join(", "));
    }
    if total.skipped > 0 {
        println!("{} long tests were left out: run them with --thorough", total.skipped);
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if failed.is_empty() {
        Ok(())
    } else {
        bail!("not everything passed; each step's output is in target/xtask/log")
    }
}

/// The named steps and, in turn, all that they need.
fn choose(only: &[String]) -> Result<Vec<&'static str>> {
    if only.is_empty() {
        return Ok(STEPS.iter().map(|step| step.name).collect());
    }
    let mut chosen = Vec::new();
    let mut open = Vec::new();
    for name in only {
        match STEPS.iter().find(|step| step.name == name) {
            Some(step) => open.push(step),
            None => bail!("there is no step {name}: `cargo xtask test --list` names them"),
        }
    }
    while let Some(step) = open.pop() {
        if !chosen.contains(&step.name) {
            chosen.push(step.name);
            open.extend(STEPS.iter().filter(|other| step.needs.contains(&other.name)));
        }
    }
    Ok(chosen)
}

/// Runs one step and shows its line; and why its tests failed, to be told at the end of all. The steps that build show their
/// own lines.
fn attempt(run: &Run<'_>, step: &Step) -> (Tally, Option<String>) {
    if matches!(step.name, "setup" | "checker" | "admin" | "server" | "chromium" | "mail-server") {
        let tally = (step.work)(run).unwrap_or_else(|error| {
            println!("{} {}: {error:#}", paint(RED, "✗"), step.name);
            Tally::FAILED
        });
        return (tally, None);
    }
    match step::measured(step.name, step.about, || (step.work)(run), |tally| describe(*tally)) {
        Ok(tally) => (tally, None),
        Err(error) => {
            println!("  {error:#}");
            let Some(Failed { output, .. }) = error.downcast_ref() else { return (Tally::FAILED, None) };
            let counted = count(output);
            (Tally { failed: counted.failed.max(1), ..counted }, Some(failures::of(output)))
        }
    }
}

/// The closing words of a step's line.
fn describe(tally: Tally) -> String {
    match tally {
        Tally { passed: 0, skipped: 0, .. } => paint(DIM, "there are none"),
        Tally { passed: 1, skipped: 0, .. } => paint(GREEN, "ok"),
        Tally { passed, skipped: 0, .. } => format!("{passed} passed"),
        Tally { passed, skipped, .. } => {
            format!("{passed} passed {}", paint(DIM, &format!("({skipped} long ones left out)")))
        }
    }
}

/// Adds up what cargo's and Node's test runners report.
fn count(output: &str) -> Tally {
    let mut tally = Tally::default();
    for line in output.lines() {
        let line = line.trim().trim_start_matches(['#', 'ℹ']).trim_start();
        if let Some(rust) = line.strip_prefix("test result: ") {
            for part in rust.split(['.', ';']) {
                let mut words = part.split_whitespace();
                let (number, what) = (words.next().and_then(|word| word.parse().ok()), words.next());
                add(&mut tally, what, number);
            }
        } else if let Some((what, number)) = line.split_once(' ') {
            add(&mut tally, Some(what), number.parse().ok());
        }
    }
    tally
}

fn add(tally: &mut Tally, what: Option<&str>, number: Option<usize>) {
    match (what, number) {
        (Some("passed" | "pass"), Some(number)) => tally.passed += number,
        (Some("failed" | "fail" | "cancelled"), Some(number)) => tally.failed += number,
        (Some("ignored" | "skipped" | "todo"), Some(number)) => tally.skipped += number,
        _ => {}
    }
}

/// The crates that are only ever WebAssembly.
const BUT_WASM: [&str; 7] = [
    "--workspace",
    "--exclude",
    "rolewright-admin",
    "--exclude",
    "rolewright-yew",
    "--exclude",
    "rolewright-checker",
];
const WASM_ONLY: [&str; 8] = [
    "--package",
    "rolewright-admin",
    "--package",
    "rolewright-yew",
    "--package",
    "rolewright-checker",
    "--target",
    "wasm32-unknown-unknown",
];

impl Run<'_> {
    fn cargo(&self, name: &str, arguments: &[&[&str]]) -> Result<String> {
        self.workspace.run(name, self.workspace.cargo().args(arguments.concat()))
    }

    /// The tests of one npm package. A run in which no test ran has proved nothing, and fails.
    fn npm_test(&self, name: &str, package: &str, variables: &[(&str, PathBuf)]) -> Result<Tally> {
        let mut command = npm::script(self.workspace, "test", package);
        command.envs(variables.iter().map(|(variable, value)| (variable, value)));
        if self.thorough {
            command.env("ROLEWRIGHT_THOROUGH", "1");
        }
        let output = self.workspace.run(name, &mut command)?;
        match count(&output) {
            Tally { passed: 0, .. } => bail!(Failed { what: format!("no test ran in {package}"), output }),
            tally => Ok(tally),
        }
    }
}

fn fmt(run: &Run<'_>) -> Result<Tally> {
    run.cargo("fmt", &[&["fmt", "--all", "--check", "--", "--color", "never"]]).map(|_| Tally::ONE)
}

fn prove(run: &Run<'_>) -> Result<Tally> {
    invariants::prove(run.workspace)?;
    Ok(Tally { passed: invariants::COUNT, ..Tally::default() })
}

fn setup(run: &Run<'_>) -> Result<Tally> {
    build::prepare(run.workspace).map(|()| Tally::ONE)
}

fn clippy(run: &Run<'_>) -> Result<Tally> {
    run.cargo("clippy", &[&["clippy"], &BUT_WASM, &["--all-targets", "--", "-D", "warnings"]])
        .map(|_| Tally::ONE)
}

fn clippy_wasm(run: &Run<'_>) -> Result<Tally> {
    run.cargo("clippy-wasm", &[&["clippy"], &WASM_ONLY, &["--", "-D", "warnings"]]).map(|_| Tally::ONE)
}

fn model_wasm(run: &Run<'_>) -> Result<Tally> {
    let package = ["check", "--package", "rolewright-model", "--target", "wasm32-unknown-unknown"];
    run.cargo("model-wasm", &[&package]).map(|_| Tally::ONE)
}

fn checker(run: &Run<'_>) -> Result<Tally> {
    build::checker(run.workspace).map(|()| Tally::ONE)
}

fn admin(run: &Run<'_>) -> Result<Tally> {
    build::admin(run.workspace).map(|()| Tally::ONE)
}

fn server(run: &Run<'_>) -> Result<Tally> {
    build::server(run.workspace, false).map(|_| Tally::ONE)
}

fn rust(run: &Run<'_>) -> Result<Tally> {
    let mut command = run.workspace.cargo();
    command.args([&["test"], &BUT_WASM[..], &["--no-fail-fast"]].concat());
    if run.thorough {
        // The properties read the variable: they ask a million questions instead of 20,000, which is a matter of minutes where
        // they are compiled for speed. What overflows is found still.
        let target = run.workspace.path("target/thorough");
        command.arg("--target-dir").arg(target).env("CARGO_PROFILE_DEV_OPT_LEVEL", "2");
        command.args(["--", "--include-ignored"]).env("ROLEWRIGHT_THOROUGH", "1");
    }
    run.workspace.run("rust", &mut command).map(|output| count(&output))
}

/// What the admin app works out without a browser is compiled and tested natively.
fn admin_unit(run: &Run<'_>) -> Result<Tally> {
    let packages = ["test", "--package", "rolewright-admin", "--package", "rolewright-yew"];
    run.cargo("admin-unit", &[&packages]).map(|output| count(&output))
}

/// What the admin app is made of is compiled to WebAssembly and tested in a browser.
fn widgets(run: &Run<'_>) -> Result<Tally> {
    let script = run.workspace.path("tests/widgets/run.mjs");
    let runner =
        format!("target.wasm32-unknown-unknown.runner=[\"node\", {:?}]", script.display().to_string());
    let mut command = run.workspace.cargo();
    command.args([
        "test",
        "--package",
        "rolewright-admin",
        "--target",
        "wasm32-unknown-unknown",
        "--config",
        &runner,
    ]);
    command.env("WASM_BINDGEN_TEST_RUNNER", tools::program(run.workspace, "wasm-bindgen-test-runner"));
    command.env("CHROMIUM", chromium::find_or_install(run.workspace)?);
    run.workspace.run("widgets", &mut command).map(|output| count(&output))
}

fn typecheck(run: &Run<'_>) -> Result<Tally> {
    let mut command = run.workspace.command("npm");
    run.workspace
        .run("typecheck", command.args(["run", "typecheck", "--workspaces", "--if-present"]))
        .map(|_| Tally::ONE)
}

fn js_checker(run: &Run<'_>) -> Result<Tally> {
    run.npm_test("js-checker", "www/checker", &[])
}

/// An example may leave its tests to the surfaces.
fn js_examples(run: &Run<'_>) -> Result<Tally> {
    let mut tally = Tally::default();
    for example in npm::examples(run.workspace)? {
        if npm::has_script(run.workspace, "test", &example)? {
            tally.add(run.npm_test("js-examples", &example, &[])?);
        }
    }
    Ok(tally)
}

fn conformance(run: &Run<'_>) -> Result<Tally> {
    if !run.thorough {
        return Ok(Tally::LEFT_OUT);
    }
    conformance::ask(run.workspace, 50, 1).map(|()| Tally::ONE)
}

fn deny(run: &Run<'_>) -> Result<Tally> {
    if !run.thorough {
        return Ok(Tally::LEFT_OUT);
    }
    deny::check(run.workspace, false).map(|()| Tally::ONE)
}

fn browser(run: &Run<'_>) -> Result<Tally> {
    let found = chromium::find_or_install(run.workspace)?;
    println!("{} chromium {}", paint(GREEN, "✓"), paint(DIM, &found.display().to_string()));
    Ok(Tally::ONE)
}

fn mail(run: &Run<'_>) -> Result<Tally> {
    let found = mail_server::find_or_install(run.workspace)?;
    println!("{} aiosmtpd {}", paint(GREEN, "✓"), paint(DIM, &found.display().to_string()));
    Ok(Tally::ONE)
}

fn surfaces(run: &Run<'_>) -> Result<Tally> {
    let variables = [
        ("ROLEWRIGHT_BIN", build::server_binary(run.workspace, false)),
        ("CHROMIUM", chromium::find_or_install(run.workspace)?),
        ("PYTHON", mail_server::find_or_install(run.workspace)?),
    ];
    run.npm_test("surfaces", "tests", &variables)
}

/// What the steps before have reported; a fact is no test of its own, so it counts as one.
fn accept(run: &Run<'_>) -> Result<Tally> {
    let proved = acceptance::check(run.workspace)?;
    if proved.open > 0 {
        println!("  {} of {} facts are proved by no test yet", proved.open, proved.facts);
    }
    Ok(Tally::ONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_both_test_runners_report() {
        let rust = "running 3 tests\ntest result: ok. 3 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
                    test result: FAILED. 1 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        let tally = count(rust);
        assert_eq!((tally.passed, tally.failed, tally.skipped), (4, 4, 2));
        let node = "# tests 9\n# suites 0\n# pass 7\n# fail 1\n# cancelled 0\n# skipped 1\n# todo 0\n# duration_ms 12.5\n";
        let tally = count(node);
        assert_eq!((tally.passed, tally.failed, tally.skipped), (7, 1, 1));
        assert_eq!(count("ℹ pass 5\nℹ fail 0\n").passed, 5);
    }

    #[test]
    fn a_chosen_step_brings_what_it_needs() {
        let chosen = choose(&["rust".into()]).unwrap();
        assert_eq!(
            {
                let mut names = chosen;
                names.sort_unstable();
                names
            },
            ["admin", "rust", "server", "setup"]
        );
        assert!(choose(&["no-such-step".into()]).is_err());
    }

    #[test]
    fn what_a_step_needs_runs_before_it() {
        for (place, step) in STEPS.iter().enumerate() {
            assert!(
                step.needs.iter().all(|need| STEPS.iter().take(place).any(|earlier| earlier.name == *need)),
                "{}",
                step.name
            );
        }
    }
}
