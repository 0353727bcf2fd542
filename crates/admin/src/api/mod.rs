//! The server, as the admin app asks it. One client, typed by what the wire crate says.

mod client;
mod error;

pub use client::{
    Answer, Query, attempt, changes_url, delete, get, get_bytes, post, put, watch_unauthenticated,
};
pub use error::ApiError;
