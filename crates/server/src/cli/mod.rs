//! The command line: `rolewright serve | check | validate | user | key`.
//!
//! Exit codes: 0 done (for `check`: allowed), 1 refused or not valid (for `check`: not allowed),
//! 2 it could not be done, or the command line is wrong.

pub mod check;
pub mod key;
pub mod serve;
pub mod user;
pub mod validate;

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use rolewright_store::{SqliteStore, Store};
use serde::Serialize;

use crate::app;
use crate::clock::Clock;
use crate::config::{self, DEFAULT_TENANT};
use crate::problem::Failure;
use crate::templates;
use crate::tenant::{self, Tenant};

/// Who may do what: one permission model for your product's servers, apps and edges.
#[derive(Debug, Parser)]
#[command(name = "rolewright", version, max_term_width = 100)]
struct Command {
    #[command(subcommand)]
    command: Commands,
}

#[derive(Debug, Subcommand)]
enum Commands {
    /// Run the server and the admin app
    Serve(serve::Options),
    /// Ask whether a person may do something
    Check(check::Options),
    /// Check a policy document, and show everything that is wrong with it
    Validate(validate::Options),
    /// Manage people
    #[command(subcommand)]
    User(user::Commands),
    /// Manage API keys
    #[command(subcommand)]
    Key(key::Commands),
}

/// Where the server keeps its data.
#[derive(Args, Clone, Debug)]
pub struct Data {
    /// Where the server keeps its data; made if it is not there
    #[arg(long, value_name = "DIR", default_value = "data", env = "ROLEWRIGHT_DATA")]
    data: PathBuf,
}

/// Which tenant.
#[derive(Args, Clone, Debug)]
pub struct InTenant {
    /// The tenant
    #[arg(long, value_name = "ID", default_value = DEFAULT_TENANT)]
    tenant: String,
}

/// Why a command did not do what it was asked: one line, and what to do.
#[derive(Debug)]
pub struct Error {
    message: String,
    code: u8,
}

impl Error {
    /// It is refused, or not valid: exit code 1.
    fn refused(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), code: 1 }
    }

    /// It could not be done: exit code 2.
    fn failed(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), code: 2 }
    }
}

impl From<tenant::Error> for Error {
    fn from(error: tenant::Error) -> Self {
        match error {
            tenant::Error::Refused(refusal) => {
                let mut message = refusal.message.clone();
                for problem in refusal.problems.iter().filter(|problem| problem.message != refusal.message) {
                    message = format!("{message}\n  {problem}");
                }
                Self::refused(message)
            }
            error => Self::failed(error),
        }
    }
}

impl From<rolewright_store::Error> for Error {
    fn from(error: rolewright_store::Error) -> Self {
        Self::failed(error)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::refused(failure.detail())
    }
}

impl From<crate::secret::NoEntropy> for Error {
    fn from(error: crate::secret::NoEntropy) -> Self {
        Self::failed(error)
    }
}

/// Runs the command line.
#[must_use]
pub fn main() -> ExitCode {
    let Command { command } = Command::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the threads of the server cannot be started: {error}");
            return ExitCode::from(2);
        }
    };
    let done = runtime.block_on(async {
        match command {
            Commands::Serve(options) => serve::run(options).await,
            Commands::Check(options) => check::run(options).await,
            Commands::Validate(options) => validate::run(&options),
            Commands::User(command) => user::run(command).await,
            Commands::Key(command) => key::run(command).await,
        }
    });
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {}", error.message);
            ExitCode::from(error.code)
        }
    }
}

/// Opens the store of a data directory, making both where there are none.
async fn open(data: &Path) -> Result<Arc<SqliteStore>, Error> {
    config::make_data_directory(data).map_err(|error| {
        Error::failed(format!(
            "cannot make the data directory `{}`: {error}; name another with --data",
            data.display()
        ))
    })?;
    Ok(Arc::new(SqliteStore::open(config::database(data)).await?))
}

/// The store of a data directory that is there already.
async fn open_existing(data: &Path) -> Result<Arc<SqliteStore>, Error> {
    let database = config::database(data);
    if !database.is_file() {
        return Err(Error::failed(format!(
            "there is no database in `{}`; name the server's directory with --data",
            data.display()
        )));
    }
    Ok(Arc::new(SqliteStore::open(database).await?))
}

/// The default tenant; made of the template where there is none. Says whether it was made.
async fn default_tenant(
    store: &Arc<dyn Store>,
    clock: &Clock,
    template: Option<&str>,
) -> Result<(Arc<Tenant>, bool), Error> {
    let known = store.tenants().await?;
    let is_new = !known.iter().any(|tenant| tenant.id == DEFAULT_TENANT);
    if is_new {
        let id = template.unwrap_or(templates::DEFAULT);
        let policy = read_template(id)?;
        Tenant::create(store, DEFAULT_TENANT, &policy, &app::context(clock)?).await?;
    }
    let tenant = Tenant::open(Arc::clone(store), DEFAULT_TENANT, clock.now()).await?;
    Ok((tenant, is_new))
}

/// A template of this program, or a policy document in a file.
fn read_template(id: &str) -> Result<rolewright_model::PolicyDocument, Error> {
    if let Some(read) = templates::read(id) {
        return read.map_err(|problems| not_valid(id, &problems));
    }
    let is_file = id.contains(['/', '.']) && Path::new(id).is_file();
    if is_file {
        let text = std::fs::read_to_string(id)
            .map_err(|error| Error::failed(format!("cannot read `{id}`: {error}")))?;
        return rolewright_model::PolicyDocument::from_json(&text)
            .map_err(|problems| not_valid(id, &problems));
    }
    let known: Vec<_> = templates::ids().collect();
    Err(Error::failed(format!(
        "there is no template `{id}`; choose one of {}, or name a policy file",
        known.join(", ")
    )))
}

fn not_valid(what: &str, problems: &[rolewright_model::Problem]) -> Error {
    let first = problems.first().map(ToString::to_string).unwrap_or_default();
    Error::refused(format!("the policy `{what}` is not valid: {first}; see all with rolewright validate"))
}

/// The text of an answer for programs: JSON in one line.
fn json(answer: &impl Serialize) -> String {
    serde_json::to_string(answer).unwrap_or_default()
}
