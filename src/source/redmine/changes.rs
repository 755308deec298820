//! What happened to the tickets that changed last: a log for each, read again when the ticket changes.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::Moment;
use crate::domain::ticket::{Changes, Log, Ticket, Tickets};

use super::names::Names;
use super::read::log::RawEntry;

/// Tickets whose log is read: those that changed last.
pub(super) const NEWEST: usize = 40;
/// Logs kept, those of tickets that have fallen out of the newest too.
const KEPT: usize = 160;
/// Logs read in one reading; the next goes on at once.
pub(super) const AT_ONCE: usize = 8;
/// How long a log that did not come in time is left alone.
const AGAIN: Duration = Duration::from_mins(2);
/// How long a second of the server's clock may still be running when a log is read in it.
const SECOND: Duration = Duration::from_secs(2);

/// A log as it was read.
#[derive(Debug)]
struct Kept {
    /// The ticket's last change then.
    at: Option<Moment>,
    /// What it held; nothing when it could not be read.
    entries: Option<Vec<RawEntry>>,
    read: Instant,
    /// How long after that it is tried again, when it did not come in time.
    again: Option<Duration>,
    /// Another change in the same second would be in it too.
    settled: bool,
}

/// The logs known so far.
#[derive(Debug, Default)]
pub(super) struct Logs {
    /// Whose view it is.
    owner: Option<u64>,
    kept: HashMap<u64, Kept>,
    last: Option<Arc<Changes>>,
}

impl Logs {
    /// Tickets whose log is to be read, the newest change first. One that was read in the very second of its change
    /// is read once more: `updated_on` has whole seconds and would not tell of a second change.
    pub(super) fn due(&self, tickets: &Tickets) -> Vec<u64> {
        let newest = tickets.tickets.iter().take(NEWEST);
        newest
            .filter(|ticket| match self.kept.get(&ticket.id) {
                None => true,
                Some(kept) if kept.at < ticket.updated => true,
                Some(Kept {
                    again: Some(after),
                    read,
                    ..
                }) => read.elapsed() >= *after,
                Some(kept) => !kept.settled && kept.read.elapsed() >= SECOND,
            })
            .map(|ticket| ticket.id)
            .collect()
    }

    /// Takes note that a log did not come in time: the others must not wait for it.
    pub(super) fn missed(&mut self, id: u64, at: Option<Moment>) {
        let kept = Kept {
            at,
            entries: None,
            read: Instant::now(),
            again: Some(AGAIN),
            settled: true,
        };
        self.kept.insert(id, kept);
    }

    /// Takes in what was read of a ticket; `None` when it could not be.
    pub(super) fn take(
        &mut self,
        id: u64,
        at: Option<Moment>,
        entries: Option<Vec<RawEntry>>,
        newest: Option<Moment>,
    ) {
        let again = self.kept.get(&id).is_some_and(|kept| kept.at == at);
        let settled = again || entries.is_none() || at < newest;
        let read = Instant::now();
        let kept = Kept {
            at,
            entries,
            read,
            again: None,
            settled,
        };
        self.kept.insert(id, kept);
    }

    /// Everything known in words, the newest change first. The same value as before when nothing changed.
    pub(super) fn changes(&mut self, tickets: &Tickets, names: &Names) -> Arc<Changes> {
        let waiting = u32::try_from(self.due(tickets).len()).unwrap_or(u32::MAX);
        let listed: Vec<&Arc<Ticket>> = (tickets.tickets.iter())
            .filter(|ticket| self.kept.contains_key(&ticket.id))
            .take(KEPT)
            .collect();
        let there: HashSet<u64> = listed.iter().map(|ticket| ticket.id).collect();
        self.kept.retain(|id, _| there.contains(id));
        let before: HashMap<u64, &Arc<Log>> = self
            .last
            .iter()
            .flat_map(|last| &last.logs)
            .map(|log| (log.ticket, log))
            .collect();
        let logs: Vec<Arc<Log>> = listed
            .iter()
            .filter_map(|ticket| {
                let kept = self.kept.get(&ticket.id)?;
                let entries = kept.entries.iter().flatten();
                let log = Log {
                    ticket: ticket.id,
                    at: kept.at,
                    entries: entries.map(|raw| raw.entry(names)).collect(),
                    unreadable: kept.entries.is_none(),
                };
                let same = before.get(&ticket.id).filter(|known| ****known == log);
                Some(same.map_or_else(|| Arc::new(log), |known| Arc::clone(known)))
            })
            .collect();
        if let Some(last) = &self.last
            && last.waiting == waiting
            && last.logs.len() == logs.len()
            && std::iter::zip(&last.logs, &logs).all(|(old, new)| Arc::ptr_eq(old, new))
        {
            return Arc::clone(last);
        }
        let now = Arc::new(Changes { logs, waiting });
        self.last = Some(Arc::clone(&now));
        now
    }

    /// Forgets everything when the key is now another's, who may see other things.
    pub(super) fn belong_to(&mut self, user: u64) {
        if self.owner.is_some_and(|owner| owner != user) {
            *self = Self::default();
        }
        self.owner = Some(user);
    }
}
