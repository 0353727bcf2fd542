//! The mail server: a setting of the server, which a command that sends mail needs too.

use clap::Args;
use lettre::message::Mailbox;
use rolewright_wire::secret::Secret;

use super::{Error, value};
use crate::mail::{Mailer, transport};

/// The mail server.
#[derive(Args, Debug)]
pub struct MailServer {
    /// The mail server, as smtps://user:password@host:port or smtp:// with STARTTLS; better said in the
    /// environment, where no list of processes shows it. smtp:// to this machine, or with ?tls=none at
    /// its end, is not encrypted. Without one no mail is sent, and links are shown to who makes them
    #[arg(long, value_name = "URL", env = "ROLEWRIGHT_SMTP_URL", hide_env_values = true)]
    smtp_url: Option<Secret>,
    /// From whom mail is, as "Name <address>"
    #[arg(long, value_name = "MAILBOX", value_parser = value::mailbox, env = "ROLEWRIGHT_MAIL_FROM")]
    mail_from: Option<Mailbox>,
}

impl MailServer {
    /// What sends mail, where there is a mail server.
    ///
    /// # Errors
    /// Where just half of what it takes is said, or the mail server's address is none.
    pub(super) fn mailer(&self) -> Result<Option<Mailer>, Error> {
        match (&self.smtp_url, &self.mail_from) {
            (None, None) => Ok(None),
            (Some(url), Some(from)) => {
                let transport = transport::open(url).map_err(Error::failed)?;
                Ok(Some(Mailer::smtp(from.clone(), transport)))
            }
            _ => Err(Error::usage("mail needs both --smtp-url and --mail-from: say both, or none")),
        }
    }
}
