//! `rolewright`: see [`rolewright_server::cli`].

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// It asks for large pages: of a directory of a million users most of a look-up is to find the page.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    rolewright_server::cli::main()
}
