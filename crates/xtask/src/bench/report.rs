//! The report: each figure beside its bar, what it is compared with, and how it has grown.

use std::collections::BTreeMap;

use super::lines::{ADMIN, Bar, EDGE, INTERACTIONS, Line, MODEL, SERVER, SNAPSHOTS};

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

    pub(super) fn of_edge(measured: &Measured) -> Self {
        Self(EDGE.iter().chain(SNAPSHOTS).map(|line| tell(line, measured)).collect())
    }

    pub(super) fn of_admin(measured: &Measured) -> Self {
        Self(ADMIN.iter().chain(INTERACTIONS).map(|line| tell(line, measured)).collect())
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
        value if value >= 0.1 => 2,
        _ => 4,
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
        for (value, text) in [
            (1.25, "1.25"),
            (5.0, "5"),
            (93.44, "93.4"),
            (1_700_000.4, "1,700,000"),
            (0.5, "0.5"),
            (0.0123, "0.0123"),
            (0.0, "0"),
        ] {
            assert_eq!(number(value), text);
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
