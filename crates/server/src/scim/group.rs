//! Groups of the identity provider: what the model and the records say of one, as a resource; and what a resource
//! says of one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rolewright_model::change::GroupEdit;
use rolewright_model::directory::{GroupDocument, GroupSource, Member, MembershipDocument};
use rolewright_model::{Change, State};
use serde_json::{Map, Value, json};

use super::error::{Result, ScimError};
use super::record::GroupRecord;
use super::schema::GROUP;
use super::table::Known;
use crate::moment;

/// What a provider says of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What people read.
    pub name: String,
    /// The provider's own id.
    pub external_id: Option<String>,
    /// The ids of its members.
    pub members: BTreeSet<String>,
}

impl Said {
    /// What a resource says, whose names are as the schema writes them.
    ///
    /// # Errors
    /// `invalidValue` where something is missing.
    pub fn of(resource: &Map<String, Value>) -> Result<Self> {
        let text = |name: &str| resource.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        let name = text("displayName").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| ScimError::invalid("`displayName`: it is needed"))?;
        let mut members = BTreeSet::new();
        if let Some(Value::Array(all)) = resource.get("members") {
            for (n, member) in all.iter().enumerate() {
                let id = member.get("value").and_then(Value::as_str);
                let id =
                    id.ok_or_else(|| ScimError::invalid(format!("`members[{n}].value`: an id is needed")))?;
                members.insert(id.to_owned());
            }
        }
        Ok(Self { name, external_id: text("externalId"), members })
    }

    /// What makes a new group of it: all of it or nothing.
    ///
    /// # Errors
    /// As [`Said::changes`].
    pub fn creation(&self, state: &State, id: &str) -> Result<Vec<Change>> {
        let mut changes = vec![Change::CreateGroup { group: self.edit(id, String::new()) }];
        for member in &self.members {
            changes.push(Change::AddMember { group: id.to_owned(), member: member_of(state, member)? });
        }
        Ok(changes)
    }

    /// What makes the group what it says; `before` is who is in it, each with the id of the link. Who leaves leaves
    /// first.
    ///
    /// # Errors
    /// `invalidValue` where there is no person and no group of an id.
    pub fn changes(
        &self,
        state: &State,
        group: &GroupDocument,
        before: &BTreeMap<String, String>,
    ) -> Result<Vec<Change>> {
        let gone = before.iter().filter(|(member, _)| !self.members.contains(*member));
        let mut changes: Vec<Change> =
            gone.map(|(_, link)| Change::RemoveMember { id: link.clone() }).collect();
        for member in self.members.iter().filter(|member| !before.contains_key(*member)) {
            changes.push(Change::AddMember { group: group.id.clone(), member: member_of(state, member)? });
        }
        if self.name != group.name {
            changes.push(Change::UpdateGroup { group: self.edit(&group.id, group.description.clone()) });
        }
        Ok(changes)
    }

    fn edit(&self, id: &str, description: String) -> GroupEdit {
        let source = GroupSource::IdentityProvider;
        GroupEdit { id: id.to_owned(), name: self.name.clone(), description, source }
    }
}

/// A person, or a group of the provider: local groups are not there for it.
fn member_of(state: &State, id: &str) -> Result<Member> {
    let directory = &state.documents().directory;
    if directory.users.contains_key(id) {
        return Ok(Member::User(id.to_owned()));
    }
    match find(state, id) {
        Some(_) => Ok(Member::Group(id.to_owned())),
        None => {
            let detail = format!("`members`: there is no person and no group `{}` here", id.escape_debug());
            Err(ScimError::invalid(detail))
        }
    }
}

/// The group of that id, if it is the provider's.
#[must_use]
pub fn find<'s>(state: &'s State, id: &str) -> Option<&'s GroupDocument> {
    state.documents().directory.groups.get(id).filter(|group| group.source == GroupSource::IdentityProvider)
}

/// Who is in these groups. `O(memberships)`.
#[must_use]
pub fn members<'s>(state: &'s State, groups: &[&str]) -> HashMap<&'s str, Vec<&'s MembershipDocument>> {
    let wanted: BTreeSet<&str> = groups.iter().copied().collect();
    let mut members: HashMap<&str, Vec<&MembershipDocument>> = HashMap::new();
    for membership in state.documents().directory.memberships.values() {
        if wanted.contains(membership.group.as_str()) {
            members.entry(&membership.group).or_default().push(membership);
        }
    }
    members
}

/// Who is in a group, each with the id of the link. `O(memberships)`.
#[must_use]
pub fn links(state: &State, group: &str) -> BTreeMap<String, String> {
    let inside = members(state, &[group]).remove(group).unwrap_or_default();
    inside
        .into_iter()
        .map(|membership| (id_of(&membership.member).to_owned(), membership.id.clone()))
        .collect()
}

fn id_of(member: &Member) -> &str {
    match member {
        Member::User(id) | Member::Group(id) => id,
    }
}

/// A group as a resource, with these members, and without when it was last written.
#[must_use]
pub fn resource(
    known: &Known,
    group: &GroupDocument,
    members: &[&MembershipDocument],
    base: &str,
    version: &str,
) -> Value {
    let record = known.group(&group.id);
    let told = |membership: &&MembershipDocument| {
        let (kind, endpoint, id) = match &membership.member {
            Member::User(id) => ("User", "Users", id),
            Member::Group(id) => ("Group", "Groups", id),
        };
        json!({ "value": id, "type": kind, "$ref": format!("{base}/{endpoint}/{id}") })
    };
    let mut body = editable(group, record, &BTreeMap::new());
    let members: Vec<Value> = members.iter().map(told).collect();
    if !members.is_empty() {
        body.insert("members".to_owned(), members.into());
    }
    body.insert("schemas".to_owned(), json!([GROUP]));
    body.insert("id".to_owned(), group.id.clone().into());
    let mut meta = json!({
        "resourceType": "Group", "version": version, "location": format!("{base}/Groups/{}", group.id),
    });
    if let (Value::Object(meta), Some(created)) = (&mut meta, record.and_then(|record| record.created)) {
        meta.insert("created".to_owned(), moment::sortable(created).into());
    }
    body.insert("meta".to_owned(), meta);
    Value::Object(body)
}

/// What operations edit of a group: all that a provider writes.
#[must_use]
pub fn editable(
    group: &GroupDocument,
    record: Option<&GroupRecord>,
    members: &BTreeMap<String, String>,
) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("displayName".to_owned(), group.name.clone().into());
    if let Some(id) = record.and_then(|record| record.external_id.clone()) {
        body.insert("externalId".to_owned(), id.into());
    }
    if !members.is_empty() {
        let members: Vec<Value> = members.keys().map(|id| json!({ "value": id })).collect();
        body.insert("members".to_owned(), members.into());
    }
    body
}
