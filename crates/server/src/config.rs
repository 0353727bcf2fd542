//! How a server is set up.

use std::path::PathBuf;
use std::time::Duration;

pub use rolewright_wire::address::DEFAULT_TENANT;

use crate::auth::network::Network;

use crate::mail::Mailer;

/// How a server is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where people reach the server, without a slash at its end. Links are built from it, never
    /// from a request's `Host`.
    pub public_url: String,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// How long the server still serves, not ready, once it is told to stop.
    pub drain: Duration,
    /// How long requests under way may take once the server is told to stop.
    pub shutdown_limit: Duration,
    /// What sends mail, where there is a mail server.
    pub mail: Option<Mailer>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: "http://localhost".to_owned(),
            trusted_proxies: Vec::new(),
            drain: Duration::ZERO,
            shutdown_limit: Duration::from_secs(10),
            mail: None,
        }
    }
}

/// The database within a data directory.
#[must_use]
pub fn database(data: &std::path::Path) -> PathBuf {
    data.join("rolewright.db")
}

/// Makes the data directory, for its owner alone, unless there is one.
///
/// # Errors
/// Why it cannot be made.
pub fn make_data_directory(data: &std::path::Path) -> std::io::Result<()> {
    if data.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(data)
}
