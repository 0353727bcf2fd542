//! What is checked of one document of a directory, whenever it is new or edited.

use crate::condition::check_attributes;
use crate::directory::{
    AssignmentDocument, DirectoryDocuments, GroupDocument, LONGEST_EMAIL, Member, MembershipDocument,
    Principal, UserDocument,
};
use crate::people::MOST_ABOVE;
use crate::policy::{Policy, check_description, check_name, is_unseen, no_role};
use crate::problem::{Path, Problems};
use crate::resource::PathRef;

/// The longest id accepted from outside.
const LONGEST_ID: usize = 128;

fn check_id(id: &str, at: &Path<'_>, problems: &mut Problems) {
    // Of most ids the bytes say it, which is all that building an index of millions waits for.
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'/';
    let is_refused = |c: char| is_unseen(c) || c.is_whitespace() || c == '/';
    if id.is_empty() || id.len() > LONGEST_ID || !id.bytes().all(is_plain) && id.chars().any(is_refused) {
        problems.add(
            at,
            format!(
                "`{}` is not an id: 1 to {LONGEST_ID} bytes without spaces, slashes or control characters",
                id.escape_debug()
            ),
        );
    }
}

/// What is kept may be older than the rule of what is typed, [`is_email`](crate::directory::is_email), and stays.
fn check_email(email: &str, at: &Path<'_>, problems: &mut Problems) {
    let has_parts = email.split_once('@').is_some_and(|(local, domain)| {
        let is_open = domain.starts_with('.') || domain.ends_with('.');
        !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !is_open
    });
    let is_refused = |c: char| is_unseen(c) || c.is_whitespace();
    if !has_parts || email.len() > LONGEST_EMAIL || email.chars().any(is_refused) {
        problems.add(at, format!("`{}` is not an email address", email.escape_debug()));
    }
}

pub(super) fn user(user: &UserDocument, policy: &Policy, problems: &mut Problems) {
    let root = Path::ROOT;
    let users_at = root.key("users");
    let at = users_at.key(&user.id);
    check_id(&user.id, &at.key("id"), problems);
    if !user.email.is_empty() {
        check_email(&user.email, &at.key("email"), problems);
    }
    for (key, name) in [("first_name", &user.first_name), ("last_name", &user.last_name)] {
        if !name.is_empty() {
            check_name(name, &at.key(key), problems);
        }
    }
    check_attributes(&user.attributes, &at.key("attributes"), problems);
    if let Some(link) = &user.package
        && policy.package(&link.package).is_none()
    {
        problems.add(&at.key("package"), format!("there is no package `{}`", link.package));
    }
}

pub(super) fn email_taken(user: &UserDocument, problems: &mut Problems) {
    let root = Path::ROOT;
    let users_at = root.key("users");
    let at = users_at.key(&user.id);
    problems.add(&at.key("email"), format!("another user has the email `{}`", user.email));
}

pub(super) fn group(group: &GroupDocument, problems: &mut Problems) {
    let root = Path::ROOT;
    let groups_at = root.key("groups");
    let at = groups_at.key(&group.id);
    check_id(&group.id, &at.key("id"), problems);
    if !group.name.is_empty() {
        check_name(&group.name, &at.key("name"), problems);
        check_description(&group.description, &at.key("description"), problems);
    }
}

pub(super) fn group_name_taken(group: &GroupDocument, problems: &mut Problems) {
    let root = Path::ROOT;
    let groups_at = root.key("groups");
    let at = groups_at.key(&group.id);
    problems.add(&at.key("name"), format!("another group is called `{}`: names are unique", group.name));
}

/// `group` and `member` say whether those are known.
pub(super) fn membership(
    membership: &MembershipDocument,
    group: bool,
    member: bool,
    problems: &mut Problems,
) {
    let root = Path::ROOT;
    let memberships_at = root.key("memberships");
    let at = memberships_at.key(&membership.id);
    check_id(&membership.id, &at.key("id"), problems);
    if !group {
        problems.add(&at.key("group"), format!("there is no group `{}`", membership.group));
    }
    if !member {
        problems.add(
            &at.key("member"),
            match &membership.member {
                Member::User(user) => format!("there is no user `{user}`"),
                Member::Group(group) => format!("there is no group `{group}`"),
            },
        );
    }
}

pub(super) fn is_member_already(
    membership: &MembershipDocument,
    directory: &DirectoryDocuments,
    problems: &mut Problems,
) {
    let root = Path::ROOT;
    let memberships_at = root.key("memberships");
    let at = memberships_at.key(&membership.id);
    let member = match &membership.member {
        Member::User(id) => directory.users.get(id).map(UserDocument::display_name),
        Member::Group(id) => Some(group_name(id, directory).to_owned()),
    };
    let member = member.filter(|name| !name.is_empty()).unwrap_or_else(|| "this person".to_owned());
    let group = group_name(&membership.group, directory);
    problems.add(&at.key("member"), format!("`{member}` is in `{group}` already"));
}

/// What a person reads of a group; its id where that is not known, as in a snapshot.
fn group_name<'d>(id: &'d str, directory: &'d DirectoryDocuments) -> &'d str {
    let name = directory.groups.get(id).map(|group| group.name.as_str());
    name.filter(|name| !name.is_empty()).unwrap_or(id)
}

/// The membership of that id closes a cycle.
pub(super) fn cycle(membership: &str, directory: &DirectoryDocuments, problems: &mut Problems) {
    let Some(link) = directory.memberships.get(membership) else { return };
    let Member::Group(member) = &link.member else { return };
    let (outer, inner) = (group_name(&link.group, directory), group_name(member, directory));
    let root = Path::ROOT;
    let memberships_at = root.key("memberships");
    let at = memberships_at.key(membership);
    let message = match *member == link.group {
        true => format!("`{outer}` cannot be in itself"),
        false => format!("`{outer}` is in `{inner}`, so `{inner}` cannot be in it: take `{outer}` out first"),
    };
    problems.add(&at.key("member"), message);
}

pub(super) fn nested_too_high(group: &str, directory: &DirectoryDocuments, problems: &mut Problems) {
    let root = Path::ROOT;
    let groups_at = root.key("groups");
    let name = group_name(group, directory);
    problems.add(
        &groups_at.key(group),
        format!("`{name}` would be in more than {MOST_ABOVE} groups, through others too"),
    );
}

/// The position of the assigned role, and the scope; `is_known` says whether the principal is.
pub(super) fn assignment<'d>(
    assignment: &'d AssignmentDocument,
    is_known: bool,
    policy: &Policy,
    problems: &mut Problems,
) -> Option<(usize, PathRef<'d>)> {
    let root = Path::ROOT;
    let assignments_at = root.key("assignments");
    let at = assignments_at.key(&assignment.id);
    check_id(&assignment.id, &at.key("id"), problems);
    let role = policy.role_position(&assignment.role);
    if role.is_none() {
        problems.add(&at.key("role"), no_role(&assignment.role));
    }
    match &assignment.principal {
        Principal::User(user) if !is_known => {
            problems.add(&at.key("principal"), format!("there is no user `{user}`"));
        }
        Principal::Group(group) if !is_known => {
            problems.add(&at.key("principal"), format!("there is no group `{group}`"));
        }
        _ => {}
    }
    if let (Some(from), Some(until)) = (assignment.from, assignment.until)
        && until <= from
    {
        problems.add(&at.key("until"), "ends before it begins");
    }
    match PathRef::parse(&assignment.scope) {
        Err(malformed) => {
            problems.add(&at.key("scope"), format!("`{}`: {malformed}", assignment.scope.escape_debug()));
            None
        }
        Ok(scope) if !policy.catalogue.has_place(scope) => {
            problems.add(
                &at.key("scope"),
                format!(
                    "`{}` is not a place: it leads to no resource type of the catalogue",
                    assignment.scope
                ),
            );
            None
        }
        Ok(scope) => Some((role?, scope)),
    }
}
