//! The Rolewright server and command line.
//!
//! The model decides, the store keeps, and this crate carries: HTTP requests and command lines
//! become [`Change`](rolewright_model::Change)s and questions; answers become JSON.
//!
//! Read the modules in this order: [`config`], [`app`], [`tenant`], [`auth`], [`problem`],
//! [`extract`], [`conditional`], [`routes`], [`authzen`], then the rest.
//!
//! Invariant: a tenant's documents are written by [`tenant::Tenant`] alone, and only as the model says.

pub mod app;
pub mod as_of;
pub mod assets;
pub mod audit;
pub mod auth;
pub mod authzen;
pub mod bulk;
pub mod checkers;
pub mod cli;
pub mod clock;
pub mod conditional;
pub mod config;
pub mod created;
pub mod demo;
pub mod extract;
pub mod first_run;
pub mod front;
pub mod history;
pub mod idempotency;
pub mod import;
pub mod invitation;
pub mod link;
pub mod listing;
pub mod log;
pub mod log_head;
pub mod mail;
pub mod metrics;
pub mod moment;
pub mod openapi;
pub mod passes;
pub mod past;
pub mod patience;
pub mod people;
pub mod policy_version;
pub mod problem;
pub mod quotation;
pub mod reach;
pub mod request;
pub mod revisions;
pub mod routes;
pub mod scim;
pub mod secret;
pub mod seen;
pub mod serve;
pub mod sight;
pub mod signing;
pub mod snapshot;
pub mod taken;
pub mod templates;
pub mod tenant;
mod unread;
