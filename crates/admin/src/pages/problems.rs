//! What is wrong with a file that was sent, each with where.

use rolewright_model::Problem;
use yew::prelude::*;

use crate::api::ApiError;
use crate::text;
use crate::widgets::{Banner, Tone};

/// What is wrong. One thing is said once, where the server said where it is: it is the whole of what the server says.
pub fn problems(error: &ApiError) -> Html {
    let errors = error.problem().map(|problem| &problem.errors[..]).unwrap_or_default();
    html! {
        <Banner key="problems" tone={Tone::Problem}>
            { match errors {
                [] => html! { <p>{ error.to_string() }</p> },
                [only] => html! { <p>{ problem(only) }</p> },
                _ => html! {
                    <>
                        <p>{ error.to_string() }</p>
                        <ul class="problems">{ for errors.iter().map(|it| html! { <li>{ problem(it) }</li> }) }</ul>
                    </>
                },
            } }
        </Banner>
    }
}

/// A JSON path, or a line of a table, before what is wrong there.
fn problem(it: &Problem) -> Html {
    let said = text::sentence(&text::plain(&it.message));
    match &*it.path {
        "" | "$" => html! { { said } },
        path if path.starts_with('$') => html! { <><code>{ path.to_owned() }</code>{ " " }{ said }</> },
        path if path.starts_with("line ") => {
            html! { { text::sentence(&format!("{path}: {}", text::plain(&it.message))) } }
        }
        _ => html! { { said } },
    }
}
