//! The server, as the admin app asks it. One client, typed by what the wire crate says.

mod client;
mod error;

pub use client::{
    Answer, Encoded, Nothing, Query, address, attempt, changes_url, delete, encoded, get, get_bytes, lines,
    post, post_at, put, read, watch_unauthenticated,
};
pub use error::{ApiError, Details};
