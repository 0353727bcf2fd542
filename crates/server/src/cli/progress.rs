//! How far work on many rows is, and what is to be known of them.

use std::io::{self, IsTerminal as _};

use rolewright_wire::bulk::{Line, RowOutcome, RowResult};
use rolewright_wire::secret::Secret;
use rolewright_wire::user::Delivery;

use super::{Error, output};

/// After how many rows it is told anew how far it is.
const STEP: usize = 100;

/// How far it is, for who watches; what is to be known of rows stands above it.
pub(super) struct Progress {
    as_json: bool,
    is_tried: bool,
    is_watched: bool,
    rows: usize,
    done: usize,
}

impl Progress {
    /// Of rows that are only tried, or made.
    pub(super) fn new(as_json: bool, is_tried: bool) -> Self {
        // Lines of JSON on the same screen would be broken by it.
        let is_watched = io::stderr().is_terminal() && !(as_json && io::stdout().is_terminal());
        Self { as_json, is_tried, is_watched, rows: 0, done: 0 }
    }

    /// Tells a line of the answer.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(super) fn tell(&mut self, line: &Line) -> Result<(), Error> {
        if self.as_json {
            output::line(super::json(line))?;
        }
        match line {
            Line::Rows(rows) => self.rows = *rows,
            Line::Row(row) => {
                self.done = self.done.saturating_add(1);
                if !self.as_json {
                    self.row(row)?;
                }
                if self.is_watched && self.done.is_multiple_of(STEP) {
                    output::part_aside(format_args!("\r{} of {} rows", self.done, self.rows));
                }
            }
            Line::Done(_) | Line::Stopped(_) => self.clear(),
        }
        Ok(())
    }

    fn row(&self, row: &RowResult) -> Result<(), Error> {
        let said = |text: &str| {
            self.clear();
            output::line(format_args!("row {} ({}): {text}", row.row, row.subject))
        };
        match row.result {
            RowOutcome::Refused => said(row.problem.as_ref().map_or("", |problem| problem.detail.as_str()))?,
            RowOutcome::Changed if self.is_tried => said(&row.changes.join("; "))?,
            _ => {}
        }
        row.remarks.iter().map(String::as_str).chain(invited(row).as_deref()).try_for_each(said)
    }

    fn clear(&self) {
        if self.is_watched {
            output::part_aside("\r\x1b[K");
        }
    }
}

/// What became of a row's invitation, in words.
fn invited(row: &RowResult) -> Option<String> {
    let invited = row.invited.as_ref()?;
    let link = invited.link.as_ref().map_or("", Secret::expose);
    let why = invited.problem.as_deref().unwrap_or_default();
    Some(match invited.delivery? {
        Delivery::Sent => "the invitation was sent".to_owned(),
        Delivery::Shown => format!("give them this link, which works once: {link}"),
        Delivery::Failed => {
            format!("the invitation was not sent ({why}): give them this link, which works once: {link}")
        }
    })
}
