//! What the operations are listed under.

use utoipa::openapi::external_docs::ExternalDocsBuilder;
use utoipa::openapi::tag::{Tag, TagBuilder};

use super::scim;
use crate::authzen;

const ALL: [(&str, &str); 16] = [
    ("Sign-in", "Sessions, passwords, the second factor, and the links that lead to them."),
    ("People", "Who there is: invited, edited, disabled, removed, one by one or many at once."),
    ("Groups", "Groups of people and of groups, which hold roles together."),
    ("Roles", "What is given: permissions under a name."),
    ("Packages", "Roles that a person has together, by the package that they are on."),
    ("Assignments", "Who holds which role, where and for how long."),
    ("Policy", "The catalogue, the settings, roles and packages as one document."),
    ("API keys", "With which programs ask."),
    ("Batch", "Several changes in one, all or nothing."),
    ("Audit", "Who changed what when, and the way back."),
    ("Decisions", "Whether somebody may do something."),
    ("Questions", "Why, who, where and what else: what administrators ask of who may do what."),
    ("Checkers", "Signed snapshots, passes and the stream of changes, for those who decide elsewhere."),
    (
        authzen::TAG,
        "Decisions and searches as the AuthZEN Authorization API 1.0 has them, of the default tenant and of each.",
    ),
    (
        scim::TAG,
        "People and groups from an identity provider (RFC 7643, RFC 7644), of the default tenant and of each. What is \
         taken and answered SCIM says itself: `/scim/v2/Schemas`, `/scim/v2/ResourceTypes` and \
         `/scim/v2/ServiceProviderConfig`.",
    ),
    ("Server", "Whether the server runs and is ready."),
];

/// Where the standard stands that a tag is of.
const STANDARDS: [(&str, &str); 2] = [
    (authzen::TAG, "https://openid.net/specs/authorization-api-1_0.html"),
    (scim::TAG, "https://www.rfc-editor.org/rfc/rfc7644"),
];

/// Every tag.
pub(super) fn all() -> Vec<Tag> {
    let tag = |(name, about): (&str, &str)| {
        let standard = STANDARDS.iter().find(|(of, _)| *of == name);
        // Without a description it would say null, which is no text.
        let standard = standard
            .map(|(_, url)| ExternalDocsBuilder::new().url(*url).description(Some("The standard")).build());
        TagBuilder::new().name(name).description(Some(about)).external_docs(standard).build()
    };
    ALL.into_iter().map(tag).collect()
}
