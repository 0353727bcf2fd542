//! The mail server: where it is, how it is spoken to, and what its refusals mean.
//!
//! Its address carries a password, so no error and no `Debug` repeats the address.

use std::net::IpAddr;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use rolewright_wire::secret::Secret;
use url::{Host, Url};

/// How long the mail server may take for each of its answers.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is wrong with the address of a mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongAddress {
    /// It is no address of a mail server.
    #[error(
        "the mail server's address is not valid: write smtps://user:password@host:port, with %40 for an @ in the user or password"
    )]
    Shape,
    /// A user without a password, or the other way round.
    #[error("the mail server's address needs both a user and a password, or neither")]
    HalfOfCredentials,
    /// What it says of TLS.
    #[error(
        "the mail server's address says `tls` otherwise than `required` or `none`: smtp:// begins TLS unless it ends in ?tls=none, and smtps:// is TLS from the start"
    )]
    Tls,
}

/// How a mail server at that address is spoken to: `smtps://` with TLS from the start, `smtp://` with
/// TLS that both ends begin (STARTTLS) and never without, unless the server is on this machine or the
/// address ends in `?tls=none`. Certificates are those that the system trusts.
///
/// # Errors
/// What is wrong with the address.
pub fn open(address: &Secret) -> Result<AsyncSmtpTransport<Tokio1Executor>, WrongAddress> {
    let address = checked(address.expose())?;
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(address.as_str());
    Ok(builder.map_err(|_| WrongAddress::Shape)?.timeout(Some(PATIENCE)).build())
}

/// The address as lettre reads it: there plain SMTP is what is not asked for, here TLS is.
fn checked(address: &str) -> Result<Url, WrongAddress> {
    let mut url = Url::parse(address).map_err(|_| WrongAddress::Shape)?;
    let host = match url.host() {
        // lettre looks up `[::1]` as a name.
        None | Some(Host::Ipv6(_)) => return Err(WrongAddress::Shape),
        Some(host) => host.to_string(),
    };
    if host.is_empty() {
        return Err(WrongAddress::Shape);
    }
    if url.username().is_empty() != url.password().is_none() {
        return Err(WrongAddress::HalfOfCredentials);
    }
    let said: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let tls = match said.as_slice() {
        [] => None,
        [(name, value)] if name == "tls" => Some(value.as_str()),
        _ => return Err(WrongAddress::Tls),
    };
    let is_plain = match (url.scheme(), tls) {
        ("smtps", None | Some("required")) | ("smtp", Some("required")) => false,
        ("smtp", Some("none")) => true,
        ("smtp", None) => is_loopback(&host),
        ("smtp" | "smtps", _) => return Err(WrongAddress::Tls),
        _ => return Err(WrongAddress::Shape),
    };
    url.set_query((!is_plain).then_some("tls=required"));
    Ok(url)
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|host| host.is_loopback())
}

/// What an error of the mail server means, for a person.
#[must_use]
pub fn why(error: &Error) -> String {
    /// RFC 4954, 6: authentication is required, too weak, or failed.
    const CREDENTIALS: [u16; 3] = [530, 534, 535];
    if error.is_timeout() {
        return too_slow();
    }
    if error.is_tls() {
        return "no secure connection with the mail server: look at its certificate".to_owned();
    }
    match error.status().map(u16::from) {
        Some(code) if CREDENTIALS.contains(&code) => {
            format!("the mail server does not accept this server's user and password ({code})")
        }
        Some(code) if error.is_transient() => format!("the mail server refuses it for now ({code})"),
        Some(code) => format!("the mail server refuses it ({code})"),
        None => unreachable(),
    }
}

/// Whether the mail server is not there, or does not answer.
#[must_use]
pub fn is_away(error: &Error) -> bool {
    error.is_timeout() || !error.is_tls() && error.status().is_none()
}

/// It takes too long.
#[must_use]
pub fn too_slow() -> String {
    "the mail server does not answer in time".to_owned()
}

/// It is not there.
#[must_use]
pub fn unreachable() -> String {
    "the mail server cannot be reached".to_owned()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufStream};
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn mail_is_encrypted_unless_it_stays_here_or_the_address_says_so() {
        for (address, read) in [
            ("smtps://mail.example.com", "smtps://mail.example.com?tls=required"),
            (
                "smtps://ana:p%40ss@mail.example.com:4650",
                "smtps://ana:p%40ss@mail.example.com:4650?tls=required",
            ),
            ("smtp://mail.example.com", "smtp://mail.example.com?tls=required"),
            ("smtp://mail.example.com:25?tls=required", "smtp://mail.example.com:25?tls=required"),
            ("smtp://192.0.2.1:25", "smtp://192.0.2.1:25?tls=required"),
            ("smtp://127.0.0.1.example.com", "smtp://127.0.0.1.example.com?tls=required"),
            ("smtp://mail.example.com:25?tls=none", "smtp://mail.example.com:25"),
            ("smtp://127.0.0.1:1025", "smtp://127.0.0.1:1025"),
            ("smtp://localhost", "smtp://localhost"),
            ("smtp://localhost?tls=required", "smtp://localhost?tls=required"),
        ] {
            assert_eq!(checked(address).map(String::from).as_deref(), Ok(read), "{address}");
            assert!(open(&address.to_owned().into()).is_ok(), "{address}");
        }
    }

    #[test]
    fn what_is_wrong_with_an_address_is_said_without_it() {
        use WrongAddress::{HalfOfCredentials, Shape, Tls};
        for (address, wrong) in [
            ("", Shape),
            ("mail.example.com", Shape),
            ("https://ana:secret@mail.example.com", Shape),
            ("smtp://", Shape),
            ("smtp:mail.example.com", Shape),
            ("smtp://ana:secret@[::1]:25", Shape),
            ("smtp://ana@mail.example.com", HalfOfCredentials),
            ("smtp://:secret@mail.example.com", HalfOfCredentials),
            ("smtp://ana:secret@mail.example.com?tls=opportunistic", Tls),
            ("smtp://ana:secret@mail.example.com?tls=none&tls=required", Tls),
            ("smtps://ana:secret@mail.example.com?tls=none", Tls),
            ("smtp://ana:secret@mail.example.com?starttls=no", Tls),
        ] {
            assert_eq!(checked(address), Err(wrong), "{address}");
            assert!(!wrong.to_string().contains("secret"));
        }
    }

    /// A mail server without TLS; answers with every line that it was sent.
    async fn plain_server(listener: TcpListener) -> String {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufStream::new(stream);
        stream.write_all(b"220 mail.example.com\r\n").await.unwrap();
        stream.flush().await.unwrap();
        let mut said = String::new();
        while stream.read_line(&mut said).await.unwrap_or(0) > 0 {
            stream.write_all(b"250-mail.example.com\r\n250 AUTH PLAIN LOGIN\r\n").await.unwrap();
            stream.flush().await.unwrap();
        }
        said
    }

    #[tokio::test]
    async fn a_mail_server_without_tls_learns_no_password() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("smtp://ana:secret@{}?tls=required", listener.local_addr().unwrap());
        let server = tokio::spawn(plain_server(listener));
        let error = open(&address.into()).unwrap().test_connection().await.unwrap_err();
        assert!(!format!("{error} {error:?} {}", why(&error)).contains("secret"));
        let said = server.await.unwrap();
        assert!(said.starts_with("EHLO ") && !said.contains("AUTH"), "{said}");
    }

    #[tokio::test]
    async fn a_mail_server_that_is_not_there_is_said_to_be_so() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("smtp://{}", listener.local_addr().unwrap());
        drop(listener);
        let error = open(&address.into()).unwrap().test_connection().await.unwrap_err();
        assert_eq!((why(&error), is_away(&error)), (unreachable(), true));
    }
}
