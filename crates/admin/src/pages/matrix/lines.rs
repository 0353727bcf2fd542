//! What of a matrix is shown, line by line: searched, folded, differences only, with its footnotes; and the same as CSV.
//! Pure, and so tested natively.

use std::rc::Rc;

use rolewright_model::matrix::{Cell, Mark, Matrix, MatrixRow, Terms};

use crate::condition;
use crate::csv::line;
use crate::text;

/// A role that has a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its position in the matrix's roles.
    pub at: usize,
    /// The role's id.
    pub id: String,
    /// What a person reads.
    pub name: String,
}

/// A line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// The heading over rows of one group.
    Group {
        /// Its name.
        name: String,
        /// How many rows are under it.
        rows: usize,
        /// Whether they are hidden.
        folded: bool,
    },
    /// A row, by its position in the matrix.
    Row(usize),
}

/// What is wanted of a matrix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Words that are in the row's label, group or id.
    pub search: String,
    /// Only rows whose cells differ.
    pub differs: bool,
    /// Names of groups that are folded.
    pub folded: Vec<String>,
}

/// What is shown of a matrix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Line by line.
    pub lines: Vec<Line>,
    /// How many rows fit, folded ones too.
    pub rows: usize,
    /// The footnotes of the rows in sight, each once; their numbers begin at 1.
    pub notes: Vec<String>,
}

impl Shown {
    /// Works it out. `O(rows x columns)`. The groups come in the order of their first rows.
    pub fn of(matrix: &Matrix, columns: &[Column], wanted: &Wanted) -> Self {
        let words = wanted.search.to_lowercase();
        let fits = |row: &MatrixRow| {
            let text = format!("{} {} {}", row.label, row.group, row.id).to_lowercase();
            text::has_words(&text, &words) && (!wanted.differs || differs(row, columns))
        };
        let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
        for (at, row) in matrix.rows.iter().enumerate().filter(|(_, row)| fits(row)) {
            match groups.iter_mut().find(|(name, _)| *name == row.group) {
                Some((_, rows)) => rows.push(at),
                None => groups.push((&row.group, vec![at])),
            }
        }
        let mut shown = Self::default();
        for (name, rows) in groups {
            shown.rows += rows.len();
            let folded = wanted.folded.iter().any(|known| known == name);
            shown.lines.push(Line::Group { name: name.to_owned(), rows: rows.len(), folded });
            if folded {
                continue;
            }
            for at in rows {
                for note in matrix.rows.get(at).into_iter().flat_map(|row| &row.footnotes) {
                    if !shown.notes.contains(note) {
                        shown.notes.push(note.clone());
                    }
                }
                shown.lines.push(Line::Row(at));
            }
        }
        shown
    }

    /// The numbers of a row's footnotes.
    pub fn numbers(&self, row: &MatrixRow) -> Rc<[usize]> {
        let number = |note: &String| self.notes.iter().position(|known| known == note).map(|at| at + 1);
        row.footnotes.iter().filter_map(number).collect()
    }
}

/// Whether a footnote is about this cell: it is allowed with something more.
pub fn is_noted(cell: &Cell) -> bool {
    match cell.mark {
        Mark::Conditional => true,
        Mark::Yes => cell.terms.first().is_some_and(|terms| !terms.at.is_empty()),
        Mark::No | Mark::ReadOnly => false,
    }
}

/// Whether not every role has the same in a row.
fn differs(row: &MatrixRow, columns: &[Column]) -> bool {
    let mut cells = columns.iter().map(|column| row.cells.get(column.at));
    let first = cells.next();
    cells.any(|cell| Some(cell) != first)
}

/// What a cell says in a word, as a document writes it.
pub fn word(cell: &Cell) -> String {
    match cell.mark {
        Mark::No => "No".to_owned(),
        Mark::Yes | Mark::Conditional => "Yes".to_owned(),
        Mark::ReadOnly => {
            let level = cell.terms.first().and_then(|terms| terms.level.clone());
            level.unwrap_or_else(|| "Read-Only".to_owned())
        }
    }
}

/// On what terms, in a sentence; none where there are none worth a word. `name` says what a permission is called.
pub fn sentence(terms: &Terms, name: &dyn Fn(&str) -> String) -> Option<String> {
    let mut parts = Vec::new();
    if !terms.at.is_empty() {
        parts.push(format!("only where the role is held for one {}", terms.at.join(" or ")));
    }
    for need in &terms.elsewhere {
        let place = if need.resource.is_empty() { "everything" } else { &need.resource };
        parts.push(format!("with {} on the {place}", name(&need.permission)));
    }
    parts.extend(condition::when(&terms.when));
    let what = terms.level.as_deref().unwrap_or("Yes");
    (!parts.is_empty()).then(|| format!("{what}, {}.", parts.join(", ")))
}

/// What is shown as CSV (RFC 4180), folded rows too. What a sheet would take for a formula is quoted by `'`.
pub fn csv(matrix: &Matrix, columns: &[Column], wanted: &Wanted, name: &dyn Fn(&str) -> String) -> String {
    let all = Shown::of(matrix, columns, &Wanted { folded: Vec::new(), ..wanted.clone() });
    let mut out = String::new();
    let head = ["Group", "Permission/Operation", "Id"].into_iter();
    line(&mut out, head.chain(columns.iter().map(|column| column.name.as_str())));
    for row in all.lines.iter().filter_map(|line| match line {
        Line::Row(at) => matrix.rows.get(*at),
        Line::Group { .. } => None,
    }) {
        let cells: Vec<String> = columns
            .iter()
            .filter_map(|column| row.cells.get(column.at))
            .map(|cell| {
                let said = cell.terms.first().and_then(|terms| sentence(terms, name));
                said.unwrap_or_else(|| word(cell))
            })
            .collect();
        let label = match &row.applies_to {
            Some(applies) => format!("{} ({applies})", row.label),
            None => row.label.clone(),
        };
        line(
            &mut out,
            [row.group.as_str(), &label, &row.id].into_iter().chain(cells.iter().map(String::as_str)),
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use rolewright_model::documents::Documents;
    use rolewright_model::{PolicyDocument, Stamp, State};

    use super::*;

    fn matrix() -> (Matrix, Vec<Column>) {
        let text = include_str!("../../../../server/templates/enterprise-manager.json");
        let policy: PolicyDocument = serde_json::from_str(text).unwrap();
        let state = State::build(Documents::of_policy(&policy), Stamp::default()).unwrap();
        let matrix = state.operation_matrix();
        let columns = ["admin", "designer", "operator", "viewer"].map(|id| Column {
            at: matrix.roles.iter().position(|known| known == id).unwrap(),
            id: id.to_owned(),
            name: state.role(id).unwrap().name.clone(),
        });
        (matrix, columns.to_vec())
    }

    #[test]
    fn three_groups_head_their_rows_and_a_folded_one_keeps_its_count() {
        let (matrix, columns) = matrix();
        let shown = Shown::of(&matrix, &columns, &Wanted::default());
        let groups = |shown: &Shown| -> Vec<(String, usize, bool)> {
            let groups = shown.lines.iter().filter_map(|line| match line {
                Line::Group { name, rows, folded } => Some((name.clone(), *rows, *folded)),
                Line::Row(_) => None,
            });
            groups.collect()
        };
        assert_eq!(
            groups(&shown),
            [
                ("Server operations".to_owned(), 7, false),
                ("Task operations".to_owned(), 8, false),
                ("Other operations".to_owned(), 14, false)
            ]
        );
        assert_eq!((shown.rows, shown.lines.len()), (29, 32));
        let wanted = Wanted { folded: vec!["Task operations".to_owned()], ..Wanted::default() };
        let folded = Shown::of(&matrix, &columns, &wanted);
        assert_eq!((folded.rows, folded.lines.len()), (29, 24));
        assert!(folded.notes.len() < shown.notes.len());
    }

    #[test]
    fn differences_only_leaves_out_what_all_have_and_a_search_wants_every_word() {
        let (matrix, columns) = matrix();
        let shown = |wanted: &Wanted| Shown::of(&matrix, &columns, wanted).rows;
        let differing = shown(&Wanted { differs: true, ..Wanted::default() });
        // List settings, Monitor view, Message Center and licence alerts are everybody's.
        assert_eq!(differing, 25);
        assert_eq!(shown(&Wanted { search: "IMPORT target".to_owned(), ..Wanted::default() }), 2);
        assert_eq!(
            shown(&Wanted { search: "Other operations: Delete tasks".to_owned(), ..Wanted::default() }),
            1
        );
    }

    #[test]
    fn a_sheet_gets_every_cell_and_no_formula() {
        let (matrix, columns) = matrix();
        let text = csv(&matrix, &columns, &Wanted::default(), &|id| id.to_owned());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 30);
        assert_eq!(lines[0], "Group,Permission/Operation,Id,Admin,Designer,Operator,Viewer");
        assert!(
            lines.contains(&"Server operations,Servers view,servers.view,Yes,Read-Only,Read-Only,Read-Only")
        );
        assert!(text.contains(
            "\"Yes, with endpoints.operate on the source, with endpoints.operate on the target.\""
        ));
        let mut out = String::new();
        line(&mut out, ["=1+1", "a \"b\""].into_iter());
        assert_eq!(out, "\"'=1+1\",\"a \"\"b\"\"\"\r\n");
    }
}
