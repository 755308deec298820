//! No room uses what it must never use, and the lock file holds what was promised.
//!
//! Reads the paths in `src/**`, not only the `use` lines: `crate::estate::…` inside a function counts,
//! so do groups (`use crate::{app, domain}`) and `super::super::…`. Comments and strings do not.

use std::fs;
use std::path::Path;

/// What a room may use of ours besides itself, and what of others it must never name.
struct Rule {
    room: &'static str,
    /// Rooms; [`ANY`] for all.
    may: &'static [&'static str],
    /// Paths, or pieces of paths, that must not occur.
    never: &'static [&'static str],
}

const ANY: &[&str] = &["*"];

/// The table of the architecture page, with the data flowing downwards.
const RULES: &[Rule] = &[
    Rule {
        room: "domain",
        may: &[],
        never: &[
            "tokio",
            "reqwest",
            "hyper",
            "ratatui",
            "crossterm",
            "toml",
            "std::fs",
            "std::net",
            "std::process",
        ],
    },
    Rule {
        room: "config",
        may: &["domain"],
        never: &["tokio", "reqwest", "hyper", "ratatui", "crossterm"],
    },
    Rule {
        room: "source",
        may: &["domain", "config"],
        never: &["ratatui", "crossterm"],
    },
    Rule {
        room: "refresh",
        may: &["domain", "config", "source"],
        never: &["reqwest", "hyper", "serde_json", "ratatui", "crossterm"],
    },
    Rule {
        room: "estate",
        may: &["domain", "config"],
        never: &[
            "reqwest",
            "hyper",
            "std::net",
            "tokio::net",
            "ratatui",
            "crossterm",
        ],
    },
    Rule {
        room: "history",
        may: &["domain", "config", "estate"],
        never: &[
            "reqwest",
            "hyper",
            "std::net",
            "tokio::net",
            "ratatui",
            "crossterm",
        ],
    },
    Rule {
        room: "app",
        may: &["domain", "config", "estate"],
        never: &[
            "tokio",
            "reqwest",
            "hyper",
            "ratatui",
            "crossterm",
            "std::fs",
            "std::net",
            "std::process",
            "SystemTime",
            "Instant::now",
            "Moment::now",
            "Timestamp::now",
            "Zoned::now",
        ],
    },
    Rule {
        room: "ui",
        may: &["domain", "config", "estate", "app"],
        never: &[
            "tokio",
            "reqwest",
            "hyper",
            "crossterm",
            "std::fs",
            "std::net",
            "std::process",
            "SystemTime",
            "Instant::now",
            "Moment::now",
            "Timestamp::now",
            "Zoned::now",
        ],
    },
    Rule {
        room: "terminal",
        may: &["domain", "config"],
        never: &["reqwest", "hyper", "std::fs", "std::net"],
    },
    Rule {
        room: "demo",
        may: &["domain"],
        never: &["reqwest", "ratatui", "crossterm"],
    },
    Rule {
        room: "cli",
        may: ANY,
        never: &[],
    },
    Rule {
        room: "runtime",
        may: ANY,
        never: &[],
    },
];

/// Sources do not use each other, only what they share.
const SOURCES: &[&str] = &["proxmox", "checkmk", "redmine", "web", "mail", "roster"];

/// The root of the library and of the program see all rooms.
const ROOTS: &[&str] = &["lib.rs", "main.rs"];

#[test]
fn no_room_uses_what_it_must_never_use() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&src, &mut files);
    assert!(files.len() > 10, "{files:?}");
    let mut findings = Vec::new();
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        let place = file.strip_prefix(&src).unwrap().to_str().unwrap();
        if !ROOTS.contains(&place) {
            findings.extend(check(place, &source));
        }
    }
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

fn collect(directory: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// What a file (its place below `src`) uses and must not.
fn check(place: &str, source: &str) -> Vec<String> {
    let module: Vec<String> = place
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    let Some(rule) = RULES.iter().find(|rule| rule.room == module[0]) else {
        return vec![format!("{place}: the room `{}` has no rule", module[0])];
    };
    let mut findings = Vec::new();
    for path in paths(&module, source) {
        let words: Vec<&str> = path.segments.iter().map(String::as_str).collect();
        let line = path.line;
        if let ["crate", room, rest @ ..] = words.as_slice() {
            let known = RULES.iter().any(|rule| rule.room == *room);
            if known && *room != rule.room && rule.may != ANY && !rule.may.contains(room) {
                findings.push(format!(
                    "src/{place}:{line}: `{}` must not use `{room}`",
                    rule.room
                ));
            }
            let own = module.get(1).map(String::as_str).unwrap_or_default();
            if let (&"source", Some(other)) = (room, rest.first())
                && SOURCES.contains(&own)
                && SOURCES.contains(other)
                && own != *other
            {
                findings.push(format!(
                    "src/{place}:{line}: source `{own}` must not use source `{other}`"
                ));
            }
        }
        for never in rule.never {
            let never_words: Vec<&str> = never.split("::").collect();
            if words
                .windows(never_words.len())
                .any(|window| window == never_words)
            {
                findings.push(format!(
                    "src/{place}:{line}: `{}` must not use `{never}`",
                    rule.room
                ));
            }
        }
    }
    findings.dedup();
    findings
}

/// A path of the source, absolute where it is one of ours: `crate::room::…`.
struct Named {
    line: usize,
    segments: Vec<String>,
}

/// All paths of a file, groups taken apart.
fn paths(module: &[String], source: &str) -> Vec<Named> {
    let tokens = tokens(source);
    let mut named = Vec::new();
    // Modules written inside the file, with the depth of braces they begin at.
    let mut inline: Vec<(usize, String)> = Vec::new();
    let mut depth = 0;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token.word.as_str() {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                inline.retain(|(begun, _)| *begun < depth + 1);
            }
            "mod" if tokens.get(at + 2).is_some_and(|token| token.word == "{") => {
                inline.push((depth + 1, tokens[at + 1].word.clone()));
                at += 2;
                continue;
            }
            _ if is_name(&token.word) => {
                let mut here = Vec::new();
                let line = token.line;
                at = tree(&tokens, at, &mut Vec::new(), &mut here);
                for segments in here {
                    let module: Vec<String> = module
                        .iter()
                        .cloned()
                        .chain(inline.iter().map(|(_, name)| name.clone()))
                        .collect();
                    named.push(Named {
                        line,
                        segments: absolute(&module, segments),
                    });
                }
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    named
}

/// Reads a path with its groups from `at`; yields where it ends.
fn tree(
    tokens: &[Token],
    mut at: usize,
    before: &mut Vec<String>,
    found: &mut Vec<Vec<String>>,
) -> usize {
    let length = before.len();
    loop {
        match tokens.get(at).map(|token| token.word.as_str()) {
            Some("{") if before.len() > length || length > 0 => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token.word != "}") {
                    let next = tree(tokens, at, before, found);
                    at = next.max(at + 1);
                }
                at += 1;
                break;
            }
            Some(word) if is_name(word) => {
                before.push(word.to_owned());
                at += 1;
                if tokens.get(at).is_some_and(|token| token.word == "::") {
                    at += 1;
                    continue;
                }
                found.push(before.clone());
                break;
            }
            // `path::*`, `path::<T>`.
            _ => {
                if before.len() > length {
                    found.push(before.clone());
                }
                break;
            }
        }
    }
    before.truncate(length);
    at
}

/// `super::…` and `self::…` from the root.
fn absolute(module: &[String], segments: Vec<String>) -> Vec<String> {
    let first = segments.first().map(String::as_str);
    if !matches!(first, Some("super" | "self")) || segments.len() == 1 {
        return segments;
    }
    let ups = segments
        .iter()
        .take_while(|word| *word == "super" || *word == "self");
    let skipped = ups.clone().count();
    let ups = ups.filter(|word| *word == "super").count();
    let kept = module.len().saturating_sub(ups);
    std::iter::once("crate".to_owned())
        .chain(module[..kept].iter().cloned())
        .chain(segments.into_iter().skip(skipped))
        .collect()
}

fn is_name(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

/// A word or sign of the source with its line, from 1.
#[derive(Debug)]
struct Token {
    line: usize,
    word: String,
}

/// Names, `::` and single signs; no comments, strings, characters, lifetimes.
fn tokens(source: &str) -> Vec<Token> {
    let text: Vec<char> = source.chars().collect();
    let starts = |at: usize, word: &str| {
        word.chars()
            .enumerate()
            .all(|(n, letter)| text.get(at + n) == Some(&letter))
    };
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(&letter) = text.get(at) {
        let begun = at;
        if starts(at, "//") {
            while text.get(at).is_some_and(|letter| *letter != '\n') {
                at += 1;
            }
        } else if starts(at, "/*") {
            let mut depth = 0;
            loop {
                if starts(at, "/*") {
                    depth += 1;
                    at += 2;
                } else if starts(at, "*/") {
                    depth -= 1;
                    at += 2;
                } else {
                    at += 1;
                }
                if depth == 0 || at >= text.len() {
                    break;
                }
            }
        } else if letter == '"' {
            at += 1;
            while text.get(at).is_some_and(|letter| *letter != '"') {
                at += if text[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
        } else if letter == '\'' {
            at += match (text.get(at + 1), text.get(at + 2)) {
                (Some('\\'), _) => {
                    let rest = text.iter().skip(at + 3);
                    rest.take_while(|letter| **letter != '\'').count() + 4
                }
                (Some(_), Some('\'')) => 3,
                // A lifetime: its name is no path.
                _ => {
                    text.iter()
                        .skip(at + 1)
                        .take_while(|letter| letter.is_alphanumeric() || **letter == '_')
                        .count()
                        + 1
                }
            };
        } else if letter.is_alphanumeric() || letter == '_' {
            while text
                .get(at)
                .is_some_and(|letter| letter.is_alphanumeric() || *letter == '_')
            {
                at += 1;
            }
            let word: String = text[begun..at].iter().collect();
            let hashes = text
                .iter()
                .skip(at)
                .take_while(|letter| **letter == '#')
                .count();
            if matches!(word.as_str(), "r" | "br" | "cr") && text.get(at + hashes) == Some(&'"') {
                let end: String = std::iter::once('"')
                    .chain("#".repeat(hashes).chars())
                    .collect();
                at += hashes + 1;
                while at < text.len() && !starts(at, &end) {
                    at += 1;
                }
                at += end.len();
            } else {
                tokens.push(Token { line, word });
            }
        } else if starts(at, "::") {
            tokens.push(Token {
                line,
                word: "::".to_owned(),
            });
            at += 2;
        } else {
            if !letter.is_whitespace() {
                tokens.push(Token {
                    line,
                    word: letter.to_string(),
                });
            }
            at += 1;
        }
        line += text[begun..at.min(text.len())]
            .iter()
            .filter(|letter| **letter == '\n')
            .count();
    }
    tokens
}

#[test]
fn each_way_to_name_a_room_is_seen() {
    let forbidden = [
        "use crate::estate::Estate;",
        "use crate::{domain::Key, estate};",
        "use crate::{domain::{Key, Text}, estate::{self, Estate}};",
        "fn f() { let x = crate::estate::of(); }",
        "fn f(x: &crate::estate::Estate) {}",
        "pub(crate) use crate::estate as other;",
        "use super::estate::Estate;",
        "mod tests { use super::super::estate; }",
        "mod tests { fn f() { if true { super::super::estate::x() } } }",
        "mod a { } use super::estate;",
        "fn f() { let c = '\"'; crate::estate::x() }",
        "fn f<'a>(x: &'a str) { crate::estate::x() }",
        "const S: &str = r#\"\"\"#; use crate::estate;",
        "use crate::estate::*;",
    ];
    for snippet in forbidden {
        assert_eq!(
            check("config.rs", snippet),
            ["src/config.rs:1: `config` must not use `estate`"],
            "{snippet}"
        );
    }
    let deeper = check(
        "config/shape/deep.rs",
        "\n\nuse super::super::super::estate;",
    );
    assert_eq!(
        deeper,
        ["src/config/shape/deep.rs:3: `config` must not use `estate`"]
    );
}

#[test]
fn what_is_allowed_or_no_path_is_not_found() {
    let allowed = [
        "use crate::domain::{Key, Text};",
        "use super::shape::Config;",
        "use super::domain;",
        "/// [`crate::estate`]\n//! crate::estate\n/* use crate::estate; /* */ crate::estate */ fn f() {}",
        "const S: &str = \"use crate::estate; \\\" crate::estate\";",
        "const S: &str = r#\"crate::estate \" crate::app\"#;",
        "fn f(estate: u8) -> u8 { estate }",
        "use serde::{Deserialize, de::{self, Visitor}};",
        "mod tests { use super::*; use super::estate; }",
    ];
    for snippet in allowed {
        assert_eq!(check("config.rs", snippet), [""; 0], "{snippet}");
    }
    assert_eq!(check("runtime.rs", "use crate::{ui, terminal};"), [""; 0]);
}

#[test]
fn each_rule_can_be_broken() {
    let broken = [
        (
            "domain/text.rs",
            "use crate::config::Config;",
            "`domain` must not use `config`",
        ),
        (
            "domain/text.rs",
            "use tokio::sync::mpsc;",
            "`domain` must not use `tokio`",
        ),
        (
            "domain.rs",
            "fn f(c: reqwest::Client) {}",
            "`domain` must not use `reqwest`",
        ),
        (
            "domain.rs",
            "use ratatui::style::Color;",
            "`domain` must not use `ratatui`",
        ),
        (
            "config/layers.rs",
            "#[tokio::test] fn f() {}",
            "`config` must not use `tokio`",
        ),
        (
            "source/http.rs",
            "use crate::app::App;",
            "`source` must not use `app`",
        ),
        (
            "source/web.rs",
            "use crate::source::mail;",
            "source `web` must not use source `mail`",
        ),
        (
            "source/web/read.rs",
            "use super::super::mail;",
            "source `web` must not use source `mail`",
        ),
        (
            "refresh.rs",
            "use crate::estate;",
            "`refresh` must not use `estate`",
        ),
        (
            "estate.rs",
            "use crate::source;",
            "`estate` must not use `source`",
        ),
        (
            "estate/join.rs",
            "use ratatui::text::Line;",
            "`estate` must not use `ratatui`",
        ),
        ("app/update.rs", "use crate::ui;", "`app` must not use `ui`"),
        (
            "app.rs",
            "use std::{fs, io};",
            "`app` must not use `std::fs`",
        ),
        (
            "app.rs",
            "fn f() { std::time::Instant::now(); }",
            "`app` must not use `Instant::now`",
        ),
        (
            "app.rs",
            "fn f() { Moment::now(); }",
            "`app` must not use `Moment::now`",
        ),
        (
            "app.rs",
            "use std::time::{Duration, SystemTime};",
            "`app` must not use `SystemTime`",
        ),
        (
            "ui/view.rs",
            "use crate::terminal;",
            "`ui` must not use `terminal`",
        ),
        (
            "ui.rs",
            "fn f() { crate::domain::Moment::now(); }",
            "`ui` must not use `Moment::now`",
        ),
        (
            "terminal.rs",
            "use crate::app::App;",
            "`terminal` must not use `app`",
        ),
        (
            "demo.rs",
            "use crate::source;",
            "`demo` must not use `source`",
        ),
    ];
    for (place, snippet, expected) in broken {
        assert_eq!(
            check(place, snippet),
            [format!("src/{place}:1: {expected}")],
            "{snippet}"
        );
    }
    assert_eq!(
        check("utils.rs", ""),
        ["utils.rs: the room `utils` has no rule"]
    );
}

#[test]
fn the_lock_file_holds_one_crossterm_and_no_c_library_for_tls() {
    let lock =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).unwrap();
    let packages = |name: &str| {
        lock.lines()
            .filter(|line| *line == format!("name = \"{name}\""))
            .count()
    };
    // Two would mean two raw modes and events that do not fit.
    assert_eq!(packages("crossterm"), 1);
    assert_eq!(packages("ratatui"), 1);
    for unwanted in [
        "openssl-sys",
        "openssl",
        "native-tls",
        "aws-lc-sys",
        "aws-lc-rs",
    ] {
        assert_eq!(packages(unwanted), 0, "{unwanted}");
    }
}
