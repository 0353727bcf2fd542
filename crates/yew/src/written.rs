//! Attributes and listeners as the macros write them: with Yew these are variants of one type, here each is its own type, so that
//! what makes an element knows which it is given.

#![expect(non_snake_case, reason = "with Yew they are types")]

/// Attributes.
pub mod Attributes {
    use upstream::virtual_dom::{self as theirs, AttributeOrProperty};

    /// Those that are the same at each rendering.
    #[derive(Debug)]
    pub struct Static(pub &'static [(&'static str, AttributeOrProperty)]);

    /// Those that may change: their names, and the value that each has, if it has one.
    #[derive(Debug)]
    pub struct Dynamic {
        /// The names.
        pub keys: &'static [&'static str],
        /// The values.
        pub values: Box<[Option<AttributeOrProperty>]>,
    }

    impl From<Static> for theirs::Attributes {
        fn from(attributes: Static) -> Self {
            Self::Static(attributes.0)
        }
    }

    impl From<Dynamic> for theirs::Attributes {
        fn from(attributes: Dynamic) -> Self {
            Self::Dynamic { keys: attributes.keys, values: attributes.values }
        }
    }
}

/// Listeners.
pub mod Listeners {
    use std::rc::Rc;

    use upstream::virtual_dom::listeners as theirs;

    /// No listener.
    #[derive(Debug)]
    pub struct None;

    /// Some.
    pub struct Pending(pub Box<[Option<Rc<dyn theirs::Listener>>]>);

    impl std::fmt::Debug for Pending {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Pending")
        }
    }

    impl From<None> for theirs::Listeners {
        fn from(_: None) -> Self {
            Self::None
        }
    }

    impl From<Pending> for theirs::Listeners {
        fn from(listeners: Pending) -> Self {
            Self::Pending(listeners.0)
        }
    }
}
