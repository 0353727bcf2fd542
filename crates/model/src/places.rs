//! Places as a table: whether a text is a place of a catalogue, for who can look things up and no more.

use crate::catalogue::Catalogue;
use crate::resource::{Pattern, ResourcePath, Segment};
use crate::sorted;

/// How many characters the table knows: those of ASCII. A text with another is to be asked about.
const CHARACTERS: u8 = 128;

/// How far a text has come in one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Written {
    /// The whole text has no character yet.
    Nothing,
    /// It is `/`, the tenant.
    Tenant,
    /// The segment has no character yet.
    Empty,
    /// The segment is `.` or `..`.
    Dots(u8),
    /// The segment is one that a path may have.
    Segment,
}

/// A pattern that a text still leads into: which, at which segment, and how many characters of a literal are there;
/// in a variable they are not counted.
type Thread = (usize, usize, usize);

/// Everything that matters of the characters read so far.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reading {
    written: Written,
    /// One at most for each pattern, in their order.
    threads: Vec<Thread>,
}

impl Catalogue {
    /// The texts that are places, as a table to walk through, character by character.
    ///
    /// The first 128 numbers give each ASCII character its column. Then come rows; the first begins at 128. From a row,
    /// a character leads to the row that begins at the number in its column, or nowhere where that is 0. The text is a
    /// place if, after its last character, the row has 1 in column 0. A text of more than 1024 characters, or with one
    /// beyond ASCII, must be asked about, see [`Catalogue::is_place`].
    ///
    /// `None` where it would have more than 65,536 numbers. `O(size of the patterns)`, in all practice.
    #[must_use]
    pub fn places(&self) -> Option<Vec<u16>> {
        let patterns: Vec<&Pattern> = self.resource_types.iter().map(|kind| &kind.pattern).collect();
        let (columns, samples) = columns(&patterns);
        let width = samples.len() + 1;
        let first = Reading {
            written: Written::Nothing,
            threads: (0..patterns.len()).map(|pattern| (pattern, 0, 0)).collect(),
        };
        let mut table: Vec<u16> = columns.into_iter().map(u16::from).collect();
        let start = |reading: usize| u16::try_from(usize::from(CHARACTERS) + reading * width).ok();
        let mut readings = vec![first];
        // Their positions, in the order of what was read.
        let mut order = vec![0];
        let mut next = 0;
        while let Some(reading) = readings.get(next).cloned() {
            next += 1;
            table.push(u16::from(reading.is_place(&patterns)));
            for character in &samples {
                let Some(reading) = reading.after(*character, &patterns) else {
                    table.push(0);
                    continue;
                };
                let known = order.binary_search_by(|known: &usize| readings.get(*known).cmp(&Some(&reading)));
                let position = match known {
                    Ok(place) => order.get(place).copied()?,
                    Err(place) => {
                        order.insert(place, readings.len());
                        readings.push(reading);
                        readings.len() - 1
                    }
                };
                table.push(start(position)?);
            }
        }
        Some(table)
    }
}

/// The column of each character, and one character of each column from the second on: what no pattern tells apart
/// stands in one column.
fn columns(patterns: &[&Pattern]) -> (Vec<u8>, Vec<char>) {
    let literals =
        patterns.iter().flat_map(|pattern| &pattern.segments).filter_map(|segment| match segment {
            Segment::Literal(literal) => Some(literal.chars()),
            Segment::Variable(_) => None,
        });
    let mut told_apart = Vec::new();
    for character in literals.flatten().chain(['/', '.']).filter(char::is_ascii) {
        sorted::insert(&mut told_apart, character);
    }
    let mut samples = told_apart.clone();
    let (mut taken, mut refused) = (None, None);
    let mut column = |character: char, group: &mut Option<u8>| {
        *group.get_or_insert_with(|| {
            samples.push(character);
            u8::try_from(samples.len()).unwrap_or(0)
        })
    };
    let columns = (0..CHARACTERS).map(|code| {
        let character = char::from(code);
        match told_apart.iter().position(|other| *other == character) {
            Some(position) => u8::try_from(position + 1).unwrap_or(0),
            None if ResourcePath::is_segment_character(character) => column(character, &mut taken),
            None => column(character, &mut refused),
        }
    });
    (columns.collect(), samples)
}

impl Reading {
    /// What is read with one more character; `None` where no text that goes on so is a place.
    #[cfg_attr(target_family = "wasm", inline(never))]
    fn after(&self, character: char, patterns: &[&Pattern]) -> Option<Self> {
        if character == '/' {
            return match self.written {
                Written::Nothing => Some(Self { written: Written::Tenant, threads: Vec::new() }),
                Written::Segment => self.living(Written::Empty, |(pattern, segment, written)| {
                    let pattern_segments = &patterns.get(pattern)?.segments;
                    let ended = is_whole(pattern_segments.get(segment)?, written);
                    (ended && segment + 1 < pattern_segments.len()).then_some((pattern, segment + 1, 0))
                }),
                Written::Tenant | Written::Empty | Written::Dots(_) => None,
            };
        }
        let written = match (self.written, character) {
            (Written::Tenant, _) => return None,
            (Written::Nothing | Written::Empty, '.') => Written::Dots(1),
            (Written::Dots(1), '.') => Written::Dots(2),
            _ if ResourcePath::is_segment_character(character) => Written::Segment,
            _ => return None,
        };
        self.living(written, |(pattern, segment, written)| {
            match patterns.get(pattern)?.segments.get(segment)? {
                Segment::Variable(_) => Some((pattern, segment, 0)),
                Segment::Literal(literal) if literal.chars().nth(written) == Some(character) => {
                    Some((pattern, segment, written + 1))
                }
                Segment::Literal(_) => None,
            }
        })
    }

    #[cfg_attr(target_family = "wasm", inline(never))]
    fn living(&self, written: Written, step: impl Fn(Thread) -> Option<Thread>) -> Option<Self> {
        let threads: Vec<Thread> = self.threads.iter().copied().filter_map(step).collect();
        (!threads.is_empty()).then_some(Self { written, threads })
    }

    /// Whether the text, if it ends here, is a place.
    #[cfg_attr(target_family = "wasm", inline(never))]
    fn is_place(&self, patterns: &[&Pattern]) -> bool {
        let ends = |(pattern, segment, written): &Thread| {
            let segment = patterns.get(*pattern).and_then(|pattern| pattern.segments.get(*segment));
            segment.is_some_and(|segment| is_whole(segment, *written))
        };
        match self.written {
            Written::Tenant => true,
            Written::Segment => self.threads.iter().any(ends),
            Written::Nothing | Written::Empty | Written::Dots(_) => false,
        }
    }
}

/// Whether the segment may end after so many characters of it.
fn is_whole(segment: &Segment, written: usize) -> bool {
    match segment {
        Segment::Variable(_) => true,
        Segment::Literal(literal) => literal.chars().count() == written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::CatalogueDocument;
    use crate::problem::{Path, Problems};

    fn catalogue(patterns: &[&str]) -> Catalogue {
        let types = patterns.iter().enumerate();
        let types: Vec<_> = types
            .map(|(number, pattern)| serde_json::json!({ "id": format!("t{number}"), "pattern": pattern }))
            .collect();
        let document: CatalogueDocument =
            serde_json::from_value(serde_json::json!({ "modules": [], "resource_types": types })).unwrap();
        let mut problems = Problems::default();
        let catalogue = Catalogue::build(&document, &Path::ROOT, &mut problems);
        problems.into_result(catalogue).unwrap()
    }

    /// As a program walks that knows the table alone.
    fn walk(table: &[u16], text: &str) -> bool {
        let mut row = 128;
        for byte in text.bytes() {
            row = usize::from(table[row + usize::from(table[usize::from(byte)])]);
            if row == 0 {
                return false;
            }
        }
        table[row] == 1
    }

    const PATTERNS: [&[&str]; 5] = [
        &[],
        &["a/{x}"],
        &["servers/{server}/tasks/{task}", "servers/{server}/endpoints/{endpoint}"],
        &["a/{x}/b/{y}", "a/{x}/ab/{y}", "ab/{x}", "{z}", "..a/{x}"],
        &["a/b/{x}", "a/{x}/a/{y}", "{v}/a/{x}"],
    ];

    #[test]
    fn the_table_says_what_the_catalogue_says() {
        let mut texts: Vec<String> = vec![String::new()];
        // Every text of up to seven of these, and some by hand.
        for start in 0..7 {
            let longest: Vec<String> =
                texts.iter().filter(|text| text.chars().count() == start).cloned().collect();
            texts.extend(
                longest.iter().flat_map(|text| ['a', 'b', '.', '/'].map(|next| format!("{text}{next}"))),
            );
        }
        texts.extend(
            [
                "servers",
                "servers/prod",
                "servers/prod/tasks",
                "servers/prod/tasks/t",
                "servers/prod/tasks/t/x",
            ]
            .into_iter()
            .chain([
                "server/prod",
                "serversx",
                "servers/a b",
                "servers/a%2Fb",
                "servers/\u{0}",
                "servers/.../tasks",
            ])
            .chain([
                "servers/..",
                "servers/..x/tasks/..y",
                "servers/p.r-o_d~@:+=,!$",
                "servers/a;b",
                "servers\\a",
            ])
            .map(str::to_owned),
        );
        for patterns in PATTERNS {
            let catalogue = catalogue(patterns);
            let table = catalogue.places().unwrap();
            for text in &texts {
                let expected = ResourcePath::parse(text).is_ok_and(|path| catalogue.is_place(&path));
                assert_eq!(walk(&table, text), expected, "{text:?} in {patterns:?}");
            }
        }
    }

    #[test]
    fn a_table_that_would_grow_too_large_is_not_made() {
        let many: Vec<String> = (0..3_000).map(|n| format!("collection{n}/{{x}}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(catalogue(&many).places(), None);
    }
}
