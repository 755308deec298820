//! The tty: enter and leave it, read it, write to it.
//!
//! | part | what it does |
//! | --- | --- |
//! | [`capability`] | what the terminal can do, told by the environment |
//! | [`guard`] | takes the terminal over and gives it back, whatever happens |
//! | [`panics`] | which panic may touch the terminal |
//! | [`screen`] | frames to bytes: only what changed, in one write |
//! | [`input`] | bytes to keys, clicks and pastes ([`decode`]) |
//! | [`signals`] | signals of the process, and being suspended |
//! | [`clipboard`], [`link`] | OSC 52, OSC 8 |
//! | [`output`] | the write to the tty, and how its loss is noticed |
//!
//! Knows nothing of what is shown. Never asks the terminal anything: answers come late or never,
//! and a program that waits for them hangs.

pub mod capability;
pub mod clipboard;
pub mod decode;
pub mod guard;
pub mod input;
pub mod link;
pub mod notify;
pub mod output;
pub mod panics;
pub mod screen;
pub mod signals;

pub use capability::{Capability, Depth, Multiplexer, Refusal};
pub use guard::{Guard, Options};
pub use input::{Input, Inputs};
pub use output::Broken;
pub use screen::Screen;
pub use signals::{Signal, Signals};
