//! A client over one connection that is kept alive, as apps have it. That the server is gone is an answer too.

use std::io::{BufRead as _, BufReader, Error, ErrorKind, Read as _, Result, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// One connection.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    /// The headers of every request, each with its line's end.
    headers: String,
}

/// What was answered, in full.
pub(crate) struct Reply {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Connection {
    pub(crate) fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { stream: BufReader::new(stream), headers: "sec-fetch-site: same-origin\r\n".to_owned() })
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers += &format!("{name}: {value}\r\n");
        self
    }

    /// Sends a request about the tenant `default` and waits for the whole answer.
    pub(crate) fn send(&mut self, method: &str, path: &str, more: &str, body: &str) -> Result<Reply> {
        let (headers, length) = (&self.headers, body.len());
        let media = if body.is_empty() || more.contains("content-type: ") {
            ""
        } else {
            "content-type: application/json\r\n"
        };
        let text = format!(
            "{method} /api/v1/tenants/default{path} HTTP/1.1\r\nhost: x\r\n{headers}{media}{more}content-length: {length}\r\n\r\n{body}"
        );
        self.stream.get_mut().write_all(text.as_bytes())?;
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head)? == 0 {
                return Err(Error::from(ErrorKind::UnexpectedEof));
            }
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut reply = Reply { status: status.ok_or(ErrorKind::InvalidData)?, head, body: String::new() };
        let mut body = Vec::new();
        if reply.header("transfer-encoding").is_some() {
            loop {
                let mut size = String::new();
                self.stream.read_line(&mut size)?;
                let size = usize::from_str_radix(size.trim(), 16).map_err(|_| ErrorKind::InvalidData)?;
                let mut chunk = vec![0; size + 2];
                self.stream.read_exact(&mut chunk)?;
                body.extend_from_slice(&chunk[..size]);
                if size == 0 {
                    break;
                }
            }
        } else if let Some(length) = reply.header("content-length") {
            body = vec![0; length.parse().map_err(|_| ErrorKind::InvalidData)?];
            self.stream.read_exact(&mut body)?;
        }
        reply.body = String::from_utf8(body).map_err(|_| ErrorKind::InvalidData)?;
        Ok(reply)
    }

    /// Signs in, and asks in that session from now on.
    pub(crate) fn sign_in(mut self, email: &str, password: &str) -> Result<Self> {
        let body = serde_json::json!({ "email": email, "password": password }).to_string();
        let answer = self.send("POST", "/session", "", &body)?;
        let cookie = answer.cookie();
        Ok(self.with("cookie", &cookie))
    }
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (said, value) = line.split_once(": ")?;
            said.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}{}", self.head, self.body))
    }

    /// The cookie of the session that it begins.
    #[track_caller]
    pub(crate) fn cookie(&self) -> String {
        let cookie = self.header("set-cookie").unwrap_or_else(|| panic!("{}{}", self.head, self.body));
        cookie.split(';').next().unwrap().to_owned()
    }
}
