//! `rolewright serve`.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{ArgAction, Args};
use rolewright_model::counted;
use rolewright_store::{Store, why_not};
use serde_json::json;
use tokio::net::TcpListener;

use super::advice::advice;
use super::mail::MailServer;
use super::reach::Reach;
use super::{Data, Error, fresh, output, value};
use crate::app::App;
use crate::auth::network::Network;
use crate::clock::Clock;
use crate::config::{Config, DEFAULT_TENANT};
use crate::link::{self, Page};
use crate::{demo, first_run, log, serve};

/// How often expired sessions and links are removed.
const SWEEP: Duration = Duration::from_secs(15 * 60);

/// How long mail that waits may take once the server is told to stop.
const LAST_MAIL: Duration = Duration::from_secs(5);

/// The options of `rolewright serve`. What has a variable is a setting, of which a file may speak too: see
/// [`settings`](super::settings).
#[derive(Args, Debug)]
pub struct Options {
    #[command(flatten)]
    pub(super) reach: Reach,
    #[command(flatten)]
    data: Data,
    /// What a new tenant begins with: mailer (the default), analytics-cloud, enterprise-manager,
    /// email-marketing, or a policy file
    #[arg(long, value_name = "NAME", env = "ROLEWRIGHT_TEMPLATE")]
    pub(super) template: Option<String>,
    /// Add a believable directory to a new tenant: 200 people, groups and packages
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", env = "ROLEWRIGHT_DEMO", action = ArgAction::Set)]
    demo: bool,
    /// The proxy in front, by its address or its network, such as 10.0.0.0/8: who asks is then whom its
    /// X-Forwarded-For names, so that one who guesses passwords does not lock out all others; several
    /// with commas between, or given one by one
    #[arg(long, value_name = "ADDRESS", env = "ROLEWRIGHT_TRUSTED_PROXY", value_delimiter = ',')]
    pub(super) trusted_proxy: Vec<Network>,
    #[command(flatten)]
    pub(super) mail: MailServer,
    /// Say what happens as JSON, one object a line
    #[arg(long)]
    pub(super) json: bool,
    /// For how many seconds it still serves once it is told to stop, while /readyz says that it is not ready; told
    /// again, it goes on at once. Until then a load balancer sends requests elsewhere
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = value::whole(0..=u16::MAX), env = "ROLEWRIGHT_DRAIN")]
    drain: u16,
    /// How many seconds requests under way may take once the server is told to stop; told again, it ends at once
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = value::whole(0..=u16::MAX), env = "ROLEWRIGHT_SHUTDOWN_LIMIT")]
    shutdown_limit: u16,
    /// Where Prometheus reads metrics, such as 127.0.0.1:7422; a listener of its own, for it asks nobody who
    /// they are
    #[arg(long, value_name = "ADDRESS", value_parser = value::socket, env = "ROLEWRIGHT_METRICS")]
    pub(super) metrics: Option<SocketAddr>,
    /// How the log is written, to standard error: text for people, json for programs
    #[arg(long, value_name = "FORMAT", default_value = "text", env = "ROLEWRIGHT_LOG")]
    log: log::Format,
    /// What is logged: off, error, warn, info (a line for every request), or debug (also for what watches the server, and for
    /// decisions asked by AuthZEN)
    #[arg(long, value_name = "LEVEL", default_value = "info", env = "ROLEWRIGHT_LOG_LEVEL")]
    log_level: log::Level,
}

/// Runs the server until it is told to stop.
///
/// # Errors
/// Why it cannot be started.
pub async fn run(options: Options) -> Result<ExitCode, Error> {
    let stderr = std::io::stderr;
    let subscriber = log::subscriber(options.log, options.log_level.into(), stderr().is_terminal(), stderr);
    _ = tracing::subscriber::set_global_default(subscriber);
    for told in super::misspelt() {
        tracing::warn!("{told}");
    }
    let mail = options.mail.mailer()?;
    let clock = Clock::default();
    // What is wrong with the settings, and that a port is taken, is told before anything is made.
    let template = options.template.as_deref().map(fresh::read_template).transpose()?;
    let listener = listen(options.reach.address(), "--port", "--host").await?;
    let metrics = match options.metrics {
        Some(address) => Some(listen(address, "--metrics", "--metrics").await?),
        None => None,
    };
    let sqlite = fresh::open(&options.data.data).await?;
    let store: Arc<dyn Store> = Arc::clone(&sqlite) as Arc<dyn Store>;
    let note = |told: &str| super::note(options.json, told);
    let tenant = fresh::default_tenant(&store, &clock, template.as_ref(), note).await?;
    if options.demo {
        match demo::add(&tenant, &clock).await? {
            Some(people) => say(&options, &json!({ "event": "demo", "people": people }), || {
                format!("demo directory  {}, none of whom can sign in", counted(people, "person", "people"))
            }),
            None => super::note(
                options.json,
                "--demo is for a new data directory; this one keeps the people that it has",
            ),
        }
    }
    drop(tenant);

    let metrics_address = metrics.as_ref().and_then(|listener| listener.local_addr().ok());
    let address = listener.local_addr().map_err(Error::failed)?;
    let public_url = options.reach.url(address);
    for advice in advice(&options) {
        super::note(options.json, &advice.told);
    }
    let app = App::new(
        store,
        Config {
            public_url: public_url.clone(),
            trusted_proxies: options.trusted_proxy.clone(),
            drain: Duration::from_secs(options.drain.into()),
            shutdown_limit: Duration::from_secs(options.shutdown_limit.into()),
            mail: mail.clone(),
        },
        clock,
    );
    let tenant = app.tenant(DEFAULT_TENANT).await?;
    let setup = first_run::new_token(&tenant, app.clock.now()).await?;
    let setup = setup.map(|token| link::to(&public_url, tenant.id(), Page::Setup, &token));
    // Whoever is told that it listens may tell it to stop.
    let stop = serve::asked_to_stop();
    say(
        &options,
        &json!({
            "event": "listening", "url": public_url, "address": address, "setup": setup,
            "metrics": metrics_address,
        }),
        || {
            let mut text = format!("Rolewright  {public_url}");
            if let Some(setup) = &setup {
                text = format!("{text}\nCreate the first superuser within one hour:  {setup}");
            }
            text
        },
    );
    sweep(&app);
    if let Some(metrics) = metrics {
        let app = app.clone();
        tokio::spawn(async move {
            if let Err(error) = serve::serve_metrics(metrics, app).await {
                tracing::error!(%error, "metrics are no longer served");
            }
        });
    }
    if let Some(mail) = mail.clone() {
        tokio::spawn(async move {
            if let Err(error) = mail.check().await {
                tracing::warn!(%error, "no mail can be sent now");
            }
        });
    }
    let limit = app.config.shutdown_limit;
    serve::serve(listener, app, stop).await;
    if let Some(mail) = mail
        && tokio::time::timeout(LAST_MAIL, mail.settled()).await.is_err()
    {
        tracing::warn!("some mail was not sent in time");
    }
    if tokio::time::timeout(limit, sqlite.close()).await.is_err() {
        tracing::warn!("the store was not closed in time: what was answered is on disk");
    }
    Ok(ExitCode::SUCCESS)
}

async fn listen(address: SocketAddr, port: &str, host: &str) -> Result<TcpListener, Error> {
    TcpListener::bind(address).await.map_err(|error| {
        let hint = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                format!("another program listens there: stop it, or choose another with {port}")
            }
            std::io::ErrorKind::PermissionDenied => format!("choose a port above 1023 with {port}"),
            _ => format!("choose another address with {host}"),
        };
        Error::failed(format!("cannot listen on {address}: {}; {hint}", why_not(&error)))
    })
}

/// Expired records cannot be read before either; this keeps the file small.
fn sweep(app: &crate::app::Shared) {
    let app = Arc::downgrade(app);
    tokio::spawn(async move {
        loop {
            let Some(app) = app.upgrade() else { return };
            if let Err(error) = app.store().sweep(app.clock.now()).await {
                tracing::warn!(%error, "expired records were not removed");
            }
            drop(app);
            tokio::time::sleep(SWEEP).await;
        }
    });
}

fn say(options: &Options, event: &serde_json::Value, text: impl Fn() -> String) {
    let line = if options.json { event.to_string() } else { text() };
    // Whoever started it may not hear it: no reason to stop serving.
    _ = output::line(line);
}
