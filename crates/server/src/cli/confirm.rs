//! What cannot be taken back is confirmed: by typing a name again, or by saying so beforehand.

use std::io::BufRead as _;

use clap::Args;
use rolewright_store::why_not;

use super::{Error, output};

/// Whether it is confirmed already.
#[derive(Args, Clone, Copy, Debug)]
pub struct Confirm {
    /// Do it without asking for the tenant's id once more
    #[arg(long)]
    yes: bool,
}

impl Confirm {
    /// Says what cannot be taken back, and asks for the name of what it is done to.
    ///
    /// # Errors
    /// Where another name is typed, or none.
    pub(super) fn by(self, name: &str, what: &str) -> Result<(), Error> {
        if self.yes {
            return Ok(());
        }
        output::part_aside(format_args!("{what}.\nType `{name}` to go on: "));
        let mut typed = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut typed)
            .map_err(|error| Error::failed(format!("cannot read standard input: {}", why_not(&error))))?;
        match typed.trim() == name {
            true => Ok(()),
            false => Err(Error::refused(format!(
                "`{name}` was not typed: nothing is done; --yes does it without asking"
            ))),
        }
    }
}
