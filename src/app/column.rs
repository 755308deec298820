//! Columns as data: what a table shows, in what order, and what goes first on a narrow terminal.

use std::collections::HashSet;

use crate::domain::{Key, Moment, Reading, SourceId, SourceKind};
use crate::estate::{Estate, NewsRow, TicketRow};

use super::seen::Seen;
use super::value::{Tone, Value};

/// What a cell may look at beside the estate.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Now.
    pub now: Moment,
    /// Private things are masked.
    pub privacy: bool,
    /// The screen's time zone.
    pub zone: &'a jiff::tz::TimeZone,
    /// What was read of the feed; `None` where nobody reads it.
    pub seen: Option<&'a Seen>,
}

impl Context<'_> {
    /// Whether a change was not read yet.
    pub fn is_unread(&self, row: &NewsRow) -> bool {
        self.seen.is_some_and(|seen| seen.is_unread(row))
    }

    /// Whether something of a ticket was not read yet.
    pub fn has_unread(&self, row: &TicketRow) -> bool {
        self.seen
            .is_some_and(|seen| seen.of_ticket(row.source, row.ticket.id) > 0)
    }
}

/// A column of a table.
#[derive(Debug)]
pub struct Column {
    /// Name in filters (`state:stopped`) and in the configuration.
    pub id: &'static str,
    /// Heading.
    pub title: &'static str,
    /// Least width in cells at which it is worth showing.
    pub least: u16,
    /// Most width it makes use of; `u16::MAX` takes what is left.
    pub most: u16,
    /// Numbers stand on the right.
    pub right: bool,
    /// Importance, 0 the greatest: the least important columns vanish first.
    pub rank: u8,
    /// What row `index` holds here.
    pub value: for<'a> fn(&'a Estate, usize, &Context<'_>) -> Value<'a>,
    /// How it strikes the eye.
    pub tone: fn(&Estate, usize) -> Tone,
}

/// Positions of the rows that are shown, given the causes that are unfolded.
pub type Shown = fn(&Estate, &HashSet<Key>) -> Vec<u32>;

/// A table: its rows are positions in one of the estate's vectors.
#[derive(Debug)]
pub struct Table {
    /// Columns in their order.
    pub columns: &'static [Column],
    /// Number of rows.
    pub len: fn(&Estate) -> usize,
    /// Key of a row.
    pub key: fn(&Estate, usize) -> Option<Key>,
    /// How bad a row is, for `!` (problems only) and the count in the tab.
    pub severity: fn(&Estate, usize) -> crate::domain::Severity,
    /// What the table as a whole rests on: an old answer of these makes it old.
    pub readings: &'static [(SourceKind, Reading)],
    /// The answer that a row rests on.
    pub own: fn(&Estate, usize) -> Option<(SourceId, Reading)>,
    /// The monitor's answer that its column `checkmk` rests on.
    pub monitor: fn(&Estate, usize) -> Option<(SourceId, Reading)>,
    /// Rows that are shown while nothing is filtered, in their order, when not all are: what hangs on a
    /// cause is folded under it unless the cause's key is among the unfolded.
    pub shown: Option<Shown>,
    /// Column the table is sorted by at first, and whether downwards; `None` keeps the estate's order.
    pub sort: Option<(&'static str, bool)>,
}

/// No monitor has a say here.
pub fn unmonitored(_: &Estate, _: usize) -> Option<(SourceId, Reading)> {
    None
}

/// No special tone.
pub fn plain(_: &Estate, _: usize) -> Tone {
    Tone::Plain
}

/// Less important.
pub fn dim(_: &Estate, _: usize) -> Tone {
    Tone::Dim
}

/// The row's name.
pub fn strong(_: &Estate, _: usize) -> Tone {
    Tone::Strong
}
