//! Changes of tickets in words.

use std::borrow::Cow;

use crate::domain::section::{Doubt, Filter};
use crate::domain::ticket::{Change, RelationKind};
use crate::estate::NewsRow;

use super::failure_short;

/// Stands for what only some may read.
const PRIVATE: &str = "(private)";

/// `Anne Bonny: status New → In Progress, 20 % done, note: Rope and tar are on board.`
pub fn news(row: &NewsRow, privacy: bool, arrow: &str) -> String {
    let who = row.author().map_or("somebody", |who| who.name.as_str());
    let Some(entry) = row.entry() else {
        return format!("{who}: opened it");
    };
    if privacy && row.is_private() {
        return format!("{who}: {PRIVATE}");
    }
    let mut parts: Vec<String> = entry.changes.iter().map(|c| change(c, arrow)).collect();
    if let Some(note) = &entry.note {
        let kind = if entry.private {
            "private note"
        } else {
            "note"
        };
        parts.push(format!("{kind}: {note}"));
    }
    if parts.is_empty() {
        return format!("{who}: changed it");
    }
    format!("{who}: {}", parts.join(", "))
}

/// `status New → In Progress`, `20 % done`, `assigned to Bonny Teach`, `file smart.txt`.
pub fn change(change: &Change, arrow: &str) -> String {
    let field = change.field.as_str();
    let (old, new) = (change.old.as_deref(), change.new.as_deref());
    match (field, old, new) {
        ("done ratio", _, Some(new)) => format!("{new} done"),
        ("assigned to", Some(old), Some(new)) => format!("assigned {old} {arrow} {new}"),
        ("assigned to", None, Some(new)) => format!("assigned to {new}"),
        ("assigned to", Some(old), None) => format!("no longer assigned to {old}"),
        ("due date", Some(old), Some(new)) => format!("due {old} {arrow} {new}"),
        ("due date", None, Some(new)) => format!("due {new}"),
        ("due date", Some(_), None) => "no longer due".to_owned(),
        ("description", _, _) => "description changed".to_owned(),
        ("is private", _, Some("yes")) => "made private".to_owned(),
        ("is private", _, Some("no")) => "no longer private".to_owned(),
        ("parent", _, Some(new)) => format!("now part of {new}"),
        ("parent", Some(old), None) => format!("no longer part of {old}"),
        ("child", _, Some(new)) => format!("part {new} added"),
        ("child", Some(old), None) => format!("part {old} removed"),
        ("file", None, Some(new)) => format!("file {new}"),
        (_, Some(old), Some(new)) => format!("{field} {old} {arrow} {new}"),
        (_, None, Some(new)) => format!("{field} {new}"),
        (_, Some(old), None) => format!("{field} {old} removed"),
        (_, None, None) => format!("{field} changed"),
    }
}

/// How a ticket stands to another: `blocks`, `blocked by`.
pub fn relation(kind: &RelationKind) -> &str {
    match kind {
        RelationKind::Relates => "relates to",
        RelationKind::Duplicates => "duplicates",
        RelationKind::DuplicatedBy => "duplicated by",
        RelationKind::Blocks => "blocks",
        RelationKind::BlockedBy => "blocked by",
        RelationKind::Precedes => "precedes",
        RelationKind::Follows => "follows",
        RelationKind::CopiedTo => "copied to",
        RelationKind::CopiedFrom => "copied from",
        RelationKind::Other(word) => word,
    }
}

/// What a condition of a section is called.
const fn filter(filter: Filter) -> &'static str {
    match filter {
        Filter::Query => "query",
        Filter::Project => "project",
        Filter::Tracker => "tracker",
        Filter::Status => "status",
        Filter::Priority => "priority",
        Filter::Assignee => "assignee",
        Filter::Watched => "watched",
        Filter::Overdue => "overdue",
        Filter::Untouched => "untouched_days",
    }
}

/// Why a section may not show what it should: `redmine ignored "tracker": 12 rows left out`.
pub fn doubt(source: &str, doubt: &Doubt) -> String {
    match doubt {
        Doubt::Ignored(by, rows) => {
            let rows = super::count(u64::from(*rows), "row");
            format!("{source} ignored \"{}\": {rows} left out", filter(*by))
        }
        Doubt::Unchecked(by) => {
            format!(
                "{source} ignored \"{}\" and sent everything: not shown",
                filter(*by)
            )
        }
        Doubt::NoSuch(Filter::Query, number) => {
            format!("{source} has no saved query {number} that the key may use")
        }
        Doubt::NoSuch(by, name) => format!("{source} has no {} \"{name}\"", filter(*by)),
        Doubt::Failed(failure) => format!("{source}: {}", failure_short(failure)),
    }
}

/// Hours as people say them: `2.5 h`.
pub fn hours(hours: f64) -> Cow<'static, str> {
    let rounded = (hours * 100.0).round() / 100.0;
    Cow::Owned(format!("{rounded} h"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Text;

    fn said(field: &str, old: Option<&str>, new: Option<&str>) -> String {
        let change = Change {
            field: Text::clean(field),
            old: old.map(Text::clean),
            new: new.map(Text::clean),
        };
        super::change(&change, "→")
    }

    #[test]
    fn changes_are_said_as_people_say_them() {
        assert_eq!(
            said("status", Some("New"), Some("In Progress")),
            "status New → In Progress"
        );
        assert_eq!(said("done ratio", Some("0 %"), Some("20 %")), "20 % done");
        assert_eq!(said("assigned to", None, Some("Anne")), "assigned to Anne");
        assert_eq!(
            said("assigned to", Some("Anne"), Some("Mary")),
            "assigned Anne → Mary"
        );
        assert_eq!(said("due date", Some("2026-11-30"), None), "no longer due");
        assert_eq!(said("Host", None, Some("wiki")), "Host wiki");
        assert_eq!(said("description", None, None), "description changed");
    }
}
