//! What is written to people: one function a kind of message, as plain text and as simple HTML.
//!
//! Names come from people. In HTML they are escaped, and in a subject, as everywhere, they are one
//! line, so that none begins a header of its own.

use std::fmt;

use rolewright_model::Timestamp;
use rolewright_model::policy::is_unseen;

use crate::moment;

/// What is said of the product where a tenant has no name.
const PRODUCT: &str = "Rolewright";
/// The longest name that is repeated, in characters.
const LONGEST_NAME: usize = 100;
const NOT_YOU: &str = "If this was not you, tell an administrator at once.";

/// A message, ready to be sent. It may carry a link that is a secret: `Debug` prints the subject alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    subject: String,
    text: String,
    html: String,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("subject", &self.subject).finish_non_exhaustive()
    }
}

impl Message {
    /// One line.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// For those who read plain text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same in HTML.
    #[must_use]
    pub fn html(&self) -> &str {
        &self.html
    }
}

/// Invites a person to a tenant; `inviter` is the name of who does, where it is a person.
#[must_use]
pub fn invitation(tenant: &str, inviter: Option<&str>, link: &str, expires: Timestamp) -> Message {
    let tenant = name(tenant);
    let begins = match inviter {
        Some(inviter) => format!("{} invites you to {tenant}.", name(inviter)),
        None => format!("You are invited to {tenant}."),
    };
    Letter::new(format!("You are invited to {tenant}"))
        .says(begins)
        .says("Set a password that only you know, and you are in:")
        .links("Set a password", link)
        .says(format!("The link works once, until {}.", moment::in_words(expires)))
        .says("If you did not expect this, ignore it: nothing happens unless you open the link.")
        .written()
}

/// Lets a person set a new password.
#[must_use]
pub fn password_reset(tenant: &str, email: &str, link: &str, minutes: i64) -> Message {
    let tenant = name(tenant);
    Letter::new(format!("Set a new password for {tenant}"))
        .says(format!(
            "Somebody, most likely you, asked to set a new password for {} at {tenant}.",
            name(email)
        ))
        .links("Set a new password", link)
        .says(format!("The link works once, for {minutes} minutes."))
        .says("If it was not you, ignore this: your password stays as it is.")
        .written()
}

/// Lets a person set their first password.
#[must_use]
pub fn first_password(tenant: &str, email: &str, link: &str, minutes: i64) -> Message {
    let tenant = name(tenant);
    Letter::new(format!("Set a password for {tenant}"))
        .says(format!("{} has an account at {tenant}, and no password yet.", name(email)))
        .says("Set one that only you know, and you can sign in with it:")
        .links("Set a password", link)
        .says(format!("The link works once, for {minutes} minutes."))
        .says("If you did not expect this, ignore it: nothing happens unless you open the link.")
        .written()
}

/// Says that a person's first password was set, by a link.
#[must_use]
pub fn password_set(tenant: &str, email: &str, when: Timestamp) -> Message {
    notice(tenant, "Your password was set", "password", email, "was set", when)
        .says("You sign in with it from now on.")
        .says(NOT_YOU)
        .written()
}

/// Says that a person's password was changed, by themselves or by a link.
#[must_use]
pub fn password_changed(tenant: &str, email: &str, when: Timestamp) -> Message {
    notice(tenant, "Your password was changed", "password", email, "was changed", when)
        .says("Every other session was ended.")
        .says(NOT_YOU)
        .written()
}

/// Says that a person's second factor was turned on.
#[must_use]
pub fn second_factor_on(tenant: &str, email: &str, when: Timestamp) -> Message {
    notice(tenant, "Your second factor was turned on", "second factor", email, "was turned on", when)
        .says("Signing in takes a code from now on. Every other session was ended.")
        .says(NOT_YOU)
        .written()
}

/// Says that a person turned their second factor off.
#[must_use]
pub fn second_factor_off(tenant: &str, email: &str, when: Timestamp) -> Message {
    notice(tenant, "Your second factor was turned off", "second factor", email, "was turned off", when)
        .says("Signing in takes the password alone from now on.")
        .says(NOT_YOU)
        .written()
}

/// Says that a person put another authenticator in the place of the one before.
#[must_use]
pub fn second_factor_replaced(tenant: &str, email: &str, when: Timestamp) -> Message {
    notice(tenant, "Your second factor was replaced", "second factor", email, "was replaced by another", when)
        .says(
            "The authenticator and the recovery codes that you had are void. Every other session was ended.",
        )
        .says(NOT_YOU)
        .written()
}

/// Says that a person made their recovery codes anew.
#[must_use]
pub fn recovery_codes_renewed(tenant: &str, email: &str, when: Timestamp) -> Message {
    notice(tenant, "Your recovery codes were made anew", "recovery codes", email, "were made anew", when)
        .says("Those that you had are void.")
        .says(NOT_YOU)
        .written()
}

/// Says that an administrator turned a person's second factor off.
#[must_use]
pub fn second_factor_reset(tenant: &str, email: &str, when: Timestamp) -> Message {
    let subject = "Your second factor was reset";
    notice(tenant, subject, "second factor", email, "was turned off by an administrator", when)
        .says("Signing in takes the password alone from now on, and every session was ended. Turn it on again when you sign in.")
        .says("If you did not ask for this, tell another administrator at once.")
        .written()
}

/// Says, to the old address, that a person gave their account a new one.
#[must_use]
pub fn own_email_changed(tenant: &str, email: &str, when: Timestamp) -> Message {
    notice(tenant, "Your email was changed", "email", email, "was changed", when)
        .says("You sign in with the new address from now on, and mail goes there. Every other session was ended.")
        .says(NOT_YOU)
        .written()
}

/// Says, to the old address, that an administrator gave an account a new one.
#[must_use]
pub fn email_changed(tenant: &str, email: &str, when: Timestamp) -> Message {
    notice(tenant, "Your email was changed", "email", email, "was changed by an administrator", when)
        .says("You sign in with the new address from now on, and mail goes there.")
        .says("If you did not ask for this, tell another administrator at once.")
        .written()
}

/// Says, to the new address, that it is the one of an account.
#[must_use]
pub fn email_is_yours(tenant: &str, email: &str, when: Timestamp) -> Message {
    let (place, address, moment) = (name(tenant), name(email), moment::in_words(when));
    Letter::new(format!("Your account has a new email ({place})"))
        .says(format!("{address} is the email of your account at {place} since {moment}."))
        .says("You sign in with it from now on, with the password that you have, and mail goes here.")
        .says("If you have no account there, tell an administrator: nothing is sent to you otherwise.")
        .written()
}

/// Says that an account was deleted.
#[must_use]
pub fn account_deleted(tenant: &str, email: &str, when: Timestamp) -> Message {
    notice(tenant, "Your account was deleted", "account", email, "was deleted by an administrator", when)
        .says("Nobody signs in with it any more, and what it held is taken away.")
        .says("If you did not expect this, ask an administrator.")
        .written()
}

/// `The {what} of {email} at {tenant} {happened} on {when}.`
fn notice(tenant: &str, subject: &str, what: &str, email: &str, happened: &str, when: Timestamp) -> Letter {
    let (tenant, email, when) = (name(tenant), name(email), moment::in_words(when));
    Letter::new(format!("{subject} ({tenant})"))
        .says(format!("The {what} of {email} at {tenant} {happened} on {when}."))
}

/// A message that is being written.
struct Letter {
    subject: String,
    text: String,
    html: String,
}

impl Letter {
    fn new(subject: String) -> Self {
        Self { subject, text: String::new(), html: String::new() }
    }

    fn says(mut self, paragraph: impl AsRef<str>) -> Self {
        let paragraph = paragraph.as_ref();
        self.text.push_str(&format!("{paragraph}\n\n"));
        self.html.push_str(&format!("<p>{}</p>\n", escaped(paragraph)));
        self
    }

    fn links(mut self, label: &str, link: &str) -> Self {
        self.text.push_str(&format!("{link}\n\n"));
        let (label, link) = (escaped(label), escaped(link));
        self.html.push_str(&format!("<p><a href=\"{link}\">{label}</a></p>\n<p>{link}</p>\n"));
        self
    }

    fn written(self) -> Message {
        const STYLE: &str = "font:14px/20px system-ui,sans-serif;max-width:40em";
        let html = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"></head><body style=\"{STYLE}\">\n{}</body></html>\n",
            self.html
        );
        Message { subject: self.subject, text: format!("{}\n", self.text.trim_end()), html }
    }
}

/// A name as it is repeated: one line, not too long.
fn name(said: &str) -> String {
    let line: String = said.chars().map(|c| if is_unseen(c) { ' ' } else { c }).collect();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = line.chars().take(LONGEST_NAME).collect();
    if cut.is_empty() { PRODUCT.to_owned() } else { cut }
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 5 December 2026, 22:54 UTC.
    const WHEN: Timestamp = Timestamp(1_796_511_240_000);
    const LINK: &str = "https://access.example.com/invitation#token=abc";

    fn all(tenant: &str, person: &str) -> Vec<Message> {
        vec![
            invitation(tenant, Some(person), LINK, WHEN),
            invitation(tenant, None, LINK, WHEN),
            password_reset(tenant, person, LINK, 10),
            first_password(tenant, person, LINK, 10),
            password_set(tenant, person, WHEN),
            password_changed(tenant, person, WHEN),
            second_factor_on(tenant, person, WHEN),
            second_factor_off(tenant, person, WHEN),
            second_factor_replaced(tenant, person, WHEN),
            recovery_codes_renewed(tenant, person, WHEN),
            second_factor_reset(tenant, person, WHEN),
            own_email_changed(tenant, person, WHEN),
            email_changed(tenant, person, WHEN),
            email_is_yours(tenant, person, WHEN),
            account_deleted(tenant, person, WHEN),
        ]
    }

    #[test]
    fn an_invitation_says_who_invites_to_what_and_until_when() {
        let message = invitation("Acme", Some("Ana Ruiz"), LINK, WHEN);
        assert_eq!(message.subject(), "You are invited to Acme");
        assert_eq!(
            message.text(),
            format!(
                "Ana Ruiz invites you to Acme.\n\nSet a password that only you know, and you are in:\n\n{LINK}\n\n\
                 The link works once, until 5 December 2026, 22:54 UTC.\n\n\
                 If you did not expect this, ignore it: nothing happens unless you open the link.\n"
            )
        );
        assert!(message.html().contains(&format!("<a href=\"{LINK}\">Set a password</a>")));
        assert!(invitation("Acme", None, LINK, WHEN).text().starts_with("You are invited to Acme.\n"));
    }

    #[test]
    fn a_notice_says_what_happened_to_which_account_and_what_to_do() {
        let message = second_factor_reset("Acme", "ana@example.com", WHEN);
        assert_eq!(message.subject(), "Your second factor was reset (Acme)");
        assert!(message.text().starts_with(
            "The second factor of ana@example.com at Acme was turned off by an administrator on 5 December 2026, 22:54 UTC.\n"
        ));
        assert!(password_changed("Acme", "ana@example.com", WHEN).text().contains(NOT_YOU));
    }

    #[test]
    fn a_name_cannot_write_html_or_a_header() {
        let evil = "Eve</p><img src=x onerror='a()'>\r\nBcc: all@example.com\u{2028}\u{202e}\"&";
        for message in all(evil, evil) {
            assert!(!message.subject().contains(['\r', '\n', '\u{2028}', '\u{202e}']), "{message:?}");
            assert!(!message.text().contains("\nBcc"), "{message:?}");
            assert!(!message.html().contains("<img") && !message.html().contains("'a()'"), "{message:?}");
            assert!(message.html().contains("Eve&lt;/p&gt;&lt;img src=x onerror=&#39;a()&#39;&gt; Bcc"));
        }
        let long = invitation(&"x".repeat(5000), None, LINK, WHEN);
        assert_eq!(long.subject().len(), "You are invited to ".len() + LONGEST_NAME);
    }

    #[test]
    fn a_tenant_without_a_name_is_called_by_the_product() {
        assert_eq!(invitation(" \t", None, LINK, WHEN).subject(), "You are invited to Rolewright");
    }

    #[test]
    fn no_debug_prints_the_link() {
        let said = format!("{:?}", password_reset("Acme", "ana@example.com", LINK, 10));
        assert!(said.contains("Set a new password") && !said.contains("token"), "{said}");
    }
}
