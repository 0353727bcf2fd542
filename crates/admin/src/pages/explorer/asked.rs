//! What is asked, as the address says it: each question has its address, and the four share what they ask about.

use std::collections::BTreeMap;

use rolewright_model::Catalogue;
use rolewright_model::condition::RequestAttributes;
use rolewright_wire::check::Check;

use crate::api::Query;
use crate::nav::QueryMap;
use crate::place;

/// What stands before the name of an operation's variable.
const PREFIX: &str = "in.";

/// Which question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// May somebody do something, and why?
    #[default]
    Why,
    /// Who may do something?
    Who,
    /// What may somebody do?
    What,
    /// What differs between two people?
    Compare,
}

impl Tab {
    /// Every one, with what it is called.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Why, "why", "May they?"),
        (Self::Who, "who", "Who can"),
        (Self::What, "what", "What can they"),
        (Self::Compare, "compare", "Compare two people"),
    ];

    /// What the address says.
    pub fn id(self) -> &'static str {
        Self::ALL.iter().find(|(tab, ..)| *tab == self).map_or("", |(_, id, _)| id)
    }

    /// What the address says, read.
    pub fn of(id: &str) -> Self {
        Self::ALL.iter().find(|(_, known, _)| *known == id).map_or(Self::Why, |(tab, ..)| *tab)
    }
}

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Which question.
    pub tab: Tab,
    /// About whom: a user's id.
    pub subject: String,
    /// Beside whom.
    pub with: String,
    /// A permission's id.
    pub permission: String,
    /// Or an operation's.
    pub operation: String,
    /// At which level; empty is the one that `can` asks for.
    pub level: String,
    /// Where; empty is everything.
    pub place: String,
    /// The ids of an operation's resources, by variable.
    pub values: BTreeMap<String, String>,
    /// Where a page of a list begins.
    pub cursor: String,
}

impl Asked {
    /// What the address asks. What it says that this catalogue does not know is passed over.
    pub fn of(query: &QueryMap, catalogue: &Catalogue) -> Self {
        let get = |name: &str| query.get(name).to_owned();
        let permission = catalogue.handle(query.get("permission"));
        let scale = permission.and_then(|handle| catalogue.scale(handle));
        let operation = catalogue.operation(query.get("operation")).filter(|_| permission.is_none());
        let mut asked = Self {
            tab: Tab::of(query.get("tab")),
            subject: get("subject"),
            with: get("with"),
            permission: permission.map(|handle| catalogue.id(handle).to_owned()).unwrap_or_default(),
            operation: operation.map(|operation| operation.id.clone()).unwrap_or_default(),
            level: get("level"),
            place: get("place"),
            values: BTreeMap::new(),
            cursor: get("cursor"),
        };
        let level = scale.and_then(|scale| scale.level(&asked.level));
        if level.is_none_or(|level| level == rolewright_model::Level::NONE) {
            asked.level.clear();
        }
        if asked.place == "/" {
            asked.place.clear();
        }
        let names = asked.patterns(catalogue).into_iter().flat_map(|(_, pattern)| place::variables(&pattern));
        asked.values =
            names.map(|name| (name.clone(), query.get(&[PREFIX, &name].concat()).to_owned())).collect();
        asked
    }

    /// The address that asks it.
    pub fn query(&self) -> Query {
        let tab = if self.tab == Tab::Why { "" } else { self.tab.id() };
        let query = Query::default()
            .with("tab", tab)
            .with("subject", &self.subject)
            .with("with", &self.with)
            .with("permission", &self.permission)
            .with("operation", &self.operation)
            .with("level", &self.level)
            .with("place", &self.place);
        let values = self.values.iter();
        values
            .fold(query, |query, (name, value)| query.with(&[PREFIX, name].concat(), value))
            .with("cursor", &self.cursor)
    }

    /// The resources that the operation is done on: their names and patterns.
    pub fn patterns(&self, catalogue: &Catalogue) -> Vec<(String, String)> {
        let operation = catalogue.operation(&self.operation);
        let resources = operation
            .map(|it| it.resources().map(|(name, pattern)| (name.to_owned(), pattern.to_string())).collect());
        resources.unwrap_or_default()
    }

    /// Where, as a path.
    pub fn path(&self) -> &str {
        if self.place.is_empty() { "/" } else { &self.place }
    }

    /// The question as the server is asked it; none while something of it is missing.
    pub fn check(&self, catalogue: &Catalogue) -> Option<Check> {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let subject = text(&self.subject)?;
        let of_permission = text(&self.permission);
        let operation = text(&self.operation).filter(|_| of_permission.is_none());
        if of_permission.is_none() && operation.is_none() {
            return None;
        }
        let resources = match &operation {
            Some(_) => {
                let value = |name: &str| self.values.get(name).cloned().unwrap_or_default();
                let filled = self.patterns(catalogue).into_iter();
                filled
                    .map(|(name, pattern)| Some((name, place::fill(&pattern, value)?)))
                    .collect::<Option<_>>()?
            }
            None => BTreeMap::new(),
        };
        Some(Check {
            subject,
            resource: of_permission.is_some().then(|| self.path().to_owned()),
            asked: text(&self.level).filter(|_| of_permission.is_some()),
            permission: of_permission,
            operation,
            resources,
            at: None,
            session: None,
            attributes: RequestAttributes::default(),
        })
    }
}
