//! `rolewright user`.

use std::io::Read as _;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use rolewright_model::Change;
use rolewright_model::change::UserEdit;
use rolewright_store::Store;
use serde_json::json;

use super::existing::{Existing, Opened};
use super::reach::{self, Reach};
use super::{Data, Error, InTenant, output, table};
use crate::auth::actor::Who;
use crate::auth::password::{self, Hasher};
use crate::auth::reset;
use crate::auth::strength::{self, About};
use crate::clock::Clock;
use crate::config::{DEFAULT_TENANT, database};
use crate::link::{self, Page};
use crate::tenant::Edit;
use crate::{app, first_run, secret};

/// The subcommands of `rolewright user`.
#[derive(Debug, Subcommand)]
pub enum Commands {
    /// Add an active person who can sign in
    Create(Create),
    /// Add and edit people as a table of CSV says
    Import(table::ImportPeople),
    /// Print people as a table of CSV
    Export(table::Export),
    /// Print a link, good once and for ten minutes, with which a person sets a new password or the first
    ResetPassword(ResetPassword),
}

impl Commands {
    pub(super) fn is_json(&self) -> bool {
        match self {
            Self::Create(options) => options.json,
            Self::Import(options) => options.import.json,
            Self::Export(options) => options.json,
            Self::ResetPassword(options) => options.json,
        }
    }
}

/// The options of `rolewright user create`.
#[derive(Args, Debug)]
pub struct Create {
    /// The person's e-mail
    #[arg(long)]
    email: String,
    /// The person's first name
    #[arg(long, default_value = "")]
    first_name: String,
    /// The person's last name
    #[arg(long, default_value = "")]
    last_name: String,
    /// Give the policy's superuser role
    #[arg(long)]
    superuser: bool,
    /// Give a role for the whole tenant, by its id
    #[arg(long, value_name = "ID", conflicts_with = "superuser")]
    role: Option<String>,
    /// Read the password from standard input, to the end of its first line
    #[arg(long, required = true)]
    password_stdin: bool,
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
    json: bool,
}

/// The options of `rolewright user reset-password`.
#[derive(Args, Debug)]
pub struct ResetPassword {
    /// The person's e-mail
    email: String,
    #[command(flatten)]
    reach: Reach,
    #[command(flatten)]
    existing: Existing,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// Runs a subcommand.
///
/// # Errors
/// Why it was not done.
pub async fn run(command: Commands) -> Result<ExitCode, Error> {
    match command {
        Commands::Create(options) => create(options).await,
        Commands::Import(options) => table::import_people(&options).await,
        Commands::Export(options) => table::export_people(&options).await,
        Commands::ResetPassword(options) => reset_password(options).await,
    }
}

async fn reset_password(options: ResetPassword) -> Result<ExitCode, Error> {
    let public_url = options.reach.url(options.reach.address());
    let Opened { sqlite, tenant, clock } = options.existing.open().await?;
    let user =
        tenant.loaded().state.user_of_email(&options.email).map(ToOwned::to_owned).ok_or_else(|| {
            Error::refused(format!(
                "nobody has the e-mail `{}`: `rolewright user export` lists everybody",
                options.email.escape_debug()
            ))
        })?;
    let context = app::context(&clock)?;
    let new = reset::new(&user, context.now)?;
    let edit = Edit::new(Who::Operator, Change::StartPasswordReset { id: user.clone() }, context);
    tenant.apply(Edit { records: new.records, ..edit }).await?;
    sqlite.close().await;
    if options.reach.public_url.is_none() {
        super::note(options.json, &reach::guessed(&public_url));
    }
    let link = link::to(&public_url, tenant.id(), Page::PasswordReset, &new.token);
    if options.json {
        output::line(json!({ "user": user, "link": link, "expires": new.expires }))?;
    } else {
        output::line(format_args!(
            "Give this link to {} alone; it works once, for {} minutes:\n{link}",
            options.email.trim(),
            reset::MINUTES
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn create(options: Create) -> Result<ExitCode, Error> {
    // Where there is data, the tenant is looked for first; a data directory is made for a good password alone.
    let data = &options.data.data;
    let is_there = database(data).is_file() || options.tenant.tenant != DEFAULT_TENANT;
    let known = if is_there { Some(super::open_existing(data).await?) } else { None };
    if let Some(sqlite) = &known {
        sqlite.head(&options.tenant.tenant).await?;
    }
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Error::failed(format!("cannot read the password from standard input: {error}")))?;
    let password = text.lines().next().unwrap_or_default();
    let about = About {
        tenant: "",
        email: options.email.trim(),
        first_name: &options.first_name,
        last_name: &options.last_name,
    };
    strength::check(password, &about)?;

    let clock = Clock::default();
    let sqlite = match known {
        Some(sqlite) => sqlite,
        None => super::open(data).await?,
    };
    let store: Arc<dyn Store> = Arc::clone(&sqlite) as Arc<dyn Store>;
    let template = options.template.as_deref();
    let tenant = super::named_tenant(&store, &clock, &options.tenant, template, options.json).await?;
    let loaded = tenant.loaded();
    strength::check(password, &About { tenant: &loaded.state.documents().settings.name, ..about })?;
    let hash = Hasher::default().hash(password).await?;
    let context = app::context(&clock)?;
    let id = secret::fresh_id("u_")?;
    let mut records = vec![password::set(&id, hash, context.now)];
    let role = if options.superuser {
        records.extend(first_run::close(&tenant, context.now).await?);
        first_run::superuser_role(&loaded.state)
    } else {
        options.role
    };
    let user = UserEdit {
        id: id.clone(),
        email: options.email.trim().to_owned(),
        first_name: options.first_name.clone(),
        last_name: options.last_name.clone(),
    };
    let change = first_run::user_with_role(user, role.clone());
    let applied = tenant.apply(Edit { records, ..Edit::new(Who::Operator, change, context) }).await?;
    sqlite.close().await;
    if options.json {
        output::line(json!({ "id": id, "email": options.email.trim(), "role": role, "at": applied.at }))?;
    } else {
        let with = role.map(|role| format!(" with the role {role}")).unwrap_or_default();
        output::line(format_args!(
            "created {}{with}: {id}; they sign in with this e-mail and password where the server is reached",
            options.email.trim()
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
