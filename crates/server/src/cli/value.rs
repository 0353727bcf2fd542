//! Values as a command line, the environment and a file write them: read with words for what is not one.

use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::str::FromStr;

use lettre::message::Mailbox;
use url::Url;

use crate::as_of::RevisionSaid;

/// Reads whole numbers of that range.
pub(super) fn whole<N>(
    range: RangeInclusive<N>,
) -> impl Fn(&str) -> Result<N, String> + Clone + Send + Sync + 'static
where
    N: FromStr + PartialOrd + Display + Clone + Send + Sync + 'static,
{
    move |text| {
        let read = text.parse().ok().filter(|number| range.contains(number));
        read.ok_or_else(|| format!("write a whole number from {} to {}", range.start(), range.end()))
    }
}

/// Reads a revision of the log.
pub(super) fn revision(text: &str) -> Result<u64, String> {
    let read = RevisionSaid::parse(text).map(|said| said.0).filter(|revision| *revision > 0);
    read.ok_or_else(|| {
        "it is no revision: write one such as r42, as `rolewright audit list` tells them".to_owned()
    })
}

/// Reads an address to listen on.
pub(super) fn address(text: &str) -> Result<IpAddr, String> {
    text.parse()
        .map_err(|_| "it is no address: write one such as 127.0.0.1, or 0.0.0.0 for every one".to_owned())
}

/// Reads an address with a port.
pub(super) fn socket(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "it is no address with a port: write one such as 127.0.0.1:7422".to_owned())
}

/// Reads from whom mail is.
pub(super) fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.parse().map_err(|_| {
        "it is no mailbox: write \"Rolewright <access@example.com>\", or the address alone".to_owned()
    })
}

/// Reads where people reach the server: a scheme, a host and perhaps a port, without a slash at its end.
pub(super) fn public_url(text: &str) -> Result<String, String> {
    let not_one = "it is not where people reach the server: write for example https://access.example.com";
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let url = url.ok_or_else(|| not_one.to_owned())?;
    let origin = url.origin().ascii_serialization();
    let is_bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    if !is_bare || url.fragment().is_some() {
        return Err(format!("it says more than where the server is: write {origin}"));
    }
    if url.path().chars().any(|c| c != '/') {
        return Err(format!("it has a path, and the server answers at the root alone: write {origin}"));
    }
    Ok(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_people_reach_the_server_is_a_scheme_a_host_and_a_port() {
        for (text, told) in [
            ("https://access.example.com", Ok("https://access.example.com")),
            ("https://access.example.com//", Ok("https://access.example.com")),
            ("HTTPS://Access.Example.com:443/", Ok("https://access.example.com")),
            ("http://[::1]:7420", Ok("http://[::1]:7420")),
            ("access.example.com", Err("it is not where people reach the server")),
            ("ftp://access.example.com", Err("it is not where people reach the server")),
            ("https://", Err("it is not where people reach the server")),
            ("", Err("it is not where people reach the server")),
            ("https://example.com/access", Err("it has a path")),
            ("https://me:secret@example.com", Err("write https://example.com")),
            ("https://example.com/?x", Err("write https://example.com")),
        ] {
            match (public_url(text), told) {
                (Ok(read), Ok(told)) => assert_eq!(read, told),
                (Err(why), Err(told)) => {
                    assert!(why.contains(told) && !why.contains("secret"), "{text}: {why}")
                }
                (read, _) => panic!("{text}: {read:?}"),
            }
        }
    }
}
