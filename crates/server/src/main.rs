//! `rolewright`: see [`rolewright_server::cli`].

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// With large pages where the system gives them: a decision reads memory in many places, each once.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    rolewright_server::cli::main()
}
