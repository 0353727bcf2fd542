//! `rolewright`: see [`rolewright_server::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    rolewright_server::cli::main()
}
