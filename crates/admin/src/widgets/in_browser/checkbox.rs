//! The checkbox, and a tree of them.

use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use super::stage::{Shown, show};
use crate::dice::Dice;
use crate::widgets::{Checkbox, Ticked};

/// How the box stands on the page.
fn stands<S: Clone>(shown: &Shown<S>, selector: &str) -> Ticked {
    let input = shown.input(selector);
    match (input.indeterminate(), input.checked()) {
        (true, false) => Ticked::Mixed,
        (false, checked) => checked.into(),
        (true, true) => panic!("mixed and ticked at once"),
    }
}

#[wasm_bindgen_test]
async fn a_click_ticks_what_is_clear_or_mixed_and_clears_what_is_ticked() {
    for (before, after) in
        [(Ticked::No, Ticked::Yes), (Ticked::Mixed, Ticked::Yes), (Ticked::Yes, Ticked::No)]
    {
        let view = |ticked: &Ticked, set: Callback<Ticked>| html! { <Checkbox ticked={*ticked} onchange={set.reform(Ticked::from)} /> };
        let shown = show(before, view).await;
        assert_eq!(stands(&shown, "input"), before);
        shown.click(&shown.one("input")).await;
        assert_eq!((shown.state(), stands(&shown, "input")), (after, after), "{before:?}");
    }
}

#[wasm_bindgen_test]
async fn a_click_that_changes_nothing_leaves_the_box_as_it_was() {
    for ticked in [Ticked::No, Ticked::Mixed, Ticked::Yes] {
        let fixed = |ticked: &Ticked, set: Callback<Ticked>| html! { <Checkbox ticked={*ticked} fixed=true onchange={set.reform(Ticked::from)} /> };
        let deaf =
            |ticked: &Ticked, _| html! { <Checkbox ticked={*ticked} onchange={Callback::from(|_| ())} /> };
        for view in [fixed as fn(&Ticked, Callback<Ticked>) -> Html, deaf] {
            let shown = show(ticked, view).await;
            shown.click(&shown.one("input")).await;
            assert_eq!((shown.state(), stands(&shown, "input")), (ticked, ticked));
        }
    }
}

#[wasm_bindgen_test]
async fn a_box_that_cannot_be_changed_can_still_be_reached() {
    let view = |(): &(), _| html! { <Checkbox ticked={Ticked::No} fixed=true label="Run reports" onchange={Callback::from(|_| ())} /> };
    let shown = show((), view).await;
    assert_eq!(shown.said("input", "aria-disabled").as_deref(), Some("true"));
    assert_eq!(shown.said("input", "aria-label").as_deref(), Some("Run reports"));
    shown.one("input").focus().unwrap();
    assert!(shown.is_focused(&shown.one("input")));
}

/// Whatever is clicked, in whatever order: the parent is ticked where all children are, mixed where some are, and each box on the page
/// stands as the page says.
#[wasm_bindgen_test]
async fn a_parent_stands_for_its_children_whatever_is_clicked() {
    const CHILDREN: usize = 5;
    fn parent(children: &[bool]) -> Ticked {
        match children.iter().filter(|ticked| **ticked).count() {
            0 => Ticked::No,
            CHILDREN => Ticked::Yes,
            _ => Ticked::Mixed,
        }
    }
    let view = |children: &Vec<bool>, set: Callback<Vec<bool>>| {
        let all = set.reform(|ticked| vec![ticked; CHILDREN]);
        html! {
            <>
                <Checkbox ticked={parent(children)} onchange={all} />
                { for children.iter().enumerate().map(|(at, ticked)| {
                    let children = children.clone();
                    let one = set.reform(move |ticked| {
                        let mut children = children.clone();
                        children[at] = ticked;
                        children
                    });
                    html! { <Checkbox key={at.to_string()} ticked={Ticked::from(*ticked)} onchange={one} /> }
                }) }
            </>
        }
    };
    let shown = show(vec![false; CHILDREN], view).await;
    let mut dice = Dice::new(3);
    let mut expected = vec![false; CHILDREN];
    for _ in 0..120 {
        let boxes = shown.all("input");
        let clicked = dice.throw(boxes.len());
        shown.click(&boxes[clicked]).await;
        match clicked.checked_sub(1) {
            None => expected = vec![parent(&expected) != Ticked::Yes; CHILDREN],
            Some(child) => expected[child] = !expected[child],
        }
        assert_eq!(shown.state(), expected);
        assert_eq!(stands(&shown, "label:first-of-type input"), parent(&expected), "{expected:?}");
        let children: Vec<bool> = shown.inputs("input").iter().skip(1).map(|input| input.checked()).collect();
        assert_eq!(children, expected);
    }
}
