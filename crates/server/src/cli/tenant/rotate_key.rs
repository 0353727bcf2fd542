//! `rolewright tenant rotate-key`.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::cli::existing::{Existing, Opened};
use crate::cli::{Data, Error, InTenant, output};
use crate::extract::Reason;
use crate::moment;
use crate::signing::{Rotated, rotate};

/// The options of `rolewright tenant rotate-key`.
#[derive(Args, Debug)]
pub struct Options {
    /// Which
    id: String,
    /// Others may have the key that signs now: checkers are to believe it no longer, not for a day still
    #[arg(long)]
    leaked: bool,
    /// Why, for the change log
    #[arg(long, value_name = "TEXT", value_parser = Reason::parse)]
    reason: Option<Reason>,
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
    let reason = options.reason.map(Reason::into_text);
    let Rotated { from, to, believed_until } = rotate(&tenant, options.leaked, reason, clock.now()).await?;
    sqlite.close().await;
    if options.json {
        let told = json!({ "id": tenant.id(), "from": from, "to": to, "believed_until": believed_until });
        output::line(told)?;
        return Ok(ExitCode::SUCCESS);
    }
    let believed = match believed_until {
        Some(until) => format!("what `{from}` signed is believed until {}", moment::told(until)),
        None => format!("what `{from}` signed is believed by nobody who reads the key set again"),
    };
    output::line(format_args!(
        "tenant `{}` signs with key `{to}` from now on; {believed}\n\
         checkers that were given the key as text need the new one: it is in /.well-known/jwks.json",
        tenant.id()
    ))?;
    Ok(ExitCode::SUCCESS)
}
