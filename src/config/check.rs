//! From a file's tree to checked values: a file per kind of source, and what they share.

mod binding;
mod checkmk;
mod credential;
mod join;
mod mail;
pub(super) mod notices;
mod proxmox;
mod reach;
mod redmine;
mod roster;
mod ssh;
mod tls;
pub mod token;
mod triage;
pub(super) mod ui;
mod web;

use std::time::Duration;

use toml::de::DeValue;

use super::document::{Checked, Document};
use super::shape::{KeyBinding, ManualJoin, Source, System};
use super::suggest;
use super::table::Table;
use super::value::Value;
use crate::domain::{SourceId, SourceKind};

/// What one file says.
#[derive(Debug, Default)]
pub(super) struct Layer {
    /// Looks and behaviour, as far as given.
    pub(super) ui: ui::UiLayer,
    /// Key bindings.
    pub(super) keys: Vec<KeyBinding>,
    /// What belongs together.
    pub(super) joins: Vec<ManualJoin>,
    /// `hold` under `[triage]`.
    pub(super) hold: Option<ui::Given<Duration>>,
    /// `[notices]`, as far as given.
    pub(super) notices: notices::NoticesLayer,
    /// Sources in the order of the file, each with its place. Their ids come with the merge.
    pub(super) sources: Vec<(Source, String)>,
}

const KINDS: [SourceKind; 6] = [
    SourceKind::Proxmox,
    SourceKind::Checkmk,
    SourceKind::Redmine,
    SourceKind::Web,
    SourceKind::Mail,
    SourceKind::Roster,
];

/// Reads a file; what is wrong is filed with the document.
pub(super) fn read(document: &Document) -> Layer {
    let mut layer = Layer::default();
    let Ok(tree) = document.tree() else {
        return layer;
    };
    let mut found: Vec<(usize, Checked<(Source, String)>)> = Vec::new();
    for (key, entry) in &tree {
        let word: &str = key.get_ref();
        let value = Value::new(document, entry, format!("[{word}]"));
        match word {
            "ui" => {
                if let Ok(table) = value.table("write [ui] on a line of its own") {
                    layer.ui = ui::read(table);
                }
            }
            "keys" => layer.keys = binding::read(&value),
            "joins" => layer.joins = join::read(&value),
            "triage" => layer.hold = triage::read(&value),
            "notices" => layer.notices = notices::read(&value),
            _ => match KINDS.into_iter().find(|kind| kind.name() == word) {
                Some(kind) => named_sources(kind, &value, &mut found),
                None => unknown_top(document, word, key.span()),
            },
        }
    }
    found.sort_by_key(|(start, _)| *start);
    layer.sources = found.into_iter().filter_map(|(_, s)| s.ok()).collect();
    layer
}

/// All `[kind.NAME]` of a kind.
fn named_sources(
    kind: SourceKind,
    value: &Value<'_>,
    found: &mut Vec<(usize, Checked<(Source, String)>)>,
) {
    let word = kind.name();
    let help = format!("give it a name: [{word}.golem]");
    let DeValue::Table(names) = value.raw() else {
        value.complain("is not a table of named sources", &help);
        return;
    };
    let nameless = names
        .iter()
        .filter(|(_, entry)| !matches!(entry.get_ref(), DeValue::Table(_)))
        .min_by_key(|(key, _)| key.span().start);
    if let Some((key, _)) = nameless {
        let message = format!("\"{}\" stands in [{word}], not in a source", key.get_ref());
        value.document().complain(key.span(), &message, &help);
    }
    for (key, entry) in names {
        let name: &str = key.get_ref();
        let DeValue::Table(entries) = entry.get_ref() else {
            continue;
        };
        let document = value.document();
        let table = Table::new(
            document,
            entries,
            entry.span(),
            format!("[{word}.{name}]"),
            format!("\"{name}\""),
        );
        let named = check_name(document, name, key.span());
        let read = source(kind, name, table).and_then(|source| {
            named?;
            Ok((source, document.place(&entry.span())))
        });
        found.push((entry.span().start, read));
    }
}

fn check_name(document: &Document, name: &str, span: std::ops::Range<usize>) -> Checked<()> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if name.chars().all(fits) && (1..=40).contains(&name.len()) {
        return Ok(());
    }
    let better: String = name
        .to_lowercase()
        .chars()
        .map(|c| if fits(c) { c } else { '-' })
        .take(40)
        .collect();
    let better = better.trim_matches('-');
    let help = if better.is_empty() {
        "write a name of a-z, 0-9, - and _".to_owned()
    } else {
        format!("write {better}")
    };
    let message = format!("a source cannot be called \"{name}\": at most 40 of a-z, 0-9, - and _");
    Err(document.complain(span, &message, &help))
}

/// One source of a kind.
fn source(kind: SourceKind, name: &str, mut table: Table<'_>) -> Checked<Source> {
    let refresh = refresh(kind, &mut table);
    let system = match kind {
        SourceKind::Proxmox => proxmox::read(&mut table).map(System::Proxmox),
        SourceKind::Checkmk => checkmk::read(&mut table).map(System::Checkmk),
        SourceKind::Redmine => redmine::read(&mut table).map(System::Redmine),
        SourceKind::Web => {
            let every = refresh.as_ref().copied().unwrap_or(pace(kind).0);
            web::read(&mut table, name, every).map(System::Web)
        }
        SourceKind::Mail => mail::read(&mut table).map(System::Mail),
        SourceKind::Roster => roster::read(&mut table).map(System::Roster),
    };
    table.finish()?;
    Ok(Source {
        id: SourceId(0),
        name: name.to_owned(),
        refresh: refresh?,
        system: system?,
    })
}

/// How often a kind is read unless configured, and why not much more often.
pub(super) const fn pace(kind: SourceKind) -> (Duration, &'static str) {
    let (seconds, why) = match kind {
        SourceKind::Proxmox => (10, "Proxmox renews its figures every 10 s"),
        SourceKind::Checkmk => (30, "Checkmk runs most checks once a minute"),
        SourceKind::Redmine => (30, "each round costs the server a search"),
        SourceKind::Web => (60, "each round asks every site"),
        SourceKind::Mail => (30, "each round lists the whole queue"),
        SourceKind::Roster => (5, "nobody edits a file faster"),
    };
    (Duration::from_secs(seconds), why)
}

fn refresh(kind: SourceKind, table: &mut Table<'_>) -> Checked<Duration> {
    let (default, why) = pace(kind);
    table.value("refresh").map_or(Ok(default), |value| {
        value.duration(Duration::from_secs(2), Duration::from_hours(24), why)
    })
}

/// A table or key at the top that is none of ours.
fn unknown_top(document: &Document, word: &str, span: std::ops::Range<usize>) {
    const SOURCE_KEYS: [&str; 6] = ["url", "token", "user", "password", "secret", "refresh"];
    let mut known: Vec<&str> = KINDS.iter().map(|kind| kind.name()).collect();
    known.extend(["ui", "keys", "joins", "triage", "notices"]);
    let help = if ui::KEYS.contains(&word) {
        "it belongs under [ui]".to_owned()
    } else if SOURCE_KEYS.contains(&word) {
        "it belongs under a source's header, such as [proxmox.golem]".to_owned()
    } else {
        suggest::nearest(word, &known).map_or_else(
            || format!("known here: {}", known.join(", ")),
            |near| format!("did you mean \"{near}\"?"),
        )
    };
    document.complain(span, &format!("there is no \"{word}\" at the top"), &help);
}
