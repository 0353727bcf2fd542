//! `rolewright`: see [`rolewright_server::cli`].

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Without large pages, which round what is held up: 185 MB in place of 208 at 100,000 users (`cargo xtask bench server`).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    rolewright_server::cli::main()
}
