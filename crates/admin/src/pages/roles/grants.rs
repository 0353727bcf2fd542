//! What a role grants, in words: the categories with their grants.

use rolewright_model::Level;

use crate::policy::Policy;

/// A category and what the role grants in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// The module's label.
    pub label: String,
    /// The labels of what is granted, "View, Manage".
    pub grants: Vec<String>,
}

/// The categories in which a role grants something, with everything that it inherits.
pub fn categories(policy: &Policy, role: &str) -> Vec<Category> {
    let catalogue = policy.catalogue();
    let state = policy.state();
    let mut categories = Vec::new();
    for module in catalogue.modules() {
        let mut grants = Vec::new();
        for handle in module.access.into_iter().chain(module.permissions()) {
            let level = policy.reached(role, handle);
            let (Some(permission), Some(scale)) = (catalogue.permission(handle), catalogue.scale(handle))
            else {
                continue;
            };
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
            categories.push(Category { label: module.label.clone(), grants });
        }
    }
    categories
}
