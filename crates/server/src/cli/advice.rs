//! What is wrong with settings of the server that are each good by themselves: what to do about it.

use std::net::IpAddr;

use url::{Host, Url};

use super::serve::Options;

/// Something that is wrong with the settings together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Advice {
    /// Whether the server is of no use so; else it may be meant.
    pub(super) is_wrong: bool,
    /// What, and what to do.
    pub(super) told: String,
}

/// Everything that is wrong with the settings together.
pub(super) fn advice(options: &Options) -> Vec<Advice> {
    let said = options.reach.public_url.as_deref().and_then(|url| Url::parse(url).ok());
    let is_here = said.as_ref().is_none_or(is_this_machine);
    let is_plain = said.as_ref().is_none_or(|url| url.scheme() == "http");
    let listens_here = options.reach.host.is_loopback();
    let mut all = Vec::new();
    if is_plain && !is_here {
        all.push(wrong(
            "nobody can sign in at `public-url`: browsers keep a session only over https, or on this machine; put a proxy that speaks TLS in front, and name it as https://",
        ));
    }
    if is_here && !listens_here {
        let url = options.reach.url(options.reach.address());
        let why = if said.is_some() { "" } else { ", as `public-url` is not set" };
        all.push(doubt(&format!(
            "others reach `host`, and links lead to {url}{why}, which is each reader's own machine: name where people reach the server as `public-url`"
        )));
    }
    if options.reach.port == 0 && said.is_some() && listens_here && is_here {
        all.push(doubt("`port` takes any that is free, which `public-url` cannot know: name one, or leave `public-url` out"));
    }
    if !is_plain && options.trusted_proxy.is_empty() {
        all.push(doubt(
            "the proxy before the server is not named: everybody seems to come from it, so that one who guesses passwords slows down all; name it as `trusted-proxy`",
        ));
    }
    if let Some(metrics) = options.metrics {
        let is_one = metrics.port() == options.reach.port && metrics.port() != 0;
        let overlaps = metrics.ip() == options.reach.host
            || metrics.ip().is_unspecified()
            || options.reach.host.is_unspecified();
        if is_one && overlaps {
            all.push(wrong("`metrics` is where the server listens itself: choose another port"));
        } else if metrics.ip().is_unspecified() {
            all.push(doubt(
                "whoever reaches this machine can read `metrics`, which asks nobody who they are: name the address that the one who collects reaches",
            ));
        }
    }
    all
}

fn wrong(told: &str) -> Advice {
    Advice { is_wrong: true, told: told.to_owned() }
}

fn doubt(told: &str) -> Advice {
    Advice { is_wrong: false, told: told.to_owned() }
}

/// Whether browsers take that for the machine on which they run.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Serve {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn settings_that_do_not_go_together_are_told() {
        let (wrong, doubt) = (true, false);
        for (settings, told) in [
            (&[][..], &[][..]),
            (&["--public-url", "http://localhost:7420"], &[]),
            (&["--public-url", "http://127.0.0.1:7420"], &[]),
            (&["--public-url", "http://app.localhost"], &[]),
            (&["--public-url", "https://a.example", "--trusted-proxy", "10.0.0.0/8"], &[]),
            (&["--public-url", "https://a.example"], &[(doubt, "`trusted-proxy`")]),
            (&["--public-url", "http://a.example"], &[(wrong, "nobody can sign in")]),
            (
                &["--public-url", "http://10.0.0.7:7420", "--host", "0.0.0.0"],
                &[(wrong, "nobody can sign in")],
            ),
            (&["--host", "0.0.0.0"], &[(doubt, "lead to http://localhost:7420, as `public-url` is not set")]),
            (
                &["--host", "10.0.0.7", "--public-url", "http://localhost"],
                &[(doubt, "lead to http://localhost, ")],
            ),
            (&["--port", "0"], &[]),
            (&["--port", "0", "--public-url", "http://localhost:7420"], &[(doubt, "`port` takes any")]),
            (&["--metrics", "127.0.0.1:7422"], &[]),
            (&["--metrics", "127.0.0.1:7420"], &[(wrong, "`metrics` is where")]),
            (&["--metrics", "0.0.0.0:7420"], &[(wrong, "`metrics` is where")]),
            (&["--metrics", "0.0.0.0:7422"], &[(doubt, "can read `metrics`")]),
        ] {
            let options = Serve::parse_from([&["serve"], settings].concat()).options;
            let found = advice(&options);
            assert_eq!(found.len(), told.len(), "{settings:?}: {found:?}");
            for (found, (is_wrong, says)) in found.iter().zip(told) {
                assert_eq!(found.is_wrong, *is_wrong, "{settings:?}: {found:?}");
                assert!(found.told.contains(says), "{settings:?}: {found:?}");
            }
        }
    }
}
