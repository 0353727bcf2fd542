//! Where the palette led lately. It may name people, so the browser's storage never has it: it is gone with the page.

use std::cell::RefCell;

use crate::widgets::Choice;

/// How many are kept.
const MOST: usize = 5;

thread_local! {
    /// Of whom, and what.
    static RECENT: RefCell<(String, Vec<Choice>)> = const { RefCell::new((String::new(), Vec::new())) };
}

/// Where the person of that id was led lately, newest first.
pub fn of(user: &str) -> Vec<Choice> {
    RECENT.with_borrow(|(whose, all)| if whose == user { all.clone() } else { Vec::new() })
}

/// Remembers where the person was led now, and forgets what was somebody else's.
pub fn remember(user: &str, choice: &Choice) {
    let others = of(user).into_iter().filter(|it| it.id != choice.id);
    let all = std::iter::once(choice.clone()).chain(others).take(MOST).collect();
    RECENT.set((user.to_owned(), all));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_comes_first_each_once_and_nobody_is_told_anothers() {
        for id in ["a", "b", "c", "a", "d", "e", "f"] {
            remember("ana", &Choice::of(id.into()));
        }
        let ids: Vec<String> = of("ana").iter().map(|it| it.id.to_string()).collect();
        assert_eq!(ids, ["f", "e", "d", "a", "c"]);
        assert_eq!(of("bo"), []);
        remember("bo", &Choice::of("a".into()));
        assert_eq!(of("ana"), []);
    }
}
