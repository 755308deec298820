//! Whatever is wrong with a file: no panic, and no secret in what is said about it.

use std::path::Path;

use crate::config::parse;

/// Every kind of secret, and next to each what is shown.
const TEXT: &str = r#"[proxmox.golem]
url = "https://golem.example.org:8006"
token = "vigie@pve!tui=hunter2"
[proxmox.two]
url = "https://golem.example.org:8006"
user = "root@pam"
password = 'hunter2'
[checkmk.m]
url = "https://m.example.org/site"
user = "u"
secret = """
hunter2"""
[redmine.r]
url = "https://r.example.org"
key = "hunter2" # comment
refresh = "30s"
"#;

fn said(text: &str) -> String {
    match parse(text, Path::new("c.toml")) {
        Ok(config) => format!("{config:?}"),
        Err(errors) => format!("{errors}\n{errors:?}"),
    }
}

/// Whether a damaged text still has the secret as the value of something, in a place where no
/// program could tell it from a word that its user wants to see.
fn shows(text: &str) -> bool {
    said(text).contains("hunter2")
}

#[test]
fn no_single_missing_character_shows_a_secret() {
    for (at, c) in TEXT.char_indices() {
        let mut text = TEXT.to_owned();
        text.remove(at);
        assert!(!shows(&text), "without {c:?} at {at}:\n{}", said(&text));
    }
}

#[test]
fn no_single_foreign_character_shows_a_secret() {
    for at in 0..=TEXT.len() {
        for foreign in [
            "\"", "'", "=", "[", "{", "#", "\n", "x", " ", "\u{1b}", "é", "\\",
        ] {
            let mut text = TEXT.to_owned();
            text.insert_str(at, foreign);
            assert!(!shows(&text), "{foreign:?} at {at}:\n{}", said(&text));
        }
    }
}

#[test]
fn no_cut_shows_a_secret() {
    for at in 0..=TEXT.len() {
        let (head, tail) = TEXT.split_at(at);
        assert!(!shows(head), "{}", said(head));
        // A tail that begins within a text is a line of its own.
        assert!(!shows(tail), "from {at}:\n{}", said(tail));
    }
}

#[test]
fn deep_nesting_is_refused() {
    let deep = format!("keys = {}", "[".repeat(100_000));
    assert!(said(&deep).contains("1 error"), "{}", said(&deep));
}
