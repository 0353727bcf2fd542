//! Where the palette led lately, kept for as long as the tab is open: it may name people.

use crate::widgets::Choice;
use crate::{browser, tenant};

const KEY: &str = "rolewright.recent";
/// How many are kept.
const MOST: usize = 5;
/// What stands between the parts of one, a line each.
const BETWEEN: char = '\t';

/// Where the person of that id was led lately, newest first.
pub fn of(user: &str) -> Vec<Choice> {
    browser::kept_in_tab(&key(user)).unwrap_or_default().lines().filter_map(read).collect()
}

/// Remembers where the person was led now.
pub fn remember(user: &str, choice: &Choice) {
    let others = of(user).into_iter().filter(|it| it.id != choice.id);
    let all: Vec<String> =
        std::iter::once(choice.clone()).chain(others).take(MOST).map(|it| line(&it)).collect();
    browser::keep_in_tab(&key(user), &all.join("\n"));
}

fn key(user: &str) -> String {
    [&*tenant::key(KEY), ".", user].concat()
}

fn line(choice: &Choice) -> String {
    let Choice { id, icon, label, detail, .. } = choice;
    let parts = [id, icon, label, detail].map(|part| part.replace([BETWEEN, '\n', '\r'], " "));
    parts.join("\t")
}

fn read(line: &str) -> Option<Choice> {
    let mut parts = line.split(BETWEEN).map(|part| part.to_owned().into());
    let choice = Choice::of(parts.next()?);
    Some(Choice { icon: parts.next()?, label: parts.next()?, detail: parts.next()?, ..choice })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_as_it_was_and_what_is_not_ours_is_passed_over() {
        let role = Choice {
            icon: "shield".into(),
            label: "Night\tshift\n".into(),
            detail: "Role night".into(),
            ..Choice::of("/roles/night".into())
        };
        let kept = line(&role);
        assert_eq!(read(&kept), Some(Choice { label: "Night shift ".into(), ..role }));
        assert_eq!(read("/roles\tshield"), None);
        assert_eq!(read(""), None);
    }
}
