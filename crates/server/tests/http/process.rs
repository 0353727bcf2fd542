//! The real program: the command line, beside a running server and across restarts.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_rolewright");
const PASSWORD: &str = "a phrase of my own";

/// A directory that is removed with the test.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("rolewright-test-{}-{name}", std::process::id()));
        _ = std::fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: String,
    pub(crate) first: Value,
}

impl Server {
    pub(crate) fn start(data: &Path, more: &[&str]) -> Self {
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--port", "0", "--json", "--data"]).arg(data).args(more);
        Self::run(command.env("ROLEWRIGHT_LOG_LEVEL", "warn"), None)
    }

    /// Runs what becomes a server, and waits until it listens.
    pub(crate) fn run(command: &mut Command, input: Option<&str>) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        if let Some(input) = input {
            child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        }
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = loop {
            let event: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
            if event["event"] == "listening" {
                break event;
            }
        };
        let address = first["address"].as_str().unwrap().to_owned();
        Self { child, address, first }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn request(&self, head: &str, body: &str) -> (u16, String) {
        self.answer(head, body).unwrap()
    }

    /// The answer; none where the connection was closed before there was one, as in the moment when a server begins to
    /// stop.
    pub(crate) fn answer(&self, head: &str, body: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        let length = body.len();
        let text =
            format!("{head}\r\nhost: x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
        stream.write_all(text.as_bytes()).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        Some((answer.split(' ').nth(1)?.parse().unwrap(), answer))
    }

    /// Asks it to end, as a service manager does.
    pub(crate) fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(8), "it did not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

pub(crate) fn run(arguments: &[&str], data: Option<&Path>, input: &str) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(arguments);
    if let Some(data) = data {
        command.arg("--data").arg(data);
    }
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
pub(crate) fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

pub(crate) const CREATE: &[&str] =
    &["user", "create", "--email", "root@example.com", "--superuser", "--password-stdin", "--json"];
pub(crate) const KEY: &[&str] =
    &["key", "create", "--name", "edge", "--permission", "snapshot.policy", "--json"];

#[test]
fn a_script_sets_a_server_up_without_a_browser() {
    let folder = Folder::new("script");
    let made = json(&run(CREATE, Some(&folder.0), PASSWORD));
    assert_eq!(made["role"], "superuser");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&folder.0).unwrap().permissions().mode() & 0o777, 0o700);
    }
    let key = json(&run(KEY, Some(&folder.0), ""));
    let key = key["key"].as_str().unwrap();
    assert!(key.starts_with("rwk_"));
    assert!(!text(&std::fs::read(folder.0.join("rolewright.db")).unwrap()).contains(&key[20..]));

    let server = Server::start(&folder.0, &[]);
    assert_eq!(server.first["setup"], Value::Null, "a superuser exists");
    let sign_in = format!(r#"{{"email":"root@example.com","password":"{PASSWORD}"}}"#);
    let head = "POST /api/v1/tenants/default/session HTTP/1.1\r\ncontent-type: application/json";
    let (status, answer) = server.request(head, &sign_in);
    assert_eq!(status, 200, "{answer}");
    let snapshot = |key: &str| {
        let head = format!(
            "GET /api/v1/tenants/default/snapshot?kind=policy HTTP/1.1\r\nauthorization: Bearer {key}"
        );
        server.request(&head, "").0
    };
    assert_eq!(snapshot(key), 200);
    assert_eq!(snapshot("rwk_0_0"), 401);

    // Beside the running server.
    let another = json(&run(KEY, Some(&folder.0), ""));
    assert_eq!(snapshot(another["key"].as_str().unwrap()), 200);
    let head = "GET /api/v1/tenants/default/changes HTTP/1.1\r\nlast-event-id: 0.4\r\nauthorization: Bearer ";
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.write_all(format!("{head}{key}\r\nhost: x\r\n\r\n").as_bytes()).unwrap();
    let more = ["user", "create", "--email", "ana@example.com", "--password-stdin", "--json"];
    json(&run(&more, Some(&folder.0), PASSWORD));
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut lines = BufReader::new(stream).lines();
    assert!(lines.any(|line| line.unwrap() == "id: 0.5"), "the stream tells the other process's commit");
    let (status, answer) = server.request(
        "POST /api/v1/tenants/default/session HTTP/1.1\r\ncontent-type: application/json",
        &sign_in.replace("root@", "ana@"),
    );
    assert_eq!(status, 200, "{answer}");
    server.stop();

    // Everything is still there.
    let server = Server::start(&folder.0, &[]);
    let head =
        format!("GET /api/v1/tenants/default/snapshot?kind=policy HTTP/1.1\r\nauthorization: Bearer {key}");
    assert_eq!(server.request(&head, "").0, 200);
    let cookie = answer.lines().find(|line| line.starts_with("set-cookie")).unwrap();
    let cookie = cookie.split(": ").nth(1).unwrap().split(';').next().unwrap();
    let head = format!("GET /api/v1/tenants/default/session HTTP/1.1\r\ncookie: {cookie}");
    let (status, answer) = server.request(&head, "");
    assert_eq!(status, 200, "{answer}");
    server.stop();

    let check = |subject: &str| {
        run(&["check", "--subject", subject, "--permission", "reports.run", "--json"], Some(&folder.0), "")
    };
    assert_eq!(json(&check("root@example.com"))["allowed"], true);
    let refused = check("ana@example.com");
    assert_eq!(refused.status.code(), Some(1));
    let refused: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!(refused["reason"], "not_granted");
}

#[test]
fn a_script_imports_people_and_what_they_hold() {
    let folder = Folder::new("tables");
    json(&run(CREATE, Some(&folder.0), PASSWORD));
    let people = "email,status,roles\nana@example.com,active,admin\nbo,,\n";
    for (more, told) in [
        (&["--dry-run"][..], "1 would be changed, 0 unchanged, 1 refused"),
        (&["--reason", "new office"], "1 changed, 0 unchanged, 1 refused"),
        (&[], "0 changed, 1 unchanged, 1 refused"),
    ] {
        let import = run(&[&["user", "import", "-"], more].concat(), Some(&folder.0), people);
        let said = text(&import.stdout);
        assert_eq!((import.status.code(), said.lines().any(|line| line == told)), (Some(1), true), "{said}");
        assert!(said.contains("row 3 (bo): `bo` is not an email address: there is no `@` in it"), "{said}");
    }
    for what in ["user", "assignment"] {
        let table = run(&[what, "export"], Some(&folder.0), "");
        assert!(text(&table.stdout).contains("ana@example.com"));
        let again = run(&[what, "import", "-", "--json"], Some(&folder.0), &text(&table.stdout));
        let last = text(&again.stdout);
        let last: Value = serde_json::from_str(last.lines().last().unwrap()).unwrap();
        assert_eq!((again.status.code(), &last["done"]["changed"]), (Some(0), &json!(0)));
    }
    let wrong = run(&["user", "import", "-"], Some(&folder.0), "mail\n");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stderr).starts_with("error: standard input: line 1: there is no column `mail`"));
}

#[test]
fn a_script_manages_keys_beside_a_running_server() {
    let folder = Folder::new("keys");
    json(&run(CREATE, Some(&folder.0), PASSWORD));
    let server = Server::start(&folder.0, &[]);
    let users = |key: &Value| {
        let key = key["key"].as_str().unwrap();
        server
            .request(
                &format!("GET /api/v1/tenants/default/users HTTP/1.1\r\nauthorization: Bearer {key}"),
                "",
            )
            .0
    };
    let key = |arguments: &[&str]| run(&[&["key"], arguments].concat(), Some(&folder.0), "");
    let create = ["create", "--name", "sync", "--permission", "users.view", "--expires", "90d", "--json"];
    let made = json(&key(&create));
    let id = made["id"].as_str().unwrap();
    assert_eq!((&made["tenant"], &made["made_by"]), (&json!("default"), &json!("operator")));
    assert_eq!(
        made["expires"].as_i64().unwrap() - made["created"].as_i64().unwrap(),
        90 * 24 * 60 * 60 * 1000
    );
    assert_eq!(users(&made), 200);

    let listed = json(&key(&["list", "--json"]));
    assert_eq!((&listed["keys"][0]["id"], &listed["keys"][0]["scope"]), (&made["id"], &json!("/")));
    assert!(listed["keys"][0].get("key").is_none() && listed["keys"][0].get("hash").is_none());
    let plain = key(&["list"]);
    let line = text(&plain.stdout);
    assert!(
        line.starts_with(&format!("{id}  sync  users.view at /, ")) && line.contains(", ends 2"),
        "{line}"
    );

    let edited = json(&key(&["edit", id, "--name", "syncing", "--expires", "never", "--json"]));
    let edited = &edited["key"];
    assert_eq!((&edited["name"], edited.get("expires"), edited.get("key")), (&json!("syncing"), None, None));
    assert_eq!((&edited["permissions"], users(&made)), (&json!(["users.view"]), 200));
    let tried = json(&key(&["edit", id, "--permission", "roles.view", "--dry-run", "--json"]));
    assert_eq!((&tried["key"]["permissions"], users(&made)), (&json!(["roles.view"]), 200));
    let rotated = json(&key(&["rotate", id, "--grace", "1h", "--json"]));
    assert_eq!((users(&made), users(&rotated)), (200, 200));
    let again = key(&["rotate", id]);
    let again = json!({ "key": text(&again.stdout).trim() });
    // What another process does with a key holds within a moment.
    let ends = |key: &Value| {
        let begun = Instant::now();
        while users(key) != 401 {
            assert!(begun.elapsed() < Duration::from_secs(8), "the key is still good");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    assert_eq!(users(&again), 200);
    ends(&made);
    ends(&rotated);
    assert_eq!(json(&key(&["revoke", id, "--json"]))["id"], made["id"]);
    ends(&again);
    assert_eq!(json(&key(&["list", "--json"]))["keys"], json!([]));

    for (arguments, exit, says) in [
        (&["revoke", id][..], 1, "there is no such key here"),
        (&["rotate", id], 1, "there is no such key here"),
        (&["edit", id, "--name", "x"], 1, "there is no such key here"),
        (&["edit", id], 2, "one of `--name <NAME>`, "),
        (&["edit", id, "--expires", "soon"], 2, "or never"),
        (&["rotate", id, "--grace", "8d"], 2, "7d at most"),
        (&["rotate", id, "--grace", "long"], 2, "it is no duration"),
        (
            &["create", "--name", "x", "--permission", "users.view", "--scope", "no/where"],
            1,
            "`no/where` is not a place",
        ),
        (
            &["create", "--name", "x", "--permission", "users.view", "--expires", "soon"],
            2,
            "`--expires` cannot be `soon`: it is no time",
        ),
        (
            &["create", "--name", "x", "--permission", "users.view", "--expires", "2020-01-01T00:00:00Z"],
            1,
            "has passed",
        ),
        (&["revoke"], 2, "<ID>"),
    ] {
        let output = key(arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(exit), "{arguments:?}: {said}");
        assert!(said.contains(says), "{arguments:?}: {said}");
        let output = key(&[arguments, &["--json"]].concat());
        let error: Value = serde_json::from_slice(&output.stderr).unwrap();
        assert!(error["error"]["message"].as_str().unwrap().contains(says), "{error}");
        let path = says.contains("place").then_some("$.scope");
        assert!(path.is_none_or(|path| error["error"]["path"] == path), "{error}");
    }
}

#[test]
fn the_operator_makes_a_link_that_sets_a_password_beside_a_running_server() {
    let folder = Folder::new("reset");
    let made = run(CREATE, Some(&folder.0), &format!("{PASSWORD}\n"));
    json(&made);
    let server = Server::start(&folder.0, &[]);
    let reset = &["user", "reset-password", "root@example.com", "--public-url", &server.url(), "--json"];
    let told = json(&run(reset, Some(&folder.0), ""));
    let link = told["link"].as_str().unwrap();
    assert!(link.starts_with(&format!("{}/password-reset#token=", server.url())), "{link}");
    let token = link.split_once("#token=").unwrap().1;
    let body = json!({ "token": token, "password": "another phrase of mine" }).to_string();
    let head =
        "POST /api/v1/tenants/default/password-resets/accept HTTP/1.1\r\ncontent-type: application/json";
    assert_eq!(server.request(head, &body).0, 204);
    assert_eq!(server.request(head, &body).0, 410);
    // The server's own settings say where people reach it; where nothing does, the link is a guess and says so.
    let file = folder.0.join("rolewright.toml");
    std::fs::write(&file, "public-url = \"https://access.example.com\"\nlog = \"json\"\n").unwrap();
    let reset = |more: &[&str]| {
        run(&[&["user", "reset-password", "root@example.com", "--json"], more].concat(), Some(&folder.0), "")
    };
    for (more, url, is_guess) in [
        (&["--config", file.to_str().unwrap()][..], "https://access.example.com", false),
        (&["--port", "8080"], "http://127.0.0.1:8080", true),
    ] {
        let output = reset(more);
        let link = json(&output)["link"].as_str().unwrap().to_owned();
        assert!(link.starts_with(&format!("{url}/password-reset#token=")), "{link}");
        assert_eq!(text(&output.stderr).contains("is a guess"), is_guess, "{}", text(&output.stderr));
    }
    let nobody = run(&["user", "reset-password", "nobody@example.com", "--json"], Some(&folder.0), "");
    assert_eq!(nobody.status.code(), Some(1));
    assert!(text(&nobody.stderr).contains("nobody@example.com"));
}

#[test]
fn the_mail_servers_password_is_not_repeated() {
    let folder = Folder::new("mail");
    let serve = |url: &str, more: &[&str]| {
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--port", "0", "--data"]).arg(&folder.0).args(more);
        command.env("ROLEWRIGHT_SMTP_URL", url).stdin(Stdio::null()).output().unwrap()
    };
    let from = ["--mail-from", "Rolewright <access@example.com>"];
    for output in [
        serve("smtp://ana:hunter2@mail.example.com", &["--help"]),
        serve("smtp://ana:hunter2@mail.example.com", &[]),
        serve("smtp://ana:hunter2@mail.example.com?tls=never", &from),
        serve("ana:hunter2@mail.example.com", &from),
        serve("smtp://ana:hunter2@mail.example.com", &["--mail-from", "nobody"]),
    ] {
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(!said.is_empty() && !said.contains("hunter2"), "{said}");
    }
}

#[test]
fn the_mail_server_is_a_setting_of_the_file_too() {
    let folder = Folder::new("mail-file");
    std::fs::create_dir_all(&folder.0).unwrap();
    let file = folder.0.join("rolewright.toml");
    let check = |lines: &str| {
        std::fs::write(&file, lines).unwrap();
        Command::new(PROGRAM).args(["config", "--check"]).arg(&file).output().unwrap()
    };
    let url = "smtp-url = \"smtp://127.0.0.1:25\"\n";
    let both = check(&format!("{url}mail-from = \"Rolewright <access@example.com>\"\n"));
    assert!(both.status.success(), "{}", text(&both.stderr));
    // What the server would not start with is no good file.
    let half = check(url);
    assert_eq!(half.status.code(), Some(2));
    let said = text(&half.stderr);
    let wanted = format!("{}: mail needs both --smtp-url and --mail-from", file.display());
    assert!(said.contains(&wanted), "{said}");
    let mut serve = Command::new(PROGRAM);
    serve.args(["serve", "--port", "0", "--data"]).arg(&folder.0).arg("--config").arg(&file);
    let one = serve.stdin(Stdio::null()).output().unwrap();
    assert_eq!(one.status.code(), Some(2));
    assert!(
        text(&one.stderr).contains("mail needs both --smtp-url and --mail-from"),
        "{}",
        text(&one.stderr)
    );
}

#[test]
fn the_link_is_new_at_each_start_until_it_is_used() {
    let folder = Folder::new("link");
    let first = Server::start(&folder.0, &["--template", "email-marketing", "--demo"]);
    let link = first.first["setup"].as_str().unwrap().to_owned();
    assert!(link.starts_with(&format!("http://{}/setup#token=", first.address)), "{link}");
    let head = "GET /api/v1/tenants/default/setup HTTP/1.1";
    assert!(first.request(head, "").1.contains(r#""open":true"#));
    first.stop();
    let second = Server::start(&folder.0, &["--public-url", "https://access.example.com/"]);
    let again = second.first["setup"].as_str().unwrap();
    assert!(again.starts_with("https://access.example.com/setup#token="), "{again}");
    let token = |link: &str| link.split_once('=').unwrap().1.to_owned();
    assert_ne!(token(&link), token(again));
    let setup = |token: &str| {
        let body = format!(r#"{{"token":"{token}","email":"root@example.com","password":"{PASSWORD}"}}"#);
        let head = "POST /api/v1/tenants/default/setup HTTP/1.1\r\ncontent-type: application/json";
        second.request(head, &body).0
    };
    assert_eq!((setup(&token(&link)), setup(&token(again)), setup(&token(again))), (410, 200, 410));
}

#[test]
fn the_command_line_says_what_is_wrong_and_what_to_do() {
    let folder = Folder::new("cli");
    for (arguments, data, input, code, says) in [
        (&["check", "--subject", "x", "--permission", "y"][..], true, "", 2, "there is no database in"),
        (CREATE, true, "short", 1, "a password has 12 characters at least"),
        (
            &["key", "create", "--name", "x", "--permission", "users.view"],
            true,
            "",
            2,
            "there is no database in",
        ),
        (&["serve", "--template", "none"], false, "", 2, "there is no template `none`; choose one of mailer"),
        (&["validate", "/nowhere.json"], false, "", 2, "cannot read `/nowhere.json`"),
        (&["test", "/nowhere.json"], false, "", 2, "cannot read `/nowhere.json`"),
        (&["key", "create", "--name", "x"], true, "", 2, "--permission"),
        (&["bogus"], false, "", 2, "bogus"),
    ] {
        let mut arguments = arguments.to_vec();
        let fresh = folder.0.join("fresh");
        let fresh = fresh.to_string_lossy();
        if arguments.first() == Some(&"serve") {
            arguments.extend(["--port", "0", "--data", &fresh]);
        }
        let output = run(&arguments, data.then_some(&*folder.0), input);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(says), "{arguments:?}: {}", text(&output.stderr));
    }
}

#[test]
fn tenants_are_made_and_listed_and_each_log_is_verified_and_exported() {
    let folder = Folder::new("tenants");
    let run = |arguments: &[&str]| run(arguments, Some(&folder.0), "");
    assert_eq!(
        json(&run(&["tenant", "create", "acme", "--template", "email-marketing", "--json"]))["id"],
        "acme"
    );
    let made =
        text(&run(&["tenant", "create", "other", "--public-url", "https://access.example.com"]).stdout);
    let link = "https://access.example.com/tenants/other/setup#token=";
    assert!(made.contains("--tenant other") && made.contains(link), "{made}");
    for (id, says) in [("acme", "there is a tenant `acme` already"), ("No", "`No` is no id of a tenant")] {
        let refused = run(&["tenant", "create", id]);
        assert_ne!(refused.status.code(), Some(0));
        assert!(text(&refused.stderr).contains(says), "{}", text(&refused.stderr));
    }
    for name in ["Pay\r\nroll", "\u{1b}[31mPayroll", &"x".repeat(121)] {
        let refused = run(&["tenant", "create", "payroll", "--name", name]);
        assert_eq!(refused.status.code(), Some(1), "{}", text(&refused.stderr));
    }
    let listed = json(&run(&["tenant", "list", "--json"]));
    let ids: Vec<&str> =
        listed["tenants"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["acme", "other"]);
    let verified = json(&run(&["audit", "verify", "--tenant", "acme", "--json"]));
    assert_eq!((&verified["tenant"], &verified["entries"]), (&Value::from("acme"), &Value::from(1)));
    assert!(
        text(&run(&["audit", "verify", "--tenant", "acme"]).stdout)
            .contains("is as it was written: 1 entry,")
    );
    let exported = text(&run(&["audit", "export", "--tenant", "acme"]).stdout);
    let lines: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]["hash"]), (2, &verified["head"]["log_hash"]));
    assert_eq!(run(&["audit", "verify", "--tenant", "none"]).status.code(), Some(2));

    // Whoever can write the file can rewrite what it says; it shows.
    let database = folder.0.join("rolewright.db");
    let mut bytes = std::fs::read(&database).unwrap();
    let name = b"Campaign Manager";
    let at = bytes.windows(name.len()).position(|window| window == name).unwrap();
    bytes[at..at + name.len()].copy_from_slice(b"Campaign manager");
    std::fs::write(&database, bytes).unwrap();
    let broken = run(&["audit", "verify", "--tenant", "acme"]);
    assert_eq!(broken.status.code(), Some(1));
    let said = text(&broken.stderr);
    assert!(said.contains("tenant `acme`") && said.contains("revision `1`"), "{said}");
}

#[test]
fn a_key_that_was_edited_in_the_database_is_named() {
    let folder = Folder::new("edited");
    let run = |arguments: &[&str]| run(arguments, Some(&folder.0), "");
    for tenant in ["acme", "other"] {
        run(&["tenant", "create", tenant]);
    }
    let create =
        ["key", "create", "--name", "zebra", "--permission", "users.view", "--tenant", "acme", "--json"];
    let made = json(&run(&create));
    let all = run(&["audit", "verify"]);
    assert_eq!((all.status.code(), text(&all.stdout).lines().count()), (Some(0), 2));

    let database = folder.0.join("rolewright.db");
    let mut bytes = std::fs::read(&database).unwrap();
    let said = br#""made_by":"operator","name":"zebra""#;
    let at = bytes.windows(said.len()).position(|window| window == said).unwrap();
    bytes[at + said.len() - 2] = b'o';
    std::fs::write(&database, bytes).unwrap();
    assert_eq!(json(&run(&["key", "list", "--tenant", "acme", "--json"]))["keys"][0]["name"], "zebro");
    for arguments in [&["audit", "verify"][..], &["audit", "verify", "--tenant", "acme"]] {
        let found = run(arguments);
        assert_eq!(found.status.code(), Some(1), "{arguments:?}");
        let says = format!("the key `{}` is not as revision 2 wrote it", made["id"].as_str().unwrap());
        assert!(text(&found.stderr).contains(&says), "{}", text(&found.stderr));
    }
    // The others are looked at all the same.
    assert!(text(&run(&["audit", "verify"]).stdout).contains("tenant `other` is as it was written"));
    assert_eq!(run(&["audit", "verify", "--tenant", "other"]).status.code(), Some(0));
}

#[test]
fn with_json_what_goes_wrong_is_json_too() {
    let folder = Folder::new("json");
    for (arguments, input, exit, code, path) in [
        (&["check", "--subject", "x", "--permission", "y", "--json"][..], "", 2, "failed", None),
        (CREATE, "short", 1, "invalid", Some("$.password")),
        (CREATE, PASSWORD, 0, "", None),
        (&["key", "create", "--name", " ", "--permission", "x", "--json"], "", 1, "refused", None),
        (&["key", "create", "--name", "x", "--permission", "no.such", "--json"], "", 1, "refused", None),
        (&["key", "create", "--name", "x", "--json"], "", 2, "usage", None),
        (
            &["user", "create", "--email", "a@b", "--password-stdin", "--tenant", "zzz", "--json"],
            PASSWORD,
            2,
            "failed",
            None,
        ),
        (
            &["user", "create", "--email", "a@b", "--password-stdin", "--role", "zzz", "--json"],
            PASSWORD,
            1,
            "",
            None,
        ),
        (&["validate", "/nowhere.json", "--json"], "", 2, "failed", None),
    ] {
        let data = (arguments.first() != Some(&"validate")).then_some(&*folder.0);
        let output = run(arguments, data, input);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(exit), "{arguments:?}: {said}");
        if exit == 0 {
            continue;
        }
        let error: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{arguments:?}: {said}"));
        let error = &error["error"];
        assert!(code.is_empty() || error["code"] == code, "{arguments:?}: {said}");
        assert!(
            !error["message"].as_str().unwrap().is_empty() && !said.contains("list the tenants"),
            "{said}"
        );
        assert!(path.is_none() || error["path"] == path.unwrap_or_default(), "{said}");
    }
}

#[test]
fn a_template_is_for_a_new_data_directory() {
    let folder = Folder::new("template");
    json(&run(CREATE, Some(&folder.0), PASSWORD));
    let words = ["user", "create", "--email", "b@example.com", "--password-stdin", "--superuser"];
    let output = run(&[&words[..], &["--template", "mailer"]].concat(), Some(&folder.0), PASSWORD);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = text(&output.stderr);
    assert!(said.contains("note: --template is for a new data directory"), "{said}");
    let ask = ["check", "--subject", "root@example.com", "--permission", "reports.run", "--asked", "blah"];
    let output = run(&ask, Some(&folder.0), "");
    assert_eq!(output.status.code(), Some(1));
    let said = "not allowed: there is no level `blah` on this permission's scale";
    assert_eq!(text(&output.stdout).trim(), said);
}

#[test]
fn test_asks_the_tests_of_a_policy() {
    let template = include_str!("../../templates/mailer.json");
    let good = run(&["test", "-", "--json"], None, template);
    assert_eq!(good.status.code(), Some(0));
    assert_eq!(json(&good)["failed"], 0);
    let told = run(&["test", "-"], None, template);
    assert!(text(&told.stdout).contains("6 tests pass"), "{}", text(&told.stdout));
    let broken = template.replace("\"roles.view\": \"allowed\",", "\"roles.manage\": \"allowed\",");
    let told = run(&["test", "-"], None, &broken);
    assert_eq!(told.status.code(), Some(1));
    let said = text(&told.stdout);
    assert!(said.contains("An Admin edits no roles: expected not allowed, answered allowed"), "{said}");
    assert!(text(&told.stderr).contains("2 of 6 tests of standard input fail"), "{}", text(&told.stderr));
    let not_valid = template.replace("\"format\": 1", "\"format\": 9");
    // A policy has no users: tests about them are for the tenant that it is kept in.
    let about = json!([
        { "name": "Ana may", "permission": "reports.view", "who": { "user": "ana" }, "expect": "allow" },
        { "name": "Two may", "permission": "reports.view", "expect": { "users": ["ana", "bob"] } },
    ]);
    let mut with_users: Value = serde_json::from_str(template).unwrap();
    with_users["tests"].as_array_mut().unwrap().extend(about.as_array().unwrap().clone());
    let with_users = with_users.to_string();
    let told = run(&["test", "-"], None, &with_users);
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stdout));
    assert!(text(&told.stdout).contains("2 tests are about users"), "{}", text(&told.stdout));
    assert_eq!(
        json(&run(&["test", "-", "--json"], None, &with_users))["skipped"],
        json!(["Ana may", "Two may"])
    );
    for (policy, pointer, expected) in
        [(broken, "/failed", Value::from(2)), (not_valid, "/errors/0/path", Value::from("$.format"))]
    {
        let told = run(&["test", "-", "--json"], None, &policy);
        assert_eq!(told.status.code(), Some(1));
        let answer: Value = serde_json::from_slice(&told.stdout).unwrap();
        assert_eq!(answer.pointer(pointer), Some(&expected));
    }
}

#[test]
fn validate_shows_every_error_with_its_path() {
    let good = run(&["validate", "-", "--json"], None, include_str!("../../templates/mailer.json"));
    assert_eq!(json(&good)["valid"], true);
    let text_of = include_str!("../../templates/mailer.json").replace("\"format\": 1", "\"format\": 9");
    let bad = run(&["validate", "-", "--json"], None, &text_of);
    assert_eq!(bad.status.code(), Some(1));
    let answer: Value = serde_json::from_slice(&bad.stdout).unwrap();
    assert_eq!(
        (&answer["valid"], &answer["errors"][0]["path"]),
        (&Value::Bool(false), &Value::from("$.format"))
    );
    let plain = run(&["validate", "-"], None, "{");
    assert_eq!(plain.status.code(), Some(1));
    assert!(text(&plain.stdout).contains("$: not valid JSON"), "{}", text(&plain.stdout));
}

#[test]
fn a_catalogue_is_written_as_types_and_a_file_that_drifted_is_told() {
    let policy = include_str!("../../templates/enterprise-manager.json");
    let types = run(&["codegen", "--lang", "ts", "--policy", "-"], None, policy);
    let types = text(&types.stdout);
    assert!(types.contains(r#"readonly "servers.view": "no" | "read_only" | "yes";"#), "{types}");
    assert!(types.contains(r#"readonly "task": `servers/${string}/tasks/${string}`"#), "{types}");
    assert!(types.contains(r#"readonly "users.view": "none" | "allowed";"#), "the console's own too");

    let folder = Folder::new("codegen");
    std::fs::create_dir_all(&folder.0).unwrap();
    let file = folder.0.join("rolewright.d.ts");
    let check = |written: &str| {
        std::fs::write(&file, written).unwrap();
        let file = file.to_str().unwrap();
        run(&["codegen", "--lang", "ts", "--policy", "-", "--check", file, "--json"], None, policy)
    };
    assert_eq!(json(&check(&types))["current"], true);
    let drifted = check(&types.replace("servers.manage", "servers.mange"));
    assert_eq!(drifted.status.code(), Some(1));
    let answer: Value = serde_json::from_slice(&drifted.stdout).unwrap();
    assert_eq!(answer["gone"][0], r#"readonly "servers.mange": "none" | "allowed";"#);
    assert_eq!(answer["missing"][0], r#"readonly "servers.manage": "none" | "allowed";"#);
    let bad = run(&["codegen", "--lang", "ts", "--policy", "-"], None, "{}");
    assert_eq!(bad.status.code(), Some(1));
}

#[test]
fn a_port_in_use_is_named() {
    let folder = Folder::new("port");
    let server = Server::start(&folder.0, &[]);
    let port = server.address.rsplit(':').next().unwrap();
    let other = Folder::new("port2");
    let output = run(&["serve", "--port", port], Some(&other.0), "");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("another program listens there"), "{}", text(&output.stderr));
    assert!(!other.0.exists(), "nothing is made");
    let free = ["serve", "--port", "0", "--metrics", &server.address];
    assert_eq!(run(&free, Some(&other.0), "").status.code(), Some(2));
    assert!(!other.0.exists(), "nothing is made");
}

#[test]
fn a_table_at_the_command_line_invites_as_one_over_http() {
    let folder = Folder::new("invites");
    json(&run(CREATE, Some(&folder.0), PASSWORD));
    let table = "email,status\nana@example.com,\nbo@example.com,active\nnobody,\n";
    let import = |more: &[&str]| run(&[&["user", "import", "-"], more].concat(), Some(&folder.0), table);
    let rows = |output: &Output| -> Vec<Value> {
        let lines = text(&output.stdout);
        let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter_map(|line| line.get("row").cloned()).collect()
    };
    assert_eq!(import(&["--again"]).status.code(), Some(2));
    let url = ["--invite", "--public-url", "https://access.example.com", "--json"];
    let would = rows(&import(&[&url[..], &["--dry-run"]].concat()));
    assert_eq!((&would[0]["result"], &would[0]["invited"]), (&json!("changed"), &Value::Null));
    let made = import(&url);
    let rows_made = rows(&made);
    let invited = &rows_made[0]["invited"];
    assert_eq!(invited["delivery"], "shown", "{}", text(&made.stderr));
    assert!(invited["link"].as_str().unwrap().starts_with("https://access.example.com/invitation#token="));
    assert!(rows_made[1].get("invited").is_none() && rows_made[2]["result"] == "refused", "{rows_made:?}");
    assert!(!text(&made.stderr).contains("is a guess"));

    // A link of a moment ago stays, unless it is said otherwise; and where people reach the server is guessed.
    let again = rows(&import(&url));
    assert!(again[0]["remarks"][0].as_str().unwrap().contains("last 10 minutes"), "{again:?}");
    let told = import(&["--invite", "--again"]);
    let said = text(&told.stdout);
    assert!(
        said.contains("row 2 (ana@example.com): give them this link, which works once: http://"),
        "{said}"
    );
    assert!(text(&told.stderr).contains("is a guess"), "{}", text(&told.stderr));
    let listed = text(&run(&["audit", "list", "--action", "send_invitation"], Some(&folder.0), "").stdout);
    assert_eq!(listed.lines().filter(|line| line.contains("operator")).count(), 2, "{listed}");
}

#[test]
fn a_password_counts_with_its_spaces_at_the_command_line_too() {
    let folder = Folder::new("spaces");
    let spaced = "  a phrase  of my own ";
    json(&run(CREATE, Some(&folder.0), &format!("{spaced}\r\nsomething else\n")));
    let server = Server::start(&folder.0, &[]);
    let sign_in = |password: &str| {
        let body = json!({ "email": "root@example.com", "password": password }).to_string();
        let head = "POST /api/v1/tenants/default/session HTTP/1.1\r\ncontent-type: application/json\r\nsec-fetch-site: same-origin";
        server.request(head, &body).0
    };
    for other in [spaced.trim(), "a phrase of my own", "  a phrase  of my own"] {
        assert_eq!(sign_in(other), 401, "{other:?}");
    }
    assert_eq!(sign_in(spaced), 200);
    server.stop();
}
