//! `rolewright user | assignment import | export`: tables as CSV.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use futures_util::StreamExt as _;
use rolewright_model::{Problem, State};
use rolewright_store::{Store, why_not};
use rolewright_wire::bulk::{Line, Totals};

use super::existing::{Existing, Opened, When};
use super::mail::MailServer;
use super::progress::Progress;
use super::reach::{self, Reach};
use super::writing::Writing;
use super::{Error, output, policy_file, reached};
use crate::app;
use crate::app::App;
use crate::auth::actor::Who;
use crate::auth::key_makers::Makers;
use crate::bulk::inviting::Invites;
use crate::bulk::many::Many;
use crate::bulk::{Job, Rows, lines};
use crate::config::Config;
use crate::import::assignments::{self, Assignments};
use crate::import::people::{self, People};
use crate::sight::Sight;

/// The subcommands of `rolewright assignment`.
#[derive(Debug, Subcommand)]
pub enum Commands {
    /// Give roles as a table of CSV says; none is taken away
    Import(Import),
    /// Print who holds what as a table of CSV
    Export(Export),
}

/// The options of `import`.
#[derive(Args, Debug)]
pub struct Import {
    /// The table, as `export` prints it; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    existing: Existing,
    /// Answer as JSON, a line a row
    #[arg(long)]
    pub(super) json: bool,
}

/// The options of `rolewright user import`.
#[derive(Args, Debug)]
pub struct ImportPeople {
    #[command(flatten)]
    pub(super) import: Import,
    /// Make a link for each who is invited then, and send it where there is a mail server; else, and where a mail is not
    /// taken, the link is told with the row. Who was sent one within the last 10 minutes keeps it
    #[arg(long)]
    invite: bool,
    /// With --invite, replace links of the last 10 minutes too
    #[arg(long, requires = "invite")]
    again: bool,
    #[command(flatten)]
    reach: Reach,
    #[command(flatten)]
    mail: MailServer,
}

/// The options of `export`.
#[derive(Args, Debug)]
pub struct Export {
    #[command(flatten)]
    when: When,
    #[command(flatten)]
    existing: Existing,
    /// Say what goes wrong as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Runs a subcommand of `rolewright assignment`.
///
/// # Errors
/// Why it was not done.
pub async fn run(command: Commands) -> Result<ExitCode, Error> {
    match command {
        Commands::Import(options) => import(&options, Assignments::read, None).await,
        Commands::Export(options) => export(&options, assignments::write).await,
    }
}

/// `rolewright user import`.
///
/// # Errors
/// Why it was not done.
pub async fn import_people(options: &ImportPeople) -> Result<ExitCode, Error> {
    import(&options.import, People::read, options.inviting()?).await
}

/// How invitations are made.
struct Inviting {
    config: Config,
    again: bool,
    /// Whether where people reach the server is a guess.
    is_guessed: bool,
}

impl ImportPeople {
    fn inviting(&self) -> Result<Option<Inviting>, Error> {
        if !self.invite {
            return Ok(None);
        }
        let public_url = self.reach.url(self.reach.address());
        let config = Config { public_url, mail: self.mail.mailer()?, ..Config::default() };
        Ok(Some(Inviting { config, again: self.again, is_guessed: self.reach.public_url.is_none() }))
    }
}

impl Inviting {
    /// What makes the links, as over HTTP.
    fn invites(self, opened: &Opened, options: &Import) -> Arc<dyn Invites> {
        if self.is_guessed {
            super::note(options.json, &reach::guessed(&self.config.public_url));
        }
        let Opened { sqlite, tenant, clock } = opened;
        let app = App::new(Arc::clone(sqlite) as Arc<dyn Store>, self.config, clock.clone());
        Arc::new(Many::new(app, Arc::clone(tenant), Who::Operator, options.writing.reason(), self.again))
    }
}

/// `rolewright user export`.
///
/// # Errors
/// Why it was not done.
pub async fn export_people(options: &Export) -> Result<ExitCode, Error> {
    export(options, |state| people::write(state, state.documents().directory.users.values())).await
}

async fn import<R: Rows + 'static>(
    options: &Import,
    read: fn(&[u8]) -> Result<R, Vec<Problem>>,
    inviting: Option<Inviting>,
) -> Result<ExitCode, Error> {
    let rows = read(&contents(&options.file)?).map_err(|problems| {
        let message = problems.first().map(ToString::to_string).unwrap_or_default();
        Error::new("invalid", format!("{}: {message}", policy_file::named(&options.file)), 1)
            .with_problems(problems)
    })?;
    let dry_run = options.writing.is_dry();
    let opened = options.existing.open().await?;
    let invites = inviting.map(|inviting| inviting.invites(&opened, options));
    let Opened { sqlite, tenant, clock } = opened;
    let keys = Makers::read(&tenant, true, clock.now()).await?;
    let job = Job {
        keys,
        tenant,
        who: Who::Operator,
        id: app::context(&clock)?.id,
        clock,
        rows: Arc::new(rows),
        dry_run,
        reason: options.writing.reason(),
        request: String::new(),
        invites,
        sight: Sight::whole(),
    };
    let mut progress = Progress::new(options.json, dry_run);
    let mut lines = std::pin::pin!(lines(job));
    let mut done = None;
    while let Some(line) = lines.next().await {
        progress.tell(&line)?;
        match line {
            Line::Done(totals) => done = Some(totals),
            Line::Stopped(problem) => {
                let message = format!("{}; what was told before is done: run it again", problem.detail);
                return Err(Error::new(problem.code(), message, 2));
            }
            _ => {}
        }
    }
    sqlite.close().await;
    let Some(Totals { changed, unchanged, refused, reach, .. }) = done else {
        return Err(Error::failed("the import ended early: run it again"));
    };
    if !options.json {
        let would = if dry_run { "would be changed" } else { "changed" };
        output::line(format_args!("{changed} {would}, {unchanged} unchanged, {refused} refused"))?;
        if let Some(reach) = reach {
            output::line(reached::told(&reach, true))?;
        }
    }
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

async fn export(options: &Export, write: fn(&State) -> Vec<u8>) -> Result<ExitCode, Error> {
    let opened = options.existing.open().await?;
    let (state, _) = options.when.seen(&opened).await?;
    output::bytes(&write(&state))?;
    opened.sqlite.close().await;
    Ok(ExitCode::SUCCESS)
}

fn contents(file: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes).map(drop)
    } else {
        std::fs::read(file).map(|read| bytes = read)
    };
    read.map_err(|error| {
        Error::failed(format!("cannot read {}: {}", policy_file::named(file), why_not(&error)))
    })?;
    Ok(bytes)
}
