//! A state: everything a tenant says at one revision, validated, with the index compiled from it.

mod check;
mod compile;

use std::ops::Deref;

use crate::UserHandle;
use crate::catalogue::CatalogueDocument;
use crate::directory::{AssignmentDocument, Member, MembershipDocument, Principal, Source, folded_email};
use crate::documents::{Documents, Table};
use crate::index::Index;
use crate::people::Tie;
use crate::policy::PolicyDocument;
use crate::problem::Problem;
use crate::role::RoleDocument;
use crate::stamp::Stamp;

/// Everything a tenant says at one revision, validated, with the index that decisions read. Fields
/// are private: a state is always consistent. A copy shares everything.
#[derive(Clone, Debug)]
pub struct State {
    documents: Documents,
    index: Index,
    /// The user of each email, in small letters.
    emails: Table<String>,
}

impl Deref for State {
    type Target = Index;

    fn deref(&self) -> &Index {
        &self.index
    }
}

impl State {
    /// Validates documents and compiles them. `O(documents + roles x permissions + links)`.
    ///
    /// # Errors
    /// Everything that is wrong, each with its path: a policy's as in a
    /// [`PolicyDocument`], a directory's as `$.assignments["id"].role`.
    pub fn build(documents: Documents, at: Stamp) -> Result<Self, Vec<Problem>> {
        let (index, emails) = compile::build(&documents, at)?;
        Ok(Self { documents, index, emails })
    }

    /// A state of which only the index is known, as in a browser: its documents are empty, so what
    /// is asked of documents is not there.
    #[must_use]
    pub fn of_index(index: Index) -> Self {
        Self { documents: Documents::default(), index, emails: Table::new() }
    }

    /// The state that documents edited from this one's come to. `O(edits)`, and `O(roles + packages)`
    /// where a role is edited; unless the catalogue, a product, the order of roles or whether some
    /// role asks for the type of a scope changed, or a role, group or package is gone: then as
    /// [`State::build`].
    ///
    /// # Errors
    /// As [`State::build`]; roles and packages stand at `$.roles.ID`.
    pub(crate) fn after(&self, documents: Documents, at: Stamp) -> Result<Self, Vec<Problem>> {
        match compile::after(self, &documents, at)? {
            Some((index, emails)) => Ok(Self { documents, index, emails }),
            None => Self::build(documents, at),
        }
    }

    /// The state with a role as a draft of it has it, in place of the one of its id or beside the others; by what costs as much as a
    /// change of that role: `O(roles + packages)` mostly.
    ///
    /// # Errors
    /// As [`State::build`]; the role stands at `$.roles.ID`.
    pub fn with_role(&self, role: RoleDocument) -> Result<Self, Vec<Problem>> {
        let mut documents = self.documents.clone();
        documents.roles.insert(role.id.clone(), role);
        self.after(documents, self.index.at)
    }

    /// The same, as changes that write no document leave it. `O(1)`.
    #[must_use]
    pub fn at_stamp(&self, at: Stamp) -> Self {
        let mut state = self.clone();
        state.index.at = at;
        state
    }

    /// The documents it was built from.
    #[must_use]
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// What decisions read.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The role of that id, as its document says it.
    #[must_use]
    pub fn role(&self, id: &str) -> Option<&RoleDocument> {
        self.documents.roles.get(id)
    }

    /// What people call a role; its id where there is none of it.
    pub(crate) fn role_name<'s>(&'s self, id: &'s str) -> &'s str {
        self.role(id).map_or(id, |role| &role.name)
    }

    /// What people call a package; its id where there is none of it.
    pub(crate) fn package_name<'s>(&'s self, id: &'s str) -> &'s str {
        self.documents.packages.get(id).map_or(id, |package| &package.name)
    }

    /// What people call a group; its id where there is none of it.
    pub(crate) fn group_name<'s>(&'s self, id: &'s str) -> &'s str {
        self.documents.directory.groups.get(id).map_or(id, |group| &group.name)
    }

    /// The id of the user with that email, in any case.
    #[must_use]
    pub fn user_of_email(&self, email: &str) -> Option<&str> {
        self.emails.get(&folded_email(email)).map(String::as_str)
    }

    /// The user of that id or, where there is none, of that email in any case.
    #[must_use]
    pub fn user_named(&self, name: &str) -> Option<UserHandle> {
        self.user(name).or_else(|| self.user(self.user_of_email(name)?))
    }

    /// The assignments to a principal itself. `O(that many)`.
    pub fn assignments_of<'s>(
        &'s self,
        principal: &Principal,
    ) -> impl Iterator<Item = &'s AssignmentDocument> + use<'s> {
        let people = &self.index.people;
        let ids: Vec<String> = match principal {
            Principal::User(id) => {
                let person = people.find(id).and_then(|user| people.person(user));
                let held = |tie: Tie| match tie {
                    Tie::Holds(held) => Some(held.link.id),
                    _ => None,
                };
                person.into_iter().flat_map(|person| person.ties).filter_map(held).collect()
            }
            Principal::Group(id) => {
                let group = people.group_positions.get(id).and_then(|group| people.group(*group));
                group.into_iter().flat_map(|group| &group.own).map(|held| held.link.id.clone()).collect()
            }
            Principal::Everyone => people.everyone.iter().map(|held| held.link.id.clone()).collect(),
        };
        ids.into_iter().filter_map(|id| self.documents.directory.assignments.get(&id))
    }

    /// The memberships of a user or a group in groups. `O(that many)`.
    pub fn memberships_of(&self, member: &Member) -> impl Iterator<Item = &MembershipDocument> {
        let people = &self.index.people;
        let ids: Vec<String> = match member {
            Member::User(id) => {
                let person = people.find(id).and_then(|user| people.person(user));
                let joined = |tie: Tie| match tie {
                    Tie::Member(_, link) => Some(link.id),
                    _ => None,
                };
                person.into_iter().flat_map(|person| person.ties).filter_map(joined).collect()
            }
            Member::Group(id) => {
                let group = people.group_positions.get(id).and_then(|group| people.group(*group));
                group.into_iter().flat_map(|group| &group.parents).map(|(_, link)| link.id.clone()).collect()
            }
        };
        ids.into_iter().filter_map(|id| self.documents.directory.memberships.get(&id))
    }

    /// What everyone is assigned by a switch that is on, as a new tenant assigns it: for the whole tenant and for good.
    /// `O(assignments to everyone)`.
    pub fn auto_assigned(&self) -> impl Iterator<Item = &AssignmentDocument> {
        let everyone = self.assignments_of(&Principal::Everyone);
        everyone.filter(|assignment| assignment.source == Source::AutoAssign && assignment.is_for_good())
    }

    /// The policy as one document, as an export or a template is.
    #[must_use]
    pub fn policy_document(&self) -> PolicyDocument {
        PolicyDocument {
            format: crate::FORMAT,
            id: String::new(),
            name: self.documents.settings.name.clone(),
            description: String::new(),
            settings: self.documents.settings.clone(),
            catalogue: CatalogueDocument::clone(&self.documents.catalogue),
            roles: self.documents.roles_in_order().into_iter().cloned().collect(),
            packages: self.documents.packages.values().cloned().collect(),
            tests: self.documents.tests.clone(),
            auto_assign: self.auto_assigned().map(|assignment| assignment.role.clone()).collect(),
        }
    }
}
