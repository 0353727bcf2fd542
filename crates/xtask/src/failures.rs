//! What the failed tests said, out of a runner's whole output: told again where a reader of a long log looks first, at its end.

/// The part of cargo's or Node's output that tells why tests failed; nothing, where no test did.
pub(crate) fn of(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    let mut told: Vec<&str> = Vec::new();
    let mut rest = lines.as_slice();
    while let Some(at) = rest.iter().position(|line| begins(line)) {
        rest = rest.get(at..).unwrap_or_default();
        let length = rest.iter().skip(1).position(|line| ends(line)).map_or(rest.len(), |length| length + 1);
        let (block, after) = rest.split_at(length);
        told.extend(block);
        rest = after;
    }
    told.join("\n").trim_end().to_owned()
}

/// One failed test of cargo's, or all of Node's.
fn begins(line: &str) -> bool {
    line.starts_with("---- ") && line.ends_with(" ----") || line == "✖ failing tests:"
}

/// Cargo's list of the names, after what each said.
fn ends(line: &str) -> bool {
    line == "failures:" || line.starts_with("test result: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_tests_said_is_found_in_all_that_was_printed() {
        for (output, told) in [
            ("test a ... ok\n\ntest result: ok. 1 passed\n", ""),
            (
                "test a ... FAILED\ntest b ... ok\n\nfailures:\n\n---- a stdout ----\npanicked at x.rs:1\n  left: 1\n\n\nfailures:\n    a\n\ntest result: FAILED.\n",
                "---- a stdout ----\npanicked at x.rs:1\n  left: 1",
            ),
            (
                "failures:\n\n---- a stdout ----\nno\n\n---- b stdout ----\nnor this\n\nfailures:\n    a\n    b\n\nrunning 1 test\ntest c ... ok\n",
                "---- a stdout ----\nno\n\n---- b stdout ----\nnor this",
            ),
            (
                "✔ one (2ms)\nℹ fail 1\n\n✖ failing tests:\n\ntest at a.mjs:1:1\n✖ two\n  AssertionError\n",
                "✖ failing tests:\n\ntest at a.mjs:1:1\n✖ two\n  AssertionError",
            ),
        ] {
            assert_eq!(of(output), told);
        }
    }
}
