//! Which tables there are, and what their columns say: see `docs/tables.md`.

use yew::prelude::*;

/// What a table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// People, with their status, package and roles.
    People,
    /// A role given, a row.
    Assignments,
}

impl Table {
    /// What the address names.
    pub fn of(name: &str) -> Self {
        if name == Self::Assignments.name() { Self::Assignments } else { Self::People }
    }

    /// As the address names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Assignments => "assignments",
        }
    }

    /// Where the server takes it, and below `/export` gives it.
    pub fn path(self) -> &'static str {
        match self {
            Self::People => "/users",
            Self::Assignments => "/assignments",
        }
    }

    /// The file that the server makes of what is there.
    pub fn file(self) -> &'static str {
        match self {
            Self::People => "people.csv",
            Self::Assignments => "assignments.csv",
        }
    }

    /// Its columns, each with what it says; those that are needed first.
    fn columns(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::People => &[
                ("email", "Who it is. Needed."),
                ("first_name, last_name", "The name."),
                ("status", "active, disabled or invited. Who is new is invited, unless it says otherwise."),
                ("package", "The id of the package."),
                (
                    "roles",
                    "Ids of all roles for the whole tenant and for good, with ; between them. Others of this kind are taken away.",
                ),
            ],
            Self::Assignments => &[
                ("kind", "user, group or everyone. Needed."),
                (
                    "principal",
                    "The id or email of a person, the id or name of a group; nothing for everyone.",
                ),
                ("role", "The id of the role. Needed."),
                ("scope", "Where, such as servers/prod. Nothing is the whole tenant."),
                (
                    "from, until",
                    "When it counts: dates such as 2027-01-31. No role is taken away by this table.",
                ),
            ],
        }
    }

    /// What the columns say.
    pub fn about(self) -> Html {
        html! {
            <details class="import__columns">
                <summary>{ "Which columns it has" }</summary>
                <dl class="import__list">
                    { for self.columns().iter().map(|(name, says)| html! {
                        <div key={*name}><dt><code>{ *name }</code></dt><dd>{ *says }</dd></div>
                    }) }
                </dl>
                <p class="muted">{ "The first line names the columns, in any order. An empty cell leaves what there is, and - empties it." }</p>
            </details>
        }
    }
}
