//! What the user is doing: which tab, which row, which filter, which layer on top.
//!
//! [`App`] is plain data. [`update`](update::update) is a plain function of it and a [`Message`]; what it
//! cannot do itself it returns as [`Effect`]s. No clock, no file, no terminal, no task here.

pub mod column;
pub mod columns;
pub mod drawn;
pub mod effect;
pub mod filter;
pub mod geometry;
pub mod keys;
pub mod layer;
pub mod line_editor;
pub mod link;
pub mod message;
pub mod notice;
pub mod palette;
pub mod rows;
pub mod tab;
pub mod travel;
pub mod update;
pub mod value;

#[cfg(test)]
pub(crate) mod fixture;

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::ticket::TicketDetail;
use crate::domain::{Failure, Key, Moment, SourceId, Text};
use crate::estate::{Estate, duty, review};

pub use column::Context;
pub use drawn::Drawn;
pub use effect::{Effect, Effects};
pub use keys::{Action, Keymap};
pub use layer::Layer;
pub use message::Message;
pub use notice::Notice;
pub use rows::Rows;
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
    /// What is known before the first answer: the sources.
    pub estate: Arc<Estate>,
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
            trailing: None,
            drawn: Drawn::default(),
        };
        app.resize(app.size);
        app.rebuild_dirty();
        app
    }

    /// The table of a tab.
    pub fn rows(&self, tab: Tab) -> &Rows {
        &self.tables[tab.index()]
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
                .any(|l| matches!(l, Layer::Detail { .. }))
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
        };
        change(
            &mut self.tables[self.tab.index()],
            columns::of(self.tab),
            &self.estate,
            &context,
        )
    }

    /// Takes new data in; every table is made anew when it is next looked at, the open one at once.
    fn take_estate(&mut self, estate: Arc<Estate>) {
        self.estate = estate;
        self.fit_team();
        self.trailing = None;
        self.dirty = [true; Tab::COUNT];
        self.rebuild_dirty();
    }

    /// Makes the open table's index anew if it is older than the data.
    fn rebuild_dirty(&mut self) {
        let context = Context {
            now: self.now,
            privacy: self.privacy,
            zone: &self.zone,
        };
        for tab in Tab::EVERY {
            let table = columns::of(tab);
            let rows = &mut self.tables[tab.index()];
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

    /// The ticket under the cursor, when the Tickets tab is open.
    pub fn current_ticket(&self) -> Option<&crate::estate::TicketRow> {
        if self.tab != Tab::Tickets {
            return None;
        }
        self.open_rows()
            .current()
            .and_then(|i| self.estate.tickets.get(i))
    }

    /// Asks for the history of the ticket under the cursor when it is on the screen and not known.
    fn want_history(&mut self, effects: &mut Effects) {
        if !self.shows_detail() {
            return;
        }
        let Some(row) = self.current_ticket() else {
            return;
        };
        let (id, updated) = ((row.source, row.ticket.id), row.ticket.updated);
        let wanted = match self.histories.get(&id) {
            None => true,
            Some(History::Read(detail)) => detail.ticket.updated < updated,
            Some(History::Loading | History::Failed(_)) => false,
        };
        if wanted {
            if self.histories.len() >= TICKETS_KEPT {
                self.histories.clear();
            }
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
