//! Which parts of a configuration file are never shown.
//!
//! By allow-list: only values of keys known to be harmless are shown, so that a mistyped `pasword`
//! is masked like the real one; and whatever looks like a token is masked wherever it stands.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::suggest;

/// Keys whose values may be shown.
const HARMLESS: &[&str] = &[
    "address",
    "ascii",
    "body_cap",
    "ca",
    "colours",
    "command",
    "connect_timeout",
    "env",
    "expect",
    "file",
    "fingerprint",
    "instances",
    "interval",
    "kind",
    "markup",
    "method",
    "mouse",
    "must_contain",
    "must_not_contain",
    "name",
    "needs",
    "parallel",
    "privacy",
    "projects",
    "proxy",
    "refresh",
    "runs_on",
    "site",
    "ssh",
    "start_tab",
    "theme",
    "timeout",
    "to",
    "token_id",
    "tunnel",
    "upgrade",
    "url",
    "user",
    "zone",
];

/// Keys whose values may be shown when they are written just so: they are short or common words, and what is cut off
/// or mistyped may be nearer to them than to the secret that it was.
const HARMLESS_AS_WRITTEN: &[&str] = &[
    "assignee",
    "batch",
    "crit_age",
    "crit_days",
    "crit_depth",
    "cycle",
    "database",
    "error",
    "host",
    "id",
    "in_order",
    "on",
    "overdue",
    "port",
    "postqueue",
    "priority",
    "project",
    "query",
    "queue",
    "section",
    "socket",
    "ssh_config",
    "status",
    "system",
    "table",
    "time",
    "tracker",
    "tries",
    "untouched_days",
    "warn_age",
    "warn_days",
    "warn_depth",
    "watched",
];

/// Keys whose values are secrets.
const SECRET: &[&str] = &["token", "password", "secret", "key"];

/// A table of names that the user chose: what stands there is never judged by its name.
const FREE: &str = "headers";

/// What stands in place of a secret.
const MASK: &str = "•••";

/// Whether a key's value may be shown: harmless, or mistyped and nearer to a harmless key than to
/// a secret one.
fn is_harmless(key: &str) -> bool {
    if HARMLESS.contains(&key) || HARMLESS_AS_WRITTEN.contains(&key) {
        return true;
    }
    let all: Vec<&str> = HARMLESS.iter().chain(SECRET).copied().collect();
    suggest::nearest(key, &all).is_some_and(|near| near.len() > 2 && !SECRET.contains(&near))
}

/// The values to hide in a parsed document.
pub(super) fn in_tree(root: &DeTable<'_>) -> Vec<Range<usize>> {
    let mut hidden = Vec::new();
    for (kind, value) in root {
        match value.get_ref() {
            // Key bindings, names of hosts and a duration are no secrets, and sources are one table deeper.
            DeValue::Table(_)
                if matches!(
                    kind.get_ref().as_ref(),
                    "keys" | "joins" | "triage" | "notices"
                ) => {}
            DeValue::Table(table) if kind.get_ref() != "ui" => {
                for (name, source) in table {
                    hide(name.get_ref(), source, &mut hidden);
                }
            }
            _ => hide(kind.get_ref(), value, &mut hidden),
        }
    }
    merged(hidden)
}

fn hide(key: &str, value: &Spanned<DeValue<'_>>, hidden: &mut Vec<Range<usize>>) {
    match value.get_ref() {
        DeValue::Table(table) if key == FREE => {
            hidden.extend(table.values().map(Spanned::span));
        }
        DeValue::Table(table) => {
            for (inner, value) in table {
                hide(inner.get_ref(), value, hidden);
            }
        }
        DeValue::Array(items) => {
            for item in items {
                hide(key, item, hidden);
            }
        }
        _ if is_harmless(key) => {}
        _ => hidden.push(value.span()),
    }
}

/// What to hide in a line that is no TOML; `before` is all text above it.
pub(super) fn in_broken_line(before: &str, line: &str) -> Option<Range<usize>> {
    let start = before.len();
    let all = start..start + line.len();
    let within_text = |quotes: &str| before.matches(quotes).count() % 2 == 1;
    if within_text("\"\"\"") || within_text("'''") {
        return Some(all);
    }
    let trimmed = line.trim_start();
    let header = before
        .lines()
        .rev()
        .find(|l| l.trim_start().starts_with('['));
    if header.is_some_and(|header| header.contains(FREE)) && !trimmed.starts_with('[') {
        return Some(all);
    }
    if trimmed.is_empty() || trimmed.starts_with(['[', '#']) && !line.contains('=') {
        return None;
    }
    let Some(first) = line.find('=') else {
        let word = trimmed
            .split(|c: char| !is_bare(c))
            .next()
            .unwrap_or_default();
        return (!is_harmless(word)).then_some(all);
    };
    let no_key = |c: char| {
        !(c.is_alphanumeric() || "_-".contains(c) || c.is_whitespace() || ".\"'".contains(c))
    };
    if line.get(..first).is_some_and(|key| key.contains(no_key)) {
        return Some(all);
    }
    let mut keys = line.split('=').map(|part| {
        let part = part.trim_end().trim_end_matches(['"', '\'']);
        part.rsplit(|c: char| !is_bare(c))
            .next()
            .unwrap_or_default()
    });
    // The part after the last `=` is a value.
    let count = line.matches('=').count();
    let harmless = keys.by_ref().take(count).all(is_harmless);
    let value = line.get(first + 1..).unwrap_or_default();
    let blanks = value.len() - value.trim_start().len();
    (!harmless).then_some(start + first + 1 + blanks..all.end)
}

fn is_bare(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

/// Words of a line that look like a secret, wherever they stand: pasted Proxmox tokens, UUIDs,
/// API keys of 40 hexadecimal digits, passwords in a URL.
pub(super) fn suspicious_words(line: &str, start: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = start;
    for word in line.split_inclusive(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',')) {
        let bare =
            word.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ','));
        if is_suspicious(bare) {
            found.push(at..at + bare.len());
        }
        at += word.len();
    }
    found
}

fn is_suspicious(word: &str) -> bool {
    let token = word
        .split_once('!')
        .is_some_and(|(user, rest)| user.contains('@') && rest.contains('='));
    let in_url = word.split_once("://").is_some_and(|(_, rest)| {
        rest.split(['/', '?', '#'])
            .next()
            .is_some_and(|h| h.contains('@'))
    }) || (word.contains("://") && word.contains('?'));
    token || in_url || holds_uuid(word) || holds_hex_key(word)
}

/// `8-4-4-4-12` hexadecimal digits anywhere in the word.
fn holds_uuid(word: &str) -> bool {
    let lengths: Vec<usize> = word
        .split('-')
        .map(|part| part.chars().filter(char::is_ascii_hexdigit).count())
        .collect();
    lengths
        .windows(5)
        .any(|w| matches!(w, [a, 4, 4, 4, b] if *a >= 8 && *b >= 12))
}

/// A run of exactly 40 hexadecimal digits: a Redmine key. 64 are a fingerprint.
fn holds_hex_key(word: &str) -> bool {
    word.split(|c: char| !c.is_ascii_hexdigit())
        .any(|run| run.len() == 40)
}

/// Ranges sorted, overlapping ones joined.
pub(super) fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut out: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

/// A part of the text with its hidden parts masked.
pub(super) fn shown(text: &str, part: Range<usize>, hidden: &[Range<usize>]) -> String {
    let mut out = String::new();
    let mut at = part.start;
    for range in hidden {
        if range.end <= at || range.start >= part.end {
            continue;
        }
        out.push_str(text.get(at..range.start.max(at)).unwrap_or_default());
        out.push_str(MASK);
        at = range.end.min(part.end);
    }
    out.push_str(text.get(at..part.end).unwrap_or_default());
    out
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn broken(line: &str) -> String {
        let mut hidden: Vec<_> = in_broken_line("", line).into_iter().collect();
        hidden.extend(suspicious_words(line, 0));
        shown(line, 0..line.len(), &merged(hidden))
    }

    fn parsed(text: &str) -> String {
        let tree = DeTable::parse(text).unwrap();
        let mut hidden = in_tree(tree.get_ref());
        hidden.extend(suspicious_words(text, 0));
        shown(text, 0..text.len(), &merged(hidden))
    }

    #[test]
    fn secrets_are_masked_also_when_their_key_is_mistyped() {
        assert_eq!(
            parsed(
                "[a.b]\nurl = 'u'\npasword = 'hunter2' # mine\nrefrsh = '1s'\nfoo = ['x', 'y']\n"
            ),
            "[a.b]\nurl = 'u'\npasword = ••• # mine\nrefrsh = '1s'\nfoo = [•••, •••]\n"
        );
        assert_eq!(
            parsed("[a]\nb = { key = 'k', secret = { env = 'E', evn = 'F', vlue = 'G' } }\n"),
            "[a]\nb = { key = •••, secret = { env = 'E', evn = 'F', vlue = ••• } }\n"
        );
    }

    #[test]
    fn headers_are_masked_whatever_they_are_called() {
        assert_eq!(
            parsed("[a.b]\nheaders = { User = 'x', name = { file = 'f' } }\nname = 'n'\n"),
            "[a.b]\nheaders = { User = •••, name = ••• }\nname = 'n'\n"
        );
    }

    #[test]
    fn what_looks_like_a_token_is_masked_anywhere() {
        assert_eq!(
            parsed(
                "[a.b]\nuser = 'x@pve!t=3f'\nurl = 'https://u:p@h/'\n# 01234567-89ab-cdef-0123-456789abcdef\n"
            ),
            "[a.b]\nuser = '•••'\nurl = '•••'\n# •••\n"
        );
        assert_eq!(
            broken(&format!("url = {}", "0123456789".repeat(4))),
            "url = •••"
        );
    }

    #[test]
    fn broken_lines_show_only_what_is_harmless() {
        assert_eq!(broken("refresh = 10s"), "refresh = 10s");
        assert_eq!(broken("refresh \"10s\""), "refresh \"10s\"");
        assert_eq!(broken("password = hunter2"), "password = •••");
        assert_eq!(broken("password \"hunter2\""), "•••");
        assert_eq!(broken("password = 'a=b' , user = 'c'"), "password = •••");
        assert_eq!(broken("  hunter2"), "•••");
        assert_eq!(broken("[ui"), "[ui");
        assert_eq!(in_broken_line("password = \"\"\"\n", "[x]"), Some(15..18));
        assert_eq!(
            broken("headers = { User = \"hunter2"),
            "headers = •••",
            "whatever the header is called"
        );
        assert_eq!(in_broken_line("[a.headers]\n", "User = 'x"), Some(12..21));
    }
}
