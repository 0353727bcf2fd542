//! What became of an invitation: it was sent, or there is a single-use link, shown this once.

use rolewright_model::Timestamp;
use rolewright_wire::secret::Secret;
use rolewright_wire::user::{Delivery, Invited};
use yew::prelude::*;

use crate::browser;
use crate::guard::{forget_unsaved, use_unsaved};
use crate::text;
use crate::widgets::{Banner, Button, CopyLine, Dialog, Tone, Variant};

/// What became of an invitation.
#[derive(Clone, PartialEq)]
pub struct Outcome {
    /// Whether it was sent.
    sent: bool,
    /// Why it was not sent, where it should have been.
    problem: Option<AttrValue>,
    /// The link; none where it was sent, or the person may not see it.
    link: Option<String>,
    /// When it ends.
    expires: Timestamp,
}

impl From<Invited> for Outcome {
    fn from(invited: Invited) -> Self {
        Self {
            sent: invited.delivery == Some(Delivery::Sent),
            problem: invited.problem.map(AttrValue::from),
            link: invited.link.as_ref().map(Secret::expose).map(str::to_owned),
            expires: invited.expires,
        }
    }
}

/// What became of it.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Who is invited.
    pub who: AttrValue,
    /// To which address.
    pub email: AttrValue,
    /// What became of it.
    pub outcome: Outcome,
    /// Told when the dialog closes.
    pub onclose: Callback<()>,
}

/// Where it was sent, or the link to copy: the dialog with a link, which is shown this once, stays until somebody says that it is copied.
#[component]
pub fn LinkDialog(props: &Props) -> Html {
    let Outcome { sent, problem, link, expires } = props.outcome.clone();
    let link =
        link.map(|link| if link.starts_with('/') { format!("{}{link}", browser::origin()) } else { link });
    let stays = link.is_some() && !sent;
    use_unsaved(stays.then(|| "The invitation link is shown only now. Copy it before you leave.".to_owned()));
    let onclose = props.onclose.reform(move |()| {
        if stays {
            forget_unsaved();
        }
    });
    html! {
        <Dialog title={format!("{} is invited", props.who)} {stays} onclose={onclose.clone()} footer={html! {
            <Button variant={Variant::Primary} onclick={onclose.reform(|_| ())}>{ if stays { "I have copied it" } else { "Done" } }</Button>
        }}>
            if let Some(problem) = problem {
                <Banner tone={Tone::Problem}>{ format!("The invitation was not sent: {problem}.") }</Banner>
            }
            if sent {
                <p>{ format!("The invitation was sent to {}. Its link works once, until {}.", props.email, text::moment(expires)) }</p>
            } else if let Some(link) = link {
                <p>{ "Send them this link. It works once, and is shown only now." }</p>
                <CopyLine label="Invitation link" value={link} hint={format!("Good until {}.", text::moment(expires))} />
            } else {
                <Banner tone={Tone::Note}>
                    { "You may not see the link, as you do not hold everything that this person will hold. Somebody who does can make a new one on their page." }
                </Banner>
            }
        </Dialog>
    }
}
