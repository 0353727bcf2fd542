//! Decision cases: reads `tests/cases/*.json` and makes of each the policy, the directory and
//! the state that its questions are asked of. `docs/cases.md` says what a file looks like.

pub mod naive;
pub mod steps;
pub mod world;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use rolewright_model::directory::{
    AssignmentDocument, DirectoryDocuments, GroupDocument, MembershipDocument, UserDocument,
};
use rolewright_model::documents::{Documents, Table};
use rolewright_model::operation::OperationDecision;
use rolewright_model::package::PackageDocument;
use rolewright_model::policy::SettingsDocument;
use rolewright_model::role::RoleDocument;
use rolewright_model::{
    Index, PolicyDocument, Problem, Question, Reason, Request, Stamp, State, Subject, Timestamp,
};
use rolewright_wire::check::Check;
use serde::Deserialize;
use serde_json::Value;

/// The templates that the server carries, by id.
pub const TEMPLATES: [(&str, &str); 4] = [
    ("mailer", include_str!("../../crates/server/templates/mailer.json")),
    ("analytics-cloud", include_str!("../../crates/server/templates/analytics-cloud.json")),
    ("enterprise-manager", include_str!("../../crates/server/templates/enterprise-manager.json")),
    ("email-marketing", include_str!("../../crates/server/templates/email-marketing.json")),
];

/// A file of decision cases.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// What the cases are about.
    pub about: String,
    /// A template's id, or a policy document.
    policy: Value,
    /// Instead of the policy's settings.
    settings: Option<SettingsDocument>,
    /// Beside the policy's roles, or instead of the one of that id.
    #[serde(default)]
    roles: Vec<RoleDocument>,
    /// Beside the policy's packages.
    #[serde(default)]
    packages: Vec<PackageDocument>,
    /// Who there is and who holds what.
    directory: Directory,
    /// When every question is asked that does not say.
    pub at: Timestamp,
    /// The questions and their answers.
    pub cases: Vec<Case>,
}

/// The directory of a case file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Directory {
    #[serde(default)]
    users: Vec<UserDocument>,
    #[serde(default)]
    groups: Vec<GroupDocument>,
    #[serde(default)]
    memberships: Vec<MembershipDocument>,
    #[serde(default)]
    assignments: Vec<AssignmentDocument>,
}

/// One question and its whole answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// With the number of the acceptance item, where it has one.
    pub name: String,
    /// A question about a permission.
    ask: Option<Check>,
    /// A question about an operation.
    check: Option<Check>,
    /// The answer, as `POST .../check` gives it.
    pub expect: Value,
}

/// Every case file with its stem, in order.
///
/// # Errors
/// The first file that cannot be read.
pub fn case_files() -> Result<Vec<(String, CaseFile)>, String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut paths = Vec::new();
    for entry in fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    let read = |path: PathBuf| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).map_err(|error| format!("{stem}: {error}"))?;
        let file = rolewright_model::json::decode(&text).map_err(|problems| listed(&stem, &problems))?;
        Ok((stem, file))
    };
    paths.into_iter().map(read).collect()
}

/// The template of that id.
///
/// # Errors
/// There is none, or everything that is wrong with it.
pub fn template(id: &str) -> Result<PolicyDocument, String> {
    let (_, text) = TEMPLATES
        .iter()
        .find(|(known, _)| *known == id)
        .ok_or_else(|| format!("there is no template `{id}`"))?;
    PolicyDocument::from_json(text).map_err(|problems| listed(id, &problems))
}

fn listed(what: &str, problems: &[Problem]) -> String {
    let lines: Vec<_> = problems.iter().map(|problem| format!("  {problem}")).collect();
    format!("{what}:\n{}", lines.join("\n"))
}

impl CaseFile {
    /// The policy with the file's own settings, roles and packages.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn policy(&self) -> Result<PolicyDocument, String> {
        let mut policy = match &self.policy {
            Value::String(id) => template(id)?,
            inline => PolicyDocument::from_json(&inline.to_string())
                .map_err(|problems| listed("the inline policy", &problems))?,
        };
        if let Some(settings) = &self.settings {
            policy.settings.clone_from(settings);
        }
        for role in &self.roles {
            match policy.roles.iter_mut().find(|known| known.id == role.id) {
                Some(known) => known.clone_from(role),
                None => policy.roles.push(role.clone()),
            }
        }
        policy.packages.extend(self.packages.iter().cloned());
        policy.validate().map_err(|problems| listed("the policy", &problems))?;
        Ok(policy)
    }

    /// The documents of policy and directory.
    ///
    /// # Errors
    /// Everything that is wrong with the policy.
    pub fn documents(&self) -> Result<Documents, String> {
        let mut documents = Documents::of_policy(&self.policy()?);
        let Directory { users, groups, memberships, assignments } = self.directory.clone();
        documents.directory = DirectoryDocuments {
            users: users.into_iter().map(|user| (user.id.clone(), user)).collect(),
            groups: groups.into_iter().map(|group| (group.id.clone(), group)).collect(),
            memberships: memberships.into_iter().map(|link| (link.id.clone(), link)).collect(),
            assignments: assignments.into_iter().map(|link| (link.id.clone(), link)).collect(),
        };
        Ok(documents)
    }

    /// The state that the questions are asked of, at the revision of its newest link.
    ///
    /// # Errors
    /// Everything that is wrong with policy and directory.
    pub fn state(&self) -> Result<State, String> {
        let documents = self.documents()?;
        let at = newest(&documents);
        State::build(documents, at).map_err(|problems| listed("the directory", &problems))
    }
}

/// The revision of the newest link, which is the state's.
#[must_use]
pub fn newest(documents: &Documents) -> Stamp {
    let directory = &documents.directory;
    let packages = documents.packages.values().flat_map(|package| &package.roles).map(|link| link.made);
    let users = directory.users.values().filter_map(|user| Some(user.package.as_ref()?.made));
    let memberships = directory.memberships.values().map(|link| link.made);
    let assignments = directory.assignments.values().map(|link| link.made);
    packages.chain(users).chain(memberships).chain(assignments).max().unwrap_or_default()
}

impl Case {
    /// The question, with the file's time where it says none: what `POST .../check` takes.
    ///
    /// # Errors
    /// The case asks nothing, or two things.
    pub fn question(&self, at: Timestamp) -> Result<Check, String> {
        let check = match (&self.ask, &self.check) {
            (Some(ask), None) if ask.permission.is_some() && ask.operation.is_none() => ask,
            (None, Some(check)) if check.operation.is_some() && check.permission.is_none() => check,
            _ => {
                return Err("a case asks about one permission (`ask`) or one operation (`check`)".to_owned());
            }
        };
        Ok(Check { at: Some(check.at.unwrap_or(at)), ..check.clone() })
    }

    /// Whether an answer, as JSON text, says what is expected and no more.
    #[must_use]
    pub fn is_answered_by(&self, text: &str) -> bool {
        serde_json::from_str::<Value>(text).is_ok_and(|answer| answer == self.expect)
    }
}

/// The answer of a state that holds the directory: its JSON text, which is the same on every surface to the byte.
#[must_use]
pub fn answer(state: &State, question: &Check) -> String {
    match state.subject(&question.subject) {
        Some(subject) => answer_for(state, &subject, question),
        None if question.operation.is_some() => json(&OperationDecision {
            allowed: false,
            reason: Some(Reason::UnknownSubject),
            alternatives: Vec::new(),
        }),
        None => json(&rolewright_model::Decision::no(Reason::UnknownSubject)),
    }
}

/// The answer for a subject that the state need not know, as one of a pass.
#[must_use]
pub fn answer_for(state: &Index, subject: &Subject, question: &Check) -> String {
    let request =
        Request::new(question.at.unwrap_or_default()).in_session(question.session).with(&question.attributes);
    match &question.operation {
        Some(operation) => json(&state.check(subject, operation, &question.resources, request)),
        None => json(&state.decide_for(
            subject,
            &Question {
                subject: &question.subject,
                permission: question.permission.as_deref().unwrap_or_default(),
                resource: question.resource.as_deref().unwrap_or("/"),
                asked: question.asked.as_deref(),
                request,
            },
        )),
    }
}

fn json(answer: &impl serde::Serialize) -> String {
    serde_json::to_string(answer).unwrap_or_default()
}

/// Documents by id from a JSON object.
///
/// # Panics
/// They do not have the shape of their kind.
#[must_use]
#[expect(clippy::panic, reason = "a test that cannot be set up fails")]
pub fn table<T: serde::de::DeserializeOwned + Clone>(documents: Value) -> Table<T> {
    match serde_json::from_value::<BTreeMap<String, T>>(documents) {
        Ok(documents) => documents.into_iter().collect(),
        Err(error) => panic!("{error}"),
    }
}
