//! Settings: a flag before the environment before the file before the default.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::process::{Folder, PROGRAM, Server, json, text};

fn config(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(PROGRAM);
    // Of the tests themselves.
    command.env_remove("ROLEWRIGHT_THOROUGH");
    command.arg("config").args(arguments).envs(environment.iter().copied());
    command.output().unwrap()
}

fn file(folder: &Folder, content: &str) -> PathBuf {
    std::fs::create_dir_all(&folder.0).unwrap();
    let path = folder.0.join("rolewright.toml");
    std::fs::write(&path, content).unwrap();
    path
}

fn setting<'a>(answer: &'a Value, name: &str) -> &'a Value {
    answer["settings"].as_array().unwrap().iter().find(|it| it["name"] == name).unwrap()
}

#[test]
fn a_flag_goes_before_the_environment_before_the_file_before_the_default() {
    let folder = Folder::new("settings");
    let path = file(
        &folder,
        "# a comment\nport = 7_421\nhost = \"127.0.0.2\"\ndemo = true\ntrusted-proxy = [\"10.0.0.1\", \"10.1.0.0/16\"]\n",
    );
    let path = path.to_str().unwrap();
    let environment =
        [("ROLEWRIGHT_CONFIG", path), ("ROLEWRIGHT_HOST", "127.0.0.3"), ("ROLEWRIGHT_DEMO", "true")];
    let answer = json(&config(&["--json", "--demo=false"], &environment));
    for (name, value, from) in [
        ("port", json!(7421), path),
        ("host", json!("127.0.0.3"), "ROLEWRIGHT_HOST"),
        ("demo", json!(false), "--demo"),
        ("data", json!("data"), "default"),
        ("trusted-proxy", json!(["10.0.0.1", "10.1.0.0/16"]), path),
        ("template", Value::Null, "default"),
    ] {
        let one = setting(&answer, name);
        assert_eq!((&one["value"], &one["from"]), (&value, &Value::from(from)), "{name}");
    }
    // What is shown is itself a good file.
    let shown = text(&config(&["--config", path], &[]).stdout);
    let again = file(&folder, &shown);
    let checked = config(&["--check", again.to_str().unwrap()], &[]);
    assert!(text(&checked.stdout).contains("is good: "), "{}", text(&checked.stderr));
}

#[test]
fn every_setting_is_told_with_its_flag_its_variable_and_what_it_means() {
    let answer = json(&config(&["--reference", "--json"], &[]));
    let settings = answer["settings"].as_array().unwrap();
    let told = text(&config(&["--reference"], &[]).stdout);
    let help = Command::new(PROGRAM).args(["serve", "--help"]).output().unwrap();
    let help = text(&help.stdout);
    for one in settings {
        let name = one["name"].as_str().unwrap();
        let variable = format!("ROLEWRIGHT_{}", name.replace('-', "_").to_uppercase());
        assert_eq!((&one["flag"], &one["environment"]), (&json!(format!("--{name}")), &json!(variable)));
        assert!(!one["help"].as_str().unwrap().is_empty(), "{name}");
        assert!(told.contains(&format!("# --{name}, {variable}\n")), "{name}");
    }
    // Every flag of the server is a setting, but for those that say how it talks, and the file's own.
    let lines = help.lines().filter(|line| line.trim_start().starts_with('-'));
    for flag in lines.filter_map(|line| line.split_whitespace().find_map(|word| word.strip_prefix("--"))) {
        let flag = flag.split('[').next().unwrap();
        let is_known = ["config", "json", "help"].contains(&flag);
        assert!(is_known || settings.iter().any(|it| it["name"] == flag), "--{flag} has no variable");
    }
}

#[test]
fn a_file_that_is_not_good_is_refused_with_the_line_and_what_is_known() {
    let folder = Folder::new("settings-wrong");
    for (content, says) in [
        ("\nprot = 1", ":2: there is no setting `prot`: say `port`, if that is meant"),
        ("smtp_url = ''", ":1: there is no setting `smtp_url`: say `smtp-url`, if that is meant"),
        ("\ncolour = 1", ":2: there is no setting `colour`; there are port, host, public-url, data"),
        ("port = \"x\"", ":1: `port` cannot be `x`: write a whole number from 0 to 65535"),
        ("port = [1]", ":1: `port` cannot be of the type array"),
        ("port = 1\nport = 2", ":2: duplicate key"),
        ("[data]\nx = 1", ":1: `data` cannot be of the type table"),
        ("public-url = 'ftp:x'", ":1: `public-url` cannot be `ftp:x`: it is not where people reach"),
        ("\n\ndemo = 3", ":3: `demo` cannot be `3`: choose one of true, false"),
        (
            "trusted-proxy = ['1.1.1.1', 'x']",
            ":1: `trusted-proxy` cannot be `x`: it is neither an address nor",
        ),
        (
            "trusted-proxy = ['10.1.1.1/8']",
            ":1: `trusted-proxy` cannot be `10.1.1.1/8`: it is an address within a",
        ),
        ("host = 'x'", ":1: `host` cannot be `x`: it is no address: write one such as 127.0.0.1"),
        (
            "metrics = '7422'",
            ":1: `metrics` cannot be `7422`: it is no address with a port: write one such as",
        ),
        ("mail-from = 'x'", ":1: `mail-from` cannot be `x`: it is no mailbox: write \"Rolewright <"),
        (
            "log-level = 'trace'",
            ":1: `log-level` cannot be `trace`: choose one of off, error, warn, info, debug",
        ),
        ("config = 'other.toml'", ":1: there is no setting `config`"),
        ("port", ":1: "),
    ] {
        let path = file(&folder, content);
        let path = path.to_str().unwrap();
        let serve = Command::new(PROGRAM).args(["serve", "--config", path]).output().unwrap();
        for output in [config(&["--check", path], &[]), config(&["--config", path], &[]), serve] {
            assert_eq!(output.status.code(), Some(2), "{content}");
            let said = text(&output.stderr);
            assert!(said.contains(&format!("{path}{says}")), "{content}: {said}");
        }
    }
    let missing = config(&["--check", "/nowhere.toml"], &[]);
    assert!(text(&missing.stderr).contains("cannot read the settings in `/nowhere.toml`"));
}

#[test]
fn a_file_that_starts_a_server_of_no_use_is_not_good() {
    let folder = Folder::new("settings-together");
    for (content, code, says) in [
        (
            "public-url = 'http://access.example.com'",
            1,
            &["error: ", "nobody can sign in at `public-url`"][..],
        ),
        ("metrics = '127.0.0.1:7420'", 1, &["error: ", "choose another port"]),
        ("template = 'none'", 2, &["error: ", "there is no template `none`"]),
        ("host = '0.0.0.0'", 0, &["warning: ", "each reader's own machine"]),
        ("public-url = 'https://access.example.com'", 0, &["warning: ", "`trusted-proxy`"]),
        ("public-url = 'https://access.example.com'\ntrusted-proxy = '10.0.0.0/8'", 0, &[]),
    ] {
        let path = file(&folder, content);
        let path = path.to_str().unwrap();
        let checked = config(&["--check", path], &[]);
        let said = text(&checked.stderr);
        assert_eq!(checked.status.code(), Some(code), "{content}: {said}");
        assert!(
            says.iter().all(|part| said.contains(part)) && said.is_empty() == says.is_empty(),
            "{content}: {said}"
        );
        assert_eq!(text(&checked.stdout).contains("is good: "), code == 0, "{content}");
    }
    let path = file(&folder, "host = '0.0.0.0'");
    let answer = json(&config(&["--check", path.to_str().unwrap(), "--json"], &[]));
    assert_eq!((&answer["valid"], &answer["errors"]), (&json!(true), &json!([])));
    assert_eq!(answer["warnings"].as_array().unwrap().len(), 1);
}

#[test]
fn a_misspelt_variable_is_told_with_the_one_that_is_meant() {
    let folder = Folder::new("settings-misspelt");
    let path = file(&folder, "port = 1");
    let path = path.to_str().unwrap();
    let wrong = [("ROLEWRIGHT_SMTPURL", "smtp://me:hunter2@mail")];
    let said = "there is no variable `ROLEWRIGHT_SMTPURL`: say `ROLEWRIGHT_SMTP_URL`, if that is meant";
    let checked = config(&["--check", path], &wrong);
    assert_eq!(checked.status.code(), Some(2));
    let told = text(&checked.stderr);
    assert!(told.contains(said) && !told.contains("hunter2"), "{told}");
    // Apps beside the server read these.
    let known = [("ROLEWRIGHT_KEY", "x"), ("ROLEWRIGHT_URL", "x"), ("ROLEWRIGHT_TENANT", "x")];
    assert!(config(&["--check", path], &known).status.success());

    // The server starts, and warns.
    let mut serve = Command::new(PROGRAM);
    serve.args(["serve", "--port", "0", "--json", "--data"]).arg(&folder.0).envs(wrong);
    let mut server = Server::run(serve.stderr(std::process::Stdio::piped()), None);
    server.child.kill().unwrap();
    let mut told = String::new();
    std::io::Read::read_to_string(&mut server.child.stderr.take().unwrap(), &mut told).unwrap();
    assert!(told.contains(said) && !told.contains("hunter2"), "{told}");
}
