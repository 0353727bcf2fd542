//! Where things are in the checkout, and the one way in which every other program is started.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// The checkout and how talkative to be about it.
pub(crate) struct Workspace {
    /// The top of the checkout.
    pub(crate) root: PathBuf,
    verbose: bool,
}

impl Workspace {
    /// Finds the checkout: cargo names this crate's folder, and a binary started by hand looks upward from where it is.
    pub(crate) fn find(verbose: bool) -> Result<Self> {
        let start = match env::var_os("CARGO_MANIFEST_DIR") {
            Some(folder) => PathBuf::from(folder),
            None => env::current_dir().context("the current folder cannot be read")?,
        };
        let is_root =
            |folder: &&Path| folder.join("Cargo.lock").is_file() && folder.join("crates/xtask").is_dir();
        match start.ancestors().find(is_root) {
            Some(root) => Ok(Self { root: root.to_path_buf(), verbose }),
            None => bail!("{} is not inside a Rolewright checkout: change into one", start.display()),
        }
    }

    /// A path inside the checkout.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Where cargo puts what it builds.
    pub(crate) fn cargo_target(&self) -> PathBuf {
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.path("target"), |folder| self.root.join(folder))
    }

    /// Where the pinned tools are installed.
    pub(crate) fn tools(&self) -> PathBuf {
        self.path("target/tools")
    }

    /// Waits until no other xtask builds in this checkout, and keeps others out until the guard is dropped.
    pub(crate) fn lock(&self) -> Result<File> {
        let path = self.path("target/xtask/lock");
        let file = create(&path)?;
        if file.try_lock().is_err() {
            crate::step::say("  waiting for another cargo xtask that builds in this checkout");
            file.lock().with_context(|| format!("{} cannot be locked", path.display()))?;
        }
        Ok(file)
    }

    /// A program started at the root, with the pinned tools and npm's first on `PATH`.
    ///
    /// Cargo's own variables for *this* crate are dropped: some build scripts watch them, and would otherwise run again each
    /// time a build by hand alternates with one from here.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("PATH", self.search_path());
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        command
    }

    /// The cargo that started us, so that one toolchain does everything.
    pub(crate) fn cargo(&self) -> Command {
        self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    fn search_path(&self) -> OsString {
        let ours = [self.tools().join("bin"), self.path("node_modules/.bin")];
        let theirs = env::var_os("PATH").unwrap_or_default();
        let all = ours.into_iter().chain(env::split_paths(&theirs));
        env::join_paths(all).unwrap_or(theirs)
    }

    /// Where a program is on `PATH`, or nothing.
    pub(crate) fn which(&self, program: &str) -> Option<PathBuf> {
        env::split_paths(&self.search_path())
            .map(|folder| folder.join(program).with_extension(env::consts::EXE_EXTENSION))
            .find(|candidate| candidate.is_file())
    }

    /// Runs a program to its end and answers what it printed.
    ///
    /// The output goes to `target/xtask/log/NAME.log`, where it also stays for later, and with `--verbose` to the terminal
    /// too. A failure carries the whole of it.
    pub(crate) fn run(&self, name: &str, command: &mut Command) -> Result<String> {
        let shown = describe(command);
        command.stdin(Stdio::null());
        if self.verbose {
            crate::step::say(&format!("  $ {shown}"));
        }
        let log = self.path("target/xtask/log").join(format!("{name}.log"));
        let file = create(&log)?;
        let copy = file.try_clone().with_context(|| format!("{} cannot be shared", log.display()))?;
        let mut child =
            command.stdout(file).stderr(copy).spawn().with_context(|| {
                format!("`{}` cannot be started", command.get_program().to_string_lossy())
            })?;
        let status = if self.verbose { follow(&log, &mut child)? } else { child.wait()? };
        let output = String::from_utf8_lossy(&fs::read(&log).unwrap_or_default()).into_owned();
        if status.success() {
            Ok(output)
        } else {
            Err(Failed { what: format!("`{shown}` failed ({status})"), output }.into())
        }
    }

    /// Asks a short question of a program: what it prints on standard output, trimmed.
    pub(crate) fn ask(&self, command: &mut Command) -> Result<String> {
        let shown = describe(command);
        let output = command.output().with_context(|| format!("`{shown}` cannot be started"))?;
        if !output.status.success() {
            let output = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Failed { what: format!("`{shown}` failed"), output }.into());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

/// A file that is made anew together with its folders.
fn create(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    File::create(path).with_context(|| format!("{} cannot be written", path.display()))
}

/// Copies a growing log to the terminal until the program that writes it has ended.
fn follow(log: &Path, child: &mut Child) -> Result<ExitStatus> {
    let mut tail = File::open(log)?;
    loop {
        let ended = child.try_wait()?;
        io::copy(&mut tail, &mut io::stdout())?;
        match ended {
            Some(status) => return Ok(status),
            None => thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// The command as a person would type it, without its folder.
fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// A program that ended badly, with all that it printed.
#[derive(Debug)]
pub(crate) struct Failed {
    /// One line: which program, and how it ended.
    pub(crate) what: String,
    /// What it printed.
    pub(crate) output: String,
}

impl fmt::Display for Failed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.what)
    }
}

impl std::error::Error for Failed {}
