//! What the server says of what happens: one event a line, as text or as JSON, to standard error.
//!
//! Invariant: no secret, email address, query, header or body is in an event, but for the address of the network from which a
//! request came, as proxies that are believed tell it. Requests are told by their
//! route's pattern, people and keys by their ids.

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{Layer as _, Registry, fmt};

/// How an event is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: time, level, words, fields.
    Text,
    /// For programs: an object a line, with `timestamp` (RFC 3339), `level`, `message`, `target` and the
    /// event's fields.
    Json,
}

/// What is logged: this, and what is worse. There is nothing below `debug`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Level {
    /// Nothing.
    Off,
    /// What the server could not do.
    Error,
    /// What the operator should look at.
    Warn,
    /// A line for every request, but for those that are many.
    Info,
    /// A line for those too.
    Debug,
}

impl From<Level> for LevelFilter {
    fn from(level: Level) -> Self {
        match level {
            Level::Off => Self::OFF,
            Level::Error => Self::ERROR,
            Level::Warn => Self::WARN,
            Level::Info => Self::INFO,
            Level::Debug => Self::DEBUG,
        }
    }
}

/// What writes the events of the server from that level on, and the warnings of what it is made of.
pub fn subscriber<W>(
    format: Format,
    level: LevelFilter,
    ansi: bool,
    writer: W,
) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let targets = Targets::new()
        .with_target(env!("CARGO_CRATE_NAME"), level)
        .with_default(level.min(LevelFilter::WARN));
    let lines = fmt::layer().with_writer(writer).with_ansi(ansi);
    let lines = match format {
        Format::Text => lines.with_target(false).boxed(),
        Format::Json => {
            lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed()
        }
    };
    Registry::default().with(lines).with(targets)
}
