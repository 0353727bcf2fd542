//! `cargo xtask conformance`: a real server holds to the description of its API, as Schemathesis asks it.
//!
//! Requests are made up from the description, right ones and wrong ones, with a fixed seed: no answer may be a fault of the
//! server's, and none may have a status, a media type or a shape that does not stand there. It is asked twice: by a key that
//! may do all of the console, and by one that may do next to nothing.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::stamp::Stamp;
use crate::workspace::Workspace;
use crate::{build, step};

/// Pinned, so that a seed makes up the same requests.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";
/// How it is asked.
const CONFIG: &str = "crates/xtask/conformance/schemathesis.toml";
/// What is held of each answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";
/// Also one request after another: what an answer has in it is what another asks about, as far as the description lets that be
/// inferred. How long such chains are says the configuration.
const PHASES: &str = "examples,coverage,fuzzing,stateful";
/// It never ends.
const STREAM: &str = "/api/v1/tenants/{tenant}/changes";
/// What describes itself, and is asked by clients of its own: `cargo xtask scim`.
const SCIM: &str = "SCIM";
/// A permission of the product in the template.
const OF_THE_PRODUCT: &str = "contacts.create";
/// Where the console's permissions stand.
const CONSOLE: &str = "crates/model/src/console.rs";

/// The options of `cargo xtask conformance`.
#[derive(Args)]
pub(crate) struct Options {
    /// How many requests are made up for each operation, beside those at the edges of each value
    #[arg(long, default_value_t = 25)]
    examples: u32,
    /// Where the made-up requests begin
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Builds the server, and asks it.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    // Its pages are not asked.
    build::server(workspace, false)?;
    ask(workspace, options.examples, options.seed)
}

/// Asks the server that is built.
pub(crate) fn ask(workspace: &Workspace, examples: u32, seed: u64) -> Result<()> {
    let schemathesis = install(workspace)?;
    let console = console(workspace)?;
    let of_the_product = [OF_THE_PRODUCT.to_owned()];
    for (name, permissions) in [("all", &console[..]), ("none", &of_the_product)] {
        let doing = format!("a key that may do {name} of the console asks");
        step::run(&format!("conformance-{name}"), &doing, "holds", || {
            let data = workspace.path("target/xtask/conformance").join(name);
            let server = Server::start(workspace, &data, permissions)?;
            let mut command = workspace.command(&schemathesis);
            command.arg("--config-file").arg(workspace.path(CONFIG));
            command.args(["run", &format!("{}/api/v1/openapi.json", server.url)]);
            command.args(["--header", &format!("Authorization: Bearer {}", server.key)]);
            command.args([
                "--checks",
                CHECKS,
                "--exclude-path",
                STREAM,
                "--exclude-tag",
                SCIM,
                "--phases",
                PHASES,
            ]);
            command.args([
                "--max-examples",
                &examples.to_string(),
                "--seed",
                &seed.to_string(),
                "--no-color",
            ]);
            command.args(["--continue-on-failure", "--warnings", "off"]);
            workspace.run(&format!("conformance-{name}"), &mut command)
        })?;
    }
    Ok(())
}

/// A server with demo data that is asked and thrown away.
struct Server {
    child: Child,
    url: String,
    key: String,
}

impl Server {
    fn start(workspace: &Workspace, data: &Path, permissions: &[String]) -> Result<Self> {
        if data.exists() {
            fs::remove_dir_all(data).with_context(|| format!("{} cannot be emptied", data.display()))?;
        }
        let program = build::server_binary(workspace, false);
        let of = |arguments: &[&str]| {
            let mut command = workspace.command(&program);
            command.args(arguments).arg("--data").arg(data);
            command
        };
        workspace.ask(&mut of(&["tenant", "create", "default", "--template", "email-marketing"]))?;
        let mut make = of(&["key", "create", "--name", "conformance"]);
        for permission in permissions {
            make.args(["--permission", permission]);
        }
        let key = workspace.ask(&mut make)?;
        let mut serve = of(&["serve", "--demo", "--port", "0", "--json", "--log-level", "error"]);
        let mut child = serve.stdout(Stdio::piped()).spawn().context("the server cannot be started")?;
        let url = child.stdout.take().and_then(|output| listening(&mut BufReader::new(output)));
        let server = Self { child, url: url.unwrap_or_default(), key };
        if server.url.is_empty() {
            bail!("the server ended before it listened");
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The address in the line that says so.
fn listening(lines: &mut impl std::io::BufRead) -> Option<String> {
    let line = lines.lines().map_while(Result::ok).find(|line| line.contains("\"listening\""))?;
    let address = line.split("\"address\":\"").nth(1)?.split('"').next()?;
    Some(format!("http://{address}"))
}

/// The console's permissions, as the model names them.
fn console(workspace: &Workspace) -> Result<Vec<String>> {
    let text =
        fs::read_to_string(workspace.path(CONSOLE)).with_context(|| format!("{CONSOLE} cannot be read"))?;
    let named = text.lines().filter_map(|line| {
        let (_, id) = line.strip_prefix("pub const ")?.split_once(": &str = \"")?;
        id.strip_suffix("\";").filter(|id| id.contains('.')).map(ToOwned::to_owned)
    });
    let all: Vec<String> = named.collect();
    if all.is_empty() {
        bail!("{CONSOLE} names no permission");
    }
    Ok(all)
}

/// Makes Schemathesis an environment of its own, unless it is there.
fn install(workspace: &Workspace) -> Result<PathBuf> {
    let _guard = workspace.lock()?;
    let folder = workspace.tools().join("schemathesis");
    let program = folder.join("bin/schemathesis");
    let stamp = Stamp::of(folder.join("stamp"), &workspace.root, &[], &[SCHEMATHESIS])?;
    if stamp.is_fresh(std::slice::from_ref(&program)) {
        step::up_to_date(SCHEMATHESIS);
        return Ok(program);
    }
    step::run(SCHEMATHESIS, "is being installed by pip", "installed", || {
        let mut make = Command::new("python3");
        make.args(["-m", "venv", "--clear"]).arg(&folder);
        workspace.run("venv", &mut make)?;
        workspace
            .run("pip", workspace.command(folder.join("bin/pip")).args(["install", "--quiet", SCHEMATHESIS]))
    })?;
    stamp.write()?;
    Ok(program)
}
