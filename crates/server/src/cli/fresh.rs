//! What a data directory begins with: a store, and the tenant that every server has. `serve` makes them, and `tenant create` and
//! `user create --superuser`, with which a script sets a server up; every other command refuses a directory without a database,
//! for it is misspelt more likely than new.

use std::path::Path;
use std::sync::Arc;

use rolewright_model::{PolicyDocument, Problem, counted};
use rolewright_store::{SqliteStore, Store, why_not};

use super::{Error, policy_file};
use crate::clock::Clock;
use crate::config::{DEFAULT_TENANT, database, make_data_directory};
use crate::tenant::Tenant;
use crate::{app, templates};

/// Makes a data directory, unless there is one.
///
/// # Errors
/// Where it cannot be made.
pub(super) fn make(data: &Path) -> Result<(), Error> {
    make_data_directory(data).map_err(|error| {
        Error::failed(format!(
            "cannot make the data directory `{}`: {}; name another with --data",
            data.display(),
            why_not(&error)
        ))
    })
}

/// Opens the store of a data directory, making both where there are none.
///
/// # Errors
/// Where they cannot be made or opened.
pub(super) async fn open(data: &Path) -> Result<Arc<SqliteStore>, Error> {
    make(data)?;
    Ok(Arc::new(SqliteStore::open(database(data)).await?))
}

/// The store of a data directory, where that tenant is in it. Where a command `begins` what is not there, it may be missing.
///
/// # Errors
/// Where it is missing else.
pub(super) async fn known(
    data: &Path,
    tenant: &str,
    begins: bool,
) -> Result<Option<Arc<SqliteStore>>, Error> {
    if begins && !database(data).is_file() {
        return Ok(None);
    }
    let sqlite = super::open_existing(data).await?;
    match sqlite.head(tenant).await {
        Err(rolewright_store::Error::UnknownTenant(_)) if begins => {
            sqlite.close().await;
            Ok(None)
        }
        head => head.map(|_| Some(sqlite)).map_err(Error::from),
    }
}

/// The tenant that every server has; made of the template where there is none, which is noted.
///
/// # Errors
/// Where it cannot be made or read.
pub(super) async fn default_tenant(
    store: &Arc<dyn Store>,
    clock: &Clock,
    template: Option<&PolicyDocument>,
    note: impl Fn(&str),
) -> Result<Arc<Tenant>, Error> {
    let known = store.tenants().await?;
    if !known.iter().any(|tenant| tenant.id == DEFAULT_TENANT) {
        let policy = match template {
            Some(policy) => policy.clone(),
            None => read_template(templates::DEFAULT)?,
        };
        Tenant::create(store, DEFAULT_TENANT, &policy, None, &app::context(clock)?).await?;
        let (name, roles) = (&policy.name, counted(policy.roles.len(), "role", "roles"));
        note(&format!(
            "made the tenant `{DEFAULT_TENANT}` of the policy \"{name}\": {roles}, and nobody in it yet"
        ));
    } else if template.is_some() {
        note("--template is for a new data directory; this one keeps the policy that it has");
    }
    Ok(Tenant::open(Arc::clone(store), DEFAULT_TENANT).await?)
}

/// A template of this program, or a policy in a file.
///
/// # Errors
/// Where there is no such template, or the policy is not valid.
pub(super) fn read_template(id: &str) -> Result<PolicyDocument, Error> {
    if let Some(read) = templates::read(id) {
        return read.map_err(|problems| not_valid(id, &problems));
    }
    let file = Path::new(id);
    if id.contains(['/', '.']) && file.is_file() {
        let read = policy_file::read(file)?;
        return read.map(|read| read.policy).map_err(|problems| not_valid(id, &problems));
    }
    let known: Vec<_> = templates::ids().collect();
    Err(Error::failed(format!(
        "there is no template `{id}`; choose one of {}, or name a policy file",
        known.join(", ")
    )))
}

fn not_valid(what: &str, problems: &[Problem]) -> Error {
    let first = problems.first().map(ToString::to_string).unwrap_or_default();
    let message = format!("the policy `{what}` is not valid: {first}; see all with rolewright validate");
    Error::new("invalid", message, 1).with_problems(problems.to_vec())
}
