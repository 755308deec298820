//! `vigie init`: as a new user goes through it in a terminal, and as a script does without one.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use vigie::demo::{Server, Trouble};

use crate::doctor::tls_server;
use crate::estate::{Estate, Home, Ran};
use crate::session::Session;

/// How long a question may take to come; nothing is measured by it.
const DEADLINE: Duration = Duration::from_mins(1);

/// A dialogue in a terminal.
struct Dialogue {
    session: Session,
    /// What of the program's bytes was there when something was last typed.
    seen: usize,
}

impl Dialogue {
    fn start(home: &Home, arguments: &[&str]) -> Self {
        let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
        let variables = [
            ("HOME", path("")),
            ("XDG_CONFIG_HOME", path("config")),
            ("XDG_STATE_HOME", path("state")),
            ("XDG_CACHE_HOME", path("cache")),
            // Nothing of a terminal is needed.
            ("TERM", "dumb".to_owned()),
        ];
        let variables: Vec<(&str, &str)> =
            variables.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let mut all = vec!["init"];
        all.extend_from_slice(arguments);
        let session = Session::start(env!("CARGO_BIN_EXE_vigie"), &all, &variables, 80, 50);
        Self { session, seen: 0 }
    }

    /// What was said since something was last typed.
    fn said(&self) -> String {
        let bytes = self.session.bytes();
        String::from_utf8_lossy(&bytes[self.seen..]).replace("\r\n", "\n")
    }

    /// Waits for a question.
    fn asked(&self, question: &str) {
        let begun = Instant::now();
        // Broken lines are one.
        while !self
            .said()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .contains(question)
        {
            assert!(
                begun.elapsed() < DEADLINE,
                "waited for {question:?}: {}",
                self.said()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for a question and answers it.
    fn answer(&mut self, question: &str, answer: &str) {
        self.asked(question);
        self.seen = self.session.bytes().len();
        self.session.send(&format!("{answer}\n"));
    }
}

/// All files below a directory, with their modes and what is in them.
fn files(directory: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        let name = entry.path().to_str().unwrap().to_owned();
        if entry.file_type().unwrap().is_dir() {
            all.extend(files(&entry.path()));
            all.insert(name, (mode, Vec::new()));
        } else {
            all.insert(name, (mode, std::fs::read(entry.path()).unwrap()));
        }
    }
    all
}

/// The questions of a whole dialogue and their answers: three sources of the lab, and a roster on the way.
fn three_sources(estate: &Estate) -> Vec<(&'static str, String)> {
    let url = |server| format!("http://127.0.0.1:{}", estate.lab.port(server));
    let toml = estate.lab.config_toml();
    let value = |table: &str, key: &str| {
        let rest = toml.split(&format!("[{table}]")).nth(1).unwrap();
        let rest = rest.split(&format!("\n{key} = \"")).nth(1).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    vec![
        ("Number or word:", "1".to_owned()),
        ("Address of the server, such as", url(Server::Golem)),
        ("Name of it in vigie [pve]:", "golem".to_owned()),
        ("Number or word [1]:", "token".to_owned()),
        ("Number or word [1]:", String::new()),
        ("API token (not shown):", value("proxmox.golem", "token")),
        ("Number or word [7]:", "checkmk".to_owned()),
        ("Address of the site, such as", url(Server::Checkmk)),
        // The site's name was missing, which was said.
        (
            "SITE stands before /check_mk in the browser's address Address of the site, such as",
            format!("{}/look", url(Server::Checkmk)),
        ),
        ("Name of it in vigie [monitor]:", String::new()),
        ("Automation user [automation]:", String::new()),
        ("Number or word [1]:", "1".to_owned()),
        (
            "Automation secret (not shown):",
            format!("Secret: {}", value("checkmk.monitor", "secret")),
        ),
        (
            "Which of them (all, none, or numbers such as 1,3-5) [none]:",
            "none".to_owned(),
        ),
        (
            "Which of them (all, none, or numbers such as 1,3-5) [none]:",
            String::new(),
        ),
        ("Number or word [7]:", "redmine".to_owned()),
        (
            "Address of its start page, such as",
            format!("{}/issues", url(Server::Redmine)),
        ),
        (
            "Address of its start page [http://127.0.0.1:",
            String::new(),
        ),
        ("Name of it in vigie [tickets]:", String::new()),
        ("Number or word [1]:", "1".to_owned()),
        // Another server's.
        ("API key (not shown):", value("proxmox.golem", "token")),
        ("Number or word:", "credential".to_owned()),
        ("Number or word [1]:", "1".to_owned()),
        ("API key (not shown):", value("redmine.tickets", "key")),
        (
            "Whose tickets shall be shown (all, none, or numbers such as 1,3-5) [all]:",
            "1-2".to_owned(),
        ),
        ("Number or word [1]:", "textile".to_owned()),
        (
            "Who of them (all, none, or numbers such as 1,3-5) [all]:",
            String::new(),
        ),
        ("Number or word [7]:", "done".to_owned()),
        ("Write it? [y/N]:", "y".to_owned()),
    ]
}

#[test]
fn from_no_files_to_a_running_dashboard_with_three_sources() {
    let estate = Estate::start();
    let home = Home::empty();
    std::fs::remove_dir(home.path().join("config/vigie")).unwrap();
    let mut dialogue = Dialogue::start(&home, &[]);
    for (question, answer) in three_sources(&estate) {
        dialogue.answer(question, &answer);
    }
    dialogue.asked("Written.");
    assert!(dialogue.session.end().success());
    dialogue.session.assert_restored();
    let said = String::from_utf8(dialogue.session.bytes()).unwrap();
    for secret in estate.secrets() {
        assert!(!said.contains(&secret), "a secret is on the screen: {said}");
    }
    assert!(!said.contains('\x1b'), "{said:?}");
    for words in [
        "Proxmox VE 9.1",
        "Checkmk 2.3.0p20",
        "the key is Vigie Dashboard's",
        "that looks like an API token of Proxmox",
        "The label before it is left out",
    ] {
        assert!(said.contains(words), "{words} is not in {said}");
    }

    let written = files(&home.path().join("config"));
    let config = home.path().join("config/vigie/config.toml");
    let text = std::fs::read_to_string(config).unwrap();
    for line in [
        "[proxmox.golem]\n",
        "token = { file = \"golem.token\" }\n",
        "secret = { file = \"monitor.secret\" }\n",
        "key = { file = \"tickets.key\" }\n",
        "projects = [\"systems\", \"web\"]\n",
        "[roster.team]\nfile = \"roster.toml\"\n",
        "# Checkmk, read as an automation user.\n",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    for (name, (mode, _)) in &written {
        let wanted = if name.contains('.') && !Path::new(name).is_dir() {
            0o600
        } else {
            0o700
        };
        assert_eq!(mode & 0o777, wanted, "{name}");
    }
    let doctor = home.run(&["doctor", "golem", "monitor", "tickets", "team"]);
    assert!(doctor.code <= 1, "{}", doctor.out);

    let path = home.path().to_str().unwrap();
    let config = format!("{path}/config");
    let dashboard = Session::start(
        env!("CARGO_BIN_EXE_vigie"),
        &[],
        &[("HOME", path), ("XDG_CONFIG_HOME", &config)],
        120,
        36,
    );
    let mut dashboard = dashboard;
    dashboard.wait_dashboard();
    for (key, word) in [
        ("2", "wiki"),
        ("1", "router"),
        ("6", "Replace disk"),
        ("5", "Grace"),
    ] {
        dashboard.send(key);
        dashboard.wait_text(word);
    }
    dashboard.send("q");
    assert!(dashboard.end().success());
}

#[test]
fn ctrl_c_at_any_question_changes_no_file() {
    let estate = Estate::start();
    let home = Home::with("# mine\n[ui]\ntheme = \"light\" # at night\n");
    let before = files(home.path());
    let questions = three_sources(&estate);
    for last in 0..questions.len() {
        // The list of kinds may be left when something is configured; here nothing is.
        let mut dialogue = Dialogue::start(&home, &[]);
        for (question, answer) in &questions[..last] {
            dialogue.answer(question, answer);
        }
        let question = questions[last].0;
        dialogue.asked(question);
        dialogue.session.send("\x03");
        let ended = dialogue.session.end();
        assert_eq!(ended.exit_code(), 130, "at {question}: {}", dialogue.said());
        assert!(
            dialogue.said().contains("nothing was written"),
            "{}",
            dialogue.said()
        );
        dialogue.session.assert_restored();
        assert_eq!(files(home.path()), before, "at {question}");
    }
    // The end of the input is leaving, too, and so is no.
    let mut dialogue = Dialogue::start(&home, &[]);
    dialogue.asked("Number or word:");
    dialogue.session.send("\x04");
    assert_eq!(dialogue.session.end().exit_code(), 130);
    let mut dialogue = Dialogue::start(&home, &["roster"]);
    dialogue.answer("Path of the roster", "");
    dialogue.answer("Name of a person", "Anne Bonny");
    dialogue.answer("Name of a person", "");
    dialogue.answer("Write it? [y/N]:", "");
    assert!(dialogue.session.end().success());
    assert_eq!(files(home.path()), before);
}

/// Runs `init` without a terminal, with this on standard input.
fn script(home: &Home, arguments: &[&str], input: &str) -> Ran {
    let mut command = home.command(&["init"]);
    command.args(arguments).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may have ended without reading.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Ran::new(arguments, child.wait_with_output().unwrap())
}

#[test]
fn a_script_gives_every_answer_as_an_option() {
    let estate = Estate::start();
    let before = "# mine\n[ui]\n  theme = 'light'   # at night\n\n# the end";
    let home = Home::with(before);
    let toml = estate.lab.config_toml();
    let url = |server| format!("http://127.0.0.1:{}", estate.lab.port(server));
    let secrets = estate.secrets();
    let [token, _, automation, key] = secrets.as_slice() else {
        panic!("{} secrets", secrets.len());
    };
    let golem = format!("vigie@pve!tui={token}");
    assert!(toml.contains(&golem));
    let (golem_url, redmine_url) = (url(Server::Golem), url(Server::Redmine));
    let monitor_url = format!("{}/look", url(Server::Checkmk));
    let runs: [(&[&str], &str); 3] = [
        (
            &[
                "proxmox", "--url", &golem_url, "--name", "golem", "--secret", "stdin", "--yes",
            ],
            &golem,
        ),
        (
            &[
                "checkmk",
                "--url",
                &monitor_url,
                "--user",
                "automation",
                "--secret",
                "stdin",
                "--keep",
                "config",
                "--yes",
            ],
            automation,
        ),
        (
            &[
                "redmine",
                "--url",
                &redmine_url,
                "--secret",
                "stdin",
                "--projects",
                "web,mail",
                "--markup",
                "markdown",
                "--found",
                "all",
                "--yes",
            ],
            key,
        ),
    ];
    for (arguments, input) in runs {
        let ran = script(&home, arguments, input);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        for secret in &secrets {
            assert!(
                !ran.out.contains(secret) && !ran.err.contains(secret),
                "{}",
                ran.out
            );
        }
    }
    let text = std::fs::read_to_string(home.path().join("config/vigie/config.toml")).unwrap();
    assert!(text.starts_with(before), "{text}");
    assert!(
        text.contains("projects = [\"web\", \"mail\"]\nmarkup = \"markdown\"\n"),
        "{text}"
    );
    let ran = home.run(&["config", "check"]);
    assert!(
        ran.out.contains("4 sources, no errors"),
        "{}{}",
        ran.out,
        ran.err
    );

    // The same once more is a name that is taken.
    let again = script(
        &home,
        &[
            "redmine",
            "--url",
            &redmine_url,
            "--name",
            "tickets",
            "--secret",
            "stdin",
            "--yes",
        ],
        key,
    );
    assert_eq!(again.code, 3);
    assert!(again.err.contains("configured already"), "{}", again.err);
    let dry = script(
        &home,
        &[
            "redmine",
            "--url",
            &redmine_url,
            "--name",
            "more",
            "--secret",
            "stdin",
            "--dry-run",
        ],
        key,
    );
    assert_eq!(dry.code, 0, "{}", dry.err);
    assert!(dry.out.contains("[redmine.more]"), "{}", dry.out);
    let unchanged = std::fs::read_to_string(home.path().join("config/vigie/config.toml")).unwrap();
    assert_eq!(unchanged, text);
}

#[test]
fn without_a_terminal_it_says_which_options_to_use() {
    let home = Home::empty();
    let before = files(home.path());
    for (arguments, code, words) in [
        (
            &[][..],
            2,
            "vigie init proxmox --url https://golem.example.org:8006",
        ),
        (&["proxmox"], 2, "--url is missing"),
        (&["web"], 2, "--url is missing"),
        (&["mail"], 2, "--store is missing"),
        (&["roster"], 2, "--file is missing"),
        (
            &["redmine", "--url", "https://r", "--secret", "hunter2"],
            2,
            "never an argument",
        ),
        (
            &["nonsense"],
            2,
            "possible values: proxmox, checkmk, redmine, web, mail, roster",
        ),
    ] {
        let ran = script(&home, arguments, "");
        assert_eq!(ran.code, code, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(words), "{arguments:?}: {}", ran.err);
    }
    assert_eq!(files(home.path()), before);
}

#[test]
fn bad_input_gets_one_clear_line_and_a_next_step() {
    let estate = Estate::start();
    let home = Home::empty();
    let golem = format!("http://127.0.0.1:{}", estate.lab.port(Server::Golem));
    let redmine = format!("http://127.0.0.1:{}", estate.lab.port(Server::Redmine));
    let cases: [(&[&str], &str, &[&str]); 8] = [
        (
            &[
                "checkmk",
                "--url",
                "https://monitor.example.org",
                "--user",
                "a",
                "--secret",
                "stdin",
                "--yes",
            ],
            "x",
            &["names no site", "SITE stands before /check_mk"],
        ),
        (
            &[
                "proxmox",
                "--url",
                "https://golem.example.org",
                "--secret",
                "stdin",
                "--yes",
            ],
            "x",
            &["names no port", "https://golem.example.org:8006"],
        ),
        (
            &[
                "proxmox",
                "--url",
                "http://golem.example.org:8006",
                "--secret",
                "stdin",
                "--yes",
            ],
            "x",
            &["in the clear", "https://"],
        ),
        (
            &["proxmox", "--url", &golem, "--secret", "stdin", "--yes"],
            "0123456789abcdef0123456789abcdef01234567",
            &[
                "no Proxmox token; it looks like an API key of Redmine",
                "user@realm!name=secret",
            ],
        ),
        (
            &["redmine", "--url", &redmine, "--secret", "stdin", "--yes"],
            "API key: 0123456789abcdef0123456789abcdef01234567",
            &["refused API key of tickets", "its key is under My account"],
        ),
        (
            &["redmine", "--url", &golem, "--secret", "stdin", "--yes"],
            "0123456789abcdef0123456789abcdef01234567",
            &["no Redmine answers here"],
        ),
        (
            &[
                "redmine",
                "--url",
                "https://no-such-host.invalid",
                "--secret",
                "stdin",
                "--yes",
            ],
            "x",
            &["no-such-host.invalid is not known", "it does not work"],
        ),
        (
            &[
                "redmine",
                "--url",
                &redmine,
                "--secret",
                "file:/no/such/file",
                "--yes",
            ],
            "",
            &["/no/such/file does not exist"],
        ),
    ];
    for (arguments, input, words) in cases {
        let ran = script(&home, arguments, input);
        assert_eq!(ran.code, 3, "{arguments:?}: {}{}", ran.out, ran.err);
        let said = format!("{}{}", ran.out, ran.err);
        for word in words {
            assert!(said.contains(word), "{word:?} is not in {said}");
        }
        assert!(!said.contains("0123456789abcdef0123456789"), "{said}");
    }
    // A directory that is none, and a configuration that is wrong already.
    home.write("file", "", 0o600);
    let below = home.path().join("file/config.toml");
    let ran = home.run(&["init", "roster", "--config", below.to_str().unwrap()]);
    assert_eq!(ran.code, 3);
    assert!(
        ran.err.contains("cannot be written") && ran.err.contains("is no directory"),
        "{}",
        ran.err
    );
    home.configure("[ui]\ntheme = 7\n");
    let ran = home.run(&["init", "roster"]);
    assert_eq!(ran.code, 3);
    assert!(
        ran.err.contains("mend it first") && ran.err.contains("config.toml:2:9"),
        "{}",
        ran.err
    );
    assert!(files(&home.path().join("config")).len() == 2);
}

#[test]
fn a_certificate_nobody_vouches_for_is_shown_and_pinned_only_when_told() {
    let port = tls_server((2060, 1, 1), "other.example.org");
    let url = format!("https://127.0.0.1:{port}");
    let home = Home::empty();
    let arguments = [
        "redmine",
        "--url",
        &url,
        "--secret",
        "stdin",
        "--yes",
        "--untried",
    ];
    let ran = script(&home, &arguments, "c0ffee");
    assert_eq!(ran.code, 2, "{}", ran.out);
    for words in [
        "for other.example.org",
        "signed by itself",
        "to 2060-01-01",
        "SHA-256 ",
    ] {
        assert!(ran.out.contains(words), "{words} is not in {}", ran.out);
    }
    assert!(
        ran.err
            .contains("--ca FILE or --pin FINGERPRINT is missing"),
        "{}",
        ran.err
    );
    let print = ran
        .out
        .split("SHA-256 ")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap();

    let mut other = arguments.to_vec();
    let wrong = ["AB"; 32].join(":");
    other.extend(["--pin", &wrong]);
    let ran = script(&home, &other, "c0ffee");
    assert_eq!(
        ran.code, 2,
        "another certificate is never taken: {}{}",
        ran.out, ran.err
    );

    let mut pinned = arguments.to_vec();
    pinned.extend(["--pin", print]);
    let ran = script(&home, &pinned, "c0ffee");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let text = std::fs::read_to_string(home.path().join("config/vigie/config.toml")).unwrap();
    assert!(
        text.contains(&format!("fingerprint = \"{print}\"")),
        "{text}"
    );

    let home = Home::empty();
    let mut dialogue = Dialogue::start(&home, &["redmine"]);
    dialogue.answer("Address of its start page", &url);
    dialogue.answer("Name of it in vigie", "");
    dialogue.answer("Number or word:", "ca");
    dialogue.answer("Path of the PEM file:", "/no/such/file");
    dialogue.answer("Number or word:", "pin");
    dialogue.answer("Number or word [1]:", "");
    dialogue.answer("API key (not shown):", "c0ffee");
    dialogue.answer("Number or word:", "keep");
    dialogue.answer("Number or word [1]:", "");
    dialogue.answer("Write it? [y/N]:", "y");
    assert!(dialogue.session.end().success());
    let text = std::fs::read_to_string(home.path().join("config/vigie/config.toml")).unwrap();
    assert!(
        text.contains(&format!("fingerprint = \"{print}\"")),
        "{text}"
    );
}

#[test]
fn a_server_that_is_down_can_be_tried_again() {
    let estate = Estate::start();
    let home = Home::empty();
    estate.misbehave(Server::Redmine, Trouble::Down);
    let url = format!("http://127.0.0.1:{}", estate.lab.port(Server::Redmine));
    let mut dialogue = Dialogue::start(&home, &["redmine", "--url", &url, "--found", "none"]);
    dialogue.answer("Name of it in vigie", "");
    dialogue.asked("connection refused");
    dialogue.asked("Number or word:");
    estate.behave(Server::Redmine);
    dialogue.answer("Number or word:", "again");
    dialogue.answer("Number or word [1]:", "2");
    let key = home.write("key", estate.secrets().last().unwrap(), 0o600);
    dialogue.answer("Path of the file:", key.to_str().unwrap());
    dialogue.answer("Number or word [1]:", "");
    dialogue.answer("Write it? [y/N]:", "y");
    assert!(dialogue.session.end().success());
    let text = std::fs::read_to_string(home.path().join("config/vigie/config.toml")).unwrap();
    assert!(
        text.contains(&format!("key = {{ file = \"{}\" }}", key.display())),
        "{text}"
    );
}

/// A node of a Proxmox cluster on this address, with a certificate of its own: its fingerprint.
fn node(address: &str, port: u16) -> String {
    let mut params = CertificateParams::new(vec![address.to_owned()]).unwrap();
    params.not_after = date_time_ymd(2060, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let print = fingerprint(certificate.der());
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind((address, port)).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let config = Arc::clone(&config);
            std::thread::spawn(move || -> Option<()> {
                let connection = rustls::ServerConnection::new(config).ok()?;
                let mut stream = rustls::StreamOwned::new(connection, stream.ok()?);
                let mut asked = [0; 4096];
                loop {
                    let length = stream.read(&mut asked).ok().filter(|length| *length > 0)?;
                    let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
                    let path = asked.split_whitespace().nth(1)?;
                    let data = match path.strip_prefix("/api2/json").unwrap_or(path) {
                        "/version" => r#"{"version":"8.4.1","release":"8.4"}"#,
                        "/access/permissions" => {
                            r#"{"/":{"VM.Audit":1,"Sys.Audit":1,"Datastore.Audit":1}}"#
                        }
                        "/cluster/status" => {
                            r#"[{"type":"cluster","id":"cluster","name":"pirates","nodes":2,"quorate":1},
                                {"type":"node","id":"node/n1","name":"n1","ip":"127.0.0.1","online":1},
                                {"type":"node","id":"node/n2","name":"n2","ip":"127.0.0.2","online":1}]"#
                        }
                        "/cluster/resources" => {
                            r#"[{"type":"node","id":"node/n1","node":"n1","status":"online"}]"#
                        }
                        _ => "{}",
                    };
                    let body = format!("{{\"data\":{data}}}");
                    let head = format!(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    stream.write_all(head.as_bytes()).ok()?;
                    stream.flush().ok()?;
                }
            });
        }
    });
    print
}

fn fingerprint(der: &[u8]) -> String {
    use vigie::source::http::certificate;
    certificate::show(&certificate::fingerprint(der))
}

#[test]
fn the_other_nodes_of_a_cluster_are_proposed_with_their_certificates() {
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .unwrap()
        .port();
    let first = node("127.0.0.1", port);
    let second = node("127.0.0.2", port);
    let home = Home::empty();
    let url = format!("https://127.0.0.1:{port}");
    let arguments = [
        "proxmox", "--name", "pirates", "--url", &url, "--secret", "stdin",
    ];
    let mut all = arguments.to_vec();
    all.extend(["--pin", &first, "--found", "all", "--yes"]);
    let ran = script(
        &home,
        &all,
        "vigie@pve!tui=01234567-89ab-cdef-0123-456789abcdef",
    );
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let text = std::fs::read_to_string(home.path().join("config/vigie/config.toml")).unwrap();
    for line in [
        "# Proxmox VE 8.4.1, cluster pirates, also node n2\n".to_owned(),
        format!("url = [\"{url}\", \"https://127.0.0.2:{port}\"]\n"),
        format!("fingerprint = [\"{first}\", \"{second}\"]\n"),
    ] {
        assert!(text.contains(&line), "{line} is not in {text}");
    }
    let ran = home.run(&["doctor", "pirates"]);
    assert!(ran.out.contains("stands to 127.0.0.2"), "{}", ran.out);
    assert!(!ran.out.contains("FAILS"), "{}", ran.out);
}
