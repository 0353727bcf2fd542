//! The keys that do something on every page: one table, which the keys go by and the sheet shows.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions, EventListenerPhase};
use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, EventInit, KeyboardEvent};
use yew::prelude::*;

use crate::access::{Access, AccessHandle};
use crate::frame::SECTIONS;
use crate::route::Route;
use crate::{browser, guard, nav, toast};

/// Opens the search.
pub const SEARCH: &str = "Ctrl k";
/// Takes back the last step on a page that is edited in steps; elsewhere undoes what the newest toast offers to, unless something is unsaved.
pub const UNDO: &str = "Ctrl z";
/// Opens the sheet of shortcuts.
pub const HELP: &str = "?";
/// The key after which another names a page.
const LEAD: &str = "g";
/// How long it waits for that one, in milliseconds.
const WAIT: u32 = 1_500;
/// Where one types: there a letter is a letter.
const TYPED_IN: &str = "input, textarea, select, [contenteditable]";
/// Where the browser itself takes back what was typed.
const TEXT: &str = "input:not([type=checkbox], [type=radio]), textarea, [contenteditable]";
/// Where the browser keeps that they are off.
const KEPT: &str = "rolewright.shortcuts";
const OFF: &str = "off";

/// What a shortcut does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Does {
    /// Opens the search over everything.
    Search,
    /// Opens the sheet of shortcuts.
    Help,
    /// Goes to the search of the page.
    Find,
    /// Does what the page's main button does.
    Main,
    /// Does to what is edited on the page, where something is.
    Edit(Command),
    /// Goes to a page.
    Go(Route),
}

/// What is done to what is edited on a page: [`use_command`] hears of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// It is saved.
    Save,
    /// The last step is taken back.
    Undo,
    /// The step that was taken back last is made again.
    Redo,
}

impl Command {
    /// The event that the page hears of.
    fn event(self) -> &'static str {
        match self {
            Self::Save => "rolewright:save",
            Self::Undo => "rolewright:undo",
            Self::Redo => "rolewright:redo",
        }
    }

    /// Whether a field in which one types does it by itself.
    fn is_of_text(self) -> bool {
        self != Self::Save
    }

    /// Tells the page; answers whether it does something of the kind.
    fn tell(self) -> bool {
        let options = EventInit::new();
        options.set_cancelable(true);
        let event = Event::new_with_event_init_dict(self.event(), &options);
        let told = browser::window().zip(event.ok()).map(|(window, event)| window.dispatch_event(&event));
        matches!(told, Some(Ok(false)))
    }
}

/// Does something on a command, as long as what calls this is in the page.
#[hook]
pub fn use_command(command: Command, act: Callback<()>) {
    let newest = use_mut_ref(|| act.clone());
    *newest.borrow_mut() = act;
    use_effect_with((), move |()| {
        count(command, 1);
        let listener = browser::window().map(|window| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&window, command.event(), options, move |event| {
                event.prevent_default();
                let act = newest.borrow().clone();
                act.emit(());
            })
        });
        move || {
            count(command, -1);
            drop(listener);
        }
    });
}

thread_local! {
    /// How many parts of the page take steps back themselves.
    static UNDOING: Cell<i32> = const { Cell::new(0) };
}

fn count(command: Command, by: i32) {
    if command == Command::Undo {
        UNDOING.with(|undoing| undoing.set(undoing.get().saturating_add(by)));
    }
}

/// Whether the page takes its own steps back, so that the key for it does nothing else.
pub fn page_undoes() -> bool {
    UNDOING.with(Cell::get) > 0
}

/// A shortcut.
pub struct Shortcut {
    /// Its keys, one after the other; Ctrl is held down, and is the command key where the keyboard has one.
    pub keys: &'static str,
    /// What a person reads.
    pub what: &'static str,
    /// What it does.
    pub does: Does,
}

/// Every shortcut.
pub fn all() -> impl Iterator<Item = Shortcut> {
    let everywhere = [
        (SEARCH, "Search or ask", Does::Search),
        ("/", "Search this page", Does::Find),
        ("n", "Main button of this page, as Create role", Does::Main),
        ("Ctrl s", "Save what is edited", Does::Edit(Command::Save)),
        (UNDO, "Undo the last step in a role, elsewhere what was just done", Does::Edit(Command::Undo)),
        ("Ctrl y", "Redo it", Does::Edit(Command::Redo)),
        (HELP, "Keyboard shortcuts", Does::Help),
    ];
    let everywhere = everywhere.into_iter().map(|(keys, what, does)| Shortcut { keys, what, does });
    everywhere.chain(SECTIONS.iter().map(|section| Shortcut {
        keys: section.keys,
        what: section.name,
        does: Does::Go(section.route.clone()),
    }))
}

impl Shortcut {
    /// Whether it does something for the person.
    pub fn is_for(&self, access: Option<&Access>) -> bool {
        let mut sections = SECTIONS.iter();
        match &self.does {
            Does::Go(route) => sections.any(|section| section.route == *route && section.is_for(access)),
            _ => true,
        }
    }
}

/// What a key comes to.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Nothing.
    Nothing,
    /// The next one names a page.
    Begun,
    /// This.
    Does(Does),
}

/// What a key comes to, with Ctrl or without, after the key that leads to pages or not.
fn step(has_begun: bool, with_ctrl: bool, key: &str) -> Step {
    let key = key.to_lowercase();
    let keys = match (with_ctrl, has_begun) {
        (true, _) => format!("Ctrl {key}"),
        (false, true) => format!("{LEAD} {key}"),
        (false, false) if key == LEAD => return Step::Begun,
        (false, false) => key,
    };
    all().find(|it| it.keys == keys).map_or(Step::Nothing, |it| Step::Does(it.does))
}

/// Whether keys without Ctrl do something.
pub fn are_on() -> bool {
    browser::kept(KEPT).as_deref() != Some(OFF)
}

/// Turns keys without Ctrl on or off, on this device.
pub fn turn(on: bool) {
    browser::keep(KEPT, (!on).then_some(OFF));
}

/// What floats over the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    /// The search over everything.
    Search,
    /// The shortcuts.
    Keys,
}

/// Listens to shortcuts.
#[hook]
pub fn use_shortcuts(access: Option<AccessHandle>, onopen: Callback<Sheet>) {
    use_effect_with(access, move |access| {
        let (access, begun) = (access.clone(), Rc::new(RefCell::new(None::<Timeout>)));
        let listener = browser::window().map(|window| {
            // Before the page hears of it: the letter of a page that was begun is no letter of the page.
            let options = EventListenerOptions { phase: EventListenerPhase::Capture, passive: false };
            EventListener::new_with_options(&window, "keydown", options, move |event| {
                if let Some(event) = event.dyn_ref::<KeyboardEvent>() {
                    heard(event, &begun, access.as_deref(), &onopen);
                }
            })
        });
        move || drop(listener)
    });
}

fn heard(
    event: &KeyboardEvent,
    begun: &Rc<RefCell<Option<Timeout>>>,
    access: Option<&Access>,
    onopen: &Callback<Sheet>,
) {
    let has_begun = begun.take().is_some();
    let with_ctrl = event.ctrl_key() || event.meta_key();
    let key = match (with_ctrl && event.shift_key(), event.key()) {
        (true, key) if key.eq_ignore_ascii_case("z") => "y".to_owned(),
        (true, _) => return,
        (false, key) => key,
    };
    if event.alt_key() || event.is_composing() || event.repeat() {
        return;
    }
    let is_there =
        |selector| browser::document().is_some_and(|it| it.query_selector(selector).ok().flatten().is_some());
    if !with_ctrl && (!are_on() || is_in(event, TYPED_IN) || is_there(":popover-open")) {
        return;
    }
    let does = match step(has_begun, with_ctrl, &key) {
        Step::Nothing => return,
        Step::Does(Does::Edit(command)) if command.is_of_text() && is_in(event, TEXT) => return,
        // What a dialog asks is answered first.
        _ if is_there("dialog[open]") => None,
        Step::Begun => {
            let over = begun.clone();
            begun.replace(Some(Timeout::new(WAIT, move || drop(over.take()))));
            None
        }
        Step::Does(does) => Some(does),
    };
    if does.is_none_or(|does| act(does, access, onopen)) {
        event.prevent_default();
        event.stop_propagation();
    }
}

fn is_in(event: &KeyboardEvent, fields: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest(fields).ok().flatten().is_some())
}

/// Does it; answers whether the browser is to do nothing of its own.
fn act(does: Does, access: Option<&Access>, onopen: &Callback<Sheet>) -> bool {
    let page = browser::element_by_id("main");
    let find = |selector: &str| page.as_ref().and_then(|page| browser::find(page, selector));
    match does {
        Does::Search => onopen.emit(Sheet::Search),
        Does::Help => onopen.emit(Sheet::Keys),
        Does::Edit(Command::Undo) => return Command::Undo.tell() || !guard::is_unsaved() && toast::undo(),
        Does::Edit(command) => return command.tell(),
        // A page without a search is searched like everything.
        Does::Find => match find("input[type=search]") {
            Some(search) => browser::bring(&search),
            None => onopen.emit(Sheet::Search),
        },
        Does::Main => {
            if let Some(button) = find(".page-head .button--primary") {
                browser::focus(&button);
                button.click();
            }
        }
        Does::Go(route) => {
            let mut sections = SECTIONS.iter();
            if sections.any(|section| section.route == route && section.is_for(access)) {
                nav::go(&route);
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_shortcut_does_what_the_sheet_says() {
        for it in all() {
            let keys: Vec<&str> = it.keys.split(' ').collect();
            let done = match *keys.as_slice() {
                ["Ctrl", key] => step(false, true, key),
                [LEAD, key] => {
                    assert_eq!(step(false, false, LEAD), Step::Begun, "{}", it.keys);
                    step(true, false, key)
                }
                [key] => step(false, false, key),
                _ => Step::Nothing,
            };
            assert_eq!(done, Step::Does(it.does), "{}", it.keys);
        }
    }

    #[test]
    fn no_two_shortcuts_have_the_same_keys() {
        let keys: Vec<&str> = all().map(|it| it.keys).collect();
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len(), "{keys:?}");
    }

    #[test]
    fn other_keys_do_nothing() {
        for (has_begun, with_ctrl, key) in [
            (false, false, "u"),
            (true, false, "z"),
            (true, false, "?"),
            (false, true, "n"),
            (false, true, "g"),
        ] {
            assert_eq!(step(has_begun, with_ctrl, key), Step::Nothing, "{key}");
        }
    }
}
