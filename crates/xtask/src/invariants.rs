//! What must never be: which part may reach which, proved from cargo's own dependency graph.
//!
//! ARCHITECTURE.md states these as "Invariant:" lines; this is the code that holds them.

use std::fs;

use anyhow::{Result, bail};

use crate::assets;
use crate::workspace::{Failed, Workspace};

/// A crate that must not be reached from another, on a given target.
struct Absence {
    from: &'static str,
    target: &'static str,
    never: &'static [&'static str],
}

const WASM: &str = "wasm32-unknown-unknown";

/// Nothing that is downloaded carries a server's machinery; the model is pure, wherever it is compiled.
const ABSENCES: [Absence; 3] = [
    Absence { from: "rolewright-admin", target: WASM, never: &["tokio", "axum", "sqlx", "sqlx-core"] },
    Absence { from: "rolewright-checker", target: WASM, never: &["tokio", "axum", "sqlx", "sqlx-core"] },
    Absence {
        from: "rolewright-model",
        target: "all",
        never: &[
            "wasm-bindgen",
            "js-sys",
            "web-sys",
            "tokio",
            "getrandom",
            "rand",
            "async-trait",
            "futures-core",
        ],
    },
];

/// Which way the parts may point: each crate, and the only crates of the product it may name.
const DIRECTIONS: [(&str, &[&str]); 10] = [
    ("rolewright-model", &[]),
    ("rolewright-wire", &["rolewright-model"]),
    ("rolewright-store", &["rolewright-model"]),
    ("rolewright-checker", &["rolewright-model"]),
    ("rolewright-yew", &[]),
    ("rolewright-admin", &["rolewright-yew", "rolewright-wire", "rolewright-model"]),
    ("rolewright-server", &["rolewright-store", "rolewright-wire", "rolewright-model"]),
    (
        "rolewright-tests",
        &[
            "rolewright-model",
            "rolewright-wire",
            "rolewright-store",
            "rolewright-server",
            "rolewright-checker",
        ],
    ),
    ("rolewright-example-rust", &["rolewright-model"]),
    ("xtask", &[]),
];

/// What the model's code never names: the world outside, and anything that does not answer at once.
const UNSPOKEN: [&str; 10] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::io",
    "SystemTime",
    "Instant",
    "async fn",
    "println!",
];

/// How many proofs there are.
pub(crate) const COUNT: usize = 1 + ABSENCES.len() + DIRECTIONS.len() + UNSPOKEN.len();

/// Proves them all, or says which do not hold and how the forbidden crate is reached.
pub(crate) fn prove(workspace: &Workspace) -> Result<()> {
    let mut broken = Vec::new();
    if workspace.ask(workspace.cargo().args(["tree", "--locked", "--workspace", "--depth", "0"])).is_err() {
        broken.push(
            "Cargo.lock does not say what the Cargo.toml files ask for: run `cargo check` and commit it"
                .to_owned(),
        );
    }
    for absence in &ABSENCES {
        let reached = tree(workspace, absence.from, &["--target", absence.target])?;
        for never in absence.never.iter().filter(|never| reached.iter().any(|name| name == *never)) {
            let how = [
                "tree",
                "--package",
                absence.from,
                "--target",
                absence.target,
                "--edges",
                "normal",
                "--invert",
                never,
            ];
            let path = workspace.ask(workspace.cargo().args(how)).unwrap_or_default();
            broken.push(format!("{} must not reach {never}, and does:\n{path}", absence.from));
        }
    }
    for (from, allowed) in &DIRECTIONS {
        for named in tree(workspace, from, &["--target", "all", "--depth", "1"])? {
            let ours = named.starts_with("rolewright-") || named == "xtask";
            if ours && named != *from && !allowed.contains(&named.as_str()) {
                broken.push(format!("{from} must not depend on {named}, and its Cargo.toml does"));
            }
        }
    }
    for file in assets::files_below(&workspace.path("crates/model/src"))? {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for word in UNSPOKEN.iter().filter(|word| line.contains(*word)) {
                broken.push(format!(
                    "the model is pure, and {} says {word}: {}",
                    file.display(),
                    line.trim()
                ));
            }
        }
    }
    if broken.is_empty() {
        return Ok(());
    }
    let what = format!("{} of {COUNT} invariants do not hold", broken.len());
    bail!(Failed { what, output: broken.join("\n") })
}

/// The names of the crates that one depends on, itself among them.
fn tree(workspace: &Workspace, package: &str, options: &[&str]) -> Result<Vec<String>> {
    let command = &mut workspace.cargo();
    command.args(["tree", "--package", package, "--edges", "normal", "--prefix", "none"]).args(options);
    let listing = workspace.ask(command)?;
    Ok(listing.lines().filter_map(|line| line.split(' ').next().map(str::to_owned)).collect())
}
