//! The few things that are asked of the browser itself.

use std::rc::Rc;

use gloo::timers::callback::Timeout;
use rolewright_model::Timestamp;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, Document, Element, Event, File, HtmlElement, HtmlInputElement, HtmlSelectElement,
    ScrollIntoViewOptions, ScrollLogicalPosition, Storage, Url, Window,
};
use yew::TargetCast;

/// The window; always there in a browser.
pub fn window() -> Option<Window> {
    web_sys::window()
}

/// The document; always there in a browser.
pub fn document() -> Option<Document> {
    window()?.document()
}

/// The element of that id.
pub fn element_by_id(id: &str) -> Option<Element> {
    document()?.get_element_by_id(id)
}

/// The element that has the focus.
pub fn focused() -> Option<HtmlElement> {
    document()?.active_element()?.dyn_into().ok()
}

/// Whether nothing has the focus: what had it may be gone.
pub fn has_no_focus() -> bool {
    focused().is_none_or(|element| element.tag_name() == "BODY")
}

/// Gives the focus to an element, if it is still there.
pub fn focus(element: &HtmlElement) {
    let _ = element.focus();
}

/// The first element below `root` that a selector fits.
pub fn find(root: &Element, selector: &str) -> Option<HtmlElement> {
    root.query_selector(selector).ok()??.dyn_into().ok()
}

/// Every element below `root` that a selector fits, in the document's order.
pub fn find_all(root: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = root.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|position| found.get(position)?.dyn_into().ok()).collect()
}

/// What was chosen in the list that an event comes from.
pub fn chosen_in(event: Event) -> String {
    event.target_dyn_into::<HtmlSelectElement>().map(|list| list.value()).unwrap_or_default()
}

/// Opens the app anew, as the server has it now.
pub fn reload() {
    if let Some(window) = window() {
        let _ = window.location().reload();
    }
}

/// Something that is done once what is in the page now is painted; never where this is dropped before.
pub struct AfterPaint {
    frame: i32,
    _told: Closure<dyn FnMut()>,
}

impl AfterPaint {
    /// `act` is done then.
    pub fn new(act: impl FnOnce() + 'static) -> Option<Self> {
        let (mut act, mut later) = (Some(act), Vec::new());
        let told = Closure::<dyn FnMut()>::new(move || {
            // A frame begins before it is painted.
            later.extend(act.take().map(|act| Timeout::new(0, act)));
        });
        let frame = window()?.request_animation_frame(told.as_ref().unchecked_ref()).ok()?;
        Some(Self { frame, _told: told })
    }
}

impl Drop for AfterPaint {
    fn drop(&mut self) {
        if let Some(window) = window() {
            let _ = window.cancel_animation_frame(self.frame);
        }
    }
}

/// The time now.
pub fn now() -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are far below 2^53")]
    Timestamp(js_sys::Date::now() as i64)
}

/// A moment to the millisecond, in UTC: `2027-01-31T12:00:00.000Z`.
pub fn exact(at: Timestamp) -> String {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
    js_sys::Date::new(&JsValue::from_f64(at.0 as f64)).to_iso_string().into()
}

/// When a day begins here, `2027-01-31`; nothing where it is none.
pub fn begin_of(day: &str) -> Option<Timestamp> {
    moment_of(&[day, "T00:00:00"].concat())
}

/// When a day is over here.
pub fn end_of(day: &str) -> Option<Timestamp> {
    moment_of(&[day, "T23:59:59.999"].concat()).map(|last| Timestamp(last.0.saturating_add(1)))
}

/// The last day here of what is over at that moment, `2027-01-31`: what [`end_of`] is told.
pub fn last_day(end: Timestamp) -> String {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
    let last = js_sys::Date::new(&JsValue::from_f64(end.0.saturating_sub(1) as f64));
    format!("{:04}-{:02}-{:02}", last.get_full_year(), last.get_month() + 1, last.get_date())
}

fn moment_of(text: &str) -> Option<Timestamp> {
    let milliseconds = js_sys::Date::parse(text);
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are far below 2^53")]
    milliseconds.is_finite().then_some(Timestamp(milliseconds as i64))
}

/// What was kept under a name on this device.
pub fn kept(name: &str) -> Option<String> {
    storage()?.get_item(name).ok()?
}

/// Whether the browser keeps anything.
pub fn keeps() -> bool {
    storage().is_some()
}

/// Keeps a value under a name on this device; none forgets it. A browser may refuse to keep anything.
pub fn keep(name: &str, value: Option<&str>) {
    let Some(storage) = storage() else { return };
    let _ = match value {
        Some(value) => storage.set_item(name, value),
        None => storage.remove_item(name),
    };
}

fn storage() -> Option<Storage> {
    window()?.local_storage().ok()?
}

/// What was kept under a name for as long as this tab is open.
pub fn kept_in_tab(name: &str) -> Option<String> {
    window()?.session_storage().ok()??.get_item(name).ok()?
}

/// Keeps a value under a name for as long as this tab is open. A browser may refuse to keep anything.
pub fn keep_in_tab(name: &str, value: &str) {
    if let Some(storage) = window().and_then(|window| window.session_storage().ok()?) {
        let _ = storage.set_item(name, value);
    }
}

/// Gives the focus to an element, in the middle of the window where it was out of sight.
pub fn bring(element: &HtmlElement) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Center);
    element.scroll_into_view_with_scroll_into_view_options(&options);
    focus(element);
}

/// The path of the address, `/users/ana`.
pub fn path() -> String {
    window().and_then(|window| window.location().pathname().ok()).unwrap_or_default()
}

/// The token in the address's fragment, `#token=...`.
pub fn token() -> Option<String> {
    let hash = window()?.location().hash().ok()?;
    let token = hash.strip_prefix("#token=")?;
    let token = js_sys::decode_uri_component(token).ok()?;
    Some(String::from(token)).filter(|token| !token.is_empty())
}

/// Gives the page itself an attribute that the stylesheet reads, or takes it away.
pub fn mark(name: &str, value: Option<&str>) {
    let Some(root) = document().and_then(|document| document.document_element()) else { return };
    let _ = match value {
        Some(value) => root.set_attribute(name, value),
        None => root.remove_attribute(name),
    };
}

/// Something that nobody else has said before: 104 bits of it.
pub fn random_key() -> Rc<str> {
    let part = || format!("{:x}", (js_sys::Math::random() * 2_f64.powi(52)) as u64);
    [part(), part()].join("-").into()
}

/// Sets the title of the page.
pub fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Copies a text. Answers whether the browser did.
pub async fn copy(text: &str) -> bool {
    let Some(window) = window() else { return false };
    let clipboard = js_sys::Reflect::get(&window.navigator(), &JsValue::from_str("clipboard"));
    if !clipboard.is_ok_and(|clipboard| clipboard.is_object()) {
        return false;
    }
    let promise = window.navigator().clipboard().write_text(text);
    JsFuture::from(promise).await.is_ok()
}

/// The address of this app, `https://admin.example.com`.
pub fn origin() -> String {
    window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
}

/// Whether the keyboard has a command key where others have Ctrl.
pub fn is_mac() -> bool {
    let platform = window().and_then(|window| window.navigator().platform().ok());
    platform.is_some_and(|platform| platform.starts_with("Mac") || platform.starts_with("iP"))
}

/// Prints the page.
pub fn print() {
    if let Some(window) = window() {
        let _ = window.print();
    }
}

/// Has the browser keep a text as a file. However long it is: a `data:` address has a limit.
pub fn download(name: &str, kind: &str, text: &str) {
    let anchor = document().and_then(|document| document.create_element("a").ok());
    let Some(anchor) = anchor.and_then(|anchor| anchor.dyn_into::<HtmlElement>().ok()) else { return };
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options);
    let Ok(address) = blob.and_then(|blob| Url::create_object_url_with_blob(&blob)) else { return };
    let _ = anchor.set_attribute("href", &address);
    let _ = anchor.set_attribute("download", name);
    anchor.click();
    let _ = Url::revoke_object_url(&address);
}

/// The name and the text of the file that was chosen in a field; nothing where none was, or it cannot be read. The field is
/// emptied, so that the same file can be chosen again.
pub async fn chosen_file(field: HtmlInputElement) -> Option<(String, String)> {
    let file = picked(&field)?;
    let text = JsFuture::from(file.text()).await.ok()?.as_string()?;
    Some((file.name(), text))
}

/// The file that was chosen in a field, which is emptied, so that the same file can be chosen again.
pub fn picked(field: &HtmlInputElement) -> Option<File> {
    let file = field.files()?.get(0);
    field.set_value("");
    file
}

/// The bytes of a file, in a buffer of JavaScript; nothing where it cannot be read.
pub async fn bytes(file: &File) -> Option<JsValue> {
    JsFuture::from(file.array_buffer()).await.ok()
}
