//! What the program has to say of itself: what it cannot keep, and why.

use crate::domain::Failure;

/// A part of the program that may be missing without the dashboard being any less true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum About {
    /// The history file: trends and strips begin with this start while it is missing.
    History,
    /// The last known state, as it was found at the start.
    LastKnown,
    /// The last known state, as it is written for the next start.
    Keeping,
}

/// Why something of the program's own is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// What.
    pub about: About,
    /// Why.
    pub failure: Failure,
}
