//! Takes the terminal over and gives it back, whatever happens.
//!
//! What is taken: raw mode, the alternate screen, the cursor, bracketed paste, the mouse, the title
//! if asked. All of it is given back together, in one write, by [`Guard`]'s drop, by the panic hook
//! and around being suspended, whichever comes first; the others then do nothing.
//!
//! The process has one terminal, so its state is one static, which is what lets a panic hook give
//! it back.

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

use super::capability::{Capability, Refusal};
use super::output::{self, Broken};

/// What is wanted of the terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Clicks and the wheel are reported. Takes away the terminal's own selection (Shift gives it back).
    pub mouse: bool,
    /// Title of the window while the program runs; the old one is restored by terminals that can.
    pub title: Option<String>,
}

/// Presses and releases only: any-motion (1003) would wake us at every move. SGR encoding.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

/// What is held of the terminal, and by which thread.
#[derive(Debug)]
struct Held {
    leave: String,
    owner: ThreadId,
}

static HELD: Mutex<Option<Held>> = Mutex::new(None);

/// The state; a panic while it was locked has left nothing half done.
fn held() -> MutexGuard<'static, Option<Held>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The terminal, taken over. Giving it back happens on drop.
#[derive(Debug)]
#[must_use = "the terminal is given back when this is dropped"]
pub struct Guard {
    options: Options,
}

impl Guard {
    /// Takes the terminal over for the calling thread: a panic there gives it back, one elsewhere
    /// does not touch it (see [`super::panics`]).
    ///
    /// # Errors
    /// [`Refusal`] when this is no terminal or a dumb one. Nothing has been written then.
    pub fn enter(capability: &Capability, options: Options) -> Result<Self, Refusal> {
        if let Some(refusal) = &capability.refused {
            return Err(refusal.clone());
        }
        if !std::io::stdin().is_terminal() {
            return Err(Refusal::NoInput);
        }
        if !std::io::stdout().is_terminal() {
            return Err(Refusal::NoOutput);
        }
        let guard = Self { options };
        guard
            .resume()
            .map_err(|broken| Refusal::Setup(broken.to_string()))?;
        Ok(guard)
    }

    /// Gives the terminal back for a while: before an editor, `ssh`, or being stopped.
    pub fn pause(&self) {
        leave();
    }

    /// Takes it over again after [`Guard::pause`]. Then repaint: nothing of ours is on the screen.
    ///
    /// # Errors
    /// The terminal is gone or refuses raw mode; it is given back then.
    pub fn resume(&self) -> Result<(), Broken> {
        let mut held = held();
        if held.is_some() {
            return Ok(());
        }
        enable_raw_mode()?;
        *held = Some(Held {
            leave: leaving(&self.options),
            owner: std::thread::current().id(),
        });
        drop(held);
        output::write(entering(&self.options, true).as_bytes()).inspect_err(|_| leave())
    }

    /// Captures the mouse from now on, or leaves it to the terminal.
    ///
    /// # Errors
    /// [`Broken::Gone`] when the terminal is.
    pub fn set_mouse(&mut self, on: bool) -> Result<(), Broken> {
        self.options.mouse = on;
        let mut held = held();
        let Some(held) = held.as_mut() else {
            return Ok(());
        };
        held.leave = leaving(&self.options);
        output::write(if on { MOUSE_ON } else { MOUSE_OFF }.as_bytes())
    }

    /// Takes everything over again although we never gave it back: someone stopped us from outside
    /// (`kill -STOP`) and the shell has set the terminal to its own liking since.
    ///
    /// # Errors
    /// As [`Guard::resume`].
    pub fn reassert(&self) -> Result<(), Broken> {
        if held().is_none() {
            return self.resume();
        }
        // crossterm does nothing when it believes to be in raw mode already.
        disable_raw_mode()?;
        enable_raw_mode()?;
        output::write(entering(&self.options, false).as_bytes())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        leave();
    }
}

/// Gives the terminal back if it is held. Safe to call at any time, from any thread, any number of times.
/// Errors are of no use here: either the terminal is gone, or nothing better can be done.
pub fn leave() {
    let Some(taken) = held().take() else {
        return;
    };
    let _gone = output::write(taken.leave.as_bytes());
    let _gone = disable_raw_mode();
}

/// Whether the terminal is held, and if so whether by the calling thread.
pub(super) fn holder() -> Holder {
    match held().as_ref() {
        None => Holder::Nobody,
        Some(held) if held.owner == std::thread::current().id() => Holder::ThisThread,
        Some(_) => Holder::AnotherThread,
    }
}

/// Who holds the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    Nobody,
    ThisThread,
    AnotherThread,
}

/// The bytes that take over. `push`: keep the old title, which may be done only once.
fn entering(options: &Options, push: bool) -> String {
    let mut bytes = String::new();
    if let Some(title) = &options.title {
        if push {
            bytes.push_str("\x1b[22;0t");
        }
        let title: String = title.chars().filter(|c| !c.is_control()).collect();
        let _infallible = write!(bytes, "\x1b]0;{title}\x07");
    }
    // Alternate screen, attributes off, all blank (not every terminal clears it), no cursor, paste.
    bytes.push_str("\x1b[?1049h\x1b[m\x1b[H\x1b[2J\x1b[?25l\x1b[?2004h");
    if options.mouse {
        bytes.push_str(MOUSE_ON);
    }
    bytes
}

/// The bytes that give back, in reverse order; first the end of a frame that a panic cut short.
fn leaving(options: &Options) -> String {
    let mut bytes = String::from("\x1b[?2026l");
    if options.mouse {
        bytes.push_str(MOUSE_OFF);
    }
    bytes.push_str("\x1b[?2004l\x1b[m\x1b[?25h\x1b[?1049l");
    if options.title.is_some() {
        bytes.push_str("\x1b[23;0t");
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Options {
        Options {
            mouse: true,
            title: Some("vigie \x1b]0;evil\x07".to_owned()),
        }
    }

    #[test]
    fn bytes_of_entering() {
        assert_eq!(
            entering(&Options::default(), true),
            "\x1b[?1049h\x1b[m\x1b[H\x1b[2J\x1b[?25l\x1b[?2004h"
        );
        assert_eq!(
            entering(&all(), true),
            "\x1b[22;0t\x1b]0;vigie ]0;evil\x07\x1b[?1049h\x1b[m\x1b[H\x1b[2J\x1b[?25l\x1b[?2004h\
             \x1b[?1000h\x1b[?1006h"
        );
    }

    #[test]
    fn every_mode_that_is_set_is_reset() {
        for options in [Options::default(), all()] {
            let entered = entering(&options, true);
            let left = leaving(&options);
            // The cursor is the one mode that is taken by resetting it.
            let mut taken = 0;
            for mode in ["1049", "2004", "1000", "1006", "1003", "1002", "1004"] {
                let set = entered.contains(&format!("\x1b[?{mode}h"));
                assert_eq!(set, left.contains(&format!("\x1b[?{mode}l")), "{mode}");
                taken += usize::from(set);
            }
            assert_eq!(taken, if options.mouse { 4 } else { 2 });
            assert!(entered.contains("\x1b[?25l") && left.contains("\x1b[?25h"));
            assert_eq!(entered.contains("\x1b[22;0t"), left.contains("\x1b[23;0t"));
        }
    }

    #[test]
    fn a_terminal_shows_nothing_of_it_afterwards() {
        let mut terminal = vt100::Parser::default();
        terminal.process(b"$ vigie\r\n");
        let before = terminal.screen().state_formatted();
        terminal.process(entering(&all(), true).as_bytes());
        assert!(terminal.screen().alternate_screen());
        assert!(terminal.screen().hide_cursor());
        assert!(terminal.screen().bracketed_paste());
        terminal.process(b"\x1b[?2026h\x1b[1;31mhalf a frame");
        terminal.process(leaving(&all()).as_bytes());
        assert_eq!(terminal.screen().state_formatted(), before);
    }

    #[test]
    fn a_refusal_of_the_environment_comes_first() {
        let capability = Capability::detect(|_| None);
        assert_eq!(
            Guard::enter(&capability, Options::default()).err(),
            Some(Refusal::TermUnset)
        );
        assert_eq!(holder(), Holder::Nobody);
        leave();
    }
}
