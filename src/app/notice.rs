//! A word on what was just done; shown in the footer for a few seconds.

use std::time::Duration;

/// What was just done, or could not be.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// A text was sent to the terminal's clipboard; whether it arrived is not known.
    Sent(String),
    /// A text was too long for the terminal's clipboard.
    TooLong,
    /// A contact was sent to the terminal's clipboard: whose, of which kind.
    Contact(String, String),
    /// Nobody is to be called about the row, or nobody knows how.
    NoContact,
    /// Contacts are not handed out while private things are masked.
    ContactsMasked,
    /// A link to click or copy.
    Link(String),
    /// The row has no link.
    NoLink,
    /// So many sources are asked.
    Asking(usize),
    /// The row is about nothing that a tab shows.
    NowhereToGo,
    /// The row a jump leads to is hidden by that tab's filter, which was lifted.
    FilterLifted,
    /// What was read cannot be kept beyond this session.
    NotKept(crate::domain::Failure),
    /// Private things are masked, or shown.
    Privacy(bool),
    /// The mouse acts here, or selects text.
    Mouse(bool),
    /// Graphs go that far back.
    Span(crate::domain::graph::Span),
    /// That many rows are marked.
    Marked(usize),
    /// Nothing is known of before.
    NothingEarlier,
    /// What is shown is now.
    NothingLater,
    /// Now is shown again.
    Now,
    /// The past cannot be acted upon.
    OnlyNow,
    /// A problem was taken out from under its cause: what it is about.
    Apart(String),
    /// It is folded as ever again.
    Together(String),
    /// It hangs on nothing that it could be taken out from.
    NotFolded,
    /// The configuration was read again; how many sources it has, when those are not the same as before.
    Reloaded(Option<usize>),
    /// The configuration was read again and is wrong, so the last good one still holds.
    NotReloaded(String),
    /// The detail tells why things belong together, or no longer.
    Reasons(bool),
}

impl Notice {
    /// How long it stays.
    pub const fn stays(&self) -> Duration {
        match self {
            Self::Link(_) | Self::NotReloaded(_) => Duration::from_mins(1),
            _ => Duration::from_secs(4),
        }
    }
}
