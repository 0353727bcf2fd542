//! What the server says of a bulk edit, row by row, as far as it is shown: who was refused, and what came of all.

use std::rc::Rc;

use rolewright_wire::reach::Reach;
use serde::Deserialize;

use crate::api::{self, ApiError, Details};
use crate::text;

/// A line of the answer. Reading all of a problem would bring every kind of change into what is downloaded.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Rows(u64),
    Row(Row),
    Done(Totals),
    Stopped(Details),
}

#[derive(Deserialize)]
struct Row {
    subject: String,
    #[serde(default)]
    problem: Option<Details>,
}

#[derive(Deserialize)]
struct Totals {
    changed: u64,
    unchanged: u64,
    #[serde(default)]
    reach: Option<Reach>,
}

/// What came of all rows, or would.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// How many changed something.
    pub changed: u64,
    /// Of how many all was so already.
    pub unchanged: u64,
    /// Ids of those who were refused, each with why.
    pub refused: Vec<(String, String)>,
    /// Of a dry run: whom it would reach.
    pub reach: Option<Rc<Reach>>,
    /// How many were not tried, and why.
    pub stopped: Option<(u64, String)>,
}

impl Rows {
    /// Asks for an edit of many, or for what it would come to.
    pub async fn of(
        path: &str,
        body: String,
        signal: Option<web_sys::AbortSignal>,
    ) -> Result<Self, ApiError> {
        Ok(Self::read(api::lines(path, body, signal).await?))
    }

    fn read(lines: Vec<Line>) -> Self {
        let mut rows = Self::default();
        let (mut all, mut told) = (0_u64, 0_u64);
        let words = |problem: Details| ApiError::Problem(Box::new(problem)).to_string();
        for line in lines {
            match line {
                Line::Rows(rows) => all = rows,
                Line::Row(Row { subject, problem }) => {
                    told += 1;
                    rows.refused.extend(problem.map(|problem| (subject, words(problem))));
                }
                Line::Done(done) => {
                    (rows.changed, rows.unchanged) = (done.changed, done.unchanged);
                    rows.reach = done.reach.map(Rc::new);
                }
                Line::Stopped(problem) => {
                    // What its lines say has happened.
                    rows.changed = told.saturating_sub(rows.refused.len() as u64);
                    rows.stopped = Some((all.saturating_sub(told), words(problem)));
                }
            }
        }
        rows
    }

    /// "12 changed, 3 as they were, 1 refused", with the verb of what was done or would be.
    pub fn words(&self) -> String {
        let refused = self.refused.len() as u64;
        let counted = [(self.changed, "changed"), (self.unchanged, "unchanged"), (refused, "refused")];
        let counted = counted.into_iter().filter(|(n, _)| *n > 0);
        counted.map(|(n, what)| format!("{} {what}", text::number(n))).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_to_counts_with_a_reason_for_each_who_is_refused() {
        let text = r#"{"rows":3}
            {"row":{"row":1,"subject":"ana","result":"changed"}}
            {"row":{"row":2,"subject":"bo","result":"unchanged"}}
            {"row":{"row":3,"subject":"cy","result":"refused","problem":{"type":"urn:rolewright:problem:unknown","title":"","status":409,"detail":"`cy` cannot"}}}"#;
        let done = r#"{"done":{"changed":1,"unchanged":1,"refused":1,"at":{"epoch":0,"revision":4},"dry_run":false}}"#;
        let stopped =
            r#"{"stopped":{"type":"urn:rolewright:problem:x","title":"","status":503,"detail":"try again"}}"#;
        let read = |last: &str| {
            let lines = text.lines().chain([last]).map(|line| serde_json::from_str(line.trim()).unwrap());
            Rows::read(lines.collect())
        };
        let rows = read(done);
        assert_eq!(rows.words(), "1 changed, 1 unchanged, 1 refused");
        assert_eq!(rows.refused, [("cy".to_owned(), "Cy cannot.".to_owned())]);
        assert_eq!(read(stopped).stopped, Some((0, "Try again.".to_owned())));
    }
}
