//! Tickets of all Redmine sources, newest change first.

use std::sync::Arc;

use crate::domain::ticket::Ticket;
use crate::domain::{Batch, Key, Reading, SourceId};

use super::Estate;

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
            rows.extend(tickets.tickets.iter().map(|ticket| {
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
