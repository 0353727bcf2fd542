//! The server, as the admin app asks it. One client, typed by what the wire crate says.

mod client;
mod error;
mod request;

pub use client::{
    Answer, Encoded, Found, Nothing, Query, asked, decoded, encoded, get, get_bytes, lines, read, send,
    watch_connection, watch_session,
};
pub use error::{ApiError, ChangedSince, Details};
pub use request::Request;
