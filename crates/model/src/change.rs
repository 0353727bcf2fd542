//! Changes: every edit of a tenant, from any surface, as one value; and the one function that
//! decides whether this actor may make it and whether it keeps the rules.

mod about;
mod apply;
mod edit;
mod key;
mod outcome;
mod provider;
mod sent;

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::catalogue::CatalogueDocument;
use crate::condition::Attributes;
use crate::directory::{Member, Status};
use crate::documents::Documents;
use crate::policy::{PolicyDocument, SettingsDocument};
use crate::policy_test::{self, PolicyTest};
use crate::refusal::{Code, Refusal};
use crate::restore::Earlier;
use crate::role::RoleDocument;
use crate::rules;
use crate::stamp::{Stamp, Timestamp};
use crate::state::State;
use crate::viewed::Viewed;

use self::sent::{sent, told};

pub use self::about::{About, Topic};
pub use self::apply::writes;
pub use self::edit::{AssignmentEdit, GroupEdit, PackageEdit, UserEdit, WindowEdit};
pub use self::key::KeyEdit;
pub use self::outcome::{Context, Kind, Outcome, Write};
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
    /// Removes the policy tests that name a role; where none does, it changes nothing.
    RemoveTestsOfRole {
        /// The role's id.
        role: String,
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
    /// Replaces a user's email and names.
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
    /// Replaces one's own email, by who showed again who they are.
    SetEmail {
        /// The user's id.
        id: String,
        /// The email as it shall be.
        email: String,
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
    /// Says that an assignment was looked through and stays: the log tells it, and nothing else changes.
    KeepAssignment {
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
    /// Revokes an invitation: its link ends.
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
    /// Ends every session of a person, or one of them.
    EndSessions {
        /// The user's id.
        id: String,
        /// The one that is ended; without it all are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<String>,
    },
    /// Ends one's own sessions but the one that asks, or one of them.
    EndOtherSessions {
        /// The user's id.
        id: String,
        /// The one that is ended; without it all are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<String>,
    },
    /// Views Rolewright as somebody else in the session that asks: what they see, and nothing can be changed.
    ViewAs {
        /// As whom.
        whom: Viewed,
        /// The first moment at which it is over, if it was not ended before.
        until: Timestamp,
    },
    /// Ends that: whoever does it sees again what they see themselves.
    EndViewAs {
        /// As whom it was.
        whom: Viewed,
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

    /// Whether the log tells of it, or of a part of it, though it changes nothing.
    #[must_use]
    pub fn is_noted(&self) -> bool {
        !self.kept().is_empty()
    }

    /// The ids of the assignments of which it, or a part of it, says that they stay.
    #[must_use]
    pub fn kept(&self) -> Vec<&str> {
        match self {
            Self::KeepAssignment { id } => vec![id],
            Self::Batch { changes } => changes.iter().flat_map(Self::kept).collect(),
            _ => Vec::new(),
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

/// Where a change leads to, all of its parts made.
struct Led {
    state: State,
    /// The path of the part that took the last superuser, where one did; one after it may have made another.
    without_superuser: Option<String>,
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
        let Led { state, without_superuser } = self.change_at(change, actor, context, made)?;
        rules::keep_last_superuser(self, &state, context.now)
            .map_err(|refusal| refusal.of_part(without_superuser.as_deref().unwrap_or("$")))?;
        rules::keep_duties_apart(self, &state, change, actor, context.now)?;
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
    ) -> Result<Led, Refusal> {
        let mut made: Option<State> = None;
        let mut without_superuser = None;
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
            let next = next.map_err(|refusal| refusal.of_part(&path))?;
            if made.as_ref().unwrap_or(self).loses_superuser(&next, context.now) {
                without_superuser = Some(path);
            }
            made = Some(next);
        }
        Ok(Led { state: made.unwrap_or_else(|| self.clone()), without_superuser })
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
