//! What people and groups are in SCIM: the attributes that are kept, and no others.
//!
//! Everything else reads these tables: bodies, paths, filters and what `/Schemas` tells.

/// The schema of people.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The schema of groups.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// A kind of resource.
#[derive(Debug, PartialEq, Eq)]
pub struct Type {
    /// `User` or `Group`.
    pub name: &'static str,
    /// Where it is, below the root.
    pub endpoint: &'static str,
    /// Its schema.
    pub schema: &'static str,
    /// What it is.
    pub description: &'static str,
    /// What it has of its own, beside [`COMMON`].
    pub attributes: &'static [Attribute],
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `string`.
    Text,
    /// `boolean`.
    Boolean,
    /// `dateTime`.
    Time,
    /// `reference`.
    Reference,
    /// `complex`: of other attributes.
    Complex,
}

impl Kind {
    /// The name in `/Schemas` (RFC 7643, 2.3).
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Boolean => "boolean",
            Self::Time => "dateTime",
            Self::Reference => "reference",
            Self::Complex => "complex",
        }
    }
}

/// Who may write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// The client.
    ReadWrite,
    /// The client, with the value that it is part of.
    Immutable,
    /// The server alone.
    ReadOnly,
}

impl Mutability {
    /// The name in `/Schemas` (RFC 7643, 7).
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadWrite => "readWrite",
            Self::Immutable => "immutable",
            Self::ReadOnly => "readOnly",
        }
    }
}

/// An attribute (RFC 7643, 7).
#[derive(Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name, as it is written out.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// Whether there may be several values.
    pub is_multi: bool,
    /// Whether there must be one.
    pub is_required: bool,
    /// Whether letters count as they are written.
    pub is_exact: bool,
    /// Whether no two resources have the same.
    pub is_unique: bool,
    /// Who may write it.
    pub mutability: Mutability,
    /// Which values are meant.
    pub canonical: &'static [&'static str],
    /// What a reference leads to.
    pub refers_to: &'static [&'static str],
    /// What it is made of.
    pub parts: &'static [Attribute],
    /// What it is.
    pub description: &'static str,
}

impl Attribute {
    const fn new(name: &'static str, kind: Kind, description: &'static str) -> Self {
        Self {
            name,
            kind,
            is_multi: false,
            is_required: false,
            is_exact: false,
            is_unique: false,
            mutability: Mutability::ReadWrite,
            canonical: &[],
            refers_to: &[],
            parts: &[],
            description,
        }
    }

    const fn text(name: &'static str, description: &'static str) -> Self {
        Self::new(name, Kind::Text, description)
    }

    const fn complex(name: &'static str, parts: &'static [Self], description: &'static str) -> Self {
        Self { parts, ..Self::new(name, Kind::Complex, description) }
    }

    const fn multi(self) -> Self {
        Self { is_multi: true, ..self }
    }

    const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    const fn exact(self) -> Self {
        Self { is_exact: true, ..self }
    }

    const fn unique(self) -> Self {
        Self { is_unique: true, ..self }
    }

    const fn immutable(self) -> Self {
        Self { mutability: Mutability::Immutable, ..self }
    }

    const fn read_only(self) -> Self {
        Self { mutability: Mutability::ReadOnly, ..self }
    }

    const fn one_of(self, canonical: &'static [&'static str]) -> Self {
        Self { canonical, ..self }
    }

    const fn to(self, refers_to: &'static [&'static str]) -> Self {
        Self { refers_to, is_exact: true, ..self }
    }

    /// Whether the server alone writes it.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.mutability == Mutability::ReadOnly
    }
}

/// What every resource has (RFC 7643, 3.1); `/Schemas` does not tell it.
pub const COMMON: &[Attribute] = &[
    Attribute::text("schemas", "What the resource is.").multi().exact().read_only(),
    Attribute::text("id", "The id here.").exact().unique().read_only(),
    Attribute::text("externalId", "The provider's own id.").exact(),
    Attribute::complex(
        "meta",
        &[
            Attribute::text("resourceType", "The kind of resource.").exact().read_only(),
            Attribute::new("created", Kind::Time, "When it was made.").exact().read_only(),
            Attribute::new("lastModified", Kind::Time, "When it was last written.").exact().read_only(),
            Attribute::new("location", Kind::Reference, "Where it is.").exact().read_only(),
            Attribute::text("version", "Its `ETag`.").exact().read_only(),
        ],
        "What the server says of it.",
    )
    .read_only(),
];

/// People.
pub const USERS: Type = Type {
    name: "User",
    endpoint: "/Users",
    schema: USER,
    description: "A person",
    attributes: &[
        Attribute::text("userName", "What the provider calls the person.").required().unique(),
        Attribute::complex(
            "name",
            &[
                Attribute::text("givenName", "The first name."),
                Attribute::text("familyName", "The last name."),
            ],
            "The person's name.",
        ),
        Attribute::new(
            "active",
            Kind::Boolean,
            "Whether the person may do anything at all: `false` ends every session and every access at once. Where it \
             is not said a new person is active, and others stay as they are; it is never removed.",
        )
        .required(),
        Attribute::text("displayName", "What the provider shows of the person."),
        Attribute::complex(
            "emails",
            &[
                Attribute::text("value", "The address."),
                Attribute::text("type", "What it is for.").one_of(&["work", "home", "other"]),
                Attribute::new("primary", Kind::Boolean, "Whether it is the one to use."),
            ],
            "Email addresses. The primary one, else that for work, else the first is the person's here.",
        )
        .multi(),
        Attribute::complex(
            "groups",
            &[
                Attribute::text("value", "The group's id.").exact().read_only(),
                Attribute::new("$ref", Kind::Reference, "The group.").to(&["Group"]).read_only(),
                Attribute::text("display", "The group's name.").read_only(),
                Attribute::text("type", "How: a member itself.").one_of(&["direct"]).read_only(),
            ],
            "The provider's groups that the person is a member of.",
        )
        .multi()
        .read_only(),
    ],
};

/// Groups of the identity provider.
pub const GROUPS: Type = Type {
    name: "Group",
    endpoint: "/Groups",
    schema: GROUP,
    description: "A group of the identity provider",
    attributes: &[
        Attribute::text("displayName", "The group's name.").required().unique(),
        Attribute::complex(
            "members",
            &[
                Attribute::text("value", "The id of a person or of a group.").exact().immutable(),
                Attribute::new("$ref", Kind::Reference, "The member.").to(&["User", "Group"]).immutable(),
                Attribute::text("type", "What the member is.").one_of(&["User", "Group"]).immutable(),
            ],
            "Who is in the group.",
        )
        .multi(),
    ],
};

/// Where a name is looked up.
#[derive(Clone, Copy, Debug)]
pub enum Scope {
    /// In resources of a type.
    Of(&'static Type),
    /// In the values of an attribute.
    Within(&'static Attribute),
}

impl Scope {
    /// The attribute of that name, in any case.
    #[must_use]
    pub fn find(self, name: &str) -> Option<&'static Attribute> {
        let is = |attribute: &&Attribute| attribute.name.eq_ignore_ascii_case(name);
        match self {
            Self::Of(kind) => COMMON.iter().chain(kind.attributes).find(is),
            Self::Within(attribute) => attribute.parts.iter().find(is),
        }
    }
}
