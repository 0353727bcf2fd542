//! S2-10 to S2-23: each option of each setting, and every operation that it allows.

use std::collections::{BTreeMap, BTreeSet};

use rolewright_model::documents::Documents;
use rolewright_model::{Request, Stamp, State, Timestamp};
use rolewright_tests::{table, template};
use serde_json::json;

/// The setting, the option, and what whoever has it in a custom role may do, where User Default allows
/// nothing and the user can open every deployment.
const OPTIONS: [(&str, &str, &[&str]); 17] = [
    ("content.download", "not_allowed", &[]),
    (
        "content.download",
        "no_data",
        &[
            "content.download_images",
            "content.add_static_charts",
            "chat.static_charts",
            "chat.collaboration_charts",
        ],
    ),
    (
        "content.download",
        "allowed",
        &[
            "content.download_images",
            "content.download_data",
            "content.add_static_charts",
            "chat.static_charts",
            "chat.collaboration_charts",
        ],
    ),
    ("automl.approve_own", "not_allowed", &[]),
    ("automl.approve_own", "allowed", &["automl.approve_model"]),
    ("automl.approve_all", "not_allowed", &[]),
    ("automl.approve_all", "allowed", &["automl.approve_model", "automl.approve_in_administration"]),
    ("answers.manage_assistants", "not_allowed", &[]),
    ("answers.manage_assistants", "view", &["answers.view_assistants"]),
    ("answers.manage_assistants", "allowed", &["answers.view_assistants", "answers.change_assistants"]),
    ("answers.manage_knowledge_bases", "not_allowed", &[]),
    ("answers.manage_knowledge_bases", "view", &["answers.view_knowledge_bases"]),
    (
        "answers.manage_knowledge_bases",
        "allowed",
        &[
            "answers.view_knowledge_bases",
            "answers.change_knowledge_bases",
            "answers.index_sources",
            "answers.search",
        ],
    ),
    ("answers.index_sources", "not_allowed", &[]),
    ("answers.index_sources", "allowed", &["answers.index_sources"]),
    ("answers.search", "not_allowed", &[]),
    ("answers.search", "allowed", &["answers.search"]),
];

#[test]
fn each_option_of_each_setting_allows_what_its_description_says() {
    let policy = template("analytics-cloud").unwrap_or_else(|error| panic!("{error}"));
    let resources = BTreeMap::from([("deployment".to_owned(), "deployments/d1".to_owned())]);
    for (permission, option, expected) in OPTIONS {
        let mut documents = Documents::of_policy(&policy);
        let base = documents.roles.get_mut("user_default").unwrap();
        base.grants.values_mut().for_each(|level| *level = "not_allowed".to_owned());
        let exporter = documents.roles.get_mut("content_exporter").unwrap();
        exporter.grants.clear();
        if option != "not_allowed" {
            exporter.grants.insert(permission.to_owned(), option.to_owned());
        }
        documents.directory.users = table(json!({ "una": { "id": "una", "status": "active" } }));
        documents.directory.assignments = table(json!({
            "1": { "id": "1", "principal": { "user": "una" }, "role": "content_exporter" },
            "2": { "id": "2", "principal": { "user": "una" }, "role": "automl_deployment_contributor" }
        }));
        let state = State::build(documents, Stamp::default()).unwrap_or_else(|all| panic!("{all:#?}"));
        let una = state.subject("una").unwrap();
        let operations = state.catalogue().operations().iter().map(|operation| operation.id.as_str());
        let allowed: BTreeSet<&str> = operations
            .filter(|operation| state.check(&una, operation, &resources, Request::new(Timestamp(0))).allowed)
            .collect();
        assert_eq!(allowed, expected.iter().copied().collect(), "{permission}: {option}");
    }
}
