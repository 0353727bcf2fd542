//! `rolewright tenant`.

pub mod rotate_key;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use rolewright_model::{State, counted};
use rolewright_store::{SqliteStore, Store};
use serde_json::json;

use super::confirm::Confirm;
use super::existing::{Existing, Opened};
use super::reach::{self, Reach};
use super::writing::{Trial, Writing};
use super::{Data, Error, InTenant, again, fresh, output, transfer};
use crate::clock::Clock;
use crate::config::{DEFAULT_TENANT, database};
use crate::link::{self, Page};
use crate::tenant::{Error as TenantError, Tenant, id};
use crate::{app, first_run, templates};

/// The subcommands of `rolewright tenant`.
#[derive(Debug, Subcommand)]
pub enum Commands {
    /// Make a tenant of a template; where there is no data yet it is begun
    Create(Create),
    /// List the tenants
    List(List),
    /// Delete a tenant with all that is kept of it
    Delete(Delete),
    /// Sign with a new key from now on
    RotateKey(rotate_key::Options),
}

/// The options of `rolewright tenant create`.
#[derive(Args, Debug)]
pub struct Create {
    /// What its paths say: a lower-case letter, then lower-case letters, digits, `_` or `-`
    id: String,
    /// What it begins with: mailer (the default), analytics-cloud, enterprise-manager,
    /// email-marketing, or a policy file
    #[arg(long, value_name = "NAME")]
    template: Option<String>,
    /// What a person calls it; what the template is called, unless it is said
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    reach: Reach,
    #[command(flatten)]
    data: Data,
    /// Answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// The options of `rolewright tenant list`.
#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    data: Data,
    /// Answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// The options of `rolewright tenant delete`.
#[derive(Args, Debug)]
pub struct Delete {
    /// Which
    id: String,
    /// First write what it says to ID.json and its change log to ID-audit.jsonl, in this folder
    #[arg(long, value_name = "FOLDER")]
    export: Option<PathBuf>,
    #[command(flatten)]
    confirm: Confirm,
    #[command(flatten)]
    trial: Trial,
    #[command(flatten)]
    data: Data,
    /// Answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Runs a subcommand.
///
/// # Errors
/// Why it was not done.
pub async fn run(command: Commands) -> Result<ExitCode, Error> {
    match command {
        Commands::Create(options) => create(&options).await,
        Commands::List(options) => list(&options).await,
        Commands::Delete(options) => delete(&options).await,
        Commands::RotateKey(options) => rotate_key::run(options).await,
    }
}

async fn create(options: &Create) -> Result<ExitCode, Error> {
    let (id, data, is_dry) = (&options.id, &options.data.data, options.writing.is_dry());
    id::check(id).map_err(Error::refused)?;
    let mut policy = fresh::read_template(options.template.as_deref().unwrap_or(templates::DEFAULT))?;
    if let Some(name) = &options.name {
        policy.settings.name = name.trim().to_owned();
    }
    let sqlite = match is_dry && !database(data).is_file() {
        true => Arc::new(SqliteStore::in_memory().await?),
        false => fresh::open(data).await?,
    };
    let store: Arc<dyn Store> = Arc::clone(&sqlite) as Arc<dyn Store>;
    let context = app::context(&Clock::default())?;
    let token = if is_dry {
        State::begin(&policy, &context).map_err(TenantError::from)?;
        if store.tenants().await?.iter().any(|tenant| tenant.id == *id) {
            return Err(rolewright_store::Error::TenantExists(id.clone()).into());
        }
        None
    } else {
        Tenant::create(&store, id, &policy, options.writing.reason(), &context).await?;
        first_run::new_token(&*Tenant::open(store, id).await?, context.now).await?
    };
    sqlite.close().await;
    let public_url = options.reach.url(options.reach.address());
    let setup = token.map(|token| link::to(&public_url, id, Page::Setup, &token));
    if options.reach.public_url.is_none() && !is_dry {
        super::note(options.json, &reach::guessed(&public_url));
    }
    let name = if policy.settings.name.is_empty() { &policy.name } else { &policy.settings.name };
    if options.json {
        let (roles, packages) = (policy.roles.iter().map(|role| &role.id), policy.packages.len());
        let roles: Vec<&String> = roles.collect();
        output::line(json!({
            "id": id, "name": name, "roles": roles, "packages": packages, "setup": setup, "dry_run": is_dry,
        }))?;
    } else {
        let (roles, packages) = (
            counted(policy.roles.len(), "role", "roles"),
            counted(policy.packages.len(), "package", "packages"),
        );
        let made = if is_dry { "tenant" } else { "made tenant" };
        let would = if is_dry { " would be made" } else { "" };
        output::line(format_args!(
            "{made} `{id}`{would}, called \"{}\": {roles}, {packages}, and nobody in it yet",
            output::seen(name)
        ))?;
        if !is_dry {
            output::line(next(id, data, setup.as_deref()))?;
        }
    }
    options.writing.trial.tell(options.json);
    Ok(ExitCode::SUCCESS)
}

/// What to do next with a new tenant.
fn next(id: &str, data: &Path, setup: Option<&str>) -> String {
    let person =
        ["user", "create", "--tenant", id, "--superuser", "--email", "you@example.com", "--password-stdin"];
    let key = ["key", "create", "--tenant", id, "--name", "edge", "--permission", "snapshot.policy"];
    let (person, key) = (again::command(&person, data), again::command(&key, data));
    let setup = setup.map_or(String::new(), |link| {
        format!("\x20 create its first superuser within one hour, by this link:\n\x20   {link}\n")
    });
    format!(
        "next:\n\
         {setup}\
         \x20 {person}\n\
         \x20   makes its first superuser, also later, with the password that standard input says\n\
         \x20 {key}\n\
         \x20   makes a key with which programs ask; their paths begin with /api/v1/tenants/{id}\n\
         a server that runs serves it already"
    )
}

async fn list(options: &List) -> Result<ExitCode, Error> {
    let store = super::open_existing(&options.data.data).await?;
    let tenants = store.tenants().await?;
    store.close().await;
    if options.json {
        let all = tenants.iter();
        let all = all.map(|it| json!({ "id": it.id, "name": it.name, "created": it.created }));
        output::line(json!({ "tenants": all.collect::<Vec<_>>() }))?;
    } else if tenants.is_empty() {
        output::aside("there are no tenants: make one with rolewright tenant create");
    } else {
        for tenant in &tenants {
            output::line(format_args!("{}\t{}", tenant.id, output::seen(&tenant.name)))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn delete(options: &Delete) -> Result<ExitCode, Error> {
    let id = options.id.as_str();
    if id == DEFAULT_TENANT {
        return Err(Error::refused(format!(
            "a server cannot be without the tenant `{DEFAULT_TENANT}`: to begin anew, remove the data directory while no server runs"
        )));
    }
    let existing = Existing { data: options.data.clone(), tenant: InTenant { tenant: id.to_owned() } };
    let Opened { sqlite, tenant, clock } = existing.open().await?;
    let loaded = tenant.loaded();
    let (people, changes) = (loaded.state.documents().directory.users.len(), loaded.state.at().revision);
    let is_dry = options.trial.dry_run;
    let kept = match &options.export {
        Some(folder) => format!("it is exported to {} first", folder.display()),
        None => format!(
            "it is not exported: --export FOLDER does so first, as do `rolewright export --tenant {id}` and `rolewright audit export --tenant {id}`"
        ),
    };
    let what = format!("{}, {}", counted(people, "person", "people"), counted(changes, "change", "changes"));
    let mut exported = None;
    if !is_dry {
        let what = format!("tenant `{id}` will be gone for good, with {what}, keys and sessions");
        options.confirm.by(id, &format!("{what}; {kept}. Backups keep it until they are deleted too"))?;
        if let Some(folder) = &options.export {
            exported = Some(transfer::export_to(folder, &tenant, clock.now()).await?);
        }
        sqlite.delete_tenant(id).await?;
    }
    sqlite.close().await;
    if options.json {
        output::line(json!({
            "id": id, "people": people, "changes": changes, "exported": exported, "dry_run": is_dry,
        }))?;
    } else {
        let deleted = if is_dry { "would delete" } else { "deleted" };
        let to = exported.map(|files| format!("; it is exported to {files}")).unwrap_or_default();
        output::line(format_args!("{deleted} tenant `{id}`: {what}{to}"))?;
    }
    options.trial.tell(options.json);
    Ok(ExitCode::SUCCESS)
}
