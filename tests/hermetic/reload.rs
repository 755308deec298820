//! The life of a configuration: read again while the dashboard runs, profiles, what is in force; and the log.

use std::os::unix::fs::PermissionsExt as _;

use rustix::process::Signal;
use serde_json::Value;

use crate::estate::{Estate, Home};
use crate::session::Session;

/// The dashboard on a home.
fn dashboard(home: &Home, arguments: &[&str]) -> Session {
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    let variables = [
        ("HOME", path("")),
        ("XDG_CONFIG_HOME", path("config")),
        ("XDG_STATE_HOME", path("state")),
    ];
    let variables: Vec<(&str, &str)> = variables.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let session = Session::start(env!("CARGO_BIN_EXE_vigie"), arguments, &variables, 120, 36);
    session.wait_dashboard();
    session
}

/// A source's part of the lab's configuration.
fn part(toml: &str, header: &str) -> String {
    let begun = toml.split(&format!("[{header}]\n")).nth(1).unwrap();
    let body = begun.split("\n\n").next().unwrap();
    format!("[{header}]\n{body}\n\n")
}

#[test]
fn it_is_read_again_and_a_wrong_one_changes_nothing() {
    let estate = Estate::start();
    let toml = estate.lab.config_toml();
    let golem = part(&toml, "proxmox.golem");
    let both = format!("{golem}{}", part(&toml, "redmine.tickets"));
    let home = Home::with(&golem);
    let log = home.path().join("log/vigie.log");
    let mut session = dashboard(&home, &["--log-file", log.to_str().unwrap(), "--debug"]);
    session.send("2");
    session.wait_text("wiki");

    // Whoever looks from elsewhere is told that it runs.
    let report = home.run(&["doctor", "-o", "json"]).json();
    let sections = report["sections"].as_array().unwrap();
    let files = sections.iter().find(|s| s["name"] == "files").unwrap();
    let steps = files["steps"].as_array().unwrap();
    let others = steps.iter().find(|s| s["step"] == "other vigies").unwrap();
    let process = session.pid().as_raw_nonzero().to_string();
    assert!(
        others["what"].as_str().unwrap().contains(&process),
        "{others}"
    );

    home.configure(&both);
    session.signal(Signal::HUP);
    session.wait_text("the configuration was read again: 2 sources");
    // What was known is still there, before anything was asked anew.
    session.wait_text("wiki");
    session.send("6");
    session.wait_text("Replace disk");

    home.configure("[ui]\ntheme = 7\n");
    session.send(":");
    session.send("reload");
    session.send("\r");
    session.wait_text("the last good configuration stays");
    session.wait_text("config.toml:2:9");
    session.wait_text("Replace disk");

    home.configure(&format!("{both}[keys]\nhelp = \"H\"\n"));
    session.signal(Signal::HUP);
    session.wait_text("the sources are the same");
    session.send("H");
    session.wait_text("Row below");
    // Ctrl-C: an Esc right before another key would be Alt with that key.
    session.send("\x03");
    assert!(session.end().success());
    session.assert_restored();

    let mode = std::fs::metadata(&log).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = std::fs::read_to_string(&log).unwrap();
    for secret in estate.secrets() {
        assert!(!text.contains(&secret), "a secret is in the log: {text}");
    }
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let has = |message: &str| lines.iter().any(|line| line["message"] == message);
    for message in [
        "begun",
        "reads",
        "answered",
        "read",
        "the configuration was read again",
        "ended",
    ] {
        assert!(has(message), "no {message:?} in {text}");
    }
    let wrong = "the configuration was read again and is wrong";
    let wrong = lines.iter().find(|line| line["message"] == wrong).unwrap();
    assert!(
        wrong["why"].as_str().unwrap().contains("config.toml:2:9"),
        "{wrong}"
    );
    let asked = lines
        .iter()
        .find(|line| line["message"] == "answered")
        .unwrap();
    assert!(
        asked["asked"].as_str().unwrap().starts_with("GET /"),
        "{asked}"
    );
    assert_eq!(asked["target"], "vigie::source::http");
}

#[test]
fn a_log_that_cannot_be_written_is_said() {
    let home = Home::empty();
    let ran = home.run(&["config", "print", "--log-file", "/no/such/place/vigie.log"]);
    // As root the directory can be made; then the log is there.
    if ran.code != 0 {
        assert!(ran.err.contains("cannot be written"), "{}", ran.err);
    }
    let inside = home.write("file", "", 0o600);
    let below = inside.join("vigie.log");
    let ran = home.run(&["config", "print", "--log-file", below.to_str().unwrap()]);
    assert_eq!(ran.code, 3);
    assert!(
        ran.err.contains("name another file with --log-file"),
        "{}",
        ran.err
    );
    let ran = home.run(&["config", "print", "--debug"]);
    assert_eq!(ran.code, 0);
    assert!(home.path().join("state/vigie/vigie.log").exists());
}

#[test]
fn a_profile_has_a_configuration_and_a_memory_of_its_own() {
    let estate = Estate::start();
    let toml = estate.lab.config_toml();
    let home = Home::with("[roster.team]\nfile = \"team.toml\"\n");
    let ran = home.run(&["-p", "lab", "config", "check"]);
    assert_eq!(ran.code, 3);
    assert!(
        ran.err.contains("profiles/lab.toml: there is no such file"),
        "{}",
        ran.err
    );
    let ran = home.run(&["--profile", "../lab", "config", "check"]);
    assert!(
        ran.err.contains("cannot be a profile's name"),
        "{}",
        ran.err
    );

    std::fs::create_dir_all(home.path().join("config/vigie/profiles")).unwrap();
    home.write(
        "config/vigie/profiles/lab.toml",
        &part(&toml, "proxmox.golem"),
        0o600,
    );
    let ran = home.run(&["-p", "lab", "config", "check"]);
    assert!(
        ran.out.contains("golem") && !ran.out.contains("team"),
        "{}",
        ran.out
    );
    let ran = home.run(&["status", "--profile", "lab", "--tab", "containers"]);
    assert!(ran.out.contains("wiki"), "{}{}", ran.out, ran.err);
    let mut session = dashboard(&home, &["-p", "lab"]);
    session.send("2");
    session.wait_text("wiki");
    session.send("q");
    assert!(session.end().success());
    assert!(
        home.path()
            .join("state/vigie/profiles/lab/last-known.jsonl")
            .exists()
    );
    assert!(!home.path().join("state/vigie/last-known.jsonl").exists());
    let output = home
        .command(&["config", "check"])
        .env("VIGIE_PROFILE", "lab")
        .output()
        .unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("golem"));
}

#[test]
fn what_is_in_force_is_printed_with_where_it_comes_from_and_without_secrets() {
    let estate = Estate::start();
    let toml = format!("[ui]\nstart_tab = 3\n\n{}", estate.lab.config_toml());
    estate.home.configure(&toml);
    let output = estate
        .home
        .command(&["config", "print", "--effective", "--theme", "mono"])
        .env("VIGIE_ASCII", "yes")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for secret in estate.secrets() {
        assert!(!text.contains(&secret), "{text}");
    }
    let at = |key: &str| {
        let line = toml.lines().position(|line| line.starts_with(key)).unwrap();
        format!("line {}", line + 1)
    };
    for (key, value, origin) in [
        ("theme", "\"mono\"", "--theme"),
        ("ascii", "\"yes\"", "VIGIE_ASCII"),
        ("start_tab", "3", "config.toml:2:13"),
        ("mouse", "true", "built in"),
        ("hold", "\"90s\"", "built in"),
        ("token", "\"•••\"", at("token").as_str()),
        ("timeout", "\"30s\"", "built in"),
    ] {
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("{key} = ")))
            .unwrap();
        assert!(line.contains(value) && line.ends_with(origin), "{line}");
    }
    // What it prints is a configuration again.
    assert!(text.parse::<toml::Table>().is_ok(), "{text}");
}
