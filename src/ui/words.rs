//! Values → words. Verdicts, reasons and errors are data everywhere else; only here, for screens
//! and the command line, do they become English.
//!
//! The tone is that of a calm colleague at three in the morning: what happened, what to do next, no
//! exclamation marks, no blame.

mod alarm;
mod amount;
mod change;
mod event;
mod failure;
mod graph;
mod handling;
mod join;
mod probe;
mod problem;
mod queue;
mod state;
mod task;
mod time;
mod web;

pub use alarm::{alarm, title};
pub use amount::{bytes, bytes_of, count, percent};
pub use change::{change, doubt, hours, news, relation};
pub use event::event;
pub use failure::{Said, failure, failure_short};
pub use graph::{amount, amount_short, availability, measure, span};
pub use handling::handling;
pub use join::{lack, reason, strength, tie};
pub use probe::{milliseconds, probe};
pub use problem::what;
pub use queue::{cycles, pace, verdict, verdict_reason};
pub use state::{
    freshness, guest_state, host_state, node_state, service_state, severity, source_kind,
};
pub use task::{task_end, task_kind};
pub use time::{age, clock, clock_short, duration, duration_short, older, until};
pub use web::{body, eyes, family, flaw, timing, upgrade_words, web_trouble};

/// Shown where a value is not known. Never a zero, never empty.
pub const UNKNOWN: &str = "?";
