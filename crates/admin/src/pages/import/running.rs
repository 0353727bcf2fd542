//! A table on its way in: tried, or written, row by row; one thing at a time.

use std::cell::RefCell;
use std::rc::Rc;

use web_sys::{AbortController, AbortSignal};
use yew::prelude::*;

use super::columns::Table;
use super::pick::Picked;
use crate::api::{ApiError, Query, Request};
use crate::pages::audit::use_saying;
use crate::rows::Rows;
use crate::same::Same;

/// How far the file is.
#[derive(Clone, PartialEq)]
pub enum Stage {
    /// None is chosen.
    Empty,
    /// The browser cannot read it.
    Unread,
    /// It is tried, or put in: so many rows of so many are done.
    Running {
        /// Whether nothing is written.
        tried: bool,
        /// So many.
        done: u64,
        /// Of so many; 0 before that is known.
        all: u64,
    },
    /// It was tried, or put in.
    Told {
        /// Whether nothing was written.
        tried: bool,
        /// What came of each row.
        rows: Same<Rows>,
    },
    /// It is no table, or nobody answered.
    Failed {
        /// Whether nothing was to be written.
        tried: bool,
        /// Why.
        error: ApiError,
    },
}

/// How it is put in.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Whether those who are new are invited.
    pub invite: bool,
    /// Whether also who got a link a moment ago.
    pub again: bool,
    /// Why, for the log.
    pub reason: String,
}

impl Options {
    fn query(&self, tried: bool) -> Query {
        let flag = |on: bool| if on { "true" } else { "" };
        Query::default()
            .with("dry_run", flag(tried))
            .with("invite", flag(self.invite))
            .with("again", flag(self.invite && self.again))
            .with("reason", if tried { "" } else { &self.reason })
    }
}

/// A table on its way in.
pub struct Import {
    /// How far it is.
    pub stage: Stage,
    /// Begins: with which file, and whether it is only tried. What ran before ends.
    pub run: Callback<(Picked, bool)>,
    /// Stops it; what is done is told.
    pub stop: Callback<()>,
    /// Gives it up, and is there from then on.
    pub forget: Callback<Stage>,
}

/// A table on its way in; none at first. It ends with the page: the guard asks first.
#[hook]
pub fn use_import(table: Table, options: Options) -> Import {
    let saying = use_saying();
    let stage = use_state(|| Stage::Empty);
    let running = use_mut_ref(|| None::<AbortController>);
    {
        let running = running.clone();
        use_effect_with((), move |()| move || end(&running));
    }
    let run = {
        let (stage, running) = (stage.setter(), running.clone());
        Callback::from(move |(file, tried): (Picked, bool)| {
            end(&running);
            let Some(new) = AbortController::new().ok() else { return };
            let signal = new.signal();
            running.replace(Some(new));
            let path = format!("{}/import{}", table.path(), options.query(tried).as_str());
            let request = Request::table(path, file.bytes);
            stage.set(Stage::Running { tried, done: 0, all: 0 });
            let (stage, running) = (stage.clone(), running.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let progress = |done: u64, all: u64| {
                    // More often nobody sees.
                    if done.is_multiple_of(25) && is_on(&running, &signal) {
                        stage.set(Stage::Running { tried, done, all });
                    }
                };
                let answer = Rows::of(request, signal.clone(), &progress).await;
                // What was given up says nothing any more.
                if !is_on(&running, &signal) {
                    return;
                }
                running.replace(None);
                stage.set(match answer {
                    Ok(rows) => {
                        if !tried && rows.changed > 0 {
                            saying.done(format!("Imported: {}.", rows.words()), rows.made());
                        }
                        Stage::Told { tried, rows: Same(Rc::new(rows)) }
                    }
                    Err(error) => Stage::Failed { tried, error },
                });
            });
        })
    };
    let stop = {
        let running = running.clone();
        Callback::from(move |()| running.borrow().iter().for_each(AbortController::abort))
    };
    let forget = {
        let stage = stage.setter();
        Callback::from(move |then: Stage| {
            end(&running);
            stage.set(then);
        })
    };
    Import { stage: (*stage).clone(), run, stop, forget }
}

/// What runs, if something does.
type Running = Rc<RefCell<Option<AbortController>>>;

fn end(running: &Running) {
    if let Some(running) = running.borrow_mut().take() {
        running.abort();
    }
}

/// Whether what has that signal is what runs.
fn is_on(running: &Running, signal: &AbortSignal) -> bool {
    running.borrow().as_ref().is_some_and(|running| running.signal() == *signal)
}
