//! A table under the user's hands: which rows it shows in what order, where the cursor is.
//!
//! The index is made once per data, filter and sort; drawing only looks at its window. The cursor
//! follows the row's key, not its position.

use std::collections::HashSet;

use crate::domain::{Key, Severity};
use crate::estate::Estate;

use super::column::{Context, Table};
use super::filter::Filter;
use super::value::SortKey;

/// Rows kept visible above and below the cursor.
const MARGIN: usize = 2;

/// State of one tab's table.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// Positions in the estate's vector, in the order shown.
    index: Vec<u32>,
    /// All rows, shown or not.
    total: usize,
    /// Position of the cursor in `index`.
    position: usize,
    /// Key of the row under the cursor.
    cursor: Option<Key>,
    /// Somebody put the cursor where it is; until then it waits on the first row, whatever comes there.
    placed: bool,
    /// First row shown.
    offset: usize,
    /// Rows that fit.
    height: usize,
    /// Column and direction (`true`: downwards); `None` keeps the estate's order.
    pub sort: Option<(usize, bool)>,
    /// What is let through.
    pub filter: Filter,
    /// Only problems.
    pub problems_only: bool,
    /// Only the tickets of this section.
    pub section: Option<String>,
    /// Marked rows.
    pub marks: HashSet<Key>,
    /// Causes whose effects are shown below them.
    pub unfolded: HashSet<Key>,
    /// Rows that are a problem, whatever the filter.
    problems: usize,
    /// How bad the worst row is, whatever the filter.
    worst: Severity,
}

impl Rows {
    /// Rows of a table, sorted as the table wants it at first.
    pub fn new(table: &Table) -> Self {
        let sort = table.sort.and_then(|(id, down)| {
            table
                .columns
                .iter()
                .position(|c| c.id == id)
                .map(|column| (column, down))
        });
        Self {
            sort,
            ..Self::default()
        }
    }

    /// Makes the index anew: after new data, another filter or another order. The cursor stays on its row;
    /// when that is gone, on its neighbour.
    pub fn rebuild(&mut self, table: &Table, estate: &Estate, context: &Context<'_>) {
        self.count(table, estate);
        let mut scratch = String::new();
        let mut fits = |i: usize| {
            (!self.problems_only || (table.severity)(estate, i).is_problem())
                && (self.filter.is_empty()
                    || self.filter.fits(estate, i, table, context, &mut scratch))
        };
        // Whoever looks for something looks everywhere.
        let section = self.section.as_deref();
        let section = section.and_then(|name| estate.sections.iter().find(|s| s.name == name));
        if let Some(section) = section {
            self.total = section.rows.len();
        }
        let candidates = match table.shown.filter(|_| self.filter.is_empty()) {
            Some(shown) => shown(estate, &self.unfolded),
            None if let Some(section) = section => section.rows.clone(),
            None => (0..self.total)
                .map(|i| u32::try_from(i).unwrap_or(u32::MAX))
                .collect(),
        };
        self.index = candidates
            .into_iter()
            .filter(|i| fits(*i as usize))
            .collect();
        if let Some((column, down)) = self.sort
            && let Some(column) = table.columns.get(column)
        {
            let mut keyed: Vec<(SortKey, u32)> = self
                .index
                .iter()
                .map(|i| ((column.value)(estate, *i as usize, context).sort_key(), *i))
                .collect();
            keyed.sort_by(|a, b| {
                let order = a.0.order(&b.0);
                (if down { order.reverse() } else { order }).then(a.1.cmp(&b.1))
            });
            self.index = keyed.into_iter().map(|(_, i)| i).collect();
        }
        if let Some(cursor) = self.cursor.as_ref().filter(|_| self.placed) {
            let known = self
                .index
                .get(self.position)
                .and_then(|i| (table.key)(estate, *i as usize));
            if known.as_ref() != Some(cursor)
                && let Some(found) = self
                    .index
                    .iter()
                    .position(|i| (table.key)(estate, *i as usize).as_ref() == Some(cursor))
            {
                // The row keeps its line on the screen where it can.
                let line = self.position.saturating_sub(self.offset);
                self.offset = found.saturating_sub(line);
                self.position = found;
            }
        }
        self.settle(table, estate);
    }

    /// Counts rows and problems without making the index: for tabs that are not open.
    pub fn count(&mut self, table: &Table, estate: &Estate) {
        self.total = (table.len)(estate);
        self.problems = 0;
        self.worst = Severity::Ok;
        for severity in (0..self.total).map(|i| (table.severity)(estate, i)) {
            self.problems += usize::from(severity.is_problem());
            self.worst = self.worst.max(severity);
        }
    }

    /// Forgets marks of rows that are gone.
    pub fn prune_marks(&mut self, table: &Table, estate: &Estate) {
        if !self.marks.is_empty() {
            let there: HashSet<Key> = (0..self.total)
                .filter_map(|i| (table.key)(estate, i))
                .collect();
            self.marks.retain(|key| there.contains(key));
        }
    }

    /// Rows that fit on the screen.
    pub fn set_height(&mut self, height: usize) {
        self.height = height;
        self.scroll();
    }

    /// Moves the cursor by so many rows.
    pub fn step(&mut self, by: isize, table: &Table, estate: &Estate) {
        self.go(self.position.saturating_add_signed(by), table, estate);
    }

    /// Moves the cursor to a position in the order shown.
    pub fn go(&mut self, position: usize, table: &Table, estate: &Estate) {
        self.position = position;
        self.cursor = None;
        self.placed = true;
        self.settle(table, estate);
    }

    /// Moves the cursor to a row; whether it is among those shown.
    pub fn find(&mut self, key: &Key, table: &Table, estate: &Estate) -> bool {
        let found = self
            .index
            .iter()
            .position(|i| (table.key)(estate, *i as usize).as_ref() == Some(key));
        if let Some(found) = found {
            self.go(found, table, estate);
        }
        found.is_some()
    }

    /// Scrolls without moving the cursor out of sight.
    pub fn wheel(&mut self, by: isize, table: &Table, estate: &Estate) {
        let last = self.index.len().saturating_sub(self.height);
        self.offset = self.offset.saturating_add_signed(by).min(last);
        let margin = self.margin();
        let low = self.offset + if self.offset > 0 { margin } else { 0 };
        let high = (self.offset + self.height.max(1) - 1).saturating_sub(if self.offset < last {
            margin
        } else {
            0
        });
        self.position = self.position.clamp(low.min(high), high);
        self.cursor = None;
        self.settle(table, estate);
    }

    fn settle(&mut self, table: &Table, estate: &Estate) {
        self.position = self.position.min(self.index.len().saturating_sub(1));
        self.cursor = self.current().and_then(|i| (table.key)(estate, i));
        self.scroll();
    }

    fn margin(&self) -> usize {
        MARGIN.min(self.height.saturating_sub(1) / 2)
    }

    fn scroll(&mut self) {
        if self.height == 0 {
            return;
        }
        let margin = self.margin();
        let last = self.index.len().saturating_sub(self.height);
        self.offset = self.offset.min(self.position.saturating_sub(margin));
        let bottom = self.position + margin + 1;
        self.offset = self
            .offset
            .max(bottom.saturating_sub(self.height))
            .min(last);
    }

    /// Position in the estate of the row under the cursor.
    pub fn current(&self) -> Option<usize> {
        self.index.get(self.position).map(|i| *i as usize)
    }

    /// Key of the row under the cursor.
    pub const fn cursor(&self) -> Option<&Key> {
        self.cursor.as_ref()
    }

    /// Position of the cursor in the order shown.
    pub const fn position(&self) -> usize {
        self.position
    }

    /// First row shown.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Rows that fit.
    pub const fn height(&self) -> usize {
        self.height
    }

    /// Number of rows that pass the filter.
    pub const fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether no row passes the filter.
    pub const fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Number of rows, shown or not.
    pub const fn total(&self) -> usize {
        self.total
    }

    /// Number of rows that are a problem, whatever the filter.
    pub const fn problems(&self) -> usize {
        self.problems
    }

    /// How bad the worst row is, whatever the filter.
    pub const fn worst(&self) -> Severity {
        self.worst
    }

    /// Position in the estate of the row at a position in the order shown.
    pub fn at(&self, position: usize) -> Option<usize> {
        self.index.get(position).map(|i| *i as usize)
    }
}
