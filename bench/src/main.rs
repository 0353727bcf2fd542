//! What `cargo xtask bench model` runs natively. `data FOLDER` writes the data for the JavaScript side, `native` prints the
//! native figures, one line of JSON each; `snapshots FOLDER` writes those of tenants of a hundred to a million users. `--small` leaves
//! out the tenant of a million users, `--native-only` the peers.

mod data;
mod measure;
mod ours;
mod peers;
mod plain;
mod random;
mod world;

use std::time::{SystemTime, UNIX_EPOCH};

use crate::world::{LARGE, SMALL, World};

#[global_allocator]
static ALLOCATOR: measure::Counting = measure::Counting;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // Windows are drawn around the time at which they are read; all else is the same on every run.
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as i64;
    match words.as_slice() {
        ["data", folder] => data::write(&World::draw(SMALL, now), folder.as_ref())?,
        ["snapshots", folder, rest @ ..] => {
            data::write_snapshots(folder.as_ref(), now, !rest.contains(&"--small"))?;
        }
        ["native", rest @ ..] => {
            let small = World::draw(SMALL, now);
            ours::figures(&small, "small");
            #[cfg(feature = "peers")]
            if !rest.contains(&"--native-only") {
                peers::figures::print(&small);
            }
            if !rest.contains(&"--small") {
                ours::figures(&World::draw(LARGE, now), "large");
            }
        }
        _ => {
            return Err(
                "say `data FOLDER`, `snapshots FOLDER [--small]` or `native [--small] [--native-only]`"
                    .into(),
            );
        }
    }
    Ok(())
}
