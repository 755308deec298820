//! Where a ticket leads: its people, parents, parts, relations, files, and what its texts name.

use std::collections::HashSet;

use crate::domain::ticket::{Attachment, RelationKind, Ticket, TicketDetail};
use crate::domain::{Key, SourceId};
use crate::estate::Estate;

use super::link;

/// Most references in texts, and most bytes of texts that are looked through.
const MOST: usize = 60;
const LOOKED_AT: usize = 512 * 1024;

/// A way to go.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// Why.
    pub role: Role,
    /// Where to.
    pub target: Target,
}

/// How a ticket has to do with what it leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Role {
    /// It is assigned to this person.
    Assignee,
    /// This person wrote it.
    Author,
    /// It is a part of this ticket.
    Parent,
    /// This ticket is a part of it.
    Child,
    /// It stands so to this ticket.
    Relation(RelationKind),
    /// Its texts name it.
    Mentioned,
    /// It is a file of it.
    File(Attachment),
    /// Its texts link to it.
    Linked,
}

/// Where a way goes.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// A ticket of the same Redmine.
    Ticket(SourceId, u64),
    /// A row of another tab.
    Row(Key),
    /// A page: its address.
    Page(String),
}

/// An open list of ways.
#[derive(Debug, Clone, PartialEq)]
pub struct Ways {
    /// The ticket they start at.
    pub from: (SourceId, u64),
    /// The ways, never empty.
    pub ways: Vec<Reference>,
    /// The chosen one.
    pub selected: usize,
}

/// All ways from a ticket; of its texts only what was read.
pub fn of(
    estate: &Estate,
    source: SourceId,
    ticket: &Ticket,
    detail: Option<&TicketDetail>,
    privacy: bool,
) -> Vec<Reference> {
    let mut ways = Vec::new();
    let mut add = |role, target| {
        let same = |way: &Reference| way.target == target;
        if !ways.iter().any(same) {
            ways.push(Reference { role, target });
        }
    };
    let person = |name: &str| {
        let person = estate.people.iter().find(|p| *p.name == *name);
        person.map(|person| Target::Row(person.key()))
    };
    let named = |named: &Option<crate::domain::ticket::Named>| {
        named.as_ref().and_then(|named| person(&named.name))
    };
    if let Some(target) = named(&ticket.assignee) {
        add(Role::Assignee, target);
    }
    if let Some(target) = named(&ticket.author) {
        add(Role::Author, target);
    }
    if let Some(parent) = ticket.parent {
        add(Role::Parent, Target::Ticket(source, parent));
    }
    // What is private is not to be found out by going on from it.
    let Some(detail) = detail.filter(|_| !(ticket.private && privacy)) else {
        return ways;
    };
    for child in &detail.children {
        add(Role::Child, Target::Ticket(source, child.id));
    }
    for relation in &detail.relations {
        let role = Role::Relation(relation.kind.clone());
        add(role, Target::Ticket(source, relation.other));
    }
    let notes = detail.journals.iter().filter(|j| !(j.private && privacy));
    let notes = notes.filter_map(|journal| journal.note.as_ref());
    let texts = std::iter::once(&detail.description).chain(notes);
    let (mut left, mut known) = (LOOKED_AT, HashSet::from([ticket.id]));
    for text in texts {
        let Some(rest) = left.checked_sub(text.len()) else {
            break;
        };
        left = rest;
        for number in numbers(text) {
            if known.len() < MOST && known.insert(number) {
                add(Role::Mentioned, Target::Ticket(source, number));
            }
        }
        for login in mentions(text) {
            let found = estate
                .people
                .iter()
                .find(|p| p.login.as_deref() == Some(login));
            if let Some(found) = found {
                add(Role::Mentioned, Target::Row(found.key()));
            }
        }
        for page in pages(text).take(MOST) {
            add(Role::Linked, Target::Page(page.to_owned()));
        }
    }
    for file in &detail.attachments {
        if let Some(page) = link::attachment(estate, source, file.id) {
            add(Role::File(file.clone()), Target::Page(page));
        }
    }
    ways
}

/// Numbers of tickets that a text names: `#123`, not `#note-4`, `&#39;`, `a#1` or `#1a`.
pub fn numbers(text: &str) -> impl Iterator<Item = u64> {
    let bytes = text.as_bytes();
    text.match_indices('#').filter_map(move |(at, _)| {
        let digits = number_at(bytes, at)?;
        text.get(at + 1..digits)?.parse().ok()
    })
}

/// Where the number ends that names a ticket with the sign at `at`.
pub fn number_at(bytes: &[u8], at: usize) -> Option<usize> {
    let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80;
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    if before.is_some_and(|b| word(b) || matches!(b, b'&' | b'/' | b'=')) {
        return None;
    }
    let digits = (bytes.get(at + 1..)?.iter())
        .take(10)
        .take_while(|b| b.is_ascii_digit())
        .count();
    let after = bytes.get(at + 1 + digits);
    let ends = after.is_none_or(|b| !word(b) && *b != b'-');
    (digits > 0 && digits < 10 && ends && bytes.get(at + 1) != Some(&b'0'))
        .then_some(at + 1 + digits)
}

/// Logins that a text names: `@anne`, not `anne@example.org` and not Textile's `@code@`.
fn mentions(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    text.match_indices('@').filter_map(move |(at, _)| {
        let end = mention_at(bytes, at)?;
        text.get(at + 1..end)
    })
}

/// Where the login ends that names a person with the sign at `at`.
pub fn mention_at(bytes: &[u8], at: usize) -> Option<usize> {
    let login = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    if before.is_some_and(|b| login(b) || *b == b'@' || *b >= 0x80) {
        return None;
    }
    let rest = bytes.get(at + 1..)?;
    let mut long = rest.iter().take(60).take_while(|b| login(b)).count();
    while long > 0 && matches!(rest.get(long - 1), Some(b'.' | b'-')) {
        long -= 1;
    }
    let after = rest.get(long);
    let code = after == Some(&b'@') || after == Some(&b':');
    (long > 0 && !code && rest.first().is_some_and(u8::is_ascii_alphabetic))
        .then_some(at + 1 + long)
}

/// Addresses of pages in a text.
fn pages(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("http").filter_map(move |(at, _)| {
        let rest = text.get(at..)?;
        let leads = rest.starts_with("http://") || rest.starts_with("https://");
        let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '|' | ')' | ']');
        let page = rest
            .split(ends)
            .next()?
            .trim_end_matches(['.', ',', ';', ':', '!', '?', '*']);
        (leads && page.len() > "https://".len() && page.len() < 2000).then_some(page)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets_are_found_in_texts_and_nothing_else() {
        let text = "#12 (see #7, #7.) not &#39; a#1 #1a #note-3 #0 #12-4 https://e.org/#5 ##9 é#3";
        assert_eq!(numbers(text).collect::<Vec<_>>(), [12, 7, 7, 9]);
    }

    #[test]
    fn people_are_found_in_texts_and_nothing_else() {
        let text = "@anne, anne@example.org @code@ (@j.read.) @ @9 @matrix:example.org";
        assert_eq!(mentions(text).collect::<Vec<_>>(), ["anne", "j.read"]);
    }

    #[test]
    fn pages_end_where_people_end_them() {
        let text = "see \"x\":https://a.example/1. and (http://b.example/2), httpx https://";
        let found: Vec<&str> = pages(text).collect();
        assert_eq!(found, ["https://a.example/1", "http://b.example/2"]);
    }
}
