//! Somebody else saved the role meanwhile: both sides, and a choice.

use std::rc::Rc;

use rolewright_model::role::RoleDocument;
use yew::prelude::*;

use super::draft::Draft;
use crate::pages::meanwhile::{Sides, TAKE, table};
use crate::pages::saver::use_saver;
use crate::tree::Tree;
use crate::widgets::{Button, Dialog, Variant};

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The permissions.
    pub tree: Rc<Tree>,
    /// One's own side.
    pub draft: Draft,
    /// What the other saved.
    pub theirs: RoleDocument,
    /// The version of that.
    pub version: Option<String>,
    /// Told when it closes.
    pub onclose: Callback<()>,
    /// Takes theirs.
    pub ontake: Callback<()>,
    /// Puts one's own edits on top of theirs.
    pub onkeep: Callback<()>,
}

/// The dialog.
#[component]
pub fn ConflictDialog(props: &Props) -> Html {
    let Props { tree, draft, theirs, .. } = props;
    let saver = use_saver(props.version.as_deref());
    let mine = draft.changes(tree);
    let other = tree.changes(&draft.before.grants, &theirs.grants);
    let rows: Vec<usize> = (0..tree.rows.len())
        .filter(|row| mine.iter().chain(&other).any(|change| change.row == *row))
        .collect();
    let words = [
        ("Name", &draft.before.name, &theirs.name, &draft.role.name),
        ("Description", &draft.before.description, &theirs.description, &draft.role.description),
    ];
    let words = words
        .map(|(name, before, theirs, yours)| Sides::of(name, before.clone(), theirs.clone(), yours.clone()));
    let levels = rows.iter().filter_map(|row| tree.rows.get(*row)).map(|row| {
        let level = |grants| row.level(row.own(grants)).to_string();
        Sides::of(
            row.full.clone(),
            level(&draft.before.grants),
            level(&theirs.grants),
            level(&draft.role.grants),
        )
    });
    let sides: Vec<Sides> = words.into_iter().chain(levels).collect();
    html! {
        <Dialog title={saver.words("this role")} wide=true onclose={props.onclose.clone()} footer={html! {
            <>
                <Button onclick={props.onclose.reform(|_| ())}>{ "Keep editing" }</Button>
                <Button onclick={props.ontake.reform(|_| ())}>{ TAKE }</Button>
                <Button variant={Variant::Primary} autofocus=true onclick={props.onkeep.reform(|_| ())}>{ "Put mine on top" }</Button>
            </>
        }}>
            <p>{ "Nothing of yours was saved or lost. These are both sides; where they clash, what you edited here wins if you put it on top. It is saved only once you press Save." }</p>
            <div class="table-box">
                { table(&sides, &saver) }
            </div>
        </Dialog>
    }
}
