//! Tickets of all Redmine sources, newest change first.

use std::collections::HashSet;
use std::sync::Arc;

use crate::domain::ticket::{Ticket, Tickets};
use crate::domain::{Batch, Key, Reading, SourceId};

use super::{Estate, SourceState};

/// A ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketRow {
    /// Its Redmine.
    pub source: SourceId,
    /// The ticket.
    pub ticket: Arc<Ticket>,
    /// Whether its status closes it, as far as anyone told.
    pub closed: bool,
}

impl TicketRow {
    /// Its key.
    pub fn key(&self) -> Key {
        Key::Ticket(self.source, self.ticket.id)
    }
}

/// All tickets, newest change first.
pub fn rows(estate: &Estate) -> Vec<TicketRow> {
    let mut rows = Vec::new();
    for source in &estate.sources {
        let closing: Vec<u64> = match source.feed(Reading::Projects).and_then(super::Feed::batch) {
            Some(Batch::Projects(projects)) => projects
                .statuses
                .iter()
                .filter(|(_, closed)| *closed)
                .map(|(status, _)| status.id)
                .collect(),
            _ => Vec::new(),
        };
        if let Some(Batch::Tickets(tickets)) =
            source.feed(Reading::Tickets).and_then(super::Feed::batch)
        {
            rows.extend(of(source, tickets).into_iter().map(|ticket| {
                TicketRow {
                    source: source.id,
                    closed: ticket
                        .closed
                        .unwrap_or_else(|| closing.contains(&ticket.status.id)),
                    ticket: Arc::clone(ticket),
                }
            }));
        }
    }
    rows.sort_by(|a, b| {
        b.ticket
            .updated
            .cmp(&a.ticket.updated)
            .then(b.ticket.id.cmp(&a.ticket.id))
    });
    rows
}

/// Tickets of a source: the newest, and older ones that sections brought along when not all are kept.
fn of<'a>(source: &'a SourceState, tickets: &'a Tickets) -> Vec<&'a Arc<Ticket>> {
    let mut all: Vec<&Arc<Ticket>> = tickets.tickets.iter().collect();
    if tickets.more {
        let mut known: HashSet<u64> = all.iter().map(|ticket| ticket.id).collect();
        let answers = super::sections::answers(source).iter();
        let older = answers.flat_map(|answer| &answer.tickets);
        all.extend(older.filter(|ticket| known.insert(ticket.id)));
    }
    all
}
