//! HTTP facts, through the real router; and facts about the real program.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that panics has failed"
)]

mod accounted;
mod accounts;
mod assigned;
mod audit;
mod authzen;
mod authzen_certification;
mod backups;
mod batch;
mod bulk;
mod checkers;
mod command_line;
mod dates;
mod described;
mod described_rightly;
mod discretion;
mod escalation;
mod faults;
mod history;
mod history_commands;
mod hostile;
mod idempotency;
mod isolation;
mod key_edits;
mod key_findings;
mod keys;
mod last_superuser;
mod lifecycle;
mod lists;
mod logs;
mod mail;
mod mail_limit;
mod mailings;
mod misread;
mod notices;
mod own_email;
mod pages;
mod password_resets;
mod preconditions;
mod process;
mod questions;
mod removal;
mod restoring;
mod scim;
mod scoped_lists;
mod scoped_questions;
mod second_factor;
mod second_factor_replaced;
mod second_factor_required;
mod sessions;
mod settings;
mod shut_out;
mod sign_ins;
mod signing_keys;
mod strangers;
mod streams;
mod support;
mod tables_told;
mod tenants;
mod transfer;
mod unchanged;
mod view_as;
mod writes;
mod writing_commands;
