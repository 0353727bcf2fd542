//! Secrets that people type and are shown.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A password, a code or what codes are made of: a string that no `Debug` prints. It has no `==`,
/// which would take the longer the more of a guess is right.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self(secret)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_debug_prints_it() {
        let sign_in = crate::session::SignIn {
            email: "ana@example.com".to_owned(),
            password: "a phrase of my own".to_owned().into(),
            code: Some("123456".to_owned().into()),
        };
        let said = format!("{sign_in:?}");
        assert!(said.contains("ana@example.com") && !said.contains("phrase") && !said.contains("123456"));
        assert_eq!(serde_json::to_value(&sign_in.password).ok(), Some("a phrase of my own".into()));
    }
}
