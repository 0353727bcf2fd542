//! Who holds what, as a table.
//!
//! A row gives a role: to a person (`user`, an id or an email), to a group (`group`, an id or a name) or to `everyone`. Where
//! it is given already for that scope, the row says when it counts: an empty cell leaves the edge of a window as it is,
//! and `-` takes it away. No role is taken away. `id` and `source` are written and not read, so that a table that was
//! written is one that can be read.

use rolewright_model::change::{AssignmentEdit, Kind, WindowEdit};
use rolewright_model::directory::{Principal, Source};
use rolewright_model::{Change, Context, Problem, State, Timestamp};

use super::table::{Table, Writer};
use crate::audit::names::name_now;
use crate::bulk::Rows;
use crate::moment;
use crate::sight::Sight;

/// The columns, in the order in which they are written.
pub const COLUMNS: [&str; 8] = ["id", "kind", "principal", "role", "scope", "from", "until", "source"];

/// What takes the edge of a window away.
const NEVER: &str = "-";

/// Assignments, as a table says.
#[derive(Debug)]
pub struct Assignments(Table);

impl Assignments {
    /// Reads a table of assignments.
    ///
    /// # Errors
    /// As [`Table::read`].
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        Table::read(bytes, &COLUMNS, &["kind", "role"]).map(Self)
    }
}

impl Rows for Assignments {
    fn count(&self) -> usize {
        self.0.count()
    }

    fn name(&self, n: usize) -> (usize, String) {
        let cell = |column| self.0.cell(n, column).unwrap_or_default();
        let scope = self.0.cell(n, "scope").unwrap_or("/");
        let whom = [cell("kind"), cell("principal")].join(" ");
        (self.0.line(n), format!("{}: {} at {scope}", whom.trim(), cell("role")))
    }

    fn called(&self, n: usize, state: &State, sight: &Sight) -> Option<String> {
        let called = |kind, id: &str| name_now(state, kind, id).filter(|_| sight.sees(kind));
        let who = match principal(&self.0, n, state).ok()? {
            Principal::User(id) => called(Kind::User, &id)?,
            Principal::Group(id) => called(Kind::Group, &id)?,
            Principal::Everyone => "Everyone".to_owned(),
        };
        let role = called(Kind::Role, self.0.cell(n, "role")?)?;
        let scope = self.0.cell(n, "scope").filter(|scope| *scope != "/");
        let place = scope.map(|scope| format!(" at {scope}")).unwrap_or_default();
        Some(format!("{who}: {role}{place}"))
    }

    fn plan(&self, n: usize, state: &State, _: &Context) -> Result<Vec<Change>, Vec<Problem>> {
        let (mut wanted, edges) = wanted(&self.0, n, state).map_err(|problem| vec![problem])?;
        let [from, until] = edges;
        let given = state.assignments_of(&wanted.principal);
        let mut known: Vec<_> =
            given.filter(|given| given.role == wanted.role && given.scope == wanted.scope).collect();
        // Of several, the one that is as the row says.
        known.sort_by_key(|known| {
            let differs = |edge: Option<_>, known| edge.is_some_and(|edge| edge != known);
            differs(from, known.from) || differs(until, known.until)
        });
        Ok(match known.first() {
            None => {
                (wanted.from, wanted.until) = (from.flatten(), until.flatten());
                vec![Change::Assign { assignment: wanted }]
            }
            Some(known) => {
                let window =
                    WindowEdit { from: from.unwrap_or(known.from), until: until.unwrap_or(known.until) };
                let is_so = WindowEdit::of(known) == window;
                (!is_so).then(|| Change::SetWindow { id: known.id.clone(), window }).into_iter().collect()
            }
        })
    }

    fn adds(&self, made: &[Change]) -> bool {
        matches!(made, [Change::Assign { .. }])
    }

    fn invites(&self, _: usize, _: &State) -> Option<String> {
        None
    }
}

/// The edges of a window; none of them where a row does not say.
type Edges = [Option<Option<Timestamp>>; 2];

fn wrong(column: &str, message: String) -> Problem {
    Problem { path: format!("$.{column}"), message }
}

/// To whom a row gives a role.
fn principal(table: &Table, n: usize, state: &State) -> Result<Principal, Problem> {
    let cell = |column: &str| table.cell(n, column);
    let directory = &state.documents().directory;
    let named = |what: &str| cell("principal").ok_or_else(|| wrong("principal", format!("say which {what}")));
    match cell("kind") {
        Some("user") => {
            let name = named("person")?;
            let by_id = directory.users.get(name).map(|user| user.id.as_str());
            let id = the_one(by_id, state.user_of_email(name));
            let id = id.map_err(|other| wrong("principal", twofold(name, "person", "email", other)))?;
            let id = id.ok_or_else(|| wrong("principal", format!("there is no person `{name}`")))?;
            Ok(Principal::User(id.to_owned()))
        }
        Some("group") => {
            let name = named("group")?;
            let lower = name.to_lowercase();
            let mut groups = directory.groups.values();
            let by_name = groups.find(|group| group.name.to_lowercase() == lower);
            let by_id = directory.groups.get(name).map(|group| group.id.as_str());
            let id = the_one(by_id, by_name.map(|group| group.id.as_str()));
            let id = id.map_err(|other| wrong("principal", twofold(name, "group", "name", other)))?;
            let id = id.ok_or_else(|| wrong("principal", format!("there is no group `{name}`")))?;
            Ok(Principal::Group(id.to_owned()))
        }
        Some("everyone") => match cell("principal") {
            None => Ok(Principal::Everyone),
            Some(name) => {
                let message = format!(
                    "everyone has no name: leave `{name}` out, or write user or group in the column kind"
                );
                Err(wrong("principal", message))
            }
        },
        other => {
            let message =
                format!("`{}` holds no role: write user, group or everyone", other.unwrap_or_default());
            Err(wrong("kind", message))
        }
    }
}

fn wanted(table: &Table, n: usize, state: &State) -> Result<(AssignmentEdit, Edges), Problem> {
    let cell = |column: &str| table.cell(n, column);
    let principal = principal(table, n, state)?;
    let time = |column: &str| match cell(column) {
        None => Ok(None),
        Some(NEVER) => Ok(Some(None)),
        Some(text) => moment::time(text).map(|time| Some(Some(time))).map_err(|why| wrong(column, why)),
    };
    let edges = [time("from")?, time("until")?];
    let wanted = AssignmentEdit {
        principal,
        role: cell("role")
            .ok_or_else(|| wrong("role", "a role is needed: write its id".to_owned()))?
            .to_owned(),
        scope: cell("scope").unwrap_or("/").to_owned(),
        source: Source::Direct,
        from: None,
        until: None,
    };
    Ok((wanted, edges))
}

/// The id that a word means: as an id first. Of two whom it fits it means neither, for whoever is called so may have chosen the
/// name for this; then the one called so is the error.
fn the_one<'d>(by_id: Option<&'d str>, by_name: Option<&'d str>) -> Result<Option<&'d str>, &'d str> {
    match (by_id, by_name) {
        (Some(id), Some(other)) if id != other => Err(other),
        _ => Ok(by_id.or(by_name)),
    }
}

/// What is said of a word that fits two; `other` is the one called so.
fn twofold(word: &str, kind: &str, called: &str, other: &str) -> String {
    format!(
        "`{word}` is the id of one {kind} and the {called} of another: write `{other}` for that one, or rename it first"
    )
}

/// Writes assignments as a table, by principal. `O(assignments log assignments)`.
#[must_use]
pub fn write(state: &State) -> Vec<u8> {
    let directory = &state.documents().directory;
    let mut rows: Vec<[String; COLUMNS.len()]> = Vec::new();
    for assignment in directory.assignments.values() {
        let (kind, principal) = match &assignment.principal {
            Principal::User(id) => ("user", directory.users.get(id).map(|user| user.email.clone())),
            Principal::Group(id) => ("group", directory.groups.get(id).map(|group| group.name.clone())),
            Principal::Everyone => ("everyone", None),
        };
        let source = match assignment.source {
            Source::Direct => "direct",
            Source::AutoAssign => "auto_assign",
            Source::Entitlement => "entitlement",
        };
        let time = |time: Option<Timestamp>| time.map(moment::exact).unwrap_or_default();
        rows.push([
            assignment.id.clone(),
            kind.to_owned(),
            principal.unwrap_or_default(),
            assignment.role.clone(),
            assignment.scope.clone(),
            time(assignment.from),
            time(assignment.until),
            source.to_owned(),
        ]);
    }
    rows.sort_by(|a, b| a.iter().skip(1).cmp(b.iter().skip(1)));
    let mut table = Writer::default();
    table.row(COLUMNS);
    rows.iter().for_each(|row| table.row(row.iter().map(String::as_str)));
    table.into_bytes()
}
