//! Policy tests: questions that a policy says the answers of, asked again before it is saved.
//!
//! A policy has no people, so whom a test is about is told by the roles that are held.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::catalogue::PermissionHandle;
use crate::condition::{Attributes, RequestAttributes};
use crate::decide::{Question, Reason, Request};
use crate::pass::{PassDocument, PassHolding};
use crate::policy::{check_name, folded};
use crate::problem::{Path, Problems};
use crate::refusal::{Code, Refusal};
use crate::resource::ResourcePath;
use crate::stamp::{Stamp, Timestamp};
use crate::state::State;
use crate::subject::{Link, Subject, Via};

/// How many tests a policy has at most: all are asked before every change of it.
const MOST: usize = 1_000;

/// A question and the answer that the policy must give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PolicyTest {
    /// A sentence, "An operator runs tasks"; unique among the tests.
    pub name: String,
    /// Whom it is about; nobody where it is asked who can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Whom>,
    /// The permission's id, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
    /// The operation's id, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Where the permission is asked; the whole tenant where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The operation's resources, by their names in it.
    #[serde(default, deserialize_with = "crate::json::unique", skip_serializing_if = "BTreeMap::is_empty")]
    pub resources: BTreeMap<String, String>,
    /// What is said of the request.
    #[serde(default, skip_serializing_if = "RequestAttributes::is_empty")]
    pub attributes: RequestAttributes,
    /// The level's id that is asked for; the scale's `can` level where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// The answer.
    pub expect: Expect,
}

/// Whom a policy test is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PolicyTestSubject))]
#[serde(deny_unknown_fields)]
pub struct Whom {
    /// A user of the directory, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Or somebody who holds these roles, and the base role as everybody does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<Held>,
    /// And of whom this is said.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
}

/// A role that somebody holds in a policy test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// The role's id.
    pub role: String,
    /// Where; the whole tenant where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

/// The answer that a policy must give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// It must be allowed.
    Allow,
    /// It must be refused.
    Refuse,
    /// These roles give it, each by itself, and no others.
    Roles(BTreeSet<String>),
    /// These users can, and no others.
    Users(BTreeSet<String>),
}

/// What a policy test came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TestResult {
    /// The test's name.
    pub name: String,
    /// Whether the policy answers as it must.
    pub passed: bool,
    /// What it must answer, for a person.
    pub expected: String,
    /// What it answers, for a person; or what the test names that is not there.
    pub answered: String,
}

impl PolicyTest {
    /// Whether it is about users of a directory: a policy alone does not answer it.
    #[must_use]
    pub fn names_users(&self) -> bool {
        let user = self.who.as_ref().and_then(|who| who.user.as_ref());
        user.is_some() || matches!(self.expect, Expect::Users(_))
    }

    /// Whether it names the role: as one that is held, or that gives something.
    #[must_use]
    pub fn names_role(&self, role: &str) -> bool {
        let holds = self.who.as_ref().is_some_and(|who| who.holds.iter().any(|held| held.role == role));
        holds || matches!(&self.expect, Expect::Roles(roles) if roles.contains(role))
    }

    /// Checks what can be said of tests without a policy: what they name may be gone by and by,
    /// which makes them fail.
    pub(crate) fn check(tests: &[Self], at: &Path<'_>, problems: &mut Problems) {
        if tests.len() > MOST {
            let message = format!("{} tests are too many: keep {MOST} at most", tests.len());
            return problems.add(at, message);
        }
        let mut names = BTreeSet::new();
        for (position, test) in tests.iter().enumerate() {
            let at = at.item(position);
            let name_at = at.key("name");
            check_name(&test.name, &name_at, problems);
            if !names.insert(folded(&test.name)) {
                problems.add(&name_at, format!("another test is called `{}`: names are unique", test.name));
            }
            test.check_question(&at, problems);
            test.check_who(&at, problems);
        }
    }

    fn check_question(&self, at: &Path<'_>, problems: &mut Problems) {
        match (&self.permission, &self.operation) {
            (Some(_), None) if !self.resources.is_empty() => {
                problems.add(&at.key("resources"), "a permission is asked on one `resource`");
            }
            (None, Some(_)) if self.resource.is_some() => {
                problems.add(&at.key("resource"), "an operation is asked on its `resources`, by their names");
            }
            (None, Some(_)) if self.level.is_some() => {
                problems.add(&at.key("level"), "an operation says itself which levels it needs");
            }
            (Some(_), None) | (None, Some(_)) => {}
            _ => problems.add(at, "a test asks for one `permission` or one `operation`"),
        }
    }

    fn check_who(&self, at: &Path<'_>, problems: &mut Problems) {
        let who_at = at.key("who");
        match (&self.expect, &self.who) {
            (Expect::Allow | Expect::Refuse, None) => {
                problems.add(at, "say `who` it is about: the roles that are held, or a user");
            }
            (Expect::Allow | Expect::Refuse, Some(who)) => {
                if who.user.is_some() && !(who.holds.is_empty() && who.attributes.is_empty()) {
                    problems.add(
                        &who_at,
                        "a user of the directory holds what the directory says: keep `user` alone",
                    );
                }
            }
            (Expect::Roles(_) | Expect::Users(_), Some(_)) => {
                problems.add(&who_at, "who can is the answer here: leave `who` out");
            }
            (Expect::Roles(_) | Expect::Users(_), None) => {}
        }
    }
}

impl State {
    /// Asks every policy test. `O(tests x holdings)`; who can, of every role or user.
    #[must_use]
    pub fn run_tests(&self, now: Timestamp) -> Vec<TestResult> {
        self.documents().tests.iter().map(|test| self.run_test(test, now)).collect()
    }

    fn run_test(&self, test: &PolicyTest, now: Timestamp) -> TestResult {
        let (expected, answer) = match &test.expect {
            Expect::Allow => ("allowed".to_owned(), self.answer(test, now)),
            Expect::Refuse => ("not allowed".to_owned(), self.answer(test, now)),
            Expect::Roles(roles) => (listed(roles), self.roles_that_give(test, roles, now)),
            Expect::Users(users) => (listed(users), self.users_who_can(test, users, now)),
        };
        match answer {
            Ok(answered) => {
                TestResult { name: test.name.clone(), passed: answered == expected, expected, answered }
            }
            Err(missing) => {
                TestResult { name: test.name.clone(), passed: false, expected, answered: missing }
            }
        }
    }

    fn answer(&self, test: &PolicyTest, now: Timestamp) -> Result<String, String> {
        let nobody = Whom::default();
        let who = test.who.as_ref().unwrap_or(&nobody);
        let allowed = match &who.user {
            Some(id) => {
                let subject = self.subject(id).ok_or_else(|| format!("there is no user `{id}`"))?;
                self.is_allowed(test, &subject, now)?
            }
            None => self.is_allowed(test, &self.holder(&who.holds, &who.attributes)?, now)?,
        };
        Ok(if allowed { "allowed" } else { "not allowed" }.to_owned())
    }

    /// The roles that give it, each by itself, without the base role beside it.
    fn roles_that_give(
        &self,
        test: &PolicyTest,
        expected: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<String, String> {
        if let Some(unknown) = expected.iter().find(|id| self.role(id).is_none()) {
            return Err(no_role(unknown));
        }
        let mut giving = BTreeSet::new();
        for (position, role) in self.policy().roles().iter().enumerate() {
            let id = &role.id;
            for scope in self.nearest(position, test) {
                let held = Held { role: id.clone(), scope: Some(scope) };
                let mut subject = self.holder(&[held], &Attributes::new())?;
                subject.holdings.retain(|holding| holding.via != Via::Base);
                if self.is_allowed(test, &subject, now)? {
                    giving.insert(id.clone());
                }
            }
        }
        Ok(listed(&giving))
    }

    fn users_who_can(
        &self,
        test: &PolicyTest,
        expected: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<String, String> {
        if let Some(unknown) = expected.iter().find(|id| self.subject(id).is_none()) {
            return Err(format!("there is no user `{unknown}`"));
        }
        let mut able = BTreeSet::new();
        for subject in self.subjects() {
            if self.is_allowed(test, &subject, now)? {
                able.insert(subject.id().to_owned());
            }
        }
        Ok(listed(&able))
    }

    /// Of each path that is asked about the widest place at which the role counts and from which it
    /// reaches that.
    fn nearest(&self, role: usize, test: &PolicyTest) -> BTreeSet<String> {
        let counts = |place: &ResourcePath| self.policy().counts_at(role, place);
        let widest = |path: &String| {
            let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
            let places = ends.filter_map(|end| ResourcePath::parse(path.get(..end)?).ok());
            [ResourcePath::tenant()].into_iter().chain(places).find(counts)
        };
        let paths = test.resource.iter().chain(test.resources.values());
        let nearest: BTreeSet<String> = paths.filter_map(widest).map(|place| place.to_string()).collect();
        // Who asks of nothing, or counts nowhere on the way, is asked for the whole tenant.
        if nearest.is_empty() { BTreeSet::from([ResourcePath::TENANT.to_owned()]) } else { nearest }
    }

    /// Somebody who holds these roles, as a pass would tell it.
    fn holder(&self, holds: &[Held], attributes: &Attributes) -> Result<Subject, String> {
        for held in holds {
            let scope = held.scope.as_deref().unwrap_or("/");
            if self.role(&held.role).is_none() {
                return Err(no_role(&held.role));
            }
            let place = ResourcePath::parse(scope).ok().filter(|place| self.catalogue().is_place(place));
            place.ok_or_else(|| format!("`{scope}` is not a place"))?;
        }
        let holding = |held: &Held| PassHolding {
            role: held.role.clone(),
            scope: held.scope.clone().unwrap_or_else(|| "/".to_owned()),
            from: None,
            until: None,
            links: vec![0],
        };
        let pass = PassDocument {
            tenant: String::new(),
            subject: "somebody".to_owned(),
            at: self.at(),
            session: self.at(),
            attributes: attributes.clone(),
            links: vec![Link { id: "link".to_owned(), made: Stamp::default() }],
            holdings: holds.iter().map(holding).collect(),
        };
        Ok(self.subject_of_pass(&pass, &[]))
    }

    fn is_allowed(&self, test: &PolicyTest, subject: &Subject, now: Timestamp) -> Result<bool, String> {
        let request = Request::new(now).with(&test.attributes);
        if let Some(operation) = &test.operation {
            let decision = self.check(subject, operation, &test.resources, request);
            return match decision.reason {
                Some(Reason::UnknownOperation) => Err(format!("there is no operation `{operation}`")),
                _ => Ok(decision.allowed),
            };
        }
        let id = test.permission.as_deref().unwrap_or_default();
        let known: Option<PermissionHandle> = self.catalogue().handle(id);
        known.ok_or_else(|| format!("there is no permission `{id}`"))?;
        let decision = self.decide_for(
            subject,
            &Question {
                subject: subject.id(),
                permission: id,
                resource: test.resource.as_deref().unwrap_or("/"),
                asked: test.level.as_deref(),
                request,
            },
        );
        match (decision.reason, &test.level) {
            (Some(Reason::UnknownLevel), Some(level)) => {
                Err(format!("`{id}` has no level `{level}` that can be asked for"))
            }
            _ => Ok(decision.allowed),
        }
    }
}

/// A change of the policy makes no test fail that passed before it; one that the change itself
/// edits or brings is not in its way.
pub(crate) fn keep_tests(before: &State, after: &State, now: Timestamp) -> Result<(), Refusal> {
    let tests = after.documents().tests.iter().filter(|test| before.documents().tests.contains(test));
    let broken = |test: &PolicyTest| {
        let result = after.run_test(test, now);
        (!result.passed && before.run_test(test, now).passed).then_some(result)
    };
    let broken: Vec<TestResult> = tests.filter_map(broken).collect();
    let Some(first) = broken.first() else { return Ok(()) };
    let more = match broken.len() {
        1 => String::new(),
        n => format!("; {} more would fail", n - 1),
    };
    Err(Refusal::new(
        Code::PolicyTestFails,
        format!(
            "the policy test `{}` would fail: it expects {} and the answer would be {}{more}",
            first.name, first.expected, first.answered
        ),
    ))
}

fn listed(ids: &BTreeSet<String>) -> String {
    match ids.len() {
        0 => "nobody".to_owned(),
        _ => ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", "),
    }
}

fn no_role(id: &str) -> String {
    crate::policy::no_role(id)
}
