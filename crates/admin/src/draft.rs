//! What is edited of something that the server keeps, with the version that the edit began with: what somebody else saves
//! meanwhile is neither lost nor overwritten unseen.

use yew::prelude::*;

/// What is edited, and what it was.
#[derive(Clone, PartialEq)]
struct Kept<T> {
    was: T,
    etag: Option<String>,
    edit: T,
}

/// A draft, and what is there now.
#[derive(Clone)]
pub struct Draft<T: 'static> {
    kept: UseStateHandle<Kept<T>>,
    there: (T, Option<String>),
}

impl<T: Clone + PartialEq + 'static> Draft<T> {
    /// What it was when the edit began.
    pub fn was(&self) -> &T {
        &self.kept.was
    }

    /// What it shall be.
    pub fn edit(&self) -> &T {
        &self.kept.edit
    }

    /// What is there now.
    pub fn there(&self) -> &T {
        &self.there.0
    }

    /// The version that the edit began with.
    pub fn etag(&self) -> Option<&str> {
        self.kept.etag.as_deref()
    }

    /// The version that is there now.
    pub fn etag_there(&self) -> Option<&str> {
        self.there.1.as_deref()
    }

    /// Whether something is edited.
    pub fn is_dirty(&self) -> bool {
        self.kept.edit != self.kept.was
    }

    /// Whether somebody else saved what is edited here.
    pub fn is_behind(&self) -> bool {
        self.is_dirty() && self.kept.etag != self.there.1
    }

    /// Edits it.
    pub fn set(&self, edit: T) {
        self.kept.set(Kept { edit, ..(*self.kept).clone() });
    }

    /// Begins anew, with what was saved.
    pub fn begin(&self, saved: T, etag: Option<String>) {
        self.kept.set(Kept { edit: saved.clone(), was: saved, etag });
    }

    /// Gives up what is edited for what is there now.
    pub fn take_theirs(&self) {
        self.begin(self.there.0.clone(), self.there.1.clone());
    }

    /// Puts what is edited on top of what is there now; `merge` is told what was, theirs and yours.
    pub fn put_on_top(&self, merge: impl FnOnce(&T, &T, &T) -> T) {
        let (theirs, etag) = self.there.clone();
        let edit = merge(&self.kept.was, &theirs, &self.kept.edit);
        self.kept.set(Kept { was: theirs, etag, edit });
    }
}

/// What a field comes to when one's own edit is put on top of theirs.
pub fn on_top<T: Clone + PartialEq>(was: &T, theirs: &T, yours: &T) -> T {
    if yours == was { theirs.clone() } else { yours.clone() }
}

/// A draft of what is there. What somebody else saves is shown at once, unless something is edited here: that is kept.
#[hook]
pub fn use_draft<T: Clone + PartialEq + 'static>(there: T, etag: Option<String>) -> Draft<T> {
    let kept = {
        let (there, etag) = (there.clone(), etag.clone());
        use_state(move || Kept { was: there.clone(), etag, edit: there })
    };
    let draft = Draft { kept, there: (there, etag) };
    {
        let draft = draft.clone();
        use_effect_with(draft.there.clone(), move |_| {
            if !draft.is_dirty() {
                draft.take_theirs();
            }
        });
    }
    draft
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_edited_here_stands_on_top_and_the_rest_is_theirs() {
        for (was, theirs, yours, then) in [
            ("a", "a", "a", "a"),
            ("a", "b", "a", "b"),
            ("a", "a", "c", "c"),
            ("a", "b", "c", "c"),
            ("a", "b", "b", "b"),
        ] {
            assert_eq!(on_top(&was, &theirs, &yours), then, "{was} {theirs} {yours}");
        }
    }
}
