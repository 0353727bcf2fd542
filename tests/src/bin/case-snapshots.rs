//! Writes for every file of decision cases what the checkers ask: `case-snapshots FOLDER`.
//!
//! Each `FOLDER/NAME.json` holds the cases with their questions, the text of the answers that the
//! model gives natively, the full and the policy snapshot in base64, and for each case the pass and
//! the subject snapshot of who asks. Nothing is signed: the tests do that with a key of their own.
#![expect(clippy::print_stdout, reason = "a command line tool")]

use std::path::PathBuf;
use std::{env, fs};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rolewright_tests::{CaseFile, answer, case_files};
use serde_json::{Value, json};

const TENANT: &str = "default";

fn main() -> Result<(), String> {
    let folder = env::args_os().nth(1).map(PathBuf::from).ok_or("usage: case-snapshots FOLDER")?;
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let files = case_files()?;
    for (stem, file) in &files {
        let prepared = prepare(file).map_err(|error| format!("{stem}: {error}"))?;
        let path = folder.join(stem).with_extension("json");
        fs::write(&path, prepared.to_string()).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    println!("{}", files.len());
    Ok(())
}

fn prepare(file: &CaseFile) -> Result<Value, String> {
    let state = file.state()?;
    let mut subjects: Vec<String> = Vec::new();
    let mut cases = Vec::new();
    for case in &file.cases {
        let question = case.question(file.at)?;
        let expect = answer(&state, &question);
        if !case.is_answered_by(&expect) {
            return Err(format!("{}: expected {}, answered {expect}", case.name, case.expect));
        }
        let at = question.at.unwrap_or(file.at);
        let session = question.session.unwrap_or(state.at());
        let pass = state.pass(TENANT, &question.subject, session, at);
        let subject = state.encode_subject(TENANT, &question.subject, question.session, at);
        let subject = subject.map(|snapshot| base64(&snapshot)).map(|snapshot| {
            subjects.iter().position(|known| *known == snapshot).unwrap_or_else(|| {
                subjects.push(snapshot);
                subjects.len() - 1
            })
        });
        cases.push(json!({
            "name": case.name,
            "question": question,
            "expect": expect,
            "pass": pass,
            "subject": subject,
        }));
    }
    Ok(json!({
        "full": base64(&state.encode(TENANT, &[])),
        "policy": base64(&state.encode_policy(TENANT, &[])),
        "subjects": subjects,
        "cases": cases,
    }))
}

fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
