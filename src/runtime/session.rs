//! What a dashboard is started with, and how it ends.

use crate::app::Keymap;
use crate::config::{Config, Places};
use crate::history::Sample;
use crate::terminal::capability::{self, Capability};
use crate::terminal::output::Broken;
use crate::terminal::signals::Signal;
use crate::ui::view::Look;

/// What a dashboard is started with.
#[derive(Debug)]
pub struct Session {
    /// What is read.
    pub config: Config,
    /// Keys.
    pub keymap: Keymap,
    /// How it looks.
    pub look: Look,
    /// What the terminal can do.
    pub capability: Capability,
    /// The screen's time zone.
    pub zone: jiff::tz::TimeZone,
    /// Everything on the screen is sample data.
    pub sample: bool,
    /// Where history and the last known state are kept; sample data never mixes with real.
    pub memory: Option<Places>,
    /// What was measured before, for sample data.
    pub past: Vec<Sample>,
    /// How the configuration is read again; `None` for sample data, which has none.
    pub again: Option<Again>,
}

/// Reads the configuration again.
pub struct Again(pub Box<dyn Fn() -> Result<Fresh, String>>);

impl std::fmt::Debug for Again {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Again(..)")
    }
}

/// A configuration that was read again.
#[derive(Debug)]
pub struct Fresh {
    /// What is read.
    pub config: Config,
    /// Keys.
    pub keymap: Keymap,
    /// How it looks.
    pub look: Look,
    /// The screen's time zone.
    pub zone: jiff::tz::TimeZone,
}

/// How a dashboard ended.
#[derive(Debug)]
pub enum Ending {
    /// The user left.
    Quit,
    /// The process was told to end.
    Signal(Signal),
    /// The terminal is gone.
    Gone,
}

/// Why a dashboard could not go on.
#[derive(Debug)]
pub enum Fatal {
    /// The terminal does not fit.
    Refused(capability::Refusal),
    /// The terminal or the system failed.
    Terminal(Broken),
    /// The system gives no more descriptors or threads.
    System(std::io::Error),
    /// A part that nothing works without broke down: a bug of ours, in its own words.
    Bug(String),
}

impl From<Broken> for Fatal {
    fn from(broken: Broken) -> Self {
        Self::Terminal(broken)
    }
}

impl From<std::io::Error> for Fatal {
    fn from(error: std::io::Error) -> Self {
        Self::System(error)
    }
}
