//! `vigie demo` in a real pseudo-terminal: start, keys, size, and each way to end.

use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::session::Session;

/// The program on its embedded lab, with a home of its own.
struct Demo {
    session: Session,
    _home: TempDir,
}

fn program() -> &'static str {
    env!("CARGO_BIN_EXE_vigie")
}

fn home() -> (TempDir, String) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().to_str().unwrap().to_owned();
    (home, path)
}

fn demo(columns: u16, rows: u16) -> Demo {
    let (home, path) = home();
    let session = Session::start(program(), &["demo"], &[("HOME", &path)], columns, rows);
    session.wait_dashboard();
    session.wait_text("SAMPLE DATA");
    // The first rows of the lab: the feeds have answered.
    session.wait_text("router");
    Demo {
        session,
        _home: home,
    }
}

/// Waits for the end and fails unless everything is given back and one plain cause at most is left.
fn assert_ended(mut session: Session) {
    session.end();
    session.assert_restored();
    let left = session.look(vt100::Screen::contents);
    assert!(!left.contains("panicked"), "{left}");
    assert!(!left.contains("SAMPLE DATA"), "{left}");
}

#[test]
fn it_starts_and_shows_every_tab() {
    let mut demo = demo(120, 36);
    for (key, word) in [
        ("1", "Hosts"),
        ("2", "Containers"),
        ("3", "Web"),
        ("4", "Mail"),
        ("5", "Team"),
        ("6", "Tickets"),
        ("0", "Triage"),
    ] {
        demo.session.send(key);
        demo.session.wait_text(word);
    }
    demo.session.send("q");
    assert!(demo.session.end().success());
    demo.session.assert_restored();
}

#[test]
fn a_cursor_step_writes_little() {
    for columns in [119, 200] {
        steps_write_little(columns);
    }
}

fn steps_write_little(columns: u16) {
    let mut demo = demo(columns, 50);
    demo.session.send("2");
    demo.session.wait_text("VMID");
    // Still, so that only the step is counted.
    demo.session.send("f");
    demo.session.wait_text("FROZEN");
    demo.session.bytes_within(Duration::from_millis(500));
    demo.session.send("j");
    let bytes = demo.session.bytes_within(Duration::from_millis(500));
    let end = b"\x1b[?2026l";
    let step = bytes
        .windows(end.len())
        .position(|part| part == end)
        .unwrap()
        + end.len();
    assert!(step <= 500, "{step} bytes: {}", bytes.escape_ascii());
    // The detail beside the table follows once the cursor rests, with its graph.
    assert!(bytes.len() <= 10_000, "{} bytes", bytes.len());
    demo.session.send(&"j".repeat(200));
    let bytes = demo.session.bytes_within(Duration::from_millis(500));
    assert!((1..=10_000).contains(&bytes.len()), "{} bytes", bytes.len());
}

#[test]
fn any_size_is_drawn() {
    let mut demo = demo(80, 24);
    for (columns, rows) in [(300, 100), (200, 50), (40, 10), (1, 1), (2, 40), (80, 24)] {
        demo.session.resize(columns, rows);
    }
    demo.session.wait_text("SAMPLE DATA");
    demo.session.send("q");
    assert!(demo.session.end().success());
}

#[test]
fn q_and_ctrl_c_end_it() {
    for key in ["q", "\x03"] {
        let mut demo = demo(80, 24);
        demo.session.send(key);
        assert_ended(demo.session);
    }
}

#[test]
fn signals_end_it() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let demo = demo(80, 24);
        demo.session.signal(signal);
        assert_ended(demo.session);
    }
}

#[test]
fn a_lost_connection_ends_it() {
    let mut demo = demo(80, 24);
    demo.session.hang_up();
    demo.session.end();
}

#[test]
fn it_can_be_suspended_and_continued() {
    let (_home, path) = home();
    let script = format!(
        "set -m; {} demo; echo stopped; read line; fg >/dev/null; echo back",
        program()
    );
    let mut session = Session::start("/bin/sh", &["-c", &script], &[("HOME", &path)], 80, 24);
    session.wait_text("router");
    session.send("\x1a");
    session.wait_text("stopped");
    session.assert_restored();
    session.send("on\n");
    session.wait_dashboard();
    session.wait_text("router");
    session.send("q");
    session.wait_text("back");
    session.end();
    session.assert_restored();
}

#[test]
fn frozen_it_writes_nothing_but_ages() {
    let mut demo = demo(120, 36);
    demo.session.send("f");
    demo.session.bytes_within(Duration::from_millis(500));
    let bytes = demo.session.bytes_within(Duration::from_secs(3));
    let mut plain = vt100::Parser::default();
    plain.process(&bytes);
    let written: String = plain.screen().contents().split_whitespace().collect();
    let rest: String = written
        .chars()
        // "now" becomes "1s ago".
        .filter(|letter| !letter.is_ascii_digit() && !":smhdwago".contains(*letter))
        .collect();
    assert_eq!(rest, "", "{}", bytes.escape_ascii());
}

#[test]
fn without_a_terminal_it_writes_no_escape() {
    let (_home, path) = home();
    let output = std::process::Command::new(program())
        .arg("demo")
        .env_clear()
        .env("HOME", &path)
        .env("TERM", "xterm-256color")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(!output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b));
    assert!(!output.stderr.is_empty());
}
