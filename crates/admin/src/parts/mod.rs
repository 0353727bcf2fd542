//! The parts of the app: what its pages are made of is fetched when one of them is opened first, and the rest when nothing else
//! is to be done. What two parts need is in one of its own, or in the app.

mod others;
mod overview;

use std::cell::RefCell;

use gloo::timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use wasm_split_helpers::SplitLoaderError;
use yew::prelude::*;

use crate::browser;
use crate::frame::{name_of, use_title};
use crate::route::Route;
use crate::widgets::{Button, Empty};

/// What shows the pages of a part.
type Pages = fn(&Route) -> Html;

/// A part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Where one begins.
    Overview,
    /// Every other page for those who are signed in.
    Others,
}

/// Declares what fetches a part and answers what shows its pages. Built in one piece, as for development, the app has it already.
macro_rules! part {
    ($part:ident) => {
        #[cfg(feature = "parts")]
        #[wasm_split_helpers::wasm_split($part, fallible)]
        fn $part() -> Result<Pages, SplitLoaderError> {
            Ok($part::page)
        }

        #[cfg(not(feature = "parts"))]
        async fn $part() -> Result<Pages, SplitLoaderError> {
            Ok($part::page)
        }
    };
}

part!(overview);
part!(others);

/// How long the first page is left alone with what it asks for, in milliseconds.
const LATER: u32 = 1_000;

thread_local! {
    static HERE: RefCell<Vec<(Part, Pages)>> = const { RefCell::new(Vec::new()) };
}

impl Part {
    const ALL: [Self; 2] = [Self::Overview, Self::Others];

    /// The part of a page; none where it is of the app itself.
    pub fn of(route: &Route) -> Option<Self> {
        match route {
            Route::Setup | Route::SignIn | Route::Invitation | Route::PasswordReset | Route::NotFound => None,
            Route::Overview => Some(Self::Overview),
            _ => Some(Self::Others),
        }
    }

    /// What shows its pages, where it is here.
    fn here(self) -> Option<Pages> {
        HERE.with_borrow(|here| here.iter().find(|(part, _)| *part == self).map(|(_, pages)| *pages))
    }

    /// Fetches it, unless it is here.
    async fn fetch(self) -> Result<(), SplitLoaderError> {
        let pages = match self {
            Self::Overview => overview().await,
            Self::Others => others().await,
        }?;
        if self.here().is_none() {
            HERE.with_borrow_mut(|here| here.push((self, pages)));
        }
        Ok(())
    }
}

/// Begins to fetch what a page is made of, beside whatever else it waits for.
pub fn ahead(route: &Route) {
    if let Some(part) = Part::of(route) {
        spawn_local(async move {
            // Where it fails, it is asked for once more by the page, which says so.
            if part.fetch().await.is_ok() {
                all_later();
            }
        });
    }
}

/// A page.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its part.
    pub part: Part,
    /// Which it is.
    pub route: Route,
}

/// How it stands with a part that is not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fetch {
    Runs,
    Failed,
}

/// A page of a part, as soon as that is here.
#[component]
pub fn Page(props: &Props) -> Html {
    let fetch = use_state(|| Fetch::Runs);
    let begin = {
        let fetch = fetch.setter();
        use_callback(props.part, move |(), part| {
            let (fetch, part) = (fetch.clone(), *part);
            spawn_local(async move {
                match part.fetch().await {
                    Ok(()) => {
                        fetch.set(Fetch::Runs);
                        all_later();
                    }
                    Err(_) => fetch.set(Fetch::Failed),
                }
            });
        })
    };
    {
        let begin = begin.clone();
        use_effect_with(props.part, move |part| {
            if part.here().is_none() {
                begin.emit(());
            }
        });
    }
    match (props.part.here(), *fetch) {
        (Some(pages), _) => pages(&props.route),
        (None, Fetch::Runs) => html! { <div class="opening" key="coming" aria-busy="true"></div> },
        (None, Fetch::Failed) => {
            let again = {
                let fetch = fetch.setter();
                Callback::from(move |_: MouseEvent| {
                    fetch.set(Fetch::Runs);
                    begin.emit(());
                })
            };
            html! { <Unfetched key="failed" section={props.route.section()} {again} /> }
        }
    }
}

/// A page that could not be fetched, of which just the section is known.
#[derive(Properties, PartialEq)]
struct UnfetchedProps {
    section: Route,
    /// Fetches it again.
    again: Callback<MouseEvent>,
}

#[component]
fn Unfetched(props: &UnfetchedProps) -> Html {
    use_title(name_of(&props.section));
    html! {
        <Empty icon="cloud-off" title="This page could not be fetched" page=true
            text="Either the server cannot be reached, or the app was updated since it was opened here: then reload it.">
            <Button onclick={props.again.clone()}>{ "Try again" }</Button>
            <Button onclick={Callback::from(|_: MouseEvent| browser::reload())}>{ "Reload the app" }</Button>
        </Empty>
    }
}

/// Fetches what is not here once this page has what it asks for, so that the others open at once.
fn all_later() {
    let all = async {
        for part in Part::ALL {
            if part.fetch().await.is_err() {
                // The page that needs it says so.
                return;
            }
        }
    };
    Timeout::new(LATER, || spawn_local(all)).forget();
}
