//! The command line: `rolewright serve | config | check | explain | export | import | validate | test | codegen | user |
//! assignment | key | tenant | audit | backup | restore`.
//!
//! Exit codes: 0 done (for `check` and `explain`: allowed), 1 refused or not valid (for those: not allowed; for
//! `test`: a test fails; for `codegen --check`: the file is not current),
//! 2 it could not be done, or the command line is wrong.
//!
//! With `--json` what goes wrong is JSON too: one object on standard error.

mod advice;
mod again;
pub mod audit;
pub mod backup;
pub mod check;
pub mod codegen;
pub mod config;
pub mod confirm;
mod differences;
mod error;
pub mod existing;
pub mod explain;
mod fresh;
pub mod history;
pub mod key;
pub mod mail;
mod misread;
mod misspelt;
mod output;
mod policy_file;
mod progress;
pub mod reach;
mod reached;
pub mod serve;
mod settings;
pub mod table;
pub mod tenant;
pub mod test;
pub mod transfer;
pub mod user;
pub mod validate;
mod value;
pub mod writing;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use rolewright_store::{SqliteStore, why_not};
use serde::Serialize;

use crate::config::{DEFAULT_TENANT, database};
pub use error::Error;

/// Who may do what: one permission model for your product's servers, apps and edges.
#[derive(Debug, Parser)]
#[command(name = "rolewright", version, max_term_width = 100)]
struct Command {
    #[command(subcommand)]
    command: Commands,
}

#[derive(Debug, Subcommand)]
enum Commands {
    /// Run the server and the admin app; where there is no data yet it is begun
    Serve(serve::Options),
    /// Show the settings of the server, and where each comes from
    #[command(mut_arg("json", |json| json.help("Answer as JSON")))]
    Config(config::Options),
    /// Ask whether a person may do something
    Check(check::Options),
    /// Say why a person may or may not do something, and what would allow it
    Explain(explain::Options),
    /// Write the policy and the people of a tenant as JSON
    Export(transfer::ExportOptions),
    /// Replace the policy of a tenant, or show whom that would reach
    Import(transfer::Import),
    /// Check a policy document, and show everything that is wrong with it
    Validate(validate::Options),
    /// Ask the tests of a policy document, and show which it answers otherwise
    Test(test::Options),
    /// Write the ids of the catalogue as types, or check that a file of them is what the catalogue says
    Codegen(codegen::Options),
    /// Manage people
    #[command(subcommand)]
    User(user::Commands),
    /// Read and write who holds what as tables
    #[command(subcommand)]
    Assignment(table::Commands),
    /// Manage API keys
    #[command(subcommand)]
    Key(key::Commands),
    /// Manage tenants
    #[command(subcommand)]
    Tenant(tenant::Commands),
    /// Take back what a change did, as a new change
    Undo(history::Undo),
    /// Put back what a tenant said at a revision, as a new change
    Revert(history::Revert),
    /// List, show, verify and export the change log
    #[command(subcommand)]
    Audit(audit::Commands),
    /// Copy the data to a file, while a server runs
    Backup(backup::Backup),
    /// Put a backup in place of the data, while no server runs
    Restore(backup::Restore),
}

impl Commands {
    fn is_json(&self) -> bool {
        match self {
            Self::Serve(options) => options.json,
            Self::Config(options) => options.serve.json,
            Self::Check(options) => options.json,
            Self::Explain(options) => options.json,
            Self::Export(options) => options.json,
            Self::Import(options) => options.json,
            Self::Validate(options) => options.json,
            Self::Test(options) => options.json,
            Self::Codegen(options) => options.json,
            Self::User(command) => command.is_json(),
            Self::Assignment(table::Commands::Import(options)) => options.json,
            Self::Assignment(table::Commands::Export(options)) => options.json,
            Self::Key(command) => command.is_json(),
            Self::Tenant(tenant::Commands::Create(options)) => options.json,
            Self::Tenant(tenant::Commands::List(options)) => options.json,
            Self::Tenant(tenant::Commands::Delete(options)) => options.json,
            Self::Tenant(tenant::Commands::RotateKey(options)) => options.json,
            Self::Backup(options) => options.json,
            Self::Restore(options) => options.json,
            Self::Undo(options) => options.is_json(),
            Self::Revert(options) => options.is_json(),
            Self::Audit(command) => command.is_json(),
        }
    }
}

/// Where the server keeps its data, unless it is said otherwise.
const DATA: &str = "data";

/// Where the server keeps its data.
#[derive(Args, Clone, Debug)]
pub struct Data {
    /// Where the server keeps its data
    #[arg(long, value_name = "DIR", default_value = DATA, env = "ROLEWRIGHT_DATA")]
    data: PathBuf,
}

/// Which tenant.
#[derive(Args, Clone, Debug)]
pub struct InTenant {
    /// The tenant
    #[arg(long, value_name = "ID", default_value = DEFAULT_TENANT)]
    tenant: String,
}

impl InTenant {
    fn named(tenant: &str) -> Self {
        Self { tenant: tenant.to_owned() }
    }
}

/// Runs the command line.
#[must_use]
pub fn main() -> ExitCode {
    let Understood { command, program, matches, file } = match understand() {
        Ok(understood) => understood,
        Err(NotUnderstood::Arguments(error)) => return not_understood(&error),
        Err(NotUnderstood::File(error)) => return error.tell(wants_json()),
    };
    let as_json = command.is_json();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return Error::failed(format!(
                "the threads of the server cannot be started: {}",
                why_not(&error)
            ))
            .tell(as_json);
        }
    };
    let done = runtime.block_on(async {
        match command {
            Commands::Serve(options) => serve::run(options).await,
            Commands::Config(options) => config::run(&options, &program, &matches, file.as_ref()),
            Commands::Check(options) => check::run(options).await,
            Commands::Explain(options) => explain::run(options).await,
            Commands::Export(options) => transfer::export(&options).await,
            Commands::Import(options) => transfer::import(options).await,
            Commands::Validate(options) => validate::run(&options),
            Commands::Test(options) => test::run(&options),
            Commands::Codegen(options) => codegen::run(&options).await,
            Commands::User(command) => user::run(command).await,
            Commands::Assignment(command) => table::run(command).await,
            Commands::Key(command) => key::run(command).await,
            Commands::Tenant(command) => tenant::run(command).await,
            Commands::Undo(options) => history::undo(options).await,
            Commands::Revert(options) => history::revert(options).await,
            Commands::Audit(command) => audit::run(command).await,
            Commands::Backup(options) => backup::backup(&options).await,
            Commands::Restore(options) => backup::restore(&options).await,
        }
    });
    // Work that nobody waits for any more must not keep the process.
    runtime.shutdown_background();
    match done {
        Ok(code) => code,
        Err(error) => error.tell(as_json),
    }
}

/// A command line that was understood.
struct Understood {
    command: Commands,
    /// The subcommand's own definition and arguments.
    program: clap::Command,
    matches: ArgMatches,
    /// The file of settings under it.
    file: Option<settings::File>,
}

enum NotUnderstood {
    Arguments(clap::Error),
    File(Error),
}

impl From<clap::Error> for NotUnderstood {
    fn from(error: clap::Error) -> Self {
        Self::Arguments(error)
    }
}

/// Reads the command line, the environment, and the file of settings that they name, if they do.
fn understand() -> Result<Understood, NotUnderstood> {
    let mut whole = Command::command();
    let mut matches = whole.clone().try_get_matches()?;
    let (names, named) = innermost(&matches);
    let find = |name: &str| whole.find_subcommand(name).cloned().unwrap_or_default();
    let program = find(names.first().map_or("", String::as_str));
    let file = match named {
        // It says the server's settings, whichever command reads it.
        Some(path) => Some(settings::File::read(&path, &find("serve")).map_err(NotUnderstood::File)?),
        None => None,
    };
    if let Some(file) = &file {
        whole = under(file, whole, &names);
        matches = whole.clone().try_get_matches()?;
    }
    let Command { command } = Command::from_arg_matches(&matches)?;
    let matches = matches.remove_subcommand().map(|(_, sub)| sub).unwrap_or_default();
    Ok(Understood { command, program, matches, file })
}

/// The names that lead to the innermost subcommand, and the file of settings that it is given.
fn innermost(matches: &ArgMatches) -> (Vec<String>, Option<PathBuf>) {
    let (mut names, mut inner) = (Vec::new(), matches);
    while let Some((name, sub)) = inner.subcommand() {
        names.push(name.to_owned());
        inner = sub;
    }
    (names, inner.try_get_one::<PathBuf>("config").ok().flatten().cloned())
}

/// The same command line, with what the file says for the defaults of that subcommand.
fn under(file: &settings::File, command: clap::Command, names: &[String]) -> clap::Command {
    match names {
        [] => file.under(command),
        [name, rest @ ..] => command.mut_subcommand(name, |sub| under(file, sub, rest)),
    }
}

/// What is to be told of the variables that are named like settings, and are none.
fn misspelt() -> Vec<String> {
    misspelt::misspelt(&Command::command(), std::env::vars_os().map(|(name, _)| name))
}

fn wants_json() -> bool {
    std::env::args_os().any(|argument| argument == "--json")
}

/// What is said of a command line that is wrong, or was a question for help.
fn not_understood(error: &clap::Error) -> ExitCode {
    let is_help = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if !error.use_stderr() || is_help && !wants_json() {
        _ = error.print();
        return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
    }
    let said = match is_help {
        true => "say which command: see `rolewright --help`".to_owned(),
        false => misread::told(error, &Command::command()),
    };
    Error::usage(said).tell(wants_json())
}

/// Something beside the answer that the operator should know.
fn note(as_json: bool, text: &str) {
    if as_json {
        output::aside(serde_json::json!({ "note": text }));
    } else {
        output::aside(format_args!("note: {text}"));
    }
}

/// The store of a data directory that is there already.
async fn open_existing(data: &Path) -> Result<Arc<SqliteStore>, Error> {
    let database = database(data);
    if !database.is_file() {
        return Err(Error::failed(format!(
            "there is no database in `{}`; name the server's directory with --data",
            data.display()
        )));
    }
    Ok(Arc::new(SqliteStore::open(database).await?))
}

/// What an enumeration's variant is called, in words.
fn words(variant: &impl Serialize) -> String {
    let name = serde_json::to_value(variant).ok();
    name.as_ref().and_then(|name| name.as_str()).unwrap_or_default().replace('_', " ")
}

/// The text of an answer for programs: JSON in one line.
fn json(answer: &impl Serialize) -> String {
    serde_json::to_string(answer).unwrap_or_default()
}
