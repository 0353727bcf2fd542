//! When something is allowed, where attributes are open: always, never, or where a condition holds.
//!
//! The levels of [`decide`](crate::decide) are monotone in the comparisons that conditions make, so
//! an answer is a monotone formula over them, and its minimal implicants say all of it: two answers
//! are the same function of the comparisons where these are the same. An `unless` that is true drops
//! a need and so allows more, never less: it stands in the formula like any other comparison.

mod whens;

use serde::{Deserialize, Serialize};

use crate::condition::{
    Atom, Condition, ConditionDocument, Facts, Known, NOTHING_SAID, RequestAttributes, Root,
};
use crate::sorted;
use crate::subject::Subject;

pub(crate) use self::whens::Whens;

/// When something is allowed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// Always, whatever the open attributes are.
    Yes,
    /// Never.
    No,
    /// Where this holds.
    If(Normal),
}

/// How many sets of comparisons a normal form may hold.
const MOST: usize = 64;

/// The normal form of a monotone formula over comparisons, neither always true nor never.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Normal {
    /// The minimal sets of comparisons that make it true when all of a set are, in order; none holds
    /// another.
    Any(Vec<Set>),
    /// There would be more than 64 sets: it depends on the attributes, and two of these may differ.
    Unsaid,
}

/// Comparisons in order, each once. Most answers are one comparison, and there is one for each user.
type Set = Vec<Comparison>;

/// A comparison, and which of an operation's resources its `resource` is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Comparison {
    /// By its name in the operation; none where it is asked about one permission.
    pub resource: Option<String>,
    /// What is compared.
    pub atom: Atom,
}

impl When {
    /// Whether it is allowed for some attributes, as far as comparisons are taken one by one.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        *self != Self::No
    }

    /// Whether it depends on attributes in ways that are not told.
    pub(crate) fn is_unsaid(&self) -> bool {
        matches!(self, Self::If(Normal::Unsaid))
    }

    fn one(comparison: Comparison) -> Self {
        Self::If(Normal::Any(vec![vec![comparison]]))
    }

    /// What a condition says of what is open in `facts`.
    fn condition(condition: &Condition, facts: &Facts<'_>, resource: Option<&str>) -> Self {
        match condition.known(facts) {
            Known::True => Self::Yes,
            Known::False => Self::No,
            Known::If(left) => Self::formula(left, resource),
        }
    }

    fn formula(condition: Condition, resource: Option<&str>) -> Self {
        match condition {
            Condition::All(parts) => {
                parts.into_iter().map(|part| Self::formula(part, resource)).fold(Self::Yes, Self::and)
            }
            Condition::Any(parts) => {
                parts.into_iter().map(|part| Self::formula(part, resource)).fold(Self::No, Self::or)
            }
            Condition::Atom(atom) => {
                let resource = resource.filter(|_| atom.reads_resource()).map(ToOwned::to_owned);
                Self::one(Comparison { resource, atom: atom.ordered() })
            }
        }
    }

    /// Where either is.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, other) | (other, Self::No) => other,
            (Self::If(Normal::Any(left)), Self::If(Normal::Any(right))) => {
                Self::minimal(left.into_iter().chain(right))
            }
            (Self::If(_), Self::If(_)) => Self::If(Normal::Unsaid),
        }
    }

    /// Where both are.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, other) | (other, Self::Yes) => other,
            (Self::If(Normal::Any(left)), Self::If(Normal::Any(right))) => {
                let both =
                    |one: &Set| right.iter().map(|other| sorted::union(one, other)).collect::<Vec<_>>();
                Self::minimal(left.iter().flat_map(both))
            }
            (Self::If(_), Self::If(_)) => Self::If(Normal::Unsaid),
        }
    }

    /// Whether it holds wherever `other` does, as far as the forms say.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Yes, _) | (_, Self::No) => true,
            (Self::If(Normal::Any(own)), Self::If(Normal::Any(others))) => {
                others.iter().all(|other| own.iter().any(|own| sorted::is_subset(own, other)))
            }
            _ => self == other,
        }
    }

    /// What is left of it where more is known; none where the form does not say.
    pub(crate) fn known(&self, facts: &Facts<'_>) -> Option<Self> {
        let sets = match self {
            Self::Yes | Self::No => return Some(self.clone()),
            Self::If(Normal::Unsaid) => return None,
            Self::If(Normal::Any(sets)) => sets,
        };
        let known = |comparison: &Comparison| match comparison.atom.known(facts) {
            Known::True => Self::Yes,
            Known::False => Self::No,
            Known::If(left) => Self::formula(left, comparison.resource.as_deref()),
        };
        let all = sets.iter().map(|set| set.iter().map(known).fold(Self::Yes, Self::and));
        Some(all.fold(Self::No, Self::or))
    }

    /// Whether it is allowed where the request says this; none where the form does not say.
    #[must_use]
    pub fn holds(&self, subject: &Subject, said: &RequestAttributes) -> Option<bool> {
        let sets = match self {
            Self::Yes => return Some(true),
            Self::No => return Some(false),
            Self::If(Normal::Unsaid) => return None,
            Self::If(Normal::Any(sets)) => sets,
        };
        let facts = Facts::of((&subject.id, &subject.attributes), said);
        let holds = |comparison: &Comparison| {
            let named = |name| said.resources.get(name).unwrap_or(&NOTHING_SAID.resource);
            let resource = comparison.resource.as_deref().map_or(facts.resource, |name| Some(named(name)));
            comparison.atom.holds(&Facts { resource, ..facts })
        };
        Some(sets.iter().any(|set| set.iter().all(holds)))
    }

    /// Whether it may be allowed where the request says this and nothing is known of what `open` has;
    /// true where the form does not say. Of an operation's resources those that the request does not
    /// name are open with [`Root::Resource`].
    #[must_use]
    pub fn may_hold(&self, subject: &Subject, said: &RequestAttributes, open: Root) -> bool {
        let sets = match self {
            Self::Yes | Self::If(Normal::Unsaid) => return true,
            Self::No => return false,
            Self::If(Normal::Any(sets)) => sets,
        };
        let all = Facts::of((&subject.id, &subject.attributes), said);
        let facts = match open {
            Root::Subject => Facts { subject: None, ..all },
            Root::Resource => Facts { resource: None, ..all },
            Root::Action => Facts { action: None, ..all },
            Root::Context => Facts { context: None, ..all },
        };
        let may_hold = |comparison: &Comparison| {
            let named = |name| match said.resources.get(name) {
                None if open != Root::Resource => Some(&NOTHING_SAID.resource),
                said => said,
            };
            let resource = comparison.resource.as_deref().map_or(facts.resource, named);
            comparison.atom.known(&Facts { resource, ..facts }) != Known::False
        };
        sets.iter().any(|set| set.iter().all(may_hold))
    }

    /// What people and programs read.
    #[must_use]
    pub fn document(&self) -> WhenDocument {
        match self {
            Self::Yes => WhenDocument::Yes,
            Self::No => WhenDocument::No,
            Self::If(Normal::Unsaid) => WhenDocument::Depends,
            Self::If(Normal::Any(sets)) => {
                let all = |set: &Set| {
                    folded(set.iter().map(Comparison::document).collect(), ConditionDocument::All)
                };
                WhenDocument::If(folded(sets.iter().map(all).collect(), ConditionDocument::Any))
            }
        }
    }

    /// Of these sets those that hold no other.
    fn minimal(sets: impl Iterator<Item = Set>) -> Self {
        let mut kept: Vec<Set> = Vec::new();
        for set in sets {
            if kept.iter().any(|smaller| sorted::is_subset(smaller, &set)) {
                continue;
            }
            kept.retain(|larger| !sorted::is_subset(&set, larger));
            sorted::insert(&mut kept, set);
        }
        match kept.len() {
            0..=MOST => Self::If(Normal::Any(kept)),
            _ => Self::If(Normal::Unsaid),
        }
    }
}

/// One part alone, or several joined.
fn folded(
    mut parts: Vec<ConditionDocument>,
    join: fn(Vec<ConditionDocument>) -> ConditionDocument,
) -> ConditionDocument {
    match parts.pop() {
        Some(part) if parts.is_empty() => part,
        last => join(parts.into_iter().chain(last).collect()),
    }
}

impl Comparison {
    /// The document that says it; `resources.task.region` is an attribute of an operation's `task`.
    fn document(&self) -> ConditionDocument {
        self.atom.document(self.resource.as_deref())
    }
}

/// When something is allowed, as a document says it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WhenDocument {
    /// Always.
    Yes,
    /// Never.
    No,
    /// Where this holds: a comparison, `all` of some, or `any` of these. In an operation's answer
    /// `resources.task.region` is an attribute of its resource `task`.
    If(ConditionDocument),
    /// It depends on attributes in more ways than are told.
    Depends,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn formula(document: Value) -> When {
        let document: ConditionDocument = serde_json::from_value(document).unwrap();
        let condition =
            document.build(&crate::problem::Path::ROOT, &mut crate::problem::Problems::default()).unwrap();
        When::condition(&condition, &Facts::OPEN, None)
    }

    pub(super) fn is(name: &str) -> Value {
        json!({ "eq": [{ "attribute": format!("context.{name}") }, true] })
    }

    #[test]
    fn equal_formulas_are_equal_values() {
        let (a, b, c) = (is("a"), is("b"), is("c"));
        for (left, right) in [
            (json!({ "any": [a, b] }), json!({ "any": [b, a, a] })),
            (json!({ "all": [a, { "any": [a, b] }] }), a.clone()),
            (json!({ "any": [a, { "all": [a, b] }] }), a.clone()),
            (
                json!({ "all": [a, { "any": [b, c] }] }),
                json!({ "any": [{ "all": [c, a] }, { "all": [a, b] }] }),
            ),
            (json!({ "eq": [true, { "attribute": "context.a" }] }), a.clone()),
            (json!({ "all": [a, { "eq": ["x", "x"] }] }), a.clone()),
            (json!({ "any": [a, { "eq": ["x", "y"] }] }), a.clone()),
        ] {
            assert_eq!(formula(left.clone()), formula(right.clone()), "{left} {right}");
        }
        assert_ne!(formula(json!({ "any": [a, b] })), formula(json!({ "all": [a, b] })));
        assert_eq!(formula(json!({ "any": [a, { "lt": [1, 2] }] })), When::Yes);
        assert_eq!(formula(json!({ "all": [a, { "lt": [2, 1] }] })), When::No);
    }

    #[test]
    fn a_form_that_grows_too_large_says_that_it_depends() {
        let pairs = |count: usize| {
            let pair = |number| json!({ "any": [is(&format!("a{number}")), is(&format!("b{number}"))] });
            json!({ "all": (0..count).map(pair).collect::<Vec<_>>() })
        };
        assert!(matches!(formula(pairs(6)), When::If(Normal::Any(sets)) if sets.len() == 64));
        assert_eq!(formula(pairs(7)).document(), WhenDocument::Depends);
        // It may be told from what is always and what is never.
        assert_eq!(formula(pairs(7)).or(When::Yes), When::Yes);
        assert_eq!(formula(pairs(7)).and(When::No), When::No);
    }
}
