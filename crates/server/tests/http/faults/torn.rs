//! A write-ahead log that ends early or is not as it was written, as a power cut leaves it.

use super::load::{self, Writer};
use super::thorough;
use super::truth::{self, Truth};
use crate::process::{Folder, Server};

/// The log's own header, and that of a frame.
const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// Frames that SQLite writes before it folds them into the file.
const FOLDED: usize = 1000;

#[test]
fn a_torn_log_opens_to_a_prefix_of_the_changes_each_whole() {
    let (folder, copy) = (Folder::new("torn"), Folder::new("torn-copy"));
    load::set_up(&folder.0);
    let before = truth::files(&folder.0).0;
    let mut server = Server::start(&folder.0, &[]);
    let mut writer = Writer::new("w".to_owned());
    writer.write(&mut load::root(&server.address).unwrap(), 40);
    server.child.kill().unwrap();
    server.child.wait().unwrap();

    let (database, log) = truth::files(&folder.0);
    assert_eq!(database, before, "what is folded into the file is in the log no more");
    let page = u32::from_be_bytes(log[8..12].try_into().unwrap());
    let frame = FRAME_HEADER + usize::try_from(page).unwrap();
    let frames = (log.len() - HEADER) / frame;
    assert!((100..FOLDED).contains(&frames), "{frames}");
    let whole = truth::look(&copy.0, (&database, &log));
    for write in &writer.writes {
        assert_eq!(whole.made.get(&write.id), write.acknowledged.as_ref(), "{}", write.id);
    }

    let look = |log: &[u8], what: &str| -> usize {
        let there = truth::look(&copy.0, (&database, log));
        is_prefix(&there, &whole, what);
        there.hashes.len()
    };
    let mut longest = 0;
    let every = if thorough() { 1 } else { frames / 24 };
    for n in (0..=frames).step_by(every) {
        let start = HEADER + n * frame;
        // At the boundary: what came before is there, and never less than after an earlier cut.
        let there = look(&log[..start], &format!("cut before frame {n}"));
        assert!(there >= longest, "frame {n}: {there} after {longest}");
        longest = there;
        if n == frames {
            break;
        }
        // Within: in the frame's header, at its end, and anywhere in the page. The frame does not count.
        let within = [1 + n % FRAME_HEADER, FRAME_HEADER, FRAME_HEADER + 1 + n * 37 % 4000];
        let within = if thorough() { &within[..] } else { &within[n % 3..=n % 3] };
        for more in within {
            let cut = look(&log[..start + more], &format!("cut {more} bytes into frame {n}"));
            assert_eq!(cut, there, "{more} bytes into frame {n}");
            let mut garbled = log.clone();
            garbled[start + more] ^= 0x55;
            let garbled = look(&garbled, &format!("byte {more} of frame {n} is another"));
            assert_eq!(garbled, there, "byte {more} of frame {n}");
            let mut zeroed = log.clone();
            zeroed[start + more..].fill(0);
            look(&zeroed, &format!("zeros from byte {more} of frame {n} on"));
        }
    }
    assert_eq!(look(&log, "all of it"), whole.hashes.len());
    for at in 0..HEADER {
        let mut garbled = log.clone();
        garbled[at] ^= 0x55;
        look(&garbled, &format!("byte {at} of the log's header is another"));
    }
}

#[track_caller]
fn is_prefix(there: &Truth, whole: &Truth, what: &str) {
    let expected = whole.hashes.get(..there.hashes.len());
    assert_eq!(Some(&there.hashes[..]), expected, "{what}");
}
