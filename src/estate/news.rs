//! What happened to tickets, newest first: one row a change.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::ticket::{Entry, Log, Named, Ticket};
use crate::domain::{Batch, Key, Moment, Reading, SourceId};

use super::Estate;

/// Most rows kept.
const MOST: usize = 500;

/// A change of a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct NewsRow {
    /// Its Redmine.
    pub source: SourceId,
    /// The ticket as it is now.
    pub ticket: Arc<Ticket>,
    /// When.
    pub at: Moment,
    /// The log and the place of the entry in it; `None`: the ticket was opened.
    entry: Option<(Arc<Log>, usize)>,
    /// The key's own user did it.
    pub mine: bool,
}

impl NewsRow {
    /// Its key.
    pub fn key(&self) -> Key {
        Key::Change(self.source, self.ticket.id, self.id())
    }

    /// Number of the journal; 0 for the opening.
    pub fn id(&self) -> u64 {
        self.entry().map_or(0, |entry| entry.id)
    }

    /// What was said and changed; `None`: the ticket was opened.
    pub fn entry(&self) -> Option<&Entry> {
        let (log, place) = self.entry.as_ref()?;
        log.entries.get(*place)
    }

    /// Who.
    pub fn author(&self) -> Option<&Named> {
        match self.entry() {
            Some(entry) => entry.author.as_ref(),
            None => self.ticket.author.as_ref(),
        }
    }

    /// Whether only some may read it.
    pub fn is_private(&self) -> bool {
        self.ticket.private || self.entry().is_some_and(|entry| entry.private)
    }
}

/// All changes known, newest first. Logs of tickets that are gone tell nothing any more.
pub fn rows(estate: &Estate) -> Vec<NewsRow> {
    let mut rows = Vec::new();
    for source in &estate.sources {
        let batch = |reading| source.feed(reading).and_then(super::Feed::batch);
        let me = match batch(Reading::Projects) {
            Some(Batch::Projects(projects)) => projects.me.as_ref().map(|me| me.id),
            _ => None,
        };
        let Some(Batch::Tickets(tickets)) = batch(Reading::Tickets) else {
            continue;
        };
        let logs: HashMap<u64, &Arc<Log>> = match batch(Reading::Changes) {
            Some(Batch::Changes(changes)) => {
                changes.logs.iter().map(|log| (log.ticket, log)).collect()
            }
            _ => HashMap::new(),
        };
        let mine = |who: Option<&Named>| me.is_some() && who.map(|who| who.id) == me;
        for ticket in &tickets.tickets {
            if let Some(at) = ticket.created {
                rows.push(NewsRow {
                    source: source.id,
                    ticket: Arc::clone(ticket),
                    at,
                    entry: None,
                    mine: mine(ticket.author.as_ref()),
                });
            }
            let Some(log) = logs.get(&ticket.id) else {
                continue;
            };
            let entries = log.entries.iter().enumerate();
            rows.extend(entries.filter_map(|(place, entry)| {
                Some(NewsRow {
                    source: source.id,
                    ticket: Arc::clone(ticket),
                    at: entry.at?,
                    entry: Some((Arc::clone(log), place)),
                    mine: mine(entry.author.as_ref()),
                })
            }));
        }
    }
    rows.sort_by_key(|row| std::cmp::Reverse((row.at, row.id(), row.ticket.id)));
    rows.truncate(MOST);
    rows
}

/// Tickets whose newest changes are still to be read.
pub fn waiting(estate: &Estate) -> u32 {
    let waiting = estate.sources.iter().map(|source| {
        match source.feed(Reading::Changes).and_then(super::Feed::batch) {
            Some(Batch::Changes(changes)) => changes.waiting,
            _ => 0,
        }
    });
    waiting.sum()
}
