//! Dialogs, on the browser's own `<dialog>`: it traps the focus, closes on Escape and covers the page.

use web_sys::{HtmlDialogElement, HtmlElement};
use yew::prelude::*;

use super::form::Form;
use super::{Button, IconButton, Variant, use_id};
use crate::browser;
use crate::guard::use_unsaved_over;
use crate::states::use_flag;

/// What the button in the corner of a dialog is called.
const CLOSE: AttrValue = AttrValue::Static("Close");

/// A dialog. It is open while it is there.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What it is about.
    pub title: AttrValue,
    /// Told when the person closes it.
    pub onclose: Callback<()>,
    /// Whether it asks to confirm something.
    #[prop_or_default]
    pub alert: bool,
    /// Whether it needs more room.
    #[prop_or_default]
    pub wide: bool,
    /// Whether it cannot be closed without an answer.
    #[prop_or_default]
    pub stays: bool,
    /// What would be lost, in a sentence: who closes it otherwise than by a button of it, or leaves the page, is asked first.
    #[prop_or_default]
    pub unsaved: Option<AttrValue>,
    /// What closing it comes to, where that is more than that it closes: the name of the button in its corner.
    #[prop_or(CLOSE)]
    pub close: AttrValue,
    /// The buttons.
    #[prop_or_default]
    pub footer: Html,
    /// What it says.
    pub children: Html,
}

/// A dialog.
#[component]
pub fn Dialog(props: &Props) -> Html {
    html! {
        <Shell title={props.title.clone()} onclose={props.onclose.clone()} alert={props.alert} wide={props.wide} stays={props.stays} unsaved={props.unsaved.clone()} close={props.close.clone()}>
            <div class="dialog__body">{ props.children.clone() }</div>
            <div class="dialog__foot">{ props.footer.clone() }</div>
        </Shell>
    }
}

/// A dialog with a form.
#[derive(Properties, PartialEq)]
pub struct FormProps {
    /// What it is about.
    pub title: AttrValue,
    /// Told when the person closes it.
    pub onclose: Callback<()>,
    /// Told when the form is sent.
    pub onsubmit: Callback<()>,
    /// Whether it cannot be closed without an answer.
    #[prop_or_default]
    pub stays: bool,
    /// What would be lost, in a sentence: who closes it otherwise than by a button of it, or leaves the page, is asked first.
    #[prop_or_default]
    pub unsaved: Option<AttrValue>,
    /// The buttons.
    pub footer: Html,
    /// The fields.
    pub children: Html,
}

/// A dialog with a form.
#[component]
pub fn DialogForm(props: &FormProps) -> Html {
    html! {
        <Shell title={props.title.clone()} onclose={props.onclose.clone()} alert=false wide=false stays={props.stays} unsaved={props.unsaved.clone()} close={CLOSE}>
            <Form class="dialog__form" onsubmit={props.onsubmit.clone()}>
                <div class="dialog__body">{ props.children.clone() }</div>
                <div class="dialog__foot">{ props.footer.clone() }</div>
            </Form>
        </Shell>
    }
}

/// What would be lost of these fields: nothing where nothing was typed.
pub fn unsaved(fields: &[&str]) -> Option<AttrValue> {
    let is_typed = fields.iter().any(|field| !field.trim().is_empty());
    is_typed.then_some(AttrValue::Static("What you typed would be lost."))
}

#[derive(Properties, PartialEq)]
struct ShellProps {
    title: AttrValue,
    onclose: Callback<()>,
    alert: bool,
    wide: bool,
    stays: bool,
    unsaved: Option<AttrValue>,
    close: AttrValue,
    children: Html,
}

#[component]
fn Shell(props: &ShellProps) -> Html {
    let node = use_node_ref();
    let title = use_id();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let before = browser::focused();
            let dialog = node.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                let _ = dialog.show_modal();
                if let Some(first) = browser::find(dialog, "[data-autofocus]") {
                    browser::focus(&first);
                }
            }
            move || {
                if let Some(dialog) = dialog {
                    dialog.close();
                }
                // What opened it gets the focus back, unless it went away meanwhile.
                if let Some(before) = before.filter(|element: &HtmlElement| element.is_connected()) {
                    browser::focus(&before);
                }
            }
        });
    }
    let asking = use_flag();
    use_unsaved_over(props.unsaved.clone(), props.onclose.clone());
    let leave = {
        let (onclose, stays) = (props.onclose.clone(), props.stays);
        let (asking, asks) = (asking.setter(), props.unsaved.is_some());
        Callback::from(move |()| match (stays, asks) {
            (true, _) => {}
            (false, true) => asking.set(true),
            (false, false) => onclose.emit(()),
        })
    };
    // What the browser asks before it closes a dialog it asks once: a second Escape would close it whatever was answered.
    let onkeydown = {
        let (leave, node) = (leave.clone(), node.clone());
        Callback::from(move |event: KeyboardEvent| {
            let is_of_something_open = || {
                let dialog = node.cast::<HtmlDialogElement>();
                dialog.is_some_and(|dialog| browser::find(&dialog, ":popover-open").is_some())
            };
            if event.key() == "Escape" && !event.default_prevented() && !is_of_something_open() {
                event.prevent_default();
                event.stop_propagation();
                leave.emit(());
            }
        })
    };
    let oncancel = leave.reform(|event: web_sys::Event| event.prevent_default());
    let stay = use_callback(asking.setter(), |(), asking| asking.set(false));
    let class = classes!("dialog", props.wide.then_some("dialog--wide"));
    html! {
        <dialog {class} ref={node} {oncancel} {onkeydown} aria-labelledby={title.clone()} role={props.alert.then_some("alertdialog")}>
            <div class="dialog__head">
                <h2 class="dialog__title" id={title}>{ props.title.clone() }</h2>
                if !props.stays {
                    <IconButton icon="x" label={props.close.clone()} onclick={leave.reform(|_: MouseEvent| ())} />
                }
            </div>
            { props.children.clone() }
            <div class="slot">
                if let Some(unsaved) = props.unsaved.as_ref().filter(|_| *asking) {
                <Dialog title="Close without saving?" close="Keep editing" onclose={stay.clone()} alert=true footer={html! {
                    <>
                        <Button autofocus=true onclick={stay.reform(|_: MouseEvent| ())}>{ "Keep editing" }</Button>
                        <Button variant={Variant::Danger} onclick={props.onclose.reform(|_: MouseEvent| ())}>{ "Discard" }</Button>
                    </>
                }}>
                    <p>{ unsaved.clone() }</p>
                </Dialog>
                }
            </div>
        </dialog>
    }
}
