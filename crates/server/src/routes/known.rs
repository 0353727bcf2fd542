//! Ids that a filter names: one that is nothing here is told, so that an empty list means that nothing is found. Who may not
//! see what it would be the id of is told nothing of it.

use rolewright_model::change::{Kind, Topic};
use rolewright_model::documents::Documents;

use crate::auth::Asker;
use crate::problem::{Failure, Result};

/// What a filter names, as those documents have it.
pub(super) struct Known<'d> {
    asker: &'d Asker,
    documents: &'d Documents,
}

impl<'d> Known<'d> {
    /// To that asker.
    pub(super) fn to(asker: &'d Asker, documents: &'d Documents) -> Self {
        Self { asker, documents }
    }

    /// A role's id, where one is named.
    ///
    /// # Errors
    /// 422 at `path`: it is none.
    pub(super) fn role(&self, path: &str, id: Option<&String>) -> Result<()> {
        self.is_one(Kind::Role, path, id, |id| self.documents.roles.contains_key(id))
    }

    /// A group's id, where one is named.
    ///
    /// # Errors
    /// 422 at `path`: it is none.
    pub(super) fn group(&self, path: &str, id: Option<&String>) -> Result<()> {
        self.is_one(Kind::Group, path, id, |id| self.documents.directory.groups.contains_key(id))
    }

    /// A package's id, where one is named.
    ///
    /// # Errors
    /// 422 at `path`: it is none.
    pub(super) fn package(&self, path: &str, id: Option<&String>) -> Result<()> {
        self.is_one(Kind::Package, path, id, |id| self.documents.packages.contains_key(id))
    }

    fn is_one(
        &self,
        kind: Kind,
        path: &str,
        id: Option<&String>,
        is_known: impl Fn(&str) -> bool,
    ) -> Result<()> {
        match id {
            Some(id) if !is_known(id) && self.asker.may(Topic::from(kind).permission_to_see()) => {
                let (what, id) = (kind.as_str(), id.escape_debug());
                Err(Failure::invalid_at(path, format!("there is no {what} `{id}`: name one by its id")))
            }
            _ => Ok(()),
        }
    }
}
