//! Whole files: those in `tests/configs/valid` load, those in `tests/configs/invalid` give exactly
//! the text beside them. `VIGIE_BLESS=1` writes those texts anew; read the difference before you
//! commit it.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::check;
use super::shape::{
    Choice, Colours, Config, Expect, Header, Mail, MailStore, Markup, Method, Notices,
    ProxmoxCredential, Quiet, System, Telling, Triage, Trust, Ui,
};
use super::*;
use crate::domain::queue::{Levels, Sending};
use crate::domain::{Bytes, Severity, SourceId, SourceKind};

fn examples(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/configs")).join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    files
}

fn parse_file(path: &Path) -> Result<Config, Errors> {
    let text = fs::read_to_string(path).unwrap();
    parse(&text, Path::new(path.file_name().unwrap()))
}

#[test]
fn valid_files_load() {
    let files = examples("valid");
    assert!(files.len() >= 6, "{files:?}");
    for path in files {
        let read = parse_file(&path);
        assert!(read.is_ok(), "{}\n{}", path.display(), read.unwrap_err());
    }
}

#[test]
fn invalid_files_say_what_is_wrong() {
    let files = examples("invalid");
    assert!(files.len() >= 25, "{}", files.len());
    let mut different = Vec::new();
    for path in files {
        let said = match parse_file(&path) {
            Ok(_) => "no error".to_owned(),
            Err(errors) => errors.to_string(),
        };
        let beside = path.with_extension("expected");
        if std::env::var_os("VIGIE_BLESS").is_some() {
            fs::write(&beside, format!("{said}\n")).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if expected.trim_end() != said || said == "no error" {
            different.push(format!("{}:\n{said}\n", path.display()));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn no_text_about_an_invalid_file_holds_a_secret() {
    // Every secret in those files has this word in it.
    let mut with_secret = 0;
    for path in examples("invalid") {
        let Err(errors) = parse_file(&path) else {
            continue;
        };
        with_secret += usize::from(fs::read_to_string(&path).unwrap().contains("hunter2"));
        let said = format!("{errors}{errors:?}");
        assert!(!said.contains("hunter2"), "{}: {said}", path.display());
    }
    assert!(with_secret >= 8, "{with_secret}");
}

#[test]
fn nothing_is_a_valid_configuration() {
    let config = parse("", Path::new("empty.toml")).unwrap();
    assert!(config.is_empty());
    assert_eq!(config.ui, Ui::default());
    assert_eq!(config.keys, []);
}

#[test]
fn the_default_text_equals_the_defaults() {
    let config = parse(default_toml(), Path::new("default.toml")).unwrap();
    assert!(config.is_empty());
    assert_eq!(config.ui, Ui::default());
    assert_eq!(config.keys, []);
    assert_eq!(config.joins, []);
    assert_eq!(config.triage, Triage::default());
    assert_eq!(config.notices, Notices::default());
    // Each is really written there, not only absent.
    for key in [
        "theme",
        "colours",
        "ascii",
        "mouse",
        "start_tab",
        "privacy",
        "hold",
    ] {
        assert!(default_toml().contains(&format!("\n{key} = ")), "{key}");
    }
}

#[test]
fn the_examples_in_the_default_text_are_valid() {
    let text: String = default_toml()
        .lines()
        .map(|line| line.strip_prefix("#: ").unwrap_or(line))
        .flat_map(|line| [line, "\n"])
        .collect();
    let read = parse(&text, Path::new("default.toml"));
    assert!(read.is_ok(), "{}", read.unwrap_err());
    let config = read.unwrap();
    let kinds: Vec<(SourceKind, &str)> = config
        .sources
        .iter()
        .map(|source| (source.kind(), source.name.as_str()))
        .collect();
    assert_eq!(
        kinds,
        [
            (SourceKind::Proxmox, "golem"),
            (SourceKind::Proxmox, "cluster"),
            (SourceKind::Proxmox, "pikachu"),
            (SourceKind::Checkmk, "monitor"),
            (SourceKind::Redmine, "tickets"),
            (SourceKind::Web, "sites"),
            (SourceKind::Mail, "out"),
            (SourceKind::Mail, "newsletter"),
            (SourceKind::Mail, "list"),
            (SourceKind::Roster, "team"),
        ]
    );
    // The text shows the default paces.
    for source in &config.sources {
        assert_eq!(
            source.refresh,
            check::pace(source.kind()).0,
            "{}",
            source.name
        );
    }
    assert_eq!(config.ui.zone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(config.keys.len(), 1);
}

/// Everything once, with each value asserted on.
#[test]
fn everything_is_read_as_it_is_meant() {
    let path = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/configs/valid/everything.toml"
    ));
    let config = parse(
        &fs::read_to_string(path).unwrap(),
        Path::new("/etc/vigie/config.toml"),
    );
    let config = config.unwrap();
    assert_eq!(
        config.ui,
        Ui {
            theme: "light".to_owned(),
            colours: Colours::Indexed,
            ascii: Choice::Yes,
            mouse: false,
            start_tab: 2,
            privacy: true,
            zone: Some("Europe/Berlin".to_owned()),
        }
    );
    assert_eq!(config.keys[0].action, "refresh");
    assert_eq!(config.keys[0].keys, ["r", "f5"]);
    assert_eq!(config.keys[0].place, "/etc/vigie/config.toml:11:1");
    assert_eq!(config.keys[1].keys, Vec::<String>::new());
    assert_eq!(config.files, [PathBuf::from("/etc/vigie/config.toml")]);

    assert_eq!(config.triage.hold, Duration::from_mins(2));
    let quiet = |from, until| Quiet { from, until };
    assert_eq!(
        config.notices,
        Notices {
            bell: false,
            terminal: Telling::Osc777,
            from: Severity::Unknown,
            quiet: vec![quiet(1320, 420), quiet(750, 780)],
            title: true,
        }
    );
    assert!(quiet(1320, 420).has(0) && quiet(1320, 420).has(1320));
    assert!(!quiet(1320, 420).has(420) && !quiet(750, 780).has(780));
    let joins: Vec<(&str, Option<&str>)> = config
        .joins
        .iter()
        .map(|j| (&*j.thing, j.host.as_deref()))
        .collect();
    assert_eq!(
        joins,
        [
            ("golem/105", Some("wiki-old")),
            ("pikachu", Some("pikachu.example.org")),
            ("golem/109", None),
        ]
    );

    let ids: Vec<SourceId> = config.sources.iter().map(|s| s.id).collect();
    assert_eq!(ids, (0..8).map(SourceId).collect::<Vec<_>>());

    let System::Proxmox(golem) = &config.sources[0].system else {
        unreachable!()
    };
    assert_eq!(
        golem.reach.urls[0].as_str(),
        "https://golem.example.org:8006/"
    );
    assert_eq!(golem.reach.urls[1].as_str(), "https://golem2.example.org/");
    assert_eq!(golem.reach.trust, Trust::Pins(vec![[0xab; 32]]));
    assert_eq!(golem.reach.deadlines.whole, Duration::from_secs(10));
    assert_eq!(golem.reach.deadlines.first_byte, Duration::from_secs(10));
    assert_eq!(golem.reach.deadlines.connect, Duration::from_millis(2500));
    assert_eq!(golem.reach.body_cap, Bytes(64 << 20));
    assert_eq!(config.sources[0].refresh, Duration::from_secs(5));
    assert_eq!(
        golem.credential,
        ProxmoxCredential::Token {
            id: Some("vigie@pve!tui".to_owned()),
            secret: SecretSource::Inline(Secret::new("01234567-89ab-cdef-0123-456789abcdef")),
        }
    );

    let System::Proxmox(pikachu) = &config.sources[1].system else {
        unreachable!()
    };
    assert_eq!(pikachu.reach.urls[0].as_str(), "http://127.0.0.1/");
    let tunnel = pikachu.reach.tunnel.as_ref().unwrap();
    assert_eq!(
        (tunnel.ssh.as_str(), tunnel.to_host.as_str(), tunnel.to_port),
        ("root@pikachu", "127.0.0.1", 85)
    );
    assert_eq!(
        pikachu.credential,
        ProxmoxCredential::Password {
            user: "root@pam".to_owned(),
            password: SecretSource::Env("PIKACHU_PASSWORD".to_owned()),
        }
    );

    let System::Proxmox(whole) = &config.sources[2].system else {
        unreachable!()
    };
    assert_eq!(whole.reach.trust, Trust::CaFile("/etc/vigie/ca.pem".into()));
    assert_eq!(
        whole.credential,
        ProxmoxCredential::Token {
            id: None,
            secret: SecretSource::File("/run/token".into()),
        }
    );

    let System::Checkmk(monitor) = &config.sources[3].system else {
        unreachable!()
    };
    assert_eq!(
        monitor.reach.urls[0].as_str(),
        "https://monitor.example.org/site"
    );
    assert_eq!(monitor.user, "automation");
    assert_eq!(
        monitor.secret,
        SecretSource::Command(vec!["pass".to_owned(), "monitor".to_owned(), String::new()])
    );

    let System::Redmine(tickets) = &config.sources[4].system else {
        unreachable!()
    };
    assert_eq!(
        tickets.reach.urls[0].as_str(),
        "https://example.org/redmine"
    );
    assert_eq!(tickets.projects, ["web", "servers"]);
    assert_eq!(tickets.markup, Markup::Markdown);

    let System::Web(sites) = &config.sources[5].system else {
        unreachable!()
    };
    assert_eq!(sites.sites[0].name, "wiki.example.org");
    assert_eq!(sites.sites[0].expect, Expect::Fine);
    assert_eq!(sites.sites[0].runs_on.as_deref(), Some("105"));
    assert_eq!(sites.sites[0].proxy.as_deref(), Some("golem/101"));
    assert_eq!(sites.sites[0].needs, ["db", "110"]);
    assert_eq!(sites.sites[1].expect, Expect::Status(401));
    assert_eq!(
        sites.sites[2].expect,
        Expect::Redirect("https://www.example.org/".parse().unwrap())
    );
    assert_eq!(
        sites.sites[3].expect,
        Expect::Redirect("https://example.org/new".parse().unwrap())
    );
    assert_eq!(sites.parallel, 3);
    let names: Vec<&str> = sites.sites.iter().map(|s| &*s.name).collect();
    assert_eq!(
        names,
        [
            "wiki.example.org",
            "intern",
            "example.org",
            "example.org/old",
            "shop.example.org",
            "https://shop.example.org/"
        ]
    );
    let wiki = &sites.sites[0];
    assert_eq!(wiki.interval, Duration::from_mins(2));
    assert_eq!(wiki.deadlines.whole, Duration::from_secs(20));
    assert_eq!((wiki.method, &wiki.upgrade), (Method::Get, &None));
    let shop = &sites.sites[4];
    assert_eq!(shop.interval, Duration::from_secs(30));
    assert_eq!(shop.deadlines.whole, Duration::from_secs(5));
    assert_eq!(shop.deadlines.connect, Duration::from_secs(4));
    let places: Vec<String> = (shop.address.iter())
        .map(|at| format!("{}:{}", at.host, at.port))
        .collect();
    assert_eq!(
        places,
        ["10.0.0.5:8080", "[2001:db8::5]:8443", "backend:8443"]
    );
    assert_eq!(
        shop.headers,
        [
            Header {
                name: "accept-language".to_owned(),
                value: SecretSource::Inline(Secret::new("de")),
            },
            Header {
                name: "authorization".to_owned(),
                value: SecretSource::File("/etc/vigie/shop.secret".into()),
            }
        ]
    );
    assert_eq!(shop.must_contain.as_deref(), Some("All systems go"));
    assert_eq!(shop.must_not_contain.as_deref(), Some("Fatal error"));
    let upgrade = |index: usize| sites.sites[index].upgrade.as_ref().map(url::Url::as_str);
    assert_eq!(upgrade(4), Some("http://shop.example.org/"));
    assert_eq!(upgrade(5), Some("http://shop.example.org/"));
    assert_eq!(sites.sites[5].method, Method::Head);

    assert_eq!(
        config.sources[6].system,
        System::Mail(Mail {
            queue: Some("out".to_owned()),
            host: Some("mail.example.org".to_owned()),
            sending: Sending {
                cycle: Some(Duration::from_mins(5)),
                batch: None,
                in_order: false,
                defers: true,
            },
            levels: Levels {
                warn_depth: Some(50),
                crit_depth: Some(100),
                warn_age: Some(Duration::from_hours(1)),
                crit_age: Some(Duration::from_hours(4)),
            },
            store: MailStore::Postfix {
                ssh: Some("root@mail".to_owned()),
                ssh_config: Some("/etc/vigie/ssh_config".into()),
                program: None,
                instances: vec!["/etc/postfix-out".into()],
            },
        })
    );
    let System::Roster(team) = &config.sources[7].system else {
        unreachable!()
    };
    assert_eq!(team.file, Path::new("/etc/vigie/roster.toml"));
}

mod layers;
mod leaks;
mod mail;
