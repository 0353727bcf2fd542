//! How things are measured: warmed up, in rounds, by the median of the time that the processor worked for this thread, so
//! that what else the machine does counts little; and counted memory.

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use mimalloc::MiMalloc;
use rustix::time::{ClockId, clock_gettime};

/// Prints one figure as a line of JSON; `cargo xtask bench` sets it beside its bar.
pub fn figure(name: &str, value: f64, unit: &str) {
    println!("{}", serde_json::json!({ "name": name, "value": value, "unit": unit }));
}

/// The median over rounds of nanoseconds a question. Every answer must be `right`. A round is of `each` questions, short
/// enough that the machine seldom does something else meanwhile; after all questions come the first ones again.
pub fn nanoseconds<Q>(
    questions: &[Q],
    each: usize,
    right: impl Fn(&Q) -> bool,
    ask: impl Fn(&Q) -> bool,
) -> f64 {
    let wrong = questions.iter().filter(|question| ask(question) != right(question)).count();
    assert_eq!(wrong, 0, "of {} answers so many are wrong", questions.len());
    let rounds: Vec<&[Q]> = questions.chunks(each).collect();
    let mut turns = rounds.iter().cycle();
    median((2 * rounds.len()).max(20), || {
        let round = turns.next().copied().unwrap_or_default();
        let allowed = round.iter().filter(|question| right(question)).count();
        let start = worked();
        let count = round.iter().filter(|question| ask(question)).count();
        let time = worked() - start;
        assert_eq!(count, allowed);
        time.as_secs_f64() * 1e9 / round.len() as f64
    })
}

/// The median over rounds of the milliseconds that `work` takes; what it answers is dropped outside the measured time.
pub fn milliseconds<T>(rounds: usize, mut work: impl FnMut() -> T) -> f64 {
    median(rounds, || {
        let start = worked();
        let result = work();
        let time = worked() - start;
        drop(std::hint::black_box(result));
        time.as_secs_f64() * 1e3
    })
}

/// For how long the processor has worked for this thread.
fn worked() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn median(rounds: usize, mut round: impl FnMut() -> f64) -> f64 {
    let mut values: Vec<f64> = (0..rounds).map(|_| round()).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The allocator that the server runs with, and a count of the bytes that are held. The benchmarks run in one thread.
pub struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);

fn count(bytes: isize) {
    HELD.store(HELD.load(Relaxed).wrapping_add_signed(bytes), Relaxed);
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        unsafe { MiMalloc.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize);
        count(-(layout.size() as isize));
        unsafe { MiMalloc.realloc(pointer, layout, size) }
    }
}

/// How many bytes are held now.
pub fn held() -> usize {
    HELD.load(Relaxed)
}
