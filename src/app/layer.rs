//! What lies over a tab. The topmost takes the keys.

use crate::domain::{Key, SourceId};

use super::line_editor::LineEditor;
use super::palette::Palette;
use super::references::Ways;

/// Something over the tab.
#[derive(Debug, Clone, PartialEq)]
pub enum Layer {
    /// The detail of the row under the cursor: over the table, or beside it with the keys.
    Detail {
        /// First line shown.
        scroll: usize,
    },
    /// A ticket that a way led to.
    Ticket {
        /// Its Redmine.
        source: SourceId,
        /// Its number.
        id: u64,
        /// First line shown.
        scroll: usize,
    },
    /// Where a ticket leads.
    Ways(Ways),
    /// The keys.
    Help {
        /// First line shown.
        scroll: usize,
    },
    /// The sources.
    Sources {
        /// First line shown.
        scroll: usize,
    },
    /// Who is on call, and what is to be put right in the team.
    Review {
        /// First line shown.
        scroll: usize,
    },
    /// Contacts of somebody, to copy one.
    Contacts {
        /// The person.
        person: Key,
        /// The chosen one.
        at: usize,
    },
    /// Actions by name.
    Palette(Palette),
    /// The filter line.
    Filter {
        /// What is being written.
        editor: LineEditor,
        /// The filter before, for Esc.
        before: String,
        /// The row under the cursor before: half-written filters may hide it for a moment.
        row: Option<Key>,
    },
}

impl Layer {
    /// Its first line shown, when it scrolls.
    pub fn scroll_mut(&mut self) -> Option<&mut usize> {
        match self {
            Self::Detail { scroll }
            | Self::Ticket { scroll, .. }
            | Self::Help { scroll }
            | Self::Sources { scroll }
            | Self::Review { scroll } => Some(scroll),
            Self::Contacts { .. } | Self::Ways(_) | Self::Palette(_) | Self::Filter { .. } => None,
        }
    }
}
