//! The table of facts and their proofs, in Markdown, the same whenever the tests are the same.

use std::fmt::Write as _;

use super::facts::{Fact, System};
use super::proofs::{Kind, Proof};

/// The table, how many facts it has, and a line for each that is not proved.
pub(super) struct Table {
    pub(super) text: String,
    pub(super) facts: usize,
    pub(super) open: Vec<String>,
}

/// What the file says of itself.
const ABOUT: &str = "\
Numbered facts about five real systems, in the words in which they were read out of their documents; each holds in Rolewright with
that system's template loaded. `cargo xtask acceptance` makes this file of `acceptance/facts.txt` and of what the last
`cargo xtask test` reported: a test proves the facts whose numbers begin its name. What a person sees (`[screen]`, `[col]`,
`[dlg]`, `[field]`, `[btn]`, `[msg]`) is proved in a real browser or not at all. A row without such a test is open, and one whose
test failed says so; the step `acceptance` of `cargo xtask test` fails where this file is not what the tests say.

Kinds: `browser`, the app in Chromium with the real server; `HTTP`, the server; `cases`, decision cases that every surface answers
alike; `model` and `unit`, Rust tests.
";

/// Makes the table: a row for each fact, with every test that names it.
pub(super) fn make(systems: &[System], proofs: &[Proof]) -> Table {
    let mut rows = String::new();
    let (mut facts, mut open) = (0, Vec::new());
    for system in systems {
        let _ = write!(
            rows,
            "\n## {}\n\n| | fact | test | kind | result |\n| --- | --- | --- | --- | --- |\n",
            system.name
        );
        for fact in &system.facts {
            let mut proofs: Vec<_> =
                proofs.iter().filter(|proof| proof.facts.contains(&fact.number)).collect();
            proofs.sort_by_key(|proof| (proof.kind, proof.test.as_str()));
            let result = result(fact, &proofs);
            facts += 1;
            if result != PROVED {
                open.push(format!("{} {result}: {}", fact.number, fact.sentence.replace('\n', " ")));
            }
            let tests: Vec<_> = proofs.iter().map(|proof| proof.test.as_str()).collect();
            let mut kinds: Vec<_> = proofs.iter().map(|proof| proof.kind.to_string()).collect();
            kinds.dedup();
            // A star in what a person wrote is a star, and begins no italics.
            let (sentence, tests) = (cell(&fact.sentence).replace('*', "\\*"), cell(&tests.join("\n")));
            let _ = writeln!(
                rows,
                "| {} | {sentence} | {tests} | {} | {result} |",
                fact.number,
                kinds.join(", ")
            );
        }
    }
    let proved = facts - open.len();
    let text = format!(
        "# The acceptance list\n\n{facts} facts, {proved} proved, {} open.\n\n{ABOUT}{rows}",
        open.len()
    );
    Table { text, facts, open }
}

const PROVED: &str = "proved";

fn result(fact: &Fact, proofs: &[&Proof]) -> &'static str {
    if proofs.iter().any(|proof| !proof.passed) {
        "failed"
    } else if proofs.is_empty() {
        "open"
    } else if fact.is_of_interface() && !proofs.iter().any(|proof| proof.kind == Kind::Browser) {
        "open: no browser"
    } else {
        PROVED
    }
}

/// Text that stands in one cell as it is.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('\n', "<br>")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(number: &str, sentence: &str) -> Fact {
        Fact { number: number.parse().unwrap(), sentence: sentence.to_owned() }
    }

    fn proof(number: &str, kind: Kind, passed: bool) -> Proof {
        Proof { facts: vec![number.parse().unwrap()], test: format!("`{kind}`"), kind, passed }
    }

    #[test]
    fn a_fact_is_proved_where_all_its_tests_passed_and_one_is_of_its_kind() {
        let facts = vec![
            fact("S0-1", "[rule] Held | not"),
            fact("S0-2", "[screen] Users."),
            fact("S0-3", "[col] Name."),
            fact("S0-4", "[data] Yes*"),
            fact("S0-5", "[rule] Nobody asks"),
        ];
        let proofs = [
            proof("S0-1", Kind::Model, true),
            proof("S0-2", Kind::Http, true),
            proof("S0-3", Kind::Unit, true),
            proof("S0-3", Kind::Browser, true),
            proof("S0-4", Kind::Cases, true),
            proof("S0-4", Kind::Model, false),
        ];
        let table = make(&[System { name: "Mail".to_owned(), facts }], &proofs);
        let rows: Vec<_> = table.text.lines().filter(|line| line.starts_with("| S")).collect();
        assert_eq!(
            rows,
            [
                "| S0-1 | [rule] Held \\| not | `model` | model | proved |",
                "| S0-2 | [screen] Users. | `HTTP` | HTTP | open: no browser |",
                "| S0-3 | [col] Name. | `browser`<br>`unit` | browser, unit | proved |",
                "| S0-4 | [data] Yes\\* | `cases`<br>`model` | cases, model | failed |",
                "| S0-5 | [rule] Nobody asks |  |  | open |",
            ]
        );
        assert!(table.text.contains("\n5 facts, 2 proved, 3 open.\n"));
        assert_eq!((table.facts, table.open.len()), (5, 3));
    }
}
