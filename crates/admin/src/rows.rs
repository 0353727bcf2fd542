//! What the server says of many rows, each as it comes to be: of a bulk edit, and of a table that is read.

use std::collections::BTreeSet;
use std::rc::Rc;

use rolewright_wire::bulk::RowOutcome;
use rolewright_wire::reach::Reach;
use rolewright_wire::secret::Secret;
use rolewright_wire::user::Invited;
use serde::Deserialize;
use web_sys::AbortSignal;

use crate::api::{self, ApiError, Details, Request};
use crate::{browser, csv, text};

/// Which column of a file of results is the name.
const NAME: usize = 2;

/// A line of the answer. Reading all of a problem would bring every kind of change into what is downloaded.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Rows(u64),
    Row(Row),
    Done(Totals),
    Stopped(Details),
}

/// What came of a row, or would.
#[derive(Debug, Deserialize)]
pub struct Row {
    /// The line of the file; of a bulk edit, the first is 1.
    pub row: u64,
    /// Whom or what it is about, as the request says it.
    pub subject: String,
    /// What people read of it, where the request says it by ids.
    #[serde(default)]
    pub name: Option<String>,
    /// What came of it.
    pub result: RowOutcome,
    /// The revision of the change that made it.
    #[serde(default)]
    made: Option<u64>,
    /// Of a table: whether the person or the assignment was not there before.
    #[serde(default)]
    pub added: bool,
    /// What it changed, a line each.
    #[serde(default)]
    pub changes: Vec<String>,
    /// Why it was refused, or no invitation was made.
    #[serde(default)]
    pub problem: Option<Details>,
    /// Where an invitation was made, how its link gets to the person.
    #[serde(default)]
    pub invited: Option<Invited>,
    /// What else to know, a line each.
    #[serde(default)]
    pub remarks: Vec<String>,
}

impl Row {
    /// What a person reads of whom or what it is about.
    pub fn about(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.subject)
    }

    /// Why it was refused, in a sentence; nothing where it was not.
    pub fn refusal(&self) -> Option<String> {
        self.problem.clone().map(why)
    }

    /// What is wrong with it, each with its column; a column without a name is the row.
    pub fn errors(&self) -> Vec<(&str, String)> {
        let Some(problem) = &self.problem else { return Vec::new() };
        let named = problem.errors.iter().map(|error| {
            let column = error.path.trim_start_matches('$').trim_start_matches('.');
            (column, text::sentence(&text::plain(&error.message)))
        });
        let named: Vec<_> = named.collect();
        if named.is_empty() { vec![("", why(problem.clone()))] } else { named }
    }

    /// The single-use link to its invitation, told this once; nothing where it was sent.
    pub fn link(&self) -> Option<String> {
        let link = self.invited.as_ref()?.link.as_ref()?;
        let link = Secret::expose(link);
        Some(if link.starts_with('/') { [&*browser::origin(), link].concat() } else { link.to_owned() })
    }
}

fn why(problem: Details) -> String {
    ApiError::Problem(Box::new(problem)).to_string()
}

#[derive(Deserialize)]
struct Totals {
    #[serde(default)]
    reach: Option<Reach>,
}

/// What came of rows, or would.
#[derive(Debug, Default)]
pub struct Rows {
    /// How many there are.
    pub all: u64,
    /// Those that are told.
    pub told: Vec<Row>,
    /// How many changed something.
    pub changed: u64,
    /// How many of them added a person or an assignment.
    pub added: u64,
    /// Of how many all was so already.
    pub unchanged: u64,
    /// How many were refused.
    pub refused: u64,
    /// Of a dry run: whom it would reach.
    pub reach: Option<Rc<Reach>>,
    /// Why the rest was not tried.
    pub stopped: Option<String>,
}

impl Rows {
    /// Asks for many rows, or for what they would come to; `progress` is told how many are done, and of how many.
    ///
    /// What was told before an answer ended early has happened, and so is answered.
    pub async fn of(
        request: Request,
        signal: AbortSignal,
        progress: &dyn Fn(u64, u64),
    ) -> Result<Self, ApiError> {
        let mut rows = Self::default();
        let mut is_whole = false;
        let mut told = |line: &[u8]| {
            let line = api::read(line)?;
            is_whole |= matches!(line, Line::Done(_) | Line::Stopped(_));
            rows.take(line);
            progress(rows.told.len() as u64, rows.all);
            Ok(())
        };
        match api::lines(request, signal.clone(), &mut told).await {
            _ if is_whole => {}
            Err(error) if rows.all == 0 && !signal.aborted() => return Err(error),
            _ if signal.aborted() => rows.stopped = Some("You stopped it.".to_owned()),
            // An answer that ends without its end has lost its server.
            answer => rows.stopped = Some(answer.err().unwrap_or(ApiError::Offline).to_string()),
        }
        Ok(rows)
    }

    fn take(&mut self, line: Line) {
        match line {
            Line::Rows(all) => self.all = all,
            Line::Row(row) => {
                match row.result {
                    RowOutcome::Changed => self.changed += 1,
                    RowOutcome::Unchanged => self.unchanged += 1,
                    RowOutcome::Refused => self.refused += 1,
                }
                self.added += u64::from(row.added);
                self.told.push(row);
            }
            Line::Done(done) => self.reach = done.reach.map(Rc::new),
            Line::Stopped(problem) => self.stopped = Some(why(problem)),
        }
    }

    /// Those with an error.
    pub fn faulty(&self) -> impl Iterator<Item = &Row> {
        self.told.iter().filter(|row| row.problem.is_some())
    }

    /// The revisions of the changes that made them, each once.
    pub fn made(&self) -> BTreeSet<u64> {
        self.told.iter().filter_map(|row| row.made).collect()
    }

    /// Whether there are links that are told this once.
    pub fn has_links(&self) -> bool {
        self.told.iter().any(|row| row.link().is_some())
    }

    /// How many were not tried.
    pub fn untried(&self) -> u64 {
        self.all.saturating_sub(self.told.len() as u64)
    }

    /// "2 added, 10 changed, 3 unchanged, 1 refused", as far as there are such.
    pub fn words(&self) -> String {
        let edited = self.changed.saturating_sub(self.added);
        let counted = [
            (self.added, "added"),
            (edited, "changed"),
            (self.unchanged, "unchanged"),
            (self.refused, "refused"),
        ];
        let counted = counted.into_iter().filter(|(n, _)| *n > 0);
        counted.map(|(n, what)| format!("{} {what}", text::number(n))).collect::<Vec<_>>().join(", ")
    }

    /// The same of what is only tried: "2 would be added, 1 refused".
    pub fn tried_words(&self) -> String {
        self.words().replacen(' ', " would be ", 1)
    }

    /// As CSV: a line for each row, or only for those with errors, and then for each error.
    pub fn csv(&self, only_errors: bool) -> String {
        let mut out = String::new();
        // A table that was read has no ids, so nothing to name.
        let is_named = self.told.iter().any(|row| row.name.is_some());
        let mut put = |line: [&str; 7]| {
            let columns = line.into_iter().enumerate().filter(|(n, _)| is_named || *n != NAME);
            csv::line(&mut out, columns.map(|(_, cell)| cell));
        };
        put(["row", "subject", "name", "result", "field", "what", "link"]);
        for row in self.told.iter().filter(|row| !only_errors || row.problem.is_some()) {
            let result = match row.result {
                RowOutcome::Changed if row.added => "added",
                RowOutcome::Changed => "changed",
                RowOutcome::Unchanged => "unchanged",
                RowOutcome::Refused => "refused",
            };
            let number = row.row.to_string();
            let mut line = |field: &str, what: &str, link: &str| {
                put([
                    &number,
                    &row.subject,
                    row.name.as_deref().unwrap_or_default(),
                    result,
                    field,
                    what,
                    link,
                ]);
            };
            match row.problem {
                Some(_) => row.errors().iter().for_each(|(field, what)| line(field, what, "")),
                None => {
                    let what: Vec<String> =
                        row.changes.iter().chain(&row.remarks).map(|what| text::plain(what)).collect();
                    line("", &what.join("; "), &row.link().unwrap_or_default());
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(last: &str) -> Rows {
        let text = r#"{"rows":5}
            {"row":{"row":2,"subject":"ana","result":"changed","made":4,"added":true,"changes":["invited as \"Ana\""]}}
            {"row":{"row":3,"subject":"bo","result":"unchanged"}}
            {"row":{"row":4,"subject":"=cy","result":"refused","problem":{"type":"urn:rolewright:problem:unknown","title":"","status":409,"detail":"`cy` cannot"}}}
            {"row":{"row":5,"subject":"di","result":"refused","problem":{"type":"urn:rolewright:problem:invalid","title":"","status":422,"detail":"wrong","errors":[{"path":"$.email","message":"`di` is no email"},{"path":"$.status","message":"write active"}]}}}"#;
        let mut rows = Rows::default();
        for line in text.lines().chain([last]) {
            rows.take(serde_json::from_str(line.trim()).unwrap());
        }
        rows
    }

    const DONE: &str = r#"{"done":{"changed":1,"added":1,"unchanged":1,"refused":2,"at":{"epoch":0,"revision":4},"dry_run":false}}"#;

    #[test]
    fn lines_come_to_counts_with_a_reason_for_each_who_is_refused() {
        let whole = rows(DONE);
        assert_eq!(whole.words(), "1 added, 1 unchanged, 2 refused");
        assert_eq!(whole.tried_words(), "1 would be added, 1 unchanged, 2 refused");
        assert_eq!(Rows::default().tried_words(), "");
        let refused: Vec<_> =
            whole.faulty().map(|row| (row.subject.as_str(), row.refusal().unwrap())).collect();
        assert_eq!(refused[0], ("=cy", "“cy” cannot.".to_owned()));
        let stopped =
            r#"{"stopped":{"type":"urn:rolewright:problem:x","title":"","status":503,"detail":"try again"}}"#;
        let cut = rows(stopped);
        assert_eq!((cut.untried(), cut.stopped.as_deref()), (1, Some("Try again.")));
        let made = BTreeSet::from([4]);
        assert_eq!(
            [whole.made(), cut.made()],
            [made.clone(), made],
            "also what an answer told that ended early can be undone"
        );
    }

    #[test]
    fn a_row_with_errors_is_told_as_csv_once_for_each_with_its_column() {
        let errors = [
            "row,subject,result,field,what,link",
            "4,\"'=cy\",refused,,“cy” cannot.,",
            "5,di,refused,email,“di” is no email.,",
            "5,di,refused,status,Write active.,",
        ];
        assert_eq!(rows(DONE).csv(true).lines().collect::<Vec<_>>(), errors);
        let all = rows(DONE).csv(false);
        assert_eq!(all.lines().nth(1), Some("2,ana,added,,\"invited as \"\"Ana\"\"\","));
        assert_eq!(all.lines().count(), 6);
    }

    #[test]
    fn who_is_told_by_an_id_has_a_name_beside_it() {
        let mut rows = Rows::default();
        let text = r#"{"row":{"row":1,"subject":"u_1","name":"Ana Ruiz","result":"changed","changes":["status `disabled`"]}}"#;
        rows.take(serde_json::from_str(text).unwrap());
        let lines = ["row,subject,name,result,field,what,link", "1,u_1,Ana Ruiz,changed,,status disabled,"];
        assert_eq!(rows.csv(false).lines().collect::<Vec<_>>(), lines);
    }
}
