//! What a password must be, said before the server has to.

use rolewright_wire::session::{LONGEST_PASSWORD, SHORTEST_PASSWORD};

/// What is wrong with a new password.
pub fn problem(password: &str) -> Option<String> {
    let length = password.chars().count();
    if length < SHORTEST_PASSWORD {
        Some(format!("A password has {SHORTEST_PASSWORD} characters at least; this one has {length}."))
    } else if password.len() > LONGEST_PASSWORD {
        Some(format!("A password has {LONGEST_PASSWORD} bytes at most."))
    } else {
        None
    }
}

/// What to write beside the field: all that the server asks, but that it is none which many people choose.
pub fn hint() -> String {
    format!(
        "{SHORTEST_PASSWORD} characters at least, without your name, your email or this place's name in it. A few words are easier to remember than signs."
    )
}
