//! What was seen of the feed and what was not: by server time, so that no clock of ours matters.
//!
//! For each source everything up to a moment is read, and beyond it single changes may be.

use std::collections::{HashMap, HashSet};

use crate::domain::SourceId;
use crate::domain::ticket::Marks;
use crate::estate::{Estate, NewsRow};

/// Most single changes kept of a source: more than a feed has.
const MOST: usize = 2000;

/// What was read, and what is still to be.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    marks: HashMap<SourceId, Marks>,
    /// Unread changes by ticket.
    unread: HashMap<(SourceId, u64), u32>,
    total: usize,
}

impl Seen {
    /// With what was read in sessions before.
    pub fn new(marks: HashMap<SourceId, Marks>) -> Self {
        Self {
            marks,
            ..Self::default()
        }
    }

    /// What was read of a source.
    pub fn marks(&self, source: SourceId) -> Option<&Marks> {
        self.marks.get(&source)
    }

    /// Whether a change was not read yet. What I did myself is no news.
    pub fn is_unread(&self, row: &NewsRow) -> bool {
        if row.mine {
            return false;
        }
        self.marks.get(&row.source).is_some_and(|marks| {
            marks.until.is_none_or(|until| row.at > until)
                && !marks.read.contains(&(row.ticket.id, row.id()))
        })
    }

    /// Unread changes of a ticket.
    pub fn of_ticket(&self, source: SourceId, id: u64) -> u32 {
        self.unread.get(&(source, id)).copied().unwrap_or(0)
    }

    /// All unread changes.
    pub const fn total(&self) -> usize {
        self.total
    }

    /// Counts anew. Of a source that is seen for the first time all that there is counts as read; returns those
    /// sources, to be remembered.
    pub fn take(&mut self, estate: &Estate) -> Vec<SourceId> {
        let mut begun = Vec::new();
        for source in &estate.sources {
            let newest = (estate.tickets.iter())
                .filter(|row| row.source == source.id)
                .filter_map(|row| row.ticket.updated)
                .max();
            let known = self
                .marks
                .get(&source.id)
                .is_some_and(|m| m.until.is_some());
            if let Some(newest) = newest.filter(|_| !known) {
                self.marks.entry(source.id).or_default().until = Some(newest);
                begun.push(source.id);
            }
        }
        self.count(estate);
        begun
    }

    fn count(&mut self, estate: &Estate) {
        self.unread.clear();
        self.total = 0;
        for row in &estate.news {
            if self.is_unread(row) {
                self.total += 1;
                *self.unread.entry((row.source, row.ticket.id)).or_default() += 1;
            }
        }
    }

    /// Marks changes read; returns the sources in which something became read.
    pub fn read<'a>(
        &mut self,
        estate: &Estate,
        rows: impl Iterator<Item = &'a NewsRow>,
    ) -> Vec<SourceId> {
        let mut changed = HashSet::new();
        for row in rows {
            if self.is_unread(row) {
                let marks = self.marks.entry(row.source).or_default();
                marks.read.insert((row.ticket.id, row.id()));
                changed.insert(row.source);
            }
        }
        for source in &changed {
            self.settle(*source, estate);
        }
        self.count(estate);
        let mut changed: Vec<SourceId> = changed.into_iter().collect();
        changed.sort_unstable();
        changed
    }

    /// Moves the moment up to where nothing is unread below it, and forgets single changes below that.
    fn settle(&mut self, source: SourceId, estate: &Estate) {
        let rows = || estate.news.iter().filter(|row| row.source == source);
        let oldest_unread = rows()
            .filter(|row| self.is_unread(row))
            .map(|row| row.at)
            .min();
        let until = (rows().map(|row| row.at))
            .filter(|at| oldest_unread.is_none_or(|oldest| *at < oldest))
            .max();
        let Some(marks) = self.marks.get_mut(&source) else {
            return;
        };
        marks.until = marks.until.max(until);
        let below: HashSet<(u64, u64)> = rows()
            .filter(|row| marks.until.is_some_and(|until| row.at <= until))
            .map(|row| (row.ticket.id, row.id()))
            .collect();
        marks.read.retain(|change| !below.contains(change));
        while marks.read.len() > MOST {
            marks.read.pop_first();
        }
    }
}
