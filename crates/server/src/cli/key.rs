//! `rolewright key`.

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use rolewright_store::Store;
use rolewright_wire::key::NewKey;
use serde_json::json;

use super::{Data, Error, InTenant};
use crate::auth::actor::Who;
use crate::auth::key;
use crate::clock::Clock;

/// The subcommands of `rolewright key`.
#[derive(Debug, Subcommand)]
pub enum Commands {
    /// Make a key for a server, a worker or a script, and print it, this once
    Create(Create),
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
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    tenant: InTenant,
    /// What a new data directory begins with: mailer (the default), analytics-cloud,
    /// enterprise-manager, email-marketing, or a policy file
    #[arg(long, value_name = "NAME")]
    template: Option<String>,
    /// Answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Runs a subcommand.
///
/// # Errors
/// Why it was not done.
pub async fn run(command: Commands) -> Result<ExitCode, Error> {
    let Commands::Create(options) = command;
    let name = options.name.trim();
    if name.is_empty() {
        return Err(Error::refused(
            "a key needs a name, by which people know it: write for example --name edge",
        ));
    }
    let name = name.to_owned();
    let clock = Clock::default();
    let sqlite = super::open(&options.data.data).await?;
    let store: Arc<dyn Store> = Arc::clone(&sqlite) as Arc<dyn Store>;
    let template = options.template.as_deref();
    let tenant = super::named_tenant(&store, &clock, &options.tenant, template, options.json).await?;
    let loaded = tenant.loaded();
    let catalogue = loaded.state.catalogue();
    if let Some(unknown) = options.permissions.iter().find(|id| catalogue.handle(id).is_none()) {
        return Err(Error::refused(format!(
            "there is no permission `{unknown}` in the catalogue; a key for an edge has snapshot.policy"
        )));
    }
    let new = NewKey { name, permissions: options.permissions, scope: "/".to_owned(), expires: None };
    let made = key::make(&tenant, &Who::Operator, new, clock.now(), false).await?;
    sqlite.close().await;
    if options.json {
        let answer = json!({
            "id": made.of.id,
            "key": made.key,
            "name": made.of.name,
            "permissions": made.of.permissions,
            "tenant": tenant.id(),
        });
        println!("{answer}");
    } else {
        println!("{}", made.key.unwrap_or_default());
        eprintln!("keep it now: it is stored hashed and cannot be shown again");
    }
    Ok(ExitCode::SUCCESS)
}
