//! A limit to what may take long, which costs nothing where it does not.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// What `work` comes to, or none where it takes longer than `limit`, counted from its second turn. What is ready
/// by then, as the body that came with its head is, sets no timer.
pub async fn within<F: Future>(limit: Duration, work: F) -> Option<F::Output> {
    let mut work = pin!(work);
    let mut is_first = true;
    let early = poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if is_first => {
            is_first = false;
            cx.waker().wake_by_ref();
            Poll::Pending
        }
        Poll::Pending => Poll::Ready(None),
    });
    match early.await {
        Some(done) => Some(done),
        // Apart, as a timer is large, and few need one.
        None => Box::pin(tokio::time::timeout(limit, work)).await.ok(),
    }
}

/// As [`within`], where the limit begins anew as often as it has passed and `goes_on` says so.
pub async fn within_anew<F: Future>(
    limit: Duration,
    goes_on: impl Fn() -> bool,
    work: F,
) -> Option<F::Output> {
    let mut work = pin!(work);
    loop {
        match within(limit, &mut work).await {
            None if goes_on() => {}
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn work_is_done_within_its_limit_or_not_at_all() {
        let second = Duration::from_secs(1);
        assert_eq!(within(second, ready(1)).await, Some(1));
        assert_eq!(within(second, tokio::task::yield_now()).await, Some(()));
        assert_eq!(within(second, tokio::time::sleep(second / 2)).await, Some(()));
        assert_eq!(within(second, tokio::time::sleep(second * 2)).await, None);
        assert_eq!(within(second, pending::<()>()).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_begins_anew_while_something_goes_on() {
        let second = Duration::from_secs(1);
        for (seconds, goes_on, done) in [(0, 0, Some(())), (3, 3, Some(())), (3, 1, None), (9, 3, None)] {
            let left = Cell::new(goes_on);
            let goes_on = || left.replace(left.get() - 1) > 0;
            let work = tokio::time::sleep(second * seconds - second / 2 * u32::from(seconds > 0));
            assert_eq!(within_anew(second, goes_on, work).await, done, "{seconds} s");
        }
    }
}
