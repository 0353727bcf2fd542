//! Passwords: how they are hashed and kept. Which are accepted, [`strength`](super::strength) says.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use rolewright_model::Timestamp;
use rolewright_store::{Record, RecordOp, sealed};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::problem::{Failure, Result};
use crate::secret;
use crate::tenant::Tenant;

/// The kind of the records: one a user, under the user's id.
pub const KIND: &str = sealed::PASSWORD;
/// How long a request waits for its turn to hash.
const PATIENCE: Duration = Duration::from_secs(10);
/// A password, as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// A PHC string: Argon2id with its parameters and salt.
    hash: String,
    set: Timestamp,
}

/// Hashes passwords, as many at one time as there are cores: each takes 19 MiB.
#[derive(Clone, Debug)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    /// Of a password that nobody has, for accounts that are not there.
    nobody: Arc<OnceLock<String>>,
}

impl Default for Hasher {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { turns: Arc::new(Semaphore::new(cores)), nobody: Arc::default() }
    }
}

impl Hasher {
    /// Hashes a password with a fresh salt: Argon2id, 19 MiB, two passes (OWASP's first choice).
    ///
    /// # Errors
    /// Where the server is too busy, or hashing fails.
    pub async fn hash(&self, password: &str) -> Result<String> {
        let (password, salt) = (password.to_owned(), secret::random::<16>()?);
        self.run(move || {
            let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|error| Failure::internal(&error))
        })
        .await?
    }

    /// Whether the password is the one that was hashed. Without a hash the answer is no, and takes
    /// as long.
    ///
    /// # Errors
    /// Where the server is too busy.
    pub async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool> {
        let nobody = match self.nobody.get() {
            Some(nobody) => nobody.clone(),
            None => {
                let made = self.hash("nobody has this password").await?;
                self.nobody.get_or_init(|| made).clone()
            }
        };
        let password = password.to_owned();
        self.run(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or(nobody);
            let fits = Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok();
            fits && known
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let busy = || Failure::unavailable("many people are signing in at this moment: try again", 5);
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned());
        let turn = turn.await.map_err(|_| busy())?.map_err(|_| busy())?;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|error| Failure::internal(&error))
    }
}

/// Sets a user's password, with the change that is made.
#[must_use]
pub fn set(user: &str, hash: String, now: Timestamp) -> RecordOp {
    let body = serde_json::to_value(Kept { hash, set: now }).unwrap_or_default();
    let record = Record::new(body).owned_by(user);
    RecordOp::Put { kind: KIND.to_owned(), key: user.to_owned(), record }
}

/// Removes a user's password, with the change that is made.
#[must_use]
pub fn remove(user: &str) -> RecordOp {
    RecordOp::Delete { kind: KIND.to_owned(), key: user.to_owned() }
}

/// The hash of a user's password, if there is one.
///
/// # Errors
/// Where the store fails.
pub async fn hash_of(
    tenant: &Tenant,
    user: &str,
    now: Timestamp,
) -> rolewright_store::Result<Option<String>> {
    let record = tenant.store().record(tenant.id(), KIND, user, now).await?;
    Ok(record.and_then(|record| serde_json::from_value::<Kept>(record.body).ok()).map(|kept| kept.hash))
}
