//! What is known of the tickets, and what to ask next.
//!
//! The newest page comes first, so that the tab fills with one request. Then follow the rest, page by page,
//! and from then on only what changed (`updated_on>=T`, T the greatest time seen: the server's clock is
//! the only one that counts). Deleted issues, and those the key may no longer see, never show up in that; a
//! slow walk over all pages finds them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::Moment;
use crate::domain::ticket::{Ticket, Tickets};

/// Rows of a page: the most that Redmine gives.
pub(super) const PAGE: u64 = 100;
/// Most tickets kept, newest change first.
pub(super) const MOST: usize = 500;
/// How often all pages are read again.
const WALK_EVERY: Duration = Duration::from_mins(10);

/// A page of issues, read.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) tickets: Vec<Ticket>,
    /// Rows sent, those left out included.
    pub(super) rows: u64,
    /// Rows that made no sense.
    pub(super) skipped: u32,
    /// What the server counts in all.
    pub(super) total: Option<u64>,
}

impl Page {
    /// Adds the page that follows.
    pub(super) fn append(&mut self, next: Self) {
        self.tickets.extend(next.tickets);
        // Nothing sent although more was announced: that is all there is.
        self.total = if next.rows == 0 {
            Some(self.rows)
        } else {
            next.total
        };
        self.rows += next.rows;
        self.skipped += next.skipped;
    }

    /// Whether more rows follow when this page began at `offset`.
    pub(super) fn has_next(&self, offset: u64) -> bool {
        let end = offset + self.rows;
        self.rows > 0 && self.total.map_or(self.rows >= PAGE, |total| end < total)
    }
}

/// A reading of all pages, under way.
#[derive(Debug, Default)]
struct Walk {
    offset: u64,
    seen: HashSet<u64>,
    skipped: u32,
    total: Option<u64>,
}

/// The tickets as known so far.
#[derive(Debug, Default)]
pub(super) struct Feed {
    /// Whose view it is.
    owner: Option<u64>,
    tickets: HashMap<u64, Arc<Ticket>>,
    /// The greatest change seen.
    newest: Option<Moment>,
    walk: Option<Walk>,
    /// When all pages were last read.
    walked: Option<Moment>,
    /// Older tickets exist beyond [`MOST`].
    beyond: bool,
    skipped: u32,
    last: Option<Arc<Tickets>>,
}

impl Feed {
    /// Forgets everything when the key is now another's, who may see other tickets; whether it was.
    pub(super) fn belong_to(&mut self, user: u64) -> bool {
        let another = self.owner.is_some_and(|owner| owner != user);
        if another {
            *self = Self::default();
        }
        self.owner = Some(user);
        another
    }

    /// Since when changes are wanted; nothing before the first page.
    pub(super) fn since(&self) -> Option<Moment> {
        self.newest
    }

    /// Whether all pages have been read at least once.
    pub(super) fn is_complete(&self) -> bool {
        self.walked.is_some()
    }

    /// Where the next page of the walk begins, when one is due.
    pub(super) fn next_page(&mut self, now: Moment) -> Option<u64> {
        let due = self
            .walked
            .is_none_or(|at| at.age(now).is_none_or(|age| age >= WALK_EVERY));
        if self.walk.is_none() && (due || self.newest.is_none()) {
            self.walk = Some(Walk::default());
        }
        self.walk.as_ref().map(|walk| walk.offset)
    }

    /// Begins the walk now, because something is missing that should be there.
    pub(super) fn walk_now(&mut self) {
        self.walk.get_or_insert_default();
    }

    /// Takes the page of the walk that [`Self::next_page`] asked for; whether more follow.
    pub(super) fn take_page(&mut self, page: Page, now: Moment) -> bool {
        let mut walk = self.walk.take().unwrap_or_default();
        if let (Some(before), Some(total)) = (walk.total, page.total)
            && total < before
        {
            // Something was deleted: rows moved up, and one may have slipped from this page to the last.
            self.walk = Some(Walk::default());
            self.merge(page.tickets);
            return true;
        }
        let goes_on = page.has_next(walk.offset);
        walk.offset += page.rows;
        walk.skipped += page.skipped;
        walk.total = page.total;
        walk.seen
            .extend(page.tickets.iter().map(|ticket| ticket.id));
        self.skipped = self.skipped.max(walk.skipped);
        self.merge(page.tickets);
        let full = walk.offset >= MOST as u64;
        if goes_on && !full {
            self.walk = Some(walk);
            return true;
        }
        self.beyond = goes_on;
        self.skipped = walk.skipped;
        self.walked = Some(now);
        self.tickets.retain(|id, _| walk.seen.contains(id));
        self.newest = self.tickets.values().filter_map(|t| t.updated).max();
        false
    }

    /// Takes what changed; whether something that must be in it is missing. `whole` says that no rows
    /// were cut off.
    pub(super) fn take_changes(&mut self, page: Page, whole: bool) -> bool {
        let expected = self.newest;
        let sent: HashSet<u64> = page.tickets.iter().map(|ticket| ticket.id).collect();
        // T itself is included: the newest ticket known always comes again while it is visible.
        let missing = whole
            && page.skipped == 0
            && self
                .tickets
                .values()
                .any(|ticket| ticket.updated == expected && !sent.contains(&ticket.id));
        if let Some(walk) = &mut self.walk {
            // They moved to the front, where the walk has been already.
            walk.seen.extend(&sent);
        }
        self.skipped = self.skipped.max(page.skipped);
        self.merge(page.tickets);
        missing
    }

    /// Everything known, newest change first. The same value as before when nothing changed.
    pub(super) fn tickets(&mut self) -> Arc<Tickets> {
        let mut tickets: Vec<Arc<Ticket>> = self.tickets.values().map(Arc::clone).collect();
        tickets.sort_unstable_by_key(|ticket| std::cmp::Reverse((ticket.updated, ticket.id)));
        for ticket in tickets.drain(tickets.len().min(MOST)..) {
            self.tickets.remove(&ticket.id);
            self.beyond = true;
        }
        let more = self.beyond || !self.is_complete();
        if let Some(last) = &self.last
            && last.more == more
            && last.skipped == self.skipped
            && last.tickets.len() == tickets.len()
            && std::iter::zip(&last.tickets, &tickets).all(|(old, new)| Arc::ptr_eq(old, new))
        {
            return Arc::clone(last);
        }
        let now = Arc::new(Tickets {
            tickets,
            more,
            skipped: self.skipped,
        });
        self.last = Some(Arc::clone(&now));
        now
    }

    /// Merges by number; what did not change keeps its place in memory.
    fn merge(&mut self, tickets: Vec<Ticket>) {
        for ticket in tickets {
            self.newest = self.newest.max(ticket.updated);
            match self.tickets.get(&ticket.id) {
                Some(known) if **known == ticket => {}
                _ => {
                    self.tickets.insert(ticket.id, Arc::new(ticket));
                }
            }
        }
    }
}
