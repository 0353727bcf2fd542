//! How the app looks on this device: its theme, its contrast, and how close its rows stand. `www/admin/theme.js` sets it before
//! the first paint.

use crate::browser;

/// One thing that can be chosen about how the app looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// What it is called.
    pub name: &'static str,
    /// Under which name it is kept, and the attribute that the stylesheet reads.
    key: &'static str,
    mark: &'static str,
    /// What is kept, and the word for it, in the order in which they are offered. Where nothing is kept the empty one counts.
    choices: &'static [(&'static str, &'static str)],
}

/// All that can be chosen.
pub const LOOKS: [Look; 3] = [
    Look {
        name: "Theme",
        key: "rolewright.theme",
        mark: "data-theme",
        choices: &[("light", "Light"), ("dark", "Dark"), ("", "System")],
    },
    Look {
        name: "Contrast",
        key: "rolewright.contrast",
        mark: "data-contrast",
        choices: &[("standard", "Standard"), ("more", "High"), ("", "System")],
    },
    Look {
        name: "Rows",
        key: "rolewright.density",
        mark: "data-density",
        choices: &[("", "Roomy"), ("compact", "Compact")],
    },
];

impl Look {
    /// The words for its choices.
    pub fn labels(self) -> impl Iterator<Item = &'static str> {
        self.choices.iter().map(|(_, label)| *label)
    }

    /// The word for what this device was set to.
    pub fn current(self) -> &'static str {
        let kept = browser::kept(self.key).unwrap_or_default();
        let label =
            |kept: &str| self.choices.iter().find(|(value, _)| *value == kept).map(|(_, label)| *label);
        label(&kept).or_else(|| label("")).unwrap_or_default()
    }

    /// Shows what that word stands for, and keeps it on this device.
    pub fn choose(self, label: &str) {
        let Some((value, _)) = self.choices.iter().find(|(_, known)| *known == label) else { return };
        let value = Some(*value).filter(|value| !value.is_empty());
        browser::keep(self.key, value);
        browser::mark(self.mark, value);
    }
}
