//! Writes: what a request comes to is worked out from the state and the table, made as one change with its record,
//! and worked out again where another was faster.

use std::sync::Arc;

use rolewright_model::change::Kind;
use rolewright_model::{Change, Code, Refusal};
use rolewright_store::RecordOp;

use super::caller::Caller;
use super::error::{Result, ScimError, ScimType};
use super::record::Kept;
use super::table::{Known, is_outdated};
use crate::conditional::{IfMatch, etag};
use crate::mail::notice;
use crate::tenant::{Edit, Error, Expected, Loaded};

/// How often a write is worked out because another process was faster.
const ATTEMPTS: usize = 8;

/// What a request comes to.
#[derive(Debug)]
pub struct Plan {
    /// What changes: all of it or nothing.
    pub changes: Vec<Change>,
    /// What is kept beside it, where that is another than before.
    pub kept: Option<Kept>,
    /// The document that the request is about, where it names a version of it.
    pub of_version: Option<(Kind, String)>,
}

/// The tenant and the table after a write.
#[derive(Debug)]
pub struct Written {
    /// The tenant.
    pub loaded: Arc<Loaded>,
    /// The table.
    pub known: Known,
}

/// Makes what `plan` says, or nothing where it says nothing.
///
/// # Errors
/// Those of `plan`; why the model refuses.
pub async fn write(caller: &Caller, plan: impl Fn(&Loaded, &Known) -> Result<Plan>) -> Result<Written> {
    let (tenant, now) = (&caller.asker.tenant, caller.asker.now);
    let _writing = tenant.scim.writing.lock().await;
    let mut attempt = 0;
    loop {
        let known = tenant.scim.current(tenant, now).await?;
        // Never older than the table.
        tenant.refresh().await?;
        let loaded = tenant.loaded();
        let Plan { changes, kept, of_version } = plan(&loaded, &known)?;
        let Some(change) = whole(changes) else {
            return Ok(Written { loaded, known });
        };
        let (after, records): (Known, Vec<RecordOp>) = match kept {
            Some(kept) => known.after(kept),
            None => (known, Vec::new()),
        };
        let has_records = !records.is_empty();
        let named = |(kind, id): (Kind, String)| {
            let at = loaded.revision(kind, &id)?;
            Some(Expected::Document(kind, id, IfMatch::of(vec![etag(at)])))
        };
        let expected = of_version.and_then(named);
        let due = notice::due(&change, &loaded.state);
        let edit = Edit { records, expected, ..caller.edit(change)? };
        match tenant.apply(edit).await {
            Ok(applied) => {
                if applied.is_new() {
                    notice::tell_due(&caller.app, tenant, &due, now);
                }
                if has_records {
                    tenant.scim.replace(after.clone());
                }
                return Ok(Written { loaded: applied.after, known: after });
            }
            Err(Error::Store(error)) if is_outdated(&error) && attempt < ATTEMPTS => attempt += 1,
            Err(Error::Refused(refusal)) => return Err(refused(*refusal)),
            Err(error) => return Err(error.into()),
        }
    }
}

fn whole(mut changes: Vec<Change>) -> Option<Change> {
    match changes.len() {
        0 | 1 => changes.pop(),
        _ => Some(Change::Batch { changes }),
    }
}

/// The refusal's own words. That a name or an address is taken has a name of its own in SCIM.
fn refused(refusal: Refusal) -> ScimError {
    match refusal.code {
        Code::Taken => ScimError::of(ScimType::Uniqueness, refusal.message),
        _ => crate::problem::Failure::from(refusal).into(),
    }
}
