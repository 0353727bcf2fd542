//! `rolewright audit`.

pub mod prune;
pub mod verify;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use rolewright_model::change::{Kind, Topic};
use rolewright_model::{Catalogue, Timestamp};
use rolewright_store::LogFilter;
use rolewright_wire::audit::{AuditEntry, Piece};
use serde_json::Value;

use super::existing::{Existing, Opened};
use super::{Error, output, value};
use crate::as_of::RevisionSaid;
use crate::audit::export::Export;
use crate::audit::{name_keys, page, told};
use crate::sight::Sight;
use crate::{moment, past};

/// The subcommands of `rolewright audit`.
#[derive(Debug, Subcommand)]
pub enum Commands {
    /// List who changed what when, newest first
    List(List),
    /// Show the change that made a revision, with what it wrote before and after
    Show(Show),
    /// Recompute the change log's chain of hashes, of every tenant, and what the documents, keys, passwords and second
    /// factors must be after it; or check an export of it
    Verify(verify::Options),
    /// Print the change log, a line of JSON an entry, and what is signed of it
    Export(ExportOptions),
    /// Remove what the change log says of long ago: a signed anchor stands for it, from which the rest still verifies
    Prune(prune::Options),
}

impl Commands {
    pub(super) fn is_json(&self) -> bool {
        match self {
            Self::List(options) => options.json,
            Self::Show(options) => options.json,
            Self::Verify(options) => options.json,
            Self::Export(options) => options.json,
            Self::Prune(options) => options.json,
        }
    }
}

/// Which entries.
#[derive(Args, Clone, Debug)]
pub struct Filter {
    /// Only those made by `operator`, `user:ID` or `key:ID`
    #[arg(long, value_name = "WHO")]
    actor: Option<String>,
    /// Only those of this action, such as `update_role`
    #[arg(long)]
    action: Option<String>,
    /// Only those about this kind, such as `role`; `user` has also how people sign in, `key` has API keys
    #[arg(long, value_parser = kind)]
    kind: Option<Topic>,
    /// Only those about the one of this id
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Only those about the one of this id, or of a link to it, such as an assignment of that role
    #[arg(long, value_name = "ID")]
    about: Option<String>,
    /// Only those made at this time or later: a date, such as 2027-01-31, or a time, such as 2027-01-31T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment::time)]
    from: Option<Timestamp>,
    /// Only those made before this time
    #[arg(long, value_name = "TIME", value_parser = moment::time)]
    until: Option<Timestamp>,
    /// Only those whose reason or request's id has this text in it
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
}

impl Filter {
    fn into_filter(self) -> LogFilter {
        let Self { actor, action, kind, id, about, from, until, search } = self;
        LogFilter { actor, action, kind, id, about, from, until, search, undoes: None }
    }
}

fn kind(text: &str) -> Result<Topic, String> {
    Topic::all().find(|topic| topic.as_str() == text).ok_or_else(|| {
        let known: Vec<&str> = Topic::all().map(Topic::as_str).collect();
        let (text, known) = (text.escape_debug(), known.join(", "));
        format!("`{text}` is no kind that the log is about: write one of {known}")
    })
}

/// The options of `list`.
#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    filter: Filter,
    /// How many
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = value::whole(1..=10_000_u32))]
    limit: u32,
    /// Only those before this revision: where the list before ended
    #[arg(long, value_name = "REVISION", value_parser = value::revision)]
    before: Option<u64>,
    #[command(flatten)]
    existing: Existing,
    /// Answer as JSON, a line an entry
    #[arg(long)]
    json: bool,
}

/// The options of `show`.
#[derive(Args, Debug)]
pub struct Show {
    /// The revision
    #[arg(value_parser = value::revision)]
    revision: u64,
    #[command(flatten)]
    existing: Existing,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// The options of `export`.
#[derive(Args, Debug)]
pub struct ExportOptions {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    existing: Existing,
    /// Say what goes wrong as JSON
    #[arg(long)]
    json: bool,
}

/// Runs a subcommand, of the data directory itself: the server need not run, and may.
///
/// # Errors
/// Where the log is not as it was written, or cannot be read.
pub async fn run(command: Commands) -> Result<ExitCode, Error> {
    match command {
        Commands::List(options) => list(options).await,
        Commands::Show(options) => show(&options).await,
        Commands::Verify(options) => verify::run(&options).await,
        Commands::Export(options) => export(options).await,
        Commands::Prune(options) => prune::run(options).await,
    }
}

async fn list(options: List) -> Result<ExitCode, Error> {
    let Opened { sqlite, tenant, clock } = options.existing.open().await?;
    let (filter, loaded, sight) = (options.filter.into_filter(), tenant.loaded(), Sight::whole());
    let (mut left, mut before) = (options.limit, options.before);
    let mut told_any = false;
    loop {
        let (mut entries, next) = page(&tenant, &filter, before, left, |sealed| {
            Some(told(sealed, filter.about.as_deref(), &loaded, &sight))
        })
        .await?;
        name_keys(&mut entries, &tenant, &sight, clock.now()).await?;
        told_any |= !entries.is_empty();
        for entry in &entries {
            output::line(if options.json {
                super::json(entry)
            } else {
                line(entry, loaded.state.catalogue())
            })?;
        }
        left = left.saturating_sub(u32::try_from(entries.len()).unwrap_or(u32::MAX));
        before = next.as_deref().and_then(|next| next.parse().ok());
        let Some(before) = before else { break };
        if left == 0 {
            super::note(
                options.json,
                &format!("there are more: go on with --before {}", RevisionSaid(before)),
            );
            break;
        }
    }
    if !told_any && !options.json {
        output::aside("no entry of the log fits");
    }
    sqlite.close().await;
    Ok(ExitCode::SUCCESS)
}

/// An entry in one line.
fn line(entry: &AuditEntry, catalogue: &Catalogue) -> String {
    let who = match (entry.actor.split_once(':'), &*entry.actor_name) {
        (_, "") => entry.actor.clone(),
        (Some(("key", _)), name) => format!("API key {name}"),
        (_, name) => name.to_owned(),
    };
    let said = |piece: &Piece| match piece {
        Piece::Words(text) => text.clone(),
        Piece::Place(path) => catalogue.place_name(path),
        Piece::Time(time) => moment::told(*time),
        Piece::One { id, called, .. } => called.as_ref().or(entry.names.get(id)).unwrap_or(id).clone(),
    };
    let sentence: String = entry.sentence.iter().map(said).collect();
    let reason = entry.reason.as_ref().map(|reason| format!("  \"{reason}\"")).unwrap_or_default();
    let time = moment::told(entry.time);
    format!("{}  {time}  {who}  {sentence}{reason}", RevisionSaid(entry.at.revision))
}

async fn show(options: &Show) -> Result<ExitCode, Error> {
    let Opened { sqlite, tenant, clock } = options.existing.open().await?;
    let (sealed, sight) = (past::entry(&tenant, options.revision).await?, Sight::whole());
    let loaded = tenant.loaded();
    let mut entry = told(sealed, None, &loaded, &sight);
    name_keys(std::slice::from_mut(&mut entry), &tenant, &sight, clock.now()).await?;
    sqlite.close().await;
    if options.json {
        output::line(super::json(&entry))?;
        return Ok(ExitCode::SUCCESS);
    }
    output::line(line(&entry, loaded.state.catalogue()))?;
    // What the operator does is no request.
    let request = if entry.request.is_empty() { "" } else { &format!(", request {}", entry.request) };
    output::line(format_args!("by {}{request}", entry.actor))?;
    // What neither wrote nor kept a document is told by its change alone.
    let is_bare = entry.writes.is_empty() && entry.kept.is_empty();
    for (name, value) in entry.change.as_object().into_iter().flatten().filter(|_| is_bare) {
        if name != "change" {
            output::line(format_args!("{name}: {value}"))?;
        }
    }
    for write in &entry.writes {
        output::line(format_args!("\n{} {}", write.kind, write.id))?;
        for (name, document) in [("before", &write.before), ("after", &write.after)] {
            match document {
                Some(document) => output::line(format_args!("{name}: {document:#}"))?,
                None => output::line(format_args!("{name}: it was not there"))?,
            }
        }
    }
    for document in &entry.kept {
        let id = document.get("id").and_then(Value::as_str).unwrap_or_default();
        output::line(format_args!("\n{} {id}", Kind::Assignment.as_str()))?;
        output::line(format_args!("kept: {document:#}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn export(options: ExportOptions) -> Result<ExitCode, Error> {
    let Opened { sqlite, tenant, clock } = options.existing.open().await?;
    let mut export = Export::begin(tenant, options.filter.into_filter(), clock.now()).await?;
    while let Some(lines) = export.next().await? {
        output::bytes(lines.as_bytes())?;
    }
    sqlite.close().await;
    Ok(ExitCode::SUCCESS)
}
