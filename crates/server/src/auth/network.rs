//! A network of addresses, as an operator writes it.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net};

/// How many bits of an IPv6 address stand before an IPv4 address that is mapped into it (RFC 4291, 2.5.5.2).
const MAPPED: u8 = 96;

/// One address, or all that begin with the same bits. Those of IPv4 are the same mapped into IPv6 or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// Whether that address is one of it.
    #[must_use]
    pub fn has(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Network {
    type Err = String;

    /// Reads an address, or a network in CIDR notation (RFC 4632): an address, a slash, and how many bits are the
    /// network's.
    ///
    /// # Errors
    /// What is wrong, and what to write.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self(address.to_canonical().into()));
        }
        let network = text.parse::<IpNet>().map_err(|_| {
            "it is neither an address nor a network: write for example 10.0.0.7 or 10.0.0.0/8".to_owned()
        })?;
        if network != network.trunc() {
            return Err(format!(
                "it is an address within a network: write {} or {}",
                network.addr(),
                network.trunc()
            ));
        }
        if network.prefix_len() == 0 {
            return Err("everybody comes from it: name the network of the proxies alone".to_owned());
        }
        Ok(Self(canonical(network)))
    }
}

/// The same network; of IPv4 where it is one that is mapped into IPv6.
fn canonical(network: IpNet) -> IpNet {
    match (network.addr().to_canonical(), network.prefix_len().checked_sub(MAPPED)) {
        (IpAddr::V4(address), Some(bits)) if network.addr().is_ipv6() => {
            Ipv4Net::new(address, bits).map_or(network, IpNet::V4)
        }
        _ => network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_its_addresses_and_no_other() {
        for (network, has, has_not) in [
            ("10.0.0.7", &["10.0.0.7", "::ffff:10.0.0.7"][..], &["10.0.0.8", "::1"][..]),
            ("::ffff:10.0.0.7", &["10.0.0.7"], &["10.0.0.8"]),
            (
                "10.0.0.0/8",
                &["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"],
                &["9.255.255.255", "11.0.0.0"],
            ),
            ("192.168.4.0/22", &["192.168.7.255"], &["192.168.8.0"]),
            ("::ffff:10.0.0.0/104", &["10.1.2.3"], &["11.0.0.0", "::"]),
            ("2001:db8::/32", &["2001:db8:ffff::1"], &["2001:db9::", "10.0.0.1"]),
            ("2001:db8::1", &["2001:db8::1"], &["2001:db8::2"]),
        ] {
            let read: Network = network.parse().unwrap();
            for (addresses, is_one) in [(has, true), (has_not, false)] {
                for address in addresses {
                    assert_eq!(read.has(address.parse().unwrap()), is_one, "{network} {address}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_network_is_told_with_what_to_write() {
        for (text, says) in [
            ("proxy", "neither an address nor a network"),
            ("", "neither an address nor a network"),
            ("10.0.0.0/33", "neither an address nor a network"),
            ("10.0.0.7:80", "neither an address nor a network"),
            ("10.1.2.3/8", "write 10.1.2.3 or 10.0.0.0/8"),
            ("0.0.0.0/0", "everybody comes from it"),
            ("::/0", "everybody comes from it"),
        ] {
            let error = text.parse::<Network>().unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
