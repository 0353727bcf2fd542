//! `rolewright user`.

use std::io::{BufRead as _, IsTerminal as _, stdin};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use rolewright_model::change::UserEdit;
use rolewright_model::directory::not_an_email;
use rolewright_model::{Change, counted};
use rolewright_store::{SqliteStore, Store, why_not};
use serde_json::json;

use super::existing::{Existing, Opened};
use super::reach::{self, Reach};
use super::writing::Writing;
use super::{Data, Error, InTenant, fresh, output, table};
use crate::auth::password::{self, Hasher};
use crate::auth::reset;
use crate::auth::strength::{self, About};
use crate::clock::Clock;
use crate::config::DEFAULT_TENANT;
use crate::link::{self, Page};
use crate::tenant::{Edit, Tenant};
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
    /// The person's email
    #[arg(long)]
    email: String,
    /// The person's first name
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    first_name: String,
    /// The person's last name
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    last_name: String,
    /// Give the policy's superuser role. The first one of a new server begins its data directory too, where there is none
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
    /// With --superuser, where there is no data yet: what it begins with: mailer (the default), analytics-cloud,
    /// enterprise-manager, email-marketing, or a policy file
    #[arg(long, value_name = "NAME", requires = "superuser")]
    template: Option<String>,
    #[command(flatten)]
    writing: Writing,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// The options of `rolewright user reset-password`.
#[derive(Args, Debug)]
pub struct ResetPassword {
    /// The person's email
    email: String,
    #[command(flatten)]
    reach: Reach,
    #[command(flatten)]
    writing: Writing,
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
                "nobody has the email `{}`: `rolewright user export` lists everybody",
                options.email.escape_debug()
            ))
        })?;
    let context = app::context(&clock)?;
    let new = reset::new(&user, context.now)?;
    let edit = options.writing.edit(Change::StartPasswordReset { id: user.clone() }, context);
    tenant.apply(Edit { records: new.records, ..edit }).await?;
    sqlite.close().await;
    let (is_dry, email) = (options.writing.is_dry(), options.email.trim());
    if options.reach.public_url.is_none() && !is_dry {
        super::note(options.json, &reach::guessed(&public_url));
    }
    let link = (!is_dry).then(|| link::to(&public_url, tenant.id(), Page::PasswordReset, &new.token));
    if options.json {
        let expires = (!is_dry).then_some(new.expires);
        output::line(json!({ "user": user, "link": link, "expires": expires, "dry_run": is_dry }))?;
    } else if let Some(link) = link {
        let minutes = counted(reset::MINUTES, "minute", "minutes");
        output::line(format_args!("Give this link to {email} alone; it works once, for {minutes}:\n{link}"))?;
    } else {
        output::line(format_args!("a link would be made with which {email} sets a password"))?;
    }
    options.writing.trial.tell(options.json);
    Ok(ExitCode::SUCCESS)
}

async fn create(options: Create) -> Result<ExitCode, Error> {
    let (named, is_dry) = (&options.tenant.tenant, options.writing.is_dry());
    // A server's first person is a superuser of the tenant that every server has.
    let begins = options.superuser && named == DEFAULT_TENANT;
    let template = options.template.as_deref().map(fresh::read_template).transpose()?;
    // Where there is data, the tenant is looked for first; a data directory is made for a good password alone.
    let known = fresh::known(&options.data.data, named, begins).await?;
    if let Some(why) = not_an_email(options.email.trim()) {
        let email = options.email.escape_debug();
        return Err(Error::refused(format!("`{email}` is not an email address: {why}")));
    }
    let password = password_of_stdin()?;
    let about = About {
        tenant: "",
        email: options.email.trim(),
        first_name: &options.first_name,
        last_name: &options.last_name,
    };
    strength::check(&password, &about)?;

    let clock = Clock::default();
    let sqlite = match known {
        Some(sqlite) => sqlite,
        None if is_dry => Arc::new(SqliteStore::in_memory().await?),
        None => fresh::open(&options.data.data).await?,
    };
    let store: Arc<dyn Store> = Arc::clone(&sqlite) as Arc<dyn Store>;
    let note = |told: &str| {
        if !is_dry {
            super::note(options.json, told)
        }
    };
    let tenant = match begins {
        true => fresh::default_tenant(&store, &clock, template.as_ref(), note).await?,
        false => Tenant::open(store, named).await?,
    };
    let loaded = tenant.loaded();
    strength::check(&password, &About { tenant: &loaded.state.documents().settings.name, ..about })?;
    let hash = Hasher::default().hash(&password).await?;
    let context = app::context(&clock)?;
    let id = secret::fresh_id("u_")?;
    let mut records = vec![password::set(&id, hash, context.now)];
    let role = if options.superuser {
        records.extend(first_run::close(&tenant, context.now).await?);
        first_run::superuser_role(&loaded.state)
    } else {
        options.role.clone()
    };
    let user = UserEdit {
        id: id.clone(),
        email: options.email.trim().to_owned(),
        first_name: options.first_name.clone(),
        last_name: options.last_name.clone(),
    };
    let change = first_run::user_with_role(user, role.clone());
    let applied = tenant.apply(Edit { records, ..options.writing.edit(change, context) }).await?;
    sqlite.close().await;
    let email = about.email;
    if options.json {
        let (id, at) = if is_dry { (None, None) } else { (Some(id), Some(applied.at)) };
        output::line(json!({ "id": id, "email": email, "role": role, "at": at, "dry_run": is_dry }))?;
    } else {
        let with = role.map(|role| format!(" with the role {role}")).unwrap_or_default();
        match is_dry {
            true => output::line(format_args!("{email} would be created{with}"))?,
            false => output::line(format_args!(
                "created {email}{with}: {id}; they sign in with this email and password where the server is reached"
            ))?,
        }
    }
    options.writing.trial.tell(options.json);
    Ok(ExitCode::SUCCESS)
}

/// The first line of standard input; whoever types it is asked for it.
fn password_of_stdin() -> Result<String, Error> {
    if stdin().is_terminal() {
        output::part_aside("password, which is shown as it is typed: ");
    }
    let mut line = String::new();
    stdin().lock().read_line(&mut line).map_err(|error| {
        Error::failed(format!("cannot read the password from standard input: {}", why_not(&error)))
    })?;
    Ok(line.lines().next().unwrap_or_default().to_owned())
}
