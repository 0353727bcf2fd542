//! Light, dark, or as the system has it. `www/admin/theme.js` sets it before the first paint.

use crate::browser;

const KEY: &str = "rolewright.theme";

/// How the app looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// Every choice, in the order in which it is offered.
    pub const ALL: [Self; 3] = [Self::Light, Self::Dark, Self::System];

    /// What this device was set to.
    pub fn current() -> Self {
        match browser::kept(KEY).as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// The word for it.
    pub fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// Shows it, and keeps it on this device.
    pub fn apply(self) {
        let value = match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        };
        browser::keep(KEY, value);
        browser::mark("data-theme", value);
    }
}
