//! `rolewright key`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use rolewright_model::State;
use rolewright_wire::key::{EditKey, KeyMade, KeyView, LONGEST_GRACE, NewKey, Rotation};
use serde::Serialize;
use serde_json::json;

use super::existing::{Existing, Opened};
use super::writing::Writing;
use super::{Error, output};
use crate::app;
use crate::auth::actor::Who;
use crate::auth::key;
use crate::auth::key_change::{self, Grace, Managed};
use crate::moment::{self, Moment};
use crate::tenant::Tenant;

/// The subcommands of `rolewright key`.
#[derive(Debug, Subcommand)]
pub enum Commands {
    /// Make a key for a server, a worker or a script, and print it, this once
    Create(Create),
    /// Show the keys that are good, never their secrets
    List(Of),
    /// Edit what a key is called, what it may do, where or until when; its secret stays
    Edit(EditOptions),
    /// Give a key a new secret, and print it, this once
    Rotate(Rotate),
    /// End a key at once
    Revoke(Revoke),
}

impl Commands {
    pub(super) fn is_json(&self) -> bool {
        match self {
            Self::Create(options) => options.of.json,
            Self::List(of) => of.json,
            Self::Edit(options) => options.of.json,
            Self::Rotate(options) => options.of.json,
            Self::Revoke(options) => options.of.json,
        }
    }
}

/// The options of `rolewright key create`.
#[derive(Args, Debug)]
pub struct Create {
    /// What a person calls the key
    #[arg(long)]
    name: String,
    /// What the key may do, such as snapshot.policy or passes.issue; may be given more than once
    #[arg(long = "permission", value_name = "ID", required = true)]
    permissions: Vec<String>,
    /// Where the key may do it, there and below: a resource, such as servers/prod
    #[arg(long, value_name = "PATH", default_value = "/")]
    scope: String,
    /// When the key ends: a duration from now, such as 90d, a date, such as 2027-01-31, or a
    /// time, such as 2027-01-31T08:00:00Z; without, it stays
    #[arg(long, value_name = "WHEN", value_parser = Moment::parse)]
    expires: Option<Moment>,
    /// Believe what the key says of a subject in AuthZEN requests, where the directory does not say
    /// it: conditions on the subject are then in its hands
    #[arg(long = "trust-subject-properties")]
    trusts_subject: bool,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    of: Of,
}

/// Which tenant's keys, and how to answer.
#[derive(Args, Debug)]
pub struct Of {
    #[command(flatten)]
    existing: Existing,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// The options of `rolewright key edit`. What is not said stays as it is.
#[derive(Args, Debug)]
#[command(group(clap::ArgGroup::new("said").required(true).multiple(true)))]
pub struct EditOptions {
    /// The key's id, as `rolewright key list` shows it
    id: String,
    /// What a person calls the key
    #[arg(long, group = "said")]
    name: Option<String>,
    /// What the key may do from now on, instead of all that it could; may be given more than once
    #[arg(long = "permission", value_name = "ID", group = "said")]
    permissions: Vec<String>,
    /// Where the key may do it, there and below: a resource, such as servers/prod
    #[arg(long, value_name = "PATH", group = "said")]
    scope: Option<String>,
    /// When the key ends: a duration from now, such as 90d, a date, such as 2027-01-31, or a
    /// time, such as 2027-01-31T08:00:00Z; `never` for one that stays
    #[arg(long, value_name = "WHEN", value_parser = ends, group = "said")]
    expires: Option<Ends>,
    /// Whether to believe what the key says of a subject in AuthZEN requests, where the directory does not say it
    #[arg(long = "trust-subject-properties", value_name = "BOOL", group = "said")]
    trusts_subject: Option<bool>,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    of: Of,
}

/// When a key ends, as somebody writes it; none where it stays.
#[derive(Clone, Copy, Debug)]
struct Ends(Option<Moment>);

fn ends(text: &str) -> Result<Ends, String> {
    if text == "never" {
        return Ok(Ends(None));
    }
    Moment::parse(text).map(|moment| Ends(Some(moment))).map_err(|why| format!("{why}, or never"))
}

/// The options of `rolewright key rotate`.
#[derive(Args, Debug)]
pub struct Rotate {
    /// The key's id, as `rolewright key list` shows it
    id: String,
    /// How long the secret that it has now stays good, such as 1d; 7d at most
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = grace)]
    grace: i64,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    of: Of,
}

fn grace(text: &str) -> Result<i64, String> {
    let grace = moment::duration(text)?;
    match grace.unsigned_abs() <= LONGEST_GRACE {
        true => Ok(grace),
        false => Err("a former secret stays good for 7d at most".to_owned()),
    }
}

/// The options of `rolewright key revoke`.
#[derive(Args, Debug)]
pub struct Revoke {
    /// The key's id, as `rolewright key list` shows it
    id: String,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    of: Of,
}

/// Runs a subcommand.
///
/// # Errors
/// Why it was not done.
pub async fn run(command: Commands) -> Result<ExitCode, Error> {
    match command {
        Commands::Create(options) => create(options).await,
        Commands::List(of) => list(of).await,
        Commands::Edit(options) => edit_key(options).await,
        Commands::Rotate(options) => rotate(options).await,
        Commands::Revoke(options) => revoke(options).await,
    }
}

async fn create(options: Create) -> Result<ExitCode, Error> {
    let name = options.name.trim();
    if name.is_empty() {
        return Err(Error::refused(
            "a key needs a name, by which people know it: write for example --name edge",
        ));
    }
    let Opened { sqlite, tenant, clock } = options.of.existing.open().await?;
    let loaded = tenant.loaded();
    let catalogue = loaded.state.catalogue();
    if let Some(unknown) = options.permissions.iter().find(|id| catalogue.handle(id).is_none()) {
        return Err(Error::refused(format!(
            "there is no permission `{unknown}` in the catalogue; a key for an edge has snapshot.policy"
        )));
    }
    let context = app::context(&clock)?;
    let new = NewKey {
        name: name.to_owned(),
        permissions: options.permissions,
        scope: options.scope,
        expires: options.expires.map(|expires| expires.from(context.now)),
        trusts_subject: options.trusts_subject,
    };
    let writing = &options.writing;
    let (made, _) = key_change::make(&tenant, new, |change| Ok(writing.edit(change, context))).await?;
    sqlite.close().await;
    print(&made, &tenant, options.of.json, || format!("a key would be made: {}", terms(&made.of)))?;
    writing.trial.tell(options.of.json);
    Ok(ExitCode::SUCCESS)
}

async fn list(of: Of) -> Result<ExitCode, Error> {
    let Opened { sqlite, tenant, clock } = of.existing.open().await?;
    let mut keys = key::list(&tenant, clock.now()).await?;
    sqlite.close().await;
    keys.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    if of.json {
        output::line(json!({ "tenant": tenant.id(), "keys": keys }))?;
    } else if keys.is_empty() {
        output::aside("there are no keys: make one with rolewright key create");
    } else {
        let loaded = tenant.loaded();
        for key in &keys {
            output::line(line(key, &loaded.state))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn edit_key(options: EditOptions) -> Result<ExitCode, Error> {
    let Opened { sqlite, tenant, clock } = options.of.existing.open().await?;
    let context = app::context(&clock)?;
    let key = Managed::read(&tenant, &Who::Operator, &options.id, context.now).await?;
    let was = key.said();
    let edited = EditKey {
        name: options.name.map_or(was.name, |name| name.trim().to_owned()),
        permissions: if options.permissions.is_empty() { was.permissions } else { options.permissions },
        scope: options.scope.unwrap_or(was.scope),
        expires: match options.expires {
            None => was.expires,
            Some(Ends(ends)) => ends.map(|ends| ends.from(context.now)),
        },
        trusts_subject: options.trusts_subject.unwrap_or(was.trusts_subject),
    };
    let writing = &options.writing;
    let (edited, _) = key.edit(&tenant, edited, |change| Ok(writing.edit(change, context))).await?;
    sqlite.close().await;
    if options.of.json {
        output::line(json!({ "tenant": tenant.id(), "key": edited }))?;
    } else {
        output::line(line(&edited.of, &tenant.loaded().state))?;
        if !writing.is_dry() {
            super::note(false, "its secret stays");
        }
    }
    writing.trial.tell(options.of.json);
    Ok(ExitCode::SUCCESS)
}

async fn rotate(options: Rotate) -> Result<ExitCode, Error> {
    let Opened { sqlite, tenant, clock } = options.of.existing.open().await?;
    let grace = Grace::of(Rotation { grace: options.grace.unsigned_abs() })?;
    let context = app::context(&clock)?;
    let key = Managed::read(&tenant, &Who::Operator, &options.id, context.now).await?;
    let writing = &options.writing;
    let (made, _) = key.rotate(&tenant, grace, |change| Ok(writing.edit(change, context))).await?;
    sqlite.close().await;
    print(&made, &tenant, options.of.json, || {
        let until =
            made.of.former_until.map_or("at once".to_owned(), |until| format!("at {}", moment::told(until)));
        format!(
            "{} ({}) would get a new secret, and the one that it has would end {until}",
            made.of.id, made.of.name
        )
    })?;
    writing.trial.tell(options.of.json);
    Ok(ExitCode::SUCCESS)
}

async fn revoke(options: Revoke) -> Result<ExitCode, Error> {
    let Opened { sqlite, tenant, clock } = options.of.existing.open().await?;
    let context = app::context(&clock)?;
    let key = Managed::read_to_end(&tenant, &Who::Operator, &options.id, context.now).await?;
    let (id, name, writing) = (&options.id, key.said().name, &options.writing);
    key.end(&tenant, |change| Ok(writing.edit(change, context))).await?;
    sqlite.close().await;
    if options.of.json {
        output::line(json!({ "id": id, "tenant": tenant.id(), "dry_run": writing.is_dry() }))?;
    } else {
        let ended = if writing.is_dry() { "would end" } else { "ended" };
        output::line(format_args!("{ended} {id} ({name})"))?;
    }
    writing.trial.tell(options.of.json);
    Ok(ExitCode::SUCCESS)
}

/// A key with its new secret.
#[derive(Serialize)]
struct Printed<'a> {
    tenant: &'a str,
    #[serde(flatten)]
    made: &'a KeyMade,
}

/// Prints a secret, this once; of a dry run, which has none, what would be.
fn print(made: &KeyMade, tenant: &Tenant, as_json: bool, would: impl Fn() -> String) -> Result<(), Error> {
    if as_json {
        return output::line(super::json(&Printed { tenant: tenant.id(), made }));
    }
    let Some(key) = &made.key else { return output::line(would()) };
    output::line(key.expose())?;
    output::aside("keep it now: it is stored hashed and cannot be shown again");
    Ok(())
}

/// A key in one line.
fn line(key: &KeyView, state: &State) -> String {
    let made = key.made_by.as_ref().map_or(String::new(), |who| format!(" by {}", maker(who, state)));
    let used = key.used.map_or("never used".to_owned(), |used| format!("used {}", moment::told(used)));
    let orphan = match key.maker_may_sign_in {
        Some(false) => ", who no longer signs in",
        _ => "",
    };
    format!("{}  {}, made {}{made}{orphan}, {used}", key.id, terms(key), moment::told(key.created))
}

/// What a key is called, and what it may do, where and until when.
fn terms(key: &KeyView) -> String {
    let (name, may, scope) = (&key.name, key.permissions.join(" "), &key.scope);
    let ends = key.expires.map_or(String::new(), |ends| format!(", ends {}", moment::told(ends)));
    let trusts = if key.trusts_subject { ", believed of subjects" } else { "" };
    format!("{name}  {may} at {scope}{ends}{trusts}")
}

/// Who made a key: a person's name beside what the change log says.
fn maker(who: &str, state: &State) -> String {
    let user = who.strip_prefix("user:").and_then(|id| state.documents().directory.users.get(id));
    user.map_or_else(|| who.to_owned(), |user| format!("{} ({who})", user.display_name()))
}
