//! Which step may begin when: two at a time, for what links and optimises keeps one core busy alone.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// What a step keeps for itself while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// What is downloaded, with the tools that make it and their lock.
    Artefacts,
    /// Cargo's folder for debugging, which it locks for WebAssembly too.
    Debug,
    /// Nothing that others use; two of these are in each other's way in what they print.
    Light,
    /// The system's packages.
    System,
    /// Everything, for what it tests looks at a clock.
    Machine,
}

/// One step, as far as it matters when it begins.
pub(super) trait Scheduled: Sync {
    /// What it is called.
    fn name(&self) -> &'static str;
    /// What must have succeeded before.
    fn needs(&self) -> &'static [&'static str];
    /// What it keeps for itself.
    fn lane(&self) -> Lane;
}

/// What comes next.
enum Next<'s, S> {
    Begin(&'s S),
    /// Something that it needs has failed.
    GiveUp(&'s S, &'static str),
    Wait,
    End,
}

struct Progress<'s, S> {
    /// In the order in which they begin, where nothing is in the way.
    open: Vec<&'s S>,
    running: Vec<&'s S>,
    failed: Vec<&'static str>,
}

impl<'s, S: Scheduled> Progress<'s, S> {
    fn next(&mut self) -> Next<'s, S> {
        let gives_up = |step: &S| step.needs().iter().find(|need| self.failed.contains(need)).copied();
        if let Some((at, need)) =
            self.open.iter().enumerate().find_map(|(at, step)| Some((at, gives_up(step)?)))
        {
            let step = self.open.remove(at);
            self.failed.push(step.name());
            return Next::GiveUp(step, need);
        }
        if self.open.is_empty() {
            return Next::End;
        }
        let is_needed = |name: &&str| self.open.iter().chain(&self.running).any(|step| step.name() == *name);
        let may_begin = |step: &&S| {
            !step.needs().iter().any(is_needed)
                && self.running.iter().all(|running| {
                    running.lane() != step.lane() && ![running.lane(), step.lane()].contains(&Lane::Machine)
                })
        };
        match self.open.iter().position(may_begin) {
            Some(at) => {
                let step = self.open.remove(at);
                self.running.push(step);
                Next::Begin(step)
            }
            None => Next::Wait,
        }
    }

    fn end(&mut self, step: &S, succeeded: bool) {
        self.running.retain(|running| running.name() != step.name());
        if !succeeded {
            self.failed.push(step.name());
        }
    }
}

/// Runs steps, so many at a time, each when what it needs has succeeded and its lane is free. `work` answers whether a step has
/// succeeded, `give_up` is told of one whose need has not.
pub(super) fn run<S: Scheduled>(
    steps: Vec<&S>,
    together: usize,
    work: impl Fn(&S) -> bool + Sync,
    give_up: impl Fn(&S, &'static str) + Sync,
) {
    let progress = Mutex::new(Progress { open: steps, running: Vec::new(), failed: Vec::new() });
    let changed = Condvar::new();
    let held = || progress.lock().unwrap_or_else(PoisonError::into_inner);
    let turn = || {
        let mut now: MutexGuard<'_, Progress<'_, S>> = held();
        loop {
            match now.next() {
                Next::Begin(step) => {
                    drop(now);
                    let result = panic::catch_unwind(AssertUnwindSafe(|| work(step)));
                    now = held();
                    now.end(step, matches!(result, Ok(true)));
                    changed.notify_all();
                    if let Err(why) = result {
                        drop(now);
                        panic::resume_unwind(why);
                    }
                }
                Next::GiveUp(step, need) => give_up(step, need),
                Next::Wait => now = changed.wait(now).unwrap_or_else(PoisonError::into_inner),
                Next::End => return,
            }
        }
    };
    thread::scope(|scope| (0..together.max(1)).for_each(|_| drop(scope.spawn(turn))));
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    struct Of(&'static str, &'static [&'static str], Lane);

    impl Scheduled for Of {
        fn name(&self) -> &'static str {
            self.0
        }

        fn needs(&self) -> &'static [&'static str] {
            self.1
        }

        fn lane(&self) -> Lane {
            self.2
        }
    }

    /// What was begun and ended, in order, and what was given up.
    fn told(steps: &[Of], together: usize, fails: &str) -> Vec<String> {
        let told = Mutex::new(Vec::new());
        let tell = |line: String| told.lock().unwrap().push(line);
        run(
            steps.iter().collect(),
            together,
            |step| {
                tell(format!("{} begins", step.0));
                thread::sleep(Duration::from_millis(20));
                tell(format!("{} ends", step.0));
                step.0 != fails
            },
            |step, need| tell(format!("{} lacks {need}", step.0)),
        );
        told.into_inner().unwrap()
    }

    #[test]
    fn one_at_a_time_they_run_in_order() {
        let steps = [Of("a", &[], Lane::Debug), Of("b", &["a"], Lane::Artefacts), Of("c", &[], Lane::Light)];
        let lines = ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"];
        assert_eq!(told(&steps, 1, ""), lines);
    }

    #[test]
    fn what_a_failed_step_was_needed_for_is_given_up_and_the_rest_runs() {
        let steps = [
            Of("a", &[], Lane::Debug),
            Of("b", &["a"], Lane::Debug),
            Of("c", &["b"], Lane::Debug),
            Of("d", &[], Lane::Debug),
        ];
        let lines = ["a begins", "a ends", "b lacks a", "c lacks b", "d begins", "d ends"];
        assert_eq!(told(&steps, 2, "a"), lines);
    }

    #[test]
    fn steps_of_different_lanes_run_together() {
        let steps = [Of("a", &[], Lane::Debug), Of("b", &[], Lane::Artefacts)];
        let (sender, receiver) = mpsc::channel();
        let receiver = Mutex::new(receiver);
        // The first waits for the second, which must have begun meanwhile.
        run(
            steps.iter().collect(),
            2,
            |step| match step.0 {
                "a" => receiver.lock().unwrap().recv_timeout(Duration::from_secs(60)).is_ok(),
                _ => sender.send(()).is_ok(),
            },
            |step, need| panic!("{} lacks {need}", step.0),
        );
    }

    #[test]
    fn what_panics_keeps_nobody_waiting() {
        let steps = [Of("a", &[], Lane::Debug), Of("b", &["a"], Lane::Debug), Of("c", &[], Lane::Debug)];
        let ended = Mutex::new(Vec::new());
        let all = panic::catch_unwind(AssertUnwindSafe(|| {
            run(
                steps.iter().collect(),
                2,
                |step| {
                    assert_ne!(step.0, "a");
                    ended.lock().unwrap().push(step.0);
                    true
                },
                |_, _| {},
            );
        }));
        assert!(all.is_err());
        assert_eq!(*ended.lock().unwrap(), ["c"]);
    }

    #[test]
    fn steps_of_one_lane_do_not_and_nothing_runs_beside_what_needs_the_machine() {
        let steps = [
            Of("a", &[], Lane::Artefacts),
            Of("b", &[], Lane::Artefacts),
            Of("c", &[], Lane::Machine),
            Of("d", &["c"], Lane::Light),
        ];
        let lines = ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends", "d begins", "d ends"];
        assert_eq!(told(&steps, 2, ""), lines);
    }
}
