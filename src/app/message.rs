//! What happens to the model.

use std::sync::Arc;

use crate::domain::graph::{Graph, Span, Subject};
use crate::domain::keypress::KeyPress;
use crate::domain::ticket::TicketDetail;
use crate::domain::{Failure, Moment, SourceId};
use crate::estate::Estate;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Message {
    /// A key was pressed.
    Key(KeyPress),
    /// Text was pasted.
    Paste(String),
    /// The left button was released over a cell.
    Click {
        /// Column from 0.
        column: u16,
        /// Line from 0.
        line: u16,
    },
    /// The wheel was turned over a cell.
    Wheel {
        /// Column from 0.
        column: u16,
        /// Line from 0.
        line: u16,
        /// Away from the user.
        up: bool,
    },
    /// The terminal has another size.
    Resize(u16, u16),
    /// The clock went on.
    Clock(Moment),
    /// There is a new estate.
    Estate(Arc<Estate>),
    /// The cursor has not moved for a moment.
    Rested,
    /// The history of a ticket was read, or not.
    Ticket(SourceId, u64, Result<Arc<TicketDetail>, Failure>),
    /// The history of a ticket will not be read after all: the cursor went on.
    TicketDropped(SourceId, u64),
    /// A graph was read, or not.
    Graph(Subject, Span, Result<Arc<Graph>, Failure>),
    /// A graph will not be read after all: the cursor went on.
    GraphDropped(Subject, Span),
    /// What was read could not be kept, or can be again.
    Kept(Option<Failure>),
    /// A text was handed to the terminal's clipboard; `false` when it is too long for it.
    Copied(bool),
    /// The configuration was read again and holds from now on.
    Reloaded(Box<Reloaded>),
    /// The configuration was read again and is wrong: in one line, why. The last good one still holds.
    NotReloaded(String),
}

/// What a configuration that was read again brings.
#[derive(Debug, Clone)]
pub struct Reloaded {
    /// Keys.
    pub keymap: super::Keymap,
    /// The screen's time zone.
    pub zone: jiff::tz::TimeZone,
    /// What is known of the sources that are read from now on, and what of their tickets was read; `None` when
    /// they are the same as before.
    pub estate: Option<(Arc<Estate>, super::Seen)>,
}
