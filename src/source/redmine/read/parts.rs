//! What an issue on its own tells beside its history: files, relations, parts, hours.

use serde_json::value::RawValue;

use crate::domain::ticket::{Attachment, Child, Relation, RelationKind};
use crate::domain::{Bytes, Text};
use crate::source::redmine::wire::{self, row};

/// Most parts of a ticket that are kept, and the deepest nesting of them.
const CHILDREN: usize = 200;
const DEEPEST: u16 = 8;

/// Files, as `include=attachments` lists them. Their own addresses are built from a header of the request and left
/// there: the way to them is `/attachments/N`.
pub(super) fn attachments(issue: &wire::Issue<'_>) -> Vec<Attachment> {
    let sent = issue.attachments.iter().flatten();
    sent.filter_map(|raw| row::<wire::Attachment<'_>>(raw))
        .map(|file| Attachment {
            id: file.id.unwrap_or(0),
            name: Text::clean(file.filename.as_deref().unwrap_or("?")),
            size: Bytes(file.filesize.unwrap_or(0)),
            about: (file.description.as_deref()).and_then(Text::clean_non_empty),
        })
        .collect()
}

/// Relations, seen from this issue: the server tells each once, from whichever end it was made.
pub(super) fn relations(issue: &wire::Issue<'_>) -> Vec<Relation> {
    let sent = issue.relations.iter().flatten();
    sent.filter_map(|raw| row::<wire::Relation<'_>>(raw))
        .filter_map(|relation| {
            let (from, to) = (relation.issue_id?, relation.issue_to_id?);
            let backwards = to == issue.id && from != issue.id;
            let other = if backwards { from } else { to };
            let kind = kind(relation.kind.as_deref().unwrap_or("?"), backwards);
            Some(Relation { kind, other })
        })
        .collect()
}

fn kind(word: &str, backwards: bool) -> RelationKind {
    use RelationKind as Kind;
    match (word, backwards) {
        ("relates", _) => Kind::Relates,
        ("duplicates", false) | ("duplicated", true) => Kind::Duplicates,
        ("duplicates", true) | ("duplicated", false) => Kind::DuplicatedBy,
        ("blocks", false) | ("blocked", true) => Kind::Blocks,
        ("blocks", true) | ("blocked", false) => Kind::BlockedBy,
        ("precedes", false) | ("follows", true) => Kind::Precedes,
        ("precedes", true) | ("follows", false) => Kind::Follows,
        ("copied_to", false) | ("copied_from", true) => Kind::CopiedTo,
        ("copied_to", true) | ("copied_from", false) => Kind::CopiedFrom,
        (other, _) => Kind::Other(Text::clean(other)),
    }
}

/// Parts, each before its own parts. No recursion, whatever comes in.
pub(super) fn children(issue: &wire::Issue<'_>) -> Vec<Child> {
    let mut children = Vec::new();
    let below = |raw: &[&'_ RawValue], depth: u16| -> Vec<(String, u16)> {
        let rows = raw.iter().rev();
        rows.map(|raw| (raw.get().to_owned(), depth)).collect()
    };
    let mut open = below(issue.children.as_deref().unwrap_or_default(), 0);
    while let Some((text, depth)) = open.pop() {
        let Ok(child) = serde_json::from_str::<wire::Child<'_>>(&text) else {
            continue;
        };
        if children.len() >= CHILDREN {
            break;
        }
        children.push(Child {
            id: child.id,
            subject: Text::clean(child.subject.as_deref().unwrap_or("?")),
            depth,
        });
        if depth < DEEPEST {
            open.extend(below(
                child.children.as_deref().unwrap_or_default(),
                depth + 1,
            ));
        }
    }
    children
}

/// Hours: a finite number that is not negative. 6.0.0 sends some as texts.
pub(super) fn hours(raw: Option<&RawValue>) -> Option<f64> {
    let text = raw?.get().trim_matches('"');
    let hours: f64 = text.parse().ok()?;
    (hours.is_finite() && hours >= 0.0).then_some(hours)
}
