//! What a role grants, in words: the categories with their grants.

use rolewright_model::Level;

use crate::policy::Policy;

/// A category and what the role grants in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// The module's label.
    pub label: String,
    /// The labels of what is granted.
    pub grants: Vec<String>,
    /// Whether that is all there is in the module.
    pub all: bool,
}

/// How many grants a line names before it says how many more there are.
const NAMED: usize = 4;

impl Category {
    /// "View, Manage"; of many, the first few.
    pub fn words(&self) -> String {
        let many = self.grants.len() > NAMED + 1;
        let rest = self.grants.len().saturating_sub(NAMED);
        match self.grants.get(..NAMED).filter(|_| many) {
            Some(_) if self.all => format!("All {}", self.grants.len()),
            Some(first) => format!("{} and {rest} more", first.join(", ")),
            None => self.grants.join(", "),
        }
    }
}

/// The categories in which a role grants something, with everything that it inherits.
pub fn categories(policy: &Policy, role: &str) -> Vec<Category> {
    let catalogue = policy.catalogue();
    let state = policy.state();
    let mut categories = Vec::new();
    for module in catalogue.modules() {
        let mut grants = Vec::new();
        let mut all = true;
        for handle in module.access.into_iter().chain(module.permissions()) {
            let level = policy.reached(role, handle);
            let (Some(permission), Some(scale)) = (catalogue.permission(handle), catalogue.scale(handle))
            else {
                continue;
            };
            all &= level == scale.top();
            if level == Level::NONE || !state.is_present(handle) {
                continue;
            }
            let label = permission.label();
            grants.push(match scale.get(level).filter(|_| level < scale.top()) {
                Some(lower) => format!("{label} ({})", lower.label),
                None => label.to_owned(),
            });
        }
        if !grants.is_empty() {
            categories.push(Category { label: module.label.clone(), grants, all });
        }
    }
    categories
}
