//! The nouns of vigie: what an estate consists of, in types that carry their units.
//!
//! Knows nothing of wire formats, sockets, files or screens. Foreign text enters here, and only
//! here, through [`Text::clean`] and [`Prose::clean`].

pub mod amount;
pub mod check;
pub mod clean;
pub mod failure;
pub mod freshness;
pub mod graph;
pub mod guest;
pub mod key;
pub mod keypress;
pub mod moment;
pub mod node;
pub mod observation;
pub mod person;
pub mod problem;
pub mod queue;
pub mod section;
pub mod severity;
pub mod source;
pub mod task;
pub mod text;
pub mod ticket;
pub mod web;

pub use amount::{Bytes, Cores, Fraction, PerMinute};
pub use failure::Failure;
pub use freshness::Freshness;
pub use key::Key;
pub use keypress::{InvalidKey, KeyCode, KeyPress};
pub use moment::Moment;
pub use observation::{Batch, Observation};
pub use severity::Severity;
pub use source::{Reading, SourceId, SourceKind};
pub use text::{Prose, Text};
