//! The roles of a row of the table, each with its place where it is held at places alone.

use std::rc::Rc;

use rolewright_wire::user::UserRow;

use crate::policy::Policy;
use crate::text;
use crate::widgets::Named;

/// The roles, by name: "Operator at Server prod", "Operator at 3 places"; with every place where `whole`.
pub fn roles_held(row: &UserRow, policy: Option<&Policy>, whole: bool) -> Rc<[Named]> {
    let named = |id: &String| {
        let role = policy.and_then(|policy| policy.role(id));
        let name = role.map_or_else(|| id.clone(), |role| role.name.clone());
        let at = |places: &Vec<String>| match &places[..] {
            many if many.len() > 1 && !whole => text::count(many.len() as u64, "place", "places"),
            all => {
                let words = |path: &String| {
                    policy.map_or_else(|| path.clone(), |policy| policy.catalogue().place_name(path))
                };
                all.iter().map(words).collect::<Vec<_>>().join(", ")
            }
        };
        let name = match row.only_at.get(id).map(at) {
            Some(at) => format!("{name} at {at}"),
            None => name,
        };
        Named { id: id.clone().into(), name: name.into(), everything: row.superuser_roles.contains(id) }
    };
    let mut roles: Vec<Named> = row.roles.iter().map(named).collect();
    roles.sort_by_cached_key(|role| role.name.to_lowercase());
    roles.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_stand_by_name_and_one_that_is_held_at_places_alone_says_where() {
        let row = serde_json::json!({
            "id": "ana", "name": "Ana", "email": "", "status": "active", "created": 0, "roles": ["c", "B", "a"], "superuser_roles": ["B"],
            "only_at": { "B": ["spaces/x"], "c": ["spaces/x", "spaces/y"] },
        });
        let row: UserRow = serde_json::from_value(row).unwrap();
        let names = |whole: bool| -> Vec<String> {
            roles_held(&row, None, whole).iter().map(|named| named.name.to_string()).collect()
        };
        assert_eq!(names(false), ["a", "B at spaces/x", "c at 2 places"]);
        let marked: Vec<bool> = roles_held(&row, None, false).iter().map(|named| named.everything).collect();
        assert_eq!(marked, [false, true, false], "the server says it to who may not see roles too");
        assert_eq!(names(true), ["a", "B at spaces/x", "c at spaces/x, spaces/y"]);
    }
}
