//! How a command writes: why, or not at all.

use clap::Args;
use rolewright_model::{Change, Context};

use super::output;
use crate::auth::actor::Who;
use crate::extract::Reason;
use crate::tenant::Edit;

/// How a command writes.
#[derive(Args, Clone, Debug)]
pub struct Writing {
    #[command(flatten)]
    pub(super) trial: Trial,
    /// Why, for the change log
    #[arg(long, value_name = "TEXT", value_parser = Reason::parse)]
    reason: Option<Reason>,
}

/// Whether a command writes.
#[derive(Args, Clone, Copy, Debug)]
pub struct Trial {
    /// Only say what would happen, and write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
}

impl Writing {
    /// Whether nothing is written.
    pub(super) fn is_dry(&self) -> bool {
        self.trial.dry_run
    }

    /// Why it is done, where that is said.
    pub(super) fn reason(&self) -> Option<String> {
        self.reason.clone().map(Reason::into_text)
    }

    /// A change of the operator's, made so.
    pub(super) fn edit(&self, change: Change, context: Context) -> Edit {
        let edit = Edit::new(Who::Operator, change, context);
        Edit { dry_run: self.is_dry(), reason: self.reason(), ..edit }
    }
}

impl Trial {
    /// Says beside the answer that nothing is written, where it was a trial; in JSON the answer says so.
    pub(super) fn tell(self, as_json: bool) {
        if self.dry_run && !as_json {
            output::aside("nothing is written: it was a dry run");
        }
    }
}
