//! `rolewright tenant`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use rolewright_model::PolicyDocument;
use rolewright_store::Store;
use serde_json::json;

use super::confirm::Confirm;
use super::existing::{Existing, Opened};
use super::reach::{self, Reach};
use super::{DATA, Data, Error, InTenant, output, transfer};
use crate::clock::Clock;
use crate::config::DEFAULT_TENANT;
use crate::link::{self, Page};
use crate::tenant::Tenant;
use crate::{app, first_run, templates};

/// The subcommands of `rolewright tenant`.
#[derive(Debug, Subcommand)]
pub enum Commands {
    /// Make a tenant of a template
    Create(Create),
    /// List the tenants
    List(List),
    /// Delete a tenant with all that is kept of it
    Delete(Delete),
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
    }
}

async fn create(options: &Create) -> Result<ExitCode, Error> {
    let id = &options.id;
    if !rolewright_model::catalogue::is_slug(id) {
        return Err(Error::refused(format!(
            "`{id}` is no id of a tenant: a lower-case letter, then lower-case letters, digits, `_` or `-`, 64 at most"
        )));
    }
    let policy = super::read_template(options.template.as_deref().unwrap_or(templates::DEFAULT))?;
    let sqlite = super::open(&options.data.data).await?;
    let store: Arc<dyn Store> = Arc::clone(&sqlite) as Arc<dyn Store>;
    let context = app::context(&Clock::default())?;
    Tenant::create(&store, id, &policy, &context).await?;
    let tenant = Tenant::open(store, id, context.now).await?;
    let token = first_run::new_token(&tenant, context.now).await?;
    sqlite.close().await;
    let public_url = options.reach.url(options.reach.address());
    let setup = token.map(|token| link::to(&public_url, id, Page::Setup, &token));
    if options.reach.public_url.is_none() {
        super::note(options.json, &reach::guessed(&public_url));
    }
    let name = if policy.settings.name.is_empty() { &policy.name } else { &policy.settings.name };
    if options.json {
        let roles: Vec<&str> = policy.roles.iter().map(|role| role.id.as_str()).collect();
        let packages = policy.packages.len();
        output::line(
            json!({ "id": id, "name": name, "roles": roles, "packages": packages, "setup": setup }),
        )?;
    } else {
        output::line(made(id, name, &policy, &options.data.data, setup.as_deref()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What was made, and what to do next.
fn made(id: &str, name: &str, policy: &PolicyDocument, data: &Path, setup: Option<&str>) -> String {
    let (roles, packages) = (policy.roles.len(), policy.packages.len());
    let on = if data == Path::new(DATA) { String::new() } else { format!(" --data '{}'", data.display()) };
    let setup = setup.map_or(String::new(), |link| {
        format!("\x20 create its first superuser within one hour, by this link:\n\x20   {link}\n")
    });
    format!(
        "made tenant `{id}`, called \"{name}\": {roles} roles, {packages} packages, and nobody in it yet\n\
         next:\n\
         {setup}\
         \x20 rolewright user create --tenant {id}{on} --superuser --email you@example.com --password-stdin\n\
         \x20   makes its first superuser, also later, with the password that standard input says\n\
         \x20 rolewright key create --tenant {id}{on} --name NAME --permission ID\n\
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
    } else {
        for tenant in &tenants {
            output::line(format_args!("{}\t{}", tenant.id, tenant.name))?;
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
    let exported = match &options.export {
        Some(folder) => Some(transfer::export_to(folder, &tenant, clock.now()).await?),
        None => None,
    };
    let kept = match &exported {
        Some(files) => format!("it is exported to {files}"),
        None => format!(
            "it is not exported: --export FOLDER does so first, as do `rolewright export --tenant {id}` and `rolewright audit export --tenant {id}`"
        ),
    };
    options.confirm.by(
        id,
        &format!(
            "tenant `{id}` is deleted for good, with {people} people, {changes} changes, keys and sessions; {kept}. Backups keep it until they are deleted too"
        ),
    )?;
    sqlite.delete_tenant(id).await?;
    sqlite.close().await;
    if options.json {
        output::line(json!({ "id": id, "people": people, "changes": changes, "exported": exported }))?;
    } else {
        output::line(format_args!("deleted tenant `{id}`: {people} people, {changes} changes"))?;
    }
    Ok(ExitCode::SUCCESS)
}
