//! People as a table.
//!
//! A row names a person by email and says how they shall be. An empty cell, and a column that is not there, leaves what
//! there is; `-` empties it. Who is not there is invited, or where the row says `active` or `disabled` added so,
//! without a password. `roles` are those given to the person for the whole tenant and for good; others, and those
//! of groups and packages, are not touched. `id` and `created` are written so that a table that was written is one that can be
//! read; a row whose id is another person's than its email is refused, and so are all rows of an email that stands in several.

use std::collections::{HashMap, HashSet};

use rolewright_model::change::{AssignmentEdit, UserEdit};
use rolewright_model::directory::{AssignmentDocument, Principal, Status, UserDocument, folded_email};
use rolewright_model::{Change, Context, Problem, State};

use super::table::{NOTHING, Table, Writer};
use crate::bulk::Rows;
use crate::{moment, secret};

/// The columns, in the order in which they are written.
pub const COLUMNS: [&str; 8] =
    ["id", "email", "first_name", "last_name", "status", "package", "roles", "created"];

/// How many rows of one email are named.
const MOST_LINES: usize = 10;
/// What stands between roles.
const BETWEEN: char = ';';

/// People, as a table says.
#[derive(Debug)]
pub struct People {
    table: Table,
    /// The lines of each email that stands in several, by the email in small letters.
    repeated: HashMap<String, Vec<usize>>,
}

impl People {
    /// Reads a table of people.
    ///
    /// # Errors
    /// As [`Table::read`].
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        let table = Table::read(bytes, &COLUMNS, &["email"])?;
        let mut repeated: HashMap<String, Vec<usize>> = HashMap::new();
        for row in 0..table.count() {
            let email = table.cell(row, "email").map(folded_email);
            if let Some(email) = email {
                repeated.entry(email).or_default().push(table.line(row));
            }
        }
        repeated.retain(|_, lines| lines.len() > 1);
        Ok(Self { table, repeated })
    }

    /// Refuses an email that stands in several rows: which of them is meant nobody knows.
    fn is_said_once(&self, email: &str) -> Result<(), Problem> {
        let Some(lines) = self.repeated.get(&folded_email(email)) else { return Ok(()) };
        let told: Vec<String> = lines.iter().take(MOST_LINES).map(ToString::to_string).collect();
        let more = match lines.len().saturating_sub(MOST_LINES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let (email, told) = (email.escape_debug(), told.join(", "));
        let message = format!("`{email}` stands in the rows {told}{more}: keep one of them");
        Err(Problem { path: "$.email".to_owned(), message })
    }
}

impl Rows for People {
    fn count(&self) -> usize {
        self.table.count()
    }

    fn name(&self, n: usize) -> (usize, String) {
        (self.table.line(n), self.table.cell(n, "email").unwrap_or_default().to_owned())
    }

    fn plan(&self, n: usize, state: &State, context: &Context) -> Result<Vec<Change>, Vec<Problem>> {
        let wanted = Wanted::of(&self.table, n).map_err(|problem| vec![problem])?;
        self.is_said_once(wanted.email).map_err(|problem| vec![problem])?;
        let known = state.user_of_email(wanted.email);
        let known = known.and_then(|id| state.documents().directory.users.get(id));
        wanted.is_the_one(known, state).map_err(|problem| vec![problem])?;
        Ok(known.map_or_else(|| wanted.makes(context), |known| wanted.edits(state, known)))
    }

    fn adds(&self, made: &[Change]) -> bool {
        matches!(made, [Change::InviteUser { .. } | Change::CreateUser { .. }, ..])
    }

    fn invites(&self, n: usize, state: &State) -> Option<String> {
        let id = state.user_of_email(self.table.cell(n, "email")?)?;
        let user = state.documents().directory.users.get(id)?;
        (user.status == Status::Invited).then(|| id.to_owned())
    }

    /// Each role that is given is one of a column.
    fn said_at(&self, path: String) -> String {
        if path == "$.role" || path.starts_with("$.roles[") { "$.roles".to_owned() } else { path }
    }
}

/// What a row says.
struct Wanted<'t> {
    id: Option<&'t str>,
    email: &'t str,
    first_name: Option<&'t str>,
    last_name: Option<&'t str>,
    status: Option<Status>,
    package: Option<Option<&'t str>>,
    roles: Option<Vec<&'t str>>,
}

impl<'t> Wanted<'t> {
    fn of(table: &'t Table, n: usize) -> Result<Self, Problem> {
        let wrong = |column: &str, message: String| Problem { path: format!("$.{column}"), message };
        let cell = |column: &str| table.cell(n, column);
        let text = |column: &str| table.text(n, column);
        let status = match cell("status") {
            None => None,
            Some("active") => Some(Status::Active),
            Some("disabled") => Some(Status::Disabled),
            // Whoever has not accepted is invited, with a good link or without.
            Some("invited" | "no_invitation") => Some(Status::Invited),
            Some(other) => {
                let message = format!("`{other}` is no status: write active, disabled or invited");
                return Err(wrong("status", message));
            }
        };
        let roles = cell("roles").map(|cell| {
            let roles = cell.split(BETWEEN).map(str::trim);
            roles.filter(|role| !role.is_empty() && *role != NOTHING).collect::<Vec<_>>()
        });
        let mut seen = HashSet::new();
        if let Some(role) = roles.iter().flatten().find(|role| !seen.insert(**role)) {
            return Err(wrong("roles", format!("`{role}` stands here twice")));
        }
        Ok(Self {
            id: cell("id"),
            email: cell("email").ok_or_else(|| wrong("email", "an email is needed: write one".to_owned()))?,
            first_name: text("first_name"),
            last_name: text("last_name"),
            status,
            package: text("package").map(|text| Some(text).filter(|text| !text.is_empty())),
            roles,
        })
    }

    /// Whether the row's id, where it is one that is known, is that of the person with its email.
    fn is_the_one(&self, known: Option<&UserDocument>, state: &State) -> Result<(), Problem> {
        let named = self.id.and_then(|id| state.documents().directory.users.get(id));
        match named {
            Some(named) if known.is_none_or(|known| known.id != named.id) => {
                let message = format!(
                    "`{}` is `{}`: a table changes no email, so edit that person, or empty the id",
                    named.id, named.email
                );
                Err(Problem { path: "$.id".to_owned(), message })
            }
            _ => Ok(()),
        }
    }

    /// What makes a person who is not there.
    fn makes(&self, context: &Context) -> Vec<Change> {
        // Ids of people are of one form, whatever the context's is.
        let id = format!("u_{}", secret::sha256(context.id.as_bytes()).get(..20).unwrap_or_default());
        let user = UserEdit {
            id: id.clone(),
            email: self.email.to_owned(),
            first_name: self.first_name.unwrap_or_default().to_owned(),
            last_name: self.last_name.unwrap_or_default().to_owned(),
        };
        let roles: Vec<String> = self.roles.iter().flatten().map(|role| (*role).to_owned()).collect();
        let mut changes = Vec::new();
        if matches!(self.status, None | Some(Status::Invited)) {
            changes.push(Change::InviteUser { user, roles });
        } else {
            changes.push(Change::CreateUser { user, sign_in: false });
            changes.extend(roles.iter().map(|role| give(&id, role)));
            if self.status == Some(Status::Disabled) {
                changes.push(Change::SetStatus { id: id.clone(), status: Status::Disabled });
            }
        }
        if let Some(Some(package)) = self.package {
            changes.push(Change::SetPackage { id, package: Some(package.to_owned()) });
        }
        changes
    }

    /// What makes a person as the row says.
    fn edits(&self, state: &State, known: &UserDocument) -> Vec<Change> {
        let id = &known.id;
        let mut changes = Vec::new();
        let first_name = self.first_name.unwrap_or(&known.first_name);
        let last_name = self.last_name.unwrap_or(&known.last_name);
        if (first_name, last_name) != (&known.first_name, &known.last_name) {
            let user = UserEdit {
                id: id.clone(),
                // The row's differs in case at most.
                email: known.email.clone(),
                first_name: first_name.to_owned(),
                last_name: last_name.to_owned(),
            };
            changes.push(Change::UpdateUser { user });
        }
        let package = known.package.as_ref().map(|link| link.package.as_str());
        if let Some(wanted) = self.package
            && wanted != package
        {
            changes.push(Change::SetPackage { id: id.clone(), package: wanted.map(ToOwned::to_owned) });
        }
        if let Some(wanted) = &self.roles {
            let held: Vec<&AssignmentDocument> = given(state, id).collect();
            let is_held = |role: &&str| held.iter().any(|assignment| assignment.role == **role);
            changes.extend(wanted.iter().filter(|role| !is_held(role)).map(|role| give(id, role)));
            let is_wanted = |assignment: &&&AssignmentDocument| wanted.contains(&assignment.role.as_str());
            let over = held.iter().filter(|assignment| !is_wanted(assignment));
            changes.extend(over.map(|assignment| Change::Unassign { id: assignment.id.clone() }));
        }
        if let Some(status) = self.status.filter(|status| *status != known.status) {
            changes.push(Change::SetStatus { id: id.clone(), status });
        }
        changes
    }
}

fn give(user: &str, role: &str) -> Change {
    Change::Assign { assignment: AssignmentEdit::for_good(Principal::User(user.to_owned()), role) }
}

/// What is given to a person for the whole tenant and for good.
fn given<'s>(state: &'s State, user: &str) -> impl Iterator<Item = &'s AssignmentDocument> {
    let own = state.assignments_of(&Principal::User(user.to_owned()));
    own.filter(|own| own.is_for_good())
}

/// Writes these people as a table, by email. `O(people + what they hold)`.
#[must_use]
pub fn write<'s>(state: &State, people: impl Iterator<Item = &'s UserDocument>) -> Vec<u8> {
    let mut users: Vec<&UserDocument> = people.collect();
    users.sort_by_cached_key(|user| (user.email.to_lowercase(), user.id.clone()));
    let mut table = Writer::default();
    table.row(COLUMNS);
    for user in users {
        let mut roles: Vec<&str> = given(state, &user.id).map(|given| given.role.as_str()).collect();
        roles.sort_unstable();
        roles.dedup();
        let roles = roles.join(&BETWEEN.to_string());
        let package = user.package.as_ref().map_or("", |link| link.package.as_str());
        let created = moment::told(user.created);
        table.row([
            &user.id,
            &user.email,
            &user.first_name,
            &user.last_name,
            user.status.as_str(),
            package,
            roles.as_str(),
            &created,
        ]);
    }
    table.into_bytes()
}
