//! Where the server listens, and where people reach it: settings of the server, which a command that makes a link
//! needs too.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::Args;

use super::value;

/// Where the server is.
#[derive(Args, Clone, Debug)]
pub struct Reach {
    /// A file of settings, TOML; `rolewright config --reference` shows all of them
    #[arg(long, value_name = "FILE", env = "ROLEWRIGHT_CONFIG")]
    pub(super) config: Option<PathBuf>,
    /// The port to listen on; 0 takes any that is free
    #[arg(long, default_value_t = 7420, value_parser = value::whole(0..=u16::MAX), env = "ROLEWRIGHT_PORT")]
    pub(super) port: u16,
    /// The address to listen on; 0.0.0.0 is every one, behind a proxy that speaks TLS: name the
    /// proxy with --trusted-proxy
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), value_parser = value::address, env = "ROLEWRIGHT_HOST")]
    pub(super) host: IpAddr,
    /// Where people reach the server; links are built from it
    #[arg(long, value_name = "URL", value_parser = value::public_url, env = "ROLEWRIGHT_PUBLIC_URL")]
    pub(super) public_url: Option<String>,
}

impl Reach {
    /// Where people reach the server that listens at that address: what is said or, where nothing is, what can be
    /// guessed from the address.
    pub(super) fn url(&self, address: SocketAddr) -> String {
        match &self.public_url {
            Some(url) => url.clone(),
            None if address.ip().is_unspecified() => format!("http://localhost:{}", address.port()),
            None => format!("http://{address}"),
        }
    }

    /// The address to listen on.
    pub(super) fn address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }
}

/// What the operator is told where links begin with an address that was guessed.
pub(super) fn guessed(public_url: &str) -> String {
    format!(
        "that people reach the server at {public_url} is a guess: say where with --public-url, or name the server's settings with --config"
    )
}
