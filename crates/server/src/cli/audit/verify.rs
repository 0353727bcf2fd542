//! `rolewright audit verify`.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use rolewright_model::counted;
use rolewright_store::{Anchor, Error as StoreError, SqliteStore, Store as _, Verified, why_not};
use rolewright_wire::audit::{ExcerptFilter, LogExcerptClaims};
use serde_json::json;

use crate::as_of::RevisionSaid;
use crate::audit::exported::{self, Proved};
use crate::audit::prune;
use crate::cli::existing::{Existing, Opened};
use crate::cli::{Data, Error, InTenant, output};
use crate::clock::Clock;
use crate::config::DEFAULT_TENANT;
use crate::signing::{End, Signer};
use crate::{moment, past};

/// The options of `verify`.
#[derive(Args, Debug)]
pub struct Options {
    /// An export, whole or of some entries, to check instead, against the tenant's key and log; `-` is standard input
    export: Option<PathBuf>,
    #[command(flatten)]
    data: Data,
    /// The tenant; each where none is named, and of an export `default`
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    /// Answer as JSON, a line a tenant
    #[arg(long)]
    pub(super) json: bool,
}

/// Checks the log that is here, or an export.
///
/// # Errors
/// Where one is not as it was written, or cannot be read.
pub async fn run(options: &Options) -> Result<ExitCode, Error> {
    match &options.export {
        Some(file) => verify_export(options, file).await,
        None => verify_log(options).await,
    }
}

/// Checks the log of each tenant, or of the one that is named. All are looked at, also after one that is broken.
async fn verify_log(options: &Options) -> Result<ExitCode, Error> {
    let (store, now) = (crate::cli::open_existing(&options.data.data).await?, Clock::default().now());
    let tenants = match &options.tenant {
        Some(named) => vec![named.clone()],
        None => store.tenants().await?.into_iter().map(|tenant| tenant.id).collect(),
    };
    let mut wrong = Vec::new();
    for tenant in &tenants {
        match store.verify_log(tenant, now).await {
            Ok(Verified { anchor: Some(anchor), .. }) if !is_signed(&store, tenant, &anchor).await? => {
                let why = "its anchor is not as the tenant signed it; restore a backup from before it";
                wrong.push(format!("the log of tenant `{tenant}` is broken: {why}"));
            }
            Ok(verified) => tell(options, tenant, &verified)?,
            Err(why @ (StoreError::Broken { .. } | StoreError::Differs { .. })) => {
                wrong.push(why.to_string())
            }
            Err(error) => return Err(error.into()),
        }
    }
    store.close().await;
    match wrong.is_empty() {
        true => Ok(ExitCode::SUCCESS),
        false => Err(Error::refused(wrong.join("; "))),
    }
}

async fn is_signed(store: &SqliteStore, tenant: &str, anchor: &Anchor) -> Result<bool, Error> {
    let signer = Signer::of(store, tenant).await?;
    Ok(prune::is_signed(tenant, &signer, anchor))
}

fn tell(options: &Options, tenant: &str, verified: &Verified) -> Result<(), Error> {
    let Verified { entries, head, anchor } = verified;
    let first = anchor.as_ref().map(|anchor| anchor.at);
    if options.json {
        let head = json!({ "at": head.at, "log_hash": head.log_hash });
        let mut told = json!({ "tenant": tenant, "entries": entries, "head": head });
        if let (Some(told), Some(at)) = (told.as_object_mut(), first) {
            told.insert("pruned_up_to".to_owned(), json!(at));
        }
        output::line(told)
    } else {
        let pruned = first
            .map(|at| format!(" after its signed anchor at {}", RevisionSaid(at.revision)))
            .unwrap_or_default();
        output::line(format_args!(
            "the log of tenant `{tenant}` is as it was written: {}{pruned}, head {}",
            counted(*entries, "entry", "entries"),
            head.log_hash
        ))
    }
}

/// Checks an export by itself, and then against the log that is here.
async fn verify_export(options: &Options, file: &Path) -> Result<ExitCode, Error> {
    let tenant = InTenant::named(options.tenant.as_deref().unwrap_or(DEFAULT_TENANT));
    let existing = Existing { data: options.data.clone(), tenant };
    let Opened { sqlite, tenant, .. } = existing.open().await?;
    let read = if file.as_os_str() == "-" {
        exported::read(tenant.id(), &tenant.signer(), std::io::stdin().lock())
    } else {
        let opened = std::fs::File::open(file);
        let opened = opened.map_err(|error| {
            Error::failed(format!("cannot read `{}`: {}", file.display(), why_not(&error)))
        })?;
        exported::read(tenant.id(), &tenant.signer(), BufReader::new(opened))
    };
    let export = read.map_err(|why| Error::refused(format!("`{}`: {why}", file.display())))?;
    let anchor = tenant.store().anchor(tenant.id()).await?;
    let first = anchor.as_ref().map_or(0, |anchor| anchor.at.revision);
    for (revision, hash) in &export.entries {
        // Of what was removed here the newest is known by its hash.
        let is_removed = anchor
            .as_ref()
            .is_some_and(|anchor| *revision < first || *revision == first && *hash == anchor.log_hash);
        if is_removed {
            continue;
        }
        let known = past::entry(&tenant, *revision).await.ok();
        if known.is_none_or(|known| known.hash != *hash) {
            let why =
                "is not in the log here: the export or the log was rewritten, or a backup was put in between";
            return Err(Error::refused(format!(
                "`{}`: the entry of revision {} {why}",
                file.display(),
                RevisionSaid(*revision)
            )));
        }
    }
    sqlite.close().await;
    let removed = export.entries.iter().filter(|(revision, _)| *revision <= first).count();
    if removed > 0 {
        let told = format!(
            "{removed} of the entries are no longer in the log here, which was cut at revision {}",
            RevisionSaid(first)
        );
        crate::cli::note(options.json, &told);
    }
    if let Some(End { replaced, leaked }) = export.key_end {
        let why =
            if leaked { " since others may have it: whoever has it could have signed this" } else { "" };
        let told = format!("it is signed by a key that was replaced at {}{why}", moment::told(replaced));
        crate::cli::note(options.json, &told);
    }
    let (id, entries) = (tenant.id(), export.entries.len());
    let told = counted(entries, "entry", "entries");
    match export.proved {
        Proved::Whole(head) if options.json => {
            output::line(json!({ "tenant": id, "entries": entries, "is": "whole", "head": head }))?;
        }
        Proved::Whole(head) => output::line(format_args!(
            "a whole export of the log of tenant `{id}`, signed at {}: {told} up to {}, none missing, and \
             each is in the log here",
            moment::told(head.issued),
            RevisionSaid(head.at.revision)
        ))?,
        Proved::Excerpt(claims) if options.json => {
            output::line(json!({ "tenant": id, "entries": entries, "is": "excerpt", "excerpt": claims }))?;
        }
        Proved::Excerpt(LogExcerptClaims { at, filter, issued, .. }) => output::line(format_args!(
            "an excerpt of the log of tenant `{id}` up to {}, signed at {}: {told} where {}; each is in the \
             log here, and the lines are those that were signed. It is no chain: that nothing is missing that the \
             filter takes, the signature says alone",
            RevisionSaid(at.revision),
            moment::told(issued),
            in_words(&filter)
        ))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn in_words(filter: &ExcerptFilter) -> String {
    let ExcerptFilter { actor, action, kind, id, about, from, until, search } = filter;
    let parts = [
        actor.as_ref().map(|actor| format!("actor is `{actor}`")),
        action.as_ref().map(|action| format!("action is `{action}`")),
        kind.map(|kind| format!("it is about a {}", kind.as_str())),
        id.as_ref().map(|id| format!("it is about `{id}`")),
        about.as_ref().map(|id| format!("it is about `{id}` or a link of it")),
        from.map(|from| format!("time is {} or later", moment::exact(from))),
        until.map(|until| format!("time is before {}", moment::exact(until))),
        search.as_ref().map(|words| format!("reason or request has `{words}`")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" and ")
}
