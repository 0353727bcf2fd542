//! Conditions in words.

use rolewright_model::condition::{ConditionDocument, OperandDocument};
use rolewright_model::when::WhenDocument;

/// When something is allowed, in words; none where always.
pub fn when(when: &WhenDocument) -> Option<String> {
    match when {
        WhenDocument::Yes => None,
        WhenDocument::No => Some("never".to_owned()),
        WhenDocument::If(condition) => Some(format!("if {}", words(condition))),
        WhenDocument::Depends => Some("if several attributes are as they must be".to_owned()),
    }
}

/// A condition in words: "subject.region is "eu" and resource.size is at most 5".
pub fn words(condition: &ConditionDocument) -> String {
    let joined = |parts: &[ConditionDocument], by: &str| parts.iter().map(words).collect::<Vec<_>>().join(by);
    let pair =
        |[left, right]: &[OperandDocument; 2], is: &str| [&operand(left), is, &operand(right)].concat();
    match condition {
        ConditionDocument::All(parts) => joined(parts, " and "),
        ConditionDocument::Any(parts) => joined(parts, " or "),
        ConditionDocument::Eq(both) => pair(both, " is "),
        ConditionDocument::Ne(both) => pair(both, " is not "),
        ConditionDocument::In(both) => pair(both, " is one of "),
        ConditionDocument::Lt(both) => pair(both, " is less than "),
        ConditionDocument::Le(both) => pair(both, " is at most "),
    }
}

fn operand(operand: &OperandDocument) -> String {
    match operand {
        OperandDocument::Attribute { attribute } => attribute.clone(),
        OperandDocument::Literal(value) => serde_json::to_string(value).unwrap_or_default(),
    }
}
