//! A disk that is full: writes say so, reads go on, nothing is there by half, and with room again all is as before.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::client::{Connection, Reply};
use super::{load, truth};
use crate::process::{Folder, PROGRAM, Server};
use crate::support::PASSWORD;

/// The size of the disk.
const DISK: &str = "size=6m";

/// A server whose data is on a disk of its own, in a mount namespace of its own: the disk goes with it.
struct OnSmallDisk {
    server: Server,
    /// The data directory, seen from outside.
    data: PathBuf,
    /// The data directory, seen from inside.
    inside: PathBuf,
}

/// Whether a disk can be mounted here: it takes root.
fn can_mount(at: &Path) -> bool {
    let mount = format!("mount -t tmpfs -o {DISK} tmpfs '{}'", at.display());
    let tried = Command::new("unshare").args(["-m", "sh", "-c", &mount]).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

impl OnSmallDisk {
    fn start(at: &Path) -> Self {
        let inside = at.join("data");
        let (disk, data) = (at.display(), inside.display());
        let script = format!(
            "mount -t tmpfs -o {DISK} tmpfs '{disk}' && '{PROGRAM}' user create --email {} --superuser \
             --password-stdin --data '{data}' >&2 && exec '{PROGRAM}' serve --port 0 --json --data '{data}'",
            load::ROOT
        );
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", &script]).stdin(Stdio::piped()).env("ROLEWRIGHT_LOG_LEVEL", "off");
        let server = Server::run(&mut command, Some(PASSWORD));
        let root = PathBuf::from(format!("/proc/{}/root", server.child.id()));
        let data = root.join(inside.strip_prefix("/").unwrap());
        Self { server, data, inside }
    }

    /// Fills the disk but for so many bytes.
    fn fill(&self, left: usize) {
        let ballast = self.data.join("ballast");
        let mut file = File::create(&ballast).unwrap();
        while file.write(&[7; 4096]).is_ok_and(|written| written > 0) {}
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(u64::try_from(left).unwrap())).unwrap();
    }

    fn empty(&self) {
        std::fs::remove_file(self.data.join("ballast")).unwrap();
    }

    fn verify(&self) -> Value {
        let id = self.server.child.id().to_string();
        let mut command = Command::new("nsenter");
        command.args(["-t", &id, "-m", PROGRAM, "audit", "verify", "--json", "--data"]).arg(&self.inside);
        crate::process::json(&command.output().unwrap())
    }
}

/// A problem that says that the disk is full.
#[track_caller]
fn is_full(answer: &Reply) {
    assert_eq!(answer.status, 507, "{}", answer.body);
    let problem = answer.json();
    assert_eq!(problem["type"], "urn:rolewright:problem:storage_full");
    assert!(problem["detail"].as_str().unwrap().contains("disk is full"), "{problem}");
}

#[test]
fn on_a_full_disk_writes_are_refused_in_words_reads_go_on_and_nothing_is_by_half() {
    let (folder, copy) = (Folder::new("full"), Folder::new("full-copy"));
    std::fs::create_dir_all(&folder.0).unwrap();
    if !can_mount(&folder.0) {
        assert!(std::env::var_os("CI").is_none(), "no disk can be mounted here: run the tests as root");
        eprintln!("SKIPPED: no disk can be mounted here, so none was filled: run the tests as root");
        return;
    }
    let disk = OnSmallDisk::start(&folder.0);
    let mut root = load::root(&disk.server.address).unwrap();
    let mut leaving = load::root(&disk.server.address).unwrap();
    let mut refused = 0;
    for (round, left) in [0, 4 << 10, 40 << 10, 160 << 10, 400 << 10].into_iter().enumerate() {
        let group = |name: &str| json!({ "name": format!("{name} {round}") }).to_string();
        let before = root.send("POST", "/groups", "", &group("before")).unwrap();
        let mut at = load::revision(&before);
        disk.fill(left);

        // Large ones and small ones: the disk ends at another place of the transaction.
        let of_many = |n: usize| {
            let add = |k: usize| {
                let (id, name) =
                    (format!("g_{round}_{n}_{k}"), format!("{round} {n} {k} {}", "x".repeat(80)));
                json!({ "change": "create_group", "group": { "id": id, "name": name } })
            };
            json!({ "changes": (0..60).map(add).collect::<Vec<_>>() }).to_string()
        };
        let mut full = 0;
        for n in 0..40 {
            let (path, body) =
                if n % 2 == 0 { ("/batch", of_many(n)) } else { ("/groups", group(&format!("full {n}"))) };
            let answer = root.send("POST", path, "", &body).unwrap();
            match answer.status {
                // There was room for it.
                200 | 201 => at = load::revision(&answer),
                _ => {
                    is_full(&answer);
                    full += 1;
                }
            }
            let read = root.send("GET", "/groups?limit=1", "", "").unwrap();
            assert_eq!(read.status, 200, "{}", read.body);
            if full == 6 {
                break;
            }
        }
        assert!(full > 0, "{left} bytes were enough");
        refused += full;
        if left == 0 {
            let sign_in = json!({ "email": load::ROOT, "password": PASSWORD }).to_string();
            let mut other = Connection::open(&disk.server.address).unwrap();
            is_full(&other.send("POST", "/session", "", &sign_in).unwrap());
            // Who signs out is told that the session is not ended here, and has no cookie any more.
            let out = leaving.send("DELETE", "/session", "", "").unwrap();
            assert_eq!(out.status, 503, "{}", out.body);
            assert_eq!(out.json()["type"], "urn:rolewright:problem:unavailable");
            assert!(out.header("set-cookie").unwrap().starts_with("__Host-rolewright=;"));
        }
        for path in ["/session", "/users", "/roles", "/policy", "/audit", "/snapshot?kind=subject"] {
            let read = root.send("GET", path, "", "").unwrap();
            assert_eq!(read.status, 200, "{path}: {}", read.body);
        }
        assert_eq!(disk.verify()["head"]["at"]["revision"], at);

        disk.empty();
        let after = root.send("POST", "/groups", "", &group("after")).unwrap();
        assert_eq!(load::revision(&after), at + 1);
        assert_eq!(disk.verify()["head"]["at"]["revision"], at + 1);
    }
    println!("{refused} writes were refused");
    let (database, log) = truth::files(&disk.data);
    truth::look(&copy.0, (&database, &log));
}
