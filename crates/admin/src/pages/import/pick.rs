//! Choosing a file, or dropping one.

use wasm_bindgen::JsValue;
use web_sys::{DragEvent, File, HtmlInputElement};
use yew::prelude::*;

use crate::browser;
use crate::states::use_flag;
use crate::widgets::{Icon, use_id};

/// A file that was chosen, as it was then.
#[derive(Clone, Debug, PartialEq)]
pub struct Picked {
    /// What it is called.
    pub name: AttrValue,
    /// What is in it, byte by byte.
    pub bytes: JsValue,
}

/// The field.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the file holds.
    pub label: AttrValue,
    /// What to say instead where one was chosen before.
    pub another: bool,
    /// Told what was chosen; nothing where the browser cannot read it.
    pub onpick: Callback<Option<Picked>>,
}

/// The field, over which a file can be dropped.
#[component]
pub fn Pick(props: &Props) -> Html {
    let id = use_id();
    let over = use_flag();
    let take = {
        let onpick = props.onpick.clone();
        move |file: Option<File>| {
            let Some(file) = file else { return };
            let onpick = onpick.clone();
            wasm_bindgen_futures::spawn_local(async move {
                let bytes = browser::bytes(&file).await;
                onpick.emit(bytes.map(|bytes| Picked { name: file.name().into(), bytes }));
            });
        }
    };
    let onchange = {
        let take = take.clone();
        Callback::from(move |event: web_sys::Event| {
            take(event.target_dyn_into::<HtmlInputElement>().and_then(|field| browser::picked(&field)));
        })
    };
    let hovers = |is: bool| {
        let over = over.setter();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(is);
        })
    };
    let ondrop = {
        let over = over.setter();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(false);
            take(event.data_transfer().and_then(|dropped| dropped.files()).and_then(|files| files.get(0)));
        })
    };
    let class = classes!("pick", over.then_some("pick--over"), props.another.then_some("pick--small"));
    html! {
        <div {class} ondragenter={hovers(true)} ondragover={hovers(true)} ondragleave={hovers(false)} {ondrop}>
            <input type="file" class="visually-hidden" id={id.clone()} accept=".csv,text/csv" aria-label={props.label.clone()} {onchange} />
            <label for={id} class="button button--secondary"><Icon name="upload" />{ if props.another { "Choose another file" } else { "Choose a CSV file" } }</label>
            <span class="pick__or">{ "or drop it here" }</span>
        </div>
    }
}
