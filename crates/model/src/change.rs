//! Changes: every edit of a tenant, from any surface, as one value; and the one function that
//! decides whether this actor may make it and whether it keeps the rules.

mod about;
mod apply;
mod key;
mod provider;

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::catalogue::CatalogueDocument;
use crate::condition::Attributes;
use crate::directory::{AssignmentDocument, GroupSource, Member, Principal, Source, Status};
use crate::documents::Documents;
use crate::package::PackageDocument;
use crate::policy::{PolicyDocument, SettingsDocument};
use crate::policy_test::{self, PolicyTest};
use crate::problem::{Path, Problem};
use crate::refusal::{Code, Refusal};
use crate::restore::Earlier;
use crate::role::RoleDocument;
use crate::rules;
use crate::stamp::{Stamp, Timestamp};
use crate::state::State;

pub use self::about::{About, Topic};
pub use self::apply::writes;
pub use self::key::KeyEdit;
pub use self::provider::ProviderRecord;

/// An edit of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "change", deny_unknown_fields)]
pub enum Change {
    /// Adds a role.
    CreateRole {
        /// The new role; `kind` is custom.
        role: RoleDocument,
    },
    /// Replaces a role; its id stays.
    UpdateRole {
        /// The role as it shall be.
        role: RoleDocument,
    },
    /// Removes a role, with the assignments of it.
    DeleteRole {
        /// The role's id.
        id: String,
    },
    /// In every package that carries a role, carries another instead.
    ReplaceRoleInPackages {
        /// The role that goes.
        role: String,
        /// The role that comes; none takes it out.
        with: Option<String>,
    },
    /// Adds a package.
    CreatePackage {
        /// The new package.
        package: PackageEdit,
    },
    /// Replaces a package; roles that stay keep their links.
    UpdatePackage {
        /// The package as it shall be.
        package: PackageEdit,
    },
    /// Removes a package that nobody is on.
    DeletePackage {
        /// The package's id.
        id: String,
    },
    /// Invites a person: an invited user, and the roles that acceptance will give.
    InviteUser {
        /// The new user.
        user: UserEdit,
        /// Roles to assign for the whole tenant.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        roles: Vec<String>,
    },
    /// Adds an active user, without an invitation: by the command line, a demo, an import.
    CreateUser {
        /// The new user.
        user: UserEdit,
        /// Whether the user gets a way to sign in with this change.
        sign_in: bool,
    },
    /// Replaces a user's e-mail and names.
    UpdateUser {
        /// The user as it shall be.
        user: UserEdit,
    },
    /// Replaces one's own names.
    SetName {
        /// The user's id.
        id: String,
        /// Empty where there is none.
        #[serde(default)]
        first_name: String,
        /// Empty where there is none.
        #[serde(default)]
        last_name: String,
    },
    /// Replaces what conditions read of a user as `subject.…`.
    SetAttributes {
        /// The user's id.
        id: String,
        /// The attributes as they shall be.
        attributes: Attributes,
    },
    /// An invited person accepts, with a password of their own.
    AcceptInvitation {
        /// The user's id.
        id: String,
        /// Who invited: must hold what is given, still.
        inviter: Option<String>,
    },
    /// Disables a user, or activates one again.
    SetStatus {
        /// The user's id.
        id: String,
        /// Active or disabled.
        status: Status,
    },
    /// Puts a user on a package, or on none.
    SetPackage {
        /// The user's id.
        id: String,
        /// The package's id.
        package: Option<String>,
    },
    /// Removes a user, with the assignments and memberships.
    DeleteUser {
        /// The user's id.
        id: String,
    },
    /// Adds a group.
    CreateGroup {
        /// The new group.
        group: GroupEdit,
    },
    /// Replaces a group's name and description.
    UpdateGroup {
        /// The group as it shall be.
        group: GroupEdit,
    },
    /// Removes a group, with its assignments and memberships.
    DeleteGroup {
        /// The group's id.
        id: String,
    },
    /// Puts a user or a group into a group.
    AddMember {
        /// The group's id.
        group: String,
        /// Who comes in.
        member: Member,
    },
    /// Takes a user or a group out of a group.
    RemoveMember {
        /// The membership's id.
        id: String,
    },
    /// Gives a role.
    Assign {
        /// What is given to whom.
        assignment: AssignmentEdit,
    },
    /// Gives an assignment another window. Within the one that it has it stays the link that it is;
    /// elsewhere it is a new one.
    SetWindow {
        /// The assignment's id.
        id: String,
        /// When it shall count.
        window: WindowEdit,
    },
    /// Takes an assignment away.
    Unassign {
        /// The assignment's id.
        id: String,
    },
    /// Turns an entitlement switch on or off. On gives the role to every full user, and to each who
    /// becomes one while it is on; off takes nothing away.
    SetEntitlement {
        /// The role's id.
        role: String,
        /// Whether it shall be on.
        on: bool,
    },
    /// Replaces the catalogue.
    UpdateCatalogue {
        /// The catalogue as it shall be.
        catalogue: CatalogueDocument,
    },
    /// Replaces the settings.
    UpdateSettings {
        /// The settings as they shall be.
        settings: SettingsDocument,
    },
    /// Replaces the policy tests.
    UpdateTests {
        /// The tests as they shall be.
        tests: Vec<PolicyTest>,
    },
    /// Replaces catalogue, settings, roles, packages and tests.
    ImportPolicy {
        /// The policy as it shall be.
        policy: Box<PolicyDocument>,
    },
    /// Puts documents back as they were: what takes a change back, and what restores a revision. Each is decided by
    /// the rules of the single change that would write it.
    PutBack {
        /// The documents.
        documents: Box<Earlier>,
    },
    /// Makes an API key.
    MakeKey {
        /// The new key.
        key: KeyEdit,
    },
    /// Edits an API key: what it is called, what it may do, where and until when. Its secret stays.
    UpdateKey {
        /// The key as it was.
        before: KeyEdit,
        /// The key as it shall be.
        key: KeyEdit,
    },
    /// Gives an API key a new secret.
    RenewKey {
        /// The key as it is.
        key: KeyEdit,
        /// The first moment at which the secret before it is no longer good; none where it is not at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        former_until: Option<Timestamp>,
    },
    /// Ends an API key.
    EndKey {
        /// The key as it was.
        key: KeyEdit,
        /// The id of the user who was told its newest secret, where it was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keeper: Option<String>,
    },
    /// Sends an invited person another link; the one before it ends.
    SendInvitation {
        /// The user's id.
        id: String,
    },
    /// Takes an invitation back: its link ends.
    RevokeInvitation {
        /// The user's id.
        id: String,
    },
    /// Begins the reset of a person's password: a link is made with which that person sets a new one.
    StartPasswordReset {
        /// The user's id.
        id: String,
    },
    /// Sets one's own password, in a session or by a link. With the first the user has a way to sign in.
    SetPassword {
        /// The user's id.
        id: String,
    },
    /// Turns one's own second factor on.
    TurnOnSecondFactor {
        /// The user's id.
        id: String,
    },
    /// Turns one's own second factor off.
    TurnOffSecondFactor {
        /// The user's id.
        id: String,
    },
    /// Puts another authenticator in the place of one's own; its recovery codes are new too.
    ReplaceSecondFactor {
        /// The user's id.
        id: String,
    },
    /// Makes one's own recovery codes anew; those before are void.
    RenewRecoveryCodes {
        /// The user's id.
        id: String,
    },
    /// Turns off the second factor of a person who lost access to it.
    ResetSecondFactor {
        /// The user's id.
        id: String,
    },
    /// Ends every session of a person.
    EndSessions {
        /// The user's id.
        id: String,
    },
    /// Ends one's own sessions but the one that asks, or one of them.
    EndOtherSessions {
        /// The user's id.
        id: String,
        /// The one that is ended; without it all are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<String>,
    },
    /// Writes what an identity provider says of a person beside the directory.
    SetProviderRecord {
        /// The user's id.
        id: String,
        /// What it said until now.
        before: ProviderRecord,
        /// What it says from now on.
        after: ProviderRecord,
    },
    /// Several changes, all or nothing.
    Batch {
        /// In this order.
        #[cfg_attr(feature = "openapi", schema(no_recursion))]
        changes: Vec<Change>,
    },
}

/// What an edit says of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PackageEdit {
    /// A slug.
    pub id: String,
    /// What a person reads.
    pub name: String,
    /// What the plan is.
    #[serde(default)]
    pub description: String,
    /// The ids of the roles it carries.
    #[serde(default)]
    pub roles: Vec<String>,
}

impl PackageEdit {
    /// What an edit would say to make the package.
    #[must_use]
    pub fn of(package: &PackageDocument) -> Self {
        Self {
            id: package.id.clone(),
            name: package.name.clone(),
            description: package.description.clone(),
            roles: package.roles.iter().map(|link| link.role.clone()).collect(),
        }
    }
}

/// What an edit says of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UserEdit {
    /// Opaque and stable.
    pub id: String,
    /// Required.
    pub email: String,
    /// Optional.
    #[serde(default)]
    pub first_name: String,
    /// Optional.
    #[serde(default)]
    pub last_name: String,
}

/// What an edit says of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GroupEdit {
    /// Opaque and stable.
    pub id: String,
    /// What a person reads.
    pub name: String,
    /// What the group is.
    #[serde(default)]
    pub description: String,
    /// Who says who is in it.
    #[serde(default)]
    pub source: GroupSource,
}

/// What an edit says of an assignment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AssignmentEdit {
    /// Who gets the role.
    pub principal: Principal,
    /// The role's id.
    pub role: String,
    /// Where; `/` is the whole tenant.
    pub scope: String,
    /// How it comes to be.
    #[serde(default)]
    pub source: Source,
    /// The first moment at which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The first moment at which it no longer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl AssignmentEdit {
    /// The role for the whole tenant and for good, given by an administrator.
    #[must_use]
    pub fn for_good(principal: Principal, role: impl Into<String>) -> Self {
        let (role, scope, source) = (role.into(), "/".to_owned(), Source::Direct);
        Self { principal, role, scope, source, from: None, until: None }
    }

    /// What an edit would say to make the assignment.
    #[must_use]
    pub fn of(assignment: &AssignmentDocument) -> Self {
        Self {
            principal: assignment.principal.clone(),
            role: assignment.role.clone(),
            scope: assignment.scope.clone(),
            source: assignment.source,
            from: assignment.from,
            until: assignment.until,
        }
    }
}

/// What an edit says of when an assignment counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WindowEdit {
    /// The first moment at which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The first moment at which it no longer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl WindowEdit {
    /// The window of an assignment.
    #[must_use]
    pub fn of(assignment: &AssignmentDocument) -> Self {
        Self { from: assignment.from, until: assignment.until }
    }

    /// Whether every moment of this is one of the other's.
    #[must_use]
    pub fn is_within(self, other: Self) -> bool {
        let begins = other.from.is_none_or(|other| self.from.is_some_and(|from| from >= other));
        let ends = other.until.is_none_or(|other| self.until.is_some_and(|until| until <= other));
        begins && ends
    }
}

/// What a change needs from outside, since the model has no clock and no randomness.
#[derive(Clone, Debug)]
pub struct Context {
    /// When.
    pub now: Timestamp,
    /// A fresh unique id; the ids of the links that the change makes begin with it.
    pub id: String,
}

/// An accepted change: the new state, and the documents that differ.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The state after the change, at the next revision.
    pub state: State,
    /// What the store has to write: every document that differs, by kind and id.
    pub writes: Vec<Write>,
    /// What passes issued before this revision must no longer count: ids of links and users, and
    /// `user/attributes` where what a pass says of those is outdated.
    pub revoked: Vec<String>,
}

/// A document that a change writes or removes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Write {
    /// The document's kind.
    pub kind: Kind,
    /// The document's id; of catalogue, settings and tests there is one, called `default`.
    pub id: String,
    /// What it was; none where it is new.
    pub before: Option<serde_json::Value>,
    /// What it is; none where it is removed.
    pub after: Option<serde_json::Value>,
}

/// The kinds of documents that a tenant has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// How the tenant behaves; one.
    Settings,
    /// What can be permitted; one.
    Catalogue,
    /// What the policy must answer; one.
    Tests,
    /// A role.
    Role,
    /// A package.
    Package,
    /// A user.
    User,
    /// A group.
    Group,
    /// Who is in a group.
    Membership,
    /// Who holds a role.
    Assignment,
}

impl Kind {
    /// The id of the one document of a kind of which there is one.
    pub const ONLY: &'static str = "default";

    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Settings,
        Self::Catalogue,
        Self::Tests,
        Self::Role,
        Self::Package,
        Self::User,
        Self::Group,
        Self::Membership,
        Self::Assignment,
    ];

    /// The name in the store and in the change log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Catalogue => "catalogue",
            Self::Tests => "tests",
            Self::Role => "role",
            Self::Package => "package",
            Self::User => "user",
            Self::Group => "group",
            Self::Membership => "membership",
            Self::Assignment => "assignment",
        }
    }

    /// Whether documents of it make up the policy.
    #[must_use]
    pub const fn is_of_policy(self) -> bool {
        match self {
            Self::Settings | Self::Catalogue | Self::Tests | Self::Role | Self::Package => true,
            Self::User | Self::Group | Self::Membership | Self::Assignment => false,
        }
    }
}

impl Change {
    /// Whether it, or a part of it, changes the policy itself rather than who holds what of it.
    #[must_use]
    pub fn is_of_policy(&self) -> bool {
        match self {
            Self::CreateRole { .. }
            | Self::UpdateRole { .. }
            | Self::DeleteRole { .. }
            | Self::ReplaceRoleInPackages { .. }
            | Self::CreatePackage { .. }
            | Self::UpdatePackage { .. }
            | Self::DeletePackage { .. }
            | Self::UpdateCatalogue { .. }
            | Self::UpdateSettings { .. }
            | Self::ImportPolicy { .. } => true,
            Self::PutBack { documents } => documents.is_of_policy(),
            Self::Batch { changes } => changes.iter().any(Self::is_of_policy),
            _ => false,
        }
    }

    /// Whether this actor may make this change at all, as far as the policy says without the
    /// directory. The admin app asks [`Change::permit_alone`] to disable a button and to say why, the server
    /// [`State::change`], which counts people too. A part of a batch is asked about where the parts
    /// before it are made, as far as those can be: what one that cannot be made here would have made
    /// is not there, and nothing is said of it.
    ///
    /// # Errors
    /// The first rule that refuses.
    pub fn permit(&self, state: &State, actor: &Actor<'_>, now: Timestamp) -> Result<(), Refusal> {
        let mut made: Option<State> = None;
        let mut failed = false;
        let mut parts = self.parts("trial").into_iter().peekable();
        while let Some(Part { id, path, change: part }) = parts.next() {
            part.may_be_a_part(&path)?;
            let next = {
                let here = made.as_ref().unwrap_or(state);
                let still = made.as_ref().and_then(|made| actor.after(state, made));
                let actors: Vec<&Actor<'_>> = std::iter::once(actor).chain(&still).collect();
                match actors.iter().try_for_each(|actor| rules::permit(part, here, actor, now)) {
                    Err(refusal) if !failed || refusal.code != Code::Unknown => {
                        return Err(refusal.of_part(&path));
                    }
                    _ => {}
                }
                let context = Context { now, id };
                parts.peek().map(|_| here.part_at(part, &actors, &context, here.at().next()))
            };
            // Only who holds the directory can tell where a part that fails here leads to.
            failed |= matches!(next, Some(Err(_)));
            made = next.and_then(Result::ok).or(made);
        }
        Ok(())
    }

    /// As [`Change::permit`], of a change that is no batch: what the admin app asks. To try out the parts of a batch takes all
    /// that makes changes, which would be a tenth of what a browser downloads.
    ///
    /// # Errors
    /// The first rule that refuses; of a batch always, for each of its parts is to be asked about by itself.
    pub fn permit_alone(&self, state: &State, actor: &Actor<'_>, now: Timestamp) -> Result<(), Refusal> {
        match self {
            Self::Batch { .. } => {
                let message = "a batch cannot be asked about as one change: ask about each of its parts";
                Err(Refusal::new(Code::Invalid, message))
            }
            alone => rules::permit(alone, state, actor, now),
        }
    }

    /// The change itself; or the parts of a batch, and of the batches in it, in order.
    fn parts(&self, id: &str) -> Vec<Part<'_>> {
        self.parts_at(id, "$".to_owned())
    }

    fn parts_at(&self, id: &str, path: String) -> Vec<Part<'_>> {
        match self {
            Self::Batch { changes } => {
                let parts = changes.iter().enumerate().flat_map(|(n, part)| {
                    part.parts_at(&format!("{id}.{n}"), format!("{path}.changes[{n}]"))
                });
                parts.collect()
            }
            _ => vec![Part { id: id.to_owned(), path, change: self }],
        }
    }
}

/// A change that is no batch, where it stands.
struct Part<'c> {
    /// What the ids of its links begin with.
    id: String,
    /// Its path in what was sent: `$`, or in a batch `$.changes[2]`.
    path: String,
    change: &'c Change,
}

/// The paths of the documents that a change edits, each with the path in what was sent.
fn sent(change: &Change, documents: &Documents, context: &Context) -> Vec<(String, String)> {
    let root = Path::ROOT;
    let keyed = |kind: &str, id: &str| root.key(kind).key(id).to_string();
    let link = |kind: &str, n: usize| keyed(kind, &format!("{}.{n}", context.id));
    let whole = |path: String| vec![(path, "$".to_owned())];
    let of_user = |id: &str, what: &str| {
        let users = root.key("users");
        vec![(users.key(id).key(what).to_string(), format!("$.{what}"))]
    };
    match change {
        Change::CreateRole { role } | Change::UpdateRole { role } => {
            let position = documents.roles_in_order().iter().position(|other| other.id == role.id);
            let listed = format!("$.roles[{}]", position.unwrap_or_default());
            whole(keyed("roles", &role.id)).into_iter().chain(whole(listed)).collect()
        }
        Change::CreatePackage { package } | Change::UpdatePackage { package } => {
            let at = keyed("packages", &package.id);
            let role = |n: usize| (format!("{at}.roles[{n}].role"), format!("$.roles[{n}]"));
            (0..package.roles.len()).map(role).chain(whole(at.clone())).collect()
        }
        Change::InviteUser { user, roles } => {
            let role = |n: usize| (format!("{}.role", link("assignments", n)), format!("$.roles[{n}]"));
            (0..roles.len()).map(role).chain(whole(keyed("users", &user.id))).collect()
        }
        Change::CreateUser { user, .. } | Change::UpdateUser { user } => whole(keyed("users", &user.id)),
        Change::SetName { id, .. } => whole(keyed("users", id)),
        Change::SetAttributes { id, .. } => of_user(id, "attributes"),
        Change::SetPackage { id, .. } => of_user(id, "package"),
        Change::CreateGroup { group } | Change::UpdateGroup { group } => whole(keyed("groups", &group.id)),
        Change::Assign { .. } => whole(link("assignments", 0)),
        Change::SetWindow { id, .. } => {
            let kept = whole(keyed("assignments", id));
            kept.into_iter().chain(whole(link("assignments", 0))).collect()
        }
        Change::AddMember { .. } => whole(link("memberships", 0)),
        Change::UpdateCatalogue { .. } => whole("$.catalogue".to_owned()),
        Change::UpdateSettings { .. } => whole("$.settings".to_owned()),
        Change::SetEntitlement { role, .. } => {
            let entitlements = root.key("settings");
            let entitlements = entitlements.key("entitlements");
            vec![(entitlements.key(role).to_string(), "$.role".to_owned())]
        }
        _ => Vec::new(),
    }
}

/// Problems as paths in what was sent. What is then wrong elsewhere only follows from it.
fn told(problems: Vec<Problem>, sent: &[(String, String)]) -> Vec<Problem> {
    let relative = |problem: &Problem| {
        sent.iter().find_map(|(stored, sent)| {
            let rest = problem.path.strip_prefix(stored.as_str())?;
            // `$.roles.editor` is not where `$.roles.editor_2` is.
            if !rest.is_empty() && !rest.starts_with(['.', '[']) {
                return None;
            }
            let path = format!("{sent}{rest}");
            Some(Problem { path, message: problem.message.clone() })
        })
    };
    let own: Vec<Problem> = problems.iter().filter_map(relative).collect();
    if own.is_empty() { problems } else { own }
}

impl State {
    /// Makes a change. `O(documents that it touches)`; what changes the catalogue, a product or the
    /// order of roles, and what removes a role, a group or a package, compiles everything anew.
    ///
    /// # Errors
    /// The first rule that refuses; or everything that would be wrong with the documents.
    pub fn change(&self, change: &Change, actor: &Actor<'_>, context: &Context) -> Result<Outcome, Refusal> {
        let made = self.at().next();
        if change.about().is_some() {
            rules::permit(change, self, actor, context.now)?;
            return self.about_an_account_or_key(change, context, made);
        }
        let state = self.change_at(change, actor, context, made)?;
        rules::keep_last_superuser(self, &state, context.now)?;
        rules::keep_duties_apart(self, &state, change, context.now)?;
        if change.is_of_policy() {
            policy_test::keep_tests(self, &state, context.now)?;
        }
        let (before, after) = (self.documents(), state.documents());
        let (writes, revoked) = (apply::writes(before, after), apply::revoked(before, after));
        Ok(Outcome { state, writes, revoked })
    }

    /// The first change of a tenant: the policy that it begins with. `O(size)`.
    ///
    /// # Errors
    /// Everything that is wrong with the policy.
    pub fn begin(policy: &PolicyDocument, context: &Context) -> Result<Outcome, Refusal> {
        let made = Stamp::default().next();
        let (nothing, mut documents) = (Documents::default(), Documents::default());
        let change = Change::ImportPolicy { policy: Box::new(policy.clone()) };
        apply::apply(&mut documents, &change, None, context, made)?;
        let state = State::build(documents, made).map_err(Refusal::invalid)?;
        let mut writes = apply::writes(&nothing, state.documents());
        writes.iter_mut().for_each(|write| write.before = None);
        Ok(Outcome { state, writes, revoked: Vec::new() })
    }

    /// Where a change leads to, each part of a batch asked where the parts before it are made: of the
    /// actor as it was before all of them, which a batch gives nothing, and as it is after them.
    fn change_at(
        &self,
        change: &Change,
        actor: &Actor<'_>,
        context: &Context,
        stamp: Stamp,
    ) -> Result<State, Refusal> {
        let mut made: Option<State> = None;
        for Part { id, path, change: part } in change.parts(&context.id) {
            part.may_be_a_part(&path)?;
            let next = {
                let here = made.as_ref().unwrap_or(self);
                let still = made.as_ref().and_then(|made| actor.after(self, made));
                let actors: Vec<&Actor<'_>> = std::iter::once(actor).chain(&still).collect();
                let permitted =
                    actors.iter().try_for_each(|actor| rules::permit(part, here, actor, context.now));
                permitted.and_then(|()| here.part_at(part, &actors, &Context { now: context.now, id }, stamp))
            };
            made = Some(next.map_err(|refusal| refusal.of_part(&path))?);
        }
        Ok(made.unwrap_or_else(|| self.clone()))
    }

    /// Where a change that is no batch, and permitted, leads to where each of these actors may give
    /// what it gives.
    fn part_at(
        &self,
        change: &Change,
        actors: &[&Actor<'_>],
        context: &Context,
        stamp: Stamp,
    ) -> Result<State, Refusal> {
        let mut documents: Documents = self.documents().clone();
        apply::apply(&mut documents, change, Some(self), context, stamp)?;
        let sent = sent(change, &documents, context);
        let state =
            self.after(documents, stamp).map_err(|problems| Refusal::invalid(told(problems, &sent)))?;
        actors.iter().try_for_each(|actor| {
            rules::nobody_grants_what_they_do_not_hold(self, &state, change, actor, context.now)
        })?;
        Ok(state)
    }
}
