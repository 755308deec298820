//! What the user is doing: which tab, which row, which filter, which layer on top.
//!
//! [`App`] is plain data. [`update`](update::update) is a plain function of it and a [`Message`]; what it
//! cannot do itself it returns as [`Effect`]s. No clock, no file, no terminal, no task here.

pub mod alarm;
pub mod board;
pub mod column;
pub mod columns;
pub mod desk;
pub mod drawn;
pub mod effect;
pub mod filter;
pub mod geometry;
pub mod graphs;
pub mod keys;
pub mod layer;
pub mod line_editor;
pub mod link;
pub mod message;
pub mod notice;
pub mod palette;
pub mod references;
pub mod rows;
pub mod seen;
pub mod tab;
pub mod travel;
pub mod update;
pub mod value;

#[cfg(test)]
pub(crate) mod fixture;

use std::collections::HashMap;
use std::sync::Arc;

use crate::config::shape::Notices;
use crate::domain::ticket::TicketDetail;
use crate::domain::{Failure, Key, Moment, SourceId, Text};
use crate::estate::{Estate, TicketRow, duty, review};

pub use alarm::{Alarm, Alarms};
pub use board::Board;
pub use column::Context;
pub use desk::Desk;
pub use drawn::Drawn;
pub use effect::{Effect, Effects};
pub use graphs::Graphs;
pub use keys::{Action, Keymap};
pub use layer::Layer;
pub use message::Message;
pub use notice::Notice;
pub use rows::Rows;
pub use seen::Seen;
pub use tab::Tab;
pub use travel::Travel;
pub use update::update;

/// Most ticket details kept at a time.
const TICKETS_KEPT: usize = 64;

/// The model: everything that a frame is drawn from.
#[derive(Debug, Clone)]
pub struct App {
    /// What is known.
    pub estate: Arc<Estate>,
    /// The moment that is shown: now, as of the last message that told, or one of the past.
    pub now: Moment,
    /// Now, whatever is shown.
    pub clock: Moment,
    /// The screen's time zone.
    pub zone: jiff::tz::TimeZone,
    /// Columns and lines of the terminal.
    pub size: (u16, u16),
    /// The open tab.
    pub tab: Tab,
    /// The past that is shown instead of now.
    pub travel: Option<Travel>,
    /// Problems that were taken out from under their causes, with what they were under.
    pub apart: HashMap<Key, Apart>,
    /// The part of the chain that is chosen in the detail.
    pub chosen: Option<usize>,
    /// The detail tells why things belong together.
    pub reasons: bool,
    /// What the terminal was told of.
    pub alarms: Alarms,
    /// The table of each tab.
    tables: [Rows; Tab::COUNT],
    /// Tables whose index is older than the estate.
    dirty: [bool; Tab::COUNT],
    /// Layers over the tab, the last on top.
    pub layers: Vec<Layer>,
    /// Keys.
    pub keymap: Keymap,
    /// Since when the screen is held still, and the newest estate that waits.
    pub frozen: Option<(Moment, Arc<Estate>)>,
    /// Private things are masked.
    pub privacy: bool,
    /// The mouse acts here.
    pub mouse: bool,
    /// Everything on the screen is sample data.
    pub sample: bool,
    /// What was just done or could not be done.
    pub notice: Option<(Notice, Moment)>,
    /// Where jumps came from.
    pub jumps: Vec<(Tab, Option<Key>)>,
    /// Histories of tickets that were looked at.
    pub histories: HashMap<(SourceId, u64), History>,
    /// Graphs of what was looked at.
    pub graphs: Graphs,
    /// For which state of a ticket its history was asked for last: nothing is asked twice for the same.
    asked: HashMap<(SourceId, u64), (Option<Moment>, Option<u64>)>,
    /// How the tickets are looked at.
    pub desk: Desk,
    /// What was read of the feed.
    pub seen: Seen,
    /// The row whose detail stands beside the table while the cursor is on its way: a held arrow key costs a slow
    /// link two lines a step, not a page. Of the open tab's rows, until the cursor rests.
    trailing: Option<usize>,
    /// What the last frame showed.
    pub drawn: Drawn,
}

/// What a problem was folded under before a person took it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// What the cause is about.
    pub cause: Text,
    /// The rule that folded it.
    pub because: &'static str,
}

/// The history of a ticket.
#[derive(Debug, Clone)]
pub enum History {
    /// Asked for.
    Loading,
    /// Here.
    Read(Arc<TicketDetail>),
    /// It could not be read.
    Failed(Failure),
}

/// What an [`App`] starts with.
#[derive(Debug, Clone)]
pub struct Start {
    /// Now.
    pub now: Moment,
    /// The screen's time zone.
    pub zone: jiff::tz::TimeZone,
    /// Columns and lines of the terminal.
    pub size: (u16, u16),
    /// The tab to open.
    pub tab: Tab,
    /// Keys.
    pub keymap: Keymap,
    /// Mask private things.
    pub privacy: bool,
    /// The mouse acts here.
    pub mouse: bool,
    /// Everything on the screen is sample data.
    pub sample: bool,
    /// When the terminal is told of something new.
    pub notices: Notices,
    /// What is known before the first answer: the sources.
    pub estate: Arc<Estate>,
    /// What was read of the feed in sessions before.
    pub seen: Seen,
}

impl App {
    /// The model at the start.
    pub fn new(start: Start) -> Self {
        let mut app = Self {
            estate: start.estate,
            now: start.now,
            clock: start.now,
            travel: None,
            apart: HashMap::new(),
            chosen: None,
            reasons: false,
            alarms: Alarms::new(start.notices, start.now),
            zone: start.zone,
            size: start.size,
            tab: start.tab,
            tables: Tab::EVERY.map(|tab| Rows::new(columns::of(tab))),
            dirty: [true; Tab::COUNT],
            layers: Vec::new(),
            keymap: start.keymap,
            frozen: None,
            privacy: start.privacy,
            mouse: start.mouse,
            sample: start.sample,
            notice: None,
            jumps: Vec::new(),
            histories: HashMap::new(),
            graphs: Graphs::default(),
            asked: HashMap::new(),
            desk: Desk::new(),
            seen: start.seen,
            trailing: None,
            drawn: Drawn::default(),
        };
        app.resize(app.size);
        let _ = app.seen.take(&app.estate);
        app.rebuild_dirty();
        app
    }

    /// The table of a tab.
    pub fn rows(&self, tab: Tab) -> &Rows {
        if tab == Tab::Tickets && self.desk.is_feed() {
            return &self.desk.feed;
        }
        &self.tables[tab.index()]
    }

    /// The columns of a tab as it is looked at now.
    pub const fn table(&self, tab: Tab) -> &'static column::Table {
        if matches!(tab, Tab::Tickets) && self.desk.is_feed() {
            return &columns::feed::TABLE;
        }
        columns::of(tab)
    }

    /// The board that is open.
    pub fn board(&self) -> Option<Board> {
        let open = self.tab == Tab::Tickets && self.desk.is_board();
        open.then(|| Board::of(self.open_rows(), &self.estate, self.desk.closed))
    }

    /// The open tab's table.
    pub fn open_rows(&self) -> &Rows {
        self.rows(self.tab)
    }

    /// The row whose detail is shown: the one under the cursor, once that rests.
    pub fn detailed(&self) -> Option<usize> {
        self.trailing.or_else(|| self.open_rows().current())
    }

    /// What cells may look at.
    pub const fn context(&self) -> Context<'_> {
        Context {
            now: self.now,
            privacy: self.privacy,
            zone: &self.zone,
            seen: Some(&self.seen),
        }
    }

    /// The layer on top.
    pub fn layer(&self) -> Option<&Layer> {
        self.layers.last()
    }

    /// Whether the detail panel of the open tab is on the screen.
    pub fn shows_detail(&self) -> bool {
        geometry::has_side_panel(self.size)
            || self
                .layers
                .iter()
                .any(|l| matches!(l, Layer::Detail { .. } | Layer::Ticket { .. }))
    }

    /// Changes the open tab's table with what it needs.
    fn with_rows<T>(
        &mut self,
        change: impl FnOnce(&mut Rows, &column::Table, &Estate, &Context<'_>) -> T,
    ) -> T {
        let context = Context {
            now: self.now,
            privacy: self.privacy,
            zone: &self.zone,
            seen: Some(&self.seen),
        };
        let feed = self.tab == Tab::Tickets && self.desk.is_feed();
        let (rows, table) = if feed {
            (&mut self.desk.feed, &columns::feed::TABLE)
        } else {
            let rows = &mut self.tables[self.tab.index()];
            (rows, columns::of(self.tab))
        };
        change(rows, table, &self.estate, &context)
    }

    /// Takes new data in; every table is made anew when it is next looked at, the open one at once.
    fn take_estate(&mut self, estate: Arc<Estate>) -> Effects {
        self.estate = estate;
        let mut effects = Effects::redraw();
        for source in self.seen.take(&self.estate) {
            effects.push(self.remember(source));
        }
        let section = self.desk.section.as_deref();
        if section.is_some_and(|name| self.estate.sections.iter().all(|s| s.name != name)) {
            self.desk.section = None;
        }
        self.fit_team();
        self.trailing = None;
        self.dirty = [true; Tab::COUNT];
        self.rebuild_dirty();
        effects
    }

    /// Opens a section of the tickets, or the feed.
    fn open_section(&mut self, section: Option<String>) {
        self.tables[Tab::Tickets.index()]
            .section
            .clone_from(&section);
        self.desk.section = section;
        self.dirty[Tab::Tickets.index()] = true;
        self.rebuild_dirty();
    }

    /// Makes the open table's index anew if it is older than the data.
    fn rebuild_dirty(&mut self) {
        let context = Context {
            now: self.now,
            privacy: self.privacy,
            zone: &self.zone,
            seen: Some(&self.seen),
        };
        for tab in Tab::EVERY {
            let (rows, table) = if tab == Tab::Tickets && self.desk.is_feed() {
                (&mut self.desk.feed, &columns::feed::TABLE)
            } else {
                (&mut self.tables[tab.index()], columns::of(tab))
            };
            if tab != self.tab {
                rows.count(table, &self.estate);
            } else if std::mem::take(&mut self.dirty[tab.index()]) {
                rows.rebuild(table, &self.estate, &context);
                rows.prune_marks(table, &self.estate);
            }
        }
    }

    fn resize(&mut self, size: (u16, u16)) {
        self.size = size;
        let height = geometry::table_rows(size);
        for rows in &mut self.tables {
            rows.set_height(height);
        }
        // The sections stand in a line of their own above the tickets.
        let below = height.saturating_sub(1);
        self.tables[Tab::Tickets.index()].set_height(below);
        self.desk.feed.set_height(below);
        self.fit_team();
    }

    /// Lines below the people: who is on call, and what is to be put right.
    pub fn lines_below_team(&self) -> usize {
        let room = geometry::table_rows(self.size);
        let duties = duty::all(&self.estate, self.now).len();
        let findings = review::lines(&self.estate.review).count();
        // Each part has its heading.
        let wanted = duties + usize::from(duties > 0) + findings + usize::from(findings > 0);
        geometry::share(room, self.estate.people.len(), wanted).1
    }

    /// Leaves the team's table the lines that nothing below it takes.
    fn fit_team(&mut self) {
        let height = geometry::table_rows(self.size) - self.lines_below_team();
        self.tables[Tab::Team.index()].set_height(height);
    }

    fn open_tab(&mut self, tab: Tab) {
        if tab != Tab::Triage {
            self.return_to_now();
        }
        if tab != self.tab {
            self.chosen = None;
            self.tab = tab;
            self.layers.clear();
        }
        self.rebuild_dirty();
    }

    /// The row that keys for one thing are about: the ticket that a way led to, else the row under the cursor.
    pub fn focus(&self) -> Option<Key> {
        if let Some(Layer::Ticket { source, id, .. }) = self.layer() {
            return Some(Key::Ticket(*source, *id));
        }
        self.open_rows().cursor().cloned()
    }

    /// The ticket that the detail shows, or would.
    pub fn ticket_in_view(&self) -> Option<(SourceId, u64)> {
        let opened = self.layers.iter().rev().find_map(|layer| match layer {
            Layer::Ticket { source, id, .. } => Some((*source, *id)),
            _ => None,
        });
        opened.or_else(|| self.row_ticket())
    }

    /// The ticket of the row under the cursor, when the Tickets tab is open.
    pub fn row_ticket(&self) -> Option<(SourceId, u64)> {
        let row = self.open_rows().current();
        self.ticket_of_row(row.filter(|_| self.tab == Tab::Tickets)?)
    }

    /// The ticket that a row of the Tickets tab is about.
    pub fn ticket_of_row(&self, row: usize) -> Option<(SourceId, u64)> {
        if self.desk.is_feed() {
            let row = self.estate.news.get(row)?;
            return Some((row.source, row.ticket.id));
        }
        let row = self.estate.tickets.get(row)?;
        Some((row.source, row.ticket.id))
    }

    /// A ticket as a row: from the lists, else from its own detail when that was read.
    pub fn shown_ticket(
        &self,
        source: SourceId,
        id: u64,
    ) -> Option<std::borrow::Cow<'_, TicketRow>> {
        use std::borrow::Cow;
        let listed = self.estate.ticket_at(source, id);
        if let Some(row) = listed.and_then(|at| self.estate.tickets.get(at)) {
            return Some(Cow::Borrowed(row));
        }
        let Some(History::Read(detail)) = self.histories.get(&(source, id)) else {
            return None;
        };
        Some(Cow::Owned(TicketRow {
            source,
            closed: detail.ticket.closed == Some(true),
            ticket: Arc::new(detail.ticket.clone()),
        }))
    }

    /// Asks for the history of the ticket in view when it is on the screen and not known.
    fn want_history(&mut self, effects: &mut Effects) {
        if !self.shows_detail() {
            return;
        }
        let Some(id) = self.ticket_in_view() else {
            return;
        };
        let listed = self.estate.ticket_at(id.0, id.1);
        let listed = listed.and_then(|at| self.estate.tickets.get(at));
        let updated = listed.and_then(|row| row.ticket.updated);
        let newest = (self.estate.news.iter())
            .filter(|row| (row.source, row.ticket.id) == id)
            .map(crate::estate::NewsRow::id)
            .max();
        let wanted = match self.histories.get(&id) {
            None => true,
            Some(History::Read(detail)) => {
                // Two changes within a second are told apart by their numbers only.
                let last = detail.journals.last().map(|journal| journal.id);
                let behind = detail.ticket.updated < updated || last.max(Some(0)) < newest;
                behind && self.asked.get(&id) != Some(&(updated, newest))
            }
            Some(History::Loading | History::Failed(_)) => false,
        };
        if wanted {
            if self.histories.len() >= TICKETS_KEPT {
                self.histories.clear();
                self.asked.clear();
            }
            self.asked.insert(id, (updated, newest));
            // What is there stays on the screen until the newer one comes.
            self.histories.entry(id).or_insert(History::Loading);
            effects.push(Effect::FetchTicket(id.0, id.1));
        }
    }

    fn say(&mut self, notice: Notice) {
        self.notice = Some((notice, self.clock));
    }

    /// The clock went on.
    pub fn set_clock(&mut self, now: Moment) {
        self.clock = now;
        if self.travel.is_none() {
            self.now = now;
        }
    }

    /// The row that the one under the cursor is about, or itself: what the chain in the detail begins with.
    pub fn subject(&self) -> Option<Key> {
        let index = self.detailed()?;
        match self.tab {
            Tab::Timeline => self.estate.events.get(index)?.about.clone(),
            tab => (columns::of(tab).key)(&self.estate, index),
        }
    }

    /// The chain in the detail: what the row under the cursor hangs together with.
    pub fn chain(&self) -> Vec<crate::estate::Link> {
        let subject = self.subject();
        subject.map_or_else(Vec::new, |key| {
            crate::estate::chain(&self.estate, &key, self.now)
        })
    }
}
