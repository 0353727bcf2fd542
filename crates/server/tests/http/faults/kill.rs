//! A process that is killed while many write, again and again.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::client::Connection;
use super::load::{self, ROOT, Write, Writer};
use super::{thorough, truth};
use crate::process::{Folder, Server, json, run};
use crate::support::PASSWORD;

/// Who writes at one time, each over a connection of their own.
const WRITERS: usize = 4;
/// Cycles on one data directory.
const ROUND: usize = 20;

/// What was sent in a cycle.
#[derive(Default)]
struct Sent {
    writes: Vec<Write>,
    /// Cookies of sessions, and whether the session was begun, or ended, with an answer.
    sessions: Vec<(String, bool)>,
}

#[test]
fn whatever_was_acknowledged_is_there_after_each_kill_and_nothing_is_by_half() {
    let rounds = if thorough() { 10 } else { 1 };
    let (mut acknowledged, mut lost, mut lost_but_made) = (0, 0, 0);
    for round in 0..rounds {
        let (folder, copy) = (Folder::new(&format!("kill-{round}")), Folder::new(&format!("killed-{round}")));
        load::set_up(&folder.0);
        let mut server = Server::start(&folder.0, &[]);
        let mut all: Vec<Write> = Vec::new();
        for cycle in 0..ROUND {
            let sent = kill_under_load(server, round * ROUND + cycle);
            let files = truth::files(&folder.0);
            let there = truth::look(&copy.0, (&files.0, &files.1));
            all.extend(sent.writes);
            are_there(&all, &there);

            // The server itself opens what the kill left.
            server = Server::start(&folder.0, &[]);
            verify(&folder.0);
            let mut root = load::root(&server.address).unwrap();
            for write in all.iter_mut().filter(|write| write.acknowledged.is_none()) {
                let answer = write.send(&mut root, &write.again()).unwrap();
                write.acknowledged = Some(load::revision(&answer));
                let made = there.made.get(&write.id).copied();
                let replayed = answer.header("idempotency-replayed").is_some();
                assert_eq!(replayed, made.is_some(), "{}", write.id);
                assert!(made.is_none_or(|made| write.acknowledged == Some(made)), "{}", write.id);
                lost += 1;
                lost_but_made += usize::from(replayed);
            }
            for (cookie, is_good) in sent.sessions {
                let mut session = Connection::open(&server.address).unwrap().with("cookie", &cookie);
                let status = session.send("GET", "/session", "", "").unwrap().status;
                assert_eq!(status, if is_good { 200 } else { 401 });
            }
        }
        drop(server);
        let files = truth::files(&folder.0);
        are_there(&all, &truth::look(&copy.0, (&files.0, &files.1)));
        acknowledged += all.len();
    }
    println!(
        "{} kills: {acknowledged} writes are there; {lost} answers were lost, {lost_but_made} of them of writes that were made",
        rounds * ROUND
    );
    assert!(acknowledged >= rounds * ROUND * WRITERS && lost >= rounds * ROUND, "{acknowledged} {lost}");
}

/// Many write, and in the midst of it the process is killed.
fn kill_under_load(mut server: Server, cycle: usize) -> Sent {
    let (address, begun) = (server.address.clone(), AtomicUsize::new(0));
    thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|n| {
                let (address, begun) = (&address, &begun);
                scope.spawn(move || {
                    let mut writer = Writer::new(format!("w-{cycle}-{n}"));
                    let mut connection = load::root(address).unwrap();
                    begun.fetch_add(1, Ordering::SeqCst);
                    writer.write(&mut connection, usize::MAX);
                    writer.writes
                })
            })
            .collect();
        let sessions = scope.spawn(|| sessions(&address));
        let waiting = Instant::now();
        while begun.load(Ordering::SeqCst) < WRITERS {
            assert!(waiting.elapsed() < Duration::from_secs(60), "nobody could sign in");
            thread::sleep(Duration::from_millis(1));
        }
        // Another moment each time: 50 to 206 ms after they began.
        let moment = 50 + u64::try_from(cycle * 61 % 157).unwrap();
        thread::sleep(Duration::from_millis(moment));
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        Sent {
            writes: writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect(),
            sessions: sessions.join().unwrap(),
        }
    })
}

/// Signs in, and out of every second session, until the server is gone.
fn sessions(address: &str) -> Vec<(String, bool)> {
    let mut known = Vec::new();
    let mut one = || -> std::io::Result<()> {
        loop {
            let body = serde_json::json!({ "email": ROOT, "password": PASSWORD }).to_string();
            let began = Connection::open(address)?.send("POST", "/session", "", &body)?;
            assert_eq!(began.status, 200, "{}", began.body);
            let cookie = began.cookie();
            if known.len() % 2 == 0 {
                known.push((cookie, true));
                continue;
            }
            // Where the answer is lost, nothing is known of the session.
            let mut session = Connection::open(address)?.with("cookie", &cookie);
            assert_eq!(session.send("DELETE", "/session", "", "")?.status, 204);
            known.push((cookie, false));
        }
    };
    _ = one();
    known
}

/// Every acknowledged write is there at its revision, each write once at most, and nothing that nobody sent.
#[track_caller]
fn are_there(writes: &[Write], there: &truth::Truth) {
    let mut sent = 0;
    for write in writes {
        let made = [there.made.get(&write.id), there.made.get(&write.again())];
        let made: Vec<u64> = made.into_iter().flatten().copied().collect();
        assert!(made.len() <= 1, "{} was made twice", write.id);
        if let Some(revision) = write.acknowledged {
            assert_eq!(made, [revision], "{} was acknowledged", write.id);
        }
        sent += made.len();
    }
    assert_eq!(sent, there.made.len(), "{:?}", there.made.keys());
}

fn verify(data: &Path) {
    let verified = json(&run(&["audit", "verify", "--json"], Some(data), ""));
    assert!(verified["entries"].as_u64().unwrap() > 0);
}
