//! `--demo`: a believable directory, the same each time. Nobody in it can sign in.

use std::sync::Arc;

use rolewright_model::change::{AssignmentEdit, GroupEdit, UserEdit, WindowEdit};
use rolewright_model::directory::{GroupSource, Member, Principal, Source, Status};
use rolewright_model::role::{Audience, RoleDocument};
use rolewright_model::{Change, State, Timestamp};
use rolewright_store::RecordOp;

use crate::app;
use crate::auth::actor::Who;
use crate::clock::Clock;
use crate::invitation;
use crate::tenant::{Edit, Error, Tenant};

/// How many people there are.
pub const PEOPLE: usize = 200;
const DAY: i64 = 24 * 60 * 60 * 1000;
/// When that began which has ended, counted from now.
const BEGUN: i64 = -60 * DAY;

const FIRST: &[&str] = &[
    "Ada", "Amara", "Andrés", "Anika", "Ayşe", "Benedikt", "Birgit", "Carlos", "Chidi", "Chloé", "Dalia",
    "Daniel", "Elif", "Emeka", "Eva", "Farid", "Fatima", "Femke", "Giulia", "Grace", "Hana", "Henrik",
    "Ingrid", "Isabel", "Ivan", "Jamal", "Jana", "Joaquín", "Jun", "Kateryna", "Kenji", "Lars", "Leila",
    "Linh", "Lucía", "Magda", "Marek", "Mateo", "Mei", "Nadia", "Nikhil", "Noor", "Oksana", "Olu", "Paolo",
    "Priya", "Rania", "Sofia", "Tomás", "Yuki", "Zoë",
];
const LAST: &[&str] = &[
    "Abara",
    "Almeida",
    "Andersen",
    "Bauer",
    "Bianchi",
    "Castillo",
    "Chen",
    "Costa",
    "Demir",
    "Diallo",
    "Eriksen",
    "Fischer",
    "García",
    "Haddad",
    "Hansen",
    "Horvat",
    "Ito",
    "Ivanova",
    "Jansen",
    "Kaya",
    "Kovács",
    "Kowalska",
    "Kumar",
    "Lefèvre",
    "Lindqvist",
    "Mensah",
    "Moreau",
    "Nakamura",
    "Nguyen",
    "Novák",
    "O’Brien",
    "Okafor",
    "Oliveira",
    "Petrov",
    "Rossi",
    "Sato",
    "Schmidt",
    "Silva",
    "Tanaka",
    "Virtanen",
    "Yılmaz",
];

/// Name, what it is, and the group that it is in.
const GROUPS: &[(&str, &str, Option<usize>)] = &[
    ("Engineering", "Everyone who builds the product", None),
    ("Platform", "Infrastructure and releases", Some(0)),
    ("Data", "Pipelines, models and reporting", Some(0)),
    ("Sales", "New business and renewals", None),
    ("Sales EMEA", "Europe, the Middle East and Africa", Some(3)),
    ("Sales Americas", "North and South America", Some(3)),
    ("Marketing", "Brand, content and campaigns", None),
    ("Campaigns", "Plans and sends what customers read", Some(6)),
    ("Customer Success", "Onboarding and support", None),
    ("Finance", "Billing, budgets and audits", None),
    ("People", "Hiring and everything after it", None),
    ("Contractors", "Outside staff, for a time", None),
];

/// Roles that an administrator of the mailer would have made.
const ROLES: &[(&str, &str, &[&str])] = &[
    (
        "Report Author",
        "Writes reports and the templates they use",
        &["reports.view", "reports.manage", "reports.run", "templates.view", "templates.manage", "qlik.view"],
    ),
    (
        "Report Runner",
        "Runs the reports that others write",
        &["reports.view", "reports.run", "recipients.view"],
    ),
    (
        "Recipients Manager",
        "Keeps the lists of those who receive mail",
        &["recipients.view", "recipients.manage", "data_destinations.view"],
    ),
    ("Support", "Looks when something is wrong", &["logs.view", "alerts.view", "reports.view"]),
];

/// Adds the directory to a tenant that has at most one person and no groups; answers how many
/// people were added.
///
/// # Errors
/// Where the model refuses, or the store fails.
pub async fn add(tenant: &Arc<Tenant>, clock: &Clock) -> Result<Option<usize>, Error> {
    let loaded = tenant.loaded();
    let directory = &loaded.state.documents().directory;
    if directory.users.len() > 1 || !directory.groups.is_empty() {
        return Ok(None);
    }
    let context = app::context(clock).map_err(|_| Error::Stopped)?;
    let mut records = Vec::new();
    let changes = changes(tenant, context.now, &mut records)?;
    let now = context.now;
    tenant.apply(Edit { records, ..Edit::new(Who::Operator, Change::Batch { changes }, context) }).await?;
    let changes = ended(&tenant.loaded().state, now);
    let context = app::context(clock).map_err(|_| Error::Stopped)?;
    tenant.apply(Edit::new(Who::Operator, Change::Batch { changes }, context)).await?;
    Ok(Some(PEOPLE))
}

/// Ends what began two months ago: nothing can be given that has ended.
fn ended(state: &State, now: Timestamp) -> Vec<Change> {
    let from = Some(now.plus(BEGUN));
    let given = state.documents().directory.assignments.values().filter(|given| given.from == from);
    let window = WindowEdit { from, until: Some(now.plus(-DAY)) };
    given.map(|given| Change::SetWindow { id: given.id.clone(), window }).collect()
}

fn changes(tenant: &Tenant, now: Timestamp, records: &mut Vec<RecordOp>) -> Result<Vec<Change>, Error> {
    let loaded = tenant.loaded();
    let state = &loaded.state;
    let mut changes = Vec::new();
    let mut for_users: Vec<String> = Vec::new();
    let mut for_admins: Vec<String> = Vec::new();
    for role in state.documents().roles_in_order() {
        match role.audience {
            _ if role.base || role.superuser => {}
            Audience::User => for_users.push(role.id.clone()),
            Audience::Admin => for_admins.push(role.id.clone()),
        }
    }
    for role in own_roles(state) {
        for_users.push(role.id.clone());
        changes.push(Change::CreateRole { role });
    }
    let groups: Vec<String> = (1..=GROUPS.len()).map(|n| format!("g_demo_{n:02}")).collect();
    for (id, (name, description, _)) in groups.iter().zip(GROUPS) {
        let group = GroupEdit {
            id: id.clone(),
            name: (*name).to_owned(),
            description: (*description).to_owned(),
            source: GroupSource::Local,
        };
        changes.push(Change::CreateGroup { group });
    }
    for (id, (_, _, parent)) in groups.iter().zip(GROUPS) {
        if let Some(parent) = parent.and_then(|parent| groups.get(parent)) {
            changes.push(Change::AddMember { group: parent.clone(), member: Member::Group(id.clone()) });
        }
    }
    for (n, id) in groups.iter().enumerate() {
        changes.extend(
            pick(&for_users, n).map(|role| give(Principal::Group(id.clone()), role, "/", None, None)),
        );
    }
    let packages: Vec<String> = state.documents().packages.keys().cloned().collect();
    let scopes = scopes(state);
    for n in 0..PEOPLE {
        person(tenant, n, now, &mut changes, records)?;
        let id = person_id(n);
        if n % 5 != 4 {
            let group = pick(&groups, n * 7 + n / 12);
            changes.extend(
                group.map(|group| Change::AddMember {
                    group: group.clone(),
                    member: Member::User(id.clone()),
                }),
            );
        }
        if n % 9 == 3 {
            let group = pick(&groups, n * 7 + n / 12 + 5);
            changes.extend(
                group.map(|group| Change::AddMember {
                    group: group.clone(),
                    member: Member::User(id.clone()),
                }),
            );
        }
        if n % 3 != 1 {
            changes.extend(
                pick(&packages, n / 2)
                    .map(|package| Change::SetPackage { id: id.clone(), package: Some(package.clone()) }),
            );
        }
        let me = || Principal::User(id.clone());
        if n % 4 == 1 {
            let (from, until) = match n % 40 {
                5 => (None, Some(now.plus(30 * DAY))),
                21 => (Some(now.plus(7 * DAY)), None),
                37 => (Some(now.plus(BEGUN)), None),
                _ => (None, None),
            };
            let scope = pick(&scopes, n / 4).filter(|_| n % 8 == 1).map_or("/", String::as_str);
            changes.extend(pick(&for_users, n / 4).map(|role| give(me(), role, scope, from, until)));
        }
        if n % 50 == 2 {
            changes.extend(pick(&for_admins, n / 50).map(|role| give(me(), role, "/", None, None)));
        }
        if n == 0 || n == 100 {
            let roles = state.documents().roles_in_order();
            let superuser = roles.into_iter().find(|role| role.superuser);
            changes.extend(superuser.map(|role| give(me(), &role.id, "/", None, None)));
        }
        if n % 23 == 11 {
            changes.push(Change::SetStatus { id, status: Status::Disabled });
        }
    }
    Ok(changes)
}

/// One person: active, or invited with a link that nobody has, or with one that has expired.
fn person(
    tenant: &Tenant,
    n: usize,
    now: Timestamp,
    changes: &mut Vec<Change>,
    records: &mut Vec<RecordOp>,
) -> Result<(), Error> {
    let first = pick(FIRST, n * 7).copied().unwrap_or_default();
    let last = pick(LAST, n * 5 + n / 41).copied().unwrap_or_default();
    let user = UserEdit {
        id: person_id(n),
        email: format!("{}.{}@example.com", plain(first), plain(last)),
        first_name: first.to_owned(),
        last_name: last.to_owned(),
    };
    if n % 17 != 6 {
        changes.push(Change::CreateUser { user, sign_in: false });
        return Ok(());
    }
    if n % 34 == 6 {
        let new = invitation::new(tenant, &user.id, &Who::Operator, now).map_err(|_| Error::Stopped)?;
        records.extend(new.records);
    }
    changes.push(Change::InviteUser { user, roles: Vec::new() });
    Ok(())
}

fn person_id(n: usize) -> String {
    format!("u_demo_{:03}", n + 1)
}

/// Those of [`ROLES`] whose permissions the catalogue has.
fn own_roles(state: &State) -> Vec<RoleDocument> {
    let known = |permission: &&str| state.catalogue().handle(permission);
    ROLES
        .iter()
        .filter_map(|(name, description, permissions)| {
            let id = rolewright_model::catalogue::slug_of(name);
            let mut role = RoleDocument::new(&id, name);
            (*description).clone_into(&mut role.description);
            for permission in *permissions {
                let scale = state.catalogue().scale(known(permission)?)?;
                role.grants.insert((*permission).to_owned(), scale.name(scale.top()).to_owned());
            }
            state.role(&id).is_none().then_some(role)
        })
        .collect()
}

/// Some places of the catalogue's first resource type.
fn scopes(state: &State) -> Vec<String> {
    let kinds = &state.documents().catalogue.resource_types;
    let Some(kind) = kinds.first() else { return Vec::new() };
    let named = |name: &str| {
        let filled = kind.pattern.split('/').map(|part| if part.starts_with('{') { name } else { part });
        filled.collect::<Vec<_>>().join("/")
    };
    ["prod", "staging", "finance", "research"].into_iter().map(named).collect()
}

fn give(
    principal: Principal,
    role: &str,
    scope: &str,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Change {
    Change::Assign {
        assignment: AssignmentEdit {
            principal,
            role: role.to_owned(),
            scope: scope.to_owned(),
            source: Source::Direct,
            from,
            until,
        },
    }
}

fn pick<T>(list: &[T], n: usize) -> Option<&T> {
    n.checked_rem(list.len()).and_then(|n| list.get(n))
}

/// A name as it stands in an email address.
fn plain(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .filter_map(|c| match c {
            'á' => Some('a'),
            'é' | 'è' | 'ë' => Some('e'),
            'í' | 'ı' => Some('i'),
            'ş' => Some('s'),
            c if c.is_ascii_alphanumeric() => Some(c),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_people_have_the_same_address() {
        let address = |n: usize| {
            let (first, last) = (FIRST[(n * 7) % FIRST.len()], LAST[(n * 5 + n / 41) % LAST.len()]);
            format!("{}.{}", plain(first), plain(last))
        };
        assert_eq!((0..PEOPLE).map(address).collect::<BTreeSet<_>>().len(), PEOPLE);
        assert_eq!(plain("O’Brien"), "obrien");
    }
}
