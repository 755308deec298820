//! Triage in a terminal of its own: what is left after a crash, what rings, what the past looks like.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use vigie::demo::{Lab, Options, Scenario, Server, Trouble};

use crate::session::Session;

/// How long something may take before the test fails.
const DEADLINE: Duration = Duration::from_mins(1);

fn lab(scenario: Scenario) -> (Runtime, Lab) {
    let servers = Runtime::new().unwrap();
    let options = Options {
        scenario,
        ..Options::default()
    };
    let lab = servers.block_on(Lab::start(options)).unwrap();
    (servers, lab)
}

fn home(toml: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let place = home.path().join(".config/vigie");
    fs::create_dir_all(&place).unwrap();
    let file = place.join("config.toml");
    fs::write(&file, toml).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    home
}

fn vigie(home: &TempDir) -> Session {
    let path = home.path().to_str().unwrap();
    let program = env!("CARGO_BIN_EXE_vigie");
    Session::start(program, &[], &[("HOME", path), ("TZ", "UTC")], 140, 40)
}

/// What Triage says is wrong: severity and subject of each row.
fn rows(screen: &vt100::Screen) -> Vec<String> {
    let lines: Vec<String> = screen.rows(0, 140).collect();
    let rows = lines.iter().skip(3);
    rows.map_while(|line| {
        let row: String = line.chars().skip(2).take(30).collect();
        let row = row.trim().to_owned();
        (!row.is_empty()).then_some(row)
    })
    .collect()
}

/// Waits until every source has been read.
fn wait_read(session: &Session) {
    session.wait_dashboard();
    session.wait("all to be read", |screen| {
        let said = screen.contents();
        !said.contains('◌') && said.contains("router")
    });
}

#[test]
fn killed_with_all_servers_gone_the_next_start_shows_the_same_incidents() {
    let (servers, lab) = lab(Scenario::Outage);
    let home = home(&lab.config_toml());
    let known = home.path().join(".local/state/vigie/last-known.jsonl");

    let first = vigie(&home);
    wait_read(&first);
    first.wait_text("golem/105 wiki");
    // What went wrong is written down soon, not only at the end.
    let begun = Instant::now();
    while !fs::read_to_string(&known).is_ok_and(|text| text.contains("golem")) {
        assert!(begun.elapsed() < DEADLINE, "nothing was written");
        std::thread::sleep(Duration::from_millis(100));
    }
    let before = first.look(rows);
    first.signal(Signal::KILL);
    drop(first);
    drop(lab);
    servers.shutdown_timeout(Duration::from_secs(1));

    let mut second = vigie(&home);
    second.wait_text("golem/105 wiki");
    let wiki = second.look(|screen| {
        let mut rows = screen.rows(0, 140);
        rows.find(|row| row.contains("shut down by")).unwrap()
    });
    assert!(wiki.contains("12m") || wiki.contains("13m"), "{wiki}");
    let after = second.look(rows);
    let first_three = before.iter().take(3);
    for row in first_three {
        assert!(after.contains(row), "{row} is not among {after:?}");
    }
    // And none of it is taken for the present once nobody answers.
    second.wait("the loss to be said", |screen| {
        screen.contents().contains("cannot see")
    });
    // The timeline goes back to before the crash, and says when nobody watched.
    second.send("T");
    second.wait_text("Timeline of the last 24 hours");
    second.wait_text("began to watch");
    second.send("/wiki\r");
    second.wait_text("red first, of");
    second.send("\x1b");
    second.wait_text("began to watch");
    second.send("\x1b");
    second.wait("Triage", |screen| {
        !screen.contents().contains("Timeline of")
    });
    second.send("q");
    assert!(second.end().success());
    second.assert_restored();
}

#[test]
fn the_past_is_marked_and_left() {
    let (servers, lab) = lab(Scenario::Outage);
    let home = home(&lab.config_toml());
    let mut session = vigie(&home);
    wait_read(&session);
    servers.block_on(lab.misbehave(Server::Checkmk, Some(Trouble::Down)));
    session.send("R");
    session.wait_text("monitor");
    session.wait("the loss to be said", |screen| {
        screen.contents().contains("cannot see")
    });
    session.wait("the problem that the source is", |screen| {
        rows(screen).iter().any(|row| row.ends_with("monitor"))
    });
    session.send("{");
    session.wait("the past", |screen| {
        let first = screen.rows(0, 140).next().unwrap_or_default();
        first.contains("PAST") && first.contains("Triage as it was at")
    });
    session.look(|screen| {
        let rows = rows(screen);
        assert!(!rows.iter().any(|row| row.ends_with("monitor")), "{rows:?}");
    });
    session.send("\x1b");
    session.wait("now", |screen| {
        !screen.contents().contains("PAST")
            && rows(screen).iter().any(|row| row.ends_with("monitor"))
    });
}

#[test]
fn the_terminal_is_told_once_of_what_is_new() {
    let (servers, lab) = lab(Scenario::Calm);
    let notices = "[notices]\nterminal = \"osc9\"\nfrom = \"unknown\"\ntitle = true\n";
    let home = home(&format!("{}\n{notices}", lab.config_toml()));
    let mut session = vigie(&home);
    wait_read(&session);
    session.wait_bytes("the title", |bytes| bytes.contains("\\x1b]2;vigie: "));
    let told = |bytes: &str| bytes.matches("]9;vigie").count();
    let silent = session.bytes().escape_ascii().to_string();
    assert_eq!(told(&silent), 0, "silent at the start");
    servers.block_on(lab.misbehave(Server::Checkmk, Some(Trouble::Down)));
    let news = "\\x07\\x1b]9;vigie: unknown: monitor\\x1b\\\\";
    let begun = Instant::now();
    while !session.bytes().escape_ascii().to_string().contains(news) {
        assert!(begun.elapsed() < DEADLINE, "nothing was told");
        session.send("R");
        session.bytes_within(Duration::from_millis(500));
    }
    // It goes on failing: that is no news.
    session.send("R");
    session.wait_bytes("another attempt", |bytes| bytes.len() > 100);
    session.bytes_within(Duration::from_secs(3));
    let bytes = session.bytes().escape_ascii().to_string();
    assert_eq!(bytes.matches("vigie: unknown: monitor").count(), 1);
    assert!(
        bytes.contains("cannot see all\\x1b\\\\"),
        "the title says so, too"
    );
    session.send("q");
    assert!(session.end().success());
    session.assert_restored();
}
