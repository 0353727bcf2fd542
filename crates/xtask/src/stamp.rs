//! What is up to date: a hash over the contents of a step's inputs, kept in a small file once the step has succeeded.
//!
//! Contents, not times: a checkout of another branch and back costs nothing, and a few megabytes hash in milliseconds.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// What builds leave among the sources; never an input.
const NOT_INPUTS: [&str; 5] = ["node_modules", "dist", "wasm", "target", ".git"];

/// A step's inputs as they are now, and the file that remembers them as they were.
pub(crate) struct Stamp {
    file: PathBuf,
    now: String,
}

impl Stamp {
    /// Hashes files and folders under `root`, and `more` that the result depends on, such as versions.
    pub(crate) fn of(file: PathBuf, root: &Path, inputs: &[&str], more: &[&str]) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        more.hash(&mut hasher);
        for input in inputs {
            input.hash(&mut hasher);
            hash_path(&root.join(input), &mut hasher)?;
        }
        Ok(Self { file, now: format!("{:016x}\n", hasher.finish()) })
    }

    /// Whether the step succeeded with these very inputs, and what it made is still there.
    pub(crate) fn is_fresh(&self, outputs: &[PathBuf]) -> bool {
        outputs.iter().all(|output| output.exists())
            && fs::read_to_string(&self.file).is_ok_and(|old| old == self.now)
    }

    /// Forgets the last success, before the step touches what it made then.
    pub(crate) fn clear(&self) {
        // Where it cannot be removed it cannot be written either, and that is reported.
        fs::remove_file(&self.file).ok();
    }

    /// Remembers that the step has succeeded. The hash is the one taken before it began: an edit made meanwhile counts as new.
    pub(crate) fn write(&self) -> Result<()> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        }
        fs::write(&self.file, &self.now).with_context(|| format!("{} cannot be written", self.file.display()))
    }
}

/// Adds a file's contents, or a folder's names and contents in order. What does not exist adds nothing.
fn hash_path(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    if path.is_dir() {
        let listing = fs::read_dir(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let mut entries =
            listing.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect::<Vec<_>>();
        entries.sort();
        for entry in entries {
            let Some(name) = entry.file_name() else { continue };
            if !NOT_INPUTS.iter().any(|skipped| name == *skipped) {
                name.hash(hasher);
                hash_path(&entry, hasher)?;
            }
        }
    } else if path.is_file() {
        fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?.hash(hasher);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_fresh_until_an_input_or_an_output_changes() {
        let folder = std::env::temp_dir().join(format!("rolewright-stamp-{}", std::process::id()));
        fs::create_dir_all(folder.join("src/dist")).unwrap();
        fs::write(folder.join("src/a.rs"), "one").unwrap();
        let stamp = || Stamp::of(folder.join("stamp"), &folder, &["src", "absent"], &["v1"]).unwrap();

        assert!(!stamp().is_fresh(&[]), "nothing has been made yet");
        stamp().write().unwrap();
        assert!(stamp().is_fresh(&[]));
        stamp().clear();
        assert!(!stamp().is_fresh(&[]), "the step has begun anew");
        stamp().write().unwrap();
        fs::write(folder.join("src/dist/made.js"), "made").unwrap();
        assert!(stamp().is_fresh(&[]), "what a build leaves is no input");
        assert!(!stamp().is_fresh(&[folder.join("gone")]), "the output was removed");
        fs::write(folder.join("src/a.rs"), "two").unwrap();
        assert!(!stamp().is_fresh(&[]), "the contents changed");

        fs::remove_dir_all(folder).unwrap();
    }
}
