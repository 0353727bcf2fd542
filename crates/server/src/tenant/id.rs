//! What a tenant may be called in paths.

use rolewright_model::catalogue::is_slug;

/// With what the server's own paths begin. A tenant's decision point is at `/{tenant}/access/v1`, so its id must be none of them.
const RESERVED: [&str; 6] = ["access", "api", "healthz", "readyz", "scim", "tenants"];

/// Whether a new tenant may have that id.
///
/// # Errors
/// Why not, and what to write.
pub fn check(id: &str) -> Result<(), String> {
    if !is_slug(id) {
        return Err(format!(
            "`{}` is no id of a tenant: write a lower-case letter, then lower-case letters, digits, `_` or `-`, 64 at most",
            id.escape_debug()
        ));
    }
    if RESERVED.contains(&id) {
        return Err(format!(
            "`{id}` is reserved, for the server's own paths begin with it: choose another id"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_servers_paths_begin_with_is_no_tenants() {
        for (id, is_one) in [
            ("acme", true),
            ("default", true),
            ("api2", true),
            ("a-b_c", true),
            ("api", false),
            ("access", false),
            ("scim", false),
            ("Acme", false),
            ("1st", false),
            ("", false),
            ("a/b", false),
            (&"x".repeat(65), false),
        ] {
            assert_eq!(check(id).is_ok(), is_one, "{id}");
        }
    }
}
