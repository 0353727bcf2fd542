//! Tables as CSV (RFC 4180): a header, and a record a line.
//!
//! A cell that a spreadsheet would take for a formula is written with an apostrophe before it (OWASP, CSV
//! injection) and read without it, so that what was written is what is read.

use csv::StringRecord;
use rolewright_model::Problem;

/// The media type.
pub const MEDIA_TYPE: &str = "text/csv; charset=utf-8";
/// How many rows are read at most.
pub const MOST_ROWS: usize = 200_000;
/// How many bytes a cell has at most: no field is longer, and a list of roles is shorter.
const LONGEST_CELL: usize = 10_000;
/// What empties a cell. With an apostrophe before it, it is the text itself.
pub const NOTHING: &str = "-";

/// What the files of spreadsheets begin with that are no CSV: those of today, and those before.
const WORKBOOKS: [&[u8]; 2] = [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"];

/// What a cell begins with that a spreadsheet calculates.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A table that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    columns: Vec<&'static str>,
    rows: Vec<(usize, StringRecord)>,
}

impl Table {
    /// Reads a table whose columns are some of `known`, in any order, and at least `needed`. They are separated by
    /// commas or, as spreadsheets also write them, by semicolons or tabs. A column is known by its letters and digits
    /// alone: `First Name` is `first_name`, and `E-Mail` is `email`.
    ///
    /// # Errors
    /// What is wrong with the header or with the records, each with its line.
    pub fn read(bytes: &[u8], known: &[&'static str], needed: &[&str]) -> Result<Self, Vec<Problem>> {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let separator = separator(bytes);
        let unreadable = |error: csv::Error| vec![unreadable(&error, bytes, separator)];
        let mut reader =
            csv::ReaderBuilder::new().delimiter(separator).trim(csv::Trim::All).from_reader(bytes);
        let header = reader.headers().map_err(unreadable)?;
        let mut problems = Vec::new();
        let mut columns: Vec<&'static str> = Vec::new();
        for name in header {
            match known.iter().find(|known| letters(known).eq(letters(name))) {
                Some(column) if columns.contains(column) => {
                    problems.push(at_line(1, format!("there are two columns `{column}`: keep one")));
                }
                Some(column) => columns.push(column),
                None => problems.push(at_line(
                    1,
                    format!(
                        "there is no column `{}`: the columns are {}",
                        name.escape_debug(),
                        known.join(", ")
                    ),
                )),
            }
        }
        for column in needed.iter().filter(|needed| !columns.contains(needed)) {
            problems.push(at_line(1, format!("a column `{column}` is needed: name it in the first line")));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut rows = Vec::new();
        let mut lines = Lines { bytes, read: 0, line: 1 };
        for record in reader.records() {
            let record = record.map_err(unreadable)?;
            let line = lines.line_of(record.position().map_or(0, csv::Position::byte));
            if let Some(long) = record.iter().position(|cell| cell.len() > LONGEST_CELL) {
                let column = columns.get(long).copied().unwrap_or_default();
                let message = format!(
                    "the cell of `{column}` has more than {LONGEST_CELL} bytes: shorten it, or close the quote that \
                     stands open"
                );
                return Err(vec![at_line(line, message)]);
            }
            rows.push((line, record));
            if rows.len() > MOST_ROWS {
                let message = format!("a file has {MOST_ROWS} rows at most: cut it in two");
                return Err(vec![at_line(line, message)]);
            }
        }
        Ok(Self { columns, rows })
    }

    /// How many rows it has.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// The line of a row in the file.
    #[must_use]
    pub fn line(&self, row: usize) -> usize {
        self.rows.get(row).map_or(0, |(line, _)| *line)
    }

    /// What a row says in a column; none where the cell is empty or there is no such column.
    #[must_use]
    pub fn cell(&self, row: usize, column: &str) -> Option<&str> {
        let position = self.columns.iter().position(|known| *known == column)?;
        let (_, cells) = self.rows.get(row)?;
        cells.get(position).map(plain).filter(|cell| !cell.is_empty())
    }

    /// What a row says in a column; empty where it says [`NOTHING`], none where it leaves what there is.
    #[must_use]
    pub fn text(&self, row: usize, column: &str) -> Option<&str> {
        self.cell(row, column).map(|cell| if self.is_emptied(row, column) { "" } else { cell })
    }

    fn is_emptied(&self, row: usize, column: &str) -> bool {
        let position = self.columns.iter().position(|known| *known == column);
        let cells = self.rows.get(row).map(|(_, cells)| cells);
        position.zip(cells).and_then(|(position, cells)| cells.get(position)) == Some(NOTHING)
    }
}

/// Writes rows of a table.
pub struct Writer(csv::Writer<Vec<u8>>);

impl Default for Writer {
    fn default() -> Self {
        Self(csv::Writer::from_writer(Vec::new()))
    }
}

impl Writer {
    /// Adds a row.
    pub fn row<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>) {
        let cells = cells.into_iter().map(|cell| match is_calculated(cell) {
            true => format!("'{cell}"),
            false => cell.to_owned(),
        });
        // Writing to memory cannot fail.
        _ = self.0.write_record(cells);
    }

    /// What was written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_inner().unwrap_or_default()
    }
}

/// A cell without the apostrophe that keeps it from being calculated.
fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_calculated(rest)).unwrap_or(cell)
}

/// Whether a spreadsheet calculates a cell, or would without the apostrophes before it.
fn is_calculated(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(FORMULA)
}

/// What is compared of a column's name.
fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}

/// What separates columns: no column's name has any of them.
fn separator(bytes: &[u8]) -> u8 {
    let header = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).find(|line| !line.is_empty());
    let header = header.unwrap_or_default();
    [b',', b';', b'\t'].into_iter().find(|separator| header.contains(separator)).unwrap_or(b',')
}

/// Whether a file is of a kind that is no text, in whatever encoding: UTF-16 has zeros too, and says that it is.
fn is_no_text(bytes: &[u8]) -> bool {
    const UTF_16: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];
    bytes.contains(&0) && !UTF_16.iter().any(|begin| bytes.starts_with(begin))
}

fn unreadable(error: &csv::Error, bytes: &[u8], separator: u8) -> Problem {
    let begin = error.position().map_or(0, csv::Position::byte);
    let line = Lines { bytes, read: 0, line: 1 }.line_of(begin);
    let what = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let sign = match separator {
                b';' => "semicolon",
                b'\t' => "tab",
                _ => "comma",
            };
            format!(
                "the header has {expected_len} columns, and this line has {len}: put quotes around cells that hold a {sign}, and close each quote"
            )
        }
        csv::ErrorKind::Utf8 { .. } if WORKBOOKS.iter().any(|begin| bytes.starts_with(begin)) => {
            "this is a spreadsheet's own file, and no CSV: save it as CSV, in UTF-8".to_owned()
        }
        csv::ErrorKind::Utf8 { .. } if is_no_text(bytes) => {
            "this is a picture or something else that is no text, and so no table: choose a CSV file"
                .to_owned()
        }
        csv::ErrorKind::Utf8 { .. } => "this line is not UTF-8: save the file as UTF-8".to_owned(),
        _ => "this line cannot be read: is the file CSV?".to_owned(),
    };
    at_line(line, what)
}

/// Counts lines as an editor does, also those that end in CR alone. The reader says where the record before ended: at the first half of a line's end,
/// and before empty lines.
struct Lines<'b> {
    bytes: &'b [u8],
    read: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of the record that stands at that byte or, where lines end there, after them.
    fn line_of(&mut self, byte: u64) -> usize {
        let begin = usize::try_from(byte).unwrap_or(usize::MAX);
        let rest = self.bytes.get(self.read..).unwrap_or_default().iter().enumerate();
        let record = rest
            .take_while(|(n, byte)| self.read.saturating_add(*n) < begin || matches!(byte, b'\r' | b'\n'));
        let (passed, ends) = record.fold((0_usize, 0_usize), |(passed, ends), (n, byte)| {
            let next = self.bytes.get(self.read.saturating_add(n).saturating_add(1));
            let is_end = *byte == b'\n' || (*byte == b'\r' && next != Some(&b'\n'));
            (passed.saturating_add(1), ends.saturating_add(usize::from(is_end)))
        });
        self.read = self.read.saturating_add(passed);
        self.line = self.line.saturating_add(ends);
        self.line
    }
}

fn at_line(line: usize, message: String) -> Problem {
    Problem { path: format!("line {line}"), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 3] = ["email", "name", "roles"];

    fn wrong(text: &[u8]) -> Vec<String> {
        let problems = Table::read(text, &KNOWN, &["email"]).unwrap_err();
        problems.into_iter().map(|problem| problem.to_string()).collect()
    }

    #[test]
    fn a_table_is_read_by_its_header() {
        let text = "\u{feff}Name, EMAIL\r\n\"Ana, A.\",ana@example.com\r\n\r\n'=1+1,eve@example.com\n";
        let table = Table::read(text.as_bytes(), &KNOWN, &["email"]).unwrap();
        assert_eq!(table.count(), 2);
        assert_eq!(table.cell(0, "name"), Some("Ana, A."));
        assert_eq!((table.cell(1, "name"), table.cell(1, "roles")), (Some("=1+1"), None));
        assert_eq!((table.line(0), table.line(1)), (2, 4));
    }

    #[test]
    fn columns_may_be_separated_by_semicolons() {
        let text = "email;name;roles\r\nana@example.com;Ruiz, Ana;\"admin; auditor\"\r\n";
        let table = Table::read(text.as_bytes(), &KNOWN, &["email"]).unwrap();
        let row = ["email", "name", "roles"].map(|column| table.cell(0, column));
        assert_eq!(row, [Some("ana@example.com"), Some("Ruiz, Ana"), Some("admin; auditor")]);
    }

    #[test]
    fn columns_may_be_separated_by_tabs_and_called_in_words() {
        let known = ["email", "first_name", "last_name"];
        let text = b"E-Mail\tFirst Name\tlast-name\nana@example.com\tAna, A.\tRuiz\n";
        let table = Table::read(text, &known, &["email"]).unwrap();
        let row = known.map(|column| table.cell(0, column));
        assert_eq!(row, [Some("ana@example.com"), Some("Ana, A."), Some("Ruiz")]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, told) in [
            (&b"name\n"[..], "line 1: a column `email` is needed: name it in the first line"),
            (b"", "line 1: a column `email` is needed: name it in the first line"),
            (b"email,email\n", "line 1: there are two columns `email`: keep one"),
            (b"email,rank\n", "line 1: there is no column `rank`: the columns are email, name, roles"),
            (
                b"email,name\na@b.c,A\nb@b.c,B,C\n",
                "line 3: the header has 2 columns, and this line has 3: put quotes around cells that hold a comma, and close each quote",
            ),
            (
                b"email;roles\na@b.c;admin;auditor\n",
                "line 2: the header has 2 columns, and this line has 3: put quotes around cells that hold a semicolon, and close each quote",
            ),
            (b"email,E-Mail\n", "line 1: there are two columns `email`: keep one"),
            (b"email\ra@b.c\r\xff\r", "line 3: this line is not UTF-8: save the file as UTF-8"),
            (
                b"PK\x03\x04\xff\n",
                "line 1: this is a spreadsheet's own file, and no CSV: save it as CSV, in UTF-8",
            ),
            (b"email\n\xff\n", "line 2: this line is not UTF-8: save the file as UTF-8"),
            (
                b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
                "line 1: this is a picture or something else that is no text, and so no table: choose a CSV file",
            ),
            (b"\xff\xfee\0m\0a\0i\0l\0\n\0", "line 1: this line is not UTF-8: save the file as UTF-8"),
        ] {
            assert_eq!(wrong(text), [told]);
        }
    }

    #[test]
    fn lines_that_end_in_cr_alone_are_counted() {
        let table = Table::read(b"email\ra@b.c\r\rb@b.c\r", &KNOWN, &["email"]).unwrap();
        assert_eq!((table.line(0), table.line(1)), (2, 4));
    }

    #[test]
    fn a_cell_that_is_longer_than_any_field_is_refused_without_it() {
        let text = format!("name,email\nAna,a@b.c\n{},b@b.c\n", "a".repeat(30_000_000));
        let told = "line 3: the cell of `name` has more than 10000 bytes: shorten it, or close the quote that stands open";
        assert_eq!(wrong(text.as_bytes()), [told]);
    }

    #[test]
    fn a_dash_empties_a_cell_and_one_that_was_written_is_itself() {
        let table = Table::read(b"email,name\na@b.c,-\nb@b.c,'-\nc@b.c,\n", &KNOWN, &["email"]).unwrap();
        let names = [0, 1, 2].map(|row| table.text(row, "name"));
        assert_eq!(names, [Some(""), Some("-"), None]);
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let cells = ["=cmd()", "+1", "-", "@x", "it's", "a,b", "a\"b", "'", "'=1", "ana"];
        for cell in cells {
            let mut writer = Writer::default();
            writer.row(["email", "name"]);
            writer.row(["ana@example.com", cell]);
            let bytes = writer.into_bytes();
            let table = Table::read(&bytes, &KNOWN, &["email"]).unwrap();
            assert_eq!(table.cell(0, "name"), Some(cell));
            let text = String::from_utf8(bytes).unwrap();
            let is_calculated = text.contains(",=") || text.contains(",+") || text.contains(",@");
            assert!(!is_calculated, "{text}");
        }
    }
}
