//! The four templates: complete to the counts of the acceptance list, and exact where it is.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

use std::collections::{BTreeMap, BTreeSet};

use rolewright_model::catalogue::{ModuleDocument, Only, PermissionDocument, PermissionKind};
use rolewright_model::directory::{AssignmentDocument, Principal, Source, Status, Tier, UserDocument};
use rolewright_model::documents::Documents;
use rolewright_model::policy::NewLinks;
use rolewright_model::role::{Audience, RoleDocument, RoleKind};
use rolewright_model::{PolicyDocument, Request, Stamp, State, Timestamp, console};
use rolewright_tests::{TEMPLATES, template};

fn load(id: &str) -> PolicyDocument {
    template(id).unwrap_or_else(|error| panic!("{error}"))
}

fn role<'p>(policy: &'p PolicyDocument, id: &str) -> &'p RoleDocument {
    policy.roles.iter().find(|role| role.id == id).unwrap()
}

fn module<'p>(policy: &'p PolicyDocument, id: &str) -> &'p ModuleDocument {
    policy.catalogue.modules.iter().find(|module| module.id == id).unwrap()
}

/// The permissions of a module, those in sections too, its access permission not.
fn leaves(module: &ModuleDocument) -> Vec<&PermissionDocument> {
    let sections = module.sections.iter().flat_map(|section| &section.permissions);
    module.permissions.iter().chain(sections).collect()
}

fn names(permissions: &[&PermissionDocument]) -> Vec<String> {
    permissions.iter().map(|permission| permission.id.clone()).collect()
}

fn granted(role: &RoleDocument) -> BTreeSet<&str> {
    role.grants.keys().map(String::as_str).collect()
}

/// A state in which each role is held by a user of its name, for the whole tenant.
fn held_by_namesakes(policy: &PolicyDocument) -> State {
    let mut documents = Documents::of_policy(policy);
    for role in &policy.roles {
        let user = UserDocument {
            id: role.id.clone(),
            email: String::new(),
            first_name: String::new(),
            last_name: String::new(),
            status: Status::Active,
            tier: Tier::Basic,
            sign_in: true,
            package: None,
            attributes: Default::default(),
            created: Timestamp(0),
            invited: None,
        };
        let assignment = AssignmentDocument {
            id: format!("a-{}", role.id),
            principal: Principal::User(role.id.clone()),
            role: role.id.clone(),
            scope: "/".to_owned(),
            source: Source::Direct,
            from: None,
            until: None,
            made: Stamp::default(),
        };
        documents.directory.users.insert(user.id.clone(), user);
        documents.directory.assignments.insert(assignment.id.clone(), assignment);
    }
    State::build(documents, Stamp::default()).unwrap()
}

#[test]
fn every_template_is_valid_and_reads_as_it_was_written() {
    for (id, text) in TEMPLATES {
        let policy = load(id);
        assert_eq!(policy.id, id);
        let again = PolicyDocument::from_json(&serde_json::to_string(&policy).unwrap()).unwrap();
        assert_eq!(policy, again, "{id}");
        let state = State::build(Documents::of_policy(&policy), Stamp::default()).unwrap();
        assert_eq!(state.policy().roles().len(), policy.roles.len(), "{id}");
        assert!(!text.contains('\t'), "{id}");
    }
}

#[test]
fn every_template_speaks_to_people() {
    let speaks = |text: &str| {
        let starts = text.chars().next().is_some_and(|c| c.is_uppercase() || c.is_ascii_digit());
        starts && text.trim() == text
    };
    for (id, _) in TEMPLATES {
        let policy = load(id);
        assert!(speaks(&policy.name) && speaks(&policy.description), "{id}");
        for module in &policy.catalogue.modules {
            assert!(speaks(&module.label) && speaks(&module.description), "{id}: {}", module.id);
            for permission in leaves(module) {
                assert!(
                    speaks(&permission.label) && speaks(&permission.description),
                    "{id}: {}",
                    permission.id
                );
                let (prefix, _) = permission.id.split_once('.').unwrap();
                assert_eq!(prefix, module.id, "{id}: {}", permission.id);
                assert!(permission.levels.values().all(|level| speaks(&level.description)), "{id}");
            }
        }
        for operation in &policy.catalogue.operations {
            assert!(speaks(&operation.label) && speaks(&operation.group), "{id}: {}", operation.id);
            assert!(operation.footnotes.iter().all(|note| speaks(note)), "{id}: {}", operation.id);
        }
        for role in &policy.roles {
            assert!(speaks(&role.name) && speaks(&role.description), "{id}: {}", role.id);
        }
        for package in &policy.packages {
            assert!(speaks(&package.name) && speaks(&package.description), "{id}: {}", package.id);
        }
        assert_eq!(policy.roles.iter().filter(|role| role.superuser).count(), 1, "{id}");
    }
}

#[test]
fn s0_24_mailer_has_fourteen_categories_in_order() {
    let policy = load("mailer");
    let ids: Vec<_> = policy.catalogue.modules.iter().map(|module| module.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "users",
            "roles",
            "licensing",
            "engine_settings",
            "data_destinations",
            "recipients",
            "reports",
            "templates",
            "alerts",
            "qlik",
            "api_keys",
            "mail",
            "logs",
            "backup"
        ]
    );
    let consoles: Vec<_> =
        policy.catalogue.modules.iter().filter(|module| module.console).map(|module| &module.id).collect();
    assert_eq!(consoles, ["users", "roles", "api_keys"]);
    // Rolewright's own modules that the template does not mention come last.
    let state = State::build(Documents::of_policy(&policy), Stamp::default()).unwrap();
    let all: Vec<_> = state.catalogue().modules().iter().map(|module| module.id.as_str()).collect();
    assert_eq!(all[..14], ids);
    assert!(state.catalogue().modules()[14..].iter().all(|module| module.console));
    assert_eq!(all.len(), 14 + console::modules().len() - 3);
}

#[test]
fn s0_20_mailer_has_five_kinds_of_grants() {
    let policy = load("mailer");
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for module in &policy.catalogue.modules {
        for permission in leaves(module) {
            let (category, kind) = permission.id.split_once('.').unwrap();
            kinds.entry(kind).or_default().push(category);
        }
    }
    assert_eq!(kinds.keys().copied().collect::<Vec<_>>(), ["assign_roles", "manage", "run", "sso", "view"]);
    assert_eq!(kinds["run"], ["reports", "backup"]);
    assert_eq!(kinds["sso"], ["qlik"]);
    assert_eq!(kinds["assign_roles"], ["users"]);
    assert_eq!(kinds["view"].len(), 14);
    assert_eq!(kinds["manage"].len(), 13, "logs are only viewed");
}

#[test]
fn s0_21_mailer_has_three_built_in_roles() {
    let policy = load("mailer");
    let names: Vec<_> = policy.roles.iter().map(|role| role.name.as_str()).collect();
    assert_eq!(names, ["User", "Superuser", "Admin"]);
    assert!(policy.roles.iter().all(RoleDocument::is_built_in));
    let (user, superuser, admin) =
        (role(&policy, "user"), role(&policy, "superuser"), role(&policy, "admin"));
    assert!(user.base && user.grants.is_empty() && !user.superuser);
    assert!(superuser.superuser && superuser.grants.is_empty() && superuser.audience == Audience::Admin);
    assert!(!admin.superuser && !admin.base && admin.inherits.is_empty());
}

#[test]
fn s0_25_s0_26_the_grants_of_admin_are_not_normalised() {
    let policy = load("mailer");
    let admin = granted(role(&policy, "admin"));
    let of = |module: &str| -> Vec<&str> {
        admin.iter().filter_map(|id| id.split_once('.')).filter(|id| id.0 == module).map(|id| id.1).collect()
    };
    assert_eq!(of("users"), ["assign_roles", "manage", "view"]);
    assert_eq!(of("roles"), ["view"]);
    assert_eq!(of("reports"), ["manage", "run", "view"]);
    assert_eq!(of("qlik"), ["manage", "sso", "view"]);
    assert_eq!(of("api_keys"), ["manage"]);
    assert_eq!(of("logs"), ["view"]);
    assert_eq!(of("backup"), ["manage", "run", "view"]);
    for module in
        ["licensing", "engine_settings", "data_destinations", "recipients", "templates", "alerts", "mail"]
    {
        assert_eq!(of(module), ["manage", "view"], "S0-25 {module}");
    }
    assert_eq!(admin.len(), 29);
    let categories: BTreeSet<_> = admin.iter().map(|id| id.split_once('.').unwrap().0).collect();
    assert_eq!(categories.len(), 14);
}

/// The seven permissions of the documents, in their order.
fn seven(policy: &PolicyDocument) -> Vec<&PermissionDocument> {
    ["content", "automl", "answers"].iter().flat_map(|id| leaves(module(policy, id))).collect()
}

#[test]
fn s2_8_analytics_cloud_has_seven_permissions_with_a_sentence_for_each_option() {
    let policy = load("analytics-cloud");
    let seven = seven(&policy);
    assert_eq!(
        seven.iter().map(|permission| permission.label.as_str()).collect::<Vec<_>>(),
        [
            "In-app content download",
            "Approve or reject your AutoML models",
            "Approve or reject AutoML models",
            "Manage assistants",
            "Manage knowledge bases",
            "Index the contents of a knowledge base source",
            "Search knowledge bases"
        ]
    );
    let levels = |permission: &PermissionDocument| -> Vec<String> {
        let scale = &policy.catalogue.scales[permission.scale.as_deref().unwrap()];
        assert!(
            scale.levels.iter().all(|level| permission.levels.contains_key(&level.id)),
            "each option of {} has a sentence",
            permission.id
        );
        scale.levels.iter().map(|level| level.label.clone()).collect()
    };
    let levels: Vec<_> = seven.iter().map(|permission| levels(permission)).collect();
    assert_eq!(levels[0], ["Not allowed", "No data", "Allowed"]);
    assert_eq!(levels[3], ["Not allowed", "View assistants", "Allowed"]);
    assert_eq!(levels[4], ["Not allowed", "View knowledge bases", "Allowed"]);
    for two in [1, 2, 5, 6] {
        assert_eq!(levels[two], ["Not allowed", "Allowed"]);
    }
}

#[test]
fn s2_5_s2_9_s2_12_one_is_for_administrators_and_stands_in_custom_roles_alone() {
    let policy = load("analytics-cloud");
    let admins: Vec<_> =
        seven(&policy).into_iter().filter(|permission| permission.audience == Audience::Admin).collect();
    assert_eq!(admins.len(), 1);
    assert_eq!((admins[0].id.as_str(), admins[0].only), ("automl.approve_all", Some(Only::Custom)));
    assert_eq!(seven(&policy).iter().filter(|permission| permission.only.is_some()).count(), 1);
}

#[test]
fn s2_13_s2_19_a_level_brings_others_and_nothing_flows_back() {
    let policy = load("analytics-cloud");
    let seven = seven(&policy);
    assert_eq!(seven[2].levels["allowed"].implies, [("automl.approve_own", "allowed")].map(owned).into());
    assert_eq!(
        seven[4].levels["allowed"].implies,
        [("answers.index_sources", "allowed"), ("answers.search", "allowed")].map(owned).into()
    );
    assert!(seven[1].levels.values().all(|level| level.implies.is_empty()));
}

#[test]
fn s2_24_a_permission_that_another_page_is_about_leads_there() {
    let policy = load("analytics-cloud");
    assert!(seven(&policy)[1..].iter().all(|permission| permission.help.is_some()));
}

#[test]
fn s2_14_only_answers_needs_a_product() {
    let policy = load("analytics-cloud");
    let product = module(&policy, "answers").requires.clone().unwrap();
    assert!(policy.settings.products.contains(&product));
    assert!(module(&policy, "platform").requires.is_none());
}

fn owned((id, level): (&str, &str)) -> (String, String) {
    (id.to_owned(), level.to_owned())
}

#[test]
fn s1_36_analytics_cloud_assigns_seven_roles_to_everyone() {
    let policy = load("analytics-cloud");
    let names: Vec<_> = policy.auto_assign.iter().map(|id| role(&policy, id).name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Automation Creator",
            "Data Services Contributor",
            "Steward",
            "Private Analytics Content Creator",
            "Shared Space Creator",
            "Automl Experiment Contributor",
            "Automl Deployment Contributor"
        ]
    );
    for id in &policy.auto_assign {
        let role = role(&policy, id);
        assert!(role.is_built_in() && role.audience == Audience::User && role.grants.len() == 1, "{id}");
    }
}

#[test]
fn s1_33_s1_34_every_role_but_one_promotes() {
    let policy = load("analytics-cloud");
    assert!(policy.auto_assign.iter().all(|id| role(&policy, id).promotes));
    let not_promoting: Vec<_> = policy
        .roles
        .iter()
        .filter(|role| !role.promotes && !role.base)
        .map(|role| role.name.as_str())
        .collect();
    assert_eq!(not_promoting, ["Embedded Analytics User"]);
}

#[test]
fn s1_6_roles_count_from_the_next_login() {
    assert_eq!(load("analytics-cloud").settings.new_links, NewLinks::NextLogin);
}

#[test]
fn s2_1_s2_3_the_default_is_a_role_that_administrators_edit() {
    let policy = load("analytics-cloud");
    let default = role(&policy, "user_default");
    assert!(default.base && default.kind == RoleKind::Custom && default.name == "User Default");
    assert!(role(&policy, "tenant_admin").superuser);
}

/// One row of the matrix: number, operation, cells of Admin, Designer, Operator and Viewer with
/// `Y` yes, `R` read-only, `N` no and `*` for a yes with a footnote.
const MATRIX: [(u8, &str, &str, &str); 28] = [
    (11, "Server operations", "servers.view", "YRRR"),
    (12, "Server operations", "servers.add_and_delete", "YNNN"),
    (13, "Server operations", "servers.view_connection", "YYYN"),
    (14, "Server operations", "servers.edit_connection", "YRRN"),
    (15, "Server operations", "servers.test_connection", "YYYN"),
    (16, "Server operations", "servers.use_list", "YYYY"),
    (17, "Task operations", "tasks.open_design", "YYNN"),
    (18, "Task operations", "tasks.open_monitor", "YYYY"),
    (19, "Task operations", "tasks.design", "YYNN"),
    (20, "Task operations", "endpoints.design", "YYNN"),
    (21, "Task operations", "tasks.import_over", "Y*NN"),
    (22, "Task operations", "tasks.import_new", "Y*NN"),
    (23, "Task operations", "tasks.export", "YYYN"),
    (24, "Task operations", "tasks.export_with_endpoints", "YY*N"),
    (27, "Other operations", "logs.configure", "YYRN"),
    (28, "Other operations", "servers.user_permissions", "YRRN"),
    (29, "Other operations", "logs.view", "YYYN"),
    (30, "Other operations", "tasks.run", "YYYN"),
    (31, "Other operations", "tasks.delete", "YYNN"),
    (32, "Other operations", "tags.assign", "YYYN"),
    (33, "Other operations", "tags.manage", "YYNN"),
    (34, "Other operations", "tasks.tools", "YY*N"),
    (35, "Other operations", "message_center.open", "YYYY"),
    (36, "Other operations", "licenses.register", "YNNN"),
    (37, "Other operations", "licenses.view", "YYYN"),
    (38, "Other operations", "licenses.machine_name", "YYYN"),
    (39, "Other operations", "analytics.hide", "YYNN"),
    (40, "Other operations", "licenses.alerts", "YYYY"),
];

#[test]
fn s3_10_s3_41_the_matrix_of_enterprise_manager_comes_out() {
    let policy = load("enterprise-manager");
    let state = held_by_namesakes(&policy);
    let operations: Vec<_> =
        policy.catalogue.operations.iter().filter(|operation| operation.origin.is_none()).collect();
    assert_eq!(operations.len(), 28, "S3-10");
    let resources: BTreeMap<String, String> = [
        ("server", "servers/prod"),
        ("tasks", "servers/prod/tasks"),
        ("endpoints", "servers/prod/endpoints"),
        ("task", "servers/prod/tasks/nightly"),
        ("endpoint", "servers/prod/endpoints/crm"),
        ("source", "servers/prod/endpoints/crm"),
        ("target", "servers/prod/endpoints/lake"),
    ]
    .map(owned)
    .into();
    let mut cells: BTreeMap<char, usize> = BTreeMap::new();
    for ((number, group, id, row), operation) in MATRIX.iter().zip(operations) {
        assert_eq!((operation.id.as_str(), operation.group.as_str()), (*id, *group), "S3-{number}");
        for (role, cell) in ["admin", "designer", "operator", "viewer"].into_iter().zip(row.chars()) {
            let subject = &state.subject(role).unwrap();
            let decision = state.check(subject, id, &resources, Request::new(Timestamp(0)));
            let partly = decision.alternatives.iter().any(|alternative| {
                alternative.legs.iter().any(|leg| !leg.allowed && leg.level == "read_only")
            });
            let answered = match (decision.allowed, partly) {
                (true, _) => 'Y',
                (false, true) => 'R',
                (false, false) => 'N',
            };
            let expected = match (cell, number) {
                // An Operator of everything is not Operator for a specific task.
                ('*', 34) => 'N',
                ('*', _) => 'Y',
                (cell, _) => cell,
            };
            assert_eq!(answered, expected, "S3-{number} {role}: {id}");
            *cells.entry(cell).or_default() += 1;
        }
        let footnoted = row.contains('*');
        assert!(!footnoted || !operation.footnotes.is_empty(), "S3-{number} has a footnote");
    }
    assert_eq!(cells, BTreeMap::from([('Y', 65), ('N', 35), ('R', 8), ('*', 4)]));
}

#[test]
fn s3_8_s3_42_s3_44_the_rows_have_applicability_and_help() {
    let policy = load("enterprise-manager");
    let operations = &policy.catalogue.operations;
    let replicate: Vec<_> = operations
        .iter()
        .filter(|operation| operation.applies_to.as_deref() == Some("Replicate only"))
        .map(|operation| operation.id.as_str())
        .collect();
    assert_eq!(replicate, ["tasks.open_design", "tasks.open_monitor"], "S3-17, S3-18");
    let tasks = operations.iter().filter(|operation| operation.group == "Task operations");
    assert!(tasks.clone().all(|operation| operation.help.is_some()), "S3-8");
    assert_eq!(tasks.count(), 8);
    let prose: Vec<_> = operations.iter().filter(|operation| operation.origin.is_some()).collect();
    assert_eq!(prose.len(), 1);
    assert_eq!(prose[0].id, "servers.monitor", "S3-44");
    assert_eq!(prose[0].origin.as_deref(), Some("described in words only"));
    let types: Vec<_> = policy
        .catalogue
        .resource_types
        .iter()
        .map(|kind| (kind.id.as_str(), kind.pattern.as_str()))
        .collect();
    assert_eq!(
        types,
        [
            ("server", "servers/{server}"),
            ("task", "servers/{server}/tasks/{task}"),
            ("endpoint", "servers/{server}/endpoints/{endpoint}")
        ]
    );
}

#[test]
fn s3_1_enterprise_manager_has_four_ordered_roles() {
    let policy = load("enterprise-manager");
    let names: Vec<_> = policy.roles.iter().map(|role| role.name.as_str()).collect();
    assert_eq!(names, ["Owner", "Admin", "Designer", "Operator", "Viewer"]);
    assert!(policy.roles.iter().all(RoleDocument::is_built_in));
    let state = held_by_namesakes(&policy);
    let tenant = rolewright_model::ResourcePath::tenant();
    let levels =
        |role: &str| state.levels_of(&state.subject(role).unwrap(), &tenant, Request::new(Timestamp(0))).0;
    for (higher, lower) in [("admin", "designer"), ("designer", "operator"), ("operator", "viewer")] {
        let pairs = levels(higher).into_iter().zip(levels(lower));
        assert!(pairs.clone().all(|(higher, lower)| higher >= lower), "{higher} {lower}");
        assert!(pairs.clone().any(|(higher, lower)| higher > lower), "{higher} {lower}");
    }
    assert_eq!(role(&policy, "admin").grants.len(), 28, "every permission but none of the console");
}

#[test]
fn s4_19_s4_33_email_marketing_has_thirteen_categories_and_sixty_one_leaves() {
    let policy = load("email-marketing");
    let counts: Vec<_> =
        policy.catalogue.modules.iter().map(|module| (module.label.as_str(), leaves(module).len())).collect();
    assert_eq!(
        counts,
        [
            ("Contact lists", 8),
            ("Contacts", 8),
            ("Custom fields", 3),
            ("Segmentation", 5),
            ("Broadcasts", 7),
            ("Drip campaigns", 6),
            ("Split tests", 3),
            ("Triggers", 3),
            ("Sending nodes", 4),
            ("Sending domains", 3),
            ("Web forms", 4),
            ("Statistics", 4),
            ("Suppression", 3)
        ]
    );
    assert_eq!(counts.iter().map(|(_, leaves)| leaves).sum::<usize>(), 61);
    let accesses = policy.catalogue.modules.iter().filter(|module| module.access.is_some()).count();
    assert_eq!(accesses, 13, "S4-33");
    let all: Vec<_> = policy.catalogue.modules.iter().flat_map(leaves).collect();
    let copies: Vec<_> = all.iter().filter(|leaf| leaf.label == "Make a copy").map(|leaf| &leaf.id).collect();
    assert_eq!(copies, ["contact_lists.copy", "broadcasts.copy"]);
    let ids: BTreeSet<_> = all.iter().map(|leaf| &leaf.id).collect();
    assert_eq!(ids.len(), 61);
}

#[test]
fn s4_31_contact_lists_have_actions_and_features() {
    let policy = load("email-marketing");
    let lists = module(&policy, "contact_lists");
    let sections: Vec<_> = lists
        .sections
        .iter()
        .map(|section| {
            let labels: Vec<_> = section.permissions.iter().map(|leaf| leaf.label.as_str()).collect();
            (section.label.as_str(), labels)
        })
        .collect();
    assert_eq!(
        sections,
        [
            ("Actions", vec!["Add a list", "Edit list", "Delete lists", "Delete lists in bulk"]),
            (
                "Features",
                vec!["Make a copy", "Split list", "Merge into another list", "Move contacts to another list"]
            )
        ]
    );
    for (section, kind) in lists.sections.iter().zip([PermissionKind::Action, PermissionKind::Feature]) {
        assert!(section.permissions.iter().all(|leaf| leaf.kind == kind), "{}", section.id);
    }
}

#[test]
fn s4_26_s4_27_s4_28_s4_29_the_four_example_roles() {
    let policy = load("email-marketing");
    let all_of = |id: &str| -> Vec<String> {
        [format!("{id}.access")].into_iter().chain(names(&leaves(module(&policy, id)))).collect()
    };
    let listed = |parts: &[&[String]]| -> BTreeSet<String> { parts.concat().into_iter().collect() };
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let of = |id: &str| -> BTreeSet<String> { role(&policy, id).grants.keys().cloned().collect() };
    let view =
        ids(&["contact_lists.access", "contacts.view_details", "contacts.view_log", "broadcasts.access"]);
    assert_eq!(of("basic_access"), listed(&[&view, &ids(&["statistics.broadcasts"])]), "S4-26");
    assert_eq!(of("read_only"), listed(&[&view, &all_of("statistics")]), "S4-29");
    let mut contacts = all_of("contacts");
    contacts.retain(|id| id != "contacts.delete");
    let manager = listed(&[
        &all_of("contact_lists"),
        &contacts,
        &ids(&["custom_fields.access"]),
        &all_of("broadcasts"),
        &all_of("drip_campaigns"),
        &all_of("split_tests"),
        &all_of("statistics"),
    ]);
    assert_eq!(of("campaign_manager"), manager, "S4-27");
    let everything: BTreeSet<String> =
        policy.catalogue.modules.iter().flat_map(|module| all_of(&module.id)).collect();
    assert_eq!(of("full_access"), everything, "S4-28");
    assert_eq!(everything.len(), 74);
    for id in ["basic_access", "campaign_manager", "full_access", "read_only"] {
        let role = role(&policy, id);
        assert!(role.kind == RoleKind::Custom && role.audience == Audience::User && !role.superuser, "{id}");
    }
}

#[test]
fn s4_1_packages_carry_the_roles() {
    let policy = load("email-marketing");
    let carried: BTreeSet<_> =
        policy.packages.iter().flat_map(|package| &package.roles).map(|link| link.role.as_str()).collect();
    assert_eq!(carried, ["basic_access", "campaign_manager", "full_access", "read_only"].into());
}

#[test]
fn s4_46_administrators_have_roles_of_their_own_which_no_package_carries() {
    let policy = load("email-marketing");
    let of_users = |id: &str| role(&policy, id).audience == Audience::User;
    assert!(policy.roles.iter().any(|role| role.superuser && role.audience == Audience::Admin));
    assert!(policy.packages.iter().flat_map(|package| &package.roles).all(|link| of_users(&link.role)));
}
