//! The validated form of a condition: what is asked of the attributes of a request.

use std::sync::Arc;

use super::{Attributes, ConditionDocument, Number, OperandDocument, RequestAttributes, Value, is_name};

/// A validated condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// Every one of these.
    All(Vec<Condition>),
    /// One of these.
    Any(Vec<Condition>),
    /// A comparison.
    Atom(Atom),
}

/// A comparison.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Atom {
    pub(crate) operator: Operator,
    pub(crate) left: Operand,
    pub(crate) right: Operand,
}

/// How two operands are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    /// The same.
    Eq,
    /// Of one type, and not the same.
    Ne,
    /// One of a list's.
    In,
    /// A lesser number.
    Lt,
    /// A number that is not more.
    Le,
}

/// What a comparison compares.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operand {
    /// An attribute of the request.
    Attribute(Attribute),
    /// A value.
    Literal(Value),
}

/// The path of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attribute {
    pub(crate) root: Root,
    /// Without the root.
    pub(crate) name: Arc<str>,
}

/// Whose attribute it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Root {
    /// Of who asks.
    Subject,
    /// Of what it is asked about.
    Resource,
    /// Of what is being done.
    Action,
    /// Of everything around.
    Context,
}

/// What is known of a request. What is open is not known yet; what is missing is known not to be.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'f> {
    /// The subject's id and attributes; none where they are open.
    pub subject: Option<(&'f str, &'f Attributes)>,
    /// The resource's attributes; none where they are open.
    pub resource: Option<&'f Attributes>,
    /// The action's attributes; none where they are open.
    pub action: Option<&'f Attributes>,
    /// The context's attributes; none where they are open.
    pub context: Option<&'f Attributes>,
}

/// What is known of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// It holds.
    True,
    /// It does not.
    False,
    /// It holds where this does, which reads what is open.
    If(Condition),
}

/// A value as a comparison sees it.
#[derive(Clone, Copy)]
enum Seen<'v> {
    Boolean(bool),
    Number(Number),
    Text(&'v str),
    List(&'v [Value]),
}

enum Looked<'v> {
    Value(Seen<'v>),
    Missing,
    Open,
}

impl<'f> Facts<'f> {
    /// Everything known: the attributes of a request about one permission.
    pub(crate) fn of(subject: (&'f str, &'f Attributes), said: &'f RequestAttributes) -> Self {
        Self {
            subject: Some(subject),
            resource: Some(&said.resource),
            action: Some(&said.action),
            context: Some(&said.context),
        }
    }

    /// The subject known, everything else open.
    pub(crate) fn of_subject(id: &'f str, attributes: &'f Attributes) -> Self {
        Self { subject: Some((id, attributes)), ..Self::OPEN }
    }

    /// Nothing known.
    pub(crate) const OPEN: Self = Self { subject: None, resource: None, action: None, context: None };

    fn look<'v>(&self, operand: &'v Operand) -> Looked<'v>
    where
        'f: 'v,
    {
        let attribute = match operand {
            Operand::Literal(value) => return Looked::Value(Seen::of(value)),
            Operand::Attribute(attribute) => attribute,
        };
        let attributes = match attribute.root {
            Root::Subject => match self.subject {
                Some((id, _)) if *attribute.name == *"id" => return Looked::Value(Seen::Text(id)),
                subject => subject.map(|(_, attributes)| attributes),
            },
            Root::Resource => self.resource,
            Root::Action => self.action,
            Root::Context => self.context,
        };
        let Some(attributes) = attributes else { return Looked::Open };
        attributes.get(&attribute.name).map_or(Looked::Missing, |value| Looked::Value(Seen::of(value)))
    }
}

impl<'v> Seen<'v> {
    fn of(value: &'v Value) -> Self {
        match value {
            Value::Boolean(value) => Self::Boolean(*value),
            Value::Number(value) => Self::Number(*value),
            Value::Text(value) => Self::Text(value),
            Value::List(items) => Self::List(items),
        }
    }

    fn value(self) -> Value {
        match self {
            Self::Boolean(value) => Value::Boolean(value),
            Self::Number(value) => Value::Number(value),
            Self::Text(value) => Value::Text(value.to_owned()),
            Self::List(items) => Value::List(items.to_vec()),
        }
    }

    /// Whether both are the same; none where they are not of one type, or lists.
    fn same(self, other: Self) -> Option<bool> {
        match (self, other) {
            (Self::Boolean(left), Self::Boolean(right)) => Some(left == right),
            (Self::Number(left), Self::Number(right)) => Some(left == right),
            (Self::Text(left), Self::Text(right)) => Some(left == right),
            _ => None,
        }
    }
}

impl Operator {
    fn holds(self, left: Seen<'_>, right: Seen<'_>) -> bool {
        match (self, left, right) {
            (Self::Eq, ..) => left.same(right) == Some(true),
            (Self::Ne, ..) => left.same(right) == Some(false),
            (Self::In, _, Seen::List(items)) => {
                items.iter().any(|item| left.same(Seen::of(item)) == Some(true))
            }
            (Self::Lt, Seen::Number(left), Seen::Number(right)) => left < right,
            (Self::Le, Seen::Number(left), Seen::Number(right)) => left <= right,
            _ => false,
        }
    }

    /// Whether some value on the other side can make the comparison true.
    fn can_hold(self, seen: Seen<'_>, on_the_right: bool) -> bool {
        match (self, seen) {
            (Self::Eq | Self::Ne, seen) => !matches!(seen, Seen::List(_)),
            (Self::In, Seen::List(items)) => {
                on_the_right && items.iter().any(|item| !matches!(item, Value::List(_)))
            }
            (Self::In, _) => !on_the_right,
            (Self::Lt | Self::Le, seen) => matches!(seen, Seen::Number(_)),
        }
    }
}

impl Atom {
    /// What is left of it where some facts are open.
    pub(crate) fn known(&self, facts: &Facts<'_>) -> Known {
        let settled = |holds: bool| if holds { Known::True } else { Known::False };
        match (facts.look(&self.left), facts.look(&self.right)) {
            (Looked::Missing, _) | (_, Looked::Missing) => Known::False,
            (Looked::Value(left), Looked::Value(right)) => settled(self.operator.holds(left, right)),
            (Looked::Value(left), Looked::Open) if self.operator.can_hold(left, false) => {
                let (left, right) = (Operand::Literal(left.value()), self.right.clone());
                Known::If(Condition::Atom(Self { operator: self.operator, left, right }))
            }
            (Looked::Open, Looked::Value(right)) if self.operator.can_hold(right, true) => {
                let (left, right) = (self.left.clone(), Operand::Literal(right.value()));
                Known::If(Condition::Atom(Self { operator: self.operator, left, right }))
            }
            (Looked::Open, Looked::Open) => Known::If(Condition::Atom(self.clone())),
            (Looked::Value(_), Looked::Open) | (Looked::Open, Looked::Value(_)) => Known::False,
        }
    }

    /// Whether it holds; what is open counts as missing.
    pub(crate) fn holds(&self, facts: &Facts<'_>) -> bool {
        match (facts.look(&self.left), facts.look(&self.right)) {
            (Looked::Value(left), Looked::Value(right)) => self.operator.holds(left, right),
            _ => false,
        }
    }

    /// Whether it holds for some values of what is open.
    fn may_hold(&self, facts: &Facts<'_>) -> bool {
        match (facts.look(&self.left), facts.look(&self.right)) {
            (Looked::Missing, _) | (_, Looked::Missing) => false,
            (Looked::Value(left), Looked::Value(right)) => self.operator.holds(left, right),
            (Looked::Value(left), Looked::Open) => self.operator.can_hold(left, false),
            (Looked::Open, Looked::Value(right)) => self.operator.can_hold(right, true),
            (Looked::Open, Looked::Open) => true,
        }
    }

    /// Whether it reads an attribute of the resource.
    pub(crate) fn reads_resource(&self) -> bool {
        let reads =
            |it: &Operand| matches!(it, Operand::Attribute(attribute) if attribute.root == Root::Resource);
        reads(&self.left) || reads(&self.right)
    }

    /// The same comparison in the one order of its operands, where their order is nothing to it.
    pub(crate) fn ordered(self) -> Self {
        let Self { operator, left, right } = self;
        match operator {
            Operator::Eq | Operator::Ne if right < left => Self { operator, left: right, right: left },
            _ => Self { operator, left, right },
        }
    }

    /// The document that says it; `resource` names one of an operation's, in the place of `resource`.
    pub(crate) fn document(&self, resource: Option<&str>) -> ConditionDocument {
        let operands = [self.left.document(resource), self.right.document(resource)];
        match self.operator {
            Operator::Eq => ConditionDocument::Eq(operands),
            Operator::Ne => ConditionDocument::Ne(operands),
            Operator::In => ConditionDocument::In(operands),
            Operator::Lt => ConditionDocument::Lt(operands),
            Operator::Le => ConditionDocument::Le(operands),
        }
    }
}

impl Condition {
    /// Whether it holds; what is open counts as missing. `O(size)`, without allocation.
    #[must_use]
    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(facts)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(facts)),
            Self::Atom(atom) => atom.holds(facts),
        }
    }

    /// Whether it holds for some values of what is open, as far as comparisons are taken one by one: whether what
    /// is [known](Self::known) is not that it is false. `O(size)`, without allocation.
    #[must_use]
    pub fn may_hold(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.may_hold(facts)),
            Self::Any(parts) => parts.iter().any(|part| part.may_hold(facts)),
            Self::Atom(atom) => atom.may_hold(facts),
        }
    }

    /// What is left of it where some facts are open. `O(size)`.
    #[must_use]
    pub fn known(&self, facts: &Facts<'_>) -> Known {
        let (parts, settles, otherwise): (_, _, fn(Vec<Self>) -> Self) = match self {
            Self::All(parts) => (parts, Known::False, Self::All),
            Self::Any(parts) => (parts, Known::True, Self::Any),
            Self::Atom(atom) => return atom.known(facts),
        };
        let mut left = Vec::new();
        for part in parts {
            match part.known(facts) {
                Known::If(part) => left.push(part),
                known if known == settles => return known,
                _ => {}
            }
        }
        match (left.len(), settles) {
            (0, Known::False) => Known::True,
            (0, _) => Known::False,
            (1, _) => left.pop().map_or(Known::False, Known::If),
            _ => Known::If(otherwise(left)),
        }
    }

    /// The document that says it.
    #[must_use]
    pub fn document(&self) -> ConditionDocument {
        match self {
            Self::All(parts) => ConditionDocument::All(parts.iter().map(Self::document).collect()),
            Self::Any(parts) => ConditionDocument::Any(parts.iter().map(Self::document).collect()),
            Self::Atom(atom) => atom.document(None),
        }
    }

    /// Every attribute that it reads, each as often as it does.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        let mut open = vec![self];
        let atoms = std::iter::from_fn(move || {
            loop {
                match open.pop()? {
                    Self::All(parts) | Self::Any(parts) => open.extend(parts),
                    Self::Atom(atom) => return Some(atom),
                }
            }
        });
        atoms.flat_map(|atom| [&atom.left, &atom.right]).filter_map(|operand| match operand {
            Operand::Attribute(attribute) => Some(attribute),
            Operand::Literal(_) => None,
        })
    }
}

impl Operand {
    fn document(&self, resource: Option<&str>) -> OperandDocument {
        match self {
            Self::Attribute(attribute) => OperandDocument::Attribute {
                attribute: match resource.filter(|_| attribute.root == Root::Resource) {
                    Some(name) => format!("resources.{name}.{}", attribute.name),
                    None => attribute.path(),
                },
            },
            Self::Literal(value) => OperandDocument::Literal(value.clone()),
        }
    }
}

impl Attribute {
    /// The attribute of that path, `subject.region`.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let (root, name) = path.split_once('.').filter(|(_, name)| is_name(name))?;
        let root = match root {
            "subject" => Root::Subject,
            "resource" => Root::Resource,
            "action" => Root::Action,
            "context" => Root::Context,
            _ => return None,
        };
        Some(Self { root, name: name.into() })
    }

    /// Its path, `subject.region`.
    #[must_use]
    pub fn path(&self) -> String {
        let root = match self.root {
            Root::Subject => "subject",
            Root::Resource => "resource",
            Root::Action => "action",
            Root::Context => "context",
        };
        format!("{root}.{}", self.name)
    }

    /// The name where it is an attribute of the subject that a directory keeps.
    pub(crate) fn of_subject(&self) -> Option<&str> {
        (self.root == Root::Subject && *self.name != *"id").then_some(&*self.name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::problem::{Path, Problems};

    fn condition(document: serde_json::Value) -> Condition {
        let document: ConditionDocument = serde_json::from_value(document).unwrap();
        document.build(&Path::ROOT, &mut Problems::default()).unwrap()
    }

    fn attributes(document: serde_json::Value) -> Attributes {
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn a_comparison_of_two_values() {
        for (operator, left, right, expected) in [
            ("eq", json!("a"), json!("a"), true),
            ("eq", json!("a"), json!("A"), false),
            ("eq", json!(1), json!(1.0), true),
            ("eq", json!(-0.0), json!(0), true),
            ("eq", json!(1), json!("1"), false),
            ("eq", json!(0), json!(false), false),
            ("eq", json!(["a"]), json!(["a"]), false),
            ("ne", json!("a"), json!("b"), true),
            ("ne", json!("a"), json!("a"), false),
            ("ne", json!(1), json!("a"), false),
            ("ne", json!(["a"]), json!(["b"]), false),
            ("in", json!("a"), json!(["b", "a"]), true),
            ("in", json!("a"), json!(["b"]), false),
            ("in", json!(1), json!(["1", true, 1]), true),
            ("in", json!("a"), json!([]), false),
            ("in", json!("a"), json!("abc"), false),
            ("in", json!(["a"]), json!([["a"]]), false),
            ("lt", json!(1), json!(2), true),
            ("lt", json!(2), json!(2), false),
            ("le", json!(2), json!(2), true),
            ("le", json!(2.5), json!(2), false),
            ("lt", json!("1"), json!("2"), false),
            ("le", json!(1), json!("2"), false),
            ("lt", json!(false), json!(true), false),
        ] {
            // By attributes: a list literal cannot stand on the left.
            let document =
                json!({ operator: [{ "attribute": "resource.left" }, { "attribute": "context.right" }] });
            let said = RequestAttributes {
                resource: attributes(json!({ "left": left })),
                context: attributes(json!({ "right": right })),
                ..RequestAttributes::default()
            };
            let nothing = Attributes::new();
            let facts = Facts::of(("ana", &nothing), &said);
            let condition = condition(document);
            assert_eq!(condition.holds(&facts), expected, "{operator} {left} {right}");
            // Where one side is open, what is left says the same, if anything is.
            for facts in [Facts { context: None, ..facts }, Facts { resource: None, ..facts }] {
                let both = Facts::of(("ana", &nothing), &said);
                let left_over = match condition.known(&facts) {
                    Known::True => true,
                    Known::False => false,
                    Known::If(condition) => condition.holds(&both),
                };
                assert_eq!(left_over, expected, "{operator} {left} {right}, one side open");
            }
        }
    }

    #[test]
    fn what_is_missing_makes_every_comparison_false() {
        let nothing = Attributes::new();
        let said = RequestAttributes::default();
        for operator in ["eq", "ne", "in", "lt", "le"] {
            let document =
                json!({ operator: [{ "attribute": "resource.a" }, { "attribute": "resource.a" }] });
            assert!(!condition(document).holds(&Facts::of(("ana", &nothing), &said)), "{operator}");
        }
    }

    #[test]
    fn the_id_of_the_subject_is_the_subjects() {
        let lie = attributes(json!({ "id": "root" }));
        let said = RequestAttributes::default();
        let is = |id: &str| condition(json!({ "eq": [{ "attribute": "subject.id" }, id] }));
        assert!(is("ana").holds(&Facts::of(("ana", &lie), &said)));
        assert!(!is("root").holds(&Facts::of(("ana", &lie), &said)));
    }

    #[test]
    fn what_is_known_folds_and_what_is_open_is_left() {
        let eq = |attribute: &str, value: &str| json!({ "eq": [{ "attribute": attribute }, value] });
        let (yes, no, open) = (eq("subject.r", "x"), eq("subject.r", "y"), eq("resource.r", "z"));
        let left = || Known::If(condition(open.clone()));
        let mine = attributes(json!({ "r": "x", "teams": ["a", "b"] }));
        for (document, expected) in [
            (yes.clone(), Known::True),
            (no.clone(), Known::False),
            (open.clone(), left()),
            (json!({ "all": [yes, open] }), left()),
            (json!({ "all": [no, open] }), Known::False),
            (json!({ "all": [yes, yes] }), Known::True),
            (json!({ "any": [yes, open] }), Known::True),
            (json!({ "any": [no, open] }), left()),
            (json!({ "any": [no, no] }), Known::False),
            (eq("subject.unsaid", "x"), Known::False),
            (
                json!({ "eq": [{ "attribute": "resource.r" }, { "attribute": "subject.r" }] }),
                Known::If(condition(eq("resource.r", "x"))),
            ),
            (
                json!({ "in": [{ "attribute": "resource.team" }, { "attribute": "subject.teams" }] }),
                Known::If(condition(json!({ "in": [{ "attribute": "resource.team" }, ["a", "b"]] }))),
            ),
            (
                json!({ "eq": [{ "attribute": "resource.team" }, { "attribute": "subject.teams" }] }),
                Known::False,
            ),
            (json!({ "lt": [{ "attribute": "resource.n" }, { "attribute": "subject.r" }] }), Known::False),
        ] {
            let known = condition(document.clone()).known(&Facts::of_subject("ana", &mine));
            assert_eq!(known, expected, "{document}");
        }
    }

    #[test]
    fn a_condition_says_what_its_document_says_and_what_it_reads() {
        let document = json!({ "all": [
            { "in": [{ "attribute": "subject.a.b" }, ["x", 1.5, true]] },
            { "any": [{ "le": [{ "attribute": "context.c" }, 3] }, { "ne": ["x", { "attribute": "action.d" }] }] }
        ] });
        let condition = condition(document.clone());
        assert_eq!(serde_json::to_value(condition.document()).unwrap(), document);
        let reads: BTreeMap<_, _> =
            condition.attributes().map(|read| (read.path(), read.of_subject())).collect();
        assert_eq!(
            reads.into_iter().collect::<Vec<_>>(),
            [
                ("action.d".to_owned(), None),
                ("context.c".to_owned(), None),
                ("subject.a.b".to_owned(), Some("a.b"))
            ]
        );
    }
}
