//! What happened to an issue, in short: for the feed.

use crate::domain::ticket::{Entry, Named};
use crate::domain::{Moment, Text};
use crate::source::redmine::names::Names;
use crate::source::redmine::wire::{self, row};

use super::change::Raw;
use super::{moment, named};

/// Most entries kept of an issue: the newest.
const ENTRIES: usize = 40;
/// Most changed fields kept of an entry.
const CHANGES: usize = 20;
/// How much of a note is looked at, and kept, in characters: a line of the feed.
const LOOKED_AT: usize = 2000;
const KEPT: usize = 400;

/// An entry, its changes not worded yet.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::source::redmine) struct RawEntry {
    id: u64,
    author: Option<Named>,
    at: Option<Moment>,
    note: Option<Text>,
    private: bool,
    changes: Vec<Raw>,
}

impl RawEntry {
    /// In words, as far as names are known.
    pub(in crate::source::redmine) fn entry(&self, names: &Names) -> Entry {
        Entry {
            id: self.id,
            author: self.author.clone(),
            at: self.at,
            note: self.note.clone(),
            private: self.private,
            changes: self.changes.iter().map(|raw| raw.change(names)).collect(),
        }
    }
}

/// The newest entries of an issue, oldest first.
pub(in crate::source::redmine) fn entries(
    issue: &wire::Issue<'_>,
    names: &mut Names,
) -> Vec<RawEntry> {
    names.learn(issue);
    let sent = issue.journals.as_deref().unwrap_or_default();
    let mut journals: Vec<wire::Journal<'_>> = sent.iter().filter_map(|raw| row(raw)).collect();
    journals.sort_by_key(|journal| journal.id);
    let newest = journals.split_off(journals.len().saturating_sub(ENTRIES));
    newest
        .iter()
        .map(|journal| {
            if let Some(user) = &journal.user {
                names.person(user);
            }
            let details = journal.details.iter().flatten().take(CHANGES);
            RawEntry {
                id: journal.id,
                author: journal.user.as_ref().map(named),
                at: moment(journal.created_on.as_ref()),
                note: journal.notes.as_deref().and_then(short),
                private: journal.private_notes.unwrap_or(false),
                changes: details
                    .filter_map(|raw| row::<wire::Detail<'_>>(raw))
                    .map(|detail| Raw::of(&detail))
                    .collect(),
            }
        })
        .collect()
}

/// How a note begins, on one line: without what is quoted and without fences around code.
fn short(note: &str) -> Option<Text> {
    let start: String = note.chars().take(LOOKED_AT).collect();
    let mut line = String::new();
    let mut quoted = None;
    for part in start.split(['\n', '\r']).map(str::trim) {
        if part.is_empty() || part.starts_with("```") || part.starts_with("~~~") {
            continue;
        }
        if part.starts_with('>') {
            quoted.get_or_insert(part);
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        let part = part.replace("<pre>", "").replace("</pre>", "");
        line.push_str(part.trim());
        if line.chars().count() >= KEPT {
            break;
        }
    }
    if line.trim().is_empty() {
        quoted?.clone_into(&mut line);
    }
    let short: String = line.chars().take(KEPT).collect();
    Text::clean_non_empty(&short)
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_note_is_told_in_a_line() {
        let said = |note: &str| short(note).map(|text| text.to_string());
        assert_eq!(said("one\r\n\r\ntwo"), Some("one two".to_owned()));
        assert_eq!(said("> asked\n\nanswered"), Some("answered".to_owned()));
        assert_eq!(said("> only asked"), Some("> only asked".to_owned()));
        assert_eq!(said("```\nls -l\n```"), Some("ls -l".to_owned()));
        assert_eq!(said(" \n"), None);
        assert_eq!(said(&"x".repeat(9000)).map(|said| said.len()), Some(400));
        assert_eq!(said("\u{1b}[2J"), Some("␛[2J".to_owned()));
    }
}
