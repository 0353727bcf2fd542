//! What is told of each benchmark: every figure, its bar and what it is compared with.

/// What a figure should keep to.
#[derive(Clone, Copy)]
pub(super) enum Bar {
    /// The value is so much at most.
    AtMost(f64),
    /// The value is so many times what it is compared with at most.
    TimesAtMost(f64),
    /// The value is so many times what it is compared with at least: of a peer, which we are to be faster than.
    TimesAtLeast(f64),
    /// It is told for what it is.
    None,
}

/// A line of the report before it is measured.
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    pub(super) bar: Bar,
    /// The measured figure.
    pub(super) of: &'static str,
    /// The measured figure that it is compared with, and what a reader calls that.
    pub(super) to: Option<(&'static str, &'static str)>,
    /// The same figure at 1,000,000 users.
    pub(super) grown: Option<&'static str>,
}

const fn line(name: &'static str, of: &'static str, unit: &'static str, bar: Bar) -> Line {
    Line { name, unit, bar, of, to: None, grown: None }
}

impl Line {
    const fn to(self, of: &'static str, name: &'static str) -> Self {
        Self { to: Some((of, name)), ..self }
    }

    const fn grown(self, of: &'static str) -> Self {
        Self { grown: Some(of), ..self }
    }
}

/// Everything that is told of the model. Figures of `small` are at 1,000 users, of `large` at 1,000,000.
pub(super) const MODEL: &[Line] = &[
    line("can(user, permission) in Node", "js/can", "ns", Bar::TimesAtMost(1.25))
        .to("js/map and set", "Map and Set"),
    line("  a plain Map of Sets", "js/map and set", "ns", Bar::None),
    line("  a plain table of answers, by two Maps", "js/plain table", "ns", Bar::None),
    line("  @casl/ability, cached", "js/casl", "ns", Bar::TimesAtLeast(4.0)).to("js/can", "can"),
    line("  cedar-wasm, pre-parsed", "js/cedar-wasm", "ns", Bar::TimesAtLeast(5_000.0)).to("js/can", "can"),
    line("  node-casbin", "js/node-casbin", "ns", Bar::TimesAtLeast(20_000.0)).to("js/can", "can"),
    line("can(user, permission, resource)", "js/can at a resource", "ns", Bar::TimesAtMost(4.0))
        .to("js/can", "can"),
    line("cold start in Node", "js/cold start", "ms", Bar::AtMost(3.0))
        .to("js/cedar-wasm, cold start", "cedar-wasm"),
    line("  compiling the module", "js/cold start, module alone", "ms", Bar::None)
        .to("js/cedar-wasm, cold start, module alone", "cedar-wasm"),
    line("2,000 x 5,000 policy, loaded", "js/matrix, loaded", "ms", Bar::AtMost(50.0)),
    line("2,000 x 5,000 policy, size", "js/matrix, size", "MB", Bar::AtMost(4.0)),
    line("2,000 x 5,000 policy, memory", "js/matrix, memory", "MB", Bar::AtMost(10.0)),
    line("allowed, by name", "small/allowed by name", "ns", Bar::AtMost(45.0)).grown("large/allowed by name"),
    line("allowed, by handle", "small/allowed by handle", "ns", Bar::AtMost(5.0))
        .grown("large/allowed by handle"),
    line("  a plain table of answers, by name", "small/plain table, by name", "ns", Bar::None)
        .grown("large/plain table, by name"),
    line("  a plain table of answers, by position", "small/plain table, by position", "ns", Bar::None)
        .grown("large/plain table, by position"),
    line("allowed, by name at a resource", "small/allowed by name, at a resource", "ns", Bar::None)
        .grown("large/allowed by name, at a resource"),
    line("  cedar-policy, prebuilt", "small/cedar-policy", "ns", Bar::TimesAtLeast(1_000.0))
        .to("small/allowed by name", "by name"),
    line("  casbin-rs", "small/casbin-rs", "ns", Bar::TimesAtLeast(10_000.0))
        .to("small/allowed by name", "by name"),
    line("1,000,000 users: index built", "large/index built", "ms", Bar::AtMost(3_000.0)),
    line("1,000,000 users: index memory", "large/index memory", "bytes/user", Bar::AtMost(100.0)),
    line("1,000,000 users: allowed, by name", "large/allowed by name", "ns", Bar::TimesAtMost(3.0))
        .to("small/allowed by name", "1,000 users"),
    line("1,000,000 users: allowed, by handle", "large/allowed by handle", "ns", Bar::TimesAtMost(3.0))
        .to("small/allowed by handle", "1,000 users"),
    line("1,000,000 users: one change applied", "large/one change applied", "ms", Bar::AtMost(1.0))
        .to("small/one change applied", "1,000 users"),
    line("1,000,000 users: diff of a role edit", "large/diff of a role edit", "ms", Bar::AtMost(100.0))
        .to("small/diff of a role edit", "1,000 users"),
    line("1,000,000 users: who_can", "large/who_can", "ms", Bar::AtMost(100.0))
        .to("small/who_can", "1,000 users"),
    line("1,000,000 users: who_can on a condition", "large/who_can on a condition", "ms", Bar::AtMost(100.0))
        .to("small/who_can on a condition", "1,000 users"),
];

/// Everything that is told of the server, at 100,000 users.
pub(super) const SERVER: &[Line] = &[
    line("AuthZEN evaluation", "server/evaluation", "per s", Bar::TimesAtLeast(0.8))
        .to("server/bare evaluation", "bare route"),
    line("  a bare axum route, the same JSON", "server/bare evaluation", "per s", Bar::None),
    line("  AuthZEN evaluation that is refused", "server/evaluation, refused", "per s", Bar::None)
        .to("server/evaluation", "permitted"),
    line("  server's processor time for one", "server/evaluation, work", "us", Bar::None)
        .to("server/bare evaluation, work", "bare route"),
    line("AuthZEN batch of 100", "server/batch", "decisions/s", Bar::TimesAtLeast(20.0))
        .to("server/evaluation", "singles"),
    line("users list, p95", "server/users list", "ms", Bar::AtMost(50.0)),
    line("users search, p95", "server/users search", "ms", Bar::AtMost(100.0)),
    line("resident memory", "server/memory", "MB", Bar::AtMost(200.0)),
    line("  when it listens", "server/memory, started", "MB", Bar::None),
    line("1,000 idle listeners", "server/1,000 listeners", "MB more", Bar::AtMost(50.0)),
];

/// Lines about the snapshots of tenants of so many users.
macro_rules! snapshots {
    ($($kind:literal: $($users:literal)*;)*) => {
        [$($(
            line(concat!($kind, " snapshot, ", $users, " users"), concat!("edge/", $kind, ", ", $users, ", raw"), "kB", Bar::None),
            line("  brotli", concat!("edge/", $kind, ", ", $users, ", brotli"), "kB", Bar::None)
                .to(concat!("edge/", $kind, ", ", $users, ", raw"), "raw"),
            line("  loaded, signature and all", concat!("edge/", $kind, ", ", $users, ", loaded"), "ms", Bar::None),
        )*)*]
    };
}

/// Everything that is told of the checker at the edge.
pub(super) const EDGE: &[Line] = &[
    line("first decision of a cold worker", "edge/first decision", "ms", Bar::AtMost(5.0)),
    line("  of the first worker of a process", "edge/first decision of a process", "ms", Bar::AtMost(5.0)),
    line("  first answer of a bare worker", "edge/first answer of a bare worker", "ms", Bar::None),
    line("gate adds to a request, median", "edge/gate adds", "us", Bar::AtMost(20.0)),
    line("  a request without the gate", "edge/request without the gate", "us", Bar::None),
    line("200 checkers: change enforced, p99", "edge/propagation, p99", "ms", Bar::AtMost(250.0)),
    line("  median", "edge/propagation, median", "ms", Bar::None),
    line("  in the last of all, median", "edge/propagation, last of all", "ms", Bar::None),
    line("  a checker's processor time for it", "edge/propagation, work", "ms", Bar::None),
];

/// What is told of snapshots, by how many users the tenant has.
pub(super) const SNAPSHOTS: &[Line] = &snapshots! {
    "full": "100" "1,000" "10,000" "100,000" "1,000,000";
    "policy": "100" "1,000" "10,000" "100,000" "1,000,000";
};

/// Lines about interactions: the interaction to next paint as the web vitals define it, which leaves out the worst of fifty, beside
/// its bar; then the median and the worst.
macro_rules! interactions {
    ($($told:literal, $name:literal, $bar:expr;)*) => {
        [$(
            line($told, concat!("admin/", $name), "ms", $bar),
            line("  median", concat!("admin/", $name, ", median"), "ms", Bar::None),
            line("  worst", concat!("admin/", $name, ", worst"), "ms", Bar::None),
        )*]
    };
}

/// What a person waits for an answer of the page at most.
const PROMPT: Bar = Bar::AtMost(100.0);

/// What is told of the admin app's interactions.
pub(super) const INTERACTIONS: &[Line] = &interactions! {
    "2,000 permissions: a tick", "tree, tick", PROMPT;
    "2,000 permissions: a tick by key", "tree, tick by key", PROMPT;
    "2,000 permissions: check all", "tree, check all", PROMPT;
    "2,000 permissions: a keystroke in the search", "tree, search", PROMPT;
    "2,000 permissions: scrolling, longest frame", "tree, scroll", PROMPT;
    "100,000 users: a keystroke in the search", "users, search", PROMPT;
    "100,000 users: scrolling 200, longest frame", "users, scroll", PROMPT;
    "100,000 users: the next page of 200", "users, next page", PROMPT;
    "100,000 users: choosing one of 200", "users, choose", PROMPT;
    "50 x 500 matrix: scrolling, longest frame", "matrix, scroll", PROMPT;
    "50 x 500 matrix: opening a cell", "matrix, open a cell", PROMPT;
    "50 x 500 matrix: a tick", "matrix, tick", PROMPT;
    "50 x 500 matrix: a key in the table", "matrix, keyboard", PROMPT;
    "50 x 500 matrix: a keystroke in the search", "matrix, search", PROMPT;
};

/// What else is told of the admin app, whose processor is four times slower than the machine's.
pub(super) const ADMIN: &[Line] = &[
    line("admin download, brotli", "admin/download", "kB", Bar::AtMost(300.0)),
    line("  of which before sign-in is shown", "admin/download, sign-in", "kB", Bar::None),
    line("  before the overview is shown", "admin/download, overview", "kB", Bar::None),
    line("  in a cold visit of some seconds", "admin/download, cold visit", "kB", Bar::None),
    line("largest paint, sign-in", "admin/paint, sign-in", "ms", PAINT),
    line("  worst", "admin/paint, sign-in, worst", "ms", Bar::None),
    line("largest paint, overview", "admin/paint, overview", "ms", PAINT),
    line("  worst", "admin/paint, overview, worst", "ms", Bar::None),
    line("largest paint, 100,000 users", "admin/paint, users", "ms", PAINT),
    line("  worst", "admin/paint, users, worst", "ms", Bar::None),
    line("layout shift, worst page", "admin/shift", "", Bar::AtMost(0.02)),
    line("layout shift, worst page at 100,000 users", "admin/shift at 100,000 people", "", Bar::AtMost(0.02)),
    line("50 x 500 matrix: opened, in sight", "admin/matrix, open", "ms", Bar::None),
    line("  worst", "admin/matrix, open, worst", "ms", Bar::None),
];

/// Of a cold visit, the median.
const PAINT: Bar = Bar::AtMost(1_500.0);

#[cfg(test)]
mod tests {
    use super::*;

    /// A line that reads a name which nothing prints would be "not measured" for ever.
    #[test]
    fn every_native_figure_is_one_that_the_benchmark_prints() {
        let printing = [
            include_str!("../../../../bench/src/ours.rs"),
            include_str!("../../../../bench/src/plain.rs"),
            include_str!("../../../../bench/src/peers/figures.rs"),
        ];
        for line in MODEL {
            let read = [Some(line.of), line.to.map(|(of, _)| of), line.grown];
            for name in read.into_iter().flatten().filter(|name| !name.starts_with("js/")) {
                let (_, figure) = name.split_once('/').unwrap();
                let quoted = format!("{figure}\"");
                assert!(printing.iter().any(|source| source.contains(&quoted)), "nothing prints {name}");
            }
        }
        let printing = include_str!("../../../../bench/server/src/figures.rs");
        for line in SERVER {
            for name in [Some(line.of), line.to.map(|(of, _)| of)].into_iter().flatten() {
                let quoted = format!("\"{}\"", name.strip_prefix("server/").unwrap());
                assert!(printing.contains(&quoted), "nothing prints {name}");
            }
        }
        let printing = [
            include_str!("../../../../bench/js/edge/gate.mjs"),
            include_str!("../../../../bench/js/edge/propagation.mjs"),
        ];
        for line in EDGE {
            let quoted = format!("\"{}\"", line.of);
            assert!(printing.iter().any(|source| source.contains(&quoted)), "nothing prints {}", line.of);
        }
        let printing = [
            include_str!("../../../../bench/js/admin/download.mjs"),
            include_str!("../../../../bench/js/admin/matrix.mjs"),
            include_str!("../../../../bench/js/admin/paint.mjs"),
            include_str!("../../../../bench/js/admin/shift.mjs"),
            include_str!("../../../../bench/js/admin/tree.mjs"),
            include_str!("../../../../bench/js/admin/users.mjs"),
        ];
        for line in ADMIN.iter().chain(INTERACTIONS) {
            // Median and worst are told of all that is told; a page's name or a server's stands in its own place.
            let told =
                line.of.trim_start_matches("admin/").trim_end_matches(", median").trim_end_matches(", worst");
            let quoted = [told, told.trim_start_matches("paint, ")].map(|told| format!("\"{told}\""));
            let quoted = [&quoted[..], &[format!("\"admin/{told}\"")]].concat();
            let is_printed =
                printing.iter().any(|source| quoted.iter().any(|quoted| source.contains(quoted)));
            assert!(is_printed, "nothing prints {}", line.of);
        }
    }
}
