//! As much of an explanation as is shown. A fix's change is kept as it came: see [`Fix`](crate::pages::fix::Fix).

use rolewright_model::Timestamp;
use rolewright_model::decide::Decision;
use rolewright_model::explain::{Diagnosis, Granted, NotCounting};
use rolewright_model::operation::OperationDecision;
use rolewright_model::subject::Via;
use serde::Deserialize;
use serde_json::Value;

/// Why somebody may or may not use a permission.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Explained {
    /// What is decided.
    pub decision: Decision,
    /// What gives it.
    pub sources: Vec<Source>,
    /// What would, and does not count.
    pub idle: Vec<Source>,
    /// What stands in the way.
    #[serde(default)]
    pub diagnosis: Option<Diagnosis>,
    /// What would allow it.
    #[serde(default)]
    pub fixes: Vec<Remedy>,
}

/// One thing held, and how it comes to give the permission.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Source {
    /// Through what the role is held.
    pub via: Via,
    /// Where.
    pub scope: String,
    /// Since when.
    #[serde(default)]
    pub from: Option<Timestamp>,
    /// Until when.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// The role that is held.
    pub role: String,
    /// The roles from there to the one that grants it.
    #[serde(default)]
    pub inherited: Vec<String>,
    /// What is granted; none where the role is everything.
    #[serde(default)]
    pub granted: Option<Granted>,
    /// What that brings, step by step.
    #[serde(default)]
    pub implied: Vec<Granted>,
    /// The level that this comes to.
    pub level: String,
    /// Why it does not count, if it does not.
    #[serde(default)]
    pub not_counting: Option<NotCounting>,
}

/// A change that would allow it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Remedy {
    /// What it does.
    pub label: String,
    /// What it comes to.
    pub steps: Vec<rolewright_model::fix::Step>,
    /// The change.
    pub change: Value,
    /// How many others would be allowed it too.
    pub others: u64,
    /// How many permissions the person would hold more of.
    pub gains: u64,
    /// Whether it makes a superuser of them.
    pub superuser: bool,
}

/// Why somebody may or may not do an operation.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ExplainedOperation {
    /// What is decided, with every leg.
    pub decision: OperationDecision,
    /// Of each leg of each alternative, why.
    pub legs: Vec<Vec<Option<Explained>>>,
    /// What would allow it.
    #[serde(default)]
    pub fixes: Vec<Remedy>,
}
