//! Stands in for local-ip-address: knows this machine by its loopback addresses only.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub fn list_afinet_netifas() -> Result<Vec<(String, IpAddr)>, std::io::Error> {
    let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    Ok(loopback.map(|address| ("lo".to_owned(), address)).to_vec())
}
