//! Resources: paths of collections and ids, and the patterns that say which are places.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest path accepted, in bytes: far above what a person writes, far below what hurts.
const LONGEST: usize = 1024;

/// A resource or scope: `/` is the tenant, else `servers/prod/tasks/nightly` (Google AIP-122).
/// A value of this type is well formed; whether it is a *place* the catalogue says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourcePath(Cow<'static, str>);

/// A well-formed path whose text lies elsewhere: what a question is asked about costs no copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PathRef<'p>(&'p str);

/// Why a text is not a resource path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// It has no characters, or more than 1024 bytes.
    Length,
    /// A segment is empty: a slash at an end, or two in a row.
    EmptySegment,
    /// A segment is `.` or `..`.
    DotSegment,
    /// A character that encodes, separates or hides: `%`, `\`, `?`, `#`, white space, a control.
    Character(char),
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => write!(f, "a path has 1 to {LONGEST} bytes; `/` is the whole tenant"),
            Self::EmptySegment => {
                f.write_str("a path has no empty segment: write `servers/prod`, or `/` alone")
            }
            Self::DotSegment => f.write_str("a path has no `.` or `..` segment"),
            Self::Character(c) => write!(f, "a path cannot hold the character {c:?}"),
        }
    }
}

impl ResourcePath {
    /// How the tenant is written.
    pub(crate) const TENANT: &str = "/";

    /// The tenant, `/`: everything.
    #[must_use]
    pub const fn tenant() -> Self {
        Self(Cow::Borrowed(Self::TENANT))
    }

    /// Reads a path. `O(length)`.
    ///
    /// ```
    /// use rolewright_model::ResourcePath;
    ///
    /// let server = ResourcePath::parse("servers/prod").expect("a path");
    /// assert!(server.reaches(&ResourcePath::parse("servers/prod/tasks/nightly").expect("a path")));
    /// assert!(!server.reaches(&ResourcePath::parse("servers/production").expect("a path")));
    /// assert!(ResourcePath::parse("servers/../servers/prod").is_err());
    /// ```
    ///
    /// # Errors
    /// What is wrong with it, see [`Malformed`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        PathRef::parse(text).map(PathRef::into_owned)
    }

    /// The same without a copy of the text.
    #[inline]
    pub(crate) fn borrowed(&self) -> PathRef<'_> {
        PathRef(&self.0)
    }

    /// The path as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is `/`.
    #[must_use]
    pub fn is_tenant(&self) -> bool {
        self.borrowed().is_tenant()
    }

    /// The segments; none for the tenant.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.borrowed().segments()
    }

    /// Letters and digits of any script, and the marks that ids use; nothing that encodes
    /// (`%`), separates (`\`, `?`, `#`, `;`), is white space, a control, or a look-alike slash.
    pub(crate) fn is_segment_character(c: char) -> bool {
        c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '@' | ':' | '+' | '=' | ',' | '!' | '$')
    }

    /// Whether a grant here reaches `other`: the same place or one below, by whole segments.
    #[must_use]
    pub fn reaches(&self, other: &Self) -> bool {
        self.reaches_path(other.borrowed())
    }

    #[inline]
    pub(crate) fn reaches_path(&self, other: PathRef<'_>) -> bool {
        self.is_tenant() || other.is_within(&self.0)
    }

    /// Whether a path is the same place as a scope beside the tenant, or one below it; of their texts.
    #[inline]
    pub(crate) fn lies_within(path: &str, scope: &str) -> bool {
        path.strip_prefix(scope).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl<'p> PathRef<'p> {
    /// The tenant, `/`.
    pub(crate) const TENANT: PathRef<'static> = PathRef(ResourcePath::TENANT);

    /// As [`ResourcePath::parse`].
    pub(crate) fn parse(text: &'p str) -> Result<Self, Malformed> {
        if text == ResourcePath::TENANT {
            return Ok(Self(text));
        }
        if text.is_empty() || text.len() > LONGEST {
            return Err(Malformed::Length);
        }
        for segment in text.split('/') {
            match segment {
                "" => return Err(Malformed::EmptySegment),
                "." | ".." => return Err(Malformed::DotSegment),
                _ => {}
            }
            let refused = |c: &char| !ResourcePath::is_segment_character(*c);
            if !segment.bytes().all(is_plain)
                && let Some(c) = segment.chars().find(refused)
            {
                return Err(Malformed::Character(c));
            }
        }
        Ok(Self(text))
    }

    pub(crate) fn into_owned(self) -> ResourcePath {
        match self.is_tenant() {
            true => ResourcePath::tenant(),
            false => ResourcePath(Cow::Owned(self.0.to_owned())),
        }
    }

    /// Whether this is `/`.
    #[inline]
    pub(crate) fn is_tenant(self) -> bool {
        self.0 == ResourcePath::TENANT
    }

    fn segments(self) -> impl Iterator<Item = &'p str> {
        self.0.split('/').filter(|segment| !segment.is_empty())
    }

    /// Whether this is the same place as a scope beside the tenant, or one below it.
    #[inline]
    pub(crate) fn is_within(self, scope: &str) -> bool {
        ResourcePath::lies_within(self.0, scope)
    }
}

/// Whether a byte is one of most ids: what is seen first, and decides for almost all.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'A'..=b'Z' | b'-' | b'_')
}

impl fmt::Display for ResourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A resource type as a document says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ResourceTypeDocument {
    /// The type's id, `task`.
    pub id: String,
    /// What a person calls one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// `servers/{server}/tasks/{task}`.
    pub pattern: String,
}

/// A resource type: an id and the pattern of its paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceType {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) pattern: Pattern,
}

impl ResourceType {
    pub(crate) fn parse(document: &ResourceTypeDocument) -> Result<Self, String> {
        let pattern = Pattern::parse(&document.pattern)?;
        if !matches!(pattern.segments.last(), Some(Segment::Variable(_))) {
            return Err(format!("the pattern `{}` must end in a variable", document.pattern));
        }
        let label = if document.label.is_empty() { document.id.clone() } else { document.label.clone() };
        Ok(Self { id: document.id.clone(), label, pattern })
    }

    /// The type's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What a person calls one.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What its paths look like.
    #[must_use]
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }
}

/// What paths look like: collections and variables, `servers/{server}/tasks`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    pub(crate) segments: Vec<Segment>,
}

/// One segment of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// This text.
    Literal(String),
    /// Any text, by this name.
    Variable(String),
}

impl Pattern {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut segments = Vec::new();
        for part in text.split('/') {
            let variable = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            segments.push(match variable {
                Some(name) if crate::catalogue::is_slug(name) => Segment::Variable(name.to_owned()),
                None if ResourcePath::parse(part).is_ok() && part != "/" => Segment::Literal(part.to_owned()),
                _ => {
                    let why = "` is not a pattern: write collections and variables, as in `servers/{server}`";
                    return Err(["`", text, why].concat());
                }
            });
        }
        Ok(Self { segments })
    }

    /// Whether every path of this pattern is a place of that one: a resource, a collection, or
    /// something above them. Variables may have other names.
    pub(crate) fn leads_into(&self, whole: &Self) -> bool {
        let mut segments = whole.segments.iter();
        self.segments.iter().all(|segment| match (segment, segments.next()) {
            (Segment::Literal(own), Some(Segment::Literal(literal))) => own == literal,
            (Segment::Variable(_), Some(Segment::Variable(_))) => true,
            _ => false,
        })
    }

    /// What stands for every path of this pattern: the pattern itself. A variable in braces is no id,
    /// so that it takes no literal's place in another pattern, and a grant that reaches this path
    /// reaches every one of the pattern.
    pub(crate) fn example(&self) -> ResourcePath {
        ResourcePath(Cow::Owned(self.to_string()))
    }

    /// As [`Pattern::example`], for the paths below `scope`, or at it; none where there is none.
    pub(crate) fn example_below(&self, scope: &ResourcePath) -> Option<ResourcePath> {
        if !self.leads_to(scope) {
            return None;
        }
        let below = self.segments.iter().skip(scope.segments().count()).map(Segment::to_string);
        let segments = scope.segments().map(str::to_owned).chain(below);
        Some(ResourcePath(Cow::Owned(segments.collect::<Vec<_>>().join("/"))))
    }

    /// Whether both have the same paths: variables may have other names.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.leads_into(other) && other.leads_into(self)
    }

    /// Whether `path` matches a leading part of the pattern.
    #[must_use]
    pub fn leads_to(&self, path: &ResourcePath) -> bool {
        self.leads_to_path(path.borrowed())
    }

    pub(crate) fn leads_to_path(&self, path: PathRef<'_>) -> bool {
        let mut segments = self.segments.iter();
        path.segments().all(|part| segments.next().is_some_and(|segment| segment.takes(part)))
    }

    /// Whether `path` matches the whole pattern.
    #[must_use]
    pub fn matches(&self, path: &ResourcePath) -> bool {
        self.matches_path(path.borrowed())
    }

    pub(crate) fn matches_path(&self, path: PathRef<'_>) -> bool {
        let mut segments = self.segments.iter();
        path.segments().all(|part| segments.next().is_some_and(|segment| segment.takes(part)))
            && segments.next().is_none()
    }

    /// The leading part of `path` that matches the whole pattern.
    pub(crate) fn leading(&self, path: &str) -> Option<ResourcePath> {
        let end = path.match_indices('/').nth(self.segments.len().saturating_sub(1));
        let leading = end.map_or(Some(path), |(end, _)| path.get(..end))?;
        ResourcePath::parse(leading).ok().filter(|path| self.matches(path))
    }

    /// The path of this pattern whose one variable is `value`; none where it has several, or `value`
    /// is not a segment.
    #[must_use]
    pub fn with_value(&self, value: &str) -> Option<ResourcePath> {
        let variables = self.segments.iter().filter(|segment| matches!(segment, Segment::Variable(_)));
        if variables.count() != 1 || value.contains('/') {
            return None;
        }
        let mut path = String::new();
        for segment in &self.segments {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(match segment {
                Segment::Literal(literal) => literal,
                Segment::Variable(_) => value,
            });
        }
        ResourcePath::parse(&path).ok().filter(|path| self.matches(path))
    }

    /// The value of the one variable where `path` matches the whole pattern; none where it has several.
    #[must_use]
    pub fn value_in<'p>(&self, path: &'p ResourcePath) -> Option<&'p str> {
        match self.bind(path)?.as_slice() {
            [(_, value)] => Some(value),
            _ => None,
        }
    }

    /// What the pattern calls what its first so many segments lead to; none where that is a collection.
    pub(crate) fn variable_at(&self, segments: usize) -> Option<&str> {
        match self.segments.get(segments.checked_sub(1)?)? {
            Segment::Variable(name) => Some(name),
            Segment::Literal(_) => None,
        }
    }

    /// The values of the variables where `path` matches the whole pattern.
    #[must_use]
    pub fn bind<'p>(&self, path: &'p ResourcePath) -> Option<Vec<(&str, &'p str)>> {
        let mut bindings = Vec::new();
        let mut parts = path.segments();
        for segment in &self.segments {
            let part = parts.next()?;
            match segment {
                Segment::Literal(literal) if literal == part => {}
                Segment::Literal(_) => return None,
                Segment::Variable(name) => bindings.push((name.as_str(), part)),
            }
        }
        parts.next().is_none().then_some(bindings)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.segments.iter().enumerate() {
            if position > 0 {
                f.write_str("/")?;
            }
            segment.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(literal) => f.write_str(literal),
            Self::Variable(name) => write!(f, "{{{name}}}"),
        }
    }
}

impl Segment {
    fn takes(&self, part: &str) -> bool {
        match self {
            Self::Literal(literal) => literal == part,
            Self::Variable(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_path_is_refused() {
        for (text, why) in [
            ("", Malformed::Length),
            ("servers/", Malformed::EmptySegment),
            ("/servers", Malformed::EmptySegment),
            ("servers//prod", Malformed::EmptySegment),
            ("servers/../prod", Malformed::DotSegment),
            ("servers/./prod", Malformed::DotSegment),
            ("servers/a%2Fb", Malformed::Character('%')),
            ("servers/a\\b", Malformed::Character('\\')),
            ("servers/a b", Malformed::Character(' ')),
            ("servers/a\u{2215}b", Malformed::Character('\u{2215}')),
        ] {
            assert_eq!(ResourcePath::parse(text), Err(why), "{text:?}");
        }
    }

    #[test]
    fn a_scope_reaches_whole_segments_only() {
        let path = |text| ResourcePath::parse(text).unwrap();
        assert!(path("/").reaches(&path("servers/prod")));
        assert!(path("servers/prod").reaches(&path("servers/prod")));
        assert!(path("servers/prod").reaches(&path("servers/prod/tasks/t")));
        assert!(!path("servers/prod").reaches(&path("servers/production")));
        assert!(!path("servers/prod").reaches(&path("servers")));
        assert!(!path("servers/prod").reaches(&path("/")));
    }
}
