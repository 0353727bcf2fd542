//! What the tests proved: which facts each names, and what came of it, from the logs of the steps that ran them.

use std::fmt;
use std::fs;

use anyhow::{Context, Result, bail};

use super::facts::Number;
use crate::assets;
use crate::workspace::Workspace;

/// The steps whose tests may name facts.
const STEPS: [&str; 2] = ["rust", "surfaces"];

/// Where the decision cases stand, and the test that asks them all.
const CASES: &str = "tests/cases";
const ASKED_BY: &str = "every_case_is_answered_as_expected";

/// How a fact is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// By the app in a real browser, with the real server.
    Browser,
    /// By the server, over HTTP.
    Http,
    /// By decision cases, which every surface answers alike.
    Cases,
    /// By a test of the model.
    Model,
    /// By a test of a part by itself.
    Unit,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Browser => "browser",
            Self::Http => "HTTP",
            Self::Cases => "cases",
            Self::Model => "model",
            Self::Unit => "unit",
        })
    }
}

/// A test, or a file of cases, the facts that it names, and whether it passed.
#[derive(Debug, PartialEq)]
pub(super) struct Proof {
    pub(super) facts: Vec<Number>,
    pub(super) test: String,
    pub(super) kind: Kind,
    pub(super) passed: bool,
}

/// Every proof there is of the last run; an error where a step has not run.
pub(super) fn all(workspace: &Workspace) -> Result<Vec<Proof>> {
    let mut logs = String::new();
    for step in STEPS {
        let path = workspace.path("target/xtask/log").join(format!("{step}.log"));
        let log = fs::read(&path)
            .with_context(|| format!("nothing is known of {step}: run `cargo xtask test --only {step}`"))?;
        logs.push_str(&String::from_utf8_lossy(&log));
        logs.push('\n');
    }
    let mut proofs = reported(&logs);
    proofs.extend(cases(workspace, &logs)?);
    Ok(proofs)
}

/// What cargo's test runner and `tests/facts-reporter.mjs` say of tests that name facts.
fn reported(logs: &str) -> Vec<Proof> {
    let mut proofs = Vec::new();
    let mut kind = Kind::Unit;
    for line in logs.lines().map(str::trim) {
        if let Some(program) = line.strip_prefix("Running ") {
            kind = of_program(program);
        } else if let Some((name, result)) = rust(line) {
            let (facts, _) = named(name.rsplit("::").next().unwrap_or(name), '_', &["_"]);
            proofs.push(Proof { facts, test: format!("`{name}`"), kind, passed: result == "ok" });
        } else if let Some((result, file, name)) = node(line) {
            let (facts, name) = named(name, '-', &[", ", ": ", " "]);
            let kind = if file.starts_with("tests/e2e/") { Kind::Browser } else { Kind::Unit };
            proofs.push(Proof { facts, test: format!("`{file}`: {name}"), kind, passed: result == "passed" });
        }
    }
    proofs.retain(|proof| !proof.facts.is_empty());
    proofs
}

/// `tests/http/main.rs (target/debug/deps/http-0123)`, `unittests src/lib.rs (...)`
fn of_program(program: &str) -> Kind {
    if program.starts_with("unittests") {
        Kind::Unit
    } else if program.starts_with("tests/http") {
        Kind::Http
    } else {
        Kind::Model
    }
}

/// `test changes::s4_25_a_role ... ok`: the name and the result.
fn rust(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("test ")?.split_once(" ... ")
}

/// `fact passed tests/e2e/users.test.mjs S0-2, S0-3: Users has columns`: the result, the file and the name.
fn node(line: &str) -> Option<(&str, &str, &str)> {
    let (result, rest) = line.strip_prefix("fact ")?.split_once(' ')?;
    let (file, name) = rest.split_once(' ')?;
    Some((result, file, name))
}

/// The numbers that a name begins with, and what follows them.
fn named<'a>(name: &'a str, dash: char, between: &[&str]) -> (Vec<Number>, &'a str) {
    let (mut facts, mut rest) = (Vec::new(), name);
    loop {
        let digits = |text: &str| text.find(|it: char| !it.is_ascii_digit()).unwrap_or(text.len());
        let Some(at) = rest.find(dash) else { break };
        let end = at + 1 + rest.get(at + 1..).map_or(0, digits);
        let Some(number) = rest.get(..end).and_then(|text| Number::parse(text, dash)) else { break };
        facts.push(number);
        let after = rest.get(end..).unwrap_or_default();
        rest = between.iter().find_map(|text| after.strip_prefix(text)).unwrap_or(after);
    }
    (facts, rest)
}

/// A proof for each file of cases: the facts of its cases, where the test that asks them passed.
fn cases(workspace: &Workspace, logs: &str) -> Result<Vec<Proof>> {
    let asked = logs.lines().filter_map(|line| rust(line.trim())).find(|(name, _)| *name == ASKED_BY);
    let Some((_, result)) = asked else {
        bail!("no test is called {ASKED_BY}, which asks the decision cases")
    };
    let mut proofs = Vec::new();
    for path in assets::files_below(&workspace.path(CASES))? {
        let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        proofs.push(Proof {
            facts: of_cases(&text),
            test: format!("`{CASES}/{file}`"),
            kind: Kind::Cases,
            passed: result == "ok",
        });
    }
    Ok(proofs)
}

/// The facts that a file's cases name, once each.
fn of_cases(text: &str) -> Vec<Number> {
    let names = text.lines().filter_map(|line| line.trim().strip_prefix("\"name\": \""));
    let mut facts: Vec<_> = names.flat_map(|name| named(name, '-', &[", ", ": ", " "]).0).collect();
    facts.sort_unstable();
    facts.dedup();
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(proofs: &[Proof]) -> Vec<(String, &str, Kind, bool)> {
        let numbers = |proof: &Proof| proof.facts.iter().map(Number::to_string).collect::<Vec<_>>().join(" ");
        proofs.iter().map(|proof| (numbers(proof), proof.test.as_str(), proof.kind, proof.passed)).collect()
    }

    #[test]
    fn a_test_proves_the_facts_whose_numbers_begin_its_name() {
        let log = "     Running tests/changes.rs (target/debug/deps/changes-0123)\n\
                   test s4_25_a_role_that_a_package_carries_is_not_deleted ... ok\n\
                   test s1_33_s1_40_everyone_is_promoted ... FAILED\n\
                   test a_role_is_renamed ... ok\n\
                   test s2_has_no_number ... ok\n\
                   Running tests/http/main.rs (target/debug/deps/http-0123)\n\
                   test assigned::s1_15_a_role_says_to_how_many ... ok\n\
                   test s1_16_is_slow ... ignored\n\
                   fact passed tests/e2e/users.test.mjs S0-2, S0-3: Users has columns\n\
                   fact failed tests/e2e/story.test.mjs S0-30 a report builder\n\
                   fact passed tests/e2e/story.test.mjs no number\n";
        let row = |numbers: &str, test, kind, passed| (numbers.to_owned(), test, kind, passed);
        assert_eq!(
            told(&reported(log)),
            [
                row("S4-25", "`s4_25_a_role_that_a_package_carries_is_not_deleted`", Kind::Model, true),
                row("S1-33 S1-40", "`s1_33_s1_40_everyone_is_promoted`", Kind::Model, false),
                row("S1-15", "`assigned::s1_15_a_role_says_to_how_many`", Kind::Http, true),
                row("S1-16", "`s1_16_is_slow`", Kind::Http, false),
                row("S0-2 S0-3", "`tests/e2e/users.test.mjs`: Users has columns", Kind::Browser, true),
                row("S0-30", "`tests/e2e/story.test.mjs`: a report builder", Kind::Browser, false),
            ]
        );
    }

    #[test]
    fn a_file_of_cases_names_each_fact_once() {
        let text = "      \"name\": \"S0-24 Admin holds logs.view\",\n\"name\": \"Report builder\",\n\
                    \"name\": \"S0-24 Admin holds mail.view\",\n\"name\": \"S0-5, S0-22 nobody\",\n";
        assert_eq!(
            of_cases(text).iter().map(Number::to_string).collect::<Vec<_>>(),
            ["S0-5", "S0-22", "S0-24"]
        );
    }
}
