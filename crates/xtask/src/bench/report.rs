//! The report: each figure beside its bar, what it is compared with, and how it has grown.

use std::collections::BTreeMap;

/// Figures by name, as the benchmarks print them.
#[derive(Default)]
pub(super) struct Measured(BTreeMap<String, f64>);

impl Measured {
    /// Takes in what a benchmark printed, a line of JSON each: `{ "name": "js/can", "value": 93.4, "unit": "ns" }`.
    /// Answers how many figures there were.
    pub(super) fn add(&mut self, output: &str) -> usize {
        let figures = output.lines().filter_map(|line| {
            let name = after(line, r#""name":""#)?.split('"').next()?;
            let value = after(line, r#""value":"#)?.split([',', '}']).next()?;
            Some((name.to_owned(), value.trim().parse::<f64>().ok()?))
        });
        figures.map(|(name, value)| self.0.insert(name, value)).count()
    }

    fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }
}

fn after<'l>(line: &'l str, mark: &str) -> Option<&'l str> {
    line.split_once(mark).map(|(_, rest)| rest)
}

/// What a figure should keep to.
#[derive(Clone, Copy)]
enum Bar {
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
struct Line {
    name: &'static str,
    unit: &'static str,
    bar: Bar,
    /// The measured figure.
    of: &'static str,
    /// The measured figure that it is compared with, and what a reader calls that.
    to: Option<(&'static str, &'static str)>,
    /// The same figure at 1,000,000 users.
    grown: Option<&'static str>,
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
const MODEL: &[Line] = &[
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
const SERVER: &[Line] = &[
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

/// A line as it is told.
struct Told {
    name: &'static str,
    value: Option<f64>,
    unit: &'static str,
    bar: String,
    ratio: Option<f64>,
    to: Option<&'static str>,
    growth: Option<f64>,
    result: &'static str,
}

/// Every line of one benchmark, measured.
pub(super) struct Report(Vec<Told>);

impl Report {
    pub(super) fn of_model(measured: &Measured) -> Self {
        Self(MODEL.iter().map(|line| tell(line, measured)).collect())
    }

    pub(super) fn of_server(measured: &Measured) -> Self {
        Self(SERVER.iter().map(|line| tell(line, measured)).collect())
    }

    /// One line a figure: name, value, unit, bar, ratio, growth, result.
    pub(super) fn table(&self) -> String {
        let width = |of: fn(&Told) -> usize| self.0.iter().map(of).max().unwrap_or_default();
        let (names, units) = (width(|told| told.name.len()), width(|told| told.unit.len()));
        let (bars, ratios) = (width(|told| told.bar.len()), width(|told| ratio(told).len()));
        let mut table = String::new();
        for told in &self.0 {
            let value = told.value.map_or("-".into(), number);
            let growth = told.growth.map_or(String::new(), |growth| format!("grows {} x", number(growth)));
            let (name, unit, bar, ratio, result) =
                (told.name, told.unit, &told.bar, ratio(told), told.result);
            table += &format!(
                "{name:<names$}  {value:>10} {unit:<units$}  {bar:<bars$}  {ratio:<ratios$}  {growth:<12}  {result}\n"
            );
        }
        let short = self.0.iter().filter(|told| told.result == "short").count();
        table + &format!("\n{short} of {} figures fall short\n", self.0.len())
    }

    pub(super) fn json(&self) -> String {
        let number = |value: Option<f64>| value.map_or("null".to_owned(), |value| format!("{value:.3}"));
        let text = |text: &str| format!("\"{}\"", text.trim());
        let line = |told: &Told| {
            format!(
                r#"  {{ "name": {}, "value": {}, "unit": {}, "bar": {}, "ratio": {}, "to": {}, "growth": {}, "result": {} }}"#,
                text(told.name),
                number(told.value),
                text(told.unit),
                text(&told.bar),
                number(told.ratio),
                told.to.map_or("null".to_owned(), text),
                number(told.growth),
                text(told.result),
            )
        };
        format!("[\n{}\n]", self.0.iter().map(line).collect::<Vec<_>>().join(",\n"))
    }
}

fn tell(line: &Line, measured: &Measured) -> Told {
    let value = measured.get(line.of);
    let other = line.to.and_then(|(of, _)| measured.get(of));
    let ratio = value.zip(other).map(|(value, other)| value / other);
    let grown = line.grown.and_then(|of| measured.get(of));
    let kept = match line.bar {
        Bar::AtMost(most) => value.map(|value| value <= most),
        Bar::TimesAtMost(most) => ratio.map(|ratio| ratio <= most),
        Bar::TimesAtLeast(least) => ratio.map(|ratio| ratio >= least),
        Bar::None => None,
    };
    let bar = match line.bar {
        Bar::AtMost(most) => format!("at most {}", number(most)),
        Bar::TimesAtMost(most) => format!("at most {} x", number(most)),
        Bar::TimesAtLeast(least) => format!("at least {} x", number(least)),
        Bar::None => "-".to_owned(),
    };
    let result = match kept {
        Some(true) => "ok",
        Some(false) => "short",
        None if matches!(line.bar, Bar::None) => "-",
        None => "not measured",
    };
    Told {
        name: line.name,
        value,
        unit: line.unit,
        bar,
        ratio,
        to: line.to.map(|(_, name)| name),
        growth: value.zip(grown).map(|(small, large)| large / small),
        result,
    }
}

fn ratio(told: &Told) -> String {
    match (told.ratio, told.to) {
        (Some(ratio), Some(to)) => format!("{} x {to}", number(ratio)),
        _ => String::new(),
    }
}

/// Three digits that matter, and thousands set apart.
fn number(value: f64) -> String {
    let decimals = match value {
        value if value >= 100.0 => 0,
        value if value >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{value:.decimals$}");
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), ""), |(whole, rest)| (whole, rest));
    let digits: Vec<char> = whole.chars().collect();
    let mut grouped = String::new();
    for (place, digit) in digits.iter().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(*digit);
    }
    let rest = rest.trim_end_matches('0');
    if rest.is_empty() { grouped } else { format!("{grouped}.{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        for (value, text) in
            [(1.25, "1.25"), (5.0, "5"), (93.44, "93.4"), (1_700_000.4, "1,700,000"), (0.5, "0.5")]
        {
            assert_eq!(number(value), text);
        }
    }

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
    }

    #[test]
    fn a_figure_over_its_bar_is_short_and_one_that_is_missing_is_told() {
        let mut measured = Measured::default();
        let printed = concat!(
            r#"{"name":"js/can","value":120,"unit":"ns"}"#,
            "\nnoise\n",
            r#"{"name":"js/map and set","unit":"ns","value":100}"#,
            "\n",
            r#"{"name":"js/casl","value":300,"unit":"ns"}"#,
        );
        assert_eq!(measured.add(printed), 3);
        let report = Report::of_model(&measured);
        let result = |name: &str| {
            let told = report.0.iter().find(|told| told.name == name).unwrap();
            (told.result, told.ratio.map(number))
        };
        assert_eq!(result("can(user, permission) in Node"), ("ok", Some("1.2".into())));
        assert_eq!(result("  @casl/ability, cached"), ("short", Some("2.5".into())));
        assert_eq!(result("  a plain Map of Sets"), ("-", None));
        assert_eq!(result("cold start in Node"), ("not measured", None));
        assert!(report.json().starts_with(concat!(
            "[\n",
            r#"  { "name": "can(user, permission) in Node", "value": 120.000, "unit": "ns", "bar": "at most 1.25 x", "#,
            r#""ratio": 1.200, "to": "Map and Set", "growth": null, "result": "ok" },"#
        )));
    }
}
