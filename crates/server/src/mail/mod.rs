//! Mail to people: invitations, links that set a new password, and notices.
//!
//! [`message`] says what is written, [`transport`] how it gets to the mail server, and a [`Mailer`]
//! sends. Without a mail server there is no mailer, and what would be sent is shown or refused.

pub mod limit;
pub mod message;
pub mod notice;
pub mod transport;

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use rolewright_model::directory::UserDocument;
use tokio::sync::{Semaphore, watch};
use url::Host;

use self::message::Message;

pub use lettre::transport::stub::AsyncStubTransport as Outbox;

/// How long sending one mail may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many mails are sent at one time.
pub const TURNS: usize = 4;
/// How many may wait: mail is slow, and whoever asks for it need not be signed in.
const WAITING: usize = 1000;

/// Why a mail was not sent, for the log, which names no address.
const BEYOND_ASCII: &str = "the address has letters beyond ASCII, and the mail server lacks SMTPUTF8";

/// To whom a mail goes.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The user's id, by which the log tells it.
    pub user: String,
    /// The address.
    pub address: String,
}

impl Recipient {
    /// Somebody, at the address that the account has.
    #[must_use]
    pub fn of(user: &UserDocument) -> Self {
        Self { user: user.id.clone(), address: user.email.clone() }
    }
}

impl fmt::Debug for Recipient {
    /// Without the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipient").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Sends mail. Copies are one mailer.
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    from: Mailbox,
    transport: Transport,
    turns: Semaphore,
    under_way: watch::Sender<usize>,
}

enum Transport {
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Outbox(Outbox),
}

/// Why a mail was not sent: words for a person, with no secret in them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsent {
    /// No mail can be addressed so.
    #[error("`{0}` is not an address that mail can be sent to: correct it")]
    Address(String),
    /// The address has letters beyond ASCII, for which this mail server has no way (RFC 6531).
    #[error(
        "`{0}` has letters beyond ASCII, which the mail server cannot deliver to (it lacks SMTPUTF8): use an address without them"
    )]
    Letters(String),
    /// The mail server did not take it.
    #[error("{0}")]
    Server(String),
    /// The mail server is not there, or does not answer: most likely it takes no other mail either.
    #[error("{0}")]
    Away(String),
}

impl Unsent {
    /// Why, without the address.
    fn for_the_log(&self) -> &str {
        match self {
            Self::Address(_) => "the address is none that mail goes to",
            Self::Letters(_) => BEYOND_ASCII,
            Self::Server(why) | Self::Away(why) => why,
        }
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("from", &self.0.from.to_string()).finish_non_exhaustive()
    }
}

/// An address as any mail server takes it: the domain in ASCII (RFC 5890). The part before it stays as it is.
fn routed(address: &str) -> Cow<'_, str> {
    match address.rsplit_once('@') {
        Some((local, domain)) if !domain.is_ascii() => match Host::parse(domain) {
            Ok(Host::Domain(domain)) => Cow::Owned(format!("{local}@{domain}")),
            _ => Cow::Borrowed(address),
        },
        _ => Cow::Borrowed(address),
    }
}

impl Mailer {
    /// Sends through a mail server.
    #[must_use]
    pub fn smtp(from: Mailbox, transport: AsyncSmtpTransport<Tokio1Executor>) -> Self {
        Self::new(from, Transport::Smtp(Box::new(transport)))
    }

    /// Sends nowhere: what would be sent is kept in the outbox, for tests.
    #[must_use]
    pub fn outbox(from: Mailbox, outbox: Outbox) -> Self {
        Self::new(from, Transport::Outbox(outbox))
    }

    fn new(from: Mailbox, transport: Transport) -> Self {
        let (turns, under_way) = (Semaphore::new(TURNS), watch::Sender::new(0));
        Self(Arc::new(Inner { from, transport, turns, under_way }))
    }

    /// Sends a message, and says whether the mail server took it; the log says which person it went to, and no address.
    ///
    /// # Errors
    /// [`Unsent`]; the mail server's own words go nowhere.
    pub async fn send(&self, to: &Recipient, message: &Message) -> Result<(), Unsent> {
        let sent = self.try_send(&to.address, message).await;
        let (user, subject) = (to.user.as_str(), message.subject());
        match &sent {
            Ok(()) => tracing::info!(user, subject, "a mail was sent"),
            Err(error) => tracing::warn!(user, subject, why = error.for_the_log(), "a mail was not sent"),
        }
        sent
    }

    async fn try_send(&self, to: &str, message: &Message) -> Result<(), Unsent> {
        let address: Address = routed(to).parse().map_err(|_| Unsent::Address(to.to_owned()))?;
        let letter = lettre::Message::builder()
            .from(self.0.from.clone())
            .to(Mailbox::new(None, address))
            .subject(message.subject())
            .message_id(None)
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(
                message.text().to_owned(),
                message.html().to_owned(),
            ))
            .map_err(|_| Unsent::Address(to.to_owned()))?;
        let sent = tokio::time::timeout(PATIENCE, async {
            // Nobody closes it.
            let _turn = self.0.turns.acquire().await;
            match &self.0.transport {
                Transport::Smtp(transport) => transport.send(letter).await.map(drop).map_err(|error| {
                    if error.is_client() && !to.is_ascii() {
                        return Unsent::Letters(to.to_owned());
                    }
                    let why = transport::why(&error);
                    if transport::is_away(&error) { Unsent::Away(why) } else { Unsent::Server(why) }
                }),
                Transport::Outbox(outbox) => {
                    let refused = || Unsent::Server("the mail server refuses it".to_owned());
                    outbox.send(letter).await.map_err(|_| refused())
                }
            }
        });
        sent.await.unwrap_or_else(|_| Err(Unsent::Away(transport::too_slow())))
    }

    /// Sends a message while the one who caused it goes on; a failure is in the log.
    pub fn send_later(&self, to: Recipient, message: Message) {
        let mailer = self.clone();
        self.later(async move {
            // The log says it.
            _ = mailer.send(&to, &message).await;
        });
    }

    /// Does what ends in a mail while the one who caused it goes on. Where too much waits already, it
    /// is not done.
    pub fn later(&self, work: impl Future<Output = ()> + Send + 'static) {
        let under_way = UnderWay::new(&self.0);
        if *self.0.under_way.borrow() > WAITING {
            tracing::warn!("too many mails wait to be sent: one was dropped");
            return;
        }
        tokio::spawn(async move {
            work.await;
            drop(under_way);
        });
    }

    /// Over when nothing waits to be sent.
    pub async fn settled(&self) {
        // The sender is here, so it is not closed.
        _ = self.0.under_way.subscribe().wait_for(|many| *many == 0).await;
    }

    /// Whether the mail server takes this server's connection.
    ///
    /// # Errors
    /// [`Unsent::Server`].
    pub async fn check(&self) -> Result<(), Unsent> {
        let Transport::Smtp(transport) = &self.0.transport else { return Ok(()) };
        match tokio::time::timeout(PATIENCE, transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(Unsent::Server(transport::unreachable())),
            Ok(Err(error)) => Err(Unsent::Server(transport::why(&error))),
            Err(_) => Err(Unsent::Server(transport::too_slow())),
        }
    }
}

/// Counts one that is under way until it is dropped.
struct UnderWay(Arc<Inner>);

impl UnderWay {
    fn new(inner: &Arc<Inner>) -> Self {
        inner.under_way.send_modify(|many| *many += 1);
        Self(Arc::clone(inner))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.send_modify(|many| *many -= 1);
    }
}

/// Says that no person wrote it, so that no absence note comes back (RFC 3834, 5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use rolewright_model::directory::is_email;

    use super::*;

    #[test]
    fn what_is_taken_for_an_address_can_be_mailed() {
        let (long, label) = ("x".repeat(64), "y".repeat(63));
        for (text, is_one) in [
            ("ana@example.com", true),
            ("ana+list@mail.example.com", true),
            ("o'brien%x@localhost", true),
            ("corp%5cana@no-mail.invalid", true),
            ("j\u{f6}rg@m\u{fc}nchen.example", true),
            (&format!("{long}@{label}.example"), true),
            (&format!("{long}x@example.com"), false),
            (&format!("ana@{label}y.example"), false),
            ("\"><script>@example.com", false),
            ("<ana@example.com>", false),
            ("ana", false),
            ("ana@", false),
            ("@example.com", false),
            ("a@b@example.com", false),
            (".ana@example.com", false),
            ("an..a@example.com", false),
            ("ana@.example.com", false),
            ("ana@example.com.", false),
            ("ana@example..com", false),
            ("ana@-example.com", false),
            ("ana@exa_mple.com", false),
            ("an a@example.com", false),
            ("ana@exam\nple.com", false),
            ("\u{200b}ana@example.com", false),
        ] {
            assert_eq!(is_email(text), is_one, "{text:?}");
            assert!(!is_one || text.parse::<Address>().is_ok(), "{text:?}");
        }
    }

    fn mailer(outbox: &Outbox) -> Mailer {
        Mailer::outbox("Rolewright <access@example.com>".parse().unwrap(), outbox.clone())
    }

    fn to(address: &str) -> Recipient {
        Recipient { user: "u_ana".to_owned(), address: address.to_owned() }
    }

    fn letter(tenant: &str) -> Message {
        message::password_changed(tenant, "ana@example.com", rolewright_model::Timestamp(0))
    }

    #[tokio::test]
    async fn a_mail_has_both_forms_and_says_that_no_person_wrote_it() {
        let outbox = Outbox::new_ok();
        mailer(&outbox).send(&to("ana@example.com"), &letter("Acme")).await.unwrap();
        let (envelope, raw) = outbox.messages().await.pop().unwrap();
        assert_eq!(envelope.to().first().unwrap().to_string(), "ana@example.com");
        for part in [
            "From: Rolewright <access@example.com>\r\n",
            "To: ana@example.com\r\n",
            "Subject: Your password was changed (Acme)\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Message-ID: <",
            "multipart/alternative",
            "text/plain; charset=utf-8",
            "text/html; charset=utf-8",
        ] {
            assert!(raw.contains(part), "{part}: {raw}");
        }
    }

    #[tokio::test]
    async fn a_domain_with_letters_beyond_ascii_is_written_in_ascii() {
        let outbox = Outbox::new_ok();
        for address in ["ana@bücher.example", "änne@example.com"] {
            mailer(&outbox).send(&to(address), &letter("Acme")).await.unwrap();
        }
        let sent = outbox.messages().await;
        let routed: Vec<String> =
            sent.iter().map(|(envelope, _)| envelope.to().first().unwrap().to_string()).collect();
        assert_eq!(routed, ["ana@xn--bcher-kva.example", "änne@example.com"]);
    }

    #[tokio::test]
    async fn a_name_begins_no_header() {
        let outbox = Outbox::new_ok();
        mailer(&outbox)
            .send(&to("ana@example.com"), &letter("Ac\r\nBcc: all@example.com\r\n\r\nme"))
            .await
            .unwrap();
        let (envelope, raw) = outbox.messages().await.pop().unwrap();
        assert_eq!(envelope.to().len(), 1);
        let head = raw.split("\r\n\r\n").next().unwrap();
        assert!(!head.contains("\r\nBcc"), "{head}");
    }

    #[tokio::test]
    async fn what_cannot_be_sent_says_why() {
        let outbox = Outbox::new_error();
        let mailer = mailer(&outbox);
        let refused = Unsent::Server("the mail server refuses it".to_owned());
        assert_eq!(mailer.send(&to("ana@example.com"), &letter("Acme")).await, Err(refused));
        for wrong in ["ana", "ana@example.com\r\nRCPT TO:<bo@example.com>", "ana@example.com, bo@example.com"]
        {
            let error = mailer.send(&to(wrong), &letter("Acme")).await.unwrap_err();
            assert_eq!(error, Unsent::Address(wrong.to_owned()));
        }
        assert_eq!(outbox.messages().await.len(), 1);
        assert_eq!(format!("{mailer:?}"), r#"Mailer { from: "Rolewright <access@example.com>", .. }"#);
    }

    #[tokio::test]
    async fn what_is_sent_later_is_waited_for_and_bounded() {
        let outbox = Outbox::new_ok();
        let mailer = mailer(&outbox);
        for _ in 0..WAITING + 50 {
            mailer.send_later(to("ana@example.com"), letter("Acme"));
        }
        mailer.settled().await;
        assert_eq!(outbox.messages().await.len(), WAITING);
    }
}
