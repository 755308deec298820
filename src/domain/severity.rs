//! How bad something is.

use serde::{Deserialize, Serialize};

/// How bad something is, in the order in which rows sort: the worst is the greatest.
/// `Unknown` lies above `Warning`: what cannot be seen is not fine.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub enum Severity {
    /// Nothing to do.
    #[default]
    Ok,
    /// Worth knowing, nothing to do.
    Info,
    /// Will become a problem.
    Warning,
    /// Cannot be seen; never shown as fine.
    Unknown,
    /// Broken now.
    Critical,
}

impl Severity {
    /// All, from harmless to worst.
    pub const ALL: [Self; 5] = [
        Self::Ok,
        Self::Info,
        Self::Warning,
        Self::Unknown,
        Self::Critical,
    ];

    /// Whether it belongs among the problems.
    pub fn is_problem(self) -> bool {
        self >= Self::Warning
    }
}
