//! `vigie status` against the embedded lab.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use vigie::demo::{Server, Trouble};

use crate::estate::{Estate, Home};
use crate::session::Session;

/// Servers that need a network; the roster is a file.
const SERVERS: [Server; 4] = [
    Server::Golem,
    Server::Pikachu,
    Server::Checkmk,
    Server::Redmine,
];

fn assert_fits(schema: &Value, document: &Value) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(document)
        .map(|e| format!("{} at {}", e, e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

fn source<'a>(document: &'a Value, name: &str) -> &'a Value {
    let sources = document["sources"].as_array().unwrap();
    sources.iter().find(|s| s["name"] == name).unwrap()
}

#[test]
fn the_text_tells_the_verdict_the_problems_the_tabs_and_the_sources() {
    let estate = Estate::start();
    let ran = estate.run(&["status"]);
    // The lab's ordinary day has a critical service.
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert_eq!(ran.err, "");
    let first = ran.out.lines().next().unwrap();
    assert!(first.starts_with("CRITICAL: "), "{first}");
    assert!(first.contains("; 9 of 9 sources answered"), "{first}");
    for tab in [
        "Triage",
        "Hosts",
        "Containers",
        "Web",
        "Mail",
        "Team",
        "Tickets",
    ] {
        assert!(
            ran.out.lines().any(|l| l.starts_with(tab)),
            "{tab}: {}",
            ran.out
        );
    }
    assert!(
        ran.out.contains("golem    Proxmox VE  3 readings read")
            || ran.out.contains("3 of 3 readings read"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.lines().any(|l| l.starts_with("critical ")),
        "{}",
        ran.out
    );
}

#[test]
fn the_json_fits_its_schema_whatever_happens() {
    let estate = Estate::start();
    let schema = estate.run(&["status", "--schema"]);
    assert_eq!(schema.code, 0);
    let schema = schema.json();
    jsonschema::meta::validate(&schema).unwrap();

    let tabs = [
        "--tab=triage",
        "--tab=hosts",
        "--tab=containers",
        "--tab=web",
        "--tab=mail",
        "--tab=team",
        "--tab=tickets",
    ];
    let mut arguments = vec!["status", "-o", "json"];
    arguments.extend(tabs);
    let ran = estate.run(&arguments);
    let document = ran.json();
    assert_fits(&schema, &document);
    assert_eq!(document["exit_code"], ran.code);
    assert_eq!(document["complete"], true);
    assert_eq!(document["verdict"], "critical");
    assert_eq!(document["tables"].as_array().unwrap().len(), 7);
    // Every problem is in the incident it names, once, or held back.
    let incidents = document["incidents"].as_array().unwrap();
    let members = incidents.iter().flat_map(|incident| {
        let below = incident["below"].as_array().unwrap().iter();
        let all = std::iter::once(incident).chain(below);
        all.map(|member| (member["key"].clone(), incident["key"].clone()))
    });
    let members: Vec<_> = members.collect();
    let problems = document["problems"].as_array().unwrap();
    let named: Vec<_> = problems
        .iter()
        .filter(|p| p["incident"].is_string())
        .collect();
    assert_eq!(members.len(), named.len());
    for problem in &named {
        let member = (problem["key"].clone(), problem["incident"].clone());
        assert!(members.contains(&member), "{problem}");
    }
    let held = problems.len() - named.len();
    assert_eq!(document["incident_counts"]["held_back"], held);
    for table in document["tables"].as_array().unwrap() {
        let rows = table["rows"].as_array().unwrap();
        assert!(!rows.is_empty(), "{}", table["tab"]);
        for row in rows {
            for (column, cell) in row["cells"].as_object().unwrap() {
                assert!(
                    cell["source"].is_string(),
                    "{} {column}: {cell}",
                    table["tab"]
                );
                assert!(cell["at"].is_string(), "{} {column}: {cell}", table["tab"]);
            }
        }
    }

    for trouble in [
        Trouble::Down,
        Trouble::LoginPage,
        Trouble::Garbage,
        Trouble::Unauthorized,
        Trouble::Hostile("\x1b[31m\u{202e}evil".to_owned()),
    ] {
        estate.misbehave(Server::Checkmk, trouble.clone());
        let ran = estate.run(&["status", "-o", "json", "--deadline", "30s"]);
        let document = ran.json();
        assert_fits(&schema, &document);
        if !matches!(trouble, Trouble::Hostile(_)) {
            assert_eq!(document["complete"], false, "{trouble:?}");
            assert_eq!(ran.code, 3, "{trouble:?}: {}", document["verdict"]);
            let reading = &source(&document, "monitor")["readings"][0];
            assert_eq!(reading["state"], "failed", "{trouble:?}");
            assert!(reading["failure"]["what"].is_string());
        }
    }
}

#[test]
fn a_schema_that_is_not_kept_is_noticed() {
    let estate = Estate::start();
    let schema = estate.run(&["status", "--schema"]).json();
    let mut document = estate.run(&["status", "-o", "json"]).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&document));
    document["new"] = Value::from("fields may be added");
    assert!(validator.is_valid(&document));
    document["verdict"] = Value::from("green");
    assert!(!validator.is_valid(&document));
}

#[test]
fn exit_codes_tell_why_nothing_is_known() {
    let estate = Estate::start();
    for server in SERVERS {
        estate.misbehave(server, Trouble::Unauthorized);
    }
    // Only sources that need a server: the newsletter's tables are files.
    let servers: String = estate
        .lab
        .config_toml()
        .split_inclusive("\n\n")
        .filter(|table| !table.contains("[web.") && !table.contains("[mail."))
        .collect();
    estate.home.configure(&servers);
    assert_eq!(estate.run(&["status"]).code, 77);
    for server in SERVERS {
        estate.misbehave(server, Trouble::Down);
    }
    let ran = estate.run(&["status"]);
    assert_eq!(ran.code, 69, "{}", ran.out);
    assert!(ran.out.starts_with("UNKNOWN: "), "{}", ran.out);
    for server in SERVERS {
        estate.behave(server);
    }
    assert_eq!(estate.run(&["status", "-s", "tickets"]).code, 0);
}

#[test]
fn what_is_late_is_marked_and_the_deadline_holds() {
    let estate = Estate::start();
    estate.misbehave(Server::Redmine, Trouble::Hang);
    let begun = std::time::Instant::now();
    let ran = estate.run(&[
        "status", "-o", "json", "-d", "2s", "-s", "tickets", "-s", "golem",
    ]);
    assert!(begun.elapsed() < Duration::from_secs(8));
    assert_eq!(ran.code, 3);
    let document = ran.json();
    assert_eq!(document["complete"], false);
    let tickets = source(&document, "tickets");
    assert_eq!(tickets["readings"][0]["state"], "unanswered");
    assert_eq!(tickets["readings"][0]["at"], Value::Null);
    assert_eq!(tickets["freshness"], "never read");
    assert_eq!(
        source(&document, "golem")["readings"][0]["state"],
        "answered"
    );
    let tabs = document["tabs"].as_array().unwrap();
    let tab = |name: &str| tabs.iter().find(|t| t["tab"] == name).unwrap();
    assert_eq!(tab("tickets")["complete"], false);
    assert_eq!(tab("containers")["complete"], true);
    let text = estate.run(&["status", "-d", "2s", "-s", "tickets"]);
    assert!(
        text.out.contains("tickets: no answer in time"),
        "{}",
        text.out
    );
    assert!(text.out.contains("not in time"), "{}", text.out);
}

#[test]
fn each_source_is_asked_once() {
    let estate = Estate::start();
    estate.run(&["status"]);
    let resources = "/api2/json/cluster/resources";
    assert_eq!(estate.lab.requests_to(Server::Golem, resources), 1);
    assert_eq!(estate.lab.requests_to(Server::Pikachu, resources), 1);
}

#[test]
fn tables_come_as_csv_markdown_and_text() {
    let estate = Estate::start();
    let csv = estate.run(&["status", "--tab", "containers", "-o", "csv"]);
    let mut lines = csv.out.split("\r\n");
    let heads: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(heads.first(), Some(&"vmid"));
    assert_eq!(
        heads.get(heads.len() - 3..),
        Some(&["from", "read_at", "freshness"][..])
    );
    let wiki = lines.find(|l| l.contains(",wiki,")).unwrap();
    assert!(wiki.starts_with("105,wiki,"), "{wiki}");
    assert!(
        wiki.contains(",golem,2") && wiki.ends_with(",fresh"),
        "{wiki}"
    );

    let markdown = estate.run(&["status", "--tab", "hosts", "-o", "md"]);
    assert!(
        markdown.out.starts_with("## Hosts\n\n| HOST | STATE |"),
        "{}",
        markdown.out
    );
    assert!(
        markdown.out.contains("| golem | online |"),
        "{}",
        markdown.out
    );

    let text = estate.run(&["status", "--tab", "containers", "--filter", "name:wiki"]);
    assert!(text.out.starts_with("VMID  NAME"), "{}", text.out);
    assert!(
        text.out.contains("wiki") && !text.out.contains("redmine "),
        "{}",
        text.out
    );
}

#[test]
fn foreign_words_are_neither_formulas_nor_markup_nor_commands() {
    let estate = Estate::start();
    estate.misbehave(
        Server::Redmine,
        Trouble::Hostile("|<b>\x1b]0;x\x07\"".to_owned()),
    );
    let markdown = estate.run(&["status", "-t", "tickets", "-o", "md", "-s", "tickets"]);
    assert!(markdown.out.contains("\\|\\<b\\>"), "{}", markdown.out);
    let csv = estate.run(&["status", "-t", "tickets", "-o", "csv", "-s", "tickets"]);
    assert!(csv.out.contains("\"\""), "{}", csv.out);
}

#[test]
fn the_last_known_state_is_told_without_asking_anybody() {
    let estate = Estate::start();
    let home = &estate.home;
    let empty = estate.run(&["status", "--from-cache"]);
    assert_eq!(empty.code, 69, "{}", empty.out);
    let nothing = estate.run(&["motd"]);
    assert_eq!((nothing.code, nothing.out.lines().count()), (0, 1));
    assert_eq!(estate.run(&["motd", "--quiet"]).out, "");

    let at = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    let (own, config, state) = (at(""), at("config"), at("state"));
    let variables = [
        ("HOME", own.as_str()),
        ("XDG_CONFIG_HOME", &config),
        ("XDG_STATE_HOME", &state),
    ];
    let mut session = Session::start(env!("CARGO_BIN_EXE_vigie"), &[], &variables, 160, 50);
    session.wait_dashboard();
    session.wait_text("pikachu: SMART");
    // The panel of sources, until those that are slowest have answered.
    session.send("S");
    for rows in ["23 rows", "37 rows", "57 rows", "16 rows", "11 rows"] {
        session.wait_text(rows);
    }
    session.send("\x03");
    assert!(session.end().success());

    for server in Server::ALL {
        estate.misbehave(server, Trouble::Down);
    }
    let before: u64 = Server::ALL.map(|s| estate.lab.requests(s)).iter().sum();
    let ran = estate.run(&["status", "--from-cache", "-o", "json"]);
    let document = ran.json();
    assert_fits(&estate.run(&["status", "--schema"]).json(), &document);
    assert_eq!(document["from_cache"], true);
    assert_eq!(ran.code, 2, "{}", document["verdict"]);
    assert_eq!(
        source(&document, "golem")["readings"][0]["state"],
        "answered"
    );
    let old = estate.run(&[
        "status",
        "--from-cache",
        "--max-age",
        "1ms",
        "-s",
        "tickets",
    ]);
    assert_eq!(old.code, 3, "{}", old.out);
    let motd = estate.run(&["motd", "-n", "2"]);
    assert_eq!(motd.code, 0);
    assert!(motd.out.starts_with("vigie: 1 critical"), "{}", motd.out);
    let counts = &document["incident_counts"];
    let open = ["critical", "unknown", "warning"];
    let open: u64 = open
        .iter()
        .filter_map(|severity| counts[severity].as_u64())
        .sum();
    let more = format!("and {} more", open - 2);
    assert!(open > 2 && motd.out.contains(&more), "{}", motd.out);
    let after: u64 = Server::ALL.map(|s| estate.lab.requests(s)).iter().sum();
    assert_eq!(before, after, "a server was asked");
}

#[test]
fn nonsense_on_the_command_line_is_no_verdict() {
    let home = Home::with("[roster.team]\nfile = \"/nowhere\"\n");
    for arguments in [
        &["status", "--no-such"][..],
        &["status", "-o", "csv"],
        &["status", "-o", "csv", "-t", "hosts", "-t", "mail"],
        &["status", "-t", "hosts", "--filter", "colour:red"],
        &["status", "-s", "nobody"],
        &["status", "-d", "soon"],
        &["status", "-w", "-o", "json"],
        &["status", "--max-age", "1m"],
    ] {
        let ran = home.run(arguments);
        assert_eq!(ran.code, 64, "{arguments:?}: {}", ran.err);
        assert_eq!(ran.out, "");
        assert!(!ran.err.is_empty());
    }
    assert_eq!(Home::empty().run(&["status"]).code, 78);
    assert_eq!(Home::with("[web").run(&["status"]).code, 78);
    let ran = home.run(&["status"]);
    assert_eq!(ran.code, 3, "a roster that is not there: {}", ran.out);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let estate = Estate::start();
    let mut child = estate
        .home
        .command(&["status", "-o", "json", "-t", "tickets", "-t", "containers"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut words = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut words)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(2));
    assert_eq!(words, "");
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let estate = Estate::start();
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = estate
        .home
        .command(&["status"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(74));
    assert!(!output.stderr.is_empty());
}

#[test]
fn watching_tells_what_changes() {
    let estate = Estate::start();
    let mut child = estate
        .home
        .command(&["status", "--watch", "-s", "tickets", "-s", "golem"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    let schema = estate.run(&["status", "--schema"]).json();
    let first = next();
    assert_eq!(first["event"], "status");
    assert_fits(&schema, &first["status"]);
    assert_eq!(first["status"]["complete"], true);

    estate.misbehave(Server::Redmine, Trouble::LoginPage);
    let appeared = loop {
        let event = next();
        if event["event"] == "appeared" && event["problem"]["source"] == "tickets" {
            break event;
        }
    };
    assert_eq!(appeared["problem"]["severity"], "unknown");
    estate.behave(Server::Redmine);
    loop {
        let event = next();
        if event["event"] == "resolved" {
            assert_eq!(event["problem"]["key"], appeared["problem"]["key"]);
            break;
        }
    }
    // A signal ends it with the shell's own code.
    let mut other = estate
        .home
        .command(&["status", "--watch", "-s", "tickets"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(other.stdout.as_mut().unwrap())
        .read_line(&mut first)
        .unwrap();
    let id = rustix::process::Pid::from_raw(other.id().try_into().unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    assert_eq!(other.wait().unwrap().code(), Some(143));

    // The reader goes: it ends by itself.
    drop(lines);
    estate.misbehave(Server::Redmine, Trouble::LoginPage);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
