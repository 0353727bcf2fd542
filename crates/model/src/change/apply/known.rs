//! What is linked with whom while documents are edited: found where the state before has it, and in
//! what was edited since, so that nobody else's links are read.

use std::collections::BTreeSet;

use crate::directory::{AssignmentDocument, Member, MembershipDocument, Principal};
use crate::documents::{Documents, touched};
use crate::state::State;

/// The state that documents are edited from; none where there was none.
#[derive(Clone, Copy)]
pub(super) struct Known<'s>(pub(super) Option<&'s State>);

impl Known<'_> {
    /// The assignments to a principal itself. `O(that many + edits)`; all are read where nothing was
    /// before.
    pub(super) fn assignments<'d>(
        self,
        documents: &'d Documents,
        principal: &Principal,
    ) -> Vec<&'d AssignmentDocument> {
        let all = &documents.directory.assignments;
        let is = |document: &&AssignmentDocument| document.principal == *principal;
        let Some(before) = self.0 else { return all.values().filter(is).collect() };
        let edited = touched(&before.documents().directory.assignments, all);
        let known = before.assignments_of(principal).map(|known| known.id.as_str());
        let ids: BTreeSet<&str> = known.chain(edited.into_iter().map(|(id, ..)| id)).collect();
        ids.into_iter().filter_map(|id| all.get(id)).filter(is).collect()
    }

    /// The memberships of a user or a group in groups. `O(that many + edits)`; all are read where
    /// nothing was before.
    pub(super) fn memberships<'d>(
        self,
        documents: &'d Documents,
        member: &Member,
    ) -> Vec<&'d MembershipDocument> {
        let all = &documents.directory.memberships;
        let is = |document: &&MembershipDocument| document.member == *member;
        let Some(before) = self.0 else { return all.values().filter(is).collect() };
        let edited = touched(&before.documents().directory.memberships, all);
        let known = before.memberships_of(member).map(|known| known.id.as_str());
        let ids: BTreeSet<&str> = known.chain(edited.into_iter().map(|(id, ..)| id)).collect();
        ids.into_iter().filter_map(|id| all.get(id)).filter(is).collect()
    }
}
