//! What `cargo xtask bench server` runs: `data FOLDER` makes the data directory, `measure FOLDER` prints the figures, one
//! line of JSON each. It starts itself as what it measures: `serve ...` is the real program, `bare` the route beside it.

mod bare;
mod child;
mod data;
mod figures;
mod load;

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// What the server allocates by, also for the route beside it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // It reads the command line itself.
    if matches!(words.first(), Some(&("serve" | "key"))) {
        return rolewright_server::cli::main();
    }
    // As the server's own.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = runtime.map_err(anyhow::Error::from).and_then(|runtime| match words.as_slice() {
        ["bare"] => runtime.block_on(bare::serve()),
        ["data", folder] => runtime.block_on(data::make(folder.as_ref())),
        ["measure", folder] => runtime.block_on(figures::print(folder.as_ref())),
        _ => Err(anyhow::anyhow!("say `data FOLDER`, `measure FOLDER`, `serve`, `key` or `bare`")),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
