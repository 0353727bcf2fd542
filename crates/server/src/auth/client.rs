//! From where a request came.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use super::guess::Origin;
use super::network::Network;
use super::{Named, known};
use crate::app::Shared;

/// How much is kept of what a browser says it is, in characters.
const LONGEST_AGENT: usize = 200;

/// From where a request came.
#[derive(Clone)]
pub struct Client {
    /// The address, where it came over a network.
    pub address: Option<IpAddr>,
    /// What the browser says it is, cut where it is long.
    pub agent: Option<String>,
    /// The token of a browser that may be [known](super::known) to the tenant.
    pub known: Option<String>,
}

impl Client {
    /// From where a try comes whose account is not looked at.
    #[must_use]
    pub fn origin(&self) -> Origin<'_> {
        Origin::Address(self.address)
    }
}

impl FromRequestParts<Shared> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Self::Rejection> {
        let named = Named::from_request_parts(parts, app).await.ok();
        let known =
            named.and_then(|Named(tenant)| known::token(&parts.headers, &tenant).map(ToOwned::to_owned));
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
        let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        Ok(Self {
            address: address_of(peer, &parts.headers, &app.config.trusted_proxies),
            agent: agent.map(|agent| agent.chars().take(LONGEST_AGENT).collect()),
            known,
        })
    }
}

/// The address from which a request came, where it came over a network.
pub(crate) fn address_of(
    peer: Option<SocketAddr>,
    headers: &HeaderMap,
    proxies: &[Network],
) -> Option<IpAddr> {
    // One that is IPv4 within IPv6 is written as it is counted and looked for.
    peer.map(|peer| behind(peer.ip(), headers, proxies).to_canonical())
}

/// Who is behind the peer. Each proxy adds at the right whom it heard, and what an untrusted one
/// says may be made up: it is the right-most address that is no trusted proxy.
fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| proxies.iter().any(|proxy| proxy.has(address));
    let said = headers.get_all("x-forwarded-for").iter();
    let hops = said.rev().flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
    let mut client = peer;
    for hop in hops {
        if !is_trusted(client) {
            break;
        }
        match address(hop.trim()) {
            Some(heard) => client = heard,
            None => break,
        }
    }
    client
}

/// An address, as proxies write it: some add the port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}
