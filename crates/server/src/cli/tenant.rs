//! `rolewright tenant`.

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use rolewright_store::Store;
use serde_json::json;

use super::{Data, Error, output};
use crate::clock::Clock;
use crate::tenant::Tenant;
use crate::{app, templates};

/// The subcommands of `rolewright tenant`.
#[derive(Debug, Subcommand)]
pub enum Commands {
    /// Make a tenant of a template
    Create(Create),
    /// List the tenants
    List(List),
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

/// Runs a subcommand.
///
/// # Errors
/// Why it was not done.
pub async fn run(command: Commands) -> Result<ExitCode, Error> {
    match command {
        Commands::Create(options) => create(&options).await,
        Commands::List(options) => list(&options).await,
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
    Tenant::create(&store, id, &policy, &app::context(&Clock::default())?).await?;
    sqlite.close().await;
    if options.json {
        output::line(json!({ "id": id }))?;
    } else {
        output::line(format_args!(
            "made tenant `{id}`: make its first superuser with `rolewright user create --tenant {id} --superuser`"
        ))?;
    }
    Ok(ExitCode::SUCCESS)
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
