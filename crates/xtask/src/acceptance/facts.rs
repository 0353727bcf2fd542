//! The acceptance list: numbered facts about real systems, in the words in which they were read out of their documents.

use std::fmt;
use std::fs;
use std::str::FromStr;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

const LIST: &str = "tests/acceptance/facts.txt";

/// The number of a fact, `S1-22`: of which document, and where in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Number {
    document: u16,
    fact: u16,
}

impl Number {
    /// The number that a text is, with `dash` between its parts: `S1-22`, or `s1_22` in Rust's names.
    pub(super) fn parse(text: &str, dash: char) -> Option<Self> {
        let (document, fact) = text.strip_prefix(['S', 's'])?.split_once(dash)?;
        Some(Self { document: document.parse().ok()?, fact: fact.parse().ok()? })
    }
}

impl FromStr for Number {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text, '-').with_context(|| format!("`{text}` is no fact's number: write one like S1-22"))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "S{}-{}", self.document, self.fact)
    }
}

/// One fact: its number and its own sentence, of one line or more.
pub(super) struct Fact {
    pub(super) number: Number,
    pub(super) sentence: String,
}

impl Fact {
    /// Whether it is about something that a person sees, which a browser alone can prove.
    pub(super) fn is_of_interface(&self) -> bool {
        ["[screen]", "[col]", "[dlg]", "[field]", "[btn]", "[msg]"]
            .iter()
            .any(|kind| self.sentence.starts_with(kind))
    }
}

/// The facts of one system.
pub(super) struct System {
    pub(super) name: String,
    pub(super) facts: Vec<Fact>,
}

/// Every system with its facts, as the list has them.
pub(super) fn all(workspace: &Workspace) -> Result<Vec<System>> {
    let text = fs::read_to_string(workspace.path(LIST)).with_context(|| format!("{LIST} cannot be read"))?;
    read(&text)
}

/// A system is a line after `# `, a fact a line that begins with its number, and what is indented below it goes on with it.
fn read(text: &str) -> Result<Vec<System>> {
    let mut systems: Vec<System> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(name) = line.strip_prefix("# ") {
            systems.push(System { name: name.to_owned(), facts: Vec::new() });
            continue;
        }
        let Some(facts) = systems.last_mut().map(|system| &mut system.facts) else {
            bail!("{LIST}: `{line}` stands above the first system");
        };
        if line.starts_with(char::is_whitespace) {
            let Some(fact) = facts.last_mut() else {
                bail!("{LIST}: `{}` goes on with nothing", line.trim())
            };
            fact.sentence = format!("{}\n{}", fact.sentence, line.trim());
        } else {
            let (number, sentence) = line.split_once(' ').unwrap_or((line, ""));
            facts.push(Fact { number: number.parse()?, sentence: sentence.trim().to_owned() });
        }
    }
    Ok(systems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_stand_below_their_system_and_go_on_where_they_are_indented() {
        let systems = read("# Mail\n\nS0-2  [screen] Users.\nS0-24 [data] Admin:\n      users | roles\n# Cloud\nS1-1 [rule] Roles\n")
            .unwrap();
        let told: Vec<_> = systems
            .iter()
            .flat_map(|system| &system.facts)
            .map(|fact| (fact.number.to_string(), fact.sentence.as_str(), fact.is_of_interface()))
            .collect();
        assert_eq!(
            told,
            [
                ("S0-2".to_owned(), "[screen] Users.", true),
                ("S0-24".to_owned(), "[data] Admin:\nusers | roles", false),
                ("S1-1".to_owned(), "[rule] Roles", false)
            ]
        );
        assert!(read("S0-1 above\n").is_err() && read("# Mail\nno number\n").is_err());
    }
}
