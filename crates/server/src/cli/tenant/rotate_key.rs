//! `rolewright tenant rotate-key`.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::cli::existing::{Existing, Opened};
use crate::cli::writing::Writing;
use crate::cli::{Data, Error, InTenant, output};
use crate::moment;
use crate::signing::{Rotated, believed_until, rotate};

/// The options of `rolewright tenant rotate-key`.
#[derive(Args, Debug)]
pub struct Options {
    /// Which
    id: String,
    /// Others may have the key that signs now: checkers are to believe it no longer, nor any before it, not for a day
    /// still
    #[arg(long)]
    leaked: bool,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    data: Data,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
}

/// Signs with a new key; a server that runs does so a moment later.
///
/// # Errors
/// Where there is no such tenant, or the store fails.
pub(super) async fn run(options: Options) -> Result<ExitCode, Error> {
    let existing = Existing { data: options.data, tenant: InTenant { tenant: options.id } };
    let Opened { sqlite, tenant, clock } = existing.open().await?;
    let (leaked, now) = (options.leaked, clock.now());
    let (from, to, believed_until) = if options.writing.is_dry() {
        (tenant.signer().public().kid().to_owned(), None, believed_until(leaked, now))
    } else {
        let Rotated { from, to, believed_until } =
            rotate(&tenant, leaked, options.writing.reason(), now).await?;
        (from, Some(to), believed_until)
    };
    sqlite.close().await;
    if options.json {
        let told = json!({
            "id": tenant.id(), "dry_run": options.writing.is_dry(), "from": from, "to": to, "believed_until": believed_until,
        });
        output::line(told)?;
        return Ok(ExitCode::SUCCESS);
    }
    let believed = match believed_until {
        Some(until) => format!("what `{from}` signed is believed until {}", moment::told(until)),
        None => format!("what `{from}` signed is believed by nobody who reads the key set again"),
    };
    let to = to.map_or_else(|| "a new key".to_owned(), |to| format!("key `{to}`"));
    output::line(format_args!(
        "tenant `{}` signs with {to} from now on, a server that runs within a second; {believed}\n\
         checkers that were given the key as text need the new one: it is in /.well-known/jwks.json",
        tenant.id()
    ))?;
    options.writing.trial.tell(options.json);
    Ok(ExitCode::SUCCESS)
}
