//! `vigie doctor`: the cause of each broken set-up in one line, against the lab and servers made for a test.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use serde_json::Value;
use vigie::demo::{Server, Trouble};

use crate::estate::{Estate, Home};

/// The step of a section; fails when there is none.
fn step<'a>(report: &'a Value, section: &str, step: &str) -> &'a Value {
    let sections = report["sections"].as_array().unwrap();
    let section = sections.iter().find(|s| s["name"] == section);
    let steps = section.unwrap()["steps"].as_array().unwrap();
    let found = steps.iter().find(|s| s["step"] == step);
    assert!(found.is_some(), "no step {step} in {steps:#?}");
    found.unwrap()
}

/// Fails unless the step failed and says so with these words.
fn assert_fails(report: &Value, section: &str, name: &str, words: &[&str]) {
    let step = step(report, section, name);
    assert_eq!(step["verdict"], "fails", "{step:#}");
    let said = format!("{} {}", step["what"], step["next"]);
    for word in words {
        assert!(said.contains(word), "{word:?} is not in {said}");
    }
}

#[test]
fn all_is_well_with_the_lab() {
    let estate = Estate::start();
    let ran = estate.run(&["doctor", "-o", "json"]);
    let report = ran.json();
    for (section, name, words) in [
        ("golem", "secret", "only you can read"),
        ("golem", "login", "token vigie@pve!"),
        ("golem", "version", "Proxmox VE 9."),
        ("golem", "rights", "all it needs"),
        ("golem", "rows", "guests"),
        ("golem", "clock", "agree"),
        ("pikachu", "version", "Proxmox VE 3.4"),
        ("monitor", "version", "2.3.0p20"),
        ("monitor", "rows", "hosts"),
        ("tickets", "login", "the key is"),
        ("tickets", "rows", "tickets"),
        ("team", "roster", "members"),
        ("sites", "sites", "as expected"),
        ("terminal", "characters", "UTF-8"),
        ("files", "space", "free"),
    ] {
        let step = step(&report, section, name);
        assert_ne!(step["verdict"], "fails", "{step:#}");
        assert!(step["what"].as_str().unwrap().contains(words), "{step:#}");
    }
    // Some site of the lab is down on an ordinary day, which is a warning.
    assert!(ran.code == 0 || ran.code == 1, "{}", ran.out);
    let text = estate.run(&["doctor"]);
    assert!(text.out.contains("golem (Proxmox VE)"), "{}", text.out);
    assert!(text.out.contains("\n  ok       login"), "{}", text.out);
    assert!(text.out.contains("\nterminal\n"), "{}", text.out);
}

#[test]
fn servers_that_misbehave_are_named_for_what_they_do() {
    let estate = Estate::start();
    let cases: [(&str, Server, Trouble, &str, &[&str]); 12] = [
        (
            "golem",
            Server::Golem,
            Trouble::Down,
            "connection",
            &["connection refused"],
        ),
        (
            "golem",
            Server::Golem,
            Trouble::Unauthorized,
            "login",
            &["refused", "pveum user token add"],
        ),
        (
            "golem",
            Server::Golem,
            Trouble::LoginPage,
            "login",
            &["login page"],
        ),
        (
            "golem",
            Server::Golem,
            Trouble::Garbage,
            "login",
            &["makes no sense"],
        ),
        (
            "golem",
            Server::Golem,
            Trouble::EmptyLists,
            "rights",
            &["no right at all", "--tokens"],
        ),
        (
            "golem",
            Server::Golem,
            Trouble::On(
                "/access/permissions".to_owned(),
                Box::new(Trouble::Truncated),
            ),
            "rights",
            &["broke off"],
        ),
        (
            "pikachu",
            Server::Pikachu,
            Trouble::Unauthorized,
            "login",
            &["refused", "pveum passwd"],
        ),
        (
            "monitor",
            Server::Checkmk,
            Trouble::Unauthorized,
            "login",
            &["refused", "automation secret"],
        ),
        (
            "monitor",
            Server::Checkmk,
            Trouble::EmptyLists,
            "rights",
            &["no host", "contact group"],
        ),
        (
            "monitor",
            Server::Checkmk,
            Trouble::Redirect("https://sso.example.net/".to_owned()),
            "login",
            &["sso.example.net"],
        ),
        (
            "tickets",
            Server::Redmine,
            Trouble::Unauthorized,
            "login",
            &["refused", "REST web service"],
        ),
        (
            "tickets",
            Server::Redmine,
            Trouble::Status(403, "Forbidden".to_owned(), String::new()),
            "login",
            &["switched off"],
        ),
    ];
    for (section, server, trouble, name, words) in cases {
        estate.misbehave(server, trouble.clone());
        let ran = estate.run(&["doctor", section, "-o", "json"]);
        assert_eq!(ran.code, 2, "{trouble:?}: {}", ran.out);
        assert_fails(&ran.json(), section, name, words);
        estate.behave(server);
    }
}

#[test]
fn a_refused_password_is_tried_once() {
    let estate = Estate::start();
    let toml = estate.lab.config_toml();
    let secret = estate
        .secrets()
        .into_iter()
        .find(|s| toml.contains(&format!("password = \"{s}\"")))
        .unwrap();
    estate.home.configure(&toml.replace(&secret, "wrong"));
    let ran = estate.run(&["doctor", "pikachu", "-o", "json"]);
    assert_fails(&ran.json(), "pikachu", "login", &["refused"]);
    assert_eq!(
        estate
            .lab
            .requests_to(Server::Pikachu, "/api2/json/access/ticket"),
        1
    );
}

#[test]
fn broken_set_ups_before_any_server_are_named() {
    let estate = Estate::start();
    let golem = |token: &str| {
        let port = estate.lab.port(Server::Golem);
        format!("[proxmox.golem]\nurl = \"http://127.0.0.1:{port}\"\ntoken = {token}\n")
    };
    let home = Home::empty();
    home.write("config/vigie/open", "vigie@pve!tui=c0ffee\n", 0o644);
    home.write("config/vigie/empty", "\n", 0o600);
    home.write("config/vigie/label", "token: vigie@pve!tui=c0ffee\n", 0o600);
    for (token, name, words) in [
        ("{ file = \"open\" }", "secret", "chmod 600"),
        ("{ file = \"missing\" }", "secret", "does not exist"),
        ("{ file = \"empty\" }", "secret", "empty"),
        ("{ file = \"label\" }", "secret", "leave that out"),
        ("{ env = \"VIGIE_NO_SUCH\" }", "secret", "not set"),
        ("{ command = [\"false\"] }", "secret", "exit code 1"),
        (
            "{ command = [\"no-such-command\"] }",
            "secret",
            "no-such-command",
        ),
    ] {
        home.configure(&golem(token));
        let ran = home.run(&["doctor", "golem", "-o", "json"]);
        assert_eq!(ran.code, 2, "{token}: {}", ran.out);
        assert_fails(&ran.json(), "golem", name, &[words]);
        assert!(!ran.out.contains("c0ffee"), "{}", ran.out);
    }
    assert_eq!(estate.lab.requests(Server::Golem), 0, "nothing was sent");

    home.configure("[redmine.tickets]\nurl = \"https://no-such-host.invalid\"\nkey = \"c0ffee\"\n");
    let ran = home.run(&["doctor", "tickets", "-o", "json"]);
    assert_fails(&ran.json(), "tickets", "name", &["no-such-host.invalid"]);

    home.configure("[roster.team]\nfile = \"nobody.toml\"\n");
    let ran = home.run(&["doctor", "-o", "json"]);
    assert_fails(&ran.json(), "team", "roster", &["nobody.toml"]);

    home.configure("[proxmox.golem]\nurl = \"golem\"\n");
    let ran = home.run(&["doctor", "-o", "json"]);
    assert_eq!(ran.code, 78);
    assert_fails(&ran.json(), "configuration", "configuration", &["golem"]);
    assert_eq!(step(&ran.json(), "files", "configuration")["verdict"], "ok");
    assert_eq!(Home::empty().run(&["doctor"]).code, 78);
    assert_eq!(home.run(&["doctor", "--no-such"]).code, 64);
}

#[test]
fn addresses_of_other_systems_are_named() {
    let estate = Estate::start();
    let toml = estate.lab.config_toml();
    let port = |server| estate.lab.port(server).to_string();
    let (golem, redmine) = (port(Server::Golem), port(Server::Redmine));
    for (toml, section, words) in [
        (toml.replace("/look\"", "/other\""), "monitor", "other"),
        (toml.replace(&golem, &redmine), "golem", "Proxmox"),
        (toml.replace(&redmine, &golem), "tickets", "Redmine"),
    ] {
        estate.home.configure(&toml);
        let ran = estate.run(&["doctor", section, "-o", "json"]);
        assert_eq!(ran.code, 2, "{}", ran.out);
        assert_fails(&ran.json(), section, "login", &[words]);
    }
}

/// A TLS server that answers every request with this page; its port and its certificate's fingerprint.
pub fn tls_server(until: (i32, u8, u8), name: &str) -> u16 {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(until.0, until.1, until.2);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
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
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let config = Arc::clone(&config);
            std::thread::spawn(move || -> Option<()> {
                let connection = rustls::ServerConnection::new(config).ok()?;
                let mut stream = rustls::StreamOwned::new(connection, stream.ok()?);
                let mut asked = [0; 4096];
                let length = stream.read(&mut asked).ok()?;
                if length > 0 {
                    let head = "HTTP/1.1 401 Unauthorized\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n";
                    stream.write_all(head.as_bytes()).ok()?;
                    stream.flush().ok()?;
                }
                Some(())
            });
        }
    });
    port
}

fn over_tls(home: &Home, port: u16, more: &str) -> Value {
    home.configure(&format!(
        "[proxmox.golem]\nurl = \"https://127.0.0.1:{port}\"\ntoken = \"vigie@pve!tui=c0ffee\"\n{more}\n"
    ));
    let ran = home.run(&["doctor", "golem", "-o", "json"]);
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert!(!ran.out.contains("c0ffee"), "{}", ran.out);
    ran.json()
}

#[test]
fn certificates_are_judged_and_the_pin_is_offered() {
    let home = Home::empty();
    let port = tls_server((2060, 1, 1), "127.0.0.1");
    let report = over_tls(&home, port, "");
    assert_fails(&report, "golem", "tls", &["self-signed", "fingerprint = "]);
    let next = step(&report, "golem", "tls")["next"].as_str().unwrap();
    let pin = next
        .lines()
        .find(|l| l.starts_with("fingerprint = "))
        .unwrap();

    // The line that is offered works; what fails then is the login, and the clock of 1994.
    let report = over_tls(&home, port, pin);
    let tls = step(&report, "golem", "tls");
    assert_eq!(tls["verdict"], "ok", "{tls:#}");
    let what = tls["what"].as_str().unwrap();
    assert!(
        what.contains("TLS 1.3") && what.contains("pinned") && what.contains("days left"),
        "{what}"
    );
    assert_fails(&report, "golem", "clock", &["behind", "NTP"]);
    assert_fails(&report, "golem", "login", &["refused"]);

    let other = format!("fingerprint = \"{}\"", ["AB"; 32].join(":"));
    let report = over_tls(&home, port, &other);
    assert_fails(&report, "golem", "tls", &["another certificate", "Offered"]);

    let expired = tls_server((2021, 1, 1), "127.0.0.1");
    let report = over_tls(&home, expired, "");
    assert_fails(&report, "golem", "tls", &["expired"]);

    let named = tls_server((2060, 1, 1), "other.example.org");
    home.write("config/vigie/ca.pem", "no certificate", 0o644);
    assert_fails(
        &over_tls(&home, named, ""),
        "golem",
        "tls",
        &["fingerprint = "],
    );
    let report = over_tls(&home, port, "ca = \"ca.pem\"");
    assert_fails(&report, "golem", "tls", &["ca.pem", "no certificate"]);
}

#[test]
fn plain_http_where_tls_is_wanted_is_named() {
    let estate = Estate::start();
    let home = Home::empty();
    let report = over_tls(&home, estate.lab.port(Server::Golem), "");
    assert_fails(&report, "golem", "tls", &["does not speak TLS"]);
}

#[test]
fn what_hangs_is_cut_off_and_named() {
    let estate = Estate::start();
    estate.misbehave(Server::Golem, Trouble::Hang);
    let ran = estate.run(&["doctor", "golem", "tickets", "-o", "json", "-d", "2s"]);
    assert_eq!(ran.code, 2);
    let report = ran.json();
    assert_fails(&report, "golem", "deadline", &["not done after"]);
    assert_eq!(step(&report, "golem", "connection")["verdict"], "ok");
    assert_eq!(step(&report, "tickets", "rows")["verdict"], "ok");
}

#[test]
fn a_redacted_report_tells_no_place_and_no_account() {
    let estate = Estate::start();
    estate.misbehave(
        Server::Checkmk,
        Trouble::Redirect("https://sso.example.net/login".to_owned()),
    );
    let plain = estate.run(&["doctor"]);
    assert!(plain.out.contains("127.0.0.1") && plain.out.contains("sso.example.net"));
    for output in ["text", "json"] {
        let ran = estate.run(&["doctor", "--redact", "-o", output]);
        for word in [
            "127.0.0.1",
            "sso.example.net",
            estate.home.path().to_str().unwrap(),
        ] {
            assert!(!ran.out.contains(word), "{word} in {}", ran.out);
        }
        assert!(!ran.out.contains("token vigie@pve!"), "{}", ran.out);
    }
}

#[test]
fn files_in_a_bad_way_are_named() {
    let home = Home::with("[roster.team]\nfile = \"team.toml\"\n");
    std::fs::create_dir(home.path().join("open")).unwrap();
    std::fs::create_dir(home.path().join("open/vigie")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(home.path().join("open/vigie"), mode).unwrap();
    let output = home
        .command(&["doctor", "-o", "json"])
        .env("XDG_STATE_HOME", home.path().join("open"))
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let state = step(&report, "files", "state");
    assert_eq!(state["verdict"], "warning");
    assert!(
        state["next"].as_str().unwrap().starts_with("chmod 700"),
        "{state:#}"
    );
}
