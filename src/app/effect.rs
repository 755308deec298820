//! What an update wants done that it cannot do itself.

use std::collections::HashSet;

use crate::domain::graph::{Span, Subject};
use crate::domain::ticket::Marks;
use crate::domain::{Key, SourceId};

use super::Alarm;

/// Something for the runtime to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Leave.
    Quit,
    /// Back to the shell until `fg`.
    Suspend,
    /// Draw every cell anew.
    Repaint,
    /// Read the configuration again.
    Reload,
    /// Capture the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Send a text to the terminal's clipboard.
    Copy(String),
    /// Ask these sources now.
    Refresh(Vec<SourceId>),
    /// Keep what was read of a source's feed.
    Remember(SourceId, Marks),
    /// Keep these problems out from under their causes, and no others.
    KeepApart(HashSet<Key>),
    /// Send [`Rested`](super::Message::Rested) once the cursor has not moved for a moment.
    Rest,
    /// Tell the terminal of something new.
    Alarm(Alarm),
    /// Read the history of a ticket.
    FetchTicket(SourceId, u64),
    /// Read a graph.
    FetchGraph(Subject, Span),
}

/// What came of an update.
#[derive(Debug, Default)]
pub struct Effects {
    /// Something on the screen changed.
    pub redraw: bool,
    /// What is to be done.
    pub list: Vec<Effect>,
}

impl Effects {
    /// Nothing changed.
    pub fn none() -> Self {
        Self::default()
    }

    /// Something on the screen changed.
    pub fn redraw() -> Self {
        Self {
            redraw: true,
            list: Vec::new(),
        }
    }

    /// Adds an effect.
    pub fn push(&mut self, effect: Effect) {
        self.list.push(effect);
    }

    /// With an effect.
    pub fn with(mut self, effect: Effect) -> Self {
        self.list.push(effect);
        self
    }
}
