//! The policies that a tenant can begin with.

use rolewright_model::{PolicyDocument, Problem};
use rolewright_wire::policy::TemplateRow;

/// What a tenant begins with where nothing is said.
pub const DEFAULT: &str = "mailer";

const ALL: &[(&str, &str)] = &[
    ("mailer", include_str!("../templates/mailer.json")),
    ("analytics-cloud", include_str!("../templates/analytics-cloud.json")),
    ("enterprise-manager", include_str!("../templates/enterprise-manager.json")),
    ("email-marketing", include_str!("../templates/email-marketing.json")),
];

/// The ids, in the order in which they are shown.
pub fn ids() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(id, _)| *id)
}

/// The template of that id.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(id: &str) -> Option<Result<PolicyDocument, Vec<Problem>>> {
    let (_, text) = ALL.iter().find(|(known, _)| *known == id)?;
    Some(PolicyDocument::from_json(text))
}

/// What is shown of each.
#[must_use]
pub fn rows() -> Vec<TemplateRow> {
    let readable = ALL.iter().filter_map(|(id, text)| Some((id, PolicyDocument::from_json(text).ok()?)));
    readable
        .map(|(id, policy)| TemplateRow {
            id: (*id).to_owned(),
            name: policy.name,
            description: policy.description,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_valid() {
        for id in ids() {
            let read = read(id).unwrap();
            assert!(read.is_ok(), "{id}: {:?}", read.err());
        }
        assert_eq!(rows().len(), ALL.len());
    }
}
