//! What a person sees: one line when a step starts, one when it ends with how long it took.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::workspace::Failed;

static TO_STDERR: AtomicBool = AtomicBool::new(false);

/// From now on steps are told on standard error: standard output is the command's result.
pub(crate) fn to_stderr() {
    TO_STDERR.store(true, Ordering::Relaxed);
}

/// Tells a person what is being done.
pub(crate) fn say(line: &str) {
    if TO_STDERR.load(Ordering::Relaxed) {
        eprintln!("{line}");
    } else {
        println!("{line}");
    }
}

/// Reports a step that had nothing to do.
pub(crate) fn up_to_date(name: &str) {
    say(&format!("{} {name} {}", paint(GREEN, "✓"), paint(DIM, "up to date")));
}

/// Does a step: says what is being done, then that it is `done` and how long it took.
///
/// A failing step shows in full what the program that failed had printed. The error goes on to the caller.
pub(crate) fn run<T>(name: &str, doing: &str, done: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    measured(name, doing, work, |_| done.to_owned())
}

/// As [`run`], where the closing words depend on the result.
pub(crate) fn measured<T>(
    name: &str,
    doing: &str,
    work: impl FnOnce() -> Result<T>,
    done: impl FnOnce(&T) -> String,
) -> Result<T> {
    say(&format!("{} {name} {}", paint(DIM, "·"), paint(DIM, doing)));
    let start = Instant::now();
    let result = work();
    let time = paint(DIM, &seconds(start.elapsed()));
    match &result {
        Ok(value) => say(&format!("{} {name} {}  {time}", paint(GREEN, "✓"), done(value))),
        Err(error) => {
            if let Some(failed) = error.downcast_ref::<Failed>() {
                say(&format!("\n{}\n", failed.output.trim_end()));
            }
            say(&format!("{} {name} failed  {time}", paint(RED, "✗")));
        }
    }
    result
}

/// `12.3 s`, or `2 min 04 s` from a minute on.
pub(crate) fn seconds(time: Duration) -> String {
    if time.as_secs() < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60)
    }
}

/// The colour of what went well.
pub(crate) const GREEN: &str = "32";
/// The colour of what did not.
pub(crate) const RED: &str = "31";
/// For what matters less.
pub(crate) const DIM: &str = "2";

/// Colours text on a terminal, unless `NO_COLOR` asks for none.
pub(crate) fn paint(colour: &str, text: &str) -> String {
    let is_terminal = if TO_STDERR.load(Ordering::Relaxed) {
        io::stderr().is_terminal()
    } else {
        io::stdout().is_terminal()
    };
    if is_terminal && std::env::var_os("NO_COLOR").is_none() {
        format!("\u{1b}[{colour}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}
