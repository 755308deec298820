//! Broken set-ups: `vigie doctor` names the cause of each in one line.
//!
//! Each file in `tests/setups` is one; `tests/setups/README.md` describes the language.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use serde::Deserialize;
use serde_json::Value;
use vigie::demo::{Server, Trouble};
use vigie::domain::Moment;

use crate::estate::{Estate, Home};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Setup {
    #[expect(dead_code, reason = "for readers of the files")]
    about: String,
    section: String,
    step: String,
    #[serde(default = "fails")]
    verdict: String,
    says: Vec<String>,
    #[serde(default)]
    next: Vec<String>,
    #[serde(default)]
    one_line_has: Option<String>,
    #[serde(default)]
    code: Option<i32>,
    #[serde(default)]
    arguments: Vec<String>,
    #[serde(default)]
    mode: Option<String>,
    #[serde(default)]
    state_mode: Option<String>,
    #[serde(default)]
    full_disk: bool,
    config: String,
    #[serde(default)]
    file: Vec<Beside>,
    #[serde(default)]
    trouble: BTreeMap<String, String>,
    #[serde(default)]
    tls: Option<Tls>,
    #[serde(default)]
    command: BTreeMap<String, String>,
}

fn fails() -> String {
    "fails".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Beside {
    name: String,
    text: String,
    #[serde(default)]
    mode: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tls {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    until: Option<toml::value::Datetime>,
    #[serde(default)]
    behind_hours: u64,
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/setups"));
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    files
}

#[test]
fn every_broken_set_up_is_named_for_what_it_is() {
    let files = files();
    assert!(files.len() >= 20, "{}", files.len());
    let estate = Estate::start();
    let mut wrong = String::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let said = match toml::from_str::<Setup>(&text) {
            Err(error) => error.to_string(),
            Ok(setup) => play(&estate, &setup),
        };
        if !said.is_empty() {
            writeln!(wrong, "{name}: {said}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// What is wrong with what the doctor says; nothing when that is right.
fn play(estate: &Estate, setup: &Setup) -> String {
    let home = Home::empty();
    let mut words: Vec<(&str, String)> = vec![
        ("{golem}", estate.lab.port(Server::Golem).to_string()),
        ("{pikachu}", estate.lab.port(Server::Pikachu).to_string()),
        ("{checkmk}", estate.lab.port(Server::Checkmk).to_string()),
        ("{redmine}", estate.lab.port(Server::Redmine).to_string()),
        ("{closed}", closed_port().to_string()),
    ];
    let secrets = estate.secrets();
    words.push(("{token}", format!("vigie@pve!tui={}", secrets[0])));
    words.push(("{password}", secrets[1].clone()));
    words.push(("{automation}", secrets[2].clone()));
    words.push(("{key}", secrets[3].clone()));
    if let Some(tls) = &setup.tls {
        let (port, pem, pin) = serve(tls);
        home.write("config/vigie/tls.pem", &pem, 0o644);
        words.push(("{tls}", port.to_string()));
        words.push(("{pin}", pin));
    }
    let filled = |text: &str| {
        words.iter().fold(text.to_owned(), |text, (word, with)| {
            text.replace(word, with)
        })
    };
    for file in &setup.file {
        let name = format!("config/vigie/{}", file.name);
        home.write(
            &name,
            &filled(&file.text),
            mode(file.mode.as_deref(), 0o600),
        );
    }
    let config = "config/vigie/config.toml";
    home.write(
        config,
        &filled(&setup.config),
        mode(setup.mode.as_deref(), 0o600),
    );
    for (name, script) in &setup.command {
        std::fs::create_dir_all(home.path().join("bin")).unwrap();
        home.write(
            &format!("bin/{name}"),
            &format!("#!/bin/sh\n{script}\n"),
            0o755,
        );
    }
    if let Some(bits) = &setup.state_mode {
        let state = home.path().join("state/vigie");
        std::fs::create_dir_all(&state).unwrap();
        let bits = std::fs::Permissions::from_mode(mode(Some(bits), 0));
        std::fs::set_permissions(state, bits).unwrap();
    }
    let path = setup.trouble.get("path");
    let servers = [
        ("golem", Server::Golem),
        ("pikachu", Server::Pikachu),
        ("checkmk", Server::Checkmk),
        ("redmine", Server::Redmine),
    ];
    for (name, server) in servers {
        if let Some(text) = setup.trouble.get(name) {
            let trouble = trouble(text);
            estate.misbehave(
                server,
                match path {
                    Some(path) => Trouble::On(path.clone(), Box::new(trouble)),
                    None => trouble,
                },
            );
        }
    }
    let said = examine(&home, setup, &secrets);
    for (name, server) in servers {
        if setup.trouble.contains_key(name) {
            estate.behave(server);
        }
    }
    said
}

fn examine(home: &Home, setup: &Setup, secrets: &[String]) -> String {
    let mut arguments = vec!["doctor", "-o", "json"];
    arguments.extend(setup.arguments.iter().map(String::as_str));
    let mut command = home.command(&arguments);
    if setup.full_disk {
        match on_a_full_disk(home, &command) {
            Some(wrapped) => command = wrapped,
            // Only where one may mount.
            None => return String::new(),
        }
    }
    let bin = home.path().join("bin");
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{path}", bin.display()));
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut wrong = String::new();
    if let Some(secret) = secrets.iter().find(|secret| text.contains(*secret)) {
        writeln!(wrong, "the secret {secret} is told").unwrap();
    }
    let Ok(report) = serde_json::from_str::<Value>(&text) else {
        return format!("no JSON: {text}{}", String::from_utf8_lossy(&output.stderr));
    };
    let code = setup.code.or((setup.verdict == "fails").then_some(2));
    if code.is_some_and(|code| output.status.code() != Some(code)) {
        writeln!(wrong, "the exit code is {:?}", output.status.code()).unwrap();
    }
    let sections = report["sections"].as_array().unwrap();
    let section = sections
        .iter()
        .find(|s| s["name"] == setup.section.as_str());
    let steps = section.and_then(|s| s["steps"].as_array());
    let step = steps.and_then(|steps| steps.iter().find(|s| s["step"] == setup.step.as_str()));
    let Some(step) = step else {
        return format!("no such step in {report:#}");
    };
    if step["verdict"] != setup.verdict.as_str() {
        writeln!(wrong, "the verdict is {}", step["verdict"]).unwrap();
    }
    let (what, next) = (
        step["what"].as_str().unwrap(),
        step["next"].as_str().unwrap_or_default(),
    );
    if what.contains('\n') {
        writeln!(wrong, "more than one line").unwrap();
    }
    let told = setup.says.iter().chain(&setup.one_line_has);
    for word in told.filter(|word| !what.contains(word.as_str())) {
        writeln!(wrong, "{word:?} is not in {what:?}").unwrap();
    }
    for word in setup
        .next
        .iter()
        .filter(|word| !next.contains(word.as_str()))
    {
        writeln!(wrong, "{word:?} is not in {next:?}").unwrap();
    }
    wrong
}

/// The same command with its state on a disk without room, in a mount namespace of its own; `None` where
/// that is not allowed.
fn on_a_full_disk(home: &Home, command: &Command) -> Option<Command> {
    let state = home.path().join("state");
    std::fs::create_dir_all(&state).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=64k,mode=700 tmpfs '{0}' && {{ cat /dev/zero > '{0}/full' 2>/dev/null; exec \"$@\"; }}",
        state.display()
    );
    let probe = Command::new("unshare")
        .args(["-rm", "mount", "-t", "tmpfs", "tmpfs"])
        .arg(&state)
        .output();
    if !probe.is_ok_and(|probe| probe.status.success()) {
        return None;
    }
    let mut wrapped = Command::new("unshare");
    wrapped.args(["-rm", "sh", "-c", &script, "sh"]);
    wrapped.arg(command.get_program()).args(command.get_args());
    wrapped.env_clear();
    wrapped.envs(
        command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    Some(wrapped)
}

fn mode(written: Option<&str>, usual: u32) -> u32 {
    written.map_or(usual, |text| u32::from_str_radix(text, 8).unwrap())
}

/// A port that nobody listens on.
fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn trouble(text: &str) -> Trouble {
    match text {
        "down" => Trouble::Down,
        "hang" => Trouble::Hang,
        "login page" => Trouble::LoginPage,
        "empty lists" => Trouble::EmptyLists,
        "truncated" => Trouble::Truncated,
        "unauthorized" => Trouble::Unauthorized,
        _ => {
            if let Some(to) = text.strip_prefix("redirect ") {
                return Trouble::Redirect(to.to_owned());
            }
            let mut words = text.strip_prefix("status ").unwrap().splitn(3, ' ');
            let mut word = || words.next().unwrap_or_default().to_owned();
            Trouble::Status(word().parse().unwrap(), word(), word())
        }
    }
}

/// A TLS server that refuses every request; its port, its certificate and the fingerprint of that.
fn serve(tls: &Tls) -> (u16, String, String) {
    let name = tls.name.clone().unwrap_or_else(|| "127.0.0.1".to_owned());
    let mut params = CertificateParams::new(vec![name]).unwrap();
    params.not_before = date_time_ymd(2020, 1, 1);
    let until = tls.until.as_ref().and_then(|until| until.date);
    params.not_after = until.map_or_else(
        || date_time_ymd(2060, 1, 1),
        |date| date_time_ymd(date.year.into(), date.month, date.day),
    );
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let pin = vigie::source::http::certificate::show(
        &vigie::source::http::certificate::fingerprint(certificate.der()),
    );
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let behind = Duration::from_hours(tls.behind_hours);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let config = Arc::clone(&config);
            std::thread::spawn(move || -> Option<()> {
                let connection = rustls::ServerConnection::new(config).ok()?;
                let mut stream = rustls::StreamOwned::new(connection, stream.ok()?);
                let mut asked = [0; 4096];
                if stream.read(&mut asked).ok()? > 0 {
                    let now = Moment::now().minus(behind).timestamp();
                    let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT");
                    let head = format!(
                        "HTTP/1.1 401 Unauthorized\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n"
                    );
                    stream.write_all(head.as_bytes()).ok()?;
                    stream.flush().ok()?;
                }
                Some(())
            });
        }
    });
    (port, certificate.pem(), pin)
}
